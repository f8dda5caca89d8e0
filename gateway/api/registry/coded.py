"""The routes that locations and parties share: found, made, changed and removed by their code.

Beside them each has a list of its own, and says how it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from fastapi import APIRouter, Response

from gateway.api.access import needs
from gateway.api.changes import JsonObject, Once
from gateway.api.etags import IfMatch, IfNoneMatch, etag, seen, version_of
from gateway.api.parts import Parts
from gateway.api.registry.doing import Asking, Doer, doer
from gateway.api.registry.saving import DryRun, JsonRows, save_many, save_one
from gateway.api.showing import Json, answer
from gateway.registry.parties import Party
from gateway.registry.places import Location
from gateway.store.registry.coded import CodedStore

T = TypeVar("T", Location, Party)


@dataclass(frozen=True, slots=True)
class Noun(Generic[T]):
    """A kind of things with codes, as its routes speak of it."""

    one: str
    many: str
    right: str
    """The scope for changes."""
    show: Callable[[T], Json]
    show_whole: Callable[[T], Json]
    """The same with what only one alone is asked for."""
    takes: str
    """What ``PUT`` takes, for the description."""


def add_coded_routes(router: APIRouter, parts: Parts, store: CodedStore[T], noun: Noun[T]) -> None:
    """Add the routes to a noun's router."""

    def allowed(asked: Asking) -> Doer:
        who = doer(parts, asked)
        who.must(noun.right)
        return who

    @router.get("/by-external-id/{id:path}", dependencies=[needs("read")],
                summary=f"A {noun.one}, by another system's id")  # fmt: skip
    async def get_external(id: str) -> Response:
        found = store.get_external(id)
        return answer(noun.show(found), headers={"etag": etag(found.version)})

    @router.get("/{code}", dependencies=[needs("read")], summary=f"A {noun.one}")
    async def get_one(code: str) -> Response:
        found = store.get(code)
        return answer(noun.show_whole(found), headers={"etag": etag(found.version)})

    @router.put(
        "", dependencies=[needs(noun.right)], summary=f"Make or change many {noun.many}, or none"
    )
    async def put_many(
        body: JsonRows, asked: Asking, once: Once, dry_run: DryRun = False
    ) -> Response:
        """Each with its `code`, its `external_id`, or both; one may be inside another of the list.
        What is left out stays as it was."""
        who = allowed(asked)
        return await save_many(
            parts, once, lambda t: store.save_all(t, body, who.by.actor),
            lambda one: {"code": one.code, "version": one.version}, dry_run,
        )  # fmt: skip

    async def put(
        body: Mapping[str, object], asked: Asking, version: str | None, dry: bool,
        code: str | None = None, external_id: str | None = None,
    ) -> Response:  # fmt: skip
        who = allowed(asked)
        wanted = version_of(f"{noun.one.capitalize()} {code or external_id!r}", version)
        return await save_one(
            parts,
            lambda t: store.save(
                t, body, who.by.actor, code=code, external_id=external_id, version=wanted
            ),
            noun.show, dry,
        )  # fmt: skip

    @router.put("/by-external-id/{id:path}", dependencies=[needs(noun.right)],
                summary=f"Make or change the {noun.one} that another system calls so")  # fmt: skip
    async def put_external(
        id: str,
        body: JsonObject,
        asked: Asking,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
        dry_run: DryRun = False,
    ) -> Response:
        """The id stays when the thing is called something else there: `code` may change."""
        return await put(body, asked, seen(if_match, if_none_match), dry_run, external_id=id)

    @router.put("/{code}", dependencies=[needs(noun.right)],
                summary=f"Make or change a {noun.one}", description=noun.takes)  # fmt: skip
    async def put_one(
        code: str,
        body: JsonObject,
        asked: Asking,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
        dry_run: DryRun = False,
    ) -> Response:
        return await put(body, asked, seen(if_match, if_none_match), dry_run, code=code)

    @router.delete("/{code}", dependencies=[needs(noun.right)],
                   summary=f"Remove a {noun.one} that nothing names")  # fmt: skip
    async def delete_one(code: str, asked: Asking) -> Response:
        who = allowed(asked)
        await parts.database.write(lambda t: store.delete(t, code, who.by.actor))
        return Response(status_code=204)
