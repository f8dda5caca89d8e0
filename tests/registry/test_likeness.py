"""What serials have in common: a mask that fits them all, and no others than it must."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registry.likeness import mask_of
from gateway.registry.serial_mask import read_mask


@pytest.mark.parametrize(
    ("serials", "mask"),
    [
        (["SN00098", "SN00100"], "SN[0-9]{5}"),
        (["20240001", "20240002"], "[0-9]{8}"),
        (["C02-1FQ7", "C02-F93A", "C02-77BE"], "C[0-9]{2}-[0-9A-Z]{4}"),
        # By chance every third character is a digit; random text is random all the same.
        (["3F9A", "7785", "12B4"], "[0-9A-Z]{4}"),
        (["A.1(x)", "A.2(x)"], r"A\.[0-9]\(x\)"),
        (["ab-1", "ac-1"], "a[a-z]-[0-9]"),
        (["AA1", "AA2"], "A{2}[0-9]"),
        # Capitals in one place, small letters in another.
        (["A5", "1b"], "[0-9A-Z][0-9a-z]"),
        (["X1a7", "XBa1"], "X[0-9A-Z]a[0-9A-Z]"),
        (["A1", "A10"], None),
        (["SN 1", "SN/1"], None),
        (["aB", "Ab"], None),
        ([], None),
    ],
)
def test_what_serials_have_in_common_is_their_mask(serials: list[str], mask: str | None) -> None:
    assert mask_of(serials) == mask


@given(
    st.from_regex(r"[A-Z]{0,4}[-./ ()+]?[0-9]{1,9}[-./]?[0-9A-Z]{0,5}", fullmatch=True),
    st.sampled_from(["ABCDEFXYZ", "abcdef", "0123456789ABCDEF", "0123456789abcdef"]),
    st.randoms(use_true_random=False),
)
def test_a_mask_fits_all_that_it_was_made_of(pattern: str, letters: str, random: Random) -> None:
    def another(character: str) -> str:
        if character.isdigit():
            return random.choice("0123456789")
        return random.choice(letters) if character.isalpha() else character

    serials = ["".join(map(another, pattern)) for _ in range(10)]
    mask = mask_of(serials)
    assert mask is not None
    assert all(read_mask(mask).matches(serial) for serial in serials)
    # Python's own matcher is the witness that it is the mask we think it is.
    assert all(re.fullmatch(mask, serial) for serial in serials)
    assert not read_mask(mask).matches(serials[0] + "0")


@given(st.lists(st.text("019AZaz-", min_size=6, max_size=6), min_size=1, max_size=4))
def test_whatever_serials_are_their_mask_fits_them_or_there_is_none(serials: list[str]) -> None:
    mask = mask_of(serials)
    assert mask is None or all(re.fullmatch(mask, serial) for serial in serials)
