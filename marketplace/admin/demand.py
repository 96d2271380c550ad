"""What the village could not give: searches without an answer, and sizes that ran out."""

from __future__ import annotations

from flask import render_template
from werkzeug.wrappers import Response

from marketplace.core.audience import Audience, audience
from marketplace.insights import pages, sheets
from marketplace.insights.queries import demand

from .blueprint import Answer, back_office

bp = back_office("admin_demand", "demand")


@bp.get("/")
@audience(Audience.ADMIN)
def show() -> Answer:
    weeks = pages.chosen_weeks(pages.SEARCHES)
    return render_template(
        "admin/demand.html",
        weeks=weeks,
        periods=pages.period_links(pages.SEARCHES, weeks),
        searched=demand.wanted(weeks),
        village=demand.village_run_out(),
        country_name=pages.country_name,
    )


@bp.get("/searched.csv")
@audience(Audience.ADMIN)
def table() -> Response:
    weeks = pages.chosen_weeks(pages.SEARCHES)
    return pages.download(f"searched-{weeks}", sheets.of_wanted(demand.wanted(weeks)))
