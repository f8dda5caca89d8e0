"""Pools: names for several printers. A job sent to one is printed by the first that can."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from gateway.api.access import Who, needs
from gateway.api.changes import JsonObject
from gateway.api.etags import IfMatch, IfNoneMatch, etag, seen, version_of
from gateway.api.fitting import refit_pool
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.showing import Json, after_name, answer, page_of, rfc3339, show_status
from gateway.errors import PrinterRefused
from gateway.printers import Pool
from gateway.store.engine import Transaction

MOST_MEMBERS = 100


def pool_routes(parts: Parts) -> APIRouter:
    """Return the routes of pools."""
    router = APIRouter(prefix="/v1/pools", tags=["pools"])
    store = parts.pools

    def shown(pool: Pool) -> Json:
        members = store.members(pool.id)
        return {
            "name": pool.name,
            "members": [
                {
                    "printer": printer.name,
                    "stock": printer.media.stock,
                    "status": show_status(parts.room.status(printer.id)),
                }
                for printer in members
            ],
            "waiting": parts.jobs.backlog(pool.id),
            "version": pool.version,
            "created_at": rfc3339(pool.created_at),
            "changed_at": rfc3339(pool.changed_at),
            "links": {"self": f"/v1/pools/{pool.name}"},
        }

    @router.get("", dependencies=[needs("read")], summary="List the pools")
    async def list_pools(
        after: str | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> Response:
        found = after_name(store.all(), after)
        return answer(page_of(found, limit, shown, lambda one: one.name))

    @router.get("/{name}", dependencies=[needs("read")], summary="A pool and how its printers are")
    async def get_pool(name: str) -> Response:
        pool = store.find(name)
        return answer(shown(pool), headers={"etag": etag(pool.version)})

    @router.put("/{name}", dependencies=[needs("admin")], summary="Make or change a pool")
    async def put_pool(
        name: str,
        body: JsonObject,
        who: Who,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """`members` are names of printers. The first that is ready and has the right stock,
        density and language takes the next labels; what may be on paper stays with its printer."""
        refuse_unknown(body, ("members", "name"), "A pool")
        version = version_of(f"Pool {name!r}", seen(if_match, if_none_match))
        was = next((p for p in store.all() if p.name.lower() == name.lower()), None)
        members = _members(body, parts, was)
        rename = body.get("name")
        if rename is not None and not isinstance(rename, str):
            raise PrinterRefused(f"A pool's 'name' must be a text, got {say(rename)}.", key="name")

        def work(t: Transaction) -> tuple[Pool, bool]:
            pool, new = store.put(t, name, members, who.name, version=version, rename=rename)
            refit_pool(t, parts, pool, who.name)
            return pool, new

        pool, new = await parts.database.write(work)
        headers = {"etag": etag(pool.version), "location": f"/v1/pools/{pool.name}"}
        return answer(shown(pool), 201 if new else 200, headers)

    @router.delete("/{name}", dependencies=[needs("admin")], summary="Delete a pool")
    async def delete_pool(name: str, who: Who) -> Response:
        """Its printers stay. Refused while labels wait for it."""
        await parts.database.write(lambda t: store.delete(t, name, who.name))
        return Response(status_code=204)

    return router


def _members(body: dict[str, Any], parts: Parts, was: Pool | None) -> list[str]:
    members = body.get("members")
    if members is None and was is not None:
        return [printer.name for printer in parts.pools.members(was.id)]
    if (
        not isinstance(members, list)
        or len(members) > MOST_MEMBERS
        or not all(isinstance(member, str) for member in members)
    ):
        raise PrinterRefused(
            f"A pool's 'members' must be a list of at most {MOST_MEMBERS} printers' names, got "
            f"{say(members)}.",
            key="members",
        )
    return members
