"""What moves up when a text that prints nothing gives its place away.

The rule, for every element E. *Above* E is what ends at or above E's top edge and shares a column
with E, both as the template places them. *Directly above* is what is above and has nothing that is
above E begin below it: the last line before E. Then

- E goes as far up as what stands directly above it went;
- a text directly above that collapsed lets E go further, by the distance from its own top edge to
  that of the next thing below it, its height and the gap: the next thing takes its place;
- of several things directly above, the one that lets E go least far decides: what is below a
  caption and its value moves when both are gone;
- to anything above that stands, E comes no nearer than the line that followed it was;
- with nothing above it E stays, and so do commands of a printer: they say where they draw.

An element that prints nothing without ``collapse`` keeps its place like any other. What overlaps
in the template (a frame around lines of text) is neither above nor below, and the frame stays as
large as it was. Which of two is above is decided in µm, so it is the same on every print head; how
far is counted in dots, so that what moves stands where the other would have stood, to the dot.

>>> lines = [Area(0, 0, 50, 10), Area(0, 12, 50, 22), Area(0, 24, 30, 34), Area(40, 24, 50, 34)]
>>> Column(lines, lines).moves({1})
(0, 0, 12, 12)
>>> Column(lines, lines).moves({0, 1})
(0, 12, 24, 24)
>>> Column(lines, lines).moves({2})
(0, 0, 0, 0)
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from typing import NamedTuple


class Area(NamedTuple):
    """A rectangle of the label, right and bottom edge not included."""

    left: int
    top: int
    right: int
    bottom: int


class _Above(NamedTuple):
    element: int
    directly: bool
    room: int
    """Dots that the element may come nearer to this one while it stands."""


class Column:
    """The elements of a template by what is above what."""

    def __init__(
        self, places: Sequence[Area], dots: Sequence[Area], stay: Collection[int] = ()
    ) -> None:
        """Take each element's place in µm, as it lies on the label in dots, and which stay."""
        order = sorted(range(len(places)), key=lambda i: places[i].top)
        self._order = [i for i in order if i not in stay]
        self._above: list[tuple[_Above, ...]] = []
        # Dots from an element's top to that of the next thing below it.
        self._step: dict[int, int] = {}
        for i, place in enumerate(places):
            above = [
                j
                for j in order
                if places[j].bottom <= place.top
                and places[j].left < place.right
                and place.left < places[j].right
            ]
            tops = [places[j].top for j in above]
            found = []
            for j in above:
                following = bisect_left(tops, places[j].bottom)
                directly = following == len(above)
                line = dots[i if directly else above[following]].top
                room = max(0, dots[i].top - max(line, dots[j].bottom))
                found.append(_Above(j, directly, room))
                step = max(0, dots[i].top - dots[j].top)
                self._step[j] = min(step, self._step.get(j, step))
            self._above.append(tuple(found))

    def moves(self, collapsed: Collection[int]) -> tuple[int, ...]:
        """Return how many dots each element moves up when these print nothing and collapse."""
        up = [0] * len(self._above)
        # What is above begins higher, so it is known already.
        for i in self._order:
            up[i] = min(
                (
                    up[j] + (self._step[j] if j in collapsed else room)
                    for j, directly, room in self._above[i]
                    if directly or j not in collapsed
                ),
                default=0,
            )
        return tuple(up)
