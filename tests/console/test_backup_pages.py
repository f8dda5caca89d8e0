"""A file that comes by a form: whatever else the form has, and however it is cut into pieces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import httpx
import pytest

from gateway.console.backups import uploaded
from gateway.errors import Unreadable

if TYPE_CHECKING:
    from fastapi import Request

    from tests.conftest import Daemon

CONTENT = b"SQLite format 3\0 --cut\r\n-cut\r\n\xff\r\n" * 9
FORM = (
    b'--cut\r\nContent-Disposition: form-data; name="note"\r\n\r\nnot the file\r\n'
    b'--cut\r\ncontent-disposition: form-data; name="file"; filename="a.db"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n" + CONTENT + b"\r\n"
    b'--cut\r\nContent-Disposition: form-data; name="more"\r\n\r\nneither\r\n--cut--\r\n'
)


def read(form: bytes, size: int, kind: str = "multipart/form-data; boundary=cut") -> bytes:
    """Return the file of a form that comes in pieces of a size."""

    async def stream() -> AsyncIterator[bytes]:
        for start in range(0, len(form), size):
            yield form[start : start + size]

    async def whole() -> bytes:
        request = SimpleNamespace(headers={"content-type": kind}, stream=stream)
        return b"".join([piece async for piece in uploaded(cast("Request", request), "file")])

    return asyncio.run(whole())


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000, 100_000])
def test_a_file_is_whole_however_the_form_is_cut(size: int) -> None:
    assert read(FORM, size) == CONTENT


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        (b"file=a", "application/x-www-form-urlencoded"),
        (b"", ""),
        (FORM, "multipart/form-data"),
        (b"no part at all", "multipart/form-data; boundary=cut"),
    ],
)
def test_what_is_no_form_with_a_file_is_refused(form: bytes, kind: str) -> None:
    with pytest.raises(Unreadable, match="The form could not be read"):
        read(form, 10, kind)


def test_a_form_without_a_file_asks_for_one_and_nothing_stays_behind(daemon: Daemon) -> None:
    with httpx.Client(base_url=daemon.url, trust_env=False) as web:
        referer = {"referer": f"{daemon.url}/backups"}
        files = {"file": ("", b"")}
        answer = web.post("/moving/in", files=files, headers=referer)
        assert (answer.status_code, answer.headers["location"]) == (303, "/backups")
        assert "Choose the file first." in web.get("/backups").text
    assert list((daemon.data_dir / "moving").iterdir()) == []
