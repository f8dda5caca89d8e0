"""A wedge's keys become reads, by its layout, its framing and its silences."""

from __future__ import annotations

import errno
import os
import struct
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.errors import DeviceBusy, DeviceLost, DeviceUnreachable, ScannerRefused
from gateway.scanners import wedge
from gateway.scanners.keys import (
    DOWN,
    GS,
    KEY_ENTER,
    KEY_F8,
    KEY_LEFTALT,
    UP,
    Key,
    Lost,
    pack_keys,
    type_text,
    unpack_keys,
)
from gateway.scanners.layouts import layout_of
from gateway.scanners.outcomes import Outcome
from gateway.scanners.reads import Read
from gateway.scanners.scanner import USUAL, Profile
from gateway.scanners.wedge import Typing

Keys = list[tuple[int, int]]
ENTER: Keys = [(KEY_ENTER, DOWN), (KEY_ENTER, UP)]


def keys_of(text: str, layout: str = "us") -> Keys:
    return type_text(text, layout_of(layout))


class Hand:
    """Types into a ``Typing``, a key each ms."""

    def __init__(self, profile: Profile = USUAL) -> None:
        self.typing = Typing(profile)
        self.now = 100.0

    def press(self, keys: Keys, pace: float = 0.001) -> list[Read]:
        reads: list[Read] = []
        for code, value in keys:
            reads += self.typing.expire(self.now) + self.typing.take(Key(code, value), self.now)
            self.now += pace
        return reads

    def rest(self, seconds: float) -> list[Read]:
        self.now += seconds
        return self.typing.expire(self.now)


def plain(reads: list[Read]) -> list[tuple[str, str]]:
    return [(read.text, read.fault) for read in reads]


def test_codes_end_with_enter_and_keep_the_keys_that_typed_them() -> None:
    hand = Hand()
    reads = hand.press([*keys_of("A1"), *ENTER, *keys_of("B2"), *ENTER])
    assert plain(reads) == [("A1", ""), ("B2", "")]
    assert unpack_keys(reads[0].raw) == [*keys_of("A1"), (KEY_ENTER, DOWN)]
    assert unpack_keys(reads[1].raw) == [(KEY_ENTER, UP), *keys_of("B2"), (KEY_ENTER, DOWN)]


@pytest.mark.parametrize(
    ("profile", "typed", "read"),
    [
        (Profile(suffix="tab"), [*keys_of("A1"), (15, DOWN), (15, UP)], "A1"),
        (Profile(layout="de"), [*keys_of("ABC-Z", "de"), *ENTER], "ABC-Z"),
        (Profile(gs="|"), [*keys_of("01|21"), *ENTER], f"01{GS}21"),
        (Profile(gs="f8"), [*keys_of("01"), (KEY_F8, DOWN), *keys_of("21"), *ENTER], f"01{GS}21"),
        (Profile(prefix="#"), [*keys_of("#A1"), *ENTER], "A1"),
        (Profile(encoding="cp1252", layout="de"), [*keys_of("Ä€", "de"), *ENTER], "Ä€"),
    ],
    ids=["Tab", "German", "|", "F8", "prefix", "an encoding is of bytes"],
)
def test_a_wedge_is_read_as_its_profile_says(profile: Profile, typed: Keys, read: str) -> None:
    assert plain(Hand(profile).press(typed)) == [(read, "")]


def test_an_identifier_is_taken_off() -> None:
    (read,) = Hand(Profile(aim=True)).press([*keys_of("]C1019501"), *ENTER])
    assert (read.aim, read.text) == ("]C1", "019501")


def test_a_key_that_types_nothing_makes_the_code_refused() -> None:
    ((_, fault),) = plain(Hand().press([*keys_of("12"), (KEY_F8, DOWN), *keys_of("34"), *ENTER]))
    assert fault == "characters"


def test_a_code_without_its_end_is_incomplete_and_so_is_what_follows_at_once() -> None:
    hand = Hand()
    assert hand.press(keys_of("12")) == []
    assert plain(hand.rest(0.2)) == [("12", "incomplete")]
    assert plain(hand.press([*keys_of("34"), *ENTER])) == [("34", "incomplete")]
    hand.rest(2.0)
    assert plain(hand.press([*keys_of("56"), *ENTER])) == [("56", "")]


def test_a_slow_alt_code_is_no_silence() -> None:
    digits = [(code, value) for code in (82, 80, 73) for value in (DOWN, UP)]
    typed: Keys = [(KEY_LEFTALT, DOWN), *digits, (KEY_LEFTALT, UP)]
    reads = Hand().press([*keys_of("01"), *typed, *keys_of("21"), *ENTER], pace=0.03)
    assert plain(reads) == [(f"01{GS}21", "")]


def test_a_device_that_goes_in_the_midst_leaves_an_incomplete_code() -> None:
    hand = Hand()
    hand.press(keys_of("12"))
    assert plain(hand.typing.end()) == [("12", "incomplete")]
    assert Hand().typing.end() == []


@pytest.mark.parametrize("before", ["", "12"])
@pytest.mark.parametrize("behind", ["", "34"])
def test_lost_keys_are_told_until_the_next_ending(before: str, behind: str) -> None:
    hand = Hand()
    hand.press(keys_of(before))
    assert hand.typing.take(Lost(frozenset()), hand.now) == []
    (read,) = hand.press([*keys_of(behind), *ENTER])
    assert read.fault == "keys_lost"
    assert plain(hand.press([*keys_of("56"), *ENTER])) == [("56", "")]


def test_lost_keys_without_an_ending_are_told_after_a_silence() -> None:
    hand = Hand()
    hand.typing.take(Lost(frozenset({42})), hand.now)
    (read,) = hand.rest(0.2)
    assert read.fault == "keys_lost"


def test_a_layout_that_there_is_not_is_refused() -> None:
    with pytest.raises(ScannerRefused) as refused:
        Typing(replace(USUAL, layout="dvorak"))
    assert refused.value.detail.startswith("There is no keyboard layout 'dvorak'; it is one of us")


def test_elsewhere_a_wedge_is_refused_with_what_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(ScannerRefused) as refused:
        wedge.open("wedge:0c2e:0b61", USUAL)
    assert refused.value.detail == (
        "The wedge wedge:0c2e:0b61 can be read by the gateway on Linux only; here let it type into "
        "a station's page, or set it to HID POS or to a serial port."
    )


# ---------------------------------------------------------------- the device, by its file

if sys.platform == "linux":
    from gateway.scanners import evdev_linux
    from tests.scanners import sysfs

EVENT = struct.Struct("@LLHHi")
SYN: tuple[int, int, int] = (0, 0, 0)


class Keyboard:
    """A named pipe in the place of an evdev file: events go in, and a wedge comes out.

    What the kernel answers to requests stands in ``down`` and ``grabbed``.
    """

    def __init__(self, node: Path) -> None:
        node.unlink()
        os.mkfifo(node)
        self.down: frozenset[int] = frozenset()
        self.grabbed = 0
        self.taken = threading.Event()
        self.holder = False
        self._pipe = os.open(node, os.O_RDWR)

    def put(self, *events: tuple[int, int, int]) -> None:
        os.write(self._pipe, b"".join(EVENT.pack(0, 0, *event) for event in events))

    def press(self, keys: Keys) -> None:
        for code, value in keys:
            self.put((1, code, value), SYN)

    def keys_down(self, descriptor: int) -> frozenset[int]:
        return self.down

    def grab(self, descriptor: int) -> None:
        if self.holder:
            raise OSError(errno.EBUSY, "busy")
        self.grabbed += 1
        self.taken.set()

    def close(self) -> None:
        os.close(self._pipe)


linux = pytest.mark.skipif(sys.platform != "linux", reason="evdev is Linux's")
URL = "wedge:0c2e:0b61/A"


@pytest.fixture
def keyboard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Keyboard]:
    """A wedge that is plugged in."""
    made = Keyboard(sysfs.make(tmp_path, monkeypatch).keyboard(serial="A"))
    monkeypatch.setattr(evdev_linux, "keys_down", made.keys_down)
    monkeypatch.setattr(evdev_linux, "grab", made.grab)
    yield made
    made.close()


@linux
def test_an_open_wedge_is_grabbed_and_read(keyboard: Keyboard) -> None:
    source = wedge.open(URL, USUAL)
    assert source.grabbed
    assert keyboard.grabbed == 1
    keyboard.press([*keys_of("A1"), *ENTER, *keys_of("B2"), *ENTER])
    first, second = source.read(10), source.read(10)
    source.tell(Outcome.DONE)
    source.close()
    source.close()
    assert first is not None
    assert second is not None
    assert plain([first, second]) == [("A1", ""), ("B2", "")]


@linux
def test_keys_that_come_while_nobody_reads_are_all_kept(keyboard: Keyboard) -> None:
    source = wedge.open(URL, USUAL)
    for number in range(200):
        keyboard.press([*keys_of(f"SN{number:04}"), *ENTER])
    reads = [source.read(10) for _ in range(200)]
    source.close()
    assert [read and (read.text, read.fault) for read in reads] == [
        (f"SN{number:04}", "") for number in range(200)
    ]


@linux
def test_a_wedge_is_grabbed_when_the_last_key_is_up(keyboard: Keyboard) -> None:
    keyboard.down = frozenset({30, 42})
    source = wedge.open(URL, USUAL)
    assert not source.grabbed
    keyboard.press([(30, UP), *keys_of("1")])
    keyboard.press([(42, UP)])
    assert keyboard.taken.wait(10)
    keyboard.press(ENTER)
    read = source.read(10)
    assert source.grabbed
    assert keyboard.grabbed == 1
    source.close()
    assert read is not None
    assert read.text == "1"


@linux
def test_a_wedge_that_is_not_to_be_grabbed_is_not(keyboard: Keyboard) -> None:
    source = wedge.open(URL, Profile(grab=False))
    keyboard.press(ENTER)
    assert (source.read(0.05), source.grabbed, keyboard.grabbed) == (None, False, 0)
    source.close()


@linux
def test_waking_ends_a_read_now_or_the_next_one(keyboard: Keyboard) -> None:
    source = wedge.open(URL, USUAL)
    source.wake()
    assert source.read(60) is None
    source.close()
    source.wake()


@linux
def test_events_that_the_system_dropped_are_told(keyboard: Keyboard) -> None:
    source = wedge.open(URL, USUAL)
    keyboard.press(keys_of("12"))
    keyboard.put((0, 3, 0), (1, 30, DOWN), SYN)  # SYN_DROPPED, and what belongs to it
    keyboard.press([*keys_of("3"), *ENTER])
    read = source.read(10)
    source.close()
    assert read is not None
    assert read.fault == "keys_lost"
    assert unpack_keys(read.raw) == [*keys_of("123"), (KEY_ENTER, DOWN)]


@linux
def test_a_wedge_that_goes_says_what_it_had_and_then_that_it_is_gone(
    keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = wedge.open(URL, Profile(idle_ms=5000))
    real = os.read

    def unplugged(descriptor: int, size: int) -> bytes:
        came = real(descriptor, size)
        if b"GONE" in came:
            raise OSError(errno.ENODEV, "No such device")
        return came

    monkeypatch.setattr(os, "read", unplugged)
    keyboard.press(keys_of("12"))
    while source._typing.due is None:
        source.read(0.01)
    os.write(keyboard._pipe, b"GONE")
    read = source.read(10)
    assert read is not None
    assert plain([read]) == [("12", "incomplete")]
    said = f"The scanner {URL} was unplugged; it is used again when it is back."
    for _ in range(2):
        with pytest.raises(DeviceLost) as lost:
            source.read(10)
        assert lost.value.detail == said
    source.close()


@linux
def test_a_wedge_another_program_has_is_busy_and_left_alone(keyboard: Keyboard) -> None:
    keyboard.holder = True
    open_before = open_files()
    with pytest.raises(DeviceBusy):
        wedge.open(URL, USUAL)
    assert open_files() == open_before


@linux
def test_no_keyboard_is_plugged_in_for_a_wedge_that_another_program_has(
    keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Plugging one in is news to all that wait for a device: they would try again at once."""
    from gateway.scanners import uinput_linux

    plugged: list[str] = []
    monkeypatch.setattr(uinput_linux.PassThrough, "_plug", lambda self: plugged.append("one"))
    node = tmp_path / "uinput"
    node.touch()
    monkeypatch.setattr(uinput_linux, "NODE", node)
    keyboard.holder = True
    open_before = open_files()
    with pytest.raises(DeviceBusy):
        wedge.open(URL, Profile(pass_through=True))
    assert plugged == []
    assert open_files() == open_before


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@linux
def test_without_uinput_nothing_can_be_passed_through(
    keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from gateway.scanners import uinput_linux

    monkeypatch.setattr(uinput_linux, "NODE", tmp_path / "uinput")
    with pytest.raises(DeviceUnreachable) as refused:
        wedge.open(URL, Profile(pass_through=True))
    assert refused.value.facts["reason"] == "uinput"


@linux
def test_what_nobody_knows_is_played_on_with_every_key_let_go(
    keyboard: Keyboard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from gateway.scanners import uinput_linux

    monkeypatch.setattr(uinput_linux.PassThrough, "_plug", lambda self: None)
    played = tmp_path / "uinput"
    played.touch()
    monkeypatch.setattr(uinput_linux, "NODE", played)
    source = wedge.open(URL, Profile(pass_through=True))
    for code, known in (("A", True), ("B", False), ("C", True)):
        keyboard.press([*keys_of(code), *ENTER])
        assert source.read(10)
        source.tell(Outcome.REFUSED)
        if not known:
            source.pass_on()
    source.close()
    events = [event[2:] for event in EVENT.iter_unpack(played.read_bytes())]
    keys = [(code, value) for kind, code, value in events if kind == 1]
    assert keys == [(KEY_ENTER, UP), *keys_of("B"), *ENTER]
    assert events[1::2] == [SYN] * len(keys)


def test_a_read_s_keys_find_the_layout() -> None:
    from gateway.scanners.calibration import CODES, detect_layout

    hand = Hand(Profile(layout="us", idle_ms=5000))
    code = CODES[0].sent.replace(GS, "|")
    (read,) = hand.press([*keys_of(code, "se"), *ENTER])
    assert read.text != code
    assert detect_layout([read.raw]).options() == {"layout": "se", "gs": "|"}
    assert pack_keys(unpack_keys(read.raw)) == read.raw
