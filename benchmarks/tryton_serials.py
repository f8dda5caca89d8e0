"""Tryton receives serials: one call of its own application, in a virtual environment of its own.

    python tryton_serials.py 100 1000     one line of JSON for each: {"serials": 100, "seconds": …}

Tryton (GPL-3) is a peer, and neither imported nor shipped here: this file runs as a program in an
environment that has ``trytond`` and ``trytond-stock-lot`` and nothing of ours. It does what a
warehouse does there: a lot for each serial, a move of one piece from the supplier to storage for
each, ``Move.do`` over all of them, and a commit. Its database is SQLite in a file too, called
``DB_NAME``, in the folder ``TRYTOND_DATABASE__PATH``: Tryton reads both when it is imported.
"""

from __future__ import annotations

import json
import os
import sys
import time
from decimal import Decimal
from importlib import import_module

DATABASE = os.environ.get("DB_NAME", "")


def main(counts: list[int]) -> None:
    """Receive so many serials in one call, for each count, and say how long each call took."""
    pool = import_module("trytond.pool").Pool
    begin = import_module("trytond.transaction").Transaction
    import_module("trytond.tests.test_tryton").activate_module(["stock_lot"])
    with begin().start(DATABASE, 1, context={"company": None}) as transaction:
        get = pool(DATABASE).get
        (currency,) = get("currency.currency").create([{"name": "Euro", "code": "EUR",
                                                        "symbol": "E", "digits": 2}])  # fmt: skip
        (party,) = get("party.party").create([{"name": "We"}])
        (company,) = get("company.company").create([{"party": party.id, "currency": currency.id}])
        users = get("res.user")
        users.write([users(1)], {"companies": [("add", [company.id])], "company": company.id})
        (unit,) = get("product.uom").search([("name", "=", "Unit")])
        with transaction.set_context(company=company.id):
            (template,) = get("product.template").create(
                [{"name": "Drill", "type": "goods", "default_uom": unit.id,
                  "products": [("create", [{}])]}]
            )  # fmt: skip
        known = company.id, template.products[0].id, unit.id, currency.id
        transaction.commit()
    given = 0
    for count in counts:
        with begin().start(DATABASE, 1, context={"company": known[0]}) as transaction:
            seconds = receive(pool(DATABASE).get, transaction, known, range(given, given + count))
        print(json.dumps({"serials": count, "seconds": seconds}), flush=True)
        given += count


def receive(get, transaction, known, numbers) -> float:  # type: ignore[no-untyped-def]
    """Receive serials with those numbers; return the seconds until they were committed."""
    company, product, unit, currency = known
    (supplier,) = get("stock.location").search([("code", "=", "SUP")])
    (storage,) = get("stock.location").search([("code", "=", "STO")])
    lots, moves = get("stock.lot"), get("stock.move")
    began = time.perf_counter()
    made = lots.create([{"number": f"SN{n:07d}", "product": product} for n in numbers])
    moved = moves.create(
        [{"product": product, "lot": lot.id, "unit": unit, "quantity": 1,
          "from_location": supplier.id, "to_location": storage.id, "company": company,
          "currency": currency, "unit_price": Decimal(1)} for lot in made]
    )  # fmt: skip
    moves.do(moved)
    transaction.commit()
    return time.perf_counter() - began


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]])
