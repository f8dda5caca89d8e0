"""The keys of programs and of people elsewhere: which there are, a new one, the end of one."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Asked
from gateway.console.form import body_of, read_form
from gateway.console.frame import Frame
from gateway.console.listing import Bulk, Cell, Column, Listing, each, show
from gateway.console.people import RIGHT_WORDS
from gateway.store.keys import SCOPES

BOOKS = tuple(name for name in RIGHT_WORDS if name.startswith("registry:") and name[-1] != "*")
"""Rights to book, each on its own: a key is for one program, and needs no more than that does."""

LASTING_WORDS = {
    "": "until it is ended here",
    "86400": "one day",
    "2592000": "30 days",
    "31536000": "one year",
}
"""Seconds a key lasts -> words."""

ENDED = "%(n)s keys have ended."
WORDS = (ENDED,)

KEYS = Listing(
    name="keys",
    title="Keys",
    path="/keys",
    api="/v1/keys",
    key=lambda row: row["name"],
    columns=(
        Column("Name", lambda row: row["name"]),
        Column("May", lambda row: ", ".join(row["scopes"])),
        Column("Made", lambda row: Cell(row["created_at"], kind="time")),
        Column("Last used", lambda row: Cell(row["used_at"] or "", kind="time")),
        Column("Ends", lambda row: Cell(row["expires_at"] or "", kind="time")),
    ),
    bulk=(
        Bulk(
            "end",
            "End them",
            lambda api, ids, form: each(api, "DELETE", "/v1/keys/{}", ids, ENDED),
            tone="drop",
            question="Whoever uses these keys is locked out at once. End them?",
        ),
    ),
    empty="There is no key yet. Programs on this computer need none; make one for each program "
    "and each person elsewhere.",
    whole=True,
    scope="admin",
)


def key_pages(frame: Frame) -> APIRouter:
    """Return the routes of the page."""
    router = frame.router()
    frame.listings[KEYS.name] = KEYS

    async def keys(request: Request, api: Asked, secret: str = "") -> Response:
        shown = await show(api, KEYS, request.query_params)
        return frame.page(
            request, "keys.html", shown=shown, scopes=SCOPES, books=BOOKS, words=RIGHT_WORDS,
            lasting=LASTING_WORDS, secret=secret,
        )  # fmt: skip

    @router.get("/keys", dependencies=[needs("admin")])
    async def get_keys(request: Request, api: Asked) -> Response:
        return await keys(request, api)

    @router.post("/keys", dependencies=[needs("admin")])
    async def make_key(request: Request, api: Asked) -> Response:
        """Its text is shown on the answer's page and nowhere again."""
        made = await api.ask("POST", "/v1/keys", body_of(read_form(await request.body())))
        return await keys(request, api, made.json["key"])

    return router
