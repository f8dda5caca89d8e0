"""What printing and scanning need of this computer, looked at: a sentence and a cure each.

    data directory, disk, USB, fonts, barcode reader, clock ──► Finding, Finding, …

``label-gateway doctor`` asks when no daemon runs, the daemon itself when it is asked how it is.

>>> [finding.well for finding in barcodes()]
[True]
"""

from __future__ import annotations

import importlib
import os
import shutil
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOM_WANTED = 500 * 1024 * 1024
"""Bytes free on the disk; the daemon accepts nothing below 200 MB."""

CLOCK_FROM = 1_735_689_600
"""2025-01-01: a clock before this program was written is a clock that lost its battery."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look found."""

    about: str
    well: bool
    sentence: str
    cure: str = ""


def data_directory(folder: Path) -> Iterator[Finding]:
    """Yield whether the data directory can be written, and by nobody else."""
    if not folder.exists():
        yield Finding(
            "data directory", True, f"{folder} is not there yet; the first start makes it."
        )
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(
            "data directory",
            False,
            f"{folder} cannot be written by this user.",
            "Give it to the user that runs the daemon, or set GATEWAY_DATA_DIR.",
        )
        return
    # On Windows the user's own folders are private without mode bits.
    mode = stat.S_IMODE(folder.stat().st_mode) if os.name == "posix" else 0
    if mode & 0o077:
        yield Finding(
            "data directory",
            False,
            f"{folder} can be read by other users of this computer (mode {mode:04o}).",
            f"Close it: chmod 700 {folder}",
        )
        return
    yield Finding("data directory", True, f"{folder} can be written, and only by this user.")


def disk(folder: Path) -> Iterator[Finding]:
    """Yield whether there is room on the disk."""
    there = folder
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free
    megabytes = free // 1024 // 1024
    if free < ROOM_WANTED:
        yield Finding(
            "disk",
            False,
            f"{megabytes} MB are free on the disk of {folder}.",
            "Free some: below 200 MB no label is accepted.",
        )
        return
    yield Finding("disk", True, f"{megabytes} MB are free on the disk of {folder}.")


def usb() -> Iterator[Finding]:
    """Yield whether the USB printers that are plugged in may be used by this user."""
    from gateway.drivers import udev
    from gateway.drivers.transports.usb_linux import plugged_printers

    plugged = plugged_printers()
    if not plugged:
        return
    shut = [found for found in plugged if not os.access(found.node, os.R_OK | os.W_OK)]
    ruled = udev.is_installed()
    for found in shut:
        who = f"The USB printer {found.vendor:04x}:{found.product:04x} in port {found.port}"
        yield Finding(
            "usb",
            False,
            f"{who} may not be used by this user.",
            f"Let the user print, and log in again: sudo usermod -aG {udev.GROUP} USER"
            if ruled
            else "Run once: sudo label-gateway doctor --fix",
        )
    if not shut:
        there = "1 USB printer is" if len(plugged) == 1 else f"{len(plugged)} USB printers are"
        yield Finding(
            "usb",
            True,
            f"{there} plugged in and may be used by this user.",
            ""
            if ruled
            else "Without the rule of doctor --fix the system may send a printer to sleep.",
        )


def fonts() -> Iterator[Finding]:
    """Yield whether text can be drawn."""
    yield _importable("fonts", "Text can be drawn", "freetype", "uharfbuzz", "bidi")


def barcodes() -> Iterator[Finding]:
    """Yield whether barcodes can be drawn and read back."""
    yield _importable("barcodes", "Barcodes can be drawn and read back", "zxingcpp", "barcode")


def _importable(about: str, sentence: str, *modules: str) -> Finding:
    for module in modules:
        try:
            importlib.import_module(module)
        except (ImportError, OSError) as error:  # OSError: a library of the system is missing
            return Finding(
                about,
                False,
                f"The package {module} does not load: {error}.",
                "Install it again: pip install --force-reinstall label-gateway",
            )
    return Finding(about, True, f"{sentence}.")


def clock() -> Iterator[Finding]:
    """Yield whether the clock can be right."""
    now = time.time()
    moment = time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(now))
    if now < CLOCK_FROM:
        yield Finding("clock", False, f"The clock says {moment}.", "Set it: labels carry dates.")
        return
    yield Finding("clock", True, f"The clock says {moment}.")
