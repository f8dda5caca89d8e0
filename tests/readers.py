"""Barcode readers that did not draw what they read, for an opinion of their own.

They need Debian's libzbar0 and libdmtx0b. A test that asks one where its library is not installed
is skipped and says so; ``make test`` installs them where it may.
"""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from PIL import Image


def read_others(picture: Image.Image) -> list[Any]:
    """Return what ZBar reads: linear codes and QR."""
    zbar = pytest.importorskip(
        "pyzbar.pyzbar", reason="needs the library libzbar0", exc_type=ImportError
    )
    found: list[Any] = zbar.decode(picture)
    return found


def read_datamatrix(picture: Image.Image, **how: Any) -> list[Any]:
    """Return what libdmtx reads: Data Matrix."""
    with warnings.catch_warnings():
        # pylibdmtx asks distutils for a version comparison when it is imported.
        warnings.simplefilter("ignore", DeprecationWarning)
        dmtx = pytest.importorskip(
            "pylibdmtx.pylibdmtx", reason="needs the library libdmtx0b", exc_type=ImportError
        )
    found: list[Any] = dmtx.decode(picture, **how)
    return found
