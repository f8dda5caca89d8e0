"""The registry as the rest of the gateway sees it: one value with everything in it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable

from gateway.codes.commands import Signing
from gateway.registry.epcis import Names
from gateway.registry.lives import Rules
from gateway.registry.public_ids import PublicIds
from gateway.store.engine import Database, Transaction
from gateway.store.registry.acting import Act, Acting, Done, write_transitions
from gateway.store.registry.confirming import Confirming
from gateway.store.registry.events import By
from gateway.store.registry.field_defs import FieldStore
from gateway.store.registry.items import ItemStore
from gateway.store.registry.lot_store import LotStore
from gateway.store.registry.operators import OperatorStore
from gateway.store.registry.parties import PartyStore
from gateway.store.registry.places import PlaceStore
from gateway.store.registry.rules import rules_of
from gateway.store.registry.tracking import Trackings
from gateway.store.registry.undoing import Undone, undo
from gateway.store.registry.waiting import commit_waiting
from gateway.store.settings import SettingStore

SECRET = "registry.secret"
"""The row of the table of settings with what makes this database's names its own; never shown."""


class Registry:
    """Items, serials and all that happens to them, in one database."""

    def __init__(self, database: Database, settings: SettingStore) -> None:
        self.database, self.settings = database, settings
        secret = database.run(_prepare)
        self.public_ids = PublicIds(secret)
        self.signing = Signing(secret)
        """Of command barcodes that not everybody may print."""
        self.names = Names(secret)
        """What other systems call what is here."""
        self.acting = Acting(self.rules, secret)
        self.acting.came = commit_waiting
        self.confirming = Confirming(secret)
        self.items = ItemStore(
            database, self.features,
            lambda: bool(settings.all()["registry.require_account_codes"]),
        )  # fmt: skip
        self.places = PlaceStore(database, self.features)
        self.parties = PartyStore(database)
        self.operators = OperatorStore(database)
        self.fields = FieldStore(database)
        self.lots = LotStore(database, self.acting, self.public_ids)
        self.trackings = Trackings(settings.all, self.acting, self.confirming)

    def rules(self) -> Rules:
        """Return the settings as guards see them."""
        return rules_of(self.settings.all())

    def features(self) -> frozenset[str]:
        """Return which parts of the registry are on."""
        return frozenset(self.settings.all()["registry.features"])

    def perform(
        self, t: Transaction, act: Act, by: By, may: Callable[[str], bool], *, dry: bool = False
    ) -> Done:
        """Do an action on serials, whole, or refuse it for every offender at once.

        Raises:
            RegistryRefused: nothing was done.
        """
        return self.acting.perform(t, act, by, may, dry=dry)

    def undo(
        self, t: Transaction, event: int, by: By, may: Callable[[str], bool], reason: str = ""
    ) -> Undone:
        """Take an event back, whole.

        Raises:
            RegistryRefused: it cannot be undone (any more).
        """
        window = self.settings.all()["registry.undo_minutes"] * 60_000_000
        return undo(t, event, by, may, window=window, reason=reason)


def _prepare(t: Transaction) -> bytes:
    write_transitions(t)
    row = t.execute("SELECT value FROM setting WHERE name = ?", (SECRET,)).fetchone()
    if row is not None:
        return bytes.fromhex(json.loads(row[0]))
    secret = secrets.token_bytes(32)
    t.execute("INSERT INTO setting VALUES (?, ?)", (SECRET, json.dumps(secret.hex())))
    return secret
