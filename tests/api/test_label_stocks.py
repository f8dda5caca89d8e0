from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from gateway.templates.stocks import load_stocks
from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    from tests.conftest import Daemon

FREEZER = {"title": "Freezer labels", "width": 60_000, "height": 40_000, "material": "transfer"}


def names(web: httpx.Client, *, own: bool) -> list[str]:
    items = web.get("/v1/label-stocks").json()["items"]
    return [one["name"] for one in items if one["own"] == own]


def test_the_packaged_stocks_are_listed_with_their_sources(web: httpx.Client) -> None:
    items = {one["name"]: one for one in web.get("/v1/label-stocks").json()["items"]}
    assert names(web, own=False) == list(load_stocks())
    roll = items["dymo-11354"]
    source = roll.pop("source")
    assert "glabels-qt" in source
    assert roll == {
        "name": "dymo-11354", "label": "Dymo 11354", "size": "57 × 32 mm", "own": False,
        "title": "Multipurpose", "maker": "Dymo", "part": "11354", "width": 57_000,
        "height": 32_000, "tracking": "gap", "material": "direct thermal", "shape": "rectangle",
        "across": 1, "core": 0, "links": {"self": "/v1/label-stocks/dymo-11354"},
    }  # fmt: skip
    assert web.get("/v1/label-stocks/DYMO-11354").json()["part"] == "11354"


def test_a_stock_of_ones_own_is_kept_changed_and_deleted(web: httpx.Client) -> None:
    made = web.put("/v1/label-stocks/freezer", json=FREEZER)
    assert (made.status_code, made.headers["location"]) == (201, "/v1/label-stocks/freezer")
    assert names(web, own=True) == ["freezer"]
    changed = web.put("/v1/label-stocks/Freezer", json=FREEZER | {"core": 76_000})
    assert (changed.status_code, changed.json()["core"]) == (200, 76_000)
    assert names(web, own=True) == ["Freezer"]
    shown = web.get("/v1/label-stocks/freezer").json()
    assert (shown["label"], shown["own"], shown["source"]) == ("Freezer labels", True, None)
    assert web.delete("/v1/label-stocks/FREEZER").status_code == 204
    assert names(web, own=True) == []
    assert web.delete("/v1/label-stocks/freezer").status_code == 404


def test_continuous_stock_needs_no_length_and_any_other_does(web: httpx.Client) -> None:
    roll = {"width": 62_000, "tracking": "continuous"}
    assert web.put("/v1/label-stocks/roll", json=roll).json()["height"] == 0
    web.delete("/v1/label-stocks/roll")
    refused = web.put("/v1/label-stocks/roll", json={"width": 62_000})
    assert (refused.status_code, refused.json()["detail"]) == (
        422, "A label stock's 'height' must be 2000 to 2000000 micrometres, got null.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"widht": 1}, "A label stock has no 'widht'; did you mean 'width'?"),
        (
            FREEZER | {"material": "gold"},
            "A label stock's 'material' must be one of '', 'direct thermal', 'transfer'; got "
            "'gold'.",
        ),
        (FREEZER | {"across": 0}, "A label stock's 'across' must be 1 to 12, got 0."),
        (
            FREEZER | {"title": "x" * 81},
            f"A label stock's 'title' must be a text of up to 80 characters, got '{'x' * 39}…'.",
        ),
    ],
)
def test_what_no_stock_can_be_is_refused(
    web: httpx.Client, body: dict[str, object], sentence: str
) -> None:
    answer = web.put("/v1/label-stocks/mine", json=body)
    assert (answer.status_code, answer.json()["detail"]) == (422, sentence)
    assert names(web, own=True) == []


def test_a_packaged_stock_is_neither_replaced_nor_deleted(web: httpx.Client) -> None:
    replaced = web.put("/v1/label-stocks/DYMO-11354", json=FREEZER)
    assert replaced.json()["detail"] == (
        "'DYMO-11354' is the packaged stock Dymo 11354; keep yours under another name."
    )
    deleted = web.delete("/v1/label-stocks/dymo-11354")
    assert deleted.json()["detail"] == (
        "'dymo-11354' is packaged with the gateway and stays; only your own can be deleted."
    )


def test_only_who_may_change_labels_keeps_stocks(shared_daemon: Daemon) -> None:
    with connect(shared_daemon, make_key(shared_daemon, "looker", "read")) as looker:
        assert looker.get("/v1/label-stocks").status_code == 200
        assert looker.put("/v1/label-stocks/mine", json=FREEZER).status_code == 403
        assert looker.delete("/v1/label-stocks/mine").status_code == 403
