"""One way from a form to the API: what a button says it calls is called.

    <form action="/do">  _call: "POST /v1/printers/zebra/pause"   _said: "Printer zebra is paused."
         │                _then: where to go   _form: its name   _once: makes it act once
         │                _seen: the thing as it was shown; only what differs is sent
         ▼
    the API, with the rights of whoever pressed it ──► back, and a note
                                                  └──► a question, when it needs a confirmation

A page of another site cannot send it: the gate looks at the origin of every form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from gateway.api.access import OPEN, needs
from gateway.console.asking import Asked, Declined
from gateway.console.form import Form, body_of, fields_for, one, only_changed, read_form, seen_of
from gateway.console.frame import Frame, came_from, local
from gateway.errors import InputRefused

_CALL = re.compile(r"(POST|PUT|PATCH|DELETE) (/v1/[!-~]+)", re.ASCII)

LONGEST_CALL = 2000


def doing_routes(frame: Frame) -> APIRouter:
    """Return the route of all forms that call the API."""
    router = frame.router()

    @router.post("/do", dependencies=[needs(OPEN)])
    async def do(request: Request, api: Asked) -> Response:
        form = read_form(await request.body())
        match = _CALL.fullmatch(one(form, "_call")[:LONGEST_CALL])
        if match is None:
            raise InputRefused("The form does not say what to do; load the page anew.")
        headers = {"idempotency-key": key} if (key := one(form, "_once")[:80]) else {}
        if etag := one(form, "_etag"):
            headers["if-match"] = etag[:80]
        body = body_of(form) if match[1] != "DELETE" else None
        if body is not None:
            body = only_changed(body, seen_of(form))
        try:
            said = await api.ask(match[1], match[2], body, headers=headers)
        except Declined as refusal:
            if refusal.status == 428:
                return ask_back(frame, request, refusal, form)
            if refusal.status == 412 and body is not None:
                form = fields_for(form, body)  # the rest shows what somebody else has written
            return frame.refused(request, refusal, form)
        answered = said.json if said.headers.get("content-type", "").endswith("json") else None
        facts = answered if isinstance(answered, dict) else {}
        then = fill(one(form, "_then"), facts)
        return frame.back(
            request, local(then) if then else came_from(request), fill(one(form, "_said"), facts)
        )

    return router


def ask_back(frame: Frame, request: Request, refusal: Declined, form: Form) -> Response:
    """Return the page that asks whether that is meant; its form sends the same with the token."""
    kept = [
        (name, value)
        for name, values in form.items()
        if name not in ("_once", "_returns", "confirm") for value in values
    ]  # fmt: skip
    return frame.page(
        request, "confirm.html", 428, refusal=refusal, kept=kept, action=request.url.path,
        returns=one(form, "_returns") or came_from(request),
    )  # fmt: skip


def fill(text: str, facts: Mapping[str, Any]) -> str:
    """Return a text with what was answered in it.

    >>> fill("/jobs/{id}", {"id": "J7"}), fill("/jobs/{id}", {}), fill("", {"id": 1})
    ('/jobs/J7', '/jobs/', '')
    """
    return re.sub(r"\{([a-z_]+)\}", lambda found: str(facts.get(found[1], "")), text)
