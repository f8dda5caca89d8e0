"""Items: the list, a new one, and the page of one with its tabs.

    /items                  the list; make an item
    /items/DRILL            the first of its tabs that is shown
    /items/DRILL/serials    … /stock /movements /lots /labels /details /tracking

A browser can hide tabs of items, as a warehouse without lots does; a tab that is not there says
why: the item has no serials, or it is hidden here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.codes.gs1 import escape
from gateway.console import choosing
from gateway.console.asking import Api, Asked, Declined, at
from gateway.console.doing import ask_back
from gateway.console.form import (
    Form,
    body_of,
    fields_for,
    one,
    only_changed,
    read_form,
    seen_of,
)
from gateway.console.frame import Frame, came_from
from gateway.console.listing import (
    Bulk,
    Cell,
    Choices,
    Column,
    Filter,
    Listing,
    Order,
    Row,
    each,
    show,
)
from gateway.console.lots import LOTS
from gateway.console.noting import Link, Note, Tone
from gateway.console.rendering import UNSTORED
from gateway.console.serials import SERIALS_OF_ITEM
from gateway.console.state_words import ACTIONS, STATES
from gateway.console.words import translate
from gateway.errors import InputRefused, Unknown
from gateway.registry.serial_text import gs1_warning

TABS = ("serials", "stock", "movements", "lots", "labels", "details")
"""In the order they are shown."""

HIDEABLE = ("serials", "stock", "movements", "lots", "labels")

HIDDEN = "gw_hidden_tabs"
"""The cookie with the tabs that this browser hides, parted by dots."""

YEARS_10 = 10 * 365 * 24 * 3600
"""Seconds a browser remembers which tabs it hides."""

TRACKED = {"none": "Quantity", "lot": "Lots", "serial": "Serials"}
KIND_WORDS = {
    "stock": "Stock item", "assembly": "Assembly", "kit": "Kit", "non_stock": "Not stocked",
}  # fmt: skip

MOST_NEXT = 1000
"""Labels of next serials in one go: a roll."""


def _active(on: bool, said: str) -> Bulk:
    return Bulk(
        "activate" if on else "deactivate",
        "Make them active" if on else "Make them inactive",
        lambda api, ids, form: each(api, "PUT", "/v1/items/{}", ids, said, {"active": on}),
        tone="" if on else "drop",
        question=""
        if on
        else "Inactive items are not received or promised any more; what is here can still leave. "
        "Make them inactive?",
    )


async def print_items(api: Api, ids: Sequence[str], form: Form) -> Note:
    """Print a label of each item, all in one job."""
    asked = body_of(form).get("print", {})
    template = str(asked.get("template", ""))
    known = await _known(api, template)
    labels = []
    for sku in ids:
        fields = _fields(await api.get(at("/v1/items/{}", sku)), "")
        labels.append({name: value for name, value in fields.items() if name in known})
    job = {"printer": asked.get("printer"), "template": template, "labels": labels}
    made = (await api.ask("POST", "/v1/jobs", job)).json
    sentence = translate("Labels on their way: %(n)s.", api.language) % {"n": len(labels)}
    link = Link(translate("See the job", api.language), at("/jobs/{}", made["id"]))
    return Note(sentence, links=(link,))


ITEMS = Listing(
    name="items",
    title="Items",
    path="/items",
    api="/v1/items",
    key=lambda row: str(row["sku"]),
    columns=(
        Column("SKU", lambda row: Cell(row["sku"], to=at("/items/{}", row["sku"]))),
        Column("Name", lambda row: row["name"]),
        Column("Kind", lambda row: Cell(KIND_WORDS[row["kind"]], kind="word")),
        Column("Tracked by", lambda row: Cell(TRACKED[row["tracking"]], kind="word")),
        Column("GTIN", lambda row: row["gtin"]),
        Column(
            "Status",
            lambda row: (
                Cell("Active", tone="done", kind="word")
                if row["active"]
                else Cell("Inactive", tone="quiet", kind="word")
            ),
        ),
    ),
    filters=(
        Filter("q", "SKU or name begins with"),
        Filter("code", "Exactly: SKU, GTIN or barcode"),
        Filter("kind", "Kind", tuple(KIND_WORDS.items())),
        Filter("tracking", "Tracked by", tuple(TRACKED.items())),
        Filter("active", "Status", (("1", "Active"), ("0", "Inactive"))),
        Filter("variant_of", "Variant of (SKU)", rare=True),
    ),
    orders=(
        Order("az", "SKU, A to Z", {"order": "sku"}),
        Order("za", "SKU, Z to A", {"order": "-sku"}),
    ),
    bulk=(
        Bulk(
            "print",
            "Print labels",
            print_items,
            asks=(
                Filter("printer", "Printer", choosing.printers),
                Filter("template", "Label", choosing.item_templates),
            ),
        ),
        _active(False, "Items that are inactive now: %(n)s."),
        _active(True, "Items that are active now: %(n)s."),
    ),
    empty="There is no item yet. Make the first one below, or bring in a list of them.",
    next_act=(("Make an item", "/items#make"), ("Bring in a list", "/import")),
)


def _end(row: Row, side: str) -> Cell:
    """Return where a movement began or ended: the location, and what the piece was there."""
    found = row[side]
    if found["state"] is None:
        return Cell("")
    word = STATES[found["state"]].word
    if found["location"]:
        return Cell(word, kind="word", detail=found["location"])
    return Cell(word, kind="word")


def _action(row: Row) -> Cell:
    known = ACTIONS.get(row["action"])
    word = row["action"].replace("_", " ").capitalize() if known is None else known.done
    detail = "" if row["corrects"] is None else f"↶ {row['corrects']}"
    return Cell(word, kind="word", detail=detail)


def _moved(row: Row) -> Cell:
    """Return what moved: a serial, or a quantity of a lot."""
    if row["serial"] is not None:
        return Cell(row["serial"], to=at("/serials/{}", row["id"]), detail=row["lot"] or "")
    return Cell(row["lot"] or "")


def _document(row: Row) -> Cell:
    document = row["document"]
    if document is None:
        return Cell("")
    return Cell(document["number"], to=at("/documents/{}/{}", document["type"], document["number"]))


MOVEMENTS = Listing(
    name="movements",
    title="Movements",
    path="/items/{}/movements",
    api="/v1/items/{}/movements",
    key=lambda row: str(row["event"]),
    columns=(
        Column("When", lambda row: Cell(row["at"], kind="time")),
        Column("What", _action),
        Column("Serial or lot", _moved),
        Column("Quantity", lambda row: row["quantity"], figure=True),
        Column("From", lambda row: _end(row, "from")),
        Column("To", lambda row: _end(row, "to")),
        Column("Document", _document),
        Column("Who", lambda row: Cell(row["operator"] or row["actor"], detail=row["station"])),
        Column("Reason", lambda row: row["reason"]),
    ),
    empty="Nothing has moved yet. The first receipt or adjustment will stand here.",
)

BY: Choices = (("", "On hand"), ("all", "All"))
"""Filter by: what is in stock, or every serial there ever was."""

ALL_PLACES: Choices = (("", "All (active)"), ("all", "All (including inactive)"))
"""Before the locations themselves."""

SERIALS = replace(
    SERIALS_OF_ITEM,
    filters=(
        Filter("show", "Filter by", BY),
        Filter("locations", "Location", ALL_PLACES),
        *(
            replace(one, rare=one.name not in ("prefix", "state", "held"))
            for one in SERIALS_OF_ITEM.filters
            if one.name not in ("show", "locations", "location", "inside")
        ),
    ),
    empty="No serial is on hand. Add serial numbers below, or receive a delivery.",
)

LOTS_OF_ITEM = replace(
    LOTS,
    name="lots-of-item",
    path="/items/{}/lots",
    api="/v1/lots?item={}",
    filters=tuple(one for one in LOTS.filters if one.name != "item"),
    columns=tuple(one for one in LOTS.columns if one.title != "Item"),
    next_act=(),
)


def item_pages(frame: Frame) -> APIRouter:
    """Return the routes of the pages."""
    router = frame.router()
    for listing in (ITEMS, MOVEMENTS, SERIALS, LOTS_OF_ITEM):
        frame.listings[listing.name] = listing

    def chosen(request: Request) -> dict[str, Choices]:
        language = frame.language(request)

        def titled(words: Mapping[str, str]) -> Choices:
            return [(key, translate(word, language)) for key, word in words.items()]

        return {"kind_choices": titled(KIND_WORDS), "tracking_choices": titled(TRACKED)}

    # ------------------------------------------------------------ the list

    @router.get("/items", dependencies=[needs("read")])
    async def get_items(request: Request, api: Asked) -> Response:
        shown = await show(api, ITEMS, request.query_params)
        return frame.page(request, "items.html", 200, shown=shown, **chosen(request))

    @router.post("/items", dependencies=[needs("read")])
    async def make_item(request: Request, api: Asked) -> Response:
        """Make it unless there is one; its page comes next."""
        form = read_form(await request.body())
        body = body_of(form)
        sku = str(body.pop("sku", "")).strip()
        if not sku:
            raise InputRefused("Give the item its SKU, the number it is called by.", key="sku")
        headers = {"if-none-match": "*"}
        made = (await api.ask("PUT", at("/v1/items/{}", sku), body, headers=headers)).json
        said = translate("Item %(sku)s is made.", frame.language(request)) % {"sku": made["sku"]}
        return frame.back(request, at("/items/{}", made["sku"]), said)

    # ------------------------------------------------------------ one item

    async def page(
        request: Request, api: Api, sku: str, tab: str, item: Mapping[str, Any] | None = None
    ) -> Response:
        said = await api.ask("GET", at("/v1/items/{}", sku))
        item = said.json
        assert item is not None
        hidden = hidden_tabs(request.cookies.get(HIDDEN, ""))
        lots_on = "lots" in frame.parts.registry.features()
        there = [
            one
            for one in TABS
            if (one != "serials" or item["tracking"] == "serial")
            and (one != "lots" or lots_on)
        ]  # fmt: skip
        visible = [one for one in there if one not in hidden]
        if not tab:
            tab = visible[0]
        values: dict[str, object] = {
            "item": item, "etag": said.etag, "tab": tab, "visible": visible,
            "hidden": [one for one in there if one in hidden], "hideable": HIDEABLE,
            "kinds": KIND_WORDS, "trackings": TRACKED, "lots_on": lots_on,
            **chosen(request),
        }  # fmt: skip
        if tab in HIDEABLE and tab not in visible:
            return frame.page(request, "item_absent.html", 200, **values)
        values |= await filled[tab](request, api, item)
        return frame.page(request, f"item_{tab}.html", 200, **values)

    @router.get("/items/{sku}", dependencies=[needs("read")])
    async def get_item(sku: str, request: Request, api: Asked) -> Response:
        return await page(request, api, sku, "")

    @router.get("/items/{sku}/label.png", dependencies=[needs("read")])
    async def get_picture(
        sku: str, request: Request, api: Asked, template: str, printer: str = "", serial: str = ""
    ) -> Response:
        """What a label of the item, or of one of its serials, will look like."""
        item = await api.get(at("/v1/items/{}", sku))
        body: dict[str, object] = {
            "template": template, "fields": await _fitting(api, template, _fields(item, serial)),
        }  # fmt: skip
        if printer:
            body["printer"] = printer
        drawn = await api.ask("POST", "/v1/preview", body, query={"format": "png"})
        return Response(drawn.body, media_type="image/png", headers=UNSTORED)

    @router.get("/items/{sku}/{tab}", dependencies=[needs("read")])
    async def get_tab(sku: str, tab: str, request: Request, api: Asked) -> Response:
        if tab not in filled:
            raise Unknown(f"An item's page has no tab {tab[:40]!r}.", tab=tab[:40])
        return await page(request, api, sku, tab)

    # ------------------------------------------------------------ what the tabs show

    async def fill_serials(
        request: Request, api: Api, item: Mapping[str, Any]
    ) -> Mapping[str, object]:
        sku = item["sku"]
        shown = await show(api, SERIALS, request.query_params, sku)
        level = await stock_of(api, sku, "location")
        codes = [spot["location"] for spot in level.get("locations", ()) if spot["location"]]
        asked = request.query_params.get("locations", "")
        if asked not in ("", "all", *codes):
            codes.append(asked)
        at_places = [(code, code) for code in codes]
        standard = list(shown.choices["locations"])
        choices = {**shown.choices, "locations": [*standard, *at_places]}
        return {
            "shown": replace(shown, choices=choices),
            "level": level,
            "places": await choosing.places(api),
        }

    async def fill_stock(
        request: Request, api: Api, item: Mapping[str, Any]
    ) -> Mapping[str, object]:
        level = await stock_of(api, item["sku"], "location")
        lots = []
        if item["tracking"] != "none" and "lots" in frame.parts.registry.features():
            lots = (await stock_of(api, item["sku"], "lot")).get("lots", [])
        members, whole = await members_of(api, item) if item["kind"] == "kit" else ([], 0)
        return {"level": level, "lots": lots, "members": members, "whole": whole}

    async def fill_movements(
        request: Request, api: Api, item: Mapping[str, Any]
    ) -> Mapping[str, object]:
        return {
            "shown": await show(api, MOVEMENTS, request.query_params, item["sku"]),
            "places": await choosing.places(api),
        }

    async def fill_lots(
        request: Request, api: Api, item: Mapping[str, Any]
    ) -> Mapping[str, object]:
        return {"shown": await show(api, LOTS_OF_ITEM, request.query_params, item["sku"])}

    async def fill_labels(
        request: Request, api: Api, item: Mapping[str, Any]
    ) -> Mapping[str, object]:
        query = request.query_params
        templates = await choosing.templates(api)
        printers = await choosing.printers(api)
        upcoming: list[str] = []
        if item["tracking"] == "serial":
            path = at("/v1/items/{}/serials/next", item["sku"])
            upcoming = (await api.get(path, count=1))["items"]
        return {
            "templates": templates,
            "printers": printers,
            "upcoming": upcoming,
            "printer": choosing.or_first(query.get("printer", ""), printers),
            "for_serials": choosing.or_first(query.get("serials", ""), templates.serials),
            "for_item": choosing.or_first(query.get("item", ""), templates.items),
        }

    async def fill_details(
        request: Request, api: Api, item: Mapping[str, Any]
    ) -> Mapping[str, object]:
        fields = (await api.get("/v1/fields/item"))["items"]
        return {"fields": fields, "places": await choosing.places(api)}

    async def fill_tracking(
        request: Request, api: Api, item: Mapping[str, Any]
    ) -> Mapping[str, object]:
        return {
            "level": await stock_of(api, item["sku"], "location"),
            "places": await choosing.places(api),
        }

    filled = {
        "serials": fill_serials, "stock": fill_stock, "movements": fill_movements,
        "lots": fill_lots, "labels": fill_labels, "details": fill_details,
        "tracking": fill_tracking,
    }  # fmt: skip

    # ------------------------------------------------------------ what is done there

    @router.post("/items/{sku}/details", dependencies=[needs("read")])
    async def save_details(sku: str, request: Request, api: Asked) -> Response:
        """Everything of the item in one save, or nothing of it."""
        form = read_form(await request.body())
        body = only_changed(item_of(form), seen_as_given(seen_of(form)))
        headers = {"if-match": etag[:80]} if (etag := one(form, "_etag")) else {}
        try:
            said = await api.ask("PUT", at("/v1/items/{}", sku), body, headers=headers)
        except Declined as refusal:
            if refusal.status == 412:  # the rest shows what somebody else has written
                return frame.refused(request, refusal, fields_for(form, body))
            raise
        text = translate("Item %(sku)s is saved.", frame.language(request))
        to = at("/items/{}/details", said.json["sku"])
        return frame.back(request, to, text % {"sku": said.json["sku"]})

    @router.post("/items/{sku}/tabs", dependencies=[needs("read")])
    async def choose_tabs(sku: str, request: Request) -> Response:
        """Keep in the browser which tabs of items it hides."""
        form = read_form(await request.body())
        hidden = [one for one in HIDEABLE if one not in form.get("tab", ())]
        answer = frame.back(request, at("/items/{}", sku))
        answer.set_cookie(
            HIDDEN, ".".join(hidden), max_age=YEARS_10, httponly=True, samesite="strict",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return answer

    @router.post("/items/{sku}/look", dependencies=[needs("read")])
    async def look(sku: str, request: Request, api: Asked) -> Response:
        """Say what a list of serials comes to; nothing is stored."""
        form = read_form(await request.body())
        text, expected = one(form, "serials") or one(form, "opening"), one(form, "expected:int?")
        body: dict[str, object] = {"text": text, "item": sku}
        if expected.strip().isdecimal():
            body["expected"] = int(expected)
        found = (await api.ask("POST", "/v1/serial-lists", body)).json
        language = frame.language(request)
        problems = [*found["problems"], *found["repeats"]]
        if found["count"]:
            said = translate(
                "Read: %(n)s, from %(first)s to %(last)s. Nothing is stored yet.", language
            )
            sentence = said % {"n": found["count"], "first": found["first"], "last": found["last"]}
        else:
            sentence = translate("There is no serial in the list.", language)
        tone: Tone = "refused" if found["problems"] or not found["count"] else "look"
        note = Note(sentence, tone, problems, one(form, "_form"), form)
        return frame.back(request, came_from(request), note=note)

    @router.post("/items/{sku}/adjust", dependencies=[needs("read")])
    async def adjust(sku: str, request: Request, api: Asked) -> Response:
        """One piece more or less for each serial, or to another location."""
        form = read_form(await request.body())
        action = one(form, "action")
        body = {
            "action": action, "item": sku, "serials": one(form, "serials"),
            "reason": one(form, "reason"), "confirm": one(form, "confirm"),
        }  # fmt: skip
        if place := one(form, "location").strip():
            body["location"] = place
        if (lot := one(form, "lot").strip()) and action == "adjust_in":
            body["lot"] = lot
        headers = {"idempotency-key": key} if (key := one(form, "_once")[:80]) else {}
        try:
            done = await api.ask("POST", "/v1/serials/actions", body, headers=headers)
        except Declined as refusal:
            if refusal.status == 428:
                return ask_back(frame, request, refusal, form)
            raise
        texts = {
            "adjust_in": "Serials added to stock: %(n)s.",
            "write_off": "Serials taken out of stock: %(n)s.",
            "transfer": "Serials moved: %(n)s.",
        }
        said = translate(texts.get(action, "Serials changed: %(n)s."), frame.language(request))
        back = one(form, "_then") or came_from(request)
        return frame.back(request, back, said % {"n": done.json["count"]})

    @router.post("/items/{sku}/quantity", dependencies=[needs("read")])
    async def adjust_quantity(sku: str, request: Request, api: Asked) -> Response:
        """More or less of what has no serials, by an adjustment that stays on paper."""
        form = read_form(await request.body())
        given = body_of({key: form.get(key, [""]) for key in ("quantity:num", "lot?")})
        quantity = given["quantity"]
        line: dict[str, object] = {"item": sku, "quantity": quantity}
        made = {
            "lines": [line], "reason": one(form, "reason"),
            ("to" if quantity > 0 else "from"): one(form, "location").strip() or None,
        }  # fmt: skip

        def once(step: str) -> dict[str, str]:
            key = one(form, "_once")[:70]
            return {"idempotency-key": f"{key}-{step}"} if key else {}

        said = await api.ask("POST", "/v1/documents/adjustment", made, headers=once("make"))
        document = said.json
        path = at("/v1/documents/adjustment/{}", document["number"])
        step: dict[str, object] = {}
        if lot := given.get("lot"):
            step["lines"] = [{"line": 1, "lots": [{"lot": lot, "quantity": abs(quantity)}]}]
        try:
            await api.ask("POST", f"{path}/post", step, headers=once("post"))
        except Declined:
            with suppress(Declined):  # what is posted already stays
                await api.ask("POST", f"{path}/cancel", {"reason": one(form, "reason")})
            raise
        language = frame.language(request)
        sentence = translate("Adjustment %(number)s is posted.", language)
        to = at("/documents/adjustment/{}", document["number"])
        note = Note(
            sentence % {"number": document["number"]},
            links=[Link(translate("Open it", language), to)],
        )
        return frame.back(request, came_from(request), note=note)

    @router.post("/items/{sku}/convert", dependencies=[needs("read")])
    async def convert(sku: str, request: Request, api: Asked) -> Response:
        """From serials to lots: a lot for each location, called as the form says."""
        form = read_form(await request.body())
        rows = body_of({key: form[key] for key in form if key.startswith("lots.")})
        lots = {
            str(row.get("location", "")): str(row["lot"]).strip()
            for row in rows.get("lots", ())
            if str(row.get("lot", "")).strip()
        }
        body = {"to": "lot", "lots": lots, "confirm": one(form, "confirm")}
        try:
            done = (await api.ask("POST", at("/v1/items/{}/tracking", sku), body)).json
        except Declined as refusal:
            if refusal.status == 428:
                return ask_back(frame, request, refusal, form)
            raise
        said = translate(
            "%(sku)s is tracked by lots now. Serials that ended: %(n)s.", frame.language(request)
        )
        text = said % {"sku": sku, "n": done["untracked"]}
        return frame.back(request, at("/items/{}", sku), text)

    @router.post("/items/{sku}/labels", dependencies=[needs("print")])
    async def print_next(sku: str, request: Request, api: Asked) -> Response:
        """Labels of the next serials: to stick on first, and to receive after."""
        form = read_form(await request.body())
        given = body_of({"count:int": form.get("count:int", ["1"])})
        count = given["count"]
        if not 1 <= count <= MOST_NEXT:
            raise InputRefused(f"From 1 to {MOST_NEXT} labels in one go, got {count}.", key="count")
        said = await api.ask("GET", at("/v1/items/{}", sku))
        path = at("/v1/items/{}/serials/next", sku)
        on = bool(one(form, "on:bool"))
        upcoming: list[str] = (await api.get(path, count=count + on))["items"]
        template = one(form, "template")
        known = await _known(api, template)
        labels = [
            {name: value for name, value in _fields(said.json, serial).items() if name in known}
            for serial in upcoming[:count]
        ]
        job: dict[str, object] = {
            "printer": one(form, "printer"), "template": template, "labels": labels,
            "title": f"{sku} {upcoming[0]}–{upcoming[count - 1]}",
        }  # fmt: skip
        once = one(form, "_once")[:70]
        moved = ""
        if on:  # first the numbers, so that nobody else prints them too
            moved = (await api.ask(
                "PUT", at("/v1/items/{}", sku), {"next_serial": upcoming[count]},
                headers={"if-match": said.etag},
            )).etag  # fmt: skip
        try:
            made = await api.ask("POST", "/v1/jobs", job, headers={"idempotency-key": once})
        except Declined:
            if moved:
                with suppress(Declined):  # somebody went on meanwhile: then they stay passed over
                    await api.ask(
                        "PUT", at("/v1/items/{}", sku), {"next_serial": upcoming[0]},
                        headers={"if-match": moved},
                    )  # fmt: skip
            raise
        return _printed(frame, request, made.json["id"], count)

    @router.post("/items/{sku}/label", dependencies=[needs("print")])
    async def print_item(sku: str, request: Request, api: Asked) -> Response:
        """A label of the item itself."""
        form = read_form(await request.body())
        item = await api.get(at("/v1/items/{}", sku))
        more = {key: one(form, key).strip() for key in ("lot", "quantity")}
        fields = _fields(item, "") | {key: value for key, value in more.items() if value}
        template = one(form, "template")
        body = body_of({"copies:int": form.get("copies:int", ["1"])})
        job = {
            "printer": one(form, "printer"), "template": template, "copies": body["copies"],
            "labels": [await _fitting(api, template, fields)], "title": sku,
        }  # fmt: skip
        headers = {"idempotency-key": one(form, "_once")[:70]}
        made = await api.ask("POST", "/v1/jobs", job, headers=headers)
        return _printed(frame, request, made.json["id"], int(body["copies"]))

    return router


def hidden_tabs(cookie: str) -> list[str]:
    """Return the tabs that a browser hides.

    >>> hidden_tabs("lots.movements.nonsense")
    ['lots', 'movements']
    """
    return [one for one in cookie.split(".") if one in HIDEABLE]


def item_of(form: Form) -> dict[str, Any]:
    """Return an item as ``PUT`` takes it: rows of names and values become objects.

    >>> form = {"name": ["Drill"], "units.0.name": ["box"], "units.0.factor:num?": ["12"],
    ...         "units.1.name": [""], "units.1.factor:num?": [""]}
    >>> item_of(form)
    {'name': 'Drill', 'units': {'box': 12}}
    """
    body = body_of(form)
    for key, name, value in (
        ("units", "name", "factor"),
        ("reorder_points", "location", "point"),
        ("account_codes", "name", "code"),
    ):
        if key in body:
            body[key] = {
                str(row[name]).strip(): row.get(value)
                for row in body[key]
                if str(row.get(name, "")).strip()
            }
    if "members" in body:
        body["members"] = [
            {"item": str(row["item"]).strip(), "quantity": row.get("quantity", 1)}
            for row in body["members"]
            if str(row.get("item", "")).strip()
        ]
    return body


def seen_as_given(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of the API as the form gives it: the next serial as it is written."""
    pattern = item.get("pattern") or {}
    return {**item, "next_serial": pattern["example"]} if pattern else dict(item)


async def stock_of(api: Api, sku: str, by: str) -> Mapping[str, Any]:
    """Return what there is of an item; empty for one whose stock is not counted."""
    found = (await api.get("/v1/stock", item=sku, by=by))["items"]
    return found[0] if found else {}


async def members_of(api: Api, item: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """Return a kit's members with what there is of them, and how many kits that makes."""
    if not item["members"]:
        return [], 0
    wanted = [("item", one["item"]) for one in item["members"]]
    found = (await api.get("/v1/stock", [*wanted, ("limit", 500)]))["items"]
    levels = {one["item"]: one for one in found}
    rows = [{**one, "level": levels.get(one["item"])} for one in item["members"]]
    counted = [row["level"]["available"] // row["quantity"] for row in rows if row["level"]]
    return rows, min(counted, default=0)


def _fields(item: Mapping[str, Any], serial: str) -> dict[str, str]:
    """Return what a label's fields are filled with, by the names that templates use."""
    fields = {
        "item": item["sku"], "sku": item["sku"], "name": item["name"],
        "gtin": item["gtin"] or "", "unit": item["unit"],
    }  # fmt: skip
    if serial:
        fields["serial"] = serial
        if item["gtin"] and gs1_warning(serial) is None:
            fields["gs1"] = f"(01){item['gtin']}(21){escape(serial)}"
    return {name: value for name, value in fields.items() if value}


async def _known(api: Api, template: str) -> set[str]:
    """Return the names of a template's fields."""
    found = await api.get(at("/v1/templates/{}", template or " "))
    return {field["name"] for field in found["document"].get("fields", ())}


async def _fitting(api: Api, template: str, fields: Mapping[str, str]) -> dict[str, str]:
    """Return those fields that a template has."""
    known = await _known(api, template)
    return {name: value for name, value in fields.items() if name in known}


def _printed(frame: Frame, request: Request, job: str, count: int) -> Response:
    language = frame.language(request)
    single, several = "%(n)s label is on its way.", "%(n)s labels are on their way."
    said = translate(single if count == 1 else several, language) % {"n": count}
    note = Note(said, links=[Link(translate("See the job", language), at("/jobs/{}", job))])
    return frame.back(request, came_from(request), note=note)
