"""Virtual scanners: real bytes through a real socket, and beeps that can be asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count

import pytest

from gateway.errors import DeviceBusy, DeviceLost, DeviceUnreachable
from gateway.scanners.outcomes import Outcome
from gateway.scanners.reads import Read
from gateway.scanners.scanner import Profile, read_profile
from gateway.scanners.source import open_source
from gateway.scanners.virtual import KEPT, VirtualScanner, virtual_scanner

_NUMBERS = count()


@pytest.fixture
def gun() -> VirtualScanner:
    return virtual_scanner(f"gun-{next(_NUMBERS)}")


def url_of(gun: VirtualScanner) -> str:
    return f"virtual:{gun.name}"


@pytest.mark.parametrize(
    ("options", "raw"),
    [
        ({}, b"01\x1d21A"),
        ({"suffix": "crlf"}, b"01\x1d21A"),
        ({"prefix": "\x02", "suffix": "etx", "aim": True}, b"\x02]C101\x1d21A"),
        ({"gs": "|", "suffix": "#"}, b"01|21A"),
        ({"suffix": "none"}, b"01\x1d21A"),
    ],
)
def test_it_writes_as_its_profile_says_and_is_read_back(
    gun: VirtualScanner, options: dict[str, object], raw: bytes
) -> None:
    profile = read_profile(options)
    with closing(open_source(url_of(gun), profile)) as source:
        gun.scan("01\x1d21A", aim="]C1")
        aim = "]C1" if profile.aim else ""
        assert source.read(5.0) == Read(raw, "01\x1d21A", aim)


def test_a_scanner_that_loses_gs_loses_it(gun: VirtualScanner) -> None:
    with closing(open_source(url_of(gun), read_profile({"gs": "lost"}))) as source:
        gun.scan("01\x1d21A")
        assert source.read(5.0) == Read(b"0121A", "0121A")


def test_what_it_was_told_is_kept_and_waited_for(gun: VirtualScanner) -> None:
    with closing(open_source(url_of(gun), Profile())) as source:
        for outcome in Outcome:
            source.tell(outcome)
        assert gun.wait_told(4, 5.0) == gun.told() == tuple(Outcome)
        for _ in range(KEPT):
            source.tell(Outcome.DONE)
        assert gun.told() == (Outcome.DONE,) * KEPT


def test_it_beeps_by_the_commands_of_its_family(gun: VirtualScanner) -> None:
    with closing(open_source(url_of(gun), read_profile({"feedback": "bel"}))) as source:
        source.tell(Outcome.ASKED)
        assert gun._line is not None
        assert gun._line.recv(100) == b"\x07\x07\x07"


def test_a_code_larger_than_any_buffer_goes_through(gun: VirtualScanner) -> None:
    with closing(open_source(url_of(gun), Profile())) as source, ThreadPoolExecutor() as hands:
        done = hands.submit(gun.scan, "X" * 1_000_000 + "\rA1")
        reads = [source.read(30.0), source.read(30.0)]
        done.result(30.0)
    assert [(read.text[:2], read.fault) for read in reads if read] == [
        ("XX", "too_long"), ("A1", ""),
    ]  # fmt: skip


def test_scanning_when_nobody_listens_says_so(gun: VirtualScanner) -> None:
    with pytest.raises(DeviceUnreachable) as caught:
        gun.scan("A1")
    assert caught.value.detail == (
        f"No gateway listens to the virtual scanner '{gun.name}'; add it with 'label-gateway "
        f"scanner add NAME virtual:{gun.name}', and see that it is not paused."
    )


def test_one_gateway_at_a_time_has_it(gun: VirtualScanner) -> None:
    with closing(open_source(url_of(gun), Profile())), pytest.raises(DeviceBusy):
        open_source(url_of(gun), Profile())
    open_source(url_of(gun), Profile()).close()


def test_unplugged_in_the_middle_of_a_code_it_is_lost_and_comes_back(gun: VirtualScanner) -> None:
    source = open_source(url_of(gun), Profile())
    gun.put(b"A1\rB2")
    assert source.read(5.0) == Read(b"A1", "A1")
    gun.unplug()
    assert source.read(5.0) == Read(b"B2", "B2", fault="incomplete")
    with pytest.raises(DeviceLost):
        source.read(5.0)
    source.close()
    with pytest.raises(DeviceUnreachable, match="is unplugged"):
        open_source(url_of(gun), Profile())
    gun.plug()
    with closing(open_source(url_of(gun), Profile())) as back:
        gun.scan("B2")
        assert back.read(5.0) == Read(b"B2", "B2")


def test_an_old_cable_that_is_put_away_late_leaves_the_new_one(gun: VirtualScanner) -> None:
    old = open_source(url_of(gun), Profile())
    gun.unplug()
    gun.plug()
    with closing(open_source(url_of(gun), Profile())) as new:
        old.close()
        gun.scan("A1")
        assert new.read(5.0) == Read(b"A1", "A1")


def test_a_source_that_is_closed_takes_beeps_and_bells_and_does_nothing(
    gun: VirtualScanner,
) -> None:
    source = open_source(url_of(gun), Profile())
    source.close()
    source.close()
    source.wake()
    source.tell(Outcome.DONE)
