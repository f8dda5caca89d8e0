"""What the description says of requests about items and the rest is what the routes take."""

from __future__ import annotations

import pytest

from gateway.api.registry import items as item_routes
from gateway.api.registry import lots as lot_routes
from gateway.api.registry import thing_schemas as schemas
from gateway.registry import field_rules, items, parties, places
from gateway.store.registry import lot_store
from tests.api.registry.conftest import Warehouse


def test_the_models_have_the_keys_that_the_hands_take() -> None:
    assert set(schemas.ItemBody.model_fields) == set(items.KEYS)
    assert set(schemas.TrackingBody.model_fields) == set(item_routes.TRACKING_KEYS)
    assert set(schemas.LocationBody.model_fields) == set(places.KEYS)
    assert set(schemas.PartyBody.model_fields) == set(parties.KEYS)
    assert set(schemas.OperatorBody.model_fields) == set(parties.OPERATOR_KEYS)
    assert set(schemas.LotBody.model_fields) == set(lot_store.KEYS)
    assert set(schemas.NewLotBody.model_fields) == set(lot_routes.MAKE_KEYS)
    assert set(schemas.LotSerialsBody.model_fields) == set(lot_routes.EDIT_KEYS)
    assert set(schemas.FieldBody.model_fields) == set(field_rules.KEYS)


def test_every_example_is_a_valid_body_and_is_taken(warehouse: Warehouse) -> None:
    web = warehouse.web
    web.post("/v1/imports/stock", content=b"item,location,quantity\nSCREW,A-01,12\n")
    lot = ""
    for (method, path), (model, example) in schemas.THING_BODIES.items():
        model.model_validate(example)
        sku = "SCREW" if path.endswith("/tracking") else "NEW"
        where = path.format(sku=sku, code="NEW", badge="NEW", id=lot or "77", scope="serial",
                            key="qc_grade")  # fmt: skip
        answer = web.request(method.upper(), where, json=example)
        assert answer.status_code in (200, 201), f"{method} {path}: {answer.text}"
        if path == "/v1/lots":
            lot = answer.json()["id"]


@pytest.mark.parametrize(("method", "path"), sorted(schemas.THING_BODIES))
def test_the_description_shows_each_body(shared: Warehouse, method: str, path: str) -> None:
    described = shared.web.get("/openapi.json").json()["paths"][path]
    assert described[method]["requestBody"]["content"]["application/json"]["example"]
