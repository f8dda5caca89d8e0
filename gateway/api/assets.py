"""Fonts and pictures for templates, by the hash of their bytes."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from gateway.api.access import Who, needs
from gateway.api.etags import etag
from gateway.api.job_body import check_words
from gateway.api.parts import Parts
from gateway.api.reading import parse_object, refuse_unknown, say
from gateway.api.showing import answer, page_of, show_asset
from gateway.errors import InputRefused, Unreadable
from gateway.store.assets import sniff

RAW_TYPES = ("application/octet-stream", "font/", "image/")
"""Content types of a body that is the file itself. A form of a foreign page has none of them."""


def asset_routes(parts: Parts) -> APIRouter:
    """Return the routes of assets."""
    router = APIRouter(prefix="/v1/assets", tags=["assets"])
    store = parts.assets

    @router.get("", dependencies=[needs("read")], summary="List fonts and pictures")
    async def list_assets(
        after: str = "", limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> Response:
        found = store.all(after=after, limit=limit + 1)
        return answer(page_of(found, limit, show_asset, lambda asset: asset.hash))

    @router.post("", dependencies=[needs("templates")], summary="Upload a font or a picture")
    async def post_asset(request: Request, who: Who, name: str = "") -> Response:
        """The body is the file itself (with its own content type) or JSON: `{"content": base 64,
        "name": …}`. The answer's `ref` is what a template writes. The same file again is the same
        asset."""
        body = await request.body()
        given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if given == "application/json":
            content, name = _from_json(body, name)
        elif given.startswith(RAW_TYPES):
            content = body
        else:
            raise Unreadable(
                "Send the file with its content type, such as image/png or font/ttf, or as JSON "
                f"with 'content' in base 64; got {given or 'no content type'}."
            )
        if not content:
            raise InputRefused("The upload is empty; send a font or a picture.")
        check_words(name, "name")
        kind = await parts.away(lambda: sniff(content))
        parts.space.check()
        asset = await parts.database.write(lambda t: store.put(t, content, kind, name, who.name))
        return answer(show_asset(asset), 201, {"location": f"/v1/assets/{asset.hash}"})

    @router.get("/{digest}", dependencies=[needs("read")], summary="The file itself")
    async def get_asset(digest: str) -> Response:
        asset = store.get(digest)
        kind = "font/sfnt" if asset.kind == "font" else "application/octet-stream"
        return Response(
            store.content(digest),
            media_type=kind,
            headers={
                "etag": etag(asset.hash),
                # An upload is never shown as a page of ours, whatever is in it.
                "content-disposition": "attachment; filename=asset",
                "cache-control": "private, immutable, max-age=31536000",
            },
        )

    return router


def _from_json(body: bytes, name: str) -> tuple[bytes, str]:
    upload = parse_object(body)
    refuse_unknown(upload, ("content", "name"), "An upload")
    content, named = upload.get("content"), upload.get("name", name)
    try:
        decoded = b64decode(content, validate=True) if isinstance(content, str) else b""
    except (binascii.Error, ValueError):
        decoded = b""
    if not decoded:
        raise InputRefused("'content' must be the file in base 64.", key="content")
    if not isinstance(named, str):
        raise InputRefused(f"'name' must be a text, got {say(named)}.", key="name")
    return decoded, named
