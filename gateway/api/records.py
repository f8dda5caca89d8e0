"""Records of the registry as labels see them: which there are, and what of each fills a label.

    a scan, or what is typed ──exactly, then by its beginning──► up to 20 records
    numbers of rows ──read──► {title, fields}, as ``label_values`` and ``label_fields`` say
    a filter ──select──► the numbers of all that are meant, for checks and batches

Whoever edits a label looks at it with one of them. Where the registry is off or empty there are
examples, and the answer says that they are (``sample``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from gateway.api.access import needs
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.registry.switch import is_on, must_be_on
from gateway.api.registry.wanting import select as select_serials
from gateway.api.showing import Json, answer, listed
from gateway.errors import InputRefused
from gateway.registry.label_values import (
    ABOUTS,
    FILLED,
    About,
    item_values,
    location_values,
    lot_values,
    party_values,
)
from gateway.stations.meaning import find
from gateway.stations.serial_labels import label_fields
from gateway.store.registry import subjects
from gateway.store.registry.item_rows import items_of
from gateway.store.registry.lives import Run
from gateway.store.registry.lot_store import lots_of
from gateway.store.registry.names import item_id
from gateway.store.registry.parties import parties_of
from gateway.store.registry.places import locations_of
from gateway.store.registry.searching import Wanted, find_serials
from gateway.store.registry.serials import serials_by_id

if TYPE_CHECKING:
    from gateway.templates.model import Template

MOST_SHOWN = 20
"""Records offered for what was typed."""

Which = Literal["first", "longest", "empty", "next", "previous"]

_PAGE = 500

_FILTERS: Mapping[About, tuple[str, ...]] = {
    "serial": (),  # those of a list of serials, which knows them
    "item": ("q", "code", "kind", "tracking", "active", "variant_of"),
    "lot": ("q", "item", "serial", "status", "held", "expires_before"),
    "location": ("q", "kind", "parent", "active"),
    "party": ("q", "kind", "active"),
}


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that a label can be about."""

    number: int
    """Of its row; 0 for an example."""
    title: str
    """What people call it."""
    detail: str = ""
    """What else tells it from others."""
    fields: Mapping[str, str] = field(default_factory=dict)
    life: int | None = None
    """Of a serial: whose label it will be."""


class Records:
    """The registry's things, read for labels. Used from any thread."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    @property
    def on(self) -> bool:
        """Whether there is a registry."""
        return is_on(self._parts)

    def run(self) -> Run:
        """Return what reads."""
        return self._parts.database.reader().execute

    # ------------------------------------------------------------ one after the other

    def read(self, about: About, numbers: Sequence[int]) -> list[Record]:
        """Return things by their numbers, in that order; those there are not are left out."""
        parts, run = self._parts, self.run()
        names, features = parts.registry.public_ids, parts.registry.rules().features
        match about:
            case "serial":
                zone = ZoneInfo(parts.zone())
                return [
                    Record(row.id, row.serial, _spoken(row.sku, row.item_name),
                           label_fields(row, names, zone, features), row.id)
                    for row in serials_by_id(run, numbers)
                ]  # fmt: skip
            case "item":
                return [
                    Record(one.id, one.sku, one.name, item_values(one, features))
                    for one in items_of(run, numbers)
                ]
            case "lot":
                lots = lots_of(run, numbers)
                ids = {sku: item_id(run, sku) for sku in dict.fromkeys(one.item for one in lots)}
                items = {one.sku: one for one in items_of(run, list(ids.values()))}
                return [
                    Record(one.id, one.code, _spoken(one.item, items[one.item].name),
                           lot_values(one, items[one.item], names.code("lot", one.id), features))
                    for one in lots
                ]  # fmt: skip
            case "location":
                return [
                    Record(one.id, one.code, one.name, location_values(one, features))
                    for one in locations_of(run, numbers)
                ]
            case "party":
                return [
                    Record(one.id, one.code, one.name, party_values(one, features))
                    for one in parties_of(run, numbers)
                ]

    # ------------------------------------------------------------ by what a person says

    def called(self, about: About, text: str) -> list[int]:
        """Return the numbers of what is called exactly that, or scans as that.

        A code of something else stands for what is in it: an item's for its serials and lots.
        """
        run, parts = self.run(), self._parts
        meaning = find(run, parts.registry.public_ids, parts.stations.read(text, ""))
        found = [one.number for one in meaning.found if one.kind == about]
        if found:
            return found
        if about == "lot" and "\0" not in text:  # PostgreSQL takes none in a text
            lots = subjects.lots_called(run, text.strip(), MOST_SHOWN)
            if lots:
                return lots
        if about == "serial":
            inside = [one for one in meaning.found if one.kind in ("item", "lot", "location")]
            return [
                life
                for one in inside
                for life in subjects.serials_inside(run, one.kind, one.number, MOST_SHOWN)
            ]
        if about == "lot":
            return [
                lot
                for one in meaning.found if one.kind == "item"
                for lot in subjects.lots_of_item(run, one.number, MOST_SHOWN)
            ]  # fmt: skip
        if about == "item":
            return [
                one.item for one in meaning.found if one.kind in ("serial", "lot") and one.item
            ]  # fmt: skip
        return []

    def beginning(self, about: About, text: str, limit: int) -> list[int]:
        """Return the numbers of what begins so, as lists sort it."""
        registry = self._parts.registry
        match about:
            case "serial":
                return find_serials(self.run(), Wanted(prefix=text), None, limit).lives[:limit]
            case "item":
                return [one.id for one in registry.items.page(None, limit, q=text)[:limit]]
            case "lot":
                return subjects.lots_beginning(self.run(), text, limit)
            case "location":
                return [one.id for one in registry.places.page(None, limit, q=text)[:limit]]
            case "party":
                return [one.id for one in registry.parties.page(None, limit, q=text)[:limit]]

    def search(self, about: About, text: str, limit: int = MOST_SHOWN) -> tuple[list[Record], int]:
        """Return what is called so, exactly first, then by its beginning; and how many exactly."""
        found = dict.fromkeys(self.called(about, text)[:limit])
        exact = len(found)
        if len(found) < limit and "\0" not in text:
            found |= dict.fromkeys(self.beginning(about, text.strip(), limit))
        return self.read(about, list(found)[:limit]), exact

    # ------------------------------------------------------------ at the ends

    def first(self, about: About) -> Record | None:
        """Return the oldest there is; None when there is none."""
        number = subjects.first(self.run(), about)
        return None if number is None else self._one(about, number)

    def beside(self, about: About, number: int, *, before: bool) -> Record | None:
        """Return the next one, or the one before."""
        other = subjects.beside(self.run(), about, number, before=before)
        return None if other is None else self._one(about, other)

    def longest(self, about: About, names: Sequence[str]) -> Record | None:
        """Return the record with the most characters in these fields, of those that are measured.

        Measured are the 5,000 oldest and the 5,000 newest, and serials of the items with the
        longest names.
        """
        found = self.read(about, subjects.ends(self.run(), about, longest=True))
        return max(found, key=lambda one: _size(one, names), default=None)

    def emptiest(self, about: About, names: Sequence[str]) -> Record | None:
        """Return the record with the most of these fields empty, of those that are measured."""
        found = self.read(about, subjects.ends(self.run(), about, longest=False))
        return min(
            found,
            key=lambda one: (sum(bool(one.fields.get(name)) for name in names), _size(one, names)),
            default=None,
        )

    def _one(self, about: About, number: int) -> Record | None:
        return next(iter(self.read(about, [number])), None)

    # ------------------------------------------------------------ all that are meant

    def select(self, about: About, query: object, most: int) -> list[int]:
        """Return the numbers of all that a filter finds: that of the noun's list.

        Raises:
            InputRefused: a filter is unknown or its value is none it takes; or too many are found.
            RegistryRefused: there is no registry, or what a filter names does not exist.
        """
        must_be_on(self._parts)
        if not isinstance(query, dict) or not all(isinstance(one, str) for one in query.values()):
            raise InputRefused(
                f"'filter' must be an object of texts, got {say(query)}.", key="filter"
            )
        if about == "serial":
            return select_serials(self._parts, self.run(), query, most)
        refuse_unknown(query, _FILTERS[about], f"A filter of what is {about}")
        found = self._filtered(about, query)
        if len(found) > most:
            raise InputRefused(
                f"That selects {len(found):,}, more than {most:,}; do it in parts.",
                key="filter", most=most,
            )  # fmt: skip
        return found

    def _filtered(self, about: About, query: Mapping[str, str]) -> list[int]:
        registry = self._parts.registry
        given: dict[str, Any] = {
            key: value.lower() in ("1", "true", "yes") if key in ("active", "held") else value
            for key, value in query.items()
        }
        match about:
            case "item":
                return _all(lambda after: registry.items.page(after, _PAGE, **given), _sku)
            case "lot":
                names = registry.public_ids
                return _all(
                    lambda after: registry.lots.page(after, _PAGE, **given),
                    lambda one: names.write("lot", one.id),
                )
            case "location":
                return _all(lambda after: registry.places.page(after, _PAGE, **given), _code)
            case _:
                return _all(lambda after: registry.parties.page(after, _PAGE, **given), _code)


def _sku(one: Any) -> str:
    return str(one.sku)


def _code(one: Any) -> str:
    return str(one.code)


def _all(page: Callable[[str | None], Sequence[Any]], key: Callable[[Any], str]) -> list[int]:
    """Return the numbers of a list, page after page."""
    found: list[int] = []
    after: str | None = None
    while True:
        here = page(after)
        found += [one.id for one in here[:_PAGE]]
        if len(here) <= _PAGE:
            return found
        after = key(here[_PAGE - 1])


def _spoken(sku: str, name: str) -> str:
    return f"{sku} {name}".strip()


def _size(one: Record, names: Sequence[str]) -> int:
    return sum(len(one.fields.get(name, "")) for name in names)


# ---------------------------------------------------------------------- routes


def record_choice_routes(parts: Parts) -> APIRouter:
    """Return the routes by which an editor finds records to look at a label with."""
    router = APIRouter(prefix="/v1/editor", tags=["templates"])
    records = Records(parts)

    @router.get("/fields", dependencies=[needs("read")],
                summary="The fields that the registry fills")  # fmt: skip
    async def list_fields(about: str | None = None) -> Response:
        """Of `serial`, `item`, `lot`, `location`, `party`, or of all: each with its title and an
        example. Custom fields are among them, by their keys. `required`: never empty."""
        nouns = ABOUTS if about is None else (_about(about),)
        return answer(listed([one for noun in nouns for one in _fields(parts, noun)]))

    @router.get("/records", dependencies=[needs("read")],
                summary="Records to look at a label with")  # fmt: skip
    async def list_records(
        about: str | None = None,
        q: Annotated[str, Query(max_length=500, description="What was scanned or typed.")] = "",
        which: Which | None = None,
        of: Annotated[
            int | None,
            Query(ge=0, le=2**53, description="`number` of a record, for its neighbours."),
        ] = None,
        template: Annotated[str | None, Query(max_length=200)] = None,
        names: Annotated[
            str, Query(max_length=4000, description="Fields that count, parted by commas.")
        ] = "",
        limit: Annotated[int, Query(ge=1, le=MOST_SHOWN)] = MOST_SHOWN,
    ) -> Response:
        """`q` is resolved as a station does it: what is called exactly that comes first (`exact`
        says how many those are), then what begins so. `which` is `first`, `longest` or `empty`, or
        `next` and `previous` of the record with the number `of`. Longest is the record with the
        most characters in the fields that the `template` has (or `names`), of the 5,000 oldest, the
        5,000 newest and, for serials, those of the items with the longest names; empty is the one
        with the fewest, and what it still has of fields that may be empty is left out (`emptied`).
        Without `about`, that of the template. Where nothing is known there are examples, with
        `sample`."""
        document = None if template is None else parts.templates.find(template)
        wanted = [one.strip() for one in names.split(",") if one.strip()]
        noun = _about(about) if about else _about_of(document)

        def look() -> Json:
            return _found(parts, records, noun, q, which, of, document, wanted, limit)

        return answer(await parts.away(look))

    return router


def _found(
    parts: Parts, records: Records, about: About | None, q: str, which: Which | None,
    of: int | None, template: Template | None, wanted: Sequence[str], limit: int,
) -> Json:  # fmt: skip
    """Return the records that are asked for, or examples."""
    if template is not None and not wanted:
        wanted = [one.name for one in template.fields]
    found: list[Record] = []
    emptied: list[str] = []
    exact = 0
    if about is not None and records.on:
        filled = [str(one["name"]) for one in _fields(parts, about)]
        counted = [name for name in wanted or filled if name in filled] or filled
        if q.strip():
            found, exact = records.search(about, q, limit)
        elif which in ("next", "previous") and of is not None:
            one = records.beside(about, of, before=which == "previous")
            found = [] if one is None else [one]
        elif which == "longest":
            found = _some(records.longest(about, counted))
        elif which == "empty":
            found, emptied = _emptied(records.emptiest(about, counted), about, template)
        elif (one := records.first(about)) is not None:
            found = [one] if which else records.read(about, _oldest(records, about, limit))
        asked = bool(q.strip()) or which in ("next", "previous")
        if found or asked:
            shown = [_show(one) for one in found]
            told = {"about": about, "sample": False, "exact": exact, "emptied": emptied}
            return listed(shown) | told
    return listed([_example(about, which, template)]) | {
        "about": about, "sample": True, "exact": 0, "emptied": emptied,
    }  # fmt: skip


def _oldest(records: Records, about: About, limit: int) -> list[int]:
    """Return the numbers of the first few, for whoever has not said which."""
    run = records.run()
    found: list[int] = []
    number = subjects.first(run, about)
    while number is not None and len(found) < limit:
        found.append(number)
        number = subjects.beside(run, about, number, before=False)
    return found


def _some(one: Record | None) -> list[Record]:
    return [] if one is None else [one]


def _emptied(
    one: Record | None, about: About, template: Template | None
) -> tuple[list[Record], list[str]]:
    """Return the record without what may be empty, and the names of what was left out."""
    if one is None:
        return [], []
    kept = {named.name for named in FILLED[about] if named.required} | {"barcode"}
    if template is not None:
        kept |= {named.name for named in template.fields if named.required}
    emptied = sorted(name for name, value in one.fields.items() if value and name not in kept)
    fields = {name: "" if name in emptied else value for name, value in one.fields.items()}
    return [Record(one.number, one.title, one.detail, fields, one.life)], emptied


def _example(about: About | None, which: Which | None, template: Template | None) -> Json:
    values = {one.name: one.example for one in FILLED[about]} if about else {}
    if template is not None:
        values |= template.example()
    if which == "empty":
        kept = {one.name for one in FILLED[about] if one.required} if about else set()
        kept |= {one.name for one in template.fields if one.required} if template else set()
        values = {name: value for name, value in values.items() if name in kept}
    if which == "longest" and template is not None:
        values |= {
            one.name: max([*one.choices, values.get(one.name, "")], key=len)
            for one in template.fields if one.choices
        }  # fmt: skip
    return {"number": 0, "title": "Example", "detail": "", "fields": values}


def _show(one: Record) -> Json:
    return {
        "number": one.number, "title": one.title, "detail": one.detail, "fields": dict(one.fields),
    }  # fmt: skip


def _fields(parts: Parts, about: About) -> Iterable[Json]:
    """Return the fields of a noun, those of its own first."""
    shown: list[Json] = [
        {"about": about, "name": one.name, "title": one.title, "example": one.example,
         "required": one.required, "custom": False}
        for one in FILLED[about]
    ]  # fmt: skip
    standing = {one.name for one in FILLED[about]}
    shown += [
        {"about": about, "name": one.key, "title": one.named, "example": _example_of(one),
         "required": False, "custom": True}
        for one in parts.registry.fields.all(about) if one.key not in standing
    ]  # fmt: skip
    return shown


def _example_of(one: Any) -> str:
    if one.choices:
        return str(one.choices[0])
    examples = {"number": "12", "date": "2026-11-22", "yes_no": "yes"}
    return examples.get(one.type) or str(one.named)


def _about(text: str) -> About:
    for one in ABOUTS:
        if one == text:
            return one
    raise InputRefused(f"'about' must be one of {', '.join(ABOUTS)}, got {say(text)}.", key="about")


def _about_of(template: Template | None) -> About | None:
    if template is None:
        return None
    said = json.loads(template.document).get("about") or None
    return None if said is None else _about(said)
