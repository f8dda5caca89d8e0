"""The registry's settings: which features there are, and how strict the rules.

They stand in the table of settings beside the gateway's own, and are set the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

from gateway.errors import InputRefused
from gateway.registry.lives import Feature, Rules

FEATURES: tuple[str, ...] = get_args(Feature)


def _one_of(*choices: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        if value in choices:
            return str(value)
        raise InputRefused(
            f"It must be one of {', '.join(choices)}, got {str(value)[:80]!r}.",
            value=str(value)[:80],
        )

    return check


def _yes_no(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise InputRefused(f"It must be true or false, got {str(value)[:80]!r}.", value=str(value)[:80])


def _features(value: object) -> list[str]:
    if isinstance(value, list) and all(one in FEATURES for one in value):
        return sorted(set(value))
    raise InputRefused(
        f"Features are a list of {', '.join(FEATURES)}; got {str(value)[:80]!r}.",
        value=str(value)[:80],
    )


def _minutes(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 525_600:
        return value
    raise InputRefused(
        f"It must be a number of minutes from 0 to 525600 (a year), got {str(value)[:80]!r}.",
        value=str(value)[:80],
    )


MOST_REASONS = 9
"""As many as a station has keys to choose one."""

LONGEST_REASON = 40
"""Characters; it must fit a button."""


def _texts(value: object) -> list[str]:
    if isinstance(value, list) and 1 <= len(value) <= MOST_REASONS:
        texts = [one.strip() for one in value if isinstance(one, str)]
        fitting = [one for one in texts if 1 <= len(one) <= LONGEST_REASON and one.isprintable()]
        if len(set(fitting)) == len(value):
            return fitting
    raise InputRefused(
        f"It must be a list of 1 to {MOST_REASONS} different texts of at most {LONGEST_REASON} "
        f"characters each; got {str(value)[:80]!r}.",
        value=str(value)[:80],
    )


def enabled(value: object) -> bool:
    """Whether there is a serial registry at all: screens, stations and routes."""
    return _yes_no(value)


def features(value: object) -> list[str]:
    """Its parts that are on; what is off vanishes, with its actions and states."""
    return _features(value)


def reuse(value: object) -> str:
    """Whether a serial that left may begin a new life: ``allow``, ``ask``, ``forbid``."""
    return _one_of("allow", "ask", "forbid")(value)


def verify(value: object) -> str:
    """What becomes of serials the order did not announce: ``strict``, ``warn``, ``off``."""
    return _one_of("strict", "warn", "off")(value)


def require_pick(value: object) -> bool:
    """Whether a serial must be picked before it is shipped."""
    return _yes_no(value)


def innermost(value: object) -> bool:
    """Whether goods lie only in locations that have no others inside."""
    return _yes_no(value)


def serialise_rule(value: object) -> str:
    """When an item's tracking may still change: ``before_use`` or ``before_sync``."""
    return _one_of("before_use", "before_sync")(value)


def opening(value: object) -> str:
    """When pieces on hand need serials after a switch: ``later`` or ``at_once``."""
    return _one_of("later", "at_once")(value)


def require_account_codes(value: object) -> bool:
    """Whether a serialised item needs account codes."""
    return _yes_no(value)


def undo_minutes(value: object) -> int:
    """How long a step can be undone by anybody."""
    return _minutes(value)


def reasons(value: object) -> list[str]:
    """What a station offers where somebody must say why."""
    return _texts(value)


def conditions(value: object) -> list[str]:
    """In what condition a piece may come back, as a station offers it."""
    return _texts(value)


SETTINGS: Mapping[str, tuple[object, Callable[[object], object]]] = {
    "registry.enabled": (True, enabled),
    "registry.features": (sorted(FEATURES), features),
    "registry.reuse": ("allow", reuse),
    "registry.verify": ("warn", verify),
    "registry.require_pick": (False, require_pick),
    "registry.innermost": (False, innermost),
    "registry.serialise_rule": ("before_sync", serialise_rule),
    "registry.opening": ("later", opening),
    "registry.require_account_codes": (False, require_account_codes),
    "registry.undo_minutes": (1440, undo_minutes),
    "registry.reasons": (
        ["damaged", "lost", "expired", "wrong item", "customer's wish"],
        reasons,
    ),
    "registry.conditions": (["as new", "used", "damaged"], conditions),
}
"""Name -> (value when nobody has set it, check)."""


def rules_of(values: Mapping[str, Any]) -> Rules:
    """Return the settings as guards see them."""
    return Rules(
        values["registry.reuse"], values["registry.verify"], values["registry.require_pick"],
        values["registry.innermost"], frozenset(values["registry.features"]),
    )  # fmt: skip
