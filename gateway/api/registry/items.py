"""Items over HTTP: made, changed, found, and how they are tracked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from gateway.api.access import needs
from gateway.api.changes import JsonObject, Once, acting_once, answered
from gateway.api.etags import IfMatch, IfNoneMatch, etag, seen, version_of
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.registry.doing import Asking, Doer, doer
from gateway.api.registry.given import money_given, serial_given, text_given
from gateway.api.registry.saving import (
    After,
    Begins,
    DryRun,
    JsonRows,
    Limit,
    change,
    save_many,
    save_one,
)
from gateway.api.showing import Json, answer, page_of, rfc3339
from gateway.errors import InputRefused
from gateway.registry.items import KINDS, TRACKINGS, Item
from gateway.registry.numbering import MOST_AT_ONCE
from gateway.registry.refusals import RegistryRefused, refuse_all
from gateway.store.engine import Transaction
from gateway.store.registry.items import Retrack
from gateway.store.registry.listing import read_list
from gateway.store.registry.lives import Run
from gateway.store.registry.tracking import Change, Changed, Opening, switch_stock

RIGHT = "registry:item"
TRACKING_KEYS = ("to", "opening", "location", "lot", "lots", "currency", "confirm")


def item_routes(parts: Parts) -> APIRouter:
    """Return the routes of items."""
    router = APIRouter(prefix="/v1/items", tags=["items"])
    store, registry = parts.registry.items, parts.registry

    def allowed(asked: Asking) -> Doer:
        who = doer(parts, asked)
        who.must(RIGHT)
        return who

    def retrack(who: Doer) -> Retrack:
        """Return how a plain edit changes an item's tracking: by the same guards."""

        def changed(t: Transaction, item: Item, to: Any) -> Item:
            return registry.trackings.change(t, item, Change(to), who.by, who.may).item

        return changed

    # ------------------------------------------------------------ reading

    @router.get("", dependencies=[needs("read")], summary="List items")
    async def list_items(
        q: Begins = None,
        code: Annotated[
            str | None, Query(description="A whole SKU, GTIN, barcode or external id.")
        ] = None,
        kind: str | None = None,
        tracking: str | None = None,
        active: bool | None = None,
        variant_of: str | None = None,
        order: Annotated[
            Literal["sku", "-sku"], Query(description="A to Z by their SKUs, or Z to A.")
        ] = "sku",
        after: After = None,
        limit: Limit = 100,
    ) -> Response:
        for key, value, words in (("kind", kind, KINDS), ("tracking", tracking, TRACKINGS)):
            if value is not None and value not in words:
                raise InputRefused(
                    f"{key!r} must be one of {', '.join(words)}, got {value[:40]!r}.", key=key
                )
        found = store.page(
            after, limit, q=q, kind=kind, tracking=tracking, active=active,
            variant_of=variant_of, code=code, backwards=order == "-sku",
        )  # fmt: skip
        return answer(page_of(found, limit, show_item, lambda item: item.sku))

    @router.get("/by-external-id/{id:path}", dependencies=[needs("read")],
                summary="An item, by another system's id")  # fmt: skip
    async def get_external_item(id: str) -> Response:
        item = store.get_external(id)
        return answer(show_item(item), headers={"etag": etag(item.version)})

    @router.get("/{sku}", dependencies=[needs("read")], summary="An item")
    async def get_item(sku: str) -> Response:
        item = store.get(sku)
        return answer(show_item(item), headers={"etag": etag(item.version)})

    @router.get("/{sku}/serials/next", dependencies=[needs("read")],
                summary="The next serials of an item, none of which is taken by that")  # fmt: skip
    async def preview_serials(
        sku: str, count: Annotated[int, Query(ge=1, le=MOST_AT_ONCE)] = 1
    ) -> Response:
        """Numbers that are used already are passed over. They are taken when they are received, as
        `next*5` in a list of serials."""
        return answer({"items": list(store.next_serials(sku, count))})

    # ------------------------------------------------------------ saving

    @router.put("", dependencies=[needs(RIGHT)], summary="Make or change many items, or none")
    async def put_items(
        body: JsonRows, asked: Asking, once: Once, dry_run: DryRun = False
    ) -> Response:
        """Each with its `sku`, its `external_id`, or both; what is left out stays as it was."""
        who = allowed(asked)
        return await save_many(
            parts, once,
            lambda t: store.save_all(t, body, who.by.actor, retrack(who)),
            lambda item: {"sku": item.sku, "version": item.version}, dry_run,
        )  # fmt: skip

    async def put(
        body: Mapping[str, object], asked: Asking, version: str | None, dry: bool,
        sku: str | None = None, external_id: str | None = None,
    ) -> Response:  # fmt: skip
        who = allowed(asked)
        wanted = version_of(f"Item {sku or external_id!r}", version)
        return await save_one(
            parts,
            lambda t: store.save(
                t, body, who.by.actor, sku=sku, external_id=external_id, version=wanted,
                retrack=retrack(who),
            ),
            show_item, dry,
        )  # fmt: skip

    @router.put("/by-external-id/{id:path}", dependencies=[needs(RIGHT)],
                summary="Make or change the item that another system calls so")  # fmt: skip
    async def put_external_item(
        id: str,
        body: JsonObject,
        asked: Asking,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
        dry_run: DryRun = False,
    ) -> Response:
        """The id stays when the item is called something else there: `sku` may change. An item
        that has the `sku` and no external id yet is taken for it."""
        return await put(body, asked, seen(if_match, if_none_match), dry_run, external_id=id)

    @router.put("/{sku}", dependencies=[needs(RIGHT)], summary="Make or change an item")
    async def put_item(
        sku: str,
        body: JsonObject,
        asked: Asking,
        if_match: IfMatch = None,
        if_none_match: IfNoneMatch = None,
        dry_run: DryRun = False,
    ) -> Response:
        """What is left out stays as it was. A change of `tracking` obeys the same guards as
        `POST …/tracking`; one that wants a confirmation must be made there."""
        return await put(body, asked, seen(if_match, if_none_match), dry_run, sku=sku)

    @router.delete("/{sku}", dependencies=[needs(RIGHT)], summary="Remove an item nothing uses")
    async def delete_item(sku: str, asked: Asking) -> Response:
        who = allowed(asked)
        await parts.database.write(lambda t: store.delete(t, sku, who.by.actor))
        return Response(status_code=204)

    # ------------------------------------------------------------ tracking

    @router.post("/{sku}/tracking", dependencies=[needs(RIGHT)],
                 summary="Change how an item is tracked: none, lot or serial")  # fmt: skip
    async def change_tracking(
        sku: str, body: JsonObject, asked: Asking, once: Once, dry_run: DryRun = False
    ) -> Response:
        """`to`; to `serial` with `opening`: serials of pieces on hand, as a list in a text or
        `[{"serial": …, "location": …, "lot": …, "cost": …}]`, at `location` unless they say; it can
        be sent again for pieces still without one. To `lot` with `lots`: a code for each location.
        From `serial` it answers 428 with what would happen; send its token as `confirm`."""
        who = allowed(asked)

        if not dry_run and (known := answered(parts, once)) is not None:
            return known

        def work(t: Transaction) -> Json:
            item = store.get(sku, t.execute)
            wanted = _read_change(t.execute, item, body)
            return _show_changed(registry.trackings.change(t, item, wanted, who.by, who.may))

        if dry_run:
            return answer(await change(parts, work, dry_run) | {"dry_run": True})
        return (await parts.database.write(acting_once(parts, once, work))).response()

    @router.post("/{sku}/stock-tracking", dependencies=[needs(RIGHT)],
                 summary="Count an item's stock, or no longer")  # fmt: skip
    async def change_stock_tracking(sku: str, body: JsonObject, asked: Asking) -> Response:
        """`on`; switching off answers 428 first: send its token as `confirm`."""
        refuse_unknown(body, ("on", "confirm"), "A change of stock tracking")
        on = body.get("on")
        if not isinstance(on, bool):
            raise InputRefused(f"'on' must be true or false, got {say(on)}.", key="on")
        who, confirm = allowed(asked), text_given(body, "confirm")
        item = await parts.database.write(
            lambda t: switch_stock(
                t, store.get(sku, t.execute), on, confirm, registry.confirming, who.by
            )
        )
        return answer(show_item(item), headers={"etag": etag(item.version)})

    @router.post("/{sku}/sync-marks", dependencies=[needs(RIGHT)],
                 summary="Note that another system knows the item")  # fmt: skip
    async def mark_synced(sku: str, body: JsonObject, asked: Asking) -> Response:
        """`system`, and `external_id` there. From now on the item's tracking stays as it is."""
        refuse_unknown(body, ("system", "external_id"), "A sync mark")
        system, external = text_given(body, "system", most=80), text_given(body, "external_id")
        if not system:
            raise InputRefused("'system' must say which system knows the item.", key="system")
        who = allowed(asked)
        item = await parts.database.write(
            lambda t: store.mark_synced(t, sku, system, external, who.by.actor)
        )
        return answer(show_item(item), headers={"etag": etag(item.version)})

    @router.post("/{sku}/unlock", dependencies=[needs("admin")],
                 summary="Forget which systems know the item, for a kept reason")  # fmt: skip
    async def unlock_item(sku: str, body: JsonObject, asked: Asking) -> Response:
        """`reason`. It stands in the record of events for ever, and in the feed."""
        refuse_unknown(body, ("reason",), "An unlock")
        reason = text_given(body, "reason")
        who = doer(parts, asked)
        who.must("admin")
        item = await parts.database.write(lambda t: store.unlock(t, sku, reason, who.by))
        return answer(show_item(item), headers={"etag": etag(item.version)})

    return router


def show_item(item: Item) -> Json:
    """Return an item as ``PUT`` takes it, with what else is known of it."""
    return {
        "sku": item.sku,
        "name": item.name,
        "kind": item.kind,
        "tracking": item.tracking,
        "stock_tracked": item.stock_tracked,
        "active": item.active,
        "gtin": item.gtin,
        "barcodes": list(item.barcodes),
        "unit": item.unit,
        "units": dict(item.units),
        "pattern": {
            "prefix": item.pattern.prefix,
            "next": item.pattern.next,
            "width": item.pattern.width,
            "suffix": item.pattern.suffix,
            "example": item.pattern.write(int(item.pattern.next)),
        },
        "mask": item.mask,
        "case": item.case,
        "split_space": item.split_space,
        "reorder_point": item.reorder_point,
        "reorder_points": dict(item.reorder_points),
        "warranty_in": item.warranty_in,
        "warranty_out": item.warranty_out,
        "service_every": item.service_every,
        "account_codes": dict(item.account_codes),
        "tax_code": item.tax_code,
        "variant_of": item.variant_of,
        "external_id": item.external_id,
        "members": [{"item": one.sku, "quantity": one.quantity} for one in item.members],
        "fields": dict(item.fields),
        "synced": [
            {"system": mark.system, "external_id": mark.external_id, "at": rfc3339(mark.at)}
            for mark in item.synced
        ],
        "version": item.version,
        "created_at": rfc3339(item.created_at),
        "changed_at": rfc3339(item.changed_at),
        "links": {
            "self": f"/v1/items/{item.sku}",
            "serials": f"/v1/items/{item.sku}/serials",
            "lots": f"/v1/lots?item={item.sku}",
        },
    }


def _show_changed(changed: Changed) -> Json:
    return {
        "item": show_item(changed.item),
        "opened": changed.opened,
        "without_serial": changed.loose,
        "untracked": changed.untracked,
        "lots": dict(changed.lots),
    }


def _read_change(run: Run, item: Item, body: Mapping[str, Any]) -> Change:
    refuse_unknown(body, TRACKING_KEYS, "A change of tracking")
    to = body.get("to", "serial" if "opening" in body else None)
    if to not in TRACKINGS:
        raise InputRefused(f"'to' must be one of {', '.join(TRACKINGS)}, got {say(to)}.", key="to")
    lots = body.get("lots", {})
    if not isinstance(lots, dict) or not all(isinstance(one, str) for one in lots.values()):
        raise InputRefused(
            f"'lots' must be an object of a lot's code for each location, got {say(lots)}.",
            key="lots",
        )
    currency = text_given(body, "currency", most=3).upper() or None
    opening = list(_read_opening(run, item, body))
    return Change(to, opening, lots, currency, text_given(body, "confirm"))


def _read_opening(run: Run, item: Item, body: Mapping[str, Any]) -> list[Opening]:
    given = body.get("opening", [])
    place, lot = text_given(body, "location") or None, text_given(body, "lot") or None
    if isinstance(given, str):
        listing = read_list(run, given, item.id)
        if listing.problems:
            raise refuse_all([one.offence for one in listing.problems], listing.count)
        return [Opening(entry.serial, place, lot) for entry in listing.serials]
    if not isinstance(given, list) or len(given) > MOST_AT_ONCE:
        raise InputRefused(
            f"'opening' must be a list of serials, at most {MOST_AT_ONCE}, got {say(given)}.",
            key="opening",
        )
    found: list[Opening] = []
    for one in given:
        if isinstance(one, str):
            found.append(Opening(one, place, lot))
            continue
        if not isinstance(one, dict):
            raise InputRefused(f"A piece's serial must be a text, got {say(one)}.", key="opening")
        refuse_unknown(one, ("serial", "location", "lot", "cost"), "A piece")
        serial = serial_given(one, "serial")
        if not serial:
            raise RegistryRefused("serials_missing", "A piece needs its 'serial'.")
        cost, _ = money_given(one, "cost")
        found.append(
            Opening(serial, text_given(one, "location") or place,
                    text_given(one, "lot") or lot, cost)
        )  # fmt: skip
    return found
