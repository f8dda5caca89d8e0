"""What people do to a label before it prints: its draft, and what waits for a second person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def upgrade() -> None:
    op.create_table(
        "template_draft",
        # With ``number`` the draft's tag: a draft that begins anew never has one of the old.
        sa.Column("id", Int, primary_key=True),
        _text("name"),
        _text("document"),
        _text("version"),  # that it would be published as; empty: it could not
        sa.Column("number", Int, nullable=False),
        sa.Column("base", Int, nullable=False),  # the version it began from; 0: none
        _text("actor"),
        sa.Column("at", Int, nullable=False),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.execute("CREATE UNIQUE INDEX template_draft_of ON template_draft (lower(name))")
    op.create_table(
        "template_request",
        sa.Column("id", Int, primary_key=True),
        _text("name"),
        sa.Column("version", sa.Text, sa.ForeignKey("template_version.version"), nullable=False),
        sa.Column("base", Int, nullable=False),
        _text("note"),
        _text("actor"),
        sa.Column("at", Int, nullable=False),
        _text("state"),
        _text("decided_by", ""),
        sa.Column("decided_at", Int),
        _text("reason", ""),
        sa.Column("number", Int),  # the version it became
        sa.CheckConstraint(
            "state IN ('waiting', 'approved', 'rejected', 'withdrawn')",
            name="template_request_state",
        ),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.execute("CREATE INDEX template_request_of ON template_request (lower(name), id)")
    op.execute(
        "CREATE UNIQUE INDEX template_request_waiting ON template_request (lower(name)) "
        "WHERE state = 'waiting'"
    )
