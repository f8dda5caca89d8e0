"""Which daemon drives a printer, where several share a database.

A label is on the paper of the printer that it names, and so with that printer's daemon.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "daemon",
        sa.Column("id", Int, primary_key=True),
        sa.Column("uid", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("made_at", Int, nullable=False),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.execute("CREATE UNIQUE INDEX daemon_uid_taken ON daemon (lower(uid))")
    # Null: of the only daemon there is, or of the first that comes.
    op.add_column("printer", sa.Column("daemon", Int))
