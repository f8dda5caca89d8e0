r"""What a scanner in HID POS mode says, pure: report descriptor and reports.

    descriptor ──read_descriptor──► ScannerReports ──take──► Piece: AIM id, bytes, goes on or not

The fields are those of the usage page for barcode scanners, 0x8C: Symbology Identifier 1 to 3,
Decoded Data, Decode Data Continued, with the Byte Count of Generic Desktop (USB HID Point of Sale
Usage Tables 1.02, chapter 3). Makers order and size them differently, so the descriptor is read;
where it says nothing of use the layout of Hand Held Products is taken, which most have (2020/5B
manual, page 15): length, AIM identifier, 56 bytes, two of their own, continued.

>>> report = b"\x02\x05]E0" + b"12345".ljust(56, b"\0") + b"\0\0\0"
>>> USUAL_REPORTS.take(report)
Piece(aim=']E0', content=b'12345', continued=False)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

BARCODE_PAGE = 0x8C << 16
SCANNERS = range(BARCODE_PAGE | 0x01, BARCODE_PAGE | 0x06)
"""Applications: badge reader, scanner, dumb scanner, base and cradle of a cordless one."""
BYTE_COUNT = 0x01 << 16 | 0x3B
AIM = (BARCODE_PAGE | 0xFB, BARCODE_PAGE | 0xFC, BARCODE_PAGE | 0xFD)
DATA, CONTINUED = BARCODE_PAGE | 0xFE, BARCODE_PAGE | 0xFF
ERROR_BEEP, GOOD_BEEP = BARCODE_PAGE | 0x85, BARCODE_PAGE | 0x86
"""Sound Error Beep and Sound Good Read Beep, of the Trigger Report."""

LONGEST_DESCRIPTOR = 4_096
"""Bytes (HID_MAX_DESCRIPTOR_SIZE, linux/hid.h); what is behind them is not read."""

LONGEST_REPORT = 4_096
"""Bytes; a descriptor that claims more is not believed."""


@dataclass(frozen=True, slots=True)
class Field:
    """Where something stands in a report; bits count from the first behind the report's number."""

    report: int
    usage: int
    bit: int
    size: int
    """Bits of one value."""
    count: int = 1

    def value(self, body: bytes) -> int:
        """Return the first value; what a short report does not have is 0."""
        whole = int.from_bytes(body, "little")
        return (whole >> self.bit) & ((1 << self.size) - 1)

    def content(self, body: bytes) -> bytes:
        """Return the bytes of a field that begins at a byte."""
        return body[self.bit // 8 : (self.bit + self.size * self.count) // 8]


@dataclass(frozen=True, slots=True)
class Piece:
    """What one report carries of a code."""

    aim: str
    content: bytes
    continued: bool
    """The next report carries more of the same code."""


@dataclass(frozen=True, slots=True)
class ReadReport:
    """The fields of a report that carries codes."""

    data: Field
    count: Field | None = None
    aim: tuple[Field, ...] = ()
    continued: Field | None = None

    def piece(self, body: bytes) -> Piece:
        """Return what a report without its number says."""
        content = self.data.content(body)
        if self.count is not None:
            content = content[: self.count.value(body)]
        else:
            content = content.rstrip(b"\0")
        aim = bytes(part.value(body) & 0xFF for part in self.aim).strip(b"\0 ")
        return Piece(
            aim.decode("ascii", "replace") if aim.startswith(b"]") and len(aim) == 3 else "",
            content,
            self.continued is not None and bool(self.continued.value(body)),
        )


@dataclass(frozen=True, slots=True)
class ScannerReports:
    """What a device's descriptor says of its reports."""

    applications: tuple[int, ...] = ()
    """Usages of what the device is, each with its page in the upper 16 bits."""
    numbered: bool = False
    """Each report begins with its number."""
    reads: dict[int, ReadReport] = field(default_factory=dict)
    """Reports that carry codes, by number."""
    beeps: dict[int, Field] = field(default_factory=dict)
    """Output fields that make it beep, by usage."""
    sizes: dict[int, int] = field(default_factory=dict)
    """Bits of each output report, by number."""

    @property
    def is_scanner(self) -> bool:
        """Whether the device says that it is a barcode scanner."""
        return any(usage in SCANNERS for usage in self.applications)

    def take(self, report: bytes) -> Piece | None:
        """Return what a report carries of a code; None when it is about something else."""
        number, body = (report[0], report[1:]) if self.numbered and report else (0, report)
        found = self.reads.get(number)
        return None if found is None or not body else found.piece(body)

    def beep(self, usage: int) -> bytes | None:
        """Return the output report that makes the device beep; None: it has none."""
        there = self.beeps.get(usage)
        if there is None:
            return None
        length = (self.sizes[there.report] + 7) // 8
        return bytes([there.report]) + (1 << there.bit).to_bytes(length, "little")


def read_descriptor(descriptor: bytes) -> ScannerReports:
    """Return the reports a descriptor tells of; what cannot be understood is passed over."""
    found = ScannerReports()
    fields: dict[int, dict[int, Field]] = {}
    for kind, entry in _entries(descriptor[:LONGEST_DESCRIPTOR]):
        match kind, entry:
            case "application", int(usage):
                found = replace(found, applications=(*found.applications, usage))
            case "numbered", _:
                found = replace(found, numbered=True)
            case "input", Field() as there:
                fields.setdefault(there.report, {}).setdefault(there.usage, there)
            case "output", Field() as there:
                found.sizes[there.report] = there.bit + there.size * there.count
                if there.usage in (ERROR_BEEP, GOOD_BEEP):
                    found.beeps.setdefault(there.usage, there)
            case _:
                pass
    for report, there_are in fields.items():
        data = there_are.get(DATA)
        if data is not None and data.bit % 8 == 0 and data.size * data.count >= 8:
            found.reads[report] = ReadReport(
                data,
                there_are.get(BYTE_COUNT),
                tuple(there_are[usage] for usage in AIM if usage in there_are),
                there_are.get(CONTINUED),
            )
    if found.is_scanner and not found.reads:
        return replace(found, numbered=True, reads=USUAL_REPORTS.reads)
    return found


USUAL_REPORTS = ScannerReports(
    numbered=True,
    reads={
        2: ReadReport(
            data=Field(2, DATA, 32, 8, 56),
            count=Field(2, BYTE_COUNT, 0, 8),
            aim=tuple(Field(2, usage, 8 + 8 * place, 8) for place, usage in enumerate(AIM)),
            continued=Field(2, CONTINUED, 496, 1),
        )
    },
)
"""The report number 2 of 64 bytes."""


# Device Class Definition for HID 1.11, 6.2.2: items.
_MAIN, _GLOBAL, _LOCAL = 0, 1, 2
_INPUT, _OUTPUT, _COLLECTION, _FEATURE = 8, 9, 10, 11
_USAGE, _USAGE_MINIMUM, _USAGE_MAXIMUM = 0, 1, 2
_LONG_ITEM = 0xFE
_CONSTANT = 0x01
_APPLICATION = 0x01


def _entries(descriptor: bytes) -> Iterator[tuple[str, int | Field]]:
    page = size = count = report = 0
    stack: list[tuple[int, int, int, int]] = []
    usages: list[int] = []
    lowest = 0
    used: dict[tuple[int, int], int] = {}
    for kind, tag, value, wide in _items(descriptor):
        if kind == _GLOBAL:
            match tag:
                case 0:  # Usage Page
                    page = value
                case 7:  # Report Size
                    size = value
                case 8:  # Report ID
                    report = value
                    yield "numbered", report
                case 9:  # Report Count
                    count = value
                case 10:  # Push
                    stack.append((page, size, count, report))
                case 11 if stack:  # Pop
                    page, size, count, report = stack.pop()
        elif kind == _LOCAL:
            usage = value if wide else page << 16 | value
            if tag == _USAGE:
                usages.append(usage)
            elif tag == _USAGE_MINIMUM:
                lowest = usage
            elif tag == _USAGE_MAXIMUM:
                usages += range(lowest, min(usage, lowest + 0xFF) + 1)
        elif kind == _MAIN:
            if tag == _COLLECTION and value == _APPLICATION and usages:
                yield "application", usages[-1]
            if tag in (_INPUT, _OUTPUT, _FEATURE):
                begin = used.get((tag, report), 0)
                end = begin + size * count
                if end > 8 * LONGEST_REPORT:
                    return
                used[tag, report] = end
                if not value & _CONSTANT and tag != _FEATURE:
                    name = "input" if tag == _INPUT else "output"
                    for there in _spread(report, usages, begin, size, count):
                        yield name, there
            usages = []


def _spread(report: int, usages: list[int], begin: int, size: int, count: int) -> Iterator[Field]:
    """Give each usage its value, and the last one all that are left (HID 1.11, 6.2.2.8)."""
    for place, usage in enumerate(usages[:count]):
        rest = count - place if place == len(usages) - 1 else 1
        yield Field(report, usage, begin + place * size, size, rest)


def _items(descriptor: bytes) -> Iterator[tuple[int, int, int, bool]]:
    """Yield kind, tag and value of each short item, and whether it has four bytes."""
    place = 0
    while place < len(descriptor):
        head = descriptor[place]
        if head == _LONG_ITEM:
            place += 3 + (descriptor[place + 1] if place + 1 < len(descriptor) else 0)
            continue
        length = (0, 1, 2, 4)[head & 3]
        value = int.from_bytes(descriptor[place + 1 : place + 1 + length], "little")
        yield (head >> 2) & 3, head >> 4, value, length == 4
        place += 1 + length
