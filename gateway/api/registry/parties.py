"""Customers, suppliers and carriers over HTTP."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Response

from gateway.api.access import needs
from gateway.api.changes import JsonObject, Once
from gateway.api.etags import IfMatch, IfNoneMatch, etag, seen, version_of
from gateway.api.parts import Parts
from gateway.api.registry.doing import Asking, Doer, doer
from gateway.api.registry.saving import (
    After,
    Begins,
    DryRun,
    JsonRows,
    Limit,
    save_many,
    save_one,
)
from gateway.api.showing import Json, answer, page_of, rfc3339
from gateway.errors import InputRefused
from gateway.registry.parties import KINDS, Party

RIGHT = "registry:party"


def party_routes(parts: Parts) -> APIRouter:
    """Return the routes of parties."""
    router = APIRouter(prefix="/v1/parties", tags=["parties"])
    store = parts.registry.parties

    def allowed(asked: Asking) -> Doer:
        who = doer(parts, asked)
        who.must(RIGHT)
        return who

    @router.get("", dependencies=[needs("read")], summary="List parties")
    async def list_parties(
        q: Begins = None,
        kind: str | None = None,
        active: bool | None = None,
        after: After = None,
        limit: Limit = 100,
    ) -> Response:
        if kind is not None and kind not in KINDS:
            raise InputRefused(
                f"'kind' must be one of {', '.join(KINDS)}, got {kind[:40]!r}.", key="kind"
            )
        found = store.page(after, limit, q=q, kind=kind, active=active)
        return answer(page_of(found, limit, show_party, lambda one: one.code))

    @router.get("/by-external-id/{id:path}", dependencies=[needs("read")],
                summary="A party, by another system's id")  # fmt: skip
    async def get_external_party(id: str) -> Response:
        found = store.get_external(id)
        return answer(show_party(found), headers={"etag": etag(found.version)})

    @router.get("/{code}", dependencies=[needs("read")], summary="A party")
    async def get_party(code: str) -> Response:
        found = store.get(code)
        return answer(show_party(found), headers={"etag": etag(found.version)})

    @router.put("", dependencies=[needs(RIGHT)], summary="Make or change many parties, or none")
    async def put_parties(
        body: JsonRows, asked: Asking, once: Once, dry_run: DryRun = False
    ) -> Response:
        """Each with its `code`, its `external_id`, or both; what is left out stays
        as it was."""
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
        wanted = version_of(f"Party {code or external_id!r}", version)
        return await save_one(
            parts,
            lambda t: store.save(
                t, body, who.by.actor, code=code, external_id=external_id, version=wanted
            ),
            show_party, dry,
        )  # fmt: skip

    @router.put("/by-external-id/{id:path}", dependencies=[needs(RIGHT)],
                summary="Make or change the party that another system calls so")  # fmt: skip
    async def put_external_party(
        id: str,
        body: JsonObject,
        asked: Asking,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
        dry_run: DryRun = False,
    ) -> Response:
        """The id stays when the party is called something else there: `code` may change."""
        return await put(body, asked, seen(if_match, if_none_match), dry_run, external_id=id)

    @router.put("/{code}", dependencies=[needs(RIGHT)], summary="Make or change a party")
    async def put_party(
        code: str,
        body: JsonObject,
        asked: Asking,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
        dry_run: DryRun = False,
    ) -> Response:
        """`kind` is `customer`, `supplier`, `both` or `carrier`; what is left out stays as it
        was."""
        return await put(body, asked, seen(if_match, if_none_match), dry_run, code=code)

    @router.delete("/{code}", dependencies=[needs(RIGHT)],
                   summary="Remove a party that nothing names")  # fmt: skip
    async def delete_party(code: str, asked: Asking) -> Response:
        who = allowed(asked)
        await parts.database.write(lambda t: store.delete(t, code, who.by.actor))
        return Response(status_code=204)

    return router


def show_party(party: Party) -> Json:
    """Return a party as ``PUT`` takes it, with what else is known of it."""
    return {
        "code": party.code,
        "name": party.name,
        "kind": party.kind,
        "active": party.active,
        "gln": party.gln,
        "external_id": party.external_id,
        "fields": dict(party.fields),
        "version": party.version,
        "created_at": rfc3339(party.created_at),
        "changed_at": rfc3339(party.changed_at),
        "links": {
            "self": f"/v1/parties/{party.code}",
            "serials": f"/v1/parties/{party.code}/serials",
        },
    }
