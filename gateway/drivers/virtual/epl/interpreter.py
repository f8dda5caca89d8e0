r"""The EPL2 side of a virtual printer: bytes in; labels to the engine and answers to the host out.

With US the printer acknowledges (ACK) each label when it is printed; ^ee is answered where the
stream reaches it, also in an error (Zebra, EPL Programming Guide 14245L-003, US and ^ee).

>>> from gateway.drivers.virtual.machine import Machine, Make, Pace
>>> from gateway.drivers.virtual.paper import Paper
>>> machine = Machine(Paper(), Make(), pace=Pace(speed_mm_s=0))
>>> epl = Interpreter(machine)
>>> epl.answer = print
>>> epl.feed(b"N\nLO9,9,80,4\n^ee\r\n")
b'00\r\n'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from gateway.drivers.virtual import shapes
from gateway.drivers.virtual.canvas import Canvas, Ink, Tile, solid, unpack
from gateway.drivers.virtual.epl.stream import CommandStream
from gateway.drivers.virtual.fixed_pitch import place_turned, set_cells
from gateway.drivers.virtual.lines import Command
from gateway.drivers.virtual.machine import Machine, Run
from gateway.drivers.virtual.symbols.named import (
    draw_aztec,
    draw_data_matrix,
    draw_linear,
    draw_qr,
)
from gateway.errors import CodeRefused

_LONGEST_LABEL = 65_535
"""Dots (EPL Programming Guide, Q)."""
_FARTHEST = 32_000
"""Dots beyond which nothing is drawn: far beside every paper."""
_MOST_PIECES = 1_000_000

ACK = b"\x06"

_CELLS = {"1": (8, 12), "2": (10, 16), "3": (12, 20), "4": (14, 24), "5": (32, 48)}
_FINE_CELLS = {"1": (12, 20), "2": (16, 28), "3": (20, 36), "4": (24, 44), "5": (48, 80)}
"""Fonts of printers with 203 and with 300 dots an inch (EPL Programming Guide, A)."""

_KINDS = {
    "3": "39",
    "3C": "39C",
    "9": "93",
    "1": "128",
    "1E": "EAN128",
    "2": "25",
    "2C": "25C",
    "K": "CODA",
    "E30": "EAN13",
    "E80": "EAN8",
    "UA0": "UPCA",
    "M": "MSIC",
}
"""Bar code types of B that are drawn (EPL Programming Guide, B, table 1)."""
_SUBSETS = {"1A": "!103", "1B": "!104", "1C": "!105"}


class Wrong(Exception):
    """A command whose parameters mean nothing."""


class Interpreter:
    """One printer's understanding of EPL2. One connection feeds it at a time."""

    def __init__(self, machine: Machine, *, silent_on_error: bool = False) -> None:
        self.machine = machine
        self.silent_on_error = silent_on_error
        self.answer: Callable[[bytes], None] = lambda reply: None
        """Takes what goes back to the host."""
        self.settings: dict[str, str] = {}
        """D, S, Q …: as they were last sent."""
        self._stream = CommandStream()
        self._session = machine.session
        self._forget()

    def _forget(self) -> None:
        self._width = self._length = 0
        self._reference = (0, 0)
        self._from_top = False
        self._reports = "N"
        self._unknown: list[str] = []
        self._canvas = Canvas(*self._dots())

    def feed(self, received: bytes, session: int | None = None) -> None:
        """Take bytes from the wire and act on each command that is whole."""
        self._session = self.machine.session if session is None else session
        self._stream.feed(received)
        for command in self._stream:
            if self.machine.session != self._session:
                return
            self._act(command)

    def lose_power(self) -> None:
        """Forget everything but flash."""
        self._stream.reset()
        self.settings.clear()
        self._forget()

    def _act(self, command: Command) -> None:
        act = ACTS.get(command.name)
        if act is not None:
            try:
                act(self, command)
            except Wrong:
                self._list_unknown(str(command))
            except CodeRefused as refused:
                self._list_unknown(f"{command.name}: {refused}")
        elif command.name in _QUIET:
            self.settings[command.name] = ",".join(command.values)
        elif command.name in _ADMIN or command.name[:1] in ("o", "e"):
            self.machine.note_admin(str(command))
        else:
            self._list_unknown(str(command))

    def _list_unknown(self, what: str) -> None:
        if what not in self._unknown and len(self._unknown) < 200:
            self._unknown.append(what)

    # The image ----------------------------------------------------------------------------------

    def _dots(self) -> tuple[int, int]:
        make = self.machine.make
        width = min(self._width or make.stock_width, max(make.head_width, make.stock_width))
        height = self._length or make.stock_height
        return max(1, width), max(1, min(height, _LONGEST_LABEL))

    def _clear(self, command: Command) -> None:
        self._canvas = Canvas(*self._dots())

    def _set_width(self, command: Command) -> None:
        self._width = _size(command, 0)
        self._reference = (0, 0)
        self._clear(command)

    def _set_length(self, command: Command) -> None:
        self._length = _size(command, 0)
        self.settings["Q"] = ",".join(command.values[1:])
        self._clear(command)

    def _refer(self, command: Command) -> None:
        self._reference = _number(command, 0), _number(command, 1)

    def _burn(self, tile: Tile, x: int, y: int, ink: Ink = Ink.BLACK) -> None:
        if abs(x) < _FARTHEST and abs(y) < _LONGEST_LABEL:
            self._canvas.burn(tile, self._reference[0] + x, self._reference[1] + y, ink)

    def _graphic(self, command: Command) -> None:
        x, y, stride, rows = (_number(command, index) for index in range(4))
        if not stride or not rows:
            return
        ink = unpack(bytes(byte ^ 0xFF for byte in command.octets), stride)
        # What a white dot does to what lies below the guide does not say: here it covers it.
        beside = self._canvas.clipped
        self._burn(solid(ink.width, ink.height), x, y, Ink.WHITE)
        self._canvas.clipped = beside  # white beside the paper is nothing
        self._burn(ink, x, y)

    def _line(self, command: Command) -> None:
        ink = {"LO": Ink.BLACK, "LW": Ink.WHITE, "LE": Ink.XOR}[command.name]
        tile = solid(_size(command, 2), _size(command, 3))
        self._burn(tile, _number(command, 0), _number(command, 1), ink)

    def _slanted(self, command: Command) -> None:
        x, y, border, to_x, to_y = (_number(command, index) for index in range(5))
        wide, high = abs(to_x - x), abs(to_y - y) + 1
        if max(wide, high) > _FARTHEST or not 0 < border <= _FARTHEST:
            raise Wrong
        falls = (to_x - x) * (to_y - y) >= 0
        tile = shapes.diagonal(wide, high, border, leans_right=not falls)
        self._burn(tile, min(x, to_x), min(y, to_y))

    def _box(self, command: Command) -> None:
        x, y, border, to_x, to_y = (_number(command, index) for index in range(5))
        if to_x <= x or to_y <= y or border <= 0 or max(to_x, to_y) > _FARTHEST:
            raise Wrong
        self._burn(shapes.box(to_x - x, to_y - y, border), x, y)

    def _text(self, command: Command) -> None:
        values = command.values
        if len(values) != 8 or values[6] not in ("N", "R"):
            raise Wrong
        cells = _FINE_CELLS if self.machine.make.density > 10 else _CELLS
        if values[3] not in cells:
            self._list_unknown(f"font {values[3][:12]} drawn as font 3")
        wide, high = cells.get(values[3], cells["3"])
        across, down = (max(1, min(9, _number(command, index))) for index in (4, 5))
        shown = values[7].translate(dict.fromkeys(range(32)))
        if values[3] == "5":
            shown = shown.upper()
        tile, missing = set_cells(shown, wide, high, across, down)
        for character in missing:
            self._list_unknown(f"glyph U+{ord(character):04X}")
        x, y, turned = _number(command, 0), _number(command, 1), 90 * (_number(command, 2) & 3)
        if values[6] == "R":
            whole = solid(tile.width, tile.height)
            rows = tuple(white ^ row for white, row in zip(whole.rows, tile.rows, strict=True))
            tile = Tile(tile.width, tile.height, rows)
        self._burn(*place_turned(tile, x, y, turned))

    def _bar_code(self, command: Command) -> None:
        values = command.values
        if len(values) != 9:
            raise Wrong
        kind, content = values[3], values[8]
        if kind in _SUBSETS:
            if "!" in content:
                raise Wrong
            kind, content = "128M", _SUBSETS[kind] + content
        elif kind not in _KINDS:
            raise CodeRefused(f"The bar code type {kind[:12]!r} is not drawn here.")
        tile = draw_linear(
            _KINDS.get(kind, kind), content, _number(command, 6), _number(command, 4),
            _number(command, 5),
        )  # fmt: skip
        if values[7] == "B":
            line, _ = set_cells(values[8], 8, 12, 1, 1)
            whole = Canvas(max(tile.width, line.width), tile.height + 2 + line.height)
            whole.burn(tile, 0, 0)
            whole.burn(line, max(0, (tile.width - line.width) // 2), tile.height + 2)
            tile = whole.tile()
        x, y, turned = _number(command, 0), _number(command, 1), 90 * (_number(command, 2) & 3)
        self._burn(*place_turned(tile, x, y, turned))

    def _two_dimensional(self, command: Command) -> None:
        values = command.values
        if len(values) < 4:
            raise Wrong
        options: dict[str, str] = {}
        for value in values[3:-1]:
            options.update(re.findall(r"([a-zA-Z])(\d+|[LMQHA])", value))
        x, y = _number(command, 0), _number(command, 1)
        if values[2] == "D":
            module = int(options.get("h", "5"))
            tile = draw_data_matrix(
                values[-1], module=module, rows=int(options.get("r", "0")),
                columns=int(options.get("c", "0")), escape="", rectangular=False,
            )  # fmt: skip
            # The printed symbol includes a quiet zone of one module (guide, b, Data Matrix).
            self._burn(tile, x + module, y + module)
        elif values[2] == "Q":
            tile = draw_qr(
                values[-1], level=options.get("e", "M"), module=int(options.get("s", "3")),
                manual=options.get("i") == "M", mask=None,
            )  # fmt: skip
            self._burn(tile, x, y)
        elif values[2] == "A":
            size, module = int(options.get("e", "0")), int(options.get("d", "3"))
            self._burn(draw_aztec(values[-1], module=module, size=size), x, y)
        else:
            raise CodeRefused(f"The code {values[2][:12]!r} is not drawn here.")

    def _print(self, command: Command) -> None:
        counts = [value.strip() for value in command.values] or ["1"]
        if len(counts) > 2 or not all(re.fullmatch("[0-9]{1,5}", count) for count in counts):
            raise Wrong
        quantity = 1
        for count in counts:
            quantity *= int(count)
        if not quantity:
            return
        tile = self._canvas.tile()
        if self._from_top:
            tile = tile.turned(2)
        answer, reports = self.answer, self._reports

        def acknowledge(copy: int) -> None:
            answer(ACK)

        self.machine.submit(
            Run(
                draw=lambda copy: tile,
                quantity=min(quantity, _MOST_PIECES),
                octets=len(tile.rows) * ((tile.width + 7) // 8),
                unknown=tuple(self._unknown),
                notes=("ink fell beside the paper",) if self._canvas.clipped else (),
                on_printed=acknowledge if reports != "N" else None,
            ),
            self._session,
        )
        self._unknown = []

    # Answers ------------------------------------------------------------------------------------

    def _report(self, command: Command) -> None:
        self._reports = command.name[1]

    def _report_error(self, command: Command) -> None:
        state = self.machine.state()
        if self.silent_on_error and state.halted:
            return
        codes = []
        if state.paper_out or state.ribbon_out:
            codes.append("07")
        if state.head_open:
            codes.append("11")
        if state.paused:
            codes.append("12")
        if not codes and not state.idle:
            codes.append("50")
        self.answer(",".join(codes or ["00"]).encode() + b"\r\n")

    def _say_configuration(self, command: Command) -> None:
        state, make = self.machine.state(), self.machine.make
        if state.halted:
            return  # a command as any other: it waits until the trouble is over
        lines = (
            f"{make.model} {make.firmware}",
            f"S/N: {make.serial_number}",
            "Serial port:96,N,8,1",
            "Page Mode",
            "I8,A,001 rY JF WN",
            f"S{self.settings.get('S', '3')} D{int(self.settings.get('D', '8') or 8):02} "
            f"R{self._reference[0]:03},{self._reference[1]:03} Z{'BT'[self._from_top]} "
            f"U{self._reports}",
            f"q{self._dots()[0]} Q{self._dots()[1]},25",
            "Option:D",
        )
        self.answer("".join(f"{line}\r\n" for line in lines).encode("latin-1", "replace"))

    def _turn(self, command: Command) -> None:
        self._from_top = command.name == "ZT"

    def _restart(self, command: Command) -> None:
        self.machine.note_admin(command.name)
        self.machine.power_off()
        self.machine.power_on()

    def _pass(self, command: Command) -> None:
        """A comment, or what a document begins with."""


def _number(command: Command, index: int) -> int:
    written = command.values[index].strip() if index < len(command.values) else ""
    if match := re.fullmatch(r"([+-]?[0-9]{1,6})", written):
        return int(match[1])
    raise Wrong


def _size(command: Command, index: int) -> int:
    return max(0, min(_LONGEST_LABEL, _number(command, index)))


Act = Callable[[Interpreter, Command], None]

ACTS: Mapping[str, Act] = {
    ";": Interpreter._pass,
    "^@": Interpreter._restart,
    "^ee": Interpreter._report_error,
    "A": Interpreter._text,
    "B": Interpreter._bar_code,
    "b": Interpreter._two_dimensional,
    "EPL2": Interpreter._pass,
    "GW": Interpreter._graphic,
    "LE": Interpreter._line,
    "LO": Interpreter._line,
    "LS": Interpreter._slanted,
    "LW": Interpreter._line,
    "N": Interpreter._clear,
    "P": Interpreter._print,
    "Q": Interpreter._set_length,
    "q": Interpreter._set_width,
    "R": Interpreter._refer,
    "UN": Interpreter._report,
    "UQ": Interpreter._say_configuration,
    "US": Interpreter._report,
    "UT": Interpreter._report,
    "X": Interpreter._box,
    "ZB": Interpreter._turn,
    "ZT": Interpreter._turn,
}
"""What acts on a command; one without a row is listed with its label."""

_QUIET = frozenset({"D", "S", "I", "JB", "JC", "JF", "O", "rN", "rY"})
"""Settings that change no dot here."""

_ADMIN = frozenset(
    {"AUTOFR", "C", "EK", "ES", "FE", "FK", "FS", "GK", "GM", "M", "PF", "U", "W", "xa", "Y"}
    | {"dump", "^default", "!", "FI", "GI", "EI", "UP"}
)
"""What changes the printer or moves paper without a label."""


def speak(machine: Machine, state_dir: Path | None, silent_on_error: bool) -> Interpreter:
    """Return EPL2 at work in a machine. Nothing it keeps outlives the power."""
    return Interpreter(machine, silent_on_error=silent_on_error)
