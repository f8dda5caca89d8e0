from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.dialect import Place
from gateway.store.engine import Database
from tests.stations.desk import Desk


@pytest.fixture
def desk(place: Place, tmp_path: Path) -> Iterator[Desk]:
    with Database.open(place, tmp_path) as database:
        yield Desk(database)
