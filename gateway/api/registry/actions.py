"""What is done with serials without a document, and lists of serials looked at before that.

body ──read_act──► Act ──perform, in one durable transaction──► event, or every offender by name
"""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Query, Request, Response

from gateway.api.access import needs
from gateway.api.changes import JsonObject, Once, acting_once, answered
from gateway.api.parts import Parts
from gateway.api.reading import check_json_type, parse_object, refuse_unknown, say
from gateway.api.registry.doing import Asking, Doer, doer
from gateway.api.registry.given import flag_given, text_given, whole_given
from gateway.api.registry.moving import (
    LONGEST_LIST,
    MOST_SHOWN,
    Reading,
    complete,
    number,
    read_act,
    read_action,
    show_done,
)
from gateway.api.registry.showing import show_offences
from gateway.api.registry.wanting import read_serial_id
from gateway.api.showing import Json, answer
from gateway.errors import InputRefused
from gateway.registry.lives import Action
from gateway.store import requests
from gateway.store.engine import Transaction
from gateway.store.registry.acting import MOST_SERIALS
from gateway.store.registry.listing import read_list
from gateway.store.registry.names import item_id

DryRun = Annotated[bool, Query(description="Say what would happen, and do nothing.")]


async def _body(request: Request) -> dict[str, Any]:
    body = await request.body()
    if not body:
        return {}
    check_json_type(dict(request.scope["headers"]).get(b"content-type"))
    return parse_object(body)


MaybeObject = Annotated[dict[str, Any], Depends(_body)]
"""A route's parameter: the body, a JSON object, empty when there is none."""


def action_routes(parts: Parts) -> APIRouter:
    """Return the routes that act on serials."""
    router = APIRouter(tags=["serials"])

    async def act(
        body: dict[str, Any], action: Action, who: Doer, once: requests.Request | None, dry: bool,
        life: int | None = None,
    ) -> Response:  # fmt: skip
        def read() -> Reading:
            return read_act(parts, parts.database.reader().execute, body, action, life)

        def look() -> Json:
            run = parts.database.reader().execute
            reading = number(run, read())
            # A look only reads, and a reader does that without making any writer wait.
            reader = cast(Transaction, parts.database.reader())
            done = parts.registry.perform(reader, reading.act, who.by, who.may, dry=True)
            return show_done(parts, run, done, reading, dry=True)

        if dry:
            return answer(await parts.away(look))
        if (known := answered(parts, once)) is not None:
            return known
        reading = await parts.away(read)

        def work(t: Transaction) -> Json:
            whole = complete(t, reading, who.by.actor)
            done = parts.registry.perform(t, whole.act, who.by, who.may)
            return show_done(parts, t.execute, done, whole, dry=False)

        return (await parts.database.write(acting_once(parts, once, work))).response()

    @router.post("/v1/serials/actions", dependencies=[needs("registry:serial")],
                 summary="Receive, move, ship, return, hold, write off … serials")  # fmt: skip
    async def act_on_serials(
        body: JsonObject, asked: Asking, once: Once, dry_run: DryRun = False
    ) -> Response:
        """Up to 100,000 serials: all of them, or none and every offender by name.

        `serials` is a list as people write it (`"A1..A9, B7"`, `"next*5"`), a list of texts or of
        objects (`serial`, `fields`, `memo`, `cost`, `location`), or `{"generate": 5}`; or `ids`
        are public ids; or `filter` finds them as a list does (`{"lot": "L1", "item": "DRILL"}`).
        `item` is needed for new ones, and where several items have the serial.
        `confirm` carries the token of a refusal that asked for a confirmation."""
        action = read_action(text_given(body, "action"))
        return await act(body, action, doer(parts, asked), once, dry_run)

    @router.post("/v1/serials/{id}/{action}", dependencies=[needs("registry:serial")],
                 summary="Do something with one serial")  # fmt: skip
    async def act_on_serial(
        id: str, action: str, body: MaybeObject, asked: Asking, once: Once, dry_run: DryRun = False
    ) -> Response:
        """`id` is its public id; the rest as for several serials."""
        wanted = read_action(action)
        life = read_serial_id(parts, id)
        return await act(body, wanted, doer(parts, asked), once, dry_run, life)

    @router.post("/v1/serial-lists", dependencies=[needs("read")],
                 summary="Read a list of serials as a person wrote it")  # fmt: skip
    async def read_serial_list(body: JsonObject) -> Response:
        """Nothing is stored. `item` lends its mask, its known serials and its next number;
        `expected` is how many there shall be; `scanned` takes each line as it stands. Everything
        that is wrong stands in `problems`."""
        refuse_unknown(body, ("text", "item", "expected", "scanned"), "A list of serials")
        text = body.get("text")
        if not isinstance(text, str) or len(text) > LONGEST_LIST:
            raise InputRefused(
                f"'text' must be the list, at most {LONGEST_LIST} characters; got {say(text)}.",
                key="text",
            )
        sku = text_given(body, "item")
        expected = whole_given(body, "expected", 1, MOST_SERIALS)
        scanned = flag_given(body, "scanned")

        def look() -> Json:
            run = parts.database.reader().execute
            item = item_id(run, sku) if sku else None
            listing = read_list(run, text, item, expected=expected, scanned=scanned)
            return {
                "count": listing.count,
                "expected": expected,
                "first": listing.first,
                "last": listing.last,
                "shown": listing.shown if len(listing.shown) <= 20_000 else None,
                "serials": [
                    {"serial": one.serial, "token": one.token, "position": one.position,
                     "origin": one.origin}
                    for one in listing.serials[:MOST_SHOWN]
                ],
                "problems": show_offences(p.offence for p in listing.problems[:MOST_SHOWN]),
                "repeats": show_offences(p.offence for p in listing.repeats[:MOST_SHOWN]),
            }  # fmt: skip

        return answer(await parts.away(look))

    return router
