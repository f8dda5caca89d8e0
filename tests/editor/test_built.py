"""The editor that is shipped is what its source builds, and is small."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from gateway.console.files import KINDS
from tests.editor.building import SOURCE, build, copy

MOST = 60 * 1024
"""Bytes of the script when it is compressed: an old PC on a slow network loads it at once."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build of the source in a folder of its own, with exactly the packages of the lock."""
    folder = copy(tmp_path_factory.mktemp("editor"))
    build(folder)
    return folder / "static"


def test_what_is_shipped_is_what_the_source_builds_to_the_byte(built: Path) -> None:
    shipped = {path.name: path.read_bytes() for path in (SOURCE / "static").iterdir()}
    fresh = {path.name: path.read_bytes() for path in built.iterdir()}
    assert {name: len(content) for name, content in shipped.items()} == {
        name: len(content) for name, content in fresh.items()
    }
    assert shipped == fresh


def test_the_script_is_small_and_asks_nobody_else() -> None:
    script = (SOURCE / "static" / "editor.js").read_bytes()
    assert len(gzip.compress(script, 9)) < MOST
    # Names of XML namespaces are no addresses; nothing else may look like one.
    found = set(re.findall(rb"https?://[^\"'`\s]+", script))
    assert found <= {
        b"http://www.w3.org/2000/svg", b"http://www.w3.org/1998/Math/MathML",
        b"http://www.w3.org/1999/xhtml", b"http://www.w3.org/1999/xlink",
    }  # fmt: skip
    assert not re.search(rb"\beval\(|new Function\(", script)


def test_every_built_file_has_a_kind_that_is_served() -> None:
    names = {path.name for path in (SOURCE / "static").iterdir()}
    assert names == {"editor.js", "editor.css", "texts.json"}
    assert {"js", "css"} <= set(KINDS)
