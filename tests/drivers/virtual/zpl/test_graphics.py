"""Every picture encoding, made here by other means than the decoder's."""

from __future__ import annotations

import base64
import binascii
import zlib
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.drivers.virtual.preview import draw_zpl
from gateway.drivers.virtual.zpl.graphics import decode_text
from gateway.errors import DocumentRefused


@st.composite
def pictures(draw: st.DrawFn) -> tuple[bytes, int]:
    stride = draw(st.integers(1, 40))
    rows = draw(st.lists(st.sampled_from([0, 0xFF, 0xA5, 0x0F]), min_size=1, max_size=20))
    body = b"".join(bytes([first]) * draw(st.integers(0, stride)) + bytes(stride) for first in rows)
    packed = b"".join(
        body[i * stride : (i + 1) * stride].ljust(stride, b"\0") for i in range(len(rows))
    )
    return packed, stride


def run_lengths(packed: bytes, stride: int) -> str:
    """Write counts, fills and repeated rows, from the table in the ZPL guide."""
    out, before = [], None
    for at in range(0, len(packed), stride):
        row = packed[at : at + stride].hex().upper()
        if row == before:
            out.append(":")
            continue
        before = row
        kept, mark = row.rstrip("0"), ","
        if len(row) - len(kept) < 2:
            kept, mark = row.rstrip("F"), "!"
        if len(row) - len(kept) < 2:
            kept, mark = row, ""
        for digit, run in groupby(kept):
            count = len(list(run))
            while count > 400:
                out.append("z" + digit)
                count -= 400
            tens, ones = divmod(count, 20)
            letters = (chr(ord("f") + tens) if tens else "") + (
                chr(ord("F") + ones) if ones else ""
            )
            out.append((letters if count > 1 else "") + digit)
        out.append(mark)
    return "".join(out)


def base64_text(packed: bytes, kind: str) -> bytes:
    body = base64.b64encode(zlib.compress(packed) if kind == "Z64" else packed)
    return b":%s:%s:%04X" % (kind.encode(), body, binascii.crc_hqx(body, 0))


@given(pictures())
def test_plain_hexadecimal_is_read(picture: tuple[bytes, int]) -> None:
    packed, stride = picture
    text = packed.hex().upper().encode()
    assert decode_text(text, stride=stride, rows=len(packed) // stride) == packed


@given(pictures())
def test_run_lengths_are_read(picture: tuple[bytes, int]) -> None:
    packed, stride = picture
    text = run_lengths(packed, stride).encode()
    assert decode_text(text, stride=stride, rows=len(packed) // stride) == packed


@given(pictures(), st.sampled_from(["B64", "Z64"]))
def test_base64_and_deflated_base64_are_read(picture: tuple[bytes, int], kind: str) -> None:
    packed, stride = picture
    text = base64_text(packed, kind)
    assert decode_text(text, stride=stride, rows=len(packed) // stride) == packed


@settings(max_examples=30, deadline=None)
@given(pictures())
def test_every_encoding_puts_the_same_ink_on_the_label(picture: tuple[bytes, int]) -> None:
    packed, stride = picture
    count = b"%d,%d,%d," % (len(packed), len(packed), stride)
    variants = [
        b"^GFA," + count + packed.hex().encode(),
        b"^GFA," + count + run_lengths(packed, stride).encode(),
        b"^GFA," + count + base64_text(packed, "B64"),
        b"^GFA," + count + base64_text(packed, "Z64"),
        b"^GFB," + count + packed,
    ]
    stored = b"~DGR:P.GRF,%d,%d," % (len(packed), stride) + packed.hex().encode()
    labels = [draw_zpl(b"^XA^FO16,8" + v + b"^FS^XZ") for v in variants]
    labels.append(draw_zpl(stored + b"^XA^FO16,8^XGR:P.GRF,1,1^FS^XZ"))
    whole = int.from_bytes(packed, "big").bit_count()
    for [label] in labels:
        assert label.unknown == ()
        assert label.tile == labels[0][0].tile
        assert label.tile.count_ink() == whole


def test_a_wrong_crc_is_refused_and_nothing_is_drawn() -> None:
    good = base64_text(b"\xff" * 4, "Z64")
    bad = good[:-4] + b"0000"
    with pytest.raises(DocumentRefused, match=r"CRC is 0000, but its data gives [0-9A-F]{4}\."):
        decode_text(bad, stride=1, rows=4)
    drawn = draw_zpl(b"^XA^FO8,8^GB9,9,9^FS^FO40,8^GFA,4,4,1," + bad + b"^FS^XZ")
    assert drawn[0].tile.ink_box() == (8, 8, 17, 17)
    assert len(drawn[0].unknown) == 1
    assert drawn[0].unknown[0].startswith("^GF: The picture's CRC is 0000")


@pytest.mark.parametrize(
    "text",
    [
        b":Z64:AAAA",
        b":B64:****:0000",
        b":Z64:AAAA:ZZZZ",
        b"GG",
        b"XY?",
        b":Z64:AAAA:" + b"%04X" % 0,
    ],
)
def test_broken_pictures_are_refused_in_a_sentence(text: bytes) -> None:
    with pytest.raises(DocumentRefused) as refused:
        decode_text(text, stride=4, rows=4)
    assert str(refused.value).endswith(".")


def test_a_deflate_bomb_is_cut_off() -> None:
    body = base64.b64encode(zlib.compress(bytes(64 * 1024 * 1024), 9))
    text = b":Z64:%s:%04X" % (body, binascii.crc_hqx(body, 0))
    with pytest.raises(DocumentRefused, match="ends early or is too long"):
        decode_text(text, stride=8, rows=8)


def test_a_count_larger_than_the_picture_does_not_grow_it() -> None:
    assert len(decode_text(b"z" * 10000 + b"F", stride=2, rows=3)) == 6


def test_the_vendors_unpublished_compression_is_listed_and_skipped() -> None:
    [label] = draw_zpl(b"^XA^FO8,8^GFC,5,5,1,^XA~\x00^FS^FO8,8^GB4,4,4^FS^XZ")
    assert label.unknown == ("^GF with compression C",)
    assert label.tile.count_ink() == 16
