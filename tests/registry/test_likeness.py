"""What serials have in common: a mask that fits them all, and no others than it must."""

from __future__ import annotations

import re

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
    st.randoms(use_true_random=False),
)
def test_a_mask_fits_all_that_it_was_made_of(pattern: str, random: object) -> None:
    def another(character: str) -> str:
        if character.isdigit():
            return random.choice("0123456789")  # type: ignore[attr-defined, no-any-return]
        if character.isalpha():
            return random.choice("ABCDEFXYZ")  # type: ignore[attr-defined, no-any-return]
        return character

    serials = ["".join(map(another, pattern)) for _ in range(10)]
    mask = mask_of(serials)
    assert mask is not None
    assert all(read_mask(mask).matches(serial) for serial in serials)
    # Python's own matcher is the witness that it is the mask we think it is.
    assert all(re.fullmatch(mask, serial) for serial in serials)
    assert not read_mask(mask).matches(serials[0] + "0")
