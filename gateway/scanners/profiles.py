"""Known scanners: rows of ``profiles.toml``, found by the USB ids that a device shows.

>>> known_scanner(0x05F9, 0x4204).title, known_scanner(0x05F9, 0x4204).way
('Datalogic Gryphon', 'serial')
>>> known_scanner(0x05F9, 0x9999).title
'Datalogic (PSC) scanner'
>>> known_scanner(0x046D, 0xC31C) is None  # a keyboard
True

What is known is offered to a person and never assumed: ids are what a device says of itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from gateway.scanners.scanner import USUAL, FeedbackName, Profile, read_profile

WayName = Literal["wedge", "hid", "serial"]

_KEYS = {"usb", "title", "way", "feedback", "options", "source"}


@dataclass(frozen=True, slots=True)
class KnownScanner:
    """A scanner, or a maker's scanners, as documented."""

    usb: str
    """``vendor:product`` in hexadecimal, or the vendor alone."""
    title: str
    source: str
    way: WayName | None = None
    """How it talks under this id; None: the id does not tell."""
    feedback: FeedbackName = "none"
    """What it understands on a serial line when it was set to."""
    profile: Profile = USUAL
    """How it writes as it comes out of its box."""


@cache
def load_scanners() -> Mapping[str, KnownScanner]:
    """Return all rows by their ids."""
    known: dict[str, KnownScanner] = {}
    text = (files("gateway.scanners") / "profiles.toml").read_text("utf-8")
    for row in tomllib.loads(text)["scanner"]:
        scanner = KnownScanner(
            row["usb"],
            row["title"],
            row["source"],
            row.get("way"),
            row.get("feedback", "none"),
            read_profile(row.get("options", {})),
        )
        wrong = scanner.way not in (None, *get_args(WayName))
        wrong = wrong or scanner.feedback not in get_args(FeedbackName)
        if wrong or scanner.usb in known or row.keys() - _KEYS:
            raise ValueError(f"profiles: {scanner.usb} comes twice, or says what has no meaning")
        known[scanner.usb] = scanner
    return known


def known_scanner(vendor: int, product: int) -> KnownScanner | None:
    """Return what is known of a device with these USB ids; None: nothing says it is a scanner."""
    known = load_scanners()
    return known.get(f"{vendor:04x}:{product:04x}") or known.get(f"{vendor:04x}")
