"""Print-Job as the Internet Printing Protocol writes it (RFC 8010, 3.1; RFC 8011, 4.2.1).

>>> request = print_job("ipp://127.0.0.1/printers/raw", "application/vnd.cups-raw", b"^XA^XZ")
>>> request[:8].hex(" ", 2), request[-6:]
('0200 0002 0000 0001', b'^XA^XZ')
>>> succeeded(bytes.fromhex("0200 0001 0000 0001 03")), succeeded(bytes.fromhex("0200 0406 0000"))
(True, False)
"""

from __future__ import annotations

from typing import Final

_PRINT_JOB: Final = 0x0002
_OPERATION_ATTRIBUTES: Final = 0x01
_END: Final = 0x03

# Value tags (RFC 8010, 3.5.2).
_NAME: Final = 0x42
_URI: Final = 0x45
_CHARSET: Final = 0x47
_LANGUAGE: Final = 0x48
_MEDIA_TYPE: Final = 0x49


def print_job(printer: str, media_type: str, document: bytes) -> bytes:
    """Return a Print-Job request with its document; IPP 2.0, request 1."""
    attributes = (
        (_CHARSET, b"attributes-charset", b"utf-8"),
        (_LANGUAGE, b"attributes-natural-language", b"en"),
        (_URI, b"printer-uri", printer.encode()),
        (_NAME, b"requesting-user-name", b"benchmark"),
        (_NAME, b"job-name", b"label"),
        (_MEDIA_TYPE, b"document-format", media_type.encode()),
    )
    head = b"\x02\x00" + _PRINT_JOB.to_bytes(2) + (1).to_bytes(4)
    written = b"".join(
        bytes([tag]) + len(name).to_bytes(2) + name + len(value).to_bytes(2) + value
        for tag, name, value in attributes
    )
    return b"%b%c%b%c%b" % (head, _OPERATION_ATTRIBUTES, written, _END, document)


def succeeded(answer: bytes) -> bool:
    """Return whether an IPP answer's status is one of success (RFC 8011, 4.1.6.1 and B.1.2)."""
    return len(answer) >= 4 and int.from_bytes(answer[2:4]) < 0x0100
