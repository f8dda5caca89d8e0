"""All routes of the registry, behind one switch: without a registry each answers that it is off."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Depends

from gateway.api.parts import Parts
from gateway.api.registry.actions import action_routes
from gateway.api.registry.books import book_routes
from gateway.api.registry.documents import document_routes
from gateway.api.registry.events import event_routes
from gateway.api.registry.examples import example_routes
from gateway.api.registry.exchange import exchange_routes
from gateway.api.registry.fields import field_routes
from gateway.api.registry.importing import import_routes
from gateway.api.registry.items import item_routes
from gateway.api.registry.labelling import labelling_routes
from gateway.api.registry.locations import location_routes
from gateway.api.registry.lots import lot_routes
from gateway.api.registry.operators import operator_routes
from gateway.api.registry.parties import party_routes
from gateway.api.registry.recalling import recall_routes
from gateway.api.registry.record import record_routes
from gateway.api.registry.reports import report_routes
from gateway.api.registry.serials import serial_routes
from gateway.api.registry.stock import stock_routes
from gateway.api.registry.switch import must_be_on


def registry_routes(parts: Parts) -> Iterator[APIRouter]:
    """Yield the routers of the registry's nouns."""

    async def switched_on() -> None:
        must_be_on(parts)

    for router in (
        party_routes(parts),
        operator_routes(parts),
        lot_routes(parts),
        location_routes(parts),
        item_routes(parts),
        import_routes(parts),
        example_routes(parts),
        field_routes(parts),
        serial_routes(parts),
        recall_routes(parts),
        labelling_routes(parts),
        action_routes(parts),
        event_routes(parts),
        document_routes(parts),
        stock_routes(parts),
        record_routes(parts),
        report_routes(parts),
        book_routes(parts),
        exchange_routes(parts),
    ):  # fmt: skip
        behind = APIRouter(dependencies=[Depends(switched_on)])
        behind.include_router(router)
        yield behind
