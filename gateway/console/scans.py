"""Scans as they come: the list of all of them, and one with its bytes and what it changed.

/scans        SCANS ──► filters in the address; new ones come by themselves
/scans/{id}   its bytes, what they mean now, the event it made, the serial it was about
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.codes.aim import symbology_of
from gateway.console.asking import Api, Asked, Declined, at
from gateway.console.frame import Frame
from gateway.console.listing import Cell, Choices, Column, Filter, Listing, Row, show
from gateway.console.read_bytes import bytes_seen, keys_seen, visible
from gateway.console.state_words import ACTIONS
from gateway.stations.engine import HIDDEN

OUTCOMES = {"done": "Done", "look": "Look", "refused": "Refused", "asked": "Question"}
"""How a scan ended -> its word; the outcome is the badge's tone."""

KIND_WORDS = (
    "serial", "item", "location", "lot", "document", "party", "operator", "new",
)  # fmt: skip
"""Kinds of things that a code may mean."""

SHOWN_OF_A_CODE = 60
"""Characters of a code that stand in the list."""


async def stations_for(api: Api) -> Choices:
    """Return the stations there are."""
    return [
        (one["name"], one["title"] or one["name"])
        for one in (await api.get("/v1/stations", limit=500))["items"]
    ]


async def _people(api: Api) -> Choices:
    try:
        people = (await api.get("/v1/operators", limit=500))["items"]
    except Declined:  # only administrators see who works here; others type a name
        return ()
    return [(one["name"], one["name"]) for one in people if one["name"]]


def code_of(row: Row) -> str:
    """Return a scan's code as it can be read."""
    text = visible(row["code"])
    return text if len(text) <= SHOWN_OF_A_CODE else f"{text[:SHOWN_OF_A_CODE]}…"


SCANS = Listing(
    name="scans",
    title="Scans",
    path="/scans",
    api="/v1/scans",
    key=lambda row: str(row["id"]),
    columns=(
        Column("Code", lambda row: Cell(code_of(row) or "–", to=at("/scans/{}", row["id"]))),
        Column(
            "Outcome",
            lambda row: Cell(OUTCOMES[row["outcome"]], tone=row["outcome"], kind="word"),
        ),
        Column("What was said", lambda row: row["sentence"]),
        Column("When", lambda row: Cell(row["at"], kind="time")),
        Column("Station", lambda row: row["station"]),
        Column("Scanner", lambda row: row["scanner"]),
        Column("Who", lambda row: row["operator"]),
    ),
    filters=(
        Filter("outcome", "Outcome", tuple(OUTCOMES.items())),
        Filter("station", "Station", stations_for),
        Filter("operator", "Who", _people),
        Filter("day", "Day", kind="date"),
    ),
    empty="Nothing was scanned yet. Add a scanner, or open a station's page and scan something.",
    next_act=(("Add a scanner", "/scanners/add"), ("Stations", "/stations")),
)


def scan_pages(frame: Frame) -> APIRouter:
    """Return the routes of the pages."""
    router = frame.router()
    frame.listings[SCANS.name] = SCANS

    @router.get("/scans", dependencies=[needs("read")])
    async def get_scans(request: Request, api: Asked) -> Response:
        return frame.page(request, "scans.html", shown=await show(api, SCANS, request.query_params))

    @router.get("/scans/{number}", dependencies=[needs("read")])
    async def get_scan(number: str, request: Request, api: Asked) -> Response:
        scan = await api.get(at("/v1/scans/{}", number))
        raw = bytes.fromhex(scan["bytes"])
        return frame.page(
            request, "scan.html", scan=scan, code=visible(scan["code"]), outcomes=OUTCOMES,
            seen=keys_seen(raw) if scan["keys"] else bytes_seen(raw),
            symbology=symbology_of(scan["aim"]).name if scan["aim"] else "",
            meaning=await meaning_of(api, scan["code"], scan["aim"], scan["station"]),
            changed=await _changed(api, scan["event"]), actions=ACTIONS,
            about=page_of_subject(scan["subject"]),
        )  # fmt: skip

    return router


async def meaning_of(api: Api, code: str, aim: str, station: str | None) -> Row | None:
    """Return what a code means now; None where that cannot be said."""
    if not code or code == HIDDEN:
        return None
    try:
        body = {"code": code, "aim": aim, **({"station": station} if station else {})}
        found: Row = (await api.ask("POST", "/v1/scans/resolve", body)).json
    except Declined:  # its station is no more, or the registry is off
        return None
    return found


async def _changed(api: Api, event: int | None) -> Row | None:
    if event is None:
        return None
    try:
        found: Row = await api.get(at("/v1/registry/events/{}", event))
    except Declined:
        return None
    return found


def page_of_subject(subject: str) -> str:
    """Return the page of what a scan was about; empty where it has none.

    >>> page_of_subject("serials/S7"), page_of_subject("stations/dock"), page_of_subject("")
    ('/serials/S7', '', '')
    >>> page_of_subject("documents/sales_order/SO-1")
    '/documents/sales_order/SO-1'
    """
    kind, _, name = subject.partition("/")
    if kind == "serials" and name:
        return at("/serials/{}", name)
    if kind == "documents" and (of := name.partition("/"))[2]:
        return at("/documents/{}/{}", of[0], of[2])
    return ""
