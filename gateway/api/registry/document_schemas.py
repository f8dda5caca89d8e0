"""The bodies of requests about documents as models: for OpenAPI and for people.

The routes read their bodies by hand (``document_body``); a test holds models and hands together.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from gateway.api.registry.serial_schemas import MoneyBody, NewSerialsBody, Value


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SourceBody(_Body):
    """The document that this one fulfils."""

    type: str
    number: str


class ComponentBody(_Body):
    """What goes into a product, in base units over the whole line."""

    item: str
    quantity: Annotated[int, Field(ge=1)] = 1


class DraftLineBody(_Body):
    """A line of a document. Money is for one base unit."""

    item: Annotated[str, Field(description="SKU.")]
    quantity: int | float | str = 1
    uom: Annotated[str, Field(description="Unit of measure; the base unit if left out.")] = ""
    line: Annotated[int | None, Field(ge=1, description="Which line of it this is.")] = None
    external_id: str | None = None
    price: MoneyBody | None = None
    cost: MoneyBody | None = None
    location: str | None = None
    source_line: Annotated[int | None, Field(ge=1)] = None
    components: list[ComponentBody] | None = None
    memo: str | None = None
    fields: dict[str, Value] | None = None


class DraftBody(_Body):
    """A document. What is left out stays as it is; `lines` replace the lines there are."""

    number: str = ""
    party: str | None = None
    from_: Annotated[str | None, Field(alias="from", description="A location's code.")] = None
    to: str | None = None
    source: SourceBody | None = None
    external_ref: str = ""
    external_id: str | None = None
    currency: str = ""
    due_on: str | None = None
    reason: str = ""
    memo: str = ""
    fields: dict[str, Value] | None = None
    lines: Annotated[list[DraftLineBody] | None, Field(max_length=2000)] = None


class DraftsBody(_Body):
    """Documents of one type, each with its `number` or `external_id`: all of them or none."""

    items: Annotated[list[DraftBody], Field(min_length=1, max_length=500)]


class LotQuantityBody(_Body):
    """A quantity of a lot, in base units."""

    quantity: Annotated[int, Field(ge=1)]
    lot: str | None = None
    location: str | None = None
    expires_on: str | None = None


class LineSerialBody(_Body):
    """One serial for a line, with what it alone has."""

    serial: str
    quantity: Annotated[int, Field(description="1; -1 where a correction takes it away.")] = 1
    memo: str | None = None
    fields: dict[str, Value] | None = None
    cost: MoneyBody | None = None
    location: str | None = None
    components: Annotated[list[str] | None, Field(description="Serials in a product.")] = None


class ChoiceBody(_Body):
    """What is chosen for a line: serials, or quantities."""

    serials: str | list[str | LineSerialBody] | NewSerialsBody | None = None
    ids: Annotated[list[str] | None, Field(description="Public ids.")] = None
    scanned: Annotated[bool, Field(description="Each line is one serial as it stands.")] = False
    lots: list[LotQuantityBody] | None = None
    quantity: Annotated[int | None, Field(ge=0, description="In base units.")] = None
    lot: Annotated[str | None, Field(description="Of all of it.")] = None
    location: str | None = None
    cost: MoneyBody | None = None
    memo: str | None = None
    fields: dict[str, Value] | None = None


class StepLineBody(ChoiceBody):
    """What a step is told about one line."""

    line: Annotated[int, Field(ge=1)]


class CountBody(_Body):
    """What is seen at a location in a stocktake."""

    location: str
    item: str | None = None
    serials: str | list[str] = ""
    scanned: bool = False
    lot: str | None = None
    quantity: Annotated[int | None, Field(ge=0)] = None


class DecisionBody(_Body):
    """What becomes of a kind of differences, or of one."""

    decision: str
    kind: str | None = None
    difference: str | None = None


class DocumentStepBody(_Body):
    """What a step is told; each step takes what it needs of it."""

    lines: list[StepLineBody] | None = None
    location: str | None = None
    party: str | None = None
    reason: str | None = None
    condition: str | None = None
    backorder: Annotated[bool, Field(description="Confirm although not all is there.")] = True
    release: Annotated[bool, Field(description="Give what is put back free for others.")] = False
    accept: str | list[str] = ""
    reject: str | list[str] = ""
    shortages: Annotated[str | None, Field(description="`lost` or `back`.")] = None
    amount: Annotated[MoneyBody | None, Field(description="A landed cost, over all.")] = None
    parent: Annotated[str | None, Field(description="The product's serial.")] = None
    counts: list[CountBody] | None = None
    decisions: list[DecisionBody] | None = None
    confirm: str | list[str] = ""
    at: str | None = None


_ORDER = {
    "party": "SMITH",
    "lines": [
        {"item": "DRILL", "quantity": 2, "price": {"amount": 24900, "currency": "EUR"}},
        {"item": "SCREW", "quantity": 1, "uom": "BOX"},
    ],
}

DOCUMENT_BODIES: dict[tuple[str, str], tuple[type[BaseModel], dict[str, Any]]] = {
    ("post", "/v1/documents/{type}"): (DraftBody, _ORDER),
    ("put", "/v1/documents/{type}"): (DraftsBody, {"items": [{"number": "SO-17"} | _ORDER]}),
    ("put", "/v1/documents/{type}/{number}"): (DraftBody, _ORDER),
    ("put", "/v1/documents/{type}/by-external-id/{external_id}"): (DraftBody, _ORDER),
    ("post", "/v1/documents/{type}/{number}/lines/{line}/serials"): (
        ChoiceBody,
        {"serials": "SN00001..SN00002"},
    ),
    ("post", "/v1/documents/{type}/{number}/lines/{line}/lots"): (
        ChoiceBody,
        {"lots": [{"lot": "B7", "quantity": 10, "location": "A-01"}]},
    ),
    ("post", "/v1/documents/{type}/{number}/{verb}"): (
        DocumentStepBody,
        {"lines": [{"line": 1, "serials": "SN00001..SN00002"}], "location": "A-01"},
    ),
}
"""(method, path) -> what its body looks like, and an example."""
