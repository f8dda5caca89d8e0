"""All routes of the registry."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Depends

from gateway.api.parts import Parts
from gateway.api.registry.stock import stock_routes
from gateway.registry.refusals import RegistryRefused


def registry_routes(parts: Parts) -> Iterator[APIRouter]:
    """Yield the routers of the registry's nouns: they answer while the registry is switched on."""

    async def check_enabled() -> None:
        if not parts.settings.all()["registry.enabled"]:
            raise RegistryRefused(
                "feature_disabled",
                "The serial registry is switched off; an administrator can set registry.enabled "
                "to true.",
                feature="registry",
            )

    gate = APIRouter(dependencies=[Depends(check_enabled)])
    for router in (
        stock_routes(parts),
    ):  # fmt: skip
        gate.include_router(router)
    yield gate
