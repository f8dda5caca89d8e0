"""Which serial a label names."""

from __future__ import annotations

from gateway.api.parts import Parts
from gateway.store.jobs import LabelRow
from gateway.store.registry.labelling import life_of_subject


def serial_of(parts: Parts, label: LabelRow) -> str | None:
    """Return the public id of the serial that a label names; None when it names none."""
    life = None if label.subject is None else life_of_subject(label.subject)
    return None if life is None else parts.registry.public_ids.write("serial", life)
