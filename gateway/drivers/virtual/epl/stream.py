r"""EPL2 as a stream: bytes in as they arrive, commands out as soon as each is whole.

A command is a line; the bytes of GW and GM are counted and hold anything (Zebra, EPL Programming
Guide 14245L-003).

>>> stream = CommandStream()
>>> stream.feed(b'N\nA9,9,0,3,1,1,N,"a \\"b\\""\nGW0,0,1,2,\r\n')
>>> [(one.name, one.values[-1:]) for one in stream]
[('N', ()), ('A', ('a "b"',)), ('GW', ('2',))]
"""

from __future__ import annotations

import re

from gateway.drivers.virtual.lines import BLANK, Command, CommandLines

_LONGEST_LINE = 8_192
_MOST_COUNTED = 4 * 1024 * 1024
"""Bytes of one picture: more than a printer's whole memory."""

_GRAPHIC = re.compile(rb"(GW)(\d{1,6}),(\d{1,6}),(\d{1,6}),(\d{1,6})(?:,|\r?\n)")
_STORED = re.compile(rb"(GM)\"([^\"\r\n]{1,16})\"(\d{1,8})\r?\n")
_NAME = re.compile(
    r"(\^[a-z]+|\^@|AUTOFR|EPL2|dump|xa|[FG][A-Z]|L[EOSW]|E[IKS]|U[A-Z]?|Z[BT]|J[BCF]|P[AF]?"
    r"|o[A-Z]|e[A-Z]|r[NY]|[A-Za-z?;!])"
)
_VALUE = re.compile(r'\s*("(?:\\.|[^"\\])*"|[^",]*)\s*(,|$)')


class CommandStream(CommandLines):
    """Cuts what a printer hears into commands."""

    def _take(self) -> Command | None:
        buffer = self._buffer
        if blank := BLANK.match(buffer):
            del buffer[: blank.end()]
        if not buffer:
            return None
        for head in (_GRAPHIC, _STORED):
            if (found := head.match(buffer)) is None:
                continue
            name, *parts = (part.decode("latin-1") for part in found.groups())
            size = int(parts[-1]) * (int(parts[-2]) if name == "GW" else 1)
            if size > _MOST_COUNTED:
                break
            end = found.end() + size
            if len(buffer) < end:
                return None
            octets = bytes(buffer[found.end() : end])
            written = bytes(buffer[: found.end()]).decode("latin-1").strip()
            del buffer[:end]
            return Command(name, tuple(parts), octets, written)
        ends = [at for sign in b"\r\n" if (at := buffer.find(sign)) >= 0]
        if not ends and len(buffer) < _LONGEST_LINE:
            return None
        end = min(ends, default=len(buffer))
        text = bytes(buffer[:end]).decode("latin-1")
        del buffer[:end]
        name_found = _NAME.match(text)
        if name_found is None:
            return Command("unknown", (), line=text)
        return Command(name_found[1], _values(text[name_found.end() :].strip()), line=text)


def _values(rest: str) -> tuple[str, ...]:
    """Return the parameters, those in quotation marks without them.

    >>> _values('9,"a,b",0'), _values("")
    (('9', 'a,b', '0'), ())
    """
    values: list[str] = []
    at = 0
    while rest and at <= len(rest):
        found = _VALUE.match(rest, at)
        if found is None:
            values.append(rest[at:])
            break
        value = found[1].strip()
        if value[:1] == '"':
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        values.append(value)
        at = found.end()
        if not found[2]:
            break
    return tuple(values)
