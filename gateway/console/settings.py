"""Settings and features: each with its words, a field of its kind, and saved on its own.

Where a value is not right the API says so, and the field shows it again with the sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Asked
from gateway.console.frame import Frame
from gateway.console.words import translate


@dataclass(frozen=True, slots=True)
class Choice:
    """A setting as people see it. All texts are English; the table of words has the others."""

    title: str
    means: str
    """What it does, and what becomes of each value."""
    kind: str = "text"
    """``text``, ``number``, ``switch``, ``choice``, ``list`` (a line each), ``secret``, ``zone``,
    ``features``."""
    choices: tuple[tuple[str, str], ...] = ()
    """(value, title) of a ``choice`` or of the ``features``."""
    details: Mapping[str, str] | None = None
    """What vanishes when a feature is off."""
    sure: str = ""
    """What is asked before it is saved."""

    @property
    def field(self) -> str:
        """The name of its field in a form."""
        return {
            "number": "value:int", "switch": "value:bool", "list": "value:list",
            "features": "value:many",
        }.get(self.kind, "value")  # fmt: skip


FEATURES: Mapping[str, tuple[str, str]] = {
    "barcodes": (
        "Our own codes on labels",
        "Without it serial labels carry no second code that names exactly this piece.",
    ),
    "bins": (
        "Zones and bins",
        "Without it a location has no places inside it.",
    ),
    "kits": (
        "Kits",
        "Without it no item is made of others that are sold together.",
    ),
    "lots": (
        "Lots",
        "Without it no item has lots: the screen of lots, expiry dates and recalls by lot vanish.",
    ),
    "multi_location": (
        "Several locations",
        "Without it there is one location, and nothing is moved between sites.",
    ),
    "qc": (
        "Inspection",
        "Without it nothing is inspected, and no serial waits for a decision on its quality.",
    ),
    "rma": (
        "Returns",
        "Without it nothing comes back from customers: return authorisations vanish.",
    ),
    "work_orders": (
        "Work orders",
        "Without it nothing is built of parts: work orders and their screens vanish.",
    ),
}
"""Part of the registry -> its title, and what vanishes when it is off."""

GROUPS: tuple[tuple[str, Mapping[str, Choice]], ...] = (
    (
        "The site",
        {
            "time_zone": Choice(
                "Time zone",
                "For the dates on labels and the times on screens. Empty: this computer's own.",
                "zone",
            ),
            "local_access": Choice(
                "Programs on this computer",
                "Whether they, and this browser if it runs there, need a key.",
                "choice",
                (("open", "need no key"), ("closed", "need a key as all others")),
            ),
            "scan_days": Choice(
                "Days for which scans are listed",
                "What they did stays in the record. 0: for ever.",
                "number",
            ),
        },
    ),
    (
        "Backups",
        {
            "backup_hours": Choice(
                "Hours between two backups",
                "24: one a day. 0: none are made by themselves.",
                "number",
            ),
            "backups_kept": Choice(
                "Backups that are kept",
                "The oldest of those made by themselves is removed when there are more.",
                "number",
            ),
        },
    ),
    (
        "Serials and stock",
        {
            "registry.enabled": Choice(
                "Keep serials and stock",
                "Off: the gateway only prints; serials, items, documents and stations vanish. "
                "What is recorded stays, and is there again when it is switched on.",
                "switch",
                sure="With serials and stock, their screens come or vanish at once for everybody. "
                "Save it?",
            ),
            "registry.features": Choice(
                "What is used here",
                "What has no tick vanishes from screens, stations and documents. Nothing that was "
                "recorded is lost.",
                "features",
                tuple((name, title) for name, (title, _) in FEATURES.items()),
                {name: gone for name, (_, gone) in FEATURES.items()},
            ),
            "registry.reuse": Choice(
                "A serial that left comes again",
                "Whether the same number may be received once more for a new piece.",
                "choice",
                (("allow", "take it"), ("ask", "ask first"), ("forbid", "refuse it")),
            ),
            "registry.verify": Choice(
                "A serial the order did not announce",
                "What becomes of it when it is received.",
                "choice",
                (("strict", "refuse it"), ("warn", "take it and say so"), ("off", "take it")),
            ),
            "registry.require_pick": Choice(
                "Pick before shipping",
                "On: only what was picked is shipped.",
                "switch",
            ),
            "registry.innermost": Choice(
                "Goods lie in bins only",
                "On: nothing is put into a location that has others inside.",
                "switch",
            ),
            "registry.serialise_rule": Choice(
                "Until when an item's tracking may change",
                "Whether serials may be switched on for an item that has moved already.",
                "choice",
                (
                    ("before_use", "until it has moved"),
                    ("before_sync", "until it was handed to the ERP"),
                ),
            ),
            "registry.opening": Choice(
                "Serials of what is on hand",
                "When pieces that are there get their numbers after an item was switched to "
                "serials.",
                "choice",
                (("later", "one by one, later"), ("at_once", "all at once")),
            ),
            "registry.require_account_codes": Choice(
                "Account codes",
                "On: an item with serials needs its account codes.",
                "switch",
            ),
            "registry.undo_minutes": Choice(
                "Minutes in which a step can be undone",
                "By anybody; 1440 is a day. 0: not at all.",
                "number",
            ),
            "registry.reasons": Choice(
                "Reasons",
                "What is offered where somebody must say why. A line each, nine at most.",
                "list",
            ),
            "registry.conditions": Choice(
                "Conditions of what comes back",
                "What is offered when a piece is returned. A line each, nine at most.",
                "list",
            ),
        },
    ),
    (
        "Labels",
        {
            "labels.approval": Choice(
                "A second person approves labels",
                "On: what is published of a label waits until somebody else agrees, with a key of "
                "their own; until then the version before goes on printing.",
                "switch",
            ),
        },
    ),
    (
        "MQTT",
        {
            "mqtt.url": Choice(
                "Broker",
                "Where everything that happens is published, such as mqtt://broker.lan. Empty: "
                "nowhere.",
            ),
            "mqtt.username": Choice("Name", "As whom the gateway signs in at the broker."),
            "mqtt.password": Choice("Password", "It is never shown again.", "secret"),
            "mqtt.kinds": Choice(
                "Told of",
                "A line for each kind of entry of the feed, or its beginning. Empty for "
                "everything.",
                "list",
            ),
            "mqtt.prefix": Choice("Topics begin with", "For example label-gateway."),
        },
    ),
)
"""Title of a group -> its settings."""


WORDS: tuple[str, ...] = (
    *(title for title, _ in GROUPS),
    *(text for pair in FEATURES.values() for text in pair),
    *(
        text
        for _, group in GROUPS
        for choice in group.values()
        for text in (choice.title, choice.means, choice.sure, *(t for _, t in choice.choices))
    ),
)
"""All of these texts."""


@cache
def _zones() -> list[str]:
    return sorted(name for name in available_timezones() if "/" in name)


def settings_pages(frame: Frame) -> APIRouter:
    """Return the routes of the page."""
    router = frame.router()

    @router.get("/settings", dependencies=[needs("admin")])
    async def get_settings(request: Request, api: Asked) -> Response:
        values: dict[str, Any] = await api.get("/v1/settings")
        keys = (await api.get("/v1/keys", limit=500))["items"]
        return frame.page(
            request, "settings.html", groups=GROUPS, values=values, zones=_zones(),
            may_close=any("admin" in key["scopes"] for key in keys),
            saved=lambda title: translate("Saved: %(setting)s.", frame.language(request))
            % {"setting": translate(title, frame.language(request))},
        )  # fmt: skip

    return router
