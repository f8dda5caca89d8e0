"""Pages about the API itself: what each problem means, and the description of all routes."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from gateway.api import problems
from gateway.api.access import OPEN, needs
from gateway.api.showing import dumps
from gateway.errors import Unknown


def page_routes() -> APIRouter:
    """Return the routes of the pages; they hold nothing of anybody's."""
    router = APIRouter(include_in_schema=False)

    @router.get("/problems/{name}", dependencies=[needs(OPEN)])
    async def get_problem(name: str) -> Response:
        page = problems.html(name)
        if page is None:
            raise Unknown(f"There is no problem called {name[:80]!r}.", name=name[:80])
        return HTMLResponse(page)

    @router.get("/openapi.json", dependencies=[needs(OPEN)])
    async def get_openapi(request: Request) -> Response:
        return Response(dumps(request.app.openapi()), media_type="application/json")

    return router
