"""zxing-cpp as the drawer of what python-barcode and qrcode cannot; imported on first use."""

from __future__ import annotations

from typing import Final

from gateway.codes import gs1
from gateway.codes.symbol import Drawn
from gateway.errors import CodeRefused


def by_zxing(content: str, form: str, title: str, **choices: object) -> Drawn:
    """Return columns and rows as zxing-cpp draws them.

    It does not check its keywords: an unknown one is ignored, so only those that a test has seen to
    act are passed.

    Raises:
        CodeRefused: the content does not fit; ``title`` says into what.
    """
    import zxingcpp

    try:
        symbol = zxingcpp.create_barcode(content, getattr(zxingcpp.BarcodeFormat, form), **choices)
        image = zxingcpp.write_barcode_to_image(symbol, scale=1, add_quiet_zones=False)
    except ValueError as refusal:
        raise CodeRefused(
            f"{content!r} does not fit the largest {title} symbol ({len(content)} characters); "
            "shorten it.",
            value=content,
            said=str(refusal),
        ) from refusal
    grey = memoryview(image)  # type: ignore[arg-type]  # has the buffer protocol, not declared
    assert grey.shape is not None
    height, width = grey.shape
    # 0 is dark, 255 light: one character a module, then base 2.
    text = grey.tobytes().translate(_DARK)
    return width, tuple(int(text[at : at + width], 2) for at in range(0, width * height, width))


_DARK: Final = bytes(0x31 if value < 128 else 0x30 for value in range(256))


def first_row(drawn: Drawn) -> Drawn:
    """Return a linear code's only row: zxing-cpp draws it some rows high, all alike."""
    columns, rows = drawn
    return columns, rows[:1]


def bracketed(scanned: str) -> str:
    """Return an element string as zxing-cpp takes it."""
    # Square brackets are no GS1 characters, so values with parentheses stay unambiguous.
    return "".join(f"[{ai}]{value}" for ai, value in gs1.parse_scanned(scanned).elements)
