"""Twenty scanners on pseudo terminals and sockets, and a screen that hears what came of each scan.

    scanner ──code──► daemon ──scan.done, with the card──► a socket of the feed

One thread fires what is due and takes the time at which each answer came, on one clock: from just
before a code is written at the device to the event at the subscriber.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import socket
import time
import tty
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from benchmarks.processes import CannotRun, wait_until
from benchmarks.systems import System

ANSWERED_WITHIN: Final = 20.0
"""Seconds after which a scan that nobody has told of is lost."""

CONNECTED_WITHIN: Final = 30.0


class Gun(Protocol):
    """A scanner that can be fired and unplugged."""

    url: str

    def fire(self, code: str) -> None:
        """Write a code, all its bytes at once."""
        ...

    def unplug(self) -> None: ...

    def plug(self) -> None: ...

    def close(self) -> None: ...


class LineGun:
    """A scanner on a serial line: a pseudo terminal behind a name that stays."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self._master: int | None = None
        self.url = f"serial://{link}"
        self.plug()

    def fire(self, code: str) -> None:
        assert self._master is not None
        os.write(self._master, f"{code}\r".encode())

    def plug(self) -> None:
        master, slave = pty.openpty()
        tty.setraw(slave)  # or the terminal would say every code again
        self._link.symlink_to(os.ttyname(slave))
        os.close(slave)
        self._master = master

    def unplug(self) -> None:
        if self._master is not None:
            self._link.unlink()
            os.close(self._master)
            self._master = None

    def close(self) -> None:
        self.unplug()


class NetworkGun:
    """A scanner on the network, which the daemon calls."""

    def __init__(self) -> None:
        self._port = 0
        self._listening: socket.socket | None = None
        self._connection: socket.socket | None = None
        self.plug()
        self.url = f"tcp://127.0.0.1:{self._port}"

    def fire(self, code: str) -> None:
        if self._connection is None:
            assert self._listening is not None
            self._connection = self._listening.accept()[0]
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection.sendall(f"{code}\r".encode())

    def plug(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", self._port))
        self._listening.settimeout(CONNECTED_WITHIN)
        self._port = self._listening.getsockname()[1]

    def unplug(self) -> None:
        for one in (self._listening, self._connection):
            if one is not None:
                one.close()
        self._listening = self._connection = None

    def close(self) -> None:
        self.unplug()


class Shot(NamedTuple):
    """One scan to come."""

    after: float
    """Seconds since the first."""
    gun: int
    code: str


class Event(NamedTuple):
    """What the screen was told."""

    at: int
    """ns, monotonic."""
    kind: str
    body: dict[str, Any]


class Screen:
    """A subscriber of the feed over a WebSocket."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._protocol = ClientProtocol(
            parse_uri(f"ws://127.0.0.1:{port}/v1/events?kind=scan&kind=scanner"),
            max_size=None,
        )
        self._protocol.send_request(self._protocol.connect())
        self._flush()
        if not isinstance(self._next_frames(10.0)[0], Response):
            raise CannotRun("The daemon did not open a socket.")

    def close(self) -> None:
        self._socket.close()

    def hear(self, within: float) -> list[Event]:
        """Return what has come, after so many seconds at most."""
        events = []
        for frame in self._next_frames(within):
            if isinstance(frame, Frame) and frame.opcode is Opcode.TEXT:
                told = json.loads(bytes(frame.data))
                if "type" in told:
                    events.append(Event(self._at, told["type"], told["data"]))
        return events

    def _next_frames(self, within: float) -> Sequence[object]:
        if not select.select([self._socket], [], [], max(0.0, within))[0]:
            return ()
        received = self._socket.recv(1 << 20)
        self._at = time.monotonic_ns()
        if not received:
            raise CannotRun("The daemon closed the socket of its feed.")
        self._protocol.receive_data(received)
        self._flush()  # pongs
        return self._protocol.events_received()

    def _flush(self) -> None:
        for chunk in self._protocol.data_to_send():
            self._socket.sendall(chunk)


class Floor:
    """The scanners of a daemon, each at a station of its own, and a screen that hears them all."""

    def __init__(self, system: System, guns: Sequence[Gun], screen: Screen) -> None:
        self.system, self.guns, self.screen = system, guns, screen
        self.lost = self.doubled = self.unresolved = 0
        """Scans of which nothing was told, of which more than one thing was told, and those that
        came without the card of a thing."""

    def shoot(self, shots: Iterable[Shot]) -> list[float]:
        """Fire at the given times, whatever comes of it; return the ms of each scan that came."""
        coming = iter(shots)
        following = next(coming, None)
        waiting: dict[tuple[str, str], int] = {}
        began = time.monotonic()
        ends = began + ANSWERED_WITHIN
        taken: list[float] = []
        while following is not None or (waiting and time.monotonic() < ends):
            while following is not None and (now := time.monotonic() - began) >= following.after:
                ends = began + now + ANSWERED_WITHIN
                waiting[name_of(following.gun), following.code] = time.monotonic_ns()
                self.guns[following.gun].fire(following.code)
                following = next(coming, None)
            until = ends if following is None else began + following.after
            for event in self.screen.hear(until - time.monotonic()):
                fired = self._match(event, waiting)
                if fired is not None:
                    taken.append((event.at - fired) / 1e6)
        self.lost += len(waiting)
        return taken

    def pump(self, codes: Iterator[str], count: int, ahead: int) -> float:
        """Scan so many as fast as they are taken, each scanner ``ahead`` scans before its answers;
        return the seconds it took.

        Raises:
            CannotRun: one was not told of.
        """
        waiting: dict[tuple[str, str], int] = {}
        numbers = {name_of(gun): gun for gun in range(len(self.guns))}
        fired = 0

        def fire(gun: int) -> None:
            nonlocal fired
            code = next(codes)
            fired += 1
            waiting[name_of(gun), code] = time.monotonic_ns()
            self.guns[gun].fire(code)

        began = time.monotonic()
        for _ in range(ahead):
            for gun in numbers.values():
                if fired < count:
                    fire(gun)
        ends = began + ANSWERED_WITHIN
        while waiting and (left := ends - time.monotonic()) > 0:
            for event in self.screen.hear(left):
                if self._match(event, waiting) is not None:
                    ends = time.monotonic() + ANSWERED_WITHIN
                    if fired < count:
                        fire(numbers[event.body["scanner"]])
        if waiting:
            raise CannotRun(f"{len(waiting)} scans were lost.")
        return time.monotonic() - began

    def wait_for(self, kind: str, gun: int, within: float) -> int:
        """Return when the screen was told that of a scanner, in ns.

        Raises:
            CannotRun: it was not.
        """
        ends = time.monotonic() + within
        while (left := ends - time.monotonic()) > 0:
            for event in self.screen.hear(left):
                if event.kind == kind and event.body["scanner"] == name_of(gun):
                    return event.at
        raise CannotRun(f"Nobody told of {kind} of {name_of(gun)} within {within:g} s.")

    def command(self, code: str) -> None:
        """Have every scanner read the same."""
        self.shoot([Shot(0.0, gun, code) for gun in range(len(self.guns))])

    def _match(self, event: Event, waiting: dict[tuple[str, str], int]) -> int | None:
        """Return when the scan of an event was fired; None when it is of none that waits."""
        if not event.kind.startswith("scan."):
            return None
        body = event.body
        fired = waiting.pop((body["scanner"], body["scan"]), None)
        self.doubled += fired is None
        known = any(card["kind"] != "hint" for card in body["cards"])
        self.unresolved += not known and not body["scan"].startswith("GWC-")
        return fired


def name_of(gun: int) -> str:
    """Return what a scanner is called."""
    return f"gun-{gun + 1}"


@contextlib.contextmanager
def scan_floor(system: System, folder: Path, guns: int) -> Iterator[Floor]:
    """Plug scanners in, half of them on serial lines, until the block ends."""
    with contextlib.ExitStack() as stack:
        made: list[Gun] = []
        for number in range(guns):
            gun = NetworkGun() if number % 2 else LineGun(folder / name_of(number))
            stack.callback(gun.close)
            made.append(gun)
            system.ask("PUT", f"/v1/stations/bench-{number + 1}", {})
            system.ask(
                "PUT",
                f"/v1/scanners/{name_of(number)}",
                {"url": gun.url, "station": f"bench-{number + 1}"},
            )

        def all_listen() -> bool:
            known = system.ask("GET", "/v1/scanners")["items"]
            return all(one["status"]["condition"] == "listening" for one in known)

        wait_until(all_listen, CONNECTED_WITHIN, "not all scanners were listened to", 0.1)
        screen = Screen(system.port)
        stack.callback(screen.close)
        yield Floor(system, made, screen)
