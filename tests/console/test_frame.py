"""What all screens share: forms that act once, notes, refusals, languages, lists, files out."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING

import httpx
import openpyxl
import pytest

from gateway.console.form import body_of
from gateway.console.frame import local
from gateway.console.listing import Column, Listing, arranged
from gateway.console.words import choose
from gateway.errors import InputRefused

if TYPE_CHECKING:
    from tests.conftest import Daemon

HOSTILE = "<script>alert(1)</script>\"'"


@pytest.fixture
def web(shared_daemon: Daemon) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=shared_daemon.url, trust_env=False, timeout=30, follow_redirects=True
    ) as client:
        client.headers["referer"] = f"{shared_daemon.url}/keys"
        yield client


def words(answer: httpx.Response) -> str:
    """Return what can be read on a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def press(web: httpx.Client, call: str, **fields: str) -> httpx.Response:
    return web.post("/do", data={"_call": call, **fields})


# ---------------------------------------------------------------- forms


def test_a_form_calls_the_api_goes_back_and_says_what_was_done(web: httpx.Client) -> None:
    key = {"name": "one", "scopes:many": "read", "_said": "Key {name} is made."}
    answer = press(web, "POST /v1/keys", **key)
    assert (answer.status_code, answer.url.path) == (200, "/keys")
    assert "Key one is made." in words(answer)
    assert "Key one is made." not in words(web.get("/keys")), "it is said once"
    assert web.get("/v1/keys/one").json()["scopes"] == ["read"]


def test_a_form_that_is_sent_twice_acts_once(web: httpx.Client) -> None:
    web.put("/v1/printers/paused", json={"url": "virtual:"})
    web.post("/v1/printers/paused/pause")
    job = {"printer": "paused", "template": "serial-label", "labels.0.serial": "SN-1"}
    job |= {"_once": "the-same", "_said": "Job {id}."}
    first, again = (words(press(web, "POST /v1/jobs", **job)) for _ in range(2))
    assert re.findall(r"Job J\d+\.", first) == re.findall(r"Job J\d+\.", again) != []
    assert len(web.get("/v1/jobs?printer=paused").json()["items"]) == 1


def test_what_is_refused_goes_back_with_its_sentence_and_what_was_typed(web: httpx.Client) -> None:
    answer = press(
        web, "POST /v1/keys", _form="key", name=f"x {HOSTILE}", **{"scopes:many": "read"}
    )
    assert answer.url.path == "/keys"
    assert "cannot be a key's name" in words(answer)
    assert "<script>alert" not in answer.text
    assert f'value="{"x " + HOSTILE}"' in unescape(answer.text).replace("&#34;", '"')


@pytest.mark.parametrize(
    "call", ["", "GET /v1/keys", "POST /keys", "POST /v1/keys evil", "TRACE /v1/keys", "POST //x"]
)
def test_a_form_calls_nothing_but_the_api(web: httpx.Client, call: str) -> None:
    assert "does not say what to do" in words(press(web, call))


@pytest.mark.threat("T2")
def test_a_form_of_another_site_does_nothing(web: httpx.Client) -> None:
    for header in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        form = {"_call": "POST /v1/keys", "name": "stolen", "scopes:many": "admin"}
        assert web.post("/do", data=form, headers=header).status_code == 403
    assert web.get("/v1/keys/stolen").status_code == 404


@pytest.mark.threat("T2")
@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "/a\r\nx: y"]
)
def test_a_form_leads_nowhere_else(web: httpx.Client, to: str) -> None:
    assert local(to) == "/"
    form = {"_call": "POST /v1/keys", "name": "n", "scopes:many": "read", "_then": to}
    answer = web.post("/do", data=form, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] in ("/", "/keys")
    web.delete("/v1/keys/n")
    away = {"referer": "https://evil.example/x"}
    answer = web.post("/do", data={"_call": ""}, headers=away, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_a_form_has_the_rights_of_whoever_sends_it(web: httpx.Client) -> None:
    key = web.post("/v1/keys", json={"name": "reader", "scopes": ["read"]}).json()["key"]
    signed = web.post("/sign-in", data={"key": key, "then": "/keys"}, follow_redirects=False)
    assert (signed.status_code, signed.headers["location"]) == (303, "/keys")
    assert "httponly" in signed.headers["set-cookie"].lower()
    refused = web.get("/keys")
    assert (refused.status_code, "does not have the scope 'admin'" in words(refused)) == (403, True)
    assert "admin" in words(press(web, "POST /v1/keys", name="more"))
    web.post("/sign-out")
    assert web.get("/keys").status_code == 200, "on its own computer again"
    assert web.get("/v1/keys/more").status_code == 404


def test_a_wrong_key_signs_nobody_in(web: httpx.Client) -> None:
    answer = web.post("/sign-in", data={"key": "gw_wrong", "then": "//evil.example"})
    assert answer.url.path == "/sign-in"
    assert "gw_station" not in web.cookies
    assert "key" in words(answer)


def test_fields_say_where_their_values_go_and_what_they_are() -> None:
    form = {
        "name": ["a\r\nb"], "gone?": [""], "none!": [" "], "n:int": ["-7"], "x:num": ["1,5"],
        "size.width:um": ["100.5"], "on:bool": ["", "on"], "off:bool": [""],
        "l:list": ["a, b\nc;;"], "m:many": ["", "p", "q"], "j:json": ['{"k":1}'], "_x": ["no"],
        "rows.10.a": ["ten"], "rows.9.a": ["nine"],
    }  # fmt: skip
    assert body_of(form) == {
        "name": "a\nb", "none": None, "n": -7, "x": 1.5, "size": {"width": 100_500}, "on": True,
        "off": False, "l": ["a", "b", "c"], "m": ["p", "q"], "j": {"k": 1},
        "rows": [{"a": "nine"}, {"a": "ten"}],
    }  # fmt: skip


@pytest.mark.parametrize(
    "form",
    [
        {"n:int": ["1.5"]}, {"n:int": [""]}, {"n:int": ["9" * 16]}, {"x:num": ["1e99"]},
        {"x:num": ["nan"]}, {"a": ["1"], "a.b": ["2"]}, {"a:odd": ["1"]}, {"j:json": ["{"]},
        {"a:int": ["1"], "a": ["2"]},
    ],
)  # fmt: skip
def test_a_value_that_is_not_of_its_kind_is_refused(form: dict[str, list[str]]) -> None:
    with pytest.raises(InputRefused):
        body_of(form)


# ---------------------------------------------------------------- lists


NUMBERS = Listing(
    name="numbers", title="Numbers", path="/numbers", api="/v1/numbers", whole=True,
    key=lambda row: row["n"],
    columns=(
        Column("Name", lambda row: row["name"]),
        Column("Number", lambda row: row["n"], sort=lambda row: row["n"]),
    ),
)  # fmt: skip


def test_a_short_list_is_searched_by_all_words_and_sorted_by_any_column() -> None:
    rows = [{"name": "Ten pieces", "n": 10}, {"name": "nine Pieces", "n": 9}, {"name": "x", "n": 1}]

    def names(**query: str) -> list[str]:
        return [row["name"] for row in arranged(NUMBERS, rows, query)]

    assert names(q="PIECES") == ["Ten pieces", "nine Pieces"]
    assert names(q="pieces 9") == ["nine Pieces"]
    assert names(sort="1") == ["x", "nine Pieces", "Ten pieces"]
    assert names(sort="0", dir="down") == ["x", "Ten pieces", "nine Pieces"]
    assert names(sort="7") == names(sort="²") == [row["name"] for row in rows]


def test_a_list_goes_out_as_it_is_shown_and_holds_no_formula(web: httpx.Client) -> None:
    web.post("/v1/keys", json={"name": "-out", "scopes": ["read"]})
    csv = web.get("/lists/keys.csv?q=out").content.decode("utf-8-sig").splitlines()
    assert csv[0].startswith("Name,May,Made")
    assert csv[1].startswith("'-out,read,")
    book = openpyxl.load_workbook(io.BytesIO(web.get("/lists/keys.xlsx?q=out").content))
    assert [cell.value for cell in book.worksheets[0]["A"]] == ["Name", "-out"]
    assert web.get("/lists/keys.pdf").status_code == 422
    assert web.get("/lists/no-such.csv").status_code == 404


def test_a_view_is_kept_replaced_and_forgotten(web: httpx.Client) -> None:
    for query in ("state=held", "state=done"):
        assert web.put("/v1/views/jobs/My%20own", json={"query": query}).status_code == 200
    views = web.get("/v1/views/jobs").json()["items"]
    assert views == [{"name": "My own", "query": "state=done", "actor": "local"}]
    for wrong, body in (("%20", {}), ("x" * 61, {}), ("a", {"query": 7}), ("a", {"odd": 1})):
        assert web.put(f"/v1/views/jobs/{wrong}", json=body).status_code == 422
    assert web.delete("/v1/views/jobs/my%20OWN").status_code == 204
    assert web.delete("/v1/views/jobs/my%20own").status_code == 404


def test_nothing_is_done_to_rows_that_nobody_ticked(web: httpx.Client) -> None:
    assert "Tick at least one row" in words(web.post("/lists/keys/bulk", data={"_bulk": "end"}))
    assert "Choose what to do" in words(web.post("/lists/keys/bulk", data={"_ids": "one"}))


# ---------------------------------------------------------------- words


def test_the_language_is_what_was_chosen_or_what_the_browser_wants(web: httpx.Client) -> None:
    german = web.get("/keys", headers={"accept-language": "de-AT,de;q=0.9,en;q=0.8"})
    assert 'lang="de"' in german.text
    assert "Drucker" in words(german)
    web.post("/look", data={"lang": "es", "theme": "dark"})
    spanish = web.get("/keys", headers={"accept-language": "de"}).text
    assert 'lang="es" data-theme="dark"' in spanish
    web.post("/look", data={"lang": "klingon", "theme": "neon"})
    assert 'lang="es" data-theme="dark"' in web.get("/keys").text
    web.cookies.clear()
    assert [choose("", given) for given in ("", "fr", "x;q=y,de", "es;q=0.1,de;q=0.9")] == [
        "en", "en", "de", "de",
    ]  # fmt: skip


def test_a_page_is_whole_without_a_script_and_its_parts_come_without_a_frame(
    web: httpx.Client,
) -> None:
    whole, part = web.get("/keys").text, web.get("/keys", headers={"x-part": "1"}).text
    assert "<html" in whole
    assert "<html" not in part
    assert "<h1>Keys</h1>" in whole
    assert "<h1>Keys</h1>" in part
    assert not re.search(r"<style|style=|\son[a-z]+=|<script(?![^>]*src=)|javascript:", whole)
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", whole)


def test_where_there_is_nothing_people_find_a_page_and_programs_a_problem(
    web: httpx.Client,
) -> None:
    lost = web.get(f"/no-such/{HOSTILE}", headers={"accept": "text/html,*/*"})
    assert (lost.status_code, "There is no page at /no-such" in words(lost)) == (404, True)
    assert "<script>alert" not in lost.text
    for path, accept in (("/no-such", "*/*"), ("/v1/no-such", "text/html")):
        problem = web.get(path, headers={"accept": accept})
        assert (problem.status_code, problem.json()["title"]) == (404, "There is no such thing")


def test_a_page_that_fails_says_so_on_a_page_and_the_log_has_the_details(
    web: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> str:
        raise ZeroDivisionError("a secret")

    with monkeypatch.context() as broken:
        broken.setattr("gateway.console.keys.show", fail)
        failed = web.get("/keys")
    assert failed.status_code == 500
    assert "Something went wrong on the gateway's side" in words(failed)
    assert "a secret" not in failed.text
    assert "a screen failed" in caplog.text
    assert web.get("/keys").status_code == 200
