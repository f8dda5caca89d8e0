r"""GS1's names as URIs: which item, serial, lot, place or party a Digital Link or an EPC URN means.

    GTIN, serial ──serial_uri──► "https://id.gs1.org/01/…/21/…"
    URI of anybody ──understood──► {"gtin": …, "serial": …}

>>> serial_uri("09501101530003", "A/1")
'https://id.gs1.org/01/09501101530003/21/A%2F1'
>>> understood("https://example.com/shop/01/09501101530003/10/L-7/21/A%2F1?lang=de")
{'gtin': '09501101530003', 'lot': 'L-7', 'serial': 'A/1'}
>>> understood("urn:epc:id:sgtin:0614141.112345.400")
{'gtin': '10614141123459', 'serial': '400'}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from gateway.codes.checkdigits import check_digit
from gateway.codes.gs1 import escape, parse
from gateway.errors import CodeRefused, InputRefused

_CHARACTERS: Final = r"(?:[!$&'()*+,\-./0-9:;=?@A-Z_a-z~]|%[0-9A-Fa-f]{2})"
URI: Final = re.compile(rf"[A-Za-z][A-Za-z0-9+.\-]*:{_CHARACTERS}+(?:#{_CHARACTERS}*)?")
"""What RFC 3986 lets a URI be; the schema of EPCIS asks for one wherever something is named."""

Said = dict[str, str]
"""Of a URI: gtin, serial, lot, sscc, gln, extension, as far as it says them."""


def serial_uri(gtin: str, serial: str) -> str | None:
    """Return the Digital Link URI of a serial; None when AI (21) cannot carry it.

    Everything but RFC 3986's unreserved characters is percent-encoded (GS1 Digital Link URI
    syntax 1.2, 4.1.1). A dot or two alone cannot be: a path drops such segments (RFC 3986, 5.2.4).

    >>> serial_uri("09501101530003", "a+b%"), serial_uri("09501101530003", "x" * 21)
    ('https://id.gs1.org/01/09501101530003/21/a%2Bb%25', None)
    """
    return _linked("01", gtin, "21", serial)


def lot_uri(gtin: str, lot: str) -> str | None:
    """Return the Digital Link URI of a lot; None when AI (10) cannot carry it."""
    return _linked("01", gtin, "10", lot)


def sgtin_urn(gtin: str, serial: str, company_prefix: int) -> str:
    """Return the serial as an EPC pure identity URN, which older systems know.

    ``company_prefix`` is how many digits of the GTIN are the company's: only its owner knows.

    >>> sgtin_urn("10614141123459", "1/2", 7)
    'urn:epc:id:sgtin:0614141.112345.1%2F2'

    Raises:
        InputRefused: the prefix has not 6 to 12 digits.
        CodeRefused: the GTIN or the serial is not one.
    """
    if not 6 <= company_prefix <= 12:
        raise InputRefused(
            f"A GS1 company prefix has 6 to 12 digits, got {company_prefix}.", digits=company_prefix
        )
    parse(f"(01){gtin}(21){escape(serial)}")
    # EPC Tag Data Standard, table A-1: these seven are escaped, the rest of set 82 stands as it is.
    written = re.sub('["%&/<>?]', lambda one: f"%{ord(one[0]):02X}", serial)
    company = gtin[1 : 1 + company_prefix]
    return f"urn:epc:id:sgtin:{company}.{gtin[0]}{gtin[1 + company_prefix : 13]}.{written}"


def _linked(key: str, digits: str, qualifier: str, value: str) -> str | None:
    if value in (".", ".."):
        return None
    try:
        parse(f"({key}){digits}({qualifier}){escape(value)}")
    except CodeRefused:
        return None
    return f"https://id.gs1.org/{key}/{digits}/{qualifier}/{quote(value, safe='')}"


_LINK: Final = re.compile(r"https?://[^/?#]+(/[^?#]*)", re.IGNORECASE)
_QUALIFIERS: Final[Mapping[str, frozenset[str]]] = {
    "01": frozenset(("22", "10", "21", "235")),
    "414": frozenset(("254", "7040")),
    "00": frozenset(),
    "417": frozenset(("7040",)),
}
"""The keys read here, and what may stand behind each (GS1 Digital Link URI syntax 1.2, 4.3)."""


def understood(uri: str) -> Said:
    """Return what a URI of GS1 says: gtin, serial, lot, sscc, gln, extension; nothing of others.

    Raises:
        CodeRefused: it is one of GS1's and its numbers are wrong.
    """
    if uri.startswith("urn:epc:"):
        return _of_urn(uri)
    match = _LINK.match(uri)
    return _of_link(match[1]) if match else {}


def _of_link(path: str) -> Said:
    segments = path.split("/")
    for at, key in enumerate(segments[:-1]):
        pairs = list(zip(segments[at::2], segments[at + 1 :: 2], strict=False))
        if (
            key not in _QUALIFIERS
            or (len(segments) - at) % 2
            or any(ai not in _QUALIFIERS[key] for ai, _ in pairs[1:])
        ):
            continue
        said = {ai: unescaped(value) for ai, value in pairs}
        if key == "01" and len(said["01"]) in (8, 12, 13):
            said["01"] = said["01"].zfill(14)
        parse("".join(f"({ai}){escape(value)}" for ai, value in said.items() if ai != "7040"))
        names = {"01": "gtin", "21": "serial", "10": "lot", "00": "sscc", "414": "gln",
                 "417": "gln", "254": "extension"}  # fmt: skip
        return {names[ai]: value for ai, value in said.items() if ai in names}
    return {}


_URN: Final = re.compile(
    r"urn:epc:(?:id:(?P<id>sgtin|sscc|sgln|pgln)|class:(?P<class>lgtin)|idpat:(?P<pat>sgtin))"
    r":(?P<company>\d{6,12})\.(?P<own>\d*)(?:\.(?P<rest>.*))?",
    re.ASCII,
)


def _of_urn(uri: str) -> Said:
    match = _URN.fullmatch(uri)
    if match is None:
        return {}
    scheme = match["id"] or match["class"] or "pattern"
    company, own, rest = match["company"], match["own"], match["rest"]
    length = {"sscc": 17, "sgln": 12, "pgln": 12}.get(scheme, 13)
    if len(company) + len(own) != length or (rest is None) is (scheme not in ("sscc", "pgln")):
        raise CodeRefused(
            f"{uri!r} is no EPC of that kind: company prefix and number must have {length} digits "
            "together (EPC Tag Data Standard, 6.3).",
            value=uri,
        )
    if scheme in ("sgln", "pgln"):
        gln = company + own + check_digit(company + own)
        if scheme == "pgln" or rest == "0":  # an extension of 0 is none
            return {"gln": gln}
        extension = unescaped(rest)
        parse(f"(414){gln}(254){escape(extension)}")
        return {"gln": gln, "extension": extension}
    digits = own[:1] + company + own[1:]
    digits += check_digit(digits)
    if scheme == "sscc":
        return {"sscc": digits}
    if scheme == "pattern":
        return {"gtin": digits} if rest == "*" else {}
    value = unescaped(rest)
    ai, name = ("10", "lot") if scheme == "lgtin" else ("21", "serial")
    parse(f"(01){digits}({ai}){escape(value)}")
    return {"gtin": digits, name: value}


def unescaped(segment: str) -> str:
    try:
        return unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        raise CodeRefused(f"{segment!r} holds escapes that are not UTF-8.", value=segment) from None
