"""What people call things, found: SKUs, codes of places and parties, numbers of documents.

``run`` is a transaction's ``execute`` or a reader's, so that a change looks where it changes.
"""

from __future__ import annotations

from gateway.registry.refusals import RegistryRefused
from gateway.store.registry.lives import Run


def _one(run: Run, query: str, *values: object) -> int | None:
    for row in run(query, values):
        return int(row[0])
    return None


def item_id(run: Run, sku: str) -> int:
    """Return an item's number by its SKU.

    Raises:
        RegistryRefused: there is none.
    """
    found = _one(run, "SELECT id FROM item WHERE lower(sku) = lower(?)", sku)
    if found is None:
        raise RegistryRefused("item_unknown", f"There is no item {sku[:80]!r}.", item=sku[:80])
    return found


def place_id(run: Run, code: str) -> int:
    """Return a location's number by its code.

    Raises:
        RegistryRefused: there is none.
    """
    found = _one(run, "SELECT id FROM place WHERE lower(code) = lower(?)", code)
    if found is None:
        raise RegistryRefused(
            "location_unknown", f"There is no location {code[:80]!r}.", location=code[:80]
        )
    return found


def party_id(run: Run, code: str) -> int:
    """Return a customer's or supplier's number by its code.

    Raises:
        RegistryRefused: there is none.
    """
    found = _one(run, "SELECT id FROM party WHERE lower(code) = lower(?)", code)
    if found is None:
        raise RegistryRefused(
            "party_unknown", f"There is no customer or supplier {code[:80]!r}.", party=code[:80]
        )
    return found


def lot_id(run: Run, item: int, code: str) -> int:
    """Return the number of an item's lot by its code.

    Raises:
        RegistryRefused: there is none.
    """
    found = _one(run, "SELECT id FROM lot WHERE item = ? AND lower(code) = lower(?)", item, code)
    if found is None:
        raise RegistryRefused("lot_unknown", f"The item has no lot {code[:80]!r}.", lot=code[:80])
    return found


def document_id(run: Run, kind: str, number: str) -> int:
    """Return a document's number in the database by its type and number.

    Raises:
        RegistryRefused: there is none.
    """
    found = _one(
        run, "SELECT id FROM document WHERE type = ? AND lower(number) = lower(?)", kind, number
    )
    if found is None:
        raise RegistryRefused(
            "document_unknown", f"There is no {kind.replace('_', ' ')} {number[:80]!r}.",
            type=kind, number=number[:80],
        )  # fmt: skip
    return found
