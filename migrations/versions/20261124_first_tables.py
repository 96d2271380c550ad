"""First tables.

Two pairs of tables point at each other: PostgreSQL gets those keys afterwards, SQLite in the table itself.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
CIRCULAR = (
    ("fk_workshops_photo_id_photos", "workshops", "photo_id", "photos"),
    ("fk_listings_approved_version_id_listing_versions", "listings", "approved_version_id", "listing_versions"),
)


def upgrade() -> None:
    op.create_table(
        "categories",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("name_id", sa.String(length=80), nullable=False),
        sa.Column("description_en", sa.String(length=400), nullable=False),
        sa.Column("description_id", sa.String(length=400), nullable=False),
        sa.Column("hs6", sa.String(length=10), nullable=False),
        sa.Column("policy", sa.String(length=40), nullable=False),
        sa.Column("size_kind", sa.String(length=20), nullable=False),
        sa.Column("required_fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["categories.id"], name=op.f("fk_categories_parent_id_categories")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("slug", name=op.f("uq_categories_slug")),
    )
    op.create_index(op.f("ix_categories_parent_id"), "categories", ["parent_id"], unique=False)
    op.create_table(
        "changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
    )
    op.create_table(
        "data_versions",
        sa.Column("scope", sa.String(length=60), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_data_versions")),
    )
    op.create_table(
        "demo_sessions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("external_id", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("charge_id", sa.String(length=60), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_url", sa.String(length=500), nullable=False),
        sa.Column("cancel_url", sa.String(length=500), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demo_sessions")),
        sa.UniqueConstraint("external_id", name=op.f("uq_demo_sessions_external_id")),
        sa.UniqueConstraint("key", name=op.f("uq_demo_sessions_key")),
    )
    op.create_table(
        "fx_rates",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rate", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("quoted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fx_rates")),
    )
    op.create_index("ix_fx_rates_newest", "fx_rates", ["currency", "quoted_at"], unique=False)
    op.create_table(
        "hits",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("bucket", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hits")),
    )
    op.create_index("ix_hits_bucket_at", "hits", ["bucket", "at"], unique=False)
    op.create_table(
        "mails",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("to", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("key", name=op.f("uq_mails_key")),
    )
    op.create_index("ix_mails_waiting", "mails", ["status", "next_try_at"], unique=False)
    op.create_table(
        "processor_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("processor", sa.String(length=20), nullable=False),
        sa.Column("event_id", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("attempt_key", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processor_events")),
        sa.UniqueConstraint("processor", "event_id", name=op.f("uq_processor_events_processor_event_id")),
    )
    op.create_index("ix_processor_events_unhandled", "processor_events", ["handled_at", "received_at"], unique=False)
    op.create_table(
        "search_documents",
        sa.Column(
            "listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("attributes", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_search_documents")),
    )
    op.create_table(
        "search_queries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("market", sa.String(length=10), nullable=False),
        sa.Column("text", sa.String(length=100), nullable=False),
        sa.Column("hit_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_queries")),
    )
    op.create_index(op.f("ix_search_queries_at"), "search_queries", ["at"], unique=False)
    op.create_table(
        "shipping_zones",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("name_id", sa.String(length=80), nullable=False),
        sa.Column("countries", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_zones")),
        sa.UniqueConstraint("code", name=op.f("uq_shipping_zones_code")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "workshops",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("initials", sa.String(length=2), nullable=False),
        sa.Column("contact_name", sa.String(length=120), nullable=False),
        sa.Column("form_of_address", sa.String(length=10), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("banjar", sa.String(length=60), nullable=False),
        sa.Column("since_year", sa.Integer(), nullable=True),
        sa.Column("artisan_count", sa.Integer(), nullable=True),
        sa.Column("specialities", sa.JSON(), nullable=False),
        sa.Column("story_en", sa.Text(), nullable=False),
        sa.Column("story_id", sa.Text(), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_trusted", sa.Boolean(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspension_reason", sa.String(length=1000), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_workshops_photo_id_photos"), use_alter=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshops")),
        sa.UniqueConstraint("slug", name=op.f("uq_workshops_slug")),
    )
    op.create_table(
        "account_links",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("purpose", sa.String(24), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_account_links_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_account_links_token_hash")),
    )
    op.create_index(op.f("ix_account_links_email"), "account_links", ["email"], unique=False)
    op.create_index(op.f("ix_account_links_user_id"), "account_links", ["user_id"], unique=False)
    op.create_table(
        "addresses",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("street", sa.String(length=300), nullable=False),
        sa.Column("district", sa.String(length=120), nullable=False),
        sa.Column("city", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=120), nullable=False),
        sa.Column("postcode", sa.String(length=20), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_addresses_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
    )
    op.create_index(op.f("ix_addresses_user_id"), "addresses", ["user_id"], unique=False)
    op.create_table(
        "applications",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("workshop_name", sa.String(length=80), nullable=False),
        sa.Column("contact_name", sa.String(length=120), nullable=False),
        sa.Column("form_of_address", sa.String(length=10), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("banjar", sa.String(length=60), nullable=False),
        sa.Column("since_year", sa.Integer(), nullable=True),
        sa.Column("artisan_count", sa.Integer(), nullable=True),
        sa.Column("specialities", sa.JSON(), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("story_language", sa.String(length=2), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason_code", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_applications_decided_by_users")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_applications_user_id_users")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_applications_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint("user_id", name=op.f("uq_applications_user_id")),
    )
    op.create_index(op.f("ix_applications_decided_by"), "applications", ["decided_by"], unique=False)
    op.create_index("ix_applications_queue", "applications", ["status", "submitted_at"], unique=False)
    op.create_index(op.f("ix_applications_workshop_id"), "applications", ["workshop_id"], unique=False)
    op.create_table(
        "audit_rows",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_audit_rows_actor_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_rows")),
    )
    op.create_index(op.f("ix_audit_rows_actor_id"), "audit_rows", ["actor_id"], unique=False)
    op.create_index("ix_audit_rows_subject", "audit_rows", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "commission_rates",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("basis_points", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.CheckConstraint("basis_points >= 0 and basis_points <= 5000", name=op.f("ck_commission_rates_basis_points")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_commission_rates_category_id_categories")
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshops.id"], name=op.f("fk_commission_rates_workshop_id_workshops")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commission_rates")),
    )
    op.create_index(op.f("ix_commission_rates_category_id"), "commission_rates", ["category_id"], unique=False)
    op.create_index(op.f("ix_commission_rates_workshop_id"), "commission_rates", ["workshop_id"], unique=False)
    op.create_table(
        "listings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sku", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("taken_down_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_down_reason", sa.String(length=1000), nullable=False),
        sa.Column("approved_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("made_to_order", sa.Boolean(), nullable=False),
        sa.Column("lead_time_days", sa.Integer(), nullable=False),
        sa.Column("packed_grams", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.Column("unfinished", sa.JSON(), nullable=False),
        sa.CheckConstraint("lead_time_days >= 0 and lead_time_days <= 365", name=op.f("ck_listings_lead_time")),
        sa.ForeignKeyConstraint(
            ["approved_version_id"],
            ["listing_versions.id"],
            name=op.f("fk_listings_approved_version_id_listing_versions"),
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_listings_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listings")),
        sa.UniqueConstraint("workshop_id", "sku", name=op.f("uq_listings_workshop_id_sku")),
    )
    op.create_index(op.f("ix_listings_approved_version_id"), "listings", ["approved_version_id"], unique=False)
    op.create_index("ix_listings_workshop_state", "listings", ["workshop_id", "state", "id"], unique=False)
    op.create_table(
        "members",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_members_user_id_users")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_members_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("workshop_id", "user_id", name=op.f("uq_members_workshop_id_user_id")),
    )
    op.create_index(op.f("ix_members_user_id"), "members", ["user_id"], unique=False)
    op.create_index(op.f("ix_members_workshop_id"), "members", ["workshop_id"], unique=False)
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("public_no", sa.String(length=16), nullable=False),
        sa.Column("checkout_key", sa.String(length=40), nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("market", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("canceled_reason", sa.String(24), nullable=True),
        sa.Column("total_amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("fx_rate", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("fx_quoted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stock_returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("canceled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("total_amount > 0", name=op.f("ck_orders_total")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_orders_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("checkout_key", name=op.f("uq_orders_checkout_key")),
        sa.UniqueConstraint("public_no", name=op.f("uq_orders_public_no")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_orders_token_hash")),
    )
    op.create_index("ix_orders_email", "orders", ["email", "id"], unique=False)
    op.create_index("ix_orders_status", "orders", ["status", "hold_until"], unique=False)
    op.create_index(op.f("ix_orders_user_id"), "orders", ["user_id"], unique=False)
    op.create_table(
        "photos",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("shape", sa.String(24), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("original_key", sa.String(length=200), nullable=False),
        sa.Column("byte_count", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("tone", sa.SmallInteger(), nullable=False),
        sa.Column("renditions", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_photos_user_id_users")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_photos_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photos")),
    )
    op.create_index(op.f("ix_photos_content_hash"), "photos", ["content_hash"], unique=False)
    op.create_index("ix_photos_status", "photos", ["status"], unique=False)
    op.create_index(op.f("ix_photos_user_id"), "photos", ["user_id"], unique=False)
    op.create_index(op.f("ix_photos_workshop_id"), "photos", ["workshop_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "shipping_rates",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("zone_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("max_grams", sa.Integer(), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=False),
        sa.Column("price_currency", sa.String(length=3), nullable=False),
        sa.Column("days_min", sa.Integer(), nullable=False),
        sa.Column("days_max", sa.Integer(), nullable=False),
        sa.CheckConstraint("days_min > 0 and days_max >= days_min", name=op.f("ck_shipping_rates_days")),
        sa.CheckConstraint("price_amount >= 0", name=op.f("ck_shipping_rates_price")),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshops.id"], name=op.f("fk_shipping_rates_workshop_id_workshops")
        ),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["shipping_zones.id"], name=op.f("fk_shipping_rates_zone_id_shipping_zones")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_rates")),
    )
    op.create_index(op.f("ix_shipping_rates_workshop_id"), "shipping_rates", ["workshop_id"], unique=False)
    op.create_index(
        "ix_shipping_rates_zone", "shipping_rates", ["zone_id", "workshop_id", "service", "max_grams"], unique=False
    )
    op.create_table(
        "application_photos",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_application_photos_application_id_applications")
        ),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_application_photos_photo_id_photos")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_photos")),
        sa.UniqueConstraint("application_id", "photo_id", name=op.f("uq_application_photos_application_id_photo_id")),
    )
    op.create_index(
        op.f("ix_application_photos_application_id"), "application_photos", ["application_id"], unique=False
    )
    op.create_index(op.f("ix_application_photos_photo_id"), "application_photos", ["photo_id"], unique=False)
    op.create_table(
        "cards",
        sa.Column(
            "listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("title_id", sa.String(length=120), nullable=False),
        sa.Column("workshop_name", sa.String(length=80), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=False),
        sa.Column("material", sa.String(length=20), nullable=False),
        sa.Column("fineness", sa.Integer(), nullable=True),
        sa.Column("plating", sa.String(length=20), nullable=False),
        sa.Column("weight_grams", sa.Numeric(precision=8, scale=1), nullable=True),
        sa.Column("made_to_order", sa.Boolean(), nullable=False),
        sa.Column("lead_time_days", sa.Integer(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("is_single", sa.Boolean(), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("alt_en", sa.String(length=300), nullable=False),
        sa.Column("alt_id", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_cards_listing_id_listings")),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_cards_photo_id_photos")),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_cards")),
    )
    op.create_index(op.f("ix_cards_photo_id"), "cards", ["photo_id"], unique=False)
    op.create_table(
        "carts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("checkout_key", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(user_id is null) <> (session_id is null)", name=op.f("ck_carts_owner")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_carts_session_id_sessions"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_carts_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carts")),
        sa.UniqueConstraint("session_id", name=op.f("uq_carts_session_id")),
        sa.UniqueConstraint("user_id", name=op.f("uq_carts_user_id")),
    )
    op.create_table(
        "listing_versions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("title_id", sa.String(length=120), nullable=False),
        sa.Column("description_en", sa.Text(), nullable=False),
        sa.Column("description_id", sa.Text(), nullable=False),
        sa.Column("material", sa.String(length=20), nullable=False),
        sa.Column("fineness", sa.Integer(), nullable=True),
        sa.Column("plating", sa.String(length=20), nullable=False),
        sa.Column("weight_grams", sa.Numeric(precision=8, scale=1), nullable=True),
        sa.Column("techniques", sa.JSON(), nullable=False),
        sa.Column("finish", sa.String(length=40), nullable=False),
        sa.Column("stones_en", sa.String(length=200), nullable=False),
        sa.Column("stones_id", sa.String(length=200), nullable=False),
        sa.Column("dimensions_en", sa.String(length=200), nullable=False),
        sa.Column("dimensions_id", sa.String(length=200), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("engraving_limit", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decision_code", sa.String(length=40), nullable=False),
        sa.Column("decision_reason", sa.String(length=1000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_listing_versions_category_id_categories")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_listing_versions_decided_by_users")),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_listing_versions_listing_id_listings")),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshops.id"], name=op.f("fk_listing_versions_workshop_id_workshops")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_versions")),
    )
    op.create_index(op.f("ix_listing_versions_category_id"), "listing_versions", ["category_id"], unique=False)
    op.create_index(op.f("ix_listing_versions_decided_by"), "listing_versions", ["decided_by"], unique=False)
    op.create_index(op.f("ix_listing_versions_listing_id"), "listing_versions", ["listing_id"], unique=False)
    op.create_index("ix_listing_versions_queue", "listing_versions", ["status", "submitted_at"], unique=False)
    op.create_index(op.f("ix_listing_versions_workshop_id"), "listing_versions", ["workshop_id"], unique=False)
    op.create_index(
        "uq_listing_versions_open",
        "listing_versions",
        ["listing_id"],
        unique=True,
        sqlite_where=sa.text("status in ('draft', 'in_review', 'rejected')"),
        postgresql_where=sa.text("status in ('draft', 'in_review', 'rejected')"),
    )
    op.create_table(
        "payment_attempts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("processor", sa.String(length=20), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("request_json", sa.JSON(), nullable=False),
        sa.Column("external_id", sa.String(length=120), nullable=True),
        sa.Column("redirect_url", sa.String(length=2000), nullable=False),
        sa.Column("charge_id", sa.String(length=120), nullable=True),
        sa.Column("fee_amount", sa.BigInteger(), nullable=True),
        sa.Column("net_amount", sa.BigInteger(), nullable=True),
        sa.Column("settle_currency", sa.String(length=3), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("decline_count", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_attempts_amount")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payment_attempts_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_attempts")),
        sa.UniqueConstraint("key", name=op.f("uq_payment_attempts_key")),
        sa.UniqueConstraint("processor", "charge_id", name=op.f("uq_payment_attempts_processor_charge_id")),
        sa.UniqueConstraint("processor", "external_id", name=op.f("uq_payment_attempts_processor_external_id")),
    )
    op.create_index(op.f("ix_payment_attempts_order_id"), "payment_attempts", ["order_id"], unique=False)
    op.create_index("ix_payment_attempts_status", "payment_attempts", ["status", "expires_at"], unique=False)
    op.create_index(
        "uq_payment_attempts_running",
        "payment_attempts",
        ["order_id"],
        unique=True,
        sqlite_where=sa.text("status in ('created', 'open', 'processing')"),
        postgresql_where=sa.text("status in ('created', 'open', 'processing')"),
    )
    op.create_table(
        "placements",
        sa.Column("category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("published_key", sa.BigInteger(), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_placements_listing_id_listings")),
        sa.PrimaryKeyConstraint("category_id", "listing_id", name=op.f("pk_placements")),
    )
    op.create_index(op.f("ix_placements_listing_id"), "placements", ["listing_id"], unique=False)
    op.create_index("ix_placements_newest", "placements", ["category_id", "published_key", "listing_id"], unique=False)
    op.create_index("ix_placements_price", "placements", ["category_id", "price_amount", "listing_id"], unique=False)
    op.create_index(
        "ix_placements_workshop",
        "placements",
        ["workshop_id", "category_id", "published_key", "listing_id"],
        unique=False,
    )
    op.create_table(
        "seller_orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("items_amount", sa.BigInteger(), nullable=False),
        sa.Column("discount_amount", sa.BigInteger(), nullable=False),
        sa.Column("shipping_amount", sa.BigInteger(), nullable=False),
        sa.Column("total_amount", sa.BigInteger(), nullable=False),
        sa.Column("commission_idr", sa.BigInteger(), nullable=False),
        sa.Column("shipping_idr", sa.BigInteger(), nullable=False),
        sa.Column("payable_idr", sa.BigInteger(), nullable=False),
        sa.Column("refunded_amount", sa.BigInteger(), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("arrives_from", sa.Date(), nullable=False),
        sa.Column("arrives_to", sa.Date(), nullable=False),
        sa.Column("ship_by_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("is_gift", sa.Boolean(), nullable=False),
        sa.Column("cancel_code", sa.String(length=40), nullable=False),
        sa.Column("cancel_reason", sa.String(length=500), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("canceled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("commission_idr >= 0 and payable_idr >= 0", name=op.f("ck_seller_orders_share")),
        sa.CheckConstraint(
            "refunded_amount >= 0 and refunded_amount <= total_amount", name=op.f("ck_seller_orders_refunded")
        ),
        sa.CheckConstraint(
            "total_amount = items_amount - discount_amount + shipping_amount", name=op.f("ck_seller_orders_total")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_seller_orders_order_id_orders")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_seller_orders_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seller_orders")),
        sa.UniqueConstraint("order_id", "workshop_id", name=op.f("uq_seller_orders_order_id_workshop_id")),
    )
    op.create_index("ix_seller_orders_due", "seller_orders", ["workshop_id", "status", "ship_by_on"], unique=False)
    op.create_index(op.f("ix_seller_orders_order_id"), "seller_orders", ["order_id"], unique=False)
    op.create_index(op.f("ix_seller_orders_workshop_id"), "seller_orders", ["workshop_id"], unique=False)
    op.create_table(
        "showcases",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("slot", sa.String(length=20), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("alt_en", sa.String(length=300), nullable=False),
        sa.Column("alt_id", sa.String(length=300), nullable=False),
        sa.Column("listing_ids", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_showcases_photo_id_photos")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_showcases")),
        sa.UniqueConstraint("slot", name=op.f("uq_showcases_slot")),
    )
    op.create_index(op.f("ix_showcases_photo_id"), "showcases", ["photo_id"], unique=False)
    op.create_table(
        "variants",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("size", sa.String(length=40), nullable=False),
        sa.Column("size_mm", sa.Numeric(precision=6, scale=2), nullable=True),
        sa.Column("price_amount", sa.BigInteger(), nullable=False),
        sa.Column("price_currency", sa.String(length=3), nullable=False),
        sa.Column("weight_grams", sa.Numeric(precision=8, scale=1), nullable=True),
        sa.Column("stock", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("price_amount > 0", name=op.f("ck_variants_price")),
        sa.CheckConstraint("stock >= 0", name=op.f("ck_variants_stock")),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_variants_listing_id_listings")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variants")),
    )
    op.create_index("ix_variants_listing", "variants", ["listing_id", "position"], unique=False)
    op.create_table(
        "cart_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("cart_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("engraving", sa.String(length=120), nullable=False),
        sa.Column("seen_price", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity > 0 and quantity <= 20", name=op.f("ck_cart_lines_quantity")),
        sa.ForeignKeyConstraint(
            ["cart_id"], ["carts.id"], name=op.f("fk_cart_lines_cart_id_carts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_cart_lines_variant_id_variants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart_lines")),
    )
    op.create_index(op.f("ix_cart_lines_cart_id"), "cart_lines", ["cart_id"], unique=False)
    op.create_index(op.f("ix_cart_lines_variant_id"), "cart_lines", ["variant_id"], unique=False)
    op.create_table(
        "cart_notes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("cart_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("is_gift", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cart_id"], ["carts.id"], name=op.f("fk_cart_notes_cart_id_carts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_cart_notes_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart_notes")),
        sa.UniqueConstraint("cart_id", "workshop_id", name=op.f("uq_cart_notes_cart_id_workshop_id")),
    )
    op.create_index(op.f("ix_cart_notes_cart_id"), "cart_notes", ["cart_id"], unique=False)
    op.create_index(op.f("ix_cart_notes_workshop_id"), "cart_notes", ["workshop_id"], unique=False)
    op.create_table(
        "lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("seller_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("listing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("takes_stock", sa.Boolean(), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("title_id", sa.String(length=120), nullable=False),
        sa.Column("size", sa.String(length=40), nullable=False),
        sa.Column("sku", sa.String(length=40), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("material", sa.String(length=20), nullable=False),
        sa.Column("fineness", sa.Integer(), nullable=True),
        sa.Column("plating", sa.String(length=20), nullable=False),
        sa.Column("weight_grams", sa.Numeric(precision=8, scale=1), nullable=True),
        sa.Column("made_to_order", sa.Boolean(), nullable=False),
        sa.Column("lead_time_days", sa.Integer(), nullable=False),
        sa.Column("engraving", sa.String(length=120), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("unit_amount", sa.BigInteger(), nullable=False),
        sa.Column("unit_idr", sa.BigInteger(), nullable=False),
        sa.Column("commission_bp", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_lines_quantity")),
        sa.ForeignKeyConstraint(["listing_id"], ["listings.id"], name=op.f("fk_lines_listing_id_listings")),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_lines_photo_id_photos")),
        sa.ForeignKeyConstraint(
            ["seller_order_id"], ["seller_orders.id"], name=op.f("fk_lines_seller_order_id_seller_orders")
        ),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_lines_variant_id_variants")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lines")),
    )
    op.create_index(op.f("ix_lines_listing_id"), "lines", ["listing_id"], unique=False)
    op.create_index(op.f("ix_lines_photo_id"), "lines", ["photo_id"], unique=False)
    op.create_index(op.f("ix_lines_seller_order_id"), "lines", ["seller_order_id"], unique=False)
    op.create_index(op.f("ix_lines_variant_id"), "lines", ["variant_id"], unique=False)
    op.create_table(
        "shipments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("seller_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("carrier", sa.String(length=20), nullable=False),
        sa.Column("tracking_number", sa.String(length=60), nullable=False),
        sa.Column("shipped_on", sa.Date(), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_shipments_created_by_users")),
        sa.ForeignKeyConstraint(
            ["seller_order_id"], ["seller_orders.id"], name=op.f("fk_shipments_seller_order_id_seller_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipments")),
    )
    op.create_index(op.f("ix_shipments_created_by"), "shipments", ["created_by"], unique=False)
    op.create_index(op.f("ix_shipments_seller_order_id"), "shipments", ["seller_order_id"], unique=False)
    op.create_table(
        "version_photos",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("alt_en", sa.String(length=300), nullable=False),
        sa.Column("alt_id", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_version_photos_photo_id_photos")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["listing_versions.id"], name=op.f("fk_version_photos_version_id_listing_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version_photos")),
        sa.UniqueConstraint("version_id", "photo_id", name=op.f("uq_version_photos_version_id_photo_id")),
    )
    op.create_index(op.f("ix_version_photos_photo_id"), "version_photos", ["photo_id"], unique=False)
    op.create_index(op.f("ix_version_photos_version_id"), "version_photos", ["version_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        for name, table, column, target in CIRCULAR:
            op.create_foreign_key(name, table, target, [column], ["id"])


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name, table, _column, _target in CIRCULAR:
            op.drop_constraint(name, table)
    op.drop_index(op.f("ix_version_photos_version_id"), table_name="version_photos")
    op.drop_index(op.f("ix_version_photos_photo_id"), table_name="version_photos")
    op.drop_table("version_photos")
    op.drop_index(op.f("ix_shipments_seller_order_id"), table_name="shipments")
    op.drop_index(op.f("ix_shipments_created_by"), table_name="shipments")
    op.drop_table("shipments")
    op.drop_index(op.f("ix_lines_variant_id"), table_name="lines")
    op.drop_index(op.f("ix_lines_seller_order_id"), table_name="lines")
    op.drop_index(op.f("ix_lines_photo_id"), table_name="lines")
    op.drop_index(op.f("ix_lines_listing_id"), table_name="lines")
    op.drop_table("lines")
    op.drop_index(op.f("ix_cart_notes_workshop_id"), table_name="cart_notes")
    op.drop_index(op.f("ix_cart_notes_cart_id"), table_name="cart_notes")
    op.drop_table("cart_notes")
    op.drop_index(op.f("ix_cart_lines_variant_id"), table_name="cart_lines")
    op.drop_index(op.f("ix_cart_lines_cart_id"), table_name="cart_lines")
    op.drop_table("cart_lines")
    op.drop_index("ix_variants_listing", table_name="variants")
    op.drop_table("variants")
    op.drop_index(op.f("ix_showcases_photo_id"), table_name="showcases")
    op.drop_table("showcases")
    op.drop_index(op.f("ix_seller_orders_workshop_id"), table_name="seller_orders")
    op.drop_index(op.f("ix_seller_orders_order_id"), table_name="seller_orders")
    op.drop_index("ix_seller_orders_due", table_name="seller_orders")
    op.drop_table("seller_orders")
    op.drop_index("ix_placements_workshop", table_name="placements")
    op.drop_index("ix_placements_price", table_name="placements")
    op.drop_index("ix_placements_newest", table_name="placements")
    op.drop_index(op.f("ix_placements_listing_id"), table_name="placements")
    op.drop_table("placements")
    op.drop_index(
        "uq_payment_attempts_running",
        table_name="payment_attempts",
        sqlite_where=sa.text("status in ('created', 'open', 'processing')"),
        postgresql_where=sa.text("status in ('created', 'open', 'processing')"),
    )
    op.drop_index("ix_payment_attempts_status", table_name="payment_attempts")
    op.drop_index(op.f("ix_payment_attempts_order_id"), table_name="payment_attempts")
    op.drop_table("payment_attempts")
    op.drop_index(
        "uq_listing_versions_open",
        table_name="listing_versions",
        sqlite_where=sa.text("status in ('draft', 'in_review', 'rejected')"),
        postgresql_where=sa.text("status in ('draft', 'in_review', 'rejected')"),
    )
    op.drop_index(op.f("ix_listing_versions_workshop_id"), table_name="listing_versions")
    op.drop_index("ix_listing_versions_queue", table_name="listing_versions")
    op.drop_index(op.f("ix_listing_versions_listing_id"), table_name="listing_versions")
    op.drop_index(op.f("ix_listing_versions_decided_by"), table_name="listing_versions")
    op.drop_index(op.f("ix_listing_versions_category_id"), table_name="listing_versions")
    op.drop_table("listing_versions")
    op.drop_table("carts")
    op.drop_index(op.f("ix_cards_photo_id"), table_name="cards")
    op.drop_table("cards")
    op.drop_index(op.f("ix_application_photos_photo_id"), table_name="application_photos")
    op.drop_index(op.f("ix_application_photos_application_id"), table_name="application_photos")
    op.drop_table("application_photos")
    op.drop_index("ix_shipping_rates_zone", table_name="shipping_rates")
    op.drop_index(op.f("ix_shipping_rates_workshop_id"), table_name="shipping_rates")
    op.drop_table("shipping_rates")
    op.drop_index(op.f("ix_sessions_user_id"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_index(op.f("ix_photos_workshop_id"), table_name="photos")
    op.drop_index(op.f("ix_photos_user_id"), table_name="photos")
    op.drop_index("ix_photos_status", table_name="photos")
    op.drop_index(op.f("ix_photos_content_hash"), table_name="photos")
    op.drop_table("photos")
    op.drop_index(op.f("ix_orders_user_id"), table_name="orders")
    op.drop_index("ix_orders_status", table_name="orders")
    op.drop_index("ix_orders_email", table_name="orders")
    op.drop_table("orders")
    op.drop_index(op.f("ix_members_workshop_id"), table_name="members")
    op.drop_index(op.f("ix_members_user_id"), table_name="members")
    op.drop_table("members")
    op.drop_index("ix_listings_workshop_state", table_name="listings")
    op.drop_index(op.f("ix_listings_approved_version_id"), table_name="listings")
    op.drop_table("listings")
    op.drop_index(op.f("ix_commission_rates_workshop_id"), table_name="commission_rates")
    op.drop_index(op.f("ix_commission_rates_category_id"), table_name="commission_rates")
    op.drop_table("commission_rates")
    op.drop_index("ix_audit_rows_subject", table_name="audit_rows")
    op.drop_index(op.f("ix_audit_rows_actor_id"), table_name="audit_rows")
    op.drop_table("audit_rows")
    op.drop_index(op.f("ix_applications_workshop_id"), table_name="applications")
    op.drop_index("ix_applications_queue", table_name="applications")
    op.drop_index(op.f("ix_applications_decided_by"), table_name="applications")
    op.drop_table("applications")
    op.drop_index(op.f("ix_addresses_user_id"), table_name="addresses")
    op.drop_table("addresses")
    op.drop_index(op.f("ix_account_links_user_id"), table_name="account_links")
    op.drop_index(op.f("ix_account_links_email"), table_name="account_links")
    op.drop_table("account_links")
    op.drop_table("workshops")
    op.drop_table("users")
    op.drop_table("shipping_zones")
    op.drop_index(op.f("ix_search_queries_at"), table_name="search_queries")
    op.drop_table("search_queries")
    op.drop_table("search_documents")
    op.drop_index("ix_processor_events_unhandled", table_name="processor_events")
    op.drop_table("processor_events")
    op.drop_index("ix_mails_waiting", table_name="mails")
    op.drop_table("mails")
    op.drop_index("ix_hits_bucket_at", table_name="hits")
    op.drop_table("hits")
    op.drop_index("ix_fx_rates_newest", table_name="fx_rates")
    op.drop_table("fx_rates")
    op.drop_table("demo_sessions")
    op.drop_table("data_versions")
    op.drop_table("changes")
    op.drop_index(op.f("ix_categories_parent_id"), table_name="categories")
    op.drop_table("categories")
