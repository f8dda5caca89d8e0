"""What all screens share: the frame round them, their words, notes, and what becomes of a refusal.

    route ──values──► Frame.page ──► HTML in the person's language, with navigation and notes
    a refusal ──► for a page: a page that says what to do; for a form: back to it, as it was filled

``x-part: 1`` asks for a page without its frame: that is how what is shown live is fetched again.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from gateway.api.access import ACTOR, Actor
from gateway.api.parts import Parts
from gateway.api.problems import document
from gateway.api.refusals import wrong_parameter
from gateway.api.security import ClientGone, our_fault
from gateway.console import alerting, noting, words
from gateway.console.asking import Declined
from gateway.console.files import asset
from gateway.console.form import one
from gateway.console.looks import Looks
from gateway.console.navigation import NAVIGATION, Entry
from gateway.console.noting import Note, Notes
from gateway.console.rendering import UNSTORED, render
from gateway.errors import GatewayError

if TYPE_CHECKING:
    from gateway.console.listing import Listing

log = logging.getLogger(__name__)

THEMES = ("", "light", "dark")
THEME_COOKIE = "gw_theme"


class Frame:
    """The frame of all screens of one gateway."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.notes = Notes()
        self.looks = Looks()
        self.listings: dict[str, Listing] = {}
        """Every list there is, by its name: for export, saved views and bulk actions."""

    def router(self) -> APIRouter:
        """Return a router whose refusals are pages."""
        frame = self

        class Route(ScreenRoute):
            shared = frame

        return APIRouter(include_in_schema=False, route_class=Route)

    # ------------------------------------------------------------ pages

    def page(
        self, request: Request, name: str, /, status: int = 200, **values: object
    ) -> HTMLResponse:
        """Return a page of ``pages/`` in its frame.

        Besides ``values`` a page has ``_`` and ``_n`` (its words), ``note``, ``given`` (what was
        typed into a form that was refused), ``once()`` (makes a form act once), ``who``, ``path``
        and ``query``.
        """
        cookies = request.cookies
        language = self.language(request)
        key = cookies.get(noting.COOKIE)
        part = "x-part" in request.headers
        note = None if part else self.notes.take(key)
        theme = cookies.get(THEME_COOKIE, "")
        settings = self.parts.settings.all()
        actor = cast(Actor, request.scope[ACTOR])
        alerts, told = None, settings["registry.enabled"] and actor.may("read")
        if told:
            alerts = alerting.waiting(self.parts.database, cookies.get(alerting.COOKIE, ""))
        content = render(
            name,
            frame="part.html" if part else "frame.html",
            lang=language,
            languages=words.LANGUAGES,
            theme=theme if theme in THEMES else "",
            note=note,
            given=_given(note),
            once=lambda: self.looks.mark if part else secrets.token_urlsafe(12),
            who=actor,
            alerts=alerts,
            told_of_alerts=told,
            settings=settings,
            moved=self.parts.moving.sentence(),
            features=settings["registry.features"] if settings["registry.enabled"] else (),
            entries=self._entries(settings),
            path=request.url.path,
            query=request.query_params,
            here=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            asset=asset,
            zone=ZoneInfo(self.parts.zone()),
            seq=getattr(request.state, "seq", ""),
            **values,
        )
        answer = HTMLResponse(
            content, status, {**UNSTORED, "vary": "x-part, cookie, accept-language"}
        )
        if key is not None and not part:
            answer.delete_cookie(noting.COOKIE)
        return answer

    def language(self, request: Request) -> str:
        """Return the code of the language in which a request is answered."""
        return words.spoken(request.cookies, request.headers)

    def _entries(self, settings: Mapping[str, Any]) -> list[tuple[str, list[Entry]]]:
        on = set(settings["registry.features"]) if settings["registry.enabled"] else set()
        registry = bool(settings["registry.enabled"])
        return [
            (title, kept)
            for title, entries in NAVIGATION
            if (kept := [one for one in entries if one.shown(registry, on)])
        ]

    # ------------------------------------------------------------ answers to forms

    def back(
        self, request: Request, to: str, sentence: str = "", note: Note | None = None
    ) -> Response:
        """Return the way to another page, whose head says a sentence or a whole note."""
        answer = RedirectResponse(to, 303, UNSTORED)
        if note is None and sentence:
            note = Note(sentence)
        if note is not None:
            answer.set_cookie(
                noting.COOKIE, self.notes.put(note), max_age=noting.LASTS, httponly=True,
                samesite="strict", secure=request.url.scheme == "https",
            )  # fmt: skip
        return answer

    def refused(
        self, request: Request, refusal: Declined, form: Mapping[str, list[str]] | None = None
    ) -> Response:
        """Return the way back to the page of a form that was refused, with what was typed."""
        given = form or {}
        note = Note(
            refusal.sentence, "refused", refusal.items, one(given, "_form"), given
        )  # fmt: skip
        to = one(given, "_returns")
        return self.back(request, local(to) if to else came_from(request), note=note)

    def trouble(self, request: Request, refusal: Declined) -> Response:
        """Return the page of a refusal: what is the matter, and what to do."""
        if refusal.status == 401:
            here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"/sign-in?then={quote(here, safe='')}", 303, UNSTORED)
        return self.page(request, "refused.html", refusal.status, refusal=refusal)


class ScreenRoute(APIRoute):
    """A route for people: what it refuses is a page, or the way back to the form with a note."""

    shared: Frame

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer = super().get_route_handler()
        frame = self.shared

        async def answer_as_screen(request: Request) -> Response:
            # What happens while the page is written is told to it afterwards.
            request.state.seq = frame.parts.live.last
            try:
                if request.method == "GET" and "x-part" in request.headers:
                    last = frame.parts.live.last
                    return await frame.looks.share(request, last, lambda: answer(request))
                return await answer(request)
            except Declined as refusal:
                declined = refusal
            except GatewayError as error:
                declined = Declined(document(error))
            except RequestValidationError as error:
                declined = Declined(document(wrong_parameter(error)))
            except (HTTPException, ClientGone):
                raise
            except Exception:  # a request's edge: people get a page, and the log the details
                log.exception("a screen failed", extra={"path": request.url.path})
                declined = Declined(document(our_fault()))
            if request.method == "GET" or declined.status == 401:
                return frame.trouble(request, declined)
            from gateway.console.form import read_form

            urlencoded = request.headers.get("content-type", "").startswith(
                "application/x-www-form-urlencoded"
            )
            form = read_form(await request.body()) if urlencoded else {}
            return frame.refused(request, declined, form)

        return answer_as_screen


def came_from(request: Request) -> str:
    """Return the page of ours from which a form was sent; the first page without one."""
    parts = urlsplit(request.headers.get("referer", ""))
    if parts.netloc != request.headers.get("host", ""):
        return "/"
    return local(parts.path + (f"?{parts.query}" if parts.query else ""))


def local(to: str) -> str:
    r"""Return a path of ours; the first page for anything that leads elsewhere.

    >>> local("/printers"), local("//evil.example"), local("https://evil.example"), local("/\\evil")
    ('/printers', '/', '/', '/')
    """
    good = to.startswith("/") and not to.startswith("//") and "\\" not in to and to.isprintable()
    return to if good else "/"


def _given(note: Note | None) -> Callable[..., str]:
    """Return what looks up what was typed: by form and field; else what the field holds anyway."""

    def given(form: str, field: str, otherwise: object = "") -> str:
        if note is not None and note.form and note.form == form and field in note.given:
            return one(note.given, field)
        return "" if otherwise is None else str(otherwise)

    return given


def moment(text: str, zone: ZoneInfo) -> datetime:
    """Return an RFC 3339 time of the API in the site's zone."""
    return datetime.fromisoformat(text).astimezone(zone)


def with_links(note: Note, *links: noting.Link) -> Note:
    """Return the note with where it leads."""
    return replace(note, links=links)
