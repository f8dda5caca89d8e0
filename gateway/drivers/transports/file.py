"""A file instead of a printer: every byte is appended, and nothing ever answers.

>>> check_url("file:///var/spool/labels.zpl")
'file:///var/spool/labels.zpl'
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, unquote, urlsplit

from gateway.drivers.transports.wire import Manners
from gateway.errors import DeliveryUncertain, DeviceUnreachable, PrinterRefused

MANNERS = Manners(answers=False)
"""Nothing ever comes back from a file."""

_DRIVE = re.compile(r"/[A-Za-z]:/")


def check_url(url: str) -> str:
    """Return the URL as ``file:///path``.

    Raises:
        PrinterRefused: it names a host, or no whole path.
    """
    parts = urlsplit(url)
    path = unquote(parts.path)
    if parts.netloc not in ("", "localhost") or len(path) < 2 or path.endswith("/") or "\0" in path:
        raise PrinterRefused(
            f"{url[:200]!r} does not name a file by its whole path; write it as "
            "file:///var/spool/labels.zpl.",
            url=url,
        )
    return f"file://{quote(path, safe='/:')}"


def file_path(url: str) -> Path:
    """Return the path in a checked URL, also ``file:///C:/labels.zpl``."""
    path = unquote(urlsplit(url).path)
    return Path(path[1:] if _DRIVE.match(path) else path)


def open_wire(url: str) -> FileWire:
    """Return the file, open for appending.

    Raises:
        DeviceUnreachable: it cannot be opened.
    """
    path = file_path(url)
    try:
        return FileWire(path.open("ab", buffering=0))
    except OSError as error:
        raise DeviceUnreachable(
            f"The file {path} cannot be written ({error.strerror}); make its folder, or give the "
            "gateway the right to write there.",
            url=url,
        ) from error


class FileWire:
    """An open file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        """Return how many bytes were appended."""
        try:
            return self._file.write(payload)
        except OSError as error:
            raise DeliveryUncertain(
                f"The file {self._file.name} could not take the label ({error.strerror}); make "
                "room on the disk, and look where the file ends.",
                path=str(self._file.name),
            ) from error

    def read(self, timeout: float) -> bytes:
        """Return nothing: a file never answers."""
        return b""

    def close(self) -> None:
        """Close the file."""
        self._file.close()
