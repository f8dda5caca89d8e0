from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.registry.lives import Action
from gateway.store.engine import Database
from gateway.store.registry.acting import Act, Done, Target
from gateway.store.registry.events import By
from gateway.store.registry.registry import Registry
from gateway.store.settings import SettingStore

BY = By("local")

_ITEMS = ((1, "DRILL", "serial"), (2, "LASER", "serial"), (3, "SCREW", "none"), (4, "PAINT", "lot"))
_PLACES = ((1, "A-01", "bin", 1), (2, "B-01", "bin", 1), (3, "Q", "quarantine", 1),
           (4, "OLD", "bin", 0))  # fmt: skip
_PARTIES = ((1, "ACME", "supplier"), (2, "Smith", "customer"), (3, "Jones", "customer"))


@pytest.fixture
def registry(fresh: Database) -> Registry:
    return Registry(fresh, SettingStore(fresh))


class World:
    """A registry with two items and three places, and short ways to act on it."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.run = registry.database.run
        self.may: Callable[[str], bool] = lambda _: True

        def fill(t: object) -> None:
            execute = t.execute  # type: ignore[attr-defined]
            for table, rows in (("item", _ITEMS), ("place", _PLACES), ("party", _PARTIES)):
                t.allot(table, len(rows))  # type: ignore[attr-defined] # the numbers below
            for item, sku, tracking in _ITEMS:
                execute(
                    "INSERT INTO item (id, sku, tracking, warranty_in, warranty_out, created_at, "
                    "changed_at) VALUES (?, ?, ?, 12, 24, 0, 0)",
                    (item, sku, tracking),
                )
            for place, code, kind, active in _PLACES:
                execute(
                    "INSERT INTO place (id, code, kind, active, created_at, changed_at) "
                    "VALUES (?, ?, ?, ?, 0, 0)",
                    (place, code, kind, active),
                )
            for party, code, kind in _PARTIES:
                execute(
                    "INSERT INTO party (id, code, kind, created_at, changed_at) "
                    "VALUES (?, ?, ?, 0, 0)",
                    (party, code, kind),
                )

        self.run(fill)

    def act(self, action: Action, *serials: str, item: int | None = 1, **more: object) -> Done:
        """Do it, and return what was done."""
        act = Act(action, [Target(serial) for serial in serials], item, **more)  # type: ignore[arg-type]
        return self.run(lambda t: self.registry.perform(t, act, BY, self.may))

    def state(self, serial: str, item: int = 1) -> str | None:
        """Return the state of a serial's newest life."""
        rows = self.registry.database.read(
            "SELECT state FROM life WHERE item = ? AND serial = ? ORDER BY number DESC LIMIT 1",
            (item, serial),
        )
        return rows[0][0] if rows else None

    def on_hand(self, item: int = 1) -> int:
        """Return how many pieces the counters say are on hand."""
        return int(
            self.registry.database.read(
                "SELECT coalesce(sum(quantity), 0) FROM stock WHERE item = ? "
                "AND state IN ('received', 'committed')",
                (item,),
            )[0][0]
        )


@pytest.fixture
def world(registry: Registry) -> World:
    return World(registry)
