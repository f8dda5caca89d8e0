"""The first page: what needs somebody now, and how everything is.

    questions, printers, webhooks, jobs, labels, stock ──► what waits, each with the one thing to do
    printers, stations, figures of the day     ──► how it is

Everything here is a short list or a sum that is kept; nothing is counted for the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Api, Asked, Declined
from gateway.console.frame import Frame, moment
from gateway.console.listing import Row
from gateway.console.troubles import seen
from gateway.console.versions import person

MOST = 5
"""Of each kind that needs somebody; the rest is on the page of its kind."""

MOST_PLACES = 100
"""Printers, stations and webhooks that are looked at."""

STOPPED = ("stopped", "unreachable")
"""Conditions of a printer that somebody has to do something about."""


def today_pages(frame: Frame) -> APIRouter:
    """Return the route of the page."""
    router = frame.router()

    @router.get("/", dependencies=[needs("read")])
    async def get_today(request: Request, api: Asked) -> Response:
        settings = frame.parts.settings.all()
        language = frame.language(request)
        found = await some(api, "/v1/printers", limit=MOST_PLACES)
        printers = [(row, seen(row, language)) for row in found]
        held = await some(api, "/v1/jobs", state="held", limit=MOST + 1)
        failed = await some(api, "/v1/jobs", state="failed", limit=MOST + 1)
        hooks = await some(api, "/v1/webhooks", limit=MOST_PLACES)
        low = []
        if settings["registry.enabled"]:
            low = await some(api, "/v1/stock/alerts", limit=MOST + 1)
        asked = await some(api, "/v1/approvals") if settings["labels.approval"] else []
        return frame.page(
            request, "today.html", most=MOST, printers=printers, asked=asked,
            person=lambda actor: person(actor, language),
            questions=await some(api, "/v1/questions"),
            stopped=[one for one in printers if one[0]["status"]["condition"] in STOPPED],
            hooks=[row for row in hooks if row["dead"]], held=held,
            failed=[row for row in failed if is_today(row, frame)], low=low,
            stations=await some(api, "/v1/stations", limit=MOST_PLACES),
            labels=await total(api, "labels"), scans=await total(api, "scans"),
            new=not printers or not (held or failed or await some(api, "/v1/jobs", limit=1)),
        )  # fmt: skip

    return router


async def some(api: Api, path: str, **query: object) -> list[Row]:
    """Return the rows at a path; none where who looks may not see them."""
    try:
        return list((await api.get(path, query))["items"])
    except Declined as refusal:
        if refusal.status == 403:
            return []
        raise


async def total(api: Api, what: str) -> int:
    """Return how many there were since midnight."""
    figures: Mapping[str, Any] = await api.get("/v1/figures", what=what, hours=24, step="day")
    return int(figures["total"])


def is_today(job: Row, frame: Frame) -> bool:
    """Return whether a job ended today, by the site's clock."""
    zone = ZoneInfo(frame.parts.zone())
    return moment(job["ended_at"], zone).date() == datetime.now(UTC).astimezone(zone).date()
