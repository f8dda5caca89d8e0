"""The history of a label: every version with its picture, what differs, the way back, and what
waits for a second person.

GET /templates/bin/versions ──► all of them
GET /templates/bin/versions?from=2&to=4 ──► and those two over each other, to the dot
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.api.label_pictures import DRAFT
from gateway.console.asking import Api, Asked, Declined, at
from gateway.console.frame import Frame
from gateway.console.words import translate

AT_ONCE = 24
"""Versions on one page: each has a picture."""

PERSON_WORDS = {
    "local": "somebody at the gateway's computer",
    "gateway": "came with the gateway",
}
"""Who did it, where it is nobody with a key."""

_SIDES = ("x", "y", "width", "height")


def version_pages(frame: Frame) -> APIRouter:
    """Return the route of the page."""
    router = frame.router()

    @router.get("/templates/{name}/versions", dependencies=[needs("read")])
    async def get_versions(name: str, request: Request, api: Asked) -> Response:
        language = frame.language(request)
        query = request.query_params

        draft = await _or_none(api, at("/v1/templates/{}/draft", name))
        asked = await _or_none(api, at("/v1/templates/{}/request", name))
        waits = asked if asked and asked["state"] == "waiting" else None
        after = query.get("after", "")
        try:
            current = await api.get(at("/v1/templates/{}", name))
            listed = await api.get(
                at("/v1/templates/{}/versions", name), after=after, limit=AT_ONCE
            )
        except Declined as refusal:
            if refusal.status != 404 or not (draft or waits):
                raise
            current, listed = None, {"items": [], "next": None}
        compared = await _compared(api, name, query.get("from", ""), query.get("to", ""))
        newest: dict[str, Any] = current or draft or waits or {}
        return frame.page(
            request, "versions.html",
            name=newest["name"],
            title=newest["document"].get("title") or newest["name"],
            current=current, versions=listed["items"], next=listed["next"],
            draft=draft, asked=asked, waits=waits, compared=compared,
            change=await _change(api, name, current, waits) if waits and current else None,
            numbers=[one["number"] for one in listed["items"]],
            person=lambda actor: person(actor, language),
        )  # fmt: skip

    return router


def person(actor: str, language: str) -> str:
    """Return who did it, as people call them.

    >>> person("key:anna", "en"), person("local", "en")
    ('anna', "somebody at the gateway's computer")
    """
    words = PERSON_WORDS.get(actor)
    return translate(words, language) if words else actor.removeprefix("key:")


async def _or_none(api: Api, path: str) -> dict[str, Any] | None:
    """Return what is at a path; None when nothing is."""
    try:
        found: dict[str, Any] = await api.get(path)
    except Declined as refusal:
        if refusal.status != 404:
            raise
        return None
    return found


async def _change(
    api: Api, name: str, current: dict[str, Any], waits: dict[str, Any]
) -> dict[str, Any] | None:
    """Return what differs from the current version in what waits; None when nobody can draw it."""
    try:
        return await _compared(api, name, str(current["number"]), waits["version"])
    except Declined as refusal:
        if refusal.status != 422:
            raise
        return None


async def _compared(api: Api, name: str, before: str, after: str) -> dict[str, Any] | None:
    """Return what differs between two versions, with a place in µm; None when none are chosen."""
    if not before or not after:
        return None
    path = at("/v1/templates/{}/compare", name)
    found: dict[str, Any] = await api.get(path, {"from": before, "to": after})
    box = found["rectangle"]
    place = None if box is None else {side: box[side] * 1000 / found["density"] for side in _SIDES}
    return {**found, "before": before, "after": after, "place": place, "is_draft": after == DRAFT}
