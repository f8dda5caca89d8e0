"""Two gateways, two processes, one database: each drives its own printers, and both know all."""

from __future__ import annotations

import io
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.program import run_program
from gateway.cli.terminal import Terminal
from gateway.client import Gateway, Problem
from gateway.errors import InUse
from gateway.store.daemons import join
from gateway.store.dialect import Server
from gateway.store.engine import Database
from tests.campaign.processes import DaemonProcess, running
from tests.postgres import TEMPLATE, PostgresServer

PATIENCE = 60.0
"""Seconds anything may take on a busy machine; nothing here waits so long when it works."""

MEDIA = {"width": 100_000, "height": 50_000}


def until(true: Callable[[], Any]) -> None:
    """Wait for something that one gateway does after it has heard of it from the other."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


class Site:
    """Two gateways on one database: ``east`` has the virtual printer zebra, ``west`` has okapi."""

    def __init__(self, east: DaemonProcess, west: DaemonProcess, folder: Path, url: str) -> None:
        self.east, self.west = Gateway(east.url), Gateway(west.url)
        self.folder, self.url = folder, url
        self.west.call("PUT", "/v1/printers/okapi", {"url": "virtual:", "media": MEDIA})
        until(lambda: "okapi" in {printer.name for printer in self.east.printers()})

    def paper(self, gateway: Gateway, printer: str) -> list[str]:
        sheets = gateway.call("GET", f"/v1/printers/{printer}/paper?limit=200")["items"]
        return [code["text"] for sheet in sheets for code in sheet["codes"]]


@pytest.fixture(scope="module")
def site(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    place = postgres.create(TEMPLATE)
    with ExitStack() as stack:
        both = []
        for name in ("east", "west"):
            (folder / name).mkdir()
            daemon = running(folder / name, GATEWAY_DATABASE=place.url)
            both.append(stack.enter_context(daemon))
        found = Site(both[0], both[1], folder, place.url)
        with found.east, found.west:
            yield found
    postgres.drop(place)


def serials(*texts: str) -> list[dict[str, str]]:
    return [{"serial": text} for text in texts]


def test_a_job_is_printed_by_the_gateway_that_has_the_printer(site: Site) -> None:
    job = site.east.print("okapi", "serial-label", serials("FROM-EAST-1", "FROM-EAST-2"))
    assert site.east.wait(job.id, PATIENCE).state == "done"
    back = site.west.print("zebra", "serial-label", serials("FROM-WEST"))
    assert site.west.wait(back.id, PATIENCE).state == "done"
    assert {"FROM-EAST-1", "FROM-EAST-2"} <= set(site.paper(site.west, "okapi"))
    assert "FROM-WEST" in site.paper(site.east, "zebra")
    assert [label.state for label in site.west.labels(job.id)] == ["printed"] * 2
    host = socket.gethostname()
    assert {printer.name: printer.gateway for printer in site.east.printers()} == {
        "okapi": host, "zebra": host,
    }  # fmt: skip
    said = site.east.printer_status("okapi")["sentence"]
    assert said in (f"It is driven by the gateway on {host}.", "Ready.")
    with pytest.raises(Problem, match="is not a virtual printer of this gateway"):
        site.paper(site.east, "okapi")


def test_a_pool_has_printers_of_both_and_prints_each_label_once(site: Site) -> None:
    site.east.call("PUT", "/v1/pools/any", {"members": ["zebra", "okapi"]})
    until(lambda: [p["name"] for p in site.west.call("GET", "/v1/pools")["items"]] == ["any"])
    sent = [f"POOL-{n:02}" for n in range(24)]
    jobs = [
        (site.east, site.west)[n % 2].print("any", "serial-label", serials(*sent[n : n + 4]))
        for n in range(0, 24, 4)
    ]
    for job in jobs:
        assert site.west.wait(job.id, PATIENCE).state == "done"
    came = site.paper(site.east, "zebra") + site.paper(site.west, "okapi")
    assert sorted(text for text in came if text.startswith("POOL-")) == sent
    site.west.call("DELETE", "/v1/pools/any")


def test_what_both_accept_at_once_has_numbers_of_its_own_and_the_feed_has_it_all(
    site: Site,
) -> None:
    for printer in ("zebra", "okapi"):
        site.east.call("POST", f"/v1/printers/{printer}/pause", {})

    def send(n: int) -> tuple[str, list[str]]:
        gateway = (site.east, site.west)[n % 2]
        job = gateway.print("zebra", "serial-label", serials(*(f"N{n}-{m}" for m in range(3))))
        return job.id, [label.id for label in gateway.labels(job.id)]

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(send, range(60)))
    jobs = [job for job, _ in made]
    labels = [int(label[1:]) for _, some in made for label in some]
    assert len(set(jobs)) == 60
    assert len(set(labels)) == 180
    for _, some in made:
        first = int(some[0][1:])
        assert [int(label[1:]) for label in some] == [first, first + 1, first + 2]
    with Database.open(Server(site.url), site.folder / "look") as database:
        rows = database.read(
            "SELECT seq, subject FROM feed WHERE kind = 'job.accepted' ORDER BY seq"
        )
    order = [subject.removeprefix("jobs/") for _, subject in rows]
    assert [job for job in order if job in set(jobs)] == sorted(jobs, key=lambda job: int(job[1:]))
    for job in jobs:
        site.west.call("POST", f"/v1/jobs/{job}/cancel", {})
    for printer in ("zebra", "okapi"):
        site.west.call("POST", f"/v1/printers/{printer}/resume", {})


def test_keys_templates_and_settings_hold_on_both(site: Site) -> None:
    key = site.east.call("POST", "/v1/keys", {"name": "erp", "scopes": ["read", "print"]})
    with Gateway(site.west.url, key=key["key"]) as caller:

        def opens() -> bool:
            try:
                caller.printers()
            except Problem as refused:
                return refused.name != "not-authenticated"
            return True

        until(opens)
        site.east.call("DELETE", "/v1/keys/erp")
        until(lambda: not opens())
    size = {"width": 50_000, "height": 25_000}
    bin_label = {"name": "bin", "title": "Bin", "size": size, "elements": []}
    site.east.call("PUT", "/v1/templates/bin", bin_label)
    until(lambda: "bin" in {template.name for template in site.west.templates()})
    site.east.call("PUT", "/v1/settings/time_zone", {"value": "Europe/Vienna"})
    until(lambda: site.west.call("GET", "/v1/settings")["time_zone"] == "Europe/Vienna")


def test_a_printer_is_paused_and_changed_from_the_other_side(site: Site) -> None:
    site.east.call("POST", "/v1/printers/okapi/pause", {})
    job = site.east.print("okapi", "serial-label", serials("LATER"))
    until(lambda: site.west.printer("okapi").paused)
    assert site.west.job(job.id).state == "queued"
    smaller = {"width": 60_000, "height": 20_000}
    site.east.call("PUT", "/v1/printers/okapi", {"media": smaller})
    assert site.west.wait(job.id, 0.1).state == "held"
    site.east.call("PUT", "/v1/printers/okapi", {"media": MEDIA})
    site.east.call("POST", "/v1/printers/okapi/resume", {})
    assert site.east.wait(job.id, PATIENCE).state == "done"
    with pytest.raises(Problem) as refused:
        site.east.call("PUT", "/v1/printers/okapi", {"url": "tcp://127.0.0.1:9"})
    assert refused.value.status == 409
    assert "which alone can change its address or language" in str(refused.value)


def test_a_scanner_is_listened_to_where_it_is_and_let_go_from_the_other_side(site: Site) -> None:
    site.west.call("PUT", "/v1/locations/HALL", {"kind": "site"})
    site.west.call("PUT", "/v1/stations/dock", {"printer": "okapi", "location": "HALL"})
    until(lambda: "dock" in {one["name"] for one in site.east.call("GET", "/v1/stations")["items"]})
    site.east.call("PUT", "/v1/locations/HALL", {"code": "GATE"})
    until(lambda: site.west.call("GET", "/v1/stations/dock")["location"] == "GATE")
    site.west.call("PUT", "/v1/scanners/gun", {"url": "virtual:", "station": "dock"})

    def seen(gateway: Gateway) -> tuple[str, bool]:
        scanner = gateway.call("GET", "/v1/scanners/gun")
        return scanner["status"]["condition"], scanner["paused"]

    until(lambda: seen(site.west) == ("listening", False))
    until(lambda: "gun" in {one["name"] for one in site.east.call("GET", "/v1/scanners")["items"]})
    until(lambda: seen(site.east) == ("listening", False))
    with pytest.raises(Problem, match="which alone can scan with it"):
        site.east.call("POST", "/v1/scanners/gun/scan", {"code": "FROM-EAST"})
    scan = site.west.call("POST", "/v1/scanners/gun/scan", {"code": "FROM-WEST"})["scan"]
    assert (scan["station"], scan["outcome"]) == ("dock", "refused")
    site.east.call("POST", "/v1/scanners/gun/pause")
    until(lambda: seen(site.west) == ("paused", True))
    site.east.call("POST", "/v1/scanners/gun/resume")
    until(lambda: seen(site.west) == ("listening", False))
    site.east.call("DELETE", "/v1/stations/dock")
    until(lambda: site.west.call("GET", "/v1/scanners/gun")["station"] is None)
    site.east.call("DELETE", "/v1/scanners/gun")
    until(lambda: site.west.call("GET", "/v1/scanners")["items"] == [])


def test_a_copied_data_directory_is_not_let_in(site: Site) -> None:
    copy = site.folder / "copy"
    copy.mkdir()
    shutil.copy(site.folder / "east" / "data" / "daemon.id", copy)
    with (
        Database.open(Server(site.url), copy) as database,
        pytest.raises(InUse, match=r"remove daemon\.id from the copy"),
    ):
        join(database, Server(site.url), copy)


def test_a_printer_is_taken_over_from_a_gateway_that_is_no_more(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    place = postgres.create(TEMPLATE)
    for name in ("gone", "here"):
        (tmp_path / name).mkdir()
    with (
        running(tmp_path / "here", GATEWAY_DATABASE=place.url) as here,
        running(tmp_path / "gone", GATEWAY_DATABASE=place.url) as gone,
        Gateway(here.url) as gateway,
    ):
        with Gateway(gone.url) as other:
            other.call("PUT", "/v1/printers/okapi", {"url": "virtual:", "media": MEDIA})
        until(lambda: "okapi" in {printer.name for printer in gateway.printers()})
        gone.kill()
        job = gateway.print("okapi", "serial-label", serials("ORPHAN"))
        assert gateway.job(job.id).state == "queued"
        out = io.StringIO()
        taken = run_program(
            ["printers", "take", "okapi", "--url", here.url], Terminal(out, out, False)
        )
        assert (taken, out.getvalue()) == (0, "okapi is driven by this gateway.\n")
        assert gateway.wait(job.id, PATIENCE).state == "done"
    postgres.drop(place)


def test_who_listens_to_one_hears_what_the_other_did_in_order(site: Site) -> None:
    begin = threading.Event()
    heard: list[tuple[int, str, str]] = []
    wanted: set[str] = set()

    def listen() -> None:
        for event in site.west.events(after=0, kinds=["job.accepted"]):
            heard.append((event.id, event.kind, event.subject))
            begin.set()
            if wanted and wanted <= {subject for _, _, subject in heard}:
                return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    assert begin.wait(PATIENCE)
    jobs = [
        gateway.print("zebra", "serial-label", serials("HEARD"), hold=True)
        for gateway in (site.east, site.west) * 5
    ]
    wanted |= {f"jobs/{job.id}" for job in jobs}
    late = site.east.print("zebra", "serial-label", serials("HEARD"), hold=True)
    listener.join(PATIENCE)
    assert not listener.is_alive()
    mine = [subject for _, _, subject in heard if subject in wanted]
    assert mine == [f"jobs/{job.id}" for job in jobs]
    assert [number for number, _, _ in heard] == sorted({number for number, _, _ in heard})
    for job in (*jobs, late):
        site.west.call("POST", f"/v1/jobs/{job.id}/cancel", {})


@pytest.mark.seed("T8")
def test_a_serial_that_both_receive_at_once_is_received_once(site: Site) -> None:
    site.east.call("PUT", "/v1/items/DRILL", {"tracking": "serial"})
    site.east.call("PUT", "/v1/locations/A-01", {"kind": "bin"})
    wanted = [f"RACE-{n:02}" for n in range(30)]

    def receive(of: int) -> tuple[int, str, str]:
        gateway, serial = (site.east, site.west)[of % 2], wanted[of // 2]
        body = {"action": "receive", "item": "DRILL", "serials": [serial], "location": "A-01"}
        try:
            gateway.call("POST", "/v1/serials/actions", body)
        except Problem as refused:
            return refused.status, refused.name, serial
        return 200, "", serial

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(receive, range(60)))
    assert sorted(serial for status, _, serial in answers if status == 200) == wanted
    lost = [(status, name) for status, name, _ in answers if status != 200]
    assert lost == [(409, "serial-on-hand")] * 30
    with Database.open(Server(site.url), site.folder / "look") as database:
        rows = database.read("SELECT prev_hash, hash FROM event ORDER BY seq")
    assert [before for before, _ in rows[1:]] == [own for _, own in rows[:-1]]  # one chain
