"""What the routes of items, locations, parties, lots and fields share: how they save and answer.

one (PUT)  ──save_one──► 201 or 200, with its ETag         If-Match, ?dry_run=1
many (PUT) ──save_many──► what came of each                Idempotency-Key, ?dry_run=1
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query, Request, Response

from gateway.api.changes import acting_once, answered
from gateway.api.etags import etag
from gateway.api.parts import Parts
from gateway.api.reading import check_json_type, parse_json, say
from gateway.api.showing import Json, answer
from gateway.errors import InputRefused, TooLarge
from gateway.store import requests
from gateway.store.engine import Transaction
from gateway.store.registry.records import Previewed, Saved, preview

T = TypeVar("T")

DryRun = Annotated[bool, Query(description="Say what would happen, and do nothing.")]
After = Annotated[str | None, Query(description="`next` of the page before.", max_length=200)]
Limit = Annotated[int, Query(ge=1, le=500)]
Begins = Annotated[
    str | None, Query(description="What its code, name or external id begins with.", max_length=200)
]

MOST_ROWS = 10_000
"""Things in one bulk request."""


async def _rows(request: Request) -> list[dict[str, Any]]:
    body = await request.body()
    check_json_type(dict(request.scope["headers"]).get(b"content-type"))
    value = parse_json(body)
    if isinstance(value, dict) and list(value) == ["items"]:
        value = value["items"]
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise InputRefused(f"The body must be a list of objects, got {say(value)}.")
    if len(value) > MOST_ROWS:
        raise TooLarge(
            f"{len(value)} are too many for one request; send at most {MOST_ROWS}.",
            limit=MOST_ROWS, given=len(value),
        )  # fmt: skip
    return value


JsonRows = Annotated[list[dict[str, Any]], Depends(_rows)]
"""A route's parameter: the body, a list of objects, or ``{"items": […]}``."""


async def change(parts: Parts, work: Callable[[Transaction], T], dry: bool) -> T:
    """Do the work in one durable transaction; with ``dry`` give it up, and return what it did."""
    if not dry:
        return await parts.database.write(work)
    try:
        return await parts.database.write(preview(work))
    except Previewed as previewed:
        found: T = previewed.answer
        return found


async def save_one(
    parts: Parts,
    save: Callable[[Transaction], Saved[T]],
    shown: Callable[[T], Json],
    dry: bool,
) -> Response:
    """Save one thing and answer with it."""
    saved = await change(parts, save, dry)
    body = shown(saved.thing)
    if dry:
        return answer(body | {"status": saved.status, "dry_run": True})
    links = body["links"]
    assert isinstance(links, dict)
    headers = {"location": str(links["self"])}
    if "version" in body:
        headers["etag"] = etag(body["version"])
    return answer(body, 201 if saved.status == "new" else 200, headers)


async def save_many(
    parts: Parts,
    once: requests.Request | None,
    save: Callable[[Transaction], Iterable[Saved[T]]],
    named: Callable[[T], Json],
    dry: bool,
) -> Response:
    """Save many things, all or none, and answer what came of each."""

    def work(t: Transaction) -> Json:
        items = [{**named(one.thing), "status": one.status} for one in save(t)]
        counts = {
            status: sum(item["status"] == status for item in items)
            for status in ("new", "changed", "same")
        }
        return {"items": items, "counts": counts}

    if dry:
        return answer(await change(parts, work, dry) | {"dry_run": True})
    if (known := answered(parts, once)) is not None:
        return known
    return (await parts.database.write(acting_once(parts, once, work))).response()
