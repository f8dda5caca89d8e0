"""Views of lists, kept for everybody who works with this gateway."""

from __future__ import annotations

from fastapi import APIRouter, Response

from gateway.api.access import Who, needs
from gateway.api.changes import JsonObject
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.showing import Json, answer, listed
from gateway.errors import InputRefused
from gateway.store.names import check_name
from gateway.store.views import View, forget_view, keep_view, views_of


def view_routes(parts: Parts) -> APIRouter:
    """Return the routes of views."""
    router = APIRouter(prefix="/v1/views", tags=["views"])

    def shown(view: View) -> Json:
        return {"name": view.name, "query": view.query, "actor": view.actor}

    @router.get("/{listing}", dependencies=[needs("read")], summary="Views of a list")
    async def list_views(listing: str) -> Response:
        found = views_of(parts.database.reader().execute, check_name(listing, "list"))
        return answer(listed([shown(view) for view in found]))

    @router.put("/{listing}/{name}", dependencies=[needs("read")], summary="Keep a view")
    async def put_view(listing: str, name: str, body: JsonObject, who: Who) -> Response:
        """`query` is the address's part behind the question mark."""
        refuse_unknown(body, ("query",), "A view")
        query = body.get("query", "")
        if not isinstance(query, str):
            raise InputRefused(f"A view's 'query' must be a text, got {say(query)}.", key="query")
        check_name(listing, "list")
        kept = await parts.database.write(lambda t: keep_view(t, listing, name, query, who.name))
        return answer(shown(kept))

    @router.delete("/{listing}/{name}", dependencies=[needs("read")], summary="Forget a view")
    async def delete_view(listing: str, name: str) -> Response:
        await parts.database.write(lambda t: forget_view(t, check_name(listing, "list"), name))
        return Response(status_code=204)

    return router
