"""Cards: a serial, an item, a place … as the person with the scanner sees it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.registry.lives import CUSTODY
from gateway.stations.answers import Card, Tone
from gateway.stations.meaning import Found
from gateway.store.registry.documents import document_by_id, lines_of
from gateway.store.registry.lives import Run
from gateway.store.registry.registry import Registry
from gateway.store.registry.serials import SerialRow, serial_by_id

HISTORY = 3
"""Steps of a serial's history on its card."""

_STATES = {
    "in_transit": "on its way", "written_off": "written off", "sent_back": "sent back",
    "untracked": "no longer tracked",
}  # fmt: skip


def say_state(state: str | None) -> str:
    """Return a state as people say it.

    >>> say_state("in_transit"), say_state("received")
    ('on its way', 'received')
    """
    return "new" if state is None else _STATES.get(state, state)


def _day(at: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
    return moment.date().isoformat()


class Cards:
    """Makes cards in one transaction."""

    def __init__(self, run: Run, registry: Registry) -> None:
        self._run, self._registry = run, registry

    def of(self, found: Found) -> Card:
        """Return the card of a thing."""
        match found.kind:
            case "serial":
                return self.serial(found.number)
            case "new":
                return Card("new", found.name, f"{found.sku} · new")
            case "item":
                return self.item(found.number)
            case "location":
                return self.location(found.number)
            case "lot":
                return self.lot(found.number)
            case "document":
                return self.document(found.number)
            case "party":
                return self.party(found.number)
            case "operator":
                return Card("operator", found.name, "works here")

    def serial(self, life: int) -> Card:
        """Return a serial's card: where it is, whose, its warranty, what happened last."""
        row = serial_by_id(self._run, life, str(life))
        rows = [("State", say_state(row.state))]
        tone: Tone = "ok" if row.state in CUSTODY else "warn"
        if row.held:
            rows.append(("Held", row.held))
            tone = "stop"
        if row.location:
            rows.append(("Location", row.location))
        if row.document_number:
            rows.append(("For", f"{(row.document_type or '').replace('_', ' ')} "
                                f"{row.document_number}"))  # fmt: skip
        if row.customer:
            rows.append(("Customer", row.customer))
        rows += [(title, value) for title, value in self._dates(row) if value]
        if row.label not in ("none", "printed"):
            rows.append(("Label", row.label))
        if row.memo:
            rows.append(("Memo", row.memo[:200]))
        rows += self._last(life)
        about = f"{row.sku} · {row.item_name}" if row.item_name else row.sku
        if row.number > 1:
            about += f" · life {row.number}"
        return Card("serial", row.serial, about, rows, tone)

    @staticmethod
    def _dates(row: SerialRow) -> list[tuple[str, str]]:
        return [
            ("Warranty until", row.warranty_out or ""),
            ("Supplier's warranty until", row.warranty_in or ""),
            ("Service due", row.service_due or ""),
            ("Lot", row.lot or ""),
        ]

    def _last(self, life: int) -> list[tuple[str, str]]:
        rows = self._run(
            "SELECT e.at, e.action, e.operator, p.code FROM movement m "
            "JOIN event e ON e.seq = m.event LEFT JOIN place p ON p.id = m.to_place "
            "WHERE m.life = ? ORDER BY m.event DESC LIMIT ?",
            (life, HISTORY),
        )
        return [
            (_day(at), action.replace("_", " ") + (f" at {place}" if place else "")
             + (f" by {who}" if who else ""))
            for at, action, who, place in rows
        ]  # fmt: skip

    def item(self, item: int) -> Card:
        """Return an item's card: what it is, and how much of it is here."""
        sku, name, tracking, gtin = next(iter(self._run(
            "SELECT sku, name, tracking, gtin FROM item WHERE id = ?", (item,)
        )))  # fmt: skip
        have = self._run(
            "SELECT state, sum(quantity) FROM stock WHERE item = ? GROUP BY state", (item,)
        )
        on_hand = {state: int(count) for state, count in have}
        free = on_hand.get("received", 0)
        rows = [("On hand", str(free + on_hand.get("committed", 0))), ("Free", str(free))]
        if gtin:
            rows.append(("GTIN", gtin))
        kept = {"serial": "each piece has a serial", "lot": "kept in lots"}.get(tracking, "counted")
        return Card("item", sku, f"{name} · {kept}" if name else kept, rows)

    def location(self, place: int) -> Card:
        """Return a location's card: what lies there."""
        code, name, kind, active = next(iter(self._run(
            "SELECT code, name, kind, active FROM place WHERE id = ?", (place,)
        )))  # fmt: skip
        rows = [
            (sku, str(int(count)))
            for sku, count in self._run(
                "SELECT i.sku, sum(s.quantity) FROM stock s JOIN item i ON i.id = s.item "
                "WHERE s.place = ? AND s.quantity > 0 GROUP BY i.sku ORDER BY i.sku LIMIT 20",
                (place,),
            )
        ]
        about = " · ".join(filter(None, (name, kind.replace("_", " "))))
        return Card("location", code, about, rows, "ok" if active else "stop")

    def lot(self, lot: int) -> Card:
        """Return a lot's card."""
        code, sku, expires, held = next(iter(self._run(
            "SELECT l.code, i.sku, l.expires_on, l.held FROM lot l JOIN item i ON i.id = l.item "
            "WHERE l.id = ?", (lot,)
        )))  # fmt: skip
        rows = [
            (title, value)
            for title, value in (("Expires", expires or ""), ("Held", held or ""))
            if value
        ]
        return Card("lot", code, sku, rows, "stop" if held else "ok")

    def document(self, document: int) -> Card:
        """Return a document's card: whose it is, and how far."""
        row = document_by_id(self._run, document)
        rows = [("Status", row.status.replace("_", " "))]
        rows += [
            (title, value)
            for title, value in (
                ("With", row.party_code or ""), ("From", row.from_code or ""),
                ("To", row.to_code or ""), ("Due", row.due_on or ""),
            )
            if value
        ]  # fmt: skip
        rows += [
            (line.sku, f"{line.done} of {line.quantity}")
            for line in lines_of(self._run, document)[:10]
        ]
        return Card("document", row.number, row.type.replace("_", " "), rows)

    def party(self, party: int) -> Card:
        """Return a customer's or supplier's card."""
        code, name, kind = next(iter(self._run(
            "SELECT code, name, kind FROM party WHERE id = ?", (party,)
        )))  # fmt: skip
        return Card("party", code, " · ".join(filter(None, (name, kind))))
