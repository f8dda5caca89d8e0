"""S1–S6: the serial registry with a million serials in it, or ten million (``--full``).

In process: what a scan, a delivery and a page of a list cost below HTTP. Every write is durable
(WAL, ``synchronous=FULL``) when its clock stops.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from random import Random
from statistics import median
from typing import Final

from benchmarks.measuring import Line, Plan, percentile
from benchmarks.registry_fill import (
    CALL,
    ITEMS,
    SUPPLIERS,
    Filled,
    fill,
    item_of,
    opened,
    receipt,
    vendor_serial,
)
from gateway.registry.lives import Action
from gateway.registry.refusals import RegistryRefused
from gateway.store.registry import stock_view
from gateway.store.registry.acting import Act, Target
from gateway.store.registry.resolving import resolve_exact
from gateway.store.registry.searching import Wanted, find_serials
from gateway.store.registry.serials import serials_by_id

PAGE: Final = 100
"""Serials on a page."""

LISTS: Final = (
    ("all", Wanted()),
    ("in stock", Wanted(states=("received", "committed"))),
    ("shipped", Wanted(states=("shipped",))),
    ("of an item", Wanted(item=7)),
    ("of an item, in stock", Wanted(item=7, states=("received", "committed"))),
    ("at a bin", Wanted(place=77)),
    ("inside a site", Wanted(place=3, inside=True)),
    ("a customer's", Wanted(customer=SUPPLIERS + 1)),
    ("a supplier's", Wanted(supplier=3)),
    ("a supplier's of an item", Wanted(supplier=1, item=9)),
    ("by their first letters", Wanted(prefix="C2")),
    ("received since 1970", Wanted(received_from=0)),
    ("whose warranty ends", Wanted(warranty_before="2999-01-01")),
    ("held: none is", Wanted(held=True)),
    ("a customer's of an item at a bin: none is", Wanted(customer=SUPPLIERS + 1, item=9, place=88)),
)  # fmt: skip
"""Lists that people look at, and one that finds nothing."""


def measure(plan: Plan) -> list[Line]:
    """Fill a registry once and measure each round on it."""
    serials = plan.count(1_000_000, quick=2_000, full=10_000_000)
    call = plan.count(CALL, quick=500)
    scans = plan.count(2_000, quick=20)
    folder = plan.place("registry")
    began = time.perf_counter()
    fill(folder, serials)
    filled_in = time.perf_counter() - began
    size = (folder / "gateway.db").stat().st_size / 1e6
    with opened(folder, serials) as filled:
        lines = [
            Line("", f"{serials:,} serials received, a tenth shipped", filled_in, "s",
                 note=f"{size:,.0f} MB"),
            *_look_up(plan, filled, scans), *_scan(plan, filled, scans // 2),
            *_in_bulk(plan, filled, call), *_lists(plan, filled), *_stock(plan, filled, scans),
        ]  # fmt: skip
    shutil.rmtree(folder, ignore_errors=True)
    return lines


def _times(calls: Sequence[Callable[[], object]]) -> list[float]:
    """Return the milliseconds of each call."""
    times = []
    for call in calls:
        began = time.perf_counter()
        call()
        times.append((time.perf_counter() - began) * 1000)
    return times


def _at_most(
    goal: str, what: str, figures: Sequence[float], unit: str, most: float, note: str = ""
) -> Line:
    """Return the line of a figure that must not be above another."""
    ours = median(figures)
    return Line(
        goal, what, ours, unit, wanted=f"{most:g} {unit}", reached=ours <= most, note=note,
        rounds={"ours": list(figures)},
    )  # fmt: skip


def _look_up(plan: Plan, filled: Filled, times: int) -> list[Line]:
    """Measure a scanned serial's item, place, state and customer, by the serial alone."""
    run = filled.database.reader().execute
    names = filled.registry.public_ids
    rng = Random(1)
    bare = (
        "SELECT u.id, u.state, i.sku, p.code FROM life u JOIN item i ON i.id = u.item "
        "LEFT JOIN place p ON p.id = u.place WHERE u.serial_key = ?"
    )
    found: dict[str, list[float]] = {"p50": [], "p99": [], "bare": [], "bare p99": []}
    for _ in range(plan.rounds):
        codes = [vendor_serial(rng.randrange(filled.serials)) for _ in range(times)]
        assert resolve_exact(run, names, codes[0])[0].name == codes[0]
        ours = _times([lambda code=code: resolve_exact(run, names, code) for code in codes])  # type: ignore[misc]
        floor = _times([lambda code=code: run(bare, (code.lower(),)).fetchall() for code in codes])  # type: ignore[misc]
        for key, value in (
            ("p50", percentile(ours, 50)), ("p99", percentile(ours, 99)),
            ("bare", percentile(floor, 50)), ("bare p99", percentile(floor, 99)),
        ):  # fmt: skip
            found[key].append(value)
    return [
        Line("S2", "what a scanned code means: all that is called so, p50", median(found["p50"]),
             "ms", "one SQL statement for serials alone", median(found["bare"]),
             median(found["bare"]) / median(found["p50"]), rounds={"ours": found["p50"]}),
        _at_most("S2", "what a scanned code means: all that is called so, p99", found["p99"], "ms",
                 1),
    ]  # fmt: skip


def _scan(plan: Plan, filled: Filled, times: int) -> list[Line]:
    """Measure one serial moved: found, decided, event, counters, feed, fsync."""
    rng = Random(2)
    half: list[float] = []
    most: list[float] = []
    place = 1
    for turn in range(plan.rounds):
        place = 1 + turn % 10
        numbers = [n for n in rng.sample(range(filled.serials), times) if n % CALL % 10]
        acts = [
            Act(Action.TRANSFER, [Target(vendor_serial(n))], item_of(n), place=place)
            for n in numbers
        ]
        taken = _times([lambda act=act: filled.perform(act) for act in acts])  # type: ignore[misc]
        half.append(percentile(taken, 50))
        most.append(percentile(taken, 99))
    return [
        _at_most("S1", "one serial moved, durable, p50", half, "ms", 0.5),
        _at_most("S1", "one serial moved, durable, p99", most, "ms", 2),
    ]


def _in_bulk(plan: Plan, filled: Filled, call: int) -> list[Line]:
    """Measure a delivery, the same one again, and one with ten serials that are here."""
    took: list[float] = []
    again: list[float] = []
    few: list[float] = []
    moved: list[float] = []
    for turn in range(plan.rounds):
        begin = (filled.serials // CALL + 1 + turn) * CALL
        act = receipt(range(begin, begin + call))
        began = time.perf_counter()
        done = filled.perform(act)
        took.append(time.perf_counter() - began)
        again.append(_refused(filled, act, call))
        few.append(_refused(filled, receipt(range(begin + call - 10, begin + 2 * call - 10)), 10))
        targets = [Target(life=life) for life in done.lives]
        began = time.perf_counter()
        filled.perform(Act(Action.TRANSFER, targets, place=2))
        moved.append(time.perf_counter() - began)
    wanted, word = call / CALL, f"{call:,} serials"
    return [
        _at_most("S3", f"{word} received in one call, durable", took, "s", 3 * wanted),
        _at_most("S4", f"{word} refused, every one named", again, "s", 0.5 * wanted),
        _at_most("S4", f"{word} refused for ten that are here", few, "s", 0.5 * wanted),
        Line("", f"{word} moved in one call, durable", median(moved), "s",
             rounds={"ours": moved}),
    ]  # fmt: skip


def _refused(filled: Filled, act: Act, offenders: int) -> float:
    named = 0
    began = time.perf_counter()
    try:
        filled.perform(act)
    except RegistryRefused as refusal:
        named = len(refusal.items)
    taken = time.perf_counter() - began
    assert named == offenders
    return taken


def _lists(plan: Plan, filled: Filled) -> list[Line]:
    """Measure pages of every list: the first ones and, where there are so many, the 21st."""
    run = filled.database.reader().execute
    slowest: list[float] = []
    which = ""
    for _ in range(plan.rounds):
        worst = 0.0
        for name, wanted in LISTS:
            after: Sequence[object] | None = None
            for _ in range(21):
                began = time.perf_counter()
                page = find_serials(run, wanted, after, PAGE)
                serials_by_id(run, page.lives) if page.lives else []
                taken = (time.perf_counter() - began) * 1000
                if taken > worst:
                    worst, which = taken, name
                after = page.next
                if after is None:
                    break
        slowest.append(worst)
    what = f"the slowest page of {PAGE} in {len(LISTS)} lists"
    return [_at_most("S5", what, slowest, "ms", 10, f"last round: {which}")]


def _stock(plan: Plan, filled: Filled, times: int) -> list[Line]:
    """Measure what there is of every item."""
    run = filled.database.reader().execute
    wanted = stock_view.Wanted(limit=ITEMS)
    assert len(stock_view.levels(run, wanted)) == ITEMS
    figures = [
        percentile(_times([lambda: stock_view.levels(run, wanted)] * max(5, times // 100)), 50)
        for _ in range(plan.rounds)
    ]
    return [_at_most("S6", f"the stock of {ITEMS} items, p50", figures, "ms", 2)]
