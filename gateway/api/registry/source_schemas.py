"""The bodies of checks and batches as models: for OpenAPI and for people, not for the routes.

The routes read their bodies by hand; a test holds these models and those hands together.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Value = str | int | float | bool | None


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SourceBody(_Body):
    """What fills many labels: exactly one of `about`, `table` and `rows`."""

    about: Annotated[
        Literal["serial", "item", "lot", "location", "party"] | None,
        Field(description="Records of the registry."),
    ] = None
    filter: Annotated[
        dict[str, str] | None, Field(description="Filters of that noun's list; all without.")
    ] = None
    table: Annotated[str | None, Field(description="A kept table: `POST /v1/tables`.")] = None
    columns: Annotated[
        dict[str, str] | None, Field(description="Field of the template -> column of the table.")
    ] = None
    values: Annotated[
        dict[str, str] | None, Field(description="Field -> what it is where a row says nothing.")
    ] = None
    rows: Annotated[
        list[dict[str, Value]] | None,
        Field(min_length=1, max_length=1000, description="One object of fields for each label."),
    ] = None


class CheckBody(_Body):
    """A label and all that will fill it: one of `document` and `template`."""

    document: dict[str, Any] | None = None
    template: str | None = None
    version: Annotated[str | int | None, Field(description="Its hash or number.")] = None
    printer: Annotated[str | None, Field(description="For whose head.")] = None
    density: Annotated[str | int | float, Field(description="Dots per mm, without a printer.")] = 8
    source: SourceBody
    fields: Annotated[dict[str, Value] | None, Field(description="The same on all labels.")] = None


class BatchBody(_Body):
    """Many labels of one template."""

    printer: Annotated[str, Field(min_length=1)]
    version: Annotated[str | int | None, Field(description="Its hash or number.")] = None
    source: SourceBody
    fields: Annotated[dict[str, Value] | None, Field(description="The same on all labels.")] = None
    copies: Annotated[int | None, Field(ge=1, le=10_000)] = None
    copies_from: Annotated[
        str | None, Field(description="The column that says how many; 0 is none.")
    ] = None
    title: Annotated[str | None, Field(max_length=200)] = None
    mode: str | None = None
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    hold: bool = False
    strict: bool = False
    stock: str | None = None
    partial: Annotated[
        bool, Field(description="Leave out refused rows; else one of them stops it all.")
    ] = False
    labels: Annotated[
        int | None, Field(ge=0, description="So many were looked at; any other number prints none.")
    ] = None


SOURCE_BODIES: dict[tuple[str, str], tuple[type[BaseModel], dict[str, Any]]] = {
    ("post", "/v1/editor/checks"): (
        CheckBody,
        {"template": "serial", "printer": "zebra",
         "source": {"about": "serial", "filter": {"item": "DRILL"}}},
    ),
    ("post", "/v1/templates/{name}/batch"): (
        BatchBody,
        {"printer": "zebra", "partial": True,
         "source": {"rows": [{"serial": "SN-000123"}, {"serial": "SN-000124"}]}},
    ),
}  # fmt: skip
"""(method, path) -> what its body looks like, and an example."""
