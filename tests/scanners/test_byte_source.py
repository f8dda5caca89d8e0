"""Streams of bytes: silence by the test's own clock, beeps, and what a lost device leaves."""

from __future__ import annotations

from collections import deque

import pytest

from gateway.errors import DeviceLost
from gateway.scanners.byte_source import RESUMES_WITHIN, ByteSource
from gateway.scanners.outcomes import Outcome
from gateway.scanners.scanner import read_profile


class Script:
    """A wire that says what it is told to, each after so many seconds, and the time meanwhile."""

    def __init__(self, *said: tuple[float, bytes | DeviceLost]) -> None:
        self.now = 100.0
        self._said = deque((self.now + after, what) for after, what in said)
        self.sent = b""
        self.woken = False

    def clock(self) -> float:
        return self.now

    def read(self, timeout: float) -> bytes:
        if self.woken:
            self.woken = False
            return b""
        if not self._said or self._said[0][0] > self.now + timeout:
            self.now += timeout
            return b""
        at, what = self._said.popleft()
        self.now = max(self.now, at)
        if isinstance(what, DeviceLost):
            raise what
        return what

    def write(self, payload: bytes) -> None:
        self.sent += payload

    def wake(self) -> None:
        self.woken = True

    def close(self) -> None:
        self.sent += b"<closed>"


GONE = DeviceLost("It has gone.")


def source(script: Script, **options: object) -> ByteSource:
    return ByteSource(script, read_profile(options), script.clock)


def read_all(one: ByteSource, seconds: float = 30.0) -> list[str]:
    reads = []
    while (read := one.read(seconds)) is not None:
        reads.append(read.text + ("!" + read.fault if read.fault else ""))
    return reads


def test_a_read_comes_as_soon_as_its_end_does() -> None:
    script = Script((0.0, b"A1"), (0.05, b"23\rB"), (0.09, b"1\r"))
    one = source(script)
    read = one.read(30.0)
    assert (read and read.text, script.now) == ("A123", 100.05)
    assert read_all(one) == ["B1"]


def test_without_a_read_the_time_is_waited_and_no_longer() -> None:
    script = Script()
    assert source(script).read(7.5) is None
    assert script.now == 107.5


def test_a_code_whose_end_does_not_come_is_given_up_after_the_idle_time() -> None:
    script = Script((0.0, b"A1"), (0.05, b"23"))
    one = source(script, idle_ms=100)
    read = one.read(30.0)
    assert read is not None
    assert (read.text, read.fault) == ("A123", "incomplete")
    assert script.now == pytest.approx(100.15)


def test_its_rest_is_refused_when_it_comes_soon_and_a_new_code_is_not() -> None:
    soon = Script((0.0, b"A1"), (0.5, b"23\r"))
    assert read_all(source(soon)) == ["A1!incomplete", "23!incomplete"]
    late = Script((0.0, b"A1"), (0.2 + RESUMES_WITHIN, b"B1\r"))
    assert read_all(source(late)) == ["A1!incomplete", "B1"]


def test_what_came_while_nobody_read_is_not_broken_by_the_time_it_lay_there() -> None:
    script = Script((0.0, b"A1"), (0.01, b"23\r"))
    one = source(script)
    script.now += 60.0
    assert read_all(one) == ["A123"]


def test_a_code_that_had_begun_when_its_reader_was_kept_goes_on_afterwards() -> None:
    script = Script((0.0, b"A1\rB"), (0.01, b"1\r"))
    one = source(script)
    first = one.read(30.0)
    assert first is not None
    script.now += 60.0  # the database took its time
    assert read_all(one) == ["B1"]


def test_an_endless_code_does_not_keep_anybody_busy() -> None:
    script = Script((0.0, b"X" * 5000))
    one = source(script)
    assert read_all(one) == ["X" * 512 + "!too_long"]
    looks = 0
    read = script.read

    def counted(timeout: float) -> bytes:
        nonlocal looks
        looks += 1
        return read(timeout)

    script.read = counted  # type: ignore[method-assign]
    assert one.read(60.0) is None
    assert looks <= 2


def test_waking_ends_a_read_at_once_and_loses_nothing() -> None:
    script = Script((0.0, b"A1"), (0.05, b"23\r"))
    one = source(script)
    one.wake()
    assert (one.read(30.0), script.now) == (None, 100.0)
    assert read_all(one) == ["A123"]


def test_waking_ends_a_read_in_the_middle_of_a_code_too() -> None:
    script = Script((0.0, b"A1\rB"), (0.05, b"1\r"))
    one = source(script)
    assert one.read(30.0) is not None
    one.wake()
    assert (one.read(30.0), script.now) == (None, 100.0)
    assert read_all(one) == ["B1"]


def test_a_device_that_goes_in_the_middle_of_a_code_leaves_an_incomplete_read() -> None:
    script = Script((0.0, b"A1\rB2"), (0.01, GONE))
    one = source(script)
    assert [one.read(1.0), one.read(1.0)] != [None, None]
    for _ in range(2):
        with pytest.raises(DeviceLost, match=r"^It has gone\.$"):
            one.read(1.0)


def test_the_incomplete_read_says_so() -> None:
    one = source(Script((0.0, b"B2"), (0.01, GONE)))
    read = one.read(1.0)
    assert read is not None
    assert (read.text, read.fault) == ("B2", "incomplete")


def test_the_outcome_goes_to_the_scanner_by_its_own_commands() -> None:
    script = Script()
    for feedback in ("none", "bel", "honeywell_esc"):
        source(script, feedback=feedback).tell(Outcome.REFUSED)
    assert script.sent == b"\x07\x07\x07\x07\x1b8,\x1b8,"


def test_packets_are_answered_before_anything_is_done_with_them() -> None:
    code = bytes.fromhex("07 F3 00 00 03 41 31 FE 91")
    script = Script((0.0, code))
    one = source(script, feedback="ssi")
    assert read_all(one) == ["A1"]
    assert script.sent == bytes.fromhex("04 D0 04 00 FF 28")


def test_closing_closes_the_wire() -> None:
    script = Script()
    source(script).close()
    assert script.sent == b"<closed>"
