r"""The CPCL side of a virtual printer: bytes in; labels to the engine and answers to the host out.

Outside a session there are escapes (ESC h and the like), ``! U1`` lines, sessions that begin with
``!``, and text, which a real printer prints as it comes. Inside a session each line is a command,
and escapes are not understood (CPCL manual, section 11). What is unknown is listed with the label
it came with.

>>> from gateway.drivers.virtual.machine import Machine, Make, Pace
>>> from gateway.drivers.virtual.paper import Paper
>>> machine = Machine(Paper(), Make(), pace=Pace(speed_mm_s=0))
>>> cpcl = Interpreter(machine)
>>> answers = []
>>> cpcl.answer = answers.append
>>> cpcl.feed(b"! 0 200 200 80 1\r\nCG 1 2 8 8 \xff\x0a\r\nPRINT\r\n")
>>> machine.queued()[0].unknown
()
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gateway.drivers.virtual.canvas import Canvas, Tile, unpack
from gateway.drivers.virtual.cpcl.drawing import (
    Magnified,
    NotUnderstood,
    Placed,
    draw_box,
    draw_code,
    draw_line,
    draw_qr,
    draw_text,
)
from gateway.drivers.virtual.machine import Machine, Run
from gateway.errors import CodeRefused

_ESC = 0x1B
_LONGEST_LINE = 4096
"""Bytes of a line; what is longer is not understood."""
_MOST_DOTS = 4_000_000
"""Bytes of one picture: far more than a label has."""
_LONGEST_LABEL = 32_000
"""Dots a label is high at most; more would only cost memory."""
_MOST_LISTED = 200

_HEADER = re.compile(rb"!\s+(-?\d{1,5})\s+(\d{1,4})\s+(\d{1,4})\s+(\d{1,5})\s+(\d{1,4})\s*")
_GETVAR = re.compile(rb'!\s*U1\s+getvar\s+"([^"]{1,200})"\s*', re.IGNORECASE)
_PICTURE = re.compile(
    rb"(CG|COMPRESSED-GRAPHICS|EG|EXPANDED-GRAPHICS) +"
    rb"(\d{1,4}) +(\d{1,5}) +(\d{1,5}) +(\d{1,5}) ",
    re.IGNORECASE,
)
_MAYBE_PICTURE = re.compile(rb"(CG|COMPRESSED-GRAPHICS|EG|EXPANDED-GRAPHICS) ", re.IGNORECASE)
_TEXTS = frozenset(
    b"TEXT T TEXT90 T90 TEXT180 T180 TEXT270 T270 VTEXT VT".split()
)  # fmt: skip
_CODES = frozenset(b"BARCODE B VBARCODE VB".split())
_QUIETLY = frozenset(
    b"IN-DOTS FORM TONE CONTRAST SPEED JOURNAL GAP-SENSE BAR-SENSE SETFF NO-PACE COUNTRY "
    b"PREFEED POSTFEED".split()
)
"""Understood, and nothing to see of it on paper."""

ODOMETER = b"odometer.total_label_count"

_PLAIN = Magnified()


@dataclass(slots=True)
class _Label:
    """A session being received."""

    height: int
    quantity: int
    width: int
    offset: int
    octets: int = 0
    magnified: Magnified = _PLAIN
    placed: list[Placed] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    waiting: tuple[bytes, bytes] | None = None
    """A code whose data are the lines up to a word: its own line, and the word."""
    data: list[bytes] = field(default_factory=list)

    def list_unknown(self, what: str) -> None:
        if what not in self.unknown and len(self.unknown) < _MOST_LISTED:
            self.unknown.append(what)


class Interpreter:
    """One printer's understanding of CPCL. Not thread-safe: one connection feeds it at a time."""

    def __init__(self, machine: Machine, *, silent_on_error: bool = False) -> None:
        self.machine = machine
        self.silent_on_error = silent_on_error
        self.answer: Callable[[bytes], None] = lambda reply: None
        self.knows_variables = True
        """It answers ``! U1 getvar``, as printers with Link-OS do; older ones do not."""
        self.knows_abort = True
        """It ends a label by ABORT; others take that for a word they do not know."""
        self._session: int | None = None
        self._heard = bytearray()
        self._label: _Label | None = None
        self._utilities = False
        self._reset = True
        """It was switched on and nobody has acknowledged that (ESC N)."""
        self._asked = 0
        """ESC h that wait until the label before them is done."""
        self._asking = threading.Lock()

    def feed(self, received: bytes, session: int | None = None) -> None:
        """Take bytes from the wire."""
        self._session = session
        self._heard += received
        while self._heard and (taken := self._take()):
            if self._label is not None:
                self._label.octets += taken
            del self._heard[:taken]
        self._tell()

    def lose_power(self) -> None:
        """Forget everything; nothing of CPCL is kept in flash here."""
        self._heard.clear()
        self._label, self._utilities, self._reset = None, False, True
        with self._asking:
            self._asked = 0

    # Outside a session --------------------------------------------------------------------------

    def _take(self) -> int:
        """Act on what stands first; return its bytes, or 0 when it is not whole yet."""
        if self._label is not None:
            return self._take_in_label(self._label)
        first = self._heard[0]
        if first in b"\0\t\r\n ":
            return 1
        if first == _ESC and not self._utilities:
            return self._take_escape()
        found = re.search(rb"[\r\n\x1b]" if not self._utilities else rb"[\r\n]", self._heard)
        if found is None:
            return self._take_too_long()
        line = bytes(self._heard[: found.start()])
        if self._utilities:
            self._act_on_utility(line)
        elif first == ord("!"):
            self._begin(line)
        else:
            self.machine.note_admin("text outside a label: " + _shown(line))
        return found.start()

    def _take_too_long(self) -> int:
        if len(self._heard) < _LONGEST_LINE:
            return 0
        self.machine.note_admin("a line without end")
        return len(self._heard)

    def _take_escape(self) -> int:
        if len(self._heard) < 2:
            return 0
        match chr(self._heard[1]):
            case "h":
                with self._asking:
                    self._asked += 1
                self._tell()
            case "N":
                self._reset = False
            case "v":
                make = self.machine.make
                self.answer(f"{make.model} {make.firmware} {make.serial_number}\0".encode())
            case _:
                self.machine.note_admin("ESC " + _shown(bytes(self._heard[1:2])))
        return 2

    def _begin(self, line: bytes) -> None:
        if header := _HEADER.fullmatch(line):
            make = self.machine.make
            offset, _, _, height, quantity = map(int, header.groups())
            width = min(make.stock_width, make.head_width)
            self._label = _Label(min(max(1, height), _LONGEST_LABEL), quantity, width, offset)
        elif asked := _GETVAR.fullmatch(line):
            if self.knows_variables:
                known = asked[1] == ODOMETER
                self.answer(b'"%d"' % self.machine.odometer if known else b'"?"')
        elif re.fullmatch(rb"!\s+UTILITIES\s*", line, re.IGNORECASE):
            self._utilities = True
        else:
            self.machine.note_admin(_shown(line))

    def _act_on_utility(self, line: bytes) -> None:
        word = line.split()[0].upper()
        if word == b"PRINT":
            self._utilities = False
        elif word not in _QUIETLY and word not in (b"ABORT", b"!") and line[0] != _ESC:
            self.machine.note_admin(_shown(line))

    # In a label ---------------------------------------------------------------------------------

    def _take_in_label(self, label: _Label) -> int:
        if label.waiting is None:
            if self._heard[0] in b"\r\n":
                return 1
            if _MAYBE_PICTURE.match(self._heard):
                return self._take_picture(label)
        found = re.search(rb"\r\n?|\n", self._heard)
        if found is None:
            if len(self._heard) < _LONGEST_LINE:
                return 0
            label.list_unknown("a line without end")
            return len(self._heard)
        self._act(label, bytes(self._heard[: found.start()]))
        return found.end()

    def _take_picture(self, label: _Label) -> int:
        """CG: so many bytes. EG: twice as many hexadecimal digits, in one line or several."""
        head = _PICTURE.match(self._heard)
        if head is None:
            if b"\n" not in self._heard and len(self._heard) < 80:
                return 0
            label.list_unknown(_shown(bytes(self._heard[:40])))
            end = self._heard.find(b"\n") + 1
            return end or len(self._heard)
        stride, height, x, y = map(int, head.groups()[1:])
        size = stride * height
        if not 0 < size <= _MOST_DOTS:
            label.list_unknown(_shown(head[0]))
            return head.end()
        if head[1].upper() in (b"CG", b"COMPRESSED-GRAPHICS"):
            if len(self._heard) < head.end() + size:
                return 0
            dots, end = bytes(self._heard[head.end() : head.end() + size]), head.end() + size
        else:
            if len(self._heard) < head.end() + 2 * size:
                return 0
            run = re.compile(rb"[0-9A-Fa-f\r\n]*").match(self._heard, head.end())
            assert run is not None
            digits = re.sub(rb"[\r\n]", b"", run[0])
            if len(digits) < 2 * size and run.end() == len(self._heard):
                return 0
            if len(digits) < 2 * size:
                label.list_unknown(_shown(head[0]))
                return run.end()
            breaks = len(run[0]) - len(digits)
            end = head.end() + 2 * size + (breaks if len(digits) == 2 * size else 0)
            dots = bytes.fromhex(digits[: 2 * size].decode())
        label.placed.append((x, y, unpack(dots, stride)))
        return end

    def _act(self, label: _Label, line: bytes) -> None:
        if label.waiting is not None:
            self._gather(label, label.waiting, line)
            return
        word = (line.split() or [b""])[0].upper()
        try:
            if word == b"PRINT":
                self._print(label)
            elif word in (b"ABORT", b"END") and self.knows_abort:
                self._label = None
            elif word in _TEXTS:
                label.placed.append(draw_text(line, label.magnified))
            elif word in _CODES:
                if line.split()[1:2] in ([b"QR"], [b"qr"]):
                    label.waiting, label.data = (line, b"ENDQR"), []
                else:
                    label.placed.append(draw_code(line))
            elif word in (b"LINE", b"L"):
                label.placed.append(draw_line(line))
            elif word == b"BOX":
                label.placed.append(draw_box(line))
            elif word == b"SETMAG":
                label.magnified = _magnified(line)
            elif word in (b"PAGE-WIDTH", b"PW"):
                label.width = min(_number(line), self.machine.make.head_width) or label.width
            elif word in (b"BARCODE-TEXT", b"BT") and line.split()[1:] == [b"OFF"]:
                pass
            elif word not in _QUIETLY and not word.startswith((b";", b"*")):
                label.list_unknown(_shown(line))
        except (NotUnderstood, CodeRefused) as refused:
            label.list_unknown(str(refused))

    def _gather(self, label: _Label, waiting: tuple[bytes, bytes], line: bytes) -> None:
        if line.strip().upper() != waiting[1]:
            label.data.append(line)
            return
        label.waiting = None
        try:
            label.placed.append(draw_qr(waiting[0], b"\n".join(label.data)))
        except (NotUnderstood, CodeRefused) as refused:
            label.list_unknown(str(refused))

    def _print(self, label: _Label) -> None:
        self._label = None
        canvas = Canvas(max(1, label.width), label.height)
        for x, y, tile in label.placed:
            canvas.burn(tile, x + label.offset, y)
        notes = ("ink fell beside the paper",) if canvas.clipped else ()
        ink = canvas.tile()

        def draw(_: int) -> Tile:
            return ink

        if label.quantity:
            run = Run(
                draw=draw,
                quantity=label.quantity,
                octets=label.octets,
                unknown=tuple(label.unknown),
                notes=notes,
                on_printed=lambda _: self._tell(),
            )
            self.machine.submit(run, self._session)

    # Answers ------------------------------------------------------------------------------------

    def _tell(self) -> None:
        """Answer what was asked, once the label before it is done or stopped by trouble."""
        with self._asking:
            state = self.machine.state()
            if not self._asked or not (state.idle or state.halted):
                return
            if state.halted and self.silent_on_error:
                return
            asked, self._asked = self._asked, 0
        # Bits of the status byte (CPCL manual, section 11: get printer status).
        status = (not state.idle) + 2 * state.paper_out + 4 * state.head_open + 16 * self._reset
        self.answer(bytes([status]) * asked)


def _shown(line: bytes) -> str:
    return "".join(sign if " " <= sign <= "~" else "?" for sign in line[:60].decode("latin-1"))


def _number(line: bytes) -> int:
    words = line.split()
    if len(words) != 2 or not re.fullmatch(rb"\d{1,5}", words[1]):
        raise NotUnderstood(_shown(line))
    return int(words[1])


def _magnified(line: bytes) -> Magnified:
    match = re.fullmatch(rb"\S+ +(\d{1,2}) +(\d{1,2}) *", line)
    if match is None:
        raise NotUnderstood(_shown(line))
    across, down = (min(16, max(1, int(number))) for number in match.groups())
    return Magnified(across, down)


def speak(machine: Machine, state_dir: Path | None, silent_on_error: bool) -> Interpreter:
    """Return CPCL at work in a machine."""
    return Interpreter(machine, silent_on_error=silent_on_error)
