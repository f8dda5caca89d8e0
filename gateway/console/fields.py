"""Custom fields: what a site notes of its serials, items, lots, documents, places and parties."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Asked, Declined, at
from gateway.console.form import body_of, one, read_form
from gateway.console.frame import Frame
from gateway.console.listing import Cell, Column, Listing, Row, show
from gateway.console.state_words import ACTIONS
from gateway.console.words import translate
from gateway.errors import InputRefused, Unknown
from gateway.registry.field_rules import SCOPES, steps_of

SCOPE_WORDS: Mapping[str, str] = {
    "serial": "Serials",
    "item": "Items",
    "lot": "Lots",
    "document": "Documents",
    "location": "Locations",
    "party": "Customers and suppliers",
}
"""Scope -> what it is of, as a tab."""

TYPE_WORDS: Mapping[str, str] = {
    "text": "Text",
    "number": "Number",
    "date": "Date",
    "yes_no": "Yes or no",
    "choice": "One of a list",
}

STEP_WORDS = ("It is saved", *dict.fromkeys(
    ACTIONS[step].do if step in ACTIONS else step.replace("_", " ").capitalize()
    for step in steps_of("serial")
))  # fmt: skip
"""What steps are called: for the table of words."""

OFTEN = ("save", "receive", "produce", "pick", "ship", "return", "reject", "write_off")
"""Steps that are offered first."""

SAVED = "It is saved"
"""What the step is called at which things other than serials may need a field."""


def step_word(step: str) -> str:
    """Return what a step is called, in English."""
    known = ACTIONS.get(step)
    return SAVED if step == "save" else (known.do if known else step.replace("_", " ").capitalize())


def _needed(row: Row) -> Cell:
    return Cell(", ".join(step_word(step) for step in row["required_at"]), kind="word")


def _type(row: Row) -> Cell:
    return Cell(TYPE_WORDS[row["type"]], detail=", ".join(row["choices"]), kind="word")


FIELDS = Listing(
    name="fields",
    title="Custom fields",
    path="/fields/{}",
    api="/v1/fields/{}",
    key=lambda row: str(row["key"]),
    columns=(
        Column("Name", lambda row: Cell(row["label"] or row["key"],
                                        to=at("/fields/{}/{}", row["scope"], row["key"]),
                                        detail=row["key"])),
        Column("Type", _type),
        Column("Needed when", _needed, spare=True),
        Column("Searched by", lambda row: Cell("Yes", tone="done", kind="word")
               if row["searchable"] else "", spare=True),
        Column("Place in the row", lambda row: row["rank"], figure=True, sort=lambda r: r["rank"]),
    ),
    empty="There is no field of your own here yet. Add one below: a grade, a shelf life, a color.",
    whole=True,
)  # fmt: skip


def key_for(label: str) -> str:
    """Return a key for a field by what people call it.

    >>> key_for("QC-Grade (A/B)"), key_for("Prüfdatum"), key_for("2nd owner")
    ('qc_grade_a_b', 'prufdatum', 'f_2nd_owner')
    """
    bare = unicodedata.normalize("NFKD", label.lower()).encode("ascii", "ignore").decode()
    key = "_".join(re.findall(r"[a-z0-9]+", bare))[:38]
    return key if key[:1].isalpha() or not key else f"f_{key}"


def field_pages(frame: Frame) -> APIRouter:
    """Return the routes of the pages."""
    router = frame.router()
    frame.listings[FIELDS.name] = FIELDS

    def known(scope: str) -> str:
        if scope not in SCOPE_WORDS:
            raise Unknown(f"Nothing called {scope[:40]!r} has custom fields.", scope=scope[:40])
        return scope

    def values(scope: str) -> dict[str, Any]:
        steps = steps_of(next(one for one in SCOPES if one == scope))
        return {
            "scope": scope, "scopes": SCOPE_WORDS, "types": TYPE_WORDS,
            "steps": [(step, step_word(step)) for step in steps], "often": OFTEN,
        }  # fmt: skip

    @router.get("/fields", dependencies=[needs("read")])
    async def get_all(request: Request, api: Asked) -> Response:
        return await get_fields("serial", request, api)

    @router.get("/fields/{scope}", dependencies=[needs("read")])
    async def get_fields(scope: str, request: Request, api: Asked) -> Response:
        shown = await show(api, FIELDS, request.query_params, known(scope), views=False)
        return frame.page(request, "fields.html", shown=shown, **values(scope))

    @router.post("/fields/{scope}", dependencies=[needs("admin")])
    async def make_field(scope: str, request: Request, api: Asked) -> Response:
        """Make one unless there is one of that key."""
        body = body_of(read_form(await request.body()))
        key = str(body.pop("key", "")).strip() or key_for(str(body.get("label", "")))
        if not key:
            raise InputRefused("Give the field a name, such as Grade.", key="label")
        try:
            await api.get(at("/v1/fields/{}/{}", known(scope), key))
        except Declined as none:
            if none.status != 404:
                raise
        else:
            raise InputRefused(
                f"There is a field {key!r} already; open it to change it.", key="label"
            )
        made = (await api.ask("PUT", at("/v1/fields/{}/{}", scope, key), body)).json
        said = translate("The field %(name)s is there.", frame.language(request))
        return frame.back(
            request, at("/fields/{}", scope), said % {"name": made["label"] or made["key"]}
        )

    @router.get("/fields/{scope}/{key}", dependencies=[needs("read")])
    async def get_field(scope: str, key: str, request: Request, api: Asked) -> Response:
        field = await api.get(at("/v1/fields/{}/{}", known(scope), key))
        return frame.page(request, "field.html", field=field, **values(scope))

    @router.post("/fields/{scope}/{key}", dependencies=[needs("admin")])
    async def change_field(scope: str, key: str, request: Request, api: Asked) -> Response:
        form = read_form(await request.body())
        body = {"required_at": [], **body_of(form)}
        if one(form, "type") != "choice":
            body["choices"] = []
        await api.ask("PUT", at("/v1/fields/{}/{}", known(scope), key), body)
        said = translate("Saved.", frame.language(request))
        return frame.back(request, at("/fields/{}", scope), said)

    return router
