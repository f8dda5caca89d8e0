"""Device ids as firmware really writes them, and the byte of the port."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.ieee1284 import (
    MOST_SHOWN,
    DeviceId,
    PortStatus,
    clean_words,
    parse_device_id,
    read_device_id,
    read_port_status,
)

TEXT = b"MFG:EPSON;CMD:ESC/POS;MDL:TM-T88V;CLS:PRINTER;DES:EPSON TM-T88V;SN:J4ZF000001;"
EPSON = DeviceId(
    "EPSON", "TM-T88V", ("ESC/POS",), "EPSON TM-T88V", "J4ZF000001", TEXT.decode("ascii")
)


@pytest.mark.parametrize(
    "length",
    [
        len(TEXT) + 2,  # as IEEE 1284 says
        len(TEXT),  # without its own two bytes
        0,
        0xFFFF,  # more than there is
        int.from_bytes((len(TEXT) + 2).to_bytes(2, "little"), "big"),
    ],
)
def test_a_device_id_is_read_whatever_its_length_says(length: int) -> None:
    assert read_device_id(length.to_bytes(2, "big") + TEXT) == EPSON


def test_a_device_id_without_a_length_and_one_filled_up_with_nul_are_read() -> None:
    assert read_device_id(TEXT) == EPSON
    assert read_device_id(b"\0\x50" + TEXT + bytes(100)) == EPSON


def test_long_names_of_keys_and_odd_spacing_mean_the_same() -> None:
    found = parse_device_id(" MANUFACTURER : Zebra ;\nCOMMAND SET: zpl , EPL ;MODEL:ZD421")
    assert (found.manufacturer, found.model, found.command_set) == (
        "Zebra",
        "ZD421",
        ("ZPL", "EPL"),
    )


def test_the_first_of_two_values_counts_and_strangers_are_passed_over() -> None:
    found = parse_device_id("MFG:First;MFG:Second;VP:0800;STATUS;:;;=;MDL:One")
    assert (found.manufacturer, found.model, found.serial) == ("First", "One", "")


def test_words_are_cleaned_of_what_could_fool_a_reader() -> None:
    assert clean_words("a\x1b[2Jb\u202ec\x00d\ue000 \n\t e") == "a [2Jb c d e"
    assert clean_words("x" * 1000) == "x" * MOST_SHOWN
    assert read_device_id(b"\0\x20MFG:caf\xe9;").manufacturer == "café"
    assert read_device_id("\0\x20MFG:café;".encode()).manufacturer == "café"


@given(st.binary(max_size=2000))
def test_no_bytes_are_an_error_and_all_that_is_kept_can_be_shown(answer: bytes) -> None:
    found = read_device_id(answer)
    shown = (found.manufacturer, found.model, *found.command_set, found.serial, found.raw)
    assert all(words.isprintable() for words in shown)
    assert len(found.manufacturer) <= MOST_SHOWN


def test_the_port_tells_paper_selection_and_error_apart() -> None:
    assert read_port_status(0x18) == PortStatus(paper_empty=False, selected=True, error=False)
    assert read_port_status(0x30) == PortStatus(paper_empty=True, selected=True, error=True)
    assert read_port_status(0x08) == PortStatus(paper_empty=False, selected=False, error=False)
