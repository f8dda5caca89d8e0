"""Problem documents, and the pages that explain them."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from gateway import errors
from gateway.api.problems import (
    MOST_ITEMS,
    STATUSES,
    answer,
    html,
    kinds,
    page,
    pages,
    slug,
    status,
)
from gateway.errors import DiskFull, FieldRefused, GatewayError, NotAuthenticated, Several, TooMany

FOLDER = Path(__file__).parents[2] / "docs" / "problems"


def test_a_refusal_of_several_labels_is_one_document() -> None:
    items = [(1, FieldRefused("Field 'serial' is missing.", field="serial"))]
    problem = answer(Several(items, of=3))
    assert (problem.status, problem.headers) == (422, {"content-type": "application/problem+json"})
    assert json.loads(problem.body) == {
        "type": "/problems/several",
        "title": "Some labels were refused",
        "status": 422,
        "detail": "1 of 3 labels was refused; the first, label 1: Field 'serial' is missing.",
        "facts": {"refused": 1, "labels": 3},
        "items": [
            {
                "index": 0,
                "pointer": "/labels/0",
                "type": "/problems/field-refused",
                "detail": "Field 'serial' is missing.",
                "facts": {"field": "serial"},
            }
        ],
    }


def test_a_flood_of_refusals_is_cut_and_still_counted() -> None:
    problem = json.loads(
        answer(Several([(n, FieldRefused("x")) for n in range(1, 5001)], of=5000)).body
    )
    assert (len(problem["items"]), problem["facts"]["refused"]) == (MOST_ITEMS, 5000)


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (NotAuthenticated("x"), {"www-authenticate": 'Bearer realm="label-gateway"'}),
        (TooMany("x", retry_after=7), {"retry-after": "7"}),
        (DiskFull("x"), {"retry-after": "5"}),
    ],
)
def test_a_problem_says_in_headers_what_to_do_next(
    error: GatewayError, headers: dict[str, str]
) -> None:
    assert answer(error).headers == {"content-type": "application/problem+json"} | headers


def test_half_a_character_in_a_sentence_does_not_break_the_answer() -> None:
    assert json.loads(answer(FieldRefused("\ud800")).body)["detail"] == "?"


def test_statuses_are_those_of_the_tree_in_the_errors_docstring() -> None:
    text = errors.__doc__ or ""
    for kind in STATUSES:
        if kind.__name__ in text and kind not in (GatewayError, errors.SettingsRefused):
            line = next(line for line in text.splitlines() if f" {kind.__name__} " in f"{line} ")
            said = line.split()[-1]
            if said.isdigit():
                assert int(said) == status(kind), kind


def test_every_class_has_a_slug_of_its_own_and_a_page_served_by_it(web: httpx.Client) -> None:
    assert len({slug(kind) for kind in kinds()}) == len(kinds())
    for kind in kinds():
        served = web.get(f"/problems/{slug(kind)}")
        assert served.status_code == 200
        assert served.headers["content-type"] == "text/html; charset=utf-8"
        assert f"<h1>{kind.title}</h1>" in served.text
    assert web.get("/problems/none").status_code == 404
    assert html("../etc/passwd") is None


def test_a_page_says_whether_trying_again_is_safe() -> None:
    text = page(errors.DeviceUnreachable)
    assert "status 503" in text
    assert "cannot print twice" in text


def test_the_pages_in_docs_are_what_the_code_says() -> None:
    written = {file.stem: file.read_text("utf-8") for file in FOLDER.glob("*.md")}
    assert written == pages(), "run: python -m docs.generate"


def test_what_is_no_route_and_no_method_is_a_problem_too(web: httpx.Client) -> None:
    nothing = web.get("/v1/nothing")
    assert (nothing.status_code, nothing.json()["detail"]) == (
        404,
        "There is nothing at /v1/nothing; /openapi.json lists what there is.",
    )
    wrong = web.patch("/v1/jobs")
    assert (wrong.status_code, wrong.json()["status"]) == (405, 405)
    assert wrong.headers["content-type"] == "application/problem+json"
    query = web.get("/v1/jobs?limit=0")
    assert (query.status_code, query.json()["facts"]) == (422, {"key": "limit"})


def test_an_error_of_ours_is_told_without_its_insides(
    web: httpx.Client, shared_daemon: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway.store.keys import KeyStore

    def broken(self: KeyStore) -> list[object]:
        raise ZeroDivisionError("secret insides")

    monkeypatch.setattr(KeyStore, "all", broken)
    answered = web.get("/v1/keys")
    assert (answered.status_code, answered.json()["detail"]) == (
        500,
        "Something went wrong on the gateway's side; its log has the details.",
    )
    assert "secret" not in answered.text
    assert answered.headers["x-content-type-options"] == "nosniff"
