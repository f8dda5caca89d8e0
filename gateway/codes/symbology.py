"""The bar code kinds: what each may carry, how large it gets, and its bars.

    content ──accept──► what a scanner returns ──size──► columns × rows (nothing drawn)
                                               ──encode──► Symbol: modules, 1 = dark

``SYMBOLOGIES`` is the whole list; a new kind is one more row. ``python-barcode`` draws the linear
codes and ``qrcode`` the QR codes; where they are wrong or silent (Code 93, UPC-E, GS1 DataBar, Data
Matrix, Aztec, PDF417, GS1 in 2D, text beyond ASCII in a QR code) ``zxing-cpp`` does. All three are
imported on first use.

>>> SYMBOLOGIES["ean13"].accept("629104150021")
'6291041500213'
>>> SYMBOLOGIES["code128"].size("SN-000123", Options())
(112, 1)
>>> print(SYMBOLOGIES["ean8"].encode("9638507", Options()).art()[:24])
#.#...#.##.#.####.####.#
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from gateway.codes import code128, gs1, qr
from gateway.codes.checkdigits import check_digit, complete, describe
from gateway.errors import CodeRefused

Kind = Literal["linear", "matrix"]


@dataclass(frozen=True, slots=True)
class Options:
    """What a template may choose about a symbol."""

    error_correction: qr.Level = "M"
    """QR codes only; Micro QR codes have no H."""
    square: bool = True
    """Data Matrix only: False allows the rectangular sizes."""
    columns: int | None = None
    """Data columns: PDF417 1 to 30, MicroPDF417 1 to 4; None for what makes it least."""
    rows: int | None = None
    """PDF417 only, 3 to 90; None for as many as the content needs."""
    row_height: int | None = None
    """Modules: PDF417 from 3 and MicroPDF417 from 2, which None means."""
    security_level: int | None = None
    """PDF417 only, 0 to 8; None for what the standard recommends for the length."""
    error_percent: Literal[10, 23, 36, 50] = 23
    """Aztec code only: share of the codewords that correct errors, at least."""
    segments: int = 4
    """GS1 DataBar Expanded Stacked only: symbol characters in a row, even, 2 to 20."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """The modules of a symbol without quiet zone; a linear one has a single row."""

    kind: Kind
    columns: int
    rows: int
    bits: bytes
    """Rows of ``(columns + 7) // 8`` bytes, leftmost module in the top bit, 1 = dark."""
    content: str
    """What a scanner returns; U+001D where GS1 asks for a separator."""
    hri: str
    """Human readable interpretation: the line of text under the bars."""

    def art(self) -> str:
        """Return the modules as text, one line a row, for people and tests."""
        return "\n".join(
            format(row, f"0{self.columns}b").replace("0", ".").replace("1", "#")
            for row in self.lines()
        )

    def lines(self) -> tuple[int, ...]:
        """Return the rows as integers of ``columns`` bits, leftmost module highest."""
        stride = (self.columns + 7) // 8
        spare = 8 * stride - self.columns
        return tuple(
            int.from_bytes(self.bits[at : at + stride], "big") >> spare
            for at in range(0, stride * self.rows, stride)
        )


@dataclass(frozen=True, slots=True)
class Symbology:
    """One kind of bar code."""

    name: str
    title: str
    kind: Kind
    quiet: tuple[int, int, int, int]
    """Least quiet zone in modules: left, right, above, below."""
    least_module: int
    """Least width in µm of the narrowest bar or the square module."""
    accept: Callable[[str], str]
    """Return what a scanner will return for a content.

    Raises:
        CodeRefused: a character, a length or a check digit the symbology cannot have.
    """
    size: Callable[[str, Options], tuple[int, int]]
    """Return columns and rows for an accepted content, without drawing it.

    Raises:
        CodeRefused: too long for the largest symbol.
    """
    draw: Callable[[str, Options], tuple[int, tuple[int, ...]]]
    """Return columns and rows as integers for an accepted content."""
    print_text: Callable[[str], str]
    """Return the human readable interpretation of an accepted content."""
    gs1: bool = False
    """Contents are element strings, "(01)…(21)…"."""
    digit_blind: bool = True
    """Whether acceptance and size are the same when digits are replaced by other digits."""
    by_value: bool = False
    """Whether even an accepted content may change its size with another digit."""
    least_height: int = 0
    """Modules that the bars of a linear code must be high; 0 when no standard says."""
    options: frozenset[str] = frozenset()
    """Fields of ``Options`` that change the symbol."""

    def encode(self, content: str, options: Options | None = None) -> Symbol:
        """Return the symbol for a content.

        Raises:
            CodeRefused: the symbology cannot carry the content.
        """
        accepted = self.accept(content)
        columns, rows = self.draw(accepted, options or Options())
        stride = (columns + 7) // 8
        spare = 8 * stride - columns
        return Symbol(
            self.kind,
            columns,
            len(rows),
            b"".join((row << spare).to_bytes(stride, "big") for row in rows),
            accepted,
            self.print_text(accepted),
        )


def _refuse_character(title: str, content: str, wrong: str, carries: str, cure: str) -> CodeRefused:
    return CodeRefused(
        f"{title} cannot carry {wrong!r} (U+{ord(wrong):04X}) in {content!r}: it has {carries}; "
        f"{cure}.",
        value=content,
        character=wrong,
        symbology=title,
    )


def _not_empty(title: str, content: str) -> None:
    if not content:
        raise CodeRefused(
            f"There is nothing to put into the {title}: give the field a value, or let the "
            'element print only when it has one ("print_when").',
            symbology=title,
        )


def _count(text: str) -> str:
    return f"{len(text)} character" + ("" if len(text) == 1 else "s")


def _one_row(bars: str) -> tuple[int, tuple[int, ...]]:
    return len(bars), (int(bars, 2),)


# Code 128 and GS1-128


def _accept_code128(content: str) -> str:
    _not_empty("Code 128", content)
    if not content.isascii():
        wrong = next(c for c in content if not code128.carries(c))
        raise _refuse_character(
            "Code 128", content, wrong, "the 128 ASCII characters", "use a QR code or Data Matrix"
        )
    return content


def _size_code128(content: str, options: Options) -> tuple[int, int]:
    # 11 modules a character and 13 for the stop (ISO/IEC 15417, 4.2).
    return 11 * code128.count(content) + 13, 1


def _draw_code128(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
    from barcode.charsets import code128 as bars

    values = code128.codewords(content)
    drawn = [bars.CODES[value] for value in (*values, code128.check_character(values))]
    return _one_row("".join(drawn) + bars.STOP + "11")


def _accept_gs1(content: str) -> str:
    _not_empty("GS1 code", content)
    return gs1.parse(content).scanned


def _accept_gs1_128(content: str) -> str:
    scanned = _accept_gs1(content)
    # GS1 General Specifications, 5.4.1: at most 48 characters, FNC1 between elements included.
    if len(scanned) > 48:
        raise CodeRefused(
            f"GS1-128 carries at most 48 characters, got {len(scanned)} in {content!r}; split it "
            "into two bar codes or use GS1 DataMatrix.",
            value=content,
            length=len(scanned),
        )
    return scanned


def _fnc1(scanned: str) -> str:
    return code128.FNC1 + scanned.replace(gs1.SEPARATOR, code128.FNC1)


def _size_gs1_128(content: str, options: Options) -> tuple[int, int]:
    return _size_code128(_fnc1(content), options)


def _draw_gs1_128(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
    return _draw_code128(_fnc1(content), options)


def _print_gs1(content: str) -> str:
    return gs1.parse_scanned(content).hri


def _print_plain(content: str) -> str:
    """Return the content with control characters named, as no font has them."""
    if content.isprintable():
        return content
    return "".join(c if c.isprintable() else _NAMES.get(c, f"<{ord(c):02X}>") for c in content)


_CONTROLS: Final = (
    "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB "
    "CAN EM SUB ESC FS GS RS US"
)
_NAMES: Final = {chr(code): f"<{name}>" for code, name in enumerate(_CONTROLS.split())} | {
    "\x7f": "<DEL>"
}
"""ISO/IEC 646 names of the control characters."""


# Code 39

_CODE39: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%")
"""ISO/IEC 16388, table 1."""


def _accept_code39(content: str) -> str:
    _not_empty("Code 39", content)
    if not _CODE39.issuperset(content):
        wrong = next(c for c in content if c not in _CODE39)
        cure = "write capitals ({field|upper})" if wrong.upper() in _CODE39 else "use Code 128"
        raise _refuse_character(
            "Code 39", content, wrong, "0-9, A-Z, space and -.$/+%", f"{cure} instead"
        )
    return content


def _size_code39(content: str, options: Options) -> tuple[int, int]:
    # Six narrow and three wide elements of 3 modules, one narrow gap (ISO/IEC 16388, 4.3).
    return 16 * (len(content) + 2) - 1, 1


def _draw_code39(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
    from barcode.codex import Code39

    return _one_row(Code39(content, writer=_NoWriter(), add_checksum=False).build()[0])


class _NoWriter:
    """Stands where python-barcode would build a drawing we never ask for."""


# Code 93


def _accept_code93(content: str) -> str:
    _not_empty("Code 93", content)
    if not content.isascii():
        wrong = next(c for c in content if not c.isascii())
        raise _refuse_character(
            "Code 93", content, wrong, "the 128 ASCII characters", "use a QR code or Data Matrix"
        )
    return content


def _size_code93(content: str, options: Options) -> tuple[int, int]:
    # Nine modules for start, each character, its shift if it needs one, two check characters and
    # stop, and one for the bar that ends it (ANSI/AIM BC5, 2.6).
    signs = sum(1 if character in _CODE39 else 2 for character in content)
    return 9 * (signs + 4) + 1, 1


def _draw_code93(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
    return _first_row(_by_zxing(content, "Code93", "Code 93"))


def _first_row(drawn: tuple[int, tuple[int, ...]]) -> tuple[int, tuple[int, ...]]:
    # zxing-cpp draws a linear code some rows high, all alike.
    columns, rows = drawn
    return columns, rows[:1]


# Codabar

_CODABAR: Final = frozenset("0123456789-$:/.+")
_CODABAR_ENDS: Final = frozenset("ABCD")
"""Sixteen data characters, and four that start and stop and stand nowhere else (EN 798, 4.3)."""


def _accept_codabar(content: str) -> str:
    """Return the content between its start and stop letters; A and A where it has none.

    Readers send the letters with the data, and people use them as part of it, so they are kept and
    shown as given.
    """
    _not_empty("Codabar", content)
    starts, stops = content[0] in _CODABAR_ENDS, content[-1] in _CODABAR_ENDS
    body = content[1:-1] if starts and stops else content
    wrong = next((c for c in body if c not in _CODABAR), None)
    if starts != stops:
        raise CodeRefused(
            f"Codabar {content!r} has {'no stop' if starts else 'no start'} letter: give both, "
            f"such as 'A123B', or neither, and A stands for both.",
            value=content,
        )
    if len(body) < 2:
        # The standard allows one (EN 798, 4.2), which readers take for chance.
        raise CodeRefused(
            f"Codabar {content!r} has {_count(body)} beside its start and stop letters: "
            "expected 2 or more, as readers pass over shorter ones; put zeros in front.",
            value=content,
        )
    if wrong is not None:
        raise _refuse_character(
            "Codabar", content, wrong, "0-9 and -$:/.+ between letters A to D", "use Code 128"
        )
    return content if starts else f"A{content}A"


def _size_codabar(content: str, options: Options) -> tuple[int, int]:
    # Seven elements, two or three of them 3 modules wide, one narrow gap (EN 798, 4.3).
    wide = sum(2 if character in "0123456789-$" else 3 for character in content)
    return 8 * len(content) + 2 * wide - 1, 1


def _draw_codabar(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
    from barcode.codabar import CODABAR

    return _one_row(CODABAR(content, writer=_NoWriter(), narrow=1, wide=3).build()[0])


# ITF, EAN, UPC


def _accept_itf(content: str) -> str:
    _not_empty("ITF", content)
    if not (content.isascii() and content.isdigit()):
        raise CodeRefused(
            f"{content!r} is no ITF: expected digits, got {describe(content)}; use Code 128.",
            value=content,
        )
    if len(content) % 2:
        raise CodeRefused(
            f"ITF {content!r} has {describe(content)}: expected an even number, as it carries them "
            f"in pairs; give '0{content}' if the reader may see a zero in front.",
            value=content,
        )
    return content


def _size_itf(content: str, options: Options) -> tuple[int, int]:
    # Start 4 modules, a pair 6 narrow and 4 wide elements, stop 5 (ISO/IEC 16390, 4.3).
    return 9 * len(content) + 9, 1


def _gtin(title: str, length: int) -> Callable[[str], str]:
    def accept(content: str) -> str:
        _not_empty(title, content)
        return complete(content, length, title)

    return accept


def _fixed(columns: int) -> Callable[[str, Options], tuple[int, int]]:
    def size(content: str, options: Options) -> tuple[int, int]:
        return columns, 1

    return size


def _draw_itf(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
    from barcode.itf import ITF

    # Wide to narrow 3:1: whole modules, and inside 2.25 to 3 (GS1 General Specifications, 5.3.2.1).
    return _one_row(ITF(content, writer=_NoWriter(), narrow=1, wide=3).build()[0])


def _draw_ean13(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
    from barcode.ean import EAN13

    return _one_row(EAN13(content, writer=_NoWriter()).build()[0])


def _draw_ean8(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
    from barcode.ean import EAN8

    return _one_row(EAN8(content, writer=_NoWriter()).build()[0])


def _draw_upca(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
    from barcode.upc import UPCA

    return _one_row(UPCA(content, writer=_NoWriter()).build()[0])


def expand_upce(digits: str) -> str:
    """Return the UPC-A number without check digit that number system and six digits stand for.

    >>> expand_upce("0123456")
    '01234500006'

    (GS1 General Specifications, 5.2.2.4.2.)
    """
    system, body, last = digits[0], digits[1:6], digits[6]
    if last in "012":
        return f"{system}{body[:2]}{last}0000{body[2:]}"
    if last == "3":
        return f"{system}{body[:3]}00000{body[3:]}"
    if last == "4":
        return f"{system}{body[:4]}00000{body[4]}"
    return f"{system}{body}0000{last}"


def _accept_upce(content: str) -> str:
    _not_empty("UPC-E", content)
    if not (content.isascii() and content.isdigit() and len(content) in (7, 8)):
        raise CodeRefused(
            f"{content!r} is no UPC-E: expected 8 digits, or 7 without the check digit, got "
            f"{describe(content)}.",
            value=content,
        )
    if content[0] not in "01":
        raise CodeRefused(
            f"UPC-E {content!r} has number system {content[0]}: expected 0 or 1; use UPC-A.",
            value=content,
        )
    expected = check_digit(expand_upce(content[:7]))
    if len(content) == 8 and content[7] != expected:
        raise CodeRefused(
            f"UPC-E {content!r} has a wrong check digit: expected {expected}, got {content[7]}; "
            f"check the number for a typing error, or give '{content[:7]}{expected}' if only the "
            "last digit is wrong.",
            value=content,
            expected=expected,
            got=content[7],
        )
    return content[:7] + expected


def _draw_upce(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
    return _first_row(_by_zxing(content, "UPCE", "UPC-E"))


def _print_split(*cuts: int) -> Callable[[str], str]:
    def print_text(content: str) -> str:
        ends = (*cuts, len(content))
        return " ".join(content[a:b] for a, b in zip((0, *cuts), ends, strict=True))

    return print_text


# Matrix codes


def _by_zxing(
    content: str, form: str, title: str, **choices: object
) -> tuple[int, tuple[int, ...]]:
    """Return columns and rows as zxing-cpp draws them. Its keywords are not checked by it: an
    unknown one is ignored, so only those that a test has seen to act are passed."""
    import zxingcpp

    try:
        symbol = zxingcpp.create_barcode(content, getattr(zxingcpp.BarcodeFormat, form), **choices)
        image = zxingcpp.write_barcode_to_image(symbol, scale=1, add_quiet_zones=False)
    except ValueError as refusal:
        raise CodeRefused(
            f"{content!r} does not fit the largest {title} symbol ({len(content)} characters); "
            "shorten it.",
            value=content,
            said=str(refusal),
        ) from refusal
    grey = memoryview(image)  # type: ignore[arg-type]  # has the buffer protocol, not declared
    assert grey.shape is not None
    height, width = grey.shape
    # 0 is dark, 255 light: one character a module, then base 2.
    text = grey.tobytes().translate(_DARK)
    return width, tuple(int(text[at : at + width], 2) for at in range(0, width * height, width))


_DARK: Final = bytes(0x31 if value < 128 else 0x30 for value in range(256))


def _accept_text(title: str) -> Callable[[str], str]:
    def accept(content: str) -> str:
        _not_empty(title, content)
        for character in content:
            if "\ud800" <= character <= "\udfff":
                raise _refuse_character(
                    title, content, character, "Unicode text", "a lone surrogate is no character"
                )
        return content

    return accept


def _size_qr(content: str, options: Options) -> tuple[int, int]:
    if not content.isascii():
        return _drawn_size("QRCode", content, options)
    side = 4 * qr.version(content, options.error_correction) + 17
    return side, side


def _draw_qr(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
    if not content.isascii():
        # qrcode writes UTF-8 where a reader expects Latin 1 (ISO/IEC 18004, 7.3.5); zxing-cpp
        # writes Latin 1, Kanji or an ECI.
        return _by_zxing(content, "QRCode", "QR code", ec_level=options.error_correction)
    rows = qr.modules(content, options.error_correction)
    return len(rows), rows


def _draw_gs1_qr(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
    return _by_zxing(
        _bracketed(content), "QRCode", "GS1 QR code", gs1=True, ec_level=options.error_correction
    )


def _draw_datamatrix(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
    return _by_zxing(content, "DataMatrix", "Data Matrix", force_square=options.square)


def _draw_gs1_datamatrix(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
    return _by_zxing(
        _bracketed(content), "DataMatrix", "GS1 DataMatrix", gs1=True, force_square=options.square
    )


def _bracketed(scanned: str) -> str:
    # Square brackets are no GS1 characters, so values with parentheses stay unambiguous.
    return "".join(f"[{ai}]{value}" for ai, value in gs1.parse_scanned(scanned).elements)


def _accept_micro_qr(content: str) -> str:
    _not_empty("Micro QR code", content)
    if not content.isascii():
        wrong = next(c for c in content if not c.isascii())
        # It has no way to name another character set (ISO/IEC 18004, 7.4.1).
        raise _refuse_character(
            "Micro QR code", content, wrong, "the 128 ASCII characters", "use a QR code"
        )
    return content


def _draw_micro_qr(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
    if options.error_correction == "H":
        raise CodeRefused(
            "Micro QR codes have error correction L, M and Q, got H; choose Q, or use a QR code."
        )
    level = options.error_correction
    return _by_zxing(content, "MicroQRCode", "Micro QR code", ec_level=level)


def _draw_aztec(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
    return _by_zxing(content, "Aztec", "Aztec code", ec_level=f"{options.error_percent}%")


# PDF417


def _pdf417(
    form: str, title: str, least_height: int
) -> Callable[[str, Options], tuple[int, tuple[int, ...]]]:
    def draw(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
        choices = {"columns": options.columns}
        if form != "MicroPDF417":
            choices |= {"rows": options.rows, "ec_level": options.security_level}
        given = {name: choice for name, choice in choices.items() if choice is not None}
        among = title if options.columns is None else f"{options.columns}-column {title}"
        columns, modules = _by_zxing(content, form, among, **given)
        # zxing-cpp draws each row at its least height.
        rows = modules[::least_height]
        if len(rows) != given.get("rows", len(rows)):
            raise CodeRefused(
                f"{content!r} needs {len(rows)} rows of {title}, expected {options.rows}; allow "
                "more rows or columns, a lower security level, or shorten it.",
                value=content,
                rows=len(rows),
                expected=options.rows,
            )
        high = options.row_height or least_height
        return columns, tuple(row for row in rows for _ in range(high))

    return draw


# GS1 DataBar


def _accept_databar(title: str, first: str = "0123456789") -> Callable[[str], str]:
    """Accept a GTIN whose first digit is one of those given, and nothing beside it."""

    def accept(content: str) -> str:
        elements = gs1.parse(content).elements if content else ()
        _not_empty(title, content)
        if [ai for ai, _ in elements] != ["01"]:
            raise CodeRefused(
                f"{title} carries a GTIN alone, (01) and its 14 digits, got {content!r}; use GS1 "
                "DataBar Expanded for more.",
                value=content,
            )
        gtin = elements[0][1]
        if gtin[0] not in first:
            raise CodeRefused(
                f"{title} carries a GTIN that begins with {' or '.join(first)}, got {gtin!r}; use "
                "GS1 DataBar Omnidirectional or Stacked.",
                value=content,
            )
        return "01" + gtin

    return accept


def _draw_databar(form: str, title: str) -> Callable[[str, Options], tuple[int, tuple[int, ...]]]:
    def draw(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
        return _first_row(_by_zxing(_bracketed(content), form, title))

    return draw


def _draw_databar_stacked(
    form: str, title: str
) -> Callable[[str, Options], tuple[int, tuple[int, ...]]]:
    def draw(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
        return _by_zxing(_bracketed(content), form, title)

    return draw


def _draw_databar_expanded_stacked(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
    return _by_zxing(
        _bracketed(content),
        "DataBarExpStk",
        "GS1 DataBar Expanded Stacked",
        columns=options.segments // 2,
    )


def _stacked(rows: int) -> Callable[[str, Options], tuple[int, int]]:
    def size(content: str, options: Options) -> tuple[int, int]:
        return 50, rows

    return size


_DIGITS: Final = str.maketrans("123456789", "000000000")


def _size_by_drawing(form: str) -> Callable[[str, Options], tuple[int, int]]:
    def size(content: str, options: Options) -> tuple[int, int]:
        # Which digits they are changes no codeword count, in any mode of either symbology.
        return _drawn_size(form, content.translate(_DIGITS), options)

    return size


def _size_by_value(name: str) -> Callable[[str, Options], tuple[int, int]]:
    def size(content: str, options: Options) -> tuple[int, int]:
        return _drawn_size(name, content, options)

    return size


@lru_cache(maxsize=4096)
def _drawn_size(form: str, content: str, options: Options) -> tuple[int, int]:
    columns, rows = _DRAWINGS[form](content, options)
    return columns, len(rows)


def _size_gs1_matrix(name: str) -> Callable[[str, Options], tuple[int, int]]:
    def size(content: str, options: Options) -> tuple[int, int]:
        # All zeros have the check digit 0; a date needs a month and a day.
        same_size = gs1.SEPARATOR.join(
            ai
            + (
                "010101" + value[6:].translate(_DIGITS)
                if ai in _DATED
                else value.translate(_DIGITS)
            )
            for ai, value in gs1.parse_scanned(content).elements
        )
        return _drawn_size(name, same_size, options)

    return size


_DATED: Final = frozenset(("11", "12", "13", "15", "16", "17", "7003", "8008"))


_DRAWINGS: Final[dict[str, Callable[[str, Options], tuple[int, tuple[int, ...]]]]] = {
    "QRCode": _draw_qr,
    "DataMatrix": _draw_datamatrix,
    "gs1-qr": _draw_gs1_qr,
    "gs1-datamatrix": _draw_gs1_datamatrix,
    "micro-qr": _draw_micro_qr,
    "aztec": _draw_aztec,
    # Least row heights: ISO/IEC 15438, 5.8.2, and ISO/IEC 24728, 5.8.2.
    "pdf417": _pdf417("PDF417", "PDF417", 3),
    "compact-pdf417": _pdf417("CompactPDF417", "Compact PDF417", 3),
    "micropdf417": _pdf417("MicroPDF417", "MicroPDF417", 2),
    "databar-expanded": _draw_databar("DataBarExp", "GS1 DataBar Expanded"),
    "databar-expanded-stacked": _draw_databar_expanded_stacked,
}

_FLOOR: Final = 166
"""µm: two dots of a 12 dots/mm head. Below, thermal bars run into each other and hand scanners
give up; a house rule, as the general symbology standards leave the module to the application."""

_PDF417_OPTIONS: Final = frozenset({"columns", "rows", "row_height", "security_level"})

_ROWS: Final[tuple[Symbology, ...]] = (
    # Quiet zone 10X: ISO/IEC 15417, 4.2; GS1 General Specifications, 5.4.2.
    Symbology(
        "code128", "Code 128", "linear", (10, 10, 0, 0), _FLOOR,
        _accept_code128, _size_code128, _draw_code128, _print_plain,
    ),
    Symbology(
        "gs1-128", "GS1-128", "linear", (10, 10, 0, 0), _FLOOR,
        _accept_gs1_128, _size_gs1_128, _draw_gs1_128, _print_gs1, gs1=True, digit_blind=False,
    ),
    # ISO/IEC 16388, 4.4.
    Symbology(
        "code39", "Code 39", "linear", (10, 10, 0, 0), _FLOOR,
        _accept_code39, _size_code39, _draw_code39, _print_plain,
    ),
    # ANSI/AIM BC5, 2.4, and EN 798, 4.4.1 (d).
    Symbology(
        "code93", "Code 93", "linear", (10, 10, 0, 0), _FLOOR,
        _accept_code93, _size_code93, _draw_code93, _print_plain,
    ),
    Symbology(
        "codabar", "Codabar", "linear", (10, 10, 0, 0), _FLOOR,
        _accept_codabar, _size_codabar, _draw_codabar, _print_plain,
    ),
    # ISO/IEC 16390, 4.4.
    Symbology(
        "itf", "ITF", "linear", (10, 10, 0, 0), _FLOOR,
        _accept_itf, _size_itf, _draw_itf, _print_plain,
    ),
    # GS1 General Specifications, 5.3.2.2 (quiet zone) and figure 5.12.3.1 (module 0.250 mm).
    Symbology(
        "itf14", "ITF-14", "linear", (10, 10, 0, 0), 250,
        _gtin("ITF-14", 14), _fixed(135), _draw_itf, _print_split(1, 3, 8, 13),
        digit_blind=False,
    ),
    # GS1 General Specifications, 5.2.3.4 (quiet zones) and 5.2.3.1: 0.264 mm, or 0.249 mm where
    # labels are printed on demand.
    Symbology(
        "ean13", "EAN-13", "linear", (11, 7, 0, 0), 249,
        _gtin("EAN-13", 13), _fixed(95), _draw_ean13, _print_split(1, 7), digit_blind=False,
    ),
    Symbology(
        "ean8", "EAN-8", "linear", (7, 7, 0, 0), 249,
        _gtin("EAN-8", 8), _fixed(67), _draw_ean8, _print_split(4), digit_blind=False,
    ),
    Symbology(
        "upca", "UPC-A", "linear", (9, 9, 0, 0), 249,
        _gtin("UPC-A", 12), _fixed(95), _draw_upca, _print_split(1, 6, 11), digit_blind=False,
    ),
    Symbology(
        "upce", "UPC-E", "linear", (9, 7, 0, 0), 249,
        _accept_upce, _fixed(51), _draw_upce, _print_split(1, 7), digit_blind=False,
    ),
    # ISO/IEC 18004, 6.3.8: four modules on every side.
    Symbology(
        "qr", "QR code", "matrix", (4, 4, 4, 4), _FLOOR,
        _accept_text("QR code"), _size_qr, _draw_qr, _print_plain,
        options=frozenset({"error_correction"}),
    ),
    Symbology(
        "gs1-qr", "GS1 QR code", "matrix", (4, 4, 4, 4), _FLOOR,
        _accept_gs1, _size_gs1_matrix("gs1-qr"), _draw_gs1_qr, _print_gs1, gs1=True,
        digit_blind=False, options=frozenset({"error_correction"}),
    ),
    # ISO/IEC 16022, 8.2: one module on every side.
    Symbology(
        "datamatrix", "Data Matrix", "matrix", (1, 1, 1, 1), _FLOOR,
        _accept_text("Data Matrix"), _size_by_drawing("DataMatrix"), _draw_datamatrix,
        _print_plain, options=frozenset({"square"}),
    ),
    Symbology(
        "gs1-datamatrix", "GS1 DataMatrix", "matrix", (1, 1, 1, 1), _FLOOR,
        _accept_gs1, _size_gs1_matrix("gs1-datamatrix"), _draw_gs1_datamatrix, _print_gs1,
        gs1=True, digit_blind=False, options=frozenset({"square"}),
    ),
    # ISO/IEC 18004, 9.1: two modules.
    Symbology(
        "micro-qr", "Micro QR code", "matrix", (2, 2, 2, 2), _FLOOR,
        _accept_micro_qr, _size_by_drawing("micro-qr"), _draw_micro_qr, _print_plain,
        options=frozenset({"error_correction"}),
    ),
    # ISO/IEC 24778, 4.1 (c): no quiet zone; 7.3.1.2: a bit is stuffed into runs of equal ones, so
    # the size follows the value.
    Symbology(
        "aztec", "Aztec code", "matrix", (0, 0, 0, 0), _FLOOR,
        _accept_text("Aztec code"), _size_by_value("aztec"), _draw_aztec, _print_plain,
        by_value=True, options=frozenset({"error_percent"}),
    ),
    # ISO/IEC 15438, 5.8.3: two modules on every side.
    Symbology(
        "pdf417", "PDF417", "matrix", (2, 2, 2, 2), _FLOOR,
        _accept_text("PDF417"), _size_by_drawing("pdf417"), _DRAWINGS["pdf417"], _print_plain,
        options=_PDF417_OPTIONS,
    ),
    Symbology(
        "compact-pdf417", "Compact PDF417", "matrix", (2, 2, 2, 2), _FLOOR,
        _accept_text("Compact PDF417"), _size_by_drawing("compact-pdf417"),
        _DRAWINGS["compact-pdf417"], _print_plain, options=_PDF417_OPTIONS,
    ),
    # ISO/IEC 24728, 5.8.3: one module.
    Symbology(
        "micropdf417", "MicroPDF417", "matrix", (1, 1, 1, 1), _FLOOR,
        _accept_text("MicroPDF417"), _size_by_drawing("micropdf417"), _DRAWINGS["micropdf417"],
        _print_plain, options=frozenset({"columns", "row_height"}),
    ),
    # GS1 General Specifications, 5.5.1.1: no quiet zones. ISO/IEC 24724 has the least heights: 33
    # modules (5.2), 13 (5.3.1), rows of 5, 1 and 7 (5.3.2.1) or 33, 3 and 33 (5.3.2.2), 10 (6.2),
    # and 34 for each row (7.2.1, 7.2.8).
    Symbology(
        "databar-omni", "GS1 DataBar Omnidirectional", "linear", (0, 0, 0, 0), _FLOOR,
        _accept_databar("GS1 DataBar Omnidirectional"), _fixed(96),
        _draw_databar("DataBarOmni", "GS1 DataBar Omnidirectional"), _print_gs1,
        gs1=True, digit_blind=False, least_height=33,
    ),
    Symbology(
        "databar-truncated", "GS1 DataBar Truncated", "linear", (0, 0, 0, 0), _FLOOR,
        _accept_databar("GS1 DataBar Truncated"), _fixed(96),
        _draw_databar("DataBarOmni", "GS1 DataBar Truncated"), _print_gs1,
        gs1=True, digit_blind=False, least_height=13,
    ),
    Symbology(
        "databar-stacked", "GS1 DataBar Stacked", "matrix", (0, 0, 0, 0), _FLOOR,
        _accept_databar("GS1 DataBar Stacked"), _stacked(13),
        _draw_databar_stacked("DataBarStk", "GS1 DataBar Stacked"), _print_gs1,
        gs1=True, digit_blind=False,
    ),
    Symbology(
        "databar-stacked-omni", "GS1 DataBar Stacked Omnidirectional", "matrix", (0, 0, 0, 0),
        _FLOOR, _accept_databar("GS1 DataBar Stacked Omnidirectional"), _stacked(69),
        _draw_databar_stacked("DataBarStkOmni", "GS1 DataBar Stacked Omnidirectional"),
        _print_gs1, gs1=True, digit_blind=False,
    ),
    Symbology(
        "databar-limited", "GS1 DataBar Limited", "linear", (0, 0, 0, 0), _FLOOR,
        _accept_databar("GS1 DataBar Limited", "01"), _fixed(79),
        _draw_databar("DataBarLtd", "GS1 DataBar Limited"), _print_gs1,
        gs1=True, digit_blind=False, least_height=10,
    ),
    # 7.2.5.4: weights and prices are packed when the GTIN begins with 9, so the size follows the
    # value.
    Symbology(
        "databar-expanded", "GS1 DataBar Expanded", "linear", (0, 0, 0, 0), _FLOOR,
        _accept_gs1, _size_by_value("databar-expanded"), _DRAWINGS["databar-expanded"],
        _print_gs1, gs1=True, digit_blind=False, by_value=True, least_height=34,
    ),
    Symbology(
        "databar-expanded-stacked", "GS1 DataBar Expanded Stacked", "matrix", (0, 0, 0, 0),
        _FLOOR, _accept_gs1, _size_by_value("databar-expanded-stacked"),
        _draw_databar_expanded_stacked, _print_gs1,
        gs1=True, digit_blind=False, by_value=True, options=frozenset({"segments"}),
    ),
)  # fmt: skip

SYMBOLOGIES: Final[dict[str, Symbology]] = {row.name: row for row in _ROWS}


def read_back(symbol: Symbol, name: str) -> str | None:
    """Return what an independent reader makes of the symbol, None when it finds nothing.

    zxing-cpp reads it at three dots a module with its quiet zone. UPC-A and UPC-E come back as
    the number on them, not in the thirteen digits that readers widen them to.
    """
    import zxingcpp

    row = SYMBOLOGIES[name]
    left, right, above, below = (n if n else 4 for n in row.quiet)
    scale, height = (3, 24) if symbol.kind == "linear" else (3, 3)
    white = b"\xff" * (scale * (left + symbol.columns + right))
    edge = b"\xff" * (scale * left), b"\xff" * (scale * right)
    picture = [white] * (scale * above)
    for line in symbol.lines():
        text = format(line, f"0{symbol.columns}b").encode()
        wide = text.replace(b"1", b"\x00" * scale).replace(b"0", b"\xff" * scale)
        picture += [edge[0] + wide + edge[1]] * height
    picture += [white] * (scale * below)
    grey = memoryview(b"".join(picture)).cast("B", (len(picture), len(white)))
    formats: Any = getattr(zxingcpp.BarcodeFormat, _READ_AS[name])
    found = zxingcpp.read_barcode(
        grey, formats=formats, text_mode=zxingcpp.TextMode.Plain, try_rotate=False,
        try_downscale=False, try_invert=False,
    )  # fmt: skip
    if found is None:
        return None
    text_found = str(found.text)
    if name == "upca" and len(text_found) == 13:
        return text_found[1:]
    if name == "upce" and text_found[1:-1] == expand_upce(symbol.content[:7]):
        return symbol.content[:7] + text_found[-1]
    return text_found


_READ_AS: Final = {
    "code128": "Code128", "gs1-128": "Code128", "code39": "Code39", "itf14": "ITF",
    "ean13": "EAN13", "ean8": "EAN8", "upca": "EANUPC", "upce": "EANUPC", "qr": "QRCode",
    "gs1-qr": "QRCode", "datamatrix": "DataMatrix", "gs1-datamatrix": "DataMatrix",
    "code93": "Code93", "codabar": "Codabar", "itf": "ITF", "micro-qr": "MicroQRCode",
    "aztec": "Aztec", "pdf417": "PDF417", "compact-pdf417": "PDF417", "micropdf417": "MicroPDF417",
    "databar-omni": "DataBarOmni", "databar-truncated": "DataBarOmni",
    "databar-stacked": "DataBarStk", "databar-stacked-omni": "DataBarStkOmni",
    "databar-limited": "DataBarLtd", "databar-expanded": "DataBarExp",
    "databar-expanded-stacked": "DataBarExpStk",
}  # fmt: skip
