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
from pathlib import Path

import pytest

from gateway.accepting import JobRequest
from gateway.app import Gateway
from gateway.config import Settings
from gateway.drivers.virtual.printer import VirtualPrinter
from gateway.printers import Media, Printer
from gateway.store.printers import PrinterSettings
from gateway.units import Um, parse_density
from tests.hardware.guest.conftest import Plug, settle

PULLS = 6
LABELS = 5
"""For each pull."""

PATIENCE = 60.0
"""Seconds for what takes one or two: the guest is emulated."""

Record = Callable[[str, object], None]


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    """The daemon without its server: nothing here is asked over HTTP."""
    with Gateway(Settings(tmp_path, tmp_path / "gateway.db")) as running:
        yield running


@pytest.fixture
def paper() -> Iterator[VirtualPrinter]:
    """Where the labels come out."""
    with VirtualPrinter("usb", width_mm=100, height_mm=50, speed_mm_s=508) as printer:
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
def test_labels_are_printed_once_each_while_the_cable_is_pulled_at_any_byte(
    plug: Plug, gateway: Gateway, paper: VirtualPrinter, record_property: Record
) -> None:
    luck = random.Random(20261122)
    printer = plug(port=paper.port)
    target = add_printer(gateway, "usb://0a5f:0164/D2J184500123")
    jobs_of = gateway.parts.jobs
    before = len(printer.received)
    jobs = [post(gateway, [f"FIRST-{number:03d}" for number in range(LABELS)])]
    until(lambda: jobs_of.job(jobs[0]).state == "done", "it does not print")
    some = len(printer.received) - before  # questions and answers are part of it
    gone, back = [], []
    for pull in range(PULLS):
        printer.unplug_after = len(printer.received) + luck.randint(1, some // 2)
        jobs.append(post(gateway, [f"P{pull}-{number:03d}" for number in range(LABELS)]))
        until(lambda: printer.unplug_after is None, "the cable was not pulled")
        gone.append(until(lambda: condition(gateway, target) == "unreachable", "nobody noticed"))
        settle(printer, there=False)
        # What it had received whole comes out while nobody can ask.
        assert paper.wait_idle(timeout=PATIENCE)
        out = len(paper.labels())
        printer.plug()
        back.append(until(lambda n=out: len(paper.labels()) > n, "it printed no more"))  # type: ignore[misc]
    until(lambda: all(jobs_of.job(job).state in ENDED for job in jobs), "some jobs did not end")
    said = {
        json.loads(row.fields or "{}")["serial"]: row.state
        for job in jobs
        for row in jobs_of.labels(job)
    }
    record_property("unplugged_to_gone_ms", [round(1000 * seconds) for seconds in gone])
    record_property("plugged_to_printing_ms", [round(1000 * seconds) for seconds in back])
    on_paper = Counter(
        text
        for piece in paper.labels()
        for text in {code.text for code in paper.codes(piece.number)}
    )
    record_property("bytes_of_five_labels", some)
    assert len(said) == (1 + PULLS) * LABELS
    assert [serial for serial, times in on_paper.items() if times > 1] == []
    assert [s for s, state in said.items() if state == "printed" and on_paper[s] != 1] == []
    # It was never without power, and its counter proves each label: nobody is asked.
    assert set(said.values()) == {"printed"}


def test_a_printer_with_nothing_to_do_is_missed_and_found_again(
    plug: Plug, gateway: Gateway, paper: VirtualPrinter, record_property: Record
) -> None:
    printer = plug(port=paper.port)
    target = add_printer(gateway, "usb://0a5f:0164@" + printer.host_port)
    threading.Event().wait(2.0)  # until it is looked at only now and then
    printer.unplug()
    gone = until(lambda: condition(gateway, target) == "unreachable", "nobody noticed")
    sentence = gateway.parts.room.status(target.id).sentence
    settle(printer, there=False)
    printer.plug()
    back = until(lambda: condition(gateway, target) == "ready", "it was not found")
    record_property("idle_unplugged_to_gone_ms", round(1000 * gone))
    record_property("idle_plugged_to_ready_ms", round(1000 * back))
    assert "0a5f:0164" in sentence


ENDED = ("done", "needs_attention", "failed", "cancelled")


def add_printer(gateway: Gateway, url: str) -> Printer:
    parts = gateway.parts
    settings = PrinterSettings(
        url=url, language="zpl", density=parse_density(8), media=Media(Um(100_000), Um(50_000))
    )
    printer, _ = parts.database.run(lambda t: parts.printers.put(t, "usb", settings, "local"))
    parts.room.put(printer)
    until(lambda: parts.room.status(printer.id).proof == "odometer", "it does not answer")
    until(lambda: condition(gateway, printer) == "ready", "it is not ready")
    return printer


def condition(gateway: Gateway, printer: Printer) -> str:
    return gateway.parts.room.status(printer.id).condition


def post(gateway: Gateway, serials: list[str]) -> int:
    parts = gateway.parts
    request = JobRequest(
        "usb", template="serial-label", labels=[{"serial": serial} for serial in serials]
    )
    at = time.time_ns() // 1000
    order = parts.desk.order(request, at)
    job, _ = parts.database.run(lambda t: parts.jobs.accept(t, order, "local", at))
    parts.room.wake(order.target)
    return job
