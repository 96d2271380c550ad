"""'Where the $45 goes': the price of a piece in its parts, in the market's own currency, and a bar of them."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.catalog.queries.breakdown import Breakdown
from marketplace.catalog.queries.cards import Shown
from marketplace.catalog.queries.listing import ListingPage
from marketplace.core.i18n import day, grams
from marketplace.core.i18n import gettext as _
from marketplace.core.money import Money

WIDTH, GAP = 400, 2  # of the drawing


@dataclass(frozen=True, slots=True)
class Part:
    label: str
    amount: Money
    fill: str  # a colour of the sheet
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Goes:
    price: Money
    parts: tuple[Part, ...]


def of(piece: ListingPage, show: Shown) -> Goes | None:
    """None unless the maker shows it; asks nothing of the database. The parts add up to the price on the page."""
    if piece.breakdown is None:
        return None
    found = piece.breakdown
    rows = [row for row in _rows(piece, found) if row[1]]
    weights = [idr for _label, idr, _fill in rows]
    price = show.price(found.price_idr)
    widths = Money(WIDTH - GAP * (len(rows) - 1), "IDR").allocate(weights)
    parts, x = [], 0
    for (label, _idr, fill), amount, width in zip(rows, price.allocate(weights), widths, strict=True):
        parts.append(Part(label, amount, fill, x, width.amount))
        x += width.amount + GAP
    return Goes(price, tuple(parts))


def _rows(piece: ListingPage, found: Breakdown) -> list[tuple[str, int, str]]:
    metal = _(
        "%(metal)s, %(weight)s at the rate of %(day)s",
        metal=piece.metal_text[:1].upper() + piece.metal_text[1:],
        weight=grams(found.weight_grams),
        day=day(found.quoted_at, year=False),
    )
    return [
        (str(metal), found.metal_idr, "ink"),
        (str(_("Work at the bench")), found.labour_idr, "accent"),
        (str(_("Stones")), found.stones_idr, "ok"),
        (str(_("Plating and finishing")), found.finishing_idr, "ink-2"),
        (str(_("Tools, rent, quiet days, this shop’s fee")), found.rest_idr, "edge"),
    ]
