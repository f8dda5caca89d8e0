"""A person with a browser or a program, before a gateway: everything goes over HTTP.

After each story the record is proved whole, and what happened is valid as EPCIS 2.0.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from jsonschema import Draft7Validator, FormatChecker

from tests.api.conftest import connect
from tests.registry.epcis_schema import SCHEMA

if TYPE_CHECKING:
    from tests.conftest import Daemon


class Person:
    """Whoever does the day's work."""

    def __init__(self, daemon: Daemon, web: httpx.Client) -> None:
        self.daemon, self.web = daemon, web

    def ask(self, method: str, path: str, body: object = None, **query: Any) -> Any:
        """Ask for something that is granted; return the answer."""
        answer = self.web.request(method, f"/v1{path}", json=body, params=query)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    def get(self, path: str, **query: Any) -> Any:
        return self.ask("GET", path, **query)

    def post(self, path: str, body: object = None, **query: Any) -> Any:
        return self.ask("POST", path, {} if body is None else body, **query)

    def put(self, path: str, body: object = None) -> Any:
        return self.ask("PUT", path, {} if body is None else body)

    def refused(self, path: str, body: object = None, method: str = "POST", **query: Any) -> Any:
        """Ask for something that is refused; return the problem."""
        answer = self.web.request(
            method, f"/v1{path}", json={} if body is None else body, params=query
        )
        assert 400 <= answer.status_code < 500, f"{method} {path}: {answer.text}"
        return answer.json()

    # ------------------------------------------------------------ what everybody does

    def act(self, action: str, serials: object, item: str, **more: Any) -> Any:
        """Do something with serials, without a document."""
        body = {"action": action, "serials": serials, "item": item, **more}
        return self.post("/serials/actions", body)

    def refused_act(self, action: str, serials: object, item: str, **more: Any) -> Any:
        body = {"action": action, "serials": serials, "item": item, **more}
        return self.refused("/serials/actions", body)

    def document(self, path: str, *lines: dict[str, Any], **head: Any) -> Any:
        """Save a document; ``path`` is ``sales_order/SO-1``."""
        return self.put(f"/documents/{path}", head | ({"lines": list(lines)} if lines else {}))

    def serials_on(self, path: str, serials: object, line: int = 1, **more: Any) -> Any:
        """Name serials on a line."""
        return self.post(f"/documents/{path}/lines/{line}/serials", {"serials": serials, **more})

    def do(self, path: str, verb: str, **body: Any) -> Any:
        """Take a document's step."""
        return self.post(f"/documents/{path}/{verb}", body)

    def line(self, path: str, number: int = 1) -> Any:
        lines = self.get(f"/documents/{path}")["lines"]
        return next(one for one in lines if one["line"] == number)

    def one(self, serial: str, item: str) -> Any:
        """Return the newest life of a serial."""
        return self.get("/serials", serial=serial, item=item, show="all")["items"][-1]

    def state(self, serial: str, item: str) -> str:
        return str(self.one(serial, item)["state"])

    def serials(self, item: str, **query: Any) -> list[str]:
        """Return an item's serials, on hand unless asked otherwise, by their text."""
        page = self.get(f"/items/{item}/serials", limit=500, **query)
        assert page["next"] is None
        return sorted(one["serial"] for one in page["items"])

    def stock(self, item: str) -> Any:
        return self.get("/stock", item=item)["items"][0]

    def figures(self, item: str) -> dict[str, int]:
        """Return the quantities of the stock view."""
        row = self.stock(item)
        return {key: row[key] for key in ("on_hand", "on_order", "committed", "reorder_point")}

    def undo(self, event: int) -> Any:
        return self.post(f"/registry/events/{event}/undo", {"reason": "a mistake"})

    # ------------------------------------------------------------ at the end of the day

    def prove(self) -> None:
        """The record is what happened, and other systems can read it."""
        verdict = self.post("/registry/verify")
        assert verdict["troubles"] == []
        exported = json.loads(self.web.get("/v1/registry/epcis").content)
        Draft7Validator(SCHEMA, format_checker=FormatChecker()).validate(exported)


@pytest.fixture
def person(shared_daemon: Daemon) -> Iterator[Person]:
    """A person at a gateway that the stories of one module share."""
    with connect(shared_daemon) as web:
        person = Person(shared_daemon, web)
        if web.get("/v1/locations/MAIN").status_code == 404:
            _furnish(person)
        yield person
        person.prove()


def _furnish(person: Person) -> None:
    person.put("/locations", [
        {"code": "MAIN", "name": "Main warehouse", "kind": "site"},
        {"code": "BAY-1", "kind": "bin", "parent": "MAIN"},
        {"code": "BAY-2", "kind": "bin", "parent": "MAIN"},
        {"code": "SHOP", "name": "Shop", "kind": "site"},
        {"code": "CLOSED", "name": "Old depot", "kind": "site"},
        {"code": "QUARANTINE", "kind": "quarantine"},
    ])  # fmt: skip
    person.put("/parties", [
        {"code": "HITECH", "name": "Hi-Tech Inc.", "kind": "supplier"},
        {"code": "MILLER", "name": "Miller & Sons", "kind": "customer"},
        {"code": "BAKER", "name": "Baker Ltd.", "kind": "customer"},
    ])  # fmt: skip
