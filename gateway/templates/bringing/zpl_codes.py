r"""A bar code field of ZPL as one of ours: which symbology, what it says, how wide a module is.

Each row of ``CODES`` is a command of the ZPL II guide; what has no row, or asks for something that
our symbologies cannot do, is ``NotOurs`` and stays a command.

>>> read_code("^BC", ["N", "80", "Y"], ">;>80109501101530003", 3, 100)
... # doctest: +NORMALIZE_WHITESPACE
Code(symbology='gs1-128', content='(01)09501101530003', module=3, height=80, line='below',
     options={}, down=0, notes=(), reach=0)
>>> read_code("^BE", ["N", "80"], "6291041500213", 2, 100).content
'629104150021'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from gateway.codes import gs1
from gateway.codes.checkdigits import check_digit
from gateway.codes.linear import expand_upce
from gateway.errors import CodeRefused
from gateway.templates.bringing.zpl_state import letter, number

FNC1: Final = "\x1d"


class NotOurs(Exception):
    """A field that no element can say: why, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Code:
    """A bar code as an element would have it, lengths in dots."""

    symbology: str
    content: str
    module: int
    height: int = 0
    """Of the bars; 0 for codes that are as high as they are."""
    line: Literal["none", "below", "above"] = "none"
    options: Mapping[str, object] = field(default_factory=dict)
    down: int = 0
    """Dots from the field's origin down to the symbol."""
    notes: tuple[str, ...] = ()
    """What of it was asked for and is chosen anew here, a sentence each."""
    reach: int = 0
    """Dots that the guard bars of a printer reach below the others; ours do not."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a bar code field asks for."""

    parts: Sequence[str]
    """Parameters, the orientation first."""
    content: str
    module: int
    height: int
    """Of bars, in dots, unless the command says it."""
    variable: bool
    """Whether the content is only an example of what a field brings."""

    def bars(self, at: int) -> int:
        """Return the height of the bars, said by the parameter at that place."""
        return max(1, number(self.parts, at) or self.height)

    def line(self, below: int, default: str = "Y") -> Literal["none", "below", "above"]:
        """Return where the human-readable line stands; the next parameter puts it above."""
        if (letter(self.parts, below) or default) != "Y":
            return "none"
        return "above" if letter(self.parts, below + 1) == "Y" else "below"

    def yes(self, at: int, default: str = "N") -> bool:
        return (letter(self.parts, at) or default) == "Y"


def read_code(
    name: str,
    parts: Sequence[str],
    content: str,
    module: int,
    height: int,
    *,
    variable: bool = False,
) -> Code:
    """Return a bar code field as a code of ours.

    Raises:
        NotOurs: there is none like it.
    """
    read = CODES.get(name)
    if read is None:
        title = _OTHERS.get(name)
        raise NotOurs(f"{title} is no code of this gateway" if title else f"{name} is not known")
    try:
        return read(Asked(parts, content, module, height, variable))
    except CodeRefused as refused:
        raise NotOurs(refused.detail.rstrip(".")) from refused


_OTHERS: Final = {
    "^B1": "Code 11", "^B4": "Code 49", "^B5": "Planet Code", "^BB": "Codablock",
    "^BD": "MaxiCode", "^BI": "Industrial 2 of 5", "^BJ": "Standard 2 of 5", "^BL": "LOGMARS",
    "^BM": "MSI", "^BP": "Plessey", "^BS": "the UPC/EAN add-on", "^BT": "TLC39", "^BZ": "POSTNET",
}  # fmt: skip


def _digits(asked: Asked, name: str, count: int) -> str:
    """Return the digits the printer takes: zeros in front, or the left-most (ZPL II guide, ^BE)."""
    if asked.variable:
        return asked.content
    if not re.fullmatch("[0-9]+", asked.content):
        raise NotOurs(f"{asked.content!r} is no number for {name}")
    return asked.content.rjust(count, "0")[:count]


# Code 128 (^BC) --------------------------------------------------------------------------------

_INVOKED: Final = {"<": ">", "0": ">", "=": "~", "1": "\x7f", "8": FNC1}
"""Invocation codes that stand for a character (ZPL II guide, ^BC: "<" is in newer printers)."""


def _code128(asked: Asked) -> Code:
    bars, line = asked.bars(1), asked.line(2)
    mode = letter(asked.parts, 5) or "N"
    content = asked.content
    if asked.variable:
        # The example may be written in invocation codes; what a field brings here is plain.
        content = _invoked(content, pairs=mode == "N")
        if mode in "UD" or FNC1 in content:
            raise NotOurs("the printer makes a GS1 code of whatever the field brings")
        return Code("code128", content, asked.module, bars, line)
    if mode == "U":
        digits = (content + "0" * 19)[:19]
        if not re.fullmatch("[0-9]+", digits):
            raise NotOurs(f"{content!r} is no number for an SSCC")
        return Code(
            "gs1-128", _element_string(digits + check_digit(digits)), asked.module, bars, line
        )
    if mode == "D":
        plain = content.replace(">8", FNC1).removeprefix(FNC1)
        if plain.startswith("(") and FNC1 not in plain:
            plain = plain.replace(" ", "")
            return Code("gs1-128", gs1.parse(plain).escaped, asked.module, bars, line)
        plain = re.sub("[() ]", "", plain)
        return Code("gs1-128", _element_string(plain), asked.module, bars, line)
    plain = _invoked(content, pairs=mode == "N")
    if plain.startswith(FNC1):
        return Code("gs1-128", _element_string(plain[1:]), asked.module, bars, line)
    if FNC1 in plain:
        raise NotOurs("it holds a function character (FNC1) that does not begin it")
    return Code("code128", plain, asked.module, bars, line)


def _element_string(scanned: str) -> str:
    return gs1.parse_scanned(scanned).escaped


def _invoked(text: str, *, pairs: bool) -> str:
    """Return the characters of field data with its invocation codes (ZPL II guide, ^BC).

    ``pairs``: in the sets A and C two digits are one symbol character, which in set C is both.
    """
    out, current, at = "", "B", 0
    while at < len(text):
        sign = text[at]
        if sign == ">":
            code = text[at + 1 : at + 2]
            at += 2
            if code in ("9", "7"):
                current = "A"
            elif code in (":", "6"):
                current = "B"
            elif code in (";", "5"):
                current = "C"
            elif code in _INVOKED:
                out += _INVOKED[code]
            else:
                raise NotOurs(f"it holds the invocation code '>{code}'")
            continue
        if pairs and current == "A":
            raise NotOurs("it is written in the numbers of set A")
        out += sign
        at += 1
    return out


# The other linear codes ------------------------------------------------------------------------

_CODE39: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"


def _code39(asked: Asked) -> Code:
    content = asked.content if asked.variable else asked.content.upper()
    if asked.yes(1):
        if asked.variable or not set(content) <= set(_CODE39):
            raise NotOurs("the printer adds a check character to it")
        # ISO/IEC 16388, annex A: the sum of the characters' values, modulo 43.
        content += _CODE39[sum(map(_CODE39.index, content)) % 43]
    return Code("code39", content, asked.module, asked.bars(2), asked.line(3))


def _interleaved(asked: Asked) -> Code:
    digits = asked.content
    checked = asked.yes(4)
    if asked.variable:
        if checked:
            raise NotOurs("the printer adds a check digit to it")
        return Code("itf", digits, asked.module, asked.bars(1), asked.line(2))
    if not re.fullmatch("[0-9]+", digits):
        raise NotOurs(f"{digits!r} is no number for ITF")
    if len(digits) % 2 != int(checked):
        digits = "0" + digits
    digits += check_digit(digits) if checked else ""
    return Code("itf", digits, asked.module, asked.bars(1), asked.line(2))


def _code93(asked: Asked) -> Code:
    return Code("code93", asked.content, asked.module, asked.bars(1), asked.line(2))


def _codabar(asked: Asked) -> Code:
    if asked.yes(1):
        raise NotOurs("the printer adds a check character to it")
    start, stop = letter(asked.parts, 5) or "A", letter(asked.parts, 6) or "A"
    content = asked.content
    if asked.variable:
        if (start, stop) != ("A", "A"):
            raise NotOurs(f"the printer puts {start} and {stop} round whatever the field brings")
    elif not re.fullmatch("[A-D].+[A-D]", content):
        content = f"{start}{content}{stop}"
    return Code("codabar", content, asked.module, asked.bars(2), asked.line(3))


def _guarded(asked: Asked, symbology: str, digits: str) -> Code:
    # Measured on an emulator: six and a half modules. Turned, the field begins with them.
    reach = 13 * asked.module // 2
    bars, line = asked.bars(1), asked.line(2)
    return Code(symbology, digits, asked.module, bars, line, reach=reach)


def _ean13(asked: Asked) -> Code:
    return _guarded(asked, "ean13", _digits(asked, "EAN-13", 12))


def _ean8(asked: Asked) -> Code:
    return _guarded(asked, "ean8", _digits(asked, "EAN-8", 7))


def _upca(asked: Asked) -> Code:
    return _guarded(asked, "upca", _digits(asked, "UPC-A", 11))


def _upce(asked: Asked) -> Code:
    digits = asked.content
    if not asked.variable:
        digits = _digits(asked, "UPC-E", 10) if len(digits) not in (6, 7) else digits.rjust(7, "0")
        if len(digits) == 10:
            digits = _shrunk("0" + digits)
    return _guarded(asked, "upce", digits)


def _shrunk(digits: str) -> str:
    """Return the seven digits of a UPC-A number with enough zeros (GS1 General Specifications,
    5.2.3.2), its check digit left out."""
    first, maker, item = digits[0], digits[1:6], digits[6:11]
    for short in (
        maker[:2] + item[2:] + maker[2], maker[:3] + item[3:] + "3", maker[:4] + item[4:] + "4",
        maker + item[4:],
    ):  # fmt: skip
        if expand_upce(first + short) == digits:
            return first + short
    raise NotOurs(f"{digits} has too few zeros to be a UPC-E")


# Two-dimensional codes -------------------------------------------------------------------------


def _qr(asked: Asked) -> Code:
    if letter(asked.parts, 1) == "1":
        raise NotOurs("it is a QR code of the old model 1")
    level, content = letter(asked.parts, 3) or "Q", asked.content
    if content:
        # ^FD of a QR code: error correction, how the input is meant, a comma, the data.
        head, comma, content = content.partition(",")
        switches = head.strip().upper()
        if not comma or len(switches) not in (1, 2):
            raise NotOurs("its data does not begin like QA,")
        level = switches[0] if switches[0] in "HQML" else level
        if switches[1:] == "M":
            kind, content = content[:1].upper(), content[1:]
            content = content[4:] if kind == "B" else content
    level = level if level in "HQML" else "M"
    module = number(asked.parts, 2) or 2
    return Code(
        "qr", content, module, options=_unless("error_correction", level, "M"), down=asked.height
    )


def _unless(name: str, value: object, default: object) -> dict[str, object]:
    return {} if value == default else {name: value}


_SIZED: Final = "The {} code had a size of its own; here it is as small as its content allows."


def _data_matrix(asked: Asked) -> Code:
    quality = number(asked.parts, 2) or 0
    if quality != 200:
        raise NotOurs(f"it is a Data Matrix of the old quality {quality}")
    module = number(asked.parts, 1) or asked.module
    square = letter(asked.parts, 7) != "2"
    options = _unless("square", square, True)
    sized = number(asked.parts, 3) or number(asked.parts, 4)
    notes = (_SIZED.format("Data Matrix"),) if sized else ()
    if asked.variable:
        return Code("datamatrix", asked.content, module, options=options, notes=notes)
    content = _unescaped(
        asked.content, (asked.parts[6].strip() if len(asked.parts) > 6 else "")[:1] or "~"
    )
    if content.startswith(FNC1):
        content = _element_string(content[1:])
        return Code("gs1-datamatrix", content, module, options=options, notes=notes)
    if FNC1 in content:
        raise NotOurs("it holds a function character (FNC1) that does not begin it")
    return Code("datamatrix", content, module, options=options, notes=notes)


def _unescaped(text: str, escape: str) -> str:
    """Return Data Matrix data with its escapes written out (ZPL II guide, ^BX, parameter g)."""

    def written(found: re.Match[str]) -> str:
        kind = found[1]
        if kind == "1":
            return FNC1
        if kind == escape:
            return escape
        if kind[0] == "d" and len(kind) == 4:
            return chr(int(kind[1:]))
        if "@" <= kind <= "_":
            return chr(ord(kind) - 64)
        raise NotOurs(f"it holds the escape {escape}{kind}")

    return re.sub(re.escape(escape) + r"(d[0-9]{3}|.)", written, text, flags=re.DOTALL)


def _pdf417(asked: Asked) -> Code:
    options: dict[str, object] = {}
    for at, key in ((2, "security_level"), (3, "columns"), (4, "rows")):
        if value := number(asked.parts, at):
            options[key] = value
    if row := number(asked.parts, 1):
        options["row_height"] = max(3, min(10, (2 * row + asked.module) // (2 * asked.module)))
    name = "compact-pdf417" if asked.yes(5) else "pdf417"
    notes = _rows_changed(row, options, asked)
    return Code(name, asked.content, asked.module, options=options, notes=notes)


def _rows_changed(row: int | None, options: Mapping[str, object], asked: Asked) -> tuple[str, ...]:
    """Return what is said of rows that are not as high as a whole number of modules."""
    modules = options.get("row_height")
    if not row or not isinstance(modules, int) or modules * asked.module == row:
        return ()
    return (
        f"The rows of the PDF417 were {row} dots high; they are {modules * asked.module} now, as "
        "they are whole modules.",
    )


_MICRO_COLUMNS: Final = (1,) * 6 + (2,) * 7 + (3,) * 10 + (4,) * 11
"""Data columns of the modes 0 to 33 (ZPL II guide, ^BF; the variants of ISO/IEC 24728)."""


def _micropdf417(asked: Asked) -> Code:
    mode = number(asked.parts, 2) or 0
    options: dict[str, object] = {"columns": _MICRO_COLUMNS[max(0, min(33, mode))]}
    if row := number(asked.parts, 1):
        options["row_height"] = max(2, min(10, (2 * row + asked.module) // (2 * asked.module)))
    notes = _rows_changed(row, options, asked)
    return Code("micropdf417", asked.content, asked.module, options=options, notes=notes)


def _aztec(asked: Asked) -> Code:
    if asked.yes(2):
        raise NotOurs("it uses extended channels of Aztec")
    size = number(asked.parts, 3) or 0
    if size == 300:
        raise NotOurs("it is an Aztec rune")
    percent = min((10, 23, 36, 50), key=lambda one: abs(one - size)) if 0 < size <= 99 else 23
    module, options = number(asked.parts, 1) or 2, _unless("error_percent", percent, 23)
    notes: tuple[str, ...] = ()
    if size > 99:
        notes = (_SIZED.format("Aztec"),)
    elif size not in (0, percent):
        notes = (f"The Aztec code asked for {size} % of error correction; it has {percent} % now.",)
    return Code("aztec", asked.content, module, options=options, notes=notes)


_DATABARS: Final = {
    1: "databar-omni", 2: "databar-truncated", 3: "databar-stacked", 4: "databar-stacked-omni",
    5: "databar-limited", 6: "databar-expanded",
}  # fmt: skip
_DATABAR_HIGH: Final = {1: 33, 2: 13, 5: 10, 6: 34}
"""Modules of the bars (ISO/IEC 24724, 5.2, 5.3.1, 6.2 and 7.2.1)."""


def _databar(asked: Asked) -> Code:
    kind = number(asked.parts, 1) or 1
    name = _DATABARS.get(kind)
    if name is None:
        raise NotOurs("it is a composite symbol, or a UPC or EAN code written as one")
    module = number(asked.parts, 2) or 2
    content, bar, _ = asked.content.partition("|")
    if bar:
        raise NotOurs("it is a composite symbol")
    if asked.variable:
        raise NotOurs("the printer makes a GS1 code of whatever the field brings")
    if kind == 6:
        plain = content.startswith("(")
        content = gs1.parse(content).escaped if plain else _element_string(content)
    else:
        digits = content.removeprefix("(01)")[:13].rjust(13, "0")
        if not re.fullmatch("[0-9]+", digits):
            raise NotOurs(f"{content!r} is no number for GS1 DataBar")
        content = f"(01){digits}{check_digit(digits)}"
    return Code(name, content, module, _DATABAR_HIGH.get(kind, 0) * module)


TWO_WIDTHS: Final = frozenset({"code39", "itf", "codabar"})
"""Codes of narrow and wide bars, for which ^BY has a ratio."""

CODES: Final[Mapping[str, Callable[[Asked], Code]]] = {
    "^B0": _aztec, "^B2": _interleaved, "^B3": _code39, "^B7": _pdf417, "^B8": _ean8,
    "^B9": _upce, "^BA": _code93, "^BC": _code128, "^BE": _ean13, "^BF": _micropdf417,
    "^BK": _codabar, "^BO": _aztec, "^BQ": _qr, "^BR": _databar, "^BU": _upca, "^BX": _data_matrix,
}  # fmt: skip

EXAMPLES: Final = {
    "ean13": "400638133393", "ean8": "9638507", "upca": "03600029145", "upce": "0123456",
    "itf": "123456", "codabar": "123456", "code39": "SN-000123",
}  # fmt: skip
"""What a field of such a code shows until it has a value; any other shows ``SN-000123``."""
