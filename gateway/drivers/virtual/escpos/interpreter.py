r"""The ESC/POS side of a virtual printer: bytes in; pieces of paper and answers out.

A piece of paper ends where it is cut, where the printer feeds to the next label, and where a person
would tear it off: when it stands at the tear bar and nothing more comes, before ESC @, and where a
host asks whether all is printed. Paper that is only fed behind the last ink is not counted, since
it lies between head and cutter. Every command is a row of ``ACTS``; what has no row is listed with
its piece.

>>> from gateway.drivers.virtual.machine import Machine, Make, Pace
>>> from gateway.drivers.virtual.paper import Paper
>>> machine = Machine(Paper(), Make(), pace=Pace(speed_mm_s=0))
>>> printer = Interpreter(machine)
>>> printer.feed(b"\x1b@Hello\n\x1dVB\0")
>>> len(machine.queued())
1
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from gateway.drivers.virtual.canvas import Canvas, Ink, Tile, solid, unpack
from gateway.drivers.virtual.escpos import answers
from gateway.drivers.virtual.escpos.barcodes import draw_linear, shown
from gateway.drivers.virtual.escpos.codepages import decode
from gateway.drivers.virtual.escpos.matrix import Symbols
from gateway.drivers.virtual.escpos.sheet import Line, PageArea, Strip, to_dots
from gateway.drivers.virtual.escpos.stream import TEXT, Command, CommandStream
from gateway.drivers.virtual.glyphs import Font, fixed_pitch
from gateway.drivers.virtual.machine import Machine, Run
from gateway.errors import CodeRefused

_MOST_UNKNOWN = 200

_TO_TEAR_BAR = 4
"""Lines from the head to the tear bar."""

_REAL_TIME = re.compile(
    rb"\x10(?:\x04([\x01-\x04])|\x05[\x00-\x03]|\x14\x01[\x00\x01][\x01-\x08]"
    rb"|\x14\x02\x01\x08|\x14(\x08\x01\x03\x14\x01\x06\x02\x08))"
)
"""What acts as soon as it is received, also inside other data."""
_LONGEST_REAL_TIME = 10


@dataclass(frozen=True, slots=True)
class _Cell:
    width: int
    height: int
    cap: int
    above: int
    """Dots from the cell's top to the baseline."""


_CELLS = {0: _Cell(12, 24, 15, 20), 1: _Cell(9, 17, 11, 13), 2: _Cell(8, 16, 10, 12)}
"""Fonts A, B and C (ESC M)."""


@dataclass(slots=True)
class Settings:
    """What ESC @ sets back."""

    font: int = 0
    across: int = 1
    down: int = 1
    bold: bool = False
    underline: int = 0
    inverse: bool = False
    turned: bool = False
    upside_down: bool = False
    spacing: int = 0
    page: int = 0
    country: int = 0
    line: int | None = None
    """Line spacing in motion units; None: a sixth of an inch."""
    align: int = 0
    margin: int = 0
    area: int | None = None
    units: tuple[int, int] = (0, 0)
    tabs: tuple[int, ...] = tuple(range(8, 256, 8))
    hri: int = 0
    hri_font: int = 0
    bar_height: int = 162
    module: int = 3
    symbols: Symbols = field(default_factory=Symbols)
    stored: Tile | None = None
    """Graphics that function 112 of GS ( L put into the print buffer."""


class Interpreter:
    """One printer's understanding of ESC/POS. One connection feeds it at a time."""

    reports = True
    """It knows GS ( H; a clone that does not takes what stands behind ``GS (`` for text."""
    answers_in_turn = True
    """It answers GS r and GS I; some clones answer DLE EOT only."""

    def __init__(self, machine: Machine, *, silent_on_error: bool = False) -> None:
        self.machine = machine
        self.silent_on_error = silent_on_error
        self.answer: Callable[[bytes], None] = lambda reply: None
        """Takes what goes back to the host."""
        self._stream = CommandStream()
        self._heard = b""
        self._session = machine.session
        self._lock = threading.Lock()
        self._generation = 0
        self._submitted = 0
        self._out = 0
        self._fences: deque[tuple[int, bytes]] = deque()
        self._kept: dict[bytes, Tile] = {}
        self._forget()

    def _forget(self) -> None:
        self.settings = Settings()
        self.line = Line()
        self.page: PageArea | None = None
        self.strip = Strip(self.machine.make.stock_width)
        self._unknown: list[str] = []
        self._notes: list[str] = []
        self._octets = 0
        self._reports = 0

    # Bytes ------------------------------------------------------------------------------------

    def feed(self, received: bytes, session: int | None = None) -> None:
        """Take bytes from the wire and act on each command that is whole."""
        self._session = self.machine.session if session is None else session
        if self._act_at_once(received):
            return
        self._stream.feed(received)
        for command in self._stream:
            if self.machine.session != self._session:
                return
            self._octets += command.octets
            self._act(command)
        self._tear()
        self._release()

    def _tear(self) -> None:
        """Tear the paper off when it stands at the tear bar and nothing more has come."""
        waits = self._stream.holds_part or self.page is not None or self.line.tiles
        if not waits and self.strip.fed >= _TO_TEAR_BAR * self.line_spacing:
            self._end_piece()

    def lose_power(self) -> None:
        """Forget everything."""
        self._stream.reset()
        self._heard = b""
        with self._lock:
            self._generation += 1
            self._submitted = self._out = 0
            self._fences.clear()
        self._kept.clear()
        self._forget()

    def finish(self) -> None:
        """Tear off what is printed: nothing more comes."""
        self._flush(0)
        self._end_piece()

    def _act_at_once(self, received: bytes) -> bool:
        """Act on real-time commands; return whether they dropped everything received."""
        heard = self._heard + received
        known = len(self._heard)
        for found in _REAL_TIME.finditer(heard):
            if found.end() <= known:
                continue
            ask, clear = found.groups()
            if ask is not None:
                state = self.machine.state()
                if not (self.silent_on_error and state.halted):
                    self.answer(answers.real_time(ask[0], state))
                continue
            self.machine.note_admin(f"DLE {found[0][1:].hex(' ')}")
            if clear is not None:
                self._drop_all()
                self._heard = b""
                self.feed(heard[found.end() :], self._session)
                return True
        self._heard = heard[-(_LONGEST_REAL_TIME - 1) :]
        return False

    def _drop_all(self) -> None:
        """DLE DC4 8: forget what was received and not printed, and say so."""
        self._stream.reset()
        self.machine.cancel_all()
        with self._lock:
            self._generation += 1
            self._out = self._submitted
            self._fences.clear()
        self.line, self.page = Line(), None
        self.strip = Strip(self.machine.make.stock_width)
        self.answer(answers.CLEARED)

    def _act(self, command: Command) -> None:
        act = ACTS.get(command.name)
        if act is None:
            self.list_unknown(str(command))
            return
        try:
            act(self, command.body)
        except CodeRefused as refused:
            self.list_unknown(f"{command.name}: {refused}")
        except IndexError:
            self.list_unknown(f"{command} is cut off")

    def list_unknown(self, what: str) -> None:
        """List something that is not understood with the piece it came on."""
        if what not in self._unknown and len(self._unknown) < _MOST_UNKNOWN:
            self._unknown.append(what)

    def note(self, what: str) -> None:
        """Note something a person should know about the piece."""
        if what not in self._notes and len(self._notes) < _MOST_UNKNOWN:
            self._notes.append(what)

    # Paper ------------------------------------------------------------------------------------

    @property
    def density(self) -> Fraction | int:
        """Dots per millimetre."""
        return self.machine.make.density

    def across(self, units: int) -> int:
        """Return horizontal motion units as dots."""
        return to_dots(units, self.settings.units[0], self.density, Fraction(1))

    def down(self, units: int) -> int:
        """Return vertical motion units as dots; a 180 dpi head moves paper by half dots."""
        own = Fraction(1) if self.density == 8 else Fraction(1, 2)
        return to_dots(units, self.settings.units[1], self.density, own)

    @property
    def line_spacing(self) -> int:
        """Dots from line to line."""
        if self.settings.line is None:
            return int(self.density * Fraction(254, 60))
        return self.down(self.settings.line)

    @property
    def room(self) -> int:
        """Dots of a line."""
        if self.page is not None:
            return self.page.across
        width = min(self.strip.width, self.machine.make.head_width) - self.settings.margin
        return max(1, width if self.settings.area is None else min(width, self.settings.area))

    def _flush(self, feed: int) -> None:
        """Print the line, and move the paper by at least so many dots."""
        if self.page is not None:
            self.page.x, self.page.y = 0, self.page.y + feed
            return
        if not self.line.tiles:
            self.line.pen = 0
            self.strip.feed(feed)
            return
        tile = self.line.take()
        self._print(tile.turned(2) if self.settings.upside_down else tile)
        self.strip.feed(max(0, feed - tile.height))

    def _print(self, tile: Tile) -> None:
        """Print a tile as wide as it is, aligned, and move the paper by its height."""
        spare = self.room - tile.width
        x = self.settings.margin + (spare * self.settings.align // 2 if spare > 0 else 0)
        self.strip.add(tile, x)

    def put(self, tile: Tile, above: int) -> None:
        """Put ink on the baseline at the pen."""
        if self.page is not None:
            self.page.put(tile, above)
        else:
            self.line.put(tile, above)

    def put_picture(self, tile: Tile) -> None:
        """Put a picture or code: in standard mode a line of its own that feeds its height."""
        if self.page is not None:
            self.page.put(tile, tile.height)
            return
        if self.line.tiles:
            self._flush(0)
        self._print(tile)

    def _end_piece(self, least: int = 0) -> None:
        """Let the piece out, if anything is printed on it."""
        if not self.strip.printed:
            self.strip.fed = 0
            return
        if self.strip.clipped:
            self.note("ink fell beside the paper")
        tile = self.strip.cut(least)
        with self._lock:
            self._submitted += 1
            number, generation = self._submitted, self._generation

        def printed(_: int) -> None:
            with self._lock:
                if generation != self._generation:
                    return
                self._out = max(self._out, number)
            self._release()

        run = Run(
            draw=lambda _: tile,
            octets=self._octets,
            unknown=tuple(self._unknown),
            notes=tuple(self._notes),
            on_printed=printed,
        )
        self._unknown, self._notes, self._octets = [], [], 0
        self.machine.submit(run, self._session)

    # Answers ----------------------------------------------------------------------------------

    def _fence(self, reply: bytes) -> None:
        """Answer when all that was printed before is out; a line without its end is not printed."""
        if self.page is None:
            self._end_piece()
        with self._lock:
            self._fences.append((self._submitted, reply))

    def _release(self) -> None:
        """Give the answers whose turn it is; a printer that is offline takes nothing up."""
        while True:
            offline = answers.offline(self.machine.state())
            with self._lock:
                if not self._fences or self._fences[0][0] > self._out or offline:
                    return
                reply = self._fences.popleft()[1]
            self.answer(reply)

    def _tell_status(self, body: bytes) -> None:
        """GS r: in turn; the drawer's pin is always low."""
        if not self.answers_in_turn:
            return
        if body[0] in (1, 49):
            self._fence(answers.paper_sensor(self.machine.state()))
        elif body[0] in (2, 50, 4, 52):
            self._fence(b"\0")
        else:
            self.list_unknown(f"GS r {body[0]}")

    def _tell_identity(self, body: bytes) -> None:
        reply = answers.identity(body[0], self.machine.make)
        if not self.answers_in_turn:
            return
        if reply is None:
            self.list_unknown(f"GS I {body[0]}")
        else:
            self._fence(reply)

    def _request_response(self, body: bytes) -> None:
        """GS ( H: function 48 answers with its process ID when what came before is printed."""
        if not self.reports:
            self._text(b"H" + body)
        elif len(body) == 6 and body[:2] == b"00" and all(32 <= octet <= 126 for octet in body[2:]):
            self._fence(answers.PROCESS_ID + body[2:] + b"\0")
        elif body[:2] != b"10":
            self.list_unknown("GS ( H " + body.hex(" "))

    def _report_by_itself(self, body: bytes) -> None:
        """GS a: the status now; later ones come with the next question."""
        self._reports = body[0]
        if body[0]:
            self.answer(answers.automatic(self.machine.state()))

    # Text -------------------------------------------------------------------------------------

    def _text(self, octets: bytes) -> None:
        text, missing = decode(octets, self.settings.page, self.settings.country)
        for what in missing:
            self.list_unknown(what)
        for sign in text:
            self._sign(sign)

    def _sign(self, sign: str) -> None:
        tile, above = self._draw_sign(sign)
        pen = self.page.x if self.page is not None else self.line.pen
        if pen + tile.width > self.room and pen:
            self._flush(self.line_spacing)
        self.put(tile, above)

    def _font(self) -> tuple[_Cell, Font]:
        settings = self.settings
        cell = _CELLS[settings.font]
        down, across = settings.down, settings.across
        return cell, fixed_pitch(cell.width, cell.height, cell.cap, down, across)

    def _draw_sign(self, sign: str) -> tuple[Tile, int]:
        """Return one character in its cell, and the rows of it above the baseline."""
        settings = self.settings
        cell, font = self._font()
        width, height = cell.width * settings.across, cell.height * settings.down
        canvas = Canvas(width + settings.spacing * settings.across, height)
        line = font.set_line(sign)
        if line.missing:
            self.note(f"glyph U+{ord(sign):04X} drawn as a box")
            line = font.set_line("\u25a1")
        top = (cell.above - cell.cap) * settings.down - line.above
        canvas.burn(line.ink, -line.left, top)
        if settings.bold:
            canvas.burn(line.ink, 1 - line.left, top)
        if settings.underline:
            canvas.burn(solid(canvas.width, settings.underline), 0, height - settings.underline)
        if settings.inverse:
            canvas.burn(solid(canvas.width, height), 0, 0, Ink.XOR)
        tile, above = canvas.tile(), cell.above * settings.down
        if settings.turned and self.page is None:
            tile = tile.turned(1)
            above = tile.height
        return tile, above

    # Pictures and codes -----------------------------------------------------------------------

    def _raster(self, body: bytes) -> None:
        """GS v 0 m xL xH yL yH d…"""
        if body[0] != 0x30:
            self.list_unknown(f"GS v {body[0]}")
            return
        stride, rows = _number(body, 2), _number(body, 4)
        tile = _rows(body[6:], stride, rows)
        mode = body[1] % 48
        self.put_picture(tile.enlarged(1 + (mode & 1), 1 + (mode >> 1 & 1)))

    def _graphics(self, body: bytes) -> None:
        """GS ( L and GS 8 L: store and print graphics."""
        function = body[1]
        if function in (2, 50):
            if self.settings.stored is not None:
                self.put_picture(self.settings.stored)
            self.settings.stored = None
        elif function in (112, 113):
            width, height = _number(body, 6), _number(body, 8)
            read = _dots if function == 112 else _column_dots
            tile = read(body[10:], width, height)
            if body[5] == 49:  # the first colour; a second one is no ink here
                self.settings.stored = tile.enlarged(max(1, body[3]), max(1, body[4]))
        elif function in (83, 84):
            width, height = _number(body, 6), _number(body, 8)
            read = _dots if function == 83 else _column_dots
            self._kept[body[3:5]] = read(body[11:], width, height)
        elif function == 85:
            kept = self._kept.get(body[2:4])
            if kept is None:
                self.list_unknown(f"GS ( L function 85: nothing is stored as {body[2:4]!r}")
            else:
                self.put_picture(kept.enlarged(max(1, body[4]), max(1, body[5])))
        elif function in (65, 66, 67, 68):
            self.machine.note_admin(f"GS ( L function {function}")
        else:
            self.list_unknown(f"GS ( L function {function}")

    def _columns(self, body: bytes) -> None:
        """ESC * m nL nH d…: columns of 8 or 24 dots, in single or double density."""
        mode, count = body[0], _number(body, 1)
        if mode not in (0, 1, 32, 33):
            self.list_unknown(f"ESC * {mode}")
            return
        tall = 24 if mode in (32, 33) else 8
        tile = _column_dots(body[3:], count, tall)
        self.put(tile.enlarged(1 if mode in (1, 33) else 2, 24 // tall), 24)

    def _download(self, body: bytes) -> None:
        """GS * x y d…: a picture to be printed by GS /."""
        self._kept[b"GS *"] = _column_dots(body[2:], 8 * body[0], 8 * body[1])

    def _print_download(self, body: bytes) -> None:
        if (kept := self._kept.get(b"GS *")) is None:
            self.list_unknown("GS /: nothing is stored")
            return
        mode = body[0] % 48
        self.put_picture(kept.enlarged(1 + (mode & 1), 1 + (mode >> 1 & 1)))

    def _barcode(self, body: bytes) -> None:
        """GS k."""
        kind = body[0]
        content = body[1:].partition(b"\0")[0] if kind <= 6 else body[2:]
        settings = self.settings
        tile = draw_linear(kind, content, module=settings.module, height=settings.bar_height)
        if tile.width > self.room:
            raise CodeRefused(f"The code is {tile.width} dots wide and the paper {self.room}.")
        hri = shown(kind, content)
        self._line_of_code(hri, tile.width, bool(settings.hri & 1))
        self.put_picture(tile)
        self._line_of_code(hri, tile.width, bool(settings.hri & 2))

    def _line_of_code(self, text: str, width: int, wanted: bool) -> None:
        """Print the line of text above or below the bars, centred to them."""
        if not wanted or self.page is not None:
            return
        cell = _CELLS[self.settings.hri_font]
        font = fixed_pitch(cell.width, cell.height, cell.cap)
        line = font.set_line(text)
        canvas = Canvas(max(width, line.advance), cell.height)
        canvas.burn(
            line.ink,
            (canvas.width - line.advance) // 2 - line.left,
            cell.above - cell.cap - line.above,
        )
        self._print(canvas.tile())

    def _symbol(self, body: bytes) -> None:
        """GS ( k."""
        taken = self.settings.symbols.take(body)
        if isinstance(taken, Tile):
            self.put_picture(taken)
        elif taken is not None:
            self.list_unknown(taken)

    # Feeding and cutting ----------------------------------------------------------------------

    def _initialize(self, body: bytes) -> None:
        """ESC @: what is printed so far is torn off; what waits in the buffer is dropped."""
        self.line, self.page = Line(), None
        self._end_piece()
        self.settings = Settings()
        width = self.machine.make.stock_width
        if self.strip.width != width:
            self.strip = Strip(width)

    def _cut(self, body: bytes) -> None:
        """GS V m [n]: 65, 66 feed to the cutter, 97, 98 keep the place, 103, 104 feed back."""
        if body[0] not in (0, 1, 48, 49, 65, 66, 97, 98, 103, 104):
            self.list_unknown(f"GS V {body[0]}")
            return
        self._cut_simply(body)

    def _cut_simply(self, body: bytes) -> None:
        if self.page is None:  # cuts and label feeds are for standard mode
            self._flush(0)
            self._end_piece()

    def _label_feed(self, body: bytes) -> None:
        """FS ( L: 65 to the peeler, 66 to the cutter, 67 to the next label (50: to this one)."""
        function, place = body[0], body[1]
        if function not in (65, 66, 67):
            self.list_unknown(f"FS ( L function {function}")
        elif (function, place) != (67, 50):
            self._mark_feed(body)

    def _mark_feed(self, body: bytes) -> None:
        """GS FF: to the next black mark."""
        if self.page is None:
            self._flush(0)
            self._end_piece(self.machine.make.stock_height)

    def _form_feed(self, body: bytes) -> None:
        """FF: prints the page and leaves page mode; in standard mode feeds to the next label."""
        if self.page is None:
            self._mark_feed(body)
            return
        self._print_page(body)
        self.page = None

    def _print_page(self, body: bytes) -> None:
        if self.page is None:
            return
        tile = self.page.take()
        if tile.height:
            self.strip.add(tile, 0)

    def _feed_lines(self, body: bytes) -> None:
        self._flush(body[0] * self.line_spacing)

    def _feed_back(self, body: bytes) -> None:
        self._flush(0)
        self.strip.feed(-body[0] * self.line_spacing)

    # Page mode --------------------------------------------------------------------------------

    def _begin_page(self, body: bytes) -> None:
        if self.page is not None or self.line.tiles:
            return  # only at the beginning of a line
        width, height = self.strip.width, self.machine.make.stock_height
        self.page = PageArea(width, height, (0, 0, width, height), y=_CELLS[0].above)

    def _leave_page(self, body: bytes) -> None:
        self.page = None

    def _clear_page(self, body: bytes) -> None:
        if self.page is not None:
            self.page.clear()

    def _area(self, body: bytes) -> None:
        if self.page is None:
            return
        x, y, wide, high = (_number(body, at) for at in (0, 2, 4, 6))
        left, top = self.across(x), self.down(y)
        width = max(1, min(self.across(wide), self.page.width - left))
        height = max(1, min(self.down(high), 32_000))
        self.page.area = (left, top, width, height)
        self.page.x, self.page.y = 0, _CELLS[0].above

    def _direct(self, body: bytes) -> None:
        if self.page is not None and body[0] % 48 <= 3:
            self.page.direction = body[0] % 48
            self.page.x, self.page.y = 0, _CELLS[0].above

    def _vertical(self, body: bytes) -> None:
        if self.page is not None:
            self.page.y = self.down(_number(body, 0))

    def _vertical_by(self, body: bytes) -> None:
        if self.page is not None:
            self.page.y += self.down(_signed(body))

    # Settings ---------------------------------------------------------------------------------

    def _position(self, body: bytes) -> None:
        self._move_to(self.across(_number(body, 0)))

    def _position_by(self, body: bytes) -> None:
        here = self.page.x if self.page is not None else self.line.pen
        self._move_to(here + self.across(_signed(body)))

    def _tab(self, body: bytes) -> None:
        cell = _CELLS[self.settings.font].width * self.settings.across
        here = self.page.x if self.page is not None else self.line.pen
        for stop in self.settings.tabs:
            if stop * cell > here:
                self._move_to(stop * cell)
                return

    def _move_to(self, x: int) -> None:
        if not 0 <= x <= self.room:
            return
        if self.page is not None:
            self.page.x = x
        else:
            self.line.pen = x

    def _mode(self, body: bytes) -> None:
        """ESC !: font, emphasis, double height and width, underline."""
        bits, settings = body[0], self.settings
        settings.font = bits & 1
        settings.bold = bool(bits & 8)
        settings.down, settings.across = 1 + (bits >> 4 & 1), 1 + (bits >> 5 & 1)
        settings.underline = bits >> 7

    def _size(self, body: bytes) -> None:
        self.settings.across = min(8, (body[0] >> 4 & 7) + 1)
        self.settings.down = min(8, (body[0] & 7) + 1)

    def _choose_font(self, body: bytes) -> None:
        if body[0] % 48 in _CELLS:
            self.settings.font = body[0] % 48
        else:
            self.list_unknown(f"ESC M {body[0]}")

    def _units(self, body: bytes) -> None:
        self.settings.units = (body[0], body[1])

    def _bars(self, body: bytes) -> None:
        if 1 <= body[0] <= 6:
            self.settings.module = body[0]
        elif 68 <= body[0] <= 76:
            self.settings.module = body[0] - 67  # GS w 68 to 76: half steps on some models
        else:
            self.list_unknown(f"GS w {body[0]}")

    def _tabs(self, body: bytes) -> None:
        self.settings.tabs = tuple(octet for octet in body if octet)


Act = Callable[[Interpreter, bytes], None]


def _set(name: str, read: Callable[[Interpreter, bytes], object]) -> Act:
    def act(printer: Interpreter, body: bytes) -> None:
        setattr(printer.settings, name, read(printer, body))

    return act


def _flag(name: str) -> Act:
    return _set(name, lambda printer, body: bool(body[0] & 1))


def _admin(name: str) -> Act:
    def act(printer: Interpreter, body: bytes) -> None:
        printer.machine.note_admin(f"{name} {body.hex(' ')}".strip())

    return act


def _pass(printer: Interpreter, body: bytes) -> None:
    """What changes nothing on this paper: speed, density, sensors, buttons, Kanji, smoothing."""


def _number(body: bytes, at: int) -> int:
    return body[at] | body[at + 1] << 8


def _signed(body: bytes) -> int:
    value = _number(body, 0)
    return value - 65536 if value >= 32768 else value


def _rows(dots: bytes, stride: int, rows: int) -> Tile:
    """Return rows of whole bytes; what is missing is white."""
    return unpack(dots[: stride * rows].ljust(stride * rows, b"\0"), stride)


def _dots(dots: bytes, width: int, height: int) -> Tile:
    """Return rows of ``width`` dots, each row padded to whole bytes; as many as there are."""
    stride = (width + 7) // 8
    height = min(height, -(-len(dots) // max(1, stride)))
    tile = _rows(dots, stride, height)
    return Tile(width, height, tuple(row >> 8 * stride - width for row in tile.rows))


def _column_dots(dots: bytes, width: int, height: int) -> Tile:
    """Return columns of ``height`` dots, top first, each padded to whole bytes."""
    deep = (height + 7) // 8
    width = min(width, -(-len(dots) // max(1, deep)))
    rows = [0] * height
    dots = dots[: width * deep].ljust(width * deep, b"\0")
    for x in range(width):
        column = int.from_bytes(dots[x * deep : (x + 1) * deep], "big") >> 8 * deep - height
        bit = 1 << (width - 1 - x)
        for y in range(height):
            if column >> (height - 1 - y) & 1:
                rows[y] |= bit
    return Tile(width, height, tuple(rows))


ACTS: Mapping[str, Act] = {
    TEXT: Interpreter._text,
    "00": _pass,
    "BEL": _admin("BEL"),
    "07": _admin("BEL"),
    "CAN": Interpreter._clear_page,
    "CR": _pass,
    "DLE": _pass,
    "FF": Interpreter._form_feed,
    "HT": Interpreter._tab,
    "LF": lambda printer, body: printer._flush(printer.line_spacing),
    "ESC !": Interpreter._mode,
    "ESC $": Interpreter._position,
    "ESC %": lambda printer, body: (
        printer.list_unknown("ESC % user-defined characters") if body[0] & 1 else None
    ),
    "ESC ( A": _admin("ESC ( A"),
    "ESC *": Interpreter._columns,
    "ESC -": _set("underline", lambda printer, body: min(2, body[0] % 48)),
    "ESC 2": _set("line", lambda printer, body: None),
    "ESC 3": _set("line", lambda printer, body: body[0]),
    "ESC =": _admin("ESC ="),
    "ESC ?": _pass,
    "ESC @": Interpreter._initialize,
    "ESC D": Interpreter._tabs,
    "ESC E": _flag("bold"),
    "ESC FF": Interpreter._print_page,
    "ESC G": _flag("bold"),
    "ESC J": lambda printer, body: printer._flush(printer.down(body[0])),
    "ESC L": Interpreter._begin_page,
    "ESC M": Interpreter._choose_font,
    "ESC R": _set("country", lambda printer, body: body[0]),
    "ESC S": Interpreter._leave_page,
    "ESC SP": _set("spacing", lambda printer, body: printer.across(body[0])),
    "ESC T": Interpreter._direct,
    "ESC U": _pass,
    "ESC V": _flag("turned"),
    "ESC W": Interpreter._area,
    "ESC \\": Interpreter._position_by,
    "ESC a": _set("align", lambda printer, body: min(2, body[0] % 48)),
    "ESC c": _pass,
    "ESC d": Interpreter._feed_lines,
    "ESC e": Interpreter._feed_back,
    "ESC i": Interpreter._cut_simply,
    "ESC m": Interpreter._cut_simply,
    "ESC p": _admin("ESC p"),
    "ESC r": _pass,
    "ESC t": _set("page", lambda printer, body: body[0]),
    "ESC {": _flag("upside_down"),
    "FS &": _pass,
    "FS .": _pass,
    "FS ( L": Interpreter._label_feed,
    "FS q": _admin("FS q"),
    "GS !": Interpreter._size,
    "GS $": Interpreter._vertical,
    "GS ( E": _admin("GS ( E"),
    "GS ( D": _admin("GS ( D"),
    "GS ( C": _admin("GS ( C"),
    "GS ( A": _admin("GS ( A"),
    "GS ( M": _admin("GS ( M"),
    "GS ( H": Interpreter._request_response,
    "GS ( K": _pass,
    "GS ( L": Interpreter._graphics,
    "GS ( k": Interpreter._symbol,
    "GS *": Interpreter._download,
    "GS /": Interpreter._print_download,
    "GS 8 L": Interpreter._graphics,
    "GS B": _flag("inverse"),
    "GS FF": Interpreter._mark_feed,
    "GS H": _set("hri", lambda printer, body: body[0] % 48 & 3),
    "GS I": Interpreter._tell_identity,
    "GS L": _set("margin", lambda printer, body: printer.across(_number(body, 0))),
    "GS P": Interpreter._units,
    "GS T": lambda printer, body: printer._flush(0),
    "GS V": Interpreter._cut,
    "GS W": _set("area", lambda printer, body: printer.across(_number(body, 0))),
    "GS \\": Interpreter._vertical_by,
    "GS a": Interpreter._report_by_itself,
    "GS b": _pass,
    "GS f": _set("hri_font", lambda printer, body: body[0] % 48 if body[0] % 48 in _CELLS else 0),
    "GS h": _set("bar_height", lambda printer, body: max(1, body[0])),
    "GS k": Interpreter._barcode,
    "GS r": Interpreter._tell_status,
    "GS v": Interpreter._raster,
    "GS w": Interpreter._bars,
}
"""What acts on each command."""


def speak(machine: Machine, state_dir: Path | None, silent_on_error: bool) -> Interpreter:
    """Return ESC/POS at work in a machine; nothing of it outlives the power."""
    return Interpreter(machine, silent_on_error=silent_on_error)
