"""T1 and W1: the built-in serial label as printer commands and as ink; bytes for slow lines.

Time is from the row of data to the bytes, as a printer's thread does it at the claim. Bytes are
those of a whole batch: what the printer keeps is counted once, with the first label.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from benchmarks.drawing import MOMENT, serial, timed
from benchmarks.measuring import Line, Plan, faster, interleave
from gateway.drivers.languages.batch import hold_common
from gateway.drivers.languages.page import Mode, Model, Page
from gateway.drivers.languages.zpl import encode
from gateway.label import Label
from gateway.templates.builtin import builtin_templates
from gateway.templates.layout import Design, Head, compile_template
from gateway.units import parse_density

DENSITY = parse_density(8)
KEEPS = Model("keeps", "A printer that keeps what it is told", "zpl", DENSITY, 832, "z64")
FORGETS = Model("forgets", "A printer that keeps nothing", "zpl", DENSITY, 832, "z64", keeps=False)
ITEM, NAME = "HT-9000", "Hand torque wrench 9 Nm"


def design() -> Design:
    """Return the built-in serial label for a head of 8 dots/mm."""
    return compile_template(builtin_templates()["serial-label"], Head(DENSITY, 832))


def lay_out(made: Design, number: int, *, item: bool = True) -> Label:
    """Return the n-th label, with item and name or with nothing but the serial."""
    row: dict[str, object] = {"serial": serial(number)}
    if item:
        row |= {"item": ITEM, "name": NAME}
    return made.lay_out(made.bind(row, MOMENT, {}))


def merge_by_zpl(number: int) -> bytes:
    """Return the same label in commands as the ``zpl`` package builds it, nothing escaped."""
    import zpl

    new: Any = zpl.Label  # the package has no types
    label = new(50, 100, 8)
    label.origin(5, 3)
    label.write_text(NAME, char_height=6, char_width=5.5, line_width=90)
    label.endorigin()
    label.origin(5, 10.5)
    label.write_text(ITEM, char_height=5, char_width=4.5, line_width=90)
    label.endorigin()
    label.origin(5, 17.5)
    label.draw_box(90, 0.375, thickness=0.375)
    label.endorigin()
    label.origin(10, 20)
    label.barcode_field_default(0.625, 3, 19)
    label.barcode("C", serial(number), height=152)
    label.endorigin()
    return str(label.dumpZPL()).encode()


def batch(labels: Iterable[Label], mode: Mode, model: Model) -> bytes:
    """Return all that goes over the line for a job's labels, what they share stored once."""
    held: set[str] = set()
    sent: list[bytes] = []
    first: Label | None = None
    for label in labels:
        shared = label if first is None or not model.keeps else hold_common(label, first)
        first = first or label
        page: Page = encode(shared, mode, model)
        for stored in page.needs:
            if stored.name not in held:
                held.add(stored.name)
                sent.append(stored.payload)
        sent.append(page.body)
    return b"".join(sent)


def measure(plan: Plan) -> list[Line]:
    """Measure native merging and the bytes of batches."""
    made = design()
    times = plan.count(300, quick=5)
    ready = itertools.cycle([lay_out(made, 800_000 + n) for n in range(50)])
    figures = interleave(
        plan.rounds,
        {
            "merge": timed(lambda n: encode(lay_out(made, n), "native", KEEPS), times),
            "encode": timed(lambda _: encode(next(ready), "native", KEEPS), times),
            "zpl": timed(merge_by_zpl, times),
        },
    )
    many = plan.count(1000, quick=20)
    labels = [lay_out(made, 900_000 + n) for n in range(many)]
    bare = [lay_out(made, 900_000 + n, item=False) for n in range(many)]
    stored = len(batch(labels, "native", KEEPS))
    whole = len(batch(labels, "native", FORGETS))
    by_zpl = sum(len(merge_by_zpl(900_000 + n)) for n in range(many))
    exact = len(batch(labels, "exact", KEEPS)) / many
    exact_bare = len(batch(bare, "exact", KEEPS)) / many
    return [
        faster(
            "T1", "serial label, native: row of data to commands", "ms", figures["merge"],
            "zpl package", figures["zpl"], wanted=10,
        ),
        faster(
            "T1", "of which the commands, from a label laid out", "ms", figures["encode"],
            "zpl package", figures["zpl"],
        ),
        Line(
            "W1", f"{many:,} serial labels, native, by stored formats", stored, "B",
            "the same commands in full", whole, whole / stored, "2.5 ×", stored <= 0.4 * whole,
        ),
        Line(
            "W1", f"{many:,} serial labels, native, by stored formats", stored, "B",
            "zpl package", by_zpl, by_zpl / stored,
        ),
        Line(
            "W1", "a serial label with item and name, exact, Z64", exact, "B",
            wanted="1,200 B", reached=exact <= 1200,
        ),
        Line(
            "W1", "a serial label with nothing else, exact, Z64", exact_bare, "B",
            wanted="1,200 B", reached=exact_bare <= 1200,
        ),
    ]  # fmt: skip
