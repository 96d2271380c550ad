"""The first page of the workshop: what is to be done today."""

from __future__ import annotations

from flask import render_template

from marketplace.catalog.queries import own
from marketplace.core import clock
from marketplace.core.audience import Audience, audience
from marketplace.core.i18n import day
from marketplace.insights.queries import known
from marketplace.orders import queries as orders
from marketplace.orders.queries import shares
from marketplace.payouts import queries as payouts
from marketplace.workshops.roles import Act

from . import due, sums, words
from .charts import weeks_chart
from .coming import bank_words, outlook
from .faces import work_blueprint, workshop_id
from .months import month_facts

bp = work_blueprint("seller", __name__, "/seller")
SHOWN = 3


@bp.get("/")
@audience(Audience.SELLER, may=Act.LOOK)
def home() -> str:
    bench = due.bench_of(orders.open_parts(workshop_id()))
    coming = payouts.next_payout(workshop_id())
    return render_template(
        "seller/home.html",
        day_named=day(clock.today(), weekday=True, year=False),
        greeting=words.greeting(),
        bench=bench,
        first=(*bench.urgent, *bench.to_answer, *bench.later)[:SHOWN],
        tag_of=due.tag_of,
        drafts=own.draft_rows(workshop_id()),
        low=own.low_rows(workshop_id()),
        counts=own.counts(workshop_id()),
        month=month_facts(shares.month_of(workshop_id())),
        chart=weeks_chart(orders.weeks_of(workshop_id())),
        coming=coming,
        bank=bank_words(coming.bank),
        outlook=outlook(coming),
        words=words,
        sums=sums,
        seen=known.week_of(workshop_id()),
    )
