"""R2: a whole label's ink as the ASCII that ZPL printers take, against the ``zpl`` package.

Both get the same packed rows. The virtual printer's own decoder says that both mean the same ink.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from benchmarks.drawing import HEIGHT, WIDTH, draw_ours
from benchmarks.measuring import Line, Plan, faster, interleave, time_call
from gateway.drivers.languages.graphics import run_lengths, zlib_base64
from gateway.drivers.virtual.zpl.graphics import decode_text

STRIDE = WIDTH // 8


def compress_by_zpl(ink: bytes) -> bytes:
    """Return the ink as the ``zpl`` package writes it."""
    from zpl.utils import compress_zpl_data

    return bytes(compress_zpl_data(ink.hex().upper()), "ascii")


def compress_ours(ink: bytes) -> bytes:
    """Return the ink as run lengths."""
    return run_lengths(ink, STRIDE)


def measure(plan: Plan) -> list[Line]:
    """Measure time and bytes of run lengths and of Z64."""
    inks = [draw_ours(700_000 + n).ink for n in range(plan.count(10, quick=2))]
    ways = {"run lengths": compress_ours, "zpl": compress_by_zpl, "Z64": zlib_base64}
    sizes: dict[str, float] = {}
    for name, way in ways.items():
        texts = [way(ink) for ink in inks]
        for ink, text in zip(inks, texts, strict=True):
            if decode_text(text, stride=STRIDE, rows=HEIGHT) != ink:
                raise AssertionError(f"what {name} wrote is another picture")
        sizes[name] = median(map(len, texts))

    def timed(way: Callable[[bytes], bytes]) -> Callable[[], float]:
        return lambda: time_call(lambda n: way(inks[n]), len(inks))

    figures = interleave(plan.rounds, {name: timed(way) for name, way in ways.items()})
    size = sizes["run lengths"]
    of_theirs = size / sizes["zpl"]
    return [
        faster(
            "R2", "label as run lengths, pixel-equal", "ms", figures["run lengths"],
            "zpl package", figures["zpl"], wanted=20,
        ),
        Line(
            "R2", "its bytes", size, "B", "zpl package", sizes["zpl"], 1 / of_theirs,
            "2.5 ×", of_theirs <= 0.4,
        ),
        faster(
            "R2", "label as Z64, pixel-equal", "ms", figures["Z64"],
            "zpl package", figures["zpl"],
        ),
        Line(
            "R2", "its bytes", sizes["Z64"], "B", "zpl package", sizes["zpl"],
            sizes["zpl"] / sizes["Z64"],
        ),
    ]  # fmt: skip
