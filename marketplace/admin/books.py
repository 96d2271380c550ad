"""The books: what differs, what lies where, the rules that always hold, and every entry for the accountant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from flask import Response, abort, render_template, request, stream_with_context, url_for

from marketplace.core import clock, spreadsheets
from marketplace.core.audience import Audience, audience
from marketplace.core.forms import one_line
from marketplace.core.i18n import gettext as _
from marketplace.moderation.queries import books as queries
from marketplace.payments.differences import DifferenceKind
from marketplace.payments.queries.differences import (
    last_comparisons,
    open_differences,
    settled_differences,
    unknown_events,
    waiting_events,
)
from marketplace.payments.services.differences import settle_difference
from marketplace.payouts.check import Breach, check, rules

from . import ledger_words as ledger
from . import words
from .blueprint import Answer, acted, back_office, me
from .forms import WhyForm

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


@bp.post("/check")
@audience(Audience.ADMIN)
def checked() -> Answer:
    """Prove the rules now, and show what breaks one; nothing is kept of it."""
    return _page(breaches=check())


@bp.post("/differences/<int:difference_id>/settlement")
@audience(Audience.ADMIN)
def settlement(difference_id: int) -> Answer:
    form = WhyForm(about=f"d{difference_id}")
    if not form.validate_on_submit():
        return _page(settling={difference_id: form}), 422
    as_fee = request.form.get("act") == "fee"
    return acted(
        lambda: settle_difference(difference_id, form.why.data or "", me(), as_fee=as_fee),
        _("Booked as a fee of the processor.") if as_fee else _("Settled with your note. The books are as they were."),
        url_for(".index"),
    )


@bp.get("/differences")
@audience(Audience.ADMIN)
def differences() -> Answer:
    return render_template(
        "admin/differences.html", page=settled_differences(request.args.get("after")), ledger=ledger, words=words
    )


@bp.get("/messages")
@audience(Audience.ADMIN)
def messages() -> Answer:
    """What processors told us and we have no use for, or could not work off."""
    shows_waiting = request.args.get("show") == "waiting"
    read = waiting_events if shows_waiting else unknown_events
    return render_template(
        "admin/messages.html",
        page=read(request.args.get("after")),
        shows_waiting=shows_waiting,
        ledger=ledger,
        words=words,
    )


def _page(*, breaches: Sequence[Breach] | None = None, settling: dict[int, WhyForm] | None = None) -> str:
    """`breaches` None: nobody has asked for the proof on this page."""
    given, open_ones = settling or {}, open_differences()
    return render_template(
        "admin/books.html",
        balances=queries.balances(),
        differences=open_ones,
        forms={row.id: given.get(row.id) or WhyForm(formdata=None, about=f"d{row.id}") for row in open_ones},
        form=next(iter(given.values()), None),
        comparisons=last_comparisons(),
        rules=rules(),
        breaches=breaches,
        broken={breach.rule for breach in breaches or ()},
        can_be_fee=DifferenceKind.UNKNOWN_LINE,
        now=clock.now(),
        ledger=ledger,
        words=words,
    )
