"""Records to look at a label with: found by a scan, the longest, the emptiest, or examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.codes import gs1
from gateway.registry.label_values import ABOUTS, FILLED

if TYPE_CHECKING:
    from tests.api.registry.conftest import Warehouse

GTIN = "04012345678901"


def records(warehouse: Warehouse, **query: Any) -> Any:
    answer = warehouse.web.get("/v1/editor/records", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def titles(warehouse: Warehouse, **query: Any) -> list[str]:
    return [one["title"] for one in records(warehouse, **query)["items"]]


@pytest.mark.both_databases
def test_a_scan_finds_its_record_first_and_then_what_begins_so(warehouse: Warehouse) -> None:
    warehouse.receive("SN-1 SN-10 SN-2 OTHER", "DRILL")
    warehouse.receive("SN-1", "LASER")
    assert titles(warehouse, about="serial", q="sn-1") == ["SN-1", "SN-1", "SN-10"]
    assert records(warehouse, about="serial", q="sn-1")["exact"] == 2
    assert records(warehouse, about="serial", q="sn-")["exact"] == 0
    found = records(warehouse, about="serial", q="SN-1")["items"]
    assert [one["detail"] for one in found[:2]] == ["DRILL Bench drill", "LASER Laser"]
    drill = found[0]["fields"]
    assert (drill["serial"], drill["item"], drill["name"], drill["location"]) == (
        "SN-1", "DRILL", "Bench drill", "A-01",
    )  # fmt: skip
    assert titles(warehouse, about="serial", q=f"01{GTIN}21SN-2") == ["SN-2"]
    assert titles(warehouse, about="serial", q=drill["code"]) == ["SN-1"]
    assert titles(warehouse, about="item", q=GTIN) == ["DRILL"]
    assert titles(warehouse, about="item", q="sn-2") == ["DRILL"]  # the item of what was scanned
    assert titles(warehouse, about="serial", q="LASER") == ["SN-1"]  # a serial of what was scanned
    assert titles(warehouse, about="location", q="a-0") == ["A-01", "A-02"]
    assert titles(warehouse, about="party", q="JONES") == ["JONES"]
    nothing = records(warehouse, about="serial", q="nobody")
    assert (nothing["items"], nothing["sample"]) == ([], False)


@pytest.mark.both_databases
def test_the_first_the_longest_the_emptiest_and_the_neighbours(warehouse: Warehouse) -> None:
    web = warehouse.web
    warehouse.receive("A1", "ROBOT")
    warehouse.receive("A-VERY-LONG-SERIAL-1", "LASER")
    warehouse.receive("B1", "DRILL", fields={"grade": "A", "note": "n" * 30}, memo="m" * 40)
    first = records(warehouse, about="serial", which="first")["items"][0]
    assert first["title"] == "A1"
    after = records(warehouse, about="serial", which="next", of=first["number"])["items"][0]
    assert after["title"] == "A-VERY-LONG-SERIAL-1"
    before = records(warehouse, about="serial", which="previous", of=after["number"])["items"]
    assert [one["title"] for one in before] == ["A1"]
    assert records(warehouse, about="serial", which="previous", of=first["number"])["items"] == []
    assert titles(warehouse, about="serial", which="longest", names="serial") == [
        "A-VERY-LONG-SERIAL-1"
    ]
    assert titles(warehouse, about="serial", which="longest", names="memo,note,serial") == ["B1"]
    empty = records(warehouse, about="serial", which="empty", template="serial")
    fields = empty["items"][0]["fields"]
    assert (fields["serial"], fields["lot"], fields["name"]) == (empty["items"][0]["title"], "", "")
    assert "name" in empty["emptied"]
    assert web.get("/v1/editor/records", params={"about": "shelf"}).status_code == 422


def test_a_lot_is_found_by_its_code_its_barcode_and_its_item(warehouse: Warehouse) -> None:
    web = warehouse.web
    web.put("/v1/fields/lot/origin", json={"label": "Origin"})
    lot = web.post("/v1/lots", json={"item": "DRILL", "code": "L-7", "expires_on": "2027-12-31",
                                     "fields": {"origin": "Wels"}}).json()  # fmt: skip
    found = records(warehouse, about="lot", q="l-7")["items"]
    assert [one["title"] for one in found] == ["L-7"]
    fields = found[0]["fields"]
    assert {key: fields[key] for key in ("lot", "item", "name", "expires", "origin")} == {
        "lot": "L-7", "item": "DRILL", "name": "Bench drill", "expires": "2027-12-31",
        "origin": "Wels",
    }  # fmt: skip
    assert fields["gs1"] == f"(01){GTIN}(17)271231(10)L-7"
    assert fields["code"] == f"GW-{lot['id']}"
    assert titles(warehouse, about="lot", q=fields["code"]) == ["L-7"]
    assert titles(warehouse, about="lot", q=f"01{GTIN}10L-7") == ["L-7"]
    assert titles(warehouse, about="lot", q="DRILL") == ["L-7"]


def test_locations_and_parties_bring_their_numbers_and_custom_fields(
    warehouse: Warehouse,
) -> None:
    web = warehouse.web
    web.put("/v1/fields/location/heated", json={"type": "yes_no"})
    web.put("/v1/locations/A-01", json={"barcode": "7612345", "gln": "4012345000009",
                                        "fields": {"heated": True}})  # fmt: skip
    place = records(warehouse, about="location", q="7612345")["items"][0]["fields"]
    assert {k: place[k] for k in ("location", "code", "gs1", "parent", "heated", "barcode")} == {
        "location": "A-01", "code": "7612345", "gs1": "(414)4012345000009", "parent": "HALL",
        "heated": "yes", "barcode": "yes",
    }  # fmt: skip
    web.put("/v1/parties/SMITH", json={"name": "Smith Ltd", "gln": "4012345000009"})
    party = records(warehouse, about="party", q="smith")["items"][0]
    assert party["fields"] == {
        "party": "SMITH", "name": "Smith Ltd", "gln": "4012345000009",
        "gs1": "(410)4012345000009", "barcode": "yes",
    }  # fmt: skip


def test_without_a_registry_and_in_an_empty_one_there_are_examples(warehouse: Warehouse) -> None:
    web = warehouse.web
    empty = records(warehouse, about="serial", which="first", template="serial")
    assert (empty["sample"], empty["about"]) == (True, "serial")
    assert empty["items"][0]["fields"]["serial"] == "SN-000123"
    warehouse.receive("SN-1")
    assert records(warehouse, about="serial", which="first")["sample"] is False
    web.put("/v1/settings/registry.enabled", json={"value": False})
    off = records(warehouse, about="serial", q="SN-1")
    assert (off["sample"], off["items"][0]["title"]) == (True, "Example")
    plain = records(warehouse, template="badge")
    assert plain["sample"] is True
    assert plain["items"][0]["fields"]["name"]


def test_a_template_says_what_its_records_are_about(warehouse: Warehouse) -> None:
    document = warehouse.web.get("/v1/templates/item-label").json()["document"]
    of_items = {**document, "name": "shelf", "about": "item"}
    assert warehouse.web.put("/v1/templates/shelf", json=of_items).status_code == 201
    found = records(warehouse, template="shelf")
    assert (found["about"], found["sample"]) == ("item", False)
    assert [one["title"] for one in found["items"]] == ["DRILL", "LASER", "ROBOT", "SCREW"]
    longest = records(warehouse, template="shelf", which="longest")["items"][0]
    assert (longest["title"], longest["detail"]) == ("DRILL", "Bench drill")


def test_the_fields_of_each_noun_are_listed_as_its_records_have_them(
    warehouse: Warehouse,
) -> None:
    warehouse.receive("SN-1", lot="L-1")
    for about in ABOUTS:
        listed = warehouse.web.get("/v1/editor/fields", params={"about": about}).json()["items"]
        found = records(warehouse, about=about)["items"][0]
        # A serial has custom fields of its own where somebody gave it a value only.
        names = {one["name"] for one in listed if not one["custom"]}
        assert names == set(found["fields"]), about
    custom = [one["name"] for one in listed_of(warehouse, "serial") if one["custom"]]
    assert custom == ["grade", "note"]
    whole = warehouse.web.get("/v1/editor/fields").json()["items"]
    assert {one["about"] for one in whole} == set(ABOUTS)


def listed_of(warehouse: Warehouse, about: str) -> Any:
    return warehouse.web.get("/v1/editor/fields", params={"about": about}).json()["items"]


def test_every_example_of_an_element_string_is_one() -> None:
    examples = [one.example for about in ABOUTS for one in FILLED[about] if one.name == "gs1"]
    assert len(examples) == len(ABOUTS)
    for example in examples:
        assert gs1.parse(example).escaped == example
