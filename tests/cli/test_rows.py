"""Files of rows, as spreadsheets and programs write them."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli import rows
from gateway.cli.rows import batches, read_rows
from gateway.errors import FieldRefused


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("serial,item\nA,B\n", [{"serial": "A", "item": "B"}]),
        ("serial;item\r\nA;B\r\n", [{"serial": "A", "item": "B"}]),
        ("serial\titem\nA\tB", [{"serial": "A", "item": "B"}]),
        ("\ufeffserial\nA\n\nB\n", [{"serial": "A"}, {"serial": "B"}]),
        ('serial,note\n"A","two\nlines, ""quoted"""\n',
         [{"serial": "A", "note": 'two\nlines, "quoted"'}]),
        (" serial , item\nA,\n", [{"serial": "A"}]),
        ("serial\n=1+1\n", [{"serial": "=1+1"}]),
    ],
)  # fmt: skip
def test_csv_is_read_as_spreadsheets_save_it(text: str, found: list[dict[str, str]]) -> None:
    assert read_rows(text, "x.csv", "csv") == found


@pytest.mark.parametrize(
    ("form", "text", "sentence"),
    [
        ("csv", "serial,item\nA\n", "x:2: the row has 1 cells and the heading 2."),
        ("csv", "serial,serial\nA,B\n",
         "x:1: the heading 'serial' comes twice; the first row names the fields."),
        ("csv", "serial,,\nA,B,C\n",
         "x:1: a column has no heading; the first row names the fields."),
        ("csv", "serial\n", "x has no rows; each row is a label."),
        ("csv", 'serial\n"A"B\n', "x:2: this is not CSV: ',' expected after '\"'."),
        ("jsonl", '{"serial": "A"}\n[1]\n', "x:2: a row must be a JSON object of fields."),
        ("jsonl", '{"serial": }\n',
         "x:1: this is not JSON: Expecting value: line 1 column 12 (char 11)."),
        ("jsonl", "\n", "x has no rows; each row is a label."),
    ],
)  # fmt: skip
def test_what_is_no_row_stops_the_file_with_its_line(
    form: Literal["csv", "jsonl"], text: str, sentence: str
) -> None:
    with pytest.raises(FieldRefused) as refused:
        read_rows(text, "x", form)
    assert refused.value.detail == sentence


@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=30)), min_size=1))
def test_batches_hold_every_row_once_and_in_order(some: list[dict[str, str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "MOST_ROWS", 3)
        patch.setattr(rows, "MOST_BYTES", 60)
        parts = list(batches(some))
    assert [row for part in parts for row in part] == some
    assert all(1 <= len(part) <= 3 for part in parts)
