"""The gateway's move to another computer over HTTP: one file out, one file in, or not after all."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from gateway.api.access import Who, needs
from gateway.api.changes import JsonObject
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown
from gateway.api.showing import Json, answer, rfc3339
from gateway.errors import InputRefused, Unknown
from gateway.registry.refusals import RegistryRefused
from gateway.store.removal import CAME, noted

UNSTORED = {"cache-control": "no-store"}

OUT = (
    "From now on this gateway prints nothing and takes nothing: no job, no scan, no change.",
    "Printing, scanning and all programs go on with the new gateway, once it has the file.",
    "The file holds everything, keys and secrets too: whoever has it can be this gateway.",
)
"""What moving out means."""

STAY = (
    "The file must not be used any more, nor a copy of it: nothing can stop a computer that is "
    "not connected from taking it in.",
    "If the new gateway has begun to work, both would print and count: switch it off first.",
    "Labels that waited come back on hold, and those that were on their way are a question: a "
    "person looks whether the new gateway has printed them.",
)
"""What staying means."""


def relocation_routes(parts: Parts) -> APIRouter:
    """Return the routes of moving."""
    router = APIRouter(prefix="/v1/moving", tags=["moving"])
    moving = parts.moving

    @router.get("", dependencies=[needs("read")], summary="Whether this gateway was moved")
    async def get_moving() -> Response:
        """`fenced`: it was moved to another computer and takes nothing any more; `file`: what is
        to be brought there; `came`: where this one came from, if it was brought here itself;
        `closed`: why it takes no file in, null while it would."""
        return answer(show_moving(parts), headers=UNSTORED)

    @router.post("/out", dependencies=[needs("admin")], summary="Move to another computer")
    async def move_out(body: JsonObject, who: Who) -> Response:
        """Answers 428 first with what it means; send its token as `confirm`. Then a work makes the
        file, and this gateway is fenced off from its first step on. Asked again, the file is made
        again: it is the same."""
        refuse_unknown(body, ("confirm",), "A move")
        moving.must_be_possible()
        if moving.fence is None:
            _confirmed(body, "out", "Move this gateway to another computer?", OUT)
        work = parts.works.start(
            "Move to another computer", who.name,
            lambda progress: moving.move_out(who.name, progress), to="/backups",
        )  # fmt: skip
        return answer({"work": str(work), "links": {"work": f"/v1/works/{work}"}}, 202)

    @router.get("/file", dependencies=[needs("admin")], summary="The file of the move")
    async def get_file() -> Response:
        """Everything this gateway knows, keys' hashes and secrets included. Carry it as you would
        carry a key."""
        file = moving.file()
        if file is None:
            raise Unknown("There is no file of a move; it is made by /v1/moving/out.")
        return _sent(file)

    @router.post("/in", dependencies=[needs("admin")], summary="Take in a file of another gateway")
    async def move_in(request: Request, who: Who) -> Response:
        """The body is the file, as it is (`application/octet-stream`), up to what the disk has
        room for. A fresh gateway takes a move's file, and then goes on where the old one stopped;
        or a backup, whose waiting labels come back on hold. A work checks it, and the gateway
        starts anew with it."""
        length = request.headers.get("content-length", "")
        file = await moving.receive(request.stream(), int(length) if length.isdigit() else None)
        return answer(start_taking_in(parts, file, who.name), 202)

    @router.post("/stay", dependencies=[needs("admin")], summary="The move did not happen")
    async def stay(body: JsonObject, who: Who) -> Response:
        """Lifts the fence. Answers 428 first with what it means; send its token as `confirm`. The
        gateway starts anew; what waited is on hold."""
        refuse_unknown(body, ("confirm",), "Staying")
        fence = moving.fence
        if fence is not None:
            _confirmed(body, fence.token, "Did the move not happen?", STAY)
        held, doubted = await parts.away(lambda: moving.stay(who.name))
        return answer({"labels_on_hold": held, "labels_in_doubt": doubted})

    return router


def start_taking_in(parts: Parts, file: Path, actor: str) -> Json:
    """Start the work that checks a file that came; return where it is seen."""
    work = parts.works.start(
        "Take in a gateway's file", actor,
        lambda progress: parts.moving.take_in(file, progress), to="/backups",
    )  # fmt: skip
    return {"work": str(work), "links": {"work": f"/v1/works/{work}"}}


def show_moving(parts: Parts) -> Json:
    """Return whether the gateway was moved, and from where it came."""
    moving = parts.moving
    file, came = moving.file(), noted(parts.database, CAME)
    return {
        "fenced": moving.fence is not None,
        "sentence": moving.sentence(),
        "since": None if moving.fence is None else rfc3339(moving.fence.at),
        "by": None if moving.fence is None else moving.fence.by,
        "beginning": moving.beginning,
        "file": None if file is None else {"name": file.name, "bytes": file.stat().st_size},
        "came": came and {
            "moved": came["moved"],
            "host": came["host"],
            "at": rfc3339(came["at"]) if came["at"] else None,
            "jobs": came["jobs"],
            "labels_on_hold": came["held"],
            "labels_unsettled": came["unsettled"],
            "arrived_at": rfc3339(came["arrived_at"]),
        },
        "closed": moving.why_not_fresh(),
        "withdrawn": len(moving.withdrawn()),
    }  # fmt: skip


def _confirmed(body: Json, what: str, question: str, consequences: tuple[str, ...]) -> None:
    token = sha256(f"moving {what}".encode()).hexdigest()[:24]
    given = body.get("confirm", "")
    if not isinstance(given, str):
        raise InputRefused("'confirm' must be the token of the refusal that asked.", key="confirm")
    if given != token:
        raise RegistryRefused(
            "confirmation_required", question, token=token, consequences=list(consequences)
        )


def _sent(file: Path) -> Response:
    return FileResponse(
        file, filename=file.name, media_type="application/octet-stream", headers=UNSTORED
    )
