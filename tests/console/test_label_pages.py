"""Pages of labels without a browser: what they say, and what their forms send."""

from __future__ import annotations

import re
from base64 import b64decode
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import zxingcpp
from PIL import Image

from gateway.console.labels_home import MOST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Daemon

PRINT = "/templates/serial-label/print"


@pytest.fixture
def web(shared_daemon: Daemon) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=shared_daemon.url, trust_env=False, timeout=30, follow_redirects=False,
        headers={"origin": shared_daemon.url, "referer": f"{shared_daemon.url}{PRINT}"},
    ) as client:  # fmt: skip
        yield client


def said(web: httpx.Client, answer: httpx.Response) -> str:
    """Return the page that an answer leads to."""
    assert answer.status_code == 303, answer.text
    return web.get(answer.headers["location"]).text


def test_a_label_that_could_not_be_published_needs_attention(web: httpx.Client) -> None:
    web.put("/v1/templates/half/draft", json={"title": "Half done", "elements": 7})
    page = web.get("/templates").text
    assert "Half done" in page
    assert "The draft is not finished" in page
    web.delete("/v1/templates/half/draft")
    assert "The draft is not finished" not in web.get("/templates").text


def test_without_a_script_a_button_shows_the_label_with_what_was_typed(web: httpx.Client) -> None:
    form = {"f.serial": "SN-9", "f.item": "", "printer": "zebra", "copies": "3", "act": "show"}
    answer = web.post(PRINT, data=form)
    kept = parse_qs(urlsplit(answer.headers["location"]).query, keep_blank_values=True)
    assert kept == {"f.serial": ["SN-9"], "f.item": [""], "printer": ["zebra"], "copies": ["3"]}
    page = said(web, answer)
    assert "dot for dot as it comes out of zebra" in page
    assert 'name="copies" type="text" inputmode="decimal" value="3"' in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"copies": "many"}, "How many labels? &#39;many&#39; is no number of them."),
        ({"copies": "0"}, "How many labels? &#39;0&#39; is no number of them."),
        ({"printer": ""}, "Choose the printer."),
        ({"f.serial": ""}, "serial"),
    ],
)
def test_what_cannot_print_goes_back_with_what_was_typed(
    web: httpx.Client, typed: dict[str, str], sentence: str
) -> None:
    form = {"f.serial": "SN-9", "f.item": "HT-77", "printer": "zebra", "copies": "1",
            "act": "print", "_form": "print"}  # fmt: skip
    page = said(web, web.post(PRINT, data=form | typed))
    assert sentence in page.partition('id="said"')[2].partition("</div>")[0]
    assert 'value="HT-77"' in page
    assert web.get("/v1/jobs").json()["items"] == []


def test_a_new_label_is_for_something(web: httpx.Client) -> None:
    form = {"purpose": "cake", "printer": "-", "width:int": "60000", "height:int": "40000"}
    assert "Say what the label is for." in said(web, web.post("/templates/new", data=form))
    assert web.get("/v1/drafts").json()["items"] == []


def test_many_labels_are_shown_in_part_until_all_are_asked_for(web: httpx.Client) -> None:
    blank = {"purpose": "blank", "width": 60_000, "height": 40_000}
    for n in range(MOST):
        document = web.post("/v1/editor/begin", json=blank | {"name": f"many-{n}"}).json()
        web.put(f"/v1/templates/many-{n}", json=document["document"])
    page = web.get("/templates").text
    total = len(web.get("/v1/templates?limit=500").json()["items"])
    assert page.count('class="label-picture"') == MOST
    assert f"Show {total - MOST} more labels" in page
    assert web.get("/templates?all=1").text.count('class="label-picture"') == total
    assert web.get("/templates?q=many-7").text.count('class="label-picture"') == 1


def test_stocks_of_titles_in_other_letters_are_kept_side_by_side(web: httpx.Client) -> None:
    form = {"width:um": "60", "height:um": "40", "printer": "-"}
    for title in ("冷凍", "常温", "常温", "Dymo 11354"):
        web.post("/templates/new/size", data=form | {"title": title})
    kept = [one for one in web.get("/v1/label-stocks").json()["items"] if one["own"]]
    assert {one["name"]: one["title"] for one in kept} == {
        "own": "冷凍", "own-2": "常温", "dymo-11354-2": "Dymo 11354",
    }  # fmt: skip
    for one in kept:
        web.delete(f"/v1/label-stocks/{one['name']}")


def test_a_printer_that_takes_its_makers_rolls_only_is_offered_those_first(
    web: httpx.Client,
) -> None:
    roll = {"url": "tcp://127.0.0.1:9117", "language": "brother-ql", "density": "300dpi",
            "media": {"width": 62_000, "height": 29_000}}  # fmt: skip
    made = web.put("/v1/printers/ql", json=roll)
    assert made.status_code == 201, made.text
    page = web.get("/templates/new?printer=ql").text
    assert page.index("<h3>Rolls of Brother</h3>") < page.index("<h3>Common sizes")
    assert "<h3>Rolls of Brother</h3>" not in web.get("/templates/new?printer=zebra").text
    web.delete("/v1/printers/ql")


def test_all_labels_are_known_however_many_there_are(
    web: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.console.listing.MOST_ROWS", 3)
    every = web.get("/v1/templates?limit=500").json()["items"]
    assert web.get("/templates?all=1").text.count('class="label-picture"') == len(every)


def test_a_change_that_cannot_be_laid_over_what_prints_still_waits_to_be_looked_at(
    web: httpx.Client,
) -> None:
    wide = {"size": {"width": 1_000_000, "height": 3_000}, "elements": []}
    web.put("/v1/templates/shaped", json=wide).raise_for_status()
    web.put("/v1/settings/labels.approval", json={"value": True})
    web.put("/v1/templates/shaped", json=wide | {"size": {"width": 3_000, "height": 1_000_000}})
    page = web.get("/templates/shaped/versions")
    web.put("/v1/settings/labels.approval", json={"value": False})
    assert (page.status_code, "What was asked for, as it would print" in page.text) == (200, True)


def test_a_serial_prints_without_what_was_emptied(daemon: Daemon) -> None:
    with httpx.Client(
        base_url=daemon.url, trust_env=False, timeout=60,
        headers={"origin": daemon.url, "referer": f"{daemon.url}{PRINT}"},
    ) as own:  # fmt: skip
        own.post("/v1/examples", json={}).raise_for_status()
        one = own.get("/v1/serials?limit=1").json()["items"][0]
        form = {"f.serial": one["serial"], "f.item": "", "f.name": "", "printer": "zebra",
                "copies": "1", "serial": one["id"], "serial_shown": one["serial"]}  # fmt: skip
        assert "Labels on their way to zebra: 1." in said(own, own.post(PRINT, data=form))
        job = own.get("/v1/jobs?template=serial-label").json()["items"][0]
        body = {"printer": "zebra", "template": "serial-label",
                "labels": [{"serial": one["serial"]}]}  # fmt: skip
        alone = own.post("/v1/jobs?dry_run=1", json=body).json()["proof"]["sha256"]
        assert job["proof"] == alone
        (label,) = own.get(f"/v1/jobs/{job['id']}/labels").json()["items"]
        (listed,) = own.get(f"/v1/serials/{one['id']}/labels").json()["items"]
        assert listed["id"] == label["id"]


def test_only_the_draft_that_was_shown_is_discarded(web: httpx.Client) -> None:
    draft = web.put("/v1/templates/dropped/draft", json={"title": "Dropped"}).json()
    page = web.get("/templates?q=Dropped").text
    # Quotes are escaped in the page.
    assert f"&#34;{draft['tag']}&#34;" in page
    web.delete("/v1/templates/dropped/draft")


def test_what_the_printer_draws_by_itself_is_not_promised_dot_for_dot(web: httpx.Client) -> None:
    document = web.get("/v1/templates/serial-label").json()["document"]
    own = document | {"name": "own-commands", "mode": "native"}
    assert web.put("/v1/templates/own-commands", json=own).status_code == 201
    page = web.get("/templates/own-commands/print?f.serial=SN-9&printer=zebra").text
    assert "zebra draws it with its own commands: codes are the same, letters may differ" in page
    assert "dot for dot" not in page


def test_a_scan_that_nobody_knows_stands_on_the_label_as_it_was_scanned(web: httpx.Client) -> None:
    page = web.get(f"{PRINT}?printer=zebra&record=SN-UNKNOWN").text
    assert "The label says it as it was scanned" in page
    assert 'value="SN-UNKNOWN"' in page.partition('name="f.serial"')[2].partition(">")[0]
    shown = re.search(r'href="data:image/png;base64,([^"]+)"', page)
    assert shown is not None
    picture = Image.open(BytesIO(b64decode(shown[1])))
    assert [one.text for one in zxingcpp.read_barcodes(picture)] == ["SN-UNKNOWN"]
    # Nothing is printed by a scan that is not known: the button is not the one that Enter presses.
    assert "autofocus>Print" not in page
