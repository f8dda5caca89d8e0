"""Webhooks over HTTP: made by administrators, shown without what is secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook as Witness

from gateway.store.webhooks import MOST_WEBHOOKS
from tests.api.conftest import connect, make_key
from tests.outward.receiver import Receiver

if TYPE_CHECKING:
    from tests.conftest import Daemon

URL = "http://127.0.0.1:9/hooks"
"""Nobody listens there (RFC 863)."""


def put(web: httpx.Client, name: str, **body: Any) -> dict[str, Any]:
    answer = web.put(f"/v1/webhooks/{name}", json={"url": URL, **body})
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.both_databases
def test_a_webhook_is_made_shown_changed_and_deleted(daemon: Daemon) -> None:
    with connect(daemon) as web:
        made = web.put("/v1/webhooks/erp", json={"url": URL}, headers={"If-None-Match": "*"})
        assert (made.status_code, made.headers["location"]) == (201, "/v1/webhooks/erp")
        assert made.headers["cache-control"] == "no-store"
        first = made.json()
        assert first.pop("secret").startswith("whsec_")
        for key in ("created_at", "changed_at", "after"):
            assert first.pop(key)
        assert first == {
            "name": "erp", "url": URL, "kinds": [], "stations": [], "private": True, "active": True,
            "trouble": "", "waiting": 0, "dead": 0, "version": 1,
            "links": {
                "self": "/v1/webhooks/erp", "deliveries": "/v1/webhooks/erp/deliveries",
            },
        }  # fmt: skip
        shown = web.get("/v1/webhooks/ERP")
        assert "secret" not in shown.json()
        tag = {"If-Match": shown.headers["etag"]}
        body = {"kinds": ["scan", "scan"], "active": False, "name": "ledger"}
        changed = web.put("/v1/webhooks/erp", json=body, headers=tag)
        assert changed.status_code == 200
        assert "secret" not in changed.json()
        kept = changed.json()
        assert (kept["name"], kept["url"], kept["kinds"], kept["active"], kept["version"]) == (
            "ledger", URL, ["scan"], False, 2,
        )  # fmt: skip
        assert web.put("/v1/webhooks/ledger", json=body, headers=tag).status_code == 412
        assert [one["name"] for one in web.get("/v1/webhooks").json()["items"]] == ["ledger"]
        assert web.delete("/v1/webhooks/ledger").status_code == 204
        gone = web.get("/v1/webhooks/ledger")
        assert (gone.status_code, gone.json()["type"]) == (404, "/problems/unknown-webhook")


def test_the_feed_tells_of_webhooks_and_nothing_that_is_secret(
    web: httpx.Client, shared_daemon: Daemon
) -> None:
    secret = put(web, "quiet", url=f"{URL}?token=hunter2", active=False)["secret"]
    web.post("/v1/webhooks/quiet/rotate")
    web.delete("/v1/webhooks/quiet")
    rows = shared_daemon.gateway.parts.database.read(
        "SELECT kind, body FROM feed WHERE subject = 'webhooks/quiet' ORDER BY seq"
    )
    assert [kind for kind, _ in rows] == ["webhook.made", "webhook.changed", "webhook.deleted"]
    told = "".join(body for _, body in rows)
    assert "hunter2" not in told
    assert secret not in told
    assert "whsec" not in told


LIST = "must be a list of at most 100 texts, [] for all, got"
PLACE = "'after' must be the number of an entry of the feed, or \"now\", got"
START = "A webhook's URL must begin with https:// or http:// and name a host, got"
WHERE = "A webhook's 'url' must say where to send, such as https://erp.example/hooks, got"
NAMES = "cannot be a webhook's name; use 1 to 40 letters, digits, '-', '_' or '.'."


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, f"{WHERE} null."),
        ({"url": "erp"}, f"{START} 'erp'."),
        ({"url": URL, "kind": []}, "A webhook has no 'kind'; did you mean 'kinds'?"),
        ({"url": URL, "kinds": "scan"}, f"'kinds' {LIST} 'scan'."),
        ({"url": URL, "stations": [7]}, f"'stations' {LIST} a list."),
        ({"url": URL, "private": "no"}, "'private' must be true or false, got 'no'."),
        ({"url": URL, "active": None}, "'active' must be true or false, got null."),
        ({"url": URL, "after": -1}, f"{PLACE} -1."),
        ({"url": URL, "after": True}, f"{PLACE} true."),
        ({"url": URL, "name": 7}, "A webhook's 'name' must be a text, got 7."),
        ({"url": URL, "name": "a b"}, f"'a b' {NAMES}"),
    ],
)
def test_what_is_not_right_is_refused_in_a_sentence(
    web: httpx.Client, body: dict[str, Any], sentence: str
) -> None:
    answer = web.put("/v1/webhooks/wrong", json=body)
    assert (answer.status_code, answer.json()["detail"]) == (422, sentence)


def test_two_cannot_have_one_name_and_there_are_not_too_many(daemon: Daemon) -> None:
    with connect(daemon) as web:
        for number in range(MOST_WEBHOOKS):
            put(web, f"hook-{number}", active=False)
        taken = web.put("/v1/webhooks/hook-1", json={"name": "HOOK-2"})
        assert (taken.status_code, taken.json()["type"]) == (409, "/problems/name-taken")
        full = web.put("/v1/webhooks/more", json={"url": URL})
        assert (full.status_code, full.json()["facts"]) == (409, {"limit": MOST_WEBHOOKS})


def test_a_test_message_says_at_once_what_came_of_it(web: httpx.Client) -> None:
    statuses = iter([204, 404, 302])
    with Receiver(lambda _: next(statuses)) as erp:
        secret = put(web, "tested", url=erp.url, kinds=["nothing"])["secret"]
        taken = web.post("/v1/webhooks/tested/test").json()
        assert taken == {"taken": True, "status": 204, "sentence": "The receiver took it (204)."}
        event = Witness(secret).verify(erp.got[0].body, dict(erp.got[0].headers))
        assert (event["type"], event["data"]) == ("webhook.tested", {"webhook": "tested"})
        refused = web.post("/v1/webhooks/tested/test").json()
        assert refused == {
            "taken": False, "status": 404, "sentence": "The receiver answered 404.",
        }  # fmt: skip
        assert (
            web.post("/v1/webhooks/tested/test")
            .json()["sentence"]
            .endswith("redirects are not followed.")
        )
    away = web.post("/v1/webhooks/tested/test").json()
    assert away == {
        "taken": False, "status": None,
        "sentence": "The receiver refused the connection: nothing listens there.",
    }  # fmt: skip
    assert len(erp.got) == 3  # a test is sent once


@pytest.mark.threat("T16")
def test_a_webhook_for_the_internet_is_not_led_into_the_own_network(web: httpx.Client) -> None:
    with Receiver() as inside:
        put(web, "outside", url=inside.url, private=False)
        answer = web.post("/v1/webhooks/outside/test").json()
    assert (answer["taken"], answer["status"]) == (False, None)
    assert answer["sentence"].startswith("127.0.0.1 is in this site's own network")
    assert inside.got == []


def test_another_secret_signs_beside_the_one_before(web: httpx.Client) -> None:
    with Receiver() as erp:
        old = put(web, "rotated", url=erp.url, kinds=["nothing"])["secret"]
        answer = web.post("/v1/webhooks/rotated/rotate")
        new = answer.json()["secret"]
        assert (new != old, answer.headers["cache-control"]) == (True, "no-store")
        web.post("/v1/webhooks/rotated/test")
        (message,) = erp.got
    for secret in (old, new):
        assert Witness(secret).verify(message.body, dict(message.headers))


@pytest.mark.both_databases
def test_what_is_dead_is_listed_and_sent_again(daemon: Daemon) -> None:
    parts = daemon.gateway.parts
    with Receiver() as erp, connect(daemon) as web:
        put(web, "erp", url=erp.url, kinds=["setting"], active=False)
        hook = parts.webhooks.find("erp")
        for zone in ("UTC", "Europe/Athens", "Europe/Paris"):
            web.put("/v1/settings/time_zone", json={"value": zone})
        # As three days of failures leave them.
        parts.database.run(
            lambda t: t.execute(
                "INSERT INTO webhook_delivery (webhook, entry, state, attempts, status, error, at) "
                "SELECT ?, seq, 'dead', 10, 500, 'The receiver answered 500.', at FROM feed "
                "WHERE kind = 'setting.changed'",
                (hook.id,),
            )
        )
        assert web.get("/v1/webhooks/erp").json()["dead"] == 3
        page = web.get("/v1/webhooks/erp/deliveries?state=dead&limit=2").json()
        first, second = page["items"]
        assert {**first, "id": 0, "event": "", "at": ""} == {
            "id": 0, "event": "", "type": "setting.changed", "subject": "settings/time_zone",
            "state": "dead", "attempts": 10, "next_at": None, "status": 500,
            "error": "The receiver answered 500.", "at": "",
            "links": {"resend": f"/v1/webhooks/erp/deliveries/{first['id']}/resend"},
        }  # fmt: skip
        rest = web.get(f"/v1/webhooks/erp/deliveries?after={page['next']}").json()
        assert (len(rest["items"]), rest["next"]) == (1, None)
        put(web, "erp", url=erp.url, active=True, after="now")
        one = web.post(f"/v1/webhooks/erp/deliveries/{second['id']}/resend")
        assert one.json() == {"resent": 1}
        assert [message.event["id"] for message in erp.take(1)] == [second["event"]]
        assert web.post("/v1/webhooks/erp/resend").json() == {"resent": 2}
        assert len(erp.take(3)) == 3
        missing = web.post("/v1/webhooks/erp/deliveries/999/resend")
        assert (missing.status_code, missing.json()["detail"]) == (
            404, "Webhook 'erp' has no delivery 999 that waits; it may have been taken meanwhile.",
        )  # fmt: skip


@pytest.mark.threat("T7")
def test_only_administrators_see_webhooks(shared_daemon: Daemon) -> None:
    key = make_key(shared_daemon, "not-admin", "read", "print", "scan")
    with connect(shared_daemon, key) as program:
        for method, path in (
            ("GET", ""), ("GET", "/erp"), ("PUT", "/erp"), ("DELETE", "/erp"),
            ("POST", "/erp/test"), ("POST", "/erp/rotate"), ("GET", "/erp/deliveries"),
            ("POST", "/erp/resend"), ("POST", "/erp/deliveries/1/resend"),
        ):  # fmt: skip
            answer = program.request(method, f"/v1/webhooks{path}", json={"url": URL})
            assert answer.status_code == 403, (method, path)
