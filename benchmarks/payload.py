"""The label every print path is given: about 1 kB of raw ZPL that says which job it is.

The number stands in a comment (``^FX``) at the beginning and at the end, so that the sink can time
the first byte and knows that the last one came.

>>> label = raw_label(7)
>>> len(label), label[:20]
(1024, b'^XA^FXB0000007;^FS^F')
>>> [mark.groups() for mark in MARK.finditer(label)]
[(b'B', b'0000007'), (b'E', b'0000007')]
"""

from __future__ import annotations

import re
from typing import Final

SIZE: Final = 1024
"""Bytes of a label."""

MARK: Final = re.compile(rb"\^FX([BE])(\d{7});")
LONGEST_MARK: Final = 12
"""Bytes of a mark: what a reader must keep of the last chunk to find one cut in two."""

_HEADING: Final = (
    b"^FO40,40^A0N,40,40^FDReceiving dock 3^FS^FO40,100^BY2^BCN,80,N,N,N,A^FDSN-000123^FS"
    b"^FO40,200^GB720,3,3^FS"
)
_ROW: Final = b"^FO40,%03d^A0N,28,28^FDShelf %02d: hand torque wrench 9 Nm^FS"


def raw_label(job: int) -> bytes:
    """Return the label of a job: ``SIZE`` bytes of ZPL that prints one piece of paper."""
    opening, closing = b"^XA^FXB%07d;^FS" % job, b"^FXE%07d;^FS^XZ" % job
    room = SIZE - len(opening) - len(_HEADING) - len(closing)
    rows = b"".join(_ROW % (220 + 30 * n, n) for n in range((room - 6) // len(_ROW % (0, 0))))
    comment = b"^FX" + b"." * (room - len(rows) - 6) + b"^FS"
    return opening + _HEADING + rows + comment + closing
