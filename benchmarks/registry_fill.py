"""A registry with a million or ten million serials in it, made as daily work makes it.

Every life is received by ``perform`` in calls of a hundred thousand, and a tenth is shipped: so
events, movements, counters, triggers and indexes are those of a registry that grew. Serials look as
if many makers had given them: each new one falls somewhere else into every index.

>>> vendor_serial(0), vendor_serial(1)
('0000-000000', 'C2CD-3779B1')
>>> len({vendor_serial(n) for n in range(1000)})
1000
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.registry.lives import Action
from gateway.store.engine import Database, Transaction
from gateway.store.registry.acting import Act, Done, Target
from gateway.store.registry.events import By
from gateway.store.registry.registry import Registry
from gateway.store.settings import SettingStore

BY: Final = By("benchmark", "dock-1")
ITEMS: Final = 200
PLACES: Final = 500
"""Bins, inside ten sites."""
SUPPLIERS, CUSTOMERS = 20, 1000
CALL: Final = 100_000
"""Serials received in one call; a tenth of each is shipped to one customer after it."""
SHIPPED: Final = 10

_MASK: Final = (1 << 40) - 1
_SPREAD: Final = 0x9E3779B1C2CD
"""Odd, so that multiplying by it is a permutation of the numbers below 2⁴⁰ (Knuth, TAOCP 6.4)."""


def vendor_serial(n: int) -> str:
    """Return the n-th serial: no two alike, in no order."""
    mixed = n * _SPREAD & _MASK
    return f"{mixed & 0xFFFF:04X}-{mixed >> 16:06X}"


@dataclass(frozen=True, slots=True)
class Filled:
    """An open registry, and what is in it."""

    registry: Registry
    serials: int

    @property
    def database(self) -> Database:
        return self.registry.database

    def perform(self, act: Act, *, dry: bool = False) -> Done:
        """Do an action, durable when this returns."""
        return self.database.run(
            lambda t: self.registry.perform(t, act, BY, lambda _: True, dry=dry)
        )


@contextmanager
def opened(folder: Path, serials: int = 0) -> Iterator[Filled]:
    """Open the registry in a folder until the block ends."""
    with Database.open(folder / "gateway.db") as database:
        yield Filled(Registry(database, SettingStore(database)), serials)


def fill(folder: Path, serials: int) -> None:
    """Make a registry with so many serials; each item has as many as the next."""
    with opened(folder) as filled:
        filled.database.run(_world)
        for begin in range(0, serials, CALL):
            numbers = range(begin, min(begin + CALL, serials))
            done = filled.perform(receipt(numbers))
            shipped = [Target(life=life.id) for life in done.after[::SHIPPED]]
            customer = SUPPLIERS + 1 + begin // CALL % CUSTOMERS
            filled.perform(Act(Action.SHIP, shipped, party=customer))


def receipt(numbers: Sequence[int], *, item: int | None = None) -> Act:
    """Return the receipt of those serials: each of its own item and bin, unless told otherwise."""
    targets = [Target(vendor_serial(n), item=item or item_of(n), place=bin_of(n)) for n in numbers]
    return Act(
        Action.RECEIVE, targets, place=11, party=1 + numbers[0] // CALL % SUPPLIERS, cost=1_999,
        currency="EUR",
    )  # fmt: skip


def item_of(n: int) -> int:
    """Return the item of the n-th serial."""
    return 1 + n % ITEMS


def bin_of(n: int) -> int:
    """Return the bin of the n-th serial: five for each item, and each holds two items."""
    return 11 + (5 * item_of(n) + n // ITEMS % 5) % PLACES


def _world(t: Transaction) -> None:
    for table, count in (
        ("item", ITEMS), ("place", 10 + PLACES), ("party", SUPPLIERS + CUSTOMERS),
    ):  # fmt: skip
        t.allot(table, count)
    t.bulk(
        "item",
        ("id", "sku", "name", "tracking", "warranty_in", "warranty_out", "reorder_point",
         "created_at", "changed_at"),
        [(n, f"ITEM-{n:04d}", f"Torque wrench {n}", "serial", 12, 24, 100, 0, 0)
         for n in range(1, ITEMS + 1)],
    )  # fmt: skip
    t.bulk(
        "place", ("id", "code", "kind", "parent", "created_at", "changed_at"),
        [(n, f"S-{n:02d}", "site", None, 0, 0) for n in range(1, 11)]
        + [(10 + n, f"B-{n:04d}", "bin", 1 + n % 10, 0, 0) for n in range(1, PLACES + 1)],
    )  # fmt: skip
    t.bulk(
        "party", ("id", "code", "kind", "created_at", "changed_at"),
        [(n, f"P-{n:05d}", "supplier" if n <= SUPPLIERS else "customer", 0, 0)
         for n in range(1, SUPPLIERS + CUSTOMERS + 1)],
    )  # fmt: skip
