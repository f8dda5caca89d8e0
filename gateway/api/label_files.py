"""Labels as files: brought in from ZPL or another gateway, given out in any printer's language.

    ZPL, or a template's JSON ──POST /v1/templates/import──► a document, and what could not be said
    a template, or a document ──…/export/{kind}──► zpl, escpos, png, pdf, svg, json, …

Nothing is stored by either: what comes in is put where the caller wants it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from gateway.api.access import Actor, needs
from gateway.api.changes import JsonObject
from gateway.api.parts import Parts
from gateway.api.reading import parse_object, refuse_unknown, say
from gateway.api.showing import Json, answer
from gateway.drawing import check_commands, model_of, moment
from gateway.drivers.languages import language_names, load_language
from gateway.errors import InputRefused, NotPermitted, PrinterRefused, UnknownAsset
from gateway.printers import Media, Printer
from gateway.store.engine import now
from gateway.units import Density, Um, parse_density

if TYPE_CHECKING:
    from gateway.templates.bringing.zpl import Brought
    from gateway.templates.model import Template

PREVIEWS: Final = ("png", "pdf", "svg")
"""Languages that are pictures: they show any printer's label, the first unless one is asked for."""

PREVIEW_KEYS: Final = ("template", "version", "document", "fields", "printer", "density", "media")
IMPORT_KEYS: Final = ("zpl", "document", "density", "name", "width", "height")

_ENDINGS: Final = {"escpos": "bin", "brother-ql": "bin"}
"""How a file's name ends where it is not the language: these are no text and have no name."""
_ZPL: Final = ("text/plain", "application/zpl", "application/octet-stream")
_MODES: Final = ("exact", "native")


def label_file_routes(parts: Parts) -> APIRouter:
    """Return the routes of labels as files."""
    router = APIRouter(prefix="/v1/templates", tags=["templates"])
    store = parts.templates

    @router.post(
        "/import",
        dependencies=[needs("templates")],
        summary="Make a template of ZPL, or read another gateway's",
    )
    async def bring(
        request: Request,
        density: Annotated[str | None, Query(max_length=10, description="Dots/mm; 8.")] = None,
        name: Annotated[str | None, Query(max_length=64)] = None,
        width: Annotated[int | None, Query(description="Of the stock, in µm.")] = None,
        height: Annotated[int | None, Query(description="Of the stock, in µm.")] = None,
    ) -> Response:
        """ZPL as `text/plain`, or JSON: `{"zpl": …}` with the same keys as the query, or a
        template's document, by itself or as `document`. Nothing is stored. `kept` has what no
        element says: `commands`, `why`, and the `element` that still prints them, if one does;
        `notes` has what a person should know. `taken` says whether there is a template of that
        name, and `free_name` is one that there is not."""
        body = await request.body()
        asked: Json = {"density": density, "name": name, "width": width, "height": height}
        asked = {key: value for key, value in asked.items() if value is not None}
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in _ZPL:
            asked["zpl"] = body
        elif kind == "application/json" or kind.endswith("+json"):
            given = parse_object(body)
            if not {"zpl", "document"} & set(given):
                given = {"document": given}
            elif "document" in given:
                # As GET /v1/templates/{name} answers: what it says of the version is left aside.
                given = {key: given[key] for key in IMPORT_KEYS if key in given}
            refuse_unknown(given, IMPORT_KEYS, "An import")
            asked = given | asked
        else:
            raise InputRefused(
                f"An import is ZPL (text/plain) or JSON (application/json), got {say(kind)}.",
                key="content-type",
            )
        brought = await parts.away(lambda: _bring(asked))
        return answer(_show(brought, _missing(parts, brought)) | taken(brought.document["name"]))

    def taken(wanted: str) -> Json:
        names = {version.name.lower() for version in store.all()}
        number, free = 2, wanted
        while free.lower() in names:
            free = f"{wanted[:60]}-{number}"
            number += 1
        return {"taken": wanted.lower() in names, "free_name": free}

    @router.get(
        "/{name}/export/{kind}", dependencies=[needs("read")], summary="A template as a file"
    )
    async def give(
        name: str,
        kind: str,
        version: Annotated[str | None, Query(max_length=80)] = None,
        printer: Annotated[str | None, Query(description="For its head.")] = None,
        density: Annotated[str | None, Query(max_length=10, description="Dots/mm; 8.")] = None,
        mode: str | None = None,
        fields: Annotated[
            str | None, Query(max_length=8000, description="A JSON object; examples if none.")
        ] = None,
    ) -> Response:
        """`kind` is a printer's language (`zpl`, `escpos`, …), `png`, `pdf`, `svg`, or `json` for
        the document. One label, with the values of its examples or of `fields`."""
        saved = store.current(name) if version is None else store.saved(name, version)
        if kind == "json":
            document = store.document(saved.version).encode()
            return _file(document, "application/json", f"{saved.name}-v{saved.number}.json")
        asked: Json = {"template": saved.name, "version": saved.version, "printer": printer}
        asked |= {"density": density, "mode": mode}
        asked = {key: value for key, value in asked.items() if value is not None}
        if fields is not None:
            asked["fields"] = parse_object(fields.encode())
        return await written(asked, kind, f"{saved.name}-v{saved.number}")

    @router.post("/export/{kind}", dependencies=[needs("read")], summary="A document as a file")
    async def give_document(kind: str, body: JsonObject) -> Response:
        """The body is that of a preview; `mode` chooses the printer's own commands (`native`) or
        dots (`exact`)."""
        refuse_unknown(body, (*PREVIEW_KEYS, "mode"), "An export")
        if kind == "json":
            template = await parts.away(lambda: chosen(parts, body))
            return _file(template.document.encode(), "application/json", f"{template.name}.json")
        return await written(body, kind, "")

    async def written(body: Mapping[str, Any], kind: str, stem: str) -> Response:
        if kind not in language_names():
            raise InputRefused(
                f"A label is exported as {', '.join((*language_names(), 'json'))}; got "
                f"{say(kind)}.",
                key="kind",
            )

        def write() -> tuple[bytes, str]:
            drawn, template = write_label(parts, body, kind)
            return drawn, stem or template.name

        content, name = await parts.away(write)
        ending = _ENDINGS.get(kind, kind)
        return _file(content, load_language(kind).media_type, f"{name}.{ending}")

    return router


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def _bring(asked: Mapping[str, Any]) -> Brought:
    """Return what an import makes of its body.

    Raises:
        InputRefused: a key is of the wrong type, or both or none of ``zpl`` and ``document`` are
            there; whatever reading the label refuses.
    """
    from gateway.templates.bringing.zpl import Brought, bring_zpl
    from gateway.templates.document import parse_template

    zpl, document = asked.get("zpl"), asked.get("document")
    if (zpl is None) == (document is None):
        raise InputRefused("An import needs either 'zpl' or 'document', and not both.")
    name = asked.get("name")
    if name is not None and not isinstance(name, str):
        raise InputRefused(f"'name' must be text, got {say(name)}.", key="name")
    if document is not None:
        if not isinstance(document, dict):
            raise InputRefused(
                f"'document' must be an object, got {say(document)}.",
                key="document",
            )
        if name is not None:
            document = document | {"name": name}
        template = parse_template(document)
        return Brought(json.loads(template.document))
    sides = [asked.get("width"), asked.get("height")]
    if any(side is not None and type(side) is not int for side in sides):
        raise InputRefused("'width' and 'height' must be whole micrometres.", key="width")
    if (sides[0] is None) != (sides[1] is None):
        raise InputRefused("'width' and 'height' belong together; give both.", key="width")
    size = None if sides[0] is None else (Um(int(sides[0])), Um(int(sides[1] or 0)))
    if isinstance(zpl, str):
        zpl = zpl.encode()
    if not isinstance(zpl, bytes):
        raise InputRefused(f"'zpl' must be text, got {say(zpl)}.", key="zpl")
    return bring_zpl(zpl, parse_density(asked.get("density", 8)), name or "imported", size)


def _missing(parts: Parts, brought: Brought) -> list[str]:
    """Return a sentence for each font and picture of a document that is not kept here."""
    from gateway.templates.document import parse_template

    notes = []
    for ref in parse_template(brought.document).assets():
        try:
            parts.assets.get(ref)
        except UnknownAsset:
            notes.append(
                f"The font or picture asset:{ref} is not here; upload it, or choose another."
            )
    return notes


def _show(brought: Brought, more: list[str]) -> Json:
    return {
        "document": brought.document,
        "kept": [
            {"commands": one.commands, "why": one.why, "element": one.element}
            for one in brought.kept
        ],
        "notes": [*brought.notes, *more],
    }


# Drawing one label ------------------------------------------------------------------------------


def check_may_command(template: Template, who: Actor) -> None:
    """Refuse that somebody publishes a printer's own commands who may not send any.

    Raises:
        NotPermitted: the template has some, and the caller lacks the scope ``raw``.
    """
    commands = template.commands()
    if commands and not who.may("raw"):
        raise NotPermitted(
            f"The template {template.name!r} holds commands for printers ({commands[0].id!r}), "
            "which needs a key with the scope 'raw'; use one, or delete them.",
            scope="raw", element=commands[0].id,
        )  # fmt: skip


def write_label(parts: Parts, body: Mapping[str, Any], kind: str) -> tuple[bytes, Template]:
    """Return one label in a language, and its template.

    Args:
        parts: The gateway's.
        body: ``template`` (with ``version``) or ``document``; ``fields``, or the examples of the
            template; ``printer``, or ``density`` and ``media``; ``mode``.
        kind: A language.

    Raises:
        InputRefused: a value is of the wrong type, or the label cannot be drawn so.
    """
    from gateway.templates.binding import Moment

    template = chosen(parts, body)
    mode = body.get("mode", "native" if template.mode == "native" else "exact")
    if mode not in _MODES:
        raise InputRefused(f"'mode' must be exact or native, got {say(mode)}.", key="mode")
    printer = _head(parts, body, template)
    model = model_of(printer)
    if kind not in PREVIEWS:
        named = body.get("printer") is not None
        if named and printer.language != kind:
            raise PrinterRefused(
                f"Printer {printer.name!r} speaks {load_language(printer.language).title}, and the "
                f"file is to be {load_language(kind).title}; leave the printer out, or export "
                f"{printer.language}.",
                printer=printer.name,
            )
        if not named:
            model = model_of(replace(printer, language=kind))
        check_commands(template, printer if named else replace(printer, language=kind))
        # A file stands alone: nothing of it is kept in a printer.
        model = replace(model, keeps=False)
    else:
        mode = "exact"
    design = parts.drawing.design(template, printer)
    fields = body.get("fields")
    if fields is None:
        fields = {field.name: field.example for field in template.fields if field.example}
    if not isinstance(fields, dict):
        raise InputRefused(f"'fields' must be an object, got {say(fields)}.", key="fields")
    used = parts.jobs.counters(template.name)
    counters = {c.name: used.get(c.name, c.start) for c in template.counters}
    row = design.bind(fields, moment(now(), parts.zone(), Moment), counters)
    page = load_language(kind).encode(design.lay_out(row), mode, model)
    return b"".join((*(stored.payload for stored in page.needs), page.body)), template


def chosen(parts: Parts, body: Mapping[str, Any]) -> Template:
    """Return the template that a preview or an export is of.

    Raises:
        UnknownTemplate: there is none of that name or version.
        InputRefused: it is neither named nor given, or both; or the document is wrong.
    """
    from gateway.templates.document import parse_template

    name, document = body.get("template"), body.get("document")
    if (name is None) == (document is None):
        raise InputRefused(
            "A preview needs either 'template', the name of a stored one, or 'document', a "
            "whole one."
        )
    if document is not None:
        return parse_template(document)
    if not isinstance(name, str):
        raise InputRefused(f"'template' must be a name, got {say(name)}.", key="template")
    version = body.get("version")
    return parts.templates.find(name, None if version is None else str(version))


def _head(parts: Parts, body: Mapping[str, Any], template: Template) -> Printer:
    """Return the printer a label is drawn for; one made up when none is named."""
    name = body.get("printer")
    if name is not None:
        for key in ("density", "media"):
            if key in body:
                raise InputRefused(f"{key!r} is the printer's own; leave it out.", key=key)
        return parts.printers.find(str(name))
    media = Media(template.width, template.height)
    given = body.get("media")
    if given is not None:
        if not isinstance(given, dict) or not all(
            type(given.get(side)) is int for side in ("width", "height")
        ):
            raise InputRefused(
                "'media' must be an object with width and height in micrometres, got "
                f"{say(given)}.",
                key="media",
            )
        media = Media(Um(given["width"]), Um(given["height"]))
    density: Density = parse_density(body.get("density", 8))
    return Printer(0, "preview", "memory://preview", "png", density, media)
