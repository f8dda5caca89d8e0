"""The keys of programs and of people elsewhere: which there are, a new one, the end of one."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Asked
from gateway.console.form import body_of, read_form
from gateway.console.frame import Frame
from gateway.console.listing import Bulk, Cell, Column, Listing, each, show
from gateway.store.keys import SCOPES

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
            lambda api, ids, form: each(
                api, "DELETE", "/v1/keys/{}", ids, "%(n)s keys have ended."
            ),
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
        return frame.page(request, "keys.html", shown=shown, scopes=SCOPES, secret=secret)

    @router.get("/keys", dependencies=[needs("admin")])
    async def get_keys(request: Request, api: Asked) -> Response:
        return await keys(request, api)

    @router.post("/keys", dependencies=[needs("admin")])
    async def make_key(request: Request, api: Asked) -> Response:
        """Its text is shown on the answer's page and nowhere again."""
        made = await api.ask("POST", "/v1/keys", body_of(read_form(await request.body())))
        return await keys(request, api, made.json["key"])

    return router
