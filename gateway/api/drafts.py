"""Drafts of labels, publishing them, and what waits for a second person."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from gateway.api.access import Who, needs
from gateway.api.changes import JsonObject, Once, acting_once, answered
from gateway.api.etags import IfMatch, IfNoneMatch, etag, seen
from gateway.api.job_body import check_words
from gateway.api.label_files import check_may_command
from gateway.api.parts import Parts
from gateway.api.reading import check_json_type, parse_object, refuse_unknown, say
from gateway.api.showing import Json, answer, dumps, listed, rfc3339, show_version
from gateway.errors import (
    GatewayError,
    InputRefused,
    NotNow,
    Stale,
    TemplateRefused,
    TooLarge,
    Unknown,
    Unreadable,
)
from gateway.store.drafts import LARGEST_DRAFT, Draft, Proposal
from gateway.store.engine import Transaction
from gateway.store.names import check_name
from gateway.store.templates import Version

if TYPE_CHECKING:
    from gateway.templates.model import Template


def draft_routes(parts: Parts) -> APIRouter:
    """Return the routes of drafts and of what waits for a second person."""
    router = APIRouter(prefix="/v1", tags=["templates"])
    store, templates = parts.drafts, parts.templates

    @router.get("/drafts", dependencies=[needs("read")], summary="Labels somebody is editing")
    async def list_drafts() -> Response:
        """Also those that were never published: `base` is 0."""
        return answer(listed([show_draft(draft) for draft in store.all()]))

    @router.get(
        "/approvals", dependencies=[needs("read")], summary="Labels that wait for a second person"
    )
    async def list_approvals() -> Response:
        return answer(listed([show_proposal(one) for one in store.waiting()]))

    @router.get(
        "/templates/{name}/draft", dependencies=[needs("read")], summary="A label as it is edited"
    )
    async def get_draft(
        name: str,
        or_version: Annotated[
            bool, Query(description="The current version where nobody has begun a draft.")
        ] = False,
    ) -> Response:
        """`base` is the number of the version it is a change of, 0 for a label that is new. With
        `or_version` the answer may be what is published: then `tag` is null, and there is no
        `ETag`; the first save is one with `If-None-Match: *`."""
        try:
            draft, document = store.find(name)
        except Unknown:
            if not or_version:
                raise
            current = templates.current(name)
            shown, headers = _not_begun(current), {}
            document = templates.document(current.version)
        else:
            shown, headers = show_draft(draft), {"etag": etag(draft.tag)}
        body = b'%b,"document":%b}' % (dumps(shown)[:-1], document.encode())
        return Response(body, headers=headers, media_type="application/json")

    @router.put(
        "/templates/{name}/draft", dependencies=[needs("templates")], summary="Save a draft"
    )
    async def put_draft(
        name: str,
        request: Request,
        who: Who,
        base: Annotated[int | None, Query(ge=0, le=2**53)] = None,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        """The body is any JSON object of at most 1 MB: `problem` says why it could not be
        published as it is. `If-None-Match: *` begins a draft, `If-Match` saves over the one that
        was read; 412 says who has saved meanwhile, and its `facts` hold that draft with its `tag`.
        `?base=` is the number of the version it is a change of, the current one unless it is said.
        204: the document is what is published, so there is no draft any more."""
        body = await request.body()
        check_json_type(dict(request.scope["headers"]).get(b"content-type"))
        if len(body) > LARGEST_DRAFT:
            raise TooLarge(
                f"The draft has {len(body)} bytes, expected at most {LARGEST_DRAFT}; upload its "
                "pictures as assets.",
                limit=LARGEST_DRAFT,
            )
        given = parse_object(body)
        tag = seen(if_match, if_none_match)
        version, problem = await parts.away(lambda: _version_of(given, name))
        try:
            # Escaped, so that every database keeps every character.
            document = json.dumps(given, separators=(",", ":"), allow_nan=False)
        except ValueError:  # 1e999 is read as one that JSON cannot write
            raise Unreadable("The draft holds a number that is too large for JSON.") from None

        def work(t: Transaction) -> tuple[Draft | None, bool]:
            return store.put(t, name, document, who.name, version=version, seen=tag, base=base)

        try:
            draft, new = await parts.database.write(work)
        except Stale as stale:
            raise _dated(stale) from None
        if draft is None:
            return Response(status_code=204)
        shown = {**show_draft(draft), "problem": problem}
        return answer(shown, 201 if new else 200, {"etag": etag(draft.tag)})

    @router.delete(
        "/templates/{name}/draft", dependencies=[needs("templates")], summary="Discard a draft"
    )
    async def delete_draft(name: str, who: Who, if_match: IfMatch = None) -> Response:
        """What is published stays as it is."""
        tag = seen(if_match, None)
        try:
            await parts.database.write(lambda t: store.discard(t, name, who.name, seen=tag))
        except Stale as stale:
            raise _dated(stale) from None
        return Response(status_code=204)

    @router.post(
        "/templates/{name}/publish", dependencies=[needs("templates")], summary="Publish the draft"
    )
    async def publish(
        name: str, body: JsonObject, who: Who, once: Once, if_match: IfMatch = None
    ) -> Response:
        """The draft becomes the version that prints from now on. 412 when it was saved meanwhile,
        or when another version was published since it began. Where a second person must approve
        (setting `labels.approval`) it waits: 202 with the request, and the draft stays."""
        refuse_unknown(body, ("note",), "Publishing")
        note = check_words(body.get("note", ""), "note")
        if (known := answered(parts, once)) is not None:
            return known
        tag = seen(if_match, None)
        draft, document = store.find(name)
        if tag is not None and tag != draft.tag:
            raise _dated(
                Stale(
                    f"The draft of {draft.name!r} was saved by {draft.actor} meanwhile; look at "
                    "it before it is published.",
                    template=draft.name, tag=draft.tag, actor=draft.actor, at=draft.at,
                    base=draft.base, document=json.loads(document),
                )
            )  # fmt: skip
        template = await parts.away(lambda: _template_of(json.loads(document), draft.name))
        check_may_command(template, who)
        if store.must_approve:
            return await act(
                once,
                lambda t: show_proposal(store.propose_draft(t, draft, template, who.name, note)),
                202,
            )
        return await act(
            once, lambda t: show_version(store.publish(t, draft, template, who.name, note)), 201
        )

    @router.post(
        "/templates/{name}/back", dependencies=[needs("templates")], summary="Go back to a version"
    )
    async def go_back(
        name: str, body: JsonObject, who: Who, once: Once, if_match: IfMatch = None
    ) -> Response:
        """The version of that number becomes a new one, and prints byte for byte as it did.
        `If-Match` names the version that is current. A draft stays as it is. 202 where a second
        person must approve."""
        refuse_unknown(body, ("number", "note"), "Going back")
        note = check_words(body.get("note", ""), "note")
        number = body.get("number")
        if type(number) is not int or number < 1:
            raise InputRefused(
                f"'number' must be the number of a version, got {say(number)}.", key="number"
            )
        if (known := answered(parts, once)) is not None:
            return known
        old = templates.saved(name, str(number))
        template = await parts.away(lambda: templates.by_version(old.version))
        check_may_command(template, who)
        if templates.prints(template):
            raise NotNow(f"Version {number} of {old.name!r} is what prints now.", template=old.name)
        version = seen(if_match, None)

        def ask(t: Transaction) -> Json:
            return show_proposal(store.propose(t, template, who.name, note, seen=version))

        def save(t: Transaction) -> Json:
            return show_version(templates.save(t, template, who.name, note=note, seen=version)[0])

        if store.must_approve:
            return await act(once, ask, 202)
        return await act(once, save, 201)

    # ------------------------------------------------------------ a second person

    @router.get(
        "/templates/{name}/request",
        dependencies=[needs("read")],
        summary="What was asked to be approved last",
    )
    async def get_request(name: str) -> Response:
        """`state` is `waiting`, `approved`, `rejected` (with the `reason`) or `withdrawn`."""
        proposal = store.proposal(name)
        head = dumps(show_proposal(proposal))
        document = templates.document(proposal.version).encode()
        return Response(
            b'%b,"document":%b}' % (head[:-1], document),
            headers={"etag": etag(proposal.version)},
            media_type="application/json",
        )

    @router.delete(
        "/templates/{name}/request",
        dependencies=[needs("templates")],
        summary="Take back what waits for a second person",
    )
    async def withdraw(name: str, who: Who, if_match: IfMatch = None) -> Response:
        """The draft stays."""
        version = seen(if_match, None)
        await parts.database.write(lambda t: store.withdraw(t, name, who.name, seen=version))
        return Response(status_code=204)

    @router.post(
        "/templates/{name}/approve",
        dependencies=[needs("templates")],
        summary="Agree to what waits",
    )
    async def approve(name: str, who: Who, once: Once, if_match: IfMatch = None) -> Response:
        """It is the version that prints from now on. `If-Match` names the version that was looked
        at. 403 for whoever asked."""
        if (known := answered(parts, once)) is not None:
            return known
        version = seen(if_match, None)
        waiting = next((one for one in store.waiting() if one.name.lower() == name.lower()), None)
        if waiting is None:
            raise NotNow(f"Nothing of {name[:80]!r} waits for a second person.", template=name[:80])
        looked_at = waiting.version if version is None else version
        template = await parts.away(lambda: templates.by_version(looked_at))
        return await act(
            once, lambda t: show_version(store.approve(t, name, template, who.name)), 201
        )

    @router.post(
        "/templates/{name}/reject", dependencies=[needs("templates")], summary="Say no to it"
    )
    async def reject(
        name: str, body: JsonObject, who: Who, once: Once, if_match: IfMatch = None
    ) -> Response:
        """Its draft stays for whoever asked, with the `reason`. 403 for whoever asked, who takes
        it back instead (`DELETE …/request`)."""
        refuse_unknown(body, ("reason",), "A refusal")
        reason = check_words(body.get("reason", ""), "reason").strip()
        if not reason:
            raise InputRefused("Say why: 'reason' must not be empty.", key="reason")
        if (known := answered(parts, once)) is not None:
            return known
        version = seen(if_match, None)
        return await act(
            once,
            lambda t: show_proposal(store.reject(t, name, who.name, reason, seen=version)),
            200,
        )

    async def act(once: Any, work: Callable[[Transaction], Json], status: int) -> Response:
        return (await parts.database.write(acting_once(parts, once, work, status))).response()

    return router


def show_draft(draft: Draft) -> Json:
    """Return who edits a label, since when, and what it is a change of."""
    return {
        "name": draft.name,
        "base": draft.base,
        "version": draft.version or None,
        "actor": draft.actor,
        "saved_at": rfc3339(draft.at),
        "tag": draft.tag,
        "links": {"self": f"/v1/templates/{draft.name}/draft"},
    }


def _not_begun(current: Version) -> Json:
    """Return a version as a draft of it that nobody has changed yet."""
    return {
        "name": current.name,
        "base": current.number,
        "version": current.version,
        "actor": current.actor,
        "saved_at": rfc3339(current.at),
        "tag": None,
        "links": {"self": f"/v1/templates/{current.name}/draft"},
    }


def show_proposal(proposal: Proposal) -> Json:
    """Return what waits for a second person, or what became of it."""
    decided = proposal.decided_at
    return {
        "name": proposal.name,
        "version": proposal.version,
        "base": proposal.base,
        "note": proposal.note,
        "actor": proposal.actor,
        "asked_at": rfc3339(proposal.at),
        "state": proposal.state,
        "decided_by": proposal.decided_by,
        "decided_at": None if decided is None else rfc3339(decided),
        "reason": proposal.reason,
        "number": proposal.number,
        "links": {"self": f"/v1/templates/{proposal.name}/request"},
    }


def _dated(stale: Stale) -> Stale:
    """Return the refusal with its moment as the API writes one."""
    at = stale.facts.pop("at", None)
    if isinstance(at, int):
        stale.facts["saved_at"] = rfc3339(at)
    return stale


def _template_of(document: dict[str, object], name: str) -> Template:
    """Return the template a draft would be published as.

    Raises:
        TemplateRefused: it cannot be.
    """
    from gateway.templates.document import parse_template

    template = parse_template({"name": name} | document)
    if template.name.lower() != name.lower():
        raise TemplateRefused(
            f"The document is of template {template.name!r} and was sent to {name!r}; make them "
            "the same.",
            name=template.name,
        )
    return template


def _version_of(document: dict[str, object], name: str) -> tuple[str, str | None]:
    """Return the version a draft would be published as, or why it could not be."""
    check_name(name, "template")
    try:
        return _template_of(document, name).version, None
    except GatewayError as refused:
        return "", refused.detail
