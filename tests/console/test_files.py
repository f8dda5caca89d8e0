"""The screens' files: all from here, nothing inline, nothing that a name from outside reaches."""

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
PAGES = files("gateway.console") / "pages"

OURS = sorted(name for name in FILES if name.endswith(".js") and name != "htmx.js")
"""The scripts that were written here."""


def test_every_file_there_is_is_served_and_no_other(shared_daemon: Daemon) -> None:
    assert {entry.name for entry in FOLDER.iterdir()} == set(FILES)
    with httpx.Client(base_url=shared_daemon.url, trust_env=False) as web:
        for name, kind in FILES.items():
            answer = web.get(f"/static/{name}")
            assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
            again = web.get(f"/static/{name}", headers={"If-None-Match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
        old = web.get("/viewer")
        assert (old.status_code, old.headers["location"]) == (301, "/printers")


@pytest.mark.threat("T15")
@pytest.mark.parametrize("name", ["..%2ffiles.py", "%2e%2e/files.py", "files.py", "CON", "a%00"])
def test_a_name_from_outside_reaches_no_other_file(shared_daemon: Daemon, name: str) -> None:
    answer = httpx.get(f"{shared_daemon.url}/static/{name}", trust_env=False)
    assert answer.status_code == 404


@pytest.mark.threat("T20")
@pytest.mark.parametrize("name", sorted(FILES))
def test_nothing_is_loaded_from_elsewhere_and_nothing_is_inline(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|//[a-z]+\.|@import", text.replace("// ", ""))


@pytest.mark.threat("T20")
@pytest.mark.parametrize("name", sorted(entry.name for entry in PAGES.iterdir()))
def test_no_page_has_a_script_or_a_style_within_it(name: str) -> None:
    text = (PAGES / name).read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*src=)", text)


@pytest.mark.threat("T11")
@pytest.mark.parametrize("name", OURS)
def test_what_comes_from_outside_is_never_markup(name: str) -> None:
    script = (FOLDER / name).read_text("utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)
