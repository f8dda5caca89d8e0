"""Child processes of a run: started, watched and ended, whatever happens.

>>> import sys
>>> with start([sys.executable, "-c", "print('ready', flush=True); input()"]) as child:
...     child.say("")
...     first_line(child)
'ready'
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

ROOT: Final = Path(__file__).resolve().parent.parent
"""Where ``python -m benchmarks.…`` finds its modules, wherever it is called from."""

TICK: Final = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
"""Parts of a second in which Linux counts processor time (proc(5), /proc/pid/stat)."""


class CannotRun(Exception):
    """Something that a measurement needs is not there; the sentence says what."""


@dataclass(frozen=True, slots=True)
class Child:
    """A running program."""

    process: subprocess.Popen[str]

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    def say(self, line: str) -> None:
        """Write a line to its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def processor_seconds(self) -> float:
        """Return the processor time it and its ended children have taken.

        Raises:
            CannotRun: it has ended, or this is not Linux.
        """
        text = self._told("stat")
        fields = text.rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / TICK

    def resident(self, *, most: bool = False) -> float:
        """Return the megabytes (10⁶) it holds in memory now, or the most it ever held.

        Raises:
            CannotRun: it has ended, or this is not Linux.
        """
        key = "VmHWM:" if most else "VmRSS:"
        for line in self._told("status").splitlines():
            if line.startswith(key):
                return int(line.split()[1]) * 1024 / 1e6
        raise CannotRun(f"Process {self.pid} has ended.")

    def _told(self, what: str) -> str:
        try:
            return Path(f"/proc/{self.pid}/{what}").read_text("ascii", "replace")
        except OSError as error:
            raise CannotRun(
                "Processor time and memory of another process are read on Linux only."
            ) from error


@contextlib.contextmanager
def start(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
    log: IO[str] | None = None,
) -> Iterator[Child]:
    """Run a program until the block ends; then close its input, interrupt it, and kill it last.

    Raises:
        CannotRun: there is no such program.
    """
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log or subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
            user=user,
            extra_groups=None if user is None else [],
        )
    except FileNotFoundError as error:
        raise CannotRun(f"{command[0]} is not installed.") from error
    with process:
        try:
            yield Child(process)
        finally:
            end(process)


def end(process: subprocess.Popen[str]) -> None:
    """Ask a process to end, and kill it when it has not after five seconds."""
    with contextlib.suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()
    if process.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.2)
    for act in (process.terminate, process.kill):
        if process.poll() is None:
            act()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(5)


def first_line(child: Child) -> str:
    """Return the next line the program writes.

    Raises:
        CannotRun: it ended without one.
    """
    assert child.process.stdout is not None
    line = child.process.stdout.readline()
    if not line:
        raise CannotRun(f"{child.process.args!r} ended without a word.")
    return line.rstrip("\n")


def wait_until(holds: Callable[[], bool], within: float, what: str, every: float = 0.005) -> None:
    """Return when ``holds()``; look every few milliseconds.

    Raises:
        CannotRun: it did not within so many seconds.
    """
    ends = time.monotonic() + within
    while not holds():
        if time.monotonic() > ends:
            raise CannotRun(f"{what} within {within:g} s.")
        time.sleep(every)


def answers(port: int) -> bool:
    """Return whether something on this machine takes connections at the port."""
    with socket.socket() as one:
        one.settimeout(1)
        return one.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """Return a port that nobody on this machine listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
