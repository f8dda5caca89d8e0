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
        found = "Printer %(printer)s is here. %(says)s"
        facts: dict[str, object] = {"printer": real[0]["name"], "says": _says(real[0])}
    elif printers:
        found = "The virtual printer %(printer)s is here, to try things out. Plug in yours."
        facts = {"printer": chosen}
    else:
        found, facts = "Plug it in and switch it on; it is found by itself.", {}
    return [
        Step("A printer", bool(real) or tried, found, facts, "Find the printer", "/printers/add"),
        Step(
            "Its stock", stocked is not None,
            "Loaded: %(stock)s." if stocked else "Say which labels are loaded, and how large.",
            {"stock": stocked["media"]["stock"]} if stocked else {}, "Say what is loaded", own,
        ),
        Step(
            "A test label", bool(printed),
            "A label came out." if printed else "Print one and look whether it is straight.", {},
            "Print a test label", own,
        ),
    ]  # fmt: skip


async def _stock(api: Api) -> list[Step]:
    scanners = (await api.get("/v1/scanners", limit=1))["items"]
    stations = (await api.get("/v1/stations", limit=1))["items"]
    items = (await api.get("/v1/items", limit=1))["items"]
    serials = (await api.get("/v1/serials", limit=FEW))["items"]
    labelled = [one for one in serials if one["label"] in ("printed", "sent")]
    station = at("/station/{}", stations[0]["name"]) if stations else "/stations"
    return [
        Step(
            "A scanner", bool(scanners),
            "Scanner %(scanner)s listens." if scanners
            else "Scan one code with it: what it is and how it is set is worked out from that.",
            {"scanner": scanners[0]["name"]} if scanners else {},
            "Add the scanner", "/scanners/add",
        ),
        Step(
            "A station", bool(stations),
            "Station %(station)s is set up." if stations
            else "A place where somebody scans: it has a screen, a scanner and a printer.",
            {"station": stations[0]["name"]} if stations else {}, "Set up a station", "/stations",
        ),
        Step(
            "Items", bool(items),
            "Items are there, such as %(item)s." if items
            else "Bring them in from a table, or take the examples and try.",
            {"item": items[0]["sku"]} if items else {}, "Bring in data", "/import",
        ),
        Step(
            "Received", bool(serials),
            "The first serials are here, such as %(serial)s." if serials
            else "Scan the first pieces in at the station.",
            {"serial": serials[0]["serial"]} if serials else {}, "Receive goods", station,
        ),
        Step(
            "Labelled", bool(labelled),
            "Serial %(serial)s has its label." if labelled
            else "Print labels for what was received, and stick them on.",
            {"serial": labelled[0]["serial"]} if labelled else {},
            "Print serial labels", "/serials",
        ),
    ]  # fmt: skip


async def _one(api: Api, path: str, **query: object) -> list[Any]:
    found: list[Any] = (await api.get(path, limit=1, **query))["items"]
    return found


def _says(printer: dict[str, Any]) -> str:
    return str(printer["status"]["sentence"])
