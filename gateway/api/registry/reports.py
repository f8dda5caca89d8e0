"""Reports: listed by name, looked at, and fetched as CSV, as a workbook or as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from gateway.api.access import needs
from gateway.api.parts import Parts
from gateway.api.registry.streaming import MEDIA, Format, stream
from gateway.api.showing import Json, answer
from gateway.errors import InputRefused
from gateway.registry.reports import Report, by_id, read_filters, read_parameters, search
from gateway.registry.tables import write_csv, write_json, write_xlsx
from gateway.store.registry.report_rows import Row
from gateway.store.registry.reports import rows_of

FILTER = "filter."
"""Before a column's name: only rows whose cell contains the text."""


def report_routes(parts: Parts) -> APIRouter:
    """Return the routes of reports."""
    router = APIRouter(prefix="/v1/reports", tags=["reports"])

    def rows(report: Report, request: Request, *own: str) -> Iterator[Row]:
        given: dict[str, str] = {}
        columns: dict[str, str] = {}
        for name, value in request.query_params.multi_items():
            if name in given or name.removeprefix(FILTER) in columns:
                raise InputRefused(f"{name[:80]!r} is given twice.", key=name[:80])
            if name.startswith(FILTER):
                columns[name.removeprefix(FILTER)] = value
            elif name not in own:
                given[name] = value
        return rows_of(
            lambda query, values: parts.database.reader().execute(query, values),
            report, read_parameters(report, given), read_filters(report, columns),
        )  # fmt: skip

    @router.get("", dependencies=[needs("read")], summary="List the reports")
    async def list_reports(
        name: Annotated[str, Query(max_length=80, description="A part of the name.")] = "",
    ) -> Response:
        return answer({"items": [show_report(report) for report in search(name)], "next": None})

    @router.get("/{report}", dependencies=[needs("read")], summary="A report as a file")
    async def get_report(
        report: str,
        request: Request,
        format: Annotated[Format, Query(description="What kind of file.")] = "csv",
    ) -> Response:
        """Its parameters are in the list; `filter.<column>=text` narrows any column. The file is
        sent as it is made, however long."""
        chosen = by_id(report)
        found = rows(chosen, request, "format")
        pieces = _file(chosen, found, format)
        return await stream(parts, pieces, MEDIA[format], f"{chosen.id}.{format}")

    @router.get("/{report}/preview", dependencies=[needs("read")], summary="A report's first rows")
    async def preview_report(
        report: str, request: Request, limit: Annotated[int, Query(ge=1, le=500)] = 50
    ) -> Response:
        chosen = by_id(report)
        found = rows(chosen, request, "limit")
        first = await parts.away(lambda: list(islice(found, limit + 1)))
        cells = [[_plain(cell) for cell in row] for row in first[:limit]]
        shown = {"report": show_report(chosen), "rows": cells, "more": len(first) > limit}
        return answer(shown)

    return router


def _file(report: Report, rows: Iterator[Row], kind: Format) -> Iterator[bytes]:
    if kind == "csv":
        return write_csv(report.columns, rows)
    if kind == "json":
        return write_json(report.columns, rows)
    return write_xlsx(report.columns, rows, report.title)


def _plain(cell: object) -> object:
    return cell if cell is None or isinstance(cell, str | int) else str(cell)


def show_report(report: Report) -> Json:
    """Return what a report is called, asks for and tells."""
    return {
        "id": report.id,
        "title": report.title,
        "description": report.says,
        "columns": list(report.columns),
        "parameters": [
            {
                "name": one.name,
                "description": one.says,
                "type": one.kind,
                "required": one.required,
                "choices": list(one.choices),
            }
            for one in report.parameters
        ],
        "links": {
            "self": f"/v1/reports/{report.id}",
            "preview": f"/v1/reports/{report.id}/preview",
        },
    }
