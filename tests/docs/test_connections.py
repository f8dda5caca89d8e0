"""The page about connections: its URLs are ones, and no way to a printer is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.drivers.transports import TRANSPORTS, check_url, manners_of

PAGE = (Path(__file__).parents[2] / "docs" / "connections.md").read_text("utf-8")
ROWS = [
    (re.findall(r"`([a-z]+://[^`]+)`", first), last.strip())
    for first, last in re.findall(r"^\| (`[a-z]+://[^|]*)\|[^|]*\|([^|]*)\|$", PAGE, re.M)
]


@pytest.mark.parametrize(("urls", "answer"), ROWS)
def test_each_url_of_the_page_is_one_and_answers_as_it_says(urls: list[str], answer: str) -> None:
    for url in urls:
        kept = check_url(url)
        assert check_url(kept) == kept
        assert manners_of(kept).answers == (answer != "never")


def test_every_url_in_the_text_is_one() -> None:
    for url in re.findall(r"`([a-z]+://[^`]*[^`/])`", PAGE):
        check_url(url)


def test_every_transport_is_on_the_page() -> None:
    assert {url.partition(":")[0] for urls, _ in ROWS for url in urls} == set(TRANSPORTS)


def test_the_settings_left_out_are_those_of_the_page() -> None:
    usual = check_url("serial:///dev/ttyUSB0").partition("?")[2]
    assert f"What is left out is `{usual}`." in PAGE
