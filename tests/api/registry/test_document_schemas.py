"""The models of documents' bodies are what the hands take, and no more."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.api.registry.document_body import (
    CHOICE_KEYS,
    DRAFT_KEYS,
    LINE_KEYS,
    STEP_KEYS,
    read_draft,
)
from gateway.api.registry.document_schemas import (
    DOCUMENT_BODIES,
    ChoiceBody,
    DocumentStepBody,
    DraftBody,
    DraftLineBody,
    StepLineBody,
)
from gateway.registry.documents import DocumentType


def test_the_models_have_the_keys_that_the_hands_take() -> None:
    draft = {field.alias or name for name, field in DraftBody.model_fields.items()}
    assert draft == set(DRAFT_KEYS)
    assert set(DraftLineBody.model_fields) == set(LINE_KEYS)
    assert set(StepLineBody.model_fields) == set(CHOICE_KEYS)
    assert set(ChoiceBody.model_fields) == set(CHOICE_KEYS) - {"line"}
    assert set(DocumentStepBody.model_fields) == set(STEP_KEYS)


def test_every_example_is_a_valid_body() -> None:
    for model, example in DOCUMENT_BODIES.values():
        model.model_validate(example)
    draft = DOCUMENT_BODIES["post", "/v1/documents/{type}"][1]
    read = read_draft(DocumentType.SALES_ORDER, draft)
    assert [(line.item, int(line.quantity)) for line in read.lines or ()] == [
        ("DRILL", 2), ("SCREW", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), sorted(DOCUMENT_BODIES))
def test_each_is_described_where_its_route_is(shared_daemon: Any, method: str, path: str) -> None:
    import httpx

    described = httpx.get(f"{shared_daemon.url}/openapi.json", trust_env=False).json()
    body = described["paths"][path][method]["requestBody"]["content"]["application/json"]
    model = DOCUMENT_BODIES[method, path][0].__name__
    assert body["schema"] == {"$ref": f"#/components/schemas/{model}"}
