from __future__ import annotations

import pytest

from gateway.registry.journal import ROLES, Posting
from gateway.registry.lives import Action
from gateway.registry.refusals import RegistryRefused
from gateway.store.registry.adjustments import Adjustment, Wanted, adjustments, mark_synced
from gateway.store.registry.verifying import verify
from tests.store.registry.conftest import BY, World

CODES = '{"asset": "1400", "received": "2100", "cogs": "5000", "income": "4000"}'


@pytest.fixture
def books(world: World) -> World:
    world.run(lambda t: t.execute("UPDATE item SET account_codes = ? WHERE id = 1", (CODES,)))
    return world


def told(world: World, **wanted: object) -> list[Adjustment]:
    run = world.registry.database.reader().execute
    return list(adjustments(run, Wanted(**wanted)))  # type: ignore[arg-type]


def booked(adjustment: Adjustment) -> list[Posting]:
    return [posting for part in adjustment.parts for posting in part.postings]


@pytest.mark.seed("T13")
def test_what_is_bought_and_sold_is_posted_to_the_items_accounts(books: World) -> None:
    books.act(Action.RECEIVE, "1", "2", place=1, party=1, cost=500, currency="EUR")
    books.act(Action.SHIP, "2", party=2, price=900, price_currency="USD")
    bought, sold = told(books)
    assert booked(bought) == [
        Posting("asset", "1400", 1000, 0, "EUR"), Posting("received", "2100", 0, 1000, "EUR"),
    ]  # fmt: skip
    assert (bought.parts[0].change, bought.parts[0].serials) == (2, ("1", "2"))
    assert booked(sold) == [
        Posting("cogs", "5000", 500, 0, "EUR"), Posting("asset", "1400", 0, 500, "EUR"),
        Posting("receivable", "", 900, 0, "USD"), Posting("income", "4000", 0, 900, "USD"),
    ]  # fmt: skip
    assert (sold.parts[0].change, sold.parts[0].location, sold.party) == (-1, "A-01", "Smith")


@pytest.mark.seed("E32")
def test_an_undo_posts_the_opposite_of_what_it_takes_back(books: World) -> None:
    books.act(Action.RECEIVE, "1", place=1, cost=500, currency="EUR")
    gone = books.act(Action.WRITE_OFF, "1", reason="broken")
    books.run(lambda t: books.registry.undo(t, gone.event, BY, books.may))
    _, written_off, undone = told(books)
    assert [(one.role, one.debit, one.credit) for one in booked(written_off)] == [
        ("adjustment", 500, 0), ("asset", 0, 500),
    ]  # fmt: skip
    assert [(one.role, one.debit, one.credit) for one in booked(undone)] == [
        ("asset", 500, 0), ("adjustment", 0, 500),
    ]  # fmt: skip
    assert (undone.action, undone.undoes, undone.parts[0].change) == ("undo", "write_off", 1)


def test_a_piece_is_worth_what_it_was_worth_when_it_moved(books: World) -> None:
    first = books.act(Action.RECEIVE, "1", place=1, cost=500, currency="EUR")
    books.act(Action.SHIP, "1", party=2, price=900, price_currency="EUR")
    books.act(Action.RETURN, "1", place=3)
    books.act(Action.ACCEPT, "1")
    books.act(Action.SHIP, "1", party=3, price=700, price_currency="EUR", cost=450)
    received, sold, back, again = told(books)
    assert received.seq == first.event
    assert [(one.role, one.debit) for one in booked(sold) if one.debit] == [
        ("cogs", 500), ("receivable", 900),
    ]  # fmt: skip
    assert [(one.role, one.debit) for one in booked(back) if one.debit] == [
        ("asset", 500), ("income", 900),
    ]  # fmt: skip
    assert [(one.role, one.debit) for one in booked(again) if one.debit] == [
        ("cogs", 450), ("receivable", 700),
    ]  # fmt: skip


def test_debit_and_credit_are_the_same_in_every_currency(books: World) -> None:
    books.act(Action.RECEIVE, "1", "2", "3", place=1, cost=333, currency="EUR")
    books.act(Action.SHIP, "1", party=2, price=900, price_currency="USD")
    books.act(Action.SEND_BACK, "2", party=1)
    books.act(Action.TRANSFER, "3", place=2)
    sums: dict[str, int] = {}
    for adjustment in told(books):
        for one in booked(adjustment):
            assert one.role in ROLES
            sums[one.currency] = sums.get(one.currency, 0) + one.debit - one.credit
    assert sums == {"EUR": 0, "USD": 0}
    assert [one.action for one in told(books)] == ["receive", "ship", "send_back"]


@pytest.mark.seed("E32")
def test_what_was_fetched_is_marked_and_the_record_stays_whole(books: World) -> None:
    first = books.act(Action.ADJUST_IN, "1", place=1, reason="found", cost=1, currency="EUR")
    second = books.act(Action.RECEIVE, "2", place=1)
    third = books.act(Action.WRITE_OFF, "2", reason="lost")
    assert [one.seq for one in told(books, corrections=True)] == [first.event, third.event]
    assert books.run(lambda t: mark_synced(t, third.event, "local")) == [third.event]
    assert [one.seq for one in told(books, unsynced=True)] == [first.event, second.event]
    marked = books.run(lambda t: mark_synced(t, third.event, "local", through=True))
    assert (marked, told(books, unsynced=True)) == ([first.event, second.event], [])
    assert [one.seq for one in told(books, after=first.event)] == [second.event, third.event]
    assert all(one.synced_at for one in told(books))
    assert verify(books.registry.database.reader().execute).whole
    assert books.run(lambda t: mark_synced(t, third.event, "local")) == []
    with pytest.raises(RegistryRefused):
        books.run(lambda t: mark_synced(t, 99, "local"))


def test_the_events_of_some_days_are_told_alone(books: World) -> None:
    day = 86_400_000_000
    for n in range(3):
        books.act(Action.RECEIVE, str(n), place=1, at=n * day)
    assert [one.at for one in told(books, since=day)] == [day, 2 * day]
    assert [one.at for one in told(books, since=day, until=2 * day)] == [day]
