"""A table brought in step by step: kept, its columns named, checked, taken, and what was refused.

Labels are printed from kept tables, too: a registry is needed only where one is brought in.

POST /v1/tables ──► id      POST /v1/tables/{id}/import {"what", "columns", "dry_run"} ──► a work
GET /v1/tables/{id}/rows ──► what came of each row      …/refused ──► those to mend, as a file
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Query, Request, Response

from gateway.api.access import Who, needs
from gateway.api.changes import JsonObject
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.registry.doing import Asking, doer
from gateway.api.registry.importing import Take, taking
from gateway.api.registry.kept_tables import Asked, Import, KeptTable, KeptTables
from gateway.api.registry.streaming import MEDIA
from gateway.api.registry.switch import must_be_on
from gateway.api.showing import Json, answer, page_of
from gateway.api.works import show_work
from gateway.errors import InputRefused, NotNow, StillRunning, TooLarge, Unknown
from gateway.registry.imports import CUSTOM, MOST_ROWS, Outcome, Report, What
from gateway.registry.mapping import guess, rename
from gateway.registry.tables import Cell, Row, Table, read_table, write_csv, write_xlsx
from gateway.store.engine import Transaction
from gateway.store.registry.importing import refuse_rows
from gateway.store.registry.records import Previewed, preview
from gateway.works import Progress, Work

KINDS: tuple[What, ...] = get_args(What)
KEYS = ("what", "columns", "values", "dry_run", "partial")
CAUSE = ("row", "cause")
"""Columns that a file of refused rows has in front of its own; they are not read back."""

EVERY = 50
"""Rows between two looks at whether somebody wants to stop."""


def table_routes(parts: Parts, kept: KeptTables) -> APIRouter:
    """Return the routes of tables that are being brought in, or printed from."""
    router = APIRouter(prefix="/v1/tables", tags=["imports and exports"])

    def guesses(table: KeptTable) -> Json:
        fields = parts.registry.fields
        return {what: guess(what, table.header, fields.all(CUSTOM[what])) for what in KINDS}

    def shown(table: KeptTable) -> Json:
        last = table.last
        return {
            "id": table.id,
            "name": table.name,
            "actor": table.actor,
            "rows": table.rows,
            "header": list(table.header),
            "sample": [
                {"row": row.number, "cells": list(row.values.values())} for row in table.sample
            ],
            "notes": list(table.notes),
            "import": None if last is None else show_import(last),
            "links": {"self": f"/v1/tables/{table.id}"},
        }

    def show_import(last: Import) -> Json:
        asked = last.asked
        return {
            "what": asked.what,
            "columns": dict(asked.columns),
            "values": dict(asked.values),
            "dry_run": asked.dry,
            "partial": asked.partial,
            "counts": None if last.counts is None else dict(last.counts),
            "applied": last.applied,
            "work": None if (work := work_of(last)) is None else show_work(work),
        }

    def work_of(last: Import) -> Work | None:
        with contextlib.suppress(Unknown):  # works are forgotten, and a table may be kept longer
            return parts.works.get(last.work)
        return None

    @router.post("", dependencies=[needs("read")], summary="Keep a table to bring in")
    async def keep_table(
        request: Request,
        who: Who,
        name: Annotated[str, Query(max_length=200, description="The file's name.")] = "",
    ) -> Response:
        """The file itself is the body: CSV, tab-separated text, or XLSX. Nothing is changed; the
        table is kept in memory for two hours. The answer says which of its columns seem to be which
        of ours (`guesses`)."""
        body = await request.body()
        # What no file has in its name, no database need take in a job's title.
        plain = "".join(sign if sign.isprintable() else " " for sign in name)
        title = " ".join(plain.split()) or "the table"

        def read() -> KeptTable:
            return kept.keep(read_table(body, title), title, who.name)

        table = await parts.away(read)
        return answer(
            shown(table) | {"guesses": guesses(table)}, 201,
            {"location": f"/v1/tables/{table.id}"},
        )  # fmt: skip

    @router.get("/{id}", dependencies=[needs("read")], summary="A table that is being brought in")
    async def get_table(id: str) -> Response:
        table = kept.get(id)
        return answer(shown(table) | {"guesses": guesses(table)})

    @router.delete("/{id}", dependencies=[needs("read")], summary="Forget a table")
    async def drop_table(id: str) -> Response:
        kept.get(id)
        kept.drop(id)
        return Response(status_code=204)

    @router.post("/{id}/import", dependencies=[needs("read")], summary="Check or take a table")
    async def start_import(id: str, body: JsonObject, asking: Asking) -> Response:
        """`what` is `items`, `locations`, `parties`, `stock` or `orders`; `columns` says which of
        the table's columns is which of ours (without it, as `guesses` has it), `values` what ours
        is where a row says nothing. `dry_run` only checks. Without `partial`, one refused row stops
        it all. Answers with the work, whose end is the import's; a stopped one has changed nothing.
        """
        must_be_on(parts)
        table = kept.get(id)
        who = doer(parts, asking)
        asked = _read(body, table)
        before = None if table.last is None else work_of(table.last)
        if before is not None and not before.ended:
            raise StillRunning("This table is being worked on; wait for its end, or stop it.")
        if table.rows > MOST_ROWS[asked.what]:
            raise TooLarge(
                f"{table.name} has {table.rows:,} rows; a table of {asked.what} is taken with at "
                f"most {MOST_ROWS[asked.what]:,}. Bring it in in parts.",
                rows=MOST_ROWS[asked.what],
            )
        counter = Counter()
        take = taking(parts, asked.what, who, counter.step)
        rename(asked.what, Table(table.header, (), table.form), asked.columns, asked.values)
        run = Import(asked)

        def do(progress: Progress) -> str:
            counter.progress, counter.of = progress, table.rows
            rows = rename(asked.what, table.table(), asked.columns, asked.values)
            return _take(parts, run, rows, take, counter)

        verb = "Check" if asked.dry else "Bring in"
        run.work = parts.works.start(
            f"{verb} {table.name}", who.by.actor, do, to=f"/import/{table.id}"
        )
        table.last = run
        work = parts.works.get(run.work)
        return answer(show_work(work), 202, {"location": f"/v1/works/{work.id}"})

    def ended(id: str) -> tuple[KeptTable, Import]:
        table = kept.get(id)
        if table.last is None or table.last.counts is None:
            raise NotNow("This table has not been checked to its end yet; check it first.")
        return table, table.last

    @router.get("/{id}/rows", dependencies=[needs("read")], summary="What came of each row")
    async def list_rows(
        id: str,
        status: Literal["new", "changed", "same", "refused"] | None = None,
        after: int | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        """Every row that was refused, and the first thousand of the others."""
        _, last = ended(id)
        found = [
            one
            for one in last.outcomes
            if (status is None or one.status == status) and (after is None or one.row > after)
        ]
        return answer(page_of(found[: limit + 1], limit, _show_outcome, lambda one: one.row))

    @router.get("/{id}/refused", dependencies=[needs("read")],
                summary="The refused rows, to mend and send again")  # fmt: skip
    async def refused_rows(id: str, format: Literal["csv", "xlsx"] = "csv") -> Response:
        """They have their own columns, and the row and the cause in front."""
        table, last = ended(id)
        refused = {one.row: one.detail for one in last.outcomes if one.status == "refused"}

        def lines() -> Iterator[Sequence[Cell]]:
            for row in table.table().rows:
                if row.number in refused:
                    yield [row.number, refused[row.number], *row.values.values()]

        header = [*_fresh(CAUSE, table.header), *table.header]
        write = write_xlsx if format == "xlsx" else write_csv
        content = await parts.away(lambda: b"".join(write(header, lines())))
        name = {"content-disposition": f'attachment; filename="refused.{format}"'}
        return Response(content, media_type=MEDIA[format], headers=name)

    return router


class Counter:
    """Counts rows for a work's progress; who stops the work is heard every few rows."""

    def __init__(self) -> None:
        self.progress: Progress | None = None
        self.done = self.of = self.since = 0
        self.sentence = ""

    def begin(self, sentence: str) -> None:
        """Count from the start."""
        self.done, self.sentence = 0, sentence
        self.tell()

    def step(self, rows: int) -> None:
        """Count some rows more."""
        self.done += rows
        self.since += max(1, rows)
        if self.since >= EVERY:
            self.since = 0
            self.tell()

    def tell(self) -> None:
        """Say how far it is.

        Raises:
            Stopped: somebody wants the work to stop.
        """
        if self.progress is not None:
            self.progress.tell(min(self.done, self.of), self.of, self.sentence)


def _take(
    parts: Parts, run: Import, rows: Sequence[Row], take: Take, counter: Counter
) -> str:  # fmt: skip
    """Check the rows, or take them; return what came of it in a sentence."""
    asked = run.asked
    left_out: list[Outcome] = []
    if asked.dry or asked.partial:
        report = _previewed(parts, rows, take, counter)
        if asked.dry:
            run.end(report, applied=False)
            return f"{len(rows):,} rows are checked; {len(report.refused):,} would be refused."
        left_out = report.refused
    numbers = {one.row for one in left_out}
    good = [row for row in rows if row.number not in numbers]

    def whole(t: Transaction) -> Report:
        counter.begin("The rows are being taken.")
        taken = take(t, good)
        if taken.refused:
            raise _Refused(taken)
        return taken

    try:
        taken = parts.database.run(whole)
    except _Refused as refused:
        run.end(refused.report, applied=False)
        raise refuse_rows(refused.report) from None
    outcomes = sorted([*taken.outcomes, *left_out], key=lambda one: one.row)
    run.end(Report(outcomes), applied=True)
    more = f"; {len(left_out):,} were refused and left out" if left_out else ""
    return f"{len(good):,} rows are in{more}."


class _Refused(Exception):
    """Carries the report of a table that was given up out of its transaction."""

    def __init__(self, report: Report) -> None:
        super().__init__("rows were refused")
        self.report = report


def _previewed(parts: Parts, rows: Sequence[Row], take: Take, counter: Counter) -> Report:
    def whole(t: Transaction) -> Report:
        counter.begin("The rows are being checked.")
        return take(t, rows)

    try:
        parts.database.run(preview(whole))
    except Previewed as previewed:  # how a dry run ends: nothing was kept
        found: Report = previewed.answer
        return found
    raise AssertionError("a preview is always given up")


def _read(body: Mapping[str, Any], table: KeptTable) -> Asked:
    refuse_unknown(body, KEYS, "An import")
    what = body.get("what")
    known = next((one for one in KINDS if one == what), None)
    if known is None:
        raise InputRefused(
            f"'what' must be one of {', '.join(KINDS)}, got {say(what)}.", key="what"
        )
    texts: dict[str, dict[str, str]] = {}
    for key in ("columns", "values"):
        given = body.get(key, {})
        if not isinstance(given, dict) or not all(isinstance(v, str) for v in given.values()):
            raise InputRefused(
                f"{key!r} must be an object of texts, got {say(given)}.", key=key
            )  # fmt: skip
        texts[key] = {name: text for name, text in given.items() if text.strip()}
    flags = {}
    for key in ("dry_run", "partial"):
        flag = body.get(key, False)
        if not isinstance(flag, bool):
            raise InputRefused(f"{key!r} must be true or false, got {say(flag)}.", key=key)
        flags[key] = flag
    columns = texts["columns"] or guess(known, table.header)
    return Asked(known, columns, texts["values"], flags["dry_run"], flags["partial"])


def _fresh(names: Sequence[str], taken: Sequence[str]) -> list[str]:
    """Return names that a header does not have yet."""
    return [name if name not in taken else f"{name} (new)" for name in names]


def _show_outcome(one: Outcome) -> Json:
    shown: Json = {"row": one.row, "subject": one.subject, "status": one.status}
    return shown | {"code": one.code, "detail": one.detail} if one.code else shown
