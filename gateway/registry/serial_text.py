"""A serial as text: what is kept, what counts as the same, what is refused.

    bytes of a form, a file, a scanner ──normalise──► text ──► serial, kept and printed as given
    serial ──key_of──► serial key, under which it is looked up and must be unique
    serial ──check_serial──► every reason why it is refused; none: it may stand

>>> normalise("\\ufeff AB\\u200b\\u00a01\\r\\n")
'AB 1'
>>> key_of("Ab-0001", "fold"), key_of("Ab-0001", "exact")
('ab-0001', 'Ab-0001')
>>> [fault.detail for fault in check_serial("AB\\x07", None)]
["Serial 'AB\\\\x07' holds U+0007 as its character 3, a control character; enter it without."]
>>> gs1_warning("SN#7")
"Serial 'SN#7' cannot be carried as GS1 (21): '#' (U+0023) is not in GS1's character set 82."
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, Literal

from gateway.codes import gs1
from gateway.errors import CodeRefused
from gateway.registry.refusals import Offence
from gateway.registry.serial_mask import LONGEST_SERIAL, Mask, read_mask

Case = Literal["fold", "exact"]
"""Whether ``ab1`` and ``AB1`` are one serial (fold) or two, as GS1 AI 21 has them (exact)."""

_UNSEEN: Final = dict.fromkeys(
    map(ord, "\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\N{WORD JOINER}"),
    "",
) | {0xFEFF: "", 0xAD: ""}
"""Dropped: characters without width, the byte order mark, the hyphen that no line break shows."""

_BIDI: Final = frozenset(
    map(chr, (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
)
"""Unicode property Bidi_Control: they turn round what people read of the others (UTR #36)."""

_REFUSED: Final = {
    "Cc": "a control character",
    "Cs": "half of a surrogate pair",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
}
"""General categories that no serial holds, and what they are called."""

_CR: Final = re.compile(r"\r\n?")
_WIDE_SPACE: Final = re.compile("[\N{NO-BREAK SPACE}\u1680\u2000-\u200a\u202f\u205f\u3000]")
"""Spaces but the plain one (general category Zs): typed, they look the same."""


def normalise(text: str) -> str:
    """Return text as serials are read from: NFC, LF lines, plain spaces, nothing without width.

    Spaces at both ends go. A tab or a line break within stays, for lists.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.translate(_UNSEEN))
        text = _WIDE_SPACE.sub(" ", text)
    if "\r" in text:
        text = _CR.sub("\n", text)
    return text.strip(" \t\n")


def key_of(serial: str, case: Case = "fold") -> str:
    """Return the key under which a serial is looked up and must be unique.

    ``fold`` is Unicode's caseless matching of canonically equal text (The Unicode Standard, D145),
    so it does not depend on a language.
    """
    if case == "exact":
        return unicodedata.normalize("NFC", serial)
    if serial.isascii():
        return serial.lower()
    folded = unicodedata.normalize("NFD", serial).casefold()
    return unicodedata.normalize("NFC", folded)


COMMANDS = "GWC-"
"""How command barcodes begin: a label must not carry one by chance, or by somebody's design."""


def check_serial(serial: str, mask: Mask | str | None = None) -> tuple[Offence, ...]:
    """Return every reason why a normalised serial is refused; none when it may stand.

    Raises:
        InputRefused: the mask is not understood.
    """
    faults: list[Offence] = []
    if len(serial) > LONGEST_SERIAL:
        faults.append(
            Offence(
                serial,
                "serial_too_long",
                f"Serial {serial[:LONGEST_SERIAL]!r}… has {len(serial)} characters; at most "
                f"{LONGEST_SERIAL} are kept.",
                {"length": len(serial), "longest": LONGEST_SERIAL},
            )
        )
    # What people type is ASCII and printable nearly always; the rest is looked at one by one.
    if (
        not (serial.isascii() and serial.isprintable())
        or serial[:1] in {"", " "}
        or serial[-1:] == " "
    ):
        faults += _bad_characters(serial)
    if serial[:4].upper() == COMMANDS:
        detail = f"Serial {serial[:LONGEST_SERIAL]!r} begins as commands do, which are scanned too."
        faults.append(Offence(serial, "serial_bad_character", detail, {"begins": COMMANDS}))
    if mask is not None:
        mask = read_mask(mask) if isinstance(mask, str) else mask
        if not mask.matches(serial):
            faults.append(
                Offence(
                    serial,
                    "serial_mask_mismatch",
                    f"Serial {serial[:LONGEST_SERIAL]!r} does not look like the item's serials, "
                    f"whose mask is {mask.text!r}.",
                    {"mask": mask.text},
                )
            )
    return tuple(faults)


def gs1_warning(serial: str) -> str | None:
    """Return why AI (21) cannot carry the serial, for an item with a GTIN; None when it can."""
    if len(serial) <= 20 and serial.isascii() and serial.isalnum():
        return None
    foreign = next((character for character in serial if not _in_set_82(character)), None)
    if foreign is not None:
        why = f"{foreign!r} (U+{ord(foreign):04X}) is not in GS1's character set 82"
    elif not _carried(serial):
        why = f"it has {len(serial)} characters, and that element has room for 1 to 20"
    else:
        return None
    return f"Serial {serial!r} cannot be carried as GS1 (21): {why}."


def _bad_characters(serial: str) -> list[Offence]:
    def fault(what: str, **facts: object) -> Offence:
        return Offence(serial, "serial_bad_character", what, facts)

    if not serial:
        return [fault("A serial has at least one character, got nothing.")]
    shown = serial[:LONGEST_SERIAL]
    faults = []
    if serial != serial.strip(" "):
        faults.append(fault(f"Serial {shown!r} begins or ends with a space; enter it without."))
    for at, character in enumerate(serial):
        what = _REFUSED.get(unicodedata.category(character))
        if character in _BIDI:
            what = "which turns the order of reading round unseen"
        if what is not None:
            code = f"U+{ord(character):04X}"
            faults.append(
                fault(
                    f"Serial {shown!r} holds {code} as its character {at + 1}, {what}; enter it "
                    "without.",
                    character=code,
                    at=at,
                )
            )
            break  # one names the cure for all of them
    return faults


@lru_cache(maxsize=4096)
def _in_set_82(character: str) -> bool:
    return _carried(character)


def _carried(value: str) -> bool:
    try:
        gs1.parse(f"(21){gs1.escape(value)}")
    except CodeRefused:
        return False
    return True
