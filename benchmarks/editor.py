"""L1–L5: the label editor, from a key to the new ink, and a drag beside a canvas library's.

L1 is one changed element's way to the gateway and back, L2 a frame of a drag with 60 objects on a
processor slowed to a quarter, L3 from the address to a label that can be edited, L4 a large label
drawn for the first time, L5 a look at 10,000 records. L2's peer is Konva, which editors of this
kind are made with: the same 60 pictures, dragged by the same mouse in the same browser. L2 and L3
need Debian's chromium, the peer needs npm's registry.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from benchmarks.measuring import Line, Plan, interleave, percentile, ratio
from benchmarks.processes import CannotRun
from benchmarks.systems import System, label_gateway

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

OBJECTS: Final = 60
SLOWED: Final = 4
"""Times slower than this computer: an old one in a warehouse."""

KONVA: Final = "10.9.1"

PIXELS: Final = 240
"""A drag goes so far, a pixel a frame."""


def measure(plan: Plan) -> list[Line]:
    """Run the daemon as people do and edit labels on it.

    Raises:
        CannotRun: there is no browser, or the gateway refuses.
    """
    folder = plan.place("editor")
    with label_gateway(folder, {}) as system:
        lines = [_tiles(plan, system), *_browse(plan, system), _cold(plan), _checks(plan, system)]
    shutil.rmtree(folder, ignore_errors=True)
    return lines


def label(objects: int, width: int = 100_000, height: int = 150_000) -> dict[str, Any]:
    """Return a label with so many elements: texts, codes and boxes in three columns."""
    across, rows = 3, -(-objects // 3)
    wide, high = width // across - 4000, height // rows - 2000
    elements: list[dict[str, Any]] = []
    for n in range(objects):
        place = {
            "id": f"e{n}", "x": 2000 + n % across * (width // across),
            "y": 1000 + n // across * (height // rows), "width": wide, "height": high,
        }  # fmt: skip
        match n % 3:
            case 0:
                kind: dict[str, Any] = {
                    "type": "text", "content": f"Place {n} {{serial}}",
                    "size": min(3500, high - 300), "min_size": 1000,
                }  # fmt: skip
            case 1:
                kind = {"type": "barcode", "symbology": "datamatrix", "content": f"{{serial}}{n}"}
            case _:
                kind = {"type": "box", "thickness": 300}
        elements.append({**place, **kind})
    return {
        "name": f"bench-{objects}", "size": {"width": width, "height": height},
        "fields": [{"name": "serial", "required": True, "example": "SN-000123"}],
        "elements": elements,
    }  # fmt: skip


# ---------------------------------------------------------------- ink


def _tiles(plan: Plan, system: System) -> Line:
    document = label(20)
    have = list(system.ask("POST", "/v1/editor/tiles", {"document": document})["tiles"])
    times: list[float] = []
    for n in range(plan.count(300, quick=5)):
        document["elements"][0]["content"] = f"typed {n}"
        began = time.perf_counter()
        made = system.ask("POST", "/v1/editor/tiles", {"document": document, "have": have})
        times.append((time.perf_counter() - began) * 1000)
        if len(made["tiles"]) != 1:
            raise CannotRun(f"One new tile was expected, got {len(made['tiles'])}.")
    worst = percentile(times, 95)
    return Line("L1", "a key typed → its new ink, 20 elements, p95", worst, "ms", wanted="50 ms",
                reached=worst <= 50, note=f"p50 {median(times):.1f} ms")  # fmt: skip


def _cold(plan: Plan) -> Line:
    from gateway.label import draw
    from gateway.templates.document import parse_template
    from gateway.templates.layout import UTC, Head, Moment, compile_template, datetime
    from gateway.units import parse_density

    template = parse_template(label(20, 101_600, 152_400))
    at = Moment(datetime(2026, 11, 22, tzinfo=UTC), UTC)
    times: list[float] = []
    for n in range(plan.count(40, quick=3)):
        began = time.perf_counter()
        design = compile_template(template, Head(parse_density(12)))
        draw(design.lay_out(design.bind({"serial": f"SN-{n:06d}"}, at, {})))
        times.append((time.perf_counter() - began) * 1000)
    return Line("L4", "4 × 6 in at 12 dots/mm with 20 elements, nothing kept", median(times), "ms",
                wanted="10 ms", reached=median(times) <= 10,
                note=f"p95 {percentile(times, 95):.1f} ms")  # fmt: skip


def _checks(plan: Plan, system: System) -> Line:
    rows = plan.count(10_000, quick=200)
    table = "serial\n" + "".join(f"SN-{n:06d}\n" for n in range(rows))
    sent = urllib.request.Request(
        f"http://127.0.0.1:{system.port}/v1/tables?name=serials.csv", table.encode(),
        {"content-type": "text/csv"}, method="POST",
    )  # fmt: skip
    with urllib.request.urlopen(sent, timeout=60) as answer:
        kept = json.load(answer)["id"]
    source = {"table": kept, "columns": {"serial": "serial"}}
    began = time.perf_counter()
    check = system.ask("POST", "/v1/editor/checks", {"document": label(20), "source": source})
    while check["work"]["state"] in ("waiting", "running"):
        time.sleep(0.02)
        check = system.ask("GET", f"/v1/editor/checks/{check['id']}")
    took = time.perf_counter() - began
    if check["records"] != rows or check["refused"]:
        raise CannotRun(f"{check['records']} records were looked at: {check['work']['sentence']}")
    return Line("L5", f"a look at {rows:,} records of a label with 20 elements", took, "s",
                wanted="10 s", reached=took <= 10)  # fmt: skip


# ---------------------------------------------------------------- in a browser


@contextmanager
def _chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise CannotRun("Debian's chromium is not installed.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield browser
        finally:
            browser.close()


def _browse(plan: Plan, system: System) -> Iterator[Line]:
    home = f"http://127.0.0.1:{system.port}"
    document = label(OBJECTS)
    system.ask("PUT", f"/v1/templates/{document['name']}", document)
    with _chromium() as browser:
        opened: list[float] = []
        for _ in range(plan.count(5, quick=1)):
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            began = time.perf_counter()
            page.goto(f"{home}/editor/serial-label")
            page.locator("#label image").first.wait_for(state="attached")
            opened.append((time.perf_counter() - began) * 1000)
            page.close()
        yield Line("L3", "the editor is opened → its label can be edited", median(opened), "ms",
                   wanted="1,000 ms", reached=max(opened) <= 1000, rounds={"ours": opened},
                   note=f"at most {max(opened):.0f} ms, a new window each time")  # fmt: skip
        ours: Callable[[], float] = lambda: _dragged(browser, f"{home}/editor/{document['name']}")  # noqa: E731
        rounds = plan.count(plan.rounds, quick=1)
        script = _konva(plan)
        if script is None:
            figures = {"ours": [ours() for _ in range(rounds)]}
        else:
            figures = interleave(
                rounds, {"ours": ours, "theirs": lambda: _konva_dragged(browser, script)}
            )
        worst = max(figures["ours"])
        theirs = figures.get("theirs")
        yield Line(
            "L2", f"a frame of a drag, {OBJECTS} objects, a quarter of the processor, p95",
            median(figures["ours"]), "ms", wanted="25 ms", reached=median(figures["ours"]) <= 25,
            peer="Konva" if theirs else "", theirs=median(theirs) if theirs else None,
            ratio=ratio(theirs, figures["ours"]) if theirs else None, rounds=figures,
            note=f"at most {worst:.1f} ms in a round",
        )  # fmt: skip


FRAMES: Final = """() => { const seen = window.seen = []; let last = performance.now();
  const look = now => { seen.push(now - last); last = now; if (seen) requestAnimationFrame(look); };
  requestAnimationFrame(look); }"""


def _drag(page: Page, x: float, y: float) -> float:
    """Drag what is at a point of the window and return the p95 of its frames in ms."""
    slow = page.context.new_cdp_session(page)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 5, y + 5)
    page.evaluate(FRAMES)
    page.mouse.move(x + PIXELS, y + PIXELS / 4, steps=PIXELS)
    frames = page.evaluate("() => window.seen")
    page.mouse.up()
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    return percentile([float(one) for one in frames[2:]], 95)


def _dragged(browser: Browser, url: str) -> float:
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    try:
        page.goto(url)
        page.wait_for_function(
            f"() => document.querySelectorAll('#label image').length >= {OBJECTS}"
        )
        box = page.locator("[data-id=e0]").bounding_box()
        assert box is not None
        return _drag(page, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    finally:
        page.close()


def _konva(plan: Plan) -> Path | None:
    npm = shutil.which("npm")
    if npm is None:
        return None
    folder = plan.place("konva")
    (folder / "package.json").write_text(json.dumps({"private": True}))
    done = subprocess.run(
        [npm, "install", "--silent", f"konva@{KONVA}"], cwd=folder, check=False,
        capture_output=True, timeout=120,
    )  # fmt: skip
    script = folder / "node_modules" / "konva" / "konva.min.js"
    return script if done.returncode == 0 and script.exists() else None


STAGE: Final = """n => {
  const stage = new Konva.Stage({container: "c", width: 1200, height: 700});
  const layer = new Konva.Layer(); stage.add(layer);
  for (let i = 0; i < n; i++) {
    const ink = document.createElement("canvas"); ink.width = 240; ink.height = 50;
    const pen = ink.getContext("2d");
    for (let x = 0; x < 240; x += 3) if (x * 7 % 5 < 3) pen.fillRect(x, 0, 2, 50);
    const x = 10 + i % 4 * 290, y = 5 + (i >> 2) * 45;
    layer.add(new Konva.Image({image: ink, x, y, draggable: true}));
  }
  layer.draw();
}"""


def _konva_dragged(browser: Browser, script: Path) -> float:
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    try:
        page.set_content('<div id="c"></div>')
        page.add_script_tag(path=script)
        page.evaluate(STAGE, OBJECTS)
        return _drag(page, 60, 30)
    finally:
        page.close()
