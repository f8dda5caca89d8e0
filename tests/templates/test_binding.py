from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import FieldRefused
from gateway.templates.binding import Binder, Moment
from gateway.templates.document import parse_template

TEMPLATE = parse_template(
    {
        "name": "t",
        "size": {"width": 50000, "height": 25000},
        "fields": [
            {"name": "serial", "required": True, "max_length": 12, "example": "SN-1"},
            {"name": "count", "type": "integer", "default": "1"},
            {"name": "price", "type": "decimal"},
            {"name": "made", "type": "date"},
            {"name": "size", "type": "choice", "choices": ["S", "M", "L"]},
            {"name": "lot", "pattern": "L[0-9]{4}", "example": "L2611"},
        ],
        "counters": [{"name": "number", "start": 1, "width": 4}],
    }
)
BIND = Binder(TEMPLATE)


def test_a_row_gets_every_field_and_counter_as_text() -> None:
    row = {"serial": 7, "count": 3, "price": "1.50", "made": "2026-01-31", "size": "M", "lot": None}
    assert BIND(row, {"number": 42}) == {
        "serial": "7",
        "count": "3",
        "price": "1.50",
        "made": "2026-01-31",
        "size": "M",
        "lot": "",
        "number": "0042",
    }


def test_what_a_row_leaves_out_is_the_default_or_empty() -> None:
    assert BIND({"serial": "A"}, {"number": 1}) == {
        "serial": "A", "count": "1", "price": "", "made": "", "size": "", "lot": "",
        "number": "0001",
    }  # fmt: skip


@pytest.mark.threat("T13")
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_text_is_kept_literally(value: str) -> None:
    assert BIND({"serial": value}, {"number": 1})["serial"] == value


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({}, "Field 'serial' of template 't' is missing; give it a value such as 'SN-1'."),
        ({"serial": None}, "Field 'serial' of template 't' is missing; give it a value such as "
         "'SN-1'."),
        ({"serial": ""}, "Field 'serial' of template 't' is empty; give it a value such as "
         "'SN-1'."),
        ({"seriel": "1"}, "'seriel' is no field of template 't'; did you mean 'serial'?"),
        ({"zzz": "1"}, "'zzz' is no field of template 't'; it has serial, count, price, made, "
         "size, lot."),
        ({"serial": True}, "Field 'serial' is true; expected text, in quotes."),
        ({"serial": 1.5}, "Field 'serial' is the number 1.5; expected text, in quotes."),
        ({"serial": ["a"]}, "Field 'serial' is a list; expected text, in quotes."),
        ({"serial": {"a": 1}}, "Field 'serial' is an object; expected text, in quotes."),
        ({"serial": "A" * 13}, "Field 'serial' has 13 characters, expected at most 12; shorten "
         "it."),
        ({"serial": "1", "count": "1.5"}, "Field 'count' is '1.5'; expected a whole number of at "
         "most 18 digits."),
        ({"serial": "1", "count": 10**18}, f"Field 'count' is the number {10**18}; expected a "
         "whole number of at most 18 digits."),
        ({"serial": "1", "count": "٣"}, "Field 'count' is '٣'; expected a whole number of at most "
         "18 digits."),
        ({"serial": "1", "price": "1,50"}, "Field 'price' is '1,50'; expected a number such as "
         "12.50, with a point."),
        ({"serial": "1", "price": float("nan")}, "Field 'price' is 'nan'; expected a number such "
         "as 12.50, with a point."),
        ({"serial": "1", "made": "31.01.2026"}, "Field 'made' is '31.01.2026'; expected a date as "
         "YYYY-MM-DD, such as 2026-01-31."),
        ({"serial": "1", "made": "2026-02-30"}, "Field 'made' is '2026-02-30'; expected a date as "
         "YYYY-MM-DD, such as 2026-01-31."),
        ({"serial": "1", "size": "XL"}, "Field 'size' is 'XL'; expected one of 'S', 'M', 'L'."),
        ({"serial": "1", "lot": "2611"}, "Field 'lot' is '2611'; expected L[0-9]{4}, such as "
         "'L2611'."),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_in_a_sentence(row: dict[str, object], sentence: str) -> None:
    with pytest.raises(FieldRefused) as refused:
        BIND(row, {"number": 1})
    assert refused.value.detail == sentence


@pytest.mark.parametrize("row", [{"serial": "a\ud800"}, {"a\ud800": "1"}, {"made": "\udc00"}])
def test_what_is_said_of_lone_surrogates_can_be_sent(row: dict[str, object]) -> None:
    with pytest.raises(FieldRefused) as refused:
        BIND({"serial": "1"} | row, {"number": 1})
    said = json.dumps([refused.value.detail, refused.value.facts], ensure_ascii=False)
    assert "ud" in said.encode().decode()


@pytest.mark.parametrize(
    ("counters", "sentence"),
    [
        ({}, "Counter 'number' has no count for this label; it starts at 1."),
        ({"number": -1}, "Counter 'number' is -1; expected 0 or more, so start it higher or let it "
         "count upwards."),
        ({"number": 10000}, "Counter 'number' is 10000, more than its 4 digits; give it a greater "
         "width or start again."),
    ],
)  # fmt: skip
def test_a_counter_needs_a_count_that_fits(counters: dict[str, int], sentence: str) -> None:
    with pytest.raises(FieldRefused) as refused:
        BIND({"serial": "1"}, counters)
    assert refused.value.detail == sentence


def test_the_day_is_the_sites_own() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert Moment(late, ZoneInfo("Asia/Tokyo")).local.date().isoformat() == "2026-11-23"
    assert Moment(late, ZoneInfo("America/Chicago")).local.date().isoformat() == "2026-11-22"
