"""The first page of the workshop: what is to be done today."""

from __future__ import annotations

from typing import Any

from flask import g, render_template

from marketplace.catalog.queries import own
from marketplace.core import clock
from marketplace.core.audience import Audience, audience
from marketplace.core.i18n import day
from marketplace.insights.queries import known
from marketplace.orders import queries as orders
from marketplace.orders.queries import shares
from marketplace.payouts import queries as payouts
from marketplace.workshops.roles import Act

from . import due, prices, sums, words
from .charts import weeks_chart
from .coming import bank_words, outlook
from .faces import work_blueprint, workshop_id
from .months import month_facts

bp = work_blueprint("seller", __name__, "/seller")
SHOWN = 6  # orders, the first thing first


@bp.get("/")
@audience(Audience.SELLER, may=Act.LOOK)
def home() -> str:
    desk = due.desk_of(workshop_id())
    bench = desk.bench_of(orders.open_parts(workshop_id()))
    may = g.workshop.may
    return render_template(
        "seller/home.html",
        day_named=day(clock.today(), weekday=True, year=False),
        greeting=words.greeting(),
        bench=bench,
        first=bench.first_things[:SHOWN],
        tag_of=desk.tag_of,
        is_closed=desk.is_closed,
        drafts=own.draft_rows(workshop_id()) if may(Act.PIECES) else [],
        low=own.low_rows(workshop_id()) if may(Act.STOCK) else [],
        counts=own.counts(workshop_id()),
        **(_money() if may(Act.MONEY) else {}),
        words=words,
        sums=sums,
        seen=known.week_of(workshop_id()),
        silver=prices.silver_of(workshop_id()) if may(Act.PRICES) else None,
    )


def _money() -> dict[str, Any]:
    """What was earned and what comes, for those who may know it."""
    coming = payouts.next_payout(workshop_id())
    return {
        "month": month_facts(shares.month_of(workshop_id())),
        "chart": weeks_chart(orders.weeks_of(workshop_id())),
        "coming": coming,
        "bank": bank_words(coming.bank),
        "outlook": outlook(coming),
    }
