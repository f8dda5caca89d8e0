"""The one way in which a scan acts, whoever sends it: a device, a page, a phone, a program.

    Heard ──clean, read_code──► Reading ──find──► Found, … ──rank──► the one that is meant
        ──mode──► registry ──► Answer, session, scan, feed: one transaction

A refused or unanswered scan changes nothing, and is written down like any other. The same scan of
the same source comes to the same answer, however often it is sent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from gateway.codes.commands import CheckSignature, Command, write_command
from gateway.codes.scanned import Reading, read_code
from gateway.errors import GatewayError, Refused
from gateway.registry.refusals import RegistryRefused
from gateway.scanners.outcomes import Outcome
from gateway.stations import commands
from gateway.stations.answers import CURES, Answer, Button, Card
from gateway.stations.choosing import pick
from gateway.stations.heard import FAULTS, Heard, Taken
from gateway.stations.meaning import Found, find
from gateway.stations.modes import MODES
from gateway.stations.operators import answer_pin, may_of, sign_in
from gateway.stations.sessions import Question, Recent, Session
from gateway.stations.station import Station
from gateway.stations.turn import Asked, Tools, Turn
from gateway.store import scans
from gateway.store.engine import Database, Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.advising import similar
from gateway.store.registry.events import By

log = logging.getLogger(__name__)

HIDDEN = "••••"
"""What is kept of a PIN."""

NOWHERE = Station(0, "", modes=("lookup",))
"""What a scan of a scanner without a station is answered as: looked up, and nothing else."""


class Stations:
    """Takes scans."""

    def __init__(
        self,
        database: Database,
        tools: Tools,
        station_of: Callable[[int], Station | None],
        signature: CheckSignature,
        assign: Callable[[Transaction, int, int, str], str],
    ) -> None:
        """``signature`` checks that of a command; ``assign`` gives a scanner
        to a station and returns the scanner's name."""
        self._database, self._tools = database, tools
        self._station_of, self._signature, self._assign = station_of, signature, assign

    def take(self, heard: Heard) -> Taken:
        """Take a scan; return when its answer is durable. Blocks."""
        taken = self.submit(heard).result()
        taken.log(heard.actor)
        return taken

    def submit(self, heard: Heard) -> Future[Taken]:
        """Take a scan; the future has its answer when that is durable."""
        return self._database.submit(self.work(heard))

    def work(self, heard: Heard) -> Callable[[Transaction], Taken]:
        """Return the transaction that takes a scan."""
        reading = self.read(
            heard.text, heard.aim, identifiers=heard.identifiers, separators=heard.separators
        )
        fault = heard.fault or reading.fault or ("" if reading.text else "empty")
        return lambda t: self._take(t, heard, reading, fault)

    def read(
        self, text: str, aim: str, *, identifiers: bool = False, separators: bool = False
    ) -> Reading:
        """Return what a text says; a signed command must be of this database."""
        return read_code(
            text, aim, identifiers=identifiers, sends_separators=separators,
            check_signature=self._signature,
        )  # fmt: skip

    # ------------------------------------------------------------ one scan

    def _take(self, t: Transaction, heard: Heard, reading: Reading, fault: str) -> Taken:
        if (known := scans.answered(t, heard.station, heard.source, heard.sequence)) is not None:
            outcome = Outcome(known[1]["outcome"])
            return Taken(known[0], known[1], outcome, replayed=True)
        station = None if heard.station is None else self._station_of(heard.station)
        here = station or NOWHERE
        kept = "" if station is None else scans.session_of(t.execute, station.id)
        session = Session.at(here, kept)
        at, number = now(), t.allot("scan", 1).start
        secret = session.question is not None and session.question.secret
        code = HIDDEN if secret else reading.text
        recent = Recent(number, at, code, "", "", mode=session.mode)
        handling = _Handling(self, t, heard, here, session, kept, reading, recent)
        answer = Answer(Outcome.REFUSED, FAULTS[fault], f"scan_{fault}") if fault else (
            handling.answer()
        )  # fmt: skip
        session = handling.session
        heard_by = self._scanner_name(t, heard.scanner)
        done = handling.listed and answer.outcome is Outcome.DONE
        if station is None and heard_by and done:
            answer = answer.but(Outcome.LOOK, f"Scanner {heard_by} belongs to no station yet.")
        recent.outcome, recent.sentence = answer.outcome.value, answer.sentence
        if handling.listed or recent.undoable:
            session.remember(recent)
        session.revision += 1
        shown = {"id": number, **answer.shown()}
        session.last = shown
        if station is not None:
            scans.keep_session(t, station.id, session.written(), at)
        scans.write(
            t, number, at, heard, code, b"" if secret else heard.raw, answer, session, shown
        )
        body = {
            **shown, "station": here.name, "scanner": heard_by, "scan": code,
            "typed": heard.typed, "operator": session.operator, "mode": session.mode,
        }  # fmt: skip
        subject = f"stations/{here.name}" if station is not None else "scans"
        tell(t, at, f"scan.{answer.outcome}", subject, heard.actor, body)
        return Taken(number, shown, answer.outcome, code, here.name)

    @staticmethod
    def _scanner_name(t: Transaction, scanner: int | None) -> str:
        if scanner is None:
            return ""
        row = t.execute("SELECT name FROM scanner WHERE id = ?", (scanner,)).fetchone()
        return "" if row is None else str(row[0])

    def assign(self, t: Transaction, scanner: int, station: int, actor: str) -> str:
        """Give a scanner to a station; return the scanner's name."""
        return self._assign(t, scanner, station, actor)

    @property
    def tools(self) -> Tools:
        return self._tools


class _Handling:
    """One scan on its way to its answer."""

    def __init__(
        self, stations: Stations, t: Transaction, heard: Heard, station: Station,
        session: Session, kept: str, reading: Reading, recent: Recent,
    ) -> None:  # fmt: skip
        """``kept``: the session as the database has it, empty for none."""
        self.stations, self.t, self.heard, self.station = stations, t, heard, station
        self.session, self.kept, self.reading, self.recent = session, kept, reading, recent
        self.listed = True
        """Whether it is one of the last ten; commands are when they did what can be taken back."""
        self.manner = heard.identifiers, heard.separators
        """How the scan that acts is read: the one that asked, once its question is answered."""
        self.answering = False
        """Whether it answers a question, which is then over whatever comes of it."""

    def answer(self) -> Answer:
        """Return what becomes of it. What is refused or asked has changed nothing."""
        try:
            with self.t.attempt():
                return self._handle()
        except Asked as asked:
            self._back()
            return self._ask(asked.question)
        except RegistryRefused as refused:
            self._back()
            return self._refused(refused)
        except Refused as refused:
            self._back()
            return Answer(Outcome.REFUSED, refused.detail, "refused")
        except GatewayError as error:
            log.warning("a scan failed", extra={"reason": error.detail})
            self._back()
            return Answer(Outcome.REFUSED, error.detail, "failed")

    def _back(self) -> None:
        self.session = Session.at(self.station, self.kept)
        self.recent.events, self.recent.ticks, self.recent.chosen = [], [], []
        self.recent.notes, self.recent.counted, self.recent.pieces = [], [], 0
        self.recent.labels, self.recent.about_labels = 0, ""
        if self.answering:
            self.session.question = None

    def _ask(self, question: Question) -> Answer:
        question.identifiers, question.separators = self.manner
        self.session.question = question
        cards = [
            Card(one.card["kind"], one.card["title"], one.card["subtitle"],
                 [(row[0], row[1]) for row in one.card["rows"]], one.card["tone"],
                 commands.choice(index, one))
            for index, one in question.numbered() if one.card is not None
        ]  # fmt: skip
        cards += [_shown_again(card) for card in question.cards]
        return Answer(Outcome.ASKED, question.sentence, question.key.partition(":")[0], cards=cards)

    def _refused(self, refused: RegistryRefused) -> Answer:
        if refused.code == "serial_quantity_not_one":
            self.session.quantity = None  # else scanning it again would be refused again
        near = refused.facts.get("similar")
        if refused.code == "code_unknown" and isinstance(near, list):
            cards = [
                Card("hint", text, "Did you mean this? Scan it to be sure.", (), "warn")
                for text in near
            ]
            if self.reading.form == "plain" and self.station is not NOWHERE:
                self.session.notes[commands.UNKNOWN] = self.reading.text
                known = Button("It is the barcode of an item", write_command("ASSIGN"))
                cards.append(Card("hint", self.reading.text[:60], "unknown here", buttons=(known,)))
        else:
            cards = self._cards()
        # A mode knows better what to do with the piece than what holds for its refusal anywhere.
        cure = str(refused.facts.get("cure", CURES.get(refused.code, "")))
        return Answer(Outcome.REFUSED, refused.detail, refused.code, cure, cards)

    def _cards(self) -> list[Card]:
        """Return the card of what was scanned, to show why it was refused."""
        registry = self.stations.tools.registry
        meaning = find(self.t.execute, registry.public_ids, self.reading)
        turn = self._turn(self.reading, {})
        return [turn.cards.of(one) for one in meaning.found[:1]]

    # ------------------------------------------------------------ commands, questions, modes

    def _turn(self, reading: Reading, said: dict[str, str]) -> Turn:
        by = By(self.heard.actor, self.station.name, self.session.operator)
        return Turn(
            self.t, self.stations.tools, self.station, self.session, by,
            may_of(self.t.execute, self.session, self.heard.may), reading, self.recent,
            at=self.heard.at, said=said,
        )  # fmt: skip

    def _handle(self) -> Answer:
        question = self.session.question
        reading = self.reading
        if reading.command is not None:
            self.listed = False
            return self._command(reading.command, question)
        if reading.refusal:
            return Answer(Outcome.REFUSED, reading.refusal, "command_wrong")
        if question is not None:
            return self._answer_question(question)
        return self._scan(self.reading, {})

    def _command(self, command: Command, question: Question | None) -> Answer:
        match command.verb:
            case "YES" | "NO" | "CHOOSE":
                if question is None and command.verb != "CHOOSE":
                    answer = self._unasked(command.verb == "YES")
                    if answer is not None:
                        return answer
                if question is None:
                    return Answer(
                        Outcome.REFUSED, "Nothing was asked. Scan a piece first.", "nothing_asked"
                    )
                value = commands.answer_of(command, question)
                if value is None:
                    return self._again(question)
                return self._go_on(question, value)
            case "STATION":
                return self._station(command)
            case "OUT":
                return self._sign_out()
            case "UNDO" if question is not None and not command.arg:
                return commands.cancel(self._turn(self.reading, {}))
            case "DONE" | "PRINT" | "UNDO" if question is not None:
                return self._again(question)
            case _:
                pass
        if self.station.options.require_operator and not self.session.badge:
            return _badge_first()
        return self._do(self._turn(self.reading, {}), command)

    def _do(self, turn: Turn, command: Command) -> Answer:
        return self._warned(turn, commands.DO[command.verb](turn, command))

    def _unasked(self, yes: bool) -> Answer | None:
        """Return what becomes of a yes or no that nothing asked for, in a mode that takes it."""
        if self.station.options.require_operator and not self.session.badge:
            return _badge_first()
        return MODES[self.session.mode].unasked(self._turn(self.reading, {}), yes)

    def _answer_question(self, question: Question) -> Answer:
        if question.key.startswith("pin:"):
            return answer_pin(self._turn(self.reading, {}), question)
        if question.text:
            lot = self.reading.lot if question.key.startswith("lot:") else None
            return self._go_on(question, lot or self.reading.text)
        # The barcode of an item picks the candidate that is one.
        registry = self.stations.tools.registry
        found = find(self.t.execute, registry.public_ids, self.reading).found
        items = {one.item for one in found if one.kind == "item"}
        fitting = [one for one in question.choices if one.item is not None and one.item in items]
        if len(fitting) == 1:
            return self._go_on(question, fitting[0].value)
        return self._again(question)

    def _again(self, question: Question) -> Answer:
        self.manner = question.identifiers, question.separators
        answer = self._ask(question)
        return replace(answer, sentence=f"Answer this first, or scan CANCEL: {question.sentence}")

    def _go_on(self, question: Question, value: str) -> Answer:
        self.session.question, self.answering = None, True
        if question.key.startswith("confirm:") and value == "no":
            return Answer(Outcome.LOOK, "Nothing was done.", "not_confirmed")
        self.manner = question.identifiers, question.separators
        self.reading = reading = self.stations.read(
            question.code, question.aim, identifiers=question.identifiers,
            separators=question.separators,
        )  # fmt: skip
        self.recent.code = reading.text
        said = question.said | {question.key: value}
        if reading.command is not None:
            return self._do(self._turn(reading, said), reading.command)
        self.listed = True
        return self._scan(reading, said)

    def _scan(self, reading: Reading, said: dict[str, str]) -> Answer:
        turn = self._turn(reading, said)
        mode = MODES[self.session.mode]
        meaning = find(turn.run, turn.registry.public_ids, reading)
        operators = [one for one in meaning.found if one.kind == "operator"]
        if operators and len(meaning.found) == len(operators) and self.station is not NOWHERE:
            return sign_in(turn, operators[0])
        if self.station.options.require_operator and not self.session.badge:
            return _badge_first()
        found = [one for one in meaning.found if one.kind != "operator" or mode.name == "lookup"]
        if not found:
            answer = mode.unknown(turn) if not meaning.trouble else None
            if answer is not None:
                return self._warned(turn, answer)
            raise _unknown(turn, meaning.trouble)
        one = pick(turn, mode, found)
        slot = mode.slot_for(turn, one)
        missing = mode.missing(turn)
        context = slot is not None and (one.kind not in mode.units or slot is missing)
        if one.kind not in mode.units and not context:
            raise RegistryRefused(
                "code_unexpected", f"That is the {one.said}. {mode.prompt(turn)}", kind=one.kind
            )
        if missing is not None and slot is not missing and not context:
            raise RegistryRefused(
                "code_unexpected", f"That is the {one.said}. First: {mode.prompt(turn)}",
                kind=one.kind,
            )  # fmt: skip
        if context:
            assert slot is not None
            answer = mode.enter(turn, slot, one)
        else:
            answer = mode.unit(turn, one)
        return self._warned(turn, _about(turn, one, answer))

    def _warned(self, turn: Turn, answer: Answer) -> Answer:
        """Say what went well with a warning."""
        if self.recent.events and answer.event is None:
            answer = replace(answer, event=self.recent.events[-1])
        if turn.jobs:
            answer = replace(answer, job=turn.jobs[-1])
        for note in (*turn.reading.warnings, *(one.detail for one in turn.warnings)):
            if note not in answer.sentence:
                answer = answer.but(Outcome.LOOK, note)
            elif answer.outcome is Outcome.DONE:
                answer = replace(answer, outcome=Outcome.LOOK)
        return answer

    def _station(self, command: Command) -> Answer:
        if self.heard.scanner is None:
            return Answer(
                Outcome.REFUSED, "Scan this with a scanner that is connected to the gateway: it "
                "gives that scanner to the station.", "no_scanner",
            )  # fmt: skip
        station = int(command.arg)
        name = self.stations.assign(self.t, self.heard.scanner, station, self.heard.actor)
        return Answer(Outcome.DONE, f"This scanner belongs to station {name} now.")

    def _sign_out(self) -> Answer:
        who = self.session.operator
        self.session.badge = self.session.operator = ""
        self.session.begin("lookup")
        if not who:
            return Answer(Outcome.LOOK, "Nobody was signed in.")
        return Answer(Outcome.DONE, f"{who} is signed out.")


def _about(turn: Turn, found: Found, answer: Answer) -> Answer:
    """Return the answer with what it is about, where the mode does not say."""
    if answer.subject:
        return answer
    match found.kind:
        case "serial":
            subject = f"serials/{turn.registry.public_ids.write('serial', found.number)}"
        case "document":
            kind, _, number = found.name.partition(" ")
            subject = f"documents/{kind}/{number}"
        case "item" | "location":
            subject = f"{found.kind}s/{found.name}"
        case "party":
            subject = f"parties/{found.name}"
        case "lot":
            subject = f"lots/{turn.registry.public_ids.write('lot', found.number)}"
        case _:
            subject = ""
    return replace(answer, subject=subject)


def _shown_again(card: dict[str, Any]) -> Card:
    """Return a card that a question is about, as it was."""
    buttons = [Button(one["title"], one["code"], one["tone"]) for one in card["buttons"]]
    rows = [(row[0], row[1]) for row in card["rows"]]
    return Card(card["kind"], card["title"], card["subtitle"], rows, card["tone"], "", buttons)


def _badge_first() -> Answer:
    return Answer(Outcome.REFUSED, "Scan your badge first.", "badge_needed")


def _unknown(turn: Turn, trouble: str) -> RegistryRefused:
    text = turn.reading.text
    near = similar(turn.run, text) if turn.reading.form == "plain" else []
    said = trouble or f"Nothing here is called {text[:60]}."
    return RegistryRefused("code_unknown", said, asked=text[:80], similar=near)
