"""Finding printers and setting them up from the command line."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from gateway.api import finding
from gateway.drivers.finding import Found, Search, Trouble
from gateway.drivers.virtual.printer import VirtualPrinter

if TYPE_CHECKING:
    from tests.cli.conftest import Run

ZEBRA = Found(
    "tcp://10.0.0.7:9100",
    "network",
    "Zebra ZTC ZD421-203dpi ZPL",
    language="zpl",
    row="zd421-203",
)
OFFICE = Found("", "network", "HP \x1b[2J4", problem="It announces IPP and no raw port.")


def test_found_printers_are_a_table_and_what_could_not_look_a_remark(
    at_daemon: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[float, str | None]] = []

    def look(timeout: float, address: str | None, held: frozenset[str]) -> Search:
        asked.append((timeout, address))
        return Search((ZEBRA, OFFICE), (Trouble("usb", "There is no libusb; install it."),))

    monkeypatch.setattr(finding, "find_printers", look)
    ran = at_daemon("printers", "find", "--address", "10.0.0.7", "--timeout", "2s")
    assert (ran.code, ran.err) == (0, "There is no libusb; install it.\n")
    assert ran.out.splitlines() == [
        "found by  what                        language  model      printer  address",
        "--------  --------------------------  --------  ---------  -------  -------------------",
        "network   Zebra ZTC ZD421-203dpi ZPL  zpl       zd421-203           tcp://10.0.0.7:9100",
        "network   HP \\x1b[2J4",
        "HP \\x1b[2J4: It announces IPP and no raw port.",
        "",
        'Add one with: label-gateway printers add NAME "ADDRESS"',
    ]
    answer = at_daemon("printers", "find", "--json").answer
    assert [item["url"] for item in answer["found"]] == ["tcp://10.0.0.7:9100", None]
    assert asked == [(2.0, "10.0.0.7"), (4.0, None)]


def test_nothing_found_says_what_to_do(at_daemon: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "find_printers", lambda *_, **__: Search((), ()))
    ran = at_daemon("printers", "find")
    assert (ran.code, ran.out) == (
        1,
        "No printer was found. Switch it on and plug it in, or name its address with --address.\n",
    )


def test_a_device_says_who_it_is_in_words(at_daemon: Run) -> None:
    with VirtualPrinter(width_mm=60, height_mm=30) as printer:
        ran = at_daemon("printers", "identify", printer.url)
    assert ran.code == 0
    sentence, blank, *rows = ran.out.splitlines()
    assert sentence == (
        "It is the gateway's virtual ZPL printer, and speaks ZPL at 8 dots per mm, with labels of "
        "60 mm x 30 mm as it measures them."
    )
    assert blank == ""
    assert [row.split("  ")[0] for row in rows[:4]] == ["language", "density", "model", "label"]
    assert rows[3].endswith("  60 mm x 30 mm")


def test_a_device_that_cannot_be_asked_is_not_known(at_daemon: Run) -> None:
    ran = at_daemon("printers", "identify", "file:///nowhere/labels.zpl")
    assert (ran.code, "cannot be asked" in ran.out) == (1, True)


def test_a_printer_is_added_by_its_address_alone(at_daemon: Run) -> None:
    with VirtualPrinter(density=12, width_mm=60, height_mm=30) as printer:
        ran = at_daemon("printers", "add", "asked", printer.url)
        assert (ran.code, ran.err.splitlines()[1:]) == (
            0,
            ["As it says: language zpl, density 12, media 60 mm x 30 mm."],
        )
        shown = at_daemon("printers", "show", "asked", "--json").answer
        assert (shown["language"], shown["density"], shown["media"]) == (
            "zpl",
            12,
            {"width": 60_000, "height": 30_000, "stock": ""},
        )
        assert at_daemon("printers", "remove", "asked").code == 0


def test_what_is_said_counts_more_than_what_the_printer_says(at_daemon: Run) -> None:
    with VirtualPrinter(width_mm=60, height_mm=30) as printer:
        ran = at_daemon(
            "printers", "add", "said", printer.url, "--density", "12", "--height", "25"
        )  # fmt: skip
        assert ran.code == 0
        shown = at_daemon("printers", "show", "said", "--json").answer
        assert (shown["density"], shown["model"], shown["media"]) == (
            12,
            "",
            {"width": 60_000, "height": 25_000, "stock": ""},
        )
        assert at_daemon("printers", "remove", "said").code == 0


def test_a_printer_that_is_off_can_be_added_when_its_labels_are_said(at_daemon: Run) -> None:
    with socket.socket() as deaf:  # it keeps the port, so that nobody else listens there
        deaf.bind(("127.0.0.1", 0))
        url = f"tcp://127.0.0.1:{deaf.getsockname()[1]}"
        ran = at_daemon("printers", "add", "off", url, "--width", "100", "--height", "50")
        assert ran.code == 0
        assert ran.err.splitlines() == [
            f"{url[6:]} refuses the connection; switch the printer on, check the port, and whether "
            "another computer is printing there.",
            "As most printers: language zpl, density 8.",
        ]
        assert at_daemon("printers", "remove", "off").code == 0
        ran = at_daemon("printers", "add", "off", url)
        assert ran.code != 0
        assert ran.err.splitlines()[-1] == (
            "How large off's labels are is not known; say it with --width and --height, in mm."
        )


def test_a_printer_that_is_asked_nothing_is_asked_nothing(at_daemon: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as port:
        url = f"tcp://127.0.0.1:{port.getsockname()[1]}"
        ran = at_daemon(
            "printers", "add", "mute", url, "--no-evidence", "--width", "100", "--height", "50"
        )  # fmt: skip
        assert (ran.code, ran.err) == (0, "")
        port.settimeout(0)
        with pytest.raises(BlockingIOError):
            port.accept()
        assert at_daemon("printers", "remove", "mute").code == 0


def test_a_new_device_is_asked_what_it_is(at_daemon: Run) -> None:
    with VirtualPrinter(density=12, width_mm=60, height_mm=30) as printer:
        at_daemon("printers", "add", "line-7", "tcp://127.0.0.1:9103", "--width", 60, "--height",
                  30, "--density", 8, "--language", "tspl")  # fmt: skip
        replaced = at_daemon("printers", "replace", "line-7", printer.url)
        assert (replaced.code, replaced.err.splitlines()[1:]) == (
            0, ["Unlike the old device: density 12, language zpl."],
        )  # fmt: skip
        shown = at_daemon("printers", "show", "line-7", "--json").answer
        assert (shown["language"], shown["density"]) == ("zpl", 12)
        at_daemon("printers", "remove", "line-7")
