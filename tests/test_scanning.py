"""The scanners' threads: nothing lost, nothing heard twice, nothing left open."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from gateway.errors import DeviceLost, DeviceUnreachable, StillRunning
from gateway.scanners.outcomes import Outcome
from gateway.scanners.reads import Read
from gateway.scanners.scanner import Profile, Scanner, ScannerStatus, read_profile
from gateway.scanners.source import Source, open_source
from gateway.scanners.virtual import VirtualScanner, virtual_scanner
from gateway.scanning import ScanRoom, Taught

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo terminals")

SOON = 30.0
"""Seconds; everything here takes milliseconds on a machine that has nothing else to do."""

_NUMBERS = count(1)


@dataclass
class Ears:
    """What a room hears and reports, in order."""

    reads: SimpleQueue[tuple[str, Read]] = field(default_factory=SimpleQueue)
    statuses: SimpleQueue[tuple[str, ScannerStatus]] = field(default_factory=SimpleQueue)
    answer: Callable[[Read], Outcome] = lambda read: Outcome.DONE

    def heard(self, scanner: Scanner, read: Read) -> Outcome:
        self.reads.put((scanner.name, read))
        return self.answer(read)

    def report(self, scanner: Scanner, status: ScannerStatus) -> None:
        self.statuses.put((scanner.name, status))

    def next_text(self) -> str:
        read = self.reads.get(timeout=SOON)[1]
        return read.text + ("!" + read.fault if read.fault else "")

    def wait_for(self, condition: str) -> ScannerStatus:
        while True:
            _, status = self.statuses.get(timeout=SOON)
            if status.condition == condition:
                return status


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def room(ears: Ears) -> Iterator[ScanRoom]:
    before = set(threading.enumerate())
    room = ScanRoom(ears.heard, ears.report)
    yield room
    room.stop()
    assert set(threading.enumerate()) <= before, "a thread was left"


def virtual(**options: object) -> tuple[VirtualScanner, Scanner]:
    number = next(_NUMBERS)
    gun = virtual_scanner(f"room-{number}")
    scanner = Scanner(number, f"gun-{number}", f"virtual:{gun.name}", read_profile(options))
    return gun, scanner


def test_a_scan_is_heard_and_its_outcome_told_to_the_scanner(room: ScanRoom, ears: Ears) -> None:
    ears.answer = lambda read: Outcome.REFUSED if read.text == "B1" else Outcome.LOOK
    gun, scanner = virtual()
    room.put(scanner)
    assert ears.wait_for("listening").sentence == "It is there, and listened to."
    gun.scan("A1")
    gun.scan("B1")
    assert gun.wait_told(2, SOON) == (Outcome.LOOK, Outcome.REFUSED)
    assert ears.reads.get(timeout=SOON) == (scanner.name, Read(b"A1", "A1"))
    assert ears.next_text() == "B1"


def test_reads_are_counted_with_the_time_of_the_newest(ears: Ears) -> None:
    room = ScanRoom(ears.heard, ears.report, now=lambda: 1_790_000_000_000_000)
    gun, scanner = virtual()
    room.put(scanner)
    ears.wait_for("listening")
    assert room.status(scanner.id).reads == 0
    for text in ("A1", "A2", "A3"):
        gun.scan(text)
    gun.wait_told(3, SOON)
    assert room.status(scanner.id) == ScannerStatus(
        "listening", "It is there, and listened to.", heard_at=1_790_000_000_000_000, reads=3
    )
    room.stop()


def test_twenty_scanners_that_fire_at_once_lose_nothing(room: ScanRoom, ears: Ears) -> None:
    guns = []
    for _ in range(20):
        gun, scanner = virtual()
        room.put(scanner)
        ears.wait_for("listening")
        guns.append((gun, scanner.name))
    together = threading.Barrier(20)

    def fire(gun: VirtualScanner, name: str) -> None:
        together.wait(SOON)
        for number in range(50):
            gun.scan(f"{name}/{number}")

    shooters = [threading.Thread(target=fire, args=each) for each in guns]
    for shooter in shooters:
        shooter.start()
    for shooter in shooters:
        shooter.join()
    heard: dict[str, list[str]] = {}
    for _ in range(1000):
        name, read = ears.reads.get(timeout=SOON)
        heard.setdefault(name, []).append(read.text)
    assert heard == {name: [f"{name}/{n}" for n in range(50)] for _, name in guns}
    assert ears.reads.empty()
    for gun, _ in guns:
        assert gun.wait_told(50, SOON) == (Outcome.DONE,) * 50


HOSTILE: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "corpus" / "hostile_scans.json").read_text()
)


def bytes_of(scan: dict[str, Any]) -> bytes:
    if "base64" in scan:
        return b64decode(scan["base64"])
    return (str(scan["text"]) * int(scan.get("times", 1))).encode("utf-8", "surrogatepass")


@posix
@pytest.mark.threat("T11")
def test_hostile_codes_on_a_line_harm_neither_it_nor_the_next_code(
    room: ScanRoom, ears: Ears
) -> None:
    line, far = os.openpty()
    room.put(Scanner(1, "gun", f"serial://{os.ttyname(far)}", read_profile({"suffix": "etx"})))
    os.close(far)
    ears.wait_for("listening")
    for number, scan in enumerate(HOSTILE):
        payload = bytes_of(scan) + b"\x03honest-%d\x03" % number
        while payload:
            payload = payload[os.write(line, payload) :]
        reads = [ears.reads.get(timeout=SOON)[1]]
        while reads[-1].text != f"honest-{number}":
            reads.append(ears.reads.get(timeout=SOON)[1])
        for read in reads[:-1]:
            assert len(read.raw) <= 4 * 512 + 3
            assert read.text.translate(dict.fromkeys((0x1D, 0x1E, 0x04))).isprintable(), scan
        faults = {read.fault for read in reads[:-1]}
        if scan["ends"] in ("characters", "encoding", "too_long") and b"\x03" not in bytes_of(scan):
            assert faults == {scan["ends"]}, scan
        else:
            assert (len(reads) > 1) == bool(bytes_of(scan).strip()), scan
    room.stop()
    os.close(line)


# ---------------------------------------------------------------------- repeats


class Hand:
    """A source that reads what it is given, at times that it says."""

    grabbed = True

    def __init__(self) -> None:
        self.said: SimpleQueue[Read | Exception | None] = SimpleQueue()
        self.told: SimpleQueue[Outcome] = SimpleQueue()
        self.closed = threading.Event()

    def read(self, timeout: float) -> Read | None:
        said = self.said.get(timeout=SOON)
        if isinstance(said, Exception):
            raise said
        return said

    def tell(self, outcome: Outcome) -> None:
        self.told.put(outcome)

    def wake(self) -> None:
        self.said.put(None)

    def close(self) -> None:
        self.closed.set()


def test_the_same_code_within_a_moment_is_one_scan_and_sounded_once(ears: Ears) -> None:
    # The room looks at the clock when it opens, and then once for each read.
    hand, times = Hand(), iter([0.0, 1.0, 1.3, 1.6, 1.7, 1.8, 2.1, 2.6, 3.0])
    room = ScanRoom(
        ears.heard,
        ears.report,
        open_source=lambda url, profile: hand,
        clock=lambda: next(times),
    )
    room.put(Scanner(1, "gun", "virtual:hand", read_profile({"repeat_ms": 400})))
    assert ears.wait_for("listening").grabbed
    for text in ("A", "A", "A", "B", "A", "A", "A"):
        hand.said.put(Read(text.encode(), text))
    hand.said.put(Read(b"end", "end"))
    heard = []
    while (text := ears.next_text()) != "end":
        heard.append(text)
    room.stop()
    assert heard == ["A", "B", "A", "A"]
    assert hand.told.qsize() == 5
    assert hand.closed.is_set()


def test_another_symbol_with_the_same_text_is_another_scan(room: ScanRoom, ears: Ears) -> None:
    gun, scanner = virtual(aim=True, repeat_ms=10_000)
    room.put(scanner)
    ears.wait_for("listening")
    gun.scan("0109501", aim="]C0")
    gun.scan("0109501", aim="]C1")
    gun.scan("0109501", aim="]C1")
    gun.scan("end")
    heard = [ears.reads.get(timeout=SOON)[1] for _ in range(3)]
    assert [(read.aim, read.text) for read in heard] == [
        ("]C0", "0109501"), ("]C1", "0109501"), ("", "end"),
    ]  # fmt: skip


def test_a_wedge_that_is_grabbed_only_later_is_seen_to_be(ears: Ears) -> None:
    hand = Hand()
    hand.grabbed = False
    room = ScanRoom(ears.heard, ears.report, open_source=lambda url, profile: hand)
    room.put(Scanner(1, "gun", "wedge:0c2e:0b61"))
    assert not ears.wait_for("listening").grabbed
    hand.grabbed = True
    hand.said.put(Read(b"A1", "A1"))
    assert ears.next_text() == "A1"
    assert room.status(1).grabbed
    room.stop()


# ---------------------------------------------------------------------- what goes wrong


def test_who_takes_a_scan_and_fails_is_a_refusal_and_the_next_scan_is_heard(
    room: ScanRoom, ears: Ears, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(read: Read) -> Outcome:
        if read.text == "A1":
            raise ZeroDivisionError
        return Outcome.DONE

    ears.answer = fail
    gun, scanner = virtual()
    room.put(scanner)
    ears.wait_for("listening")
    gun.scan("A1")
    gun.scan("A2")
    assert gun.wait_told(2, SOON) == (Outcome.REFUSED, Outcome.DONE)
    assert [record.message for record in caplog.records] == ["a scan was not taken"]


def test_a_report_that_fails_harms_nobody(ears: Ears, caplog: pytest.LogCaptureFixture) -> None:
    def fail(scanner: Scanner, status: ScannerStatus) -> None:
        raise ZeroDivisionError

    room = ScanRoom(ears.heard, fail)
    gun, scanner = virtual()
    room.put(scanner)
    assert gun.wait_listened(SOON)
    gun.scan("A1")
    assert ears.next_text() == "A1"
    room.stop()
    assert "a scanner's status was not told" in [record.message for record in caplog.records]


def test_unplugged_in_the_middle_of_a_code_it_is_reported_and_back_when_it_returns(
    room: ScanRoom, ears: Ears
) -> None:
    gun, scanner = virtual(idle_ms=5000)
    room.put(scanner)
    ears.wait_for("listening")
    gun.put(b"A1\rB2")
    assert ears.next_text() == "A1"
    gun.unplug()
    assert ears.next_text() == "B2!incomplete"
    assert ears.wait_for("unreachable").sentence == (
        f"The scanner at virtual:{gun.name} ended the connection; it is tried again until it is "
        "back."
    )
    gun.plug()
    assert ears.wait_for("listening")
    gun.scan("B2")
    assert ears.next_text() == "B2"
    assert room.status(scanner.id).reads == 3


@posix
def test_a_serial_scanner_comes_back_under_the_same_name(
    room: ScanRoom, ears: Ears, tmp_path: Path
) -> None:
    by_id = tmp_path / "usb-Gun-if00"

    def plug() -> int:
        ours, far = os.openpty()
        by_id.unlink(missing_ok=True)
        by_id.symlink_to(os.ttyname(far))
        os.close(far)
        return ours

    line = plug()
    room.put(Scanner(1, "gun", f"serial://{by_id}"))
    ears.wait_for("listening")
    os.write(line, b"A1\rB2")
    assert ears.next_text() == "A1"
    os.close(line)
    assert ears.next_text() == "B2!incomplete"
    assert ears.wait_for("unreachable").sentence.startswith(f"The scanner on {by_id} has gone (")
    line = plug()
    room.cable_moved()
    ears.wait_for("listening")
    os.write(line, b"B2\r")
    assert ears.next_text() == "B2"
    room.stop()
    os.close(line)


class Door:
    """Opens a source when it is told to, and counts who tried."""

    def __init__(self) -> None:
        self.tries: SimpleQueue[str] = SimpleQueue()
        self.hand: Hand | Exception = DeviceUnreachable("It is not there.")

    def open(self, url: str, profile: Profile) -> Source:
        self.tries.put(url)
        if isinstance(self.hand, Exception):
            raise self.hand
        return self.hand


def test_a_cable_that_moves_has_those_that_are_missed_tried_at_once(
    ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.scanning.FIRST_RETRY", 600.0)
    door = Door()
    room = ScanRoom(ears.heard, ears.report, open_source=door.open)
    room.put(Scanner(1, "gun", "wedge:0c2e:0b61@1-2"))
    room.put(Scanner(2, "reader", "tcp://10.0.0.9:2001"))
    assert {door.tries.get(timeout=SOON) for _ in range(2)} == {
        "wedge:0c2e:0b61@1-2", "tcp://10.0.0.9:2001",
    }  # fmt: skip
    ears.wait_for("unreachable")
    ears.wait_for("unreachable")
    door.hand = Hand()
    room.cable_moved()
    assert ears.statuses.get(timeout=SOON)[0] == "gun"
    assert door.tries.get(timeout=SOON) == "wedge:0c2e:0b61@1-2"
    room.stop()
    assert door.tries.empty(), "a cable of this computer says nothing of the network"


def test_what_cannot_be_opened_is_tried_ever_more_seldom_and_told_once(
    ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: SimpleQueue[float] = SimpleQueue()
    enough = threading.Event()

    class Counting(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            if timeout is None or threading.current_thread().name != "scanner-gun":
                return super().wait(timeout)
            pauses.put(timeout)
            if pauses.qsize() == 8:
                enough.set()
                return super().wait(SOON)
            return False

    monkeypatch.setattr("gateway.scanning.threading.Event", Counting)
    door = Door()
    room = ScanRoom(ears.heard, ears.report, open_source=door.open)
    room.put(Scanner(1, "gun", "virtual:nowhere"))
    assert enough.wait(SOON)
    room.stop()
    assert [pauses.get() for _ in range(8)] == [0.2, 0.4, 0.8, 1.5, 1.5, 1.5, 1.5, 1.5]
    assert ears.statuses.qsize() == 1


def test_a_source_that_breaks_in_an_unforeseen_way_is_opened_again(
    ears: Ears, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.scanning.FIRST_RETRY", 0.001)
    door, broken = Door(), Hand()
    door.hand = broken
    room = ScanRoom(ears.heard, ears.report, open_source=door.open)
    room.put(Scanner(1, "gun", "virtual:hand"))
    ears.wait_for("listening")
    door.hand = Hand()
    broken.said.put(ZeroDivisionError())
    assert ears.wait_for("unreachable").sentence == "It failed here; the log has the details."
    ears.wait_for("listening")
    assert broken.closed.is_set()
    room.stop()
    assert [record.message for record in caplog.records] == ["a scanner's thread failed"]


# ---------------------------------------------------------------------- settings


def test_another_name_or_station_keeps_the_device_and_is_heard_with_the_next_scan(
    room: ScanRoom, ears: Ears
) -> None:
    gun, scanner = virtual()
    room.put(scanner)
    ears.wait_for("listening")
    room.put(replace(scanner, name="renamed", station=7))
    gun.scan("A1")
    assert ears.reads.get(timeout=SOON) == ("renamed", Read(b"A1", "A1"))
    assert ears.statuses.empty(), "it was not opened again"


def test_another_profile_opens_the_device_again(room: ScanRoom, ears: Ears) -> None:
    gun, scanner = virtual()
    room.put(scanner)
    ears.wait_for("listening")
    room.put(replace(scanner, profile=read_profile({"suffix": "tab", "prefix": "#"})))
    assert gun.wait_listened(SOON)
    gun.scan("A1")
    assert ears.reads.get(timeout=SOON)[1] == Read(b"#A1", "A1")


def test_a_paused_scanner_is_let_go_of_until_it_is_not(room: ScanRoom, ears: Ears) -> None:
    gun, scanner = virtual()
    room.put(scanner)
    ears.wait_for("listening")
    room.put(replace(scanner, paused=True))
    assert ears.wait_for("paused").sentence == (
        "It is let go of: what it reads goes where it would without us."
    )
    with pytest.raises(DeviceUnreachable):
        gun.scan("A1")
    with closing(open_source(scanner.url, scanner.profile)):
        pass
    room.put(scanner)
    ears.wait_for("listening")
    gun.scan("A2")
    assert ears.next_text() == "A2"


def test_a_removed_scanner_is_closed_and_forgotten(room: ScanRoom, ears: Ears) -> None:
    gun, scanner = virtual()
    room.put(scanner)
    ears.wait_for("listening")
    room.remove(scanner.id)
    room.remove(scanner.id)
    assert room.status(scanner.id).condition == "starting"
    with pytest.raises(DeviceUnreachable):
        gun.scan("A1")


def test_what_another_gateway_listens_to_has_no_thread_here(ears: Ears) -> None:
    room = ScanRoom(ears.heard, ears.report, ours=lambda scanner: scanner.daemon == 1)
    gun, scanner = virtual()
    room.start([replace(scanner, daemon=2)])
    with pytest.raises(DeviceUnreachable):
        gun.scan("A1")
    room.stop()


def test_stopping_finishes_the_scan_that_is_being_done(ears: Ears) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly(read: Read) -> Outcome:
        begun.set()
        assert go_on.wait(SOON)
        return Outcome.LOOK

    ears.answer = slowly
    room = ScanRoom(ears.heard, ears.report)
    gun, scanner = virtual()
    room.put(scanner)
    ears.wait_for("listening")
    gun.scan("A1")
    assert begun.wait(SOON)
    stopping = threading.Thread(target=room.stop)
    stopping.start()
    go_on.set()
    stopping.join()
    assert gun.told() == (Outcome.LOOK,)


@posix
def test_no_thread_and_no_descriptor_is_left(ears: Ears) -> None:
    open_files = Path("/proc/self/fd")
    if not open_files.is_dir():
        pytest.skip("only Linux shows a process's descriptors")
    before = len(list(open_files.iterdir()))
    threads = threading.active_count()
    for _ in range(3):
        room = ScanRoom(ears.heard, ears.report)
        guns = []
        for _ in range(5):
            gun, scanner = virtual()
            room.put(scanner)
            ears.wait_for("listening")
            guns.append(gun)
        guns[0].unplug()
        ears.wait_for("unreachable")
        room.stop()
    assert len(list(open_files.iterdir())) == before
    assert threading.active_count() == threads


# ---------------------------------------------------------------------- which one is it?


def test_the_scanner_that_reads_first_is_the_one_somebody_holds(room: ScanRoom) -> None:
    gun, scanner = virtual(aim=True)
    others = [virtual()[1] for _ in range(3)]
    taught: SimpleQueue[Taught] = SimpleQueue()

    def ask() -> None:
        offered = {each.url: each.profile for each in (*others, scanner)}
        taught.put(room.teach({**offered, "virtual:Bad Name": Profile()}, SOON))

    asking = threading.Thread(target=ask)
    asking.start()
    assert gun.wait_listened(SOON)
    gun.scan("4006381333931", aim="]E0")
    assert taught.get(timeout=SOON) == Taught(
        scanner.url,
        Read(b"]E04006381333931", "4006381333931", "]E0"),
        {
            "virtual:Bad Name": "'virtual:Bad Name' is not a virtual scanner; write it as "
            "virtual:desk, with 1 to 40 letters, digits, '-', '_' or '.'."
        },
    )
    asking.join()
    assert gun.told() == (Outcome.DONE,)
    for each in (*others, scanner):
        open_source(each.url, each.profile).close()  # each was let go of


def test_when_nobody_scans_nothing_is_found_and_all_are_let_go_of(room: ScanRoom) -> None:
    _, scanner = virtual()
    assert room.teach({scanner.url: scanner.profile}, 0.05) == Taught("", None, {})
    open_source(scanner.url, scanner.profile).close()
    assert room.teach({}, SOON) == Taught("", None, {})


def test_when_none_can_be_listened_to_nobody_waits(room: ScanRoom) -> None:
    gun, scanner = virtual()
    gun.unplug()
    assert room.teach({scanner.url: scanner.profile}, 600.0) == Taught(
        "", None, {scanner.url: f"The virtual scanner {gun.name!r} is unplugged."}
    )


def test_one_person_at_a_time_is_shown_which_scanner_is_which(ears: Ears) -> None:
    room = ScanRoom(ears.heard, ears.report)
    gun, scanner = virtual()
    taught: SimpleQueue[Taught] = SimpleQueue()
    asking = threading.Thread(
        target=lambda: taught.put(room.teach({scanner.url: scanner.profile}, 600.0))
    )
    asking.start()
    assert gun.wait_listened(SOON)
    with pytest.raises(StillRunning) as caught:
        room.teach({}, 1.0)
    assert caught.value.detail == (
        "Somebody else is being shown which scanner is which right now; wait until that is over, "
        "and try again."
    )
    room.stop()  # ends the lesson, too
    assert taught.get(timeout=SOON) == Taught("", None, {})
    asking.join()


def test_a_room_that_was_stopped_teaches_nobody(room: ScanRoom) -> None:
    _, scanner = virtual()
    room.stop()
    assert room.teach({scanner.url: scanner.profile}, 600.0) == Taught("", None, {})


def test_a_scanner_that_is_lost_while_it_is_looked_for_is_said_to_be(ears: Ears) -> None:
    hand = Hand()
    hand.said.put(DeviceLost("It has gone."))
    room = ScanRoom(ears.heard, ears.report, open_source=lambda url, profile: hand)
    assert room.teach({"virtual:hand": Profile()}, 600.0) == Taught(
        "", None, {"virtual:hand": "It has gone."}
    )
    assert hand.closed.is_set()


def test_what_nobody_knows_goes_on_to_the_window_while_it_is_taken(ears: Ears) -> None:
    """Of a scanner that can; the thread that reads does it, so keys stay in order."""

    passed: list[str] = []

    class Wedge(Hand):
        def pass_on(self) -> None:
            passed.append(threading.current_thread().name)

    wedge, hand = Wedge(), Hand()
    there: dict[str, Hand] = {"virtual:wedge": wedge, "virtual:hand": hand}
    taken: queue.Queue[str] = queue.Queue()

    def heard(scanner: Scanner, read: Read) -> Outcome:
        threads.pass_on(scanner.id)
        taken.put(threading.current_thread().name)
        return Outcome.REFUSED

    threads = ScanRoom(heard, ears.report, open_source=lambda url, profile: there[url])
    scanners = [Scanner(n, url[8:], url) for n, url in enumerate(there, 1)]
    threads.start(scanners)
    for one in there.values():
        one.said.put(Read(b"A", "A"))
    names = [taken.get(timeout=SOON) for _ in there]
    threads.pass_on(99)  # deleted meanwhile
    threads.stop()
    assert passed == ["scanner-wedge"]
    assert sorted(names) == ["scanner-hand", "scanner-wedge"]


def test_a_tried_scanner_is_shown_and_not_heard_until_the_time_is_over(ears: Ears) -> None:
    clock = [100.0]
    room = ScanRoom(ears.heard, ears.report, clock=lambda: clock[0], now=lambda: 7)
    gun, scanner = virtual(suffix="tab")
    room.put(scanner)
    ears.wait_for("listening")
    assert room.last_trial(scanner.id) is None
    trial = room.try_out(scanner.id, 60)
    gun.scan("A1")
    gun.put(b"\xff\t")
    assert gun.wait_told(2, SOON) == (Outcome.DONE, Outcome.REFUSED)
    assert [(one.number, one.at, one.read.whole, one.read.fault) for one in trial.reads()] == [
        (2, 7, b"\xff\t", "encoding"), (1, 7, b"A1\t", ""),
    ]  # fmt: skip
    clock[0] = 159.9
    assert room.trial(scanner.id) is trial
    assert room.try_out(scanner.id, 60) is trial, "it goes on"
    clock[0] = 219.9
    assert room.trial(scanner.id) is None
    assert room.last_trial(scanner.id) is trial
    gun.scan("A2")
    assert ears.next_text() == "A2"
    room.try_out(scanner.id, 60)
    room.end_trial(scanner.id)
    gun.scan("A3")
    assert ears.next_text() == "A3"
    room.remove(scanner.id)
    assert room.last_trial(scanner.id) is None
    room.stop()
