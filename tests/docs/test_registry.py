"""The registry's page: every row of the study is proved, and the diagram is the table."""

from __future__ import annotations

import re

from docs.registry import MEANS, diagram
from docs.registry_rows import ROWS, SCREENS, in_browser, proofs
from gateway.registry.lifecycle import TABLE
from gateway.registry.lives import Action, State


def test_every_row_is_proved_by_a_test_and_a_screen_by_one_in_a_browser() -> None:
    known = proofs()
    assert [row.id for row in ROWS if row.id not in known] == []
    assert sorted(SCREENS) == sorted(row.id for row in ROWS if row.id in SCREENS)
    assert [row for row in sorted(SCREENS) if not any(map(in_browser, known[row]))] == []


def test_no_test_names_a_row_that_there_is_not() -> None:
    assert set(proofs()) <= {row.id for row in ROWS}
    assert len(ROWS) == 131


def test_the_diagram_has_every_way_of_the_table_and_no_other() -> None:
    drawn = {
        (source, to, action)
        for source, to, actions in re.findall(r"^    (\S+) --> (\S+): (.+)$", diagram(), re.M)
        for action in actions.split(", ")
    }
    ways = set()
    for action, rule in TABLE.items():
        for source in rule.sources:
            for to in filter(None, (rule.to, rule.otherwise)):
                ways.add(("[*]" if source is None else source.value, to.value, action.value))
    assert drawn == ways
    assert {action for _, _, action in drawn} == {
        action.value for action in Action if TABLE[action].to is not None
    }
    assert set(MEANS) == set(State)
