"""Labels: every label there is as a card with its true picture, and what a scan can be printed on.

/templates          the cards; ?q= is a part of a name, or whatever was scanned
a scan ──what it means──► the labels about such a thing ──► print, with that record filled in
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Api, Asked, Declined, at
from gateway.console.finding import KIND_WORDS, Place, meanings
from gateway.console.frame import Frame
from gateway.console.listing import Row, pages

LONGEST = 500
"""Characters of a scan that are looked at."""

MOST = 60
"""Cards that are shown at once."""

MOST_NEW = 50
"""Labels that were never published, each of which is asked for by itself."""

ABOUT_WORDS: Mapping[str, str] = {
    "serial": "About a serial",
    "item": "About an item",
    "lot": "About a lot",
    "location": "About a location",
    "party": "About a customer or supplier",
}
"""What in the registry fills a label -> words."""

BUILT_IN = "gateway"
"""The actor of labels nobody here has touched."""

USUAL = ("serial-label", "serial", "item-label", "location-label", "shipping-label")
"""Built-in labels that people look for first; the others follow."""


@dataclass(frozen=True, slots=True)
class Card:
    """A label as the page shows it."""

    name: str
    title: str
    number: int
    """Of the published version; 0 when it never was."""
    picture: str
    width: int
    height: int
    """µm."""
    about: str
    asks: Sequence[str]
    """Titles of the fields without which it does not print."""
    actor: str
    saved_at: str
    draft: Row | None
    """Who edits it now."""
    waits: Row | None
    """What waits for a second person."""
    stocked: bool
    """Whether some printer has stock for it; also when there is no printer yet."""

    @property
    def broken(self) -> bool:
        """Whether its draft could not be published as it is."""
        return self.draft is not None and self.draft["version"] is None

    def called(self, text: str) -> bool:
        """Return whether it is called so, or nearly."""
        return text.casefold() in f"{self.title}\n{self.name}".casefold()

    def shows(self, kinds: Collection[str]) -> bool:
        """Return whether it prints and is about one of these."""
        return self.number > 0 and self.about in kinds


async def cards(api: Api) -> list[Card]:
    """Return all labels: what people here made first, newest first, then the built-in ones."""
    listed = [one async for one in pages(api, "/v1/templates", {})]
    drafts = {one["name"].lower(): one for one in (await api.get("/v1/drafts"))["items"]}
    waits = {one["name"].lower(): one for one in (await api.get("/v1/approvals"))["items"]}
    printers = (await api.get("/v1/printers", limit=500))["items"]
    found = [
        _card(one, drafts.pop(one["name"].lower(), None), waits.get(one["name"].lower()), printers)
        for one in listed
    ]
    for draft in list(drafts.values())[:MOST_NEW]:
        try:
            document = (await api.get(at("/v1/templates/{}/draft", draft["name"])))["document"]
        except Declined:  # it was published or discarded a moment ago
            continue
        found.append(_new(draft, document, waits.get(draft["name"].lower()), printers))
    found.sort(key=lambda one: one.saved_at, reverse=True)
    found.sort(key=_place)
    return found


def _place(one: Card) -> int:
    if one.actor != BUILT_IN or one.draft is not None:
        return -1
    return USUAL.index(one.name) if one.name in USUAL else len(USUAL)


def _card(one: Row, draft: Row | None, waits: Row | None, printers: Sequence[Row]) -> Card:
    size = one["size"]
    return Card(
        name=one["name"],
        title=one["title"] or one["name"],
        number=one["number"],
        picture=at("/v1/templates/{}/picture.png?version={}", one["name"], one["version"]),
        width=size["width"],
        height=size["height"],
        about=noun_of(one["about"], {f["name"]: f["required"] for f in one["fields"]}),
        asks=[field["title"] for field in one["fields"] if field["required"]],
        actor=one["actor"],
        saved_at=draft["saved_at"] if draft else one["saved_at"],
        draft=draft,
        waits=waits,
        stocked=_stocked(size["width"], size["height"], printers),
    )


def _new(
    draft: Row, document: Mapping[str, Any], waits: Row | None, printers: Sequence[Row]
) -> Card:
    """Return the card of a label that was never published; its draft may be anything."""
    width, height = size_of(document)
    title = document.get("title")
    about = document.get("about")
    return Card(
        name=draft["name"],
        title=title if isinstance(title, str) and title else draft["name"],
        number=0,
        picture=at("/v1/templates/{}/picture.png?draft=1&tag={}", draft["name"], draft["tag"]),
        width=width,
        height=height,
        about=about if isinstance(about, str) else "",
        asks=(),
        actor=draft["actor"],
        saved_at=draft["saved_at"],
        draft=draft,
        waits=waits,
        stocked=not width or _stocked(width, height, printers),
    )


def size_of(document: Mapping[str, Any]) -> tuple[int, int]:
    """Return width and height of a document in µm; 0 where it does not say.

    >>> size_of({"size": {"width": 50000, "height": 25000}}), size_of({"size": 7})
    ((50000, 25000), (0, 0))
    """
    size = document.get("size")
    sides = [size.get(key) if isinstance(size, dict) else 0 for key in ("width", "height")]
    width, height = (side if type(side) is int and side > 0 else 0 for side in sides)
    return width, height


def noun_of(about: str, fields: Mapping[str, bool]) -> str:
    """Return what a label is about: what it says, or what its fields ask for; empty for neither.

    ``fields`` are its fields' names, and which of them must be filled.

    >>> noun_of("", {"serial": True, "item": False}), noun_of("lot", {}), noun_of("", {"x": True})
    ('serial', 'lot', '')
    """
    if about:
        return about
    if "serial" in fields:
        return "serial"
    return next((noun for noun in ("lot", "location", "item", "party") if fields.get(noun)), "")


def fits(printer: Row, width: int, height: int) -> bool:
    """Return whether the stock in a printer is large enough for a label, in µm."""
    media = printer["media"]
    endless = printer["setup"]["tracking"] == "continuous"
    return bool(width <= media["width"] and (endless or height <= media["height"]))


def _stocked(width: int, height: int, printers: Sequence[Row]) -> bool:
    return not printers or any(fits(one, width, height) for one in printers)


def labels_home_pages(frame: Frame) -> APIRouter:
    """Return the route of the page."""
    router = frame.router()

    @router.get("/templates", dependencies=[needs("read")])
    async def get_labels(request: Request, api: Asked, q: str = "", all: str = "") -> Response:
        text = q.strip()[:LONGEST]
        every = await cards(api)
        called = [one for one in every if one.called(text)] if text else every
        things: list[Place] = []
        if text:
            found, _, _ = await meanings(api, text)
            things = [one for one in found if one.kind in ABOUT_WORDS]
        showing = [one for one in every if one.shows({thing.kind for thing in things})]
        if len(showing) == 1 and len(things) == 1 and not called:
            to = at("/templates/{}/print?record={}", showing[0].name, text)
            return frame.back(request, to)
        return frame.page(
            request, "labels_home.html", code=text, things=things, showing=showing,
            called=called if all else called[:MOST], more=0 if all else max(0, len(called) - MOST),
            about_words=ABOUT_WORDS, kinds=KIND_WORDS, built_in=BUILT_IN,
        )  # fmt: skip

    return router
