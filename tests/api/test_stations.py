"""Stations over HTTP: what is set of them, and who may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    from tests.conftest import Daemon

pytestmark = pytest.mark.both_databases


def test_a_station_is_made_shown_listed_changed_and_deleted(web: httpx.Client) -> None:
    web.put("/v1/locations/HALL-1", json={"kind": "site"}).raise_for_status()
    made = web.put(
        "/v1/stations/dock-1",
        json={
            "title": "Dock, left", "location": "hall-1", "printer": "dock",
            "template": "serial-label", "modes": ["receive", "lookup"], "require_operator": True,
        },
    )  # fmt: skip
    assert (made.status_code, made.headers["location"], made.headers["etag"]) == (
        201, "/v1/stations/dock-1", '"1"',
    )  # fmt: skip
    shown = made.json()
    assert shown.pop("created_at") == shown.pop("changed_at")
    assert shown.pop("code").startswith("GWC-STATION-")
    assert shown == {
        "name": "dock-1", "title": "Dock, left", "location": "HALL-1", "printer": "dock",
        "template": "serial-label", "modes": ["receive", "lookup"], "sound": True,
        "require_operator": True, "print_on_receive": True, "paired": False, "scanners": [],
        "version": 1,
        "links": {
            "self": "/v1/stations/dock-1", "session": "/v1/stations/dock-1/session",
            "page": "/station/dock-1",
        },
    }  # fmt: skip
    web.put("/v1/stations/dock-2", json={}).raise_for_status()
    names = [one["name"] for one in web.get("/v1/stations?limit=1").json()["items"]]
    after = web.get("/v1/stations?after=dock-1").json()
    assert (names, [one["name"] for one in after["items"]]) == (["dock-1"], ["dock-2"])
    changed = web.put(
        "/v1/stations/DOCK-1", headers={"If-Match": '"1"'},
        json={"name": "gate", "location": None, "printer": None, "template": None, "sound": False},
    )  # fmt: skip
    now = changed.json()
    assert (changed.status_code, now["name"], now["location"], now["printer"], now["template"]) == (
        200, "gate", None, None, None,
    )  # fmt: skip
    assert (now["title"], now["modes"], now["sound"], now["require_operator"]) == (
        "Dock, left", ["receive", "lookup"], False, True,
    )  # fmt: skip
    late = web.put("/v1/stations/gate", json={"title": "x"}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["type"]) == (412, "/problems/stale")
    assert web.delete("/v1/stations/gate", headers={"If-Match": '"1"'}).status_code == 412
    assert web.delete("/v1/stations/gate").status_code == 204
    gone = web.get("/v1/stations/gate")
    assert (gone.status_code, gone.json()["type"]) == (404, "/problems/unknown-station")
    assert web.delete("/v1/stations/dock-2").status_code == 204
    assert web.delete("/v1/locations/HALL-1").status_code == 204


def test_a_renamed_location_is_the_same_place(web: httpx.Client) -> None:
    web.put("/v1/locations/HALL-2", json={"kind": "site"}).raise_for_status()
    web.put("/v1/stations/desk", json={"location": "HALL-2"}).raise_for_status()
    web.put("/v1/locations/HALL-2", json={"code": "HALL-B"}).raise_for_status()
    assert web.get("/v1/stations/desk").json()["location"] == "HALL-B"
    used = web.delete("/v1/locations/HALL-B")
    assert (used.status_code, "1 stations" in used.json()["detail"]) == (409, True)
    web.delete("/v1/stations/desk").raise_for_status()


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({"mode": []}, 422, "A station has no 'mode'; did you mean 'modes'?"),
        ({"modes": "all"}, 422, "'modes' must be a list such as [\"receive\", \"lookup\"], or []"
         " for all of them."),
        ({"modes": ["steal"]}, 422, "'steal' is no mode of a station; choose from lookup, "),
        ({"sound": "loud"}, 422, "A station's 'sound' must be true or false."),
        ({"title": 5}, 422, "A station's 'title' must be a text, got 5."),
        ({"title": "a\nb"}, 422, "A station's 'title' must be at most 80 printable characters."),
        ({"location": "NOWHERE"}, 404, "There is no location 'NOWHERE'."),
        ({"printer": "dok"}, 404, "There is no printer 'dok'; did you mean 'dock'?"),
        ({"template": "none"}, 404, "There is no template 'none'"),
        ({"name": "a b"}, 422, "'a b' cannot be a station's name; "),
        ({"name": 7}, 422, "A station's 'name' must be a text, got 7."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_a_sentence(
    web: httpx.Client, body: dict[str, Any], status: int, sentence: str
) -> None:
    refused = web.put("/v1/stations/never", json=body)
    assert refused.status_code == status
    assert refused.json()["detail"].startswith(sentence)
    assert web.get("/v1/stations/never").status_code == 404


def test_only_an_administrator_changes_stations(shared_daemon: Daemon, web: httpx.Client) -> None:
    key = make_key(shared_daemon, "scans-only", "read", "scan")
    with connect(shared_daemon, key) as client:
        assert client.get("/v1/stations").status_code == 200
        for call in (client.put, client.delete):
            assert call("/v1/stations/mine").status_code == 403
        assert client.post("/v1/stations/mine/pair").status_code == 403
