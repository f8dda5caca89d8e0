"""The first hour: what a site needs, each step done or with its one next act.

Nothing is remembered for it: every step is drawn from what is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Api, Asked, at
from gateway.console.frame import Frame


def _(text: str) -> str:
    """Mark a text of the page, which translates it."""
    return text


FEW = 20
"""Serials that are looked at for one with a label: the first ones that came."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the first hour. Texts are English; the table of words has the others."""

    title: str
    done: bool
    sentence: str
    """How it stands: what was found, or why the step is worth taking."""
    facts: dict[str, object]
    """What ``%(…)s`` in the sentence stands for."""
    act: str
    """The button's words."""
    to: str
    """Where it leads."""


def start_pages(frame: Frame) -> APIRouter:
    """Return the routes of the page."""
    router = frame.router()

    @router.get("/start", dependencies=[needs("read")])
    async def get_start(request: Request, api: Asked) -> Response:
        registry = bool((await api.get("/v1/settings"))["registry.enabled"])
        steps = await first_hour(api, registry)
        return frame.page(
            request, "start.html", steps=steps,
            next_step=next((step for step in steps if not step.done), None),
        )  # fmt: skip

    return router


async def first_hour(api: Api, registry: bool) -> list[Step]:
    """Return the steps in their order; without a registry those of printing alone.

    Raises:
        Declined: the API refused.
    """
    printers = (await api.get("/v1/printers", limit=500))["items"]
    real = [one for one in printers if not one["virtual"]]
    steps = await _printing(api, printers, real)
    if registry:
        steps += await _stock(api)
    return steps


async def _printing(
    api: Api, printers: Sequence[dict[str, Any]], real: Sequence[dict[str, Any]]
) -> list[Step]:
    chosen = (real or printers)[0]["name"] if printers else ""
    own = at("/printers/{}", chosen) if chosen else "/printers"
    stocked = next((one for one in real or printers if one["media"]["stock"]), None)
    printed = await _one(api, "/v1/jobs", state="done")
    # A virtual one that somebody has given a stock was set up to be worked with.
    tried = stocked is not None
    if real:
        found = _("Printer %(printer)s is here. %(says)s")
        facts: dict[str, object] = {"printer": real[0]["name"], "says": _says(real[0])}
    elif printers:
        found = _("The virtual printer %(printer)s is here, to try things out. Plug in yours.")
        facts = {"printer": chosen}
    else:
        found, facts = _("Plug it in and switch it on; it is found by itself."), {}
    return [
        Step(
            _("A printer"),
            bool(real) or tried,
            found,
            facts,
            _("Find the printer"),
            "/printers/add",
        ),
        Step(
            _("Its stock"),
            stocked is not None,
            _("Loaded: %(stock)s.")
            if stocked
            else _("Say which labels are loaded, and how large."),
            {"stock": stocked["media"]["stock"]} if stocked else {},
            _("Say what is loaded"),
            own,
        ),
        Step(
            _("A test label"),
            bool(printed),
            _("A label came out.") if printed else _("Print one and look whether it is straight."),
            {},
            _("Print a test label"),
            own,
        ),
    ]


async def _stock(api: Api) -> list[Step]:
    scanners = (await api.get("/v1/scanners", limit=1))["items"]
    stations = (await api.get("/v1/stations", limit=1))["items"]
    items = (await api.get("/v1/items", limit=1))["items"]
    serials = (await api.get("/v1/serials", limit=FEW))["items"]
    labelled = [one for one in serials if one["label"] in ("printed", "sent")]
    station = at("/station/{}", stations[0]["name"]) if stations else "/stations"
    return [
        Step(
            _("A scanner"),
            bool(scanners),
            _("Scanner %(scanner)s listens.")
            if scanners
            else _("Scan one code with it: what it is and how it is set is worked out from that."),
            {"scanner": scanners[0]["name"]} if scanners else {},
            _("Add the scanner"),
            "/scanners/add",
        ),
        Step(
            _("A station"),
            bool(stations),
            _("Station %(station)s is set up.")
            if stations
            else _("A place where somebody scans: it has a screen, a scanner and a printer."),
            {"station": stations[0]["name"]} if stations else {},
            _("Set up a station"),
            "/stations",
        ),
        Step(
            _("Items"),
            bool(items),
            _("Items are there, such as %(item)s.")
            if items
            else _("Bring them in from a table, or take the examples and try."),
            {"item": items[0]["sku"]} if items else {},
            _("Bring in data"),
            "/import",
        ),
        Step(
            _("Received"),
            bool(serials),
            _("The first serials are here, such as %(serial)s.")
            if serials
            else _("Scan the first pieces in at the station."),
            {"serial": serials[0]["serial"]} if serials else {},
            _("Receive goods"),
            station,
        ),
        Step(
            _("Labelled"),
            bool(labelled),
            _("Serial %(serial)s has its label.")
            if labelled
            else _("Print labels for what was received, and stick them on."),
            {"serial": labelled[0]["serial"]} if labelled else {},
            _("Print serial labels"),
            "/serials",
        ),
    ]


async def _one(api: Api, path: str, **query: object) -> list[Any]:
    found: list[Any] = (await api.get(path, limit=1, **query))["items"]
    return found


def _says(printer: dict[str, Any]) -> str:
    return str(printer["status"]["sentence"])
