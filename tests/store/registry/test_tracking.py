from __future__ import annotations

from typing import Any

import pytest

from gateway.registry.lives import Action
from gateway.registry.refusals import RegistryRefused
from gateway.store.registry.lots import ensure
from gateway.store.registry.quantities import Portion, Quantities, move
from gateway.store.registry.tracking import Change, Changed, Opening, switch_stock
from tests.store.registry.conftest import BY, World


def change(world: World, sku: str, to: Any, **more: Any) -> Changed:
    """Change an item's tracking, confirmed where it wants that."""

    def work(t: Any, confirm: str = "") -> Changed:
        item = world.registry.items.get(sku, t.execute)
        asked = Change(to, confirm=confirm, **more)
        return world.registry.trackings.change(t, item, asked, BY, world.may)

    try:
        return world.run(work)
    except RegistryRefused as refused:
        if refused.code != "confirmation_required":
            raise
        token = str(refused.facts["token"])
        return world.run(lambda t: work(t, token))


def refusal(world: World, sku: str, to: Any, **more: Any) -> RegistryRefused:
    with pytest.raises(RegistryRefused) as refused:
        change(world, sku, to, **more)
    return refused.value


def put_on_shelf(world: World, item: int, quantity: int, place: int, lot: int = 0) -> None:
    """Bring a quantity into stock, as an adjustment does."""
    asked = Quantities(
        Action.ADJUST_IN, item, [Portion(quantity, lot)], to=place, reason="first count"
    )
    world.run(lambda t: move(t, asked, BY, world.may, world.registry.rules()))


def stock(world: World, item: int) -> list[tuple[int, str | None, int, int]]:
    """Return place, lot, whether with serials, and quantity of an item's pieces."""
    query = (
        "SELECT s.place, l.code, s.serials, s.quantity FROM stock s LEFT JOIN lot l "
        "ON l.id = s.lot WHERE s.item = ? AND s.quantity > 0 ORDER BY s.place, l.code, s.serials"
    )
    return [tuple(row) for row in world.registry.database.read(query, (item,))]


def setting(world: World, name: str, value: object) -> None:
    world.run(lambda t: world.registry.settings.put(t, f"registry.{name}", value, "local"))


def check_record(world: World) -> None:
    """The counters are what the movements say."""
    from gateway.store.registry.verifying import verify

    verdict = verify(world.registry.database.reader().execute)
    assert [trouble.detail for trouble in verdict.troubles] == []


@pytest.mark.seed("E1")
@pytest.mark.seed("E2")
@pytest.mark.seed("E4")
@pytest.mark.seed("E7")
def test_an_item_gets_serials_at_once_and_its_pieces_theirs_when_there_is_time(
    world: World,
) -> None:
    put_on_shelf(world, 3, 12, 1)
    done = change(world, "SCREW", "serial")
    assert (done.item.tracking, done.item.stock_tracked, done.loose) == ("serial", True, 12)
    assert stock(world, 3) == [(1, None, 0, 12)]
    opened = change(world, "SCREW", "serial", opening=[Opening("S1"), Opening("S2", "A-01")])
    assert (opened.opened, opened.loose) == (2, 10)
    assert stock(world, 3) == [(1, None, 0, 10), (1, None, 1, 2)]
    assert (world.state("S1", 3), world.on_hand(3)) == ("received", 12)
    check_record(world)


@pytest.mark.seed("E13")
def test_a_piece_gets_its_serial_in_the_bin_where_it_is(world: World) -> None:
    put_on_shelf(world, 3, 1, 1)
    put_on_shelf(world, 3, 1, 2)
    refused = refusal(world, "SCREW", "serial", opening=[Opening("S1")])
    assert refused.code == "location_required"
    refused = refusal(
        world, "SCREW", "serial",
        opening=[Opening("S1", "A-01"), Opening("S2", "A-01"), Opening("S3", "Q")],
    )  # fmt: skip
    assert [(one.subject, one.code) for one in refused.items] == [
        ("S2", "quantity_unavailable"), ("S3", "quantity_unavailable"),
    ]  # fmt: skip
    assert world.registry.items.get("SCREW").tracking == "none"
    change(world, "SCREW", "serial", opening=[Opening("S1", "B-01"), Opening("S2", "A-01")])
    rows = world.registry.database.read("SELECT serial, place FROM life ORDER BY serial")
    assert rows == [("S1", 2), ("S2", 1)]
    check_record(world)


@pytest.mark.seed("E7")
def test_a_site_can_demand_a_serial_for_every_piece_first(world: World) -> None:
    put_on_shelf(world, 3, 2, 1)
    setting(world, "opening", "at_once")
    refused = refusal(world, "SCREW", "serial", opening=[Opening("S1")])
    assert (refused.code, refused.facts["expected"], refused.facts["given"]) == (
        "opening_serials_missing", 2, 1,
    )  # fmt: skip
    assert change(world, "SCREW", "serial", opening=[Opening("S1"), Opening("S2")]).loose == 0


@pytest.mark.seed("A6")
def test_a_strict_site_sets_tracking_before_an_item_is_used(world: World) -> None:
    setting(world, "serialise_rule", "before_use")
    assert change(world, "SCREW", "serial").item.tracking == "serial"
    put_on_shelf(world, 4, 5, 1, 0)
    refused = refusal(world, "PAINT", "serial")
    assert (refused.code, refused.facts["used"]) == (
        "item_in_use", {"lines": 0, "events": 1, "serials": 0, "lots": 0},
    )  # fmt: skip


@pytest.mark.seed("A7")
def test_only_stock_items_and_assemblies_have_serials(world: World) -> None:
    world.run(lambda t: t.execute("UPDATE item SET kind = 'kit' WHERE id = 3"))
    assert refusal(world, "SCREW", "serial").code == "item_not_trackable"
    world.run(lambda t: t.execute("UPDATE item SET kind = 'assembly' WHERE id = 3"))
    assert change(world, "SCREW", "serial").item.tracking == "serial"


@pytest.mark.seed("E3")
@pytest.mark.seed("E6")
@pytest.mark.seed("E10")
def test_what_the_accounts_know_stays_as_it_is_until_somebody_says_why(world: World) -> None:
    items = world.registry.items
    world.run(lambda t: items.mark_synced(t, "DRILL", "xero", "X-1", "key:erp"))
    refused = refusal(world, "DRILL", "none")
    assert (refused.code, refused.facts["systems"]) == ("item_synced", ["xero"])
    with pytest.raises(RegistryRefused) as without:
        world.run(lambda t: items.unlock(t, "DRILL", "  ", BY))
    assert without.value.code == "reason_required"
    world.run(lambda t: items.unlock(t, "DRILL", "synced by mistake", BY))
    assert change(world, "DRILL", "none").item.tracking == "none"
    events = world.registry.database.read("SELECT action, reason FROM event ORDER BY seq")
    assert events == [("unlock_item", "synced by mistake"), ("change_tracking", "")]
    kinds = [row[0] for row in world.registry.database.read("SELECT kind FROM feed ORDER BY seq")]
    assert kinds == ["item.synced", "item.unlocked", "item.tracking_changed"]
    check_record(world)


@pytest.mark.seed("E5")
def test_account_codes_can_be_demanded(world: World) -> None:
    setting(world, "require_account_codes", True)
    refused = refusal(world, "SCREW", "serial")
    assert (refused.code, refused.facts["missing"]) == (
        "account_codes_missing", ["account_codes", "tax_code"],
    )  # fmt: skip
    given = {"sku": "SCREW", "account_codes": {"asset": "1200"}, "tax_code": "VAT"}
    world.run(lambda t: world.registry.items.save(t, given, "local"))
    assert change(world, "SCREW", "serial").item.tracking == "serial"


@pytest.mark.seed("E11")
def test_serials_end_and_pieces_stay_when_an_item_has_serials_no_more(world: World) -> None:
    world.act(Action.RECEIVE, "1", "2", place=1)
    world.act(Action.RECEIVE, "3", place=2)
    world.act(Action.SHIP, "3", party=2)
    with pytest.raises(RegistryRefused) as asked:
        world.run(
            lambda t: world.registry.trackings.change(
                t, world.registry.items.get("DRILL", t.execute), Change("none"), BY, world.may
            )
        )
    assert asked.value.code == "confirmation_required"
    assert asked.value.facts["consequences"] == [
        "2 serials of DRILL end as untracked; their history stays.",
        "The 2 pc stay in stock where they are.",
        "Stock stays counted; switching that off is a step of its own.",
    ]
    done = change(world, "DRILL", "none")
    assert (done.item.tracking, done.item.stock_tracked, done.untracked) == ("none", True, 2)
    assert [world.state(serial) for serial in "123"] == ["untracked", "untracked", "shipped"]
    assert (stock(world, 1), world.on_hand()) == ([(1, None, 0, 2)], 2)
    check_record(world)
    back = change(world, "DRILL", "serial", opening=[Opening("1"), Opening("2")])
    assert (back.opened, world.state("1")) == (2, "received")
    numbers = world.registry.database.read("SELECT max(number) FROM life WHERE serial = '1'")
    assert numbers == [(2,)]
    check_record(world)


def test_a_confirmation_is_for_what_was_asked_about_and_nothing_else(world: World) -> None:
    world.act(Action.RECEIVE, "1", place=1)

    def ask(t: Any, to: Any, confirm: str = "") -> Changed:
        item = world.registry.items.get("DRILL", t.execute)
        asked = Change(to, confirm=confirm)
        return world.registry.trackings.change(t, item, asked, BY, world.may)

    with pytest.raises(RegistryRefused) as asked:
        world.run(lambda t: ask(t, "none"))
    token = str(asked.value.facts["token"])
    with pytest.raises(RegistryRefused) as other:
        world.run(lambda t: ask(t, "lot", token))
    assert other.value.code == "confirmation_required"
    world.act(Action.RECEIVE, "2", place=1)  # now it would be about two
    with pytest.raises(RegistryRefused) as later:
        world.run(lambda t: ask(t, "none", token))
    assert later.value.facts["token"] != token
    assert world.registry.items.get("DRILL").tracking == "serial"


@pytest.mark.parametrize("step", ["plan", "hold", "reject"])
def test_a_change_neither_loses_a_promise_nor_makes_a_bad_piece_good(
    world: World, step: str
) -> None:
    if step == "plan":
        world.act(Action.PLAN, "1")
    else:
        world.act(Action.RECEIVE, "1", place=1)
        world.act(Action(step), "1", reason="cracked", place=3 if step == "reject" else None)
    refused = refusal(world, "DRILL", "lot")
    assert refused.code == "item_in_use"
    word = {"plan": "planned", "hold": "held", "reject": "rejected"}[step]
    assert refused.facts["used"] == {word: 1}


@pytest.mark.seed("E12")
def test_serials_become_a_lot_for_each_location(world: World) -> None:
    world.act(Action.RECEIVE, "1", "2", place=1)
    world.act(Action.RECEIVE, "3", place=2)
    done = change(world, "DRILL", "lot", lots={"A-01": "BATCH-9"})
    assert (done.item.tracking, done.untracked, done.lots["A-01"]) == ("lot", 3, "BATCH-9")
    other = done.lots["B-01"]
    assert other.startswith("CONV-20")
    assert stock(world, 1) == [(1, "BATCH-9", 0, 2), (2, other, 0, 1)]
    assert [world.state(serial) for serial in "123"] == ["untracked"] * 3
    check_record(world)
    plain = change(world, "DRILL", "none")
    assert (plain.item.tracking, stock(world, 1)) == (
        "none", [(1, None, 0, 2), (2, None, 0, 1)],
    )  # fmt: skip
    check_record(world)
    again = change(world, "DRILL", "lot")
    assert {row[1] for row in stock(world, 1)} == set(again.lots.values())
    opened = change(world, "DRILL", "serial", opening=[Opening("7", "A-01", again.lots["A-01"])])
    assert (opened.opened, opened.loose) == (1, 2)
    check_record(world)


@pytest.mark.seed("E12")
@pytest.mark.parametrize("to", ["none", "lot"])
def test_pieces_leave_the_lots_they_came_in(world: World, to: str) -> None:
    lot = world.run(lambda t: ensure(t, 1, "CAME-7"))
    world.act(Action.RECEIVE, "1", "2", place=1, lot=lot)
    world.act(Action.RECEIVE, "3", place=1)
    change(world, "DRILL", to, lots={"A-01": "NEW-1"} if to == "lot" else {})
    code = "NEW-1" if to == "lot" else None
    assert stock(world, 1) == [(1, code, 0, 3)]
    check_record(world)


@pytest.mark.seed("E11")
def test_counting_stock_is_switched_off_by_a_step_of_its_own(world: World) -> None:
    def switch(t: Any, sku: str, confirm: str = "") -> Any:
        item = world.registry.items.get(sku, t.execute)
        return switch_stock(t, item, False, confirm, world.registry.confirming, BY)

    with pytest.raises(RegistryRefused) as tracked:
        world.run(lambda t: switch(t, "DRILL"))
    assert tracked.value.facts["tracking"] == "serial"
    put_on_shelf(world, 3, 1, 1)
    with pytest.raises(RegistryRefused) as there:
        world.run(lambda t: switch(t, "SCREW"))
    assert there.value.facts["pieces"] == 1
    gone = Quantities(Action.WRITE_OFF, 3, [Portion(1)], reason="lost")
    world.run(lambda t: move(t, gone, BY, world.may, world.registry.rules()))
    with pytest.raises(RegistryRefused) as asked:
        world.run(lambda t: switch(t, "SCREW"))
    assert asked.value.code == "confirmation_required"
    off = world.run(lambda t: switch(t, "SCREW", str(asked.value.facts["token"])))
    assert (off.stock_tracked, off.tracking) == (False, "none")
    assert change(world, "SCREW", "serial").item.stock_tracked is True
