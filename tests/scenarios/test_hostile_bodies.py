"""Whatever is sent to the registry's routes: an answer, never a breakage, and a record still whole.

The bodies are nearly right: real names in the right keys, and now and then anything at all.
"""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.api.access import every_route
from gateway.api.registry.moving import DIRECT
from gateway.registry.documents import STEPS, DocumentType

if TYPE_CHECKING:
    from tests.scenarios.conftest import Person

EXAMPLES = int(os.environ.get("GATEWAY_HOSTILE_BODIES", "250"))

NOUNS = (
    "items", "locations", "parties", "operators", "lots", "fields", "serials", "serial-lists",
    "documents", "stock", "registry", "reports", "resolve", "imports", "exports",
)  # fmt: skip

STRANGE = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.just(10**30), st.just(-(2**63)),
    st.floats(allow_nan=True), st.text(max_size=5), st.just("\ud800"), st.just("\x00"),
    st.just("A" * 5000), st.just([]), st.just({}), st.just([[]]), st.just({"a": 1}),
)  # fmt: skip
SKUS = st.sampled_from(["BOLT", "BOLT", "NUT", "GLUE", "UNIT", "CRATE", "nut ", "NOPE"])
PLACES = st.sampled_from(["MAIN", "MAIN", "BAY-1", "SHOP", "QUARANTINE", "CLOSED", "NOPE"])
PARTIES = st.sampled_from(["HITECH", "MILLER", "BAKER", "NOPE"])
NUMBERS = st.sampled_from(["D-1", "D-2", "D-3", "", "a/b", "x" * 65])
SERIALS = st.sampled_from(
    ["Z1", "Z1", "Z2", "Z2", "Z3", "Z4", "z1", "", " ", "\u202eZ", "=1+1", "A-1", "9" * 64]
)
TEXTS = st.one_of(
    st.sampled_from(["Z1, Z2", "Z1..Z9", "next*3", "1-99999999999", "Z9..Z1", '"Z1', "Z1 to"]),
    SERIALS,
)
MONEY = st.one_of(
    st.fixed_dictionaries({"amount": st.integers(-1, 10**6), "currency": st.sampled_from(
        ["EUR", "USD", "eu"])}), STRANGE,
)  # fmt: skip
QUANTITY = st.one_of(st.integers(-2, 20), st.sampled_from([0.5, 1e308, 10**13, "3", "x"]))
VALUES = st.dictionaries(st.sampled_from(["colour", "none", ""]), st.one_of(
    st.sampled_from(["red", "", 3]), STRANGE), max_size=2)  # fmt: skip
SERIAL = st.one_of(SERIALS, st.fixed_dictionaries(
    {"serial": SERIALS},
    optional={"quantity": QUANTITY, "location": PLACES, "cost": MONEY, "fields": VALUES,
              "memo": STRANGE, "item": SKUS, "id": SERIALS},
))  # fmt: skip
LIST = st.one_of(
    TEXTS, st.lists(SERIAL, max_size=4), st.fixed_dictionaries({"generate": st.integers(-1, 4)}),
    STRANGE,
)  # fmt: skip
LOT = st.fixed_dictionaries({"quantity": QUANTITY}, optional={
    "lot": st.sampled_from(["L1", "L2", ""]), "location": PLACES, "expires_on": STRANGE,
})  # fmt: skip
LINE = st.fixed_dictionaries({}, optional={
    "line": st.integers(0, 3), "item": SKUS, "quantity": QUANTITY, "uom": STRANGE,
    "serials": LIST, "lots": st.lists(LOT, max_size=2), "price": MONEY, "cost": MONEY,
    "location": PLACES, "lot": st.just("L1"), "fields": VALUES, "memo": STRANGE,
    "external_id": NUMBERS, "source_line": st.integers(0, 2),
})  # fmt: skip
TYPES = st.sampled_from([*(str(one) for one in DocumentType), "nothing"])

KEYS: dict[str, st.SearchStrategy[Any]] = {
    "action": st.sampled_from([str(one) for one in DIRECT]),
    "serials": LIST, "add": LIST, "remove": LIST, "opening": LIST, "text": TEXTS, "ids": st.lists(
        SERIALS, max_size=2), "item": SKUS, "sku": SKUS, "code": st.sampled_from(["L1", "NEW", ""]),
    "location": PLACES, "party": PARTIES, "from": PLACES, "to": st.one_of(
        PLACES, SERIALS, st.sampled_from(["serial", "lot", "none"])),
    "reason": st.sampled_from(["because", "", "\n"]), "lot": st.sampled_from(["L1", "L2"]),
    "cost": MONEY, "price": MONEY, "amount": MONEY, "parent": SERIALS, "fields": VALUES,
    "memo": st.sampled_from(["m", "a\nb", "\x00"]), "quantity": QUANTITY,
    "lines": st.one_of(st.lists(LINE, max_size=3), STRANGE),
    "lots": st.one_of(st.lists(LOT, max_size=2), st.just({"MAIN": "L1"}), STRANGE),
    "source": st.fixed_dictionaries({"type": TYPES, "number": NUMBERS}),
    "number": NUMBERS, "currency": st.sampled_from(["EUR", "", "e"]), "expected": QUANTITY,
    "scanned": st.booleans(), "confirm": STRANGE, "at": st.sampled_from(
        ["2026-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "soon"]),
    "rename": st.dictionaries(SERIALS, SERIALS, max_size=2), "kind": st.sampled_from(
        ["stock", "assembly", "kit", "non_stock", "bin", "site", "customer", "both", "missing"]),
    "tracking": st.sampled_from(["none", "lot", "serial"]), "pattern": st.fixed_dictionaries(
        {}, optional={"prefix": SERIALS, "next": STRANGE, "width": QUANTITY, "suffix": SERIALS}),
    "next_serial": TEXTS, "mask": st.sampled_from(["N-####", "(", "*" * 50]), "units": STRANGE,
    "members": st.lists(st.fixed_dictionaries({"item": SKUS, "quantity": QUANTITY}), max_size=2),
    "gtin": STRANGE, "warranty_in": QUANTITY, "reorder_point": QUANTITY, "active": st.booleans(),
    "type": st.sampled_from(["text", "number", "choice", "yes_no", "date"]),
    "choices": STRANGE, "required_at": STRANGE, "name": STRANGE, "pin": STRANGE, "roles": STRANGE,
    "counts": st.lists(st.fixed_dictionaries({"location": PLACES}, optional={
        "item": SKUS, "serials": LIST, "quantity": QUANTITY, "lot": st.just("L1")}), max_size=2),
    "decisions": st.lists(st.fixed_dictionaries({"decision": st.sampled_from(
        ["write_off", "add", "adjust", "keep", "x"])}, optional={"kind": st.sampled_from(
            ["missing", "unknown", "quantity"]), "difference": SERIALS}), max_size=2),
    "accept": TEXTS, "reject": TEXTS, "backorder": STRANGE, "printer": st.just("zebra"),
    "hold": st.just(True), "filter": STRANGE, "document": NUMBERS, "due_on": STRANGE,
    "components": STRANGE, "on": STRANGE, "system": SERIALS, "external_id": NUMBERS,
    "parent_code": PLACES,
}  # fmt: skip
"""What stands behind each key, nearly right."""

PATHS: dict[str, st.SearchStrategy[str]] = {
    "sku": SKUS, "code": st.one_of(PLACES, PARTIES), "type": TYPES,
    "line": st.sampled_from(["1", "2", "9"]),
    "number": st.sampled_from([*["D-1", "D-2"] * 4, "D-3", "%00", "x" * 65]),
    "seq": st.sampled_from(["1", "2", "0", "-1", "9" * 30]),
    "scope": st.sampled_from(["serial", "item", "x"]),
    "key": st.sampled_from(["colour", "%00", "a b"]), "what": st.sampled_from(
        ["stock", "items", "orders", "x"]), "report": st.sampled_from(
        ["serials_by_item", "margin_by_serial", "stock_levels", "x"]),
    "action": st.sampled_from([str(one) for one in DIRECT]),
}  # fmt: skip
QUERIES = st.dictionaries(
    st.sampled_from(["item", "serial", "after", "limit", "location", "state", "from", "to", "q",
                     "dry_run", "code", "group", "field.colour", "format", "for", "count",
                     "filter.serial", "show", "below", "by", "kind", "partial"]),
    st.sampled_from(["1", "BOLT", "MAIN", "Z1", "-1", "9" * 25, "\x00", "2026-01-01", "received",
                     "W10", "csv", "\ud7ff\U0001f600", "x" * 600]), max_size=2,
)  # fmt: skip


ONCE_IN_20 = st.sampled_from([*[False] * 10, True, *[False] * 9])


@st.composite
def requests(draw: st.DrawFn, routes: tuple[tuple[str, str, tuple[str, ...]], ...],
             ids: tuple[str, ...]) -> tuple[str, str, bytes | None, dict[str, str]]:  # fmt: skip
    """Draw a request: method, path, body, query."""
    method, path, keys = draw(st.sampled_from(routes))
    if path.endswith("/{verb}"):
        kind, verb = draw(st.sampled_from(sorted(STEPS)))
        path = path.replace("{type}", kind).replace("{verb}", verb)

    def fill(match: re.Match[str]) -> str:
        name = match[1].partition(":")[0]
        known = PATHS.get(name, st.sampled_from([*ids, *ids, "S" * 200]))
        return draw(known)

    path = re.sub(r"\{([a-z_:]+)\}", fill, path)
    body: bytes | None = None
    if method in ("POST", "PUT", "PATCH"):
        chosen = draw(st.lists(st.sampled_from(keys), max_size=5, unique=True))
        chosen += [key for key in ("action", "item", "serials") if path.endswith("/actions")]
        value: Any = {
            key: draw(STRANGE) if draw(ONCE_IN_20) else draw(KEYS[key])
            for key in chosen
        }  # fmt: skip
        if draw(ONCE_IN_20):
            value = draw(STRANGE)
        body = json.dumps(value).encode()
    query = draw(QUERIES) if body is None or draw(ONCE_IN_20) else {}
    return method, path, body, query


_BODIES = {
    "items": "sku name kind tracking active gtin units next_serial pattern mask members fields "
    "warranty_in reorder_point external_id", "locations": "code name kind active external_id",
    "parties": "code name kind active external_id", "operators": "name pin roles active",
    "fields": "type choices required_at", "serial-lists": "text item expected scanned",
}  # fmt: skip


def _keys(path: str) -> tuple[str, ...]:
    """Return the keys that are likely in a body for a route."""
    if "/documents" in path and path.endswith("{verb}"):
        wanted = "lines location party reason accept reject amount parent counts decisions confirm"
    elif path.endswith(("/serials", "/lots")) and "/documents" in path:
        wanted = "serials ids lots quantity lot location scanned cost memo fields"
    elif "/documents" in path:
        wanted = "number party from to source currency reason memo fields lines external_id"
    elif "/serials/actions" in path:
        wanted = ("action action serials serials item item location party parent lot reason cost "
                  "price fields memo to at expected")  # fmt: skip
    elif path.endswith("/print"):
        wanted = "printer ids serials item filter lot document hold"
    elif "/serials/{id}" in path:
        wanted = "location party parent reason cost price fields memo to at confirm"
    elif "/tracking" in path:
        wanted = "to opening location lot lots currency confirm"
    elif "/lots" in path:
        wanted = "item code add rename remove location reason memo fields"
    else:
        wanted = _BODIES.get(path.split("/")[2], " ".join(KEYS))
    return tuple(wanted.split())


@pytest.mark.promise("R11")
def test_no_body_breaks_the_registry(person: Person) -> None:
    for sku, more in (
        ("BOLT", {"tracking": "serial"}), ("NUT", {"tracking": "none"}),
        ("GLUE", {"tracking": "lot"}), ("CRATE", {"kind": "kit", "members": [
            {"item": "BOLT", "quantity": 2}]}),
        ("UNIT", {"kind": "assembly", "tracking": "serial", "members": [
            {"item": "BOLT", "quantity": 1}, {"item": "NUT", "quantity": 2}]}),
    ):  # fmt: skip
        person.put(f"/items/{sku}", more)
    person.put("/fields/serial/colour", {"type": "text", "searchable": True})
    for kind in DocumentType:
        for number in ("D-1", "D-2"):
            person.document(f"{kind}/{number}", {"item": "BOLT", "quantity": 2},
                            {"item": "GLUE", "quantity": 5})  # fmt: skip
    person.act("receive", "Z1 Z2", "BOLT", location="MAIN")
    lot = person.post("/lots", {"item": "GLUE", "code": "L1"})
    ids = (person.one("Z1", "BOLT")["id"], person.one("Z2", "BOLT")["id"], lot["id"])
    routes = tuple(
        (method, path, _keys(path))
        for route in every_route(person.daemon.gateway.app.routes)
        for path in [str(getattr(route, "path", ""))]
        for method in sorted((getattr(route, "methods", None) or set()) - {"HEAD"})
        if path.startswith("/v1/") and path.split("/")[2] in NOUNS
    )
    assert len(routes) > 80
    # What moves things is what most can go wrong with.
    deep = [one for one in routes if one[0] == "POST" and one[1].startswith(
        ("/v1/documents/", "/v1/serials/"))]  # fmt: skip
    routes += 8 * tuple(deep)
    seen: set[int] = set()

    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )  # fmt: skip
    @given(requests(routes, ids))
    def holds(drawn: tuple[str, str, bytes | None, dict[str, str]]) -> None:
        method, path, body, query = drawn
        headers = {} if body is None else {"Content-Type": "application/json"}
        answer = person.web.request(method, path, content=body, params=query, headers=headers)
        seen.add(answer.status_code)
        assert answer.status_code not in (500, 501, 502, 503), (drawn, answer.text)
        if answer.status_code >= 400:
            problem = answer.json()
            assert (problem["status"], bool(problem["detail"])) == (answer.status_code, True)

    holds()
    assert seen >= {200, 404, 409, 422}
