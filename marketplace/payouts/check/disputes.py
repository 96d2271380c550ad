"""Rule 9: what banks hold in disputes, and what processors keep for us, is what the rows say.

Charges, refunds and payouts are compared entry by entry by their own rules; here are the rest of the entries that move
money at a processor. Whether the processor agrees is another question, which `payments reconcile` asks.
"""

from __future__ import annotations

from marketplace.core.i18n import lazy_gettext as _l

from .statements import Compared, Found

CHECKS = (
    Compared(
        "processors",
        """
        moved as (
            select d.id, d.processor, coalesce(nullif(d.settle_currency, ''), d.currency) as currency,
                d.withdrawn_amount as taken, d.reinstated_amount as back, d.fee_amount as fee
            from disputes d
        ),
        sides as (
            select 'dispute:' || d.id as subject, e.account, e.currency, e.amount as booked, 0 as due
            from disputes d
            join ledger_txns t on t.kind like 'dispute-%'
                and (t.key = t.kind || ':' || d.id or t.key like t.kind || ':' || d.id || ':%')
            join ledger_entries e on e.txn_id = t.id and e.account not in ('dispute_hold', 'losses')
            union all
            select 'dispute:' || id, 'clearing:' || processor, currency, 0, back - taken - fee from moved
            union all
            select 'dispute:' || id, 'processor_fees', currency, 0, fee from moved
        )
        """,
    ),
    Compared(
        "processors",
        """
        sides as (
            select 'dispute:' || d.id as subject, e.account, e.currency, e.amount as booked, 0 as due
            from disputes d
            join ledger_txns t on t.kind like 'dispute-%'
                and (t.key = t.kind || ':' || d.id or t.key like t.kind || ':' || d.id || ':%')
            join ledger_entries e on e.txn_id = t.id and e.account = 'dispute_hold'
            where d.borne_by is null or d.borne_by = 'collective' or d.status = 'lost'
            union all
            select 'dispute:' || d.id, e.account, e.currency, e.amount, 0
            from disputes d
            join refunds r on r.attempt_id = d.attempt_id and r.channel = 'none'
                and (r.request_key = 'dispute:' || d.id or r.request_key like 'dispute:' || d.id || ':%')
            join ledger_txns t on t.key in ('refund-sent:' || r.id, 'refund-returned:' || r.id)
            join ledger_entries e on e.txn_id = t.id and e.account = 'dispute_hold'
            where d.borne_by is null or d.borne_by = 'collective' or d.status = 'lost'
            union all
            select 'dispute:' || id, 'dispute_hold', coalesce(nullif(settle_currency, ''), currency), 0,
                withdrawn_amount - reinstated_amount
            from disputes where borne_by is null
        )
        """,
    ),
    Found(
        "processors",
        _l("%(account)s has no place in a transaction of this kind"),
        """
        select t.key as subject, e.account from ledger_txns t join ledger_entries e on e.txn_id = t.id
        where (t.kind = 'earn' and e.account not in ('buyer_funds', 'commission', 'fx')
            and e.account not like 'seller:%')
        or (t.kind = 'settle' and e.account not in ('bank', 'processor_fees')
            and e.account not like 'clearing:%')
        or (t.kind like 'dispute-%' and e.account not in ('dispute_hold', 'losses', 'processor_fees')
            and e.account not like 'clearing:%')
        """,
    ),
)
