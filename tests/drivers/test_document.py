"""Documents as labels: dots in, the same dots out; what cannot be printed is refused in words."""

from __future__ import annotations

import io
import random
import struct
import threading
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gateway.drivers import document
from gateway.drivers.document import (
    MOST_BYTES,
    Fit,
    Inspected,
    Placing,
    check_pages,
    draw_page,
    inspect_document,
)
from gateway.drivers.languages.pdf import pdf
from gateway.drivers.languages.png import png
from gateway.errors import DocumentRefused, TooLarge
from gateway.label import Label, Picture, Rotation, Tile, draw
from gateway.units import parse_density
from tests.drivers.languages.judging import barcode, dots, turn

EIGHT = parse_density(8)


def label(width: int = 301, height: int = 155) -> Label:
    return Label(
        width, height, EIGHT,
        (
            barcode("code128", "SN-000123", 30, 20, 2, 70),
            barcode("qr", "https://example.com", 20, 100, 1),
            Picture("corner", width - 3, height - 2, 0, dots(["###", ".##"]), True),
        ),
    )  # fmt: skip


@given(st.integers(9, 400), st.integers(9, 400), st.integers(0, 9))
def test_a_pdf_of_a_label_of_any_size_prints_dot_for_dot(
    width: int, height: int, seed: int
) -> None:
    noise = random.Random(seed)
    stride = (width + 7) // 8
    keep = ((1 << width) - 1) << (8 * stride - width)
    rows = ((noise.getrandbits(8 * stride) & keep).to_bytes(stride) for _ in range(height))
    tile = Tile(width, height, b"".join(rows))
    speckled = Label(width, height, EIGHT, (Picture("noise", 0, 0, 0, tile, True),))
    assert draw_page(pdf([speckled]), 1, width, height, EIGHT) == tile


def test_a_pdf_of_labels_prints_dot_for_dot() -> None:
    content = pdf([label(), label(200, 160)])
    assert inspect_document(content) == Inspected("pdf", 2)
    assert draw_page(content, 1, 301, 155, EIGHT) == draw(label())
    assert draw_page(content, 2, 200, 160, EIGHT) == draw(label(200, 160))


@pytest.mark.parametrize("fit", ["none", "contain", "cover", "stretch"])
def test_a_picture_of_the_labels_size_prints_dot_for_dot(fit: Fit) -> None:
    whole = draw(label())
    assert inspect_document(png(whole)) == Inspected("picture", 1)
    assert draw_page(png(whole), 1, 301, 155, EIGHT, Placing(fit)) == whole


@pytest.mark.parametrize("kind", ["pdf", "png"])
@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_page_is_turned_clockwise(kind: str, rotation: Rotation) -> None:
    content = pdf([label()]) if kind == "pdf" else png(draw(label()))
    turned = turn(draw(label()), rotation)
    placing = Placing(rotation=rotation)
    assert draw_page(content, 1, turned.width, turned.height, EIGHT, placing) == turned


SMALL = dots(["#.", ".#", "##"])


@pytest.mark.parametrize(
    ("fit", "rows"),
    [
        ("none", ["#.....", ".#....", "##....", "......", "......", "......"]),
        ("contain", [".##...", ".##...", "...##.", "...##.", ".####.", ".####."]),
        ("stretch", ["###...", "###...", "...###", "...###", "######", "######"]),
    ],
)
def test_a_small_picture_is_fitted(fit: Fit, rows: list[str]) -> None:
    assert draw_page(png(SMALL), 1, 6, 6, EIGHT, Placing(fit)) == dots(rows)


def test_cover_fills_the_label_and_cuts_off_the_rest() -> None:
    cross = dots(["....", "####", "####", "....", "....", "####"])
    assert draw_page(png(cross), 1, 4, 2, EIGHT, Placing("cover")) == dots(["####", "...."])


def test_a_page_larger_than_the_label_at_its_own_size_is_refused() -> None:
    with pytest.raises(DocumentRefused) as caught:
        draw_page(pdf([label(800, 400)]), 1, 400, 200, EIGHT, Placing("none"))
    assert caught.value.detail == (
        'The page is 100 × 50 mm and the label 50 × 25 mm; use the fit "contain", or larger labels.'
    )
    with pytest.raises(DocumentRefused) as caught:
        draw_page(png(SMALL), 1, 1, 3, EIGHT, Placing("none"))
    assert caught.value.detail == (
        'The picture has 2 × 3 pixels and the label 1 × 3 dots; use the fit "contain", or larger '
        "labels."
    )


def shaded(value: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (64, 64), value).save(out, "PNG")
    return out.getvalue()


def test_the_limit_says_which_greys_are_ink() -> None:
    for value, limit, ink in ((127, 128, 4096), (128, 128, 0), (200, 201, 4096), (0, 0, 0)):
        tile = draw_page(shaded(value), 1, 64, 64, EIGHT, Placing(limit=limit))
        assert tile.count() == ink


def test_dithering_turns_grey_into_as_much_ink() -> None:
    tile = draw_page(shaded(64), 1, 64, 64, EIGHT, Placing(shades="dither"))
    assert tile.count() == pytest.approx(4096 * 0.75, rel=0.02)


def test_what_is_transparent_is_paper() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")
    assert draw_page(out.getvalue(), 1, 8, 8, EIGHT).count() == 0


def test_bits_beyond_the_width_are_never_ink() -> None:
    tile = draw_page(shaded(0), 1, 13, 5, EIGHT, Placing("stretch"))
    assert tile == dots(["#" * 13] * 5)


@pytest.mark.parametrize("page", [0, -1, 2])
def test_a_page_that_is_not_there_is_refused(page: int) -> None:
    with pytest.raises(DocumentRefused) as caught:
        draw_page(pdf([label()]), page, 100, 100, EIGHT)
    assert caught.value.detail == f"The document has no page {page}; its pages are 1 to 1."


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"", "The document is neither a PDF nor a PNG, JPEG, BMP, GIF or WebP picture; send one "
         "of these, or ZPL as raw."),
        (b"^XA^XZ", "The document is neither a PDF nor a PNG, JPEG, BMP, GIF or WebP picture; send "
         "one of these, or ZPL as raw."),
        (b"%PDF-1.4 and no more", "The PDF is damaged and cannot be opened; save it anew and send "
         "that."),
        (pdf([Label(8, 8, EIGHT, ())] * 1001), "The PDF has 1001 pages, and 1 to 1000 can be "
         "printed at once; send it in parts."),
    ],
)  # fmt: skip
def test_what_cannot_be_printed_is_refused_in_words(content: bytes, detail: str) -> None:
    with pytest.raises(DocumentRefused) as caught:
        inspect_document(content)
    assert caught.value.detail == detail


def test_a_damaged_picture_is_refused() -> None:
    with pytest.raises(DocumentRefused) as caught:
        draw_page(png(draw(label()))[:90], 1, 301, 155, EIGHT)
    assert caught.value.detail == "The picture is damaged; save it anew and send that."


@pytest.mark.parametrize(
    ("content", "pages", "placing", "detail"),
    [
        (png(SMALL)[:-28], [1], Placing(), "The picture is damaged; save it anew and send that."),
        (
            png(SMALL),
            [1],
            Placing("none", 90),
            'The picture has 3 × 2 pixels and the label 2 × 3 dots; use the fit "contain", or '
            "larger labels.",
        ),
        (
            pdf([Label(2, 3, EIGHT, ()), Label(16, 24, EIGHT, ())]),
            [1, 2],
            Placing("none"),
            'The page is 2 × 3 mm and the label 0.25 × 0.375 mm; use the fit "contain", or larger '
            "labels.",
        ),
    ],
)
def test_what_cannot_be_drawn_is_found_without_drawing(
    content: bytes, pages: list[int], placing: Placing, detail: str
) -> None:
    with pytest.raises(DocumentRefused) as caught:
        check_pages(content, pages, 2, 3, EIGHT, placing)
    assert caught.value.detail == detail
    if placing.fit == "none":
        check_pages(content, pages, 2, 3, EIGHT, Placing("contain", placing.rotation))


def png_header(width: int, height: int) -> bytes:
    """A picture that claims a size and holds one row."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(b"\0" * (1 + width // 8)))
    return b"\x89PNG\r\n\x1a\n" + header + rows + chunk(b"IEND", b"")


@pytest.mark.threat("T14")
@pytest.mark.parametrize("side", [5_000, 10_000, 100_000])
def test_a_picture_that_claims_too_many_pixels_is_refused_before_it_is_read(side: int) -> None:
    with pytest.raises(DocumentRefused) as caught:
        inspect_document(png_header(side, side))
    assert caught.value.detail == (
        f"The picture has {side} × {side} pixels, more than 20000000; make it smaller: a label "
        "rarely has more than 8,000,000 dots."
    )


@pytest.mark.threat("T14")
def test_a_pdf_page_that_would_take_too_many_dots_is_refused() -> None:
    strip = pdf([Label(8, 80_000, EIGHT, ())])
    with pytest.raises(DocumentRefused) as caught:
        draw_page(strip, 1, 800, 400, EIGHT, Placing("cover"))
    assert caught.value.detail == (
        'Page 1 of the PDF would be drawn with more than 20000000 dots; use the fit "contain".'
    )


@pytest.mark.threat("T17")
def test_a_document_of_too_many_bytes_is_refused() -> None:
    with pytest.raises(TooLarge) as caught:
        inspect_document(b"%PDF-" + bytes(MOST_BYTES))
    assert caught.value.detail == (
        "The document has 10000005 bytes and at most 10000000 are taken; send fewer pages, or "
        "smaller pictures."
    )


def test_pdfium_is_used_by_one_thread_at_a_time() -> None:
    with document._pdf(pdf([label()])):
        assert document._pdfium.locked()
    assert not document._pdfium.locked()


def test_many_threads_may_draw_at_once() -> None:
    content, expected = pdf([label()]), draw(label())
    drawn: list[Tile] = []

    def work() -> None:
        drawn.extend(draw_page(content, 1, 301, 155, EIGHT) for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert drawn == [expected] * 20
