"""What an editor offers of bar codes: kinds with a content to try, identifiers with their form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.codes import gs1
from gateway.codes.samples import CARRIES
from gateway.codes.symbology import SYMBOLOGIES, read_back

if TYPE_CHECKING:
    import httpx


def test_every_kind_is_listed_with_a_content_it_takes(web: httpx.Client) -> None:
    found = web.get("/v1/symbologies").json()["items"]
    assert [one["name"] for one in found] == list(SYMBOLOGIES)
    ean13 = next(one for one in found if one["name"] == "ean13")
    assert ean13 == {
        "name": "ean13",
        "title": "EAN-13",
        "kind": "linear",
        "gs1": False,
        "carries": "13 digits, or 12 and the check digit is added",
        "sample": "9501101530003",
        "columns": 95,
        "rows": 1,
        "quiet": [11, 7, 0, 0],
        "least_module": 249,
        "least_height": 0,
        "options": [],
    }
    assert {one["name"]: one["options"] for one in found}["qr"] == ["error_correction"]


@pytest.mark.parametrize("name", SYMBOLOGIES)
def test_a_reader_finds_the_sample_in_its_code(name: str) -> None:
    symbol = SYMBOLOGIES[name].encode(CARRIES[name][1])
    assert read_back(symbol, name) == symbol.content


def test_identifiers_say_what_their_value_is(web: httpx.Client) -> None:
    found = web.get("/v1/gs1/identifiers").json()["items"]
    assert [one["ai"] for one in found] == sorted(gs1.IDENTIFIERS)
    assert next(one for one in found if one["ai"] == "17") == {
        "ai": "17",
        "title": "USE BY",
        "parts": [{"digits": True, "shortest": 6, "longest": 6, "checked": False, "date": True}],
        "sample": "261231",
    }
    serials = web.get("/v1/gs1/identifiers", params={"q": "serial"}).json()["items"]
    assert [one["ai"] for one in serials] == ["21", "250"]


@pytest.mark.parametrize("ai", gs1.IDENTIFIERS)
def test_every_identifier_takes_its_sample(ai: str) -> None:
    value = gs1.IDENTIFIERS[ai].sample
    assert gs1.parse(f"({ai}){value}").elements == ((ai, value),)
