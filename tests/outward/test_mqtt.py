"""The feed over MQTT, published to Debian's mosquitto and heard with its own client."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gateway.errors import InputRefused
from gateway.outward import mqtt
from gateway.outward.mqtt import Away, Broker, Publisher, connect
from gateway.store.engine import Database, now
from gateway.store.feed import entries_after, tell
from gateway.store.settings import HIDDEN, SettingStore
from tests.outward.receiver import PATIENCE

if TYPE_CHECKING:
    from tests.conftest import Daemon

pytest.importorskip("paho.mqtt", reason="paho-mqtt is not installed: label-gateway[mqtt]")
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")


class Mosquitto:
    """A broker of the test's own; it may be stopped and started again on its port."""

    def __init__(self, folder: Path, *lines: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self._settings = folder / "mosquitto.conf"
        lines = lines or ("allow_anonymous true",)
        if getattr(os, "geteuid", lambda: 1)() == 0:
            lines = ("user root", *lines)  # its own user may not read the test's folder
        self._settings.write_text("\n".join((f"listener {self.port} 127.0.0.1", *lines)) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert MOSQUITTO is not None
        self._process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self._settings)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError("mosquitto did not start")
            threading.Event().wait(0.01)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE)
            self._process = None


class Listener:
    """A subscriber: a client of the library's, not of ours."""

    def __init__(self, broker: Mosquitto, **login: str) -> None:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        self.got: list[tuple[str, int, bool, dict[str, Any]]] = []
        self._news = threading.Condition()
        ready = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.reconnect_delay_set(1, 1)

        def on_connect(client: Client, *_: object) -> None:
            client.subscribe("#", qos=2)

        def on_subscribe(*_: object) -> None:
            ready.set()

        def on_message(_: object, __: object, message: Any) -> None:
            with self._news:
                self.got.append(
                    (message.topic, message.qos, message.retain, json.loads(message.payload))
                )
                self._news.notify_all()

        self._client.on_connect = on_connect
        self._client.on_subscribe = on_subscribe
        self._client.on_message = on_message
        if login:
            self._client.username_pw_set(login["username"], login["password"])
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()
        assert ready.wait(PATIENCE)

    def wait(self, enough: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(enough, PATIENCE), self.got

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    if MOSQUITTO is None:
        pytest.skip("mosquitto is not installed")
    running = Mosquitto(tmp_path)
    running.start()
    yield running
    running.stop()


def choose(database: Database, settings: SettingStore, **values: object) -> None:
    for name, value in values.items():
        database.run(
            lambda t, n=name, v=value: settings.put(t, f"mqtt.{n}", v, "test")  # type: ignore[misc]
        )


def report(database: Database, kind: str, number: int) -> None:
    database.run(lambda t: tell(t, now(), kind, f"things/{number}", "test", {}))


def encode(entry: Any) -> bytes:
    from gateway.api.showing import show_entry

    return show_entry(entry)


@pytest.mark.both_databases
def test_what_happens_is_published_as_cloud_events(broker: Mosquitto, daemon: Daemon) -> None:
    listener = Listener(broker)
    with httpx.Client(base_url=daemon.url, timeout=30, trust_env=False) as web:
        for name, value in (("kinds", ["setting"]), ("prefix", "site/gw"), ("url", broker.url)):
            assert web.put(f"/v1/settings/mqtt.{name}", json={"value": value}).status_code == 200
        wait_for_entry(daemon.gateway.parts.database, "mqtt.connected")
        web.put("/v1/settings/time_zone", json={"value": "Europe/Athens"})
        listener.wait(lambda: any(e["data"]["setting"] == "time_zone" for *_, e in listener.got))
    listener.close()
    topic, qos, retain, event = listener.got[-1]
    assert (topic, qos, retain) == ("site/gw/setting/changed", 1, False)
    assert (event["specversion"], event["type"], event["data"]) == (
        "1.0", "setting.changed", {"setting": "time_zone", "value": "Europe/Athens"},
    )  # fmt: skip


def wait_for_entry(database: Database, kind: str, count: int = 1) -> None:
    deadline = time.monotonic() + PATIENCE
    while [entry.kind for entry in entries_after(database, 0)].count(kind) < count:
        assert time.monotonic() < deadline, f"there was no {kind}"
        threading.Event().wait(0.01)


def test_a_broker_that_comes_back_is_told_what_it_missed_in_its_order(
    broker: Mosquitto, fresh: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "RESTS", (3600.0,))
    settings = SettingStore(fresh)
    choose(fresh, settings, url=broker.url, kinds=["job"])
    publisher = Publisher(fresh, settings, encode)
    before = Listener(broker)
    publisher.start()
    try:
        wait_for_entry(fresh, "mqtt.connected")
        for number in range(20):
            report(fresh, "job.done", number)
        before.wait(lambda: len(before.got) >= 20)
        before.close()
        broker.stop()
        wait_for_entry(fresh, "mqtt.lost")
        for number in range(20, 40):
            report(fresh, "job.done", number)
        broker.start()
        after = Listener(broker)  # who subscribes too late misses what came before: MQTT's way
        choose(fresh, settings, kinds=["job", "nothing"])  # a person looks after it: it goes on
        after.wait(lambda: len(after.got) >= 20)
        after.close()
    finally:
        publisher.stop()
    wait_for_entry(fresh, "mqtt.connected", 2)
    assert [_number(event) for *_, event in before.got] == list(range(20))
    assert [_number(event) for *_, event in after.got] == list(range(20, 40))


def _number(event: dict[str, Any]) -> int:
    return int(event["subject"].partition("/")[2])


def test_the_next_start_goes_on_where_the_last_one_was(broker: Mosquitto, fresh: Database) -> None:
    settings, listener = SettingStore(fresh), Listener(broker)
    choose(fresh, settings, url=broker.url, kinds=["job"])
    numbers = iter(range(100))
    for start in range(1, 4):
        publisher = Publisher(fresh, settings, encode)
        publisher.start()
        before = len(listener.got)
        wait_for_entry(fresh, "mqtt.connected", start)
        for _ in range(10):
            report(fresh, "job.done", next(numbers))
        listener.wait(lambda: len(listener.got) >= before + 10)  # noqa: B023 - waited for here
        publisher.stop()
        for _ in range(5):  # while nobody publishes
            report(fresh, "job.done", next(numbers))
    listener.close()
    came = [_number(event) for *_, event in listener.got]
    assert list(dict.fromkeys(came)) == list(range(len(set(came))))
    assert len(set(came)) == 40


@pytest.mark.threat("T18")
def test_a_password_is_used_and_never_shown(
    tmp_path: Path, fresh: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = shutil.which("mosquitto_passwd")
    if MOSQUITTO is None or maker is None:
        pytest.skip("mosquitto is not installed")
    subprocess.run([maker, "-b", "-c", str(tmp_path / "users"), "gw", "hunter2"], check=True,
                   capture_output=True)  # fmt: skip
    lines = ("allow_anonymous false", f"password_file {tmp_path / 'users'}")
    running = Mosquitto(tmp_path, *lines)
    running.start()
    try:
        wrong = Broker(running.url, "gw", "wrong", (), "x")
        with pytest.raises(Away, match="The broker refused the connection: Not authorized"):
            connect(wrong, lambda: None)
        settings = SettingStore(fresh)
        choose(fresh, settings, password="hunter2", username="gw", url=running.url)
        assert settings.all()["mqtt.password"] == HIDDEN
        assert "hunter2" not in "".join(entry.body for entry in entries_after(fresh, 0))
        found = mqtt.broker_of(settings)
        assert found is not None
        assert "hunter2" not in repr(found)
        client = connect(found, lambda: None)
        client.disconnect()
        client.loop_stop()
    finally:
        running.stop()


def test_a_broker_that_is_not_there_is_said_to_be_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    broker = Broker(f"mqtt://127.0.0.1:{port}", "", "", (), "x")
    with pytest.raises(Away, match=r"The broker 127\.0\.0\.1 cannot be reached"):
        connect(broker, lambda: None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("url", "http://broker"), ("url", "mqtt://"), ("url", "mqtt://me:word@broker"), ("url", 7),
        ("url", "mqtt://broker/topic"), ("url", "mqtt://broker:99999"), ("kinds", "scan"),
        ("kinds", [7]), ("prefix", ""), ("prefix", "a/#"), ("prefix", "/a"), ("prefix", "a+b"),
        ("password", 7), ("username", "a\n"),
    ],
)  # fmt: skip
def test_what_no_broker_has_is_refused(fresh: Database, name: str, value: object) -> None:
    settings = SettingStore(fresh)
    with pytest.raises(InputRefused):
        fresh.run(lambda t: settings.put(t, f"mqtt.{name}", value, "test"))
