from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    from tests.conftest import Daemon

GTIN = "09501101530003"


@pytest.fixture
def stocked(daemon: Daemon) -> Daemon:
    def fill(t: object) -> None:
        execute = t.execute  # type: ignore[attr-defined]
        execute(
            "INSERT INTO item (id, sku, tracking, gtin, created_at, changed_at) "
            f"VALUES (1, 'DRILL', 'serial', '{GTIN}', 0, 0)"
        )
        execute("INSERT INTO place (id, code, created_at, changed_at) VALUES (1, 'A', 0, 0)")

    daemon.gateway.parts.database.run(fill)
    return daemon


def document(*serials: str, step: str = "receiving", uid: str = "1") -> dict[str, Any]:
    return {
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-01-01T00:00:00Z",
        "epcisBody": {
            "eventList": [
                {
                    "type": "ObjectEvent",
                    "eventID": f"urn:uuid:{uid * 8}-1111-4111-8111-111111111111",
                    "eventTime": "2026-01-01T12:00:00Z",
                    "eventTimeZoneOffset": "+01:00",
                    "action": "OBSERVE",
                    "bizStep": step,
                    "epcList": [f"https://id.gs1.org/01/{GTIN}/21/{one}" for one in serials],
                },
                {"type": "SomethingElse"},
            ]
        },
    }


def post(web: httpx.Client, body: object, **query: object) -> httpx.Response:
    return web.post(
        "/v1/registry/epcis", params={"location": "A", **query}, content=json.dumps(body),  # type: ignore[dict-item]
        headers={"content-type": "application/ld+json"},
    )  # fmt: skip


@pytest.mark.both_databases
def test_events_come_in_and_go_out_again(stocked: Daemon) -> None:
    with connect(stocked) as web:
        seen = post(web, document("1", "2"), dry_run=1).json()
        assert (seen["applied"], seen["counts"]["applied"], seen["counts"]["unreadable"]) == (
            False, 1, 1,
        )  # fmt: skip
        assert seen["problems"][0]["pointer"] == "/epcisBody/eventList/1/type"
        assert web.get("/v1/stock").json()["items"][0]["on_hand"] == 0
        done = post(web, document("1", "2")).json()
        assert done["items"][0] | {"events": []} == {
            "index": 0, "uid": "urn:uuid:11111111-1111-4111-8111-111111111111",
            "status": "applied", "action": "receive", "count": 2, "events": [], "detail": "",
            "items": [],
        }  # fmt: skip
        assert post(web, document("1", "2")).json()["counts"]["known"] == 1
        assert web.get("/v1/stock").json()["items"][0]["on_hand"] == 2
        exported = web.get("/v1/registry/epcis", params={"from": "2026-01-01", "item": "drill"})
        assert exported.headers["content-type"] == "application/ld+json"
        (event,) = exported.json()["epcisBody"]["eventList"]
        assert (event["eventID"], event["bizStep"], event["epcList"]) == (
            "urn:uuid:11111111-1111-4111-8111-111111111111", "receiving",
            [f"https://id.gs1.org/01/{GTIN}/21/{serial}" for serial in ("1", "2")],
        )  # fmt: skip
        none = web.get("/v1/registry/epcis", params={"to": "2025-12-31"}).json()
        assert none["epcisBody"]["eventList"] == []
        assert web.get("/v1/registry/epcis", params={"from": "soon"}).status_code == 422


def test_what_cannot_be_done_is_named_and_nothing_is_done(stocked: Daemon) -> None:
    with connect(stocked) as web:
        post(web, document("1"))
        both = document("1", "2", uid="2")
        both["epcisBody"]["eventList"][1] = document("3", uid="3")["epcisBody"]["eventList"][0]
        refused = post(web, both)
        assert (refused.status_code, refused.json()["code"]) == (409, "serial_on_hand")
        assert web.get("/v1/stock").json()["items"][0]["on_hand"] == 1
        done = post(web, both, partial=1).json()
        assert [item["status"] for item in done["items"]] == ["refused", "applied"]
        assert done["items"][0]["items"][0]["subject"] == "1"
        assert web.get("/v1/stock").json()["items"][0]["on_hand"] == 2
        xml = web.post("/v1/registry/epcis", content=b"<epcis/>",
                       headers={"content-type": "application/json"})  # fmt: skip
        assert xml.status_code == 400
        with connect(stocked, make_key(stocked, "reads", "read")) as reading:
            assert post(reading, document("9", uid="9")).status_code == 403
