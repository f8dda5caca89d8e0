"""What a mode of a station is: which context it takes, and what a scan does in it.

    context scans (``slots``), then repeated unit scans (``unit``), DONE (``done``), UNDO

A mode is a module beside this one, and a row in ``MODES``. Whatever it refuses it raises, whatever
it has to ask it asks (``turn.ask``); the engine makes answers of both. Which of several things a
code means is decided by ``rank``: what the session expects, then what the mode can move, then what
is near.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.registry.documents import STEPS, DocumentType, Verb
from gateway.registry.lifecycle import TABLE
from gateway.registry.lives import CUSTODY, Action, Life
from gateway.registry.refusals import RegistryRefused
from gateway.scanners.outcomes import Outcome
from gateway.stations.answers import Answer, Progress, capital
from gateway.stations.meaning import Found, Kind
from gateway.stations.sessions import Context
from gateway.stations.turn import Turn
from gateway.store.registry.documents import DocumentRow, document_by_id


@dataclass(frozen=True, slots=True)
class Slot:
    """Something that is scanned first."""

    name: str
    kinds: tuple[Kind, ...]
    asks: str
    """What to scan, as one sentence."""
    types: tuple[DocumentType, ...] = ()
    """Of documents, those that fit."""
    verb: Verb | None = None
    """What must be possible with the document."""
    required: bool = True
    anew: bool = True
    """Whether counting begins anew with it."""


class Mode(ABC):
    """A mode, and what most of them have in common."""

    name: str
    title: str
    says: str
    """What it is for, in a sentence: the sheet of command barcodes has it."""
    asks: str
    """What to scan when the context is there."""
    slots: tuple[Slot, ...] = ()
    units: tuple[Kind, ...] = ("serial",)
    """What a unit scan may be."""
    action: Action | None = None
    """What a unit scan does with a serial, where that is one action."""

    # ------------------------------------------------------------ what is expected

    def missing(self, turn: Turn) -> Slot | None:
        """Return the slot that must be filled first."""
        return next(
            (slot for slot in self.slots if slot.required and not turn.context(slot.name)), None
        )

    def prompt(self, turn: Turn) -> str:
        """Return what to scan next, as one sentence."""
        slot = self.missing(turn)
        return self.asks if slot is None else slot.asks

    def slot_for(self, turn: Turn, found: Found) -> Slot | None:
        """Return the slot that a thing fills, the empty ones first."""
        fitting = [slot for slot in self.slots if found.kind in slot.kinds]
        if found.kind == "document":
            kind = document_by_id(turn.run, found.number).type
            fitting = [slot for slot in fitting if not slot.types or kind in slot.types]
        fitting.sort(key=lambda slot: turn.context(slot.name) is not None)
        return fitting[0] if fitting else None

    def moves(self, turn: Turn, found: Found) -> bool:
        """Return whether a unit scan of it could do something."""
        if found.life is None or self.action is None:
            return True
        return found.life.state in TABLE[self.action].sources

    def near(self, turn: Turn, found: Found) -> bool:
        """Return whether it is on the session's document, or at the station's site."""
        document = turn.context("document")
        if document is not None:
            rows = turn.run(
                "SELECT 1 FROM line_life r JOIN document_line l ON l.id = r.line "
                "WHERE r.life = ? AND l.document = ?",
                (found.number, document.number),
            )
            if found.kind == "serial" and list(rows):
                return True
        here = turn.place()
        return here is not None and found.life is not None and found.life.place == here

    def rank(self, turn: Turn, found: Found) -> int | None:
        """Return how well a thing is what is expected, 0 the best; None: not at all."""
        slot, missing = self.slot_for(turn, found), self.missing(turn)
        unit = found.kind in self.units
        if slot is not None and slot == missing:
            return 0
        if unit and missing is None:
            if not self.moves(turn, found):
                return 5
            return 1 if self.near(turn, found) else 2
        if slot is not None:
            return 3
        return 6 if unit else None

    # ------------------------------------------------------------ what a scan does

    def enter(self, turn: Turn, slot: Slot, found: Found) -> Answer:
        """Take a thing as context, and begin to count anew.

        Raises:
            RegistryRefused: it does not fit.
        """
        card = turn.cards.of(found)
        title, detail, about = found.name, card.subtitle, capital(found.said)
        if found.kind == "document":
            row = document_by_id(turn.run, found.number)
            self.check_document(slot, row)
            title = row.number
            about = capital(row.named) + (f" for {row.party_code}" if row.party_code else "")
            detail = " · ".join(filter(None, (row.type.replace("_", " "), row.party_code)))
        was = turn.context(slot.name)
        if was is not None and (was.kind, was.number) == (found.kind, found.number):
            return Answer(
                Outcome.LOOK, f"{title} is chosen already. {self.prompt(turn)}", cards=(card,)
            )
        left = len(turn.session.ticked) if slot.anew else 0
        turn.session.context[slot.name] = Context(found.kind, found.number, title, detail)
        if slot.anew:
            turn.session.forget()
        answer = Answer(Outcome.DONE, f"{about}. {self.prompt(turn)}", cards=(card,))
        if left:
            return answer.but(
                Outcome.LOOK, f"{left} ticked and not posted by {was.title if was else 'before'}: "
                "they were let go.",
            )  # fmt: skip
        return answer

    def check_document(self, slot: Slot, row: DocumentRow) -> None:
        """Check that a document can be worked on.

        Raises:
            RegistryRefused: it is finished, or not begun.
        """
        verb = slot.verb
        if verb is None or row.status in STEPS[row.type, verb].sources:
            return
        if row.status == "draft":
            raise RegistryRefused(
                "document_not_editable", f"{row.number} is a draft; it must be confirmed first.",
                document=row.number, status=row.status,
            )  # fmt: skip
        code = "document_done" if row.status in ("done", "cancelled") else "document_not_editable"
        raise RegistryRefused(
            code,
            f"{row.number} is {row.status.replace('_', ' ')}; nothing can be "
            f"{_PAST.get(verb, 'done')} by it now.",
            document=row.number, status=row.status,
        )  # fmt: skip

    @abstractmethod
    def unit(self, turn: Turn, found: Found) -> Answer:
        """Do what the mode does with one piece.

        Raises:
            RegistryRefused: it may not be done.
            Asked: something must be answered first.
        """

    def unknown(self, turn: Turn) -> Answer | None:
        """Return what becomes of a code that nothing has; None: it is not known."""
        return None

    def unasked(self, turn: Turn, yes: bool) -> Answer | None:
        """Return what becomes of YES or NO when nothing was asked; None: it means nothing here."""
        return None

    def leave(self, turn: Turn) -> str:
        """Leave what was begun and not posted; return a sentence about it, "" when all is done."""
        left = len(turn.session.ticked)
        pieces = "piece was" if left == 1 else "pieces were"
        return f"{left} ticked {pieces} let go, not posted." if left else ""

    def done(self, turn: Turn) -> Answer:
        """Post what was scanned, and be ready for the next.

        Raises:
            RegistryRefused: it cannot be posted as it is.
            Asked: something must be answered first.
        """
        count = turn.session.scanned
        turn.session.begin(self.name)
        pieces = "piece" if count == 1 else "pieces"
        return Answer(Outcome.DONE, f"Done: {count} {pieces}. {self.prompt(turn)}")

    def undone(self, turn: Turn, recent_notes: list[str]) -> None:
        """Forget what an undone scan had noted."""
        for key in recent_notes:
            turn.session.notes.pop(key, None)

    def progress(self, turn: Turn) -> Progress | None:
        """Return how far the session is; None where nothing is counted."""
        return Progress(None, turn.session.scanned) if turn.session.scanned else None


def labelled(turn: Turn, sentence: str, lives: Sequence[Life]) -> Answer:
    """Return the answer about pieces that came, their labels printed where the station does so."""
    numbers = [life.id for life in lives]
    outcome = Outcome.DONE
    if turn.station.options.print_on_receive and turn.station.printer is not None:
        sentence += " " + turn.print(numbers)
        outcome = Outcome.DONE if turn.jobs else Outcome.LOOK
    names = turn.registry.public_ids
    return Answer(
        outcome, sentence, cards=[turn.cards.serial(number) for number in numbers[:3]],
        subject=f"serials/{names.write('serial', numbers[-1])}",
    )  # fmt: skip


_PAST = {
    Verb.RECEIVE: "received", Verb.POST: "posted", Verb.PICK: "picked", Verb.SHIP: "shipped",
    Verb.DISPATCH: "dispatched", Verb.ARRIVE: "taken in", Verb.COUNT: "counted",
    Verb.CONSUME: "built", Verb.PRODUCE: "built",
}  # fmt: skip


def here(state: str | None) -> bool:
    """Return whether a serial in that state is here."""
    return state in CUSTODY
