"""Backups and moving: copies that are made and tried, and the way to another computer.

GET /backups ──► the backups, and how the gateway stands between two computers
POST /moving/in ── a file, streamed to the disk as it comes ──► checked, and the gateway starts anew
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Request, Response
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from gateway.api.access import Who, needs
from gateway.api.relocation import start_taking_in
from gateway.console.asking import Asked, at
from gateway.console.frame import Frame
from gateway.console.listing import Bulk, Cell, Column, Listing, Row, each, show
from gateway.errors import InputRefused, Unreadable

TRIED_WORDS = {"not": "Not tried", "whole": "Can be put back", "spoilt": "Damaged"}
HOW_WORDS = {True: "by itself", False: "by hand"}
REMOVED = "%(n)s backups are removed."
WORDS = (REMOVED,)


def _tried(row: Row) -> Cell:
    tried = row["tried"]
    if tried is None:
        return Cell(TRIED_WORDS["not"], tone="quiet", kind="word")
    if tried["whole"]:
        return Cell(TRIED_WORDS["whole"], tone="done", detail=tried["sentence"], kind="word")
    return Cell(TRIED_WORDS["spoilt"], tone="refused", detail=tried["sentence"], kind="word")


BACKUPS = Listing(
    name="backups",
    title="Backups",
    path="/backups",
    api="/v1/backups",
    key=lambda row: row["name"],
    columns=(
        Column("Backup", lambda row: Cell(row["name"], to=at("/backups/{}", row["name"]))),
        Column(
            "Made", lambda row: Cell(row["made_at"], kind="time"), sort=lambda row: row["made_at"]
        ),
        Column(
            "How",
            lambda row: Cell(HOW_WORDS[row["by_itself"]], kind="word"),
        ),
        Column(
            "MB",
            lambda row: f"{row['bytes'] / 1e6:.1f}",
            figure=True,
            sort=lambda row: row["bytes"],
        ),
        Column("Tried", _tried),
    ),
    bulk=(
        Bulk(
            "remove",
            "Remove them",
            lambda api, ids, form: each(api, "DELETE", "/v1/backups/{}", ids, REMOVED),
            tone="drop",
            question="A backup that is removed is gone. Remove them?",
        ),
    ),
    empty="No backup was made yet. Make one now; later they are made by themselves.",
    whole=True,
    scope="admin",
)


TOLD_FOR = timedelta(days=14)
"""How long a gateway that came from elsewhere says so, and which printers have not come yet."""


def _age(moment: str) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(moment)


def backup_pages(frame: Frame) -> APIRouter:
    """Return the routes of the pages."""
    router = frame.router()
    frame.listings[BACKUPS.name] = BACKUPS

    @router.get("/backups", dependencies=[needs("admin")])
    async def get_backups(request: Request, api: Asked) -> Response:
        shown = await show(api, BACKUPS, request.query_params, views=False)
        moving = await api.get("/v1/moving")
        came = moving["came"]
        if came is not None and _age(came["arrived_at"]) > TOLD_FOR:
            came = None
        printers = (await api.get("/v1/printers", limit=500))["items"] if came else []
        return frame.page(
            request, "backups.html", shown=shown, moving=moving, came=came,
            missing=[one for one in printers if one["status"]["condition"] == "unreachable"],
            newest=shown.rows[0] if shown.rows else None,
        )  # fmt: skip

    @router.get("/backups/{name}", dependencies=[needs("admin")])
    async def get_backup(name: str, request: Request, api: Asked) -> Response:
        backup = await api.get(at("/v1/backups/{}", name))
        return frame.page(request, "backup.html", backup=backup)

    @router.post("/moving/in", dependencies=[needs("admin")])
    async def move_in(request: Request, who: Who) -> Response:
        """The file of a form; it is on the disk before the form is read to its end."""
        moving = frame.parts.moving
        length = request.headers.get("content-length", "")
        file = await moving.receive(
            uploaded(request, "file"), int(length) if length.isdigit() else None
        )
        if not file.stat().st_size:
            file.unlink()
            raise InputRefused("Choose the file first.")
        started = start_taking_in(frame.parts, file, who.name)
        return frame.back(request, at("/works/{}", started["work"]))

    return router


@dataclass(slots=True)
class _Reading:
    """Where a parser is in a form."""

    wanted: str
    inside: bool = False
    name: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)
    pieces: list[bytes] = field(default_factory=list)

    def begin(self) -> None:
        self.inside = False

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self.name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self.value += data[start:end]

    def header_end(self) -> None:
        if self.name.lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self.value))
            self.inside = options.get(b"name") == self.wanted.encode()
        self.name.clear()
        self.value.clear()

    def data(self, data: bytes, start: int, end: int) -> None:
        if self.inside:
            self.pieces.append(data[start:end])


async def uploaded(request: Request, name: str) -> AsyncIterator[bytes]:
    """Yield a form's file as it comes, so that none of it is kept in memory.

    Raises:
        Unreadable: it is no form with files (RFC 7578).
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise Unreadable("The form could not be read; load the page anew and try again.")
    reading = _Reading(name)
    parser = MultipartParser(
        options[b"boundary"],
        {
            "on_part_begin": reading.begin,
            "on_header_field": reading.header_name,
            "on_header_value": reading.header_value,
            "on_header_end": reading.header_end,
            "on_part_data": reading.data,
        },
    )
    try:
        async for chunk in request.stream():
            parser.write(chunk)
            for piece in reading.pieces:
                yield piece
            reading.pieces.clear()
        parser.finalize()
    except MultipartParseError as error:
        raise Unreadable("The form could not be read; load the page anew and try again.") from error
