"""Reports: found by a part of their name, looked at with their parameters, fetched as files.

/reports?q=serial            those with it in their name
/reports/prior_items_sold    its parameters, its first rows, a field to search in each column
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console import choosing
from gateway.console.asking import Asked, Declined, at
from gateway.console.frame import Frame
from gateway.errors import Unknown

FILTER = "filter."
"""Before a column's name in the query: only rows whose cell contains the text."""

ROWS = 50
"""Rows of a preview."""

LEADS = {
    "item": "/items/{}",
    "location": "/locations/{}",
    "customer": "/parties/{}",
    "supplier": "/parties/{}",
    "serial": "/serials?serial={}",
}
"""Columns whose cells lead somewhere."""


def report_pages(frame: Frame) -> APIRouter:
    """Return the routes of the pages."""
    router = frame.router()

    @router.get("/reports", dependencies=[needs("read")])
    async def get_reports(request: Request, api: Asked) -> Response:
        name = request.query_params.get("q", "").strip()
        found = (await api.get("/v1/reports", name=name[:80]))["items"]
        return frame.page(request, "reports.html", found=found, name=name)

    @router.get("/reports/{report}", dependencies=[needs("read")])
    async def get_report(report: str, request: Request, api: Asked) -> Response:
        """Its rows are read when all that it needs is given."""
        known: list[Mapping[str, Any]] = (await api.get("/v1/reports"))["items"]
        chosen = next((one for one in known if one["id"] == report), None)
        if chosen is None:
            raise Unknown(f"There is no report {report[:80]!r}.", report=report[:80])
        query = request.query_params
        given = {
            name: query[name].strip()
            for name in [one["name"] for one in chosen["parameters"]]
            if query.get(name, "").strip()
        }
        searched = {
            f"{FILTER}{column}": text
            for column in chosen["columns"]
            if (text := query.get(f"{FILTER}{column}", "").strip())
        }
        missing = [
            one["name"]
            for one in chosen["parameters"]
            if one["required"] and one["name"] not in given
        ]
        asked = {**given, **searched}
        rows: list[list[object]] = []
        more, refusal = False, ""
        if not missing:
            try:
                path = at("/v1/reports/{}/preview", report)
                found = await api.get(path, asked, limit=ROWS)
                rows, more = found["rows"], found["more"]
            except Declined as declined:
                if declined.status not in (404, 409, 422):
                    raise
                refusal = declined.sentence
        return frame.page(
            request, "report.html", report=chosen, given_now=given, searched=searched,
            missing=missing, rows=rows, more=more, refusal=refusal, asked=asked, leads=LEADS,
            places=await choosing.places(api) if _asks(chosen, "location") else [],
        )  # fmt: skip

    return router


def _asks(report: Mapping[str, Any], name: str) -> bool:
    return any(one["name"] == name for one in report["parameters"])
