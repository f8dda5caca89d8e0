"""Jobs and labels on the screens: how far they are, what can be done, and the one question.

/jobs                what was ordered, newest first, and how far each job is
/jobs/{id}           its labels, each with its picture and how one knows where it is
/labels/{id}         one label
/questions           which label is the last on paper: what only a person can tell
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Api, Asked, Declined, at
from gateway.console.form import Form, one, read_form
from gateway.console.frame import Frame, came_from, local
from gateway.console.label_words import (
    JOB_STATE_WORDS,
    JOB_TONES,
    LABEL_STATE_WORDS,
    LABEL_TONES,
    content,
    known,
)
from gateway.console.listing import Bulk, Cell, Choices, Column, Filter, Listing, Row, each, show
from gateway.console.noting import Note
from gateway.console.words import translate
from gateway.errors import InputRefused

LABELS_SHOWN = 50
"""Labels on a job's page; each has a picture."""

PRIORITIES: Sequence[tuple[str, str]] = (
    ("100", "First of all"),
    ("10", "Before the others"),
    ("0", "As usual"),
    ("-10", "After the others"),
)
PRIORITY_WORDS: Mapping[str, str] = dict(PRIORITIES)

SETTLED = ("printed", "cancelled", "expired", "failed", "dropped")
"""Counts of labels nothing more is done for."""

WORDS: Mapping[str, Mapping[str, str]] = {
    "job_words": JOB_STATE_WORDS, "job_tones": JOB_TONES,
    "label_words": LABEL_STATE_WORDS, "label_tones": LABEL_TONES,
}  # fmt: skip


def settled(job: Row) -> int:
    """Return how many of a job's labels nothing more is done for.

    >>> settled({"state": "printing", "labels": 5, "counts": {"printed": 2, "queued": 3}})
    2
    >>> settled({"state": "done", "labels": 5, "counts": {"sent": 5}})
    5
    """
    if job["state"] in ("done", "failed", "cancelled"):
        return int(job["labels"])
    return sum(job["counts"].get(name, 0) for name in SETTLED)


def state_cell(job: Row) -> Cell:
    """Return a job's state as a list shows it."""
    state = job["state"]
    return Cell(
        JOB_STATE_WORDS.get(state, state), tone=JOB_TONES.get(state, "quiet"), kind="word",
        detail=job["problem"] or "",
    )  # fmt: skip


async def targets(api: Api) -> Choices:
    """Return the printers and pools that jobs are for."""
    names: list[str] = []
    for path in ("/v1/printers", "/v1/pools"):
        names += [row["name"] for row in (await api.get(path, limit=500))["items"]]
    return [(name, name) for name in names]


DONE_WORDS: Mapping[str, str] = {
    "hold": "Jobs put on hold: %(n)s.",
    "release": "Jobs released: %(n)s.",
    "cancel": "Jobs called off: %(n)s.",
}
"""What is said of ticked jobs, by what was done to them."""


def _acting(verb: str) -> Any:
    async def act(api: Api, ids: Sequence[str], form: Form) -> Note:
        return await each(api, "POST", f"/v1/jobs/{{}}/{verb}", ids, DONE_WORDS[verb])

    return act


JOBS = Listing(
    name="jobs",
    title="Jobs",
    path="/jobs",
    api="/v1/jobs",
    key=lambda row: row["id"],
    columns=(
        Column("Job", lambda row: Cell(row["id"], to=at("/jobs/{}", row["id"]))),
        Column("What", lambda row: Cell(
            row["title"] or row["template"] or row["kind"], detail=row["reason"])),
        Column("State", state_cell),
        Column("Labels", lambda row: f"{settled(row)} / {row['labels']}", figure=True),
        Column("Printer", lambda row: Cell(row["printer"], to=at("/printers/{}", row["printer"]))),
        Column("Accepted", lambda row: Cell(row["accepted_at"], kind="time")),
    ),
    filters=(
        Filter("state", "State", tuple(JOB_STATE_WORDS.items())),
        Filter("printer", "Printer", targets),
    ),
    bulk=(
        Bulk("hold", "Hold", _acting("hold")),
        Bulk("release", "Release", _acting("release")),
        Bulk("cancel", "Cancel the jobs", _acting("cancel"),
             tone="drop",
             question="What has not been printed of these jobs will not be. Cancel them?"),
    ),
    empty="Nothing was printed yet.",
    next_act=(("Printers", "/printers"),),
)  # fmt: skip


def job_pages(frame: Frame) -> APIRouter:
    """Return the routes of the pages."""
    router = frame.router()
    frame.listings[JOBS.name] = JOBS

    @router.get("/jobs", dependencies=[needs("read")])
    async def get_jobs(request: Request, api: Asked) -> Response:
        shown = await show(api, JOBS, request.query_params)
        return frame.page(request, "jobs.html", shown=shown)

    @router.get("/jobs/{job}", dependencies=[needs("read")])
    async def get_job(job: str, request: Request, api: Asked) -> Response:
        query = request.query_params
        state = query.get("state", "")
        found = await api.get(at("/v1/jobs/{}", job))
        labels = await api.get(
            at("/v1/jobs/{}/labels", job),
            state=state, after=query.get("after", ""), limit=LABELS_SHOWN,
        )  # fmt: skip
        return frame.page(
            request, "job.html", job=found, labels=labels["items"], next=labels["next"] or "",
            state=state, settled=settled(found), known=known, content=content,
            priorities_in_words=priorities(int(found["priority"]), frame.language(request)),
            targets=await targets(api), **_words(),
        )  # fmt: skip

    @router.post("/jobs/{job}/reprint", dependencies=[needs("print")])
    async def reprint(job: str, request: Request, api: Asked) -> Response:
        """All labels of a job, or those that were ticked."""
        form = read_form(await request.body())
        body: dict[str, object] = {"reason": one(form, "reason"), "printer": one(form, "printer")}
        if one(form, "which") != "all":
            numbers = [int(value) for value in form.get("_ids", ()) if value.isdecimal()]
            if not numbers:
                raise InputRefused(
                    "Tick the labels that are to be printed again, or choose all of them.",
                    key="labels",
                )
            body["labels"] = sorted(set(numbers))
        said = await api.ask(
            "POST", at("/v1/jobs/{}/reprint", job), {k: v for k, v in body.items() if v != ""},
            headers={"idempotency-key": one(form, "_once")[:80]},
        )  # fmt: skip
        sentence = translate("Job %(id)s prints them again.", frame.language(request)) % said.json
        return frame.back(request, at("/jobs/{}", said.json["id"]), sentence)

    @router.get("/labels/{label}", dependencies=[needs("read")])
    async def get_label(label: str, request: Request, api: Asked) -> Response:
        found = await api.get(at("/v1/labels/{}", label))
        job = await api.get(at("/v1/jobs/{}", found["job"]))
        serial = await serial_of(api, found)
        return frame.page(
            request, "label.html", label=found, job=job, serial=serial, known=known,
            content=content, **_words(),
        )  # fmt: skip

    @router.get("/questions", dependencies=[needs("read")])
    async def get_questions(request: Request, api: Asked) -> Response:
        """Of one printer with ``?printer=``; the answer leads to ``?then=``, or back."""
        query = request.query_params
        wanted = query.get("printer", "")
        asked = (await api.get("/v1/questions"))["items"]
        names = [wanted] if wanted else [row["printer"] for row in asked]
        questions = [await api.get(at("/v1/printers/{}/question", name)) for name in names]
        then = local(query["then"]) if "then" in query else came_from(request)
        if then.partition("?")[0] in ("/questions", "/do"):
            then = "/"
        return frame.page(
            request, "questions.html", questions=[one for one in questions if one["labels"]],
            printer=wanted, then=then, content=content,
        )  # fmt: skip

    return router


def priorities(now: int, language: str) -> Choices:
    """Return the priorities to choose from, with the one that a job has now.

    >>> priorities(7, "en")[0], priorities(0, "en")[0]
    (('7', '7'), ('100', 'First of all'))
    """
    usual = [(value, translate(text, language)) for value, text in PRIORITIES]
    return usual if str(now) in PRIORITY_WORDS else [(str(now), str(now)), *usual]


def _words() -> dict[str, Any]:
    return dict(WORDS)


async def serial_of(api: Api, label: Row) -> Row | None:
    """Return the serial that a label names, as the API shows it; None when it names none."""
    if not label["serial"]:
        return None
    try:
        found: Row = await api.get(at("/v1/serials/{}", label["serial"]))
    except Declined:  # the registry is off, or it is not theirs to see
        return None
    return found
