"""Security.md 7: pieces and news agree with orders. A hold that has run out is the sweep's work, no breach."""

from __future__ import annotations

from marketplace.core.i18n import lazy_gettext as _l

from .statements import Found

CHECKS = (
    Found(
        "stock",
        _l("%(stock)s pieces are left"),
        "select 'variant:' || v.id as subject, v.stock from variants v where v.stock < 0",
    ),
    Found(
        "stock",
        _l("the order is %(status)s, and its pieces were given back"),
        """
        select 'order:' || o.public_no as subject, o.status from orders o
        where o.status <> 'canceled' and o.stock_returned_at is not null
        """,
    ),
    Found(
        "stock",
        _l("the order is canceled, and its pieces were never given back"),
        """
        select 'order:' || o.public_no as subject from orders o
        where o.status = 'canceled' and o.stock_returned_at is null
        """,
    ),
    Found(
        "news",
        _l("paid, and no mail says so"),
        """
        select 'order:' || o.public_no as subject from orders o
        left join mails m on m.key = 'order_paid:' || o.id
        where o.status in ('paid', 'closed') and m.id is null
        """,
    ),
)
