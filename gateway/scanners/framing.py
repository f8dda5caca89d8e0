"""Bytes of a line cut into reads: the one place that knows where a code begins and ends.

    b"\\x02A1\\r\\x02A2\\r" ──feed──► [Read(text="A1"), Read(text="A2")]
    b"\\x02A"             ──feed──► []          ──flush (silence)──► [Read(fault="incomplete")]

>>> from gateway.scanners.scanner import read_profile
>>> framer = Framer(read_profile({"aim": True}))
>>> framer.feed(b"]C10109506000134352\\r\\n]C0A"), framer.feed(b"-1\\r")[0].text
([Read(raw=b']C10109506000134352', text='0109506000134352', aim=']C1', fault='')], 'A-1')

It knows no clock: whoever feeds it says when the line has been silent. How the bytes are cut into
chunks never changes what is read.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Protocol, get_args

from gateway.codes.aim import split_aim
from gateway.codes.clean import clean
from gateway.scanners.reads import Fault, Read
from gateway.scanners.scanner import Profile, Separator

GS = "\x1d"
"""FNC1 between two fields (GS1 General Specifications, 7.8.6)."""

_AIM = 3
"""Characters of a symbology identifier: a flag, a code character, a modifier (ISO/IEC 15424)."""

_WIDEST = 4
"""Bytes of a character in the widest encodings (UTF-8, GB 18030)."""

_ENDINGS: dict[str, bytes] = {
    "enter": rb"[\r\n]",  # of CR LF the LF ends a code of no characters, which is none
    "cr": rb"\r",
    "lf": rb"\n",
    "crlf": rb"\r\n",
    "tab": rb"\t",
    "etx": rb"\x03",
}


def read_of(raw: bytes, text: str, profile: Profile, fault: Fault = "", aim: str = "") -> Read:
    """Return the read that a scanner's text is, however it came.

    What the profile says is taken off or put back: the symbology identifier, a stand-in for GS.
    """
    if profile.aim and not aim:
        aim, text = split_aim(text)
    if profile.gs not in get_args(Separator):
        text = text.replace(profile.gs, GS)
    cleaned, wrong = clean(text, profile.longest)
    return Read(raw, cleaned, aim, fault or wrong)


class Framing(Protocol):
    """Bytes to reads, for one connection."""

    @property
    def pending(self) -> bool:
        """Whether a code has begun and not ended: silence would mean something."""
        ...

    def feed(self, chunk: bytes) -> list[Read]:
        """Return the reads that these bytes complete."""
        ...

    def flush(self, *, lost: bool = False) -> list[Read]:
        """Return what the silence since the last bytes makes of what is there.

        ``lost``: the device has gone, and the silence says nothing about the code's end.
        """
        ...

    def restart(self) -> None:
        """Forget a broken code: what comes now, long after it, is a new one."""
        ...

    def answer(self) -> bytes:
        """Return what the protocol wants said back for what was fed; empty: nothing."""
        ...


class Framer:
    """Codes with a prefix and an ending, of a fixed length, or with a pause between them."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._prefix = profile.prefix.encode()
        self._ends = (
            None
            if profile.suffix == "none"
            else re.compile(_ENDINGS.get(profile.suffix) or re.escape(profile.suffix.encode()))
        )
        # Bytes of the ending that may lie at the end of a chunk before the rest of it comes.
        self._overlap = {"crlf": 1}.get(profile.suffix, 0)
        if profile.suffix not in _ENDINGS and self._ends is not None:
            self._overlap = len(profile.suffix) - 1
        self._most = _WIDEST * profile.longest + len(self._prefix) + _AIM
        self._fixed = 0
        if profile.length and self._ends is None:
            self._fixed = len(self._prefix) + _AIM * profile.aim + profile.length
        self._held = bytearray()
        self._ending = b""
        """What the newest code ended with."""
        self._searched = 0
        self._skipping = False
        """The code was too long and is dropped up to its end."""
        self._broken = False
        """Its beginning was flushed as incomplete: what follows is its rest, not a code."""

    @property
    def pending(self) -> bool:
        return bool(self._held) or self._skipping

    def feed(self, chunk: bytes) -> list[Read]:
        """Return the reads that these bytes complete."""
        self._held += chunk
        reads: list[Read] = []
        while (body := self._cut(reads)) is not None:
            reads += self._whole(body)
        return reads

    def flush(self, *, lost: bool = False) -> list[Read]:
        """Return what the silence since the last bytes makes of what is there."""
        body = self._take(len(self._held))
        if self._ends is None:
            skipped, self._skipping = self._skipping, False
            if skipped:
                return []
            if not self._fixed and not lost:
                return self._whole(body) if body else []
        elif self._skipping:
            return []
        if not body:
            return []
        self._broken = self._ends is not None
        return [self._read(body, "incomplete")]

    def restart(self) -> None:
        """Forget a broken code: what comes now, long after it, is a new one."""
        self._broken = self._skipping = False
        self._take(len(self._held))

    def answer(self) -> bytes:
        """Return nothing: such scanners expect no answer."""
        return b""

    def _cut(self, reads: list[Read]) -> bytes | None:
        """Return the next whole code's bytes; None when its end is not there."""
        if self._ends is None:
            if self._fixed and len(self._held) >= self._fixed:
                return self._take(self._fixed)
            self._drop_endless(reads)
            return None
        found = self._ends.search(self._held, self._searched)
        if found is None:
            self._searched = max(0, len(self._held) - self._overlap)
            self._drop_endless(reads)
            return None
        self._ending = bytes(self._held[found.start() : found.end()])
        body = self._take(found.start(), found.end())
        if self._skipping:
            self._skipping = False
            return b""
        if len(body) > self._most:
            reads.append(self._read(body[: self._most], "too_long"))
            return b""
        return body

    def _drop_endless(self, reads: list[Read]) -> None:
        """Give up a code that is longer than any: one read says so, whatever else of it comes."""
        if not self._skipping:
            if len(self._held) <= self._most + self._overlap:
                return
            self._skipping = True
            reads.append(self._read(bytes(self._held[: self._most]), "too_long"))
        self._take(len(self._held) - self._overlap if self._overlap else len(self._held))
        self._searched = 0

    def _take(self, size: int, upto: int | None = None) -> bytes:
        """Return the first bytes that are held, and hold what comes behind ``upto``."""
        size = max(0, size)
        taken = bytes(self._held[:size])
        del self._held[: size if upto is None else upto]
        self._searched = 0
        return taken

    def _whole(self, body: bytes) -> list[Read]:
        """Return the read of bytes whose end has come."""
        broken, self._broken = self._broken, False
        if not body:
            return []
        length = self._profile.length
        begun = body.startswith(self._prefix)
        coded = len(body) - len(self._prefix) - _AIM * self._profile.aim
        if broken or not begun or (length and coded != length):
            return [self._read(body, "incomplete")]
        read = replace(self._read(body), ending=self._ending)
        return [read] if read.text or read.fault else []

    def _read(self, body: bytes, fault: Fault = "") -> Read:
        coded = body.removeprefix(self._prefix)
        try:
            text = coded.decode(self._profile.encoding)
        except UnicodeDecodeError:
            text = coded.decode(self._profile.encoding, "replace")
            fault = fault or "encoding"
        return read_of(body, text, self._profile, fault)
