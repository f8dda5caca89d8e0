"""Refusals as HTTP knows them: the only place with status codes for errors.

    GatewayError ──answer(error)──► (status, headers, application/problem+json)

Every class of ``gateway.errors`` has a slug; its page is served at ``/problems/<slug>``, so the
``type`` of a problem (RFC 9457) is a link that works without the internet.

>>> from gateway.errors import DiskFull, UnknownPrinter
>>> slug(UnknownPrinter), status(UnknownPrinter), status(DiskFull)
('unknown-printer', 404, 507)
>>> answer(UnknownPrinter("There is no printer 'zebr'.", printer="zebr")).body.decode()
'{"type":"/problems/unknown-printer","title":"There is no such printer","status":404,"detail":"There is no printer \\'zebr\\'.","facts":{"printer":"zebr"}}'
"""  # noqa: E501 - an answer whole

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeVar

from gateway import errors
from gateway.errors import GatewayError
from gateway.registry.refusals import CAUSES, Kind, Offence, RegistryRefused

T = TypeVar("T")

STATUSES: Mapping[type[GatewayError], int] = {
    GatewayError: 500,
    errors.Refused: 422,
    errors.Unreadable: 400,
    errors.InputRefused: 422,
    errors.Unknown: 404,
    errors.NotNow: 409,
    errors.Stale: 412,
    errors.TooLarge: 413,
    errors.NotAllowed: 403,
    errors.NotAuthenticated: 401,
    errors.NotPermitted: 403,
    errors.WrongHost: 421,
    errors.Exhausted: 503,
    errors.TooMany: 429,
    errors.DiskFull: 507,
    errors.DeviceError: 503,
    errors.StoreError: 503,
    errors.SettingsRefused: 500,
    RegistryRefused: 409,
}
"""Status of each class; one that is not here has its parent's."""

REGISTRY_STATUSES: Mapping[Kind, int] = {
    "input": 422,
    "unknown": 404,
    "state": 409,
    "stale": 412,
    "forbidden": 403,
    "confirm": 428,
    "busy": 503,
    "broken": 500,
}
"""Status of each kind of the registry's refusals."""

RETRY_AFTER = 5
"""Seconds, when an error says to come again and not when."""

MOST_ITEMS = 1000
"""Refused labels listed in one answer; ``facts.refused`` always counts all."""

_ADVICE: Mapping[type[GatewayError], str] = {
    errors.Unreadable: "The bytes are not what they should be. Send well-formed JSON as "
    "`application/json`; sending the same again will be refused again.",
    errors.InputRefused: "The request is well formed and its content was refused. `detail` names "
    "the value and the cure. Nothing was done; a different input helps, the same does not.",
    errors.Several: "Some of the labels were refused, so none was accepted. `items` holds one "
    "problem for each: `index` counts from 0, `pointer` finds it in the request.",
    errors.ReplayDiffers: "An `Idempotency-Key` belongs to one request for seven days. Use a new "
    "key for new content; with the same content the first answer comes again.",
    errors.Unknown: "What the request names does not exist, or was deleted. `detail` says what "
    "there is instead when something is near.",
    errors.NotNow: "The state of the thing forbids the step. Read it again; after somebody or "
    "something has moved it on, the same request may be possible.",
    errors.StillRunning: "The same request (same `Idempotency-Key`) is being answered right now. "
    "Send it again in a second and get its answer.",
    errors.Stale: "`If-Match` or `If-None-Match` names another version than the present one. "
    "Read it again, look at what changed, and repeat your change.",
    errors.TooLarge: "A limit of size protects everybody's labels. `facts.limit` says which.",
    errors.NotAuthenticated: "Send `Authorization: Bearer gw_…` with a key of this gateway. "
    "Programs on the gateway's own computer need none until an administrator closes that.",
    errors.NotPermitted: "The key does not have the scope that the route asks for "
    "(`facts.scope`), or a web page of another site sent the request. An administrator can make a "
    "key with the scope, or allow the page's origin in the settings.",
    errors.WrongHost: "The `Host` header is not a name of this gateway, as when a foreign page "
    "rebinds its own name to this computer. Add names you use to `allowed_hosts`.",
    errors.Exhausted: "Nothing was done. Send the same request again later.",
    errors.TooMany: "A queue or a limit is full. Nothing was done; send the same request again "
    "after the seconds in `Retry-After`.",
    errors.DiskFull: "The gateway promises only what it can write down. Free some space; labels "
    "that were accepted before go on printing.",
    errors.DeviceError: "The printer, the scanner or its cable.",
    errors.DeviceUnreachable: "Nothing was sent, so trying again cannot print twice.",
    errors.DeviceBusy: "Another program or computer holds the device. Nothing was sent; trying "
    "again cannot print twice.",
    errors.DeviceLost: "It is looked for, and used again as soon as it is back. A code that was "
    "not finished was dropped; scan it again.",
    errors.DeliveryUncertain: "Some bytes left this computer. Nothing is sent again by itself: "
    "the labels ask whether they are on paper.",
    errors.StoreError: "The database did not answer or could not write. Nothing was accepted; "
    "send the same request again with the same `Idempotency-Key`.",
    errors.Moved: "Nothing was accepted, and nothing will be. Send it to the gateway on the new "
    "computer: it knows everything that this one knew. Should the move not have happened, an "
    "administrator says so on the page *Backups and moving*.",
    errors.SettingsRefused: "The process does not start with these settings.",
    RegistryRefused: "Nothing of the request was applied. `code` says why, and `items` name every "
    "offending serial with its own cause.",
    GatewayError: "Something went wrong on the gateway's side. The log has the details.",
}


class Problem(NamedTuple):
    """An answer that refuses."""

    status: int
    headers: dict[str, str]
    body: bytes


def slug(kind: type[GatewayError]) -> str:
    """Return the class's name as a part of a URL: ``UnknownPrinter`` is ``unknown-printer``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__).lower()


def _nearest(kind: type[GatewayError], table: Mapping[type[GatewayError], T]) -> T:
    return next(
        table[parent]
        for parent in kind.__mro__
        if issubclass(parent, GatewayError) and parent in table
    )


def status(kind: type[GatewayError]) -> int:
    """Return the HTTP status of a class of errors."""
    return _nearest(kind, STATUSES)


def document(error: GatewayError) -> dict[str, object]:
    """Return the problem as a JSON object."""
    kind = type(error)
    problem: dict[str, object] = {
        "type": f"/problems/{slug(kind)}",
        "title": kind.title,
        "status": status(kind),
        "detail": error.detail,
    }
    if isinstance(error, RegistryRefused):
        problem |= _registry_problem(error)
    if error.facts:
        problem["facts"] = error.facts
    if isinstance(error, errors.Several):
        problem["items"] = [_item(number, refused) for number, refused in error.items[:MOST_ITEMS]]
    return problem


def _registry_problem(error: RegistryRefused) -> dict[str, object]:
    """Return what a refusal of the registry says beside, or instead: its code is its type."""
    problem: dict[str, object] = {
        "type": f"/problems/{error.code.replace('_', '-')}",
        "title": error.cause.title,
        "status": REGISTRY_STATUSES[error.cause.kind],
        "code": error.code,
    }
    if error.items:
        # All of them, whatever there are: who mends a list of serials must see each.
        problem["items"] = [_offence(offence) for offence in error.items]
    return problem


def _offence(offence: Offence) -> dict[str, object]:
    item: dict[str, object] = {
        "subject": offence.subject,
        "code": offence.code,
        "type": f"/problems/{offence.code.replace('_', '-')}",
        "detail": offence.detail,
    }
    if offence.facts:
        item["facts"] = dict(offence.facts)
    return item


def _item(number: int, error: GatewayError) -> dict[str, object]:
    # People count labels from 1, JSON Pointer (RFC 6901) and programs from 0.
    item: dict[str, object] = {
        "index": number - 1,
        "pointer": f"/labels/{number - 1}",
        "type": f"/problems/{slug(type(error))}",
        "detail": error.detail,
    }
    if error.facts:
        item["facts"] = error.facts
    return item


def answer(error: GatewayError) -> Problem:
    """Return the whole answer for an error."""
    problem = document(error)
    code = problem["status"]
    assert isinstance(code, int)
    headers = {"content-type": "application/problem+json"}
    if code == 401:
        headers["www-authenticate"] = 'Bearer realm="label-gateway"'
    busy = isinstance(error, RegistryRefused) and error.cause.kind == "busy"
    if busy or isinstance(error, errors.Exhausted | errors.StoreError | errors.StillRunning):
        after = error.facts.get("retry_after", RETRY_AFTER)
        headers["retry-after"] = str(after)
    body = json.dumps(problem, ensure_ascii=False, separators=(",", ":"), default=str)
    # A lone surrogate from the input may be quoted in the sentence.
    return Problem(code, headers, body.encode("utf-8", "replace"))


# ---------------------------------------------------------------- pages


def kinds() -> list[type[GatewayError]]:
    """Return every class of errors, parents before children."""
    return list(dict.fromkeys(_below(GatewayError)))


def _below(kind: type[GatewayError]) -> Iterator[type[GatewayError]]:
    # A class of some test or of another package is no part of this gateway's pages.
    if kind.__module__.startswith("gateway."):
        yield kind
    for child in kind.__subclasses__():
        yield from _below(child)


def page(kind: type[GatewayError]) -> str:
    """Return the class's page in Markdown."""
    meaning = (kind.__dict__.get("__doc__") or "").strip().split("\n\n")[0].replace("\n", " ")
    advice = _nearest(kind, _ADVICE)
    parents = [p for p in kind.__mro__[1:] if issubclass(p, GatewayError)]
    children = sorted(
        (c for c in kind.__subclasses__() if c.__module__.startswith("gateway.")), key=slug
    )
    lines = [
        f"# {kind.title}",
        "",
        f"`type`: `/problems/{slug(kind)}` · status {status(kind)}",
        "",
    ]
    lines += [" ".join(meaning.split()), ""] if meaning and kind is not errors.Several else []
    lines += [advice, ""]
    if parents:
        named = " › ".join(f"[{p.title}]({slug(p)}.md)" for p in reversed(parents))
        lines += [f"A kind of: {named}", ""]
    if children:
        lines += ["More exactly:", ""]
        lines += [f"- [{child.title}]({slug(child)}.md)" for child in children]
        lines += [""]
    return "\n".join(lines)


def pages() -> dict[str, str]:
    """Return every page by its slug."""
    from gateway.store import jobs  # noqa: F401 - it has a refusal of its own

    return {slug(kind): page(kind) for kind in kinds()} | {
        code.replace("_", "-"): _registry_page(code) for code in CAUSES
    }


def _registry_page(code: str) -> str:
    cause = CAUSES[code]
    parent = RegistryRefused.title
    return "\n".join(
        [
            f"# {cause.title}",
            "",
            f"`type`: `/problems/{code.replace('_', '-')}` · status "
            f"{REGISTRY_STATUSES[cause.kind]} · `code`: `{code}`",
            "",
            cause.advice,
            "",
            f"A kind of: [{parent}]({slug(RegistryRefused)}.md)",
            "",
        ]
    )


def html(name: str) -> str | None:
    """Return a page for a browser, None when there is no such problem."""
    from html import escape

    text = pages().get(name)
    if text is None:
        return None
    out: list[str] = []
    for line in text.splitlines():
        safe = escape(line, quote=False)
        safe = re.sub(r"\[([^\]]+)\]\(([a-z-]+)\.md\)", r'<a href="\2">\1</a>', safe)
        safe = re.sub(r"`([^`]+)`", r"<code>\1</code>", safe)
        if safe.startswith("# "):
            out.append(f"<h1>{safe[2:]}</h1>")
        elif safe.startswith("- "):
            out.append(f"<p>• {safe[2:]}</p>")
        elif safe:
            out.append(f"<p>{safe}</p>")
    title = escape(text.splitlines()[0].removeprefix("# "), quote=False)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width">'
        '<link rel="stylesheet" href="/static/page.css"></head>'
        f"<body><main>{''.join(out)}</main></body></html>"
    )
