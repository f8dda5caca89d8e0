"""What is exported is EPCIS 2.0, and what is read means what its sender meant.

The judge is a JSON schema of our own making (``epcis_schema``) and, where the variable
EPCIS_JSON_SCHEMA names it, the file GS1 publishes.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker

from gateway.errors import CodeRefused, InputRefused, Unreadable
from gateway.registry.epc_uris import lot_uri, serial_uri, sgtin_urn, understood
from gateway.registry.epcis import (
    BIZ_STEPS,
    DISPOSITIONS,
    Amount,
    Erratum,
    Names,
    Occurrence,
    Shape,
    Thing,
    event_uri,
    export,
    shape_of,
    withdraw,
)
from gateway.registry.epcis_reading import Problem, read_document
from gateway.registry.lifecycle import TABLE
from gateway.registry.lives import Action
from tests.registry.epcis_schema import SCHEMA

NOW = 1_795_342_868_123_456
"""2026-11-22T10:21:08.123456Z"""

NAMES = Names(b"a secret")
GTIN = "09501101530003"
UID = "urn:uuid:5b1d6e5e-4a5c-4a43-9d6e-0d2c0c3f7a11"


@cache
def judges() -> list[Any]:
    checked = FormatChecker(["uri", "date-time"])
    schemas = [SCHEMA]
    if published := os.environ.get("EPCIS_JSON_SCHEMA"):
        schemas.append(json.loads(Path(published).read_text("utf-8")))
    return [Draft7Validator(schema, format_checker=checked) for schema in schemas]


def exported(*occurrences: Occurrence) -> dict[str, Any]:
    """Return the document, which every judge finds right."""
    document: dict[str, Any] = json.loads(b"".join(export(occurrences, at=NOW)))
    for judge in judges():
        assert [error.message for error in judge.iter_errors(document)] == []
    return document


def event(occurrence: Occurrence) -> dict[str, Any]:
    [only] = exported(occurrence)["epcisBody"]["eventList"]
    assert isinstance(only, dict)
    return only


def serial(text: str = "SN-1", gtin: str | None = GTIN, life: str = "S0000000011") -> Thing:
    return NAMES.serial(life, text, "HT-9000", gtin)


def seen(**more: Any) -> Occurrence:
    fields: dict[str, Any] = {
        "uid": UID, "at": NOW, "kind": "object", "change": "OBSERVE", "things": (serial(),),
    }  # fmt: skip
    return Occurrence(**{**fields, **more})


# --------------------------------------------------------------------------------- going out


SERIAL_7 = "urn:uuid:84db1309-b6e7-5d40-a5b2-c7b0d1b8351f"
WIRE = "urn:uuid:43e26be0-2fdb-5dd1-a8e6-a86b9dfbd44a"
A_01 = "urn:uuid:ab4b9e38-eab9-505e-b064-900089bb7c26"
GR_7 = "urn:uuid:8f162b2f-ddf0-5498-a99e-2d3e1f6b7eed"
ST_1 = "urn:uuid:0da73545-2692-5c6a-b48b-9a99d5ff0466"
US = "urn:uuid:406b4e30-ac07-5112-86b2-4b8d324261fc"


def test_a_receipt_is_written_as_the_standard_writes_it() -> None:
    shape = shape_of("receive")
    assert shape == Shape("object", "OBSERVE", "receiving", "in_progress")
    received = Occurrence(
        event_uri("5b1d6e5e-4a5c-4a43-9d6e-0d2c0c3f7a11"),
        NOW - 123_456,
        "object",
        zone=-210,
        change=shape.change,
        step=shape.step,
        disposition=shape.disposition,
        things=(serial("A/1"), serial("7", None, "S0000000022")),
        amounts=(NAMES.amount(500, "SCREW", "L-7", "10614141123459"),
                 NAMES.amount(2500, "WIRE", unit="MMT")),
        read_point=NAMES.place("DOCK-1", "0614141123452", "D1"),
        place=NAMES.place("A-01"),
        papers=(NAMES.paper("receipt", "GR-7", "ASN 12"), NAMES.paper("stocktake", "ST-1")),
        sources=(NAMES.party("ACME", "owning_party", "0614141123452"),),
        destinations=(NAMES.party("us", "possessing_party"),),
        recorded_at=NOW,
        action="receive",
        reason="all good",
        actor="station:dock",
        attrs={"qc_grade": "A", "weight kg": 12.5, "ok": True, "none": None},
    )  # fmt: skip
    assert exported(received) == {
        "@context": [
            "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
            {"lg": "urn:uuid:c86c0c5b-1509-542a-89b5-a17a17a767cf#"},
        ],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-22T10:21:08.123456Z",
        "epcisBody": {
            "eventList": [
                {
                    "type": "ObjectEvent",
                    "eventID": "urn:uuid:5b1d6e5e-4a5c-4a43-9d6e-0d2c0c3f7a11",
                    "eventTime": "2026-11-22T10:21:08.000Z",
                    "eventTimeZoneOffset": "-03:30",
                    "recordTime": "2026-11-22T10:21:08.123456Z",
                    "epcList": [
                        "https://id.gs1.org/01/09501101530003/21/A%2F1",
                        SERIAL_7,
                    ],
                    "quantityList": [
                        {"epcClass": "https://id.gs1.org/01/10614141123459/10/L-7",
                         "quantity": 500},
                        {"epcClass": WIRE, "quantity": 2500, "uom": "MMT"},
                    ],
                    "action": "OBSERVE",
                    "bizStep": "receiving",
                    "disposition": "in_progress",
                    "readPoint": {"id": "https://id.gs1.org/414/0614141123452/254/D1",
                                  "lg:code": "DOCK-1"},
                    "bizLocation": {"id": A_01, "lg:code": "A-01"},
                    "bizTransactionList": [
                        {"type": "recadv", "bizTransaction": GR_7},
                        {"type": "urn:uuid:c86c0c5b-1509-542a-89b5-a17a17a767cf#stocktake",
                         "bizTransaction": ST_1},
                    ],
                    "sourceList": [
                        {"type": "owning_party",
                         "source": "https://id.gs1.org/417/0614141123452"},
                    ],
                    "destinationList": [
                        {"type": "possessing_party", "destination": US},
                    ],
                    "lg:action": "receive",
                    "lg:reason": "all good",
                    "lg:actor": "station:dock",
                    "lg:attributes": {"lg:qc_grade": "A", "lg:weight%20kg": 12.5, "lg:ok": True,
                                      "lg:none": None},
                    "lg:describes": [
                        {"id": "https://id.gs1.org/01/09501101530003/21/A%2F1",
                         "lg:item": "HT-9000", "lg:life": "S0000000011"},
                        {"id": SERIAL_7,
                         "lg:serial": "7", "lg:item": "HT-9000", "lg:life": "S0000000022"},
                        {"id": "https://id.gs1.org/01/10614141123459/10/L-7",
                         "lg:item": "SCREW"},
                        {"id": WIRE, "lg:item": "WIRE"},
                        {"id": GR_7, "lg:number": "GR-7", "lg:external": "ASN 12"},
                        {"id": ST_1, "lg:number": "ST-1"},
                        {"id": "https://id.gs1.org/417/0614141123452", "lg:code": "ACME"},
                        {"id": US, "lg:code": "us"},
                    ],
                }
            ]
        },
    }  # fmt: skip


@pytest.mark.parametrize("action", [*(action.value for action in Action), "pack", "unpack"])
@pytest.mark.parametrize("known", [True, False])
def test_every_action_of_the_lifecycle_is_an_event_or_nobody_elses_business(
    action: str, known: bool
) -> None:
    shape = shape_of(action, parent=known, inputs=known)
    if shape is None:
        assert TABLE[Action(action)].step is None
        assert action in ("plan", "cancel_plan", "annotate")
        return
    assert shape.step in BIZ_STEPS
    assert shape.disposition is None or shape.disposition in DISPOSITIONS
    assembly = serial("BOX", life="S0000000033")
    occurrence = Occurrence(
        UID,
        NOW,
        shape.kind,
        change=shape.change,
        step=shape.step,
        disposition=shape.disposition,
        things=() if action == "consume" and not known else (serial(),),
        inputs=(serial("PART"),) if shape.kind == "transformation" else (),
        parent=assembly if shape.kind in ("association", "aggregation") else None,
        process=NAMES.paper("work_order", "WO-1").uri if shape.kind == "transformation" else None,
        action=action,
    )
    assert read_document(b"".join(export([occurrence], at=NOW))).occurrences == (occurrence,)
    assert event(occurrence)["type"] == f"{shape.kind.capitalize()}Event"


@pytest.mark.parametrize(
    ("action", "known", "expected"),
    [
        ("produce", {}, ("object", "ADD", "commissioning", "active")),
        ("produce", {"inputs": True}, ("transformation", None, "commissioning", "active")),
        ("consume", {"parent": True}, ("association", "ADD", "installing", "active")),
        ("consume", {}, ("transformation", None, "installing", "active")),
        ("unbuild", {"parent": True}, ("association", "DELETE", "disassembling", "available")),
        ("unbuild", {}, ("object", "OBSERVE", "disassembling", "available")),
        ("adjust_in", {}, ("object", "ADD", "commissioning", "active")),
        ("opening", {}, ("object", "ADD", "commissioning", "active")),
        ("write_off", {"reason": "lost in the yard"},
         ("object", "DELETE", "decommissioning", "inactive")),
        ("write_off", {"reason": " Damaged"}, ("object", "DELETE", "decommissioning", "damaged")),
        ("untrack", {}, ("object", "DELETE", "decommissioning", "inactive")),
        ("ship", {}, ("object", "OBSERVE", "shipping", "in_transit")),
        ("count", {}, ("object", "OBSERVE", "cycle_counting", None)),
        ("pack", {}, ("aggregation", "ADD", "packing", None)),
        ("unpack", {}, ("aggregation", "DELETE", "unpacking", None)),
    ],
)  # fmt: skip
def test_actions_have_the_shape_their_step_means(
    action: str, known: dict[str, Any], expected: tuple[str, ...]
) -> None:
    shape = shape_of(action, **known)
    assert shape is not None
    assert (shape.kind, shape.change, shape.step, shape.disposition) == expected


def test_an_undo_says_the_whole_event_again_and_that_it_did_not_occur() -> None:
    shipped = seen(step="shipping", disposition="in_transit", recorded_at=NOW, action="ship")
    undone = withdraw(shipped, at=NOW + 1_000_000, by="urn:uuid:" + "0" * 8 + "-1", corrective=(
        "urn:uuid:7b1d6e5e-4a5c-4a43-9d6e-0d2c0c3f7a11",))  # fmt: skip
    first, second = exported(shipped, undone)["epcisBody"]["eventList"]
    assert second.pop("errorDeclaration") == {
        "declarationTime": "2026-11-22T10:21:09.123456Z",
        "reason": "did_not_occur",
        "correctiveEventIDs": ["urn:uuid:7b1d6e5e-4a5c-4a43-9d6e-0d2c0c3f7a11"],
        "lg:by": "urn:uuid:00000000-1",
    }
    del first["recordTime"]
    assert second == first


def test_a_document_goes_out_while_its_events_come() -> None:
    taken = 0

    def occurrences() -> Any:
        nonlocal taken
        for taken in range(1, 101):
            yield seen(uid=event_uri(UID, str(taken)))

    pieces = export(occurrences(), at=NOW)
    next(pieces)
    next(pieces)
    assert taken == 1
    whole = read_document(b"".join([*export(occurrences(), at=NOW)]))
    assert len({one.uid for one in whole.occurrences}) == 100
    assert exported() == {**exported(), "epcisBody": {"eventList": []}}


def test_no_cost_and_no_price_has_a_place_in_an_event() -> None:
    names = {name for cls in (Occurrence, Thing, Amount) for name in cls.__dataclass_fields__}
    assert not names & {"cost", "price", "currency", "unit_cost", "sale_price"}


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"uid": "7"}, "has no URI for an eventID"),
        ({"at": 10**18}, f"happened outside the years 2 to 9999: {10**18} µs"),
        ({"zone": -841}, "has a time zone of -841 minutes; 14 hours are the most"),
        ({"zone": 841}, "has a time zone of 841 minutes; 14 hours are the most"),
        ({"change": None}, "is of kind object and its change is None"),
        ({"step": "posting"},
         "has the business step 'posting', which is no word of CBV 2.0 and no URI"),
        ({"disposition": "https://ref.gs1.org/cbv/Disp-lost"},
         "has the disposition 'https://ref.gs1.org/cbv/Disp-lost', which is no word of CBV 2.0 "
         "and no URI"),
        ({"things": ()}, "is about nothing"),
        ({"things": (serial(), serial())}, "names a thing twice"),
        ({"things": (Thing("SN 1"),)}, "names something by 'SN 1', which is no URI"),
        ({"parent": serial("BOX")}, "is of kind object, which has no parent"),
        ({"kind": "association"}, "has no parent"),
        ({"kind": "aggregation", "change": "ADD"}, "has no parent"),
        ({"inputs": (serial("PART"),)}, "is of kind object, which has no inputs"),
        ({"kind": "transformation", "change": None},
         "needs inputs and outputs, or a process that ties it to an event with the others"),
        ({"kind": "transaction"}, "is of kind transaction and names no document"),
        ({"amounts": (NAMES.amount(1, "X", unit="pcs"),)},
         "has the unit 'pcs'; expected a UN/CEFACT code such as 'KGM'"),
        ({"amounts": (NAMES.amount(-1, "X"),)}, "has a quantity of -1"),
        ({"extra": {"memo": 1}}, "has an extension 'memo', which is no URI"),
        ({"extra": {"ilmd": {}}}, "has master data (ilmd) and adds nothing"),
        ({"erratum": Erratum(NOW, "typo")},
         "is wrong for the reason 'typo', which is no word of CBV 2.0 and no URI"),
        ({"sources": (NAMES.party("A", "seller"),)},
         "has a party of role 'seller', which is no word of CBV 2.0 and no URI"),
    ],
)  # fmt: skip
def test_an_occurrence_that_is_no_epcis_event_cannot_be_made(
    change: dict[str, Any], detail: str
) -> None:
    with pytest.raises(InputRefused) as refused:
        seen(**change)
    assert str(refused.value) == f"The EPCIS event {change.get('uid', UID)!r} {detail}."


# --------------------------------------------------------------------------------- names


def test_every_character_a_serial_may_hold_is_encoded_as_the_standard_says() -> None:
    assert serial_uri(GTIN, "!\"%&'()*+,-./:;<=>?") == (
        f"https://id.gs1.org/01/{GTIN}/21/%21%22%25%26%27%28%29%2A%2B%2C-.%2F%3A%3B%3C%3D%3E%3F"
    )
    assert serial_uri(GTIN, "09AZ_az") == f"https://id.gs1.org/01/{GTIN}/21/09AZ_az"


@pytest.mark.parametrize("text", ["", ".", "..", "x" * 21, "ü", "a b", "~", "#", "\\", "a\u202eb"])
def test_a_serial_that_no_digital_link_can_carry_has_a_name_of_ours(text: str) -> None:
    assert serial_uri(GTIN, text) is None
    assert serial(text).uri == serial("SN-1", None).uri
    assert serial(text).uri.startswith("urn:uuid:")


def test_our_names_are_the_same_each_time_and_of_one_database() -> None:
    assert NAMES.serial("S1", "a", "x") == Names(b"a secret").serial("S1", "a", "x")
    others = {
        NAMES.own("serial", "S1"), NAMES.own("serial", "S2"), NAMES.own("place", "S1"),
        Names(b"another").own("serial", "S1"),
    }  # fmt: skip
    assert len(others) == 4


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        # The examples of the EPC Tag Data Standard.
        ("urn:epc:id:sgtin:0614141.112345.400", {"gtin": "10614141123459", "serial": "400"}),
        ("urn:epc:id:sgtin:0614141.812345.6789%2Fab", {"gtin": "80614141123458",
                                                       "serial": "6789/ab"}),
        ("urn:epc:id:sscc:0614141.1234567890", {"sscc": "106141412345678908"}),
        ("urn:epc:id:sgln:0614141.12345.400", {"gln": "0614141123452", "extension": "400"}),
        ("urn:epc:id:sgln:0614141.12345.0", {"gln": "0614141123452"}),
        ("urn:epc:id:pgln:0614141.12345", {"gln": "0614141123452"}),
        ("urn:epc:class:lgtin:4012345.012345.998877", {"gtin": "04012345123456",
                                                       "lot": "998877"}),
        ("urn:epc:idpat:sgtin:4012345.098765.*", {"gtin": "04012345987652"}),
        ("urn:epc:idpat:sgtin:4012345.*.*", {}),
        ("urn:epc:id:grai:0614141.12345.400", {}),
        ("urn:uuid:5b1d6e5e-4a5c-4a43-9d6e-0d2c0c3f7a11", {}),
        # Digital Link URIs, of any host and with more around them.
        ("https://id.gs1.org/01/09501101530003/21/A%2F1", {"gtin": GTIN, "serial": "A/1"}),
        ("HTTP://shop.example.com/de/p/01/09501101530003/10/L%3D1/21/7?x=/21/8#21",
         {"gtin": GTIN, "lot": "L=1", "serial": "7"}),
        ("https://example.com/01/9501101530003/21/7", {"gtin": GTIN, "serial": "7"}),
        ("https://example.com/01/21/09501101530003", {}),
        ("https://id.gs1.org/00/106141412345678908", {"sscc": "106141412345678908"}),
        ("https://id.gs1.org/414/0614141123452/254/D1", {"gln": "0614141123452",
                                                         "extension": "D1"}),
        ("https://id.gs1.org/417/0614141123452", {"gln": "0614141123452"}),
        ("https://id.gs1.org/8004/4000001111", {}),
        ("https://example.com/about", {}),
    ],
)  # fmt: skip
def test_names_of_other_systems_are_understood(uri: str, said: dict[str, str]) -> None:
    assert understood(uri) == said


@pytest.mark.parametrize(
    ("uri", "detail"),
    [
        ("https://id.gs1.org/01/09501101530004/21/7", "has a wrong check digit: expected 3, got 4"),
        ("https://id.gs1.org/01/09501101530003/21/%C3%BC", "which GS1's character set does not"),
        ("https://id.gs1.org/01/09501101530003/21/%FF", "holds escapes that are not UTF-8"),
        ("urn:epc:id:sgtin:0614141.12345.400", "must have 13 digits together"),
        ("urn:epc:id:sgtin:0614141.112345.", "The value of (21) SERIAL is ''"),
        ("urn:epc:id:sgtin:0614141.112345", "must have 13 digits together"),
    ],
)
def test_a_name_of_gs1_with_wrong_numbers_is_refused(uri: str, detail: str) -> None:
    with pytest.raises(CodeRefused) as refused:
        understood(uri)
    assert detail in str(refused.value)


SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
CODES = st.text(SET_82, min_size=1, max_size=20).filter(lambda text: text not in (".", ".."))


@given(text=CODES, prefix=st.integers(6, 12))
def test_gtin_and_serial_survive_every_form_of_a_name(text: str, prefix: int) -> None:
    whole = {"gtin": "10614141123459", "serial": text}
    assert understood(sgtin_urn("10614141123459", text, prefix)) == whole
    link = serial_uri("10614141123459", text)
    assert link is not None
    assert understood(link) == whole
    lot = lot_uri("10614141123459", text)
    assert lot is not None
    assert understood(lot) == {"gtin": "10614141123459", "lot": text}


def test_an_older_systems_name_escapes_the_seven_characters_it_must_and_no_other() -> None:
    assert sgtin_urn("10614141123459", '"%&/<>?', 7) == (
        "urn:epc:id:sgtin:0614141.112345.%22%25%26%2F%3C%3E%3F"
    )
    assert sgtin_urn("10614141123459", "!'()*+,-.0:;=A_a", 12) == (
        "urn:epc:id:sgtin:061414112345.1.!'()*+,-.0:;=A_a"
    )


def test_a_company_prefix_no_company_has_is_refused() -> None:
    with pytest.raises(InputRefused, match=r"^A GS1 company prefix has 6 to 12 digits, got 5\.$"):
        sgtin_urn("10614141123459", "1", 5)


def test_an_event_id_is_a_uuid_or_the_uri_it_came_with() -> None:
    hashed = f"ni:///sha-256;{sha256(b'').hexdigest()}?ver=CBV2.0"
    assert event_uri(hashed) == hashed
    parts = {event_uri(UID[9:]), event_uri(UID[9:], "1"), event_uri(UID[9:], "2")}
    assert len(parts) == 3
    with pytest.raises(InputRefused, match="'E 7' is no event's uid; expected a UUID or a URI"):
        event_uri("E 7")


# --------------------------------------------------------------------------------- there and back


WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
ITEMS = st.sampled_from([("HT-9000", GTIN), ("plain", None), ("ü/item", "10614141123459")])
TIMES = st.integers(-62_000_000_000_000_000, 250_000_000_000_000_000)
GLNS = {"A-01": "0614141123452", "ACME": "4012345002256", "ü": None}
BINS = {"A-02": "0614141123452", **GLNS}


@st.composite
def things(draw: st.DrawFn) -> Thing:
    item, gtin = draw(ITEMS)
    text = draw(CODES | WORDS)
    life = sha256(f"{item} {text}".encode()).hexdigest()[:11]  # one life for each in an event
    return NAMES.serial(life, text, item, gtin, [None, "L-1", "ü"][len(text) % 3])


@st.composite
def amounts(draw: st.DrawFn) -> Amount:
    item, gtin = draw(ITEMS)
    return NAMES.amount(
        draw(st.integers(0, 10**14)), item, draw(st.none() | CODES | WORDS), gtin,
        draw(st.sampled_from([None, "KGM", "H87"])),
    )  # fmt: skip


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=5,
)  # fmt: skip
SOME_THINGS = st.lists(things(), max_size=4, unique_by=lambda thing: thing.uri).map(tuple)
SOME_AMOUNTS = st.lists(amounts(), max_size=3).map(tuple)
PLACES = st.none() | st.sampled_from(sorted(BINS)).map(lambda code: NAMES.place(code, BINS[code]))
PARTIES = st.lists(
    st.builds(
        lambda code, role: NAMES.party(code, role, GLNS[code]),
        st.sampled_from(sorted(GLNS)),
        st.sampled_from(["owning_party", "possessing_party", "location", "https://example.com/r"]),
    ),
    max_size=2,
).map(tuple)
PACKAGES = st.sampled_from([NAMES.package("B1"), NAMES.package("B2", "106141412345678908")])


@st.composite
def occurrences(draw: st.DrawFn) -> Occurrence:
    kind: Any = draw(st.sampled_from(
        ["object", "aggregation", "association", "transformation", "transaction"]))  # fmt: skip
    change: Any = draw(st.sampled_from(["ADD", "OBSERVE", "DELETE"]))
    transformed, tied = kind == "transformation", kind in ("aggregation", "association")
    some = draw(SOME_THINGS)
    paper = st.builds(NAMES.paper, st.sampled_from(["purchase_order", "transfer"]), WORDS)
    return Occurrence(
        uid=event_uri(str(draw(st.uuids()))),
        at=draw(TIMES),
        kind=kind,
        zone=draw(st.integers(-840, 840)),
        change=None if transformed else change,
        step=draw(st.none() | st.sampled_from(sorted(BIZ_STEPS)) | st.just("https://a.example/b")),
        disposition=draw(st.none() | st.sampled_from(sorted(DISPOSITIONS))),
        things=some or (serial(),),
        amounts=draw(SOME_AMOUNTS),
        inputs=draw(SOME_THINGS) if transformed else (),
        input_amounts=(NAMES.amount(1, "plain"), *draw(SOME_AMOUNTS)) if transformed else (),
        parent=draw(PACKAGES) if tied else None,
        process="urn:uuid:5b1d6e5e-4a5c-4a43-9d6e-0d2c0c3f7a11" if transformed else None,
        read_point=draw(PLACES),
        place=draw(PLACES),
        papers=tuple(
            draw(st.lists(paper, min_size=int(kind == "transaction"), max_size=2,
                          unique_by=lambda paper: paper.uri))),
        sources=draw(PARTIES),
        destinations=draw(PARTIES),
        recorded_at=draw(st.none() | TIMES),
        erratum=draw(st.none() | st.builds(Erratum, TIMES, by=st.none() | st.just(UID))),
        action=draw(st.none() | st.just("ship")),
        reason=draw(st.none() | WORDS),
        actor=draw(st.none() | WORDS),
        attrs=draw(st.dictionaries(WORDS, st.none() | st.booleans() | st.integers() | WORDS,
                                   max_size=3)),
        extra=draw(st.dictionaries(st.sampled_from(["http://ns.example.com/a", "urn:x:b"]), JSON)),
    )  # fmt: skip


@given(several=st.lists(occurrences(), max_size=3))
def test_what_is_exported_is_epcis_and_is_read_again_as_it_was(several: list[Occurrence]) -> None:
    exported(*several)
    reading = read_document(b"".join(export(several, at=NOW)))
    assert reading.problems == ()
    assert reading.occurrences == tuple(several)


# --------------------------------------------------------------------------------- coming in


THEIRS: dict[str, Any] = {
    "@context": [
        "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        {"ex": "http://ns.example.com/epcis/"},
    ],
    "type": "EPCISDocument",
    "schemaVersion": "2.0",
    "creationDate": "2026-11-22T11:00:00.0+01:00",
    "epcisBody": {
        "eventList": [
            {
                "type": "ObjectEvent",
                "eventTime": "2026-11-22T11:21:08.5+01:00",
                "eventTimeZoneOffset": "+01:00",
                "epcList": ["urn:epc:id:sgtin:0614141.107346.2018",
                            "https://id.gs1.org/01/70614141123451/21/2020"],
                "action": "ADD",
                "bizStep": "https://ref.gs1.org/cbv/BizStep-commissioning",
                "disposition": "cbv:Disp-active",
                "readPoint": {"id": "urn:epc:id:sgln:0614141.07346.1234", "ex:door": 4},
                "bizTransactionList": [{"bizTransaction": "urn:epcglobal:cbv:bt:0614141073467:1"}],
                "ilmd": {"cbvmda:lotNumber": "LOT-9", "ex:grade": {"ex:letter": "A"}},
                "ex:furtherField": {"ex:list": [1, "two"]},
            },
            {
                "type": "AggregationEvent",
                "eventID": "ni:///sha-256;df7bb3c352fef055578554f09f5e2aa41782150ced7bd0b8af24dd3ccb30ba69?ver=CBV2.0",
                "eventTime": "2013-06-08T14:58:56.591Z",
                "eventTimeZoneOffset": "-14:00",
                "parentID": "urn:epc:id:sscc:0614141.1234567890",
                "childEPCs": ["urn:epc:id:sgtin:0614141.107346.2017"],
                "childQuantityList": [{"epcClass": "urn:epc:idpat:sgtin:4012345.098765.*",
                                       "quantity": 10.0},
                                      {"epcClass": "urn:epc:class:lgtin:4012345.012345.998877",
                                       "quantity": 200.5, "uom": "KGM"}],
                "action": "OBSERVE",
                "sourceList": [{"type": "cbv:SDT-location",
                                "source": "urn:epc:id:sgln:4012345.00225.0"}],
            },
        ]
    },
}  # fmt: skip


def theirs() -> dict[str, Any]:
    return copy.deepcopy(THEIRS)


def test_a_document_of_another_system_is_understood_and_loses_nothing() -> None:
    for judge in judges():
        assert judge.is_valid(THEIRS)
    reading = read_document(json.dumps(THEIRS).encode())
    assert reading.problems == ()
    born, packed = reading.occurrences
    assert (born.at, born.zone, born.step, born.disposition) == (
        1_795_342_868_500_000, 60, "commissioning", "active",
    )  # fmt: skip
    assert born.things == (
        Thing("urn:epc:id:sgtin:0614141.107346.2018", "10614141073464", "2018", lot="LOT-9"),
        Thing("https://id.gs1.org/01/70614141123451/21/2020", "70614141123451", "2020",
              lot="LOT-9"),
    )  # fmt: skip
    assert born.read_point is not None
    assert (born.read_point.gln, born.read_point.extension, born.read_point.extra) == (
        "0614141073467", "1234", {"http://ns.example.com/epcis/door": 4},
    )  # fmt: skip
    assert born.extra == {
        "ilmd": {"urn:epcglobal:cbv:mda:lotNumber": "LOT-9",
                 "http://ns.example.com/epcis/grade": {"http://ns.example.com/epcis/letter": "A"}},
        "http://ns.example.com/epcis/furtherField": {
            "http://ns.example.com/epcis/list": [1, "two"]},
    }  # fmt: skip
    assert packed.zone == -840
    assert packed.parent == Thing("urn:epc:id:sscc:0614141.1234567890", sscc="106141412345678908")
    assert [(one.gtin, one.lot, one.quantity, one.unit) for one in packed.amounts] == [
        ("04012345987652", None, 10, None),
        ("04012345123456", "998877", 200.5, "KGM"),
    ]
    assert [(one.role, one.gln) for one in packed.sources] == [("location", "4012345002256")]
    exported(born, packed)
    again = read_document(b"".join(export(reading.occurrences, at=NOW)))
    assert again.occurrences == reading.occurrences


@pytest.mark.parametrize(
    "step",
    ["shipping", "cbv:BizStep-shipping", "https://ref.gs1.org/cbv/BizStep-shipping",
     "https://ns.gs1.org/cbv/BizStep-shipping", "urn:epcglobal:cbv:bizstep:shipping"],
)  # fmt: skip
def test_a_word_is_read_in_each_of_the_ways_systems_write_it(step: str) -> None:
    document = theirs()
    document["epcisBody"]["eventList"][1]["bizStep"] = step
    reading = read_document(json.dumps(document).encode())
    assert (reading.occurrences[1].step, reading.problems) == ("shipping", ())


def test_what_a_documents_extension_says_of_a_thing_is_not_believed_against_its_name() -> None:
    document = json.loads(b"".join(export([seen(things=(serial("A"),))], at=NOW)))
    [event] = document["epcisBody"]["eventList"]
    event["lg:describes"][0].update({"lg:serial": "B", "lg:gtin": "10614141123459", "lg:lot": "L"})
    [read] = read_document(json.dumps(document).encode()).occurrences
    assert read.things == (replace(serial("A"), lot="L"),)


def test_the_lot_of_a_name_goes_before_the_lot_of_the_master_data() -> None:
    document = theirs()
    born = document["epcisBody"]["eventList"][0]
    born["epcList"] = [f"https://id.gs1.org/01/{GTIN}/10/L-1/21/7",
                       f"https://id.gs1.org/01/{GTIN}/21/8"]  # fmt: skip
    things = read_document(json.dumps(document).encode()).occurrences[0].things
    assert [thing.lot for thing in things] == ["L-1", "LOT-9"]


def test_an_event_without_an_id_has_the_same_one_each_time_it_is_read() -> None:
    first, second = theirs(), theirs()
    second["creationDate"] = "2027-01-01T00:00:00Z"
    events = second["epcisBody"]["eventList"]
    events[0] = dict(reversed(events[0].items()))
    ids = [read_document(json.dumps(one).encode()).occurrences[0].uid for one in (first, second)]
    assert ids[0] == ids[1]
    second["epcisBody"]["eventList"][0]["action"] = "DELETE"
    del second["epcisBody"]["eventList"][0]["ilmd"]
    assert read_document(json.dumps(second).encode()).occurrences[0].uid != ids[0]


def test_the_answer_to_a_query_and_a_bare_event_are_read_too() -> None:
    whole = read_document(json.dumps(THEIRS).encode())
    events = theirs()["epcisBody"]["eventList"]
    answer = {
        "@context": THEIRS["@context"],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-22T11:00:00Z",
        "epcisBody": {"queryResults": {"queryName": "SimpleEventQuery",
                                       "resultsBody": {"eventList": events}}},
    }  # fmt: skip
    assert read_document(json.dumps(answer).encode()) == whole
    bare = {"@context": THEIRS["@context"], "id": "https://a.example/doc", **events[1]}
    assert read_document(json.dumps(bare).encode()).occurrences == whole.occurrences[1:]


def at(pointer: str) -> str:
    return f"/epcisBody/eventList/{pointer}"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda e: e[0].update(type="ex:Custom"),
         ("0/type", "expected one of ObjectEvent, AggregationEvent, AssociationEvent, "
          "TransformationEvent, TransactionEvent")),
        (lambda e: e.__setitem__(0, 7), ("0", "an event is a JSON object")),
        (lambda e: e[0].pop("eventTime"),
         ("0/eventTime", "expected a time with its zone such as '2026-11-22T10:21:08.000Z', got "
          "nothing")),
        (lambda e: e[0].update(eventTime="2026-02-30T10:00:00Z"),
         ("0/eventTime", "expected a time with its zone such as '2026-11-22T10:21:08.000Z', got "
          "'2026-02-30T10:00:00Z'")),
        (lambda e: e[0].update(eventTime="2026-02-03T10:00:00"),
         ("0/eventTime", "expected a time with its zone such as '2026-11-22T10:21:08.000Z', got "
          "'2026-02-03T10:00:00'")),
        (lambda e: e[0].update(eventTimeZoneOffset="+14:30"),
         ("0/eventTimeZoneOffset", "expected such as '+01:00', got '+14:30'")),
        (lambda e: e[0].update(action="add"), ("0/action", "expected ADD, OBSERVE or DELETE")),
        (lambda e: e[0].update(bizStep="urn:epcglobal:cbv:bizstep:posting"),
         ("0/bizStep", "'urn:epcglobal:cbv:bizstep:posting' is no word of CBV 2.0 and no URI")),
        (lambda e: e[0].update(disposition=["active"]),
         ("0/disposition", "a list is no word of CBV 2.0 and no URI")),
        (lambda e: e[0]["epcList"].append("SN 1"),
         ("0/epcList/2", "expected a URI, got 'SN 1'")),
        (lambda e: e[0]["epcList"].append(e[0]["epcList"][0]),
         ("0/epcList/2", "'urn:epc:id:sgtin:0614141.107346.2018' stands twice in the list")),
        (lambda e: e[0].update(epcList={}), ("0/epcList", "expected a list, got an object")),
        (lambda e: e[0]["epcList"].append("https://id.gs1.org/01/09501101530004/21/7"),
         ("0/epcList/2", "(01) GTIN '09501101530004' has a wrong check digit: expected 3, got 4; "
          "check the number for a typing error, or give '09501101530003' if only the last digit "
          "is wrong.")),
        (lambda e: e[0].update(readPoint="dock"),
         ("0/readPoint", "expected an object with an id, got 'dock'")),
        (lambda e: e[0].update({"my/field~": 1}),
         ("0/my~1field~0", "'my/field~' is no field of EPCIS 2.0, and no prefix of the document "
          "makes it an extension")),
        (lambda e: e[0].update(parentID="urn:x:1"),
         ("0", "The EPCIS event 'UID' is of kind object, which has no parent.")),
        (lambda e: e[0].update(childEPCs=[]),
         ("0/childEPCs", "an event of kind object has no such field")),
        (lambda e: e[0].update(ilmd=7), ("0/ilmd", "expected an object of extensions")),
        (lambda e: e[0].update(persistentDisposition=[]),
         ("0/persistentDisposition", "expected an object")),
        (lambda e: e[0].update(sensorElementList=1), ("0/sensorElementList", "expected a list")),
        (lambda e: e[0].update(certificationInfo=1),
         ("0/certificationInfo", "expected a URI, got 1")),
        (lambda e: e[0].update(action="DELETE"),
         ("0", "The EPCIS event 'UID' has master data (ilmd) and adds nothing.")),
        (lambda e: e[1]["childQuantityList"][1].update(quantity="many"),
         ("1/childQuantityList/1/quantity", "expected a number, got 'many'")),
        (lambda e: e[1]["childQuantityList"][1].update(quantity=True),
         ("1/childQuantityList/1/quantity", "expected a number, got true")),
        (lambda e: e[1]["childQuantityList"][1].update(quantity=10**15),
         ("1/childQuantityList/1/quantity", "expected a number, got 1000000000000000")),
        (lambda e: e[1]["childQuantityList"][1].update(uom="kilo"),
         ("1/childQuantityList/1/uom", "expected such as 'KGM', got 'kilo'")),
        (lambda e: e[1]["childQuantityList"][1].update(price=1),
         ("1/childQuantityList/1/price", "EPCIS 2.0 has no such field here")),
        (lambda e: e[1]["sourceList"][0].pop("type"), ("1/sourceList/0/type", "it is missing")),
        (lambda e: e[1].update(errorDeclaration={"declarationTime": "now"}),
         ("1/errorDeclaration/declarationTime", "expected a time with its zone such as "
          "'2026-11-22T10:21:08.000Z', got 'now'")),
        (lambda e: e[1].update({"ex:deep": json.loads("[" * 40 + "]" * 40)}),
         (f"1/ex:deep{'/0' * 33}", "it is nested more than 32 levels deep")),
    ],
)  # fmt: skip
def test_an_event_with_a_fault_is_left_out_and_told_of_by_its_pointer(
    change: Callable[[list[Any]], object], problem: tuple[str, str]
) -> None:
    document = theirs()
    events = document["epcisBody"]["eventList"]
    change(events)
    reading = read_document(json.dumps(document).encode())
    pointer, detail = problem
    told = [replace(one, detail=hide(one.detail)) for one in reading.problems]
    assert told == [Problem(at(pointer), detail)]
    assert len(reading.occurrences) == 1


def hide(detail: str) -> str:
    """Return a sentence without the id that was made of the event's content."""
    head, quote, rest = detail.partition("'urn:uuid:")
    return f"{head}'UID'{rest.partition(chr(39))[2]}" if quote else detail


def test_all_faults_of_all_events_are_told_at_once() -> None:
    document = theirs()
    for one in document["epcisBody"]["eventList"]:
        one.update(eventTime="soon", action="sell")
    problems = read_document(json.dumps(document).encode()).problems
    assert [one.pointer for one in problems] == [
        at("0/action"), at("0/eventTime"), at("1/action"), at("1/eventTime"),
    ]  # fmt: skip


@pytest.mark.threat("T9")
@pytest.mark.parametrize(
    ("content", "error", "sentence"),
    [
        (b'<?xml version="1.0"?><epcis:EPCISDocument/>', Unreadable,
         "in.json is XML; let the other system export EPCIS 2.0 as JSON-LD, or convert it."),
        (b"{", Unreadable, "in.json is not JSON: Expecting property name enclosed in double quotes:"
         " line 1 column 2 (char 1)."),
        (b'{"type": "\xff"}', Unreadable, "in.json is not UTF-8."),
        (b'{"type": "\\ud800"}', Unreadable, "in.json is not UTF-8."),
        (b"[" * 100_000, Unreadable, "in.json is nested too deeply."),
        (b'{"type": 1e999}', Unreadable, "in.json is not JSON: the number 1e999 is too large."),
        (b'{"type": NaN}', Unreadable, "in.json is not JSON: NaN is no JSON."),
        (b"[]", InputRefused,
         'in.json is no EPCIS document: expected a JSON object with "type": "EPCISDocument".'),
        (b'{"type": "Person"}', InputRefused,
         "in.json is of type 'Person'; expected 'EPCISDocument', 'EPCISQueryDocument' or an "
         "event."),
        (b'{"type": "EPCISDocument", "schemaVersion": "1.2"}', InputRefused,
         "in.json is of EPCIS version '1.2'; only 2.0 is read. Let the other system export EPCIS "
         "2.0 as JSON-LD."),
        (b'{"type": "EPCISDocument", "schemaVersion": "2.0", "epcisBody": []}', InputRefused,
         "in.json has no list at /epcisBody/eventList."),
    ],
)  # fmt: skip
def test_what_is_no_epcis_is_refused_in_a_sentence(
    content: bytes, error: type[Exception], sentence: str
) -> None:
    with pytest.raises((Unreadable, InputRefused)) as refused:
        read_document(content, "in.json")
    assert (type(refused.value), str(refused.value)) == (error, sentence)


def nodes(value: Any) -> list[tuple[Any, Any]]:
    """Return each place of a JSON value: the container and the key."""
    inner = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    found = [(value, key) for key, _ in inner]
    for _, one in inner:
        found += nodes(one) if isinstance(one, dict | list) else []
    return found


ODD = st.sampled_from(
    ["ADD", "urn:epc:id:sgtin:1.2.3", "https://id.gs1.org/01/1", "ex:", "lg:x", "2026"]
)


@given(pick=st.floats(0, 1, exclude_max=True), new=JSON | ODD)
@example(pick=0.0, new=None)
def test_a_document_changed_anywhere_is_read_or_told_of_and_what_is_read_can_be_written(
    pick: float, new: Any
) -> None:
    document = theirs()
    places = nodes(document)
    container, key = places[int(pick * len(places))]
    container[key] = new
    try:
        reading = read_document(json.dumps(document).encode())
    except InputRefused:
        return
    exported(*reading.occurrences)
    pointers = {one.pointer for one in reading.problems}
    assert all(pointer.startswith("/epcisBody/eventList/") for pointer in pointers)
    left_out = {pointer.split("/")[3] for pointer in pointers}
    events = document["epcisBody"]["eventList"]
    assert len(reading.occurrences) == len(events) - len(left_out)
