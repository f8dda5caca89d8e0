r"""GS1 element strings: what ``(01)09501101530003(21)SN-7`` means, and the text that carries it.

    "(01)…(21)…" ──parse──► ElementString ──message──► FNC1 form for the encoder
                                          ──scanned──► what a scanner returns
                                          ──hri──► what people read

A parenthesis inside a value is written ``\(`` or ``\)``; the backslash itself is no GS1
character, so nothing is ambiguous.

>>> both = parse("(01)09501101530003(10)AB\\(1\\)(21)SN-7")
>>> both.elements
(('01', '09501101530003'), ('10', 'AB(1)'), ('21', 'SN-7'))
>>> both.hri
'(01)09501101530003(10)AB(1)(21)SN-7'
>>> both.scanned  # U+001D ends a value of variable length, unless it is the last
'010950110153000310AB(1)\x1d21SN-7'
>>> parse_scanned(both.scanned) == both
True
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gateway.codes.checkdigits import check_digit, describe
from gateway.errors import CodeRefused

SEPARATOR: Final = "\x1d"
"""What a scanner returns for FNC1 between elements (GS1 General Specifications, 7.8.3)."""

_TABLE: Final = """
00 N18* SSCC
01 N14* GTIN
02 N14* CONTENT
03 N14* MTO GTIN
10 X..20 BATCH/LOT
11 N6d PROD DATE
12 N6d DUE DATE
13 N6d PACK DATE
15 N6d BEST BEFORE
16 N6d SELL BY
17 N6d USE BY
20 N2 VARIANT
21 X..20 SERIAL
22 X..20 CPV
30 N..8 VAR. COUNT
37 N..8 COUNT
90 X..30 INTERNAL
91 X..90 INTERNAL
92 X..90 INTERNAL
93 X..90 INTERNAL
94 X..90 INTERNAL
95 X..90 INTERNAL
96 X..90 INTERNAL
97 X..90 INTERNAL
98 X..90 INTERNAL
99 X..90 INTERNAL
235 X..28 TPX
240 X..30 ADDITIONAL ID
241 X..30 CUST. PART No.
242 N..6 MTO VARIANT
243 X..20 PCN
250 X..30 SECONDARY SERIAL
251 X..30 REF. TO SOURCE
253 N13*X..17 GDTI
254 X..20 GLN EXTENSION COMPONENT
255 N13*N..12 GCN
400 X..30 ORDER NUMBER
401 X..30 GINC
402 N17* GSIN
403 X..30 ROUTE
410 N13* SHIP TO LOC
411 N13* BILL TO
412 N13* PURCHASE FROM
413 N13* SHIP FOR LOC
414 N13* LOC No.
415 N13* PAY TO
416 N13* PROD/SERV LOC
417 N13* PARTY
420 X..20 SHIP TO POST
421 N3X..9 SHIP TO POST
422 N3 ORIGIN
424 N3 COUNTRY - PROCESS
426 N3 COUNTRY - FULL PROCESS
427 X..3 ORIGIN SUBDIVISION
710 X..20 NHRN PZN
711 X..20 NHRN CIP
712 X..20 NHRN CN
713 X..20 NHRN DRN
714 X..20 NHRN AIM
715 X..20 NHRN NDC
716 X..20 NHRN AIC
4300 X..35 SHIP TO COMP
4301 X..35 SHIP TO NAME
4302 X..70 SHIP TO ADD1
4303 X..70 SHIP TO ADD2
4304 X..70 SHIP TO SUB
4305 X..70 SHIP TO LOC
4306 X..70 SHIP TO REG
4308 X..30 SHIP TO PHONE
4320 X..35 SRV DESCRIPTION
4326 N6d REL DATE
7001 N13 NSN
7002 X..30 MEAT CUT
7003 N10 EXPIRY TIME
7004 N..4 ACTIVE POTENCY
7005 X..12 CATCH AREA
7006 N6d FIRST FREEZE DATE
7008 X..3 AQUATIC SPECIES
7009 X..10 FISHING GEAR TYPE
7010 X..2 PROD METHOD
7020 X..20 REFURB LOT
7021 X..20 FUNC STAT
7022 X..20 REV STAT
7023 X..30 GIAI - ASSEMBLY
7240 X..20 PROTOCOL
8001 N14 DIMENSIONS
8002 X..20 CMT No.
8003 N14*X..16 GRAI
8004 X..30 GIAI
8005 N6 PRICE PER UNIT
8006 N14*N4 ITIP
8008 N8N..4 PROD TIME
8009 X..50 OPTSEN
8012 X..20 VERSION
8018 N18* GSRN - RECIPIENT
8017 N18* GSRN - PROVIDER
8019 N..10 SRIN
8020 X..25 REF No.
8026 N14*N4 ITIP CONTENT
8200 X..70 PRODUCT URL
"""
"""AI, format and data title (GS1 General Specifications, 3.2): N digits, X character set 82,
``..`` up to, ``*`` with check digit, ``d`` a date YYMMDD."""

_MEASURES: Final = "310 311 312 313 314 315 316 320 321 322 323 324 325 326 327 328 329 " \
    "330 331 332 333 334 335 336 337 340 341 342 343 344 345 346 347 348 349 350 351 352 353 " \
    "354 355 356 357 360 361 362 363 364 365 366 367 368 369"  # fmt: skip
"""Trade and logistic measures: six digits, the AI's fourth digit is the decimal place (3.6)."""

_SERIES: Final = """
390 10 N..15 AMOUNT
391 10 N4N..14 AMOUNT
392 10 N..15 PRICE
393 10 N4N..14 PRICE
394 4 N4 PRCNT OFF
395 6 N6 PRICE/UoM
703 10 N3X1X..26 PROCESSOR
723 10 X3X..27 CERT
"""
"""The first digits, how many AIs follow from 0 on in the fourth, form and title (3.2): the decimal
places of an amount or price, currency first in 391n and 393n; the number of a processor, its
country first, or of a certificate."""

_SET_82: Final = re.compile(r"""[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*""")
"""AI encodable character set 82 (GS1 General Specifications, figure 7.11-1)."""

_PREDEFINED: Final = frozenset(f"{ai:02}" for ai in (*range(5), *range(11, 21), *range(31, 37), 41))
"""AIs beginning so have a length every reader knows: no FNC1 behind them (figure 7.8.5-2)."""

_PART: Final = re.compile(r"([NX])(\.\.)?([0-9]+)([*d]?)")
_HUMAN: Final = re.compile(r"\(([0-9]{2,4})\)((?:[^()\\]|\\[()])*)")


@dataclass(frozen=True, slots=True)
class _Part:
    digits: bool
    shortest: int
    longest: int
    checked: bool
    date: bool

    @property
    def sample(self) -> str:
        if self.date:
            return "261231"
        digits = "".join(str(n % 10) for n in range(1, self.shortest + 1))
        return digits[:-1] + check_digit(digits[:-1]) if self.checked else digits


@dataclass(frozen=True, slots=True)
class Identifier:
    """An application identifier: what its value may be."""

    ai: str
    title: str
    parts: tuple[_Part, ...]

    @property
    def predefined(self) -> bool:
        """Whether no separator follows the value."""
        return self.ai[:2] in _PREDEFINED

    @property
    def sample(self) -> str:
        """A value it may have.

        >>> IDENTIFIERS["01"].sample, IDENTIFIERS["17"].sample, IDENTIFIERS["21"].sample
        ('12345678901231', '261231', '1')
        """
        if self.ai == "7003":
            return "2612310800"
        return "".join(part.sample for part in self.parts)


@dataclass(frozen=True, slots=True)
class ElementString:
    """One or more elements, in the order given; every one is valid."""

    elements: tuple[tuple[str, str], ...]

    @property
    def scanned(self) -> str:
        """What a scanner returns: U+001D between elements where the standard asks for it."""
        return self._joined(SEPARATOR)

    @property
    def hri(self) -> str:
        """Human readable interpretation (GS1 General Specifications, 4.14)."""
        return "".join(f"({ai}){value}" for ai, value in self.elements)

    @property
    def escaped(self) -> str:
        """The form ``parse`` reads back, parentheses in values escaped."""
        return "".join(f"({ai}){escape(value)}" for ai, value in self.elements)

    def message(self, fnc1: str) -> str:
        """Return the symbol's text: FNC1 first, and behind every value that needs it."""
        return fnc1 + self._joined(fnc1)

    def _joined(self, separator: str) -> str:
        last = len(self.elements) - 1
        return "".join(
            ai + value + (separator if i < last and not IDENTIFIERS[ai].predefined else "")
            for i, (ai, value) in enumerate(self.elements)
        )


def _identifier(ai: str, form: str, title: str) -> Identifier:
    parts = []
    for kind, up_to, length, mark in _PART.findall(form):
        longest = int(length)
        parts.append(_Part(kind == "N", 0 if up_to else longest, longest, mark == "*", mark == "d"))
    if len(parts) == 1 and parts[0].shortest == 0:
        only = parts[0]
        parts = [_Part(only.digits, 1, only.longest, only.checked, only.date)]
    return Identifier(ai, title, tuple(parts))


IDENTIFIERS: Final[dict[str, Identifier]] = (
    {
        ai: _identifier(ai, form, title)
        for ai, form, title in (line.split(" ", 2) for line in _TABLE.strip().splitlines())
    }
    | {
        f"{measure}{place}": _identifier(f"{measure}{place}", "N6", "MEASURE")
        for measure in _MEASURES.split()
        for place in range(6)
    }
    | {
        f"{first}{place}": _identifier(f"{first}{place}", form, title)
        for first, count, form, title in (
            line.split(" ", 3) for line in _SERIES.strip().splitlines()
        )
        for place in range(int(count))
    }
)
"""The application identifiers that can be printed and checked, by their digits."""


def escape(value: str) -> str:
    r"""Return a value as it may stand in the "(01)…" form.

    >>> print(escape("AB(1)"))
    AB\(1\)
    """
    return value.replace("(", r"\(").replace(")", r"\)")


def parse(text: str) -> ElementString:
    """Return the elements of ``(01)…(21)…``.

    Raises:
        CodeRefused: not of that form, an unknown AI, or a value its AI forbids.
    """
    elements: list[tuple[str, str]] = []
    at = 0
    while match := _HUMAN.match(text, at):
        value = match[2]
        if "\\" in value:
            value = value.replace(r"\(", "(").replace(r"\)", ")")
        elements.append((match[1], value))
        at = match.end()
    if at != len(text) or not elements:
        raise CodeRefused(
            f"{text!r} is no GS1 element string: expected application identifiers in parentheses, "
            f"each followed by its value, such as '(01)09501101530003(21)SN-7', got "
            f"{text[at : at + 12]!r} at character {at + 1}.",
            value=text,
            at=at,
        )
    return _checked(elements)


def parse_scanned(text: str) -> ElementString:
    """Return the elements of what a scanner returned, U+001D being FNC1.

    Raises:
        CodeRefused: an unknown AI, a value its AI forbids, or something left over.
    """
    elements: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        ai = next((text[at : at + n] for n in (2, 3, 4) if text[at : at + n] in IDENTIFIERS), None)
        if ai is None:
            raise CodeRefused(
                f"No GS1 application identifier begins with {text[at : at + 4]!r}, found at "
                f"character {at + 1} of {text!r}; give the element string as '(01)…(21)…'.",
                value=text,
                at=at,
            )
        start = at + len(ai)
        identifier = IDENTIFIERS[ai]
        if identifier.predefined:
            end = start + sum(part.longest for part in identifier.parts)
        else:
            end = text.find(SEPARATOR, start)
            end = len(text) if end < 0 else end
        elements.append((ai, text[start:end]))
        at = end + (text[end : end + 1] == SEPARATOR)
    return _checked(elements)


def _checked(elements: list[tuple[str, str]]) -> ElementString:
    for ai, value in elements:
        _check(ai, value)
    seen = dict(elements)
    if len(seen) != len(elements):
        for i, (ai, value) in enumerate(elements):
            if seen[ai] != value:
                raise CodeRefused(
                    f"The application identifier ({ai}) stands twice with different values, "
                    f"{value!r} and {seen[ai]!r}; a symbol may carry it once.",
                    ai=ai,
                    at=i,
                )
    return ElementString(tuple(elements))


def _check(ai: str, value: str) -> None:
    identifier = IDENTIFIERS.get(ai)
    if identifier is None:
        raise CodeRefused(
            f"({ai}) is no GS1 application identifier this gateway knows; for data of your own use "
            "(91) to (99), or (90) as agreed with the receiver.",
            ai=ai,
        )
    if not _fits(identifier, value):
        raise CodeRefused(
            f"The value of ({ai}) {identifier.title} is {value!r}: expected "
            f"{_expectation(identifier)}, got {_got(identifier, value)}.",
            ai=ai,
            value=value,
        )
    at = 0
    for part in identifier.parts:
        piece = value[at : at + part.longest]
        at += len(piece)
        if part.checked and piece[-1] != (expected := check_digit(piece[:-1])):
            raise CodeRefused(
                f"({ai}) {identifier.title} {piece!r} has a wrong check digit: expected {expected},"
                f" got {piece[-1]}; check the number for a typing error, or give "
                f"'{piece[:-1]}{expected}' if only the last digit is wrong.",
                ai=ai,
                value=piece,
                expected=expected,
                got=piece[-1],
            )
        if part.date and not _is_date(piece):
            raise CodeRefused(
                f"({ai}) {identifier.title} {piece!r} is no date: expected YYMMDD with a month "
                "from 01 to 12 and a day of that month, or 00 for its end.",
                ai=ai,
                value=piece,
            )
    if ai == "7003" and not (_is_date(value[:6]) and value[6:8] < "24" and value[8:] < "60"):
        raise CodeRefused(
            f"(7003) EXPIRY TIME {value!r} is no time: expected YYMMDDHHMM.", ai=ai, value=value
        )


@lru_cache(maxsize=1024)
def _pattern(identifier: Identifier) -> re.Pattern[str]:
    return re.compile(
        "".join(
            f"{'[0-9]' if p.digits else _SET_82.pattern[:-1]}{{{p.shortest},{p.longest}}}"
            for p in identifier.parts
        )
    )


def _fits(identifier: Identifier, value: str) -> bool:
    return _pattern(identifier).fullmatch(value) is not None


def _expectation(identifier: Identifier) -> str:
    said = []
    for part in identifier.parts:
        what = "digits" if part.digits else "characters"
        if part.shortest == part.longest:
            said.append(f"{part.longest} {what}")
        else:
            said.append(f"{part.shortest} to {part.longest} {what}")
    return " and then ".join(said)


def _got(identifier: Identifier, value: str) -> str:
    if all(part.digits for part in identifier.parts):
        return describe(value)
    wrong = next((c for c in value if not _SET_82.fullmatch(c)), None)
    if wrong is not None:
        return f"{wrong!r} (U+{ord(wrong):04X}), which GS1's character set does not have"
    return f"{len(value)} characters" if value else "nothing"


def _is_date(digits: str) -> bool:
    month, day = int(digits[2:4]), int(digits[4:6])
    # Day 00 is the last of the month (3.4). Every fourth year of the 100-year window is a leap year
    # but for 1900, which the window of 49 years back never holds (7.12).
    lengths = (31, 29 if int(digits[:2]) % 4 == 0 else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 1 <= month <= 12 and day <= lengths[month - 1]
