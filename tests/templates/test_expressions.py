from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import ExpressionRefused
from gateway.templates.expressions import (
    compile_condition,
    compile_content,
    format_date,
    parse_condition,
    parse_content,
    shift,
)

AT = datetime(2026, 11, 22, 9, 5, 7, tzinfo=UTC)


def write(source: str, **values: str) -> str:
    return compile_content(parse_content(source))(values, AT)


def holds(source: str, **values: str) -> bool:
    return compile_condition(parse_condition(source))(values, AT)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("SN {serial}", "SN ab-12"),
        ("{serial|upper}/{serial|lower}", "AB-12/ab-12"),
        ("{serial|pad:8:0}", "000ab-12"),
        ("{serial|pad_right:8:.}|", "ab-12...|"),
        ("{serial|pad:3}", "ab-12"),
        ("{serial|left:2}{serial|right:2}", "ab12"),
        ("{serial|mid:2:3}", "b-1"),
        ("{serial|right:0}", ""),
        ("{empty|default:none}", "none"),
        ("{empty|default:'a:b|c}'}", "a:b|c}"),
        ("{serial|default:none}", "ab-12"),
        ("{ serial | upper | pad : 8 :* }", "***AB-12"),
        ("{{serial}}", "{serial}"),
        ("{{7*7}}", "{7*7}"),
        ("{made|date:YYMMDD}", "260131"),
        ("{made+1m|date:DD.MM.YYYY}", "28.02.2026"),
        ("{made-1d}", "2026-01-30"),
        ("{empty|date:YYMMDD}", ""),
        ("{empty+30d|date:YYMMDD|default:open}", "open"),
        ("{today}", "2026-11-22"),
        ("{today+2w|date:D.M.YY}", "6.12.26"),
        ("{today+1y|date:'best before 'YYYY}", "best before 2027"),
        ("{now}", "2026-11-22 09:05"),
        ("{now|date:HH:mm:ss}", "09:05:07"),
        ("", ""),
    ],
)
def test_contents_are_written(source: str, text: str) -> None:
    assert write(source, serial="ab-12", empty="", made="2026-01-31") == text


@pytest.mark.threat("T13")
@given(st.text())
def test_what_a_row_brings_is_never_parsed(value: str) -> None:
    assert write("<{v}>", v=value) == f"<{value}>"
    assert holds("v == v", v=value)


@given(st.text())
def test_any_text_can_be_written_by_doubling_its_braces(text: str) -> None:
    assert write(text.replace("{", "{{").replace("}", "}}")) == text


@pytest.mark.threat("T13")
@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (
            "{0.__class__}",
            "'0.__class__' is no name; between braces stands a field, a counter, today or now, "
            "such as {serial} or {today+30d|date:YYYY-MM-DD}; for a brace itself write {{ or }}.",
        ),
        (
            "{serial.__class__}",
            "'serial.__class__' is no name; between braces stands a field, a counter, today or "
            "now, such as {serial} or {today+30d|date:YYYY-MM-DD}; for a brace itself write {{ or "
            "}}.",
        ),
        (
            "a{serial",
            "The { at character 2 of 'a{serial' is never closed; end it with }, or for a brace "
            "itself write {{.",
        ),
        (
            "a}b",
            "A } without its { stands at character 2 of 'a}b'; for a brace itself write }}.",
        ),
        (
            "{serial|exec:ls}",
            "{serial|exec:ls} uses 'exec'; expected one of date, default, left, lower, mid, pad, "
            "pad_right, right, trim, upper.",
        ),
        (
            "{serial|pad}",
            "{serial|pad}: pad takes 1 or 2 arguments behind colons, got 0; quote an argument that "
            "holds a colon, as in default:'a:b'.",
        ),
        (
            "{serial|pad:999999999}",
            "{serial|pad:999999999}: pad takes a whole number from 0 to 200, got '999999999'.",
        ),
        (
            "{today|date:YYYY-QQ}",
            "The date format 'YYYY-QQ' has 'Q' at character 6; expected YYYY, YY, MM, M, DD, D, "
            "DDD, GGGG, WW, E, HH, mm, ss, punctuation, or text in single quotes.",
        ),
    ],
)
def test_what_is_no_expression_is_refused_in_a_sentence(source: str, sentence: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        parse_content(source)
    assert refused.value.detail == sentence


@given(st.text("{}|:'abc+-0d ", max_size=30))
def test_no_text_is_more_than_refused(source: str) -> None:
    try:
        content = parse_content(source)
    except ExpressionRefused as refusal:
        said = refusal.detail
    else:
        said = f"{content.source}."
    assert said.endswith(".")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("item == 'HT'", True),
        ("item != 'HT'", False),
        ("item empty", False),
        ("name empty", True),
        ("item not empty", True),
        ("item contains 'T'", True),
        ("item contains 't'", False),
        ("item not contains 'T'", False),
        ("item contains name", True),
        ("not item contains 'X' and name not contains 'X'", True),
        ("item == 'X' or name empty", True),
        ("item == 'X' and name empty or item == 'HT'", True),
        ("item == 'X' and (name empty or item == 'HT')", False),
        ("not item == 'X' and not name not empty", True),
        ("item == name", False),
        ("'HT' == item", True),
        ("name == ''", True),
    ],
)
def test_conditions_hold_or_do_not(source: str, expected: bool) -> None:
    assert holds(source, item="HT", name="") is expected


@pytest.mark.parametrize(
    "source",
    ["item", "item ==", "== 'a'", "item = 'a'", "item == 'a", "(item empty", "item empty)",
     "item empty and", "item contains", "item contain 'a'", "contains 'a'", "item not == 'a'",
     "__import__('os')", "item == 1", "1 == 1", "item.x empty", "",
     "(" * 40 + "a empty" + ")" * 40],
)  # fmt: skip
def test_what_is_no_condition_is_refused(source: str) -> None:
    with pytest.raises(ExpressionRefused):
        parse_condition(source)


def test_a_refused_condition_says_where_it_cannot_be_read() -> None:
    with pytest.raises(ExpressionRefused) as refused:
        parse_condition("item = 'a'")
    assert refused.value.detail == (
        "The condition \"item = 'a'\" cannot be read at \"= 'a'\"; expected names, texts in single "
        "quotes, ==, !=, contains, empty, not empty, and, or, not and parentheses, such as "
        "\"item == 'HT-9000' and name not empty\"."
    )


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)))
def test_dates_agree_with_strftime(day: date) -> None:
    ours = format_date(day, "YYYY YY MM DD DDD GGGG WW E")
    assert ours == day.strftime("%Y %y %m %d %j %G %V %u")


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)), st.integers(-600, 600))  # noqa: DTZ001 - made aware below
def test_months_keep_the_day_or_end_the_month(start: datetime, months: int) -> None:
    begin = start.replace(tzinfo=UTC)
    moved = shift(begin, months, "m")
    assert (moved.year * 12 + moved.month) - (begin.year * 12 + begin.month) == months
    assert moved.day == begin.day or (moved.day < begin.day and shift(moved, 1, "d").day == 1)


def test_a_date_outside_the_calendar_is_refused() -> None:
    with pytest.raises(ExpressionRefused, match=r"9999-12-31 \+1d is no date of the years 1 to"):
        shift(datetime(9999, 12, 31, tzinfo=UTC), 1, "d")
    with pytest.raises(ExpressionRefused, match="is no date"):
        shift(datetime(9999, 12, 31, tzinfo=UTC), 1, "y")
