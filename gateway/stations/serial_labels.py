"""Labels of serials: what their fields are filled with, and one printed where a station stands.

Which field of a template is filled with what of a serial stands in ``label_fields``; a template
takes those it has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from gateway.accepting import Desk, JobRequest
from gateway.codes.gs1 import escape
from gateway.errors import InputRefused
from gateway.registry.lives import Action
from gateway.registry.public_ids import PublicIds
from gateway.registry.serial_text import gs1_warning
from gateway.stations.station import Station
from gateway.store.engine import Transaction, now
from gateway.store.jobs import JobStore
from gateway.store.registry.acting import Act, Target
from gateway.store.registry.events import By
from gateway.store.registry.labelling import subject_of
from gateway.store.registry.registry import Registry
from gateway.store.registry.serials import SerialRow, fields_of_row, serials_by_id
from gateway.store.templates import TemplateStore

TEMPLATE = "serial"
"""The built-in one: the serial in Code 128, or GTIN and serial as GS1-128."""


def label_fields(
    row: SerialRow, names: PublicIds, zone: ZoneInfo, features: frozenset[str]
) -> dict[str, str]:
    """Return what a template's fields are filled with, by their names.

    Custom fields go by their keys, behind the names that stand here. ``gs1`` is empty where the
    item has no GTIN or AI (21) cannot carry the serial; ``barcode`` is "no" where the feature
    ``barcodes`` is off.
    """
    gs1 = ""
    if row.gtin and gs1_warning(row.serial) is None:
        gs1 = f"(01){row.gtin}(21){escape(row.serial)}"

    def day(at: int | None) -> str:
        if at is None:
            return ""
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
        return moment.astimezone(zone).date().isoformat()

    own = {
        key: ("yes" if value else "no") if isinstance(value, bool) else str(value)
        for key, value in fields_of_row(row).items()
    }
    return own | {
        "serial": row.serial,
        "item": row.sku,
        "name": row.item_name,
        "gtin": row.gtin or "",
        "gs1": gs1,
        "code": f"GW-{names.write('serial', row.id)}",
        "lot": row.lot or "",
        "location": row.location or "",
        "customer": row.customer or "",
        "supplier": row.supplier or "",
        "document": row.document_number or "",
        "life": str(row.number),
        "memo": row.memo,
        "received": day(row.received_at),
        "shipped": day(row.shipped_at),
        "warranty": row.warranty_out or "",
        "service_due": row.service_due or "",
        "barcode": "yes" if "barcodes" in features else "no",
    }


class Backlog(Protocol):
    """How many labels may wait for a printer."""

    def take(self, target: int, labels: int, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class LabelPrinter:
    """Queues labels of serials in a transaction that is under way."""

    registry: Registry
    desk: Desk
    jobs: JobStore
    templates: TemplateStore
    backlog: Backlog
    zone: Callable[[], str]
    name_of: Callable[[int], str]
    """Of a printer or pool; empty when it is no more."""
    wake: Callable[[int], None]

    def knows(self, template: str) -> bool:
        """Return whether there is a template of that name."""
        return any(one.name == template for one in self.templates.all())

    def __call__(
        self, t: Transaction, lives: Sequence[int], station: Station, by: By,
        may: Callable[[str], bool], *, template: str = "",
    ) -> str:  # fmt: skip
        """Queue one label for each life; return the job: ``J12``.

        Raises:
            InputRefused: the label cannot be printed there.
            RegistryRefused: the serials may have no label.
        """
        if station.printer is None:
            raise InputRefused(f"Station {station.name} has no printer.", station=station.name)
        if not (printer := self.name_of(station.printer)):
            raise InputRefused(
                f"The printer of station {station.name} was deleted; give the station another.",
                station=station.name,
            )
        found = self.templates.find(template or station.template or TEMPLATE)
        known = {field.name for field in found.fields}
        features, zone = self.registry.rules().features, ZoneInfo(self.zone())
        labels = [
            {
                name: value
                for name, value in label_fields(
                    row, self.registry.public_ids, zone, features
                ).items()
                if name in known
            }
            for row in serials_by_id(t.execute, lives)
        ]
        at = now()
        request = JobRequest(
            printer=printer, template=found.name, version=found.version,
            labels=labels, title=f"Station {station.name}",
        )  # fmt: skip
        order = self.desk.order(request, at)
        order = replace(order, subjects=tuple(map(subject_of, lives)))
        self.backlog.take(order.target, len(labels), order.target_name)
        job, _ = self.jobs.accept(t, order, by.actor, at)
        act = Act(
            Action.PRINT_LABEL, [Target(life=life) for life in dict.fromkeys(lives)],
            body={"job": f"J{job}", "printer": order.target_name, "template": order.template,
                  "copies": order.copies},
        )  # fmt: skip
        self.registry.perform(t, act, by, may)
        t.after(lambda: self.wake(order.target))
        return f"J{job}"
