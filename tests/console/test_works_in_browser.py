"""The pages of long works: a bar that moves, a button that stops, and a way to the result."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tests.console.station import needs_chromium

if TYPE_CHECKING:
    from gateway.works import Progress
    from tests.conftest import Daemon
    from tests.console.screen import Screen

pytestmark = needs_chromium

SOON = 10.0


def test_a_work_is_watched_and_stopped(daemon: Daemon, screen: Screen) -> None:
    works = daemon.gateway.parts.works
    screen.go("/works").sees("Nothing long is going on.")
    step, go = threading.Semaphore(0), threading.Event()

    def do(progress: Progress) -> str:
        progress.tell(2, 8, "Two of the eight are there.")
        step.acquire(timeout=SOON)
        progress.tell(6, 8, "Six of the eight are there.")
        go.wait(SOON)
        progress.tell(7, 8)
        return "All eight are there."

    number = works.start("Bring in eight", "local", do)
    screen.sees("Bring in eight").click("Bring in eight").sees("Two of the eight").is_accessible()
    step.release()
    screen.sees("Six of the eight").sees("6 of 8")
    assert screen.locator("#work-progress").get_attribute("value") == "6"
    screen.click("Stop").sees("Is being stopped")
    go.set()
    screen.sees("It was stopped; nothing was changed.").does_not_see("Is being stopped")
    assert works.get(number).state == "stopped"

    ended = works.start("Bring in one", "local", lambda progress: "It is there.", to="/keys")
    works.wait(ended, SOON)
    screen.go(f"/works/{ended}").sees("It is there.").click("To the result").at("/keys")
    screen.go("/works/7").sees("There is no work 7")
