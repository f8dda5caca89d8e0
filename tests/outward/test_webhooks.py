"""Entries of the feed reach those who are to be told of them, whatever happens on the way."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook as Witness

from gateway.api.showing import show_entry
from gateway.outward import webhooks as outward
from gateway.outward.webhooks import SCHEDULE, Sender
from gateway.store.engine import Database, now
from gateway.store.feed import entries_after, tell
from gateway.store.webhooks import WebhookSettings, WebhookStore
from tests.outward.receiver import PATIENCE, Message, Receiver

if TYPE_CHECKING:
    from tests.conftest import Daemon

QUICK = (0.0, 0.01, 0.01, 0.01)
"""Seconds before each try, for a test that has no three days."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outward, "RESTS", (0.02,))


def connect(daemon: Daemon) -> httpx.Client:
    return httpx.Client(base_url=daemon.url, timeout=30, trust_env=False)


def report(database: Database, kind: str, number: int = 0, **body: object) -> None:
    database.run(lambda t: tell(t, now(), kind, f"things/{number}", "test", body))


def make(store: WebhookStore, database: Database, name: str, url: str, **more: Any) -> str:
    """Make a webhook; return its secret."""
    secret = "whsec_" + "c2VjcmV0" * 4
    settings = WebhookSettings(url, **more)
    database.run(lambda t: store.put(t, name, settings, secret, "test"))
    return secret


def until(holds: Callable[[], bool]) -> None:
    """Wait for what a thread does a moment after it was seen."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not happen"
        threading.Event().wait(0.005)


# ---------------------------------------------------------------- what is sent


@pytest.mark.both_databases
def test_a_message_is_the_cloud_event_signed_as_the_standard_says(daemon: Daemon) -> None:
    with Receiver() as erp, connect(daemon) as web:
        made = web.put("/v1/webhooks/erp", json={"url": erp.url, "kinds": ["setting"]}).json()
        web.put("/v1/settings/time_zone", json={"value": "Europe/Athens"})
        (message,) = erp.take(1)
    event = Witness(made["secret"]).verify(message.body, dict(message.headers))
    entry = entries_after(daemon.gateway.parts.database, int(event["id"]) - 1, 1)[0]
    assert message.body == show_entry(entry)
    assert (event["type"], event["data"]) == (
        "setting.changed", {"setting": "time_zone", "value": "Europe/Athens"},
    )  # fmt: skip
    assert re.fullmatch(rf"msg_[0-9a-f]{{16}}_{event['id']}", message.number)
    assert message.headers["content-type"] == "application/cloudevents+json; charset=utf-8"


def test_only_what_was_chosen_is_sent_and_in_the_order_of_the_feed(fresh: Database) -> None:
    store = WebhookStore(fresh)
    with Receiver() as erp:
        make(store, fresh, "erp", erp.url, kinds=("scan", "job.done"), stations=("Dock",))
        for number in range(40):
            for kind in ("scan.done", "scan.look", "job.done", "job.accepted", "scanner.lost"):
                report(fresh, kind, number, station="dock" if number % 2 else "packing")
        sender = Sender(fresh, store, show_entry)
        sender.start()
        try:
            got = erp.take(60)
        finally:
            sender.stop()
    assert [(m.event["type"], m.event["subject"]) for m in got] == [
        (kind, f"things/{number}")
        for number in range(1, 40, 2)
        for kind in ("scan.done", "scan.look", "job.done")
    ]
    assert len({m.number for m in got}) == 60


def test_a_webhook_goes_on_behind_the_entry_that_a_person_names(fresh: Database) -> None:
    store = WebhookStore(fresh)
    for number in range(1, 6):
        report(fresh, "job.done", number)
    with Receiver() as erp:
        secret = "whsec_c2VjcmV0"
        settings = WebhookSettings(erp.url, kinds=("job",))
        fresh.run(lambda t: store.put(t, "erp", settings, secret, "test", after=2))
        sender = Sender(fresh, store, show_entry)
        sender.start()
        try:
            assert [m.event["subject"] for m in erp.take(3)] == ["things/3", "things/4", "things/5"]
            fresh.run(lambda t: store.put(t, "erp", settings, secret, "test", after=4))
            assert [m.event["subject"] for m in erp.take(4)[3:]] == ["things/5"]
        finally:
            sender.stop()


# ---------------------------------------------------------------- what is not taken


def test_what_is_not_taken_is_sent_again_with_the_same_number(fresh: Database) -> None:
    store = WebhookStore(fresh)
    tries: Counter[str] = Counter()

    def says(message: Message) -> int:
        tries[message.number] += 1
        return 204 if tries[message.number] == 3 else 500

    with Receiver(says) as erp:
        make(store, fresh, "erp", erp.url)
        for number in range(10):
            report(fresh, "job.done", number)
        sender = Sender(fresh, store, show_entry, schedule=QUICK)
        sender.start()
        try:
            erp.take(30)
            hook = store.find("erp")
            until(lambda: store.standing(hook)[1:] == (0, 0))
        finally:
            sender.stop()
    assert set(tries.values()) == {3}
    assert len(tries) == 10
    assert store.find("erp").trouble == ""


def test_what_was_tried_to_the_end_is_dead_until_a_person_sends_it_again(fresh: Database) -> None:
    store = WebhookStore(fresh)
    with Receiver(lambda _: 500) as erp:
        make(store, fresh, "erp", erp.url)
        report(fresh, "job.done", 7)
        sender = Sender(fresh, store, show_entry, schedule=QUICK)
        sender.start()
        try:
            hook = store.find("erp")
            until(lambda: store.standing(hook)[1:] == (0, 1))
            assert len(erp.got) == len(QUICK)
            (dead,) = store.deliveries(hook, "dead", 0, 10)
            assert (dead.kind, dead.subject, dead.attempts, dead.status, dead.error) == (
                "job.done", "things/7", 4, 500, "The receiver answered 500.",
            )  # fmt: skip
            assert store.find("erp").trouble == "The receiver answered 500."
            told = entries_after(fresh, 0)[-1]
            assert (told.kind, told.subject, json.loads(told.body)) == (
                "webhook.dead", "webhooks/erp",
                {
                    "webhook": "erp", "entry": dead.entry, "kind": "job.done", "attempts": 4,
                    "error": "The receiver answered 500.",
                },
            )  # fmt: skip
            erp.says = lambda _: 200
            assert fresh.run(lambda t: store.send_again(t, hook, None, "test")) == 1
            until(lambda: store.standing(hook)[1:] == (0, 0))
        finally:
            sender.stop()
    assert len({message.number for message in erp.got}) == 1
    assert len(erp.got) == len(QUICK) + 1  # and nothing about itself


def test_a_receiver_that_wants_no_more_is_sent_no_more(fresh: Database) -> None:
    store = WebhookStore(fresh)
    with Receiver(lambda _: 410) as erp:
        make(store, fresh, "erp", erp.url)
        report(fresh, "job.done")
        sender = Sender(fresh, store, show_entry, schedule=QUICK)
        sender.start()
        try:
            until(lambda: not store.find("erp").active)
            report(fresh, "job.done")
        finally:
            sender.stop()
    hook = store.find("erp")
    assert hook.trouble == "The receiver answered 410: it wants no more messages."
    assert len(erp.got) == 1
    assert store.standing(hook)[1] == 1  # kept, should it change its mind


def test_one_receiver_does_not_hold_up_another(fresh: Database) -> None:
    store, stuck = WebhookStore(fresh), threading.Event()

    def hang(_: Message) -> int:
        stuck.wait(PATIENCE)
        return 204

    with Receiver(hang) as slow, Receiver() as quick:
        make(store, fresh, "slow", slow.url)
        make(store, fresh, "quick", quick.url)
        sender = Sender(fresh, store, show_entry)
        sender.start()
        try:
            for number in range(30):
                report(fresh, "job.done", number)
            slow.take(1)
            assert len(quick.take(30)) == 30
            assert len(slow.got) == 1  # one at a time, so that they come in order
        finally:
            stuck.set()
            sender.stop()


def test_a_receiver_that_is_away_is_left_alone_and_misses_nothing(
    fresh: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is away no message uses up its tries for the others' sake."""
    store = WebhookStore(fresh)
    with Receiver() as erp:
        away = f"http://127.0.0.1:{erp.port}/hooks"
    make(store, fresh, "erp", away)
    for number in range(20):
        report(fresh, "job.done", number)
    monkeypatch.setattr(outward, "RESTS", (3600.0,))
    sender = Sender(fresh, store, show_entry)
    sender.start()
    try:
        hook = store.find("erp")
        until(lambda: bool(store.find("erp").trouble))
        assert store.find("erp").trouble == (
            "The receiver refused the connection: nothing listens there."
        )
        tried = [one.attempts for one in store.deliveries(hook, None, 0, 100)]
        assert sorted(tried) == [0] * 19 + [1]
        with Receiver() as back:  # a person says where it is now
            settings = WebhookSettings(back.url)
            fresh.run(lambda t: store.put(t, "erp", settings, "", "test"))
            assert len(back.take(20)) == 20
    finally:
        sender.stop()
    assert Counter(m.event["subject"] for m in back.got) == Counter(
        f"things/{number}" for number in range(20)
    )


def test_a_receiver_that_is_busy_says_when_to_come_again() -> None:
    assert outward.next_try(1, SCHEDULE, 7200) == 7200
    assert outward.next_try(1, SCHEDULE, 10**6) == 24 * 3600
    delays = [outward.next_try(n, SCHEDULE, None) for n in range(1, 10)]
    for delay, plan in zip(delays, SCHEDULE[1:], strict=True):
        assert delay is not None
        assert plan <= delay <= plan * 1.2


# ---------------------------------------------------------------- several daemons, and ends


def test_of_two_daemons_one_sends_and_the_other_goes_on_after_it(fresh: Database) -> None:
    store, erp = WebhookStore(fresh), Receiver()
    with erp:
        make(store, fresh, "erp", erp.url)
        first, second = (Sender(fresh, store, show_entry, daemon=n) for n in (1, 2))
        first.start()
        second.start()
        try:
            for number in range(50):
                report(fresh, "job.done", number)
            erp.take(50)
            first.stop()
            fresh.run(lambda t: store.let_go(t, 2))  # as when its time has ended
            second._news.set()
            second._renew_at = 0.0
            for number in range(50, 60):
                report(fresh, "job.done", number)
            erp.take(60)
        finally:
            first.stop()
            second.stop()
    assert Counter(m.event["subject"] for m in erp.got) == Counter(
        f"things/{number}" for number in range(60)
    )


def test_the_end_waits_for_no_receiver_and_the_next_start_sends_what_was_cut_off(
    tmp_path: Path, start_daemon: Callable[[Path], AbstractContextManager[Daemon]]
) -> None:
    over, numbers = threading.Event(), count()

    def says(_: Message) -> int:
        if next(numbers) == 0:
            over.wait(PATIENCE)
        return 204

    with Receiver(says) as erp:
        with start_daemon(tmp_path) as running, connect(running) as web:
            web.put("/v1/webhooks/erp", json={"url": erp.url, "kinds": ["setting"]})
            web.put("/v1/settings/time_zone", json={"value": "UTC"})
            erp.take(1)
            stops = time.monotonic()
        assert time.monotonic() - stops < 10
        with start_daemon(tmp_path):
            first, again = erp.take(2)
        over.set()
    assert first.number == again.number
    assert first.body == again.body
