"""Kills and printer faults against the whole product, counted on the virtual printer's paper.

Everything random comes from one seed. Run a long one by hand:

    python -m tests.campaign.campaign --way zpl-tcp --kills 500 --faults 500 --seed 7
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import zxingcpp
from PIL import Image

from tests.campaign.processes import PATIENCE, DaemonProcess, PrinterProcess

if TYPE_CHECKING:
    from gateway.drivers.virtual.pty import SerialLine

DRAIN = 240.0
"""Seconds the backlog is given to come out once everything is healed."""


@dataclass(frozen=True, slots=True)
class Way:
    """A language and a wire to a virtual printer."""

    language: str
    proof: str
    """How such a printer's labels are followed."""
    serial: bool = False
    """Over a pseudo terminal instead of TCP."""
    width: int = 100_000
    """µm of the stock."""
    height: int = 50_000
    template: str = "serial-label"
    model: str = ""


WAYS = {
    "zpl-tcp": Way("zpl", "odometer"),
    "zpl-serial": Way("zpl", "odometer", serial=True),
    "escpos-tcp": Way(
        "escpos", "print_end", width=72_000, height=30_000, template="receipt-serial"
    ),
}

BAUD = 115_200
"""Of the serial line: an exact label is about a kilobyte, a tenth of a second."""

RECEIPT_SERIAL = {
    "name": "receipt-serial",
    "size": {"width": 70_000, "height": 25_000},
    "fields": [{"name": "serial", "required": True, "example": "SN-000123"}],
    "elements": [
        {
            "type": "barcode", "id": "code", "symbology": "code128", "content": "{serial}",
            "x": 1_000, "y": 2_000, "width": 68_000, "height": 20_000, "align": "center",
        }
    ],
}  # fmt: skip
"""A label for receipt printers: the built-in one is wider than their heads."""


@dataclass
class Tally:
    """What was accepted, what was said, and what lay in the tray."""

    seed: int
    kills: int = 0
    faults: int = 0
    power_losses: int = 0
    accepted: int = 0
    on_paper: int = 0
    printed: int = 0
    uncertain: int = 0
    lost: list[str] = field(default_factory=list)
    """Accepted, not on paper, and not asked about either."""
    duplicated: list[str] = field(default_factory=list)
    """On paper more than once."""
    ghosts: list[str] = field(default_factory=list)
    """Called printed, and not on paper."""
    strangers: list[str] = field(default_factory=list)
    """On paper, and never accepted."""
    seconds: float = 0.0

    def broken_promises(self) -> list[str]:
        return self.lost + self.duplicated + self.ghosts + self.strangers


class Poster(threading.Thread):
    """An application that posts small jobs and retries each by its idempotency key."""

    def __init__(self, url: str, luck: random.Random, name: str, template: str) -> None:
        super().__init__(daemon=True)
        self._template = template
        self._url, self._luck, self._name = url, luck, name
        self._over = threading.Event()
        self.accepted: list[str] = []
        self.jobs: set[str] = set()

    def run(self) -> None:
        number = 0
        with httpx.Client(base_url=self._url, timeout=10) as http:
            while not self._over.is_set():
                serials = []
                for _ in range(self._luck.randint(1, 4)):
                    number += 1
                    serials.append(f"{self._name}-{number:05d}")
                self._post(http, serials)
                self._over.wait(self._luck.uniform(0.15, 0.6))

    def _post(self, http: httpx.Client, serials: list[str]) -> None:
        body: dict[str, object] = {
            "printer": "judge",
            "template": self._template,
            "labels": [{"serial": serial} for serial in serials],
        }
        while True:
            try:
                answer = http.post("/v1/jobs", json=body, headers={"Idempotency-Key": serials[0]})
            except httpx.HTTPError:
                if self._over.wait(0.05):
                    # Whether it was accepted is asked with the same key when all is well again.
                    self.unanswered = (body, serials)
                    return
                continue
            assert answer.status_code == 201, answer.text
            self.jobs.add(answer.json()["id"])
            self.accepted += serials
            return

    unanswered: tuple[dict[str, object], list[str]] | None = None

    def finish(self) -> None:
        """Stop; the last request is repeated until it is answered."""
        self._over.set()
        self.join()
        if self.unanswered is not None:
            _, serials = self.unanswered
            self._over.clear()
            with httpx.Client(base_url=self._url, timeout=10) as http:
                self._post(http, serials)


FAULTS: tuple[tuple[tuple[str, dict[str, object]], tuple[str, dict[str, object]] | None], ...] = (
    (("power_off", {}), ("power_on", {})),
    (("paper_out", {}), ("load_paper", {})),
    (("open_head", {}), ("close_head", {})),
    (("pause", {}), ("resume", {})),
    (("stall", {"stalled": True}), ("stall", {"stalled": False})),
    (("mute", {"muted": True}), ("mute", {"muted": False})),
    (("refuse_connections", {"refused": True}), ("refuse_connections", {"refused": False})),
    (("drop_connection", {}), None),
    (("reset_connection_at", {}), None),
)
"""What goes wrong, and what mends it."""

SERIAL_FAULTS = tuple(fault for fault in FAULTS if "connection" not in fault[0][0])
"""A serial line has no connection to break; its adapter is pulled instead."""


def run_campaign(
    folder: Path, *, seed: int, kills: int, faults: int, way: Way = WAYS["zpl-tcp"]
) -> Tally:
    """Kill the daemon and hurt the printer, heal both, wait, and count the paper."""
    tally, luck, began = Tally(seed), random.Random(seed), time.monotonic()
    with contextlib.ExitStack() as stack:
        printer = stack.enter_context(
            PrinterProcess(
                folder / "printer",
                speed=2000,
                language=way.language,
                width=way.width / 1000,
                height=way.height / 1000,
            )
        )
        line: SerialLine | None = None
        if way.serial:
            from gateway.drivers.virtual.pty import SerialLine  # POSIX only

            # It is the campaign's own: adapters outlive daemons.
            line = stack.enter_context(
                SerialLine(urlsplit(printer.url).port or 0, baud=BAUD, link=folder / "line")
            )
        daemon = DaemonProcess(folder)
        daemon.start()
        try:
            _set_up(daemon, way, printer.url if line is None else line.url)
            posters = [
                Poster(daemon.url, random.Random(luck.random()), f"S{seed}{letter}", way.template)
                for letter in ("A" if way.serial else "AB")  # a line is slower than a network
            ]
            for poster in posters:
                poster.start()
            _trouble(daemon, printer, line, luck, tally, kills, faults)
            for poster in posters:
                poster.finish()
            accepted = [serial for poster in posters for serial in poster.accepted]
            jobs = set().union(*(poster.jobs for poster in posters))
            _drain(daemon, printer, jobs)
            said = _what_is_said(daemon, jobs)
        finally:
            with contextlib.suppress(Exception):
                daemon.stop()
        _count(tally, accepted, said, printer)
    tally.seconds = round(time.monotonic() - began, 1)
    return tally


def _set_up(daemon: DaemonProcess, way: Way, url: str) -> None:
    answer = httpx.put(
        f"{daemon.url}/v1/printers/judge",
        json={
            "url": url,
            "language": way.language,
            "model": way.model,
            "density": 8,
            "media": {"width": way.width, "height": way.height},
        },
    )
    assert answer.status_code in (200, 201), answer.text
    if way.template == RECEIPT_SERIAL["name"]:
        answer = httpx.put(f"{daemon.url}/v1/templates/{way.template}", json=RECEIPT_SERIAL)
        assert answer.status_code in (200, 201), answer.text
    # It answers once: from then on the gateway knows that its silence is trouble.
    deadline = time.monotonic() + PATIENCE
    while _status(daemon)["proof"] != way.proof:
        assert time.monotonic() < deadline, _status(daemon)
        time.sleep(0.05)


def _status(daemon: DaemonProcess) -> dict[str, object]:
    status: dict[str, object] = httpx.get(f"{daemon.url}/v1/printers/judge/status").json()
    return status


def _trouble(
    daemon: DaemonProcess,
    printer: PrinterProcess,
    line: SerialLine | None,
    luck: random.Random,
    tally: Tally,
    kills: int,
    faults: int,
) -> None:
    events = ["kill"] * kills + ["fault"] * faults
    luck.shuffle(events)
    for event in events:
        time.sleep(luck.uniform(0.0, 1.6))
        if event == "kill":
            daemon.kill()
            tally.kills += 1
            daemon.start()
            continue
        if line is not None and luck.random() < 0.25:
            line.hang_up()  # the adapter is pulled, and comes back under another name
            tally.faults += 1
            time.sleep(luck.uniform(0.05, 1.5))
            line.come_back()
            continue
        (what, arguments), cure = luck.choice(FAULTS if line is None else SERIAL_FAULTS)
        if what == "reset_connection_at":
            arguments = {"octets": luck.randint(1, 4000)}
        printer.do(what, **arguments)
        tally.faults += 1
        tally.power_losses += what == "power_off"
        if cure is not None:
            time.sleep(luck.uniform(0.05, 1.5))
            printer.do(cure[0], **cure[1])


def _drain(daemon: DaemonProcess, printer: PrinterProcess, jobs: set[str]) -> None:
    deadline = time.monotonic() + DRAIN
    with httpx.Client(base_url=daemon.url, timeout=30) as http:
        while True:
            rows = [http.get(f"/v1/jobs/{job}").json() for job in sorted(jobs)]
            states = Counter(row["state"] for row in rows)
            if not states.keys() - {"done", "needs_attention", "failed", "cancelled"} and all(
                not row["counts"].get("queued") and not row["counts"].get("sending")
                and not row["counts"].get("sent") for row in rows
            ):  # fmt: skip
                return
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"still waiting after {DRAIN} s: {states} {_status(daemon)} {printer.state()}"
                )
            time.sleep(0.5)


def _what_is_said(daemon: DaemonProcess, jobs: set[str]) -> dict[str, str]:
    said: dict[str, str] = {}
    with httpx.Client(base_url=daemon.url, timeout=30) as http:
        for job in jobs:
            for label in http.get(f"/v1/jobs/{job}/labels", params={"limit": 500}).json()["items"]:
                said[label["data"]["serial"]] = label["state"]
    return said


def _count(
    tally: Tally, accepted: list[str], said: dict[str, str], printer: PrinterProcess
) -> None:
    paper: Counter[str] = Counter()
    for piece in printer.pieces():
        if piece["partial"]:
            continue
        texts = {code["text"] for code in piece["codes"]}
        if texts - said.keys():
            # In a few hundred labels a reader that looks for every code takes one for an EAN-13.
            texts = _code_128(printer.picture(piece["number"]))
        paper.update(texts)
    tally.accepted = len(accepted)
    tally.on_paper = sum(paper.values())
    tally.printed = sum(state == "printed" for state in said.values())
    tally.uncertain = sum(state == "uncertain" for state in said.values())
    tally.lost = [
        serial
        for serial in accepted
        if not paper[serial] and said.get(serial) not in {"uncertain", "printed"}
    ]
    tally.duplicated = [serial for serial, times in paper.items() if times > 1]
    tally.ghosts = [s for s, state in said.items() if state == "printed" and not paper[s]]
    tally.strangers = sorted(set(paper) - set(said))


ONLY_CODE_128 = zxingcpp.barcode_formats_from_str("Code128")


def _code_128(png: bytes) -> set[str]:
    with Image.open(BytesIO(png)) as picture:
        found = zxingcpp.read_barcodes(picture.convert("L"), formats=ONLY_CODE_128)
    return {code.text for code in found}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--way", choices=sorted(WAYS), default="zpl-tcp")
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--faults", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for logs, data and paper")
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = arguments.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        tally = run_campaign(
            folder,
            seed=arguments.seed,
            kills=arguments.kills,
            faults=arguments.faults,
            way=WAYS[arguments.way],
        )
    sys.stdout.write(json.dumps(asdict(tally), indent=2) + "\n")
    return 1 if tally.broken_promises() else 0


if __name__ == "__main__":
    sys.exit(main())
