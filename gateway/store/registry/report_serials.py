"""Reports about serials: by item, customer, location, status and custom field; what ends when."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from gateway.errors import InputRefused
from gateway.registry.lives import CUSTODY, ON_HAND
from gateway.store.registry.acting import value_key
from gateway.store.registry.lives import Run
from gateway.store.registry.names import item_id, party_id, place_id
from gateway.store.registry.report_rows import (
    INSIDE,
    WARNS,
    Given,
    Query,
    Row,
    between,
    day,
    listed,
    moment,
    today,
)  # fmt: skip

_SERIAL = (
    "i.sku, i.name, u.serial, u.number, u.state, "
    "CASE WHEN u.label_state = 'uncertain' THEN coalesce(u.held, 'label_uncertain') "
    "ELSE u.held END, p.code, o.code, c.code, u.received_at, u.shipped_at, u.warranty_out, "
    "u.memo, u.attrs"
)
SERIALS = (
    "life u JOIN item i ON i.id = u.item LEFT JOIN place p ON p.id = u.place "
    "LEFT JOIN lot o ON o.id = u.lot LEFT JOIN party c ON c.id = u.customer"
)


def _serial(row: Sequence[Any]) -> Row:
    *head, received, shipped, warranty, memo, attrs = row
    values = "; ".join(f"{key}={value}" for key, value in json.loads(attrs).items())
    return (*head, moment(received), moment(shipped), warranty, memo, values)


def by_item(run: Run, given: Given) -> Iterator[Row]:
    """Yield every serial, item by item."""
    query = Query(("u.item", "u.state", "u.id"), (0, "", 0), _SERIAL, SERIALS)
    if "item" in given:
        query.where("u.item = ?", item_id(run, given["item"]))
    if "state" in given:
        query.where("u.state = ?", given["state"])
    show = given.get("show", "all")
    if show != "all":
        query.where(f"u.state IN ({listed(ON_HAND if show == 'on_hand' else CUSTODY)})")
    return map(_serial, query.rows(run))


def by_customer(run: Run, given: Given) -> Iterator[Row]:
    """Yield what each customer was sent."""
    query = Query(("u.customer", "u.id"), (0, 0), _SERIAL, SERIALS)
    query.where("u.customer IS NOT NULL")
    if "customer" in given:
        query.where("u.customer = ?", party_id(run, given["customer"]))
    if "item" in given:
        query.where("u.item = ?", item_id(run, given["item"]))
    return map(_serial, query.rows(run))


def by_location(run: Run, given: Given) -> Iterator[Row]:
    """Yield what lies where."""
    query = Query(("u.place", "u.id"), (0, 0), _SERIAL, SERIALS)
    query.where("u.place IS NOT NULL")
    if "location" in given:
        query.before, query.before_values = INSIDE, [place_id(run, given["location"])]
        query.where("u.place IN (SELECT id FROM here)")
    if "item" in given:
        query.where("u.item = ?", item_id(run, given["item"]))
    return map(_serial, query.rows(run))


def by_state(run: Run, given: Given) -> Iterator[Row]:
    """Yield the serials in one status."""
    query = Query(("u.id",), (0,), _SERIAL, SERIALS)
    query.where("u.state = ?", given["state"])
    if "item" in given:
        query.where("u.item = ?", item_id(run, given["item"]))
    return map(_serial, query.rows(run))


def by_field(run: Run, given: Given) -> Iterator[Row]:
    """Yield serials by the value of a searchable custom field."""
    key = given["field"]
    known = {row[0] for row in run(
        "SELECT key FROM field_def WHERE scope = 'serial' AND searchable = 1", ()
    )}  # fmt: skip
    if key not in known:
        raise InputRefused(
            f"{key[:80]!r} is no searchable custom field of serials; there are: "
            f"{', '.join(sorted(known)) or 'none'}.",
            key="field",
        )
    query = Query(
        ("v.value", "v.life"), ("", 0), f"v.value, {_SERIAL}",
        f"life_value v JOIN {SERIALS.replace('life u', 'life u ON u.id = v.life', 1)}",
    )  # fmt: skip
    query.where("v.key = ?", key)
    if "value" in given:
        query.where("v.value = ?", value_key(given["value"]))
    return ((row[0], *_serial(row[1:])) for row in query.rows(run))


# ------------------------------------------------------------------------------- movements

_MOVED = (
    "e.seq, e.at, e.action, d.type || ' ' || d.number, i.sku, u.serial, o.code, m.quantity, "
    "m.from_state, m.to_state, f.code, g.code, e.actor, e.station, e.operator, e.reason, "
    "e.corrects"
)
_MOVEMENTS = (
    "movement m JOIN event e ON e.seq = m.event JOIN item i ON i.id = m.item "
    "LEFT JOIN life u ON u.id = m.life LEFT JOIN lot o ON o.id = m.lot "
    "LEFT JOIN place f ON f.id = m.from_place LEFT JOIN place g ON g.id = m.to_place "
    "LEFT JOIN document d ON d.id = e.document"
)


def movements(run: Run, given: Given) -> Iterator[Row]:
    """Yield everything that moved, oldest first."""
    query = Query(("m.event", "m.n"), (0, -1), _MOVED, _MOVEMENTS)
    if "item" in given:
        item = item_id(run, given["item"])
        # The index says which events touched an item at all.
        query.where("m.event IN (SELECT x.event FROM event_item x WHERE x.item = ?)", item)
        query.where("m.item = ?", item)
    if "serial" in given:
        query.where(
            "m.life IN (SELECT s.id FROM life s WHERE s.serial_key IN (?, ?))",
            given["serial"], given["serial"].casefold(),
        )  # fmt: skip
    between(query, given, "e.at")
    return ((row[0], moment(row[1]), *row[2:]) for row in query.rows(run))


# ------------------------------------------------------------------------------- dates


def warranties(run: Run, given: Given) -> Iterator[Row]:
    """Yield serials whose warranty ends."""
    first = day(given["from"]) if "from" in given else today()
    last = day(given["before"]) if "before" in given else first + WARNS
    for whose, column in (("customer", "u.warranty_out"), ("supplier", "u.warranty_in")):
        if given.get("whose", whose) != whose:
            continue
        # Only our own warranties have an index; the supplier's end about in the order they began.
        key, start = ((column, "u.id"), ("", 0)) if whose == "customer" else (("u.id",), (0,))
        query = Query(
            key, start,
            f"{column}, '{whose}', i.sku, i.name, u.serial, u.state, p.code, c.code, s.code, "
            "u.received_at, u.shipped_at",
            f"{SERIALS} LEFT JOIN party s ON s.id = u.supplier",
        )  # fmt: skip
        query.where(f"{column} IS NOT NULL")
        query.where(f"{column} BETWEEN ? AND ?", first.isoformat(), last.isoformat())
        # The supplier's warranty matters while it is ours, our own while it is the customer's.
        here = listed(CUSTODY)
        query.where(f"u.state IN ({here})" if whose == "supplier" else "u.state = 'shipped'")
        if "item" in given:
            query.where("u.item = ?", item_id(run, given["item"]))
        if "customer" in given:
            query.where("u.customer = ?", party_id(run, given["customer"]))
        for row in query.rows(run):
            yield (*row[:-2], moment(row[-2]), moment(row[-1]))


def services(run: Run, given: Given) -> Iterator[Row]:
    """Yield serials that are due for service."""
    last = day(given["before"]) if "before" in given else today()
    query = Query(
        ("u.id",), (0,),
        "u.service_due, i.sku, i.name, u.serial, u.state, p.code, c.code", SERIALS,
    )  # fmt: skip
    query.where("u.service_due IS NOT NULL")
    query.where("u.service_due <= ?", last.isoformat())
    query.where(f"u.state IN ({listed(CUSTODY)}, 'shipped')")
    if "item" in given:
        query.where("u.item = ?", item_id(run, given["item"]))
    if "customer" in given:
        query.where("u.customer = ?", party_id(run, given["customer"]))
    return query.rows(run)
