"""One serial: its card, what happened to it, what it is part of, its labels, and what may be done.

    GET /v1/serials/{id}, …/history, …/parts, …/assembly, …/labels ──► the page and its tabs
    the lifecycle's guards ──forms──► a small form for each action that is allowed

What a form asks for follows from the action's guards, so that a new action has its button at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from gateway.api.access import ACTOR, Actor, needs
from gateway.console import choosing
from gateway.console.asking import Api, Asked, Declined, at
from gateway.console.frame import Frame
from gateway.console.listing import Row
from gateway.console.money import written
from gateway.console.state_words import ACTIONS, CHANGES, LABELS, STATES
from gateway.registry.guards import (
    customer_given,
    customer_matches_or_confirmed,
    location_active,
    location_given,
    new_serial_given,
    parent_is_another,
    reason_given,
    supplier_given,
)
from gateway.registry.lifecycle import TABLE
from gateway.registry.lives import UNDO, Action

STEPS = 20
"""Steps of the history on a page."""

MOST_PIECES = 500
"""Pieces of an assembly that a page shows."""

ELSEWHERE = frozenset({Action.ANNOTATE, Action.RENAME, Action.PRINT_LABEL, Action.UNTRACK})
"""Allowed actions that have a form of their own: here, and for a whole item on its page."""

BY_DOCUMENT = frozenset(
    {Action.PLAN, Action.PRODUCE, Action.OPENING, Action.COMMIT, Action.PICK, Action.DISPATCH,
     Action.ARRIVE}
)  # fmt: skip
"""Actions that only a document does."""

NOT_UNDONE = frozenset({Action.OPENING, Action.UNTRACK, Action.PRINT_LABEL, UNDO})
"""Steps that have no way back of their own."""

LAST = (Action.WRITE_OFF, Action.CANCEL_PLAN)
"""What stands at the end: it is seldom meant."""


class Needed(NamedTuple):
    """A field of an action's form."""

    name: str
    title: str
    value: str = ""
    required: bool = False
    hint: str = ""
    offers: str = ""
    """What it offers while one types: ``location``, ``party``, ``reasons``; or it is a ``date``."""
    choices: tuple[tuple[str, str], ...] = ()


class ActionForm(NamedTuple):
    """A button, and what it needs to know."""

    action: str
    title: str
    said: str
    question: str
    fields: tuple[Needed, ...]
    tone: str


def forms(serial: Row, fields: list[Row]) -> list[ActionForm]:
    """Return a form for each action that the API allows and that needs no document."""
    allowed = [Action(one) for one in serial["allowed"]]
    offered = [one for one in allowed if one not in ELSEWHERE | BY_DOCUMENT]
    offered.sort(key=lambda one: one in LAST)
    found: list[ActionForm] = []
    for action in offered:
        words = ACTIONS[action.value]
        found.append(
            ActionForm(
                action.value, words.do, words.said, words.question,
                tuple(needed(action, serial, fields)), "drop" if action in LAST else "primary",
            )
        )  # fmt: skip
    return found


NEEDED_WORDS: Mapping[str, str] = {
    "to": "The right serial",
    "location": "To which location",
    "location?": "Location",
    "stays": "Empty: it stays where it is.",
    "parent": "Into which assembly",
    "scan": "Its serial, or scan its label.",
    "customer": "Customer",
    "from": "From which customer",
    "supplier": "Supplier",
    "reason": "Why",
    "yes": "Yes",
    "no": "No",
}
"""What the fields of the forms are called, and what stands below them."""


def needed(action: Action, serial: Row, fields: list[Row]) -> Iterator[Needed]:
    """Yield what an action's form asks for, as its guards do."""
    guards, said = TABLE[action].guards, NEEDED_WORDS
    if new_serial_given in guards:
        yield Needed("to", said["to"], serial["serial"], True)
    if location_given in guards:
        yield Needed("location", said["location"], "", True, offers="location")
    elif location_active in guards:
        yield Needed("location?", said["location?"], hint=said["stays"], offers="location")
    if parent_is_another in guards:
        yield Needed("parent", said["parent"], "", True, said["scan"])
    if customer_given in guards:
        yield Needed("party", said["customer"], serial["customer"] or "", True, offers="party")
    if customer_matches_or_confirmed in guards:
        yield Needed("party?", said["from"], serial["customer"] or "", offers="party")
        yield Needed("reason?", said["reason"], offers="reasons")
    if supplier_given in guards:
        known = serial["supplier"] or ""
        yield Needed("party?", said["supplier"], known, not known, offers="party")
    if reason_given in guards:
        yield Needed("reason", said["reason"], "", True, offers="reasons")
    for field in fields:
        if action.value in field["required_at"] and field["key"] not in serial["fields"]:
            yield custom_field(field, None, required=True)


def custom_field(field: Row, value: object, *, required: bool = False) -> Needed:
    """Return the field of a form for a custom field."""
    kind = {"number": ":num", "yes_no": ":json"}.get(field["type"], "")
    empty = "" if required else "!"
    choices: tuple[tuple[str, str], ...] = ()
    if field["type"] == "yes_no":
        choices = (("", "–"), ("true", NEEDED_WORDS["yes"]), ("false", NEEDED_WORDS["no"]))
    elif field["choices"]:
        choices = (("", "–"), *((one, one) for one in field["choices"]))
    text = "" if value is None else str(value)
    if isinstance(value, bool):
        text = "true" if value else "false"
    return Needed(
        f"fields.{field['key']}{kind}{empty}", field["label"] or field["key"], text, required,
        offers="date" if field["type"] == "date" else "", choices=choices,
    )  # fmt: skip


class Change(NamedTuple):
    """What a step changed of a serial."""

    title: str
    was: str
    became: str
    custom: bool = False
    """The title is a site's own word, and not translated."""
    moment: bool = False


def changes(step: Row, titles: Mapping[str, str], currency: str) -> list[Change]:
    """Return what a step of the history changed, beside the state and the place."""
    found: list[Change] = []
    changed = step["changed"]

    def side(name: str, end: str) -> str:
        return str((changed.get(name) or {}).get(end) or currency)

    for name, change in changed.items():
        was, became = change["from"], change["to"]
        if name == "fields":
            for key in {**(was or {}), **(became or {})}:
                before, after = (was or {}).get(key), (became or {}).get(key)
                if before != after:
                    found.append(Change(titles.get(key, key), _text(before), _text(after), True))
        elif name in ("cost", "price"):
            of = "currency" if name == "cost" else "price_currency"
            before, after = (
                "" if value is None else written({"amount": value, "currency": side(of, end)})
                for value, end in ((was, "from"), (became, "to"))
            )
            found.append(Change(CHANGES[name], before, after))
        elif name in CHANGES:
            found.append(
                Change(CHANGES[name], _text(was), _text(became), moment=name.endswith("_at"))
            )
    return found


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return "" if value is None else str(value)


def undoable(steps: list[Row]) -> Row | None:
    """Return the step that can be taken back: the last that still holds."""
    for step in steps:
        if step["corrected_by"] is None and step["action"] not in (UNDO, Action.PRINT_LABEL):
            return None if step["action"] in NOT_UNDONE else step
    return None


def days_left(day: str | None, today: date) -> int | None:
    """Return how many days a warranty still runs; negative when it has ended.

    >>> days_left("2026-11-24", date(2026, 11, 22)), days_left(None, date(2026, 11, 22))
    (2, None)
    """
    return None if day is None else (date.fromisoformat(day) - today).days


def card_pages(frame: Frame) -> APIRouter:
    """Return the routes of one serial."""
    router = frame.router()

    @router.get("/serials/{id}", dependencies=[needs("read")])
    async def get_serial(id: str, request: Request, api: Asked) -> Response:
        """`id` with or without `GW-`: the code on a label leads here, too."""
        said = await api.ask("GET", at("/v1/serials/{}", id))
        serial: dict[str, Any] = said.json
        query = request.query_params
        fields = (await api.get("/v1/fields/serial"))["items"]
        titles = {one["key"]: one["label"] or one["key"] for one in fields}
        alike = (await api.get("/v1/serials", serial=serial["serial"], limit=20))["items"]
        lives = {one["id"]: one for one in alike}
        others = [
            {**lives.get(one["id"], {"customer": None, "location": None}), **one}
            for one in serial["lives"]
        ]
        tab = query.get("tab", "")
        values: dict[str, Any] = {}
        if tab == "parts":
            values = await pieces(api, serial)
        elif tab == "labels":
            values = await labels(api, serial, query)
        else:
            tab = "history"
            after = query.get("after", "")
            page = await api.get(
                at("/v1/serials/{}/history", serial["id"]), after=after, limit=STEPS
            )
            currency = (serial["cost"] or serial["price"] or {"currency": ""})["currency"]
            values = {
                "steps": [
                    {**one, "changes": changes(one, titles, currency)} for one in page["items"]
                ],
                "next": page["next"],
                "undoable": None if after else undoable(page["items"]),
            }
        today = datetime.now(UTC).astimezone(ZoneInfo(frame.parts.zone())).date()
        warranty = serial["warranty"]
        actor: Actor = request.scope[ACTOR]
        return frame.page(
            request, "serial.html", s=serial, etag=said.etag, state=STATES[serial["state"]],
            label=LABELS[serial["label"]], states=STATES, actions=ACTIONS, others=others,
            elsewhere=[one for one in alike if one["item"] != serial["item"]],
            cost=written(serial["cost"]), price=written(serial["price"]),
            left=days_left(warranty["out"], today), left_in=days_left(warranty["in"], today),
            notes=[(one, custom_field(one, serial["fields"].get(one["key"]))) for one in fields],
            forms=forms(serial, fields) if actor.may("registry:serial") else [],
            by_document=[one for one in serial["allowed"] if Action(one) in BY_DOCUMENT],
            may_change=actor.may("registry:serial"), tab=tab,
            **values,
        )  # fmt: skip

    @router.get("/serials/{id}/label.png", dependencies=[needs("read")])
    async def get_picture(id: str, request: Request, api: Asked) -> Response:
        """The label as it would be printed now."""
        query = request.query_params
        body = {"printer": query.get("printer", ""), "template": query.get("template", "")}
        looked = await api.ask("POST", "/v1/serials/print?dry_run=1", {**body, "ids": [id]})
        drawn = await api.ask(
            "POST", "/v1/preview?format=png", {**body, "fields": looked.json["fields"]}
        )
        return Response(drawn.body, media_type="image/png", headers={"cache-control": "no-store"})

    return router


async def pieces(api: Api, serial: Row) -> dict[str, Any]:
    """Return what went into a serial, nested, and what it went into."""
    inside = (await api.get(at("/v1/serials/{}/parts", serial["id"])))["items"]
    above = (await api.get(at("/v1/serials/{}/assembly", serial["id"])))["items"]
    of: dict[str, list[Row]] = {}
    for piece in inside[:MOST_PIECES]:
        of.setdefault(piece["parent"], []).append(piece)
    return {"inside": of, "above": above, "most": MOST_PIECES, "pieces": len(inside)}


async def labels(api: Api, serial: Row, query: Mapping[str, str]) -> dict[str, Any]:
    """Return the labels of a serial, and what another is printed with."""
    printers = await choosing.printers(api)
    templates = (await choosing.templates(api)).serials
    try:
        printed = (await api.get(at("/v1/serials/{}/labels", serial["id"])))["items"]
    except Declined:
        printed = []
    return {
        "printers": printers,
        "templates": templates,
        "printer": choosing.or_first(query.get("printer", ""), printers),
        "template": choosing.or_first(query.get("template", ""), templates),
        "printed": printed,
    }
