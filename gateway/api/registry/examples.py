"""Examples to try over HTTP: a small warehouse, made and removed in one touch each.

POST /v1/examples ──► tables as anybody would bring them in      DELETE ──► nothing of them is left
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fastapi import APIRouter, Response

from gateway.api.access import needs
from gateway.api.parts import Parts
from gateway.api.registry.doing import Asking, doer
from gateway.api.registry.importing import ORDERS, RIGHTS, taking
from gateway.api.showing import Json, answer
from gateway.registry.imports import What
from gateway.registry.tables import Row
from gateway.store.engine import Transaction
from gateway.store.registry.examples import Examples, examples_of, remove_examples
from gateway.store.registry.importing import refuse_rows

Cells = Mapping[str, str]

SERIALS = 5


def example_routes(parts: Parts) -> APIRouter:
    """Return the routes of the examples."""
    router = APIRouter(prefix="/v1/examples", tags=["imports and exports"])

    @router.get("", dependencies=[needs("read")], summary="Which examples there are")
    async def get_examples() -> Response:
        return answer(show_examples(examples_of(parts.database.reader().execute)))

    @router.post("", dependencies=[needs("read")], summary="Make a small warehouse to try")
    async def make_examples(asking: Asking) -> Response:
        """Three items, a site with a shelf, a customer, a supplier, five serials, a purchase order
        and a sales order. All are called examples. Again it puts back only what is missing."""
        who = doer(parts, asking)
        tables: tuple[What, ...] = ("locations", "items", "parties", "stock", "orders")
        for right in (*RIGHTS.values(), *(f"registry:{kind}" for kind in ORDERS)):
            who.must(right)

        def work(t: Transaction) -> Examples:
            made = dict(_tables(parts, t))
            there = examples_of(t.execute).items
            for what in tables:
                if what in ("stock", "orders") and there:
                    continue  # what was done with them since stays as it is
                rows = [Row(number, cells) for number, cells in enumerate(made[what], 1)]
                report = taking(parts, what, who)(t, rows)
                if report.refused:
                    raise refuse_rows(report)
            return examples_of(t.execute)

        return answer(show_examples(await parts.database.write(work)), 201)

    @router.delete("", dependencies=[needs("admin")], summary="Remove the examples")
    async def delete_examples(asking: Asking) -> Response:
        """With everything that was tried with them: nothing of it is left in lists, stock, reports
        or the record, which has it on a chain of its own. Refused while real work is mixed in."""
        who = doer(parts, asking)
        removed = await parts.database.write(lambda t: remove_examples(t, who.by.actor))
        return answer(show_examples(removed))

    return router


def show_examples(found: Examples) -> Json:
    """Return the examples by what they are called."""
    return {
        "there": found.any,
        "items": sorted(found.items.values()),
        "locations": sorted(found.places.values()),
        "parties": sorted(found.parties.values()),
        "documents": sorted(found.documents.values()),
    }


def _tables(parts: Parts, t: Transaction) -> Iterator[tuple[What, list[Cells]]]:
    """Yield the tables of the examples, as far as the features that are on have a place for it."""
    features = parts.registry.features()
    site = "EX-SITE"
    others = t.execute(
        "SELECT code FROM place WHERE kind = 'site' AND active = 1 "
        "AND coalesce(external_id, '') <> 'example:site' ORDER BY id LIMIT 1"
    ).fetchone()
    places: list[Cells] = []
    if others is not None and "multi_location" not in features:
        site = others[0]
    else:
        places.append({"code": site, "name": "Example site", "kind": "site",
                       "external_id": "example:site"})  # fmt: skip
    places.append(
        {"code": "EX-A-01", "name": "Example shelf", "parent": site,
         "kind": "bin" if "bins" in features else "staging", "external_id": "example:shelf"}
    )  # fmt: skip
    lots = "lots" in features
    yield "locations", places
    yield "items", [
        {"sku": "EX-DRILL", "name": "Example: cordless drill", "tracking": "serial",
         "next_serial": "EX-0006", "external_id": "example:drill"},
        {"sku": "EX-PAINT", "name": "Example: paint, 1 l", "tracking": "lot" if lots else "none",
         "external_id": "example:paint"},
        {"sku": "EX-SCREW", "name": "Example: screw 5 mm", "tracking": "none",
         "external_id": "example:screw"},
    ]  # fmt: skip
    yield "parties", [
        {"code": "EX-CUSTOMER", "name": "Example customer", "kind": "customer",
         "external_id": "example:customer"},
        {"code": "EX-SUPPLIER", "name": "Example supplier", "kind": "supplier",
         "external_id": "example:supplier"},
    ]  # fmt: skip
    yield "stock", [
        *({"item": "EX-DRILL", "location": "EX-A-01", "serial": f"EX-{number:04}"}
          for number in range(1, SERIALS + 1)),
        {"item": "EX-PAINT", "location": "EX-A-01", "quantity": "20",
         **({"lot": "EX-LOT-1"} if lots else {})},
        {"item": "EX-SCREW", "location": "EX-A-01", "quantity": "500"},
    ]  # fmt: skip
    purchase = {"type": "purchase_order", "number": "EX-PO-1", "party": "EX-SUPPLIER",
                "external_id": "example:purchase"}  # fmt: skip
    sale = {"type": "sales_order", "number": "EX-SO-1", "party": "EX-CUSTOMER",
            "external_id": "example:sale"}  # fmt: skip
    yield (
        "orders",
        [
            {**purchase, "item": "EX-DRILL", "quantity": "3"},
            {**purchase, "item": "EX-SCREW", "quantity": "1000"},
            {**sale, "item": "EX-DRILL", "quantity": "2"},
            {**sale, "item": "EX-SCREW", "quantity": "50"},
        ],
    )
