"""The workshop's money: what comes next and why, order by order, and what was paid out."""

from __future__ import annotations

from datetime import datetime

from flask import render_template, request

from marketplace.core import clock
from marketplace.core.audience import Audience, audience
from marketplace.core.money import Money
from marketplace.orders import queries as orders
from marketplace.orders.queries import shares
from marketplace.payments.queries.holding import why_held
from marketplace.payouts import queries as payouts
from marketplace.payouts.queries import whereabouts
from marketplace.workshops.queries import bank_account_of
from marketplace.workshops.roles import Act

from . import sums, words
from .charts import weeks_chart
from .coming import contents, outlook
from .faces import work_blueprint, workshop_id
from .held import Ways, order_money
from .months import month_facts

bp = work_blueprint("seller_earnings", __name__, "/seller/earnings")
SLIPS = 5


@bp.get("/")
@audience(Audience.SELLER, may=Act.MONEY)
def show() -> str:
    """A fixed number of statements, whatever was sold; older pages show the orders alone."""
    after = request.args.get("after")
    lines = whereabouts.coming_lines(workshop_id())
    inside = shares.shares_of(workshop_id(), [line.seller_order_id for line in lines if line.seller_order_id])
    parts = contents(lines, inside)
    coming = payouts.next_payout(workshop_id())
    waiting = shares.waiting_shares(workshop_id())
    past = shares.ended_shares(workshop_id(), after, without=parts.sale_ids)
    first = [] if after else [*(inside[ident] for ident in sorted(parts.sale_ids)), *waiting]
    rows = [*first, *past.rows]
    ids = [share.id for share in rows]
    look = outlook(coming)
    ways = Ways(coming, look, parts.sale_ids, whereabouts.settled(workshop_id(), ids), why_held(ids))
    return render_template(
        "seller/earnings.html",
        coming=coming,
        outlook=look,
        parts=parts,
        bank=bank_account_of(workshop_id()),
        rows=[order_money(share, ways) for share in rows],
        after=past.after,
        is_first=not after,
        month=month_facts(shares.month_of(workshop_id())),
        chart=weeks_chart(orders.weeks_of(workshop_id())),
        places=_places(coming, shares.waiting_sum(workshop_id())),
        slips=payouts.payouts_of(workshop_id(), limit=SLIPS),
        words=words,
        sums=sums,
    )


def _places(coming: payouts.NextPayout, waiting: Money) -> list[tuple[str, Money, int]]:
    """(code, sum, per cent of all) of where the money is."""
    first = clock.today().replace(day=1)
    paid = whereabouts.paid_out_since(workshop_id(), datetime.combine(first, datetime.min.time(), clock.BALI))
    found = [("paid", paid), ("coming", coming.amount), ("disputed", coming.disputed), ("waiting", waiting)]
    whole = sum(max(amount.amount, 0) for _code, amount in found)
    return [
        (code, amount, round(100 * max(amount.amount, 0) / whole) if whole else 0)
        for code, amount in found
        if amount or code in ("paid", "waiting")
    ]
