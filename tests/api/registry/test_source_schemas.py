"""What the description says of checks and batches is what the routes take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.api import batches, checking, sources
from gateway.api.registry.source_schemas import (
    SOURCE_BODIES,
    BatchBody,
    CheckBody,
    SourceBody,
)

if TYPE_CHECKING:
    from tests.api.registry.conftest import Warehouse


def test_the_models_have_the_keys_that_the_hands_take() -> None:
    assert set(SourceBody.model_fields) == set(sources.SOURCE_KEYS)
    assert set(CheckBody.model_fields) == set(checking.KEYS)
    assert set(BatchBody.model_fields) == set(batches.KEYS)


@pytest.mark.parametrize("path", sorted({path for _, path in SOURCE_BODIES}))
def test_every_example_is_a_valid_body_is_shown_and_taken(shared: Warehouse, path: str) -> None:
    model, example = SOURCE_BODIES["post", path]
    model.model_validate(example)
    described = shared.web.get("/openapi.json").json()["paths"][path]["post"]
    assert described["requestBody"]["content"]["application/json"]["example"] == example
    answer = shared.web.post(path.format(name="serial"), json=example)
    assert answer.status_code == 202, answer.text
    parts = shared.daemon.gateway.parts
    assert parts.works.wait(int(answer.json()["work"]["id"]), 30).state == "done"
