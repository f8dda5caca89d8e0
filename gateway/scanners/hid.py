r"""Scanners in HID POS mode: no keyboard layout, nothing typed elsewhere, every identifier told.

    hid:0c2e:0b61/17018B0B25    by serial number
    hid:0c2e:0b61@1-1.2         by the port it is plugged into (Linux)

    hidraw, hidapi ══reports══► Joining (continued reports, silence) ──Read──► the scan room

>>> check_url("HID:C2E:B61/17018B0B25")
'hid:0c2e:0b61/17018B0B25'
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from gateway.errors import DeviceLost
from gateway.scanners.byte_source import RESUMES_WITHIN
from gateway.scanners.framing import read_of
from gateway.scanners.hid_reports import (
    ERROR_BEEP,
    GOOD_BEEP,
    USUAL_REPORTS,
    Piece,
    ScannerReports,
    read_descriptor,
)
from gateway.scanners.outcomes import Outcome
from gateway.scanners.plugged import Plugged, cannot_open, parse_address, pick
from gateway.scanners.reads import Fault, Read
from gateway.scanners.scanner import Profile

BEEPS: dict[Outcome, tuple[int, ...]] = {
    Outcome.DONE: (GOOD_BEEP,),
    Outcome.LOOK: (GOOD_BEEP, GOOD_BEEP),
    Outcome.ASKED: (GOOD_BEEP, ERROR_BEEP),
    Outcome.REFUSED: (ERROR_BEEP,),
}
"""Four signals of the two that the Trigger Report has."""

_WIDEST = 4
"""Bytes of a character in the widest encodings."""


class Line(Protocol):
    """The reports of an open device, both ways."""

    descriptor: bytes

    def read(self, timeout: float) -> bytes: ...

    def write(self, report: bytes) -> None: ...

    def wake(self) -> None: ...

    def close(self) -> None: ...


def check_url(url: str) -> str:
    """Return the URL as ``hid:vid:pid/SERIAL`` or with a port.

    Raises:
        ScannerRefused: it names no plugged in scanner.
    """
    return str(parse_address(url))


def open(url: str, profile: Profile) -> HidSource:
    """Return the open scanner.

    Raises:
        DeviceUnreachable: it is not plugged in, or this user may not open it.
        DeviceBusy: another program has it.
    """
    address = parse_address(url)
    node = ""
    try:
        device = pick(address, plugged_scanners())
        node = device.node
        return HidSource(_line(device, url), profile)
    except OSError as error:
        raise cannot_open(url, node, error) from error


def plugged_scanners() -> list[Plugged]:
    """Return the devices that say of themselves that they are barcode scanners.

    Raises:
        OSError: the system does not tell.
    """
    if sys.platform == "linux":
        from gateway.scanners import hidraw_linux

        return hidraw_linux.plugged_scanners()
    from gateway.scanners import hid_library

    return hid_library.plugged_scanners()


def _line(device: Plugged, url: str) -> Line:
    if sys.platform == "linux":
        from gateway.scanners.hidraw_linux import HidrawLine

        return HidrawLine(device, url)
    from gateway.scanners.hid_library import LibraryLine

    return LibraryLine(device, url)


class Joining:
    """The reads of one scanner, by its reports and by its silences. Knows no device."""

    def __init__(self, reports: ScannerReports, profile: Profile) -> None:
        self._reports, self._profile = reports, profile
        self._idle = profile.idle_ms / 1000
        self._raw = b""
        self._content = b""
        self._aim = ""
        self._too_long = False
        self._broken_until = float("-inf")
        self.due: float | None = None
        """When silence will mean something; None: it means nothing."""

    def take(self, report: bytes, now: float) -> list[Read]:
        """Return the reads that a report completes."""
        piece = self._reports.take(report)
        if piece is None or not (piece.content or self._content):
            return []
        reads = []
        if self.due is not None and piece.aim != self._aim:
            reads += self._ended("incomplete")  # its rest never came, and this is another code
        self._hold(report, piece)
        if piece.continued:
            self.due = now + self._idle
            return reads
        # Behind a code that was given up comes its rest, which is none.
        return reads + self._ended("incomplete" if now < self._broken_until else "")

    def expire(self, now: float) -> list[Read]:
        """Return what the silence up to now makes of what is there."""
        if self.due is None or now < self.due:
            return []
        self._broken_until = now + RESUMES_WITHIN
        return self._ended("incomplete")

    def end(self) -> list[Read]:
        """Return what is left of a device that has gone."""
        return self._ended("incomplete") if self.due is not None else []

    def _hold(self, report: bytes, piece: Piece) -> None:
        self._aim = piece.aim
        if len(self._content) + len(piece.content) > _WIDEST * self._profile.longest:
            self._too_long = True
            return
        self._raw += report
        self._content += piece.content

    def _ended(self, fault: Fault) -> list[Read]:
        raw, content, aim = self._raw, self._content, self._aim
        if self._too_long:
            fault = "too_long"
        self._raw, self._content, self._aim, self._too_long = b"", b"", "", False
        self.due = None
        try:
            text = content.decode(self._profile.encoding)
        except UnicodeDecodeError:
            text = content.decode(self._profile.encoding, "replace")
            fault = fault or "encoding"
        read = read_of(raw, text, self._profile, fault, aim)
        return [read] if read.text or read.fault else []


class HidSource:
    """An open scanner."""

    grabbed = False

    def __init__(
        self, line: Line, profile: Profile, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._line, self._clock = line, clock
        told = read_descriptor(line.descriptor)
        self._reports = told if told.reads else USUAL_REPORTS
        self._joining = Joining(self._reports, profile)
        self._ready: deque[Read] = deque()
        self._lost: DeviceLost | None = None

    def read(self, timeout: float) -> Read | None:
        """Return the next read; None when there is none within ``timeout`` seconds or woken.

        Raises:
            DeviceLost: it was unplugged.
        """
        ends = self._clock() + timeout
        while not self._ready:
            if self._lost is not None:
                raise self._lost
            now = self._clock()
            due = self._joining.due
            until = ends if due is None else min(ends, due)
            try:
                report = self._line.read(max(0.0, until - now))
            except DeviceLost as error:
                self._lost = error
                self._ready += self._joining.end()
                continue
            now = self._clock()
            if report:
                self._ready += self._joining.take(report, now)
            elif expired := self._joining.expire(now):
                self._ready += expired
            elif until == ends or now < until:  # the time is over, or somebody woke us
                return None
        return self._ready.popleft()

    def tell(self, outcome: Outcome) -> None:
        """Make the scanner beep, where its descriptor says that it can be asked to."""
        for usage in BEEPS[outcome]:
            if (report := self._reports.beep(usage)) is not None:
                self._line.write(report)

    def wake(self) -> None:
        """Have ``read`` return at once."""
        self._line.wake()

    def close(self) -> None:
        """Let it go."""
        self._line.close()
