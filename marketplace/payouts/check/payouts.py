"""Rule 8: a payout is its lines, a line is what was booked for its workshop, and each is paid once."""

from __future__ import annotations

from marketplace.core.i18n import lazy_gettext as _l

from .statements import Compared, Found

CHECKS = (
    Found(
        "payouts",
        _l("the payout says %(payout_amount)s, its lines %(line_amount)s"),
        """
        select 'payout:' || p.id as subject, p.currency, p.amount as payout_amount,
            coalesce(sum(l.amount), 0) as line_amount
        from payouts p left join payout_lines l on l.payout_id = p.id
        group by p.id, p.currency, p.amount having p.amount <> coalesce(sum(l.amount), 0)
        """,
    ),
    Found(
        "payouts",
        _l("it settles %(key)s of the workshop with %(line_amount)s; the books say otherwise"),
        """
        select 'payout_line:' || l.id as subject, coalesce(t.key, '?') as key,
            coalesce(p.currency, 'IDR') as currency, l.amount as line_amount
        from payout_lines l
        left join payouts p on p.id = l.payout_id
        left join ledger_txns t on t.id = l.txn_id
        left join ledger_entries e
            on e.txn_id = l.txn_id and e.account = 'seller:' || p.workshop_id and e.currency = p.currency
        where p.id is null or e.id is null or e.amount <> -l.amount or t.kind in ('payout', 'payout-returned')
        or coalesce(l.seller_order_id, 0) <> coalesce(t.seller_order_id, 0)
        """,
    ),
    Found(
        "payouts",
        _l("%(key)s is settled by %(line_count)s payouts"),
        """
        select 'txn:' || t.id as subject, t.key, count(*) as line_count
        from payout_lines l join ledger_txns t on t.id = l.txn_id
        where l.released_at is null group by t.id, t.key having count(*) > 1
        """,
    ),
    Found(
        "payouts",
        _l("the payout is %(status)s: its lines are open again then, and only then"),
        """
        select distinct 'payout:' || p.id as subject, p.status
        from payouts p join payout_lines l on l.payout_id = p.id
        where (l.released_at is not null) <> (p.status in ('failed', 'returned', 'canceled'))
        """,
    ),
    Found(
        "payouts",
        _l("%(status)s; booked as paid %(paid)s, returned %(returned)s times"),
        """
        select 'payout:' || p.id as subject, p.status, count(paid.id) as paid, count(returned.id) as returned
        from payouts p
        left join ledger_txns paid on paid.key = 'payout:' || p.id
        left join ledger_txns returned on returned.key = 'payout-returned:' || p.id
        group by p.id, p.status
        having count(paid.id) <> case when p.status in ('paid', 'returned') then 1 else 0 end
        or count(returned.id) <> case when p.status = 'returned' then 1 else 0 end
        """,
    ),
    Compared(
        "payouts",
        """
        sides as (
            select 'payout:' || substr(t.key, length(t.kind) + 2) as subject, e.account, e.currency,
                e.amount as booked, 0 as due
            from ledger_txns t join ledger_entries e on e.txn_id = t.id where t.kind in ('payout', 'payout-returned')
            union all
            select 'payout:' || id, 'seller:' || workshop_id, currency, 0, amount from payouts where status = 'paid'
            union all
            select 'payout:' || id, case provider when 'manual' then 'bank' else 'clearing:' || provider end,
                currency, 0, -amount
            from payouts where status = 'paid'
        )
        """,
    ),
    Found(
        "payouts",
        _l("it is not of its run’s provider and mode"),
        """
        select 'payout:' || p.id as subject from payouts p left join payout_runs r on r.id = p.run_id
        where r.id is null or r.provider <> p.provider or r.livemode <> p.livemode
        """,
    ),
)
