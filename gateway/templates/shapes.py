"""Boxes, lines, ellipses and pictures as dots, and tiles turned by quarter turns.

Every shape is decided by the centres of its dots in whole numbers, so it is symmetrical and the
same on every machine.

>>> print(box(7, 5, thickness=1, radius=2).art())
.#####.
#.....#
#.....#
#.....#
.#####.
>>> print(line(5, 3, thickness=2, direction="\\\\").art())
##...
#####
..###
>>> print(turned(Tile(3, 2, bytes([0b10000000, 0b11100000])), 90).art())
##
#.
#.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from math import isqrt
from typing import Any, Final, Literal, assert_never

from gateway.errors import DocumentRefused
from gateway.label import Picture, Rotation, Tile, overlay

LARGEST_PICTURE: Final = 20_000_000
"""Pixels a picture may claim in its header before anything is decoded."""
Dither = Literal["threshold", "floyd-steinberg", "ordered", "atkinson"]
_FORMATS: Final = ("PNG", "JPEG", "BMP", "GIF", "WEBP")


def from_rows(width: int, rows: list[int]) -> Tile:
    """Return the tile whose rows are given as integers of ``width`` bits."""
    stride = (width + 7) // 8
    spare = 8 * stride - width
    return Tile(width, len(rows), b"".join((row << spare).to_bytes(stride, "big") for row in rows))


def _run(width: int, start: int, end: int) -> int:
    """Return a row of ``width`` bits with ink from ``start`` up to and without ``end``."""
    if end <= start:
        return 0
    return ((1 << (end - start)) - 1) << (width - end)


def box(width: int, height: int, *, thickness: int, radius: int = 0) -> Tile:
    """Return a border of so many dots inside width × height; filled where borders meet."""
    radius = min(radius, width // 2, height // 2)
    outer = [_run(width, i, width - i) for i in _insets(height, radius)]
    if 2 * thickness >= min(width, height):
        return from_rows(width, outer)
    inner_height = height - 2 * thickness
    inner_width = width - 2 * thickness
    inner = [
        _run(inner_width, i, inner_width - i) << thickness
        for i in _insets(inner_height, max(0, radius - thickness))
    ]
    rows = [
        row & ~inner[y - thickness] if thickness <= y < height - thickness else row
        for y, row in enumerate(outer)
    ]
    return from_rows(width, rows)


def _insets(height: int, radius: int) -> list[int]:
    """Return for each row how many dots a round corner leaves free on either side."""
    insets = []
    for y in range(height):
        up = min(y, height - 1 - y)
        if up >= radius:
            insets.append(0)
            continue
        # In half dots from the corner's centre: a dot is ink when its centre is in the circle.
        down = 2 * up + 1 - 2 * radius
        reach = isqrt(4 * radius * radius - down * down)
        insets.append(max(0, (2 * radius - reach) // 2))
    return insets


def ellipse(width: int, height: int, *, thickness: int) -> Tile:
    """Return the outline of so many dots of the ellipse that fills width × height."""
    rows = _disc(width, height)
    if 2 * thickness < min(width, height):
        inner = _disc(width - 2 * thickness, height - 2 * thickness)
        for y, row in enumerate(inner):
            rows[y + thickness] &= ~(row << thickness)
    return from_rows(width, rows)


def _disc(width: int, height: int) -> list[int]:
    rows = []
    for y in range(height):
        # ((2x+1-w)/w)² + ((2y+1-h)/h)² ≤ 1, solved for x in whole numbers.
        across = 2 * y + 1 - height
        reach = isqrt(width * width * (height * height - across * across) // (height * height))
        start = (width - reach) // 2
        rows.append(_run(width, start, width - start))
    return rows


def line(
    width: int, height: int, *, thickness: int, direction: Literal["-", "|", "/", "\\"]
) -> Tile:
    """Return a line inside width × height: level or upright in its middle, or corner to corner.

    A sloping line is ``thickness`` dots wide in every row, as label languages count it, and one
    that is wider than high as many dots high in every column: by rows it would fall apart into
    dashes.
    """
    match direction:
        case "-":
            thick = min(thickness, height)
            above = (height - thick) // 2
            full = _run(width, 0, width)
            return from_rows(
                width, [full if above <= y < above + thick else 0 for y in range(height)]
            )
        case "|":
            thick = min(thickness, width)
            left = (width - thick) // 2
            return from_rows(width, [_run(width, left, left + thick)] * height)
        case "/" | "\\" if width > height:
            thick = min(thickness, height)
            span, steps = height - thick, width - 1
            tops = [(2 * span * x + steps) // (2 * steps) for x in range(width)]
            runs = [(bisect_right(tops, y - thick), bisect_right(tops, y)) for y in range(height)]
            if direction == "/":
                runs = [(width - end, width - start) for start, end in runs]
            return from_rows(width, [_run(width, start, end) for start, end in runs])
        case "/" | "\\":
            thick = min(thickness, width)
            span, steps = width - thick, max(1, height - 1)
            starts = [(2 * span * y + steps) // (2 * steps) for y in range(height)]
            if direction == "/":
                starts = [span - start for start in starts]
            return from_rows(width, [_run(width, start, start + thick) for start in starts])


def reversed_out(width: int, height: int, ink: Tile, at: tuple[int, int]) -> Tile:
    """Return width × height dots of ink but for those of a tile whose left top stands at ``at``.

    >>> print(reversed_out(5, 3, Tile(2, 1, b"\\xc0"), (2, 1)).art())
    #####
    ##..#
    #####
    """
    letters = overlay(width, height, [Picture("", *at, 0, ink, fixed=False)])
    full = from_rows(width, [_run(width, 0, width)] * height)
    left = int.from_bytes(full.ink, "big") & ~int.from_bytes(letters.ink, "big")
    return Tile(width, height, left.to_bytes(len(full.ink), "big"))


def turned(tile: Tile, rotation: Rotation) -> Tile:
    """Return the tile turned clockwise by 0, 90, 180 or 270 degrees."""
    if rotation == 0 or not tile.ink:
        return tile if rotation in (0, 180) else Tile(tile.height, tile.width, tile.ink)
    from PIL import Image

    # Pillow turns the other way round.
    step = {
        90: Image.Transpose.ROTATE_270,
        180: Image.Transpose.ROTATE_180,
        270: Image.Transpose.ROTATE_90,
    }[rotation]
    image = Image.frombytes("1", (tile.width, tile.height), tile.ink).transpose(step)
    return Tile(image.width, image.height, image.tobytes())


def place_turned(
    x: int, y: int, width: int, height: int, room: tuple[int, int], rotation: Rotation
) -> tuple[int, int]:
    """Return where a rectangle's left top corner comes to lie when its room is turned clockwise.

    ``room`` is the unturned width and height in which the rectangle stands at x, y.
    """
    across, down = room
    match rotation:
        case 0:
            return x, y
        case 90:
            return down - y - height, x
        case 180:
            return across - x - width, down - y - height
        case 270:
            return y, across - x - width


def picture(
    source: bytes,
    width: int,
    height: int,
    *,
    dither: Dither,
    threshold: int,
) -> Tile:
    """Return a PNG, JPEG, BMP, GIF or WebP scaled to fit into width × height, dark as ink.

    Transparent places count as white. ``threshold`` is the grey (1 to 255) below which is ink;
    where greys are dithered, the grey that comes out half ink.

    Raises:
        DocumentRefused: no such picture, damaged, or more than 20 megapixels.
    """
    from PIL import Image, UnidentifiedImageError

    # Pillow's own limit warns first and refuses at twice the size; ours refuses before decoding.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(io.BytesIO(source), formats=_FORMATS) as opened:
            if opened.width * opened.height > LARGEST_PICTURE:
                raise DocumentRefused(
                    f"The picture has {opened.width} × {opened.height} pixels, expected at most "
                    f"{LARGEST_PICTURE // 1_000_000} million; make it smaller.",
                    width=opened.width,
                    height=opened.height,
                )
            grey = _grey(opened)
    except UnidentifiedImageError as error:
        raise DocumentRefused(
            f"The picture of {len(source)} bytes is none of {', '.join(_FORMATS)}; save it as PNG."
        ) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise DocumentRefused(
            f"The picture of {len(source)} bytes is damaged ({error}); save it again as PNG."
        ) from error
    scale_width = min(width, max(1, grey.width * height // grey.height))
    scale_height = min(height, max(1, grey.height * width // grey.width))
    if (scale_width, scale_height) != grey.size:
        grey = grey.resize((scale_width, scale_height), Image.Resampling.LANCZOS)
    lighter = 128 - threshold
    levels = [max(0, min(255, value + lighter)) for value in range(256)]
    match dither:
        case "threshold":
            # Mode "1" has 1 for white; ink is 1 here.
            dark = [255 if value < threshold else 0 for value in range(256)]
            ink = grey.point(dark).convert("1").tobytes()
        case "floyd-steinberg":
            turned_round = grey.point([255 - level for level in levels])
            ink = turned_round.convert("1", dither=Image.Dither.FLOYDSTEINBERG).tobytes()
        case "ordered":
            ink = _ordered(grey.point(levels))
        case "atkinson":
            ink = _atkinson(scale_width, scale_height, grey.tobytes(), levels)
        case _:
            assert_never(dither)
    return Tile(scale_width, scale_height, ink)


def bayer(order: int) -> list[list[int]]:
    """Return Bayer's matrix of order × order, a power of two: each number below order² once.

    B. E. Bayer, "An optimum method for two-level rendition of continuous-tone pictures", IEEE
    International Conference on Communications, 1973.

    >>> bayer(4)
    [[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]
    """
    matrix = [[0]]
    while len(matrix) < order:
        matrix = [
            *([4 * n for n in row] + [4 * n + 2 for n in row] for row in matrix),
            *([4 * n + 3 for n in row] + [4 * n + 1 for n in row] for row in matrix),
        ]
    return matrix


def _ordered(grey: Any) -> bytes:
    """Return the ink of greys against Bayer's 8 × 8 thresholds, begun at the left top corner."""
    from PIL import Image, ImageChops

    # 64 thresholds in the middle of 64 steps: black is all ink, white none, 128 one half.
    steps = bytes(4 * n + 2 for row in bayer(8) for n in row)
    width, height = grey.size
    across = b"".join(steps[8 * y : 8 * y + 8] * -(-width // 8) for y in range(8))
    stripe = Image.frombytes("L", (-(-width // 8) * 8, 8), across)
    thresholds = Image.new("L", grey.size)
    for y in range(0, height, 8):
        thresholds.paste(stripe, (0, y))
    darker = ImageChops.subtract(thresholds, grey)
    ink: bytes = darker.point([0] + [255] * 255).convert("1").tobytes()
    return ink


def _atkinson(width: int, height: int, grey: bytes, levels: list[int]) -> bytes:
    """Return the ink of greys by Atkinson's error diffusion.

    An eighth of a dot's error goes to each of six neighbours: the next two of its row, three of
    the row below and one two rows below; a quarter is dropped, which keeps lights and darks
    clean (B. Atkinson for the Macintosh, 1984; matrix as in T. Helland, "Image dithering: eleven
    algorithms and source code", 2012). Errors are counted in 1/64 grey, whole on every machine.
    """
    scaled = [64 * level for level in levels]
    half, white = 64 * 128, 64 * 255
    above = higher = [0] * (width + 2)  # errors of the last row and the one before, from dot -1 on
    rows = []
    for y in range(height):
        row = grey[y * width : (y + 1) * width]
        due = [
            scaled[value] + a + b + c + d
            for value, a, b, c, d in zip(row, above, above[1:], above[2:], higher[1:], strict=False)
        ]
        errors = [0]
        dots = bytearray()
        last = before = 0
        for share in due:
            value = share + last + before
            before = last
            if value < half:
                dots.append(49)
                last = value >> 3
            else:
                dots.append(48)
                last = (value - white) >> 3
            errors.append(last)
        errors.append(0)
        above, higher = errors, above
        rows.append(int(dots, 2))
    return from_rows(width, rows).ink


def _grey(opened: Any) -> Any:
    """Return the picture in greys on white; the pixels are decoded here."""
    from PIL import Image, ImageOps

    image = ImageOps.exif_transpose(opened)
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("L")
    return image.convert("L")
