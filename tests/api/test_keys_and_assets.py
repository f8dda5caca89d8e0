"""Keys, settings, and uploads over HTTP."""

from __future__ import annotations

import base64
import os
import stat
import sys
from io import BytesIO
from typing import TYPE_CHECKING

import httpx
import pytest
from PIL import Image

from tests.api.conftest import connect

if TYPE_CHECKING:
    from tests.conftest import Daemon

pytestmark = pytest.mark.both_databases


def picture(width: int = 40, height: int = 20) -> bytes:
    out = BytesIO()
    Image.new("1", (width, height), 1).save(out, "PNG")
    return out.getvalue()


# ---------------------------------------------------------------- keys


@pytest.mark.threat("T7")
def test_a_key_is_shown_once_works_and_can_be_revoked(
    web: httpx.Client, shared_daemon: Daemon
) -> None:
    made = web.post("/v1/keys", json={"name": "erp", "scopes": ["print", "read"]})
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    text = made.json()["key"]
    shown = web.get("/v1/keys/erp").json()
    assert (shown["name"], shown["scopes"], shown["id"]) == ("erp", ["print", "read"], text[3:11])
    assert text not in web.get("/v1/keys").text
    assert text[12:] not in web.get("/v1/events", params={"after": "x"}).text
    with connect(shared_daemon, text) as erp:
        assert erp.get("/v1/jobs").status_code == 200
        assert erp.get("/v1/keys").status_code == 403
        assert web.delete("/v1/keys/erp").status_code == 204
        assert erp.get("/v1/jobs").status_code == 401
    assert web.get("/v1/keys/erp").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"name": "a b", "scopes": ["read"]}, 422,
         "'a b' cannot be a key's name; use 1 to 40 letters, digits, '-', '_' or '.'."),
        ({"name": "k", "scopes": []}, 422,
         "A key needs at least one scope; choose from read, print, raw, scan, templates, admin."),
        ({"name": "k", "scopes": ["root"]}, 422,
         "'root' is not a scope; choose from read, print, raw, scan, templates, admin or "
         "registry:<document type>."),
        ({"name": "k", "scopes": ["read"], "expires_in": 0}, 422,
         "'expires_in' must be seconds, more than 0 and at most ten years, got 0."),
        ({"name": "k", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}, 422,
         "'expires_at' must be a time to come with its zone, such as 2030-01-01T00:00:00Z, got "
         "'2020-01-01T00:00:00Z'."),
        ({"name": "k", "scope": "read"}, 422, "A key has no 'scope'; did you mean 'scopes'?"),
    ],
)  # fmt: skip
def test_a_wrong_key_is_not_made(
    web: httpx.Client, body: dict[str, object], status: int, detail: str
) -> None:
    answer = web.post("/v1/keys", json=body)
    assert (answer.status_code, answer.json()["detail"]) == (status, detail)


def test_two_keys_do_not_share_a_name(web: httpx.Client) -> None:
    body = {"name": "twin", "scopes": ["read"], "expires_in": 60}
    assert web.post("/v1/keys", json=body).json()["expires_at"] is not None
    answer = web.post("/v1/keys", json=body | {"name": "TWIN"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/name-taken")


# ---------------------------------------------------------------- settings


@pytest.mark.threat("T19")
def test_closing_local_access_leaves_this_computer_a_key_in_the_data_directory(
    daemon: Daemon, database_kind: str
) -> None:
    # On a server each gateway has a key of its own.
    name = {"sqlite": "this-computer", "postgresql": "this-computer-1"}[database_kind]
    file = daemon.data_dir / "local.key"
    with connect(daemon) as web:
        assert web.put("/v1/settings/local_access", json={"value": "closed"}).status_code == 200
        assert web.get("/v1/jobs").status_code == 401
        assert web.get("/healthz").status_code == 200
        if sys.platform != "win32":
            assert stat.S_IMODE(os.stat(file).st_mode) == 0o600  # noqa: PTH116
        with connect(daemon, file.read_text().strip()) as mine:
            assert mine.get("/v1/keys").json()["items"][0]["name"] == name
            opened = mine.put("/v1/settings/local_access", json={"value": "open"})
            assert opened.json() == {"local_access": "open"}
            assert mine.get("/v1/jobs").status_code == 401  # its key is revoked with the file
        assert not file.exists()
        assert web.get("/v1/jobs").status_code == 200


@pytest.mark.parametrize(
    ("name", "value", "detail"),
    [
        ("time_zone", "Mars/Olympus", "'Mars/Olympus' is not a time zone; give an IANA name such "
         "as 'Europe/Athens', or '' for this computer's own."),
        ("time_zone", "../../etc/passwd", "'../../etc/passwd' is not a time zone; give an IANA "
         "name such as 'Europe/Athens', or '' for this computer's own."),
        ("local_access", True, "local_access must be 'open' or 'closed', got 'True'."),
        ("backup_hours", True, "It must be a whole number of hours from 0 to 8760, got 'True'."),
        ("backups_kept", 0, "It must be a whole number of backups from 1 to 1000, got '0'."),
        ("scan_days", 6, "Scans are kept for 7 days at least, got 6; set 0 to keep them for ever."),
        ("scan_days", -1, "It must be a whole number of days from 0 to 36500, got '-1'."),
        ("labels.approval", "yes", "It must be true or false, got 'yes'."),
        ("registry.reasons", ["lost", "lost"], "It must be a list of 1 to 9 different texts of at "
         "most 40 characters each; got \"['lost', 'lost']\"."),
        ("registry.conditions", [], "It must be a list of 1 to 9 different texts of at most 40 "
         "characters each; got '[]'."),
        ("tiem_zone", "UTC", "There is no setting 'tiem_zone'; did you mean 'time_zone'?"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_refused(
    web: httpx.Client, name: str, value: object, detail: str
) -> None:
    answer = web.put(f"/v1/settings/{name}", json={"value": value})
    assert (answer.status_code, answer.json()["detail"]) == (422, detail)
    assert web.get("/v1/settings").json() == {
        "time_zone": "",
        "local_access": "open",
        "backup_hours": 24,
        "backups_kept": 3,
        "scan_days": 365,
        "labels.approval": False,
        "mqtt.url": "",
        "mqtt.username": "",
        "mqtt.password": "",
        "mqtt.kinds": [],
        "mqtt.prefix": "label-gateway",
        "registry.enabled": True,
        "registry.features": [
            "barcodes", "bins", "kits", "lots", "multi_location", "qc", "rma", "work_orders",
        ],
        "registry.reuse": "allow",
        "registry.verify": "warn",
        "registry.require_pick": False,
        "registry.innermost": False,
        "registry.serialise_rule": "before_sync",
        "registry.opening": "later",
        "registry.require_account_codes": False,
        "registry.undo_minutes": 1440,
        "registry.reasons": ["damaged", "lost", "expired", "wrong item", "customer's wish"],
        "registry.conditions": ["as new", "used", "damaged"],
    }  # fmt: skip


# ---------------------------------------------------------------- uploads


def test_an_upload_is_kept_by_its_hash_and_once(web: httpx.Client) -> None:
    content = picture()
    raw = web.post("/v1/assets?name=logo", content=content, headers={"Content-Type": "image/png"})
    assert (raw.status_code, raw.json()["kind"], raw.json()["name"]) == (201, "picture", "logo")
    coded = {"content": base64.b64encode(content).decode(), "name": "again"}
    same = web.post("/v1/assets", json=coded).json()
    assert same == raw.json()
    file = web.get(f"/v1/assets/{same['hash']}")
    assert file.content == content
    assert file.headers["content-disposition"] == "attachment; filename=asset"
    assert same in web.get("/v1/assets").json()["items"]
    assert web.get(f"/v1/assets/{'0' * 64}").status_code == 404


def test_an_uploaded_picture_is_printed(web: httpx.Client) -> None:
    out = BytesIO()
    Image.new("L", (60, 60), 0).save(out, "PNG")
    upload = web.post(
        "/v1/assets", content=out.getvalue(), headers={"Content-Type": "image/png"}
    ).json()
    document = {
        "name": "logo", "size": {"width": 20_000, "height": 20_000},
        "elements": [{"type": "image", "id": "i", "picture": upload["ref"], "x": 5000, "y": 5000,
                      "width": 10_000, "height": 10_000}],
    }  # fmt: skip
    drawn = web.post("/v1/preview", json={"document": document})
    assert drawn.status_code == 200, drawn.text
    with Image.open(BytesIO(drawn.content)) as label:
        assert label.convert("L").histogram()[0] == 80 * 80


@pytest.mark.threat("T14")
@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"hello", 422),
        (picture()[:50], 422),
        (b"\x00\x01\x00\x00 no font", 422),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422),
        (picture(5000, 5000), 413),
        (b"\x00" * (5 * 1024 * 1024 + 1), 413),
    ],
)
def test_a_bomb_a_stump_and_a_stranger_are_refused(
    web: httpx.Client, content: bytes, status: int
) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    assert web.post("/v1/assets", content=content, headers=headers).status_code == status


@pytest.mark.threat("T2")
def test_an_upload_of_a_form_is_refused(web: httpx.Client) -> None:
    answer = web.post("/v1/assets", files={"file": picture()})
    assert answer.status_code == 400
