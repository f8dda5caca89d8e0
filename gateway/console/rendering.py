"""Pages that the gateway writes itself: values go in, HTML comes out, and nothing in it is markup
that was not written here.

    values ──render──► HTML (every value escaped; a name that is missing is an error, not a gap)
    refusal in a route of ``PageRoute`` ──► a page that says what to do, with the refusal's status
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from gateway.api.problems import document
from gateway.errors import GatewayError, NotAuthenticated, NotPermitted

if TYPE_CHECKING:
    from jinja2 import Environment

UNSTORED = {"cache-control": "no-store"}
"""A page shows what is so now; the browser's back button must not show what was."""


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # late: first page only

    from gateway.console.filters import FILTERS, WORDS

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(FILTERS)
    environment.globals.update(WORDS)
    return environment


def render(page: str, /, **values: object) -> str:
    """Return a page of ``pages/`` with its values, all of them escaped."""
    return _environment().get_template(page).render(**values)


def page(name: str, /, status_code: int = 200, **values: object) -> HTMLResponse:
    """Return a page as an answer."""
    return HTMLResponse(render(name, **values), status_code, UNSTORED)


def trouble(error: GatewayError) -> HTMLResponse:
    """Return the page of a refusal: what is the matter, and what to do."""
    said = document(error)
    status = said["status"]
    assert isinstance(status, int)
    stranger = isinstance(error, NotAuthenticated | NotPermitted)
    return page(
        "trouble.html",
        status,
        title="This screen is not paired with the gateway" if stranger else said["title"],
        sentence=error.detail,
        pair=stranger,
    )


class PageRoute(APIRoute):
    """A route for people: what it refuses is a page, too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer = super().get_route_handler()

        async def answer_as_page(request: Request) -> Response:
            try:
                return await answer(request)
            except GatewayError as error:
                return trouble(error)

        return answer_as_page
