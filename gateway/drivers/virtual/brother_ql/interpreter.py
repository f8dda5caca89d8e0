r"""The Brother QL side of a virtual printer: raster lines in; labels to the engine, reports out.

It behaves as on USB: each report of 32 bytes comes by itself, when printing begins, when a label is
out, and when something stops the printer (raster command reference, 5. Flow Charts). The roll that
is loaded is the machine's stock; what the commands say of it must fit, or nothing prints.

>>> from gateway.drivers.virtual.machine import Machine, Make, Pace
>>> from gateway.drivers.virtual.paper import Paper
>>> stock = Make(density=Fraction(1500, 127), stock_width=732, stock_height=342, head_width=732)
>>> said = []
>>> ql = Interpreter(Machine(Paper(), stock, pace=Pace(speed_mm_s=0)))
>>> ql.answer = said.append
>>> ql.feed(b"\x1biS")
>>> said[0].hex(" ", 8)
'8020423441300000 00003e0b00003f00 001d000000000000 0000000000000000'
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from gateway.drivers.virtual.canvas import Canvas, Tile
from gateway.drivers.virtual.machine import Machine, Run

NARROW_OCTETS, WIDE_OCTETS = 90, 162
"""Bytes of a line: 720 pins, and 1296 on printers for rolls up to 104 mm."""

_AREAS = {
    (12, 0): (29, 106), (29, 0): (6, 306), (38, 0): (12, 413), (50, 0): (12, 554),
    (54, 0): (0, 590), (62, 0): (12, 696), (102, 0): (56, 1164), (104, 0): (56, 1200),
    (12, 12): (113, 94), (17, 54): (0, 165), (17, 87): (0, 165), (23, 23): (42, 202),
    (24, 24): (42, 236), (29, 42): (6, 306), (29, 90): (6, 306), (38, 90): (12, 413),
    (39, 48): (6, 425), (52, 29): (0, 578), (58, 58): (51, 618), (62, 29): (12, 696),
    (62, 100): (12, 696), (102, 51): (56, 1164), (102, 153): (56, 1164), (104, 164): (56, 1200),
}  # fmt: skip
"""Width and length in mm to offset pins from the right and pins of the print area (2.3.5)."""

_WIDE_OFFSET = 44
"""Offset pins that narrow rolls have in addition on the wide head."""

CONTINUOUS, DIE_CUT = 0x0A, 0x0B
REPLY, COMPLETED, ERROR, NOTIFICATION, PHASE = 0x00, 0x01, 0x02, 0x05, 0x06
"""Status types (table 5 of ESC i S)."""

_PARAMETERS = {b"a": 1, b"z": 10, b"M": 1, b"A": 1, b"K": 1, b"d": 2, b"!": 1, b"S": 0}
_MOST_LISTED = 200
_LONGEST = 12_000
"""Lines of a label: 1 m."""


class Interpreter:
    """One printer's understanding of raster commands. Not thread-safe but for its reports."""

    def __init__(self, machine: Machine, *, silent_on_error: bool = False) -> None:
        self.machine = machine
        self.silent_on_error = silent_on_error
        self.answer: Callable[[bytes], None] = lambda reply: None
        """Takes what goes back to the host."""
        self.asked_while_printing = 0
        """Questions that came while a label printed: the reference forbids them."""
        self._held = b""
        self._unknown: list[str] = []
        self._reset()
        self._troubles = (False, False)
        self._refused: tuple[int, int, int] | None = None
        """What the last page asked for that was not loaded."""
        self._room: Callable[[], None] | None = None

    def _reset(self) -> None:
        """ESC @: forget the page and its settings."""
        self._rows: list[bytes] = []
        self._packed = False
        self._margin = 0
        self._media: tuple[int, int, int] | None = None
        self._mode = 0
        self._reports = True

    def lose_power(self) -> None:
        """Forget everything."""
        self._held = b""
        self._unknown.clear()
        self._refused = None
        self._reset()

    def feed(self, received: bytes, session: int | None = None) -> None:
        """Take bytes from the wire and act on each command that is whole."""
        if self.machine.on_room != self._watch:
            # Trouble is told by itself, not only when asked: be there when the machine changes.
            self._room, self.machine.on_room = self.machine.on_room, self._watch
        self._held += received
        session = self.machine.session if session is None else session
        at = 0
        while at < len(self._held):
            if self.machine.session != session:
                self._held = b""
                return
            taken = self._take(at, session)
            if not taken:
                break
            at += taken
        self._held = self._held[at:]

    # Commands -----------------------------------------------------------------------------------

    def _take(self, at: int, session: int) -> int:
        """Act on the command at a place; return its bytes, 0 when it is not whole yet."""
        held = self._held
        match held[at : at + 1]:
            case b"\0":
                return 1
            case b"\x1b":
                return self._take_escape(at)
            case b"M":
                if len(held) < at + 2:
                    return 0
                self._packed = held[at + 1] == 2
                return 2
            case b"g" | b"w":
                if len(held) < at + 3 or len(held) < at + 3 + held[at + 2]:
                    return 0
                data = held[at + 3 : at + 3 + held[at + 2]]
                if held[at : at + 1] == b"w":
                    self._list("two-colour line")
                self._rows.append(_unpack(data) if self._packed else data)
                return 3 + len(data)
            case b"Z":
                self._rows.append(b"")
                return 1
            case b"\x0c" | b"\x1a":
                self._print(session)
                return 1
            case sign:
                self._list(f"byte {sign.hex()}")
                return 1

    def _take_escape(self, at: int) -> int:
        held = self._held
        if held[at + 1 : at + 2] == b"@":
            self._reset()
            return 2
        if len(held) < at + 3:
            return 0 if held[at + 1 : at + 2] in (b"", b"i") else self._skip(at, 2)
        letter = held[at + 2 : at + 3]
        if held[at + 1 : at + 2] != b"i" or letter not in _PARAMETERS:
            return self._skip(at, 3)
        count = _PARAMETERS[letter]
        if len(held) < at + 3 + count:
            return 0
        self._set(letter, held[at + 3 : at + 3 + count])
        return 3 + count

    def _skip(self, at: int, count: int) -> int:
        skipped = self._held[at : at + count]
        self._list(f"ESC {skipped[1:].hex()}")
        if skipped[1:3] in (b"iU", b"iX", b"iR", b"iL"):
            self.machine.note_admin(f"ESC {skipped[1:].decode()}")
        return count

    def _set(self, letter: bytes, values: bytes) -> None:
        match letter:
            case b"S":
                self._reply()
            case b"a":
                if values[0] != 1:
                    self.machine.note_admin(f"ESC i a {values[0]}")
            case b"!":
                self._reports = values[0] == 0
            case b"z":
                # n1: which of type, width and length are said; n2 to n4: they themselves.
                said, kind, width, length = values[:4]
                self._media = (
                    kind if said & 0x02 else 0,
                    width if said & 0x04 else 0,
                    length if said & 0x08 else 0,
                )
            case b"M":
                self._mode = values[0]
            case b"d":
                self._margin = values[0] | values[1] << 8
            case _:
                pass  # ESC i A and ESC i K: when it cuts, which paper here does not show

    def _list(self, what: str) -> None:
        if what not in self._unknown and len(self._unknown) < _MOST_LISTED:
            self._unknown.append(what)

    # Printing -----------------------------------------------------------------------------------

    def _print(self, session: int) -> None:
        rows, self._rows = self._rows, []
        kind, width, length = self._media or (0, 0, 0)
        if not rows:
            self._list("a page without lines")
            return
        if not self._loaded(kind, width, length):
            self._refused = kind, width, length
            self._report(ERROR)
            return
        self._refused = None
        unknown = tuple(self._unknown)
        self._unknown.clear()
        tile, notes = self._burn(rows[:_LONGEST], kind, width, length)
        self.machine.submit(
            Run(
                draw=lambda copy: tile,
                octets=sum(map(len, rows)) + len(rows),
                unknown=unknown,
                notes=notes,
                on_piece=lambda copy: self._report(PHASE, phase=1),
                on_printed=lambda copy: self._printed(),
            ),
            session,
        )

    def _loaded(self, kind: int, width: int, length: int) -> bool:
        """Return whether what the page asks for lies in the printer (ESC i z)."""
        has_width, has_length = self._roll()
        if width and width != has_width:
            return False
        return not (kind == DIE_CUT and length and length != has_length)

    def _roll(self) -> tuple[int, int]:
        make = self.machine.make
        return round(make.stock_width / make.density), round(make.stock_height / make.density)

    def _burn(
        self, rows: list[bytes], kind: int, width: int, length: int
    ) -> tuple[Tile, tuple[str, ...]]:
        """Return the label: the lines laid on the roll as it runs under the head."""
        make = self.machine.make
        across = make.stock_width
        wide = max(map(len, rows)) > NARROW_OCTETS
        area = _AREAS.get((width, length if kind == DIE_CUT else 0))
        notes: list[str] = []
        if area is None:
            notes.append(f"no roll of {width} × {length} mm is known")
            offset, dots = 0, min(across, 8 * (WIDE_OCTETS if wide else NARROW_OCTETS))
        else:
            offset, dots = area
            if wide and width < 102:
                offset += _WIDE_OFFSET
        high = make.stock_height if kind == DIE_CUT else len(rows) + 2 * self._margin
        paper = Canvas(across, high)
        top = (high - len(rows)) // 2 if kind == DIE_CUT else self._margin
        left = (across - dots) // 2
        for number, row in enumerate(rows):
            # The first bit burns at the right edge: read the line backwards.
            bits = format(int.from_bytes(row, "big"), f"0{8 * len(row)}b")[::-1] if row else ""
            seen = bits[max(0, len(bits) - offset - dots) : len(bits) - offset]
            if bits.count("1") != seen.count("1"):
                notes.append("ink fell beside the print area")
            if "1" in seen:
                paper.burn(
                    Tile(len(seen), 1, (int(seen, 2),)), left + dots - len(seen), top + number
                )
        if paper.clipped:
            notes.append("ink fell beside the paper")
        return paper.tile(), tuple(dict.fromkeys(notes))

    def _printed(self) -> None:
        self._report(COMPLETED)
        self._report(PHASE, phase=0)

    # Reports ------------------------------------------------------------------------------------

    def _reply(self) -> None:
        state = self.machine.state()
        printing = state.labels_remaining > 0 and not state.halted
        if printing:
            self.asked_while_printing += 1
            return  # read when the label is out, if at all
        if self.silent_on_error and state.halted:
            return
        self.answer(self._status(REPLY))

    def _watch(self) -> None:
        """Tell of trouble by itself: an error while there is work, else only the cover."""
        if self._room is not None:
            self._room()
        state = self.machine.state()
        troubles = (state.paper_out, state.head_open)
        if troubles == self._troubles:
            return
        opened, closed = troubles[1] > self._troubles[1], troubles[1] < self._troubles[1]
        worse = any(new > old for new, old in zip(troubles, self._troubles, strict=True))
        self._troubles = troubles
        if self.silent_on_error:
            return
        if worse and not state.idle:
            self._report(ERROR)
        elif opened or closed:
            self._report(NOTIFICATION, notification=0x01 if opened else 0x02)

    def _report(self, kind: int, *, phase: int | None = None, notification: int = 0) -> None:
        if self._reports:
            self.answer(self._status(kind, phase, notification))

    def _status(self, kind: int, phase: int | None = None, notification: int = 0) -> bytes:
        """Return the 32 bytes of ESC i S."""
        state = self.machine.state()
        width, length = self._roll()
        if phase is None:
            phase = int(state.labels_remaining > 0 and not state.halted)
        known = (width, length) in _AREAS
        wrong = self._refused is not None and not self._loaded(*self._refused)
        wide = self.machine.make.head_width > 8 * NARROW_OCTETS + 36
        return bytes(
            (
                0x80, 0x20, 0x42, 0x34, 0x44 if wide else 0x41, 0x30, 0x00, 0x00,
                0x01 if state.paper_out else 0x00,
                (0x10 if state.head_open else 0x00) | wrong,
                0 if state.paper_out else min(width, 255),
                0 if state.paper_out else (DIE_CUT if known else CONTINUOUS),
                0x00, 0x00, 0x3F, self._mode, 0x00,
                min(length, 255) if known and not state.paper_out else 0,
                kind, phase, 0x00, 0x00, notification, 0x00,
                *bytes(8),
            )
        )  # fmt: skip


def _unpack(data: bytes) -> bytes:
    """Return a line that was packed as TIFF 6.0 says (section 9, PackBits)."""
    out, at = bytearray(), 0
    while at < len(data):
        head = data[at]
        if head < 128:
            out += data[at + 1 : at + 2 + head]
            at += 2 + head
        elif head > 128:
            out += data[at + 1 : at + 2] * (257 - head)
            at += 2
        else:
            at += 1
    return bytes(out)


def speak(machine: Machine, state_dir: Path | None, silent_on_error: bool) -> Interpreter:
    """Return Brother QL raster at work in a machine; it keeps nothing on flash."""
    return Interpreter(machine, silent_on_error=silent_on_error)


__all__ = ["Fraction", "Interpreter", "speak"]
