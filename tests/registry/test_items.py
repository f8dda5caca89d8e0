from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.registry.given import Given
from gateway.registry.item_reading import read_gtin, read_item
from gateway.registry.items import Item, SyncMark, Tracking, in_base_units, refuse_change
from gateway.registry.lots import STATUSES, status_of
from gateway.registry.refusals import RegistryRefused

ALL = frozenset({"lots", "kits"})


@pytest.mark.seed("N9")
@pytest.mark.seed("N10")
@pytest.mark.parametrize(
    ("quantity", "unit", "tracking", "came"),
    [
        ("2", "box", "serial", 24), ("0.5", "BOX", "serial", 6), ("3", "", "serial", 3),
        ("3", "pc", "none", 3), ("0.25", "box", "none", 3),
        ("0.4", "box", "serial", "fractional_serial_quantity"),
        ("1.5", "", "serial", "fractional_serial_quantity"), ("1.5", "pc", "none", "value_wrong"),
        ("1", "crate", "serial", "uom_unknown"),
    ],
)  # fmt: skip
def test_a_quantity_in_a_unit_is_a_whole_number_of_base_units_or_refused(
    quantity: str, unit: str, tracking: Tracking, came: int | str
) -> None:
    item = Item(1, "DRILL", tracking=tracking, units={"box": 12})
    if isinstance(came, int):
        assert in_base_units(item, Decimal(quantity), unit) == came
        return
    with pytest.raises(RegistryRefused) as refused:
        in_base_units(item, Decimal(quantity), unit)
    assert refused.value.code == came


@pytest.mark.parametrize(
    ("text", "came"),
    [
        ("96385074", "00000096385074"), ("036000291452", "00036000291452"),
        ("4006381333931", "04006381333931"), ("10614141000415", "10614141000415"),
    ],
)  # fmt: skip
def test_a_gtin_of_any_length_is_kept_as_fourteen_digits(text: str, came: str) -> None:
    assert read_gtin(text) == came


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"gtin": "123"}, "gtin"), ({"gtin": "4006381333930"}, None),
        ({"units": {"box": 0}}, "units"),
        ({"units": {"box": True}}, "units"), ({"units": "box"}, "units"), ({"mask": "["}, None),
        ({"pattern": {"next": "x"}}, None), ({"pattern": {"prefix": 1}}, "prefix"),
        ({"pattern": "SN1"}, "pattern"), ({"next_serial": "none"}, None),
        ({"case": "both"}, "case"), ({"active": 1}, "active"),
        ({"warranty_in": 1.5}, "warranty_in"),
        ({"barcodes": "1"}, "barcodes"), ({"members": [{"item": ""}]}, "item"),
        ({"account_codes": {"income": 4}}, "account_codes"), ({"sku": "A/B"}, "sku"),
        ({"name": "a\x07"}, "name"), ({"reorder_points": {"A": -1}}, "reorder_points"),
        ({"skew": "A"}, "skew"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_and_the_item_stays_as_it_was(
    values: dict[str, Any], key: str | None
) -> None:
    was = Item(1, "DRILL", kind="assembly")
    given = Given(values, "DRILL")
    assert read_item(was, given, ALL) == was
    assert len(given.offences) == 1
    assert key in (None, given.offences[0].facts.get("key"))


def test_a_row_of_a_table_says_numbers_and_yes_as_text_and_nothing_by_an_empty_cell() -> None:
    was = Item(1, "DRILL", warranty_in=12, tax_code="V")
    cells = {
        "warranty_in": "", "tax_code": "", "reorder_point": " 7 ", "active": "No",
        "units": "box=12; big box = 48", "barcodes": "222 111", "account_codes": "income=4 000",
        "reorder_points": "A-01=3", "gtin": "96385074",
    }  # fmt: skip
    given = Given(cells, "DRILL", text=True)
    item = read_item(was, given, ALL)
    assert given.offences == []
    assert (item.warranty_in, item.tax_code, item.reorder_point, item.active) == (12, "V", 7, False)
    assert (item.units, item.barcodes) == ({"box": 12, "big box": 48}, ("111", "222"))
    assert (item.account_codes, item.reorder_points) == ({"income": "4 000"}, {"A-01": 3})


@pytest.mark.seed("E3")
@pytest.mark.seed("A6")
@pytest.mark.parametrize(
    ("item", "to", "more", "code"),
    [
        (Item(1, "K", kind="kit"), "serial", {}, "item_not_trackable"),
        (Item(1, "S", synced=(SyncMark("xero", "1", 0),)), "serial", {}, "item_synced"),
        (Item(1, "S"), "lot", {"features": frozenset()}, "feature_disabled"),
        (Item(1, "S"), "serial", {"require_accounts": True}, "account_codes_missing"),
        (Item(1, "S"), "serial", {"used": {"lines": 1, "events": 0}}, "item_in_use"),
        (Item(1, "S"), "serial", {"used": {"lines": 0, "events": 0}}, None),
        (Item(1, "S"), "none", {"features": frozenset(), "require_accounts": True}, None),
    ],
)  # fmt: skip
def test_a_change_of_tracking_is_refused_for_its_reason(
    item: Item, to: Tracking, more: dict[str, Any], code: str | None
) -> None:
    rules: dict[str, Any] = {"features": ALL, "require_accounts": False} | more
    if code is None:
        refuse_change(item, to, **rules)
        return
    with pytest.raises(RegistryRefused) as refused:
        refuse_change(item, to, **rules)
    assert refused.value.code == code


@pytest.mark.seed("M13")
def test_what_is_here_decides_what_a_lot_is_doing_before_what_is_gone() -> None:
    pieces: dict[str, int] = {}
    told = []
    for state in ("cancelled", "untracked", "written_off", "sent_back", "consumed", "shipped",
                  "planned", "rejected", "returned", "in_transit", "picked"):  # fmt: skip
        pieces[state] = 1
        told.append(status_of(pieces))
    assert told == [
        "cancelled", "untracked", "written_off", "sent_back", "consumed", "shipped", "planned",
        "rejected", "returned", "received", "received",
    ]  # fmt: skip
    assert set(told) == set(STATUSES)
