"""Plugged in scanners have addresses that stay true, and one device is meant by each."""

from __future__ import annotations

import errno

import pytest

from gateway.errors import DeviceBusy, DeviceUnreachable, ScannerRefused
from gateway.scanners.plugged import (
    Address,
    Plugged,
    address_of,
    cannot_open,
    parse_address,
    pick,
)


def device(node: str, serial: str = "", port: str = "1-1", interface: str = "1.0") -> Plugged:
    return Plugged(node, 0x0C2E, 0x0B61, serial, port, "Scanner", interface)


@pytest.mark.parametrize(
    ("url", "kept", "address"),
    [
        ("wedge:0c2e:0b61", "wedge:0c2e:0b61", Address("wedge", 0x0C2E, 0x0B61)),
        ("HID://C2E:B61/", "hid:0c2e:0b61", Address("hid", 0x0C2E, 0x0B61)),
        ("hid:0c2e:0b61/A%2F1", "hid:0c2e:0b61/A%2F1", Address("hid", 0x0C2E, 0x0B61, "A/1")),
        (
            "wedge:0c2e:0b61@1-1.2.4",
            "wedge:0c2e:0b61@1-1.2.4",
            Address("wedge", 0x0C2E, 0x0B61, "", "1-1.2.4"),
        ),
    ],
)
def test_an_address_has_one_form(url: str, kept: str, address: Address) -> None:
    assert parse_address(url) == address
    assert str(address) == kept


@pytest.mark.parametrize(
    "url",
    ["wedge:", "wedge:/dev/input/event3", "wedge:0c2e", "wedge:0c2e:0b61@2", "wedge:0c2e:0b61/%00",
     "wedge:0c2e:0b61/A#b", "wedge:0c2e:0b61/" + "A" * 127],
)  # fmt: skip
def test_what_names_no_device_is_refused(url: str) -> None:
    with pytest.raises(ScannerRefused) as refused:
        parse_address(url)
    assert refused.value.detail == (
        f"{url!r} is not a scanner's URL; write vendor, product and serial number as in "
        "wedge:0c2e:0b61/17018B0B25, or its port as in wedge:0c2e:0b61@1-1.2."
    )


def test_the_serial_number_names_a_device_unless_another_has_it_too() -> None:
    one, other = device("a", "S1", "1-1"), device("b", "S1", "1-2")
    assert str(address_of("hid", one, [one])) == "hid:0c2e:0b61/S1"
    assert str(address_of("hid", one, [one, other])) == "hid:0c2e:0b61@1-1"
    assert str(address_of("hid", device("c"), [device("c")])) == "hid:0c2e:0b61@1-1"


def test_of_a_device_s_nodes_the_first_interface_is_taken() -> None:
    nodes = [device("b", "S", interface="1.1"), device("a", "S", interface="1.0")]
    assert pick(parse_address("wedge:0c2e:0b61"), nodes).node == "a"


def test_a_device_that_is_not_there_or_there_twice_is_not_picked() -> None:
    there = [device("a", "S1", "1-1"), device("b", "S2", "1-2")]
    assert pick(parse_address("wedge:0c2e:0b61/S2"), there).node == "b"
    assert pick(parse_address("wedge:0c2e:0b61@1-1"), there).node == "a"
    with pytest.raises(DeviceUnreachable) as gone:
        pick(parse_address("wedge:0c2e:0b61/S3"), there)
    assert gone.value.facts["reason"] == "not plugged in"
    with pytest.raises(DeviceUnreachable) as several:
        pick(parse_address("wedge:0c2e:0b61"), there)
    assert several.value.detail == (
        "2 scanners wedge:0c2e:0b61 are plugged in; say by its port which one is meant: "
        "wedge:0c2e:0b61@PORT with 1-1 or 1-2."
    )


@pytest.mark.parametrize(
    ("number", "kind", "said"),
    [
        (
            errno.EACCES,
            DeviceUnreachable,
            "This user may not use the scanner hid:1:1 (/dev/no); run once as root: label-gateway "
            "doctor --fix --scanner hid:1:1.",
        ),
        (
            errno.EBUSY,
            DeviceBusy,
            "The scanner hid:1:1 is used by another program; stop that first.",
        ),
        (
            errno.ENODEV,
            DeviceUnreachable,
            "The scanner hid:1:1 has just gone; plug it in again.",
        ),
        (
            errno.EIO,
            DeviceUnreachable,
            "The scanner hid:1:1 cannot be opened (broken); unplug it, and plug it in again.",
        ),
    ],
)
def test_why_it_cannot_be_opened_comes_with_a_cure(
    number: int, kind: type[Exception], said: str
) -> None:
    error = cannot_open("hid:1:1", "/dev/no", OSError(number, "broken"))
    assert (type(error), error.detail) == (kind, said)
