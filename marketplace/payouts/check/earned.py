"""Rules 4 to 6: what is held, what the collective kept, and what each workshop is owed.

A person's correction stands outside of what the rows say; it carries its own reason.
"""

from __future__ import annotations

from marketplace.core.i18n import lazy_gettext as _l

from .statements import Compared, Found

CHECKS = (
    Compared(
        "held",
        """
        sides as (
            select 'order:' || coalesce(o.public_no, '?') as subject, e.account, e.currency,
                e.amount as booked, 0 as due
            from ledger_txns t join ledger_entries e on e.txn_id = t.id left join orders o on o.id = t.order_id
            where t.kind <> 'correction' and e.account = 'buyer_funds'
            union all
            select 'order:' || o.public_no, 'buyer_funds', o.currency, 0, -(p.total_amount - p.refunded_amount)
            from orders o join seller_orders p on p.order_id = o.id
            where o.status in ('paid', 'closed') and p.status <> 'earned'
        )
        """,
    ),
    Found(
        "commission",
        _l("commission and share are not the goods and the postage in rupiah, or the lines’ commission is not theirs"),
        """
        select 'seller_order:' || p.id as subject
        from seller_orders p left join lines l on l.seller_order_id = p.id
        group by p.id, p.commission_idr, p.payable_idr, p.shipping_idr, p.discount_amount
        having p.commission_idr <> coalesce(sum(l.commission_idr), 0)
        or (p.discount_amount = 0
            and p.commission_idr + p.payable_idr <> coalesce(sum(l.unit_idr * l.quantity), 0) + p.shipping_idr)
        """,
    ),
    Compared(
        "commission",
        """
        sides as (
            select 'seller_order:' || coalesce(t.seller_order_id, 0) as subject, e.account, e.currency,
                e.amount as booked, 0 as due
            from ledger_txns t join ledger_entries e on e.txn_id = t.id
            where t.kind <> 'correction' and e.account = 'commission'
            union all
            select 'seller_order:' || id, 'commission', 'IDR', 0, -(commission_idr - commission_returned_idr)
            from seller_orders where status = 'earned'
        )
        """,
    ),
    Found(
        "commission",
        _l("earned, and nothing of it is booked"),
        """
        select 'seller_order:' || p.id as subject from seller_orders p
        where p.status = 'earned' and p.refunded_amount < p.total_amount
        and not exists (select 1 from ledger_txns t where t.seller_order_id = p.id and t.kind = 'earn')
        """,
    ),
    Found(
        "commission",
        _l("%(status)s, and booked as earned"),
        """
        select 'seller_order:' || p.id as subject, p.status from seller_orders p
        where p.status <> 'earned'
        and exists (select 1 from ledger_txns t where t.seller_order_id = p.id and t.kind = 'earn')
        """,
    ),
    Compared(
        "workshops",
        """
        sides as (
            select 'workshop:' || substr(e.account, 8) as subject, e.account, e.currency, e.amount as booked, 0 as due
            from ledger_txns t join ledger_entries e on e.txn_id = t.id
            where t.kind <> 'correction' and e.account like 'seller:%'
            union all
            select 'workshop:' || workshop_id, 'seller:' || workshop_id, 'IDR', 0, -(payable_idr - payable_returned_idr)
            from seller_orders where status = 'earned'
            union all
            select 'workshop:' || workshop_id, 'seller:' || workshop_id, currency, 0, amount
            from payouts where status = 'paid'
        )
        """,
    ),
)
