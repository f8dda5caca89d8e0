from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.registry.epcis import Names, Occurrence, Place, Thing, event_uri, export
from gateway.registry.epcis_reading import read_document
from gateway.registry.lives import Action
from gateway.registry.public_ids import PublicIds
from gateway.registry.refusals import RegistryRefused
from gateway.store.engine import Database
from gateway.store.registry.acting import Act, Target
from gateway.store.registry.epcis_in import Asked, Outcome, Preview, apply_all, counted
from gateway.store.registry.exporting import Exporting, Wanted
from gateway.store.registry.registry import Registry
from gateway.store.settings import SettingStore
from tests.store.registry.conftest import BY, World
from tests.store.registry.test_stock_view import order

GTIN = "09501101530003"
NAMES = Names(b"a secret")
WHEN = 1_767_225_600_000_000
"""1 January 2026."""
DAY = 86_400_000_000


@pytest.fixture
def known(world: World) -> World:
    """The world, with a GTIN for drills and a GLN for its first bin and for Smith."""

    def name(t: object) -> None:
        execute = t.execute  # type: ignore[attr-defined]
        execute("UPDATE item SET gtin = ? WHERE id = 1", (GTIN,))
        execute("UPDATE place SET gln = '9501101530003' WHERE id = 1")
        execute("UPDATE party SET gln = '9501101530003' WHERE code = 'Smith'")

    world.run(name)
    return world


def told(world: World, **wanted: int) -> list[Occurrence]:
    public_ids = PublicIds(b"a secret")
    exporting = Exporting(
        world.registry.database.reader().execute, NAMES, public_ids, ZoneInfo("Europe/Berlin")
    )
    return list(exporting.occurrences(Wanted(**wanted)))


def take(world: World, occurrences: Iterable[Occurrence], *, dry: bool = False) -> list[Outcome]:
    asked = Asked(BY, world.may, world.registry.rules(), place=2)
    return world.run(
        lambda t: apply_all(t, world.registry.acting, NAMES, list(occurrences), asked, dry=dry)
    )


def test_what_happened_is_told_with_who_where_and_why(known: World) -> None:
    done = known.act(
        Action.RECEIVE, "1", "2", place=1, party=1, cost=73500011, currency="EUR", at=WHEN
    )
    uid = known.registry.database.read("SELECT uid FROM event")[0][0]
    (one,) = told(known)
    assert one == Occurrence(
        event_uri(uid), WHEN, "object", 60, "OBSERVE", "receiving", "in_progress",
        things=tuple(
            Thing(f"https://id.gs1.org/01/{GTIN}/21/{serial}", GTIN, serial, "DRILL",
                  PublicIds(b"a secret").write("serial", life))
            for serial, life in zip(("1", "2"), done.lives, strict=True)
        ),
        place=Place("https://id.gs1.org/414/9501101530003", "9501101530003", code="A-01"),
        sources=(NAMES.party("ACME", "owning_party"),),
        recorded_at=one.recorded_at, action="receive", actor="local",
    )  # fmt: skip
    assert b"73500011" not in b"".join(export([one], at=WHEN)), "what it cost is nobody's business"


def test_what_stays_here_is_not_told(known: World) -> None:
    order(known, "purchase_order", "PO-1", 2)
    known.act(Action.PLAN, "1", line=1)
    known.act(Action.ANNOTATE, "1", memo="for later")
    assert told(known) == []


def test_what_was_undone_is_told_not_to_have_happened(known: World) -> None:
    done = known.act(Action.RECEIVE, "1", place=1)
    known.run(lambda t: known.registry.undo(t, done.event, BY, known.may))
    happened, withdrawn = told(known)
    assert withdrawn.uid == happened.uid
    assert happened.erratum is None
    assert withdrawn.erratum is not None
    assert withdrawn.erratum.reason == "did_not_occur"
    assert (withdrawn.things, withdrawn.step) == (happened.things, happened.step)


@pytest.mark.seed("N7")
def test_pieces_that_go_different_ways_are_told_apart(known: World) -> None:
    known.act(Action.RECEIVE, "1", place=1)
    known.act(Action.RECEIVE, "2", place=2)
    known.act(Action.RECEIVE, "9", place=1, item=2)
    known.act(Action.SHIP, "1", "2", party=2)
    *_, first, second = told(known)
    assert first.uid != second.uid
    assert [one.read_point.code for one in (first, second) if one.read_point] == ["A-01", "B-01"]
    assert [[thing.serial for thing in one.things] for one in (first, second)] == [["1"], ["2"]]
    assert [party.gln for party in first.destinations] == ["9501101530003"]
    work = order(known, "work_order", "WO-1", 1)
    known.run(lambda t: t.execute("UPDATE document SET status = 'in_progress'"))
    part = known.registry.database.read("SELECT id FROM life WHERE serial = '9'")[0][0]
    consume = Act(Action.CONSUME, [Target(life=part)], document=1)
    known.run(lambda t: known.registry.perform(t, consume, BY, known.may))
    known.act(Action.PRODUCE, "M1", line=work, place=1, components=[part])
    *_, consumed, produced = told(known)
    # The assembly was not there yet when the part was taken for it: half of a transformation.
    assert (consumed.kind, [one.serial for one in consumed.inputs]) == ("transformation", ["9"])
    assert (produced.kind, [one.serial for one in produced.things]) == ("transformation", ["M1"])
    assert [one.serial for one in produced.inputs] == ["9"]
    assert produced.papers == (NAMES.paper("work_order", "WO-1"),)


def test_an_item_or_some_days_can_be_told_alone(known: World) -> None:
    known.act(Action.RECEIVE, "1", place=1, at=WHEN)
    known.act(Action.RECEIVE, "2", place=1, item=2, at=WHEN + DAY)
    assert [one.things[0].item for one in told(known, item=2)] == ["LASER"]
    assert [one.things[0].item for one in told(known, since=WHEN + DAY)] == ["LASER"]
    assert [one.things[0].item for one in told(known, until=WHEN + DAY)] == ["DRILL"]


def test_every_action_of_the_table_can_be_told(known: World) -> None:
    known.act(Action.RECEIVE, "1", place=1)
    for action, more in (
        (Action.HOLD, {"reason": "recall"}), (Action.UNHOLD, {}),
        (Action.TRANSFER, {"place": 2}), (Action.COUNT, {}),
        (Action.RENAME, {"rename_to": "1A", "reason": "typo"}),
    ):  # fmt: skip
        serial = "1"
        known.act(action, serial, **more)
    known.act(Action.REJECT, "1A", reason="scratched", place=3)
    known.act(Action.WRITE_OFF, "1A", reason="stolen")
    occurrences = told(known)
    assert [(one.step, one.things[0].serial) for one in occurrences] == [
        ("receiving", "1"), ("holding", "1"), ("holding", "1"), ("storing", "1"),
        ("cycle_counting", "1"), ("encoding", "1A"), ("inspecting", "1A"),
        ("decommissioning", "1A"),
    ]  # fmt: skip
    assert occurrences[-1].disposition == "stolen"
    document = json.loads(b"".join(export(occurrences, at=WHEN)))
    assert len(document["epcisBody"]["eventList"]) == 8


def test_another_gateway_takes_what_this_one_tells(known: World, tmp_path: Path) -> None:
    known.act(Action.RECEIVE, "1", "2", "3", place=1, at=WHEN)
    known.act(Action.SHIP, "1", party=2, at=WHEN + DAY)
    known.act(Action.TRANSFER, "2", place=2, at=WHEN + DAY)
    known.act(Action.WRITE_OFF, "3", reason="broken", at=WHEN + DAY)
    document = b"".join(export(told(known), at=WHEN))
    read = read_document(document)
    assert read.problems == ()
    with Database.open(tmp_path / "other" / "gateway.db") as database:
        other = World(Registry(database, SettingStore(database)))
        other.run(lambda t: t.execute("UPDATE item SET gtin = ? WHERE id = 1", (GTIN,)))
        other.run(lambda t: t.execute("UPDATE place SET gln = '9501101530003' WHERE id = 1"))
        other.run(lambda t: t.execute("UPDATE party SET gln = '9501101530003' WHERE id = 2"))
        outcomes = take(other, read.occurrences)
        assert [(one.status, one.action, one.count) for one in outcomes] == [
            ("applied", "receive", 3), ("applied", "ship", 1), ("applied", "transfer", 1),
            ("applied", "write_off", 1),
        ]  # fmt: skip
        assert [other.state(serial) for serial in "123"] == ["shipped", "received", "written_off"]
        again = take(other, read.occurrences)
        assert counted(again) == {"applied": 0, "known": 4, "skipped": 0, "refused": 0}
        assert [one.uid for one in told(other)] == [one.uid for one in read.occurrences]


def test_one_event_that_cannot_be_leaves_nothing_done(known: World) -> None:
    known.act(Action.RECEIVE, "1", place=1)
    unknown = Thing("https://id.gs1.org/01/09501101530010/21/7", "09501101530010", "7")
    drills = [NAMES.serial("-", serial, "DRILL", GTIN) for serial in ("1", "2")]
    occurrences = [
        Occurrence(event_uri(str(n) * 8 + "-1111-4111-8111-111111111111"), WHEN, "object",
                   change="OBSERVE", step=step, things=tuple(things))
        for n, (step, things) in enumerate((
            ("receiving", [drills[1]]), ("receiving", drills), ("shipping", [unknown]),
            ("picking", drills),
        ))
    ]  # fmt: skip
    with pytest.raises(Preview) as preview:
        take(known, occurrences, dry=True)
    assert [one.status for one in preview.value.outcomes] == [
        "applied", "refused", "refused", "skipped",
    ]  # fmt: skip
    with pytest.raises(RegistryRefused) as refused:
        take(known, occurrences)
    assert [(one.code, one.facts["index"]) for one in refused.value.items] == [
        ("serial_on_hand", 1), ("serial_on_hand", 1), ("item_unknown", 2),
    ]  # fmt: skip
    assert (known.state("2"), known.on_hand()) == (None, 1)


def test_quantities_of_lots_are_taken_too(known: World) -> None:
    amount = NAMES.amount(12, "PAINT", "P-7")
    screws = NAMES.amount(500, "SCREW")
    came = Occurrence("urn:example:1", WHEN, "object", change="OBSERVE", step="receiving",
                      amounts=(amount, screws))  # fmt: skip
    assert [(one.status, one.count) for one in take(known, [came])] == [("applied", 512)]
    assert [one.status for one in take(known, [came])] == ["known"]
    stock = known.registry.database.read(
        "SELECT s.item, o.code, s.quantity FROM stock s LEFT JOIN lot o ON o.id = s.lot "
        "ORDER BY s.item"
    )
    assert stock == [(3, None, 500), (4, "P-7", 12)]
    assert [one.amounts for one in told(known)] == [(amount,), (screws,)]
