"""Documents of all types: their list, one of them with what can be done next, its form, its steps.

    /documents ──► /documents/sales_order/SO-17 ──► a step, as the table of steps has it
                        │          └──► /documents/…/step/ship: only some of it
                        ├──► /documents/…/edit: head and lines, three-way when two people edit
                        └──► /documents/…/lines/2: what is chosen (``lines``)

Which types there are and what can be done with each stands in ``gateway.registry.documents``; a
button is shown when the API names its verb as allowed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway.api.access import needs
from gateway.console.asking import Api, Asked, Declined, at
from gateway.console.document_form import (
    Values,
    body_from,
    document_fields,
    read_base,
    three_way,
    values_of,
    write_base,
)
from gateway.console.doing import ask_back
from gateway.console.form import Form, one, read_form
from gateway.console.frame import Frame
from gateway.console.listing import Bulk, Cell, Choices, Column, Filter, Listing, Order, Row, show
from gateway.console.money import amount_of, read_money, written
from gateway.console.noting import Link, Note
from gateway.console.state_words import ACTIONS
from gateway.console.words import translate
from gateway.errors import Unknown
from gateway.registry.documents import KINDS, STEPS, DocumentType, Verb, type_of

STATUS = {
    "draft": ("Draft", "quiet"),
    "open": ("Open", "asked"),
    "in_progress": ("In progress", "look"),
    "done": ("Done", "done"),
    "cancelled": ("Cancelled", "quiet"),
}
"""Status -> its word and tone."""

BADGES = {"needed": ("needed", "look"), "partial": ("partial", "look"),
          "complete": ("complete", "done")}  # fmt: skip
"""What stands beside a line -> its word and tone."""

UNFINISHED = ("draft", "open", "in_progress")

EVENTS = 10
"""Events on a document's page; the feed and each serial's history have the rest."""

SERIALS_SHOWN = 500
"""Serials to tick on the page of a step; more of them are given as a list."""


def title_of(name: str) -> str:
    """Return the English words for a type, verb or state.

    >>> title_of("purchase_order"), title_of("drop_ship")
    ('Purchase order', 'Drop ship')
    """
    return name.replace("_", " ").capitalize()


def _says(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


DOCUMENT_WORDS = (
    *(title_of(kind) for kind in DocumentType),
    *dict.fromkeys(title_of(verb) for verb in Verb),
    *dict.fromkeys(_says(step.says) for step in STEPS.values()),
    *(word for word, _ in (*STATUS.values(), *BADGES.values())),
    "%(n)s documents are cancelled.", "Labels of %(n)s documents are being printed.",
)  # fmt: skip
"""Texts of these pages that stand in tables: for the table of words."""


# ---------------------------------------------------------------------- the list


def key_of(row: Row) -> str:
    """Return what a document is called in a list."""
    return f"{row['type']}/{row['number']}"


def path_of(row: Row) -> str:
    """Return a document's page."""
    if row["type"] == DocumentType.STOCKTAKE:
        return at("/stocktakes/{}", row["number"])
    return at("/documents/{}/{}", row["type"], row["number"])


async def printers(api: Api) -> Choices:
    """Return the printers to choose from."""
    try:
        found = await api.get("/v1/printers")
    except Declined:
        return ()
    return [(row["name"], row["name"]) for row in found["items"]]


async def _cancel(api: Api, ids: Sequence[str], form: Form) -> Note:
    return await _each(api, ids, "%(n)s documents are cancelled.", "cancel")


async def _print(api: Api, ids: Sequence[str], form: Form) -> Note:
    return await _each(api, ids, "Labels of %(n)s documents are being printed.", "",
                       one(form, "print.printer"))  # fmt: skip


async def _each(
    api: Api, ids: Sequence[str], done: str, verb: str = "", printer: str = ""
) -> Note:  # fmt: skip
    refused = []
    for name in ids:
        kind, _, number = name.partition("/")
        try:
            if verb:
                await api.ask("POST", at("/v1/documents/{}/{}/{}", kind, number, verb), {})
            else:
                body = {"printer": printer, "document": f"{kind}/{number}"}
                await api.ask("POST", "/v1/serials/print", body)
        except Declined as refusal:
            refused.append({"subject": number, "detail": refusal.sentence})
    sentence = translate(done, api.language) % {"n": len(ids) - len(refused)}
    return Note(sentence, "look" if refused else "done", refused)


def _status(row: Row) -> Cell:
    word, tone = STATUS[row["status"]]
    return Cell(word, tone=tone, kind="word")


def _way(row: Row) -> str:
    ends = [code for code in (row["from"], row["to"]) if code]
    return " → ".join(ends)


DOCUMENTS = Listing(
    name="documents",
    title="Documents",
    path="/documents",
    api="/v1/documents",
    key=key_of,
    columns=(
        Column("Number", lambda row: Cell(row["number"], to=path_of(row))),
        Column("Type", lambda row: Cell(title_of(row["type"]), kind="word")),
        Column("Status", _status),
        Column("For", lambda row: Cell(row["party"] or "", to=at("/parties/{}", row["party"])
                                       if row["party"] else "")),
        Column("From and to", _way),
        Column("Reference", lambda row: Cell(row["external_ref"] or "",
                                             detail=row["external_id"] or "")),
        Column("Due", lambda row: row["due_on"]),
        Column("Changed", lambda row: Cell(row["changed_at"], kind="time")),
    ),
    filters=(
        Filter("type", "Type", [(str(kind), title_of(kind)) for kind in DocumentType]),
        Filter("status", "Status", [("unfinished", "Not finished"),
                                    *((key, word) for key, (word, _) in STATUS.items())]),
        Filter("number", "Number"),
        Filter("party", "Customer or supplier"),
        Filter("item", "Item"),
        Filter("external_id", "Id in another system"),
    ),
    orders=(
        Order("newest", "Newest first", {"order": "newest"}),
        Order("oldest", "Oldest first", {"order": "oldest"}),
    ),
    bulk=(
        Bulk("print", "Print labels", _print, asks=(Filter("printer", "Printer", printers),)),
        Bulk("cancel", "Cancel them", _cancel, tone="drop",
             question="What was reserved for these documents is free again. Cancel them?"),
    ),
    empty="There are no documents yet. Make a purchase order for what is to come, or a sales order "
    "for what is to go.",
    next_act=(
        ("New purchase order", "/documents/new/purchase_order"),
        ("New sales order", "/documents/new/sales_order"),
    ),
)  # fmt: skip


# ---------------------------------------------------------------------- what a verb asks for

GATES = {
    "ship": "ship", "receive": "receive", "start": "start", "finish": "finish",
    "dispatch": "ship",
}  # fmt: skip
"""Verb -> what is checked before it; ``post`` is checked for what its type is."""

ASKS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("customer_return", "receive"): ("reason", "condition", "location"),
    ("customer_return", "inspect"): ("reason", "location"),
    ("purchase_order", "receive"): ("location",),
    ("purchase_order", "drop_ship"): ("party",),
    ("receipt", "landed_cost"): ("amount",),
    ("receipt", "post"): ("location",),
    ("sales_order", "unpick"): ("release",),
    ("shipment", "unpick"): ("release",),
    ("transfer", "arrive"): ("location",),
    ("transfer", "close"): ("shortages", "reason", "location"),
    ("work_order", "consume"): ("parent",),
    ("work_order", "produce"): ("location",),
    ("work_order", "unbuild"): ("parent", "location", "reason"),
    ("write_off", "post"): ("reason",),
    ("adjustment", "post"): ("reason",),
}
"""(type, verb) -> what its page asks for beside the pieces."""

FIRST = frozenset((
    ("customer_return", "receive"), ("customer_return", "inspect"),
    ("purchase_order", "drop_ship"), ("receipt", "landed_cost"), ("transfer", "close"),
    ("work_order", "unbuild"), ("write_off", "post"), ("adjustment", "post"),
))  # fmt: skip
"""Those that always ask first."""

ROLES = {
    "unpick": ("picked",), "arrive": ("picked",), "inspect": ("done",), "unbuild": ("done",),
    "consume": ("committed", "picked"), "produce": ("planned",),
}  # fmt: skip
"""Verb -> what serials of a line are to it that it takes; else all that is not done yet."""

NO_LINES = frozenset(("confirm", "close", "cancel", "start", "finish", "landed_cost"))
"""Verbs that are about the whole document."""

ENDS = frozenset(("close", "cancel"))


def gate_of(kind: str, verb: str) -> str:
    """Return what is checked before a verb; empty when nothing is."""
    if verb == "post":
        return {"receipt": "receive", "invoice": "invoice"}.get(kind, "ship")
    return GATES.get(verb, "") if kind != "customer_return" else ""


def verbs_of(document: Row) -> list[dict[str, Any]]:
    """Return what can be done with a document now: for its buttons."""
    kind = document["type"]
    picked = any(line["picked"] for line in document["lines"])
    possible = [verb for verb in document["allowed"] if verb != "unpick" or picked]
    again = "confirm" if document["status"] != "draft" and len(possible) > 1 else ""
    first = next((verb for verb in possible if verb != again), "")
    found = []
    for verb in possible:
        step = STEPS[DocumentType(kind), Verb(verb)]
        asks_first = (kind, verb) in FIRST and not (
            "reason" in ASKS[kind, verb] and document["reason"] and verb == "post"
        )
        found.append({
            "verb": verb, "title": title_of(verb), "says": _says(step.says),
            "asks_first": asks_first, "some": verb not in NO_LINES, "whole": step.whole,
            "gate": gate_of(kind, verb), "ends": verb in ENDS, "first": verb == first,
        })  # fmt: skip
    return found


async def missing_of(api: Api, document: Row, verbs: Sequence[Row]) -> dict[str, list[Row]]:
    """Return what each verb that is possible still lacks, line by line."""
    path = at("/v1/documents/{}/{}/check", document["type"], document["number"])
    gates = [verb["gate"] for verb in verbs if verb["gate"]]
    if document["type"] == "sales_order" and document["status"] in ("open", "in_progress"):
        gates.append("invoice")
    return {
        gate: (await api.get(path, {"for": gate}))["missing"] for gate in dict.fromkeys(gates)
    }  # fmt: skip


def follow_ups(document: Row, features: Sequence[str]) -> list[str]:
    """Return the types of documents that may fulfil this one."""
    if document["status"] in ("draft", "cancelled"):
        return []
    return [
        str(kind)
        for kind, row in KINDS.items()
        if document["type"] in row.sources and (not row.feature or row.feature in features)
    ]


# ---------------------------------------------------------------------- pages


def document_pages(frame: Frame) -> APIRouter:
    """Return the routes of documents."""
    router = frame.router()
    frame.listings[DOCUMENTS.name] = DOCUMENTS

    def features() -> Sequence[str]:
        return tuple(frame.parts.settings.all()["registry.features"])

    def types() -> list[str]:
        on = features()
        return [str(t) for t, row in KINDS.items() if not row.feature or row.feature in on]

    def say(text: str, request: Request, **facts: object) -> str:
        return translate(text, frame.language(request)) % facts

    @router.get("/documents", dependencies=[needs("read")])
    async def list_documents(request: Request, api: Asked) -> Response:
        """All types, newest first."""
        return frame.page(
            request, "documents.html", shown=await show(api, DOCUMENTS, request.query_params),
            types=types(), title_of=title_of, chosen=request.query_params.get("type", ""),
        )  # fmt: skip

    @router.get("/documents/{type}", dependencies=[needs("read")])
    async def list_of_type(type: str) -> Response:
        """The list, of one type."""
        return RedirectResponse(f"/documents?type={type_of(type)}", 303)

    # ------------------------------------------------------------ making and changing

    async def form_page(
        request: Request, api: Api, kind: DocumentType, values: Values, *,
        document: Row | None = None, more: int = 0, status: int = 200,
        refusal: Declined | None = None, theirs: Sequence[Row] = (), base: str = "",
    ) -> Response:  # fmt: skip
        row = KINDS[kind]
        parties = await _codes(api, "/v1/parties") if row.party else []
        return frame.page(
            request, "document_form.html", status, kind=str(kind), title_of=title_of,
            party=row.party, values=values, document=document,
            ranks=values.ranks(), blank=range(more), more=more, refusal=refusal, theirs=theirs,
            base=base, etag=f'"{document["version"]}"' if document else "",
            fields=await document_fields(api), parties=parties,
            locations=await _codes(api, "/v1/locations"),
            items=await _codes(api, "/v1/items", "sku"),
            money="cost" if row.party == "supplier" or kind in ("adjustment", "work_order")
            else "price" if row.party == "customer" else "",
            sources=[str(source) for source in row.sources],
            components=kind is DocumentType.WORK_ORDER,
        )  # fmt: skip

    @router.get("/documents/new/{type}", dependencies=[needs("read")])
    async def get_new(type: str, request: Request, api: Asked) -> Response:
        """An empty form; the query may fill its head."""
        kind = type_of(type)
        if kind is DocumentType.STOCKTAKE:
            return RedirectResponse("/stocktakes/new", 303)
        values = Values(dict(request.query_params))
        return await form_page(request, api, kind, values, more=6)

    @router.post("/documents/new/{type}", dependencies=[needs("read")])
    async def make(type: str, request: Request, api: Asked) -> Response:
        """Make it, or show the form again with what was typed."""
        kind = type_of(type)
        form = read_form(await request.body())
        values = Values.of(form)
        rows = values.blank_rows()
        if one(form, "_more"):
            return await form_page(request, api, kind, values, more=rows + 8)
        headers = {"idempotency-key": key} if (key := one(form, "_once")[:80]) else {}
        try:
            body = body_from(values, {}, await document_fields(api))
            said = await api.ask("POST", at("/v1/documents/{}", kind), body, headers=headers)
        except Declined as refusal:
            return await form_page(
                request, api, kind, values, more=rows + 1, status=refusal.status, refusal=refusal
            )
        number = said.json["number"]
        sentence = say("%(number)s is saved as a draft.", request, number=number)
        return frame.back(request, path_of(said.json), sentence)

    @router.get("/documents/{type}/{number}/edit", dependencies=[needs("read")])
    async def get_edit(type: str, number: str, request: Request, api: Asked) -> Response:
        """The document as a form."""
        document = await read_document(api, type, number)
        values = values_of(document, await document_fields(api))
        return await form_page(
            request, api, type_of(type), values, document=document, more=2,
            base=write_base(values),
        )  # fmt: skip

    @router.post("/documents/{type}/{number}/edit", dependencies=[needs("read")])
    async def save(type: str, number: str, request: Request, api: Asked) -> Response:
        """Save it; when somebody else has meanwhile, show what they changed and keep one's own."""
        kind = type_of(type)
        form = read_form(await request.body())
        values, base = Values.of(form), read_base(one(form, "_base"))
        document = await read_document(api, type, number)
        if one(form, "_more"):
            return await form_page(
                request, api, kind, values, document={**document, "version": _version(form)},
                more=values.blank_rows() + 8, base=write_base(base),
            )  # fmt: skip
        fields = await document_fields(api)
        try:
            body = body_from(values, base, fields)
            await api.ask("PUT", at("/v1/documents/{}/{}", kind, number), body,
                          headers={"if-match": one(form, "_etag")[:80]})  # fmt: skip
        except Declined as refusal:
            now = base
            theirs: Sequence[Row] = ()
            if refusal.status == 412:
                document = await read_document(api, type, number)
                now = values_of(document, fields)
                values, theirs = three_way(base, now, values)
            else:
                document = {**document, "version": _version(form)}
            return await form_page(
                request, api, kind, values, document=document, more=values.blank_rows() + 1,
                status=refusal.status, refusal=refusal, theirs=theirs, base=write_base(now),
            )  # fmt: skip
        return frame.back(
            request, at("/documents/{}/{}", kind, number),
            say("%(number)s is saved.", request, number=number),
        )  # fmt: skip

    # ------------------------------------------------------------ one of them

    @router.get("/documents/{type}/{number}", dependencies=[needs("read")])
    async def get_document(type: str, number: str, request: Request, api: Asked) -> Response:
        """Its head, its lines, what can be done, what has happened."""
        if type_of(type) is DocumentType.STOCKTAKE:
            return RedirectResponse(at("/stocktakes/{}", number), 303)
        document = await read_document(api, type, number)
        verbs = verbs_of(document)
        name = f"{document['type']}/{document['number']}"
        return frame.page(
            request, "document.html", document=document, verbs=verbs, title_of=title_of,
            actions=ACTIONS, party=KINDS[type_of(type)].party,
            missing=await missing_of(api, document, verbs), badges=BADGES,
            state=STATUS[document["status"]], editable=document["status"] in UNFINISHED,
            events=(await api.get("/v1/registry/events", document=name, limit=EVENTS))["items"],
            after=(await api.get("/v1/documents", source=name, limit=50))["items"],
            follow_ups=follow_ups(document, features()), written=written, path_of=path_of,
            printers=await printers(api), statuses=STATUS,
        )  # fmt: skip

    @router.post("/documents/{type}/{number}/follow/{other}", dependencies=[needs("read")])
    async def follow(
        type: str, number: str, other: str, request: Request, api: Asked
    ) -> Response:  # fmt: skip
        """Make a document that fulfils this one, with what it still waits for."""
        form = read_form(await request.body())
        headers = {"idempotency-key": key} if (key := one(form, "_once")[:80]) else {}
        body = {"source": {"type": type, "number": number}}
        said = await api.ask("POST", at("/v1/documents/{}", other), body, headers=headers)
        sentence = say("%(number)s is made for %(source)s.", request,
                       number=said.json["number"], source=number)  # fmt: skip
        return frame.back(request, path_of(said.json), sentence)

    # ------------------------------------------------------------ a step of some of it

    @router.get("/documents/{type}/{number}/step/{verb}", dependencies=[needs("read")])
    async def get_step(
        type: str, number: str, verb: str, request: Request, api: Asked
    ) -> Response:  # fmt: skip
        """What the step shall take, and what it must be told."""
        document = await read_document(api, type, number)
        found = next((v for v in verbs_of(document) if v["verb"] == verb), None)
        if found is None:
            raise Unknown(f"{number} cannot be told to {title_of(verb).lower()[:40]} now.")
        lines = [] if verb in NO_LINES else await _pieces(api, document, verb)
        return frame.page(
            request, "document_step.html", document=document, verb=found, lines=lines,
            asks=ASKS.get((type, verb), ()), title_of=title_of, amount_of=amount_of,
            locations=await _codes(api, "/v1/locations"),
            parties=await _codes(api, "/v1/parties") if verb == "drop_ship" else [],
        )  # fmt: skip

    @router.post("/documents/{type}/{number}/step/{verb}", dependencies=[needs("read")])
    async def take_step(
        type: str, number: str, verb: str, request: Request, api: Asked
    ) -> Response:  # fmt: skip
        """Take it; a question comes back as a page that asks."""
        form = read_form(await request.body())
        body = step_body(form, verb)
        headers = {"idempotency-key": key} if (key := one(form, "_once")[:80]) else {}
        path = at("/v1/documents/{}/{}/{}", type, number, verb)
        try:
            said = await api.ask("POST", path, body, headers=headers)
        except Declined as refusal:
            if refusal.status == 428:
                return ask_back(frame, request, refusal, form)
            return frame.refused(request, refusal, form)
        return frame.back(request, path_of(said.json["document"]), note=done_note(
            say("%(number)s: %(verb)s is done.", request, number=number,
                verb=say(title_of(verb), request)), said.json))  # fmt: skip

    return router


def done_note(sentence: str, answer: Row, links: Sequence[Link] = ()) -> Note:
    """Return what is said after a step, with the warnings there were."""
    warnings = answer.get("warnings") or ()
    return Note(sentence, "look" if warnings else "done", warnings, links=links)


def step_body(form: Form, verb: str) -> dict[str, Any]:
    """Return what a step is told by the form of its page.

    Raises:
        InputRefused: an amount is none.
    """
    body: dict[str, Any] = {}
    for key in ("location", "reason", "condition", "party", "parent", "shortages"):
        if value := one(form, key).strip():
            body[key] = value
    if one(form, "release"):
        body["release"] = True
    if one(form, "amount").strip():
        body["amount"] = read_money(one(form, "amount"), one(form, "currency"))
    if tokens := [token for token in form.get("confirm", ()) if token]:
        body["confirm"] = tokens
    if verb == "inspect":
        for name, values in form.items():
            if name.startswith("inspect.") and values[-1] in ("accept", "reject"):
                body.setdefault(values[-1], []).append(name[8:])
    lines: list[dict[str, Any]] = []
    for name in form.get("_line", ()):
        line: dict[str, Any] = {"line": int(name)}
        if text := one(form, f"{name}.serials").strip():
            line["serials"] = text
        elif ids := form.get(f"{name}.ids"):
            line["ids"] = ids
        elif quantity := one(form, f"{name}.quantity").strip():
            if quantity == "0":
                continue
            line["quantity"] = int(quantity) if quantity.isdecimal() else quantity
            if lot := one(form, f"{name}.lot").strip():
                line["lot"] = lot
        else:
            continue
        lines.append(line)
    if form.get("_line"):
        body["lines"] = lines
    return body


async def _pieces(api: Api, document: Row, verb: str) -> list[dict[str, Any]]:
    """Return the lines a step may be about, each with its serials."""
    roles = ROLES.get(verb, ("planned", "wanted", "committed", "picked"))
    found: list[dict[str, Any]] = []
    for line in document["lines"]:
        serials: list[Row] = []
        if line["tracking"] == "serial":
            page = await api.get(line["links"]["serials"], limit=SERIALS_SHOWN)
            serials = [one for one in page["items"] if set(one["roles"]) & set(roles)]
        room = line["picked"] if verb in ("unpick", "arrive") else line["pieces"] - line["done"]
        if verb == "inspect":
            room = line["done"]
        components = document["type"] == "work_order"
        if components and verb == "produce" and line["part_of"] is not None:
            continue
        if components and verb in ("consume", "unbuild") and line["part_of"] is None:
            continue
        if room > 0 or serials:
            found.append({**line, "serials": serials, "room": room})
    return found


# ---------------------------------------------------------------------- small things


async def read_document(api: Api, kind: str, number: str) -> dict[str, Any]:
    document: dict[str, Any] = await api.get(at("/v1/documents/{}/{}", kind, number))
    return document


async def _codes(api: Api, path: str, key: str = "code") -> list[tuple[str, str]]:
    """Return the first codes of a list, with their names: what a field offers while one types."""
    try:
        found = await api.get(path, limit=200)
    except Declined:
        return []
    return [(row[key], row.get("name") or "") for row in found["items"]]


def _version(form: Form) -> str:
    return one(form, "_etag").strip('"')[:20]
