from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codes.checkdigits import check_digit, complete, verify
from gateway.errors import CodeRefused


@pytest.mark.parametrize(
    "number",
    [
        "96385074",  # GTIN-8
        "036000291452",  # GTIN-12
        "6291041500213",  # GTIN-13, GS1's own example
        "09501101530003",  # GTIN-14
        "376104250021234569",  # SSCC
        "0614141123452",  # GLN
    ],
)
def test_published_numbers_have_the_digit_their_owners_print(number: str) -> None:
    assert check_digit(number[:-1]) == number[-1]
    assert verify(number, "GTIN") == number


@given(st.text("0123456789", min_size=4, max_size=17), st.integers(0, 16), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(digits: str, place: int, change: int) -> None:
    good = digits + check_digit(digits)
    at = place % len(good)
    wrong = good[:at] + str((int(good[at]) + change) % 10) + good[at + 1 :]
    with pytest.raises(CodeRefused):
        verify(wrong, "GTIN")


def test_a_wrong_check_digit_is_told_with_the_right_one_and_the_cure() -> None:
    with pytest.raises(CodeRefused) as refused:
        complete("6291041500218", 13, "EAN-13")
    assert refused.value.detail == (
        "EAN-13 '6291041500218' has a wrong check digit: expected 3, got 8; check the number for a "
        "typing error, or give '6291041500213' if only the last digit is wrong."
    )
    assert refused.value.facts == {"value": "6291041500218", "expected": "3", "got": "8"}


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("", "nothing"),
        ("62910415002", "11 digits"),
        ("62910415002133", "14 digits"),
        ("629104150O213", "13 characters with 'O' among them"),
        ("٦291041500213", "13 characters with '٦' among them"),
    ],
)
def test_what_is_no_number_of_that_length_is_refused(text: str, got: str) -> None:
    with pytest.raises(CodeRefused) as refused:
        complete(text, 13, "EAN-13")
    assert refused.value.detail == (
        f"{text!r} is no EAN-13: expected 13 digits, or 12 without the check digit, got {got}."
    )
