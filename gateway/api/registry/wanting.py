"""The query of a list of serials becomes what is wanted of them.

?item=DRILL&state=received,committed&field.grade=A ──wanted──► Wanted
next ──read_place──► where the page before ended
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.errors import InputRefused
from gateway.registry.lives import State
from gateway.registry.refusals import RegistryRefused
from gateway.store.registry.lives import Run
from gateway.store.registry.names import document_id, item_id, lot_id, party_id, place_id
from gateway.store.registry.searching import ON_HAND, Wanted, find_serials

KEYS = (
    "item", "state", "location", "inside", "customer", "supplier", "lot", "document", "parent",
    "held", "label", "received_from", "received_to", "shipped_from", "shipped_to",
    "warranty_before", "serial", "prefix", "q", "show", "locations", "order", "after", "limit",
)  # fmt: skip
FIELD = "field."
"""What a custom field's key stands behind."""

LABELS = ("none", "pending", "sent", "printed", "uncertain")
_STATES = tuple(state.value for state in State)
_YES = {"": True, "1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def read_wanted(
    parts: Parts,
    run: Run,
    query: Mapping[str, str],
    given: Mapping[str, int] | None = None,
    *,
    on_hand: bool = False,
) -> Wanted:
    """Return what a query asks for; ``given`` are filters that the path names.

    ``on_hand``: what is in stock at active places is meant, unless the query says otherwise.

    Raises:
        InputRefused: a filter is unknown, or its value is none that it takes.
        RegistryRefused: what a filter names does not exist.
    """
    filters = {key: value for key, value in query.items() if not key.startswith(FIELD)}
    refuse_unknown(filters, KEYS, "A list of serials")
    for key, value in query.items():
        if "\0" in value:
            raise InputRefused(f"?{key} holds U+0000, which no text here has.", key=key)
    numbers = dict(given or {})
    for key in ("customer", "supplier"):
        if key in filters:
            numbers[key] = party_id(run, filters[key])
    if "item" in filters:
        numbers["item"] = item_id(run, filters["item"])
    if "location" in filters:
        numbers["place"] = place_id(run, filters["location"])
    if "lot" in filters:
        numbers["lot"] = _lot(parts, run, filters["lot"], numbers.get("item"))
    if "document" in filters:
        numbers["document"] = find_document(run, filters["document"])
    if "parent" in filters:
        numbers["parent"] = read_serial_id(parts, filters["parent"])
    held, because = _held(filters.get("held"))
    active = _which_places(run, filters, numbers, on_hand=on_hand)
    zone = ZoneInfo(parts.zone())
    return Wanted(
        item=numbers.get("item"),
        states=_states(filters, on_hand=on_hand),
        place=numbers.get("place"),
        inside=_flag(filters, "inside"),
        customer=numbers.get("customer"),
        supplier=numbers.get("supplier"),
        lot=numbers.get("lot"),
        document=numbers.get("document"),
        parent=numbers.get("parent"),
        held=held,
        held_because=because,
        label=_one_of(filters, "label", ("", *LABELS)),
        received_from=_moment(filters, "received_from", zone),
        received_to=_moment(filters, "received_to", zone, end=True),
        shipped_from=_moment(filters, "shipped_from", zone),
        shipped_to=_moment(filters, "shipped_to", zone, end=True),
        warranty_before=_day(filters, "warranty_before"),
        serial=filters.get("serial", ""),
        prefix=filters.get("prefix", filters.get("q", "")),
        fields=_fields(run, query),
        active_places=active,
        newest=_one_of(filters, "order", ("oldest", "newest")) == "newest",
    )


def _which_places(
    run: Run, filters: Mapping[str, str], numbers: dict[str, int], *, on_hand: bool
) -> bool:
    """Return whether only active places are meant; one that is named is meant whatever it is."""
    asked = filters.get("locations", "")
    if asked in ("", "active", "all"):
        return asked == "active" or (on_hand and not asked)
    if "location" in filters:
        raise InputRefused(
            "?locations= and ?location= both name a place; send one of them.", key="locations"
        )
    numbers["place"] = place_id(run, asked)
    return False


def select(parts: Parts, run: Run, query: object, most: int) -> list[int]:
    """Return the numbers of all lives that a body's ``filter`` finds, in the order of a list.

    Raises:
        InputRefused: it is no object of filters, or finds more than ``most``.
        RegistryRefused: what a filter names does not exist.
    """
    if not isinstance(query, dict) or not all(isinstance(value, str) for value in query.values()):
        raise InputRefused(
            "'filter' must be an object with the filters of GET /v1/serials as texts, got "
            f"{say(query)}.",
            key="filter",
        )
    wanted = read_wanted(parts, run, query)
    lives: list[int] = []
    after: Sequence[object] | None = None
    while True:
        page = find_serials(run, wanted, after, 1000)
        lives += page.lives
        if len(lives) > most:
            raise InputRefused(
                f"That selects more than {most} serials; do it in parts.", key="filter", most=most
            )
        if page.next is None:
            return lives
        after = page.next


def read_serial_id(parts: Parts, text: str) -> int:
    """Return the number of the life that a public id names.

    Raises:
        RegistryRefused: it is none of a serial's.
    """
    read = parts.registry.public_ids.read(text)
    if read is None or read[0] != "serial":
        raise RegistryRefused(
            "serial_unknown",
            f"{text[:80]!r} is no serial's id, which looks like S4K2… or GW-S4K2…; find a serial "
            "by its text with ?serial=.",
            serial=text[:80],
        )
    return read[1]


def find_document(run: Run, text: str) -> int:
    """Return the number of a document that is named as ``sales_order/SO-17`` or ``SO-17``.

    Raises:
        RegistryRefused: there is none, or several of that number.
    """
    kind, slash, number = text.partition("/")
    if slash:
        return document_id(run, kind, number)
    found = list(run("SELECT id, type FROM document WHERE lower(number) = lower(?)", (text,)))
    if not found:
        raise RegistryRefused(
            "document_unknown", f"There is no document {text[:80]!r}.", number=text[:80]
        )
    if len(found) > 1:
        named = ", ".join(f"{one}/{text}" for _, one in found)
        raise RegistryRefused(
            "code_ambiguous", f"{text[:80]!r} is the number of several documents: {named}.",
            candidates=[one for _, one in found],
        )  # fmt: skip
    return int(found[0][0])


def write_place(place: Sequence[object] | None) -> str | None:
    """Return where a page ended as ``?after=`` takes it.

    >>> write_place(["ab", 3, 1]), read_place("WyJhYiIsMywxXQ")
    ('WyJhYiIsMywxXQ', ['ab', 3, 1])
    """
    if place is None:
        return None
    text = json.dumps(list(place), separators=(",", ":"), ensure_ascii=False)
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def read_place(text: str | None) -> list[object] | None:
    """Return where the page before ended.

    Raises:
        InputRefused: it is not what ``next`` said.
    """
    if text is None:
        return None
    try:
        place = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        place = None
    if not isinstance(place, list) or not all(
        isinstance(one, str) or (type(one) is int and abs(one) < 2**63) for one in place
    ):
        raise InputRefused(
            f"?after= must be what `next` of the page before said, got {say(text)}.", key="after"
        )
    return place


def read_limit(query: Mapping[str, str], standard: int = 100, most: int = 500) -> int:
    """Return how many items a page has.

    Raises:
        InputRefused: it is no number, or too large.
    """
    given = query.get("limit", str(standard))
    if given.isascii() and given.isdecimal() and 1 <= int(given[:6]) <= most:
        return int(given)
    raise InputRefused(f"?limit must be 1 to {most}, got {say(given)}.", key="limit")


def _lot(parts: Parts, run: Run, text: str, item: int | None) -> int:
    read = parts.registry.public_ids.read(text)
    if read is not None and read[0] == "lot":
        return read[1]
    if item is None:
        raise InputRefused(
            "A lot's code belongs to an item: send ?item= too, or the lot's id.", key="lot"
        )
    return lot_id(run, item, text)


def _states(filters: Mapping[str, str], *, on_hand: bool) -> tuple[str, ...]:
    named = [one for one in filters.get("state", "").split(",") if one]
    for one in named:
        if one not in _STATES:
            raise InputRefused(
                f"?state takes {', '.join(_STATES)}; got {say(one)}.", key="state"
            )  # fmt: skip
    choices = ("on_hand", "all") if on_hand and not named else ("all", "on_hand")
    show = _one_of(filters, "show", choices)
    if show == "on_hand":
        return tuple(one for one in named or ON_HAND if one in ON_HAND) or ("",)
    return tuple(dict.fromkeys(named))


def _one_of(filters: Mapping[str, str], key: str, choices: Sequence[str]) -> str:
    """Return one of some words; the first when none is given."""
    given = filters.get(key, choices[0])
    if given in choices:
        return given
    named = " or ".join(choice for choice in choices if choice)
    raise InputRefused(f"?{key} must be {named}, got {say(given)}.", key=key)


def _flag(filters: Mapping[str, str], key: str) -> bool:
    given = filters.get(key, "0").lower()
    if given in _YES:
        return _YES[given]
    raise InputRefused(f"?{key} must be 1 or 0, got {say(given)}.", key=key)


def _held(given: str | None) -> tuple[bool | None, str]:
    if given is None:
        return None, ""
    if given.lower() in _YES:
        return _YES[given.lower()], ""
    return None, given


def _moment(
    filters: Mapping[str, str], key: str, zone: ZoneInfo, *, end: bool = False
) -> int | None:
    """Return a moment in microseconds UTC; a day alone is the site's, whole."""
    given = filters.get(key)
    if given is None:
        return None
    try:
        if len(given) == 10:
            day = date.fromisoformat(given) + timedelta(days=int(end))
            moment = datetime.combine(day, time(), zone)
        else:
            moment = datetime.fromisoformat(given)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise InputRefused(
            f"?{key} must be a day such as 2026-11-22 or a moment such as 2026-11-22T08:00:00Z, "
            f"got {say(given)}.",
            key=key,
        )
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _day(filters: Mapping[str, str], key: str) -> str:
    given = filters.get(key)
    if given is None:
        return ""
    try:
        return date.fromisoformat(given).isoformat()
    except ValueError:
        raise InputRefused(
            f"?{key} must be a day such as 2026-11-22, got {say(given)}.", key=key
        ) from None


def _fields(run: Run, query: Mapping[str, str]) -> dict[str, object]:
    """Return the custom fields that are asked for; an index finds only those marked so."""
    wanted = {
        key.removeprefix(FIELD): value for key, value in query.items() if key.startswith(FIELD)
    }  # fmt: skip
    if not wanted:
        return {}
    there = {
        key: (kind, bool(searchable))
        for key, kind, searchable in run(
            "SELECT key, type, searchable FROM field_def WHERE scope = 'serial'", ()
        )
    }
    found: dict[str, object] = {}
    for key, value in wanted.items():
        if key not in there:
            raise InputRefused(
                f"Serials have no custom field {say(key)}; they have {', '.join(sorted(there))}."
                if there
                else f"Serials have no custom field {say(key)}; none is defined.",
                key=f"{FIELD}{key}",
            )
        kind, searchable = there[key]
        if not searchable:
            raise InputRefused(
                f"The custom field {key!r} is not searchable; an administrator can make it so.",
                key=f"{FIELD}{key}",
            )
        found[key] = _YES.get(value.lower(), value) if kind == "yes_no" else value
    return found
