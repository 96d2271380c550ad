"""Monthly statements: the list with each year's sums, one month as a page, as a PDF and as a CSV."""

from __future__ import annotations

import re
from datetime import date

from flask import abort, g, render_template
from werkzeug.wrappers import Response

from marketplace.core import clock, pdf
from marketplace.core.audience import Audience, audience
from marketplace.core.i18n import gettext as _
from marketplace.payouts import queries
from marketplace.payouts.queries import Statement
from marketplace.payouts.queries.months import totals_of_months, totals_of_years
from marketplace.workshops.roles import Act

from . import papers, sums
from .booked import word_of
from .faces import work_blueprint, workshop_id
from .months import month_code, month_name, short_day

bp = work_blueprint("seller_statements", __name__, "/seller/statements")
_CODE = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@bp.get("/")
@audience(Audience.SELLER, may=Act.MONEY)
def index() -> str:
    months = totals_of_months(workshop_id())
    return render_template(
        "seller/statements.html",
        months=months,
        years=totals_of_years(months),
        first_of=lambda row: date(row.year, row.month, 1),
        month_name=month_name,
        month_code=month_code,
        sums=sums,
    )


@bp.get("/<month>")
@audience(Audience.SELLER, may=Act.MONEY)
def show(month: str) -> str:
    found = _statement(month)
    return render_template(
        "seller/statement.html",
        statement=found,
        lines=papers.sums_of(found),
        item_text=papers.item_text,
        month=month_name(found.first_day),
        code=month_code(found.first_day),
        is_running=found.first_day == clock.today().replace(day=1),
        short_day=short_day,
        word_of=word_of,
        sums=sums,
    )


@bp.get("/<month>.pdf")
@audience(Audience.SELLER, may=Act.MONEY)
def document(month: str) -> Response:
    found = _statement(month)
    return _download(pdf.render("statement", papers.facts_of(found)), "application/pdf", found, "pdf")


@bp.get("/<month>.csv")
@audience(Audience.SELLER, may=Act.MONEY)
def table(month: str) -> Response:
    found = _statement(month)
    return _download(papers.csv_of(found), "text/csv; charset=utf-8", found, "csv")


def _statement(code: str) -> Statement:
    """The own month: from the first line in the books to the present month, else 404."""
    match = _CODE.fullmatch(code)
    if match is None:
        abort(404)
    year, month = int(match[1]), int(match[2])
    today = clock.today()
    if (year, month) not in (*queries.months_of(workshop_id()), (today.year, today.month)):
        abort(404)
    found = queries.statement(workshop_id(), year, month)
    if found is None:
        abort(404)
    return found


def _download(data: bytes, kind: str, found: Statement, ending: str) -> Response:
    name = _("statement-%(month)s-%(workshop)s", month=month_code(found.first_day), workshop=g.workshop.slug)
    response = Response(data, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response
