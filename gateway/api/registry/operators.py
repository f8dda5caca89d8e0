"""The people who work here, over HTTP: a badge, a PIN, rights. For administrators only."""

from __future__ import annotations

from fastapi import APIRouter, Response

from gateway.api.access import Who, needs
from gateway.api.changes import JsonObject
from gateway.api.etags import IfMatch, IfNoneMatch, etag, seen, version_of
from gateway.api.parts import Parts
from gateway.api.registry.saving import After, DryRun, Limit, save_one
from gateway.api.showing import Json, answer, page_of, rfc3339
from gateway.registry.parties import Operator
from gateway.stations.operators import hash_pin


def operator_routes(parts: Parts) -> APIRouter:
    """Return the routes of operators."""
    router = APIRouter(prefix="/v1/operators", tags=["operators"])
    store = parts.registry.operators

    @router.get("", dependencies=[needs("admin")], summary="List operators")
    async def list_operators(
        active: bool | None = None, after: After = None, limit: Limit = 100
    ) -> Response:
        found = store.page(after, limit, active)
        return answer(page_of(found, limit, show_operator, lambda one: one.badge))

    @router.get("/{badge}", dependencies=[needs("admin")], summary="An operator")
    async def get_operator(badge: str) -> Response:
        found = store.get(badge)
        return answer(show_operator(found), headers={"etag": etag(found.version)})

    @router.put("/{badge}", dependencies=[needs("admin")], summary="Make or change an operator")
    async def put_operator(
        badge: str,
        body: JsonObject,
        who: Who,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
        dry_run: DryRun = False,
    ) -> Response:
        """`pin` (4 to 12 digits) is kept hashed and never shown; null takes it away. `roles` are
        rights such as `registry:write_off`; they narrow what the key or station may, and without
        any the person may all of that. A new `badge` needs the PIN again."""
        version = version_of(f"Operator {badge!r}", seen(if_match, if_none_match))
        return await save_one(
            parts, lambda t: store.save(t, badge, body, who.name, hash_pin, version),
            show_operator, dry_run,
        )  # fmt: skip

    @router.delete("/{badge}", dependencies=[needs("admin")], summary="Remove an operator")
    async def delete_operator(badge: str, who: Who) -> Response:
        """The record keeps the name beside everything the person did."""
        await parts.database.write(lambda t: store.delete(t, badge, who.name))
        return Response(status_code=204)

    return router


def show_operator(operator: Operator) -> Json:
    """Return an operator without the PIN."""
    return {
        "badge": operator.badge,
        "name": operator.name,
        "has_pin": operator.has_pin,
        "roles": list(operator.roles),
        "active": operator.active,
        "version": operator.version,
        "created_at": rfc3339(operator.created_at),
        "changed_at": rfc3339(operator.changed_at),
        "links": {"self": f"/v1/operators/{operator.badge}"},
    }
