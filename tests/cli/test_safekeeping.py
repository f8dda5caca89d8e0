"""Backup, restore, verify and doctor: what is kept, what comes back, and what is found wrong."""

from __future__ import annotations

import sqlite3
import stat
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from typing import TYPE_CHECKING

import pytest

from gateway.client import Gateway
from gateway.store.copies import back_up, daemon_runs, restore, troubles

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run
    from tests.conftest import Daemon

    Start = Callable[[Path], AbstractContextManager[Daemon]]


def rows(file: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


def change(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(statement)


LABELS = "SELECT seq, job, number, copy, state, evidence, fields FROM label ORDER BY seq"


@pytest.mark.promise("R14")
def test_a_backup_beside_a_running_daemon_is_whole_and_has_every_label(
    start_daemon: Start, command: Run, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    copy = tmp_path / "safe" / "copy.db"
    with start_daemon(data) as daemon, Gateway(daemon.url) as gateway:
        job = gateway.print("zebra", "serial-label", [{"serial": "A"}, {"serial": "B"}])
        gateway.wait(job.id, 30)
        ran = command("backup", copy, "--data-dir", data, "--json")
        assert (ran.code, ran.answer) == (0, {"file": str(copy), "bytes": copy.stat().st_size})
        kept = rows(copy, LABELS)
        assert [(row[3], row[4], row[5]) for row in kept] == [(1, "printed", "odometer")] * 2
        assert command("verify", copy).out == f"{copy} is whole, and every label is counted.\n"
    assert kept == rows(data / "gateway.db", LABELS)
    assert [file.name for file in copy.parent.iterdir()] == ["copy.db"]
    if sys.platform != "win32":
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_a_backup_is_written_over_only_when_told(
    start_daemon: Start, command: Run, tmp_path: Path
) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy.db"
    with start_daemon(data):
        copy.write_text("precious")
        ran = command("backup", copy, "--data-dir", data)
        assert (ran.code, ran.err) == (
            1,
            f"{copy} is there already; name another file, or say --force.\n",
        )
        assert copy.read_text() == "precious"
        assert command("backup", copy, "--data-dir", data, "--force").code == 0
        assert command("backup", "--data-dir", data).code == 0
    assert troubles(copy, thorough=True) == []
    assert len(list((data / "backups").glob("gateway-*.db"))) == 1


def test_there_is_nothing_to_back_up_before_the_first_start(command: Run, tmp_path: Path) -> None:
    ran = command("backup", "--data-dir", tmp_path)
    assert (ran.code, ran.err) == (
        1,
        f"There is no database at {tmp_path / 'gateway.db'} yet; nothing to back up.\n",
    )


@pytest.mark.promise("R14")
def test_a_restore_keeps_the_old_database_and_prints_nothing_twice(
    start_daemon: Start, command: Run, tmp_path: Path
) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy.db"
    with start_daemon(data) as daemon, Gateway(daemon.url) as gateway:
        gateway.call("POST", "/v1/printers/zebra/pause", {})
        waiting = gateway.print("zebra", "serial-label", {"serial": "ONCE"}, copies=3)
        back_up(data / "gateway.db", copy)
        gateway.call("POST", "/v1/printers/zebra/resume", {})
        assert gateway.wait(waiting.id, 30).state == "done"
        refused = command("restore", copy, "--data-dir", data)
        assert (refused.code, refused.err) == (
            1,
            f"A label-gateway runs on {data}; stop it first. Nothing was changed.\n",
        )
    ran = command("restore", copy, "--data-dir", data)
    (aside,) = data.glob("gateway.before-restore-*.db")
    assert (ran.code, ran.out) == (
        0,
        f"{data / 'gateway.db'} is what {copy} held: 1 jobs.\n"
        f"The database that was there is kept as {aside}.\n"
        "3 labels that waited then are on hold, since they may have been printed later. See them "
        "with label-gateway jobs list --state held, then release or cancel each job.\n",
    )
    assert rows(aside, "SELECT state FROM label") == [("printed",)] * 3
    with start_daemon(data) as daemon, Gateway(daemon.url) as gateway:
        gateway.call("POST", "/v1/printers/zebra/resume", {})
        other = gateway.print("zebra", "serial-label", {"serial": "NEW"})
        assert gateway.wait(other.id, 30).state == "done"
        assert gateway.job(waiting.id).state == "held"
        sheets = gateway.call("GET", "/v1/printers/zebra/paper")["items"]
        printed = [code["text"] for sheet in sheets for code in sheet["codes"]]
        assert sorted(printed) == ["NEW", "ONCE", "ONCE", "ONCE"]


@pytest.mark.parametrize("content", [b"", b"hello", b"SQLite format 3\x00" + bytes(5000)])
def test_what_is_no_backup_is_refused_and_nothing_is_touched(
    command: Run, tmp_path: Path, content: bytes
) -> None:
    data, file = tmp_path / "data", tmp_path / "x.db"
    data.mkdir()
    (data / "gateway.db").write_bytes(b"as it was")
    file.write_bytes(content)
    ran = command("restore", file, "--data-dir", data)
    assert ran.code == 1
    assert ran.err.startswith((f"{file} is no database of ", f"The database {file} cannot be"))
    assert (data / "gateway.db").read_bytes() == b"as it was"
    assert [entry.name for entry in data.iterdir()] == ["gateway.db"]


@pytest.mark.promise("R13")
def test_a_backup_of_a_newer_program_is_refused(start_daemon: Start, tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy.db"
    with start_daemon(data):
        back_up(data / "gateway.db", copy)
    change(copy, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Exception, match=r"was made by a newer label-gateway \(schema 9999"):
        restore(copy, data / "gateway.db")


def test_a_miscounted_job_is_found(start_daemon: Start, command: Run, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with start_daemon(data) as daemon, Gateway(daemon.url) as gateway:
        gateway.print("zebra", "serial-label", [{"serial": "A"}, {"serial": "B"}], hold=True)
        assert daemon_runs(data)
    assert not daemon_runs(data)
    change(data / "gateway.db", "UPDATE label SET state = 'cancelled' WHERE number = 2")
    sentence = "Job J1 counts 2 labels by state and has 2 that differ."
    ran = command("verify", "--data-dir", data)
    assert (ran.code, ran.out.splitlines()[0]) == (1, sentence)
    ran = command("doctor", "--data-dir", data)
    assert ran.code == 1
    assert f"WRONG  {sentence}\n" in ran.out


# ---------------------------------------------------------------- doctor


def test_before_the_first_start_everything_is_well(
    command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_LISTEN", "127.0.0.1:0")
    ran = command("doctor", "--data-dir", tmp_path / "new")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "Everything is well.")
    assert "WRONG" not in ran.out


def test_beside_a_daemon_the_printers_are_asked_for(at_daemon: Run) -> None:
    ran = at_daemon("doctor", "--json")
    found = {finding["about"]: finding["well"] for finding in ran.answer["findings"]}
    assert found == dict.fromkeys(
        ("settings", "data directory", "disk", "database", "daemon", "printer", "fonts",
         "barcodes", "clock"),
        True,
    )  # fmt: skip


def test_a_printer_that_is_off_is_found_without_a_daemon(
    start_daemon: Start, command: Run, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with start_daemon(data) as daemon, Gateway(daemon.url) as gateway:
        media = {"width": 100_000, "height": 50_000}
        gateway.call("PUT", "/v1/printers/off", {"url": "tcp://127.0.0.1:9100", "media": media})
    ran = command("doctor", "--data-dir", data, "--json")
    printers = [f for f in ran.answer["findings"] if f["about"] == "printer"]
    assert ran.code == 1
    assert [(f["well"], f["cure"]) for f in printers] == [
        (False, "Switch it on, look at its cable and its address, or remove it.")
    ]
    assert printers[0]["sentence"].startswith("off at tcp://127.0.0.1:9100 does not answer: ")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps folders private by other means")
@pytest.mark.threat("T19")
def test_a_data_directory_that_others_can_read_is_found(command: Run, tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    ran = command("doctor", "--data-dir", folder)
    assert ran.code == 1
    assert (
        f"WRONG  {folder} can be read by other users of this computer (mode 0755).\n"
        f"       Close it: chmod 700 {folder}\n"
    ) in ran.out


def test_a_full_disk_is_found(
    command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.examining.ROOM_WANTED", 1 << 60)
    ran = command("doctor", "--data-dir", tmp_path)
    assert ran.code == 1
    assert "       Free some: below 200 MB no label is accepted.\n" in ran.out
