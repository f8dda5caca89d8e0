r"""The ZPL side of a virtual printer: bytes in; labels to the engine and answers to the host out.

Every command is a row of ``_FORMAT`` (``^``) or ``_CONTROL`` (``~``): a new one is a function and a
row. What has no row is listed with the label it came with. ``^`` commands act in order; ``~``
commands act where the stream reaches them, even inside a format.

>>> from gateway.drivers.virtual.machine import Machine, Make, Pace
>>> from gateway.drivers.virtual.paper import Paper
>>> machine = Machine(Paper(), Make(), pace=Pace(speed_mm_s=0))
>>> zpl = Interpreter(machine)
>>> zpl.feed(b"^XA^FO10,10^GB50,20,2^FS^XZ! U1 getvar \"odometer.total_label_count\"\r\n")
>>> zpl.feed(b"~HI")
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from PIL import Image, UnidentifiedImageError

from gateway.drivers.virtual.canvas import Ink, Tile, unpack
from gateway.drivers.virtual.glyphs import Font, choose, scalable
from gateway.drivers.virtual.machine import Machine, Run
from gateway.drivers.virtual.shapes import box, diagonal, ellipse
from gateway.drivers.virtual.zpl import answers
from gateway.drivers.virtual.zpl.barcodes import SYMBOLS, Barcode, draw_barcode
from gateway.drivers.virtual.zpl.fields import (
    QUARTERS,
    Block,
    Drawn,
    set_area,
    set_block,
    set_text,
)
from gateway.drivers.virtual.zpl.graphics import decode_text
from gateway.drivers.virtual.zpl.memory import Memory, Stored, name_object
from gateway.drivers.virtual.zpl.page import Page, Place, Placed, Sheet
from gateway.drivers.virtual.zpl.parser import LINE, STRAY, Command, CommandStream
from gateway.drivers.virtual.zpl.serial import next_decimal, next_masked, strip_zeros
from gateway.errors import CodeRefused, DocumentRefused

_LONGEST_LABEL = 32000
"""Dots: the largest ^LL documented (ZPL II guide, ^LL)."""
_MOST_DOTS = 64_000_000
"""Dots of the largest picture: as many as a printer's 8 MB of memory."""
_LONGEST_FIELD = 3072
"""Bytes of field data that are printed (ZPL II guide, ^FD)."""
_WIDEST_MODULE = 10
"""ZPL II guide, ^BY."""
_LARGEST_ROUND = 4095
"""Dots of the largest circle or ellipse (ZPL II guide, ^GC and ^GE)."""
_LONGEST_LINE = 8192
"""Dots of a slanted line across or down that are drawn: more than any paper shows."""
_MOST_LABELS = 99_999_999
"""ZPL II guide, ^PQ."""
_DEEPEST_RECALL = 8
"""Formats that recall formats stop here; a format that recalls itself would never end."""

# ZPL II guide, ^CI: 28 is UTF-8, 27 is Windows-1252, 0 and 13 are code page 850.
_ENCODINGS = {0: "cp850", 13: "cp850", 27: "cp1252", 28: "utf-8"}


@dataclass(frozen=True, slots=True)
class _FontChoice:
    name: str = "A"
    height: int = 0
    width: int = 0


@dataclass(slots=True)
class _Settings:
    """What stays in force from label to label until it is changed or the power goes."""

    width: int = 0
    """^PW in dots; 0 = the stock's."""
    length: int = 0
    """^LL in dots; 0 = the stock's."""
    home: tuple[int, int] = (0, 0)
    shift_left: int = 0
    shift_down: int = 0
    inverted: bool = False
    mirrored: bool = False
    reverse: bool = False
    turn: str = "N"
    align: int = 0
    module: int = 2
    ratio: float = 3.0
    bar_height: int = 10
    default_font: _FontChoice = field(default_factory=lambda: _FontChoice("A", 9, 5))
    encoding: int = 0
    aliases: dict[str, str] = field(default_factory=dict)
    reprint: bool = True


@dataclass(slots=True)
class _Draft:
    """The field being described, between one ^FS and the next."""

    at: tuple[int, int] | None = None
    typeset: bool = False
    align: int = 0
    font: _FontChoice | None = None
    turn: str = ""
    barcode: tuple[str, str, tuple[str, ...]] | None = None
    block: Block | None = None
    area: tuple[int, int, str] | None = None
    reverse: bool = False
    escape: int | None = None
    content: bytes | None = None
    number: int | None = None
    graphic: Drawn | None = None
    ink: Ink = Ink.BLACK
    serial: Callable[[bytes, int], bytes] | None = None
    stands: bool = False
    """Whether any command said that this field is to be drawn."""


@dataclass(slots=True)
class _Format:
    """The format being received."""

    page: Page = field(default_factory=Page)
    draft: _Draft = field(default_factory=_Draft)
    quantity: int = 1
    pause_every: int = 0
    replicates: int = 1
    octets: int = 0
    values: dict[int, bytes] = field(default_factory=dict)
    """What ^FN fields hold."""
    recalled: set[int] = field(default_factory=set)
    """Numbers of fields that a recalled format left to be filled."""
    answers_per_label: list[tuple[int, int, bytes, bytes]] = field(default_factory=list)
    answers_per_format: list[tuple[int, int, bytes, bytes]] = field(default_factory=list)
    depth: int = 0


class Interpreter:
    """One printer's understanding of ZPL. Not thread-safe: one connection feeds it at a time."""

    def __init__(
        self,
        machine: Machine,
        memory: Memory | None = None,
        *,
        silent_on_error: bool = False,
        on_flash: Callable[[Memory], None] = lambda memory: None,
    ) -> None:
        self._machine = machine
        self.memory = memory or Memory()
        self.silent_on_error = silent_on_error
        self._on_flash = on_flash
        self.answer: Callable[[bytes], None] = lambda reply: None
        """Takes what goes back to the host."""
        self._stream = CommandStream()
        self._settings = _Settings()
        self._format: _Format | None = None
        self._storing: tuple[str, list[Command], int] | None = None
        self._between: list[str] = []
        self._session = machine.session

    def feed(self, received: bytes, session: int | None = None) -> None:
        """Take bytes from the wire and act on each command that is whole.

        ``session`` is the session of power in which they came: when the power goes meanwhile, the
        rest of them is lost with it.
        """
        self._session = self._machine.session if session is None else session
        self._stream.feed(received)
        for command in self._stream:
            if self._machine.session != self._session:
                return
            self._act(command)

    def lose_power(self) -> None:
        """Forget everything but flash."""
        self._stream.reset()
        self._settings = _Settings()
        self._format = None
        self._storing = None
        self._between.clear()
        self.memory.lose_power()

    @property
    def holds_part(self) -> bool:
        """Whether a format is open (the ``h`` of ~HS)."""
        return self._format is not None

    # Acting -------------------------------------------------------------------------------------

    def _act(self, command: Command) -> None:
        if command.name == LINE:
            self._answer_line(command.text())
            return
        if command.name.startswith("~"):
            act = _CONTROL.get(command.name)
            if act is None:
                self._list_unknown(command)
            else:
                act(self, command)
            return
        if self._storing is not None and command.name != "^XZ":
            name, commands, size = self._storing
            commands.append(command)
            self._storing = name, commands, size + 3 + len(command.parameters)
            return
        if self._format is None and command.name not in ("^XA", STRAY):
            if command.name in ("^CC", "^CT", "^CD"):
                self._machine.note_admin(str(command))
                return
            self._between.append(f"{command} outside a format")
            return
        self._carry_out(command)

    def _carry_out(self, command: Command) -> None:
        if (open_format := self._format) is not None:
            open_format.octets += 3 + len(command.parameters)
        act = _FORMAT.get(command.name)
        if act is None and command.name in SYMBOLS:
            act = Interpreter._choose_barcode
        if act is None:
            self._list_unknown(command)
            if command.name.startswith("^B"):
                # A symbology that is not drawn: its data must not come out as text instead.
                self._open.draft.barcode = (command.name, "N", ())
            return
        act(self, command)

    def _list_unknown(self, command: Command) -> None:
        self._list(f"stray text {str(command)!r}" if command.name == STRAY else str(command))

    def _list(self, what: str) -> None:
        if self._format is not None:
            self._format.page.list_unknown(what)
        elif len(self._between) < 200:
            self._between.append(what)

    def _note(self, what: str) -> None:
        if self._format is not None and what not in self._format.page.notes:
            self._format.page.notes.append(what)

    @property
    def _open(self) -> _Format:
        """The open format; every ^ command but ^XA is only carried out inside one."""
        if self._format is None:
            self._format = _Format()
        return self._format

    # Formats ------------------------------------------------------------------------------------

    def _begin(self, command: Command) -> None:
        if self._format is not None:
            self._list("^XA inside a format")
            return
        self._format = _Format()
        for what in self._between:
            self._format.page.list_unknown(what)
        self._between.clear()

    def _end(self, command: Command) -> None:
        if self._storing is not None:
            self._store_format()
        if self._format is None:
            return
        self._close_field(command)
        done, self._format = self._format, None
        for number, longest, head, tail in done.answers_per_format:
            self.answer(head + done.values.get(number, b"")[:longest] + tail)
        page = done.page
        if not page.fields:
            self._between.extend(page.unknown)
            return
        sheet = self._sheet()
        first = page.burn(sheet, 0)
        replicates = max(1, done.replicates)

        def draw(copy: int) -> Tile:
            return page.burn(sheet, copy // replicates) if page.is_serial() else first

        answer = self.answer

        def answer_label(copy: int) -> None:
            for number, longest, head, tail in done.answers_per_label:
                answer(head + done.values.get(number, b"")[:longest] + tail)

        self._machine.submit(
            Run(
                draw=draw,
                quantity=done.quantity,
                octets=done.octets,
                unknown=tuple(page.unknown),
                notes=tuple(page.notes),
                pause_every=done.pause_every,
                reprint=self._settings.reprint,
                on_piece=answer_label if done.answers_per_label else None,
            ),
            self._session,
        )

    def _sheet(self) -> Sheet:
        make, settings = self._machine.make, self._settings
        width = min(settings.width or make.stock_width, max(make.head_width, make.stock_width))
        return Sheet(
            max(1, width),
            min(settings.length or make.stock_height, _LONGEST_LABEL),
            settings.shift_left,
            settings.shift_down,
            settings.inverted,
            settings.mirrored,
        )

    def _store_format(self) -> None:
        if self._storing is None:
            return
        name, commands, size = self._storing
        self._storing = None
        self._keep(Stored(name, max(1, size), commands=tuple(commands)))

    def _keep(self, stored: Stored) -> None:
        self.memory.keep(stored)
        if stored.name[0] != "R":
            self._machine.note_admin(f"stored {stored.name}")
            self._on_flash(self.memory)

    def _download_format(self, command: Command) -> None:
        self._storing = name_object(command.text(), "ZPL"), [], 0

    def _recall_format(self, command: Command) -> None:
        name = name_object(command.text(), "ZPL")
        stored = self.memory.find(name)
        if stored is None or stored.commands is None:
            self._list(f"{command.name}{name} is not stored")
            return
        if self._open.depth >= _DEEPEST_RECALL:
            self._note(f"{name} recalls too many formats inside each other")
            return
        self._open.depth += 1
        for recalled in stored.commands:
            self._carry_out(recalled)
        self._open.depth -= 1

    # Fields -------------------------------------------------------------------------------------

    def _close_field(self, command: Command) -> None:
        open_format = self._open
        draft, open_format.draft = open_format.draft, _Draft()
        if draft.content is not None and draft.escape is not None:
            draft.content = _unescape(draft.content, draft.escape)
        if draft.number is not None:
            if draft.content is not None:
                open_format.values[draft.number] = draft.content
                if draft.number in open_format.recalled and not draft.stands:
                    return
            elif draft.stands or draft.at is not None:
                open_format.recalled.add(draft.number)
        if draft.graphic is None and draft.content is None and draft.number is None:
            return
        if draft.graphic is None and not draft.stands and draft.at is None:
            if draft.number is not None:
                return  # only gives a numbered field its value
            if not draft.content:
                return
        self._place(open_format, draft)

    def _place(self, open_format: _Format, draft: _Draft) -> None:
        settings = self._settings
        x, y = draft.at or (0, 0)
        ink = draft.ink
        if draft.reverse or settings.reverse:
            ink = Ink.XOR
        upright = draft.graphic is not None
        turn = "N" if upright else self._turn_of(draft)
        place = Place(
            settings.home[0] + x,
            settings.home[1] + y,
            draft.typeset,
            draft.align == 1,
            QUARTERS[turn],
            ink,
        )
        if draft.graphic is not None:
            graphic = draft.graphic
            open_format.page.fields.append(Placed(place, lambda copy: graphic))
            return
        draw_content = self._content_drawer(open_format.page, draft)
        known: dict[bytes, Drawn | None] = {}
        values, number, own, serial = (
            open_format.values,
            draft.number,
            draft.content,
            draft.serial,
        )

        def draw(copy: int) -> Drawn | None:
            content = values.get(number, own) if number is not None else own
            if content is None:
                return None
            if serial is not None:
                content = serial(content, copy)
            if content not in known:
                known[content] = draw_content(content)
            return known[content]

        open_format.page.fields.append(Placed(place, draw, serial is not None))

    def _turn_of(self, draft: _Draft) -> str:
        if draft.barcode is not None:
            return draft.barcode[1]
        if draft.area is not None and draft.area[2]:
            return draft.area[2]
        return draft.turn or self._settings.turn

    def _content_drawer(self, page: Page, draft: _Draft) -> Callable[[bytes], Drawn | None]:
        """Return what draws the field's content, with every setting as it is now."""
        settings = self._settings
        encoding = _ENCODINGS.get(settings.encoding, "cp850")
        font = self._font(draft.font or settings.default_font)
        if draft.barcode is not None:
            command, _, parameters = draft.barcode
            barcode = Barcode(
                command,
                parameters,
                settings.module,
                settings.ratio,
                settings.bar_height,
                font if draft.font is not None else None,
            )

            def draw_code(content: bytes) -> Drawn | None:
                if command not in SYMBOLS:
                    return None
                try:
                    return draw_barcode(barcode, content)
                except CodeRefused as refused:
                    page.list_unknown(f"{command}: {refused}")
                    return None

            return draw_code
        block, area = draft.block, draft.area

        def draw_text(content: bytes) -> Drawn | None:
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError:
                page.list_unknown(f"^FD bytes that are not {encoding}")
                text = content.decode(encoding, "replace")
            text = text.translate(_NO_CONTROLS)
            if area is not None:
                return set_area(text, font, area[0], area[1])
            if block is not None:
                return set_block(text, font, block)
            return set_text(text, font)

        return draw_text

    def _font(self, chosen: _FontChoice) -> Font:
        name = chosen.name
        if name in self._settings.aliases:
            self._open.page.list_unknown(
                f"font {name} ({self._settings.aliases[name]}) drawn as font 0"
            )
            name = "0"
        height, width = chosen.height, chosen.width
        font = choose(name, min(height, _LONGEST_LABEL), min(width, _LONGEST_LABEL))
        if font is None:
            self._open.page.list_unknown(f"font {name} drawn as font 0")
            return scalable(height or width or 15, width or height or 12)
        return font

    def _origin(self, command: Command) -> None:
        self._move(command, typeset=False)

    def _typeset(self, command: Command) -> None:
        self._move(command, typeset=True)

    def _move(self, command: Command, *, typeset: bool) -> None:
        x, y, align = _numbers(command, 3)
        draft = self._open.draft
        draft.at = (x or 0, y or 0)
        draft.typeset = typeset
        draft.align = self._settings.align if align is None else align

    def _choose_font(self, command: Command) -> None:
        text = command.text()
        parts = text.split(",")
        head = parts[0]
        draft = self._open.draft
        name = head[:1].upper() or "0"
        turn = head[1:2].upper()
        height, width = _number(parts, 1), _number(parts, 2)
        draft.font = self._sized(name, height, width)
        draft.turn = turn if turn in QUARTERS else self._settings.turn

    def _sized(self, name: str, height: int | None, width: int | None) -> _FontChoice:
        default = self._settings.default_font
        if height is None and width is None:
            height, width = default.height, default.width
        return _FontChoice(name, max(0, height or 0), max(0, width or 0))

    def _choose_named_font(self, command: Command) -> None:
        parts = command.text().split(",")
        draft = self._open.draft
        turn = parts[0][:1].upper()
        draft.turn = turn if turn in QUARTERS else self._settings.turn
        named = parts[3].strip() if len(parts) > 3 else ""
        draft.font = self._sized("0", _number(parts, 1), _number(parts, 2))
        self._open.page.list_unknown(f"font {named or '?'} drawn as font 0")

    def _default_font(self, command: Command) -> None:
        parts = command.text().split(",")
        old = self._settings.default_font
        name = parts[0].strip()[:1].upper() or old.name
        height, width = _number(parts, 1), _number(parts, 2)
        if height is None and width is None:
            height, width = old.height, old.width
        self._settings.default_font = _FontChoice(name, max(0, height or 0), max(0, width or 0))

    def _alias_font(self, command: Command) -> None:
        letter, _, named = command.text().partition(",")
        if letter.strip():
            self._settings.aliases[letter.strip()[:1].upper()] = named.strip()

    def _choose_barcode(self, command: Command) -> None:
        text = command.text()
        # The orientation is the first letter; the rest are parameters after its comma.
        parts = text.split(",")
        turn = parts[0].strip()[:1].upper()
        self._open.draft.barcode = (
            command.name,
            turn if turn in QUARTERS else self._settings.turn,
            tuple(parts[1:]),
        )
        self._open.draft.stands = True

    def _set_module(self, command: Command) -> None:
        parts = command.text().split(",")
        settings = self._settings
        width, height = _number(parts, 0), _number(parts, 2)
        if width:
            settings.module = max(1, min(width, _WIDEST_MODULE))
        if len(parts) > 1 and (match := re.match(r"\s*([0-9]+(?:\.[0-9]+)?)", parts[1])):
            settings.ratio = min(3.0, max(2.0, float(match[1])))
        if height:
            settings.bar_height = max(1, min(height, _LONGEST_LABEL))

    def _set_block(self, command: Command) -> None:
        parts = command.text().split(",")
        width = _number(parts, 0) or 0
        justify = parts[3].strip().upper()[:1] if len(parts) > 3 else ""
        self._open.draft.block = (
            Block(
                width,
                max(1, min(_number(parts, 1) or 1, 9999)),
                max(-9999, min(_number(parts, 2) or 0, 9999)),
                justify if justify in ("L", "C", "R", "J") else "L",
                max(0, _number(parts, 4) or 0),
            )
            if width > 0
            else None
        )

    def _set_area(self, command: Command) -> None:
        parts = command.text().split(",")
        turn = parts[0].strip()[:1].upper()
        width, height = _number(parts, 1) or 1, _number(parts, 2) or 1
        self._open.draft.area = (
            max(1, width),
            max(1, height),
            turn if turn in QUARTERS else "",
        )

    def _reverse_field(self, command: Command) -> None:
        self._open.draft.reverse = True

    def _escape_field(self, command: Command) -> None:
        self._open.draft.escape = command.parameters[0] if command.parameters else ord("_")

    def _set_content(self, command: Command) -> None:
        draft = self._open.draft
        content = command.parameters.translate(None, b"\r\n")
        if len(content) > _LONGEST_FIELD:
            self._note(f"{len(content)} bytes of field data, only {_LONGEST_FIELD} are printed")
        draft.content = content[:_LONGEST_FIELD]

    def _count_content(self, command: Command) -> None:
        parts = command.text().split(",")
        draft = self._open.draft
        step_text = parts[1].strip() if len(parts) > 1 else ""
        step = int(step_text) if re.fullmatch(r"[+-]?[0-9]{1,12}", step_text) else 1
        zeros = len(parts) > 2 and parts[2].strip().upper() == "Y"
        draft.content = parts[0].encode("latin-1") or b"1"

        def advance(content: bytes, copy: int) -> bytes:
            text = next_decimal(content.decode("latin-1"), step * copy)
            return (text if zeros else strip_zeros(text)).encode("latin-1")

        draft.serial = advance

    def _count_masked(self, command: Command) -> None:
        mask, _, increment = command.text().partition(",")
        reached: dict[bytes, tuple[int, str]] = {}

        def advance(content: bytes, copy: int) -> bytes:
            at, text = reached.get(content, (0, content.decode("latin-1")))
            if at > copy:
                at, text = 0, content.decode("latin-1")
            for _ in range(copy - at):
                text = next_masked(text, mask, increment.strip() or "1")
            reached[content] = copy, text
            return text.encode("latin-1")

        self._open.draft.serial = advance

    def _number_field(self, command: Command) -> None:
        if match := re.match(r"\s*([0-9]{1,4})", command.text()):
            self._open.draft.number = int(match[1])
        else:
            self._list_unknown(command)

    def _only_default(self, command: Command) -> None:
        """Commands whose default changes nothing here, and whose other values are not obeyed."""
        if _letter(command) not in ("", _DEFAULTS[command.name]):
            self._list_unknown(command)

    def _comment(self, command: Command) -> None:
        """^FX and other commands that change nothing on this paper."""

    # Shapes and pictures ------------------------------------------------------------------------

    def _draw_now(self, tile: Tile, ink: Ink = Ink.BLACK) -> None:
        draft = self._open.draft
        draft.graphic = Drawn(tile, 0, 0, tile.width, tile.height, (0, tile.height))
        draft.ink = ink

    def _draw_box(self, command: Command) -> None:
        parts = command.text().split(",")
        border = _size(_number(parts, 2), 1)
        self._draw_now(
            box(
                min(_LONGEST_LINE, _size(_number(parts, 0), border)),
                _size(_number(parts, 1), border),
                border,
                max(0, min(_number(parts, 4) or 0, 8)),
            ),
            _colour(parts, 3),
        )

    def _draw_circle(self, command: Command) -> None:
        parts = command.text().split(",")
        diameter = min(_LARGEST_ROUND, _size(_number(parts, 0), 3))
        self._draw_now(ellipse(diameter, diameter, _size(_number(parts, 1), 1)), _colour(parts, 2))

    def _draw_ellipse(self, command: Command) -> None:
        parts = command.text().split(",")
        border = _size(_number(parts, 2), 1)
        self._draw_now(
            ellipse(
                min(_LARGEST_ROUND, _size(_number(parts, 0), 3)),
                min(_LARGEST_ROUND, _size(_number(parts, 1), 3)),
                border,
            ),
            _colour(parts, 3),
        )

    def _draw_diagonal(self, command: Command) -> None:
        parts = command.text().split(",")
        border = _size(_number(parts, 2), 1)
        leans = parts[4].strip().upper()[:1] if len(parts) > 4 else "R"
        self._draw_now(
            diagonal(
                min(_LONGEST_LINE, _size(_number(parts, 0), border)),
                min(_LONGEST_LINE, _size(_number(parts, 1), border)),
                border,
                leans_right=leans not in ("L", "\\"),
            ),
            _colour(parts, 3),
        )

    def _draw_sign(self, command: Command) -> None:
        """^GS: the field's content A, B or C is ®, © or ™ in the size given."""
        parts = command.text().split(",")
        draft = self._open.draft
        turn = parts[0].strip()[:1].upper()
        draft.turn = turn if turn in QUARTERS else self._settings.turn
        draft.font = self._sized("0", _number(parts, 1), _number(parts, 2))
        page = self._open.page
        draft.stands = True

        def chosen(content: bytes, copy: int) -> bytes:
            sign = {b"A": "®", b"B": "©", b"C": "™"}.get(content.strip().upper())
            if sign is None:
                page.list_unknown(f"^GS sign {content.decode('latin-1')!r}")
                return b""
            return sign.encode(_ENCODINGS.get(encoding, "cp850"), "replace")

        encoding = self._settings.encoding
        draft.serial = chosen

    def _draw_graphic(self, command: Command) -> None:
        parts = command.parameters.split(b",", 4)
        if len(parts) < 5:
            self._list_unknown(command)
            return
        kind = parts[0].strip().upper() or b"A"
        total, stride = _octets(parts[2]), _octets(parts[3])
        tile = self._decode(command, kind, parts[4], total, stride)
        if tile is not None:
            self._draw_now(tile)

    def _decode(
        self, command: Command, kind: bytes, body: bytes, total: int, stride: int
    ) -> Tile | None:
        """Return a picture, or None after listing why not."""
        if not stride or not total or total > _MOST_DOTS // 8 or stride > 4096:
            self._list(f"{command.name} of no or too large size")
            return None
        if kind == b"C":
            # The vendor's binary compression is not published.
            self._list(f"{command.name} with compression C")
            return None
        try:
            if kind == b"A" or body[:5] in (b":B64:", b":Z64:"):
                packed = decode_text(body, stride=stride, rows=-(-total // stride))
            else:
                packed = body
        except DocumentRefused as refused:
            self._list(f"{command.name}: {refused}")
            return None
        if len(packed) < total:
            self._note(f"{command.name} announced {total} bytes and brought {len(packed)}")
        return unpack(packed[:total], stride)

    def _recall_graphic(self, command: Command) -> None:
        parts = command.text().split(",")
        name = name_object(parts[0], "GRF")
        stored = self.memory.find(name)
        if stored is None or stored.tile is None:
            self._list(f"{command.name}{name} is not stored")
            return
        across = max(1, min(_number(parts, 1) or 1, 10))
        down = max(1, min(_number(parts, 2) or 1, 10))
        if stored.tile.width * stored.tile.height * across * down > _MOST_DOTS:
            self._list(f"{command.name} larger than the printer's memory")
            return
        self._draw_now(stored.tile.enlarged(across, down))

    def _load_image(self, command: Command) -> None:
        name = name_object(command.text(), "GRF")
        stored = self.memory.find(name)
        if stored is None or stored.tile is None:
            self._list(f"{command.name}{name} is not stored")
            return
        tile = stored.tile
        drawn = Drawn(tile, 0, 0, tile.width, tile.height, (0, tile.height))
        self._open.page.fields.append(Placed(Place(0, 0), lambda copy: drawn))

    def _save_image(self, command: Command) -> None:
        """^IS: keep the label as it is so far; with N it is not printed."""
        self._close_field(command)
        parts = command.text().split(",")
        sheet = replace(self._sheet(), inverted=False, mirrored=False)
        burnt = self._open.page.burn(sheet, 0)
        stride = (burnt.width + 7) // 8
        self._keep(
            Stored(
                name_object(parts[0], "GRF"),
                stride * burnt.height,
                tile=unpack(burnt.to_bytes(), stride),
            )
        )
        if len(parts) > 1 and parts[1].strip().upper()[:1] == "N":
            self._open.page.fields.clear()

    def _download_graphic(self, command: Command) -> None:
        parts = command.parameters.split(b",", 3)
        if len(parts) < 4:
            self._list_unknown(command)
            return
        name = name_object(parts[0].decode("latin-1"), "GRF")
        total, stride = _octets(parts[1]), _octets(parts[2])
        tile = self._decode(command, b"A", parts[3], total, stride)
        if tile is not None:
            self._keep(Stored(name, total, tile=tile))

    def _download_object(self, command: Command) -> None:
        parts = command.parameters.split(b",", 5)
        if len(parts) < 6:
            self._list_unknown(command)
            return
        encoding, kind = parts[1].strip().upper(), parts[2].strip().upper()
        total, stride = _octets(parts[3]), _octets(parts[4])
        name = parts[0].decode("latin-1")
        tile: Tile | None = None
        if kind == b"G":
            tile = self._decode(
                command, b"A" if encoding == b"A" else encoding, parts[5], total, stride
            )
            name = name_object(name, "GRF")
        elif kind == b"P":
            tile = self._read_png(command, parts[5], total)
            name = name_object(name, "PNG")
        else:
            self._list(f"{command.name} of kind {kind.decode('latin-1')}")
            return
        if tile is not None:
            self._keep(Stored(name, total, tile=tile))

    def _read_png(self, command: Command, body: bytes, total: int) -> Tile | None:
        try:
            packed = body
            if body[:4] != b"\x89PNG":
                packed = decode_text(body, stride=total, rows=1)[:total]
            with Image.open(io.BytesIO(packed)) as opened:
                too_large = opened.width * opened.height > _MOST_DOTS
                picture = Image.new("L", (1, 1)) if too_large else opened.convert("L")
        except (UnidentifiedImageError, OSError, ValueError, DocumentRefused) as wrong:
            self._list(f"{command.name}: {wrong}")
            return None
        if too_large:
            self._list(f"{command.name}: the picture has too many dots")
            return None
        stride = (picture.width + 7) // 8
        canvas = Image.new("1", (stride * 8, picture.height), 0)
        canvas.paste(picture.point(lambda level: 255 if level < 128 else 0), (0, 0))
        return unpack(canvas.tobytes(), stride)

    def _delete(self, command: Command) -> None:
        pattern = command.text().strip().upper() or "R:UNKNOWN.GRF"
        if ":" not in pattern:
            pattern = "R:" + pattern
        self._machine.note_admin(f"^ID{pattern}")
        gone = self.memory.forget(pattern)
        if any(name[0] != "R" for name in gone):
            self._on_flash(self.memory)

    def _erase_graphics(self, command: Command) -> None:
        self._machine.note_admin(command.name)
        self.memory.forget("R:*.GRF")

    # Label settings -----------------------------------------------------------------------------

    def _label_home(self, command: Command) -> None:
        x, y = _numbers(command, 2)
        self._settings.home = (max(0, x or 0), max(0, y or 0))

    def _label_length(self, command: Command) -> None:
        length = _numbers(command, 1)[0]
        if length and length > 0:
            self._settings.length = min(length, _LONGEST_LABEL)

    def _print_width(self, command: Command) -> None:
        width = _numbers(command, 1)[0]
        if width and width > 0:
            self._settings.width = max(2, width)

    def _label_shift(self, command: Command) -> None:
        self._settings.shift_left = max(-9999, min(_numbers(command, 1)[0] or 0, 9999))

    def _label_top(self, command: Command) -> None:
        # ZPL II guide, ^LT: -120 to 120 dot rows.
        self._settings.shift_down = max(-120, min(_numbers(command, 1)[0] or 0, 120))

    def _label_reverse(self, command: Command) -> None:
        self._settings.reverse = _letter(command) == "Y"

    def _orient(self, command: Command) -> None:
        self._settings.inverted = _letter(command) == "I"

    def _mirror(self, command: Command) -> None:
        self._settings.mirrored = _letter(command) == "Y"

    def _field_default(self, command: Command) -> None:
        parts = command.text().split(",")
        turn = parts[0].strip().upper()[:1]
        if turn in QUARTERS:
            self._settings.turn = turn
        align = _number(parts, 1)
        if align is not None:
            self._settings.align = align

    def _encoding(self, command: Command) -> None:
        number = _numbers(command, 1)[0] or 0
        if number not in _ENCODINGS:
            self._list_unknown(command)
            return
        self._settings.encoding = number

    def _quantity(self, command: Command) -> None:
        total, pause, replicates = _numbers(command, 3)
        override = command.text().split(",")[3:4]
        self._open.quantity = max(1, min(total or 1, _MOST_LABELS))
        self._open.replicates = max(1, (replicates or 0))
        paused = not override or override[0].strip().upper()[:1] != "Y"
        self._open.pause_every = max(0, pause or 0) if paused else 0

    def _reprint(self, command: Command) -> None:
        self._settings.reprint = _letter(command) != "N"

    def _prefix(self, command: Command) -> None:
        self._machine.note_admin(str(command))

    def _saved(self, command: Command) -> None:
        self._machine.note_admin(str(command))

    # The host asks ------------------------------------------------------------------------------

    def _list_directory(self, command: Command) -> None:
        pattern = command.text().split(",")[0].strip().upper() or "R:*.*"
        device, colon, rest = pattern.partition(":")
        if not colon:
            device, rest = "R", pattern
        stem, dot, extension = (rest or "*.*").partition(".")
        wanted = f"{device[:1]}:{stem or '*'}.{(extension or '*') if dot else '*'}"
        found = self.memory.matching(wanted)
        self.answer(answers.directory(wanted, found, self.memory.free(device[:1])))

    def _return_value(self, command: Command) -> None:
        """^HV: give a numbered field's content back, once a format or once a label."""
        open_format = self._open
        raw = command.parameters
        if open_format.draft.escape is not None:
            raw = _unescape(raw, open_format.draft.escape)
        parts = raw.split(b",")
        number, longest = _octets(parts[0]), _octets(parts[1]) if len(parts) > 1 else 64
        head = parts[2] if len(parts) > 2 else b""
        tail = parts[3] if len(parts) > 3 else b""
        when = parts[4].strip().upper() if len(parts) > 4 else b"F"
        wanted = (number, longest or 64, head, tail)
        if when == b"L":
            open_format.answers_per_label.append(wanted)
        else:
            open_format.answers_per_format.append(wanted)
        open_format.draft = _Draft()

    def _host_status(self, command: Command) -> None:
        state = self._machine.state()
        if self.silent_on_error and state.halted:
            return
        self.answer(answers.host_status(state, partial=self.holds_part, graphics=self._graphics()))

    def _graphics(self) -> int:
        return len(self.memory.matching("*.GRF"))

    def _host_identity(self, command: Command) -> None:
        self.answer(answers.host_identity(self._machine.make))

    def _host_memory(self, command: Command) -> None:
        self.answer(answers.host_memory(self.memory.free("R")))

    def _host_query(self, command: Command) -> None:
        reply = answers.host_query(
            command.text().upper(), self._machine.state(), self._machine.make
        )
        if reply is None:
            self._list_unknown(command)
        else:
            self.answer(reply)

    def _answer_line(self, line: str) -> None:
        words = re.findall(r'"([^"]*)"', line)
        match = re.match(r"!\s*U1?\s+(\w+)", line)
        verb = match[1].lower() if match else ""
        if verb == "getvar" and words:
            state, make = self._machine.state(), self._machine.make
            self.answer(answers.variable(words[0].lower(), state, make))
        elif verb in ("setvar", "do"):
            self._machine.note_admin(line.strip())
            if verb == "do" and words[:1] == ["device.reset"]:
                self._restart()
        else:
            self._between.append(line)

    # Commands that act at once ------------------------------------------------------------------

    def _cancel_all(self, command: Command) -> None:
        self._machine.note_admin("~JA")
        self._machine.cancel_all()

    def _cancel_partial(self, command: Command) -> None:
        self._format = None
        self._storing = None
        self._stream.leave_format()

    def _restart_command(self, command: Command) -> None:
        self._machine.note_admin("~JR")
        self._restart()

    def _restart(self) -> None:
        self._machine.power_off()
        self._machine.power_on()

    def _pause(self, command: Command) -> None:
        self._machine.note_admin("~PP")
        self._machine.pause()

    def _go_on(self, command: Command) -> None:
        self._machine.note_admin("~PS")
        self._machine.resume()

    def _print_configuration(self, command: Command) -> None:
        self._machine.note_admin(command.name)

    def _darkness(self, command: Command) -> None:
        """~SD, ~TA and the like set something paper does not show here."""


def _unescape(content: bytes, escape: int) -> bytes:
    """Return field data with ``_hh`` replaced by the byte (ZPL II guide, ^FH)."""
    pattern = re.compile(re.escape(bytes([escape])) + rb"([0-9A-Fa-f]{2})")
    return pattern.sub(lambda match: bytes([int(match[1], 16)]), content)


_NO_CONTROLS = dict.fromkeys(range(32))


def _number(parts: Sequence[str], index: int) -> int | None:
    """Return a parameter as a whole number, None when absent or not one."""
    if index >= len(parts):
        return None
    match = re.match(r"\s*([+-]?[0-9]{1,9})", parts[index])
    return int(match[1]) if match else None


def _numbers(command: Command, count: int) -> list[int | None]:
    parts = command.text().split(",")
    return [_number(parts, index) for index in range(count)]


def _octets(written: bytes) -> int:
    written = written.strip()
    return int(written) if written.isdigit() and len(written) < 10 else 0


def _size(value: int | None, default: int) -> int:
    return max(1, min(_LONGEST_LABEL, value if value else default))


def _letter(command: Command) -> str:
    return command.text().strip().upper()[:1]


def _colour(parts: Sequence[str], index: int) -> Ink:
    white = index < len(parts) and parts[index].strip().upper()[:1] == "W"
    return Ink.WHITE if white else Ink.BLACK


# Normal dots, units of dots, horizontal text, ZPL II, no code validation.
_DEFAULTS = {"^JM": "A", "^MU": "D", "^FP": "H", "^SZ": "2", "^CV": "N"}

_Act = Callable[[Interpreter, Command], None]
_FORMAT: Mapping[str, _Act] = {
    "^A": Interpreter._choose_font,
    "^A@": Interpreter._choose_named_font,
    "^BY": Interpreter._set_module,
    "^CC": Interpreter._prefix,
    "^CD": Interpreter._prefix,
    "^CF": Interpreter._default_font,
    "^CI": Interpreter._encoding,
    "^CT": Interpreter._prefix,
    "^CV": Interpreter._only_default,
    "^CW": Interpreter._alias_font,
    "^DF": Interpreter._download_format,
    "^EG": Interpreter._erase_graphics,
    "^FB": Interpreter._set_block,
    "^FD": Interpreter._set_content,
    "^FH": Interpreter._escape_field,
    "^FN": Interpreter._number_field,
    "^FO": Interpreter._origin,
    "^FP": Interpreter._only_default,
    "^FR": Interpreter._reverse_field,
    "^FS": Interpreter._close_field,
    "^FT": Interpreter._typeset,
    "^FV": Interpreter._set_content,
    "^FW": Interpreter._field_default,
    "^FX": Interpreter._comment,
    "^GB": Interpreter._draw_box,
    "^GC": Interpreter._draw_circle,
    "^GD": Interpreter._draw_diagonal,
    "^GE": Interpreter._draw_ellipse,
    "^GF": Interpreter._draw_graphic,
    "^GS": Interpreter._draw_sign,
    "^HV": Interpreter._return_value,
    "^HW": Interpreter._list_directory,
    "^ID": Interpreter._delete,
    "^IL": Interpreter._load_image,
    "^IM": Interpreter._recall_graphic,
    "^IS": Interpreter._save_image,
    "^JM": Interpreter._only_default,
    "^JU": Interpreter._saved,
    "^JZ": Interpreter._reprint,
    "^LH": Interpreter._label_home,
    "^LL": Interpreter._label_length,
    "^LR": Interpreter._label_reverse,
    "^LS": Interpreter._label_shift,
    "^LT": Interpreter._label_top,
    "^MD": Interpreter._comment,
    "^MM": Interpreter._comment,
    "^MN": Interpreter._comment,
    "^MT": Interpreter._comment,
    "^MU": Interpreter._only_default,
    "^PM": Interpreter._mirror,
    "^PO": Interpreter._orient,
    "^PQ": Interpreter._quantity,
    "^PR": Interpreter._comment,
    "^PW": Interpreter._print_width,
    "^SF": Interpreter._count_masked,
    "^SN": Interpreter._count_content,
    "^SZ": Interpreter._only_default,
    "^TB": Interpreter._set_area,
    "^XA": Interpreter._begin,
    "^XB": Interpreter._comment,
    "^XF": Interpreter._recall_format,
    "^XG": Interpreter._recall_graphic,
    "^XZ": Interpreter._end,
}
_CONTROL: Mapping[str, _Act] = {
    "~CC": Interpreter._prefix,
    "~CD": Interpreter._prefix,
    "~CT": Interpreter._prefix,
    "~DG": Interpreter._download_graphic,
    "~DY": Interpreter._download_object,
    "~EG": Interpreter._erase_graphics,
    "~HI": Interpreter._host_identity,
    "~HM": Interpreter._host_memory,
    "~HQ": Interpreter._host_query,
    "~HS": Interpreter._host_status,
    "~JA": Interpreter._cancel_all,
    "~JC": Interpreter._print_configuration,
    "~JR": Interpreter._restart_command,
    "~JX": Interpreter._cancel_partial,
    "~PP": Interpreter._pause,
    "~PS": Interpreter._go_on,
    "~SD": Interpreter._darkness,
    "~TA": Interpreter._darkness,
    "~WC": Interpreter._print_configuration,
}

UNDERSTOOD = (*_FORMAT, *_CONTROL)
"""Names of the commands that are acted on, besides those of the symbologies."""
