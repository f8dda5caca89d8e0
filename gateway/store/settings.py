"""Settings that people change while the gateway runs: a table of names and JSON values.

What belongs to the process (where it listens, where its files are) is not here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gateway.errors import InputRefused
from gateway.store.engine import Database, Transaction, now
from gateway.store.feed import tell
from gateway.store.names import similar
from gateway.store.registry.rules import SETTINGS as REGISTRY_SETTINGS


def _time_zone(value: object) -> str:
    """An IANA time zone for the dates on labels; empty for the computer's own."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if value == "":
        return ""
    if isinstance(value, str) and len(value) <= 64:
        try:
            ZoneInfo(value)
        except (ValueError, ZoneInfoNotFoundError, OSError):
            pass  # refused below
        else:
            return value
    raise InputRefused(
        f"{str(value)[:80]!r} is not a time zone; give an IANA name such as 'Europe/Athens', "
        "or '' for this computer's own.",
        value=str(value)[:80],
    )


def _local_access(value: object) -> str:
    """Whether programs on this computer may call without a key: ``open`` or ``closed``."""
    if value in ("open", "closed"):
        return str(value)
    raise InputRefused(
        f"local_access must be 'open' or 'closed', got {str(value)[:80]!r}.", value=str(value)[:80]
    )


def _whole(least: int, most: int, unit: str) -> Callable[[object], int]:
    def check(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        raise InputRefused(
            f"It must be a whole number of {unit} from {least} to {most}, got {str(value)[:80]!r}.",
            value=str(value)[:80],
        )

    return check


_days = _whole(0, 36_500, "days")


def _scan_days(value: object) -> int:
    """Days for which scans are kept; 0: for ever. A week at least: so long the same scan gets the
    same answer."""
    days = _days(value)
    if 0 < days < 7:
        raise InputRefused(
            f"Scans are kept for 7 days at least, got {days}; set 0 to keep them for ever.",
            value=str(days),
        )
    return days


def _switch(value: object) -> bool:
    """On or off."""
    if isinstance(value, bool):
        return value
    raise InputRefused(f"It must be true or false, got {str(value)[:80]!r}.", value=str(value)[:80])


def _text(longest: int, what: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        if isinstance(value, str) and len(value) <= longest and value.isprintable():
            return value
        raise InputRefused(
            f"It must be {what}, a text of at most {longest} printable characters, got "
            f"{type(value).__name__}."
        )

    return check


def _broker(value: object) -> str:
    """The URL of an MQTT broker; empty for none."""
    from urllib.parse import urlsplit

    if value == "":
        return ""
    try:
        parts = urlsplit(value) if isinstance(value, str) and value.isascii() else None
        right = (
            parts is not None
            and parts.scheme in ("mqtt", "mqtts")
            and bool(parts.hostname)
            and not (parts.username or parts.password or parts.path.strip("/") or parts.query)
            and parts.port != 0
        )
    except ValueError:
        right = False
    if right:
        return str(value)
    raise InputRefused(
        "mqtt.url must be mqtt://host, mqtts://host for an encrypted connection, with a :port if "
        "it is another than 1883 or 8883, or '' for none; who connects is said in mqtt.username "
        "and mqtt.password."
    )


def _kinds(value: object) -> list[str]:
    """Kinds of entries, or their beginnings; empty for all."""
    if (
        isinstance(value, list)
        and len(value) <= 100
        and all(isinstance(kind, str) and 0 < len(kind) <= 80 for kind in value)
    ):
        return list(value)
    raise InputRefused(
        'mqtt.kinds must be a list of at most 100 kinds of the feed such as ["scan", '
        '"job.done"], [] for all.'
    )


def _topic(value: object) -> str:
    """What an MQTT topic begins with: MQTT 3.1.1, 4.7, allows no wildcard in a topic's name."""
    if (
        isinstance(value, str)
        and 0 < len(value) <= 200
        and value.isprintable()
        and not set(value) & set("+#$")
        and not value.startswith("/")
        and not value.endswith("/")
    ):
        return value
    raise InputRefused(
        "mqtt.prefix must be 1 to 200 characters without '+', '#' and '$', and without '/' at its "
        f"ends, got {str(value)[:80]!r}.",
        value=str(value)[:80],
    )


SETTINGS: Mapping[str, tuple[object, Callable[[object], object]]] = {
    "time_zone": ("", _time_zone),
    "local_access": ("open", _local_access),
    "backup_hours": (24, _whole(0, 8760, "hours")),  # between two backups; 0: none
    "backups_kept": (3, _whole(1, 1000, "backups")),
    "scan_days": (365, _scan_days),
    "labels.approval": (False, _switch),  # a second person agrees to each version of a label
    "mqtt.url": ("", _broker),
    "mqtt.username": ("", _text(200, "the name the broker knows")),
    "mqtt.password": ("", _text(200, "the password the broker knows")),
    "mqtt.kinds": ([], _kinds),
    "mqtt.prefix": ("label-gateway", _topic),
    **REGISTRY_SETTINGS,
}
"""Name -> (value when nobody has set it, check)."""

SECRET = frozenset({"mqtt.password"})
"""Settings that can be set and never be read: only that there is one is shown."""

HIDDEN = "********"
"""What is shown of one."""


def _shown(name: str, value: object) -> object:
    return HIDDEN if name in SECRET and value else value


def _values(rows: Iterable[tuple[str, str]]) -> dict[str, Any]:
    values: dict[str, Any] = {name: standard for name, (standard, _) in SETTINGS.items()}
    return values | {name: json.loads(value) for name, value in rows if name in SETTINGS}


class SettingStore:
    """All SQL about settings."""

    def __init__(self, database: Database) -> None:
        self._values = _values(database.read("SELECT name, value FROM setting"))

    def reload(self, t: Transaction) -> None:
        """Know what is there now: another daemon has written."""
        self._values = _values(t.execute("SELECT name, value FROM setting"))

    def all(self) -> dict[str, Any]:
        """Return every setting's value; of a secret one only whether it is set."""
        return {name: _shown(name, value) for name, value in self._values.items()}

    def secret(self, name: str) -> str:
        """Return a secret setting's value. Never show it."""
        return str(self._values[name])

    @property
    def time_zone(self) -> str:
        """IANA name, or empty for the computer's own."""
        return str(self._values["time_zone"])

    @property
    def local_open(self) -> bool:
        """Whether a caller on this computer needs no key."""
        return bool(self._values["local_access"] == "open")

    @property
    def labels_approved(self) -> bool:
        """Whether a second person has to agree to each new version of a label."""
        return bool(self._values["labels.approval"])

    def put(self, t: Transaction, name: str, value: object, actor: str) -> object:
        """Set one setting; return its value as kept.

        Raises:
            InputRefused: there is no such setting, or the value is not right.
        """
        if name not in SETTINGS:
            raise InputRefused(
                f"There is no setting {name[:80]!r}{similar(name[:80], list(SETTINGS))}",
                setting=name[:80],
            )
        kept = SETTINGS[name][1](value)
        t.execute(
            "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = ?",
            (name, json.dumps(kept), json.dumps(kept)),
        )
        body = {"setting": name, "value": _shown(name, kept)}
        tell(t, now(), "setting.changed", f"settings/{name}", actor, body)
        t.after(lambda: self._show(name, kept))
        return _shown(name, kept)

    def _show(self, name: str, value: object) -> None:
        self._values = {**self._values, name: value}
