"""Long works: how far each is, a button that stops it, and the way to what came of it."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Asked, at
from gateway.console.frame import Frame
from gateway.console.listing import Cell, Column, Listing, show

STATES: Mapping[str, tuple[str, str]] = {
    "waiting": ("Waiting", "quiet"),
    "running": ("Running", "look"),
    "done": ("Done", "done"),
    "refused": ("Refused", "refused"),
    "stopped": ("Stopped", "quiet"),
}
"""State -> its word and its tone."""

WORK_WORDS = (
    *(word for word, _ in STATES.values()),
    "The rows are being checked.", "The rows are being taken.",
    "It was stopped; nothing was changed.", "It was stopped before it began.",
    "The gateway was stopped before it began.",
)  # fmt: skip
"""Texts of these pages that stand in tables, and what works say: for the table of words."""

WORKS = Listing(
    name="works",
    title="Long works",
    path="/works",
    api="/v1/works",
    key=lambda row: row["id"],
    columns=(
        Column("Work", lambda row: Cell(row["title"], at("/works/{}", row["id"]))),
        Column("State", lambda row: Cell(*_state(row), detail=row["sentence"], kind="word")),
        Column("By", lambda row: row["actor"]),
        Column("Started", lambda row: Cell(row["accepted_at"], kind="time")),
    ),
    empty="Nothing long is going on. What takes more than a moment, such as bringing in a table, "
    "is shown here with its progress and can be stopped.",
    whole=True,
)


def _state(row: Mapping[str, str]) -> tuple[str, str, str]:
    word, tone = STATES[row["state"]]
    return word, "", tone


def work_pages(frame: Frame) -> APIRouter:
    """Return the routes of the pages."""
    router = frame.router()
    frame.listings[WORKS.name] = WORKS

    @router.get("/works", dependencies=[needs("read")])
    async def get_works(request: Request, api: Asked) -> Response:
        shown = await show(api, WORKS, request.query_params, views=False)
        return frame.page(request, "works.html", shown=shown)

    @router.get("/works/{id}", dependencies=[needs("read")])
    async def get_work(id: str, request: Request, api: Asked) -> Response:
        work = await api.get(at("/v1/works/{}", id))
        return frame.page(request, "work.html", work=work, states=STATES)

    return router
