r"""The ZPL side of a virtual printer: bytes in; labels to the engine and answers to the host out.

Every command is a row of ``FORMAT`` (``^``) or ``CONTROL`` (``~``): a new one is a function and a
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

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from gateway.drivers.virtual.canvas import Ink, Tile
from gateway.drivers.virtual.glyphs import Font, choose, scalable
from gateway.drivers.virtual.machine import Machine, Run
from gateway.drivers.virtual.paper import write_safely
from gateway.drivers.virtual.zpl import answers
from gateway.drivers.virtual.zpl.barcodes import SYMBOLS, Barcode, draw_barcode
from gateway.drivers.virtual.zpl.describing import DESCRIBING, Act, choose_barcode
from gateway.drivers.virtual.zpl.fields import QUARTERS, Drawn, set_area, set_block, set_text
from gateway.drivers.virtual.zpl.host import HOST, HOST_AT_ONCE
from gateway.drivers.virtual.zpl.labels import LABELS, LABELS_AT_ONCE
from gateway.drivers.virtual.zpl.memory import Memory, Stored, name_object
from gateway.drivers.virtual.zpl.page import Page, Place, Placed, Sheet
from gateway.drivers.virtual.zpl.parameters import unescape
from gateway.drivers.virtual.zpl.parser import LINE, STRAY, Command, CommandStream
from gateway.drivers.virtual.zpl.pictures import PICTURES, PICTURES_AT_ONCE
from gateway.drivers.virtual.zpl.state import (
    ENCODINGS,
    LONGEST_LABEL,
    Draft,
    FontChoice,
    OpenFormat,
    Settings,
)
from gateway.errors import CodeRefused

_DEEPEST_RECALL = 8
"""Formats that recall formats stop here; a format that recalls itself would never end."""


_MOST_BETWEEN = 200
"""What is not understood between two labels is listed up to here."""

_NO_CONTROLS = dict.fromkeys(range(32))


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
        self.machine = machine
        self.memory = memory or Memory()
        self.silent_on_error = silent_on_error
        self.on_flash = on_flash
        self.answer: Callable[[bytes], None] = lambda reply: None
        """Takes what goes back to the host."""
        self._stream = CommandStream()
        self.settings = Settings()
        self._format: OpenFormat | None = None
        self._storing: tuple[str, list[Command], int] | None = None
        self._between: list[str] = []
        self._session = machine.session

    def feed(self, received: bytes, session: int | None = None) -> None:
        """Take bytes from the wire and act on each command that is whole.

        ``session`` is the session of power in which they came: when the power goes meanwhile, the
        rest of them is lost with it.
        """
        self._session = self.machine.session if session is None else session
        self._stream.feed(received)
        for command in self._stream:
            if self.machine.session != self._session:
                return
            self._act(command)

    def lose_power(self) -> None:
        """Forget everything but flash."""
        self._stream.reset()
        self.settings = Settings()
        self._format = None
        self._storing = None
        self._between.clear()
        self.memory.lose_power()

    def cancel_partial(self) -> None:
        """Forget the format being received (~JX)."""
        self._format = None
        self._storing = None
        self._stream.leave_format()

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
            act = CONTROL.get(command.name)
            if act is None:
                self.list_command(command)
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
                self.machine.note_admin(str(command))
                return
            self.list_unknown(f"{command} outside a format")
            return
        self._carry_out(command)

    def _carry_out(self, command: Command) -> None:
        if (open_format := self._format) is not None:
            open_format.octets += 3 + len(command.parameters)
        act = FORMAT.get(command.name)
        if act is None and command.name in SYMBOLS:
            act = choose_barcode
        if act is None:
            self.list_command(command)
            if command.name.startswith("^B"):
                # A symbology that is not drawn: its data must not come out as text instead.
                self.open_format.draft.barcode = (command.name, "N", ())
            return
        act(self, command)

    def list_command(self, command: Command) -> None:
        """List a command that is not understood, with the open label or else the next one."""
        self.list_unknown(f"stray text {str(command)!r}" if command.name == STRAY else str(command))

    def list_unknown(self, what: str) -> None:
        """List something that is not understood, with the open label or else the next one."""
        if self._format is not None:
            self._format.page.list_unknown(what)
        elif len(self._between) < _MOST_BETWEEN:
            self._between.append(what)

    def note(self, what: str) -> None:
        """Note something a person should know about the open label."""
        if self._format is not None and what not in self._format.page.notes:
            self._format.page.notes.append(what)

    @property
    def open_format(self) -> OpenFormat:
        """The open format; every ^ command but ^XA is only carried out inside one."""
        if self._format is None:
            self._format = OpenFormat()
        return self._format

    # Formats ------------------------------------------------------------------------------------

    def _begin(self, command: Command) -> None:
        if self._format is not None:
            self.list_unknown("^XA inside a format")
            return
        self._format = OpenFormat()
        for what in self._between:
            self._format.page.list_unknown(what)
        self._between.clear()

    def _end(self, command: Command) -> None:
        if self._storing is not None:
            self._store_format()
        if self._format is None:
            return
        self.close_field(command)
        done, self._format = self._format, None
        for number, longest, head, tail in done.answers_per_format:
            self.answer(head + done.values.get(number, b"")[:longest] + tail)
        page = done.page
        if not page.fields:
            for what in page.unknown:
                self.list_unknown(what)
            return
        sheet = self.sheet()
        first = page.burn(sheet, 0)
        replicates = max(1, done.replicates)

        def draw(copy: int) -> Tile:
            return page.burn(sheet, copy // replicates) if page.is_serial() else first

        answer = self.answer

        def answer_label(copy: int) -> None:
            for number, longest, head, tail in done.answers_per_label:
                answer(head + done.values.get(number, b"")[:longest] + tail)

        self.machine.submit(
            Run(
                draw=draw,
                quantity=done.quantity,
                octets=done.octets,
                unknown=tuple(page.unknown),
                notes=tuple(page.notes),
                pause_every=done.pause_every,
                reprint=self.settings.reprint,
                on_piece=answer_label if done.answers_per_label else None,
            ),
            self._session,
        )

    def sheet(self) -> Sheet:
        """Return the label's size and moves as the settings say now."""
        make, settings = self.machine.make, self.settings
        width = min(settings.width or make.stock_width, max(make.head_width, make.stock_width))
        return Sheet(
            max(1, width),
            min(settings.length or make.stock_height, LONGEST_LABEL),
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
        self.keep(Stored(name, max(1, size), commands=tuple(commands)))

    def keep(self, stored: Stored) -> None:
        """Store an object; on flash it outlives the power."""
        self.memory.keep(stored)
        if stored.name[0] != "R":
            self.machine.note_admin(f"stored {stored.name}")
            self.on_flash(self.memory)

    def _download_format(self, command: Command) -> None:
        self._storing = name_object(command.text(), "ZPL"), [], 0

    def _recall_format(self, command: Command) -> None:
        name = name_object(command.text(), "ZPL")
        stored = self.memory.find(name)
        if stored is None or stored.commands is None:
            self.list_unknown(f"{command.name}{name} is not stored")
            return
        if self.open_format.depth >= _DEEPEST_RECALL:
            self.note(f"{name} recalls too many formats inside each other")
            return
        self.open_format.depth += 1
        for recalled in stored.commands:
            self._carry_out(recalled)
        self.open_format.depth -= 1

    # Fields -------------------------------------------------------------------------------------

    def close_field(self, command: Command) -> None:
        """Put the described field on the page (^FS)."""
        open_format = self.open_format
        draft, open_format.draft = open_format.draft, Draft()
        if draft.content is not None and draft.escape is not None:
            draft.content = unescape(draft.content, draft.escape)
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

    def _place(self, open_format: OpenFormat, draft: Draft) -> None:
        settings = self.settings
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
                return draw_content(serial(content, copy))
            if content not in known:
                known[content] = draw_content(content)
            return known[content]

        open_format.page.fields.append(Placed(place, draw, serial is not None))

    def _turn_of(self, draft: Draft) -> str:
        if draft.barcode is not None:
            return draft.barcode[1]
        if draft.area is not None and draft.area[2]:
            return draft.area[2]
        return draft.turn or self.settings.turn

    def _content_drawer(self, page: Page, draft: Draft) -> Callable[[bytes], Drawn | None]:
        """Return what draws the field's content, with every setting as it is now."""
        settings = self.settings
        encoding = ENCODINGS.get(settings.encoding, "cp850")
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

    def _font(self, chosen: FontChoice) -> Font:
        name = chosen.name
        if name in self.settings.aliases:
            self.open_format.page.list_unknown(
                f"font {name} ({self.settings.aliases[name]}) drawn as font 0"
            )
            name = "0"
        height, width = chosen.height, chosen.width
        font = choose(name, min(height, LONGEST_LABEL), min(width, LONGEST_LABEL))
        if font is None:
            self.open_format.page.list_unknown(f"font {name} drawn as font 0")
            return scalable(height or width or 15, width or height or 12)
        return font

    def _answer_line(self, line: str) -> None:
        words = re.findall(r'"([^"]*)"', line)
        match = re.match(r"!\s*U1?\s+(\w+)", line)
        verb = match[1].lower() if match else ""
        if verb == "getvar" and words:
            state, make = self.machine.state(), self.machine.make
            self.answer(answers.variable(words[0].lower(), state, make))
        elif verb in ("setvar", "do"):
            self.machine.note_admin(line.strip())
            if verb == "do" and words[:1] == ["device.reset"]:
                self.restart()
        else:
            self.list_unknown(line.strip())

    def restart(self) -> None:
        """Switch the printer off and on."""
        self.machine.power_off()
        self.machine.power_on()


FORMAT: Mapping[str, Act] = {
    **DESCRIBING,
    **PICTURES,
    **LABELS,
    **HOST,
    "^DF": Interpreter._download_format,
    "^FS": Interpreter.close_field,
    "^XA": Interpreter._begin,
    "^XF": Interpreter._recall_format,
    "^XZ": Interpreter._end,
}
"""What acts on the commands of a format, by name."""

CONTROL: Mapping[str, Act] = {**PICTURES_AT_ONCE, **LABELS_AT_ONCE, **HOST_AT_ONCE}
"""What acts on control commands, wherever the stream reaches them."""


def speak(machine: Machine, state_dir: Path | None, silent_on_error: bool) -> Interpreter:
    """Return ZPL at work in a machine; with ``state_dir`` its flash outlives the process."""
    memory = Memory()
    if state_dir is None:
        return Interpreter(machine, memory, silent_on_error=silent_on_error)
    flash = state_dir / "flash.json"
    if flash.exists():
        memory.load(flash.read_text(encoding="utf-8"))
    return Interpreter(
        machine,
        memory,
        silent_on_error=silent_on_error,
        on_flash=lambda changed: write_safely(flash, changed.dump()),
    )
