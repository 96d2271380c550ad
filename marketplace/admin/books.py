"""The books: what differs, what lies where, the rules that always hold, and every entry for the accountant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from flask import Response, abort, render_template, request, stream_with_context

from marketplace.core import clock, spreadsheets
from marketplace.core.audience import Audience, audience
from marketplace.core.forms import one_line
from marketplace.core.i18n import gettext as _
from marketplace.moderation.queries import books as queries

from . import ledger_words as ledger
from .blueprint import Answer, back_office

bp = back_office("admin_books", "books")


@bp.get("/")
@audience(Audience.ADMIN)
def index() -> Answer:
    return _page()


@bp.get("/entries")
@audience(Audience.ADMIN)
def entries() -> Answer:
    account, month = one_line(request.args.get("account"))[:60], _month()
    page = queries.entries(account, month, request.args.get("after"))
    return render_template(
        "admin/entries.html",
        page=page,
        account=account,
        month=month,
        months=queries.months(),
        workshops=queries.workshop_names([row.txn for row in page.rows]),
        ledger=ledger,
    )


@bp.get("/ledger.csv")
@audience(Audience.ADMIN)
def as_csv() -> Answer:
    month = _month()
    name = f"ledger-{month:%Y-%m}.csv" if month else "ledger.csv"
    answer = Response(stream_with_context(_lines(month)), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _lines(month: date | None) -> Iterator[str]:
    yield spreadsheets.MARK + spreadsheets.line(
        [
            _("Day"),
            _("Hour"),
            _("Entry"),
            _("What"),
            _("Account"),
            _("Name of the account"),
            _("Currency"),
            _("Debit"),
            _("Credit"),
            _("Order"),
            _("Workshop"),
            _("Note"),
            _("Test"),
        ]
    )
    for row in queries.lines(month):
        at, amount = clock.local(row.at), row.amount
        yield spreadsheets.line(
            [
                at.date().isoformat(),
                f"{at:%H:%M}",
                row.key,
                ledger.kind_of(row.kind),
                row.account,
                ledger.account_of(row.account),
                amount.currency,
                amount.decimal if amount.amount > 0 else None,
                (-amount).decimal if amount.amount < 0 else None,
                row.order_id,
                row.workshop_id,
                row.memo,
                "" if row.is_live else "TEST",
            ]
        )


def _month() -> date | None:
    """The month of the address, 2026-11; None without one. Anything else is not found."""
    text = request.args.get("month", "")
    if not text:
        return None
    year, dash, number = text.partition("-")
    if not (dash and year.isascii() and number.isascii() and year.isdigit() and number.isdigit()):
        abort(404)
    if len(text) != 7 or not (2000 <= int(year) <= 2999 and 1 <= int(number) <= 12):
        abort(404)
    return date(int(year), int(number), 1)


def _page() -> str:
    return render_template("admin/books.html", balances=queries.balances(), ledger=ledger)
