r"""ZPL as a stream: bytes in as they arrive, commands out as soon as each is whole.

>>> stream = CommandStream()
>>> stream.feed(b"^XA^FO10,20^A0N,30^FDHel")
>>> [str(command) for command in stream]
['^XA', '^FO10,20', '^A0N,30']
>>> stream.feed(b"lo^FS~HS")
>>> [str(command) for command in stream]
['^FDHello', '^FS', '~HS']

Host queries and other commands without parameters come out with their last letter, not with the
next command's first: whoever asked is waiting. Pictures in raw bytes are counted, since they may
hold any byte. Text outside every command comes out as a command without a name, so that it can be
listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

STRAY = ""
"""Name of the command that stands for text outside every command."""
LINE = "!"
"""Name of the command that stands for a Set/Get/Do line such as ``! U1 getvar "…"``."""

# ZPL II guide, "Control codes": one byte stands for a whole command.
_CONTROL_CODES = {0x02: "XA", 0x03: "XZ", 0x0F: "FS"}

# Commands that end with their name, whatever follows.
_BARE = frozenset(
    {"^XA", "^XZ", "^FS", "~HS", "~HI", "~HM", "~HD", "~JA", "~JB", "~JC", "~JD", "~JE", "~JF"}
    | {"~JG", "~JL", "~JN", "~JO", "~JP", "~JR", "~JX", "~PH", "~PL", "~PP", "~PS", "~RO", "~WC"}
    | {"~KB", "~EG", "^EG", "~HU", "~DN"}
)
# Commands with a fixed number of parameter bytes.
_FIXED = {"^CC": 1, "~CC": 1, "^CT": 1, "~CT": 1, "^CD": 1, "~CD": 1, "~HQ": 2}
# Tilde commands whose parameters may run over several lines.
_LONG_TILDE = frozenset({"~DG", "~DY", "~DB", "~DE", "~DS", "~DT", "~DU"})

_LONGEST = 32 * 1024 * 1024
"""Bytes one command's parameters may have: more than a printer's whole memory."""

_LONGEST_TEXT = 4096
"""Bytes of text outside commands that are listed as one piece."""

_BLANK = frozenset(b" \t\r\n\0")


@dataclass(frozen=True, slots=True)
class Command:
    """One command as it was sent: ``name`` is two or three characters, ``~`` or ``^`` first."""

    name: str
    parameters: bytes = b""

    def text(self) -> str:
        """Return the parameters as characters, one per byte, without line breaks."""
        return self.parameters.decode("latin-1").translate(_DROP_BREAKS)

    def __str__(self) -> str:
        shown = self.text().rstrip()
        return f"{self.name}{shown[:60]}{'…' if len(shown) > 60 else ''}"


_DROP_BREAKS = {10: None, 13: None}


class CommandStream:
    """Cuts a byte stream into commands; iterate after each ``feed`` for those that are whole."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything, prefixes included, as a printer does when it is switched on."""
        self.format_prefix = ord("^")
        self.control_prefix = ord("~")
        self.delimiter = ord(",")
        self._buffer = bytearray()
        self._looked = 0
        self._inside = False

    @property
    def inside_format(self) -> bool:
        """Whether a ``^XA`` has come out without its ``^XZ``."""
        return self._inside

    @property
    def holds_part(self) -> bool:
        """Whether bytes of a command that is not whole yet are waiting."""
        return bool(self._buffer)

    def leave_format(self) -> None:
        """Treat what follows as outside every format (the format was cancelled)."""
        self._inside = False

    def feed(self, received: bytes) -> None:
        """Take bytes as they came from the wire."""
        self._buffer += received

    def __iter__(self) -> Iterator[Command]:
        while (command := self._take()) is not None:
            yield command

    def _take(self) -> Command | None:
        buffer = self._buffer
        start = 0
        while start < len(buffer) and buffer[start] in _BLANK:
            start += 1
        if start:
            self._drop(start)
        if not buffer:
            return None
        first = buffer[0]
        if first == self.format_prefix:
            return self._take_named("^")
        if first == self.control_prefix:
            return self._take_named("~")
        if first in _CONTROL_CODES:
            self._drop(1)
            return self._entered(Command("^" + _CONTROL_CODES[first]))
        return self._take_text()

    def _take_named(self, sigil: str) -> Command | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        # ^A is the one command of a single letter: the next character names the font.
        single = sigil == "^" and buffer[1] in b"Aa"
        if single:
            if len(buffer) < 3:
                return None
            if buffer[2] != ord("@"):
                return self._take_until("^A", 2)
            return self._take_until("^A@", 3)
        if len(buffer) < 3:
            return None
        if self._is_prefix(buffer[1]) or self._is_prefix(buffer[2]):
            # A prefix where a letter belongs: the bytes before it are no command.
            cut = 1 if self._is_prefix(buffer[1]) else 2
            return self._stray(cut)
        name = sigil + buffer[1:3].decode("latin-1").upper()
        if name in _BARE:
            self._drop(3)
            return self._entered(Command(name))
        if name in _FIXED:
            return self._take_fixed(name, _FIXED[name])
        if name == "^GF":
            return self._take_counted(name, commas=4, kind_at=0, count_at=1, raw="BC")
        if name == "~DY":
            return self._take_counted(name, commas=5, kind_at=1, count_at=3, raw="BC")
        return self._take_until(name, 3)

    def _take_fixed(self, name: str, count: int) -> Command | None:
        if len(self._buffer) < 3 + count:
            return None
        parameters = bytes(self._buffer[3 : 3 + count])
        self._drop(3 + count)
        if name[1:] == "CC":
            self.format_prefix = parameters[0]
        elif name[1:] == "CT":
            self.control_prefix = parameters[0]
        elif name[1:] == "CD":
            self.delimiter = parameters[0]
        return Command(name, parameters)

    def _take_counted(
        self, name: str, *, commas: int, kind_at: int, count_at: int, raw: str
    ) -> Command | None:
        """Take a command that may carry raw bytes after so many delimiters."""
        buffer, at = self._buffer, 3
        cuts: list[int] = []
        while len(cuts) < commas:
            if at >= len(buffer):
                return None
            byte = buffer[at]
            if byte == self.delimiter:
                cuts.append(at)
            elif self._is_prefix(byte) or at > 200:
                return self._take_until(name, 3)  # broken off before its bytes
            at += 1
        fields = bytes(buffer[3 : cuts[-1]]).split(bytes([self.delimiter]))
        kind = fields[kind_at].strip().upper().decode("latin-1")
        count = fields[count_at].strip()
        text_follows = buffer[at : at + 1] == b":"
        if kind not in raw or not kind or not count.isdigit():
            return self._take_until(name, 3)
        if len(buffer) == at:
            return None
        if text_follows and len(buffer) < at + min(5, int(count)):
            return None
        if bytes(buffer[at : at + 5]) in (b":B64:", b":Z64:"):
            return self._take_until(name, 3)
        end = at + min(int(count), _LONGEST)
        if len(buffer) < end:
            return None
        head = b",".join(fields)
        parameters = head + b"," + bytes(buffer[at:end])
        self._drop(end)
        return Command(name, parameters)

    def _take_until(self, name: str, start: int) -> Command | None:
        """Take a command whose parameters run to the next prefix or control code."""
        buffer = self._buffer
        at = max(start, self._looked)
        ends = self._ends(name)
        while True:
            found = ends.search(buffer, at)
            if found is None:
                self._looked = len(buffer)
                if len(buffer) > _LONGEST:
                    return self._finish(name, start, len(buffer))
                return None
            end = found.start()
            byte = buffer[end]
            if byte == self.control_prefix and byte != self.format_prefix:
                # ~ begins a command only before two letters; ^FD~1 is data (Data Matrix escapes).
                if len(buffer) < end + 3 and not self._surely_no_letters(end + 1):
                    self._looked = end
                    return None
                if not self._letters(end + 1):
                    at = end + 1
                    continue
            return self._finish(name, start, end)

    def _ends(self, name: str) -> re.Pattern[bytes]:
        prefixes = bytes([self.format_prefix, self.control_prefix])
        codes = b"\x02\x03\x0f"
        if name.startswith("~") and name not in _LONG_TILDE:
            codes += b"\r\n"
        return _any_of(prefixes + codes)

    def _surely_no_letters(self, at: int) -> bool:
        return len(self._buffer) > at and not _is_letter(self._buffer[at])

    def _letters(self, at: int) -> bool:
        return all(_is_letter(byte) for byte in self._buffer[at : at + 2])

    def _finish(self, name: str, start: int, end: int) -> Command:
        parameters = bytes(self._buffer[start:end])
        if self.delimiter != ord(",") and not name.startswith(("^F", "^S")):
            parameters = parameters.replace(bytes([self.delimiter]), b",")
        self._drop(end)
        return Command(name, parameters)

    def _take_text(self) -> Command | None:
        """Take text outside every command: a Set/Get/Do line, or something stray."""
        buffer = self._buffer
        if buffer[0] == ord("!") and not self._inside:
            ends = _any_of(b"\r\n" + bytes([self.format_prefix]))
        else:
            ends = self._ends(STRAY)
        found = ends.search(buffer, self._looked)
        end = len(buffer) if found is None else found.start()
        if end >= _LONGEST_TEXT:
            return self._stray(_LONGEST_TEXT)
        if found is None:
            self._looked = end
            return None
        text = self._stray(end)
        if ends is not self._ends(STRAY) and re.match(rb"!\s*U1?\s", text.parameters):
            return Command(LINE, text.parameters)
        return text

    def _stray(self, count: int) -> Command:
        parameters = bytes(self._buffer[:count])
        self._drop(count)
        return Command(STRAY, parameters)

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._looked = 0

    def _is_prefix(self, byte: int) -> bool:
        return byte in (self.format_prefix, self.control_prefix) or byte in _CONTROL_CODES

    def _entered(self, command: Command) -> Command:
        if command.name == "^XA":
            self._inside = True
        elif command.name == "^XZ":
            self._inside = False
        return command


def _is_letter(byte: int) -> bool:
    return 65 <= byte <= 90 or 97 <= byte <= 122


_patterns: dict[bytes, re.Pattern[bytes]] = {}


def _any_of(characters: bytes) -> re.Pattern[bytes]:
    if characters not in _patterns:
        _patterns[characters] = re.compile(b"[" + re.escape(characters) + b"]")
    return _patterns[characters]
