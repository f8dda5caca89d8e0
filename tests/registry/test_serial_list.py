"""Lists of serials: every rule of reading them, and that nothing is ever guessed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registry.numbering import Pattern
from gateway.registry.refusals import CAUSES, Offence
from gateway.registry.serial_list import Entry, Listing, Problem, parse_list


def serials(listing: Listing) -> list[str]:
    return [entry.serial for entry in listing.serials]


def wrong(listing: Listing) -> list[tuple[int, str]]:
    return [(problem.position, problem.code) for problem in listing.problems]


READ: list[tuple[str, dict[str, Any], list[str]]] = [
    # Separators and quotation marks.
    ("", {}, []),
    (" \n\t,;", {}, []),
    ("A1 A2,A3;A4\nA5\tA6", {}, ["A1", "A2", "A3", "A4", "A5", "A6"]),
    ("A1\r\nA2\rA3\r\n", {}, ["A1", "A2", "A3"]),
    ("A1,,A2;;\n\n A3", {}, ["A1", "A2", "A3"]),
    ("\ufeffA1\u200b, A\u2060B\u00ad2", {}, ["A1", "AB2"]),
    ("A1\u00a0A2\u3000A3", {}, ["A1", "A2", "A3"]),
    ("A\u030a1", {}, ["\u00c51"]),
    ('"SN 1, left";A2', {}, ["SN 1, left", "A2"]),
    ('"say ""x""" A2', {}, ['say "x"', "A2"]),
    ('19" 1/2"x', {}, ['19"', '1/2"x']),
    ('"" A1 "" ""', {}, ["A1"]),
    ('""""', {}, ['"']),
    ('" A1 "', {}, ["A1"]),
    ("Serial\tItem\nA1\tBOX", {}, ["Serial", "Item", "A1", "BOX"]),
    # Spaces that belong to the serial.
    ("SN 1, SN 2\nSN  3", {"split_space": False}, ["SN 1", "SN 2", "SN  3"]),
    ("SN 1 - SN 3", {"split_space": False}, ["SN 1", "SN 2", "SN 3"]),
    ("SN 1  to  SN 2, X", {"split_space": False}, ["SN 1", "SN 2", "X"]),
    ('"SN 1 - B", "A 1" .. "A 2"', {"split_space": False}, ["SN 1 - B", "A 1", "A 2"]),
    # Ranges that say so.
    ("A1..A3", {}, ["A1", "A2", "A3"]),
    ("A1 .. A3", {}, ["A1", "A2", "A3"]),
    ("A1 - A3", {}, ["A1", "A2", "A3"]),
    ("A1 – A3 1–2", {}, ["A1", "A2", "A3", "1", "2"]),
    ("A1 to A3", {}, ["A1", "A2", "A3"]),
    ("A1  TO  A2, B", {}, ["A1", "A2", "B"]),
    ("x A-1 - A-3 y", {}, ["x", "A-1", "A-2", "A-3", "y"]),
    ('"A 1" - "A 3"', {}, ["A 1", "A 2", "A 3"]),
    ("A7..A7", {}, ["A7"]),
    ("A1/X..A3/X", {}, ["A1/X", "A2/X", "A3/X"]),
    ("A1B1..A3B1", {}, ["A1B1", "A2B1", "A3B1"]),
    ("24A0009B..24A0011B", {}, ["24A0009B", "24A0010B", "24A0011B"]),
    ("AB1..ab3", {}, ["AB1", "AB2", "AB3"]),
    ("A7/x..a7/X", {}, ["A7/x"]),
    ("\u00df9..\u00df11", {}, ["\u00df9", "\u00df10", "\u00df11"]),
    ("to, A1", {}, ["to", "A1"]),
    # A hyphen inside.
    ("1000-1003", {}, ["1000", "1001", "1002", "1003"]),
    ("AB0009-AB0011", {}, ["AB0009", "AB0010", "AB0011"]),
    ("AB-0009-AB-0011", {}, ["AB-0009", "AB-0010", "AB-0011"]),
    ("AB-00001 X-Y 5-B", {}, ["AB-00001", "X-Y", "5-B"]),
    ("AB12-0001", {}, ["AB12-0001"]),
    ("AB0100-0001 AB12-12", {}, ["AB0100-0001", "AB12-12"]),
    ("2024-01-05", {}, ["2024-01-05"]),
    ("00-1A-2B-3C-4D-5E", {}, ["00-1A-2B-3C-4D-5E"]),
    (
        "c56a4180-65aa-42ec-a945-5fd21dec0538",
        {},
        ["c56a4180-65aa-42ec-a945-5fd21dec0538"],
    ),
    ('"1000-1003"', {}, ["1000-1003"]),
    ("-5", {}, ["-5"]),
    ("A1, -5, 5-", {}, ["A1", "-5", "5-"]),
    # (i) the item has that serial.
    ("1000-1003 7-8", {"known": {"1000-1003"}.intersection}, ["1000-1003", "7", "8"]),
    ("ab1-AB2", {"known": {"ab1-ab2"}.intersection}, ["ab1-AB2"]),
    ("A1 -5", {"known": {"-5"}.intersection}, ["A1", "-5"]),
    # (ii) the mask fits only the one or the other.
    ("2024-0001", {"mask": r"\d{4}-\d{4}"}, ["2024-0001"]),
    ("1000-1001", {"mask": r"\d{4}"}, ["1000", "1001"]),
    ("AB0001-0002", {"mask": r"AB\d{4}"}, ["AB0001", "AB0002"]),
    ("A1 -5", {"mask": "-?[A-Z]?[0-9]"}, ["A1", "-5"]),
    # (iii) the number expected fits only the one or the other.
    ("2024-0001 2024-0002", {"expected": 2}, ["2024-0001", "2024-0002"]),
    ("1000-1003", {"expected": 1}, ["1000-1003"]),
    ("X 1000-1003", {"expected": 5}, ["X", "1000", "1001", "1002", "1003"]),
    ("AB0001-0003", {"expected": 3}, ["AB0001", "AB0002", "AB0003"]),
    ("AB0001-0003", {"expected": 1}, ["AB0001-0003"]),
    ("A1..A2 7-7", {"expected": 3}, ["A1", "A2", "7-7"]),
    ("1-2, 5-6", {"expected": 9}, ["1", "2", "5", "6"]),
    ("1-2", {"mask": ".*", "expected": 1}, ["1-2"]),
    # Width.
    ("998-1001", {}, ["998", "999", "1000", "1001"]),
    ("0998..1001", {}, ["0998", "0999", "1000", "1001"]),
    ("0-10", {}, [str(n) for n in range(11)]),
    ("00..02", {}, ["00", "01", "02"]),
    (
        f"{10**29 + 8}-{10**29 + 10}",
        {},
        [f"{10**29 + 8}", f"{10**29 + 9}", f"{10**29 + 10}"],
    ),
    # Case.
    ("ab1 AB1", {"case": "exact"}, ["ab1", "AB1"]),
    # One scan is one serial, whatever it holds.
    ("A 1, B\n2024-0001\n\t\u00a0\nnext\n", {"scanned": True}, ["A 1, B", "2024-0001", "next"]),
]


@pytest.mark.seed("N12")
@pytest.mark.seed("A14")
@pytest.mark.seed("A15")
@pytest.mark.seed("A16")
@pytest.mark.parametrize(("text", "rules", "expected"), READ, ids=[repr(row[0]) for row in READ])
def test_a_list_is_read_by_the_rules(text: str, rules: dict[str, Any], expected: list[str]) -> None:
    listing = parse_list(text, **rules)
    assert (serials(listing), listing.problems) == (expected, ())
    assert (listing.count, listing.first, listing.last) == (
        len(expected),
        expected[0] if expected else None,
        expected[-1] if expected else None,
    )


WRONG: list[tuple[str, dict[str, Any], list[tuple[int, str]]]] = [
    ("A1..B3", {}, [(1, "range_not_understood")]),
    ("A1..", {}, [(1, "range_not_understood")]),
    ("..A1 X", {}, [(1, "range_not_understood")]),
    ("1..2..3", {}, [(1, "range_not_understood")]),
    ("X..X", {}, [(1, "range_not_understood")]),
    ("A1B1..A2B2", {}, [(1, "range_not_understood")]),
    ("A1 - ", {}, [(1, "range_not_understood")]),
    ("X, - A1", {}, [(2, "range_not_understood")]),
    ("A1 - A2 - A3, B", {}, [(1, "range_not_understood")]),
    ("A1 to", {}, [(1, "range_not_understood")]),
    ("A1, -", {}, [(2, "range_not_understood")]),
    ("1000 -1003", {}, [(2, "range_not_understood")]),
    ("1000- 1003", {}, [(1, "range_not_understood")]),
    ("ab1..AB3", {"case": "exact"}, [(1, "range_not_understood")]),
    ("SN 1 -, SN 2", {"split_space": False}, [(1, "range_not_understood")]),
    ("2024-0001", {}, [(1, "range_descending")]),
    ("A9 - A1", {}, [(1, "range_descending")]),
    ("098-10002", {}, [(1, "range_width_mismatch")]),
    ("98..0102", {}, [(1, "range_width_mismatch")]),
    ("AB0001-0100", {}, [(1, "range_ambiguous")]),
    ("A1-2", {}, [(1, "range_ambiguous")]),
    ("A1-2", {"expected": 7}, [(1, "range_ambiguous")]),
    ("555-555", {}, [(1, "range_ambiguous")]),
    ("2024-0001", {"mask": "SN[0-9]+"}, [(1, "serial_mask_mismatch")]),
    (
        "X1, SN1..SN3",
        {"mask": "SN[12]"},
        [(1, "serial_mask_mismatch"), (2, "serial_mask_mismatch")],
    ),
    ("2-1", {"mask": "[0-9]"}, [(1, "range_descending")]),
    ("1-9999999999", {}, [(1, "range_too_large")]),
    ("1-100000, 7..7", {}, [(2, "range_too_large")]),
    ("1-100001", {"limit": 10**9}, [(1, "range_too_large")]),
    ("A\x071..A\x073", {}, [(1, "serial_bad_character")]),
    ("1-6 11-15", {"limit": 10}, [(2, "range_too_large")]),
    (f"1-{'9' * 64}", {}, [(1, "range_too_large")]),
    (f"1-{'9' * 6000}", {}, [(1, "serial_too_long")]),
    (f"1..{'9' * 6000}", {}, [(1, "range_not_understood")]),
    ("A" * 65, {}, [(1, "serial_too_long")]),
    ("A\x071 B\u202e2 \ud8001", {}, [(n, "serial_bad_character") for n in (1, 2, 3)]),
    ('"A1\nA2"', {}, [(1, "serial_bad_character")]),
    ('A1 "A2', {}, [(2, "serial_bad_character")]),
    ('"A1"A2', {}, [(1, "serial_bad_character")]),
    ("A1 a1", {}, [(2, "duplicate_in_list")]),
    ("A2 A1..A3", {}, [(2, "duplicate_in_list")]),
    ("Stra\u00dfe1 STRASSE1", {}, [(2, "duplicate_in_list")]),
    ("next", {}, [(1, "range_not_understood")]),
    ("next*0", {"pattern": Pattern()}, [(1, "range_not_understood")]),
    ("next*x", {"pattern": Pattern()}, [(1, "range_not_understood")]),
    (f"next*{'9' * 5000}", {"pattern": Pattern()}, [(1, "range_not_understood")]),
    ("A1 next*100001", {"pattern": Pattern()}, [(2, "range_too_large")]),
    ("next", {"pattern": Pattern("S"), "mask": "T.*"}, [(1, "serial_mask_mismatch")]),
    ("next*2", {"pattern": Pattern(next="9" * 64)}, [(1, "serial_too_long")]),
]


@pytest.mark.parametrize(
    ("text", "rules", "expected"), WRONG, ids=[repr(row[0][:40]) for row in WRONG]
)
def test_what_is_wrong_is_refused_under_its_code(
    text: str, rules: dict[str, Any], expected: list[tuple[int, str]]
) -> None:
    listing = parse_list(text, **rules)
    assert wrong(listing) == expected
    assert all(problem.code in CAUSES for problem in listing.problems)


def test_all_problems_are_told_together_with_their_tokens_and_the_cure() -> None:
    listing = parse_list("A1, 9-5, AB1-3, a1, A2..A3, A1..A3, 1-9999999999, A1..Z9")
    assert listing.problems == (
        Problem(
            "9-5",
            2,
            "range_descending",
            "The range '9-5' runs down from 9 to 5; write it upwards, or in quotation marks if it "
            "is one serial.",
            {"first": "9", "last": "5"},
        ),
        Problem(
            "AB1-3",
            3,
            "range_ambiguous",
            "'AB1-3' can be one serial or the range from 'AB1' to 'AB3'; write \"AB1-3\" in "
            "quotation marks for the one, AB1..AB3 for the other.",
            {"first": "AB1", "last": "AB3", "count": 3},
        ),
        Problem(
            "a1",
            4,
            "duplicate_in_list",
            "Serial 'a1' stands in the list already, as entry 1; remove one of the two.",
            {"first": 1},
        ),
        Problem(
            "A1..A3",
            6,
            "duplicate_in_list",
            "The range 'A1..A3' holds 3 serials that stand in the list already, first 'A1' as "
            "entry 1; remove what stands twice.",
            {"serials": ["A1", "A2", "A3"], "count": 3, "first": 1},
        ),
        Problem(
            "1-9999999999",
            7,
            "range_too_large",
            "'1-9999999999' stands for 9999999999 serials; the ranges of one list have room for "
            "100000, of which 99995 are left.",
            {"count": 9999999999, "room": 99995, "limit": 100000},
        ),
        Problem(
            "A1..Z9",
            8,
            "range_not_understood",
            "'A1..Z9' is not understood: a range is two serials that differ in one number, such as "
            "A0001..A0100, new ones are 'next' or 'next*5', and a serial that looks like either "
            "stands in quotation marks.",
        ),
    )
    # What is not refused stays in the draft.
    assert serials(listing) == ["A1", "A2", "A3"]
    assert listing.problems[2].offence == Offence(
        "a1",
        "duplicate_in_list",
        "Serial 'a1' stands in the list already, as entry 1; remove one of the two.",
        {"first": 1, "position": 4},
    )


def test_an_entry_says_what_stood_for_it() -> None:
    assert parse_list('"Ab-1" 7-8 next', pattern=Pattern("SN")).serials == (
        Entry("Ab-1", "ab-1", '"Ab-1"', 1, "literal"),
        Entry("7", "7", "7-8", 2, "range"),
        Entry("8", "8", "7-8", 2, "range"),
        Entry("SN00001", "sn00001", "next", 3, "generated"),
    )


@pytest.mark.seed("A14")
def test_what_was_typed_in_lines_is_shown_as_a_comma_list() -> None:
    listing = parse_list('A1\r\nA2\r\n"B, 1"\nAB-7\n1000-1002\n"2024-0001"\n"to"')
    assert listing.shown == 'A1, A2, "B, 1", AB-7, 1000..1002, "2024-0001", to'


@pytest.mark.parametrize(
    "serial",
    ["1–2", "1..2", "-", "..", '"', '"a" b', "1-2", "A1-2", "next", "NEXT*2", "next*x", "a;b"],
)
@pytest.mark.parametrize("beside", ["", "1", "to", "A3..A4"])
def test_a_serial_that_looks_like_something_else_is_shown_so_that_it_is_not(
    serial: str, beside: str
) -> None:
    quoted = '"' + serial.replace('"', '""') + '"'
    once = parse_list(f"{beside},{quoted},{beside and 'z'}")
    again = parse_list(once.shown)
    assert (serials(again), again.problems) == (serials(once), ())
    assert serial in serials(again)


def test_a_scanned_separator_of_fields_is_not_lost() -> None:
    assert wrong(parse_list("A1\x1d\nA2 \t", scanned=True)) == [(1, "serial_bad_character")]


def test_a_serial_scanned_again_is_no_problem() -> None:
    listing = parse_list("A1\nA2\na1", scanned=True)
    assert (serials(listing), listing.problems) == (["A1", "A2"], ())
    assert listing.repeats == (
        Problem(
            "a1",
            3,
            "duplicate_in_list",
            "Serial 'a1' was scanned already, as number 1 of this list.",
            {"first": 1},
        ),
    )


def test_a_list_holds_one_serial_for_each_piece_and_counts_them() -> None:
    assert parse_list("A1, A2").count == 2
    assert parse_list("A1, a1").count == 1


class Asked:
    """The item's serials, and each question about them."""

    def __init__(self, *keys: str) -> None:
        self.keys = set(keys)
        self.questions: list[list[str]] = []

    def __call__(self, keys: Sequence[str]) -> Collection[str]:
        self.questions.append(list(keys))
        return self.keys.intersection(keys)


def test_the_database_is_asked_once_and_only_where_a_hyphen_could_be_either() -> None:
    item = Asked("9-10")
    assert parse_list("A1..A3 AB-1 x-y-z 2024-01-05 1-2, -3", known=item).problems == ()
    assert item.questions == [["1-2"]]
    parse_list("A1 A2", known=item)
    assert len(item.questions) == 1
    assert serials(parse_list("9-10 1-2 9-10", known=item, case="exact")) == ["9-10", "1", "2"]
    assert item.questions[1:] == [["9-10", "1-2"]]


@pytest.mark.seed("A8")
@pytest.mark.seed("A9")
@pytest.mark.seed("A10")
@pytest.mark.parametrize("text", ["next*3", "next * 3", "NEXT *3", "next* 3", "next next, next"])
def test_next_takes_serials_that_nobody_has(text: str) -> None:
    item = Asked("sn00008")
    listing = parse_list(text, pattern=Pattern("SN", "7"), known=item)
    assert serials(listing) == ["SN00007", "SN00009", "SN00010"]
    assert listing.pattern == Pattern("SN", "11")
    assert listing.problems == ()


def test_next_passes_over_what_stands_elsewhere_in_the_list() -> None:
    listing = parse_list("next*2; SN00001 x next SN00003..SN00004", pattern=Pattern("SN"))
    assert serials(listing) == [
        *("SN00002", "SN00005", "SN00001", "x", "SN00006", "SN00003", "SN00004")
    ]
    assert listing.problems == ()
    assert listing.shown == "SN00002, SN00005, SN00001, x, SN00006, SN00003..SN00004"
    assert listing.pattern == Pattern("SN", "7")


def test_a_star_behind_a_separator_is_a_serial_of_its_own() -> None:
    assert serials(parse_list("next, *5", pattern=Pattern())) == ["00001", "*5"]


@pytest.mark.seed("A10")
def test_typed_serials_of_the_pattern_push_the_next_one() -> None:
    assert parse_list("SN00041 SN00040", pattern=Pattern("SN")).pattern == Pattern("SN", "42")


def test_a_word_in_quotation_marks_is_never_next() -> None:
    assert serials(parse_list('"next" nextgen next5')) == ["next", "nextgen", "next5"]


@pytest.mark.seed("A16")
def test_a_hundred_thousand_pasted_rows_are_read_whole() -> None:
    rows = [f"SN-{n:06d}" for n in range(100_000)]
    assert serials(parse_list("\r\n".join(rows))) == rows
    ranged = parse_list("SN-000000..SN-099999")
    assert serials(ranged) == rows
    assert ranged.shown == "SN-000000..SN-099999"


@pytest.mark.parametrize(
    "text",
    [
        '"' * 100_001,
        '"a ' * 60_000,
        "-" * 200_001,
        "- " * 60_000,
        "." * 200_001,
        "a" + " " * 200_000,
    ],
)
@pytest.mark.parametrize("split_space", [True, False])
def test_no_text_takes_long_to_refuse(text: str, split_space: bool) -> None:
    """What is read in one pass ends; by going back in the text it would take hours."""
    listing = parse_list(text + "b", split_space=split_space)
    assert listing.problems or listing.count


words = st.one_of(
    st.text("AB01-", min_size=1, max_size=6),
    st.text('aB9-.–," \t\u00df\u00e9;*', min_size=1, max_size=8),
    st.sampled_from(["1-3", "A-1-A-3", "to", "next", "next*2", "-", "..", '"1-2"', "A1..A3", "–"]),
    st.text(min_size=1, max_size=5),
)
texts = st.lists(words, max_size=8).flatmap(
    lambda drawn: st.sampled_from([" ", ", ", "\n", ";", " - "]).map(lambda gap: gap.join(drawn))
)


@given(texts, st.booleans(), st.sampled_from(["fold", "exact"]), st.booleans())
def test_what_is_shown_reads_the_same_again(
    text: str, split_space: bool, case: Any, read_with_spaces: bool
) -> None:
    once = parse_list(text, split_space=split_space, case=case, pattern=Pattern("N", "5", 1))
    if once.problems:
        return
    again = parse_list(once.shown, split_space=read_with_spaces, case=case)
    assert (serials(again), again.problems) == (serials(once), ())
    assert again.shown == once.shown


@given(texts, st.booleans())
def test_no_serial_stands_twice_and_every_word_is_answered_for(text: str, scanned: bool) -> None:
    listing = parse_list(text, scanned=scanned, pattern=Pattern())
    keys = [entry.key for entry in listing.serials]
    assert len(set(keys)) == len(keys)
    answered = {entry.position for entry in listing.serials}
    answered |= {problem.position for problem in (*listing.problems, *listing.repeats)}
    assert answered == set(range(1, len(answered) + 1))


@given(st.integers(0, 10**30), st.integers(0, 40), st.sampled_from(["", "AB", "x-"]))
def test_a_range_of_any_size_of_number_holds_each_number_once(
    low: int, more: int, prefix: str
) -> None:
    first, last = f"{prefix}{low}", f"{prefix}{low + more}"
    listing = parse_list(f"{first} - {last}")
    assert serials(listing) == [f"{prefix}{low + n}" for n in range(more + 1)]


@given(st.lists(st.text("AB 01,;-\"'.", min_size=1, max_size=8).map(str.strip).filter(bool)))
def test_a_serial_in_quotation_marks_is_one_serial_as_it_stands(raw: list[str]) -> None:
    distinct = {serial.lower(): serial for serial in raw}
    text = ";".join('"' + serial.replace('"', '""') + '"' for serial in distinct.values())
    assert serials(parse_list(text)) == list(distinct.values())


def test_a_problem_keeps_every_fact_when_it_becomes_an_offence() -> None:
    problem = Problem("9-5", 2, "range_descending", "Down.", {"first": "9"})
    assert replace(problem, position=4).offence.facts == {"first": "9", "position": 4}
