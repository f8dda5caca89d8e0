"""Scanners: which there are and how each is, a new one, and what one sends byte by byte.

/scanners               the list, live
/scanners/add           scan the code on the page with the one to add: device and settings follow
/scanners/{name}        its settings; release, rename, delete; a field to scan with a virtual one
/scanners/{name}/test   every byte of each read, and what it means; nothing is done with it
/scanners/test          the same for one that types into this browser, and its keyboard
/scanners/sheet         on paper: the codes to scan, and what to set in each maker's menu
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.codes.aim import split_aim, symbology_of
from gateway.console.asking import Api, Asked, Declined, at
from gateway.console.calibration import shown_codes
from gateway.console.form import body_of, one, read_form
from gateway.console.frame import Frame
from gateway.console.listing import Bulk, Cell, Column, Listing, Row, each, show
from gateway.console.noting import Note, Tone
from gateway.console.read_bytes import bytes_seen, keys_seen, plain, visible
from gateway.console.rendering import page
from gateway.console.scanner_menus import MENUS
from gateway.console.scans import meaning_of, stations_for
from gateway.console.stations import CONDITIONS, MOST
from gateway.console.words import translate
from gateway.errors import InputRefused
from gateway.scanners.browser_keys import read_browser_keys
from gateway.scanners.feedback import FEEDBACKS
from gateway.scanners.keys import pack_keys
from gateway.scanners.layouts import load_layouts
from gateway.scanners.scanner import USUAL

MOST_MEANT = 3
"""Reads of a trial whose meaning is looked up each time the page is drawn."""

ENDING_WORDS = {
    "enter": "Enter",
    "cr": "CR",
    "lf": "LF",
    "crlf": "CR LF",
    "tab": "Tab",
    "etx": "ETX",
    "none": "nothing",
}
"""A suffix with a name -> what people call it."""

SEPARATOR_WORDS = {
    "gs": "GS itself",
    "ctrl]": "the keys Ctrl and ]",
    "alt029": "Alt with 0 2 9",
    "f8": "the key F8",
    "lost": "nothing: it is lost",
}
"""How GS comes -> in words."""

OPTION_WORDS = {
    "layout": "Keyboard",
    "gs": "Separator GS comes as",
    "suffix": "Behind a code",
    "prefix": "Before a code",
    "aim": "Sends what kind of barcode it was",
}
"""An option that a scan of the code tells -> what people call it."""

TONES: Mapping[str, Tone] = {"done": "done", "look": "look", "asked": "look", "refused": "refused"}
"""A scan's outcome -> the tone of the note that tells of it."""


def _how(row: Row) -> Cell:
    word, tone = CONDITIONS[row["status"]["condition"]]
    return Cell(word, tone=tone, detail=row["status"]["sentence"], kind="word")


SCANNERS = Listing(
    name="scanners",
    title="Scanners",
    path="/scanners",
    api="/v1/scanners",
    key=lambda row: row["name"],
    columns=(
        Column("Name", lambda row: Cell(row["name"], to=at("/scanners/{}", row["name"]))),
        Column("How it is", _how),
        Column("Station", lambda row: row["station"]),
        Column("Address", lambda row: row["url"]),
        Column("Read last", lambda row: Cell(row["status"]["heard_at"] or "", kind="time")),
        Column(
            "Reads",
            lambda row: row["status"]["reads"],
            figure=True,
            sort=lambda row: row["status"]["reads"],
        ),
    ),
    bulk=(
        Bulk(
            "release",
            "Release them",
            lambda api, ids, form: each(
                api, "POST", "/v1/scanners/{}/release", ids, "%(n)s scanners are released."
            ),
        ),
        Bulk(
            "grab",
            "Listen to them",
            lambda api, ids, form: each(
                api, "POST", "/v1/scanners/{}/grab", ids, "%(n)s scanners are listened to."
            ),
        ),
        Bulk(
            "delete",
            "Delete them",
            lambda api, ids, form: each(
                api, "DELETE", "/v1/scanners/{}", ids, "%(n)s scanners are deleted."
            ),
            tone="drop",
            question="The gateway listens to them no more; their scans are kept. Delete them?",
        ),
    ),
    empty="The gateway listens to no scanner yet. Plug one in and add it; one that types into a "
    "station's page works without.",
    next_act=(("Add a scanner", "/scanners/add"), ("Try one in this browser", "/scanners/test")),
    whole=True,
)


def scanner_pages(frame: Frame) -> APIRouter:
    """Return the routes of the pages."""
    router = frame.router()
    frame.listings[SCANNERS.name] = SCANNERS

    @router.get("/scanners", dependencies=[needs("read")])
    async def get_scanners(request: Request, api: Asked) -> Response:
        return frame.page(
            request, "scanners.html", shown=await show(api, SCANNERS, request.query_params)
        )

    @router.get("/scanners/add", dependencies=[needs("admin")])
    async def get_adding(request: Request, api: Asked) -> Response:
        return await adding(request, api)

    async def adding(
        request: Request, api: Api, found: Row | None = None, how: str = ""
    ) -> Response:
        names = [row["name"] for row in (await api.get("/v1/scanners", limit=MOST))["items"]]
        return frame.page(
            request, "scanner_add.html", square=shown_codes()[0], found=found, how=how,
            stations=await stations_for(api), described=described, free=free_name(names),
            merged=merged,
        )  # fmt: skip

    @router.post("/scanners/found", dependencies=[needs("admin")])
    async def look(request: Request, api: Asked) -> Response:
        return await adding(request, api, await api.get("/v1/scanners/found"), "look")

    @router.post("/scanners/teach", dependencies=[needs("admin")])
    async def teach(request: Request, api: Asked) -> Response:
        """Waits up to half a minute for somebody to pull a trigger."""
        body = body_of(read_form(await request.body()))
        return await adding(
            request, api, (await api.ask("POST", "/v1/scanners/teach", body)).json, "teach"
        )

    @router.post("/scanners", dependencies=[needs("admin")])
    async def add(request: Request, api: Asked) -> Response:
        form = read_form(await request.body())
        name = one(form, "_name").strip()
        path, new = at("/v1/scanners/{}", name or " "), {"if-none-match": "*"}
        made = (await api.ask("PUT", path, body_of(form), headers=new)).json
        said = translate("Scanner %(name)s is added. Try it now.", frame.language(request))
        return frame.back(request, at("/scanners/{}/test", made["name"]), said % made)

    # ------------------------------------------------------------ in this browser

    @router.get("/scanners/test", dependencies=[needs("read")])
    async def get_browser_test(request: Request) -> Response:
        return frame.page(
            request, "scanner_browser.html", square=shown_codes()[0], layouts=_layouts(), told=None,
        )  # fmt: skip

    @router.post("/scanners/test", dependencies=[needs("read")])
    async def test_in_browser(request: Request, api: Asked) -> Response:
        """What a scanner typed into the page; nothing is done with it."""
        form = read_form(await request.body())
        typed, keys = one(form, "typed") or one(form, "seen"), _keys_of(one(form, "keys"))
        body = {"typed": typed, "keys": keys, "layout": one(form, "layout") or "us"}
        try:
            told = (await api.ask("POST", "/v1/scanners/calibrate", body)).json
        except Declined as refusal:
            if keys:
                raise
            told = {"layouts": [], "options": {}, "problem": refusal.sentence}
        aim, code = split_aim(typed)
        return frame.page(
            request, "scanner_browser.html", square=shown_codes()[0], layouts=_layouts(),
            told=told, typed=visible(typed), layout=body["layout"], separators=SEPARATOR_WORDS,
            endings=ENDING_WORDS, said=described(told["options"]),
            seen=keys_seen(pack_keys(read_browser_keys((a, b) for a, b in keys)))
            if keys else bytes_seen(typed.encode()),
            by_keys=bool(keys), aim=aim, symbology=symbology_of(aim).name if aim else "",
            meaning=None if told["layouts"] else await meaning_of(api, code, aim, None),
        )  # fmt: skip

    @router.get("/scanners/sheet", dependencies=[needs("read")])
    async def get_sheet(request: Request) -> Response:
        square, *lines = shown_codes()
        return page(
            "scanner_sheet.html", lang=frame.language(request), square=square, fnc1=lines[-1],
            menus=MENUS,
        )  # fmt: skip

    # ------------------------------------------------------------ one of them

    @router.get("/scanners/{name}", dependencies=[needs("read")])
    async def get_scanner(name: str, request: Request, api: Asked) -> Response:
        said = await api.ask("GET", at("/v1/scanners/{}", name))
        newest = await api.get("/v1/scans", scanner=name, limit=5)
        return frame.page(
            request, "scanner.html", scanner=said.json, etag=said.etag, conditions=CONDITIONS,
            options=usual_options() | said.json["options"], visible=visible, newest=newest["items"],
            stations=await stations_for(api), layouts=_layouts(), endings=ENDING_WORDS,
            separators=SEPARATOR_WORDS,
            feedback=[(key, row.title) for key, row in FEEDBACKS.items()],
            wedge=said.json["url"].startswith("wedge:"), said=described(said.json["options"]),
        )  # fmt: skip

    @router.post("/scanners/{name}", dependencies=[needs("admin")])
    async def set_up(name: str, request: Request, api: Asked) -> Response:
        """Its settings: all options at once, as the form shows them."""
        form = read_form(await request.body())
        body = body_of(form)
        body["options"] = {
            key: plain(value) if isinstance(value, str) else value
            for key, value in body.get("options", {}).items()
        }
        headers = {"if-match": one(form, "_etag")[:80]} if one(form, "_etag") else {}
        made = (await api.ask("PUT", at("/v1/scanners/{}", name), body, headers=headers)).json
        said = translate("Scanner %(name)s is changed.", frame.language(request))
        return frame.back(request, at("/scanners/{}", made["name"]), said % made)

    @router.post("/scanners/{name}/scan", dependencies=[needs("scan")])
    async def scan(name: str, request: Request, api: Asked) -> Response:
        """Pull the trigger of a virtual scanner, and say what came of it."""
        form = read_form(await request.body())
        body: dict[str, str] = {"code": plain(one(form, "code"))}
        if aim := one(form, "aim").strip():
            body["aim"] = aim
        said = (await api.ask("POST", at("/v1/scanners/{}/scan", name), body)).json["scan"]
        back = "test" if one(form, "_back") == "test" else ""
        to = at("/scanners/{}/test", name) if back else at("/scanners/{}", name)
        if said is None:
            return frame.back(request, to)
        return frame.back(request, to, note=Note(said["sentence"], TONES[said["outcome"]]))

    @router.get("/scanners/{name}/test", dependencies=[needs("scan")])
    async def get_test(name: str, request: Request, api: Asked) -> Response:
        scanner = await api.get(at("/v1/scanners/{}", name))
        trial = await api.get(at("/v1/scanners/{}/trial", name))
        reads = [
            {
                **read,
                "seen": _seen(read),
                "code": visible(read["text"]),
                "symbology": symbology_of(read["aim"]).name if read["aim"] else "",
                "meaning": await meaning_of(api, read["text"], read["aim"], scanner["station"])
                if number < MOST_MEANT and not read["fault"]
                else None,
            }
            for number, read in enumerate(trial["reads"])
        ]
        return frame.page(
            request, "scanner_test.html", scanner=scanner, on=trial["on"], reads=reads,
            conditions=CONDITIONS,
        )  # fmt: skip

    return router


def _seen(read: Row) -> Sequence[object]:
    raw = bytes.fromhex(read["bytes"])
    return keys_seen(raw) if read["keys"] else bytes_seen(raw)


def _layouts() -> list[tuple[str, str]]:
    return [(name, layout.title) for name, layout in load_layouts().items()]


def _keys_of(text: str) -> list[list[Any]]:
    """Return the keys that the page's script has seen: ``KeyA+KeyA-`` and so on.

    >>> _keys_of("ShiftLeft+KeyA+KeyA-ShiftLeft-")[1]
    ['KeyA', True]

    Raises:
        InputRefused: no script of ours wrote that.
    """
    if not text:
        return []
    parts = text.replace("+", "+ ").replace("-", "- ").split()
    if not all(part[:-1].isascii() and part[:-1].isalnum() for part in parts):
        raise InputRefused("The page sent keys that no keyboard has; load it anew.")
    return [[part[:-1], part[-1] == "+"] for part in parts]


def usual_options() -> dict[str, object]:
    """Return what a scanner is set to that nobody has set up."""
    return {name: getattr(USUAL, name) for name in USUAL.__dataclass_fields__}


def merged(found: Row, told: Row) -> str:
    """Return the options of a found scanner with those that its read of the code told, as JSON."""
    return json.dumps({**found["options"], **told.get("options", {})})


def free_name(taken: Sequence[str]) -> str:
    """Return a name for a virtual scanner.

    >>> free_name(["zebra", "Try-1"])
    'try-2'
    """
    names = {name.lower() for name in taken}
    return next(name for n in range(1, MOST + 2) if (name := f"try-{n}") not in names)


def described(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return options in words, in English: what it is, and its value.

    >>> described({"layout": "de", "gs": "ctrl]"})
    [('Keyboard', 'German'), ('Separator GS comes as', 'the keys Ctrl and ]')]
    """
    said: list[tuple[str, str]] = []
    if name := options.get("layout"):
        said.append((OPTION_WORDS["layout"], load_layouts()[name].title))
    if gs := options.get("gs"):
        said.append((OPTION_WORDS["gs"], SEPARATOR_WORDS.get(gs, gs)))
    if suffix := options.get("suffix"):
        said.append((OPTION_WORDS["suffix"], ENDING_WORDS.get(suffix, visible(suffix))))
    if prefix := options.get("prefix"):
        said.append((OPTION_WORDS["prefix"], visible(prefix)))
    if options.get("aim"):
        said.append((OPTION_WORDS["aim"], "yes"))
    return said
