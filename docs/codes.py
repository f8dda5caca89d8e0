"""The page of bar codes: what each kind carries, its size, and what a template may choose.

SYMBOLOGIES ──codes──► docs/codes.md
"""

from __future__ import annotations

from gateway.codes.samples import CARRIES
from gateway.codes.symbology import SYMBOLOGIES, Options, Symbology
from gateway.templates.document import BarcodeDocument
from gateway.units import say_length


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
