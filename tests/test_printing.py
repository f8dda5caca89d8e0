"""A printer's thread against a virtual printer on a real socket: what it says, what comes out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway import printing
from gateway.drivers.status.problems import PROBLEMS
from gateway.drivers.virtual.printer import VirtualPrinter
from gateway.errors import DiskFull
from gateway.label import Tile
from gateway.print_room import PrinterThread, PrintRoom
from gateway.printers import Media, Printer, PrinterStatus
from gateway.printing import SPOILS, Press
from gateway.units import Um
from tests.bench import PATIENCE, Bench


@pytest.fixture
def device() -> Iterator[VirtualPrinter]:
    with VirtualPrinter("zebra", speed_mm_s=1000, rest_s=0.02) as device:
        yield device


@pytest.fixture
def bench(tmp_path: Path, device: VirtualPrinter) -> Iterator[Bench]:
    with Bench(tmp_path, device, "zpl", model="virtual") as bench:
        yield bench


def test_a_label_is_printed_by_the_odometer_and_its_paper_is_the_preview_dot_for_dot(
    bench: Bench,
) -> None:
    job = bench.accept("SN-000123", "SN-000124", "SN-000125")
    bench.until_done(job)
    assert [(row.state, row.evidence) for row in bench.labels(job)] == [("printed", "odometer")] * 3
    assert bench.on_paper() == ["SN-000123", "SN-000124", "SN-000125"]
    for row, piece in zip(bench.labels(job), bench.device.labels(), strict=True):
        drawn = bench.drawing.picture(bench.store.piece(row.seq), bench.printer)
        assert piece_ink(bench.device, piece.number) == drawn
    assert [piece.unknown for piece in bench.device.labels()] == [(), (), ()]


def piece_ink(device: VirtualPrinter, number: int) -> Tile:
    import io

    from PIL import Image

    png = device.png(number)
    assert png is not None
    picture = Image.open(io.BytesIO(png)).convert("1")
    inverted = bytes(byte ^ 0xFF for byte in picture.tobytes())
    return Tile(picture.width, picture.height, inverted)


def test_a_printer_without_paper_says_so_and_goes_on_when_it_has_some(bench: Bench) -> None:
    bench.until_ready()
    bench.device.paper_out()
    job = bench.accept("A", "B")
    bench.until_said("Paper is out. Load labels, close the lid, press Feed.")
    bench.device.load_paper()
    bench.until_done(job)
    assert bench.on_paper() == ["A", "B"]


def test_a_power_loss_in_the_middle_leaves_what_the_counter_cannot_show_to_a_person(
    bench: Bench,
) -> None:
    bench.until_ready()
    bench.device.trip("power_off", labels=2)
    job = bench.accept(*(f"P{n}" for n in range(9)))
    bench.until(
        lambda: bench.said("Nothing answers") or bench.said("broke") or bench.said("closed")
    )
    bench.device.power_on()
    bench.until(lambda: bench.store.job(job).counts.queued == 0 and not on_the_way(bench, job))
    states = bench.states(job)
    printed = [f"P{n}" for n, state in enumerate(states) if state == "printed"]
    assert set(printed) <= set(bench.on_paper())
    assert set(states) == {"printed", "uncertain"}
    assert bench.store.job(job).state == "needs_attention"


def on_the_way(bench: Bench, job: int) -> int:
    counts = bench.store.job(job).counts
    return counts.sending + counts.sent


def test_a_connection_that_breaks_loses_and_doubles_nothing(bench: Bench) -> None:
    bench.until_ready()
    bench.device.reset_connection_at(1500)
    job = bench.accept("R1", "R2", "R3", "R4")
    bench.until_done(job)
    assert bench.on_paper() == ["R1", "R2", "R3", "R4"]


def test_a_full_disk_in_the_middle_loses_and_doubles_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.until_ready()
    serials = [f"SN-{n}" for n in range(20)]
    bench.device.trip("pause", labels=2)
    job = bench.accept(*serials)
    bench.until_said("The printer is paused.")

    def refuse(printer: int, steps: object) -> frozenset[int]:
        raise DiskFull("The disk of /srv is full; free some space and send the request again.")

    with monkeypatch.context() as full:
        full.setattr(bench.store, "record", refuse)
        bench.device.resume()
        bench.until_said("The disk of /srv is full")
    bench.until(lambda: bench.states(job) == ["printed"] * 20)
    assert sorted(bench.on_paper()) == sorted(serials)


def test_a_printer_that_falls_silent_is_waited_for(bench: Bench) -> None:
    bench.until_ready()
    bench.device.mute()
    job = bench.accept("M1")
    bench.until_said("The printer does not answer.")
    bench.device.mute(False)
    bench.until_done(job)
    assert bench.on_paper() == ["M1"]


def test_a_pause_keeps_the_connection_and_leaves_no_label_on_its_way_in_doubt(bench: Bench) -> None:
    bench.stop()
    presses: list[Press] = []

    def press_for(printer: Printer, report: Callable[[int, PrinterStatus], None]) -> Press:
        presses.append(bench.press(printer, report))
        return presses[-1]

    room = PrintRoom(press_for, lambda printer, status, before: bench.report(0, status))
    room.start([bench.printer])
    try:
        # It stands still with labels in it, so that the pause comes before the last of them.
        bench.device.trip("pause", labels=2)
        job = bench.accept(*(f"Z{n}" for n in range(14)))
        room.wake(bench.printer.id)
        bench.until_said("The printer is paused.")
        room.put(replace(bench.printer, paused=True, version=2))
        bench.device.resume()
        bench.until(lambda: on_the_way(bench, job) == 0 and bench.said("Paused."))
        counts = bench.store.job(job).counts
        assert counts.printed + counts.queued == 14
        assert counts.queued > 0
        room.put(replace(bench.printer, version=3))
        bench.until_done(job)
        room.put(replace(bench.printer, media=Media(Um(100_000), Um(60_000)), version=4))
        assert len(presses) == 1, "other stock is no other device"
        room.put(replace(bench.printer, evidence="none", version=5))
        assert len(presses) == 2
    finally:
        room.stop()
    assert bench.on_paper() == [f"Z{n}" for n in range(14)]


def turn_until(press: Press, true: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ends
        press.turn()


def test_a_label_that_comes_by_the_open_place_of_a_paused_printer_waits(bench: Bench) -> None:
    bench.stop()
    press = bench.press()
    turn_until(press, lambda: bench.printer.id in bench.store._openings)
    press.printer = replace(bench.printer, paused=True)
    job = bench.accept("Q1")
    assert bench.store.job(job).state == "printing"  # it found the place open
    press.turn()
    assert bench.states(job) == ["queued"]
    press.printer = bench.printer
    turn_until(press, lambda: bench.store.job(job).state == "done")
    press.close()
    assert bench.on_paper() == ["Q1"]


def test_a_printer_that_is_out_of_paper_when_it_is_greeted_is_stopped_and_not_gone(
    bench: Bench,
) -> None:
    bench.stop()
    bench.database.run(lambda t: bench.store.forget_learned(t, 1))
    with VirtualPrinter("till", language="escpos", speed_mm_s=0, width_mm=72) as till:
        till.paper_out()
        statuses: list[PrinterStatus] = []
        told = threading.Event()

        def report(_: int, status: PrinterStatus) -> None:
            statuses.append(status)
            if status.condition in ("stopped", "ready"):
                told.set()

        printer = replace(bench.printer, url=till.url, language="escpos", model="")
        thread = PrinterThread(bench.press(printer, report))
        thread.start()
        try:
            assert told.wait(PATIENCE)
            assert [status.condition for status in statuses][-1:] == ["stopped"]
            assert [problem.kind for problem in statuses[-1].problems] == ["paper_out"]
            told.clear()
            till.load_paper()
            while statuses[-1].condition != "ready":
                assert told.wait(PATIENCE)
                told.clear()
            assert statuses[-1].proof == "print_end"
        finally:
            thread.stop()
            thread.join()


def test_every_trouble_that_spoils_labels_is_one_that_printers_have() -> None:
    assert PROBLEMS.keys() >= SPOILS
    assert all(PROBLEMS[kind].stops for kind in SPOILS)


def test_a_printer_that_proves_nothing_but_says_that_paper_is_out_is_sent_nothing_until_it_is_in(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway.drivers.virtual.escpos.interpreter import Interpreter

    monkeypatch.setattr(Interpreter, "reports", False)
    monkeypatch.setattr(Interpreter, "answers_in_turn", False)
    monkeypatch.setattr(printing, "IDLE_LOOK", 0.2)
    bench.stop()
    bench.database.run(lambda t: bench.store.forget_learned(t, 1))
    with VirtualPrinter("till", language="escpos", speed_mm_s=0, width_mm=100) as till:
        printer = replace(bench.printer, url=till.url, language="escpos", model="")
        bench.thread = PrinterThread(bench.press(printer))
        first = bench.accept(
            "N0"
        )  # a printer that proves nothing is connected to when it is needed
        bench.thread.start()
        bench.until_done(first)
        assert [label.evidence for label in bench.labels(first)] == ["none"]
        till.paper_out()
        bench.until(lambda: bench.statuses[-1].condition == "stopped")
        job = bench.accept("N1")
        before = till.received
        bench.until(lambda: len(bench.statuses) > 0 and bench.store.job(job).counts.queued == 1)
        till.load_paper()
        bench.until_done(job)
        assert bench.statuses[-1].proof == "sent"
        assert till.wait_printed(2, timeout=PATIENCE)
        assert till.received > before
        bench.thread.stop()
        bench.thread.join()
