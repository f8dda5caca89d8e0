"""The registry's values become JSON: serials, their history, events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from gateway.api.showing import Json, rfc3339
from gateway.registry.lives import Rules
from gateway.registry.public_ids import PublicIds
from gateway.registry.refusals import Offence
from gateway.store.registry.history import Event, Moved, Step
from gateway.store.registry.resolving import Candidate
from gateway.store.registry.serials import SerialRow, actions_of, fields_of_row

TIMES = ("received_at", "shipped_at", "seen_at")
"""Fields of a life that are moments."""

_RENAMED = {"seen_place": "last_seen_location", "seen_at": "last_seen_at", "attrs": "fields",
            "label_state": "label"}  # fmt: skip
"""Fields of a life that are called otherwise outside."""


def time_of(at: int | None) -> str | None:
    """Return a moment as RFC 3339 writes it, None when there was none."""
    return None if at is None else rfc3339(at)


def money(amount: int | None, currency: str | None) -> Json | None:
    """Return money in minor units; None when it is not known."""
    return None if amount is None else {"amount": amount, "currency": currency or ""}


def show_serial(row: SerialRow, names: PublicIds, rules: Rules) -> Json:
    """Return one life of a serial."""
    public = names.write("serial", row.id)
    parent = None if row.parent is None else names.write("serial", row.parent)
    document: Json | None = None
    if row.document_type is not None:
        document = {"type": row.document_type, "number": row.document_number, "role": row.role}
    seen: Json | None = None
    if row.seen_at is not None:
        seen = {"at": rfc3339(row.seen_at), "location": row.seen_place}
    return {
        "id": public,
        "serial": row.serial,
        "item": row.sku,
        "life": row.number,
        "state": row.state,
        "held": row.held,
        "label": row.label,
        "location": row.location,
        "lot": row.lot,
        "customer": row.customer,
        "supplier": row.supplier,
        "parent": parent,
        "cost": money(row.cost, row.currency),
        "price": money(row.price, row.price_currency),
        "warranty": {"in": row.warranty_in, "out": row.warranty_out},
        "service_due": row.service_due,
        "memo": row.memo,
        "fields": fields_of_row(row),
        "document": document,
        "received_at": time_of(row.received_at),
        "shipped_at": time_of(row.shipped_at),
        "last_seen": seen,
        "version": row.version,
        "allowed": list(actions_of(row, rules)),
        "links": {
            "self": f"/v1/serials/{public}",
            "history": f"/v1/serials/{public}/history",
            "code": f"GW-{public}",
        },
    }


def show_event(event: Event) -> Json:
    """Return one event, without what it moved."""
    return {
        "seq": event.seq,
        "uid": event.uid,
        "action": event.action,
        "at": rfc3339(event.at),
        "recorded_at": rfc3339(event.recorded_at),
        "actor": event.actor,
        "station": event.station,
        "operator": event.operator,
        "reason": event.reason,
        "document": None
        if event.document_type is None
        else {"type": event.document_type, "number": event.document_number},
        "party": event.party,
        "details": json.loads(event.body),
        "movements": event.movements,
        "corrects": event.corrects,
        "corrected_by": event.corrected_by,
        "hash": event.hash.hex(),
        "links": {"self": f"/v1/registry/events/{event.seq}"},
    }


def show_step(step: Step, names: PublicIds) -> Json:
    """Return what an event did to a serial."""
    event = show_event(step.event)
    return {
        **{name: event[name] for name in (
            "seq", "action", "at", "actor", "station", "operator", "reason", "document", "party",
            "details", "movements", "corrects", "corrected_by",
        )},
        "from": {"state": step.from_state, "location": step.from_place},
        "to": {"state": step.to_state, "location": step.to_place},
        "changed": {
            _RENAMED.get(name, name): {
                "from": _shown(name, was, names), "to": _shown(name, became, names)
            }
            for name, (was, became) in step.changed.items()
        },
        "links": {"event": f"/v1/registry/events/{step.event.seq}"},
    }  # fmt: skip


def _shown(name: str, value: object, names: PublicIds) -> object:
    if value is None:
        return None
    if name in TIMES:
        return rfc3339(int(str(value)))
    if name == "parent":
        return names.write("serial", int(str(value)))
    return value


def show_moved(row: Moved, names: PublicIds) -> Json:
    """Return one row of an event."""
    return {
        "serial": row.serial,
        "id": None if row.life is None else names.write("serial", row.life),
        "item": row.sku,
        "lot": row.lot,
        "quantity": row.quantity,
        "from": {"state": row.from_state, "location": row.from_place},
        "to": {"state": row.to_state, "location": row.to_place},
    }


def show_candidate(one: Candidate, names: PublicIds) -> Json:
    """Return one thing that a code may mean, with where to read more of it."""
    shown: Json = {"kind": one.kind, "name": one.name, "by": one.by}
    link = ""
    match one.kind:
        case "serial":
            public = names.write("serial", one.number)
            shown |= {
                "id": public, "item": one.sku, "state": one.state, "location": one.location,
                "customer": one.customer, "life": one.life,
            }  # fmt: skip
            link = f"/v1/serials/{public}"
        case "item":
            link = f"/v1/items/{one.name}"
        case "location":
            link = f"/v1/locations/{one.name}"
        case "party":
            link = f"/v1/parties/{one.name}"
        case "lot":
            link = f"/v1/lots/{names.write('lot', one.number)}"
        case "document":
            kind, _, number = one.name.partition(" ")
            shown["name"], shown["type"] = number, kind
            link = f"/v1/documents/{kind}/{number}"
    return {**shown, "links": {"self": link}}


def show_offences(offences: Iterable[Offence]) -> Sequence[Mapping[str, object]]:
    """Return warnings, each with its subject and cause."""
    return [
        {"subject": one.subject, "code": one.code, "detail": one.detail, "facts": dict(one.facts)}
        for one in offences
    ]
