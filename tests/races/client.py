"""A program of somebody else: it receives, commits and ships serials, as fast as it can.

Run as a process of its own, with nothing of the gateway in it. It reads one line of JSON, says
"ready", waits for another line, and writes one line of JSON: what it was answered.

    {"url": …, "name": "c1", "order": "SO-1", "serials": ["R1", …], "seed": 7}
    ──► {"won": {"receive": […], "commit": […], "ship": […]}, "refused": {code: n}, …}

A request whose answer was lost is sent again under the same Idempotency-Key until it is answered.
"""

from __future__ import annotations

import http.client
import json
import random
import sys
import time
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 60.0
"""Seconds for which a daemon that was killed may stay away."""


class Client:
    """One connection, made anew whenever it breaks."""

    def __init__(self, url: str, name: str) -> None:
        self._host = urlsplit(url).netloc
        self._name = name
        self._number = 0
        self._connection: http.client.HTTPConnection | None = None
        self.repeated = 0

    def post(self, path: str, body: object) -> tuple[int, Any]:
        """Return the status and the answer."""
        self._number += 1
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": f"{self._name}-{self._number}",
        }
        began = time.monotonic()
        while True:
            try:
                if self._connection is None:
                    self._connection = http.client.HTTPConnection(self._host, timeout=PATIENCE)
                self._connection.request("POST", path, json.dumps(body), headers)
                answer = self._connection.getresponse()
                return answer.status, json.loads(answer.read())
            except (OSError, http.client.HTTPException, ValueError):
                if self._connection is not None:
                    self._connection.close()
                self._connection = None
                if time.monotonic() - began > PATIENCE:
                    raise
                self.repeated += 1
                time.sleep(0.02)  # it is being started again


class Run:
    """What a client does, and what it was answered."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._told = told
        self._client = Client(told["url"], told["name"])
        self._lines = f"/v1/documents/sales_order/{told['order']}"
        self.won: dict[str, list[str]] = {"receive": [], "commit": [], "ship": []}
        self.refused: dict[str, int] = {}
        self.strange: list[str] = []

    def _asked(self, step: str, serials: list[str], path: str, body: object) -> bool:
        status, answer = self._client.post(path, body)
        if status == 200:
            self.won[step] += serials
            return True
        key = f"{step} {status} {answer.get('code')}"
        self.refused[key] = self.refused.get(key, 0) + 1
        named = {one["subject"] for one in answer.get("items", [])}
        if status not in (409, 422) or not named & set(serials):
            self.strange.append(f"{step} {status} {json.dumps(answer)[:400]}")
        return False

    def receive(self, serials: list[str]) -> bool:
        return self._asked(
            "receive", serials, "/v1/serials/actions",
            {"action": "receive", "item": "DRILL", "serials": serials, "location": "A-01"},
        )  # fmt: skip

    def commit(self, serial: str) -> bool:
        return self._asked(
            "commit", [serial], f"{self._lines}/lines/1/serials", {"serials": [serial]}
        )

    def ship(self, serial: str) -> bool:
        return self._asked(
            "ship", [serial], f"{self._lines}/ship", {"lines": [{"line": 1, "serials": [serial]}]}
        )

    def everything(self) -> None:
        """Bring each serial through all three steps, whoever else does."""
        chance = random.Random(self._told["seed"])
        serials = list(self._told["serials"])
        chance.shuffle(serials)
        while serials:
            some = [serials.pop() for _ in range(min(chance.randint(1, 4), len(serials)))]
            if len(some) > 1 and not self.receive(some):
                for serial in some:  # of those nobody has, the refused request took none
                    self.receive([serial])
            elif len(some) == 1:
                self.receive(some)
            for serial in some:
                self.commit(serial)
                self.ship(serial)

    def told(self) -> dict[str, Any]:
        return {
            "name": self._told["name"], "won": self.won, "refused": self.refused,
            "strange": self.strange[:5], "repeated": self._client.repeated,
        }  # fmt: skip


def say(line: str) -> None:
    """Say a line to whoever started this."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    run = Run(json.loads(sys.stdin.readline()))
    say("ready")
    sys.stdin.readline()
    run.everything()
    say(json.dumps(run.told()))
