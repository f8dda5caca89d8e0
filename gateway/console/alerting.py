"""A word on every screen when stock has come down to its reorder point, until it was seen.

    stock.reorder_point_reached in the feed ──waiting──► the newest few ──► alerts.html in the frame

Each browser remembers in a cookie what was seen in it, or that it wants none: ``gw_alerts``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Response

from gateway.store.engine import Database, now
from gateway.store.feed import latest

COOKIE = "gw_alerts"
ON, OFF = "on", "off"

KIND = "stock.reorder_point_reached"

MOST = 3
"""Alerts shown at once: all of them are on the first page."""

FRESH = 24 * 3600 * 1_000_000
"""Microseconds after which an alert is no news any more."""

LASTS = 400 * 24 * 3600
"""Seconds; browsers keep no cookie longer (RFC 6265bis, 5.5)."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Stock that has come down to its reorder point."""

    seq: int
    body: Mapping[str, Any]


def waiting(database: Database, cookie: str) -> list[Alert] | None:
    """Return the alerts that were not yet seen in a browser, newest first; None: it wants none."""
    if cookie == OFF:
        return None
    seen = _number(cookie)
    since = now() - FRESH
    return [
        Alert(entry.seq, json.loads(entry.body))
        for entry in latest(database, KIND, MOST)
        if entry.seq > seen and entry.at > since
    ]


def choose(answer: Response, wanted: str, was: str) -> None:
    """Keep in the browser whether it wants alerts: ``on``, ``off``, or the last that was seen."""
    if wanted == OFF or _number(wanted):
        answer.set_cookie(COOKIE, wanted, max_age=LASTS, httponly=True, samesite="strict")
    elif wanted == ON and was == OFF:  # what was seen stays seen
        answer.delete_cookie(COOKIE)


def _number(cookie: str) -> int:
    """Return the number of an entry; 0 for anything else.

    >>> _number("17"), _number("off"), _number("9" * 30)
    (17, 0, 0)
    """
    good = cookie.isascii() and cookie.isdecimal() and len(cookie) < 19
    return int(cookie) if good else 0
