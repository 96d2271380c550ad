"""Rule 7: counters are their refunds, nobody gets back more than was paid, and each step is booked once.

A refund is booked when it is asked for (its sum leaves the account where it lay for `refunds_due`) and when it has
left. What was earned before it was booked as asked comes from the workshop and the collective, everything else from
`buyer_funds`. One that failed leaves nothing behind. Where a processor settles in another currency, what left it is
known from its own list only (`payments reconcile`): here the exchange stands for it in the buyer's currency.
"""

from __future__ import annotations

from marketplace.core.i18n import lazy_gettext as _l

from .statements import Compared, Found

CHECKS = (
    Found(
        "refunds",
        _l("%(back_amount)s of %(part_amount)s is written down as refunded; its refunds say otherwise"),
        """
        select 'seller_order:' || p.id as subject, p.currency, p.refunded_amount as back_amount,
            p.total_amount as part_amount
        from seller_orders p left join refunds r on r.seller_order_id = p.id and r.status <> 'failed'
        group by p.id, p.currency, p.refunded_amount, p.total_amount, p.shipping_amount, p.shipping_refunded_amount,
            p.commission_idr, p.commission_returned_idr, p.payable_idr, p.payable_returned_idr
        having p.refunded_amount <> coalesce(sum(r.amount), 0)
        or p.shipping_refunded_amount <> coalesce(sum(r.shipping_amount), 0)
        or p.commission_returned_idr <> coalesce(sum(r.commission_idr), 0)
        or p.payable_returned_idr <> coalesce(sum(r.payable_idr), 0)
        or p.refunded_amount > p.total_amount or p.shipping_refunded_amount > p.shipping_amount
        or p.commission_returned_idr > p.commission_idr or p.payable_returned_idr > p.payable_idr
        or (p.refunded_amount = p.total_amount
            and (p.commission_returned_idr <> p.commission_idr or p.payable_returned_idr <> p.payable_idr))
        """,
    ),
    Found(
        "refunds",
        _l("%(back_amount)s is written down as refunded of this line; its refunds say otherwise"),
        """
        select 'line:' || l.id as subject, l.currency, l.refunded_amount as back_amount
        from lines l
        left join refund_lines rl on rl.line_id = l.id
        left join refunds r on r.id = rl.refund_id
        group by l.id, l.currency, l.refunded_amount, l.refunded_quantity, l.quantity, l.unit_amount
        having l.refunded_amount <> coalesce(sum(case when r.status <> 'failed' then rl.amount end), 0)
        or l.refunded_quantity <> coalesce(sum(case when r.status <> 'failed' then rl.quantity end), 0)
        or l.refunded_quantity > l.quantity or l.refunded_amount > l.unit_amount * l.quantity
        """,
    ),
    Found(
        "refunds",
        _l("%(back_amount)s is written down as refunded of this payment; its refunds say otherwise"),
        """
        select 'attempt:' || a.id as subject, a.currency, a.refunded_amount as back_amount
        from payment_attempts a left join refunds r on r.attempt_id = a.id and r.status <> 'failed'
        group by a.id, a.currency, a.refunded_amount, a.amount, a.status
        having a.refunded_amount <> coalesce(sum(r.amount), 0)
        or a.refunded_amount > case when a.status = 'paid' then a.amount else 0 end
        """,
    ),
    Found(
        "refunds",
        _l("its lines are not what the refund says"),
        """
        select 'refund:' || r.id as subject
        from refunds r left join refund_lines rl on rl.refund_id = r.id
        where r.seller_order_id is not null
        group by r.id, r.amount, r.goods_amount, r.shipping_amount, r.commission_idr, r.payable_idr, r.shipping_idr
        having r.amount <> r.goods_amount + r.shipping_amount or r.goods_amount <> coalesce(sum(rl.amount), 0)
        or r.commission_idr <> coalesce(sum(rl.commission_idr), 0)
        or r.payable_idr <> coalesce(sum(rl.goods_idr - rl.commission_idr), 0) + r.shipping_idr
        """,
    ),
    Found(
        "refunds",
        _l("it does not belong to the payment, the parcel or the lines that it names"),
        """
        select 'refund:' || r.id as subject from refunds r
        left join payment_attempts a on a.id = r.attempt_id
        left join seller_orders p on p.id = r.seller_order_id
        where a.id is null or a.status <> 'paid' or a.currency <> r.currency or a.processor <> r.processor
        or (r.seller_order_id is not null and (p.id is null or p.order_id <> a.order_id or not a.is_applied))
        or (r.seller_order_id is null and r.origin not in ('unapplied', 'dashboard')
            and (r.origin <> 'dispute' or a.is_applied))
        union
        select 'refund:' || rl.refund_id from refund_lines rl
        join refunds r on r.id = rl.refund_id left join lines l on l.id = rl.line_id
        where l.id is null or r.seller_order_id is null or l.seller_order_id <> r.seller_order_id
        """,
    ),
    Found(
        "refunds",
        _l("%(status)s; booked as asked %(asked)s, sent %(sent)s, failed %(failed)s, returned %(returned)s times"),
        """
        select 'refund:' || r.id as subject, r.status, coalesce(b.asked, 0) as asked, coalesce(b.sent, 0) as sent,
            coalesce(b.failed, 0) as failed, coalesce(b.returned, 0) as returned
        from refunds r left join (
            select substr(t.key, length(t.kind) + 2) as refund_id,
                sum(case when t.kind = 'refund' then 1 else 0 end) as asked,
                sum(case when t.kind = 'refund-sent' then 1 else 0 end) as sent,
                sum(case when t.kind = 'refund-failed' then 1 else 0 end) as failed,
                sum(case when t.kind = 'refund-returned' then 1 else 0 end) as returned,
                sum(case when t.kind = 'refund-assigned' then 1 else 0 end) as assigned
            from ledger_txns t where t.kind like 'refund%' group by substr(t.key, length(t.kind) + 2)
        ) b on b.refund_id = cast(r.id as varchar(20))
        where coalesce(b.asked, 0) <> 1
        or coalesce(b.failed, 0) <> case when r.status = 'failed' then 1 else 0 end
        or (r.status = 'succeeded' and coalesce(b.sent, 0) <> 1)
        or (r.status in ('requested', 'pending') and coalesce(b.sent, 0) <> 0)
        or coalesce(b.returned, 0) <> case when r.status = 'failed' then coalesce(b.sent, 0) else 0 end
        or coalesce(b.assigned, 0) <>
            case when r.origin = 'dashboard' and r.seller_order_id is not null then 1 else 0 end
        """,
    ),
    Compared(
        "refunds",
        """
        taken as (
            select r.*, p.workshop_id,
                case when r.seller_order_id is null then case when a.is_applied then 'unassigned' else 'unapplied' end
                when exists (
                    select 1 from ledger_txns earned join ledger_txns asked on asked.key =
                        case when r.origin = 'dashboard' then 'refund-assigned:' else 'refund:' end || r.id
                    where earned.seller_order_id = r.seller_order_id and earned.kind = 'earn' and earned.id < asked.id
                ) then 'earned' else 'buyer_funds' end as source
            from refunds r join payment_attempts a on a.id = r.attempt_id
            left join seller_orders p on p.id = r.seller_order_id
            where r.status <> 'failed'
        ),
        sides as (
            select 'refund:' || replace(substr(t.key, length(t.kind) + 2), '\\:assigned', '') as subject,
                e.account, e.currency, e.amount as booked, 0 as due
            from ledger_txns t join ledger_entries e on e.txn_id = t.id
            where t.kind in ('refund', 'refund-assigned', 'refund-failed')
            union all
            select 'refund:' || id, 'refunds_due', currency, 0, -amount from taken
            union all
            select 'refund:' || id, source, currency, 0, amount from taken where source <> 'earned'
            union all
            select 'refund:' || id, 'seller:' || workshop_id, 'IDR', 0, payable_idr from taken where source = 'earned'
            union all
            select 'refund:' || id, 'commission', 'IDR', 0, commission_idr from taken where source = 'earned'
            union all
            select 'refund:' || id, 'fx', currency, 0, amount from taken where source = 'earned' and currency <> 'IDR'
            union all
            select 'refund:' || id, 'fx', 'IDR', 0, -(payable_idr + commission_idr)
            from taken where source = 'earned' and currency <> 'IDR'
        )
        """,
    ),
    Compared(
        "refunds",
        """
        left_from as (
            select r.id, r.currency, r.amount, r.status,
                case r.channel when 'manual' then 'bank' when 'none' then 'dispute_hold'
                    else 'clearing:' || r.processor end as account
            from refunds r
        ),
        sides as (
            select 'refund:' || f.id as subject,
                case when e.account = 'fx' then f.account else e.account end as account,
                e.currency, e.amount as booked, 0 as due
            from left_from f
            cross join (select 'refund-sent' as kind union all select 'refund-returned') k
            join ledger_txns t on t.key = k.kind || ':' || f.id
            join ledger_entries e on e.txn_id = t.id
            where e.currency = f.currency or e.account not in ('fx', f.account)
            union all
            select 'refund:' || id, 'refunds_due', currency, 0, amount from left_from where status = 'succeeded'
            union all
            select 'refund:' || id, account, currency, 0, -amount from left_from where status = 'succeeded'
        )
        """,
    ),
)
