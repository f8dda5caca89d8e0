"""The daemon and a virtual printer as processes of their own, to be killed and commanded."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

PATIENCE = 120.0
"""Seconds for a process to be ready, on a busy machine."""


def free_port() -> int:
    """Return a loopback port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class PrinterProcess:
    """``label-gateway virtual-printer``: its paper outlives every killed daemon."""

    def __init__(
        self,
        folder: Path,
        *,
        speed: float,
        width: float = 100,
        height: float = 50,
        language: str = "zpl",
    ) -> None:
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "gateway", "virtual-printer", "--port", "0",
                "--control", "0", "--paper", str(folder), "--speed", str(speed),
                "--language", language, "--width", str(width), "--height", str(height),
            ],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        ready = json.loads(self._process.stdout.readline())
        self.url = str(ready["url"])
        self._control = httpx.Client(
            base_url=f"http://127.0.0.1:{ready['control']}", timeout=PATIENCE
        )

    def do(self, what: str, **arguments: object) -> None:
        """Switch a fault on or off."""
        answer = self._control.post("/faults", json={"do": what, **arguments})
        assert answer.status_code == 200, answer.text

    def pieces(self) -> list[dict[str, Any]]:
        """Return every piece of paper that came out."""
        found: list[dict[str, Any]] = self._control.get("/pieces").json()["items"]
        return found

    def picture(self, number: int) -> bytes:
        """Return a piece as PNG."""
        return self._control.get(f"/pieces/{number}.png").content

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self._control.get("/state").json()
        return state

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._control.close()
        self._process.terminate()
        self._process.wait(PATIENCE)
        assert self._process.stdout is not None
        self._process.stdout.close()


class DaemonProcess:
    """``label-gateway run`` on a data directory and a port that stay the same over its lives."""

    def __init__(
        self, folder: Path, *, program: Sequence[str] = ("-m", "gateway"), **environment: str
    ) -> None:
        """``program``: what Python is told to run."""
        self._program = program
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "daemon.log"
        self._environment = {
            **os.environ,
            "GATEWAY_DATA_DIR": str(folder / "data"),
            "GATEWAY_LISTEN": f"127.0.0.1:{self.port}",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start_fenced(self) -> float:
        """Start one that was moved away: it answers, and is never ready."""
        return self.start(ready=503)

    def start(self, ready: int = 200) -> float:
        """Start it; return the seconds until it answered."""
        began = time.monotonic()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._program, "run"],
                env=self._environment, stdout=log, stderr=log,
            )  # fmt: skip
        while True:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == ready:
                    return time.monotonic() - began
            if self._process.poll() is not None or time.monotonic() - began > PATIENCE:
                raise AssertionError(f"the daemon did not start:\n{self.log()}")
            time.sleep(0.02)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL: no goodbye, nothing flushed."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(PATIENCE)

    def stop(self) -> int:
        """Ask it to end; return its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(PATIENCE)

    def log(self) -> str:
        return self._log.read_text(errors="replace")[-8000:]


@contextlib.contextmanager
def running(folder: Path, **environment: str) -> Iterator[DaemonProcess]:
    """A daemon that runs inside the block, whatever happened to it meanwhile."""
    daemon = DaemonProcess(folder, **environment)
    daemon.start()
    try:
        yield daemon
    finally:
        if daemon._process is not None and daemon._process.poll() is None:
            daemon.stop()
