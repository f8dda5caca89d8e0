"""Lists of serials, read as the item they are for says: its mask, its case, its next number.

text, item ──read_list──► Listing: every serial, every problem, and what was generated
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Literal, cast

from gateway.registry.lifecycle import TABLE
from gateway.registry.lives import Action
from gateway.registry.numbering import Pattern, take
from gateway.registry.refusals import RegistryRefused
from gateway.registry.serial_list import Listing, parse_list
from gateway.registry.serial_text import Case
from gateway.store.registry.lives import Run, chunks

_ITEM = (
    "SELECT serial_mask, serial_case, split_space, serial_prefix, serial_next, serial_width, "
    "serial_suffix FROM item WHERE id = ?"
)
_KNOWN = "SELECT serial_key FROM life WHERE serial_key IN ({marks}) AND item = ?"
_KNOWN_ANYWHERE = "SELECT serial_key FROM life WHERE serial_key IN ({marks})"


def known_to(run: Run, item: int | None) -> Callable[[Sequence[str]], Collection[str]]:
    """Return the function that says which serial keys an item (None: any item) has or had."""

    def known(keys: Sequence[str]) -> Collection[str]:
        found: set[str] = set()
        keys = [key for key in keys if "\0" not in key]  # PostgreSQL keeps none, and takes none
        for part in chunks(list(keys), min(len(keys), 400) or 1):
            marks = ", ".join("?" * len(part))
            if item is None:
                rows = run(_KNOWN_ANYWHERE.format(marks=marks), part)
            else:
                rows = run(_KNOWN.format(marks=marks), (*part, item))
            found.update(row[0] for row in rows)
        return found

    return known


def read_list(
    run: Run,
    text: str,
    item: int | None,
    *,
    action: Action | None = None,
    expected: int | None = None,
    scanned: bool = False,
) -> Listing:
    """Return what a list says. The mask is only asked of serials that ``action`` begins.

    Raises:
        RegistryRefused: there is no such item.
    """
    known = known_to(run, item)
    if item is None:
        return parse_list(text, known=known, expected=expected, scanned=scanned)
    mask, case, split_space, pattern = _item(run, item)
    begins = action is None or None in TABLE[action].sources
    return parse_list(
        text, known=known, mask=mask if begins and mask else None, expected=expected,
        split_space=split_space, case=case, pattern=pattern, scanned=scanned,
    )  # fmt: skip


def next_serials(run: Run, item: int, count: int) -> Sequence[str]:
    """Return an item's next serials that nobody has; the item's next number stays where it is.

    Raises:
        RegistryRefused: there is no such item.
        InputRefused: it has no such many.
    """
    _, case, _, pattern = _item(run, item)
    return take(pattern, count, known_to(run, item), case)[0]


def _item(run: Run, item: int) -> tuple[str, Case, bool, Pattern]:
    for mask, case, split, prefix, next_, width, suffix in run(_ITEM, (item,)):
        pattern = Pattern(prefix, next_, width, suffix)
        return mask, cast(Literal["fold", "exact"], case), bool(split), pattern
    raise RegistryRefused("item_unknown", f"There is no item number {item}.", item=item)
