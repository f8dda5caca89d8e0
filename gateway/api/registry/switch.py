"""Whether there is a serial registry: an administrator may switch it off."""

from __future__ import annotations

from gateway.api.parts import Parts
from gateway.registry.refusals import RegistryRefused


def is_on(parts: Parts) -> bool:
    """Return whether there is a registry."""
    return bool(parts.settings.all()["registry.enabled"])


def must_be_on(parts: Parts) -> None:
    """Check that there is a registry.

    Raises:
        RegistryRefused: ``feature_disabled``.
    """
    if not is_on(parts):
        raise RegistryRefused(
            "feature_disabled",
            "The serial registry is switched off; an administrator can set registry.enabled "
            "to true.",
            feature="registry",
        )
