"""Count: at a location, each piece once; what is seen stands beside what should be there.

    stocktake, location, pieces … ──DONE──► differences, a decision about each ──YES──► posted

Nothing that is scanned here is wrong: what should lie elsewhere, or should not be here at all, is
noted and looked at in the end. A location without a stocktake begins one. A piece whose label
cannot be read is ticked by touch, from the list of what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.registry.documents import DocumentType, Verb
from gateway.registry.lives import CUSTODY, Life
from gateway.registry.refusals import RegistryRefused
from gateway.scanners.outcomes import Outcome
from gateway.stations.answers import Answer, Button, Card, Progress, Tally
from gateway.stations.cards import say_state
from gateway.stations.meaning import Found
from gateway.stations.modes.amounts import lots_here, tracking_of
from gateway.stations.modes.mode import Mode, Slot
from gateway.stations.modes.pieces import named, pieces
from gateway.stations.sessions import MOST_CHOICES, Choice, Context
from gateway.stations.turn import Turn
from gateway.store.registry.documents import DocumentRow
from gateway.store.registry.drafts import Draft, save
from gateway.store.registry.posting import Counted, Decided, StepGiven
from gateway.store.registry.searching import places_inside
from gateway.store.registry.stocktakes import (
    COUNTED_STATES,
    Difference,
    count_less,
    differences,
    forget_serial,
    notes_of,
)

MOST_NAMED = 20
"""Missing pieces that are named on the screen."""

MOST_CARDS = 12
"""Differences that are shown beside a question about them."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """How people are asked about differences of a kind."""

    few: str
    """What one is, in a sentence about it."""
    ways: Sequence[tuple[str, str]]
    """Decision -> what its button says."""
    past: Mapping[str, str]
    """Decision -> what will be done, in the last question."""


KINDS: Mapping[str, _Kind] = {
    "missing": _Kind(
        "missing", (("write_off", "Write off"), ("keep", "Keep: it is somewhere")),
        {"write_off": "written off", "keep": "kept"},
    ),
    "moved": _Kind(
        "not where it should be", (("move", "Book it where it lies"), ("keep", "Keep as booked")),
        {"move": "moved", "keep": "kept"},
    ),
    "unexpected": _Kind(
        "not supposed to be here", (("take_in", "Take in"), ("ignore", "Ignore")),
        {"take_in": "taken in", "ignore": "ignored"},
    ),
    "unknown": _Kind(
        "unknown", (("add", "Add to stock"), ("ignore", "Ignore")),
        {"add": "added", "ignore": "ignored"},
    ),
    "quantity": _Kind(
        "counted otherwise than booked",
        (("adjust", "Book what was counted"), ("keep", "Keep what is booked")),
        {"adjust": "corrected", "keep": "kept"},
    ),
}  # fmt: skip
"""Kind of difference -> how it is asked about; see ``stocktakes.DECISIONS``."""

EACH = "each"
"""The answer that wants to decide one by one."""


class Count(Mode):
    name = "count"
    title = "Count"
    says = "Counts what lies at a location, and corrects the stock."
    asks = "Scan each piece that lies here; another location; DONE when all is counted."
    slots = (
        Slot(
            "document", ("document",), "Scan the stocktake, or a location to begin one.",
            (DocumentType.STOCKTAKE,), Verb.COUNT,
        ),
        Slot("location", ("location",), "Scan the location that is counted.", anew=False),
    )  # fmt: skip
    units = ("serial", "new", "item", "lot")

    # ------------------------------------------------------------ context

    def check_document(self, slot: Slot, row: DocumentRow) -> None:
        if row.status not in ("draft", "open"):  # those are started by being scanned
            super().check_document(slot, row)

    def enter(self, turn: Turn, slot: Slot, found: Found) -> Answer:
        if slot.name == "location":
            return self._location(turn, slot, found)
        answer = super().enter(turn, slot, found)
        row = turn.document()
        if row.status in ("draft", "open"):
            turn.step(row, Verb.START)
        place = row.from_place or row.to_place
        if place is not None and len(list(places_inside(turn.run, place))) == 1:
            code = row.from_code if row.from_place else row.to_code
            turn.session.context["location"] = Context("location", place, code or "")
        return Answer(
            answer.outcome, f"Stocktake {row.number}. {self.prompt(turn)}", cards=answer.cards
        )

    def _location(self, turn: Turn, slot: Slot, found: Found) -> Answer:
        if turn.context("document") is None:
            if not turn.ask_yes(
                f"count:{found.number}",
                f"No stocktake was scanned. Begin to count {found.name}?",
                cards=(turn.cards.of(found),),
            ):
                return Answer(Outcome.LOOK, f"Nothing is counted. {self.prompt(turn)}")
            self._begin(turn, found.name)
        row = turn.document()
        scope = row.from_place or row.to_place
        if scope is not None and found.number not in places_inside(turn.run, scope):
            raise RegistryRefused(
                "location_wrong_kind",
                f"{row.number} counts {row.from_code or row.to_code}, and {found.name} is not in "
                "it. Scan another location.", location=found.name,
            )  # fmt: skip
        return super().enter(turn, slot, found)

    @staticmethod
    def _begin(turn: Turn, code: str) -> None:
        turn.must(f"registry:{DocumentType.STOCKTAKE}")
        draft = Draft(DocumentType.STOCKTAKE, head={"from": code}, lines=[])
        row, _ = save(turn.t, draft, turn.registry.rules(), turn.by.actor)
        turn.step(row, Verb.START)
        turn.session.context["document"] = Context("document", row.id, row.number, "stocktake")

    def leave(self, turn: Turn) -> str:
        context = turn.context("document")
        return "" if context is None else f"{context.title} is not posted; scan it to go on."

    # ------------------------------------------------------------ pieces

    def unit(self, turn: Turn, found: Found) -> Answer:
        if found.kind in ("item", "lot"):
            assert found.item is not None
            tracking = tracking_of(turn.run, found.item)
            if tracking != "serial":
                return self._quantity(turn, found, tracking)
            if found.kind == "item":
                return self._item(turn, found)
        self._one_piece(turn, found.name)
        text = found.life.serial if found.life else found.name
        return self._serial(turn, text, found.sku, found.life)

    def unknown(self, turn: Turn) -> Answer | None:
        reading = turn.reading
        if self.missing(turn) is not None:
            return None
        if reading.form == "plain" and reading.gtin is not None:
            raise RegistryRefused(
                "code_unexpected",
                f"{reading.text} is the number of an article (EAN) that is not known here. Scan "
                "the serial of the piece.", kind="gtin",
            )  # fmt: skip
        text = reading.serial or reading.text
        self._one_piece(turn, text)
        item = turn.context("item")
        return self._serial(turn, text, item.title if item else None, None)

    @staticmethod
    def _one_piece(turn: Turn, text: str) -> None:
        if turn.quantity() not in (None, 1):
            raise RegistryRefused(
                "serial_quantity_not_one", f"Serial {text[:60]} is one piece. Scan it again."
            )

    @staticmethod
    def _item(turn: Turn, found: Found) -> Answer:
        if turn.quantity() is not None:
            raise RegistryRefused(
                "serial_quantity_not_one", f"Each {found.name} has its serial. Scan them one by "
                "one.",
            )  # fmt: skip
        turn.session.context["item"] = Context(
            "item", found.number, found.name, "what unknown serials are of"
        )
        return Answer(
            Outcome.DONE, f"{found.name}. Serials that are not known count as its own from now on.",
            cards=(turn.cards.of(found),),
        )  # fmt: skip

    def _serial(self, turn: Turn, text: str, sku: str | None, life: Life | None) -> Answer:
        row, place = turn.document(), turn.context("location")
        assert place is not None
        before = notes_of(row.attrs).unknown
        posted = turn.step(
            row, Verb.COUNT, StepGiven(counts=(Counted(place.title, sku, text, scanned=True),))
        )
        result = posted.results[0]
        name = f"{sku} {text}" if sku else text
        cards = (turn.cards.serial(life.id),) if life else ()
        match result["result"]:
            case "ok":
                turn.count()
                return Answer(Outcome.DONE, f"{name} is counted.", cards=cards)
            case "moved":
                turn.count()
                where = result["expected_at"]
                said = f"should be at {where}" if where else "has no place in the books"
                return Answer(
                    Outcome.LOOK, f"{name} {said}; it is counted here.", cards=cards
                )  # fmt: skip
            case "again":
                return Answer(
                    Outcome.LOOK, f"{name} was counted already{self._seen_at(turn, life, place)}.",
                    "serial_already_counted", cards=cards,
                )  # fmt: skip
            case _:
                return self._noted(turn, row, before, name, text, life, cards)

    @staticmethod
    def _seen_at(turn: Turn, life: Life | None, here: Context) -> str:
        if life is None or life.seen_place in (None, here.number):
            return ""
        rows = turn.run("SELECT code FROM place WHERE id = ?", (life.seen_place,))
        return f", at {next(iter(rows))[0]}"

    def _noted(
        self, turn: Turn, row: DocumentRow, before: Sequence[Mapping[str, object]], name: str,
        text: str, life: Life | None, cards: Sequence[Card],
    ) -> Answer:  # fmt: skip
        """Return what becomes of a serial that is not here by the books."""
        unknown = notes_of(turn.document().attrs).unknown
        fresh = [one for one in unknown if one not in before]
        if not fresh:
            return Answer(Outcome.LOOK, f"{name} was noted already.", "serial_already_counted",
                          cards=cards)  # fmt: skip
        item = fresh[0]["item"]
        turn.recent.notes.append(f"unknown:{row.id}:{item or 0}:{text}")
        turn.count(len(unknown) - len(before))
        if life is not None:
            whose = f" to {life.customer_name}" if life.customer_name else ""
            said = f"{name} should not be here: it was {say_state(life.state)}{whose}. It is noted."
        elif item is not None:
            said = f"{name} is not known. It is noted, and DONE asks about it."
        else:
            said = (
                f"{name} is not known. It is noted; to add it, scan the barcode of its item, then "
                "it once more."
            )
        return Answer(Outcome.LOOK, said, cards=cards)

    def _quantity(self, turn: Turn, found: Found, tracking: str) -> Answer:
        row, place = turn.document(), turn.context("location")
        item, sku = found.item, found.sku or found.name
        assert place is not None
        assert item is not None
        code = None
        if tracking == "lot":
            code = found.name if found.kind == "lot" else turn.reading.lot
            code = code or turn.ask(
                f"lot:{item}", f"Which lot of {sku}? Scan the lot.",
                [Choice(one, f"Lot {one}", Card("lot", one, sku).shown())
                 for one in lots_here(turn.run, item, [place.number])[:MOST_CHOICES]],
                text=True,
            )  # fmt: skip
        count = turn.quantity() or 1
        had = self._counted(turn, row, item, place.number, code)
        counted = Counted(place.title, sku, lot=code, quantity=had + count)
        turn.step(row, Verb.COUNT, StepGiven(counts=(counted,)))
        lot = self._lot(turn, item, code)
        turn.recent.notes.append(f"quantity:{row.id}:{item}:{place.number}:{lot}:{count}")
        turn.count(count)
        of = f" of lot {code}" if code else ""
        total = f", {had + count} in all" if had else ""
        return Answer(
            Outcome.DONE, f"{count} × {sku}{of} counted{total}.", cards=(turn.cards.item(item),)
        )

    @staticmethod
    def _lot(turn: Turn, item: int, code: str | None) -> int:
        rows = turn.run(
            "SELECT id FROM lot WHERE item = ? AND lower(code) = lower(?)", (item, code or "")
        )
        return next((int(row[0]) for row in rows), 0)

    def _counted(
        self, turn: Turn, row: DocumentRow, item: int, place: int, code: str | None
    ) -> int:
        lot = self._lot(turn, item, code)
        if code and not lot:
            return 0  # a lot that is only now heard of
        return sum(
            one["quantity"] for one in notes_of(row.attrs).counts
            if (one["item"], one["place"], one["lot"]) == (item, place, lot)
        )  # fmt: skip

    def undone(self, turn: Turn, recent_notes: list[str]) -> None:
        for key in recent_notes:
            what, document, rest = key.split(":", 2)
            if what == "unknown":
                item, serial = rest.split(":", 1)
                forget_serial(turn.t, int(document), serial, int(item) or None)
            else:
                count_less(turn.t, int(document), *map(int, rest.split(":")))

    # ------------------------------------------------------------ what should be here

    def progress(self, turn: Turn) -> Progress | None:
        place = turn.context("location")
        if turn.context("document") is None or place is None:
            return None
        row = turn.document()
        notes = notes_of(row.attrs)
        seen = {
            int(life): at for life, at in turn.run(
                "SELECT u.id, u.seen_place FROM document_line l JOIN line_life r ON r.line = l.id "
                "JOIN life u ON u.id = r.life WHERE l.document = ? AND r.role = 'counted'",
                (row.id,),
            )
        }  # fmt: skip
        here = [
            (int(life), item, sku, serial) for life, item, sku, serial in turn.run(
                "SELECT u.id, u.item, i.sku, u.serial FROM life u JOIN item i ON i.id = u.item "
                f"WHERE u.place = ? AND u.state IN ({COUNTED_STATES}) ORDER BY i.sku, u.serial",
                (place.number,),
            ) if not notes.scope or item in notes.scope
        ]  # fmt: skip
        tallies: dict[str, list[int]] = {}
        for life, _, sku, _ in here:
            tally = tallies.setdefault(sku, [0, 0])
            tally[0] += 1
            tally[1] += life in seen
        self._quantities(turn, notes.scope, notes.counts, place.number, tallies)
        rows = [Tally(sku, "", expected, count) for sku, (expected, count) in tallies.items()]
        ours = {life for life, *_ in here}
        others = sum(at == place.number and life not in ours for life, at in seen.items())
        others += sum(one["place"] == place.number for one in notes.unknown)
        found = sum(one.scanned for one in rows)  # others make up for none that is missing
        if others:
            rows.append(Tally("Others", "not expected here", None, others))
        missing = [(life, f"{sku} {serial}") for life, _, sku, serial in here if life not in seen]
        missing = missing[:MOST_NAMED]
        names = turn.registry.public_ids
        return Progress(
            sum(expected for expected, _ in tallies.values()), found, rows,
            [title for _, title in missing],
            ticks=[
                Button(title, f"GW-{names.write('serial', life)}") for life, title in missing
            ],
        )  # fmt: skip

    @staticmethod
    def _quantities(
        turn: Turn, scope: Sequence[int], counts: Sequence[Mapping[str, int]], place: int,
        tallies: dict[str, list[int]],
    ) -> None:  # fmt: skip
        """Add quantities to the tallies: those of the scope, else those that were counted."""
        counted = [one for one in counts if one["place"] == place]
        items = {*scope, *(one["item"] for one in counted)}
        booked = turn.run(
            "SELECT s.item, i.sku, sum(s.quantity) FROM stock s JOIN item i ON i.id = s.item "
            f"WHERE s.place = ? AND s.serials = 0 AND s.state IN ({COUNTED_STATES}) "
            "AND s.quantity > 0 GROUP BY s.item, i.sku ORDER BY i.sku",
            (place,),
        )
        for item, sku, quantity in booked:
            if item in items:
                tallies.setdefault(sku, [0, 0])[0] += int(quantity)
        for one in counted:
            rows = turn.run("SELECT sku FROM item WHERE id = ?", (one["item"],))
            tallies.setdefault(str(next(iter(rows))[0]), [0, 0])[1] += one["quantity"]

    # ------------------------------------------------------------ the end

    def done(self, turn: Turn) -> Answer:
        if turn.context("document") is None:
            return super().done(turn)
        row = turn.document()
        self.check_document(self.slots[0], row)
        found = differences(turn.run, row)
        decided = [
            Decided(decision, subject=one.subject) for one, decision in self._decide(turn, found)
        ]
        said = self._summed(found, decided)
        if found and not turn.ask_yes(
            "post", f"Post {row.number}? {said}.", cards=_cards(found, decided)
        ):
            return Answer(Outcome.LOOK, f"{row.number} is not posted. {self.prompt(turn)}")
        if decided:
            turn.step(row, Verb.DECIDE, StepGiven(decisions=decided))
        turn.step(row, Verb.POST)
        # Each correction can be undone by itself; a count that is posted is not taken up again.
        turn.recent.events = []
        for one in turn.session.recent:
            if one.mode == self.name:
                one.events, one.notes = [], []
        turn.session.begin(self.name)
        return Answer(
            Outcome.DONE, f"{row.number} is posted. {said}.",
            cards=(turn.cards.document(row.id),), subject=f"documents/{row.type}/{row.number}",
        )  # fmt: skip

    @staticmethod
    def _summed(found: Sequence[Difference], decided: Sequence[Decided]) -> str:
        if not found:
            return "All is as it should be"
        kinds = {one.subject: one.kind for one in found}
        counts: dict[tuple[str, str], int] = {}
        for one in decided:
            key = (kinds[one.subject or ""], one.decision)
            counts[key] = counts.get(key, 0) + 1
        return "; ".join(
            f"{count} {KINDS[kind].few}, {KINDS[kind].past[decision]}"
            for (kind, decision), count in counts.items()
        ) or "All differences are decided"  # fmt: skip

    def _decide(
        self, turn: Turn, found: Sequence[Difference]
    ) -> list[tuple[Difference, str]]:  # fmt: skip
        """Return a decision about each difference that has none, asked kind by kind."""
        decided: list[tuple[Difference, str]] = []
        for kind in KINDS:
            open_ = [one for one in found if one.kind == kind and one.decision is None]
            # What is of no known item cannot be added.
            nameless = [one for one in open_ if kind == "unknown" and not one.item]
            for group, ways in (
                (nameless, KINDS[kind].ways[1:]),
                ([one for one in open_ if one not in nameless], KINDS[kind].ways),
            ):
                if group:
                    decided += self._group(turn, kind, group, ways)
        return decided

    def _group(
        self, turn: Turn, kind: str, group: Sequence[Difference], ways: Sequence[tuple[str, str]]
    ) -> list[tuple[Difference, str]]:
        choices = [Choice(value, title) for value, title in ways]
        if len(group) > 1:
            more = [*choices, Choice(EACH, "One by one")] if len(ways) > 1 else choices
            which = f"{len(group)} are {KINDS[kind].few}: {named(map(_name, group))}."
            hint = "" if len(ways) > 1 else " Their item is not known; CANCEL to scan it."
            answer = turn.ask(
                f"kind:{kind}:{len(ways)}",
                f"{which}{hint} What becomes of them?",
                more,
                cards=_cards(group),
            )
            if answer != EACH:
                return [(one, answer) for one in group]
        found: list[tuple[Difference, str]] = []
        for one in group:
            hint = "" if len(ways) > 1 else " Its item is not known; CANCEL to scan it."
            answer = turn.ask(
                f"one:{kind}:{one.subject}",
                f"{_told(one)}{hint} What becomes of it?",
                choices,
                cards=_cards([one]),
            )
            found.append((one, answer))
        return found


def _name(one: Difference) -> str:
    if one.kind == "quantity":
        return one.sku
    return f"{one.sku} {one.serial}".strip()


def _told(one: Difference) -> str:
    """Return one difference as a sentence."""
    at = f" at {one.location}" if one.location else ""
    match one.kind:
        case "missing":
            return f"{_name(one)} is missing{at}."
        case "moved":
            return f"{_name(one)} lies{at} and is booked elsewhere."
        case "quantity":
            return f"{one.expected} × {one.sku} should be{at}, and {one.counted} were counted."
        case "unexpected":
            return f"{_name(one)} was seen{at} and should not be here."
        case _:
            return f"{_name(one)} was seen{at} and is not known."


def _cards(group: Sequence[Difference], decided: Sequence[Decided] = ()) -> list[Card]:
    """Return what is different, to be looked at."""
    how = {one.subject: one.decision for one in decided}
    cards = []
    for one in group[:MOST_CARDS]:
        rows = [("Location", one.location)] if one.location else []
        if one.kind == "quantity":
            rows += [("Booked", str(one.expected)), ("Counted", str(one.counted))]
        if one.state and one.state not in CUSTODY:
            rows.append(("State", say_state(one.state)))
        decision = how.get(one.subject) or one.decision
        if decision:
            rows.append(("Will be", KINDS[one.kind].past[decision]))
        cards.append(Card("hint", _name(one), KINDS[one.kind].few, rows, "warn"))
    if len(group) > MOST_CARDS:
        cards.append(Card("hint", f"and {pieces(len(group) - MOST_CARDS)} more", "", (), "warn"))
    return cards
