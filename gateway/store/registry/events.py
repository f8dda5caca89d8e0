"""Events: what happened, in order, each chained to the one before by its hash.

An event is one action over any number of serials or quantities (as in EPCIS), with a movement for
each. Its hash covers what it says, a digest of its movements, and the hash before it; so a changed,
removed or inserted one shows (``verify``).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from typing import Any, NamedTuple

from gateway.store.engine import Transaction

FIRST = b""
"""What the first event of a chain follows."""

CHAIN = "main"

EXAMPLES = "example"
"""The chain of what was done with examples alone: it can be removed whole, and no other is then
any shorter. The database's triggers know it by this name."""

EXAMPLE_ITEMS = ("example:drill", "example:paint", "example:screw")
"""The external ids of the items that examples are of."""


class Movement(NamedTuple):
    """What an event did to one serial, or to a quantity of a lot or of an item."""

    life: int | None
    item: int
    lot: int | None
    quantity: int
    from_state: str | None
    to_state: str | None
    from_place: int | None
    to_place: int | None
    was: str | None
    """JSON of the other fields that changed, as they were; None when none did."""


@dataclass(frozen=True, slots=True)
class By:
    """Who does it, and from where."""

    actor: str
    station: str = ""
    operator: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, to be written."""

    action: str
    at: int
    recorded_at: int
    by: By
    document: int | None = None
    line: int | None = None
    party: int | None = None
    reason: str = ""
    body: Mapping[str, object] = field(default_factory=dict)
    corrects: int | None = None
    uid: str = ""
    """What another system calls it; empty: it gets a name of its own."""


MOVEMENT_COLUMNS = (
    "event", "n", "life", "item", "lot", "quantity", "from_state", "to_state", "from_place",
    "to_place", "was",
)  # fmt: skip
_EXAMPLE_ITEMS = (
    f"SELECT id FROM item WHERE lower(external_id) IN ({', '.join('?' * len(EXAMPLE_ITEMS))})"
)
_LAST = "SELECT hash FROM event WHERE chain = ? ORDER BY seq DESC LIMIT 1"
_INSERT = (
    "INSERT INTO event (seq, uid, chain, at, recorded_at, action, document, line, party, actor, "
    "station, operator, reason, body, movements, digest, corrects, prev_hash, hash) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_MOVEMENT = (
    f"INSERT INTO movement ({', '.join(MOVEMENT_COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def canonical(value: object) -> str:
    """Return JSON in the one way it is hashed: keys in order, no spaces."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


HASHED_AT_ONCE = 1000
"""Movements in one line of what is hashed: a line for each took three times as long."""


def digest_of(movements: Iterable[Sequence[object]]) -> bytes:
    """Return the digest of an event's movements, in their order: JSON, a thousand to a line."""
    hashed = sha256()
    dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    left = iter(movements)
    while part := list(islice(left, HASHED_AT_ONCE)):
        hashed.update(dump(part).encode())
        hashed.update(b"\n")
    return hashed.digest()


def hash_of(previous: bytes, row: Sequence[Any], digest: bytes) -> bytes:
    """Return an event's hash: of the one before, of what it says, of its movements.

    ``row`` is seq, uid, chain, at, recorded_at, action, document, line, party, actor, station,
    operator, reason, body (JSON text), movements, corrects.
    """
    return sha256(previous + canonical(list(row)).encode() + digest).digest()


def chain_of(t: Transaction, items: Collection[int]) -> str:
    """Return the chain of what happens to these items: their own, where all are examples."""
    if items:
        examples = {int(row[0]) for row in t.execute(_EXAMPLE_ITEMS, EXAMPLE_ITEMS)}
        if examples.issuperset(items):
            return EXAMPLES
    return CHAIN


def write_event(
    t: Transaction,
    event: Event,
    movements: Sequence[Movement],
    seq: int | None = None,
    items: Collection[int] = (),
) -> int:
    """Write an event, its movements, and which items it touched; return its number.

    It is written before what it changes: the database lets a serial's state change only by an
    event whose action leads there. ``seq`` is a number that was allotted before; ``items`` are
    those that it is about without moving them.
    """
    seq = t.allot("event", 1)[0] if seq is None else seq
    touched: dict[int, int] = {}
    for movement in movements:
        touched[movement.item] = touched.get(movement.item, 0) + movement.quantity
    chain = chain_of(t, {*touched, *items})
    last = t.execute(_LAST, (chain,)).fetchone()
    previous = FIRST if last is None else bytes(last[0])
    uid = event.uid or str(uuid.uuid4())
    digest = digest_of(movements)
    said = (
        seq, uid, chain, event.at, event.recorded_at, event.action, event.document, event.line,
        event.party, event.by.actor, event.by.station, event.by.operator, event.reason,
        canonical(event.body), len(movements),
    )  # fmt: skip
    own = hash_of(previous, (*said, event.corrects), digest)
    t.execute(_INSERT, (*said, digest, event.corrects, previous, own))
    if len(movements) == 1:
        t.execute(_INSERT_MOVEMENT, (seq, 0, *movements[0]))
    else:
        t.bulk(
            "movement", MOVEMENT_COLUMNS,
            ((seq, n, *movement) for n, movement in enumerate(movements)),
        )  # fmt: skip
    t.executemany(
        "INSERT INTO event_item (item, event, quantity) VALUES (?, ?, ?)",
        [(item, seq, quantity) for item, quantity in touched.items()],
    )
    return seq
