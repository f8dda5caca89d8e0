"""The drawer of a document's line: what could be chosen on its left, what is chosen on its right.

    available ──tick──┐
    scan, list, range, next n, one by one ──► POST …/lines/2/serials ──► chosen ──► taken off again
                      └─ what is refused stays in its field, each with its cause; the rest is in

Adding and taking off are calls of their own: what two people choose at once is all there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway.api.access import needs
from gateway.console.asking import Api, Asked, Declined, at
from gateway.console.document_form import body_from, document_fields, typed, values_of
from gateway.console.documents import BADGES, STATUS, UNFINISHED, read_document, title_of
from gateway.console.doing import ask_back
from gateway.console.form import Form, one, read_form
from gateway.console.frame import Frame
from gateway.console.money import read_money, written
from gateway.console.noting import Note
from gateway.console.state_words import STATES
from gateway.console.words import translate
from gateway.errors import InputRefused, Unknown
from gateway.registry.documents import KINDS, DocumentType
from gateway.registry.lifecycle import TABLE
from gateway.registry.lives import Action, State
from gateway.store.registry.choosing import SUITS

PAGE = 50
"""Serials on each side of the drawer."""

PREFILLED = 500
"""Next serials that the field for a list is filled with (A9); of more only how many."""

MOST_NAMED = 500
"""Serials named on a line that its drawer does not offer again; one is never chosen twice."""

COMES = frozenset(("purchase_order", "receipt", "adjustment"))
"""Documents by which serials come: what is chosen for them is new."""


def states_offered(kind: str) -> list[str]:
    """Return the states of the serials that a document's drawer offers.

    >>> states_offered("supplier_return"), states_offered("customer_return")
    (['received', 'rejected', 'returned'], ['shipped'])
    """
    action = SUITS.get(DocumentType(kind))
    if action is not None:
        return [str(state) for state in TABLE[action].sources if state is not None]
    if KINDS[DocumentType(kind)].chosen != "committed":
        return [str(state) for state in State if state not in (State.PLANNED, State.CONSUMED)]
    coming = (State.PLANNED, State.IN_TRANSIT)  # named now, committed when they arrive
    shelf = [state for state in TABLE[Action.COMMIT].sources if state is not None]
    reserved = (State.COMMITTED,) if kind == DocumentType.SHIPMENT else ()
    return [str(state) for state in (*shelf, *reserved, *coming)]


def comes(document: Mapping[str, Any], line: Mapping[str, Any]) -> bool:
    """Return whether new serials come by a line."""
    if document["type"] == DocumentType.WORK_ORDER:
        return line["part_of"] is None
    if document["type"] == DocumentType.ADJUSTMENT:
        return bool(line["quantity"] >= 0)
    return document["type"] in COMES


def line_pages(frame: Frame) -> APIRouter:
    """Return the routes of the drawer."""
    router = frame.router()
    prefix = "/documents/{type}/{number}/lines/{line}"

    def say(text: str, request: Request, **facts: object) -> str:
        return translate(text, frame.language(request)) % facts

    @router.get(prefix, dependencies=[needs("read")])
    async def get_line(type: str, number: str, line: int, request: Request, api: Asked) -> Response:
        """Both sides, and every way to choose."""
        return await drawer(type, number, line, request, api)

    async def drawer(
        type: str, number: str, line: int, request: Request, api: Api, *,
        text: str = "", preview: Mapping[str, Any] | None = None,
        offenders: Sequence[Mapping[str, Any]] = (), said: str = "", status: int = 200,
    ) -> Response:  # fmt: skip
        document = await read_document(api, type, number)
        of = line_of(document, line)
        editable = document["status"] in UNFINISHED or type == "case"
        query = request.query_params
        incoming = comes(document, of)
        serialised = of["tracking"] == "serial"
        chosen = await api.get(of["links"]["serials"], after=query.get("chosen", ""), limit=PAGE)
        available: Mapping[str, Any] = {"items": [], "next": None}
        hint: Mapping[str, Any] = {"serials": [], "lots": [], "room": of["pieces"]}
        if editable:
            path = at("/v1/documents/{}/{}/lines/{}/suggest", type, number, line)
            hint = await api.get(path)
            if serialised and not incoming:
                available = await offered(api, document, of, query)
                if not any(query.get(name) for name in ("prefix", "at", "after")):
                    available = await picked_first(api, document, of, chosen, available)
        if not text and incoming and len(hint["serials"]) <= PREFILLED:
            text = "\n".join(hint["serials"])
        return frame.page(
            request, "document_line.html", status, document=document, line=of, badges=BADGES,
            state=STATUS[document["status"]], editable=editable, incoming=incoming,
            serialised=serialised, chosen=chosen, available=available, hint=hint, text=text,
            preview=preview, offenders=offenders, said=said, title_of=title_of,
            states=STATES, written=written,
            fields=await serial_fields(api) if serialised else [],
            locations=await locations_of(api),
        )  # fmt: skip

    @router.get(f"{prefix}/add", dependencies=[needs("read")])
    async def again(type: str, number: str, line: int) -> Response:
        """The drawer, for a browser that loads the answer to a list anew."""
        return RedirectResponse(at("/documents/{}/{}/lines/{}", type, number, line), 303)

    @router.post(f"{prefix}/add", dependencies=[needs("read")])
    async def add(type: str, number: str, line: int, request: Request, api: Asked) -> Response:
        """Choose a list; what is wrong in it stays in the field, and the rest is chosen."""
        form = read_form(await request.body())
        text, scanned = one(form, "serials"), bool(one(form, "scanned"))
        if not text.strip():
            raise InputRefused("Scan or type at least one serial.", key="serials")
        if one(form, "_preview"):
            return await look(type, number, line, request, api, text)
        more = extras(form)
        if tokens := [token for token in form.get("confirm", ()) if token]:
            more["confirm"] = tokens[-1]
        try:
            done, offenders = await choose(api, type, number, line, text, scanned, more)
        except Declined as refusal:
            if refusal.status == 428:
                return ask_back(frame, request, refusal, form)
            if scanned:
                raise
            return await drawer(
                type, number, line, request, api, text=text, said=refusal.sentence,
                status=refusal.status,
            )  # fmt: skip
        detailed = [suggested(request, frame, one_) for one_ in offenders]
        if not offenders:
            count = done["chosen"]
            note = Note(
                say("%(n)s chosen, the last is %(last)s.", request, n=count, last=done["last"]),
                "look" if done.get("warnings") else "done", done.get("warnings") or (),
            )  # fmt: skip
            return frame.back(request, at("/documents/{}/{}/lines/{}", type, number, line),
                              note=note)  # fmt: skip
        count = done["chosen"] if done else 0
        said = say("%(n)s chosen, %(wrong)s refused. What was refused stands below.", request,
                   n=count, wrong=len(offenders))  # fmt: skip
        if scanned:
            return frame.back(request, at("/documents/{}/{}/lines/{}", type, number, line),
                              note=Note(said if count else detailed[0]["detail"], "refused",
                                        detailed if count else ()))  # fmt: skip
        left = "\n".join(str(one_["subject"]) for one_ in offenders)
        return await drawer(
            type, number, line, request, api, text=left, offenders=detailed, said=said, status=422
        )

    async def look(
        type: str, number: str, line: int, request: Request, api: Api, text: str
    ) -> Response:  # fmt: skip
        """Say what a list would do, and do nothing (E21)."""
        document = await read_document(api, type, number)
        of = line_of(document, line)
        read = await serial_list(api, of, text)
        offenders: Sequence[Mapping[str, Any]] = []
        try:
            await api.ask("POST", at("/v1/documents/{}/{}/lines/{}/serials", type, number, line),
                          {"serials": text}, query={"dry_run": "1"})  # fmt: skip
        except Declined as refusal:
            offenders = refusal.items or [{"subject": "", "detail": refusal.sentence}]
        detailed = [suggested(request, frame, one_) for one_ in offenders]
        return await drawer(
            type, number, line, request, api, text=text, preview=read, offenders=detailed
        )

    @router.post(f"{prefix}/one", dependencies=[needs("read")])
    async def add_one(type: str, number: str, line: int, request: Request, api: Asked) -> Response:
        """One serial with what it alone has: memo, custom fields, cost, place."""
        form = read_form(await request.body())
        serial: dict[str, Any] = {"serial": one(form, "serial").strip(), **extras(form)}
        quantity = one(form, "quantity").strip()
        if quantity:
            serial["quantity"] = int(quantity) if quantity.lstrip("-").isdecimal() else quantity
        if money := read_money(one(form, "cost"), one(form, "currency")):
            serial["cost"] = money
        known = {field["key"]: field for field in await serial_fields(api)}
        values = {
            key: value
            for name in form
            if name.startswith("fields.") and (key := name[7:]) in known
            and (value := typed(known[key], one(form, name).strip())) is not None
        }  # fmt: skip
        if values:
            serial["fields"] = values
        path = at("/v1/documents/{}/{}/lines/{}/serials", type, number, line)
        try:
            await api.ask("POST", path, {"serials": [serial]})
        except Declined as refusal:
            items = [suggested(request, frame, one_) for one_ in refusal.items]
            sentence = items[0]["detail"] if len(items) == 1 else refusal.sentence
            note = Note(sentence, "refused", items if len(items) > 1 else (), "one", form)
            return frame.back(request, at("/documents/{}/{}/lines/{}", type, number, line),
                              note=note)  # fmt: skip
        return frame.back(
            request, at("/documents/{}/{}/lines/{}", type, number, line),
            say("%(serial)s is chosen.", request, serial=serial["serial"]),
        )  # fmt: skip

    @router.post(f"{prefix}/off", dependencies=[needs("read")])
    async def take_off(type: str, number: str, line: int, request: Request, api: Asked) -> Response:
        """Take the ticked serials off the line."""
        form = read_form(await request.body())
        ids = [value for value in form.get("_ids", ()) if value]
        if not ids:
            raise InputRefused("Tick at least one serial first.")
        refused, path = [], "/v1/documents/{}/{}/lines/{}/serials/{}"
        for name in ids:
            try:
                await api.ask("DELETE", at(path, type, number, line, name))
            except Declined as refusal:
                refused.append({"subject": "", "detail": refusal.sentence})
        note = Note(say("%(n)s taken off the line.", request, n=len(ids) - len(refused)),
                    "look" if refused else "done", refused)  # fmt: skip
        return frame.back(request, at("/documents/{}/{}/lines/{}", type, number, line), note=note)

    @router.post(f"{prefix}/lots", dependencies=[needs("read")])
    async def choose_lots(
        type: str, number: str, line: int, request: Request, api: Asked
    ) -> Response:  # fmt: skip
        """Choose quantities: of lots, or of the item."""
        form = read_form(await request.body())
        document = await read_document(api, type, number)
        lotted = line_of(document, line)["tracking"] == "lot"
        lots = []
        for n in sorted({name.split(".")[1] for name in form if name.startswith("lots.")}, key=int):
            quantity = one(form, f"lots.{n}.quantity").strip()
            if not quantity or quantity == "0":
                continue
            if not quantity.isdecimal():
                raise InputRefused(f"A quantity must be a whole number, got {quantity[:40]!r}.")
            lot: dict[str, Any] = {"quantity": int(quantity)}
            for key in ("lot", "location", "expires_on") if lotted else ("location",):
                if value := one(form, f"lots.{n}.{key}").strip():
                    lot[key] = value
            lots.append(lot)
        if not lots:
            raise InputRefused("Say how many.", key="quantity")
        path = at("/v1/documents/{}/{}/lines/{}/lots", type, number, line)
        said = await api.ask("POST", path, {"lots": lots})
        return frame.back(
            request, at("/documents/{}/{}/lines/{}", type, number, line),
            say("%(n)s chosen.", request, n=said.json["chosen"]),
        )  # fmt: skip

    @router.post(f"{prefix}/quantity", dependencies=[needs("read")])
    async def change_quantity(
        type: str, number: str, line: int, request: Request, api: Asked
    ) -> Response:  # fmt: skip
        """Ask for more or fewer (N18), unless somebody has changed the document meanwhile."""
        form = read_form(await request.body())
        document = await read_document(api, type, number)
        fields = await document_fields(api)
        base = values_of(document, fields)
        values = values_of(document, fields)
        values[f"lines.{line}.quantity"] = one(form, "quantity").strip()
        body = body_from(values, base, fields)
        await api.ask("PUT", at("/v1/documents/{}/{}", type, number), body,
                      headers={"if-match": one(form, "_etag")[:80]})  # fmt: skip
        return frame.back(
            request, at("/documents/{}/{}/lines/{}", type, number, line),
            say("Line %(n)s asks for %(quantity)s now.", request, n=line,
                quantity=values[f"lines.{line}.quantity"]),
        )  # fmt: skip

    return router


# ---------------------------------------------------------------------- choosing


async def choose(
    api: Api, kind: str, number: str, line: int, text: str, scanned: bool,
    more: Mapping[str, Any],
) -> tuple[dict[str, Any], list[dict[str, Any]]]:  # fmt: skip
    """Choose a list for a line; return what the API answered, and what it refused.

    A list is taken whole or not at all; so what is refused is taken out of it, and the rest tried
    again: no good serial has to wait for a bad one.

    Raises:
        Declined: it was refused for what is no serial's fault.
    """
    path = at("/v1/documents/{}/{}/lines/{}/serials", kind, number, line)
    try:
        said = await api.ask("POST", path, {"serials": text, "scanned": scanned, **more})
    except Declined as refusal:
        if not refusal.items:
            raise
        offenders = list(refusal.items)
    else:
        return said.json, []
    document = await read_document(api, kind, number)
    read = await serial_list(api, line_of(document, line), text, scanned)
    serials = [row["serial"] for row in read["serials"]]
    offenders = list({str(one_["subject"]).casefold(): one_ for one_ in
                      (*read["problems"], *offenders)}.values())  # fmt: skip
    for _ in range(3):  # one cause can hide another: on hand, then already promised
        bad = {str(one_["subject"]).casefold() for one_ in offenders}
        good = [serial for serial in serials if serial.casefold() not in bad]
        if not good:
            return {}, offenders
        try:
            said = await api.ask("POST", path, {"serials": good, **more})
        except Declined as refusal:
            if not refusal.items:
                offenders += [{"subject": one_, "detail": refusal.sentence} for one_ in good]
                return {}, offenders
            offenders += refusal.items
        else:
            return said.json, offenders
    return {}, offenders


async def serial_list(
    api: Api, line: Mapping[str, Any], text: str, scanned: bool = False
) -> dict[str, Any]:  # fmt: skip
    """Return a list of serials as the gateway reads it."""
    body: dict[str, Any] = {"text": text, "item": line["item"], "scanned": scanned}
    room = line["pieces"] - line["done"]
    if room > 0:
        body["expected"] = room
    read: dict[str, Any] = (await api.ask("POST", "/v1/serial-lists", body)).json
    return read


def suggested(request: Request, frame: Frame, offender: Mapping[str, Any]) -> dict[str, Any]:
    """Return an offender whose sentence ends with what to take instead (T12)."""
    instead = (offender.get("facts") or {}).get("suggestion")
    if not instead:
        return dict(offender)
    more = translate("Free is, for instance, %(serial)s.", frame.language(request))
    return {**offender, "suggestion": instead,
            "detail": f"{offender['detail']} {more % {'serial': instead}}"}  # fmt: skip


def extras(form: Form) -> dict[str, Any]:
    """Return what a form says of all the serials it adds."""
    return {key: value for key in ("memo", "location") if (value := one(form, key).strip())}


async def offered(
    api: Api, document: Mapping[str, Any], line: Mapping[str, Any], query: Mapping[str, str]
) -> Mapping[str, Any]:  # fmt: skip
    """Return a page of the serials that could be chosen, as they are searched for."""
    kind = document["type"]
    wanted: dict[str, object] = {
        "state": ",".join(states_offered(kind)), "show": "all", "prefix": query.get("prefix", ""),
        "location": query.get("at", ""), "inside": "1" if query.get("at") else "",
        "after": query.get("after", ""), "limit": PAGE,
    }  # fmt: skip
    if kind in ("customer_return", "case", "invoice") and document["party"]:
        wanted["customer"] = document["party"] if kind != "invoice" else ""
    if kind == "transfer" and document["from"] and not query.get("at"):
        wanted |= {"location": document["from"], "inside": "1"}
    try:
        page: Mapping[str, Any] = await api.get(at("/v1/items/{}/serials", line["item"]), wanted)
    except Declined as refusal:
        return {"items": [], "next": None, "refusal": refusal.sentence}
    if not line["wanted"]:
        return page
    # What is only named stays in its state, so that the list of its item still has it.
    named = (await api.get(line["links"]["serials"], limit=MOST_NAMED))["items"]
    ids = {one_["id"] for one_ in named}
    return {**page, "items": [one_ for one_ in page["items"] if one_["id"] not in ids]}


async def picked_first(
    api: Api, document: Mapping[str, Any], line: Mapping[str, Any], chosen: Mapping[str, Any],
    available: Mapping[str, Any],
) -> Mapping[str, Any]:  # fmt: skip
    """Return what is offered for a shipment, with what was picked for its order before the rest."""
    source = document["source"]
    if document["type"] != DocumentType.SHIPMENT or source is None:
        return available
    wanted = {
        "document": f"{source['type']}/{source['number']}", "state": f"{State.PICKED}",
        "show": "all", "limit": PAGE,
    }  # fmt: skip
    picked = (await api.get(at("/v1/items/{}/serials", line["item"]), wanted))["items"]
    known = {row["id"] for row in chosen["items"]}
    first = [row for row in picked if row["id"] not in known]
    ids = {row["id"] for row in first}
    rest = [row for row in available["items"] if row["id"] not in ids]
    return {**available, "items": [*first, *rest]}


async def serial_fields(api: Api) -> Sequence[Mapping[str, Any]]:
    """Return the custom fields of serials."""
    try:
        fields: Sequence[Mapping[str, Any]] = (await api.get("/v1/fields/serial"))["items"]
    except Declined:
        return ()
    return fields


async def locations_of(api: Api) -> list[tuple[str, str]]:
    """Return locations to offer while one types."""
    found = await api.get("/v1/locations", limit=200, active="true")
    return [(row["code"], row["name"]) for row in found["items"]]


def line_of(document: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    """Return a document's line.

    Raises:
        Unknown: there is none of that number.
    """
    for line in document["lines"]:
        if line["line"] == number:
            found: Mapping[str, Any] = line
            return found
    raise Unknown(f"{document['number']} has no line {number}.", line=number)
