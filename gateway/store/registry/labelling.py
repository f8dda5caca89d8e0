"""A serial and its labels: the one's state follows the others', in the same transaction.

    labels of `serial:17` ──label_state_of──► life 17: none, pending, sent, printed, uncertain

The job store calls ``follow_labels`` whenever it changes labels that have a subject. A serial
whose label is uncertain is held: guards refuse to give it out, and the stock's counters say so.

>>> label_state_of([]), label_state_of(["cancelled"]), label_state_of(["printed", "queued"])
('none', 'none', 'pending')
>>> label_state_of(["printed", "uncertain", "queued"]), label_state_of(["dropped", "sent"])
('uncertain', 'sent')
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from gateway.jobs import State
from gateway.registry.lives import Life
from gateway.store.engine import Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.lives import chunks, lives_by_id
from gateway.store.registry.stock import change_stock, moved

_PREFIX = "serial:"

_WEIGHT: tuple[tuple[str, frozenset[str]], ...] = (
    ("uncertain", frozenset({State.UNCERTAIN.value})),
    ("pending", frozenset({State.QUEUED.value, State.HELD.value, State.SENDING.value})),
    ("printed", frozenset({State.PRINTED.value})),
    ("sent", frozenset({State.SENT.value})),
)
"""A serial's label state, and the labels' states that make it; the first that applies."""

_STATES = "SELECT subject, state FROM label WHERE subject IN ({marks}) GROUP BY subject, state"

TOLD = 20
"""Serials named in a feed entry."""


def subject_of(life: int) -> str:
    """Return how a label says that it is of a serial.

    >>> subject_of(17), life_of_subject("serial:17"), life_of_subject("bin:4")
    ('serial:17', 17, None)
    """
    return f"{_PREFIX}{life}"


def life_of_subject(subject: str) -> int | None:
    """Return the number of the life that a label is of; None when it is of something else."""
    return int(subject[len(_PREFIX) :]) if subject.startswith(_PREFIX) else None


def label_state_of(states: Collection[str]) -> str:
    """Return a serial's label state: the most pressing of what its labels are."""
    return next((name for name, those in _WEIGHT if not those.isdisjoint(states)), "none")


def follow_labels(t: Transaction, subjects: Iterable[str], actor: str) -> None:
    """Bring the label states of serials up to date with their labels."""
    ids = {subject: life for subject in subjects if (life := life_of_subject(subject)) is not None}
    if not ids:
        return
    states: dict[int, set[str]] = {}
    for part in [[only] for only in ids] if len(ids) == 1 else chunks(sorted(ids)):
        marks = ", ".join("?" * len(part))
        for subject, state in t.execute(_STATES.format(marks=marks), part):
            states.setdefault(ids[subject], set()).add(state)
    lives = lives_by_id(t.execute, list(ids.values()))
    pairs = [
        (life, life._replace(label_state=becomes))
        for life in lives.values()
        if (becomes := label_state_of(states.get(life.id, ()))) != life.label_state
    ]
    if not pairs:
        return
    t.executemany(
        "UPDATE life SET label_state = ? WHERE id = ?",
        [(life.label_state, life.id) for _, life in pairs],
    )
    change_stock(t, moved(pairs))
    _tell(t, pairs, actor)


def _tell(t: Transaction, pairs: Collection[tuple[Life, Life]], actor: str) -> None:
    """Tell of serials that are held because of their label, and of those that are free again."""
    for kind, serials in (
        ("serial.label_uncertain", [n.serial for _, n in pairs if n.label_state == "uncertain"]),
        ("serial.label_settled", [n.serial for w, n in pairs if w.label_state == "uncertain"]),
    ):
        if serials:
            body: dict[str, object] = {"count": len(serials), "serials": sorted(serials)[:TOLD]}
            tell(t, now(), kind, "serials", actor, body)
