"""What there is of each item, and every movement of one."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.api.access import needs
from gateway.api.parts import Parts
from gateway.api.showing import Json, answer, page_of, rfc3339
from gateway.errors import InputRefused
from gateway.registry.public_ids import PublicIds
from gateway.store.registry.alerts import Alert, low_stock
from gateway.store.registry.movements import LATEST, Move, movements_of
from gateway.store.registry.names import item_id, place_id
from gateway.store.registry.stock_view import ASIDE, By, Counted, Level, Spot, Wanted, levels


def stock_routes(parts: Parts) -> APIRouter:
    """Return the routes of the stock view."""
    router = APIRouter(prefix="/v1", tags=["stock"])

    @router.get("/stock", dependencies=[needs("read")], summary="What there is of each item")
    async def list_stock(
        item: Annotated[list[str] | None, Query(max_length=200)] = None,
        q: Annotated[
            str, Query(description="What its SKU or name begins with.", max_length=200)
        ] = "",
        location: str | None = None,
        inside: Annotated[bool, Query(description="With `location`: also what is inside it.")] = (
            True
        ),
        below: Annotated[bool, Query(description="Only items at or below their point.")] = False,
        by: Annotated[By, Query(description="Tell each item's locations or lots, too.")] = "",
        after: str = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        """`on_hand` is what was received and not yet picked, `on_order` what purchase orders still
        wait for, `committed` what orders were promised and nobody has picked, and `available` what
        can still be promised: on hand, not held, not committed."""
        run = parts.database.reader().execute
        place = None if location is None else place_id(run, location)
        wanted = Wanted(tuple(item or ()), q, place, inside, below, by, after, limit + 1)
        found = levels(run, wanted)
        return answer(page_of(found, limit, lambda one: show_level(one, by), lambda one: one.sku))

    @router.get("/stock/alerts", dependencies=[needs("read")],
                summary="What has come down to its reorder point")  # fmt: skip
    async def list_alerts(
        after: str | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> Response:
        """As long as it is so; `stock.reorder_point_reached` in the feed tells when it became so.
        `location` is null where the point is for all of the item's stock."""
        run = parts.database.reader().execute
        found = low_stock(run, (0, -1) if after is None else _parse_after(after), limit + 1)
        return answer(page_of(found, limit, show_alert, lambda one: f"{one.item}.{one.place}"))

    @router.get(
        "/items/{sku}/movements",
        dependencies=[needs("read")],
        summary="Everything that moved of an item, newest first",
    )
    async def list_movements(
        sku: str, after: str | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> Response:
        run = parts.database.reader().execute
        found = movements_of(run, item_id(run, sku), _parse_after(after), limit + 1)
        names = parts.registry.public_ids
        return answer(
            page_of(found, limit, lambda one: show_move(one, names), lambda o: f"{o.seq}.{o.n}")
        )

    return router


def _parse_after(after: str | None) -> tuple[int, int]:
    if after is None:
        return LATEST
    match = re.fullmatch(r"(\d{1,18})\.(\d{1,9})", after, re.ASCII)
    if match is None:
        raise InputRefused(
            f"'after' must be the 'next' of a page, got {after[:80]!r}.", key="after"
        )
    return int(match[1]), int(match[2])


def show_move(move: Move, names: PublicIds) -> Json:
    """Return one movement."""
    document = None
    if move.document is not None:
        document = {"type": move.document_type, "number": move.document}
    return {
        "event": move.seq,
        "at": rfc3339(move.at),
        "action": move.action,
        "document": document,
        "serial": move.serial,
        "id": None if move.life is None else names.write("serial", move.life),
        "lot": move.lot,
        "quantity": move.quantity,
        "from": {"state": move.from_state, "location": move.from_place},
        "to": {"state": move.to_state, "location": move.to_place},
        "actor": move.actor,
        "station": move.station,
        "operator": move.operator,
        "reason": move.reason,
        "corrects": move.corrects,
        "links": {"event": f"/v1/registry/events/{move.seq}"},
    }


def show_alert(alert: Alert) -> Json:
    """Return an item that is to be reordered."""
    return {
        "item": alert.sku,
        "name": alert.name,
        "location": alert.location,
        "on_hand": alert.on_hand,
        "reorder_point": alert.point,
        "links": {"item": f"/v1/items/{alert.sku}"},
    }


def show_level(level: Level, by: By = "") -> Json:
    """Return what there is of an item."""
    shown: Json = {
        "item": level.sku,
        "name": level.name,
        "tracking": level.tracking,
        "unit": level.unit,
        "on_hand": level.counted.on_hand,
        "on_order": level.on_order,
        "committed": level.committed,
        "available": level.available,
        "held": level.counted.held,
        **_aside(level.counted),
    }
    if level.tracking == "serial":
        shown["without_serial"] = level.counted.without_serial
    shown |= {"reorder_point": level.reorder_point, "below": level.below}
    if by:
        shown[f"{by}s"] = [_show_spot(spot, by) for spot in level.spots]
    shown["links"] = {"item": f"/v1/items/{level.sku}"}
    return shown


def _show_spot(spot: Spot, by: By) -> Json:
    shown: Json = {
        by: spot.name,
        "on_hand": spot.counted.on_hand,
        "committed": spot.counted.committed,
        "available": spot.counted.free,
        "held": spot.counted.held,
        **_aside(spot.counted),
    }
    if by == "lot":
        return shown | {"expires_on": spot.expires_on, "lot_held": spot.lot_held}
    return shown | {"reorder_point": spot.reorder_point, "below": spot.below}


def _aside(counted: Counted) -> Json:
    return {state.value: counted.aside.get(state, 0) for state in ASIDE}
