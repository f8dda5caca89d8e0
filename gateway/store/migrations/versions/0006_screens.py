"""What people keep on their screens: the views of a list, by name; scans by how they ended; figures
by the quarter of an hour."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

QUARTER = 15 * 60 * 1_000_000
"""Microseconds: every time zone of today is whole quarters of an hour from UTC."""

FREQUENT = (
    "'job.accepted', 'job.done', 'job.printing', 'job.queued', 'label.printed', 'label.sent', "
    "'scan.asked', 'scan.done', 'scan.look', 'scan.refused'"
)
"""Kinds that are found by walking back through the feed; an index of them would cost each label."""


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
    # What a person was told is kept with the scan, for those who look for it later.
    op.add_column("scan", sa.Column("sentence", sa.Text, nullable=False, server_default=""))
    op.execute("CREATE INDEX scan_by_outcome ON scan (outcome, id)")
    op.execute("CREATE INDEX scan_by_operator ON scan (operator, id)")
    op.execute("CREATE INDEX scan_by_scanner ON scan (scanner, id)")
    # A printer's page shows its jobs, however many jobs of others came since.
    op.execute("CREATE INDEX job_of_target ON job (target, seq)")
    # What plots show is counted as it happens.
    op.create_table(
        "figure",
        _text("what"),
        sa.Column("at", Int, nullable=False),
        sa.Column("whose", Int, nullable=False),
        _text("cause"),
        sa.Column("n", Int, nullable=False),
        sa.PrimaryKeyConstraint("what", "at", "whose", "cause"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.execute(
        f"INSERT INTO figure SELECT 'label', settled_at - settled_at % {QUARTER}, printer, '', "
        "count(*) FROM label WHERE settled_at IS NOT NULL AND printer IS NOT NULL "
        "AND (state = 'printed' OR state = 'sent') GROUP BY 2, 3"
    )
    op.execute(
        f"INSERT INTO figure SELECT 'scan', at - at % {QUARTER}, coalesce(station, 0), "
        "CASE outcome WHEN 'refused' THEN coalesce(nullif(refusal, ''), 'refused') ELSE '' END, "
        "count(*) FROM scan GROUP BY 2, 3, 4"
    )
    # What is rare among much is found at once: backups in the feed, jobs that failed, low stock.
    op.execute(f"CREATE INDEX feed_kind ON feed (kind, seq) WHERE kind NOT IN ({FREQUENT})")
    op.execute("CREATE INDEX job_not_done ON job (seq) WHERE state IN ('failed', 'cancelled')")
    # A lot tells what its pieces do by counting them, on a list of fifty lots.
    op.execute("CREATE INDEX life_in_lot_state ON life (lot, state) WHERE lot IS NOT NULL")
    op.execute("CREATE INDEX reorder_below ON reorder (item, place) WHERE below = 1")
    _let_examples_go()


_OF_EXAMPLES = "EXISTS (SELECT 1 FROM event e WHERE e.seq = OLD.event AND e.chain = 'example')"
_KEPT = (
    # name, table, condition
    ("event_kept", "event", "OLD.chain <> 'example'"),
    ("movement_kept", "movement", f"NOT {_OF_EXAMPLES}"),
    ("life_kept", "life", f"NOT {_OF_EXAMPLES}"),
)


def _let_examples_go() -> None:
    """Let what was only ever tried out be deleted: it is a chain of its own."""
    code = "record_append_only"
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, condition in _KEPT:
        if sqlite:
            op.execute(f"DROP TRIGGER {name}")
            op.execute(
                f"CREATE TRIGGER {name} BEFORE DELETE ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{code}'); END"
            )
        else:
            op.execute(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF {condition} THEN RAISE EXCEPTION '{code}' USING ERRCODE = '23514', "
                f"CONSTRAINT = '{code}'; END IF; RETURN OLD; END $$"
            )
