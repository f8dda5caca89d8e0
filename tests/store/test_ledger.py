"""Labels in the database: each step durable, counted, told, and refused when it may not be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.errors import NotNow, TransitionRefused
from gateway.jobs import Event
from gateway.ledger import Order, Step
from gateway.store.constraints import RuleBroken
from gateway.store.engine import Database, Transaction
from gateway.store.feed import entries_after
from gateway.store.jobs import CounterMoved, JobStore

PRINTER = 1


@pytest.fixture
def database(fresh: Database) -> Database:
    fresh.run(
        lambda t: (
            t.execute(
                "INSERT INTO printer (name, url, language, model, density, media_width, "
                "media_height, created_at, changed_at) "
                "VALUES ('zebra', 'memory://x', 'zpl', '', '8', 1, 1, 0, 0)"
            ).rowcount
        )
    )
    return fresh


@pytest.fixture
def store(database: Database) -> JobStore:
    return JobStore(database)


@pytest.fixture
def accept(database: Database, store: JobStore) -> Callable[..., int]:
    def accept(labels: int = 3, **changes: object) -> int:
        order = Order(PRINTER, "zebra", "template", ("{}",) * labels, **changes)  # type: ignore[arg-type]
        return database.run(lambda t: store.accept(t, order, "test", 1).job)

    return accept


def told(database: Database) -> list[tuple[str, str]]:
    return [(entry.kind, entry.body) for entry in entries_after(database, 0)]


def claim(store: JobStore, first: int, labels: int, before: int) -> frozenset[int]:
    steps = [
        Step(first + n, Event.CLAIM, marker="GW1", counter_before=before + n)
        for n in range(labels)
    ]  # fmt: skip
    return store.record(PRINTER, steps)


def test_an_accepted_job_waits_in_order_with_its_fields(
    store: JobStore, accept: Callable[..., int]
) -> None:
    job = accept(2, copies=2)
    pieces = store.waiting(PRINTER, 10)
    assert [(p.key, p.ticket.job, p.number, p.copy, p.fields) for p in pieces] == [
        (1, job, 1, 1, "{}"),
        (2, job, 1, 2, "{}"),
        (3, job, 2, 1, "{}"),
        (4, job, 2, 2, "{}"),
    ]
    assert store.job(job).counts.queued == 4


def test_the_more_urgent_job_goes_first_and_equals_keep_their_order(
    store: JobStore, accept: Callable[..., int]
) -> None:
    accept(1)
    accept(1, priority=5)
    accept(1)
    assert [piece.key for piece in store.waiting(PRINTER, 10)] == [2, 1, 3]


def test_a_window_goes_to_paper_and_the_feed_tells_each_change_of_the_job_once(
    database: Database, store: JobStore, accept: Callable[..., int]
) -> None:
    job = accept(3)
    assert claim(store, 1, 3, 100) == frozenset()
    assert [p.counter_before for p in store.unsettled(PRINTER)] == [100, 101, 102]
    store.record(PRINTER, [Step(k, Event.HAND_OVER) for k in (1, 2, 3)])
    store.record(PRINTER, [Step(k, Event.PROVE, evidence="odometer") for k in (1, 2)])
    store.record(PRINTER, [Step(3, Event.DOUBT, because="It lost power.")])
    assert [(row.state, row.evidence, row.problem) for row in store.labels(job)] == [
        ("printed", "odometer", None),
        ("printed", "odometer", None),
        ("uncertain", None, "It lost power."),
    ]
    assert store.job(job).state == "needs_attention"
    database.run(lambda t: store.answer(t, 3, Event.CONFIRM, "operator:anna"))
    assert store.labels(job)[2].evidence == "operator"
    assert told(database) == [
        ("job.accepted", '{"job":"J1","printer":"zebra","labels":3,"state":"queued"}'),
        ("job.printing", '{"job":"J1","state":"printing","sending":3}'),
        ("label.printed", '{"job":"J1","labels":[1,2]}'),
        ("label.uncertain", '{"job":"J1","labels":[3],"because":"It lost power."}'),
        (
            "job.needs_attention",
            '{"job":"J1","state":"needs_attention","printed":2,"uncertain":1}',
        ),
        ("label.printed", '{"job":"J1","labels":[3]}'),
        ("job.done", '{"job":"J1","state":"done","printed":3}'),
    ]


def test_a_label_cancelled_before_its_claim_moves_the_others_up_in_the_printers_counter(
    database: Database, store: JobStore, accept: Callable[..., int]
) -> None:
    first = accept(1)
    accept(2)
    database.run(lambda t: store.cancel(t, first, "test"))
    assert claim(store, 1, 3, 100) == frozenset({1})
    assert [(p.key, p.counter_before) for p in store.unsettled(PRINTER)] == [(2, 100), (3, 101)]


def test_a_label_that_returns_is_withdrawn_when_its_job_was_cancelled_meanwhile(
    database: Database, store: JobStore, accept: Callable[..., int]
) -> None:
    job = accept(2)
    claim(store, 1, 2, 100)
    assert not store.withdrawn([1, 2])
    database.run(lambda t: store.cancel(t, job, "test"))
    assert store.withdrawn([1, 2])
    store.record(PRINTER, [Step(1, Event.RETURN), Step(2, Event.PROVE, evidence="odometer")])
    assert [row.state for row in store.labels(job)] == ["cancelled", "printed"]
    assert store.job(job).state == "done"


def test_a_swallowed_label_comes_back_twice_and_then_a_person_is_asked(
    store: JobStore, accept: Callable[..., int]
) -> None:
    job = accept(1)
    states = []
    for _ in range(3):
        claim(store, 1, 1, 100)
        store.record(PRINTER, [Step(1, Event.RETURN, swallowed=True)])
        states.append(store.labels(job)[0].state)
    assert states == ["queued", "queued", "uncertain"]
    assert store.labels(job)[0].problem == (
        "The printer took this label 3 times and never counted it."
    )


def test_a_silent_printers_labels_end_at_sent_and_its_job_is_done(
    database: Database, store: JobStore, accept: Callable[..., int]
) -> None:
    job = accept(1)
    claim(store, 1, 1, 0)
    store.record(PRINTER, [Step(1, Event.HAND_OVER, evidence="none")])
    assert (store.labels(job)[0].state, store.job(job).state) == ("sent", "done")
    assert store.unsettled(PRINTER) == []
    # It is final: nothing can prove it printed afterwards.
    assert store.record(PRINTER, [Step(1, Event.PROVE, evidence="odometer")]) == {1}
    assert told(database)[-2:] == [
        ("label.sent", '{"job":"J1","labels":[1]}'),
        ("job.done", '{"job":"J1","state":"done","sent":1,"silent":1}'),
    ]


def test_held_labels_wait_and_expired_ones_never_print(
    database: Database, store: JobStore, accept: Callable[..., int]
) -> None:
    job = accept(2, held=True, expires_at=500)
    assert (store.job(job).state, store.waiting(PRINTER, 9)) == ("held", [])
    database.run(lambda t: store.release(t, job, "test"))
    assert len(store.waiting(PRINTER, 9)) == 2
    assert store.expire(499) == 0
    assert store.expire(500) == 1
    assert (store.job(job).state, store.waiting(PRINTER, 9)) == ("cancelled", [])
    assert {row.state for row in store.labels(job)} == {"expired"}


def test_what_has_ended_cannot_be_cancelled_held_or_answered(
    database: Database, store: JobStore, accept: Callable[..., int]
) -> None:
    job = accept(1)
    claim(store, 1, 1, 0)
    store.record(PRINTER, [Step(1, Event.PROVE, evidence="odometer")])
    with pytest.raises(NotNow, match=r"^Job J1 is done; there is nothing left to cancel\.$"):
        database.run(lambda t: store.cancel(t, job, "test"))
    with pytest.raises(NotNow, match=r"^Job J1 is done and has no queued label to hold\.$"):
        database.run(lambda t: store.hold(t, job, "test"))
    with pytest.raises(TransitionRefused) as refused:
        database.run(lambda t: store.answer(t, 1, Event.CONFIRM, "test"))
    assert refused.value.detail == (
        "Label L1: The step 'confirm' is not possible for a printed label; nothing more can happen "
        "to it."
    )


def test_counters_are_taken_only_as_they_were_seen(
    database: Database, store: JobStore, accept: Callable[..., int]
) -> None:
    accept(3, template="box", version=None, counters={"n": (1, 4)})
    assert store.counters("box") == {"n": 4}
    accept(2, template="box", version=None, counters={"n": (4, 6)})
    with pytest.raises(CounterMoved):
        accept(1, template="box", version=None, counters={"n": (4, 5)})
    assert store.counters("box") == {"n": 6}
    assert [row.labels for row in store.jobs()] == [2, 3]


def test_a_refusal_in_a_shared_commit_touches_nobody_else(database: Database) -> None:
    def fail(t: Transaction) -> int:
        t.execute("INSERT INTO setting VALUES ('half', 'done')")
        raise NotNow("no")

    def good(name: str) -> Callable[[Transaction], int]:
        return lambda t: t.execute("INSERT INTO setting VALUES (?, '1')", (name,)).rowcount

    with database.paused():
        waiters = [database.submit(good("a")), database.submit(fail), database.submit(good("b"))]
    assert waiters[0].result() == 1
    with pytest.raises(NotNow):
        waiters[1].result()
    assert waiters[2].result() == 1
    assert database.read("SELECT name FROM setting ORDER BY name") == [("a",), ("b",)]


def test_the_counts_of_a_job_can_never_disagree_with_its_labels(
    database: Database, store: JobStore, accept: Callable[..., int]
) -> None:
    job = accept(2)
    with pytest.raises(RuleBroken, match="job_counts_every_label"):
        database.run(
            lambda t: t.execute("UPDATE job SET queued = 3 WHERE seq = ?", (job,)).rowcount
        )


def test_a_label_is_never_called_printed_without_evidence(
    database: Database, accept: Callable[..., int]
) -> None:
    accept(1)
    with pytest.raises(RuleBroken, match="label_proved"):
        database.run(lambda t: t.execute("UPDATE label SET state = 'printed'").rowcount)


@pytest.mark.promise("R3")
@pytest.mark.parametrize("event", [Event.RETURN, Event.PROVE, Event.DOUBT, Event.HAND_OVER])
def test_no_printer_moves_a_label_that_another_printer_holds(
    store: JobStore, accept: Callable[..., int], event: Event
) -> None:
    accept(1)
    claim(store, 1, 1, 40)
    late = Step(1, event, evidence="odometer" if event is Event.PROVE else None)
    assert store.record(PRINTER + 1, [late]) == {1}, "it knew of an earlier claim"
    [piece] = store.unsettled(PRINTER)
    assert (piece.key, piece.state.value) == (1, "sending")
