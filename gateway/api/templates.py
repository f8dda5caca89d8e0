"""Templates with their versions, and previews of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from gateway.api.access import Who, needs
from gateway.api.changes import JsonObject
from gateway.api.drafts import show_proposal
from gateway.api.etags import IfMatch, IfNoneMatch, etag, seen
from gateway.api.job_body import check_words
from gateway.api.label_files import PREVIEW_KEYS, PREVIEWS, check_may_command, write_label
from gateway.api.parts import Parts
from gateway.api.reading import check_json_type, parse_json, refuse_unknown, say
from gateway.api.showing import Json, after_name, answer, dumps, page_of, show_version
from gateway.drivers.languages import load_language
from gateway.errors import InputRefused, TemplateRefused
from gateway.store.engine import Transaction
from gateway.store.templates import Version

if TYPE_CHECKING:
    from gateway.templates.model import Template


def template_routes(parts: Parts) -> APIRouter:
    """Return the routes of templates and previews."""
    router = APIRouter(prefix="/v1", tags=["templates"])
    store = parts.templates

    def with_document(version: Version) -> Response:
        # The document is JSON already: it is set in, not read and written again.
        head = dumps(show_version(version))
        body = b'%b,"document":%b}' % (head[:-1], store.document(version.version).encode())
        tag = {"etag": etag(version.version)}
        return Response(body, headers=tag, media_type="application/json")

    @router.get("/templates", dependencies=[needs("read")], summary="List templates")
    async def list_templates(
        after: str | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> Response:
        def shown(version: Version) -> Json:
            return {**show_version(version), **_about(store.document(version.version))}

        found = after_name(store.all(), after)
        # Each document is read: up to 500 of them.
        page = await parts.away(lambda: page_of(found, limit, shown, lambda one: one.name))
        return answer(page)

    @router.get(
        "/templates/schema", dependencies=[needs("read")], summary="The JSON Schema of a template"
    )
    async def get_schema() -> Response:
        return _schema()

    @router.get(
        "/schema/template.json", dependencies=[needs("read")], summary="The same JSON Schema"
    )
    async def get_schema_file() -> Response:
        return _schema()

    @router.get(
        "/templates/{name}", dependencies=[needs("read")], summary="A template, as it is now"
    )
    async def get_template(name: str) -> Response:
        return with_document(store.current(name))

    @router.put(
        "/templates/{name}", dependencies=[needs("templates")], summary="Save a new version"
    )
    async def put_template(
        name: str,
        request: Request,
        who: Who,
        note: str = "",
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """The body is the template's document. The same document again makes no new version.
        202 where a second person must approve (setting `labels.approval`): it waits."""
        check_words(note, "note")
        body = await request.body()
        check_json_type(dict(request.scope["headers"]).get(b"content-type"))
        template = await parts.away(lambda: _read(body, name))
        check_may_command(template, who)
        version = seen(if_match, if_none_match)

        def work(t: Transaction) -> tuple[Version, bool]:
            return store.save(t, template, who.name, note=note, seen=version)

        if parts.drafts.must_approve:
            if not store.prints(template):
                asked = await parts.database.write(
                    lambda t: parts.drafts.propose(t, template, who.name, note, seen=version)
                )
                return answer(show_proposal(asked), 202)
            # Should another one be approved before this commits, it must not take that one's place.
            version = template.version if version is None else version
        saved, new = await parts.database.write(work)
        headers = {"etag": etag(saved.version), "location": f"/v1/templates/{saved.name}"}
        return answer(show_version(saved), 201 if new else 200, headers)

    @router.delete(
        "/templates/{name}", dependencies=[needs("templates")], summary="Delete a template"
    )
    async def delete_template(name: str, who: Who, if_match: IfMatch = None) -> Response:
        """Its name is free again; jobs keep the version they were accepted with."""
        version = seen(if_match, None)
        await parts.database.write(lambda t: store.delete(t, name, who.name, seen=version))
        return Response(status_code=204)

    @router.get(
        "/templates/{name}/versions", dependencies=[needs("read")], summary="Versions, newest first"
    )
    async def list_versions(
        name: str,
        after: Annotated[int | None, Query(ge=1, le=2**53)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        """`approved_by` is the second person, where one had to agree."""
        found = store.history(name, after=after, limit=limit + 1)
        agreed = parts.drafts.approvals(name)

        def shown(version: Version) -> Json:
            return {**show_version(version), "approved_by": agreed.get(version.number)}

        return answer(page_of(found, limit, shown, lambda version: version.number))

    @router.get(
        "/templates/{name}/versions/{version}",
        dependencies=[needs("read")],
        summary="One version, by its number or its hash",
    )
    async def get_version(name: str, version: str) -> Response:
        return with_document(store.saved(name, version))

    # ------------------------------------------------------------ previews

    @router.post(
        "/preview", dependencies=[needs("read")], summary="Draw one label: PNG, PDF or SVG"
    )
    async def preview(
        body: JsonObject,
        format: str | None = None,
        accept: Annotated[str, Header()] = "",
    ) -> Response:
        """A stored `template` (with `version`) or a whole `document`; `fields` left out are the
        examples of the template. It is drawn for a `printer`, or for a `density` (8) and `media`
        (the template's own size). Nothing is stored and no counter moves."""
        refuse_unknown(body, PREVIEW_KEYS, "A preview")
        kind = _format(format, accept)
        drawn, _ = await parts.away(lambda: write_label(parts, body, kind))
        return Response(drawn, media_type=load_language(kind).media_type)

    return router


def _parse(document: object) -> Template:
    from gateway.templates.document import parse_template

    return parse_template(document)


def _read(body: bytes, name: str) -> Template:
    document = parse_json(body)
    if isinstance(document, dict):
        document.setdefault("name", name)
    template = _parse(document)
    if template.name.lower() != name.lower():
        raise TemplateRefused(
            f"The document is of template {template.name!r} and was sent to {name!r}; make them "
            "the same.",
            name=template.name,
        )
    return template


def _about(document: str) -> Json:
    """Return what a list says of a template beside its version."""
    read = json.loads(document)
    return {
        "title": read.get("title", read["name"]),
        "about": read.get("about", ""),
        "size": read["size"],
        "fields": [
            {
                "name": field["name"],
                "title": field.get("title") or field["name"],
                "required": field.get("required", False),
            }
            for field in read.get("fields", ())
        ],
    }


def _schema() -> Response:
    from gateway.templates.document import template_schema

    return Response(
        dumps(template_schema()),
        media_type="application/schema+json",
        headers={"cache-control": "no-cache"},
    )


def _format(asked: str | None, accept: str) -> str:
    if asked is not None:
        if asked in PREVIEWS:
            return asked
        raise InputRefused(
            f"?format must be {', '.join(PREVIEWS)}, got {say(asked)}.", key="format"
        )
    for part in accept.split(","):
        media = part.partition(";")[0].strip()
        for kind in PREVIEWS:
            if media == load_language(kind).media_type:
                return kind
    return PREVIEWS[0]
