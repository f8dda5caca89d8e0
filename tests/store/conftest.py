"""A database of the test's own: the migrated one, copied, because migrating takes half a second."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.printers import Media
from gateway.store.engine import Database
from gateway.store.printers import PrinterSettings
from gateway.units import Um, parse_density

SETTINGS = PrinterSettings(
    "tcp://127.0.0.1:9100", "zpl", parse_density(8), Media(Um(100_000), Um(50_000))
)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "gateway.db"
    Database.open(path).close()
    return path


@pytest.fixture
def fresh(migrated: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "gateway.db"
    shutil.copy(migrated, path)
    with Database.open(path) as opened:
        yield opened
