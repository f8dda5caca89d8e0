"""Jobs: what became of them, and what can be done to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.api.access import Who, needs
from gateway.api.again import accept_again, reprint_orders
from gateway.api.changes import JsonObject, Once, act, answered
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.registry.labelled import serial_of
from gateway.api.showing import Json, answer, page_of, show_job, show_label
from gateway.errors import InputRefused, UnknownLabel
from gateway.jobs import ENDED, JobState, State
from gateway.store.engine import Transaction
from gateway.store.jobs import JobRow, LabelRow, parse_number

LONGEST_WAIT = 60.0
"""Seconds a question about a job may wait."""

_RESTING = frozenset({state.value for state in ENDED} | {JobState.NEEDS_ATTENTION.value})
"""States in which nothing more happens until somebody does something."""


def job_routes(parts: Parts) -> APIRouter:
    """Return the routes of jobs, but the one that accepts them."""
    router = APIRouter(prefix="/v1/jobs", tags=["jobs"])
    jobs, printers = parts.jobs, parts.printers

    def shown(job: JobRow) -> Json:
        return show_job(job, printers.name_of(job.target))

    @router.get("", dependencies=[needs("read")], summary="List jobs, newest first")
    async def list_jobs(
        state: Annotated[list[JobState] | None, Query()] = None,
        printer: str | None = None,
        template: Annotated[str | None, Query(max_length=200)] = None,
        after: str | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
    ) -> Response:
        target = None if printer is None else parts.pools.target(printer).id
        below = None if after is None else parse_number(after, "J")
        if template is not None:  # in its own spelling, if there still is one of that name
            known = (one.name for one in parts.templates.all())
            template = next((n for n in known if n.lower() == template.lower()), template)
        rows = jobs.jobs(
            after=below, limit=limit + 1, states=state or (), target=target, template=template
        )
        return answer(page_of(rows, limit, shown, lambda row: row.id))

    @router.get("/{job}", dependencies=[needs("read")], summary="A job, now or when it has ended")
    async def get_job(
        job: str, wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT)] = 0
    ) -> Response:
        """With `?wait=30` the answer comes when the job has ended or needs a person, and after 30
        seconds as it is then."""
        number = parse_number(job, "J")
        row = jobs.job(number)
        if wait and row.state not in _RESTING:
            await parts.live.wait_for(
                f"jobs/{row.id}", lambda: jobs.job(number).state in _RESTING, wait
            )
            row = jobs.job(number)
        return answer(shown(row))

    @router.get("/{job}/labels", dependencies=[needs("read")], summary="One row for each label")
    async def list_labels(
        job: str,
        state: State | None = None,
        after: str | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> Response:
        number = parse_number(job, "J")
        above = 0 if after is None else parse_number(after, "L")
        rows = jobs.labels(number, after=above, limit=limit + 1, state=state)
        names = {row.printer: printers.name_of(row.printer) for row in rows if row.printer}
        return answer(
            page_of(
                rows,
                limit,
                lambda row: show_label(row, names.get(row.printer or 0), serial_of(parts, row)),
                lambda row: row.id,
            )
        )

    # ------------------------------------------------------------ acting

    def changed(t: Transaction, number: int, change: Callable[[], object]) -> Json:
        change()
        row = jobs.job(number, t)
        t.after(lambda: parts.room.wake(row.target))
        return shown(row)

    @router.post("/{job}/hold", dependencies=[needs("print")], summary="Hold what still waits")
    async def hold_job(job: str, who: Who, once: Once) -> Response:
        number = parse_number(job, "J")
        return await act(
            parts, once, lambda t: changed(t, number, lambda: jobs.hold(t, number, who.name))
        )

    @router.post("/{job}/release", dependencies=[needs("print")], summary="Let what is held go on")
    async def release_job(job: str, who: Who, once: Once) -> Response:
        number = parse_number(job, "J")
        return await act(
            parts, once, lambda t: changed(t, number, lambda: jobs.release(t, number, who.name))
        )

    @router.post("/{job}/cancel", dependencies=[needs("print")], summary="Cancel a job")
    async def cancel_job(job: str, who: Who, once: Once) -> Response:
        """What has not left is cancelled at once; labels on their way are settled first."""
        number = parse_number(job, "J")
        return await act(
            parts, once, lambda t: changed(t, number, lambda: jobs.cancel(t, number, who.name))
        )

    @router.post("/{job}/prioritize", dependencies=[needs("print")], summary="Change the priority")
    async def prioritize_job(job: str, body: JsonObject, who: Who, once: Once) -> Response:
        number = parse_number(job, "J")
        refuse_unknown(body, ("priority",), "This")
        priority = body.get("priority")
        if type(priority) is not int or not -100 <= priority <= 100:
            raise InputRefused(
                "'priority' must be a whole number from -100 (last) to 100 (first), got "
                f"{say(priority)}.",
                key="priority",
            )
        return await act(
            parts,
            once,
            lambda t: changed(t, number, lambda: jobs.set_priority(t, number, priority, who.name)),
        )

    @router.post("/{job}/reprint", dependencies=[needs("print")], summary="Print labels anew")
    async def reprint_job(job: str, body: JsonObject, who: Who, once: Once) -> Response:
        """A new job prints the same labels to the dot: the template's version, the fields, the
        counters and the dates of the first time. `reason` is kept with it. `labels` are numbers
        in the job; all of them are printed when it is left out."""
        if (known := answered(parts, once)) is not None:
            return known
        row = jobs.job(parse_number(job, "J"))
        refuse_unknown(body, ("reason", "labels", "printer"), "A reprint")
        wanted, reason = body.get("labels"), body.get("reason", "")
        name = body.get("printer") or printers.name_of(row.target)
        printer = parts.pools.target(str(name))
        orders = await parts.away(
            lambda: reprint_orders(parts, _chosen(row, every(row), wanted), reason, printer)
        )
        return await act(
            parts, once, lambda t: shown(accept_again(t, parts, orders, printer, who)[0]), 201
        )

    def every(row: JobRow) -> list[LabelRow]:
        return jobs.labels(row.seq, limit=row.labels)

    return router


def _chosen(job: JobRow, labels: list[LabelRow], wanted: object) -> list[int]:
    """Return the labels whose numbers are wanted, copies with them; all of them for None."""
    if wanted is None:
        return [label.seq for label in labels]
    if not isinstance(wanted, list) or not all(type(number) is int for number in wanted):
        raise InputRefused(
            f"'labels' must be a list of label numbers such as [1, 2], got {say(wanted)}.",
            key="labels",
        )
    highest = labels[-1].number
    for number in wanted:
        if not 1 <= number <= highest:
            raise UnknownLabel(
                f"Job {job.id} has no label {number}; it has 1 to {highest}.",
                job=job.id,
                number=number,
            )
    numbers = set(wanted)
    return [label.seq for label in labels if label.number in numbers]
