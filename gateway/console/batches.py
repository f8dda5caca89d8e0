"""Many labels of one template: from a file, a paste or the registry, seen first, printed, watched.

    /templates/{name}/batch ──file, or what is printed──► its columns ──check──► …/batch/{id}
        the first label and the longest, what is refused ──print──► …/batch/{id} with its jobs

The gateway keeps the table and what was asked for; a page holds only their numbers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from gateway.api.access import needs
from gateway.console import choosing
from gateway.console.asking import Api, Asked, Declined, at
from gateway.console.form import Form, one, read_form
from gateway.console.frame import Frame
from gateway.console.words import translate
from gateway.console.works import STATES
from gateway.registry.label_values import FILLED

AT_ONCE = 1.5
"""Seconds for which a page waits for the end of a work: most batches are checked by then."""

SHOWN = 50
"""Refused rows on the page; the file has all."""

NOUNS: Mapping[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "serial": (
        "Serials",
        (("item", "Item number", "item"), ("lot", "Lot", ""), ("location", "Location", "location"),
         ("document", "Document", ""), ("prefix", "Begins with", "")),
    ),
    "item": ("Items", (("q", "Begins with", ""),)),
    "lot": ("Lots", (("item", "Item number", "item"), ("q", "Begins with", ""))),
    "location": (
        "Locations", (("q", "Begins with", ""), ("parent", "Right inside", "location")),
    ),
    "party": ("Customers and suppliers", (("q", "Begins with", ""),)),
}  # fmt: skip
"""Noun -> its title, and the filters that a page offers: (key, title, what it offers)."""


def _words() -> Iterator[str]:
    for title, filters in NOUNS.values():
        yield title
        for _, named, _ in filters:
            yield named
    for fields in FILLED.values():
        yield from (field.title for field in fields)


BATCH_WORDS = tuple(dict.fromkeys(_words()))
"""Texts of these pages that stand in tables, and what the registry's fields are called: for the
table of words."""


def batch_pages(frame: Frame) -> APIRouter:
    """Return the routes of the pages."""
    router = frame.router()

    async def shown(
        request: Request, api: Api, name: str, status: int = 200, **values: Any
    ) -> Response:
        """Return the page on which one says what is printed."""
        table = values.get("table") or None
        was = await _was(api, values.get("of", ""))
        source = was.get("source", {})
        query = {"table": table} if table else {}
        asks = await api.get(at("/v1/templates/{}/batch", name), query)
        about = values.get("about") or ""
        nouns = asks["abouts"] if frame.parts.settings.all()["registry.enabled"] else []
        filled: set[str] = set()
        if about in nouns:
            listed = await api.get("/v1/editor/fields", about=about)
            filled = {field["name"] for field in listed["items"]}
        return frame.page(
            request, "batch.html", status, asks=asks, nouns=nouns, about=about,
            noun=NOUNS.get(about) if about in nouns else None, titles=NOUNS,
            rest=[field for field in asks["fields"] if field["name"] not in filled],
            printers=await choosing.printers(api), trouble=values.get("trouble", ""),
            text=values.get("text", ""),
            chosen={
                "columns": source.get("columns", asks.get("columns", {})),
                "values": source.get("values", was.get("fields", {})),
                "filter": source.get("filter", {}), "printer": was.get("printer", ""),
                "copies": was.get("copies", 1),
                "copies_from": was.get("copies_from", "" if was else asks.get("copies_from")),
            },
            unused=[
                column for column in asks.get("table", {}).get("header", ())
                if column not in (*asks.get("columns", {}).values(), asks.get("copies_from"))
            ],
        )  # fmt: skip

    @router.get("/templates/{name}/batch", dependencies=[needs("print")])
    async def get_batch(
        request: Request, api: Asked, name: str, table: str = "", about: str = "", of: str = ""
    ) -> Response:
        return await shown(request, api, name, table=table, about=about, of=of)

    @router.post("/templates/{name}/batch", dependencies=[needs("print")])
    async def bring(request: Request, api: Asked, name: str) -> Response:
        """Take the file, or what was pasted, and go on to its columns."""
        async with request.form(max_files=1, max_fields=20, max_part_size=40_000_000) as form:
            chosen, text = form.get("file"), str(form.get("text") or "")
            title, content = "", b""
            if isinstance(chosen, UploadFile) and chosen.filename:
                title, content = chosen.filename, await chosen.read()
        if not title:
            title = translate("What was pasted", frame.language(request))
            content = text.encode()
        try:
            kept = await api.ask(
                "POST", "/v1/tables", content, query={"name": title[-200:]}, kind="text/csv"
            )
        except Declined as refusal:
            return await shown(
                request, api, name, refusal.status, trouble=refusal.sentence, text=text
            )
        here = at("/templates/{}/batch", name)
        return frame.back(request, f"{here}?{urlencode([('table', kept.json['id'])])}#columns")

    @router.post("/templates/{name}/batch/check", dependencies=[needs("print")])
    async def check(request: Request, api: Asked, name: str) -> Response:
        """Look at every row, and print nothing."""
        form = read_form(await request.body())
        batch = await _ended(api, (await api.ask(
            "POST", at("/v1/templates/{}/batch", name), _body(form), query={"dry_run": 1}
        )).json)  # fmt: skip
        return frame.back(request, at("/templates/{}/batch/{}", name, batch["id"]))

    @router.get("/templates/{name}/batch/{id}", dependencies=[needs("read")])
    async def get_report(request: Request, api: Asked, name: str, id: str) -> Response:
        batch = await api.get(at("/v1/batches/{}", id))
        rows: Sequence[Any] = ()
        if batch["refused"] and batch["state"] not in ("waiting", "running"):
            rows = (await api.get(at("/v1/batches/{}/rows", id), limit=SHOWN))["items"]
        source = batch["asked"].get("source", {})
        back = {key: source[key] for key in ("table", "about") if source.get(key)} | {"of": id}
        return frame.page(
            request, "batch_report.html", batch=batch, rows=rows, states=STATES,
            again=at("/templates/{}/batch", name) + f"?{urlencode(back)}",
        )  # fmt: skip

    @router.post("/templates/{name}/batch/{id}/print", dependencies=[needs("print")])
    async def print_it(request: Request, api: Asked, name: str, id: str) -> Response:
        """Print what was checked. The same button twice prints once."""
        form = read_form(await request.body())
        batch = await api.get(at("/v1/batches/{}", id))
        # As many, and of the version, as was seen, whatever has come or was published since.
        body = {
            **batch["asked"], "version": batch["version"], "labels": batch["labels"],
            "partial": one(form, "partial") == "1",
        }  # fmt: skip
        made = (await api.ask(
            "POST", at("/v1/templates/{}/batch", name), body,
            headers={"Idempotency-Key": f"batch-{id}"},
        )).json  # fmt: skip
        return frame.back(
            request, at("/templates/{}/batch/{}", name, (await _ended(api, made))["id"])
        )

    return router


async def _was(api: Api, id: str) -> dict[str, Any]:
    """Return what a batch asked for; nothing when it is no more, and the form begins anew."""
    if not id:
        return {}
    try:
        asked: dict[str, Any] = (await api.get(at("/v1/batches/{}", id)))["asked"]
    except Declined:
        return {}
    return asked


async def _ended(api: Api, batch: dict[str, Any]) -> dict[str, Any]:
    """Return a batch when it has ended, or as it is after a moment."""
    for _ in range(int(AT_ONCE / 0.05)):
        if batch["state"] not in ("waiting", "running"):
            break
        await asyncio.sleep(0.05)
        batch = await api.get(at("/v1/batches/{}", batch["id"]))
    return batch


def _body(form: Form) -> dict[str, Any]:
    """Return what the API is asked for."""
    body: dict[str, Any] = {"printer": one(form, "printer")}
    table, about = one(form, "table"), one(form, "about")
    if table:
        body["source"] = {
            "table": table, "columns": _named(form, "c."), "values": _named(form, "v."),
        }  # fmt: skip
    else:
        body["source"] = {"about": about, "filter": _named(form, "f.")}
        if fields := _named(form, "v."):
            body["fields"] = fields
    if column := one(form, "copies_from"):
        body["copies_from"] = column
    elif (copies := one(form, "copies").strip()) != "":
        body["copies"] = int(copies) if copies.isascii() and copies.isdecimal() else copies
    return body


def _named(form: Form, prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): text
        for name in form if name.startswith(prefix) and (text := one(form, name).strip())
    }  # fmt: skip
