"""What visitors and sales tell a workshop: over time, piece by piece, country by country."""

from __future__ import annotations

from flask import abort, g, render_template
from werkzeug.wrappers import Response

from marketplace.core.audience import Audience, audience
from marketplace.insights import pages, sheets
from marketplace.insights.hidden import LEAST
from marketplace.insights.queries import known
from marketplace.workshops.roles import Act

from .charts import best_chart, countries_chart, pieces_chart, visits_chart
from .faces import work_blueprint, workshop_id

bp = work_blueprint("seller_know", __name__, "/seller/know")


@bp.get("/")
@audience(Audience.SELLER, may=Act.KNOW)
def show() -> str:
    weeks = pages.chosen_weeks(pages.VISITS)
    report = known.report(workshop_id(), weeks)
    return render_template(
        "seller/know.html",
        report=report,
        periods=pages.period_links(pages.VISITS, weeks),
        over_time=visits_chart(report),
        pieces=pieces_chart(report),
        countries=countries_chart(report),
        best=best_chart(report, with_money=g.workshop.may(Act.MONEY)),
        least=LEAST,
    )


@bp.get("/<kind>.csv")
@audience(Audience.SELLER, may=Act.KNOW)
def table(kind: str) -> Response:
    """The same as the page, with every piece and country of five visitors or more."""
    if kind not in sheets.KINDS:
        abort(404)
    weeks = pages.chosen_weeks(pages.VISITS)
    report = known.report(workshop_id(), weeks, most=sheets.MOST)
    lines = sheets.of_report(report, kind, with_money=g.workshop.may(Act.MONEY))
    return pages.download(f"{g.workshop.slug}-{kind}-{weeks}", lines)
