"""The seam between the printing pipe and a device: bytes out, bytes in, both with an end.

A wire never waits longer than it is told, and it says how many bytes the device took, since the
rest has to be sent again and what was taken must not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Manners:
    """What can be relied on in a kind of way, whichever device is at its end."""

    answers: bool = True
    """Something can come back from there."""
    plugged: bool = False
    """The device hangs on a cable of this computer: to look for it again costs next to nothing, and
    the system tells when a cable moves."""
    may_lose: bool = False
    """It can lose bytes in the middle and not notice."""
    outlives_power: bool = False
    """It notices nothing when the device loses its power, and carries on."""


class Wire(Protocol):
    """An open connection to one printer, used by one thread."""

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        """Return how many of the bytes were taken; 0 when none within ``timeout`` seconds.

        Raises:
            DeliveryUncertain: the connection broke, and bytes had left before. Its fact
                ``in_flight`` says how many bytes of this call may have left, too; without it
                nobody knows.
            DeviceError: it broke before anything was sent, or the payload was not taken.
            PrinterRefused: this way would garble the payload; nothing of it was sent.
        """
        ...

    def read(self, timeout: float) -> bytes:
        """Return what the device has said; ``b""`` when nothing within ``timeout`` seconds.

        Raises:
            DeliveryUncertain: the connection broke or the other side closed it after bytes left.
            DeviceError: the same, before anything was sent.
        """
        ...

    def close(self) -> None:
        """Let the device go. Never raises, and may be called twice."""
        ...


@runtime_checkable
class Plugged(Protocol):
    """A wire with a cable that tells when it was pulled, without asking the device anything."""

    def check(self) -> None:
        """See whether the device is still there.

        Raises:
            DeviceError: it is gone.
        """
        ...
