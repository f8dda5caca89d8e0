"""The bar code kinds: what each may carry, how large it gets, and its bars.

    content ──accept──► what a scanner returns ──size──► columns × rows (nothing drawn)
                                               ──encode──► Symbol: modules, 1 = dark

``SYMBOLOGIES`` is the whole list; a new kind is one more row. ``python-barcode`` draws the linear
codes and ``qrcode`` the QR codes; where they are wrong or silent (Code 93, UPC-E, GS1 DataBar, Data
Matrix, Aztec, PDF417, GS1 in 2D, text beyond ASCII in a QR code) ``zxing-cpp`` does. All three are
imported on first use.

>>> SYMBOLOGIES["ean13"].accept("629104150021")
'6291041500213'
>>> SYMBOLOGIES["code128"].size("SN-000123", Options())
(112, 1)
>>> print(SYMBOLOGIES["ean8"].encode("9638507", Options()).art()[:24])
#.#...#.##.#.####.####.#
"""

from __future__ import annotations

from typing import Any, Final

from gateway.codes import databar, linear, matrix
from gateway.codes.symbol import (
    Options,
    Symbol,
    Symbology,
    accept_gs1,
    print_gs1,
    print_plain,
)

__all__ = ["SYMBOLOGIES", "Options", "Symbol", "Symbology", "read_back", "read_ink"]

_FLOOR: Final = 166
"""µm: two dots of a 12 dots/mm head. Below, thermal bars run into each other and hand scanners
give up; a house rule, as the general symbology standards leave the module to the application."""

_QR: Final = frozenset({"error_correction"})
_PDF417: Final = frozenset({"columns", "rows", "row_height", "security_level"})

_draw_pdf417 = matrix.draw_pdf417("PDF417", "PDF417", 3)
_draw_compact = matrix.draw_pdf417("CompactPDF417", "Compact PDF417", 3)
_draw_micro = matrix.draw_pdf417("MicroPDF417", "MicroPDF417", 2)
"""Least row heights: ISO/IEC 15438, 5.8.2, and ISO/IEC 24728, 5.8.2."""
_draw_expanded = databar.draw_databar("DataBarExp", "GS1 DataBar Expanded")
_draw_expanded_stacked = databar.draw_databar_expanded_stacked

_ROWS: Final[tuple[Symbology, ...]] = (
    # Quiet zone 10X: ISO/IEC 15417, 4.2; GS1 General Specifications, 5.4.2.
    Symbology(
        "code128", "Code 128", "linear", (10, 10, 0, 0), _FLOOR,
        linear.accept_code128, linear.size_code128, linear.draw_code128, print_plain,
    ),
    Symbology(
        "gs1-128", "GS1-128", "linear", (10, 10, 0, 0), _FLOOR,
        linear.accept_gs1_128, linear.size_gs1_128, linear.draw_gs1_128, print_gs1,
        gs1=True, digit_blind=False,
    ),
    # ISO/IEC 16388, 4.4.
    Symbology(
        "code39", "Code 39", "linear", (10, 10, 0, 0), _FLOOR,
        linear.accept_code39, linear.size_code39, linear.draw_code39, print_plain,
    ),
    # ANSI/AIM BC5, 2.4, and EN 798, 4.4.1 (d).
    Symbology(
        "code93", "Code 93", "linear", (10, 10, 0, 0), _FLOOR,
        linear.accept_code93, linear.size_code93, linear.draw_code93, print_plain,
    ),
    Symbology(
        "codabar", "Codabar", "linear", (10, 10, 0, 0), _FLOOR,
        linear.accept_codabar, linear.size_codabar, linear.draw_codabar, print_plain,
    ),
    # ISO/IEC 16390, 4.4.
    Symbology(
        "itf", "ITF", "linear", (10, 10, 0, 0), _FLOOR,
        linear.accept_itf, linear.size_itf, linear.draw_itf, print_plain,
    ),
    # GS1 General Specifications, 5.3.2.2 (quiet zone) and figure 5.12.3.1 (module 0.250 mm).
    Symbology(
        "itf14", "ITF-14", "linear", (10, 10, 0, 0), 250,
        linear.accept_gtin("ITF-14", 14), linear.size_itf, linear.draw_itf,
        linear.print_split(1, 3, 8, 13), digit_blind=False,
    ),
    # GS1 General Specifications, 5.2.3.4 (quiet zones) and 5.2.3.1: 0.264 mm, or 0.249 mm where
    # labels are printed on demand.
    Symbology(
        "ean13", "EAN-13", "linear", (11, 7, 0, 0), 249,
        linear.accept_gtin("EAN-13", 13), linear.fixed_size(95), linear.draw_ean13,
        linear.print_split(1, 7), digit_blind=False,
    ),
    Symbology(
        "ean8", "EAN-8", "linear", (7, 7, 0, 0), 249,
        linear.accept_gtin("EAN-8", 8), linear.fixed_size(67), linear.draw_ean8,
        linear.print_split(4), digit_blind=False,
    ),
    Symbology(
        "upca", "UPC-A", "linear", (9, 9, 0, 0), 249,
        linear.accept_gtin("UPC-A", 12), linear.fixed_size(95), linear.draw_upca,
        linear.print_split(1, 6, 11), digit_blind=False,
    ),
    Symbology(
        "upce", "UPC-E", "linear", (9, 7, 0, 0), 249,
        linear.accept_upce, linear.fixed_size(51), linear.draw_upce,
        linear.print_split(1, 7), digit_blind=False,
    ),
    # ISO/IEC 18004, 6.3.8: four modules on every side.
    Symbology(
        "qr", "QR code", "matrix", (4, 4, 4, 4), _FLOOR,
        matrix.accept_text("QR code"), matrix.size_qr, matrix.draw_qr, print_plain, options=_QR,
    ),
    Symbology(
        "gs1-qr", "GS1 QR code", "matrix", (4, 4, 4, 4), _FLOOR,
        accept_gs1, matrix.size_gs1_matrix(matrix.draw_gs1_qr), matrix.draw_gs1_qr, print_gs1,
        gs1=True, digit_blind=False, options=_QR,
    ),
    # ISO/IEC 16022, 8.2: one module on every side.
    Symbology(
        "datamatrix", "Data Matrix", "matrix", (1, 1, 1, 1), _FLOOR,
        matrix.accept_text("Data Matrix"), matrix.size_by_drawing(matrix.draw_datamatrix),
        matrix.draw_datamatrix, print_plain, options=frozenset({"square"}),
    ),
    Symbology(
        "gs1-datamatrix", "GS1 DataMatrix", "matrix", (1, 1, 1, 1), _FLOOR,
        accept_gs1, matrix.size_gs1_matrix(matrix.draw_gs1_datamatrix),
        matrix.draw_gs1_datamatrix, print_gs1,
        gs1=True, digit_blind=False, options=frozenset({"square"}),
    ),
    # ISO/IEC 18004, 9.1: two modules.
    Symbology(
        "micro-qr", "Micro QR code", "matrix", (2, 2, 2, 2), _FLOOR,
        matrix.accept_micro_qr, matrix.size_by_drawing(matrix.draw_micro_qr),
        matrix.draw_micro_qr, print_plain, options=_QR,
    ),
    # ISO/IEC 24778, 4.1 (c): no quiet zone; 7.3.1.2: a bit is stuffed into runs of equal ones, so
    # the size follows the value.
    Symbology(
        "aztec", "Aztec code", "matrix", (0, 0, 0, 0), _FLOOR,
        matrix.accept_text("Aztec code"), matrix.size_by_value(matrix.draw_aztec),
        matrix.draw_aztec, print_plain,
        digit_blind=False, by_value=True, options=frozenset({"error_percent"}),
    ),
    # ISO/IEC 15438, 5.8.3: two modules on every side.
    Symbology(
        "pdf417", "PDF417", "matrix", (2, 2, 2, 2), _FLOOR,
        matrix.accept_text("PDF417"), matrix.size_by_drawing(_draw_pdf417), _draw_pdf417,
        print_plain, options=_PDF417,
    ),
    Symbology(
        "compact-pdf417", "Compact PDF417", "matrix", (2, 2, 2, 2), _FLOOR,
        matrix.accept_text("Compact PDF417"), matrix.size_by_drawing(_draw_compact),
        _draw_compact, print_plain, options=_PDF417,
    ),
    # ISO/IEC 24728, 5.8.3: one module.
    Symbology(
        "micropdf417", "MicroPDF417", "matrix", (1, 1, 1, 1), _FLOOR,
        matrix.accept_text("MicroPDF417"), matrix.size_by_drawing(_draw_micro), _draw_micro,
        print_plain, options=frozenset({"columns", "row_height"}),
    ),
    # GS1 General Specifications, 5.5.1.1: no quiet zones. ISO/IEC 24724 has the least heights: 33
    # modules (5.2), 13 (5.3.1), rows of 5, 1 and 7 (5.3.2.1) or 33, 3 and 33 (5.3.2.2), 10 (6.2),
    # and 34 for each row (7.2.1, 7.2.8).
    Symbology(
        "databar-omni", "GS1 DataBar Omnidirectional", "linear", (0, 0, 0, 0), _FLOOR,
        databar.accept_databar("GS1 DataBar Omnidirectional"), linear.fixed_size(96),
        databar.draw_databar("DataBarOmni", "GS1 DataBar Omnidirectional"), print_gs1,
        gs1=True, digit_blind=False, least_height=33,
    ),
    Symbology(
        "databar-truncated", "GS1 DataBar Truncated", "linear", (0, 0, 0, 0), _FLOOR,
        databar.accept_databar("GS1 DataBar Truncated"), linear.fixed_size(96),
        databar.draw_databar("DataBarOmni", "GS1 DataBar Truncated"), print_gs1,
        gs1=True, digit_blind=False, least_height=13,
    ),
    Symbology(
        "databar-stacked", "GS1 DataBar Stacked", "matrix", (0, 0, 0, 0), _FLOOR,
        databar.accept_databar("GS1 DataBar Stacked"), databar.size_stacked(13),
        databar.draw_databar_stacked("DataBarStk", "GS1 DataBar Stacked"), print_gs1,
        gs1=True, digit_blind=False,
    ),
    Symbology(
        "databar-stacked-omni", "GS1 DataBar Stacked Omnidirectional", "matrix", (0, 0, 0, 0),
        _FLOOR, databar.accept_databar("GS1 DataBar Stacked Omnidirectional"),
        databar.size_stacked(69),
        databar.draw_databar_stacked("DataBarStkOmni", "GS1 DataBar Stacked Omnidirectional"),
        print_gs1, gs1=True, digit_blind=False,
    ),
    Symbology(
        "databar-limited", "GS1 DataBar Limited", "linear", (0, 0, 0, 0), _FLOOR,
        databar.accept_databar("GS1 DataBar Limited", "01"), linear.fixed_size(79),
        databar.draw_databar("DataBarLtd", "GS1 DataBar Limited"), print_gs1,
        gs1=True, digit_blind=False, least_height=10,
    ),
    # 7.2.5.4: weights and prices are packed when the GTIN begins with 9, so the size follows the
    # value.
    Symbology(
        "databar-expanded", "GS1 DataBar Expanded", "linear", (0, 0, 0, 0), _FLOOR,
        accept_gs1, matrix.size_by_value(_draw_expanded), _draw_expanded, print_gs1,
        gs1=True, digit_blind=False, by_value=True, least_height=34,
    ),
    Symbology(
        "databar-expanded-stacked", "GS1 DataBar Expanded Stacked", "matrix", (0, 0, 0, 0),
        _FLOOR, accept_gs1, matrix.size_by_value(_draw_expanded_stacked),
        _draw_expanded_stacked, print_gs1,
        gs1=True, digit_blind=False, by_value=True, options=frozenset({"segments"}),
    ),
)  # fmt: skip

SYMBOLOGIES: Final[dict[str, Symbology]] = {row.name: row for row in _ROWS}


def read_back(symbol: Symbol, name: str) -> str | None:
    """Return what an independent reader makes of the symbol, None when it finds nothing.

    zxing-cpp reads it at three dots a module with its quiet zone. UPC-A and UPC-E come back as
    the number on them, not in the thirteen digits that readers widen them to.
    """
    row = SYMBOLOGIES[name]
    left, right, above, below = (n if n else 4 for n in row.quiet)
    scale, height = (3, 24) if symbol.kind == "linear" else (3, 3)
    white = b"\xff" * (scale * (left + symbol.columns + right))
    edge = b"\xff" * (scale * left), b"\xff" * (scale * right)
    picture = [white] * (scale * above)
    for line in symbol.lines():
        text = format(line, f"0{symbol.columns}b").encode()
        wide = text.replace(b"1", b"\x00" * scale).replace(b"0", b"\xff" * scale)
        picture += [edge[0] + wide + edge[1]] * height
    picture += [white] * (scale * below)
    return read_ink(b"".join(picture), len(white), name, symbol.content)


def read_ink(grey: bytes, width: int, name: str, content: str) -> str | None:
    """Return what an independent reader makes of a picture of one symbol, None of nothing.

    Args:
        grey: A byte a dot, 0 is dark, row after row; with the quiet zone.
        width: Dots of a row.
        name: Of the symbology.
        content: What it should say; UPC-A and UPC-E are read back as the number on them where
            that is the same.
    """
    import zxingcpp

    picture = memoryview(grey).cast("B", (len(grey) // width, width))
    formats: Any = getattr(zxingcpp.BarcodeFormat, _READ_AS[name])
    found = zxingcpp.read_barcode(
        picture, formats=formats, text_mode=zxingcpp.TextMode.Plain, try_rotate=False,
        try_downscale=False, try_invert=False,
    )  # fmt: skip
    if found is None:
        return None
    text_found = str(found.text)
    if name == "upca" and len(text_found) == 13:
        return text_found[1:]
    if name == "upce" and text_found[1:-1] == linear.expand_upce(content[:7]):
        return content[:7] + text_found[-1]
    return text_found


_READ_AS: Final = {
    "code128": "Code128", "gs1-128": "Code128", "code39": "Code39", "itf14": "ITF",
    "ean13": "EAN13", "ean8": "EAN8", "upca": "EANUPC", "upce": "EANUPC", "qr": "QRCode",
    "gs1-qr": "QRCode", "datamatrix": "DataMatrix", "gs1-datamatrix": "DataMatrix",
    "code93": "Code93", "codabar": "Codabar", "itf": "ITF", "micro-qr": "MicroQRCode",
    "aztec": "Aztec", "pdf417": "PDF417", "compact-pdf417": "PDF417", "micropdf417": "MicroPDF417",
    "databar-omni": "DataBarOmni", "databar-truncated": "DataBarOmni",
    "databar-stacked": "DataBarStk", "databar-stacked-omni": "DataBarStkOmni",
    "databar-limited": "DataBarLtd", "databar-expanded": "DataBarExp",
    "databar-expanded-stacked": "DataBarExpStk",
}  # fmt: skip
