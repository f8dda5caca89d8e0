"""The page of label templates: every key of a document, and what is worked out from it.

template_schema, collapsing ──templates──► docs/templates.md
"""

from __future__ import annotations

from typing import Any, Final

from gateway.templates import collapsing
from gateway.templates.document import template_schema

_PARTS: Final = (
    ("Size", "SizeDocument", "The stock: `size`."),
    ("Fields", "FieldDocument", "Values that each label brings: `fields`."),
    ("Counters", "CounterDocument", "Numbers that go on from label to label: `counters`."),
)

_FACTS: Final = (
    ("`element`", "every refusal of an element", "its `id`"),
    (
        "`needs_width`, `needs_height`",
        "a text that does not fit; a code that is too narrow or too low; what is thinner than a "
        "dot",
        "the least `width` or `height` that would do. Of a text either is enough where one can be; "
        "else both are needed. A code needs all that are there",
    ),
    (
        "`fits_size`",
        "a text that does not fit",
        "the largest em height that would fit, when one of 1.5 mm or more does",
    ),
    ("`needs_module`", "a `module` too narrow to scan", "the least `module`"),
    ("`fits_module`", "a `module` too wide for its place", "the widest that has room"),
    (
        "`side`, `needed`, `missing`",
        "a quiet zone that is not free",
        "the side of the code as it lies on the label (`left`, `right`, `top`, `bottom`), what "
        "must be free there, and how much of it is not",
    ),
    ("`other`", "ink in a quiet zone or on a code", "the `id` of the element that is in the way"),
    (
        "`edge`, `over`",
        "what runs off the label, or has no quiet zone to its edge",
        "which edge (`left`, `right`, `top`, `bottom`), and how far to move away from it",
    ),
)
"""Key, refusals that have it, what it says."""


def templates() -> str:
    """Return docs/templates.md."""
    schema = template_schema()
    definitions = schema["$defs"]
    kinds = schema["properties"]["elements"]["items"]["discriminator"]["mapping"]
    elements = {kind: definitions[ref.rpartition("/")[2]] for kind, ref in kinds.items()}
    first, *others = elements.values()
    common = [
        key
        for key, value in first["properties"].items()
        if all(other["properties"].get(key) == value for other in others)
    ]
    parts = "\n\n".join(
        f"## {title}\n\n{words}\n\n{_keys(definitions[name])}" for title, name, words in _PARTS
    )
    kinds_of = "\n\n".join(
        f"### {kind}\n\n{_keys(element, without=(*common, 'type'))}"
        for kind, element in elements.items()
    )
    facts = "\n".join(f"| {key} | {where} | {says} |" for key, where, says in _FACTS)
    return f"""# Label templates

<!-- Written by `make docs`; change the code, not this page. -->

A template is one JSON document. Lengths are whole micrometres from the stock's left top corner:
25 mm is `25000`. A key that is left out has its default, and writing a default down changes
nothing: a template's version is the SHA-256 of the document without them. The same as a JSON
Schema is at `GET /v1/templates/schema`.

```json
{{"name": "bin", "size": {{"width": 50000, "height": 25000}},
 "fields": [{{"name": "bin", "required": true, "example": "A-01-02"}}],
 "elements": [{{"type": "barcode", "id": "code", "symbology": "code128", "content": "{{bin}}",
               "x": 5000, "y": 3000, "width": 40000, "height": 15000}}]}}
```

## The document

{_keys(schema)}

{parts}

## Elements

What is on the label: `elements`, in the order in which they are drawn. All of them have

{_keys(first, only=common)}

{kinds_of}

## When a text prints nothing

A text that says nothing, or that `print_when` leaves out, leaves its place empty. With `collapse`
what stands below it moves up.

{_rule()}

Edges and quiet zones are checked where things stand on the label, after moving.

## What would mend a refusal

A label that cannot be printed is refused with one sentence and, for a program, with facts. Lengths
are in µm and in the keys of the element, whatever its rotation.

| facts | in | say |
|---|---|---|
{facts}

How a label is changed, published, approved and gone back from, and its pictures, say
[Versions of labels](label-versions.md).
"""


def _rule() -> str:
    """Return the rule of what moves up, as its module says it."""
    _, begins, told = (collapsing.__doc__ or "").partition("The rule, for every element E.")
    return (begins + told.partition(">>>")[0]).strip().replace("``", "`")


def _keys(
    part: dict[str, Any], *, only: list[str] | None = None, without: tuple[str, ...] = ()
) -> str:
    """Return the table of an object's keys."""
    required = part.get("required", ())
    rows = [
        f"| `{key}` | {_values(value)} | {_default(key, value, required)} "
        f"| {value.get('description', _OF_OTHERS.get(key, ''))} |"
        for key, value in part["properties"].items()
        if key not in without and (only is None or key in only)
    ]
    return "\n".join(("| key | value | when left out | |", "|---|---|---|---|", *rows))


_OF_OTHERS: Final = {
    "size": "The stock, see below.",
    "fields": "See below.",
    "counters": "See below.",
    "elements": "See below.",
}
"""Keys whose own table says what they are."""


def _values(value: dict[str, Any]) -> str:
    if "anyOf" in value:
        return " or ".join(_values(one) for one in value["anyOf"] if one.get("type") != "null")
    if "enum" in value:
        if len(value["enum"]) > 12:
            return "one of [these](codes.md)"
        return ", ".join(f"`{_said(one)}`" for one in value["enum"] if one != "")
    if "const" in value:
        return f"`{value['const']}`"
    match value.get("type"):
        case "integer":
            least, most = value.get("minimum"), value.get("maximum")
            most = value["exclusiveMaximum"] - 1 if "exclusiveMaximum" in value else most
            return f"{least} to {most}" if most is not None else "a whole number"
        case "string":
            longest = value.get("maxLength")
            return f"text, at most {longest} characters" if longest else "text"
        case "boolean":
            return "`true`, `false`"
        case "array":
            return f"a list of at most {value['maxItems']}" if "maxItems" in value else "a list"
        case _:
            return "an object"


def _default(key: str, value: dict[str, Any], required: list[str]) -> str:
    if key in required:
        return "**needed**"
    default = value.get("default")
    return "" if default in (None, "", []) else f"`{_said(default)}`"


def _said(value: object) -> str:
    """Return a value as a cell of a table shows it."""
    return str(value).lower() if isinstance(value, bool) else str(value).replace("|", r"\|")
