"""Backups over HTTP: which there are, a new one, one tried, one downloaded, one removed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import FileResponse

from gateway.api.access import Who, needs
from gateway.api.parts import Parts
from gateway.api.showing import Json, answer, page_of, rfc3339
from gateway.store.backups import Backup, Tried
from gateway.works import Progress

UNSTORED = {"cache-control": "no-store"}


def backup_routes(parts: Parts) -> APIRouter:
    """Return the routes of backups."""
    router = APIRouter(prefix="/v1/backups", tags=["backups"])
    backups = parts.backups
    admin = needs("admin")

    @router.get("", dependencies=[admin], summary="List the backups, newest first")
    async def list_backups(
        after: str | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> Response:
        """`tried` says what came of putting one back on trial; null when nobody has."""
        found = await parts.away(backups.all)
        names = [one.name for one in found]
        start = names.index(after) + 1 if after in names else 0
        return answer(page_of(found[start:], limit, show_backup, lambda one: one.name))

    @router.post("", dependencies=[admin], summary="Make a backup now")
    async def make_backup(who: Who) -> Response:
        """A work copies and checks it; people go on working meanwhile."""

        def do(progress: Progress) -> str:
            made = backups.make(who.name, progress.tell)
            return f"The backup {made.name} is made ({made.bytes / 1e6:.1f} MB, checked)."

        return _started(parts.works.start("Make a backup", who.name, do, to="/backups"))

    @router.get("/{name}", dependencies=[admin], summary="A backup")
    async def get_backup(name: str) -> Response:
        return answer(show_backup(await parts.away(lambda: backups.find(name))))

    @router.get("/{name}/file", dependencies=[admin], summary="A backup's file")
    async def get_file(name: str) -> Response:
        """Everything the gateway knew then, keys' hashes and secrets included."""
        file = await parts.away(lambda: backups.file(name))
        kind = "application/octet-stream"
        return FileResponse(file, filename=file.name, media_type=kind, headers=UNSTORED)

    @router.post("/{name}/try", dependencies=[admin], summary="Put a backup back on trial")
    async def try_backup(name: str, who: Who) -> Response:
        """A work puts it back in a place of its own: brings it up to date, reads every page and
        proves its record. Nothing of what runs is touched."""
        backups.find(name)

        def do(progress: Progress) -> str:
            return backups.try_out(name, who.name, progress.tell).sentence

        title = f"Try the backup {name}"
        return _started(parts.works.start(title, who.name, do, to="/backups"))

    @router.delete("/{name}", dependencies=[admin], summary="Remove a backup")
    async def remove_backup(name: str, who: Who) -> Response:
        await parts.away(lambda: backups.remove(name, who.name))
        return Response(status_code=204)

    return router


def show_backup(backup: Backup) -> Json:
    """Return a backup, and what came of trying it."""
    return {
        "name": backup.name,
        "bytes": backup.bytes,
        "made_at": rfc3339(backup.made_at),
        "by_itself": backup.by_itself,
        "tried": None if backup.tried is None else _show_tried(backup.tried),
        "links": {
            "self": f"/v1/backups/{backup.name}",
            "file": f"/v1/backups/{backup.name}/file",
        },
    }


def _show_tried(tried: Tried) -> Json:
    return {
        "at": rfc3339(tried.at),
        "whole": tried.whole,
        "sentence": tried.sentence,
        "jobs": tried.jobs,
        "labels_on_hold": tried.labels,
        "serials": tried.serials,
        "events": tried.events,
    }


def _started(work: int) -> Response:
    return answer({"work": str(work), "links": {"work": f"/v1/works/{work}"}}, 202)
