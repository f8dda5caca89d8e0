"""The pages that set stations up: which there are, their scanners, and the pairing of screens.

GET /stations ──► every station with its scanners, as the server writes it; static/stations.js
                  does what is touched by the API, and loads the page anew
GET /pair     ──► a number pad for the eight digits that the page above shows
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from gateway.api.access import OPEN, needs
from gateway.api.parts import Parts
from gateway.api.reading import say
from gateway.api.scanners import show_scanner
from gateway.api.stations import show_station
from gateway.codes.symbology import SYMBOLOGIES
from gateway.console.rendering import UNSTORED, PageRoute, page
from gateway.errors import InputRefused

LONGEST_URL = 300


def stations_pages(parts: Parts) -> APIRouter:
    """Return the routes of the pages."""
    router = APIRouter(include_in_schema=False, route_class=PageRoute)

    @router.get("/stations", dependencies=[needs("admin")])
    async def get_stations() -> Response:
        scanners = [show_scanner(parts, one) for one in parts.scanners.all()]
        return page(
            "stations.html",
            stations=[
                {
                    **show_station(parts, one),
                    "scanners": [seen for seen in scanners if seen["station"] == one.name],
                }
                for one in parts.stations_store.all()
            ],
            homeless=[seen for seen in scanners if seen["station"] is None],
            printers=[one.name for one in parts.printers.all()]
            + [one.name for one in parts.pools.all()],
        )

    @router.get("/stations/pair.svg", dependencies=[needs("admin")])
    async def get_pairing_code(url: str, request: Request) -> Response:
        """A QR code of the pairing page's address, for the camera of the screen to be paired."""
        if len(url) > LONGEST_URL or not url.startswith(("http://", "https://")):
            raise InputRefused(f"'url' must be an address of a pairing page, got {say(url)}.")
        return Response(qr_svg(url), media_type="image/svg+xml", headers=UNSTORED)

    @router.get("/pair", dependencies=[needs(OPEN)])
    async def get_pair() -> Response:
        return page("pair.html")

    return router


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
