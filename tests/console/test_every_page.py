"""Every page there is, of everything there is: whole, in three languages, and our own alone."""

from __future__ import annotations

import html.parser
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from gateway.console import words
from gateway.console.navigation import NAVIGATION
from tests.console.used_words import used
from tests.console.warehouse import NO_PAGES, PAGES, Warehouse, opened, routes

if TYPE_CHECKING:
    from tests.conftest import Daemon


@pytest.fixture(scope="module")
def house(shared_daemon: Daemon) -> Iterator[Warehouse]:
    yield from opened(shared_daemon)


def test_every_page_is_looked_at(shared_daemon: Daemon) -> None:
    there = routes(shared_daemon)
    assert there == {*PAGES, *NO_PAGES}
    assert {entry.path for _, group in NAVIGATION for entry in group} <= there


VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
ENDS = frozenset({"option", "li", "dt", "dd"})
"""Elements whose end the next one's beginning may be (HTML, 13.1.2.4)."""

LABELLED = frozenset({"input", "select", "textarea"})
UNLABELLED = frozenset({"hidden", "submit", "button", "image"})
LEAKS = re.compile(r"\{\{|\{%|\bNone\b|Undefined|<built-in|<bound |\[object |%\(\w+\)")


def hidden(own: dict[str, str]) -> bool:
    """Return whether nobody fills a field in."""
    return own.get("type") in UNLABELLED or own.get("aria-hidden") == "true"


OURS = frozenset(used())


def leaks(text: str, lang: str) -> bool:
    """Return whether something shows that was to be filled in, or was written for programs."""
    ours = lang == "en" and text.strip() in OURS
    return bool(LEAKS.search(text)) and not ours


class Read(html.parser.HTMLParser):
    """What there is on a page that people do not see."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str]]] = []
        self.wrong: list[str] = []
        self.headings = self.titles = 0
        self.lang = ""
        self.ids: list[str] = []
        self.fields: list[tuple[str, dict[str, str], bool]] = []
        self.labels: set[str] = set()
        self.said: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in given}
        if tag in ENDS and self.open and self.open[-1][0] == tag:
            self.open.pop()
        if tag not in VOID:
            self.open.append((tag, own))
        self.headings += tag == "h1"
        self.titles += tag == "title" and not any(name == "svg" for name, _ in self.open)
        if tag == "html":
            self.lang = own.get("lang", "")
        if "id" in own:
            self.ids.append(own["id"])
        if tag == "label":
            self.labels.add(own.get("for", ""))
        if tag in LABELLED and not hidden(own):
            self.fields.append((tag, own, any(name == "label" for name, _ in self.open)))
        if tag == "style" or (tag == "script" and "src" not in own):
            self.wrong.append(f"an inline {tag}")
        for name, value in own.items():
            if name.startswith("on") or name == "style":
                self.wrong.append(f"<{tag} {name}={value!r}>")
            if (
                name in ("src", "href", "action", "formaction", "poster")
                and ("//" in value.partition("?")[0] or value.lower().startswith("javascript:"))
                and not (tag == "a" and "rel" in own)
            ):
                self.wrong.append(f"<{tag} {name}={value!r}>")
            if name not in ("value", "data-typed") and leaks(value, self.lang):
                self.wrong.append(f"<{tag} {name}={value!r}>")
        if tag == "form" and not own.get("action", "/").startswith("/"):
            self.wrong.append(f"a form that posts to {own.get('action')!r}")
        if tag == "form" and own.get("method", "get").lower() not in ("get", "post", "dialog"):
            self.wrong.append(f"a form with the method {own['method']!r}")

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if tag not in ENDS and self.open and self.open[-1][0] in ENDS:
            self.open.pop()
        if not self.open or self.open[-1][0] != tag:
            around = [name for name, _ in self.open]
            if tag not in around:
                self.wrong.append(f"</{tag}> closes nothing")
                return
            self.wrong.append(f"</{tag}> closes <{around[-1]}>")
            while self.open[-1][0] != tag:
                self.open.pop()
        self.open.pop()

    def handle_data(self, text: str) -> None:
        if leaks(text, self.lang):
            self.wrong.append(f"it says {text.strip()[:80]!r}")

    def troubles(self, lang: str) -> list[str]:
        """Return all that is wrong with the page."""
        found = list(self.wrong)
        if self.headings != 1:
            found.append(f"{self.headings} h1")
        if self.titles != 1:
            found.append(f"{self.titles} titles")
        if self.lang != lang:
            found.append(f"lang={self.lang!r}")
        found += [f"id {one!r} twice" for one in {*self.ids} if self.ids.count(one) > 1]
        found += [
            f"<{tag} name={own.get('name')!r} id={own.get('id')!r}> has no label"
            for tag, own, inside in self.fields
            if not (inside or own.get("id", "") in self.labels - {""} or own.get("aria-label"))
        ]
        return found


ENGLISH = ("/station/",)
"""Pages of scan stations, which have no other language yet."""


NAMED = frozenset(
    {"", "–", "A", "B", "A, B", "Ann Example", "Dock 1", "EX-A-01", "doubtful", "hall", "zebra"}
)
"""What people have named in the warehouse, and choose by it."""


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_page_is_whole(house: Warehouse, lang: str) -> None:
    wrong: dict[str, list[str]] = {}
    # Of each kind of page one, and in the language with the longest words every page there is.
    for address in house.addresses() if lang == "de" else house.some():
        answer = house.web.get(address, headers={"cookie": f"{words.COOKIE}={lang}"})
        spoken = "en" if address.startswith(ENGLISH) else lang
        found = Read(answer.text).troubles(spoken)
        if answer.status_code != 200:
            found.insert(0, f"answers {answer.status_code}: {answer.headers.get('location', '')}")
        if found:
            wrong[address] = found
    assert wrong == {}


def test_every_text_of_a_page_is_in_the_table(
    house: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page may also ask for what somebody has named; of all else the table has a row."""
    rows, asked, translate = {row["en"] for row in words.table()}, set[str](), words.translate

    def listen(text: str, language: str) -> str:
        asked.add(text)
        return translate(text, language)

    monkeypatch.setattr(words, "translate", listen)
    for name, module in list(sys.modules.items()):
        if name.startswith("gateway.console.") and getattr(module, "translate", None) is translate:
            monkeypatch.setattr(module, "translate", listen)
    for address in house.addresses():
        house.web.get(address, headers={"cookie": f"{words.COOKIE}=de"})
    assert len(asked & rows) > 1000
    works = {work["sentence"] for work in house.ask("GET", "/works")["items"]}
    assert asked - rows - works - NAMED == set()


def test_a_page_that_is_not_whole_is_found() -> None:
    bad = Read(
        """<html lang="de"><head><style>p{}</style></head><body onload="go()"><h1>A</h1><h1>B</h1>
        <form action="https://else.example/"><p id="a">None</p><p id="a">{{ x }}</p>
        <input name="b"><script>1</script><div></span></div></form></body></html>"""
    )
    assert bad.troubles("en") == [
        "an inline style",
        "<body onload='go()'>",
        "<form action='https://else.example/'>",
        "a form that posts to 'https://else.example/'",
        "it says 'None'",
        "it says '{{ x }}'",
        "an inline script",
        "</span> closes nothing",
        "2 h1",
        "0 titles",
        "lang='de'",
        "id 'a' twice",
        "<input name='b' id=None> has no label",
    ]
