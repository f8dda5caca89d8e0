"""Printers: their settings, their status, and the paper of the virtual ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Query, Response

from gateway.api.access import Who, needs
from gateway.api.changes import JsonObject
from gateway.api.etags import IfMatch, IfNoneMatch, etag, seen
from gateway.api.parts import Paper, Parts, Sheet
from gateway.api.reading import refuse_unknown, say
from gateway.api.showing import Json, answer, listed, show_printer, show_status
from gateway.errors import InputRefused, NotNow, PrinterRefused, Stale, Unknown
from gateway.printers import Media, Printer
from gateway.store.engine import Transaction
from gateway.store.printers import PrinterSettings
from gateway.units import Um, parse_density, say_length

KEYS = ("url", "language", "density", "media", "model", "evidence", "mode", "options", "name")

SMALLEST, LARGEST = 2_000, 2_000_000
"""µm of stock: jewellery tags are 6 mm, a banner is 2 m."""

LARGEST_OPTIONS = 10_000
"""Characters of options as JSON."""


def parse_printer(body: Mapping[str, Any], was: Printer | None) -> PrinterSettings:
    """Return a printer's settings from a body; what it leaves out stays as it was.

    Raises:
        PrinterRefused, UnitRefused: a value is missing or cannot be right.
    """
    from gateway.drivers.languages import load_language
    from gateway.drivers.models import find_model
    from gateway.drivers.transports import check_url

    refuse_unknown(body, KEYS, "A printer")
    url = body.get("url", was.url if was else None)
    if not isinstance(url, str):
        raise PrinterRefused(
            "A printer needs a 'url' such as tcp://10.0.0.7:9100"
            + ("." if url is None else f", got {say(url)}."),
            key="url",
        )
    language = _text(body, "language", was.language if was else "zpl")
    if load_language(language).split is None:
        raise PrinterRefused(
            f"{language!r} is for previews; a printer's language is one it understands, such as "
            "zpl.",
            language=language,
        )
    density = (
        parse_density(body["density"])
        if "density" in body
        else (was.density if was else parse_density(8))
    )
    model = _text(body, "model", was.model if was else "")
    find_model(model, language, density)
    return PrinterSettings(
        url=check_url(url),
        language=language,
        density=density,
        media=_media(body.get("media"), was),
        model=model,
        evidence=cast(
            Literal["auto", "none"],
            _choice(body, "evidence", ("auto", "none"), was.evidence if was else "auto"),
        ),
        mode=cast(
            Literal["exact", "native"],
            _choice(body, "mode", ("exact", "native"), was.mode if was else "exact"),
        ),
        options=_options(body.get("options"), was),
    )  # fmt: skip


def _text(body: Mapping[str, Any], key: str, standard: str) -> str:
    value = body.get(key, standard)
    if isinstance(value, str) and len(value) <= 200 and value.isprintable():
        return value
    raise PrinterRefused(f"A printer's {key!r} must be a short text, got {say(value)}.", key=key)


def _choice(body: Mapping[str, Any], key: str, choices: tuple[str, str], standard: str) -> str:
    value = body.get(key, standard)
    if isinstance(value, str) and value in choices:
        return value
    raise PrinterRefused(
        f"A printer's {key!r} must be {choices[0]!r} or {choices[1]!r}, got {say(value)}.", key=key
    )


def _media(media: object, was: Printer | None) -> Media:
    if media is None:
        if was is None:
            raise PrinterRefused(
                'A printer needs its \'media\': {"width": 100000, "height": 50000} is 100 × 50 mm.',
                key="media",
            )
        return was.media
    if not isinstance(media, dict):
        raise PrinterRefused(
            f"A printer's 'media' must be an object with width and height, got {say(media)}.",
            key="media",
        )
    refuse_unknown(media, ("width", "height"), "The media")
    for side in ("width", "height"):
        value = media.get(side)
        if type(value) is not int or not SMALLEST <= value <= LARGEST:
            raise PrinterRefused(
                f"The media's {side} must be whole micrometres from {SMALLEST} "
                f"({say_length(SMALLEST)}) to {LARGEST} ({say_length(LARGEST)}), got {say(value)}.",
                key=f"media.{side}",
            )
    return Media(Um(media["width"]), Um(media["height"]))


def _options(options: object, was: Printer | None) -> Mapping[str, object]:
    if options is None:
        return was.options if was else {}
    import json

    if not isinstance(options, dict) or len(json.dumps(options)) > LARGEST_OPTIONS:
        raise PrinterRefused(
            f"A printer's 'options' must be a small object, got {say(options)}.", key="options"
        )
    return options


def printer_routes(parts: Parts) -> APIRouter:
    """Return the routes of printers."""
    router = APIRouter(prefix="/v1/printers", tags=["printers"])
    store = parts.printers

    def shown(printer: Printer) -> Json:
        virtual = parts.paper(printer) is not None
        return show_printer(printer, parts.room.status(printer.id), virtual)

    @router.get("", dependencies=[needs("read")], summary="List the printers with their status")
    async def list_printers(
        after: str | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> Response:
        found = [p for p in store.all() if after is None or p.name.lower() > after.lower()]
        more = found[limit - 1].name if len(found) > limit else None
        return answer(listed([shown(printer) for printer in found[:limit]], more))

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
        that was read refuses to overwrite somebody else's change."""
        version = _version(name, seen(if_match, if_none_match))
        was = next((p for p in store.all() if p.name.lower() == name.lower()), None)
        settings = parse_printer(body, was)
        rename = body.get("name")
        if rename is not None and not isinstance(rename, str):
            raise PrinterRefused(f"A printer's 'name' must be a text, got {say(rename)}.")

        def work(t: Transaction) -> tuple[Printer, bool]:
            return store.put(t, name, settings, who.name, version=version, rename=rename)

        async with parts.changing:
            printer, new = await parts.database.write(work)
            if (paper := parts.paper(printer)) is not None:
                await parts.away(lambda: paper.load(printer))
            await parts.away(lambda: parts.room.put(printer))
        return answer(
            shown(printer),
            201 if new else 200,
            {"etag": etag(printer.version), "location": f"/v1/printers/{printer.name}"},
        )

    @router.delete("/{name}", dependencies=[needs("admin")], summary="Delete a printer")
    async def delete_printer(name: str, who: Who, if_match: IfMatch = None) -> Response:
        """Refused while labels wait for it; its jobs are kept."""
        version = _version(name, seen(if_match, None))
        number = version if isinstance(version, int) else None
        async with parts.changing:
            printer = await parts.database.write(
                lambda t: store.delete(t, name, who.name, version=number)
            )
            await parts.away(lambda: parts.room.remove(printer.id))
            if (paper := parts.paper(printer)) is not None:
                await parts.away(paper.remove)
        return Response(status_code=204)

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
        more = sheets[limit - 1].number if len(sheets) > limit else None
        return answer(listed([_show_sheet(printer, sheet) for sheet in sheets[:limit]], more))

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


def _version(name: str, version: str | None) -> int | Literal["new"] | None:
    if version is None:
        return None
    if version == "":
        return "new"
    if version.isascii() and version.isdecimal() and len(version) < 19:
        return int(version)
    raise Stale(
        f"Printer {name!r} never had the version {version[:80]!r}; read it again.", printer=name
    )


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
