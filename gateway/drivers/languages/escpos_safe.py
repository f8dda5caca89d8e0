r"""Two facts that every part of ESC/POS keeps to: bytes that act at once, and the unit of motion.

>>> bool(REAL_TIME.search(b"\x00\x10\x14\x01\x00\x01"))
True
"""

from __future__ import annotations

import re

from gateway.drivers.languages.page import Model

REAL_TIME = re.compile(rb"\x10(?:\x04[\x01-\x08\x12\x14]|\x05[\x00-\x03]|\x14[\x01-\x03\x06-\x08])")
"""DLE EOT, DLE ENQ and DLE DC4 act wherever they stand, also inside a picture: they ask, cancel,
open the cash drawer or switch off (Epson ESC/POS Command Reference, "Notes of Real-time
Commands"). Nothing we send may hold these bytes by chance."""


def motion_unit(model: Model) -> bytes | None:
    """Return GS P x y that makes a dot the unit of motion; None where its one byte is too small.

    GS P takes dots per inch, and a head of 8 dots per mm is one of 203.
    """
    dpi = int(model.density * 254 / 10)
    return b"\x1dP%c%c" % (dpi, dpi) if dpi <= 255 else None
