"""Printers: their settings, their status, and the paper of the virtual ones."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.api.access import Who, needs
from gateway.api.changes import JsonObject
from gateway.api.etags import IfMatch, IfNoneMatch, etag, seen, version_of
from gateway.api.fitting import refit_printer
from gateway.api.parts import Paper, Parts, Sheet
from gateway.api.printer_body import parse_printer
from gateway.api.reading import say
from gateway.api.setting_up import let_go
from gateway.api.showing import (
    Json,
    after_name,
    answer,
    listed,
    page_of,
    show_label,
    show_printer,
    show_status,
)
from gateway.api.virtual import fill_virtual
from gateway.errors import InputRefused, NotNow, PrinterRefused, Unknown
from gateway.printers import Printer
from gateway.store.engine import Transaction


def printer_routes(parts: Parts) -> APIRouter:
    """Return the routes of printers."""
    router = APIRouter(prefix="/v1/printers", tags=["printers"])
    store = parts.printers

    def shown(printer: Printer) -> Json:
        virtual = parts.paper(printer) is not None
        status, gateway = parts.room.status(printer.id), store.gateway_of(printer)
        return show_printer(printer, status, virtual, gateway, store.ours(printer))

    @router.get("", dependencies=[needs("read")], summary="List the printers with their status")
    async def list_printers(
        after: str | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        work: bool = False,
    ) -> Response:
        """With `?work=true` each also says how many labels wait for it and how many it is not
        certain of, and which came out of it last."""
        found = after_name(store.all(), after)
        show = shown_with_work if work else shown
        return answer(page_of(found, limit, show, lambda one: one.name))

    def came_out(printer: Printer, limit: int) -> list[Json]:
        return [show_label(row, printer.name) for row in parts.jobs.came_out(printer.id, limit)]

    def shown_with_work(printer: Printer) -> Json:
        last = came_out(printer, 1)
        return {
            **shown(printer),
            "waiting": parts.jobs.backlog(printer.id),
            "uncertain": len(parts.jobs.uncertain(printer=printer.id)),
            "last_label": last[0] if last else None,
        }

    @router.get(
        "/{name}/labels", dependencies=[needs("read")], summary="The labels that came out last"
    )
    async def list_labels(name: str, limit: Annotated[int, Query(ge=1, le=100)] = 10) -> Response:
        """Newest first, with their pictures: those known to be on paper, and those that were sent
        to a printer that says nothing of them."""
        return answer(listed(came_out(store.find(name), limit)))

    @router.get("/{name}", dependencies=[needs("read")], summary="A printer's settings and status")
    async def get_printer(name: str) -> Response:
        printer = store.find(name)
        return answer(shown(printer), headers={"etag": etag(printer.version)})

    @router.put("/{name}", dependencies=[needs("admin")], summary="Make or change a printer")
    async def put_printer(
        name: str,
        body: JsonObject,
        who: Who,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """What the body leaves out stays as it was. `name` renames; `If-Match` with the `ETag`
        that was read refuses to overwrite somebody else's change.

        The url `virtual:` asks for a virtual printer: the gateway starts one of the language,
        density, media and model that are said, or usual. Another language makes it another
        machine, with a counter and paper of its own; another url ends it."""
        version = version_of(f"Printer {name!r}", seen(if_match, if_none_match))
        was = next((p for p in store.all() if p.name.lower() == name.lower()), None)
        # The first virtual printer of a language brings much along.
        filled = await parts.away(lambda: fill_virtual(body, was, parts.virtual.free_url))
        settings = parse_printer(filled, was)
        rename = body.get("name")
        if rename is not None and not isinstance(rename, str):
            raise PrinterRefused(f"A printer's 'name' must be a text, got {say(rename)}.")

        from gateway.drivers.transports import manners_of

        def work(t: Transaction) -> tuple[Printer, bool]:
            if (was is None or elsewhere) and manners_of(settings.url).answers:
                store.must_be_free(t, settings.url, name)
            if elsewhere:
                refuse_on_the_way()
                assert was is not None
                parts.jobs.forget_learned(t, was.id)
            printer, new = store.put(t, name, settings, who.name, version=version, rename=rename)
            refit_printer(t, parts, printer, who.name)
            return printer, new

        def refuse_on_the_way() -> None:
            assert was is not None
            if way := len(parts.jobs.unsettled(was.id)):
                raise NotNow(
                    f"{way} label{' is' if way == 1 else 's are'} on the way on printer "
                    f"{was.name!r}; wait until they are settled, or use "
                    f"/v1/printers/{was.name}/replace when the device is another one.",
                    printer=was.name,
                    labels=way,
                )

        elsewhere = was is not None and (was.url, was.language) != (
            settings.url,
            settings.language,
        )
        if was is not None and elsewhere:
            store.must_be_ours(was, "change its address or language")
        async with parts.changing:
            if elsewhere:
                assert was is not None
                refuse_on_the_way()  # before the connection is let go, which may be all we know by
                printer, new = await let_go(parts, was, work)
            else:
                printer, new = await parts.database.write(work)
            try:
                printer = await parts.away(lambda: parts.virtual.fit(printer))
            finally:  # its thread says what is wrong for as long as it is
                await parts.away(lambda: parts.room.put(printer))
        return answer(
            shown(printer),
            201 if new else 200,
            {"etag": etag(printer.version), "location": f"/v1/printers/{printer.name}"},
        )

    @router.delete("/{name}", dependencies=[needs("admin")], summary="Delete a printer")
    async def delete_printer(name: str, who: Who, if_match: IfMatch = None) -> Response:
        """Refused while labels wait for it; its jobs are kept."""
        version = version_of(f"Printer {name!r}", seen(if_match, None))
        number = version if isinstance(version, int) else None
        async with parts.changing:
            printer = await parts.database.write(
                lambda t: store.delete(t, name, who.name, version=number)
            )
            await parts.away(lambda: parts.room.remove(printer.id))
            await parts.away(lambda: parts.virtual.remove(printer.id))
        return Response(status_code=204)

    @router.post("/{name}/take", dependencies=[needs("admin")], summary="Drive it from here on")
    async def take_printer(name: str, who: Who) -> Response:
        """Where several gateways share a database, each printer is driven by one of them. This
        one takes it over: its device must be in reach of this computer, and no label may be on
        its way there."""
        async with parts.changing:
            printer = await parts.database.write(lambda t: store.take(t, name, who.name))
            printer = await parts.away(lambda: parts.virtual.fit(printer))
            await parts.away(lambda: parts.room.put(printer))
        return answer(shown(printer), headers={"etag": etag(printer.version)})

    @router.post("/{name}/pause", dependencies=[needs("print")], summary="Pause a printer")
    async def pause_printer(name: str, who: Who) -> Response:
        """Jobs are accepted and wait; what is on its way is settled."""
        return await pause(name, True, who.name)

    @router.post("/{name}/resume", dependencies=[needs("print")], summary="Let it go on")
    async def resume_printer(name: str, who: Who) -> Response:
        return await pause(name, False, who.name)

    async def pause(name: str, paused: bool, actor: str) -> Response:
        async with parts.changing:
            before = store.find(name)
            printer = await parts.database.write(lambda t: store.set_paused(t, name, paused, actor))
            if printer != before:
                await parts.away(lambda: parts.room.put(printer))
        return answer(shown(printer), headers={"etag": etag(printer.version)})

    @router.get("/{name}/status", dependencies=[needs("read")], summary="How a printer is")
    async def get_status(name: str) -> Response:
        """`sentence` is for people and says what to do; the rest is for programs."""
        printer = store.find(name)
        status = show_status(parts.room.status(printer.id))
        status |= {
            "printer": printer.name,
            "waiting": parts.jobs.backlog(printer.id),
            "uncertain": len(parts.jobs.uncertain(printer=printer.id)),
        }
        return answer(status)

    # ------------------------------------------------------------ virtual printers

    def paper_of(name: str) -> Paper:
        printer = store.find(name)
        paper = parts.paper(printer)
        if paper is None:
            raise NotNow(
                f"Printer {printer.name!r} is not a virtual printer of this gateway; its paper is "
                "in front of it.",
                printer=printer.name,
            )
        return paper

    @router.get("/{name}/paper", dependencies=[needs("read")], summary="A virtual printer's paper")
    async def list_paper(
        name: str,
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=200)] = 20,
    ) -> Response:
        """The pieces that came out, newest first, with the codes a scanner reads on them."""
        paper, printer = paper_of(name), store.find(name)
        sheets = await parts.away(lambda: paper.sheets(after, limit + 1))
        return answer(
            page_of(sheets, limit, lambda one: _show_sheet(printer, one), lambda one: one.number)
        )

    @router.get(
        "/{name}/paper/{number}.png", dependencies=[needs("read")], summary="One piece, a picture"
    )
    async def get_paper(name: str, number: int) -> Response:
        paper = paper_of(name)
        picture = await parts.away(lambda: paper.picture(number))
        if picture is None:
            raise Unknown(
                f"There is no picture of piece {number} of {name!r}: it never came out, or only "
                "newer ones are kept.",
                number=number,
            )
        # A piece never changes, but a printer's paper may be cleared and begin anew.
        return Response(picture, media_type="image/png", headers={"cache-control": "no-cache"})

    @router.get(
        "/{name}/virtual", dependencies=[needs("read")], summary="A virtual printer's display"
    )
    async def get_virtual(name: str) -> Response:
        return answer(paper_of(name).state())

    @router.post(
        "/{name}/virtual",
        dependencies=[needs("admin")],
        summary="Take a virtual printer's paper, open its head …",
    )
    async def do_virtual(name: str, body: JsonObject) -> Response:
        """`{"do": "paper_out"}`, `load_paper`, `open_head`, `close_head`, `power_off`,
        `power_on`, `pause`, `resume` and more."""
        paper = paper_of(name)
        arguments = dict(body)
        fault = arguments.pop("do", None)
        if not isinstance(fault, str):
            raise InputRefused(
                f"'do' must name what happens, such as \"paper_out\", got {say(fault)}.", key="do"
            )
        await parts.away(lambda: paper.do(fault, arguments))
        return answer(paper.state())

    return router


def _show_sheet(printer: Printer, sheet: Sheet) -> Json:
    return {
        "number": sheet.number,
        "width": sheet.width,
        "height": sheet.height,
        "partial": sheet.partial,
        "printed_at": sheet.printed_at,
        "codes": list(sheet.codes),
        "unknown": list(sheet.unknown),
        "links": {"picture": f"/v1/printers/{printer.name}/paper/{sheet.number}.png"},
    }
