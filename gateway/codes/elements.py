r"""GS1 as the world prints it: element strings and Digital Links, read with what is wrong named.

    "0109501101530003\x1d21SN-7" ──read_string──► Elements
    "(01)09501101530003(21)SN-7" ──read_bracketed──► Elements
    "https://example.com/01/09501101530003/21/SN-7" ──read_link──► Elements

``gateway.codes.gs1`` writes codes and takes only what the standard allows. Here somebody else has
printed the code, and half of it is more use than none: what can be read is, and the rest is said.
The table of application identifiers is biip's, which has them all.

>>> read_string("010950110153000310AB-1\x1d21SN-7", 2026).elements
(('01', '09501101530003'), ('10', 'AB-1'), ('21', 'SN-7'))
>>> read_link("https://example.com/x/01/09501101530003/21/A%2F7?17=271231", 2026).elements
(('01', '09501101530003'), ('21', 'A/7'), ('17', '2027-12-31'))
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import unquote

from gateway.codes import gs1
from gateway.codes.checkdigits import check_digit
from gateway.codes.clean import GS

Pairs = tuple[tuple[str, str], ...]


class Elements(NamedTuple):
    """What was read of a code, in its order."""

    elements: Pairs
    """Identifier and value; dates as ISO 8601, amounts and measures with their decimal point."""
    warnings: tuple[str, ...] = ()
    whole: bool = True
    """Whether nothing was left over."""


class Identifier(NamedTuple):
    """An application identifier as a reader needs it."""

    ai: str
    title: str
    separated: bool
    """A separator must follow, unless it is the last."""
    value: re.Pattern[str]


DATES: Final = frozenset({"11", "12", "13", "15", "16", "17", "4324", "4325", "4326", "7006"})
"""Values YYMMDD, with more behind in some (GS1 General Specifications, 3.4 and 3.8)."""

PRIMARY: Final = frozenset(
    {"00", "01", "253", "255", "401", "402", "414", "415", "417", "8003", "8004", "8006", "8010",
     "8013", "8017", "8018"}
)  # fmt: skip
"""Keys that a Digital Link's path may begin with (GS1 Digital Link: URI Syntax, 4.3)."""

_LINK: Final = re.compile(r"https?://[^/?#]+(/[^?#]*)(?:\?([^#]*))?(?:#.*)?", re.IGNORECASE)
_BRACKET: Final = re.compile(r"\(([0-9]{2,4})\)")
_GTIN_LENGTHS: Final = frozenset({8, 12, 13})

_USUAL: Final = (
    "10", "21", "17", "11", "13", "15", "30", "37", "240", "241", "250", "400",
)  # fmt: skip
"""What stands behind a lot or serial in practice: only these are looked for where a separator may
have been lost, or a third of all serials could be split."""

_ESCAPED: Final = r"(?:[!%-?A-Z_a-z\x22]|%[0-9A-Fa-f][0-9A-Fa-f]%[0-9A-Fa-f][0-9A-Fa-f])"
_ESCAPED_ONCE: Final = r"(?>%[0-9A-Fa-f][0-9A-Fa-f]%[0-9A-Fa-f][0-9A-Fa-f]|[!%-?A-Z_a-z\x22])"
"""How biip writes a character of a name or address, two bytes in percent signs counting as one, and
how it is matched here: taken once and not tried again as six. Else a hundred characters are read in
more ways than can be tried, and nothing else of the process runs meanwhile."""

_TRIES: Final = 2_000
"""Places at which a text without separators is tried to be split: a few milliseconds, then it
counts as one that can be split otherwise too."""


@lru_cache(maxsize=4096)
def identifier_at(four: str) -> Identifier | None:
    """Return the application identifier that a text's first four characters begin with."""
    # Imported here: loading the table takes a tenth of a second, and printing does not need it.
    from biip import ParseError
    from biip.gs1_application_identifiers import GS1ApplicationIdentifier

    try:
        known = GS1ApplicationIdentifier.extract(four)
    except ParseError:
        return None
    # ASCII: in these patterns \d is 0 to 9, and not the digits of every script.
    value = known.pattern.removeprefix("^" + known.ai).removesuffix("$")
    value = value.replace(_ESCAPED, _ESCAPED_ONCE)
    return Identifier(
        known.ai, known.data_title, known.separator_required, re.compile(value, re.ASCII)
    )


def title_of(ai: str) -> str:
    """Return the data title of an application identifier (GS1 General Specifications, 3.2)."""
    known = identifier_at(ai)
    return known.title if known is not None else ""


def read_string(text: str, this_year: int, *, sends_separators: bool = False) -> Elements:
    """Return the elements of what a scanner sent for FNC1-coded content, U+001D being FNC1.

    ``sends_separators``: the scanner is known to send them, so where none is none was printed.
    ``this_year`` settles the century of dates.
    """
    raw, rest, trouble = _split(text)
    warnings = []
    if GS in text.strip(GS) or sends_separators:
        if trouble:
            warnings.append(trouble)
        return _said(raw, warnings, this_year, whole=not rest)
    # Nothing separates the values, so where one ends is only known of those of fixed length.
    certain = raw[: next((i for i, (ai, _) in enumerate(raw) if _separated(ai)), len(raw))]
    behind = text.strip(GS)[sum(len(ai) + len(value) for ai, value in certain) :]
    ways, all_tried = _ways(behind, {ai for ai, _ in certain}) if behind else ([()], True)
    if not rest:
        if len(ways) > 1 or (ways and ways[0] != raw[len(certain) :]):
            others = [way for way in ways if way != raw[len(certain) :]]
            warnings.append(
                f"No separator (GS) was sent, so {_hri(raw[len(certain) :])} could as well be "
                f"{_hri(others[0])}; set the scanner to send GS for FNC1."
            )
        return _said(raw, warnings, this_year)
    if len(ways) == 1 and all_tried:
        warnings.append(
            f"The separators (GS) were lost; {_hri(ways[0])} is the only way to split it. Set the "
            "scanner to send GS for FNC1."
        )
        return _said((*certain, *ways[0]), warnings, this_year)
    if ways:
        warnings.append(
            f"The separators (GS) were lost: {behind!r} can be split as "
            f"{' or '.join(map(_hri, ways))}{'' if all_tried else ' or otherwise'}, and nothing of "
            "it is taken. Set the scanner to send GS for FNC1."
        )
        return _said(certain, warnings, this_year)
    warnings.append(trouble)
    return _said(raw, warnings, this_year, whole=False)


def read_bracketed(text: str, this_year: int) -> Elements | None:
    """Return the elements of ``(01)…(21)…``; None when it does not begin like that.

    A backslash before a parenthesis is taken off, as ``gs1.escape`` writes it.
    """
    marks = [
        mark for mark in _BRACKET.finditer(text) if text[mark.start() - 1 : mark.start()] != "\\"
    ]
    if not marks or marks[0].start() != 0:
        return None
    pairs: list[tuple[str, str]] = []
    warnings = []
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        ai = mark[1]
        value = text[mark.end() : following.start() if following else len(text)].strip(" " + GS)
        value = value.replace("\\(", "(").replace("\\)", ")")
        known = identifier_at(ai)
        if known is None or known.ai != ai:
            warnings.append(f"({ai}) is no application identifier of GS1.")
        elif not known.value.fullmatch(value):
            warnings.append(_unfit(known, value))
        else:
            pairs.append((ai, value))
    return _said(tuple(pairs), warnings, this_year, whole=not warnings)


def read_link(text: str, this_year: int) -> Elements | None:
    """Return the elements of a GS1 Digital Link, of any host; None when it is none."""
    link = _LINK.fullmatch(text)
    if link is None:
        return None
    segments = link[1].rstrip("/").split("/")
    path = None
    for at, segment in enumerate(segments):
        if segment in PRIMARY and (len(segments) - at) % 2 == 0:
            path = _path(segments[at:])
            if path is not None:
                break
    if path is None:
        return None
    found = dict(path)
    warnings = []
    for attribute in re.split("[&;]", link[2] or ""):
        ai, _, value = attribute.partition("=")
        known = identifier_at(ai) if ai.isascii() and ai.isdigit() else None
        if known is None or known.ai != ai or ai in found:
            continue
        decoded = unquote(value)
        if not known.value.fullmatch(decoded):
            warnings.append(_unfit(known, value))
        else:
            found[ai] = decoded
    return _said(tuple(found.items()), warnings, this_year)


def iso_date(digits: str, this_year: int) -> str | None:
    """Return YYMMDD as ISO 8601, day 00 being the month's last; None when it is no date.

    >>> iso_date("270200", 2026), iso_date("990101", 2026), iso_date("270231", 2026)
    ('2027-02-28', '1999-01-01', None)
    """
    if not (len(digits) == 6 and digits.isascii() and digits.isdigit()):
        return None
    year, month, day = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    # 49 years back to 50 ahead (GS1 General Specifications, 7.12).
    year += this_year - this_year % 100
    year += 100 * ((year < this_year - 49) - (year > this_year + 50))
    if not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    return f"{year:04}-{month:02}-{day or last:02}" if day <= last else None


def wrong_check_digit(digits: str, name: str) -> str:
    """Return the sentence that names a wrong last digit with the right one; ``""``: it is right."""
    expected = check_digit(digits[:-1])
    if digits[-1] == expected:
        return ""
    return (
        f"{name} {digits!r} has a wrong check digit: expected {expected}, got {digits[-1]}; the "
        "label is misprinted or was misread."
    )


# ------------------------------------------------------------------------------- element strings


def _split(text: str) -> tuple[Pairs, str, str]:
    """Return the elements by the letter of the standard, what is left over, and why."""
    pairs: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        if text[at] == GS:  # allowed behind any element (GS1 General Specifications, 7.8.6)
            at += 1
            continue
        known = identifier_at(text[at : at + 4])
        if known is None:
            trouble = (
                f"No application identifier of GS1 begins with {text[at : at + 4]!r}, at character "
                f"{at + 1} of {text[:60]!r}."
            )
            return tuple(pairs), text[at:], trouble
        start = at + len(known.ai)
        end = text.find(GS, start)
        end = len(text) if end < 0 else end
        match = known.value.match(text, start, end)
        if match is None or (known.separated and match.end() != end):
            return tuple(pairs), text[at:], _unfit(known, text[start:end])
        pairs.append((known.ai, match[0]))
        at = match.end()
    return tuple(pairs), "", ""


def _separated(ai: str) -> bool:
    known = identifier_at(ai)
    return known is None or known.separated


def _ways(text: str, taken: set[str]) -> tuple[list[Pairs], bool]:
    """Return ways to split a text that has lost its separators, two at most, and whether no other
    was left untried.
    """
    found: list[Pairs] = []
    tries = _TRIES

    def split(at: int, before: Pairs) -> Iterator[Pairs]:
        nonlocal tries
        if at == len(text):
            yield before
        for ai in _USUAL:
            if not text.startswith(ai, at) or ai in taken or any(ai == one for one, _ in before):
                continue
            known = identifier_at(ai)
            assert known is not None
            start = at + len(ai)
            for end in range(len(text), start, -1):
                tries -= 1
                if tries < 0:
                    return
                value = text[start:end]
                if known.value.fullmatch(value) and (ai not in DATES or _is_date(value)):
                    yield from split(end, (*before, (ai, value)))

    for way in split(0, ()):
        found.append(way)
        if len(found) == 2:
            break
    return found, tries >= 0


def _is_date(value: str) -> bool:
    return iso_date(value, 2000) is not None


def _hri(pairs: Pairs) -> str:
    return "".join(f"({ai}){value}" for ai, value in pairs)


def _unfit(known: Identifier, value: str) -> str:
    return f"{value[:60]!r} is no value for ({known.ai}) {known.title}."


# ----------------------------------------------------------------------------------------- links


def _path(segments: list[str]) -> Pairs | None:
    pairs = []
    for ai, segment in zip(segments[::2], segments[1::2], strict=True):
        known = identifier_at(ai) if ai.isascii() and ai.isdigit() else None
        value = unquote(segment)  # what is no UTF-8 becomes U+FFFD, which no value may hold
        if known is None or known.ai != ai:
            return None
        if ai == "01" and value.isascii() and value.isdigit() and len(value) in _GTIN_LENGTHS:
            value = value.zfill(14)
        if not known.value.fullmatch(value):
            return None
        pairs.append((ai, value))
    return tuple(pairs)


# ---------------------------------------------------------------------------------------- values


def _said(pairs: Pairs, warnings: list[str], this_year: int, *, whole: bool = True) -> Elements:
    said: list[tuple[str, str]] = []
    warnings = list(warnings)
    seen: dict[str, str] = {}
    for ai, value in pairs:
        if seen.setdefault(ai, value) != value:
            warnings.append(
                f"({ai}) stands twice, as {seen[ai]!r} and {value!r}; the first counts."
            )
            continue
        warnings += _wrong_check_digits(ai, value)
        shown = _shown(ai, value, this_year)
        if shown is None:
            warnings.append(f"({ai}) {title_of(ai)} {value!r} is no date.")
            shown = value
        if (ai, shown) not in said:
            said.append((ai, shown))
    return Elements(tuple(said), tuple(warnings), whole)


def _wrong_check_digits(ai: str, value: str) -> Iterator[str]:
    identifier = gs1.IDENTIFIERS.get(ai)
    at = 0
    for part in identifier.parts if identifier is not None else ():
        piece = value[at : at + part.longest]
        at += len(piece)
        if part.checked and (trouble := wrong_check_digit(piece, f"({ai}) {title_of(ai)}")):
            yield trouble


def _shown(ai: str, value: str, this_year: int) -> str | None:
    """Return a value as people write it; None: it should be a date and is none."""
    if ai in DATES:
        first = iso_date(value[:6], this_year)
        last = iso_date(value[6:], this_year) if len(value) == 12 else None
        return f"{first}/{last}" if first and last else first
    if ai == "7003":
        date, hour, minute = iso_date(value[:6], this_year), value[6:8], value[8:]
        return f"{date}T{hour}:{minute}" if date and hour < "24" and minute < "60" else None
    if "310" <= ai < "370" and len(ai) == 4:
        return _with_point(value, int(ai[3]))
    return value


def _with_point(digits: str, places: int) -> str:
    """Return digits with so many of them behind the point, and no zero in front in vain.

    >>> _with_point("001250", 3), _with_point("000012", 0)
    ('1.250', '12')
    """
    whole = digits[: len(digits) - places].lstrip("0") or "0"
    return f"{whole}.{digits[len(digits) - places :]}" if places else whole
