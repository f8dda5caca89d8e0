"""A keyboard of our own, on which the keys of a grabbed wedge are played to other windows.

The keys are played as the wedge pressed them, so what a window shows is what it would show without
the gateway, whatever its layout. Source: linux/uinput.h.
"""

from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

from gateway.errors import DeviceUnreachable
from gateway.scanners.evdev_linux import BUS_VIRTUAL, EV_KEY, EV_SYN, SYN_REPORT, ask
from gateway.scanners.keys import UP

NODE = Path("/dev/uinput")
NAME = "label-gateway pass-through"

_UI_DEV_CREATE = 0x5501
_UI_DEV_SETUP, _UI_SET_EVBIT, _UI_SET_KEYBIT = 0x405C5503, 0x40045564, 0x40045565

_SETUP = struct.Struct("@HHHH80sI")
"""struct uinput_setup: bus, vendor, product, version, name, effects."""
_EVENT = struct.Struct("@LLHHi")

KEYS = range(1, 248)
"""KEY_ESC to the last key that a keyboard with X11 has."""


PACE = 0.002
"""Seconds between keys: who reads a keyboard is given room for 64 events before some are dropped
(EVDEV_MIN_BUFFER_SIZE, drivers/input/evdev.c)."""


class PassThrough:
    """The keyboard; it is there from now until ``close``."""

    def __init__(self) -> None:
        """Plug it in.

        Raises:
            DeviceUnreachable: the system has no uinput, or this user may not use it.
        """
        try:
            self._descriptor = os.open(NODE, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise DeviceUnreachable(
                f"Scans cannot be passed through to other windows: {NODE} cannot be opened "
                f"({error.strerror or error}); load the module uinput and let this user write it, "
                "or switch pass_through off.",
                reason="uinput",
            ) from error
        try:
            self._plug()
        except OSError as error:
            os.close(self._descriptor)
            raise DeviceUnreachable(
                f"Scans cannot be passed through to other windows: {NODE} makes no keyboard "
                f"({error.strerror or error}); switch pass_through off.",
                reason="uinput",
            ) from error
        self._waiting: SimpleQueue[list[tuple[int, int]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._play, name="pass-through", daemon=True)
        self._thread.start()

    def _plug(self) -> None:
        ask(self._descriptor, _UI_SET_EVBIT, EV_KEY)
        for code in KEYS:
            ask(self._descriptor, _UI_SET_KEYBIT, code)
        setup = _SETUP.pack(BUS_VIRTUAL, 0, 0, 1, NAME.encode(), 0)
        ask(self._descriptor, _UI_DEV_SETUP, setup)
        ask(self._descriptor, _UI_DEV_CREATE)

    def press(self, keys: Iterable[tuple[int, int]]) -> None:
        """Press keys in order, and let go of all of them in the end; returns at once."""
        self._waiting.put([(code, value) for code, value in keys if code in KEYS])

    def close(self) -> None:
        """Pull it out when what waits is pressed; again does nothing."""
        if self._thread.is_alive():
            self._waiting.put(None)
            self._thread.join()

    def _play(self) -> None:
        while (keys := self._waiting.get()) is not None:
            down: dict[int, None] = {}
            for code, value in keys:
                if value == UP:
                    down.pop(code, None)
                else:
                    down[code] = None
                self._put(code, value)
            # The keys of a read end with the one that ended it, which is still down.
            for code in reversed(down):
                self._put(code, UP)
        os.close(self._descriptor)  # which pulls it out

    def _put(self, code: int, value: int) -> None:
        events = _EVENT.pack(0, 0, EV_KEY, code, value) + _EVENT.pack(0, 0, EV_SYN, SYN_REPORT, 0)
        with suppress(OSError):  # the system takes none: there is no window to type into
            os.write(self._descriptor, events)
        time.sleep(PACE)
