"""Customers, suppliers and carriers over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Response

from gateway.api.access import needs
from gateway.api.parts import Parts
from gateway.api.registry.coded import Noun, add_coded_routes
from gateway.api.registry.saving import (
    After,
    Begins,
    Limit,
)
from gateway.api.showing import Json, answer, page_of, rfc3339
from gateway.errors import InputRefused
from gateway.registry.parties import KINDS, Party

RIGHT = "registry:party"


def party_routes(parts: Parts) -> APIRouter:
    """Return the routes of parties."""
    router = APIRouter(prefix="/v1/parties", tags=["parties"])
    store = parts.registry.parties

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

    add_coded_routes(
        router, parts, store,
        Noun(
            "party", "parties", RIGHT, show_party, show_party,
            "`kind` is `customer`, `supplier`, `both` or `carrier`; what is left out stays as it "
            "was.",
        ),
    )  # fmt: skip
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
