"""Where one can go: a row for each screen, in the order in which it is looked for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A screen in the navigation."""

    title: str
    """In English; the table of words has the others."""
    path: str
    registry: bool = False
    """Only while there is a serial registry."""
    feature: str = ""
    """Only while this part of the registry is on."""
    scope: str = "read"
    """The right of who sees it."""

    def shown(self, registry: bool, features: Collection[str]) -> bool:
        """Return whether the features that are on have this screen."""
        return (registry or not self.registry) and (not self.feature or self.feature in features)

    def current(self, path: str) -> bool:
        """Return whether a page is this screen or lies under it.

        >>> Entry("Items", "/items").current("/items/DRILL"), Entry("Today", "/").current("/items")
        (True, False)
        """
        return path == self.path or (self.path != "/" and path.startswith(f"{self.path}/"))


NAVIGATION: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    ("", (Entry("Today", "/"),)),
    (
        "Printing",
        (
            Entry("Labels", "/templates"),
            Entry("Printers", "/printers"),
            Entry("Jobs", "/jobs"),
        ),
    ),
    (
        "Stock",
        (
            Entry("Serials", "/serials", registry=True),
            Entry("Items", "/items", registry=True),
            Entry("Documents", "/documents", registry=True),
            Entry("Stock", "/stock", registry=True),
            Entry("Lots", "/lots", registry=True, feature="lots"),
            Entry("Stocktakes", "/stocktakes", registry=True),
            Entry("Customers and suppliers", "/parties", registry=True),
            Entry("Locations", "/locations", registry=True),
            Entry("Reports", "/reports", registry=True),
        ),
    ),
    (
        "Scanning",
        (
            Entry("Stations", "/stations", scope="admin"),
            Entry("Scanners", "/scanners"),
            Entry("People", "/people", registry=True, scope="admin"),
            Entry("Scans", "/scans"),
        ),
    ),
    (
        "Set up",
        (
            Entry("First hour", "/start"),
            Entry("Bring in data", "/import", registry=True),
            Entry("Custom fields", "/fields", registry=True),
            Entry("Webhooks", "/webhooks", scope="admin"),
            Entry("Keys", "/keys", scope="admin"),
            Entry("Settings", "/settings", scope="admin"),
            Entry("Backups and moving", "/backups", scope="admin"),
            Entry("Health", "/health", scope="admin"),
            Entry("Feed", "/feed"),
            Entry("Plots", "/plots"),
        ),
    ),
)  # fmt: skip
"""Groups of screens."""
