"""What is known of visitors, as lines of CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from marketplace.core.i18n import gettext as _
from marketplace.core.spreadsheets import line

from .pages import country_name
from .queries.demand import Wanted
from .queries.known import Figures, Report

KINDS = ("weeks", "pieces", "countries")
MOST = 10_000  # rows


def of_report(report: Report, kind: str, *, with_money: bool) -> Iterator[str]:
    """One of KINDS; what the pieces cost together only for who may see money."""
    first = {"weeks": _("From"), "pieces": _("Piece"), "countries": _("Country")}[kind]
    heads = [first, _("Views"), _("Saves"), _("In the bag"), _("Orders"), _("Pieces sold"), _("Orders per 100 views")]
    yield line([*heads, *([_("Price together, rupiah")] if with_money else [])])
    for name, figures in _groups(report, kind):
        yield line([name, *_cells(figures), *([figures.rupiah] if with_money else [])])


def _groups(report: Report, kind: str) -> Sequence[tuple[str, Figures]]:
    if kind == "weeks":
        return [(first.isoformat(), figures) for first, figures in report.steps]
    if kind == "pieces":
        return [(group.name or _("Other pieces"), group.figures) for group in report.pieces]
    return [(country_name(group.name), group.figures) for group in report.countries]


def _cells(figures: Figures) -> list[int | Decimal | None]:
    rate = figures.conversion_bp
    per_hundred = None if rate is None else Decimal(rate) / 100
    return [figures.views, figures.saves, figures.bags, figures.orders, figures.pieces, per_hundred]


def of_wanted(searched: Iterable[Wanted]) -> Iterator[str]:
    """A line for each country of each group of searches."""
    yield line([_("Searched"), _("Also typed"), _("Found"), _("Visitors"), _("Country"), _("Visitors from there")])
    for group in searched:
        for code, count in group.countries:
            others = ", ".join(group.others)
            yield line([group.text, others, group.hit_count, group.visitors, country_name(code), count])
