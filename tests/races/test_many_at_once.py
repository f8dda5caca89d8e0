"""What only one of many can have, asked for by all of them in the same moment.

Over a server half of them ask another daemon, so nothing but the database can decide.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gateway.store.dialect import Server
from tests.campaign.processes import running
from tests.conftest import _place, run_daemon

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.both_databases

PEOPLE = 8


class Crowd:
    """People at one daemon, or at two over one database."""

    def __init__(self, desks: Sequence[httpx.Client]) -> None:
        self.desks = desks
        self.web = desks[0]

    def post(self, path: str, body: object) -> Any:
        answer = self.web.post(f"/v1{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def at_once(self, ask: Callable[[httpx.Client, int], httpx.Response]) -> list[httpx.Response]:
        """Let everybody ask in the same moment; return the answers."""
        ready = threading.Barrier(PEOPLE)

        def one(n: int) -> httpx.Response:
            ready.wait()
            return ask(self.desks[n % len(self.desks)], n)

        with ThreadPoolExecutor(PEOPLE) as pool:
            answers = list(pool.map(one, range(PEOPLE)))
        assert [one.text for one in answers if one.status_code >= 500] == []
        return answers

    def prove(self) -> None:
        assert self.post("/registry/verify", {})["troubles"] == []


def codes(answers: Sequence[httpx.Response]) -> list[str]:
    """Return why some were refused."""
    return [one.json()["code"] for one in answers if one.status_code >= 400]


@pytest.fixture(scope="module")
def whole_crowd(
    request: pytest.FixtureRequest, database_kind: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Crowd]:
    """Everybody, with items and places that the tests share; each has serials of its own."""
    folder = tmp_path_factory.mktemp("crowd")
    with ExitStack() as stack:
        place = stack.enter_context(_place(request, database_kind, folder / "data"))
        urls = [stack.enter_context(run_daemon(folder / "data", place)).url]
        if isinstance(place, Server):
            own = {"GATEWAY_DATABASE": place.url, "GATEWAY_DATA_DIR": str(folder / "other")}
            other = stack.enter_context(running(folder, **own))
            urls.append(other.url)
        desks = [
            stack.enter_context(httpx.Client(base_url=url, timeout=60, trust_env=False))
            for url in urls
        ]
        crowd = Crowd(desks)
        for path, rows in (
            ("items", [{"sku": "DRILL", "tracking": "serial"}, {"sku": "SCREW"},
                       {"sku": "PHONE", "tracking": "serial", "next_serial": "00001"},
                       {"sku": "PAINT", "tracking": "lot"}]),
            ("locations", [{"code": "A-01"}, {"code": "B-01"}]),
            ("parties", [{"code": "SMITH", "kind": "both"}]),
        ):  # fmt: skip
            assert crowd.web.put(f"/v1/{path}", json=rows).is_success
        yield crowd


@pytest.fixture
def crowd(whole_crowd: Crowd) -> Iterator[Crowd]:
    yield whole_crowd
    whole_crowd.prove()


@pytest.mark.seed("A9")
@pytest.mark.seed("A10")
def test_everybody_gets_numbers_of_their_own(crowd: Crowd) -> None:
    def receive(desk: httpx.Client, n: int) -> httpx.Response:
        return desk.post("/v1/serials/actions", json={
            "action": "receive", "item": "PHONE", "serials": {"generate": 3}, "location": "A-01",
        })  # fmt: skip

    answers = crowd.at_once(receive)
    assert codes(answers) == []
    given = sorted(one["serial"] for answer in answers for one in answer.json()["serials"])
    assert given == [f"{n:05}" for n in range(1, 3 * PEOPLE + 1)]


@pytest.mark.seed("T17")
def test_a_quantity_is_promised_once(crowd: Crowd) -> None:
    for sku, lots in (("SCREW", None), ("PAINT", [{"lot": "B1", "quantity": 5}])):
        made = crowd.post("/documents/receipt", {
            "party": "SMITH", "to": "A-01", "lines": [{"item": sku, "quantity": 5}]})  # fmt: skip
        given = {"line": 1} | ({} if lots is None else {"lots": lots})
        crowd.post(f"/documents/receipt/{made['number']}/post", {"lines": [given]})
        for n in range(PEOPLE):
            path = f"/v1/documents/sales_order/{sku}-{n}"
            lines = [{"item": sku, "quantity": 1}]
            assert crowd.web.put(path, json={"party": "SMITH", "lines": lines}).is_success

        def confirm(desk: httpx.Client, n: int, sku: str = sku) -> httpx.Response:
            path = f"/v1/documents/sales_order/{sku}-{n}/confirm"
            return desk.post(path, json={"backorder": False})

        answers = crowd.at_once(confirm)
        assert codes(answers) == ["quantity_unavailable"] * (PEOPLE - 5)

        def ship(desk: httpx.Client, n: int, sku: str = sku) -> httpx.Response:
            lots = {"lots": [{"lot": "B1", "quantity": 1}]} if sku == "PAINT" else {}
            return desk.post(f"/v1/documents/sales_order/{sku}-{n}/ship",
                             json={"lines": [{"line": 1, **lots}]})  # fmt: skip

        shipped = crowd.at_once(ship)
        assert len(codes(shipped)) == PEOPLE - 5
        row = crowd.web.get("/v1/stock", params={"item": sku}).json()["items"][0]
        assert (row["on_hand"], row["committed"], row["available"]) == (0, 0, 0)


@pytest.mark.promise("R2")
def test_a_document_is_posted_once_and_its_event_undone_once(crowd: Crowd) -> None:
    crowd.web.put("/v1/documents/receipt/GR-1", json={
        "party": "SMITH", "to": "A-01", "lines": [{"item": "DRILL", "quantity": 4}]})  # fmt: skip
    crowd.post("/documents/receipt/GR-1/lines/1/serials", {"serials": "D1..D4"})
    posted = crowd.at_once(lambda desk, _: desk.post("/v1/documents/receipt/GR-1/post", json={}))
    assert codes(posted) == ["document_done"] * (PEOPLE - 1)
    event = next(one.json()["events"][-1] for one in posted if one.is_success)
    undone = crowd.at_once(lambda desk, _: desk.post(f"/v1/registry/events/{event}/undo", json={}))
    assert len(codes(undone)) == PEOPLE - 1
    states = crowd.web.get("/v1/serials", params={"prefix": "D"}).json()["items"]
    assert {one["state"] for one in states} == {"planned"}


@pytest.mark.seed("M20")
def test_a_serial_goes_to_one_place_at_a_time(crowd: Crowd) -> None:
    crowd.post("/serials/actions", {
        "action": "receive", "item": "DRILL", "serials": "W1", "location": "A-01"})  # fmt: skip

    def go(desk: httpx.Client, n: int) -> httpx.Response:
        actions = ("transfer", "ship", "write_off", "hold")
        return desk.post("/v1/serials/actions", json={
            "action": actions[n % 4], "item": "DRILL", "serials": ["W1"], "location": "B-01",
            "party": "SMITH", "reason": "why not"})  # fmt: skip

    done = [one.json() for one in crowd.at_once(go) if one.is_success]
    one = crowd.web.get("/v1/serials", params={"serial": "W1", "show": "all"}).json()["items"][0]
    history = crowd.web.get(f"/v1/serials/{one['id']}/history").json()["items"]
    assert sorted(step["seq"] for step in history[:-1]) == sorted(one["event"] for one in done)
    states = [step["to"]["state"] for step in reversed(history)]
    came_from = [step["from"]["state"] for step in reversed(history)]
    assert came_from == [None, *states[:-1]]  # each step began where the one before had ended
