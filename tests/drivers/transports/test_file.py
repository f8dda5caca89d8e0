"""Files and memory in a printer's place."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from gateway.drivers.transports import check_url, memory, open_wire
from gateway.errors import DeviceUnreachable, PrinterRefused


def test_a_file_takes_every_byte_after_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "two words.zpl"
    path.write_bytes(b"before ")
    with closing(open_wire(path.as_uri())) as wire:
        assert wire.write(b"^XA^XZ", 0) == 6
        assert wire.write(memoryview(b"^XA"), 0) == 3
        assert wire.read(0) == b""
    assert path.read_bytes() == b"before ^XA^XZ^XA"


def test_a_file_in_a_folder_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(DeviceUnreachable, match=r"cannot be written .* make its folder"):
        open_wire((tmp_path / "no" / "labels.zpl").as_uri())


@pytest.mark.parametrize(
    "url", ["file://host/share/x", "file:///", "file:///folder/", "file:///a%00b"]
)
def test_a_file_url_without_a_whole_path_is_refused(url: str) -> None:
    with pytest.raises(PrinterRefused):
        check_url(url)


def test_a_drive_letter_is_part_of_the_path() -> None:
    assert check_url("file:///C:/labels/a%20b.zpl") == "file:///C:/labels/a%20b.zpl"


def test_a_memory_keeps_what_was_sent_for_all_who_ask() -> None:
    memory.sent("kept").clear()
    with closing(open_wire("memory://kept")) as first:
        first.write(b"one", 0)
    with closing(open_wire("memory://kept/")) as second:
        second.write(b"two", 0)
        assert second.read(0) == b""
    assert bytes(memory.sent("kept")) == b"onetwo"
    assert bytes(memory.sent("another")) == b""


@pytest.mark.parametrize("url", ["memory://", "memory://a/b", "memory://a b"])
def test_a_memory_needs_a_plain_name(url: str) -> None:
    with pytest.raises(PrinterRefused):
        check_url(url)
