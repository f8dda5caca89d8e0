"""Webhooks: programs outside that are told what happens, and what they have not taken yet.

Only administrators see them: a URL often holds what proves to its receiver who sends. A secret is
shown when it is made, and never again.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from gateway.api.access import Who, needs
from gateway.api.changes import JsonObject
from gateway.api.etags import IfMatch, IfNoneMatch, etag, seen, version_of
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.showing import Json, after_name, answer, page_of, rfc3339, show_entry
from gateway.errors import InputRefused
from gateway.outward.addresses import parse_receiver
from gateway.outward.signing import make_secret
from gateway.outward.webhooks import try_out
from gateway.store.engine import Transaction
from gateway.store.webhooks import Delivery, Webhook, WebhookSettings

KEYS = ("url", "kinds", "stations", "private", "active", "after", "name")

MOST_CHOSEN = 100
"""Kinds, or stations, of one webhook."""

LONGEST_CHOICE = 80
"""Characters of a kind or a station's name."""


def webhook_routes(parts: Parts) -> APIRouter:
    """Return the routes of webhooks."""
    router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])
    store = parts.webhooks
    admin = needs("admin")

    def shown(hook: Webhook) -> Json:
        return show_webhook(parts, hook)

    def with_secret(hook: Webhook, status: int, tag: bool = True) -> Response:
        headers = {"cache-control": "no-store", "location": f"/v1/webhooks/{hook.name}"}
        if tag:
            headers["etag"] = etag(hook.version)
        return answer({**shown(hook), "secret": hook.secret}, status, headers)

    @router.get("", dependencies=[admin], summary="List the webhooks, without their secrets")
    async def list_webhooks(
        after: str | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> Response:
        return answer(page_of(after_name(store.all(), after), limit, shown, lambda one: one.name))

    @router.get("/{name}", dependencies=[admin], summary="A webhook, and what waits for it")
    async def get_webhook(name: str) -> Response:
        hook = store.find(name)
        return answer(shown(hook), headers={"etag": etag(hook.version)})

    @router.put("/{name}", dependencies=[admin], summary="Make or change a webhook")
    async def put_webhook(
        name: str,
        body: JsonObject,
        who: Who,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """What the body leaves out stays as it was. `kinds` are whole kinds or their beginnings
        (`scan` for all scans), `stations` names; [] for all. `private` false keeps it to addresses
        of the internet. With `active` false nothing is sent, and it goes on from there when it is
        true again; `after` sets the entry of the feed it goes on behind, `"now"` the newest. A new
        webhook's `secret` is in this answer and never shown again."""
        version = version_of(f"Webhook {name!r}", seen(if_match, if_none_match))
        was = next((one for one in store.all() if one.name.lower() == name.lower()), None)
        settings, place, rename = _read(body, was)
        secret = make_secret()

        def work(t: Transaction) -> tuple[Webhook, bool]:
            return store.put(
                t, name, settings, secret, who.name, version=version, rename=rename, after=place
            )

        hook, new = await parts.database.write(work)
        if new:
            return with_secret(hook, 201)
        headers = {"etag": etag(hook.version), "location": f"/v1/webhooks/{hook.name}"}
        return answer(shown(hook), 200, headers)

    @router.delete("/{name}", dependencies=[admin], summary="Delete a webhook")
    async def delete_webhook(name: str, who: Who) -> Response:
        """What waits for it, or is dead, goes with it."""
        await parts.database.write(lambda t: store.delete(t, name, who.name))
        return Response(status_code=204)

    @router.post("/{name}/rotate", dependencies=[admin], summary="Give it another secret")
    async def rotate(name: str, who: Who) -> Response:
        """The answer's `secret` is never shown again. For a day each message is signed with the
        one before, too, so that the receiver can change over."""
        secret = make_secret()
        hook = await parts.database.write(lambda t: store.change_secret(t, name, secret, who.name))
        return with_secret(hook, 200)

    @router.post("/{name}/test", dependencies=[admin], summary="Send it a message now")
    async def test(name: str, who: Who) -> Response:
        """Sends a `webhook.tested` event once and says what came of it; it is not tried again.
        Nothing of what the receiver answers is shown but its status."""
        hook = store.find(name)
        entry = await parts.database.write(lambda t: store.tested(t, hook, who.name))
        outcome = await asyncio.to_thread(try_out, hook, entry, show_entry(entry))
        return answer(
            {"taken": outcome.taken, "status": outcome.status, "sentence": outcome.sentence}
        )

    @router.get(
        "/{name}/deliveries", dependencies=[admin], summary="What it has not taken, oldest first"
    )
    async def list_deliveries(
        name: str,
        state: Literal["waiting", "dead"] | None = None,
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        """`waiting` ones are tried again by themselves; `dead` ones were tried to the end, and
        wait for a person. What was taken is gone from here; the feed keeps the event itself."""
        found = store.deliveries(store.find(name), state, after, limit + 1)
        hook = store.find(name).name
        return answer(
            page_of(found, limit, lambda one: show_delivery(hook, one), lambda one: one.id)
        )

    @router.post(
        "/{name}/deliveries/{delivery}/resend", dependencies=[admin], summary="Send one again now"
    )
    async def resend(name: str, delivery: int, who: Who) -> Response:
        """It is tried as often as a new one."""
        return await send_again(name, delivery, who.name)

    @router.post("/{name}/resend", dependencies=[admin], summary="Send all dead ones again now")
    async def resend_dead(name: str, who: Who) -> Response:
        return await send_again(name, None, who.name)

    async def send_again(name: str, delivery: int | None, actor: str) -> Response:
        hook = store.find(name)
        count = await parts.database.write(lambda t: store.send_again(t, hook, delivery, actor))
        return answer({"resent": count})

    return router


def show_webhook(parts: Parts, hook: Webhook) -> Json:
    """Return a webhook, its place in the feed, and how much waits for it."""
    place, waiting, dead = parts.webhooks.standing(hook)
    return {
        "name": hook.name,
        "url": hook.url,
        "kinds": list(hook.kinds),
        "stations": list(hook.stations),
        "private": hook.private,
        "active": hook.active,
        "trouble": hook.trouble,
        "after": place,
        "waiting": waiting,
        "dead": dead,
        "version": hook.version,
        "created_at": rfc3339(hook.created_at),
        "changed_at": rfc3339(hook.changed_at),
        "links": {
            "self": f"/v1/webhooks/{hook.name}",
            "deliveries": f"/v1/webhooks/{hook.name}/deliveries",
        },
    }


def show_delivery(hook: str, delivery: Delivery) -> Json:
    """Return what was not taken yet, and why."""
    return {
        "id": delivery.id,
        "event": str(delivery.entry),
        "type": delivery.kind,
        "subject": delivery.subject,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "next_at": None if delivery.next_at is None else rfc3339(delivery.next_at),
        "status": delivery.status,
        "error": delivery.error,
        "at": rfc3339(delivery.at),
        "links": {"resend": f"/v1/webhooks/{hook}/deliveries/{delivery.id}/resend"},
    }


def _read(
    body: dict[str, Any], was: Webhook | None
) -> tuple[WebhookSettings, int | Literal["now"] | None, str | None]:
    refuse_unknown(body, KEYS, "A webhook")
    url = body.get("url", was.url if was else None)
    if not isinstance(url, str):
        raise InputRefused(
            f"A webhook's 'url' must say where to send, such as https://erp.example/hooks, got "
            f"{say(url)}.",
            key="url",
        )
    parse_receiver(url)
    rename = body.get("name")
    if rename is not None and not isinstance(rename, str):
        raise InputRefused(f"A webhook's 'name' must be a text, got {say(rename)}.", key="name")
    place = body.get("after")
    if place is not None and place != "now" and not (type(place) is int and 0 <= place < 10**18):
        raise InputRefused(
            f"'after' must be the number of an entry of the feed, or \"now\", got {say(place)}.",
            key="after",
        )
    settings = WebhookSettings(
        url,
        _chosen(body, "kinds", was.kinds if was else ()),
        _chosen(body, "stations", was.stations if was else ()),
        _flag(body, "private", was.private if was else True),
        _flag(body, "active", was.active if was else True),
    )
    return settings, place, rename


def _chosen(body: dict[str, Any], key: str, was: tuple[str, ...]) -> tuple[str, ...]:
    found = body.get(key)
    if found is None:
        return was
    if (
        not isinstance(found, list)
        or len(found) > MOST_CHOSEN
        or not all(isinstance(one, str) and 0 < len(one) <= LONGEST_CHOICE for one in found)
    ):
        raise InputRefused(
            f"'{key}' must be a list of at most {MOST_CHOSEN} texts, [] for all, got {say(found)}.",
            key=key,
        )
    return tuple(dict.fromkeys(found))


def _flag(body: dict[str, Any], key: str, was: bool) -> bool:
    found = body.get(key, was)
    if not isinstance(found, bool):
        raise InputRefused(f"'{key}' must be true or false, got {say(found)}.", key=key)
    return found
