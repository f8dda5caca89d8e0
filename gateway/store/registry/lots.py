"""Lots: pieces that came or were made together. They are made without effort, wherever pieces come.

    ensure(t, item, None, document=…) ──► the lot of that item of that delivery, made when missing

A lot has no state of its own: ``gateway.registry.lots`` tells it from what its pieces are doing.
"""

from __future__ import annotations

from gateway.registry.refusals import RegistryRefused
from gateway.store.engine import Transaction, now
from gateway.store.feed import tell

LONGEST_CODE = 64
"""Characters of a lot's code; GS1 AI 10 carries 20 of them (GS1 General Specifications, 3.4.1)."""

_OF_CODE = "SELECT id FROM lot WHERE item = ? AND lower(code) = lower(?)"
_OF_DOCUMENT = "SELECT id FROM lot WHERE item = ? AND document = ? ORDER BY id LIMIT 1"
_INSERT = (
    "INSERT INTO lot (id, item, code, made_on, expires_on, document, created_at, changed_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def check_lot_code(code: str) -> str:
    """Return a lot's code without spaces around it.

    Raises:
        RegistryRefused: it is empty, too long, or holds a control character.
    """
    code = code.strip()
    if not 1 <= len(code) <= LONGEST_CODE or not code.isprintable():
        raise RegistryRefused(
            "value_wrong",
            f"A lot's code must be 1 to {LONGEST_CODE} printable characters, got {code[:80]!r}.",
            key="code",
        )  # fmt: skip
    return code


def ensure(
    t: Transaction,
    item: int,
    code: str | None = None,
    *,
    document: int | None = None,
    actor: str = "",
    made_on: str | None = None,
    expires_on: str | None = None,
) -> int:
    """Return the number of an item's lot, made now when there is none.

    With ``code`` it is the lot of that code. Without, it is the lot in which the item comes by
    ``document`` (a second line or a second delivery of the same document joins it), or a new one
    with a code of its own. Callers leave this out where the feature ``lots`` is off and the item is
    not tracked by lot. ``made_on`` and ``expires_on`` are ISO dates, kept only for a new lot.

    Raises:
        RegistryRefused: the code cannot be one.
    """
    if code is not None:
        code = check_lot_code(code)
        row = t.execute(_OF_CODE, (item, code)).fetchone()
    elif document is not None:
        row = t.execute(_OF_DOCUMENT, (item, document)).fetchone()
    else:
        row = None
    if row is not None:
        return int(row[0])
    number = t.allot("lot", 1)[0]
    if code is None:
        code = _free_code(t, item, number)
    at = now()
    t.execute(_INSERT, (number, item, code, made_on, expires_on, document, at, at))
    sku = t.execute("SELECT sku FROM item WHERE id = ?", (item,)).fetchone()[0]
    tell(t, at, "lot.made", f"items/{sku}/lots/{code}", actor, {"item": sku, "lot": code})
    return number


def _free_code(t: Transaction, item: int, number: int) -> str:
    """Return a code of our own: ``L`` and the lot's number, unless a person gave it to another."""
    code = f"L{number:06d}"
    while t.execute(_OF_CODE, (item, code)).fetchone() is not None:
        code += "-1"
    return code


def refuse_held(t: Transaction, lot: int) -> None:
    """Check that pieces of a lot may move.

    Raises:
        RegistryRefused: the lot is held.
    """
    row = t.execute("SELECT code, held FROM lot WHERE id = ?", (lot,)).fetchone()
    if row is not None and row[1] is not None:
        raise RegistryRefused(
            "lot_held", f"Lot {row[0]} is held: {row[1]}.", lot=row[0], reason=row[1]
        )
