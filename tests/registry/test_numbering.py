"""The next serials of an item: no number twice, none cut, of any length."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InputRefused
from gateway.registry.numbering import (
    MOST_AT_ONCE,
    Pattern,
    after_typed,
    read_pattern,
    split_number,
    take,
)


def free(keys: Sequence[str]) -> Collection[str]:
    return ()


numbers = st.one_of(st.integers(0, 200), st.integers(10**29, 10**30), st.integers(99_900, 100_100))
patterns = st.builds(
    lambda prefix, number, width, suffix: Pattern(prefix, str(number), width, suffix),
    st.text("ABc-1", max_size=5),
    numbers,
    st.integers(1, 8),
    st.text("X/9é", max_size=4),
)


@pytest.mark.seed("A9")
@pytest.mark.seed("A10")
@given(
    patterns,
    st.lists(st.one_of(st.integers(0, 12), st.lists(st.integers(0, 30), max_size=5)), max_size=8),
    st.sets(st.integers(0, 40)),
)
def test_no_serial_ever_comes_twice_however_it_is_taken_or_typed(
    pattern: Pattern, steps: list[int | list[int]], used: set[int]
) -> None:
    start = int(pattern.next)
    taken = {pattern.write(start + n).casefold() for n in used}
    for step in steps:
        before = int(pattern.next)
        if isinstance(step, int):
            serials, pattern = take(pattern, step, taken.intersection)
            assert len(serials) == step
            keys = [serial.casefold() for serial in serials]
            assert len({*keys, *taken}) == len(keys) + len(taken)
            assert int(pattern.next) >= before + step
            taken |= set(keys)
        else:
            typed = [pattern.write(start + n) for n in step]
            pattern = after_typed(pattern, typed)
            assert int(pattern.next) == max([before, *(start + n + 1 for n in step)])
            taken |= {serial.casefold() for serial in typed}


@pytest.mark.seed("A11")
@pytest.mark.parametrize(
    ("pattern", "number", "serial"),
    [
        (Pattern(), 7, "00007"),
        (Pattern(), 99_999, "99999"),
        (Pattern(), 100_000, "100000"),
        (Pattern("SN-", "1", 3, "/B"), 42, "SN-042/B"),
        (Pattern(width=1), 42, "42"),
        (Pattern(), 10**29 + 7, "100000000000000000000000000007"),
    ],
)
def test_a_number_is_padded_to_its_width_and_never_cut(
    pattern: Pattern, number: int, serial: str
) -> None:
    assert pattern.write(number) == serial


@pytest.mark.seed("A8")
def test_numbers_of_thirty_digits_count_on() -> None:
    pattern = Pattern("", "9" * 30)
    assert take(pattern, 2, free) == (("9" * 30, "1" + "0" * 30), Pattern("", "1" + "0" * 29 + "1"))


@pytest.mark.seed("A8")
@pytest.mark.parametrize(
    ("serial", "width", "pattern"),
    [
        ("1000", 5, Pattern("", "1000", 5)),
        ("SN00042", 5, Pattern("SN", "42", 5)),
        ("SN0000042", 5, Pattern("SN", "42", 7)),
        ("2024-B7/x", 3, Pattern("2024-B", "7", 3, "/x")),
        ("000", 1, Pattern("", "0", 3)),
    ],
)
def test_the_next_serial_is_read_as_a_person_wrote_it(
    serial: str, width: int, pattern: Pattern
) -> None:
    assert read_pattern(serial, width) == pattern
    assert take(pattern, 1, free)[0][0].endswith(serial[-2:])


@pytest.mark.parametrize("serial", ["", "none", "1" * 65])
def test_what_holds_no_number_is_no_next_serial(serial: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read_pattern(serial)
    assert refused.value.detail == (
        f"The next serial {serial!r} holds no number of a serial's length to count on from; write "
        "it such as 'SN00001'."
    )
    assert split_number(serial) is None


@pytest.mark.parametrize(
    ("prefix", "number", "width", "suffix", "sentence"),
    [
        (
            "",
            "007",
            5,
            "",
            "The next number is '007': expected decimal digits without leading zeros; the width "
            "adds those.",
        ),
        (
            "",
            "",
            5,
            "",
            "The next number is '': expected decimal digits without leading zeros; the width adds "
            "those.",
        ),
        (
            "",
            "٧",
            5,
            "",
            "The next number is '٧': expected decimal digits without leading zeros; the width adds "
            "those.",
        ),
        ("", "1" * 66, 5, "", "The next number has 66 digits; a serial has room for 64."),
        ("", "1", 0, "", "The width of a number is 0: expected 1 to 64 digits."),
        ("", "1", 65, "", "The width of a number is 65: expected 1 to 64 digits."),
        (
            "A\t",
            "1",
            2,
            "",
            "No serial can be written as prefix 'A\\t', 2 digits and suffix '': Serial 'A\\t00' "
            "holds U+0009 as its character 2, a control character; enter it without.",
        ),
        (
            "",
            "1",
            2,
            "B ",
            "No serial can be written as prefix '', 2 digits and suffix 'B ': Serial '00B ' begins "
            "or ends with a space; enter it without.",
        ),
        (
            "P" * 60,
            "1",
            5,
            "",
            f"No serial can be written as prefix {'P' * 60!r}, 5 digits and suffix '': Serial "
            f"'{'P' * 60}0000'… has 65 characters; at most 64 are kept.",
        ),
    ],
)
def test_a_pattern_that_no_serial_can_have_is_refused(
    prefix: str, number: str, width: int, suffix: str, sentence: str
) -> None:
    with pytest.raises(InputRefused) as refused:
        Pattern(prefix, number, width, suffix)
    assert refused.value.detail == sentence


@pytest.mark.seed("A10")
@pytest.mark.parametrize(
    ("typed", "after"),
    [
        ([], "10"),
        (["SN00009"], "10"),  # behind the pattern already
        (["SN00010", "SN00012", "sn00011"], "13"),
        (["SN100000"], "100001"),
        (["SN0000012", "SN12", "SN00012-X", "XSN00012", "SN0001x", "SN", "SN٠٠٠١٢"], "10"),
        (["SN" + "9" * 62], "1" + "0" * 62),
        (["SN" + "9" * 63], "10"),
    ],
)
def test_a_typed_serial_of_the_pattern_moves_the_next_one(typed: list[str], after: str) -> None:
    assert after_typed(Pattern("SN", "10"), typed) == Pattern("SN", after)


def test_case_counts_only_where_the_item_says_so() -> None:
    pattern = Pattern("ß-", "1", 1)
    assert after_typed(pattern, ["SS-4"], "fold").next == "5"
    assert after_typed(pattern, ["SS-4"], "exact").next == "1"
    assert take(pattern, 1, {"ss-1"}.intersection, "fold")[0] == ("ß-2",)
    assert take(pattern, 1, {"ss-1"}.intersection, "exact")[0] == ("ß-1",)


def test_a_long_row_of_used_numbers_takes_few_questions() -> None:
    asked: list[int] = []

    def used(keys: Sequence[str]) -> Collection[str]:
        asked.append(len(keys))
        return [key for key in keys if int(key) < 50_000]

    assert take(Pattern(), 2, used) == (("50000", "50001"), Pattern(next="50002"))
    assert len(asked) < 20
    assert max(asked) <= MOST_AT_ONCE


def test_a_million_used_numbers_in_a_row_are_a_wrong_next_serial() -> None:
    with pytest.raises(InputRefused) as refused:
        take(Pattern("S"), 1, list)
    assert refused.value.detail == (
        "More than 1000000 serials from 'S00001' on are used already; set the next serial behind "
        "them."
    )


@pytest.mark.parametrize("count", [-1, MOST_AT_ONCE + 1])
def test_a_count_out_of_range_is_refused(count: int) -> None:
    with pytest.raises(InputRefused) as refused:
        take(Pattern(), count, free)
    assert refused.value.detail == (
        f"The number of serials wanted is {count}: expected 0 to 100000."
    )


def test_serials_that_would_grow_too_long_are_refused() -> None:
    last = Pattern("P" * 59, "99998")
    assert take(last, 2, free)[0] == ("P" * 59 + "99998", "P" * 59 + "99999")
    with pytest.raises(InputRefused) as refused:
        take(last, 3, free)
    assert refused.value.detail == (
        f"3 serials from '{'P' * 59}99998' on would become longer than 64 characters; set the next "
        "serial to a shorter one."
    )
    # All numbers taken: the pattern still stands, and gives none.
    _, spent = take(Pattern(next="9" * 64), 1, free)
    with pytest.raises(InputRefused, match="longer than 64 characters"):
        take(spent, 1, free)


def test_none_are_taken_of_none() -> None:
    asked: list[list[str]] = []

    def used(keys: Sequence[str]) -> Collection[str]:
        asked.append(list(keys))
        return ()

    assert take(Pattern(), 0, used) == ((), Pattern())
    assert asked == []
