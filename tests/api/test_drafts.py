"""Drafts of labels over HTTP: saved while somebody edits, published, gone back from, approved."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    from tests.conftest import Daemon

pytestmark = pytest.mark.both_databases

NEW = {"If-None-Match": "*"}


def label(name: str, title: str = "Bin") -> dict[str, Any]:
    """Return a label with one code."""
    return {
        "name": name,
        "title": title,
        "size": {"width": 50_000, "height": 25_000},
        "fields": [{"name": "bin", "required": True, "example": "A-01-02"}],
        "elements": [
            {
                "type": "barcode", "id": "code", "symbology": "code128", "content": "{bin}",
                "x": 5000, "y": 3000, "width": 40000, "height": 15000,
            }
        ],
    }  # fmt: skip


def over(answer: httpx.Response) -> dict[str, str]:
    """Return the header of a change to what was answered."""
    return {"If-Match": answer.headers["etag"]}


@pytest.fixture(scope="module")
def hands(shared_daemon: Daemon) -> Iterator[dict[str, httpx.Client]]:
    """Two people with keys of their own."""
    with (
        connect(shared_daemon, make_key(shared_daemon, "anna", "read", "templates")) as anna,
        connect(shared_daemon, make_key(shared_daemon, "bert", "read", "templates")) as bert,
    ):
        yield {"anna": anna, "bert": bert}


@pytest.fixture
def approval(web: httpx.Client) -> Iterator[None]:
    """A second person agrees to each version."""
    assert web.put("/v1/settings/labels.approval", json={"value": True}).status_code == 200
    yield
    web.put("/v1/settings/labels.approval", json={"value": False})


def test_a_draft_is_kept_as_it_is_until_it_is_published(web: httpx.Client) -> None:
    path = "/v1/templates/drafted"
    assert web.get(f"{path}/draft").json()["type"] == "/problems/unknown"
    half = {"title": "Half done\0", "elements": [{"type": "teapot"}]}
    first = web.put(f"{path}/draft", json=half, headers=NEW)
    assert first.status_code == 201
    assert (first.json()["base"], first.json()["actor"], first.json()["version"]) == (
        0, "local", None,
    )  # fmt: skip
    assert "size" in first.json()["problem"] or "elements" in first.json()["problem"]
    kept = web.get(f"{path}/draft")
    assert (kept.json()["document"], kept.headers["etag"]) == (half, first.headers["etag"])
    assert [one["name"] for one in web.get("/v1/drafts").json()["items"]] == ["drafted"]
    refused = web.post(f"{path}/publish", json={})
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/template-refused")
    whole = web.put(f"{path}/draft", json=label("drafted"), headers=over(first))
    assert (whole.status_code, whole.json()["problem"]) == (200, None)
    stale = web.post(f"{path}/publish", json={}, headers=over(first))
    assert stale.status_code == 412
    published = web.post(f"{path}/publish", json={"note": "first"}, headers=over(whole))
    assert published.status_code == 201
    assert published.headers["location"] == "/v1/templates/drafted/versions/1"
    assert (published.json()["number"], published.json()["note"]) == (1, "first")
    assert web.get(f"{path}/draft").status_code == 404
    assert web.get(path).json()["document"]["title"] == "Bin"
    assert web.put(f"{path}/draft", json=label("drafted"), headers=NEW).status_code == 204


def test_publishing_again_with_the_same_key_makes_one_version(web: httpx.Client) -> None:
    web.put("/v1/templates/once/draft", json=label("once"), headers=NEW)
    key = {"Idempotency-Key": "publish-once"}
    answers = [web.post("/v1/templates/once/publish", json={}, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert len(web.get("/v1/templates/once/versions").json()["items"]) == 1


def test_of_two_who_save_at_the_same_moment_one_is_told_of_the_other(
    hands: dict[str, httpx.Client],
) -> None:
    path = "/v1/templates/shared/draft"
    first = hands["anna"].put(path, json=label("shared", "Start"), headers=NEW)
    ready = threading.Barrier(2)

    def save(name: str) -> httpx.Response:
        ready.wait()
        return hands[name].put(path, json=label("shared", f"By {name}"), headers=over(first))

    with ThreadPoolExecutor(2) as pool:
        answers = dict(zip(hands, pool.map(save, hands), strict=True))
    assert sorted(answer.status_code for answer in answers.values()) == [200, 412]
    winner = next(name for name, answer in answers.items() if answer.status_code == 200)
    loser = next(name for name in answers if name != winner)
    problem = answers[loser].json()
    assert problem["type"] == "/problems/stale"
    assert f"was saved by key:{winner} a moment ago" in problem["detail"]
    facts = problem["facts"]
    assert facts["document"]["title"] == f"By {winner}"
    assert facts["saved_at"] == answers[winner].json()["saved_at"]
    # Nothing is lost: mine over theirs, by the tag that was said …
    mine = hands[loser].put(
        path, json=label("shared", f"By {loser}"), headers={"If-Match": f'"{facts["tag"]}"'}
    )
    assert mine.status_code == 200
    # … or under another name.
    other = hands[loser].put(
        "/v1/templates/shared-2/draft", json=label("shared-2", f"By {loser}"), headers=NEW
    )
    assert other.status_code == 201


def test_what_was_published_meanwhile_is_not_overwritten(web: httpx.Client) -> None:
    path = "/v1/templates/moved-on"
    web.put(path, json=label("moved-on"))
    draft = web.put(f"{path}/draft", json=label("moved-on", "Mine"), headers=NEW)
    web.put(path, json=label("moved-on", "Theirs"))
    refused = web.post(f"{path}/publish", json={}, headers=over(draft))
    assert (refused.status_code, refused.json()["facts"]["number"]) == (412, 2)
    assert web.get(path).json()["document"]["title"] == "Theirs"
    kept = web.put(f"{path}/draft?base=2", json=label("moved-on", "Mine"), headers=over(draft))
    assert web.post(f"{path}/publish", json={}, headers=over(kept)).json()["number"] == 3


def test_who_opens_a_label_gets_its_draft_or_what_is_published(web: httpx.Client) -> None:
    path = "/v1/templates/opened"
    assert web.get(f"{path}/draft?or_version=1").status_code == 404
    web.put(path, json=label("opened"))
    found = web.get(f"{path}/draft?or_version=1")
    body = found.json()
    assert (found.status_code, body["tag"], body["base"], "etag" in found.headers) == (
        200, None, 1, False,
    )  # fmt: skip
    assert body["document"]["title"] == "Bin"
    web.put(f"{path}/draft", json=label("opened", "Mine"), headers=NEW)
    begun = web.get(f"{path}/draft?or_version=1")
    assert (begun.json()["document"]["title"], begun.headers["etag"]) == (
        "Mine", f'"{begun.json()["tag"]}"',
    )  # fmt: skip


def test_a_draft_can_be_thrown_away(web: httpx.Client) -> None:
    path = "/v1/templates/thrown/draft"
    first = web.put(path, json=label("thrown"), headers=NEW)
    web.put(path, json=label("thrown", "Newer"))
    assert web.delete(path, headers=over(first)).status_code == 412
    assert web.delete(path).status_code == 204
    assert web.delete(path).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        (b"[]", 422, "The body must be a JSON object, got a list."),
        (b"{", 400, "The body is not JSON at line 1, column 2"),
        (b'{"title": "' + b"x" * 1_000_000 + b'"}', 413, "expected at most 1000000"),
    ],
)
def test_what_is_no_draft_is_refused(
    web: httpx.Client, body: bytes, status: int, detail: str
) -> None:
    answer = web.put(
        "/v1/templates/none/draft", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code == status
    assert detail in answer.json()["detail"]
    assert web.get("/v1/templates/none/draft").status_code == 404


def test_going_back_makes_a_new_version_that_prints_byte_for_byte(
    web: httpx.Client, shared_daemon: Daemon
) -> None:
    path, parts = "/v1/templates/returned", shared_daemon.gateway.parts

    def printed() -> bytes:
        """Return what the printer is sent for a label of a new job."""
        body = {"printer": "dock", "template": "returned", "labels": [{"bin": "B-7"}]}
        job = web.post("/v1/jobs", json=body).json()["id"]
        label = int(web.get(f"/v1/jobs/{job}/labels").json()["items"][0]["id"].removeprefix("L"))
        sent = parts.drawing.page(parts.jobs.piece(label), parts.printers.find("dock"))
        assert sent.body.startswith(b"^XA")
        return sent.body

    first = web.put(path, json=label("returned")).json()
    before = printed()
    narrow = label("returned")
    narrow["elements"][0]["height"] = 9000
    second = web.put(path, json=narrow)
    assert printed() != before
    assert web.post(f"{path}/back", json={"number": 2}).status_code == 409
    wrong = web.post(f"{path}/back", json={"number": 1}, headers={"If-Match": '"0"'})
    assert wrong.status_code == 412
    back = web.post(
        f"{path}/back", json={"number": 1, "note": "scans better"}, headers=over(second)
    )
    assert (back.status_code, back.json()["number"], back.json()["version"]) == (
        201, 3, first["version"],
    )  # fmt: skip
    assert printed() == before
    assert web.get(f"{path}/versions").json()["items"][0]["note"] == "scans better"
    assert web.post(f"{path}/back", json={"number": 9}).status_code == 404
    assert web.post(f"{path}/back", json={"number": "1"}).status_code == 422


def test_a_draft_that_json_cannot_write_is_refused(web: httpx.Client) -> None:
    path = "/v1/templates/endless/draft"
    json = {"content-type": "application/json"}
    answer = web.put(path, content=b'{"x": -1e999}', headers=json)
    assert (answer.status_code, answer.json()["detail"]) == (
        400, "The draft holds a number that is too large for JSON.",
    )  # fmt: skip
    assert web.get(path).status_code == 404


# ---------------------------------------------------------------- a second person


@pytest.mark.usefixtures("approval")
def test_what_was_approved_a_moment_ago_is_not_replaced_by_what_printed_before(
    hands: dict[str, httpx.Client], web: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, anna, bert = "/v1/templates/crossed", hands["anna"], hands["bert"]
    for title in ("First", "Second"):
        anna.put(path, json=label("crossed", title))
        assert bert.post(f"{path}/approve").status_code == 201
    # The question was answered before the second one was approved.
    monkeypatch.setattr("gateway.store.templates.TemplateStore.prints", lambda *_: True)
    assert anna.put(path, json=label("crossed", "First")).status_code == 412
    assert web.get(path).json()["number"] == 2


@pytest.mark.usefixtures("approval")
def test_a_version_waits_until_somebody_else_agrees(
    web: httpx.Client, hands: dict[str, httpx.Client]
) -> None:
    path, anna, bert = "/v1/templates/agreed", hands["anna"], hands["bert"]
    assert bert.put("/v1/settings/labels.approval", json={"value": False}).status_code == 403
    draft = anna.put(f"{path}/draft", json=label("agreed"), headers=NEW)
    asked = anna.post(f"{path}/publish", json={"note": "first"}, headers=over(draft))
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    assert web.get(path).status_code == 404  # nothing prints by that name yet
    assert [one["actor"] for one in web.get("/v1/approvals").json()["items"]] == ["key:anna"]
    own = anna.post(f"{path}/approve")
    assert (own.status_code, own.json()["type"]) == (403, "/problems/not-permitted")
    assert own.json()["detail"] == (
        "key:anna asked for this version of 'agreed' and cannot approve it as well; somebody else "
        "must, with a key of their own."
    )
    assert anna.post(f"{path}/reject", json={"reason": "no"}).status_code == 403
    wrong = bert.post(f"{path}/approve", headers={"If-Match": f'"{"0" * 64}"'})
    assert wrong.status_code == 404
    seen = bert.get(f"{path}/request")
    assert seen.json()["document"]["title"] == "Bin"
    agreed = bert.post(f"{path}/approve", headers=over(seen))
    assert (agreed.status_code, agreed.json()["number"], agreed.json()["actor"]) == (
        201, 1, "key:anna",
    )  # fmt: skip
    (version,) = web.get(f"{path}/versions").json()["items"]
    assert (version["note"], version["approved_by"]) == ("first", "key:bert")
    assert web.get(f"{path}/draft").status_code == 404
    assert bert.post(f"{path}/approve").status_code == 409


@pytest.mark.usefixtures("approval")
def test_no_way_to_a_new_version_leads_past_the_second_person(
    hands: dict[str, httpx.Client], web: httpx.Client
) -> None:
    path, anna, bert = "/v1/templates/guarded", hands["anna"], hands["bert"]
    asked = anna.put(path, json=label("guarded"))
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    bert.post(f"{path}/approve")
    assert anna.put(path, json=label("guarded")).status_code == 200  # the same: no new version
    anna.put(path, json=label("guarded", "Other"))
    refused = bert.post(f"{path}/reject", json={"reason": "the logo is too small"})
    assert (refused.status_code, refused.json()["reason"]) == (200, "the logo is too small")
    assert anna.get(f"{path}/request").json()["state"] == "rejected"
    anna.put(path, json=label("guarded", "Other"))
    bert.post(f"{path}/approve")
    back = anna.post(f"{path}/back", json={"number": 1})
    assert (back.status_code, back.json()["state"]) == (202, "waiting")
    assert web.get(path).json()["number"] == 2
    assert anna.delete(f"{path}/request").status_code == 204
    assert anna.delete(f"{path}/request").status_code == 409
    assert bert.post(f"{path}/reject", json={"reason": ""}).status_code == 422


def test_who_may_only_read_changes_no_label(shared_daemon: Daemon, web: httpx.Client) -> None:
    path = "/v1/templates/serial-label"
    with connect(shared_daemon, make_key(shared_daemon, "reader", "read")) as reader:
        answers = [
            reader.put(f"{path}/draft", json={}),
            reader.delete(f"{path}/draft"),
            reader.post(f"{path}/publish", json={}),
            reader.post(f"{path}/back", json={"number": 1}),
            reader.post(f"{path}/approve"),
            reader.post(f"{path}/reject", json={"reason": "no"}),
            reader.delete(f"{path}/request"),
        ]
    assert [answer.status_code for answer in answers] == [403] * len(answers)
    assert web.get(f"{path}/draft").status_code == 404
