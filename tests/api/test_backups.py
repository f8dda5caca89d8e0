"""Backups, health and moving over HTTP: what they answer, and whom they refuse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    from tests.conftest import Daemon

pytestmark = pytest.mark.both_databases


@pytest.fixture
def web(shared_daemon: Daemon) -> Iterator[httpx.Client]:
    with connect(shared_daemon) as client:
        yield client


def ended(daemon: Daemon, answer: httpx.Response) -> Any:
    """Return the work that an answer has started, once it has ended."""
    assert answer.status_code == 202, answer.text
    return daemon.gateway.parts.works.wait(int(answer.json()["work"]), 60)


def test_a_backup_is_made_tried_sent_and_removed(web: httpx.Client, shared_daemon: Daemon) -> None:
    made = ended(shared_daemon, web.post("/v1/backups"))
    assert (made.state, made.to) == ("done", "/backups")
    (shown,) = web.get("/v1/backups").json()["items"]
    name = shown["name"]
    assert shown | {"made_at": "", "bytes": 0} == {
        "name": name, "bytes": 0, "made_at": "", "by_itself": False, "tried": None,
        "links": {"self": f"/v1/backups/{name}", "file": f"/v1/backups/{name}/file"},
    }  # fmt: skip
    assert ended(shared_daemon, web.post(f"/v1/backups/{name}/try")).state == "done"
    tried = web.get(f"/v1/backups/{name}").json()["tried"]
    assert tried | {"at": ""} == {
        "at": "", "whole": True, "jobs": 0, "labels_on_hold": 0, "serials": 0, "events": 0,
        "sentence": "It can be put back: 0 jobs, 0 serials and 0 events are there and proved.",
    }  # fmt: skip
    sent = web.get(f"/v1/backups/{name}/file")
    assert sent.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert sent.headers["cache-control"] == "no-store"
    assert sent.content == (shared_daemon.data_dir / "backups" / name).read_bytes()
    assert web.delete(f"/v1/backups/{name}").status_code == 204
    assert web.get("/v1/backups").json() == {"items": [], "next": None}


@pytest.mark.threat("T9")
@pytest.mark.parametrize("name", ["..%2Fgateway.db", "%2E%2E", "tried.json", "%2Fetc%2Fpasswd"])
def test_no_path_from_outside_reaches_the_disk(web: httpx.Client, name: str) -> None:
    for method, path in (("GET", name), ("GET", f"{name}/file"), ("POST", f"{name}/try"),
                         ("DELETE", name)):  # fmt: skip
        answer = web.request(method, f"/v1/backups/{path}")
        assert answer.status_code in (404, 405), answer.text


def test_only_administrators_see_them(web: httpx.Client, shared_daemon: Daemon) -> None:
    key = make_key(shared_daemon, "reader", "read", "print")
    with connect(shared_daemon, key) as reader:
        for method, path in (
            ("GET", "/v1/backups"), ("POST", "/v1/backups"), ("GET", "/v1/backups/a.db/file"),
            ("POST", "/v1/backups/a.db/try"), ("DELETE", "/v1/backups/a.db"),
            ("GET", "/v1/doctor"), ("GET", "/v1/moving/file"), ("POST", "/v1/moving/in"),
        ):  # fmt: skip
            answer = reader.request(method, path)
            assert (answer.status_code, answer.json()["facts"]["scope"]) == (403, "admin"), path
        for path in ("/v1/moving/out", "/v1/moving/stay"):
            assert reader.post(path, json={}).status_code == 403
        assert reader.get("/v1/moving").status_code == 200


def test_how_the_gateway_is_has_findings_with_cures_and_the_figures(
    web: httpx.Client, database_kind: str
) -> None:
    found = web.get("/v1/doctor").json()
    assert found["well"] is True, found
    about = [finding["about"] for finding in found["findings"]]
    assert [one for one in about if one != "usb"] == [
        "database", "data directory", "disk", "printer", "backup", "fonts", "barcodes", "clock",
    ]  # fmt: skip
    assert found["database"] == {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[database_kind]
    assert (found["database_bytes"] is None) == (database_kind == "postgresql")
    web.put("/v1/webhooks/erp", json={"url": "http://127.0.0.1:9/", "active": False})
    web.post("/v1/printers/zebra/pause")
    web.post("/v1/webhooks/erp/test")
    assert web.get("/v1/doctor").json()["well"] is True, "what somebody paused is no trouble"
    web.delete("/v1/webhooks/erp")
    web.post("/v1/printers/zebra/resume")


def test_the_record_is_proved_as_a_work_and_the_verdict_is_kept(
    web: httpx.Client, shared_daemon: Daemon
) -> None:
    assert web.get("/v1/doctor").json()["verified"] is None
    proved = ended(shared_daemon, web.post("/v1/registry/verify?work=1"))
    assert (proved.state, proved.sentence) == (
        "done", "The record is whole: 0 events and 0 serials are what happened.",
    )  # fmt: skip
    kept = web.get("/v1/doctor").json()["verified"]
    assert kept | {"at": ""} == {"at": "", "whole": True, "sentence": proved.sentence}
    rows = shared_daemon.gateway.parts.database.read(
        "SELECT body FROM feed WHERE kind = 'registry.verified'"
    )
    assert json.loads(rows[0][0]) == {"whole": True, "sentence": proved.sentence}


def test_a_gateway_on_a_server_has_nothing_to_carry(web: httpx.Client, database_kind: str) -> None:
    if database_kind == "postgresql":
        refused = web.post("/v1/moving/out", json={})
        assert (refused.status_code, "GATEWAY_DATABASE" in refused.json()["detail"]) == (409, True)
        return
    asked = web.post("/v1/moving/out", json={})
    assert (asked.status_code, asked.json()["code"]) == (428, "confirmation_required")
    assert web.post("/v1/moving/out", json={"confirm": "a"}).status_code == 428
    assert web.post("/v1/moving/out", json={"confirm": 1}).status_code == 422
    assert web.get("/v1/moving").json() == {
        "fenced": False, "sentence": None, "since": None, "by": None, "beginning": False,
        "file": None, "closed": None, "came": None, "withdrawn": 0,
    }  # fmt: skip
    assert web.post("/v1/moving/stay", json={}).status_code == 409
    assert web.get("/v1/moving/file").status_code == 404


def test_one_move_at_a_time(web: httpx.Client, shared_daemon: Daemon) -> None:
    with shared_daemon.gateway.parts.moving._alone():
        refused = web.post("/v1/moving/stay", json={})
        assert (refused.status_code, refused.json()["detail"]) == (
            409, "A move of this gateway is under way already; wait until it has ended.",
        )  # fmt: skip
    refused = web.post("/v1/moving/stay", json={})
    assert refused.json()["detail"] == "This gateway was not moved; there is nothing to take back."
