"""The viewer's files: all from here, nothing inline, nothing that a name from outside reaches."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

import httpx
import pytest

from gateway.console.files import FILES

if TYPE_CHECKING:
    from tests.conftest import Daemon

FOLDER = files("gateway.console") / "static"


def test_every_file_there_is_is_served_and_no_other(shared_daemon: Daemon) -> None:
    assert {entry.name for entry in FOLDER.iterdir()} == set(FILES)
    with httpx.Client(base_url=shared_daemon.url, trust_env=False) as web:
        for name, kind in FILES.items():
            answer = web.get(f"/static/{name}")
            assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
            again = web.get(f"/static/{name}", headers={"If-None-Match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
        start = web.get("/")
        assert (start.status_code, start.headers["location"]) == (302, "/viewer")
        assert "label-gateway" in web.get("/viewer").text


@pytest.mark.threat("T15")
@pytest.mark.parametrize("name", ["..%2fviewer.py", "%2e%2e/viewer.py", "viewer.py", "CON", "a%00"])
def test_a_name_from_outside_reaches_no_other_file(shared_daemon: Daemon, name: str) -> None:
    answer = httpx.get(f"{shared_daemon.url}/static/{name}", trust_env=False)
    assert answer.status_code == 404


@pytest.mark.threat("T20")
@pytest.mark.parametrize("name", sorted(FILES))
def test_nothing_is_loaded_from_elsewhere_and_nothing_is_inline(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|//[a-z]+\.|@import", text.replace("// ", ""))
    if name.endswith(".html"):
        assert not re.search(r"<style|style=|\son[a-z]+=|<script(?![^>]*src=)", text)


@pytest.mark.threat("T11")
def test_what_comes_from_outside_is_never_markup() -> None:
    script = (FOLDER / "viewer.js").read_text("utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)
