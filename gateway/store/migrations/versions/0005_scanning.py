"""Scanners, stations, what was scanned at them, and who is told outside.

A scan is written once: a station, the page or device that heard it, and that one's own number name
it, so a page that sends it again after a broken connection gets the first answer. A webhook has a
place in the feed; what could not be delivered at once is a row of its own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _number(name: str, *, null: bool = False, default: int | None = None) -> sa.Column[int]:
    standard = None if default is None else sa.text(str(default))
    return sa.Column(name, Int, nullable=null, server_default=standard)


def _text(name: str, *, null: bool = False, default: str | None = None) -> sa.Column[str]:
    standard = None if default is None else sa.text(f"'{default}'")
    return sa.Column(name, sa.Text, nullable=null, server_default=standard)


def _id() -> sa.Column[int]:
    return sa.Column("id", Int, primary_key=True)


def _edited() -> list[sa.Column[int]]:
    return [_number("version", default=1), _number("created_at"), _number("changed_at")]


def _table(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(name, *columns, sqlite_strict=True, sqlite_autoincrement=True)


def upgrade() -> None:
    _table(
        "station",
        _id(),
        _text("name"),
        _text("title", default=""),
        # Where it stands: the site of what is received here, and the nearer of two candidates.
        _number("place", null=True),
        _number("printer", null=True),  # a printer or a pool
        _text("template", default=""),
        _text("modes", default="[]"),  # JSON list; empty: all
        _text("options", default="{}"),
        # The key of the paired browser; a new pairing replaces it.
        _text("access_key", null=True),
        *_edited(),
        _number("deleted_at", null=True),  # its scans stay
        sa.ForeignKeyConstraint(["place"], ["place.id"]),
        sa.ForeignKeyConstraint(["printer"], ["printer.id"]),
        sa.ForeignKeyConstraint(["access_key"], ["access_key.id"]),
    )
    op.execute(
        "CREATE UNIQUE INDEX station_name_taken ON station (lower(name)) WHERE deleted_at IS NULL"
    )
    _table(
        "station_session",
        sa.Column("station", Int, primary_key=True),
        _text("value"),  # JSON: mode, context, operator, question, the last ten
        _number("changed_at"),
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
    )
    _table(
        "scanner",
        _id(),
        _text("name"),
        _text("url"),
        _text("options", default="{}"),
        _number("station", null=True),
        _number("paused", default=0),
        _number("daemon", null=True),
        *_edited(),
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
    )
    op.execute("CREATE UNIQUE INDEX scanner_name_taken ON scanner (lower(name))")
    op.execute("CREATE INDEX scanner_station ON scanner (station)")
    _table(
        "scan",
        _id(),
        _number("at"),
        _number("station", null=True),
        _number("scanner", null=True),
        # Who heard it, and its own number there: a page's id, a device, a program.
        _text("source", default=""),
        _number("sequence", null=True),
        _text("code"),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        _text("aim", default=""),
        _text("outcome"),
        _text("refusal", default=""),
        _text("subject", default=""),
        _number("event", null=True),
        _text("operator", default=""),
        _text("actor"),
        _text("answer", default=""),  # JSON; emptied when nobody can ask again
        sa.ForeignKeyConstraint(["station"], ["station.id"]),
        sa.CheckConstraint("outcome IN ('done', 'look', 'refused', 'asked')", name="scan_outcome"),
    )
    op.execute(
        "CREATE UNIQUE INDEX scan_once ON scan (coalesce(station, 0), source, sequence) "
        "WHERE sequence IS NOT NULL"
    )
    op.execute("CREATE INDEX scan_station ON scan (station, id)")
    op.execute("CREATE INDEX scan_at ON scan (at)")
    op.execute("CREATE INDEX scan_answer ON scan (at) WHERE answer <> ''")
    _table(
        "webhook",
        _id(),
        _text("name"),
        # Begins every message's id: two gateways may tell one receiver, and both count from 1.
        _text("uid"),
        _text("url"),
        _text("secret"),
        # Signs beside the new one for a time, so that a receiver can change over.
        _text("old_secret", default=""),
        _number("old_until", null=True),
        _text("kinds", default="[]"),  # JSON list; empty: all
        _text("stations", default="[]"),
        _number("private", default=1),  # may be at an address of the site's own network
        _number("active", default=1),
        # The newest entry of the feed that is delivered, or has a row in webhook_delivery.
        _number("seen"),
        _text("trouble", default=""),
        # The daemon that sends for it, and until when no other one may.
        _number("sender", null=True),
        _number("sending_until", default=0),
        *_edited(),
    )
    op.execute("CREATE UNIQUE INDEX webhook_name_taken ON webhook (lower(name))")
    _table(
        "webhook_delivery",
        _id(),
        _number("webhook"),
        _number("entry"),  # feed.seq
        _text("state"),
        _number("attempts", default=0),
        _number("next_at", null=True),
        _number("status", null=True),
        _text("error", default=""),
        _number("at"),
        sa.ForeignKeyConstraint(["webhook"], ["webhook.id"]),
        sa.CheckConstraint("state IN ('waiting', 'dead')", name="webhook_delivery_state"),
    )
    op.execute("CREATE UNIQUE INDEX webhook_delivery_once ON webhook_delivery (webhook, entry)")
    op.execute(
        "CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook, next_at) "
        "WHERE state = 'waiting'"
    )
    _table(
        "publisher",
        sa.Column("name", sa.Text, primary_key=True),  # mqtt
        _number("seen"),
        _number("sender", null=True),
        _number("sending_until", default=0),
    )
