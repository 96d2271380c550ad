"""The workshop in a pocket: uploads in pieces, costing, stock moves, holidays, messages, numbers, second factor

Columns are added as they stand, not by copying tables: SQLite would lose the old checks.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = (
    ("cards", "sold_as", "varchar(10) not null default 'piece'"),
    ("cards", "set_count", "integer not null default 1"),
    ("listing_versions", "sold_as", "varchar(10) not null default 'piece'"),
    ("listing_versions", "set_count", "integer not null default 1"),
    ("listings", "draft_key", "varchar(40)"),
    ("lines", "engraving_amount", "bigint not null default 0"),
    ("lines", "engraving_idr", "bigint not null default 0"),
    ("listings", "engraving_price_idr", "bigint not null default 0"),
    ("listings", "saved_page", "varchar(40) not null default ''"),
    ("listings", "saved_step", "integer not null default 0"),
    ("members", "invited_by", "{id} constraint fk_members_invited_by_users references users (id)"),
    ("search_queries", "country", "varchar(2) not null default ''"),
    ("search_queries", "visitor", "varchar(16) not null default ''"),
    ("sessions", "second_factor_at", "{moment}"),
    ("users", "totp_sealed", "text not null default ''"),
    ("users", "totp_confirmed_at", "{moment}"),
    ("users", "totp_last_step", "bigint not null default 0"),
    ("variants", "labour_idr", "bigint"),
    (
        "workshops",
        "closed_days",
        """json not null default '["sunday", "galungan", "kuningan", "nyepi", "tumpek-landep"]'""",
    ),
    ("workshops", "answer_minutes", "integer"),
)
TABLES = (
    "day_salts",
    "closures",
    "imports",
    "invitations",
    "metal_feeds",
    "metal_rates",
    "quick_replies",
    "recovery_codes",
    "stock_moves",
    "costings",
    "daily_counts",
    "price_changes",
    "uploads",
    "visit_marks",
    "threads",
    "messages",
    "shipment_lines",
    "message_photos",
)


def upgrade() -> None:
    _create_tables()
    types = _types()
    for table, column, definition in COLUMNS:
        # Not format(): a default may hold braces or brackets of its own.
        words = definition.replace("{id}", types["id"]).replace("{moment}", types["moment"])
        op.execute(f"alter table {table} add column {column} {words}")
    op.create_index("uq_listings_draft_key", "listings", ["workshop_id", "draft_key"], unique=True)
    op.create_index("ix_members_invited_by", "members", ["invited_by"], unique=False)
    _fill_parcels()


def downgrade() -> None:
    op.drop_index("ix_members_invited_by", "members")
    op.drop_index("uq_listings_draft_key", "listings")
    for table, column, _definition in reversed(COLUMNS):
        op.execute(f"alter table {table} drop column {column}")
    for table in reversed(TABLES):
        op.drop_table(table)


def _types() -> dict[str, str]:
    if op.get_bind().dialect.name == "sqlite":
        return {"id": "integer", "moment": "datetime"}
    return {"id": "bigint", "moment": "timestamp with time zone"}


def _fill_parcels() -> None:
    """Until now one parcel held all that was ordered."""
    op.execute(
        "insert into shipment_lines (shipment_id, line_id, quantity) "
        "select s.id, l.id, l.quantity from shipments s join lines l on l.seller_order_id = s.seller_order_id"
    )


def _create_tables() -> None:
    op.create_table(
        "day_salts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_day_salts")),
    )

    op.create_table(
        "closures",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("takes_orders", sa.Boolean(), nullable=False),
        sa.Column("message_id", sa.String(length=300), nullable=False),
        sa.Column("message_en", sa.String(length=300), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown_state", sa.String(length=10), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_closures_days")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_closures_created_by_users")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_closures_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closures")),
    )
    op.create_index("ix_closures_workshop", "closures", ["workshop_id", "ends_on"], unique=False)
    op.create_table(
        "imports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "received",
                "checked",
                "approved",
                "applied",
                "refused",
                "canceled",
                name="importstatus",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("file_key", sa.String(length=200), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.Column("changed_count", sa.Integer(), nullable=False),
        sa.Column("error_count", sa.Integer(), nullable=False),
        sa.Column("preview", sa.JSON(), nullable=False),
        sa.Column("errors", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_imports_user_id_users")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_imports_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index("ix_imports_status", "imports", ["status"], unique=False)
    op.create_index("ix_imports_workshop", "imports", ["workshop_id", "id"], unique=False)
    op.create_table(
        "invitations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column(
            "role", sa.Enum("owner", "maker", "packer", name="memberrole", native_enum=False, length=24), nullable=False
        ),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("invited_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["accepted_by"], ["users.id"], name=op.f("fk_invitations_accepted_by_users")),
        sa.ForeignKeyConstraint(["invited_by"], ["users.id"], name=op.f("fk_invitations_invited_by_users")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_invitations_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
    )
    op.create_index(op.f("ix_invitations_workshop_id"), "invitations", ["workshop_id"], unique=False)
    op.create_index(
        "uq_invitations_open",
        "invitations",
        ["workshop_id", "email"],
        unique=True,
        sqlite_where=sa.text("accepted_at is null and revoked_at is null"),
        postgresql_where=sa.text("accepted_at is null and revoked_at is null"),
    )
    op.create_table(
        "metal_feeds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metal_feeds")),
    )
    op.create_table(
        "metal_rates",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("metal", sa.String(length=20), nullable=False),
        sa.Column("idr_per_gram", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("quoted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("idr_per_gram > 0", name=op.f("ck_metal_rates_idr_per_gram")),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name=op.f("fk_metal_rates_entered_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metal_rates")),
    )
    op.create_index(op.f("ix_metal_rates_entered_by"), "metal_rates", ["entered_by"], unique=False)
    op.create_index("ix_metal_rates_newest", "metal_rates", ["metal", "quoted_at"], unique=False)
    op.create_table(
        "quick_replies",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("body_en", sa.String(length=1000), nullable=False),
        sa.Column("body_id", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_quick_replies_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quick_replies")),
    )
    op.create_index(op.f("ix_quick_replies_workshop_id"), "quick_replies", ["workshop_id"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_user_id"), "recovery_codes", ["user_id"], unique=False)
    op.create_table(
        "stock_moves",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "ordered",
                "returned",
                "made",
                "shop_sale",
                "damaged",
                "lost",
                "lent",
                "counted",
                "imported",
                name="stockreason",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("moved_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["moved_by"], ["users.id"], name=op.f("fk_stock_moves_moved_by_users")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_stock_moves_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_moves")),
    )
    op.create_index("ix_stock_moves_variant", "stock_moves", ["variant_id", "id"], unique=False)
    op.create_index(op.f("ix_stock_moves_workshop_id"), "stock_moves", ["workshop_id"], unique=False)
    op.create_table(
        "costings",
        sa.Column(
            "listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("loss_bp", sa.Integer(), nullable=False),
        sa.Column("labour_idr", sa.BigInteger(), nullable=False),
        sa.Column("stones_idr", sa.BigInteger(), nullable=False),
        sa.Column("finishing_idr", sa.BigInteger(), nullable=False),
        sa.Column("margin_bp", sa.Integer(), nullable=False),
        sa.Column("follows_rate", sa.Boolean(), nullable=False),
        sa.Column("shows_breakdown", sa.Boolean(), nullable=False),
        sa.Column("rate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("labour_idr >= 0 and stones_idr >= 0 and finishing_idr >= 0", name=op.f("ck_costings_sums")),
        sa.CheckConstraint(
            "loss_bp between 0 and 5000 and margin_bp between 0 and 9000", name=op.f("ck_costings_rates")
        ),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_costings_listing_id_listings")),
        sa.ForeignKeyConstraint(["rate_id"], ["metal_rates.id"], name=op.f("fk_costings_rate_id_metal_rates")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_costings_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_costings")),
    )
    op.create_index(op.f("ix_costings_rate_id"), "costings", ["rate_id"], unique=False)
    op.create_index(op.f("ix_costings_workshop_id"), "costings", ["workshop_id"], unique=False)
    op.create_table(
        "daily_counts",
        sa.Column("listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.Column("saves", sa.Integer(), nullable=False),
        sa.Column("bags", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_daily_counts_listing_id_listings")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_daily_counts_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("listing_id", "happened_on", "country", name=op.f("pk_daily_counts")),
    )
    op.create_index("ix_daily_counts_workshop", "daily_counts", ["workshop_id", "happened_on"], unique=False)
    op.create_table(
        "price_changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("old_amount", sa.BigInteger(), nullable=True),
        sa.Column("new_amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("rate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("changed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["users.id"], name=op.f("fk_price_changes_changed_by_users")),
        sa.ForeignKeyConstraint(["rate_id"], ["metal_rates.id"], name=op.f("fk_price_changes_rate_id_metal_rates")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_price_changes_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_changes")),
    )
    op.create_index("ix_price_changes_listing", "price_changes", ["listing_id", "id"], unique=False)
    op.create_index(op.f("ix_price_changes_workshop_id"), "price_changes", ["workshop_id"], unique=False)
    op.create_table(
        "uploads",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("byte_count", sa.Integer(), nullable=False),
        sa.Column("received_count", sa.Integer(), nullable=False),
        sa.Column("pieces", sa.JSON(), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("refusal", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("byte_count > 0 and received_count between 0 and byte_count", name=op.f("ck_uploads_bytes")),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_uploads_photo_id_photos")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_uploads_user_id_users")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_uploads_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("workshop_id", "key", name=op.f("uq_uploads_workshop_id_key")),
    )
    op.create_index(op.f("ix_uploads_photo_id"), "uploads", ["photo_id"], unique=False)
    op.create_index("ix_uploads_updated_at", "uploads", ["updated_at"], unique=False)
    op.create_table(
        "visit_marks",
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("visitor", sa.String(length=16), nullable=False),
        sa.Column("deed", sa.Enum("view", "save", "bag", name="deed", native_enum=False, length=24), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_visit_marks_listing_id_listings")),
        sa.PrimaryKeyConstraint("happened_on", "listing_id", "visitor", "deed", name=op.f("pk_visit_marks")),
    )
    op.create_table(
        "threads",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("seller_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("buyer_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("workshop_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "reported_side", sa.Enum("buyer", "workshop", name="side", native_enum=False, length=24), nullable=True
        ),
        sa.Column("report_reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint("(seller_order_id is null) <> (listing_id is null)", name=op.f("ck_threads_subject")),
        sa.CheckConstraint("listing_id is null or user_id is not null", name=op.f("ck_threads_buyer")),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_threads_listing_id_listings")),
        sa.ForeignKeyConstraint(
            ["seller_order_id"], ["seller_orders.id"], name=op.f("fk_threads_seller_order_id_seller_orders")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_threads_user_id_users")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_threads_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threads")),
        sa.UniqueConstraint("seller_order_id", name=op.f("uq_threads_seller_order_id")),
        sa.UniqueConstraint("user_id", "listing_id", name=op.f("uq_threads_user_id_listing_id")),
    )
    op.create_index("ix_threads_buyer", "threads", ["user_id", "last_at"], unique=False)
    op.create_index(op.f("ix_threads_listing_id"), "threads", ["listing_id"], unique=False)
    op.create_index(
        "ix_threads_reported",
        "threads",
        ["reported_at"],
        unique=False,
        sqlite_where=sa.text("reported_at is not null"),
        postgresql_where=sa.text("reported_at is not null"),
    )
    op.create_index("ix_threads_workshop", "threads", ["workshop_id", "last_at"], unique=False)
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("thread_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("side", sa.Enum("buyer", "workshop", name="side", native_enum=False, length=24), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("answered_minutes", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["threads.id"], name=op.f("fk_messages_thread_id_threads")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_messages_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("thread_id", "key", name=op.f("uq_messages_thread_id_key")),
    )
    op.create_index(
        "ix_messages_answered",
        "messages",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("answered_minutes is not null"),
        postgresql_where=sa.text("answered_minutes is not null"),
    )
    op.create_index("ix_messages_thread", "messages", ["thread_id", "id"], unique=False)
    op.create_index(op.f("ix_messages_user_id"), "messages", ["user_id"], unique=False)
    op.create_table(
        "shipment_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shipment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_shipment_lines_quantity")),
        sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name=op.f("fk_shipment_lines_line_id_lines")),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipments.id"], name=op.f("fk_shipment_lines_shipment_id_shipments")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipment_lines")),
        sa.UniqueConstraint("shipment_id", "line_id", name=op.f("uq_shipment_lines_shipment_id_line_id")),
    )
    op.create_index(op.f("ix_shipment_lines_line_id"), "shipment_lines", ["line_id"], unique=False)
    op.create_table(
        "message_photos",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_message_photos_message_id_messages")),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_message_photos_photo_id_photos")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_photos")),
        sa.UniqueConstraint("message_id", "photo_id", name=op.f("uq_message_photos_message_id_photo_id")),
    )
    op.create_index(op.f("ix_message_photos_photo_id"), "message_photos", ["photo_id"], unique=False)
