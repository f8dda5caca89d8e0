r"""The label on an electronics box: ISO/IEC 15434 envelopes and ANSI MH10.8.2 data identifiers.

    "[)>␞06␝S123␝1PABC␝Q10␞␄" ──read_envelope──► Envelope: elements, and what was amiss
    "1PABC" ──read_identifiers──► the same for bare identifiers, where the scanner's profile says so

>>> read_envelope("[)>\x1e06\x1dS123\x1d1PABC-7\x1dQ10\x1e\x04", 2026).elements
(('S', '123'), ('1P', 'ABC-7'), ('Q', '10'))
>>> read_identifiers("16D20260131", 2026)
(('16D', '2026-01-31'),)
>>> read_identifiers("hello", 2026) is None
True
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final, NamedTuple

from gateway.codes.clean import EOT, GS, RS
from gateway.codes.elements import Pairs, iso_date, read_string

IDENTIFIERS: Final = {
    # Containers and packages: categories 2 and 10
    "B": "Container type",
    "2B": "Gas cylinder",
    "J": "License plate",
    "1J": "License plate of a smallest package",
    "2J": "License plate of several packages",
    "3J": "License plate of a smallest package, with EDI",
    "4J": "License plate of several packages, with EDI",
    "5J": "License plate of a mixed load",
    "6J": "License plate of a load of one item",
    # Dates: category 4
    "D": "Date",
    "1D": "Date DDMMYY",
    "2D": "Date MMDDYY",
    "6D": "Date with its kind",
    "9D": "Date code",
    "10D": "Year and week",
    "11D": "Year and week",
    "12D": "Date",
    "14D": "Expiry",
    "15D": "Expiry",
    "16D": "Production date",
    "17D": "Production date",
    "25D": "Best before",
    # What it is made of and withstands: category 5
    "E": "Restricted substances",
    "13E": "Moisture sensitivity level",
    # People and vehicles: categories 8 and 9
    "H": "Name of a party",
    "1H": "Employee",
    "I": "Vehicle identification number",
    # Orders and shipments: category 11
    "K": "Order of the customer",
    "1K": "Order of the supplier",
    "2K": "Shipment of the supplier",
    "3K": "Shipment of the carrier",
    "4K": "Line of the order",
    "5K": "Release of the order",
    "6K": "Carrier's number",
    "8K": "Contract",
    "9K": "Transaction",
    "10K": "Invoice",
    "11K": "Packing list",
    "14K": "Order and line",
    "15K": "Kanban",
    # Places: category 12
    "L": "Storage location",
    "1L": "Location",
    "2L": "Ship to",
    "3L": "Ship from",
    "4L": "Country of origin",
    "7L": "DoD activity",
    "20L": "First level of location",
    "21L": "Second level of location",
    "33L": "Web address",
    # Industry's own structures: category 14
    "N": "National stock number",
    "9N": "Pharmacy product number",
    # Items: category 16
    "P": "Part number of the customer",
    "1P": "Part number of the supplier",
    "2P": "Revision",
    "3P": "GS1 item",
    "6P": "Supplier and item",
    "7P": "CLEI code",
    "8P": "GTIN-14",
    "11P": "CLEI code",
    "20P": "Customer's first level of item",
    "30P": "Supplier's first level of item",
    "31P": "Supplier's second level of item",
    "32P": "Supplier's third level of item",
    "33P": "Supplier's fourth level of item",
    "50P": "Item of the manufacturer",
    "51P": "Item, unique in the world",
    "52P": "Colour",
    # Quantities: category 17
    "Q": "Quantity",
    "1Q": "Theoretical length or weight",
    "2Q": "Actual weight",
    "3Q": "Unit of measure",
    "4Q": "Gross amount",
    "5Q": "Net amount",
    "7Q": "Quantity with unit",
    "13Q": "Piece of pieces",
    # Returns: category 18
    "1R": "Return authorisation of the supplier",
    "2R": "Return code of the customer",
    # Entities: category 19
    "S": "Serial number",
    "1S": "Additional code of the supplier",
    "2S": "Advance shipment notification",
    "3S": "Package",
    "4S": "Package of like items",
    "5S": "Package of unlike items",
    "6S": "Package of like items of several orders",
    "7S": "Package of unlike items of several orders",
    "8S": "SSCC",
    "9S": "Package, generic",
    "11S": "Fixed asset",
    "12S": "Document",
    "13S": "Seal",
    "16S": "Version",
    "18S": "CAGE code and serial number",
    "20S": "Traceability code of the customer",
    "22S": "Mobile telephone",
    "23S": "MAC address",
    "25S": "Serial number, unique in the world",
    "30S": "Additional traceability code",
    "37S": "Unique item with part and serial",
    # Groups of entities: category 20
    "T": "Lot of the customer",
    "1T": "Lot of the supplier",
    "25T": "Lot, unique in the world",
    "30T": "Supplier's first level of lot",
    # Parties: category 22
    "V": "Supplier, in the customer's words",
    "1V": "Supplier, in its own words",
    "6V": "Manufacturer",
    "8V": "Customer, in its own words",
    "9V": "Customer, in the supplier's words",
    "10V": "Manufacturer's code",
    "12V": "DUNS number of the manufacturer",
    "13V": "DUNS number of the supplier",
    "14V": "DUNS number of the customer",
    "17V": "CAGE code",
    "18V": "Party",
    "20V": "Party",
    # Work and free text: categories 23 and 26
    "W": "Work order",
    "1W": "Operation",
    "Z": "Mutually defined",
    "1Z": "Mutually defined with the carrier",
    "3Z": "Free text",
}
"""Data identifiers of shipped goods, with a title each (ANSI MH10.8.2, categories 2 to 26)."""

TEXT_ELEMENTS: Final = {
    "SER": "Serial number", "SEQ": "Serial number of the part", "UCN": "Unique component number",
    "UID": "Unique item", "UST": "Universal serial tracking", "USN": "Universal serial number",
    "PNO": "Original part number", "PNR": "Part number", "LOT": "Lot", "LTN": "Lot",
    "BII": "Batch", "MFR": "CAGE code of the manufacturer", "CAG": "CAGE code",
    "SPL": "CAGE code of the supplier", "DUN": "DUNS number", "EUC": "GS1 company prefix",
}  # fmt: skip
"""Text element identifiers of aviation and defence (ATA Spec 2000; MIL-STD-130, table of data
qualifiers), each followed by a space or the value at once."""

_DI: Final = re.compile(r"([0-9]{0,3}[A-Z])(.+)", re.DOTALL)
_TEI: Final = re.compile(r"([A-Z]{3}) ?(.+)", re.DOTALL)
_HEADER: Final = re.compile(r">?\[\)>\x1e?([0-9]{2}|DD)")

_DAYS_FIRST: Final = frozenset({"15D", "17D"})
_YEARS_FIRST: Final = frozenset({"12D", "14D", "16D", "25D"})


class Envelope(NamedTuple):
    """What an envelope holds, of all its formats together."""

    elements: Pairs
    """Identifier and value: data identifiers, text elements or application identifiers."""
    formats: tuple[str, ...]
    """Of each element, the format it came in: ``05``, ``06``, ``12``."""
    warnings: tuple[str, ...]


def is_envelope(text: str) -> bool:
    """Return whether a text begins like an envelope."""
    return text[:3] == "[)>" or text[:4] == ">[)>"


def read_envelope(text: str, this_year: int) -> Envelope:
    """Return what an envelope says (ISO/IEC 15434, clause 5); a lost end is named and forgiven.

    ``[)>`` RS, then each format with its number, GS between its fields and RS at its end, then EOT.
    """
    warnings: list[str] = []
    header = _HEADER.match(text)
    if header is None:
        return Envelope((), (), (f"{text[:12]!r} is the head of an envelope without a format.",))
    if text[0] == ">":
        warnings.append("A '>' stands in front of the envelope; it was passed over.")
    body = text[header.start(1) :]
    if RS not in text[: header.start(1)]:
        warnings.append("The record separator (RS) behind '[)>' was lost.")
    if not body.endswith(EOT):
        warnings.append("The end of the envelope (EOT) was lost; it may have been cut off.")
    body = body.split(EOT)[0]
    if body.endswith(RS):
        body = body[:-1]
    elif body.endswith(GS) or RS not in body:
        warnings.append("The end of the last format (RS) was lost; it may have been cut off.")
    elements: list[tuple[str, str]] = []
    formats: list[str] = []
    for record in body.split(RS):
        number, content = record[:2], record[2:]
        read, amiss = _format(number, content, this_year)
        elements += read
        formats += [number] * len(read)
        warnings += amiss
    return Envelope(tuple(elements), tuple(formats), tuple(warnings))


def read_identifiers(text: str, this_year: int) -> Pairs | None:
    """Return bare data identifiers with their values, several with GS between; None: not so.

    Every word begins with a letter, so this is only asked of codes that are known to carry them.
    """
    pairs = []
    for field in text.strip(GS).split(GS):
        match = _DI.fullmatch(field)
        if match is None or match[1] not in IDENTIFIERS:
            return None
        pairs.append((match[1], _shown(match[1], match[2], this_year)))
    return tuple(pairs)


def title_of(identifier: str) -> str:
    """Return what a data or text element identifier is called."""
    return IDENTIFIERS.get(identifier) or TEXT_ELEMENTS.get(identifier) or "Unknown identifier"


def _format(number: str, content: str, this_year: int) -> tuple[Pairs, list[str]]:
    if number not in {"05", "06", "12", "DD"}:
        return (), [f"Format {number!r} of the envelope is not read here: only 05, 06 and 12 are."]
    if content and content[0] != GS:
        return (), [
            f"The group separators (GS) of format {number} were lost, so nothing tells its fields "
            "apart; set the scanner to send GS."
        ]
    if number == "05":
        said = read_string(content, this_year, sends_separators=True)
        return said.elements, list(said.warnings)
    form = _DI if number == "06" else _TEI
    pairs: list[tuple[str, str]] = []
    warnings: list[str] = []
    for field in filter(None, content.split(GS)):
        match = form.fullmatch(field)
        if match is None:
            warnings.append(
                f"The field {field[:40]!r} of format {number} begins with no identifier."
            )
            continue
        identifier, value = match[1], match[2].strip()
        pairs.append((identifier, _shown(identifier, value, this_year)))
    return tuple(pairs), warnings


def _shown(identifier: str, value: str, this_year: int) -> str:
    """Return a value as people write it: dates as ISO 8601."""
    if not (value.isascii() and value.isdigit()):
        return value
    if identifier == "D":
        return iso_date(value, this_year) or value
    if len(value) == 8 and identifier in _YEARS_FIRST:
        return _iso(value[:4], value[4:6], value[6:]) or value
    if len(value) == 8 and identifier in _DAYS_FIRST:
        return _iso(value[4:], value[2:4], value[:2]) or value
    return value


def _iso(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None
