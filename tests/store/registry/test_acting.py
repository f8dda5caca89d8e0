from __future__ import annotations

import pytest

from gateway.registry.lives import Action
from gateway.registry.refusals import RegistryRefused
from tests.store.registry.conftest import BY, World


@pytest.mark.seed("T9")
@pytest.mark.seed("T5")
@pytest.mark.seed("T6")
def test_a_serial_on_hand_cannot_come_again_until_it_was_sold_or_written_off(world: World) -> None:
    world.act(Action.RECEIVE, "A1234", place=1, party=1)
    with pytest.raises(RegistryRefused) as refused:
        world.act(Action.RECEIVE, "A1234", place=2)
    assert refused.value.code == "serial_on_hand"
    assert refused.value.detail == "Serial A1234 of DRILL is on hand at A-01."
    world.act(Action.SHIP, "A1234", party=2)
    assert (world.state("A1234"), world.on_hand()) == ("shipped", 0)
    done = world.act(Action.RECEIVE, "A1234", place=2)
    assert [warning.code for warning in done.warnings] == ["serial_reused"]
    assert done.after[0].number == 2
    world.act(Action.WRITE_OFF, "A1234", reason="broken")
    third = world.act(Action.RECEIVE, "A1234", place=1)
    assert (third.after[0].number, third.warnings, world.on_hand()) == (3, (), 1)


@pytest.mark.seed("T11")
def test_two_items_may_have_the_same_serial(world: World) -> None:
    world.act(Action.RECEIVE, "7", place=1)
    world.act(Action.RECEIVE, "7", place=1, item=2)
    with pytest.raises(RegistryRefused) as refused:
        world.act(Action.WRITE_OFF, "7", item=None, reason="lost")
    assert refused.value.code == "code_ambiguous"
    assert refused.value.facts["candidates"] == ["DRILL", "LASER"]


def test_every_offender_is_named_and_nothing_is_applied(world: World) -> None:
    world.act(Action.RECEIVE, "1", "2", place=1)
    with pytest.raises(RegistryRefused) as refused:
        world.act(Action.RECEIVE, "1", "2", "3", "4\x07", place=1)
    codes = {offence.subject: offence.code for offence in refused.value.items}
    assert codes == {"1": "serial_on_hand", "2": "serial_on_hand", "4\x07": "serial_bad_character"}
    assert (world.state("3"), world.on_hand()) == (None, 2)


def test_a_step_is_undone_with_all_that_it_changed(world: World) -> None:
    world.act(Action.RECEIVE, "1", place=1, party=1, cost=500, currency="EUR")
    shipped = world.act(Action.SHIP, "1", party=2, price=900, price_currency="EUR")
    undone = world.run(lambda t: world.registry.undo(t, shipped.event, BY, world.may))
    life = undone.after[0]
    assert (life.state, life.place, life.customer, life.price, life.cost) == (
        "received", 1, None, None, 500,
    )  # fmt: skip
    assert (world.state("1"), world.on_hand()) == ("received", 1)
    with pytest.raises(RegistryRefused) as refused:
        world.run(lambda t: world.registry.undo(t, shipped.event, BY, world.may))
    assert refused.value.code == "undo_impossible"


def test_an_undone_receipt_ends_the_life_that_never_was(world: World) -> None:
    received = world.act(Action.RECEIVE, "1", "2", place=1)
    world.run(lambda t: world.registry.undo(t, received.event, BY, world.may))
    assert (world.state("1"), world.on_hand()) == ("cancelled", 0)
    again = world.act(Action.RECEIVE, "1", place=1)
    assert (again.after[0].number, again.warnings) == (2, ())


def test_what_happened_since_must_be_undone_first(world: World) -> None:
    received = world.act(Action.RECEIVE, "1", "2", place=1)
    world.act(Action.HOLD, "2", reason="recall")
    with pytest.raises(RegistryRefused) as refused:
        world.run(lambda t: world.registry.undo(t, received.event, BY, world.may))
    assert refused.value.code == "undo_not_latest"
    assert [offence.facts["serial"] for offence in refused.value.items] == ["2"]


@pytest.mark.seed("N17")
def test_where_goods_lie_in_bins_only_a_site_takes_none(world: World) -> None:
    world.run(lambda t: t.execute("UPDATE place SET parent = 1 WHERE id = 2"))
    world.act(Action.RECEIVE, "1", place=1)
    world.run(lambda t: world.registry.settings.put(t, "registry.innermost", True, "local"))
    with pytest.raises(RegistryRefused) as refused:
        world.act(Action.RECEIVE, "2", place=1)
    assert refused.value.code == "location_wrong_kind"
    world.act(Action.RECEIVE, "2", place=2)
    world.act(Action.TRANSFER, "1", place=2)
    assert (world.state("1"), world.state("2")) == ("received", "received")
