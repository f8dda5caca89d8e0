"""Printers on the screen: how each is, what came out of it, its setting up, and pools.

    /printers                   every printer, live         /printers/add         find, or by hand
    /printers/{name}            one printer and its paper   /printers/add/device  its name
    /printers/{name}/stock      the labels in it            /printers/{name}/test       test label
    /printers/{name}/settings   all else                    /printers/{name}/align      alignment
    /printers/{name}/replace    another device              /printers/{name}/delete     its end
    /pools  /pools/{name}       names for several printers

Setting up is five steps, each a page that can be opened again: which device, its name, its stock,
a test label, where the ink lies. From the third on they are pages of the printer, for later too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway.api.access import OPEN, needs
from gateway.console.asking import Api, Asked, Declined, at
from gateway.console.form import Form, body_of, one, read_form
from gateway.console.frame import Frame
from gateway.console.label_words import JOB_STATE_WORDS, JOB_TONES
from gateway.console.listing import Cell, Column, Listing, Row, pages, show
from gateway.console.noting import Link, Note
from gateway.console.troubles import CONDITIONS, labels_of, seen
from gateway.console.words import translate
from gateway.errors import InputRefused

MOST_CARDS = 24
"""Printers shown as cards; more are a list."""

MOST_PAPER = 6
"""Pieces of paper, or labels, on a printer's page."""

PIXELS = 3.2
"""Pixels a millimetre: all pieces of paper at one scale, a 100 mm label as wide as a phone."""

LANGUAGES: Mapping[str, str] = {
    "zpl": "ZPL (Zebra)",
    "escpos": "ESC/POS (receipts)",
    "tspl": "TSPL (TSC)",
    "epl": "EPL2 (Eltron, Zebra)",
    "cpcl": "CPCL (belt printers)",
    "sbpl": "SBPL (SATO)",
    "dpl": "DPL (Datamax, Honeywell)",
    "brother-ql": "Brother QL",
}
"""What printers understand, as people know them."""

DENSITIES: Sequence[tuple[str, str]] = (
    ("6", "6 / mm (152 dpi)"),
    ("180dpi", "7.1 / mm (180 dpi)"),
    ("8", "8 / mm (203 dpi)"),
    ("300dpi", "11.8 / mm (300 dpi)"),
    ("12", "12 / mm (305 dpi)"),
    ("24", "24 / mm (610 dpi)"),
)
"""Dots of heads, as the API writes them, and for people."""

VIA: Mapping[str, str] = {
    "usb": "On USB",
    "serial": "On a serial port",
    "network": "In the network",
    "queues": "A print queue of this computer",
    "address": "At that address",
}
"""Where a printer was found."""

FAULTS: Sequence[tuple[str, str, str, str, str]] = (
    ("paper_out", "paper_out", "Take the paper out", "load_paper", "Load paper"),
    ("head_open", "open_head", "Open the lid", "close_head", "Close the lid"),
    ("ribbon_out", "ribbon_out", "Take the ribbon out", "load_ribbon", "Load a ribbon"),
    ("paused", "pause", "Press its Pause button", "resume", "Press Pause again"),
)
"""What the display says, and what is done to a virtual printer while that is not so, and is so."""

TRACKING = (
    ("", "As it is set at the printer"),
    ("gap", "Labels with a gap between them"),
    ("mark", "Labels with a black mark"),
    ("continuous", "Endless paper"),
)

FINISH = (
    ("", "As it is set at the printer"),
    ("tear_off", "Tear off"),
    ("peel", "Peel off"),
    ("cut", "Cut"),
    ("rewind", "Wind up"),
)


def printers_in(language: str) -> Listing:
    """Return the list of all printers, in words of a language."""

    def badge(row: Row) -> Cell:
        how = seen(row, language)
        return Cell(how.word, tone=how.tone)

    def act(row: Row) -> Cell:
        how = seen(row, language)
        return Cell(how.cure or how.sentence, detail=how.sentence if how.cure else "")

    def uncertain(row: Row) -> Cell:
        to = "/questions?" + urlencode({"printer": row["name"]})
        return Cell(str(row["uncertain"]), to if row["uncertain"] else "")

    return Listing(
        name="printers",
        title="Printers",
        path="/printers",
        api="/v1/printers",
        key=lambda row: row["name"],
        columns=(
            Column("Name", lambda row: Cell(row["name"], at("/printers/{}", row["name"]))),
            Column("How it is", badge),
            Column("What to do", act),
            Column("Stock", lambda row: labels_of(row, language)),
            Column("Waiting", lambda row: row["waiting"], True, lambda row: row["waiting"]),
            Column("In doubt", uncertain, True, lambda row: row["uncertain"]),
        ),
        fixed={"work": "true"},
        whole=True,
    )


def printer_pages(frame: Frame) -> APIRouter:
    """Return the routes of the pages of printers and pools."""
    router = frame.router()
    frame.listings["printers"] = printers_in("en")
    _all_of_them(router, frame)
    _adding(router, frame)
    _one_of_them(router, frame)
    _setting_up(router, frame)
    _pools(router, frame)
    return router


# ---------------------------------------------------------------- all printers


def _all_of_them(router: APIRouter, frame: Frame) -> None:
    @router.get("/printers", dependencies=[needs("read")])
    async def get_printers(request: Request, api: Asked) -> Response:
        language = frame.language(request)
        found = [row async for row in pages(api, "/v1/printers", {"work": "true"})]
        many = len(found) > MOST_CARDS
        listing = printers_in(language)
        shown = await show(api, listing, request.query_params) if many else None
        cards = [(row, seen(row, language), labels_of(row, language)) for row in found]
        pools = [row async for row in pages(api, "/v1/pools", {})]
        return frame.page(
            request, "printers.html", cards=[] if many else cards, shown=shown, pools=pools,
            moves=any(how.moves for _, how, _ in cards),
        )  # fmt: skip

    @router.get("/viewer", dependencies=[needs(OPEN)])
    async def get_viewer() -> Response:
        """Where the printers and their paper were shown before."""
        return RedirectResponse("/printers", 301)


# ---------------------------------------------------------------- a new one


def _adding(router: APIRouter, frame: Frame) -> None:
    admin = [needs("admin")]
    told = Told()

    @router.get("/printers/add", dependencies=admin)
    async def get_add(request: Request, api: Asked) -> Response:
        return frame.page(
            request, "printers_add.html", search=None, models=await models_of(api), via=VIA,
            languages_of_printers=LANGUAGES, address="",
        )  # fmt: skip

    @router.get("/printers/add/found", dependencies=admin)
    async def get_found(request: Request, api: Asked, address: str = "") -> Response:
        """Looks for some seconds; nothing is added by it."""
        return frame.page(
            request, "printers_add.html", search=await look(api, address), address=address,
            models=await models_of(api), via=VIA, languages_of_printers=LANGUAGES,
        )  # fmt: skip

    @router.get("/printers/add/device", dependencies=admin)
    async def get_device(request: Request, api: Asked, url: str = "") -> Response:
        """Asks the device who it is, by questions that no printer prints."""
        asked = await told.by(api, url)
        taken = await names_taken(api)
        return frame.page(
            request, "printers_device.html", asked=asked, models=await models_of(api),
            languages_of_printers=LANGUAGES, densities=densities_with,
            name=free_name(asked["says"].get("model", "") or "printer", taken),
        )  # fmt: skip

    @router.post("/printers/add/device", dependencies=admin)
    async def add_device(request: Request, api: Asked) -> Response:
        form = read_form(await request.body())
        name = one(form, "_name").strip()
        if not name:
            raise InputRefused("Give the printer a name, such as dock-1.", key="name")
        return await make(request, api, name, await device_in(api, form))

    @router.post("/printers/add/virtual", dependencies=admin)
    async def add_virtual(request: Request, api: Asked) -> Response:
        form = read_form(await request.body())
        taken = await names_taken(api)
        return await make(request, api, free_name("try", taken), virtual_in(form))

    async def make(request: Request, api: Api, name: str, body: dict[str, Any]) -> Response:
        new = {"if-none-match": "*"}
        made = await api.ask("PUT", at("/v1/printers/{}", name), body, headers=new)
        told.forget()
        said = translate("Printer %(name)s is there.", frame.language(request)) % {
            "name": made.json["name"]
        }
        return frame.back(request, at("/printers/{}/stock?new=1", made.json["name"]), said)


async def models_of(api: Api) -> list[tuple[str, list[Row]]]:
    """Return the models that are known, by what they understand."""
    found: dict[str, list[Row]] = {language: [] for language in LANGUAGES}
    async for row in pages(api, "/v1/models", {}):
        found.setdefault(row["language"], []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: str(row["title"]).casefold())
    return list(found.items())


async def look(api: Api, address: str) -> dict[str, Any]:
    """Return what a search for printers brings, some seconds later."""
    body = {"address": address.strip()} if address.strip() else {}
    found: dict[str, Any] = (await api.ask("POST", "/v1/printers/find", body)).json
    return found


async def ask_device(api: Api, url: str) -> dict[str, Any]:
    """Return what a device says of itself; with ``trouble`` when it could not be asked.

    An address without a scheme is one of the network.
    """
    url = url.strip()
    if url and not re.match(r"[a-z]+:", url):
        url = f"tcp://{url}"
    asked: dict[str, Any] = {
        "url": url, "sentence": "", "says": {}, "settings": {"url": url}, "printer": None,
        "missing": ["language", "density", "media"], "trouble": "", "media": None,
    }  # fmt: skip
    try:
        asked |= (await api.ask("POST", "/v1/printers/identify", {"url": url})).json
    except Declined as refusal:
        asked["trouble"] = refusal.sentence
    return asked


def densities_with(density: object) -> list[tuple[str, str]]:
    """Return the densities to choose from, that of a printer among them, whatever it is.

    >>> densities_with(8) == list(DENSITIES), densities_with("407dpi")[-1]
    (True, ('407dpi', '407dpi'))
    """
    own = str(density or "")
    known = not own or any(own == value for value, _ in DENSITIES)
    return list(DENSITIES) if known else [*DENSITIES, (own, own)]


class Told:
    """What devices said of themselves lately: a form that is refused does not ask them anew."""

    def __init__(self, seconds: float = 120.0, most: int = 20) -> None:
        self._seconds, self._most = seconds, most
        self._said: dict[str, tuple[float, dict[str, Any]]] = {}

    def forget(self) -> None:
        """Ask every device anew: one of them is set up by now."""
        self._said.clear()

    async def by(self, api: Api, url: str) -> dict[str, Any]:
        """Return what a device says of itself, or said lately."""
        when, said = self._said.get(url, (0.0, {}))
        if said and monotonic() - when < self._seconds:
            return said
        said = await ask_device(api, url)
        self._said.pop(url, None)
        if not said["trouble"] and said["printer"] is None:
            self._said[url] = monotonic(), said
            while len(self._said) > self._most:
                self._said.pop(next(iter(self._said)))
        return said


async def device_in(api: Api, form: Form) -> dict[str, Any]:
    """Return the settings that a form of a device has: its model says language and head."""
    body = body_of(form)
    density = str(body.get("density", ""))
    if density.isascii() and density.isdigit():
        body["density"] = int(density)
    model = body.get("model")
    if model:
        rows = {row["name"]: row async for row in pages(api, "/v1/models", {})}
        if model in rows:
            body["language"], body["density"] = rows[model]["language"], rows[model]["density"]
    for key in ("language", "density"):
        if body.get(key) == "":
            raise InputRefused(
                "Choose the printer's model, or what it understands and how fine its head is; "
                "both stand on its test print.",
                key=key,
            )
    return body


def virtual_in(form: Form) -> dict[str, Any]:
    """Return the settings of the virtual printer that a form asks for: of a language, or a model.

    >>> virtual_in({"_kind": ["model:generic-tspl-300"]})
    {'url': 'virtual:', 'model': 'generic-tspl-300'}
    """
    kind, _, name = one(form, "_kind").partition(":")
    return {"url": "virtual:", **({kind: name} if kind in ("language", "model") else {})}


async def names_taken(api: Api) -> set[str]:
    """Return the names of all printers and pools, in lower case: they share one name space."""
    return {
        row["name"].lower()
        for path in ("/v1/printers", "/v1/pools")
        async for row in pages(api, path, {})
    }


def free_name(wanted: str, taken: set[str]) -> str:
    """Return a name that no printer has, made of what a device calls itself.

    >>> free_name("ZTC ZD421-203dpi ZPL", {"zebra"}), free_name("try", {"try", "try-2"})
    ('ztc-zd421-203dpi-zpl', 'try-3')
    """
    base = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[:30] or "printer"
    names = (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


# ---------------------------------------------------------------- one printer


def _one_of_them(router: APIRouter, frame: Frame) -> None:
    @router.get("/printers/{name}", dependencies=[needs("read")])
    async def get_printer(name: str, request: Request, api: Asked) -> Response:
        printer = await api.get(at("/v1/printers/{}", name))
        name = printer["name"]
        now = await api.get(at("/v1/printers/{}/status", name))
        virtual, paper, labels = None, None, []
        after = request.query_params.get("after", "")
        if printer["virtual"]:
            virtual = await api.get(at("/v1/printers/{}/virtual", name))
            paper = await api.get(at("/v1/printers/{}/paper", name), after=after, limit=MOST_PAPER)
        else:
            given = await api.get(at("/v1/printers/{}/labels", name), limit=MOST_PAPER)
            labels = given["items"]
        jobs = (await api.get("/v1/jobs", printer=name, limit=MOST_PAPER))["items"]
        pools = [row async for row in pages(api, "/v1/pools", {})]
        return frame.page(
            request, "printers_one.html", printer=printer, now=now, paper=paper,
            how=seen(printer, frame.language(request)), virtual=virtual, labels=labels,
            jobs=jobs, job_words=JOB_STATE_WORDS, job_tones=JOB_TONES,
            why={job["id"]: await why_failed(api, job) for job in jobs}, faults=FAULTS,
            pools=[row["name"] for row in pools if is_in(name, row)], after=after,
            stock=labels_of(printer, frame.language(request)), scale=scale_of(printer),
            languages_of_printers=LANGUAGES,
        )  # fmt: skip

    @router.get("/printers/{name}/delete", dependencies=[needs("admin")])
    async def get_delete(name: str, request: Request, api: Asked) -> Response:
        printer = await api.ask("GET", at("/v1/printers/{}", name))
        return frame.page(
            request, "printers_delete.html", title=printer.json["name"], kind="printer",
            call=at("/v1/printers/{}", printer.json["name"]), etag=printer.etag,
        )  # fmt: skip


def is_in(printer: str, pool: Row) -> bool:
    """Return whether a printer is in a pool."""
    return any(member["printer"] == printer for member in pool["members"])


def scale_of(printer: Row) -> float:
    """Return the pixels a dot of a printer's paper is shown with."""
    density = printer["density"]
    dots = density if isinstance(density, int) else int(density.removesuffix("dpi")) / 25.4
    return PIXELS / dots


async def why_failed(api: Api, job: Row) -> str:
    """Return why a job's labels failed: what stands at the job, or at the first of them."""
    if job["problem"] or not job["counts"].get("failed"):
        return str(job["problem"] or "")
    failed = await api.get(job["links"]["labels"], state="failed", limit=1)
    return next((str(label["problem"] or "") for label in failed["items"]), "")


# ---------------------------------------------------------------- setting it up


def _setting_up(router: APIRouter, frame: Frame) -> None:
    admin = [needs("admin")]

    async def page(name: str, request: Request, api: Api, file: str, **values: Any) -> Response:
        said = await api.ask("GET", at("/v1/printers/{}", name))
        language = frame.language(request)
        return frame.page(
            request, file, printer=said.json, etag=said.etag, how=seen(said.json, language),
            new=request.query_params.get("new") == "1", stock=labels_of(said.json, language),
            tracking_words=[(value, translate(text, language)) for value, text in TRACKING],
            finish_words=[(value, translate(text, language)) for value, text in FINISH], **values,
        )  # fmt: skip

    @router.get("/printers/{name}/stock", dependencies=admin)
    async def get_stock(name: str, request: Request, api: Asked) -> Response:
        return await page(name, request, api, "printers_stock.html")

    @router.get("/printers/{name}/test", dependencies=[needs("print")])
    async def get_test(name: str, request: Request, api: Asked) -> Response:
        jobs = (await api.get("/v1/jobs", printer=name, limit=MOST_PAPER))["items"]
        test = next((job for job in jobs if job["template"] == "test-label"), None)
        return await page(
            name, request, api, "printers_test.html", test=test, job_words=JOB_STATE_WORDS,
            job_tones=JOB_TONES, why=await why_failed(api, test) if test else "",
        )  # fmt: skip

    @router.get("/printers/{name}/align", dependencies=admin)
    async def get_align(name: str, request: Request, api: Asked) -> Response:
        belongs = await api.get(at("/v1/printers/{}/test", name))
        return await page(name, request, api, "printers_align.html", belongs=belongs)

    @router.get("/printers/{name}/settings", dependencies=admin)
    async def get_settings(name: str, request: Request, api: Asked) -> Response:
        return await page(
            name, request, api, "printers_settings.html", models=await models_of(api),
            languages_of_printers=LANGUAGES, densities=densities_with,
        )  # fmt: skip

    @router.post("/printers/{name}/device", dependencies=admin)
    async def set_device(name: str, request: Request, api: Asked) -> Response:
        """Where it is and what it understands."""
        form = read_form(await request.body())
        body = await device_in(api, form)
        seen_before = {"if-match": etag} if (etag := one(form, "_etag")[:80]) else {}
        await api.ask("PUT", at("/v1/printers/{}", name), body, headers=seen_before)
        said = translate("The settings are kept.", frame.language(request))
        return frame.back(request, at("/printers/{}/settings", name), said)

    @router.get("/printers/{name}/replace", dependencies=admin)
    async def get_replace(
        name: str, request: Request, api: Asked, find: bool = False, url: str = ""
    ) -> Response:
        return await page(
            name, request, api, "printers_replace.html", via=VIA,
            search=await look(api, "") if find else None,
            asked=await ask_device(api, url) if url else None, models=await models_of(api),
            languages_of_printers=LANGUAGES, densities=densities_with,
        )  # fmt: skip

    @router.post("/printers/{name}/replace", dependencies=admin)
    async def replace(name: str, request: Request, api: Asked) -> Response:
        form = read_form(await request.body())
        body = virtual_in(form) if one(form, "_kind") else await device_in(api, form)
        if body.get("same_device"):  # only its address is another one
            body = {"url": body.get("url"), "same_device": True}
        once = {"idempotency-key": key} if (key := one(form, "_once")[:80]) else {}
        path = at("/v1/printers/{}/replace", name)
        done = (await api.ask("POST", path, body, headers=once)).json
        language = frame.language(request)
        sentence = translate("Printer %(name)s is another device now.", language) % {"name": name}
        note = Note(sentence)
        if done["uncertain"]:
            asked = translate("Say what became of the labels that were on their way", language)
            link = Link(asked, "/questions?" + urlencode({"printer": name}))
            note = Note(sentence, "look", links=(link,))
        return frame.back(request, at("/printers/{}", name), note=note)


# ---------------------------------------------------------------- pools


def _pools(router: APIRouter, frame: Frame) -> None:
    admin = [needs("admin")]

    async def names(api: Api) -> list[str]:
        return [row["name"] async for row in pages(api, "/v1/printers", {})]

    @router.get("/pools", dependencies=[needs("read")])
    async def get_pools(request: Request, api: Asked) -> Response:
        found = [row async for row in pages(api, "/v1/pools", {})]
        return frame.page(
            request, "printers_pools.html", pools=found, names=await names(api),
            conditions=CONDITIONS,
        )  # fmt: skip

    @router.post("/pools", dependencies=admin)
    async def add_pool(request: Request, api: Asked) -> Response:
        form = read_form(await request.body())
        name = one(form, "_name").strip()
        if not name:
            raise InputRefused("Give the pool a name, such as hall-2.", key="name")
        body, new = {"members": members_in(form)}, {"if-none-match": "*"}
        made = (await api.ask("PUT", at("/v1/pools/{}", name), body, headers=new)).json
        said = translate("Pool %(name)s is there.", frame.language(request))
        return frame.back(request, at("/pools/{}", made["name"]), said % {"name": made["name"]})

    @router.get("/pools/{name}", dependencies=[needs("read")])
    async def get_pool(name: str, request: Request, api: Asked) -> Response:
        said = await api.ask("GET", at("/v1/pools/{}", name))
        return frame.page(
            request, "printers_pool.html", pool=said.json, etag=said.etag,
            names=await names(api), conditions=CONDITIONS,
        )  # fmt: skip

    @router.get("/pools/{name}/delete", dependencies=admin)
    async def get_delete(name: str, request: Request, api: Asked) -> Response:
        pool = (await api.get(at("/v1/pools/{}", name)))["name"]
        return frame.page(
            request, "printers_delete.html", title=pool, kind="pool",
            call=at("/v1/pools/{}", pool), etag="",
        )  # fmt: skip


def members_in(form: Form) -> list[str]:
    """Return the printers that a form of a pool names, in their order."""
    found = body_of({key: value for key, value in form.items() if key.startswith("members")})
    return list(found.get("members", []))
