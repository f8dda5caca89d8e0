"""The page of the calibration codes: printed once, scanned by each keyboard wedge that is added.

    calibration.CODES ──SYMBOLOGIES──► modules ──► SVG, on A4 at 100 %

What scans of them tell is in the answer of ``POST /v1/scanners/teach``.
"""

from __future__ import annotations

from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.codes.symbol import Symbol
from gateway.codes.symbology import SYMBOLOGIES
from gateway.console import words
from gateway.console.rendering import PageRoute, page
from gateway.scanners.calibration import CODES, CalibrationCode

MODULE = 0.33
"""mm of a narrow bar: any scanner reads it."""

SQUARE = 0.6
"""mm of a module of the QR Code."""

BARS_HIGH = 14.0
"""mm."""


class Shown(NamedTuple):
    """A barcode as the page shows it."""

    number: int
    columns: int
    rows: int
    """Modules with the quiet zone; of a linear code one row."""
    width: float
    height: float
    """mm."""
    path: str
    """The dark modules, in SVG's words."""


def calibration_pages() -> APIRouter:
    """Return the route of the page."""
    router = APIRouter(include_in_schema=False, route_class=PageRoute)

    @router.get("/calibration", dependencies=[needs("read")])
    async def get_calibration(request: Request) -> Response:
        square, *lines = shown_codes()
        texts = [code.content for code in CODES[1:]]
        return page(
            "calibration.html", lang=words.spoken(request.cookies, request.headers),
            square=square, lines=list(zip(lines, texts, strict=True)),
        )  # fmt: skip

    return router


def shown_codes() -> list[Shown]:
    """Return the codes as the page shows them, the QR Code first."""
    return [_shown(number, code) for number, code in enumerate(CODES)]


def _shown(number: int, code: CalibrationCode) -> Shown:
    kind = SYMBOLOGIES[code.symbology]
    symbol = kind.encode(code.content)
    left, right, above, below = kind.quiet
    linear = symbol.kind == "linear"
    columns = left + symbol.columns + right
    rows = symbol.rows if linear else above + symbol.rows + below
    module = MODULE if linear else SQUARE
    return Shown(
        number,
        columns,
        rows,
        round(columns * module, 2),
        BARS_HIGH if linear else round(rows * module, 2),
        "".join(_runs(symbol, left, 0 if linear else above)),
    )


def _runs(symbol: Symbol, left: int, above: int) -> list[str]:
    """Return each run of dark modules as a rectangle."""
    path = []
    for place, line in enumerate(symbol.lines()):
        row = format(line, f"0{symbol.columns}b")
        at = 0
        while (start := row.find("1", at)) >= 0:
            at = row.find("0", start)
            at = len(row) if at < 0 else at
            path.append(f"M{left + start} {above + place}h{at - start}v1h-{at - start}z")
    return path
