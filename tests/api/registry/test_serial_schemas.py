"""What the description says of requests about serials is what the routes take."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.api.registry import labelling, moving
from gateway.api.registry.serial_schemas import (
    SERIAL_BODIES,
    ActionBody,
    OneSerialBody,
    PrintSerialsBody,
    StepBody,
)
from tests.api.registry.conftest import Warehouse


def test_the_models_have_the_keys_that_the_hands_take() -> None:
    assert set(ActionBody.model_fields) == set(moving.KEYS)
    assert set(StepBody.model_fields) == set(moving.KEYS) - set(moving.NAMING)
    assert set(OneSerialBody.model_fields) == set(moving.SERIAL_KEYS)
    assert set(PrintSerialsBody.model_fields) == set(labelling.KEYS)


def test_every_example_is_a_valid_body_and_is_taken(warehouse: Warehouse) -> None:
    for model, example in SERIAL_BODIES.values():
        model.model_validate(example)
    web = warehouse.web
    body = {key: example for (_, key), (_, example) in SERIAL_BODIES.items()}
    received = web.post("/v1/serials/actions", json=body["/v1/serials/actions"])
    assert received.json()["count"] == 21
    public = received.json()["serials"][0]["id"]
    run = warehouse.daemon.gateway.parts.database.run
    run(lambda t: t.execute("INSERT INTO place (code, created_at, changed_at) "
                            "VALUES ('B-02', 0, 0)").rowcount)  # fmt: skip
    answers: list[Any] = [
        web.patch(f"/v1/serials/{public}", json=body["/v1/serials/{id}"]),
        web.post(f"/v1/serials/{public}/transfer", json=body["/v1/serials/{id}/{action}"]),
        web.post("/v1/serial-lists", json=body["/v1/serial-lists"]),
        web.post("/v1/serials/print", json=body["/v1/serials/print"]),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 201]
    undo = body["/v1/registry/events/{seq}/undo"]
    event = answers[1].json()["event"]
    assert web.post(f"/v1/registry/events/{event}/undo", json=undo).status_code == 200


@pytest.mark.parametrize("path", sorted({path for _, path in SERIAL_BODIES}))
def test_the_description_shows_each_body(shared: Warehouse, path: str) -> None:
    described = shared.web.get("/openapi.json").json()["paths"][path]
    (method,) = (method for method, there in SERIAL_BODIES if there == path)
    assert described[method]["requestBody"]["content"]["application/json"]["example"]
