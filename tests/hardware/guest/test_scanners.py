"""Scanners as real USB devices: a keyboard wedge, a HID POS scanner and a serial one."""

from __future__ import annotations

import grp
import os
import queue
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from gateway.devices.plugging import SCANNERS, PlugWatch
from gateway.drivers import udev
from gateway.errors import DeviceBusy, DeviceLost, DeviceUnreachable
from gateway.scanners import udev_rules
from gateway.scanners.evdev_linux import plugged_keyboards
from gateway.scanners.finding import SILENCES, find_scanners
from gateway.scanners.hidraw_linux import plugged_scanners
from gateway.scanners.keys import DOWN, GS, KEY_LEFTCTRL, UP, type_text, unpack_keys
from gateway.scanners.layouts import layout_of
from gateway.scanners.outcomes import Outcome
from gateway.scanners.plugged import address_of
from gateway.scanners.reads import Read
from gateway.scanners.scanner import Profile, Scanner, ScannerStatus
from gateway.scanners.source import PassesOn, Source, open_source
from gateway.scanning import ScanRoom
from tests.hardware.guest.conftest import settle
from tests.hardware.scanner_gadgets import Cdc, HidPos, UsbScanner, Wedge

AnyScanner = TypeVar("AnyScanner", bound=UsbScanner)
Plug = Callable[[AnyScanner], AnyScanner]
Record = Callable[[str, object], None]

WEDGE, HID = "wedge:0c2e:0b61/17018B0B25", "hid:0c2e:0b61/17018B0B25"
PATIENCE = 20.0
"""Seconds for what takes one or two: the guest is emulated."""

SLOW = Profile(idle_ms=2000)
"""An emulated scanner types slower than a real one."""

EVENT = struct.Struct("@LLHHi")


@pytest.fixture
def plug() -> Iterator[Callable[[UsbScanner], UsbScanner]]:
    """The way to plug scanners in; they are gone after the test."""
    with ExitStack() as plugged:

        def plug_in(scanner: UsbScanner) -> UsbScanner:
            plugged.enter_context(scanner)
            until(lambda: scanner.host_port, "the kernel does not see it")
            until(lambda: shown(scanner), "it is no device yet")
            settle()
            return scanner

        yield plug_in
    settle()


def shown(scanner: UsbScanner) -> object:
    """Return the files of a scanner that is plugged in."""
    port = scanner.host_port
    folder = Path("/sys/bus/usb/devices") / f"{port}:1.0"
    kinds = ("tty/tty*",) if isinstance(scanner, Cdc) else ("*/hidraw/hidraw*",)
    kinds = ("*/input/input*/event*",) if isinstance(scanner, Wedge) else kinds
    return port and [found for kind in kinds for found in folder.glob(kind)]


def until(holds: Callable[[], object], what: str) -> float:
    """Wait until something holds; return the seconds that took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < PATIENCE, what
        threading.Event().wait(0.005)
    return time.monotonic() - began


@contextmanager
def opened(url: str, profile: Profile = SLOW) -> Iterator[Source]:
    with closing(open_source(url, profile)) as source:
        yield source


def reads(source: Source) -> Read:
    read = source.read(PATIENCE)
    assert read is not None, "it reads nothing"
    return read


@contextmanager
def window() -> Iterator[Callable[[float], list[tuple[int, int]]]]:
    """What another program sees of all keyboards, as a desktop does."""
    with ExitStack() as files:
        waiting = select.poll()
        for node in sorted(Path("/dev/input").glob("event*")):
            file = os.open(node, os.O_RDONLY | os.O_NONBLOCK)
            files.callback(os.close, file)
            waiting.register(file, select.POLLIN)

        def seen(seconds: float) -> list[tuple[int, int]]:
            keys: list[tuple[int, int]] = []
            ends = time.monotonic() + seconds
            while (left := ends - time.monotonic()) > 0:
                for file, _ in waiting.poll(left * 1000):
                    for _, _, kind, code, value in EVENT.iter_unpack(os.read(file, 64 * 24)):
                        if kind == 1 and value != 2:
                            keys.append((code, value))
            return keys

        yield seen


def test_a_wedge_is_read_by_its_own_layout_and_nobody_else_sees_its_keys(
    plug: Plug[Wedge],
) -> None:
    wedge = plug(Wedge(layout="de"))
    with window() as seen:
        with opened(WEDGE, Profile(layout="de", idle_ms=2000)) as source:
            assert source.grabbed
            wedge.type("Zürich-[4711]/y")
            wedge.press(type_text("01095", layout_of("de")))
            wedge.press([(KEY_LEFTCTRL, DOWN), (27, DOWN), (27, UP), (KEY_LEFTCTRL, UP)])
            wedge.type("21A")
            first, second = reads(source), reads(source)
            assert (first.text, first.fault) == ("Zürich-[4711]/y", "")
            assert (second.text, second.fault) == (f"01095{GS}21A", "")
            assert seen(0.2) == []
        # Let go of, it types into windows again.
        wedge.type("A", enter=False)
        assert seen(1.0) == [(42, DOWN), (30, DOWN), (30, UP), (42, UP)]


def test_a_wedge_that_is_not_to_be_grabbed_types_for_both(plug: Plug[Wedge]) -> None:
    wedge = plug(Wedge())
    with window() as seen, opened(WEDGE, Profile(grab=False, idle_ms=2000)) as source:
        assert not source.grabbed
        wedge.type("a1")
        read = reads(source)
        assert read.text == "a1"
        assert seen(0.5)[: len(unpack_keys(read.raw))] == unpack_keys(read.raw)


def test_a_wedge_is_not_grabbed_while_a_key_is_down(plug: Plug[Wedge]) -> None:
    wedge = plug(Wedge())
    with window() as seen:
        wedge.press([(30, DOWN)])
        assert seen(0.5) == [(30, DOWN)]
        with opened(WEDGE) as source:
            assert not source.grabbed
            wedge.press([(30, DOWN), (30, UP)])  # the first says again what it said before
            assert source.read(0.5) is None
            assert source.grabbed
            # The desktop has seen the key come up.
            assert seen(0.5) == [(30, UP)]
            wedge.type("B")
            assert reads(source).text == "B"
            assert seen(0.2) == []


def test_a_wedge_that_another_program_has_grabbed_is_busy(plug: Plug[Wedge]) -> None:
    plug(Wedge())
    with opened(WEDGE), pytest.raises(DeviceBusy) as busy:
        open_source(WEDGE, SLOW)
    assert busy.value.detail == (
        f"The scanner {WEDGE} is used by this gateway, for another device; stop that first."
    )


def test_what_nobody_knows_is_passed_on_as_it_was_typed(plug: Plug[Wedge]) -> None:
    wedge = plug(Wedge(layout="fr"))
    profile = Profile(layout="fr", pass_through=True, idle_ms=2000)
    with opened(WEDGE, profile) as source:
        settle()
        with window() as seen:
            wedge.type("9&a")
            assert reads(source).text == "9&a"
            source.tell(Outcome.REFUSED)
            assert seen(0.3) == []
            wedge.type("9&b")
            refused = reads(source)
            assert isinstance(source, PassesOn)
            source.pass_on()
            keys = seen(1.0)
            # The first of the raw keys is Enter of the code before, coming up.
            assert unpack_keys(refused.raw)[0] == (28, UP)
            assert keys == [*unpack_keys(refused.raw)[1:], (28, UP)]


@pytest.mark.parametrize("kind", ["wedge", "hid", "cdc"])
def test_a_cable_pulled_in_the_midst_of_a_code_drops_it_and_the_scanner_is_back(
    plug: Plug[UsbScanner], kind: str, record_property: Record
) -> None:
    made: dict[str, Callable[[], UsbScanner]] = {"wedge": Wedge, "hid": HidPos, "cdc": Cdc}
    scanner = plug(made[kind]())
    url = {"wedge": WEDGE, "hid": HID, "cdc": "serial://usb/0c2e:0b61/17018B0B25"}[kind]
    heard: queue.Queue[Read] = queue.Queue()
    told: queue.Queue[ScannerStatus] = queue.Queue()

    def take(_: Scanner, read: Read) -> Outcome:
        heard.put(read)
        return Outcome.DONE

    def until_told(condition: str) -> float:
        began = time.monotonic()
        while told.get(timeout=PATIENCE).condition != condition:
            pass
        return time.monotonic() - began

    room = ScanRoom(take, lambda _, status: told.put(status))
    cables = PlugWatch({SCANNERS: room.cable_moved})
    assert cables.start()
    try:
        room.put(Scanner(1, "dock", url, SLOW))
        until_told("listening")
        scan(scanner, "FIRST1")
        first = heard.get(timeout=PATIENCE)
        assert (first.text, first.fault) == ("FIRST1", "")
        scan(scanner, "HALF" * 40, whole=False)
        scanner.unplug()
        gone = until_told("unreachable")
        until(lambda: not scanner.host_port, "the kernel still sees it")
        scanner.plug()
        back = until_told("listening")
        scan(scanner, "AGAIN2")
        came = [heard.get(timeout=PATIENCE)]
        while came[-1].text != "AGAIN2":
            came.append(heard.get(timeout=PATIENCE))
        *halves, again = came
        assert again.fault == ""
        # A serial port that goes takes with it what nobody has read of it yet.
        assert len(halves) == 1 or (kind == "cdc" and not halves)
        for half in halves:
            assert half.fault == "incomplete"
            assert half.text
            assert ("HALF" * 40).startswith(half.text)
    finally:
        cables.stop()
        room.stop()
    record_property("unplugged_to_gone_ms", round(1000 * gone))
    record_property("plugged_to_listening_ms", round(1000 * back))


def scan(scanner: UsbScanner, code: str, *, whole: bool = True) -> None:
    """Scan a code, or only its beginning."""
    match scanner:
        case Wedge():
            scanner.type(code, enter=whole)
        case HidPos():
            # The second is taken when the first is at the host, so that the half is not lost whole.
            scanner.scan(b"]C0", code.encode(), reports=None if whole else 2)
        case Cdc():
            scanner.send(code.encode() + b"\r\n" * whole)
        case _:
            pytest.fail("there are three kinds")


def test_two_of_the_same_model_are_told_apart(plug: Plug[Wedge]) -> None:
    one, other = plug(Wedge(serial="")), plug(Wedge(serial=""))
    there = [device for device in plugged_keyboards() if device.vendor == 0x0C2E]
    urls = {str(address_of("wedge", device, there)) for device in there}
    assert urls == {
        f"wedge:0c2e:0b61@{one.host_port}",
        f"wedge:0c2e:0b61@{other.host_port}",
    }
    with (
        opened(f"wedge:0c2e:0b61@{one.host_port}") as first,
        opened(f"wedge:0c2e:0b61@{other.host_port}") as second,
    ):
        other.type("B")
        one.type("A")
        assert (reads(first).text, reads(second).text) == ("A", "B")
    with pytest.raises(DeviceUnreachable) as several:
        open_source("wedge:0c2e:0b61", SLOW)
    ports = " or ".join(sorted((one.host_port, other.host_port)))
    assert several.value.detail == (
        "2 scanners wedge:0c2e:0b61 are plugged in; say by its port which one is meant: "
        f"wedge:0c2e:0b61@PORT with {ports}."
    )


def test_a_hid_pos_scanner_sends_long_codes_whole_and_beeps(plug: Plug[HidPos]) -> None:
    scanner = plug(HidPos())
    (there,) = plugged_scanners()
    assert str(address_of("hid", there, [there])) == HID
    code = "0109501101530003" + GS + "21" + "A1B2C3D4E5" * 12
    with opened(HID) as source:
        scanner.scan(b"]d2", code.encode())
        read = reads(source)
        assert (read.text, read.aim, read.fault) == (code, "]d2", "")
        source.tell(Outcome.REFUSED)
        assert scanner.told() == bytes([4, 0x20])
        source.tell(Outcome.DONE)
        assert scanner.told() == bytes([4, 0x40])
        scanner.unplug()
        with pytest.raises(DeviceLost):
            source.read(PATIENCE)


def test_what_is_plugged_in_is_offered_with_how_it_talks(plug: Plug[UsbScanner]) -> None:
    plug(Wedge())
    plug(HidPos(serial="POS1"))
    plug(Cdc(vendor=0x05F9, product=0x4204, serial="COM1"))
    plug(Wedge(vendor=0x046D, product=0xC31C, name="Keyboard K120", serial=""))
    port = next(d.port for d in plugged_keyboards() if d.vendor == 0x046D)
    found = [one for one in find_scanners() if "ttyS" not in one.url]
    assert [(one.url.partition("?")[0], one.kind, one.what, one.likely) for one in found] == [
        ("hid:0c2e:0b61/POS1", "hid", "Honeywell (Metrologic) scanner", True),
        ("serial://usb/05f9:4204/COM1", "serial", "/dev/ttyACM0: Datalogic Gryphon", True),
        (WEDGE, "wedge", "Honeywell (Metrologic) scanner", True),
        (f"wedge:046d:c31c@{port}", "wedge", "Honeywell Keyboard K120", False),
    ]
    assert {one.problem for one in found} == {""}
    assert [one.note for one in found] == ["", "", SILENCES, SILENCES]


def test_who_may_not_listen_is_told_how_and_then_may(plug: Plug[UsbScanner]) -> None:
    plug(Wedge())
    plug(HidPos(serial="POS1"))
    other = plug(Wedge(vendor=0x046D, product=0xC31C, serial=""))
    hid = "hid:0c2e:0b61/POS1"
    rules = udev_rules.RULES_FILE
    try:
        nodes = {
            device.serial: device.node for device in [*plugged_keyboards(), *plugged_scanners()]
        }
        assert as_somebody(WEDGE, hid) == [
            f"This user may not use the scanner {url} ({nodes[url.rpartition('/')[2]]}); run once "
            f"as root: label-gateway doctor --fix --scanner {url}."
            for url in (WEDGE, hid)
        ]
        wanted = [udev_rules.Ruled(WEDGE, silent=True), udev_rules.Ruled(hid)]
        udev.install(rules, udev_rules.scanner_rules(wanted), udev_rules.SUBSYSTEMS)
        assert as_somebody(WEDGE, hid) == ["open", "open"]
        known = {
            device.vendor: subprocess.run(
                ["udevadm", "info", "--query=property", f"--name={device.node}"],
                capture_output=True, text=True, check=True,
            ).stdout
            for device in plugged_keyboards() if device.port
        }  # fmt: skip
        assert "LIBINPUT_IGNORE_DEVICE=1" in known[0x0C2E]
        assert "LIBINPUT_IGNORE_DEVICE" not in known[0x046D]
        assert as_somebody(f"wedge:046d:c31c@{other.host_port}") != ["open"]
    finally:
        rules.unlink(missing_ok=True)
        subprocess.run(["udevadm", "control", "--reload"], check=True)


AS_SOMEBODY = """
import os, sys
from gateway.errors import GatewayError
from gateway.scanners.finding import find_scanners
from gateway.scanners.scanner import Profile
from gateway.scanners.source import open_source
import gateway.scanners.hid, gateway.scanners.wedge
find_scanners()  # loads what is loaded late, while root can read everything
os.setgroups([int(sys.argv[1])]), os.setresgid(*[65534] * 3), os.setresuid(*[65534] * 3)
for url in sys.argv[2:]:
    try:
        open_source(url, Profile()).close()
    except GatewayError as error:
        print(error.detail)
    else:
        print("open")
"""


def as_somebody(*urls: str) -> list[str]:
    """Return what a user in the group of the rule gets who opens scanners."""
    group = grp.getgrnam(udev_rules.GROUP).gr_gid
    done = subprocess.run(
        [sys.executable, "-c", AS_SOMEBODY, str(group), *urls],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_device_that_has_gone_costs_no_time_of_the_processor(plug: Plug[Wedge]) -> None:
    wedge = plug(Wedge())
    with opened(WEDGE) as source:
        wedge.unplug()
        for _ in range(3):
            with pytest.raises(DeviceLost):
                source.read(PATIENCE)
    with pytest.raises(DeviceUnreachable) as gone:
        open_source(WEDGE, SLOW)
    assert gone.value.detail == (
        f"The scanner {WEDGE} is not plugged in; check its cable or its radio, and that it is in "
        "the mode that wedge: stands for."
    )
    subprocess.run(["udevadm", "settle"], check=True)
