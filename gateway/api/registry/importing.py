"""Tables in and out over HTTP: items, locations, parties, opening stock, open orders.

CSV or XLSX ──POST /v1/imports/{what}──► what came of each row      ?dry_run=1  ?partial=1
GET /v1/exports/{what} ──► the same table, which imports as "same"
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from gateway.api.access import needs
from gateway.api.changes import Once, acting_once, answered
from gateway.api.parts import Parts
from gateway.api.registry.document_body import read_draft
from gateway.api.registry.doing import Asking, Doer, doer
from gateway.api.registry.saving import DryRun, change
from gateway.api.registry.streaming import MEDIA, Format, stream
from gateway.api.showing import Json, answer
from gateway.errors import GatewayError, InputRefused, Unreadable
from gateway.registry.documents import DocumentType, Verb, type_of
from gateway.registry.imports import (
    COLUMNS,
    MOST_ROWS,
    Outcome,
    Report,
    Step,
    What,
    no_step,
    read_rows,
)
from gateway.registry.items import Item
from gateway.registry.parties import Party
from gateway.registry.places import Location
from gateway.registry.refusals import RegistryRefused
from gateway.registry.tables import Cell, Row, read_table, write_csv, write_json, write_xlsx
from gateway.store.engine import Transaction
from gateway.store.registry.acting import fields_of
from gateway.store.registry.custom import CELL, from_cells
from gateway.store.registry.drafts import Result
from gateway.store.registry.drafts import save as save_document
from gateway.store.registry.importing import refusal, refuse_rows, take_rows
from gateway.store.registry.line_given import Doing
from gateway.store.registry.opening_stock import OpeningStock
from gateway.store.registry.posting import StepGiven
from gateway.store.registry.steps import post
from gateway.store.registry.tracking import Change

RIGHTS: Mapping[What, str] = {
    "items": "registry:item", "locations": "registry:location", "parties": "registry:party",
    "stock": "registry:serial",
}  # fmt: skip
"""What a table needs; one of orders needs the right of each type in it."""

ORDERS = (DocumentType.PURCHASE_ORDER, DocumentType.SALES_ORDER, DocumentType.WORK_ORDER)

_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_PAGE = 500

Take = Callable[[Transaction, Sequence[Row]], Report]


def taking(parts: Parts, what: What, who: Doer, step: Step = no_step) -> Take:
    """Return what takes the rows of a kind of table, as that person may.

    Raises:
        NotPermitted, RegistryRefused: they may not.
    """
    if what in RIGHTS:
        who.must(RIGHTS[what])
    registry = parts.registry

    def retrack(t: Transaction, item: Item, to: Any) -> Item:
        return registry.trackings.change(t, item, Change(to), who.by, who.may).item

    if what == "stock":
        stock = OpeningStock(registry.acting, registry.rules)
        return lambda t, rows: stock.take(t, rows, who.by, who.may, step)
    if what == "orders":
        return lambda t, rows: _take_orders(parts, t, rows, who, step)
    return lambda t, rows: take_rows(
        t, what, rows, who.by.actor, items=registry.items, places=registry.places,
        parties=registry.parties, retrack=retrack, step=step,
    )  # fmt: skip


def import_routes(parts: Parts) -> APIRouter:
    """Return the routes of tables that come in and go out."""
    router = APIRouter(prefix="/v1", tags=["imports and exports"])
    registry = parts.registry

    @router.post("/imports/{what}", dependencies=[needs("read")], summary="Take a table")
    async def import_table(
        what: What,
        request: Request,
        asked: Asking,
        once: Once,
        dry_run: DryRun = False,
        partial_: Annotated[
            bool, Query(alias="partial", description="Leave out rows that are refused.")
        ] = False,
    ) -> Response:
        """The file itself is the body: CSV or XLSX, its first row naming the columns; custom fields
        are columns `fields.<key>`, and an empty cell leaves what is. When a row is refused nothing
        is done, but with `partial`. `stock` says what is where: serials, lots or quantities; the
        same table again changes nothing. `orders` are rows of lines, by `type` and `number`; what
        is new is confirmed."""
        who = doer(parts, asked)
        take = taking(parts, what, who)
        if not dry_run and (known := answered(parts, once)) is not None:
            return known
        body = await request.body()
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() in _FORMS:
            raise Unreadable("Send the file itself as the body, not a form with it.")
        table = await parts.away(lambda: read_table(body, "the table", most_rows=MOST_ROWS[what]))
        rows = read_rows(what, table)
        previewed: Report | None = None
        if dry_run or partial_:
            previewed = await change(parts, lambda t: take(t, rows), dry=True)
        if dry_run:
            assert previewed is not None
            return answer(_show(previewed, table.notes, applied=False) | {"dry_run": True})
        left_out = [] if previewed is None else previewed.refused
        refused = {one.row for one in left_out}
        good = [row for row in rows if row.number not in refused]

        def work(t: Transaction) -> Json:
            report = take(t, good)
            if report.refused:
                raise refuse_rows(report)
            outcomes = sorted([*report.outcomes, *left_out], key=lambda one: one.row)
            return _show(Report(outcomes), table.notes, applied=True)

        return (await parts.database.write(acting_once(parts, once, work))).response()

    @router.get("/exports/{what}", dependencies=[needs("read")], summary="A table of what there is")
    async def export_table(
        what: Literal["items", "locations", "parties"],
        format: Annotated[Format, Query(description="What kind of file.")] = "csv",
    ) -> Response:
        """It has the columns that an import takes. The file is sent as it is made."""
        custom = [field.key for field in registry.fields.all(_SCOPES[what])]
        header = (*COLUMNS[what], *(f"{CELL}{key}" for key in custom))
        rows = (_cells(one, header) for one in _all(parts, what))
        pieces = {
            "csv": lambda: write_csv(header, rows),
            "json": lambda: write_json(header, rows),
            "xlsx": lambda: write_xlsx(header, rows, what.capitalize()),
        }[format]()
        return await stream(parts, pieces, MEDIA[format], f"{what}.{format}")

    return router


_SCOPES: Mapping[str, str] = {"items": "item", "locations": "location", "parties": "party"}


def _show(report: Report, notes: Sequence[str], *, applied: bool) -> Json:
    return {
        "applied": applied,
        "counts": report.counts,
        "notes": list(notes),
        "rows": [_show_outcome(one) for one in report.outcomes],
    }


def _show_outcome(one: Outcome) -> Json:
    shown: Json = {"row": one.row, "subject": one.subject, "status": one.status}
    return shown | {"code": one.code, "detail": one.detail} if one.code else shown


# ---------------------------------------------------------------- orders


def _take_orders(
    parts: Parts, t: Transaction, rows: Sequence[Row], who: Doer, step: Step
) -> Report:
    """Save each order of the rows, confirm it when it is new, and tell what came of it."""
    orders: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        number = row.values.get("number") or row.values.get("external_id", "")
        key = (row.values.get("type", "").strip().lower().replace(" ", "_"), number.strip())
        orders.setdefault(key, []).append(row)
    outcomes: list[Outcome] = []
    for (kind, number), lines in orders.items():
        step(len(lines))
        try:
            status = _take_order(parts, t, kind, number, lines, who)
        except RegistryRefused as refused:
            outcomes += [refusal(row.number, number, refused) for row in lines]
        except GatewayError as refused:
            outcomes += [
                Outcome(row.number, number, "refused", refused.detail, "value_wrong")
                for row in lines
            ]
        else:
            outcomes += [Outcome(row.number, number, status) for row in lines]
    return Report(sorted(outcomes, key=lambda one: one.row))


def _take_order(
    parts: Parts, t: Transaction, kind: str, number: str, rows: Sequence[Row], who: Doer
) -> Result:
    of = type_of(kind)
    if of not in ORDERS:
        raise InputRefused(f"A table of orders takes {', '.join(ORDERS)}, not {kind}.", key="type")
    who.must(f"registry:{of}")
    if not number:
        raise InputRefused("A row needs the order's number, or its external_id.", key="number")
    custom = fields_of(t, "document")
    first = from_cells(rows[0].values, custom)
    body: dict[str, Any] = {
        key: first[key]
        for key in ("party", "currency", "due_on", "external_ref", "external_id", "memo", "fields")
        if first.get(key)
    }
    body["lines"] = [_order_line(row) for row in rows]
    draft = read_draft(of, body, str(first.get("number") or ""))
    rules = parts.registry.rules()
    saved, result = save_document(t, draft, rules, who.by.actor)
    if saved.status == "draft":
        doing = Doing(t, parts.registry.acting, rules, who.by, who.may)
        post(doing, saved, Verb.CONFIRM, StepGiven())
    return result


def _order_line(row: Row) -> dict[str, Any]:
    cells = row.values
    line: dict[str, Any] = {"item": cells.get("item", ""), "quantity": cells.get("quantity") or 1}
    for key, column in (("uom", "unit"), ("location", "location"), ("external_id", "line_id")):
        if cells.get(column):
            line[key] = cells[column]
    for key in ("price", "cost", "line"):
        if not cells.get(key):
            continue
        try:
            number = int(cells[key])
        except ValueError:
            raise InputRefused(
                f"{key!r} must be a whole number"
                f"{'' if key == 'line' else ' of minor units, such as cents'}, got "
                f"{cells[key][:40]!r}.",
                key=key,
            ) from None
        money = {"amount": number, "currency": cells.get("currency", "")}
        line[key] = number if key == "line" else money
    return line


# ---------------------------------------------------------------- out


def _all(parts: Parts, what: str) -> Iterator[Item | Location | Party]:
    """Yield everything of a kind, page by page, so that a long list takes little memory."""
    registry = parts.registry
    after: str | None = None
    while True:
        found: Sequence[Item | Location | Party]
        if what == "items":
            found = registry.items.page(after, _PAGE)
        elif what == "locations":
            found = registry.places.page(after, _PAGE)
        else:
            found = registry.parties.page(after, _PAGE)
        yield from found[:_PAGE]
        if len(found) <= _PAGE:
            return
        last = found[_PAGE - 1]
        after = last.sku if isinstance(last, Item) else last.code


def _cells(thing: Item | Location | Party, header: Sequence[str]) -> list[Cell]:
    """Return a thing as a row that an import understands."""
    return [_cell(thing, name) for name in header]


def _cell(thing: Item | Location | Party, name: str) -> Cell:
    if name.startswith(CELL):
        value = thing.fields.get(name.removeprefix(CELL))
        return ("yes" if value else "no") if isinstance(value, bool) else value
    if isinstance(thing, Item):
        match name:
            case "next_serial":
                return thing.pattern.write(int(thing.pattern.next))
            case "barcodes":
                return "; ".join(thing.barcodes)
            case "units":
                return _pairs(thing.units)
            case "reorder_points":
                return _pairs(thing.reorder_points)
            case "account_codes":
                return _pairs(thing.account_codes)
            case "members":
                return _pairs({one.sku: one.quantity for one in thing.members})
            case _:
                pass
    value = getattr(thing, name)
    return ("yes" if value else "no") if isinstance(value, bool) else value


def _pairs(values: Mapping[str, object]) -> str:
    return "; ".join(f"{name}={value}" for name, value in values.items())
