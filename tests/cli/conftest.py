"""A command line at hand: run a command, get its exit code and what it wrote."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from gateway.cli.program import run_program
from gateway.cli.terminal import Terminal

if TYPE_CHECKING:
    from tests.conftest import Daemon


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> Any:
        """The answer of a command with ``--json``."""
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs one command line in this process, with nothing set in the environment."""
    for name in ("CONFIG", "DATA_DIR", "LISTEN", "DATABASE", "LOG", "URL", "KEY"):
        monkeypatch.delenv(f"GATEWAY_{name}", raising=False)

    def run(*arguments: object) -> Ran:
        out, err = io.StringIO(), io.StringIO()
        words = [str(argument) for argument in arguments]
        code = run_program(words, Terminal(out, err, "--json" in words))
        return Ran(code, out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def at_daemon(shared_daemon: Daemon, command: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs one command line beside a daemon."""
    for name, value in shared_daemon.environment.items():
        monkeypatch.setenv(name, value)
    return command
