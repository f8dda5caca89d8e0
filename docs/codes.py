"""The page of bar codes: what each kind carries, its size, and what a template may choose.

SYMBOLOGIES ──codes──► docs/codes.md
"""

from __future__ import annotations

from typing import Final

from gateway.codes.symbology import SYMBOLOGIES, Options, Symbology
from gateway.templates.document import BarcodeDocument
from gateway.units import say_length

_GTIN: Final = "(01)09501101530003"

CARRIES: Final[dict[str, tuple[str, str]]] = {
    "code128": ("the 128 ASCII characters", "SN-000123"),
    "gs1-128": ("GS1 element strings, 48 characters", f"{_GTIN}(21)SN-7"),
    "code39": ("0-9, A-Z, space and -.$/+%", "SN-000123"),
    "code93": ("the 128 ASCII characters", "SN-000123"),
    "codabar": ("0-9 and -$:/.+, between letters A to D (A when left out)", "B12345C"),
    "itf": ("digits, an even number", "00012345"),
    "itf14": ("14 digits, or 13 and the check digit is added", "09501101530003"),
    "ean13": ("13 digits, or 12 and the check digit is added", "9501101530003"),
    "ean8": ("8 digits, or 7 and the check digit is added", "96385074"),
    "upca": ("12 digits, or 11 and the check digit is added", "036000291452"),
    "upce": ("8 digits that begin with 0 or 1, or 7", "01234565"),
    "qr": ("any text", "https://example.com/s/1"),
    "gs1-qr": ("GS1 element strings", f"{_GTIN}(21)SN-7"),
    "datamatrix": ("any text", "SN-000123"),
    "gs1-datamatrix": ("GS1 element strings", f"{_GTIN}(21)SN-7"),
    "micro-qr": ("ASCII, 35 digits or 15 characters at most", "SN-123"),
    "aztec": ("any text", "SN-000123"),
    "pdf417": ("any text", "SN-000123"),
    "compact-pdf417": ("any text, for clean paper", "SN-000123"),
    "micropdf417": ("any text, some 150 characters at most", "SN-000123"),
    "databar-omni": ("a GTIN: (01) and 14 digits", _GTIN),
    "databar-truncated": ("a GTIN: (01) and 14 digits", _GTIN),
    "databar-stacked": ("a GTIN: (01) and 14 digits", _GTIN),
    "databar-stacked-omni": ("a GTIN: (01) and 14 digits", _GTIN),
    "databar-limited": ("a GTIN that begins with 0 or 1", _GTIN),
    "databar-expanded": ("GS1 element strings, 74 digits or 41 letters", f"{_GTIN}(21)SN-7"),
    "databar-expanded-stacked": ("the same, in rows", f"{_GTIN}(21)SN-7"),
}
"""What each kind carries, in words, and an example."""


def codes() -> str:
    """Return docs/codes.md."""
    rows = "\n".join(_row(symbology) for symbology in SYMBOLOGIES.values())
    fields = BarcodeDocument.model_fields
    options = "\n".join(
        f"| `{name}` | {fields[name].description} | {_names(name)} |"
        for name in Options.__dataclass_fields__
    )
    return f"""# Bar codes

<!-- Written by `make docs`; change the code, not this page. -->

The kinds a template's barcode element may have. Before a label is accepted its content is checked,
its size is worked out in whole dots, its quiet zone must be free, and the symbol is read back by an
independent reader.

A module is the narrowest bar, or a square of a matrix code. Sizes are those of the example, in
modules without the quiet zone; × means columns × rows. Bars of a linear code are 2 mm high or more,
and as many modules as the last column says.

| `symbology` | kind | carries | example | modules | quiet zone | least bars |
|---|---|---|---|---|---|---|
{rows}

No module is narrower than {_least("qr")} or two dots; EAN and UPC want {_least("ean13")}, ITF-14
{_least("itf14")}.

## What a template may choose

| key | | in |
|---|---|---|
{options}

## Who draws them

python-barcode draws Code 128, Code 39, Codabar, ITF, EAN and UPC-A; qrcode draws QR codes, and
zxing-cpp those beyond ASCII and all others. ZPL printers draw Code 128, Code 39, Codabar, ITF, Data
Matrix, and Code 93 of capitals and digits by themselves when a template's `mode` is `native`; every
other kind is sent to them as dots in either mode.
"""


def _row(symbology: Symbology) -> str:
    words, example = CARRIES[symbology.name]
    symbol = symbology.encode(example)
    size = str(symbol.columns) if symbol.kind == "linear" else f"{symbol.columns} × {symbol.rows}"
    sides = symbology.quiet
    if not any(sides):
        quiet = "none"
    elif sides[2]:
        quiet = f"{sides[0]} around"
    else:
        quiet = f"{sides[0]} left, {sides[1]} right"
    least = str(symbology.least_height or "") if symbol.kind == "linear" else ""
    return (
        f"| `{symbology.name}` | {symbology.title} | {words} | `{example}` | {size} | {quiet} "
        f"| {least} |"
    )


def _least(name: str) -> str:
    return say_length(SYMBOLOGIES[name].least_module)


def _names(option: str) -> str:
    return ", ".join(f"`{s.name}`" for s in SYMBOLOGIES.values() if option in s.options)
