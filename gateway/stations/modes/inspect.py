"""Inspect: what came back, or lies here, is found good or bad.

The verdict is asked for each piece; YES or NO scanned before says it for all that follow. A bad one
needs a reason. Two locations may be scanned: one of quarantine is where bad ones go, any other is
where good ones go; without them pieces stay where they are.
"""

from __future__ import annotations

from gateway.registry.lives import Action, Life, State
from gateway.registry.refusals import RegistryRefused
from gateway.scanners.outcomes import Outcome
from gateway.stations.answers import Answer
from gateway.stations.meaning import Found
from gateway.stations.modes.amounts import Amount, amount_of, taken_from
from gateway.stations.modes.mode import Mode, Slot
from gateway.stations.modes.pieces import check_active, why_not
from gateway.stations.sessions import Context
from gateway.stations.turn import Turn
from gateway.store.registry.quantities import Portion, Quantities

GOOD, BAD = "location", "quarantine"
"""Slots of the places where pieces go."""

INSPECTED = (State.RETURNED, State.REJECTED, State.RECEIVED)


class Inspect(Mode):
    name = "inspect"
    title = "Inspect"
    says = "Finds pieces good or bad, those that came back and those that are here."
    asks = "Scan a piece; YES or NO before it says for all that follow whether they are good."
    slots = (
        Slot(GOOD, ("location",), "Scan where good ones go.", required=False, anew=False),
        Slot(BAD, ("location",), "Scan where bad ones go.", required=False, anew=False),
    )
    units = ("serial", "item", "lot")

    # ------------------------------------------------------------ context

    def prompt(self, turn: Turn) -> str:
        verdict = turn.context("verdict")
        if verdict is None:
            return self.asks
        return f"Scan each piece that is {verdict.title}."

    def slot_for(self, turn: Turn, found: Found) -> Slot | None:
        if found.kind != "location":
            return None
        kind = next(iter(turn.run("SELECT kind FROM place WHERE id = ?", (found.number,))))[0]
        return self.slots[1 if kind == "quarantine" else 0]

    def enter(self, turn: Turn, slot: Slot, found: Found) -> Answer:
        check_active(turn.run, found.number)
        which = "good" if slot.name == GOOD else "bad"
        turn.session.context[slot.name] = Context(
            "location", found.number, found.name, f"where {which} ones go"
        )
        return Answer(
            Outcome.DONE, f"What is {which} goes to {found.name}. {self.prompt(turn)}",
            cards=(turn.cards.of(found),),
        )  # fmt: skip

    def unasked(self, turn: Turn, yes: bool) -> Answer | None:
        context = turn.session.context
        context.pop("reason", None)
        word = "good" if yes else "bad"
        context["verdict"] = Context("verdict", 0, word, "all that follow", "yes" if yes else "no")
        return Answer(Outcome.DONE, f"All that follow are {word}. {self.prompt(turn)}")

    def moves(self, turn: Turn, found: Found) -> bool:
        return found.life is None or found.life.state in INSPECTED

    def rank(self, turn: Turn, found: Found) -> int | None:
        if found.life is not None and found.life.state is State.RETURNED:
            return 0  # what came back waits for just this
        return super().rank(turn, found)

    # ------------------------------------------------------------ serials

    def unit(self, turn: Turn, found: Found) -> Answer:
        if found.life is None:
            return self._quantity(turn, amount_of(turn, found))
        life, name = found.life, f"{found.sku} {found.life.serial}"
        if life.state not in INSPECTED:
            raise why_not(life, found.sku or "", "inspected")
        if turn.quantity() not in (None, 1):
            raise RegistryRefused("serial_quantity_not_one", f"{name} is one piece. Scan it again.")
        good = self._verdict(turn, life, name)
        to = State.RECEIVED if good else State.REJECTED
        if life.state is to:
            said = "is good and in stock" if good else "was rejected"
            return Answer(
                Outcome.LOOK, f"{name} {said} already.", cards=(turn.cards.serial(life.id),)
            )
        place = self._place(turn, good)
        if good:
            turn.perform(Action.ACCEPT, [life.id], document=self._came_by(turn, life)[0],
                         place=place)  # fmt: skip
            said = f"{name} is good"
        else:
            reason = self._reason(turn, name)
            document, line = self._came_by(turn, life)
            turn.perform(
                Action.REJECT, [life.id], document=document, line=line, place=place, reason=reason
            )
            said = f"{name} is rejected, {reason}"
        turn.count()
        at = turn.life(life.id).place_code
        where = f" It lies at {at}." if at else ""
        return Answer(Outcome.DONE, f"{said}.{where}", cards=(turn.cards.serial(life.id),))

    @staticmethod
    def _verdict(turn: Turn, life: Life, name: str) -> bool:
        fixed = turn.context("verdict")
        if fixed is not None:
            return fixed.text == "yes"
        match life.state:
            case State.RETURNED:
                whose = f" from {life.customer_name}" if life.customer_name else ""
                sentence = f"{name} came back{whose}. Is it good?"
            case State.REJECTED:
                sentence = f"{name} was rejected. Is it good after all?"
            case _:
                sentence = f"{name} is in stock. Is it good?"
        return turn.ask_yes(f"verdict:{life.id}", sentence, cards=(turn.cards.serial(life.id),))

    @staticmethod
    def _reason(turn: Turn, name: str) -> str:
        # Said piece by piece each has its own; said for all, one for all.
        return turn.reason(f"Why is {name} rejected?", keep=turn.context("verdict") is not None)

    @staticmethod
    def _place(turn: Turn, good: bool) -> int | None:
        context = turn.context(GOOD if good else BAD)
        return None if context is None else context.number

    @staticmethod
    def _came_by(turn: Turn, life: Life) -> tuple[int | None, int | None]:
        """Return the return it came back by, and its line there."""
        if life.state is not State.RETURNED:
            return None, None
        rows = turn.run(
            "SELECT d.id, l.id FROM line_life r JOIN document_line l ON l.id = r.line "
            "JOIN document d ON d.id = l.document WHERE r.life = ? AND r.role = 'done' "
            "AND d.type = 'customer_return' ORDER BY d.id DESC LIMIT 1",
            (life.id,),
        )
        return next(((int(row[0]), int(row[1])) for row in rows), (None, None))

    # ------------------------------------------------------------ quantities

    def _quantity(self, turn: Turn, amount: Amount) -> Answer:
        waiting = next(iter(turn.run(
            "SELECT coalesce(sum(quantity), 0) FROM stock WHERE item = ? AND state = 'returned' "
            "AND serials = 0 AND (? = 0 OR lot = ?)",
            (amount.item, amount.lot or 0, amount.lot or 0),
        )))[0]  # fmt: skip
        if 0 < waiting < amount.count:
            raise RegistryRefused(
                "quantity_unavailable",
                f"Only {waiting} × {amount.sku} came back and wait to be inspected.",
                item=amount.sku, available=int(waiting), asked=amount.count,
            )  # fmt: skip
        fixed = turn.context("verdict")
        came = f"{amount.said} came back" if waiting else f"{amount.said} from stock"
        good = fixed.text == "yes" if fixed is not None else turn.ask_yes(
            f"verdict:{amount.item}:{amount.lot or 0}", f"{came}. Good?",
            cards=(turn.cards.item(amount.item),),
        )  # fmt: skip
        if good and not waiting:
            return Answer(Outcome.LOOK, f"No {amount.sku} waits to be inspected.")
        portion = Portion(amount.count, amount.lot or 0, None, "returned")
        if not waiting:
            portion = Portion(amount.count, amount.lot or 0, taken_from(turn, amount, "from"))
        action = Action.ACCEPT if good else Action.REJECT
        reason = "" if good else self._reason(turn, amount.said)
        turn.move(Quantities(
            action, amount.item, [portion], to=self._place(turn, good), reason=reason
        ))  # fmt: skip
        turn.count(amount.count)
        said = "good" if good else f"rejected, {reason}"
        return Answer(
            Outcome.DONE, f"{amount.said}: {said}.", cards=(turn.cards.item(amount.item),)
        )
