r"""The TSPL side of a virtual printer: bytes in; labels to the engine and answers to the host out.

Commands act in order. ``ESC !`` commands act where the stream reaches them and are answered at
once, also in an error; ``~!`` and OUT are answered when the printer is ready, and not before every
label before them is under the head (TSPL/TSPL2 Programming Manual, Document Conventions).

>>> from gateway.drivers.virtual.machine import Machine, Make, Pace
>>> from gateway.drivers.virtual.paper import Paper
>>> machine = Machine(Paper(), Make(), pace=Pace(speed_mm_s=0))
>>> tspl = Interpreter(machine)
>>> tspl.answer = print
>>> tspl.feed(b'SIZE 50 mm,25 mm\r\nCLS\r\nBAR 9,9,80,4\r\nOUT "=";@LABEL\r\n\x1b!?')
b'=0\r\n'
b'\x00'
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path

from gateway.drivers.virtual.canvas import Canvas
from gateway.drivers.virtual.lines import Command
from gateway.drivers.virtual.machine import Machine, Run
from gateway.drivers.virtual.tspl import answers
from gateway.drivers.virtual.tspl.drawing import DRAWING, Sheet, Wrong
from gateway.drivers.virtual.tspl.stream import CommandStream
from gateway.errors import CodeRefused

_LONGEST_LABEL = 32_000
"""Dots: more than the longest label that SIZE allows on any head."""
_MOST_PIECES = 1_000_000
_MOST_FILES = 256

_QUIET = frozenset({"OFFSET", "SPEED", "DENSITY", "SHIFT", "COUNTRY", "CODEPAGE", "LIMITFEED"})
"""Settings that change no dot here."""
_SWITCHES = frozenset({"TEAR", "PEEL", "CUTTER", "PARTIAL_CUTTER", "BACK", "RIBBON", "REPRINT"})


class Interpreter:
    """One printer's understanding of TSPL. One connection feeds it at a time."""

    def __init__(self, machine: Machine, *, silent_on_error: bool = False) -> None:
        self.machine = machine
        self.silent_on_error = silent_on_error
        self.answer: Callable[[bytes], None] = lambda reply: None
        """Takes what goes back to the host."""
        self.settings: dict[str, str] = {}
        """GAP, DENSITY, SET PEEL …: as they were last sent."""
        self.files: dict[str, bytes] = {}
        """The files in DRAM."""
        self._stream = CommandStream()
        self._lock = threading.Lock()
        self._waiting: list[tuple[int, Callable[[], bytes]]] = []
        """Answers, and how many labels must be under the head before they are given."""
        self._forget()
        self._session = machine.session
        self._counter_base = 0

    def _forget(self) -> None:
        self._size: tuple[int, int] | None = None
        self._turned = self._mirrored = False
        self._sent = self._begun = 0
        self._reprint = True
        self._sheet = Sheet(Canvas(*self._dots()), pictures=self.files)

    def feed(self, received: bytes, session: int | None = None) -> None:
        """Take bytes from the wire and act on each command that is whole."""
        self._session = self.machine.session if session is None else session
        self._stream.feed(received)
        for command in self._stream:
            if self.machine.session != self._session:
                return
            self._act(command)
        self._answer_due()

    def lose_power(self) -> None:
        """Forget everything but flash."""
        self._stream.reset()
        self.settings.clear()
        self.files.clear()
        with self._lock:
            self._waiting.clear()
        self._forget()

    # Acting -------------------------------------------------------------------------------------

    def _act(self, command: Command) -> None:
        name = command.name
        if draw := DRAWING.get(name):
            try:
                draw(self._sheet, command)
            except Wrong:
                self._sheet.list_unknown(str(command))
            except CodeRefused as refused:
                self._sheet.list_unknown(f"{name}: {refused}")
            return
        if act := ACTS.get(name):
            act(self, command)
        elif name in _QUIET:
            self.settings[name] = ",".join(command.values)
        elif re.fullmatch(r"@LABEL|@\d+", name):
            self.machine.note_admin(str(command))
            number = re.search(r"=\s*\"?(\d{1,9})", command.line)
            if name == "@LABEL" and number:
                self._counter_base = self.machine.odometer - int(number[1])
        elif name in _ADMIN:
            self.machine.note_admin(str(command))
        else:
            self._sheet.list_unknown(str(command))

    def _dots(self) -> tuple[int, int]:
        make = self.machine.make
        width, height = self._size or (make.stock_width, make.stock_height)
        most = max(make.head_width, make.stock_width)
        return max(1, min(width, most)), max(1, min(height, _LONGEST_LABEL))

    def _clear(self, command: Command) -> None:
        reference = self._sheet.reference
        self._sheet = Sheet(Canvas(*self._dots()), reference, self.files)

    def _set_size(self, command: Command) -> None:
        sides = [self._length(value) for value in command.values[:2]]
        if not sides or sides[0] is None:
            self._sheet.list_unknown(str(command))
            return
        high = sides[1] if len(sides) > 1 and sides[1] is not None else self._dots()[1]
        if (sides[0], high) != self._size:
            self._size = sides[0], high
            unknown = self._sheet.unknown
            self._clear(command)
            self._sheet.unknown = unknown

    def _length(self, written: str) -> int | None:
        """Return a length in dots: inches unless it says mm or dot."""
        match = re.fullmatch(r"\s*(\d{1,5}(?:\.\d{1,4})?)\s*(mm|dot)?\s*", written, re.IGNORECASE)
        if match is None:
            return None
        value, density = Fraction(match[1]), Fraction(self.machine.make.density)
        unit = (match[2] or "").lower()
        if unit != "dot":
            value *= density if unit == "mm" else density * Fraction(254, 10)
        return int(value + Fraction(1, 2))

    def _track(self, command: Command) -> None:
        self.settings.pop("GAP", None)
        self.settings.pop("BLINE", None)
        self.settings[command.name] = ",".join(command.values)

    def _direct(self, command: Command) -> None:
        self._turned = command.values[:1] == ("1",)
        self._mirrored = command.values[1:2] == ("1",)

    def _refer(self, command: Command) -> None:
        if match := re.fullmatch(r"(-?\d{1,5}),(-?\d{1,5})", ",".join(command.values[:2])):
            self._sheet.reference = int(match[1]), int(match[2])
        else:
            self._sheet.list_unknown(str(command))

    def _switch(self, command: Command) -> None:
        words = command.line.split()
        if len(words) > 2 and words[1].upper() in _SWITCHES:
            self.settings[f"SET {words[1].upper()}"] = " ".join(words[2:]).upper()
            if words[1].upper() == "REPRINT":
                self._reprint = words[2].upper() == "ON"
        else:
            self.machine.note_admin(str(command))

    def _print(self, command: Command) -> None:
        counts = [value.strip() for value in command.values] or ["1"]
        if len(counts) > 2 or not all(re.fullmatch("[0-9]{1,9}", count) for count in counts):
            self._sheet.list_unknown(str(command))
            return
        quantity = 1
        for count in counts:
            quantity *= int(count)
        if not quantity:
            return
        sheet = self._sheet
        tile = sheet.canvas.tile()
        if self._turned:
            tile = tile.turned(2)
        if self._mirrored:
            tile = tile.mirrored()
        self._sent += 1
        notes = ("ink fell beside the paper",) if sheet.canvas.clipped else ()
        quantity = min(quantity, _MOST_PIECES)

        def begin(copy: int) -> None:
            if copy == quantity - 1:
                self._begun += 1
                self._answer_due()

        self.machine.submit(
            Run(
                draw=lambda copy: tile,
                quantity=quantity,
                octets=len(tile.rows) * ((tile.width + 7) // 8),
                unknown=tuple(sheet.unknown),
                notes=notes,
                reprint=self._reprint,
                on_piece=begin,
            ),
            self._session,
        )
        # The picture stays until CLS; what was said of it stays with this label.
        sheet.unknown = []

    # Memory -------------------------------------------------------------------------------------

    def _download(self, command: Command) -> None:
        if len(command.values) != 3:
            self._sheet.list_unknown(str(command))  # it does not say how much follows
            return
        place, name, _ = command.values
        if place:
            self.machine.note_admin(f"stored {place},{name} in flash")
        elif len(self.files) < _MOST_FILES:
            self.files[name.upper()] = command.octets

    def _kill(self, command: Command) -> None:
        if len(command.values) > 1:
            self.machine.note_admin(str(command))
        for name in command.values[-1:]:
            self.files.pop(name.upper(), None)

    # Answers ------------------------------------------------------------------------------------

    def _out(self, command: Command) -> None:
        parts = re.findall(r'"[^"]*"|[^;"]+', command.line.strip()[3:])
        said: list[Callable[[], str]] = []
        for part in (part.strip() for part in parts):
            if part[:1] == '"':
                said.append(lambda text=part[1:-1]: text)  # type: ignore[misc]
            elif re.fullmatch(r"@?LABEL|STR\$\(\s*LABEL\s*\)", part.upper()):
                said.append(lambda: str(self.machine.odometer - self._counter_base))
            elif part.upper() == "_MODEL$":
                said.append(lambda: self.machine.make.model)
            elif part.upper() == "_SERIAL$":
                said.append(lambda: self.machine.make.serial_number)
            elif part:
                self._sheet.list_unknown(str(command))
                return
        self._answer_later(lambda: "".join(one() for one in said).encode("latin-1") + b"\r\n")

    def _answer_later(self, reply: Callable[[], bytes]) -> None:
        with self._lock:
            self._waiting.append((self._sent, reply))
        self._answer_due()

    def _answer_due(self) -> None:
        state = self.machine.state()
        if state.halted or state.paused:
            return
        with self._lock:
            due = [reply for sent, reply in self._waiting if sent <= self._begun]
            self._waiting = [one for one in self._waiting if one[0] > self._begun]
        for reply in due:
            self.answer(reply())

    def _status(self, command: Command) -> None:
        state = self.machine.state()
        if self.silent_on_error and state.halted:
            return
        long = command.name == "ESC!S"
        self.answer(answers.long_status(state) if long else answers.short_status(state))

    def _list_files(self, command: Command) -> None:
        self._answer_later(lambda: answers.file_list(self.files))

    def _name_model(self, command: Command) -> None:
        self._answer_later(lambda: self.machine.make.model.encode() + b"\r\n")

    def _pause(self, command: Command) -> None:
        self.machine.note_admin(command.name)
        self.machine.pause()

    def _resume(self, command: Command) -> None:
        self.machine.note_admin(command.name)
        self.machine.resume()

    def _cancel(self, command: Command) -> None:
        self.machine.note_admin(command.name)
        self.machine.cancel_all()
        self._begun = self._sent

    def _restart(self, command: Command) -> None:
        self.machine.note_admin(command.name)
        self.machine.power_off()
        self.machine.power_on()


Act = Callable[[Interpreter, Command], None]

ACTS: Mapping[str, Act] = {
    "~!F": Interpreter._list_files,
    "~!T": Interpreter._name_model,
    "ESC!.": Interpreter._cancel,
    "ESC!?": Interpreter._status,
    "ESC!O": Interpreter._resume,
    "ESC!P": Interpreter._pause,
    "ESC!R": Interpreter._restart,
    "ESC!S": Interpreter._status,
    "BLINE": Interpreter._track,
    "CLS": Interpreter._clear,
    "DIRECTION": Interpreter._direct,
    "DOWNLOAD": Interpreter._download,
    "GAP": Interpreter._track,
    "KILL": Interpreter._kill,
    "OUT": Interpreter._out,
    "PRINT": Interpreter._print,
    "REFERENCE": Interpreter._refer,
    "SET": Interpreter._switch,
    "SIZE": Interpreter._set_size,
}
"""What acts on a command that draws nothing."""

_ADMIN = frozenset(
    {"PROGRAM", "RUN", "FILES", "SELFTEST", "INITIALPRINTER", "FEED", "BACKFEED", "BACKUP", "HOME"}
    | {"FORMFEED", "CUT", "AUTODETECT", "GAPDETECT", "BLINEDETECT", "MOVE", "COPY", "ESC!F"}
)
"""What changes the printer or moves paper without a label."""


def speak(machine: Machine, state_dir: Path | None, silent_on_error: bool) -> Interpreter:
    """Return TSPL at work in a machine. Nothing it keeps outlives the power."""
    return Interpreter(machine, silent_on_error=silent_on_error)
