"""Rule 3: an order is the sum of its parts, a part that of its lines, and what was paid is the order."""

from __future__ import annotations

from marketplace.core.i18n import lazy_gettext as _l

from .statements import Found

CHECKS = (
    Found(
        "orders",
        _l("the order says %(order_amount)s, its parts %(part_amount)s"),
        """
        select 'order:' || o.public_no as subject, o.currency, o.total_amount as order_amount,
            coalesce(sum(p.total_amount), 0) as part_amount
        from orders o left join seller_orders p on p.order_id = o.id
        group by o.id, o.public_no, o.currency, o.total_amount
        having coalesce(sum(p.total_amount), 0) <> o.total_amount
        or sum(case when p.currency <> o.currency then 1 else 0 end) > 0
        """,
    ),
    Found(
        "orders",
        _l("the part says %(part_amount)s, its lines, discount and postage another sum"),
        """
        select 'seller_order:' || p.id as subject, p.currency, p.total_amount as part_amount
        from seller_orders p left join lines l on l.seller_order_id = p.id
        group by p.id, p.currency, p.total_amount, p.items_amount, p.discount_amount, p.shipping_amount
        having p.total_amount <> p.items_amount - p.discount_amount + p.shipping_amount
        or p.items_amount <> coalesce(sum(l.unit_amount * l.quantity), 0)
        or sum(case when l.currency <> p.currency then 1 else 0 end) > 0
        """,
    ),
    Found(
        "orders",
        _l("%(status)s, %(order_amount)s; %(payment_count)s payments were taken for it, %(paid_amount)s"),
        """
        select 'order:' || o.public_no as subject, o.status, o.currency, o.total_amount as order_amount,
            count(a.id) as payment_count, coalesce(sum(a.amount), 0) as paid_amount
        from orders o
        left join payment_attempts a on a.order_id = o.id and a.status = 'paid' and a.is_applied
        group by o.id, o.public_no, o.status, o.currency, o.total_amount
        having count(a.id) <> case when o.status in ('paid', 'closed') then 1 else 0 end
        or (count(a.id) = 1 and (sum(a.amount) <> o.total_amount or min(a.currency) <> o.currency))
        """,
    ),
    Found(
        "orders",
        _l("the order is %(status)s, this part of it %(part_status)s"),
        """
        select 'seller_order:' || p.id as subject, o.status, p.status as part_status
        from seller_orders p join orders o on o.id = p.order_id
        where (o.status = 'awaiting_payment' and p.status <> 'pending')
        or (o.status = 'canceled' and p.status <> 'canceled')
        or (o.status = 'paid' and p.status = 'pending')
        or (o.status = 'closed' and p.status not in ('earned', 'canceled'))
        """,
    ),
)
