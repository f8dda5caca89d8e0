"""Codes by the names that TSPL gives them: parameters and content in, an upright symbol out.

``LINEAR`` has a row for each code type that is drawn. What a printer would refuse raises
``CodeRefused``, and the label lists it.

>>> draw_linear("128M", "!105123456", 40, 2, 2).width
136
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from gateway.drivers.virtual.canvas import Tile, from_modules
from gateway.drivers.virtual.symbols import aztec, code128, datamatrix, linear
from gateway.errors import CodeRefused

_LARGEST_MODULE = 40
"""Dots: more would leave every paper."""


def draw_linear(kind: str, content: str, height: int, narrow: int, wide: int) -> Tile:
    """Return the bars of a linear code.

    Raises:
        CodeRefused: the type is not drawn here, or cannot carry the content.
    """
    draw = LINEAR.get(kind.upper())
    if draw is None:
        raise CodeRefused(f"The code type {kind[:12]!r} is not drawn here.", symbology=kind[:12])
    narrow = max(1, min(_LARGEST_MODULE, narrow))
    return linear.bars(draw(content, narrow, max(1, min(120, wide))), max(1, min(height, 32_000)))


def _automatic(content: str, narrow: int, wide: int) -> list[int]:
    return code128.widths(code128.choose_values(content), module=narrow)


def _gs1(content: str, narrow: int, wide: int) -> list[int]:
    plain = code128.FNC1_MARK + re.sub("[() ]", "", content)
    return code128.widths(code128.choose_values(plain), module=narrow)


_STARTS = {103: "A", 104: "B", 105: "C"}
_SWITCHES = {99: "C", 100: "B", 101: "A"}


def _manual(content: str, narrow: int, wide: int) -> list[int]:
    """``!`` and three digits are a symbol character; the set is B unless one starts another."""
    values: list[int] = []
    current, at = "B", 0
    while at < len(content):
        if control := re.match("!([0-9]{3})", content[at:]):
            value = int(control[1])
            if value > 105 or (value > 102 and values):
                raise CodeRefused(f"Code 128 has no control code !{value:03}.", code=value)
            if value in _STARTS:
                current = _STARTS[value]
            elif _SWITCHES.get(value, current) != current:
                current = _SWITCHES[value]
            if not values and value not in _STARTS:
                values.append(104)
            values.append(value)
            at += 4
            continue
        if not values:
            values.append(104)
        if current == "C":
            pair = content[at : at + 2]
            if not re.fullmatch("[0-9]{2}", pair):
                raise CodeRefused(f"Code 128 set C carries pairs of digits, got {pair!r}.")
            values.append(int(pair))
            at += 2
        else:
            values.append(code128.value_of(content[at], current))
            at += 1
    return code128.widths(values, module=narrow)


def _code39(content: str, narrow: int, wide: int) -> list[int]:
    return linear.code39(content.upper(), module=narrow, wide=wide)


def _code39_checked(content: str, narrow: int, wide: int) -> list[int]:
    return linear.code39(content.upper(), module=narrow, wide=wide, check=True)


def _interleaved(content: str, narrow: int, wide: int) -> list[int]:
    digits = content if len(content) % 2 == 0 else f"0{content}"
    return linear.interleaved(digits, module=narrow, wide=wide)


def _interleaved_checked(content: str, narrow: int, wide: int) -> list[int]:
    if not content.isdigit():
        raise CodeRefused(f"Interleaved 2 of 5 carries digits, got {content!r}.", value=content)
    return _interleaved(content + str(linear.check_digit(content)), narrow, wide)


def _code93(content: str, narrow: int, wide: int) -> list[int]:
    return linear.code93(content, module=narrow)


def _codabar(content: str, narrow: int, wide: int) -> list[int]:
    text = content.upper()
    if len(text) > 2 and text[0] in "ABCD" and text[-1] in "ABCD":
        ends, text = (text[0], text[-1]), text[1:-1]
        return linear.codabar(text, module=narrow, wide=wide, start=ends[0], stop=ends[1])
    return linear.codabar(text, module=narrow, wide=wide)


def _ean13(content: str, narrow: int, wide: int) -> list[int]:
    return linear.ean13(content[:12], module=narrow)


def _ean8(content: str, narrow: int, wide: int) -> list[int]:
    return linear.ean8(content[:7], module=narrow)


def _upca(content: str, narrow: int, wide: int) -> list[int]:
    return linear.upca(content[:11], module=narrow)


def _msi(content: str, narrow: int, wide: int) -> list[int]:
    return linear.msi(content, module=narrow, wide=wide)


def _msi_checked(content: str, narrow: int, wide: int) -> list[int]:
    if not content.isdigit():
        raise CodeRefused(f"MSI carries digits, got {content!r}.", value=content)
    return linear.msi(content + linear.msi_check_10(content), module=narrow, wide=wide)


LINEAR: Mapping[str, Callable[[str, int, int], list[int]]] = {
    "128": _automatic,
    "128M": _manual,
    "EAN128": _gs1,
    "EAN128M": _manual,
    "25": _interleaved,
    "25C": _interleaved_checked,
    "39": _code39,
    "39C": _code39_checked,
    "39S": _code39,
    "93": _code93,
    "CODA": _codabar,
    "EAN13": _ean13,
    "EAN8": _ean8,
    "ITF14": _interleaved,
    "MSI": _msi,
    "MSIC": _msi_checked,
    "UPCA": _upca,
}
"""Code types, drawn independently of what the encoder draws with."""


def draw_data_matrix(
    content: str, *, module: int, rows: int, columns: int, escape: str, rectangular: bool
) -> Tile:
    """Return a Data Matrix.

    Raises:
        CodeRefused: no size holds the content, or it has an escape that means nothing.
    """
    text, at = "", 0
    while at < len(content):
        if not escape or content[at] != escape:
            text += content[at]
            at += 1
            continue
        kind = content[at + 1 : at + 2]
        if kind == escape:
            text, at = text + escape, at + 2
        elif kind == "1":
            text, at = text + datamatrix.FNC1_MARK, at + 2
        elif kind == "d" and re.fullmatch("[0-9]{3}", content[at + 2 : at + 5]):
            text, at = text + chr(int(content[at + 2 : at + 5]) % 256), at + 5
        elif kind and "@" <= kind <= "_":
            text, at = text + chr(ord(kind) - 64), at + 2
        else:
            raise CodeRefused(f"Data Matrix has no escape '{escape}{kind}'.", escape=kind)
    modules = datamatrix.draw(
        datamatrix.encode(text), columns=columns, rows=rows, rectangular=rectangular
    )
    module = max(1, min(_LARGEST_MODULE, module))
    return from_modules(modules).enlarged(module, module)


def draw_qr(content: str, *, level: str, module: int, manual: bool, mask: int | None) -> Tile:
    """Return a QR code.

    Raises:
        CodeRefused: no symbol holds the content.
    """
    text: str | bytes = content
    if manual and (counted := re.match("B([0-9]{4})", content)):
        text = content[5 : 5 + int(counted[1])].encode("latin-1")
    elif manual and content[:1] in ("N", "A"):
        text = content[1:]
    if not text:
        raise CodeRefused("QR data is empty.")
    import segno  # only who draws a QR symbol waits for it

    try:
        symbol = segno.make_qr(text, error=level, mask=mask, boost_error=False)
    except (segno.DataOverflowError, ValueError) as wrong:
        raise CodeRefused(f"QR cannot carry the data: {wrong}.") from wrong
    module = max(1, min(_LARGEST_MODULE, module))
    return from_modules(symbol.matrix).enlarged(module, module)


def draw_aztec(content: str, *, module: int, size: int) -> Tile:
    """Return an Aztec code; ``size`` as TSPL and EPL2 say it.

    0 is the usual share of check words, 1 to 99 a share in percent, 101 to 104 a compact symbol of
    so many layers, 201 to 232 a full one.

    Raises:
        CodeRefused: no such size, or it does not hold the content.
    """
    octets, module = content.encode("latin-1"), max(1, min(_LARGEST_MODULE, module))
    if size < 100:
        modules = aztec.encode(octets, percent=size or 23)
    elif 101 <= size <= 104 or 201 <= size <= 232:
        modules = aztec.encode(octets, size=aztec.Size(size % 100, size < 200))
    else:
        raise CodeRefused(f"Aztec size {size} is not drawn here.", size=size)
    return from_modules(modules).enlarged(module, module)


def draw_pdf417(content: str, *, columns: int, level: int, module: int, row_height: int) -> Tile:
    """Return a PDF417 of so many data columns, or as many fewer as it needs to have three rows.

    Raises:
        CodeRefused: it cannot carry the content.
    """
    from pdf417gen import encoding  # only who draws PDF417 waits for it

    encode: Callable[[bytes, int, int], list[list[int]]] = encoding.encode
    octets, level = content.encode("latin-1"), max(0, min(8, level))
    for fewer in range(max(1, min(30, columns)), 0, -1):
        try:
            codes = [list(row) for row in encode(octets, fewer, level)]
        except ValueError:
            continue
        rows = tuple(int("".join(format(code, "b") for code in row), 2) for row in codes)
        width = 17 * (len(codes[0]) - 1) + 18  # the stop pattern has 18 modules
        across, down = max(1, min(_LARGEST_MODULE, module)), max(1, min(99, row_height))
        return Tile(width, len(rows), rows).enlarged(across, down)
    raise CodeRefused("PDF417 cannot carry so much data, or none.", octets=len(octets))
