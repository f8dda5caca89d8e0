"""The whole product prints serial labels over USB while its cable is pulled: every one is counted.

The paper is a virtual printer's, which stays switched on: what it has received it prints.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.accepting import JobRequest
from gateway.app import Gateway
from gateway.config import Settings
from gateway.drivers.virtual.printer import VirtualPrinter
from gateway.printers import Media, Printer
from gateway.store.printers import PrinterSettings
from gateway.units import Um, parse_density
from tests.campaign.campaign import RECEIPT_SERIAL
from tests.hardware.gadgets import UsbPrinter
from tests.hardware.guest.conftest import Plug, wait_gone

LABELS = 5
"""For each pull."""

PATIENCE = 60.0
"""Seconds for what takes one or two: the guest is emulated."""

Record = Callable[[str, object], None]
Hand = Callable[[VirtualPrinter], None]


@dataclass(frozen=True, slots=True)
class Way:
    """A printer of a language, and what it proves."""

    language: str
    template: str
    width: int
    """mm."""
    height: int
    proof: str
    pulls: int
    states: frozenset[str]
    """What labels may end as."""


WAYS = (
    # It was never without power, and its counter proves each label: nobody is asked.
    Way("zpl", "serial-label", 100, 50, "odometer", 5, frozenset({"printed"})),
    # What it reported while nobody could hear is lost: a person is asked.
    Way("escpos", "receipt-serial", 72, 30, "print_end", 3, frozenset({"printed", "uncertain"})),
)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    """The daemon without its server: nothing here is asked over HTTP."""
    with Gateway(Settings(tmp_path, tmp_path / "gateway.db")) as running:
        yield running


@contextmanager
def paper_of(way: Way) -> Iterator[VirtualPrinter]:
    """Run the printer where the labels come out."""
    with VirtualPrinter(
        "usb", language=way.language, width_mm=way.width, height_mm=way.height, speed_mm_s=508
    ) as printer:
        yield printer


def until(holds: Callable[[], object], what: str) -> float:
    """Wait until something holds; return the seconds that took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < PATIENCE, what
        threading.Event().wait(0.01)
    return time.monotonic() - began


@pytest.mark.promise("R1")
@pytest.mark.promise("R9")
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.language)
def test_labels_are_printed_once_each_while_the_cable_is_pulled_at_any_byte(
    plug: Plug, gateway: Gateway, way: Way, record_property: Record
) -> None:
    luck = random.Random(20261122)
    with paper_of(way) as paper:
        printer = plug(port=paper.port)
        target = add_printer(gateway, "usb://0a5f:0164/D2J184500123", way)
        jobs_of = gateway.parts.jobs
        before = len(printer.received)
        jobs = [post(gateway, way, "FIRST")]
        until(lambda: jobs_of.job(jobs[0]).state == "done", "it does not print")
        some = len(printer.received) - before  # questions and answers are part of it
        gone, back = [], []
        for pull in range(way.pulls):
            printer.unplug_after = len(printer.received) + luck.randint(1, some // 2)
            jobs.append(post(gateway, way, f"P{pull}"))
            until(lambda: printer.unplug_after is None, "the cable was not pulled")
            gone.append(
                until(lambda: condition(gateway, target) == "unreachable", "nobody noticed")
            )
            wait_gone(printer)
            # What it had received whole comes out while nobody can ask.
            until(lambda: paper.received == len(printer.received), "bytes are lost")
            assert paper.wait_idle(timeout=PATIENCE)
            jobs.append(post(gateway, way, f"NEXT{pull}", 1))
            out = len(paper.labels())
            printer.plug()
            back.append(until(lambda n=out: len(paper.labels()) > n, "it printed no more"))  # type: ignore[misc]
        until(lambda: all(jobs_of.job(job).state in ENDED for job in jobs), "some jobs go on")
        said = {
            json.loads(row.fields or "{}")["serial"]: row.state
            for job in jobs
            for row in jobs_of.labels(job)
        }
        on_paper = Counter(
            text
            for piece in paper.labels()
            for text in {code.text for code in paper.codes(piece.number)}
        )
    record_property("unplugged_to_gone_ms", [round(1000 * seconds) for seconds in gone])
    record_property("plugged_to_printing_ms", [round(1000 * seconds) for seconds in back])
    record_property("bytes_of_five_labels", some)
    record_property("states", dict(Counter(said.values())))
    assert len(said) == LABELS + way.pulls * (LABELS + 1)
    assert [serial for serial, times in on_paper.items() if times > 1] == []
    assert [s for s, state in said.items() if state == "printed" and on_paper[s] != 1] == []
    assert set(said.values()) <= way.states


@pytest.mark.parametrize(
    ("hurt", "heal", "told"),
    [
        (VirtualPrinter.paper_out, VirtualPrinter.load_paper, "Paper is out."),
        (VirtualPrinter.mute, lambda paper: paper.mute(False), "The printer does not answer."),
    ],
    ids=["paper out", "mute"],
)
def test_a_printer_in_trouble_says_so_over_usb_and_loses_nothing(
    plug: Plug, gateway: Gateway, hurt: Hand, heal: Hand, told: str
) -> None:
    way = WAYS[0]
    with paper_of(way) as paper:
        printer = plug(port=paper.port)
        target = add_printer(gateway, "usb://0a5f:0164", way)
        hurt(paper)
        job = post(gateway, way, "TROUBLE")
        status = gateway.parts.room.status
        until(lambda: status(target.id).sentence.startswith(told), "it does not say so")
        heal(paper)
        until(lambda: gateway.parts.jobs.job(job).state == "done", "it does not go on")
        texts = [code.text for piece in paper.labels() for code in paper.codes(piece.number)]
        assert sorted(set(texts)) == [f"TROUBLE-{number:03d}" for number in range(LABELS)]
        assert len(paper.labels()) == LABELS
        assert printer.host_port


def test_a_printer_with_nothing_to_do_is_missed_and_found_again(
    plug: Plug, gateway: Gateway, record_property: Record
) -> None:
    with paper_of(WAYS[0]) as paper:
        printer = plug(port=paper.port)
        _miss_and_find(gateway, printer, record_property)


def _miss_and_find(gateway: Gateway, printer: UsbPrinter, record_property: Record) -> None:
    target = add_printer(gateway, f"usb://0a5f:0164@{printer.host_port}", WAYS[0])
    threading.Event().wait(2.0)  # until it is looked at only now and then
    printer.unplug()
    gone = until(lambda: condition(gateway, target) == "unreachable", "nobody noticed")
    sentence = gateway.parts.room.status(target.id).sentence
    wait_gone(printer)
    printer.plug()
    back = until(lambda: condition(gateway, target) == "ready", "it was not found")
    record_property("idle_unplugged_to_gone_ms", round(1000 * gone))
    record_property("idle_plugged_to_ready_ms", round(1000 * back))
    assert "0a5f:0164" in sentence


ENDED = ("done", "needs_attention", "failed", "cancelled")


def add_printer(gateway: Gateway, url: str, way: Way) -> Printer:
    parts = gateway.parts
    parts.templates.seed({"receipt-serial": json.dumps(RECEIPT_SERIAL).encode()})
    settings = PrinterSettings(
        url=url,
        language=way.language,
        density=parse_density(8),
        media=Media(Um(1000 * way.width), Um(1000 * way.height)),
    )
    printer, _ = parts.database.run(lambda t: parts.printers.put(t, "usb", settings, "local"))
    parts.room.put(printer)
    until(lambda: parts.room.status(printer.id).proof == way.proof, "it does not answer")
    until(lambda: condition(gateway, printer) == "ready", "it is not ready")
    return printer


def condition(gateway: Gateway, printer: Printer) -> str:
    return gateway.parts.room.status(printer.id).condition


def post(gateway: Gateway, way: Way, prefix: str, count: int = LABELS) -> int:
    parts = gateway.parts
    rows = [{"serial": f"{prefix}-{number:03d}"} for number in range(count)]
    request = JobRequest("usb", template=way.template, labels=rows)
    at = time.time_ns() // 1000
    order = parts.desk.order(request, at)
    job, _ = parts.database.run(lambda t: parts.jobs.accept(t, order, "local", at))
    parts.room.wake(order.target)
    return job
