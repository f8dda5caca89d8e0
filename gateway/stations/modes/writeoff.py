"""Write off: pieces are collected on a document with one reason, and DONE takes them out of stock.

The first piece asks why and makes the document; one that was prepared is scanned instead, and then
its lines say what belongs on it. What was not posted stays as a draft, to be scanned again.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from gateway.registry.documents import DocumentType, Verb
from gateway.registry.lifecycle import TABLE
from gateway.registry.lives import Action
from gateway.registry.refusals import RegistryRefused
from gateway.scanners.outcomes import Outcome
from gateway.stations.answers import Answer, Progress, Tally
from gateway.stations.meaning import Found
from gateway.stations.modes.amounts import Amount, amount_of, lots_here, taken_from
from gateway.stations.modes.mode import Mode, Slot
from gateway.stations.modes.pieces import named, pieces, why_not
from gateway.stations.sessions import Context
from gateway.stations.turn import Turn
from gateway.store.registry.choosing import choose
from gateway.store.registry.document_lines import lives_on
from gateway.store.registry.documents import DocumentRow, LineRow, document_by_id, lines_of
from gateway.store.registry.draft_lines import DraftLine
from gateway.store.registry.drafts import Draft, delete, save
from gateway.store.registry.line_given import LineGiven, LotGiven, SerialGiven
from gateway.store.registry.posting import StepGiven
from gateway.store.registry.quantities import write_links

MADE = "made"
"""``Context.text`` of a document that was made here: it takes whatever is scanned."""

TAKEN = ("received", "rejected", "returned")
"""States of quantities that are written off; see ``gateway.store.registry.quantities``."""


class WriteOff(Mode):
    name = "writeoff"
    title = "Write off"
    says = "Takes pieces out of stock for good, for a reason."
    asks = "Scan each piece to be written off; DONE when that is all."
    slots = (
        Slot(
            "document", ("document",), "Scan the write-off.", (DocumentType.WRITE_OFF,), Verb.POST,
            required=False,
        ),
        Slot(
            "location", ("location",), "Scan where it lies.", required=False, anew=False
        ),
    )  # fmt: skip
    units = ("serial", "item", "lot")
    action = Action.WRITE_OFF

    # ------------------------------------------------------------ context

    def check_document(self, slot: Slot, row: DocumentRow) -> None:
        if row.status != "draft":  # as good as an open one: nothing of it moves before DONE
            super().check_document(slot, row)

    def enter(self, turn: Turn, slot: Slot, found: Found) -> Answer:
        left = self.leave(turn) if slot.name == "document" else ""
        answer = super().enter(turn, slot, found)
        if slot.name == "document":
            turn.session.context.pop("reason", None)
            reason = turn.document().reason
            if reason:
                turn.session.context["reason"] = Context("reason", 0, reason, text=reason)
        return answer.but(Outcome.LOOK, left) if left else answer

    def leave(self, turn: Turn) -> str:
        context = turn.context("document")
        if context is None or context.text != MADE:
            return ""
        row = turn.document()
        count = sum(line.chosen for line in turn.lines(row))
        if row.status != "draft":
            return ""
        if not count:
            delete(turn.t, row, turn.by.actor)
            return ""
        return f"{row.number} stays a draft with {pieces(count)}; scan it to go on."

    def _document(self, turn: Turn, reason: str) -> DocumentRow:
        """Return the document that collects, made by the first piece."""
        if turn.context("document") is not None:
            return turn.document()
        draft = Draft(DocumentType.WRITE_OFF, head={"reason": reason}, lines=[])
        turn.must(f"registry:{draft.type}")
        row, _ = save(turn.t, draft, turn.registry.rules(), turn.by.actor)
        turn.session.context["document"] = Context(
            "document", row.id, row.number, "write off", MADE
        )
        return row

    def _line(self, turn: Turn, row: DocumentRow, item: int, sku: str, count: int) -> LineRow:
        """Return the line that takes so much more of an item.

        Raises:
            RegistryRefused: the document was prepared, and does not ask for it.
        """
        context = turn.context("document")
        lines = [line for line in turn.lines(row) if line.item == item]
        if context is not None and context.text == MADE:
            wanted = {lines[0].id: lines[0].chosen + count} if lines else {}
            _ask_for(turn, row, wanted, None if lines else (sku, count))
            return next(line for line in turn.lines(row) if line.item == item)
        if not lines:
            raise RegistryRefused(
                "line_unknown", f"{sku} is not on {row.number}. Put it aside and ask.",
                document=row.number, item=sku,
            )  # fmt: skip
        open_ = [line for line in lines if line.quantity - line.chosen >= count]
        if not open_:
            chosen, expected = (
                sum(line.chosen for line in lines), sum(line.quantity for line in lines)
            )  # fmt: skip
            raise RegistryRefused(
                "line_full",
                f"{row.number} has {chosen} of {expected} {sku} already; {count} more are too "
                "many. Put them aside and ask.",
                document=row.number, item=sku, room=expected - chosen, given=count,
            )  # fmt: skip
        return open_[0]

    # ------------------------------------------------------------ pieces

    def unit(self, turn: Turn, found: Found) -> Answer:
        if found.life is None:
            return self._quantity(turn, found)
        life, sku = found.life, found.sku or ""
        name = f"{sku} {life.serial}"
        if life.state not in TABLE[Action.WRITE_OFF].sources:
            raise why_not(life, sku, "written off")
        if turn.quantity() not in (None, 1):
            raise RegistryRefused("serial_quantity_not_one", f"{name} is one piece. Scan it again.")
        turn.must("registry:write_off")
        reason = turn.reason(f"Why is {name} written off?")
        row = self._document(turn, reason)
        on = {life for line in turn.lines(row) for life in lives_on(turn.run, line.id, "wanted")}
        if life.id in on:
            return Answer(
                Outcome.LOOK, f"{name} was scanned already.", "serial_already_on_line",
                cards=(turn.cards.serial(life.id),),
            )  # fmt: skip
        line = self._line(turn, row, life.item, sku, 1)
        turn.choose(row, line, SerialGiven(life=life.id))
        turn.recent.notes.append(f"fit:{row.id}")
        turn.count()
        return Answer(
            Outcome.DONE, f"{name} goes on {row.number}, {reason}. DONE writes it off.",
            cards=(turn.cards.serial(life.id),),
        )  # fmt: skip

    def _quantity(self, turn: Turn, found: Found) -> Answer:
        assert found.item is not None
        amount = amount_of(turn, found, lots_here(turn.run, found.item))
        turn.must("registry:write_off")
        slot = "location" if turn.context("location") else "from"
        place = taken_from(turn, amount, slot, states=TAKEN)
        reason = turn.reason(f"Why is {amount.said} written off?")
        row = self._document(turn, reason)
        line = self._line(turn, row, amount.item, amount.sku, amount.count)
        self._take(turn, row, line, amount, place)
        turn.count(amount.count)
        return Answer(
            Outcome.DONE, f"{amount.said} goes on {row.number}, {reason}. DONE writes it off.",
            cards=(turn.cards.item(amount.item),),
        )  # fmt: skip

    @staticmethod
    def _take(turn: Turn, row: DocumentRow, line: LineRow, amount: Amount, place: int) -> None:
        code = str(next(iter(turn.run("SELECT code FROM place WHERE id = ?", (place,))))[0])
        given = LotGiven(amount.count, amount.lot_code, code)
        doing = turn.doing()
        choose(doing, row, line, LineGiven(line.rank, lots=(given,)))
        turn.keep(doing)
        key = f"took:{row.id}:{line.id}:{amount.lot or 0}:{place}:{amount.count}"
        turn.recent.notes += [key, f"fit:{row.id}"]

    def undone(self, turn: Turn, recent_notes: list[str]) -> None:
        """Take quantities off their document, and let one that was made here ask for less."""
        for key in recent_notes:
            what, *numbers = key.split(":")
            document, *rest = map(int, numbers)
            row = document_by_id(turn.run, document)
            if row.status not in ("draft", "open"):
                raise RegistryRefused(
                    "document_done", f"{row.number} is {row.status}; it stays as it is.",
                    document=row.number, status=row.status,
                )  # fmt: skip
            if what == "took":
                line, lot, place, count = rest
                write_links(turn.t, {(line, lot, place, "wanted"): -count})
            else:
                self._fit(turn, row)

    @staticmethod
    def _fit(turn: Turn, row: DocumentRow) -> None:
        context = turn.context("document")
        if context is None or (context.number, context.text) != (row.id, MADE):
            return
        lines = turn.lines(row)
        _ask_for(turn, row, {line.id: line.chosen for line in lines})
        if not any(line.chosen for line in lines):
            delete(turn.t, document_by_id(turn.run, row.id), turn.by.actor)
            del turn.session.context["document"]

    # ------------------------------------------------------------ the end

    def done(self, turn: Turn) -> Answer:
        if turn.context("document") is None:
            return super().done(turn)
        row = turn.document()
        lines = turn.lines(row)
        count = sum(line.chosen for line in lines)
        if not count:
            raise RegistryRefused(
                "serials_missing", f"Nothing of {row.number} was scanned yet.", document=row.number
            )
        short = [line for line in lines if line.chosen < line.quantity]
        if short:
            rest = sum(line.quantity - line.chosen for line in short)
            what = named(f"{line.quantity - line.chosen} × {line.sku}" for line in short)
            if not turn.ask_yes(
                f"short:{row.id}:{rest}",
                f"{what} of {row.number} {'was' if rest == 1 else 'were'} not scanned. Write off "
                f"the {pieces(count)} that {'was' if count == 1 else 'were'}?",
            ):
                return Answer(Outcome.LOOK, f"{row.number} is not posted. {self.asks}")
            _ask_for(turn, row, {line.id: line.chosen for line in lines})
        reason = turn.reason(f"Why is {row.number} written off?")
        turn.step(row, Verb.POST, StepGiven(reason=reason))
        turn.session.begin(self.name)
        return Answer(
            Outcome.DONE, f"{row.number} is posted: {pieces(count)} written off, {reason}. "
            f"{self.prompt(turn)}",
            cards=(turn.cards.document(row.id),), subject=f"documents/{row.type}/{row.number}",
        )  # fmt: skip

    def progress(self, turn: Turn) -> Progress | None:
        context = turn.context("document")
        if context is None:
            return None
        lines = lines_of(turn.run, context.number)
        made = context.text == MADE
        rows = [Tally(line.sku, "", None if made else line.quantity, line.chosen) for line in lines]
        return Progress(
            None if made else sum(line.quantity for line in lines),
            sum(line.chosen for line in lines), rows,
        )  # fmt: skip


def _ask_for(
    turn: Turn, row: DocumentRow, wanted: Mapping[int, int], new: tuple[str, int] | None = None
) -> None:
    """Let lines of a document ask for so much, by their numbers; nothing leaves the line out."""
    drafts = [
        DraftLine(
            line.sku, Fraction(count), line.rank, line.external_id, "", line.price, line.cost,
            line.currency, line.place_code, line.memo,
        )
        for line in turn.lines(row) if (count := wanted.get(line.id, line.quantity))
    ]  # fmt: skip
    if new is not None:
        drafts.append(DraftLine(new[0], Fraction(new[1])))
    save(turn.t, Draft(row.type, row.number, {}, drafts), turn.registry.rules(), turn.by.actor)
