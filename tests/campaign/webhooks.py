"""Kills against what is told outside: a receiver that fails three times of ten misses nothing.

Everything random comes from one seed. Run the full size by hand:

    python -m tests.campaign.webhooks --entries 1000 --kills 50 --seed 7
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from gateway.client import verify_webhook
from tests.campaign.processes import DaemonProcess
from tests.outward.receiver import Message, Receiver

DRAIN = 240.0
"""Seconds in which all must have arrived once nothing is killed any more."""

FAILS = 0.3
MOST_IN_A_ROW = 6
"""Failures of one message: ten tries are made, and it is not luck that is measured."""

PROGRAM = (
    "-c",
    "from gateway.outward import webhooks\n"
    "webhooks.SCHEDULE = (0.0, *[0.05] * (len(webhooks.SCHEDULE) - 1))\n"
    "webhooks.RESTS = (0.05,)\n"
    "from gateway.__main__ import main\n"
    "main()\n",
)
"""The gateway as it is, whose three days of tries take a second."""


class Hung(Exception):
    """The receiver ends the connection in place of an answer."""


@dataclass
class Tally:
    """What happened, what came, and what did not."""

    seed: int
    kills: int = 0
    entries: int = 0
    """Changes that the feed holds, and that were to be told."""
    taken: int = 0
    """Messages the receiver answered with 2xx, each counted once."""
    missing: int = 0
    again: int = 0
    """Taken more than once: a kill came before the answer was written down."""
    failures: int = 0
    """Tries the receiver did not take: refused, or hung up on with and without having taken it."""
    forged: int = 0
    """Messages whose signature was not right."""
    dead: int = 0
    seconds: float = 0.0


class Erp:
    """A receiver that fails, and keeps what it took."""

    def __init__(self, luck: random.Random, tally: Tally) -> None:
        self._luck, self._tally, self._guard = luck, tally, threading.Lock()
        self._failed: Counter[str] = Counter()
        self.taken: Counter[int] = Counter()
        self.secret = ""

    def says(self, message: Message) -> int:
        with self._guard:
            event = verify_webhook(message.headers, message.body, self.secret)
            if message.number.rpartition("_")[2] != str(event.id):
                self._tally.forged += 1
            fails = self._luck.random() < FAILS
            if fails and self._failed[message.number] < MOST_IN_A_ROW:
                self._failed[message.number] += 1
                self._tally.failures += 1
                way = self._luck.choice(("500", "503", "hung", "took and hung"))
                if way == "took and hung":
                    self.taken[event.id] += 1
                if way.endswith("hung"):
                    raise Hung
                return int(way)
            self.taken[event.id] += 1
            return 204


def post(url: str, stop: threading.Event, entries: int, accepted: list[int]) -> None:
    """Change a setting again and again, until the gateway is killed or it is enough."""
    with httpx.Client(base_url=url, timeout=5, trust_env=False) as web:
        while not stop.is_set() and len(accepted) < entries:
            try:
                zone = ("UTC", "Europe/Athens")[len(accepted) % 2]
                answer = web.put("/v1/settings/time_zone", json={"value": zone})
            except httpx.HTTPError:
                return
            if answer.status_code == 200:
                accepted.append(1)


def run(folder: Path, *, seed: int, entries: int, kills: int) -> Tally:
    """Run the campaign; return what came of it."""
    began, luck, tally = time.monotonic(), random.Random(seed), Tally(seed)
    daemon, erp = DaemonProcess(folder, program=PROGRAM), Erp(random.Random(seed + 1), tally)
    accepted: list[int] = []
    with Receiver(erp.says) as receiver:
        daemon.start()
        try:
            made = httpx.put(
                f"{daemon.url}/v1/webhooks/erp",
                json={"url": receiver.url, "kinds": ["setting"]},
                trust_env=False,
            ).json()
            erp.secret, place = made["secret"], int(made["after"])
            while tally.kills < kills or len(accepted) < entries:
                stop = threading.Event()
                # Each life has its share, so that none is without something on its way.
                share = entries if tally.kills >= kills else entries * (tally.kills + 1) // kills
                poster = threading.Thread(target=post, args=(daemon.url, stop, share, accepted))
                poster.start()
                if tally.kills < kills:
                    time.sleep(luck.uniform(0.02, 0.3))
                    daemon.kill()
                    tally.kills += 1
                    stop.set()
                    daemon.start()
                poster.join()
            _drain(daemon, erp, tally)
        finally:
            daemon.stop()
    with closing(sqlite3.connect(folder / "data" / "gateway.db")) as database:
        rows = database.execute(
            "SELECT seq FROM feed WHERE kind = 'setting.changed' AND seq > ?", (place,)
        )
        told = {int(seq) for (seq,) in rows}
    tally.entries = len(told)
    tally.taken = len(told & set(erp.taken))
    tally.missing = len(told - set(erp.taken))
    tally.again = sum(count - 1 for count in erp.taken.values())
    tally.seconds = round(time.monotonic() - began, 1)
    return tally


def _drain(daemon: DaemonProcess, erp: Erp, tally: Tally) -> None:
    """Wait until nothing waits any more."""
    until = time.monotonic() + DRAIN
    with httpx.Client(base_url=daemon.url, timeout=10, trust_env=False) as web:
        web.put("/v1/settings/time_zone", json={"value": "Europe/Paris"})
        last = int(web.get("/metrics").text.split("\ngateway_feed_sequence ")[1].split()[0])
        while True:
            hook = web.get("/v1/webhooks/erp").json()
            if hook["after"] >= last and not hook["waiting"]:
                tally.dead = hook["dead"]
                return
            assert time.monotonic() < until, f"it did not all arrive: {hook}"
            time.sleep(0.05)


def main(arguments: list[str]) -> int:
    """Run one campaign; exit 1 when anything is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        tally = run(Path(folder), seed=given.seed, entries=given.entries, kills=given.kills)
    sys.stdout.write(json.dumps(asdict(tally)) + "\n")
    return 1 if tally.missing or tally.forged or tally.dead else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
