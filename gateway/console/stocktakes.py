"""Stocktakes: begun for a place and some items, counted by scan, list or file, decided, posted.

    /stocktakes/new ──► start ──► count (scan, list, ticks, file) ──► differences ──► post

What a scan turned out to be is said at once (here already, belongs elsewhere, not known); nothing
in stock changes before the differences are decided and the count is posted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway.api.access import needs
from gateway.console.asking import Api, Asked, at
from gateway.console.documents import STATUS, done_note, read_document
from gateway.console.form import Form, one, read_form
from gateway.console.frame import Frame
from gateway.console.lines import locations_of
from gateway.console.listing import Cell, Column, Filter, Listing, Order, Row, show
from gateway.console.noting import Note
from gateway.console.state_words import ACTIONS, STATES
from gateway.console.words import translate
from gateway.errors import InputRefused
from gateway.store.registry.stocktakes import DECISIONS as MAY

MOST_SHOWN = 300
"""Serials to tick whose labels cannot be read."""

PAGE = 100
"""Missing serials on a page of differences."""

LARGEST_FILE = 20_000_000
"""Bytes of a file of counts: some hundred thousand rows."""

SEEN = {
    "ok": "%(serial)s is where it should be.",
    "moved": "%(serial)s should be at %(expected_at)s.",
    "unexpected": "%(serial)s should not be here: it is %(state)s.",
    "unknown": "%(serial)s is not known yet.",
    "again": "%(serial)s was counted already.",
    "ambiguous": "Several items have the serial %(serial)s; say which item it is.",
    "counted": "%(quantity)s of %(item)s are counted.",
}
"""What became of a count -> its sentence."""

KINDS = {
    "missing": ("Missing", "look"), "moved": ("Elsewhere", "look"),
    "unexpected": ("Not expected", "asked"), "unknown": ("Not known", "asked"),
    "quantity": ("Other quantity", "look"),
}  # fmt: skip
"""Kind of a difference -> its word and tone."""

DECISIONS = {
    "write_off": "write it off", "keep": "leave it as it was", "move": "move it here",
    "take_in": "take it in", "ignore": "do not take it in", "add": "make it new",
    "adjust": "correct the quantity",
}  # fmt: skip
"""What may be decided -> in words."""


def _status(row: Row) -> Cell:
    word, tone = STATUS[row["status"]]
    return Cell(word, tone=tone, kind="word")


STOCKTAKES = Listing(
    name="stocktakes",
    title="Stocktakes",
    path="/stocktakes",
    api="/v1/documents/stocktake",
    key=lambda row: row["number"],
    columns=(
        Column("Number", lambda row: Cell(row["number"], to=at("/stocktakes/{}", row["number"]))),
        Column("Status", _status),
        Column("Location", lambda row: row["from"] or row["to"]),
        Column("Made", lambda row: Cell(row["created_at"], kind="time")),
        Column("Finished", lambda row: Cell(row["done_at"] or "", kind="time")),
    ),
    filters=(
        Filter("status", "Status", [("unfinished", "Not finished"),
                                    *((key, word) for key, (word, _) in STATUS.items())]),
        Filter("number", "Number"),
        Filter("item", "Item"),
    ),
    orders=(
        Order("newest", "Newest first", {"order": "newest"}),
        Order("oldest", "Oldest first", {"order": "oldest"}),
    ),
    empty="Nothing was counted yet. Begin with one location.",
    next_act=(("New stocktake", "/stocktakes/new"),),
)  # fmt: skip


STOCKTAKE_WORDS = (*SEEN.values(), *(word for word, _ in KINDS.values()), *DECISIONS.values())
"""Texts of these pages that stand in tables: for the table of words."""


def stocktake_pages(frame: Frame) -> APIRouter:
    """Return the routes of stocktakes."""
    router = frame.router()
    frame.listings[STOCKTAKES.name] = STOCKTAKES

    def say(text: str, request: Request, **facts: object) -> str:
        return translate(text, frame.language(request)) % facts

    @router.get("/stocktakes", dependencies=[needs("read")])
    async def list_stocktakes(request: Request, api: Asked) -> Response:
        """All of them, newest first."""
        return frame.page(
            request, "stocktakes.html", shown=await show(api, STOCKTAKES, request.query_params)
        )

    @router.get("/stocktakes/new", dependencies=[needs("read")])
    async def get_new(request: Request, api: Asked) -> Response:
        """Where, and what."""
        items = await api.get("/v1/items", limit=200)
        return frame.page(
            request, "stocktake_new.html", locations=await locations_of(api),
            items=[(row["sku"], row["name"]) for row in items["items"]],
        )  # fmt: skip

    @router.post("/stocktakes/new", dependencies=[needs("read")])
    async def make(request: Request, api: Asked) -> Response:
        """Make it and begin."""
        form = read_form(await request.body())
        items = [part.strip() for part in
                 one(form, "items").replace(",", "\n").splitlines() if part.strip()]  # fmt: skip
        body: dict[str, Any] = {
            "from": one(form, "location").strip() or None,
            "memo": one(form, "memo").strip(),
            "lines": [{"item": sku, "quantity": 0} for sku in dict.fromkeys(items)],
        }  # fmt: skip
        headers = {"idempotency-key": key} if (key := one(form, "_once")[:80]) else {}
        said = await api.ask("POST", "/v1/documents/stocktake", body, headers=headers)
        number = said.json["number"]
        if said.json["status"] == "draft":
            await api.ask("POST", at("/v1/documents/stocktake/{}/start", number), {})
        return frame.back(request, at("/stocktakes/{}", number),
                          say("%(number)s has begun: count.", request, number=number))  # fmt: skip

    @router.get("/stocktakes/{number}", dependencies=[needs("read")])
    async def get_stocktake(number: str, request: Request, api: Asked) -> Response:
        """How far it is, and every way to count."""
        document = await read_document(api, "stocktake", number)
        path = at("/v1/documents/stocktake/{}", number)
        progress = (await api.get(f"{path}/progress"))["items"]
        tick = request.query_params.get("tick", "")
        missing: Sequence[Row] = ()
        if tick and document["status"] == "in_progress":
            missing = (await api.get(f"{path}/differences", kind="missing", limit=MOST_SHOWN))[
                "items"
            ]
        return frame.page(
            request, "stocktake.html", document=document, state=STATUS[document["status"]],
            progress=progress, locations=await locations_of(api), missing=missing, tick=tick,
            place=request.query_params.get("at", "") or document["from"] or document["to"] or "",
            counted=sum(row["counted"] for row in progress),
            expected=sum(row["expected"] for row in progress),
            events=[] if document["status"] != "done" else (await api.get(
                "/v1/registry/events", document=f"stocktake/{document['number']}", limit=100,
            ))["items"], actions=ACTIONS,
        )  # fmt: skip

    async def count(
        number: str, request: Request, api: Api, counts: Sequence[Mapping[str, Any]], form: Form
    ) -> Response:
        path = at("/v1/documents/stocktake/{}/count", number)
        headers = {"idempotency-key": key} if (key := one(form, "_once")[:80]) else {}
        said = await api.ask("POST", path, {"counts": list(counts)}, headers=headers)
        place = one(form, "location").strip()
        if one(form, "_to") == "differences":
            to = at("/stocktakes/{}/differences", number)
        else:
            to = at("/stocktakes/{}", number) + (at("?at={}", place) if place else "")
        return frame.back(request, to, note=counted_note(request, said.json["results"]))

    def counted_note(request: Request, results: Sequence[Mapping[str, Any]]) -> Note:
        good = [row for row in results if row["result"] in ("ok", "counted")]
        others = [row for row in results if row["result"] not in ("ok", "counted")]
        if len(results) == 1:
            return Note(sentence_of(request, results[0]), "look" if others else "done")
        if others:
            sentence = say("%(n)s counted; %(look)s of them to look at.", request,
                           n=len(results), look=len(others))  # fmt: skip
        else:
            sentence = say("%(n)s counted, all where they should be.", request, n=len(good))
        items = [{"subject": "", "detail": sentence_of(request, row)} for row in others]
        return Note(sentence, "look" if others else "done", items)

    def sentence_of(request: Request, row: Mapping[str, Any]) -> str:
        facts = {"expected_at": "–", **{key: value or "–" for key, value in row.items()}}
        if row.get("state"):
            facts["state"] = say(STATES[facts["state"]].word, request).lower()
        if "quantity" in row:
            facts["quantity"] = row["quantity"]
        return say(SEEN[row["result"]], request, **facts)

    @router.post("/stocktakes/{number}/count", dependencies=[needs("read")])
    async def count_list(number: str, request: Request, api: Asked) -> Response:
        """Count serials that were scanned, typed or pasted, or a quantity."""
        form = read_form(await request.body())
        seen: dict[str, Any] = {"location": one(form, "location").strip()}
        for key in ("item", "lot"):
            if value := one(form, key).strip():
                seen[key] = value
        if quantity := one(form, "quantity").strip():
            if not quantity.isdecimal():
                raise InputRefused(f"A quantity must be a whole number, got {quantity[:40]!r}.")
            seen["quantity"] = int(quantity)
        elif text := one(form, "serials").strip():
            seen |= {"serials": text, "scanned": bool(one(form, "scanned"))}
        else:
            raise InputRefused("Scan or type at least one serial.")
        return await count(number, request, api, [seen], form)

    @router.post("/stocktakes/{number}/tick", dependencies=[needs("read")])
    async def count_ticked(number: str, request: Request, api: Asked) -> Response:
        """Count what is there although its label cannot be read."""
        form = read_form(await request.body())
        counts: dict[tuple[str, str], list[str]] = {}
        for value in form.get("_ids", ()):
            item, location, serial = (*value.split("\t"), "", "")[:3]
            counts.setdefault((item, location), []).append(serial)
        if not counts:
            raise InputRefused("Tick at least one serial first.")
        return await count(number, request, api, [
            {"item": item, "location": location, "serials": serials}
            for (item, location), serials in counts.items()
        ], form)  # fmt: skip

    @router.post("/stocktakes/{number}/file", dependencies=[needs("read")])
    async def count_file(number: str, request: Request, api: Asked) -> Response:
        """Count what a table says (E33)."""
        async with request.form(max_files=1, max_fields=20) as form:
            file = form.get("file")
            content = b""
            if file is not None and not isinstance(file, str):
                content = await file.read(LARGEST_FILE)
        if not content:
            raise InputRefused("Choose a file: CSV or XLSX, with the columns location, item, "
                               "serial, lot, quantity.")  # fmt: skip
        kind = (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            if content[:2] == b"PK" else "text/csv"
        )  # fmt: skip
        path = at("/v1/documents/stocktake/{}/count", number)
        said = await api.ask("POST", path, content, kind=kind)
        return frame.back(request, at("/stocktakes/{}", number),
                          note=counted_note(request, said.json["results"]))  # fmt: skip

    # ------------------------------------------------------------ differences

    @router.get("/stocktakes/{number}/differences", dependencies=[needs("read")])
    async def get_differences(number: str, request: Request, api: Asked) -> Response:
        """What is not as it should be, and what becomes of each."""
        document = await read_document(api, "stocktake", number)
        if document["status"] != "in_progress":  # against today's stock they would say nothing
            return RedirectResponse(at("/stocktakes/{}", number), 303)
        query = request.query_params
        found = await api.get(
            at("/v1/documents/stocktake/{}/differences", number),
            kind=query.get("kind", ""), after=query.get("after", ""), limit=PAGE,
        )  # fmt: skip
        counts = found["counts"]
        return frame.page(
            request, "stocktake_differences.html", document=document, rows=found["items"],
            next=found["next"], counts={kind: counts[kind] for kind in KINDS if kind in counts},
            may=MAY, words_of=KINDS, chosen=query.get("kind", ""), decisions=DECISIONS,
            undecided=found["undecided"], total=sum(counts.values()),
            state=STATUS[document["status"]],
        )  # fmt: skip

    @router.post("/stocktakes/{number}/decide", dependencies=[needs("read")])
    async def decide(number: str, request: Request, api: Asked) -> Response:
        """Decide about those for which something was chosen."""
        form = read_form(await request.body())
        decisions: list[dict[str, str]] = []
        if kind := one(form, "kind"):
            if decision := one(form, "decision"):
                decisions = [{"kind": kind, "decision": decision}]
        else:
            subjects, chosen = form.get("difference", []), form.get("decision", [])
            was = form.get("was", [])
            decisions = [
                {"difference": subject, "decision": decision}
                for subject, decision, before in zip(subjects, chosen, was, strict=False)
                if decision and decision != before
            ]
        if not decisions:
            raise InputRefused("Choose what becomes of at least one difference.")
        await api.ask("POST", at("/v1/documents/stocktake/{}/decide", number),
                      {"decisions": decisions})  # fmt: skip
        query = at("?kind={}", one(form, "_shown")) if one(form, "_shown") else ""
        return frame.back(
            request, at("/stocktakes/{}/differences", number) + query,
            say("It is decided. Nothing has changed in stock yet: post the count.", request),
        )  # fmt: skip

    @router.post("/stocktakes/{number}/post", dependencies=[needs("read")])
    async def post(number: str, request: Request, api: Asked) -> Response:
        """Correct the stock as was decided."""
        form = read_form(await request.body())
        headers = {"idempotency-key": key} if (key := one(form, "_once")[:80]) else {}
        said = await api.ask("POST", at("/v1/documents/stocktake/{}/post", number), {},
                             headers=headers)  # fmt: skip
        return frame.back(request, at("/stocktakes/{}", number), note=done_note(
            say("%(number)s is posted: the stock is as it was counted.", request, number=number),
            said.json))  # fmt: skip

    return router
