"""Hold: pieces and lots that may not move until somebody lets them go.

The first one asks why, and that holds for the rest. One that is held already is asked about: YES
lets it go.
"""

from __future__ import annotations

from gateway.registry.lives import Action, Life
from gateway.registry.refusals import RegistryRefused
from gateway.scanners.outcomes import Outcome
from gateway.stations.answers import Answer
from gateway.stations.meaning import Found
from gateway.stations.modes.mode import Mode
from gateway.stations.modes.pieces import why_not
from gateway.stations.turn import Turn


class Hold(Mode):
    name = "hold"
    title = "Hold"
    says = "Holds pieces and lots so that they do not move, and lets them go again."
    asks = "Scan what to hold, or a held one to let it go; CANCEL for another reason."
    units = ("serial", "lot")
    action = Action.HOLD

    def unit(self, turn: Turn, found: Found) -> Answer:
        if found.kind == "lot":
            return self._lot(turn, found)
        assert found.life is not None
        life, sku = found.life, found.sku or ""
        if not life.in_custody:
            raise why_not(life, sku, "held")
        name = f"{sku} {life.serial}"
        if life.held is not None:
            return self._let_go(turn, life, name)
        reason = turn.reason(f"Why is {name} held?")
        turn.perform(Action.HOLD, [life.id], reason=reason)
        turn.count()
        where = f" at {life.place_code}" if life.place_code else ""
        return Answer(
            Outcome.DONE, f"{name} is held{where}: {reason}.", cards=(turn.cards.serial(life.id),)
        )

    def _let_go(self, turn: Turn, life: Life, name: str) -> Answer:
        card = turn.cards.serial(life.id)
        if not turn.ask_yes(
            f"let_go:{life.id}", f"{name} is held: {life.held}. Let it go?", cards=(card,)
        ):
            return Answer(Outcome.LOOK, f"{name} stays held.", cards=(card,))
        _may_let_go(turn, name)
        turn.perform(Action.UNHOLD, [life.id])
        turn.count()
        return Answer(Outcome.DONE, f"{name} may move again.", cards=(turn.cards.serial(life.id),))

    def _lot(self, turn: Turn, found: Found) -> Answer:
        turn.must("registry:lot")
        held = next(iter(turn.run("SELECT held FROM lot WHERE id = ?", (found.number,))))[0]
        names, lots = turn.registry.public_ids, turn.registry.lots
        code, name = names.write("lot", found.number), f"Lot {found.name} of {found.sku}"
        card = turn.cards.lot(found.number)
        if held is None:
            reason = turn.reason(f"Why is {name} held?")
            lots.hold(turn.t, code, reason, turn.by, turn.may)
            said = f"{name} is held with all its pieces: {reason}."
        elif turn.ask_yes(
            f"let_go_lot:{code}", f"{name} is held: {held}. Let it go?", cards=(card,)
        ):
            _may_let_go(turn, name)
            lots.hold(turn.t, code, None, turn.by, turn.may)
            said = f"{name} may move again."
        else:
            return Answer(Outcome.LOOK, f"{name} stays held.", cards=(card,))
        turn.count()
        turn.session.notes[f"lot:{found.number}:{turn.recent.id}"] = held
        turn.recent.notes.append(f"lot:{found.number}:{turn.recent.id}")
        return Answer(Outcome.DONE, said, cards=(turn.cards.lot(found.number),))

    def undone(self, turn: Turn, recent_notes: list[str]) -> None:
        """Hold, or let go, the lots as they were."""
        for key in recent_notes:
            number, was = int(key.split(":")[1]), turn.session.notes.get(key)
            code = turn.registry.public_ids.write("lot", number)
            turn.registry.lots.hold(turn.t, code, was, turn.by, turn.may)
        super().undone(turn, recent_notes)


def _may_let_go(turn: Turn, name: str) -> None:
    if turn.may("registry:hold"):
        return
    raise RegistryRefused(
        "permission_denied", f"Only somebody with the right to may let {name} go.",
        needs="registry:hold",
    )  # fmt: skip
