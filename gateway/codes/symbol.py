"""What a bar code kind is, what is drawn of it, and what each says when it cannot.

    content ──Symbology.accept──► what a scanner returns ──Symbology.encode──► Symbol

The kinds themselves stand in ``gateway.codes.symbology``; how each is checked, measured and drawn
stands in ``linear``, ``matrix`` and ``databar`` beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from gateway.codes import gs1, qr
from gateway.errors import CodeRefused

Kind = Literal["linear", "matrix"]

Drawn = tuple[int, tuple[int, ...]]
"""Columns, and each row as an integer of so many bits, leftmost module highest."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a template may choose about a symbol."""

    error_correction: qr.Level = "M"
    """QR codes only; Micro QR codes have no H."""
    square: bool = True
    """Data Matrix only: False allows the rectangular sizes."""
    columns: int | None = None
    """Data columns: PDF417 1 to 30, MicroPDF417 1 to 4; None for what makes it least."""
    rows: int | None = None
    """PDF417 only, 3 to 90; None for as many as the content needs."""
    row_height: int | None = None
    """Modules: PDF417 from 3 and MicroPDF417 from 2, which None means."""
    security_level: int | None = None
    """PDF417 only, 0 to 8; None for what the standard recommends for the length."""
    error_percent: Literal[10, 23, 36, 50] = 23
    """Aztec code only: share of the codewords that correct errors, at least."""
    segments: int = 4
    """GS1 DataBar Expanded Stacked only: symbol characters in a row, even, 2 to 20."""


Size = Callable[[str, Options], tuple[int, int]]
Draw = Callable[[str, Options], Drawn]


@dataclass(frozen=True, slots=True)
class Symbol:
    """The modules of a symbol without quiet zone; a linear one has a single row."""

    kind: Kind
    columns: int
    rows: int
    bits: bytes
    """Rows of ``(columns + 7) // 8`` bytes, leftmost module in the top bit, 1 = dark."""
    content: str
    """What a scanner returns; U+001D where GS1 asks for a separator."""
    hri: str
    """Human readable interpretation: the line of text under the bars."""

    def art(self) -> str:
        """Return the modules as text, one line a row, for people and tests."""
        return "\n".join(
            format(row, f"0{self.columns}b").replace("0", ".").replace("1", "#")
            for row in self.lines()
        )

    def lines(self) -> tuple[int, ...]:
        """Return the rows as integers of ``columns`` bits, leftmost module highest."""
        stride = (self.columns + 7) // 8
        spare = 8 * stride - self.columns
        return tuple(
            int.from_bytes(self.bits[at : at + stride], "big") >> spare
            for at in range(0, stride * self.rows, stride)
        )


@dataclass(frozen=True, slots=True)
class Symbology:
    """One kind of bar code."""

    name: str
    title: str
    kind: Kind
    quiet: tuple[int, int, int, int]
    """Least quiet zone in modules: left, right, above, below."""
    least_module: int
    """Least width in µm of the narrowest bar or the square module."""
    accept: Callable[[str], str]
    """Return what a scanner will return for a content.

    Raises:
        CodeRefused: a character, a length or a check digit the symbology cannot have.
    """
    size: Size
    """Return columns and rows for an accepted content, without drawing it.

    Raises:
        CodeRefused: too long for the largest symbol.
    """
    draw: Draw
    """Return columns and rows as integers for an accepted content."""
    print_text: Callable[[str], str]
    """Return the human readable interpretation of an accepted content."""
    gs1: bool = False
    """Contents are element strings, "(01)…(21)…"."""
    digit_blind: bool = True
    """Whether acceptance and size are the same when digits are replaced by other digits."""
    by_value: bool = False
    """Whether even an accepted content may change its size with another digit."""
    least_height: int = 0
    """Modules that the bars of a linear code must be high; 0 when no standard says."""
    options: frozenset[str] = frozenset()
    """Fields of ``Options`` that change the symbol."""

    def encode(self, content: str, options: Options | None = None) -> Symbol:
        """Return the symbol for a content.

        Raises:
            CodeRefused: the symbology cannot carry the content.
        """
        accepted = self.accept(content)
        columns, rows = self.draw(accepted, options or Options())
        stride = (columns + 7) // 8
        spare = 8 * stride - columns
        return Symbol(
            self.kind,
            columns,
            len(rows),
            b"".join((row << spare).to_bytes(stride, "big") for row in rows),
            accepted,
            self.print_text(accepted),
        )


def refuse_character(title: str, content: str, wrong: str, carries: str, cure: str) -> CodeRefused:
    """Return the refusal of a character that a kind does not have."""
    return CodeRefused(
        f"{title} cannot carry {wrong!r} (U+{ord(wrong):04X}) in {content!r}: it has {carries}; "
        f"{cure}.",
        value=content,
        character=wrong,
        symbology=title,
    )


def not_empty(title: str, content: str) -> None:
    """Check that there is a content.

    Raises:
        CodeRefused: there is none.
    """
    if not content:
        raise CodeRefused(
            f"There is nothing to put into the {title}: give the field a value, or let the "
            'element print only when it has one ("print_when").',
            symbology=title,
        )


def accept_gs1(content: str) -> str:
    """Return what a scanner returns for an element string.

    Raises:
        CodeRefused: it is none.
    """
    not_empty("GS1 code", content)
    return gs1.parse(content).scanned


def print_gs1(content: str) -> str:
    """Return an element string with its identifiers in parentheses."""
    return gs1.parse_scanned(content).hri


def print_plain(content: str) -> str:
    """Return the content with control characters named, as no font has them."""
    if content.isprintable():
        return content
    return "".join(c if c.isprintable() else _NAMES.get(c, f"<{ord(c):02X}>") for c in content)


_CONTROLS: Final = (
    "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB "
    "CAN EM SUB ESC FS GS RS US"
)
_NAMES: Final = {chr(code): f"<{name}>" for code, name in enumerate(_CONTROLS.split())} | {
    "\x7f": "<DEL>"
}
"""ISO/IEC 646 names of the control characters."""
