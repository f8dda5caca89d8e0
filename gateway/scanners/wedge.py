r"""Keyboard wedges: scanners that type, read by Linux before any window does.

    wedge:0c2e:0b61/17018B0B25    by serial number
    wedge:0c2e:0b61@1-1.2         by the port it is plugged into

    evdev ══keys══► Typing (layout, framing, silence) ──Read──► the scan room

While it is open it is grabbed: what it reads is typed into no window and runs no shortcut. That is
not begun while one of its keys is down, because the desktop would never see it come up. With
``grab`` off it types into windows too; with ``pass_through`` what is unknown is played to the
window that has the focus, as if it had never been grabbed.

>>> check_url("wedge:C2E:B61@1-1.2")
'wedge:0c2e:0b61@1-1.2'
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from gateway.errors import DeviceError, DeviceLost, InputRefused, ScannerRefused
from gateway.scanners.byte_source import Stream
from gateway.scanners.keys import UNKNOWN, UP, Key, KeyDecoder, Lost, pack_keys, unpack_keys
from gateway.scanners.layouts import layout_of
from gateway.scanners.outcomes import Outcome
from gateway.scanners.plugged import cannot_open, parse_address, pick
from gateway.scanners.reads import Read
from gateway.scanners.scanner import Profile
from gateway.scanners.waking import Waker

if TYPE_CHECKING:
    from gateway.scanners.uinput_linux import PassThrough

_LONG = 3600.0
"""Seconds: who waits is woken by a key or by ``close``."""

MOST_KEYS = 32
"""Key events for each character of the longest code that are kept of a read: an Alt code of five
digits has a dozen."""


def check_url(url: str) -> str:
    """Return the URL as ``wedge:vid:pid/SERIAL`` or with a port.

    Raises:
        ScannerRefused: it names no plugged in scanner.
    """
    return str(parse_address(url))


def open(url: str, profile: Profile) -> WedgeSource:
    """Return the wedge, open and, if it is to be, grabbed.

    Raises:
        ScannerRefused: this system has no such way, or there is no such keyboard layout.
        DeviceUnreachable: it is not plugged in, or this user may not open it.
        DeviceBusy: another program has grabbed it.
    """
    typing = Typing(profile)
    if sys.platform != "linux":
        raise ScannerRefused(
            f"The wedge {url} can be read by the gateway on Linux only; here let it type into a "
            "station's page, or set it to HID POS or to a serial port.",
            url=url,
        )
    from gateway.scanners import evdev_linux

    device = pick(parse_address(url), evdev_linux.plugged_keyboards())
    try:
        descriptor = evdev_linux.open_keyboard(device.node)
    except OSError as error:
        raise cannot_open(url, device.node, error) from error
    try:
        return WedgeSource(
            descriptor,
            url,
            typing,
            grab=profile.grab,
            pass_through=profile.grab and profile.pass_through,
        )
    except OSError as error:
        os.close(descriptor)
        raise cannot_open(url, device.node, error) from error
    except DeviceError:
        os.close(descriptor)
        raise


def _keyboard_of_ours() -> PassThrough:
    from gateway.scanners.uinput_linux import PassThrough

    return PassThrough()


class Typing:
    """The reads of one keyboard, by its keys and by its silences. Knows no device."""

    def __init__(self, profile: Profile) -> None:
        """Begin with nothing typed.

        Raises:
            ScannerRefused: there is no such keyboard layout.
        """
        try:
            layout = layout_of(profile.layout)
        except InputRefused as refused:
            raise ScannerRefused(refused.detail, option="layout") from refused
        self._decoder = KeyDecoder(layout, profile.gs)
        # Keys have become characters: what the scanner calls its encoding is behind us.
        self._stream = Stream(replace(profile, encoding="utf-8", feedback="none"))
        self._idle = profile.idle_ms / 1000
        self._keys: deque[tuple[int, int]] = deque(maxlen=MOST_KEYS * profile.longest)
        self._lost = False

    @property
    def due(self) -> float | None:
        """When silence will mean something; None: it means nothing."""
        return self._stream.due

    def take(self, event: Key | Lost, now: float) -> list[Read]:
        """Return the reads that a key completes."""
        if isinstance(event, Lost):
            self._decoder.forget(event.down)
            self._lost = True
            # It stands for the keys that nobody knows, and keeps the rest from being a code.
            return self._told(self._stream.take(UNKNOWN.encode(), now))
        self._keys.append((event.code, event.value))
        typed = self._decoder.press(event.code, event.value)
        reads = self._stream.take(typed.encode(), now) if typed else []
        if self._stream.due is not None:
            self._stream.due = now + self._idle  # Alt codes are many keys for one character
        return self._told(reads)

    def expire(self, now: float) -> list[Read]:
        """Return what the silence up to now makes of what is there."""
        return self._told(self._stream.expire(now))

    def end(self) -> list[Read]:
        """Return what is left of a device that has gone."""
        return self._told(self._stream.end())

    def _told(self, reads: list[Read]) -> list[Read]:
        """Return the reads with the keys that typed them."""
        if not reads:
            return []
        raw = pack_keys(self._keys)
        self._keys.clear()
        lost, self._lost = self._lost, False
        return [replace(read, raw=raw, fault="keys_lost" if lost else read.fault) for read in reads]


class WedgeSource:
    """An open wedge.

    The system keeps 64 events for whoever is slow to read them, which a scanner types in 10 ms; a
    thread of its own takes them out while the last code is still being worked on.
    """

    def __init__(
        self,
        descriptor: int,
        url: str,
        typing: Typing,
        *,
        grab: bool,
        pass_through: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take over the descriptor of an open keyboard.

        Raises:
            OSError: EBUSY, another program has grabbed it; or it has gone.
            DeviceUnreachable: nothing can be passed through on this system.
        """
        from gateway.scanners.evdev_linux import Keys, keys_down

        self._descriptor, self._url, self._typing, self._clock = descriptor, url, typing, clock
        self._down = set(keys_down(descriptor))
        self._keys = Keys(descriptor)
        self._wants_grab = grab
        self._grabbed = False
        self._grab()
        self._waker = Waker(descriptor)
        # Last: plugging a keyboard in has all that wait for a device tried again, and one that
        # another program has grabbed would wake itself for ever.
        try:
            self._passed_on = _keyboard_of_ours() if pass_through else None
        except DeviceError:
            self._waker.close()
            raise
        self._came: SimpleQueue[tuple[float, list[Key | Lost]] | OSError | None] = SimpleQueue()
        self._ready: deque[Read] = deque()
        self._newest: Read | None = None
        self._lost: DeviceLost | None = None
        self._closed = False
        self._taker = threading.Thread(target=self._take, name="wedge-keys", daemon=True)
        self._taker.start()

    @property
    def grabbed(self) -> bool:
        """Whether what it types comes to the gateway only."""
        return self._grabbed

    def read(self, timeout: float) -> Read | None:
        """Return the next read; None when there is none within ``timeout`` seconds or woken.

        Raises:
            DeviceLost: it was unplugged.
        """
        ends = self._clock() + timeout
        while not self._ready:
            if self._lost is not None:
                raise self._lost
            due = self._typing.due
            until = ends if due is None else min(ends, due)
            try:
                came = self._came.get(timeout=max(0.0, until - self._clock()))
            except Empty:
                if expired := self._typing.expire(self._clock()):
                    self._ready += expired
                elif until == ends:
                    return None
                continue
            if came is None:
                return None
            self._hear(came)
        self._newest = self._ready.popleft()
        return self._newest

    def _hear(self, came: tuple[float, list[Key | Lost]] | OSError) -> None:
        if isinstance(came, OSError):
            self._lost = DeviceLost(
                f"The scanner {self._url} was unplugged; it is used again when it is back.",
                url=self._url,
            )
            self._lost.__cause__ = came
            self._ready += self._typing.end()
            return
        at, events = came
        self._ready += self._typing.expire(at)
        for event in events:
            self._ready += self._typing.take(event, at)

    def tell(self, outcome: Outcome) -> None:
        """Do nothing: no wedge can be made to beep. What it hears are the lights of its locks."""

    def pass_on(self) -> None:
        """Play the newest read to the window that has the focus, where that is wanted."""
        if self._passed_on is not None and self._newest is not None:
            self._passed_on.press(unpack_keys(self._newest.raw))

    def wake(self) -> None:
        """Have ``read`` return at once."""
        self._came.put(None)

    def close(self) -> None:
        """Let it go: from now on it types into windows again."""
        if self._closed:
            return
        self._closed = True
        self._waker.ring()
        self._taker.join()
        self._waker.close()
        with suppress(OSError):
            os.close(self._descriptor)
        if self._passed_on is not None:
            self._passed_on.close()

    def _take(self) -> None:
        """Take keys out of the system as they come; the only one that touches the device."""
        while not self._closed:
            if not self._waker.wait(_LONG):
                continue
            try:
                events = self._keys.take()
                at = self._clock()
                for event in events:
                    self._follow(event)
                self._grab()
            except OSError as error:
                self._came.put(error)
                return
            self._came.put((at, events))

    def _follow(self, event: Key | Lost) -> None:
        if isinstance(event, Lost):
            self._down = set(event.down)
        elif event.value == UP:
            self._down.discard(event.code)
        else:
            self._down.add(event.code)

    def _grab(self) -> None:
        """Grab it, unless a key is down: the desktop would believe for ever that it still is."""
        from gateway.scanners import evdev_linux

        if self._wants_grab and not self._grabbed and not self._down:
            evdev_linux.grab(self._descriptor)
            self._grabbed = True
