"""The box in the head of every page: whatever is scanned or typed into it leads where it means.

    ?q= ──what the code means, exactly──► one thing ──► its page
                                      ├─► several ──► cards to choose from
                                      └─► nothing ──► what looks like it, and what begins with it

Nothing is taken for something else: what looks like a code is shown, and never opened by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Api, Asked, Declined, at
from gateway.console.frame import Frame
from gateway.console.listing import Row
from gateway.console.state_words import STATES

LONGEST = 500
"""Characters that are looked for; the longest code that any scanner here reads has fewer."""

MOST = 20
"""Things of a kind that are shown for what they begin with."""

_JOB = re.compile(r"([JL])0*([1-9][0-9]{0,15})", re.ASCII | re.IGNORECASE)


class Place(NamedTuple):
    """Something that a code may mean, and where it is shown."""

    kind: str
    name: str
    to: str
    about: str = ""
    serial: Row | None = None


KIND_WORDS = {
    "serial": "Serial",
    "item": "Item",
    "location": "Location",
    "lot": "Lot",
    "document": "Document",
    "party": "Customer or supplier",
    "operator": "Person",
    "job": "Job",
    "label": "Label",
    "new": "New serial",
}
"""Kind -> what people call it."""

PAGES = {
    "serial": "/serials/{}",
    "item": "/items/{}",
    "location": "/locations/{}",
    "lot": "/lots/{}",
    "party": "/parties/{}",
    "operator": "/people/{}",
}
"""Kind -> its page."""

BEGINNINGS = (
    ("item", "/v1/items", "sku"),
    ("party", "/v1/parties", "code"),
    ("location", "/v1/locations", "code"),
)
"""What is found by its beginning: (kind, its list, what it is called there)."""


async def meanings(api: Api, code: str) -> tuple[list[Place], list[str], str]:
    """Return all that a code means exactly, what looks like it, and why nothing was found."""
    found: list[Place] = []
    match = _JOB.fullmatch(code)
    if match is not None:
        found += await _printed(api, match[1].upper() + match[2])
    try:
        said = (await api.ask("POST", "/v1/scans/resolve", {"code": code})).json
    except Declined:
        return found, [], ""
    for one in said["candidates"]:
        place = _place(one, said["reading"]["text"])
        if one["kind"] == "serial":
            place = place._replace(serial=await api.get(at("/v1/serials/{}", one["id"])))
        found.append(place)
    return found, list(said["similar"]), "" if found else str(said["sentence"])


def _place(one: Row, code: str) -> Place:
    """Return where a thing is shown that a code means."""
    kind, name, item = str(one["kind"]), str(one["name"]), str(one["item"] or "")
    if kind == "document":
        of, _, number = name.partition(" ")
        return Place(kind, number, at("/documents/{}/{}", of, number), of)
    if kind in ("serial", "lot"):
        return Place(kind, name, at(PAGES[kind], one["id"]), item)
    if kind == "operator":
        return Place(kind, name, at(PAGES[kind], code))
    if kind == "new":
        return Place(kind, name, at(PAGES["item"], item), item)
    return Place(kind, name, at(PAGES[kind], name))


async def _printed(api: Api, name: str) -> list[Place]:
    try:
        if name[0] == "J":
            job = await api.get(at("/v1/jobs/{}", name))
            return [Place("job", job["id"], at("/jobs/{}", job["id"]), job["title"])]
        label = await api.get(at("/v1/labels/{}", name))
    except Declined:
        return []
    return [Place("label", label["id"], at("/jobs/{}", label["job"]), label["job"])]


async def beginnings(api: Api, code: str) -> tuple[list[Row], list[Place]]:
    """Return the serials that begin with a text, and other things that do."""
    try:
        serials = (await api.get("/v1/serials", prefix=code, limit=MOST))["items"]
    except Declined:
        serials = []
    others: list[Place] = []
    for kind, path, key in BEGINNINGS:
        try:
            rows = (await api.get(path, q=code, limit=MOST))["items"]
        except Declined:
            continue
        others += [
            Place(kind, row[key], at(PAGES[kind], row[key]), row.get("name") or "") for row in rows
        ]
    return serials, others


def chosen(found: list[Place]) -> Iterator[Place]:
    """Yield the one thing that is meant, if it is one; a serial that nobody has yet is none."""
    if len(found) == 1 and found[0].kind != "new":
        yield found[0]


def finding_pages(frame: Frame) -> APIRouter:
    """Return the route of the box that finds."""
    router = frame.router()

    @router.get("/find", dependencies=[needs("read")])
    async def find(request: Request, api: Asked, q: str = "") -> Response:
        code = q.strip()[:LONGEST]
        found: list[Place] = []
        similar: list[str] = []
        why = ""
        if code:
            found, similar, why = await meanings(api, code)
        for one in chosen(found):
            return frame.back(request, one.to)
        serials, others = await beginnings(api, code) if code and not found else ([], [])
        return frame.page(
            request, "find.html", code=code, found=found, similar=similar, why=why,
            serials=serials, others=others, kinds=KIND_WORDS, states=STATES, most=MOST,
        )  # fmt: skip

    return router
