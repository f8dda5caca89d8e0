"""A gateway moves to another computer: two daemons, one printer, and nothing twice.

The printer is a program of the test's own. It keeps every piece of paper whoever sent it, so what
is on paper twice is seen there, whatever the gateways believe.
"""

from __future__ import annotations

import http.client
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.drivers.virtual.printer import VirtualPrinter
from gateway.store.copies import back_up
from tests.campaign.processes import PATIENCE
from tests.sites import MEDIA, Site


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Site]:
    """The computer that has worked until now."""
    site = Site(tmp_path / "old")
    site.daemon.start()
    yield site
    site.close()


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Site]:
    """The computer that was just bought."""
    site = Site(tmp_path / "new")
    site.daemon.start()
    yield site
    site.close()


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    """A printer on the network, which both computers reach: half a second a label."""
    with VirtualPrinter("dock", speed_mm_s=100) as machine:
        yield machine


def printed(printer: VirtualPrinter) -> list[str]:
    """Return the serials on all paper that came out, in its order."""
    return [
        code.text
        for piece in printer.pieces()
        for code in printer.codes(piece.number)
        if code.text.startswith("SN-")
    ]


def order(site: Site, *serials: str) -> str:
    """Order labels; return the job."""
    rows = [{"serial": serial} for serial in serials]
    body = {"printer": "dock", "template": "serial-label", "labels": rows}
    job: str = site.ask("POST", "/jobs", body)["id"]
    return job


def done(site: Site, job: str) -> bool:
    """Return whether a job is done."""
    return bool(site.ask("GET", f"/jobs/{job}")["state"] == "done")


def carry(old: Site, new: Site) -> dict[str, Any]:
    """Carry the old gateway's file to the new one, and wait until that has begun with it."""
    saved = old.web.get("/v1/moving/file")
    assert saved.headers["content-disposition"].endswith('.db"')
    started = new.ask("POST", "/moving/in", None, content=saved.content)
    assert new.work(started)["state"] == "done"
    new.wait("the start with the file", lambda: new.ask("GET", "/moving")["came"] is not None)
    came: dict[str, Any] = new.ask("GET", "/moving")["came"]
    return came


@pytest.mark.promise("R1")
@pytest.mark.promise("R10")
def test_what_waits_is_printed_once_by_the_new_gateway_and_the_old_one_takes_nothing_more(
    old: Site, new: Site, printer: VirtualPrinter
) -> None:
    # A day's work on the old computer: serials, labels, and a long job under way.
    old.ask("PUT", "/items/DRILL", {"name": "Cordless drill", "tracking": "serial"})
    receive = {"action": "receive", "item": "DRILL", "serials": "SN-1, SN-2", "location": "MAIN"}
    old.ask("PUT", "/locations/MAIN", {"name": "Store"})
    old.ask("POST", "/serials/actions", receive)
    old.ask("PUT", "/stations/desk", {"modes": ["lookup"]})
    old.ask("PUT", "/printers/dock", {"url": printer.url, "media": MEDIA})
    first = order(old, "SN-1", "SN-2")
    old.wait("two labels", lambda: done(old, first))
    second = order(old, *(f"SN-{n}" for n in range(10, 30)))
    third = order(old, "SN-30")
    assert printer.wait_printed(3, timeout=PATIENCE)

    # It is moved. From now on it prints nothing and takes nothing, also after a power cut.
    work = old.work(old.sure("/moving/out"))
    assert (work["state"], work["sentence"].endswith("This gateway is fenced off now.")) == (
        "done", True,
    )  # fmt: skip
    moved = old.ask("GET", "/moving")
    sentence = moved["sentence"]
    assert sentence.startswith("This gateway was moved to another computer on 20")

    def takes_nothing() -> None:
        again = {"action": "receive", "item": "DRILL", "serials": "SN-3", "location": "MAIN"}
        for method, path, body in (
            ("POST", "/jobs", {"printer": "dock", "template": "serial-label",
                               "labels": [{"serial": "SN-40"}]}),
            ("POST", f"/jobs/{third}/cancel", {}),
            ("POST", "/printers/dock/test", {}),
            ("POST", "/scans", {"code": "SN-1", "station": "desk"}),
            ("POST", "/serials/actions", again),
            ("PUT", "/items/SAW", {"name": "Saw"}),
            ("PUT", "/settings/scan_days", {"value": 30}),
            ("POST", "/keys", {"name": "late", "scopes": ["read"]}),
        ):  # fmt: skip
            problem = old.refused(method, path, body)
            assert (problem["status"], problem["type"], problem["detail"]) == (
                503, "/problems/moved", sentence,
            ), path  # fmt: skip
        ready = old.web.get("/readyz")
        assert (ready.status_code, ready.json()["detail"]) == (503, sentence)
        assert old.ask("GET", "/printers/dock")["status"]["sentence"] == sentence
        assert sentence in old.web.get("/keys").text
        said = old.command(
            "print", "--printer", "dock", "--template", "serial-label", "serial=SN-41"
        )
        assert (said.returncode != 0, sentence in said.stderr) == (True, True), said
        assert sentence in old.command("doctor").stdout

    takes_nothing()
    before = _rows(old)
    old.daemon.kill()
    old.daemon.start_fenced()
    takes_nothing()

    # The new computer goes on where the old one stopped, also with what was on its way.
    assert len(printed(printer)) < 20
    came = carry(old, new)
    assert came | {"host": "", "at": "", "arrived_at": ""} == {
        "moved": True, "host": "", "at": "", "arrived_at": "", "jobs": 3, "labels_on_hold": 0,
        "labels_unsettled": came["labels_unsettled"],
    }  # fmt: skip
    assert came["labels_unsettled"] > 0
    new.wait("the rest of the labels", lambda: done(new, second) and done(new, third))
    assert sorted(printed(printer)) == sorted(
        ["SN-1", "SN-2", *(f"SN-{n}" for n in range(10, 30)), "SN-30"]
    )
    assert [one["serial"] for one in new.ask("GET", "/serials")["items"]] == ["SN-1", "SN-2"]
    third_piece = {"action": "receive", "item": "DRILL", "serials": "SN-3", "location": "MAIN"}
    new.ask("POST", "/serials/actions", third_piece)
    verdict = new.ask("POST", "/registry/verify")
    assert (verdict["whole"], verdict["serials"]) == (True, 3)
    takes_nothing()
    assert _rows(old) == before, "nothing was counted there meanwhile"

    # The file is not taken in twice by one gateway, and a backup of the new one is no such file.
    assert new.ask("GET", "/moving")["closed"].startswith("This gateway is in use")
    problem = new.refused("POST", "/moving/in")
    assert (problem["status"], problem["type"]) == (409, "/problems/in-use")
    back_up(new.folder / "data" / "gateway.db", new.folder / "copy.db")
    with closing(sqlite3.connect(new.folder / "copy.db")) as copy:
        marks = copy.execute("SELECT name FROM setting WHERE name LIKE 'move.%'").fetchall()
    assert marks == [("move.came",)]


def _rows(site: Site) -> dict[str, int]:
    with closing(sqlite3.connect(f"file:{site.folder / 'data' / 'gateway.db'}?mode=ro",
                                 uri=True)) as opened:  # fmt: skip
        return {
            table: int(opened.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
            for table in ("job", "label", "life", "event", "movement", "feed", "item", "setting")
        }


@pytest.mark.promise("R1")
def test_a_move_that_did_not_happen_leaves_what_waited_on_hold(
    old: Site, printer: VirtualPrinter
) -> None:
    old.ask("PUT", "/printers/dock", {"url": printer.url, "media": MEDIA})
    assert old.refused("POST", "/moving/stay", {})["status"] == 409
    job = order(old, *(f"SN-{n}" for n in range(20)))
    waits = {"printer": "dock", "template": "serial-label", "labels": [{"serial": "SN-90"}]}
    later = old.ask("POST", "/jobs", waits)["id"]
    assert printer.wait_printed(1, timeout=PATIENCE)
    old.work(old.sure("/moving/out"))
    assert (old.folder / "data" / "moving").is_dir()
    stayed = old.sure("/moving/stay")
    old.wait("the gateway itself again", lambda: not old.ask("GET", "/moving")["fenced"])
    old.wait("its readiness", lambda: old.web.get("/readyz").status_code == 200)
    assert list((old.folder / "data" / "moving").iterdir()) == [], "its file is gone"
    assert old.ask("GET", "/moving")["withdrawn"] == 1
    states = Counter(old.labels(job)) + Counter(old.labels(later))
    held, doubted = stayed["labels_on_hold"], stayed["labels_in_doubt"]
    assert min(held, doubted) > 0
    assert states == +Counter(held=held, uncertain=doubted, printed=21 - held - doubted)
    assert old.refused("GET", "/moving/file")["status"] == 404
    # A person decides, and only then a label comes out.
    assert printer.wait_idle(timeout=PATIENCE)
    before = printed(printer)
    assert "SN-90" not in before
    old.ask("POST", f"/jobs/{later}/release")
    for label in old.ask("GET", f"/jobs/{job}/labels?limit=100")["items"]:
        if label["state"] == "uncertain":
            old.ask("POST", f"/labels/{label['id']}/confirm")
    old.wait("the label that was let go", lambda: done(old, later))
    assert printed(printer) == [*before, "SN-90"]


@pytest.mark.promise("R14")
def test_a_backup_is_taken_in_by_a_fresh_gateway_with_its_labels_on_hold(
    old: Site, new: Site, printer: VirtualPrinter
) -> None:
    old.ask("PUT", "/printers/dock", {"url": printer.url, "media": MEDIA})
    old.ask("POST", "/printers/dock/pause")
    order(old, "SN-1", "SN-2")
    name = old.work(old.ask("POST", "/backups"))["sentence"].split()[2]
    content = old.web.get(f"/v1/backups/{name}/file").content
    started = new.ask("POST", "/moving/in", None, content=content)
    assert new.work(started)["sentence"].startswith("The backup is whole.")
    new.wait("the start with the file", lambda: new.ask("GET", "/moving")["came"] is not None)
    came = new.ask("GET", "/moving")["came"]
    assert (came["moved"], came["labels_on_hold"]) == (False, 2)
    assert new.ask("GET", "/printers/dock")["paused"] is True


def test_what_is_no_file_of_a_gateway_is_refused_and_nothing_is_changed(new: Site) -> None:
    for content, words in (
        (b"", "no database of label-gateway"),
        (b"not a database at all" * 200, "cannot be read"),
    ):
        work = new.work(new.ask("POST", "/moving/in", None, content=content))
        assert (work["state"], words in work["sentence"]) == ("refused", True), work
    assert new.ask("GET", "/moving")["came"] is None
    assert list((new.folder / "data" / "moving").iterdir()) == []


def test_a_file_for_which_there_is_no_room_is_refused_before_it_comes(new: Site) -> None:
    asking = http.client.HTTPConnection("127.0.0.1", new.daemon.port, timeout=PATIENCE)
    with closing(asking):
        asking.putrequest("POST", "/v1/moving/in")
        asking.putheader("Content-Length", str(1 << 39))
        asking.endheaders()
        answer = asking.getresponse()
        problem = json.load(answer)
    assert (answer.status, problem["type"]) == (413, "/problems/too-large")
