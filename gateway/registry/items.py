"""Items: what a warehouse trades and makes, and the rules that hold for each by itself.

Serials are counted in whole pieces, so a unit of measure is a whole number of base units, and a
quantity in one must come to whole base units:

>>> drill = Item(0, "DRILL", tracking="serial", units={"box": 12})
>>> in_base_units(drill, Decimal("0.5"), "box")
6
>>> in_base_units(drill, Decimal("0.4"), "box")
Traceback (most recent call last):
    ...
gateway.registry.refusals.RegistryRefused: 0.4 box of DRILL are 4.8 pc; serials are counted in \
whole pieces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, get_args

from gateway.registry.fields import Value
from gateway.registry.given import Given
from gateway.registry.numbering import Pattern
from gateway.registry.refusals import RegistryRefused, refuse_all

Kind = Literal["stock", "assembly", "kit", "non_stock"]
Tracking = Literal["none", "lot", "serial"]
Case = Literal["fold", "exact"]

KINDS: tuple[Kind, ...] = get_args(Kind)
TRACKINGS: tuple[Tracking, ...] = get_args(Tracking)

TRACKABLE: frozenset[Kind] = frozenset({"stock", "assembly"})
"""Kinds that have serials or lots; the others hold no stock of their own."""

NOT_GOODS = frozenset(
    {"service", "download", "discount", "markup", "subtotal", "description", "payment",
     "gift_certificate", "other_charge", "item_group", "non_inventory", "package"}
)  # fmt: skip
"""Kinds that books know and a warehouse does not: nothing of them is ever on a shelf."""

LARGEST = 10**12
"""Of quantities, factors and numbers of pieces: far above any warehouse, far below 64 bits."""

MOST_MONTHS = 1200

MOST_UNITS = 50
MOST_MEMBERS = 500


@dataclass(frozen=True, slots=True)
class Member:
    """So many of an item in a kit, or in what is made by a bill of material."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class SyncMark:
    """Another system knows the item; its tracking cannot change any more."""

    system: str
    external_id: str
    at: int


@dataclass(frozen=True, slots=True)
class Item:
    """One item, with everything that people edit."""

    id: int
    sku: str
    name: str = ""
    kind: Kind = "stock"
    tracking: Tracking = "none"
    stock_tracked: bool = True
    active: bool = True
    gtin: str | None = None
    """14 digits; shorter GTINs are filled with zeros in front (GS1 General Specifications, 3.3)."""
    unit: str = "pc"
    """The base unit, in which everything is counted."""
    units: Mapping[str, int] = field(default_factory=dict)
    """Other units of measure: so many base units each."""
    pattern: Pattern = field(default_factory=Pattern)
    mask: str = ""
    case: Case = "fold"
    split_space: bool = True
    """Whether a space ends a serial in a list of them."""
    reorder_point: int | None = None
    reorder_points: Mapping[str, int] = field(default_factory=dict)
    """By the code of a location."""
    warranty_in: int | None = None
    """Months of the supplier's warranty, from the receipt on."""
    warranty_out: int | None = None
    """Months of ours, from the shipment on."""
    service_every: int | None = None
    """Months between two services."""
    account_codes: Mapping[str, str] = field(default_factory=dict)
    tax_code: str = ""
    variant_of: str | None = None
    """The SKU of the item that this is a variant of."""
    external_id: str | None = None
    barcodes: tuple[str, ...] = ()
    """Codes that other people print on it, besides its GTIN."""
    members: tuple[Member, ...] = ()
    fields: Mapping[str, Value] = field(default_factory=dict)
    synced: tuple[SyncMark, ...] = ()
    version: int = 0
    created_at: int = 0
    changed_at: int = 0


KEYS = (
    "sku", "name", "kind", "tracking", "active", "gtin", "barcodes", "unit", "units", "pattern",
    "next_serial", "mask", "case", "split_space", "reorder_point", "reorder_points", "warranty_in",
    "warranty_out", "service_every", "account_codes", "tax_code", "variant_of", "external_id",
    "members", "fields",
)  # fmt: skip
"""What a request can say of an item."""


def refuse_untrackable(given: Given, sku: str, kind: str) -> None:
    """Say that an item of this kind has neither serials nor lots."""
    given.refuse(
        "item_not_trackable",
        f"Item {sku} is of kind {kind}; only stock items and assemblies have serials or lots.",
        item=sku, kind=kind,
    )  # fmt: skip


def in_base_units(item: Item, quantity: Decimal, unit: str = "") -> int:
    """Return how many base units a quantity in a unit of measure is.

    Raises:
        RegistryRefused: the item has no such unit, or the result is not whole.
    """
    factor = 1
    if unit and unit.lower() != item.unit.lower():
        factors = {name.lower(): factor for name, factor in item.units.items()}
        if unit.lower() not in factors:
            raise RegistryRefused(
                "uom_unknown",
                f"Item {item.sku} has no unit {unit[:40]!r}; it has "
                f"{', '.join([item.unit, *sorted(item.units)])}.",
                key="unit", unit=unit[:40],
            )  # fmt: skip
        factor = factors[unit.lower()]
    pieces = quantity * factor
    if pieces != pieces.to_integral_value():
        serial = item.tracking == "serial"
        what = "serials are counted in whole pieces" if serial else "choose whole base units"
        raise RegistryRefused(
            "fractional_serial_quantity" if serial else "value_wrong",
            f"{quantity} {unit or item.unit} of {item.sku} are {pieces.normalize():f} {item.unit}; "
            f"{what}.",
            item=item.sku, quantity=str(quantity), unit=unit or item.unit,
        )  # fmt: skip
    return int(pieces)


def refuse_change(
    item: Item,
    to: Tracking,
    *,
    features: frozenset[str],
    require_accounts: bool,
    used: Mapping[str, int] | None = None,
) -> None:
    """Check that an item's tracking may become another, as far as the item itself decides.

    ``used`` counts the records that use it, under the rule that nothing may.

    Raises:
        RegistryRefused: ``item_not_trackable``, ``item_synced``, ``feature_disabled``,
            ``account_codes_missing`` or ``item_in_use``.
    """
    if to != "none" and item.kind not in TRACKABLE:
        given = Given({}, item.sku)
        refuse_untrackable(given, item.sku, item.kind)
        raise refuse_all(given.offences, 1)
    if item.synced:
        systems = [mark.system for mark in item.synced]
        raise RegistryRefused(
            "item_synced",
            f"Item {item.sku} is known to {', '.join(systems)}; its tracking stays "
            f"{item.tracking}.",
            item=item.sku, systems=systems, tracking=item.tracking,
        )  # fmt: skip
    if to == "lot" and "lots" not in features:
        raise RegistryRefused(
            "feature_disabled", f"Item {item.sku} cannot have lots: the feature 'lots' is off.",
            feature="lots",
        )  # fmt: skip
    if to == "serial" and require_accounts and not (item.account_codes and item.tax_code):
        missing = [
            key for key, has in (("account_codes", item.account_codes), ("tax_code", item.tax_code))
            if not has
        ]  # fmt: skip
        raise RegistryRefused(
            "account_codes_missing",
            f"Item {item.sku} needs {' and '.join(missing)} before it can have serials.",
            item=item.sku, missing=missing,
        )  # fmt: skip
    if used is not None and any(used.values()):
        counted = ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in used.items()
                            if count)  # fmt: skip
        raise RegistryRefused(
            "item_in_use",
            f"Item {item.sku} is in use ({counted}); its tracking had to be set before.",
            item=item.sku, used=dict(used),
        )  # fmt: skip
