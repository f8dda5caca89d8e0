"""What was shown is what prints: the fingerprint of a label, from a dry run to a reprint."""

from __future__ import annotations

import hashlib
import io
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from gateway.store.engine import now
from tests.api.conftest import connect, order

if TYPE_CHECKING:
    import httpx

    from tests.conftest import Daemon

CLOCK = {
    "name": "clock", "size": {"width": 50_000, "height": 20_000},
    "counters": [{"name": "n", "width": 3}],
    "elements": [
        {"type": "text", "id": "now", "content": "{now|date:HH:mm:ss} {n}", "size": 5_000,
         "x": 2_000, "y": 2_000, "width": 46_000, "height": 12_000},
    ],
}  # fmt: skip


def pbm(picture: str) -> bytes:
    """Return a picture as a portable bitmap, by another library's hand."""
    image = Image.open(io.BytesIO(b64decode(picture))).convert("1")
    out = io.BytesIO()
    image.save(out, "PPM")
    return out.getvalue()


def dry(web: httpx.Client, body: dict[str, Any]) -> dict[str, Any]:
    answer = web.post("/v1/jobs?dry_run=1", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_dry_run_says_the_sha256_of_what_it_shows_as_a_bitmap(web: httpx.Client) -> None:
    shown = dry(web, order("SN-1", "SN-2"))
    digests = [picture["sha256"] for picture in shown["pictures"]]
    assert digests == [
        hashlib.sha256(pbm(picture["png"])).hexdigest() for picture in shown["pictures"]
    ]
    assert len(set(digests)) == 2
    assert shown["proof"]["sha256"] == digests[0]


def test_a_job_keeps_the_proof_it_came_with_and_a_reprint_prints_the_same(
    web: httpx.Client,
) -> None:
    proof = dry(web, order("SN-7"))["proof"]
    job = web.post("/v1/jobs", json=order("SN-7", proof=proof)).json()
    assert web.get(f"/v1/jobs/{job['id']}").json()["proof"] == proof["sha256"]
    again = web.post(f"/v1/jobs/{job['id']}/reprint", json={"reason": "torn"}).json()
    assert (again["id"] != job["id"], again["proof"]) == (True, proof["sha256"])
    plain = web.post("/v1/jobs", json=order("SN-7")).json()
    assert web.get(f"/v1/jobs/{plain['id']}").json()["proof"] is None


def test_a_reprint_on_another_head_shows_that_its_dots_are_others(web: httpx.Client) -> None:
    fine = {"url": "tcp://127.0.0.1:9112", "density": 12,
            "media": {"width": 100_000, "height": 50_000}}  # fmt: skip
    assert web.put("/v1/printers/fine", json=fine).status_code == 201
    web.post("/v1/printers/fine/pause")
    proof = dry(web, order("SN-8"))["proof"]
    job = web.post("/v1/jobs", json=order("SN-8", proof=proof)).json()["id"]
    body = {"reason": "other printer", "printer": "fine"}
    again = web.post(f"/v1/jobs/{job}/reprint", json=body).json()
    narrow = {"url": "tcp://127.0.0.1:9113", "model": "zd410-203",
              "media": {"width": 48_000, "height": 25_000}}  # fmt: skip
    made = web.put("/v1/printers/narrow", json=narrow)
    assert made.status_code == 201, made.text
    held = web.post(f"/v1/jobs/{job}/reprint", json={"reason": "x", "printer": "narrow"}).json()
    assert (held["state"], held["problem"] != "") == ("held", True)
    there = dry(web, order("SN-8") | {"printer": "fine"})["proof"]["sha256"]
    assert (again["proof"], again["proof"] != proof["sha256"]) == (there, True)


def test_a_pool_prints_what_was_shown_on_heads_that_make_the_same_dots(web: httpx.Client) -> None:
    sizes = {"coarse": 8, "dense": 12}
    for number, (name, density) in enumerate(sizes.items()):
        made = {"url": f"tcp://127.0.0.1:{9120 + number}", "density": density,
                "media": {"width": 100_000, "height": 50_000}}  # fmt: skip
        assert web.put(f"/v1/printers/{name}", json=made).status_code == 201
        web.post(f"/v1/printers/{name}/pause")
    assert web.put("/v1/pools/both", json={"members": list(sizes)}).status_code == 201
    body = order("SN-9", printer="both")
    job = web.post("/v1/jobs", json=body | {"proof": dry(web, body)["proof"]}).json()["id"]
    plain = web.post("/v1/jobs", json=body).json()["id"]
    # Now there is but the printer of the other head.
    assert web.put("/v1/pools/both", json={"members": ["dense"]}).status_code == 200
    problems = [web.get(f"/v1/jobs/{one}").json()["problem"] for one in (job, plain)]
    assert problems == [
        "No printer of pool 'both' can: The label was checked for heads of 8 dots per mm, and "
        "printer 'dense' has 12.",
        None,
    ]


def test_a_label_that_shows_the_time_prints_the_time_that_was_shown(
    own: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.put("/v1/templates/clock", json=CLOCK)
    body = {"printer": "zebra", "template": "clock", "labels": [{}]}
    shown = dry(own, body)
    later = now() + 600_000_000
    monkeypatch.setattr("gateway.api.accept.now", lambda: later)
    assert dry(own, body)["proof"]["sha256"] != shown["proof"]["sha256"]
    job = own.post("/v1/jobs", json=body | {"proof": shown["proof"]}).json()["id"]
    done = own.get(f"/v1/jobs/{job}?wait=60").json()
    assert (done["state"], done["proof"]) == ("done", shown["proof"]["sha256"])
    (piece,) = own.get("/v1/printers/zebra/paper").json()["items"]
    printed = own.get(piece["links"]["picture"]).content
    paper = Image.open(io.BytesIO(printed)).convert("1")
    proof = Image.open(io.BytesIO(b64decode(shown["pictures"][0]["png"]))).convert("1")
    assert paper.crop((0, 0, *proof.size)).tobytes() == proof.tobytes()


def test_what_would_come_out_otherwise_is_refused_and_nothing_is_stored(
    own: httpx.Client,
) -> None:
    own.put("/v1/templates/clock", json=CLOCK)
    body = {"printer": "zebra", "template": "clock", "labels": [{}], "hold": True}
    proof = dry(own, body)["proof"]
    own.post("/v1/jobs", json=body)  # takes the counter's value that was shown
    refused = own.post("/v1/jobs", json=body | {"proof": proof})
    assert refused.status_code == 412
    assert refused.json()["detail"] == (
        "The label would not come out as it was shown: it, its counter or the printer was changed "
        "meanwhile. Look at it again."
    )
    assert refused.json()["facts"]["shown"] == proof["sha256"]
    old = own.post("/v1/jobs", json=body | {"proof": proof | {"at": "2026-01-01T00:00:00Z"}})
    assert (old.status_code, old.json()["detail"]) == (
        412, "The label was looked at more than an hour ago; look at it again.",
    )  # fmt: skip
    assert len(own.get("/v1/jobs").json()["items"]) == 1


@pytest.mark.parametrize(
    "proof", ["x", {}, {"sha256": "0" * 64}, {"sha256": "G" * 64, "at": "2026-11-22T00:00:00Z"},
              {"sha256": "0" * 64, "at": "yesterday"}, {"sha256": "0" * 64, "at": "2026-11-22"}],
)  # fmt: skip
def test_a_proof_is_what_a_dry_run_has_answered(web: httpx.Client, proof: Any) -> None:
    refused = web.post("/v1/jobs", json=order(proof=proof))
    assert (refused.status_code, refused.json()["detail"]) == (
        422, "'proof' must be what a dry run has answered: an object with 'sha256' and 'at'.",
    )  # fmt: skip


def test_labels_of_serials_keep_a_proof_too(own: httpx.Client) -> None:
    own.post("/v1/examples", json={})
    serial = own.get("/v1/serials?limit=1").json()["items"][0]
    ask = {"printer": "zebra", "template": "serial-label", "ids": [serial["id"]]}
    fields = own.post("/v1/serials/print?dry_run=1", json=ask).json()["fields"]
    job = {"printer": "zebra", "template": "serial-label", "labels": [fields]}
    proof = dry(own, job)["proof"]
    made = own.post("/v1/serials/print", json=ask | {"fields": fields, "proof": proof}).json()
    assert own.get(f"/v1/jobs/{made['id']}").json()["proof"] == proof["sha256"]
    other = ask | {"fields": fields | {"serial": "SN-X"}, "proof": proof}
    assert own.post("/v1/serials/print", json=other).status_code == 412


def test_the_jobs_of_one_label_are_listed_newest_first(web: httpx.Client) -> None:
    made = [
        web.post("/v1/jobs", json=order(template=name)).json()["id"]
        for name in ("serial", "serial-label", "serial")
    ]
    listed = web.get("/v1/jobs?template=SERIAL&limit=2").json()["items"]
    assert [job["id"] for job in listed] == [made[2], made[0]]
    assert web.get("/v1/jobs?template=nix").json()["items"] == []
    both = web.get("/v1/jobs?template=serial&printer=dock&state=queued&limit=1").json()
    assert [job["id"] for job in both["items"]] == [made[2]]


@pytest.fixture
def own(daemon: Daemon) -> Any:
    """A client of a gateway of the test's own."""
    with connect(daemon) as client:
        yield client
