"""The first tables: printers, templates, jobs and labels, the feed, keys, requests, assets.

Portable types only: big integers, text, bytes; booleans are 0/1, times microseconds UTC, JSON
text. A rule that must hold is a constraint whose name is the refusal's code.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _number(name: str, *, null: bool = False, default: int | None = None) -> sa.Column[int]:
    standard = None if default is None else sa.text(str(default))
    return sa.Column(name, Int, nullable=null, server_default=standard)


def _text(name: str, *, null: bool = False, default: str | None = None) -> sa.Column[str]:
    standard = None if default is None else sa.text(f"'{default}'")
    return sa.Column(name, sa.Text, nullable=null, server_default=standard)


def _table(name: str, *columns: sa.schema.SchemaItem, counting: bool = False) -> None:
    op.create_table(name, *columns, sqlite_strict=True, sqlite_autoincrement=counting)


def upgrade() -> None:
    _table(
        "printer",
        sa.Column("id", Int, primary_key=True),
        _text("name"),
        _text("url"),
        _text("language"),
        _text("model"),
        _text("density"),
        _number("media_width"),
        _number("media_height"),
        _text("evidence", default="auto"),
        _text("mode", default="exact"),
        _number("paused", default=0),
        _text("options", default="{}"),
        _text("told", default="{}"),
        _number("version", default=1),
        _number("created_at"),
        _number("changed_at"),
        _number("deleted_at", null=True),
        sa.CheckConstraint("evidence IN ('auto', 'none')", name="printer_evidence"),
        sa.CheckConstraint("media_width > 0 AND media_height > 0", name="printer_media"),
        counting=True,
    )
    # An index on an expression: SQLite names it in its message, as it does not a plain one.
    op.execute(
        "CREATE UNIQUE INDEX printer_name_taken ON printer (lower(name)) WHERE deleted_at IS NULL"
    )

    _table(
        "template_version",
        sa.Column("version", sa.Text, primary_key=True),
        _text("document"),
        _number("at"),
    )
    _table(
        "template",
        _text("name"),
        _number("number"),
        _text("version"),
        _number("at"),
        _text("actor"),
        _text("note", default=""),
        _number("deleted", default=0),
        sa.PrimaryKeyConstraint("name", "number"),
        sa.ForeignKeyConstraint(["version"], ["template_version.version"]),
    )
    _table(
        "counter",
        _text("template"),
        _text("name"),
        _number("next"),
        sa.PrimaryKeyConstraint("template", "name"),
    )

    counts = ("queued", "held", "sending", "sent", "printed", "uncertain", "cancelled", "expired",
              "failed", "dropped", "silent")  # fmt: skip
    _table(
        "job",
        sa.Column("seq", Int, primary_key=True),
        _number("target"),
        _text("kind"),
        _text("template", null=True),
        _text("version", null=True),
        _text("mode"),
        _number("priority", default=0),
        _number("strict", default=0),
        _number("counted", default=1),
        _number("accepted_at"),
        _number("expires_at", null=True),
        _number("ended_at", null=True),
        _text("actor"),
        _text("title", default=""),
        _text("reason", default=""),
        _text("counters", default="{}"),
        _text("options", default="{}"),
        _text("state"),
        _number("withdrawn", default=0),
        _number("labels"),
        _number("first_label"),
        *(_number(name, default=0) for name in counts),
        sa.ForeignKeyConstraint(["target"], ["printer.id"]),
        sa.ForeignKeyConstraint(["version"], ["template_version.version"]),
        sa.CheckConstraint(" + ".join(counts[:-1]) + " = labels", name="job_counts_every_label"),
        sa.CheckConstraint("kind IN ('template', 'raw', 'document')", name="job_kind"),
        counting=True,
    )
    # Beside the job: its counts change often, and a row is rewritten whole.
    _table(
        "job_payload",
        sa.Column("job", Int, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["job"], ["job.seq"]),
    )
    op.execute("CREATE INDEX job_open ON job (seq) WHERE ended_at IS NULL")
    op.execute(
        "CREATE INDEX job_expiring ON job (expires_at) "
        "WHERE expires_at IS NOT NULL AND ended_at IS NULL"
    )

    _table(
        "label",
        sa.Column("seq", Int, primary_key=True),
        _number("job"),
        _number("target"),
        _number("rank"),
        _number("number"),
        _number("copy"),
        _text("state"),
        _text("evidence", null=True),
        _text("fields", null=True),
        _number("printer", null=True),
        _text("marker", null=True),
        _number("counter_before", null=True),
        _number("claim", null=True),
        _number("returns", default=0),
        _text("problem", null=True),
        _number("reprint_of", null=True),
        _text("subject", null=True),
        _number("sent_at", null=True),
        _number("settled_at", null=True),
        sa.ForeignKeyConstraint(["job"], ["job.seq"]),
        sa.CheckConstraint(
            "state IN ('queued', 'held', 'sending', 'sent', 'printed', 'uncertain', 'cancelled', "
            "'expired', 'failed', 'dropped')",
            name="label_state",
        ),
        sa.CheckConstraint("state <> 'printed' OR evidence IS NOT NULL", name="label_proved"),
        counting=True,
    )
    # Partial indexes: as large as what waits, however many labels are kept.
    op.execute("CREATE INDEX label_waiting ON label (target, rank, seq) WHERE state = 'queued'")
    op.execute(
        "CREATE INDEX label_unsettled ON label (printer, claim, seq) "
        "WHERE state IN ('sending', 'sent') AND evidence IS NULL"
    )
    op.execute("CREATE INDEX label_uncertain ON label (printer, seq) WHERE state = 'uncertain'")
    op.execute("CREATE INDEX label_reprinted ON label (reprint_of) WHERE reprint_of IS NOT NULL")

    _table(
        "feed",
        sa.Column("seq", Int, primary_key=True),
        _number("at"),
        _text("kind"),
        _text("subject"),
        _text("actor"),
        _text("body"),
        counting=True,
    )
    _table(
        "request",
        _text("actor"),
        _text("key"),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        _number("status"),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        _number("at"),
        sa.PrimaryKeyConstraint("actor", "key"),
    )
    op.execute("CREATE INDEX request_at ON request (at)")  # old ones are forgotten
    _table(
        "access_key",
        sa.Column("id", sa.Text, primary_key=True),
        _text("name"),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        _text("scopes"),
        _text("actor"),
        _number("created_at"),
        _number("expires_at", null=True),
        _number("revoked_at", null=True),
        _number("used_at", null=True),
    )
    # The feed and the requests name a key by its name: no two that open at once.
    op.execute(
        "CREATE UNIQUE INDEX access_key_name_taken ON access_key (lower(name)) "
        "WHERE revoked_at IS NULL"
    )
    _table(
        "asset",
        sa.Column("hash", sa.Text, primary_key=True),
        _text("kind"),
        _text("name"),
        sa.Column("content", sa.LargeBinary, nullable=False),
        _number("at"),
        _text("actor"),
        sa.CheckConstraint("kind IN ('font', 'picture')", name="asset_kind"),
    )
    _table(
        "setting",
        sa.Column("name", sa.Text, primary_key=True),
        _text("value"),
    )
