"""Examples to try: one button makes a small warehouse, another takes it away again."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Asked
from gateway.console.frame import Frame, came_from
from gateway.console.noting import Link, Note
from gateway.console.words import translate


def example_pages(frame: Frame) -> APIRouter:
    """Return the routes of the page and its two buttons."""
    router = frame.router()

    @router.get("/examples", dependencies=[needs("read")])
    async def get_examples(request: Request, api: Asked) -> Response:
        return frame.page(request, "examples.html", found=await api.get("/v1/examples"))

    @router.post("/examples", dependencies=[needs("read")])
    async def make_examples(request: Request, api: Asked) -> Response:
        await api.ask("POST", "/v1/examples", {})
        language = frame.language(request)
        said = translate("The examples are here: try whatever you like with them.", language)
        items = Link(translate("Items", language), "/items")
        return frame.back(request, "/examples", note=Note(said, links=(items,)))

    @router.post("/examples/remove", dependencies=[needs("read")])
    async def remove_examples(request: Request, api: Asked) -> Response:
        await api.ask("DELETE", "/v1/examples")
        said = translate("The examples are gone, with all that was tried with them.",
                         frame.language(request))  # fmt: skip
        return frame.back(request, came_from(request), said)

    return router
