"""USB without USB: pyusb's seam to libusb is scripted, on every system. Real devices: hardware/."""

from __future__ import annotations

import errno
import os
import random
import time
from contextlib import closing
from pathlib import Path

import pytest

from gateway.devices.holders import Holder
from gateway.drivers.transports import usb, usb_linux
from gateway.drivers.transports.usb import MOST_AT_ONCE, MOST_HALTS, list_usb_printers, open_wire
from gateway.errors import DeliveryUncertain, DeviceBusy, DeviceError, DeviceUnreachable
from tests.drivers.transports.scripted_usb import Device, End, Plugged, ScriptedUsb, Setting, fault

URL = "usb://0a5f:0164/SN1"
WHAT = "The USB printer 0a5f:0164 in port 250-1.4"


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Plugged:
    """Plugs devices in, on a computer that knows nothing of them by itself."""

    def plug_in(*devices: Device) -> ScriptedUsb:
        bus = ScriptedUsb(*devices)
        monkeypatch.setattr(usb, "_backend", lambda: bus)
        return bus

    monkeypatch.setattr(usb_linux, "SYSFS", tmp_path / "nothing")
    monkeypatch.setattr(usb_linux, "USBLP", tmp_path / "nothing")
    return plug_in


def refused(url: str = URL) -> DeviceError:
    with pytest.raises(DeviceError) as error:
        open_wire(url).close()
    return error.value


# ---------------------------------------------------------------- opening


def test_a_printer_is_claimed_and_nothing_else_is_done_to_it(plug: Plugged) -> None:
    device = Device()
    bus = plug(device)
    wire = open_wire(URL)
    assert device.did == [("claim", 0)]
    wire.close()
    wire.close()
    assert device.did == [("claim", 0), ("release", 0)]
    assert bus.open == 0


def test_the_kernels_driver_is_detached_first_also_when_it_has_just_gone(plug: Plugged) -> None:
    device = Device(kernel_driver=True)
    plug(device)
    open_wire(URL).close()
    assert device.did == [("detach", 0), ("claim", 0), ("release", 0)]
    plug(Device(kernel_driver=True, raises={"detach": fault(errno.ENOENT)}))
    open_wire(URL).close()


def test_a_configuration_is_set_only_where_none_is(plug: Plugged) -> None:
    device = Device(configuration=0, bConfigurationValue=3)
    plug(device)
    open_wire(URL).close()
    assert device.did[0] == ("configuration", 3)
    plug(Device(configuration=2))
    assert refused().facts["reason"] == "configuration"


def test_the_setting_that_answers_is_chosen_whatever_its_place_and_endpoints(
    plug: Plugged,
) -> None:
    ipp = Setting(2, 1, 7, 4)
    listens = Setting(2, 0, 7, 1, [End(0x01)])
    answers = Setting(2, 2, 7, 2, [End(0x83, 3), End(0x05, wMaxPacketSize=64), End(0x86)])
    device = Device([[Setting(0, 0, 3, 1, [End(0x81, 3)])], [listens, ipp, answers]])
    plug(device)
    with closing(open_wire(URL)) as wire:
        assert (wire._interface.out, wire._interface.into) == (0x05, 0x86)
    assert device.did == [("claim", 2), ("alternate", 2, 2), ("release", 2)]


def test_a_printer_of_a_makers_own_class_prints_when_it_is_named(plug: Plugged) -> None:
    device = Device([[Setting(0, 0, 0xFF, 0)]])
    plug(device)
    with closing(open_wire(URL)) as wire:
        assert wire.write(b"x", 1.0) == 1
        assert (wire.port_status(), wire.device_id()) == (None, None)
    assert list_usb_printers() == []


@pytest.mark.parametrize("where", ["open", "claim"])
@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (
            fault(errno.EACCES),
            DeviceUnreachable,
            f"This user may not use t{WHAT[1:]}; run once as root: label-gateway doctor --fix.",
        ),
        (
            fault(errno.EBUSY),
            DeviceBusy,
            f"{WHAT} is in use by another program; stop it.",
        ),
        (
            NotImplementedError("Operation not supported"),
            DeviceUnreachable,
            f"{WHAT} belongs to the print system of this computer; add it there, and use it as "
            "spool:// with the name it has there.",
        ),
        (
            fault(errno.ENODEV),
            DeviceUnreachable,
            f"{WHAT} was unplugged; plug it in again.",
        ),
        (
            fault(errno.ENOMEM),
            DeviceUnreachable,
            f"{WHAT} cannot be used ({os.strerror(errno.ENOMEM)}); unplug it, and plug it in "
            "again.",
        ),
    ],
)
def test_what_keeps_a_printer_from_being_used_is_told_with_its_cure(
    plug: Plugged,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    error: BaseException,
    kind: type[DeviceError],
    said: str,
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    device = Device(raises={where: error})
    bus = plug(device)
    url = "usb://0a5f:0164@250-1.4"  # its serial number cannot be asked for either
    assert (type(refused(url)), refused(url).detail) == (kind, said)
    assert bus.open == 0
    if where == "open":
        assert [printer.problem for printer in list_usb_printers()] == [said]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "CUPS (usb)",
            "CUPS (usb) (process 4711); remove its queue, which lpstat -v shows: lpadmin -x QUEUE.",
        ),
        ("ipp-usb", "ipp-usb (process 4711); stop it: systemctl disable --now ipp-usb."),
        ("labels", "labels (process 4711); stop it: kill 4711."),
    ],
)
def test_who_has_the_printer_is_named_with_what_makes_it_let_go(
    plug: Plugged, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    monkeypatch.setattr(usb, "holder_of", lambda node: Holder(4711, name))
    plug(Device(raises={"claim": fault(errno.EBUSY)}))
    busy = refused()
    assert (type(busy), busy.detail) == (DeviceBusy, f"{WHAT} is in use by {said}")
    assert busy.facts == {"holder": name, "pid": 4711}


def test_macos_sends_people_to_its_own_queue(
    plug: Plugged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    plug(Device(raises={"claim": fault(errno.EACCES)}))
    assert refused().detail == (
        f"macOS keeps t{WHAT[1:]} for its own print system; add it there, and use it as spool:// "
        "with the name it has there."
    )


# ---------------------------------------------------------------- finding


def test_the_serial_number_is_asked_where_the_system_does_not_show_it(plug: Plugged) -> None:
    plug(Device(serial="SN1\0\0 "), Device(serial="SN2", port_numbers=(2,)))
    assert [printer.url for printer in list_usb_printers()] == [
        "usb://0a5f:0164/SN1",
        "usb://0a5f:0164/SN2",
    ]
    open_wire("usb://0a5f:0164/SN2").close()
    assert refused("usb://0a5f:0164").facts["reason"] == "ambiguous"
    assert refused("usb://0a5f:0164/SN3").facts["reason"] == "not plugged in"


def test_a_device_with_broken_descriptors_hides_no_other(plug: Plugged) -> None:
    plug(Device(raises={"descriptor": fault(errno.EIO)}), Device(port_numbers=(2,)))
    assert [printer.port for printer in list_usb_printers()] == ["250-2"]


def test_printers_are_listed_by_port_with_what_they_say(plug: Plugged) -> None:
    plug(Device(port_numbers=(10,)), Device(port_numbers=(2,), serial="\x01"))
    first, second = list_usb_printers()
    assert [first.port, second.port] == ["250-2", "250-10"]
    assert (first.url, second.url) == ("usb://0a5f:0164@250-2", "usb://0a5f:0164/SN1")
    assert (second.manufacturer_name, second.product_name) == ("Zebra", "ZD421")
    assert second.device_id is not None
    assert second.device_id.model == "ZD421"


# ---------------------------------------------------------------- writing


def test_every_short_count_is_believed_and_nothing_is_sent_twice(plug: Plugged) -> None:
    luck = random.Random(1)
    payload = luck.randbytes(100_000)
    device = Device(takes=[fault(errno.ETIMEDOUT) if n % 3 else luck.randint(1, 5000)
                           for n in range(60)])  # fmt: skip
    plug(device)
    sent = 0
    with closing(open_wire(URL)) as wire:
        while sent < len(payload):
            sent += wire.write(memoryview(payload)[sent:], 0.5)
    assert b"".join(device.wrote) == payload
    assert max(len(piece) for piece in device.wrote) == MOST_AT_ONCE
    assert b"" not in device.wrote


def test_nothing_is_sent_for_no_bytes(plug: Plugged) -> None:
    device = Device()
    plug(device)
    with closing(open_wire(URL)) as wire:
        assert wire.write(b"", 1.0) == 0
        assert wire.write(bytes(1024), 1.0) == 1024
    with closing(open_wire(f"{URL}?zlp=1")) as wire:
        assert wire.write(bytes(1024), 1.0) == 1024
        assert wire.write(bytes(1000), 1.0) == 1000
    assert [len(piece) for piece in device.wrote] == [1024, 1024, 0, 1000]


def test_a_halt_is_repeated_over_only_when_nothing_of_the_transfer_was_taken(
    plug: Plugged,
) -> None:
    device = Device(takes=[fault(errno.EPIPE)])
    plug(device)
    with closing(open_wire(URL)) as wire:
        assert wire.write(bytes(512), 1.0) == 512
    device.takes = [fault(errno.EPIPE)]
    with closing(open_wire(URL)) as wire, pytest.raises(DeliveryUncertain) as doubt:
        wire.write(bytes(513), 1.0)
    assert doubt.value.detail == (
        f"{WHAT} stopped taking data after 0 bytes or a few more; look which labels came out."
    )
    assert [len(piece) for piece in device.wrote] == [512]


def test_an_endpoint_that_halts_again_and_again_is_given_up(plug: Plugged) -> None:
    device = Device(takes=[fault(errno.EPIPE)] * 9)
    plug(device)
    with closing(open_wire(URL)) as wire:
        with pytest.raises(DeliveryUncertain):
            wire.write(b"^XA^XZ", 1.0)
        assert wire.halts == MOST_HALTS + 1
    assert device.did.count(("clear halt", 0x02)) == MOST_HALTS


def test_a_break_while_bytes_may_have_left_is_doubt_and_before_it_is_not(plug: Plugged) -> None:
    plug(Device(takes=[5000, fault(errno.ENODEV)], says=[fault(errno.EIO)]))
    with closing(open_wire(URL)) as wire:
        with pytest.raises(DeviceUnreachable) as nothing:
            wire.read(1.0)
        assert nothing.value.detail == (
            f"{WHAT} was unplugged or switched off before anything was sent; check its cable and "
            "its power."
        )
        assert wire.write(bytes(9000), 1.0) == 5000
        with pytest.raises(DeliveryUncertain) as broken:
            wire.write(bytes(4000), 1.0)
    assert broken.value.detail == (
        f"{WHAT} was unplugged or switched off after 5000 bytes or a few more; look which labels "
        "came out."
    )


# ---------------------------------------------------------------- reading


def test_empty_answers_are_waited_over_and_a_halt_of_the_answers_is_cleared(plug: Plugged) -> None:
    device = Device(says=[b"", fault(errno.EPIPE), b"", b"ready"])
    plug(device)
    with closing(open_wire(URL)) as wire:
        assert wire.read(5.0) == b"ready"
        assert wire.halts == 1
        assert wire.read(0) == b""
    assert ("clear halt", 0x81) in device.did


def test_waiting_ends_when_it_should(plug: Plugged) -> None:
    plug(Device(says=[b""] * 1000))
    began = time.monotonic()
    with closing(open_wire(URL)) as wire:
        assert wire.read(0.2) == b""
    assert 0.2 <= time.monotonic() - began < 30
