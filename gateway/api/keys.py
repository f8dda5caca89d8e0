"""Keys of programs, and the settings that people change while the gateway runs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.api.access import Who, needs
from gateway.api.changes import JsonObject
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.showing import after_name, answer, page_of, show_key
from gateway.errors import InputRefused
from gateway.store.engine import Transaction, now
from gateway.store.keys import Key

LONGEST_LIFE = 10 * 366 * 24 * 3600
"""Seconds."""


def key_routes(parts: Parts) -> APIRouter:
    """Return the routes of keys and settings."""
    router = APIRouter(prefix="/v1", tags=["keys and settings"])
    keys, settings = parts.keys, parts.settings

    @router.get("/keys", dependencies=[needs("admin")], summary="List keys, without their secrets")
    async def list_keys(
        after: str | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> Response:
        found = after_name(sorted(keys.all(), key=lambda key: key.name.lower()), after)
        return answer(page_of(found, limit, show_key, lambda key: key.name))

    @router.post("/keys", dependencies=[needs("admin")], summary="Make a key; it is shown once")
    async def make_key(body: JsonObject, who: Who) -> Response:
        """`name`, `scopes`, and `expires_in` (seconds) or `expires_at` (RFC 3339) if it shall end.
        The answer's `key` is never shown again. An `Idempotency-Key` is not kept here: an answer
        that is kept would be a secret that is kept."""
        refuse_unknown(body, ("name", "scopes", "expires_in", "expires_at"), "A key")
        name, scopes = body.get("name"), body.get("scopes")
        if not isinstance(name, str):
            raise InputRefused(f"'name' must say whose key it is, got {say(name)}.", key="name")
        if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
            raise InputRefused(
                f'\'scopes\' must be a list such as ["read", "print"], got {say(scopes)}.',
                key="scopes",
            )
        expires_at = _expiry(body.get("expires_in"), body.get("expires_at"), now())

        def work(t: Transaction) -> tuple[Key, str]:
            return keys.make(t, name, scopes, who.name, expires_at=expires_at)

        key, text = await parts.database.write(work)
        shown = {**show_key(key), "key": text, "links": {"self": f"/v1/keys/{key.name}"}}
        headers = {"location": f"/v1/keys/{key.name}", "cache-control": "no-store"}
        return answer(shown, 201, headers)

    @router.get("/keys/{name}", dependencies=[needs("admin")], summary="A key, by name or id")
    async def get_key(name: str) -> Response:
        return answer(show_key(keys.get(name)))

    @router.delete("/keys/{name}", dependencies=[needs("admin")], summary="Revoke a key")
    async def revoke_key(name: str, who: Who) -> Response:
        key = keys.get(name)
        await parts.database.write(lambda t: keys.revoke(t, key.id, who.name))
        return Response(status_code=204)

    @router.get("/settings", dependencies=[needs("read")], summary="Settings of the site")
    async def get_settings() -> Response:
        return answer(settings.all())

    @router.put("/settings/{name}", dependencies=[needs("admin")], summary="Change a setting")
    async def put_setting(name: str, body: JsonObject, who: Who) -> Response:
        """`{"value": …}`. With `local_access` `closed`, programs on this computer need a key too;
        the gateway's own command line finds one in the data directory."""
        refuse_unknown(body, ("value",), "A setting")
        value = body.get("value")
        kept = await parts.database.write(lambda t: settings.put(t, name, value, who.name))
        await parts.away(parts.settings_changed)
        return answer({name: kept})

    return router


def _expiry(seconds: object, moment: object, at: int) -> int | None:
    if seconds is not None and moment is not None:
        raise InputRefused("Give 'expires_in' or 'expires_at', not both.")
    if seconds is not None:
        if type(seconds) in (int, float) and 0 < seconds <= LONGEST_LIFE:  # type: ignore[operator]
            return at + int(seconds * 1_000_000)  # type: ignore[operator]
        raise InputRefused(
            f"'expires_in' must be seconds, more than 0 and at most ten years, got {say(seconds)}.",
            key="expires_in",
        )
    if moment is None:
        return None
    try:
        parsed = datetime.fromisoformat(moment) if isinstance(moment, str) else None
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo is None or parsed.timestamp() * 1_000_000 <= at:
        raise InputRefused(
            "'expires_at' must be a time to come with its zone, such as 2030-01-01T00:00:00Z, got "
            f"{say(moment)}.",
            key="expires_at",
        )
    return int(parsed.timestamp() * 1_000_000)
