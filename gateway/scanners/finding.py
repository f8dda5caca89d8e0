"""Scanners that are there: offered to a person, never added by themselves.

    keyboards, HID POS, serial ports ──find_scanners──► [FoundScanner], the likeliest first

What a device is, it says itself: an id that belongs to a maker of scanners, or a name with scanner
in it. Any keyboard may be a wedge, so those are offered too, as what they may be. Which of them is
the one in somebody's hand shows when it is used (``ScanRoom.teach``). Nothing is opened here.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from gateway.devices.ports import SerialPort
from gateway.errors import DeviceUnreachable
from gateway.scanners.hid import plugged_scanners
from gateway.scanners.plugged import Plugged, address_of, cure_of_permission
from gateway.scanners.profiles import known_scanner
from gateway.scanners.scanner import USUAL, FeedbackName, Profile
from gateway.scanners.serial_port import list_serial_ports

Kind = Literal["hid", "serial", "wedge"]

SILENCES = (
    "Added, it types for the gateway only: what it reads comes to no other window of this computer "
    "until it is paused or its option grab is switched off."
)
"""What somebody must know before a wedge is added."""

LONGEST_WORDS = 80
"""Characters of a device's own words that are shown."""

_CALLED_SCANNER = re.compile(
    r"bar\s?-?code|scanner|scan(ning)? engine|\bimager\b|\bqr\s?code|\b[12]d reader", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class FoundScanner:
    """A device that is, or may be, a scanner."""

    url: str
    kind: Kind
    what: str
    """One line for people: what is known of its id, else its own words. Not to be trusted."""
    serial: str
    likely: bool
    """Its id or its words say that it is a scanner; else it only may be one."""
    profile: Profile = USUAL
    """What it usually is set to."""
    feedback: FeedbackName = "none"
    """How it can be made to beep, if it was set up for that."""
    problem: str = ""
    """Why this user cannot open it yet, and what helps."""
    note: str = ""
    """What adding it means for this computer's other programs."""


def find_scanners() -> list[FoundScanner]:
    """Return what is there, the likeliest first.

    Raises:
        DeviceUnreachable: the system does not tell.
    """
    try:
        found = [*_hid_pos(), *_serial(list_serial_ports()), *_wedges()]
    except OSError as error:
        raise DeviceUnreachable(
            f"The devices of this computer cannot be listed ({error}); try again."
        ) from error
    return sorted(found, key=lambda device: not device.likely)


def _hid_pos() -> Iterator[FoundScanner]:
    there = plugged_scanners()
    for device in _each_once(there):
        url = str(address_of("hid", device, there))
        problem = _problem(url, device.node, os.R_OK | os.W_OK) if sys.platform == "linux" else ""
        yield _found(url, "hid", device, likely=True, problem=problem)


def _wedges() -> Iterator[FoundScanner]:
    if sys.platform != "linux":
        return
    from gateway.scanners.evdev_linux import plugged_keyboards

    # What has neither socket nor serial number is a keyboard of the computer itself.
    there = [device for device in plugged_keyboards() if device.port or device.serial]
    for device in _each_once(there):
        known = known_scanner(device.vendor, device.product)
        likely = _CALLED_SCANNER.search(device.name) is not None
        likely = likely or (known is not None and known.way in (None, "wedge"))
        url = str(address_of("wedge", device, there))
        problem = _problem(url, device.node, os.R_OK)
        yield _found(url, "wedge", device, likely=likely, problem=problem, note=SILENCES)


def _serial(there: Sequence[SerialPort]) -> Iterator[FoundScanner]:
    for port in there:
        known = None if port.vendor is None else known_scanner(port.vendor, port.product or 0)
        problem = ""
        if sys.platform == "linux" and not os.access(port.device, os.R_OK | os.W_OK):
            problem = (
                f"This user may not use {port.device}; run once as root: usermod -aG dialout USER, "
                "and start the gateway again."
            )
        words = _words(port.description)
        yield FoundScanner(
            url=port.url,
            kind="serial",
            what=f"{port.device}: {known.title if known else words or 'a serial port'}",
            serial=_words(port.serial_number),
            likely=known is not None or _CALLED_SCANNER.search(words) is not None,
            profile=USUAL if known is None else known.profile,
            feedback="none" if known is None else known.feedback,
            problem=problem,
        )


def _each_once(there: Sequence[Plugged]) -> list[Plugged]:
    """Return one of the several nodes by which a device may show itself."""
    first: dict[tuple[object, ...], Plugged] = {}
    for device in sorted(there, key=lambda device: device.interface):
        first.setdefault((device.port, device.serial, device.vendor, device.product), device)
    return [device for device in there if device in first.values()]


def _found(
    url: str, kind: Kind, device: Plugged, *, likely: bool, problem: str, note: str = ""
) -> FoundScanner:
    known = known_scanner(device.vendor, device.product)
    return FoundScanner(
        url=url,
        kind=kind,
        what=(known.title if known else "") or _words(device.name) or "a device without a name",
        serial=_words(device.serial),
        likely=likely,
        profile=USUAL if known is None else known.profile,
        problem=problem,
        note=note,
    )


def _problem(url: str, node: str, mode: int) -> str:
    if os.access(node, mode):
        return ""
    return f"This user may not use {node}; {cure_of_permission(url)}."


def _words(told: str) -> str:
    """Return a device's own words on one line, without what is not seen, and cut."""
    printable = "".join(character if character.isprintable() else " " for character in told)
    return " ".join(printable.split())[:LONGEST_WORDS]
