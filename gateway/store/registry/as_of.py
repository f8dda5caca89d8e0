"""Serials as they were: what a cost, a customer or an assembly was when something happened.

A life's row says what it is now, and each movement keeps what it changed as it was. So the present
and all later movements, gone through backwards, say what it was after any event.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from gateway.registry.lives import CHANGING, Life
from gateway.store.registry.lives import CHUNK, Run, chunks, lives_by_id

_LATER = (
    f"SELECT life, was FROM movement WHERE life IN ({', '.join('?' * CHUNK)}) AND event > ? "
    "AND was IS NOT NULL ORDER BY event DESC, n DESC"
)
_FIELDS = frozenset(CHANGING)


def lives_after(run: Run, event: int, ids: Sequence[int]) -> dict[int, Life]:
    """Return lives with the fields that actions change as they were just after an event.

    State and place are today's: an event's own movements say what they became.
    """
    found = lives_by_id(run, ids)
    touched = [number for number, life in found.items() if life.event > event]
    for part in chunks(touched):
        changes: dict[int, dict[str, object]] = {}
        for life, was in run(_LATER, (*part, event)):
            changes.setdefault(life, {}).update(json.loads(was))
        for life, change in changes.items():
            known = {name: value for name, value in change.items() if name in _FIELDS}
            found[life] = found[life]._replace(**known)  # type: ignore[arg-type]
    return found
