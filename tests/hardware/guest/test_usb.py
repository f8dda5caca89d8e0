"""libusb, the kernel's drivers and permissions meet printers that misbehave."""

from __future__ import annotations

import math
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.devices.holders import holder_of
from gateway.drivers.ieee1284 import PortStatus
from gateway.drivers.transports.usb import UsbWire, list_usb_printers, open_wire
from gateway.drivers.transports.usb_linux import lp_nodes, plugged_printers
from gateway.errors import DeliveryUncertain, DeviceBusy, DeviceUnreachable, GatewayError
from tests.hardware.gadgets import PACKET, PAPER_OUT, UsbPrinter, controllers
from tests.hardware.guest.conftest import Plug, settle, wait_gone

ZEBRA = "usb://0a5f:0164/D2J184500123"


@contextmanager
def opened(url: str = ZEBRA) -> Iterator[UsbWire]:
    wire = open_wire(url)
    try:
        yield wire
    finally:
        wire.close()


def refusal(url: str = ZEBRA) -> GatewayError:
    with pytest.raises(GatewayError) as refused:
        open_wire(url).close()
    return refused.value


def write_all(wire: UsbWire, payload: bytes) -> int:
    """Write as the press does; return the bytes that were counted."""
    sent = 0
    while sent < len(payload):
        sent += wire.write(payload[sent:], 2.0)
    return sent


def plugged_again(printer: UsbPrinter) -> float:
    """Plug it in and wait until it can be opened; return the seconds that took."""
    began = time.monotonic()
    printer.plug()
    while True:
        try:
            open_wire(ZEBRA).close()
        except GatewayError:
            assert time.monotonic() < began + 20
            threading.Event().wait(0.02)
        else:
            return time.monotonic() - began


# ---------------------------------------------------------------- who is there


def test_a_printer_is_found_by_its_class_and_says_who_it_is(plug: Plug) -> None:
    plug()
    plug(usb_class=255, product=0x9999)  # something else of the same maker
    (found,) = list_usb_printers()
    assert (found.url, found.problem) == (ZEBRA, "")
    assert (found.manufacturer_name, found.product_name) == (
        "Zebra Technologies",
        "ZTC ZD421-203dpi",
    )
    assert found.device_id is not None
    assert (found.device_id.model, found.device_id.command_set) == ("ZD421", ("ZPL",))


def test_a_printer_that_the_kernel_does_not_have_is_asked_by_request(plug: Plug) -> None:
    plug()
    with opened():
        pass
    assert lp_nodes() == []
    (found,) = list_usb_printers()
    assert found.device_id is not None
    assert found.device_id.model == "ZD421"


def test_hostile_words_are_cleaned_and_a_slash_in_a_serial_number_still_leads_there(
    plug: Plug,
) -> None:
    plug(
        manufacturer="Evil\x1b[31m\u202eCorp",
        name="A" * 120,
        serial="../../etc %2F?#@",
        device_id=b"MFG:E\x07vil\xff;MDL:" + b"B" * 300 + b";CMD:ZPL",
    )
    (found,) = list_usb_printers()
    assert found.manufacturer_name == "Evil [31m Corp"
    assert found.product_name == "A" * 100
    assert found.url == "usb://0a5f:0164/..%2F..%2Fetc%20%252F%3F%23%40"
    assert found.device_id is not None
    assert found.device_id.model == "B" * 100
    with opened(found.url) as wire:
        assert wire.write(b"^XA^XZ", 2.0) == 6


def test_a_printer_without_a_serial_number_is_named_by_its_port(plug: Plug) -> None:
    plug(serial="")
    (found,) = list_usb_printers()
    assert found.url == f"usb://0a5f:0164@{found.port}"
    with opened(found.url):
        assert refusal(found.url).detail == (
            f"The USB printer 0a5f:0164 in port {found.port} is in use by this gateway, for "
            "another device; remove one of the two."
        )
    with opened("usb://0a5f:0164"):
        pass  # the only one of its type


def test_of_two_printers_with_the_same_serial_number_neither_is_taken_for_the_other(
    plug: Plug,
) -> None:
    first, second = plug(), plug()
    one, other = list_usb_printers()
    assert (one.url, other.url) == (f"usb://0a5f:0164@{one.port}", f"usb://0a5f:0164@{other.port}")
    assert refusal().detail == (
        "2 USB printers 0a5f:0164 with the serial number D2J184500123 are plugged in; say by its "
        f"port which one is meant: {one.url} or {other.url}."
    )
    for printer, url, words in ((first, one.url, b"first"), (second, other.url, b"second")):
        with opened(url) as wire:
            assert write_all(wire, words) == len(words)
        assert printer.wait_for(lambda p=printer, w=words: p.received == w)  # type: ignore[misc]


def test_a_printer_that_only_speaks_ipp_is_left_to_the_print_system(plug: Plug) -> None:
    plug(protocol=4)
    (found,) = list_usb_printers()
    assert found.problem == refusal().detail
    assert "only speaks IPP over USB" in found.problem


def test_a_printer_that_is_not_there_is_told_from_another_of_its_type(plug: Plug) -> None:
    plug(serial="SOMEBODY")
    assert refusal().detail == (
        "No USB printer 0a5f:0164 with the serial number D2J184500123 is plugged in (1 of that "
        "type, but not this one); check its cable and its power, and see what is there with: "
        "label-gateway printers find."
    )


# ---------------------------------------------------------------- bytes


def test_what_is_sent_arrives_whole_and_what_is_said_comes_back(plug: Plug) -> None:
    printer = plug(answer=lambda packet: b"\x16" if packet.endswith(b"\x10\x04\x01") else b"")
    payload = random.Random(1).randbytes(100_003)
    with opened() as wire:
        assert write_all(wire, payload) == len(payload)
        assert printer.wait_for(lambda: len(printer.received) == len(payload))
        assert bytes(printer.received) == payload
        assert wire.read(0) == b""
        assert wire.write(b"\x10\x04\x01", 2.0) == 3  # DLE EOT 1
        assert wire.read(5.0) == b"\x16"


def test_nothing_is_sent_for_no_bytes_and_an_empty_packet_only_where_it_is_wanted(
    plug: Plug,
) -> None:
    printer = plug()
    with opened() as wire:
        assert wire.write(b"", 1.0) == 0
        assert wire.write(bytes(2 * PACKET), 2.0) == 2 * PACKET
        assert wire.write(b"!", 2.0) == 1
    assert printer.wait_for(lambda: len(printer.received) == 2 * PACKET + 1)
    assert printer.packets == [PACKET, PACKET, 1]
    printer.packets.clear()
    with opened(f"{ZEBRA}?zlp=1") as wire:
        assert wire.write(bytes(2 * PACKET), 2.0) == 2 * PACKET
        assert wire.write(b"!", 2.0) == 1
    assert printer.wait_for(lambda: len(printer.packets) == 4)
    assert printer.packets == [PACKET, PACKET, 0, 1]


def test_every_byte_is_counted_that_a_full_printer_took(plug: Plug) -> None:
    printer = plug()
    payload = random.Random(2).randbytes(50_000)
    with opened() as wire:
        printer.stay_deaf()
        sent = wire.write(payload, 0.3)
        assert 0 < sent < len(payload)
        # What it took before it was deaf is all: now there is no progress, and no exception.
        assert [wire.write(payload[sent:], 0.2) for _ in range(2)] == [0, 0]
        printer.stay_deaf(False)
        assert sent + write_all(wire, payload[sent:]) == len(payload)
        assert printer.wait_for(lambda: len(printer.received) >= len(payload))
        assert bytes(printer.received) == payload


def test_a_printer_that_only_listens_is_waited_beside_and_its_going_is_seen(plug: Plug) -> None:
    printer = plug(protocol=1)
    with opened() as wire:
        began = time.monotonic()
        assert wire.read(0.3) == b""
        assert time.monotonic() - began >= 0.3
        printer.unplug()
        with pytest.raises(DeviceUnreachable):
            wire.read(0.3)


# ---------------------------------------------------------------- control requests


def test_the_port_says_that_the_paper_is_out(plug: Plug) -> None:
    printer = plug()
    with opened() as wire:
        assert wire.port_status() == PortStatus(paper_empty=False, selected=True, error=False)
        printer.port_status = PAPER_OUT
        assert wire.port_status() == PortStatus(paper_empty=True, selected=True, error=True)


def test_a_request_that_is_refused_or_never_answered_ends_and_harms_nothing(plug: Plug) -> None:
    printer = plug()
    with opened() as wire:
        printer.refuse_control = True
        assert (wire.port_status(), wire.device_id()) == (None, None)
        printer.refuse_control = False
        printer.hang_control.set()
        began = time.monotonic()
        assert wire.port_status() is None
        assert time.monotonic() - began < 5
        printer.hang_control.clear()
        assert wire.write(b"^XA^XZ", 2.0) == 6
        assert printer.wait_for(lambda: bytes(printer.received) == b"^XA^XZ")


# ---------------------------------------------------------------- halts


def test_a_halt_between_labels_is_cleared_and_counted_and_loses_nothing(plug: Plug) -> None:
    printer = plug()
    with opened() as wire:
        printer.halt_after = 5
        assert wire.write(b"first", 2.0) == 5
        assert printer.wait_for(lambda: printer.halt_after is None)
        threading.Event().wait(0.2)  # the halt itself cannot be seen from here
        assert wire.write(b"second", 2.0) == 6
        assert wire.halts == 1
    assert printer.wait_for(lambda: bytes(printer.received) == b"firstsecond")


def test_a_halt_inside_a_label_is_doubt_and_the_next_connection_works(plug: Plug) -> None:
    printer = plug()
    payload = random.Random(3).randbytes(20_000)
    with opened() as wire:
        printer.halt_after = 3 * PACKET
        with pytest.raises(DeliveryUncertain) as broken:
            write_all(wire, payload)
        assert "stopped taking data after 0 bytes or a few more" in broken.value.detail
    assert bytes(printer.received) == payload[: 3 * PACKET]
    printer.received.clear()
    with opened() as wire:
        assert write_all(wire, payload) == len(payload)
        assert printer.wait_for(lambda: bytes(printer.received) == payload)


# ---------------------------------------------------------------- the cable


@pytest.mark.parametrize("seed", range(6))
def test_a_cable_pulled_at_any_byte_is_seen_at_once_and_the_printer_is_followed(
    plug: Plug, seed: int, record_property: Callable[[str, object], None]
) -> None:
    printer = plug()
    luck = random.Random(seed)
    payload = luck.randbytes(40_000)
    cut = luck.randint(1, len(payload) - 1)
    with opened() as wire:
        printer.unplug_after = cut
        with pytest.raises(DeliveryUncertain) as broken:
            write_all(wire, payload)
        # The packet it was pulled in counts as sent, and the printer may have half of it.
        assert int(str(broken.value.facts["sent"])) <= math.ceil(cut / PACKET) * PACKET
    assert bytes(printer.received) == payload[:cut]
    printer.received.clear()
    record_property("replug_to_open_ms", round(1000 * plugged_again(printer)))
    with opened() as wire:
        assert write_all(wire, payload) == len(payload)
    assert printer.wait_for(lambda: bytes(printer.received) == payload)


def test_a_printer_is_gone_at_once_also_while_nobody_sends(
    plug: Plug, record_property: Callable[[str, object], None]
) -> None:
    printer = plug()
    with opened() as wire:
        pulled = threading.Timer(0.3, printer.unplug)
        pulled.start()
        with pytest.raises(DeviceUnreachable) as gone:
            wire.read(20.0)
        pulled.join()
        assert gone.value.detail.startswith("The USB printer 0a5f:0164 in port ")
        assert gone.value.detail.endswith(
            " was unplugged or switched off before anything was sent; check its cable and its "
            "power."
        )


def test_a_printer_is_followed_to_another_address_and_to_another_port(plug: Plug) -> None:
    first, second = controllers()[:2]
    printer = plug(controller=first)
    (before,) = plugged_printers()
    printer.unplug()
    wait_gone(printer)
    plugged_again(printer)
    (after,) = plugged_printers()
    assert after.port == before.port
    assert after.node != before.node
    printer.unplug()
    wait_gone(printer)
    moved = plug(controller=second)
    (there,) = plugged_printers()
    assert there.port != before.port
    with opened() as wire:
        assert wire.write(b"here", 2.0) == 4
    assert moved.wait_for(lambda: bytes(moved.received) == b"here")
    assert refusal(f"usb://0a5f:0164@{before.port}").facts["reason"] == "not plugged in"


# ---------------------------------------------------------------- who else has it

HOLD = """
import sys
from gateway.drivers.transports.usb import open_wire
wire = open_wire(sys.argv[1])
print("claimed", flush=True)
sys.stdin.read()
wire.close()
"""


@contextmanager
def another_program(*command: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process


def test_the_kernels_driver_lets_go_and_is_not_brought_back_before_the_next_plug(
    plug: Plug,
) -> None:
    printer = plug()
    (node,) = lp_nodes()
    assert node.device_id.startswith("MANUFACTURER:Zebra")
    with opened():
        assert lp_nodes() == []
    settle()
    assert lp_nodes() == []  # printers lose what they hold when drivers come and go
    with opened():
        pass  # nothing is bound: no reason to complain
    printer.unplug()
    wait_gone(printer)
    printer.plug()
    settle(printer)
    assert [found.serial for found in lp_nodes()] == ["D2J184500123"]


def test_a_printer_another_program_has_claimed_is_busy_and_the_program_is_named(
    plug: Plug,
) -> None:
    plug()
    with another_program(sys.executable, "-c", HOLD, ZEBRA) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "claimed\n"
        name = Path(f"/proc/{process.pid}/comm").read_text().strip()
        (port,) = [found.port for found in plugged_printers()]
        said = (
            f"The USB printer 0a5f:0164 in port {port} is in use by {name} (process "
            f"{process.pid}); stop it: kill {process.pid}."
        )
        refused = refusal()
        assert (type(refused), refused.detail) == (DeviceBusy, said)
        (found,) = list_usb_printers()
        assert found.problem == said
    with opened():
        pass  # it has ended


def test_a_node_that_another_program_prints_to_is_not_taken_away(plug: Plug) -> None:
    plug()
    (lp,) = lp_nodes()
    with another_program(sys.executable, "-c", f"f=open({str(lp.node)!r},'wb');input()") as process:
        while holder_of(lp.node) is None:
            threading.Event().wait(0.05)
        refused = refusal()
        assert isinstance(refused, DeviceBusy)
        assert refused.facts["pid"] == process.pid
        assert lp_nodes() == [lp]
        assert process.stdin is not None
        process.stdin.write("\n")
