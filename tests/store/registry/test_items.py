from __future__ import annotations

from typing import Any

import pytest

from gateway.registry.items import Item
from gateway.registry.lives import Action
from gateway.registry.refusals import RegistryRefused
from gateway.store.registry.records import Saved
from tests.store.registry.conftest import World


def save(world: World, /, **values: Any) -> Saved[Item]:
    """Save an item as a request would."""
    return world.run(lambda t: world.registry.items.save(t, values, "local"))


def refusal(world: World, /, **values: Any) -> RegistryRefused:
    """Return why an item is not saved."""
    with pytest.raises(RegistryRefused) as refused:
        save(world, **values)
    return refused.value


WHOLE: dict[str, Any] = {
    "sku": "HT-9000", "name": "Hammer drill", "kind": "assembly", "tracking": "serial",
    "gtin": "4006381333931", "unit": "pc", "units": {"box": 12}, "mask": "HT[0-9]+",
    "pattern": {"prefix": "HT", "next": "00042", "width": 6, "suffix": ""}, "case": "exact",
    "split_space": False, "reorder_point": 5, "reorder_points": {"A-01": 2}, "warranty_in": 12,
    "warranty_out": 24, "service_every": 6, "account_codes": {"income": "4000"},
    "tax_code": "VAT20", "variant_of": "DRILL", "external_id": "erp-7",
    "barcodes": ["5012345678900"], "members": [{"item": "SCREW", "quantity": 8}],
}  # fmt: skip


@pytest.mark.seed("E34")
def test_an_item_is_kept_as_it_was_given(world: World) -> None:
    saved = save(world, **WHOLE)
    item = world.registry.items.get("ht-9000")
    assert (saved.status, saved.thing) == ("new", item)
    assert (item.gtin, item.pattern.write(int(item.pattern.next))) == (
        "04006381333931", "HT000042",
    )  # fmt: skip
    assert (item.units, item.reorder_points, item.barcodes) == (
        {"box": 12}, {"A-01": 2}, ("5012345678900",),
    )  # fmt: skip
    assert [(one.sku, one.quantity) for one in item.members] == [("SCREW", 8)]
    assert (item.variant_of, item.external_id, item.case, item.split_space) == (
        "DRILL", "erp-7", "exact", False,
    )  # fmt: skip
    again = save(world, **WHOLE)
    assert (again.status, again.thing.version) == ("same", item.version)
    changed = save(world, sku="HT-9000", name="Drill")
    assert (changed.status, changed.thing.version) == ("changed", item.version + 1)
    assert changed.thing.gtin == item.gtin  # what is not given stays


def test_everything_that_is_wrong_is_said_at_once(world: World) -> None:
    refused = refusal(
        world, sku="X", gtin="4006381333932", units={"box": 1.5}, mask="(", kind="shed",
        reorder_point=-1, variant_of="NOWHERE", reorder_points={"MOON": 1}, colour="red",
    )  # fmt: skip
    assert sorted(offence.code for offence in refused.items) == [
        "item_unknown", "location_unknown", *("value_wrong",) * 6,
    ]  # fmt: skip
    said = " ".join(offence.detail for offence in refused.items)
    assert "expected 1, got 2" in said  # the check digit
    assert "An item has no 'colour'" in said


@pytest.mark.seed("N26")
@pytest.mark.parametrize("kind", ["kit", "non_stock"])
def test_only_what_lies_on_a_shelf_can_have_serials(world: World, kind: str) -> None:
    assert refusal(world, sku="K", kind=kind, tracking="serial").code == "item_not_trackable"
    assert save(world, sku="K", kind=kind).thing.stock_tracked is False


@pytest.mark.seed("N26")
@pytest.mark.parametrize("kind", ["service", "download", "Discount", "gift certificate"])
def test_what_is_never_on_a_shelf_is_no_item_here(world: World, kind: str) -> None:
    assert refusal(world, sku="S", kind=kind).code == "item_not_trackable"


@pytest.mark.seed("N9")
@pytest.mark.seed("N10")
def test_a_unit_of_a_serialised_item_is_a_whole_number_of_pieces(world: World) -> None:
    refused = refusal(world, sku="X", tracking="serial", units={"half": 0.5})
    assert refused.code == "fractional_serial_quantity"
    assert save(world, sku="X", tracking="serial", units={"box": 12}).thing.units == {"box": 12}


@pytest.mark.seed("N11")
def test_a_kit_is_made_of_other_items_and_never_of_itself(world: World) -> None:
    save(world, sku="SET", kind="kit", members=[{"item": "DRILL", "quantity": 1}])
    save(world, sku="BIG", kind="kit", members=[{"item": "SET", "quantity": 2}])
    loop = refusal(world, sku="SET", members=[{"item": "BIG", "quantity": 1}])
    assert loop.detail == "Item SET cannot be made of BIG: that one holds SET itself."
    assert refusal(world, sku="DRILL", members=[{"item": "SCREW"}]).facts["key"] == "members"
    twice = [{"item": "SCREW"}, {"item": "screw"}]
    assert "stands twice" in refusal(world, sku="SET", members=twice).detail


@pytest.mark.seed("N4")
def test_what_is_switched_off_cannot_be_made(world: World) -> None:
    world.run(lambda t: world.registry.settings.put(t, "registry.features", [], "local"))
    assert refusal(world, sku="SET", kind="kit").facts["feature"] == "kits"
    assert refusal(world, sku="P", tracking="lot").facts["feature"] == "lots"


def test_two_items_share_neither_sku_nor_gtin_nor_another_systems_id(world: World) -> None:
    save(world, **WHOLE)
    assert refusal(world, sku="OTHER", gtin="04006381333931").code == "gtin_taken"
    with pytest.raises(RegistryRefused) as refused:
        world.run(lambda t: world.registry.items.save(t, {"sku": "HT-9000"}, "local", sku="LASER"))
    assert refused.value.code == "sku_taken"
    with pytest.raises(RegistryRefused) as refused:
        world.run(
            lambda t: world.registry.items.save(t, {"external_id": "ERP-7"}, "local", sku="LASER")
        )
    assert refused.value.code == "sku_taken"


@pytest.mark.seed("A8")
@pytest.mark.seed("A9")
@pytest.mark.seed("A11")
def test_the_next_serials_pass_over_what_is_used_and_none_is_taken_by_looking(
    world: World,
) -> None:
    save(world, sku="DRILL", next_serial="D1")
    item = world.registry.items.get("DRILL")
    assert (item.pattern.prefix, item.pattern.next, item.pattern.width) == ("D", "1", 5)
    world.act(Action.RECEIVE, "D00002", "d00004", place=1)
    world.run(lambda t: t.execute("UPDATE item SET serial_next = '1' WHERE id = 1"))
    expected = ("D00001", "D00003", "D00005")
    assert world.registry.items.next_serials("drill", 3) == expected
    assert world.registry.items.next_serials("drill", 3) == expected
    with pytest.raises(RegistryRefused) as refused:
        world.registry.items.next_serials("SCREW", 1)
    assert refused.value.code == "item_not_serialised"


@pytest.mark.seed("A10")
def test_the_next_serial_moves_behind_what_was_received(world: World) -> None:
    save(world, sku="DRILL", next_serial="D00001")
    world.act(Action.RECEIVE, "D00001", "D00007", place=1)
    assert world.registry.items.next_serials("DRILL", 1) == ("D00008",)


@pytest.mark.seed("A11")
def test_numbers_longer_than_the_width_are_never_cut(world: World) -> None:
    save(world, sku="DRILL", pattern={"prefix": "", "next": "9999999999999999999998", "width": 5})
    assert world.registry.items.next_serials("DRILL", 2) == (
        "9999999999999999999998", "9999999999999999999999",
    )  # fmt: skip


@pytest.mark.seed("T18")
def test_a_reorder_point_starts_from_the_stock_there_is(world: World) -> None:
    def told() -> int:
        query = "SELECT count(*) FROM feed WHERE kind = 'stock.reorder_point_reached'"
        return int(world.registry.database.read(query)[0][0])

    world.act(Action.RECEIVE, "1", "2", "3", place=1)
    save(world, sku="DRILL", reorder_point=2, reorder_points={"B-01": 0})
    item = world.registry.items.get("DRILL")
    assert (item.reorder_point, item.reorder_points) == (2, {"B-01": 0})
    assert told() == 0
    world.act(Action.SHIP, "1", party=2)
    assert told() == 1
    save(world, sku="DRILL", reorder_point=1)
    assert told() == 1
    save(world, sku="DRILL", reorder_point=None, reorder_points={})
    assert world.registry.database.read("SELECT * FROM reorder") == []


def test_the_case_of_serials_stays_once_there_are_some(world: World) -> None:
    save(world, sku="DRILL", case="exact")
    world.act(Action.RECEIVE, "a", place=1)
    refused = refusal(world, sku="DRILL", case="fold")
    assert (refused.code, refused.facts["key"]) == ("item_in_use", "case")
    assert refusal(world, sku="DRILL", tracking="none", kind="kit").code == "item_not_trackable"


def test_an_item_is_removed_only_while_nothing_uses_it(world: World) -> None:
    save(world, **WHOLE)
    with pytest.raises(RegistryRefused) as refused:
        world.run(lambda t: world.registry.items.delete(t, "SCREW", "local"))
    assert refused.value.detail == "Item SCREW is in use (1 kits); set it inactive instead."
    world.run(lambda t: world.registry.items.delete(t, "HT-9000", "local"))
    assert world.registry.items.page(None, 10, q="HT") == []
    assert world.registry.database.read("SELECT count(*) FROM barcode") == [(0,)]


def test_another_systems_id_finds_an_item_whatever_it_is_called_there_now(world: World) -> None:
    store = world.registry.items

    def put(external: str, **values: Any) -> Saved[Item]:
        return world.run(lambda t: store.save(t, values, "local", external_id=external))

    assert put("7", sku="NEW", name="A").status == "new"
    assert put("7", sku="RENAMED").thing.name == "A"
    assert put("1", sku="DRILL").thing.id == 1  # adopted: it had no such id
    with pytest.raises(RegistryRefused) as refused:
        put("2", sku="DRILL")
    assert refused.value.code == "sku_taken"
    assert store.get_external("7").sku == "RENAMED"
    with pytest.raises(RegistryRefused) as refused:
        store.get_external("8")
    assert refused.value.code == "item_unknown"


def test_many_items_are_saved_whole_or_not_at_all(world: World) -> None:
    store = world.registry.items
    good = [{"sku": f"N-{n:03d}", "name": f"Item {n}"} for n in range(30)]
    bad = [*good, {"sku": "B-1", "kind": "shed"}, {"name": "no SKU"}]
    with pytest.raises(RegistryRefused) as refused:
        world.run(lambda t: store.save_all(t, bad, "local"))
    assert [(one.subject, one.facts["index"]) for one in refused.value.items] == [
        ("B-1", 30), ("number 31", 31),
    ]  # fmt: skip
    assert refused.value.facts["refused"] == 2
    assert store.page(None, 100, q="n-") == []
    saved = world.run(lambda t: store.save_all(t, good, "local"))
    assert {one.status for one in saved} == {"new"}
    saved = world.run(lambda t: store.save_all(t, [*good, {"sku": "DRILL", "name": "D"}], "local"))
    assert [one.status for one in saved].count("same") == 30
    first = store.page(None, 20, q="N-")
    assert [item.sku for item in first] == [f"N-{n:03d}" for n in range(21)]
    rest = store.page(first[19].sku, 20, q="N-")
    assert [item.sku for item in rest] == [f"N-{n:03d}" for n in range(20, 30)]
    assert [item.sku for item in store.page(None, 10, q="Item 29")] == ["N-029"]


def test_lists_of_items_are_filtered(world: World) -> None:
    store = world.registry.items
    save(world, **WHOLE)
    save(world, sku="SCREW", active=False)

    def skus(**filters: Any) -> list[str]:
        return [item.sku for item in store.page(None, 100, **filters)]

    assert skus(tracking="lot") == ["PAINT"]
    assert skus(kind="assembly") == skus(variant_of="drill") == ["HT-9000"]
    assert skus(active=False) == ["SCREW"]
    for code in ("4006381333931", "5012345678900", "erp-7", "ht-9000"):
        assert skus(code=code) == ["HT-9000"]
    assert skus(code="HT-900") == []
