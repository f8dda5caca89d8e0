"""MQTT: each entry of the feed is published as a CloudEvent, until the broker has confirmed it.

    feed ─► label-gateway/scan/done   {"specversion":"1.0","id":"42","type":"scan.done", …}

QoS 1, not retained: at least once, in the order of the feed. The place in the feed moves when the
broker has confirmed (MQTT 3.1.1, 4.3.2), so what is not confirmed is published again, and a
subscriber knows an entry by its ``id``. The settings ``mqtt.url``, ``mqtt.username``,
``mqtt.password``, ``mqtt.kinds`` and ``mqtt.prefix`` say where and what; without a URL nothing of
this is loaded. It needs the extra ``label-gateway[mqtt]``.

>>> topic_of("label-gateway", "scan.done")
'label-gateway/scan/done'
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from gateway.errors import GatewayError
from gateway.store.engine import Database, now
from gateway.store.feed import Entry, entries_after, tell, wanted
from gateway.store.publishing import forget_place, leave_place, move_place, take_place

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessageInfo

log = logging.getLogger(__name__)

NAME = "mqtt"

PAGE = 50
"""Entries on their way at once."""

ANSWERS_WITHIN = 10.0
"""Seconds for a connection, and for the broker to confirm."""

KEEPALIVE = 30
"""Seconds of silence after which the two ask for each other (MQTT 3.1.1, 3.1.2.10)."""

RESTS = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds until the next try, the longer the more often it failed."""

HELD_FOR = 120_000_000
"""Microseconds for which a daemon publishes for all of a shared database, unless it renews that."""

RENEWED_EVERY = 30.0
"""Seconds."""


class Settings(Protocol):
    """The site's settings."""

    def all(self) -> Mapping[str, Any]: ...

    def secret(self, name: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Broker:
    """Where to publish, and what."""

    url: str
    username: str
    password: str = field(repr=False)
    kinds: tuple[str, ...]
    prefix: str


class Away(Exception):
    """The broker cannot be spoken to; the message is a sentence."""


def topic_of(prefix: str, kind: str) -> str:
    """Return the topic of entries of a kind."""
    return f"{prefix}/{kind.replace('.', '/')}"


def broker_of(settings: Settings) -> Broker | None:
    """Return the broker of the settings, None when there is none."""
    values = settings.all()
    if not values["mqtt.url"]:
        return None
    return Broker(
        values["mqtt.url"], values["mqtt.username"], settings.secret("mqtt.password"),
        tuple(values["mqtt.kinds"]), values["mqtt.prefix"],
    )  # fmt: skip


class Publisher(threading.Thread):
    """Publishes the feed for as long as there is a broker."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        encode: Callable[[Entry], bytes],
        daemon: int | None = None,
    ) -> None:
        """``daemon``: this one's number in a shared database; None: there is no other."""
        super().__init__(name="mqtt", daemon=True)
        self._database, self._settings, self._encode = database, settings, encode
        self._daemon = daemon
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._told: str | None = None
        """What the feed was last told of the broker: empty when all was well."""

    # ------------------------------------------------------------ life

    def start(self) -> None:
        self._database.listen(self._news.set)
        super().start()

    def stop(self) -> None:
        """End it; what the broker has not confirmed is published again at the next start."""
        if not self.is_alive():
            return
        self._stopping.set()
        self._database.unlisten(self._news.set)
        self._news.set()
        self.join()

    def run(self) -> None:
        failed = 0
        known = False
        while not self._stopping.is_set():
            wait = RENEWED_EVERY
            self._news.clear()
            broker = broker_of(self._settings)
            try:
                if broker is None:
                    if known:  # once, and not at each entry
                        self._database.run(lambda t: forget_place(t, NAME))
                    known = False
                else:
                    known = True
                    self._publish(broker)
                    failed = 0
            except Away as away:
                wait = RESTS[min(failed, len(RESTS) - 1)]
                failed += 1
                self._tell("mqtt.lost", str(away))
            except GatewayError as error:  # the database is away: it says so itself
                log.debug("publishing rests", extra={"reason": error.detail})
                wait = 1.0
            except Exception:  # a thread's edge: the next try may do better
                log.exception("publishing failed")
                wait = RESTS[-1]
            if not failed:
                self._news.wait(wait)
            elif self._rest(broker, wait):
                failed = 0

    def _rest(self, broker: Broker | None, seconds: float) -> bool:
        """Leave a broker alone for a time; True when a person has set another one meanwhile."""
        step = 0.2
        for _ in range(max(1, round(seconds / step))):
            if self._stopping.wait(step):
                return False
            if broker_of(self._settings) != broker:
                return True
        return False

    # ------------------------------------------------------------ publishing

    def _publish(self, broker: Broker) -> None:
        """Publish until there is another broker, or the end.

        Raises:
            Away: the broker cannot be spoken to.
        """
        client = connect(broker, self._news.set)
        try:
            # The place first: what happens once it is told that the broker takes messages is sent.
            place = self._hold()
            renew_at = time.monotonic() + RENEWED_EVERY
            self._tell("mqtt.connected", "")
            while not self._stopping.is_set() and broker_of(self._settings) == broker:
                self._news.clear()
                if time.monotonic() >= renew_at:
                    place = self._hold()
                    renew_at = time.monotonic() + RENEWED_EVERY
                while place is not None and (page := entries_after(self._database, place, PAGE)):
                    self._send(client, broker, page)
                    place = page[-1].seq
                    self._move(place)
                if not client.is_connected():
                    raise Away("The broker ended the connection.")
                self._news.wait(RENEWED_EVERY)
        finally:
            if self._daemon is not None:
                with contextlib.suppress(GatewayError):
                    self._database.run(lambda t: leave_place(t, NAME, self._daemon))
            client.disconnect()
            client.loop_stop()

    def _hold(self) -> int | None:
        until = now() + HELD_FOR
        return self._database.run(lambda t: take_place(t, NAME, self._daemon, until))

    def _move(self, place: int) -> None:
        self._database.run(lambda t: move_place(t, NAME, self._daemon, place))

    def _send(self, client: Client, broker: Broker, page: list[Entry]) -> None:
        """Publish some entries, and return when the broker has confirmed all of them.

        Raises:
            Away: it has not.
        """
        sent: list[MQTTMessageInfo] = [
            client.publish(topic_of(broker.prefix, entry.kind), self._encode(entry), qos=1)
            for entry in page
            if wanted(entry.kind, "", broker.kinds)
        ]
        until = time.monotonic() + ANSWERS_WITHIN
        for info in sent:
            while not self._confirmed(info):
                if self._stopping.is_set() or not client.is_connected():
                    raise Away("The broker ended the connection.")
                if time.monotonic() >= until:
                    raise Away("The broker did not confirm a message in time.")

    @staticmethod
    def _confirmed(info: MQTTMessageInfo) -> bool:
        try:
            info.wait_for_publish(0.5)
        except (RuntimeError, ValueError) as error:  # it could not even be put in line
            raise Away(f"The broker does not take messages ({error}).") from error
        return info.is_published()

    def _tell(self, kind: str, sentence: str) -> None:
        """Tell the feed when the broker has come or gone, and only then."""
        if sentence == self._told:
            return
        self._told = sentence
        (log.warning if sentence else log.info)("mqtt", extra={"reason": sentence or "connected"})
        body = {"sentence": sentence}
        with contextlib.suppress(GatewayError):
            self._database.run(lambda t: tell(t, now(), kind, "mqtt", "gateway", body))


def connect(broker: Broker, lost: Callable[[], None]) -> Client:
    """Return a connection to the broker, confirmed; ``lost`` is called when it ends.

    Raises:
        Away: it cannot be reached, refuses us, or the extra is not installed.
    """
    try:
        from paho.mqtt.client import Client, MQTTv311
        from paho.mqtt.enums import CallbackAPIVersion
    except ImportError:
        raise Away(
            "MQTT needs the package paho-mqtt; install it with: pip install label-gateway[mqtt]"
        ) from None

    answered, reason = threading.Event(), ["The broker did not answer in time."]

    def on_connect(_: object, __: object, ___: object, code: Any, ____: object) -> None:
        reason[0] = f"The broker refused the connection: {code}." if code.is_failure else ""
        answered.set()

    client = Client(
        CallbackAPIVersion.VERSION2, protocol=MQTTv311, reconnect_on_failure=False,
        client_id="",  # the broker makes one: a second daemon with ours would end the first
    )  # fmt: skip

    def on_disconnect(*_: object) -> None:
        lost()

    client.on_connect, client.on_disconnect = on_connect, on_disconnect
    client.connect_timeout = ANSWERS_WITHIN
    client.max_inflight_messages_set(PAGE)
    if broker.username:
        client.username_pw_set(broker.username, broker.password)
    parts = urlsplit(broker.url)
    secure = parts.scheme == "mqtts"
    if secure:
        import ssl

        client.tls_set_context(ssl.create_default_context())
    try:
        client.connect(str(parts.hostname), parts.port or (8883 if secure else 1883), KEEPALIVE)
    except (OSError, ValueError) as error:
        why = getattr(error, "verify_message", "") or getattr(error, "strerror", None) or error
        raise Away(f"The broker {parts.hostname} cannot be reached ({why}).") from error
    client.loop_start()
    answered.wait(ANSWERS_WITHIN)
    if reason[0]:
        client.disconnect()
        client.loop_stop()
        raise Away(reason[0])
    return client
