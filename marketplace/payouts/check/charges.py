"""Rule 2: each paid attempt is booked once, with exactly what was paid, kept and charged; no other is booked.

A fee may be told later: charge and fee together are what they would be had it been known at once.
"""

from __future__ import annotations

from marketplace.core.i18n import lazy_gettext as _l

from .statements import Compared, Found

CHECKS = (
    Compared(
        "charges",
        """
        paid as (
            select a.*, coalesce(nullif(a.settle_currency, ''), a.currency) as settled,
                a.fee_booked_at is not null as is_fee_booked
            from payment_attempts a where a.status = 'paid'
        ),
        sides as (
            select 'attempt:' || substr(t.key, length(t.kind) + 2) as subject, e.account, e.currency,
                e.amount as booked, 0 as due
            from ledger_txns t join ledger_entries e on e.txn_id = t.id where t.kind in ('charge', 'fee')
            union all
            select 'attempt:' || id, 'clearing:' || processor,
                case when is_fee_booked then settled else currency end, 0,
                case when is_fee_booked then net_amount else amount end
            from paid
            union all
            select 'attempt:' || id, 'processor_fees', settled, 0, fee_amount from paid where is_fee_booked
            union all
            select 'attempt:' || id, case when is_applied then 'buyer_funds' else 'unapplied' end, currency, 0, -amount
            from paid
            union all
            select 'attempt:' || id, 'fx', settled, 0, -(net_amount + fee_amount)
            from paid where is_fee_booked and settled <> currency
            union all
            select 'attempt:' || id, 'fx', currency, 0, amount from paid where is_fee_booked and settled <> currency
        )
        """,
    ),
    Found(
        "charges",
        _l("paid, and its charge is not booked"),
        """
        select 'attempt:' || a.id as subject from payment_attempts a
        left join ledger_txns t on t.key = 'charge:' || a.id
        where a.status = 'paid' and (t.id is null or t.order_id is null or t.order_id <> a.order_id)
        """,
    ),
    Found(
        "charges",
        _l("%(status)s, and a charge of it is booked"),
        """
        select 'attempt:' || a.id as subject, a.status from payment_attempts a
        join ledger_txns t on t.key = 'charge:' || a.id where a.status <> 'paid'
        """,
    ),
    Found(
        "charges",
        _l("the processor’s fee is known and not booked, or the other way round"),
        """
        select 'attempt:' || a.id as subject from payment_attempts a
        where a.status = 'paid'
        and (a.fee_amount is not null and a.net_amount is not null) <> (a.fee_booked_at is not null)
        """,
    ),
)
