"""Code pages and international characters as Epson numbers them (ESC t, ESC R).

>>> decode(b"caf\\xe9", 16, 0)
('café', ())
>>> decode(b"#1", 0, 3)
('£1', ())
"""

from __future__ import annotations

from collections.abc import Mapping

CODE_PAGES: Mapping[int, str] = {
    0: "cp437", 2: "cp850", 3: "cp860", 4: "cp863", 5: "cp865", 13: "cp857", 14: "cp737",
    15: "iso8859-7", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858", 32: "cp720",
    33: "cp775", 34: "cp855", 35: "cp861", 36: "cp862", 37: "cp864", 38: "cp869",
    39: "iso8859-2", 40: "iso8859-15", 44: "cp1125", 45: "cp1250", 46: "cp1251", 47: "cp1253",
    48: "cp1254", 49: "cp1255", 50: "cp1256", 51: "cp1257", 52: "cp1258", 53: "kz1048",
}  # fmt: skip
"""Number to Python's codec (Epson ESC/POS Command Reference, ESC t and "Character code tables")."""

NOT_DRAWN: Mapping[int, str] = {
    1: "katakana", 6: "hiragana", 7: "kanji", 8: "kanji", 11: "CP851", 12: "CP853", 20: "Thai 42",
    21: "Thai 11", 22: "Thai 13", 23: "Thai 14", 24: "Thai 16", 25: "Thai 17", 26: "Thai 18",
    30: "TCVN-3", 31: "TCVN-3", 41: "CP1098", 42: "CP1118", 43: "CP1119", 66: "Devanagari",
    67: "Bengali", 68: "Tamil", 69: "Telugu", 70: "Assamese", 71: "Oriya", 72: "Kannada",
    73: "Malayalam", 74: "Gujarati", 75: "Punjabi", 82: "Marathi", 254: "page 254",
    255: "page 255",
}  # fmt: skip
"""Tables that Epson documents and Python has no codec for: their upper half comes out as boxes."""

_PLACES = "#$@[\\]^`{|}~"
_INTERNATIONAL: Mapping[int, str] = {
    0: "#$@[\\]^`{|}~", 1: "#$à°ç§^`éùè¨", 2: "#$§ÄÖÜ^`äöüß", 3: "£$@[\\]^`{|}~",
    4: "#$@ÆØÅ^`æøå~", 5: "#¤ÉÄÖÅÜéäöåü", 6: "#$@°\\é^ùàòèì", 7: "₧$@¡Ñ¿^`¨ñ}~",
    8: "#$@[¥]^`{|}~", 9: "#¤ÉÆØÅÜéæøåü", 10: "#$ÉÆØÅÜéæøåü", 11: "#$á¡Ñ¿é`íñóú",
    12: "#$á¡Ñ¿éüíñóú", 13: "#$@[₩]^`{|}~",
}  # fmt: skip
"""What stands in the places of ``_PLACES`` (the same, ESC R)."""

_BOX = "\u25a1"


def decode(octets: bytes, page: int, country: int) -> tuple[str, tuple[str, ...]]:
    """Return the characters, and what of them cannot be known."""
    codec = CODE_PAGES.get(page)
    missing: tuple[str, ...] = ()
    if codec is None:
        if page not in NOT_DRAWN and any(octet >= 0x80 for octet in octets):
            missing = (f"code page {page}",)
        text = "".join(chr(octet) if octet < 0x80 else _BOX for octet in octets)
    else:
        # Places that a table leaves empty print as blanks.
        text = octets.decode(codec, "replace").replace("\ufffd", " ")
    if shown := _INTERNATIONAL.get(country):
        text = text.translate(dict(zip(map(ord, _PLACES), shown, strict=True)))
    return text, missing
