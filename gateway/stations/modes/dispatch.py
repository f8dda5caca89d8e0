"""Dispatch: load a transfer, piece by piece; DONE sends it on its way.

Each scan ticks a piece that the transfer names, or names one; what was not scanned is asked about
before the transfer goes without it.
"""

from __future__ import annotations

from gateway.registry.documents import DocumentType, Verb
from gateway.registry.lives import Action, Life
from gateway.registry.refusals import RegistryRefused
from gateway.scanners.outcomes import Outcome
from gateway.stations.answers import Answer, Progress
from gateway.stations.meaning import Found
from gateway.stations.modes.amounts import amount_of, lots_here, shelves_of
from gateway.stations.modes.by_document import (
    MOST_NAMED,
    ByDocument,
    count,
    counted_given,
    counts,
    leave_out,
    moving,
    refuse_more,
    serials_given,
    serials_of,
    tallies,
    ticked_on,
)
from gateway.stations.modes.mode import Slot
from gateway.stations.modes.pieces import check_free, lies_in, named, pieces, why_not
from gateway.stations.turn import Turn
from gateway.store.registry.document_lines import lives_on
from gateway.store.registry.documents import DocumentRow, LineRow
from gateway.store.registry.line_given import SerialGiven
from gateway.store.registry.posting import StepGiven
from gateway.store.registry.searching import places_inside


class Dispatch(ByDocument):
    name = "dispatch"
    title = "Dispatch"
    says = "Sends a transfer on its way, with just the pieces that were scanned."
    asks = "Scan each piece that goes; DONE sends them."
    slots = (
        Slot(
            "document", ("document",), "Scan the transfer.", (DocumentType.TRANSFER,),
            Verb.DISPATCH,
        ),
    )  # fmt: skip
    action = Action.DISPATCH

    def check_document(self, slot: Slot, row: DocumentRow) -> None:
        if row.status == "in_progress":
            raise RegistryRefused(
                "document_not_editable", f"{row.number} is on its way already.",
                document=row.number, status=row.status,
            )  # fmt: skip
        super().check_document(slot, row)
        if row.to_place is None:
            raise RegistryRefused(
                "location_required",
                f"{row.number} does not say where it goes; whoever made it must say that first.",
                document=row.number,
            )  # fmt: skip

    def unit(self, turn: Turn, found: Found) -> Answer:
        row = turn.document()
        if found.life is not None:
            return self._serial(turn, row, found.life, found.sku or "")
        return self._quantity(turn, row, found)

    def _serial(self, turn: Turn, row: DocumentRow, life: Life, sku: str) -> Answer:
        name, card = f"{sku} {life.serial}", turn.cards.serial(life.id)
        if life.id in turn.session.ticked:
            return Answer(
                Outcome.LOOK,
                f"{name} was scanned already.",
                "serial_already_on_line",
                cards=(card,),
            )
        lines = self.lines_for(turn, row, life.item, name)
        if life.state != "received":
            raise why_not(life, sku, "sent")
        check_free(life, sku, "sent")
        if turn.quantity() not in (None, 1):
            raise RegistryRefused("serial_quantity_not_one", f"{name} is one piece. Scan it again.")
        mine = [line for line in lines if life.id in lives_on(turn.run, line.id, "wanted")]
        line = next(iter(mine or [one for one in lines if one.chosen < one.quantity]), None)
        if line is None:
            raise self._full(turn, row, lines, name)
        start = line.place or row.from_place
        if not lies_in(turn.run, life, start) and not turn.ask_yes(
            f"elsewhere:{life.id}",
            f"{name} should be at {life.place_code or 'no place'}, not at "
            f"{line.place_code or row.from_code}. Send it all the same?",
            cards=(card,),
        ):
            return Answer(Outcome.LOOK, f"{name} stays here.", cards=(card,))
        if not mine:
            turn.choose(row, line, SerialGiven(life=life.id))
        turn.tick(life.id)
        turn.count()
        return Answer(
            Outcome.DONE, f"{name} goes by {row.number}: {self._far(turn, row)}.", cards=(card,)
        )

    def _far(self, turn: Turn, row: DocumentRow) -> str:
        lines = moving(turn.lines(row))
        here = sum(self._seen(turn, line) for line in lines)
        return f"{here} of {sum(line.quantity for line in lines)}"

    @staticmethod
    def _full(turn: Turn, row: DocumentRow, lines: list[LineRow], name: str) -> RegistryRefused:
        ticked = set(turn.session.ticked)
        others = [
            life for line in lines for life in lives_on(turn.run, line.id, "wanted")
            if life not in ticked
        ]  # fmt: skip
        if others:
            return RegistryRefused(
                "serial_not_on_manifest",
                f"{name} is not the one: {row.number} names {named(serials_of(turn.run, others))}.",
                document=row.number, cure="Put it back, and take one of those.",
            )  # fmt: skip
        return RegistryRefused(
            "line_full",
            f"All {lines[0].sku} of {row.number} are scanned.",
            document=row.number, cure=f"Put {name} back.",
        )  # fmt: skip

    def _quantity(self, turn: Turn, row: DocumentRow, found: Found) -> Answer:
        assert found.item is not None
        start = row.from_place
        inside = None if start is None else places_inside(turn.run, start)
        amount = amount_of(turn, found, lots_here(turn.run, found.item, inside))
        lines = self.lines_for(turn, row, amount.item, amount.sku)
        rest = {line.id: line.quantity - self._seen(turn, line) for line in lines}
        line = next((one for one in lines if rest[one.id] >= amount.count), None)
        if line is None:
            raise refuse_more(row, amount, max(rest.values()), "scanned")
        have = sum(
            number for place, _, number in shelves_of(turn.run, amount.item, amount.lot)
            if inside is None or place in inside
        )  # fmt: skip
        said = sum(
            number for one in lines for lot, number in counts(turn.session, one).items()
            if lot == (amount.lot_code or "")
        )  # fmt: skip
        if have - said < amount.count:
            raise RegistryRefused(
                "quantity_unavailable",
                f"There are {max(have - said, 0)} more {amount.sku} at "
                f"{row.from_code or 'hand'}, and {amount.count} were given.",
                item=amount.sku, available=max(have - said, 0), asked=amount.count,
            )  # fmt: skip
        count(turn, line, amount)
        return Answer(
            Outcome.DONE, f"{amount.said} go by {row.number}: {self._far(turn, row)}.",
            cards=(turn.cards.item(amount.item),),
        )  # fmt: skip

    @staticmethod
    def _seen(turn: Turn, line: LineRow) -> int:
        if line.serialised:
            return len(ticked_on(turn, line, "wanted"))
        return sum(counts(turn.session, line).values())

    # ------------------------------------------------------------ the end

    def done(self, turn: Turn) -> Answer:
        if turn.context("document") is None:
            return super().done(turn)
        row = turn.document()
        lines = moving(turn.lines(row))
        here = {line.id: self._seen(turn, line) for line in lines}
        total = sum(here.values())
        if not total:
            raise RegistryRefused(
                "serials_missing", f"Nothing of {row.number} was scanned yet.", document=row.number
            )
        rest = sum(line.quantity for line in lines) - total
        if rest:
            names = self._missing(turn, lines)
            which = f" ({named(names)})" if names else ""
            if not turn.ask_yes(
                f"short:{row.id}:{rest}",
                f"{pieces(rest)} of {row.number} {'was' if rest == 1 else 'were'} not "
                f"scanned{which}. Send it without?",
            ):
                return Answer(Outcome.LOOK, f"Not sent. {self.asks}")
        leave_out(turn, row, here)
        given = [
            serials_given(line, ticked_on(turn, line, "wanted")) if line.serialised
            else counted_given(turn.session, line)
            for line in lines if here[line.id]
        ]  # fmt: skip
        turn.step(row, Verb.DISPATCH, StepGiven(given))
        turn.session.begin(self.name)
        return Answer(
            Outcome.DONE,
            f"{row.number} is on its way to {row.to_code}: {pieces(total)}. {self.prompt(turn)}",
            cards=(turn.cards.document(row.id),), subject=f"documents/{row.type}/{row.number}",
        )  # fmt: skip

    @staticmethod
    def _missing(turn: Turn, lines: list[LineRow]) -> list[str]:
        ticked = set(turn.session.ticked)
        absent = [
            life for line in lines if line.serialised
            for life in lives_on(turn.run, line.id, "wanted") if life not in ticked
        ]  # fmt: skip
        return serials_of(turn.run, absent)

    def progress(self, turn: Turn) -> Progress | None:
        if turn.context("document") is None:
            return None
        lines = moving(turn.lines(turn.document()))
        seen = {line.id: self._seen(turn, line) for line in lines}
        return Progress(
            sum(line.quantity for line in lines), sum(seen.values()), tallies(lines, seen),
            self._missing(turn, lines)[:MOST_NAMED],
        )  # fmt: skip
