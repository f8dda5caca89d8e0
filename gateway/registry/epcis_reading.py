r"""EPCIS 2.0 of other systems: JSON-LD becomes occurrences, and what cannot is told of.

    bytes ──read_document──► Reading(occurrences, problems by JSON pointer)

Nothing is fetched: of JSON-LD's contexts, those that stand in the document are followed, and the
standard's own is known. What is no field of EPCIS is kept under its full IRI.

>>> reading = read_document(b'''{
...     "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
...     "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-11-22T10:00:00Z",
...     "epcisBody": {"eventList": [
...         {"type": "ObjectEvent", "eventTime": "2026-11-22T10:00:00Z", "action": "OBSERVE",
...          "eventTimeZoneOffset": "+01:00", "bizStep": "shipping",
...          "epcList": ["urn:epc:id:sgtin:0614141.112345.400"]},
...         {"type": "ObjectEvent", "eventTime": "yesterday", "action": "OBSERVE",
...          "eventTimeZoneOffset": "+01:00", "epcList": []}]}}''')
>>> reading.occurrences[0].things[0].serial
'400'
>>> reading.problems[0].pointer
'/epcisBody/eventList/1/eventTime'
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NoReturn, NotRequired, TypedDict, TypeVar, cast
from uuid import uuid5

from gateway.errors import CodeRefused, InputRefused, Unreadable
from gateway.registry.epc_uris import URI, Said, understood, unescaped
from gateway.registry.epcis import (
    CARRIED,
    CBV,
    DESCRIBED,
    EPOCH,
    LISTS,
    MOST,
    NAMESPACE,
    PREFIX,
    UNIT,
    VOCABULARY,
    WORDS,
    Amount,
    Change,
    Erratum,
    Kind,
    Occurrence,
    Paper,
    Party,
    Place,
    Thing,
    encode,
    words,
)

_KNOWN_PREFIXES: Final[Mapping[str, str]] = {
    "epcis": "https://ref.gs1.org/epcis/",
    "cbv": "https://ref.gs1.org/cbv/",
    "cbvmda": "urn:epcglobal:cbv:mda:",
    "gs1": "https://gs1.org/voc/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms": "http://purl.org/dc/terms/",
}
"""What the context of the standard defines (epcis-context.jsonld)."""

_TIME: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)
_ZONE: Final = re.compile(r"([+-])(?:(0\d|1[0-3]):([0-5]\d)|(14):(00))", re.ASCII)
_DEEPEST: Final = 32
"""Levels of an extension of another system: more than anybody writes."""
MOST_TOLD: Final = 500
"""Characters of a problem."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an event was left out: where in the document (RFC 6901), and what is wrong there."""

    pointer: str
    detail: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document holds, in its order."""

    occurrences: tuple[Occurrence, ...]
    problems: tuple[Problem, ...] = ()


def read_document(content: bytes, name: str = "The document") -> Reading:
    """Return the events of an EPCIS 2.0 document, of the answer to a query, or of one bare event.

    An event with a fault is left out and told of; the others are read. An event without an eventID
    gets one made of its content, so that the same document read twice holds the same events.

    Raises:
        Unreadable: it is not JSON.
        InputRefused: it is JSON and no EPCIS 2.0.
    """
    document = _json(content, name)
    if not isinstance(document, dict) or not isinstance(document.get("type"), str):
        raise InputRefused(
            f'{name} is no EPCIS document: expected a JSON object with "type": "EPCISDocument".'
        )
    kind = document["type"]
    where: tuple[str, ...]
    match kind:
        case "EPCISDocument":
            where = ("epcisBody", "eventList")
        case "EPCISQueryDocument":
            where = ("epcisBody", "queryResults", "resultsBody", "eventList")
        case _ if kind in _KINDS:
            where = ()
        case _:
            raise InputRefused(
                f"{name} is of type {kind[:80]!r}; expected 'EPCISDocument', 'EPCISQueryDocument' "
                "or an event.",
                type=kind[:80],
            )
    version = document.get("schemaVersion", "2.0")
    if not isinstance(version, str) or not version.startswith("2."):
        raise InputRefused(
            f"{name} is of EPCIS version {str(version)[:20]!r}; only 2.0 is read. Let the other "
            "system export EPCIS 2.0 as JSON-LD.",
            version=str(version)[:20],
        )
    terms: dict[str, str] = dict(_KNOWN_PREFIXES)
    _learn(terms, document.get("@context"))
    found: object = document
    for step in where:
        found = found.get(step) if isinstance(found, dict) else None
    events = [document] if not where else found
    if not isinstance(events, list):
        raise InputRefused(f"{name} has no list at /{'/'.join(where)}.")
    occurrences, problems = [], []
    for at, event in enumerate(events):
        reader = _Reader("".join(f"/{step}" for step in (*where, at)) if where else "", terms)
        occurrence = reader.read(event)
        if occurrence is not None:
            occurrences.append(occurrence)
        problems += reader.problems
    return Reading(tuple(occurrences), tuple(problems))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:40]} is too large")
    return number


def _json(content: bytes, name: str) -> object:
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise Unreadable(
            f"{name} is XML; let the other system export EPCIS 2.0 as JSON-LD, or convert it."
        )
    try:
        value: object = json.loads(
            content.decode("utf-8-sig"), parse_constant=_no_constant, parse_float=_finite
        )
        if b"\\u" in content:  # only an escape can write half of a surrogate pair
            encode(value).encode()
    except UnicodeError:
        raise Unreadable(f"{name} is not UTF-8.") from None
    except RecursionError:
        raise Unreadable(f"{name} is nested too deeply.") from None
    except ValueError as error:
        raise Unreadable(f"{name} is not JSON: {error}.") from None
    return value


def _learn(terms: dict[str, str], context: object) -> None:
    """Add what a JSON-LD context defines; only what stands in the document, nothing is fetched."""
    for part in context if isinstance(context, list) else [context]:
        if isinstance(part, dict):
            for term, meaning in part.items():
                iri = meaning.get("@id") if isinstance(meaning, dict) else meaning
                if isinstance(iri, str) and isinstance(term, str):
                    terms[term] = _expanded(iri, terms)


def _expanded(key: str, terms: Mapping[str, str]) -> str:
    """Return the full IRI of a term, or the key itself when it is none."""
    if key in terms:
        return terms[key]
    prefix, colon, rest = key.partition(":")
    if colon and prefix in terms and not rest.startswith("//"):
        return terms[prefix] + rest
    return key


_KINDS: Final[Mapping[str, Kind]] = {
    "ObjectEvent": "object",
    "AggregationEvent": "aggregation",
    "AssociationEvent": "association",
    "TransformationEvent": "transformation",
    "TransactionEvent": "transaction",
}


_FIELDS: Final = CARRIED | words(
    "type eventID eventTime eventTimeZoneOffset recordTime errorDeclaration action bizStep "
    "disposition epcList quantityList childEPCs childQuantityList parentID inputEPCList "
    "inputQuantityList outputEPCList outputQuantityList transformationID readPoint bizLocation "
    "bizTransactionList sourceList destinationList"
)
"""EPCIS 2.0, 7.4: the fields of its events."""

_VOCABULARY_VALUES: Final = frozenset(("type", "component", "exception"))
"""Fields of sensor reports whose values may be terms of a prefix (epcis-context.jsonld)."""

_OF_DOCUMENTS: Final = frozenset(("id", "schemaVersion", "creationDate"))
"""What may stand beside the fields of an event that comes alone."""

_Object = dict[str, object]


class _Fields(TypedDict):
    """The fields of an occurrence that are read one by one."""

    step: str | None
    disposition: str | None
    things: tuple[Thing, ...]
    amounts: tuple[Amount, ...]
    inputs: tuple[Thing, ...]
    input_amounts: tuple[Amount, ...]
    parent: Thing | None
    process: str | None
    read_point: Place | None
    place: Place | None
    papers: tuple[Paper, ...]
    sources: tuple[Party, ...]
    destinations: tuple[Party, ...]
    erratum: Erratum | None
    action: str | None
    reason: str | None
    actor: str | None
    attrs: dict[str, str | int | float | bool | None]
    recorded_at: NotRequired[int | None]
    extra: NotRequired[dict[str, object]]


V = TypeVar("V", Thing, Amount, Place, Party, Paper)


class _Reader:
    """Reads one event; keeps the problems it met."""

    def __init__(self, pointer: str, terms: Mapping[str, str]) -> None:
        self._pointer = pointer
        self._terms = dict(terms)
        self._left: dict[str, object] = {}
        self._written: dict[str, str] = {}
        self._described: dict[str, Said] = {}
        self.problems: list[Problem] = []

    def read(self, event: object) -> Occurrence | None:
        """Return the event, or None when a problem stands in its way."""
        if not isinstance(event, dict):
            self._say("", "an event is a JSON object")
            return None
        _learn(self._terms, event.get("@context"))
        for key, value in event.items():
            if key in _FIELDS:
                self._left[key] = value
            elif key != "@context" and (self._pointer or key not in _OF_DOCUMENTS):
                iri = _expanded(key, self._terms)
                if ":" in key and URI.fullmatch(iri):
                    self._left[iri] = value
                    self._written[iri] = key
                else:
                    self._say(
                        f"/{_escape(key)}",
                        f"{key[:80]!r} is no field of EPCIS 2.0, and no prefix of the document "
                        "makes it an extension",
                    )
        kind = _KINDS.get(str(self._left.pop("type", None)))
        if kind is None:
            self._say("/type", f"expected one of {', '.join(_KINDS)}")
            return None
        try:
            return self._read(kind, event)
        except InputRefused as refusal:
            self._say("", refusal.detail)
            return None

    def _read(self, kind: Kind, event: Mapping[str, object]) -> Occurrence | None:
        self._describe()
        things, amounts = LISTS.get(kind, ("epcList", "quantityList"))
        change = self._left.pop("action", None)
        if kind != "transformation" and change not in ("ADD", "OBSERVE", "DELETE"):
            self._say("/action", "expected ADD, OBSERVE or DELETE")
        at = self._time(self._left.pop("eventTime", None), "/eventTime")
        zone = self._zone()
        uid = self._uri("eventID")
        parent = self._uri("parentID")
        read = _Fields(
            step=self._word("bizStep", self._left.pop("bizStep", None), "/bizStep"),
            disposition=self._word(
                "disposition", self._left.pop("disposition", None), "/disposition"
            ),
            things=self._things(things),
            amounts=self._amounts(amounts),
            inputs=self._things("inputEPCList"),
            input_amounts=self._amounts("inputQuantityList"),
            parent=None if parent is None else self._known(Thing(parent), "/parentID"),
            process=self._uri("transformationID"),
            read_point=self._place("readPoint"),
            place=self._place("bizLocation"),
            papers=self._papers(),
            sources=self._parties("source"),
            destinations=self._parties("destination"),
            erratum=self._erratum(),
            action=self._own("action"),
            reason=self._own("reason"),
            actor=self._own("actor"),
            attrs=self._attributes(),
        )
        if "recordTime" in self._left:
            read["recorded_at"] = self._time(self._left.pop("recordTime"), "/recordTime")
        read["extra"] = extra = {
            key: self._kept(value, f"/{_escape(self._written.get(key, key))}")
            for key, value in self._left.items()
            if key in CARRIED or key in self._written
        }
        self._check_carried(extra)
        for key in self._left.keys() - extra.keys():
            self._say(f"/{key}", f"an event of kind {kind} has no such field")
        lot = _lot_of(extra.get("ilmd"))
        if lot is not None:
            read["things"] = tuple(_in_lot(thing, lot) for thing in read["things"])
            read["amounts"] = tuple(_in_lot(amount, lot) for amount in read["amounts"])
        if self.problems or at is None:
            return None
        return Occurrence(
            uid=uid if uid is not None else _uid_of(event),
            at=at,
            zone=zone,
            kind=kind,
            change=cast("Change | None", change),
            **read,
        )

    def _say(self, pointer: str, detail: str) -> None:
        # A detail repeats what was sent, and that may be as long as somebody likes.
        short = detail if len(detail) <= MOST_TOLD else detail[:MOST_TOLD] + "…"
        self.problems.append(Problem(self._pointer + pointer, short))

    def _check_carried(self, extra: Mapping[str, object]) -> None:
        """Check the outer shape of what is only passed on."""
        master = extra.get("ilmd", {})
        if not isinstance(master, dict) or not all(map(URI.fullmatch, master)):
            self._say("/ilmd", "expected an object of extensions")
        if not isinstance(extra.get("persistentDisposition", {}), dict):
            self._say("/persistentDisposition", "expected an object")
        if not isinstance(extra.get("sensorElementList", []), list):
            self._say("/sensorElementList", "expected a list")
        said = extra.get("certificationInfo", [])
        for one in said if isinstance(said, list) else [said]:
            self._as_uri(one, "/certificationInfo")

    # ------------------------------------------------------------------------ single fields

    def _time(self, value: object, pointer: str) -> int | None:
        match = _TIME.fullmatch(value) if isinstance(value, str) else None
        if match is not None:
            day, clock, part, zone = match.groups()
            try:
                moment = datetime.fromisoformat(f"{day}T{clock}{part or ''}{zone.upper()}")
            except ValueError:  # a 31st of February, a leap second
                match = None
            else:
                return (moment - EPOCH) // timedelta(microseconds=1)
        self._say(
            pointer, "expected a time with its zone such as '2026-11-22T10:21:08.000Z', got "
            f"{_shown(value)}",
        )  # fmt: skip
        return None

    def _zone(self) -> int:
        value = self._left.pop("eventTimeZoneOffset", None)
        match = _ZONE.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            self._say("/eventTimeZoneOffset", f"expected such as '+01:00', got {_shown(value)}")
            return 0
        minutes = int(match[2] or match[4]) * 60 + int(match[3] or match[5])
        return -minutes if match[1] == "-" else minutes

    def _uri(self, key: str) -> str | None:
        value = self._left.pop(key, None)
        return None if value is None else self._as_uri(value, f"/{key}")

    def _as_uri(self, value: object, pointer: str) -> str | None:
        if isinstance(value, str) and URI.fullmatch(value):
            return value
        self._say(pointer, f"expected a URI, got {_shown(value)}")
        return None

    def _word(self, what: str, value: object, pointer: str) -> str | None:
        """Return a word of CBV as it is, and any other vocabulary's as its full IRI."""
        if value is None:
            return None
        words, heads = WORDS[what]
        if isinstance(value, str):
            if value in words:
                return value
            start = next((cbv for cbv in CBV if value.startswith(cbv)), None)
            if start is not None:
                rest = value[len(start) :]
                word = next((rest[len(head) :] for head in heads if rest.startswith(head)), "")
                if word in words:
                    return word
            elif ":" in value and URI.fullmatch(iri := _expanded(value, self._terms)):
                return iri
        self._say(pointer, f"{_shown(value)} is no word of CBV 2.0 and no URI")
        return None

    def _own(self, name: str) -> str | None:
        value = self._left.pop(VOCABULARY + name, None)
        if value is None or isinstance(value, str):
            return value
        self._say(f"/{PREFIX}:{name}", f"expected a text, got {_shown(value)}")
        return None

    # ------------------------------------------------------------------------ lists

    def _list(self, key: str) -> Iterator[tuple[object, str]]:
        value = self._left.pop(key, [])
        if not isinstance(value, list):
            self._say(f"/{key}", f"expected a list, got {_shown(value)}")
            return
        for at, one in enumerate(value):
            yield one, f"/{key}/{at}"

    def _objects(self, key: str, allowed: tuple[str, ...]) -> Iterator[tuple[_Object, str]]:
        for one, pointer in self._list(key):
            if not isinstance(one, dict):
                self._say(pointer, f"expected an object, got {_shown(one)}")
                continue
            for unknown in one.keys() - set(allowed):
                self._say(f"{pointer}/{_escape(unknown)}", "EPCIS 2.0 has no such field here")
            yield one, pointer

    def _known(self, value: V, pointer: str) -> V:
        try:
            return _named(value, self._described)
        except CodeRefused as refusal:
            self._say(pointer, refusal.detail)
            return value

    def _things(self, key: str) -> tuple[Thing, ...]:
        things: dict[str, Thing] = {}
        for one, pointer in self._list(key):
            uri = self._as_uri(one, pointer)
            if uri is None:
                continue
            if uri in things:
                self._say(pointer, f"{uri!r} stands twice in the list")
            things[uri] = self._known(Thing(uri), pointer)
        return tuple(things.values())

    def _amounts(self, key: str) -> tuple[Amount, ...]:
        amounts = []
        for one, pointer in self._objects(key, ("epcClass", "quantity", "uom")):
            uri = self._as_uri(one.get("epcClass"), f"{pointer}/epcClass")
            quantity, unit = one.get("quantity"), one.get("uom")
            if quantity is not None and (
                isinstance(quantity, bool)
                or not isinstance(quantity, int | float)
                or not 0 <= quantity < MOST
            ):
                self._say(f"{pointer}/quantity", f"expected a number, got {_shown(quantity)}")
                continue
            if unit is not None and not (isinstance(unit, str) and UNIT.fullmatch(unit)):
                self._say(f"{pointer}/uom", f"expected such as 'KGM', got {_shown(unit)}")
                continue
            if isinstance(quantity, float) and quantity.is_integer():
                quantity = int(quantity)
            if uri is not None:
                amounts.append(self._known(Amount(uri, quantity, unit), f"{pointer}/epcClass"))
        return tuple(amounts)

    def _place(self, key: str) -> Place | None:
        value = self._left.pop(key, None)
        if value is None:
            return None
        if not isinstance(value, dict):
            self._say(f"/{key}", f"expected an object with an id, got {_shown(value)}")
            return None
        uri = self._as_uri(value.get("id"), f"/{key}/id")
        extra = self._kept({k: v for k, v in value.items() if k != "id"}, f"/{key}")
        if uri is None or not isinstance(extra, dict):
            return None
        code = extra.pop(f"{VOCABULARY}code", None)
        if code is not None and not isinstance(code, str):
            self._say(f"/{key}/{PREFIX}:code", f"expected a text, got {_shown(code)}")
            return None
        return self._known(Place(uri, code=code, extra=extra), f"/{key}/id")

    def _papers(self) -> tuple[Paper, ...]:
        papers = []
        for one, pointer in self._objects("bizTransactionList", ("type", "bizTransaction")):
            uri = self._as_uri(one.get("bizTransaction"), f"{pointer}/bizTransaction")
            kind = self._word("bizTransaction", one.get("type"), f"{pointer}/type")
            if uri is not None:
                papers.append(self._known(Paper(uri, kind), f"{pointer}/bizTransaction"))
        return tuple(papers)

    def _parties(self, key: str) -> tuple[Party, ...]:
        parties = []
        for one, pointer in self._objects(f"{key}List", ("type", key)):
            uri = self._as_uri(one.get(key), f"{pointer}/{key}")
            role = self._word("sourceOrDestination", one.get("type"), f"{pointer}/type")
            if "type" not in one:
                self._say(f"{pointer}/type", "it is missing")
            if uri is not None and role is not None:
                parties.append(self._known(Party(uri, role), f"{pointer}/{key}"))
        return tuple(parties)

    def _erratum(self) -> Erratum | None:
        value = self._left.pop("errorDeclaration", None)
        if value is None:
            return None
        where = "/errorDeclaration"
        if not isinstance(value, dict):
            self._say(where, f"expected an object, got {_shown(value)}")
            return None
        at = self._time(value.get("declarationTime"), f"{where}/declarationTime")
        reason = self._word("reason", value.get("reason"), f"{where}/reason")
        right = value.get("correctiveEventIDs", [])
        if not isinstance(right, list):
            self._say(f"{where}/correctiveEventIDs", f"expected a list, got {_shown(right)}")
            right = []
        corrective = [
            uri
            for n, one in enumerate(right)
            if (uri := self._as_uri(one, f"{where}/correctiveEventIDs/{n}")) is not None
        ]
        known = ("declarationTime", "reason", "correctiveEventIDs")
        extra = self._kept({k: v for k, v in value.items() if k not in known}, where)
        if at is None or not isinstance(extra, dict):
            return None
        by = extra.pop(f"{VOCABULARY}by", None)
        if by is not None and not isinstance(by, str):
            self._say(f"{where}/{PREFIX}:by", f"expected a text, got {_shown(by)}")
            by = None
        return Erratum(at, reason, tuple(corrective), by, extra)

    # ------------------------------------------------------------------------ extensions

    def _describe(self) -> None:
        """Learn what the document says of its URIs in our words."""
        key = f"{VOCABULARY}describes"
        pointer = f"/{_escape(self._written.get(key, ''))}"
        for at, (one, _) in enumerate(self._list(key)):
            uri = one.get("id") if isinstance(one, dict) else None
            if not isinstance(one, dict) or not isinstance(uri, str):
                self._say(f"{pointer}/{at}", "expected an object with an id")
                continue
            said = self._described.setdefault(uri, {})
            for name, text in one.items():
                iri = _expanded(name, self._terms)
                if iri.startswith(VOCABULARY):
                    if isinstance(text, str):
                        said[iri[len(VOCABULARY) :]] = text
                    else:
                        self._say(f"{pointer}/{at}/{_escape(name)}", "expected a text")

    def _attributes(self) -> dict[str, str | int | float | bool | None]:
        key = f"{VOCABULARY}attributes"
        pointer = f"/{_escape(self._written.get(key, ''))}"
        value = self._left.pop(key, {})
        attrs: dict[str, str | int | float | bool | None] = {}
        if not isinstance(value, dict):
            self._say(pointer, f"expected an object, got {_shown(value)}")
            return attrs
        for name, one in value.items():
            iri = _expanded(name, self._terms)
            if not iri.startswith(VOCABULARY) or isinstance(one, dict | list):
                self._say(f"{pointer}/{_escape(name)}", f"expected a value, got {_shown(one)}")
                continue
            attrs[unescaped(iri[len(VOCABULARY) :])] = one
        return attrs

    def _kept(self, value: object, pointer: str, depth: int = 0) -> object:
        """Return an extension of another system with its prefixes written out."""
        if depth > _DEEPEST:
            self._say(pointer, f"it is nested more than {_DEEPEST} levels deep")
            return None
        if isinstance(value, dict):
            return {
                _expanded(key, self._terms): _expanded(one, self._terms)
                if key in _VOCABULARY_VALUES and isinstance(one, str)
                else self._kept(one, f"{pointer}/{_escape(key)}", depth + 1)
                for key, one in value.items()
            }
        if isinstance(value, list):
            return [self._kept(one, f"{pointer}/{at}", depth + 1) for at, one in enumerate(value)]
        return value


def _named(value: V, described: Mapping[str, Said]) -> V:
    """Return a value with what its URI says, and what the document says of the URI."""
    fields = DESCRIBED[type(value)]
    said = described.get(value.uri, {}) | understood(value.uri)
    known = {name: said[name] for name in fields if name in said}
    return replace(value, **known) if known else value  # type: ignore[arg-type]


def _uid_of(event: Mapping[str, object]) -> str:
    content = json.dumps(event, sort_keys=True, separators=(",", ":"))
    return f"urn:uuid:{uuid5(NAMESPACE, content)}"


def _lot_of(ilmd: object) -> str | None:
    """Return the lot that master data of new things names (CBV 2.0, 9.2: ``lotNumber``)."""
    lot = ilmd.get("urn:epcglobal:cbv:mda:lotNumber") if isinstance(ilmd, dict) else None
    return lot if isinstance(lot, str) and lot else None


L = TypeVar("L", Thing, Amount)


def _in_lot(value: L, lot: str) -> L:
    return value if value.lot is not None else replace(value, lot=lot)


def _escape(name: str) -> str:
    """Return a name as a JSON pointer writes it (RFC 6901, 3)."""
    return name.replace("~", "~0").replace("/", "~1")


def _shown(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            text = repr(value)
            return text if len(text) <= 80 else f"{text[:79]}…"
        case list():
            return "a list"
        case _:
            return "an object"
