r"""The Internet Printing Protocol, as much as a queue needs: requests out, answers in. No I/O.

RFC 8010 says how a message is written, RFC 8011 what it means.

>>> asked = request(GET_JOB_ATTRIBUTES, [(URI, "printer-uri", "ipp://localhost/printers/zebra")])
>>> asked[:8].hex(" ", 2), asked[-1:]
('0200 0009 0000 0001', b'\x03')
>>> read_answer(bytes.fromhex("0200 0406 0000 0001 03"))
Answer(status=1030, groups=())
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

# Operations (RFC 8011, 5.4.15; CUPS-Get-Printers: CUPS Implementation of IPP).
PRINT_JOB: Final = 0x0002
GET_JOB_ATTRIBUTES: Final = 0x0009
GET_PRINTER_ATTRIBUTES: Final = 0x000B
CUPS_GET_PRINTERS: Final = 0x4002

# Value tags (RFC 8010, 3.5.2).
INTEGER: Final = 0x21
BOOLEAN: Final = 0x22
ENUM: Final = 0x23
NAME: Final = 0x42
KEYWORD: Final = 0x44
URI: Final = 0x45
CHARSET: Final = 0x47
LANGUAGE: Final = 0x48
MEDIA_TYPE: Final = 0x49

# Groups (RFC 8010, 3.5.1).
OPERATION_GROUP: Final = 0x01
JOB_GROUP: Final = 0x02
END: Final = 0x03
PRINTER_GROUP: Final = 0x04

# Status (RFC 8011, B.1); below 0x0100 all went well.
NOT_FOUND: Final = 0x0406
NOT_ACCEPTING: Final = 0x0506

Value = int | bool | str | bytes
Attribute = tuple[int, str, str | int]
"""Value tag, name, value."""
Group = Mapping[str, tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer's status and its groups of attributes, each with its tag."""

    status: int
    groups: tuple[tuple[int, Group], ...] = ()

    @property
    def succeeded(self) -> bool:
        """Whether the request was carried out."""
        return self.status < 0x0100

    def first(self, tag: int) -> Group:
        """Return the first group with that tag; an empty one when there is none."""
        return next((group for found, group in self.groups if found == tag), {})

    def every(self, tag: int) -> list[Group]:
        """Return all groups with that tag, one for each printer or job."""
        return [group for found, group in self.groups if found == tag]

    @property
    def message(self) -> str:
        """The server's own words, cleaned and shortened; not to be trusted."""
        words = self.first(OPERATION_GROUP).get("status-message", ("",))[0]
        printable = "".join(c if c.isprintable() else " " for c in str(words))
        return " ".join(printable.split())[:120]


def request(
    operation: int,
    attributes: Iterable[Attribute],
    job: Iterable[Attribute] = (),
    document: bytes | memoryview = b"",
) -> bytes:
    """Return a request of IPP 2.0 in UTF-8 with its document."""
    always: list[Attribute] = [
        (CHARSET, "attributes-charset", "utf-8"),
        (LANGUAGE, "attributes-natural-language", "en"),
    ]
    out = bytearray(b"\x02\x00" + operation.to_bytes(2) + (1).to_bytes(4))
    for group, members in ((OPERATION_GROUP, [*always, *attributes]), (JOB_GROUP, list(job))):
        if members:
            out.append(group)
        before = ""
        for tag, name, value in members:
            # A further value of the same attribute has no name (RFC 8010, 3.1.5).
            _write(out, tag, "" if name == before else name, value)
            before = name
    out.append(END)
    return bytes(out + document)


def _write(out: bytearray, tag: int, name: str, value: str | int) -> None:
    written = value.to_bytes(4, signed=True) if isinstance(value, int) else value.encode()
    out.append(tag)
    for part in (name.encode(), written):
        out += len(part).to_bytes(2) + part


def read_answer(octets: bytes) -> Answer:
    """Return what a server answered.

    Raises:
        ValueError: it is no answer of IPP, or ends in the middle.
    """
    if len(octets) < 9 or octets[0] not in (1, 2):
        raise ValueError("that is no answer of IPP")
    groups: list[tuple[int, dict[str, tuple[Value, ...]]]] = []
    name, at = "", 8
    while True:
        tag, at = _take(octets, at, 1)[0], at + 1
        if tag == END:
            return Answer(int.from_bytes(octets[2:4]), tuple(groups))
        if tag < 0x10:  # a group begins
            groups.append((tag, {}))
            continue
        if not groups:
            raise ValueError("an attribute stands before the first group")
        written, at = _take_part(octets, at)
        value, at = _take_part(octets, at)
        group = groups[-1][1]
        name = written.decode("utf-8", "replace") or name
        group[name] = (*group.get(name, ()), _value(tag, value))


def _take(octets: bytes, at: int, count: int) -> bytes:
    if at + count > len(octets):
        raise ValueError("the answer ends in the middle")
    return octets[at : at + count]


def _take_part(octets: bytes, at: int) -> tuple[bytes, int]:
    length = int.from_bytes(_take(octets, at, 2))
    return _take(octets, at + 2, length), at + 2 + length


def _value(tag: int, octets: bytes) -> Value:
    if tag in (INTEGER, ENUM):
        return int.from_bytes(octets, signed=True)
    if tag == BOOLEAN:
        return octets != b"\0"
    return octets.decode("utf-8", "replace") if 0x40 <= tag <= 0x5F else octets
