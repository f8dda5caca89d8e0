"""Labels: their pictures, and what a person says of one that the gateway cannot know of.

After a printer lost its power in the middle of its work, labels may be ``uncertain``. They are one
question: which is the last one on paper? The answer settles all of them in one transaction.
"""

from __future__ import annotations

from fastapi import APIRouter, Response

from gateway.api.access import Actor, Who, needs
from gateway.api.again import accept_again, reprint_orders
from gateway.api.changes import JsonObject, Once, act, answered
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.registry.labelled import serial_of
from gateway.api.showing import Json, answer, listed, show_job, show_label
from gateway.errors import InputRefused, NotNow, UnknownLabel
from gateway.jobs import Event, State
from gateway.printers import Printer, unfit
from gateway.store import requests
from gateway.store.engine import Transaction
from gateway.store.jobs import LabelRow, parse_number

BECAUSE = "the printer could not tell whether it was printed"
"""The reason of a reprint that settles an uncertain label, when nobody gives one."""


def label_routes(parts: Parts) -> APIRouter:
    """Return the routes of labels, and of a printer's question about them."""
    router = APIRouter(prefix="/v1", tags=["labels"])
    jobs, printers = parts.jobs, parts.printers

    def shown(label: LabelRow) -> Json:
        name = printers.name_of(label.printer) if label.printer else None
        return show_label(label, name, serial_of(parts, label))

    # ------------------------------------------------------------ looking

    async def picture(label: int) -> Response:
        from gateway.drivers.languages.png import png  # late: the first picture needs it

        piece, taken_by = jobs.piece(label), jobs.label(label).printer
        members = parts.pools.members(taken_by or jobs.job(piece.ticket.job).target)
        fitting = [member for member in members if not unfit(member, piece.ticket.needs)]
        printer = next(iter((*fitting, *members)), None)
        if printer is None:
            raise NotNow(
                f"The printer of label L{label} was deleted, so there is no head to draw it for.",
                id=f"L{label}",
            )
        drawn = await parts.away(
            lambda: png(parts.drawing.picture(piece, printer), density=printer.density)
        )
        return Response(drawn, media_type="image/png")

    @router.get(
        "/labels/{label}.png", dependencies=[needs("read")], summary="The picture of a label"
    )
    async def get_picture(label: str) -> Response:
        return await picture(parse_number(label, "L"))

    @router.get(
        "/jobs/{job}/labels/{number}.png",
        dependencies=[needs("read")],
        summary="The picture of a label by its number in the job",
    )
    async def get_picture_by_number(job: str, number: int) -> Response:
        row = jobs.job(parse_number(job, "J"))
        highest = jobs.label(row.first_label + row.labels - 1).number
        if not 1 <= number <= highest:
            raise UnknownLabel(
                f"Job {row.id} has no label {number}; it has 1 to {highest}.",
                job=row.id,
                number=number,
            )
        copies = row.labels // highest
        return await picture(row.first_label + (number - 1) * copies)

    @router.get("/labels/{label}", dependencies=[needs("read")], summary="A label")
    async def get_label(label: str) -> Response:
        return answer(shown(jobs.label(parse_number(label, "L"))))

    # ------------------------------------------------------------ what a person says of one label

    async def say_of(
        label: str, event: Event, who: Actor, once: requests.Request | None
    ) -> Response:
        number = parse_number(label, "L")

        def work(t: Transaction) -> Json:
            jobs.answer(t, number, event, who.name)
            row = jobs.label(number, t)
            target = jobs.job(row.job, t).target
            t.after(lambda: parts.room.wake(target))
            return shown(row)

        return await act(parts, once, work)

    @router.post(
        "/labels/{label}/confirm", dependencies=[needs("print")], summary="It was seen on paper"
    )
    async def confirm_label(label: str, who: Who, once: Once) -> Response:
        return await say_of(label, Event.CONFIRM, who, once)

    @router.post("/labels/{label}/drop", dependencies=[needs("print")], summary="Give it up")
    async def drop_label(label: str, who: Who, once: Once) -> Response:
        return await say_of(label, Event.DROP, who, once)

    @router.post(
        "/labels/{label}/retry", dependencies=[needs("print")], summary="Try a failed label again"
    )
    async def retry_label(label: str, who: Who, once: Once) -> Response:
        return await say_of(label, Event.RETRY, who, once)

    @router.post(
        "/labels/{label}/reprint", dependencies=[needs("print")], summary="Print one label anew"
    )
    async def reprint_label(label: str, body: JsonObject, who: Who, once: Once) -> Response:
        """A new job prints it. An uncertain label is given up in the same transaction, so that
        nobody asks about it any more."""
        if (known := answered(parts, once)) is not None:
            return known
        refuse_unknown(body, ("reason", "printer"), "A reprint")
        row = jobs.label(parse_number(label, "L"))
        uncertain = row.state == State.UNCERTAIN.value
        reason = body.get("reason", BECAUSE if uncertain else "")
        name = body.get("printer") or printers.name_of(jobs.job(row.job).target)
        printer = parts.pools.target(str(name))
        orders = await parts.away(lambda: reprint_orders(parts, [row.seq], reason, printer))

        def work(t: Transaction) -> Json:
            if uncertain:
                jobs.answer(t, row.seq, Event.DROP, who.name, str(reason))
            return show_job(accept_again(t, parts, orders, printer, who)[0], printer.name)

        return await act(parts, once, work, 201)

    # ------------------------------------------------------------ the one question

    @router.get(
        "/questions", dependencies=[needs("read")], summary="Which printers wait for an answer"
    )
    async def list_questions() -> Response:
        """Each printer with labels that only a person can tell of, and how many; `question` is
        asked at `/v1/printers/{name}/question`."""
        asked = [
            {
                "printer": (name := printers.name_of(number)),
                "labels": count,
                "question": _sentence(name, count),
                "links": {"question": f"/v1/printers/{name}/question"},
            }
            for number, count in jobs.questions()
        ]
        return answer(listed(asked))

    @router.get(
        "/printers/{name}/question",
        dependencies=[needs("read")],
        summary="What only a person can tell of a printer's labels",
    )
    async def get_question(name: str) -> Response:
        printer = printers.find(name)
        return answer(_question(printer))

    def _question(printer: Printer) -> Json:
        labels = jobs.uncertain(printer=printer.id)
        last = jobs.last_printed_before(labels[0].seq) if labels else None
        return {
            "printer": printer.name,
            "question": _sentence(printer.name, len(labels)) if labels else None,
            "last_printed": None if last is None else shown(last),
            "first_unknown": shown(labels[0]) if labels else None,
            "labels": [shown(label) for label in labels],
        }

    @router.post(
        "/printers/{name}/answer",
        dependencies=[needs("print")],
        summary="Say which label was the last on paper; all are settled",
    )
    async def answer_question(name: str, body: JsonObject, who: Who, once: Once) -> Response:
        """`last_printed` is the last of the labels in doubt that is on paper, or null when none
        of them is. `rest` says what becomes of those after it: `reprint` or `drop`. `labels` are
        those that were asked about: if others are in doubt by now, nothing is settled."""
        if (known := answered(parts, once)) is not None:
            return known
        printer = printers.find(name)
        refuse_unknown(body, ("last_printed", "rest", "reason", "labels"), "The answer")
        rest = body.get("rest")
        if rest not in ("reprint", "drop"):
            raise InputRefused(f"'rest' must be 'reprint' or 'drop', got {say(rest)}.", key="rest")
        if "last_printed" not in body:
            raise InputRefused(
                "'last_printed' is missing: the id of the last label on paper, or null for none.",
                key="last_printed",
            )
        labels = jobs.uncertain(printer=printer.id)
        _must_be(printer, labels, body.get("labels"))
        split = _place(printer, labels, body["last_printed"])
        on_paper, lost = labels[:split], labels[split:]
        reason = str(body.get("reason") or BECAUSE)
        orders = (
            await parts.away(
                lambda: reprint_orders(parts, [row.seq for row in lost], reason, printer)
            )
            if rest == "reprint" and lost
            else []
        )

        def work(t: Transaction) -> Json:
            for row in on_paper:
                jobs.answer(t, row.seq, Event.CONFIRM, who.name)
            for row in lost:
                jobs.answer(t, row.seq, Event.DROP, who.name, reason)
            rows = accept_again(t, parts, orders, printer, who)
            return {
                "printer": printer.name,
                "confirmed": [row.id for row in on_paper],
                "dropped": [row.id for row in lost],
                "jobs": [show_job(row, printer.name) for row in rows],
            }

        return await act(parts, once, work)

    def _must_be(printer: Printer, labels: list[LabelRow], seen: object) -> None:
        """Refuse an answer to another question: more may have come in doubt since."""
        if seen is None:
            return
        if not isinstance(seen, list) or not all(isinstance(one, str) for one in seen):
            raise InputRefused(
                f"'labels' must be the ids of the labels in doubt, got {say(seen)}.", key="labels"
            )
        if labels and {row.id for row in labels} != set(seen):
            raise NotNow(
                f"Printer {printer.name!r} has other labels in doubt by now, "
                f"{labels[0].id} to {labels[-1].id}; look at its paper again.",
                printer=printer.name,
            )

    def _place(printer: Printer, labels: list[LabelRow], last: object) -> int:
        """Return how many of the labels in doubt are on paper."""
        if not labels:
            raise NotNow(
                f"Printer {printer.name!r} asks nothing: no label of it is in doubt.",
                printer=printer.name,
            )
        if last is None:
            return 0
        if isinstance(last, str):
            ids = [row.id for row in labels]
            if last in ids:
                return ids.index(last) + 1
            before = jobs.last_printed_before(labels[0].seq)
            if before is not None and before.id == last:
                return 0
        raise NotNow(
            f"{say(last)} is not one of the labels in doubt; they are {labels[0].id} to "
            f"{labels[-1].id}, or null for none of them.",
            printer=printer.name,
        )

    return router


def _sentence(printer: str, count: int) -> str:
    if count == 1:
        return f"Look at the paper of {printer}: is this label on it?"
    return f"Look at the paper of {printer}: which of these {count} labels is the last on it?"
