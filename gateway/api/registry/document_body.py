"""Bodies about documents become values: drafts, what is chosen for a line, what a step is told.

>>> draft = read_draft(DocumentType.SALES_ORDER, {"party": "ACME", "lines": [{"item": "DRILL"}]})
>>> [(line.item, int(line.quantity)) for line in draft.lines]
[('DRILL', 1)]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.registry.given import (
    fields_given,
    flag_given,
    moment_given,
    money_given,
    text_given,
    whole_given,
)
from gateway.api.registry.wanting import read_serial_id
from gateway.errors import InputRefused
from gateway.registry.documents import DocumentType, type_of
from gateway.registry.refusals import RegistryRefused
from gateway.registry.tables import Table
from gateway.store.registry.acting import MOST_SERIALS
from gateway.store.registry.draft_lines import DraftLine
from gateway.store.registry.drafts import Draft
from gateway.store.registry.line_given import LineGiven, LotGiven, SerialGiven
from gateway.store.registry.posting import Counted, Decided, StepGiven

MOST_LINES = 2_000
MOST_QUANTITY = 10**12
LONGEST_LIST = 8_000_000
"""Characters of a list of serials: 100,000 of them, quoted and with what stands between."""

DRAFT_KEYS = (
    "number", "party", "from", "to", "source", "external_ref", "external_id", "currency", "due_on",
    "reason", "memo", "fields", "lines",
)  # fmt: skip
LINE_KEYS = (
    "line", "item", "quantity", "uom", "price", "cost", "location", "memo", "fields",
    "external_id", "source_line", "components",
)  # fmt: skip
CHOICE_KEYS = (
    "line", "serials", "ids", "scanned", "lots", "quantity", "lot", "location", "cost", "memo",
    "fields",
)  # fmt: skip
STEP_KEYS = (
    "lines", "location", "party", "reason", "condition", "backorder", "release", "accept",
    "reject", "shortages", "amount", "parent", "counts", "decisions", "confirm", "at",
)  # fmt: skip


def read_draft(kind: DocumentType, body: Mapping[str, Any], number: str = "") -> Draft:
    """Return a document as a body asks for it.

    Raises:
        InputRefused: a value is none that it takes.
    """
    refuse_unknown(body, DRAFT_KEYS, "A document")
    head: dict[str, Any] = {}
    for key in ("party", "from", "to", "external_id"):
        if key in body:
            head[key] = text_given(body, key, most=64) or None
    for key in ("external_ref", "reason"):
        if key in body:
            head[key] = text_given(body, key)
    if "memo" in body:
        head["memo"] = text_given(body, "memo", most=10_000, lines=True)
    if "currency" in body:
        head["currency"] = _currency(body)
    if "due_on" in body:
        head["due_on"] = _day(body, "due_on")
    if "fields" in body:
        head["fields"] = fields_given(body)
    if "source" in body:
        head["source"] = _source(body["source"])
    lines = body.get("lines")
    if lines is not None:
        if not isinstance(lines, list) or len(lines) > MOST_LINES:
            raise InputRefused(
                f"'lines' must be a list of at most {MOST_LINES} lines, got {say(lines)}.",
                key="lines",
            )
        lines = tuple(_line(one) for one in lines)
    return Draft(kind, number or text_given(body, "number", most=64), head, lines)


def _line(body: object) -> DraftLine:
    if not isinstance(body, dict):
        raise InputRefused(f"A line must be an object, got {say(body)}.", key="lines")
    refuse_unknown(body, LINE_KEYS, "A line")
    item = text_given(body, "item", most=64)
    if not item:
        raise InputRefused("A line needs an 'item': its SKU.", key="item")
    price, money = money_given(body, "price")
    cost, other = money_given(body, "cost")
    if money and other and money != other:
        raise InputRefused("A line's 'price' and 'cost' are in one currency.", key="cost")
    components = body.get("components")
    return DraftLine(
        item, quantity_given(body, "quantity", 1), whole_given(body, "line", 1, 10**6),
        text_given(body, "external_id", most=64) or None, text_given(body, "uom", most=20),
        price, cost, money or other or "", text_given(body, "location", most=64) or None,
        text_given(body, "memo", most=10_000, lines=True) if "memo" in body else None,
        fields_given(body), whole_given(body, "source_line", 1, 10**6),
        None if components is None else _components(components),
    )  # fmt: skip


def quantity_given(body: Mapping[str, Any], key: str, standard: int) -> Fraction:
    """Return a quantity exactly as it was written; ``0.1`` is a tenth.

    Raises:
        InputRefused: it is no number, or too large.
    """
    value = body.get(key, standard)
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite() and abs(number) <= MOST_QUANTITY:
            return Fraction(number)
    raise InputRefused(f"{key!r} must be a number, got {say(value)}.", key=key)


def _components(value: object) -> Sequence[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for one in value if isinstance(value, list) else [None]:
        if not isinstance(one, dict):
            raise InputRefused(
                "'components' must be a list of objects with 'item' and 'quantity'.",
                key="components",
            )
        refuse_unknown(one, ("item", "quantity"), "A component")
        found.append(
            (text_given(one, "item", most=64), whole_given(one, "quantity", 1, MOST_QUANTITY) or 1)
        )
    return found


def _currency(body: Mapping[str, Any]) -> str:
    value = text_given(body, "currency", most=3)
    if value and not (len(value) == 3 and value.isascii() and value.isalpha()):
        raise InputRefused(
            f"'currency' must be a code of ISO 4217 such as EUR, got {say(value)}.", key="currency"
        )
    return value.upper()


def _day(body: Mapping[str, Any], key: str) -> str | None:
    value = body.get(key)
    if value is None:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise InputRefused(
            f"{key!r} must be a day such as 2026-11-22, got {say(value)}.", key=key
        ) from None


def _source(value: object) -> tuple[str, str] | None:
    if value is None:
        return None
    if isinstance(value, dict) and set(value) == {"type", "number"}:
        kind, number = value["type"], value["number"]
        if isinstance(kind, str) and isinstance(number, str):
            return type_of(kind).value, number
    raise InputRefused(
        "'source' must be an object with the 'type' and 'number' of the document it fulfils.",
        key="source",
    )


# ---------------------------------------------------------------------- lines of steps


def read_choice(parts: Parts, body: Mapping[str, Any], line: int | None = None) -> LineGiven:
    """Return what a body says for one line.

    Raises:
        InputRefused: a value is none that it takes.
    """
    refuse_unknown(body, CHOICE_KEYS, "What is given for a line")
    number = line if line is not None else whole_given(body, "line", 1, 10**6)
    if number is None:
        raise InputRefused("Say which 'line' it is.", key="line")
    text, serials, generate = "", list[SerialGiven](), 0
    match body.get("serials"):
        case None:
            pass
        case str() as given if len(given) <= LONGEST_LIST:
            text = given
        case list() as given if len(given) <= MOST_SERIALS:
            serials = [_serial(one) for one in given]
        case {"generate": int(count)} if 1 <= count <= MOST_SERIALS:
            generate = count
        case other:
            raise InputRefused(
                "'serials' must be a list as people write it, a list of texts or objects, or "
                f'{{"generate": 5}}, got {say(other)}.',
                key="serials",
            )
    ids = body.get("ids")
    if ids is not None:
        if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
            raise InputRefused(f"'ids' must be a list of public ids, got {say(ids)}.", key="ids")
        serials += [SerialGiven("", read_serial_id(parts, one)) for one in ids]
    lots = body.get("lots")
    if lots is not None and not isinstance(lots, list):
        raise InputRefused(f"'lots' must be a list, got {say(lots)}.", key="lots")
    cost, currency = money_given(body, "cost")
    return LineGiven(
        number, text, flag_given(body, "scanned"), serials, generate,
        [_lot(one) for one in lots or ()], whole_given(body, "quantity", 0, MOST_QUANTITY),
        text_given(body, "lot", most=64) or None, text_given(body, "location", most=64) or None,
        cost, text_given(body, "memo", most=10_000, lines=True) or None, fields_given(body),
        currency or _currency_of_serials(body.get("serials")),
    )  # fmt: skip


def _currency_of_serials(serials: object) -> str | None:
    """Return the currency of the first serial that has a cost of its own."""
    rows = serials if isinstance(serials, list) else []
    costs = (money_given(one, "cost")[1] for one in rows if isinstance(one, dict))
    return next((currency for currency in costs if currency), None)


def _serial(value: object) -> SerialGiven:
    if isinstance(value, str):
        return SerialGiven(value)
    if not isinstance(value, dict):
        raise InputRefused(
            f"A serial must be a text or an object, got {say(value)}.", key="serials"
        )
    known = ("serial", "quantity", "fields", "memo", "cost", "location", "components")
    refuse_unknown(value, known, "A serial")
    serial = value.get("serial")
    if not isinstance(serial, str) or not serial.strip():
        raise InputRefused("A serial's object needs 'serial'.", key="serial")
    quantity = value.get("quantity", 1)
    if quantity not in (1, -1) or isinstance(quantity, bool):
        raise RegistryRefused(
            "serial_quantity_not_one",
            f"Serial {serial[:64]} is one piece; its quantity cannot be {say(quantity)}.",
            serial=serial[:64], quantity=str(quantity)[:20],
        )  # fmt: skip
    components = value.get("components", [])
    if not isinstance(components, list) or not all(isinstance(one, str) for one in components):
        raise InputRefused("'components' must be a list of serials.", key="components")
    cost, _ = money_given(value, "cost")
    return SerialGiven(
        serial, None, fields_given(value),
        text_given(value, "memo", most=10_000, lines=True) or None, cost,
        text_given(value, "location", most=64) or None, tuple(components),
    )  # fmt: skip


def _lot(value: object) -> LotGiven:
    if not isinstance(value, dict):
        raise InputRefused(f"A lot's quantity must be an object, got {say(value)}.", key="lots")
    refuse_unknown(value, ("lot", "quantity", "location", "expires_on"), "A lot's quantity")
    quantity = whole_given(value, "quantity", 1, MOST_QUANTITY)
    if quantity is None:
        raise InputRefused("A lot's quantity needs 'quantity', in base units.", key="quantity")
    return LotGiven(
        quantity, text_given(value, "lot", most=64) or None,
        text_given(value, "location", most=64) or None, _day(value, "expires_on"),
    )  # fmt: skip


def read_step(
    parts: Parts, body: Mapping[str, Any]
) -> tuple[StepGiven, frozenset[str], int | None]:
    """Return what a step is told, the tokens that confirm, and when it happened.

    Raises:
        InputRefused: a value is none that it takes.
    """
    refuse_unknown(body, STEP_KEYS, "A step of a document")
    lines = body.get("lines")
    if lines is not None:
        if not isinstance(lines, list) or not all(isinstance(one, dict) for one in lines):
            raise InputRefused("'lines' must be a list of objects.", key="lines")
        lines = tuple(read_choice(parts, one) for one in lines)
    amount, currency = money_given(body, "amount")
    confirm = body.get("confirm", [])
    tokens = [confirm] if isinstance(confirm, str) else confirm
    if not isinstance(tokens, list) or not all(isinstance(one, str) for one in tokens):
        raise InputRefused("'confirm' must be a token, or a list of them.", key="confirm")
    return (
        StepGiven(
            lines, text_given(body, "location", most=64) or None,
            text_given(body, "party", most=64) or None, text_given(body, "reason"),
            text_given(body, "condition"),
            flag_given(body, "backorder") if "backorder" in body else True,
            flag_given(body, "release"), _list_text(body, "accept"), _list_text(body, "reject"),
            text_given(body, "shortages", most=10), amount, currency,
            text_given(body, "parent", most=64),
            tuple(_counted(one) for one in _objects(body, "counts")),
            tuple(_decided(one) for one in _objects(body, "decisions")),
        ),
        frozenset(tokens),
        moment_given(body, "at"),
    )  # fmt: skip


def _objects(body: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    value = body.get(key, [])
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        return value
    raise InputRefused(f"{key!r} must be a list of objects, got {say(value)}.", key=key)


def _list_text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key, "")
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join('"' + one.replace('"', '""') + '"' for one in value)
    return text_given(body, key, most=LONGEST_LIST, lines=True)


def _counted(one: dict[str, Any]) -> Counted:
    refuse_unknown(one, ("location", "item", "serials", "scanned", "lot", "quantity"), "A count")
    location = text_given(one, "location", most=64)
    if not location:
        raise InputRefused("A count needs a 'location'.", key="location")
    return Counted(
        location, text_given(one, "item", most=64) or None, _list_text(one, "serials"),
        flag_given(one, "scanned"), text_given(one, "lot", most=64) or None,
        whole_given(one, "quantity", 0, MOST_QUANTITY),
    )  # fmt: skip


def _decided(one: dict[str, Any]) -> Decided:
    refuse_unknown(one, ("decision", "kind", "difference"), "A decision")
    kind, subject = text_given(one, "kind", most=20), text_given(one, "difference", most=300)
    if bool(kind) == bool(subject):
        raise InputRefused(
            "A decision is about a 'kind' of differences, or about one 'difference'.", key="kind"
        )
    return Decided(text_given(one, "decision", most=20), kind or None, subject or None)


COUNT_COLUMNS = ("location", "item", "serial", "lot", "quantity")


def read_counts(table: Table) -> StepGiven:
    """Return the counts of a table: a row for each serial, or each quantity.

    Raises:
        InputRefused: a column is not known, or a row says nothing.
    """
    refuse_unknown(dict.fromkeys(table.header), COUNT_COLUMNS, "A table of counts")
    found: list[Counted] = []
    serials: dict[tuple[str, str], list[str]] = {}
    for row in table.rows:
        values = {key: row.values.get(key, "").strip() for key in COUNT_COLUMNS}
        if not values["location"] or not (values["serial"] or values["quantity"]):
            raise InputRefused(
                f"Row {row.number} needs a location, and a serial or a quantity.", row=row.number
            )
        if values["serial"]:
            serials.setdefault((values["location"], values["item"]), []).append(values["serial"])
            continue
        if not (values["quantity"].isascii() and values["quantity"].isdecimal()):
            raise InputRefused(
                f"Row {row.number}: the quantity must be a whole number, got "
                f"{say(values['quantity'])}.",
                row=row.number,
            )
        found.append(
            Counted(values["location"], values["item"] or None, "", False, values["lot"] or None,
                    int(values["quantity"][:18]))
        )  # fmt: skip
    found += [
        Counted(location, item or None, "\n".join(some), scanned=True)
        for (location, item), some in serials.items()
    ]
    return StepGiven(counts=tuple(found))
