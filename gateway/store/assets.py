"""Fonts and pictures that templates use, by the SHA-256 of their bytes.

An asset never changes and has no path: its name is a word for people. What comes in is looked at
before it is kept: a font must parse, a picture must be small enough and decode to its end.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from gateway.errors import InputRefused, TooLarge, UnknownAsset
from gateway.store.engine import Database, Transaction, now
from gateway.store.feed import tell

LARGEST = 5 * 1024 * 1024
"""Bytes of one asset."""

MOST_PIXELS = 20_000_000
"""Pixels of a picture, from its header: 100 × 150 mm at 24 dots/mm are 8.6 million."""

PICTURES = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
"""The formats that are read; the rest of Pillow's decoders never see a byte from outside."""

_FONTS = (b"\x00\x01\x00\x00", b"OTTO", b"true", b"ttcf")
"""First four bytes of TrueType and OpenType files (OpenType 1.9, "Font file")."""

Kind = Literal["font", "picture"]


@dataclass(frozen=True, slots=True)
class Asset:
    hash: str
    """SHA-256 in hexadecimal."""
    kind: Kind
    name: str
    size: int
    at: int
    actor: str


def sniff(content: bytes) -> Kind:
    """Return what the bytes are, after looking into them.

    Raises:
        TooLarge: more than 5 MB, or more than 20 million pixels.
        InputRefused: neither a font nor a picture that can be read to its end.
    """
    if len(content) > LARGEST:
        raise TooLarge(
            f"The file has {len(content):,} bytes; a font or picture may have {LARGEST:,}.",
            size=len(content),
            limit=LARGEST,
        )
    if content[:4] in _FONTS:
        _open_font(content)
        return "font"
    _open_picture(content)
    return "picture"


def _open_font(content: bytes) -> None:
    import freetype

    try:
        face = freetype.Face(io.BytesIO(content))  # type: ignore[no-untyped-call]
    except freetype.FT_Exception as error:
        raise InputRefused(
            f"The font cannot be read ({error}); upload a TrueType or OpenType file."
        ) from error
    if not face.num_glyphs or not face.is_scalable:
        raise InputRefused("The font has no outlines; upload a TrueType or OpenType file.")


def _open_picture(content: bytes) -> None:
    from PIL import Image, UnidentifiedImageError

    # Pillow's own limit warns first and refuses at twice the size; ours refuses before decoding.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what a decoder only warns of is damage to us
            with Image.open(io.BytesIO(content), formats=PICTURES) as picture:
                width, height = picture.size
                if width * height > MOST_PIXELS:
                    raise TooLarge(
                        f"The picture is {width} × {height} pixels; {MOST_PIXELS:,} pixels are "
                        "the most: make it smaller.",
                        width=width,
                        height=height,
                    )
                picture.load()
    except UnidentifiedImageError as error:
        raise InputRefused(
            "The file is neither a font (TrueType, OpenType) nor a picture (PNG, JPEG, BMP, GIF, "
            "WebP)."
        ) from error
    except (OSError, SyntaxError, ValueError, Warning) as error:
        # What Pillow's decoders raise on broken files.
        raise InputRefused(f"The picture is damaged ({error}); save it again.") from error


class AssetStore:
    """All SQL about assets. Gives templates their fonts and pictures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, t: Transaction, content: bytes, kind: Kind, name: str, actor: str) -> Asset:
        """Keep an asset that was looked into; the same bytes again change nothing."""
        digest, at = sha256(content).hexdigest(), now()
        kept = t.execute(
            "INSERT INTO asset VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
            (digest, kind, name, content, at, actor),
        ).rowcount
        if kept:
            body = {"asset": digest, "kind": kind, "name": name}
            tell(t, at, "asset.saved", f"assets/{digest}", actor, body)
        row = t.execute(f"{_ASSET} WHERE hash = ?", (digest,)).fetchone()
        return Asset(*row)

    def get(self, digest: str) -> Asset:
        """Return an asset without its bytes.

        Raises:
            UnknownAsset: there is none with that hash.
        """
        rows = self._database.read(f"{_ASSET} WHERE hash = ?", (digest,))
        if not rows:
            raise _unknown(digest)
        return Asset(*rows[0])

    def all(self, *, after: str = "", limit: int = 100) -> list[Asset]:
        """Return assets by hash, after the key ``after``."""
        rows = self._database.read(f"{_ASSET} WHERE hash > ? ORDER BY hash LIMIT ?", (after, limit))
        return [Asset(*row) for row in rows]

    def content(self, digest: str, kind: Kind | None = None) -> bytes:
        """Return an asset's bytes.

        Raises:
            UnknownAsset: there is none with that hash, of that kind.
        """
        rows = self._database.read("SELECT kind, content FROM asset WHERE hash = ?", (digest,))
        if not rows or (kind is not None and rows[0][0] != kind):
            raise _unknown(digest)
        return bytes(rows[0][1])

    def font(self, ref: str) -> bytes:
        """Return the bytes of an uploaded font: ``asset:<hash>``."""
        return self.content(ref.removeprefix("asset:"), "font")

    def picture(self, ref: str) -> bytes:
        """Return the bytes of an uploaded picture: ``asset:<hash>``."""
        return self.content(ref.removeprefix("asset:"), "picture")


_ASSET = "SELECT hash, kind, name, length(content), at, actor FROM asset"


def _unknown(digest: str) -> UnknownAsset:
    return UnknownAsset(
        f"There is no such font or picture as {digest[:80]!r}; upload it to /v1/assets.",
        asset=digest[:80],
    )
