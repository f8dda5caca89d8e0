"""Custom fields over HTTP: what an administrator adds to serials, items, lots and the rest."""

from __future__ import annotations

from fastapi import APIRouter, Response

from gateway.api.access import Who, needs
from gateway.api.changes import JsonObject
from gateway.api.parts import Parts
from gateway.api.registry.saving import DryRun, save_one
from gateway.api.showing import Json, answer, listed
from gateway.registry.field_rules import SCOPES
from gateway.registry.fields import Field


def field_routes(parts: Parts) -> APIRouter:
    """Return the routes of custom fields."""
    router = APIRouter(prefix="/v1/fields", tags=["custom fields"])
    store = parts.registry.fields

    @router.get("", dependencies=[needs("read")], summary="List all custom fields")
    async def list_fields() -> Response:
        found = [field for scope in SCOPES for field in store.all(scope)]
        return answer(listed([show_field(field) for field in found]))

    @router.get("/{scope}", dependencies=[needs("read")], summary="The custom fields of a scope")
    async def list_fields_of(scope: str) -> Response:
        """`serial`, `item`, `lot`, `document`, `location` or `party`, in the order of `rank`."""
        return answer(listed([show_field(field) for field in store.all(scope)]))

    @router.get("/{scope}/{key}", dependencies=[needs("read")], summary="A custom field")
    async def get_field(scope: str, key: str) -> Response:
        return answer(show_field(store.get(scope, key)))

    @router.put("/{scope}/{key}", dependencies=[needs("admin")],
                summary="Make or change a custom field")  # fmt: skip
    async def put_field(
        scope: str, key: str, body: JsonObject, who: Who, dry_run: DryRun = False
    ) -> Response:
        """`type` is `text`, `number`, `date`, `yes_no` or `choice` (with `choices`). `required_at`
        lists steps that need it: actions of serials as `receive`, for the rest `save`.
        `searchable`: serials are found by it. Values that there are must still fit."""
        return await save_one(
            parts, lambda t: store.save(t, scope, key, body, who.name), show_field, dry_run
        )

    @router.delete("/{scope}/{key}", dependencies=[needs("admin")],
                   summary="Remove a custom field that nothing has a value of")  # fmt: skip
    async def delete_field(scope: str, key: str, who: Who) -> Response:
        await parts.database.write(lambda t: store.delete(t, scope, key, who.name))
        return Response(status_code=204)

    return router


def show_field(field: Field) -> Json:
    """Return a custom field."""
    return {
        "scope": field.scope,
        "key": field.key,
        "label": field.label,
        "type": field.type,
        "choices": list(field.choices),
        "required_at": list(field.required_at),
        "searchable": field.searchable,
        "rank": field.rank,
        "links": {"self": f"/v1/fields/{field.scope}/{field.key}"},
    }
