"""Items in the database: made, changed, found, listed, and known to other systems.

A change of an item's tracking moves its pieces, so it has a module of its own (``tracking``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from gateway.registry.given import Given
from gateway.registry.item_reading import read_item, tracking_wanted
from gateway.registry.items import (
    TRACKABLE,
    Item,
    refuse_change,
    refuse_untrackable,
)
from gateway.registry.refusals import Offence, RegistryRefused, refuse_all
from gateway.store.engine import Database, Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.acting import fields_of
from gateway.store.registry.custom import set_fields
from gateway.store.registry.events import By, Event, write_event
from gateway.store.registry.item_rows import ITEMS, items_of, write_item
from gateway.store.registry.listing import next_serials
from gateway.store.registry.lives import Run
from gateway.store.registry.names import item_id, place_id
from gateway.store.registry.records import (
    Saved,
    Status,
    Version,
    check_version,
    clashes,
    find,
    known,
    known_external,
    meant,
    named,
    page,
    save_all,
    tell_saved,
)

_MADE_OF = (
    "WITH RECURSIVE inside(item) AS (SELECT member FROM item_member WHERE item = ? "
    "UNION SELECT m.member FROM item_member m JOIN inside i ON m.item = i.item) "
    "SELECT 1 FROM inside WHERE item = ?"
)
_USED = {
    "lines": "SELECT count(*) FROM document_line WHERE item = ?",
    "events": "SELECT count(*) FROM event_item WHERE item = ?",
    "serials": "SELECT count(*) FROM life WHERE item = ?",
    "lots": "SELECT count(*) FROM lot WHERE item = ?",
}
"""What uses an item, counted."""

Retrack = Callable[[Transaction, Item, str], Item]
"""Changes an item's tracking, by the guards that hold for it."""


class ItemStore:
    """All SQL about items."""

    def __init__(
        self,
        database: Database,
        features: Callable[[], frozenset[str]],
        require_accounts: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database, self._features = database, features
        self._require_accounts = require_accounts

    # ------------------------------------------------------------ reading

    def get(self, sku: str, run: Run | None = None) -> Item:
        """Return an item by its SKU.

        Raises:
            RegistryRefused: there is none.
        """
        run = run or self._database.read
        return items_of(run, [known(run, ITEMS, sku)])[0]

    def get_external(self, external_id: str) -> Item:
        """Return an item by another system's id.

        Raises:
            RegistryRefused: there is none.
        """
        run = self._database.read
        return items_of(run, [known_external(run, ITEMS, external_id)])[0]

    def page(
        self,
        after: str | None,
        limit: int,
        *,
        q: str | None = None,
        kind: str | None = None,
        tracking: str | None = None,
        active: bool | None = None,
        variant_of: str | None = None,
        code: str | None = None,
        backwards: bool = False,
    ) -> list[Item]:
        """Return a page of items and one more, by their SKUs; ``backwards``: Z to A.

        ``q`` is what a SKU, a name or an external id begins with; ``code`` is a whole SKU, GTIN,
        barcode or external id.
        """
        conditions: list[str] = []
        values: list[object] = []
        for column, value in (("kind", kind), ("tracking", tracking)):
            if value is not None:
                conditions.append(f"{column} = ?")
                values.append(value)
        if active is not None:
            conditions.append("active = ?")
            values.append(int(active))
        if variant_of is not None:
            conditions.append("variant_of = ?")
            values.append(item_id(self._database.read, variant_of))
        if code is not None:
            conditions.append(
                "(lower(sku) = lower(?) OR gtin = ? OR lower(external_id) = lower(?) OR id IN "
                "(SELECT target FROM barcode WHERE kind = 'item' AND value = ?))"
            )
            values += [code, code.zfill(14), code, code]
        numbers = page(
            self._database.read, ITEMS, after=after, limit=limit, q=q,
            conditions=conditions, values=values, backwards=backwards,
        )  # fmt: skip
        return items_of(self._database.read, numbers)

    def next_serials(self, sku: str, count: int) -> tuple[str, ...]:
        """Return the next serials of an item, which nobody has yet; none is taken by that.

        Raises:
            RegistryRefused: there is no such item, or it has no serials.
            InputRefused: the count is out of range.
        """
        item = self.get(sku)
        if item.tracking != "serial":
            raise RegistryRefused(
                "item_not_serialised",
                f"Item {item.sku} has no serials (its tracking is {item.tracking!r}).",
                item=item.sku, tracking=item.tracking,
            )  # fmt: skip

        return tuple(next_serials(self._database.read, item.id, count))

    # ------------------------------------------------------------ writing

    def save(
        self,
        t: Transaction,
        values: Mapping[str, object],
        actor: str,
        *,
        sku: str | None = None,
        external_id: str | None = None,
        version: Version = None,
        text: bool = False,
        retrack: Retrack | None = None,
        quiet: bool = False,
    ) -> Saved[Item]:
        """Make an item, or change the one that is meant; what is not given stays as it was.

        ``retrack`` changes its tracking where another is asked for; ``text`` is a row of a table.

        Raises:
            RegistryRefused: with everything that is wrong.
        """
        number = meant(t.execute, ITEMS, values, sku, external_id)
        values = named(values, ITEMS, number is None, sku, external_id)
        was = items_of(t.execute, [number])[0] if number else None
        called = sku or (was.sku if was else str(values.get("sku", "")).strip())
        check_version(ITEMS, called, version, was.version if was else None)
        base = was or Item(0, "")
        given = Given(values, called or "item", text=text)
        if was is None and not called:
            given.refuse("value_wrong", "An item needs its 'sku'.", key="sku")
        item = read_item(base, given, self._features())
        item = set_fields(item, given, fields_of(t, "item"))
        to = tracking_wanted(given, base.tracking)
        if was is None:
            item = self._begun(item, to, given)
        given.offences += clashes(t.execute, ITEMS, item.id, item.sku, item.external_id,
                                  given.subject)  # fmt: skip
        given.offences += _clashing_gtin(t, item, given.subject)
        self._check_links(t, item, given)
        if was is not None:
            _check_use(t, was, item, given)
        if given.offences:
            raise refuse_all(given.offences, len(given.offences), "values")
        status: Status = "new" if was is None else ("same" if item == was else "changed")
        if status != "same":
            item = write_item(t, was, item)
            if not quiet:
                tell_items(t, [Saved(item, status)], actor)
        if was is not None and to != was.tracking:
            if retrack is None:
                raise RegistryRefused(
                    "value_wrong", "An item's tracking is changed by a step of its own.",
                    key="tracking",
                )  # fmt: skip
            item, status = retrack(t, item, to), "changed"
        return Saved(item, status)

    def save_all(
        self,
        t: Transaction,
        rows: Sequence[Mapping[str, object]],
        actor: str,
        retrack: Retrack | None = None,
    ) -> list[Saved[Item]]:
        """Save many items, or none.

        Raises:
            RegistryRefused: every offender is named.
        """
        saved = save_all(
            rows, lambda row: self.save(t, row, actor, retrack=retrack, quiet=True), ITEMS,
            "items", _refers,
        )  # fmt: skip
        tell_items(t, saved, actor)
        return saved

    def _begun(self, item: Item, to: Literal["none", "lot", "serial"], given: Given) -> Item:
        """Return a new item with its tracking; nothing uses it yet that could be against that."""
        if to == "none":
            return replace(item, stock_tracked=item.kind in ("stock", "assembly"))
        if item.kind not in ("stock", "assembly"):
            refuse_untrackable(given, item.sku, item.kind)
            return item
        try:
            refuse_change(
                item, to, features=self._features(), require_accounts=self._require_accounts()
            )
        except RegistryRefused as refused:
            given.refuse(refused.code, refused.detail, **refused.facts)
        return replace(item, tracking=to, stock_tracked=True)

    @staticmethod
    def _check_links(t: Transaction, item: Item, given: Given) -> None:
        """Refuse other items and locations that there are not, and an item inside itself."""
        if item.variant_of is not None and find(t.execute, ITEMS, item.variant_of) is None:
            given.refuse(
                "item_unknown", f"There is no item {item.variant_of!r} to be a variant of.",
                item=item.variant_of,
            )  # fmt: skip
        for member in item.members:
            number = find(t.execute, ITEMS, member.sku)
            if number is None:
                given.refuse("item_unknown", f"There is no item {member.sku!r} to be a member.",
                             item=member.sku)  # fmt: skip
            elif number == item.id or (
                item.id and t.execute(_MADE_OF, (number, item.id)).fetchone() is not None
            ):
                given.refuse(
                    "value_wrong", f"Item {item.sku} cannot be made of {member.sku}: that one "
                    f"holds {item.sku} itself.",
                    key="members",
                )  # fmt: skip
        for code in item.reorder_points:
            try:
                place_id(t.execute, code)
            except RegistryRefused as refused:
                given.refuse(refused.code, refused.detail, **refused.facts)

    def delete(self, t: Transaction, sku: str, actor: str) -> None:
        """Remove an item that nothing uses.

        Raises:
            RegistryRefused: there is none, or ``item_in_use``.
        """
        item = self.get(sku, t.execute)
        used = uses_of(t, item.id)
        for what, query in (
            ("variants", "SELECT count(*) FROM item WHERE variant_of = ?"),
            ("kits", "SELECT count(*) FROM item_member WHERE member = ?"),
            ("sync_marks", "SELECT count(*) FROM sync_mark WHERE item = ?"),
        ):
            used[what] = int(t.execute(query, (item.id,)).fetchone()[0])
        if any(used.values()):
            counted = ", ".join(f"{n} {what.replace('_', ' ')}" for what, n in used.items() if n)
            raise RegistryRefused(
                "item_in_use",
                f"Item {item.sku} is in use ({counted}); set it inactive instead.",
                item=item.sku, used=used,
            )  # fmt: skip
        for table in ("item_uom", "item_member", "reorder", "stock"):
            t.execute(f"DELETE FROM {table} WHERE item = ?", (item.id,))
        t.execute("DELETE FROM barcode WHERE kind = 'item' AND target = ?", (item.id,))
        t.execute("DELETE FROM item WHERE id = ?", (item.id,))
        tell(t, now(), "item.deleted", f"items/{item.sku}", actor, {"item": item.sku})

    # ------------------------------------------------------------ other systems

    def mark_synced(
        self, t: Transaction, sku: str, system: str, external_id: str, actor: str
    ) -> Item:
        """Note that another system knows the item: its tracking stays from now on.

        Raises:
            RegistryRefused: there is no such item.
        """
        item = self.get(sku, t.execute)
        at = now()
        t.execute(
            "INSERT INTO sync_mark (item, system, external_id, at) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (item, system) DO UPDATE SET external_id = excluded.external_id, "
            "at = excluded.at",
            (item.id, system, external_id, at),
        )
        _touch(t, item.id, at)
        tell(t, at, "item.synced", f"items/{item.sku}", actor,
             {"item": item.sku, "system": system, "external_id": external_id})  # fmt: skip
        return self.get(item.sku, t.execute)

    def unlock(self, t: Transaction, sku: str, reason: str, by: By) -> Item:
        """Forget which systems know the item, for a reason that is kept for ever.

        Raises:
            RegistryRefused: there is no such item, or no reason.
        """
        item = self.get(sku, t.execute)
        if not reason.strip():
            raise RegistryRefused(
                "reason_required", f"Say why {item.sku} is unlocked: it stands in the record."
            )
        at = now()
        marks = [{"system": mark.system, "external_id": mark.external_id} for mark in item.synced]
        event = note_event(t, item, "unlock_item", by, {"synced": marks}, reason.strip())
        t.execute("DELETE FROM sync_mark WHERE item = ?", (item.id,))
        _touch(t, item.id, at)
        body = {"item": item.sku, "reason": reason.strip(), "synced": marks, "event": event}
        tell(t, at, "item.unlocked", f"items/{item.sku}", by.actor, body)
        return self.get(item.sku, t.execute)


def _check_use(t: Transaction, was: Item, item: Item, given: Given) -> None:
    """Refuse what would make nonsense of the pieces and serials that there are."""
    if item.case != was.case and uses_of(t, item.id)["serials"]:
        given.refuse(
            "item_in_use",
            f"Item {was.sku} has serials; whether their letters' case counts stays as it is.",
            item=was.sku, key="case",
        )  # fmt: skip
    if item.kind != was.kind and item.kind not in TRACKABLE:
        row = t.execute("SELECT coalesce(sum(quantity), 0) FROM stock WHERE item = ?", (was.id,))
        pieces = int(row.fetchone()[0])
        if pieces:
            given.refuse(
                "item_in_use",
                f"{pieces} {was.unit} of {was.sku} are here; an item of kind {item.kind} has no "
                "stock.",
                item=was.sku, pieces=pieces,
            )  # fmt: skip


def uses_of(t: Transaction, item: int) -> dict[str, int]:
    """Return how many records of each kind use an item."""
    return {what: int(t.execute(query, (item,)).fetchone()[0]) for what, query in _USED.items()}


def note_event(
    t: Transaction, item: Item, action: str, by: By, body: Mapping[str, object], reason: str = ""
) -> int:
    """Write into the record what happened to an item itself; no piece of it moves."""
    at = now()
    seq = write_event(
        t, Event(action, at, at, by, reason=reason, body={"item": item.sku, **body}), [],
        items=[item.id],
    )  # fmt: skip
    t.execute("INSERT INTO event_item (item, event, quantity) VALUES (?, ?, 0)", (item.id, seq))
    return seq


def tell_items(t: Transaction, saved: Sequence[Saved[Item]], actor: str) -> None:
    """Write one feed entry for all items that were saved, if any changed."""
    tell_saved(t, "item", [(one.thing.sku, one.status) for one in saved], actor)


def _touch(t: Transaction, item: int, at: int) -> None:
    t.execute("UPDATE item SET changed_at = ?, version = version + 1 WHERE id = ?", (at, item))


def _refers(row: Mapping[str, object]) -> set[str]:
    """Return the SKUs that a row refers to."""
    found = {row["variant_of"]} if isinstance(row.get("variant_of"), str) else set()
    members = row.get("members")
    if isinstance(members, list):
        found |= {one.get("item") for one in members if isinstance(one, dict)}
    return {sku for sku in found if isinstance(sku, str)}


def _clashing_gtin(t: Transaction, item: Item, subject: str) -> list[Offence]:
    if item.gtin is None:
        return []
    row = t.execute("SELECT id, sku FROM item WHERE gtin = ?", (item.gtin,)).fetchone()
    if row is None or row[0] == item.id:
        return []
    return [
        Offence(subject, "gtin_taken", f"GTIN {item.gtin} is that of item {row[1]}.",
                {"gtin": item.gtin, "item": row[1]})
    ]  # fmt: skip
