"""CPCL: ESC h answers at once, ESC v says model, firmware and serial number.

Zebra, Mobile Printer CPCL Programming Manual, "Printer Escape Commands": ESC h answers one byte of
which bits 0 to 4 are used, some makes answer two; ESC v answers words that end with NUL. A mobile
Zebra that prints ZPL as well says so in the variable device.languages, and is then asked as a ZPL
printer: its label counter proves more.
"""

from __future__ import annotations

from gateway.drivers.identifying import zpl
from gateway.drivers.identifying.asking import Talk, Traits, named, show

QUESTION = b"\x1bh"

PATIENCE = 1.0
"""Seconds for the words."""


def recognise(heard: bytes) -> bool:
    """Return whether it is a byte with only the bits that ESC h uses, or two of them."""
    return len(heard) in (1, 2) and not heard[0] & 0b1110_0000


def learn(talk: Talk, heard: bytes) -> Traits:
    """Ask who it is, and whether it prints ZPL too."""
    words = show(talk.ask(b"\x1bv", lambda told: b"\0" in told, PATIENCE).partition(b"\0")[0])
    languages = zpl.ask_variable(talk, "device.languages") or ""
    if "zpl" in languages:
        identity = talk.ask(zpl.QUESTION, zpl.recognise, PATIENCE)
        if zpl.recognise(identity):
            return zpl.learn(talk, identity)
    return Traits("cpcl", model=words, said=named(model=words, languages=languages))
