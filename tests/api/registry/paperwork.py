"""Documents over HTTP, in few words: for tests of orders, deliveries, counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from tests.api.registry.conftest import Warehouse

if TYPE_CHECKING:
    from gateway.store.engine import Transaction

_ITEMS = (
    (201, "PAINT", "stock", "lot"), (202, "MOTOR", "stock", "serial"),
    (203, "PUMP", "assembly", "serial"), (204, "SET", "kit", "none"),
    (205, "ADVICE", "non_stock", "none"), (206, "SEAL", "stock", "none"),
)  # fmt: skip
_MEMBERS = ((204, 101, 2), (204, 104, 8), (203, 202, 1), (203, 206, 2))
"""SET = 2 DRILL + 8 SCREW; PUMP = 1 MOTOR + 2 SEAL."""


def furnish_more(t: Transaction) -> None:
    """Write items of the other kinds, a unit of measure, members; once."""
    if t.execute("SELECT 1 FROM item WHERE id = 201").fetchone() is not None:
        return
    for number, sku, kind, tracking in _ITEMS:
        t.execute(
            "INSERT INTO item (id, sku, kind, tracking, stock_tracked, created_at, changed_at) "
            "VALUES (?, ?, ?, ?, ?, 0, 0)",
            (number, sku, kind, tracking, int(kind in ("stock", "assembly"))),
        )
    for item, member, quantity in _MEMBERS:
        t.execute(
            "INSERT INTO item_member (item, member, quantity) VALUES (?, ?, ?)",
            (item, member, quantity),
        )
    t.execute("INSERT INTO item_uom (item, code, factor) VALUES (101, 'BOX', 12)")
    t.execute(
        "INSERT INTO field_def (scope, key, type) VALUES ('document', 'dock', 'text')"
    )  # fmt: skip


class Desk:
    """Whoever does the paperwork of a warehouse."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse, self.web = warehouse, warehouse.web
        warehouse.daemon.gateway.parts.database.run(furnish_more)

    def put(self, path: str, lines: list[dict[str, Any]] | None = None, **head: Any) -> Any:
        """Make or change a document; ``path`` is ``sales_order/SO-1``. Return it."""
        body = head | ({} if lines is None else {"lines": lines})
        answer = self.web.put(f"/v1/documents/{path}", json=body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        """Return a document, or what is below it."""
        answer = self.web.get(f"/v1/documents/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def line(self, path: str, number: int = 1) -> Any:
        """Return one of its lines."""
        return next(one for one in self.get(path)["lines"] if one["line"] == number)

    def choose(self, path: str, serials: object, line: int = 1, **more: Any) -> Any:
        """Choose serials for a line; return the answer."""
        answer = self.web.post(
            f"/v1/documents/{path}/lines/{line}/serials", json={"serials": serials, **more}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def lots(self, path: str, lots: list[dict[str, Any]], line: int = 1) -> Any:
        """Choose quantities for a line; return the answer."""
        answer = self.web.post(f"/v1/documents/{path}/lines/{line}/lots", json={"lots": lots})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def do(self, path: str, verb: str, **body: Any) -> Any:
        """Take a step; return the answer."""
        answer = self.web.post(f"/v1/documents/{path}/{verb}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str, body: dict[str, Any] | None = None, **query: Any) -> Any:
        """Try a POST below the documents; return the problem."""
        answer = self.web.post(f"/v1/documents/{path}", json=body or {}, params=query)
        assert answer.status_code >= 400, answer.text
        return answer.json()

    def refused_put(self, path: str, **body: Any) -> Any:
        """Try a PUT; return the problem."""
        answer: httpx.Response = self.web.put(f"/v1/documents/{path}", json=body)
        assert answer.status_code >= 400, answer.text
        return answer.json()

    def state(self, serial: str, item: str = "DRILL") -> str:
        """Return the state of a serial's newest life."""
        return str(self.warehouse.one(serial, item)["state"])

    def stock(self, sku: str, *, location: str | None = None) -> dict[str, int]:
        """Return how much of an item is in which state, by its counters."""
        where = "" if location is None else " AND p.code = ?"
        rows = self.warehouse.daemon.gateway.parts.database.read(
            "SELECT s.state, sum(s.quantity) FROM stock s JOIN item i ON i.id = s.item "
            f"LEFT JOIN place p ON p.id = s.place WHERE i.sku = ? AND s.quantity > 0{where} "
            "GROUP BY s.state",
            (sku,) if location is None else (sku, location),
        )
        return {str(state): int(quantity) for state, quantity in rows}

    def undo(self, event: int) -> None:
        """Take an event back."""
        answer = self.web.post(f"/v1/registry/events/{event}/undo", json={})
        assert answer.status_code == 200, answer.text

    def fill(self, sku: str, quantity: int, location: str = "A-01", lot: str = "") -> None:
        """Bring a quantity into stock by an adjustment."""
        number = f"FILL-{sku}-{quantity}-{location}-{lot}"
        line: dict[str, Any] = {"item": sku, "quantity": quantity}
        self.put(f"adjustment/{number}", [line], reason="count", to=location)
        given = {"line": 1} if not lot else {
            "line": 1, "lots": [{"lot": lot, "quantity": quantity}]}  # fmt: skip
        self.do(f"adjustment/{number}", "post", lines=[given])

    def verify(self) -> None:
        """Prove that the record and every counter agree."""
        verdict = self.web.post("/v1/registry/verify").json()
        assert verdict["troubles"] == [], verdict
