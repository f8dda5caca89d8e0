"""One scan while it is handled: what a mode sees, and what it may do.

Everything a turn does is one transaction. A question ends it: nothing of it is kept, and when the
answer comes the same scan is handled again, with the answer. So a mode asks wherever it has to, and
need not remember where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn, Protocol

from gateway.codes.scanned import Reading
from gateway.registry.lives import Action, Life
from gateway.registry.refusals import Offence, RegistryRefused
from gateway.stations.answers import Card
from gateway.stations.cards import Cards
from gateway.stations.meaning import Found
from gateway.stations.sessions import (
    MOST_CHOICES,
    MOST_TICKED,
    Choice,
    Context,
    Question,
    Recent,
    Session,
)
from gateway.stations.station import Station
from gateway.store.dialect import Reader, ReadOnly
from gateway.store.engine import Transaction
from gateway.store.registry.acting import Act, Done, Target
from gateway.store.registry.choosing import choose, unchoose
from gateway.store.registry.documents import DocumentRow, LineRow, document_by_id, lines_of
from gateway.store.registry.events import By
from gateway.store.registry.line_given import Doing, LineGiven, SerialGiven
from gateway.store.registry.lives import lives_by_id
from gateway.store.registry.posting import Posted, StepGiven
from gateway.store.registry.quantities import Quantities
from gateway.store.registry.registry import Registry
from gateway.store.registry.steps import post


class Asked(Exception):
    """The mode needs an answer first; nothing of the turn is kept."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.sentence)
        self.question = question


class PrintLabels(Protocol):
    """Queues one label for each life in this transaction, and returns the job: ``J12``."""

    def __call__(
        self, t: Transaction, lives: Sequence[int], station: Station, by: By,
        may: Callable[[str], bool], *, template: str = "",
    ) -> str: ...  # fmt: skip

    def knows(self, template: str) -> bool:
        """Return whether there is a template of that name."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What turns use of the rest of the gateway."""

    registry: Registry
    print_labels: PrintLabels


class Turn:
    """One scan while it is handled."""

    def __init__(
        self,
        t: Transaction,
        tools: Tools,
        station: Station,
        session: Session,
        by: By,
        may: Callable[[str], bool],
        reading: Reading,
        recent: Recent,
        *,
        at: int | None = None,
        said: dict[str, str] | None = None,
    ) -> None:
        self.t, self.tools, self.station, self.session = t, tools, station, session
        self.by, self.may, self.reading, self.recent = by, may, reading, recent
        self.at = at
        """When it was scanned, if that was not just now."""
        self.said = said or {}
        self.registry = tools.registry
        self.run = t.execute
        self.cards = Cards(t.execute, tools.registry)
        self.warnings: list[Offence] = []
        self.jobs: list[str] = []

    @classmethod
    def looking(
        cls, reader: Reader, tools: Tools, station: Station, session: Session, reading: Reading
    ) -> Turn:
        """Return a turn that shows how things are, or what a scan would come to; it cannot act."""
        by, nobody = By("", station.name, session.operator), Recent(0, 0, "", "", "")
        t = Transaction(ReadOnly(reader))
        return cls(t, tools, station, session, by, lambda _: True, reading, nobody)

    # ------------------------------------------------------------ context

    def context(self, slot: str) -> Context | None:
        """Return what was scanned for a slot."""
        return self.session.context.get(slot)

    def document(self, slot: str = "document") -> DocumentRow:
        """Return the session's document as it is now.

        Raises:
            RegistryRefused: none was scanned.
        """
        context = self.context(slot)
        if context is None:
            raise RegistryRefused("document_unknown", "Scan the document first.")
        return document_by_id(self.run, context.number)

    def lines(self, row: DocumentRow) -> list[LineRow]:
        """Return a document's lines as they are now."""
        return lines_of(self.run, row.id)

    def place(self, slot: str = "location") -> int | None:
        """Return the location of the session, else the station's own."""
        context = self.context(slot)
        return self.station.place if context is None else context.number

    def place_code(self, slot: str = "location") -> str | None:
        """Return that location's code."""
        context = self.context(slot)
        if context is not None:
            return context.title
        rows = self.run("SELECT code FROM place WHERE id = ?", (self.station.place or 0,))
        return next((str(row[0]) for row in rows), None)

    def life(self, number: int) -> Life:
        """Return a life as it is now."""
        return lives_by_id(self.run, [number])[number]

    def count(self, pieces: int = 1) -> None:
        """Count pieces that were done; UNDO counts them back."""
        self.session.scanned += pieces
        self.recent.pieces += pieces

    def quantity(self) -> int | None:
        """Return the quantity that was scanned for this piece, or that its code carries, once."""
        given = self.session.quantity
        self.session.quantity = None
        if given is None and self.reading.quantity is not None:
            if self.reading.quantity != int(self.reading.quantity):
                raise RegistryRefused(
                    "value_wrong",
                    f"{self.reading.quantity} is no whole number of pieces; count them, and scan "
                    "the quantity first.", key="quantity",
                )  # fmt: skip
            return int(self.reading.quantity)
        return given

    # ------------------------------------------------------------ doing

    def perform(self, action: Action, targets: Sequence[int | Target], **more: object) -> Done:
        """Do an action on serials, named by their lives or as the registry takes them; what must
        be confirmed is asked.

        Raises:
            RegistryRefused: nothing was done.
            Asked: it must be confirmed first.
        """
        self.must("registry:serial")
        doing = self.doing()
        whole = [Target(life=one) if isinstance(one, int) else one for one in targets]
        act = Act(action, whole, at=self.at, **more)  # type: ignore[arg-type]
        try:
            return doing.perform(act)
        except RegistryRefused as refused:
            self.ask_to_confirm(refused)
            raise
        finally:
            self.keep(doing)

    def step(self, row: DocumentRow, verb: str, given: StepGiven | None = None) -> Posted:
        """Take a step of a document; what must be confirmed is asked.

        Raises:
            RegistryRefused: nothing was done.
            Asked: it must be confirmed first.
        """
        self.must(f"registry:{row.type}")
        doing = self.doing()
        try:
            return post(doing, row, verb, given or StepGiven())
        except RegistryRefused as refused:
            self.ask_to_confirm(refused)
            raise
        finally:
            self.keep(doing)

    def move(self, asked: Quantities) -> int:
        """Move a quantity that no document is for; return the event.

        Raises:
            RegistryRefused: there is not so much, or a guard forbids it; nothing was done.
        """
        self.must("registry:serial")
        doing = self.doing()
        try:
            return doing.move(replace(asked, at=self.at))
        finally:
            self.keep(doing)

    def choose(self, row: DocumentRow, line: LineRow, serial: SerialGiven) -> int:
        """Choose a serial for a line; return its life. UNDO takes it off again.

        Raises:
            RegistryRefused: it may not be chosen.
            Asked: it must be confirmed first.
        """
        self.must(f"registry:{row.type}")
        doing = self.doing()
        try:
            choice = choose(doing, row, line, LineGiven(line.rank, serials=(serial,)))
        except RegistryRefused as refused:
            self.ask_to_confirm(refused)
            raise
        life = choice.lives[0]
        self.recent.chosen.append([row.id, line.id, life])
        return life

    def unchoose(self, row: DocumentRow, line: LineRow, lives: Sequence[int]) -> None:
        """Take serials off a line.

        Raises:
            RegistryRefused: they have moved already.
        """
        self.must(f"registry:{row.type}")
        doing = self.doing()
        unchoose(doing, row, line, lives)
        self.keep(doing)

    def tick(self, life: int) -> bool:
        """Note that a piece was seen; return False when it was before.

        Raises:
            RegistryRefused: too many are ticked and not posted.
        """
        ticked = self.session.ticked
        if life in ticked:
            return False
        if len(ticked) >= MOST_TICKED:
            raise RegistryRefused(
                "range_too_large", f"{MOST_TICKED} pieces are ticked; scan DONE to post them."
            )
        ticked.append(life)
        self.recent.ticks.append(life)
        return True

    def doing(self) -> Doing:
        """Return who does it, with what was confirmed."""
        tokens = frozenset(value for key, value in self.said.items() if key.startswith("confirm:"))
        return Doing(
            self.t, self.registry.acting, self.registry.rules(), self.by, self.may, tokens, self.at
        )

    def keep(self, doing: Doing) -> None:
        """Note the events of a step, so that UNDO finds them."""
        self.recent.events += doing.events
        self.warnings += doing.warnings

    def must(self, scope: str) -> None:
        """Check a right.

        Raises:
            RegistryRefused: whoever works here does not have it.
        """
        if not self.may(scope):
            who = self.by.operator or self.by.station or self.by.actor
            raise RegistryRefused(
                "permission_denied", f"{who} may not do that; it needs the right {scope!r}.",
                needs=scope,
            )  # fmt: skip

    def print(self, lives: Sequence[int], template: str = "") -> str:
        """Print the labels of serials at the station's printer, in this transaction.

        Returns a sentence about it. A label that cannot be printed stops nothing: what was done
        stays done, and the sentence says what is the matter.
        """
        from gateway.errors import GatewayError

        if self.station.printer is None:
            return "No label: this station has no printer."
        try:
            with self.t.attempt():
                job = self.tools.print_labels(
                    self.t, lives, self.station, self.by, self.may, template=template
                )
        except GatewayError as error:
            self.warnings.append(Offence("label", "label_not_printed", error.detail))
            return f"No label: {error.detail}"
        self.jobs.append(job)
        count = len(lives)
        said = "Its label prints." if count == 1 else f"{count} labels print."
        self.recent.labels, self.recent.about_labels = count, said
        return said

    # ------------------------------------------------------------ asking

    def ask(
        self, key: str, sentence: str, choices: Sequence[Choice], *, text: bool = False,
        cards: Sequence[Card] = (),
    ) -> str:  # fmt: skip
        """Return the answer to a question, if it was given. ``cards`` show what it is about.

        Raises:
            Asked: it was not.
        """
        if key in self.said:
            return self.said[key]
        raise Asked(
            Question(
                key, sentence, list(choices), self.reading.text, self.reading.aim,
                said=dict(self.said), text=text, cards=[card.shown() for card in cards],
            )
        )  # fmt: skip

    def reason(self, sentence: str, *, keep: bool = True) -> str:
        """Return why: as it was said for this session, else as it is said now.

        ``keep``: what is said now holds until the context is left.

        Raises:
            Asked: it was not said yet.
        """
        known = self.context("reason")
        if known is not None:
            return known.text
        texts = [str(text) for text in self.registry.settings.all()["registry.reasons"]]
        said = self.ask("reason", sentence, [Choice(text, text) for text in texts])
        if keep:
            self.session.context["reason"] = Context("reason", 0, said, text=said)
        return said

    def ask_yes(
        self, key: str, sentence: str, card: Card | None = None, cards: Sequence[Card] = ()
    ) -> bool:
        """Return whether the answer was yes.

        Raises:
            Asked: it was not answered yet.
        """
        shown = None if card is None else card.shown()
        return self.ask(
            key, sentence,
            [Choice("yes", "Yes", shown, yes=True), Choice("no", "No", yes=False)], cards=cards,
        ) == "yes"  # fmt: skip

    def ask_to_confirm(self, refused: RegistryRefused) -> None:
        """Ask about a refusal that a person may overrule.

        Raises:
            Asked: it is one, and was not answered yet.
        """
        token = refused.facts.get("token")
        if not isinstance(token, str):
            return
        key = f"confirm:{token}"
        if self.said.get(key) == "no":
            return
        raise Asked(
            Question(
                key, f"{refused.detail} Do it all the same?",
                [Choice(token, "Yes", yes=True), Choice("no", "No", yes=False)],
                self.reading.text, self.reading.aim, said=dict(self.said),
            )
        )  # fmt: skip

    def ask_which(self, found: Sequence[Found]) -> NoReturn:
        """Ask which of several is meant.

        Raises:
            Asked: always; ``chosen`` has the answer.
        """
        choices = [
            Choice(one.named, one.said, self.cards.of(one).shown(), one.item) for one in found
        ]
        sentence = f"{self.reading.text[:60]} means {len(found)} things. Which one?"
        if len(found) > MOST_CHOICES:
            sentence += f" The first {MOST_CHOICES} are shown; scan the item's barcode for others."
        self.ask("which", sentence, choices)
        raise AssertionError("what was chosen is not asked again")

    def chosen(self, found: Sequence[Found]) -> Found | None:
        """Return the one that was chosen; None when nobody was asked.

        Raises:
            RegistryRefused: it is not called so any more.
        """
        named = self.said.get("which")
        if named is None:
            return None
        for one in found:
            if one.named == named:
                return one
        raise RegistryRefused(
            "code_unknown", f"What was chosen is not called {self.reading.text[:60]} any more.",
            asked=self.reading.text[:80],
        )  # fmt: skip
