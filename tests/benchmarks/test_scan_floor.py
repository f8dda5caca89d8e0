"""The scanners and the screen of the benchmarks: what is fired is heard once, and what is not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from benchmarks.scanning import codes_of

if TYPE_CHECKING:
    from tests.conftest import Daemon

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pseudo terminals"
)  # fmt: skip


class Running:
    """A daemon that somebody else has started, as a run of the benchmarks asks it."""

    def __init__(self, daemon: Daemon) -> None:
        self.port = urlsplit(daemon.url).port
        self._url = daemon.url

    def ask(self, method: str, path: str, body: object = None) -> Any:
        answer = httpx.request(method, self._url + path, json=body, trust_env=False, timeout=60)
        assert answer.is_success, answer.text
        return answer.json()


def test_what_scanners_fire_comes_to_the_screen_once_each(daemon: Daemon, tmp_path: Path) -> None:
    from benchmarks.scan_floor import Shot, scan_floor

    system: Any = Running(daemon)
    system.ask("PUT", "/v1/items/DRILL", {})
    with scan_floor(system, tmp_path, 2) as floor:
        shots = [Shot(0.0, gun, f"DRILL-{n}") for n in range(3) for gun in range(2)]
        times = floor.shoot([*shots, Shot(0.01, 0, "drill"), Shot(0.01, 1, "DRILL")])
        assert len(times) == 8
        assert min(times) > 0
        assert (floor.lost, floor.doubled) == (0, 0)
        assert floor.unresolved == 6, "only the item is known, and has a card"
        rows = daemon.gateway.parts.database.read(
            "SELECT n.name, c.code FROM scan c JOIN scanner n ON n.id = c.scanner ORDER BY c.id"
        )
        assert sorted(rows) == sorted(
            [(f"gun-{gun + 1}", code) for _, gun, code in shots]
            + [("gun-1", "drill"), ("gun-2", "DRILL")]
        )

        floor.guns[1].unplug()
        floor.wait_for("scanner.lost", 1, 30)
        floor.guns[1].plug()
        floor.wait_for("scanner.connected", 1, 30)
        assert floor.pump(iter(["A", "B", "C", "D", "E"]), 5, 2) > 0
        assert (floor.lost, floor.doubled) == (0, 0)


def test_codes_come_in_no_order_and_again_only_after_all_others() -> None:
    codes = codes_of(1_000)
    some = [next(codes) for _ in range(900)]
    assert len(set(some)) == 900, "nine in ten are in stock"
    assert some != sorted(some)
    assert next(codes) == some[0]
