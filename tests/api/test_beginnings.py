from __future__ import annotations

from typing import Any

import httpx
import pytest

from gateway.templates.beginning import begin
from gateway.units import parse_density

NEW = {"purpose": "serial", "width": 57_000, "height": 32_000}


def begun(web: httpx.Client, **more: Any) -> Any:
    answer = web.post("/v1/editor/begin", json=NEW | more)
    assert answer.status_code == 200, answer.text
    return answer.json()["document"]


def test_a_new_label_is_laid_out_for_a_head_and_can_be_saved_as_it_is(web: httpx.Client) -> None:
    made = begun(web, name="mine", title="My label", printer="dock")
    assert made == begin("serial", 57_000, 32_000, parse_density(8), "mine", "My label")
    fine = begun(web, purpose="location", density=24)
    assert fine == begin("location", 57_000, 32_000, parse_density(24))
    saved = web.put("/v1/templates/mine", json=made)
    assert saved.status_code == 201
    (shown,) = [one for one in web.get("/v1/templates").json()["items"] if one["name"] == "mine"]
    assert (shown["title"], shown["about"], shown["size"]["width"]) == (
        "My label", "serial", 57_000,
    )  # fmt: skip


def test_a_built_in_label_says_what_it_is_about(web: httpx.Client) -> None:
    about = {one["name"]: one["about"] for one in web.get("/v1/templates").json()["items"]}
    assert {name: of for name, of in about.items() if of and name != "mine"} == {
        "item-label": "item", "location-label": "location", "serial": "serial",
        "serial-label": "serial",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (
            {"purpose": "cake"}, 422,
            "'purpose' must be one of serial, item, location, lot, shipping, blank, got 'cake'.",
        ),
        (
            {"width": 1_000}, 422,
            "'width' must be 2000 to 2000000 micrometres of stock, got 1000.",
        ),
        (
            {"printer": "dock", "density": 8}, 422,
            "'density' is the printer's own; leave it out.",
        ),
        ({"printer": "nix"}, 404, "There is no printer 'nix'; there are dock, zebra."),
        (
            {"name": "a b"}, 422,
            "'a b' cannot be a template's name; use 1 to 40 letters, digits, '-', '_' or '.'.",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_begun_is_refused(
    web: httpx.Client, body: dict[str, Any], status: int, sentence: str
) -> None:
    answer = web.post("/v1/editor/begin", json=NEW | body)
    assert (answer.status_code, answer.json()["detail"]) == (status, sentence)
