"""What tests of many parts share: their order, and a whole gateway on a free port."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from gateway.app import Gateway as RunningGateway
    from gateway.config import Settings
    from gateway.store.dialect import Place
    from tests.postgres import PostgresServer

# How long a drawn case takes is the machine's business, and two cores are shared. The cases are the
# same each time, so that a change is judged by what it changed; other ones are searched for with
# GATEWAY_SEARCH=1 pytest.
SEARCHING = "GATEWAY_SEARCH" in os.environ
hypothesis.settings.register_profile("gateway", deadline=None, derandomize=not SEARCHING)
hypothesis.settings.load_profile("gateway")

STARTS_WITHIN = 120.0
"""Seconds; a busy machine with two cores needs a few."""


@dataclass(frozen=True, slots=True)
class Daemon:
    """A daemon with everything a real one has: server, database, printer threads, paper."""

    url: str
    data_dir: Path
    settings: Settings
    gateway: RunningGateway

    @property
    def environment(self) -> dict[str, str]:
        """What a command of the command line finds it by."""
        return {"GATEWAY_URL": self.url, "GATEWAY_DATA_DIR": str(self.data_dir)}


@contextmanager
def run_daemon(data_dir: Path, database: Place | None = None) -> Iterator[Daemon]:
    """Run a daemon on a free port until the end of the block."""
    from gateway.app import Gateway, listen_on, server_for
    from gateway.config import Listen, Settings

    place = database or data_dir / "gateway.db"
    settings = Settings(data_dir, place, listen=Listen("127.0.0.1", 0))
    with listen_on(settings.listen) as listening, Gateway(settings) as gateway:
        answers = threading.Event()
        server = server_for(gateway, answers.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            assert answers.wait(STARTS_WITHIN), "the daemon did not start"
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            yield Daemon(url, data_dir, settings, gateway)
        finally:
            server.should_exit = True
            thread.join()


# ---------------------------------------------------------------- databases of both kinds


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database", choices=KINDS, default=KINDS[0],
        help="what the daemons of all tests keep their labels in",
    )  # fmt: skip


KINDS = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests of ``both_databases`` once with each."""
    if "database_kind" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_databases")
        kinds = KINDS if both else [metafunc.config.getoption("--database")]
        metafunc.parametrize("database_kind", kinds, indirect=True, scope="module")


@pytest.fixture(scope="module")
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database the daemon has."""
    return str(request.param)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server with nothing in it but the template of our own tables."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: label-gateway[postgres]")
    from gateway.store.migrate import migrate
    from tests.postgres import TEMPLATE, run_server

    with run_server(skip=pytest.skip) as server:
        migrate(server.create("template0", TEMPLATE), None)
        yield server


@contextmanager
def _place(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[Place]:
    if kind == "sqlite":
        yield folder / "gateway.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    borrowed = server.borrow()
    try:
        yield borrowed
    finally:
        server.give_back(borrowed)


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Where a database of the test's own is, once of each kind."""
    with _place(request, request.param, tmp_path) as found:
        yield found


# ---------------------------------------------------------------- daemons


@pytest.fixture
def daemon(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path) -> Iterator[Daemon]:
    """A daemon of the test's own."""
    data_dir = tmp_path / "data"
    with _place(request, database_kind, data_dir) as place, run_daemon(data_dir, place) as running:
        yield running


@pytest.fixture(scope="module")
def shared_daemon(
    request: pytest.FixtureRequest, database_kind: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Daemon]:
    """A daemon that the tests of one module share; what they do must not disturb each other."""
    data_dir = tmp_path_factory.mktemp("shared") / "data"
    with _place(request, database_kind, data_dir) as place, run_daemon(data_dir, place) as running:
        yield running


@pytest.fixture
def start_daemon() -> Callable[[Path], AbstractContextManager[Daemon]]:
    """The way to start a daemon on a data directory, for tests of what outlives one."""
    return run_daemon


LATER = ("browser", "hardware", "campaign")
"""Markers of the slow groups, in the order they run after everything else."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def group(item: pytest.Item) -> int:
        return max(
            (n + 1 for n, name in enumerate(LATER) if item.get_closest_marker(name)), default=0
        )

    items.sort(key=group)
