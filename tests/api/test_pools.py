"""Pools over HTTP: the first printer that is ready and has the stock prints, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gateway.drivers.virtual.printer import VirtualPrinter
from tests.api.conftest import connect

if TYPE_CHECKING:
    from tests.conftest import Daemon

pytestmark = pytest.mark.both_databases

SMALL = {"width": 50_000, "height": 25_000}
LARGE = {"width": 100_000, "height": 50_000}


class Hall:
    """A daemon's client and three printers in a pool called ``hall``."""

    def __init__(self, web: httpx.Client, machines: dict[str, VirtualPrinter]) -> None:
        self.web, self.machines = web, machines

    def load(self, name: str, media: dict[str, Any]) -> None:
        self.web.put(f"/v1/printers/{name}", json={"media": media}).raise_for_status()

    def send(self, *serials: str, **more: Any) -> str:
        body = {
            "printer": "hall", "template": "serial-label",
            "labels": [{"serial": serial} for serial in serials], **more,
        }  # fmt: skip
        answer = self.web.post("/v1/jobs", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def wait(self, job: str) -> dict[str, Any]:
        found: dict[str, Any] = self.web.get(f"/v1/jobs/{job}?wait=30").json()
        return found

    def printed_by(self, job: str) -> set[str]:
        rows = self.web.get(f"/v1/jobs/{job}/labels?limit=1000").json()["items"]
        return {row["printer"] for row in rows}

    def paper(self, name: str) -> list[str]:
        machine = self.machines[name]
        return [code.text for piece in machine.labels() for code in machine.codes(piece.number)]


@pytest.fixture
def hall(daemon: Daemon) -> Iterator[Hall]:
    with ExitStack() as stack:
        web = stack.enter_context(connect(daemon))
        machines = {
            name: stack.enter_context(
                VirtualPrinter(name, speed_mm_s=0, rest_s=0, width_mm=100, height_mm=50)
            )
            for name in ("one", "two", "three")
        }
        for name, machine in machines.items():
            made = web.put(f"/v1/printers/{name}", json={"url": machine.url, "media": LARGE})
            assert made.status_code == 201, made.text
        made = web.put("/v1/pools/hall", json={"members": ["one", "two", "three"]})
        assert made.status_code == 201, made.text
        yield Hall(web, machines)
        for name in machines:  # let go of them before they are switched off
            web.put("/v1/pools/hall", json={"members": ["zebra"]})
            web.delete(f"/v1/printers/{name}")


def test_every_label_of_a_pools_job_is_printed_once_by_one_of_its_printers(hall: Hall) -> None:
    serials = [f"SN-{n}" for n in range(60)]
    job = hall.send(*serials)
    done = hall.wait(job)
    assert (done["state"], done["printer"], done["counts"]) == ("done", "hall", {"printed": 60})
    on_paper = [serial for name in hall.machines for serial in hall.paper(name)]
    assert sorted(on_paper) == sorted(serials)
    assert hall.printed_by(job) <= {"one", "two", "three"}


def test_only_a_printer_with_the_right_stock_takes_a_label(hall: Hall) -> None:
    hall.load("one", SMALL)
    hall.load("three", {**LARGE, "stock": "freezer"})
    assert hall.wait(large := hall.send("SN-1", "SN-2", stock="Freezer"))["state"] == "done"
    assert hall.printed_by(large) == {"three"}
    assert hall.paper("three") == ["SN-1", "SN-2"]


def test_what_no_printer_can_take_is_held_and_goes_when_the_stock_is_loaded(hall: Hall) -> None:
    for name in ("one", "two", "three"):
        hall.load(name, SMALL)
    job = hall.send("SN-1")
    held = hall.web.get(f"/v1/jobs/{job}").json()
    assert (held["state"], held["problem"]) == (
        "held",
        "No printer of pool 'hall' can: The label is 100 mm by 50 mm, and the stock in printer "
        "'one' is 50 mm by 25 mm; load larger labels and change the printer's media.",
    )
    [label] = hall.web.get(f"/v1/jobs/{job}/labels").json()["items"]
    assert label["problem"] == held["problem"]
    hall.load("two", LARGE)
    done = hall.wait(job)
    assert (done["state"], done["problem"]) == ("done", None)
    assert hall.printed_by(job) == {"two"}


def test_a_stopped_printer_takes_nothing_and_the_others_go_on(hall: Hall) -> None:
    hall.machines["one"].paper_out()
    hall.machines["two"].paper_out()
    serials = [f"SN-{n}" for n in range(20)]
    job = hall.send(*serials)
    hall.machines["three"].wait_printed(1, timeout=30)
    hall.machines["one"].load_paper()
    hall.machines["two"].load_paper()
    assert hall.wait(job)["state"] == "done"
    on_paper = [serial for name in hall.machines for serial in hall.paper(name)]
    assert sorted(on_paper) == sorted(serials)


def test_what_may_be_on_paper_never_goes_to_another_printer(hall: Hall) -> None:
    for name in ("two", "three"):
        hall.load(name, SMALL)
    one = hall.machines["one"]
    one.trip("power_off", labels=2)
    job = hall.send(*(f"SN-{n}" for n in range(6)), strict=False)
    one.wait_printed(2, timeout=30)
    hall.load("two", LARGE)  # others could go on, with what never left only
    one.power_on()
    done = hall.wait(job)
    rows = hall.web.get(f"/v1/jobs/{job}/labels").json()["items"]
    uncertain = [row for row in rows if row["state"] == "uncertain"]
    assert done["state"] == "needs_attention"
    assert uncertain
    assert {row["printer"] for row in uncertain} == {"one"}
    on_paper = hall.paper("one") + hall.paper("two")
    assert len(on_paper) == len(set(on_paper)), "nothing came out twice"


def test_raw_commands_want_printers_of_one_language_and_density(hall: Hall) -> None:
    raw = {"printer": "hall", "raw": "^XA^FO20,20^A0N,40^FDhi^FS^XZ"}
    job = hall.web.post("/v1/jobs", json=raw).json()["id"]
    assert hall.wait(job)["state"] == "done"
    hall.web.put("/v1/printers/two", json={"density": 12}).raise_for_status()
    refused = hall.web.post("/v1/jobs", json=raw)
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "Raw commands are written for one language and density, and pool 'hall' has zpl at 12, "
        "zpl at 8 dots per mm; send them to one printer, or use a template.",
    )


def test_a_pool_and_a_printer_cannot_have_one_name(hall: Hall) -> None:
    taken = hall.web.put("/v1/pools/ONE", json={"members": ["two"]})
    assert (taken.status_code, taken.json()["detail"]) == (
        409, "Another printer or pool is called 'ONE'; choose another name.",
    )  # fmt: skip
    taken = hall.web.put("/v1/printers/HALL", json={"url": "tcp://127.0.0.1:9", "media": LARGE})
    assert taken.status_code == 409


def test_a_printer_in_a_pool_is_not_deleted_and_a_pool_that_owes_labels_neither(
    hall: Hall,
) -> None:
    refused = hall.web.delete("/v1/printers/one")
    assert (refused.status_code, refused.json()["detail"]) == (
        409, "Printer 'one' is in pool hall; take it out of there first.",
    )  # fmt: skip
    job = hall.send("SN-1", hold=True)
    refused = hall.web.delete("/v1/pools/hall")
    assert (refused.status_code, refused.json()["detail"]) == (
        409, "Pool 'hall' still has 1 label to end; cancel them or answer for them first.",
    )  # fmt: skip
    hall.web.post(f"/v1/jobs/{job}/cancel").raise_for_status()
    assert hall.web.delete("/v1/pools/hall").status_code == 204
    assert hall.web.get("/v1/pools/hall").status_code == 404
    assert hall.web.get(f"/v1/jobs/{job}").json()["printer"] == "hall"
    hall.web.put("/v1/pools/hall", json={"members": ["one"]}).raise_for_status()


def test_a_pool_shows_its_members_and_how_they_are(hall: Hall) -> None:
    shown = hall.web.get("/v1/pools/hall").json()
    assert [member["printer"] for member in shown["members"]] == ["one", "two", "three"]
    assert (shown["waiting"], shown["version"]) == (0, 1)
    stale = hall.web.put("/v1/pools/hall", json={"members": ["one"]}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    assert [pool["name"] for pool in hall.web.get("/v1/pools").json()["items"]] == ["hall"]


@pytest.mark.parametrize(
    ("members", "detail"),
    [
        ([], "A pool needs its 'members': the names of one or more printers, each once, got none."),
        (
            ["one", "one"],
            "A pool needs its 'members': the names of one or more printers, each once, got one, "
            "one.",
        ),
        ("one", "A pool's 'members' must be a list of at most 100 printers' names, got 'one'."),
    ],
)
def test_a_pool_of_no_printers_is_refused(hall: Hall, members: object, detail: str) -> None:
    refused = hall.web.put("/v1/pools/other", json={"members": members})
    assert (refused.status_code, refused.json()["detail"]) == (422, detail)
