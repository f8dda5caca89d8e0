"""Build: components go in, products come out with their labels; DONE ends the work order.

    work order ──component──► built in ──…──► the product's serial ──► taken in, its label printed

An order that has not begun takes the serials it asks for first, and begins with the last of them.
A text that nothing here is called is the serial of a new product, but only once all that goes into
it was scanned: a component that nobody received never becomes a product. What is only counted, as
screws are, may be left to DONE.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.registry.documents import DocumentType, Verb
from gateway.registry.lives import Action, Life, State
from gateway.registry.refusals import RegistryRefused
from gateway.scanners.outcomes import Outcome
from gateway.stations.answers import Answer, Progress, Tally, capital
from gateway.stations.meaning import Found
from gateway.stations.modes.amounts import Amount, amount_of, lots_here, taken_from, tracking_of
from gateway.stations.modes.by_document import MOST_NAMED, refuse_more
from gateway.stations.modes.mode import Mode, Slot, labelled
from gateway.stations.modes.pieces import named, why_not
from gateway.stations.sessions import Context
from gateway.stations.turn import Turn
from gateway.store.registry.document_lines import lives_on
from gateway.store.registry.documents import DocumentRow, LineRow
from gateway.store.registry.line_given import LineGiven, LotGiven, SerialGiven
from gateway.store.registry.lives import lives_by_id
from gateway.store.registry.posting import StepGiven

BUILT_IN = (State.RECEIVED, State.COMMITTED, State.PICKED)


class Build(Mode):
    name = "build"
    title = "Build"
    says = "Builds components in by a work order, and takes in what is made of them."
    asks = "Scan what goes in, then the serial of what is made; DONE ends the order."
    slots = (
        Slot("document", ("document",), "Scan the work order.", (DocumentType.WORK_ORDER,),
             Verb.CONSUME),
        Slot("location", ("location",), "Scan where products go.", required=False, anew=False),
    )  # fmt: skip
    units = ("serial", "new", "item", "lot")
    action = Action.CONSUME

    # ------------------------------------------------------------ context

    def check_document(self, slot: Slot, row: DocumentRow) -> None:
        if row.status not in ("draft", "open"):  # those begin here
            super().check_document(slot, row)

    def enter(self, turn: Turn, slot: Slot, found: Found) -> Answer:
        answer = super().enter(turn, slot, found)
        if slot.name != "document":
            return answer
        turn.session.context.pop("item", None)
        row = turn.document()
        if row.status in ("draft", "open") and not _to_choose(turn, row):
            turn.step(row, Verb.START)
        return Answer(
            answer.outcome, f"Work order {row.number}. {self.prompt(turn)}", cards=answer.cards
        )

    def prompt(self, turn: Turn) -> str:
        if self.missing(turn) is not None:
            return super().prompt(turn)
        row = turn.document()
        if row.status in ("draft", "open"):
            return f"First the serials that go in: {named(_to_choose(turn, row))}."
        return self.asks

    def moves(self, turn: Turn, found: Found) -> bool:
        if turn.context("document") is None or found.life is None:
            return True
        lines = turn.lines(turn.document())
        if any(line.item == found.item for line in _inputs(lines)):
            return found.life.state in BUILT_IN
        return any(line.item == found.item for line in _outputs(lines))

    # ------------------------------------------------------------ what was scanned

    def unit(self, turn: Turn, found: Found) -> Answer:
        row = turn.document()
        lines = turn.lines(row)
        goes_in = [line for line in _inputs(lines) if line.item == found.item]
        made = [line for line in _outputs(lines) if line.item == found.item]
        if not goes_in and not made:
            raise RegistryRefused(
                "line_unknown", f"{capital(found.said)} is not on {row.number}. Put it aside.",
                document=row.number,
            )  # fmt: skip
        if found.kind in ("item", "lot"):
            return self._by_item(turn, row, found, goes_in, made)
        self._one_piece(turn, found)
        if found.life is None:
            if not made:
                raise RegistryRefused(
                    "serial_unknown",
                    f"{found.sku} {found.name} is not known here; receive it first.",
                    serial=found.name, item=found.sku,
                )  # fmt: skip
            return self._produce(turn, row, _open(made), found.sku or "", found.name, None)
        life, name = found.life, f"{found.sku} {found.life.serial}"
        for line in (*goes_in, *made):
            if life.id in lives_on(turn.run, line.id, "done"):
                what = "made" if line in made else "built in"
                return Answer(
                    Outcome.LOOK, f"{name} was {what} already.", "serial_already_on_line",
                    cards=(turn.cards.serial(life.id),),
                )  # fmt: skip
        if goes_in and (life.state in BUILT_IN or not made):
            return self._component(turn, row, goes_in, life, found.sku or "")
        planned = life.id if life.state is State.PLANNED else None
        return self._produce(turn, row, _open(made), found.sku or "", life.serial, planned)

    @staticmethod
    def _one_piece(turn: Turn, found: Found) -> None:
        if turn.quantity() not in (None, 1):
            raise RegistryRefused(
                "serial_quantity_not_one", f"Serial {found.name} is one piece. Scan it again."
            )

    def unknown(self, turn: Turn) -> Answer | None:
        reading = turn.reading
        if turn.context("document") is None:
            return None
        row = turn.document()
        chosen = turn.context("item")
        made = [
            line for line in _outputs(turn.lines(row))
            if line.serialised and line.done < line.quantity
            and (chosen is None or line.item == chosen.number)
        ]  # fmt: skip
        if not made:
            return None
        if len({line.item for line in made}) > 1:
            raise RegistryRefused(
                "item_unknown",
                f"Nothing here is called {reading.text[:60]}. Is it made here? Then scan the "
                f"barcode of what it is first: {named(line.sku for line in made)}.",
            )
        line, text = made[0], reading.serial or reading.text
        if reading.form == "plain" and reading.gtin is not None:
            raise RegistryRefused(
                "code_unexpected",
                f"{reading.text} is the number of an article (EAN), not a serial. Scan the serial "
                "of the piece.", kind="gtin",
            )  # fmt: skip
        lacks = _lacks(turn, row, line)
        if lacks:
            raise RegistryRefused(
                "code_unknown",
                f"Nothing here is called {text[:60]}. If it is a new {line.sku}: first goes in "
                f"{named(lacks)}.",
            )
        return self._produce(turn, row, line, line.sku, text, None)

    # ------------------------------------------------------------ what goes in

    def _component(
        self, turn: Turn, row: DocumentRow, lines: Sequence[LineRow], life: Life, sku: str
    ) -> Answer:
        name = f"{sku} {life.serial}"
        if life.state not in BUILT_IN:
            raise why_not(life, sku, "built in")
        mine = [line for line in lines if line.id == life.line]
        if life.line is not None and life.role in ("committed", "picked") and not mine:
            raise why_not(life, sku, "built in")
        fitting = mine or [
            line for line in lines if line.quantity - line.done - line.committed - line.picked > 0
        ]
        if not fitting:
            raise RegistryRefused(
                "line_full", f"{row.number} has all the {sku} it takes. Put {name} back.",
                document=row.number, item=sku,
            )  # fmt: skip
        line = fitting[0]
        if row.status != "in_progress":
            return self._choose(turn, row, line, life, name)
        given = LineGiven(line.rank, serials=(SerialGiven(life=life.id),))
        turn.step(row, Verb.CONSUME, StepGiven((given,)))
        turn.count()
        return Answer(
            Outcome.DONE, f"{name} is built in. {self._what_next(turn, row)}",
            cards=(turn.cards.serial(life.id),),
        )  # fmt: skip

    def _choose(self, turn: Turn, row: DocumentRow, line: LineRow, life: Life, name: str) -> Answer:
        """Take a serial for an order that has not begun; the last one begins it."""
        if life.line == line.id:
            return Answer(
                Outcome.LOOK, f"{name} is chosen for {row.number} already. {self.prompt(turn)}",
                "serial_already_on_line", cards=(turn.cards.serial(life.id),),
            )  # fmt: skip
        turn.choose(row, line, SerialGiven(life=life.id))
        turn.count()
        if _to_choose(turn, row):
            return Answer(
                Outcome.DONE, f"{name} is chosen. {self.prompt(turn)}",
                cards=(turn.cards.serial(life.id),),
            )  # fmt: skip
        turn.step(row, Verb.START)
        chosen = [LineGiven(one.rank) for one in _inputs(turn.lines(row)) if one.serialised]
        begun = turn.document()
        turn.step(begun, Verb.CONSUME, StepGiven(chosen))
        return Answer(
            Outcome.DONE,
            f"{name} is the last one: {row.number} has begun, and all are built in. "
            f"{self._what_next(turn, begun)}",
            cards=(turn.cards.serial(life.id),),
        )

    def _by_item(
        self, turn: Turn, row: DocumentRow, found: Found, goes_in: Sequence[LineRow],
        made: Sequence[LineRow],
    ) -> Answer:  # fmt: skip
        assert found.item is not None
        sku = found.sku or found.name
        if tracking_of(turn.run, found.item) == "serial":
            if not made:
                raise RegistryRefused(
                    "code_unexpected",
                    f"That is the barcode of {sku}. Scan the serial of the piece.", kind="item",
                )  # fmt: skip
            return self._product_by_item(turn, row, _open(made), found)
        if row.status != "in_progress":
            raise RegistryRefused("serials_missing", self.prompt(turn), document=row.number)
        if not goes_in:
            return self._make(turn, row, _open(made), found)
        amount = amount_of(turn, found, lots_here(turn.run, found.item))
        line = _open(goes_in)
        rest = line.quantity - line.done
        if amount.count > rest:
            raise refuse_more(row, amount, rest, "built in")
        place = taken_from(turn, amount, "from")
        code = str(next(iter(turn.run("SELECT code FROM place WHERE id = ?", (place,))))[0])
        lots = (LotGiven(amount.count, amount.lot_code, code),)
        given = LineGiven(line.rank, lots=lots, quantity=amount.count)
        turn.step(row, Verb.CONSUME, StepGiven((given,)))
        turn.count(amount.count)
        return Answer(
            Outcome.DONE, f"{amount.said} built in. {self._what_next(turn, row)}",
            cards=(turn.cards.item(amount.item),),
        )  # fmt: skip

    # ------------------------------------------------------------ what is made

    def _product_by_item(self, turn: Turn, row: DocumentRow, line: LineRow, found: Found) -> Answer:
        count = turn.quantity()
        if count is None:
            turn.session.context["item"] = Context("item", line.item, line.sku, "is made")
            return Answer(
                Outcome.DONE, f"{line.sku}. Scan the serial of each; a quantity before its "
                "barcode gives out its next ones.", cards=(turn.cards.of(found),),
            )  # fmt: skip
        self._check_begun(turn, row)
        if count > line.quantity - line.done:
            amount = Amount(line.item, line.sku, count)
            raise refuse_more(row, amount, line.quantity - line.done, "made")
        self._ask_ready(turn, row, line, f"{count} × {line.sku}", count)
        return self._taken_in(turn, row, line, LineGiven(line.rank, generate=count))

    def _make(self, turn: Turn, row: DocumentRow, line: LineRow, found: Found) -> Answer:
        """Take a product in that is counted, or kept in lots."""
        count = turn.quantity() or 1
        lot = found.name if found.kind == "lot" else turn.reading.lot
        if line.tracking == "lot" and lot is None:
            lot = turn.ask(
                f"lot:{line.id}", f"Which lot of {line.sku} is made? Scan the lot.", [], text=True
            )
        if count > line.quantity - line.done:
            amount = Amount(line.item, line.sku, count)
            raise refuse_more(row, amount, line.quantity - line.done, "made")
        given = LineGiven(line.rank, quantity=count, lot=lot)
        turn.step(row, Verb.PRODUCE, StepGiven((given,), location=self._goes_to(turn, row, line)))
        turn.count(count)
        of = f" of lot {lot}" if lot else ""
        return Answer(
            Outcome.DONE, f"{count} × {line.sku}{of} made.", cards=(turn.cards.item(line.item),)
        )

    def _produce(
        self, turn: Turn, row: DocumentRow, line: LineRow, sku: str, text: str, planned: int | None
    ) -> Answer:
        self._check_begun(turn, row)
        if line.done >= line.quantity:
            raise RegistryRefused(
                "line_full", f"All {sku} of {row.number} are made. Put {text[:60]} aside.",
                document=row.number, item=sku,
            )  # fmt: skip
        self._ask_ready(turn, row, line, f"{sku} {text}", 1)
        serial = SerialGiven(text) if planned is None else SerialGiven(life=planned)
        return self._taken_in(turn, row, line, LineGiven(line.rank, serials=(serial,)))

    def _check_begun(self, turn: Turn, row: DocumentRow) -> None:
        if row.status != "in_progress":
            raise RegistryRefused(
                "serials_missing", f"{row.number} has not begun. {self.prompt(turn)}",
                document=row.number,
            )  # fmt: skip

    @staticmethod
    def _ask_ready(turn: Turn, row: DocumentRow, line: LineRow, what: str, count: int) -> None:
        lacks = _lacks(turn, row, line, count)
        if lacks and not turn.ask_yes(
            f"lacks:{line.id}:{line.done}", f"{what} lacks {named(lacks)}. Take it in as it is?"
        ):
            raise RegistryRefused(
                "components_incomplete", f"{what} is not taken in: first goes in {named(lacks)}.",
                document=row.number,
            )  # fmt: skip

    def _taken_in(self, turn: Turn, row: DocumentRow, line: LineRow, given: LineGiven) -> Answer:
        before = len(turn.recent.events)
        turn.step(row, Verb.PRODUCE, StepGiven((given,), location=self._goes_to(turn, row, line)))
        events = turn.recent.events[before:]
        marks = ", ".join("?" * len(events))
        lives = [
            turn.life(int(life)) for (life,) in turn.run(
                f"SELECT life FROM movement WHERE event IN ({marks}) AND item = ? "
                "AND to_state = 'received' ORDER BY event, n",
                (*events, line.item),
            )
        ]  # fmt: skip
        turn.count(len(lives))
        first, last = lives[0], lives[-1]
        said = f"{line.sku} {first.serial}" + (f" to {last.serial}" if len(lives) > 1 else "")
        where = f" at {last.place_code}" if last.place_code else ""
        return labelled(turn, f"{said} made{where}.", lives)

    @staticmethod
    def _goes_to(turn: Turn, row: DocumentRow, line: LineRow) -> str | None:
        """Return where a product goes: as scanned, as the order says, else where we are."""
        chosen = turn.context("location")
        if chosen is not None:
            return chosen.title
        return None if line.place or row.to_place else turn.place_code()

    # ------------------------------------------------------------ the end

    def _what_next(self, turn: Turn, row: DocumentRow) -> str:
        """Return what is still to be scanned, as one sentence."""
        open_ = [
            line for line in _outputs(turn.lines(row)) if line.moves and line.done < line.quantity
        ]
        if not open_:
            return "All is made: DONE ends it."
        line = open_[0]
        lacks = _lacks(turn, row, line)
        if lacks:
            return f"Next goes in {named(lacks)}."
        return f"Now the serial of the {line.sku}." if line.serialised else f"Now the {line.sku}."

    def done(self, turn: Turn) -> Answer:
        if turn.context("document") is None:
            return super().done(turn)
        row = turn.document()
        self._check_begun(turn, row)
        self._count_in(turn, row)
        lines = turn.lines(row)
        rest = [line for line in lines if line.moves and line.done != line.quantity]
        if rest:
            what = named(f"{line.done} of {line.quantity} {line.sku}" for line in rest)
            raise RegistryRefused(
                "components_incomplete",
                f"{row.number} is not finished: {what}. Scan the rest, or CANCEL to leave it for "
                "later.", document=row.number, lines=[line.rank for line in rest],
            )  # fmt: skip
        turn.step(row, Verb.FINISH)
        made = named(f"{line.quantity} × {line.sku}" for line in _outputs(lines))
        turn.session.begin(self.name)
        return Answer(
            Outcome.DONE, f"{row.number} is finished: {made} made. {self.prompt(turn)}",
            cards=(turn.cards.document(row.id),), subject=f"documents/{row.type}/{row.number}",
        )  # fmt: skip

    @staticmethod
    def _count_in(turn: Turn, row: DocumentRow) -> None:
        """Build in what is only counted and was not scanned, if somebody says that it was."""
        rest = [
            line for line in _inputs(turn.lines(row))
            if line.tracking == "none" and line.done < line.quantity
        ]  # fmt: skip
        if not rest:
            return
        what = named(f"{line.quantity - line.done} × {line.sku}" for line in rest)
        if turn.ask_yes(f"rest:{row.id}", f"Not scanned: {what}. Built in, too?"):
            given = [LineGiven(line.rank, quantity=line.quantity - line.done) for line in rest]
            turn.step(row, Verb.CONSUME, StepGiven(given))

    def progress(self, turn: Turn) -> Progress | None:
        if turn.context("document") is None:
            return None
        lines = [line for line in turn.lines(turn.document()) if line.moves]
        rows = [
            Tally(line.sku, "is made" if line.kit_line is None else "goes in", line.quantity,
                  line.done)
            for line in (*_inputs(lines), *_outputs(lines))
        ]  # fmt: skip
        waiting = [
            (line.sku, life) for line in lines
            for life in lives_on(turn.run, line.id, "committed", "planned")
        ]  # fmt: skip
        found = lives_by_id(turn.run, [life for _, life in waiting]) if waiting else {}
        missing = [f"{sku} {found[life].serial}" for sku, life in waiting]
        return Progress(
            sum(row.expected or 0 for row in rows), sum(row.scanned for row in rows), rows,
            missing[:MOST_NAMED],
        )  # fmt: skip


# ---------------------------------------------------------------------- lines of a work order


def _inputs(lines: Sequence[LineRow]) -> list[LineRow]:
    return [line for line in lines if line.kit_line is not None and line.moves]


def _outputs(lines: Sequence[LineRow]) -> list[LineRow]:
    return [line for line in lines if line.kit_line is None]


def _open(lines: Sequence[LineRow]) -> LineRow:
    """Return the first line that takes more, else the last."""
    return next((line for line in lines if line.done < line.quantity), lines[-1])


def _to_choose(turn: Turn, row: DocumentRow) -> list[str]:
    """Return which serials an order lacks before it begins: ``2 × MOTOR``."""
    return [
        f"{lacking} × {line.sku}" for line in _inputs(turn.lines(row))
        if line.serialised and (lacking := line.quantity - line.committed - line.picked - line.done)
    ]  # fmt: skip


def _lacks(turn: Turn, row: DocumentRow, line: LineRow, count: int = 1) -> list[str]:
    """Return which components with serials are not in yet for so many more of a product."""
    return [
        f"{lacking} × {part.sku}" for part in _inputs(turn.lines(row))
        if part.kit_line == line.id and part.serialised and line.quantity
        and (lacking := part.quantity // line.quantity * (line.done + count) - part.done) > 0
    ]  # fmt: skip
