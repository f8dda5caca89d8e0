r"""The SBPL side of a virtual printer: bytes in; labels to the engine and answers to the host out.

Everything stands in items, ESC A to ESC Z; a command's data end at the next ESC unless they are
counted. Outside items there are ENQ (status), CAN (forget all) and what frames items. What is
unknown is listed with the label it came with.

>>> from gateway.drivers.virtual.machine import Machine, Make, Pace
>>> from gateway.drivers.virtual.paper import Paper
>>> machine = Machine(Paper(), Make(), pace=Pace(speed_mm_s=0))
>>> sbpl = Interpreter(machine)
>>> answers = []
>>> sbpl.answer = answers.append
>>> sbpl.feed(b"\x02\x1bA\x1bV1\x1bH1\x1bGB001001\xff\0\0\0\0\0\0\0\x1bQ1\x1bZ\x03\x05")
>>> machine.queued()[0].unknown, answers
((), [b'\x02  S000001                \x03'])
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.drivers.virtual.canvas import Canvas, Tile
from gateway.drivers.virtual.machine import Machine, MachineState, Run
from gateway.drivers.virtual.sbpl.drawing import (
    FONTS,
    NotUnderstood,
    draw_2d,
    draw_bars,
    draw_code128,
    draw_picture,
    draw_rule,
    draw_text,
)
from gateway.errors import CodeRefused

_STX, _ETX, _ENQ, _ACK, _NAK, _CAN, _ESC, _SOH = 2, 3, 5, 6, 0x15, 0x18, 0x1B, 1
_LONGEST_DATA = 8192
"""Bytes of a command's data that are not counted; more is not understood."""
_MOST_DOTS = 4_000_000
"""Bytes of one picture: far more than a label has."""
_LONGEST_LABEL = 32_000
_MOST_LISTED = 200

_PICTURE = re.compile(rb"\x1bG([BH])(\d{3})(\d{3})")
_MAYBE_PICTURE = re.compile(rb"\x1bG[BH]\d{0,6}")
_COUNTED = re.compile(rb"\x1bDN(\d{1,4}),")
_MAYBE_COUNTED = re.compile(rb"\x1bDN\d{0,4}")
_NAMES = sorted(
    {
        *FONTS, "V", "H", "A3", "A1", "%", "L", "PS", "PR", "P", "BG", "BD", "B", "D", "FW",
        "2D30", "2D50", "DN", "Q", "ID", "WK", "CS", "#E", "#F", "IG", "PM", "EX", "AR",
    },
    key=len,
    reverse=True,
)  # fmt: skip
_QUIETLY = {"CS", "#E", "#F", "EX", "AR", "A3", "PS", "PR", "IG", "PM"}
"""Understood, and nothing to see of it on paper."""

_OUTSIDE: Mapping[int, str] = {_SOH: "SOH", 0x10: "DLE", 0x11: "DC1", 0x12: "DC2"}


@dataclass(slots=True)
class _Item:
    """ESC A to ESC Z, being received."""

    octets: int = 0
    x: int = 1
    y: int = 1
    across: int = 1
    down: int = 1
    pitch: int = 2
    quantity: int = 0
    job: bytes = b"  "
    name: bytes = b""
    setup: tuple[str, bytes] | None = None
    """A 2D code that waits for its data."""
    placed: list[tuple[int, int, Tile]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def list_unknown(self, what: str) -> None:
        if what not in self.unknown and len(self.unknown) < _MOST_LISTED:
            self.unknown.append(what)


@dataclass(slots=True)
class _Job:
    """What a status says of an item until its last label is out."""

    job: bytes
    name: bytes
    remaining: int


class Interpreter:
    """One printer's understanding of SBPL. Not thread-safe: one connection feeds it at a time."""

    def __init__(self, machine: Machine, *, silent_on_error: bool = False) -> None:
        self.machine = machine
        self.silent_on_error = silent_on_error
        self.answer: Callable[[bytes], None] = lambda reply: None
        self.protocol = 4
        """4: a status names the job; 3: it does not."""
        self.legacy = False
        """Answers carry their length in four bytes before them (CL4NX: legacy status on LAN)."""
        self._session: int | None = None
        self._heard = bytearray()
        self._item: _Item | None = None
        self._size: tuple[int, int] | None = None
        """Width and height of labels, as ESC A1 last said."""
        self._jobs: deque[_Job] = deque()
        self._counting = threading.Lock()

    def feed(self, received: bytes, session: int | None = None) -> None:
        """Take bytes from the wire."""
        self._session = session
        self._heard += received
        while self._heard and (taken := self._take()):
            if self._item is not None:
                self._item.octets += taken
            del self._heard[:taken]

    def lose_power(self) -> None:
        """Forget everything; settings that some models keep are not kept here."""
        self._heard.clear()
        self._item, self._size = None, None
        with self._counting:
            self._jobs.clear()

    # Outside an item ----------------------------------------------------------------------------

    def _take(self) -> int:
        """Act on what stands first; return its bytes, or 0 when it is not whole yet."""
        first = self._heard[0]
        if first == _CAN:
            self._cancel()
            return 1
        if self._item is not None:
            return self._take_in_item(self._item)
        if first == _ENQ:
            self._tell_status()
        elif first == _ESC:
            if len(self._heard) < 3:
                return 0
            if self._heard[1] == ord("A") and self._heard[2] in b"\x1b\r\n":
                self._item = _Item()
                return 2
            self.machine.note_admin("ESC outside an item")
        elif first in _OUTSIDE:
            self.machine.note_admin(_OUTSIDE[first] + " outside an item")
        elif first not in b"\0\x02\x03\t\r\n ":
            self.machine.note_admin("data outside an item")
            stop = re.search(rb"[\x01\x02\x03\x05\x18\x1b]", self._heard)
            return stop.start() if stop else len(self._heard)
        return 1

    def _cancel(self) -> None:
        """CAN: the labels that wait are forgotten, and what is half received."""
        self._item = None
        self.machine.cancel_all()
        with self._counting:
            printing = self.machine.state().labels_remaining
            while len(self._jobs) > bool(printing):
                self._jobs.pop()
            if self._jobs:
                self._jobs[0].remaining = 1
        self._reply(bytes([_NAK if self.machine.state().halted else _ACK]))

    # In an item ---------------------------------------------------------------------------------

    def _take_in_item(self, item: _Item) -> int:
        heard = self._heard
        if heard[0] in b"\r\n":
            return 1
        if heard[0] != _ESC:
            item.list_unknown("data without a command")
            stop = re.search(rb"[\x18\x1b]", heard)
            return stop.start() if stop else len(heard)
        if len(heard) < 2:
            return 0
        if heard[1] == ord("Z"):
            self._end(item)
            return 2
        if _MAYBE_PICTURE.match(heard):
            return self._take_picture(item)
        if _MAYBE_COUNTED.match(heard):
            return self._take_counted(item)
        stop = re.search(rb"[\x18\x1b]", heard[1:])
        if stop is None:
            if len(heard) < _LONGEST_DATA:
                return 0
            item.list_unknown("a command without end")
            return len(heard)
        end = 1 + stop.start()
        self._act(item, bytes(heard[1:end]).rstrip(b"\r\n"))
        return end

    def _take_picture(self, item: _Item) -> int:
        head = _PICTURE.match(self._heard)
        if head is None:
            if len(self._heard) < 9:
                return 0
            item.list_unknown(_shown(bytes(self._heard[1:10])))
            return 3
        kind, wide, high = "G" + head[1].decode(), int(head[2]), int(head[3])
        size = wide * high * 8 * (2 if kind == "GH" else 1)
        if not 0 < size <= _MOST_DOTS:
            item.list_unknown(_shown(head[0][1:]))
            return head.end()
        if len(self._heard) < head.end() + size:
            return 0
        dots = bytes(self._heard[head.end() : head.end() + size])
        try:
            tile = draw_picture(kind, wide, dots).enlarged(item.across, item.down)
            item.placed.append((item.x, item.y, tile))
        except NotUnderstood as refused:
            item.list_unknown(str(refused))
        return head.end() + size

    def _take_counted(self, item: _Item) -> int:
        head = _COUNTED.match(self._heard)
        if head is None:
            if len(self._heard) < 8:
                return 0
            item.list_unknown(_shown(bytes(self._heard[1:9])))
            return 3
        end = head.end() + int(head[1])
        if len(self._heard) < end:
            return 0
        if item.setup is None:
            item.list_unknown("DN without a 2D code")
            return end
        try:
            tile = draw_2d(item.setup, bytes(self._heard[head.end() : end]))
            item.placed.append((item.x, item.y, tile))
        except (NotUnderstood, CodeRefused) as refused:
            item.list_unknown(str(refused))
        item.setup = None
        return end

    def _act(self, item: _Item, command: bytes) -> None:
        text = command[:8].decode("latin-1")
        name = next((known for known in _NAMES if text.startswith(known)), "")
        data = command[len(name) :]
        try:
            if tile := self._draw(item, name, data):
                item.placed.append((item.x, item.y, tile))
            elif not self._place(item, name, data) and name not in _QUIETLY:
                item.list_unknown(_shown(command))
        except (NotUnderstood, CodeRefused) as refused:
            item.list_unknown(str(refused))

    @staticmethod
    def _draw(item: _Item, name: str, data: bytes) -> Tile | None:
        if name in FONTS:
            return draw_text(name, data, item.pitch, item.across, item.down)
        if name == "BG":
            return draw_code128(data)
        if name in ("B", "BD", "D"):
            return draw_bars(name, data)
        if name == "FW":
            return draw_rule(data)
        return None

    def _place(self, item: _Item, name: str, data: bytes) -> bool:
        """Take in where and how things are drawn; return whether that was all."""
        match name:
            case "V":
                item.y = _number(data, 1, _LONGEST_LABEL)
            case "H":
                item.x = _number(data, 1, 9999)
            case "P":
                item.pitch = _number(data, 0, 99)
            case "L":
                if not re.fullmatch(rb"\d{4}", data):
                    raise NotUnderstood("L" + _shown(data))
                item.across, item.down = (min(12, max(1, int(n))) for n in (data[:2], data[2:]))
            case "Q":
                item.quantity = _number(data, 0, 999_999)
            case "ID":
                item.job = data[:2].rjust(2)
            case "WK":
                item.name = data[:16]
            case "2D30" | "2D50":
                item.setup = (name, data)
            case "A1":
                self._size = _size(data)
            case "%":
                return data == b"0"
            case _:
                return False
        return True

    def _end(self, item: _Item) -> None:
        self._item = None
        if not item.quantity:
            for what in item.unknown:
                self.machine.note_admin(what)
            return
        make = self.machine.make
        width, height = self._size or (make.stock_width, make.stock_height)
        canvas = Canvas(min(width, make.head_width), height)
        for x, y, tile in item.placed:
            canvas.burn(tile, x - 1, y - 1)
        ink = canvas.tile()
        job = _Job(item.job, item.name, item.quantity)
        with self._counting:
            self._jobs.append(job)
        run = Run(
            draw=lambda _: ink,
            quantity=item.quantity,
            octets=item.octets,
            unknown=tuple(item.unknown),
            notes=("ink fell beside the paper",) if canvas.clipped else (),
            on_printed=lambda _: self._count(job),
        )
        self.machine.submit(run, self._session)

    def _count(self, job: _Job) -> None:
        with self._counting:
            job.remaining -= 1
            if job.remaining <= 0 and job in self._jobs:
                self._jobs.remove(job)

    # Answers ------------------------------------------------------------------------------------

    def _tell_status(self) -> None:
        """Answer ENQ: job, status, labels left and the job's name (CL4NX reference, Status 4)."""
        state = self.machine.state()
        if state.halted and self.silent_on_error:
            return
        with self._counting:
            # Between a label's end and its count there is a moment.
            job = self._jobs[0] if self._jobs and not state.idle else _Job(b"  ", b"", 0)
        status = _status(state, bool(job.remaining))
        body = b"%b%b%06d" % (job.job, status, job.remaining)
        if self.protocol == 4:
            body += job.name.ljust(16)
        self._reply(b"\x02%b\x03" % body)

    def _reply(self, reply: bytes) -> None:
        if self.legacy:
            echo = b"\x05" if reply[0] == _STX and self.protocol == 4 else b""
            reply = (len(echo) + len(reply)).to_bytes(4) + echo + reply
        self.answer(reply)


def _status(state: MachineState, busy: bool) -> bytes:
    """Return the status byte (E series and CL4NX references, status bytes)."""
    if state.head_open:
        return b"b"
    if state.paper_out:
        return b"c"
    if state.ribbon_out:
        return b"d"
    if state.paused:
        return b"0"
    if state.labels_remaining:
        return b"G"
    return b"S" if busy else b"A"


def _shown(data: bytes) -> str:
    return "".join(sign if " " <= sign <= "~" else "?" for sign in data[:40].decode("latin-1"))


def _number(data: bytes, least: int, most: int) -> int:
    if not re.fullmatch(rb"\d{1,6}", data):
        raise NotUnderstood(_shown(data))
    return min(most, max(least, int(data)))


def _size(data: bytes) -> tuple[int, int]:
    match = re.fullmatch(rb"V(\d{1,5})H(\d{1,5})", data)
    if match is None or not int(match[1]) or not int(match[2]):
        raise NotUnderstood("A1" + _shown(data))
    return int(match[2]), min(int(match[1]), _LONGEST_LABEL)


def speak(machine: Machine, state_dir: Path | None, silent_on_error: bool) -> Interpreter:
    """Return SBPL at work in a machine."""
    return Interpreter(machine, silent_on_error=silent_on_error)
