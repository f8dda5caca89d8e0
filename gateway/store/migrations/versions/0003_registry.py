"""The serial registry: items, places, parties, lots, serials, documents, events, stock.

What must hold is held here: one life of a serial in custody, one reservation, no rewritten event,
no unbroken chain of them cut, no state reached but by an event whose action leads there. A
constraint's or trigger's name is the refusal's code.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

CUSTODY = "'received', 'committed', 'picked', 'in_transit', 'returned', 'rejected'"


def _id(name: str = "id") -> sa.Column[int]:
    return sa.Column(name, Int, primary_key=True)


def _number(name: str, *, null: bool = False, default: int | None = None) -> sa.Column[int]:
    standard = None if default is None else sa.text(str(default))
    return sa.Column(name, Int, nullable=null, server_default=standard)


def _text(name: str, *, null: bool = False, default: str | None = None) -> sa.Column[str]:
    standard = None if default is None else sa.text(f"'{default}'")
    return sa.Column(name, sa.Text, nullable=null, server_default=standard)


def _table(name: str, *columns: sa.schema.SchemaItem, counting: bool = True) -> None:
    # Without numbers of its own a table is its primary key: one tree instead of two.
    op.create_table(
        name, *columns, sqlite_strict=True, sqlite_autoincrement=counting,
        sqlite_with_rowid=counting,
    )  # fmt: skip


def _points(*names: str) -> list[sa.ForeignKeyConstraint]:
    """Columns ``x`` or ``x_y`` that point to the ``id`` of another table: ``party=customer``."""
    pairs = [name.partition("=")[::2] for name in names]
    return [sa.ForeignKeyConstraint([column or table], [f"{table}.id"]) for table, column in pairs]


def _edited() -> list[sa.Column[int]]:
    return [_number("version", default=1), _number("created_at"), _number("changed_at")]


def upgrade() -> None:
    _things()
    _serials()
    _documents()
    _events()
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def _things() -> None:
    _table(
        "place",
        _id(),
        _text("code"),
        _text("name", default=""),
        _text("kind", default="site"),
        _number("parent", null=True),
        _number("active", default=1),
        _text("gln", default=""),
        _text("barcode", default=""),
        _text("external_id", null=True),
        _text("attrs", default="{}"),
        *_edited(),
        *_points("place=parent"),
        sa.CheckConstraint(
            "kind IN ('site', 'zone', 'bin', 'quarantine', 'staging', 'in_transit')",
            name="place_kind",
        ),
    )
    op.execute("CREATE UNIQUE INDEX place_code_taken ON place (lower(code))")
    op.execute("CREATE UNIQUE INDEX place_external ON place (lower(external_id))")
    op.execute("CREATE INDEX place_inside ON place (parent) WHERE parent IS NOT NULL")

    _table(
        "party",
        _id(),
        _text("code"),
        _text("name", default=""),
        _text("kind"),
        _number("active", default=1),
        _text("gln", default=""),
        _text("external_id", null=True),
        _text("attrs", default="{}"),
        *_edited(),
        sa.CheckConstraint(
            "kind IN ('customer', 'supplier', 'both', 'carrier')", name="party_kind"
        ),
    )
    op.execute("CREATE UNIQUE INDEX party_code_taken ON party (lower(code))")
    op.execute("CREATE UNIQUE INDEX party_external ON party (lower(external_id))")

    _table(
        "operator",
        _id(),
        _text("name"),
        _text("badge"),
        sa.Column("pin_hash", sa.LargeBinary),
        _text("roles", default="[]"),
        _number("active", default=1),
        *_edited(),
    )
    op.execute("CREATE UNIQUE INDEX operator_badge_taken ON operator (lower(badge))")

    _table(
        "item",
        _id(),
        _text("sku"),
        _text("name", default=""),
        _text("kind", default="stock"),
        _text("tracking", default="none"),
        _number("stock_tracked", default=1),
        _number("active", default=1),
        _text("gtin", null=True),
        _text("base_uom", default="pc"),
        _text("serial_prefix", default=""),
        _text("serial_next", default="1"),
        _number("serial_width", default=5),
        _text("serial_suffix", default=""),
        _text("serial_mask", default=""),
        _text("serial_case", default="fold"),
        _number("split_space", default=1),
        _number("reorder_point", null=True),
        _number("warranty_in", null=True),
        _number("warranty_out", null=True),
        _number("service_every", null=True),
        _text("account_codes", default="{}"),
        _text("tax_code", default=""),
        _number("variant_of", null=True),
        _text("external_id", null=True),
        _text("attrs", default="{}"),
        *_edited(),
        *_points("item=variant_of"),
        sa.CheckConstraint("kind IN ('stock', 'assembly', 'kit', 'non_stock')", name="item_kind"),
        sa.CheckConstraint("tracking IN ('none', 'lot', 'serial')", name="item_tracking"),
        sa.CheckConstraint("tracking = 'none' OR stock_tracked = 1", name="item_stock_tracked"),
        sa.CheckConstraint(
            "tracking = 'none' OR kind IN ('stock', 'assembly')", name="item_not_trackable"
        ),
        sa.CheckConstraint("serial_case IN ('fold', 'exact')", name="item_serial_case"),
    )
    op.execute("CREATE UNIQUE INDEX sku_taken ON item (lower(sku))")
    op.execute("CREATE UNIQUE INDEX gtin_taken ON item (lower(gtin))")
    op.execute("CREATE UNIQUE INDEX item_external ON item (lower(external_id))")

    _table(
        "item_uom",
        _number("item"),
        _text("code"),
        _number("factor"),
        sa.PrimaryKeyConstraint("item", "code"),
        *_points("item"),
        sa.CheckConstraint("factor >= 1", name="uom_factor"),
        counting=False,
    )
    # Members of kits and of bills of material.
    _table(
        "item_member",
        _number("item"),
        _number("member"),
        _number("quantity"),
        sa.PrimaryKeyConstraint("item", "member"),
        *_points("item", "item=member"),
        sa.CheckConstraint("quantity >= 1", name="member_quantity"),
        sa.CheckConstraint("item <> member", name="member_of_itself"),
        counting=False,
    )
    _table(
        "sync_mark",
        _number("item"),
        _text("system"),
        _text("external_id", default=""),
        _number("at"),
        sa.PrimaryKeyConstraint("item", "system"),
        *_points("item"),
        counting=False,
    )
    # Codes other people print: EAN and UPC of items, badges, racks.
    _table(
        "barcode",
        _text("value"),
        _text("kind"),
        _number("target"),
        _text("symbology", default=""),
        sa.PrimaryKeyConstraint("value", "kind", "target"),
        sa.CheckConstraint(
            "kind IN ('item', 'package', 'location', 'document', 'party', 'operator')",
            name="barcode_kind",
        ),
        counting=False,
    )
    op.execute("CREATE INDEX barcode_of ON barcode (kind, target)")
    _table(
        "field_def",
        _text("scope"),
        _text("key"),
        _text("label", default=""),
        _text("type", default="text"),
        _text("choices", default="[]"),
        _text("required_at", default="[]"),
        _number("searchable", default=0),
        _number("rank", default=0),
        sa.PrimaryKeyConstraint("scope", "key"),
        sa.CheckConstraint(
            "scope IN ('serial', 'item', 'lot', 'document', 'location', 'party')",
            name="field_scope",
        ),
        sa.CheckConstraint(
            "type IN ('text', 'number', 'date', 'yes_no', 'choice')", name="field_type"
        ),
        counting=False,
    )
    _table(
        "reorder",
        _number("item"),
        _number("place"),  # 0: all places together
        _number("point"),
        _number("below", default=0),
        sa.PrimaryKeyConstraint("item", "place"),
        *_points("item"),
        counting=False,
    )


def _serials() -> None:
    _table(
        "lot",
        _id(),
        _number("item"),
        _text("code"),
        _text("made_on", null=True),
        _text("expires_on", null=True),
        _text("held", null=True),
        _number("document", null=True),  # what it came by
        _text("attrs", default="{}"),
        _text("memo", default=""),
        *_edited(),
        *_points("item"),
    )
    op.execute("CREATE UNIQUE INDEX lot_code_taken ON lot (item, lower(code))")

    _table(
        "life",
        _id(),
        _number("item"),
        _text("serial"),
        _text("serial_key"),
        _number("number", default=1),
        _text("state"),
        _text("held", null=True),
        _text("label_state", default="none"),
        _number("place", null=True),
        _number("lot", null=True),
        _number("parent", null=True),
        _number("supplier", null=True),
        _number("customer", null=True),
        _number("cost", null=True),
        _text("currency", null=True),
        _number("price", null=True),
        _text("price_currency", null=True),
        _text("warranty_in", null=True),
        _text("warranty_out", null=True),
        _text("service_due", null=True),
        _number("received_at", null=True),
        _number("shipped_at", null=True),
        _number("seen_at", null=True),
        _number("seen_place", null=True),
        _text("memo", default=""),
        _text("attrs", default="{}"),
        _number("event"),
        _number("version", default=1),
        *_points("item", "place", "lot", "life=parent", "party=supplier", "party=customer"),
        sa.CheckConstraint(
            "label_state IN ('none', 'pending', 'sent', 'printed', 'uncertain')",
            name="life_label_state",
        ),
    )
    op.execute("CREATE UNIQUE INDEX life_serial ON life (serial_key, item, number)")
    # Indexes on expressions: SQLite names them in its message, as it does not plain ones.
    op.execute(
        "CREATE UNIQUE INDEX serial_in_custody ON life ((serial_key || ''), item) "
        f"WHERE state IN ({CUSTODY})"
    )
    op.execute(
        "CREATE UNIQUE INDEX serial_planned_elsewhere ON life ((serial_key || ''), item) "
        "WHERE state = 'planned'"
    )
    op.execute("CREATE INDEX life_of_item ON life (item, state, id)")
    op.execute("CREATE INDEX life_at_place ON life (place, id) WHERE place IS NOT NULL")
    op.execute("CREATE INDEX life_in_lot ON life (lot, id) WHERE lot IS NOT NULL")
    op.execute("CREATE INDEX life_in_parent ON life (parent, id) WHERE parent IS NOT NULL")
    op.execute("CREATE INDEX life_of_customer ON life (customer, id) WHERE customer IS NOT NULL")
    op.execute("CREATE INDEX life_of_supplier ON life (supplier, id) WHERE supplier IS NOT NULL")
    op.execute("CREATE INDEX life_in_state ON life (state, id)")
    op.execute("CREATE INDEX life_received ON life (received_at, id) WHERE received_at IS NOT NULL")
    op.execute("CREATE INDEX life_shipped ON life (shipped_at, id) WHERE shipped_at IS NOT NULL")
    op.execute(
        "CREATE INDEX life_label ON life (label_state, id) "
        "WHERE label_state IN ('pending', 'uncertain')"
    )
    op.execute("CREATE INDEX life_held ON life (held, id) WHERE held IS NOT NULL")
    op.execute(
        "CREATE INDEX life_warranty ON life (warranty_out, id) WHERE warranty_out IS NOT NULL"
    )
    # Labels of a serial: what its own state follows from.
    op.execute("CREATE INDEX label_of_subject ON label (subject) WHERE subject IS NOT NULL")
    _table(
        "serial_alias",
        _text("serial_key"),
        _number("life"),
        _text("serial"),
        _text("reason", default=""),
        sa.PrimaryKeyConstraint("serial_key", "life"),
        *_points("life"),
        counting=False,
    )
    # Values of custom fields that are searched by: a row for each, so that any field has an index.
    _table(
        "life_value",
        _text("key"),
        _text("value"),
        _number("life"),
        sa.PrimaryKeyConstraint("key", "value", "life"),
        *_points("life"),
        counting=False,
    )
    op.execute("CREATE INDEX life_values ON life_value (life)")


def _documents() -> None:
    _table(
        "document",
        _id(),
        _text("type"),
        _text("number"),
        _text("status", default="draft"),
        _number("party", null=True),
        _number("from_place", null=True),
        _number("to_place", null=True),
        _number("source", null=True),  # the order it fulfils
        _text("external_ref", default=""),
        _text("external_id", null=True),
        _text("currency", default=""),
        _text("due_on", null=True),
        _text("reason", default=""),
        _text("memo", default=""),
        _text("attrs", default="{}"),
        _number("done_at", null=True),
        *_edited(),
        *_points("party", "place=from_place", "place=to_place", "document=source"),
        sa.CheckConstraint(
            "type IN ('purchase_order', 'receipt', 'sales_order', 'shipment', 'invoice', "
            "'customer_return', 'supplier_return', 'work_order', 'transfer', 'write_off', "
            "'stocktake', 'adjustment', 'case')",
            name="document_type",
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'open', 'in_progress', 'done', 'cancelled')",
            name="document_status",
        ),
    )
    op.execute("CREATE UNIQUE INDEX document_number_taken ON document (type, lower(number))")
    op.execute("CREATE UNIQUE INDEX document_external ON document (type, lower(external_id))")
    op.execute("CREATE INDEX document_by_number ON document (lower(number))")
    op.execute("CREATE INDEX document_of_party ON document (party, id) WHERE party IS NOT NULL")
    op.execute("CREATE INDEX document_source ON document (source) WHERE source IS NOT NULL")
    op.execute(
        "CREATE INDEX document_unfinished ON document (type, id) "
        "WHERE status IN ('draft', 'open', 'in_progress')"
    )
    _table(
        "document_line",
        _id(),
        _number("document"),
        _number("rank"),
        _number("item"),
        _text("uom", default=""),
        _number("uom_quantity"),
        _number("quantity"),  # in base units
        _number("reserved", default=0),  # asked to be kept for it, with or without serials
        _number("committed", default=0),  # of it, by serial or lot
        _number("picked", default=0),
        _number("done", default=0),
        _number("price", null=True),
        _number("cost", null=True),
        _text("currency", default=""),
        _number("place", null=True),
        _number("kit_line", null=True),
        _number("source_line", null=True),
        _number("open", default=1),  # its document is neither done nor cancelled
        _text("memo", default=""),
        _text("attrs", default="{}"),
        _text("external_id", null=True),
        *_points(
            "document", "item", "place", "document_line=kit_line", "document_line=source_line"
        ),
        sa.CheckConstraint("quantity >= 0", name="line_quantity"),
        sa.CheckConstraint(
            "reserved >= 0 AND committed >= 0 AND picked >= 0 AND done >= 0", name="line_counts"
        ),
    )
    op.execute("CREATE INDEX line_of_document ON document_line (document, rank)")
    op.execute("CREATE INDEX line_of_item ON document_line (item, id)")
    op.execute("CREATE INDEX line_open ON document_line (item, document) WHERE open = 1")
    op.execute(
        "CREATE INDEX line_source ON document_line (source_line) WHERE source_line IS NOT NULL"
    )
    _table(
        "line_life",
        _number("line"),
        _number("life"),
        _text("role"),
        _text("note", default=""),
        sa.PrimaryKeyConstraint("line", "life", "role"),
        *_points("document_line=line", "life"),
        sa.CheckConstraint(
            "role IN ('wanted', 'planned', 'committed', 'picked', 'done', 'counted', 'rejected')",
            name="line_role",
        ),
        counting=False,
    )
    op.execute("CREATE INDEX line_of_life ON line_life (life, line)")
    op.execute(
        "CREATE UNIQUE INDEX serial_committed_elsewhere ON line_life ((life + 0)) "
        "WHERE role IN ('planned', 'committed', 'picked')"
    )
    # Quantities of lots and of items without tracking (lot 0) that a line has to do with.
    _table(
        "line_lot",
        _number("line"),
        _number("lot"),
        _number("place"),
        _text("role"),
        _number("quantity"),
        sa.PrimaryKeyConstraint("line", "lot", "place", "role"),
        *_points("document_line=line"),
        sa.CheckConstraint("quantity > 0", name="line_lot_quantity"),
        counting=False,
    )
    # How much of an item is where, and doing what. Maintained with every movement.
    _table(
        "stock",
        _number("item"),
        _number("place"),  # 0: nowhere
        _number("lot"),  # 0: none
        _text("state"),
        _number("held"),
        _number("serials"),  # 1: pieces with a serial
        _number("quantity"),
        sa.PrimaryKeyConstraint("item", "place", "lot", "state", "held", "serials"),
        sa.CheckConstraint("quantity >= 0", name="quantity_unavailable"),
        counting=False,
    )
    op.execute("CREATE INDEX stock_at_place ON stock (place, item) WHERE quantity > 0")
    op.execute("CREATE INDEX stock_of_lot ON stock (lot) WHERE lot > 0")


def _events() -> None:
    _table(
        "event",
        sa.Column("seq", Int, primary_key=True),
        _text("uid"),
        _text("chain", default="main"),
        _number("at"),
        _number("recorded_at"),
        _text("action"),
        _number("document", null=True),
        _number("line", null=True),
        _number("party", null=True),
        _text("actor"),
        _text("station", default=""),
        _text("operator", default=""),
        _text("reason", default=""),
        _text("body", default="{}"),
        _number("movements"),
        sa.Column("digest", sa.LargeBinary, nullable=False),  # of the movements
        _number("corrects", null=True),
        sa.Column("prev_hash", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        _number("synced_at", null=True),
    )
    op.execute("CREATE UNIQUE INDEX event_uid ON event (lower(uid))")
    op.execute("CREATE UNIQUE INDEX event_corrected ON event ((corrects + 0))")
    op.execute("CREATE INDEX event_chain ON event (chain, seq)")
    op.execute("CREATE INDEX event_of_document ON event (document, seq) WHERE document IS NOT NULL")
    op.execute("CREATE INDEX event_by_action ON event (action, seq)")
    _table(
        "movement",
        _number("event"),
        _number("n"),
        _number("life", null=True),  # null: a quantity of a lot or of an item
        _number("item"),
        _number("lot", null=True),
        _number("quantity", default=1),
        _text("from_state", null=True),
        _text("to_state", null=True),
        _number("from_place", null=True),
        _number("to_place", null=True),
        _text("was", null=True),  # JSON of what else changed, as it was
        sa.PrimaryKeyConstraint("event", "n"),
        counting=False,
    )
    op.execute("CREATE INDEX movement_of_life ON movement (life, event) WHERE life IS NOT NULL")
    op.execute("CREATE INDEX movement_of_lot ON movement (lot, event) WHERE life IS NULL")
    # Which items an event touched: the movements of an item, without an index of all movements.
    _table(
        "event_item",
        _number("item"),
        _number("event"),
        _number("quantity"),
        sa.PrimaryKeyConstraint("item", "event"),
        counting=False,
    )
    # The lifecycle's table, as the database knows it; written at the start when it changed.
    _table(
        "transition",
        _text("action"),
        _text("from_state"),  # '' where a life begins
        _text("to_state"),
        sa.PrimaryKeyConstraint("action", "from_state", "to_state"),
        counting=False,
    )


EMPTY_SQLITE, EMPTY_POSTGRESQL = "x''", "''::bytea"

_LEGAL = (
    "EXISTS (SELECT 1 FROM event e JOIN transition x ON x.action = e.action "
    "WHERE e.seq = NEW.event AND x.from_state = {source} AND x.to_state = NEW.state)"
)
# An undo goes the way back that the event it corrects came.
_REVERSE = (
    "EXISTS (SELECT 1 FROM event e JOIN movement m ON m.event = e.corrects "
    "WHERE e.seq = NEW.event AND m.life = NEW.id AND m.to_state = OLD.state "
    "AND coalesce(m.from_state, 'cancelled') = NEW.state)"
)
_UNCHAINED = (
    "NEW.prev_hash <> coalesce((SELECT hash FROM event WHERE chain = NEW.chain "
    "ORDER BY seq DESC LIMIT 1), {empty})"
)


_REWRITTEN = " OR ".join(
    f"OLD.{name} <> NEW.{name}"
    for name in ("seq", "hash", "prev_hash", "digest", "body", "action", "actor", "at")
)
_GUARDS = (
    # name, when, condition ('' is always), refusal
    ("event_kept", "BEFORE DELETE ON event", "", "record_append_only"),
    ("movement_kept", "BEFORE DELETE ON movement", "", "record_append_only"),
    ("movement_fixed", "BEFORE UPDATE ON movement", "", "record_append_only"),
    # That bookkeeping has fetched it is all that may be noted on an event.
    ("event_fixed", "BEFORE UPDATE ON event", _REWRITTEN, "record_append_only"),
    ("life_kept", "BEFORE DELETE ON life", "", "record_append_only"),
    ("event_chained", "BEFORE INSERT ON event", _UNCHAINED, "event_chain_broken"),
    (
        "life_begins",
        "BEFORE INSERT ON life",
        f"NOT {_LEGAL.format(source=repr(''))}",
        "transition_not_allowed",
    ),
    (
        "life_moves",
        "BEFORE UPDATE OF state ON life",
        f"OLD.state <> NEW.state AND NOT {_LEGAL.format(source='OLD.state')} AND NOT {_REVERSE}",
        "transition_not_allowed",
    ),
)
"""What no statement may do, whoever sends it."""


def _guard_sqlite() -> None:
    for name, when, condition, code in _GUARDS:
        where = f" WHEN {condition.replace('{empty}', EMPTY_SQLITE)}" if condition else ""
        op.execute(f"CREATE TRIGGER {name} {when}{where} BEGIN SELECT RAISE(ABORT, '{code}'); END")


def _guard_postgresql() -> None:
    for name, when, condition, code in _GUARDS:
        refuse = f"RAISE EXCEPTION '{code}' USING ERRCODE = '23514', CONSTRAINT = '{code}'"
        met = condition.replace("{empty}", EMPTY_POSTGRESQL)
        body = f"IF {met} THEN {refuse}; END IF;" if met else f"{refuse};"
        result = "OLD" if "DELETE" in when else "NEW"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} "
            f"RETURN {result}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} {when} FOR EACH ROW EXECUTE FUNCTION {name}()")
