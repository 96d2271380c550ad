"""What people looked for in the whole shop and did not find, sizes that ran out, pieces saved and not bought."""

from __future__ import annotations

from flask import render_template
from werkzeug.wrappers import Response

from marketplace.core.audience import Audience, audience
from marketplace.insights import pages, sheets
from marketplace.insights.queries import demand
from marketplace.workshops.roles import Act

from .faces import work_blueprint, workshop_id

bp = work_blueprint("seller_demand", __name__, "/seller/demand")


@bp.get("/")
@audience(Audience.SELLER, may=Act.KNOW)
def show() -> str:
    weeks = pages.chosen_weeks(pages.SEARCHES)
    return render_template(
        "seller/demand.html",
        weeks=weeks,
        periods=pages.period_links(pages.SEARCHES, weeks),
        searched=demand.wanted(weeks),
        saved=demand.saved_not_bought(workshop_id(), weeks),
        own=demand.own_run_out(workshop_id()),
        village=demand.village_run_out(),
        country_name=pages.country_name,
    )


@bp.get("/searched.csv")
@audience(Audience.SELLER, may=Act.KNOW)
def table() -> Response:
    weeks = pages.chosen_weeks(pages.SEARCHES)
    return pages.download(f"searched-{weeks}", sheets.of_wanted(demand.wanted(weeks)))
