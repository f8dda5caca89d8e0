"""The table of words: each text of the screens has its row, whole in each language."""

from __future__ import annotations

import re

from gateway.console.words import LANGUAGES, table
from tests.console.used_words import missing, used

PLACE = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]+\}|%%")


def test_every_text_of_the_screens_has_its_row_in_all_languages() -> None:
    assert len(used()) > 100
    assert missing() == {}


def test_no_row_is_left_of_a_text_that_is_gone() -> None:
    known = set(used())
    assert [row["en"] for row in table() if row["en"] not in known] == []


def test_a_row_stands_once_and_says_the_same_facts_in_each_language() -> None:
    rows = table()
    assert len({row["en"] for row in rows}) == len(rows)
    for row in rows:
        facts = sorted(PLACE.findall(row["en"]))
        for language in LANGUAGES:
            assert sorted(PLACE.findall(row[language])) == facts, row
            assert row[language] == row[language].strip(), row
