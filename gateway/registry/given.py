"""Values that were given for a thing, taken out one by one; whatever is wrong with any is gathered.

    {"kind": "bin", "gln": "12"} ──Given──► values, and an offence for each that cannot be one

What is not given stays as it was, so one rule serves making, changing, and rows of a table, in
which numbers and "yes" are texts and an empty cell says nothing.

>>> given = Given({"width": "7", "active": "no", "kind": "shed"}, "A-01", text=True)
>>> given.whole("width", 5, 1, 64), given.yes_no("active", True), given.text("name", "Rack")
(7, False, 'Rack')
>>> given.one_of("kind", "site", ("site", "bin"))
'site'
>>> [offence.detail for offence in given.offences]
["'kind' must be one of site, bin, got 'shed'."]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from typing import TypeVar

from gateway.errors import GatewayError
from gateway.registry.refusals import Offence
from gateway.registry.serial_text import normalise

T = TypeVar("T")

MOST_SHOWN = 80
"""Characters of a wrong value that a sentence repeats."""

_YES = {"yes": True, "true": True, "1": True, "y": True, "x": True,
        "no": False, "false": False, "0": False, "n": False}  # fmt: skip
"""What people write into a table's column for yes and no."""


class Given:
    """The values given for one thing, and what is wrong with them."""

    def __init__(self, values: Mapping[str, object], subject: str, *, text: bool = False) -> None:
        self.values, self.subject, self._is_text = values, subject, text
        self.offences: list[Offence] = []

    def has(self, key: str) -> bool:
        """Return whether the value is given; an empty cell of a table is not."""
        return key in self.values and not (self._is_text and self.values[key] == "")

    def wrong(self, key: str, expected: str, code: str = "value_wrong") -> None:
        """Say that a value is not what it must be."""
        got = self.values.get(key)
        self.refuse(
            code, f"{key!r} must be {expected}, got {str(got)[:MOST_SHOWN]!r}.",
            key=key, expected=expected,
        )  # fmt: skip

    def refuse(self, code: str, detail: str, **facts: object) -> None:
        """Say anything else that is wrong with the thing."""
        self.offences.append(Offence(self.subject, code, detail, facts))

    def attempt(self, make: Callable[[], T], old: T, code: str = "value_wrong") -> T:
        """Return what ``make`` makes; the old value, and an offence, when it refuses."""
        try:
            return make()
        except GatewayError as refused:
            self.refuse(code, refused.detail, **refused.facts)
            return old

    def only(self, known: Iterable[str], what: str) -> None:
        """Refuse every key that is not known, naming the nearest that is."""
        names = list(known)
        for key in self.values:
            if key not in names:
                near = get_close_matches(key, names, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"it can have {', '.join(names)}."
                self.refuse("value_wrong", f"{what} has no {key[:MOST_SHOWN]!r}; {hint}", key=key)

    # ------------------------------------------------------------ values of a kind

    def text(self, key: str, old: str, *, most: int = 200, least: int = 0) -> str:
        """Return one line of text without spaces around it."""
        if not self.has(key):
            return old
        value = self.values[key]
        if value is None and least == 0:
            return ""
        if isinstance(value, str) and least <= len(value.strip()) <= most:
            value = value.strip()
            if not value or value.isprintable():
                return value
        self.wrong(key, f"a text of {f'{least} to' if least else 'at most'} {most} characters")
        return old

    def serial(self, key: str) -> str:
        """Return a serial as serials are read; whether it can be one, its item decides later."""
        value = self.values.get(key)
        if isinstance(value, str):
            return normalise(value)
        if value is not None:
            self.wrong(key, "a serial")
        return ""

    def code(self, key: str, old: str, most: int = 64) -> str:
        """Return what a thing is called by: text that also stands in an address."""
        if not self.has(key):
            return old
        value = self.text(key, old, most=most, least=1)
        if "/" in value or "\\" in value or not value.strip("."):
            self.wrong(key, f"1 to {most} characters without '/' and '\\\\', and not only dots")
            return old
        return value

    def optional(self, key: str, old: str | None, most: int = 200) -> str | None:
        """Return a text, None when there is none."""
        return self.text(key, old or "", most=most) or None

    def whole(self, key: str, old: int, least: int, most: int) -> int:
        """Return a whole number in a range."""
        if not self.has(key):
            return old
        value = self.values[key]
        if self._is_text and isinstance(value, str):
            value = _number(value)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.wrong(key, f"a whole number from {least} to {most}")
        return old

    def maybe_whole(self, key: str, old: int | None, least: int, most: int) -> int | None:
        """Return a whole number in a range, None when the value is null."""
        if not self.has(key):
            return old
        if self.values[key] is None:
            return None
        refused = len(self.offences)
        value = self.whole(key, least if old is None else old, least, most)
        return value if len(self.offences) == refused else old

    def yes_no(self, key: str, old: bool) -> bool:
        """Return yes or no."""
        if not self.has(key):
            return old
        value = self.values[key]
        if isinstance(value, str) and self._is_text:
            value = _YES.get(value.strip().lower())
        if isinstance(value, bool):
            return value
        self.wrong(key, "yes or no" if self._is_text else "true or false")
        return old

    def one_of(self, key: str, old: T, choices: Iterable[T]) -> T:
        """Return one of some words."""
        if not self.has(key):
            return old
        value = self.values[key]
        words = list(choices)
        for word in words:
            if value == word or (self._is_text and str(value).strip().lower() == str(word)):
                return word
        self.wrong(key, f"one of {', '.join(str(word) for word in words)}")
        return old

    def day(self, key: str, old: str | None) -> str | None:
        """Return a date as ISO 8601 writes it, None when the value is null or empty."""
        if not self.has(key):
            return old
        value = self.values[key]
        if value is None or value == "":
            return None
        try:
            if isinstance(value, str) and len(value.strip()) == 10:
                return date.fromisoformat(value.strip()).isoformat()
        except ValueError:
            pass
        self.wrong(key, "a date such as 2026-11-22")
        return old

    def texts(self, key: str, old: Mapping[str, str], most: int = 50) -> Mapping[str, str]:
        """Return names with a text each; in a table's cell as ``income=4000; asset=1200``."""
        if not self.has(key):
            return old
        value = self.values[key]
        if self._is_text and isinstance(value, str):
            pairs = (part.partition("=") for part in value.split(";") if part.strip())
            value = {name.strip(): text.strip() for name, _, text in pairs}
        if (
            isinstance(value, dict)
            and len(value) <= most
            and all(isinstance(one, str) and 0 < len(one) <= 200 for one in value.values())
            and all(0 < len(name) <= 40 for name in value)
        ):
            return dict(value)
        self.wrong(key, f"an object of at most {most} names with a text each")
        return old

    def list_of_text(self, key: str, old: tuple[str, ...], most: int = 50) -> tuple[str, ...]:
        """Return a list of texts, each once; in a table's cell they stand between spaces or ``;``.

        >>> Given({"b": "1; 2 1"}, "", text=True).list_of_text("b", ())
        ('1', '2')
        """
        if not self.has(key):
            return old
        value = self.values[key]
        if self._is_text and isinstance(value, str):
            value = value.replace(";", " ").replace(",", " ").split()
        if (
            isinstance(value, list)
            and len(value) <= most
            and all(isinstance(one, str) and 0 < len(one.strip()) <= 200 for one in value)
        ):
            return tuple(dict.fromkeys(one.strip() for one in value))
        self.wrong(key, f"a list of at most {most} texts")
        return old


def _number(text: str) -> int | str:
    try:
        return int(text.strip())
    except ValueError:
        return text
