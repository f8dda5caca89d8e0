"""What documents in any printer's own language have in common: their labels are counted, or not.

    document ──a language cuts it──► bytes of each label ──count_pieces──► RawPiece, each counted
                                └─── Uncountable: refused, or one piece whose paper nobody counts

>>> count_pieces(b"^XA^XZ", False, lambda: [b"^XA^XZ"])
(RawPiece(payload=b'^XA^XZ', counted=True),)
>>> def by_itself() -> list[bytes]:
...     raise Uncountable("The ^SN at byte 3 counts by itself", 3)
>>> count_pieces(b"^XA^SN^XZ", True, by_itself)
(RawPiece(payload=b'^XA^SN^XZ', counted=False),)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from gateway.drivers.languages.page import RawPiece
from gateway.errors import RawRefused

MOST_PIECES = 10_000
"""The most labels in one document."""


class Uncountable(Exception):
    """A document whose labels nobody can count: half a sentence that says why, and where."""

    def __init__(
        self, sentence: str, at: int, unit: Literal["position", "line"] = "position"
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.where = {unit: at}


def count_pieces(
    document: bytes, uncounted: bool, cut: Callable[[], Iterable[bytes]]
) -> tuple[RawPiece, ...]:
    """Return the labels that ``cut`` finds; with ``uncounted``, else the document as one piece.

    Raises:
        RawRefused: the labels cannot be counted, and ``uncounted`` is not set.
    """
    try:
        return tuple(RawPiece(payload, counted=True) for payload in cut())
    except Uncountable as why:
        if uncounted:
            return (RawPiece(document, counted=False),)
        raise RawRefused(
            f"{why.sentence}, so the labels cannot be counted; change that, or send the document "
            "with uncounted: true and check the paper yourself.",
            **why.where,
        ) from None


def check_number(labels: int) -> None:
    """Refuse a document of more labels than one job may have.

    Raises:
        RawRefused: they are more than ``MOST_PIECES``.
    """
    if labels > MOST_PIECES:
        raise RawRefused(
            f"The document prints more than {MOST_PIECES} labels; send it in parts.",
            labels=labels,
        )
