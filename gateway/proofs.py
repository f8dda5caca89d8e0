"""What was shown before it was printed: the fingerprint of a label's dots, kept with its job.

    dry run ──► picture, Proof ──► a job that brings it ──► prints exactly that, or is refused

The fingerprint is the SHA-256 of the label as a portable bitmap (``P4``), which many tools write.

>>> fingerprint(Tile(3, 1, bytes([0b10100000])))[:16]
'0155dcf76a7b123a'
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from gateway.errors import Stale
from gateway.label import Tile

LASTS: Final = 3_600_000_000
"""µs that a proof is good for: dates on the label are those of the moment it shows."""

AHEAD: Final = 60_000_000
"""µs by which its moment may lie ahead: another gateway's clock has made it."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A label as somebody has seen it."""

    sha256: str
    at: int
    """The moment that its dates show, in µs UTC."""

    def check_age(self, at: int) -> None:
        """Check that it is still good for a job at that moment.

        Raises:
            Stale: it is too old.
        """
        if not at - LASTS <= self.at <= at + AHEAD:
            raise Stale("The label was looked at more than an hour ago; look at it again.")

    def check(self, tile: Tile) -> None:
        """Check that these dots are the ones that were seen.

        Raises:
            Stale: they are others.
        """
        if fingerprint(tile) != self.sha256:
            raise Stale(
                "The label would not come out as it was shown: it, its counter or the printer was "
                "changed meanwhile. Look at it again.",
                shown=self.sha256,
            )


def fingerprint(tile: Tile) -> str:
    """Return the SHA-256 of a label's dots, as a portable bitmap."""
    return hashlib.sha256(b"P4\n%d %d\n" % (tile.width, tile.height) + tile.ink).hexdigest()
