"""What a piece of work can ask of its transaction, on every database."""

from __future__ import annotations

import pytest

from gateway.errors import InputRefused
from gateway.store.constraints import RuleBroken
from gateway.store.engine import Database, Transaction

FEED = ("at", "kind", "subject", "actor", "body")


def tell(t: Transaction, kind: str) -> int:
    row = t.execute(
        "INSERT INTO feed (at, kind, subject, actor, body) VALUES (0, ?, '', '', '{}') "
        "RETURNING seq",
        (kind,),
    ).fetchone()
    return int(row[0])


def test_numbers_are_allotted_in_a_row_and_to_nobody_else(fresh: Database) -> None:
    def work(t: Transaction) -> list[range | int]:
        return [
            t.allot("feed", 3),
            tell(t, "a"),
            t.allot("feed", 1),
            tell(t, "b"),
            t.allot("feed", 2),
        ]

    assert fresh.run(work) == [range(1, 4), 4, range(5, 6), 6, range(7, 9)]
    assert fresh.run(lambda t: tell(t, "c")) == 9


def test_numbers_go_on_behind_those_of_the_rows_that_are_there(fresh: Database) -> None:
    assert fresh.run(lambda t: tell(t, "a")) == 1
    assert fresh.run(lambda t: t.allot("feed", 2)) == range(2, 4)


def test_a_table_that_numbers_no_rows_allots_none(fresh: Database) -> None:
    with pytest.raises(LookupError):
        fresh.run(lambda t: t.allot("setting", 1))


def test_numbers_of_what_was_rolled_back_are_in_no_row(fresh: Database) -> None:
    def work(t: Transaction) -> None:
        t.allot("feed", 5)
        tell(t, "a")
        raise InputRefused("no")

    with pytest.raises(InputRefused):
        fresh.run(work)
    assert fresh.read("SELECT * FROM feed") == []
    number = fresh.run(lambda t: tell(t, "b"))
    assert fresh.run(lambda t: t.allot("feed", 1)) == range(number + 1, number + 2)


def test_rows_in_bulk_are_those_that_were_given(fresh: Database) -> None:
    rows = [
        (1, "a.b", 'x\ty\n"z"\\', "ö€😀", '{"a": "\\u0000"}'),
        (2**62, "", "\\N", "NULL", "'"),
        *((n, "k", "s", "a", "{}") for n in range(1000)),
    ]
    assert fresh.run(lambda t: t.bulk("feed", FEED, iter(rows))) == 1002
    assert fresh.read("SELECT at, kind, subject, actor, body FROM feed ORDER BY seq") == rows


def test_bulk_takes_bytes_and_nothing_at_all(fresh: Database) -> None:
    row = ("1", "erp", bytes(range(256)), "[]", "eve", 0, None)
    columns = ("id", "name", "hash", "scopes", "actor", "created_at", "expires_at")
    assert fresh.run(lambda t: t.bulk("access_key", columns, [row])) == 1
    assert fresh.run(lambda t: t.bulk("access_key", columns, [])) == 0
    assert fresh.read(f"SELECT {', '.join(columns)} FROM access_key") == [row]


def test_a_number_that_no_column_can_hold_is_refused_as_input(fresh: Database) -> None:
    refusal = "A number is beyond what can be kept (-9223372036854775808 to 9223372036854775807)."
    asked = "SELECT * FROM feed WHERE seq > ?"
    for number in (2**63, -(2**63) - 1, 99999999999999999999):
        row = (number, "k", "s", "a", "{}")
        for ask in (
            lambda n=number: fresh.read(asked, (n,)),
            lambda n=number: fresh.reader().execute(asked, (n,)),
            lambda n=number: fresh.run(lambda t: t.execute(asked, (n,)).fetchall()),
            lambda r=row: fresh.run(lambda t: t.bulk("feed", FEED, [r])),
        ):
            with pytest.raises(InputRefused) as refused:
                ask()
            assert refused.value.detail == refusal
    assert fresh.read(asked, (2**63 - 1,)) == []


def test_one_row_in_bulk_that_breaks_a_rule_refuses_them_all(fresh: Database) -> None:
    columns = ("id", "name", "hash", "scopes", "actor", "created_at")
    rows = [(str(n), name, b"", "[]", "eve", 0) for n, name in enumerate(("erp", "wms", "ERP"))]
    with pytest.raises(RuleBroken) as refused:
        fresh.run(lambda t: t.bulk("access_key", columns, rows))
    assert refused.value.rule == "access_key_name_taken"
    assert fresh.read("SELECT * FROM access_key") == []


def test_many_rows_in_bulk_are_all_there_once_and_in_their_order(fresh: Database) -> None:
    rows = [(n, "k", f"s{n}", "a", "{}") for n in range(4_001)]
    assert fresh.run(lambda t: t.bulk("feed", FEED, rows)) == 4_001
    assert fresh.read("SELECT at, kind, subject, actor, body FROM feed ORDER BY seq") == rows
    assert fresh.run(lambda t: tell(t, "next")) == 4_002


def test_a_row_among_many_in_bulk_that_breaks_a_rule_refuses_them_all(fresh: Database) -> None:
    columns = ("id", "name", "hash", "scopes", "actor", "created_at")
    rows = [(str(n), f"n{n}", b"", "[]", "eve", 0) for n in range(2_000)]
    rows[1_777] = ("1777", "N42", b"", "[]", "eve", 0)
    with pytest.raises(RuleBroken) as refused:
        fresh.run(lambda t: t.bulk("access_key", columns, rows))
    assert refused.value.rule == "access_key_name_taken"
    assert fresh.read("SELECT * FROM access_key") == []


def test_an_attempt_that_fails_leaves_what_came_before_it(fresh: Database) -> None:
    """What is inside is gone whole, with what it wanted done after the commit."""
    kept: list[str] = []

    def fails(t: Transaction, kind: str) -> None:
        with t.attempt():
            tell(t, kind)
            t.after(lambda: kept.append(kind))
            raise InputRefused("no")

    def breaks(t: Transaction) -> None:
        with t.attempt():
            t.execute("INSERT INTO setting VALUES ('twice', '1')")
            t.execute("INSERT INTO setting VALUES ('twice', '2')")

    def work(t: Transaction) -> None:
        tell(t, "before")
        with pytest.raises(InputRefused):
            fails(t, "inside")
        with pytest.raises(RuleBroken):
            breaks(t)
        with t.attempt():
            tell(t, "again")
            t.after(lambda: kept.append("again"))
        tell(t, "behind")

    fresh.run(work)
    assert [kind for (kind,) in fresh.read("SELECT kind FROM feed ORDER BY seq")] == [
        "before", "again", "behind",
    ]  # fmt: skip
    assert kept == ["again"]
    assert fresh.read("SELECT * FROM setting WHERE name = 'twice'") == []
