"""Arrive: take in what a transfer has brought, piece by piece; DONE decides about the rest.

A piece that is on its way says by which transfer, so the first one opens it. What has not come by
DONE comes later, is lost, or went back: a person says which.
"""

from __future__ import annotations

from gateway.registry.documents import DocumentType, Verb
from gateway.registry.lives import Action, Life, State
from gateway.registry.refusals import RegistryRefused
from gateway.scanners.outcomes import Outcome
from gateway.stations.answers import Answer, Progress
from gateway.stations.cards import say_state
from gateway.stations.meaning import Found
from gateway.stations.modes.amounts import Amount, amount_of
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
from gateway.stations.modes.pieces import check_active, named, number_of, pieces, why_not
from gateway.stations.sessions import Choice, Context
from gateway.stations.turn import Turn
from gateway.store.registry.document_lines import lives_on, lots_on
from gateway.store.registry.documents import DocumentRow, LineRow
from gateway.store.registry.line_given import LineGiven, LotGiven
from gateway.store.registry.posting import StepGiven

LOST = "lost on the way"
"""The reason in the record of what never came."""


class Arrive(ByDocument):
    name = "arrive"
    title = "Arrive"
    says = "Takes in what a transfer has brought, and settles what is missing."
    asks = "Scan each piece that came; DONE when that is all."
    slots = (
        Slot(
            "document", ("document",), "Scan the transfer, or a piece that came.",
            (DocumentType.TRANSFER,), Verb.ARRIVE, required=False,
        ),
        Slot(
            "location", ("location",), "Scan the location where it is put.", required=False,
            anew=False,
        ),
    )  # fmt: skip
    action = Action.ARRIVE

    def prompt(self, turn: Turn) -> str:
        return self.slots[0].asks if turn.context("document") is None else self.asks

    def check_document(self, slot: Slot, row: DocumentRow) -> None:
        if row.status in ("draft", "open"):
            raise RegistryRefused(
                "document_not_editable", f"{row.number} has not been sent yet.",
                document=row.number, status=row.status,
            )  # fmt: skip
        super().check_document(slot, row)

    def enter(self, turn: Turn, slot: Slot, found: Found) -> Answer:
        if slot.name == "location":
            check_active(turn.run, found.number)
        return super().enter(turn, slot, found)

    # ------------------------------------------------------------ pieces

    def unit(self, turn: Turn, found: Found) -> Answer:
        if found.life is not None:
            return self._serial(turn, found.life, found.sku or "")
        if turn.context("document") is None:
            raise RegistryRefused("document_unknown", f"{found.name}: scan the transfer first.")
        return self._quantity(turn, turn.document(), found)

    def _serial(self, turn: Turn, life: Life, sku: str) -> Answer:
        name = f"{sku} {life.serial}"
        if turn.context("document") is None:
            self._open(turn, life, sku)
        row = turn.document()
        lines = moving(turn.lines(row))
        for line in lines:
            if life.id in lives_on(turn.run, line.id, "done"):
                where = f" at {life.place_code}" if life.place_code else ""
                return Answer(
                    Outcome.LOOK, f"{name} has arrived already{where}.", "serial_already_on_line",
                    cards=(turn.cards.serial(life.id),),
                )  # fmt: skip
        on = next((line for line in lines if line.id == life.line), None)
        if life.state != State.IN_TRANSIT:
            where = f" at {life.place_code}" if life.place_code else ""
            raise RegistryRefused(
                "serial_not_on_manifest",
                f"{name} was not sent by {row.number}: it is {say_state(life.state)}{where}.",
                serial=life.serial, document=row.number, cure="Look it up to see its history.",
            )  # fmt: skip
        if on is None:
            raise RegistryRefused(
                "serial_not_on_manifest",
                f"{name} is on its way by {number_of(life)}, not by {row.number}.",
                document=life.document, cure=f"Scan {number_of(life)} for it.",
            )  # fmt: skip
        if turn.quantity() not in (None, 1):
            raise RegistryRefused("serial_quantity_not_one", f"{name} is one piece. Scan it again.")
        self._arrive(turn, row, serials_given(on, [life.id]))
        turn.count()
        after = turn.life(life.id)
        return Answer(
            Outcome.DONE, f"{name} is at {after.place_code}. {self._rest(turn, row)}",
            cards=(turn.cards.serial(life.id),),
        )  # fmt: skip

    def _open(self, turn: Turn, life: Life, sku: str) -> None:
        """Open the transfer by which a piece is on its way."""
        if life.state != State.IN_TRANSIT or life.line is None:
            raise why_not(life, sku, "taken in")
        number, status = next(iter(turn.run(
            "SELECT d.id, d.status FROM document_line l JOIN document d ON d.id = l.document "
            "WHERE l.id = ?", (life.line,),
        )))  # fmt: skip
        assert status == "in_progress", "a piece on its way is on a transfer that is, too"
        turn.session.context["document"] = Context("document", number, number_of(life), "transfer")
        turn.session.forget()

    @staticmethod
    def _arrive(turn: Turn, row: DocumentRow, given: LineGiven) -> None:
        place = turn.place_code()
        if turn.context("location") is None and row.to_place is not None:
            place = None  # where the transfer says
        turn.step(row, Verb.ARRIVE, StepGiven((given,), location=place))

    def _quantity(self, turn: Turn, row: DocumentRow, found: Found) -> Answer:
        assert found.item is not None
        coming = {
            str(code)
            for (code,) in turn.run(
                "SELECT DISTINCT t.code FROM line_lot q JOIN document_line l ON l.id = q.line "
                "JOIN lot t ON t.id = q.lot WHERE l.document = ? AND l.item = ? "
                "AND q.role = 'picked'",
                (row.id, found.item),
            )
        }
        amount = amount_of(turn, found, coming)
        lines = self.lines_for(turn, row, amount.item, amount.sku)
        rest = {line.id: self._coming(turn, line, amount) for line in lines}
        line = next((one for one in lines if rest[one.id] >= amount.count), None)
        if line is None:
            raise refuse_more(row, amount, max(rest.values()), "here")
        if amount.lot_code is None:
            given = LineGiven(line.rank, quantity=amount.count)
        else:
            given = LineGiven(line.rank, lots=(LotGiven(amount.count, amount.lot_code),))
        self._arrive(turn, row, given)
        turn.count(amount.count)
        return Answer(
            Outcome.DONE, f"{amount.said} are here. {self._rest(turn, row)}",
            cards=(turn.cards.item(amount.item),),
        )  # fmt: skip

    @staticmethod
    def _coming(turn: Turn, line: LineRow, amount: Amount) -> int:
        return sum(
            number for lot, _, _, number in lots_on(turn.run, line.id, "picked")
            if amount.lot in (None, lot)
        )  # fmt: skip

    @staticmethod
    def _rest(turn: Turn, row: DocumentRow) -> str:
        rest = sum(line.quantity - line.done for line in moving(turn.lines(row)))
        return f"{rest} still on the way." if rest else f"{row.number} is complete."

    # ------------------------------------------------------------ the end

    def done(self, turn: Turn) -> Answer:
        if turn.context("document") is None:
            return super().done(turn)
        row = turn.document()
        lines = moving(turn.lines(row))
        count, rest = turn.session.scanned, sum(line.picked for line in lines)
        said = f"{row.number} is complete."
        if row.status == "in_progress" and rest:
            said = self._decide(turn, row, lines, rest)
        turn.session.begin(self.name)
        outcome = Outcome.LOOK if rest else Outcome.DONE
        return Answer(
            outcome, f"{pieces(count)} taken in. {said} {self.prompt(turn)}",
            cards=(turn.cards.document(row.id),), subject=f"documents/{row.type}/{row.number}",
        )  # fmt: skip

    def _decide(self, turn: Turn, row: DocumentRow, lines: list[LineRow], rest: int) -> str:
        names = self._missing(turn, lines)
        which = f" ({named(names)})" if names else ""
        choices = [Choice("later", "Still on the way"), Choice("lost", "Lost: write off")]
        if row.from_code is not None:
            choices.append(Choice("back", f"Went back to {row.from_code}"))
        value = turn.ask(
            f"shortages:{row.id}:{rest}",
            f"{pieces(rest)} of {row.number} did not come{which}. What became of "
            f"{'it' if rest == 1 else 'them'}?", choices,
        )  # fmt: skip
        if value == "later":
            return f"{row.number}: {rest} still on the way."
        turn.step(row, Verb.CLOSE, StepGiven(
            shortages=value, reason=LOST if value == "lost" else "",
        ))  # fmt: skip
        became = "written off" if value == "lost" else f"back at {row.from_code}"
        return f"{row.number} is closed: {rest} {became}."

    @staticmethod
    def _missing(turn: Turn, lines: list[LineRow]) -> list[str]:
        away = [life for line in lines for life in lives_on(turn.run, line.id, "picked")]
        return serials_of(turn.run, away)

    def progress(self, turn: Turn) -> Progress | None:
        if turn.context("document") is None:
            return super().progress(turn)
        lines = moving(turn.lines(turn.document()))
        seen = {line.id: line.done for line in lines}
        return Progress(
            sum(line.quantity for line in lines), sum(seen.values()), tallies(lines, seen),
            self._missing(turn, lines)[:MOST_NAMED],
        )  # fmt: skip
