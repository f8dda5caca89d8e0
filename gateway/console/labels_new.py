"""A new label in three taps: which printer, what stock is in it, what it is for.

/templates/new?printer=…&stock=…   each answer is in the address; the next question follows
/templates/new/picture.png         what a label for a purpose looks like there, with a real record
a purpose ──laid out for stock and head──► a draft ──► the editor
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Api, Asked, Declined, at
from gateway.console.form import body_of, one, read_form
from gateway.console.frame import Frame
from gateway.console.listing import Row, pages
from gateway.console.rendering import UNSTORED
from gateway.console.troubles import labels_of, seen
from gateway.console.words import translate
from gateway.errors import InputRefused
from gateway.templates.beginning import ABOUT, PURPOSES, TITLES, Purpose

LATER = "-"
"""In the place of a printer: that is decided later."""

LOADED = "loaded"
"""In the place of a stock: what is in the printer."""

SEVERAL = 24
"""Common sizes that are shown at once; the others follow when they are asked for."""

MOST_NAMES = 1000
"""Labels of one purpose and size."""

PURPOSE_WORDS: Mapping[Purpose, str] = {
    "serial": "Serial number label",
    "item": "Item label",
    "location": "Location label",
    "lot": "Lot label",
    "shipping": "Shipping label",
    "blank": "Blank",
}
WORDS = (*PURPOSE_WORDS.values(), *TITLES.values())


@dataclass(frozen=True, slots=True)
class Size:
    """The stock that was chosen: its size in µm, and what it is called."""

    width: int
    height: int
    """0: a roll that is cut, and nobody has said yet how long the label is."""
    label: str


def labels_new_pages(frame: Frame) -> APIRouter:
    """Return the routes of the page."""
    router = frame.router()
    may = [needs("templates")]

    @router.get("/templates/new", dependencies=may)
    async def get_new(
        request: Request,
        api: Asked,
        printer: str = "",
        stock: str = "",
        width: int = 0,
        height: int = 0,
        length: str = "",
        q: str = "",
    ) -> Response:
        """Each question is asked until its answer is in the address."""
        language = frame.language(request)
        printers = (await api.get("/v1/printers", limit=500))["items"]
        chosen = next((one for one in printers if one["name"] == printer), None)
        if chosen is None and printer != LATER:
            cards = [(one, seen(one, language), labels_of(one, language)) for one in printers]
            return frame.page(request, "labels_new.html", question=1, cards=cards, later=LATER)
        common: dict[str, object] = {
            "printer": printer, "chosen": chosen, "stock": stock, "later": LATER,
            "stocked": labels_of(chosen, language) if chosen else "", "loaded": LOADED,
        }  # fmt: skip
        size = await _size(api, chosen, stock, width, height, length)
        if size is None:
            stocks = (await api.get("/v1/label-stocks"))["items"]
            return frame.page(
                request, "labels_new.html", 200, question=2, several=SEVERAL, search=q.strip(),
                **_shelves(stocks, q.strip(), chosen), **common,
            )  # fmt: skip
        if not size.height:
            return frame.page(request, "labels_new.html", 200, question=2, cut=size, **common)
        fits = chosen is None or (size.width, size.height) == tuple(chosen["media"].values())[:2]
        return frame.page(
            request, "labels_new.html", 200, question=3, size=size, fits=fits,
            purposes=PURPOSE_WORDS,
            pictures={one: _picture(one, size, chosen) for one in PURPOSES if one != "blank"},
            **common,
        )  # fmt: skip

    @router.post("/templates/new/size", dependencies=may)
    async def measured(request: Request, api: Asked) -> Response:
        """What somebody has measured; kept under a name if it was given one."""
        form = read_form(await request.body())
        body = body_of(form)
        title, printer = str(body.pop("title", "")).strip(), str(body.pop("printer", LATER))
        if not title:
            asked = {"printer": printer, "width": body.get("width"), "height": body.get("height")}
            # The API says what is wrong with a size, in the same words for everybody.
            await api.ask("POST", "/v1/editor/begin", {**body, "purpose": "blank"})
            return frame.back(request, f"/templates/new?{urlencode(asked)}")
        name = await _stock_name(api, title)
        await api.ask("PUT", at("/v1/label-stocks/{}", name), {**body, "title": title})
        said = translate("Stock %(name)s is kept.", frame.language(request)) % {"name": title}
        return frame.back(request, at("/templates/new?printer={}&stock={}", printer, name), said)

    @router.get("/templates/new/picture.png", dependencies=may)
    async def picture(
        api: Asked,
        purpose: str,
        width: int,
        height: int,
        printer: str = "",
    ) -> Response:
        """With the first record of the registry that such a label can be about, if it fits."""
        asked: dict[str, object] = {"purpose": purpose, "width": width, "height": height}
        if printer:
            asked["printer"] = printer
        document = (await api.ask("POST", "/v1/editor/begin", asked)).json["document"]
        body: dict[str, object] = {"document": document}
        if printer:
            body["density"] = (await api.get(at("/v1/printers/{}", printer)))["density"]
        fields = await _record(api, document)
        try:
            drawn = await _drawn(api, body | {"fields": fields} if fields else body)
        except Declined:  # too long for this stock: the example shows how it is laid out
            drawn = await _drawn(api, body)
        return Response(drawn, media_type="image/png", headers=UNSTORED)

    @router.post("/templates/new", dependencies=may)
    async def begin(request: Request, api: Asked) -> Response:
        """Keep it as a draft under a name that is free; the editor comes next."""
        form = read_form(await request.body())
        purpose, printer = one(form, "purpose"), one(form, "printer")
        if purpose not in PURPOSES:
            raise InputRefused("Say what the label is for.", key="purpose")
        sides = body_of({key: form.get(key, []) for key in ("width:int", "height:int")})
        asked: dict[str, object] = {"purpose": purpose, **sides}
        if printer and printer != LATER:
            asked["printer"] = printer
        known = await _names(api)
        said = translate(TITLES[purpose], frame.language(request))
        document = (await api.ask("POST", "/v1/editor/begin", asked)).json["document"]
        stem = document["name"]
        for name in _free(stem, known):
            document |= {"name": name, "title": _title(said, document["size"], name, stem)}
            try:
                await api.ask(
                    "PUT", at("/v1/templates/{}/draft", name), document,
                    headers={"if-none-match": "*"},
                )  # fmt: skip
            except Declined as refusal:
                if refusal.status != 412:  # somebody has begun one of that name meanwhile
                    raise
            else:
                to = at("/editor/{}", name)
                return frame.back(
                    request, f"{to}?{urlencode({'printer': printer})}" if "printer" in asked else to
                )
        raise InputRefused("There are too many labels of that kind; delete some of them first.")

    return router


async def _size(
    api: Api, printer: Row | None, stock: str, width: int, height: int, length: str
) -> Size | None:
    """Return what was chosen; None as long as nothing was."""
    if stock == LOADED and printer is not None:
        media = printer["media"]
        return Size(media["width"], media["height"], media["stock"])
    if stock and stock != LOADED:
        found = await api.get(at("/v1/label-stocks/{}", stock))
        long = found["height"]
        if not long and length:
            long = int(body_of({"length:um": [length]})["length"])
        called = "" if found["label"] == found["size"] else found["label"]
        return Size(found["width"], max(0, long), called)
    if width > 0 and height > 0:
        return Size(width, height, "")
    return None


def _shelves(stocks: Sequence[Row], search: str, printer: Row | None) -> dict[str, object]:
    """Return the stocks as they are offered: own ones, common sizes, and by their makers.

    Rolls of the printer's own make come first, where only those go into it.
    """
    words = re.findall(r"[0-9a-z]+", search.casefold())

    def found(stock: Row) -> bool:
        text = f"{stock['label']} {stock['title']} {stock['size']} {stock['name']}".casefold()
        return all(word in text for word in words)

    kept = [stock for stock in stocks if found(stock)]
    makers: dict[str, list[Row]] = {}
    for stock in kept:
        if stock["maker"] and not stock["own"]:
            makers.setdefault(stock["maker"], []).append(stock)
    only = "Brother" if printer is not None and printer["language"] == "brother-ql" else ""
    ordered = sorted(makers.items(), key=lambda pair: pair[0] != only)
    return {
        "own": [stock for stock in kept if stock["own"]],
        "sizes": [stock for stock in kept if not stock["maker"] and not stock["own"]],
        "makers": ordered,
        "only": only,
    }


def _picture(purpose: Purpose, size: Size, printer: Row | None) -> str:
    asked = {"purpose": purpose, "width": size.width, "height": size.height}
    more = {"printer": printer["name"]} if printer else {}
    return f"/templates/new/picture.png?{urlencode(asked | more)}"


async def _drawn(api: Api, body: Mapping[str, object]) -> bytes:
    return (await api.ask("POST", "/v1/preview", body, query={"format": "png"})).body


async def _record(api: Api, document: Mapping[str, Any]) -> dict[str, str]:
    """Return a real record's values for a document; empty where there is none."""
    about = ABOUT.get(_purpose(document))
    if about is None:
        return {}
    try:
        found = await api.get("/v1/editor/records", about=about, which="first")
    except Declined:
        return {}
    if found["sample"] or not found["items"]:
        return {}
    known = {field["name"] for field in document["fields"]}
    values = found["items"][0]["fields"]
    return {name: value for name, value in values.items() if name in known}


def _purpose(document: Mapping[str, Any]) -> Purpose:
    about = document.get("about", "")
    return next((purpose for purpose, noun in ABOUT.items() if noun == about), "blank")


async def _stock_name(api: Api, title: str) -> str:
    """Return the name for a stock of one's own: that of its title, or one that is free."""
    kept = {row["name"].lower(): row for row in (await api.get("/v1/label-stocks"))["items"]}
    stem = slug(title)
    for name in (stem, *(f"{stem[:36]}-{n}" for n in range(2, MOST_NAMES))):
        known = kept.get(name)
        # The same title again is the same stock, measured anew.
        if known is None or (known["own"] and known["title"] == title):
            return name
    return stem


async def _names(api: Api) -> set[str]:
    """Return the names that labels have, published or not."""
    found = {row["name"].lower() async for row in pages(api, "/v1/templates", {})}
    return found | {row["name"].lower() for row in (await api.get("/v1/drafts"))["items"]}


def _free(stem: str, known: set[str]) -> list[str]:
    """Return names that are free: the stem, and numbered ones after it."""
    names = [stem, *(f"{stem[:35]}-{n}" for n in range(2, MOST_NAMES))]
    return [name for name in names if name.lower() not in known][:20]


def _title(said: str, size: Mapping[str, int], name: str, stem: str) -> str:
    """Return what a new label is called: what it is for, its size, and its number if not the first.

    >>> _title("Item", {"width": 57_000, "height": 32_000}, "item-57x32-2", "item-57x32")
    'Item 57 × 32 mm (2)'
    """
    title = f"{said} {size['width'] / 1000:g} × {size['height'] / 1000:g} mm"
    return title if name == stem else f"{title} ({name.rpartition('-')[2]})"


def slug(title: str) -> str:
    """Return the name a stock is kept under.

    >>> slug("Freezer labels, 60 × 40"), slug("中文")
    ('freezer-labels-60-40', 'own')
    """
    return re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")[:40].strip("-") or "own"
