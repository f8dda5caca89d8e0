"""GS1 DataBar: a GTIN alone, or with Expanded any element string, in little room.

Each ``accept``, ``size`` and ``draw`` does what ``symbol.Symbology`` says of its own.

>>> accept_databar("GS1 DataBar Limited", "01")("(01)09501101530003")
'0109501101530003'
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.codes import gs1
from gateway.codes.symbol import Draw, Drawn, Options, Size, not_empty
from gateway.codes.zxing import bracketed, by_zxing, first_row
from gateway.errors import CodeRefused


def accept_databar(title: str, first: str = "0123456789") -> Callable[[str], str]:
    """Return what accepts a GTIN that begins with one of the digits, and nothing beside it."""

    def accept(content: str) -> str:
        not_empty(title, content)
        elements = gs1.parse(content).elements
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


def draw_databar(form: str, title: str) -> Draw:
    """Return what draws a form in one row."""

    def draw(content: str, options: Options) -> Drawn:
        return first_row(by_zxing(bracketed(content), form, title))

    return draw


def draw_databar_stacked(form: str, title: str) -> Draw:
    """Return what draws a form in rows and separators, each as high as it must be."""

    def draw(content: str, options: Options) -> Drawn:
        return by_zxing(bracketed(content), form, title)

    return draw


def draw_databar_expanded_stacked(content: str, options: Options) -> Drawn:
    return by_zxing(
        bracketed(content),
        "DataBarExpStk",
        "GS1 DataBar Expanded Stacked",
        columns=options.segments // 2,
    )


def size_stacked(rows: int) -> Size:
    """Return the size of a stacked GTIN: 50 modules wide, so many high."""

    def size(content: str, options: Options) -> tuple[int, int]:
        return 50, rows

    return size
