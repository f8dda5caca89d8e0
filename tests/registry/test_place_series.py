"""Many locations said by the first and the last."""

from __future__ import annotations

import pytest

from gateway.errors import InputRefused
from gateway.registry.place_series import MOST, codes_between


def test_each_part_that_differs_counts_up() -> None:
    codes = list(codes_between("A-01-01", "C-02-20"))
    assert (len(codes), codes[0], codes[19], codes[20], codes[-1]) == (
        3 * 2 * 20, "A-01-01", "A-01-20", "A-02-01", "C-02-20",
    )  # fmt: skip
    assert len(set(codes)) == len(codes)


def test_numbers_keep_their_width_and_grow_past_it() -> None:
    assert list(codes_between("9", "11")) == ["9", "10", "11"]
    assert list(codes_between("B098", "B101")) == ["B098", "B099", "B100", "B101"]


def test_one_location_is_a_series_too() -> None:
    assert list(codes_between(" DOCK ", "DOCK")) == ["DOCK"]


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        ("A-01", "A-01-03", "are not built alike"),
        ("A-01", "A_03", "are not built alike"),
        ("A-05", "A-01", "cannot count from '05' to '01'"),
        ("AA-1", "AB-1", "cannot count from 'AA' to 'AB'"),
        ("a-1", "B-1", "cannot count from 'a' to 'B'"),
        ("", "A-1", "are not built alike"),
        ("A-00001", "A-99999", "cannot count"),
        ("A-001-001", "A-999-999", f"at most {MOST:,} are made in one go"),
    ],
)
def test_what_cannot_be_counted_says_why(first: str, last: str, why: str) -> None:
    with pytest.raises(InputRefused, match=why):
        codes_between(first, last)
