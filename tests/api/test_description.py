"""The description of the API is true: what it shows is taken, what it forbids is refused."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.api.job_body import DOCUMENT_KEYS, KEYS, parse_job
from gateway.api.printer_body import KEYS as PRINTER_KEYS
from gateway.api.scanners import KEYS as SCANNER_KEYS
from gateway.api.schemas import (
    BODIES,
    DocumentBody,
    JobBody,
    PrinterBody,
    ScannerBody,
    StationBody,
    WebhookBody,
)
from gateway.api.stations import KEYS as STATION_KEYS
from gateway.api.webhooks import KEYS as WEBHOOK_KEYS
from gateway.errors import GatewayError


@pytest.fixture(scope="module")
def described(shared_daemon: Any) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.get(f"{shared_daemon.url}/openapi.json", trust_env=False).json()
    return answer


def test_it_names_every_route_its_scope_and_its_refusals(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation["x-scope"], f"{method} {path}"
            assert operation["summary"], f"{method} {path}"
            refusal = operation["responses"]["default"]["content"]["application/problem+json"]
            assert refusal["schema"] == {"$ref": "#/components/schemas/Problem"}
    posted = described["paths"]["/v1/jobs"]["post"]
    assert posted["x-scope"] == "print"
    assert posted["responses"]["201"]["content"]["application/json"]["example"]["id"] == "J12"
    assert described["paths"]["/v1/events"]["get"]["x-scope"] == "read"


def test_it_says_which_requests_act_once(described: dict[str, Any]) -> None:
    once = {
        path
        for path, operations in described["paths"].items()
        for operation in operations.values()
        if path.split("/")[2:3] in (["jobs"], ["labels"], ["printers"])
        and any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", ()))
    }
    job, label, printer = "/v1/jobs/{job}", "/v1/labels/{label}", "/v1/printers/{name}"
    assert once == {
        "/v1/jobs",
        *(f"{job}/{verb}" for verb in ("hold", "release", "cancel", "prioritize", "reprint")),
        *(f"{label}/{verb}" for verb in ("confirm", "drop", "retry", "reprint")),
        *(f"{printer}/{verb}" for verb in ("answer", "test", "align", "replace")),
    }


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    text = json.dumps(described)
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in described["components"]["schemas"]


def test_every_example_is_a_valid_body() -> None:
    for model, example in BODIES.values():
        model.model_validate(example)


def test_the_models_have_the_keys_that_the_hands_take() -> None:
    assert set(JobBody.model_fields) == set(KEYS)
    assert set(DocumentBody.model_fields) == set(DOCUMENT_KEYS)
    assert set(PrinterBody.model_fields) == set(PRINTER_KEYS)
    assert set(ScannerBody.model_fields) == set(SCANNER_KEYS)
    assert set(StationBody.model_fields) == set(STATION_KEYS)
    assert set(WebhookBody.model_fields) == set(WEBHOOK_KEYS)


values = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["", "x", "exact", "a\nb"]),
    st.lists(st.dictionaries(st.just("serial"), st.just("A"), max_size=1), max_size=2),
    st.floats(0.5, 2.5), st.just({"content": "YQ==", "type": "image/png"}),
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([*KEYS, "lables"]), values, max_size=4))
def test_what_the_hands_take_the_model_takes(change: dict[str, object]) -> None:
    body = {"printer": "p"} | change
    try:
        parse_job(json.dumps(body).encode())
    except GatewayError:
        return
    taken = {key: value for key, value in body.items() if value is not None}
    try:
        JobBody.model_validate(taken)
    except ValidationError as error:
        raise AssertionError(f"{body}: {error}") from None


@given(st.dictionaries(st.sampled_from([*KEYS, "lables"]), values, max_size=3))
def test_what_the_model_refuses_for_its_type_the_hands_refuse(change: dict[str, object]) -> None:
    body = {"printer": "p", "template": "t", "labels": [{}]} | change
    body = {key: value for key, value in body.items() if value is not None}
    try:
        JobBody.model_validate(body)
    except ValidationError:
        with pytest.raises(GatewayError):
            parse_job(json.dumps(body).encode())
