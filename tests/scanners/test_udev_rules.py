"""The rules for scanners name one scanner each, and what a device says stays in its quotes."""

from __future__ import annotations

import pytest

from gateway.errors import ScannerRefused
from gateway.scanners.udev_rules import Ruled, check_ruled, read_rules, scanner_rules


def rules(*scanners: Ruled) -> list[str]:
    """Return the lines between the head and the end, joined where they go on."""
    text = scanner_rules(scanners).replace("\\\n  ", "")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines[0] == 'ACTION=="remove", GOTO="label_gateway_scanners_end"'
    assert lines[-1] == 'LABEL="label_gateway_scanners_end"'
    return lines[1:-1]


def test_a_wedge_is_opened_to_the_group_and_stays_with_the_desktop() -> None:
    assert rules(Ruled("wedge:0c2e:0b61/17018B0B25")) == [
        'SUBSYSTEM=="input", KERNEL=="event*", ATTRS{idVendor}=="0c2e", ATTRS{idProduct}=="0b61", '
        'ATTRS{serial}=="17018B0B25", GROUP="lp", MODE="0660", TAG+="uaccess"'
    ]


def test_a_silent_wedge_is_kept_from_the_desktop() -> None:
    (rule,) = rules(Ruled("wedge:0c2e:0b61@1-1.2", silent=True))
    assert rule == (
        'SUBSYSTEM=="input", KERNEL=="event*", ATTRS{idVendor}=="0c2e", ATTRS{idProduct}=="0b61", '
        'KERNELS=="1-1.2", GROUP="lp", MODE="0660", TAG+="uaccess", '
        'ENV{LIBINPUT_IGNORE_DEVICE}="1"'
    )


def test_a_scanner_paired_by_bluetooth_is_known_by_its_address() -> None:
    (rule,) = rules(Ruled("wedge:0c2e:0b61/AA%3ABB%3ACC%3A00%3A11%3A22"))
    assert 'KERNEL=="event*", ATTRS{uniq}=="aa:bb:cc:00:11:22", GROUP="lp"' in rule


def test_a_hid_pos_scanner_is_opened_as_hidraw() -> None:
    assert rules(Ruled("hid:0c2e:0b61/A1")) == [
        'SUBSYSTEM=="hidraw", ATTRS{idVendor}=="0c2e", ATTRS{idProduct}=="0b61", '
        'ATTRS{serial}=="A1", GROUP="lp", MODE="0660", TAG+="uaccess"'
    ]


def test_programs_for_modems_are_kept_from_a_serial_scanner() -> None:
    ids = 'ATTRS{idVendor}=="05f9", ATTRS{idProduct}=="4204", ATTRS{serial}=="S1"'
    assert rules(Ruled("serial://usb/05f9:4204/S1?baud=9600")) == [
        f'SUBSYSTEM=="tty", {ids}, TAG+="uaccess", ENV{{ID_MM_PORT_IGNORE}}="1"',
        f'SUBSYSTEM=="usb", ENV{{DEVTYPE}}=="usb_device", {ids}, ENV{{ID_MM_DEVICE_IGNORE}}="1"',
    ]


@pytest.mark.threat("T11")
def test_a_hostile_serial_number_stays_in_its_quotes() -> None:
    (rule,) = rules(Ruled("wedge:0c2e:0b61/A1%22%2C%20RUN%2B%3D%22reboot%5C*"))
    assert 'ATTRS{serial}=="A1?, RUN+=?reboot??", GROUP' in rule
    assert rule.count('"') == 2 * 8


@pytest.mark.threat("T11")
@pytest.mark.parametrize(
    "url",
    [
        'serial://usb/05f9:4204/S1\nKERNEL=="sda", MODE="0666"',
        'serial://usb/05f9:4204/S1?baud=9600\nKERNEL=="sda", MODE="0666"',
        'serial://usb/05f9:4204/S1%0AKERNEL=="sda", MODE="0666"',
        'hid:0c2e:0b61/S1\nKERNEL=="sda", MODE="0666"',
    ],
)
def test_no_url_becomes_a_rule_of_its_own(url: str) -> None:
    """What a daemon says its scanners are is written by root."""
    try:
        text = scanner_rules([Ruled(check_ruled(url))])
    except ScannerRefused:
        return
    honest = scanner_rules([Ruled("serial://usb/05f9:4204/S1")])
    assert len(text.splitlines()) == len(honest.splitlines())
    assert text.count('"') == honest.count('"')


def test_a_port_is_ruled_once_however_its_line_is_set() -> None:
    urls = ["serial://usb/05f9:4204/S1?baud=9600", "serial://USB/05F9:4204/S1"]
    assert [check_ruled(url) for url in urls] == ["serial://usb/05f9:4204/S1"] * 2
    assert read_rules(scanner_rules([Ruled(url) for url in urls])) == [
        Ruled("serial://usb/05f9:4204/S1")
    ]


def test_what_was_ruled_is_read_back_sorted_and_once() -> None:
    wedge, pos = Ruled("wedge:0c2e:0b61/A", silent=True), Ruled("hid:0c2e:0b61/B")
    assert read_rules(scanner_rules([wedge, pos, pos])) == [pos, wedge]
    assert read_rules('# another file\nSUBSYSTEM=="usb"\n') == []
