"""The screens' words in several languages: one table, ``words.csv``, a row for each English text.

    "Paused" ──translate(…, "de")──► "Angehalten"       what the table lacks stays English

Pages write ``_("Paused")`` and ``_n("%(n)s label", "%(n)s labels", n)``; a test holds that every
text of a page has a row, and every row all languages.

>>> translate("Printers", "de"), translate("Printers", "en"), translate("no such text", "de")
('Drucker', 'Printers', 'no such text')
>>> choose("", "fr-CH, de;q=0.8, en;q=0.5"), choose("es", "de"), choose("xx", "")
('de', 'es', 'en')
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch", "es": "Español"}
"""Code (BCP 47) -> what its speakers call it."""

COOKIE = "gw_lang"


def table() -> list[dict[str, str]]:
    """Return the rows of the table: the text in each language."""
    text = (files("gateway.console") / "words.csv").read_text("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


@cache
def _words(language: str) -> Mapping[str, str]:
    return {row["en"]: row[language] for row in table() if row[language]}


def translate(text: str, language: str) -> str:
    """Return a text of the screens in a language."""
    return text if language == "en" else _words(language).get(text, text)


def spoken(cookies: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """Return the code of the language in which a request is answered."""
    return choose(cookies.get(COOKIE, ""), headers.get("accept-language", ""))


def choose(chosen: str, accepted: str) -> str:
    """Return the language of a page: the one that was chosen, or the browser's first that we have.

    Args:
        chosen: The code in the cookie, if any.
        accepted: ``Accept-Language`` (RFC 9110, 12.5.4).
    """
    if chosen in LANGUAGES:
        return chosen
    wanted: list[tuple[float, str]] = []
    for part in accepted.split(",")[:20]:
        tag, _, weight = part.partition(";q=")
        try:
            wanted.append((-float(weight or 1), tag.strip().split("-")[0].lower()))
        except ValueError:
            continue
    return next((tag for _, tag in sorted(wanted, key=lambda w: w[0]) if tag in LANGUAGES), "en")
