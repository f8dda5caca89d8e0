"""Whether the gateway lives, whether it can work, and its figures for Prometheus."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from pathlib import Path

from fastapi import APIRouter, Response

from gateway import __version__
from gateway.api.access import OPEN, needs
from gateway.api.parts import Parts
from gateway.api.showing import answer
from gateway.errors import Moved, StoreError
from gateway.jobs import Counts, JobState

CONDITIONS = ("ready", "printing", "stopped", "unreachable", "starting", "paused")


def health_routes(parts: Parts) -> APIRouter:
    """Return the routes for whoever watches the gateway."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", dependencies=[needs(OPEN)], summary="Whether the process lives")
    async def get_health() -> Response:
        return answer({"status": "ok"}, headers={"cache-control": "no-store"})

    @router.get("/readyz", dependencies=[needs(OPEN)], summary="Whether it can accept jobs")
    async def get_readiness() -> Response:
        """A full disk or a broken database says 503 or 507 with the reason. A printer in trouble
        does not: its jobs are accepted and wait."""
        reason = parts.ready()
        if reason is not None:
            raise StoreError(reason) if parts.moving.fence is None else Moved(reason)
        parts.space.check()
        return answer({"status": "ready"}, headers={"cache-control": "no-store"})

    @router.get("/metrics", dependencies=[needs("read")], summary="Figures for Prometheus")
    async def get_metrics() -> Response:
        text = await parts.away(lambda: metrics(parts))
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return Response(text, media_type=kind, headers={"cache-control": "no-store"})

    return router


def metrics(parts: Parts) -> str:
    """Return the figures in Prometheus' text format."""
    out: list[str] = []

    def metric(
        name: str, kind: str, text: str, samples: Iterable[tuple[dict[str, str], float]]
    ) -> None:
        out.append(f"# HELP gateway_{name} {text}")
        out.append(f"# TYPE gateway_{name} {kind}")
        out.extend(f"gateway_{name}{_labels(labels)} {_number(v)}" for labels, v in samples)

    figures = parts.jobs.figures()
    metric("info", "gauge", "The version that runs.", [({"version": __version__}, 1)])
    metric("jobs_accepted_total", "counter", "Jobs accepted, ever.", [({}, figures.jobs)])
    metric("labels_accepted_total", "counter", "Labels accepted, ever.", [({}, figures.labels)])
    metric(
        "jobs_open", "gauge", "Jobs that have not ended, by state.",
        [({"state": s.value}, figures.open_jobs.get(s.value, 0)) for s in JobState],
    )  # fmt: skip
    metric(
        "labels_open", "gauge", "Labels of jobs that have not ended, by state.",
        [({"state": name}, getattr(figures.open_labels, name)) for name in Counts._fields[:-1]],
    )  # fmt: skip
    printers = parts.printers.all()
    statuses = [(printer, parts.room.status(printer.id)) for printer in printers]
    metric(
        "printer_condition", "gauge", "1 for the condition a printer is in.",
        [
            ({"printer": printer.name, "condition": condition}, status.condition == condition)
            for printer, status in statuses
            for condition in CONDITIONS
        ],
    )  # fmt: skip
    metric(
        "printer_on_the_way", "gauge", "Labels handed to a printer and not yet settled.",
        [({"printer": printer.name}, status.on_the_way) for printer, status in statuses],
    )  # fmt: skip
    metric(
        "printer_waiting", "gauge", "Labels that wait for a printer.",
        [({"printer": p.name}, parts.jobs.backlog(p.id)) for p in printers],
    )  # fmt: skip
    metric("feed_sequence", "counter", "The newest entry of the feed.", [({}, parts.live.last)])
    metric("feed_listeners", "gauge", "Programs that listen.", [({}, parts.live.listeners)])
    metric("memory_bytes", "gauge", "Resident memory.", [({}, resident())])
    seconds, total = parts.seconds, 0
    buckets: list[tuple[dict[str, str], float]] = []
    for bound, count in zip((*seconds.BOUNDS, math.inf), seconds.counts, strict=True):
        total += count
        buckets.append(({"le": "+Inf" if bound == math.inf else str(bound)}, total))
    name = "accept_seconds"
    out.append(f"# HELP gateway_{name} From the head of a POST /v1/jobs to its durable answer.")
    out.append(f"# TYPE gateway_{name} histogram")
    out.extend(f"gateway_{name}_bucket{_labels(labels)} {_number(n)}" for labels, n in buckets)
    out.append(f"gateway_{name}_sum {_number(seconds.total)}")
    out.append(f"gateway_{name}_count {total}")
    return "\n".join(out) + "\n"


def _labels(labels: dict[str, str]) -> str:
    # Values are names of printers and words of ours: nothing to escape.
    inside = ",".join(f'{name}="{value}"' for name, value in labels.items())
    return f"{{{inside}}}" if inside else ""


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(round(value, 9))


def resident() -> int:
    """Return the bytes of memory this process holds; 0 where the system does not say so."""
    statm = Path("/proc/self/statm")  # proc(5): size and resident, in pages
    if not statm.exists():
        return 0
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
