"""A hundred barcodes that somebody printed to do harm, read by a scanner of a running gateway."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gateway.codes.commands import write_command
from gateway.logs import JsonLines, TextLines

if TYPE_CHECKING:
    from tests.conftest import Daemon

pytestmark = [
    pytest.mark.threat("T11"),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo terminals"),
]

SCANS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "corpus" / "hostile_scans.json").read_text()
)

SOON = 60.0
"""Seconds; all of it takes one on a machine that has nothing else to do."""

HEARD = [scan for scan in SCANS if str(scan.get("text", "-")).strip()]
"""All but the one that is nothing: a scanner that sends a blank has read no code."""

END = "~~\r"
"""What the scanner puts behind each code: nothing that one of them holds, so each is one scan."""

REAL = "A1234"
"""A serial that is here; most of the hundred name it, with something around it or inside."""


def sent(scan: dict[str, Any]) -> bytes:
    """Return the bytes that a scanner sends for one of the hundred."""
    if "base64" in scan:
        return b64decode(scan["base64"])
    return (str(scan["text"]) * int(scan.get("times", 1))).encode("utf-8", "surrogatepass")


class Gun:
    """A scanner on a pseudo terminal."""

    def __init__(self, daemon: Daemon, suffix: str) -> None:
        self._daemon, self._suffix = daemon, suffix
        self._told = threading.Event()
        self._master, slave = os.openpty()
        settings = {
            "url": f"serial://{os.ttyname(slave)}",
            "station": "dock",
            "options": {"suffix": suffix, "repeat_ms": 0},
        }
        self.web = httpx.Client(base_url=daemon.url, trust_env=False, timeout=SOON)
        daemon.gateway.parts.database.listen(self._told.set)
        try:
            assert self.web.put("/v1/stations/dock", json={}).status_code == 201
            assert self.web.put("/v1/scanners/gun", json=settings).status_code == 201
            self._until(lambda: "scanner.connected" in [kind for kind, _ in self.fed()])
        finally:
            os.close(slave)

    def close(self) -> None:
        os.close(self._master)
        self._daemon.gateway.parts.database.unlisten(self._told.set)
        self.web.close()

    def read(self, code: bytes, scans: int = 1) -> list[dict[str, Any]]:
        """Read a code; return the scans that came of it."""
        known = len(self.scans())
        left = code + {"enter": b"\r"}.get(self._suffix, self._suffix.encode())
        while left:  # a pseudo terminal holds no more than a few thousand bytes
            left = left[os.write(self._master, left) :]
        self._until(lambda: len(self.scans()) >= known + scans)
        return self.scans()[known:]

    def scans(self) -> list[dict[str, Any]]:
        """Return all scans, oldest first, as the feed has them."""
        return [body for kind, body in self.fed() if kind.startswith("scan.")]

    def fed(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the feed."""
        rows = self._daemon.gateway.parts.database.read("SELECT kind, body FROM feed ORDER BY seq")
        return [(kind, json.loads(body)) for kind, body in rows]

    def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            assert self._told.wait(SOON), "it was not told"
            self._told.clear()


@contextmanager
def gun_of(daemon: Daemon, suffix: str) -> Iterator[Gun]:
    gun = Gun(daemon, suffix)
    try:
        yield gun
    finally:
        gun.close()


def kept(daemon: Daemon) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that a scan could change, but for what is said of scans."""
    read = daemon.gateway.parts.database.read
    return {
        table: sorted(read(f"SELECT * FROM {table}"), key=repr)
        for table in ("life", "event", "movement", "stock", "item", "place", "party", "lot",
                      "document", "document_line", "line_life", "barcode", "operator", "job",
                      "label", "station", "scanner", "access_key", "setting", "webhook")
    }  # fmt: skip


def fill(web: httpx.Client) -> None:
    """Have a serial that could be moved, and somewhere to move it."""
    for path, body in (
        ("/v1/items/DRILL", {"tracking": "serial", "gtin": "09501101530003"}),
        ("/v1/locations/A-01", {"kind": "bin"}),
        ("/v1/locations/B-01", {"kind": "bin"}),
    ):
        assert web.put(path, json=body).status_code == 201, path
    received = {"action": "receive", "item": "DRILL", "location": "A-01", "serials": [REAL]}
    assert web.post("/v1/serials/actions", json=received).status_code == 200


def test_a_hundred_hostile_barcodes_are_each_refused_in_one_line_and_nothing_is_done(
    daemon: Daemon, caplog: pytest.LogCaptureFixture
) -> None:
    with gun_of(daemon, END) as gun:
        fill(gun.web)
        assert gun.read(write_command("MODE", "MOVE").encode())[0]["outcome"] == "done"
        (there,) = gun.read(b"B-01")
        assert there["outcome"] == "done"
        before, place = kept(daemon), len(gun.fed())
        said = []
        with caplog.at_level(logging.INFO):
            caplog.clear()
            for scan in SCANS:
                said += gun.read(sent(scan), int(scan in HEARD))
            # What follows is heard as if nothing had been.
            after = kept(daemon)
            (moved,) = gun.read(REAL.encode())
        assert moved["sentence"] == f"DRILL {REAL} moved from A-01 to B-01."
        assert after == before

        assert [one["outcome"] for one in said] == ["refused"] * len(HEARD)
        kinds = {kind for kind, _ in gun.fed()[place : place + len(HEARD)]}
        assert kinds == {"scan.refused"}
        for scan, one in zip(HEARD, said, strict=True):
            fault = scan["ends"] in ("characters", "encoding", "too_long")
            assert not fault or one["code"] == f"scan_{scan['ends']}", scan["name"]
            assert one["sentence"], scan["name"]
            # Nothing that a person is shown can move a cursor, break a line or hide.
            shown = re.sub("[\x1d\x1e\x04]", "", f"{one['sentence']}{one['scan']}")
            assert shown.isprintable(), scan["name"]

        # The line follows the event: those of the scans before and behind may be there or not.
        others = (there["id"], moved["id"])
        records = [
            one
            for one in caplog.records
            if one.threadName == "scanner-gun" and vars(one).get("scan") not in others
        ]
        assert [vars(one).get("refusal") for one in records] == [one["code"] for one in said]
        for record in records:
            line = TextLines().format(record)
            assert line.isprintable()
            assert len(line) < 2_000
            assert json.loads(JsonLines().format(record))["level"] == "info"

        # All are listed, and none has become more than it is.
        listed = gun.web.get("/v1/scans?limit=500").json()["items"][1 : len(HEARD) + 1]
        assert [one["refusal"] for one in reversed(listed)] == [one["code"] for one in said]
        session = gun.web.get("/v1/stations/dock/session").json()
        assert (session["mode"]["name"], session["operator"]) == ("move", None)


def test_a_line_break_in_a_code_makes_two_scans_and_neither_is_an_action(daemon: Daemon) -> None:
    broken = [scan for scan in SCANS if re.search(rb"[\r\n]", sent(scan))]
    assert len(broken) >= 4
    with gun_of(daemon, "enter") as gun:
        before = kept(daemon)
        for scan in broken:
            pieces = [one for one in re.split(rb"[\r\n]+", sent(scan)) if one]
            said = gun.read(sent(scan), len(pieces))
            assert [one["outcome"] for one in said] == ["refused"] * len(pieces), scan["name"]
        assert kept(daemon) == before
