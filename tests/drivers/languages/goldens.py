"""Whole labels as bytes, kept in ``golden/<language>``: what changes there changes on paper.

A test compares; ``GOLDENS=write`` in the environment writes what is new or changed, and a person
looks at the difference before it is committed. Text languages keep ``.txt``, so that the difference
can be read.
"""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def check_golden(language: str, name: str, payload: bytes, kind: str = "bin") -> None:
    """Compare a label's bytes with its golden; ``kind`` is ``bin`` or ``txt``."""
    path = FOLDER / language / f"{name}.{kind}"
    if os.environ.get("GOLDENS") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != payload:
            path.write_bytes(payload)
        return
    how = "look at what changed and run the tests with GOLDENS=write"
    assert path.exists(), f"{path.name} does not exist; {how}"
    assert path.read_bytes() == payload, f"{path.name} is not what is sent now; {how}"
