from __future__ import annotations

import pytest

from gateway.registry.refusals import RegistryRefused
from gateway.store.engine import Transaction
from gateway.store.registry.lots import ensure, refuse_held
from tests.store.registry.conftest import World


@pytest.mark.seed("A19")
def test_a_delivery_has_one_lot_of_an_item_without_anybody_naming_it(world: World) -> None:
    def deliver(t: Transaction) -> list[int]:
        return [
            ensure(t, 1, document=7),
            ensure(t, 1, document=7),
            ensure(t, 2, document=7),
            ensure(t, 1, document=8),
            ensure(t, 1),
        ]

    first, again, other_item, other_delivery, alone = world.run(deliver)
    assert first == again
    assert len({first, other_item, other_delivery, alone}) == 4
    rows = world.registry.database.read("SELECT item, code, document FROM lot ORDER BY id")
    assert rows == [(1, "L000001", 7), (2, "L000002", 7), (1, "L000003", 8), (1, "L000004", None)]


def test_a_lot_is_found_by_its_code_in_any_case_and_kept_as_it_was_written(world: World) -> None:
    first = world.run(lambda t: ensure(t, 4, " Ab-7 ", expires_on="2027-01-31"))
    assert world.run(lambda t: ensure(t, 4, "AB-7")) == first
    assert world.run(lambda t: ensure(t, 1, "AB-7")) != first
    row = world.registry.database.read("SELECT code, expires_on FROM lot WHERE id = ?", (first,))
    assert row == [("Ab-7", "2027-01-31")]


def test_a_code_of_our_own_gives_way_to_one_that_a_person_chose(world: World) -> None:
    world.run(lambda t: ensure(t, 1, "L000002"))
    world.run(lambda t: ensure(t, 1))
    rows = world.registry.database.read("SELECT code FROM lot ORDER BY id")
    assert rows == [("L000002",), ("L000002-1",)]


@pytest.mark.parametrize("code", ["", "  ", "a\x07", "x" * 65])
def test_a_code_that_is_none_makes_no_lot(world: World, code: str) -> None:
    with pytest.raises(RegistryRefused) as refused:
        world.run(lambda t: ensure(t, 1, code))
    assert refused.value.code == "value_wrong"
    assert world.registry.database.read("SELECT count(*) FROM lot") == [(0,)]


def test_pieces_of_a_held_lot_do_not_move(world: World) -> None:
    lot = world.run(lambda t: ensure(t, 4, "P-1"))
    world.run(lambda t: refuse_held(t, lot))
    world.run(lambda t: t.execute("UPDATE lot SET held = 'recall' WHERE id = ?", (lot,)))
    with pytest.raises(RegistryRefused) as refused:
        world.run(lambda t: refuse_held(t, lot))
    assert (refused.value.code, refused.value.detail) == ("lot_held", "Lot P-1 is held: recall.")
