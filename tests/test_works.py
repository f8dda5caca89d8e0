"""Long works: progress, a stop that is heard, an end for each; none outlives the gateway."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from gateway.errors import InputRefused, StoreError, TooMany, TransitionRefused, Unknown
from gateway.works import AT_ONCE, KEPT_FOR, MOST_WAITING, Progress, Stopped, Work, Works

SOON = 10.0
"""Seconds; an end that has not come by then does not come."""


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def told() -> list[Work]:
    return []


@pytest.fixture
def works(told: list[Work], clock: Clock) -> Iterator[Works]:
    made = Works(told.append, clock)
    yield made
    made.close()


class Gate:
    """A work that goes on when it is let, and says when it has begun."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self, progress: Progress) -> str:
        progress.tell(1, 2, "Half of it is done.")
        self.begun.set()
        assert self.go.wait(SOON)
        progress.tell(2, 2)
        return "All of it is done."


def test_a_work_says_how_far_it_is_and_what_came_of_it(works: Works) -> None:
    gate = Gate()
    number = works.start("Count", "local", gate, to="/items")
    assert gate.begun.wait(SOON)
    now = works.get(number)
    assert (now.state, now.done, now.of, now.sentence, now.to) == (
        "running", 1, 2, "Half of it is done.", "/items",
    )  # fmt: skip
    gate.go.set()
    ended = works.wait(number, SOON)
    assert (ended.state, ended.done, ended.sentence) == ("done", 2, "All of it is done.")
    assert ended.ended_at is not None


def test_a_stop_is_heard_at_the_next_step(works: Works) -> None:
    gate = Gate()
    number = works.start("Count", "local", gate)
    assert gate.begun.wait(SOON)
    assert works.stop(number).stopping
    gate.go.set()
    ended = works.wait(number, SOON)
    assert (ended.state, ended.sentence, ended.stopping) == (
        "stopped", "It was stopped; nothing was changed.", False,
    )  # fmt: skip
    with pytest.raises(TransitionRefused, match=r"Count has ended already \(stopped\)"):
        works.stop(number)


def test_what_stays_of_a_stopped_work_is_said(works: Works) -> None:
    begun, go = threading.Event(), threading.Event()

    def do(progress: Progress) -> str:
        begun.set()
        go.wait(SOON)
        try:
            progress.tell(2, 5)
        except Stopped:
            raise Stopped("2 of 5 are made and stay.") from None
        return "All are made."

    number = works.start("Make", "local", do)
    assert begun.wait(SOON)
    works.stop(number)
    go.set()
    assert works.wait(number, SOON).sentence == "2 of 5 are made and stay."


def test_what_a_work_is_refused_for_is_its_end(works: Works) -> None:
    def do(progress: Progress) -> str:
        raise InputRefused("The file is empty.")

    ended = works.wait(works.start("Read", "local", do), SOON)
    assert (ended.state, ended.sentence) == ("refused", "The file is empty.")


def test_a_fault_of_ours_ends_it_with_a_sentence_and_not_with_silence(works: Works) -> None:
    def do(progress: Progress) -> str:
        raise ZeroDivisionError

    ended = works.wait(works.start("Divide", "local", do), SOON)
    assert (ended.state, ended.sentence) == (
        "refused", "Something went wrong on the gateway's side; its log has the details.",
    )  # fmt: skip


def test_a_few_run_at_once_and_the_rest_wait_for_their_turn(works: Works) -> None:
    gates = [Gate() for _ in range(AT_ONCE + 1)]
    numbers = [works.start("Count", "local", gate) for gate in gates]
    for gate in gates[:-1]:
        assert gate.begun.wait(SOON)
    assert [works.get(number).state for number in numbers] == [*["running"] * AT_ONCE, "waiting"]
    stopped = works.stop(numbers[-1])
    assert (stopped.state, stopped.sentence) == ("stopped", "It was stopped before it began.")
    for gate in gates:
        gate.go.set()
    assert [works.wait(number, SOON).state for number in numbers] == [
        *["done"] * AT_ONCE, "stopped",
    ]  # fmt: skip
    assert not gates[-1].begun.is_set()


def test_no_more_than_a_bounded_number_wait(works: Works) -> None:
    gates = [Gate() for _ in range(AT_ONCE + MOST_WAITING + 1)]
    for gate in gates[:AT_ONCE]:
        works.start("Count", "local", gate)
        assert gate.begun.wait(SOON)
    for gate in gates[AT_ONCE:-1]:
        works.start("Count", "local", gate)
    with pytest.raises(TooMany, match="20 works are waiting"):
        works.start("Count", "local", gates[-1])
    for gate in gates:
        gate.go.set()


def test_the_feed_hears_of_it_at_most_once_a_second(
    works: Works, told: list[Work], clock: Clock
) -> None:
    def do(progress: Progress) -> str:
        for step in range(1, 5):
            clock.at += 0.4
            progress.tell(step, 4)
        return "Done."

    works.wait(works.start("Count", "local", do), SOON)
    # Its begin at 0.0, then a second later, and the end whenever that is.
    assert [(one.state, one.done) for one in told] == [
        ("waiting", 0), ("running", 0), ("running", 3), ("done", 4),
    ]  # fmt: skip


def test_one_that_has_ended_is_forgotten_after_a_day(works: Works, clock: Clock) -> None:
    number = works.start("Count", "local", lambda progress: "Done.")
    works.wait(number, SOON)
    clock.at += KEPT_FOR
    assert [one.id for one in works.all()] == [number]
    clock.at += 1
    assert works.all() == []
    with pytest.raises(Unknown, match=f"There is no work {number}"):
        works.get(number)


def test_none_outlives_the_gateway() -> None:
    works = Works()
    begun, heard = threading.Event(), threading.Event()

    def do(progress: Progress) -> str:
        begun.set()
        try:
            while True:
                progress.tell(0)
        except Stopped:
            heard.set()
            raise

    running = [works.start("Count", "local", do) for _ in range(AT_ONCE)]
    waiting = works.start("Count", "local", do)
    assert begun.wait(SOON)
    works.close()
    assert heard.is_set()
    assert {works.get(number).state for number in [*running, waiting]} == {"stopped"}
    with pytest.raises(StoreError, match="The gateway is stopping"):
        works.start("Count", "local", do)
