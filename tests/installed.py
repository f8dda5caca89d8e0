"""The product as it is installed: the wheel in an environment of its own, its daemon a process.

``GATEWAY_PICTURES=docs/screens pytest tests/walks tests/editor`` writes the pictures of the
documents anew.
"""

from __future__ import annotations

import functools
import os
import signal
import site
import socket
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from tests.console.screen import Screen
    from tests.console.station import StationPage

ROOT = Path(__file__).resolve().parents[1]

STARTS_WITHIN = 60.0
"""Seconds; a busy machine with two cores needs a few."""

PICTURES = os.environ.get("GATEWAY_PICTURES", "")


@functools.cache
def install(folder: Path) -> Path:
    """Return the command of a wheel of this tree, installed beside this environment's libraries.

    The same folder has the same command: whoever runs tests makes it once.
    """
    folder = folder / "installed"
    folder.mkdir()
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir",
         str(folder), str(ROOT)],
        check=True,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    home = folder / "venv"
    venv.create(home, with_pip=False)
    scripts = home / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run(
        [*pip, "--python", str(scripts / "python"), "install", "--quiet", "--no-deps",
         "--no-index", str(wheel)],
        check=True,
    )  # fmt: skip
    (packages,) = home.rglob("site-packages")
    (packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()))
    return scripts / "label-gateway"


class Running:
    """A daemon of the installed product on a data directory of its own, at one address."""

    def __init__(self, program: Path, folder: Path, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.folder = folder
        self._program = program
        self._environment = {
            "HOME": str(folder), "PATH": os.environ["PATH"], "PYTHONUTF8": "1",
            "GATEWAY_DATA_DIR": str(folder / "data"), "GATEWAY_LISTEN": f"127.0.0.1:{port}",
            "GATEWAY_URL": self.url, **settings,
        }  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None
        self.web = httpx.Client(base_url=self.url, trust_env=False, timeout=30)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        folder = self.folder / "work"
        folder.mkdir(exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, "run"], cwd=folder, env=self._environment, stdout=log, stderr=log
            )
        until = time.monotonic() + STARTS_WITHIN
        while True:
            try:
                if self.web.get("/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            assert self._process.poll() is None, (self.folder / "log").read_text("utf-8")
            assert time.monotonic() < until, "the daemon did not start"
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a power cut does."""
        self._end(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)

    def stop(self) -> None:
        """End it as a person does."""
        self._end(signal.SIGTERM)

    def close(self) -> None:
        """End it for good."""
        self.stop()
        self.web.close()

    def _end(self, how: int) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def command(self, *arguments: str) -> str:
        """Return what a command of the installed program says."""
        done = subprocess.run(
            [self._program, *arguments], env=self._environment, capture_output=True, text=True,
            cwd=self.folder, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


def keep_picture(screen: Screen | StationPage, name: str) -> None:
    """Keep a page's picture for the documents, when they are written."""
    if PICTURES:
        folder = ROOT / PICTURES
        folder.mkdir(parents=True, exist_ok=True)
        # Hiding the caret would put a style into the page, which its own policy forbids.
        screen.page.screenshot(path=folder / f"{name}.png", caret="initial")
