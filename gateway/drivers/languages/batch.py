"""What stays the same from label to label of one job counts as fixed, whatever the template says.

A template cannot know that all labels of a job carry the same item number. Two labels of the job
can: what stands on both, dot for dot, need not be sent twice.
"""

from __future__ import annotations

from dataclasses import replace

from gateway.label import Label


def hold_common(label: Label, other: Label) -> Label:
    """Return the label with every element fixed that is equally on ``other``, of the same job.

    >>> from gateway.label import Picture, Tile
    >>> from gateway.units import parse_density
    >>> def item(name: str, x: int) -> Picture:
    ...     return Picture(name, x, 0, 0, Tile(8, 1, b"!"), fixed=False)
    >>> one = Label(80, 8, parse_density(8), (item("name", 0), item("serial", 20)))
    >>> two = Label(80, 8, parse_density(8), (item("name", 0), item("serial", 24)))
    >>> [element.fixed for element in hold_common(two, one).elements]
    [True, False]
    """
    there = {element.id: element for element in other.elements}
    elements = tuple(
        element
        if element.fixed or there.get(element.id) != element
        else replace(element, fixed=True)
        for element in label.elements
    )
    if elements == label.elements:
        return label
    # The layout's key names the layout's own fixed ink only.
    return replace(label, elements=elements, fixed_key="")
