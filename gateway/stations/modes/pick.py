"""Pick: take what an order or a shipment asks for from the shelves, bin by bin.

Each scan reserves and picks a piece. The screen says where to go next: first for the pieces that
are reserved by name, else for those that came first; of lots for what expires first.
"""

from __future__ import annotations

from collections import Counter

from gateway.registry.documents import DocumentType, Verb
from gateway.registry.lives import Action, Life, State
from gateway.registry.refusals import RegistryRefused
from gateway.scanners.outcomes import Outcome
from gateway.stations.answers import Answer, Progress, Tally
from gateway.stations.meaning import Found
from gateway.stations.modes.amounts import amount_of, lots_here, taken_from
from gateway.stations.modes.by_document import (
    MOST_NAMED,
    ByDocument,
    moving,
    refuse_more,
    serials_given,
    serials_of,
)
from gateway.stations.modes.mode import Slot
from gateway.stations.modes.orders import Wanted, wanted
from gateway.stations.modes.pieces import check_free, named, pieces, why_not
from gateway.stations.turn import Turn
from gateway.store.registry.document_lines import lots_on
from gateway.store.registry.documents import DocumentRow
from gateway.store.registry.line_given import LineGiven, LotGiven
from gateway.store.registry.lives import lives_by_id
from gateway.store.registry.posting import StepGiven
from gateway.store.registry.quantities import suggest
from gateway.store.registry.searching import places_inside

_OLDEST = (
    "SELECT p.code, count(*) FROM (SELECT place FROM life WHERE item = ? AND state = 'received' "
    "AND held IS NULL AND label_state <> 'uncertain'{inside} ORDER BY id LIMIT ?) u "
    "JOIN place p ON p.id = u.place GROUP BY p.code"
)
"""The same pieces as ``suggesting.oldest_serials``, by their bins."""

_RESERVED = (
    "SELECT coalesce(p.code, ''), count(*) FROM line_life r JOIN life u ON u.id = r.life "
    "LEFT JOIN place p ON p.id = u.place WHERE r.line = ? AND r.role = 'committed' GROUP BY p.code"
)


class Pick(ByDocument):
    name = "pick"
    title = "Pick"
    says = "Takes what an order asks for from the shelves, and tells the next bin."
    asks = "Scan each piece as it is taken."
    slots = (
        Slot(
            "document", ("document",), "Scan the sales order or shipment.",
            (DocumentType.SALES_ORDER, DocumentType.SHIPMENT), Verb.PICK,
        ),
        Slot(
            "location", ("location",), "Scan the bin.", required=False, anew=False,
        ),
    )  # fmt: skip
    action = Action.PICK

    def prompt(self, turn: Turn) -> str:
        if turn.context("document") is None:
            return self.slots[0].asks
        bins = self._bins(turn, turn.document())
        return f"Go to {bins[0][0]}: {bins[0][1]}." if bins else "Scan DONE."

    # ------------------------------------------------------------ pieces

    def unit(self, turn: Turn, found: Found) -> Answer:
        row = turn.document()
        if found.life is not None:
            return self._serial(turn, row, found.life, found.sku or "")
        return self._quantity(turn, row, found)

    def _serial(self, turn: Turn, row: DocumentRow, life: Life, sku: str) -> Answer:
        name, card = f"{sku} {life.serial}", turn.cards.serial(life.id)
        asked = [wanted(turn.run, row, line) for line in self.lines_for(turn, row, life.item, name)]
        mine = [one for one in asked if life.line in (one.line.id, one.on)]
        if mine and life.state == State.PICKED:
            return Answer(
                Outcome.LOOK, f"{name} was picked for {row.number} already.",
                "serial_already_on_line", cards=(card,),
            )  # fmt: skip
        if life.state != State.RECEIVED and not (mine and life.state == State.COMMITTED):
            raise why_not(life, sku, "picked")
        check_free(life, sku, "picked")
        if turn.quantity() not in (None, 1):
            raise RegistryRefused("serial_quantity_not_one", f"{name} is one piece. Scan it again.")
        room = [one for one in (mine or asked) if one.rest > 0]
        if not room:
            raise RegistryRefused(
                "line_full", f"All {sku} of {row.number} are picked.",
                document=row.number, cure=f"Put {name} back.",
            )  # fmt: skip
        free = [one for one in room if mine or one.rest > len(one.reserved)]
        one = (free or room)[0]
        if not free:
            # Every piece still to pick is reserved by name, and this is another one.
            instead = lives_by_id(turn.run, one.reserved)[one.reserved[-1]]
            others = named(serials_of(turn.run, one.reserved))
            if not turn.ask_yes(
                f"instead:{life.id}:{instead.id}",
                f"{row.number} has {others} reserved. Take {name} in place of {instead.serial}?",
                cards=(card,),
            ):
                return Answer(Outcome.LOOK, f"{name} was not picked. Put it back.", cards=(card,))
            turn.unchoose(row, one.line, [instead.id])
        turn.step(row, Verb.PICK, StepGiven((serials_given(one.line, [life.id]),)))
        turn.count()
        return self._said(turn, row, f"{name} picked for {row.number}.", life.id)

    def _said(self, turn: Turn, row: DocumentRow, sentence: str, life: int | None) -> Answer:
        bins = self._bins(turn, row)
        rest = sum(one.rest for one in self._wanted(turn, row))
        if bins:
            sentence += f" Next: {bins[0][0]}, {bins[0][1]}."
        elif rest:
            sentence += f" {rest} more are not in stock."
        else:
            sentence += " That is all: scan DONE."
        card = turn.cards.document(row.id) if life is None else turn.cards.serial(life)
        return Answer(Outcome.DONE, sentence, cards=(card,))

    def _quantity(self, turn: Turn, row: DocumentRow, found: Found) -> Answer:
        assert found.item is not None
        sku = found.sku or found.name
        asked = [wanted(turn.run, row, line) for line in self.lines_for(turn, row, found.item, sku)]
        start = asked[0].line.place or row.from_place
        inside = None if start is None else places_inside(turn.run, start)
        codes = [
            code for one in asked
            for (code,) in turn.run(
                "SELECT t.code FROM line_lot q JOIN lot t ON t.id = q.lot WHERE q.line = ? "
                "AND q.role = 'committed'", (one.on,),
            )
        ]  # fmt: skip
        amount = amount_of(turn, found, codes or lots_here(turn.run, found.item, inside))
        one = next((one for one in asked if one.rest >= amount.count), None)
        if one is None:
            raise refuse_more(row, amount, max(one.rest for one in asked), "picked")
        own = [
            (place, number) for lot, place, _, number in lots_on(turn.run, one.on, "committed")
            if amount.lot in (None, lot) and place
        ]  # fmt: skip
        slot = "location" if turn.context("location") else "from"
        place = taken_from(turn, amount, slot, inside=inside, own=own)
        code = str(next(iter(turn.run("SELECT code FROM place WHERE id = ?", (place,))))[0])
        if amount.lot_code is None:
            given = LineGiven(one.line.rank, quantity=amount.count, location=code)
        else:
            lots = (LotGiven(amount.count, amount.lot_code, code),)
            given = LineGiven(one.line.rank, lots=lots)
        turn.step(row, Verb.PICK, StepGiven((given,)))
        turn.count(amount.count)
        return self._said(turn, row, f"{amount.said} picked for {row.number}.", None)

    # ------------------------------------------------------------ where to go

    def _wanted(self, turn: Turn, row: DocumentRow) -> list[Wanted]:
        return [wanted(turn.run, row, line) for line in moving(turn.lines(row))]

    def _bins(self, turn: Turn, row: DocumentRow) -> list[tuple[str, str]]:
        """Return where what is still to pick lies: bins in their order, and what to take there."""
        bins: dict[str, Counter[str]] = {}
        for one in self._wanted(turn, row):
            if one.rest <= 0:
                continue
            line, start = one.line, one.line.place or row.from_place
            if not line.serialised:
                self._shelves(turn, one, start, bins)
                continue
            for code, count in self._reserved(turn, one):
                bins.setdefault(code, Counter())[line.sku] += count
            rest = one.rest - len(one.reserved)
            if rest <= 0:  # an order may have more reserved than its shipment takes
                continue
            inside = [] if start is None else places_inside(turn.run, start)
            marks = f" AND place IN ({', '.join('?' * len(inside))})" if inside else ""
            for code, count in turn.run(_OLDEST.format(inside=marks), (line.item, *inside, rest)):
                bins.setdefault(code, Counter())[line.sku] += int(count)
        return [
            (code, ", ".join(f"{count} × {what}" for what, count in sorted(bins[code].items())))
            for code in sorted(bins)
        ]

    @staticmethod
    def _reserved(turn: Turn, one: Wanted) -> list[tuple[str, int]]:
        """Return in which bins the pieces lie that are reserved by name, and how many in each."""
        if one.on != one.line.id:  # of its order's line, some
            lives = lives_by_id(turn.run, one.reserved[: one.rest]).values()
            return list(Counter(life.place_code or "" for life in lives).items())
        return [(code, int(count)) for code, count in turn.run(_RESERVED, (one.on,))]

    @staticmethod
    def _shelves(turn: Turn, one: Wanted, start: int | None, bins: dict[str, Counter[str]]) -> None:
        rest = one.rest
        portions = [
            (number, lot, place) for lot, place, _, number in lots_on(turn.run, one.on, "committed")
        ]
        kept = sum(number for number, _, _ in portions)
        portions += [
            (portion.quantity, portion.lot, portion.place or 0)
            for portion in suggest(turn.run, one.line.item, rest - kept, start)
        ]
        for number, lot, place in portions:
            part = min(number, rest)
            if part <= 0:
                continue
            rest -= part
            code = next((str(row[0]) for row in turn.run(
                "SELECT code FROM place WHERE id = ?", (place,))), "")  # fmt: skip
            of = "".join(f" of lot {row[0]}" for row in turn.run(
                "SELECT code FROM lot WHERE id = ?", (lot,)))  # fmt: skip
            bins.setdefault(code, Counter())[one.line.sku + of] += part

    # ------------------------------------------------------------ the end

    def done(self, turn: Turn) -> Answer:
        if turn.context("document") is None:
            return super().done(turn)
        row = turn.document()
        asked = self._wanted(turn, row)
        count, rest = turn.session.scanned, sum(max(one.rest, 0) for one in asked)
        turn.session.begin(self.name)
        state = f"{row.number} is picked" if not rest else f"{row.number}: {rest} still to pick"
        return Answer(
            Outcome.LOOK if rest else Outcome.DONE,
            f"{pieces(count)} picked. {state}. {self.prompt(turn)}",
            cards=(turn.cards.document(row.id),), subject=f"documents/{row.type}/{row.number}",
        )  # fmt: skip

    def progress(self, turn: Turn) -> Progress | None:
        if turn.context("document") is None:
            return None
        row = turn.document()
        asked = self._wanted(turn, row)
        bins = self._bins(turn, row)
        rows = [
            Tally(one.line.sku, "", one.line.quantity, one.line.quantity - max(one.rest, 0))
            for one in asked
        ]
        by_name = serials_of(turn.run, [life for one in asked for life in one.reserved])
        return Progress(
            sum(one.expected or 0 for one in rows), sum(one.scanned for one in rows), rows,
            by_name[:MOST_NAMED], bins[0] if bins else None,
        )  # fmt: skip
