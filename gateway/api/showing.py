"""Values become JSON: how jobs, labels, printers and the rest look from outside.

>>> rfc3339(1_700_000_000_123_456)
'2023-11-14T22:13:20.123456Z'
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar

from gateway.printers import Printer, PrinterStatus, Setup
from gateway.store.assets import Asset
from gateway.store.feed import Entry
from gateway.store.jobs import JobRow, LabelRow
from gateway.store.keys import Key
from gateway.store.templates import Version
from gateway.units import format_density

if TYPE_CHECKING:
    from fastapi import Response

Json = dict[str, object]


class Named(Protocol):
    """What is listed by its name."""

    @property
    def name(self) -> str: ...


T = TypeVar("T")
N = TypeVar("N", bound=Named)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rfc3339(at: int) -> str:
    """Return microseconds UTC as RFC 3339 writes them."""
    # Not fromtimestamp: it rounds, and fails beyond the platform's years.
    moment = _EPOCH + timedelta(microseconds=at)
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _time(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)


def dumps(value: object) -> bytes:
    """Return JSON as the gateway writes it: compact, UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a value as a JSON answer. The values are ours: nothing needs to be validated."""
    from fastapi import Response  # late: printers print before the HTTP server is loaded

    return Response(
        dumps(value), status, headers=dict(headers or {}), media_type="application/json"
    )


def listed(items: list[Json], after: object = None) -> Json:
    """Return one page of a list; ``next`` is what ``?after=`` takes for the next one."""
    return {"items": items, "next": None if after is None else str(after)}


def page_of(
    found: Sequence[T], limit: int, show: Callable[[T], Json], key: Callable[[T], object]
) -> Json:
    """Return the first ``limit`` of what was found; more than that says that there is a next page.

    >>> page_of([7, 8, 9], 2, lambda n: {"number": n}, str)
    {'items': [{'number': 7}, {'number': 8}], 'next': '8'}
    """
    more = key(found[limit - 1]) if len(found) > limit else None
    return listed([show(one) for one in found[:limit]], more)


def after_name(found: Iterable[N], after: str | None) -> list[N]:
    """Return those whose names come behind ``after``, as a person sorts them."""
    return [one for one in found if after is None or one.name.lower() > after.lower()]


def show_job(job: JobRow, printer: str) -> Json:
    """Return a job with how many of its labels are in which state."""
    return {
        "id": job.id,
        "state": job.state,
        "printer": printer,
        "labels": job.labels,
        "counts": {name: n for name, n in job.counts._asdict().items() if n and name != "silent"},
        "kind": job.kind,
        "template": job.template,
        "version": job.version,
        "mode": job.mode,
        "priority": job.priority,
        "strict": job.strict,
        "counted": job.counted,
        "title": job.title,
        "reason": job.reason,
        "problem": job.problem,
        "proof": job.proof,
        "actor": job.actor,
        "cancelling": job.withdrawn and job.ended_at is None,
        "accepted_at": _time(job.accepted_at),
        "expires_at": _time(job.expires_at),
        "ended_at": _time(job.ended_at),
        "links": {"self": f"/v1/jobs/{job.id}", "labels": f"/v1/jobs/{job.id}/labels"},
    }


def show_label(label: LabelRow, printer: str | None, serial: str | None = None) -> Json:
    """Return one label: its data, its state, and how that is known.

    ``serial`` is the public id of the one it names.
    """
    return {
        "id": label.id,
        "job": f"J{label.job}",
        "number": label.number,
        "copy": label.copy,
        "state": label.state,
        "evidence": label.evidence,
        "data": None if label.fields is None else json.loads(label.fields),
        "problem": label.problem,
        "printer": printer,
        "serial": serial,
        "reprint_of": None if label.reprint_of is None else f"L{label.reprint_of}",
        "returns": label.returns,
        "sent_at": _time(label.sent_at),
        "settled_at": _time(label.settled_at),
        "links": {"picture": f"/v1/labels/{label.id}.png"},
    }


def show_status(status: PrinterStatus) -> Json:
    """Return a printer's status: a sentence for people, the rest for programs."""
    return {
        "condition": status.condition,
        "sentence": status.sentence,
        "problems": [
            {"kind": p.kind, "sentence": p.sentence, "cure": p.cure, "stops": p.stops}
            for p in status.problems
        ],
        "proof": status.proof,
        "identity": dict(status.identity),
        "counter": status.counter,
        "on_the_way": status.on_the_way,
        "since": _time(status.since or None),
    }


def show_setup(setup: Setup) -> Json:
    """Return how a printer is set, as ``PUT`` takes it."""
    return {
        "tracking": setup.tracking,
        "gap": setup.gap,
        "darkness": setup.darkness,
        "speed": setup.speed,
        "finish": setup.finish,
        "offset": {"x": setup.offset_x, "y": setup.offset_y},
    }


def show_printer(
    printer: Printer, status: PrinterStatus, virtual: bool, gateway: str | None, ours: bool
) -> Json:
    """Return a printer's settings with its status.

    ``gateway`` is the computer that drives it, ``ours`` whether that is this one.
    """
    return {
        "name": printer.name,
        "url": printer.url,
        "language": printer.language,
        "model": printer.model,
        "density": format_density(printer.density),
        "media": {
            "width": printer.media.width,
            "height": printer.media.height,
            "stock": printer.media.stock,
        },
        "setup": show_setup(printer.setup),
        "evidence": printer.evidence,
        "mode": printer.mode,
        "options": dict(printer.options),
        "paused": printer.paused,
        "virtual": virtual,
        "gateway": gateway,
        "ours": ours,
        "version": printer.version,
        "created_at": _time(printer.created_at),
        "changed_at": _time(printer.changed_at),
        "status": show_status(status),
        "links": {"self": f"/v1/printers/{printer.name}"},
    }


def show_version(version: Version) -> Json:
    """Return one saved version of a template, without its document."""
    return {
        "name": version.name,
        "number": version.number,
        "version": version.version,
        "saved_at": _time(version.at),
        "actor": version.actor,
        "note": version.note,
        "links": {"self": f"/v1/templates/{version.name}/versions/{version.number}"},
    }


def show_key(key: Key) -> Json:
    """Return what may be shown of a key."""
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "actor": key.actor,
        "created_at": _time(key.created_at),
        "expires_at": _time(key.expires_at),
        "used_at": _time(key.used_at),
    }


def show_asset(asset: Asset) -> Json:
    """Return an asset without its bytes; ``ref`` is what a template writes."""
    return {
        "ref": f"asset:{asset.hash}",
        "hash": asset.hash,
        "kind": asset.kind,
        "name": asset.name,
        "size": asset.size,
        "saved_at": _time(asset.at),
        "actor": asset.actor,
        "links": {"self": f"/v1/assets/{asset.hash}"},
    }


def show_entry(entry: Entry) -> bytes:
    """Return a feed entry as a CloudEvents 1.0 object in JSON."""
    # The body is JSON already: it is set in, not read and written again.
    head = dumps(
        {
            "specversion": "1.0",
            "id": str(entry.seq),
            "source": "/v1/events",
            "type": entry.kind,
            "subject": entry.subject,
            "time": rfc3339(entry.at),
            "actor": entry.actor,
            "datacontenttype": "application/json",
        }
    )
    return b'%b,"data":%b}' % (head[:-1], entry.body.encode())
