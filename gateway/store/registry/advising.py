"""What a refusal may say besides: a serial that is free, or one that the given may have meant.

serial_on_hand, serial_in_custody ──► facts.suggestion: the item's next number that nobody has
serial_unknown ──► facts.similar: serials that look like it. Both are shown, and never taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from gateway.errors import InputRefused
from gateway.registry.numbering import Pattern, take
from gateway.registry.refusals import Offence
from gateway.registry.serial_text import Case, key_of
from gateway.registry.suggestions import neighbours
from gateway.store.registry.lives import CHUNK, Run, chunks, lives_by_key

MOST = 20
"""Offenders that get advice; the others of a long list are read by nobody."""

MOST_SIMILAR = 5

HERE = ("serial_on_hand", "serial_in_custody")


def advised(
    run: Run,
    offences: Sequence[Offence],
    numbering: Mapping[str, tuple[int, Pattern | None, Case]],
    given: Sequence[str],
) -> list[Offence]:
    """Return the offences with advice; ``numbering`` is by SKU, ``given`` are not suggested."""
    free: dict[str, Iterator[str]] = {}
    typed: dict[Case, set[str]] = {}
    found: list[Offence] = []
    for offence in offences[:MOST]:
        sku = offence.facts.get("item")
        if offence.code in HERE and isinstance(sku, str) and sku in numbering:
            if sku not in free:
                count = sum(one.code in HERE for one in offences[:MOST])
                item, pattern, case = numbering[sku]
                if case not in typed:
                    typed[case] = {key_of(serial, case) for serial in given}
                free[sku] = iter(_free(run, count, item, pattern, case, typed[case]))
            more: dict[str, object] = {"suggestion": next(free[sku], None)}
            detail = offence.detail
        elif offence.code == "serial_unknown":
            alike = similar(run, offence.subject)
            more = {"similar": alike}
            meant = f" Did you mean {' or '.join(alike)}?" if alike else ""
            detail = offence.detail + meant
        else:
            found.append(offence)
            continue
        found.append(replace(offence, detail=detail, facts={**offence.facts, **more}))
    return [*found, *offences[MOST:]]


def _free(
    run: Run, count: int, item: int, pattern: Pattern | None, case: Case, typed: set[str]
) -> tuple[str, ...]:
    if pattern is None:
        return ()

    def used(keys: Sequence[str]) -> set[str]:
        return {*lives_by_key(run, item, keys), *typed.intersection(keys)}

    try:
        return take(pattern, count, used, case)[0]
    except InputRefused:  # the numbers have run out: then there is none to suggest
        return ()


def similar(run: Run, code: str) -> list[str]:
    """Return serials that there are and that ``code`` may have been meant to be; at most five."""
    keys = [key for key in neighbours(key_of(code.strip(), "fold")) if "\0" not in key]
    found: dict[str, None] = {}
    for part in chunks(keys, min(len(keys), CHUNK) or 1):
        marks = ", ".join("?" * len(part))
        rows = run(f"SELECT serial_key, serial FROM life WHERE serial_key IN ({marks})", part)
        there: dict[str, str] = dict(rows)
        for key in part:  # the likeliest slip first
            if key in there:
                found[there[key]] = None
    return list(found)[:MOST_SIMILAR]
