"""Webhooks: who outside is told, what they have not taken yet, and why.

GET /webhooks ──► all of them      GET /webhooks/erp ──► one: what waits, what is dead, its form
POST /webhooks, /webhooks/erp/rotate ──► the page that shows the secret, once
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Api, Asked, Declined, at
from gateway.console.form import Form, body_of, one, read_form
from gateway.console.frame import Frame
from gateway.console.listing import Bulk, Cell, Column, Filter, Listing, Row, show
from gateway.console.noting import Note
from gateway.console.words import translate
from gateway.errors import InputRefused

STATES = {"waiting": ("Waits", "look"), "dead": ("Given up", "refused")}
"""State of a delivery -> its word and tone."""

STANDING_WORDS = {
    "paused": "Paused", "refused": "Not taken", "idle": "All taken", "busy": "Sends",
}  # fmt: skip
"""How a webhook stands."""

WORDS = tuple(word for word, _ in STATES.values())


def _state(row: Row) -> Cell:
    word, tone = STATES[row["state"]]
    return Cell(word, tone=tone, kind="word")


def _standing(row: Row) -> Cell:
    if not row["active"]:
        return Cell(STANDING_WORDS["paused"], tone="quiet", kind="word", detail=row["trouble"])
    if row["dead"] or row["trouble"]:
        word = STANDING_WORDS["refused"]
        return Cell(word, tone="refused", kind="word", detail=row["trouble"])
    return Cell(STANDING_WORDS["busy" if row["waiting"] else "idle"], tone="done", kind="word")


WEBHOOKS = Listing(
    name="webhooks",
    title="Webhooks",
    path="/webhooks",
    api="/v1/webhooks",
    key=lambda row: row["name"],
    columns=(
        Column("Name", lambda row: Cell(row["name"], to=at("/webhooks/{}", row["name"]))),
        Column("Told at", lambda row: row["url"]),
        Column("Told of", lambda row: ", ".join(row["kinds"])),
        Column("State", _standing),
        Column("Waits", lambda row: row["waiting"], figure=True, sort=lambda row: row["waiting"]),
        Column("Given up", lambda row: row["dead"], figure=True, sort=lambda row: row["dead"]),
    ),
    empty="No program outside is told of anything yet. Make a webhook with the address of one: "
    "your ERP then hears of each label, scan and document.",
    whole=True,
    scope="admin",
)


async def _send_again(api: Api, links: Sequence[str], _: Form) -> Note:
    refused = []
    for link in links:
        if not link.startswith("/v1/webhooks/") or not link.endswith("/resend"):
            raise InputRefused("That is no message of a webhook; load the page anew.")
        try:
            await api.ask("POST", link)
        except Declined as refusal:
            refused.append({"subject": "", "detail": refusal.sentence})
    sentence = translate("%(n)s messages are sent again.", api.language)
    done = sentence % {"n": len(links) - len(refused)}
    return Note(done, "look" if refused else "done", refused)


DELIVERIES = Listing(
    name="deliveries",
    title="Not taken yet",
    path="/webhooks/{}",
    api="/v1/webhooks/{}/deliveries",
    key=lambda row: row["links"]["resend"],
    columns=(
        Column("Entry", lambda row: row["event"]),
        Column("What", lambda row: Cell(row["type"], detail=row["subject"])),
        Column("State", _state),
        Column("Tried", lambda row: row["attempts"], figure=True),
        Column("Why", lambda row: row["error"]),
        Column("Last", lambda row: Cell(row["at"], kind="time")),
        Column("Again", lambda row: Cell(row["next_at"] or "", kind="time")),
    ),
    filters=(Filter("state", "State", [(key, word) for key, (word, _) in STATES.items()]),),
    bulk=(Bulk("resend", "Send them again", _send_again, tone="primary"),),
    empty="Everything was taken: nothing waits and nothing was given up.",
    scope="admin",
)


def webhook_pages(frame: Frame) -> APIRouter:
    """Return the routes of the pages."""
    router = frame.router()
    frame.listings |= {WEBHOOKS.name: WEBHOOKS, DELIVERIES.name: DELIVERIES}

    async def webhook(request: Request, api: Asked, name: str, secret: str = "") -> Response:
        said = await api.ask("GET", at("/v1/webhooks/{}", name))
        shown = await show(api, DELIVERIES, request.query_params, name, views=False)
        return frame.page(
            request, "webhook.html", hook=said.json, etag=said.etag, shown=shown, secret=secret
        )

    @router.get("/webhooks", dependencies=[needs("admin")])
    async def get_webhooks(request: Request, api: Asked) -> Response:
        shown = await show(api, WEBHOOKS, request.query_params)
        stations = [row["name"] for row in (await api.get("/v1/stations"))["items"]]
        return frame.page(request, "webhooks.html", shown=shown, stations=stations)

    @router.post("/webhooks", dependencies=[needs("admin")])
    async def make_webhook(request: Request, api: Asked) -> Response:
        """Its secret is shown on the answer's page and nowhere again."""
        body = body_of(read_form(await request.body()))
        name = str(body.pop("name", "")).strip()
        if not name:
            raise InputRefused("Give the webhook a name, such as erp.", key="name")
        made = await api.ask(
            "PUT", at("/v1/webhooks/{}", name), body, headers={"if-none-match": "*"}
        )
        return await webhook(request, api, made.json["name"], made.json["secret"])

    @router.get("/webhooks/{name}", dependencies=[needs("admin")])
    async def get_webhook(name: str, request: Request, api: Asked) -> Response:
        return await webhook(request, api, name)

    @router.post("/webhooks/{name}/rotate", dependencies=[needs("admin")])
    async def rotate(name: str, request: Request, api: Asked) -> Response:
        made = await api.ask("POST", at("/v1/webhooks/{}/rotate", name))
        return await webhook(request, api, name, made.json["secret"])

    @router.post("/webhooks/{name}/test", dependencies=[needs("admin")])
    async def test(name: str, request: Request, api: Asked) -> Response:
        """What came of it is the note: good or bad."""
        outcome = (await api.ask("POST", at("/v1/webhooks/{}/test", name))).json
        note = Note(outcome["sentence"], "done" if outcome["taken"] else "refused")
        return frame.back(request, at("/webhooks/{}", name), note=note)

    @router.post("/webhooks/{name}/change", dependencies=[needs("admin")])
    async def change(name: str, request: Request, api: Asked) -> Response:
        """A new name leads to its page."""
        form = read_form(await request.body())
        tag = one(form, "_etag")
        headers = {"if-match": tag[:80]} if tag else {}
        saved = await api.ask("PUT", at("/v1/webhooks/{}", name), body_of(form), headers=headers)
        said = translate("Webhook %(name)s is changed.", frame.language(request))
        to = at("/webhooks/{}", saved.json["name"])
        return frame.back(request, to, said % {"name": saved.json["name"]})

    return router
