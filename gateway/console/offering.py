"""What a field offers while one types: the codes that begin so, each with what it is called.

    <input hx-get="/offers/location">  ──?location=A-0──► <option value="A-01">Shelf 1</option> …

A field takes whatever is typed; what is offered only saves typing (and needs JavaScript).
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from gateway.api.access import needs
from gateway.console.asking import Asked, Declined
from gateway.console.frame import Frame
from gateway.console.rendering import UNSTORED

MOST = 30
"""Codes that are offered at once: more are not read."""

OFFERED = {
    "item": ("/v1/items", "sku"),
    "location": ("/v1/locations", "code"),
    "party": ("/v1/parties", "code"),
}
"""Kind -> (its list, what names one of it)."""


def offering_pages(frame: Frame) -> APIRouter:
    """Return the route that offers."""
    router = frame.router()

    @router.get("/offers/{kind}", dependencies=[needs("read")])
    async def offer(kind: str, request: Request, api: Asked) -> Response:
        """The name of the parameter is the field's, and says nothing."""
        typed = next(iter(request.query_params.values()), "").strip()[:200]
        path, key = OFFERED.get(kind, ("", ""))
        try:
            rows = (await api.get(path, q=typed, limit=MOST))["items"] if path else []
        except Declined:
            rows = []
        option = Markup('<option value="{}">{}</option>')
        content = Markup().join(option.format(row[key], row.get("name") or "") for row in rows)
        return HTMLResponse(content, headers=UNSTORED)

    return router
