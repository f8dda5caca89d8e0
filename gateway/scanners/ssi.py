"""Zebra's Simple Serial Interface: a scanner whose codes come in packets that want an answer.

    length | opcode | source | status | data … | checksum, two bytes

    04 D0 04 00 FF 28    the host acknowledges
    05 E6 04 00 00 FF 11 the host makes it beep once

The length counts all but the checksum, which is the two's complement of the sum of what it counts,
high byte first (SE-923 Scan Engine Integration Guide 70-37052-01, Table 6-2). Opcodes: DS9908
Product Reference Guide, Table 15.

>>> packet(ACK).hex(" ")
'04 d0 04 00 ff 28'
>>> packet(BEEP, b"\\0").hex(" ")
'05 e6 04 00 00 ff 11'
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.scanners.framing import read_of
from gateway.scanners.reads import Fault, Read
from gateway.scanners.scanner import Profile

ACK, NAK = 0xD0, 0xD1
BEEP = 0xE6
DECODE_DATA = 0xF3

_SCANNER, _HOST = 0x00, 0x04
"""Message source (SE-923, Table 6-2)."""

_AGAIN, _CONTINUES = 0x01, 0x02
"""Bits of the status: sent before (SE-923, Table 6-2), and not the last packet of its code
(Cordless SSI Programmer's Guide MN001667A02). How the data of several packets joins differs between
programs that do it, so such a code, one of more than 250 bytes, is marked incomplete."""

_RESEND = b"\x01"
"""Cause of a NAK: the checksum was wrong, send the packet again (SE955 Integration Guide, Table
10-5)."""

_HEADER, _CHECKSUM = 4, 2

AIMS: Mapping[int, str] = {
    0x01: "]A0", 0x02: "]F0", 0x03: "]C0", 0x06: "]I0", 0x07: "]G0", 0x0A: "]E4", 0x0B: "]E0",
    0x0F: "]C1",
}  # fmt: skip
"""Types of linear codes (CS3000 Product Reference Guide, Table B-1) as symbology identifiers: Code
39, Codabar, Code 128, Interleaved 2 of 5, Code 93, EAN-8, EAN-13, GS1-128. A type does not tell
GS1 DataMatrix from plain, and UPC codes have fewer digits than their identifier promises: for
those let the scanner send the identifier itself (``aim``)."""


def packet(opcode: int, payload: bytes = b"") -> bytes:
    """Return a packet of the host."""
    body = bytes([_HEADER + len(payload), opcode, _HOST, 0]) + payload
    return body + (-sum(body) & 0xFFFF).to_bytes(_CHECKSUM, "big")


class SsiFramer:
    """Packets to reads; each good packet is acknowledged, each garbled one asked for again."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._held = bytearray()
        self._answer = bytearray()
        self._last = b""
        """The packet that was read last: it comes again when our acknowledgement was lost."""

    @property
    def pending(self) -> bool:
        return bool(self._held)

    def feed(self, chunk: bytes) -> list[Read]:
        """Return the reads that these bytes complete."""
        self._held += chunk
        reads: list[Read] = []
        while (body := self._cut()) is not None:
            reads += self._take(body)
        return reads

    def flush(self, *, lost: bool = False) -> list[Read]:
        """Return nothing in a silence: what came half is sent again, as nobody acknowledged it."""
        rest, self._held = bytes(self._held), bytearray()
        return [self._read(rest, rest[_HEADER + 1 :], "incomplete")] if rest and lost else []

    def restart(self) -> None:
        """Forget a broken packet."""
        self._held.clear()

    def answer(self) -> bytes:
        """Return what is to be said back for the packets that came."""
        said, self._answer = bytes(self._answer), bytearray()
        return said

    def _cut(self) -> bytes | None:
        """Return the next packet without its checksum; None when its end is not there."""
        while self._held:
            length = self._held[0]
            if length < _HEADER or (len(self._held) > 2 and self._held[2] != _SCANNER):
                del self._held[0]  # not where a packet begins
                continue
            whole = length + _CHECKSUM
            if len(self._held) < whole:
                return None
            body, told = bytes(self._held[:length]), bytes(self._held[length:whole])
            del self._held[:whole]
            if (-sum(body) & 0xFFFF).to_bytes(_CHECKSUM, "big") == told:
                return body
            self._answer += packet(NAK, _RESEND)
        return None

    def _take(self, body: bytes) -> list[Read]:
        opcode, status, payload = body[1], body[3], body[_HEADER:]
        if opcode in (ACK, NAK):
            return []  # of a beep; acknowledgements are not acknowledged
        self._answer += packet(ACK)
        if opcode != DECODE_DATA or not payload:
            return []
        again = status & _AGAIN and (opcode, payload) == (DECODE_DATA, self._last)
        self._last = payload
        if again:
            return []
        fault: Fault = "incomplete" if status & _CONTINUES else ""
        return [self._read(body, payload[1:], fault, AIMS.get(payload[0], ""))]

    def _read(self, raw: bytes, coded: bytes, fault: Fault, aim: str = "") -> Read:
        try:
            text = coded.decode(self._profile.encoding)
        except UnicodeDecodeError:
            text = coded.decode(self._profile.encoding, "replace")
            fault = fault or "encoding"
        # What the scanner itself puts before the code says more than the packet's type.
        return read_of(raw, text, self._profile, fault, "" if self._profile.aim else aim)
