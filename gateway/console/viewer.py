"""The first page: every printer, how it is, and the paper that came out, live.

One page, one script, one style sheet, all from here: nothing is loaded from elsewhere. The page
holds no data; its script asks the API as any other program does.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway.api.access import OPEN, needs
from gateway.console.files import send


def viewer_routes() -> APIRouter:
    """Return the routes of the page."""
    router = APIRouter(include_in_schema=False)

    @router.get("/", dependencies=[needs(OPEN)])
    async def get_start() -> Response:
        return RedirectResponse("/viewer", 302)

    @router.get("/viewer", dependencies=[needs(OPEN)])
    async def get_viewer(request: Request) -> Response:
        return send("viewer.html", request)

    return router
