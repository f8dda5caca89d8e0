"""Label stocks of one's own, and jobs that keep what somebody saw before it was printed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, Int, nullable=False)


def upgrade() -> None:
    op.create_table(
        "label_stock",
        sa.Column("id", Int, primary_key=True),
        _text("name"),
        _text("title"),
        _text("maker"),
        _text("part"),
        _number("width"),  # µm, as all lengths
        _number("height"),
        _text("tracking"),
        _text("material"),
        _text("shape"),
        _number("across"),
        _number("core"),
        _text("actor"),
        _number("changed_at"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.execute("CREATE UNIQUE INDEX label_stock_name_taken ON label_stock (lower(name))")
    op.add_column("job", sa.Column("proof", sa.Text))  # SHA-256 of the first label's dots
    # A label's page shows what was printed of it, however many jobs of others came since.
    op.execute("CREATE INDEX job_of_template ON job (template, seq) WHERE template IS NOT NULL")
