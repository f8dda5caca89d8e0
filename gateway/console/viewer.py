"""The first page: every printer, how it is, and the paper that came out, live.

One page, one script, one style sheet, all from here: nothing is loaded from elsewhere. The page
holds no data; its script asks the API as any other program does.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway.api.access import OPEN, needs
from gateway.errors import Unknown

FILES = {
    "viewer.html": "text/html; charset=utf-8",
    "viewer.css": "text/css; charset=utf-8",
    "viewer.js": "text/javascript; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
    "station.css": "text/css; charset=utf-8",
    "sheet.css": "text/css; charset=utf-8",
    "keys.js": "text/javascript; charset=utf-8",
    "station.js": "text/javascript; charset=utf-8",
    "stations.js": "text/javascript; charset=utf-8",
    "pair.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
"""The files there are, by name: a path from outside never reaches the disk."""


@cache
def _file(name: str) -> tuple[bytes, str]:
    content = (files("gateway.console") / "static" / name).read_bytes()
    return content, f'"{sha256(content).hexdigest()[:16]}"'


def viewer_routes() -> APIRouter:
    """Return the routes of the page and its files."""
    router = APIRouter(include_in_schema=False)

    def send(name: str, request: Request) -> Response:
        content, tag = _file(name)
        headers = {"etag": tag, "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type=FILES[name], headers=headers)

    @router.get("/", dependencies=[needs(OPEN)])
    async def get_start() -> Response:
        return RedirectResponse("/viewer", 302)

    @router.get("/viewer", dependencies=[needs(OPEN)])
    async def get_viewer(request: Request) -> Response:
        return send("viewer.html", request)

    @router.get("/static/{name}", dependencies=[needs(OPEN)])
    async def get_file(name: str, request: Request) -> Response:
        if name not in FILES:
            raise Unknown(f"There is no file {name[:80]!r}.", name=name[:80])
        return send(name, request)

    @router.get("/favicon.ico", dependencies=[needs(OPEN)])
    async def get_icon(request: Request) -> Response:
        return send("icon.svg", request)

    return router
