"""Long works over HTTP: which there are, how far one is, and how it is stopped."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.api.access import Actor, Who, needs
from gateway.api.parts import Parts
from gateway.api.showing import Json, answer, page_of, rfc3339
from gateway.errors import NotPermitted
from gateway.works import Work


def work_routes(parts: Parts) -> APIRouter:
    """Return the routes of long works."""
    router = APIRouter(prefix="/v1/works", tags=["works"])

    @router.get("", dependencies=[needs("read")], summary="List long works")
    async def list_works(
        after: int | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> Response:
        """Those that wait or run, and those that have ended within a day; newest first."""
        found = [one for one in parts.works.all() if after is None or one.id < after]
        return answer(page_of(found, limit, show_work, lambda one: one.id))

    @router.get("/{id}", dependencies=[needs("read")], summary="How far a long work is")
    async def get_work(id: int) -> Response:
        """`state` is `waiting`, `running`, `done`, `refused` or `stopped`; `of` is 0 while it is
        not known how many steps there are. `sentence` says what it is doing, then what came of it.
        """
        return answer(show_work(parts.works.get(id)))

    @router.post("/{id}/stop", dependencies=[needs("read")], summary="Stop a long work")
    async def stop_work(id: int, who: Who) -> Response:
        """For whoever started it, and for administrators. It stops at its next step, and leaves
        things as they were or says what stays."""
        _check(parts.works.get(id), who)
        return answer(show_work(parts.works.stop(id)))

    return router


def _check(work: Work, who: Actor) -> None:
    if who.name != work.actor and not who.may("admin"):
        raise NotPermitted(
            f"{work.title} was started by {work.actor}; only they and administrators stop it.",
            actor=who.name,
        )


def show_work(work: Work) -> Json:
    """Return a long work as it stands."""
    return {
        "id": str(work.id),
        "title": work.title,
        "state": work.state,
        "stopping": work.stopping,
        "done": work.done,
        "of": work.of,
        "sentence": work.sentence,
        "to": work.to,
        "actor": work.actor,
        "accepted_at": rfc3339(work.accepted_at),
        "ended_at": None if work.ended_at is None else rfc3339(work.ended_at),
        "links": {"self": f"/v1/works/{work.id}"},
    }
