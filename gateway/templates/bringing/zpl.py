"""A label in ZPL becomes a template: elements where they are understood, commands where not.

    ZPL, density ──bring_zpl──► Brought: document, what was kept as commands and why, notes

Nothing is dropped silently. A field that an element can say becomes that element; one that none
can say becomes a ``raw`` element with its commands as they were written; what is no field (the
printer's settings, the number of copies) is listed with the reason. What the commands mean is
taken from the ZPL II Programming Guide, and what a printer shows is drawn by nobody here: every
element is laid out once by this gateway, and what it refuses is kept as commands.

>>> brought = bring_zpl(
...     b"^XA^PW400^LL200^FO20,20^A0N,40^FDHello^FS^FO20,80^GB300,4,4^FS^MMT"
...     b"^FO20,100^BMN,B,60,N^FD12345^FS^XZ", parse_density(8), "hello")
>>> [(one["type"], one["x"], one["y"]) for one in brought.document["elements"]]
[('text', 2500, 1500), ('line', 2500, 10000), ('raw', 2500, 12500)]
>>> [(one.commands, one.element) for one in brought.kept]
[('^MMT', None), ('^FO20,100^BMN,B,60,N^FD12345^FS', 'raw1')]
>>> brought.kept[1].why
'MSI is no code of this gateway.'
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

from gateway.codes.symbology import SYMBOLOGIES
from gateway.errors import DocumentRefused, GatewayError, RawRefused, TemplateRefused
from gateway.templates.bringing.placing import (
    ALONE,
    Alone,
    Box,
    Spot,
    measure,
    place_on,
    replace_width,
)
from gateway.templates.bringing.zpl_codes import TWO_WIDTHS, Code, NotOurs, read_code
from gateway.templates.bringing.zpl_contents import Contents, Says, decoded
from gateway.templates.bringing.zpl_labels import (
    DESCRIBES,
    Written,
    first_label,
    object_name,
    said_size,
)
from gateway.templates.bringing.zpl_pictures import as_png, rows_of
from gateway.templates.bringing.zpl_shapes import read_shape
from gateway.templates.bringing.zpl_state import (
    CODES,
    ENCODINGS,
    QUARTERS,
    Draft,
    Settings,
    Typeface,
    chosen,
    letter,
    number,
)
from gateway.templates.bringing.zpl_texts import Setting, set_text
from gateway.templates.document import MOST_ELEMENTS, parse_template
from gateway.templates.layout import UTC, Head, Moment, compile_template, datetime
from gateway.units import Density, Um, format_density, parse_density, say_length, to_dots, to_um
from gateway.zpl.commands import PASSES, PASSES_AT_ONCE, Command, check_field, why_refused

__all__ = ["Brought", "Kept", "bring_zpl", "parse_density"]

LONGEST: Final = 1_000_000
"""Bytes of a document: a 4 × 6 inch picture at 24 dots/mm in hexadecimal is larger than any."""
_ANY_PAPER: Final = (1600, 3200)
"""Dots of the paper on which a label without a size is read, before it is known."""
SMALLEST: Final = 2_000
LARGEST: Final = 2_000_000
"""µm of a stock's sides (``gateway.templates.document``)."""
_MOST_INK: Final = 16_000_000
"""Bytes of all pictures, unpacked: eleven labels of 4 × 6 inches at 24 dots/mm."""
_NOON: Final = Moment(datetime(2026, 11, 22, 12, tzinfo=UTC), UTC)

_SETS: Final = frozenset({"^LH", "^FW", "^CF", "^BY", "^CI", "^LR"})
"""Commands that say how the fields after them are drawn."""
_ABOUT_THE_PRINTER: Final = (
    "It sets the printer up, and that is chosen for the printer here, not in a label."
)
_WHY: Final = {
    "^PQ": "How many labels are printed is said when they are printed.",
    "^LT": "Where the ink begins on the paper is chosen for the printer here, as an offset.",
    "^LS": "Where the ink begins on the paper is chosen for the printer here, as an offset.",
    "^MC": "Every label begins on empty paper here.",
    "^CW": "Fonts in a printer's memory are not used here; upload the font file instead.",
    "^PM": "The label was printed mirrored; an element cannot be.",
    "^XF": "It recalls a format that this file does not hold.",
    "^ID": "It deletes from the printer's memory.",
    "^SO": "It moves a printer's second clock; here a date is moved where it stands, as "
    "{today+30d}.",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that no element says."""

    commands: str
    """As they were written."""
    why: str
    """One sentence."""
    element: str | None = None
    """The ``raw`` element that holds them; None when they are not in the template."""


@dataclass(frozen=True, slots=True)
class Brought:
    """A template made of something else."""

    document: dict[str, Any]
    kept: tuple[Kept, ...] = ()
    notes: tuple[str, ...] = ()
    """What a person should know, a sentence each."""


def bring_zpl(
    zpl: bytes,
    density: Density,
    name: str = "imported",
    size: tuple[Um, Um] | None = None,
) -> Brought:
    """Return the first label of a ZPL document as a template.

    Args:
        zpl: From ^XA to ^XZ, with what stands around it; formats and pictures it stores and
            recalls itself are put in their place.
        density: Dots/mm that the document counts in.
        name: The template's.
        size: Of the stock, in µm; None for what the document says, or else what its ink needs.

    Raises:
        RawRefused: there is no label in it, or it changes the signs that begin commands.
        TemplateRefused: it is too long, or the name is none.
    """
    if len(zpl) > LONGEST:
        raise TemplateRefused(
            f"The ZPL has {len(zpl)} bytes, expected at most {LONGEST}; send one label.",
            length=len(zpl),
        )
    commands, extra, labels = first_label(zpl)
    notes: list[str] = []
    if labels > 1:
        notes.append(f"The file holds {labels} labels; this is the first of them.")
    said = said_size([*extra, *commands])
    for sign, dots in zip(("^PW", "^LL"), said, strict=True):
        if dots and not SMALLEST <= to_um(dots, density) <= LARGEST:
            notes.append(f"{sign} is {dots} dots, which is no label's; it was left aside.")
    wide, high = (d if SMALLEST <= to_um(d, density) <= LARGEST else 0 for d in said)
    label = _Label(density, (wide, high))
    if size is not None:
        label.size = to_dots(size[0], density), to_dots(size[1], density)
    if not all(label.size):
        wide, high = label.size
        guess = _Label(density, (wide or _ANY_PAPER[0], high or _ANY_PAPER[1]))
        guess.read(commands, extra)
        label.size = guess.needed(label.size)
        across, down = (say_length(to_um(dots, density)) for dots in label.size)
        notes.append(
            f"The ZPL does not say how large its label is; {across} × {down} is what its ink needs."
        )
    label.read(commands, extra)
    return label.brought(name, notes)


# One label --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ink:
    """Where something already stands on the label."""

    box: Box
    element: str
    black: bool = False
    """Whether it is a filled rectangle."""


@dataclass(slots=True)
class _Label:
    """A label being read."""

    density: Density
    size: tuple[int, int]
    """Dots."""
    settings: Settings = field(default_factory=Settings)
    contents: Contents = field(default_factory=Contents)
    elements: list[dict[str, Any]] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ink: list[_Ink] = field(default_factory=list)
    pictures: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    """Stored pictures: ink and bytes a row."""
    octets: int = 0
    """Of all pictures so far, unpacked."""
    places: dict[str, Box] = field(default_factory=dict)
    """By the element's id, before the label is turned."""
    grown: dict[str, Box] = field(default_factory=dict)
    """What a field fills, by the element's id, and where its example has ink."""
    texts: dict[str, _Line] = field(default_factory=dict)
    """Lines of text that no field changes, by the element's id."""
    turned: list[Box] = field(default_factory=list)
    """What is kept as commands that erase, or turn white, what was printed before them."""
    upside_down: bool = False
    faces: set[str] = field(default_factory=set)
    """Fonts of the printer that were met."""

    # Reading

    def read(self, commands: Written, outside: Written) -> None:
        """Take the commands of the label, and what stands around it."""
        for command, written in outside:
            self._outside(command, written)
        self.contents.find(commands)
        every = [*outside, *commands]
        turned = [letter(command.parts(), 0) for command, _ in every if command.name == "^PO"]
        self.upside_down = turned[-1:] == ["I"]
        draft = Draft()
        comment = ""
        for command, written in commands:
            if command.name == "^FX":
                comment = " ".join(filter(None, (comment, _words(command.value))))
                continue
            if command.name in _SETS:
                self.settings = self.settings.told(command, written)
                if self.settings.encoding not in ENCODINGS:
                    self._note(
                        f"The characters of ^CI{self.settings.encoding} are read as those of code "
                        "page 850; look at every sign that is no plain letter."
                    )
                if draft.commands:
                    draft.commands.append((command, written))
                continue
            if command.name == "^FS":
                if command.value.strip():
                    self._keep(command.value, "It is text between fields, which prints nothing.")
                    written = written[: len(written) - len(command.value)]  # noqa: PLW2901
                draft.commands.append((command, written))
                self._close(draft, comment)
                draft, comment = Draft(), "" if draft.stands else comment
                continue
            if command.name in DESCRIBES or CODES.fullmatch(command.name):
                if command.name in ("^FO", "^FT") and draft.stands:
                    # A printer ends a field where the next begins.
                    self._close(draft, comment)
                    draft, comment = Draft(), ""
                draft.before = draft.before or self.settings
                draft.commands.append((command, written))
                draft.describe(command, self.settings, self.contents.prompts)
                continue
            self._about_the_label(command, written)
        if draft.commands:
            stood = draft.stands
            self._close(draft, comment)
            comment = "" if stood else comment
        if comment:
            self.notes.append(f"A remark of the ZPL: {comment[:500]}")

    def _outside(self, command: Command, written: bytes) -> None:
        if command.name in _SETS:
            # A format without a field leaves what it sets for the next one.
            self.settings = self.settings.told(command, written)
            return
        if command.name == "~DG":
            parts = command.value.split(b",", 3)
            try:
                total, stride = int(parts[1]), int(parts[2])
                ink = self._unpacked(parts[3], b"A", stride, total)
            except (IndexError, ValueError):
                self._keep(written, "The picture it stores says no size.")
            except DocumentRefused as refused:
                self._keep(written, f"The picture it stores cannot be read: {refused.detail}.")
            else:
                self.pictures[object_name(replace(command, value=parts[0]))] = ink, stride
            return
        self._about_the_label(command, written)

    def _about_the_label(self, command: Command, written: bytes) -> None:
        if command.name in ("^PW", "^LL", "^PO"):
            return
        silent = {"^LT": "0", "^LS": "0", "^PM": "N", "^MU": "D", "^JM": "A", "^PQ": "1"}
        value = command.value.decode("latin-1").strip().upper()
        if value == silent.get(command.name) or (command.name == "^MU" and value in ("", "D")):
            return
        if command.name == "^PQ":
            self.notes.append(
                f"The ZPL asks for {number(command.parts(), 0) or 1} copies (^PQ); say how many "
                "when you print."
            )
        if command.name == "^MU":
            self.notes.append(
                "The ZPL counts in another unit than dots (^MU), which is not read: look at every "
                "place and size."
            )
        why = _WHY.get(command.name)
        if why is None and command.name[1:] in PASSES | PASSES_AT_ONCE:
            why = _ABOUT_THE_PRINTER
        if why is None:
            does = why_refused(command.name)
            why = f"It {does}." if does else "It is no command that this gateway knows."
        self._keep(written, why)

    # A field

    def _close(self, draft: Draft, comment: str) -> None:
        if not draft.stands:
            rest = [one for one in draft.commands if one[0].name not in _SETS | {"^FS"}]
            for command, written in rest:
                self._keep(written, f"{command.name} describes a field that never follows.")
            return
        if (
            draft.number is not None
            and draft.at is None
            and draft.shape is None
            and draft.code is None
        ):
            return  # only gives a numbered field its value
        if len(self.elements) >= MOST_ELEMENTS:
            raise TemplateRefused(
                f"The label has more than {MOST_ELEMENTS} fields, which is more than a template "
                "holds; send a part of it."
            )
        draft.comment = comment
        try:
            self._draw(draft)
        except NotOurs as why:
            self._keep_field(draft, _sentence(str(why)))
        except GatewayError as refused:  # a font of a size that none can be drawn in
            self._keep_field(draft, _sentence(_reason(refused)))

    def _draw(self, draft: Draft) -> None:
        for command, _ in draft.commands:
            if command.name == "^FM" or (
                command.name == "^FP" and letter(command.parts(), 0) not in ("", "H")
            ):
                raise NotOurs(f"{command.name} sets it in a way that no element does")
        reverse = draft.reverse or self.settings.reverse
        if draft.shape is not None and draft.shape.name != "^GS":
            self._draw_shape(draft, draft.shape, reverse=reverse)
        elif draft.code is not None:
            self._draw_code(draft, draft.code, reverse=reverse)
        else:
            self._draw_text(draft, reverse=reverse)

    def _spot(self, draft: Draft, turn: str) -> Spot:
        x, y = draft.at or (0, 0)
        home = self.settings.home
        return Spot(
            home[0] + x, home[1] + y, draft.typeset, draft.align == 1, QUARTERS[turn or "N"]
        )

    def _draw_shape(self, draft: Draft, command: Command, *, reverse: bool) -> None:
        spot = replace(self._spot(draft, "N"), quarters=0)
        match command.name:
            case "^GF" | "^XG" | "^IM" | "^IL":
                element, wide, high = self._picture(command)
            case _:
                element, wide, high = read_shape(command, self.density)
        x, y = spot.corner(wide, high, (0, high))
        box = Box(x, y, wide, high)
        draft.reach = box
        self._refuse_on_turned(box)
        if reverse and self._covered(box):
            self.turned.append(box)
            raise NotOurs("it turns white what is black below it (^FR)")
        if element.pop("white", False):
            self.turned.append(box)
            raise NotOurs("it is white and erases what lies below it")
        if element["type"] == "image":
            box = self._cut(box, element)
        elif not self._holds(box):
            raise NotOurs("it runs off the label")
        black = (
            element["type"] == "box" and bool(element.get("filled")) and not element.get("radius")
        )
        self._add(element, box, draft, black=black or element["type"] == "line")

    def _picture(self, command: Command) -> tuple[dict[str, Any], int, int]:
        times = (1, 1)
        if command.name == "^GF":
            parts = command.value.split(b",", 4)
            try:
                total, stride = int(parts[2]), int(parts[3])
                kind = parts[0].strip().upper()[:1] or b"A"
                ink = self._unpacked(parts[4], kind, stride, total)
            except (IndexError, ValueError):
                raise NotOurs("the picture does not say how large it is") from None
            except DocumentRefused as refused:
                raise NotOurs(f"the picture cannot be read: {refused.detail}") from refused
        else:
            found = self.pictures.get(object_name(command))
            if found is None:
                raise NotOurs("the picture it recalls is in the printer and not in this file")
            ink, stride = found
            parts_of = command.parts()
            times = max(1, number(parts_of, 1) or 1), max(1, number(parts_of, 2) or 1)
        if times[0] != times[1]:
            raise NotOurs("it stretches the picture")
        wide, high = 8 * stride, len(ink) // stride
        element = {
            "type": "image", "ink": ink, "stride": stride, "across": wide, "down": high,
            "times": times[0],
        }  # fmt: skip
        return element, wide * times[0], high * times[0]

    def _unpacked(self, body: bytes, kind: bytes, stride: int, total: int) -> bytes:
        """Return a picture's rows; all pictures of a label together have a limit."""
        self.octets += max(0, total)
        if self.octets > _MOST_INK:
            raise DocumentRefused(f"the label's pictures have more than {_MOST_INK} bytes")
        return rows_of(body, kind, stride=stride, total=total)

    def _cut(self, box: Box, element: dict[str, Any]) -> Box:
        """Put the part of a picture that is on the label into its element."""
        ink, stride, times = element.pop("ink"), element.pop("stride"), element.pop("times")
        across, down = element.pop("across"), element.pop("down")
        if box.x < 0 or box.y < 0:
            raise NotOurs("it runs off the label")
        across = min(across, (self.size[0] - box.x) // times)
        down = min(down, (self.size[1] - box.y) // times)
        if across < 1 or down < 1:
            raise NotOurs("it stands beside the label")
        element["picture"] = as_png(ink, stride, across, down, times)
        if len(element["picture"]) > 400_000:
            raise NotOurs("the picture is too large to stand in a template; upload it")
        element["align"], element["valign"] = "left", "top"
        return Box(box.x, box.y, across * times, down * times)

    # Codes

    def _draw_code(self, draft: Draft, command: Command, *, reverse: bool) -> None:
        parts = command.parts()
        turn = letter(parts, 0)
        turn = turn if turn in QUARTERS else self.settings.turn
        content, variable = self.contents.content(draft)
        now = self.settings
        if draft.clock and draft.clock.encode() in content:
            raise NotOurs("a code with the time in it would say the time of printing, not a value")
        code = read_code(
            command.name, parts, decoded(content, now.encoding), now.module, now.bar_height,
            variable=variable,
        )  # fmt: skip
        for note in code.notes:
            self._note(note)
        if code.symbology in TWO_WIDTHS and now.ratio != 3:
            self._note(
                f"Wide bars of {SYMBOLOGIES[code.symbology].title} are three times as wide as "
                f"narrow ones here; the ZPL has {now.ratio:g}, so the code comes out wider."
            )
        says = self._said(draft, code.content, code.symbology)
        element: dict[str, Any] = {
            "type": "barcode", "symbology": code.symbology, "content": says.written,
            "module": to_um(code.module, self.density), **code.options,
        }  # fmt: skip
        if code.line != "none":
            # The line is in font A, as many times enlarged as a module has dots, unless ^A says.
            font = draft.font or Typeface("A", 9 * code.module, 5 * code.module)
            setting = Setting(font, self.density)
            element |= {
                "text": code.line, "text_font": setting.face,
                "text_size": to_um(setting.size, self.density),
            }  # fmt: skip
        alone = self._measured(element, says, code)
        width = alone.box.width
        spot = self._spot(draft, turn)
        # Bars and their line are one element; ZPL places the bars alone.
        bars_wide, bars_high = alone.ink.width, alone.ink.height
        local = Box(-alone.ink.x, code.down - alone.ink.y, width, alone.box.height)
        foot = code.down + bars_high
        box = place_on(spot, (bars_wide, foot + code.reach), (0, foot), local)
        draft.reach = box
        self._refuse_on_turned(box)
        if reverse and self._covered(box):
            self.turned.append(box)
            raise NotOurs("it turns white what is black below it (^FR)")
        if says.variable:
            box, element["align"] = spot.grown(box, self.size)
            if not code.height and not spot.quarters:
                # A square code grows both ways with what the field brings.
                box, element["valign"] = spot.raised(box, self.size)
        if not self._holds(box):
            raise NotOurs("it runs off the label")
        element["rotation"] = 90 * spot.quarters
        name = self._add(element, box, draft, says=says, letters=draft.reach)
        if says.variable and not spot.quarters and not spot.from_right:
            self.grown[name] = draft.reach

    def _measured(self, element: dict[str, Any], says: Says, code: Code) -> Alone:
        """Return where the bars stand in a place that is just large enough, for the example."""
        high = code.height + (20 * code.module if code.line != "none" else 0)
        for _ in range(4):
            alone = self._alone(element, says, high if code.height else 0)
            bars = alone.bar_height
            if not code.height or bars == code.height:
                return alone
            high += code.height - bars
        raise NotOurs("its bars cannot be made as high as they were")

    def _alone(self, element: dict[str, Any], says: Says, high: int) -> Alone:
        try:
            return measure(element, high, self.density, says.fields, says.counters)
        except GatewayError as refused:
            raise NotOurs(_reason(refused)) from refused

    # Text

    def _draw_text(self, draft: Draft, *, reverse: bool) -> None:
        content, _ = self.contents.content(draft)
        if draft.shape is not None:
            # ^GS: the content A, B or C is a sign.
            signs = {b"A": "®", b"B": "©", b"C": "™"}
            sign = signs.get(content.strip().upper())
            if sign is None:
                raise NotOurs("^GS has a sign that no font here has")
            parts = draft.shape.parts()
            draft.font = chosen("0", parts, self.settings.font)
            draft.turn = letter(parts, 0)
            content, draft.content = sign.encode(), sign.encode()
        font = draft.font or self.settings.font
        turn = draft.turn or self.settings.turn
        self.faces.add(font.name)
        text = decoded(content, self.settings.encoding)
        text = "".join(sign for sign in text if sign >= " ")
        says = self._said(draft, text, "")
        if not text.strip() and not says.variable:
            return
        setting = Setting(font, self.density)
        if draft.block is not None and letter(draft.block, 3) == "J":
            self._note("Text set to both margins (^FB) begins at the left here.")
        if draft.block is not None and (number(draft.block, 4) or 0) > 0:
            self._note("The second and later lines of a text (^FB) are not indented here.")
        element, cell, base, local = set_text(text, says.written, setting, draft)
        grows = says.variable and draft.block is None and draft.area is None
        spot = self._spot(draft, turn if turn in QUARTERS else "N")
        box = place_on(spot, cell, base, local)
        if grows:
            box, align = spot.grown(box, self.size)
            element["align"] = align
        box = box.within(self.size)
        if box.width < 1 or box.height < 1:
            raise NotOurs("it stands beside the label")
        element["rotation"] = 90 * spot.quarters
        letters = place_on(spot, cell, base, Box(0, 0, cell[0], base[1]))
        draft.reach = letters
        self._refuse_on_turned(letters)
        if reverse and (under := self._covered(letters)):
            self._on_black(element, letters, under, draft, says)
            return
        self._try(element, box, says)
        name = self._add(element, box, draft, says=says, letters=letters)
        if grows and not spot.quarters and not spot.from_right:
            self.grown[name] = letters
        if not grows and not element.get("wrap"):
            self.texts[name] = _Line(spot, cell, base, setting, says)

    def _on_black(
        self, element: dict[str, Any], box: Box, under: list[_Ink], draft: Draft, says: Says
    ) -> None:
        """Make a text that is white on a black rectangle of the label one element with it."""
        ground = under[0]
        whole = ground.box
        if len(under) > 1 or not ground.black or element["rotation"] or not whole.holds(box):
            self.turned.append(box)
            raise NotOurs("it turns white what is black below it (^FR)")
        left, right = box.x - whole.x, whole.right - box.right
        above, below = box.y - whole.y, whole.bottom - box.bottom
        if abs(above - below) > max(8, (above + below) // 2):
            self.turned.append(box)
            raise NotOurs("it is white on black and does not stand in the middle of it (^FR)")
        element |= {"reverse": True, "valign": "middle"}
        if element.get("wrap"):
            place = Box(box.x, whole.y, box.width, whole.height)
        elif abs(left - right) <= max(8, (left + right) // 4):
            place = whole
            element["align"] = "center"
        else:
            place = Box(box.x, whole.y, whole.right - box.x, whole.height)
            element["align"] = "left"
        self._try(element, place, says)
        self.elements = [one for one in self.elements if one["id"] != ground.element]
        self.ink.remove(ground)
        self._add(element, place, draft, says=says)
        bare = replace(draft, comment="")
        for x, wide in ((whole.x, place.x - whole.x), (place.right, whole.right - place.right)):
            if wide:
                strip: dict[str, Any] = {"type": "box", "filled": True}
                self._add(strip, Box(x, whole.y, wide, whole.height), bare, black=True)

    def _try(self, element: dict[str, Any], box: Box, says: Says) -> None:
        """Lay an element out by itself in its place.

        Raises:
            NotOurs: it does not fit there, or says what no font has.
        """
        try:
            measure(element, 0, self.density, says.fields, says.counters, box)
        except GatewayError as refused:
            raise NotOurs(_reason(refused)) from refused

    def _said(self, draft: Draft, text: str, symbology: str) -> Says:
        """Return what a field says; what the printer would count in it by itself is listed."""
        says = self.contents.says(draft, text, symbology)
        if says.uncounted:
            how = next(how for one, how in draft.commands if one is draft.counts)
            self._keep(
                how,
                "The printer counts letters in it, and a counter here has digits alone; it says "
                "the same on every label now.",
            )
        return says

    # Putting it down

    def _holds(self, box: Box) -> bool:
        return Box(0, 0, *self.size).holds(box)

    def _refuse_on_turned(self, box: Box) -> None:
        """Refuse what must be printed after commands that turn or erase what is below them."""
        if any(one.meets(box) for one in self.turned):
            raise NotOurs("it stands on something that erases or turns what is below it")

    def _covered(self, box: Box) -> list[_Ink]:
        return [one for one in self.ink if one.box.meets(box)]

    def _name(self, kind: str) -> str:
        stem = {"barcode": "code", "image": "picture"}.get(kind, kind)
        return next(
            name for count in range(1, 10_000) if (name := f"{stem}{count}") not in self.places
        )

    def _add(
        self,
        element: dict[str, Any],
        box: Box,
        draft: Draft,
        *,
        black: bool = False,
        says: Says | None = None,
        letters: Box | None = None,
    ) -> str:
        """Put an element down and return its id; ``letters`` is where the ink of a text is."""
        name = self._name(element["type"])
        if not element.get("rotation"):
            element.pop("rotation", None)
        written = {"type": element["type"], "id": name, **element}
        if draft.comment:
            written["title"] = draft.comment[:200]
        self.elements.append(written)
        self.places[name] = box
        if element["type"] == "box" and not element.get("filled"):
            thick = min(box.width, box.height, to_dots(element["thickness"], self.density))
            self.ink += [_Ink(side, name) for side in box.sides(thick)]
        else:
            self.ink.append(_Ink(letters or box, name, black))
        if says is not None:
            self.contents.take(says)
        return name

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)

    def _keep(self, written: bytes, why: str, element: str | None = None) -> None:
        self.kept.append(Kept(_words(written), why, element))

    def _keep_field(self, draft: Draft, why: str) -> None:
        """Keep a field as commands: a raw element, with the settings it was drawn under."""
        written = draft.written()
        text = _words(written)
        settings = draft.before or self.settings
        before = b"".join(how for one, how in settings.said if _matters(one, draft, settings))
        commands = _words(before) + text
        at = draft.at or (0, 0)
        home = self.settings.home
        x, y = home[0] + at[0], home[1] + at[1]
        try:
            check_field(commands.encode())
        except RawRefused as refused:
            self._keep(written, f"{why} It cannot stand in a template as it is: {refused.detail}")
            return
        if any(command.name == "^FC" for command, _ in draft.commands):
            self._keep(written, f"{why} The printer would need its clock set.")
            return
        name = self._name("raw")
        across, down = self.size
        x, y = min(x, across - 1), min(y, down - 1)
        # Nobody knows how far they reach: the editor shows a place that can be found.
        box = Box(x, y, min(across - x, max(8, across // 4)), min(down - y, max(8, down // 8)))
        if draft.reach is not None and Box(0, 0, across, down).holds(draft.reach):
            box = draft.reach
        raw = {
            "type": "raw", "id": name, "language": "zpl", "commands": commands,
            "density": format_density(self.density), "locked": True,
        }  # fmt: skip
        self.elements.append(raw | ({"title": draft.comment[:200]} if draft.comment else {}))
        self.places[name] = box
        self.kept.append(Kept(text, why, name))

    # The whole

    def needed(self, said: tuple[int, int]) -> tuple[int, int]:
        """Return the size that the ink needs, in whole millimetres, where none is said."""
        edges = list(said)
        one_mm = self.density
        for at in (0, 1):
            if edges[at]:
                continue
            drawn = [
                (self.places[one["id"]][at], self.places[one["id"]][at + 2])
                for one in self.elements
                if one["type"] != "raw" and (at or not _grows(one))
            ] or [(0, _ANY_PAPER[at] // 2)]
            margin = max(int(one_mm), min(start for start, _ in drawn))
            end = max(start + length for start, length in drawn) + margin
            edges[at] = to_dots(Um(-(-end // one_mm) * 1000), self.density)
        return edges[0], edges[1]

    def _settle(self, element: dict[str, Any], line: _Line) -> None:
        """Give a line of text the room there is, and the size at which it fills that.

        Our faces run wider than the printer's: a line takes free paper behind it before it shrinks.
        """
        box = self.places[element["id"]]
        upright = not line.spot.quarters and not line.spot.from_right
        try:
            alone = self._alone(element, line.says, 0)
        except NotOurs:
            return  # it is higher than any paper that is measured, and shrinks into its place
        if upright and alone.box.width > box.width:
            gap = int(2 * self.density)
            row = place_on(line.spot, line.cell, line.base, Box(0, 0, 1, line.base[1]))
            row = replace_width(row, alone.box.width + gap)
            ends = [
                one.box.x - gap
                for one in self.ink
                if one.element != element["id"] and one.box.meets(row) and one.box.x >= box.x
            ]
            box = replace_width(box, min([self.size[0], box.x + alone.box.width, *ends]) - box.x)
        wide = box.height if line.spot.quarters in (1, 3) else box.width
        if line.spot.quarters and not line.spot.from_right and alone.box.width > wide:
            longer = Box(0, 0, alone.box.width, line.base[1])
            free = place_on(line.spot, line.cell, line.base, longer)
            others = (one.box for one in self.ink if one.element != element["id"])
            if Box(0, 0, *self.size).holds(free) and not any(free.meets(one) for one in others):
                wide = alone.box.width
        fitted = self._fitted(element, line.says, wide)
        if not fitted:
            return  # nothing of it is ink
        metrics = line.setting.metrics_at(fitted)
        # The baseline stays where the printer has it.
        kept = line.cell[0] if line.spot.from_right else wide
        local = Box(0, line.base[1] - metrics.ascent, kept, metrics.ascent + metrics.descent)
        place = place_on(line.spot, line.cell, line.base, local)
        if not Box(0, 0, *self.size).holds(place):
            return  # at the edge it shrinks into what is left of its place
        self.places[element["id"]] = place
        element["size"] = to_um(fitted, self.density)
        del element["min_size"], element["valign"]

    def _trim(self, name: str, ink: Box) -> None:
        """End the place of what a field fills before the next ink to its right."""
        box = self.places[name]
        gap = int(2 * self.density)
        row = Box(ink.x, ink.y, box.right - ink.x, ink.height)
        ends = [
            one.box.x - gap
            for one in self.ink
            if one.element != name and one.box.meets(row) and one.box.x >= ink.right
        ]
        wide = max(ink.right, min([box.right, *ends])) - box.x
        self.places[name] = box._replace(width=min(box.width, wide))

    def _fitted(self, element: dict[str, Any], says: Says, wide: int) -> int:
        """Return the em height at which a text fills a width, in dots."""
        room = Box(0, 0, wide, 2 * to_dots(element["size"], self.density))
        upright = {**element, "rotation": 0}
        return measure(upright, 0, self.density, says.fields, says.counters, room).size

    def _written(self, element: dict[str, Any]) -> dict[str, Any]:
        """Return an element with its place in µm, turned with the label."""
        box = self.places[element["id"]]
        if self.upside_down and element["type"] != "raw":
            box = box.turned_round(self.size)
            if element["type"] in ("text", "barcode", "image"):
                element = element | {"rotation": (element.get("rotation", 0) + 180) % 360}
        place = {
            "x": to_um(box.x, self.density), "y": to_um(box.y, self.density),
            "width": to_um(box.width, self.density), "height": to_um(box.height, self.density),
        }  # fmt: skip
        kind, name = {"type": element["type"]}, {"id": element["id"]}
        return (
            kind | name | place | {key: v for key, v in element.items() if key != "rotation" or v}
        )

    def brought(self, name: str, notes: list[str]) -> Brought:
        """Return the label as a template.

        Raises:
            TemplateRefused: the name is none.
        """
        density = self.density
        document: dict[str, Any] = {
            "name": name,
            "size": {"width": to_um(self.size[0], density), "height": to_um(self.size[1], density)},
        }
        if self.contents.fields:
            document["fields"] = list(self.contents.fields.values())
        if self.contents.counters:
            document["counters"] = self.contents.counters
        for given, ink in self.grown.items():
            self._trim(given, ink)
        for one in self.elements:
            if (line := self.texts.get(one["id"])) is not None:
                self._settle(one, line)
        document["elements"] = [
            _on_stock(self._written(one), document["size"]) for one in self.elements
        ]
        template = parse_template(document)
        notes += self.notes
        if "@" in self.faces:
            notes.append(
                "Fonts that are in the printer (^A@) are set in the bold face of this gateway; "
                "upload the font file to have them."
            )
        fonts = sorted(self.faces - {"0", "@"})
        if "0" in self.faces:
            notes.append(
                "The printer's own font 0 is narrow; it is set in the bold face of this gateway, "
                "smaller where there is no more room."
            )
        if fonts:
            notes.append(
                f"The printer's fonts {', '.join(fonts)} are set in the faces of this gateway that "
                "come nearest."
            )
        if self.upside_down:
            notes.append("The label was turned by 180 degrees (^POI); its elements are, too.")
            if any(one["type"] == "raw" for one in self.elements):
                notes.append("What was kept as commands is not turned with the rest.")
        if any(one["type"] == "raw" for one in self.elements):
            notes.append(
                "What was kept as commands prints on ZPL printers of "
                f"{format_density(density)} dots per mm alone, and no preview shows it."
            )
        try:
            design = compile_template(template, Head(density))
            counts = {one.name: one.start for one in template.counters}
            design.lay_out(design.bind(template.example(), _NOON, counts))
        except GatewayError as refused:
            notes.append(f"As it is, it would not be printed: {refused.detail}")
        return Brought(document, tuple(self.kept), tuple(notes))


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of text and where the printer puts it."""

    spot: Spot
    cell: tuple[int, int]
    base: tuple[int, int]
    setting: Setting
    says: Says


def _sentence(why: str) -> str:
    return f"{why[:1].upper()}{why[1:]}."


def _reason(refused: GatewayError) -> str:
    """Return why an element cannot be laid out, without the name it only had for that."""
    module, least = refused.facts.get("module"), refused.facts.get("least")
    if isinstance(module, int) and isinstance(least, int):
        dots = "1 dot" if module == 1 else f"{module} dots"
        return f"its narrowest bars of {dots} are too narrow to scan: expected {least} or more"
    detail = refused.detail.removeprefix(f"In {ALONE!r}: ").replace(f"{ALONE!r}", "it")
    return detail.rstrip(".")


def _words(written: bytes) -> str:
    """Return commands as text, as they were written."""
    try:
        return written.decode("utf-8").strip()
    except UnicodeDecodeError:
        return written.decode("cp850").strip()


def _matters(command: Command, draft: Draft, settings: Settings) -> bool:
    """Return whether a setting in force changes how a field that is kept is drawn."""
    match command.name:
        case "^BY":
            return draft.code is not None
        case "^CF":
            return draft.code is None and draft.shape is None
        case "^LH":
            return settings.home != (0, 0)
        case "^FW":
            return settings.turn != "N" or settings.align != 0
        case "^LR":
            return settings.reverse
        case _:
            # What was read as text is written in UTF-8, so only plain ASCII keeps its code page.
            return settings.encoding != 28 and draft.written().isascii()


def _grows(element: dict[str, Any]) -> bool:
    return str(element.get("content", "")).startswith("{") and not element.get("wrap")


def _on_stock(element: dict[str, Any], size: dict[str, int]) -> dict[str, Any]:
    """Return an element whose place, in µm, does not end past the stock by rounding."""
    for start, length in (("x", "width"), ("y", "height")):
        over = element[start] + element[length] - size[length]
        if 0 < over <= 200:
            element = element | {length: element[length] - over}
    return element
