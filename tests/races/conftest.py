"""Eight programs that want the same serials of one registry, and what must have come of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from gateway.store.engine import Database
from tests.campaign.processes import DaemonProcess

if TYPE_CHECKING:
    from gateway.store.dialect import Place
    from gateway.store.engine import Transaction

PROGRAM = Path(__file__).with_name("client.py")
CLIENTS = 8
SERIALS = int(os.environ.get("GATEWAY_RACE_SERIALS", "16"))
"""500 for the full size, which takes minutes."""

PATIENCE = 600.0


def _furnish(t: Transaction) -> None:
    t.execute(
        "INSERT INTO item (sku, tracking, created_at, changed_at) VALUES ('DRILL', 'serial', 0, 0)"
    )
    t.execute("INSERT INTO place (code, created_at, changed_at) VALUES ('A-01', 0, 0)")
    t.execute(
        "INSERT INTO party (code, kind, created_at, changed_at) VALUES ('SMITH', 'customer', 0, 0)"
    )
    # A second life would let several programs win one after another.
    t.execute("INSERT INTO setting VALUES ('registry.reuse', '\"forbid\"')")


@dataclass(frozen=True, slots=True)
class Race:
    """Daemons over one database, and the serials everybody wants."""

    daemons: Sequence[DaemonProcess]
    serials: Sequence[str]
    web: httpx.Client

    def run(self, meanwhile: Callable[[], None] = lambda: None) -> list[dict[str, Any]]:
        """Let the programs run, do something meanwhile, and return what each was answered."""
        with ExitStack() as stack:
            started: list[subprocess.Popen[str]] = []
            for n in range(CLIENTS):
                process = subprocess.Popen(
                    [sys.executable, str(PROGRAM)],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                )  # fmt: skip
                started.append(stack.enter_context(process))
                stack.callback(process.kill)
                self._say(process, json.dumps({
                    "url": self.daemons[n % len(self.daemons)].url, "name": f"client-{n}",
                    "order": f"SO-{n}", "serials": list(self.serials), "seed": n,
                }))  # fmt: skip
            for process in started:
                assert self._hear(process) == "ready"
            for process in started:
                self._say(process, "go")
            meanwhile()
            return [json.loads(self._hear(process)) for process in started]

    @staticmethod
    def _say(process: subprocess.Popen[str], line: str) -> None:
        assert process.stdin is not None
        process.stdin.write(line + "\n")
        process.stdin.flush()

    @staticmethod
    def _hear(process: subprocess.Popen[str]) -> str:
        assert process.stdout is not None
        return process.stdout.readline().strip()

    def events(self) -> int:
        """Return how many events there are; 0 where the daemon does not answer now."""
        try:
            return int(self.web.get("/v1/registry/chain").json()["seq"])
        except httpx.HTTPError:
            return 0

    def wait_for_events(self, count: int) -> None:
        """Return once so much has happened."""
        until = time.monotonic() + PATIENCE
        while self.events() < count:
            assert time.monotonic() < until, "nothing happens any more"
            time.sleep(0.005)

    def check(self, told: Sequence[dict[str, Any]]) -> None:
        """Exactly one won each serial at each step, and the record says the same."""
        assert [one["strange"] for one in told] == [[]] * CLIENTS
        for step in ("receive", "commit", "ship"):
            won = Counter(serial for one in told for serial in one["won"][step])
            assert won == dict.fromkeys(self.serials, 1), step
        # Who had it reserved is who sent it.
        for one in told:
            assert sorted(one["won"]["commit"]) == sorted(one["won"]["ship"]), one["name"]
        refused = {key.split()[1] for one in told for key in one["refused"]}
        assert refused <= {"409", "422"}

        pages, after = list[dict[str, Any]](), None
        while True:
            query = {"limit": "500"} | ({} if after is None else {"after": after})
            page = self.web.get("/v1/serials", params=query).json()
            pages += page["items"]
            if (after := page["next"]) is None:
                break
        assert sorted((one["serial"], one["life"], one["state"]) for one in pages) == sorted(
            (serial, 1, "shipped") for serial in self.serials
        )
        for one in told:
            number = one["name"].replace("client", "SO")
            line = self.web.get(f"/v1/documents/sales_order/{number}").json()["lines"][0]
            counted = (line["committed"], line["picked"], line["done"])
            assert counted == (0, 0, len(one["won"]["ship"])), one["name"]
        stock = self.web.get("/v1/stock").json()["items"][0]
        assert (stock["on_hand"], stock["committed"], stock["available"]) == (0, 0, 0)
        verdict = self.web.post("/v1/registry/verify").json()
        assert verdict["troubles"] == []
        assert (verdict["whole"], verdict["serials"], verdict["movements"]) == (
            True, len(self.serials), 3 * len(self.serials),
        )  # fmt: skip


@contextmanager
def race(place: Place, folder: Path, daemons: int = 1) -> Iterator[Race]:
    """Start daemons over one database with an item, a place, and an order for each program."""
    first = folder / "daemon-0"
    database = Database.open(place, first / "data")
    database.run(_furnish)
    database.close()
    where = str(place) if isinstance(place, Path) else place.url
    with ExitStack() as stack:
        started: list[DaemonProcess] = []
        for n in range(daemons):
            own = folder / f"daemon-{n}"
            own.mkdir(exist_ok=True)
            daemon = DaemonProcess(own, GATEWAY_DATABASE=where)
            daemon.start()
            started.append(daemon)
            stack.callback(daemon.stop)
        web = stack.enter_context(httpx.Client(base_url=started[0].url, timeout=60))
        for n in range(CLIENTS):
            path = f"/v1/documents/sales_order/SO-{n}"
            body = {"party": "SMITH", "lines": [{"item": "DRILL", "quantity": SERIALS}]}
            assert web.put(path, json=body).is_success
            answer = web.post(f"{path}/confirm", json={})
            assert answer.status_code == 200, answer.text
        yield Race(started, [f"R{n:05}" for n in range(1, SERIALS + 1)], web)
