"""Matrix codes and PDF417: what each may carry, its size without drawing, and its modules.

Each ``accept``, ``size`` and ``draw`` does what ``symbol.Symbology`` says of its own. ``qrcode``
draws QR codes of ASCII and ``zxing-cpp`` the others. Where no rule gives the size, a content that
has the same one is drawn once and remembered.

>>> size_qr("SN-000123", Options(error_correction="H"))
(21, 21)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from gateway.codes import gs1, qr
from gateway.codes.symbol import Draw, Drawn, Options, Size, not_empty, refuse_character
from gateway.codes.zxing import bracketed, by_zxing
from gateway.errors import CodeRefused


def accept_text(title: str) -> Callable[[str], str]:
    """Return what accepts any Unicode text."""

    def accept(content: str) -> str:
        not_empty(title, content)
        for character in content:
            if "\ud800" <= character <= "\udfff":
                raise refuse_character(
                    title, content, character, "Unicode text", "a lone surrogate is no character"
                )
        return content

    return accept


def size_qr(content: str, options: Options) -> tuple[int, int]:
    if not content.isascii():
        return _size_drawn_qr(content, options)
    side = 4 * qr.version(content, options.error_correction) + 17
    return side, side


def draw_qr(content: str, options: Options) -> Drawn:
    if not content.isascii():
        # qrcode writes UTF-8 where a reader expects Latin 1 (ISO/IEC 18004, 7.3.5); zxing-cpp
        # writes Latin 1, Kanji or an ECI.
        return by_zxing(content, "QRCode", "QR code", ec_level=options.error_correction)
    rows = qr.modules(content, options.error_correction)
    return len(rows), rows


def draw_gs1_qr(content: str, options: Options) -> Drawn:
    return by_zxing(
        bracketed(content), "QRCode", "GS1 QR code", gs1=True, ec_level=options.error_correction
    )


def draw_datamatrix(content: str, options: Options) -> Drawn:
    return by_zxing(content, "DataMatrix", "Data Matrix", force_square=options.square)


def draw_gs1_datamatrix(content: str, options: Options) -> Drawn:
    return by_zxing(
        bracketed(content), "DataMatrix", "GS1 DataMatrix", gs1=True, force_square=options.square
    )


def accept_micro_qr(content: str) -> str:
    not_empty("Micro QR code", content)
    if not content.isascii():
        wrong = next(c for c in content if not c.isascii())
        # It has no way to name another character set (ISO/IEC 18004, 7.4.1).
        raise refuse_character(
            "Micro QR code", content, wrong, "the 128 ASCII characters", "use a QR code"
        )
    return content


def draw_micro_qr(content: str, options: Options) -> Drawn:
    if options.error_correction == "H":
        raise CodeRefused(
            "Micro QR codes have error correction L, M and Q, got H; choose Q, or use a QR code."
        )
    level = options.error_correction
    return by_zxing(content, "MicroQRCode", "Micro QR code", ec_level=level)


def draw_aztec(content: str, options: Options) -> Drawn:
    return by_zxing(content, "Aztec", "Aztec code", ec_level=f"{options.error_percent}%")


# PDF417


def draw_pdf417(form: str, title: str, least_height: int) -> Draw:
    """Return what draws a form of PDF417, its rows so many modules high at least."""

    def draw(content: str, options: Options) -> Drawn:
        choices = {"columns": options.columns}
        if form != "MicroPDF417":
            choices |= {"rows": options.rows, "ec_level": options.security_level}
        given = {name: choice for name, choice in choices.items() if choice is not None}
        among = title if options.columns is None else f"{options.columns}-column {title}"
        columns, modules = by_zxing(content, form, among, **given)
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


# Sizes

_DIGITS: Final = str.maketrans("123456789", "000000000")


def size_by_drawing(draw: Draw) -> Size:
    """Return the size of a kind in which every digit takes the room of another."""
    drawn = size_by_value(draw)

    def size(content: str, options: Options) -> tuple[int, int]:
        # Which digits they are changes no codeword count, in any mode of these symbologies.
        return drawn(content.translate(_DIGITS), options)

    return size


def size_by_value(draw: Draw) -> Size:
    """Return the size of a kind in which it depends on each character."""

    @lru_cache(maxsize=4096)
    def size(content: str, options: Options) -> tuple[int, int]:
        columns, rows = draw(content, options)
        return columns, len(rows)

    return size


def size_gs1_matrix(draw: Draw) -> Size:
    """Return the size of a kind that carries element strings."""
    drawn = size_by_value(draw)

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
        try:
            return drawn(same_size, options)
        except CodeRefused:
            # Too long; or zeros are no value of an identifier that has rules of its own.
            return drawn(content, options)

    return size


_size_drawn_qr: Final = size_by_value(draw_qr)

_DATED: Final = frozenset(
    ai for ai, known in gs1.IDENTIFIERS.items() if any(part.date for part in known.parts)
) | {"7003", "8008"}
"""Identifiers whose values begin with a date."""
