"""``POST /v1/stations/{name}/print-sheet``: a station's command barcodes, one on each label."""

from __future__ import annotations

from fastapi import APIRouter, Response

from gateway.accepting import JobRequest
from gateway.api.access import Who, needs
from gateway.api.changes import JsonObject, Once, act, answered
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown
from gateway.api.registry.given import text_given
from gateway.api.scans import printer_name
from gateway.api.showing import Json
from gateway.errors import InputRefused
from gateway.stations.command_sheet import sheet_of
from gateway.store.engine import Transaction, now

TEMPLATE = "command"


def command_sheet_routes(parts: Parts) -> APIRouter:
    """Return the route that prints command barcodes."""
    router = APIRouter(prefix="/v1/stations", tags=["stations"])

    @router.post(
        "/{name}/print-sheet",
        dependencies=[needs("print")],
        summary="Print a station's command barcodes",
    )
    async def print_sheet(name: str, body: JsonObject, who: Who, once: Once) -> Response:
        """A label for each of its commands, on the station's printer unless `printer` names
        another, by the built-in template `command` unless `template` does (fields `title`, `code`,
        `station`). The page `/station/{name}/sheet` is the same on A4."""
        if (known := answered(parts, once)) is not None:
            return known
        refuse_unknown(body, ("printer", "template"), "A print of command barcodes")
        station = parts.stations_store.find(name)
        who.must_be_at(station.name)
        own = "" if station.printer is None else printer_name(parts, station.printer)
        printer = text_given(body, "printer") or own
        if not printer:
            raise InputRefused(
                f"Station {station.name!r} has no printer; name one in 'printer', or print the "
                f"page /station/{station.name}/sheet on paper.",
                key="printer",
            )
        template = parts.templates.find(text_given(body, "template") or TEMPLATE)
        fields = {field.name for field in template.fields}
        labels = [
            {
                key: value
                for key, value in (
                    ("title", title), ("code", code), ("station", station.title or station.name),
                )
                if key in fields
            }
            for group in sheet_of(station, parts.registry.signing.sign)
            for title, code in group.rows
        ]  # fmt: skip
        request = JobRequest(
            printer=printer, template=template.name, version=template.version, labels=labels,
            title=f"Command barcodes of {station.name}",
        )  # fmt: skip
        parts.space.check()
        at = now()
        order = await parts.away(lambda: parts.desk.order(request, at))
        parts.backlog.take(order.target, len(order.rows), order.target_name)

        def work(t: Transaction) -> Json:
            parts.printers.must_exist(t, order.target, order.target_name)
            job, state = parts.jobs.accept(t, order, who.name, at)
            if not order.held:
                t.after(lambda: parts.room.wake(order.target))
            return {
                "id": f"J{job}",
                "state": state,
                "printer": order.target_name,
                "labels": len(order.rows),
                "problem": order.problem or None,
                "links": {"self": f"/v1/jobs/J{job}", "labels": f"/v1/jobs/J{job}/labels"},
            }

        return await act(parts, once, work, 201)

    return router
