"""Stations: which there are, how each is set up, and the pairing of screens.

GET /stations              every station with its scanners and what can be done with it
GET /stations/{name}       its title, location, printer, modes, options, scanners
POST /stations/{name}/pair ──► eight digits and a QR code for the screen that is to be this one
GET /pair                  a number pad for the eight digits, on that screen
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from gateway.api.access import OPEN, needs
from gateway.api.reading import say
from gateway.codes.symbology import SYMBOLOGIES
from gateway.console.asking import Api, Asked, Declined, at
from gateway.console.form import body_of, one, read_form
from gateway.console.frame import Frame
from gateway.console.listing import Choices, Row
from gateway.console.rendering import UNSTORED, PageRoute, page
from gateway.console.words import translate
from gateway.errors import InputRefused
from gateway.stations.modes import MODES

LONGEST_URL = 300

MOST = 500
"""Stations, scanners, printers, templates that a page names: as many as the API lists at once."""

MOST_LOCATIONS = 200
"""Locations that a field suggests."""

CONDITIONS = {
    "starting": ("Starting", "quiet"),
    "listening": ("Listening", "done"),
    "unreachable": ("Not there", "refused"),
    "paused": ("Released", "look"),
}
"""A scanner's condition -> its word and tone."""

CONDITION_WORDS = (
    *(word for word, _ in CONDITIONS.values()),
    "It is let go of: what it reads goes where it would without us.",
    "It is there, and listened to.",
    "Not opened yet.",
    "It failed here; the log has the details.",
)
"""Those words, and what is said of a scanner word for word as its thread says it."""

MODE_WORDS = tuple(mode.title for mode in MODES.values())
"""What stations do."""


def stations_pages(frame: Frame) -> APIRouter:
    """Return the routes of the pages that set stations up."""
    router = frame.router()

    @router.get("/stations", dependencies=[needs("admin")])
    async def get_stations(request: Request, api: Asked) -> Response:
        stations = (await api.get("/v1/stations", limit=MOST))["items"]
        scanners = (await api.get("/v1/scanners", limit=MOST))["items"]
        return frame.page(
            request, "stations.html", stations=stations, conditions=CONDITIONS,
            scanners_of=_by_station(scanners), modes=MODES, printers=await targets(api),
            locations=await locations(api),
        )  # fmt: skip

    @router.post("/stations", dependencies=[needs("admin")])
    async def make_station(request: Request, api: Asked) -> Response:
        form = read_form(await request.body())
        name = one(form, "_name").strip()
        new = {"if-none-match": "*"}
        made = await api.ask("PUT", at("/v1/stations/{}", name or " "), body_of(form), headers=new)
        said = translate("Station %(name)s is made.", frame.language(request)) % made.json
        return frame.back(request, at("/stations/{}", made.json["name"]), said)

    @router.get("/stations/pair.svg", dependencies=[needs("admin")])
    async def get_pairing_code(url: str) -> Response:
        """A QR code of the pairing page's address, for the camera of the screen to be paired."""
        if len(url) > LONGEST_URL or not url.startswith(("http://", "https://")):
            raise InputRefused(f"'url' must be an address of a pairing page, got {say(url)}.")
        return Response(qr_svg(url), media_type="image/svg+xml", headers=UNSTORED)

    @router.get("/stations/{name}", dependencies=[needs("admin")])
    async def get_station(name: str, request: Request, api: Asked) -> Response:
        said = await api.ask("GET", at("/v1/stations/{}", name))
        templates = (await api.get("/v1/templates", limit=MOST))["items"]
        return frame.page(
            request, "station_settings.html", station=said.json, etag=said.etag, modes=MODES,
            scanners=(await api.get("/v1/scanners", limit=MOST))["items"], conditions=CONDITIONS,
            printers=await targets(api), locations=await locations(api),
            templates=[(one["name"], one["title"] or one["name"]) for one in templates],
        )  # fmt: skip

    @router.post("/stations/{name}/scanners", dependencies=[needs("admin")])
    async def choose_scanners(name: str, request: Request, api: Asked) -> Response:
        """The scanners that are ticked are this station's; those that were its own are nobody's."""
        station = await api.get(at("/v1/stations/{}", name))
        wanted = set(read_form(await request.body()).get("scanners", ()))
        for scanner in (await api.get("/v1/scanners", limit=MOST))["items"]:
            mine = scanner["station"] == station["name"]
            if mine != (scanner["name"] in wanted):
                body = {"station": None if mine else station["name"]}
                await api.ask("PUT", at("/v1/scanners/{}", scanner["name"]), body)
        said = translate("The scanners of %(name)s are chosen.", frame.language(request))
        return frame.back(
            request, at("/stations/{}", station["name"]), said % {"name": station["name"]}
        )

    @router.get("/stations/{name}/pair", dependencies=[needs("admin")])
    async def get_pairing(name: str, request: Request, api: Asked) -> Response:
        station = await api.get(at("/v1/stations/{}", name))
        return frame.page(request, "pairing.html", station=station, offered=None)

    @router.post("/stations/{name}/pair", dependencies=[needs("admin")])
    async def offer_pairing(name: str, request: Request, api: Asked) -> Response:
        station = await api.get(at("/v1/stations/{}", name))
        offered = (await api.ask("POST", at("/v1/stations/{}/pair", name), {})).json
        digits = offered["code"].replace(" ", "")
        return frame.page(
            request, "pairing.html", station=station, offered=offered,
            address=f"{offered['url']}#{digits}",
            alone=any(f"//{host}" in offered["url"] for host in ("localhost", "127.", "[::1]")),
        )  # fmt: skip

    outside = APIRouter(include_in_schema=False, route_class=PageRoute)

    @outside.get("/pair", dependencies=[needs(OPEN)])
    async def get_pair(request: Request) -> Response:
        return page("pair.html", lang=frame.language(request))

    router.include_router(outside)
    return router


def _by_station(scanners: Sequence[Row]) -> dict[str, list[Row]]:
    """Return scanners by the name of their station, those of none by the empty name."""
    found: dict[str, list[Row]] = {}
    for scanner in scanners:
        found.setdefault(scanner["station"] or "", []).append(scanner)
    return found


async def targets(api: Api) -> Choices:
    """Return what prints labels: printers, and pools of them."""
    return [
        (one["name"], one["name"])
        for path in ("/v1/printers", "/v1/pools")
        for one in (await api.get(path, limit=MOST))["items"]
    ]


async def locations(api: Api) -> list[str]:
    """Return the codes of locations to suggest; none where there is no registry."""
    try:
        return [
            one["code"] for one in (await api.get("/v1/locations", limit=MOST_LOCATIONS))["items"]
        ]
    except Declined:
        return []


def qr_svg(content: str) -> str:
    """Return a QR code as a picture, its quiet zone included."""
    kind = SYMBOLOGIES["qr"]
    symbol = kind.encode(content)
    quiet = kind.quiet[0]
    rows = [format(row, f"0{symbol.columns}b") for row in symbol.lines()]
    path = "".join(
        f"M{quiet + x} {quiet + y}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark == "1"
    )
    side = symbol.columns + 2 * quiet
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/>'
        f'<path d="{path}"/></svg>'
    )
