from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.errors import InputRefused
from gateway.registry.lives import Action
from gateway.registry.refusals import RegistryRefused
from gateway.registry.reports import REPORTS, by_id, read_filters, read_parameters
from gateway.store.registry.acting import Act, Target
from gateway.store.registry.report_rows import Row
from gateway.store.registry.reports import QUERIES, rows_of
from tests.store.registry.conftest import BY, World
from tests.store.registry.test_stock_view import order

DAY = 86_400_000_000
WHEN = 1_767_225_600_000_000
"""1 January 2026."""


@pytest.fixture
def shop(world: World) -> World:
    """Drills 1 to 3: 1 was sold to Smith, 2 to Jones, 3 lies in A-01; laser 1 lies in B-01."""
    world.run(lambda t: t.execute("UPDATE item SET name = 'Drill' WHERE id = 1"))
    world.act(Action.RECEIVE, "1", "2", "3", place=1, party=1, cost=500, currency="EUR", at=WHEN)
    world.act(Action.RECEIVE, "1", place=2, item=2, at=WHEN + DAY)
    world.act(Action.SHIP, "1", party=2, price=900, price_currency="EUR", at=WHEN + 2 * DAY)
    world.act(Action.SHIP, "2", party=3, price=2000, price_currency="USD", at=WHEN + 3 * DAY)
    return world


def read(world: World, name: str, **given: str) -> list[Row]:
    report = by_id(name)
    filters = {key[7:]: value for key, value in given.items() if key.startswith("filter_")}
    asked = {
        key.rstrip("_"): value for key, value in given.items() if not key.startswith("filter_")
    }
    rows = list(
        rows_of(
            world.registry.database.reader().execute, report, read_parameters(report, asked),
            read_filters(report, filters),
        )
    )  # fmt: skip
    assert all(len(row) == len(report.columns) for row in rows)
    return rows


def test_every_report_has_rows_and_every_query_a_report() -> None:
    assert {report.id for report in REPORTS} == set(QUERIES)


@pytest.mark.parametrize("name", [
    report.id for report in REPORTS if not any(one.required for one in report.parameters)
])  # fmt: skip
def test_a_report_of_nothing_has_no_rows_but_those_of_the_items(world: World, name: str) -> None:
    rows = read(world, name)
    assert len(rows) == (4 if name == "stock_levels" else 0)


def test_serials_are_told_item_by_item(shop: World) -> None:
    rows = read(shop, "serials_by_item")
    assert [row[:9] for row in rows] == [
        ("DRILL", "Drill", "3", 1, "received", None, "A-01", None, None),
        ("DRILL", "Drill", "1", 1, "shipped", None, None, None, "Smith"),
        ("DRILL", "Drill", "2", 1, "shipped", None, None, None, "Jones"),
        ("LASER", "", "1", 1, "received", None, "B-01", None, None),
    ]
    assert rows[1][9:12] == ("2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z", "2028-01-03")
    assert [row[2] for row in read(shop, "serials_by_item", item="drill", show="on_hand")] == ["3"]
    assert [row[2] for row in read(shop, "serials_by_item", state="shipped")] == ["1", "2"]


def test_serials_are_told_by_customer_location_and_status(shop: World) -> None:
    assert [row[2] for row in read(shop, "serials_by_customer")] == ["1", "2"]
    assert [row[2] for row in read(shop, "serials_by_customer", customer="Jones")] == ["2"]
    assert [(row[0], row[2]) for row in read(shop, "serials_by_location")] == [
        ("DRILL", "3"), ("LASER", "1"),
    ]  # fmt: skip
    assert [row[0] for row in read(shop, "serials_by_location", location="b-01")] == ["LASER"]
    assert [row[0] for row in read(shop, "serials_by_state", state="received")] == [
        "DRILL", "LASER",
    ]  # fmt: skip
    with pytest.raises(RegistryRefused):
        read(shop, "serials_by_customer", customer="Nobody")


@pytest.mark.seed("N24")
def test_serials_are_told_by_a_custom_field(shop: World) -> None:
    shop.run(
        lambda t: t.execute(
            "INSERT INTO field_def (scope, key, searchable) VALUES ('serial', 'grade', 1)"
        )
    )
    shop.act(Action.ANNOTATE, "3", attrs={"grade": "B"})
    shop.act(Action.ANNOTATE, "2", attrs={"grade": "A"})
    rows = read(shop, "serials_by_field", field="grade")
    assert [(row[0], row[3], row[-1]) for row in rows] == [
        ("a", "2", "grade=A"), ("b", "3", "grade=B"),
    ]  # fmt: skip
    assert [row[3] for row in read(shop, "serials_by_field", field="grade", value="B")] == ["3"]
    with pytest.raises(InputRefused, match="is no searchable custom field"):
        read(shop, "serials_by_field", field="colour")


@pytest.mark.seed("A4")
def test_movements_are_told_with_everything_around_them(shop: World) -> None:
    rows = read(shop, "serial_movements", item="DRILL", serial="1")
    assert rows == [
        (1, "2026-01-01T00:00:00Z", "receive", None, "DRILL", "1", None, 1, None, "received", None,
         "A-01", "local", "", "", "", None),
        (3, "2026-01-03T00:00:00Z", "ship", None, "DRILL", "1", None, 1, "received", "shipped",
         "A-01", None, "local", "", "", "", None),
    ]  # fmt: skip
    assert len(read(shop, "serial_movements")) == 6
    days = {"from_": "2026-01-02", "to": "2026-01-03"}
    assert [row[0] for row in read(shop, "serial_movements", **days)] == [2, 3]
    assert [row[2] for row in read(shop, "serial_movements", filter_action="SHI")] == [
        "ship", "ship",
    ]  # fmt: skip


@pytest.mark.seed("T14")
def test_the_margin_of_a_serial_is_what_it_brought_less_what_it_cost(shop: World) -> None:
    first, second = read(shop, "margin_by_serial")
    assert first == (
        "DRILL", "Drill", "1", 1, "Smith", "2026-01-03T00:00:00Z", Decimal("9.00"),
        Decimal("5.00"), Decimal("4.00"), "EUR", "",
    )  # fmt: skip
    assert second[6:] == (Decimal("20.00"), None, None, "USD", "it cost 5.00 EUR")
    assert read(shop, "margin_by_item") == [
        ("DRILL", "Drill", "EUR", 1, Decimal("9.00"), Decimal("5.00"), Decimal("4.00"), 0),
        ("DRILL", "Drill", "USD", 1, Decimal("20.00"), Decimal("0.00"), Decimal("0.00"), 1),
    ]
    assert len(read(shop, "margin_by_serial", currency="usd")) == 1
    assert len(read(shop, "margin_by_serial", to="2026-01-03")) == 1


@pytest.mark.seed("A3")
def test_warranties_that_end_are_told_each_as_long_as_it_matters(shop: World) -> None:
    rows = read(shop, "warranty_expiring", from_="2026-12-01", before="2028-01-03")
    assert [(row[0], row[1], row[4], row[5]) for row in rows] == [
        ("2028-01-03", "customer", "1", "shipped"),
        ("2027-01-01", "supplier", "3", "received"),
        ("2027-01-02", "supplier", "1", "received"),
    ]
    only = read(shop, "warranty_expiring", from_="2026-12-01", before="2027-01-01",
                whose="supplier")  # fmt: skip
    assert [row[4] for row in only] == ["3"]


@pytest.mark.seed("A3")
def test_what_is_due_for_service_is_told(shop: World) -> None:
    shop.run(lambda t: t.execute("UPDATE item SET service_every = 6 WHERE id = 1"))
    shop.act(Action.RECEIVE, "7", place=1, at=WHEN)
    assert read(shop, "service_due", before="2026-06-30") == []
    assert [row[:4] for row in read(shop, "service_due", before="2026-07-01")] == [
        ("2026-07-01", "DRILL", "Drill", "7")
    ]


def test_stock_is_told_by_location_and_lot(shop: World) -> None:
    shop.act(Action.RECEIVE, "8", "9", place=1)
    line = order(shop, "sales_order", "SO-1", 3)
    shop.act(Action.PICK, "8", line=line)
    shop.act(Action.HOLD, "9", reason="recall")
    assert read(shop, "stock_by_location") == [
        ("A-01", "DRILL", "Drill", None, 2, 1, 0, 1, 0, 0, 0),
        ("B-01", "LASER", "", None, 1, 0, 0, 0, 0, 0, 0),
    ]
    assert [row[1] for row in read(shop, "stock_by_location", location="B-01")] == ["LASER"]
    assert read(shop, "stock_levels", item="DRILL") == [
        ("DRILL", "Drill", "pc", 2, 0, 0, 1, 1, None)
    ]


@pytest.mark.seed("T18")
def test_what_is_to_be_reordered_is_told_in_all_and_by_location(shop: World) -> None:
    shop.run(
        lambda t: t.executemany(
            "INSERT INTO reorder (item, place, point) VALUES (?, ?, ?)",
            [(1, 0, 1), (2, 0, 0), (2, 2, 1)],
        )
    )
    assert read(shop, "reorder") == [
        ("DRILL", "Drill", None, 1, 1, 0, 1),
        ("LASER", "", "B-01", 1, 1, None, None),
    ]


@pytest.mark.seed("E30")
def test_items_sold_before_are_told_with_their_serials(shop: World) -> None:
    line = order(shop, "sales_order", "SO-1", 3, price=950)
    shop.run(lambda t: t.execute("UPDATE document_line SET currency = 'EUR' WHERE id = ?", (line,)))
    shop.act(Action.RECEIVE, "8", place=1)
    shop.act(Action.SHIP, "8", line=line, party=2)
    shop.act(Action.COMMIT, "3", line=line)
    rows = read(shop, "prior_items_sold")
    assert [row[1:] for row in rows] == [
        ("SO-1", "open", "Smith", "DRILL", "Drill", 1, serial, Decimal("9.50"), "EUR")
        for serial in ("3", "8", None)
    ]
    found = read(shop, "prior_items_sold", filter_serial_or_batch="8")
    assert [row[7] for row in found] == ["8"]
    assert read(shop, "prior_items_sold", customer="Jones") == []
    assert read(shop, "prior_items_invoiced") == []
    bill = order(shop, "invoice", "INV-1", 1, source_line=line)
    shop.run(lambda t: t.execute("UPDATE document SET party = 2 WHERE number = 'INV-1'"))
    assert [row[7] for row in read(shop, "prior_items_invoiced")] == ["3", "8"]
    shop.run(
        lambda t: t.execute("INSERT INTO line_life (line, life, role) VALUES (?, 5, 'wanted')",
                            (bill,))
    )  # fmt: skip
    assert [row[7] for row in read(shop, "prior_items_invoiced")] == ["8"]


@pytest.mark.seed("T13")
def test_the_accounts_get_a_row_for_each_posting(shop: World) -> None:
    rows = read(shop, "adjustments", to="2026-01-03")
    assert [(row[0], *row[6:12]) for row in rows] == [
        (1, 3, "asset", "", Decimal("15.00"), None, "EUR"),
        (1, 3, "received", "", None, Decimal("15.00"), "EUR"),
        (2, 1, None, None, None, None, None),
        (3, -1, "cogs", "", Decimal("5.00"), None, "EUR"),
        (3, -1, "asset", "", None, Decimal("5.00"), "EUR"),
        (3, -1, "receivable", "", Decimal("9.00"), None, "EUR"),
        (3, -1, "income", "", None, Decimal("9.00"), "EUR"),
    ]
    assert read(shop, "adjustments", kind="corrections") == []


def test_a_lot_is_followed_into_what_it_became_and_back(shop: World) -> None:
    def lots(t: object) -> None:
        for number, item, code in ((1, 2, "L1"), (2, 1, "D1")):
            t.execute(  # type: ignore[attr-defined]
                "INSERT INTO lot (id, item, code, created_at, changed_at) VALUES (?, ?, ?, 0, 0)",
                (number, item, code),
            )

    shop.run(lots)
    work = order(shop, "work_order", "WO-1", 1)
    shop.run(lambda t: t.execute("UPDATE document SET status = 'in_progress'"))
    shop.act(Action.RECEIVE, "L-1", place=1, item=2, lot=1)
    part = shop.act(Action.RECEIVE, "L-2", place=1, item=2, lot=1)
    consumed = Act(Action.CONSUME, [Target(life=part.lives[0])], document=1)
    shop.run(lambda t: shop.registry.perform(t, consumed, BY, shop.may))
    built = Act(Action.PRODUCE, [Target("D-1")], 1, line=work, place=1, lot=2,
                components=part.lives)  # fmt: skip
    shop.run(lambda t: shop.registry.perform(t, built, BY, shop.may))
    shop.act(Action.SHIP, "D-1", party=2)
    assert read(shop, "lot_genealogy", item="LASER", lot="l1") == [
        ("itself", 0, "LASER", "L-1", "L1", 1, "received", "A-01", None, None),
        ("itself", 0, "LASER", "L-2", "L1", 1, "consumed", None, None, None),
        ("up", 1, "DRILL", "D-1", "D1", 1, "shipped", None, "Smith", None),
    ]
    assert read(shop, "lot_genealogy", item="DRILL", lot="D1") == [
        ("itself", 0, "DRILL", "D-1", "D1", 1, "shipped", None, "Smith", None),
        ("down", 1, "LASER", "L-2", "L1", 1, "consumed", None, None, None),
    ]


def test_reports_are_whole_however_short_their_stretches(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("serials_by_item", "serials_by_location", "serial_movements", "stock_by_location",
             "serials_by_customer")  # fmt: skip
    whole = [read(shop, name) for name in names]
    monkeypatch.setattr("gateway.store.registry.report_rows.STRETCH", 1)
    assert [read(shop, name) for name in names] == whole


def test_what_a_report_does_not_know_is_refused() -> None:
    report = by_id("serials_by_state")
    with pytest.raises(InputRefused) as refused:
        read_parameters(report, {})
    assert refused.value.detail == "The report 'Serials by status' needs 'state': status."
    with pytest.raises(InputRefused, match="must be one of planned, received"):
        read_parameters(report, {"state": "lost"})
    with pytest.raises(InputRefused, match="has no parameter 'stat'"):
        read_parameters(report, {"stat": "received"})
    with pytest.raises(InputRefused, match="has no column 'colour'"):
        read_filters(report, {"colour": "red"})
