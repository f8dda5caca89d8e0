"""The bodies of requests about items, locations, parties and the rest as models: for OpenAPI and
for people, not for the routes.

The routes read their bodies by hand; a test holds these models and those hands together.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.api.registry.serial_schemas import MoneyBody, Value


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PatternBody(_Body):
    """What an item's own serials look like, and the next one's number."""

    prefix: str = ""
    next: Annotated[str | int, Field(description="Decimal digits, of any length.")] = "1"
    width: Annotated[int, Field(ge=1, le=64, description="Padded with zeros, never cut.")] = 5
    suffix: str = ""
    example: Annotated[str | None, Field(description="Shown; what is sent is not read.")] = None


class MemberBody(_Body):
    """So many of an item in a kit or assembly."""

    item: Annotated[str, Field(description="SKU.")]
    quantity: Annotated[int, Field(ge=1)] = 1


class ItemBody(_Body):
    """An item; what is left out stays as it was."""

    sku: Annotated[str | None, Field(max_length=64, description="A new SKU.")] = None
    name: Annotated[str, Field(max_length=200)] = ""
    kind: Literal["stock", "assembly", "kit", "non_stock"] = "stock"
    tracking: Literal["none", "lot", "serial"] = "none"
    active: bool = True
    gtin: Annotated[str | None, Field(description="GTIN-8, -12, -13 or -14.")] = None
    barcodes: Annotated[list[str], Field(description="Other codes printed on it.")] = []
    unit: Annotated[str, Field(max_length=12, description="The base unit.")] = "pc"
    units: Annotated[
        dict[str, Annotated[int, Field(ge=1)]], Field(description="So many base units each.")
    ] = {}
    pattern: PatternBody | None = None
    next_serial: Annotated[
        str | None, Field(description="In place of `pattern`: the next serial as it is written.")
    ] = None
    mask: Annotated[str, Field(description="A pattern that its serials must fit.")] = ""
    case: Literal["fold", "exact"] = "fold"
    split_space: Annotated[bool, Field(description="A space ends a serial in a list.")] = True
    reorder_point: Annotated[int | None, Field(ge=0)] = None
    reorder_points: Annotated[
        dict[str, Annotated[int, Field(ge=0)]], Field(description="By a location's code.")
    ] = {}
    warranty_in: Annotated[int | None, Field(ge=0, description="Months, the supplier's.")] = None
    warranty_out: Annotated[int | None, Field(ge=0, description="Months, ours.")] = None
    service_every: Annotated[int | None, Field(ge=1, description="Months.")] = None
    account_codes: dict[str, str] = {}
    tax_code: str = ""
    variant_of: Annotated[str | None, Field(description="SKU.")] = None
    external_id: Annotated[str | None, Field(description="Another system's id.")] = None
    members: list[MemberBody] = []
    fields: dict[str, Value] = {}


class OpeningBody(_Body):
    """A serial for a piece that is on hand without one."""

    serial: str
    location: str | None = None
    lot: str | None = None
    cost: MoneyBody | None = None


class TrackingBody(_Body):
    """How an item is tracked from now on."""

    to: Literal["none", "lot", "serial"] | None = None
    opening: Annotated[
        str | list[str | OpeningBody], Field(description="Serials of pieces that are on hand.")
    ] = []
    location: Annotated[str | None, Field(description="Where those pieces are.")] = None
    lot: Annotated[str | None, Field(description="Of which lot they are.")] = None
    lots: Annotated[dict[str, str], Field(description="Location: the lot its pieces go into.")] = {}
    currency: Annotated[str | None, Field(description="Of the pieces' cost, ISO 4217.")] = None
    confirm: Annotated[str | None, Field(description="The token of a refusal that asks.")] = None


class LocationBody(_Body):
    """A location; what is left out stays as it was."""

    code: Annotated[str | None, Field(max_length=64, description="A new code.")] = None
    name: Annotated[str, Field(max_length=200)] = ""
    kind: Literal["site", "zone", "bin", "quarantine", "staging", "in_transit"] = "site"
    parent: Annotated[str | None, Field(description="The location it is inside, by code.")] = None
    active: bool = True
    gln: Annotated[str, Field(description="13 digits.")] = ""
    barcode: str = ""
    external_id: str | None = None
    fields: dict[str, Value] = {}


class PartyBody(_Body):
    """A customer, supplier or carrier; what is left out stays as it was."""

    code: Annotated[str | None, Field(max_length=64, description="A new code.")] = None
    name: Annotated[str, Field(max_length=200)] = ""
    kind: Literal["customer", "supplier", "both", "carrier"] | None = None
    active: bool = True
    gln: Annotated[str, Field(description="13 digits.")] = ""
    external_id: str | None = None
    fields: dict[str, Value] = {}


class OperatorBody(_Body):
    """A person who works here."""

    badge: Annotated[str | None, Field(max_length=80, description="A new badge.")] = None
    name: Annotated[str, Field(max_length=80)] = ""
    pin: Annotated[str | None, Field(pattern="^[0-9]{4,12}$")] = None
    roles: Annotated[list[str], Field(description="Rights such as `registry:write_off`.")] = []
    active: bool = True


class LotBody(_Body):
    """A lot; what is left out stays as it was."""

    code: Annotated[str | None, Field(max_length=64)] = None
    made_on: Annotated[str | None, Field(description="ISO 8601.")] = None
    expires_on: Annotated[str | None, Field(description="ISO 8601.")] = None
    memo: Annotated[str, Field(max_length=1000)] = ""
    fields: dict[str, Value] = {}


class NewLotBody(LotBody):
    """A lot that is made by hand."""

    item: Annotated[str, Field(description="SKU.")]


class LotSerialsBody(_Body):
    """What changes of the serials in a lot."""

    add: Annotated[
        str | list[str], Field(description="On hand with `location`, else planned.")
    ] = []
    location: str | None = None
    rename: Annotated[dict[str, str], Field(description="Old serial: new serial.")] = {}
    remove: Annotated[str | list[str], Field(description="Planned ones that do not come.")] = []
    reason: str | None = None


class FieldBody(_Body):
    """A custom field; what is left out stays as it was."""

    label: Annotated[str, Field(max_length=80)] = ""
    type: Literal["text", "number", "date", "yes_no", "choice"] = "text"
    choices: list[str] = []
    required_at: Annotated[list[str], Field(description="`save`, or a serial's actions.")] = []
    searchable: Annotated[bool, Field(description="Serials are found by it.")] = False
    rank: Annotated[int, Field(ge=0, le=10_000)] = 0


THING_BODIES: dict[tuple[str, str], tuple[type[BaseModel], dict[str, Any]]] = {
    ("put", "/v1/items/{sku}"): (
        ItemBody,
        {"name": "Bench drill", "gtin": "4006381333931", "next_serial": "D00001"},
    ),
    ("put", "/v1/items/by-external-id/{id}"): (ItemBody, {"sku": "DRILL-2", "units": {"box": 6}}),
    ("post", "/v1/items/{sku}/tracking"): (
        TrackingBody,
        {"to": "serial", "opening": "D00001..D00012", "location": "A-01"},
    ),
    ("put", "/v1/locations/{code}"): (LocationBody, {"kind": "bin", "parent": "HALL"}),
    ("put", "/v1/locations/by-external-id/{id}"): (LocationBody, {"code": "B-7", "kind": "bin"}),
    ("put", "/v1/parties/{code}"): (PartyBody, {"name": "Acme Tools", "kind": "supplier"}),
    ("put", "/v1/parties/by-external-id/{id}"): (
        PartyBody,
        {"code": "C-1", "kind": "customer", "name": "Smith & Sons"},
    ),
    ("put", "/v1/operators/{badge}"): (
        OperatorBody,
        {"name": "Eve", "pin": "2468", "roles": ["registry:serial"]},
    ),
    ("post", "/v1/lots"): (NewLotBody, {"item": "DRILL", "code": "2026-47"}),
    ("put", "/v1/lots/{id}"): (LotBody, {"expires_on": "2027-12-31", "memo": "keep dry"}),
    ("post", "/v1/lots/{id}/serials"): (LotSerialsBody, {"add": "D00013..D00020"}),
    ("put", "/v1/fields/{scope}/{key}"): (
        FieldBody,
        {"label": "QC grade", "type": "choice", "choices": ["A", "B"], "searchable": True},
    ),
}
"""Method and path -> what is sent there, and an example that is taken."""
