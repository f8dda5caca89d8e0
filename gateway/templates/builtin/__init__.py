"""The templates every gateway has from the first minute, one JSON document each.

>>> sorted(builtin_templates())[:5]
['asset-tag', 'badge', 'command', 'item-label', 'location-label']
>>> sorted(builtin_templates())[5:]
['scanner-calibration', 'serial', 'serial-label', 'shipping-label']
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from gateway.templates.document import parse_template
from gateway.templates.model import Template


def builtin_templates() -> dict[str, Template]:
    """Return the built-in templates by name."""
    return dict(_read())


@lru_cache(maxsize=1)
def _read() -> tuple[tuple[str, Template], ...]:
    documents = sorted(
        (
            entry
            for entry in files(__package__ or __name__).iterdir()
            if entry.name.endswith(".json")
        ),
        key=lambda entry: entry.name,
    )
    templates = (parse_template(entry.read_bytes()) for entry in documents)
    return tuple((template.name, template) for template in templates)
