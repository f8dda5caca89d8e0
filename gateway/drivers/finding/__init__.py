"""Finding printers: an open set of finders that look at the same time, none hindering another.

    USB by class ─┐
    serial ports ─┼─ each in a thread of its own ─► Search(found, troubles) ─► shown to a person
    network      ─┤
    print queues ─┤
    an address   ─┘  only when a person names one

A new finder is one module with ``find(timeout) -> list[Found]`` and one line here, or an entry
point in the group ``gateway.finders`` of another package. Finding sends nothing that could be
printed, and adds nothing: what is found is offered.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from queue import Empty, SimpleQueue

from gateway.drivers.finding.found import Finder, Found
from gateway.errors import GatewayError

__all__ = ["FINDERS", "Finder", "Found", "Search", "Trouble", "find_printers", "load_finders"]

log = logging.getLogger(__name__)

FINDERS: dict[str, str] = {
    "usb": "gateway.drivers.finding.usb",
    "serial": "gateway.drivers.finding.serial",
    "network": "gateway.drivers.finding.network",
    "queues": "gateway.drivers.finding.queues",
}
"""Name to module, in the order in which people see what they found."""

TIMEOUT = 4.0
"""Seconds for all finders together. Printers answer mDNS within one, sleeping ones within three."""

GRACE = 0.5
"""Seconds a finder may take beyond its time before it is left behind."""

MOST_FOUND = 200
"""Devices of one finder: more is not a warehouse but somebody playing."""

Find = Callable[[float], list[Found]]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A finder that could not look."""

    finder: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Search:
    """What a search brought."""

    found: tuple[Found, ...]
    troubles: tuple[Trouble, ...]


def load_finders() -> dict[str, Find]:
    """Return all finders by name; each is imported in the thread that runs it."""
    finders: dict[str, Find] = {name: partial(_find_by, module) for name, module in FINDERS.items()}
    for foreign in entry_points(group="gateway.finders"):
        finders.setdefault(foreign.name, partial(_find_by_foreign, foreign))
    return finders


def _find_by(module: str, timeout: float) -> list[Found]:
    finder: Finder = import_module(module)
    return finder.find(timeout)


def _find_by_foreign(entry: EntryPoint, timeout: float) -> list[Found]:
    finder: Finder = entry.load()
    return finder.find(timeout)


def find_printers(
    timeout: float = TIMEOUT,
    address: str | None = None,
    finders: Mapping[str, Find] | None = None,
    held: frozenset[str] = frozenset(),
) -> Search:
    """Return the printers that all finders found within ``timeout`` seconds.

    ``address`` is a host or address a person names; only that one is ever connected to. ``held``
    are the URLs of printers that are set up: their devices have an owner, and no second
    connection is opened to them.

    Raises:
        PrinterRefused: no printer can be at the address.
    """
    looking = dict(load_finders() if finders is None else finders)
    if address is not None:
        from gateway.drivers.finding.address import candidates, find_at

        looking["address"] = partial(find_at, candidates(address), held)
    ended: SimpleQueue[tuple[str, list[Found], str]] = SimpleQueue()
    for name, find in looking.items():
        threading.Thread(
            target=_look, args=(name, find, timeout, ended), name=f"finder-{name}", daemon=True
        ).start()
    brought: dict[str, list[Found]] = {}
    troubles: dict[str, str] = {}
    until = time.monotonic() + timeout + GRACE
    while len(brought) < len(looking):
        try:
            name, found, trouble = ended.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            break
        brought[name] = found
        if trouble:
            troubles[name] = trouble
    for name in looking.keys() - brought.keys():
        troubles[name] = (
            f"The search by {name} did not end within {timeout:g} s; give it longer with --timeout."
        )
    unique: dict[str, Found] = {}
    for name in looking:
        for item in brought.get(name, ())[:MOST_FOUND]:
            unique.setdefault(item.url or f"{name} {item.what} {item.problem}", item)
    return Search(
        tuple(unique.values()),
        tuple(Trouble(name, troubles[name]) for name in looking if name in troubles),
    )


def _look(
    name: str, find: Find, timeout: float, ended: SimpleQueue[tuple[str, list[Found], str]]
) -> None:
    found: list[Found] = []
    trouble = ""
    try:
        found = find(timeout)
    except GatewayError as error:
        trouble = error.detail
    except ImportError as error:
        trouble = (
            f"The search by {name} needs the Python package {error.name or 'of its library'}; "
            "install it, or look for printers in another way."
        )
    except Exception as error:  # noqa: BLE001 - a thread's edge: the other finders go on
        log.warning("a finder failed", extra={"finder": name, "reason": repr(error)})
        trouble = f"The search by {name} failed ({type(error).__name__}: {error}); see the log."
    ended.put((name, found, trouble))
