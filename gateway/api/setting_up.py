"""Setting a printer up: its test label, its alignment, another device under its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from fastapi import APIRouter, Response

from gateway.api.access import Who, needs
from gateway.api.changes import JsonObject, Once, act, acting_once, answered
from gateway.api.etags import etag
from gateway.api.fitting import refit_printer
from gateway.api.parts import Parts
from gateway.api.printer_body import FARTHEST_OFFSET, parse_printer
from gateway.api.reading import refuse_unknown, say
from gateway.api.showing import Json, answer, show_job, show_printer
from gateway.api.virtual import fill_virtual
from gateway.errors import PrinterRefused
from gateway.printers import Printer, Setup
from gateway.store.engine import Transaction, now
from gateway.store.printers import settings_of
from gateway.units import Um, say_length

T = TypeVar("T")

REPLACED = "The printer was replaced while this label was on its way."


def setting_up_routes(parts: Parts) -> APIRouter:
    """Return the routes that set printers up."""
    router = APIRouter(prefix="/v1/printers", tags=["printers"])
    store, jobs = parts.printers, parts.jobs

    def shown(printer: Printer) -> Json:
        virtual = parts.paper(printer) is not None
        status, gateway = parts.room.status(printer.id), store.gateway_of(printer)
        return show_printer(printer, status, virtual, gateway, store.ours(printer))

    @router.get("/{name}/test", dependencies=[needs("read")], summary="What the test label shows")
    async def get_test(name: str) -> Response:
        """Its size, and where its cross belongs, in µm."""
        from gateway.templates.ruler_label import LONGEST, cross_of

        width, height = parts.desk.test_size(store.find(name))
        left, top = cross_of(width, height)
        size = {"width": width, "height": min(height, LONGEST)}
        return answer(
            {"printer": store.find(name).name, **size, "cross": {"left": left, "top": top}}
        )

    @router.post("/{name}/test", dependencies=[needs("print")], summary="Print the test label")
    async def print_test(name: str, who: Who, once: Once) -> Response:
        """Rulers along two edges and a cross in the middle of the stock, drawn as ink. Measure
        the cross from the left and the top edge, and give both to `align`."""
        from gateway.templates.ruler_label import cross_of

        printer = store.find(name)
        parts.space.check()
        order, template = await parts.away(lambda: parts.desk.test_order(printer, now()))
        parts.backlog.take(printer.id, 1, printer.name)

        def work(t: Transaction) -> Json:
            store.must_exist(t, printer.id, printer.name)
            parts.templates.keep(t, template)
            row = jobs.job(jobs.accept(t, order, who.name, now()).job, t)
            t.after(lambda: parts.room.wake(printer.id))
            left, top = cross_of(*parts.desk.test_size(printer))
            return {**show_job(row, printer.name), "cross": {"left": left, "top": top}}

        return await act(parts, once, work, 201)

    @router.post(
        "/{name}/align", dependencies=[needs("admin")], summary="Move all ink to where it belongs"
    )
    async def align(name: str, body: JsonObject, who: Who, once: Once) -> Response:
        """`left` and `top`: how far the test label's cross is from the paper's edges, in µm. The
        printer keeps the difference as its offset; templates know nothing of it."""
        if (known := answered(parts, once)) is not None:
            return known  # or the ink would move twice
        printer = store.find(name)
        setup = aligned(printer, body, parts.desk.test_size(printer))
        settings = replace(settings_of(printer), setup=setup)
        saved: Printer | None = None

        def work(t: Transaction) -> Json:
            nonlocal saved
            saved, _ = store.put(t, name, settings, who.name, version=printer.version)
            return shown(saved)

        async with parts.changing:
            response = await act(parts, once, work)
            if saved is not None:
                changed = saved
                await parts.away(lambda: parts.room.put(changed))
                response.headers["etag"] = etag(changed.version)
        return response

    @router.post(
        "/{name}/replace", dependencies=[needs("admin")], summary="Put another device in its place"
    )
    async def replace_printer(name: str, body: JsonObject, who: Who, once: Once) -> Response:
        """The body has the new device's settings; what it leaves out stays. What waits prints on
        the new device, drawn for its head. What was on its way on the old one is a question for a
        person (`uncertain`), unless `same_device` says that only the address has changed: then
        the printer's own evidence settles it."""
        if (known := answered(parts, once)) is not None:
            return known  # or what left for the new device since would be doubted
        was = store.find(name)
        store.must_be_ours(was, "put another device in its place")
        wanted = dict(body)
        same = wanted.pop("same_device", False)
        if not isinstance(same, bool):
            raise PrinterRefused(
                f"'same_device' must be true or false, got {say(same)}.", key="same_device"
            )
        if not isinstance(wanted.get("url"), str):
            raise PrinterRefused(
                "A replacement needs the new device's 'url', such as tcp://10.0.0.7:9100.",
                key="url",
            )
        if {"language", "density"} & wanted.keys():
            wanted.setdefault("model", "")  # the old model is not the new device's
        wanted = await parts.away(lambda: fill_virtual(wanted, was, parts.virtual.free_url))
        if "name" in wanted:
            raise PrinterRefused("A replacement keeps the name; rename the printer by PUT.")
        settings = parse_printer(wanted, was)

        from gateway.drivers.transports import manners_of

        done: tuple[Printer, int] | None = None

        def work(t: Transaction) -> Json:
            nonlocal done
            if manners_of(settings.url).answers:
                store.must_be_free(t, settings.url, was.name)
            doubted = 0
            if not same:
                doubted = jobs.doubt(t, was.id, REPLACED, who.name)
                jobs.forget_learned(t, was.id)
            printer, _ = store.put(t, name, settings, who.name)
            refit_printer(t, parts, printer, who.name)
            done = printer, doubted
            return {**shown(printer), "uncertain": doubted}

        async with parts.changing:
            reply = await let_go(parts, was, acting_once(parts, once, work))
            printer, doubted = done or (store.find(name), 0)
            try:
                printer = await parts.away(lambda: parts.virtual.fit(printer))
            finally:  # its thread says what is wrong for as long as it is
                await parts.away(lambda: parts.room.put(printer))
        if done is None:  # the same request came twice at once
            return reply.response()
        return answer(
            {**shown(printer), "uncertain": doubted}, headers={"etag": etag(printer.version)}
        )

    return router


async def let_go(parts: Parts, printer: Printer, work: Callable[[Transaction], T]) -> T:
    """Let go of a printer's device, then do the work; when that fails, take the device up again.

    Whatever the device did until then is known before the work begins. The caller puts the printer
    into the room again when it was done.
    """
    await parts.away(lambda: parts.room.remove(printer.id))
    try:
        return await parts.database.write(work)
    except BaseException:
        await parts.away(lambda: parts.room.put(printer))
        raise


def aligned(printer: Printer, body: dict[str, Any], size: tuple[Um, Um]) -> Setup:
    """Return a printer's setup with the offset that brings the cross to where it belongs.

    ``size`` is how large the test label is, in µm.

    Raises:
        PrinterRefused: a number is missing, or so far off that it must be a mistake.
    """
    from gateway.templates.ruler_label import cross_of

    refuse_unknown(body, ("left", "top"), "An alignment")
    meant = cross_of(*size)
    moved = []
    for key, expected, side in (
        ("left", meant[0], printer.setup.offset_x),
        ("top", meant[1], printer.setup.offset_y),
    ):
        measured = body.get(key)
        if type(measured) is not int:
            raise PrinterRefused(
                f"An alignment needs {key!r}: how many µm the cross of the test label is from the "
                f"{key} edge of the paper, got {say(measured)}.",
                key=key,
            )
        offset = side + expected - measured
        if abs(offset) > FARTHEST_OFFSET:
            raise PrinterRefused(
                f"The cross belongs {say_length(expected)} from the {key} edge, and "
                f"{say_length(measured)} would move all ink by {say_length(abs(offset))}, more "
                f"than the {say_length(FARTHEST_OFFSET)} that can be; measure again, or correct "
                "the printer's media.",
                key=key,
            )
        moved.append(Um(offset))
    return replace(printer.setup, offset_x=moved[0], offset_y=moved[1])
