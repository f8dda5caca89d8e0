"""The counters, derived from what happened once more: to prove them, and to write them anew."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.registry.lives import CUSTODY, ON_HAND
from gateway.store.engine import Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.proving import Reading, Trouble

_HERE = ", ".join(repr(state.value) for state in sorted(CUSTODY))
_SHELF = "item, place, lot, state, held, serials"
_DERIVED = (
    "SELECT item, coalesce(place, 0) AS place, coalesce(lot, 0) AS lot, state, "
    "CASE WHEN held IS NOT NULL OR label_state = 'uncertain' THEN 1 ELSE 0 END AS held, "
    f"1 AS serials, count(*) AS quantity FROM life WHERE state IN ({_HERE}) "
    "GROUP BY 1, 2, 3, 4, 5 UNION ALL "
    "SELECT item, place, lot, state, 0, 0, sum(quantity) FROM ("
    "SELECT item, coalesce(from_place, 0) AS place, coalesce(lot, 0) AS lot, from_state AS state, "
    f"-quantity AS quantity FROM movement WHERE life IS NULL AND from_state IN ({_HERE}) "
    "UNION ALL SELECT item, coalesce(to_place, 0), coalesce(lot, 0), to_state, quantity "
    f"FROM movement WHERE life IS NULL AND to_state IN ({_HERE}) "
    # A piece that gained a serial was a quantity before; one that lost it is one again.
    "UNION ALL SELECT m.item, coalesce(m.to_place, 0), coalesce(m.lot, 0), 'received', -1 "
    "FROM event e JOIN movement m ON m.event = e.seq WHERE e.action = 'opening' "
    "UNION ALL SELECT m.item, coalesce(m.from_place, 0), coalesce(m.lot, 0), 'received', 1 "
    "FROM event e JOIN movement m ON m.event = e.seq WHERE e.action = 'untrack'"
    ") moved GROUP BY 1, 2, 3, 4"
)
_SHELVES = (
    "SELECT i.sku, p.code, o.code, d.state, d.held, d.serials, d.derived, d.counted FROM ("
    f"SELECT {_SHELF}, sum(derived) AS derived, sum(counted) AS counted FROM ("
    f"SELECT {_SHELF}, quantity AS derived, 0 AS counted FROM ({_DERIVED}) made "
    f"UNION ALL SELECT {_SHELF}, 0, quantity FROM stock) both_sides "
    f"GROUP BY {_SHELF} HAVING sum(derived) <> sum(counted)) d "
    "LEFT JOIN item i ON i.id = d.item LEFT JOIN place p ON p.id = d.place "
    "LEFT JOIN lot o ON o.id = d.lot ORDER BY d.item, d.place, d.lot, d.state, d.held LIMIT 50"
)


def check_stock(reading: Reading) -> Iterator[Trouble]:
    """Yield the counters of stock that are not what lives and movements make them."""
    for sku, place, lot, state, held, serials, derived, counted in reading.run(_SHELVES, ()):
        where = f"{sku} at {place or 'no location'}" + (f", lot {lot}" if lot else "")
        what = f"{state}{', held' if held else ''}{'' if serials else ', without serial'}"
        yield Trouble(
            "stock", f"stock of {where} ({what})",
            f"The counter of {where} ({what}) says {counted}, and by the movements it is "
            f"{derived}.",
            {"item": sku, "location": place, "lot": lot, "state": state, "expected": int(derived),
             "found": int(counted)},
        )  # fmt: skip


_LINKED = (
    "(SELECT count(*) FROM line_life r WHERE r.line = l.id AND r.role = '{role}') + "
    "(SELECT coalesce(sum(q.quantity), 0) FROM line_lot q WHERE q.line = l.id "
    "AND q.role = '{role}')"
)
# What a line has done is linked to it, or to the lines of deliveries that fulfil it. It may be
# more: a serial that came back and went out again is linked once.
_DONE = _LINKED.format(role="done") + (
    " + (SELECT count(*) FROM document_line f JOIN document e ON e.id = f.document "
    "JOIN line_life r ON r.line = f.id WHERE f.source_line = l.id AND r.role = 'done' "
    "AND e.type IN ('receipt', 'shipment')) + (SELECT coalesce(sum(q.quantity), 0) "
    "FROM document_line f JOIN document e ON e.id = f.document JOIN line_lot q ON q.line = f.id "
    "WHERE f.source_line = l.id AND q.role = 'done' AND e.type IN ('receipt', 'shipment'))"
)
_LINES = (
    "SELECT l.id, d.type, d.number, l.rank, l.committed, {committed}, l.picked, {picked}, l.done, "
    "{done} FROM document_line l JOIN document d ON d.id = l.document "
    "WHERE l.id > ? ORDER BY l.id LIMIT ?"
).format(
    committed=_LINKED.format(role="committed"), picked=_LINKED.format(role="picked"), done=_DONE
)
_ROLES = (
    "SELECT u.serial, u.state, r.role, d.type, d.number FROM line_life r "
    "JOIN life u ON u.id = r.life JOIN document_line l ON l.id = r.line "
    "JOIN document d ON d.id = l.document WHERE "
    "(r.role = 'planned' AND u.state <> 'planned') OR "
    "(r.role = 'committed' AND u.state <> 'committed') OR "
    "(r.role = 'picked' AND u.state NOT IN ('picked', 'in_transit')) "
    "ORDER BY r.line, r.life LIMIT 50"
)


def check_lines(reading: Reading) -> Iterator[Trouble]:
    """Yield the counters of lines, and links, that are not what serials are doing."""
    for row in reading.rows(_LINES, (0,), lambda row: row[:1]):
        _, kind, number, rank, *counts = row
        for word, found, expected in zip(
            ("committed", "picked", "done"), counts[::2], counts[1::2], strict=True
        ):
            if found < expected or (found > expected and word != "done"):
                name = f"line {rank} of {kind.replace('_', ' ')} {number}"
                yield Trouble(
                    "lines", name,
                    f"{name[0].upper()}{name[1:]} counts {found} {word}, and {expected} are.",
                    {"document": f"{kind} {number}", "line": rank, "expected": int(expected),
                     "found": found},
                )  # fmt: skip
    for serial, state, role, kind, number in reading.run(_ROLES, ()):
        yield Trouble(
            "lines", f"serial {serial} on {kind.replace('_', ' ')} {number}",
            f"Serial {serial} stands as {role} on {kind.replace('_', ' ')} {number}, and it is "
            f"{state}.",
            {"serial": serial, "document": f"{kind} {number}", "role": role, "state": state},
        )  # fmt: skip


_ON_HAND = ", ".join(repr(state.value) for state in sorted(ON_HAND))


def rebuild(t: Transaction, actor: str) -> int:
    """Write the counters of stock and of lines anew; return how many rows of stock there are."""
    t.execute("DELETE FROM stock")
    written = t.execute(
        f"INSERT INTO stock ({_SHELF}, quantity) SELECT {_SHELF}, quantity FROM ({_DERIVED}) made "
        "WHERE quantity <> 0"
    ).rowcount
    linked = {
        "committed": _LINKED.format(role="committed"),
        "picked": _LINKED.format(role="picked"),
        "done": f"CASE WHEN l.done < {_DONE} THEN {_DONE} ELSE l.done END",
    }
    changes = ", ".join(f"{column} = {value}" for column, value in linked.items())
    for alias in ("l.id", "l.done"):
        changes = changes.replace(alias, f"document_line{alias[1:]}")
    t.execute(f"UPDATE document_line SET {changes}")
    have = (
        "(SELECT coalesce(sum(s.quantity), 0) FROM stock s WHERE s.item = reorder.item "
        f"AND s.state IN ({_ON_HAND}) AND (reorder.place = 0 OR s.place = reorder.place))"
    )
    t.execute(f"UPDATE reorder SET below = CASE WHEN {have} <= point THEN 1 ELSE 0 END")
    tell(t, now(), "registry.rebuilt", "registry", actor, {"rows": written})
    return written
