"""Documents' forms without a browser: lines and components, amounts, steps with their questions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gateway.console.document_form import Values, body_from, three_way, values_of, write_base
from gateway.console.money import amount_of, read_money, written
from gateway.errors import InputRefused

if TYPE_CHECKING:
    from tests.conftest import Daemon


@pytest.fixture
def web(shared_daemon: Daemon) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=shared_daemon.url, trust_env=False, timeout=60, follow_redirects=True
    ) as client:
        for path, body in (
            ("locations/A-01", {"kind": "bin"}), ("parties/ACME", {"kind": "supplier"}),
            ("parties/SMITH", {"kind": "customer"}), ("parties/JONES", {"kind": "customer"}),
            ("items/DRILL", {"tracking": "serial"}), ("items/SEAL", {}),
        ):  # fmt: skip
            client.put(f"/v1/{path}", json=body).raise_for_status()
        yield client


def words(answer: httpx.Response) -> str:
    """Return what can be read on a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def send(web: httpx.Client, path: str, **fields: Any) -> httpx.Response:
    """Send a form as its own page does."""
    return web.post(path, data=fields, headers={"referer": f"{web.base_url}{path.lstrip('/')}"})


def put(web: httpx.Client, path: str, **body: Any) -> Any:
    answer = web.put(f"/v1/documents/{path}", json=body)
    assert answer.status_code < 300, answer.text
    return answer.json()


def line(number: int, item: str, quantity: int, part_of: int | None = None) -> dict[str, Any]:
    return {
        "line": number, "item": item, "quantity": quantity, "pieces": quantity, "uom": "",
        "cost": None, "price": None, "location": None, "memo": "", "part_of": part_of,
    }  # fmt: skip


ORDER: dict[str, Any] = {
    "number": "WO-1", "party": None, "from": "A-01", "to": None, "external_ref": "",
    "external_id": None, "currency": "", "due_on": None, "reason": "", "memo": "", "fields": {},
    "lines": [line(1, "PUMP", 2), line(2, "SEAL", 4, 1), line(3, "MOTOR", 2, 1)],
}  # fmt: skip


# ---------------------------------------------------------------- the form


def test_a_form_that_nobody_changed_asks_for_the_same_lines_and_for_no_head() -> None:
    values = values_of(ORDER, ())
    assert body_from(values, dict(values), ()) == {"lines": [
        {"item": "PUMP", "quantity": "2", "line": 1, "components": [
            {"item": "SEAL", "quantity": 4}, {"item": "MOTOR", "quantity": 2}]},
    ]}  # fmt: skip


def test_more_products_ask_for_more_components_unless_those_are_written() -> None:
    base = values_of(ORDER, ())
    more = Values(base | {"lines.1.quantity": "3"})
    assert body_from(more, base, ())["lines"][0]["components"] == [
        {"item": "SEAL", "quantity": 6}, {"item": "MOTOR", "quantity": 3},
    ]  # fmt: skip
    written_by_hand = Values(more | {"lines.1.components": "SEAL × 9\nMOTOR 3"})
    assert body_from(written_by_hand, base, ())["lines"][0]["components"] == [
        {"item": "SEAL", "quantity": 9}, {"item": "MOTOR", "quantity": 3},
    ]  # fmt: skip
    with pytest.raises(InputRefused, match="such as SEAL 4"):
        body_from(Values(base | {"lines.1.components": "SEAL"}), base, ())


def test_a_line_is_left_out_and_new_ones_come_behind_with_their_money() -> None:
    base = values_of({**ORDER, "lines": [line(1, "SEAL", 2), line(2, "DRILL", 1)]}, ())
    typed = Values(base | {
        "lines.1.drop": "1", "currency": "EUR", "lines.2.price": "12,5",
        "new.0.item": "", "new.0.quantity": "5", "new.1.item": "SEAL", "new.1.uom": "BOX",
    })  # fmt: skip
    assert body_from(typed, base, ()) == {
        "currency": "EUR",
        "lines": [
            {"item": "DRILL", "quantity": "1", "line": 2,
             "price": {"amount": 1250, "currency": "EUR"}},
            {"item": "SEAL", "quantity": 1, "uom": "BOX"},
        ],
    }  # fmt: skip


def test_custom_fields_are_sent_as_what_they_are_and_taken_away_when_emptied() -> None:
    fields = [
        {"key": key, "label": "", "type": kind} for key, kind in
        (("pallets", "number"), ("frail", "yes_no"), ("dock", "text"), ("gone", "text"))
    ]  # fmt: skip
    base = Values({"fields.gone": "x", "fields.dock": "4"})
    typed = Values({
        "fields.pallets": "2,5", "fields.frail": "no", "fields.dock": "4", "fields.gone": "",
    })  # fmt: skip
    assert body_from(typed, base, fields)["fields"] == {
        "pallets": 2.5, "frail": False, "gone": None,
    }  # fmt: skip
    with pytest.raises(InputRefused, match="pallets must be a number"):
        body_from(Values({"fields.pallets": "two"}), base, fields)


def test_a_line_that_another_took_away_is_gone_and_said() -> None:
    base = values_of({**ORDER, "lines": [line(1, "SEAL", 2), line(2, "DRILL", 1)]}, ())
    now = values_of({**ORDER, "lines": [line(1, "SEAL", 2), line(3, "PUMP", 1)]}, ())
    mine = Values(base | {"lines.1.quantity": "7"})
    merged, theirs = three_way(base, now, mine)
    assert merged.ranks() == [1, 3]
    assert (merged["lines.1.quantity"], merged["lines.3.item"]) == ("7", "PUMP")
    assert [(one["field"], one["was"], one["now"]) for one in theirs] == [
        ("lines.3.item", "", "PUMP"), ("lines.3.quantity", "", "1"), ("lines.2", "DRILL", ""),
    ]  # fmt: skip


def test_money_is_read_in_the_places_its_currency_has() -> None:
    assert read_money("12", "jpy") == {"amount": 12, "currency": "JPY"}
    assert read_money("1.234", "KWD") == {"amount": 1234, "currency": "KWD"}
    assert (written({"amount": -5, "currency": "EUR"}), amount_of(None)) == ("-0.05 EUR", "")
    for text, currency in (("12.345", "EUR"), ("12.5", "JPY"), ("twelve", "EUR"), ("1e99", "EUR"),
                           ("NaN", "EUR"), ("12", "")):  # fmt: skip
        with pytest.raises(InputRefused):
            read_money(text, currency)


# ---------------------------------------------------------------- over HTTP


def test_a_form_that_is_refused_comes_back_with_all_that_was_typed(web: httpx.Client) -> None:
    answer = send(
        web,
        "/documents/new/sales_order",
        party="ACME",
        memo="urgent",
        **{"new.0.item": "DRILL", "new.0.quantity": "2", "new.1.item": "SEAL"},
    )
    assert answer.status_code == 409
    assert "ACME is a supplier; a sales order is for a customer." in words(answer)
    for typed in ('value="ACME"', "urgent", 'value="DRILL"', 'value="SEAL"'):
        assert typed in answer.text
    more = send(web, "/documents/new/sales_order", _more="1", **{"new.0.item": "DRILL"})
    assert 'value="DRILL"' in more.text
    assert 'name="new.8.item"' in more.text


def test_a_version_that_is_old_changes_nothing_and_shows_what_is_new(web: httpx.Client) -> None:
    put(web, "write_off/W-V", memo="first", lines=[{"item": "SEAL", "quantity": 1}])
    seen = web.get("/v1/documents/write_off/W-V").json()
    base = write_base(values_of(seen, ()))
    put(web, "write_off/W-V", memo="second")
    answer = send(
        web,
        "/documents/write_off/W-V/edit",
        memo="third",
        _etag='"1"',
        _base=base,
        **{"lines.1.item": "SEAL", "lines.1.quantity": "1"},
    )
    assert answer.status_code == 412
    said = words(answer)
    assert "Nothing of yours is lost" in said
    assert re.search(r"Memo first second third", said)
    assert web.get("/v1/documents/write_off/W-V").json()["memo"] == "second"


def test_a_supplier_sends_to_a_customer_and_freight_is_shared_out(web: httpx.Client) -> None:
    lines = [{"item": "DRILL", "quantity": 2}]
    put(web, "purchase_order/PO-D", party="ACME", currency="EUR", lines=lines)
    web.post("/v1/documents/purchase_order/PO-D/confirm", json={})
    answer = send(
        web, "/documents/purchase_order/PO-D/step/drop_ship", _line="1", **{"1.serials": "D1 D2"}
    )
    assert "Say to which customer" in words(answer)
    answer = send(
        web,
        "/documents/purchase_order/PO-D/step/drop_ship",
        party="SMITH",
        _line="1",
        **{"1.serials": "D1 D2"},
    )
    assert "Drop ship is done." in words(answer)
    found = web.get("/v1/items/DRILL/serials?show=all&customer=SMITH").json()["items"]
    assert [(one["serial"], one["state"]) for one in found] == [("D1", "shipped"),
                                                                ("D2", "shipped")]  # fmt: skip
    cost = {"amount": 1000, "currency": "EUR"}
    put(web, "receipt/GR-D", party="ACME", to="A-01", currency="EUR",
        lines=[{"item": "DRILL", "quantity": 2, "cost": cost}])  # fmt: skip
    send(web, "/documents/receipt/GR-D/step/post", _line="1", **{"1.serials": "D3 D4"})
    answer = send(web, "/documents/receipt/GR-D/step/landed_cost", amount="5,00", currency="EUR")
    assert "Landed cost is done." in words(answer)
    costs = [
        one["cost"]["amount"]
        for serial in ("D3", "D4")
        for one in web.get(f"/v1/items/DRILL/serials?serial={serial}").json()["items"]
    ]
    assert costs == [1250, 1250]


def test_a_step_that_asks_whether_it_is_meant_is_taken_when_it_is(web: httpx.Client) -> None:
    def act(action: str, serials: str, **more: str) -> None:
        body = {"action": action, "serials": serials, "item": "DRILL", **more}
        web.post("/v1/serials/actions", json=body).raise_for_status()

    act("receive", "Q1", location="A-01")
    act("ship", "Q1", party="SMITH")
    put(web, "customer_return/RMA-Q", party="JONES", to="A-01", reason="damaged",
        lines=[{"item": "DRILL", "quantity": 1}])  # fmt: skip
    path = "/documents/customer_return/RMA-Q/step/receive"
    asked = send(web, path, reason="damaged", _line="1", **{"1.serials": "Q1"})
    assert asked.status_code == 428
    assert "Is that meant?" in words(asked)
    kept = {
        name: unescape(value)
        for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', asked.text)
    }
    assert "Receive is done." in words(send(web, path, **kept))
    one = web.get("/v1/items/DRILL/serials?show=all&serial=Q1").json()["items"][0]
    assert one["state"] == "returned"


def test_a_stranger_to_a_type_of_document_sees_it_and_no_button(web: httpx.Client) -> None:
    put(web, "write_off/W-R", lines=[{"item": "SEAL", "quantity": 1}])
    key = web.post("/v1/keys", json={"name": "looker", "scopes": ["read"]}).json()["key"]
    web.post("/sign-in", data={"key": key, "then": "/"})
    for path in ("/documents/write_off/W-R", "/documents/write_off/W-R/lines/1"):
        page = web.get(path)
        assert "You may look at it, and not change it." in words(page)
        assert "/v1/documents/write_off" not in page.text
    web.cookies.clear()


@pytest.mark.seed("N19")
def test_what_is_needed_is_said_only_while_it_can_still_be_chosen(web: httpx.Client) -> None:
    def badges() -> list[str]:
        page = web.get("/documents/write_off/W-N").text
        return re.findall(r'<span class="badge [a-z]+">(needed|partial|complete)</span>', page)

    put(web, "write_off/W-N", lines=[{"item": "DRILL", "quantity": 1},
                                     {"item": "SEAL", "quantity": 1}])  # fmt: skip
    assert badges() == ["needed"]
    send(web, "/do", _call="POST /v1/documents/write_off/W-N/cancel")
    assert web.get("/v1/documents/write_off/W-N").json()["status"] == "cancelled"
    assert badges() == []


def test_a_kit_is_its_members_and_those_are_chosen(web: httpx.Client) -> None:
    web.put("/v1/items/SET", json={"kind": "kit", "members": [{"item": "DRILL", "quantity": 1}]})
    put(web, "sales_order/SO-K", party="SMITH", lines=[{"item": "SET", "quantity": 2}])
    page = web.get("/documents/sales_order/SO-K").text
    assert re.findall(r'href="/documents/sales_order/SO-K/lines/(\d+)"', page) == ["2"]
    assert "part of line 1" in page


def test_what_is_finished_still_takes_a_memo_and_a_step_is_taken_back(web: httpx.Client) -> None:
    web.put("/v1/fields/document/dock", json={"type": "text"}).raise_for_status()
    put(web, "adjustment/A-1", to="A-01", reason="found", lines=[{"item": "SEAL", "quantity": 3}])
    path = "/documents/adjustment/A-1"
    assert "Post is done." in words(
        send(web, f"{path}/step/post", _line="1", **{"1.quantity": "3"})
    )
    seen = web.get("/v1/documents/adjustment/A-1")
    fields = web.get("/v1/fields/document").json()["items"]
    values = values_of(seen.json(), fields)
    form = {**values, "memo": "box was behind the door", "fields.dock": "4",
            "_base": write_base(values), "_etag": seen.headers["etag"]}  # fmt: skip
    assert "A-1 is saved." in words(send(web, f"{path}/edit", **form))
    after = web.get("/v1/documents/adjustment/A-1").json()
    assert (after["memo"], after["fields"]) == ("box was behind the door", {"dock": "4"})
    (event,) = re.findall(r"POST (/v1/registry/events/\d+/undo)", web.get(path).text)
    assert "It is taken back." in words(
        send(web, "/do", _call=f"POST {event}", _said="It is taken back.")
    )
    assert web.get("/v1/stock?item=SEAL").json()["items"][0]["on_hand"] == 0


def test_labels_of_several_documents_are_printed_at_once(web: httpx.Client) -> None:
    media = {"width": 100_000, "height": 50_000}
    web.put("/v1/printers/bulk", json={"url": "virtual:", "media": media}).raise_for_status()
    for n in (1, 2):
        put(web, f"receipt/GR-P{n}", to="A-01", lines=[{"item": "DRILL", "quantity": 1}])
        body = {"lines": [{"line": 1, "serials": f"LP{n}"}]}
        web.post(f"/v1/documents/receipt/GR-P{n}/post", json=body).raise_for_status()
    put(web, "receipt/GR-P3", to="A-01", lines=[{"item": "SEAL", "quantity": 1}])
    answer = send(
        web,
        "/lists/documents/bulk",
        _bulk="print",
        _ids=["receipt/GR-P1", "receipt/GR-P2", "receipt/GR-P3"],
        **{"print.printer": "bulk"},
    )
    assert "Labels of 2 documents are being printed." in words(answer)
    assert "GR-P3 There is no serial that this selects." in words(answer)
    for n in (1, 2):
        (one,) = web.get(f"/v1/items/DRILL/serials?serial=LP{n}").json()["items"]
        assert len(web.get(f"/v1/serials/{one['id']}/labels").json()["items"]) == 1


def test_an_answer_to_a_list_that_is_loaded_anew_is_the_drawer(web: httpx.Client) -> None:
    put(web, "receipt/GR-A", to="A-01", lines=[{"item": "DRILL", "quantity": 1}])
    answer = web.get("/documents/receipt/GR-A/lines/1/add")
    assert (answer.status_code, answer.url.path) == (200, "/documents/receipt/GR-A/lines/1")
    assert "GR-A has no line 9" in words(web.get("/documents/receipt/GR-A/lines/9"))


def test_a_list_that_is_too_long_for_its_line_stays_in_its_field(web: httpx.Client) -> None:
    put(web, "receipt/GR-F", to="A-01", lines=[{"item": "DRILL", "quantity": 2}])
    answer = send(web, "/documents/receipt/GR-F/lines/1/add", serials="F1 F2 F3")
    assert answer.status_code == 409
    assert "Line 1 of GR-F takes 2 more, and 3 were given." in words(answer)
    assert re.search(r"<textarea[^>]*>F1 F2 F3</textarea>", answer.text)
    assert web.get("/v1/documents/receipt/GR-F/lines/1/serials").json()["items"] == []
    empty = send(web, "/documents/receipt/GR-F/lines/1/add", serials=" ")
    assert "Scan or type at least one serial." in words(empty)


@pytest.mark.seed("N14")
def test_what_is_available_comes_by_pages_without_what_was_chosen(web: httpx.Client) -> None:
    web.put("/v1/items/BOLT", json={"tracking": "serial"}).raise_for_status()
    body = {"action": "receive", "serials": "B01..B60", "item": "BOLT", "location": "A-01"}
    web.post("/v1/serials/actions", json=body).raise_for_status()
    put(web, "transfer/TR-B", **{"from": "A-01"}, lines=[{"item": "BOLT", "quantity": 60}])
    chosen = {"serials": "B01..B04"}
    web.post("/v1/documents/transfer/TR-B/lines/1/serials", json=chosen).raise_for_status()

    def offered(path: str) -> tuple[list[str], str]:
        page = web.get(path).text
        more = re.search(r'href="([^"]+)">More serials', page)
        found = re.findall(r'aria-label="Tick (B\d\d)"', page)
        return found, unescape(more[1]) if more else ""

    first, more = offered("/documents/transfer/TR-B/lines/1")
    rest, end = offered(more)
    assert (len(first), len(rest), end) == (46, 10, "")
    assert sorted(first + rest) == [f"B{n:02d}" for n in range(5, 61)]
    found, _ = offered("/documents/transfer/TR-B/lines/1?prefix=B5")
    assert sorted(found) == [f"B5{n}" for n in range(10)]
