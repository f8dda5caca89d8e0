r"""GS1 EPCIS 2.0: what happened to which things where and why, to other systems and from them.

    Occurrence, … ──export──► an EPCISDocument as JSON-LD, a piece at a time
    JSON-LD of anybody ──epcis_reading.read_document──► Occurrence, …, and what could not be read

An ``Occurrence`` is one EPCIS event as a value. Things are named as the standard wants it, by a GS1
Digital Link URI, where their item has a GTIN; others by a UUID made of our own name for them, and
then an extension of ours says serial and item in the same event. Costs and prices never leave.

>>> names = Names(b"secret of a database")
>>> names.serial("S8R9S27W2H7", "A/1", "HT-9000", gtin="09501101530003").uri
'https://id.gs1.org/01/09501101530003/21/A%2F1'
>>> names.serial("S8R9S27W2H7", "A/1", "HT-9000").uri
'urn:uuid:3932cc8c-438f-52f9-a893-945256100d61'
>>> shape = shape_of("ship")
>>> shipped = Occurrence(
...     event_uri("5b1d6e5e-4a5c-4a43-9d6e-0d2c0c3f7a11"), at=1_795_342_868_000_000, zone=60,
...     kind=shape.kind, change=shape.change, step=shape.step, disposition=shape.disposition,
...     things=(names.serial("S8R9S27W2H7", "A/1", "HT-9000"),), action="ship")
>>> from gateway.registry.epcis_reading import read_document
>>> read_document(b"".join(export([shipped], at=1_795_342_868_000_000))).occurrences == (shipped,)
True
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2s
from typing import Final, Literal
from urllib.parse import quote
from uuid import UUID, uuid5

from gateway.codes.gs1 import escape, parse
from gateway.errors import CodeRefused, InputRefused
from gateway.registry.epc_uris import URI, lot_uri, serial_uri, understood
from gateway.registry.lifecycle import TABLE
from gateway.registry.lives import Action

Kind = Literal["object", "aggregation", "association", "transformation", "transaction"]
"""EPCIS 2.0, 7.4: what an event says of its things."""

Change = Literal["ADD", "OBSERVE", "DELETE"]
"""EPCIS 2.0, 7.3.2: the things, or what ties them, begin, are seen, or end."""

CONTEXT: Final = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"

NAMESPACE: Final = UUID("c86c0c5b-1509-542a-89b5-a17a17a767cf")
"""``uuid5(NAMESPACE_URL, "label-gateway:epcis")``: of our UUIDs and of our vocabulary."""

VOCABULARY: Final = f"urn:uuid:{NAMESPACE}#"
"""Our terms, as IRIs that nobody else can mean: a UUID with a fragment (RFC 8141, 2.3.3)."""

PREFIX: Final = "lg"


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


BIZ_STEPS: Final = words(
    "accepting arriving assembling collecting commissioning consigning creating_class_instance "
    "cycle_counting decommissioning departing destroying disassembling dispensing encoding "
    "entering_exiting holding inspecting installing killing loading other packing picking "
    "receiving removing repackaging repairing replacing reserving retail_selling sampling "
    "sensor_reporting shipping staging_outbound stock_taking stocking storing transporting "
    "unloading unpacking void_shipping"
)
"""CBV 2.0, 7.1."""

DISPOSITIONS: Final = words(
    "active available completeness_inferred completeness_verified conformant container_closed "
    "container_open damaged destroyed dispensed disposed encoded expired in_progress in_transit "
    "inactive mismatch_class mismatch_instance mismatch_quantity needs_replacement "
    "no_pedigree_match non_conformant non_sellable_other partially_dispensed recalled reserved "
    "retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable "
    "unknown"
)
"""CBV 2.0, 7.2."""

PAPERS: Final = words(
    "bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt"
)
"""CBV 2.0, 7.3: types of business transactions."""

ROLES: Final = frozenset(("owning_party", "possessing_party", "location"))
"""CBV 2.0, 7.4: what a source or destination is."""

REASONS: Final = frozenset(("did_not_occur", "incorrect_data"))
"""CBV 2.0, 7.5: why an event is declared to be wrong."""

OUR_PAPERS: Final[Mapping[str, str]] = {
    "purchase_order": "po", "sales_order": "po", "receipt": "recadv", "shipment": "desadv",
    "invoice": "inv", "customer_return": "rma", "supplier_return": "rma",
    "work_order": "prodorder",
}  # fmt: skip
"""Our documents in CBV's words; the others are of types of our own vocabulary."""

LOSSES: Final = frozenset(("damaged", "destroyed", "disposed", "expired", "stolen", "unknown"))
"""Reasons of a write-off that are dispositions of CBV 2.0, 7.2."""

WORDS: Final = {
    "bizStep": (BIZ_STEPS, ("BizStep-", "bizstep:")),
    "disposition": (DISPOSITIONS, ("Disp-", "disp:")),
    "bizTransaction": (PAPERS, ("BTT-", "btt:")),
    "sourceOrDestination": (ROLES, ("SDT-", "sdt:")),
    "reason": (REASONS, ("ER-", "er:")),
}
CBV: Final = ("cbv:", "https://ref.gs1.org/cbv/", "https://ns.gs1.org/cbv/", "urn:epcglobal:cbv:")

CARRIED: Final = frozenset(
    ("certificationInfo", "persistentDisposition", "sensorElementList", "ilmd")
)
"""Fields of EPCIS that the registry has no use for, and keeps."""

UNIT: Final = re.compile("[A-Z0-9]{2,3}")
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = int((datetime(9999, 12, 31, tzinfo=UTC) - EPOCH).total_seconds()) * 1_000_000
_EARLIEST: Final = int((datetime(2, 1, 1, tzinfo=UTC) - EPOCH).total_seconds()) * 1_000_000
LISTS: Final[Mapping[Kind, tuple[str, str]]] = {
    "transformation": ("outputEPCList", "outputQuantityList"),
    "aggregation": ("childEPCs", "childQuantityList"),
    "association": ("childEPCs", "childQuantityList"),
}
"""Where things and amounts stand, when not in ``epcList`` and ``quantityList``."""

MOST: Final = 10**15
"""A number in JSON is exact for every reader up to 2**53; fifteen digits are below that."""

# -------------------------------------------------------------------------------- the values


@dataclass(frozen=True, slots=True)
class Thing:
    """One piece, or a package, by its EPC; the rest is what is known of it."""

    uri: str
    gtin: str | None = None
    serial: str | None = None
    item: str | None = None
    """SKU."""
    life: str | None = None
    """Our public id of the life."""
    lot: str | None = None
    sscc: str | None = None


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity of a lot or of an item; without ``unit`` it counts pieces."""

    uri: str
    quantity: int | float | None = None
    unit: str | None = None
    """UN/CEFACT Recommendation 20 code, such as ``KGM``."""
    gtin: str | None = None
    lot: str | None = None
    item: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A read point or a location."""

    uri: str
    gln: str | None = None
    extension: str | None = None
    """GLN extension component, AI (254)."""
    code: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Party:
    """A source or destination; ``role`` is a word of ``ROLES`` or a URI."""

    uri: str
    role: str
    gln: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A business transaction; ``type`` is a word of ``PAPERS`` or a URI."""

    uri: str
    type: str | None = None
    number: str | None = None
    external: str | None = None


@dataclass(frozen=True, slots=True)
class Erratum:
    """What is said of an event never held; ``at`` in µs UTC, ``reason`` of ``REASONS`` or a URI."""

    at: int
    reason: str | None = "did_not_occur"
    corrective: tuple[str, ...] = ()
    """Events that say it right."""
    by: str | None = None
    """Our event that took it back."""
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One EPCIS event. A value that exists can be written.

    Raises:
        InputRefused: a field is not what EPCIS 2.0 lets it be.
    """

    uid: str
    """A URI: the event's eventID."""
    at: int
    """µs UTC."""
    kind: Kind
    zone: int = 0
    """Minutes east of UTC where it happened."""
    change: Change | None = None
    step: str | None = None
    disposition: str | None = None
    things: tuple[Thing, ...] = ()
    """What it is about: objects, children, or the outputs of a transformation."""
    amounts: tuple[Amount, ...] = ()
    inputs: tuple[Thing, ...] = ()
    input_amounts: tuple[Amount, ...] = ()
    parent: Thing | None = None
    process: str | None = None
    """A URI that ties the inputs of a transformation to outputs in another event."""
    read_point: Place | None = None
    place: Place | None = None
    papers: tuple[Paper, ...] = ()
    sources: tuple[Party, ...] = ()
    destinations: tuple[Party, ...] = ()
    recorded_at: int | None = None
    erratum: Erratum | None = None
    action: str | None = None
    """Our lifecycle's action, when it is one of ours."""
    reason: str | None = None
    actor: str | None = None
    attrs: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    """Custom fields."""
    extra: Mapping[str, object] = field(default_factory=dict)
    """What another system said beside: extensions under their full IRIs, and ``ilmd`` and such."""

    def __post_init__(self) -> None:
        problem = next(_faults(self), None)
        if problem is not None:
            raise InputRefused(f"The EPCIS event {self.uid!r} {problem}.", uid=self.uid)


@dataclass(frozen=True, slots=True)
class Shape:
    """How EPCIS says one of our actions."""

    kind: Kind
    change: Change | None
    step: str | None
    disposition: str | None


def shape_of(
    action: str, *, parent: bool = False, inputs: bool = False, reason: str = ""
) -> Shape | None:
    """Return how EPCIS says an action; None when it is nobody else's business.

    ``parent`` and ``inputs`` say whether the assembly or what went into it is known: without, what
    goes into an assembly is half of a transformation, tied to the other half by its ``process``.

    >>> shape_of("write_off", reason="Stolen")
    Shape(kind='object', change='DELETE', step='decommissioning', disposition='stolen')
    >>> shape_of("annotate") is None
    True
    """
    if action in ("pack", "unpack"):
        return Shape("aggregation", "ADD" if action == "pack" else "DELETE", f"{action}ing", None)
    rule = TABLE[Action(action)]
    if rule.step is None:
        return None
    shape = Shape("object", rule.epcis, rule.step, rule.disposition)
    match Action(action):
        case Action.CONSUME if parent:
            return replace(shape, kind="association", change="ADD")
        case Action.UNBUILD if parent:
            return replace(shape, kind="association", change="DELETE")
        case Action.CONSUME:
            return replace(shape, kind="transformation", change=None)
        case Action.PRODUCE if inputs:
            return replace(shape, kind="transformation", change=None)
        case Action.WRITE_OFF if reason.strip().lower() in LOSSES:
            return replace(shape, disposition=reason.strip().lower())
        case _:
            return shape


def withdraw(
    occurrence: Occurrence, *, at: int, by: str | None = None, corrective: tuple[str, ...] = ()
) -> Occurrence:
    """Return what says that an event never happened: the same event, declared to be wrong.

    EPCIS 2.0, 7.4.1.4: it keeps its eventID and all else but the time of recording.
    """
    return replace(
        occurrence, recorded_at=None, erratum=Erratum(at, "did_not_occur", corrective, by)
    )


DESCRIBED: Final[Mapping[type, tuple[str, ...]]] = {
    Thing: ("gtin", "serial", "item", "life", "lot", "sscc"),
    Amount: ("gtin", "lot", "item"),
    Place: ("gln", "extension"),
    Party: ("gln", "code"),
    Paper: ("number", "external"),
}


# -------------------------------------------------------------------------------- names


def event_uri(uid: str, part: str = "") -> str:
    """Return the eventID of one of our events, or of a part of it when EPCIS needs several.

    A UUID and not the hash of the content, the other form GS1's shapes allow: it is known before
    the event is written, and stays when the event is declared to be wrong.

    >>> event_uri("5B1D6E5E-4A5C-4A43-9D6E-0D2C0C3F7A11")
    'urn:uuid:5b1d6e5e-4a5c-4a43-9d6e-0d2c0c3f7a11'

    Raises:
        InputRefused: the uid is no UUID and no URI.
    """
    if URI.fullmatch(uid):
        return uid if not part else f"urn:uuid:{uuid5(NAMESPACE, f'{uid} {part}')}"
    try:
        whole = UUID(uid)
    except ValueError:
        raise InputRefused(
            f"{uid!r} is no event's uid; expected a UUID or a URI.", uid=uid
        ) from None
    return f"urn:uuid:{uuid5(whole, part) if part else whole}"


class Names:
    """Names the things of one database, by GS1 keys where there are some and by UUIDs elsewhere."""

    def __init__(self, secret: bytes) -> None:
        self._space = UUID(bytes=blake2s(NAMESPACE.bytes, key=secret[:32], digest_size=16).digest())

    def own(self, kind: str, name: str) -> str:
        """Return the URI of something that has no GS1 key: always the same, and nobody else's."""
        return f"urn:uuid:{uuid5(self._space, f'{kind} {name}')}"

    def serial(
        self, life: str, serial: str, item: str, gtin: str | None = None, lot: str | None = None
    ) -> Thing:
        """Return a serial's life by its public id."""
        uri = serial_uri(gtin, serial) if gtin else None
        return Thing(uri or self.own("serial", life), gtin, serial, item, life, lot)

    def package(self, public_id: str, sscc: str | None = None) -> Thing:
        """Return a package by its public id.

        Raises:
            CodeRefused: the SSCC is not one.
        """
        if sscc:
            parse(f"(00){sscc}")
            return Thing(f"https://id.gs1.org/00/{sscc}", life=public_id, sscc=sscc)
        return Thing(self.own("package", public_id), life=public_id)

    def amount(
        self,
        quantity: int,
        item: str,
        lot: str | None = None,
        gtin: str | None = None,
        unit: str | None = None,
    ) -> Amount:
        """Return a quantity of an item or of one of its lots; ``unit`` None counts pieces."""
        uri = None
        if gtin:
            uri = lot_uri(gtin, lot) if lot else f"https://id.gs1.org/01/{gtin}"
        name = f"{item}\n{lot}" if lot else item
        return Amount(
            uri or self.own("lot" if lot else "item", name), quantity, unit, gtin, lot, item
        )

    def place(self, code: str, gln: str | None = None, extension: str | None = None) -> Place:
        """Return a place by its code.

        Raises:
            CodeRefused: the GLN or its extension is not one.
        """
        if not gln:
            return Place(self.own("place", code), code=code)
        parse(f"(414){gln}" + (f"(254){escape(extension)}" if extension else ""))
        more = f"/254/{quote(extension, safe='')}" if extension else ""
        return Place(f"https://id.gs1.org/414/{gln}{more}", gln, extension, code)

    def party(self, code: str, role: str, gln: str | None = None) -> Party:
        """Return a party by its code.

        Raises:
            CodeRefused: the GLN is not one.
        """
        if not gln:
            return Party(self.own("party", code), role, code=code)
        parse(f"(417){gln}")
        return Party(f"https://id.gs1.org/417/{gln}", role, gln, code)

    def paper(self, type: str, number: str, external: str | None = None) -> Paper:
        """Return a document of ours by its type and number."""
        said = OUR_PAPERS.get(type, f"{VOCABULARY}{quote(type, safe='')}")
        return Paper(self.own(type, number), said, number, external)


# -------------------------------------------------------------------------------- faults


def _faults(o: Occurrence) -> Iterator[str]:
    """Yield what EPCIS 2.0, 7.3 and 7.4 forbids, as the end of a sentence."""
    if not URI.fullmatch(o.uid):
        yield "has no URI for an eventID"
    if not _EARLIEST <= o.at <= _LATEST:
        yield f"happened outside the years 2 to 9999: {o.at} µs"
    if not -14 * 60 <= o.zone <= 14 * 60:
        yield f"has a time zone of {o.zone} minutes; 14 hours are the most"
    if (o.change is None) is not (o.kind == "transformation"):
        yield f"is of kind {o.kind} and its change is {o.change}"
    if o.step is not None and not _is_word("bizStep", o.step):
        yield f"has the business step {o.step!r}, which is no word of CBV 2.0 and no URI"
    if o.disposition is not None and not _is_word("disposition", o.disposition):
        yield f"has the disposition {o.disposition!r}, which is no word of CBV 2.0 and no URI"
    tied = o.kind in ("aggregation", "association", "transaction")
    if o.parent is not None and not tied:
        yield f"is of kind {o.kind}, which has no parent"
    if o.parent is None and (o.kind == "association" or (o.kind == "aggregation" and
                                                         o.change != "OBSERVE")):  # fmt: skip
        yield "has no parent"
    if (o.inputs or o.input_amounts or o.process) and o.kind != "transformation":
        yield f"is of kind {o.kind}, which has no inputs"
    if o.kind == "transformation":
        complete = (o.inputs or o.input_amounts) and (o.things or o.amounts)
        some = o.inputs or o.input_amounts or o.things or o.amounts
        if not complete and not (o.process and some):
            yield "needs inputs and outputs, or a process that ties it to an event with the others"
    elif not (o.things or o.amounts) and not (
        (tied and o.change == "DELETE") or ("sensorElementList" in o.extra and o.read_point)
    ):
        yield "is about nothing"
    if o.kind == "transaction" and not o.papers:
        yield "is of kind transaction and names no document"
    for several in (o.things, o.inputs):
        if len({thing.uri for thing in several}) != len(several):
            yield "names a thing twice"
    for amount in (*o.amounts, *o.input_amounts):
        if amount.unit is not None and not UNIT.fullmatch(amount.unit):
            yield f"has the unit {amount.unit!r}; expected a UN/CEFACT code such as 'KGM'"
        if amount.quantity is not None and not 0 <= amount.quantity < MOST:
            yield f"has a quantity of {amount.quantity}"
    for paper in o.papers:
        if paper.type is not None and not _is_word("bizTransaction", paper.type):
            yield f"has a document of type {paper.type!r}, which is no word of CBV 2.0 and no URI"
    for party in (*o.sources, *o.destinations):
        if not _is_word("sourceOrDestination", party.role):
            yield f"has a party of role {party.role!r}, which is no word of CBV 2.0 and no URI"
    wrong = o.erratum.reason if o.erratum is not None else None
    if wrong is not None and not _is_word("reason", wrong):
        yield f"is wrong for the reason {wrong!r}, which is no word of CBV 2.0 and no URI"
    if "ilmd" in o.extra and o.change not in (None, "ADD"):
        yield "has master data (ilmd) and adds nothing"
    for uri in _uris(o):
        if not URI.fullmatch(uri):
            yield f"names something by {uri!r}, which is no URI"
    for key in o.extra:
        if key not in CARRIED and not URI.fullmatch(key):
            yield f"has an extension {key!r}, which is no URI"


def _uris(o: Occurrence) -> Iterator[str]:
    for several in (o.things, o.inputs, o.amounts, o.input_amounts, o.papers, o.sources,
                    o.destinations):  # fmt: skip
        for one in several:
            yield one.uri
    for alone in (o.parent, o.read_point, o.place):
        if alone is not None:
            yield alone.uri
    if o.process is not None:
        yield o.process
    if o.erratum is not None:
        yield from o.erratum.corrective


def _is_word(what: str, value: str) -> bool:
    """Whether a value is one of CBV's words, or a URI that does not pretend to be one."""
    return value in WORDS[what][0] or (
        URI.fullmatch(value) is not None and not value.startswith(CBV)
    )


# -------------------------------------------------------------------------------- writing


def export(occurrences: Iterable[Occurrence], *, at: int) -> Iterator[bytes]:
    """Yield an EPCISDocument of the occurrences, an event at a time; ``at`` is now, µs UTC."""
    head = {
        "@context": [CONTEXT, {PREFIX: VOCABULARY}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": _written(at),
    }
    yield encode(head)[:-1].encode() + b',"epcisBody":{"eventList":['
    before = b"\n"
    for occurrence in occurrences:
        yield before + encode(_event(occurrence)).encode()
        before = b",\n"
    yield b"\n]}}\n"


encode: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def _event(o: Occurrence) -> dict[str, object]:
    """Return the event as EPCIS 2.0, 10 writes it in JSON."""
    event: dict[str, object] = {
        "type": f"{o.kind.capitalize()}Event",
        "eventID": o.uid,
        "eventTime": _written(o.at),
        "eventTimeZoneOffset": f"{'-' if o.zone < 0 else '+'}{abs(o.zone) // 60:02}:"
        f"{abs(o.zone) % 60:02}",
    }
    if o.recorded_at is not None:
        event["recordTime"] = _written(o.recorded_at)
    if o.erratum is not None:
        event["errorDeclaration"] = _erratum(o.erratum)
    things, amounts = LISTS.get(o.kind, ("epcList", "quantityList"))
    if o.parent is not None:
        event["parentID"] = o.parent.uri
    # The standard tells an event about nothing from one about no single piece by the list.
    if o.things or (o.kind in ("object", "transaction") and not o.amounts):
        event[things] = [thing.uri for thing in o.things]
    if o.amounts:
        event[amounts] = [_amount(amount) for amount in o.amounts]
    if o.inputs:
        event["inputEPCList"] = [thing.uri for thing in o.inputs]
    if o.input_amounts:
        event["inputQuantityList"] = [_amount(amount) for amount in o.input_amounts]
    for key, text in (
        ("transformationID", o.process),
        ("action", o.change),
        ("bizStep", o.step),
        ("disposition", o.disposition),
    ):
        if text is not None:
            event[key] = text
    for key, place in (("readPoint", o.read_point), ("bizLocation", o.place)):
        if place is not None:
            # Several places may have one GLN: what is said of it stands here and not with the URI.
            code = {} if place.code is None else {f"{PREFIX}:code": place.code}
            event[key] = {"id": place.uri, **code, **place.extra}
    if o.papers:
        event["bizTransactionList"] = [
            {**({"type": paper.type} if paper.type else {}), "bizTransaction": paper.uri}
            for paper in o.papers
        ]
    for key, parties in (("source", o.sources), ("destination", o.destinations)):
        if parties:
            event[f"{key}List"] = [{"type": party.role, key: party.uri} for party in parties]
    for key, text in (("action", o.action), ("reason", o.reason), ("actor", o.actor)):
        if text is not None:
            event[f"{PREFIX}:{key}"] = text
    if o.attrs:
        event[f"{PREFIX}:attributes"] = {
            f"{PREFIX}:{quote(key, safe='')}": value for key, value in o.attrs.items()
        }
    if described := _descriptions(o):
        event[f"{PREFIX}:describes"] = described
    event.update(o.extra)
    return event


def _amount(amount: Amount) -> dict[str, object]:
    said: dict[str, object] = {"epcClass": amount.uri}
    if amount.quantity is not None:
        said["quantity"] = amount.quantity
    if amount.unit is not None:
        said["uom"] = amount.unit
    return said


def _erratum(erratum: Erratum) -> dict[str, object]:
    said: dict[str, object] = {"declarationTime": _written(erratum.at)}
    if erratum.reason is not None:
        said["reason"] = erratum.reason
    if erratum.corrective:
        said["correctiveEventIDs"] = list(erratum.corrective)
    if erratum.by is not None:
        said[f"{PREFIX}:by"] = erratum.by
    return {**said, **erratum.extra}


def _descriptions(o: Occurrence) -> list[dict[str, str]]:
    """Return, for each URI of the event, what is known and the URI does not say."""
    described: dict[str, dict[str, str]] = {}
    values: list[Thing | Amount | Place | Party | Paper] = [
        *o.things, *o.inputs, *o.amounts, *o.input_amounts, *o.papers, *o.sources, *o.destinations,
        *(alone for alone in (o.parent, o.read_point, o.place) if alone is not None),
    ]  # fmt: skip
    for value in values:
        try:
            said = understood(value.uri)
        except CodeRefused:
            said = {}
        for name in DESCRIBED[type(value)]:
            text: str | None = getattr(value, name)
            if text is not None and name not in said:
                described.setdefault(value.uri, {"id": value.uri})[f"{PREFIX}:{name}"] = text
    return list(described.values())


def _written(at: int) -> str:
    moment = (EPOCH + timedelta(microseconds=at)).replace(tzinfo=None)
    return moment.isoformat(timespec="microseconds" if at % 1000 else "milliseconds") + "Z"
