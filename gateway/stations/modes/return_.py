"""Return: what customers send back, with a return of theirs (RMA) or without.

A piece says to whom it was sent, and whether a return expects it, so nothing has to be scanned
first. In what condition it comes is asked once and holds until CANCEL or another return.
"""

from __future__ import annotations

from gateway.registry.documents import DocumentType, Verb
from gateway.registry.lives import CUSTODY, ENDED, Action, Life, State
from gateway.registry.refusals import RegistryRefused
from gateway.scanners.outcomes import Outcome
from gateway.stations.answers import Answer, Progress
from gateway.stations.cards import say_state
from gateway.stations.meaning import Found
from gateway.stations.modes.amounts import amount_of
from gateway.stations.modes.by_document import (
    MOST_NAMED,
    ByDocument,
    moving,
    refuse_more,
    serials_given,
    serials_of,
    tallies,
)
from gateway.stations.modes.mode import Slot
from gateway.stations.modes.pieces import check_active, named, pieces, why_not
from gateway.stations.sessions import Choice, Context
from gateway.stations.turn import Turn
from gateway.store.registry.document_lines import lives_on
from gateway.store.registry.documents import DocumentRow, LineRow, document_by_id
from gateway.store.registry.line_given import LineGiven, LotGiven
from gateway.store.registry.posting import StepGiven

_EXPECTED = (
    "SELECT DISTINCT d.id FROM line_life r JOIN document_line l ON l.id = r.line "
    "JOIN document d ON d.id = l.document WHERE r.life = ? AND r.role = 'wanted' "
    "AND d.type = 'customer_return' AND d.status IN ('draft', 'open', 'in_progress')"
)


class Return(ByDocument):
    name = "return"
    title = "Return"
    says = "Takes back what customers send, with a return of theirs (RMA) or without."
    asks = "Scan each piece that came back; CANCEL for another condition."
    slots = (
        Slot(
            "document", ("document",), "Scan the return (RMA).", (DocumentType.CUSTOMER_RETURN,),
            Verb.RECEIVE, required=False,
        ),
        Slot("party", ("party",), "Scan the customer.", required=False),
        Slot(
            "location", ("location",), "Scan the location where it is put.", required=False,
            anew=False,
        ),
    )  # fmt: skip
    action = Action.RETURN

    def prompt(self, turn: Turn) -> str:
        if turn.context("document") or turn.context("party") or turn.context("condition"):
            return self.asks
        return "Scan a piece that came back, the return (RMA), or the customer."

    def enter(self, turn: Turn, slot: Slot, found: Found) -> Answer:
        if slot.name == "location":
            check_active(turn.run, found.number)
            return super().enter(turn, slot, found)
        if slot.name == "party":
            kind = next(iter(turn.run("SELECT kind FROM party WHERE id = ?", (found.number,))))[0]
            if kind not in ("customer", "both"):
                raise RegistryRefused(
                    "party_wrong_kind", f"{found.name} is no customer, but a {kind}.",
                    party=found.name, kind=kind,
                )  # fmt: skip
        for other in {"document", "party"} - {slot.name}:
            turn.session.context.pop(other, None)
        if (was := turn.context(slot.name)) is None or was.number != found.number:
            turn.session.context.pop("condition", None)
        return super().enter(turn, slot, found)

    # ------------------------------------------------------------ pieces

    def unit(self, turn: Turn, found: Found) -> Answer:
        if found.life is not None:
            return self._serial(turn, found.life, found.sku or "")
        if turn.context("document") is None:
            raise RegistryRefused(
                "document_unknown",
                f"{found.sku or found.name} has no serials: scan the return (RMA) first.",
            )
        return self._quantity(turn, turn.document(), found)

    def _serial(self, turn: Turn, life: Life, sku: str) -> Answer:
        name, card = f"{sku} {life.serial}", turn.cards.serial(life.id)
        if life.state in CUSTODY and _came_back_last(turn, life):
            return Answer(
                Outcome.LOOK, f"{name} has come back already.", "serial_already_on_line",
                cards=(card,),
            )  # fmt: skip
        _check_sent(life, sku)
        if turn.quantity() not in (None, 1):
            raise RegistryRefused("serial_quantity_not_one", f"{name} is one piece. Scan it again.")
        row = self._expected(turn, life)
        place = self._place(turn, row, name)
        line = None
        if row is not None:
            line = self._line_for(turn, row, life, name)
            if line is None:
                return Answer(Outcome.LOOK, f"{name} was not taken back.", cards=(card,))
        condition = self._condition(turn, name)
        if row is None or line is None:
            party = turn.context("party")
            turn.perform(
                Action.RETURN, [life.id], place=place,
                party=None if party is None else party.number, reason=condition,
                body={"condition": condition},
            )  # fmt: skip
        else:
            self._receive(turn, row, serials_given(line, [life.id]), condition)
        turn.count()
        after = turn.life(life.id)
        whose = f" from {life.customer_name}" if life.customer_name else ""
        by = f" by {row.number}" if row is not None else ""
        return Answer(
            Outcome.DONE, f"{name} is back{whose}{by}, {condition}. It lies at "
            f"{after.place_code}.", cards=(turn.cards.serial(life.id),),
        )  # fmt: skip

    def _expected(self, turn: Turn, life: Life) -> DocumentRow | None:
        """Return the return that was scanned, else the one that names the piece."""
        if turn.context("document") is not None:
            return turn.document()
        found = [int(row[0]) for row in turn.run(_EXPECTED, (life.id,))]
        return document_by_id(turn.run, found[0]) if len(found) == 1 else None

    def _line_for(self, turn: Turn, row: DocumentRow, life: Life, name: str) -> LineRow | None:
        """Return the line for a piece; None when a person does not want it there.

        Raises:
            RegistryRefused: no more of its item is expected.
            Asked: other pieces are.
        """
        lines = self.lines_for(turn, row, life.item, name)
        room = [line for line in lines if line.done < line.quantity]
        if not room:
            raise RegistryRefused(
                "line_full",
                f"{row.number} expects no more {lines[0].sku}.",
                document=row.number, cure=f"Put {name} aside.",
            )  # fmt: skip
        awaited = {line.id: lives_on(turn.run, line.id, "wanted") for line in room}
        for line in room:
            if life.id in awaited[line.id]:
                return line
        for line in room:
            if len(awaited[line.id]) < line.quantity - line.done:
                return line
        others = serials_of(turn.run, [one for line in room for one in awaited[line.id]])
        instead = turn.ask_yes(
            f"instead:{life.id}:{row.id}",
            f"{row.number} names {named(others)}. Take {name} back by it all the same?",
            cards=(turn.cards.serial(life.id),),
        )
        return room[0] if instead else None

    @staticmethod
    def _place(turn: Turn, row: DocumentRow | None, name: str) -> int | None:
        """Return where a piece goes, unless the return itself says it.

        Raises:
            RegistryRefused: nobody says it.
        """
        if turn.context("location") is None and row is not None and row.to_place is not None:
            return None
        place = turn.place()
        if place is None:
            raise RegistryRefused(
                "location_required", f"{name}: scan the location where it is put first."
            )
        return place

    @staticmethod
    def _condition(turn: Turn, what: str) -> str:
        known = turn.context("condition")
        if known is not None:
            return known.text
        texts = [str(text) for text in turn.registry.settings.all()["registry.conditions"]]
        said = turn.ask(
            "condition", f"{what}: in what condition?", [Choice(text, text) for text in texts]
        )
        turn.session.context["condition"] = Context("condition", 0, said, text=said)
        return said

    def _receive(self, turn: Turn, row: DocumentRow, given: LineGiven, condition: str) -> None:
        place = turn.place_code()
        if turn.context("location") is None and row.to_place is not None:
            place = None
        turn.step(row, Verb.RECEIVE, StepGiven(
            (given,), location=place, reason=row.reason or condition, condition=condition
        ))  # fmt: skip

    def _quantity(self, turn: Turn, row: DocumentRow, found: Found) -> Answer:
        amount = amount_of(turn, found)
        lines = self.lines_for(turn, row, amount.item, amount.sku)
        rest = {line.id: line.quantity - line.done for line in lines}
        line = next((one for one in lines if rest[one.id] >= amount.count), None)
        if line is None:
            raise refuse_more(row, amount, max(rest.values()), "back")
        self._place(turn, row, amount.said)
        condition = self._condition(turn, amount.said)
        if amount.lot_code is None:
            given = LineGiven(line.rank, quantity=amount.count)
        else:
            given = LineGiven(line.rank, lots=(LotGiven(amount.count, amount.lot_code),))
        self._receive(turn, row, given, condition)
        turn.count(amount.count)
        return Answer(
            Outcome.DONE, f"{amount.said} back by {row.number}, {condition}.",
            cards=(turn.cards.item(amount.item),),
        )  # fmt: skip

    # ------------------------------------------------------------ the end

    def done(self, turn: Turn) -> Answer:
        if turn.context("document") is None:
            return super().done(turn)
        row = turn.document()
        rest = sum(line.quantity - line.done for line in moving(turn.lines(row)))
        count = turn.session.scanned
        turn.session.begin(self.name)
        state = f"{row.number}: {rest} still to come" if rest else f"{row.number} is complete"
        return Answer(
            Outcome.LOOK if rest else Outcome.DONE,
            f"{pieces(count)} taken back. {state}. {self.prompt(turn)}",
            cards=(turn.cards.document(row.id),), subject=f"documents/{row.type}/{row.number}",
        )  # fmt: skip

    def progress(self, turn: Turn) -> Progress | None:
        if turn.context("document") is None:
            return super().progress(turn)
        lines = moving(turn.lines(turn.document()))
        seen = {line.id: line.done for line in lines}
        awaited = [life for line in lines for life in lives_on(turn.run, line.id, "wanted")]
        return Progress(
            sum(line.quantity for line in lines), sum(seen.values()), tallies(lines, seen),
            serials_of(turn.run, awaited)[:MOST_NAMED],
        )  # fmt: skip


def _came_back_last(turn: Turn, life: Life) -> bool:
    rows = turn.run("SELECT action FROM event WHERE seq = ?", (life.event,))
    return any(row[0] in (Action.RETURN, Action.RETURN_TO_STOCK) for row in rows)


def _check_sent(life: Life, sku: str) -> None:
    """Check that a piece is with a customer.

    Raises:
        RegistryRefused: it is here, never came, or left in another way.
    """
    if life.state == State.SHIPPED:
        return
    name, where = f"{sku} {life.serial}", f" at {life.place_code}" if life.place_code else ""
    if life.state in CUSTODY:
        raise RegistryRefused(
            "serial_in_custody", f"{name} is with no customer: it is {say_state(life.state)}"
            f"{where}.", serial=life.serial, state=life.state,
        )  # fmt: skip
    if life.state in ENDED:
        raise RegistryRefused(
            "serial_not_in_custody", f"{name} is with no customer: it was {say_state(life.state)}.",
            serial=life.serial, state=life.state,
        )  # fmt: skip
    raise why_not(life, sku, "taken back")
