"""What stock and settings a printer has, what a job needs of it, and names for several printers.

A pool is a row of ``printer`` with members: names are taken once for both, and a job points to
either, as a CUPS class is a printer that has printers.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _text(name: str, default: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=sa.text(f"'{default}'"))


def upgrade() -> None:
    op.add_column("printer", _text("stock", ""))
    op.add_column("printer", _text("setup", "{}"))
    op.add_column("printer", sa.Column("members", sa.Text))
    op.add_column("job", _text("needs", ""))
    op.add_column("job", sa.Column("problem", sa.Text))
