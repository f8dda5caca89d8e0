from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codes.code128 import FNC1, check_character, codewords, count


def read(values: tuple[int, ...]) -> str:
    """Decode symbol characters by the tables of ISO/IEC 15417, apart from the encoder."""
    sets = {103: "A", 104: "B", 105: "C"}
    now, text, shifted = sets[values[0]], "", False
    for value in values[1:]:
        active = ("B" if now == "A" else "A") if shifted else now
        shifted = False
        if value == 102:
            text += FNC1
        elif active == "C" and value < 100:
            text += f"{value:02}"
        elif value == {"A": None, "B": 101, "C": 101}[active]:
            now = "A"
        elif value == {"A": 100, "B": None, "C": 100}[active]:
            now = "B"
        elif value == {"A": 99, "B": 99, "C": None}[active]:
            now = "C"
        elif value == 98 and active in "AB":
            shifted = True
        else:
            assert value < 96, (value, active)
            control = active == "A" and value >= 64
            text += chr(value - 64) if control else chr(value + 32)
    assert not shifted
    return text


def fewest(content: str) -> int:
    """Return the least number of characters, start and check included, by trying all paths."""
    reached = {(0, s) for s in "ABC"}
    for steps in itertools.count(1):
        if any(at == len(content) for at, _ in reached):
            return steps + 1
        after = set()
        for at, s in reached:
            after |= {(at, other) for other in "ABC"}
            if at == len(content):
                continue
            here = content[at]
            fits = {"A": here == FNC1 or here < "`", "B": here == FNC1 or " " <= here <= "\x7f"}
            if s == "C":
                if here == FNC1:
                    after.add((at + 1, "C"))
                if content[at : at + 2].isdigit() and len(content[at : at + 2]) == 2:
                    after.add((at + 2, "C"))
            elif fits[s]:
                after.add((at + 1, s))
        # A shift is two characters for one: the same cost as leaving and, later, coming back once.
        for at, s in shifts.get(content, {}).get(steps, set()):
            after.add((at, s))
        plan_shifts(content, steps, reached)
        reached = after
    raise AssertionError


shifts: dict[str, dict[int, set[tuple[int, str]]]] = {}


def plan_shifts(content: str, steps: int, reached: set[tuple[int, str]]) -> None:
    """Let every state that could shift now arrive one step later than a plain character."""
    later = shifts.setdefault(content, {}).setdefault(steps + 1, set())
    for at, s in reached:
        if s in "AB" and at < len(content) and content[at] != FNC1:
            here = content[at]
            if (s == "A" and " " <= here <= "\x7f") or (s == "B" and here < "`"):
                later.add((at + 1, s))


@pytest.mark.parametrize("length", range(1, 7))
def test_no_shorter_code_exists_for_any_short_content(length: int) -> None:
    kinds = "1aA\x01" + FNC1
    for letters in itertools.product(kinds, repeat=length):
        content = "".join(letters)
        assert count(content) == fewest(content) == len(codewords(content)) + 1, content
    shifts.clear()


@given(st.text(st.characters(max_codepoint=127), min_size=1, max_size=60))
def test_every_ascii_content_reads_back(content: str) -> None:
    assert read(codewords(content)) == content


@given(st.text("0123456789aA\t" + FNC1, min_size=1, max_size=14))
def test_long_mixes_are_optimal_too(content: str) -> None:
    assert count(content) == fewest(content)
    assert read(codewords(content)) == content
    shifts.clear()


def test_the_check_character_is_the_published_one() -> None:
    # "PJJ123C" from start A has the weighted sum 878 and the check character 54.
    assert check_character((103, 48, 42, 42, 17, 18, 19, 35)) == 54
