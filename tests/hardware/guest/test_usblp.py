"""Linux's own driver for USB printers, and the messages of plugging in and out."""

from __future__ import annotations

import queue
import random
import time

import pytest

from gateway.devices.plugging import PRINTERS, PlugWatch
from gateway.drivers.ieee1284 import PortStatus
from gateway.drivers.transports.usb import open_wire as open_usb
from gateway.drivers.transports.usb_linux import lp_nodes
from gateway.drivers.transports.usblp import UsblpWire, open_wire
from gateway.errors import DeliveryUncertain, DeviceBusy, DeviceError, DeviceUnreachable
from tests.hardware.gadgets import PAPER_OUT
from tests.hardware.guest.conftest import Plug, settle, wait_gone

ZEBRA = "usblp://0a5f:0164/D2J184500123"


def write_all(wire: UsblpWire, payload: bytes) -> int:
    sent = 0
    while sent < len(payload):
        sent += wire.write(payload[sent:], 2.0)
    return sent


def test_what_is_sent_arrives_whole_and_what_is_said_comes_back(plug: Plug) -> None:
    printer = plug(answer=lambda packet: b"\x16" if packet.endswith(b"\x10\x04\x01") else b"")
    payload = random.Random(1).randbytes(60_001)
    wire = open_wire(ZEBRA)
    assert write_all(wire, payload) == len(payload)
    assert wire.read(0) == b""
    assert wire.write(b"\x10\x04\x01", 2.0) == 3  # DLE EOT 1
    assert wire.read(5.0) == b"\x16"
    assert bytes(printer.received) == payload + b"\x10\x04\x01"
    # The last bytes are the driver's when they were counted: closing waits for them.
    assert write_all(wire, payload) == len(payload)
    wire.close()
    assert printer.wait_for(lambda: len(printer.received) == 2 * len(payload) + 3)


def test_the_port_says_that_the_paper_is_out_and_who_it_is(plug: Plug) -> None:
    printer = plug()
    wire = open_wire("usblp://0a5f:0164")
    assert wire.port_status() == PortStatus(paper_empty=False, selected=True, error=False)
    printer.port_status = PAPER_OUT
    assert wire.port_status() == PortStatus(paper_empty=True, selected=True, error=True)
    who = wire.device_id()
    assert who is not None
    assert who.model == "ZD421"
    wire.close()


def test_a_full_printer_takes_no_more_than_the_driver_holds(plug: Plug) -> None:
    printer = plug()
    printer.stay_deaf()
    wire = open_wire(ZEBRA)
    taken = [wire.write(bytes(30_000), 0.2) for _ in range(3)]
    assert taken == [8192, 0, 0]  # USBLP_BUF_SIZE
    printer.stay_deaf(False)
    assert write_all(wire, bytes(30_000 - 8192)) == 30_000 - 8192
    wire.close()
    assert printer.wait_for(lambda: len(printer.received) == 30_000)


def test_the_node_is_one_programs_and_the_other_is_told_who_has_it(plug: Plug) -> None:
    plug()
    (lp,) = lp_nodes()
    wire = open_wire(f"usblp://{lp.node}")
    with pytest.raises(DeviceBusy) as busy:
        open_wire(ZEBRA)
    assert busy.value.detail == (
        f"{lp.node} is in use by this gateway, for another device; stop that first."
    )
    wire.close()
    open_wire(ZEBRA).close()


def test_a_printer_is_followed_by_its_serial_number_when_its_node_has_another_name(
    plug: Plug,
) -> None:
    printer = plug()
    (before,) = lp_nodes()
    wire = open_wire(ZEBRA)
    assert wire.write(b"first", 2.0) == 5
    assert printer.wait_for(lambda: bytes(printer.received) == b"first")
    wire.check()
    printer.unplug()
    wait_gone(printer)
    with pytest.raises(DeliveryUncertain) as gone:
        wire.read(20.0)
    assert gone.value.detail == (
        f"The USB printer at {before.node} was unplugged or switched off after 5 bytes or a few "
        "less; look which labels came out."
    )
    with pytest.raises(DeviceError):
        wire.check()
    wire.close()
    with pytest.raises(DeviceUnreachable) as absent:
        open_wire(ZEBRA)
    assert absent.value.facts["reason"] == "not plugged in"
    plug(serial="ANOTHER ONE")  # takes the first number
    printer.plug()
    settle(printer)
    assert [(found.node.name, found.serial) for found in lp_nodes()] == [
        ("lp0", "ANOTHER ONE"),
        ("lp1", "D2J184500123"),
    ]
    wire = open_wire(ZEBRA)
    assert wire.write(b"again", 2.0) == 5
    wire.close()
    assert printer.wait_for(lambda: bytes(printer.received) == b"firstagain")


def test_two_printers_with_the_same_serial_number_are_told_apart_by_port(plug: Plug) -> None:
    first, second = plug(), plug()
    with pytest.raises(DeviceUnreachable) as two:
        open_wire(ZEBRA)
    assert two.value.facts["reason"] == "ambiguous"
    for printer in (first, second):
        wire = open_wire(f"usblp://0a5f:0164@{printer.host_port}")
        assert wire.write(printer.host_port.encode(), 2.0) == len(printer.host_port)
        wire.close()
    for printer in (first, second):
        port = printer.host_port.encode()
        assert printer.wait_for(lambda p=printer, w=port: bytes(p.received) == w)  # type: ignore[misc]


def test_plugging_in_and_out_is_heard_of_at_once(plug: Plug) -> None:
    heard: queue.Queue[float] = queue.Queue()
    watch = PlugWatch({PRINTERS: lambda: heard.put(time.monotonic())})
    assert watch.start()
    try:
        printer = plug()
        assert heard.get(timeout=10)
        wire = open_usb("usb://0a5f:0164")
        while not heard.empty():
            heard.get()
        settle(printer)
        wire.check()
        printer.unplug()
        # It is gone for the wire when the message comes, or with one of those that follow it.
        while True:
            assert heard.get(timeout=10)
            try:
                wire.check()
            except DeviceUnreachable:
                break
        wire.close()
    finally:
        watch.stop()
