"""Bar codes of GS k: a kind and data in, an upright symbol out.

What a printer would refuse raises ``CodeRefused``, and the paper lists it. Guard bars of EAN and
UPC are as long as the others: the printers draw them so when no line of text stands beside them.

>>> draw_linear(69, b"A", module=2, height=10).width
85
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.drivers.virtual.canvas import Tile
from gateway.drivers.virtual.symbols import code128, linear
from gateway.errors import CodeRefused

_WIDE = {1: 2, 2: 5, 3: 8, 4: 10, 5: 13, 6: 16}
"""Dots of the wide element of Code 39, ITF and Codabar by GS w (Epson ESC/POS Command Reference,
GS w: 0.706, 1.129, 1.411, 1.834 and 2.258 mm at 180 dpi)."""


def draw_linear(kind: int, content: bytes, *, module: int, height: int) -> Tile:
    """Return the symbol, ``height`` dots tall.

    Raises:
        CodeRefused: the kind is unknown, or cannot carry the content.
    """
    kind = kind + 65 if kind <= 6 else kind
    draw = _KINDS.get(kind)
    if draw is None:
        raise CodeRefused(f"GS k {kind} is not a bar code that is drawn here.", kind=kind)
    return linear.bars(draw(content, module, _WIDE.get(module, 3 * module)), height)


def shown(kind: int, content: bytes) -> str:
    """Return the line of text beside the bars (GS H)."""
    text = content.decode("latin-1")
    if kind in (4, 69):
        return f"*{text.strip('*')}*"
    if kind in (73, 74):
        out, at = "", 0
        while at < len(text):
            if text[at] == "{":
                out += "{" if text[at + 1 : at + 2] == "{" else ""
                at += 2
                continue
            out += text[at] if text[at].isprintable() else ""
            at += 1
        return out
    return "".join(sign for sign in text if sign.isprintable())


def _ascii(content: bytes) -> str:
    try:
        return content.decode("ascii")
    except UnicodeDecodeError as wrong:
        raise CodeRefused(f"A bar code carries ASCII, got {content!r}.") from wrong


def _digits(content: bytes, counts: tuple[int, ...], name: str) -> str:
    digits = _ascii(content)
    if not digits.isdigit() or len(digits) not in counts:
        raise CodeRefused(f"{name} carries {counts} digits, got {digits!r}.", value=digits)
    return digits


def _upca(content: bytes, module: int, wide: int) -> list[int]:
    return linear.upca(_digits(content, (11, 12), "UPC-A")[:11], module=module)


def _upce(content: bytes, module: int, wide: int) -> list[int]:
    digits = _digits(content, (6, 7, 8, 11, 12), "UPC-E")
    if len(digits) > 8:
        short = linear.shrink_upce(digits[:11])
        if short is None:
            raise CodeRefused(f"UPC-E cannot be made of {digits!r}.", value=digits)
        return linear.upce(short, module=module)
    return linear.upce(("0" + digits if len(digits) == 6 else digits)[:7], module=module)


def _ean13(content: bytes, module: int, wide: int) -> list[int]:
    return linear.ean13(_digits(content, (12, 13), "EAN-13")[:12], module=module)


def _ean8(content: bytes, module: int, wide: int) -> list[int]:
    return linear.ean8(_digits(content, (7, 8), "EAN-8")[:7], module=module)


def _code39(content: bytes, module: int, wide: int) -> list[int]:
    text = _ascii(content)
    return linear.code39(text.strip("*"), module=module, wide=wide)


def _itf(content: bytes, module: int, wide: int) -> list[int]:
    return linear.interleaved(_ascii(content), module=module, wide=wide)


def _codabar(content: bytes, module: int, wide: int) -> list[int]:
    text = _ascii(content).upper()
    if len(text) < 2 or text[0] not in "ABCD" or text[-1] not in "ABCD":
        raise CodeRefused(f"Codabar begins and ends with A to D, got {text!r}.", value=text)
    return linear.codabar(text[1:-1], module=module, wide=wide, start=text[0], stop=text[-1])


def _code93(content: bytes, module: int, wide: int) -> list[int]:
    return linear.code93(_ascii(content), module=module)


_SIGNS = {ord("S"): code128.SHIFT, ord("1"): code128.FNC1, ord("2"): 97, ord("3"): 96}
_SETS = {ord("A"): ("A", 103, 101), ord("B"): ("B", 104, 100), ord("C"): ("C", 105, 99)}


def _code128(content: bytes, module: int, wide: int) -> list[int]:
    """Data with ``{A``, ``{B``, ``{C`` in front; in set C a byte is a pair's value."""
    values: list[int] = []
    current, shifted, at = "", "", 0
    while at < len(content):
        byte = content[at]
        if byte == 0x7B:
            sign = content[at + 1] if at + 1 < len(content) else 0
            at += 2
            if sign in _SETS:
                name, start, switch = _SETS[sign]
                if name != current:
                    values.append(switch if values else start)
                current = name
                continue
            if not values:
                break
            if sign in _SIGNS:
                values.append(_SIGNS[sign])
                shifted = {"A": "B", "B": "A"}.get(current, "") if sign == ord("S") else ""
                continue
            if sign == ord("4"):
                values.append(101 if current == "A" else 100)
                continue
            if sign != 0x7B:
                raise CodeRefused(f"Code 128 has no sign {{{chr(sign)}.", value=repr(content))
        else:
            at += 1
        if not values:
            break
        active, shifted = shifted or current, ""
        if active == "C":
            if byte > 99:
                raise CodeRefused(f"Code 128 set C has no value {byte}.", value=repr(content))
            values.append(byte)
        else:
            values.append(code128.value_of(chr(byte), active))
    if not values:
        raise CodeRefused("Code 128 data begins with {A, {B or {C.", value=repr(content))
    return code128.widths(values, module=module)


def _plain128(content: bytes, module: int, wide: int) -> list[int]:
    return code128.widths(code128.choose_values(_ascii(content)), module=module)


_KINDS: Mapping[int, Callable[[bytes, int, int], list[int]]] = {
    65: _upca, 66: _upce, 67: _ean13, 68: _ean8, 69: _code39, 70: _itf, 71: _codabar,
    72: _code93, 73: _code128, 79: _plain128,
}  # fmt: skip
"""GS k m (the same, GS k)."""
