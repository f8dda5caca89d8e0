"""The label machine: every row of the table walked, and what evidence may say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import TransitionRefused
from gateway.jobs import (
    BYTES_MAY_HAVE_LEFT,
    FINAL,
    TRANSITIONS,
    Counts,
    Event,
    JobState,
    Look,
    Proof,
    Rest,
    State,
    Verdict,
    Window,
    advance,
    job_state,
    settle,
)


def test_every_state_is_reached_and_every_event_is_used() -> None:
    assert {*TRANSITIONS.values(), State.QUEUED} == set(State)
    assert {event for _, event in TRANSITIONS} == set(Event)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_what_is_not_in_the_table_is_refused_by_name(state: State, event: Event) -> None:
    if (state, event) in TRANSITIONS:
        assert advance(state, event) is TRANSITIONS[state, event]
        return
    with pytest.raises(TransitionRefused) as refused:
        advance(state, event)
    assert refused.value.detail.startswith(
        f"The step {event.value!r} is not possible for a {state.value} label; "
    )


@given(st.lists(st.sampled_from(Event), max_size=30))
def test_a_label_is_sent_again_only_after_evidence_that_it_cannot_come(
    events: list[Event],
) -> None:
    state, may_be_on_paper = State.QUEUED, False
    for event in events:
        if (state, event) not in TRANSITIONS:
            continue
        state = TRANSITIONS[state, event]
        if event in {Event.RETURN, Event.FAIL}:
            may_be_on_paper = False
        assert not (state is State.SENDING and may_be_on_paper)
        may_be_on_paper |= state in BYTES_MAY_HAVE_LEFT


def test_final_states_are_left_only_by_a_person() -> None:
    ways_out = {(s, e) for s, e in TRANSITIONS if s in FINAL}
    assert ways_out == {(State.FAILED, Event.RETRY), (State.FAILED, Event.DROP)}


def test_printed_comes_only_from_proof_or_a_person() -> None:
    assert {e for (_, e), to in TRANSITIONS.items() if to is State.PRINTED} == {
        Event.PROVE,
        Event.CONFIRM,
    }


windows = st.builds(
    Window,
    outstanding=st.integers(1, 8),
    counter=st.none() | st.integers(0, 50),
)
looks = st.builds(
    Look,
    answered=st.booleans(),
    counter=st.none() | st.integers(0, 60),
    quiet=st.booleans(),
    marker=st.sampled_from([None, True, False]),
    unbroken=st.booleans(),
    outlives_power=st.booleans(),
)


PROOFS = [Proof.COUNTER, Proof.PRINT_END, Proof.FENCE, Proof.IDLE]


@given(windows, looks, st.sampled_from(PROOFS))
def test_evidence_never_claims_more_than_it_shows(window: Window, look: Look, proof: Proof) -> None:
    verdict = settle(window, look, proof)
    assert 0 <= verdict.printed <= window.outstanding
    if verdict.printed and proof is Proof.COUNTER:
        assert look.counter is not None
        assert window.counter is not None
        assert verdict.printed <= look.counter - window.counter
        assert not (look.outlives_power and look.marker is False)
    if verdict.printed and proof is Proof.IDLE:
        assert look.quiet
        assert look.marker
        assert look.unbroken
    if verdict.printed and proof in (Proof.PRINT_END, Proof.FENCE):
        assert look.unbroken
        assert verdict.printed <= (look.counter or 0) - (window.counter or 0)
        assert verdict.evidence == proof.value
        assert look.quiet or proof is Proof.PRINT_END
    if verdict.rest is Rest.RETURN:
        assert look.quiet
        assert look.marker is not False
        assert look.marker or (look.unbroken and not look.outlives_power)
        assert proof is Proof.COUNTER
    if verdict.rest is Rest.DOUBT:
        assert verdict.because
    if not look.answered:
        assert verdict == Verdict(0, Rest.WAIT)


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        (Counts(queued=2, uncertain=1, printed=7), JobState.NEEDS_ATTENTION),
        (Counts(queued=2, sending=1), JobState.PRINTING),
        (Counts(sent=1), JobState.PRINTING),
        (Counts(queued=1, printed=1), JobState.PRINTING),
        (Counts(held=1, queued=1), JobState.HELD),
        (Counts(queued=1, cancelled=1), JobState.QUEUED),
        (Counts(sent=3, silent=3), JobState.DONE),
        (Counts(printed=3, cancelled=1, dropped=1), JobState.DONE),
        (Counts(printed=3, failed=1), JobState.FAILED),
        (Counts(cancelled=3), JobState.CANCELLED),
        (Counts(expired=3), JobState.CANCELLED),
    ],
)
def test_a_jobs_state_is_the_first_that_applies(counts: Counts, state: JobState) -> None:
    assert job_state(counts) is state


@given(st.tuples(*[st.integers(0, 3)] * 10))
def test_an_ended_job_has_nothing_that_waits(numbers: tuple[int, ...]) -> None:
    counts = Counts(*numbers)
    waiting = counts.queued + counts.held + counts.sending + counts.sent + counts.uncertain
    ended = job_state(counts) in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}
    assert ended == (waiting == 0)
