"""What a printer remembers by name: graphics and formats on R: (lost at power-off) and E: (kept).

>>> memory = Memory()
>>> memory.keep(Stored("R:LABEL.ZPL", commands=(Command("^FO", b"1,2"),), size=8))
>>> memory.find("R:LABEL.ZPL").size, [s.name for s in memory.matching("R:*.ZPL")]
(8, ['R:LABEL.ZPL'])
>>> memory.lose_power()
>>> memory.find("R:LABEL.ZPL") is None
True
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from gateway.drivers.virtual.canvas import Tile, unpack
from gateway.drivers.virtual.zpl.parser import Command

_DEVICES = "REBA"
RAM_BYTES = 8 * 1024 * 1024
FLASH_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stored:
    """One object: a graphic has a ``tile``, a format its ``commands``, another neither."""

    name: str
    """Device, name and extension, such as ``R:LOGO.GRF``."""
    size: int
    """Bytes it occupies."""
    tile: Tile | None = None
    commands: tuple[Command, ...] | None = None


def name_object(written: str, extension: str) -> str:
    """Return the full name of what a command wrote, with the documented defaults.

    >>> name_object("logo", "GRF"), name_object("e:a.zpl", "GRF"), name_object("", "ZPL")
    ('R:LOGO.GRF', 'E:A.ZPL', 'R:UNKNOWN.ZPL')
    """
    written = written.strip().upper()
    device, colon, rest = written.partition(":")
    if not colon:
        device, rest = "R", written
    stem, _, written_extension = rest.partition(".")
    return f"{device[:1] or 'R'}:{stem or 'UNKNOWN'}.{written_extension or extension}"


class Memory:
    """The printer's object store."""

    def __init__(self) -> None:
        self._objects: dict[str, Stored] = {}

    def keep(self, stored: Stored) -> None:
        """Store an object, replacing one of the same name."""
        self._objects[stored.name] = stored

    def find(self, name: str) -> Stored | None:
        """Return the object of exactly that name."""
        return self._objects.get(name)

    def matching(self, pattern: str) -> list[Stored]:
        """Return the objects whose name fits a pattern with ``*`` and ``?``."""
        return [s for s in self._objects.values() if fnmatchcase(s.name, pattern)]

    def forget(self, pattern: str) -> list[str]:
        """Delete what fits the pattern; return the names."""
        gone = [stored.name for stored in self.matching(pattern)]
        for name in gone:
            del self._objects[name]
        return gone

    def free(self, device: str) -> int:
        """Return the free bytes of a device."""
        used = sum(s.size for s in self._objects.values() if s.name.startswith(device + ":"))
        return max(0, (RAM_BYTES if device == "R" else FLASH_BYTES) - used)

    def lose_power(self) -> None:
        """Forget what was in RAM."""
        self.forget("R:*")

    def dump(self) -> str:
        """Return what survives power-off, as JSON."""
        return json.dumps([_to_json(s) for s in self._objects.values() if s.name[0] != "R"])

    def load(self, dumped: str) -> None:
        """Take back what ``dump`` wrote."""
        for entry in json.loads(dumped):
            self.keep(_from_json(entry))


def _to_json(stored: Stored) -> dict[str, object]:
    entry: dict[str, object] = {"name": stored.name, "size": stored.size}
    if stored.tile is not None:
        entry["width"] = stored.tile.width
        entry["rows"] = base64.b64encode(stored.tile.to_bytes()).decode()
    if stored.commands is not None:
        entry["commands"] = [
            [c.name, base64.b64encode(c.parameters).decode()] for c in stored.commands
        ]
    return entry


def _from_json(entry: dict[str, object]) -> Stored:
    tile = None
    if (rows := entry.get("rows")) is not None:
        # Graphics are stored in whole bytes, so the width is a multiple of eight.
        tile = unpack(base64.b64decode(str(rows)), (int(str(entry["width"])) + 7) // 8)
    commands = None
    listed = entry.get("commands")
    if isinstance(listed, Iterable):
        commands = tuple(Command(name, base64.b64decode(text)) for name, text in listed)
    return Stored(str(entry["name"]), int(str(entry["size"])), tile, commands)
