"""Receive: a delivery by its order or receipt, or pieces of an item, each with its label.

By an order, and without a document, a piece is received by its scan, and so is its label printed.
By a receipt its pieces are ticked as they are seen, and DONE posts it: one that was announced and
did not come is asked about. Serials, lots and plain quantities come in one go: an item's barcode
says which line, a quantity before it how many.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from gateway.codes.commands import write_command
from gateway.registry.documents import DocumentType, Verb
from gateway.registry.likeness import mask_of
from gateway.registry.lives import Action, Life
from gateway.registry.refusals import RegistryRefused
from gateway.registry.serial_mask import read_mask
from gateway.scanners.outcomes import Outcome
from gateway.stations.answers import Answer, Button, Card, Progress, Tally, capital
from gateway.stations.meaning import Found
from gateway.stations.modes.mode import Mode, Slot, labelled
from gateway.stations.sessions import Context
from gateway.stations.turn import Turn
from gateway.store.registry.acting import Target
from gateway.store.registry.documents import DocumentRow, LineRow
from gateway.store.registry.draft_lines import DraftLine
from gateway.store.registry.drafts import Draft, save
from gateway.store.registry.line_given import LineGiven, LotGiven, SerialGiven
from gateway.store.registry.lives import lives_by_key
from gateway.store.registry.posting import StepGiven
from gateway.store.registry.searching import keys_of

MOST_NAMED = 20
"""Missing pieces that are named on the screen."""

ALIKE = 10
"""Serials of an item that look alike before a mask is offered."""

OFFER = "offer"
"""Key of a session's notes: the mask that is offered."""


class Receive(Mode):
    name = "receive"
    title = "Receive"
    says = "Takes a delivery in, piece by piece, and prints their labels."
    asks = "Scan the serial of each piece; DONE when that is all."
    slots = (
        Slot(
            "document", ("document",), "Scan the purchase order or receipt, or the item that came.",
            (DocumentType.PURCHASE_ORDER, DocumentType.RECEIPT), required=False,
        ),
        Slot("item", ("item",), "Scan the barcode of the item.", required=False),
        Slot("location", ("location",), "Scan the location.", required=False, anew=False),
    )  # fmt: skip
    units = ("serial", "new", "lot")

    # ------------------------------------------------------------ context

    def missing(self, turn: Turn) -> Slot | None:
        if turn.context("document") or turn.context("item"):
            return None
        return self.slots[0]

    def prompt(self, turn: Turn) -> str:
        if self.missing(turn) is not None:
            return self.slots[0].asks
        if turn.context("item") is None:
            return "Scan the barcode of an item, or a serial that was announced."
        return self.asks

    def moves(self, turn: Turn, found: Found) -> bool:
        return found.life is None or found.life.state == "planned"

    def rank(self, turn: Turn, found: Found) -> int | None:
        if found.kind == "item" and self.missing(turn) is not None:
            return 0
        if found.kind == "serial" and self._chosen(turn) not in (None, found.item):
            # The same text may be the serial of another item; here it is one of this item's.
            return 4 if turn.reading.form == "plain" else 1
        return super().rank(turn, found)

    def enter(self, turn: Turn, slot: Slot, found: Found) -> Answer:
        if found.kind == "item":
            return self._item(turn, found)
        answer = super().enter(turn, slot, found)
        if slot.name == "location":
            if turn.session.scanned:  # it may be the wrong code on the box: have it seen
                more = f"What comes next goes to {found.name}."
                return answer.but(Outcome.LOOK, more)
            return answer
        row = turn.document()
        verb = Verb.RECEIVE if row.type is DocumentType.PURCHASE_ORDER else Verb.POST
        self.check_document(Slot("document", ("document",), "", verb=verb), row)
        turn.session.context.pop("item", None)
        lines = [line for line in turn.lines(row) if line.moves]
        if len(lines) == 1 and lines[0].serialised:
            self._choose_item(turn, lines[0].item, lines[0].sku)
        return Answer(Outcome.DONE, f"{capital(row.named)}. {self.prompt(turn)}",
                      cards=answer.cards)  # fmt: skip

    def _chosen(self, turn: Turn) -> int | None:
        context = turn.context("item")
        return None if context is None else context.number

    def _choose_item(self, turn: Turn, item: int, sku: str) -> None:
        turn.session.context["item"] = Context("item", item, sku)

    def _item(self, turn: Turn, found: Found) -> Answer:
        card = turn.cards.of(found)
        tracking = str(next(iter(turn.run(
            "SELECT tracking FROM item WHERE id = ?", (found.number,)
        )))[0])  # fmt: skip
        if turn.context("document") is not None:
            self._line(turn, turn.document(), found.number, found.name)
        if tracking != "serial":
            return self._quantity(turn, found)
        count = turn.quantity()
        if count is not None:
            self._choose_item(turn, found.number, found.name)
            return self._generate(turn, found, count)
        if self._chosen(turn) == found.number:
            raise RegistryRefused(
                "code_unexpected",
                f"That is the barcode of {found.name}. Scan the serial of the piece.", kind="item",
            )  # fmt: skip
        self._choose_item(turn, found.number, found.name)
        return Answer(Outcome.DONE, f"{found.name}. {self.asks}", cards=(card,))

    def _line(self, turn: Turn, row: DocumentRow, item: int, sku: str) -> LineRow:
        lines = [line for line in turn.lines(row) if line.item == item and line.moves]
        if not lines:
            raise RegistryRefused(
                "line_unknown", f"{sku} is not on {row.number}. Put it aside and ask.",
                document=row.number, item=sku,
            )  # fmt: skip
        for line in lines:
            if line.done < line.quantity:
                return line
        count = sum(line.quantity for line in lines)
        raise RegistryRefused(
            "serial_count_mismatch", f"All {count} {sku} of {row.number} are here already.",
            document=row.number, item=sku,
        )  # fmt: skip

    # ------------------------------------------------------------ pieces

    def unit(self, turn: Turn, found: Found) -> Answer:
        if found.kind == "lot":
            assert found.item is not None
            assert found.sku is not None
            if turn.context("document") is not None:
                self._line(turn, turn.document(), found.item, found.sku)
            return self._quantity(
                turn, Found("item", found.item, found.sku, "lot", found.item, found.sku)
            )
        chosen = self._chosen(turn)
        text, item = found.name, found.item
        if turn.reading.form == "plain" and chosen is not None:
            text, item = turn.reading.text, chosen
        if item is None:
            raise RegistryRefused("item_unknown", "Scan the barcode of the item first.")
        planned = found.life is not None and found.life.state == "planned"
        if chosen is None and not planned and turn.reading.form == "plain":
            raise RegistryRefused("item_unknown", "Scan the barcode of the item first.")
        return self._serial(turn, text, item)

    def unknown(self, turn: Turn) -> Answer | None:
        chosen = self._chosen(turn)
        if chosen is None or turn.reading.form not in ("plain", "gs1", "envelope", "identifier"):
            return None
        if turn.reading.form == "plain" and turn.reading.gtin is not None:
            raise RegistryRefused(
                "code_unexpected",
                f"{turn.reading.text} is the number of an article (EAN), not a serial. Scan the "
                "serial of the piece.", kind="gtin",
            )  # fmt: skip
        return self._serial(turn, turn.reading.serial or turn.reading.text, chosen)

    def _serial(self, turn: Turn, text: str, item: int) -> Answer:
        if turn.quantity() not in (None, 1):
            raise RegistryRefused(
                "serial_quantity_not_one", f"Serial {text[:60]} is one piece. Scan it again."
            )
        sku = str(next(iter(turn.run("SELECT sku FROM item WHERE id = ?", (item,))))[0])
        return self._with_offer(turn, self._received(turn, text, item, sku), text, item, sku)

    def _received(self, turn: Turn, text: str, item: int, sku: str) -> Answer:
        if turn.context("document") is None:
            place = turn.place()
            done = turn.perform(Action.RECEIVE, [Target(text, item=item)], item=item, place=place)
            life = turn.life(done.after[0].id)  # with the names of where it is now
        else:
            row = turn.document()
            line = self._line(turn, row, item, sku)
            if row.type is DocumentType.RECEIPT:
                return self._tick(turn, row, line, text)
            given = LineGiven(line.rank, serials=(SerialGiven(text),))
            turn.step(row, Verb.RECEIVE, StepGiven((given,), location=turn.place_code()))
            life = self._newest(turn, item, text)
        turn.count()
        _note_alike(turn, life)
        where = f" at {life.place_code}" if life.place_code else ""
        return labelled(turn, f"{sku} {life.serial} received{where}.", [life])

    @staticmethod
    def _with_offer(turn: Turn, answer: Answer, text: str, item: int, sku: str) -> Answer:
        """Offer a mask after some serials that are alike. It is no question: who goes on scanning
        is not held up."""
        notes = turn.session.notes
        offered = notes.get(OFFER)
        if offered is not None and offered["item"] == item:
            if not read_mask(offered["mask"]).matches(text):
                del notes[OFFER]
            return answer
        seen = notes.get(f"alike:{item}", [])
        no = f"mask:{item}" in turn.session.declined or not turn.may("registry:item")
        if len(seen) < ALIKE or no:
            return answer
        has = next(iter(turn.run("SELECT serial_mask FROM item WHERE id = ?", (item,))))[0]
        mask = None if has else mask_of(seen)
        if mask is None:
            return answer
        notes[OFFER] = {"item": item, "sku": sku, "mask": mask}
        card = Card(
            "hint", mask, f"what serials of {sku} would have to look like",
            buttons=(Button("Refuse others", write_command("YES")),
                     Button("Do not ask again", write_command("NO"))),
        )  # fmt: skip
        more = f"The last {ALIKE} serials of {sku} look alike. YES refuses others from now on."
        answer = answer.but(Outcome.LOOK, more)
        return replace(answer, cards=(*answer.cards, card))

    def unasked(self, turn: Turn, yes: bool) -> Answer | None:
        offered = turn.session.notes.pop(OFFER, None)
        if offered is None:
            return None
        if not yes:
            turn.session.decline(f"mask:{offered['item']}")
            return Answer(Outcome.DONE, f"It is not offered again. {self.prompt(turn)}")
        turn.must("registry:item")
        sku, mask = offered["sku"], offered["mask"]
        turn.registry.items.save(turn.t, {"mask": mask}, turn.by.actor, sku=sku)
        return Answer(Outcome.DONE, f"Serials of {sku} must look like {mask} from now on.")

    def _newest(self, turn: Turn, item: int, text: str) -> Life:
        by_key = lives_by_key(turn.run, item, keys_of(text))
        return max((life for some in by_key.values() for life in some), key=lambda one: one.event)

    def _tick(self, turn: Turn, row: DocumentRow, line: LineRow, text: str) -> Answer:
        by_key = lives_by_key(turn.run, line.item, keys_of(text))
        announced = [
            life for some in by_key.values() for life in some
            if life.state == "planned" and life.line == line.id
        ]  # fmt: skip
        life = announced[0].id if announced else turn.choose(row, line, SerialGiven(text))
        if not turn.tick(life):
            return Answer(Outcome.LOOK, f"{line.sku} {text} was scanned already.",
                          "serial_already_on_line", cards=(turn.cards.serial(life),))  # fmt: skip
        turn.count()
        one = turn.life(life)
        _note_alike(turn, one)
        return labelled(turn, f"{line.sku} {one.serial} is here.", [one])

    def _generate(self, turn: Turn, found: Found, count: int) -> Answer:
        """Receive pieces that have no serial yet, with the item's next ones."""
        if turn.context("document") is None:
            raise RegistryRefused(
                "document_unknown", "Scan the order first; then serials can be given out for it."
            )
        row = turn.document()
        line = self._line(turn, row, found.number, found.name)
        if row.type is DocumentType.RECEIPT:
            raise RegistryRefused(
                "code_unexpected", "A receipt names its pieces: scan the serial of each."
            )
        given = LineGiven(line.rank, generate=count)
        turn.step(row, Verb.RECEIVE, StepGiven((given,), location=turn.place_code()))
        made = [
            turn.life(number)
            for (number,) in turn.run(
                "SELECT life FROM movement WHERE event = ? ORDER BY n", (turn.recent.events[-1],)
            )
        ]
        turn.count(len(made))
        first, last = made[0].serial, made[-1].serial
        said = f"{found.name} {first}" + (f" to {last}" if count > 1 else "") + " received."
        return labelled(turn, said, made)

    def _quantity(self, turn: Turn, found: Found) -> Answer:
        if turn.context("document") is None:
            raise RegistryRefused(
                "document_unknown",
                f"{found.name} has no serials: scan the order or receipt it came on first.",
            )
        row = turn.document()
        line = self._line(turn, row, found.number, found.name)
        lot = turn.reading.lot
        if lot is None and line.tracking == "lot":
            lot = turn.ask(f"lot:{line.id}", f"Scan the lot of {found.name}.", [], text=True)
        count = turn.quantity() or 1
        if lot is None:
            given = LineGiven(line.rank, quantity=count)
        else:
            expires = turn.reading.expiry
            given = LineGiven(line.rank, lots=(LotGiven(count, lot, None, expires),))
        if row.type is DocumentType.RECEIPT:
            had = turn.session.notes.get(f"line:{line.id}:{lot or ''}", 0)
            turn.session.notes[f"line:{line.id}:{lot or ''}"] = had + count
            turn.session.notes[f"expires:{line.id}:{lot or ''}"] = turn.reading.expiry
            turn.recent.counted.append([f"line:{line.id}:{lot or ''}", count])
        else:
            turn.step(row, Verb.RECEIVE, StepGiven((given,), location=turn.place_code()))
        turn.count(count)
        of = f" of lot {lot}" if lot else ""
        return Answer(
            Outcome.DONE, f"{count} × {found.name}{of} received.",
            cards=(turn.cards.item(found.number),),
        )  # fmt: skip

    # ------------------------------------------------------------ the end

    def done(self, turn: Turn) -> Answer:
        if turn.context("document") is None:
            return super().done(turn)
        row = turn.document()
        if row.type is DocumentType.RECEIPT and row.status in ("draft", "open"):
            return self._post(turn, row)
        lines = [line for line in turn.lines(row) if line.moves]
        rest = sum(max(0, line.quantity - line.done) for line in lines)
        count = turn.session.scanned
        turn.session.begin(self.name)
        state = f"{row.number} is complete" if not rest else f"{row.number}: {rest} still to come"
        return Answer(
            Outcome.DONE if not rest else Outcome.LOOK,
            f"{count} received. {state}. {self.prompt(turn)}", cards=(turn.cards.document(row.id),),
        )  # fmt: skip

    def _post(self, turn: Turn, row: DocumentRow) -> Answer:
        lines = [line for line in turn.lines(row) if line.moves]
        here = {line.id: self._seen(turn, line) for line in lines}
        if not any(here.values()):
            raise RegistryRefused("serials_missing", f"Nothing of {row.number} was scanned yet.")
        short = [line for line in lines if here[line.id] < line.quantity]
        if short:
            rest = sum(line.quantity - here[line.id] for line in short)
            missing = self._missing(turn, row)
            named = f" ({', '.join(missing[:5])})" if missing else ""
            if not turn.ask_yes(
                f"short:{row.id}:{rest}", f"{rest} did not come{named}. Post what is here?"
            ):
                return Answer(Outcome.LOOK, f"Not posted. {self.asks}")
            self._let_go(turn, row, lines, here)
        given = [self._given(turn, line) for line in turn.lines(row) if line.moves]
        turn.step(row, Verb.POST, StepGiven(
            None if all(one is None for one in given) else
            tuple(one for one in given if one is not None),
            location=turn.place_code(),
        ))  # fmt: skip
        count = sum(here.values())
        turn.session.begin(self.name)
        return Answer(
            Outcome.DONE, f"{row.number} is posted: {count} received. {self.prompt(turn)}",
            cards=(turn.cards.document(row.id),), subject=f"documents/{row.type}/{row.number}",
        )  # fmt: skip

    def _seen(self, turn: Turn, line: LineRow) -> int:
        if line.serialised:
            ticked = set(turn.session.ticked)
            rows = turn.run("SELECT life FROM line_life WHERE line = ?", (line.id,))
            return sum(life in ticked for (life,) in rows)
        start = f"line:{line.id}:"
        return sum(int(count) for key, count in turn.session.notes.items() if key.startswith(start))

    def _given(self, turn: Turn, line: LineRow) -> LineGiven | None:
        """Return what a line gets that is not chosen for it: quantities that were counted."""
        if line.serialised:
            return LineGiven(line.rank)
        start = f"line:{line.id}:"
        lots = [
            LotGiven(int(count), key[len(start):] or None, None,
                     turn.session.notes.get(f"expires:{key[5:]}"))
            for key, count in turn.session.notes.items() if key.startswith(start) and count
        ]  # fmt: skip
        if line.tracking == "lot":
            return LineGiven(line.rank, lots=lots)
        return LineGiven(line.rank, quantity=sum(one.quantity for one in lots))

    def _let_go(
        self, turn: Turn, row: DocumentRow, lines: list[LineRow], here: dict[int, int]
    ) -> None:
        """Take off the receipt what did not come."""
        ticked = set(turn.session.ticked)
        for line in lines:
            absent = [
                life
                for (life,) in turn.run("SELECT life FROM line_life WHERE line = ?", (line.id,))
                if life not in ticked
            ]
            if absent:
                turn.unchoose(row, line, absent)
        drafts = [
            DraftLine(
                line.sku, Fraction(here[line.id]), line.rank, line.external_id, "", line.price,
                line.cost, line.currency, line.place_code, line.memo, None, None,
            )
            for line in lines if here[line.id]
        ]  # fmt: skip
        save(turn.t, Draft(row.type, row.number, {}, drafts), turn.registry.rules(), turn.by.actor)

    def _missing(self, turn: Turn, row: DocumentRow) -> list[str]:
        ticked = set(turn.session.ticked)
        rows = turn.run(
            "SELECT u.id, u.serial FROM line_life r JOIN document_line l ON l.id = r.line "
            "JOIN life u ON u.id = r.life WHERE l.document = ? AND r.role = 'planned' "
            "AND u.state = 'planned' ORDER BY u.serial",
            (row.id,),
        )
        return [serial for life, serial in rows if life not in ticked]

    def progress(self, turn: Turn) -> Progress | None:
        if turn.context("document") is None:
            return super().progress(turn)
        row = turn.document()
        lines = [line for line in turn.lines(row) if line.moves]
        receipt = row.type is DocumentType.RECEIPT
        rows = [
            Tally(line.sku, "", line.quantity, self._seen(turn, line) if receipt else line.done)
            for line in lines
        ]
        return Progress(
            sum(line.quantity for line in lines), sum(one.scanned for one in rows), rows,
            self._missing(turn, row)[:MOST_NAMED],
        )  # fmt: skip


def _note_alike(turn: Turn, life: Life) -> None:
    """Note a serial among the last of its item."""
    key = f"alike:{life.item}"
    turn.session.notes[key] = [*turn.session.notes.get(key, []), life.serial][-ALIKE:]
