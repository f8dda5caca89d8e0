"""Previews, read back by libraries that did not write them."""

from __future__ import annotations

import io
import re
from base64 import b64decode
from xml.etree import ElementTree

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gateway.drivers.languages import language_names, load_language
from gateway.drivers.languages.pdf import pdf
from gateway.drivers.languages.png import png
from gateway.drivers.languages.svg import svg
from gateway.errors import PrinterRefused
from gateway.label import Label, Picture, Tile, draw
from gateway.units import parse_density
from tests.drivers.languages.judging import barcode, dots, model

EIGHT = parse_density(8)


def read(picture: Image.Image) -> Tile:
    """Return a picture's dark dots."""
    grey = picture.convert("L")
    return dots(
        [
            "".join("#" if grey.getpixel((x, y)) == 0 else "." for x in range(grey.width))
            for y in range(grey.height)
        ]
    )


@st.composite
def tiles(draw_one: st.DrawFn) -> Tile:
    width = draw_one(st.integers(1, 40))
    rows = draw_one(
        st.lists(st.text("#.", min_size=width, max_size=width), min_size=1, max_size=12)
    )
    return dots(rows)


@given(tiles(), st.integers(1, 9))
def test_a_png_shows_each_dot_as_a_square(tile: Tile, scale: int) -> None:
    with Image.open(io.BytesIO(png(tile, scale))) as picture:
        assert picture.mode == "1"
        assert picture.size == (tile.width * scale, tile.height * scale)
        enlarged = ["".join(dot * scale for dot in row) for row in tile.art().split("\n")]
        assert read(picture) == dots([row for row in enlarged for _ in range(scale)])


def test_a_png_says_how_large_the_label_is() -> None:
    with Image.open(io.BytesIO(png(dots(["#."]), 2, EIGHT))) as picture:
        assert picture.info["dpi"] == pytest.approx((406.4, 406.4))
    with Image.open(io.BytesIO(png(dots(["#."])))) as picture:
        assert "dpi" not in picture.info


def two_elements() -> Label:
    return Label(
        300, 120, EIGHT,
        (
            Picture("logo<&\"'\x01", 3, 5, 0, dots(["##.", ".##"]), True),
            barcode("code128", "SN-1", 20, 30, 2, 60),
        ),
    )  # fmt: skip


def test_an_svg_holds_each_element_as_its_own_picture_at_its_place() -> None:
    label = two_elements()
    root = ElementTree.fromstring(svg(label))
    assert root.attrib["viewBox"] == "0 0 300 120"
    assert (root.attrib["width"], root.attrib["height"]) == ("37.5mm", "15mm")
    images = root.findall("{http://www.w3.org/2000/svg}image")
    assert [image.attrib["data-element"] for image in images] == [
        "logo<&\"'\ufffd", "code128-20-30",
    ]  # fmt: skip
    for image, element in zip(images, label.elements, strict=True):
        tile = element.tile
        place = [int(image.attrib[name]) for name in ("x", "y", "width", "height")]
        assert place == [element.x, element.y, tile.width, tile.height]
        kind, _, content = image.attrib["href"].partition(",")
        assert kind == "data:image/png;base64"
        with Image.open(io.BytesIO(b64decode(content))) as picture:
            assert read(picture) == tile


def test_a_pdf_has_a_page_for_each_label_with_its_dots_and_its_size() -> None:
    labels = [two_elements(), Label(80, 40, EIGHT, ()), two_elements()]
    document = pypdfium2.PdfDocument(pdf(labels))  # type: ignore[no-untyped-call]
    try:
        assert len(document) == 3
        for page, label in zip(document, labels, strict=True):
            width, height = page.get_size()
            assert width == pytest.approx(label.width / 8 * 72 / 25.4, abs=0.001)
            assert height == pytest.approx(label.height / 8 * 72 / 25.4, abs=0.001)
            rendered = page.render(scale=8 * 25.4 / 72, may_draw_forms=False).to_pil()
            assert rendered.size == (label.width, label.height)
            assert read(rendered) == draw(label)
            page.close()
    finally:
        document.close()  # type: ignore[no-untyped-call]


def test_equal_labels_share_one_picture_in_a_pdf() -> None:
    one = pdf([two_elements()])
    many = pdf([two_elements()] * 50)
    assert many.count(b"/Subtype/Image") == one.count(b"/Subtype/Image") == 1
    document = pypdfium2.PdfDocument(many)  # type: ignore[no-untyped-call]
    assert len(document) == 50
    document.close()  # type: ignore[no-untyped-call]


def test_every_place_in_a_pdfs_index_is_where_its_object_begins() -> None:
    content = pdf([two_elements()])
    start = int(re.findall(rb"startxref\n(\d+)", content)[0])
    assert content[start : start + 4] == b"xref"
    places = re.findall(rb"(\d{10}) 00000 n ", content)
    for number, place in enumerate(places, 1):
        assert content[int(place) :].startswith(b"%d 0 obj" % number)


@pytest.mark.parametrize(
    ("name", "media_type", "begins"),
    [
        ("png", "image/png", b"\x89PNG"),
        ("svg", "image/svg+xml", b"<svg"),
        ("pdf", "application/pdf", b"%PDF-1.4"),
        ("zpl", "application/zpl", b"^XA"),
    ],
)
def test_languages_are_found_by_name(name: str, media_type: str, begins: bytes) -> None:
    language = load_language(name)
    assert (language.name, language.media_type) == (name, media_type)
    assert language.encode(two_elements(), "exact", model()).body.startswith(begins)
    assert name in language_names()


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(PrinterRefused) as caught:
        load_language("pcl")
    known = ", ".join(language_names())
    assert {"zpl", "png", "svg", "pdf"} <= set(language_names())
    assert caught.value.detail == f"'pcl' is not a printer language; choose one of {known}."
