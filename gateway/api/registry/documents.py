"""Documents over HTTP: drafts, lines, what is chosen for them, and the verbs that move things.

PUT a draft ──► choose serials and lots ──► check ──► POST a verb ──► events, each to be undone
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any, cast
from urllib.parse import unquote

from fastapi import APIRouter, Query, Request, Response

from gateway.api.access import needs
from gateway.api.changes import JsonObject, Once, Reply, acting_once, answered
from gateway.api.etags import IfMatch, IfNoneMatch, etag, seen, version_of
from gateway.api.parts import Parts
from gateway.api.reading import check_json_type, parse_object, refuse_unknown, say
from gateway.api.registry.document_body import (
    read_choice,
    read_counts,
    read_draft,
    read_step,
)
from gateway.api.registry.document_view import show_differences, show_document
from gateway.api.registry.doing import Asking, Doer, doer
from gateway.api.registry.given import text_given
from gateway.api.registry.showing import show_offences, show_serial
from gateway.api.registry.wanting import read_serial_id
from gateway.api.showing import Json, answer, listed
from gateway.errors import InputRefused
from gateway.registry.documents import UNFINISHED, DocumentType, Verb, type_of
from gateway.registry.refusals import RegistryRefused
from gateway.registry.serial_text import key_of, normalise
from gateway.registry.tables import read_table
from gateway.store import requests
from gateway.store.engine import Transaction
from gateway.store.registry.acting import item_row
from gateway.store.registry.choosing import choose, refuse_finished, unchoose, unchoose_lots
from gateway.store.registry.document_lines import lives_on, lots_on
from gateway.store.registry.documents import (
    DocumentRow,
    line_at,
    lines_of,
    list_documents,
    read_document,
)
from gateway.store.registry.drafts import Draft, delete, save
from gateway.store.registry.gates import check
from gateway.store.registry.line_given import Doing, LineGiven, targets_of
from gateway.store.registry.lives import Run, chunks, lives_by_id
from gateway.store.registry.names import document_id, item_id, party_id
from gateway.store.registry.quantities import lot_codes, suggest
from gateway.store.registry.records import Previewed, preview
from gateway.store.registry.serials import serials_by_id
from gateway.store.registry.steps import post
from gateway.store.registry.stocktakes import (
    DECISIONS,
    DifferencesPage,
    differences,
    differences_page,
    progress,
)
from gateway.store.registry.suggesting import next_serials, oldest_serials

DryRun = Annotated[bool, Query(description="Say what would happen, and do nothing.")]

MOST_AT_ONCE = 500
"""Documents in one bulk request."""

MOST_SHOWN = 1000
"""Serials shown of those that were chosen."""

CHECKS = ("ship", "invoice", "receive", "start", "finish")


def document_routes(parts: Parts) -> APIRouter:
    """Return the routes of documents."""
    router = APIRouter(prefix="/v1/documents", tags=["documents"])
    registry, names = parts.registry, parts.registry.public_ids

    def run() -> Run:
        return parts.database.reader().execute

    def shown(run: Run, kind: str, number: str) -> Json:
        row = read_document(run, kind, number)
        return show_document(row, names, lines_of(run, row.id))

    def allowed(asked: Asking, kind: str) -> tuple[DocumentType, Doer]:
        found = type_of(kind)
        who = doer(parts, asked)
        who.must(f"registry:{found}")
        return found, who

    async def change(
        once: requests.Request | None, work: Callable[[Transaction], Json], *, dry: bool = False,
        status: int = 200,
    ) -> Response:  # fmt: skip
        if dry:
            try:
                await parts.database.write(preview(work))
            except Previewed as previewed:
                return answer({**previewed.answer, "dry_run": True})
        if (known := answered(parts, once)) is not None:
            return known
        reply: Reply = await parts.database.write(acting_once(parts, once, work, status))
        return reply.response()

    def doing(t: Transaction, who: Doer, **more: Any) -> Doing:
        return Doing(t, registry.acting, registry.rules(), who.by, who.may, **more)

    # ------------------------------------------------------------ reading

    async def list_of(kind: str | None, request: Request) -> Response:
        query = dict(request.query_params)
        known = (
            "status", "party", "item", "source", "number", "external_id", "order", "after", "limit",
            *(("type",) if kind is None else ()),
        )  # fmt: skip
        refuse_unknown(query, known, "A list of documents")
        kind = kind or query.get("type") or None
        order = query.get("order", "newest")
        if order not in ("newest", "oldest"):
            raise InputRefused(f"?order must be newest or oldest, got {say(order)}.", key="order")
        statuses = [one for one in query.get("status", "").split(",") if one]
        if statuses == ["unfinished"]:
            statuses = list(UNFINISHED)
        limit = _limit(query.get("limit"))
        read = run()
        source = None
        if "source" in query:
            of, _, number = query["source"].partition("/")
            source = document_id(read, type_of(of), number)
        found = list_documents(
            read, kind, statuses=statuses,
            party=party_id(read, query["party"]) if "party" in query else None,
            item=item_id(read, query["item"]) if "item" in query else None,
            source=source, number=query.get("number"), external_id=query.get("external_id"),
            after=_place(query.get("after")), limit=limit, oldest=order == "oldest",
        )  # fmt: skip
        more = found[limit - 1].id if len(found) > limit else None
        return answer(listed([show_document(row, names) for row in found[:limit]], more))

    @router.get("", dependencies=[needs("read")], summary="List documents of all types")
    async def list_all(request: Request) -> Response:
        """Newest first, or `order=oldest`. Filters: `type`, `status` (several with commas, or
        `unfinished`), `party`, `item`, `source` (`sales_order/SO-17`), `number`, `external_id`."""
        return await list_of(None, request)

    @router.get("/{type}", dependencies=[needs("read")], summary="List documents of one type")
    async def list_documents_of(type: str, request: Request) -> Response:
        """As for all types."""
        return await list_of(type, request)

    @router.get("/{type}/{number}", dependencies=[needs("read")], summary="A document")
    async def get_document(type: str, number: str) -> Response:
        """With its lines: what is chosen and done of each, and the badge of its serials."""
        read = run()
        row = read_document(read, type, number)
        return answer(
            show_document(row, names, lines_of(read, row.id)), headers={"etag": etag(row.version)}
        )

    @router.get("/{type}/{number}/check", dependencies=[needs("read")],
                summary="What a document still lacks")  # fmt: skip
    async def check_document(
        type: str, number: str, asked: Asking,
        for_: Annotated[str, Query(alias="for", description=", ".join(CHECKS))] = "ship",
    ) -> Response:  # fmt: skip
        """Before it is shipped, invoiced, received, started or finished; changes nothing."""
        if for_ not in CHECKS:
            raise InputRefused(
                f"?for must be one of {', '.join(CHECKS)}, got {say(for_)}.", key="for"
            )
        reader = cast(Transaction, parts.database.reader())
        who = doer(parts, asked)
        row = read_document(reader.execute, type, number)
        needs_ = check(doing(reader, who), row, for_)
        return answer({
            "for": for_, "ok": not needs_, "missing": show_offences(n.offence for n in needs_),
        })  # fmt: skip

    @router.get("/{type}/{number}/differences", dependencies=[needs("read")],
                summary="What a stocktake found different")  # fmt: skip
    async def list_differences(
        type: str, number: str,
        kind: Annotated[str | None, Query(description=", ".join(DECISIONS))] = None,
        after: Annotated[int | None, Query(ge=0)] = None,
        limit: Annotated[int | None, Query(ge=1, le=MOST_SHOWN)] = None,
    ) -> Response:  # fmt: skip
        """Each with what may be, and what was, decided about it; `counts` says how many there are
        of each kind, `undecided` how many are still to be decided. All of them, unless `limit` or
        `kind` asks for a page: then what was seen and is not as it should be comes first, whole,
        and missing serials by pages."""
        if kind is not None and kind not in DECISIONS:
            raise InputRefused(
                f"?kind must be one of {', '.join(DECISIONS)}, got {say(kind)}.", key="kind"
            )

        def look() -> Json:
            read = run()
            row = _stocktake(read, type, number)
            if kind is None and after is None and limit is None:
                found = differences(read, row)
                counts = dict(Counter(one.kind for one in found))
                open_ = sum(1 for one in found if one.decision is None)
                page = DifferencesPage(found, None, counts, open_)
            else:
                page = differences_page(read, row, kind, after or 0, limit or 100)
            return listed(show_differences(page.found, names), page.next) | {
                "counts": page.counts, "undecided": page.undecided,
            }  # fmt: skip

        return answer(await parts.away(look))

    @router.get("/{type}/{number}/progress", dependencies=[needs("read")],
                summary="How far a stocktake is")  # fmt: skip
    async def get_progress(type: str, number: str) -> Response:
        """Serials of each item: how many should be there, and how many were seen."""
        read = run()
        found: list[Json] = [
            {"item": one.sku, "expected": one.expected, "counted": one.counted}
            for one in progress(read, _stocktake(read, type, number))
        ]
        return answer(listed(found))

    # ------------------------------------------------------------ saving

    async def store(
        draft: Draft, who: Doer, version: str | None, once: requests.Request | None = None,
        *, dry: bool = False,
    ) -> Response:  # fmt: skip
        seen_ = version_of(f"Document {draft.number!r}", version)
        made: dict[str, Any] = {}

        def work(t: Transaction) -> Json:
            row, result = save(t, draft, registry.rules(), who.by.actor, version=seen_)
            made.update(new=result == "new", row=row)
            return show_document(row, names, lines_of(t.execute, row.id))

        response = await change(once, work, dry=dry)
        if made and not dry:
            response.status_code = 201 if made["new"] else 200
            response.headers["etag"] = etag(made["row"].version)
            response.headers["location"] = f"/v1/documents/{draft.type}/{made['row'].number}"
        return response

    @router.put("/{type}", dependencies=[needs("read")], summary="Make or change many documents")
    async def put_documents(
        type: str, body: JsonObject, asked: Asking, once: Once, dry_run: DryRun = False
    ) -> Response:
        """`items` are documents, each with its `number` or `external_id`: all of them or none."""
        kind, who = allowed(asked, type)
        refuse_unknown(body, ("items",), "The body")
        items = body.get("items")
        if not isinstance(items, list) or not 1 <= len(items) <= MOST_AT_ONCE:
            raise InputRefused(
                f"'items' must be a list of 1 to {MOST_AT_ONCE} documents, got {say(items)}.",
                key="items",
            )
        drafts = [
            read_draft(kind, one if isinstance(one, dict) else {"number": one}) for one in items
        ]
        for one in drafts:
            if not one.number and not one.head.get("external_id"):
                raise InputRefused(
                    "Each document needs its 'number' or 'external_id', so that the same request "
                    "can be sent again.", key="number",
                )  # fmt: skip

        def work(t: Transaction) -> Json:
            found: list[Json] = []
            for draft in drafts:
                row, result = save(t, draft, registry.rules(), who.by.actor)
                document = show_document(row, names, lines_of(t.execute, row.id))
                found.append({"result": result, "document": document})
            return {"items": found}

        return await change(once, work, dry=dry_run)

    @router.put("/{type}/by-external-id/{external_id}", dependencies=[needs("read")],
                summary="Make or change the document that another system calls so")  # fmt: skip
    async def put_by_external_id(
        type: str, external_id: str, body: JsonObject, asked: Asking, dry_run: DryRun = False,
        if_match: IfMatch = None, if_none_match: IfNoneMatch = None,
    ) -> Response:  # fmt: skip
        """The same request again changes nothing; lines are known by their `external_id`."""
        kind, who = allowed(asked, type)
        draft = read_draft(kind, body)
        head = {**draft.head, "external_id": external_id}
        found = list_documents(run(), type, external_id=external_id, limit=1)
        draft = replace(draft, head=head, number=found[0].number if found else draft.number)
        return await store(draft, who, seen(if_match, if_none_match), dry=dry_run)

    @router.put("/{type}/{number}", dependencies=[needs("read")],
                summary="Make or change a document")  # fmt: skip
    async def put_document(
        type: str, number: str, body: JsonObject, asked: Asking, dry_run: DryRun = False,
        if_match: IfMatch = None, if_none_match: IfNoneMatch = None,
    ) -> Response:  # fmt: skip
        """A draft may say anything. `lines` are known by `line` or `external_id`, else by their
        item; a line left out is removed. Once something was chosen or done of a line, it cannot
        ask for less (`line_below_done`), nor change its item; what is finished keeps its lines, and
        takes a memo, custom fields and foreign references still."""
        kind, who = allowed(asked, type)
        draft = read_draft(kind, body, number)
        return await store(draft, who, seen(if_match, if_none_match), dry=dry_run)

    @router.post("/{type}", dependencies=[needs("read")], summary="Make a document")
    async def post_document(
        type: str, body: JsonObject, asked: Asking, once: Once, dry_run: DryRun = False
    ) -> Response:
        """Without `number` the next one is drawn. With a `source` and no `lines` it gets what its
        source still waits for."""
        kind, who = allowed(asked, type)
        draft = read_draft(kind, body)
        if draft.number and list_documents(run(), type, number=draft.number, limit=1):
            raise RegistryRefused(
                "document_number_taken", f"There is a {kind.replace('_', ' ')} {draft.number} "
                "already.", number=draft.number,
            )  # fmt: skip

        def work(t: Transaction) -> Json:
            row, _ = save(t, draft, registry.rules(), who.by.actor, version="new")
            return show_document(row, names, lines_of(t.execute, row.id))

        return await change(once, work, dry=dry_run, status=201)

    @router.delete("/{type}/{number}", dependencies=[needs("read")], summary="Delete a draft")
    async def delete_document(type: str, number: str, asked: Asking) -> Response:
        """Only a draft on which nothing was chosen; others are cancelled."""
        _, who = allowed(asked, type)

        def work(t: Transaction) -> None:
            delete(t, read_document(t.execute, type, number), who.by.actor)

        await parts.database.write(work)
        return Response(status_code=204)

    # ------------------------------------------------------------ lines

    @router.get("/{type}/{number}/lines/{line}/serials", dependencies=[needs("read")],
                summary="What is chosen for a line")  # fmt: skip
    async def get_chosen(
        type: str, number: str, line: int, after: str | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:  # fmt: skip
        """Its serials, each with what it is to the line (`roles`); on the first page its quantities
        by lot, too."""
        read = run()
        row = read_document(read, type, number)
        of = line_at(lines_of(read, row.id), line, row.number)
        start = _place(after)
        lives = [int(one[0]) for one in read(
            "SELECT DISTINCT life FROM line_life WHERE line = ? AND life > ? ORDER BY life LIMIT ?",
            (of.id, start or 0, limit + 1),
        )]  # fmt: skip
        page = listed(_serials(read, of.id, lives[:limit]),
                      lives[limit - 1] if len(lives) > limit else None)  # fmt: skip
        return answer(page if start else {**page, "lots": _lots(read, of.id)})

    def _serials(read: Run, line: int, lives: Sequence[int]) -> list[Json]:
        roles: dict[int, list[str]] = {life: [] for life in lives}
        for part in chunks(lives):
            marks = ", ".join("?" * len(part))
            for life, role in read(
                f"SELECT DISTINCT life, role FROM line_life WHERE line = ? AND life IN ({marks}) "
                "ORDER BY life, role",
                (line, *part),
            ):
                roles[life].append(role)
        rules = registry.rules()
        return [
            {**show_serial(one, names, rules), "roles": roles[one.id]}
            for one in serials_by_id(read, lives)
        ]

    def _lots(read: Run, line: int) -> list[Json]:
        return [
            {"lot": next(iter(lot_codes(read, [lot])), None),
             "location": _code(read, place), "role": role, "quantity": quantity}
            for lot, place, role, quantity in lots_on(
                read, line, "planned", "wanted", "committed", "picked", "done", "rejected")
        ]  # fmt: skip

    @router.get("/{type}/{number}/lines/{line}/suggest", dependencies=[needs("read")],
                summary="What could be chosen for a line")  # fmt: skip
    async def suggest_for_line(type: str, number: str, line: int) -> Response:
        """Of what comes: the item's next serials. Of what goes: the oldest serials, and the lots
        that expire first. A suggestion, never a rule."""
        reader = cast(Transaction, parts.database.reader())
        read = reader.execute
        row = read_document(read, type, number)
        of = line_at(lines_of(read, row.id), line, row.number)
        room = max(of.quantity - of.chosen, 0)
        if of.serialised:
            return answer({"line": line, "room": room, "serials": (
                next_serials(reader, of, room) if _comes(row.type, of.kit_line)
                else oldest_serials(read, of, room)), "lots": []})  # fmt: skip
        portions = suggest(read, of.item, room) if of.moves else []
        return answer({"line": line, "room": room, "serials": [], "lots": [
            {"lot": next(iter(lot_codes(read, [one.lot])), None),
             "location": _code(read, one.place or 0), "quantity": one.quantity}
            for one in portions
        ]})  # fmt: skip

    @router.post("/{type}/{number}/lines/{line}/serials", dependencies=[needs("read")],
                 summary="Choose serials for a line")  # fmt: skip
    async def choose_serials(
        type: str, number: str, line: int, body: JsonObject, asked: Asking, once: Once,
        dry_run: DryRun = False,
    ) -> Response:  # fmt: skip
        """Of purchase orders and receipts they are announced (`planned`), of orders reserved
        (`committed`), of other documents only named (`wanted`). `serials` is a list as people
        write it, a list of texts or objects, or `{"generate": 5}`; `ids` are public ids."""
        _, who = allowed(asked, type)
        body = dict(body)
        confirm = text_given(body, "confirm", most=64)
        body.pop("confirm", None)
        given = read_choice(parts, body, line)
        return await _choose(type, number, given, who, once, confirm, dry_run)

    @router.post("/{type}/{number}/lines/{line}/lots", dependencies=[needs("read")],
                 summary="Choose quantities for a line")  # fmt: skip
    async def choose_lots(
        type: str, number: str, line: int, body: JsonObject, asked: Asking, once: Once,
        dry_run: DryRun = False,
    ) -> Response:  # fmt: skip
        """`lots` say how much of which lot at which location, in base units; of items without lots
        `quantity` will do."""
        _, who = allowed(asked, type)
        return await _choose(type, number, read_choice(parts, body, line), who, once, "", dry_run)

    async def _choose(
        type: str, number: str, given: LineGiven, who: Doer, once: requests.Request | None,
        confirm: str, dry: bool,
    ) -> Response:  # fmt: skip
        def work(t: Transaction) -> Json:
            row = read_document(t.execute, type, number)
            of = line_at(lines_of(t.execute, row.id), given.line, row.number)
            step = doing(t, who, confirm=frozenset({confirm} if confirm else ()))
            made = choose(step, row, of, given)
            after = line_at(lines_of(t.execute, row.id), given.line, row.number)
            shown = _serials(t.execute, of.id, made.lives[:MOST_SHOWN])
            last = _serials(t.execute, of.id, made.lives[-1:])
            return {
                "chosen": len(made.lives) or made.quantity,
                "serials": shown,
                "lots": _lots(t.execute, of.id),
                "first": shown[0]["serial"] if shown else None,
                "last": last[0]["serial"] if last else None,
                "room": max(after.quantity - after.chosen, 0),
                "events": step.events,
                "warnings": show_offences(step.warnings),
            }

        return await change(once, work, dry=dry)

    @router.delete("/{type}/{number}/lines/{line}/serials/{serial:path}",
                   dependencies=[needs("read")], summary="Take a serial off a line")  # fmt: skip
    async def unchoose_serial(
        type: str, number: str, line: int, serial: str, asked: Asking
    ) -> Response:
        """By its text or its public id: an announced one is cancelled, a reserved one is free
        again, one that was only named stays as it is."""
        _, who = allowed(asked, type)
        text = unquote(serial)

        def work(t: Transaction) -> None:
            row = read_document(t.execute, type, number)
            refuse_finished(row)
            of = line_at(lines_of(t.execute, row.id), line, row.number)
            unchoose(doing(t, who), row, of, [_on_line(t, doing(t, who), of, text)])

        await parts.database.write(work)
        return Response(status_code=204)

    def _on_line(t: Transaction, step: Doing, of: Any, text: str) -> int:
        if parts.registry.public_ids.read(text) is not None:
            return read_serial_id(parts, text)
        quoted = '"' + text.replace('"', '""') + '"'
        target = targets_of(step, of, LineGiven(of.rank, quoted))[0]
        ids = lives_on(t.execute, of.id, "planned", "committed", "wanted", "picked")
        key = key_of(normalise(target.serial), item_row(t, of.item).case)
        for life in (lives_by_id(t.execute, ids) if ids else {}).values():
            if life.key == key:
                return life.id
        raise RegistryRefused(
            "serial_unknown", f"Serial {text[:64]} is not on line {of.rank}.", serial=text[:64]
        )

    @router.delete("/{type}/{number}/lines/{line}/lots", dependencies=[needs("read")],
                   summary="Give all quantities of a line free")  # fmt: skip
    async def unchoose_quantities(type: str, number: str, line: int, asked: Asking) -> Response:
        """Those that were committed or named, not those that were picked."""
        _, who = allowed(asked, type)

        def work(t: Transaction) -> None:
            row = read_document(t.execute, type, number)
            of = line_at(lines_of(t.execute, row.id), line, row.number)
            unchoose_lots(doing(t, who), row, of)

        await parts.database.write(work)
        return Response(status_code=204)

    # ------------------------------------------------------------ verbs

    @router.post("/{type}/{number}/{verb}", dependencies=[needs("read")],
                 summary="Confirm, receive, pick, ship, count … by a document")  # fmt: skip
    async def take_step(
        type: str, number: str, verb: str, request: Request, asked: Asking, once: Once,
        dry_run: DryRun = False,
    ) -> Response:  # fmt: skip
        """`allowed` of the document names its verbs. Without `lines` a step takes all that was
        chosen; each line may give `serials`, `lots`, `quantity`, `location`, `memo`, `fields`. The
        answer names the `events`, each of which can be undone. A count may be a table (CSV, XLSX)
        with the columns location, item, serial, lot, quantity."""
        _, who = allowed(asked, type)
        given, confirm, at = await _step(parts, request, verb)

        def work(t: Transaction) -> Json:
            row = read_document(t.execute, type, number)
            step = doing(t, who, confirm=confirm, at=at)
            done = post(step, row, verb, given)
            return {
                "document": show_document(done.document, names, lines_of(t.execute, row.id)),
                "events": list(done.events),
                "warnings": show_offences(done.warnings),
                **({"results": list(done.results)} if done.results else {}),
            }

        return await change(once, work, dry=dry_run)

    return router


async def _step(parts: Parts, request: Request, verb: str) -> Any:
    body = await request.body()
    content_type = request.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if verb == Verb.COUNT and kind and not kind.endswith("json"):
        table = await parts.away(lambda: read_table(body, "the table of counts"))
        return read_counts(table), frozenset(), None
    if not body:
        return read_step(parts, {})
    check_json_type(content_type.encode("latin-1"))
    return read_step(parts, parse_object(body))


def _stocktake(run: Run, kind: str, number: str) -> DocumentRow:
    row = read_document(run, kind, number)
    if row.type is not DocumentType.STOCKTAKE:
        raise RegistryRefused(
            "document_wrong_type", f"{row.number} is no stocktake.", expected=["stocktake"]
        )
    return row


def _comes(kind: DocumentType, kit_line: int | None) -> bool:
    """Whether serials come by such a line, so that new ones are suggested."""
    if kind is DocumentType.WORK_ORDER:
        return kit_line is None
    return kind in (DocumentType.PURCHASE_ORDER, DocumentType.RECEIPT, DocumentType.ADJUSTMENT)


def _code(run: Run, place: int) -> str | None:
    return next((str(row[0]) for row in run("SELECT code FROM place WHERE id = ?", (place,))), None)


def _limit(text: str | None) -> int:
    if text is None:
        return 100
    if text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= 500:
        return int(text)
    raise InputRefused(f"?limit must be 1 to 500, got {say(text)}.", key="limit")


def _place(text: str | None) -> int | None:
    if text is None:
        return None
    if text.isascii() and text.isdecimal() and len(text) < 19:
        return int(text)
    raise InputRefused(
        f"?after= must be what `next` of the page before said, got {say(text)}.", key="after"
    )
