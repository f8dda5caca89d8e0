"""Locations over HTTP: a tree of sites, zones and bins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Response

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
from gateway.registry.places import KINDS, Location

RIGHT = "registry:location"


def location_routes(parts: Parts) -> APIRouter:
    """Return the routes of locations."""
    router = APIRouter(prefix="/v1/locations", tags=["locations"])
    store = parts.registry.places

    def allowed(asked: Asking) -> Doer:
        who = doer(parts, asked)
        who.must(RIGHT)
        return who

    @router.get("", dependencies=[needs("read")], summary="List locations")
    async def list_locations(
        q: Begins = None,
        kind: str | None = None,
        parent: Annotated[
            str | None, Query(description="What is right inside it; empty: inside nothing.")
        ] = None,
        active: bool | None = None,
        after: After = None,
        limit: Limit = 100,
    ) -> Response:
        if kind is not None and kind not in KINDS:
            raise InputRefused(
                f"'kind' must be one of {', '.join(KINDS)}, got {kind[:40]!r}.", key="kind"
            )
        found = store.page(after, limit, q=q, kind=kind, parent=parent, active=active)
        return answer(page_of(found, limit, show_location, lambda one: one.code))

    @router.get("/by-external-id/{id:path}", dependencies=[needs("read")],
                summary="A location, by another system's id")  # fmt: skip
    async def get_external_location(id: str) -> Response:
        found = store.get_external(id)
        return answer(show_location(found), headers={"etag": etag(found.version)})

    @router.get("/{code}", dependencies=[needs("read")], summary="A location")
    async def get_location(code: str) -> Response:
        """`path` are the codes from the site down to it."""
        found = store.get(code)
        shown = show_location(found) | {"path": store.path(found.code)}
        return answer(shown, headers={"etag": etag(found.version)})

    @router.put("", dependencies=[needs(RIGHT)], summary="Make or change many locations, or none")
    async def put_locations(
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
        wanted = version_of(f"Location {code or external_id!r}", version)
        return await save_one(
            parts,
            lambda t: store.save(
                t, body, who.by.actor, code=code, external_id=external_id, version=wanted
            ),
            show_location, dry,
        )  # fmt: skip

    @router.put("/by-external-id/{id:path}", dependencies=[needs(RIGHT)],
                summary="Make or change the location that another system calls so")  # fmt: skip
    async def put_external_location(
        id: str,
        body: JsonObject,
        asked: Asking,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
        dry_run: DryRun = False,
    ) -> Response:
        """The id stays when the location is called something else there: `code` may change."""
        return await put(body, asked, seen(if_match, if_none_match), dry_run, external_id=id)

    @router.put("/{code}", dependencies=[needs(RIGHT)], summary="Make or change a location")
    async def put_location(
        code: str,
        body: JsonObject,
        asked: Asking,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
        dry_run: DryRun = False,
    ) -> Response:
        """What is left out stays as it was. One that holds goods, or active locations, cannot be
        made inactive; one that is inactive receives nothing."""
        return await put(body, asked, seen(if_match, if_none_match), dry_run, code=code)

    @router.delete("/{code}", dependencies=[needs(RIGHT)],
                   summary="Remove a location that nothing names")  # fmt: skip
    async def delete_location(code: str, asked: Asking) -> Response:
        who = allowed(asked)
        await parts.database.write(lambda t: store.delete(t, code, who.by.actor))
        return Response(status_code=204)

    return router


def show_location(location: Location) -> Json:
    """Return a location as ``PUT`` takes it, with what else is known of it."""
    return {
        "code": location.code,
        "name": location.name,
        "kind": location.kind,
        "parent": location.parent,
        "active": location.active,
        "gln": location.gln,
        "barcode": location.barcode,
        "external_id": location.external_id,
        "fields": dict(location.fields),
        "version": location.version,
        "created_at": rfc3339(location.created_at),
        "changed_at": rfc3339(location.changed_at),
        "links": {
            "self": f"/v1/locations/{location.code}",
            "inside": f"/v1/locations?parent={location.code}",
            "serials": f"/v1/locations/{location.code}/serials",
        },
    }
