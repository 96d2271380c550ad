"""A month's statement as a PDF's facts and as a CSV: the same rows and the same sums as on the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import g

from marketplace.core import clock, papers
from marketplace.core.i18n import day, signed
from marketplace.core.i18n import gettext as _
from marketplace.core.money import Money
from marketplace.core.spreadsheets import MARK, line
from marketplace.payouts.queries import Statement, StatementRow
from marketplace.payouts.queries.statements import bounds

from .booked import word_of
from .months import month_name

Cell = str | int


def facts_of(found: Statement) -> dict[str, Any]:
    """All texts and figures of templates/pdf/statement.typ, in the language of the moment."""
    return {
        **papers.paper(_("Statement"), f"{found.workshop_name}, {month_name(found.first_day)}", _foot(found)),
        "from": {"title": _("From"), "lines": list(papers.collective())},
        "to": {"title": _("For"), "lines": [found.workshop_name, f"{g.workshop.contact_name}".strip()]},
        "sums_title": month_name(found.first_day),
        "opening": (_("Balance at the beginning"), signed(found.opening)),
        "sums": sums_of(found),
        "closing": (_("Balance at the end"), signed(found.closing)),
        "rows_title": _("Line by line"),
        "heads": [_("Day"), _("What"), _("Price"), _("Fee"), _("Postage"), _("Given back"), _("Sum"), _("Balance")],
        "rows": [_paper_row(row) for row in found.rows],
        "nothing": _("Nothing was booked in this month."),
    }


def sums_of(found: Statement) -> list[tuple[str, str]]:
    """(label, sum) between the opening and the closing balance; corrections only where there are some."""
    sums = found.sums
    rows = [
        (_("Sales"), sums.price),
        (_("Service fee"), sums.commission),
        (_("Postage from the buyers"), sums.shipping),
        (_("Refunds"), sums.refund),
        (_("Corrections"), sums.other),
        (_("Paid out"), sums.payout),
    ]
    return [(label, signed(amount)) for label, amount in rows if amount or amount is not sums.other]


def _foot(found: Statement) -> list[str]:
    made = _("Made on %(day)s from the books of the collective.", day=day(clock.now()))
    running = found.first_day == clock.today().replace(day=1)
    sentences = [
        _("All sums are rupiah. A sale counts on the day it was earned: three days after the parcel had arrived."),
        _("Refunds are what the workshop gets less, the service fee given back already taken off."),
        made,
    ]
    return [_("The month is still running: lines may be added."), *sentences] if running else sentences


def _paper_row(row: StatementRow) -> dict[str, Any]:
    items = [item_text(item.title, item.size, item.quantity) for item in row.items]
    return {
        "day": _short(row),
        "what": word_of(row.kind, ""),
        "order": row.order_no,
        "items": items or ([row.memo] if row.memo and not row.order_no else []),
        "figures": [
            signed(amount) if amount else ""
            for amount in (row.price, row.commission, row.shipping, row.refund + row.other)
        ]
        + [signed(row.amount), signed(row.balance)],
    }


def _short(row: StatementRow) -> str:
    """27.11. without the year, which stands above."""
    return f"{clock.local(row.at):%d/%m}"


def item_text(title: str, size: str, quantity: int) -> str:
    text = f"{title}, {size}" if size else title
    return f"{quantity} × {text}" if quantity > 1 else text


def csv_of(found: Statement) -> bytes:
    """Semicolons and a byte order mark, as Excel in Indonesian and in European settings opens it by a double click.

    Sums are whole rupiah without separators. What people wrote can be no formula (security.md 36).
    """
    first = found.first_day.isoformat()
    rows: list[list[Cell]] = [
        [str(head) for head in _heads()],
        [first, _("Balance at the beginning"), *[""] * 10, "", found.opening.amount],
        *(cells for row in found.rows for cells in _csv_rows(row)),
        [_last_day(found).isoformat(), _("Balance at the end"), *[""] * 10, "", found.closing.amount],
    ]
    return (MARK + "".join(line(cells, ";") for cells in rows)).encode()


def _heads() -> list[str]:
    return [
        _("Day"),
        _("What"),
        _("Order"),
        _("Piece"),
        _("Size"),
        _("How many"),
        _("Price"),
        _("Service fee"),
        _("Postage"),
        _("Given back"),
        _("Correction"),
        _("Paid out"),
        _("In or out"),
        _("Balance"),
    ]


def _csv_rows(row: StatementRow) -> Iterator[list[Cell]]:
    """A row for each piece; what belongs to the order as a whole stands in its first row, so that columns add up."""
    when = clock.local(row.at).date().isoformat()
    begin: list[Cell] = [when, word_of(row.kind, ""), row.order_no]
    end: list[Cell] = [
        _figure(row.shipping),
        _figure(row.refund),
        _figure(row.other),
        _figure(row.payout),
        row.amount.amount,
        row.balance.amount,
    ]
    if not row.items:
        yield [*begin, row.memo, "", "", _figure(row.price), _figure(row.commission), *end]
    for index, item in enumerate(row.items):
        rest: list[Cell] = ["", "", "", "", "", ""] if index else end
        yield [*begin, item.title, item.size, item.quantity, item.price.amount, item.commission.amount, *rest]


def _figure(amount: Money) -> Cell:
    return amount.amount if amount else ""


def _last_day(found: Statement) -> date:
    _since, until = bounds(found.year, found.month)
    return min(date.fromordinal(until.date().toordinal() - 1), clock.today())
