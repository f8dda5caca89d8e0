r"""What a scanned text says: which form it has, what it names, and what is wrong with it.

    text, AIM id ──read_code──► Reading ──gateway.stations.meaning──► what it means here

A form that is recognised by its syntax and a check decides alone: a command of ours, a code of
ours, a GS1 Digital Link, an ISO/IEC 15434 envelope, GS1 element strings where the symbology, a
bracket or a separator says so. All else is ``plain``: exactly that text, to be looked up. Nothing
is guessed, and nothing raises: a code is what somebody else has printed.

>>> both = read_code("010950110153000310AB-1\x1d21SN-7", "]C1")
>>> both.form, both.gtin, both.lot, both.serial
('gs1', '09501101530003', 'AB-1', 'SN-7')
>>> both.why
'The scanner says GS1-128: GS1 element strings.'
>>> read_code("12345678", "]C0").form, read_code("4006381333931").gtin
('plain', '04006381333931')
>>> read_code("GWC-DONE-X").refusal.partition(";")[0]
"'GWC-DONE-X' is no command: its check character should be L and is X"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, Literal

from gateway.codes import elements, iso15434
from gateway.codes.aim import split_aim, symbology_of
from gateway.codes.checkdigits import check_character, check_digit
from gateway.codes.clean import EOT, GS, LONGEST, RS, Fault, clean
from gateway.codes.commands import CheckSignature, Command, is_command, read_command
from gateway.codes.elements import Elements, Pairs, wrong_check_digit
from gateway.errors import CodeRefused

Form = Literal[
    "command", "ours", "digital_link", "gs1", "gs1_maybe", "envelope", "identifier", "plain"
]
"""``gs1_maybe``: every character reads as GS1 and nothing says that it is; true only if its GTIN is
one that is known here."""

Said = tuple[str, str, str]
"""Identifier, what it is called, value."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a code says. A value that was not there, or not right, is None."""

    text: str
    """In NFC, without framing and symbology identifier."""
    aim: str = ""
    form: Form = "plain"
    why: str = ""
    """One sentence: why it has this form."""
    fault: Fault = ""
    """It may not be acted on, whatever it says."""
    command: Command | None = None
    refusal: str = ""
    """One sentence: it begins like a command and is none; never to be looked up."""
    gtin: str | None = None
    """14 digits, the check digit right; of a plain code one that it may be."""
    serial: str | None = None
    lot: str | None = None
    sscc: str | None = None
    """18 digits, the check digit right."""
    license_plate: str | None = None
    """Of a package, by ISO/IEC 15459."""
    gln: str | None = None
    """Of a location: 13 digits, the check digit right."""
    order: str | None = None
    """Number of the customer's order."""
    part_number: str | None = None
    """As the customer calls the item."""
    supplier_part: str | None = None
    content: str | None = None
    """GTIN of what a logistic unit holds."""
    quantity: Decimal | None = None
    unit: str = ""
    """ANSI X12.3 code of the quantity's unit; empty: pieces, or what both sides agreed."""
    expiry: str | None = None
    """ISO 8601."""
    other: tuple[Said, ...] = ()
    """All that is said and has no place above."""
    warnings: tuple[str, ...] = ()

    def shown(self) -> dict[str, object]:
        """Return what is said, as JSON, without what is not."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        said |= {
            "command": self.command
            and {"verb": self.command.verb, "argument": self.command.arg},
            "quantity": None if self.quantity is None else str(self.quantity),
            "other": [{"id": one, "title": title, "value": value}
                      for one, title, value in self.other],
            "warnings": list(self.warnings),
        }  # fmt: skip
        return {
            name: value
            for name, value in said.items()
            if value not in (None, "", []) or name == "text"
        }


def read_code(
    text: str,
    aim: str = "",
    *,
    identifiers: bool = False,
    sends_separators: bool = False,
    check_signature: CheckSignature | None = None,
    longest: int = LONGEST,
    this_year: int | None = None,
) -> Reading:
    """Return what a scanned text says; never raises.

    ``aim``: the symbology identifier, when the scanner told it apart; one in front of the text is
    taken off. ``identifiers``: the scanner's codes are bare MH10.8.2 identifiers.
    ``sends_separators``: the scanner is known to send GS for FNC1, so where none came none was
    printed. ``check_signature``: without it no signed command is taken. ``this_year`` settles the
    century of dates; None: the clock's.
    """
    text, fault = clean(text, longest)
    if fault:
        return Reading(text, aim, why=_FAULTS[fault], fault=fault)
    if not aim:
        aim, text = split_aim(text)
    symbology = symbology_of(aim)
    if symbology.eci:
        text = _ECI.sub(lambda mark: "\\" if mark[0] == "\\\\" else "", text)
    if is_command(text):
        return _command(text, aim, check_signature)
    if _OURS.fullmatch(text) and _is_ours(text):
        return Reading(text, aim, "ours", "It is a code of this kind of gateway, its check right.")
    year = datetime.now(UTC).year if this_year is None else this_year
    if text[:4].lower() == "http":
        link = elements.read_link(text, year)
        if link is not None:
            why = "It is a web address with GS1 keys in its path: a GS1 Digital Link."
            return _gs1(text, aim, "digital_link", why, link)
    if iso15434.is_envelope(text):
        return _envelope(text, aim, year)
    if symbology.gs1:
        said = elements.read_string(text, year, sends_separators=sends_separators)
        if said.elements:
            why = f"The scanner says {symbology.name}: GS1 element strings."
            return _gs1(text, aim, "gs1", why, said)
        return _plain(text, aim, "Nothing of it reads as GS1, so it is plain.", said.warnings)
    if text[:1] == "(":
        bracketed = elements.read_bracketed(text, year)
        if bracketed is not None and bracketed.whole:
            why = "Application identifiers stand in parentheses: GS1 element strings."
            return _gs1(text, aim, "gs1", why, bracketed)
    if identifiers:
        bare = iso15434.read_identifiers(text, year)
        if bare is not None:
            why = "This scanner's codes begin with a data identifier (ANSI MH10.8.2)."
            return _identified(text, aim, "identifier", why, bare, ())
    if GS in text.strip(GS) or (text[:1] == GS and text.strip(GS)):
        said = elements.read_string(text, year)
        if said.whole:
            why = "A separator (GS) stands in it and all of it reads as GS1 element strings."
            return _gs1(text, aim, "gs1", why, said)
        return _plain(text, aim, "It holds a separator (GS), and is no GS1.", said.warnings)
    if not symbology.known and len(text) >= _SHORTEST_GS1 and text.isascii() and "01" in text:
        said = elements.read_string(text, year, sends_separators=sends_separators)
        if said.whole and _checked(dict(said.elements).get("01"), 14):
            why = (
                "Nothing says that it is GS1, and all of it reads so, the GTIN's check digit with "
                "it: GS1 if that GTIN is known here."
            )
            return _gs1(text, aim, "gs1_maybe", why, said)
    why = f"The scanner says {symbology.name}: plain." if symbology.known else ""
    return _plain(text, aim, why or "No form describes itself in it, so it is plain.", ())


_FAULTS: Final[dict[Fault, str]] = {
    "": "",
    "too_long": "It is longer than any code; nothing of it is acted on.",
    "characters": "It holds characters that no code may: unseen ones, or commands to a screen.",
    "encoding": "Its bytes are no text in the encoding of the scanner.",
}

_OURS: Final = re.compile(r"GW-[STPDB][0-9A-Z]{11}", re.ASCII | re.IGNORECASE)
"""Codes of lives, lots, places, documents and packages (``gateway.registry.public_ids``)."""

_ECI: Final = re.compile(r"\\\\|\\[0-9]{6}")

_SHORTEST_GS1: Final = 16
"""An element string with a GTIN has two digits and fourteen."""

_READ_AS: Final = str.maketrans("ILO", "110")


def _is_ours(text: str) -> bool:
    name = text[3:].upper()
    return check_character(name[0] + name[1:-1].translate(_READ_AS)) == name[-1]


def _command(text: str, aim: str, check_signature: CheckSignature | None) -> Reading:
    try:
        command = read_command(text, check_signature)
    except CodeRefused as refusal:
        why = "It begins like a command of this gateway, and is none."
        return Reading(text, aim, "command", why, refusal=refusal.detail)
    return Reading(text, aim, "command", "It is a command, its check right.", command=command)


# --------------------------------------------------------------------------------------- GS1


_GS1_FIELDS: Final = {
    "gtin": ("01",),
    "serial": ("21", "8004"),
    "lot": ("10",),
    "sscc": ("00",),
    "gln": ("414",),
    "order": ("400",),
    "part_number": ("241",),
    "supplier_part": ("240",),
    "content": ("02",),
    "quantity": ("30", "37"),
    "expiry": ("17", "7003"),
}
"""Which application identifiers say what, the best first. (8004) names one asset, as a serial
does."""


def _gs1(text: str, aim: str, form: Form, why: str, said: Elements) -> Reading:
    return _reading(
        text, aim, form, why, said.elements, _GS1_FIELDS, elements.title_of, said.warnings
    )


# ----------------------------------------------------------------------------------- MH10.8.2


_IDENTIFIED_FIELDS: Final = {
    "gtin": ("01", "8P", "3P"),
    "serial": ("S", "21", "SER", "SEQ", "UCN", "25S", "18S", "8004"),
    "lot": ("1T", "T", "10", "LOT", "LTN", "BII"),
    "sscc": ("00", "8S"),
    "license_plate": ("J", "1J", "2J", "3J", "4J", "5J", "6J"),
    "gln": ("414",),
    "order": ("K", "400"),
    "part_number": ("P", "241"),
    "supplier_part": ("1P", "30P", "240", "PNO", "PNR"),
    "content": ("02",),
    "quantity": ("Q", "7Q", "30", "37"),
    "unit": ("3Q",),
    "expiry": ("14D", "15D", "17", "7003"),
}
"""Which identifiers of an envelope say what, the best first."""


def _envelope(text: str, aim: str, year: int) -> Reading:
    envelope = iso15434.read_envelope(text, year)
    formats = ", ".join(dict.fromkeys(envelope.formats)) or "none that is read here"
    why = f"It is an ISO/IEC 15434 envelope; its formats: {formats}."
    return _identified(text, aim, "envelope", why, envelope.elements, envelope.warnings)


def _identified(
    text: str, aim: str, form: Form, why: str, pairs: Pairs, warnings: Iterable[str]
) -> Reading:
    return _reading(text, aim, form, why, pairs, _IDENTIFIED_FIELDS, _title, warnings)


def _title(identifier: str) -> str:
    if identifier.isdigit():
        return elements.title_of(identifier)
    return iso15434.title_of(identifier)


# -------------------------------------------------------------------------------------- values


def _reading(
    text: str,
    aim: str,
    form: Form,
    why: str,
    pairs: Pairs,
    places: dict[str, tuple[str, ...]],
    title: Callable[[str], str],
    warnings: Iterable[str],
) -> Reading:
    said = dict(reversed(pairs))  # of one that stands twice the first counts
    found: dict[str, str] = {}
    used: set[tuple[str, str]] = set()
    amiss = list(warnings)
    for place, names in places.items():
        for name in names:
            value = said.get(name)
            if value is None:
                continue
            right = _right(place, name, value, amiss)
            if right is not None:
                found[place] = right
                used.add((name, value))
                break
    quantity, unit = _quantity(found.pop("quantity", None))
    return Reading(
        text, aim, form, why,
        gtin=found.get("gtin"), serial=found.get("serial"), lot=found.get("lot"),
        sscc=found.get("sscc"), license_plate=found.get("license_plate"), gln=found.get("gln"),
        order=found.get("order"), part_number=found.get("part_number"),
        supplier_part=found.get("supplier_part"), content=found.get("content"),
        quantity=quantity, unit=unit or found.get("unit", ""), expiry=found.get("expiry"),
        other=tuple((name, title(name), value) for name, value in pairs
                    if (name, value) not in used),
        warnings=tuple(amiss),
    )  # fmt: skip


_LENGTHS: Final = {"gtin": 14, "content": 14, "sscc": 18, "gln": 13}
_QUANTITY: Final = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)([0-9A-Z]{2})?")
_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2})?")


def _right(place: str, name: str, value: str, amiss: list[str]) -> str | None:
    """Return a value as its place wants it; None, and why in ``amiss``, when it cannot stand."""
    if is_command(value):
        # Kept as a serial it would be printed one day, and the label would command.
        amiss.append(
            f"{name} {_title(name)} {value[:40]!r} begins like a command; it is not taken."
        )
        return None
    if place in _LENGTHS:
        length = _LENGTHS[place]
        if value.isascii() and value.isdigit() and len(value) <= length:
            value = value.zfill(length) if place == "gtin" and name in {"8P", "3P"} else value
        if not name.isdigit():  # of application identifiers the elements are checked already
            amiss += filter(None, [_not_checked(value, length, f"{name} {_title(name)}")])
        return value if _checked(value, length) else None
    if place == "quantity" and not _is_quantity(name, value):
        amiss.append(f"{name} {_title(name)} {value[:40]!r} is no quantity.")
        return None
    if place == "expiry" and not _ISO_DATE.fullmatch(value):
        if not name.isdigit():
            amiss.append(f"{name} {_title(name)} {value[:40]!r} is no date.")
        return None
    return value


def _is_quantity(name: str, value: str) -> bool:
    match = _QUANTITY.fullmatch(value)
    return match is not None and (match[2] is None or name == "7Q")


def _quantity(value: str | None) -> tuple[Decimal | None, str]:
    match = _QUANTITY.fullmatch(value or "")
    return (Decimal(match[1]), match[2] or "") if match else (None, "")


def _checked(value: str | None, length: int) -> bool:
    return (
        value is not None
        and len(value) == length
        and value.isascii()
        and value.isdigit()
        and check_digit(value[:-1]) == value[-1]
    )


def _not_checked(value: str, length: int, name: str) -> str:
    if len(value) == length and value.isascii() and value.isdigit():
        return wrong_check_digit(value, name)
    return f"{name} {value[:40]!r} does not have {length} digits."


# --------------------------------------------------------------------------------------- plain


_RETAIL: Final = frozenset({8, 12, 13, 14})
_ADD_ONS: Final = frozenset({2, 5})


def _plain(text: str, aim: str, why: str, warnings: Iterable[str]) -> Reading:
    text = text.strip(GS + RS + EOT)
    if not (text.isascii() and text.isdigit()):
        amiss = tuple(warnings)
        if text[:3].upper() == "GW-":
            amiss += (f"{text[:40]!r} begins like a code of ours, and its check is wrong.",)
        return Reading(text, aim, "plain", why, warnings=amiss)
    amiss = tuple(warnings)
    gtin = sscc = None
    if aim[:2] == "]E":
        gtin, trouble = _retail(text, aim)
        amiss += (trouble,) if trouble else ()
    elif len(text) in _RETAIL and text.strip("0") and _checked(text, len(text)):
        gtin = text.zfill(14)
    elif len(text) == 20 and text.startswith("00") and _checked(text[2:], 18):
        sscc = text[2:]
    elif len(text) == 18 and _checked(text, 18):
        sscc = text
    if gtin:
        why = f"{why} Its check digit is right for a GTIN."
    elif sscc:
        why = f"{why} Its check digit is right for an SSCC."
    return Reading(text, aim, "plain", why, gtin=gtin, sscc=sscc, warnings=amiss)


def _retail(text: str, aim: str) -> tuple[str | None, str]:
    """Return the GTIN of an EAN or UPC symbol, or why it is none."""
    name = "EAN-8" if aim == "]E4" else "EAN-13 or UPC"
    if aim == "]E3" and len(text) - 13 in _ADD_ONS:
        text = text[:13]
    if aim in {"]E1", "]E2"} or len(text) not in _RETAIL:
        return None, ""
    if _checked(text, len(text)):
        return text.zfill(14), ""
    if aim != "]E4" and len(text) == 8 and _checked(upc := _upc_a(text), 12):
        return upc.zfill(14), ""
    return None, wrong_check_digit(text, name)


def _upc_a(upc_e: str) -> str:
    """Return the UPC-A that a UPC-E is short for (GS1 General Specifications, 5.2.2.4.2).

    >>> _upc_a("04252614")
    '042100005264'
    """
    system, body, last, check = upc_e[0], upc_e[1:6], upc_e[6], upc_e[7]
    if last in "012":
        body = f"{body[:2]}{last}0000{body[2:]}"
    elif last == "3":
        body = f"{body[:3]}00000{body[3:]}"
    elif last == "4":
        body = f"{body[:4]}00000{body[4]}"
    else:
        body = f"{body}0000{last}"
    return f"{system}{body}{check}"
