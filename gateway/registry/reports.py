"""Reports: what each is called, what it asks for, what its columns are. A report is one row here.

    REPORTS ──search("serial")──► those with it in their name
    text of each parameter ──read_parameters──► checked values

The rows come from ``gateway.store.registry.reports``; a test holds the two together. Every report
also takes ``filter.<column>=text``: only rows whose cell contains the text.

>>> [report.id for report in search("margin")]
['margin_by_serial', 'margin_by_item']
>>> read_parameters(by_id("warranty_expiring"), {"before": "2027-01-31", "whose": "supplier"})
{'before': '2027-01-31', 'whose': 'supplier'}
>>> read_parameters(by_id("warranty_expiring"), {"before": "soon"})
Traceback (most recent call last):
    ...
gateway.errors.InputRefused: 'before' must be a date such as 2026-11-22, got 'soon'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from gateway.errors import InputRefused, Unknown
from gateway.registry.lives import State

Kind = Literal["text", "date", "number", "yes_no", "choice"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that a report can be asked for."""

    name: str
    says: str
    kind: Kind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A report."""

    id: str
    title: str
    says: str
    columns: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()


_ITEM = Parameter("item", "SKU")
_CUSTOMER = Parameter("customer", "code of the customer")
_LOCATION = Parameter("location", "code; what is inside it, too")
_FROM = Parameter("from", "first day, UTC", "date")
_TO = Parameter("to", "last day, UTC", "date")
_STATE = Parameter("state", "status", "choice", choices=tuple(state.value for state in State))
_SHOW = Parameter(
    "show", "`on_hand`, all that is `here`, or `all` that ever was (standard: all)", "choice",
    choices=("on_hand", "here", "all"),
)  # fmt: skip
_CURRENCY = Parameter("currency", "ISO 4217 code")

_SERIAL = (
    "item", "name", "serial", "life", "state", "held", "location", "lot", "customer",
    "received_at", "shipped_at", "warranty_until", "memo", "fields",
)  # fmt: skip
_SOLD = (
    "date", "document", "status", "customer", "item", "name", "quantity", "serial_or_batch",
    "price", "currency",
)  # fmt: skip
_MOVED = (
    "event", "at", "action", "document", "item", "serial", "lot", "quantity", "from_state",
    "to_state", "from_location", "to_location", "actor", "station", "operator", "reason",
    "corrects",
)  # fmt: skip

REPORTS: tuple[Report, ...] = (
    Report("serials_by_item", "Serials by item", "every serial, item by item", _SERIAL,
           (_ITEM, _STATE, _SHOW)),
    Report("serials_by_customer", "Serials by customer", "what each customer was sent", _SERIAL,
           (_CUSTOMER, _ITEM)),
    Report("serials_by_location", "Serials by location", "what lies where", _SERIAL,
           (_LOCATION, _ITEM)),
    Report("serials_by_state", "Serials by status", "serials in one status", _SERIAL,
           (Parameter("state", _STATE.says, "choice", True, _STATE.choices), _ITEM)),
    Report("serials_by_field", "Serials by custom field", "serials by a searchable custom field",
           ("value", *_SERIAL),
           (Parameter("field", "key of a searchable custom field", required=True),
            Parameter("value", "only this value"))),
    Report("serial_movements", "Serial movements", "everything that happened to serials and "
           "quantities, oldest first", _MOVED, (_ITEM, Parameter("serial", "serial"), _FROM, _TO)),
    Report("prior_items_sold", "Prior items sold", "lines of sales orders with the serials and "
           "batches that went out on them", _SOLD, (_CUSTOMER, _ITEM, _FROM, _TO)),
    Report("prior_items_invoiced", "Prior items invoiced", "lines of invoices with their serials "
           "and batches", _SOLD, (_CUSTOMER, _ITEM, _FROM, _TO)),
    Report("warranty_expiring", "Warranty expiring", "serials whose warranty ends",
           ("until", "whose", "item", "name", "serial", "state", "location", "customer",
            "supplier", "received_at", "shipped_at"),
           (Parameter("from", "first day (standard: today)", "date"),
            Parameter("before", "last day (standard: 90 days later)", "date"),
            Parameter("whose", "`customer`: our own to the customer; `supplier`: the supplier's "
                      "to us (standard: both)", "choice", choices=("customer", "supplier")),
            _ITEM, _CUSTOMER)),
    Report("service_due", "Service due", "serials that are due for service",
           ("due", "item", "name", "serial", "state", "location", "customer"),
           (Parameter("before", "last day (standard: today)", "date"), _ITEM, _CUSTOMER)),
    Report("margin_by_serial", "Margin by serial", "what each serial brought, less what it cost, "
           "landed cost included, in one currency",
           ("item", "name", "serial", "life", "customer", "shipped_at", "price", "cost", "margin",
            "currency", "note"),
           (_ITEM, _CUSTOMER, _CURRENCY, _FROM, _TO)),
    Report("margin_by_item", "Margin by item", "what the serials of each item brought, currency "
           "by currency", ("item", "name", "currency", "sold", "price", "cost", "margin",
           "without_cost"), (_ITEM, _CURRENCY, _FROM, _TO)),
    Report("stock_levels", "Stock", "what there is of each item",
           ("item", "name", "unit", "on_hand", "on_order", "committed", "available", "held",
            "reorder_point"), (_ITEM,)),
    Report("stock_by_location", "Stock by location", "what there is of each item at each location "
           "and of each lot",
           ("location", "item", "name", "lot", "on_hand", "held", "committed", "picked",
            "in_transit", "returned", "rejected"),
           (_LOCATION, _ITEM)),
    Report("reorder", "Items to reorder", "items that came down to their reorder point",
           ("item", "name", "location", "on_hand", "reorder_point", "on_order", "available"),
           (_ITEM,)),
    Report("adjustments", "Adjustments for the accounts", "what movements mean to the accounts, a "
           "posting a row", ("event", "at", "action", "document", "party", "item", "quantity",
           "role", "account", "debit", "credit", "currency", "reason", "synced_at"),
           (Parameter("after", "only events behind this number", "number"), _FROM, _TO,
            Parameter("kind", "`corrections`: no purchases, sales and builds (standard: all)",
                      "choice", choices=("all", "corrections")),
            Parameter("unsynced", "only what was not fetched yet", "yes_no"))),
    Report("lot_genealogy", "Lot genealogy", "what went into a lot, and where it went",
           ("direction", "level", "item", "serial", "lot", "quantity", "state", "location",
            "customer", "document"),
           (Parameter("item", "SKU", required=True), Parameter("lot", "code", required=True))),
    Report("stocktake_differences", "Stocktake differences", "what a stocktake found, beside what "
           "was expected; of a posted one what was done about it",
           ("stocktake", "location", "item", "serial", "lot", "expected", "counted", "difference",
            "finding", "decision"),
           (Parameter("stocktake", "its number", required=True),)),
)  # fmt: skip
"""In the order they are listed."""


def by_id(name: str) -> Report:
    """Return a report.

    Raises:
        Unknown: there is none.
    """
    for report in REPORTS:
        if report.id == name:
            return report
    raise Unknown(
        f"There is no report {name[:80]!r}; /v1/reports lists them.",
        report=name[:80], reports=[report.id for report in REPORTS],
    )  # fmt: skip


def search(name: str) -> list[Report]:
    """Return the reports with a text in their title, all for none."""
    wanted = name.casefold().strip()
    return [
        report
        for report in REPORTS
        if wanted in report.title.casefold() or wanted in report.id.replace("_", " ")
    ]


def read_parameters(report: Report, given: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters that were given, checked; empty ones are left out.

    Raises:
        InputRefused: the report has no such parameter, needs one that is missing, or cannot take
            a value.
    """
    known = {parameter.name: parameter for parameter in report.parameters}
    values: dict[str, str] = {}
    for name, value in given.items():
        if name not in known:
            takes = ", ".join(known) or "no parameters"
            raise InputRefused(
                f"The report {report.title!r} has no parameter {name[:40]!r}; it takes {takes}, "
                "and filter.<column>.",
                key=name[:40],
            )
        if value:
            _check(known[name], value)
            values[name] = value
    for name, parameter in known.items():
        if parameter.required and name not in values:
            raise InputRefused(
                f"The report {report.title!r} needs {name!r}: {parameter.says}.", key=name
            )
    return values


def read_filters(report: Report, given: Mapping[str, str]) -> dict[int, str]:
    """Return which columns must contain which text, folded, by their places.

    Raises:
        InputRefused: the report has no such column.
    """
    filters: dict[int, str] = {}
    for column, text in given.items():
        if column not in report.columns:
            raise InputRefused(
                f"The report {report.title!r} has no column {column[:40]!r}; it has "
                f"{', '.join(report.columns)}.",
                key=f"filter.{column[:40]}",
            )
        filters[report.columns.index(column)] = text.casefold()
    return filters


def _check(parameter: Parameter, value: str) -> None:
    expected = ""
    match parameter.kind:
        case "text":
            expected = "" if len(value) <= 200 else "a text of at most 200 characters"
        case "date":
            expected = "" if _is_date(value) else "a date such as 2026-11-22"
        case "number":
            fits = value.isascii() and value.isdecimal() and len(value) < 19
            expected = "" if fits else "a whole number"
        case "yes_no":
            expected = "" if value in ("0", "1", "false", "true") else "1 or 0"
        case "choice":
            fits = value in parameter.choices
            expected = "" if fits else f"one of {', '.join(parameter.choices)}"
    if expected:
        raise InputRefused(
            f"{parameter.name!r} must be {expected}, got {value[:80]!r}.", key=parameter.name
        )


def _is_date(value: str) -> bool:
    if len(value) != 10:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
