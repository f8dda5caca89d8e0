"""All routes of the registry."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter

from gateway.api.parts import Parts


def registry_routes(parts: Parts) -> Iterator[APIRouter]:
    """Yield the routers of the registry's nouns."""
    yield from ()
