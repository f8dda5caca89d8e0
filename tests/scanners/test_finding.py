"""What is plugged in is offered: what it is, whether this user may open it, and what it means."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from gateway.devices.ports import SerialPort
from gateway.errors import DeviceUnreachable
from gateway.scanners import finding
from gateway.scanners.finding import SILENCES, FoundScanner, find_scanners
from gateway.scanners.profiles import known_scanner
from gateway.scanners.scanner import USUAL

if sys.platform != "linux":
    pytest.skip("it is Linux's /sys", allow_module_level=True)

from tests.scanners import sysfs
from tests.scanners.hid_descriptors import HONEYWELL, KEYBOARD
from tests.scanners.sysfs import Sysfs

Known = tuple[str, str, str, bool]


@pytest.fixture
def computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sysfs:
    """A computer without a serial port and with nothing plugged in."""
    monkeypatch.setattr(finding, "list_serial_ports", list)
    return sysfs.make(tmp_path, monkeypatch)


def told(found: list[FoundScanner]) -> list[Known]:
    return [(one.url, one.kind, one.what, one.likely) for one in found]


def test_nothing_is_found_where_nothing_is(computer: Sysfs) -> None:
    assert find_scanners() == []


def test_scanners_come_before_what_only_may_be_one(computer: Sysfs) -> None:
    computer.keyboard("1-1", vendor=0x046D, product=0xC31C, name="Logitech USB Keyboard")
    computer.keyboard("1-2", vendor=0x1A86, product=0x5456, name="WCM Barcode Scanner")
    computer.keyboard("1-3", serial="17018B0B25", name="whatever it says")
    computer.hid(HONEYWELL, "1-4", serial="POS1")
    assert told(find_scanners()) == [
        ("hid:0c2e:0b61/POS1", "hid", "Honeywell (Metrologic) scanner", True),
        ("wedge:1a86:5456@1-2", "wedge", "WCM Barcode Scanner", True),
        ("wedge:0c2e:0b61/17018B0B25", "wedge", "Honeywell (Metrologic) scanner", True),
        ("wedge:046d:c31c@1-1", "wedge", "Logitech USB Keyboard", False),
    ]


def test_a_wedge_says_what_it_will_silence(computer: Sysfs) -> None:
    computer.keyboard()
    (found,) = find_scanners()
    assert (found.note, found.problem, found.profile) == (SILENCES, "", USUAL)


@pytest.mark.parametrize(
    "plug",
    [
        lambda there: there.keyboard("", bus=0x11, name="AT Translated Set 2 keyboard"),
        lambda there: there.keyboard("1-1", bus=6, name="label-gateway pass-through"),
        lambda there: there.keyboard("1-1", keys=frozenset({116}), name="Power Button"),
        lambda there: there.hid(KEYBOARD),
    ],
    ids=["the computer's own", "a program's", "without letters", "a HID that is no scanner"],
)
def test_what_can_be_no_scanner_is_not_offered(computer: Sysfs, plug: object) -> None:
    assert callable(plug)
    plug(computer)
    assert find_scanners() == []


def test_one_device_with_two_nodes_is_offered_once(computer: Sysfs) -> None:
    computer.keyboard("1-1", serial="A", interface="1.1")
    computer.keyboard("1-1", serial="A", interface="1.0")
    assert [one.url for one in find_scanners()] == ["wedge:0c2e:0b61/A"]


def test_two_with_the_same_serial_number_are_named_by_their_ports(computer: Sysfs) -> None:
    for port in ("1-1.2", "1-1.3"):
        computer.keyboard(port, serial="00000001")
    assert {one.url for one in find_scanners()} == {
        "wedge:0c2e:0b61@1-1.2",
        "wedge:0c2e:0b61@1-1.3",
    }


def test_a_device_that_cannot_be_opened_says_what_helps(
    computer: Sysfs, monkeypatch: pytest.MonkeyPatch
) -> None:
    wedge, pos = computer.keyboard(serial="A"), computer.hid(HONEYWELL, serial="B")
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert [one.problem for one in find_scanners()] == [
        no_permission(pos, "hid:0c2e:0b61/B"),
        no_permission(wedge, "wedge:0c2e:0b61/A"),
    ]


def no_permission(node: Path, url: str) -> str:
    return (
        f"This user may not use {node}; run once as root: label-gateway doctor --fix "
        f"--scanner {url}."
    )


@pytest.mark.threat("T11")
def test_a_device_s_own_words_are_one_short_line(computer: Sysfs) -> None:
    computer.keyboard(vendor=1, name="Scanner\x1b[2J\n\u202eevil" + "x" * 200)
    (found,) = find_scanners()
    assert found.what == "Scanner [2J evil" + "x" * 64


def test_serial_ports_are_offered_by_what_is_known_of_them(
    computer: Sysfs, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = [
        SerialPort("/dev/null", "serial:///dev/ttyS0", description="ttyS0"),
        SerialPort("/dev/null", "serial://usb/05f9:4204/S1", 0x05F9, 0x4204, "S1"),
    ]
    monkeypatch.setattr(finding, "list_serial_ports", lambda: ports)
    known = known_scanner(0x05F9, 0x4204)
    assert known is not None
    found = find_scanners()
    assert told(found) == [
        ("serial://usb/05f9:4204/S1", "serial", f"/dev/null: {known.title}", True),
        ("serial:///dev/ttyS0", "serial", "/dev/null: ttyS0", False),
    ]
    assert (found[0].profile, found[0].feedback) == (known.profile, known.feedback)


def test_a_system_that_does_not_tell_is_said_to(
    computer: Sysfs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> list[object]:
        raise OSError("no hidapi")

    monkeypatch.setattr(finding, "plugged_scanners", fail)
    with pytest.raises(DeviceUnreachable) as failed:
        find_scanners()
    assert failed.value.detail == (
        "The devices of this computer cannot be listed (no hidapi); try again."
    )
