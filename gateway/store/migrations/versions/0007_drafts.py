"""What people do to a label before it prints: its draft, and what waits for a second person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, **options: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, **options)


def upgrade() -> None:
    op.create_table(
        "template_draft",
        # With ``number`` the draft's tag: a draft that begins anew never has one of the old.
        sa.Column("id", Int, primary_key=True),
        _text("name"),
        _text("document"),
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
        _text("decided_by", server_default=""),
        sa.Column("decided_at", Int),
        _text("reason", server_default=""),
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
