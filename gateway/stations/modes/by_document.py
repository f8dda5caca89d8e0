"""What modes that work through the lines of a document have in common.

    document ──lines_for──► the line of a piece ──ticked, counted──► what a step is given

Serials that were seen are ticked in the session, quantities are counted in its notes under
``line:<line>:<lot>``; both are posted by DONE, and UNDO takes back the last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from gateway.registry.refusals import RegistryRefused
from gateway.stations.answers import Tally
from gateway.stations.meaning import Found
from gateway.stations.modes.amounts import Amount
from gateway.stations.modes.mode import Mode
from gateway.stations.sessions import Session
from gateway.stations.turn import Turn
from gateway.store.registry.choosing import unchoose_lots
from gateway.store.registry.document_lines import lives_on
from gateway.store.registry.documents import DocumentRow, LineRow
from gateway.store.registry.draft_lines import DraftLine
from gateway.store.registry.drafts import Draft, save
from gateway.store.registry.line_given import LineGiven, LotGiven, SerialGiven
from gateway.store.registry.lives import CHUNK, Run, chunks

MOST_NAMED = 20
"""Pieces that are named on the screen."""

_MARKS = ", ".join("?" * CHUNK)


class ByDocument(Mode):
    """A mode that ticks off what a document lists."""

    units = ("serial", "item", "lot")

    def near(self, turn: Turn, found: Found) -> bool:
        if turn.context("document") is None:
            return super().near(turn, found)
        return found.item in {line.item for line in turn.lines(turn.document())}

    def lines_for(self, turn: Turn, row: DocumentRow, item: int, name: str) -> list[LineRow]:
        """Return the lines that an item may go on.

        Raises:
            RegistryRefused: the document has none of it.
        """
        lines = [line for line in turn.lines(row) if line.item == item and line.moves]
        if not lines:
            raise RegistryRefused(
                "line_unknown", f"{name} is not on {row.number}.", document=row.number, item=name,
                cure="Put it aside.",
            )  # fmt: skip
        return lines


# ---------------------------------------------------------------------- what was seen


def count(turn: Turn, line: LineRow, amount: Amount) -> None:
    """Count a quantity on a line until it is posted."""
    key, notes = f"line:{line.id}:{amount.lot_code or ''}", turn.session.notes
    notes[key] = notes.get(key, 0) + amount.count
    turn.recent.counted.append([key, amount.count])
    turn.count(amount.count)


def counts(session: Session, line: LineRow) -> dict[str, int]:
    """Return how much was counted on a line, by lot; "" where there are no lots."""
    start = f"line:{line.id}:"
    return {
        key[len(start) :]: int(number)
        for key, number in session.notes.items()
        if key.startswith(start) and number
    }


def ticked_on(turn: Turn, line: LineRow, *roles: str) -> list[int]:
    """Return the pieces of a line that were ticked."""
    ticked = set(turn.session.ticked)
    return [life for life in lives_on(turn.run, line.id, *roles) if life in ticked]


def counted_given(session: Session, line: LineRow) -> LineGiven:
    """Return what was counted on a line as a step takes it."""
    have = counts(session, line)
    if line.tracking == "lot":
        lots = [LotGiven(number, lot) for lot, number in have.items()]
        return LineGiven(line.rank, lots=lots, quantity=sum(have.values()))
    return LineGiven(line.rank, quantity=sum(have.values()))


def serials_given(line: LineRow, lives: Sequence[int]) -> LineGiven:
    """Return pieces as a step takes them."""
    return LineGiven(line.rank, serials=[SerialGiven(life=life) for life in lives])


def refuse_more(row: DocumentRow, amount: Amount, rest: int, verb: str) -> RegistryRefused:
    """Return the refusal of a quantity that is more than the document takes."""
    if rest <= 0:
        said = f"All {amount.sku} of {row.number} is {verb}."
    else:
        said = f"{row.number} takes {rest} more {amount.sku}, and {amount.count} were given."
    return RegistryRefused(
        "line_full", said, document=row.number, item=amount.sku, room=max(rest, 0),
        given=amount.count, cure="Put the rest aside." if rest > 0 else "Put it aside.",
    )  # fmt: skip


def serials_of(run: Run, lives: Sequence[int]) -> list[str]:
    """Return the serials of some lives."""
    return sorted(
        str(row[0])
        for part in chunks(lives)
        for row in run(f"SELECT serial FROM life WHERE id IN ({_MARKS})", part)
    )


def tallies(lines: Sequence[LineRow], seen: Mapping[int, int]) -> list[Tally]:
    """Return the rows of a document's progress."""
    return [Tally(line.sku, "", line.quantity, seen[line.id]) for line in lines]


# ---------------------------------------------------------------------- what did not come


def leave_out(turn: Turn, row: DocumentRow, here: Mapping[int, int]) -> None:
    """Take off a document what is not there: ``here`` is how much of each line is.

    Raises:
        RegistryRefused: a kit would go in part.
    """
    lines = turn.lines(row)
    ticked = set(turn.session.ticked)
    for line in lines:
        if line.serialised:
            absent = [life for life in lives_on(turn.run, line.id, "wanted") if life not in ticked]
            if absent:
                turn.unchoose(row, line, absent)
        elif line.moves:
            unchoose_lots(turn.doing(), row, line)
    short = [line for line in lines if line.moves and here[line.id] < line.quantity]
    if not short:
        return
    if any(line.kit_line is not None for line in short):
        raise RegistryRefused(
            "serials_missing",
            f"{row.number} has kits, which go whole. Scan the rest, or change it first.",
            document=row.number,
        )  # fmt: skip
    drafts = [
        DraftLine(
            line.sku, Fraction(here[line.id] if line.moves else line.quantity), line.rank,
            line.external_id, "", line.price, line.cost, line.currency, line.place_code, line.memo,
        )
        for line in lines
        if line.kit_line is None and (here[line.id] if line.moves else line.quantity)
    ]  # fmt: skip
    save(turn.t, Draft(row.type, row.number, {}, drafts), turn.registry.rules(), turn.by.actor)


def moving(lines: Sequence[LineRow]) -> list[LineRow]:
    """Return the lines of which something is in stock."""
    return [line for line in lines if line.moves]
