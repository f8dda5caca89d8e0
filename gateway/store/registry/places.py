"""Locations in the database: a tree without loops, in which none with goods closes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from gateway.registry.given import Given
from gateway.registry.places import DEEPEST, HOLDS, Location, read_location
from gateway.registry.refusals import RegistryRefused
from gateway.store.constraints import RuleBroken
from gateway.store.engine import Database, Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.coded import CodedStore, Kind
from gateway.store.registry.lives import Run
from gateway.store.registry.names import place_id
from gateway.store.registry.records import (
    MARKS,
    Table,
    known,
    page,
    rows_of,
    taken,
)

PLACES = Table(
    "place", "code", "location", "location_unknown", "code_taken",
    ("name", "coalesce(external_id, '')"),
)  # fmt: skip

_SELECT = (
    "SELECT p.id, p.code, p.name, p.kind, u.code, p.active, p.gln, p.barcode, p.external_id, "
    "p.attrs, p.version, p.created_at, p.changed_at FROM place p "
    f"LEFT JOIN place u ON u.id = p.parent WHERE p.id IN ({MARKS})"
)
_INSERT = (
    "INSERT INTO place (code, name, kind, parent, active, gln, barcode, external_id, attrs, "
    "created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"
)
_UPDATE = (
    "UPDATE place SET code = ?, name = ?, kind = ?, parent = ?, active = ?, gln = ?, barcode = ?, "
    "external_id = ?, attrs = ?, changed_at = ?, version = version + 1 WHERE id = ?"
)
_INSIDE = (
    "WITH RECURSIVE inside(id) AS (SELECT id FROM place WHERE id = ? "
    "UNION SELECT p.id FROM place p JOIN inside i ON p.parent = i.id) "
)
_ABOVE = (
    "WITH RECURSIVE above(id, parent, depth) AS (SELECT id, parent, 0 FROM place WHERE id = ? "
    "UNION ALL SELECT p.id, p.parent, a.depth + 1 FROM place p JOIN above a ON p.id = a.parent "
    "WHERE a.depth < ?) SELECT id, depth FROM above"
)
_GOODS = (
    f"{_INSIDE} SELECT coalesce(sum(quantity), 0) FROM stock WHERE place IN (SELECT id FROM inside)"
)
_ACTIVE_INSIDE = (
    f"{_INSIDE} SELECT count(*) FROM place WHERE active = 1 AND id <> ? "
    "AND id IN (SELECT id FROM inside)"
)
_USED = {
    "locations": "SELECT count(*) FROM place WHERE parent = ?",
    "pieces": "SELECT coalesce(sum(quantity), 0) FROM stock WHERE place = ?",
    "serials": "SELECT count(*) FROM life WHERE place = ? OR seen_place = ?",
    "movements": "SELECT count(*) FROM movement WHERE from_place = ? OR to_place = ?",
    "documents": "SELECT count(*) FROM document WHERE from_place = ? OR to_place = ?",
    "lines": "SELECT count(*) FROM document_line WHERE place = ?",
    "reorder_points": "SELECT count(*) FROM reorder WHERE place = ?",
    "stations": "SELECT count(*) FROM station WHERE place = ? AND deleted_at IS NULL",
}
"""What uses a location, counted."""


def locations_of(run: Run, numbers: Sequence[int]) -> list[Location]:
    """Return locations by their numbers, in that order; those that there are not are left out."""
    rows = {row[0]: row for row in rows_of(run, _SELECT, numbers)}
    return [_location(rows[number]) for number in numbers if number in rows]


def _location(row: Sequence[Any]) -> Location:
    return Location(
        row[0], row[1], row[2], row[3], row[4], bool(row[5]), row[6], row[7], row[8],
        json.loads(row[9]), row[10], row[11], row[12],
    )  # fmt: skip


class PlaceStore(CodedStore[Location]):
    """All SQL about locations."""

    kind = Kind(PLACES, "location", "locations", Location(0, ""), _USED)

    def __init__(self, database: Database, features: Callable[[], frozenset[str]]) -> None:
        super().__init__(database)
        self._features = features
        self.renamed: Callable[[Transaction], None] = lambda t: None
        """Called in the transaction that gives a location another code."""

    def things(self, run: Run, numbers: Sequence[int]) -> list[Location]:
        return locations_of(run, numbers)

    def read_given(self, base: Location, given: Given) -> Location:
        return read_location(base, given, self._features())

    def write(self, t: Transaction, was: Location | None, location: Location) -> Location:
        at = now()
        parent = None if location.parent is None else place_id(t.execute, location.parent)
        values = (
            location.code, location.name, location.kind, parent, int(location.active), location.gln,
            location.barcode, location.external_id,
            json.dumps(location.fields, ensure_ascii=False, sort_keys=True),
        )  # fmt: skip
        try:
            if was is None:
                number = int(t.execute(_INSERT, (*values, at, at)).fetchone()[0])
            else:
                number = was.id
                t.execute(_UPDATE, (*values, at, number))
                if was.code != location.code:
                    self.renamed(t)
        except RuleBroken as broken:
            raise taken(broken, "location") from broken
        if was is None or was.barcode != location.barcode:
            t.execute("DELETE FROM barcode WHERE kind = 'location' AND target = ?", (number,))
            if location.barcode:
                t.execute(
                    "INSERT INTO barcode (value, kind, target) VALUES (?, 'location', ?)",
                    (location.barcode, number),
                )
        return locations_of(t.execute, [number])[0]

    def path(self, code: str) -> list[str]:
        """Return the codes from the site down to a location."""
        run = self._database.read
        above = run(_ABOVE, (known(run, PLACES, code), DEEPEST))
        numbers = [row[0] for row in sorted(above, key=lambda row: -row[1])]
        return [one.code for one in locations_of(run, numbers)]

    def page(
        self,
        after: str | None,
        limit: int,
        *,
        q: str | None = None,
        kind: str | None = None,
        parent: str | None = None,
        active: bool | None = None,
    ) -> list[Location]:
        """Return a page of locations and one more, by their codes; ``parent`` '' for the top."""
        conditions: list[str] = []
        values: list[object] = []
        if kind is not None:
            conditions.append("kind = ?")
            values.append(kind)
        if active is not None:
            conditions.append("active = ?")
            values.append(int(active))
        if parent == "":
            conditions.append("parent IS NULL")
        elif parent is not None:
            conditions.append("parent = ?")
            values.append(place_id(self._database.read, parent))
        numbers = page(
            self._database.read, PLACES, after=after, limit=limit, q=q,
            conditions=conditions, values=values,
        )  # fmt: skip
        return locations_of(self._database.read, numbers)

    def delete(self, t: Transaction, code: str, actor: str) -> None:
        """Remove a location that nothing uses, and nothing ever has.

        Raises:
            RegistryRefused: there is none, or ``location_in_use``.
        """
        location = self.get(code, t.execute)
        used, counted = self.uses(t, location)
        if counted:
            raise RegistryRefused(
                "location_in_use",
                f"Location {location.code} is in use ({counted}); set it inactive instead.",
                location=location.code, used=used,
            )  # fmt: skip
        t.execute("DELETE FROM stock WHERE place = ?", (location.id,))
        t.execute("DELETE FROM place WHERE id = ?", (location.id,))
        tell(t, now(), "location.deleted", f"locations/{location.code}", actor,
             {"location": location.code})  # fmt: skip

    def check(self, t: Transaction, was: Location | None, location: Location, given: Given) -> None:
        if location.parent is not None:
            self._check_parent(t, location, given)
        if location.kind == "site" and location.active:
            self._check_only_site(t, location, given)
        if was is None:
            return
        if was.active and not location.active:
            _check_empty(t, location, given)
        if was.kind != location.kind:
            for kind, code in t.execute("SELECT kind, code FROM place WHERE parent = ?",
                                        (location.id,)).fetchall():  # fmt: skip
                if kind not in HOLDS.get(location.kind, frozenset()):
                    given.refuse(
                        "location_wrong_kind",
                        f"Location {location.code} holds {code}, a {kind}; a {location.kind} "
                        "cannot.",
                        location=location.code, kind=location.kind,
                    )  # fmt: skip
                    break

    @staticmethod
    def _check_parent(t: Transaction, location: Location, given: Given) -> None:
        assert location.parent is not None
        try:
            parent = locations_of(t.execute, [place_id(t.execute, location.parent)])[0]
        except RegistryRefused as refused:
            given.refuse(refused.code, refused.detail, **refused.facts)
            return
        holds = HOLDS.get(parent.kind, frozenset())
        if location.kind not in holds:
            fits = sorted(kind for kind, inside in HOLDS.items() if location.kind in inside)
            given.refuse(
                "location_wrong_kind",
                f"Location {location.code} is a {location.kind} and cannot be inside "
                f"{parent.code}, a {parent.kind}; it can be inside a {' or '.join(fits)}.",
                location=parent.code, kind=parent.kind, expected=fits,
            )  # fmt: skip
        above = t.execute(_ABOVE, (parent.id, DEEPEST + 1)).fetchall()
        if location.id and location.id in {row[0] for row in above}:
            given.refuse(
                "location_loop",
                f"Location {location.code} cannot be inside {parent.code}, which is inside it.",
                location=location.code, parent=parent.code,
            )  # fmt: skip
        elif len(above) >= DEEPEST:
            given.refuse(
                "value_wrong",
                f"Locations may be {DEEPEST} deep; {parent.code} is as deep as that.",
                key="parent",
            )  # fmt: skip
        if location.active and not parent.active:
            given.refuse(
                "location_inactive",
                f"Location {parent.code} is not active, so nothing inside it can be.",
                location=parent.code,
            )  # fmt: skip

    def _check_only_site(self, t: Transaction, location: Location, given: Given) -> None:
        if "multi_location" in self._features():
            return
        row = t.execute(
            "SELECT code FROM place WHERE kind = 'site' AND active = 1 AND id <> ? LIMIT 1",
            (location.id,),
        ).fetchone()
        if row is not None:
            given.refuse(
                "feature_disabled",
                f"There is one site, {row[0]}; more need the feature 'multi_location', which is "
                "off.",
                feature="multi_location",
            )  # fmt: skip


def _check_empty(t: Transaction, location: Location, given: Given) -> None:
    """Refuse to close a location that holds goods or open locations."""
    pieces = int(t.execute(_GOODS, (location.id,)).fetchone()[0])
    inside = int(t.execute(_ACTIVE_INSIDE, (location.id, location.id)).fetchone()[0])
    if pieces:
        given.refuse(
            "location_in_use", f"{pieces} pieces are at {location.code}; move them first.",
            location=location.code, pieces=pieces,
        )  # fmt: skip
    if inside:
        given.refuse(
            "location_in_use",
            f"{inside} active locations are inside {location.code}; close them first.",
            location=location.code, locations=inside,
        )  # fmt: skip
