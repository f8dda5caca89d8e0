"""Long works over HTTP: how far one is, who may stop it, and what the feed hears."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from gateway.store.feed import entries_after
from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    import httpx

    from gateway.works import Progress
    from tests.conftest import Daemon

SOON = 10.0


def test_a_work_is_shown_stopped_and_told_in_the_feed(
    shared_daemon: Daemon, web: httpx.Client
) -> None:
    parts = shared_daemon.gateway.parts
    begun, go = threading.Event(), threading.Event()

    def do(progress: Progress) -> str:
        progress.tell(3, 7, "Row 3 is being read.")
        begun.set()
        assert go.wait(SOON)
        progress.tell(4, 7)
        return "Done."

    number = parts.works.start("Import of 7 rows", "key:mary", do, to="/items")
    assert begun.wait(SOON)
    link = f"/v1/works/{number}"
    shown = web.get(link).json()
    assert shown.pop("accepted_at").endswith("Z")
    assert shown.pop("ended_at") is None
    assert shown == {
        "id": str(number), "title": "Import of 7 rows", "state": "running", "stopping": False,
        "done": 3, "of": 7, "sentence": "Row 3 is being read.", "to": "/items",
        "actor": "key:mary", "links": {"self": link},
    }  # fmt: skip
    assert web.get("/v1/works").json()["items"][0]["id"] == str(number)

    other = make_key(shared_daemon, "reader", "read")
    with connect(shared_daemon, other) as reader:
        refused = reader.post(f"{link}/stop")
        assert refused.status_code == 403
        assert refused.json()["detail"] == (
            "Import of 7 rows was started by key:mary; only they and administrators stop it."
        )
    assert not web.get(link).json()["stopping"]

    own = make_key(shared_daemon, "mary", "read")
    with connect(shared_daemon, own) as mary:
        assert mary.post(f"{link}/stop").json()["stopping"]
    go.set()
    parts.works.wait(number, SOON)
    ended = web.get(link).json()
    assert (ended["state"], ended["sentence"]) == (
        "stopped",
        "It was stopped; nothing was changed.",
    )
    assert web.post(f"{link}/stop").status_code == 409

    parts.database.run(lambda t: None)  # what was told before it is durable now
    entries = [one for one in entries_after(parts.database, 0) if one.subject == f"works/{number}"]
    assert [(one.kind, one.actor) for one in entries] == [("work.changed", "key:mary")] * len(
        entries
    )
    assert '"state":"stopped"' in entries[-1].body


def test_there_is_no_work_of_another_number(web: httpx.Client) -> None:
    answer = web.get("/v1/works/1")
    assert answer.status_code == 404
    assert answer.json()["detail"] == (
        "There is no work 1; one is shown for a day, until the gateway starts anew."
    )


def test_works_are_listed_page_by_page(shared_daemon: Daemon, web: httpx.Client) -> None:
    works = shared_daemon.gateway.parts.works
    numbers = [works.start(f"Work {n}", "local", lambda progress: "Done.") for n in range(3)]
    for number in numbers:
        works.wait(number, SOON)
    first = web.get("/v1/works", params={"limit": 2}).json()
    assert [one["id"] for one in first["items"]] == [str(n) for n in reversed(numbers[1:])]
    then = web.get("/v1/works", params={"limit": 1, "after": first["next"]}).json()
    assert [one["id"] for one in then["items"]] == [str(numbers[0])]
