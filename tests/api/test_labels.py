"""The one question: labels a power loss left in doubt, settled by one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gateway.jobs import Event
from gateway.ledger import Step
from tests.api.conftest import order

if TYPE_CHECKING:
    from tests.conftest import Daemon

pytestmark = pytest.mark.both_databases

LOST = "The printer lost power on the way."


@pytest.fixture
def doubtful(web: httpx.Client, shared_daemon: Daemon) -> dict[str, Any]:
    """A job of five labels: the first is on paper, the others are in doubt."""
    parts = shared_daemon.gateway.parts
    for label in parts.jobs.uncertain(printer=parts.printers.find("dock").id):
        web.post(f"/v1/labels/{label.id}/drop")
    body = order("S1", "S2", "S3", "S4", "S5")
    job: dict[str, Any] = web.post("/v1/jobs", json=body).json()
    keys = [int(row["id"][1:]) for row in web.get(f"/v1/jobs/{job['id']}/labels").json()["items"]]
    dock = parts.printers.find("dock").id
    claims = [Step(key, Event.CLAIM, marker="M", counter_before=7) for key in keys]
    assert parts.jobs.record(dock, claims) == frozenset()
    steps = [Step(keys[0], Event.PROVE, "odometer")]
    steps += [Step(key, Event.DOUBT, because=LOST) for key in keys[1:]]
    assert parts.jobs.record(dock, steps) == frozenset()
    return job | {"keys": [f"L{key}" for key in keys]}


def states(web: httpx.Client, job: str) -> list[tuple[str, str | None]]:
    rows = web.get(f"/v1/jobs/{job}/labels").json()["items"]
    return [(row["state"], row["evidence"]) for row in rows]


def test_the_question_shows_what_is_known_and_what_is_not(
    web: httpx.Client, doubtful: dict[str, Any]
) -> None:
    asked = web.get("/v1/printers/dock/question").json()
    assert asked["question"] == (
        "Look at the paper of dock: which of these 4 labels is the last on it?"
    )
    assert asked["last_printed"]["id"] == doubtful["keys"][0]
    assert asked["first_unknown"]["id"] == doubtful["keys"][1]
    assert [label["id"] for label in asked["labels"]] == doubtful["keys"][1:]
    assert asked["labels"][0]["problem"] == LOST
    assert web.get(f"/v1/jobs/{doubtful['id']}").json()["state"] == "needs_attention"


def test_one_answer_settles_all_and_prints_the_missing_ones_again(
    web: httpx.Client, doubtful: dict[str, Any]
) -> None:
    keys = doubtful["keys"]
    body = {"last_printed": keys[2], "rest": "reprint"}
    answer = web.post("/v1/printers/dock/answer", json=body)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["confirmed"], told["dropped"]) == (keys[1:3], keys[3:])
    assert states(web, doubtful["id"]) == [
        ("printed", "odometer"), ("printed", "operator"), ("printed", "operator"),
        ("dropped", None), ("dropped", None),
    ]  # fmt: skip
    (again,) = told["jobs"]
    rows = web.get(f"/v1/jobs/{again['id']}/labels").json()["items"]
    assert [(row["data"], row["reprint_of"]) for row in rows] == [
        ({"serial": "S4"}, keys[3]),
        ({"serial": "S5"}, keys[4]),
    ]
    assert web.get("/v1/printers/dock/question").json()["labels"] == []
    nothing = web.post("/v1/printers/dock/answer", json=body)
    assert (nothing.status_code, nothing.json()["type"]) == (409, "/problems/not-now")


def test_an_answer_to_another_question_settles_nothing(
    web: httpx.Client, doubtful: dict[str, Any]
) -> None:
    keys = doubtful["keys"]
    body = {"last_printed": keys[2], "rest": "drop", "labels": keys[1:4]}
    refused = web.post("/v1/printers/dock/answer", json=body)
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        f"Printer 'dock' has other labels in doubt by now, {keys[1]} to {keys[4]}; look at its "
        "paper again.",
    )
    assert len(web.get("/v1/printers/dock/question").json()["labels"]) == 4
    strange = web.post("/v1/printers/dock/answer", json=body | {"labels": "all"})
    assert (strange.status_code, strange.json()["facts"]) == (422, {"key": "labels"})
    told = web.post("/v1/printers/dock/answer", json=body | {"labels": keys[:0:-1]})
    assert told.status_code == 200, told.text


@pytest.mark.parametrize("last", [None, 0])
def test_none_on_paper_and_the_last_known_one_say_the_same(
    web: httpx.Client, doubtful: dict[str, Any], last: int | None
) -> None:
    named = None if last is None else doubtful["keys"][last]
    answer = web.post("/v1/printers/dock/answer", json={"last_printed": named, "rest": "drop"})
    assert answer.json()["confirmed"] == []
    assert answer.json()["jobs"] == []
    assert [state for state, _ in states(web, doubtful["id"])] == ["printed"] + ["dropped"] * 4


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"rest": "drop"}, 422),
        ({"last_printed": None}, 422),
        ({"last_printed": None, "rest": "burn"}, 422),
        ({"last_printed": "L999999", "rest": "drop"}, 409),
        ({"last_printed": 17, "rest": "drop"}, 409),
        ({"last_printd": None, "rest": "drop"}, 422),
    ],
)
def test_an_answer_that_says_nothing_settles_nothing(
    web: httpx.Client, doubtful: dict[str, Any], body: dict[str, object], status: int
) -> None:
    before = states(web, doubtful["id"])
    assert web.post("/v1/printers/dock/answer", json=body).status_code == status
    assert states(web, doubtful["id"]) == before


def test_the_same_answer_twice_acts_once(web: httpx.Client, doubtful: dict[str, Any]) -> None:
    headers = {"Idempotency-Key": f"answer-{doubtful['id']}"}
    body = {"last_printed": None, "rest": "reprint"}
    first = web.post("/v1/printers/dock/answer", json=body, headers=headers)
    again = web.post("/v1/printers/dock/answer", json=body, headers=headers)
    assert (again.status_code, again.content) == (200, first.content)


def test_one_label_is_answered_for_by_itself(web: httpx.Client, doubtful: dict[str, Any]) -> None:
    second, third, fourth = doubtful["keys"][1:4]
    confirmed = web.post(f"/v1/labels/{second}/confirm").json()
    assert (confirmed["state"], confirmed["evidence"]) == ("printed", "operator")
    assert web.post(f"/v1/labels/{third}/drop").json()["state"] == "dropped"
    again = web.post(f"/v1/labels/{fourth}/reprint", json={})
    assert (again.status_code, again.json()["labels"]) == (201, 1)
    assert web.get(f"/v1/labels/{fourth}").json()["state"] == "dropped"
    refused = web.post(f"/v1/labels/{second}/retry")
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        f"Label {second}: The step 'retry' is not possible for a printed label; nothing more can "
        "happen to it.",
    )
    # A label that is on paper is printed again only for a reason.
    assert web.post(f"/v1/labels/{second}/reprint", json={}).status_code == 422
    assert web.post(f"/v1/labels/{second}/reprint", json={"reason": "torn"}).status_code == 201
