"""Masks: Python's own matcher is the witness, and time is bounded where its is not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InputRefused
from gateway.registry.serial_mask import read_mask

leaves = st.sampled_from(
    ["A", "B", "1", "-", ".", r"\d", r"\w", r"\D", r"\W", r"\s", r"\S", r"\.", r"\-", r"\\", "[AB]"]
)
classes = st.sampled_from(
    ["[^A]", "[A-B1]", "[]A]", "[^]A]", "[A-]", r"[\d-]", r"[\]\\]", "[.]", "[^^]", "[|(]"]
)
masks = st.recursive(
    leaves | classes,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(st.one_of(inner, st.just("")), min_size=2, max_size=3).map(
            lambda choices: f"({'|'.join(choices)})"
        ),
        st.tuples(
            inner,
            st.sampled_from(["?", "*", "+", "{0}", "{1}", "{2}", "{1,}", "{0,2}", "{2,3}", "{,1}"]),
        ).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
    ),
    max_leaves=6,
)


@given(masks, st.lists(st.text("AB1-.]\\^ é", max_size=6), min_size=5, max_size=10))
def test_a_mask_matches_what_the_regular_expression_matches(text: str, serials: list[str]) -> None:
    # Without its flag ASCII, \w of the witness would take é; without DOTALL "." is the same here.
    witness = re.compile(text, re.ASCII)
    mask = read_mask(text)
    assert [mask.matches(s) for s in serials] == [bool(witness.fullmatch(s)) for s in serials]


@given(masks, st.data())
def test_a_mask_matches_what_is_drawn_from_it(text: str, data: st.DataObject) -> None:
    serial = data.draw(st.from_regex(re.compile(text, re.ASCII), fullmatch=True))
    assert read_mask(text).matches(serial)


@pytest.mark.parametrize(
    ("text", "fits", "not_so"),
    [
        (r"SN[0-9]{5}", ["SN00042"], ["SN0042", "sn00042", "SN000421", "xSN00042", ""]),
        (r"^SN\d+$", ["SN1"], ["SN", "SN1\n"]),
        ("A|B", ["A", "B"], ["AB", ""]),
        ("A{,2}", ["", "A", "AA"], ["AAA"]),
        (r"\d", ["7"], ["٧"]),
        (".", ["é", "\n"], ["", "ab"]),
        ("()", [""], ["x"]),
        ("[😀-😎]+", ["😀😎"], ["😀x"]),
    ],
)
def test_a_mask_is_met_by_the_whole_serial(text: str, fits: list[str], not_so: list[str]) -> None:
    mask = read_mask(text)
    assert [serial for serial in fits + not_so if mask.matches(serial)] == fits


def test_two_readings_of_one_mask_are_equal() -> None:
    assert read_mask("A") == read_mask("A")
    assert len({read_mask("A"), read_mask("A"), read_mask("B")}) == 2
    assert repr(read_mask("A+")) == "Mask('A+')"
    assert read_mask("A") != "A"


@pytest.mark.threat("T11")
@pytest.mark.parametrize(
    "text",
    [
        r"(\d+)*x",
        r"(\d|\d\d)+x",
        r"(a?){64}a{64}",
        ".*" * 30 + "=",
        "(a|b)*a(a|b){60}",
        "((((((((a*)*)*)*)*)*)*)*)*b",
    ],
)
def test_no_mask_takes_longer_than_its_serial(text: str) -> None:
    """Python's matcher would need longer than the universe is old for most of these."""
    mask = read_mask(text)
    for n in range(200):
        assert not mask.matches(f"{n:b}".replace("1", "a").replace("0", "b") + "1" * 55 + "!")


def test_a_mask_with_many_steps_forgets_and_stays_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.registry.serial_mask._MOST_STEPS", 100)
    text = "(a|b)*a(a|b){12}"
    read_mask.cache_clear()
    mask = read_mask(text)
    witness = re.compile(text)
    for n in range(4000):
        serial = f"{n * 7919 % 65536:017b}".replace("1", "a").replace("0", "b")
        assert mask.matches(serial) is bool(witness.fullmatch(serial)), serial
        assert len(mask._steps) <= 100 + 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("A**", "has '*' behind a quantifier, which says nothing about a whole serial"),
        ("A+?", "has '?' behind a quantifier, which says nothing about a whole serial"),
        ("*A", "has '*' with nothing before it to repeat"),
        ("(A", "has a '(' that is never closed"),
        ("A)", "has ')' where nothing opens or allows it"),
        ("[A", "has a '[' that is never closed"),
        ("[Z-A]", "has a range in brackets that does not go upwards"),
        (r"[A-\d]", "has a range in brackets that does not go upwards"),
        (r"[\W]", "has \\D, \\W or \\S within brackets; write [^…] instead"),
        ("A{x}", "has a '{' that is no count such as {5}, {2,} or {2,5}"),
        ("A{2", "has a '{' that is no count such as {5}, {2,} or {2,5}"),
        ("A{}", "has a count without a number"),
        ("A{3,2}", "repeats at least 3 and at most 2 times"),
        ("A{65}", "repeats more often than the 64 characters of the longest serial"),
        (f"A{{{'9' * 150}}}", "repeats more often than the 64 characters of the longest serial"),
        ("(?=A)", "has a group of another kind than (…) or (?:…)"),
        ("(?P<a>A)", "has a group of another kind than (…) or (?:…)"),
        (r"(A)\1", "has '\\1', which is none of \\d, \\w, \\s, \\D, \\W, \\S or a sign's own"),
        ("A\\", "has '\\', which is none of \\d, \\w, \\s, \\D, \\W, \\S or a sign's own"),
        ("A]", "has a lone ']', which must be written '\\]'"),
        ("A^", "has a lone '^', which must be written '\\^'"),
        ("A$B", "has '$' where nothing opens or allows it"),
    ],
)
def test_what_is_no_mask_is_refused_with_its_place(text: str, why: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read_mask(text)
    said, _, cure = refused.value.detail.partition(", at character ")
    assert said == f"The serial mask {text!r} {why}"
    assert cure.endswith("; give a pattern such as 'SN[0-9]{5}'.")
    assert refused.value.facts["mask"] == text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "",
            "A serial mask must not be empty; leave it out where serials may look like anything.",
        ),
        ("A" * 201, "A serial mask has at most 200 characters, got 201."),
        (
            "(A{64}){9}",
            "The serial mask '(A{64}){9}' needs more than 512 places when written out; give a "
            "pattern such as 'SN[0-9]{5}'.",
        ),
    ],
)
def test_a_mask_has_a_size(text: str, sentence: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read_mask(text)
    assert refused.value.detail == sentence


def test_groups_may_stand_within_groups() -> None:
    assert read_mask("(" * 99 + "A" + ")" * 99).matches("A")


def test_repeats_of_repeats_are_counted_before_they_are_written_out() -> None:
    with pytest.raises(InputRefused, match="more than 512 places"):
        read_mask("((((((((((A{64}){64}){64}){64}){64}){64}){64}){64}){64}){64})")
    # Nothing repeated takes no places and no time.
    assert read_mask("((((((((((){64}){64}){64}){64}){64}){64}){64}){64}){64}){64}A").matches("A")
