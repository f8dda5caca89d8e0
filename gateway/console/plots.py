"""Plots: where looking beats reading. Labels by printer, scans by station, trouble by its cause.

GET /v1/figures ──► plotting.bars, and the same figures as a table below
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from gateway.api.access import needs
from gateway.console.asking import Asked
from gateway.console.frame import Frame, moment
from gateway.console.plotting import Series, bars, few
from gateway.console.words import translate
from gateway.registry.refusals import CAUSES


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time that ends now."""

    title: str
    hours: int
    step: str
    """``hour`` or ``day``: how long a bar is."""


PERIODS: Mapping[str, Period] = {
    "24h": Period("24 hours", 24, "hour"),
    "7d": Period("7 days", 7 * 24, "day"),
    "30d": Period("30 days", 30 * 24, "day"),
}
PERIOD_WORDS = tuple(period.title for period in PERIODS.values())

PLOTS: Mapping[str, tuple[str, str, str]] = {
    "labels": ("Labels printed, by printer", "Printer", "No label was printed in this time."),
    "scans": ("Scans, by station", "Station", "Nothing was scanned in this time."),
    "uncertain": ("Labels in doubt, by cause", "Cause", "No label was in doubt in this time."),
    "failed": ("Labels that could not be drawn, by cause", "Cause",
               "Every label could be drawn in this time."),
    "refused": ("Scans refused, by cause", "Cause", "No scan was refused in this time."),
}  # fmt: skip
"""Figures -> the plot's title, whose they are, and what is said when there are none."""
PLOT_WORDS = tuple(text for texts in PLOTS.values() for text in texts)

FAULT_WORDS: Mapping[str, str] = {
    "scan_incomplete": "Only a part of the code came",
    "scan_too_long": "Longer than any code here",
    "scan_characters": "Characters that no label has",
    "scan_encoding": "The scanner sent no text",
    "scan_keys_lost": "Characters were lost on the way",
    "scan_empty": "The scan was empty",
}
"""Code of a scan that could not be believed -> its cause, as short as a plot needs it."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot with the figures it is drawn from."""

    what: str
    title: str
    of: str
    nothing: str
    total: int
    drawing: Markup
    series: Sequence[Series]
    """Those that are drawn; the largest first."""
    points: Sequence[str]


def plot_pages(frame: Frame) -> APIRouter:
    """Return the route of the page."""
    router = frame.router()

    @router.get("/plots", dependencies=[needs("read")])
    async def get_plots(request: Request, api: Asked) -> Response:
        chosen = request.query_params.get("period", "24h")
        chosen = chosen if chosen in PERIODS else "24h"
        period, language = PERIODS[chosen], frame.language(request)
        zone = ZoneInfo(frame.parts.zone())
        plots = []
        for what in PLOTS:
            figures = await api.get(
                "/v1/figures", what=what, hours=period.hours, step=period.step
            )  # fmt: skip
            plots.append(plot_of(figures, language, zone))
        return frame.page(request, "plots.html", plots=plots, chosen=chosen, periods=PERIODS)

    return router


def plot_of(figures: Mapping[str, Any], language: str, zone: ZoneInfo) -> Plot:
    """Return the plot of what the API answered."""
    title, of, nothing = (translate(text, language) for text in PLOTS[figures["what"]])
    shape = "%H:%M" if figures["step"] == "hour" else "%m-%d"
    points = [label(moment(point, zone), shape) for point in figures["points"]]
    unnamed = translate("No station", language)
    series = [
        Series(caused(one["name"] or unnamed, figures["what"], language), one["values"])
        for one in figures["series"]
    ]
    shown = few(series, translate("All others", language))
    said = translate("%(n)s in all.", language) % {"n": figures["total"]}
    largest = "".join(f" {one.name}: {one.total}." for one in shown[:3])
    drawing = bars(title, said + largest, points, shown)
    return Plot(figures["what"], title, of, nothing, figures["total"], drawing, shown, points)


def label(at: datetime, shape: str) -> str:
    """Return what is written below a bar."""
    return at.strftime(shape)


def caused(name: str, what: str, language: str) -> str:
    """Return a cause as people read it: a refusal's code is no sentence.

    >>> caused("scan_empty", "refused", "en"), caused("zebra", "labels", "en")
    ('The scan was empty', 'zebra')
    """
    if what != "refused":
        return name
    if name in FAULT_WORDS:
        return translate(FAULT_WORDS[name], language)
    known = CAUSES.get(name)
    return name.replace("_", " ") if known is None else translate(known.title, language)
