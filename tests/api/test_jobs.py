"""Jobs over HTTP: accepted once, found again, held, released, cancelled, printed anew."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import zxingcpp
from PIL import Image

from gateway.errors import TooMany
from gateway.ledger import Opening
from tests.api.conftest import DOCK, connect, order

if TYPE_CHECKING:
    from tests.conftest import Daemon

pytestmark = pytest.mark.both_databases


def read_codes(png: bytes) -> list[str]:
    with Image.open(BytesIO(png)) as picture:
        return [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))]


def test_an_accepted_job_says_little_and_where_the_rest_is(web: httpx.Client) -> None:
    answer = web.post("/v1/jobs", json=order("SN-1", "SN-2", copies=2))
    job = answer.json()["id"]
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/jobs/{job}"
    assert answer.json() == {
        "id": job,
        "state": "queued",
        "labels": 4,
        "printer": "dock",
        "links": {"self": f"/v1/jobs/{job}", "labels": f"/v1/jobs/{job}/labels"},
    }
    found = web.get(answer.headers["location"]).json()
    assert (found["state"], found["labels"], found["counts"]) == ("queued", 4, {"queued": 4})
    assert (found["template"], found["actor"], found["mode"]) == ("serial-label", "local", "exact")


def test_labels_are_listed_with_their_data_copies_and_pages(web: httpx.Client) -> None:
    job = web.post("/v1/jobs", json=order("SN-1", "SN-2", copies=2)).json()["id"]
    rows: list[dict[str, Any]] = []
    after = ""
    while True:
        page = web.get(f"/v1/jobs/{job}/labels?limit=3{after}").json()
        rows += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert [(r["number"], r["copy"], r["data"], r["state"]) for r in rows] == [
        (1, 1, {"serial": "SN-1"}, "queued"),
        (1, 2, {"serial": "SN-1"}, "queued"),
        (2, 1, {"serial": "SN-2"}, "queued"),
        (2, 2, {"serial": "SN-2"}, "queued"),
    ]
    assert web.get(f"/v1/labels/{rows[0]['id']}").json() == rows[0]


def test_jobs_are_paged_by_key_newest_first(daemon: Daemon) -> None:
    with connect(daemon) as web:
        web.post("/v1/printers/zebra/pause")
        for _ in range(5):
            web.post("/v1/jobs", json=order(hold=True) | {"printer": "zebra"})
        first = web.get("/v1/jobs?limit=2").json()
        assert ([job["id"] for job in first["items"]], first["next"]) == (["J5", "J4"], "J4")
        # A job that comes meanwhile does not move the pages.
        web.post("/v1/jobs", json=order() | {"printer": "zebra"})
        second = web.get("/v1/jobs?limit=3&after=J4").json()
        assert ([job["id"] for job in second["items"]], second["next"]) == (
            ["J3", "J2", "J1"],
            None,
        )
        queued = web.get("/v1/jobs?state=queued&state=printing&printer=zebra").json()
        assert [job["id"] for job in queued["items"]] == ["J6"]


@pytest.mark.parametrize(
    ("change", "status", "problem", "detail"),
    [
        ({"printer": "dok"}, 404, "unknown-printer",
         "There is no printer 'dok'; did you mean 'dock'?"),
        ({"template": "serial-lable"}, 404, "unknown-template",
         "There is no template 'serial-lable'; did you mean 'serial-label'?"),
        ({"labls": []}, 422, "input-refused", "A job has no 'labls'; did you mean 'labels'?"),
        ({"raw": "^XA^XZ"}, 422, "input-refused",
         "A job needs exactly one of 'template' (with 'labels'), 'raw' and 'document'; got "
         "'template' and 'raw'."),
        ({"labels": []}, 422, "input-refused",
         "'labels' must be a list with one object of fields for each label, such as "
         '[{"serial": "SN-000123"}], got an empty list.'),
        ({"labels": [{"serial": "A"}, "B"]}, 422, "input-refused",
         "Label 2 must be an object of fields, got 'B'."),
        ({"copies": True}, 422, "input-refused", "'copies' must be a whole number, got true."),
        ({"hold": "yes"}, 422, "input-refused", "'hold' must be true or false, got 'yes'."),
        ({"title": "a\nb"}, 422, "input-refused",
         "'title' must be a text of at most 200 characters on one line, got 'a\\nb'."),
        ({"copies": 10**9}, 422, "field-refused", None),
        ({"expires_in": -1}, 422, "field-refused", None),
        ({"mode": "fast"}, 422, "field-refused", None),
        ({"version": "99"}, 404, "unknown-template", None),
    ],
)  # fmt: skip
def test_a_wrong_job_is_refused_with_one_sentence_and_nothing_is_kept(
    web: httpx.Client, change: dict[str, object], status: int, problem: str, detail: str | None
) -> None:
    before = web.get("/v1/jobs?limit=1").json()
    answer = web.post("/v1/jobs", json=order() | change)
    told = answer.json()
    assert (answer.status_code, told["type"]) == (status, f"/problems/{problem}")
    assert answer.headers["content-type"] == "application/problem+json"
    if detail is not None:
        assert told["detail"] == detail
    assert web.get("/v1/jobs?limit=1").json() == before


def test_every_wrong_label_is_named_with_its_place(web: httpx.Client) -> None:
    body = order() | {"labels": [{"serial": "OK"}, {}, {"serial": "A", "itm": "x"}]}
    answer = web.post("/v1/jobs", json=body)
    assert answer.status_code == 422
    problem = answer.json()
    assert (problem["type"], problem["facts"]) == ("/problems/several", {"refused": 2, "labels": 3})
    assert [(i["index"], i["pointer"], i["type"]) for i in problem["items"]] == [
        (1, "/labels/1", "/problems/field-refused"),
        (2, "/labels/2", "/problems/field-refused"),
    ]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"a":NaN}', b'{"title":"\\ud800"}', b"[1]"])
def test_bytes_that_are_no_job_are_refused(web: httpx.Client, body: bytes) -> None:
    answer = web.post("/v1/jobs", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == (422 if body == b"[1]" else 400)


def test_the_answer_says_when_a_ready_printer_took_the_label_at_once(daemon: Daemon) -> None:
    opening = Opening(None, None)
    with connect(daemon) as web:
        dock = web.put("/v1/printers/dock", json=DOCK).json()
        assert web.post("/v1/printers/dock/pause").status_code == 200
        parts = daemon.gateway.parts
        parts.jobs.keep_open(parts.printers.find(dock["name"]).id, opening)
        first = web.post("/v1/jobs", json=order("SN-1")).json()
        second = web.post("/v1/jobs", json=order("SN-2")).json()
    assert (first["state"], second["state"]) == ("printing", "queued")
    piece = opening.close()
    assert piece is not None
    assert f"J{piece.ticket.job}" == first["id"]


# ---------------------------------------------------------------- once


@pytest.mark.promise("R5")
def test_a_hundred_equal_posts_make_one_job_and_get_one_answer(
    shared_daemon: Daemon, web: httpx.Client
) -> None:
    before = web.get("/v1/jobs?limit=1").json()["items"][0]["id"]
    start = threading.Barrier(20)

    def post(_: int) -> list[tuple[int, bytes, str]]:
        with connect(shared_daemon) as client:
            start.wait()
            sent = [
                client.post("/v1/jobs", json=order("ONCE"), headers={"Idempotency-Key": "order-77"})
                for _ in range(5)
            ]
        return [(a.status_code, a.content, a.headers["location"]) for a in sent]

    with ThreadPoolExecutor(20) as pool:
        answers = {answer for some in pool.map(post, range(20)) for answer in some}
    assert len(answers) == 1
    ((status, _, location),) = answers
    assert (status, location) == (201, f"/v1/jobs/J{int(before[1:]) + 1}")
    assert web.get("/v1/jobs?limit=1").json()["items"][0]["id"] == location.rpartition("/")[2]


@pytest.mark.promise("R5")
def test_a_key_used_for_something_else_is_refused(web: httpx.Client) -> None:
    headers = {"Idempotency-Key": "order-78"}
    assert web.post("/v1/jobs", json=order("A"), headers=headers).status_code == 201
    for wrong in (order("B"), order("C", copies=0), {"printer": 7}):
        other = web.post("/v1/jobs", json=wrong, headers=headers)
        assert (other.status_code, other.json()["type"]) == (422, "/problems/replay-differs")


@pytest.mark.promise("R5")
def test_a_key_of_a_refused_job_is_free_for_the_right_one(web: httpx.Client) -> None:
    headers = {"Idempotency-Key": "order-80"}
    wrong = web.post("/v1/jobs", json=order("A", copies=0), headers=headers)
    assert (wrong.status_code, wrong.json()["type"]) == (422, "/problems/field-refused")
    assert web.post("/v1/jobs", json=order("A"), headers=headers).status_code == 201


@pytest.mark.promise("R5")
def test_a_repeated_post_is_answered_although_its_printer_is_gone_and_after_a_restart(
    start_daemon: Any, tmp_path: Any
) -> None:
    headers = {"Idempotency-Key": "order-79"}
    body = order("A", hold=True) | {"printer": "zebra"}
    with start_daemon(tmp_path) as running, connect(running) as web:
        first = web.post("/v1/jobs", json=body, headers=headers)
        job = first.json()["id"]
        assert web.post(f"/v1/jobs/{job}/cancel", json={}).status_code == 200
        assert web.delete("/v1/printers/zebra").status_code == 204
    with start_daemon(tmp_path) as running, connect(running) as web:
        again = web.post("/v1/jobs", json=body, headers=headers)
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["location"] == f"/v1/jobs/{job}"


def test_an_action_repeated_with_its_key_gets_its_answer_and_without_is_refused(
    web: httpx.Client,
) -> None:
    job = web.post("/v1/jobs", json=order()).json()["id"]
    first = web.post(f"/v1/jobs/{job}/cancel", headers={"Idempotency-Key": f"cancel-{job}"})
    again = web.post(f"/v1/jobs/{job}/cancel", headers={"Idempotency-Key": f"cancel-{job}"})
    assert (first.status_code, first.json()["state"]) == (200, "cancelled")
    assert again.content == first.content
    refused = web.post(f"/v1/jobs/{job}/cancel")
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        f"Job {job} is cancelled; there is nothing left to cancel.",
    )


# ---------------------------------------------------------------- acting


def test_a_job_is_held_released_and_moved_forward(web: httpx.Client) -> None:
    job = web.post("/v1/jobs", json=order()).json()["id"]
    assert web.post(f"/v1/jobs/{job}/hold").json()["state"] == "held"
    assert web.post(f"/v1/jobs/{job}/hold").status_code == 409
    assert web.post(f"/v1/jobs/{job}/release").json()["state"] == "queued"
    moved = web.post(f"/v1/jobs/{job}/prioritize", json={"priority": 50})
    assert (moved.status_code, moved.json()["priority"]) == (200, 50)
    wrong = web.post(f"/v1/jobs/{job}/prioritize", json={"priority": 101})
    assert wrong.status_code == 422
    assert web.post(f"/v1/jobs/{job}/cancel").status_code == 200
    late = web.post(f"/v1/jobs/{job}/prioritize", json={"priority": 1})
    assert late.status_code == 409
    assert late.json()["detail"] == f"Job {job} is cancelled and has no waiting label to move."
    assert web.post("/v1/jobs/J999999/hold").status_code == 404
    assert web.get("/v1/jobs/12").json()["detail"] == "'12' is no job; a job's id looks like J12."


def test_a_reprint_is_a_new_job_with_the_same_dots_and_a_reason(web: httpx.Client) -> None:
    job = web.post("/v1/jobs", json=order("SN-1", "SN-2", "SN-3", copies=2)).json()["id"]
    labels = web.get(f"/v1/jobs/{job}/labels").json()["items"]
    refused = web.post(f"/v1/jobs/{job}/reprint", json={"labels": [2]})
    assert refused.status_code == 422
    answer = web.post(f"/v1/jobs/{job}/reprint", json={"labels": [2], "reason": "torn"})
    made = answer.json()
    assert (answer.status_code, made["labels"], made["reason"]) == (201, 2, "torn")
    rows = web.get(f"/v1/jobs/{made['id']}/labels").json()["items"]
    assert [row["reprint_of"] for row in rows] == [labels[2]["id"], labels[3]["id"]]
    old, new = web.get(labels[2]["links"]["picture"]), web.get(rows[0]["links"]["picture"])
    assert old.content == new.content
    assert read_codes(new.content) == ["SN-2"]
    assert web.get(f"/v1/jobs/{job}/labels/3.png").status_code == 200
    assert web.get(f"/v1/jobs/{job}/labels/4.png").status_code == 404
    nothing = web.post(f"/v1/jobs/{job}/reprint", json={"labels": [9], "reason": "x"})
    assert (nothing.status_code, nothing.json()["detail"]) == (
        404,
        f"Job {job} has no label 9; it has 1 to 3.",
    )


def test_a_dry_run_shows_the_first_ten_and_keeps_nothing(web: httpx.Client) -> None:
    from base64 import b64decode

    before = web.get("/v1/jobs?limit=1").json()
    answer = web.post("/v1/jobs?dry_run=1", json=order(*(f"SN-{n}" for n in range(12))))
    told = answer.json()
    assert (answer.status_code, told["labels"], len(told["pictures"])) == (200, 12, 10)
    assert told["note"] == (
        "The first 10 of 12 labels are shown; all were checked, nothing was stored."
    )
    assert [read_codes(b64decode(p["png"])) for p in told["pictures"]] == [
        [f"SN-{n}"] for n in range(10)
    ]
    assert web.get("/v1/jobs?limit=1").json() == before
    assert web.post("/v1/jobs?dry_run=perhaps", json=order()).status_code == 422
    assert web.post("/v1/jobs?dry=1", json=order()).json()["detail"] == (
        "POST /v1/jobs has no 'dry'; did you mean 'dry_run'?"
    )


# ---------------------------------------------------------------- waiting


def test_a_wait_ends_when_the_job_does(daemon: Daemon) -> None:
    with connect(daemon) as web:
        web.post("/v1/printers/zebra/pause")
        job = web.post("/v1/jobs", json=order() | {"printer": "zebra"}).json()["id"]
        with ThreadPoolExecutor(1) as pool, connect(daemon) as other:
            waiting = pool.submit(lambda: other.get(f"/v1/jobs/{job}?wait=30").json()["state"])
            live = daemon.gateway.parts.live
            while not live._waiting:
                time.sleep(0.01)
            web.post(f"/v1/jobs/{job}/cancel")
            assert waiting.result(10) == "cancelled"
        assert not live._waiting
        # It has ended: there is nothing to wait for.
        assert web.get(f"/v1/jobs/{job}?wait=30").json()["state"] == "cancelled"
        assert web.get(f"/v1/jobs/{job}?wait=3000").status_code == 422


@pytest.mark.threat("T17")
def test_a_full_queue_is_refused_until_there_is_room(
    shared_daemon: Daemon, web: httpx.Client
) -> None:
    backlog = shared_daemon.gateway.parts.backlog
    waiting = shared_daemon.gateway.parts.jobs.backlog(
        shared_daemon.gateway.parts.printers.find("dock").id
    )
    backlog._most, backlog._room = waiting + 1, {}
    try:
        assert web.post("/v1/jobs", json=order("A", "B")).status_code == 429
        assert web.post("/v1/jobs", json=order("A")).status_code == 201
        full = web.post("/v1/jobs", json=order("A"))
        assert (full.status_code, full.headers["retry-after"]) == (429, "30")
        assert full.json()["type"] == f"/problems/{'too-many'}"
        assert TooMany.title == full.json()["title"]
    finally:
        backlog._most, backlog._room = 1_000_000, {}


@pytest.mark.promise("R7")
def test_a_full_disk_is_said_before_anything_is_promised(
    shared_daemon: Daemon, web: httpx.Client
) -> None:
    space = shared_daemon.gateway.parts.space
    floor, space._floor = space._floor, 1 << 62
    try:
        answer = web.post("/v1/jobs", json=order())
        assert (answer.status_code, answer.json()["type"]) == (507, "/problems/disk-full")
        assert web.get("/readyz").status_code == 507
        assert web.get("/healthz").status_code == 200
    finally:
        space._floor = floor
    assert web.post("/v1/jobs", json=order()).status_code == 201
