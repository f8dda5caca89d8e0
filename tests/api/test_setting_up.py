"""Setting a printer up over HTTP: test label, alignment, stock, settings, another device."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from PIL import Image

from gateway.drivers.virtual.printer import VirtualPrinter
from tests.api.conftest import connect

if TYPE_CHECKING:
    from tests.conftest import Daemon

LARGE = {"width": 100_000, "height": 50_000}


@pytest.fixture
def web(daemon: Daemon) -> Iterator[httpx.Client]:
    with connect(daemon) as client:
        yield client


@pytest.fixture
def device() -> Iterator[VirtualPrinter]:
    with VirtualPrinter("device", speed_mm_s=0, rest_s=0, width_mm=100, height_mm=50) as printer:
        yield printer


def add(web: httpx.Client, device: VirtualPrinter, **more: Any) -> None:
    body = {"url": device.url, "media": LARGE, **more}
    answer = web.put("/v1/printers/line", json=body)
    assert answer.status_code == 201, answer.text


def let_go(web: httpx.Client) -> None:
    """Close the gateway's connection before the device is switched off."""
    web.put("/v1/printers/line", json={"url": "tcp://127.0.0.1:9", "evidence": "none"})


def middle_of_the_cross(png: bytes) -> tuple[float, float]:
    """Return where the two longest lines in the middle of the label cross, in dots."""
    with Image.open(BytesIO(png)) as opened:
        picture = opened.convert("1")
    dark = picture.point(lambda value: 255 - value)
    # The ruler and its numbers stand within 10 mm of the edges, the words left of the cross.
    wide, high = dark.size
    box = (wide // 2 - 72, 96, wide // 2 + 72, high - 56)
    left, top, right, bottom = dark.crop(box).getbbox() or (0, 0, 0, 0)
    return box[0] + (left + right) / 2, box[1] + (top + bottom) / 2


def test_the_test_labels_cross_is_in_the_middle_and_moves_to_where_it_is_measured(
    web: httpx.Client, device: VirtualPrinter
) -> None:
    add(web, device)
    job = web.post("/v1/printers/line/test").json()
    assert (job["title"], job["template"], job["labels"]) == ("Test label", "test-label", 1)
    assert web.get(f"/v1/jobs/{job['id']}?wait=30").json()["state"] == "done"
    first = device.png(1)
    assert first is not None
    assert middle_of_the_cross(first) == (400, 200)
    # On this printer's paper it stands 1 mm too far right and 0.5 mm too high.
    aligned = web.post("/v1/printers/line/align", json={"left": 51_000, "top": 24_500}).json()
    assert aligned["setup"]["offset"] == {"x": -1_000, "y": 500}
    job = web.post("/v1/printers/line/test").json()
    assert web.get(f"/v1/jobs/{job['id']}?wait=30").json()["state"] == "done"
    second = device.png(2)
    assert second is not None
    assert middle_of_the_cross(second) == (392, 204)
    # Measured again where it belongs: nothing moves.
    aligned = web.post("/v1/printers/line/align", json={"left": 50_000, "top": 25_000}).json()
    assert aligned["setup"]["offset"] == {"x": -1_000, "y": 500}
    let_go(web)


def test_an_alignment_and_a_replacement_that_are_asked_twice_happen_once(
    web: httpx.Client,
) -> None:
    body = {"url": "tcp://127.0.0.1:9", "media": LARGE, "evidence": "none"}
    web.put("/v1/printers/line", json=body).raise_for_status()
    for verb, sent in (
        ("align", {"left": 51_000, "top": 25_000}),
        ("replace", {"url": "tcp://127.0.0.1:19"}),
    ):
        key = {"Idempotency-Key": verb}
        first, again = (
            web.post(f"/v1/printers/line/{verb}", json=sent, headers=key) for _ in range(2)
        )
        assert (first.status_code, again.status_code) == (200, 200)
        now = web.get("/v1/printers/line").json()
        assert (again.json()["version"], now["version"]) == (first.json()["version"],) * 2
        assert now["setup"]["offset"] == {"x": -1_000, "y": 0}
        other = web.post(f"/v1/printers/line/{verb}", json={**sent, "top": 1}, headers=key)
        assert (other.status_code, other.json()["type"]) == (422, "/problems/replay-differs")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (
            {"left": 50_000},
            "An alignment needs 'top': how many µm the cross of the test label is from the top "
            "edge of the paper, got null.",
        ),
        (
            {"left": 5_000, "top": 25_000},
            "The cross belongs 50 mm from the left edge, and 5 mm would move all ink by 45 mm, "
            "more than the 20 mm that can be; measure again, or correct the printer's media.",
        ),
    ],
)
def test_a_measurement_that_cannot_be_is_refused(
    web: httpx.Client, device: VirtualPrinter, body: dict[str, int], detail: str
) -> None:
    add(web, device)
    refused = web.post("/v1/printers/line/align", json=body)
    assert (refused.status_code, refused.json()["detail"]) == (422, detail)
    let_go(web)


def test_a_job_waits_for_its_stock_and_goes_when_that_is_loaded(
    web: httpx.Client, device: VirtualPrinter
) -> None:
    add(web, device, media={"width": 50_000, "height": 25_000})
    body = {"printer": "line", "template": "serial-label", "labels": [{"serial": "SN-1"}]}
    job = web.post("/v1/jobs", json=body).json()
    assert job["state"] == "held"
    released = web.post(f"/v1/jobs/{job['id']}/release")
    assert released.status_code == 200
    # Released by hand, it is held again: it does not fit.
    for _ in range(30):
        if web.get(f"/v1/jobs/{job['id']}?wait=1").json()["state"] == "held":
            break
    else:
        raise AssertionError("it was not held again")
    web.put("/v1/printers/line", json={"media": LARGE}).raise_for_status()
    assert web.get(f"/v1/jobs/{job['id']}?wait=30").json()["state"] == "done"
    let_go(web)


def test_a_job_that_a_person_holds_stays_held_whatever_is_loaded(
    web: httpx.Client, device: VirtualPrinter
) -> None:
    add(web, device)
    body = {"printer": "line", "template": "serial-label", "labels": [{"serial": "SN-1"}]}
    job = web.post("/v1/jobs", json={**body, "hold": True}).json()["id"]
    for stock in ("a", "b"):
        web.put("/v1/printers/line", json={"media": {**LARGE, "stock": stock}}).raise_for_status()
    assert web.get(f"/v1/jobs/{job}").json()["state"] == "held"
    web.post(f"/v1/jobs/{job}/cancel").raise_for_status()
    let_go(web)


def test_settings_reach_the_printer_once_and_again_when_they_change(
    web: httpx.Client, device: VirtualPrinter
) -> None:
    add(web, device, setup={"tracking": "mark", "darkness": 50, "speed": 101_600, "finish": "cut"})
    body = {"printer": "line", "template": "serial-label", "labels": [{"serial": "SN-1"}]}
    for darkness in (50, 50, 80):
        web.put("/v1/printers/line", json={"setup": {"darkness": darkness}}).raise_for_status()
        job = web.post("/v1/jobs", json=body).json()["id"]
        assert web.get(f"/v1/jobs/{job}?wait=30").json()["state"] == "done"
    assert len(device.labels()) == 3, "settings print nothing"
    shown = web.get("/v1/printers/line").json()["setup"]
    assert shown == {
        "tracking": "mark", "gap": 3_000, "darkness": 80, "speed": 101_600, "finish": "cut",
        "offset": {"x": 0, "y": 0},
    }  # fmt: skip
    let_go(web)


@pytest.mark.parametrize(
    ("setup", "detail"),
    [
        ({"darkness": 101}, "A printer's darkness must be a whole number from 0 to 100 (percent "
         "of what the printer can), got 101."),
        ({"tracking": "hole"}, "A printer's 'tracking' must be 'gap', 'mark' or 'continuous', got "
         "'hole'."),
        ({"offset": {"x": 30_000}}, "A printer's offset.x must be a whole number from -20000 to "
         "20000 (µm), got 30000."),
        ({"darkness": True}, "A printer's darkness must be a whole number from 0 to 100 (percent "
         "of what the printer can), got true."),
        ("dark", "A printer's 'setup' must be an object such as {\"darkness\": 60}, got 'dark'."),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused(web: httpx.Client, setup: object, detail: str) -> None:
    body = {"url": "tcp://127.0.0.1:9", "media": LARGE, "setup": setup}
    refused = web.put("/v1/printers/other", json=body)
    assert (refused.status_code, refused.json()["detail"]) == (422, detail)


def test_another_device_prints_what_waits_and_what_was_on_its_way_is_asked_about(
    web: httpx.Client, device: VirtualPrinter
) -> None:
    with VirtualPrinter("broken", speed_mm_s=0, rest_s=0, width_mm=100, height_mm=50) as old:
        add(web, old)
        old.trip("power_off", labels=2)
        serials = [f"SN-{n}" for n in range(12)]
        body = {
            "printer": "line", "template": "serial-label",
            "labels": [{"serial": serial} for serial in serials],
        }  # fmt: skip
        job = web.post("/v1/jobs", json=body).json()["id"]
        assert old.wait_printed(2, timeout=30)
        moved = web.put("/v1/printers/line", json={"url": device.url})
        replaced = web.post("/v1/printers/line/replace", json={"url": device.url, "density": 8})
        assert moved.status_code == 409
        assert moved.json()["detail"].endswith(
            "wait until they are settled, or use /v1/printers/line/replace when the device is "
            "another one."
        )
        assert replaced.status_code == 200, replaced.text
        doubted = replaced.json()["uncertain"]
        assert doubted > 0
        assert device.wait_printed(12 - 2 - doubted, timeout=30) or doubted
        found = web.get(f"/v1/jobs/{job}?wait=30").json()
        assert found["state"] == "needs_attention"
        rows = web.get(f"/v1/jobs/{job}/labels").json()["items"]
        uncertain = [row for row in rows if row["state"] == "uncertain"]
        assert len(uncertain) == doubted
        assert {row["problem"] for row in uncertain} == {
            "The printer was replaced while this label was on its way."
        }
        on_paper = [
            code.text
            for machine in (old, device)
            for piece in machine.labels()
            for code in machine.codes(piece.number)
        ]
        assert len(on_paper) == len(set(on_paper)), "nothing came out twice"
        let_go(web)


def test_a_virtual_printer_can_become_a_real_one_under_its_name(
    web: httpx.Client, device: VirtualPrinter
) -> None:
    replaced = web.post("/v1/printers/zebra/replace", json={"url": device.url})
    assert (replaced.status_code, replaced.json()["virtual"]) == (200, False)
    body = {"printer": "zebra", "template": "serial-label", "labels": [{"serial": "SN-1"}]}
    job = web.post("/v1/jobs", json=body).json()["id"]
    assert web.get(f"/v1/jobs/{job}?wait=30").json()["state"] == "done"
    assert len(device.labels()) == 1
    web.put("/v1/printers/zebra", json={"url": "tcp://127.0.0.1:9", "evidence": "none"})


def test_a_printer_with_another_head_than_it_is_set_to_prints_nothing_until_that_is_mended(
    web: httpx.Client, device: VirtualPrinter
) -> None:
    add(web, device, density=12)
    body = {"printer": "line", "template": "serial-label", "labels": [{"serial": "SN-1"}]}
    job = web.post("/v1/jobs", json=body).json()["id"]
    status: dict[str, Any] = {}
    for _ in range(60):
        status = web.get("/v1/printers/line/status").json()
        if status["condition"] == "stopped":
            break
        web.get(f"/v1/jobs/{job}?wait=0.5")
    assert status["problems"][0]["kind"] == "wrong_density"
    assert status["sentence"] == (
        "The printer says that it prints 8 dots per mm, and it is set to 12: labels would come out "
        "at another size. Correct its density or its model."
    )
    assert device.labels() == []
    web.put("/v1/printers/line", json={"density": 8}).raise_for_status()
    assert web.get(f"/v1/jobs/{job}?wait=30").json()["state"] == "done"
    assert [code.text for code in device.codes(1)] == ["SN-1"]
    let_go(web)


def test_a_test_label_is_no_wider_than_the_head(web: httpx.Client, device: VirtualPrinter) -> None:
    add(web, device, media={"width": 150_000, "height": 50_000})
    made = web.post("/v1/printers/line/test").json()
    assert made["cross"] == {"left": 54_000, "top": 25_000}
    body = {"document": {
        "name": "wide", "size": {"width": 120_000, "height": 25_000},
        "elements": [{"type": "box", "id": "b", "x": 0, "y": 0, "width": 9_000, "height": 900}],
    }}  # fmt: skip
    web.put("/v1/templates/wide", json=body["document"]).raise_for_status()
    refused = web.post("/v1/jobs", json={"printer": "line", "template": "wide", "labels": [{}]})
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "The template 'wide' is 120 mm wide (960 dots), wider than the print head, 108 mm (864 "
        "dots); use a template for narrower stock, turn it by 90 degrees, or name the printer's "
        "model if its head is wider.",
    )
    let_go(web)


def test_where_the_cross_belongs_is_known_before_it_is_printed(web: httpx.Client) -> None:
    body = {"url": "tcp://127.0.0.1:9", "media": LARGE, "evidence": "none"}
    web.put("/v1/printers/line", json=body).raise_for_status()
    assert web.get("/v1/printers/line/test").json() == {
        "printer": "line", "width": 100_000, "height": 50_000,
        "cross": {"left": 50_000, "top": 25_000},
    }  # fmt: skip
    # The head is 104 mm wide, and a test label no longer than 160 mm.
    wide = {"media": {"width": 110_000, "height": 300_000}, "model": "virtual"}
    web.put("/v1/printers/line", json=wide).raise_for_status()
    assert web.get("/v1/printers/line/test").json() == {
        "printer": "line", "width": 104_000, "height": 160_000,
        "cross": {"left": 52_000, "top": 80_000},
    }  # fmt: skip
