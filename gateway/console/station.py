"""The page of a scan station: everything it is in the middle of, in one page of HTML.

    GET /station/dock ──► session as JSON (``View``) ──► the whole page, without any script
    its form, or static/station.js ──► a code ──► the same way every scan goes ──► the page again

The page works by its form alone. With its script it catches what a scanner types wherever the
focus is, keeps scans while the gateway does not answer, and reads ``/station/dock/view`` whenever
something has happened: the server writes what is seen, in one place.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway.api.access import Actor, Who, needs
from gateway.api.parts import Parts
from gateway.api.scans import printer_name
from gateway.codes.commands import write_command
from gateway.codes.symbology import SYMBOLOGIES
from gateway.console.rendering import UNSTORED, PageRoute, page
from gateway.stations.command_sheet import modes_of, sheet_of
from gateway.stations.heard import Heard
from gateway.stations.station import Station
from gateway.stations.views import view

WORDS = {"done": "Done", "look": "Look", "refused": "Refused", "asked": "Question"}
"""An outcome in one word, beside its colour and its symbol."""

COMMANDS = {
    "done": write_command("DONE"),
    "undo": write_command("UNDO"),
    "cancel": write_command("CANCEL"),
    "yes": write_command("YES"),
    "no": write_command("NO"),
    "out": write_command("OUT"),
}


@dataclass(frozen=True, slots=True)
class PrinterSeen:
    """The station's printer, as its page says it."""

    name: str
    sentence: str
    trouble: bool


def station_pages(parts: Parts) -> APIRouter:
    """Return the routes of the stations' pages."""
    router = APIRouter(include_in_schema=False, route_class=PageRoute)

    def find(name: str, who: Actor) -> Station:
        station = parts.stations_store.find(name)
        who.must_be_at(station.name)
        return station

    def values(name: str, who: Actor) -> dict[str, Any]:
        station = find(name, who)
        printer = "" if station.printer is None else printer_name(parts, station.printer)
        return {
            "view": view(parts.database.reader(), parts.stations.tools, station, printer),
            "codes": COMMANDS,
            "words": WORDS,
            "modes": modes_of(station),
            "printer": _printer(parts, station),
            "moved": parts.moving.sentence(),
        }

    @router.get("/station/{name}", dependencies=[needs("scan")])
    async def get_station(name: str, who: Who) -> Response:
        return page("station.html", source=f"form-{secrets.token_hex(16)}", **values(name, who))

    @router.get("/station/{name}/view", dependencies=[needs("scan")])
    async def get_view(name: str, who: Who) -> Response:
        return page("view.html", **values(name, who))

    @router.post("/station/{name}/scan", dependencies=[needs("scan")])
    async def scan(name: str, who: Who, request: Request) -> Response:
        """What the page's form sends when no script does: ``code``, or ``typed`` by hand, and the
        names by which the scan is known when the form is sent twice."""
        station = find(name, who)
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        given = {key: found[-1] for key, found in form.items()}
        typed = given.get("typed", "").strip()
        source, sequence = given.get("source", "")[:80], given.get("sequence", "")
        heard = Heard(
            typed or given.get("code", ""), raw=(typed or given.get("code", "")).encode(),
            station=station.id, source=source,
            sequence=int(sequence) if source and sequence.isdecimal() else None,
            actor=who.name, may=who.may, typed=bool(typed),
        )  # fmt: skip
        parts.space.check()
        await parts.database.write(parts.stations.work(heard))
        return RedirectResponse(f"/station/{quote(station.name, safe='')}", 303, UNSTORED)

    @router.get("/station/{name}/sheet", dependencies=[needs("scan")])
    async def get_sheet(name: str, who: Who) -> Response:
        station = find(name, who)
        sheet = await parts.away(
            lambda: [
                (group.title, [(title, bars(code)) for title, code in group.rows])
                for group in sheet_of(station, parts.registry.signing.sign)
            ]
        )
        return page("sheet.html", station=station, groups=sheet)

    return router


def _printer(parts: Parts, station: Station) -> PrinterSeen | None:
    """Return how the station's printer is; None when it has none, or a pool."""
    found = None if station.printer is None else parts.printers.by_id(station.printer)
    if found is None:
        return None
    status = parts.room.status(found.id)
    stuck = status.condition in ("stopped", "unreachable", "paused") or bool(status.problems)
    return PrinterSeen(found.name, status.sentence, stuck)


@dataclass(frozen=True, slots=True)
class Bars:
    """A command as a Code 128, to be drawn by the browser."""

    code: str
    columns: int
    """Modules, quiet zones included."""
    path: str
    """The bars as an SVG path, one unit a module, one unit high."""


def bars(code: str) -> Bars:
    """Return the bars of a command.

    >>> bars("GWC-DONE-8").path[:18]
    'M10 0h2v1h-2zM13 0'
    """
    kind = SYMBOLOGIES["code128"]
    symbol = kind.encode(code)
    left, right = kind.quiet[:2]
    row = format(symbol.lines()[0], f"0{symbol.columns}b")
    path, at = [], 0
    while (start := row.find("1", at)) >= 0:
        at = row.find("0", start)
        at = len(row) if at < 0 else at
        path.append(f"M{left + start} 0h{at - start}v1h-{at - start}z")
    return Bars(code, left + symbol.columns + right, "".join(path))
