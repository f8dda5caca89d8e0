"""What every list can do beside being shown: be exported, be kept as a view, act on ticked rows."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import AsyncIterator, Iterable, Iterator
from functools import partial
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import Response as Content
from fastapi.responses import StreamingResponse

from gateway.api.access import needs
from gateway.console.asking import Api, Asked, at
from gateway.console.form import Form, one, read_form
from gateway.console.frame import Frame, came_from, local
from gateway.console.listing import Listing, Row, arranged, batches, complete, wanted_of
from gateway.console.noting import Note
from gateway.console.words import translate
from gateway.errors import InputRefused, Unknown
from gateway.registry.tables import write_csv, write_xlsx

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

MOST_AT_ONCE = 10_000
"""Rows of a bulk action on all pages: what one transaction does in a second or two."""

MOST_KEPT = 50_000
"""Rows of a table that is made whole; a CSV of a long list is sent as it is made."""


def list_routes(frame: Frame) -> APIRouter:
    """Return the routes of what all lists share."""
    router = frame.router()

    def found(name: str) -> Listing:
        if name not in frame.listings:
            raise Unknown(f"There is no list {name[:80]!r}.", name=name[:80])
        return frame.listings[name]

    @router.get("/lists/{name}.{kind}", dependencies=[needs("read")])
    async def export(name: str, kind: str, request: Request, api: Asked) -> Response:
        """Everything the filters let through, as the columns show it."""
        listing = await complete(api, found(name))
        if kind not in KINDS:
            raise InputRefused(f"A list is exported as csv or xlsx, not as {kind[:20]!r}.")
        query = dict(request.query_params)
        of = query.get("of", "")
        path = at(listing.api, of) if of else listing.api
        rest = batches(api, path, wanted_of(listing, query))
        language = frame.language(request)
        header = [translate(column.title, language) for column in listing.columns]

        def texts(rows: Iterable[Row]) -> Iterator[list[str]]:
            for row in rows:
                cells = [column.cell(row) for column in listing.columns]
                yield [
                    translate(cell.text, language) if cell.kind == "word" else cell.text
                    for cell in cells
                ]

        names = {"content-disposition": f'attachment; filename="{listing.name}.{kind}"'}
        if kind == "csv" and not listing.whole:
            first = await anext(rest)  # what is refused is refused before the answer begins

            async def written() -> AsyncIterator[bytes]:
                yield _whole(write_csv(header, texts(first)))
                async for rows in rest:
                    yield await frame.parts.away(partial(_more, texts(rows)))

            return StreamingResponse(written(), media_type=KINDS[kind], headers=names)
        rows: list[Row] = []
        async for batch in rest:
            rows += batch
            if len(rows) > MOST_KEPT:
                raise InputRefused(
                    f"The list has more than {MOST_KEPT} rows: export it as CSV, or set filters.",
                    most=MOST_KEPT,
                )
        if listing.whole:
            rows = arranged(listing, rows, query)
        write = write_csv if kind == "csv" else write_xlsx
        content = await frame.parts.away(lambda: _whole(write(header, texts(rows))))
        return Content(content, media_type=KINDS[kind], headers=names)

    @router.post("/lists/{name}/bulk", dependencies=[needs("read")])
    async def act(name: str, request: Request, api: Asked) -> Response:
        """What was chosen for the rows that are ticked, or for all that the filters let through."""
        listing = await complete(api, found(name))
        form = read_form(await request.body())
        wanted = next((b for b in listing.bulk if b.name == one(form, "_bulk")), None)
        if wanted is None:
            raise InputRefused("Choose what to do with the rows that are ticked.")
        ids = [value for value in form.get("_ids", ()) if value]
        if one(form, "_all"):
            ids = await everything(api, listing, form)
        if not ids:
            raise InputRefused("Tick at least one row first.")
        if one(form, "_all") and one(form, "_sure") != str(len(ids)):
            kept = [
                (name, value)
                for name, values in form.items() if name not in ("_ids", "_sure", "_returns")
                for value in values
            ]  # fmt: skip
            return frame.page(
                request, "everything.html", listing=listing, n=len(ids), kept=kept, bulk=wanted,
                action=request.url.path,
                returns=one(form, "_returns") or came_from(request),
            )  # fmt: skip
        to = local(one(form, "_returns")) if "_returns" in form else came_from(request)
        return frame.back(request, to, note=await wanted.do(api, ids, form))

    @router.post("/lists/{name}/views", dependencies=[needs("read")])
    async def keep(name: str, request: Request, api: Asked) -> Response:
        """Keep the filters under a name."""
        listing = await complete(api, found(name))
        form = read_form(await request.body())
        kept = {
            key: value
            for key in [*(f.name for f in listing.filters), "sort", "dir", "q"]
            if (value := one(form, f"_q_{key}"))
        }
        body = {"query": urlencode(kept)}
        title = one(form, "title").strip()
        await api.ask("PUT", at("/v1/views/{}/{}", listing.name, title or " "), body)
        said = translate("The view is kept.", frame.language(request))
        return frame.back(request, local(came_from(request)), note=Note(said))

    return router


async def everything(api: Api, listing: Listing, form: Form) -> list[str]:
    """Return what all rows are called that the filters of a page let through, page by page.

    Raises:
        InputRefused: they are too many for one step.
    """
    of = one(form, "_of")
    query = {name[3:]: one(form, name) for name in form if name.startswith("_q_")}
    path = at(listing.api, of) if of else listing.api
    ids: list[str] = []
    async for batch in batches(api, path, wanted_of(listing, query)):
        ids += map(listing.key, batch)
        if len(ids) > MOST_AT_ONCE:
            raise InputRefused(
                f"The filters let through more than {MOST_AT_ONCE} rows; set more of them, and do "
                "it in parts.",
                most=MOST_AT_ONCE,
            )
    return ids


def _whole(pieces: Iterable[bytes]) -> bytes:
    return b"".join(pieces)


def _more(rows: Iterator[list[str]]) -> bytes:
    """Return further lines of a CSV: the first stands where a file has its header."""
    first = next(rows, None)
    return b"" if first is None else _whole(write_csv(first, rows)).removeprefix(BOM_UTF8)
