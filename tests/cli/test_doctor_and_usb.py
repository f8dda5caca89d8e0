"""What the doctor says of USB printers, from what Linux shows of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.drivers import udev
from gateway.drivers.transports import usb_linux
from gateway.errors import NotPermitted
from gateway.scanners import udev_rules
from tests.cli.conftest import Run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="udev is Linux's")

Plug = Callable[[str, str], Path]


@pytest.fixture
def plug(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plug:
    """Plugs a device with one interface in, as sysfs shows it; returns its file in /dev."""
    sysfs, dev = tmp_path / "sysfs", tmp_path / "dev"
    sysfs.mkdir()
    dev.mkdir()
    monkeypatch.setattr(usb_linux, "SYSFS", sysfs)
    monkeypatch.setattr(usb_linux, "usbfs_node", lambda bus, address: dev / f"{bus}-{address}")
    monkeypatch.setattr(udev, "RULES_FILE", tmp_path / "70-label-gateway.rules")
    monkeypatch.setattr(udev, "is_installed", lambda: False)

    def plug_in(port: str, usb_class: str) -> Path:
        device = tmp_path / "devices" / port
        interface = device / f"{port}:1.0"
        interface.mkdir(parents=True)
        (interface / "bInterfaceClass").write_text(f"{usb_class}\n")
        for name, value in (
            ("idVendor", "0a5f"), ("idProduct", "0164"), ("busnum", "1"), ("devnum", port[-1]),
        ):  # fmt: skip
            (device / name).write_text(f"{value}\n")
        (sysfs / f"{port}:1.0").symlink_to(interface)
        return dev / f"1-{port[-1]}"

    return plug_in


def findings(command: Run, tmp_path: Path, *arguments: str) -> list[tuple[bool, str, str]]:
    ran = command("doctor", "--data-dir", tmp_path / "data", "--json", *arguments)
    return [
        (found["well"], found["sentence"], found["cure"])
        for found in ran.answer["findings"]
        if found["about"] in ("usb", "udev")
    ]


def test_nothing_is_said_where_no_printer_is_plugged_in(
    plug: Plug, command: Run, tmp_path: Path
) -> None:
    plug("1-1", "03")  # a keyboard
    assert findings(command, tmp_path) == []


def test_a_printer_that_may_not_be_used_is_wrong_with_the_cure_that_is_left(
    plug: Plug, command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug("1-1", "07")
    said = "The USB printer 0a5f:0164 in port 1-1 may not be used by this user."
    assert findings(command, tmp_path) == [
        (False, said, "Run once: sudo label-gateway doctor --fix")
    ]
    monkeypatch.setattr(udev, "is_installed", lambda: True)
    assert findings(command, tmp_path) == [
        (False, said, "Let the user print, and log in again: sudo usermod -aG lp USER")
    ]


def test_printers_that_may_be_used_are_counted(plug: Plug, command: Run, tmp_path: Path) -> None:
    for port in ("1-1", "1-2"):
        plug(port, "07").touch()
    assert findings(command, tmp_path) == [
        (
            True,
            "2 USB printers are plugged in and may be used by this user.",
            "Without the rule of doctor --fix the system may send a printer to sleep.",
        )
    ]


def test_fix_shows_the_rule_and_says_how_when_it_may_not_be_written(
    plug: Plug, command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise NotPermitted("Only root may write it.")

    monkeypatch.setattr(udev, "install", refuse)
    ran = command("doctor", "--data-dir", tmp_path / "data", "--fix")
    assert ran.code == 1
    assert udev.RULE in ran.out
    assert "WRONG  Only root may write it.\n" in ran.out


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the rules for scanners go; udev itself is left alone."""
    file = tmp_path / "70-label-gateway-scanners.rules"
    monkeypatch.setattr(udev_rules, "RULES_FILE", file)

    def install(
        target: Path = tmp_path / "70-label-gateway.rules", rule: str = udev.RULE, *_: object
    ) -> None:
        target.write_text(rule)

    monkeypatch.setattr(udev, "install", install)
    return file


def test_fix_rules_for_scanners_that_are_named_and_keeps_those_of_before(
    plug: Plug, command: Run, tmp_path: Path, installed: Path
) -> None:
    wedge, pos = "wedge:0c2e:0b61/17018B0B25", "hid:05e0:1300@1-1.2"
    findings(command, tmp_path, "--fix", "--scanner", "WEDGE:C2E:B61/17018B0B25", "--silent")
    (said,) = findings(command, tmp_path, "--fix", "--scanner", pos)[1:]
    assert said == (
        True,
        f"The rules for scanners are in {installed}.",
        "Let the daemon's user scan: usermod -aG lp USER, and start it again.",
    )
    assert udev_rules.read_rules(installed.read_text()) == [
        udev_rules.Ruled(pos),
        udev_rules.Ruled(wedge, silent=True),
    ]


def test_fix_says_nothing_of_scanners_where_there_are_none(
    plug: Plug, command: Run, tmp_path: Path, installed: Path
) -> None:
    assert len(findings(command, tmp_path, "--fix")) == 1
    assert not installed.exists()


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        (
            "tcp://10.0.0.9:2001",
            "'tcp://10.0.0.9:2001' is not a scanner's URL; write vendor, product and serial number "
            "as in tcp:0c2e:0b61/17018B0B25, or its port as in tcp:0c2e:0b61@1-1.2.",
        ),
        (
            "usb:0c2e:0b61",
            "'usb:0c2e:0b61' needs no rule: only wedge:, hid: and serial://usb do.",
        ),
        (
            "serial:///dev/ttyS0",
            "'serial:///dev/ttyS0' needs no rule: a port that is no USB adapter belongs to the "
            "group dialout; name one as in serial://usb/0c2e:0720/17018B0B25.",
        ),
    ],
)
def test_fix_refuses_what_needs_no_rule(
    plug: Plug, command: Run, tmp_path: Path, installed: Path, url: str, refused: str
) -> None:
    assert findings(command, tmp_path, "--fix", "--scanner", url)[1:] == [(False, refused, "")]
    assert not installed.exists()
