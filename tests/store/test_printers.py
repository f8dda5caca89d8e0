"""Printers in the database and in the snapshot beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.errors import InputRefused, InUse, NameTaken, Stale, UnknownPrinter
from gateway.ledger import Order
from gateway.store.engine import Database, Transaction
from gateway.store.feed import entries_after
from gateway.store.jobs import JobStore
from gateway.store.printers import PrinterStore
from tests.store.conftest import SETTINGS


def put(database: Database, store: PrinterStore, name: str, **options: object) -> int:
    found, _ = database.run(lambda t: store.put(t, name, SETTINGS, "eve", **options))  # type: ignore[arg-type]
    return found.id


def told(database: Database) -> list[tuple[str, str]]:
    return [(entry.kind, entry.subject) for entry in entries_after(database, 0)]


def test_a_printer_keeps_its_id_whatever_it_is_called(fresh: Database) -> None:
    store = PrinterStore(fresh)
    number = put(fresh, store, "Dock")
    assert put(fresh, store, "dock", rename="gate") == number
    assert (store.find("GATE").id, store.find("gate").version) == (number, 2)
    with pytest.raises(UnknownPrinter, match="There is no printer 'dock'; there is gate"):
        store.find("dock")
    again = PrinterStore(fresh)
    assert again.all() == store.all()
    assert told(fresh) == [("printer.saved", "printers/Dock"), ("printer.saved", "printers/gate")]


def test_what_is_rolled_back_is_not_shown(fresh: Database) -> None:
    store = PrinterStore(fresh)

    def work(t: Transaction) -> None:
        store.put(t, "dock", SETTINGS, "eve")
        raise InputRefused("no")

    with pytest.raises(InputRefused):
        fresh.run(work)
    assert store.all() == []
    assert told(fresh) == []


def test_a_name_is_taken_by_a_constraint_also_within_one_transaction(fresh: Database) -> None:
    store = PrinterStore(fresh)
    put(fresh, store, "dock")
    put(fresh, store, "gate")
    with pytest.raises(NameTaken) as refused:
        put(fresh, store, "gate", rename="DOCK")
    assert refused.value.detail == "Another printer or pool is called 'DOCK'; choose another name."


def test_a_version_that_was_not_seen_is_not_overwritten(fresh: Database) -> None:
    store = PrinterStore(fresh)
    put(fresh, store, "dock", version="new")
    for version in ("new", 2):
        with pytest.raises(Stale):
            put(fresh, store, "dock", version=version)
    with pytest.raises(Stale, match="was deleted meanwhile"):
        put(fresh, store, "gone", version=1)
    assert store.find("dock").version == 1


@pytest.mark.parametrize("name", ["", "a b", "..", ".", "x" * 41, "ä", "a/b", "a:b"])
def test_a_name_is_letters_digits_and_three_signs(fresh: Database, name: str) -> None:
    with pytest.raises(InputRefused, match="cannot be a printer's name"):
        put(fresh, PrinterStore(fresh), name)


def test_pausing_twice_is_told_once(fresh: Database) -> None:
    store = PrinterStore(fresh)
    put(fresh, store, "dock")
    for _ in range(2):
        fresh.run(lambda t: store.set_paused(t, "dock", True, "eve"))
    assert store.find("dock").paused
    fresh.run(lambda t: store.set_paused(t, "dock", False, "eve"))
    assert [kind for kind, _ in told(fresh)[1:]] == ["printer.paused", "printer.resumed"]


def test_a_printer_that_owes_labels_is_not_deleted_and_then_takes_no_more(fresh: Database) -> None:
    store, jobs = PrinterStore(fresh), JobStore(fresh)
    number = put(fresh, store, "dock")
    order = Order(number, "dock", "raw", (None,), payload=b"^XA^XZ")
    job = fresh.run(lambda t: jobs.accept(t, order, "eve", 1).job)
    with pytest.raises(InUse) as refused:
        fresh.run(lambda t: store.delete(t, "dock", "eve"))
    assert refused.value.facts == {"printer": "dock", "labels": 1}
    fresh.run(lambda t: jobs.cancel(t, job, "eve"))
    printer = store.find("dock")
    fresh.run(lambda t: store.delete(t, "dock", "eve"))
    assert (store.all(), store.name_of(number), store.was_there("DOCK")) == ([], "dock", True)
    with pytest.raises(UnknownPrinter, match="was deleted a moment ago"):
        fresh.run(lambda t: store.must_exist(t, printer.id, printer.name))
    # The name is free again, and another printer it is.
    assert put(fresh, store, "dock") != number


def test_options_and_densities_come_back_as_they_were(fresh: Database) -> None:
    store = PrinterStore(fresh)
    from gateway.units import parse_density

    settings = replace(SETTINGS, density=parse_density("180dpi"), options={"speed": 4, "é": [1]})
    fresh.run(lambda t: store.put(t, "dock", settings, "eve"))
    found = PrinterStore(fresh).find("dock")
    assert (found.density, found.options) == (settings.density, settings.options)
