"""The paper that came out: labels in, pictures with their decoded codes out.

In memory, or in a directory where it outlives the process: one PNG per piece, ``pieces.jsonl``
with a line per piece, and ``counters.json``. Only the newest pictures are kept; all are counted,
and the codes of those thrown away stay in the index.

>>> from gateway.drivers.virtual.canvas import solid
>>> paper = Paper()
>>> paper.keep(solid(80, 40)).number, paper.count
(1, 1)
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image

from gateway.drivers.virtual.canvas import Tile


@dataclass(frozen=True, slots=True)
class ReadCode:
    """A barcode as a reader saw it on the paper."""

    format: str
    """Symbology in words, such as ``Code 128``."""
    text: str
    octets: bytes
    """The content as bytes: what the text shows as ``<GS>`` is one byte here."""
    identifier: str
    """ISO/IEC 15424 symbology identifier, such as ``]C1`` for GS1-128."""
    box: tuple[int, int, int, int]
    """Left, top, right, bottom in dots."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of paper."""

    number: int
    """Counts every piece from 1, partial ones too."""
    width: int
    height: int
    at: float
    """Seconds since the epoch when it came out; for people, never for order."""
    partial: bool
    """Whether the label was interrupted: it does not count as printed."""
    unknown: tuple[str, ...]
    """What the printer did not understand while drawing it."""
    notes: tuple[str, ...]
    """What else a person should know, such as ink beside the paper."""


def read_codes(png: bytes) -> tuple[ReadCode, ...]:
    """Return the codes a reader finds in a picture, from top left to bottom right."""
    with Image.open(BytesIO(png)) as opened:
        picture = opened.convert("L")
    # A label may carry a code up to its edge: the paper around it is white.
    framed = Image.new("L", (picture.width + 40, picture.height + 40), 255)
    framed.paste(picture, (20, 20))
    found = []
    for code in zxingcpp.read_barcodes(framed):
        corners = code.position
        xs = [p.x - 20 for p in _corners(corners)]
        ys = [p.y - 20 for p in _corners(corners)]
        found.append(
            ReadCode(
                str(code.format),
                code.text,
                bytes(code.bytes),
                code.symbology_identifier,
                (min(xs), min(ys), max(xs), max(ys)),
            )
        )
    return tuple(sorted(found, key=lambda code: (code.box[1], code.box[0])))


def _corners(position: Any) -> Sequence[Any]:  # zxing-cpp has no type stubs
    return position.top_left, position.top_right, position.bottom_right, position.bottom_left


class Paper:
    """The tray in front of a printer."""

    def __init__(self, directory: Path | None = None, *, keep_pictures: int = 500) -> None:
        """Open an empty tray in memory, or the one in ``directory`` as the last process left it."""
        self._directory = directory
        self._keep_pictures = keep_pictures
        self._lock = threading.Condition()
        self._pieces: dict[int, Piece] = {}
        self._pictures: dict[int, Tile] = {}
        self._held: deque[int] = deque()
        self._codes: dict[int, tuple[ReadCode, ...]] = {}
        self._count = 0
        self._printed = 0
        self._torn = False
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
            self._load(directory)

    @property
    def count(self) -> int:
        """How many pieces ever came out."""
        return self._count

    @property
    def printed(self) -> int:
        """How many whole labels ever came out."""
        return self._printed

    def keep(
        self,
        tile: Tile,
        *,
        partial: bool = False,
        unknown: Sequence[str] = (),
        notes: Sequence[str] = (),
    ) -> Piece:
        """Take a piece from the printer.

        Raises:
            OSError: there is no room for it on the disk; it was not taken.
        """
        with self._lock:
            number = self._count + 1
            piece = Piece(
                number, tile.width, tile.height, time.time(), partial, tuple(unknown), tuple(notes)
            )
            if self._directory is not None:
                (self._directory / _picture_name(number)).write_bytes(tile.to_png())
                self._append(_to_json(piece))
            else:
                self._pictures[number] = tile
            self._count = number
            self._printed += not partial
            self._pieces[number] = piece
            self._held.append(number)
            self._lock.notify_all()
            while len(self._held) > self._keep_pictures:
                try:
                    self._discard(self._held[0])
                except OSError:
                    break  # no room to write its codes down; it goes together with a later one
                self._held.popleft()
        return piece

    def pieces(self, after: int = 0) -> list[Piece]:
        """Return the pieces numbered above ``after``, in order."""
        with self._lock:
            return [piece for number, piece in self._pieces.items() if number > after]

    def png(self, number: int) -> bytes | None:
        """Return a piece's picture, or None when it was thrown away or never existed."""
        with self._lock:
            if (tile := self._pictures.get(number)) is not None:
                return tile.to_png()
        path = self.path(number)
        return path.read_bytes() if path is not None and path.exists() else None

    def tile(self, number: int) -> Tile | None:
        """Return a piece's dots while it is held in memory."""
        with self._lock:
            return self._pictures.get(number)

    def path(self, number: int) -> Path | None:
        """Return the file of a piece's picture, or None when the paper is kept in memory."""
        return None if self._directory is None else self._directory / _picture_name(number)

    def codes(self, number: int) -> tuple[ReadCode, ...]:
        """Return the codes a reader sees on a piece; decoded once, then remembered."""
        with self._lock:
            if number in self._codes:
                return self._codes[number]
        png = self.png(number)
        found = read_codes(png) if png is not None else ()
        with self._lock:
            self._codes[number] = found
        return found

    def wait_for(self, count: int, timeout: float) -> bool:
        """Wait until so many whole labels ever came out; return whether they did in time."""
        with self._lock:
            return self._lock.wait_for(lambda: self._printed >= count, timeout)

    def _discard(self, number: int) -> None:
        """Throw a picture away; in a directory its codes are read first and written down."""
        self._pictures.pop(number, None)
        path = self.path(number)
        if path is None or not path.exists():
            return
        if number not in self._codes:
            self._codes[number] = read_codes(path.read_bytes())
        self._append({"codes_of": number, "codes": [_code_to_json(c) for c in self._codes[number]]})
        path.unlink()

    def _append(self, entry: dict[str, object]) -> None:
        self._append_text(json.dumps(entry) + "\n")

    def _append_text(self, text: str) -> None:
        if self._directory is not None:
            # A line that a full disk cut short must not swallow the next one.
            text, self._torn = "\n" * self._torn + text, True
            with (self._directory / "pieces.jsonl").open("a", encoding="utf-8") as index:
                index.write(text)
            self._torn = False

    def _load(self, directory: Path) -> None:
        index = directory / "pieces.jsonl"
        if not index.exists():
            return
        written = index.read_text(encoding="utf-8")
        if written and not written.endswith("\n"):
            self._append_text("\n")
        for line in written.splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # the last line of a killed process may be cut short
            if "codes_of" in entry:
                self._codes[entry["codes_of"]] = tuple(_code_from_json(c) for c in entry["codes"])
                continue
            piece = _from_json(entry)
            self._pieces[piece.number] = piece
            self._count = max(self._count, piece.number)
            self._printed += not piece.partial
            if (directory / _picture_name(piece.number)).exists():
                self._held.append(piece.number)


def _picture_name(number: int) -> str:
    return f"{number:08d}.png"


def write_safely(path: Path, text: str) -> None:
    """Write a small file so that a reader, or a killed writer, never sees half of it."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _to_json(piece: Piece) -> dict[str, object]:
    return {
        "number": piece.number,
        "width": piece.width,
        "height": piece.height,
        "at": piece.at,
        "partial": piece.partial,
        "unknown": list(piece.unknown),
        "notes": list(piece.notes),
    }


def _from_json(entry: dict[str, Any]) -> Piece:
    return Piece(
        entry["number"],
        entry["width"],
        entry["height"],
        entry["at"],
        entry["partial"],
        tuple(entry["unknown"]),
        tuple(entry["notes"]),
    )


def _code_to_json(code: ReadCode) -> dict[str, object]:
    return {
        "format": code.format,
        "text": code.text,
        "octets": code.octets.hex(),
        "identifier": code.identifier,
        "box": list(code.box),
    }


def _code_from_json(entry: dict[str, Any]) -> ReadCode:
    left, top, right, bottom = entry["box"]
    return ReadCode(
        entry["format"],
        entry["text"],
        bytes.fromhex(entry["octets"]),
        entry["identifier"],
        (left, top, right, bottom),
    )
