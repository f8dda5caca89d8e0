"""Printers over HTTP: made, changed by who has read them, paused, deleted, looked at."""

from __future__ import annotations

import socket
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from gateway.drivers.models import load_models
from tests.api.conftest import DOCK, OTHER, connect, order

if TYPE_CHECKING:
    from tests.conftest import Daemon


def test_a_printer_is_made_read_changed_and_renamed(web: httpx.Client) -> None:
    made = web.put("/v1/printers/Packing-1", json=OTHER | {"density": "180dpi"})
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert made.headers["location"] == "/v1/printers/Packing-1"
    read = web.get("/v1/printers/packing-1").json()
    assert (read["name"], read["url"], read["density"], read["media"], read["language"]) == (
        "Packing-1", "tcp://127.0.0.1:9101", "180dpi",
        {"width": 100000, "height": 50000, "stock": ""}, "zpl",
    )  # fmt: skip
    changed = web.put("/v1/printers/packing-1", json={"media": {"width": 50000, "height": 25000}})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert changed.json()["density"] == "180dpi"
    renamed = web.put("/v1/printers/packing-1", json={"name": "packing-2"})
    assert renamed.json()["name"] == "packing-2"
    assert web.get("/v1/printers/packing-1").status_code == 404
    taken = web.put("/v1/printers/packing-2", json={"name": "DOCK"})
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/name-taken")
    assert web.delete("/v1/printers/packing-2").status_code == 204


def test_only_who_has_read_the_newest_version_may_overwrite_it(web: httpx.Client) -> None:
    tag = web.put("/v1/printers/edited", json=OTHER).headers["etag"]
    assert web.put("/v1/printers/edited", json={}, headers={"If-Match": tag}).status_code == 200
    stale = web.put("/v1/printers/edited", json={}, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["detail"]) == (
        412,
        "Printer 'edited' was changed meanwhile (version 2, not 1); read it again and repeat the "
        "change.",
    )
    exists = web.put("/v1/printers/edited", json=OTHER, headers={"If-None-Match": "*"})
    assert exists.status_code == 412
    assert web.delete("/v1/printers/edited", headers={"If-Match": tag}).status_code == 412
    assert web.delete("/v1/printers/edited", headers={"If-Match": '"2"'}).status_code == 204
    assert web.delete("/v1/printers/edited").status_code == 404


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "A printer needs a 'url' such as tcp://10.0.0.7:9100."),
        ({"url": "10.0.0.7"}, "'10.0.0.7' is not a printer's URL; write it as tcp://10.0.0.7."),
        ({"url": "/dev/usb/lp0"}, "'/dev/usb/lp0' is not a printer's URL; write it as "
         "usblp:///dev/usb/lp0."),
        ({"url": DOCK["url"]}, "A printer needs its 'media': "
         '{"width": 100000, "height": 50000} is 100 × 50 mm.'),
        (DOCK | {"media": {"width": 100, "height": 5}},
         "The media's width must be whole micrometres from 2000 (2 mm) to 2000000 (2000 mm), got "
         "100."),
        (DOCK | {"densty": 8}, "A printer has no 'densty'; did you mean 'density'?"),
        (DOCK | {"evidence": "maybe"}, "A printer's 'evidence' must be 'auto' or 'none', got "
         "'maybe'."),
        (DOCK | {"model": "zt411"}, "'zt411' is not a known printer model; leave the model out, or "
         "give one such as zt411-203 or zt411-300 or zt411-600."),
        (DOCK | {"language": "pdf"}, "'pdf' is for previews; a printer's language is one it "
         "understands, such as zpl."),
    ],
)  # fmt: skip
def test_wrong_settings_are_refused_with_the_cure(
    web: httpx.Client, body: dict[str, object], detail: str
) -> None:
    answer = web.put("/v1/printers/wrong", json=body)
    assert (answer.status_code, answer.json()["detail"]) == (422, detail)
    assert web.get("/v1/printers/wrong").status_code == 404


def test_a_device_is_the_device_of_one_printer(web: httpx.Client) -> None:
    sentence = (
        "tcp://127.0.0.1:9100 is printer 'dock' already, and a device's counter can speak for the "
        "labels of one printer only; print on 'dock', or remove it first."
    )
    second = web.put("/v1/printers/second", json=DOCK)
    assert (second.status_code, second.json()["type"], second.json()["detail"]) == (
        409, "/problems/in-use", sentence,
    )  # fmt: skip
    assert web.get("/v1/printers/second").status_code == 404

    assert web.put("/v1/printers/second", json=OTHER).status_code == 201
    moved = web.put("/v1/printers/second", json={"url": "tcp://127.0.0.1"})
    replaced = web.post("/v1/printers/second/replace", json={"url": DOCK["url"]})
    assert [moved.json()["detail"], replaced.json()["detail"]] == [sentence, sentence]
    assert web.get("/v1/printers/second").json()["url"] == OTHER["url"]
    assert web.put("/v1/printers/dock", json=DOCK).status_code == 200  # its own
    assert web.delete("/v1/printers/second").status_code == 204


def test_printers_that_are_never_asked_may_share_a_queue(web: httpx.Client) -> None:
    for name in ("here", "there"):
        assert web.put(f"/v1/printers/{name}", json=DOCK | {"url": "memory://x"}).status_code == 201


@pytest.mark.threat("T15")
@pytest.mark.parametrize("name", ["..", "a b", "a%2Fb", "é", "x" * 41, "a:b", "a%00"])
def test_a_name_is_never_a_path(web: httpx.Client, name: str) -> None:
    assert web.put(f"/v1/printers/{name}", json=OTHER).status_code in (404, 405, 422)


@pytest.mark.threat("T16")
@pytest.mark.parametrize(
    "url", ["tcp://169.254.169.254:80", "http://127.0.0.1/", "tcp://224.0.0.1"]
)
def test_a_printer_is_no_way_to_other_services(web: httpx.Client, url: str) -> None:
    assert web.put("/v1/printers/ssrf", json=DOCK | {"url": url}).status_code == 422


def test_a_printer_with_work_is_not_deleted(web: httpx.Client) -> None:
    web.put("/v1/printers/busy", json=OTHER)
    web.post("/v1/printers/busy/pause")
    job = web.post("/v1/jobs", json=order() | {"printer": "busy"}).json()["id"]
    refused = web.delete("/v1/printers/busy")
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "Printer 'busy' still has 1 label to end; cancel them or answer for them first.",
    )
    web.post(f"/v1/jobs/{job}/cancel")
    assert web.delete("/v1/printers/busy").status_code == 204
    assert web.get(f"/v1/jobs/{job}").json()["printer"] == "busy"


def test_pausing_is_told_and_is_no_edit(web: httpx.Client) -> None:
    web.put("/v1/printers/pausing", json=OTHER)
    paused = web.post("/v1/printers/pausing/pause").json()
    assert (paused["paused"], paused["version"]) == (True, 1)
    assert web.post("/v1/printers/pausing/resume").json()["paused"] is False


@pytest.mark.threat("T12")
def test_the_paper_of_a_virtual_printer_shows_what_came_out(daemon: Daemon) -> None:
    with connect(daemon) as web:
        posted = order("SN-000123") | {"printer": "zebra"}
        job = web.post("/v1/jobs", json=posted).json()["id"]
        assert web.get(f"/v1/jobs/{job}?wait=30").json()["state"] == "done"
        page = web.get("/v1/printers/zebra/paper").json()
        (sheet,) = page["items"]
        assert sheet["codes"] == [{"format": "Code 128", "text": "SN-000123"}]
        assert (sheet["number"], sheet["partial"], page["next"]) == (1, False, None)
        picture = web.get(sheet["links"]["picture"])
        with Image.open(BytesIO(picture.content)) as image:
            assert image.size == (800, 400)
        assert web.get("/v1/printers/zebra/paper/2.png").status_code == 404
        status = web.get("/v1/printers/zebra/status").json()
        assert (status["condition"], status["proof"], status["waiting"]) == ("ready", "odometer", 0)

        done = web.post("/v1/printers/zebra/virtual", json={"do": "paper_out"})
        assert (done.status_code, done.json()["paper_out"]) == (200, True)
        assert web.post("/v1/printers/zebra/virtual", json={"do": "burn"}).status_code == 422
        assert web.get("/v1/printers/zebra/virtual").json()["odometer"] == 1


def test_a_changed_printer_has_its_new_labels_in_at_once(daemon: Daemon) -> None:
    with connect(daemon) as web:
        web.put("/v1/printers/zebra", json={"media": {"width": 60_000, "height": 30_000}})
        raw = {"printer": "zebra", "raw": "^XA^FO9,9^GB40,40,40^FS^XZ"}
        job = web.post("/v1/jobs", json=raw).json()["id"]
        assert web.get(f"/v1/jobs/{job}?wait=30").json()["state"] == "done"
        (sheet,) = web.get("/v1/printers/zebra/paper").json()["items"]
        assert (sheet["width"], sheet["height"]) == (480, 240)


def test_a_deleted_virtual_printer_frees_its_port(daemon: Daemon) -> None:
    with connect(daemon) as web:
        url = urlsplit(web.get("/v1/printers/zebra").json()["url"])
        assert web.delete("/v1/printers/zebra").status_code == 204
        with socket.create_server(("127.0.0.1", url.port or 0)) as taken:
            assert taken.getsockname()[1] == url.port


def test_a_real_printer_has_its_paper_in_front_of_it(web: httpx.Client) -> None:
    answer = web.get("/v1/printers/dock/paper")
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-now")


def test_printers_are_listed_by_name_and_paged(web: httpx.Client) -> None:
    page = web.get("/v1/printers?limit=1").json()
    assert ([p["name"] for p in page["items"]], page["next"]) == (["dock"], "dock")
    rest = web.get("/v1/printers?after=dock").json()
    assert "zebra" in [p["name"] for p in rest["items"]]


def test_another_language_is_another_device_whose_silence_says_nothing(
    web: httpx.Client, shared_daemon: Daemon
) -> None:
    parts = shared_daemon.gateway.parts
    body = {**DOCK, "url": "tcp://127.0.0.1:9"}
    assert web.put("/v1/printers/changes", json=body).status_code == 201
    number = parts.printers.find("changes").id
    parts.jobs.learn(number, {"model": "ZD421", "proof": "counter"})
    web.put("/v1/printers/changes", json={"options": {"note": "moved"}}).raise_for_status()
    assert parts.jobs.learned(number) == {"model": "ZD421", "proof": "counter"}
    web.put("/v1/printers/changes", json={"language": "tspl"}).raise_for_status()
    assert parts.jobs.learned(number) == {}


def test_models_are_listed_with_what_is_known_of_them(web: httpx.Client) -> None:
    found = web.get("/v1/models?language=brother-ql").json()
    assert found["next"] is None
    assert {model["language"] for model in found["items"]} == {"brother-ql"}
    names, after = [], ""
    while True:
        page = web.get(f"/v1/models?limit=50{after}").json()
        names += [model["name"] for model in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert names == sorted(load_models())
    [zebra] = [
        m for m in web.get("/v1/models?limit=500").json()["items"] if m["name"] == "zd421-203"
    ]
    assert (zebra["density"], zebra["print_width"]) == (8, 104_000)
    assert all(sentence.endswith(".") for sentence in zebra["quirks"].values())


def test_the_list_says_what_waits_and_which_label_came_out_of_each_last(daemon: Daemon) -> None:
    def listed() -> dict[str, Any]:
        items = web.get("/v1/printers?work=true").json()["items"]
        return {item["name"]: item for item in items}

    with connect(daemon) as web:
        assert [listed()["zebra"][key] for key in ("waiting", "uncertain", "last_label")] == [
            0, 0, None,
        ]  # fmt: skip
        assert web.get("/v1/printers/zebra/labels").json() == {"items": [], "next": None}
        web.put("/v1/pools/hall", json={"members": ["zebra"]}).raise_for_status()
        for printer, serials in (("zebra", "123"), ("hall", "45")):
            rows = [{"serial": f"SN-{serial}"} for serial in serials]
            body = {"printer": printer, "template": "serial-label", "labels": rows}
            job = web.post("/v1/jobs", json=body).json()["id"]
            assert web.get(f"/v1/jobs/{job}?wait=30").json()["state"] == "done"
        web.post("/v1/printers/zebra/pause").raise_for_status()
        late = {"printer": "zebra", "template": "serial-label", "labels": [{"serial": "SN-6"}] * 3}
        web.post("/v1/jobs", json=late).raise_for_status()
        found = web.get("/v1/printers/zebra/labels?limit=4").json()["items"]
        assert [row["data"]["serial"] for row in found] == ["SN-5", "SN-4", "SN-3", "SN-2"]
        zebra = listed()["zebra"]
        assert (zebra["waiting"], zebra["uncertain"], zebra["last_label"]) == (3, 0, found[0])
        assert "last_label" not in web.get("/v1/printers").json()["items"][0]
        # Of a long job that stands still the last label that left is shown, not the last there is.
        trip = {"do": "trip", "fault": "paper_out", "labels": 5}
        web.post("/v1/printers/zebra/virtual", json=trip).raise_for_status()
        web.post("/v1/printers/zebra/resume").raise_for_status()
        long = late | {"labels": [{"serial": "SN-7"}] * 600}
        job = web.post("/v1/jobs", json=long).json()["id"]
        last = found[0]
        for _ in range(300):
            last = listed()["zebra"]["last_label"]
            if (last["job"], last["number"]) == (job, 2):
                break
            web.get(f"/v1/jobs/{job}?wait=0.1")
        assert (last["job"], last["number"], last["state"]) == (job, 2, "printed")
        assert web.get(found[0]["links"]["picture"]).headers["content-type"] == "image/png"
