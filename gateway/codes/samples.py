"""What each bar code kind carries, in words, with a content to try it with.

SYMBOLOGIES names ──CARRIES──► the words and the example in the documentation, the API, the editor

>>> CARRIES["ean13"]
('13 digits, or 12 and the check digit is added', '9501101530003')
"""

from __future__ import annotations

from typing import Final

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
"""What each kind carries, in words, and an example that it takes as it stands."""
