"""The daemons that share a database, and which of them this one is.

A daemon has an id of its own, made at its first start and kept in its data directory; its printers
carry the number the database gave it. A file has one daemon, which drives every printer; it needs
no number.
"""

from __future__ import annotations

import re
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import InUse, StoreError
from gateway.store.dialect import Place, Server
from gateway.store.engine import Database, Transaction, now

_UID = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Membership:
    """Who this daemon is among those of its database."""

    number: int | None = None
    """None: the only one."""

    def drives(self, daemon: int | None) -> bool:
        """Return whether what carries that number is this daemon's."""
        return self.number is None or daemon == self.number


ALONE = Membership()


def own_uid(folder: Path) -> str:
    """Return this data directory's own id; the first time it is made.

    Raises:
        StoreError: the file is not what was written.
    """
    file = folder / "daemon.id"
    if not file.exists():
        file.write_text(f"{secrets.token_hex(16)}\n", "ascii")
    text = file.read_text("ascii", errors="replace").strip()
    if not _UID.fullmatch(text):
        raise StoreError(
            f"{file} does not hold this gateway's id (32 hexadecimal digits); put it back from a "
            "copy, or remove it: then its printers must be taken over.",
            file=str(file),
        )
    return text


def join(database: Database, place: Place, folder: Path) -> Membership:
    """Take this daemon's place among those of the database; return it.

    Printers that no daemon drives yet become its own: those of a file that was put on a server.

    Raises:
        InUse: a copy of this data directory has the place already.
    """
    if not isinstance(place, Server):
        return ALONE
    uid, name = own_uid(folder), socket.gethostname()[:80]

    def work(t: Transaction) -> int:
        row = t.execute("SELECT id FROM daemon WHERE lower(uid) = ?", (uid,)).fetchone()
        if row is None:
            row = t.execute(
                "INSERT INTO daemon (uid, name, made_at) VALUES (?, ?, ?) RETURNING id",
                (uid, name, now()),
            ).fetchone()
        number = int(row[0])
        t.execute("UPDATE daemon SET name = ? WHERE id = ?", (name, number))
        t.execute("UPDATE printer SET daemon = ? WHERE daemon IS NULL", (number,))
        return number

    number = database.run(work)
    if not database.claim(number):
        raise InUse(
            f"Another label-gateway has this one's id and is connected to {place}; {folder} is a "
            "copy of its data directory: remove daemon.id from the copy.",
            folder=str(folder),
        )
    return Membership(number)
