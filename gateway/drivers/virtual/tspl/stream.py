r"""TSPL as a stream: bytes in as they arrive, commands out as soon as each is whole.

A command is a line. ``ESC !`` and a letter act wherever they stand in one; the bytes of BITMAP and
DOWNLOAD are counted and hold anything (TSPL/TSPL2 Programming Manual).

>>> stream = CommandStream()
>>> stream.feed(b'SIZE 50 mm,25 mm\r\nTEXT 9,9,"3",0,1,1,"A \\["]B\\["]"\r\n\x1b!S')
>>> [(one.name, one.values) for one in stream]
[('SIZE', ('50 mm', '25 mm')), ('TEXT', ('9', '9', '3', '0', '1', '1', 'A "B"')), ('ESC!S', ())]
"""

from __future__ import annotations

import re

from gateway.drivers.virtual.lines import BLANK, Command, CommandLines

_LONGEST_LINE = 16_384
"""Bytes of one line: an expression has 2 KB at most (manual, Document Conventions)."""
_MOST_COUNTED = 16 * 1024 * 1024
"""Bytes of one picture or file: more than a printer's whole memory."""

_BITMAP = re.compile(rb"BITMAP[ \t]+([^,\r\n]*),([^,\r\n]*),(\d+),(\d+),(\d),", re.IGNORECASE)
_DOWNLOAD = re.compile(
    rb'DOWNLOAD[ \t]+(?:([FE])[ \t]*,[ \t]*)?"([^"\r\n]{1,64})",(\d+),', re.IGNORECASE
)
_PROGRAM = re.compile(rb'DOWNLOAD[ \t]+(?:[FE][ \t]*,[ \t]*)?"([^"\r\n]*)"[ \t]*$', re.IGNORECASE)
_COUNTED = (b"BITMAP", b"DOWNLOAD")
_NAME = re.compile(r"\s*(@?[A-Za-z_][A-Za-z0-9_]*\$?|@\d+)")
_VALUE = re.compile(r'\s*("(?:\\\["\]|[^"])*"|[^",]*)\s*(,|$)')
_ESCAPES = (('\\["]', '"'), ("\\[R]", "\r"), ("\\[L]", "\n"))


class CommandStream(CommandLines):
    """Cuts what a printer hears into commands."""

    def reset(self) -> None:
        """Forget everything, as a printer does when it is switched on."""
        super().reset()
        self._program: str | None = None

    def _take(self) -> Command | None:
        while True:
            buffer = self._buffer
            if blank := BLANK.match(buffer):
                del buffer[: blank.end()]
            if not buffer:
                return None
            upper = bytes(buffer[:8]).upper()
            if self._program is None and any(
                upper.startswith(one) or one.startswith(upper) for one in _COUNTED
            ):
                command, waits = self._take_counted()
                if command is not None or waits:
                    return command
            line = self._take_line()
            if line is None:
                return None
            if line.name:
                return line

    def _take_counted(self) -> tuple[Command | None, bool]:
        """Take a BITMAP or DOWNLOAD; return (command, whether more of it has to come)."""
        buffer = self._buffer
        for name, head in (("BITMAP", _BITMAP), ("DOWNLOAD", _DOWNLOAD)):
            if (found := head.match(buffer)) is None:
                continue
            parts = found.groups(b"")
            size = int(parts[2]) * (int(parts[3]) if name == "BITMAP" else 1)
            if size > _MOST_COUNTED:
                break
            end = found.end() + size
            if len(buffer) < end:
                return None, True
            octets = bytes(buffer[found.end() : end])
            written = bytes(buffer[: found.end()]).decode("latin-1")
            values = tuple(part.decode("latin-1").strip() for part in parts)
            del buffer[:end]
            return Command(name, values, octets, written), False
        whole = any(sign in buffer for sign in b"\r\n")
        return None, not whole and len(buffer) < _LONGEST_LINE and b"\x1b!" not in buffer

    def _take_line(self) -> Command | None:
        """Take what acts at once, or a line; a command without a name is nothing at all."""
        buffer = self._buffer
        ends = [at for sign in b"\r\n" if (at := buffer.find(sign)) >= 0]
        end = min(ends, default=len(buffer))
        at = buffer.find(b"\x1b!", 0, end)
        if at >= 0:
            if len(buffer) < at + 3:
                return None
            letter = chr(buffer[at + 2])
            del buffer[at : at + 3]
            return Command(f"ESC!{letter}")
        if buffer[:2] == b"~!":
            if len(buffer) < 3:
                return None
            letter = chr(buffer[2])
            del buffer[:3]
            return Command(f"~!{letter}")
        if not ends and len(buffer) < _LONGEST_LINE:
            return None
        text = bytes(buffer[:end]).decode("latin-1")
        del buffer[:end]
        return self._read(text)

    def _read(self, text: str) -> Command:
        if self._program is not None:
            program, done = self._program, text.strip().upper() == "EOP"
            self._program = None if done else program
            return Command("PROGRAM", (program,), line=program) if done else Command("")
        if found := _PROGRAM.match(text.encode("latin-1")):
            self._program = found[1].decode("latin-1")
            return Command("")
        name = _NAME.match(text)
        if name is None:
            return Command("?", (), line=text)
        rest = text[name.end() :]
        return Command(name[1].upper(), _values(rest.strip()), line=text)


def _values(rest: str) -> tuple[str, ...]:
    """Return the parameters, those in quotation marks without them.

    >>> _values('9, 9,"a,b",0'), _values("")
    (('9', '9', 'a,b', '0'), ())
    """
    values: list[str] = []
    at = 0
    while at < len(rest):
        found = _VALUE.match(rest, at)
        if found is None:
            values.append(rest[at:])
            break
        value = found[1].strip()
        if value[:1] == '"':
            value = value[1:-1] if value[-1:] == '"' and len(value) > 1 else value[1:]
            for written, meant in _ESCAPES:
                value = value.replace(written, meant)
        values.append(value)
        at = found.end()
        if not found[2]:
            break
    return tuple(values)
