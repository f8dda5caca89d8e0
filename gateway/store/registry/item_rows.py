"""Items as rows: what of them stands in which table, read for many at once and written for one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from gateway.registry.items import Item, Member, SyncMark
from gateway.registry.numbering import Pattern
from gateway.store.constraints import RuleBroken
from gateway.store.engine import Transaction, now
from gateway.store.registry.lives import Run
from gateway.store.registry.names import item_id, place_id
from gateway.store.registry.records import MARKS, Table, find, rows_of, taken

ITEMS = Table(
    "item", "sku", "item", "item_unknown", "sku_taken", ("name", "coalesce(external_id, '')")
)

_COLUMNS = (
    "sku", "name", "kind", "tracking", "stock_tracked", "active", "gtin", "base_uom",
    "serial_prefix", "serial_next", "serial_width", "serial_suffix", "serial_mask", "serial_case",
    "split_space", "reorder_point", "warranty_in", "warranty_out", "service_every",
    "account_codes", "tax_code", "variant_of", "external_id", "attrs",
)  # fmt: skip
_SELECT = (
    f"SELECT i.id, {', '.join(f'i.{name}' for name in _COLUMNS)}, v.sku, i.version, "
    "i.created_at, i.changed_at FROM item i LEFT JOIN item v ON v.id = i.variant_of "
    f"WHERE i.id IN ({MARKS})"
)
_INSERT = (
    f"INSERT INTO item ({', '.join(_COLUMNS)}, created_at, changed_at) "
    f"VALUES ({', '.join('?' * len(_COLUMNS))}, ?, ?) RETURNING id"
)
_UPDATE = (
    f"UPDATE item SET {', '.join(f'{name} = ?' for name in _COLUMNS)}, changed_at = ?, "
    "version = version + 1 WHERE id = ?"
)
_UNITS = f"SELECT item, code, factor FROM item_uom WHERE item IN ({MARKS}) ORDER BY code"
_MEMBERS = (
    "SELECT m.item, i.sku, m.quantity FROM item_member m JOIN item i ON i.id = m.member "
    f"WHERE m.item IN ({MARKS}) ORDER BY lower(i.sku)"
)
_CODES = (
    f"SELECT target, value FROM barcode WHERE kind = 'item' AND target IN ({MARKS}) ORDER BY value"
)
_POINTS = (
    "SELECT r.item, p.code, r.point FROM reorder r JOIN place p ON p.id = r.place "
    f"WHERE r.item IN ({MARKS}) ORDER BY p.code"
)
_SYNCED = f"SELECT item, system, external_id, at FROM sync_mark WHERE item IN ({MARKS})"


def items_of(run: Run, numbers: Sequence[int]) -> list[Item]:
    """Return items by their numbers, in that order; those that there are not are left out."""
    rows = {row[0]: tuple(row) for row in rows_of(run, _SELECT, numbers)}
    more: dict[str, dict[int, list[tuple[Any, ...]]]] = {}
    for query in (_UNITS, _MEMBERS, _CODES, _POINTS, _SYNCED):
        for row in rows_of(run, query, numbers):
            more.setdefault(query, {}).setdefault(row[0], []).append(tuple(row[1:]))

    def of(query: str, item: int) -> list[tuple[Any, ...]]:
        return more.get(query, {}).get(item, [])

    return [
        _item(
            rows[n], of(_UNITS, n), of(_MEMBERS, n), of(_CODES, n), of(_POINTS, n), of(_SYNCED, n)
        )
        for n in numbers if n in rows
    ]  # fmt: skip


def _item(
    row: tuple[Any, ...],
    units: Iterable[tuple[Any, ...]],
    members: Iterable[tuple[Any, ...]],
    codes: Iterable[tuple[Any, ...]],
    points: Iterable[tuple[Any, ...]],
    synced: Iterable[tuple[Any, ...]],
) -> Item:
    return Item(
        id=row[0], sku=row[1], name=row[2], kind=row[3], tracking=row[4],
        stock_tracked=bool(row[5]), active=bool(row[6]), gtin=row[7], unit=row[8],
        units=dict(units),
        pattern=Pattern(row[9], row[10], row[11], row[12]), mask=row[13], case=row[14],
        split_space=bool(row[15]), reorder_point=row[16],
        reorder_points=dict(points),
        warranty_in=row[17], warranty_out=row[18], service_every=row[19],
        account_codes=json.loads(row[20]), tax_code=row[21], variant_of=row[25],
        external_id=row[23], barcodes=tuple(value for (value,) in codes),
        members=tuple(Member(sku, quantity) for sku, quantity in members),
        fields=json.loads(row[24]),
        synced=tuple(SyncMark(*mark) for mark in sorted(synced)),
        version=row[26], created_at=row[27], changed_at=row[28],
    )  # fmt: skip


def write_item(t: Transaction, was: Item | None, item: Item) -> Item:
    """Write an item, new or changed, and return it as it is now.

    Raises:
        RegistryRefused: somebody else saved one with the same code at the same moment.
    """
    at = now()
    variant = find(t.execute, ITEMS, item.variant_of) if item.variant_of else None
    pattern = item.pattern
    values = (
        item.sku, item.name, item.kind, item.tracking, int(item.stock_tracked),
        int(item.active), item.gtin, item.unit, pattern.prefix, pattern.next, pattern.width,
        pattern.suffix, item.mask, item.case, int(item.split_space), item.reorder_point,
        item.warranty_in, item.warranty_out, item.service_every, _json(item.account_codes),
        item.tax_code, variant, item.external_id, _json(item.fields),
    )  # fmt: skip
    try:
        if was is None:
            number = int(t.execute(_INSERT, (*values, at, at)).fetchone()[0])
        else:
            number = was.id
            t.execute(_UPDATE, (*values, at, number))
    except RuleBroken as broken:
        raise taken(broken, "item") from broken
    _write_rows(t, number, was, item)
    return items_of(t.execute, [number])[0]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _write_rows(t: Transaction, number: int, was: Item | None, item: Item) -> None:
    """Write what of an item stands in tables of its own, where it changed."""
    if was is None or was.units != item.units:
        t.execute("DELETE FROM item_uom WHERE item = ?", (number,))
        t.executemany(
            "INSERT INTO item_uom (item, code, factor) VALUES (?, ?, ?)",
            [(number, code, factor) for code, factor in item.units.items()],
        )
    if was is None or was.members != item.members:
        t.execute("DELETE FROM item_member WHERE item = ?", (number,))
        t.executemany(
            "INSERT INTO item_member (item, member, quantity) VALUES (?, ?, ?)",
            [(number, item_id(t.execute, one.sku), one.quantity) for one in item.members],
        )
    if was is None or was.barcodes != item.barcodes:
        t.execute("DELETE FROM barcode WHERE kind = 'item' AND target = ?", (number,))
        t.executemany(
            "INSERT INTO barcode (value, kind, target) VALUES (?, 'item', ?)",
            [(value, number) for value in item.barcodes],
        )
    before = (None, {}) if was is None else (was.reorder_point, was.reorder_points)
    if before != (item.reorder_point, item.reorder_points):
        _write_points(t, number, item)


def _write_points(t: Transaction, number: int, item: Item) -> None:
    """Write the levels to restock at. Only crossing one later is worth a word, so what stock there
    is now is where it starts."""
    t.execute("DELETE FROM reorder WHERE item = ?", (number,))
    points = {place_id(t.execute, code): point for code, point in item.reorder_points.items()}
    if item.reorder_point is not None:
        points[0] = item.reorder_point
    for place, point in points.items():
        where, values = ("", ()) if place == 0 else (" AND place = ?", (place,))
        have = t.execute(
            "SELECT coalesce(sum(quantity), 0) FROM stock WHERE item = ? "
            f"AND state IN ('received', 'committed'){where}",
            (number, *values),
        ).fetchone()[0]
        t.execute(
            "INSERT INTO reorder (item, place, point, below) VALUES (?, ?, ?, ?)",
            (number, place, point, int(have <= point)),
        )
