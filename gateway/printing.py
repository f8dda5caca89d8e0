"""The printing pipe: one press owns one printer, and knows of each label whether it is on paper.

    ledger ──claim──► draw ──Page──► wire ──► printer
       ▲                                         │
       └── printed, returned, uncertain ◄─ settle ┘ look

A ``Press`` takes one turn at a time and never sleeps, so a test can run it with a clock, a wire and
a ledger of its own and stop it between any two steps. The rules it keeps, in the order that
matters:

1. A label is durable as ``sending`` before its first byte leaves.
2. Whatever may be on paper is settled before anything new is sent.
3. Only evidence moves a label on. Time alone never does, and nothing is sent twice by itself.
4. While labels print, one look proves the finished ones and one commit records them together with
   the claim of the next, so the head never waits for the evidence.
"""

from __future__ import annotations

import logging
import math
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence

from gateway.drivers.evidence.conversation import Conversation, Greeting, Report
from gateway.drivers.languages.page import Page
from gateway.drivers.transports.wire import Manners, Plugged, Wire
from gateway.errors import (
    DeliveryUncertain,
    DeviceError,
    DeviceUnreachable,
    GatewayError,
    InputRefused,
    StoreError,
)
from gateway.jobs import WIDEST_WINDOW, Event, Look, Proof, Rest, Window, settle
from gateway.ledger import Ledger, Opening, Piece, Step
from gateway.printers import (
    Condition,
    Printer,
    PrinterStatus,
    Problem,
    same_device,
    unfit,
)
from gateway.units import format_density

log = logging.getLogger(__name__)

QUIET_FOR = 0.2
"""Seconds between the two looks that must both find a printer quiet: foreign labels may come."""

SLOWEST_HEAD = 50_800
"""µm a second: 2 inches, the slowest ^PR of Zebra's heads (ZPL II Programming Guide, ^PR)."""

COUNTER_KEEPS = 1.0
"""Seconds an idle printer's counter is taken as known; another computer may print meanwhile."""

IDLE_LOOK = 5.0
"""Seconds between looks at an idle printer: how stale its status may be."""

RIDES_ALONG = 0.02
"""Seconds a label handed to a silent printer waits for another commit to be recorded with."""

SOONEST_LOOK, LATEST_LOOK = 0.03, 0.25
"""Seconds between looks while labels print."""

TROUBLE_LOOK = 0.5
"""Seconds between looks at a printer that needs a hand."""

FIRST_RETRY, LAST_RETRY = 0.2, 2.0
"""Seconds before a lost printer is tried again: doubling from the first to the last. A try is a
packet or two."""

LAST_RETRY_PLUGGED = 0.5
"""The same for a printer on a cable, where a try is one look at this computer's own devices."""

MUTE_GREETINGS = 2
"""Unanswered greetings after which a printer that never answered is taken to be silent."""

GREET_AGAIN = 60.0
"""Seconds after which a printer taken to be silent is asked again who it is."""

WRITE_WAIT = 0.5
"""Seconds one write may wait for progress before the thread looks up again."""

NOT_ANSWERING = Problem(
    "not_answering",
    "The printer does not answer.",
    "Look for a message on it: paper, ribbon, open head, pause.",
)

_STRENGTH = {proof.value: rank for rank, proof in enumerate(reversed(Proof))}
"""How much a kind of proof proves, from nothing upward."""

SPOILS = frozenset(
    {
        "paper_out", "head_open", "ribbon_out", "cutter_fault", "paper_jam", "ribbon_jam",
        "paper_feed", "path_not_clear", "jam_in_retract", "printer_error",
    }
)  # fmt: skip
"""Troubles that can leave half a label."""

SPOILED = (
    "The printer ran out or was opened while this label was printed, and went on with it later."
)

DEPENDABLE = Manners()
"""A connection over a network: what is taken arrives in order, or the connection breaks."""

Draw = Callable[[Piece, Printer], Page]
"""Draws a label for a printer's head and encodes it."""


class Press:
    """One printer's work, a turn at a time. Used by one thread only."""

    def __init__(
        self,
        printer: Printer,
        ledger: Ledger,
        *,
        open_wire: Callable[[str], Wire],
        converse: Callable[[Wire], Conversation] | None,
        draw: Draw,
        report: Callable[[int, PrinterStatus], None],
        settings: Callable[[int], Printer | None] = lambda number: None,
        manners: Manners = DEPENDABLE,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], int] = lambda: time.time_ns() // 1000,
        token: Callable[[], str] = lambda: secrets.token_hex(3).upper(),
    ) -> None:
        self.printer = printer
        self._ledger, self._open, self._draw, self._publish = ledger, open_wire, draw, report
        self._converse = converse
        self._settings, self._manners = settings, manners
        self._asks = converse is not None and printer.evidence == "auto"
        self._clock, self._wall, self._token = clock, wall, token

        self._wire: Wire | None = None
        self._talk: Conversation | None = None
        self._proof: Proof | None = None if self._asks else Proof.NOTHING
        self._greeting: Greeting | None = None
        self._mute = 0
        self._greeted_at = 0.0
        self._retry = FIRST_RETRY
        self._ungreeted = False
        """The connection is open, and the printer has not said who it is."""

        self._way: deque[Piece] = deque()
        """Labels of which bytes may have left, oldest first."""
        self._reload = True
        """The ledger knows better what is on the way: after a start or a failed commit."""
        self._counter: int | None = None
        """The printer's counter just before the oldest label on the way."""
        self._counted_at = -math.inf
        self._known = False
        """The printer's history is known: its counter speaks of our labels only."""
        self._half_sent = True
        """A label may lie half received in the printer, and would swallow the next."""
        self._broken = False
        """Some labels on the way were written to an earlier connection."""
        self._withdrawn = False
        """All labels on the way are of cancelled jobs, and the printer stands still."""
        self._flushed = False
        """The printer was told to drop what waits in it; trouble no longer holds labels."""
        self._silence = False
        """It left a question unanswered since its marker was last seen: it may have restarted."""
        self._quiet: tuple[float, int | None] | None = None
        self._marker: str | None = None
        self._stored: set[str] = set()
        self._pending = memoryview(b"")
        """Bytes the wire has not taken yet."""
        self._untouched = True
        """None of the pending bytes was taken: their labels cannot be on paper."""
        self._writing: dict[int, int] = {}
        """Labels whose last byte is among the pending ones, and where their first byte lies among
        them: below 0 when it was taken."""
        self._in_flight: int | None = 0
        """Of the pending bytes, how many a write that failed may have sent; None: nobody knows."""
        self._spoiled: int | None = None
        """The label that was under the head when the printer ran out."""
        self._unrecorded: list[int] = []
        """Labels handed over whole; recorded with the next commit."""
        self._handed_at = 0.0
        self._pace = 0.3
        """Seconds a label takes, as last seen."""
        self._moved_at = 0.0
        self._opening: Opening | None = None
        self._status = PrinterStatus("starting", "Not asked yet.")

    @property
    def _a_label(self) -> float:
        """Seconds the slowest head needs for a label, with time to tear it: a printer may count a
        label only when it is out, and say it has nothing to do while the last one still moves."""
        return 1.0 + self.printer.media.height / SLOWEST_HEAD

    # ------------------------------------------------------------ one turn

    def turn(self) -> float | None:
        """Do what is next; return the seconds until the next turn, or None to be woken."""
        try:
            try:
                return self._do_next()
            except DeviceError as error:
                return self._lose(error)
        except StoreError as error:
            # Nothing is assumed about the commit: the ledger is asked again.
            self._reload = True
            self._say("stopped", error.detail, (Problem("store", error.detail, "Check the disk."),))
            return 1.0

    def _read_settings(self) -> None:
        """Take the printer's settings as they are now, unless they are another device's.

        Before a label is drawn: it was checked for the settings of its acceptance or newer ones.
        """
        now = self._settings(self.printer.id)
        if now is not None and same_device(self.printer, now):
            self.printer = now

    def _do_next(self) -> float | None:
        self._close_opening()
        if self._reload:
            self._take_up()
        if self._wire is None or self._ungreeted:
            return self._connect()
        if self._pending:
            return self._push()
        if self._way:
            return self._follow()
        return self._serve()

    def close(self) -> None:
        """Let go of the printer. Labels on the way are settled by whoever opens it next."""
        if self._opening is not None:
            piece, self._opening = self._opening.close(), None
            if piece is not None:  # no byte of it has left
                self._unrecorded.clear()
                self._ledger.record(self.printer.id, [Step(piece.key, Event.RETURN)])
        self._return_unsent()
        if not self._way:
            self._record_hand_over()
        self._hang_up()

    def _hang_up(self) -> None:
        self._ungreeted = False
        if self._wire is not None:
            self._wire.close()
            self._wire = self._talk = None

    def _take_up(self) -> None:
        """Load what may be on paper from the ledger: after a start, or a commit gone wrong."""
        pieces = self._ledger.unsettled(self.printer.id)
        if self._wire is None or [p.key for p in pieces] != [p.key for p in self._way]:
            self._known = False
        self._way = deque(pieces)
        self._unrecorded.clear()
        self._reload = False
        if pieces:
            self._broken = self._broken or self._wire is None
            self._counter = pieces[0].counter_before
            self._marker = pieces[0].marker
            self._pending = memoryview(b"")
            self._writing.clear()
            if not all(piece.ticket.counted for piece in pieces):
                self._doubt("It was on its way when the gateway stopped, and cannot be counted.")

    # ------------------------------------------------------------ connecting

    def _connect(self) -> float | None:
        silent = self._proof is Proof.NOTHING
        if not self._way:
            self._record_hand_over()
        if not self._asks and self._way:
            self._doubt("Nobody asked the printer about it, and the gateway stopped on the way.")
        if silent and not self._way:
            if self.printer.paused:
                self._say("paused", "Paused. Resume it to print.")
                return None
            if not self._ledger.waiting(self.printer.id, 1):
                self._say("ready", "Ready. It is not asked anything: labels end at 'sent'.")
                return None
        if self._wire is None:
            self._wire = self._open(self.printer.url)
            self._stored.clear()
            talk = self._converse(self._wire) if self._converse else None
            unknown = self._asks and not self._known  # then a question may lie half received, too
            if talk is not None and (self._half_sent or unknown):
                # Before the greeting: inside a half format a printer answers only some questions.
                # It needs no answer itself: a printer that is asked nothing gets it too.
                talk.clear()
            self._talk = talk if self._asks else None
        if self._talk is not None:
            self._ungreeted = True  # until it has answered
            try:
                greeting = self._talk.greet()
            except DeviceUnreachable as trouble:
                if "trouble" not in trouble.facts:
                    raise
                return self._wait_for_help(trouble)
            if greeting is not None and not self._way and (wrong := self._contradicts(greeting)):
                return self._wait_for_help(wrong)
            self._ungreeted = False
            if greeting is None or self._says_less(greeting):
                return self._greet_in_vain()
            self._welcome(greeting)
        self._half_sent = False
        self._retry = FIRST_RETRY
        self._quiet = None
        return 0.0

    def _contradicts(self, greeting: Greeting) -> DeviceUnreachable | None:
        """Return what is wrong when the printer's head is not the one it is set to have."""
        says = greeting.identity.get("dots_per_mm", "")
        density = self.printer.density
        if not says.isdecimal() or density == int(says):
            return None
        return DeviceUnreachable(
            f"The printer says that it prints {says} dots per mm, and it is set to "
            f"{format_density(density)}: labels would come out at another size. Correct its "
            "density or its model.",
            trouble="wrong_density",
        )

    def _wait_for_help(self, trouble: DeviceUnreachable) -> float:
        """It answers, and says what a person must do before it can say who it is.

        The connection stays: each new one would fill its buffer with what clears a broken label.
        """
        kind = str(trouble.facts["trouble"])
        self._say("stopped", trouble.detail, (Problem(kind, trouble.detail, ""),))
        return TROUBLE_LOOK

    def _says_less(self, greeting: Greeting) -> bool:
        """Return whether a printer keeps to itself this time what it could prove before."""
        told = self._ledger.learned(self.printer.id)
        before = told.get("proof")
        return (
            before in _STRENGTH
            and _STRENGTH[greeting.proof.value] < _STRENGTH[before]
            and told.get("model") == greeting.identity.get("model")
        )

    def _welcome(self, greeting: Greeting) -> None:
        told = {**greeting.identity, "proof": greeting.proof.value}
        if self._greeting is None and self._ledger.learned(self.printer.id) != told:
            self._ledger.learn(self.printer.id, told)
        self._mute, self._greeting, self._proof = 0, greeting, greeting.proof

    def _greet_in_vain(self) -> float:
        """Nothing answered: a printer in trouble, or one that never answers anybody."""
        self._mute += 1
        answered_before = self._greeting or self._ledger.learned(self.printer.id)
        if self._mute >= MUTE_GREETINGS and not answered_before:
            self._proof = Proof.NOTHING
            self._greeted_at = self._clock()
            if self._way:
                self._doubt("The printer answers no questions, so nobody can tell.")
            return 0.0
        assert self._wire is not None
        self._wire.close()
        self._wire = self._talk = None
        self._say("stopped", f"{NOT_ANSWERING.sentence} {NOT_ANSWERING.cure}", (NOT_ANSWERING,))
        return self._back_off()

    def _lose(self, error: DeviceError) -> float:
        """The device is gone, or could not be opened."""
        self._hang_up()
        self._half_sent |= bool(self._way) and not self._untouched
        self._return_unsent()
        self._pending = memoryview(b"")
        self._writing.clear()
        self._broken = bool(self._way)
        self._known = False
        if self._way and self._proof is Proof.NOTHING:
            self._doubt("The connection broke while it was sent, and the printer answers nothing.")
        elif not all(piece.ticket.counted for piece in self._way):
            self._doubt("The connection broke while it was sent, and it cannot be counted.")
        if self._way or self._retry > FIRST_RETRY:  # a printer may close an idle connection
            problem = Problem("unreachable", error.detail, "Check its power and cable.")
            self._say("unreachable", error.detail, (problem,))
        return self._back_off()

    def _return_unsent(self) -> None:
        """Give back the labels that wait for the wire and of which no byte can have left."""
        bound = self._in_flight
        unsent = [key for key, at in self._writing.items() if bound is not None and at >= bound]
        if unsent:
            self._ledger.record(self.printer.id, [Step(key, Event.RETURN) for key in unsent])
            self._way = deque(piece for piece in self._way if piece.key not in unsent)
        self._writing.clear()
        self._pending = memoryview(b"")

    def _back_off(self) -> float:
        last = LAST_RETRY_PLUGGED if self._manners.plugged else LAST_RETRY
        wait, self._retry = self._retry, min(self._retry * 2, last)
        return wait

    # ------------------------------------------------------------ nothing on the way

    def _serve(self) -> float | None:
        """The printer owes nothing: keep its status fresh, and give it work."""
        now = self._clock()
        if isinstance(self._wire, Plugged):
            self._wire.check()  # says at once when its cable was pulled
        room = self._room()
        pieces = [] if self.printer.paused else self._ledger.waiting(self.printer.id, room)
        if self._proof is Proof.NOTHING:
            if not pieces and (self.printer.paused or now - self._handed_at >= RIDES_ALONG):
                self._record_hand_over()
            if self._tells_troubles and not self._is_fit(bool(pieces), now):
                self._record_hand_over()
                return TROUBLE_LOOK
            if pieces:
                return self._send(pieces, [])
            if self._talk is not None and now - self._greeted_at > GREET_AGAIN:
                self._greeted_at = now
                if greeting := self._talk.greet():
                    self._welcome(greeting)
            return self._wait_open()
        stale = now - self._counted_at > (COUNTER_KEEPS if pieces else IDLE_LOOK)
        if not self._known or stale:
            report = self._look(self._marker)
            if not report.answered:
                self._known = False
                return TROUBLE_LOOK
            if report.marker is False:
                self._forget_memory()
            self._become_known(report, now)
            if report.problems and any(problem.stops for problem in report.problems):
                return TROUBLE_LOOK
            if not self._known:
                return QUIET_FOR if self._quiet else LATEST_LOOK
        if pieces:
            return self._send(pieces, [])
        return self._wait_open()

    @property
    def _tells_troubles(self) -> bool:
        """It proves nothing of its labels, and yet answers what stops it."""
        return self._talk is not None and self._greeting is not None

    def _is_fit(self, has_work: bool, now: float) -> bool:
        """Return whether a printer that proves nothing can take a label, as it last said."""
        if now - self._counted_at > (COUNTER_KEEPS if has_work else IDLE_LOOK):
            report = self._look(None)
            if not report.answered or any(problem.stops for problem in report.problems):
                return False
            self._counted_at = now
        return True

    def _wait_open(self) -> float | None:
        """Nothing to do: let the next job of one label come straight to the wire."""
        pause = self._idle()
        fresh = COUNTER_KEEPS - (self._clock() - self._counted_at)
        if self.printer.paused or (self._proof is not Proof.NOTHING and fresh <= 0):
            return pause
        self._opening = Opening(self._marker, self._counter, self._hand_over())
        self._ledger.keep_open(self.printer.id, self._opening)
        if self._unrecorded:
            return RIDES_ALONG
        return pause if self._proof is Proof.NOTHING else fresh

    def _close_opening(self) -> None:
        """Take in the label that came by the open place, if one did."""
        if self._opening is None:
            return
        piece, self._opening = self._opening.close(), None
        if piece is None:
            return
        self._unrecorded.clear()  # its commit has recorded them
        self._read_settings()
        if self.printer.paused or unfit(self.printer, piece.ticket.needs):
            # It came before the place could be closed: it waits, and is held where it waits.
            self._ledger.record(self.printer.id, [Step(piece.key, Event.RETURN)])
            return
        try:
            page = self._draw_page(piece)
        except GatewayError as refused:
            self._ledger.record(
                self.printer.id, [Step(piece.key, Event.FAIL, because=refused.detail)]
            )
            return
        self._moved_at = self._clock()
        self._put_on_way([(piece, page)])

    def _draw_page(self, piece: Piece) -> Page:
        """Draw a label; whatever goes wrong is told as a refusal of this label alone."""
        try:
            return self._draw(piece, self.printer)
        except GatewayError:
            raise
        except Exception as error:
            log.exception("a label could not be drawn", extra={"label": f"L{piece.key}"})
            because = "The gateway could not draw this label; the log says why."
            raise InputRefused(because) from error

    def _idle(self) -> float | None:
        if self.printer.paused:
            self._say("paused", "Paused. Resume it to print.", self._status.problems)
        elif self._proof is Proof.NOTHING:
            says = (
                "does not say what it has printed"
                if self._tells_troubles
                else "answers no questions"
            )
            self._say("ready", f"Ready. It {says}: labels end at 'sent'.", self._status.problems)
        elif not self._status.problems:
            self._say("ready", "Ready.")
        if self._proof is Proof.NOTHING:
            if self._tells_troubles:
                return IDLE_LOOK
            return None if self._talk is None else GREET_AGAIN
        return IDLE_LOOK

    def _become_known(self, report: Report, now: float) -> None:
        """Take the counter as the next window's start, once the printer is quiet."""
        if not report.quiet:
            self._quiet, self._known = None, False
            return
        if not self._known:
            first = self._quiet
            if first is None or first[1] != report.counter:
                self._quiet = (now, report.counter)
                return
            if now - first[0] < QUIET_FOR:
                return
            self._quiet = None
            self._plant()
        self._known, self._counter, self._counted_at = True, report.counter, now

    def _plant(self) -> None:
        """Have a marker in the printer's memory, and know that it is there."""
        assert self._talk is not None
        if self._marker is not None and self._talk.look(self._marker).marker:
            return
        self._marker = f"GW{self._token()}"
        self._stored.clear()
        self._talk.plant(self._marker)
        if not self._talk.look(self._marker).marker:
            self._marker = None  # this printer cannot show it; a broken connection is then doubt
            if self._proof is Proof.IDLE:
                self._proof = Proof.NOTHING  # with neither counter nor marker nothing is proved

    # ------------------------------------------------------------ sending

    def _room(self) -> int:
        """How many more labels may be on the way."""
        blind = (
            self._manners.outlives_power and self._marker is None and self._proof is Proof.COUNTER
        )
        if blind or self._manners.may_lose or self._proof not in (Proof.COUNTER, Proof.PRINT_END):
            return 1 if not self._way else 0
        # One under the head, one waiting, and what passes while we look, commit and send.
        wide = max(3, min(WIDEST_WINDOW, math.ceil(2 * LATEST_LOOK / self._pace) + 1))
        return max(0, wide - len(self._way))

    def _send(self, pieces: Sequence[Piece], steps: list[Step]) -> float:
        """Claim the pieces in one commit with ``steps``, then hand their bytes to the wire."""
        chosen: list[Piece] = []
        pages: list[Page] = []
        held: set[int] = set()
        self._read_settings()
        for piece in pieces:
            alone = piece.ticket.strict or not piece.ticket.counted
            if alone and (self._way or chosen):
                break
            if because := unfit(self.printer, piece.ticket.needs):
                if piece.ticket.job not in held:  # accepted while the stock was changed
                    self._ledger.hold_back(piece.ticket.job, because)
                    held.add(piece.ticket.job)
                continue
            try:
                page = self._draw_page(piece)
            except GatewayError as refused:
                steps.append(Step(piece.key, Event.FAIL, because=refused.detail))
                continue
            chosen.append(piece)
            pages.append(page)
            if alone:
                break
        steps = self._hand_over() + steps
        first = None if self._counter is None else self._counter + len(self._way)
        for n, piece in enumerate(chosen):
            before = None if first is None else first + n
            steps.append(Step(piece.key, Event.CLAIM, marker=self._marker, counter_before=before))
        refused_keys = self._ledger.record(self.printer.id, steps)
        self._unrecorded.clear()
        if not self._way:
            self._moved_at = self._clock()
        claimed = [
            (piece, page)
            for piece, page in zip(chosen, pages, strict=True)
            if piece.key not in refused_keys
        ]
        if not claimed:
            return 0.0 if steps else SOONEST_LOOK
        self._put_on_way(claimed)
        return self._push()

    def _put_on_way(self, claimed: Sequence[tuple[Piece, Page]]) -> None:
        """Queue the bytes of durable labels for the wire, with what they need in memory."""
        out: list[bytes] = [bytes(self._pending)] if self._pending else []
        long, self._in_flight = len(self._pending), 0
        self._untouched = not out
        if self._marker is None:
            # Nothing shows whether it has lost its memory since: a connection can outlive that.
            self._stored.clear()
        for piece, page in claimed:
            self._writing[piece.key] = long
            parts = [stored.payload for stored in page.needs if stored.name not in self._stored]
            self._stored.update(stored.name for stored in page.needs)
            parts.append(page.body if self._talk is None else self._talk.seal(page.body))
            out += parts
            long += sum(map(len, parts))
            self._way.append(piece)
            if piece.ticket.kind == "raw":
                # Its commands may have changed settings, or removed what is kept.
                self._stored.clear()
        self._pending = memoryview(b"".join(out))
        self._quiet = None

    def _push(self) -> float:
        """Hand over what the wire will take."""
        assert self._wire is not None
        if self._untouched and self._proof is Proof.NOTHING:
            # A printer that is asked nothing may have closed the connection while it was idle.
            self._wire.read(0)
        while self._pending:
            try:
                taken = self._wire.write(self._pending, WRITE_WAIT)
            except DeliveryUncertain as broken:
                self._untouched = False  # it may have got bytes away all the same
                in_flight = broken.facts.get("in_flight")
                self._in_flight = in_flight if isinstance(in_flight, int) else None
                raise
            if not taken:
                self._say("stopped", "The printer takes no more data; look whether it is stopped.")
                return 0.0
            self._untouched = False
            self._pending = self._pending[taken:]
            self._writing = {key: at - taken for key, at in self._writing.items()}
        self._unrecorded += self._writing
        self._handed_at = self._clock()
        self._writing.clear()
        if self._proof is Proof.NOTHING or not all(p.ticket.counted for p in self._way):
            # Nothing more can be learned of these: the way ends at ``sent``.
            uncounted = self._proof is not Proof.NOTHING
            self._way.clear()
            if uncounted:
                self._known = False
                self._ledger.record(self.printer.id, self._hand_over())
                self._unrecorded.clear()
            else:
                self._say("printing", "Sending.")
            return 0.0
        self._say("printing", "Printing.")
        return SOONEST_LOOK

    def _record_hand_over(self) -> None:
        """Record labels of a silent printer that were handed over, when nothing else will."""
        if self._unrecorded and self._proof is Proof.NOTHING:
            self._ledger.record(self.printer.id, self._hand_over())
            self._unrecorded.clear()

    def _hand_over(self) -> list[Step]:
        """The steps for labels handed over whole; final where nothing more can be learned."""
        final = "none" if not self._way else None
        return [Step(key, Event.HAND_OVER, evidence=final) for key in self._unrecorded]

    # ------------------------------------------------------------ labels on the way

    def _follow(self) -> float:
        """Look at the printer, record what that proves, and keep its head busy."""
        now = self._clock()
        deep = (
            self._broken or self._silence or self._quiet is not None or self._manners.outlives_power
        )
        report = self._look(self._marker if deep else None)
        if not report.answered:
            return TROUBLE_LOOK
        look = self._judge(report, now)
        assert self._proof is not None
        verdict = settle(Window(len(self._way), self._counter), look, self._proof)
        steps = [
            Step(piece.key, Event.DOUBT, because=SPOILED)
            if piece.key == self._spoiled
            else Step(piece.key, Event.PROVE, evidence=verdict.evidence)
            for piece in list(self._way)[: verdict.printed]
        ]
        self._note_spoiled(report, verdict.printed)
        rest = list(self._way)[verdict.printed :]
        match verdict.rest:
            case Rest.RETURN:
                swallowed = not (self._broken or self._flushed)
                steps += [Step(p.key, Event.RETURN, swallowed=swallowed) for p in rest]
            case Rest.DOUBT:
                steps += [Step(p.key, Event.DOUBT, because=verdict.because) for p in rest]
            case Rest.WAIT:
                pass
        stopped = any(problem.stops for problem in report.problems)
        if verdict.rest is not Rest.WAIT or verdict.printed == len(self._way):
            return self._clear_way(steps, verdict.rest, report, now)
        if verdict.printed:
            self._progress(verdict.printed, now)
        if stopped and not self._withdrawn and self._ledger.withdrawn([p.key for p in self._way]):
            assert self._talk is not None
            self._withdrawn, self._flushed = True, self._talk.flush()
        more = self._more(len(rest)) if not (stopped or self._broken or self._quiet) else []
        if not more:
            if steps:
                self._ledger.record(self.printer.id, self._with_hand_over(steps))
                self._advance(verdict.printed)
            if self._quiet:
                return QUIET_FOR
            return TROUBLE_LOOK if stopped else self._look_soon()
        # One commit proves the finished labels and claims the next.
        return self._top_up(steps, verdict.printed, more)

    def _note_spoiled(self, report: Report, printed: int) -> None:
        """Remember the label under the head of a printer that ran out.

        A printer with a counter prints it again and counts it then (ZPL ^JZ). One that only says
        when it is through may go on with the rest of it on the new roll, and say the same.
        """
        if self._proof not in (Proof.PRINT_END, Proof.FENCE) or printed >= len(self._way):
            return
        if any(problem.kind in SPOILS and problem.stops for problem in report.problems):
            self._spoiled = self._way[printed].key

    def _judge(self, report: Report, now: float) -> Look:
        """Make a look of a report: quiet counts when it has lasted as long as a label takes."""
        quiet = False
        if report.quiet or (self._flushed and report.empty):
            first = self._quiet
            if first is None or first[1] != report.counter:
                self._quiet = (now, report.counter)
            else:
                # A fence is behind all its label's paper moves: only foreign labels can follow.
                lasts = QUIET_FOR if self._proof is Proof.FENCE else self._a_label
                quiet = now - first[0] >= lasts
        else:
            self._quiet = None
        counter = report.counter
        if self._flushed and self._proof is Proof.FENCE:
            counter = self._counter  # worked through, and then perhaps thrown away
        return Look(
            True, counter, quiet, report.marker, not self._broken, self._manners.outlives_power
        )  # fmt: skip

    def _more(self, on_the_way: int) -> list[Piece]:
        """The next labels, when there is room for them beside those still on the way."""
        if self.printer.paused or self._proof not in (Proof.COUNTER, Proof.PRINT_END):
            return []
        if self._manners.may_lose and on_the_way:
            return []
        if any(piece.ticket.strict for piece in self._way):
            return []
        room = self._room() + len(self._way) - on_the_way
        if room <= 0:
            return []
        pieces = self._ledger.waiting(self.printer.id, room)
        if pieces and (pieces[0].ticket.strict or not pieces[0].ticket.counted):
            return []  # these wait until nothing else is on the way
        return pieces

    def _top_up(self, steps: list[Step], printed: int, more: list[Piece]) -> float:
        handed = self._with_hand_over(steps)
        self._unrecorded.clear()
        way, counter = self._way.copy(), self._counter
        self._advance(printed)
        try:
            return self._send(more, handed)
        except StoreError:
            self._way, self._counter = way, counter
            raise

    def _with_hand_over(self, steps: list[Step]) -> list[Step]:
        """Add the labels handed over since the last commit that the steps do not settle."""
        settled = {step.key for step in steps}
        handed = [
            Step(key, Event.HAND_OVER) for key in self._unrecorded if key not in settled
        ]  # fmt: skip
        return handed + steps

    def _advance(self, printed: int) -> None:
        for _ in range(printed):
            self._way.popleft()
        if self._counter is not None:
            self._counter += printed
        self._unrecorded.clear()

    def _progress(self, printed: int, now: float) -> None:
        if self._moved_at:
            self._pace = 0.5 * self._pace + 0.5 * max(0.005, (now - self._moved_at) / printed)
        self._moved_at = now

    def _clear_way(self, steps: list[Step], rest: Rest, report: Report, now: float) -> float:
        """Nothing is on the way any more: proved, returned, or a person's to answer."""
        if rest is Rest.WAIT and not self._broken:
            # The usual case: all on paper. The next labels ride in the same commit.
            through = len(self._way)
            self._progress(through, now)
            self._counted_at = now
            more = self._more(0) if not any(p.stops for p in report.problems) else []
            if more:
                return self._top_up(steps, through, more)
        self._ledger.record(self.printer.id, self._with_hand_over(steps))
        self._unrecorded.clear()
        self._way.clear()
        lost_power = report.marker is False
        self._counter, self._counted_at = report.counter, now
        # After a doubt the printer may still be busy with what we doubt.
        self._known = rest is not Rest.DOUBT and not self._broken and not lost_power
        self._broken = self._flushed = self._withdrawn = False
        self._quiet = None
        if lost_power:
            self._forget_memory()
        if rest is Rest.DOUBT and self._proof in (Proof.PRINT_END, Proof.FENCE):
            self._hang_up()  # a report that comes late must not be taken for a newer label's
        return 0.0

    def _forget_memory(self) -> None:
        """The printer has lost its memory, and with it what we stored there."""
        self._known, self._marker = False, None
        self._stored.clear()

    def _doubt(self, because: str) -> None:
        """Leave everything on the way to a person."""
        self._ledger.record(
            self.printer.id,
            [Step(piece.key, Event.DOUBT, because=because) for piece in self._way],
        )
        self._way.clear()
        self._unrecorded.clear()
        self._known = self._broken = False

    def _look_soon(self) -> float:
        return min(LATEST_LOOK, max(SOONEST_LOOK, self._pace / 2))

    def _look(self, marker: str | None) -> Report:
        """Ask the printer and publish what it says."""
        assert self._talk is not None
        report = self._talk.look(marker)
        if marker is not None and report.marker is not None:
            self._silence = False
        # What counts reports of our own labels is not the printer's counter.
        counter = report.counter if self._proof is Proof.COUNTER else None
        if not report.answered:
            self._silence = True
            problem = report.problems[0] if report.problems else NOT_ANSWERING
            self._say("stopped", f"{problem.sentence} {problem.cure}", (problem,))
        elif stops := [problem for problem in report.problems if problem.stops]:
            self._say("stopped", f"{stops[0].sentence} {stops[0].cure}", report.problems)
        elif self._way:
            self._say("printing", "Printing.", report.problems, counter)
        elif not self.printer.paused:
            self._say("ready", "Ready.", report.problems, counter)
        return report

    # ------------------------------------------------------------ status

    def _say(
        self,
        condition: Condition,
        sentence: str,
        problems: tuple[Problem, ...] = (),
        counter: int | None = None,
    ) -> None:
        old = self._status
        proof = {
            None: "unknown",
            Proof.COUNTER: "odometer",
            Proof.PRINT_END: "print_end",
            Proof.FENCE: "fence",
            Proof.IDLE: "idle",
            Proof.NOTHING: "sent",
        }[self._proof]
        changed = (condition, sentence, problems) != (old.condition, old.sentence, old.problems)
        self._status = PrinterStatus(
            condition,
            sentence,
            problems,
            proof,  # type: ignore[arg-type]
            dict(self._greeting.identity) if self._greeting else {},
            counter if counter is not None else old.counter,
            len(self._way),
            self._wall() if condition != old.condition else old.since,
        )
        if changed or self._status != old:
            self._publish(self.printer.id, self._status)

    @property
    def status(self) -> PrinterStatus:
        return self._status
