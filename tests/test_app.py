"""The composition root: everything starts in order, stops in reverse, and is there again."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace

import httpx
import pytest

from gateway.app import (
    Gateway,
    Upkeep,
    computer_zone,
    listen_on,
    serve,
    tell_of_trouble,
)
from gateway.config import Listen, Settings
from gateway.errors import InUse, SettingsRefused
from gateway.printers import PrinterStatus, Problem
from gateway.stations.station import StationSettings
from gateway.store import scans
from gateway.store.engine import Database, now
from gateway.store.feed import entries_after
from tests.conftest import Daemon

Start = Callable[[Path], AbstractContextManager[Daemon]]


def settings(folder: Path) -> Settings:
    return Settings(folder, folder / "gateway.db", listen=Listen("127.0.0.1", 0), virtual=())


@pytest.mark.promise("R10")
def test_a_second_gateway_on_the_same_data_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    with Gateway(settings(tmp_path)) as first:
        with pytest.raises(InUse, match="Another label-gateway already runs on"):
            Gateway(settings(tmp_path))
        assert first.parts.ready() is None
    Gateway(settings(tmp_path)).close()


@pytest.mark.goal("P9")
def test_printers_print_before_the_http_server_is_loaded(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys, threading\n"
        "from gateway.app import Gateway\n"
        "from gateway.config import Settings\n"
        "print(sorted({'gateway.stations.engine', 'biip', 'http'} & set(sys.modules)))\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "with Gateway(Settings(folder, folder / 'gateway.db')) as gateway:\n"
        "    print([t.name for t in threading.enumerate() if t.name.startswith('printer-')])\n"
        "    late = {'fastapi', 'starlette', 'uvicorn', 'sqlalchemy', 'alembic'}\n"
        "    print(sorted(late & set(sys.modules)))\n"
        "    gateway.app\n"
        "    print('fastapi' in sys.modules)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], check=True, capture_output=True, text=True
    )
    assert said.stdout == "[]\n['printer-zebra']\n[]\nTrue\n"


def test_what_gs1_codes_are_read_with_is_loaded_once_it_answers_where_there_is_a_station(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, loads, leave = threading.Event(), threading.Event(), threading.Event()

    def load() -> None:
        assert answers.is_set()
        loads.set()
        leave.wait(30)

    class Server:
        started = True

        def __init__(self, gateway: Gateway, ready: Callable[[], None]) -> None:
            self._gateway, self._ready = gateway, ready

        def run(self, sockets: list[socket.socket]) -> None:
            self._ready()
            assert "load" not in [thread.name for thread in threading.enumerate()]
            parts = self._gateway.parts
            station = StationSettings()
            parts.database.run(lambda t: parts.stations_store.put(t, "dock", station, "test"))
            answers.set()
            self._ready()
            assert loads.wait(30)
            leave.set()

    monkeypatch.setattr("gateway.app.load_identifiers", load)
    monkeypatch.setattr("gateway.app.server_for", Server)
    assert serve(settings(tmp_path)) == 0
    program = (
        "import sys, gateway.app\n"
        "from gateway.codes.elements import identifier_at\n"
        "print('biip' in sys.modules)\n"
        "gateway.app.load_identifiers()\n"
        "print('biip' in sys.modules, identifier_at.cache_info().currsize)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert said.stdout == "False\nTrue 1\n"


def test_a_taken_address_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = Listen("127.0.0.1", other.getsockname()[1])
        with pytest.raises(SettingsRefused) as refused:
            listen_on(address)
    assert refused.value.detail == (
        f"It cannot listen on {address} (Address already in use); stop the program that does, or "
        "set GATEWAY_LISTEN to another address."
    )


@pytest.mark.threat("T6")
def test_it_does_not_listen_to_the_network_while_nobody_has_a_key(tmp_path: Path) -> None:
    open_to_all = replace(settings(tmp_path), listen=Listen("0.0.0.0", 0))
    with pytest.raises(SettingsRefused, match="which other computers can reach, and there is no"):
        serve(open_to_all)


def test_no_network_address_is_open_without_a_key_even_where_tls_is_waived(tmp_path: Path) -> None:
    waived = replace(settings(tmp_path), listen=Listen("0.0.0.0", 0), insecure_lan=True)
    with pytest.raises(SettingsRefused, match="which other computers can reach, and there is no"):
        serve(waived)


def test_a_data_directory_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    blocked = Settings(tmp_path / "taken", tmp_path / "taken" / "gateway.db")
    with pytest.raises(SettingsRefused) as refused:
        Gateway(blocked)
    assert refused.value.detail == (
        f"The data directory {tmp_path / 'taken'} cannot be made (File exists); name another with "
        "GATEWAY_DATA_DIR, or let this user write there."
    )


def test_a_virtual_printer_keeps_its_port_its_paper_and_its_counter(
    start_daemon: Start, tmp_path: Path
) -> None:
    body = {"printer": "zebra", "template": "serial-label", "labels": [{"serial": "SN-1"}]}
    with start_daemon(tmp_path) as first, httpx.Client(base_url=first.url, trust_env=False) as web:
        job = web.post("/v1/jobs", json=body).json()["id"]
        assert web.get(f"/v1/jobs/{job}?wait=30").json()["state"] == "done"
        before = web.get("/v1/printers/zebra").json()
    with start_daemon(tmp_path) as again, httpx.Client(base_url=again.url, trust_env=False) as web:
        after = web.get("/v1/printers/zebra").json()
        assert (after["url"], after["version"]) == (before["url"], before["version"])
        sheets = web.get("/v1/printers/zebra/paper").json()["items"]
        assert [sheet["codes"][0]["text"] for sheet in sheets] == ["SN-1"]
        assert web.get("/v1/printers/zebra/virtual").json()["odometer"] == 1


def test_a_deleted_virtual_printer_does_not_come_back(start_daemon: Start, tmp_path: Path) -> None:
    with start_daemon(tmp_path) as first:
        assert httpx.delete(f"{first.url}/v1/printers/zebra", trust_env=False).status_code == 204
    with start_daemon(tmp_path) as again:
        assert httpx.get(f"{again.url}/v1/printers", trust_env=False).json()["items"] == []


def test_the_feed_is_told_when_a_printer_stops_and_goes_on_and_not_between(tmp_path: Path) -> None:
    out = Problem("paper_out", "Paper is out.", "Load labels.")
    stopped = PrinterStatus("stopped", "Paper is out. Load labels.", (out,))
    ready, printing = PrinterStatus("ready", "Ready."), PrinterStatus("printing", "Printing.")
    with Gateway(replace(settings(tmp_path), virtual=("zebra",))) as gateway:
        database = gateway.parts.database
        zebra = gateway.parts.printers.find("zebra")
        gateway.parts.room.remove(zebra.id)
        place = gateway.parts.live.last
        seen = [None, ready, printing, stopped, stopped, ready, printing]
        for before, status in pairwise(seen):
            assert status is not None
            tell_of_trouble(database, zebra, status, before)
        told = [(e.kind, json.loads(e.body)["problems"]) for e in entries_after(database, place)]
    assert told == [("printer.stopped", ["paper_out"]), ("printer.ready", [])]


def test_labels_expire_while_nobody_looks(start_daemon: Start, tmp_path: Path) -> None:
    body = {"printer": "zebra", "template": "serial-label", "labels": [{"serial": "A"}]}
    with (
        start_daemon(tmp_path) as running,
        httpx.Client(base_url=running.url, trust_env=False, timeout=30) as web,
    ):
        web.post("/v1/printers/zebra/pause")
        job = web.post("/v1/jobs", json=body | {"expires_in": 0.01}).json()["id"]
        ended = web.get(f"/v1/jobs/{job}?wait=30").json()
    assert (ended["state"], ended["counts"]) == ("cancelled", {"expired": 1})


def test_old_scans_go_while_nobody_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: SimpleQueue[int] = SimpleQueue()

    def forget(database: Database, at: int, days: int) -> bool:
        more = scans.forget(database, at, days, limit=2)
        looked.put(days)
        return more

    monkeypatch.setattr(Upkeep, "EVERY", 0.001)
    monkeypatch.setattr("gateway.app.scans", SimpleNamespace(forget=forget))
    with Gateway(settings(tmp_path)) as gateway:
        database, chosen = gateway.parts.database, gateway.parts.settings
        assert looked.get(timeout=30) == 365
        database.run(lambda t: chosen.put(t, "scan_days", 8, "test"))
        for day in (9, 9, 9, 7):
            at = now() - day * 24 * 3600 * 1_000_000
            database.run(
                lambda t, at=at: t.execute(  # type: ignore[misc]
                    "INSERT INTO scan (at, code, raw, outcome, actor) VALUES (?, 'A1', ?, 'done', "
                    "'test')",
                    (at, b""),
                )
            )
        while database.read("SELECT count(*) FROM scan") != [(1,)]:
            looked.get(timeout=30)


def test_the_computers_zone_is_one_that_there_is() -> None:
    from zoneinfo import ZoneInfo

    assert ZoneInfo(computer_zone()).key == computer_zone()


def test_nothing_is_left_running(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with Gateway(replace(settings(tmp_path), virtual=("zebra",))):
        assert set(threading.enumerate()) - before
    assert set(threading.enumerate()) == before
