"""What a scanner has read, before anybody knows what it means."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Fault = Literal["", "incomplete", "too_long", "characters", "encoding", "keys_lost"]
"""Why a read cannot be believed: its end never came; it is longer than any code; it holds control
characters that no code of ours has; its bytes are no text; the system dropped keys of it."""


@dataclass(frozen=True, slots=True)
class Read:
    """One trigger pull, without what frames it on the wire."""

    raw: bytes
    """As it came, up to its ending: what is kept for those who have to find out."""
    text: str
    """The code's characters; GS (U+001D), RS (U+001E) and EOT (U+0004) are the only controls."""
    aim: str = ""
    """The symbology identifier (ISO/IEC 15424) taken off the text: ``]C1``; empty: not told."""
    fault: Fault = ""
    """With a fault the text is not acted on, and a person is told."""
    ending: bytes = field(default=b"", compare=False, repr=False)
    """What came behind it, where its bytes are no keys; the LF of a CR LF may be missing."""

    @property
    def whole(self) -> bytes:
        """Everything that came of it."""
        return self.raw + self.ending
