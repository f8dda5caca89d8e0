"""Virtual printers over HTTP: made of any language at once, changed, replaced and ended."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from gateway.drivers.virtual.printer import LANGUAGES
from gateway.drivers.virtual.usual import usual_make
from gateway.units import format_density, to_dots
from tests.api.conftest import connect

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Daemon

SMALL = {"width": 72_000, "height": 40_000}
ITEM = {"item": "HT-9000", "name": "Steel bracket", "lot": "L2611", "quantity": 25, "unit": "pcs"}
ROLL = {
    "name": "roll", "title": "Roll", "size": {"width": 62_000, "height": 100_000},
    "fields": [{"name": "serial", "title": "Serial", "required": True, "max_length": 20,
                "example": "SN-1"}],
    "elements": [{"type": "barcode", "id": "code", "symbology": "code128", "content": "{serial}",
                  "x": 6_000, "y": 20_000, "width": 50_000, "height": 20_000}],
}  # fmt: skip


@pytest.fixture
def web(daemon: Daemon) -> Iterator[httpx.Client]:
    with connect(daemon) as client:
        yield client


def put(web: httpx.Client, name: str = "demo", **body: Any) -> Any:
    answer = web.put(f"/v1/printers/{name}", json=body)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def print_item(web: httpx.Client, printer: str = "demo") -> dict[str, Any]:
    """Print an item label; return the job's end."""
    body = {"printer": printer, "template": "item-label", "labels": [ITEM]}
    job = web.post("/v1/jobs", json=body).json()["id"]
    ended: dict[str, Any] = web.get(f"/v1/jobs/{job}?wait=30").json()
    return ended


def paper(web: httpx.Client, printer: str = "demo") -> list[Any]:
    items: list[Any] = web.get(f"/v1/printers/{printer}/paper").json()["items"]
    return items


def is_free(url: str) -> bool:
    with closing(socket.socket()) as caller:
        return caller.connect_ex(("127.0.0.1", urlsplit(url).port or 0)) != 0


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_printer_of_each_language_prints_at_once(web: httpx.Client, language: str) -> None:
    made = put(web, url="virtual:", language=language)
    usual = usual_make(language)
    assert (made["language"], made["density"], made["virtual"], made["version"]) == (
        language,
        format_density(usual.density),
        True,
        1,
    )
    assert urlsplit(made["url"]).hostname == "127.0.0.1"
    template, row, text = "item-label", ITEM, "HT-9000"
    if language == "brother-ql":  # its labels are as large as its rolls
        template, row, text = "roll", {"serial": "SN-7"}, "SN-7"
        assert web.put("/v1/templates/roll", json=ROLL).status_code == 201
    body = {"printer": "demo", "template": template, "labels": [row]}
    job = web.post("/v1/jobs", json=body).json()["id"]
    ended = web.get(f"/v1/jobs/{job}?wait=30").json()
    assert (ended["state"], ended["counts"]) == ("done", {"printed": 1})
    (sheet,) = paper(web)
    assert ([code["text"] for code in sheet["codes"]], sheet["unknown"]) == ([text], [])


def test_its_head_may_have_any_density_and_its_labels_any_size(web: httpx.Client) -> None:
    made = put(web, url="virtual:", language="escpos", density="180dpi", media=SMALL)
    assert (made["density"], made["media"]["width"], made["options"]) == (
        "180dpi",
        72_000,
        {"virtual": True},
    )
    assert print_item(web)["state"] == "done"
    (sheet,) = paper(web)
    density = usual_make("escpos", "generic-escpos-180").density
    assert sheet["width"] in (to_dots(70_000, density), to_dots(72_000, density))
    with Image.open(BytesIO(web.get(sheet["links"]["picture"]).content)) as picture:
        assert picture.size == (sheet["width"], sheet["height"])
    web.post("/v1/printers/demo/virtual", json={"do": "paper_out"}).raise_for_status()
    assert web.get("/v1/printers/demo/virtual").json()["paper_out"] is True


def test_a_model_says_language_density_and_how_wide_labels_can_be(web: httpx.Client) -> None:
    made = put(web, url="virtual:", model="generic-escpos-58")
    assert (made["language"], made["density"], made["media"]) == (
        "escpos",
        8,
        {"width": 48_000, "height": 50_000, "stock": ""},
    )
    changed = put(web, url="virtual:", model="generic-tspl-300")
    assert (changed["url"], changed["language"], changed["density"], changed["model"]) == (
        made["url"],
        "tspl",
        "300dpi",
        "generic-tspl-300",
    )


def test_another_language_is_another_machine_at_the_same_address(web: httpx.Client) -> None:
    made = put(web, url="virtual:", media={"width": 70_000, "height": 40_000})
    assert print_item(web)["state"] == "done"
    assert web.get("/v1/printers/demo/virtual").json()["odometer"] == 1
    changed = put(web, language="tspl")
    assert (changed["url"], changed["language"], changed["version"]) == (made["url"], "tspl", 2)
    assert web.get("/v1/printers/demo/virtual").json()["odometer"] == 0
    assert paper(web) == []
    assert print_item(web)["counts"] == {"printed": 1}
    assert [code["text"] for code in paper(web)[0]["codes"]] == ["HT-9000"]
    # The first one stands where it was put, with its counter and its paper.
    put(web, language="zpl")
    assert web.get("/v1/printers/demo/virtual").json()["odometer"] == 1
    assert print_item(web)["state"] == "done"
    assert [sheet["number"] for sheet in paper(web)] == [2, 1]


def test_a_language_without_such_heads_brings_its_own_head_and_stock(web: httpx.Client) -> None:
    put(web, url="virtual:", model="zt411-203")
    changed = put(web, language="brother-ql")
    assert (changed["density"], changed["model"], changed["media"]) == (
        "300dpi",
        "",
        {"width": 62_000, "height": 100_000, "stock": ""},
    )


def test_other_labels_are_put_into_the_machine_as_it_runs(web: httpx.Client) -> None:
    made = put(web, url="virtual:", language="epl")
    changed = put(web, media={"width": 70_000, "height": 40_000})
    assert changed["url"] == made["url"]
    assert print_item(web)["state"] == "done"
    assert (paper(web)[0]["width"], paper(web)[0]["height"]) == (560, 320)


def test_what_was_read_can_be_put_back(web: httpx.Client) -> None:
    made = put(web, url="virtual:", language="cpcl")
    kept = ("url", "language", "density", "media", "model", "evidence", "mode", "options", "setup")
    again = put(web, **{key: made[key] for key in kept})
    assert {key: again[key] for key in kept} == {key: made[key] for key in kept}
    assert not is_free(made["url"])


def test_the_same_settings_on_another_gateway_make_the_same_printer(web: httpx.Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        url = f"tcp://127.0.0.1:{found.getsockname()[1]}"
    made = put(web, url=url, language="sbpl", options={"virtual": True})
    assert (made["url"], made["virtual"]) == (url, True)
    assert print_item(web)["state"] == "done"


def test_an_address_that_is_taken_is_changed_for_a_free_one(web: httpx.Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        made = put(web, url=url, options={"virtual": True})
        assert made["url"] != url
        assert web.get("/v1/printers/demo").json()["url"] == made["url"]
        assert print_item(web)["state"] == "done"


def test_it_ends_when_it_is_deleted(web: httpx.Client) -> None:
    made = put(web, url="virtual:", language="dpl")
    assert web.delete("/v1/printers/demo").status_code == 204
    assert is_free(made["url"])
    assert web.get("/v1/printers/demo/paper").status_code == 404


def test_it_ends_when_another_device_has_its_name(web: httpx.Client) -> None:
    made = put(web, url="virtual:", language="tspl")
    changed = put(web, url="tcp://127.0.0.1:9", evidence="none")
    assert (changed["virtual"], changed["options"]) == (False, {})
    assert is_free(made["url"])
    assert web.get("/v1/printers/demo/paper").status_code == 409


def test_a_printer_can_be_replaced_by_a_virtual_one(web: httpx.Client) -> None:
    small = {"width": 70_000, "height": 40_000}
    put(web, url="tcp://127.0.0.1:9", media=small)
    web.post("/v1/printers/demo/pause")
    body = {"printer": "demo", "template": "item-label", "labels": [ITEM]}
    job = web.post("/v1/jobs", json=body).json()["id"]
    replaced = web.post("/v1/printers/demo/replace", json={"url": "virtual:", "language": "tspl"})
    assert (replaced.status_code, replaced.json()["virtual"]) == (200, True)
    web.post("/v1/printers/demo/resume")
    assert web.get(f"/v1/jobs/{job}?wait=30").json()["counts"] == {"printed": 1}
    assert [code["text"] for code in paper(web)[0]["codes"]] == ["HT-9000"]


@pytest.mark.promise("R5")
def test_it_is_no_other_machine_while_labels_are_on_the_way(web: httpx.Client) -> None:
    put(web, url="virtual:", media={"width": 70_000, "height": 40_000})
    trip = {"do": "trip", "fault": "paper_out", "labels": 0, "at": 0.5}
    web.post("/v1/printers/demo/virtual", json=trip).raise_for_status()
    body = {"printer": "demo", "template": "item-label", "labels": [ITEM]}
    job = web.post("/v1/jobs", json=body).json()["id"]
    while not web.get("/v1/printers/demo/virtual").json()["paper_out"]:
        assert web.get(f"/v1/jobs/{job}?wait=0.2").json()["state"] != "done"
    refused = web.put("/v1/printers/demo", json={"language": "tspl"})
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "1 label is on the way on printer 'demo'; wait until they are settled, or use "
        "/v1/printers/demo/replace when the device is another one.",
    )
    web.post("/v1/printers/demo/virtual", json={"do": "load_paper"}).raise_for_status()
    assert web.get(f"/v1/jobs/{job}?wait=30").json()["state"] == "done"


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"url": "virtual:", "language": "pdf"}, "Virtual printers speak zpl, escpos, tspl, epl, "
         "cpcl, sbpl, brother-ql, dpl, not 'pdf'."),
        ({"url": "tcp://10.0.0.7:9100", "options": {"virtual": True}},
         "The option 'virtual' says that the gateway runs this printer, and its url is "
         "'tcp://10.0.0.7:9100'; leave the option out, or give the url \"virtual:\"."),
        ({"url": "virtual:", "model": "zt411-203", "language": "tspl"},
         "A Zebra ZT411, 203 dpi speaks zpl at 8 dots per mm, and the printer is set to tspl at 8; "
         "correct the model, or language and density."),
        ({"url": "virtual:", "language": 5}, "A printer's 'language' must be a short text, got 5."),
        ({"url": "virtual:", "media": SMALL, "options": "fast"},
         "A printer's 'options' must be a small object, got 'fast'."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_started(
    web: httpx.Client, body: dict[str, object], detail: str
) -> None:
    answer = web.put("/v1/printers/demo", json=body)
    assert (answer.status_code, answer.json()["detail"]) == (422, detail)
    assert web.get("/v1/printers/demo").status_code == 404


def test_one_that_does_not_start_says_why_and_starts_when_it_can(
    daemon: Daemon, web: httpx.Client
) -> None:
    made = put(web, url="virtual:", media={"width": 70_000, "height": 40_000})
    number = daemon.gateway.parts.printers.find("demo").id
    blocked = daemon.data_dir / "virtual" / f"{number}-tspl"
    blocked.write_text("no folder")
    refused = web.put("/v1/printers/demo", json={"language": "tspl"})
    assert (refused.status_code, refused.json()["type"]) == (503, "/problems/device-unreachable")
    assert refused.json()["detail"].startswith("The virtual printer 'demo' does not start (")
    read = web.get("/v1/printers/demo").json()
    assert (read["language"], read["virtual"], read["url"]) == ("tspl", False, made["url"])
    blocked.unlink()
    assert put(web)["virtual"] is True
    assert print_item(web)["state"] == "done"


def test_it_is_there_again_after_a_start(start_daemon: Any, tmp_path: Path) -> None:
    with start_daemon(tmp_path) as first, connect(first) as web:
        made = put(web, url="virtual:", language="escpos", density="180dpi", media=SMALL)
        assert print_item(web)["state"] == "done"
    with start_daemon(tmp_path) as again, connect(again) as web:
        read = web.get("/v1/printers/demo").json()
        assert (read["url"], read["virtual"], read["version"]) == (made["url"], True, 1)
        assert print_item(web)["state"] == "done"
        assert [sheet["number"] for sheet in paper(web)] == [2, 1]
