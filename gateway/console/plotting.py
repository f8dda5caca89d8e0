"""Plots as SVG, drawn here: bars over time, in the colours of the page, and read aloud too.

    points, series ──bars──► <svg> with a title and a description; no script, no inline style

Colours are classes (``s0`` … ``s7``) of the style sheet, so a plot is light or dark as its page.

>>> plot = bars("Labels", "2 labels", ["8", "9"], [Series("zebra", (0, 2))])
>>> plot.count("<rect"), "<title" in plot
(1, True)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT = 960, 280
LEFT, RIGHT, TOP, BOTTOM = 64, 8, 14, 32
"""Room for the axes, in the units of the drawing."""

COLOURS = 8
"""Series of their own colour; what is beyond is one more, together."""

MOST_TICKS = 12
"""Moments that are written below the bars."""


@dataclass(frozen=True, slots=True)
class Series:
    """One row of figures: a value for each point."""

    name: str
    values: Sequence[int]

    @property
    def total(self) -> int:
        """The sum of its values."""
        return sum(self.values)


def few(series: Sequence[Series], rest: str) -> list[Series]:
    """Return at most ``COLOURS`` series; those beyond are added up under the name ``rest``.

    >>> many = [Series(str(n), (n, 1)) for n in range(10)]
    >>> [one.name for one in few(many, "others")][-1], few(many, "others")[-1].values
    ('others', (24, 3))
    """
    if len(series) <= COLOURS:
        return list(series)
    kept, beyond = series[: COLOURS - 1], series[COLOURS - 1 :]
    summed = tuple(sum(values) for values in zip(*(one.values for one in beyond), strict=True))
    return [*kept, Series(rest, summed)]


def ceiling(highest: int) -> int:
    """Return a round number at or above, with four whole steps below it.

    >>> [ceiling(n) for n in (0, 3, 5, 11, 60, 999, 1001)]
    [4, 4, 8, 12, 80, 1200, 1200]
    """
    step = 1
    while True:
        for factor in (1, 2, 3, 5):
            if 4 * factor * step >= highest:
                return 4 * factor * step
        step *= 10


def bars(title: str, described: str, points: Sequence[str], series: Sequence[Series]) -> Markup:
    """Return a bar for each point, the series on top of each other.

    Args:
        title: What it shows; read aloud first.
        described: The same in a sentence with the figures that matter.
        points: What is written below each bar.
        series: Each with as many values as there are points.
    """
    heights = [sum(values) for values in zip(*(one.values for one in series), strict=True)]
    top = ceiling(max(heights, default=0))
    scale = (HEIGHT - TOP - BOTTOM) / top
    wide = (WIDTH - LEFT - RIGHT) / max(1, len(points))
    gap = min(6.0, wide * 0.2)
    drawn = [
        Markup(
            '<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">'
            "<title>{}</title><desc>{}</desc>"
        ).format(WIDTH, HEIGHT, f"{title}. {described}", title, described)
    ]
    drawn += _grid(top, scale)
    for place, point in enumerate(points):
        left, foot = LEFT + place * wide, float(HEIGHT - BOTTOM)
        for number, one in enumerate(series):
            if not (value := one.values[place]):
                continue
            high = value * scale
            foot -= high
            rect = Markup(
                '<rect class="s{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>'
            )
            named = f"{point} · {one.name}: {value}"
            x, y = _n(left + gap / 2), _n(foot)
            drawn.append(rect.format(number, x, y, _n(wide - gap), _n(high), named))
        every = -(-len(points) // MOST_TICKS)
        if place % every == 0:
            rare = "" if place % (every * 3) == 0 else " rare"  # no room for it on a phone
            text = Markup('<text class="tick{}" x="{}" y="{}">{}</text>')
            drawn.append(text.format(rare, _n(left + wide / 2), HEIGHT - 8, point))
    drawn.append(Markup("</svg>"))
    return Markup("").join(drawn)


def _grid(top: int, scale: float) -> list[Markup]:
    lines = []
    for quarter in range(5):
        value = top * quarter // 4
        y = _n(HEIGHT - BOTTOM - value * scale)
        lines.append(
            Markup(
                '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
                '<text class="value" x="{}" y="{}">{}</text>'
            ).format(LEFT, WIDTH - RIGHT, y, y, LEFT - 8, _n(float(y) + 5), value)
        )
    return lines


def _n(value: float) -> str:
    """Return a place in the drawing, no more exact than can be seen."""
    return f"{value:.1f}".removesuffix(".0")
