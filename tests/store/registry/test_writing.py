"""Lives are written as they are now, however many change alike, and nobody's change is lost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gateway.registry.lives import Action
from gateway.registry.refusals import RegistryRefused
from gateway.store.engine import Transaction
from gateway.store.registry.acting import Act, Target
from gateway.store.registry.lives import lives_by_id
from gateway.store.registry.writing import write_lives
from tests.store.registry.conftest import BY, World

NAMES = [f"W{n:03d}" for n in range(100)]


def rows(world: World, columns: str) -> list[tuple[object, ...]]:
    return world.registry.database.read(f"SELECT {columns} FROM life ORDER BY serial")


def updates(world: World, act: Act) -> list[str]:
    """Do it; return the statements that changed lives."""
    seen: list[str] = []

    def work(t: Transaction) -> None:
        execute, executemany = t.execute, t.executemany

        def one(query: str, values: Sequence[object] = (), /) -> object:
            seen.append(query)
            return execute(query, values)

        def many(query: str, given: Sequence[Sequence[object]], /) -> object:
            listed = list(given)
            seen.extend([query] * len(listed))
            return executemany(query, listed)

        t.execute, t.executemany = one, many  # type: ignore[assignment]
        world.registry.perform(t, act, BY, world.may)

    world.run(work)
    return [query for query in seen if query.startswith("UPDATE life")]


def test_lives_that_change_alike_are_written_by_one_statement(world: World) -> None:
    done = world.act(Action.RECEIVE, *NAMES, place=1, party=1)
    moves = Act(Action.TRANSFER, [Target(life=life) for life in done.lives], place=2)
    (statement,) = updates(world, moves)
    assert "SET place = ?, event = ?, version = version + 1" in statement
    assert rows(world, "serial, state, place, event, version") == [
        (name, "received", 2, done.event + 1, 2) for name in NAMES
    ]


def test_lives_that_change_differently_are_each_written_as_they_are(world: World) -> None:
    done = world.act(Action.RECEIVE, *NAMES, place=1, party=1)
    world.act(Action.TRANSFER, *NAMES[:3], place=2)
    world.act(Action.HOLD, NAMES[50], reason="recall")
    targets = [
        Target(life=life, place=2 if n % 2 and n > 2 else 1 if n < 3 else None)
        for n, life in enumerate(done.lives)
    ]
    world.run(
        lambda t: world.registry.perform(
            t, Act(Action.COUNT, targets, at=7, memo="seen"), BY, world.may
        )
    )
    assert rows(world, "serial, place, seen_at, seen_place, memo, held, version") == [
        (name, 2 if n < 3 else 1, 7, 1 if n < 3 else 2 if n % 2 else 1, "seen",
         "recall" if n == 50 else None, 3 if n < 3 or n == 50 else 2)
        for n, name in enumerate(NAMES)
    ]  # fmt: skip


@pytest.mark.parametrize("count", [1, 100])
def test_a_life_that_moved_meanwhile_is_not_written_over(world: World, count: int) -> None:
    lives = world.act(Action.RECEIVE, *NAMES, place=1, party=1).lives[:count]
    read = lives_by_id(world.registry.database.reader().execute, lives)
    world.act(Action.TRANSFER, NAMES[0], place=2)
    before = [read[life] for life in lives]
    after = [life._replace(place=2, event=99) for life in before]
    with pytest.raises(RegistryRefused) as refused:
        world.run(lambda t: write_lives(t, before, after))
    assert refused.value.code == "registry_busy"
    assert rows(world, "place") == [(2,)] + [(1,)] * 99
