"""The bodies of requests about serials as models: for OpenAPI and for people, not for the routes.

The routes read their bodies by hand; a test holds these models and those hands together.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.api.schemas import ProofBody

Value = str | int | float | bool | None


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class MoneyBody(_Body):
    """An amount in minor units: `{"amount": 1250, "currency": "EUR"}` is € 12.50."""

    amount: int
    currency: Annotated[str, Field(pattern="^[A-Za-z]{3}$", description="ISO 4217.")]


class OneSerialBody(_Body):
    """One serial of a list, with what it alone has."""

    serial: str = ""
    id: str | None = None
    item: str | None = None
    fields: dict[str, Value] | None = None
    memo: str | None = None
    cost: MoneyBody | None = None
    location: str | None = None
    quantity: Literal[1] = 1


class NewSerialsBody(_Body):
    """The item's next serials."""

    generate: Annotated[int, Field(ge=1, le=100_000)]


class _StepBody(_Body):
    location: Annotated[str | None, Field(description="Where it is put: a location's code.")] = None
    party: Annotated[str | None, Field(description="The customer or supplier, by code.")] = None
    parent: Annotated[str | None, Field(description="The assembly: its id or serial.")] = None
    lot: Annotated[str | None, Field(description="Made when it comes in and there is none.")] = None
    reason: str | None = None
    cost: MoneyBody | None = None
    price: MoneyBody | None = None
    fields: dict[str, Value] | None = None
    memo: str | None = None
    to: Annotated[str | None, Field(description="For `rename`: the right serial.")] = None
    at: Annotated[str | None, Field(description="When it happened; now if left out.")] = None
    confirm: Annotated[str | None, Field(description="The token of a refusal that asks.")] = None
    expected: Annotated[int | None, Field(ge=1, le=100_000, description="How many.")] = None
    scanned: Annotated[bool, Field(description="Each line is one serial as it stands.")] = False


class StepBody(_StepBody):
    """What an action on one serial needs."""


class ActionBody(_StepBody):
    """An action on many serials: one of `serials`, `ids` and `filter`."""

    action: str
    serials: str | list[str | OneSerialBody] | NewSerialsBody | None = None
    ids: Annotated[list[str] | None, Field(description="Public ids.")] = None
    filter: Annotated[
        dict[str, str] | None, Field(description="As the query of `GET /v1/serials`.")
    ] = None
    item: Annotated[str | None, Field(description="SKU.")] = None


class NoteBody(_Body):
    """What people write about a serial; null takes a field away."""

    memo: str | None = None
    fields: dict[str, Value] | None = None


class SerialListBody(_Body):
    """A list of serials as a person wrote it."""

    text: str
    item: Annotated[str | None, Field(description="SKU: its mask, its next number.")] = None
    expected: Annotated[int | None, Field(ge=1, le=100_000)] = None
    scanned: bool = False


class PrintSerialsBody(_Body):
    """Labels for serials: one of `ids`, `serials`, `filter`, `lot` and `document`."""

    printer: str
    template: str | None = None
    version: str | None = None
    copies: Annotated[int, Field(ge=1, le=1000)] = 1
    mode: str | None = None
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    hold: bool = False
    strict: bool = False
    title: Annotated[str, Field(max_length=200)] = ""
    stock: Annotated[str, Field(max_length=200)] = ""
    ids: list[str] | None = None
    serials: str | list[str] | None = None
    item: str | None = None
    filter: Annotated[
        dict[str, str] | None, Field(description="As the query of `GET /v1/serials`.")
    ] = None
    lot: str | None = None
    document: str | None = None
    fields: Annotated[
        dict[str, Value] | None, Field(description="Of the template, the same on all labels.")
    ] = None
    proof: Annotated[
        ProofBody | None,
        Field(description="From a dry run of a job: refused (412) unless it is as shown."),
    ] = None


class UndoBody(_Body):
    reason: str | None = None


SERIAL_BODIES: dict[tuple[str, str], tuple[type[BaseModel], dict[str, Any]]] = {
    ("post", "/v1/serials/actions"): (
        ActionBody,
        {
            "action": "receive",
            "item": "DRILL",
            "serials": "SN00001..SN00020, SN00025",
            "location": "A-01",
            "party": "ACME",
            "cost": {"amount": 1250, "currency": "EUR"},
        },
    ),
    ("post", "/v1/serials/{id}/{action}"): (StepBody, {"location": "B-02", "reason": "tidying up"}),
    ("patch", "/v1/serials/{id}"): (NoteBody, {"memo": "dented", "fields": {"grade": "B"}}),
    ("post", "/v1/serial-lists"): (SerialListBody, {"text": "A1..A9, next*5", "item": "DRILL"}),
    ("post", "/v1/serials/print"): (
        PrintSerialsBody,
        {"printer": "zebra", "serials": "SN00001..SN00020", "item": "DRILL"},
    ),
    ("post", "/v1/registry/events/{seq}/undo"): (UndoBody, {"reason": "wrong pallet"}),
}
"""(method, path) -> what its body looks like, and an example."""
