"""Fields that count."""

from __future__ import annotations

import pytest

from gateway.drivers.virtual.zpl.serial import next_decimal, next_masked, strip_zeros


@pytest.mark.parametrize(
    ("text", "steps", "expected"),
    [
        ("001", 1, "002"),
        ("999", 1, "000"),
        ("A1B09", 1, "A1B10"),
        ("A1B", 5, "A6B"),
        ("000", -1, "999"),
        ("none", 1, "none"),
        ("1234567890123", 1, "1234567890124"),
        ("1999999999999", 1, "1000000000000"),
    ],
)
def test_the_right_most_number_advances_in_its_own_width(
    text: str, steps: int, expected: str
) -> None:
    assert next_decimal(text, steps) == expected


def test_leading_zeros_become_spaces_when_they_are_not_printed() -> None:
    assert strip_zeros("SN0042") == "SN  42"
    assert strip_zeros("SN0000") == "SN   0"


@pytest.mark.parametrize(
    ("text", "mask", "increment", "expected"),
    [
        ("AZ9", "aad", "1", "BA0"),
        ("0F", "hh", "1", "10"),
        ("07", "oo", "1", "10"),
        ("A-9", "a%d", "1", "B-0"),
        ("Z9", "nn", "1", "ZA"),
        ("az", "aa", "B", "ba"),
    ],
)
def test_masked_characters_carry_into_their_neighbours(
    text: str, mask: str, increment: str, expected: str
) -> None:
    assert next_masked(text, mask, increment) == expected
