"""Whatever is done in whatever order: the database is as a plain dictionary says, or refuses."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from gateway.registry.lives import Action, State
from gateway.registry.refusals import RegistryRefused
from gateway.store.registry.acting import Act, Target
from tests.store.registry.conftest import BY, World

# Written apart from the product's own table: who may do what to a serial, in plain words.
BEGINS = {"receive", "plan"}
GOES: dict[str, tuple[set[str], str]] = {
    "receive": ({"planned"}, "received"),
    "plan": (set(), "planned"),
    "cancel_plan": ({"planned"}, "cancelled"),
    "ship": ({"received"}, "shipped"),
    "return": ({"shipped"}, "returned"),
    "accept": ({"returned", "rejected"}, "received"),
    "reject": ({"received", "returned"}, "rejected"),
    "write_off": ({"received", "returned", "rejected", "in_transit"}, "written_off"),
    "reinstate": ({"written_off"}, "received"),
    "send_back": ({"received", "rejected", "returned"}, "sent_back"),
    "dispatch": ({"received"}, "in_transit"),
    "arrive": ({"in_transit"}, "received"),
    "hold": ({"received", "returned", "rejected", "in_transit"}, ""),
    "unhold": ({"received", "returned", "rejected", "in_transit"}, ""),
}
HERE = {"received", "returned", "rejected", "in_transit"}
STOPPED_BY_HOLD = {"ship", "dispatch", "send_back"}


@dataclass
class Piece:
    """One life of a serial."""

    state: str
    held: bool = False


class Model:
    """Serials in a dictionary: each with its lives, oldest first."""

    def __init__(self) -> None:
        self.lives: dict[str, list[Piece]] = {}

    def meant(self, action: str, serial: str) -> Piece | None:
        """Return the newest life that the action can move."""
        able = [life for life in self.lives.get(serial, ()) if life.state in GOES[action][0]]
        return able[-1] if able else None

    def may(self, action: str, serial: str) -> bool:
        life = self.meant(action, serial)
        others = [one for one in self.lives.get(serial, ()) if one is not life]
        here = any(one.state in HERE for one in others)
        if life is None:
            return action in BEGINS and not here and all(one.state != "planned" for one in others)
        if GOES[action][1] in HERE and here:
            return False
        if action == "unhold":
            return life.held
        return not (life.held and action in STOPPED_BY_HOLD)

    def do(self, action: str, serial: str) -> None:
        life = self.meant(action, serial)
        if life is None:
            self.lives.setdefault(serial, []).append(Piece(GOES[action][1]))
        elif action in ("hold", "unhold"):
            life.held = action == "hold"
        else:
            life.state = GOES[action][1]


@pytest.mark.parametrize("seed", range(6))
def test_random_steps_leave_what_a_dictionary_says(world: World, seed: int) -> None:
    rng, model = random.Random(seed), Model()
    serials = [f"S{n}" for n in range(6)]
    events: list[int] = []
    for _ in range(150):
        chosen = rng.sample(serials, rng.choice((1, 1, 1, 2, 3)))
        fitting = [one for one in GOES if all(model.may(one, serial) for serial in chosen)]
        action = rng.choice(fitting if fitting and rng.random() < 0.6 else list(GOES))
        fine = all(model.may(action, serial) for serial in chosen)
        place = {"return": 3, "reject": 3}.get(action, 1)
        act = Act(Action(action), [Target(s) for s in chosen], 1, place=place, party=2, reason="x")
        perform = partial(world.registry.perform, act=act, by=BY, may=world.may)
        if fine:
            events.append(world.run(perform).event)
            for serial in chosen:
                model.do(action, serial)
        else:
            with pytest.raises(RegistryRefused) as refused:
                world.run(perform)
            bad = {offence.subject for offence in refused.value.items}
            assert bad == {serial for serial in chosen if not model.may(action, serial)}
        _agree(world, model)
    assert len(events) > 50


def _agree(world: World, model: Model) -> None:
    read = world.registry.database.read
    rows = read("SELECT serial, number, state, held FROM life")
    assert {(serial, number, state, held is not None) for serial, number, state, held in rows} == {
        (serial, number, life.state, life.held)
        for serial, lives in model.lives.items()
        for number, life in enumerate(lives, 1)
    }
    pieces = [life for lives in model.lives.values() for life in lives if life.state in HERE]
    assert world.on_hand() == sum(1 for life in pieces if life.state == "received")
    shelves = Counter[tuple[str, int]]()
    for state, held, quantity in read("SELECT state, held, quantity FROM stock"):
        shelves[state, held] += quantity
    assert +shelves == Counter((life.state, int(life.held)) for life in pieces)


def test_undo_in_reverse_order_leads_back_to_the_beginning(world: World) -> None:
    steps: list[tuple[Action, dict[str, Any]]] = [
        (Action.RECEIVE, {"place": 1, "party": 1, "cost": 700, "currency": "EUR"}),
        (Action.TRANSFER, {"place": 2}),
        (Action.HOLD, {"reason": "recall"}),
        (Action.UNHOLD, {}),
        (Action.REJECT, {"reason": "scratched", "place": 3}),
        (Action.ACCEPT, {"place": 1}),
        (Action.SHIP, {"party": 2, "price": 900, "price_currency": "EUR"}),
        (Action.RETURN, {"place": 3}),
        (Action.WRITE_OFF, {"reason": "broken"}),
        (Action.REINSTATE, {"reason": "found", "place": 2}),
        (Action.RENAME, {"rename_to": "A2", "reason": "typo"}),
        (Action.ANNOTATE, {"memo": "blue"}),
    ]
    columns = (
        "serial, state, held, place, supplier, customer, cost, price, warranty_in, warranty_out, "
        "memo, attrs, received_at, shipped_at"
    )

    def seen() -> tuple[object, ...]:
        life = world.registry.database.read(f"SELECT {columns} FROM life")
        shelves = world.registry.database.read(
            "SELECT place, state, held, quantity FROM stock WHERE quantity > 0 ORDER BY 1, 2, 3"
        )
        return (*life, *shelves)

    serial, before, events = "A1", list[tuple[object, ...]](), list[int]()
    for action, options in steps:
        before.append(seen())
        events.append(world.act(action, serial, **options).event)
        if action is Action.RENAME:
            serial = "A2"
    for then, event in zip(before[:0:-1], events[:0:-1], strict=True):
        world.run(partial(world.registry.undo, event=event, by=BY, may=world.may))
        assert seen() == then
    world.run(lambda t: world.registry.undo(t, events[0], BY, world.may))
    assert world.state("A1") == State.CANCELLED
    assert world.on_hand() == 0
