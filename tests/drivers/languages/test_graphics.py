"""Pictures as ZPL takes them, read back by a decoder that shares nothing with the encoder."""

from __future__ import annotations

import base64
import random
import zlib

import pytest
import zpl.utils
from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.languages.graphics import MOST_BYTES, cut_rows, run_lengths, write_graphic
from gateway.label import Tile


@st.composite
def tiles(draw: st.DrawFn) -> Tile:
    width = draw(st.integers(1, 70))
    stride = (width + 7) // 8
    keep = ((1 << width) - 1) << (8 * stride - width)
    rows = draw(
        st.lists(
            st.one_of(
                st.just(0),
                st.just(keep),
                st.integers(0, (1 << 8 * stride) - 1).map(lambda bits: bits & keep),
            ),
            min_size=1,
            max_size=20,
        )
    )
    return Tile(width, len(rows), b"".join(row.to_bytes(stride) for row in rows))


def read_runs(text: bytes, stride: int) -> bytes:
    """Read run lengths one sign at a time, straight from the guide's description."""
    rows: list[str] = []
    row, times = "", 0
    for sign in text.decode():
        if sign == ":":
            rows.append(rows[-1])
        elif sign in ",!":
            rows.append(row.ljust(2 * stride, "0" if sign == "," else "F"))
            row = ""
        elif "G" <= sign <= "Y":
            times += ord(sign) - ord("F")
        elif "g" <= sign <= "z":
            times += 20 * (ord(sign) - ord("f"))
        else:
            row += sign * (times or 1)
            times = 0
        if len(row) == 2 * stride:
            rows.append(row)
            row = ""
    assert row == ""
    return bytes.fromhex("".join(rows))


@given(tiles())
def test_run_lengths_read_back_as_the_same_dots(tile: Tile) -> None:
    assert read_runs(run_lengths(tile.ink, tile.stride), tile.stride) == tile.ink


@given(st.integers(3, 2000), st.sampled_from(b"\x00\xff\x33\xaa"))
def test_runs_of_any_length_read_back(length: int, byte: int) -> None:
    ink = bytes([byte]) * length + b"\x12"
    assert read_runs(run_lengths(ink, length + 1), length + 1) == ink


@given(tiles())
def test_plain_hexadecimal_reads_back_as_the_same_dots(tile: Tile) -> None:
    assert bytes.fromhex(write_graphic(tile, "hex").decode()) == tile.ink


def crc_by_hand(text: bytes) -> int:
    """CRC-16/XMODEM bit by bit: polynomial 1021 hex, from 0, nothing reflected."""
    crc = 0
    for byte in text:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def test_the_reference_checksum_is_the_published_one() -> None:
    assert crc_by_hand(b"123456789") == 0x31C3


@given(st.binary(min_size=97, max_size=2000))
def test_z64_reads_back_and_its_checksum_is_right(ink: bytes) -> None:
    tile = Tile(8, len(ink), ink)
    empty, kind, text, crc = write_graphic(tile, "z64").split(b":")
    assert (empty, kind) == (b"", b"Z64")
    assert zlib.decompress(base64.b64decode(text, validate=True)) == ink
    assert crc == b"%04X" % crc_by_hand(text)


def test_a_tiny_picture_is_not_wrapped_in_z64() -> None:
    assert write_graphic(Tile(8, 4, b"\x81\x81\xff\x00"), "z64") == b"81:!,"


@given(tiles(), st.sampled_from(["z64", "rle", "hex"]))
def test_a_picture_never_holds_a_sign_that_begins_a_command(tile: Tile, graphics: str) -> None:
    written = write_graphic(tile, graphics)  # type: ignore[arg-type]
    assert not set(written) & set(b"^~\x00\x02\x03\r\n")


def label_like() -> Tile:
    """Text-like noise, a code and a frame on 800 × 400 dots."""
    rng = random.Random(20)
    rows = [0] * 400
    for y in range(40, 80):
        for x in range(30, 500, 9):
            rows[y] |= rng.getrandbits(6) << (800 - x - 6)
    bars = sum(((1 << rng.choice((2, 4, 6))) - 1) << at for at in range(100, 700, 8))
    for y in range(200, 320):
        rows[y] |= bars
    for y in (*range(4), *range(396, 400)):
        rows[y] = (1 << 800) - 1
    return Tile(800, 400, b"".join(row.to_bytes(100) for row in rows))


@pytest.mark.goal("R2")
def test_run_lengths_take_at_most_four_tenths_of_what_the_zpl_library_takes() -> None:
    tile = label_like()
    ours = run_lengths(tile.ink, tile.stride)
    theirs = zpl.utils.compress_zpl_data(tile.ink.hex().upper())
    assert read_runs(ours, tile.stride) == tile.ink
    assert len(ours) <= 0.4 * len(theirs)


def test_a_picture_too_big_for_one_command_is_cut_between_rows() -> None:
    ink = bytes(range(250)) * 1000
    bands = cut_rows(Tile(2000, 1000, ink))
    assert [(top, band.height) for top, band in bands] == [(0, 399), (399, 399), (798, 202)]
    assert all(len(band.ink) <= MOST_BYTES for _, band in bands)
    assert b"".join(band.ink for _, band in bands) == ink
