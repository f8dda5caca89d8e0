"""A template document: JSON in, a valid ``Template`` out, or one sentence with the path.

    bytes, str or object ──parse_template──► Template, with its version (SHA-256 of canonical JSON)
                         template_schema() ──► the JSON Schema an editor or a program checks against

>>> template = parse_template({
...     "name": "bin", "size": {"width": 50000, "height": 25000},
...     "fields": [{"name": "bin", "required": True, "example": "A-01-02"}],
...     "elements": [{"type": "barcode", "id": "code", "symbology": "code128",
...                   "content": "{bin}", "x": 5000, "y": 3000, "width": 40000, "height": 15000}],
... })
>>> template.fields[0].type, template.elements[0].rotation, len(template.version)
('text', 0, 64)
>>> parse_template({"name": "bin", "size": {"width": 50000, "height": 25000},
...     "elements": [{"type": "box", "id": "b", "x": 0, "y": 0, "widht": 9000, "height": 100}]})
Traceback (most recent call last):
...
gateway.errors.TemplateRefused: elements[0].widht is not known there; did you mean 'width'? \
(1 more)
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields as fields_of
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, assert_never

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.codes.symbology import SYMBOLOGIES, Options
from gateway.errors import (
    ExpressionRefused,
    GatewayError,
    RawRefused,
    TemplateRefused,
    UnitRefused,
)
from gateway.templates import model
from gateway.templates.binding import read_value, spoken
from gateway.templates.expressions import (
    CLOCK,
    Condition,
    Content,
    Reference,
    parse_condition,
    parse_content,
)
from gateway.templates.shapes import Dither
from gateway.units import Density, Um, parse_density
from gateway.zpl.commands import check_field

MOST_ELEMENTS: Final = 500
LONGEST_TEXT: Final = 4096
"""Characters of a text in a template."""
LARGEST_DOCUMENT: Final = 1_000_000
"""Characters of JSON."""
_INLINE: Final = 400_000
"""Characters of a picture inside the document; larger ones are assets."""
_STOCK: Final = (2_000, 2_000_000)
"""µm. The smallest jewellery tags are 6 mm; 2 m is a long banner."""
DIGITS_MOST: Final = 18
"""Digits of counters and integers: what 64 bits hold."""

_Length = Annotated[int, Field(ge=0, le=_STOCK[1])]
_Side = Annotated[int, Field(ge=1, le=_STOCK[1])]
_Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}$")]
_Title = Annotated[str, Field(max_length=200)]
_Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
_Font = Annotated[str, Field(pattern=r"^(sans|sans-bold|mono|asset:[0-9a-f]{64})$")]
_Picture = Annotated[
    str,
    Field(
        max_length=_INLINE,
        pattern=r"^(asset:[0-9a-f]{64}|data:image/(png|jpeg|bmp|gif|webp);base64,[A-Za-z0-9+/=]+)$",
    ),
]
_Side3 = Literal["left", "center", "right"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class SizeDocument(_Strict):
    """The stock, in micrometres."""

    width: Annotated[int, Field(ge=_STOCK[0], le=_STOCK[1], description="Across the print head.")]
    height: Annotated[int, Field(ge=_STOCK[0], le=_STOCK[1], description="Along the feed.")]


class FieldDocument(_Strict):
    """A value each label brings."""

    name: Annotated[_Name, Field(description="What contents and conditions call it.")]
    title: Annotated[_Title, Field(description="What people call it; the name when left out.")] = ""
    type: Annotated[model.FieldType, Field(description="What a value must be.")] = "text"
    required: Annotated[bool, Field(description="A label without it is refused.")] = False
    default: Annotated[_Text, Field(description="The value of a label that brings none.")] = ""
    pattern: Annotated[
        str, Field(max_length=200, description="A regular expression for the whole value.")
    ] = ""
    max_length: Annotated[
        Annotated[int, Field(ge=1, le=LONGEST_TEXT)], Field(description="Characters.")
    ] = 256
    choices: Annotated[
        Annotated[list[_Title], Field(max_length=200)],
        Field(description="The values of type choice."),
    ] = []
    example: Annotated[
        _Text, Field(description="A value that previews show and refusals suggest.")
    ] = ""


class CounterDocument(_Strict):
    """A number that goes on from label to label."""

    name: Annotated[_Name, Field(description="What contents call it.")]
    title: Annotated[_Title, Field(description="What people call it; the name when left out.")] = ""
    start: Annotated[
        Annotated[int, Field(ge=0, lt=10**DIGITS_MOST)],
        Field(description="The number of the first label ever."),
    ] = 1
    step: Annotated[
        Annotated[int, Field(ge=-1_000_000, le=1_000_000)],
        Field(description="From one label to the next."),
    ] = 1
    width: Annotated[
        Annotated[int, Field(ge=1, le=DIGITS_MOST)],
        Field(description="Digits, filled with zeros on the left."),
    ] = 1


class _ElementDocument(_Strict):
    id: Annotated[_Id, Field(description="Its name in this template; no other element has it.")]
    x: Annotated[_Length, Field(description="From the stock's left edge to its place.")]
    y: Annotated[_Length, Field(description="From the stock's top edge to its place.")]
    width: Annotated[_Side, Field(description="Of its place as it lies on the label.")]
    height: Annotated[_Side, Field(description="Of its place as it lies on the label.")]
    rotation: Annotated[
        Literal[0, 90, 180, 270],
        Field(description="Degrees clockwise that turn what is in the place."),
    ] = 0
    print_when: Annotated[
        str,
        Field(
            max_length=1000,
            description="The element prints only when this holds, such as \"item == 'X' and name "
            'not empty"; empty for always.',
        ),
    ] = ""
    title: Annotated[
        _Title, Field(description="What a person calls it; nothing printed depends on it.")
    ] = ""
    group: Annotated[
        str,
        Field(
            max_length=64,
            description="Elements with the same text belong together in the editor; empty for "
            "none. Nothing printed depends on it.",
        ),
    ] = ""
    locked: Annotated[
        bool,
        Field(description="The editor leaves it in place. Nothing printed depends on it."),
    ] = False


class TextDocument(_ElementDocument):
    type: Literal["text"]
    content: Annotated[
        _Text,
        Field(
            description="What it says: text with fields and functions in braces, such as {serial}."
        ),
    ]
    font: Annotated[
        _Font,
        Field(description="sans, sans-bold, mono, or asset: and the hash of an uploaded font."),
    ] = "sans"
    size: Annotated[_Side, Field(description="Em height.")]
    min_size: Annotated[
        _Length,
        Field(description="Em height down to which the text shrinks to fit; 0 for not at all."),
    ] = 0
    wrap: Annotated[bool, Field(description="Break long text into lines.")] = False
    max_lines: Annotated[
        Annotated[int, Field(ge=1, le=200)], Field(description="More are refused.")
    ] = 200
    line_spacing: Annotated[
        Annotated[int, Field(ge=50, le=300)], Field(description="Percent of the font's own.")
    ] = 100
    align: Annotated[
        model.Align,
        Field(description="auto is left, and right where the text begins from the right."),
    ] = "auto"
    valign: Annotated[
        model.VerticalAlign, Field(description="Where the lines stand in the place.")
    ] = "top"
    reverse: Annotated[
        bool, Field(description="White on black: ink fills the place but for the letters.")
    ] = False
    collapse: Annotated[
        bool,
        Field(
            description="When it prints nothing (no text, or print_when says no), what stands "
            "below it moves up into its place."
        ),
    ] = False


class BarcodeDocument(_ElementDocument):
    type: Literal["barcode"]
    symbology: Annotated[str, Field(description="The kind of bar code.")]
    content: Annotated[
        _Text, Field(description="What a scanner reads: text with fields and functions in braces.")
    ]
    module: Annotated[
        Annotated[int, Field(ge=50, le=10_000)] | None,
        Field(
            description="Width of the narrowest bar or of a square; the widest that fits when "
            "left out."
        ),
    ] = None
    align: Annotated[_Side3, Field(description="Where the symbol stands in the place.")] = "left"
    valign: Annotated[
        model.VerticalAlign, Field(description="Where the symbol stands in the place.")
    ] = "top"
    text: Annotated[
        Literal["none", "below", "above"],
        Field(description="The line that people read, and where."),
    ] = "none"
    text_size: Annotated[
        _Side, Field(description="Em height of that line; it shrinks to 1.5 mm when it must.")
    ] = 3000
    text_font: Annotated[_Font, Field(description="Font of that line, as a text has it.")] = "sans"
    error_correction: Annotated[
        Literal["L", "M", "Q", "H"], Field(description="QR codes; Micro QR codes have no H.")
    ] = "M"
    square: Annotated[
        bool, Field(description="Data Matrix; false allows the rectangular sizes.")
    ] = True
    columns: Annotated[
        int | None,
        Field(ge=1, le=30, description="PDF417: data columns, up to 4 in MicroPDF417."),
    ] = None
    rows: Annotated[int | None, Field(ge=3, le=90, description="PDF417: rows.")] = None
    row_height: Annotated[
        int | None,
        Field(ge=2, le=10, description="PDF417: modules a row is high, 3 or more; Micro 2."),
    ] = None
    security_level: Annotated[
        int | None,
        Field(ge=0, le=8, description="PDF417: error correction; by the length when left out."),
    ] = None
    error_percent: Annotated[
        Literal[10, 23, 36, 50], Field(description="Aztec code: share of error correction.")
    ] = 23
    segments: Annotated[
        int,
        Field(
            ge=2,
            le=20,
            multiple_of=2,
            description="GS1 DataBar Expanded Stacked: symbol characters in a row, even.",
        ),
    ] = 4


class ImageDocument(_ElementDocument):
    type: Literal["image"]
    picture: Annotated[
        _Picture,
        Field(
            description="An uploaded picture by the hash of its file, or the file itself in base64."
        ),
    ]
    dither: Annotated[
        Dither,
        Field(
            description="How greys become dots: all or nothing at the threshold, error diffusion "
            "by Floyd and Steinberg or by Atkinson (lighter, with clear edges), or Bayer's 8 × 8 "
            "order."
        ),
    ] = "threshold"
    threshold: Annotated[
        Annotated[int, Field(ge=1, le=255)],
        Field(
            description="The grey below which a dot is ink; where greys are dithered, the grey "
            "that is half ink."
        ),
    ] = 128
    align: Annotated[_Side3, Field(description="Where it stands in a place of another shape.")] = (
        "center"
    )
    valign: Annotated[
        model.VerticalAlign, Field(description="Where it stands in a place of another shape.")
    ] = "middle"


class BoxDocument(_ElementDocument):
    type: Literal["box"]
    thickness: Annotated[_Side, Field(description="Of the border, inside the place.")] = 250
    filled: Annotated[bool, Field(description="All ink.")] = False
    radius: Annotated[_Length, Field(description="Of the round corners; 0 for square ones.")] = 0


class LineDocument(_ElementDocument):
    type: Literal["line"]
    thickness: Annotated[_Side, Field(description="Of the line.")] = 250
    direction: Annotated[
        Literal["-", "|", "/", "\\"],
        Field(description="Level or upright in the middle of the place, or from corner to corner."),
    ] = "-"


class EllipseDocument(_ElementDocument):
    type: Literal["ellipse"]
    thickness: Annotated[_Side, Field(description="Of the border, inside the place.")] = 250
    filled: Annotated[bool, Field(description="All ink.")] = False


class RawDocument(_ElementDocument):
    """Commands of one printer language, kept as they are. They are printed only by printers that
    speak it, where they say themselves; the place only shows them in the editor."""

    type: Literal["raw"]
    language: Annotated[Literal["zpl"], Field(description="Of the printers that print it.")]
    commands: Annotated[
        str,
        Field(
            max_length=_INLINE,
            description="Whole fields, such as ^FO10,10^GB90,90,4^FS; no ^XA, ^XZ or ~.",
        ),
    ]
    density: Annotated[
        int | str | None,
        Field(description='Of the head whose dots they count: 8, 12, "180dpi"; else any.'),
    ] = None


ElementDocument = Annotated[
    TextDocument
    | BarcodeDocument
    | ImageDocument
    | BoxDocument
    | LineDocument
    | EllipseDocument
    | RawDocument,
    Field(discriminator="type"),
]


class TemplateDocument(_Strict):
    """A label template. Lengths are integer micrometres from the stock's top left corner."""

    name: Annotated[_Id, Field(description="Its name in addresses and files.")]
    title: Annotated[_Title, Field(description="What people call it; the name when left out.")] = ""
    size: SizeDocument
    mode: Annotated[
        model.Mode,
        Field(
            description="exact sends the printer our dots; native its own commands for codes, "
            "boxes and text."
        ),
    ] = "exact"
    about: Annotated[
        model.About,
        Field(description="What in the registry fills its fields; empty for none of it."),
    ] = ""
    fields: Annotated[list[FieldDocument], Field(max_length=200)] = []
    counters: Annotated[list[CounterDocument], Field(max_length=50)] = []
    elements: Annotated[list[ElementDocument], Field(max_length=MOST_ELEMENTS)] = []


@lru_cache(maxsize=1)
def _schema() -> str:
    schema = TemplateDocument.model_json_schema(ref_template="#/$defs/{model}")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Label template"
    schema["$defs"]["BarcodeDocument"]["properties"]["symbology"]["enum"] = sorted(SYMBOLOGIES)
    return json.dumps(schema)


def template_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a template document."""
    schema: dict[str, Any] = json.loads(_schema())
    return schema


def parse_template(document: object) -> model.Template:
    """Return the template a JSON document describes: bytes, text, or the parsed object.

    Raises:
        TemplateRefused: no JSON, an unknown key, a value out of range, or a name that is missing
            or used twice; the message begins with the path.
        ExpressionRefused: an expression in a content or a ``print_when``.
    """
    if isinstance(document, bytes | bytearray | str):
        document = _parse_json(document)
    try:
        read = TemplateDocument.model_validate(document)
    except ValidationError as error:
        raise _refused(error) from None
    canonical = json.dumps(
        _kept(read), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    if len(canonical) > LARGEST_DOCUMENT:
        raise TemplateRefused(
            f"The template has {len(canonical)} characters, expected at most {LARGEST_DOCUMENT}; "
            "upload its pictures as assets.",
            length=len(canonical),
        )
    try:
        version = hashlib.sha256(canonical.encode()).hexdigest()
    except UnicodeEncodeError as error:
        raise TemplateRefused(
            f"The template holds a lone surrogate (U+{ord(error.object[error.start]):04X}), which "
            "is no character; expected Unicode text.",
        ) from None
    return _template(read, canonical, version)


def _parse_json(document: bytes | bytearray | str) -> object:
    if len(document) > 4 * LARGEST_DOCUMENT:
        raise TemplateRefused(
            f"The template has {len(document)} bytes, expected at most {LARGEST_DOCUMENT} "
            "characters; upload its pictures as assets.",
            length=len(document),
        )
    try:
        text = document if isinstance(document, str) else document.decode("utf-8-sig")
        parsed: object = json.loads(text, object_pairs_hook=_no_twins)
    except RecursionError:
        raise TemplateRefused("The template is nested too deeply to be a template.") from None
    except UnicodeDecodeError:
        raise TemplateRefused("The template is not UTF-8 text; save it as UTF-8.") from None
    except json.JSONDecodeError as error:
        raise TemplateRefused(
            f"The template is no JSON at line {error.lineno}, column {error.colno}: {error.msg}.",
            line=error.lineno,
            column=error.colno,
        ) from None
    return parsed


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise TemplateRefused(
            f"The key {twice!r} stands twice in one object of the template; remove one of them.",
            key=twice,
        )
    return found


def _kept(read: TemplateDocument) -> dict[str, Any]:
    # What equals a default is left out, so that writing a default down makes no new version. The
    # element's type is its own default-less tag and stays.
    kept: dict[str, Any] = read.model_dump(mode="json", exclude_defaults=True)
    return kept


# pydantic's errors as sentences


def _path(location: Iterable[int | str]) -> str:
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path


_TAGS: Final = ("text", "barcode", "image", "box", "line", "ellipse", "raw")


def _refused(error: ValidationError) -> TemplateRefused:
    errors = error.errors(include_url=False)
    # A misspelt key is also a missing one; the misspelling is what helps.
    first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
    steps = list(first["loc"])
    # The tag of the union stands in the location after its index: elements[3].text.width.
    if len(steps) > 2 and steps[0] == "elements" and steps[2] in _TAGS:
        del steps[2]
    path = _path(steps)
    shown = _shown(first["input"])
    context: Mapping[str, Any] = first.get("ctx", {})
    more = error.error_count() - 1
    tail = f" ({more} more)" if more else ""
    match first["type"]:
        case "extra_forbidden":
            near = difflib.get_close_matches(str(steps[-1]), _keys(steps, first["loc"]), 1)
            hint = f"did you mean {near[0]!r}?" if near else "remove it."
            sentence = f"{path} is not known there; {hint}"
        case "missing":
            sentence = f"{path} is missing; the template cannot do without it."
        case "union_tag_not_found":
            sentence = f"{path}.type is missing; expected one of {', '.join(_TAGS)}."
        case "union_tag_invalid":
            near = difflib.get_close_matches(str(context.get("tag")), _TAGS, 1)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            sentence = (
                f"{path}.type is {context.get('tag')!r}; expected one of {', '.join(_TAGS)}{hint}"
            )
        case "model_type" | "model_attributes_type" | "dict_type":
            sentence = f"{path or 'The template'} is {shown}; expected an object."
        case "too_long" | "string_too_long":
            most = context.get("max_length")
            got = context.get("actual_length") or len(str(first["input"]))
            sentence = f"{path} is too long: expected at most {most}, got {got}."
        case "string_pattern_mismatch":
            sentence = f"{path} is {shown}; expected text matching {context.get('pattern')}."
        case _:
            expected = first["msg"].removeprefix("Input should be ")
            unit = " (lengths are whole micrometres)" if "integer" in expected else ""
            sentence = f"{path} is {shown}; expected {expected}{unit}."
    return TemplateRefused(spoken(sentence + tail), path=spoken(path), errors=error.error_count())


def _keys(steps: list[int | str], location: tuple[int | str, ...]) -> list[str]:
    documents: dict[str, type[BaseModel]] = {
        "text": TextDocument,
        "barcode": BarcodeDocument,
        "image": ImageDocument,
        "box": BoxDocument,
        "line": LineDocument,
        "ellipse": EllipseDocument,
        "raw": RawDocument,
    }
    match steps[0]:
        case "elements" if len(location) > 3:
            return list(documents[str(location[2])].model_fields)
        case "fields" if len(steps) > 1:
            return list(FieldDocument.model_fields)
        case "counters" if len(steps) > 1:
            return list(CounterDocument.model_fields)
        case "size" if len(steps) > 1:
            return list(SizeDocument.model_fields)
        case _:
            return list(TemplateDocument.model_fields)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 60 else f"{text[:57]}..."


# From the checked shape to values


def _template(read: TemplateDocument, canonical: str, version: str) -> model.Template:
    fields = tuple(_field(field, f"fields[{i}]") for i, field in enumerate(read.fields))
    counters = tuple(
        model.Counter(c.name, c.title or c.name, c.start, c.step, c.width) for c in read.counters
    )
    _no_name_twice([("fields", f.name) for f in fields] + [("counters", c.name) for c in counters])
    ids: dict[str, int] = {}
    for i, element in enumerate(read.elements):
        if element.id in ids:
            raise TemplateRefused(
                f"elements[{i}].id is {element.id!r}, which elements[{ids[element.id]}] has "
                "already; every element needs an id of its own.",
                path=f"elements[{i}].id",
            )
        ids[element.id] = i
    types: dict[str, str] = {field.name: field.type for field in fields}
    types |= {counter.name: "counter" for counter in counters}
    elements = tuple(
        _element(element, f"elements[{i}]", types, read.size)
        for i, element in enumerate(read.elements)
    )
    return model.Template(
        name=read.name,
        title=read.title or read.name,
        width=Um(read.size.width),
        height=Um(read.size.height),
        mode=read.mode,
        about=read.about,
        fields=fields,
        counters=counters,
        elements=elements,
        document=canonical,
        version=version,
    )


def _no_name_twice(names: list[tuple[str, str]]) -> None:
    seen: set[str] = set()
    for where, name in names:
        if name in CLOCK:
            raise TemplateRefused(
                f"{where} has {name!r}, which always means the time of acceptance; choose another "
                "name.",
                name=name,
            )
        if name in seen:
            raise TemplateRefused(
                f"{where} has {name!r}, which another field or counter has already; choose "
                "another name.",
                name=name,
            )
        seen.add(name)


def _field(read: FieldDocument, path: str) -> model.Field:
    pattern = None
    if read.pattern:
        try:
            pattern = re.compile(read.pattern)
        except re.error as error:
            raise TemplateRefused(
                f"{path}.pattern {read.pattern!r} is no regular expression: {error}.", path=path
            ) from error
        if _may_explode(read.pattern):
            raise TemplateRefused(
                f"{path}.pattern {read.pattern!r} repeats a group that itself repeats or branches, "
                "which can take for ever on some values; write it without repeating the group.",
                path=path,
            )
        if read.max_length > 256:
            raise TemplateRefused(
                f"{path}.max_length is {read.max_length}; expected at most 256 for a field with a "
                "pattern.",
                path=path,
            )
    if (read.type == "choice") != bool(read.choices):
        raise TemplateRefused(
            f"{path}.choices belongs to type 'choice', which needs at least one.", path=path
        )
    if read.required and read.default:
        raise TemplateRefused(
            f"{path} is required and has the default {read.default!r}; drop one of the two.",
            path=path,
        )
    field = model.Field(
        name=read.name,
        title=read.title or read.name,
        type=read.type,
        required=read.required,
        default=read.default,
        pattern=pattern,
        max_length=read.max_length,
        choices=tuple(read.choices),
        example=read.example,
    )
    # A default or an example that the field itself would refuse would fail on every label.
    for key, value in (("default", read.default), ("example", read.example)):
        if value:
            try:
                read_value(field, value)
            except GatewayError as error:
                raise TemplateRefused(
                    f"{path}.{key} is no value of its own field: {error.detail}", path=path
                ) from error
    return field


_REPEATED_GROUP: Final = re.compile(r"\)(?:[*+]|\{[0-9]*,)")


def _may_explode(pattern: str) -> bool:
    """Return whether a group with a repetition or a branch inside is repeated without end.

    Catastrophic backtracking needs that; the check is stricter than necessary.
    """
    plain = re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]", "x", pattern)
    opened: list[int] = []
    for i, character in enumerate(plain):
        if character == "(":
            opened.append(i)
        elif character == ")" and opened:
            inside = plain[opened.pop() + 1 : i].removeprefix("?:")
            if _REPEATED_GROUP.match(plain, i) and re.search(r"[*+|?]|\{[0-9]*,", inside):
                return True
    return False


def _element(
    read: TextDocument
    | BarcodeDocument
    | ImageDocument
    | BoxDocument
    | LineDocument
    | EllipseDocument
    | RawDocument,
    path: str,
    types: Mapping[str, str],
    size: SizeDocument,
) -> model.Element:
    over = {
        "right": read.x + read.width - size.width, "bottom": read.y + read.height - size.height
    }  # fmt: skip
    if (most := max(over.values())) > 0:
        raise TemplateRefused(
            f"{path} ({read.id!r}) ends {read.x + read.width} µm from the left and "
            f"{read.y + read.height} µm from the top, outside the stock of {size.width} × "
            f"{size.height} µm; move it or make it smaller.",
            path=path,
            element=read.id,
            edge=max(over, key=lambda edge: over[edge]),
            over=most,
        )
    when = None
    if read.print_when.strip():
        when = _condition(read.print_when, f"{path}.print_when", types)
    place = {
        "id": read.id,
        "x": Um(read.x),
        "y": Um(read.y),
        "width": Um(read.width),
        "height": Um(read.height),
        "rotation": read.rotation,
        "print_when": when,
        "title": read.title or read.id,
        "group": read.group,
        "locked": read.locked,
    }
    match read:
        case TextDocument():
            if read.min_size > read.size:
                raise TemplateRefused(
                    f"{path}.min_size is {read.min_size}; expected at most size, {read.size}.",
                    path=path,
                )
            return model.TextElement(
                **place,  # type: ignore[arg-type]
                content=_content(read.content, f"{path}.content", types),
                font=read.font,
                size=Um(read.size),
                min_size=Um(read.min_size or read.size),
                wrap=read.wrap,
                max_lines=read.max_lines,
                line_spacing=read.line_spacing,
                align=read.align,
                valign=read.valign,
                reverse=read.reverse,
                collapse=read.collapse,
            )
        case BarcodeDocument():
            if read.symbology not in SYMBOLOGIES:
                near = difflib.get_close_matches(read.symbology, SYMBOLOGIES, 1)
                hint = f"did you mean {near[0]!r}?" if near else "choose one of them."
                raise TemplateRefused(
                    f"{path}.symbology is {read.symbology!r}; expected one of "
                    f"{', '.join(SYMBOLOGIES)}; {hint}",
                    path=path,
                )
            return model.BarcodeElement(
                **place,  # type: ignore[arg-type]
                symbology=read.symbology,
                content=_content(read.content, f"{path}.content", types),
                options=_options(read, path),
                module=None if read.module is None else Um(read.module),
                align=read.align,
                valign=read.valign,
                text=read.text,
                text_size=Um(read.text_size),
                text_font=read.text_font,
            )
        case ImageDocument():
            return model.ImageElement(
                **place,  # type: ignore[arg-type]
                picture=read.picture,
                dither=read.dither,
                threshold=read.threshold,
                align=read.align,
                valign=read.valign,
            )
        case BoxDocument():
            return model.BoxElement(
                **place,  # type: ignore[arg-type]
                thickness=Um(read.thickness),
                filled=read.filled,
                radius=Um(read.radius),
            )
        case LineDocument():
            return model.LineElement(
                **place,  # type: ignore[arg-type]
                thickness=Um(read.thickness),
                direction=read.direction,
            )
        case EllipseDocument():
            return model.EllipseElement(
                **place,  # type: ignore[arg-type]
                thickness=Um(read.thickness),
                filled=read.filled,
            )
        case RawDocument():
            return model.RawElement(
                **place,  # type: ignore[arg-type]
                language=read.language,
                commands=read.commands,
                density=_check_commands(read, path),
            )
        case _:
            assert_never(read)


def _check_commands(read: RawDocument, path: str) -> Density | None:
    """Return the density that commands are written for, after asking whether they may stand there.

    Raises:
        TemplateRefused: they are about more than a field, are turned, or there is no such density.
    """
    if read.rotation:
        raise TemplateRefused(
            f"{path}.rotation is {read.rotation}; expected 0: printer commands turn what they "
            "draw themselves.",
            path=f"{path}.rotation",
        )
    try:
        check_field(read.commands.encode("utf-8", "surrogatepass"))
        return None if read.density is None else parse_density(read.density)
    except (RawRefused, UnitRefused) as refusal:
        key = "commands" if isinstance(refusal, RawRefused) else "density"
        raise TemplateRefused(f"{path}.{key}: {refusal.detail}", path=f"{path}.{key}") from refusal


def _options(read: BarcodeDocument, path: str) -> Options:
    """Return what the document chooses about a symbol, after asking whether the symbology can."""
    symbology = SYMBOLOGIES[read.symbology]
    default = Options()
    chosen = Options(**{option.name: getattr(read, option.name) for option in fields_of(Options)})
    for option in fields_of(Options):
        value = getattr(chosen, option.name)
        if value != getattr(default, option.name) and option.name not in symbology.options:
            has = ", ".join(sorted(symbology.options)) or "none"
            raise TemplateRefused(
                f"{path}.{option.name} is {_shown(value)}, and {symbology.title} has no such "
                f"option; its own: {has}.",
                path=f"{path}.{option.name}",
            )
    limits = (
        ("columns", 1, 4 if read.symbology == "micropdf417" else 30),
        ("row_height", 2 if read.symbology == "micropdf417" else 3, 10),
    )
    for name, least, most in limits:
        value = getattr(chosen, name)
        if value is not None and not least <= value <= most:
            raise TemplateRefused(
                f"{path}.{name} is {value}; expected {least} to {most} for {symbology.title}.",
                path=f"{path}.{name}",
            )
    if read.symbology == "micro-qr" and chosen.error_correction == "H":
        raise TemplateRefused(
            f'{path}.error_correction is "H"; expected L, M or Q for Micro QR code.',
            path=f"{path}.error_correction",
        )
    return chosen


def _content(source: str, path: str, types: Mapping[str, str]) -> Content:
    try:
        content = parse_content(source)
        _known(content.references(), types)
    except ExpressionRefused as error:
        raise ExpressionRefused(f"{path}: {error.detail}", path=path, **error.facts) from error
    return content


def _condition(source: str, path: str, types: Mapping[str, str]) -> Condition:
    try:
        condition = parse_condition(source)
        _known(condition.references(), types)
    except ExpressionRefused as error:
        raise ExpressionRefused(f"{path}: {error.detail}", path=path, **error.facts) from error
    return condition


def _known(references: Iterable[Reference], types: Mapping[str, str]) -> None:
    for reference in references:
        if reference.name in CLOCK:
            continue
        if reference.name not in types:
            near = difflib.get_close_matches(reference.name, (*types, *CLOCK), 1)
            hint = f"did you mean {near[0]!r}?" if near else "add it to the fields."
            raise ExpressionRefused(
                f"{reference.name!r} is no field or counter of this template; {hint}",
                name=reference.name,
            )
        if reference.dated and types[reference.name] != "date":
            raise ExpressionRefused(
                f"{reference.name!r} is used as a date, but its type is "
                f"{types[reference.name]!r}; make it a field of type 'date'.",
                name=reference.name,
            )
