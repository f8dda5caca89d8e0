"""A document as a form and back, and what becomes of it when two people edit it at once.

    document ──values_of──► Values: field -> text ──body_from──► what the API is asked for
    base, now, mine ──three_way──► mine where I changed it, theirs where I did not

Lines that are there are fields ``lines.<line>.…``, new ones ``new.<n>.…``, so that a line that
somebody else adds meanwhile is never taken for one's own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.console.asking import Api, Declined
from gateway.console.form import Form, one
from gateway.console.money import amount_of, read_money
from gateway.errors import InputRefused

HEAD = (
    "number", "party", "from", "to", "external_ref", "external_id", "currency", "due_on", "reason",
    "memo",
)  # fmt: skip
LINE = ("item", "quantity", "uom", "cost", "price", "location", "memo", "components")

MOST_ROWS = 2000

FORM_WORDS = LABELS = {
    "party": "Customer or supplier", "from": "From", "to": "To", "external_ref": "Reference",
    "external_id": "Id in another system", "currency": "Currency", "due_on": "Due",
    "reason": "Reason", "memo": "Memo", "item": "Item", "quantity": "Quantity", "uom": "Unit",
    "cost": "Cost of one", "price": "Price of one", "location": "Location",
    "components": "Components",
}  # fmt: skip


class Values(dict[str, str]):
    """What stands in a document's form: field -> text."""

    @classmethod
    def of(cls, form: Form) -> Values:
        """Return what was typed; names that begin with ``_`` are none of it."""
        return cls({
            name: one(form, name).replace("\r\n", "\n").strip()
            for name in form if not name.startswith("_")
        })  # fmt: skip

    def ranks(self) -> list[int]:
        """Return the numbers of the lines that are there."""
        found = {
            int(part[1]) for name in self
            if len(part := name.split(".")) == 3 and part[0] == "lines" and part[1].isdecimal()
        }  # fmt: skip
        return sorted(found)

    def blank_rows(self) -> int:
        """Return how many rows for new lines it has."""
        return 1 + max(
            (int(part[1]) for name in self
             if len(part := name.split(".")) == 3 and part[0] == "new" and part[1].isdecimal()
             and int(part[1]) < MOST_ROWS),
            default=-1,
        )  # fmt: skip

    def row(self, name: str) -> dict[str, str]:
        """Return a row's fields."""
        return {key: self.get(f"{name}.{key}", "") for key in LINE}


async def document_fields(api: Api) -> Sequence[Mapping[str, Any]]:
    """Return the custom fields of documents."""
    try:
        fields: Sequence[Mapping[str, Any]] = (await api.get("/v1/fields/document"))["items"]
    except Declined:
        return ()
    return fields


def shown(value: object) -> str:
    """Return a custom field's value as its field shows it."""
    return (
        ""
        if value is None
        else ("yes" if value else "no")
        if isinstance(value, bool)
        else str(value)
    )


def typed(field: Mapping[str, Any], text: str) -> object:
    """Return what was typed for a custom field as the API takes it; None takes a value away.

    Raises:
        InputRefused: it is no number, for a field of numbers.
    """
    if not text:
        return None
    match field["type"]:
        case "number":
            try:
                number = float(text.replace(",", "."))
            except ValueError:
                raise InputRefused(
                    f"{field['label'] or field['key']} must be a number, got {text[:40]!r}.",
                    key=field["key"],
                ) from None
            return int(number) if number.is_integer() else number
        case "yes_no":
            return text == "yes"
        case _:
            return text


def values_of(document: Mapping[str, Any], fields: Sequence[Mapping[str, Any]]) -> Values:
    """Return a document as its form shows it."""
    values = Values({key: document[key] or "" for key in HEAD})
    if not values["currency"]:
        sums = [line["cost"] or line["price"] for line in document["lines"]]
        values["currency"] = next((money["currency"] for money in sums if money), "")
    for field in fields:
        values[f"fields.{field['key']}"] = shown(document["fields"].get(field["key"]))
    for line in document["lines"]:
        if line["part_of"] is not None:
            continue
        name = f"lines.{line['line']}"
        parts = [
            f"{one['item']} {one['pieces']}" for one in document["lines"]
            if one["part_of"] == line["line"]
        ]  # fmt: skip
        values |= {
            f"{name}.item": line["item"], f"{name}.quantity": str(line["quantity"]),
            f"{name}.uom": line["uom"] or "", f"{name}.cost": amount_of(line["cost"]),
            f"{name}.price": amount_of(line["price"]), f"{name}.location": line["location"] or "",
            f"{name}.memo": line["memo"] or "", f"{name}.components": "\n".join(parts),
        }  # fmt: skip
    return values


def body_from(
    values: Values, base: Mapping[str, str], fields: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return what the API is asked for; of the head what ``base`` has otherwise.

    Raises:
        InputRefused: an amount or a number is none.
    """
    body: dict[str, Any] = {
        key: values[key] or (None if key in ("party", "from", "to", "external_id", "due_on")
                             else "")
        for key in HEAD
        if key in values and values[key] != base.get(key, "") and not (key == "number" and base)
    }  # fmt: skip
    if values.get("source.number"):
        body["source"] = {"type": values["source.type"], "number": values["source.number"]}
    custom = {
        field["key"]: typed(field, values[name])
        for field in fields
        if (name := f"fields.{field['key']}") in values and values[name] != base.get(name, "")
    }
    if custom:
        body["fields"] = custom
    currency = values.get("currency", "")
    lines = [
        _line(values.row(f"lines.{rank}"), currency, rank, Values(base).row(f"lines.{rank}"))
        for rank in values.ranks()
        if values.get(f"lines.{rank}.item") and not values.get(f"lines.{rank}.drop")
    ]
    lines += [
        _line(row, currency)
        for n in range(values.blank_rows())
        if (row := values.row(f"new.{n}"))["item"]
    ]
    if base or lines:
        body["lines"] = lines
    return body


def _line(
    row: Mapping[str, str], currency: str, rank: int | None = None,
    before: Mapping[str, str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    before = before or {}
    line: dict[str, Any] = {"item": row["item"], "quantity": row["quantity"] or 1}
    if rank is not None:
        line["line"] = rank
    for key in ("uom", "location"):
        if row[key]:
            line[key] = row[key]
    for key in ("cost", "price"):
        if row[key] and row[key] != before.get(key):
            line[key] = read_money(row[key], currency)
    if row["memo"] != before.get("memo", ""):
        line["memo"] = row["memo"]
    if row["components"]:
        line["components"] = _components(row, before)
    return {key: value for key, value in line.items() if value is not None}


def _components(row: Mapping[str, str], before: Mapping[str, str]) -> list[dict[str, Any]] | None:
    """Return what goes into a product; as many more as there are more products, unless said."""
    found: list[dict[str, Any]] = []
    for text in row["components"].splitlines():
        words = text.replace("×", " ").replace("=", " ").split()
        if not words:
            continue
        last = words[-1]
        if len(words) < 2 or not last.isdecimal() or int(last[:12]) < 1:
            raise InputRefused(
                f"Write each component as its item and how many of it in all, such as SEAL 4; got "
                f"{text[:60]!r}.",
                key="components",
            )
        found.append({"item": " ".join(words[:-1]), "quantity": int(last[:12])})
    if row["components"] != before.get("components") or row["quantity"] == before.get("quantity"):
        return found
    old, new = before.get("quantity", ""), row["quantity"]
    if not (old.isdecimal() and new.isdecimal() and int(old)):
        return None
    if any(one["quantity"] * int(new) % int(old) for one in found):
        return None
    return [{**one, "quantity": one["quantity"] * int(new) // int(old)} for one in found]


# ---------------------------------------------------------------------- two people at once


def write_base(values: Mapping[str, str]) -> str:
    """Return what somebody saw, for the form to bring back."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def read_base(text: str) -> Values:
    """Return what somebody saw when they began; nothing of what is no such thing."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return Values()
    if not isinstance(found, dict):
        return Values()
    return Values({str(key): str(value) for key, value in found.items()})


def three_way(
    base: Mapping[str, str], now: Values, mine: Values
) -> tuple[Values, list[dict[str, Any]]]:
    """Return the form with everybody's changes, and what the others changed.

    Where both changed the same field, one's own stays in it, and what theirs says stands beside.

    >>> base, now = {"memo": "a", "to": "X"}, Values(memo="b", to="Y")
    >>> merged, theirs = three_way(base, now, Values(memo="mine", to="X"))
    >>> merged["memo"], merged["to"], [(one["field"], one["both"]) for one in theirs]
    ('mine', 'Y', [('memo', True), ('to', False)])
    """
    merged, theirs = Values(), list[dict[str, Any]]()
    for name in [*now, *(name for name in mine if name not in now)]:
        was, theirs_is, mine_is = base.get(name, ""), now.get(name, ""), mine.get(name, "")
        i_changed = name in mine and mine_is != was
        # A line of theirs that I never saw is theirs; one they took away is gone.
        if name.startswith("lines.") and name not in now and not name.endswith(".drop"):
            continue
        merged[name] = mine_is if i_changed else theirs_is
        if was != theirs_is and not name.startswith("new."):
            parts = name.split(".")
            theirs.append({
                "field": name, "label": LABELS.get(parts[-1], parts[-1]),
                "line": int(parts[1]) if parts[0] == "lines" else None,
                "was": was, "now": theirs_is, "mine": mine_is, "both": i_changed,
            })  # fmt: skip
    gone = {name.split(".")[1] for name in base if name.startswith("lines.")} - {
        name.split(".")[1] for name in now if name.startswith("lines.")
    }
    for rank in sorted(gone, key=int):
        theirs.append({
            "field": f"lines.{rank}", "label": "Item", "line": int(rank),
            "was": base.get(f"lines.{rank}.item", ""), "now": "", "mine": "", "both": False,
        })  # fmt: skip
    return merged, theirs
