"""The table of documents' steps, walked whole."""

from __future__ import annotations

import pytest

from gateway.registry.documents import (
    KINDS,
    STEPS,
    DocumentType,
    Need,
    Verb,
    refuse_needs,
    serial_status,
    step_of,
    verbs,
)
from gateway.registry.refusals import RegistryRefused

STATUSES = ("draft", "open", "in_progress", "done", "cancelled")
FINISHES = (Verb.POST, Verb.SHIP, Verb.RECEIVE, Verb.FINISH, Verb.CLOSE)


@pytest.mark.parametrize("kind", DocumentType)
def test_every_type_begins_as_a_draft_can_end_and_be_taken_back(kind: DocumentType) -> None:
    assert kind in KINDS
    reached, before = {"draft"}, set[str]()
    while reached != before:
        before = set(reached)
        for (of, _), step in STEPS.items():
            if of == kind and reached & set(step.sources):
                ends = ("in_progress", "done") if step.to == "derived" else (step.to,)
                reached |= {end for end in ends if end}
    assert {"done", "cancelled"} <= reached
    assert Verb.CANCEL in verbs(kind, "draft")


@pytest.mark.parametrize("kind", DocumentType)
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("verb", Verb)
def test_each_verb_is_a_row_of_the_table_or_is_refused_with_what_is_allowed(
    kind: DocumentType, status: str, verb: Verb
) -> None:
    row = STEPS.get((kind, verb))
    if row is not None and status in row.sources:
        assert step_of(kind, status, verb, "N-1") is row
        return
    with pytest.raises(RegistryRefused) as refused:
        step_of(kind, status, verb, "N-1")
    if row is None:
        assert refused.value.code == "document_wrong_type"
    else:
        finished = status in ("done", "cancelled")
        code = "document_done" if finished else "document_not_editable"
        assert refused.value.code == code
    assert refused.value.facts["allowed"] == [str(one) for one in verbs(kind, status)]


def test_nothing_is_done_to_what_is_cancelled() -> None:
    assert [kind for kind in DocumentType if list(verbs(kind, "cancelled"))] == []


@pytest.mark.seed("N19")
@pytest.mark.seed("N20")
@pytest.mark.seed("A12")
def test_the_badge_of_a_line_says_whether_its_serials_are_there() -> None:
    lines = ((False, 3, 0), (True, 0, 0), (True, 3, 0), (True, 3, 2), (True, 3, 3), (True, 3, 4))
    seen = [serial_status(*line) for line in lines]
    assert seen == ["not_required", "not_required", "needed", "partial", "complete", "complete"]


def test_every_line_that_lacks_something_is_named() -> None:
    refused = refuse_needs(
        [Need(1, "DRILL", 2, 0), Need(2, "PAINT", 5, 4, serialised=False), Need(3, "SAW", 1, 2)],
        "SO-1",
    )
    assert refused.detail == (
        "3 lines of SO-1 are incomplete; the first: Line 1 (DRILL) needs 2 serials and has none."
    )
    assert [(one.subject, one.code) for one in refused.items] == [
        ("line 1", "serials_missing"), ("line 2", "quantity_missing"),
        ("line 3", "serial_count_mismatch"),
    ]  # fmt: skip
    assert refused.facts == {"document": "SO-1", "lines": [1, 2, 3]}
