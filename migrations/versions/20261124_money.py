"""Money: the books, refunds, disputes, payouts, bank accounts, and what was paid before they began

Columns are added as they stand, not by copying tables: SQLite would lose the old checks.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# (table, column, its definition): a check stands on the last column that it needs.
COLUMNS = (
    ("commission_rates", "floor_idr", "bigint"),
    (
        "commission_rates",
        "cap_idr",
        "bigint constraint ck_commission_rates_bounds check (floor_idr >= 0 and cap_idr >= 0 and floor_idr <= cap_idr)",
    ),
    ("commission_rates", "created_by", "{id} constraint fk_commission_rates_created_by_users references users (id)"),
    ("commission_rates", "created_at", "{moment}"),
    ("demo_sessions", "fee_amount", "bigint not null default 0"),
    ("demo_sessions", "paid_at", "{moment}"),
    ("lines", "commission_idr", "bigint not null default 0"),
    (
        "lines",
        "refunded_quantity",
        (
            "integer not null default 0 "
            "constraint ck_lines_refunded_quantity check (refunded_quantity between 0 and quantity)"
        ),
    ),
    (
        "lines",
        "refunded_amount",
        (
            "bigint not null default 0 "
            "constraint ck_lines_refunded_amount check (refunded_amount between 0 and unit_amount * quantity)"
        ),
    ),
    ("payment_attempts", "fee_booked_at", "{moment}"),
    ("payment_attempts", "offer", "varchar(30) not null default ''"),
    ("payment_attempts", "method", "varchar(40) not null default ''"),
    ("payment_attempts", "is_applied", "boolean not null default {true}"),
    (
        "payment_attempts",
        "refunded_amount",
        (
            "bigint not null default 0 "
            "constraint ck_payment_attempts_refunded check (refunded_amount between 0 and amount)"
        ),
    ),
    (
        "seller_orders",
        "shipping_refunded_amount",
        (
            "bigint not null default 0 constraint ck_seller_orders_shipping_refunded check "
            "(shipping_refunded_amount between 0 and shipping_amount and shipping_refunded_amount <= refunded_amount)"
        ),
    ),
    ("seller_orders", "commission_returned_idr", "bigint not null default 0"),
    (
        "seller_orders",
        "payable_returned_idr",
        (
            "bigint not null default 0 constraint ck_seller_orders_returned check "
            "(commission_returned_idr between 0 and commission_idr and payable_returned_idr between 0 and payable_idr)"
        ),
    ),
    ("seller_orders", "payable_on", "date"),
    ("seller_orders", "earned_at", "{moment}"),
)
HOLD_DAYS = 3
BOOKS = ("ledger_txns", "ledger_entries")
TABLES = (
    "reconciliations",
    "bank_accounts",
    "demo_movements",
    "differences",
    "payout_accounts",
    "payout_holds",
    "payout_runs",
    "payouts",
    "disputes",
    "ledger_txns",
    "refunds",
    "ledger_entries",
    "payout_lines",
    "refund_lines",
)


def upgrade() -> None:
    _create_tables()
    types = _types()
    for table, column, definition in COLUMNS:
        op.execute(f"alter table {table} add column {column} {definition.format(**types)}")
    op.create_index("ix_seller_orders_payable", "seller_orders", ["status", "payable_on"], unique=False)
    op.create_index("ix_commission_rates_created_by", "commission_rates", ["created_by"], unique=False)
    _close_the_books()
    _share_commissions()
    _date_payables()
    _book_charges()
    _read_again()


def downgrade() -> None:
    op.drop_index("ix_commission_rates_created_by", "commission_rates")
    op.drop_index("ix_seller_orders_payable", "seller_orders")
    for table, column, _definition in reversed(COLUMNS):
        op.execute(f"alter table {table} drop column {column}")
    for table in reversed(TABLES):
        op.drop_table(table)
    if not _is_sqlite():
        op.execute("drop function books_are_written_once()")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _types() -> dict[str, str]:
    if _is_sqlite():
        return {"id": "integer", "moment": "datetime", "true": "1"}
    return {"id": "bigint", "moment": "timestamp with time zone", "true": "true"}


def _close_the_books() -> None:
    """The database itself refuses to change or delete what was booked."""
    if _is_sqlite():
        for table in BOOKS:
            for act in ("update", "delete"):
                op.execute(
                    f"create trigger books_{table}_{act} before {act} on {table} "
                    "begin select raise(abort, 'the books are written once'); end"
                )
        return
    op.execute(
        "create function books_are_written_once() returns trigger language plpgsql as "
        "$$ begin raise exception 'the books are written once'; end $$"
    )
    for table in BOOKS:
        op.execute(
            f"create trigger books_{table} before update or delete on {table} "
            "for each row execute function books_are_written_once()"
        )
        op.execute(
            f"create trigger books_{table}_all before truncate on {table} "
            "for each statement execute function books_are_written_once()"
        )


def _share_commissions() -> None:
    """Each line gets its part of its rate's commission, which is rounded half up once, by the largest remainder."""
    bind = op.get_bind()
    rows = bind.execute(
        sa.text(
            "select id, seller_order_id, commission_bp, unit_idr * quantity from lines order by seller_order_id, id"
        )
    )
    groups: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for line_id, part_id, basis_points, goods in rows:
        groups.setdefault((part_id, basis_points), []).append((line_id, int(goods)))
    for (_part_id, basis_points), lines in groups.items():
        goods = sum(amount for _id, amount in lines)
        commission = (goods * basis_points * 2 + 10_000) // 20_000
        shares = [commission * amount // goods if goods else 0 for _id, amount in lines]
        rest = [-(commission * amount % goods) if goods else 0 for _id, amount in lines]
        for place in sorted(range(len(lines)), key=lambda place: (rest[place], place))[: commission - sum(shares)]:
            shares[place] += 1
        for (line_id, _amount), share in zip(lines, shares, strict=True):
            bind.execute(sa.text("update lines set commission_idr = :c where id = :id"), {"c": share, "id": line_id})


def _date_payables() -> None:
    """Parcels that have arrived are earned when the hold after delivery is over; the day is Bali's (UTC+8)."""
    if _is_sqlite():
        day = f"date(delivered_at, '+8 hours', '+{HOLD_DAYS} days')"
    else:
        day = f"(delivered_at at time zone 'Asia/Makassar')::date + {HOLD_DAYS}"
    op.execute(f"update seller_orders set payable_on = {day} where delivered_at is not null")


def _book_charges() -> None:
    """Every attempt that was paid before the books began is booked, so that they begin complete (payments.md 8)."""
    bind = op.get_bind()
    op.execute(  # an order takes one payment, its first, and none when it has ended
        "update payment_attempts set is_applied = " + ("0" if _is_sqlite() else "false") + " where status = 'paid' and "
        "(exists (select 1 from payment_attempts p where p.order_id = payment_attempts.order_id and p.status = 'paid' "
        "and (p.paid_at < payment_attempts.paid_at or (p.paid_at = payment_attempts.paid_at and p.id < "
        "payment_attempts.id))) or exists (select 1 from orders o where o.id = payment_attempts.order_id and o.status "
        "not in ('paid', 'closed')))"
    )
    txns = sa.table("ledger_txns", *map(sa.column, TXN), sa.column("at", sa.DateTime(timezone=not _is_sqlite())))
    entries = sa.table("ledger_entries", *map(sa.column, ENTRY))
    paid = bind.execute(
        sa.text(
            "select id, order_id, processor, livemode, amount, currency, fee_amount, net_amount, settle_currency, "
            "is_applied, paid_at from payment_attempts where status = 'paid' order by id"
        )
    ).mappings()
    for number, attempt in enumerate(paid.all(), start=1):
        at = _moment(attempt["paid_at"])
        known = attempt["fee_amount"] is not None and attempt["net_amount"] is not None
        bind.execute(
            txns.insert().values(
                id=number,
                key=f"charge:{attempt['id']}",
                kind="charge",
                memo="booked when the books began",
                livemode=bool(attempt["livemode"]),
                order_id=attempt["order_id"],
                at=at,
            )
        )
        for account, currency, amount in _sides(attempt, known):
            bind.execute(entries.insert().values(txn_id=number, account=account, currency=currency, amount=amount))
        if known:
            when = sa.text("update payment_attempts set fee_booked_at = paid_at where id = :id")
            bind.execute(when, {"id": attempt["id"]})
    if not _is_sqlite():
        op.execute("select setval('ledger_txns_id_seq', coalesce((select max(id) from ledger_txns), 0) + 1, false)")


def _read_again() -> None:
    """Messages about refunds and disputes were kept without being understood: the next sweep acts on them."""
    op.execute(
        "update processor_events set handled_at = null, tries = 0, error = '' "
        "where kind like 'refund.%' or kind like 'charge.dispute.%'"
    )


TXN = ("id", "key", "kind", "memo", "livemode", "order_id")
ENTRY = ("txn_id", "account", "currency", "amount")


def _sides(attempt: Any, known: bool) -> list[tuple[str, str, int]]:
    clearing, gross, currency = f"clearing:{attempt['processor']}", attempt["amount"], attempt["currency"]
    owed = "buyer_funds" if attempt["is_applied"] else "unapplied"
    fee = attempt["fee_amount"] if known else 0
    net = attempt["net_amount"] if known else gross
    settled = (attempt["settle_currency"] if known else "") or currency
    sides = [(clearing, settled, net), ("processor_fees", settled, fee), (owed, currency, -gross)]
    if settled != currency:
        sides += [("fx", settled, -(net + fee)), ("fx", currency, gross)]
    return [side for side in sides if side[2]]


def _moment(value: Any) -> datetime:
    """SQLite gives text, without a zone: it is UTC."""
    if value is None:
        return datetime.now(UTC)
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value if not _is_sqlite() else value.replace(tzinfo=None)


def _create_tables() -> None:
    op.create_table(
        "reconciliations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("processor", sa.String(length=20), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("difference_count", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliations")),
    )
    op.create_index("ix_reconciliations_at", "reconciliations", ["processor", "started_at"], unique=False)

    op.create_table(
        "bank_accounts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bank_code", sa.String(length=10), nullable=False),
        sa.Column("number_sealed", sa.Text(), nullable=False),
        sa.Column("holder_sealed", sa.Text(), nullable=False),
        sa.Column("last_digits", sa.String(length=4), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("usable_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["changed_by"], ["users.id"], name=op.f("fk_bank_accounts_changed_by_users")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_bank_accounts_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_accounts")),
    )
    op.create_index(op.f("ix_bank_accounts_changed_by"), "bank_accounts", ["changed_by"], unique=False)
    op.create_index(op.f("ix_bank_accounts_workshop_id"), "bank_accounts", ["workshop_id"], unique=False)
    op.create_index(
        "uq_bank_accounts_current",
        "bank_accounts",
        ["workshop_id"],
        unique=True,
        sqlite_where=sa.text("replaced_at is null"),
        postgresql_where=sa.text("replaced_at is null"),
    )

    op.create_table(
        "demo_movements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("external_id", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("fee_amount", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["demo_sessions.id"], name=op.f("fk_demo_movements_session_id_demo_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demo_movements")),
        sa.UniqueConstraint("external_id", name=op.f("uq_demo_movements_external_id")),
        sa.UniqueConstraint("key", name=op.f("uq_demo_movements_key")),
    )
    op.create_index(op.f("ix_demo_movements_session_id"), "demo_movements", ["session_id"], unique=False)

    op.create_table(
        "differences",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("processor", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["settled_by"], ["users.id"], name=op.f("fk_differences_settled_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_differences")),
        sa.UniqueConstraint("key", name=op.f("uq_differences_key")),
    )
    op.create_index(op.f("ix_differences_settled_by"), "differences", ["settled_by"], unique=False)

    op.create_table(
        "payout_accounts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=120), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("payable", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshops.id"], name=op.f("fk_payout_accounts_workshop_id_workshops")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_accounts")),
        sa.UniqueConstraint("key", name=op.f("uq_payout_accounts_key")),
        sa.UniqueConstraint("workshop_id", "provider", name=op.f("uq_payout_accounts_workshop_id_provider")),
    )
    op.create_table(
        "payout_holds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("held_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["held_by"], ["users.id"], name=op.f("fk_payout_holds_held_by_users")),
        sa.ForeignKeyConstraint(["released_by"], ["users.id"], name=op.f("fk_payout_holds_released_by_users")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_payout_holds_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_holds")),
    )
    op.create_index(
        "uq_payout_holds_current",
        "payout_holds",
        ["workshop_id"],
        unique=True,
        sqlite_where=sa.text("released_at is null"),
        postgresql_where=sa.text("released_at is null"),
    )

    op.create_table(
        "payout_runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("prepared_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("canceled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["approved_by"], ["users.id"], name=op.f("fk_payout_runs_approved_by_users")),
        sa.ForeignKeyConstraint(["prepared_by"], ["users.id"], name=op.f("fk_payout_runs_prepared_by_users")),
        sa.ForeignKeyConstraint(["sent_by"], ["users.id"], name=op.f("fk_payout_runs_sent_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_runs")),
    )
    op.create_index(op.f("ix_payout_runs_approved_by"), "payout_runs", ["approved_by"], unique=False)
    op.create_index(op.f("ix_payout_runs_prepared_by"), "payout_runs", ["prepared_by"], unique=False)
    op.create_index(op.f("ix_payout_runs_sent_by"), "payout_runs", ["sent_by"], unique=False)

    op.create_table(
        "payouts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("bank_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("payout_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("attempt_no", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=120), nullable=True),
        sa.Column("bank_ref", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returning_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payouts_amount")),
        sa.ForeignKeyConstraint(
            ["bank_account_id"], ["bank_accounts.id"], name=op.f("fk_payouts_bank_account_id_bank_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["payout_account_id"], ["payout_accounts.id"], name=op.f("fk_payouts_payout_account_id_payout_accounts")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["payout_runs.id"], name=op.f("fk_payouts_run_id_payout_runs")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_payouts_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payouts")),
        sa.UniqueConstraint("key", name=op.f("uq_payouts_key")),
        sa.UniqueConstraint("provider", "external_id", name=op.f("uq_payouts_provider_external_id")),
    )
    op.create_index(op.f("ix_payouts_bank_account_id"), "payouts", ["bank_account_id"], unique=False)
    op.create_index(op.f("ix_payouts_payout_account_id"), "payouts", ["payout_account_id"], unique=False)
    op.create_index(op.f("ix_payouts_run_id"), "payouts", ["run_id"], unique=False)
    op.create_index("ix_payouts_status", "payouts", ["status", "checked_at"], unique=False)
    op.create_index(op.f("ix_payouts_workshop_id"), "payouts", ["workshop_id"], unique=False)
    op.create_index(
        "uq_payouts_running",
        "payouts",
        ["workshop_id", "livemode"],
        unique=True,
        sqlite_where=sa.text("status in ('draft', 'approved', 'sending', 'unknown')"),
        postgresql_where=sa.text("status in ('draft', 'approved', 'sending', 'unknown')"),
    )

    op.create_table(
        "disputes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("processor", sa.String(length=20), nullable=False),
        sa.Column("external_id", sa.String(length=120), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("due_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seller_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_amount", sa.BigInteger(), nullable=False),
        sa.Column("reinstated_amount", sa.BigInteger(), nullable=False),
        sa.Column("fee_amount", sa.BigInteger(), nullable=False),
        sa.Column("settle_currency", sa.String(length=3), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("borne_by", sa.String(24), nullable=True),
        sa.Column("decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_disputes_amount")),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["payment_attempts.id"], name=op.f("fk_disputes_attempt_id_payment_attempts")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_disputes_decided_by_users")),
        sa.ForeignKeyConstraint(
            ["seller_order_id"], ["seller_orders.id"], name=op.f("fk_disputes_seller_order_id_seller_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("processor", "external_id", name=op.f("uq_disputes_processor_external_id")),
    )
    op.create_index(op.f("ix_disputes_attempt_id"), "disputes", ["attempt_id"], unique=False)
    op.create_index(op.f("ix_disputes_decided_by"), "disputes", ["decided_by"], unique=False)
    op.create_index(op.f("ix_disputes_seller_order_id"), "disputes", ["seller_order_id"], unique=False)
    op.create_index("ix_disputes_status", "disputes", ["status", "due_by"], unique=False)

    op.create_table(
        "ledger_txns",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("memo", sa.String(length=300), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("seller_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_ledger_txns_order_id_orders")),
        sa.ForeignKeyConstraint(
            ["seller_order_id"], ["seller_orders.id"], name=op.f("fk_ledger_txns_seller_order_id_seller_orders")
        ),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshops.id"], name=op.f("fk_ledger_txns_workshop_id_workshops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_txns")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_txns_key")),
    )
    op.create_index("ix_ledger_txns_at", "ledger_txns", ["at", "id"], unique=False)
    op.create_index(op.f("ix_ledger_txns_order_id"), "ledger_txns", ["order_id"], unique=False)
    op.create_index(op.f("ix_ledger_txns_seller_order_id"), "ledger_txns", ["seller_order_id"], unique=False)
    op.create_index("ix_ledger_txns_workshop", "ledger_txns", ["workshop_id", "id"], unique=False)

    op.create_table(
        "refunds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("request_key", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("attempt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("origin", sa.String(24), nullable=False),
        sa.Column("channel", sa.String(24), nullable=False),
        sa.Column("processor", sa.String(length=20), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("goods_amount", sa.BigInteger(), nullable=False),
        sa.Column("shipping_amount", sa.BigInteger(), nullable=False),
        sa.Column("payable_idr", sa.BigInteger(), nullable=False),
        sa.Column("commission_idr", sa.BigInteger(), nullable=False),
        sa.Column("shipping_idr", sa.BigInteger(), nullable=False),
        sa.Column("reason_code", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("request_json", sa.JSON(), nullable=False),
        sa.Column("external_id", sa.String(length=120), nullable=True),
        sa.Column("bank_reference", sa.String(length=80), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("requested_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refunds_amount")),
        sa.CheckConstraint(
            "seller_order_id is null or amount = goods_amount + shipping_amount", name=op.f("ck_refunds_parts")
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["payment_attempts.id"], name=op.f("fk_refunds_attempt_id_payment_attempts")
        ),
        sa.ForeignKeyConstraint(["requested_by"], ["users.id"], name=op.f("fk_refunds_requested_by_users")),
        sa.ForeignKeyConstraint(
            ["seller_order_id"], ["seller_orders.id"], name=op.f("fk_refunds_seller_order_id_seller_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("key", name=op.f("uq_refunds_key")),
        sa.UniqueConstraint("processor", "external_id", name=op.f("uq_refunds_processor_external_id")),
        sa.UniqueConstraint("request_key", name=op.f("uq_refunds_request_key")),
    )
    op.create_index(op.f("ix_refunds_attempt_id"), "refunds", ["attempt_id"], unique=False)
    op.create_index(op.f("ix_refunds_requested_by"), "refunds", ["requested_by"], unique=False)
    op.create_index(op.f("ix_refunds_seller_order_id"), "refunds", ["seller_order_id"], unique=False)
    op.create_index("ix_refunds_status", "refunds", ["status", "requested_at"], unique=False)

    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("txn_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_ledger_entries_amount")),
        sa.ForeignKeyConstraint(["txn_id"], ["ledger_txns.id"], name=op.f("fk_ledger_entries_txn_id_ledger_txns")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("txn_id", "account", "currency", name=op.f("uq_ledger_entries_txn_id_account_currency")),
    )
    op.create_index("ix_ledger_entries_account", "ledger_entries", ["account", "currency", "txn_id"], unique=False)

    op.create_table(
        "payout_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("payout_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("txn_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seller_order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["payout_id"], ["payouts.id"], name=op.f("fk_payout_lines_payout_id_payouts")),
        sa.ForeignKeyConstraint(
            ["seller_order_id"], ["seller_orders.id"], name=op.f("fk_payout_lines_seller_order_id_seller_orders")
        ),
        sa.ForeignKeyConstraint(["txn_id"], ["ledger_txns.id"], name=op.f("fk_payout_lines_txn_id_ledger_txns")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_lines")),
    )
    op.create_index(op.f("ix_payout_lines_payout_id"), "payout_lines", ["payout_id"], unique=False)
    op.create_index(op.f("ix_payout_lines_seller_order_id"), "payout_lines", ["seller_order_id"], unique=False)
    op.create_index(
        "uq_payout_lines_settled",
        "payout_lines",
        ["txn_id"],
        unique=True,
        sqlite_where=sa.text("released_at is null"),
        postgresql_where=sa.text("released_at is null"),
    )

    op.create_table(
        "refund_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("refund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("goods_idr", sa.BigInteger(), nullable=False),
        sa.Column("commission_idr", sa.BigInteger(), nullable=False),
        sa.Column("restock", sa.Boolean(), nullable=False),
        sa.CheckConstraint("quantity >= 0 and amount >= 0", name=op.f("ck_refund_lines_amounts")),
        sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name=op.f("fk_refund_lines_line_id_lines")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_refund_lines_refund_id_refunds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_lines")),
        sa.UniqueConstraint("refund_id", "line_id", name=op.f("uq_refund_lines_refund_id_line_id")),
    )
    op.create_index(op.f("ix_refund_lines_line_id"), "refund_lines", ["line_id"], unique=False)
