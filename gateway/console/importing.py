"""Bringing in data: a file or a paste, its columns named, its rows checked, taken, and mended.

    /import ──file──► /import/{id}: columns ──► check (nothing is changed) ──► report by row
                                                 └──► take, as a long work ──► what was refused

The table stays with the gateway between the steps; a page holds only its number.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from gateway.api.access import needs
from gateway.console.asking import Api, Asked, Declined, at
from gateway.console.form import Form, one, read_form
from gateway.console.frame import Frame
from gateway.console.listing import Cell, Column, Filter, Listing, show
from gateway.console.noting import Note
from gateway.console.words import translate
from gateway.errors import Unknown
from gateway.registry.imports import COLUMNS, NEEDED, What
from gateway.registry.tables import write_csv

AT_ONCE = 1.5
"""Seconds for which a page waits for the end of a work: most tables are done by then."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of ours, as a person is asked for it. Texts are English."""

    name: str
    title: str
    hint: str = ""
    choices: Sequence[tuple[str, str]] = ()
    """(value, title) of what it can be, where that is one of a few."""
    basic: bool = True
    """Shown at once; the others when somebody looks for more."""

    @property
    def differs(self) -> bool:
        """Whether it can hardly be the same in all rows."""
        return self.name in _DIFFERS


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of table."""

    what: What
    title: str
    sentence: str
    """What is in it."""
    fields: tuple[Field, ...]
    example: Sequence[Mapping[str, str]]
    """Rows of the template."""
    then: tuple[str, str]
    """(title, address) of where one looks at what came in."""


_DIFFERS = frozenset(
    ("sku", "name", "gtin", "barcodes", "next_serial", "external_id", "code", "gln", "barcode",
     "serial", "line", "line_id")
)  # fmt: skip

_TRACKING = (("serial", "Serials"), ("lot", "Lots"), ("none", "Neither"))
_ITEM_KINDS = (
    ("stock", "Goods"), ("assembly", "Assembly"), ("kit", "Kit"), ("service", "Service"),
    ("non_stock", "Not kept in stock"),
)  # fmt: skip
_PLACE_KINDS = (
    ("site", "Site"), ("zone", "Zone"), ("bin", "Bin"), ("quarantine", "Quarantine"),
    ("staging", "Staging"), ("in_transit", "On its way"),
)  # fmt: skip
_PARTY_KINDS = (
    ("customer", "Customer"), ("supplier", "Supplier"), ("both", "Customer and supplier"),
    ("carrier", "Carrier"),
)  # fmt: skip
_ORDER_TYPES = (
    ("purchase_order", "Purchase order"), ("sales_order", "Sales order"),
    ("work_order", "Work order"),
)  # fmt: skip
_YES_NO = (("yes", "Yes"), ("no", "No"))

KINDS: Mapping[str, Kind] = {
    kind.what: kind
    for kind in (
        Kind(
            "items", "Items", "What you buy, keep and sell, and whether each piece has a serial.",
            (
                Field("sku", "Item number (SKU)", "What the item is called on orders and labels."),
                Field("name", "Name"),
                Field("tracking", "Tracked by", "Serials: every piece has a number of its own.",
                      _TRACKING),
                Field("gtin", "GTIN (EAN, UPC)"),
                Field("next_serial", "Next serial", "As it is written, such as SN00001."),
                Field("unit", "Unit", "Such as pc or m."),
                Field("kind", "Kind", "", _ITEM_KINDS, basic=False),
                Field("active", "In use", "yes or no", _YES_NO, basic=False),
                Field("barcodes", "Other barcodes", "Parted by a semicolon.", basic=False),
                Field("units", "Packs", "Such as box=12; pallet=480.", basic=False),
                Field("reorder_point", "Reorder below", basic=False),
                Field("reorder_points", "Reorder below, by location", "Such as HALL=5.",
                      basic=False),
                Field("mask", "Form of serials", basic=False),
                Field("case", "Capital and small letters", "", (("fold", "Are the same"),
                      ("exact", "Are different")), basic=False),
                Field("split_space", "A space parts serials", "yes or no", _YES_NO, basic=False),
                Field("warranty_in", "Supplier's warranty", "Months.", basic=False),
                Field("warranty_out", "Warranty to customers", "Months.", basic=False),
                Field("service_every", "Service every", "Months.", basic=False),
                Field("account_codes", "Account codes", "Such as income=4000.", basic=False),
                Field("tax_code", "Tax code", basic=False),
                Field("variant_of", "Variant of", "The item number of its model.", basic=False),
                Field("members", "Members", "Of a kit or assembly, such as BIT=2; CASE=1.",
                      basic=False),
                Field("external_id", "Number in the other system", basic=False),
            ),
            (
                {"sku": "DRILL-18", "name": "Cordless drill 18 V", "tracking": "serial",
                 "gtin": "4006381333931", "next_serial": "SN00001", "unit": "pc"},
                {"sku": "SCREW-5", "name": "Screw 5 mm", "tracking": "none", "unit": "pc"},
            ),
            ("Items", "/items"),
        ),
        Kind(
            "locations", "Locations", "Where goods are: sites, zones and bins.",
            (
                Field("code", "Code", "What stands on the shelf, such as A-01-03."),
                Field("name", "Name"),
                Field("kind", "Kind", "", _PLACE_KINDS),
                Field("parent", "Inside", "The code of the location it is in."),
                Field("barcode", "Barcode", "Where it already has another one.", basic=False),
                Field("gln", "GLN", basic=False),
                Field("active", "In use", "yes or no", _YES_NO, basic=False),
                Field("external_id", "Number in the other system", basic=False),
            ),
            (
                {"code": "MAIN", "name": "Main warehouse", "kind": "site"},
                {"code": "A-01", "name": "Rack A, shelf 1", "kind": "bin", "parent": "MAIN"},
            ),
            ("Locations", "/locations"),
        ),
        Kind(
            "parties", "Customers and suppliers", "Who goods go to and come from.",
            (
                Field("code", "Number", "Such as a customer number."),
                Field("name", "Name"),
                Field("kind", "Kind", "", _PARTY_KINDS),
                Field("gln", "GLN", basic=False),
                Field("active", "In use", "yes or no", _YES_NO, basic=False),
                Field("external_id", "Number in the other system", basic=False),
            ),
            (
                {"code": "C-1001", "name": "Smith Ltd", "kind": "customer"},
                {"code": "S-2001", "name": "Acme Tools", "kind": "supplier"},
            ),
            ("Customers and suppliers", "/parties"),
        ),
        Kind(
            "stock", "Serials and stock on hand", "What is where today: a row for each serial, lot "
            "or quantity. A row says what is there, so the same table again changes nothing.",
            (
                Field("item", "Item number (SKU)"),
                Field("location", "Location"),
                Field("serial", "Serial", "One in each row; empty for what has none."),
                Field("lot", "Lot"),
                Field("quantity", "Quantity", "For what has no serials."),
                Field("cost", "Cost of a piece", "In cents.", basic=False),
                Field("currency", "Currency", "Such as EUR.", basic=False),
                Field("unit", "Unit", basic=False),
                Field("expires_on", "Expires on", "Such as 2027-12-31.", basic=False),
                Field("memo", "Note", basic=False),
            ),
            (
                {"item": "DRILL-18", "location": "A-01", "serial": "SN00001"},
                {"item": "DRILL-18", "location": "A-01", "serial": "SN00002"},
                {"item": "SCREW-5", "location": "A-01", "quantity": "500"},
            ),
            ("Stock", "/stock"),
        ),
        Kind(
            "orders", "Open orders", "Purchase, sales and work orders that are not done yet: a row "
            "for each line.",
            (
                Field("type", "Type", "", _ORDER_TYPES),
                Field("number", "Order number"),
                Field("party", "Customer or supplier"),
                Field("item", "Item number (SKU)"),
                Field("quantity", "Quantity"),
                Field("due_on", "Due on", "Such as 2027-12-31."),
                Field("location", "Location", basic=False),
                Field("unit", "Unit", basic=False),
                Field("price", "Price of a piece", "In cents.", basic=False),
                Field("cost", "Cost of a piece", "In cents.", basic=False),
                Field("currency", "Currency", "Such as EUR.", basic=False),
                Field("line", "Line number", basic=False),
                Field("line_id", "Line's number in the other system", basic=False),
                Field("external_ref", "Their reference", basic=False),
                Field("memo", "Note", basic=False),
                Field("external_id", "Number in the other system", basic=False),
            ),
            (
                {"type": "purchase_order", "number": "PO-1", "party": "S-2001",
                 "item": "DRILL-18", "quantity": "10", "due_on": "2027-01-31"},
                {"type": "sales_order", "number": "SO-1", "party": "C-1001",
                 "item": "DRILL-18", "quantity": "2", "due_on": "2027-02-15"},
            ),
            ("Documents", "/documents"),
        ),
    )
}  # fmt: skip
"""What can be brought in, in the order in which one thing needs another."""

ORDER = ("locations", "items", "parties", "stock", "orders")

STATUSES: Mapping[str, tuple[str, str, str]] = {
    "new": ("New", "New", "done"),
    "changed": ("Would change", "Changed", "look"),
    "same": ("Stays the same", "Stayed the same", "quiet"),
    "refused": ("Refused", "Refused", "refused"),
}
"""What came of a row: in a check, after it was taken, and the tone."""


def _words() -> Iterator[str]:
    for kind in KINDS.values():
        yield from (kind.title, kind.sentence, kind.then[0])
        for asked in kind.fields:
            yield from (asked.title, asked.hint, *(title for _, title in asked.choices))
    for before, after, _ in STATUSES.values():
        yield from (before, after)


IMPORT_WORDS = tuple(dict.fromkeys(word for word in _words() if word))
"""Texts of these pages that stand in tables: for the table of words."""

ROWS = Listing(
    name="import-rows",
    title="Rows",
    path="/import/{}",
    api="/v1/tables/{}/rows",
    key=lambda row: str(row["row"]),
    columns=(
        Column("Row", lambda row: row["row"], figure=True),
        Column("What", lambda row: row["subject"]),
        Column("Result", lambda row: Cell(STATUSES[row["status"]][1], "",
                                          STATUSES[row["status"]][2], kind="word")),
        Column("Cause", lambda row: row.get("detail", "")),
    ),
    filters=(
        Filter("status", "Result", tuple((key, word[1]) for key, word in STATUSES.items())),
    ),
    empty="The table has no rows.",
)  # fmt: skip


def importing_pages(frame: Frame) -> APIRouter:
    """Return the routes of the pages."""
    router = frame.router()
    frame.listings[ROWS.name] = ROWS

    @router.get("/import", dependencies=[needs("read")])
    async def get_start(request: Request, what: str = "items") -> Response:
        return frame.page(
            request, "import.html", kinds=[KINDS[name] for name in ORDER],
            what=what if what in KINDS else "items", text="", trouble="",
        )  # fmt: skip

    @router.post("/import", dependencies=[needs("read")])
    async def bring(request: Request, api: Asked) -> Response:
        """Take the file, or what was pasted, and go on to its columns."""
        async with request.form(max_files=1, max_fields=20, max_part_size=40_000_000) as form:
            chosen, text = form.get("file"), str(form.get("text") or "")
            what = str(form.get("what") or "items")
            name, content = "", b""
            if isinstance(chosen, UploadFile) and chosen.filename:
                name, content = chosen.filename, await chosen.read()
        if not name:
            name = translate("What was pasted", frame.language(request))
            content = text.encode()
        try:
            kept = await api.ask(
                "POST", "/v1/tables", content, query={"name": name[-200:]}, kind="text/csv"
            )
        except Declined as refusal:
            return frame.page(
                request, "import.html", refusal.status, kinds=[KINDS[name] for name in ORDER],
                what=what if what in KINDS else "items", text=text, trouble=refusal.sentence,
            )  # fmt: skip
        return frame.back(
            request, at("/import/{}", kept.json["id"]) + "?" + urlencode([("what", what)])
        )

    @router.get("/import/template/{what}.csv", dependencies=[needs("read")])
    async def get_template(what: str) -> Response:
        """A table with its heading and an example, to be filled in."""
        if what not in KINDS:
            raise Unknown(f"There is no table of {what[:40]!r}.")
        kind = KINDS[what]
        header = [name for name in COLUMNS[kind.what] if any(name in row for row in kind.example)]
        rows = [[row.get(name, "") for name in header] for row in kind.example]
        names = {"content-disposition": f'attachment; filename="{what}.csv"'}
        return Response(b"".join(write_csv(header, rows)), media_type="text/csv", headers=names)

    @router.get("/import/{id}", dependencies=[needs("read")])
    async def get_table(request: Request, api: Asked, id: str, what: str = "") -> Response:
        table = await api.get(at("/v1/tables/{}", id))
        last = table["import"]
        kind = KINDS.get(what) or KINDS[last["what"] if last else "items"]
        if last and last["what"] == kind.what:
            chosen = last
        else:
            chosen = await _remembered(api, kind.what, table) or {
                "columns": table["guesses"][kind.what], "values": {}
            }  # fmt: skip
        shown = None
        if last and last["counts"] is not None:
            shown = await show(api, ROWS, request.query_params, id, views=False)
        custom = (await api.get(at("/v1/fields/{}", _SCOPES[kind.what])))["items"]
        return frame.page(
            request, "import_table.html", table=table, last=last, kind=kind, chosen=chosen,
            kinds=[KINDS[name] for name in ORDER], shown=shown, statuses=STATUSES,
            fields=[*kind.fields, *(_custom(one) for one in custom)],
            must=[names[0] for names in NEEDED[kind.what] if "serial" not in names],
            unused=_unused(table, chosen),
        )  # fmt: skip

    @router.post("/import/{id}/check", dependencies=[needs("read")])
    async def check(id: str, request: Request, api: Asked) -> Response:
        """See what would come of it."""
        form = read_form(await request.body())
        body = {
            "what": one(form, "what"), "columns": _named(form, "c."),
            "values": _named(form, "v."), "dry_run": True,
        }  # fmt: skip
        await _remember(api, body, (await api.get(at("/v1/tables/{}", id)))["header"])
        return await _work(request, api, id, body)

    @router.post("/import/{id}/take", dependencies=[needs("read")])
    async def take(id: str, request: Request, api: Asked) -> Response:
        """Take it as it was checked."""
        form = read_form(await request.body())
        last = (await api.get(at("/v1/tables/{}", id)))["import"] or {}
        body = {key: last.get(key) for key in ("what", "columns", "values")}
        return await _work(request, api, id, body | {"partial": one(form, "partial") == "1"})

    async def _work(request: Request, api: Api, id: str, body: object) -> Response:
        work = (await api.ask("POST", at("/v1/tables/{}/import", id), body)).json
        for _ in range(int(AT_ONCE / 0.05)):
            if work["state"] not in ("waiting", "running"):
                break
            await asyncio.sleep(0.05)
            work = await api.get(at("/v1/works/{}", work["id"]))
        table = await api.get(at("/v1/tables/{}", id))
        last = table["import"]
        to = at("/import/{}", id)
        if last["counts"] and last["counts"]["refused"]:
            to += "?status=refused"
        if not last["applied"]:
            return frame.back(request, f"{to}#report")
        count = sum(last["counts"][one] for one in ("new", "changed"))
        said = translate(
            "The table is in: %(n)s rows were new or changed.", frame.language(request)
        )
        return frame.back(request, to, note=Note(said % {"n": f"{count:,}"}))

    return router


_SCOPES = {
    "items": "item", "locations": "location", "parties": "party", "stock": "serial",
    "orders": "document",
}  # fmt: skip


def _custom(field: Mapping[str, Any]) -> Field:
    """Return a custom field as it is asked for."""
    choices = [(one, one) for one in field["choices"]]
    return Field(f"fields.{field['key']}", field["label"] or field["key"], "", choices)


def _unused(table: Mapping[str, Any], chosen: Mapping[str, Any]) -> list[str]:
    used = set(chosen["columns"].values())
    return [name for name in table["header"] if name not in used]


def _named(form: Form, begins: str) -> dict[str, str]:
    return {
        name.removeprefix(begins): value.strip()
        for name in form
        if name.startswith(begins) and (value := one(form, name)).strip()
    }


# ---------------------------------------------------------------- remembered by the heading


def _place(what: str, header: Sequence[str]) -> str:
    """Return where the columns of tables with this heading are kept: a view with its digest."""
    digest = hashlib.sha256("\n".join(sorted(header)).encode()).hexdigest()[:16]
    return at("/v1/views/{}/{}", f"import-{what}", digest)


async def _remember(api: Api, asked: Mapping[str, Any], header: Sequence[str]) -> None:
    pairs = [(f"c.{key}", value) for key, value in asked["columns"].items()]
    pairs += [(f"v.{key}", value) for key, value in asked["values"].items()]
    try:
        await api.ask("PUT", _place(asked["what"], header), {"query": urlencode(pairs)})
    except Declined:  # too many headings, or too long: the columns are guessed again next time
        return


async def _remembered(
    api: Api, what: str, table: Mapping[str, Any]
) -> Mapping[str, Mapping[str, str]] | None:
    name = _place(what, table["header"]).rpartition("/")[2]
    views = (await api.get(at("/v1/views/{}", f"import-{what}")))["items"]
    query = next((view["query"] for view in views if view["name"] == name), "")
    if not query:
        return None
    pairs = parse_qsl(query)
    return {
        "columns": {
            key[2:]: value
            for key, value in pairs
            if key.startswith("c.") and value in table["header"]
        },
        "values": {key[2:]: value for key, value in pairs if key.startswith("v.")},
    }
