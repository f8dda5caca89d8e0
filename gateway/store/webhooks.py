"""Webhooks: who is told outside of what happens, and what still has to be told.

    feed ──cursor of a webhook──► rows that wait ──sent──► gone
                                        └──tried to the end──► dead, until a person sends it again

The feed is the outbox: an entry is written in the transaction that changes something, so nothing
that happened can be forgotten, and nothing is told that did not happen. A webhook's cursor moves in
the transaction that writes the rows of what it passed.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from gateway.errors import InUse, NameTaken, Stale, Unknown, UnknownWebhook
from gateway.store.constraints import RuleBroken
from gateway.store.engine import Database, Transaction, now
from gateway.store.feed import Entry, tell
from gateway.store.names import check_name, similar

MOST_WEBHOOKS = 32
"""Each may hold up a thread for as long as its receiver takes."""

OLD_SECRET_LASTS = 24 * 3600 * 1_000_000
"""Microseconds in which a secret that was changed still signs beside the new one."""

_COLUMNS = (
    "id, name, uid, url, secret, old_secret, old_until, kinds, stations, private, active, trouble, "
    "version, created_at, changed_at"
)
_ALL = f"SELECT {_COLUMNS} FROM webhook ORDER BY id"
_NEWEST = "SELECT coalesce(max(seq), 0) FROM feed"
_DELIVERY = (
    "SELECT d.id, d.entry, f.kind, f.subject, d.state, d.attempts, d.next_at, d.status, d.error, "
    "d.at FROM webhook_delivery d JOIN feed f ON f.seq = d.entry WHERE d.webhook = ?"
)
_DUE = (
    "SELECT d.id, d.attempts, f.seq, f.at, f.kind, f.subject, f.actor, f.body "
    "FROM webhook_delivery d JOIN feed f ON f.seq = d.entry "
    "WHERE d.webhook = ? AND d.state = 'waiting' AND d.next_at <= ? ORDER BY d.entry LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Who is told, and what of."""

    id: int
    name: str
    uid: str
    """Begins the id of each of its messages."""
    url: str
    secret: str = field(repr=False)
    old_secret: str = field(repr=False)
    old_until: int | None
    kinds: tuple[str, ...]
    """Of entries, or their beginnings; none: all."""
    stations: tuple[str, ...]
    """Names; none: all."""
    private: bool
    """It may be at an address of the site's own network."""
    active: bool
    trouble: str
    """Why the last message was not taken; empty while all is well."""
    version: int
    created_at: int
    changed_at: int

    def signs_with(self, at: int) -> tuple[str, ...]:
        """Return the secrets that sign at a time: the one before, too, for a day."""
        if self.old_until is not None and at < self.old_until:
            return self.secret, self.old_secret
        return (self.secret,)


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """What a person sets of a webhook, checked."""

    url: str
    kinds: tuple[str, ...] = ()
    stations: tuple[str, ...] = ()
    private: bool = True
    active: bool = True


@dataclass(frozen=True, slots=True)
class Delivery:
    """One entry for one webhook, that was not taken yet."""

    id: int
    entry: int
    kind: str
    subject: str
    state: str
    """``waiting`` or ``dead``."""
    attempts: int
    next_at: int | None
    status: int | None
    """What the receiver last answered."""
    error: str
    at: int
    """When it last changed."""


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery whose time has come, with what to send."""

    id: int
    attempts: int
    entry: Entry


def _webhook(row: tuple[Any, ...]) -> Webhook:
    return Webhook(
        id=row[0], name=row[1], uid=row[2], url=row[3], secret=row[4], old_secret=row[5],
        old_until=row[6], kinds=tuple(json.loads(row[7])), stations=tuple(json.loads(row[8])),
        private=bool(row[9]), active=bool(row[10]), trouble=row[11], version=row[12],
        created_at=row[13], changed_at=row[14],
    )  # fmt: skip


class WebhookStore:
    """All SQL about webhooks."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._hooks = {hook.id: hook for hook in map(_webhook, database.read(_ALL))}
        self.changes = 0
        """Grows with each change by a person: what was known of places and rows may be wrong."""

    def reload(self, t: Transaction) -> None:
        """Know what is there now: another daemon has written."""
        self._hooks = {hook.id: hook for hook in map(_webhook, t.execute(_ALL))}
        self.changes += 1

    # ------------------------------------------------------------ reading

    def all(self) -> list[Webhook]:
        """Return every webhook, by name. Without SQL."""
        return sorted(self._hooks.values(), key=lambda hook: hook.name.lower())

    def by_id(self, number: int) -> Webhook | None:
        """Return the webhook of that id. Without SQL."""
        return self._hooks.get(number)

    def find(self, name: str) -> Webhook:
        """Return the webhook of that name. Without SQL.

        Raises:
            UnknownWebhook: there is none.
        """
        hooks = self.all()
        for hook in hooks:
            if hook.name.lower() == name.lower():
                return hook
        raise UnknownWebhook(
            f"There is no webhook {name[:80]!r}{similar(name[:80], [hook.name for hook in hooks])}",
            webhook=name[:80],
        )

    def standing(self, hook: Webhook) -> tuple[int, int, int]:
        """Return its place in the feed, and how many deliveries wait and are dead."""
        ((seen,),) = self._database.read("SELECT seen FROM webhook WHERE id = ?", (hook.id,)) or (
            (0,),
        )
        counts = dict(
            self._database.read(
                "SELECT state, count(*) FROM webhook_delivery WHERE webhook = ? GROUP BY state",
                (hook.id,),
            )
        )
        return int(seen), int(counts.get("waiting", 0)), int(counts.get("dead", 0))

    def deliveries(
        self, hook: Webhook, state: str | None, after: int, limit: int
    ) -> list[Delivery]:
        """Return what was not taken yet, oldest first, behind the delivery ``after``."""
        query, values = f"{_DELIVERY} AND d.id > ?", [hook.id, after]
        if state is not None:
            query += " AND d.state = ?"
        rows = self._database.read(
            f"{query} ORDER BY d.id LIMIT ?", (*values, *((state,) if state else ()), limit)
        )
        return [Delivery(*row) for row in rows]

    # ------------------------------------------------------------ a person's changes

    def put(
        self,
        t: Transaction,
        name: str,
        settings: WebhookSettings,
        secret: str,
        actor: str,
        *,
        version: int | Literal["new"] | None = None,
        rename: str | None = None,
        after: int | Literal["now"] | None = None,
    ) -> tuple[Webhook, bool]:
        """Make the webhook, or change it; return it and whether it is new.

        A new one is told what happens from now on, signed with ``secret``; or with ``after``, as a
        changed one, what happened after that entry.

        Raises:
            InputRefused: the name is not valid.
            Stale: it was changed or deleted meanwhile, or is there already.
            NameTaken: another webhook has the name.
            InUse: there are too many.
        """
        at = now()
        row = t.execute(
            f"SELECT {_COLUMNS} FROM webhook WHERE lower(name) = ?", (name.lower(),)
        ).fetchone()
        was = None if row is None else _webhook(row)
        if version == "new" and was is not None:
            raise Stale(f"There is a webhook {was.name!r} already.", webhook=was.name)
        if isinstance(version, int) and (was is None or was.version != version):
            raise Stale(
                f"Webhook {name!r} was changed or deleted meanwhile; read it again and repeat the "
                "change.",
                webhook=name,
            )
        shown = check_name(rename or (was.name if was else name), "webhook")
        values = (
            shown, settings.url, json.dumps(settings.kinds), json.dumps(settings.stations),
            int(settings.private), int(settings.active), at,
        )  # fmt: skip
        try:
            number = self._make(t, values, secret, at) if was is None else was.id
            if was is not None:
                t.execute(
                    "UPDATE webhook SET name = ?, url = ?, kinds = ?, stations = ?, private = ?, "
                    "active = ?, changed_at = ?, trouble = '', version = version + 1 WHERE id = ?",
                    (*values, number),
                )
        except RuleBroken as error:
            if error.rule == "webhook_name_taken":
                raise NameTaken(
                    f"Another webhook is called {shown!r}; choose another name.", name=shown
                ) from error
            raise
        # What waits may have waited for just this change.
        t.execute(
            "UPDATE webhook_delivery SET next_at = ? WHERE webhook = ? AND state = 'waiting'",
            (at, number),
        )
        if after is not None:
            newest = int(t.execute(_NEWEST).fetchone()[0])
            place = newest if after == "now" else min(after, newest)
            t.execute("UPDATE webhook SET seen = ? WHERE id = ?", (place, number))
        return self._tell(t, number, "made" if was is None else "changed", actor), was is None

    @staticmethod
    def _make(t: Transaction, values: Sequence[object], secret: str, at: int) -> int:
        ((count,),) = t.execute("SELECT count(*) FROM webhook").fetchall()
        if count >= MOST_WEBHOOKS:
            raise InUse(
                f"There are {MOST_WEBHOOKS} webhooks already; delete one, or let one receiver pass "
                "on to others.",
                limit=MOST_WEBHOOKS,
            )
        row = t.execute(
            "INSERT INTO webhook (name, url, kinds, stations, private, active, changed_at, uid, "
            f"secret, seen, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ({_NEWEST}), ?) "
            "RETURNING id",
            (*values, secrets.token_hex(8), secret, at),
        ).fetchone()
        return int(row[0])

    def change_secret(self, t: Transaction, name: str, secret: str, actor: str) -> Webhook:
        """Sign with another secret from now on, and for a day with the one before, too.

        Raises:
            UnknownWebhook: there is none of that name.
        """
        hook, at = self.find(name), now()
        t.execute(
            "UPDATE webhook SET old_secret = secret, old_until = ?, secret = ?, changed_at = ?, "
            "version = version + 1 WHERE id = ?",
            (at + OLD_SECRET_LASTS, secret, at, hook.id),
        )
        return self._tell(t, hook.id, "changed", actor)

    def delete(self, t: Transaction, name: str, actor: str) -> Webhook:
        """Delete a webhook with all that waits for it; return what it was.

        Raises:
            UnknownWebhook: there is none of that name.
        """
        hook = self.find(name)
        t.execute("DELETE FROM webhook_delivery WHERE webhook = ?", (hook.id,))
        t.execute("DELETE FROM webhook WHERE id = ?", (hook.id,))
        body = {"webhook": hook.name}
        tell(t, now(), "webhook.deleted", f"webhooks/{hook.name}", actor, body)
        t.after(lambda: self._forget(hook.id))
        return hook

    def send_again(self, t: Transaction, hook: Webhook, delivery: int | None, actor: str) -> int:
        """Let a delivery be tried again now and from the beginning; None: all dead ones.

        Returns how many.

        Raises:
            Unknown: this webhook has no such delivery; it may have been taken.
        """
        at = now()
        which, value = ("state = ?", "dead") if delivery is None else ("id = ?", delivery)
        moved = t.execute(
            "UPDATE webhook_delivery SET state = 'waiting', attempts = 0, next_at = ?, at = ? "
            f"WHERE webhook = ? AND {which}",
            (at, at, hook.id, value),
        ).rowcount
        if not moved and delivery is not None:
            raise Unknown(
                f"Webhook {hook.name!r} has no delivery {delivery} that waits; it may have been "
                "taken meanwhile.",
                delivery=delivery,
            )
        if moved:
            body = {"webhook": hook.name, "deliveries": moved}
            tell(t, at, "webhook.resent", f"webhooks/{hook.name}", actor, body)
        t.after(self._changed)
        return int(moved)

    @staticmethod
    def tested(t: Transaction, hook: Webhook, actor: str) -> Entry:
        """Write that a webhook is being tried out; return the entry it is tried out with."""
        body = {"webhook": hook.name}
        tell(t, now(), "webhook.tested", f"webhooks/{hook.name}", actor, body)
        row = t.execute(
            "SELECT seq, at, kind, subject, actor, body FROM feed ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        return Entry(*row)

    def _tell(self, t: Transaction, number: int, verb: str, actor: str) -> Webhook:
        hook = _webhook(
            t.execute(f"SELECT {_COLUMNS} FROM webhook WHERE id = ?", (number,)).fetchone()
        )
        # Not its URL: that often holds what proves to a receiver who sends.
        body: dict[str, object] = {
            "webhook": hook.name, "active": hook.active, "trouble": hook.trouble,
            "version": hook.version,
        }  # fmt: skip
        tell(t, hook.changed_at, f"webhook.{verb}", f"webhooks/{hook.name}", actor, body)
        t.after(lambda: self._show(hook))
        return hook

    # ------------------------------------------------------------ the sender's

    def hold(self, t: Transaction, daemon: int | None, until: int) -> dict[int, int]:
        """Take the webhooks that no other daemon sends for; return the place of each of ours.

        They are this daemon's until then: alone or not, one of them sends.
        """
        at = now()
        t.execute(
            "UPDATE webhook SET sender = ?, sending_until = ? "
            "WHERE sender IS NULL OR sender = ? OR sending_until < ?",
            (daemon or 0, until, daemon or 0, at),
        )
        rows = t.execute("SELECT id, seen FROM webhook WHERE sender = ?", (daemon or 0,))
        return {number: int(seen) for number, seen in rows}

    @staticmethod
    def let_go(t: Transaction, daemon: int | None) -> None:
        """Leave this daemon's webhooks to the others."""
        t.execute("UPDATE webhook SET sending_until = 0 WHERE sender = ?", (daemon or 0,))

    @staticmethod
    def pass_by(
        t: Transaction, hook: int, daemon: int | None, seen: int, to: int, entries: Iterable[int]
    ) -> bool:
        """Move a webhook's cursor and write the rows of the entries it is told of.

        False, and nothing is done, when the place was another meanwhile.
        """
        at = now()
        moved = t.execute(
            "UPDATE webhook SET seen = ? WHERE id = ? AND seen = ? AND sender = ?",
            (to, hook, seen, daemon or 0),
        ).rowcount
        if not moved:
            return False
        t.executemany(
            "INSERT INTO webhook_delivery (webhook, entry, state, next_at, at) "
            "VALUES (?, ?, 'waiting', ?, ?) ON CONFLICT DO NOTHING",
            [(hook, entry, at, at) for entry in entries],
        )
        return True

    def waiting(self, hook: int) -> int:
        """Return how many deliveries of a webhook wait."""
        query = "SELECT count(*) FROM webhook_delivery WHERE webhook = ? AND state = 'waiting'"
        return int(self._database.read(query, (hook,))[0][0])

    def due(self, hook: int, at: int, limit: int) -> list[Due]:
        """Return the deliveries whose time has come, in the order of the feed."""
        rows = self._database.read(_DUE, (hook, at, limit))
        return [Due(row[0], row[1], Entry(*row[2:])) for row in rows]

    def next_due(self, hook: int) -> int | None:
        """Return when the next delivery of a webhook is due; None: none waits."""
        query = "SELECT min(next_at) FROM webhook_delivery WHERE webhook = ? AND state = 'waiting'"
        found = self._database.read(query, (hook,))[0][0]
        return None if found is None else int(found)

    def taken(self, t: Transaction, hook: Webhook, delivery: int) -> None:
        """Forget a delivery that the receiver has taken."""
        t.execute("DELETE FROM webhook_delivery WHERE id = ?", (delivery,))
        self._note(t, hook, "")

    def missed(
        self, t: Transaction, hook: Webhook, due: Due, next_at: int | None, status: int | None,
        error: str,
    ) -> None:  # fmt: skip
        """Note that a delivery was not taken, and when it is tried next; None: never by itself."""
        at, attempts = now(), due.attempts + 1
        moved = t.execute(
            "UPDATE webhook_delivery SET attempts = ?, state = ?, next_at = ?, status = ?, "
            "error = ?, at = ? WHERE id = ?",
            (
                attempts, "dead" if next_at is None else "waiting", next_at, status, error, at,
                due.id,
            ),
        ).rowcount  # fmt: skip
        if not moved:  # the webhook was deleted meanwhile
            return
        self._note(t, hook, error)
        if next_at is None:
            body: Mapping[str, object] = {
                "webhook": hook.name, "entry": due.entry.seq, "kind": due.entry.kind,
                "attempts": attempts, "error": error,
            }  # fmt: skip
            tell(t, at, "webhook.dead", f"webhooks/{hook.name}", "gateway", body)

    def end(self, t: Transaction, hook: Webhook, reason: str) -> None:
        """Send nothing more to a receiver that wants no more; what waits is kept."""
        t.execute(
            "UPDATE webhook SET active = 0, trouble = ?, changed_at = ?, version = version + 1 "
            "WHERE id = ?",
            (reason, now(), hook.id),
        )
        if self.by_id(hook.id) is not None:
            self._tell(t, hook.id, "changed", "gateway")

    def _note(self, t: Transaction, hook: Webhook, trouble: str) -> None:
        known = self.by_id(hook.id)
        if known is None or known.trouble == trouble:
            return
        t.execute("UPDATE webhook SET trouble = ? WHERE id = ?", (trouble, hook.id))
        t.after(lambda: self._trouble(hook.id, trouble))

    # ------------------------------------------------------------ the snapshot

    def _trouble(self, number: int, trouble: str) -> None:
        known = self._hooks.get(number)
        if known is not None:
            self._hooks = {**self._hooks, number: replace(known, trouble=trouble)}

    def _show(self, hook: Webhook) -> None:
        self._hooks = {**self._hooks, hook.id: hook}
        self._changed()

    def _forget(self, number: int) -> None:
        self._hooks = {n: hook for n, hook in self._hooks.items() if n != number}
        self._changed()

    def _changed(self) -> None:
        self.changes += 1
