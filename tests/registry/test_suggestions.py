"""What a mistyped serial may have meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registry.serial_text import key_of
from gateway.registry.suggestions import MOST_NEIGHBOURS, neighbours

keys = st.text(max_size=70).map(key_of)
short_keys = st.text("abs0158-", min_size=2, max_size=30)


@pytest.mark.seed("A5")
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1l1", "111"),
        ("SN00021", "SN00012"),
        ("SN-OOO1", "SN-0001"),
        ("SN-0O01", "SN-0001"),
        ("5N-0001", "SN-0001"),
        ("A8-1", "AB-1"),
        ("Z4", "24"),
        ("6A1", "GA1"),
        ("SN000011", "SN00011"),
        ("SN0011", "SN00011"),
        ("SN00O11I", "SN000111"),
    ],
)
def test_a_slip_of_hand_or_eye_leads_back_to_the_serial(typed: str, meant: str) -> None:
    stock = {key_of(meant), key_of("SN77777"), key_of("XYZ")}
    candidates = neighbours(key_of(typed))
    first = [key for key in candidates if key in stock]
    assert first == [key_of(meant)]


@pytest.mark.seed("A5")
@given(short_keys, st.data())
def test_each_single_slip_is_undone(meant: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(meant) - 2))
    swapped = meant[:at] + meant[at + 1] + meant[at] + meant[at + 2 :]
    too_many = meant[:at] + data.draw(st.sampled_from("ab01x")) + meant[at:]
    for typed in (swapped, too_many, *([meant[:at] + meant[at + 1 :]] if swapped == meant else [])):
        assert typed == meant or meant in neighbours(typed)


@given(keys)
def test_candidates_are_few_different_and_other_than_what_was_typed(key: str) -> None:
    found = neighbours(key)
    assert len(found) == len(set(found)) <= MOST_NEIGHBOURS
    assert key not in found
    assert "" not in found
    assert all(other == other.casefold() for other in found)


@given(short_keys)
def test_looking_alike_goes_both_ways(key: str) -> None:
    for other in neighbours(key):
        if len(other) == len(key) and sum(a != b for a, b in zip(key, other, strict=True)) == 1:
            assert key in neighbours(other)


def test_a_key_that_keeps_its_case_meets_capitals() -> None:
    assert "SN0" in neighbours("SNO")
    assert "SNO" in neighbours("SN0X"[:3])
    assert {"SNo", "SNQ"} <= set(neighbours("SNO"))
    assert "sno" not in neighbours("SNO")


def test_what_no_serial_can_be_has_no_neighbours() -> None:
    assert neighbours("") == []
    assert neighbours("a" * 65) == []
    assert neighbours("a") == ["4", "aa"]
    assert "a" * 65 not in neighbours("a" * 64)
