"""An item as a request or a row of a table says it, read with everything that is wrong with it.

    body of a request, row of a table ──read_item──► Item, and its offences

>>> given = Given({"gtin": "4006381333931", "units": {"box": 12}}, "DRILL")
>>> item = read_item(Item(0, "DRILL"), given, frozenset())
>>> item.gtin, item.units, given.offences
('04006381333931', {'box': 12}, [])
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gateway.codes.checkdigits import GTIN_8, GTIN_12, GTIN_13, GTIN_14, verify
from gateway.errors import InputRefused
from gateway.registry.given import Given
from gateway.registry.items import (
    KEYS,
    KINDS,
    LARGEST,
    MOST_MEMBERS,
    MOST_MONTHS,
    MOST_UNITS,
    NOT_GOODS,
    TRACKABLE,
    TRACKINGS,
    Item,
    Kind,
    Member,
    Tracking,
    refuse_untrackable,
)
from gateway.registry.lives import Feature
from gateway.registry.numbering import Pattern, read_pattern
from gateway.registry.serial_mask import read_mask


def read_item(was: Item, given: Given, features: frozenset[str]) -> Item:
    """Return an item with what was given set in; ``given.offences`` are what cannot be.

    Its tracking is not set here: that is a step with guards of its own.
    """
    given.only(KEYS, "An item")
    kind = _kind(given, was.kind)
    item = replace(
        was,
        sku=given.code("sku", was.sku),
        name=given.text("name", was.name),
        kind=kind,
        active=given.yes_no("active", was.active),
        gtin=_gtin(given, was.gtin),
        unit=given.text("unit", was.unit, most=12, least=1),
        units=_units(given, was),
        pattern=_pattern(given, was.pattern),
        mask=_mask(given, was.mask),
        case=given.one_of("case", was.case, ("fold", "exact")),
        split_space=given.yes_no("split_space", was.split_space),
        reorder_point=given.maybe_whole("reorder_point", was.reorder_point, 0, LARGEST),
        reorder_points=_reorder_points(given, was.reorder_points),
        warranty_in=given.maybe_whole("warranty_in", was.warranty_in, 0, MOST_MONTHS),
        warranty_out=given.maybe_whole("warranty_out", was.warranty_out, 0, MOST_MONTHS),
        service_every=given.maybe_whole("service_every", was.service_every, 1, MOST_MONTHS),
        account_codes=given.texts("account_codes", was.account_codes),
        tax_code=given.text("tax_code", was.tax_code, most=40),
        variant_of=given.optional("variant_of", was.variant_of, 64),
        external_id=given.optional("external_id", was.external_id),
        barcodes=tuple(sorted(given.list_of_text("barcodes", was.barcodes))),
        members=_members(given, was),
    )
    if item.kind == "kit" and "kits" not in features:
        _off(given, "kits", f"Item {item.sku} is a kit")
    if item.tracking != "none" and kind not in TRACKABLE:
        refuse_untrackable(given, item.sku, kind)
    if item.members and item.kind not in ("kit", "assembly"):
        given.refuse(
            "value_wrong",
            f"Item {item.sku} is of kind {item.kind}; only kits and assemblies have members.",
            key="members",
        )
    if item.variant_of is not None and item.variant_of.lower() == item.sku.lower():
        given.refuse("value_wrong", f"Item {item.sku} cannot be a variant of itself.",
                     key="variant_of")  # fmt: skip
    return item


def tracking_wanted(given: Given, was: Tracking) -> Tracking:
    """Return the tracking that is asked for."""
    return given.one_of("tracking", was, TRACKINGS)


def _off(given: Given, feature: Feature, what: str) -> None:
    given.refuse(
        "feature_disabled", f"{what}, and the feature {feature!r} is off.", feature=feature
    )


def _kind(given: Given, was: Kind) -> Kind:
    value = given.values.get("kind")
    if isinstance(value, str) and value.strip().lower().replace(" ", "_") in NOT_GOODS:
        given.refuse(
            "item_not_trackable",
            f"Items of kind {value!r} are not kept here, because nothing of them is on a shelf; "
            "one that only stands on orders is of kind 'non_stock'.",
            kind=value,
        )  # fmt: skip
        return was
    return given.one_of("kind", was, KINDS)


def _gtin(given: Given, was: str | None) -> str | None:
    text = given.optional("gtin", was, 14)
    return text if text is None or text == was else given.attempt(lambda: read_gtin(text), was)


def read_gtin(text: str) -> str:
    """Return a GTIN-8, -12, -13 or -14 as 14 digits.

    >>> read_gtin("4006381333931")
    '04006381333931'

    Raises:
        InputRefused: it has another number of digits, or its check digit is wrong.
    """
    lengths = (GTIN_8, GTIN_12, GTIN_13, GTIN_14)
    if not (text.isascii() and text.isdecimal() and len(text) in lengths):
        raise InputRefused(
            f"{text!r} is no GTIN: expected 8, 12, 13 or 14 digits, got {len(text)} characters.",
            key="gtin",
        )
    return verify(text, f"GTIN-{len(text)}").zfill(GTIN_14)


def _units(given: Given, was: Item) -> Mapping[str, int]:
    if not given.has("units"):
        return was.units
    value = given.values["units"]
    if isinstance(value, str):
        value = _units_in_cell(value)
    if not isinstance(value, dict) or len(value) > MOST_UNITS:
        given.wrong("units", 'an object such as {"box": 12}')
        return was.units
    units: dict[str, int] = {}
    for name, factor in value.items():
        if not 1 <= len(name.strip()) <= 12 or not name.isprintable():
            given.refuse("value_wrong", f"A unit's name is 1 to 12 characters, got {name[:40]!r}.",
                         key="units")  # fmt: skip
        elif not isinstance(factor, int) or isinstance(factor, bool) or not 1 <= factor <= LARGEST:
            serial = was.tracking == "serial" or given.values.get("tracking") == "serial"
            given.refuse(
                "fractional_serial_quantity" if serial else "value_wrong",
                f"Unit {name!r} must be a whole number of base units, 1 or more, got "
                f"{str(factor)[:40]!r}.",
                key="units", unit=name,
            )  # fmt: skip
        else:
            units[name.strip()] = factor
    return units


def _units_in_cell(text: str) -> object:
    """Return the units that a table's cell names.

    >>> _units_in_cell("box=12; pallet=480")
    {'box': 12, 'pallet': 480}
    """
    units: dict[str, object] = {}
    for part in text.replace(",", ";").split(";"):
        name, _, factor = (one.strip() for one in part.rpartition("="))
        if name or factor:
            units[name] = int(factor) if factor.isascii() and factor.isdecimal() else factor
    return units


def _pattern(given: Given, was: Pattern) -> Pattern:
    if given.has("next_serial"):
        serial = given.text("next_serial", "", least=1)
        if serial == was.write(int(was.next)):
            return was
        return given.attempt(lambda: read_pattern(serial), was) if serial else was
    if not given.has("pattern"):
        return was
    value = given.values["pattern"]
    if not isinstance(value, dict):
        given.wrong("pattern", 'an object such as {"prefix": "SN", "next": 1, "width": 5}')
        return was
    inner = Given(value, given.subject)
    inner.only(("prefix", "next", "width", "suffix", "example"), "A pattern")
    number = value.get("next", was.next)
    if isinstance(number, int) and not isinstance(number, bool):
        number = str(number)
    if not isinstance(number, str):
        inner.wrong("next", "a number")
    width = inner.whole("width", was.width, 1, 64)
    texts = {"prefix": was.prefix, "suffix": was.suffix}
    for key in texts:  # a space may stand between the text and the number, so none is taken off
        if isinstance(value.get(key), str):
            texts[key] = value[key]
        elif key in value:
            inner.wrong(key, "a text")
    given.offences += inner.offences
    if inner.offences:
        return was
    # Leading zeros are what the width is for: 00042 is the number 42.
    plain = str(number).lstrip("0") or "0"
    return given.attempt(lambda: Pattern(texts["prefix"], plain, width, texts["suffix"]), was)


def _mask(given: Given, was: str) -> str:
    mask = given.text("mask", was)
    if mask and mask != was:
        return given.attempt(lambda: (read_mask(mask), mask)[1], was)
    return mask


def _reorder_points(given: Given, was: Mapping[str, int]) -> Mapping[str, int]:
    if not given.has("reorder_points"):
        return was
    value = given.values["reorder_points"]
    if isinstance(value, str):
        value = _units_in_cell(value)
    if isinstance(value, dict) and all(
        isinstance(point, int) and not isinstance(point, bool) and 0 <= point <= LARGEST
        for point in value.values()
    ):
        return dict(value)
    given.wrong("reorder_points", 'an object such as {"A-01": 5}')
    return was


def _members(given: Given, was: Item) -> tuple[Member, ...]:
    if not given.has("members"):
        return was.members
    value = given.values["members"]
    if isinstance(value, str):
        cells = _units_in_cell(value)
        assert isinstance(cells, dict)
        value = [{"item": sku, "quantity": quantity} for sku, quantity in cells.items()]
    if not isinstance(value, list) or len(value) > MOST_MEMBERS:
        given.wrong("members", 'a list such as [{"item": "BIT-6", "quantity": 2}]')
        return was.members
    refused = len(given.offences)
    members: dict[str, Member] = {}
    for one in value:
        inner = Given(one if isinstance(one, dict) else {}, given.subject)
        inner.only(("item", "quantity"), "A member")
        sku = inner.text("item", "", least=1) or ""
        quantity = inner.whole("quantity", 1, 1, LARGEST)
        if not sku and not inner.offences:
            inner.refuse("value_wrong", "A member needs its 'item', a SKU.", key="members")
        if sku.lower() in members:
            inner.refuse("value_wrong", f"Member {sku} stands twice in the list.", key="members")
        given.offences += inner.offences
        members[sku.lower()] = Member(sku, quantity)
    if len(given.offences) > refused:
        return was.members
    return tuple(sorted(members.values(), key=lambda one: one.sku.lower()))
