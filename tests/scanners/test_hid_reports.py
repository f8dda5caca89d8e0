"""Reports of scanners in HID POS mode are read by their own descriptor."""

from __future__ import annotations

import random

import pytest

from gateway.scanners.hid_reports import (
    ERROR_BEEP,
    GOOD_BEEP,
    USUAL_REPORTS,
    Piece,
    ScannerReports,
    read_descriptor,
)
from tests.scanners.hid_descriptors import (
    BARCODE,
    BUFFERED,
    HONEYWELL,
    KEYBOARD,
    PLAIN,
    WITHOUT_READS,
    inputs,
    page,
    usages,
    values,
)


def report(aim: bytes, content: bytes, continued: bool = False, number: int = 2) -> bytes:
    """Build a report of 64 bytes as Honeywell's scanners send it."""
    head = bytes([number, len(content)]) + aim
    return head + content.ljust(56, b"\0") + b"\0\0" + bytes([continued])


def test_the_usual_report_is_where_the_descriptor_puts_it() -> None:
    told = read_descriptor(HONEYWELL)
    assert told.is_scanner
    (mine,), (usual,) = told.reads.values(), USUAL_REPORTS.reads.values()
    assert (mine.data, mine.count, mine.aim) == (usual.data, usual.count, usual.aim)
    assert mine.continued is not None
    assert usual.continued is not None
    assert mine.continued.bit == usual.continued.bit == 8 * 62
    assert told.numbered


def test_a_code_its_identifier_and_gs_come_whole() -> None:
    code = b"0109501101530003\x1d21A1"
    assert read_descriptor(HONEYWELL).take(report(b"]d2", code)) == Piece("]d2", code, False)


def test_a_long_code_goes_on_in_the_next_report() -> None:
    told = read_descriptor(HONEYWELL)
    assert told.take(report(b"]Q1", b"x" * 56, True)) == Piece("]Q1", b"x" * 56, True)
    assert told.take(report(b"]Q1", b"y" * 4)) == Piece("]Q1", b"yyyy", False)


def test_bytes_of_zero_belong_to_the_code_where_its_length_is_told() -> None:
    assert read_descriptor(HONEYWELL).take(report(b"]C0", b"A\0\0")) == Piece(
        "]C0", b"A\0\0", False
    )


def test_another_maker_puts_the_fields_elsewhere() -> None:
    told = read_descriptor(PLAIN)
    assert told.is_scanner
    assert not told.numbered
    # Continued, padding, 20 bytes of data and no count, then the identifier.
    assert told.take(b"\x01" + b"12345".ljust(20, b"\0") + b"]E0") == Piece("]E0", b"12345", True)
    assert told.take(b"\x00" + b"12345".ljust(20, b"\0") + b"\0\0\0") == Piece("", b"12345", False)


def test_reports_about_other_things_are_no_codes() -> None:
    told = read_descriptor(HONEYWELL)
    assert told.take(report(b"]C0", b"A", number=4)) is None
    assert told.take(b"") is None
    assert told.take(b"\x02") is None


def test_a_report_cut_short_says_what_is_there() -> None:
    assert read_descriptor(HONEYWELL).take(b"\x02\x05]E012") == Piece("]E0", b"12", False)


def test_a_scanner_whose_descriptor_hides_its_codes_is_read_as_is_usual() -> None:
    told = read_descriptor(WITHOUT_READS)
    assert told.is_scanner
    assert told.take(report(b"]E0", b"4006381333931")) == Piece("]E0", b"4006381333931", False)


def test_a_keyboard_is_no_scanner() -> None:
    told = read_descriptor(KEYBOARD)
    assert not told.is_scanner
    assert told.reads == {}


def test_the_beeps_of_the_trigger_report_are_found() -> None:
    told = read_descriptor(HONEYWELL)
    assert told.beep(ERROR_BEEP) == bytes([4, 0x20])
    assert told.beep(GOOD_BEEP) == bytes([4, 0x40])
    assert read_descriptor(PLAIN).beep(GOOD_BEEP) is None


@pytest.mark.threat("T11")
def test_a_hostile_descriptor_is_read_to_its_end() -> None:
    luck = random.Random(7)
    for _ in range(3000):
        descriptor = bytearray(HONEYWELL)
        for _ in range(luck.randint(1, 8)):
            descriptor[luck.randrange(len(descriptor))] = luck.randrange(256)
        told = read_descriptor(bytes(descriptor[: luck.randint(1, len(descriptor))]))
        for number in (0, 2, 4):
            told.take(report(b"]C0", b"A", number=number))
        told.beep(GOOD_BEEP)
    assert read_descriptor(b"\x96\xff\xff\x77\xff\xff\xff\x7f\x81\x02") == ScannerReports()


def test_a_report_of_a_size_that_cannot_be_is_not_believed() -> None:
    told = read_descriptor(page(BARCODE) + usages(0xFE) + values(8, 65_535) + inputs(BUFFERED))
    assert told.reads == {}
    told = read_descriptor(page(BARCODE) + usages(0xFE) + values(8, 4_096) + inputs(BUFFERED))
    assert told.take(b"12345") == Piece("", b"12345", False)
