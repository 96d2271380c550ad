"""Rule 1: every transaction sums to zero in each currency, says what it is of, and that exists."""

from __future__ import annotations

from marketplace.core.i18n import lazy_gettext as _l

from .statements import Found

CHECKS = (
    Found(
        "balanced",
        _l("%(account_count)s accounts sum to %(rest_amount)s, not to zero"),
        """
        select t.key as subject, e.currency, count(*) as account_count, sum(e.amount) as rest_amount
        from ledger_txns t join ledger_entries e on e.txn_id = t.id
        group by t.key, e.currency having sum(e.amount) <> 0
        """,
    ),
    Found(
        "balanced",
        _l("a transaction without entries"),
        """
        select t.key as subject from ledger_txns t
        where not exists (select 1 from ledger_entries e where e.txn_id = t.id)
        """,
    ),
    Found(
        "balanced",
        _l("entries of no transaction: %(account)s %(entry_amount)s"),
        """
        select 'entry:' || e.id as subject, e.account, e.currency, e.amount as entry_amount from ledger_entries e
        where not exists (select 1 from ledger_txns t where t.id = e.txn_id)
        """,
    ),
    Found(
        "balanced",
        _l("its key is not of its kind, %(kind)s"),
        "select t.key as subject, t.kind from ledger_txns t where t.key not like t.kind || ':%'",
    ),
    Found(
        "balanced",
        _l("no account is called %(account)s"),
        """
        select distinct t.key as subject, e.account from ledger_txns t join ledger_entries e on e.txn_id = t.id
        where e.account not in ('bank', 'buyer_funds', 'unapplied', 'refunds_due', 'commission', 'processor_fees',
            'fx', 'dispute_hold', 'unassigned', 'losses')
        and e.account not like 'clearing:_%' and e.account not like 'seller:_%'
        """,
    ),
    Found(
        "balanced",
        _l("what it was booked for does not exist"),
        """
        select t.key as subject from ledger_txns t
        where t.kind in ('charge', 'fee', 'refund', 'refund-sent', 'refund-failed', 'refund-returned',
            'refund-assigned', 'payout', 'payout-returned')
        and t.key not in (
            select 'charge:' || id from payment_attempts union all select 'fee:' || id from payment_attempts
            union all select 'refund:' || id from refunds union all select 'refund-sent:' || id from refunds
            union all select 'refund-failed:' || id from refunds
            union all select 'refund-failed:' || id || '\\:assigned' from refunds
            union all select 'refund-returned:' || id from refunds
            union all select 'refund-assigned:' || id from refunds
            union all select 'payout:' || id from payouts union all select 'payout-returned:' || id from payouts
        )
        union all
        select t.key from ledger_txns t left join seller_orders p on p.id = t.seller_order_id
        where t.kind = 'earn' and (p.id is null
            or (t.key <> 'earn:' || p.id and t.key not like 'earn:' || p.id || '\\:refund\\:%'))
        union all
        select t.key from ledger_txns t
        left join disputes d on t.key = t.kind || ':' || d.id or t.key like t.kind || ':' || d.id || ':%'
        where t.kind like 'dispute-%' and d.id is null
        """,
    ),
)
