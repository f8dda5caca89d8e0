"""What people keep on their screens: the views of a list, by name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", Int, primary_key=True),
        _text("list"),
        _text("name"),
        _text("query"),
        _text("actor"),
        sa.Column("created_at", Int, nullable=False),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.execute("CREATE UNIQUE INDEX saved_view_name_taken ON saved_view (list, lower(name))")
