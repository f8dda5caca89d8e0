"""Lists: one value says what a list shows, and it is paged, filtered, sorted, kept and exported.

    Listing ──rows──► a page of the API's list ──cells──► a table on the screen, CSV, XLSX

Filters stand in the address, so a list can be bookmarked and sent to a colleague; a saved view is
an address with a name. Lists that are short (printers, keys) are read whole and sorted here by any
column; long ones are read a page at a time, in the orders that the API has an index for.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from gateway.console.asking import Api, Declined, at
from gateway.console.form import Form
from gateway.console.noting import Note
from gateway.console.words import translate

Row = Mapping[str, Any]

PAGE = 50
"""Rows on a screen, unless ``?limit=`` says otherwise."""

MOST_ROWS = 500
"""Rows on a screen at most: what a handheld still scrolls through."""


Choices = Sequence[tuple[str, str]]
"""(value, title) pairs."""


class Cell(NamedTuple):
    """What stands in one place of a table."""

    text: str
    to: str = ""
    """Where it leads."""
    tone: str = ""
    """``done``, ``look``, ``refused``, ``asked`` or ``quiet``: drawn as a badge."""
    detail: str = ""
    """Smaller, below."""
    kind: str = ""
    """``time``: an RFC 3339 moment, shown in the site's zone; ``word``: translated."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, and what it shows of a row."""

    title: str
    show: Callable[[Row], Cell | str | int | None]
    figure: bool = False
    """Written to the right, as numbers are."""
    sort: Callable[[Row], Any] | None = None
    """By what a short list is sorted here; a long one is sorted by its ``orders``."""
    spare: bool = False
    """Left out of a page where no row has anything in it."""

    def cell(self, row: Row) -> Cell:
        """Return what it shows of a row."""
        shown = self.show(row)
        if isinstance(shown, Cell):
            return shown
        return Cell("" if shown is None else str(shown))


@dataclass(frozen=True, slots=True)
class Filter:
    """A question to a list, as the API takes it in its query."""

    name: str
    """The API's parameter."""
    title: str
    choices: Choices | Callable[[Api], Awaitable[Choices]] = ()
    """(value, title); without any it is a field to type into."""
    kind: str = "text"
    """``text``, ``date``, ``flag`` (a check box that sends 1), ``reason`` (offers the site's), or
    ``item``, ``location``, ``party`` (offers codes while one types)."""
    rare: bool = False
    """Shown only when it is asked for, behind the others."""


@dataclass(frozen=True, slots=True)
class Order:
    """A way to sort that the API has."""

    name: str
    title: str
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Bulk:
    """What can be done to the rows that are ticked."""

    name: str
    title: str
    do: Callable[[Api, Sequence[str], Form], Awaitable[Note]]
    tone: str = ""
    question: str = ""
    """What is asked before it is done; empty for what can be taken back."""
    fields: str = ""
    """A template of ``pages/`` with fields of its own; it is shown beside the button."""
    asks: tuple[Filter, ...] = ()
    """What it needs to know: fields that open with it, called ``<bulk>.<field>`` in its form."""
    scope: str = ""
    """The right of who sees it; empty for everybody who sees the list."""
    shown: Callable[[Mapping[str, str]], bool] | None = None
    """Whether the filters that are set make sense of it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of things."""

    name: str
    """Names it in addresses: ``serials``."""
    title: str
    path: str
    """Its page; ``{}`` stands for the thing whose list it is."""
    api: str
    """What lists them, such as ``/v1/serials``; ``{}`` as in ``path``."""
    key: Callable[[Row], str]
    """What a row is called in a bulk action."""
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    orders: tuple[Order, ...] = ()
    bulk: tuple[Bulk, ...] = ()
    empty: str = "Nothing is here yet."
    """The sentence of an empty list: what to do next."""
    next_act: tuple[tuple[str, str], ...] = ()
    """(title, address) of buttons below that sentence."""
    whole: bool = False
    """It is short: read whole, searched and sorted here."""
    fixed: Mapping[str, str] = field(default_factory=dict)
    """Query that always holds."""
    scope: str = "read"
    further: Callable[[Api], Awaitable[tuple[Filter, ...]]] | None = None
    """Filters that only this site has, such as those for its custom fields."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of a list."""

    listing: Listing
    rows: Sequence[Row]
    next: str
    """What ``?after=`` takes for the next page; empty on the last."""
    of: str = ""
    """The thing whose list it is."""
    asked: Mapping[str, str] = field(default_factory=dict)
    """The filters that are set."""
    views: Sequence[Row] = ()
    choices: Mapping[str, Choices] = field(default_factory=dict)
    sort: str = ""
    backwards: bool = False
    refusal: str = ""
    """Why the API could not read the filters, in a sentence."""

    @property
    def columns(self) -> list[tuple[int, Column]]:
        """The columns of this page with their numbers: those that say something."""
        return [
            (n, column)
            for n, column in enumerate(self.listing.columns)
            if not column.spare or any(column.cell(row).text for row in self.rows)
        ]

    @property
    def filtered(self) -> bool:
        """Whether any filter is set."""
        return any(self.asked.values())

    @property
    def bulk(self) -> list[Bulk]:
        """What can be done to ticked rows here."""
        return [
            one
            for one in self.listing.bulk
            if one.shown is None or one.shown(self.asked)
        ]  # fmt: skip


async def show(
    api: Api, listing: Listing, query: Mapping[str, str], of: str = "", *, views: bool = True
) -> Shown:
    """Return a page of a list as the query of a screen asks for it.

    Raises:
        Declined: the API refused.
    """
    listing = await complete(api, listing)
    asked = {one.name: query.get(one.name, "") for one in listing.filters}
    choices: dict[str, Choices] = {}
    for one in listing.filters:
        choices[one.name] = await one.choices(api) if callable(one.choices) else one.choices
    sort = query.get("sort", "")
    backwards = query.get("dir") == "down"
    refusal = ""
    try:
        rows, after = await read(api, listing, query, of)
    except Declined as declined:
        # What was typed into a filter stays there, to be put right.
        if declined.status not in (404, 422) or not any((*asked.values(), query.get("after"))):
            raise
        rows, after, refusal = [], "", declined.sentence
    for bulk in listing.bulk if rows else ():
        for ask in bulk.asks:
            offered = await ask.choices(api) if callable(ask.choices) else ask.choices
            choices[f"{bulk.name}.{ask.name}"] = offered
    saved: Sequence[Row] = ()
    if views:
        try:
            saved = (await api.get(at("/v1/views/{}", listing.name)))["items"]
        except Declined:  # who may not read them sees none
            saved = ()
    return Shown(listing, rows, after, of, asked, saved, choices, sort, backwards, refusal)


async def complete(api: Api, listing: Listing) -> Listing:
    """Return a list with the filters that only this site has, and what its reader may do."""
    bulk = tuple(one for one in listing.bulk if not one.scope or api.may(one.scope))
    more = () if listing.further is None else await listing.further(api)
    return replace(listing, filters=(*listing.filters, *more), further=None, bulk=bulk)


async def read(
    api: Api, listing: Listing, query: Mapping[str, str], of: str = ""
) -> tuple[list[Row], str]:
    """Return the rows of a page, and what comes after them.

    Raises:
        Declined: the API refused.
    """
    path = at(listing.api, of) if of else listing.api
    wanted = wanted_of(listing, query)
    if listing.whole:
        rows = [row async for row in pages(api, path, wanted)]
        return arranged(listing, rows, query), ""
    asked = query.get("limit", "")
    limit = min(MOST_ROWS, int(asked)) if asked.isascii() and asked.isdigit() and asked else PAGE
    found = await api.get(path, {**wanted, "after": query.get("after", ""), "limit": max(1, limit)})
    return list(found["items"]), str(found.get("next") or "")


def wanted_of(listing: Listing, query: Mapping[str, str]) -> dict[str, object]:
    """Return what the API is asked for, with a screen's query."""
    wanted: dict[str, object] = dict(listing.fixed)
    wanted |= {one.name: query.get(one.name, "") for one in listing.filters}
    named = [one for one in listing.orders if one.name == query.get("sort")]
    for order in (named or listing.orders)[:1]:
        wanted |= order.query
    return wanted


async def pages(api: Api, path: str, query: Mapping[str, object]) -> AsyncIterator[Row]:
    """Yield every row of an API's list.

    Raises:
        Declined: the API refused.
    """
    async for batch in batches(api, path, query):
        for row in batch:
            yield row


async def batches(api: Api, path: str, query: Mapping[str, object]) -> AsyncIterator[Sequence[Row]]:
    """Yield every row of an API's list, as many at once as it gives.

    Raises:
        Declined: the API refused.
    """
    after = ""
    while True:
        found = await api.get(path, {**query, "after": after, "limit": MOST_ROWS})
        yield found["items"]
        after = str(found.get("next") or "")
        if not after:
            return


def arranged(listing: Listing, rows: Sequence[Row], query: Mapping[str, str]) -> list[Row]:
    """Return the rows of a short list that hold what is searched for, sorted by a column."""
    words = query.get("q", "").casefold().split()

    def holds(row: Row) -> bool:
        cells = [column.cell(row) for column in listing.columns]
        text = " ".join(f"{cell.text} {cell.detail}" for cell in cells).casefold()
        return all(word in text for word in words)

    kept = [row for row in rows if holds(row)]
    sort = query.get("sort", "")
    if sort.isascii() and sort.isdigit() and int(sort) < len(listing.columns):
        column = listing.columns[int(sort)]
        by = column.sort or (lambda row: column.cell(row).text.casefold())
        kept.sort(key=by, reverse=query.get("dir") == "down")
    return kept


async def each(
    api: Api, method: str, path: str, ids: Sequence[str], done: str, body: object = None
) -> Note:
    """Call a route for each of several things, and return what came of it.

    Args:
        api: With the rights of whoever asked.
        method: POST, DELETE, …
        path: With ``{}`` for the name of one.
        ids: Their names.
        done: ``%(n)s`` in it becomes how many were done.
        body: Sent each time.
    """
    refused = []
    for one in ids:
        try:
            await api.ask(method, at(path, one), body)
        except Declined as refusal:
            refused.append({"subject": one, "detail": refusal.sentence})
    sentence = translate(done, api.language) % {"n": len(ids) - len(refused)}
    return Note(sentence, "look" if refused else "done", refused)
