"""What a job's labels share is drawn into the printer's memory once."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gateway.drawing import Drawing
from gateway.errors import PrinterRefused
from gateway.jobs import State
from gateway.ledger import Piece, Ticket
from gateway.printers import Media, Printer
from gateway.templates.builtin import builtin_templates
from gateway.templates.model import Template
from gateway.units import Um, parse_density

TEMPLATE = builtin_templates()["serial-label"]


class _Shelf:
    """One template, and no fonts or pictures but the built-in ones."""

    def by_version(self, version: str) -> Template:
        return TEMPLATE

    def font(self, reference: str) -> bytes:
        raise KeyError(reference)

    def picture(self, reference: str) -> bytes:
        raise KeyError(reference)


def printer(number: int) -> Printer:
    return Printer(
        number, f"printer-{number}", "memory://p", "zpl", parse_density(8),
        Media(Um(100_000), Um(50_000)), model="virtual",
    )  # fmt: skip


def piece(number: int, job: int = 1) -> Piece:
    ticket = Ticket(job, "template", "serial-label", "v", "exact", False, True, 0, {}, {})
    fields = {"serial": f"SN-{number:06}", "item": "HT-9000", "name": "Hand torque wrench 9 Nm"}
    return Piece(number, ticket, number, 1, State.QUEUED, json.dumps(fields))


def drawing() -> Drawing:
    return Drawing(_Shelf(), _Shelf(), lambda job: b"")


def test_the_second_label_of_a_job_stores_what_it_shares_with_the_first() -> None:
    made = drawing()
    first, second, third = (made.page(piece(number), printer(1)) for number in (1, 2, 3))
    assert first.needs == ()
    assert len(second.needs) == 1
    assert third.needs == second.needs
    assert len(first.body) > 2000
    assert len(second.body) <= 1200
    assert len(third.body) <= 1200


def test_what_the_way_to_the_printer_would_garble_is_refused_before_it_is_claimed() -> None:
    ticket = Ticket(1, "raw", None, None, "exact", False, True, 0, {}, {})
    raw = [
        Piece(1, ticket, 1, 1, State.QUEUED, None, body=body)
        for body in (b"^XA^FDSN-1^FS^XZ", b"^XA^FDSN-\x13^FS^XZ")
    ]
    line = replace(printer(1), url="serial:///dev/ttyS0?baud=9600&flow=xonxoff")
    assert drawing().page(raw[0], line).body == raw[0].body
    assert drawing().page(raw[1], printer(1)).body == raw[1].body
    with pytest.raises(PrinterRefused, match="holds the byte 13 hex, which XON/XOFF"):
        drawing().page(raw[1], line)
    # Pictures as base 64 pass, stored ones too.
    made = drawing()
    assert [len(made.page(piece(number), line).needs) for number in (1, 2)] == [0, 1]


def test_another_job_or_printer_begins_anew() -> None:
    made = drawing()
    made.page(piece(1), printer(1))
    assert made.page(piece(2, job=2), printer(1)).needs == ()
    assert made.page(piece(2), printer(2)).needs == ()
