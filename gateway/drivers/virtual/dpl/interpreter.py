r"""The DPL side of a virtual printer: bytes in; labels to the engine and answers to the host out.

Three readers take turns: system commands (STX and a letter), the lines of a label format (from STX
L to E), and the records of a picture (after STX I). Immediate commands (SOH and a letter) are
carried out wherever the stream reaches them. What has no meaning here is listed with the label.

>>> from gateway.drivers.virtual.machine import Machine, Make, Pace
>>> from gateway.drivers.virtual.paper import Paper
>>> dpl, said = Interpreter(Machine(Paper(), Make(), pace=Pace(speed_mm_s=0))), []
>>> dpl.answer = said.append
>>> dpl.feed(b"\x01A\x01F")
>>> said
[b'NNNNNNNN\r', b'\x00\r']
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

from gateway.drivers.virtual.canvas import Canvas, Ink, Tile
from gateway.drivers.virtual.dpl.records import Inked, Sheet, Unknown, draw_record
from gateway.drivers.virtual.machine import Machine, Run

_SOH, _STX, _CR = 0x01, 0x02, 0x0D
_BEL, _RS, _US = b"\x07", b"\x1e", b"\x1f"
"""Feedback characters: invalid character, label printed, end of batch (STX a)."""

_MOST_LISTED = 200
_LONGEST_LINE = 4096
_TALLEST = 30_000

_LENGTHS = {"c": 4, "M": 4, "O": 4, "f": 3, "V": 1, "z": 1, "q": 1, "S": 1, "P": 1, "E": 4, "j": 4}
"""Characters behind a system command's letter; other commands have none, or end with CR."""
_ENDED_BY_CR = frozenset("IxKUWTi")
_ADMIN = frozenset("AKkQqXpTZwFoJjR")
"""System commands that change the printer, move paper or print what was not sent."""

_PICTURE_LINE = re.compile(r"80([0-9A-Fa-f]{2})((?:[0-9A-Fa-f]{2})*)")


@dataclass(slots=True)
class _Format:
    """A label format being received."""

    sheet: Sheet
    inked: list[tuple[Inked, Ink]] = field(default_factory=list)
    ink: Ink = Ink.XOR
    """Attribute 1, the default, prints where an odd number of fields overlap (A)."""
    row: int = 0
    column: int = 0
    quantity: int = 1
    octets: int = 0
    counting: str = ""


@dataclass(slots=True)
class _Picture:
    """A picture being received."""

    name: str
    rows: list[bytes] = field(default_factory=list)


class Interpreter:
    """One printer's understanding of DPL. Not thread-safe: one connection feeds it at a time."""

    def __init__(self, machine: Machine, *, silent_on_error: bool = False) -> None:
        self.machine = machine
        self.silent_on_error = silent_on_error
        self.answer: Callable[[bytes], None] = lambda reply: None
        """Takes what goes back to the host."""
        self._held = b""
        self._session = machine.session
        self._unknown: list[str] = []
        self._switch_on()

    def _switch_on(self) -> None:
        self.pictures: dict[str, Tile] = {}
        """What is stored in RAM, by name: module D, or A on the first printers."""
        self._metric = self._feedback = False
        self._continuous = 0
        self._format: _Format | None = None
        self._picture: _Picture | None = None
        self._printed = 0

    def lose_power(self) -> None:
        """Forget everything: pictures are kept in RAM."""
        self._held = b""
        self._unknown.clear()
        self._switch_on()

    def feed(self, received: bytes, session: int | None = None) -> None:
        """Take bytes from the wire and act on each command that is whole."""
        self._session = self.machine.session if session is None else session
        self._held += received
        while self._held:
            if self.machine.session != self._session:
                self._held = b""
                return
            taken = self._take(self._held)
            if not taken:
                return
            self._held = self._held[taken:]

    def _take(self, held: bytes) -> int:
        """Act on what stands first; return its bytes, or 0 when it is not whole yet."""
        if held[0] == _SOH:
            if len(held) < 2:
                return 0
            self._act_at_once(chr(held[1]))
            return 2
        if self._picture is not None:
            return self._take_line(held, self._take_picture_line)
        if self._format is not None:
            if held[0] == _STX:
                self._list("STX inside a label format")
                self._format = None
                return self._take_system(held)
            if held[:1] in (b"E", b"X"):
                self._end_format(print_it=held[:1] == b"E")
                return 1
            return self._take_line(held, self._take_format_line)
        if held[0] == _STX:
            return self._take_system(held)
        if held.startswith((b"X\r", b"FFFF\r")):
            return held.index(b"\r") + 1  # ends what was never begun
        if held[0] in b"XF" and (b"X\r".startswith(held) or b"FFFF\r".startswith(held)):
            return 0
        if held[0] not in b"\r\n\0":
            self._list(f"stray byte {held[:1].hex()}")
        return 1

    def _take_line(self, held: bytes, act: Callable[[str], None]) -> int:
        end = held.find(b"\r")
        # An immediate command is carried out even in the middle of a line.
        soh = held.find(b"\x01", 0, end if end >= 0 else len(held))
        if soh >= 0:
            if len(held) < soh + 2:
                return 0
            self._act_at_once(chr(held[soh + 1]))
            self._held = held = held[:soh] + held[soh + 2 :]
            return self._take_line(held, act) if held else 0
        if end < 0:
            if len(held) > _LONGEST_LINE:
                self._list("a line without end")
                return len(held)
            return 0
        act(held[:end].lstrip(b"\n").decode("latin-1"))
        return end + 1

    def _list(self, what: str) -> None:
        if what not in self._unknown and len(self._unknown) < _MOST_LISTED:
            self._unknown.append(what)

    # Immediate commands -------------------------------------------------------------------------

    def _act_at_once(self, letter: str) -> None:
        act = _AT_ONCE.get(letter)
        if act is None:
            self._list(f"SOH {letter!r}")
        else:
            act(self)

    def _flags(self) -> list[bool]:
        state = self.machine.state()
        busy = state.labels_remaining > 0
        return [
            state.formats_waiting > 0,
            state.paper_out or state.head_open,
            state.ribbon_out,
            busy or state.formats_waiting > 0,
            busy and not state.halted and not state.paused,
            state.paused,
            False,
            False,
        ]

    def _say_status(self) -> None:
        if self.silent_on_error and self.machine.state().halted:
            return
        text = "".join("NY"[flag] for flag in self._flags())
        self.answer(text.encode() + b"\r")

    def _say_more(self) -> None:
        state = self.machine.state()
        if self.silent_on_error and state.halted:
            return
        first = "".join("NY"[flag] for flag in self._flags())
        second = "".join("NY"[flag] for flag in (False, state.paper_out, False, state.head_open))
        idle = not self._held and state.idle
        third = "".join("NY"[flag] for flag in (idle, False, False, False))
        self.answer(f"{first}:{second}NNNN:{third}NNNN\r".encode())

    def _say_flags(self) -> None:
        bits = sum(flag << place for place, flag in enumerate(self._flags()))
        self.answer(bytes((bits,)) + b"\r")

    def _say_remaining(self) -> None:
        self.answer(b"%04d\r" % min(9999, self.machine.state().labels_remaining))

    def _say_printed(self) -> None:
        self.answer(b"%04d\r" % min(9999, self._printed))

    def _toggle_pause(self) -> None:
        self.machine.note_admin("SOH B")
        if self.machine.state().paused:
            self.machine.resume()
        else:
            self.machine.pause()

    def _cancel(self) -> None:
        self.machine.note_admin("SOH C")
        self.machine.pause()
        self.machine.cancel_all()

    def _reset(self) -> None:
        self.machine.note_admin("SOH reset")
        self.machine.power_off()
        self.machine.power_on()

    def _ignore_immediate(self) -> None:
        self.machine.note_admin("SOH D or U")

    # System commands ----------------------------------------------------------------------------

    def _take_system(self, held: bytes) -> int:
        if len(held) < 2:
            return 0
        letter = chr(held[1])
        if letter in _ENDED_BY_CR:
            end = held.find(b"\r", 2)
            if end < 0:
                return 0 if len(held) < _LONGEST_LINE else len(held)
            value = held[2:end].decode("latin-1")
            taken = end + 1
        else:
            taken = 2 + _LENGTHS.get(letter, 0)
            if len(held) < taken:
                return 0
            value = held[2:taken].decode("latin-1")
        if letter in _ADMIN:
            self.machine.note_admin(f"STX {letter}{value}")
        else:
            self._act(letter, value)
        return taken

    def _act(self, letter: str, value: str) -> None:
        match letter:
            case "L":
                make = self.machine.make
                self._format = _Format(Sheet(Fraction(make.density), self._metric))
            case "m" | "n":
                self._metric = letter == "m"
            case "c" if value.isdecimal():
                self._continuous = int(value)
            case "a":
                self._feedback = True
            case "v":
                make = self.machine.make
                self.answer(f"VER: {make.model} {make.firmware}\r".encode("latin-1", "replace"))
            case "I":
                self._begin_picture(value)
            case "x":
                if value[:2] in ("AG", "DG"):
                    self.pictures.pop(value[2:], None)
                else:
                    self.machine.note_admin(f"STX x{value}")
            case "e" | "r" | "f" | "M" | "O" | "V" | "z" | "S" | "P":
                pass  # sensor, lengths, cutter, speed: they do not show on this paper
            case _:
                self._list(f"STX {letter}{value}")

    def _begin_picture(self, value: str) -> None:
        match = re.fullmatch(r"([A-Z])A?F(.{1,16})", value)
        if match is None:
            self._list(f"picture format {value[:20]!r}")
            return
        if match[1] not in "AD":
            self.machine.note_admin(f"picture in module {match[1]}")
        self._picture = _Picture(match[2])

    def _take_picture_line(self, line: str) -> None:
        assert self._picture is not None
        rows = self._picture.rows
        if line == "FFFF":
            self._store_picture(self._picture)
            self._picture = None
        elif match := re.fullmatch(r"0000FF([0-9A-F]{2})", line):
            if rows and len(rows) < _TALLEST:
                rows += rows[-1:] * int(match[1], 16)
        elif (match := _PICTURE_LINE.fullmatch(line)) and len(match[2]) == 2 * int(match[1], 16):
            if len(rows) < _TALLEST:
                rows.append(bytes.fromhex(match[2]))
        else:
            self._list(f"picture record {line[:20]!r}")

    def _store_picture(self, picture: _Picture) -> None:
        stride = max(map(len, picture.rows), default=0)
        # The first row is the lowest: it leaves the printer first.
        rows = tuple(
            int.from_bytes(row.ljust(stride, b"\0"), "big") for row in reversed(picture.rows)
        )
        self.pictures[picture.name] = Tile(8 * stride, len(rows), rows)

    # Label formats ------------------------------------------------------------------------------

    def _take_format_line(self, line: str) -> None:
        assert self._format is not None
        current = self._format
        current.octets += len(line) + 1
        if not line:
            return
        if line[0] in "1234":
            self._draw(current, line)
            return
        match line[0], line[1:]:
            case "m", "":
                current.sheet = replace(current.sheet, metric=True)
            case "n", "":
                current.sheet = replace(current.sheet, metric=False)
            case "D", value if re.fullmatch("[1-9][1-9]", value):
                current.sheet = replace(
                    current.sheet, dot_width=int(value[0]), dot_height=int(value[1])
                )
            case "A", ("1" | "2" | "5") as value:
                current.ink = Ink.BLACK if value == "2" else Ink.XOR
                if value == "5":
                    self._list("inverse mode A5")
            case "R", value if re.fullmatch("[0-9]{4}", value):
                current.row = int(value)
            case "C", value if re.fullmatch("[0-9]{4}", value):
                current.column = int(value)
            case "Q", value if re.fullmatch("[0-9]{4,5}", value):
                current.quantity = max(1, int(value))
            case (("H" | "P" | "p" | "S" | ":" | "J" | "y" | "z" | "f"), _):
                pass  # heat, speeds, cutting, justification of JL, symbol set
            case (("+" | "-" | "<" | ">" | "^"), _):
                self._list(f"counting {line}")
            case (("s" | "G" | "U" | "r" | "M" | "T" | "B"), _):
                self._list(f"format command {line[:20]}")
                if line[0] == "s":
                    self.machine.note_admin(line)
            case _:
                self._list(f"format line {line[:40]!r}")

    def _draw(self, current: _Format, line: str) -> None:
        try:
            inked = draw_record(line, current.sheet, self.pictures)
        except Unknown as unknown:
            self._list(str(unknown))
            return
        moved = replace(
            inked,
            left=inked.left + current.sheet.dots(current.column),
            bottom=inked.bottom + current.sheet.dots(current.row),
        )
        current.inked.append((moved, current.ink))

    def _end_format(self, *, print_it: bool) -> None:
        current, self._format = self._format, None
        assert current is not None
        if not print_it:
            self._unknown.clear()
            return
        unknown = tuple(self._unknown)
        self._unknown.clear()
        tile, notes = self._burn(current)
        quantity = min(current.quantity, 9999)
        feedback = self._feedback

        def printed(copy: int) -> None:
            self._printed = copy + 1
            if feedback:
                self.answer(_RS + (_US if copy + 1 == quantity else b""))

        self.machine.submit(
            Run(
                draw=lambda copy: tile,
                quantity=quantity,
                octets=current.octets,
                unknown=unknown,
                notes=notes,
                on_printed=printed,
            ),
            self._session,
        )

    def _burn(self, current: _Format) -> tuple[Tile, tuple[str, ...]]:
        make = self.machine.make
        high = make.stock_height
        if self._continuous:
            unit = Sheet(Fraction(make.density), self._metric)
            high = unit.dots(self._continuous)
        paper = Canvas(make.stock_width, max(1, min(high, _TALLEST)))
        for inked, ink in current.inked:
            tile = inked.tile
            paper.burn(tile, inked.left, paper.height - inked.bottom - tile.height, ink)
        return paper.tile(), ("ink fell beside the paper",) if paper.clipped else ()


_AT_ONCE: Mapping[str, Callable[[Interpreter], None]] = {
    "A": Interpreter._say_status,
    "a": Interpreter._say_more,
    "F": Interpreter._say_flags,
    "E": Interpreter._say_remaining,
    "e": Interpreter._say_printed,
    "B": Interpreter._toggle_pause,
    "C": Interpreter._cancel,
    "D": Interpreter._ignore_immediate,
    "U": Interpreter._ignore_immediate,
    "#": Interpreter._reset,
    "*": Interpreter._reset,
}
"""Immediate commands by letter (manual, chapter 3)."""


def speak(machine: Machine, state_dir: Path | None, silent_on_error: bool) -> Interpreter:
    """Return DPL at work in a machine; it keeps nothing on flash."""
    return Interpreter(machine, silent_on_error=silent_on_error)
