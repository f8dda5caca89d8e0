"""Labels on sheets of paper, for an office printer: rows in, a PDF out.

Nothing is stored, and nothing is followed: what a PDF is printed on, and how often, nobody knows.
A template that counts its labels needs a job, which keeps its count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Response

from gateway.api.access import needs
from gateway.api.changes import JsonObject
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.showing import Json, answer, listed
from gateway.drawing import moment
from gateway.errors import InputRefused, Several
from gateway.printers import Media, Printer
from gateway.store.engine import now
from gateway.units import parse_density

if TYPE_CHECKING:
    from gateway.drivers.languages.sheets import Sheet
    from gateway.label import Label
    from gateway.templates.layout import Design
    from gateway.templates.model import Template

KEYS: Final = ("sheet", "labels", "version", "start", "copies", "marks", "density")
MOST: Final = 5_000
"""Labels of one PDF: 77 sheets of the densest that are known, some ten seconds of drawing."""
_MOST_REFUSALS: Final = 100
_DENSITY: Final = 24
"""Dots per mm when nothing is asked for: 609.6 dpi, as fine as office printers are."""


def sheet_routes(parts: Parts) -> APIRouter:
    """Return the routes of sheets."""
    router = APIRouter(prefix="/v1", tags=["sheets"])

    @router.get("/sheets", dependencies=[needs("read")], summary="List the known label sheets")
    async def list_sheets() -> Response:
        from gateway.drivers.languages.sheets import SHEETS

        return answer(listed([_show(sheet) for sheet in SHEETS.values()]))

    @router.post(
        "/templates/{name}/sheets",
        dependencies=[needs("print")],
        summary="Labels on sheets of paper, as a PDF",
    )
    async def write_sheets(name: str, body: JsonObject) -> Response:
        """`sheet` is the name of one of `GET /v1/sheets`, or an object with `label` (`width` and
        `height` in µm), `columns` and `rows`; `start` is the first label left on the first sheet.
        Nothing is stored: use jobs to know what is on paper."""
        refuse_unknown(body, KEYS, "A request for sheets")
        written = await parts.away(lambda: write(name, body))
        return Response(written, media_type="application/pdf")

    def write(name: str, body: Mapping[str, Any]) -> bytes:
        from gateway.drivers.languages.pdf import pdf_sheets
        from gateway.drivers.languages.sheets import parse_sheet

        sheet = parse_sheet(body.get("sheet"))
        version = body.get("version")
        template = parts.templates.find(name, None if version is None else str(version))
        labels = _labels(parts, template, body)
        marks = body.get("marks", False)
        if not isinstance(marks, bool):
            raise InputRefused(f"'marks' must be true or false, got {say(marks)}.", key="marks")
        return pdf_sheets(labels, sheet, start=_whole(body, "start"), marks=marks)

    return router


def _labels(parts: Parts, template: Template, body: Mapping[str, Any]) -> Iterator[Label]:
    """Return the labels of all rows, copies together; every row is checked before one is drawn.

    Raises:
        InputRefused: there are none or too many, the template counts, or a row was refused.
        Several: more than one row, of which some were refused.
    """
    rows = body.get("labels")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise InputRefused(
            "'labels' must be a list with one object of fields for each label, such as "
            f'[{{"serial": "SN-000123"}}], got {say(rows)}.',
            key="labels",
        )
    copies = _whole(body, "copies")
    total = len(rows) * copies
    if copies < 1 or total > MOST:
        raise InputRefused(
            f"The request has {total} labels; expected 1 to {MOST}. Send it as several, each with "
            "the 'start' that the one before left.",
            labels=total,
        )
    if template.counters:
        raise InputRefused(
            f"The template {template.name!r} counts its labels in {template.counters[0].name!r}, "
            "and only a job keeps the count; use a field for the number, or print a job.",
            counter=template.counters[0].name,
        )
    density = parse_density(body.get("density", _DENSITY))
    media = Media(template.width, template.height)
    design = parts.drawing.design(
        template, Printer(0, "sheets", "memory://sheets", "pdf", density, media)
    )
    return _drawn(parts, design, rows, copies)


def _drawn(
    parts: Parts, design: Design, rows: list[dict[str, Any]], copies: int
) -> Iterator[Label]:
    from gateway.templates.binding import Moment

    when = moment(now(), parts.zone(), Moment)
    bound = []
    refused: list[tuple[int, InputRefused]] = []
    for number, fields in enumerate(rows, 1):
        try:
            row = design.bind(fields, when, {})
            design.check(row)
        except InputRefused as refusal:
            if len(rows) == 1:
                raise
            refused.append((number, refusal))
        else:
            bound.append(row)
    if refused:
        raise Several(refused[:_MOST_REFUSALS], of=len(rows), refused=len(refused))
    return (label for row in bound for label in [design.lay_out(row)] * copies)


def _whole(body: Mapping[str, Any], key: str) -> int:
    value = body.get(key, 1)
    if type(value) is int:
        return value
    raise InputRefused(f"{key!r} must be a whole number, got {say(value)}.", key=key)


def _show(sheet: Sheet) -> Json:
    return {
        "name": sheet.name,
        "title": sheet.title,
        "labels": sheet.count,
        "paper": {"width": sheet.width, "height": sheet.height},
        "label": {"width": sheet.label_width, "height": sheet.label_height},
        "columns": sheet.columns,
        "rows": sheet.rows,
        "left": sheet.left,
        "top": sheet.top,
        "pitch_x": sheet.pitch_x,
        "pitch_y": sheet.pitch_y,
    }
