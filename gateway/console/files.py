"""The screens' files: styles, scripts, pictures; all from here, none from elsewhere.

static/console.css ──asset──► /static/console.css?v=3f2a…    kept until it changes
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files

from fastapi import APIRouter, Request, Response

from gateway.api.access import OPEN, needs
from gateway.errors import Unknown

KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
"""Content type by suffix."""

_FOLDER = files("gateway.console") / "static"

FILES = {
    entry.name: KINDS[entry.name.rpartition(".")[2]]
    for entry in sorted(_FOLDER.iterdir(), key=lambda entry: entry.name)
}  # fmt: skip
"""The files there are, by name: a path from outside never reaches the disk."""

FOR_EVER = "public, max-age=31536000, immutable"
"""For a name that says which version it is (RFC 8246)."""


@cache
def _file(name: str) -> tuple[bytes, str]:
    content = (_FOLDER / name).read_bytes()
    return content, sha256(content).hexdigest()[:16]


def asset(name: str) -> str:
    """Return where a file is, with its version."""
    return f"/static/{name}?v={_file(name)[1]}"


def send(name: str, request: Request) -> Response:
    """Return a file as an answer."""
    content, version = _file(name)
    tag = f'"{version}"'
    known = request.query_params.get("v") == version
    headers = {"etag": tag, "cache-control": FOR_EVER if known else "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=FILES[name], headers=headers)


def file_routes() -> APIRouter:
    """Return the routes of the files."""
    router = APIRouter(include_in_schema=False)

    @router.get("/static/{name}", dependencies=[needs(OPEN)])
    async def get_file(name: str, request: Request) -> Response:
        if name not in FILES:
            raise Unknown(f"There is no file {name[:80]!r}.", name=name[:80])
        return send(name, request)

    @router.get("/favicon.ico", dependencies=[needs(OPEN)])
    async def get_icon(request: Request) -> Response:
        return send("icon.svg", request)

    return router
