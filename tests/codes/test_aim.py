from __future__ import annotations

import pytest
from biip.symbology import GS1Symbology, ISOSymbology
from hypothesis import given
from hypothesis import strategies as st

from gateway.codes.aim import Symbology, split_aim, symbology_of


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("]C10109501101530003", ("]C1", "0109501101530003")),
        ("]d2", ("]d2", "")),
        ("]zAX", ("]zA", "X")),
        ("]W7A1234", ("]W7", "A1234")),
        ("A1234", ("", "A1234")),
        ("]C", ("", "]C")),
        ("]1C23", ("", "]1C23")),
        ("]C-1234", ("", "]C-1234")),
        ("", ("", "")),
    ],
)
def test_an_identifier_is_taken_off_once_and_only_where_one_stands(
    text: str, split: tuple[str, str]
) -> None:
    assert split_aim(text) == split


def test_only_one_identifier_is_taken_off() -> None:
    assert split_aim("]C1]C1A") == ("]C1", "]C1A")


@pytest.mark.parametrize("aim", ["]C1", "]d2", "]d5", "]Q3", "]Q4", "]e0", "]J1", "]O5", "]z1"])
def test_the_modifier_says_gs1(aim: str) -> None:
    assert symbology_of(aim).gs1


@pytest.mark.parametrize(
    "aim", ["]C0", "]C2", "]C4", "]A0", "]Q1", "]Q2", "]Q5", "]d1", "]d3", "]d6", "]E0", "]I1"]
)
def test_the_modifier_says_that_it_is_no_gs1(aim: str) -> None:
    said = symbology_of(aim)
    assert (said.gs1, said.known) == (False, True)


@pytest.mark.parametrize("aim", ["]W7", "]q1", "", "C1", "]C1X", "]ß1"])
def test_what_no_standard_has_is_kept_and_called_unknown(aim: str) -> None:
    assert symbology_of(aim) == Symbology(aim, "unknown", known=False)


@pytest.mark.parametrize("aim", ["]X0", "]Y1", "]Z3"])
def test_other_barcodes_and_what_is_none_say_nothing_about_their_content(aim: str) -> None:
    assert not symbology_of(aim).known


def test_eci_is_told_where_the_modifier_says_so() -> None:
    told = [aim for aim in ("]Q1", "]Q2", "]Q4", "]d1", "]d4", "]d5", "]z3", "]C1", "]L1", "]L2")
            if symbology_of(aim).eci]  # fmt: skip
    assert told == ["]Q2", "]Q4", "]d4", "]d5", "]z3", "]L1"]


def test_every_symbology_of_the_standard_has_a_name() -> None:
    for symbology in ISOSymbology:
        assert symbology_of(f"]{symbology.value}0").name != "unknown"


def test_what_another_library_takes_for_gs1_messages_is_gs1_here() -> None:
    for symbology in GS1Symbology.with_gs1_messages():
        assert symbology_of(f"]{symbology.value}").gs1
    for symbology in GS1Symbology.with_gtin():
        assert not symbology_of(f"]{symbology.value}").gs1


@given(st.text())
def test_nothing_is_lost_in_splitting(text: str) -> None:
    aim, rest = split_aim(text)
    assert aim + rest == text
    assert symbology_of(aim).aim == aim
