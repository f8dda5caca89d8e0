"""Who looks at the screens: on this computer anybody, from elsewhere whoever has a key.

POST /sign-in ── key ──► a cookie that holds it, as a program's header would
"""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from gateway.api.access import OPEN, Failures, needs
from gateway.api.parts import Parts
from gateway.api.security import COOKIE
from gateway.console import alerting, words
from gateway.console.form import one, read_form
from gateway.console.frame import THEME_COOKIE, THEMES, Frame, came_from, local
from gateway.console.noting import Note
from gateway.errors import NotAuthenticated
from gateway.store.engine import now

LASTS = 400 * 24 * 3600
"""Seconds; browsers keep no cookie longer (RFC 6265bis, 5.5)."""


def sign_in_routes(frame: Frame, parts: Parts) -> APIRouter:
    """Return the routes by which a browser says who looks, and how it likes its screens."""
    router = frame.router()
    failures = Failures()

    @router.get("/sign-in", dependencies=[needs(OPEN)])
    async def get_sign_in(request: Request) -> Response:
        then = local(request.query_params.get("then", "/"))
        return frame.page(request, "sign_in.html", then=then)

    @router.post("/sign-in", dependencies=[needs(OPEN)])
    async def sign_in(request: Request) -> Response:
        form = read_form(await request.body())
        key = one(form, "key").strip()
        then = local(one(form, "then"))
        try:
            parts.keys.check(key, now())
        except NotAuthenticated as refusal:
            failures.add(request.client.host if request.client else "")
            again = f"/sign-in?then={quote(then, safe='')}"
            return frame.back(request, again, note=Note(refusal.detail, "refused"))
        answer = frame.back(request, then)
        answer.set_cookie(
            COOKIE, key, max_age=LASTS, httponly=True, samesite="strict",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return answer

    @router.post("/sign-out", dependencies=[needs(OPEN)])
    async def sign_out(request: Request) -> Response:
        answer = frame.back(request, "/sign-in")
        answer.delete_cookie(COOKIE)
        return answer

    @router.post("/look", dependencies=[needs(OPEN)])
    async def look(request: Request) -> Response:
        """Language, colours and alerts, kept in this browser."""
        form = read_form(await request.body())
        answer = frame.back(request, came_from(request))
        lang, theme = one(form, "lang"), one(form, "theme")
        if lang in words.LANGUAGES:
            answer.set_cookie(words.COOKIE, lang, max_age=LASTS, samesite="strict")
        if theme in THEMES:
            answer.set_cookie(THEME_COOKIE, theme, max_age=LASTS, samesite="strict")
        alerting.choose(answer, one(form, "alerts"), request.cookies.get(alerting.COOKIE, ""))
        return answer

    return router
