"""Brother QL: ESC i S answers with 32 bytes, the loaded roll among them.

Brother, QL Series Raster Command Reference, "Status information request": bytes 0 to 3 are 80 20 42
(``B``), byte 4 the model, 10 the media's width in mm, 11 its type (0A hex continuous, 0B die-cut
labels), 17 its length in mm, 0 when it is continuous. ESC i is a cut on old receipt printers, so
only a printer that is known to be a Brother is asked, and only while it prints nothing.
"""

from __future__ import annotations

from gateway.drivers.identifying.asking import Talk, Traits, named
from gateway.units import Um, parse_density

QUESTION = b"\0" * 200 + b"\x1b@\x1biS"
"""Zeros end whatever raster line a broken connection left half received."""

MODELS = {
    0x4F: "QL-500",
    0x31: "QL-560",
    0x32: "QL-570",
    0x33: "QL-580N",
    0x51: "QL-650TD",
    0x35: "QL-700",
    0x36: "QL-710W",
    0x37: "QL-720NW",
    0x38: "QL-800",
    0x39: "QL-810W",
    0x41: "QL-820NWB",
    0x50: "QL-1050",
    0x34: "QL-1060N",
    0x43: "QL-1100",
    0x44: "QL-1110NWB",
    0x45: "QL-1115NWB",
    0x47: "QL-600",
}
"""Model codes, byte 4 (raster command references; LPrint, devdocs/BROTHER.md)."""

_CONTINUOUS, _DIE_CUT = 0x0A, 0x0B


def recognise(heard: bytes) -> bool:
    """Return whether it is a status of 32 bytes."""
    return len(heard) == 32 and heard.startswith(b"\x80\x20B")


def learn(talk: Talk, heard: bytes) -> Traits:
    """Return what the status says; nothing more needs to be asked."""
    width, kind, length = heard[10], heard[11] & 0x0F, heard[17]
    model = MODELS.get(heard[4], "")
    return Traits(
        "brother-ql",
        manufacturer="Brother",
        model=model,
        density=parse_density("300dpi"),
        width=Um(width * 1000) if width else None,
        height=Um(length * 1000) if length else None,
        tracking={_CONTINUOUS: "continuous", _DIE_CUT: "gap"}.get(kind),  # type: ignore[arg-type]
        said=named(
            manufacturer="Brother",
            model=model or f"model {heard[4]:02X} hex",
            media=f"{width} mm" + (f" x {length} mm" if length else ", continuous"),
        ),
    )
