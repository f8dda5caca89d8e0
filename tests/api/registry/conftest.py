"""A small warehouse behind a running gateway, and a short way to act in it over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.api.conftest import connect

if TYPE_CHECKING:
    from gateway.store.engine import Transaction
    from tests.conftest import Daemon

_ITEMS = (
    (101, "DRILL", "Bench drill", "serial", "04012345678901"),
    (102, "LASER", "Laser", "serial", None),
    (103, "ROBOT", "Robot", "serial", None),
    (104, "SCREW", "Screw", "none", None),
)
_PLACES = (
    (101, "HALL", "site", None, 1), (102, "A-01", "bin", 101, 1), (103, "A-02", "bin", 101, 1),
    (104, "Q", "quarantine", None, 1), (105, "OLD", "bin", None, 0), (106, "YARD", "site", None, 1),
)  # fmt: skip
_PARTIES = ((101, "ACME", "supplier"), (102, "SMITH", "customer"), (103, "JONES", "both"))


def furnish(t: Transaction) -> None:
    """Write the items, places and parties of the tests."""
    for number, sku, name, tracking, gtin in _ITEMS:
        t.execute(
            "INSERT INTO item (id, sku, name, tracking, gtin, warranty_out, serial_prefix, "
            "created_at, changed_at) VALUES (?, ?, ?, ?, ?, 24, 'SN', 0, 0)",
            (number, sku, name, tracking, gtin),
        )
    for number, code, kind, parent, active in _PLACES:
        t.execute(
            "INSERT INTO place (id, code, kind, parent, active, created_at, changed_at) "
            "VALUES (?, ?, ?, ?, ?, 0, 0)",
            (number, code, kind, parent, active),
        )
    for number, code, kind in _PARTIES:
        t.execute(
            "INSERT INTO party (id, code, kind, created_at, changed_at) VALUES (?, ?, ?, 0, 0)",
            (number, code, kind),
        )
    for key, kind, choices, searchable in (
        ("grade", "choice", '["A", "B"]', 1), ("note", "text", "[]", 0),
    ):  # fmt: skip
        t.execute(
            "INSERT INTO field_def (scope, key, type, choices, searchable) "
            "VALUES ('serial', ?, ?, ?, ?)",
            (key, kind, choices, searchable),
        )


class Warehouse:
    """A client of a gateway that has items, places and parties."""

    def __init__(self, daemon: Daemon, client: httpx.Client) -> None:
        self.daemon, self.web = daemon, client

    def act(self, action: str, serials: object, item: str | None = "DRILL", **more: Any) -> Any:
        """Do it; return the answer."""
        body = {"action": action, "serials": serials, **({"item": item} if item else {}), **more}
        answer = self.web.post("/v1/serials/actions", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(
        self, action: str, serials: object, item: str | None = "DRILL", **more: Any
    ) -> httpx.Response:
        """Try it; return the refusal."""
        body = {"action": action, "serials": serials, **({"item": item} if item else {}), **more}
        answer = self.web.post("/v1/serials/actions", json=body)
        assert answer.status_code >= 400, answer.text
        return answer

    def receive(self, serials: object, item: str = "DRILL", **more: Any) -> Any:
        """Receive serials at A-01, unless said otherwise."""
        return self.act("receive", serials, item, **{"location": "A-01", **more})

    def names(self, path: str = "/v1/serials", **query: Any) -> list[str]:
        """Return the serials of a whole list, page after page."""
        found: list[str] = []
        after = None
        while True:
            page = self.web.get(path, params=query | ({"after": after} if after else {})).json()
            found += [one["serial"] for one in page["items"]]
            after = page["next"]
            if after is None:
                return found

    def one(self, serial: str, item: str = "DRILL") -> Any:
        """Return the newest life of a serial."""
        page = self.web.get("/v1/serials", params={"serial": serial, "item": item}).json()
        return page["items"][-1]


@pytest.fixture
def warehouse(daemon: Daemon) -> Iterator[Warehouse]:
    """A warehouse of the test's own."""
    daemon.gateway.parts.database.run(furnish)
    with connect(daemon) as client:
        yield Warehouse(daemon, client)


@pytest.fixture(scope="module")
def furnished(shared_daemon: Daemon) -> Daemon:
    shared_daemon.gateway.parts.database.run(furnish)
    return shared_daemon


@pytest.fixture
def shared(furnished: Daemon) -> Iterator[Warehouse]:
    """The warehouse that the tests of a module share: each uses serials of its own."""
    with connect(furnished) as client:
        yield Warehouse(furnished, client)
