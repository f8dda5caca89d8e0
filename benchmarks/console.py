"""U1–U4: the screens, with a million serials behind them.

The daemon as people run it. U1 is the server's time for each page, U2 when a browser first paints
it, U3 how soon a screen shows what a printer has just found out, U4 what twenty open screens cost.
U2 and U3 need Debian's chromium.
"""

from __future__ import annotations

import http.client
import shutil
import threading
import time
import urllib.error
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from statistics import median
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from benchmarks.measuring import Line, Plan, percentile
from benchmarks.processes import CannotRun
from benchmarks.registry_fill import fill, vendor_serial
from benchmarks.systems import System, label_gateway
from gateway.console.navigation import NAVIGATION

if TYPE_CHECKING:
    from playwright.sync_api import Page

CONSOLES: Final = 20

EVERY: Final = 1.0
"""Seconds between two labels while the screens are watched: a steady day at one printer."""

LATEST: Final = 1.0
"""Seconds between two looks of a screen at what is live (console.js)."""

SOON: Final = 0.12
"""Seconds until it looks (console.js)."""

PRINTER: Final = "bench"

SAYS: Final = """() => new Promise(resolve => {
  const seen = () => {
    if (/paper is out/i.test(document.querySelector("main").innerText)) {
      watch.disconnect();
      resolve(Date.now());
    }
  };
  const watch = new MutationObserver(seen);
  watch.observe(document.body, {childList: true, subtree: true, characterData: true});
  seen();
})"""


def measure(plan: Plan) -> list[Line]:
    """Fill a registry, run the daemon on it, and look at every screen.

    Raises:
        CannotRun: a page could not be opened.
    """
    serials = plan.count(1_000_000, quick=2_000)
    folder = plan.place("console")
    fill(folder, serials)
    with label_gateway(folder, {}) as system:
        system.ask("PUT", f"/v1/printers/{PRINTER}", {"url": "virtual:"})
        paths = list(pages_of(system))
        lines = [*_serve(plan, system, paths, serials), *_consoles(plan, system)]
        lines += _browse(plan, system, paths)
    shutil.rmtree(folder, ignore_errors=True)
    return lines


def pages_of(system: System) -> Iterator[str]:
    """Yield every screen of the navigation, and one thing's page of each kind."""
    yield from (entry.path for _, group in NAVIGATION for entry in group)
    (serial,) = system.ask("GET", f"/v1/serials?serial={vendor_serial(1)}")["items"]
    public = str(serial["id"]).removeprefix("GW-")
    yield f"/serials/{public}"
    yield "/serials?state=shipped"
    yield "/serials?location=S-01&inside=1"
    yield f"/find?q={vendor_serial(7)}"
    for tab in ("", "?tab=serials", "?tab=stock", "?tab=movements", "?tab=lots"):
        yield f"/items/ITEM-0001{tab}"
    yield "/parties/P-00021"
    order = {"party": "P-00001", "lines": [{"item": "ITEM-0001", "quantity": 3}]}
    made = system.ask("POST", "/v1/documents/purchase_order", order)
    yield f"/documents/purchase_order/{quote(str(made['number']))}"
    yield f"/documents/purchase_order/{quote(str(made['number']))}/lines/1"
    yield f"/printers/{PRINTER}"
    job = system.ask("POST", "/v1/jobs", _job(0))
    yield f"/jobs/{job['id']}"


def _job(n: int) -> dict[str, object]:
    labels = [{"serial": f"B-{n:06d}"}]
    return {"printer": PRINTER, "template": "serial-label", "labels": labels}


# ---------------------------------------------------------------- the server's time


def _serve(plan: Plan, system: System, paths: Sequence[str], serials: int) -> list[Line]:
    times: dict[str, list[float]] = {path: [] for path in paths}
    with closing(http.client.HTTPConnection("127.0.0.1", system.port, timeout=30)) as web:
        for path in paths:
            _get(web, path)  # its template is read once
        for _ in range(plan.count(40, quick=2)):
            for path in paths:
                began = time.perf_counter()
                _get(web, path)
                times[path].append((time.perf_counter() - began) * 1000)
    tails = {path: percentile(found, 95) for path, found in times.items()}
    worst = max(tails, key=lambda path: tails[path])
    slow = sorted((path for path in tails if tails[path] > 30), key=lambda path: -tails[path])
    note = f"{serials:,} serials; {worst} is the slowest of {len(paths)} pages"
    if slow:
        note += "; above: " + ", ".join(f"{path} {tails[path]:.0f}" for path in slow[:8])
    return [
        Line("U1", "the server's time for any page, p95", tails[worst], "ms", wanted="30 ms",
             reached=tails[worst] <= 30, note=note),
        Line("", "the same, the middle page's p95", median(tails.values()), "ms"),
    ]  # fmt: skip


def _get(web: http.client.HTTPConnection, path: str) -> bytes:
    web.request("GET", path)
    answer = web.getresponse()
    body = answer.read()
    if answer.status not in (200, 302, 303):
        raise CannotRun(f"{path} answered {answer.status}: {body[:200]!r}")
    return body


# ---------------------------------------------------------------- in a browser


@contextmanager
def _window(system: System) -> Iterator[Page]:
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise CannotRun("Debian's chromium is not installed.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield browser.new_page(base_url=f"http://127.0.0.1:{system.port}")
        finally:
            browser.close()


def _browse(plan: Plan, system: System, paths: Sequence[str]) -> list[Line]:
    paints: list[float] = []
    seen: list[float] = []
    with _window(system) as page:
        page.goto("/printers")
        for _ in range(plan.count(3, quick=1)):
            for path in paths:
                page.goto(path)
                first = page.wait_for_function(
                    "() => (performance.getEntriesByName('first-contentful-paint')[0] || 0)"
                    ".startTime"
                )
                paints.append(float(first.json_value()))
        for _ in range(plan.count(5, quick=1)):
            page.goto(f"/printers/{PRINTER}")
            page.wait_for_selector("#status")
            page.wait_for_timeout(1500)
            _fault(system, "paper_out")
            shown = float(page.evaluate(SAYS)) / 1000
            seen.append(shown - _known_since(system))
            _fault(system, "load_paper")
            page.wait_for_timeout(6000)  # until it is asked again, and is ready
    return [
        Line("U2", "first paint of any page, p95", percentile(paints, 95), "ms", wanted="300 ms",
             reached=percentile(paints, 95) <= 300,
             note=f"p50 {percentile(paints, 50):.0f} ms; headless, nothing else on the computer"),
        Line("U3", "a printer knows it is out of paper → the screen says so", median(seen), "s",
             wanted="1 s", reached=max(seen) <= 1, rounds={"ours": seen},
             note=f"at most {max(seen):.2f} s"),
    ]  # fmt: skip


def _fault(system: System, fault: str) -> None:
    system.ask("POST", f"/v1/printers/{PRINTER}/virtual", {"do": fault})


def _known_since(system: System) -> float:
    """Return since when the printer's thread knows of its condition, in seconds of the epoch."""
    status = system.ask("GET", f"/v1/printers/{PRINTER}/status")
    return datetime.fromisoformat(status["since"]).timestamp()


# ---------------------------------------------------------------- twenty at once


class Console(threading.Thread):
    """A screen that is open: it hears the feed and fetches what is live, as console.js does."""

    def __init__(self, port: int, path: str, kinds: Sequence[str]) -> None:
        super().__init__(daemon=True)
        self._port, self._path, self._kinds = port, path, kinds
        self._ends = threading.Event()
        self.looks = 0

    def run(self) -> None:
        """Look once for each second in which something happened."""
        query = "&".join(f"kind={kind}" for kind in self._kinds)
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)) as feed:
            feed.request("GET", f"/v1/events?{query}")
            answer = feed.getresponse()
            with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)) as web:
                last = 0.0
                while not self._ends.is_set():
                    try:
                        line = answer.readline()
                    except (OSError, ValueError, AttributeError):
                        return
                    if not line:
                        return
                    if not line.startswith(b"data:") or time.monotonic() - last < LATEST:
                        continue
                    time.sleep(SOON)  # what happens together is fetched together
                    last = time.monotonic()
                    web.request("GET", self._path, headers={"x-part": "1"})
                    web.getresponse().read()
                    self.looks += 1

    def end(self) -> None:
        """Let it end with the next thing it hears."""
        self._ends.set()


def _consoles(plan: Plan, system: System) -> list[Line]:
    seconds = plan.count(30, quick=2)
    alone = [_watch(system, 0, seconds) for _ in range(plan.count(2, quick=1))]
    with_them = [_watch(system, CONSOLES, seconds) for _ in range(plan.count(2, quick=1))]
    idle = [_watch(system, CONSOLES, seconds, prints=False) for _ in range(1)]
    cost = (median(with_them) - median(alone)) * 100
    return [
        Line("U4", f"{CONSOLES} open screens while a label is printed each second", max(cost, 0.01),
             "% of a core", wanted="5 %", reached=cost < 5,
             rounds={"ours": with_them, "alone": alone},
             note=f"{median(alone) * 100:.1f} % without a screen"),
        Line("", f"{CONSOLES} open screens while nothing happens", max(idle[0] * 100, 0.01),
             "% of a core"),
    ]  # fmt: skip


def _watch(system: System, screens: int, seconds: float, *, prints: bool = True) -> float:
    """Return how much of a core the daemon takes meanwhile."""
    paths = ("/", "/printers", f"/printers/{PRINTER}", "/jobs")
    consoles = [
        Console(system.port, paths[n % len(paths)], ("printer", "job", "label", "scan"))
        for n in range(screens)
    ]
    for console in consoles:
        console.start()
    time.sleep(1)
    used, began = system.child.processor_seconds(), time.monotonic()
    n = 0
    while time.monotonic() - began < seconds:
        if prints:
            n += 1
            system.ask("POST", "/v1/jobs", _job(n))
        time.sleep(EVERY)
    took = time.monotonic() - began
    cores = (system.child.processor_seconds() - used) / took
    for console in consoles:
        console.end()
    try:
        system.ask("POST", "/v1/jobs", _job(0))
    except urllib.error.HTTPError as why:
        raise CannotRun(f"No label was taken: {why}.") from why
    for console in consoles:
        console.join(30)
    return cores
