"""``POST /v1/jobs``, the hot route: plain ASGI, so that a job costs little more than its fsync.

body ──parse_job──► JobRequest ──desk──► Order ──one durable commit──► 201
"""

from __future__ import annotations

import time
from base64 import b64encode
from urllib.parse import parse_qs

from starlette.routing import Route

from gateway.accepting import COMMANDS, JobRequest
from gateway.api.access import ACTOR, Actor
from gateway.api.changes import Reply
from gateway.api.job_body import parse_job
from gateway.api.parts import Parts
from gateway.api.reading import check_json_type, read_body, read_request, refuse_unknown, say
from gateway.api.security import Receive, Scope, Send
from gateway.api.showing import dumps, rfc3339
from gateway.errors import GatewayError, InputRefused
from gateway.ledger import Order
from gateway.proofs import fingerprint
from gateway.store import requests
from gateway.store.engine import Transaction, now
from gateway.store.jobs import CounterMoved

FEW_LABELS = 40
"""Labels checked on the event loop at once; more of them go to a thread."""

MOST_PICTURES = 10
"""Labels drawn by a dry run."""

ORDER_TRIES = 5
"""Times an order is made anew because another job took the counter's values first."""


class Accept:
    """``POST /v1/jobs``."""

    scope_needed = "print"

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        actor: Actor = scope[ACTOR]
        actor.must("print")
        headers: dict[bytes, bytes] = dict(scope["headers"])
        check_json_type(headers.get(b"content-type"))
        body = await read_body(receive)
        query: bytes = scope["query_string"]
        if query and _is_dry(query):
            await _send(send, 200, await self._dry_run(actor, body))
            return
        once = read_request(actor.name, headers, "POST", b"/v1/jobs", body)
        try:
            reply = await self._accept(actor, body, once)
        except GatewayError:
            # The same request may be refused now only for what has changed since its answer.
            known = None if once is None else self._parts.requests.answered(once)
            if known is None:
                raise
            reply = Reply(*known)
        await _send(send, reply.status, reply.body, reply.location())
        self._parts.seconds.add(time.perf_counter() - began)

    async def _accept(self, actor: Actor, body: bytes, once: requests.Request | None) -> Reply:
        parts = self._parts
        parts.space.check()
        request = _parse(actor, body)

        def work(t: Transaction) -> Reply:
            if once is not None:
                known = parts.requests.replay(t, once)
                if known is not None:
                    return Reply(*known)
            parts.printers.must_exist(t, order.target, order.target_name)
            job, state = parts.jobs.accept(t, order, actor.name, at)
            labels = len(order.rows) * order.copies
            body = _accepted(job, state, labels, order.target_name)
            reply = Reply(201, body, f"/v1/jobs/J{job}")
            if once is not None:
                parts.requests.remember(t, once, reply.status, reply.body, at)
            if not order.held:
                t.after(lambda: parts.room.wake(order.target))
            return reply

        tries = 0
        while True:
            at = now()
            order = await self._order(request, at)
            parts.backlog.take(order.target, len(order.rows) * order.copies, order.target_name)
            try:
                return await parts.database.write(work)
            except CounterMoved:
                tries += 1
                if tries == ORDER_TRIES:
                    raise

    async def _order(self, request: JobRequest, at: int) -> Order:
        parts = self._parts
        drawn = request.document is not None or request.proof is not None
        if len(request.labels) <= FEW_LABELS and not drawn:
            return parts.desk.order(request, at)
        return await parts.away(lambda: parts.desk.order(request, at))

    async def _dry_run(self, actor: Actor, body: bytes) -> bytes:
        parts = self._parts
        request, at = _parse(actor, body), now()

        def draw() -> tuple[Order, list[tuple[bytes, str]]]:
            from gateway.drivers.languages.png import png

            order = parts.desk.order(request, at)
            tiles = parts.desk.proof(request, at, MOST_PICTURES)
            target = parts.pools.target(request.printer)
            density = parts.pools.members(target.id)[0].density
            return order, [(png(tile, density=density), fingerprint(tile)) for tile in tiles]

        order, pictures = await parts.away(draw)
        total = len(order.rows) * order.copies
        note = "Nothing was stored."
        if len(pictures) < len(order.rows):
            note = (
                f"The first {len(pictures)} of {len(order.rows)} labels are shown; all were "
                "checked, nothing was stored."
            )
        if order.kind == "raw":
            note += (
                " Raw commands are drawn as the virtual printer understands them; a printer's own "
                "fonts may differ."
            )
        return dumps(
            {
                "dry_run": True,
                "printer": order.target_name,
                "labels": total,
                "template": order.template,
                "version": order.version,
                "mode": order.mode,
                "pictures": [
                    {"number": n + 1, "png": b64encode(picture).decode(), "sha256": digest}
                    for n, (picture, digest) in enumerate(pictures)
                ],
                "proof": {"sha256": pictures[0][1], "at": rfc3339(at)},
                "note": note,
            }
        )


def _parse(actor: Actor, body: bytes) -> JobRequest:
    request = parse_job(body)
    if request.raw is not None or (
        request.document is not None and request.document.type in COMMANDS
    ):
        actor.must("raw")
    return request


def _is_dry(query: bytes) -> bool:
    values = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    refuse_unknown(dict.fromkeys(values), ("dry_run",), "POST /v1/jobs")
    given = values["dry_run"][-1].lower()
    if given not in ("", "0", "1", "true", "false"):
        raise InputRefused(f"?dry_run must be 1 or 0, got {say(given)}.", key="dry_run")
    return given not in ("0", "false")


def _accepted(job: int, state: str, labels: int, printer: str) -> bytes:
    # Names of printers need no escape: they are letters, digits and -_. only.
    return (
        f'{{"id":"J{job}","state":"{state}","labels":{labels},"printer":"{printer}",'
        f'"links":{{"self":"/v1/jobs/J{job}","labels":"/v1/jobs/J{job}/labels"}}}}'
    ).encode()


async def _send(send: Send, status: int, body: bytes, location: str | None = None) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
    ]
    if location is not None:
        headers.append((b"location", location.encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def accept_route(parts: Parts) -> Route:
    """Return the hot route."""
    return Route("/v1/jobs", Accept(parts), methods=["POST"], name="accept_job")
