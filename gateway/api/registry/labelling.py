"""``POST /v1/serials/print``: labels for serials, in one job that moves together with them.

    ids, a list, a lot, a document, a filter ──chosen──► lives ──label_fields──► rows of a template
        ──desk──► Order with a subject for each label ──one commit──► job, event, label states

Which field of a template is filled with what of a serial stands in ``label_fields``; a template
takes those it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response

from gateway.accepting import MOST_LABELS, JobRequest
from gateway.api.access import needs
from gateway.api.changes import JsonObject, Once, acting_once, answered
from gateway.api.job_body import read_proof
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.registry.actions import DryRun
from gateway.api.registry.doing import Asking, Doer, doer
from gateway.api.registry.given import flag_given, text_given, whole_given
from gateway.api.registry.wanting import read_serial_id, select
from gateway.api.showing import Json, answer, listed, show_label
from gateway.errors import InputRefused
from gateway.ledger import Order
from gateway.registry.lives import Action
from gateway.registry.refusals import Offence, RegistryRefused, refuse_all
from gateway.stations.serial_labels import TEMPLATE, label_fields
from gateway.store.engine import Transaction, now
from gateway.store.jobs import CounterMoved
from gateway.store.registry.acting import Act, Target
from gateway.store.registry.labelling import subject_of
from gateway.store.registry.listing import read_list
from gateway.store.registry.lives import Run
from gateway.store.registry.names import item_id
from gateway.store.registry.searching import Wanted, find_serials
from gateway.store.registry.serials import serial_by_id, serials_by_id

KEYS = (
    "printer", "template", "version", "copies", "mode", "priority", "hold", "strict", "title",
    "stock", "ids", "serials", "item", "filter", "lot", "document", "fields", "proof",
)  # fmt: skip
SELECTORS = ("ids", "serials", "filter", "lot", "document")

TRIES = 5
"""Times labels are bound anew because another job took a counter's values first."""


def chosen(parts: Parts, run: Run, body: Mapping[str, Any]) -> list[int]:
    """Return the numbers of the lives that a body selects, in the order of the labels.

    Raises:
        InputRefused: it selects in no way or in several, or too many.
        RegistryRefused: what it names does not exist; every serial that does not, by name.
    """
    given = [key for key in SELECTORS if body.get(key) is not None]
    if len(given) != 1:
        raise InputRefused(
            f"Say which serials by one of {', '.join(SELECTORS)}; got "
            f"{' and '.join(given) or 'none of them'}.",
            key="ids",
        )
    match given[0]:
        case "ids":
            ids = body["ids"]
            if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
                raise InputRefused(
                    f"'ids' must be a list of public ids, got {say(ids)}.", key="ids"
                )
            lives = [read_serial_id(parts, one) for one in ids]
        case "serials":
            lives = _named(run, body)
        case "filter":
            lives = select(parts, run, body["filter"], MOST_LABELS)
        case key:
            query = {key: text_given(body, key)}
            if item := text_given(body, "item"):
                query["item"] = item
            lives = select(parts, run, query, MOST_LABELS)
    if not lives:
        raise RegistryRefused("serials_missing", "There is no serial that this selects.")
    return lives


def _named(run: Run, body: Mapping[str, Any]) -> list[int]:
    """Return the lives of serials that are named as people write them."""
    serials, sku = body["serials"], text_given(body, "item")
    item = item_id(run, sku) if sku else None
    if isinstance(serials, str):
        listing = read_list(run, serials, item, action=Action.PRINT_LABEL)
        if listing.problems:
            raise refuse_all([p.offence for p in listing.problems], listing.count, "entries")
        texts = [entry.serial for entry in listing.serials]
    elif isinstance(serials, list) and all(isinstance(one, str) for one in serials):
        texts = serials
    else:
        raise InputRefused(
            f"'serials' must be a text or a list of serials, got {say(serials)}.", key="serials"
        )
    lives: list[int] = []
    offences: list[Offence] = []
    for text in texts:
        found = serials_by_id(run, ids) if (
            ids := find_serials(run, Wanted(serial=text, item=item), None, 100).lives
        ) else []  # fmt: skip
        skus = sorted({row.sku for row in found})
        if len(skus) == 1:
            lives.append(found[-1].id)  # the newest life: the one that is here, if one is
        elif not skus:
            offences.append(Offence(text, "serial_unknown", f"There is no serial {say(text)}."))
        else:
            said = f"Serial {say(text)} is one of several items ({', '.join(skus)}); name the item."
            offences.append(Offence(text, "code_ambiguous", said, {"candidates": skus}))
    if offences:
        raise refuse_all(offences, len(texts))
    return lives


def take_order(
    parts: Parts, t: Transaction, order: Order, lives: Sequence[int], who: Doer, at: int
) -> tuple[int, str, int | None]:
    """Accept an order of labels, and mark the serials they are of as being labelled.

    Returns the job's number, its state, and the event; None without serials.

    Raises:
        CounterMoved: another job took a counter's values first; order anew.
        UnknownPrinter: it was deleted meanwhile.
        RegistryRefused: serials may have no label; nothing was done.
    """
    parts.printers.must_exist(t, order.target, order.target_name)
    job, state = parts.jobs.accept(t, order, who.by.actor, at)
    event: int | None = None
    if lives:
        body = {"job": f"J{job}", "printer": order.target_name, "template": order.template,
                "copies": order.copies}  # fmt: skip
        event = parts.registry.perform(t, label_act(lives, body), who.by, who.may).event
    if not order.held:
        t.after(lambda: parts.room.wake(order.target))
    return job, str(state), event


def label_act(lives: Sequence[int], body: Mapping[str, object]) -> Act:
    """Return what printing labels of serials is to the registry: each serial once."""
    targets = [Target(life=life) for life in dict.fromkeys(lives)]
    return Act(Action.PRINT_LABEL, targets, body=body)


def labelling_routes(parts: Parts) -> APIRouter:
    """Return the route that prints labels of serials."""
    router = APIRouter(tags=["serials"])
    names = parts.registry.public_ids

    def order_of(body: Mapping[str, Any], at: int) -> tuple[Order, list[int], Mapping[str, Any]]:
        run = parts.database.reader().execute
        lives = chosen(parts, run, body)
        template = parts.templates.find(
            text_given(body, "template") or TEMPLATE, text_given(body, "version") or None
        )
        known = {field.name for field in template.fields}
        features, zone = parts.registry.rules().features, ZoneInfo(parts.zone())
        fixed = body.get("fields") or {}
        if not isinstance(fixed, dict):
            raise InputRefused(
                f"'fields' must be an object of fields of the template, got {say(fixed)}.",
                key="fields",
            )
        rows = serials_by_id(run, lives)
        if len(rows) < len(lives):
            there = {row.id for row in rows}
            gone = [names.write("serial", life) for life in lives if life not in there]
            raise refuse_all(
                [Offence(one, "serial_unknown", f"There is no serial {one!r}.") for one in gone],
                len(lives),
            )
        labels = [
            {
                name: value
                for name, value in label_fields(row, names, zone, features).items()
                if name in known
            }
            | fixed
            for row in rows
        ]
        request = JobRequest(
            printer=text_given(body, "printer"),
            template=template.name,
            version=template.version,
            labels=labels,
            copies=whole_given(body, "copies", 1, 1000) or 1,
            mode=text_given(body, "mode") or None,
            priority=whole_given(body, "priority", -100, 100) or 0,
            hold=flag_given(body, "hold"),
            strict=flag_given(body, "strict"),
            title=text_given(body, "title", most=200) or "Serial labels",
            stock=text_given(body, "stock", most=200),
            proof=read_proof(body.get("proof")),
        )
        order = parts.desk.order(request, at)
        return replace(order, subjects=tuple(map(subject_of, lives))), lives, labels[0]

    @router.get("/v1/serials/{id}/labels", dependencies=[needs("read")],
                summary="The labels printed for a serial, newest first")  # fmt: skip
    async def list_labels(id: str) -> Response:
        """Each with its state, and how that is known; the newest hundred."""
        row = serial_by_id(parts.database.reader().execute, read_serial_id(parts, id), id)
        labels = parts.jobs.labels_of(subject_of(row.id))
        printers = {printer.id: printer.name for printer in parts.printers.all()}
        return answer(
            listed([show_label(one, printers.get(one.printer or 0), id) for one in labels])
        )

    @router.post("/v1/serials/print", dependencies=[needs("print")],
                 summary="Print labels for serials, a lot or a document")  # fmt: skip
    async def print_serials(
        body: JsonObject, asked: Asking, once: Once, dry_run: DryRun = False
    ) -> Response:
        """One label for each serial (`copies` of it), in one job. Which: `ids`, `serials` (a list
        as text, with `item`), `lot` (with `item`, or its id), `document` or `filter` (as in `GET
        /v1/serials`). `template` is the built-in `serial` unless named; its fields are filled with
        what is known: `serial`, `item`, `name`, `gtin`, `gs1`, `code`, `lot`, `location`,
        `customer`, `supplier`, `document`, `life`, `memo`, `received`, `shipped`, `warranty`,
        `service_due`, `barcode`, and custom fields by their keys. `fields` sets some for all
        labels, as `{"qr": "yes"}` for the gateway's own code beside the serial's.

        A serial whose label is in doubt is held until somebody has answered for the label. With
        `dry_run` the answer has the `fields` of the first label, as a preview takes them."""
        if (known := answered(parts, once)) is not None:
            return known
        refuse_unknown(body, KEYS, "A print of serials")
        if not text_given(body, "printer"):
            raise InputRefused("'printer' is missing: say where to print.", key="printer")
        who = doer(parts, asked)
        if dry_run:
            order, lives, first = await parts.away(lambda: order_of(body, now()))
            shown = {"dry_run": True, "printer": order.target_name, "template": order.template,
                     "serials": len(lives), "labels": len(lives) * order.copies,
                     "problem": order.problem or None,
                     "fields": first}  # fmt: skip
            return answer(shown)
        parts.space.check()

        def work(t: Transaction) -> Json:
            job, state, event = take_order(parts, t, order, lives, who, at)
            return {
                "id": f"J{job}",
                "state": state,
                "printer": order.target_name,
                "serials": len(lives),
                "labels": len(order.rows) * order.copies,
                "event": event,
                "links": {
                    "self": f"/v1/jobs/J{job}",
                    "labels": f"/v1/jobs/J{job}/labels",
                    "event": f"/v1/registry/events/{event}",
                },
            }

        for left in reversed(range(TRIES)):
            at = now()
            order, lives, _ = await parts.away(partial(order_of, body, at))
            parts.backlog.take(order.target, len(order.rows) * order.copies, order.target_name)
            try:
                reply = await parts.database.write(acting_once(parts, once, work, 201))
                return reply.response()
            except CounterMoved:
                if not left:
                    raise
        raise AssertionError("the last try is answered")

    return router
