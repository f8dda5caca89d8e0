"""R1 and R3: drawing a label of 100 × 50 mm at 8 dots/mm, and its preview as a PNG.

The label has two texts, a Code 128 and a QR code; the second text and both codes say the serial,
so they differ on every label; the QR code is a link. The naive drawing uses the same libraries the
way their manuals show: a font, a symbol and a picture for each label.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from importlib.resources import as_file, files
from itertools import count
from typing import Any

import barcode
import zxingcpp
from PIL import Image, ImageDraw, ImageFont
from qrcode import main as qrcode_main

from benchmarks.measuring import Line, Plan, faster, interleave, time_call
from gateway.drivers.languages.png import png
from gateway.label import Label, Tile, draw
from gateway.templates.binding import Moment
from gateway.templates.document import parse_template
from gateway.templates.layout import Design, Head, compile_template
from gateway.units import parse_density

WIDTH, HEIGHT = 800, 400
"""Dots of the label."""

NAME = "Cordless drill 18 V"
PAGE = "https://id.example.com/"
"""What the QR code says in front of the serial."""
MOMENT = Moment(datetime(2026, 1, 31, 12, tzinfo=UTC), UTC)

DOCUMENT: dict[str, object] = {
    "name": "two-codes",
    "size": {"width": 100_000, "height": 50_000},
    "fields": [{"name": "serial", "required": True}],
    "elements": [
        {
            "type": "text", "id": "name", "content": NAME,
            "x": 5000, "y": 4000, "width": 60_000, "height": 7000, "size": 5000,
        },
        {
            "type": "text", "id": "serial", "content": "{serial}",
            "x": 5000, "y": 14_000, "width": 60_000, "height": 7000, "size": 5000,
        },
        {
            "type": "barcode", "id": "bars", "symbology": "code128", "content": "{serial}",
            "x": 5000, "y": 26_000, "width": 60_000, "height": 18_000, "module": 375,
        },
        {
            "type": "barcode", "id": "square", "symbology": "qr", "content": PAGE + "{serial}",
            "x": 64_000, "y": 4000, "width": 32_000, "height": 32_000, "module": 1000,
        },
    ],
}  # fmt: skip


def serial(number: int) -> str:
    """Return the serial of the n-th label."""
    return f"SN-{number:06d}"


@cache
def design() -> Design:
    """Return the label compiled for a head of 8 dots/mm."""
    return compile_template(parse_template(DOCUMENT), Head(parse_density(8)))


def lay_out(number: int) -> Label:
    """Return the n-th label as the gateway lays it out."""
    made = design()
    row = made.bind({"serial": serial(number)}, MOMENT, {})
    made.check(row)
    return made.lay_out(row)


def draw_ours(number: int) -> Tile:
    """Return the n-th label's ink as the gateway draws it, from the row of data."""
    return draw(lay_out(number))


def draw_naively(number: int) -> Image.Image:
    """Return the n-th label as python-barcode, qrcode and Pillow draw it."""
    text = serial(number)
    picture = Image.new("1", (WIDTH, HEIGHT), 1)
    pen = ImageDraw.Draw(picture)
    with as_file(files("gateway.templates.fonts") / "DejaVuSansCondensed.ttf") as file:
        font = ImageFont.truetype(str(file), 40)
    pen.text((40, 32), NAME, font=font, fill=0)
    pen.text((40, 112), text, font=font, fill=0)
    (modules,) = barcode.get("code128", text).build()
    for place, module in enumerate(modules):
        if module == "1":
            pen.rectangle((70 + 3 * place, 208, 72 + 3 * place, 351), fill=0)
    new: Any = qrcode_main.QRCode  # the package is half typed
    code = new(box_size=8, border=0)
    code.add_data(PAGE + text)
    code.make(fit=True)
    picture.paste(code.make_image().get_image(), (552, 72))
    return picture


def read_codes(picture: Image.Image) -> set[str]:
    """Return what an independent reader finds on a label."""
    return {found.text for found in zxingcpp.read_barcodes(picture.convert("L"))}


def as_picture(tile: Tile) -> Image.Image:
    """Return a tile as a picture, black ink on white."""
    inverted = bytes(byte ^ 0xFF for byte in tile.ink)
    return Image.frombytes("1", (tile.width, tile.height), inverted)


_numbers = count()


def timed(call: Callable[[int], object], times: int) -> Callable[[], float]:
    """Return a competitor that gets numbers nobody had before: no label is met again."""

    def run() -> float:
        numbers = [next(_numbers) for _ in range(times)]
        return time_call(lambda n: call(numbers[n]), times)

    return run


def measure(plan: Plan) -> list[Line]:
    """Measure drawing against the naive way, and the preview."""
    for picture in (as_picture(draw_ours(123)), draw_naively(123)):
        if read_codes(picture) != {serial(123), PAGE + serial(123)}:
            raise AssertionError(f"the label does not read {serial(123)}: {read_codes(picture)}")
    times = plan.count(200, quick=5)
    figures = interleave(
        plan.rounds,
        {
            "ours": timed(draw_ours, times),
            "naive": timed(draw_naively, times),
            "preview": timed(lambda n: png(draw(lay_out(n)), density=parse_density(8)), times),
        },
    )
    preview = sorted(figures["preview"])[len(figures["preview"]) // 2]
    return [
        faster(
            "R1", "label drawn exactly (two texts, Code 128, QR)", "ms", figures["ours"],
            "Pillow + python-barcode + qrcode", figures["naive"], wanted=5,
        ),
        Line(
            "R3", "preview of 100 × 50 mm: row to PNG", preview, "ms",
            wanted="1 ms", reached=preview <= 1, rounds={"ours": figures["preview"]},
        ),
    ]  # fmt: skip
