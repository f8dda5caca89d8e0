"""A label as SVG: each element a picture of its own, in dots, so that a page can point at it.

>>> from gateway.units import parse_density
>>> from gateway.label import Picture, Tile
>>> dot = Picture("dot", 4, 2, 0, Tile(8, 1, b"\\x81"), fixed=True)
>>> svg(Label(16, 8, parse_density(8), (dot,)))[:71]
'<svg xmlns="http://www.w3.org/2000/svg" width="2mm" height="1mm" viewBo'
"""

from __future__ import annotations

from binascii import b2a_base64
from html import escape

from gateway.drivers.languages.page import Language, Mode, Model, Page
from gateway.drivers.languages.png import png
from gateway.label import Label
from gateway.printers import AS_IT_IS, Setup
from gateway.units import say_length, to_um

_HIDDEN = str.maketrans(dict.fromkeys((*range(32), 65534, 65535), "�"))
"""Characters that XML cannot hold at all (XML 1.0, 2.2)."""


def svg(label: Label) -> str:
    """Return the label as an SVG document, its view box in dots and its size in millimetres."""
    width = say_length(to_um(label.width, label.density)).replace(" ", "")
    height = say_length(to_um(label.height, label.density)).replace(" ", "")
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {label.width} {label.height}" shape-rendering="crispEdges">'
        f'<rect width="{label.width}" height="{label.height}" fill="#fff"/>'
    ]
    for element in label.elements:
        tile = element.tile
        if not (tile.width and tile.height):
            continue
        picture = b2a_base64(png(tile), newline=False).decode()
        # Multiply: the white of one element does not hide the ink of another.
        parts.append(
            f'<image data-element="{escape(element.id.translate(_HIDDEN))}" '
            f'x="{element.x}" y="{element.y}" width="{tile.width}" height="{tile.height}" '
            'style="image-rendering:pixelated;mix-blend-mode:multiply" '
            f'href="data:image/png;base64,{picture}"/>'
        )
    parts.append("</svg>")
    return "".join(parts)


def _encode(label: Label, mode: Mode, model: Model, setup: Setup = AS_IT_IS) -> Page:
    return Page(svg(label).encode())


SVG = Language("svg", "SVG picture", "image/svg+xml", _encode)
"""A preview whose elements can be told apart."""
