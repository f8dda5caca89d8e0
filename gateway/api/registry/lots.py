"""Lots over HTTP: found by their serials too, held as a whole, their lists of serials edited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from gateway.api.access import needs
from gateway.api.changes import JsonObject, Once, acting_once, answered
from gateway.api.etags import IfMatch, etag, seen, version_of
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.registry.doing import Asking, Doer, doer
from gateway.api.registry.given import text_given
from gateway.api.registry.saving import After, DryRun, Limit, change, save_one
from gateway.api.showing import Json, answer, page_of, rfc3339
from gateway.errors import InputRefused
from gateway.registry.lives import Action
from gateway.registry.lots import LABELS, STATUSES, Lot
from gateway.registry.public_ids import PublicIds
from gateway.registry.refusals import RegistryRefused, refuse_all
from gateway.store.engine import Transaction
from gateway.store.registry.listing import read_list
from gateway.store.registry.lives import Run
from gateway.store.registry.lot_serials import GROUPS, Group, LotSerial, serials_of_lot
from gateway.store.registry.lot_store import Edit
from gateway.store.registry.names import item_id, place_id

RIGHT = "registry:lot"
MAKE_KEYS = ("item", "code", "made_on", "expires_on", "memo", "fields")
EDIT_KEYS = ("add", "location", "rename", "remove", "reason")


def lot_routes(parts: Parts) -> APIRouter:
    """Return the routes of lots."""

    async def lots_on() -> None:
        if "lots" not in parts.registry.features():
            raise RegistryRefused(
                "feature_disabled",
                "Lots are switched off; an administrator can add 'lots' to registry.features.",
                feature="lots",
            )

    router = APIRouter(prefix="/v1/lots", tags=["lots"], dependencies=[Depends(lots_on)])
    store, names = parts.registry.lots, parts.registry.public_ids

    def allowed(asked: Asking) -> Doer:
        who = doer(parts, asked)
        who.must(RIGHT)
        return who

    def shown(lot: Lot) -> Json:
        return show_lot(lot, names)

    @router.get("", dependencies=[needs("read")], summary="List lots, newest first")
    async def list_lots(
        item: Annotated[str | None, Query(description="A SKU.")] = None,
        serial: Annotated[
            str | None, Query(description="A serial that is or was in it.", max_length=200)
        ] = None,
        status: Annotated[str | None, Query(description=", ".join(STATUSES))] = None,
        q: Annotated[str | None, Query(description="What its code begins with.")] = None,
        held: bool | None = None,
        expires_before: Annotated[str | None, Query(pattern=r"^\d{4}-\d\d-\d\d$")] = None,
        after: After = None,
        limit: Limit = 100,
    ) -> Response:
        """What a lot is doing follows from its pieces, first that applies: `received` (any is
        here), `returned` ("RMA returned"), `rejected`, `planned`, `shipped`, `consumed`,
        `sent_back`, `written_off`, `untracked`, `cancelled`."""
        if status is not None and status not in STATUSES:
            raise InputRefused(
                f"'status' must be one of {', '.join(STATUSES)}, got {status[:40]!r}.",
                key="status",
            )
        found = store.page(
            after, limit, item=item, serial=serial, status=status, q=q, held=held,
            expires_before=expires_before,
        )  # fmt: skip
        return answer(page_of(found, limit, shown, lambda lot: names.write("lot", lot.id)))

    @router.post("", dependencies=[needs(RIGHT)], summary="Make a lot by hand")
    async def make_lot(body: JsonObject, asked: Asking, once: Once) -> Response:
        """`item`, and what else is known of it. Receipts and production make theirs themselves;
        without a `code` it gets one of its own."""
        refuse_unknown(body, MAKE_KEYS, "A lot")
        who, sku = allowed(asked), text_given(body, "item")
        if not sku:
            raise InputRefused("A lot needs its 'item', a SKU.", key="item")
        values = {key: value for key, value in body.items() if key != "item"}
        if (known := answered(parts, once)) is not None:
            return known

        def work(t: Transaction) -> Json:
            return shown(store.make(t, sku, values, who.by.actor).thing)

        return (await parts.database.write(acting_once(parts, once, work, 201))).response()

    @router.get("/{id}", dependencies=[needs("read")], summary="A lot")
    async def get_lot(id: str) -> Response:
        lot = store.get(id)
        return answer(shown(lot), headers={"etag": etag(lot.version)})

    @router.put("/{id}", dependencies=[needs(RIGHT)], summary="Change a lot")
    async def put_lot(
        id: str, body: JsonObject, asked: Asking, if_match: IfMatch = None, dry_run: DryRun = False
    ) -> Response:
        """`code`, `made_on`, `expires_on`, `memo`, `fields`; what is left out stays as it was."""
        who = allowed(asked)
        version = version_of(f"Lot {id!r}", seen(if_match, None))
        return await save_one(
            parts, lambda t: store.save(t, id, body, who.by.actor, version), shown, dry_run
        )

    @router.delete("/{id}", dependencies=[needs(RIGHT)], summary="Remove a lot nothing was in")
    async def delete_lot(id: str, asked: Asking) -> Response:
        who = allowed(asked)
        await parts.database.write(lambda t: store.delete(t, id, who.by.actor))
        return Response(status_code=204)

    # ------------------------------------------------------------ holding

    @router.post("/{id}/hold", dependencies=[needs(RIGHT)], summary="Hold a lot and its pieces")
    async def hold_lot(id: str, body: JsonObject, asked: Asking) -> Response:
        """`reason`: a recall, a test that is still to come. None of its pieces moves until then."""
        refuse_unknown(body, ("reason",), "A hold")
        who, reason = allowed(asked), text_given(body, "reason")
        lot = await parts.database.write(lambda t: store.hold(t, id, reason, who.by, who.may))
        return answer(shown(lot), headers={"etag": etag(lot.version)})

    @router.post("/{id}/unhold", dependencies=[needs(RIGHT)], summary="Let a held lot go")
    async def unhold_lot(id: str, asked: Asking) -> Response:
        """Serials that were held for a reason of their own stay held."""
        who = allowed(asked)
        lot = await parts.database.write(lambda t: store.hold(t, id, None, who.by, who.may))
        return answer(shown(lot), headers={"etag": etag(lot.version)})

    # ------------------------------------------------------------ serials

    @router.get("/{id}/serials", dependencies=[needs("read")], summary="A lot's serials, in groups")
    async def list_serials_of_lot(
        id: str,
        group: Annotated[str, Query(description=f"Of {', '.join(GROUPS)}, with commas.")] = "",
        after: After = None,
        limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
    ) -> Response:
        """`allocated` are those of orders, with the order's number; `remaining` are free. `counts`
        count all of them."""
        chosen: list[Group] = []
        for one in group.split(",") if group else GROUPS:
            chosen += [known for known in GROUPS if known == one]
            if one not in GROUPS:
                raise InputRefused(
                    f"'group' must be some of {', '.join(GROUPS)}, got {one[:40]!r}.", key="group"
                )
        number = store.get(id).id
        return answer(_serials(parts, number, chosen, after, limit))

    @router.post("/{id}/serials", dependencies=[needs(RIGHT)], summary="Edit a lot's serials")
    async def edit_serials(
        id: str, body: JsonObject, asked: Asking, once: Once, dry_run: DryRun = False
    ) -> Response:
        """`add`: serials, as a list or a text (`1000..1010`); on hand with `location` and a
        `reason`, else planned. `rename`: `{"old": "new"}`. `remove`: planned ones that do not
        come."""
        who = allowed(asked)
        if not dry_run and (known := answered(parts, once)) is not None:
            return known

        def work(t: Transaction) -> Json:
            lot = store.get(id, t.execute)
            edit = _read_edit(t.execute, item_id(t.execute, lot.item), body)
            done = store.edit(t, id, edit, who.by, who.may)
            return {
                "added": done.added, "renamed": done.renamed, "removed": done.removed,
                "events": list(done.events), "lot": shown(store.get(id, t.execute)),
            }  # fmt: skip

        if dry_run:
            return answer(await change(parts, work, dry_run) | {"dry_run": True})
        return (await parts.database.write(acting_once(parts, once, work))).response()

    return router


def show_lot(lot: Lot, names: PublicIds) -> Json:
    """Return a lot with what its pieces are doing."""
    public = names.write("lot", lot.id)
    return {
        "id": public,
        "item": lot.item,
        "code": lot.code,
        "status": lot.status,
        "status_text": LABELS[lot.status],
        "made_on": lot.made_on,
        "expires_on": lot.expires_on,
        "held": lot.held,
        "document": lot.document,
        "memo": lot.memo,
        "fields": dict(lot.fields),
        "serials": {"count": lot.serials, "first": lot.first, "last": lot.last},
        "pieces": dict(lot.pieces),
        "here": lot.here,
        "version": lot.version,
        "created_at": rfc3339(lot.created_at),
        "changed_at": rfc3339(lot.changed_at),
        "links": {
            "self": f"/v1/lots/{public}",
            "serials": f"/v1/lots/{public}/serials",
            "item": f"/v1/items/{lot.item}",
            "code": f"GW-{public}",
        },
    }


def _serials(parts: Parts, lot: int, groups: list[Group], after: str | None, limit: int) -> Json:
    names = parts.registry.public_ids
    start = 0
    if after is not None:
        found = names.read(after)
        if found is None or found[0] != "serial":
            raise InputRefused("'after' must be the 'next' of the page before.", key="after")
        start = found[1]
    counts, serials = serials_of_lot(parts.database.read, lot, groups, start, limit + 1)
    page = page_of(
        serials, limit, lambda one: _show_serial(one, names),
        lambda one: names.write("serial", one.life),
    )  # fmt: skip
    return page | {"counts": dict(counts)}


def _show_serial(one: LotSerial, names: PublicIds) -> Json:
    public = names.write("serial", one.life)
    document = {"type": one.document_type, "number": one.document_number}
    return {
        "id": public,
        "serial": one.serial,
        "state": one.state,
        "location": one.location,
        "group": one.group,
        "document": None if one.document_type is None else document,
        "links": {"self": f"/v1/serials/{public}"},
    }


def _read_edit(run: Run, item: int, body: Mapping[str, Any]) -> Edit:
    refuse_unknown(body, EDIT_KEYS, "An edit of a lot's serials")
    place = text_given(body, "location")
    rename = body.get("rename", {})
    if not isinstance(rename, dict) or not all(isinstance(one, str) for one in rename.values()):
        raise InputRefused(
            f"'rename' must be an object of old and new serials, got {say(rename)}.", key="rename"
        )
    add = _read_serials(run, item, body, "add", Action.ADJUST_IN)
    remove = _read_serials(run, item, body, "remove", Action.CANCEL_PLAN)
    if not (add or rename or remove):
        raise RegistryRefused("serials_missing", "Nothing is to be added, renamed or removed.")
    return Edit(
        add, place_id(run, place) if place else None, rename, remove, text_given(body, "reason")
    )


def _read_serials(
    run: Run, item: int, body: Mapping[str, Any], key: str, action: Action
) -> list[str]:
    given = body.get(key, [])
    if isinstance(given, str):
        listing = read_list(run, given, item, action=action)
        if listing.problems:
            raise refuse_all([one.offence for one in listing.problems], listing.count)
        return [entry.serial for entry in listing.serials]
    if isinstance(given, list) and all(isinstance(one, str) for one in given):
        return given
    raise InputRefused(f"{key!r} must be a list of serials, got {say(given)}.", key=key)
