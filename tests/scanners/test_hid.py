"""Reports of a HID POS scanner become reads: joined, told apart, and never half."""

from __future__ import annotations

import queue
from collections.abc import Callable

import pytest

from gateway.errors import DeviceLost, DeviceUnreachable
from gateway.scanners import hid
from gateway.scanners.hid import HidSource, Joining
from gateway.scanners.hid_reports import USUAL_REPORTS
from gateway.scanners.outcomes import Outcome
from gateway.scanners.reads import Read
from gateway.scanners.scanner import USUAL, Profile
from tests.scanners.hid_descriptors import HONEYWELL, PLAIN


def report(aim: bytes, content: bytes, continued: bool = False) -> bytes:
    """Build a report of 64 bytes as Honeywell's scanners send it."""
    return bytes([2, len(content)]) + aim + content.ljust(58, b"\0") + bytes([continued])


def plain(reads: list[Read]) -> list[tuple[str, str, str]]:
    return [(read.text, read.aim, read.fault) for read in reads]


CODE = "0109501101530003\x1d21" + "ABCDEFGHIJ" * 6


def test_a_code_comes_with_its_identifier_and_what_it_came_in() -> None:
    one = report(b"]E0", b"4006381333931")
    reads = Joining(USUAL_REPORTS, USUAL).take(one, 0.0)
    assert reads == [Read(one, "4006381333931", "]E0", "")]


def test_continued_reports_are_one_code() -> None:
    joining = Joining(USUAL_REPORTS, USUAL)
    first, last = report(b"]d2", CODE[:56].encode(), True), report(b"]d2", CODE[56:].encode())
    assert joining.take(first, 0.0) == []
    assert joining.due == pytest.approx(0.1)
    (read,) = joining.take(last, 0.01)
    assert read == Read(first + last, CODE, "]d2", "")
    assert joining.due is None


def test_a_code_whose_rest_does_not_come_is_incomplete_and_its_rest_is_no_code() -> None:
    joining = Joining(USUAL_REPORTS, USUAL)
    joining.take(report(b"]Q1", b"x" * 56, True), 0.0)
    assert joining.expire(0.05) == []
    assert plain(joining.expire(0.1)) == [("x" * 56, "]Q1", "incomplete")]
    assert plain(joining.take(report(b"]Q1", b"rest"), 0.5)) == [("rest", "]Q1", "incomplete")]
    assert plain(joining.take(report(b"]Q1", b"next"), 2.0)) == [("next", "]Q1", "")]


def test_another_code_before_the_rest_of_one_leaves_both_apart() -> None:
    joining = Joining(USUAL_REPORTS, USUAL)
    joining.take(report(b"]Q1", b"x" * 56, True), 0.0)
    assert plain(joining.take(report(b"]E0", b"4006381333931"), 0.01)) == [
        ("x" * 56, "]Q1", "incomplete"),
        ("4006381333931", "]E0", ""),
    ]


def test_a_device_that_goes_in_the_midst_leaves_an_incomplete_code() -> None:
    joining = Joining(USUAL_REPORTS, USUAL)
    assert joining.end() == []
    joining.take(report(b"]Q1", b"x" * 56, True), 0.0)
    assert plain(joining.end()) == [("x" * 56, "]Q1", "incomplete")]


def test_what_is_no_code_is_told_so() -> None:
    def read(content: bytes, profile: Profile = USUAL) -> tuple[str, str]:
        (one,) = Joining(USUAL_REPORTS, profile).take(report(b"]C0", content), 0.0)
        return one.text, one.fault

    assert read(b"A\x1b[2J")[1] == "characters"
    assert read(b"A\xff")[1] == "encoding"
    assert read(b"A\xe4", Profile(encoding="cp1252")) == ("Aä", "")
    assert Joining(USUAL_REPORTS, USUAL).take(report(b"]C0", b""), 0.0) == []
    assert Joining(USUAL_REPORTS, USUAL).take(b"\x04\x01", 0.0) == []


@pytest.mark.threat("T11")
def test_a_code_without_end_takes_no_memory_and_is_told_once() -> None:
    joining = Joining(USUAL_REPORTS, USUAL)
    for number in range(5000):
        assert joining.take(report(b"]Q1", b"x" * 56, True), number / 1000) == []
    assert len(joining._raw) < 4000
    (read,) = joining.take(report(b"]Q1", b"end"), 5.0)
    assert read.fault == "too_long"
    assert plain(joining.take(report(b"]Q1", b"next"), 5.1)) == [("next", "]Q1", "")]


class Device:
    """A scanner that is a queue of reports."""

    def __init__(self, descriptor: bytes = HONEYWELL) -> None:
        self.descriptor = descriptor
        self.reports: queue.Queue[bytes | None] = queue.Queue()
        self.told: list[bytes] = []
        self.closed = False

    def read(self, timeout: float) -> bytes:
        try:
            came = self.reports.get(timeout=timeout)
        except queue.Empty:
            return b""
        if came is None:
            raise DeviceLost("The scanner was unplugged.")
        return came

    def write(self, report: bytes) -> None:
        self.told.append(report)

    def wake(self) -> None:
        self.reports.put(b"")

    def close(self) -> None:
        self.closed = True


def test_a_source_reads_until_it_is_unplugged() -> None:
    device = Device()
    source = HidSource(device, Profile(idle_ms=5000))
    device.reports.put(report(b"]C1", b"A1"))
    device.reports.put(report(b"]Q1", b"x" * 56, True))
    device.reports.put(None)
    reads = [source.read(10), source.read(10)]
    assert [read and (read.text, read.fault) for read in reads] == [
        ("A1", ""),
        ("x" * 56, "incomplete"),
    ]
    for _ in range(2):
        with pytest.raises(DeviceLost):
            source.read(10)
    source.close()
    assert device.closed
    assert not source.grabbed


def test_a_source_gives_an_incomplete_code_its_end_and_can_be_woken() -> None:
    device = Device()
    source = HidSource(device, Profile(idle_ms=20))
    device.reports.put(report(b"]Q1", b"x" * 56, True))
    read = source.read(10)
    assert read is not None
    assert read.fault == "incomplete"
    source.wake()
    assert source.read(60) is None
    assert source.read(0.01) is None


def test_four_outcomes_are_four_signals_of_two_beeps() -> None:
    device = Device()
    source = HidSource(device, USUAL)
    bad, good = bytes([4, 0x20]), bytes([4, 0x40])
    told = {}
    for outcome in Outcome:
        device.told.clear()
        source.tell(outcome)
        told[outcome] = tuple(device.told)
    assert told == {
        Outcome.DONE: (good,),
        Outcome.LOOK: (good, good),
        Outcome.ASKED: (good, bad),
        Outcome.REFUSED: (bad,),
    }


def test_a_scanner_that_cannot_be_asked_to_beep_stays_mute() -> None:
    device = Device(PLAIN)
    HidSource(device, USUAL).tell(Outcome.DONE)
    assert device.told == []


@pytest.mark.parametrize("descriptor", [b"", b"\x05\x8c\x09\x02\xa1\x01\xc0"])
def test_a_device_that_tells_nothing_is_read_as_is_usual(descriptor: bytes) -> None:
    device = Device(descriptor)
    device.reports.put(report(b"]E0", b"4006381333931"))
    read = HidSource(device, USUAL).read(10)
    assert read is not None
    assert (read.text, read.aim) == ("4006381333931", "]E0")


def test_why_a_scanner_cannot_be_opened_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> list[object]:
        raise OSError("open failed")

    monkeypatch.setattr(hid, "plugged_scanners", list)
    with pytest.raises(DeviceUnreachable) as gone:
        hid.open("hid:0c2e:0b61", USUAL)
    assert gone.value.facts["reason"] == "not plugged in"
    monkeypatch.setattr(hid, "plugged_scanners", fail)
    with pytest.raises(DeviceUnreachable) as broken:
        hid.open("hid:0c2e:0b61", USUAL)
    assert broken.value.detail == (
        "The scanner hid:0c2e:0b61 cannot be opened (open failed); unplug it, and plug it in again."
    )


class Library:
    """hidapi as Windows has it: dictionaries, lists of numbers, and errors of its own kinds."""

    def __init__(self, reports: list[list[int]], descriptor: bytes = HONEYWELL) -> None:
        self.reports, self.descriptor = reports, descriptor
        self.path = b""
        self.written: list[bytes] = []

    def enumerate(self) -> list[dict[str, object]]:
        common = {"vendor_id": 0x0C2E, "product_id": 0x0B61, "interface_number": 0}
        words = {"manufacturer_string": "Honeywell", "product_string": "1950g"}
        return [
            {**common, **words, "path": b"kbd", "usage_page": 1, "usage": 6, "serial_number": "S"},
            {**common, **words, "path": b"pos", "usage_page": 0x8C, "usage": 2,
             "serial_number": "S"},
        ]  # fmt: skip

    def device(self) -> Library:
        return self

    def open_path(self, path: bytes) -> None:
        self.path = path

    def get_report_descriptor(self) -> list[int]:
        return list(self.descriptor)

    def read(self, length: int, timeout_ms: int) -> list[int]:
        if not self.reports:
            raise OSError("read error")
        return self.reports.pop(0)

    def write(self, report: bytes) -> int:
        self.written.append(report)
        return len(report)

    def close(self) -> None:
        self.path = b""


@pytest.mark.parametrize("opened", [lambda: hid.open("hid:0c2e:0b61/S", Profile(idle_ms=5000))])
def test_on_windows_the_library_reads_it(
    monkeypatch: pytest.MonkeyPatch, opened: Callable[[], HidSource]
) -> None:
    from gateway.scanners import hid_library

    first = list(report(b"]d2", CODE[:56].encode(), True))
    library = Library([[], first, list(report(b"]d2", CODE[56:].encode()))])
    monkeypatch.setattr(hid_library, "_library", lambda: library)
    monkeypatch.setattr("sys.platform", "win32")
    source = opened()
    assert library.path == b"pos"
    read = source.read(10)
    assert read is not None
    assert (read.text, read.aim) == (CODE, "]d2")
    source.tell(Outcome.REFUSED)
    assert library.written == [bytes([4, 0x20])]
    with pytest.raises(DeviceLost):
        source.read(10)
    source.close()
    assert library.path == b""
