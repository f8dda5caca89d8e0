"""Customers, suppliers and carriers: the list, a new one, and the page of one.

/parties                 the list; make one
/parties/SMITH           what is known of it, changed here; how it is reached
/parties/SMITH/serials   what a customer has, what came from a supplier
/parties/SMITH/documents its orders, shipments, returns and cases
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Api, Asked, at
from gateway.console.documents import DOCUMENTS
from gateway.console.form import body_of, read_form
from gateway.console.frame import Frame, came_from
from gateway.console.listing import Bulk, Cell, Column, Filter, Listing, each, show
from gateway.console.serials import SERIALS_OF_PARTY
from gateway.console.words import translate
from gateway.errors import InputRefused

KINDS: Mapping[str, str] = {
    "customer": "Customer",
    "supplier": "Supplier",
    "both": "Customer and supplier",
    "carrier": "Carrier",
}

CONTACTS = (("contact", "Contact"), ("phone", "Phone"), ("email", "E-mail"), ("address", "Address"))
"""Custom fields by which somebody is reached: (key, label). A site has them once it wants them."""


PARTY_WORDS = (
    *KINDS.values(), *(label for _, label in CONTACTS), "Active", "Inactive", "Active now: %(n)s.",
    "Inactive now: %(n)s.",
)  # fmt: skip
"""Texts of these pages that stand in tables: for the table of words."""


def active_cell(on: object) -> Cell:
    """Return whether something is in use, as a badge."""
    word, tone = ("Active", "done") if on else ("Inactive", "quiet")
    return Cell(word, tone=tone, kind="word")


def switching(path: str, on: bool, said: str, question: str = "") -> Bulk:
    """Return what makes ticked things active or inactive."""
    return Bulk(
        "activate" if on else "deactivate",
        "Make them active" if on else "Make them inactive",
        lambda api, ids, form: each(api, "PUT", path, ids, said, {"active": on}),
        tone="" if on else "drop",
        question=question,
    )


PARTIES = Listing(
    name="parties",
    title="Customers and suppliers",
    path="/parties",
    api="/v1/parties",
    key=lambda row: str(row["code"]),
    columns=(
        Column("Number", lambda row: Cell(row["code"], to=at("/parties/{}", row["code"]))),
        Column("Name", lambda row: row["name"]),
        Column("Kind", lambda row: Cell(KINDS[row["kind"]], kind="word")),
        Column("Number in the other system", lambda row: row["external_id"], spare=True),
        Column("Status", lambda row: active_cell(row["active"])),
    ),
    filters=(
        Filter("q", "Number or name begins with"),
        Filter("kind", "Kind", tuple(KINDS.items())),
        Filter("active", "Status", (("1", "Active"), ("0", "Inactive"))),
    ),
    bulk=(
        switching("/v1/parties/{}", False, "Inactive now: %(n)s.",
                  "Inactive ones are not chosen for new documents any more; what they have stays "
                  "listed. Make them inactive?"),
        switching("/v1/parties/{}", True, "Active now: %(n)s."),
    ),
    empty="Nobody is here yet. Make your first customer or supplier below, or bring in a list.",
    next_act=(("Make one", "/parties#make"), ("Bring in a list", "/import?what=parties")),
)  # fmt: skip

DOCUMENTS_OF_PARTY = replace(
    DOCUMENTS,
    name="documents-of-party",
    path="/parties/{}/documents",
    api="/v1/documents?party={}",
    filters=tuple(one for one in DOCUMENTS.filters if one.name != "party"),
    columns=tuple(one for one in DOCUMENTS.columns if one.title != "For"),
    empty="There is no document for them yet.",
)

TABS = ("about", "serials", "documents")


def party_pages(frame: Frame) -> APIRouter:
    """Return the routes of the pages."""
    router = frame.router()
    for listing in (PARTIES, DOCUMENTS_OF_PARTY):
        frame.listings[listing.name] = listing

    @router.get("/parties", dependencies=[needs("read")])
    async def get_parties(request: Request, api: Asked) -> Response:
        shown = await show(api, PARTIES, request.query_params)
        return frame.page(request, "parties.html", shown=shown, kinds=KINDS)

    @router.post("/parties", dependencies=[needs("read")])
    async def make_party(request: Request, api: Asked) -> Response:
        """Make one unless there is one of that number; its page comes next."""
        body = body_of(read_form(await request.body()))
        code = str(body.pop("code", "")).strip()
        if not code:
            raise InputRefused("Give it a number, such as the customer number.", key="code")
        made = (
            await api.ask(
                "PUT", at("/v1/parties/{}", code), body, headers={"if-none-match": "*"}
            )
        ).json  # fmt: skip
        said = translate("%(name)s is made.", frame.language(request))
        return frame.back(
            request, at("/parties/{}", made["code"]),
            said % {"name": made["name"] or made["code"]},
        )  # fmt: skip

    @router.post("/party-contacts", dependencies=[needs("admin")])
    async def add_contacts(request: Request, api: Asked) -> Response:
        """Give parties the fields by which people are reached."""
        there = {one["key"] for one in (await api.get("/v1/fields/party"))["items"]}
        language = frame.language(request)
        for rank, (key, label) in enumerate(CONTACTS, 1):
            if key not in there:
                body = {"label": translate(label, language), "type": "text", "rank": rank}
                await api.ask("PUT", at("/v1/fields/party/{}", key), body)
        said = translate("Contact, phone, e-mail and address can be noted now.", language)
        return frame.back(request, came_from(request), said)

    async def page(request: Request, api: Api, code: str, tab: str) -> Response:
        said = await api.ask("GET", at("/v1/parties/{}", code))
        party = said.json
        shown = None
        if tab == "serials":
            shown = await show(api, SERIALS_OF_PARTY, request.query_params, code)
        elif tab == "documents":
            shown = await show(api, DOCUMENTS_OF_PARTY, request.query_params, code)
        fields = (await api.get("/v1/fields/party"))["items"]
        missing = {key for key, _ in CONTACTS} - {one["key"] for one in fields}
        return frame.page(
            request, "party.html", party=party, etag=said.etag, tab=tab, shown=shown, kinds=KINDS,
            fields=fields, without_contacts=len(missing) == len(CONTACTS),
        )  # fmt: skip

    @router.get("/parties/{code}", dependencies=[needs("read")])
    async def get_party(code: str, request: Request, api: Asked) -> Response:
        return await page(request, api, code, "about")

    @router.get("/parties/{code}/serials", dependencies=[needs("read")])
    async def get_serials(code: str, request: Request, api: Asked) -> Response:
        return await page(request, api, code, "serials")

    @router.get("/parties/{code}/documents", dependencies=[needs("read")])
    async def get_documents(code: str, request: Request, api: Asked) -> Response:
        return await page(request, api, code, "documents")

    return router
