"""What fills a label: the fields that an item, a lot, a location or a party brings, by their names.

    Item, Lot, Location, Party ──values──► {"item": "DRILL", "name": "Bench drill", …}

A template takes those that it has. Custom fields go by their keys, behind the names that stand
here. What a serial brings says ``gateway.stations.serial_labels.label_fields``; its names stand in
the table, too.

>>> [one.name for one in FILLED["location"]]
['location', 'name', 'gln', 'gs1', 'code', 'parent', 'barcode']
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

from gateway.codes import gs1
from gateway.errors import GatewayError
from gateway.registry.fields import Value
from gateway.registry.items import Item
from gateway.registry.lots import Lot
from gateway.registry.parties import Party
from gateway.registry.places import Location

About = Literal["serial", "item", "lot", "location", "party"]
"""What a label may be about."""

ABOUTS: tuple[About, ...] = get_args(About)


class Filled(NamedTuple):
    """A field that the registry fills."""

    name: str
    title: str
    """English."""
    example: str
    required: bool = False
    """Whether there is no such thing without it."""


_NAME = Filled("name", "Item name", "Hand torque wrench 9 Nm")
_GTIN = Filled("gtin", "GTIN", "04012345678901")
_BARCODE = Filled("barcode", "Print a barcode", "yes")

FILLED: Mapping[About, tuple[Filled, ...]] = {
    "serial": (
        Filled("serial", "Serial number", "SN-000123", required=True),
        Filled("item", "Item number", "HT-9000", required=True),
        _NAME, _GTIN,
        Filled("gs1", "GTIN and serial as GS1 element string", "(01)04012345678901(21)SN-000123"),
        Filled("code", "The gateway's own code", "GW-SW1APK7WJX6W", required=True),
        Filled("lot", "Lot", "L2611"),
        Filled("location", "Location", "A-04-12"),
        Filled("customer", "Customer", "C-1001"),
        Filled("supplier", "Supplier", "S-2001"),
        Filled("document", "Document", "PO-4500017"),
        Filled("life", "How many times it was here", "1", required=True),
        Filled("memo", "Note", "Checked twice"),
        Filled("received", "Received on", "2026-11-22"),
        Filled("shipped", "Shipped on", "2026-11-30"),
        Filled("warranty", "Our warranty ends", "2028-11-30"),
        Filled("service_due", "Next service", "2027-11-30"),
        _BARCODE,
    ),
    "item": (
        Filled("item", "Item number", "HT-9000", required=True),
        _NAME, _GTIN,
        Filled("gs1", "GTIN as GS1 element string", "(01)04012345678901"),
        Filled("unit", "Unit", "pc", required=True),
        Filled("other_barcode", "Its other barcode", "7612345"),
        Filled("variant_of", "Variant of", "HT-9"),
        _BARCODE,
    ),
    "lot": (
        Filled("lot", "Lot", "L2611", required=True),
        Filled("item", "Item number", "HT-9000", required=True),
        _NAME, _GTIN,
        Filled("gs1", "GTIN, expiry date and lot as GS1 element string",
               "(01)04012345678901(17)271231(10)L2611"),
        Filled("code", "The gateway's own code", "GW-TW1APK7WJX6W", required=True),
        Filled("made", "Made on", "2026-11-22"),
        Filled("expires", "Expires on", "2027-12-31"),
        Filled("document", "Document", "work_order WO-17"),
        Filled("serials", "Serials in it", "24"),
        Filled("first", "Its first serial", "SN-000101"),
        Filled("last", "Its last serial", "SN-000124"),
        Filled("memo", "Note", "Checked twice"),
        _BARCODE,
    ),
    "location": (
        Filled("location", "Location", "A-04-12", required=True),
        Filled("name", "Name of the location", "Rack A, shelf 4"),
        Filled("gln", "GLN", "4012345000009"),
        Filled("gs1", "GLN as GS1 element string", "(414)4012345000009"),
        Filled("code", "Its barcode, when that is not the location itself", "7612345"),
        Filled("parent", "It is inside", "MAIN"),
        _BARCODE,
    ),
    "party": (
        Filled("party", "Number", "C-1001", required=True),
        Filled("name", "Name", "Smith Ltd"),
        Filled("gln", "GLN", "4012345000009"),
        Filled("gs1", "GLN as GS1 element string", "(410)4012345000009"),
        _BARCODE,
    ),
}  # fmt: skip
"""The fields of each, in the order in which a person looks for them."""


def own(fields: Mapping[str, Value]) -> dict[str, str]:
    """Return custom fields as texts.

    >>> own({"tested": True, "weight": 4.5})
    {'tested': 'yes', 'weight': '4.5'}
    """
    return {
        key: ("yes" if value else "no") if isinstance(value, bool) else str(value)
        for key, value in fields.items()
    }


def item_values(item: Item, features: frozenset[str]) -> dict[str, str]:
    """Return what an item fills a template's fields with."""
    return own(item.fields) | {
        "item": item.sku,
        "name": item.name,
        "gtin": item.gtin or "",
        "gs1": _elements(("01", item.gtin)) if item.gtin else "",
        "unit": item.unit,
        "other_barcode": item.barcodes[0] if item.barcodes else "",
        "variant_of": item.variant_of or "",
        "barcode": _coded(features),
    }


def lot_values(lot: Lot, item: Item, code: str, features: frozenset[str]) -> dict[str, str]:
    """Return what a lot of an item fills a template's fields with; ``code`` is our name of it."""
    best = lot.expires_on.replace("-", "")[2:] if lot.expires_on else None
    return own(lot.fields) | {
        "lot": lot.code,
        "item": item.sku,
        "name": item.name,
        "gtin": item.gtin or "",
        "gs1": _elements(("01", item.gtin), ("17", best), ("10", lot.code)) if item.gtin else "",
        "code": code,
        "made": lot.made_on or "",
        "expires": lot.expires_on or "",
        "document": lot.document or "",
        "serials": str(lot.serials) if lot.serials else "",
        "first": lot.first or "",
        "last": lot.last or "",
        "memo": lot.memo,
        "barcode": _coded(features),
    }


def location_values(location: Location, features: frozenset[str]) -> dict[str, str]:
    """Return what a location fills a template's fields with.

    ``code`` is empty where the location's barcode is its own code: templates print that then.
    """
    other = location.barcode if location.barcode.lower() != location.code.lower() else ""
    return own(location.fields) | {
        "location": location.code,
        "name": location.name,
        "gln": location.gln,
        "gs1": _elements(("414", location.gln)) if location.gln else "",
        "code": other,
        "parent": location.parent or "",
        "barcode": _coded(features),
    }


def party_values(party: Party, features: frozenset[str]) -> dict[str, str]:
    """Return what a customer, supplier or carrier fills a template's fields with."""
    return own(party.fields) | {
        "party": party.code,
        "name": party.name,
        "gln": party.gln,
        "gs1": _elements(("410", party.gln)) if party.gln else "",
        "barcode": _coded(features),
    }


def _coded(features: frozenset[str]) -> str:
    return "yes" if "barcodes" in features else "no"


def _elements(*parts: tuple[str, str | None]) -> str:
    """Return an element string; empty where GS1 cannot carry a value.

    >>> _elements(("01", "04012345678901"), ("17", None), ("10", "L(7)"))
    '(01)04012345678901(10)L\\\\(7\\\\)'
    >>> _elements(("01", "04012345678901"), ("10", "Größe"))
    ''
    """
    text = "".join(f"({ai}){gs1.escape(value)}" for ai, value in parts if value)
    try:
        gs1.parse(text)
    except GatewayError:
        return ""
    return text
