"""The page of an address at which there is nothing: for people, a page; for programs, a problem."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from gateway.api.access import OPEN, needs
from gateway.api.problems import document
from gateway.console.asking import Declined
from gateway.console.frame import Frame
from gateway.errors import Unknown


def lost_pages(frame: Frame) -> APIRouter:
    """Return the route that takes what no other does; it must be the last."""
    router = frame.router()

    @router.get("/{path:path}", dependencies=[needs(OPEN)])
    async def get_nothing(path: str, request: Request) -> Response:
        if path.startswith("v1/") or "text/html" not in request.headers.get("accept", ""):
            raise HTTPException(404)
        lost = Unknown(f"There is no page at /{path[:200]}; look for it in the menu.")
        return frame.page(request, "refused.html", 404, refusal=Declined(document(lost)))

    return router
