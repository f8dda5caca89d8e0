"""Report descriptors of devices, put together from the items of HID 1.11, 6.2.2."""

from __future__ import annotations

APPLICATION, LOGICAL = 1, 2
VARIABLE, ARRAY, CONSTANT, BUFFERED = 0x02, 0x00, 0x01, 0x102


def item(head: int, value: int) -> bytes:
    """One short item; the value takes as many bytes as it needs."""
    size = 1 if value < 0x100 else 2 if value < 0x10000 else 4
    return bytes([head | (3 if size == 4 else size)]) + value.to_bytes(size, "little")


def page(number: int) -> bytes:
    return item(0x04, number)


def usages(*numbers: int) -> bytes:
    return b"".join(item(0x08, number) for number in numbers)


def values(size: int, count: int, highest: int = 255) -> bytes:
    """Report Size, Report Count and the logical range."""
    return item(0x74, size) + item(0x94, count) + item(0x14, 0) + item(0x24, highest)


def report(number: int) -> bytes:
    return item(0x84, number)


def collection(kind: int, *items: bytes) -> bytes:
    return item(0xA0, kind) + b"".join(items) + b"\xc0"


def inputs(flags: int) -> bytes:
    return item(0x80, flags)


def outputs(flags: int) -> bytes:
    return item(0x90, flags)


BARCODE, DESKTOP, KEYS, LEDS, MAKER = 0x8C, 0x01, 0x07, 0x08, 0xFF66

HONEYWELL = (
    page(BARCODE)
    + usages(0x02)
    + collection(
        APPLICATION,
        usages(0x12),
        collection(
            LOGICAL,
            report(2),
            page(DESKTOP) + values(8, 1) + usages(0x3B) + inputs(VARIABLE),
            page(BARCODE) + values(8, 3) + usages(0xFB, 0xFC, 0xFD) + inputs(VARIABLE),
            values(8, 56) + usages(0xFE) + inputs(BUFFERED),
            page(MAKER) + values(8, 2) + usages(0x04, 0x00) + inputs(VARIABLE),
            page(BARCODE) + values(1, 8, 1) + usages(0xFF) + inputs(VARIABLE),
        ),
        usages(0x14),
        collection(
            LOGICAL,
            report(4),
            values(1, 8, 1)
            + usages(0x00, 0x5F, 0x60, 0x00, 0x00, 0x85, 0x86)
            + outputs(VARIABLE | 0x84),
        ),
    )
)
"""A scanner of Hand Held Products and Honeywell: 64 bytes, number 2, and a report to beep."""

PLAIN = (
    page(BARCODE)
    + usages(0x02)
    + collection(
        APPLICATION,
        values(1, 1, 1) + usages(0xFF) + inputs(VARIABLE),
        values(1, 7, 1) + inputs(CONSTANT),
        values(8, 20) + usages(0xFE) + inputs(BUFFERED),
        values(8, 3) + usages(0xFB, 0xFC, 0xFD) + inputs(VARIABLE),
    )
)
"""Without report numbers and without a count, in another order: 24 bytes."""

WITHOUT_READS = (
    page(BARCODE)
    + usages(0x02)
    + collection(
        APPLICATION, report(2), page(MAKER) + values(8, 63) + usages(0x01) + inputs(VARIABLE)
    )
)
"""A scanner that calls its data its maker's own."""

KEYBOARD = (
    page(DESKTOP)
    + usages(0x06)
    + collection(
        APPLICATION,
        page(KEYS) + item(0x18, 0xE0) + item(0x28, 0xE7) + values(1, 8, 1) + inputs(VARIABLE),
        values(8, 1) + inputs(CONSTANT),
        page(LEDS) + item(0x18, 1) + item(0x28, 5) + values(1, 5, 1) + outputs(VARIABLE),
        values(3, 1, 1) + outputs(CONSTANT),
        page(KEYS) + item(0x18, 0) + item(0x28, 0xFF) + values(8, 6) + inputs(ARRAY),
    )
)
"""A boot keyboard (HID 1.11, appendix B.1), as a wedge shows itself: 8 bytes."""
