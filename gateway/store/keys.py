"""Keys of programs that call the gateway: shown once, kept as a hash, looked up without SQL.

A key is ``gw_<8 characters of its id>_<43 characters of base64url>``. The secret part is 256 bits
of the system's randomness, so one SHA-256 is enough: there is nothing to guess, and no slow hash
that a flood of wrong keys could use to stop the gateway.

>>> parse_key("gw_0a1b2c3d_" + "x" * 43)
('0a1b2c3d', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')
>>> parse_key("gw_nonsense") is None
True
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from gateway.errors import InputRefused, NameTaken, NotAuthenticated, UnknownKey
from gateway.store.constraints import RuleBroken
from gateway.store.engine import Database, Transaction, now
from gateway.store.feed import tell
from gateway.store.names import check_name, similar

SCOPES = ("read", "print", "raw", "scan", "templates", "admin")
"""What a key may be allowed; ``registry:<document type>`` comes beside them."""

STATION = "station:"
"""How the names of paired browsers' keys begin; no other key's name can hold a colon."""

STATION_SCOPES = frozenset({"read", "print", "scan", "registry:*"})
"""What a paired browser may: all that is done at a station, and nothing that administrators do."""

_REGISTRY = re.compile(r"registry:[a-z_]{1,40}", re.ASCII)
_KEY = re.compile(r"gw_([0-9a-f]{8})_([A-Za-z0-9_-]{43})", re.ASCII)
_COLUMNS = "id, name, hash, scopes, actor, created_at, expires_at, revoked_at, used_at"

USED_EVERY = 60_000_000
"""Microseconds between two notes of a key's last use."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key, without its secret."""

    id: str
    name: str
    hash: bytes
    scopes: frozenset[str]
    actor: str
    """Who made it."""
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    used_at: int | None

    @property
    def holder(self) -> str:
        """Who shows it, as the feed names them: ``key:erp``, ``station:dock``."""
        return self.name if self.name.startswith(STATION) else f"key:{self.name}"


def parse_key(text: str) -> tuple[str, str] | None:
    """Return a key's id and secret, None when it does not look like one."""
    match = _KEY.fullmatch(text)
    return (match[1], match[2]) if match else None


def check_scopes(scopes: Iterable[str]) -> frozenset[str]:
    """Return the scopes as a set.

    Raises:
        InputRefused: there is none, or one is not known.
    """
    wanted = frozenset(scopes)
    if not wanted:
        raise InputRefused(f"A key needs at least one scope; choose from {', '.join(SCOPES)}.")
    for scope in sorted(wanted):
        if scope not in SCOPES and not _REGISTRY.fullmatch(scope):
            raise InputRefused(
                f"{scope[:80]!r} is not a scope; choose from {', '.join(SCOPES)} or "
                "registry:<document type>.",
                scope=scope[:80],
            )
    return wanted


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


_NOBODY = _hash("")
"""Compared with when the id is unknown, so that the answer takes as long."""


_ALL = f"SELECT {_COLUMNS} FROM access_key ORDER BY created_at"


def _key(row: tuple[Any, ...]) -> Key:
    return Key(row[0], row[1], bytes(row[2]), frozenset(json.loads(row[3])), *row[4:])


class KeyStore:
    """All SQL about keys, and the check of a presented one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = {key.id: key for key in map(_key, database.read(_ALL))}
        self._used: dict[str, int] = {}

    def reload(self, t: Transaction) -> None:
        """Know what is there now: another daemon has written."""
        self._keys = {key.id: key for key in map(_key, t.execute(_ALL))}

    # ------------------------------------------------------------ checking

    def check(self, presented: str, at: int) -> Key:
        """Return the key that was presented.

        Raises:
            NotAuthenticated: it is not one of ours, was revoked, or has expired.
        """
        parsed = parse_key(presented)
        key = self._keys.get(parsed[0]) if parsed else None
        secret = parsed[1] if parsed else ""
        right = hmac.compare_digest(key.hash if key else _NOBODY, _hash(secret))
        if key is None or not right:
            raise NotAuthenticated(
                "The key is not one of this gateway's; check it, or ask for one."
            )
        ended = ""
        if key.revoked_at is not None:
            ended = "was revoked"
        elif key.expires_at is not None and key.expires_at <= at:
            ended = "has expired"
        if ended:
            raise NotAuthenticated(
                f"The key {key.name!r} {ended}; ask for a new one.", key=key.name
            )
        if at - self._used.get(key.id, key.used_at or 0) >= USED_EVERY:
            self._used[key.id] = at
        return key

    def note_used(self) -> int:
        """Write down when keys were last used; return how many changed. Blocks."""
        used, self._used = self._used, {}
        if not used:
            return 0

        def work(t: Transaction) -> None:
            t.executemany(
                "UPDATE access_key SET used_at = ? WHERE id = ?",
                [(at, number) for number, at in used.items()],
            )
            t.after(lambda: self._mark(used))

        self._database.run(work)
        return len(used)

    def _mark(self, used: dict[str, int]) -> None:
        marked = {n: replace(self._keys[n], used_at=at) for n, at in used.items()}
        self._keys = {**self._keys, **marked}

    # ------------------------------------------------------------ listing

    def all(self) -> list[Key]:
        """Return every key that was not revoked, oldest first."""
        return [key for key in self._keys.values() if key.revoked_at is None]

    def get(self, name: str) -> Key:
        """Return the key of that name or id.

        Raises:
            UnknownKey: there is none.
        """
        living = self.all()
        for key in living:
            if key.name.lower() == name.lower() or key.id == name:
                return key
        raise UnknownKey(
            f"There is no key {name[:80]!r}{similar(name[:80], [key.name for key in living])}",
            key=name[:80],
        )

    # ------------------------------------------------------------ writing

    def make(
        self,
        t: Transaction,
        name: str,
        scopes: Iterable[str],
        actor: str,
        *,
        expires_at: int | None = None,
    ) -> tuple[Key, str]:
        """Make a key; return it and its text, which can never be shown again.

        Raises:
            InputRefused: the name or a scope is not valid.
            NameTaken: a key of that name is in use.
        """
        check_name(name, "key")
        return self._make(t, name, check_scopes(scopes), actor, expires_at)

    def make_for_station(self, t: Transaction, station: str, actor: str) -> tuple[Key, str]:
        """Make the key of a station's browser; return it and its text, which is never shown.

        Raises:
            NameTaken: the station has one; revoke it first.
        """
        return self._make(t, f"{STATION}{station}", STATION_SCOPES, actor, None)

    def rename_for_station(self, t: Transaction, number: str, station: str, actor: str) -> None:
        """Call a station's key what the station is called now."""
        key = self._keys.get(number)
        if key is None or key.revoked_at is not None or key.name == f"{STATION}{station}":
            return
        renamed = replace(key, name=f"{STATION}{station}")
        t.execute("UPDATE access_key SET name = ? WHERE id = ?", (renamed.name, number))
        body = {"key": renamed.name, "id": number, "was": key.name}
        tell(t, now(), "key.renamed", f"keys/{renamed.name}", actor, body)
        t.after(lambda: self._show(renamed))

    def _make(
        self, t: Transaction, name: str, wanted: frozenset[str], actor: str, expires_at: int | None
    ) -> tuple[Key, str]:
        at = now()
        number, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
        key = Key(number, name, _hash(secret), wanted, actor, at, expires_at, None, None)
        try:
            t.execute(
                f"INSERT INTO access_key ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
                (number, name, key.hash, json.dumps(sorted(wanted)), actor, at, expires_at),
            )
        except RuleBroken as error:
            if error.rule == "access_key_name_taken":
                raise NameTaken(
                    f"A key is called {name!r} already; revoke it first, or choose another name.",
                    name=name,
                ) from error
            raise
        body = {"key": name, "id": number, "scopes": sorted(wanted)}
        tell(t, at, "key.made", f"keys/{name}", actor, body)
        t.after(lambda: self._show(key))
        return key, f"gw_{number}_{secret}"

    def revoke(self, t: Transaction, name: str, actor: str) -> Key:
        """Revoke a key by name or id: it opens nothing from the next request on.

        Raises:
            UnknownKey: there is none, or it was revoked before.
        """
        key, at = self.get(name), now()
        moved = t.execute(
            "UPDATE access_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (at, key.id)
        ).rowcount
        if not moved:
            raise UnknownKey(f"The key {name!r} was revoked a moment ago.", key=name)
        tell(t, at, "key.revoked", f"keys/{key.name}", actor, {"key": key.name, "id": key.id})
        revoked = replace(key, revoked_at=at)
        t.after(lambda: self._show(revoked))
        return revoked

    def _show(self, key: Key) -> None:
        self._keys = {**self._keys, key.id: key}
