"""Linear codes: what each may carry, how many modules wide it is, and its bars.

Each ``accept``, ``size`` and ``draw`` does what ``symbol.Symbology`` says of its own.
python-barcode knows the bars; where it does not (Code 93, UPC-E) zxing-cpp draws them. Both are
imported on first use.

>>> size_code128("SN-000123", Options()), size_itf("00012345", Options())
((112, 1), (81, 1))
>>> accept_codabar("123")
'A123A'
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateway.codes import code128, gs1
from gateway.codes.checkdigits import check_digit, complete, describe
from gateway.codes.symbol import Drawn, Options, Size, accept_gs1, not_empty, refuse_character
from gateway.codes.zxing import by_zxing, first_row
from gateway.errors import CodeRefused


def _count(text: str) -> str:
    return f"{len(text)} character" + ("" if len(text) == 1 else "s")


def _one_row(bars: str) -> Drawn:
    return len(bars), (int(bars, 2),)


# Code 128 and GS1-128


def accept_code128(content: str) -> str:
    not_empty("Code 128", content)
    if not content.isascii():
        wrong = next(c for c in content if not code128.carries(c))
        raise refuse_character(
            "Code 128", content, wrong, "the 128 ASCII characters", "use a QR code or Data Matrix"
        )
    return content


def size_code128(content: str, options: Options) -> tuple[int, int]:
    # 11 modules a character and 13 for the stop (ISO/IEC 15417, 4.2).
    return 11 * code128.count(content) + 13, 1


def draw_code128(content: str, options: Options) -> Drawn:
    from barcode.charsets import code128 as bars

    values = code128.codewords(content)
    drawn = [bars.CODES[value] for value in (*values, code128.check_character(values))]
    return _one_row("".join(drawn) + bars.STOP + "11")


def accept_gs1_128(content: str) -> str:
    scanned = accept_gs1(content)
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


def size_gs1_128(content: str, options: Options) -> tuple[int, int]:
    return size_code128(_fnc1(content), options)


def draw_gs1_128(content: str, options: Options) -> Drawn:
    return draw_code128(_fnc1(content), options)


# Code 39

_CODE39: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%")
"""ISO/IEC 16388, table 1."""


def accept_code39(content: str) -> str:
    not_empty("Code 39", content)
    if not _CODE39.issuperset(content):
        wrong = next(c for c in content if c not in _CODE39)
        cure = "write capitals ({field|upper})" if wrong.upper() in _CODE39 else "use Code 128"
        raise refuse_character(
            "Code 39", content, wrong, "0-9, A-Z, space and -.$/+%", f"{cure} instead"
        )
    return content


def size_code39(content: str, options: Options) -> tuple[int, int]:
    # Six narrow and three wide elements of 3 modules, one narrow gap (ISO/IEC 16388, 4.3).
    return 16 * (len(content) + 2) - 1, 1


def draw_code39(content: str, options: Options) -> Drawn:
    from barcode.codex import Code39

    return _one_row(Code39(content, writer=_NoWriter(), add_checksum=False).build()[0])


class _NoWriter:
    """Stands where python-barcode would build a drawing we never ask for."""


# Code 93


def accept_code93(content: str) -> str:
    not_empty("Code 93", content)
    if not content.isascii():
        wrong = next(c for c in content if not c.isascii())
        raise refuse_character(
            "Code 93", content, wrong, "the 128 ASCII characters", "use a QR code or Data Matrix"
        )
    return content


def size_code93(content: str, options: Options) -> tuple[int, int]:
    # Nine modules for start, each character, its shift if it needs one, two check characters and
    # stop, and one for the bar that ends it (ANSI/AIM BC5, 2.6).
    signs = sum(1 if character in _CODE39 else 2 for character in content)
    return 9 * (signs + 4) + 1, 1


def draw_code93(content: str, options: Options) -> Drawn:
    return first_row(by_zxing(content, "Code93", "Code 93"))


# Codabar

_CODABAR: Final = frozenset("0123456789-$:/.+")
_CODABAR_ENDS: Final = frozenset("ABCD")
"""Sixteen data characters, and four that start and stop and stand nowhere else (EN 798, 4.3)."""


def accept_codabar(content: str) -> str:
    """Return the content between its start and stop letters; A and A where it has none.

    Readers send the letters with the data, and people use them as part of it, so they are kept and
    shown as given.
    """
    not_empty("Codabar", content)
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
        raise refuse_character(
            "Codabar", content, wrong, "0-9 and -$:/.+ between letters A to D", "use Code 128"
        )
    return content if starts else f"A{content}A"


def size_codabar(content: str, options: Options) -> tuple[int, int]:
    # Seven elements, two or three of them 3 modules wide, one narrow gap (EN 798, 4.3).
    wide = sum(2 if character in "0123456789-$" else 3 for character in content)
    return 8 * len(content) + 2 * wide - 1, 1


def draw_codabar(content: str, options: Options) -> Drawn:
    from barcode.codabar import CODABAR

    return _one_row(CODABAR(content, writer=_NoWriter(), narrow=1, wide=3).build()[0])


# ITF, EAN, UPC


def accept_itf(content: str) -> str:
    not_empty("ITF", content)
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


def size_itf(content: str, options: Options) -> tuple[int, int]:
    # Start 4 modules, a pair 6 narrow and 4 wide elements, stop 5 (ISO/IEC 16390, 4.3).
    return 9 * len(content) + 9, 1


def accept_gtin(title: str, length: int) -> Callable[[str], str]:
    """Return what accepts so many digits, or one less, which gets its check digit."""

    def accept(content: str) -> str:
        not_empty(title, content)
        return complete(content, length, title)

    return accept


def fixed_size(columns: int) -> Size:
    """Return the size of a kind that is always so many modules wide."""

    def size(content: str, options: Options) -> tuple[int, int]:
        return columns, 1

    return size


def draw_itf(content: str, options: Options) -> Drawn:
    from barcode.itf import ITF

    # Wide to narrow 3:1: whole modules, and inside 2.25 to 3 (GS1 General Specifications, 5.3.2.1).
    return _one_row(ITF(content, writer=_NoWriter(), narrow=1, wide=3).build()[0])


def draw_ean13(content: str, options: Options) -> Drawn:
    from barcode.ean import EAN13

    return _one_row(EAN13(content, writer=_NoWriter()).build()[0])


def draw_ean8(content: str, options: Options) -> Drawn:
    from barcode.ean import EAN8

    return _one_row(EAN8(content, writer=_NoWriter()).build()[0])


def draw_upca(content: str, options: Options) -> Drawn:
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


def accept_upce(content: str) -> str:
    not_empty("UPC-E", content)
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


def draw_upce(content: str, options: Options) -> Drawn:
    return first_row(by_zxing(content, "UPCE", "UPC-E"))


def print_split(*cuts: int) -> Callable[[str], str]:
    """Return what sets a space behind so many digits each."""

    def print_text(content: str) -> str:
        ends = (*cuts, len(content))
        return " ".join(content[a:b] for a, b in zip((0, *cuts), ends, strict=True))

    return print_text
