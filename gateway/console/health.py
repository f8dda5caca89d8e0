"""Health: what is wrong and its cure, and the figures that are asked for when help is needed."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Asked
from gateway.console.frame import Frame


def health_pages(frame: Frame) -> APIRouter:
    """Return the routes of the page."""
    router = frame.router()

    @router.get("/health", dependencies=[needs("admin")])
    async def get_health(request: Request, api: Asked) -> Response:
        return frame.page(request, "health.html", doctor=await api.get("/v1/doctor"))

    return router
