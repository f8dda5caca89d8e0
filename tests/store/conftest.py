"""A database of the test's own, once in SQLite and once in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.printers import Media
from gateway.store.dialect import Place
from gateway.store.engine import Database
from gateway.store.printers import PrinterSettings
from gateway.units import Um, parse_density

SETTINGS = PrinterSettings(
    "tcp://127.0.0.1:9100", "zpl", parse_density(8), Media(Um(100_000), Um(50_000))
)


@pytest.fixture
def fresh(place: Place, tmp_path: Path) -> Iterator[Database]:
    with Database.open(place, tmp_path) as opened:
        yield opened
