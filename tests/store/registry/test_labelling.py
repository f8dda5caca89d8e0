"""A serial's label state follows its labels, whatever happens to them, and the counters with it."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from gateway.errors import GatewayError
from gateway.jobs import TRANSITIONS, Event
from gateway.ledger import Order, Step
from gateway.registry.lives import Action
from gateway.registry.refusals import RegistryRefused
from gateway.store.jobs import JobStore
from gateway.store.registry.labelling import follow_labels, subject_of
from tests.store.registry.conftest import World

PRINTER = 1
_RANK = ("uncertain", "pending", "printed", "sent")
_MOVING = {was.value for was, _ in TRANSITIONS}
_IS = {"queued": "pending", "held": "pending", "sending": "pending", "uncertain": "uncertain",
       "printed": "printed", "sent": "sent"}  # fmt: skip


@pytest.fixture
def jobs(world: World) -> JobStore:
    world.run(
        lambda t: (
            t.execute(
                "INSERT INTO printer (id, name, url, language, model, density, media_width, "
                "media_height, created_at, changed_at) "
                "VALUES (1, 'zebra', 'memory://x', 'zpl', '', '8', 1, 1, 0, 0)"
            ).rowcount
        )
    )
    store = JobStore(world.registry.database)
    store.followed = follow_labels
    return store


def order(world: World, jobs: JobStore, *lives: int, **more: object) -> int:
    """Accept a job with a label for each life; return its number."""
    subjects = tuple(map(subject_of, lives))
    made = Order(
        PRINTER, "zebra", "template", ("{}",) * len(lives), subjects=subjects, **more  # type: ignore[arg-type]
    )  # fmt: skip
    return world.run(lambda t: jobs.accept(t, made, "test", 1).job)


def label_state(world: World, life: int) -> str:
    rows = world.registry.database.read("SELECT label_state FROM life WHERE id = ?", (life,))
    return str(rows[0][0])


def held(world: World) -> Counter[int]:
    """Return how many pieces of each item the counters say are held."""
    rows = world.registry.database.read("SELECT item, quantity FROM stock WHERE held = 1")
    return Counter(dict(rows))


@pytest.mark.promise("R8")
def test_whatever_happens_to_labels_their_serials_follow(world: World, jobs: JobStore) -> None:
    chance = random.Random(8)
    world.act(Action.RECEIVE, *(f"s{n}" for n in range(6)), place=1)
    database = world.registry.database
    lives = [row[0] for row in database.read("SELECT id FROM life ORDER BY id")]
    made = [order(world, jobs, *chance.sample(lives, 3), copies=2) for _ in range(3)]
    happened = Counter[str]()
    for _ in range(400):
        labels = database.read("SELECT seq, state FROM label ORDER BY seq")
        key, state = chance.choice([(key, state) for key, state in labels if state in _MOVING])
        event = chance.choice([event for was, event in TRANSITIONS if was.value == state])
        if event is Event.CANCEL and chance.random() < 0.9:
            continue
        try:
            match event:
                case Event.CANCEL | Event.HOLD | Event.RELEASE:
                    job = chance.choice(made)
                    verb = {"cancel": jobs.cancel, "hold": jobs.hold, "release": jobs.release}
                    world.run(lambda t, job=job, verb=verb[event.value]: verb(t, job, "test"))  # type: ignore[misc]
                case Event.CONFIRM | Event.DROP | Event.RETRY:
                    world.run(lambda t, key=key, event=event: jobs.answer(t, key, event, "test"))  # type: ignore[misc]
                case Event.EXPIRE | Event.WITHDRAW:
                    continue
                case _:
                    proof = "odometer" if event is Event.PROVE else None
                    step = Step(key, event, proof, marker="M", counter_before=1)
                    if jobs.record(PRINTER, [step]):
                        continue
        except GatewayError:
            continue
        happened[event.value] += 1
        if len(made) < 60 and chance.random() < 0.2:
            made.append(order(world, jobs, *chance.sample(lives, 2)))
        for life in lives:
            states = {
                _IS.get(row[0]) for row in
                database.read("SELECT state FROM label WHERE subject = ?", (subject_of(life),))
            }  # fmt: skip
            assert label_state(world, life) == next((s for s in _RANK if s in states), "none")
        doubted = sum(label_state(world, life) == "uncertain" for life in lives)
        assert held(world)[1] == doubted
    assert {"claim", "hand over", "prove", "doubt", "confirm", "drop", "cancel"} <= set(happened)


def test_a_label_that_waited_too_long_is_none(world: World, jobs: JobStore) -> None:
    life = world.act(Action.RECEIVE, "x", place=1).after[0].id
    order(world, jobs, life, expires_at=5)
    assert label_state(world, life) == "pending"
    assert jobs.expire(6) == 1
    assert label_state(world, life) == "none"


def test_a_reprint_is_of_the_same_serial(world: World, jobs: JobStore) -> None:
    life = world.act(Action.RECEIVE, "x", place=1).after[0].id
    order(world, jobs, life)
    jobs.record(PRINTER, [Step(1, Event.CLAIM, marker="M", counter_before=1)])
    jobs.record(PRINTER, [Step(1, Event.DOUBT, because="no power")])
    with pytest.raises(RegistryRefused) as refused:
        world.act(Action.SHIP, "x", party=2)
    assert (refused.value.code, refused.value.facts["reason"]) == ("serial_held", "label_uncertain")
    again = Order(PRINTER, "zebra", "template", ("{}",), reprint_of=(1,))
    world.run(lambda t: jobs.answer(t, 1, Event.DROP, "test"))
    world.run(lambda t: jobs.accept(t, again, "test", 2))
    assert [row.seq for row in jobs.labels_of(subject_of(life))] == [2, 1]
    assert label_state(world, life) == "pending"
    jobs.record(PRINTER, [Step(2, Event.CLAIM, marker="M", counter_before=1)])
    jobs.record(PRINTER, [Step(2, Event.PROVE, "odometer")])
    assert label_state(world, life) == "printed"
    world.act(Action.SHIP, "x", party=2)


def test_labels_of_other_things_move_no_serial(world: World, jobs: JobStore) -> None:
    life = world.act(Action.RECEIVE, "x", place=1).after[0].id
    made = Order(PRINTER, "zebra", "template", ("{}", "{}"), subjects=(None, "bin:1"))
    world.run(lambda t: jobs.accept(t, made, "test", 1))
    assert label_state(world, life) == "none"
