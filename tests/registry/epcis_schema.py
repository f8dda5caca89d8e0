"""What EPCIS 2.0 lets a document in JSON be, as a JSON schema: a judge that knows nothing of ours.

Made from the rules of EPCIS 2.0, 7.3, 7.4 and 10 and the words of CBV 2.0, 7. GS1's own file says
no word about who may pass it on, so it is not here: the tests take it too where it is at hand.
"""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]

URI: Final[Schema] = {"type": "string", "format": "uri"}
TIME: Final[Schema] = {"type": "string", "format": "date-time"}
CBV_URI: Final = r"^(?!(urn:epcglobal:cbv|https?://ns\.gs1\.org/cbv/))"


def several(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items, **more}


def word(*words: str) -> Schema:
    """Return one of CBV's words, or a URI of another vocabulary."""
    return {"anyOf": [{"enum": list(words)}, {**URI, "pattern": CBV_URI}]}


def closed(required: tuple[str, ...], **fields: Schema) -> Schema:
    return {
        "type": "object",
        "properties": fields,
        "required": list(required),
        "additionalProperties": False,
    }


def extensible(required: tuple[str, ...], **fields: Schema) -> Schema:
    """Return an object of these fields, and of others whose names are URIs."""
    return {
        "type": "object",
        "properties": fields,
        "required": list(required),
        "propertyNames": {"anyOf": [{"enum": list(fields)}, URI]},
    }


def needs(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "required": list(fields)}


EPCS = several(URI, uniqueItems=True)
AMOUNTS = several(
    closed(
        ("epcClass",),
        epcClass=URI,
        quantity={"type": "number"},
        uom={"type": "string", "pattern": "^[A-Z0-9]{2,3}$"},
    )
)
NAMED: Schema = {"type": "object", "properties": {"id": URI}, "required": ["id"]}
ROLE = word("owning_party", "possessing_party", "location")
ERROR = extensible(
    ("declarationTime",),
    declarationTime=TIME,
    reason=word("did_not_occur", "incorrect_data"),
    correctiveEventIDs=several(URI),
)
STEP = word(
    "accepting", "arriving", "assembling", "collecting", "commissioning", "consigning",
    "creating_class_instance", "cycle_counting", "decommissioning", "departing", "destroying",
    "disassembling", "dispensing", "encoding", "entering_exiting", "holding", "inspecting",
    "installing", "killing", "loading", "other", "packing", "picking", "receiving", "removing",
    "repackaging", "repairing", "replacing", "reserving", "retail_selling", "shipping",
    "staging_outbound", "stock_taking", "stocking", "storing", "transporting", "unloading",
    "unpacking", "void_shipping", "sensor_reporting", "sampling",
)  # fmt: skip
DISPOSITION = word(
    "active", "container_closed", "damaged", "destroyed", "dispensed", "disposed", "encoded",
    "expired", "in_progress", "in_transit", "inactive", "no_pedigree_match", "non_sellable_other",
    "partially_dispensed", "recalled", "reserved", "retail_sold", "returned",
    "sellable_accessible", "sellable_not_accessible", "stolen", "unknown", "available",
    "completeness_verified", "completeness_inferred", "conformant", "container_open",
    "mismatch_instance", "mismatch_class", "mismatch_quantity", "needs_replacement",
    "non_conformant", "unavailable",
)  # fmt: skip
PAPER = word(
    "bol", "cert", "desadv", "inv", "pedigree", "po", "poc", "prodorder", "recadv", "rma",
    "testprd", "testres", "upevt",
)  # fmt: skip

COMMON: Final[Schema] = {
    "@context": {},
    "eventTime": TIME,
    "recordTime": TIME,
    "eventTimeZoneOffset": {
        "type": "string",
        "pattern": r"^[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)$",
    },
    "eventID": URI,
    "certificationInfo": {},
    "errorDeclaration": ERROR,
    "bizStep": STEP,
    "disposition": DISPOSITION,
    "readPoint": NAMED,
    "bizLocation": NAMED,
    "bizTransactionList": several(closed(("bizTransaction",), type=PAPER, bizTransaction=URI)),
    "sourceList": several(closed(("type", "source"), type=ROLE, source=URI)),
    "destinationList": several(closed(("type", "destination"), type=ROLE, destination=URI)),
    "sensorElementList": {"type": "array"},
}
ACTION: Final[Schema] = {"enum": ["ADD", "OBSERVE", "DELETE"]}
SOME: Final[Schema] = {"type": "array", "minItems": 1}
DELETES = needs(action={"const": "DELETE"})
NO_MASTER_DATA: Final[Schema] = {"not": {"required": ["ilmd"]}}


def event(kind: str, required: tuple[str, ...], rules: list[Schema], **fields: Schema) -> Schema:
    shape = extensible(
        ("type", "eventTime", "eventTimeZoneOffset", *required),
        type={"const": kind},
        **COMMON,
        **fields,
    )
    return {"allOf": [shape, *rules]}


CHILDREN: Final[Schema] = {"anyOf": [needs(childEPCs=SOME), needs(childQuantityList=SOME), DELETES]}
INS: Final[Schema] = {"anyOf": [needs(inputEPCList=SOME), needs(inputQuantityList=SOME)]}
OUTS: Final[Schema] = {"anyOf": [needs(outputEPCList=SOME), needs(outputQuantityList=SOME)]}
MASTER_DATA: Final[Schema] = {"type": "object", "propertyNames": URI}

EVENTS: Final = [
    event(
        "ObjectEvent",
        ("action",),
        [
            {"anyOf": [needs(epcList={}), needs(quantityList=SOME),
                       needs(sensorElementList=SOME, readPoint={})]},
            {"anyOf": [needs(action={"const": "ADD"}), NO_MASTER_DATA]},
        ],
        action=ACTION, epcList=EPCS, quantityList=AMOUNTS, ilmd=MASTER_DATA,
        persistentDisposition={},
    ),
    event(
        "AggregationEvent", ("action",), [CHILDREN],
        action=ACTION, parentID=URI, childEPCs=several(URI), childQuantityList=AMOUNTS,
    ),
    event(
        "AssociationEvent", ("action", "parentID"), [CHILDREN],
        action=ACTION, parentID=URI, childEPCs=several(URI), childQuantityList=AMOUNTS,
    ),
    event(
        "TransactionEvent",
        ("action", "bizTransactionList"),
        [
            {"anyOf": [needs(epcList={}), needs(quantityList=SOME), DELETES]},
            needs(bizTransactionList=SOME),
        ],
        action=ACTION, parentID=URI, epcList=several(URI), quantityList=AMOUNTS,
    ),
    event(
        "TransformationEvent",
        (),
        [{"anyOf": [{"allOf": [INS, OUTS]},
                    {"allOf": [{"anyOf": [INS, OUTS]}, needs(transformationID={})]}]}],
        inputEPCList=EPCS, inputQuantityList=AMOUNTS, outputEPCList=EPCS,
        outputQuantityList=AMOUNTS, transformationID=URI, ilmd=MASTER_DATA,
        persistentDisposition={},
    ),
]  # fmt: skip

SCHEMA: Final[Schema] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    **extensible(
        ("@context", "type", "schemaVersion", "creationDate", "epcisBody"),
        **{
            "@context": {},
            "id": URI,
            "type": {"const": "EPCISDocument"},
            "schemaVersion": {"type": "string", "pattern": r"^\d+(\.\d+)*$"},
            "creationDate": TIME,
            "instanceIdentifier": {"type": "string"},
            "sender": {"type": "string"},
            "receiver": {"type": "string"},
            "epcisHeader": {"type": "object"},
            "epcisBody": needs(eventList=several({"oneOf": EVENTS})),
        },
    ),
}
"""An EPCISDocument of the events that EPCIS itself defines."""
