"""C1–C6: from a beep to the card on the screen, with a million serials and twenty scanners.

The daemon as people run it, with scanners on ten pseudo terminals and at ten sockets, each at a
station of its own, and one screen that hears all. Every scan is written down durably before it is
told. POSIX only; the daemon is kept on one core where that can be done (Linux).
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count, cycle, islice
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.measuring import Line, Plan, percentile, time_call
from benchmarks.processes import CannotRun, Child
from benchmarks.registry_fill import PLACES, SHIPPED, Filled, fill, opened, vendor_serial
from benchmarks.systems import System, label_gateway
from gateway.codes.commands import write_command
from gateway.codes.scanned import read_code
from gateway.stations.engine import Stations
from gateway.stations.heard import Heard
from gateway.stations.resolving import explain
from gateway.stations.station import Station
from gateway.stations.turn import Tools
from gateway.store.engine import Transaction

GUNS: Final = 20
A_SECOND: Final = 5
"""Scans of each scanner; nobody holds a scanner who is faster for long."""

RATES: Final = (200, 300, 400, 500, 600, 800, 1000, 1200)
"""Scans a second, of all scanners together, until it is too much for one core."""

LATE: Final = 20.0
"""ms that a person may wait at most, p99."""

AWAY: Final = (0.5, 3.0)
"""Seconds for which a scanner is unplugged: a loose cable, and about the worst time to come back,
just after it was looked for in vain."""

STRIDE: Final = 7919
"""A prime, so that scans come in no order and none comes again before all have been."""

WARM: Final = 10_000
"""Scans after which memory is first looked at: what is loaded and cached once is then there."""


def measure(plan: Plan) -> list[Line]:
    """Fill a registry, run the daemon on it, and scan.

    Raises:
        CannotRun: there are no pseudo terminals here, or the daemon did not hear its scanners.
    """
    if not hasattr(os, "openpty"):
        raise CannotRun("This system has no pseudo terminals.")
    serials = plan.count(1_000_000, quick=2_000)
    folder = plan.place("scanning")
    fill(folder, serials)
    lines = [*_engine(plan, folder, serials), *_in_process()]
    with label_gateway(folder, {}) as system:
        lines = [*_scan(plan, system, folder, serials), *_resolve(plan, system, serials), *lines]
    shutil.rmtree(folder, ignore_errors=True)
    return lines


def codes_of(serials: int) -> Iterator[str]:
    """Yield serials that are in stock, for ever, in no order."""
    numbers = (n * STRIDE % serials for n in count(1))
    return (vendor_serial(n) for n in numbers if n % SHIPPED)


def keep_on(child: Child, cores: set[int]) -> None:
    """Let a program, and every thread that it starts from now on, run on these cores only."""
    if sys.platform == "linux":
        for task in Path(f"/proc/{child.pid}/task").iterdir():
            os.sched_setaffinity(int(task.name), cores)


def _scan(plan: Plan, system: System, folder: Path, serials: int) -> list[Line]:
    from benchmarks.scan_floor import Floor, Shot, scan_floor  # late: pseudo terminals

    codes = codes_of(serials)
    cores = set(range(os.cpu_count() or 1))

    def steady(floor: Floor, rate: float, seconds: float) -> list[float]:
        """Return the ms of each scan at a rate, the scanners taking turns."""
        guns = cycle(range(GUNS))
        shots = (Shot(n / rate, next(guns), next(codes)) for n in count())
        return floor.shoot(islice(shots, round(rate * seconds)))

    with scan_floor(system, plan.place("guns"), GUNS) as floor:
        floor.command(write_command("MODE", "LOOKUP"))
        floor.pump(codes, plan.count(500, quick=20), 1)  # what every daemon loads with its first
        seconds = plan.count(6, quick=1)
        looked: dict[str, list[float]] = {"p50": [], "p99": [], "most": []}
        moved: dict[str, list[float]] = {"p50": [], "p99": [], "most": []}
        pinned: dict[str, list[float]] = {"p50": [], "p99": [], "cores": [], "best": []}
        at_once: list[float] = []
        fired = 0
        before = _written(folder)
        for _ in range(plan.rounds):
            _note(looked, steady(floor, GUNS * A_SECOND, seconds))
            fired += GUNS * A_SECOND * seconds

            keep_on(system.child, {0})
            used, began = system.child.processor_seconds(), time.monotonic()
            times = steady(floor, 200, seconds)
            fired += 200 * seconds
            took = time.monotonic() - began
            pinned["cores"].append((system.child.processor_seconds() - used) / took)
            pinned["p50"].append(percentile(times, 50))
            pinned["p99"].append(percentile(times, 99))
            best = 0.0
            for rate in RATES[: plan.count(len(RATES), quick=1)]:
                times = steady(floor, rate, seconds / 2)
                fired += round(rate * seconds / 2)
                if percentile(times, 99) > LATE:
                    break
                best = rate
            pinned["best"].append(best)
            keep_on(system.child, cores)

            for _ in range(plan.count(50, quick=2)):
                shots = [Shot(0.0, gun, next(codes)) for gun in range(GUNS)]
                at_once += floor.shoot(shots)
                fired += GUNS
        written = _written(folder) - before
        wrong = abs(written - fired) + floor.lost + floor.doubled + _twice(folder)
        note = f"{floor.lost} lost, {floor.doubled} told twice, {written:,} written of {fired:,}"
        for mode, code in (("MOVE", f"B-{PLACES:04d}"), ("LOOKUP", "")):
            floor.command(write_command("MODE", mode))
            if code:
                floor.command(code)
                for _ in range(plan.rounds):
                    _note(moved, steady(floor, GUNS * A_SECOND, seconds))
        lines = [
            _at_most("C1", "scan → card on a screen, 20 scanners at 5/s, p50", looked["p50"], 5,
                     note=f"{serials:,} serials; each scan durable first"),
            _at_most("C1", "scan → card on a screen, 20 scanners at 5/s, p99", looked["p99"], 20,
                     note=f"at most {max(looked['most']):.1f} ms"),
            _at_most("C1", "the same, each scan moves a piece, p50", moved["p50"], 5),
            _at_most("C1", "the same, each scan moves a piece, p99", moved["p99"], 20,
                     note=f"at most {max(moved['most']):.1f} ms"),
            Line("C2", "200 scans a second on one core: processor", median(pinned["cores"]),
                 "cores", wanted="1 core", reached=median(pinned["cores"]) < 1,
                 rounds={"ours": pinned["cores"]},
                 note=f"p50 {median(pinned['p50']):.1f} ms, p99 {median(pinned['p99']):.1f} ms"),
            Line("C2", "most scans a second on one core, p99 within 20 ms",
                 median(pinned["best"]), "/s", wanted="200/s",
                 reached=median(pinned["best"]) >= 200, rounds={"ours": pinned["best"]},
                 note=f"tried up to {RATES[-1]:,}/s"),
            Line("C3", "scans lost, told twice or not written, 20 scanners at once", wrong,
                 wanted="0", reached=not wrong,
                 note=f"{note}; p99 at once {percentile(at_once, 99):.1f} ms"),
            Line("C3", "scans that came without what they mean", floor.unresolved,
                 wanted="0", reached=not floor.unresolved),
        ]  # fmt: skip
        lines += _unplug(plan, floor, codes)
        lines += _age(plan, floor, codes)
    return lines


def _note(figures: dict[str, list[float]], times: list[float]) -> None:
    figures["p50"].append(percentile(times, 50))
    figures["p99"].append(percentile(times, 99))
    figures["most"].append(max(times))


def _at_most(
    goal: str, what: str, figures: list[float], most: float, unit: str = "ms", note: str = ""
) -> Line:
    ours = median(figures)
    return Line(goal, what, ours, unit, wanted=f"{most:g} {unit}", reached=ours <= most, note=note,
                rounds={"ours": list(figures)})  # fmt: skip


def _written(folder: Path) -> int:
    """Return how many scans the database has."""
    return _one(folder, "SELECT count(*) FROM scan")


def _twice(folder: Path) -> int:
    """Return how many scans a scanner is said to have made that it made once before."""
    return _one(folder, "SELECT count(*) - count(DISTINCT scanner || ' ' || code) FROM scan "
                        "WHERE scanner IS NOT NULL AND code NOT LIKE 'GWC-%'")  # fmt: skip


def _one(folder: Path, query: str) -> int:
    with closing(sqlite3.connect(f"file:{folder / 'gateway.db'}?mode=ro", uri=True)) as database:
        return int(database.execute(query).fetchone()[0])


def _unplug(plan: Plan, floor: object, codes: Iterator[str]) -> list[Line]:
    """Measure what is noticed when a scanner goes, and when it comes back."""
    from benchmarks.scan_floor import Floor, Shot, name_of

    assert isinstance(floor, Floor)
    lines = []
    for first, what in ((0, "serial line"), (1, "network")):
        gone: list[float] = []
        back: dict[float, list[float]] = {away: [] for away in AWAY}
        for turn in range(plan.count(max(2, plan.rounds), quick=1)):
            for number, away in enumerate(AWAY[: plan.count(len(AWAY), quick=1)]):
                gun = first + 2 * ((turn * len(AWAY) + number) % (len(floor.guns) // 2))
                began = time.monotonic_ns()
                floor.guns[gun].unplug()
                gone.append((floor.wait_for("scanner.lost", gun, 30) - began) / 1e9)
                time.sleep(away)
                began = time.monotonic_ns()
                floor.guns[gun].plug()
                floor.wait_for("scanner.connected", gun, 30)
                if not floor.shoot([Shot(0.0, gun, next(codes))]):
                    raise CannotRun(f"{name_of(gun)} was heard no more.")
                back[away].append((time.monotonic_ns() - began) / 1e9)
        lines.append(_at_most("C4", f"a scanner's {what} is cut → its event", gone, 1, "s"))
        lines += [
            _at_most("C5", f"its {what} is back after {away:g} s → its first card", times, 2, "s",
                     note="tried by time alone: no cable of the computer moves here")
            for away, times in back.items() if times
        ]  # fmt: skip
    return lines


def _age(plan: Plan, floor: object, codes: Iterator[str]) -> list[Line]:
    """Scan for what are months at one station; return what it did to memory."""
    from benchmarks.scan_floor import Floor

    assert isinstance(floor, Floor)
    child = floor.system.child
    most, warm = plan.count(100_000, quick=200), plan.count(WARM, quick=50)
    floor.pump(codes, warm, 4)
    before = child.resident()
    took = floor.pump(codes, most, 4)
    after = child.resident()
    return [
        Line("C6", f"memory that {most:,} scans add", after - before, "MB", wanted="5 MB",
             reached=after - before <= 5, note=f"{before:.0f} MB before, {after:.0f} MB after"),
        Line("", "scans a second, each scanner 4 ahead of its answers", most / took, "/s",
             note="both cores, the scanners and the screen among them"),
    ]  # fmt: skip


def _resolve(plan: Plan, system: System, serials: int) -> list[Line]:
    """Measure a code explained to a program."""
    codes = codes_of(serials)
    figures: list[float] = []
    tails: list[float] = []
    with closing(http.client.HTTPConnection("127.0.0.1", system.port, timeout=30)) as web:
        for _ in range(plan.rounds):
            times = []
            for code in islice(codes, plan.count(500, quick=20)):
                began = time.perf_counter()
                web.request("POST", "/v1/scans/resolve", json.dumps({"code": code}),
                            {"Content-Type": "application/json"})  # fmt: skip
                said = json.loads(web.getresponse().read())
                times.append((time.perf_counter() - began) * 1000)
                assert [one["name"] for one in said["candidates"]] == [code]
            figures.append(percentile(times, 50))
            tails.append(percentile(times, 99))
    return [
        Line("", "a code explained over HTTP, p50", median(figures), "ms",
             rounds={"ours": figures}, note=f"p99 {median(tails):.2f} ms"),
    ]  # fmt: skip


class NoLabels:
    """A printer of serial labels for a station that has none."""

    def __call__(self, *_: object, **__: object) -> str:
        raise AssertionError("nothing is printed here")

    def knows(self, template: str) -> bool:
        return False


def _engine(plan: Plan, folder: Path, serials: int) -> list[Line]:
    """Measure a scan from its text to its durable answer, without devices and listeners."""
    codes = codes_of(serials)
    taken: list[float] = []
    explained: list[float] = []
    with opened(folder, serials) as filled:
        stations = _stations(filled)
        reader = filled.database.reader()
        for _ in range(plan.rounds):
            for figures, call in (
                (taken, lambda code: stations.take(Heard(code, station=1, actor="benchmark"))),
                (explained, lambda code: explain(reader, stations, None, code, "")),
            ):
                times = []
                for code in islice(codes, plan.count(1_000, quick=20)):
                    began = time.perf_counter()
                    call(code)
                    times.append((time.perf_counter() - began) * 1000)
                figures.append(percentile(times, 50))
    return [
        Line("", "a scan looked up, written and durable, in process, p50", median(taken), "ms",
             rounds={"ours": taken}),
        Line("", "a code explained, in process, p50", median(explained), "ms",
             rounds={"ours": explained}),
    ]  # fmt: skip


def _stations(filled: Filled) -> Stations:
    """Return the engine on a registry, with one station."""
    number = filled.database.run(_station)
    station = Station(number, "bench")
    return Stations(
        filled.database, Tools(filled.registry, NoLabels()), lambda _: station,
        lambda *_: False, lambda *_: "",
    )  # fmt: skip


def _station(t: Transaction) -> int:
    t.allot("station", 1)
    t.execute("INSERT INTO station (id, name, created_at, changed_at) VALUES (1, 'bench', 0, 0)")
    return 1


def _in_process() -> list[Line]:
    """Measure what a code says, beside the library that has the table of identifiers."""
    import biip

    plain, gs1 = "0109501101530003", "0109501101530003" + "10AB-1\x1d21SN-7"
    lines = []
    for what, text, aim in (("a plain code", plain[2:], "]C0"), ("a GS1 code", gs1, "]C1")):
        assert read_code(text, aim).text == text
        ours = time_call(lambda _, text=text, aim=aim: read_code(text, aim), 2_000)  # type: ignore[misc]
        theirs = time_call(lambda _, text=text, aim=aim: biip.parse(aim + text), 2_000)  # type: ignore[misc]
        lines.append(Line("", f"what {what} says", ours, "ms", "biip", theirs, theirs / ours))
    return lines
