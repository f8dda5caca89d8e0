"""Many labels at once: a table, rows, or records of the registry become jobs.

    source ──each row bound and checked──► refused rows, listed        ?dry_run=1 ends here
              └──► jobs of up to 100,000 labels, each in one commit, with the serials' label states

A batch is a work: it tells how far it is, and can be stopped. What was accepted before prints.

With an ``Idempotency-Key`` a batch is taken once: the same request again is answered with how it
is, while it runs and for a week after. A gateway that ends in the middle of a batch of several jobs
says, asked again, which of them it accepted, and takes no more.
"""

from __future__ import annotations

import contextlib
import re
import secrets
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Response

from gateway.accepting import MOST_COPIES, MOST_LABELS, JobRequest
from gateway.api.access import needs
from gateway.api.changes import JsonObject, Once, answered
from gateway.api.checking import fields_for_all
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.registry.actions import DryRun
from gateway.api.registry.doing import Asking, Doer, doer
from gateway.api.registry.given import flag_given, text_given, whole_given
from gateway.api.registry.kept_tables import KeptTables
from gateway.api.registry.labelling import TRIES, take_order
from gateway.api.registry.streaming import MEDIA
from gateway.api.showing import Json, answer, dumps, page_of
from gateway.api.sources import Source, SourceRow, read_source
from gateway.api.works import show_work
from gateway.errors import (
    GatewayError,
    InputRefused,
    NotNow,
    ReplayDiffers,
    Several,
    Unknown,
)
from gateway.registry.label_values import ABOUTS, FILLED
from gateway.registry.mapping import guess_fields
from gateway.registry.tables import Cell, write_csv, write_xlsx
from gateway.store import requests
from gateway.store.engine import Transaction, now
from gateway.store.jobs import CounterMoved
from gateway.store.registry.acting import MOST_SERIALS
from gateway.store.registry.labelling import subject_of
from gateway.works import Progress, Stopped, Work

if TYPE_CHECKING:
    from gateway.ledger import Order
    from gateway.templates.model import Template

KEYS: Final = (
    "printer", "version", "source", "fields", "copies", "copies_from", "title", "mode", "priority",
    "hold", "strict", "stock", "partial", "labels",
)  # fmt: skip

MOST_EXPECTED: Final = 10**9
"""Labels of a batch: more rows than there can be, each with the most copies."""

SLICE: Final = 100
"""Rows checked at once: the desk tells so many refusals one by one."""

MOST_LISTED: Final = 10_000
"""Refused rows that are kept with their cells; all are counted."""

MOST_KEPT: Final = 30
"""Batches that are kept; the oldest is forgotten first."""

CAUSE: Final = ("row", "cause")
"""Columns that a file of refused rows has in front of its own."""

State = Literal["waiting", "running", "done", "refused", "stopped", "interrupted"]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row of which no label is printed, and why."""

    number: int
    title: str
    cause: str
    cells: Sequence[object]


@dataclass(frozen=True, slots=True)
class Shown:
    """A label of the batch to look at."""

    title: str
    fields: Mapping[str, object]

    @property
    def size(self) -> int:
        """Characters of its values."""
        return sum(len(str(value)) for value in self.fields.values())


@dataclass(slots=True)
class Batch:
    """Many labels that somebody wants printed, or checked before that."""

    id: str
    template: Template
    source: Source
    request: JobRequest
    """Without its labels."""
    copies_from: str
    fixed: Mapping[str, object]
    asked: Mapping[str, Any]
    """As it was asked for, to ask for the same once more."""
    partial: bool
    expected: int | None
    """Labels that were looked at; others than these are not printed."""
    dry: bool
    once: requests.Request | None
    state: State = "waiting"
    sentence: str = ""
    work: int = 0
    rows: int = 0
    labels: int = 0
    """That were accepted; of a dry run, that would be."""
    skipped: int = 0
    """Rows that want no label."""
    refused: int = 0
    listed: list[RefusedRow] = field(default_factory=list)
    jobs: list[Json] = field(default_factory=list)
    problem: str = ""
    """Why the printer cannot print it now."""
    first: Shown | None = None
    longest: Shown | None = None

    def refuse(self, row: SourceRow, cause: str) -> None:
        """Count a row of which no label is printed."""
        self.refused += 1
        if len(self.listed) < MOST_LISTED:
            self.listed.append(RefusedRow(row.number, row.title, cause, row.cells))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A row with what its labels say, and how many."""

    row: SourceRow
    fields: Mapping[str, object]
    copies: int


def batch_routes(parts: Parts, tables: KeptTables) -> APIRouter:
    """Return the routes of batches."""
    router = APIRouter(prefix="/v1", tags=["templates"])
    batches: OrderedDict[str, Batch] = OrderedDict()

    def show(batch: Batch) -> Json:
        work = settled(batch)
        told = None if work is None else show_work(work)
        return _show(batch) | {"asked": dict(batch.asked), "work": told}

    def settled(batch: Batch) -> Work | None:
        """Return a batch's work. One that was stopped before it began, or failed, has ended."""
        work: Work | None = None
        with contextlib.suppress(Unknown):
            work = parts.works.get(batch.work)
        if work is not None and work.ended and batch.state in ("waiting", "running"):
            batch.state = "stopped" if work.state == "stopped" else "refused"
            batch.sentence = work.sentence
            batch.source = batch.source.spent()
        return work

    def running(once: requests.Request | None) -> Batch | None:
        """Return the batch that a request began; None when it is new.

        Raises:
            ReplayDiffers: the Idempotency-Key was used for something else.
        """
        for batch in batches.values():
            known = batch.once
            if once is None or known is None or (known.actor, known.key) != (once.actor, once.key):
                continue
            if batch.state in ("refused", "stopped") and not batch.jobs:
                continue  # it changed nothing
            if known.digest != once.digest:
                raise ReplayDiffers(
                    f"The Idempotency-Key {once.key!r} was used before for a different request; "
                    "use a new key for new content.",
                    key=once.key,
                )
            return batch
        return None

    @router.get("/templates/{name}/batch", dependencies=[needs("read")],
                summary="What many labels of a template are filled with")  # fmt: skip
    async def get_fields(
        name: str,
        table: Annotated[str | None, Query(max_length=40, description="A kept table.")] = None,
    ) -> Response:
        """Its fields, which nouns of the registry fill those that are needed (`abouts`; the one it
        is about first), and, of a kept `table`, which of its columns seem to be which field
        (`columns`)."""
        template = await parts.away(lambda: parts.templates.find(name))
        return answer(_asks(tables, template, table))

    @router.post("/templates/{name}/batch", dependencies=[needs("print")],
                 summary="Print many labels from a table, rows or the registry")  # fmt: skip
    async def start_batch(
        name: str, body: JsonObject, asked: Asking, once: Once, dry_run: DryRun = False
    ) -> Response:
        """`source` is `{"about": "serial", "filter": {…}}` with the filters of that noun's list,
        `{"table": id, "columns": {field: column}, "values": {field: text}}` (see `POST
        /v1/tables`), or `{"rows": […]}`. `copies` are the same for all rows; `copies_from` names
        the column (of rows and records, the field) that says how many, and 0 is none. `fields` are
        the same on all labels. With `dry_run` all rows are checked and nothing is printed. Without
        `partial`, one refused row stops it all; with `labels` so does any other number of them, as
        when a serial has come since they were checked. Answers with the batch, a work: one job for
        every 100,000 labels. Serials' label states follow, as with `POST /v1/serials/print`."""
        refuse_unknown(body, KEYS, "A batch")
        who = doer(parts, asked)
        acts = None if dry_run else once
        if (known := running(acts)) is not None:
            return answer(show(known), 202, {"location": f"/v1/batches/{known.id}"})
        if (said := answered(parts, acts)) is not None:
            return said
        template = await parts.away(lambda: parts.templates.find(name, _version(body)))
        if (known := running(acts)) is not None:  # it came twice at the same moment
            return answer(show(known), 202, {"location": f"/v1/batches/{known.id}"})
        batch = _batch(parts, tables, template, body, dry=dry_run, once=acts)

        def do(progress: Progress) -> str:
            return _Printing(parts, batch, who, progress).do()

        verb = "Check" if dry_run else "Print"
        batch.work = parts.works.start(
            f"{verb} {template.title or template.name} from {batch.source.said}", who.by.actor, do,
            to=f"/templates/{template.name}/batch/{batch.id}",
        )  # fmt: skip
        batches[batch.id] = batch
        for one in batches.values():
            settled(one)
        _forget(batches)
        return answer(show(batch), 202, {"location": f"/v1/batches/{batch.id}"})

    def kept(id: str) -> Batch:
        batch = batches.get(id)
        if batch is None:
            raise Unknown(
                f"There is no batch {id[:40]!r}; the last {MOST_KEPT} are kept until the gateway "
                "starts anew, and its jobs for as long as others.",
                batch=id[:40],
            )
        return batch

    @router.get("/batches/{id}", dependencies=[needs("read")], summary="How far a batch is")
    async def get_batch(id: str) -> Response:
        """`state` is `waiting`, `running`, `done`, `refused` or `stopped`; `jobs` are those that
        were accepted, `rows` were read, `refused` rows print nothing. `asked` is the request, for
        whoever sends it once more."""
        return answer(show(kept(id)))

    @router.get("/batches/{id}/rows", dependencies=[needs("read")],
                summary="The refused rows of a batch")  # fmt: skip
    async def list_rows(
        id: str,
        after: int | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        """Each with its number, what it says and why it prints nothing; the first 10,000."""
        found = [one for one in kept(id).listed if after is None or one.number > after]
        return answer(page_of(found[: limit + 1], limit, _show_row, lambda one: one.number))

    @router.get("/batches/{id}/refused", dependencies=[needs("read")],
                summary="The refused rows of a batch, to mend and send again")  # fmt: skip
    async def refused_rows(id: str, format: Literal["csv", "xlsx"] = "csv") -> Response:
        """They have their own columns, and the row and the cause in front."""
        batch = kept(id)
        header = [*(f"{one} (new)" if one in batch.source.header else one for one in CAUSE),
                  *batch.source.header]  # fmt: skip

        def lines() -> Iterator[Sequence[Cell]]:
            for row in batch.listed:
                yield [row.number, row.cause, *(_cell(one) for one in row.cells)]

        write = write_xlsx if format == "xlsx" else write_csv
        content = await parts.away(lambda: b"".join(write(header, lines())))
        named = {"content-disposition": f'attachment; filename="refused.{format}"'}
        return Response(content, media_type=MEDIA[format], headers=named)

    @router.get("/batches/{id}/picture.png", dependencies=[needs("read")],
                summary="The first label of a batch, or its longest")  # fmt: skip
    async def picture(id: str, which: Literal["first", "longest"] = "first") -> Response:
        """As it prints, dot for dot. The longest is the one with the most characters."""
        batch = kept(id)
        shown = batch.longest if which == "longest" else batch.first
        if shown is None:
            raise NotNow("No label of this batch can be shown yet; it is being checked.")

        def draw() -> bytes:
            from gateway.drivers.languages.png import png

            request = replace(batch.request, labels=[shown.fields], copies=1)
            return png(parts.desk.proof(request, now(), 1)[0])

        return Response(await parts.away(draw), media_type="image/png")

    return router


# ---------------------------------------------------------------------- reading a request


def _version(body: Mapping[str, Any]) -> str | None:
    version = body.get("version")
    return None if version is None else str(version)


def _batch(
    parts: Parts, tables: KeptTables, template: Template, body: Mapping[str, Any], *, dry: bool,
    once: requests.Request | None,
) -> Batch:  # fmt: skip
    """Return what a request asks for, and nothing begun."""
    if not (printer := text_given(body, "printer")):
        raise InputRefused("'printer' is missing: say where to print.", key="printer")
    parts.pools.target(printer)
    source = read_source(parts, tables, body.get("source"), template)
    column = text_given(body, "copies_from")
    if column and body.get("copies") is not None:
        raise InputRefused(
            "'copies' and 'copies_from' both say how many; send one of them.", key="copies"
        )
    if column and column not in source.names:
        raise InputRefused(
            f"There is no {column[:80]!r} to take the number of copies from; there are "
            f"{', '.join(map(repr, source.names[:20]))}.",
            key="copies_from",
        )
    request = JobRequest(
        printer=printer,
        template=template.name,
        version=template.version,
        labels=(),
        copies=whole_given(body, "copies", 1, MOST_COPIES) or 1,
        mode=text_given(body, "mode") or None,
        priority=whole_given(body, "priority", -100, 100) or 0,
        hold=flag_given(body, "hold"),
        strict=flag_given(body, "strict"),
        title=text_given(body, "title", most=200)
        or f"{template.title or template.name}: {source.said}"[:200],
        stock=text_given(body, "stock", most=200),
    )
    return Batch(
        secrets.token_urlsafe(9), template, source, request, column, fields_for_all(body, template),
        {key: value for key, value in body.items() if key not in ("partial", "labels")},
        flag_given(body, "partial"), whole_given(body, "labels", 0, MOST_EXPECTED), dry, once,
    )  # fmt: skip


def _asks(tables: KeptTables, template: Template, table: str | None) -> Json:
    needed = {one.name for one in template.fields if one.required}
    shown: Json = {
        "template": template.name,
        "title": template.title,
        "version": template.version,
        "about": template.about or None,
        "abouts": sorted(
            (about for about in ABOUTS
             if about == template.about
             or (needed and needed <= {one.name for one in FILLED[about]})),
            key=lambda about: about != template.about,
        ),
        "fields": [
            {"name": one.name, "title": one.title or one.name, "type": one.type,
             "required": one.required, "example": one.example, "choices": list(one.choices),
             "default": one.default}
            for one in template.fields
        ],
        "links": {"self": f"/v1/templates/{template.name}/batch"},
    }  # fmt: skip
    if table is None:
        return shown
    kept = tables.get(table)
    columns = guess_fields([(one.name, one.title) for one in template.fields], kept.header)
    taken = set(columns.values())
    copies = guess_fields([("quantity", "copies")], [h for h in kept.header if h not in taken])
    return shown | {
        "table": {
            "id": kept.id,
            "name": kept.name,
            "rows": kept.rows,
            "header": list(kept.header),
            "sample": [
                {"row": row.number, "cells": list(row.values.values())} for row in kept.sample
            ],
            "notes": list(kept.notes),
        },
        "columns": columns,
        "copies_from": copies.get("quantity"),
    }


def _forget(batches: OrderedDict[str, Batch]) -> None:
    ended = [id for id, one in batches.items() if one.state not in ("waiting", "running")]
    for id in ended[: max(0, len(batches) - MOST_KEPT)]:
        del batches[id]


def _show(batch: Batch) -> Json:
    return {
        "id": batch.id,
        "state": batch.state,
        "sentence": batch.sentence,
        "template": batch.template.name,
        "version": batch.template.version,
        "printer": batch.request.printer,
        "source": batch.source.said,
        "title": batch.request.title,
        "dry_run": batch.dry,
        "partial": batch.partial,
        "rows": batch.rows,
        "labels": batch.labels,
        "skipped": batch.skipped,
        "refused": batch.refused,
        "problem": batch.problem or None,
        "first": _show_label(batch.first),
        "longest": _show_label(batch.longest),
        "jobs": list(batch.jobs),
        "links": {"self": f"/v1/batches/{batch.id}"},
    }


def _show_label(shown: Shown | None) -> Json | None:
    return None if shown is None else {"title": shown.title, "fields": dict(shown.fields)}


def _show_row(one: RefusedRow) -> Json:
    return {
        "row": one.number, "title": one.title, "cause": one.cause,
        "values": [_cell(cell) for cell in one.cells],
    }  # fmt: skip


def _cell(value: object) -> Cell:
    return value if value is None or isinstance(value, str | int | float) else say(value)


# ---------------------------------------------------------------------- the work


class _Printing:
    """One batch being checked and taken, on a work's thread."""

    def __init__(self, parts: Parts, batch: Batch, who: Doer, progress: Progress) -> None:
        self._parts, self._batch, self._who, self._progress = parts, batch, who, progress
        self._out: set[int] = set()
        """Numbers of the rows that print nothing."""

    def do(self) -> str:
        """Check every row, and print; return what came of it in a sentence."""
        batch = self._batch
        batch.state = "running"
        try:
            sentence = self._checked() if batch.dry else self._printed()
        except Stopped:
            self._end("stopped", self._kept())
            raise Stopped(batch.sentence) from None
        except GatewayError as refused:
            self._end("refused", f"{refused.detail} {self._so_far()}".strip())
            if not batch.jobs:
                raise
            raise NotNow(batch.sentence) from refused
        self._end("done", sentence)
        return sentence

    def _end(self, state: State, sentence: str) -> None:
        batch = self._batch
        batch.state, batch.sentence = state, sentence
        batch.source = batch.source.spent()
        # What was refused before its first job changed nothing, and may pass the next time.
        if batch.once is not None and (batch.jobs or state == "done"):
            self._parts.database.run(lambda t: self._remember(t, state, sentence))

    # ------------------------------------------------------------ checking

    def _checked(self) -> str:
        batch = self._batch
        self._check()
        if not batch.rows:
            return "There is no row."
        said = f"{_many(batch.labels, 'label')} would be printed"
        if not batch.refused:
            return f"{said}."
        return f"{said}; {batch.refused:,} of {_many(batch.rows, 'row')} would be refused."

    def _check(self) -> None:
        """Look at every row; count labels, and keep what is refused."""
        batch, tell = self._batch, self._progress.tell
        tell(0, 0, "The rows are being read.")
        total = batch.source.count()
        slice_: list[_Wanted] = []
        for place, row in enumerate(batch.source.rows()):
            tell(place, total, "The rows are being checked.")
            batch.rows += 1
            try:
                wanted = self._wanted(row)
            except InputRefused as refusal:
                self._refuse(row, refusal.detail)
                continue
            if not wanted.copies:
                batch.skipped += 1
                self._out.add(row.number)
                continue
            slice_.append(wanted)
            if len(slice_) == SLICE:
                self._look(slice_)
                slice_ = []
        if slice_:
            self._look(slice_)
        # Anew: somebody may be reading the list.
        batch.listed = sorted(batch.listed, key=lambda one: one.number)

    def _wanted(self, row: SourceRow) -> _Wanted:
        """Return what a row's labels say, and how many it wants.

        Raises:
            InputRefused: its number of copies is none.
        """
        batch = self._batch
        fields = {**row.fields, **batch.fixed}
        if not batch.copies_from:
            return _Wanted(row, fields, batch.request.copies)
        named = batch.copies_from
        said = row.said.get(named)
        text = "" if said is None else str(said).strip()
        if re.fullmatch("[0-9]{1,9}", text) and int(text) <= MOST_COPIES:
            if batch.template.field(named) is None:
                fields.pop(named, None)  # a row brings it beside what is printed
            return _Wanted(row, fields, int(text))
        got = "nothing" if not text else repr(text[:40])
        raise InputRefused(
            f"{named!r} says how many labels, and has {got}; expected a whole number from 0 to "
            f"{MOST_COPIES:,}.",
            key=named,
        )

    def _look(self, rows: Sequence[_Wanted]) -> None:
        batch = self._batch
        bad = self._refused(rows)
        for n, wanted in enumerate(rows):
            if n in bad:
                self._refuse(wanted.row, bad[n])
                continue
            batch.labels += wanted.copies
            shown = Shown(wanted.row.title, wanted.fields)
            if batch.first is None:
                batch.first = shown
            if batch.longest is None or shown.size > batch.longest.size:
                batch.longest = shown

    def _refused(self, rows: Sequence[_Wanted]) -> dict[int, str]:
        """Return which of some rows the printer's desk refuses, and why."""
        request = replace(self._batch.request, labels=[one.fields for one in rows], copies=1)
        try:
            self._batch.problem = self._parts.desk.order(request, now()).problem
        except Several as several:
            return {number - 1: refusal.detail for number, refusal in several.items}
        except InputRefused as refusal:
            if len(rows) > 1:
                raise  # it is not of a row
            return {0: refusal.detail}
        return {}

    def _refuse(self, row: SourceRow, cause: str) -> None:
        self._out.add(row.number)
        self._batch.refuse(row, cause)

    # ------------------------------------------------------------ printing

    def _printed(self) -> str:
        batch, parts = self._batch, self._parts
        self._check()
        good, batch.labels = batch.labels, 0
        if not batch.rows:
            raise InputRefused("There is no row, so nothing was printed.")
        if batch.refused and not batch.partial:
            listed = batch.listed[0]
            raise InputRefused(
                f"{batch.refused:,} of {_many(batch.rows, 'row')} {_was(batch.refused)} refused, "
                f"so nothing was printed; the first, row {listed.number}: {listed.cause}",
                refused=batch.refused,
                rows=batch.rows,
            )
        if not good:
            raise InputRefused("Every row was refused or wants no label; nothing was printed.")
        if batch.expected is not None and good != batch.expected:
            raise InputRefused(
                f"By now it is {_many(good, 'label')}, and {batch.expected:,} "
                f"{_was(batch.expected)} looked at, so nothing was printed; check it again.",
                labels=good,
                expected=batch.expected,
            )
        parts.space.check()
        for wanted in self._parts_of(good):
            self._take(wanted, good)
        return self._accepted()

    def _parts_of(self, good: int) -> Iterator[list[_Wanted]]:
        """Yield the good rows, as many together as one job takes."""
        batch, tell = self._batch, self._progress.tell
        most = min(MOST_LABELS, MOST_SERIALS)
        together: list[_Wanted] = []
        labels = 0
        for row in batch.source.rows():
            tell(batch.labels + labels, good, "The labels are being accepted.")
            if row.number in self._out:
                continue
            wanted = self._wanted(row)
            if together and labels + wanted.copies > most:
                yield together
                together, labels = [], 0
            together.append(wanted)
            labels += wanted.copies
        if together:
            yield together

    def _take(self, rows: Sequence[_Wanted], good: int) -> None:
        """Accept a job with the labels of some rows, in one commit."""
        batch, parts = self._batch, self._parts
        each = batch.copies_from != ""
        wanted = [one for one in rows for _ in range(one.copies if each else 1)]
        request = replace(batch.request, labels=[one.fields for one in wanted])
        lives = [one.row.life for one in wanted if one.row.life is not None]
        for left in reversed(range(TRIES)):
            at = now()
            order = parts.desk.order(request, at)
            if lives:
                order = replace(order, subjects=tuple(map(subject_of, lives)))
            labels = len(order.rows) * order.copies
            parts.backlog.take(order.target, labels, order.target_name)
            try:
                parts.database.run(self._accepting(order, lives, labels, at, good))
            except CounterMoved:
                if not left:
                    raise
            else:
                return

    def _accepting(
        self, order: Order, lives: Sequence[int], labels: int, at: int, good: int
    ) -> Any:
        batch, parts = self._batch, self._parts

        def work(t: Transaction) -> None:
            job, state, _ = take_order(parts, t, order, lives, self._who, at)
            told: Json = {
                "id": f"J{job}", "state": state, "labels": labels,
                "links": {"self": f"/v1/jobs/J{job}", "labels": f"/v1/jobs/J{job}/labels"},
            }  # fmt: skip
            batch.jobs.append(told)
            batch.labels += labels
            t.instead(lambda: self._undo(told, labels))
            if batch.once is not None:
                # What stays written when this is the last that the gateway gets to write.
                whole = batch.labels >= good
                self._remember(
                    t, "done" if whole else "interrupted",
                    self._accepted() if whole else self._so_far(),
                )  # fmt: skip

        return work

    def _undo(self, told: Json, labels: int) -> None:
        self._batch.jobs.remove(told)
        self._batch.labels -= labels

    def _remember(self, t: Transaction, state: State, sentence: str) -> None:
        """Keep what the same request is answered with from now on."""
        parts, once = self._parts, self._batch.once
        assert once is not None, "only what shall act once is remembered"
        told: Json = {"state": state, "sentence": sentence, "asked": {}, "work": None}
        body = dumps(_show(self._batch) | told)
        if parts.requests.replay(t, once) is None:
            parts.requests.remember(t, once, 202, body, now())
        else:
            parts.requests.say_instead(t, once, 202, body)

    # ------------------------------------------------------------ what is said

    def _accepted(self) -> str:
        """Return that all good rows were accepted, in a sentence."""
        batch = self._batch
        said = ", ".join(str(job["id"]) for job in batch.jobs)
        more = ""
        if batch.refused:
            more = f"; {_many(batch.refused, 'row')} {_was(batch.refused)} refused and left out"
        are = "is" if batch.labels == 1 else "are"
        return f"{_many(batch.labels, 'label')} {are} accepted ({said}){more}."

    def _so_far(self) -> str:
        """Return what was accepted, in a sentence; empty for nothing."""
        batch = self._batch
        if not batch.jobs:
            return ""
        said = ", ".join(
            f"{job['id']} ({_many(int(str(job['labels'])), 'label')})" for job in batch.jobs
        )
        return f"Accepted, and printing: {said}; the rest was not."

    def _kept(self) -> str:
        if self._batch.dry:
            return "It was stopped before all rows were checked."
        return f"It was stopped. {self._so_far() or 'Nothing was printed.'}"


def _many(number: int, noun: str) -> str:
    """Return a number of things.

    >>> _many(1, "label"), _many(1200, "row")
    ('1 label', '1,200 rows')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
