"""The printer models that the gateway knows: what each prints with, and who documents it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.api.access import needs
from gateway.api.showing import Json, answer, page_of
from gateway.drivers.languages.page import Model
from gateway.units import format_density, to_um


def model_routes() -> APIRouter:
    """Return the routes of printer models."""
    router = APIRouter(prefix="/v1/models", tags=["printers"])

    @router.get("", dependencies=[needs("read")], summary="List the printer models that are known")
    async def list_models(
        language: str | None = None,
        after: str | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        """`?language=tspl` for those that understand one language."""
        from gateway.drivers.models import load_models

        found = [
            model
            for name, model in sorted(load_models().items())
            if language in (None, model.language) and (after is None or name > after)
        ]
        return answer(page_of(found, limit, _show, lambda model: model.name))

    return router


def _show(model: Model) -> Json:
    from gateway.drivers.models import QUIRKS

    width = None if model.head_dots is None else to_um(model.head_dots, model.density)
    return {
        "name": model.name,
        "title": model.title,
        "language": model.language,
        "density": format_density(model.density),
        "print_width": width,
        "quirks": {name: QUIRKS[name] for name in sorted(model.quirks)},
        "usb": list(model.usb),
        "source": model.source,
    }
