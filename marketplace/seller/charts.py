"""What the workshop's charts show, and their finding in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from marketplace.core.i18n import day, money, number, percent
from marketplace.core.i18n import gettext as _
from marketplace.core.money import Money
from marketplace.insights.pages import country_name
from marketplace.insights.queries.known import Figures, Group, Report
from marketplace.orders.queries import Week

from .drawings import Bar, Chart, columns, ranks
from .months import short_day

MILLION = Decimal(1_000_000)
LONGEST_LABEL = 20  # letters beside a bar; the table says the whole name


def weeks_chart(weeks: Sequence[Week]) -> Chart | None:
    """What was sold week by week; None while there is nothing to draw."""
    sums = [week.payable.amount for week in weeks]
    highest = max(sums, default=0)
    if highest <= 0:
        return None
    finding = _(
        "What was sold in the last %(count)s weeks. Highest %(highest)s, this week %(now)s.",
        count=len(weeks),
        highest=money(max(weeks, key=lambda week: week.payable.amount).payable),
        now=money(weeks[-1].payable),
    )
    texts = [number((amount / MILLION).quantize(Decimal("0.1"))) for amount in sums]
    return Chart(
        svg=columns(steps([week.monday for week in weeks], sums, texts), finding),
        finding=finding,
        heads=(_("Week from"), _("Sold")),
        rows=[(day(week.monday, year=False), money(week.payable)) for week in weeks],
        unit=_("million rupiah"),
    )


def steps(days: Sequence[date], values: Sequence[int], texts: Sequence[str]) -> list[Bar]:
    """A bar for each day that begins one; the month is named where it changes, the highest and the last say a value."""
    highest, last = max(values, default=0), len(days) - 1
    return [
        Bar(
            label=short_day(first) if at == 0 or days[at - 1].month != first.month else str(first.day),
            value=max(value, 0),
            text=texts[at] if value > 0 and (value == highest or at == last) else "",
        )
        for at, (first, value) in enumerate(zip(days, values, strict=True))
    ]


def visits_chart(report: Report) -> Chart | None:
    """Views over time; None while there are too few."""
    if report.is_hidden:
        return None
    values = [figures.views for _first, figures in report.steps]
    words = {"weeks": report.weeks, "count": number(report.whole.views), "last": number(values[-1])}
    if len(values) == report.weeks:
        finding = _("%(count)s views in %(weeks)s weeks, %(last)s of them this week.", **words)
    else:
        finding = _("%(count)s views in %(weeks)s weeks, %(last)s of them in the last four.", **words)
    bars = steps([first for first, _figures in report.steps], values, [number(value) for value in values])
    rows = [(day(first, year=False), *_counts(figures)) for first, figures in report.steps]
    return Chart(columns(bars, finding), finding, (_("From"), *_heads()), rows)


def pieces_chart(report: Report) -> Chart | None:
    return _ranking(report.pieces, _("Piece"), lambda group: group.name or _("Other pieces"))


def countries_chart(report: Report) -> Chart | None:
    return _ranking(report.countries, _("Country"), lambda group: country_name(group.name))


def best_chart(report: Report, *, with_money: bool) -> Chart | None:
    """The pieces that sold most, with their price together for who may see money."""
    if not report.best:
        return None
    first = report.best[0]
    finding = _("Sold most: %(title)s, %(count)s pieces.", title=first.name, count=number(first.figures.pieces))
    bars = [Bar(_short(group.name), group.figures.pieces, number(group.figures.pieces)) for group in report.best]
    heads = (_("Piece"), _("Orders"), _("Pieces sold"), *((_("Price together"),) if with_money else ()))
    rows = [
        (
            group.name,
            number(group.figures.orders),
            number(group.figures.pieces),
            *((money(Money(group.figures.rupiah, "IDR")),) if with_money else ()),
        )
        for group in report.best
    ]
    return Chart(ranks(bars, finding), finding, heads, rows)


def _ranking(groups: Sequence[Group], head: str, name_of: Callable[[Group], str]) -> Chart | None:
    """By views. What was only sold has no bar, and a row in the table."""
    seen = [group for group in groups if group.figures.views]
    if not seen:
        return None
    finding = _("Most viewed: %(name)s, %(count)s times.", name=name_of(seen[0]), count=number(seen[0].figures.views))
    bars = [Bar(_short(name_of(group)), group.figures.views, number(group.figures.views)) for group in seen]
    rows = [(name_of(group), *_counts(group.figures)) for group in groups]
    return Chart(ranks(bars, finding), finding, (head, *_heads()), rows)


def _heads() -> tuple[str, ...]:
    return _("Views"), _("Saves"), _("In the bag"), _("Orders"), _("Orders per view")


def _counts(figures: Figures) -> tuple[str, ...]:
    rate = figures.conversion_bp
    counts = (figures.views, figures.saves, figures.bags, figures.orders)
    return (*(number(count) for count in counts), "–" if rate is None else percent(rate))


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_LABEL else name[: LONGEST_LABEL - 1].rstrip() + "…"
