"""Addresses of USB printers: one form each, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.transports import check_url
from gateway.drivers.transports.usb_address import (
    LONGEST_SERIAL,
    UsbAddress,
    is_serial,
    parse_usb_address,
    tidy_serial,
)
from gateway.errors import PrinterRefused


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("usb://0a5f:0164/D2J184500123", "usb://0a5f:0164/D2J184500123"),
        ("USB://A5F:164/D2J184500123/", "usb://0a5f:0164/D2J184500123"),
        ("usb://04b8:0e15@1-2.4", "usb://04b8:0e15@1-2.4"),
        ("usb://04b8:0e15@10-1/", "usb://04b8:0e15@10-1"),
        ("usb://04b8:0e15", "usb://04b8:0e15"),
        ("usb://04B8:0E15/a%2Fb%20c", "usb://04b8:0e15/a%2Fb%20c"),
        ("usb://04b8:0e15/X?zlp=1", "usb://04b8:0e15/X?zlp=1"),
        ("usblp://0a5f:0164/D2J184500123", "usblp://0a5f:0164/D2J184500123"),
        ("usblp:///dev/usb/lp0", "usblp:///dev/usb/lp0"),
        ("usblp:///dev/lp12", "usblp:///dev/lp12"),
    ],
)
def test_an_address_is_kept_in_one_form(written: str, kept: str) -> None:
    assert check_url(written) == kept
    assert check_url(kept) == kept


@pytest.mark.parametrize(
    "written",
    [
        "usb://",
        "usb://zebra",
        "usb://0a5f",
        "usb://0a5f:01640",
        "usb://0a5f:xyz",
        "usb://0a5f:0164/a/b",
        "usb://0a5f:0164/%0A",
        "usb://0a5f:0164/%20",
        f"usb://0a5f:0164/{'x' * (LONGEST_SERIAL + 1)}",
        "usb://0a5f:0164@",
        "usb://0a5f:0164@1",
        "usb://0a5f:0164@1-2/SERIAL",
        "usb://0a5f:0164@../../dev",
        "usb://0a5f:0164/X?zlp=2",
        "usb://0a5f:0164/X#y",
    ],
)
def test_what_names_no_usb_printer_is_refused_with_both_forms(written: str) -> None:
    with pytest.raises(PrinterRefused) as refused:
        check_url(written)
    assert refused.value.detail == (
        f"{written[:200]!r} is not a USB printer's URL; write vendor, product and serial number "
        "as in usb://0a5f:0164/D2J184500123, or its port as in usb://0a5f:0164@1-2.4."
    )


@pytest.mark.parametrize(
    "written", ["usblp:///dev/sda", "usblp:///dev/usb/lp0/../../sda", "usblp:///dev/usb/lp100"]
)
def test_a_file_that_is_no_printers_node_is_refused(written: str) -> None:
    with pytest.raises(PrinterRefused, match="is not a node of a USB printer"):
        check_url(written)


@given(st.text(max_size=130))
def test_every_serial_number_that_can_be_written_comes_back_whole(serial: str) -> None:
    serial = tidy_serial(serial)
    if is_serial(serial):
        address = UsbAddress("usb", 0x0A5F, 0x0164, serial)
        assert parse_usb_address(str(address)) == address
