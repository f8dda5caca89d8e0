"""Pack and ship: each piece is verified against what was picked; DONE ships what was packed.

Where picking is no step of its own, a piece is picked as it is packed. What was picked and is not
in the parcel is asked about before it goes.
"""

from __future__ import annotations

from gateway.registry.documents import DocumentType, Verb
from gateway.registry.lives import Action, Life, State
from gateway.registry.refusals import RegistryRefused
from gateway.scanners.outcomes import Outcome
from gateway.stations.answers import Answer, Progress
from gateway.stations.meaning import Found
from gateway.stations.modes.amounts import Amount, amount_of, lots_here, taken_from
from gateway.stations.modes.by_document import (
    MOST_NAMED,
    ByDocument,
    count,
    counted_given,
    counts,
    moving,
    refuse_more,
    serials_given,
    serials_of,
    tallies,
)
from gateway.stations.modes.mode import Slot
from gateway.stations.modes.orders import Wanted, wanted
from gateway.stations.modes.pieces import check_free, named, pieces, why_not
from gateway.stations.turn import Turn
from gateway.store.registry.documents import DocumentRow, LineRow
from gateway.store.registry.line_given import LineGiven, LotGiven
from gateway.store.registry.posting import StepGiven


class Ship(ByDocument):
    name = "ship"
    title = "Ship"
    says = "Packs what was picked for an order, and ships just that."
    asks = "Scan each piece that goes into the parcel; DONE ships them."
    slots = (
        Slot(
            "document", ("document",), "Scan the shipment or sales order.",
            (DocumentType.SHIPMENT, DocumentType.SALES_ORDER), Verb.SHIP,
        ),
    )  # fmt: skip
    action = Action.SHIP

    def check_document(self, slot: Slot, row: DocumentRow) -> None:
        super().check_document(slot, row)
        if row.party is None:
            raise RegistryRefused(
                "customer_required",
                f"{row.number} does not say for whom it is; whoever made it must say that first.",
                document=row.number,
            )  # fmt: skip

    # ------------------------------------------------------------ pieces

    def unit(self, turn: Turn, found: Found) -> Answer:
        row = turn.document()
        if found.life is not None:
            return self._serial(turn, row, found.life, found.sku or "")
        return self._quantity(turn, row, found)

    def _serial(self, turn: Turn, row: DocumentRow, life: Life, sku: str) -> Answer:
        name, card = f"{sku} {life.serial}", turn.cards.serial(life.id)
        if life.id in turn.session.ticked:
            return Answer(
                Outcome.LOOK, f"{name} was packed already.", "serial_already_on_line", cards=(card,)
            )
        asked = [wanted(turn.run, row, line) for line in self.lines_for(turn, row, life.item, name)]
        one = next((one for one in asked if life.id in (*one.picked, *one.reserved)), None)
        if life.state != State.RECEIVED and one is None:
            raise why_not(life, sku, "packed")
        check_free(life, sku, "packed")
        if turn.quantity() not in (None, 1):
            raise RegistryRefused("serial_quantity_not_one", f"{name} is one piece. Scan it again.")
        if one is None or life.state != State.PICKED:
            one = self._line_for(turn, row, asked if one is None else [one], name, life)
            if not self._may_pick(turn, row, name):
                return Answer(Outcome.LOOK, f"{name} was not packed.", cards=(card,))
            turn.step(row, Verb.PICK, StepGiven((serials_given(one.line, [life.id]),)))
        elif self._room(turn, one.line) <= 0:
            raise RegistryRefused(
                "line_full", f"All {sku} of {row.number} are packed.",
                document=row.number, cure=f"Put {name} back.",
            )  # fmt: skip
        turn.tick(life.id)
        turn.session.notes[f"on:{life.id}"] = one.line.id
        turn.recent.notes.append(f"on:{life.id}")
        turn.count()
        return Answer(
            Outcome.DONE, f"{name} packed for {row.number}: {self._far(turn, row)}.",
            cards=(turn.cards.serial(life.id),),
        )  # fmt: skip

    def _line_for(
        self, turn: Turn, row: DocumentRow, asked: list[Wanted], name: str, life: Life
    ) -> Wanted:
        """Return the line for a piece that was not picked.

        Raises:
            RegistryRefused: other pieces were picked or reserved, or none is wanted any more.
        """
        for one in asked:
            if one.rest > 0 and (life.id in one.reserved or one.rest > len(one.reserved)):
                return one
        ticked = set(turn.session.ticked)
        others = [
            other for one in asked for other in (*one.picked, *one.reserved) if other not in ticked
        ]
        if others:
            raise RegistryRefused(
                "serial_not_on_manifest",
                f"{name} is not the one: {row.number} has {named(serials_of(turn.run, others))}.",
                document=row.number, cure="Put it back, and take one of those.",
            )  # fmt: skip
        raise RegistryRefused(
            "line_full", f"All {asked[0].line.sku} of {row.number} are packed.",
            document=row.number, cure=f"Put {name} back.",
        )  # fmt: skip

    def _may_pick(self, turn: Turn, row: DocumentRow, name: str) -> bool:
        """Return whether something that was not picked may go all the same.

        Raises:
            RegistryRefused: everything must be picked first.
            Asked: other pieces were picked, so a person has to say.
        """
        if turn.registry.rules().require_pick:
            raise RegistryRefused(
                "serials_missing", f"{name} was not picked for {row.number}. Pick it first.",
                document=row.number,
            )  # fmt: skip
        waiting = any(self._left(turn, one)[0] for one in self._wanted(turn, row))
        return not waiting or turn.ask_yes(
            f"unpicked:{name}", f"{name} was not picked for {row.number}. Pack it all the same?"
        )

    def _quantity(self, turn: Turn, row: DocumentRow, found: Found) -> Answer:
        assert found.item is not None
        sku = found.sku or found.name
        asked = [wanted(turn.run, row, line) for line in self.lines_for(turn, row, found.item, sku)]
        picked = {lot for one in asked for lot, _ in one.lots}
        codes = [
            str(code) for lot in sorted(picked)
            for (code,) in turn.run("SELECT code FROM lot WHERE id = ?", (lot,))
        ]  # fmt: skip
        amount = amount_of(turn, found, codes or lots_here(turn.run, found.item))
        one = next((one for one in asked if self._room(turn, one.line) >= amount.count), None)
        if one is None:
            most = max(self._room(turn, one.line) for one in asked)
            raise refuse_more(row, amount, most, "packed")
        ready = self._ready(turn, one, amount)
        if ready < amount.count:
            if ready > 0 or one.rest < amount.count:
                of = f" of lot {amount.lot_code}" if amount.lot_code else ""
                raise RegistryRefused(
                    "quantity_unavailable",
                    f"{ready} more {sku}{of} are picked for {row.number}, and {amount.count} were "
                    "given.",
                    item=sku, available=ready, asked=amount.count,
                )  # fmt: skip
            if not self._may_pick(turn, row, amount.said):
                return Answer(Outcome.LOOK, f"{amount.said} were not packed.")
            self._pick(turn, row, one, amount)
        count(turn, one.line, amount)
        return Answer(
            Outcome.DONE, f"{amount.said} packed for {row.number}: {self._far(turn, row)}.",
            cards=(turn.cards.item(amount.item),),
        )  # fmt: skip

    @staticmethod
    def _pick(turn: Turn, row: DocumentRow, one: Wanted, amount: Amount) -> None:
        place = taken_from(turn, amount, "from")
        code = str(next(iter(turn.run("SELECT code FROM place WHERE id = ?", (place,))))[0])
        if amount.lot_code is None:
            given = LineGiven(one.line.rank, quantity=amount.count, location=code)
        else:
            lots = (LotGiven(amount.count, amount.lot_code, code),)
            given = LineGiven(one.line.rank, lots=lots)
        turn.step(row, Verb.PICK, StepGiven((given,)))

    @staticmethod
    def _ready(turn: Turn, one: Wanted, amount: Amount) -> int:
        """Return how much was picked and is not packed yet."""
        packed = counts(turn.session, one.line)
        if amount.lot is None:
            return sum(number for _, number in one.lots) - sum(packed.values())
        mine = sum(number for lot, number in one.lots if lot == amount.lot)
        return mine - packed.get(amount.lot_code or "", 0)

    # ------------------------------------------------------------ how far

    @staticmethod
    def _wanted(turn: Turn, row: DocumentRow) -> list[Wanted]:
        return [wanted(turn.run, row, line) for line in moving(turn.lines(row))]

    @staticmethod
    def _ticked(turn: Turn, line: LineRow) -> list[int]:
        notes = turn.session.notes
        return [life for life in turn.session.ticked if notes.get(f"on:{life}") == line.id]

    def _seen(self, turn: Turn, line: LineRow) -> int:
        if line.serialised:
            return len(self._ticked(turn, line))
        return sum(counts(turn.session, line).values())

    def _room(self, turn: Turn, line: LineRow) -> int:
        return line.quantity - line.done - self._seen(turn, line)

    def _far(self, turn: Turn, row: DocumentRow) -> str:
        lines = moving(turn.lines(row))
        here = sum(self._seen(turn, line) for line in lines)
        return f"{here} of {sum(line.quantity - line.done for line in lines)}"

    def _left(self, turn: Turn, one: Wanted) -> tuple[int, list[int]]:
        """Return how much of a line was picked and is not packed, and which pieces."""
        room = self._room(turn, one.line)
        if not one.line.serialised:
            ready = sum(number for _, number in one.lots) - self._seen(turn, one.line)
            return max(min(ready, room), 0), []
        ticked = set(turn.session.ticked)
        absent = [life for life in one.picked if life not in ticked]
        return max(min(len(absent), room), 0), absent

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
                "serials_missing", f"Nothing of {row.number} was packed yet.", document=row.number
            )
        left = [self._left(turn, wanted(turn.run, row, line)) for line in lines]
        behind = sum(number for number, _ in left)
        if behind:
            names = serials_of(turn.run, [life for _, lives in left for life in lives])
            which = f" ({named(names)})" if names else ""
            if not turn.ask_yes(
                f"left:{row.id}:{behind}",
                f"{pieces(behind)} picked for {row.number} {'is' if behind == 1 else 'are'} not "
                f"packed{which}. Ship without?",
            ):
                return Answer(Outcome.LOOK, f"Not shipped. {self.asks}")
        given = [
            serials_given(line, self._ticked(turn, line)) if line.serialised
            else counted_given(turn.session, line)
            for line in lines if here[line.id]
        ]  # fmt: skip
        rest = sum(line.quantity - line.done for line in lines) - total
        if not rest:  # what is never in stock goes with the last piece
            every = turn.lines(row)
            kits = {line.kit_line for line in every}
            given += [
                LineGiven(line.rank) for line in every if not line.moves and line.id not in kits
            ]
        turn.step(row, Verb.SHIP, StepGiven(given))
        turn.session.begin(self.name)
        said = f"{row.number} is shipped to {row.party_code}: {pieces(total)}."
        if rest:
            said = f"{pieces(total)} of {row.number} shipped to {row.party_code}; {rest} to come."
        return Answer(
            Outcome.LOOK if rest else Outcome.DONE, f"{said} {self.prompt(turn)}",
            cards=(turn.cards.document(row.id),), subject=f"documents/{row.type}/{row.number}",
        )  # fmt: skip

    def progress(self, turn: Turn) -> Progress | None:
        if turn.context("document") is None:
            return None
        row = turn.document()
        lines = moving(turn.lines(row))
        seen = {line.id: line.done + self._seen(turn, line) for line in lines}
        absent = [
            life for line in lines for life in self._left(turn, wanted(turn.run, row, line))[1]
        ]
        return Progress(
            sum(line.quantity for line in lines), sum(seen.values()), tallies(lines, seen),
            serials_of(turn.run, absent)[:MOST_NAMED],
        )  # fmt: skip
