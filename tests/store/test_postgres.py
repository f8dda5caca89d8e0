"""What only a server can do: go away, come back, be shared, and say what became of a commit."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from gateway.errors import InputRefused, StoreError
from gateway.store import engine
from gateway.store.constraints import RuleBroken
from gateway.store.copies import restore
from gateway.store.dialect import Server
from gateway.store.engine import Database, Transaction
from gateway.store.feed import entries_after, tell
from gateway.store.postgres import _SESSION, MOST_READERS, Connection, Postgres, connect
from tests.postgres import TEMPLATE, PostgresServer, run_server

PATIENCE = 30.0


@pytest.fixture
def there(postgres: PostgresServer) -> Iterator[Server]:
    borrowed = postgres.borrow()
    yield borrowed
    postgres.give_back(borrowed)


def note(t: Transaction, name: str) -> int:
    return t.execute("INSERT INTO setting VALUES (?, '1')", (name,)).rowcount


def noted(database: Database) -> list[str]:
    return [name for (name,) in database.read("SELECT name FROM setting ORDER BY name")]


def cut(server: PostgresServer, place: Server) -> int:
    """End every session of a database, as an administrator or a network does."""
    with server.connect() as connection:
        return connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            (place.url.partition("?")[0].rpartition("/")[2],),
        ).rowcount


class Line:
    """A line to the server that is cut where a test says so."""

    def __init__(self, server: PostgresServer, folder: Path) -> None:
        self._server = str(server.folder / ".s.PGSQL.5432")
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / ".s.PGSQL.5432"))
        self._listening.listen()
        self.folder = folder
        self.open = True
        """Whether new connections come through."""
        self.at_commit: str | None = None
        """``before`` or ``behind``: cut the line before the next commit reaches the server, or
        when the server has done it and before the answer is heard. No new connection then."""
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._start(self._accept)

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                if not self.open:
                    client.close()
                    continue
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._sockets += [client, server]
                self._start(self._forward, client, server)
                self._start(self._back, server, client)

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while some := client.recv(65536):
                if b"COMMIT" in some and self.at_commit:
                    self.open, cutting, self.at_commit = False, self.at_commit, None
                    if cutting == "behind":
                        with suppress(OSError):
                            client.shutdown(socket.SHUT_WR)
                        server.sendall(some)
                        self._drain(server)
                    break
                server.sendall(some)
        for end in (client, server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _drain(self, server: socket.socket) -> None:
        # ReadyForQuery follows the answer (PostgreSQL manual, 55.7); the other thread may read it.
        with suppress(OSError):
            server.settimeout(0.5)
            server.recv(65536)

    def _back(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while some := server.recv(65536):
                client.sendall(some)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Cut every connection there is."""
        for end in self._sockets:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.cut()
        for thread in self._threads:
            thread.join(PATIENCE)
        for end in self._sockets:
            end.close()


@contextmanager
def line_to(server: PostgresServer, place: Server) -> Iterator[tuple[Line, Server]]:
    with tempfile.TemporaryDirectory(prefix="gw-line-") as folder:  # a socket's path is short
        line = Line(server, Path(folder))
        try:
            yield line, Server(place.url.replace(str(server.folder), folder))
        finally:
            line.close()


# ---------------------------------------------------------------- a server that goes away


def test_sessions_that_were_ended_are_made_anew_and_nobody_notices(
    postgres: PostgresServer, there: Server, tmp_path: Path
) -> None:
    with Database.open(there, tmp_path) as database:
        database.run(lambda t: note(t, "a"))
        assert noted(database) == ["a"]
        assert cut(postgres, there) == 2  # the writer's and a reader's
        database.run(lambda t: note(t, "b"))
        assert noted(database) == ["a", "b"]
        assert database.fault is None


def test_work_whose_session_ends_is_run_again_on_another(
    postgres: PostgresServer, there: Server, tmp_path: Path
) -> None:
    undone: list[str] = []
    tries: list[int] = []

    def work(t: Transaction) -> int:
        t.instead(lambda: undone.append("x"))
        tries.append(note(t, "a"))
        if len(tries) == 1:
            cut(postgres, there)
        return note(t, "b") + len(tries)

    with Database.open(there, tmp_path) as database:
        assert database.run(work) == 3
        assert (tries, undone, noted(database)) == ([1, 1], ["x"], ["a", "b"])


def test_what_the_server_asks_to_try_again_is_tried_again(there: Server, tmp_path: Path) -> None:
    tries: list[str] = []

    def work(t: Transaction) -> int:
        tries.append("x")
        if len(tries) < engine.MOST_TRIES:
            t.execute("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40P01'; END $$")
        return note(t, "a")

    with Database.open(there, tmp_path) as database:
        assert database.run(work) == 1
        assert (len(tries), noted(database)) == (engine.MOST_TRIES, ["a"])


@pytest.mark.promise("R1")
def test_a_commit_whose_answer_was_lost_is_looked_up_and_not_done_twice(
    postgres: PostgresServer, there: Server, tmp_path: Path
) -> None:
    ran: list[str] = []

    def work(t: Transaction) -> int:
        ran.append("x")
        return note(t, "a")

    with (
        line_to(postgres, there) as (line, place),
        Database.open(place, tmp_path) as database,
    ):
        line.at_commit = "behind"
        waiter = database.submit(work)
        until(lambda: not line.open)
        line.open = True
        assert waiter.result(PATIENCE) == 1
        assert (ran, noted(database), database.fault) == (["x"], ["a"], None)


@pytest.mark.promise("R1")
def test_a_commit_that_never_arrived_is_done_anew(
    postgres: PostgresServer, there: Server, tmp_path: Path
) -> None:
    ran: list[str] = []

    def work(t: Transaction) -> int:
        ran.append("x")
        return note(t, "a")

    with (
        line_to(postgres, there) as (line, place),
        Database.open(place, tmp_path) as database,
    ):
        line.at_commit = "before"
        waiter = database.submit(work)
        until(lambda: not line.open)
        line.open = True
        assert waiter.result(PATIENCE) == 1
        assert (ran, noted(database), database.fault) == (["x", "x"], ["a"], None)


@pytest.mark.promise("R1")
@pytest.mark.parametrize(("where", "kept"), [("behind", True), ("before", False)])
def test_while_nobody_knows_what_came_of_a_commit_nothing_is_promised(
    postgres: PostgresServer, there: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    where: str, kept: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr("gateway.store.postgres.RESOLVE_WITHIN", 0.1)
    learned = threading.Event()
    seen: list[str] = []

    def learn(what: str) -> None:
        seen.append(what)
        learned.set()

    def work(t: Transaction) -> int:
        t.after(lambda: learn("kept"))
        t.instead(lambda: learn("undone"))
        return note(t, "a")

    with (
        line_to(postgres, there) as (line, place),
        Database.open(place, tmp_path) as database,
    ):
        line.at_commit = where
        with pytest.raises(StoreError) as unknown:
            database.run(work)
        assert unknown.value.facts["outcome"] == "unknown"
        assert unknown.value.detail == (
            f"The server of {place} went away in the middle of a commit, and it is not known "
            "whether the request was kept; send it again with the same Idempotency-Key, or look "
            "before you do."
        )
        assert seen == []
        with pytest.raises(StoreError):
            database.run(lambda t: note(t, "b"))  # nothing new before the old is known
        with pytest.raises(StoreError, match="not known yet what came of the last commit"):
            noted(database)
        assert database.fault is not None
        line.open = True
        assert learned.wait(PATIENCE)  # by itself
        assert seen == ["kept" if kept else "undone"]
        assert noted(database) == (["a"] if kept else [])
        database.run(lambda t: note(t, "c"))
        assert database.fault is None


def until(true: Callable[[], object]) -> None:
    pause = threading.Event()
    for _ in range(int(PATIENCE / 0.01)):
        if true():
            return
        pause.wait(0.01)
    raise AssertionError("it did not come about")


@pytest.mark.promise("R1")
def test_what_was_promised_is_there_after_a_crash_and_meanwhile_it_is_said_plainly(
    tmp_path: Path,
) -> None:
    settings = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
    with run_server(settings, pytest.skip) as server:
        place = server.create()
        with Database.open(place, tmp_path) as database:
            database.run(lambda t: note(t, "a"))
            assert noted(database) == ["a"]
            server.stop("immediate")  # no checkpoint, as a crash
            with pytest.raises(StoreError) as refused:
                database.run(lambda t: note(t, "b"))
            assert refused.value.detail.startswith(f"The database {place} cannot be written (")
            assert refused.value.detail.endswith(
                "nothing of the request was kept: look at the server, and send it again."
            )
            with pytest.raises(StoreError, match="cannot be read"):
                noted(database)
            assert str(database.fault).startswith(f"The database {place} cannot be written (")
            server.start()
            until(lambda: database.fault is None)  # found out by itself
            assert noted(database) == ["a"]
            database.run(lambda t: note(t, "c"))
            assert noted(database) == ["a", "c"]


# ---------------------------------------------------------------- a server that is shared


def test_one_writes_at_a_time_and_sees_what_the_other_wrote(
    postgres: PostgresServer, there: Server, tmp_path: Path
) -> None:
    inside, go = threading.Event(), threading.Event()

    def first(t: Transaction) -> int:
        tell(t, 1, "first.told", "x", "eve", {})
        inside.set()
        assert go.wait(PATIENCE)
        return note(t, "a")

    with (
        Database.open(there, tmp_path / "one") as one,
        Database.open(there, tmp_path / "two") as two,
    ):
        slow = one.submit(first)
        assert inside.wait(PATIENCE)

        def second(t: Transaction) -> list[str]:
            tell(t, 2, "second.told", "x", "eve", {})
            return [str(name) for (name,) in t.execute("SELECT name FROM setting").fetchall()]

        quick = two.submit(second)
        with postgres.connect() as beside:
            waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            until(lambda: beside.execute(waits).fetchall() == [(1,)])
        assert not quick.done()
        go.set()
        assert (slow.result(PATIENCE), quick.result(PATIENCE)) == (1, ["a"])
        assert [entry.kind for entry in entries_after(one, 0)] == ["first.told", "second.told"]


def test_who_waits_too_long_for_others_is_told_so(
    there: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Database.open(there, tmp_path / "one") as one:
        monkeypatch.setattr(
            "gateway.store.postgres._SESSION", f"{_SESSION}; SET lock_timeout = '50ms'"
        )
        with one.paused(), Database.open(there, tmp_path / "two") as two:
            with pytest.raises(StoreError) as refused:
                two.run(lambda t: note(t, "a"))
            assert refused.value.detail == (
                f"Others have been writing to {there} for 30s; nothing of the request was kept: "
                "send it again."
            )
        one.run(lambda t: note(t, "b"))
        assert noted(one) == ["b"]


def test_numbers_of_many_writers_are_whole_rows_and_never_the_same(
    there: Server, tmp_path: Path
) -> None:
    with (
        Database.open(there, tmp_path / "one") as one,
        Database.open(there, tmp_path / "two") as two,
    ):

        def allot(database: Database) -> list[range]:
            return [
                given
                for _ in range(40)
                for given in database.run(lambda t: [t.allot("label", 7) for _ in range(25)])
            ]

        with ThreadPoolExecutor(2) as threads:
            given = [some.start for all_ in threads.map(allot, (one, two)) for some in all_]
    assert sorted(given) == list(range(1, 14_001, 7))


def test_what_another_tells_is_heard_and_what_it_keeps_to_itself_is_not(
    postgres: PostgresServer, there: Server, tmp_path: Path
) -> None:
    with (
        Database.open(there, tmp_path / "one") as one,
        Database.open(there, tmp_path / "two") as two,
    ):
        heard, overheard = threading.Semaphore(0), threading.Semaphore(0)
        one.listen(heard.release)
        one.overhear(overheard.release)
        two.run(lambda t: note(t, "a"))  # not in the feed
        one.run(lambda t: tell(t, 1, "own.told", "x", "eve", {}))
        assert heard.acquire(timeout=PATIENCE)
        two.run(lambda t: tell(t, 1, "other.told", "x", "eve", {}))
        assert heard.acquire(timeout=PATIENCE)
        assert overheard.acquire(timeout=PATIENCE)
        assert not heard.acquire(blocking=False)
        assert not overheard.acquire(blocking=False)
        cut(postgres, there)  # also the connection that listens
        assert overheard.acquire(timeout=PATIENCE)  # something may have been missed
        two.run(lambda t: tell(t, 1, "other.told", "x", "eve", {}))
        assert overheard.acquire(timeout=PATIENCE)


def test_a_server_that_is_away_is_not_asked_by_every_reader(
    postgres: PostgresServer, there: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        line_to(postgres, there) as (line, place),
        Database.open(place, tmp_path) as database,
    ):
        line.open = False
        tries: list[str] = []

        def counted(place: Server, name: str, *, reads: bool = False) -> Connection:
            tries.append(name)
            return connect(place, name, reads=reads)

        monkeypatch.setattr("gateway.store.postgres.connect", counted)
        for _ in range(5):
            with pytest.raises(StoreError, match="cannot be read"):
                noted(database)
        assert len(tries) == engine.MOST_TRIES  # of the first; the others are told at once
        line.open = True
        line.cut()
        database.run(lambda t: note(t, "a"))  # the writer finds it again, for all
        assert noted(database) == ["a"]


def test_two_that_start_at_once_make_the_tables_once(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    place = postgres.create()
    with ThreadPoolExecutor(2) as threads:
        both = list(threads.map(lambda n: Database.open(place, tmp_path / n), ("one", "two")))
    for database in both:
        assert database.read("SELECT version_num FROM alembic_version") == [(engine.HEAD,)]
        database.close()
    postgres.drop(place)


def test_a_number_is_one_daemons_also_after_its_session_was_lost(
    postgres: PostgresServer, there: Server, tmp_path: Path
) -> None:
    with (
        Database.open(there, tmp_path / "one") as one,
        Database.open(there, tmp_path / "two") as two,
    ):
        assert one.claim(7)
        assert not two.claim(7)
        assert two.claim(8)
        cut(postgres, there)
        one.run(lambda t: note(t, "a"))
        assert not two.claim(7)
    with Database.open(there, tmp_path / "two") as two:
        assert two.claim(7)


def test_more_threads_read_than_there_are_connections(there: Server, tmp_path: Path) -> None:
    asked = 3 * MOST_READERS
    with Database.open(there, tmp_path) as database, ThreadPoolExecutor(asked) as threads:
        gate = threading.Barrier(asked)

        def read(n: int) -> int:
            gate.wait(PATIENCE)
            return int(database.read("SELECT CAST(? AS BIGINT)", (n,))[0][0])

        assert list(threads.map(read, range(asked))) == list(range(asked))


# ---------------------------------------------------------------- values, and what is refused


def test_values_are_those_of_a_file(fresh: Database) -> None:
    row = "SELECT 1 = 1, 2 < 1, sum(n), avg(n), count(*), ? || '%?', ? FROM (VALUES (1), (2)) v(n)"
    if isinstance(fresh._dialect, Postgres):
        values = fresh.read(row, ("a", b"\x00\xff"))
    else:
        row = row.replace("(VALUES (1), (2)) v(n)", "(SELECT 1 AS n UNION ALL SELECT 2)")
        values = fresh.read(row, ("a", b"\x00\xff"))
    assert values == [(1, 0, 3, 1.5, 2, "a%?", b"\x00\xff")]
    assert [type(value) for value in values[0]] == [int, int, int, float, int, str, bytes]


def test_flags_are_written_as_numbers(fresh: Database) -> None:
    insert = "INSERT INTO counter VALUES (?, ?, ?)"
    fresh.run(lambda t: t.executemany(insert, [("a", "b", True), ("a", "c", 2**62)]).rowcount)
    assert fresh.read("SELECT next FROM counter ORDER BY name") == [(1,), (2**62,)]


def test_texts_are_ordered_byte_by_byte(fresh: Database) -> None:
    names = ["b", "a", "B", "ä", "_", "a b", "ab", "Z", "é"]
    fresh.run(lambda t: t.bulk("setting", ("name", "value"), [(name, "1") for name in names]))
    assert noted(fresh) == sorted(names)
    folded = "SELECT name FROM setting WHERE lower(name) = lower(?)"
    assert fresh.read(folded, ("A",)) == [("a",)]
    assert fresh.read(folded, ("Ä",)) == []  # only A to Z have two cases, in both databases


def test_a_refused_statement_ends_its_transaction(there: Server, tmp_path: Path) -> None:
    def swallow(t: Transaction) -> int:
        note(t, "a")
        with suppress(RuleBroken):
            note(t, "a")
        return 1

    with Database.open(there, tmp_path) as database:
        with pytest.raises(StoreError, match=r"Nothing was kept: a statement .* had failed"):
            database.run(swallow)
        assert noted(database) == []


def test_what_follows_a_refused_statement_is_refused_for_the_same_reason(
    there: Server, tmp_path: Path
) -> None:
    insert = "INSERT INTO asset VALUES (?, 'song', '', ?, 0, '')"

    def go_on(t: Transaction) -> None:
        with suppress(RuleBroken):
            t.execute(insert, ("h", b""))
        t.execute("SELECT 1")

    with Database.open(there, tmp_path) as database:
        with pytest.raises(RuleBroken) as refused:
            database.run(go_on)
        assert (refused.value.rule, database.fault) == ("asset_kind", None)


def test_a_text_that_cannot_be_kept_is_refused_as_input(there: Server, tmp_path: Path) -> None:
    with Database.open(there, tmp_path) as database:
        for work in (
            lambda t: note(t, "a\x00"),
            lambda t: t.bulk("setting", ("name", "value"), [("a\x00", "1")]),
            lambda t: t.executemany("INSERT INTO setting VALUES (?, '1')", [("a\x00",)]),
        ):
            with pytest.raises(InputRefused, match=r"the character NUL \(U\+0000\)"):
                database.run(work)
        with pytest.raises(InputRefused, match="NUL"):
            database.read("SELECT * FROM setting WHERE name = ?", ("a\x00",))


def refusal(place: Server, folder: Path) -> str:
    with pytest.raises(StoreError) as refused:
        Database.open(place, folder)
    return refused.value.detail


def test_a_database_that_is_not_ours_or_not_fit_is_left_alone(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    foreign = postgres.create()
    name = foreign.url.partition("?")[0].rpartition("/")[2]
    with postgres.connect(name) as connection:
        connection.execute("CREATE TABLE job (name TEXT)")
    assert refusal(foreign, tmp_path) == (
        f"{foreign} is a database of another program; give label-gateway one of its own. Nothing "
        "was changed."
    )
    with postgres.connect() as connection:
        connection.execute(
            "CREATE DATABASE plain ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"
        )
    plain = Server(postgres.url("plain"))
    assert refusal(plain, tmp_path).startswith(f"The database {plain} keeps text as SQL_ASCII; ")
    newer = postgres.create(TEMPLATE)
    with postgres.connect(newer.url.partition("?")[0].rpartition("/")[2]) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert refusal(newer, tmp_path) == (
        f"The database {newer} was written by a newer label-gateway (schema 9999); start that "
        "version, or restore the backup made before its migration (gateway.before-*.db)."
    )
    for place in (foreign, plain, newer):
        postgres.drop(place)


def test_who_may_make_no_tables_is_told_so(postgres: PostgresServer, tmp_path: Path) -> None:
    place = postgres.create()
    with postgres.connect() as connection:
        connection.execute("CREATE ROLE guest LOGIN")
    detail = refusal(Server(place.url.replace("gateway@", "guest@")), tmp_path)
    assert detail == (
        f"The tables of {str(place).replace('gateway@', 'guest@')} cannot be made (permission "
        "denied for schema public); nothing was changed: see that there is room, and that this "
        "user may make tables there."
    )
    postgres.drop(place)


def test_who_lacks_the_driver_is_told_what_to_install(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys\n"
        "sys.modules['psycopg'] = None\n"
        "from gateway.errors import SettingsRefused\n"
        "from gateway.store.dialect import Server\n"
        "from gateway.store.engine import Database\n"
        "try:\n"
        "    Database.open(Server('postgresql://db/labels'), pathlib.Path(sys.argv[1]))\n"
        "except SettingsRefused as refused:\n"
        "    print(refused.detail)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], check=True, capture_output=True, text=True
    )
    assert said.stdout.startswith("The database is PostgreSQL's, and its driver does not load (")
    assert said.stdout.endswith("install it: pip install 'label-gateway[postgres]'\n")


def test_no_refusal_shows_the_password(postgres: PostgresServer, tmp_path: Path) -> None:
    for url, said in (
        (f"postgresql://eve:s3cret@/gone?host={postgres.folder}", "cannot be opened ("),
        ("postgresql://eve:s3cret%zz@127.0.0.1/labels", "is not understood"),
        ("postgresql://eve:s3cret@127.0.0.1/labels?colour=red", "is not understood"),
        ("postgresql://eve:s3cret@127.0.0.1:1/labels", "cannot be opened ("),
    ):
        detail = refusal(Server(url), tmp_path)
        assert said in detail
        assert "s3cret" not in detail


def test_an_older_database_is_brought_up_to_date(postgres: PostgresServer, tmp_path: Path) -> None:
    from gateway.store.migrate import migrate

    place = postgres.create()
    migrate(place, None, "0001")
    name = place.url.partition("?")[0].rpartition("/")[2]
    with postgres.connect(name) as connection:
        connection.execute("INSERT INTO setting VALUES ('a', '1')")
    with Database.open(place, tmp_path) as database:
        assert noted(database) == ["a"]
        assert database.read("SELECT version_num FROM alembic_version") == [(engine.HEAD,)]
    kept = tmp_path / "gateway.before-0001.db"
    with closing(sqlite3.connect(kept)) as file:
        assert file.execute("SELECT * FROM setting").fetchall() == [("a", "1")]
        assert file.execute("SELECT * FROM alembic_version").fetchall() == [("0001",)]
    # As any backup, it can be put back; this program makes it its own.
    restore(kept, tmp_path / "back" / "gateway.db")
    with Database.open(tmp_path / "back" / "gateway.db") as database:
        assert noted(database) == ["a"]
    postgres.drop(place)
