"""Two computers with a daemon each, and what a person asks of them: for tests of moving."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from tests.campaign.processes import PATIENCE, DaemonProcess

MEDIA = {"width": 100_000, "height": 50_000}


class Site:
    """A daemon on a computer of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.daemon = DaemonProcess(folder)
        self.web = httpx.Client(base_url=self.daemon.url, trust_env=False, timeout=PATIENCE)

    def ask(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        """Ask for something that is granted; return the answer."""
        answer = self.web.request(method, f"/v1{path}", json=body, **more)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None

    def refused(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Ask for something that is refused; return the problem."""
        answer = self.web.request(method, f"/v1{path}", json=body)
        assert not answer.is_success, f"{method} {path}: {answer.text}"
        problem: dict[str, Any] = answer.json()
        return problem

    def sure(self, path: str) -> Any:
        """Ask for something that asks back, and say yes."""
        asked = self.refused("POST", path, {})
        assert (asked["status"], len(asked["facts"]["consequences"])) == (428, 3)
        return self.ask("POST", path, {"confirm": asked["facts"]["token"]})

    def wait(self, what: str, so: Callable[[], bool]) -> None:
        """Wait until something is so; the daemon may start anew meanwhile."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                if so():
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"{what} did not come:\n{self.daemon.log()}")

    def work(self, started: dict[str, str]) -> dict[str, Any]:
        """Return what came of a long work."""
        work: dict[str, Any] = {}

        def ended() -> bool:
            work.update(self.ask("GET", f"/works/{started['work']}"))
            return work["ended_at"] is not None

        self.wait("the end of a work", ended)
        return work

    def labels(self, job: str) -> dict[str, int]:
        """Return the states of a job's labels."""
        found = self.ask("GET", f"/jobs/{job}/labels?limit=100")["items"]
        return dict(Counter(label["state"] for label in found))

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the command line."""
        environment = {
            **os.environ, "GATEWAY_URL": self.daemon.url,
            "GATEWAY_DATA_DIR": str(self.folder / "data"),
        }  # fmt: skip
        return subprocess.run(
            [sys.executable, "-m", "gateway", *words], env=environment, capture_output=True,
            text=True, check=False,
        )  # fmt: skip

    def close(self) -> None:
        self.web.close()
        if self.daemon._process is not None and self.daemon._process.poll() is None:
            self.daemon.stop()
