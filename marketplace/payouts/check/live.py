"""Rule 10: what was paid in a demo or a test mode never mixes with real money."""

from __future__ import annotations

from marketplace.core.i18n import lazy_gettext as _l

from .statements import Found

CHECKS = (
    Found(
        "live",
        _l("it settles %(key)s, which is of the other mode"),
        """
        select 'payout:' || p.id as subject, t.key
        from payouts p
        join payout_lines l on l.payout_id = p.id
        join ledger_txns t on t.id = l.txn_id
        where t.livemode <> p.livemode
        """,
    ),
    Found(
        "live",
        _l("a live payout pays for an order that was paid in test mode by %(processor)s"),
        """
        select 'payout:' || p.id as subject, a.processor
        from payouts p
        join payout_lines l on l.payout_id = p.id
        join seller_orders s on s.id = l.seller_order_id
        join payment_attempts a on a.order_id = s.order_id and a.status = 'paid' and a.is_applied
        where p.livemode and not a.livemode
        """,
    ),
    Found(
        "live",
        _l("the demo processor moves no real money"),
        "select 'attempt:' || a.id as subject from payment_attempts a where a.processor = 'demo' and a.livemode",
    ),
    Found(
        "live",
        _l("booked in another mode than what it was booked for"),
        """
        select t.key as subject from payment_attempts a
        join ledger_txns t on t.key = 'charge:' || a.id where t.livemode <> a.livemode
        union
        select t.key from payment_attempts a
        join ledger_txns t on t.key = 'fee:' || a.id where t.livemode <> a.livemode
        union
        select t.key from ledger_txns t
        join seller_orders s on s.id = t.seller_order_id
        join payment_attempts a on a.order_id = s.order_id and a.status = 'paid' and a.is_applied
        where t.kind = 'earn' and t.livemode <> a.livemode
        union
        select t.key from refunds r
        join payment_attempts a on a.id = r.attempt_id
        cross join (
            select 'refund' as kind union all select 'refund-sent' union all select 'refund-failed'
            union all select 'refund-returned' union all select 'refund-assigned'
        ) k
        join ledger_txns t on t.key = k.kind || ':' || r.id
        where t.livemode <> r.livemode or r.livemode <> a.livemode
        union
        select t.key from ledger_txns t
        join disputes d on t.key = t.kind || ':' || d.id or t.key like t.kind || ':' || d.id || ':%'
        join payment_attempts a on a.id = d.attempt_id
        where t.kind like 'dispute-%' and (t.livemode <> d.livemode or d.livemode <> a.livemode)
        union
        select t.key from payouts p
        cross join (select 'payout' as kind union all select 'payout-returned') k
        join ledger_txns t on t.key = k.kind || ':' || p.id
        where t.livemode <> p.livemode
        """,
    ),
)
