"""What is plugged wakes those whose kind of device it may be, and nobody else."""

from __future__ import annotations

import queue
import socket
from collections.abc import Iterator

import pytest

from gateway.devices import plugging
from gateway.devices.plugging import PRINTERS, SCANNERS, PlugWatch


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The other end of the socket on which the system tells of its devices."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    theirs.setblocking(False)
    monkeypatch.setattr(plugging, "_listen", lambda: theirs)
    with ours:
        yield ours


def message(action: str, subsystem: str) -> bytes:
    words = (f"{action}@/devices/x", f"ACTION={action}", f"SUBSYSTEM={subsystem}", "SEQNUM=7")
    return "\0".join(words).encode() + b"\0"


@pytest.mark.parametrize(
    ("subsystem", "woken"),
    [
        ("usb", {"printers"}),
        ("usbmisc", {"printers"}),
        ("tty", {"printers", "scanners"}),
        ("input", {"scanners"}),
        ("hidraw", {"scanners"}),
    ],
)
def test_a_device_wakes_those_whose_kind_it_may_be(
    kernel: socket.socket, subsystem: str, woken: set[str]
) -> None:
    heard: queue.Queue[str] = queue.Queue()
    watch = PlugWatch(
        {PRINTERS: lambda: heard.put("printers"), SCANNERS: lambda: heard.put("scanners")}
    )
    assert watch.start()
    kernel.send(message("add", subsystem))
    kernel.send(message("remove", "sound"))
    told = {heard.get(timeout=10) for _ in woken}
    watch.stop()
    assert told == woken
    assert heard.empty()


def test_what_waits_is_left_alone_where_the_system_does_not_tell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plugging, "_listen", lambda: None)
    watch = PlugWatch({SCANNERS: lambda: None})
    assert not watch.start()
    watch.stop()
