"""``GET /v1/figures``: how much was done when, for plots and for whoever steers by numbers.

quarters of an hour (store.figures) ──► steps of an hour or a day in the site's zone,
                                        a row for each printer, station or cause
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from gateway.api.access import needs
from gateway.api.parts import Parts
from gateway.api.showing import Json, answer, rfc3339
from gateway.errors import InputRefused
from gateway.store import figures
from gateway.store.engine import Database, now

Shown = Literal["labels", "scans", "uncertain", "failed", "refused"]
Step = Literal["hour", "day"]

MOST_STEPS = 24 * 31
"""Points of one answer: a month of hours, two years of days."""

SETTLES = 60_000_000
"""Microseconds after a step's end by which the last of it is committed."""

MOST_KNOWN = 50
"""Questions whose figures are kept: those of the screens, and a few of programs."""

_KEPT: dict[Shown, figures.What] = {
    "labels": "label",
    "scans": "scan",
    "uncertain": "uncertain",
    "failed": "failed",
    "refused": "scan",
}
assert set(_KEPT) == set(get_args(Shown))


def figure_routes(parts: Parts) -> APIRouter:
    """Return the route of figures."""
    router = APIRouter(tags=["figures"])
    over = Over(parts.database)

    @router.get("/v1/figures", dependencies=[needs("read")], summary="How much was done when")
    async def get_figures(
        what: Shown,
        hours: Annotated[int, Query(ge=1, le=24 * 731)] = 24,
        step: Step = "hour",
        begin: Annotated[str, Query(alias="from", description="RFC 3339.")] = "",
    ) -> Response:
        """`labels` that came out, by printer; `scans`, by station; labels that became `uncertain`
        or `failed`, and scans that were `refused`, by cause. The steps are hours or days of the
        site's clock: those that `hours` from `from` lie in, and without it the last ones. `series`
        has the largest first, with a value for each of `points`, the moments the steps begin."""
        zone = ZoneInfo(parts.zone())
        starts = steps(_moment(begin), hours, step, zone, datetime.now(UTC))
        if len(starts) - 1 > MOST_STEPS:
            raise InputRefused(
                f"{len(starts) - 1} steps are more than {MOST_STEPS}; ask for days or for fewer "
                "hours.",
                key="hours",
            )
        return answer(_figures(parts, over, what, step, starts))

    return router


class Over:
    """Figures, of which those of steps that are over are read once: they change no more."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[tuple[object, ...], list[figures.Figure]] = OrderedDict()

    def get(self, what: figures.What, edges: Sequence[int], caused: bool) -> list[figures.Figure]:
        """Return what was counted in each step; the arguments are those of ``figures.figures``."""
        over = bisect_right(edges, now() - SETTLES) - 1
        if over <= 0:
            return figures.figures(self._database, what, edges, caused=caused)
        key = (what, caused, *edges[: over + 1])
        if key not in self._known:
            self._known[key] = figures.figures(
                self._database, what, edges[: over + 1], caused=caused
            )
            while len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
        fresh = figures.figures(self._database, what, edges[over:], caused=caused)
        return [*self._known[key], *(one._replace(step=one.step + over) for one in fresh)]


def _figures(parts: Parts, over: Over, what: Shown, step: Step, starts: list[datetime]) -> Json:
    edges = [round(start.timestamp()) * 1_000_000 for start in starts]
    found = over.get(_KEPT[what], edges, what == "refused")
    named = _namer(parts, what)
    rows: dict[str, Counter[int]] = {}
    for one in found:
        rows.setdefault(named(one), Counter())[one.step] += one.n
    ordered = sorted(rows.items(), key=lambda row: (-row[1].total(), row[0].lower()))
    return {
        "what": what,
        "step": step,
        "from": rfc3339(edges[0]),
        "until": rfc3339(edges[-1]),
        "at": rfc3339(now()),
        "points": [rfc3339(edge) for edge in edges[:-1]],
        "series": [
            {
                "name": name,
                "total": counts.total(),
                "values": [counts[place] for place in range(len(edges) - 1)],
            }
            for name, counts in ordered
        ],
        "total": sum(counts.total() for _, counts in ordered),
    }


def _namer(parts: Parts, what: Shown) -> Callable[[figures.Figure], str]:
    """Return what says whose a figure is: a printer's name, a station's, or the cause."""

    def named(name_of: Callable[[int], str]) -> Callable[[figures.Figure], str]:
        known = {figures.NOBODY: ""}

        def name(one: figures.Figure) -> str:
            if one.whose not in known:
                known[one.whose] = name_of(one.whose)
            return known[one.whose]

        return name

    if what == "labels":
        return named(parts.printers.name_of)
    if what == "scans":
        return named(parts.stations_store.name_of)
    return lambda one: one.cause


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    moment: datetime | None = None
    with suppress(ValueError):
        moment = datetime.fromisoformat(text)
    if moment is None or moment.tzinfo is None or not 1971 <= moment.year < 9000:
        raise InputRefused(
            f"'from' must be a moment with its zone such as 2026-11-22T08:00:00Z, got "
            f"{text[:40]!r}.",
            key="from",
        )
    return moment


def steps(
    begin: datetime | None, hours: int, step: Step, zone: ZoneInfo, at: datetime
) -> list[datetime]:
    """Return when the steps begin, and when the last one ends.

    A day has 23 or 25 hours where the clocks change.

    >>> kolkata, vienna = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Vienna")
    >>> then = datetime(2026, 3, 30, 10, 20, tzinfo=UTC)
    >>> [f"{one:%H:%M}" for one in steps(None, 3, "hour", kolkata, then)]
    ['07:30', '08:30', '09:30', '10:30']
    >>> days = steps(None, 48, "day", vienna, then)
    >>> [str(later - sooner) for sooner, later in zip(days, days[1:])]
    ['23:00:00', '1 day, 0:00:00']
    """
    if step == "hour":
        begin = at - timedelta(hours=hours - 1) if begin is None else begin
        local = begin.astimezone(zone)
        first = begin.astimezone(UTC) - timedelta(minutes=local.minute, seconds=local.second,
                                                  microseconds=local.microsecond)  # fmt: skip
        return [first + timedelta(hours=hour) for hour in range(hours + 1)]
    days = -(-hours // 24)
    begin = at - timedelta(days=days - 1) if begin is None else begin
    today = begin.astimezone(zone).date()
    midnights = (datetime.combine(today + timedelta(days=n), time(), zone) for n in range(days + 1))
    return [midnight.astimezone(UTC) for midnight in midnights]
