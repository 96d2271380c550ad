"""The costing sheet of the editor: what a piece costs, what price that suggests, and what is left of the price.

The sum is reckoned here from what is saved and typed; js/costing.js does the same one while it is typed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask import request

from marketplace.catalog import costing, metals, pricing, sizes
from marketplace.catalog.attributes import FINENESSES
from marketplace.catalog.costing import Costs, Metal, Sheet
from marketplace.catalog.metals import Current, Rate
from marketplace.catalog.queries.costing import OwnSheet, sheet_of, usual
from marketplace.catalog.queries.own import OwnPiece
from marketplace.catalog.services import costing as services
from marketplace.core.i18n import Lazy, signed
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.money import Money

from .faces import workshop_id
from .forms.costing import CostingForm, filled_costing
from .forms.listing import ListingForm, rupiah
from .forms.problems import Problems

TAKE = "cost-take"  # the button that takes the suggestion over


@dataclass(frozen=True, slots=True)
class SizeSum:
    """One size whose weight or making charge is its own."""

    row: int  # of the form's sizes
    label: str
    suggestion: int


@dataclass(frozen=True, slots=True)
class Panel:
    """What the template shows; sums are None where weight, metal or rate is not known."""

    form: CostingForm
    rates: Current
    dollar: str  # rupiah for one US dollar, '' when there is no rate
    metal: str  # code of the metal that is chosen
    rate: Rate | None
    costs: Costs | None
    sizes: Sequence[SizeSum]
    receives: Money | None
    profit: Money | None

    @property
    def rates_json(self) -> str:
        """For the script: metal → rupiah for one gram; metals with a fineness are named apart."""
        return json.dumps({metal: rate.idr_per_gram for metal, rate in self.rates.items()}, sort_keys=True)

    @property
    def is_open(self) -> bool:
        """The sheet stands unfolded once anything was reckoned."""
        return not self.form.is_blank or bool(self.form.errors)

    @property
    def lacks(self) -> Lazy | None:
        """Why there is no suggestion."""
        if self.costs is not None:
            return None
        if self.rate is None:
            return _l("There is no rate of this metal today. The collective enters it.")
        return _l("Write the weight above, and the suggestion stands here.")

    @property
    def profit_text(self) -> str:
        return signed(self.profit) if self.profit is not None else ""

    @property
    def is_under_cost(self) -> bool:
        return self.profit is not None and self.profit.amount < 0


def form_for(piece: OwnPiece | None) -> tuple[CostingForm, Sheet]:
    """As it was sent with this request, else as it is kept, else empty with the workshop's usual loss and margin."""
    if request.method == "POST" and "cost-there" in request.form:
        form = CostingForm()
        return form, form.sheet() if form.validate() else Sheet()
    own = (sheet_of(piece.id, workshop_id()) if piece else None) or OwnSheet(usual(workshop_id()))
    return filled_costing(own), own.sheet


def panel(piece: OwnPiece | None, basis_points: int) -> Panel:
    """`basis_points` is the service fee of this piece."""
    form, sheet = form_for(piece)
    rates, dollar = metals.current(), pricing.rates().quoted.get("USD")
    metal = (piece.words.material if piece else "") or "silver"
    rate = rates.get(metal)
    costs = _costs(piece, sheet, rate) if piece and rate else None
    price = Money(piece.price, "IDR") if piece and piece.price else None
    receives = price - price.share(basis_points) if price else None
    has_cost = costs is not None and not form.is_blank
    return Panel(
        form=form,
        rates=rates,
        dollar=f"{dollar.rate:f}" if dollar else "",
        metal=metal,
        rate=rate,
        costs=costs,
        sizes=_size_sums(piece, sheet, rate) if piece and rate else (),
        receives=receives,
        profit=receives - Money(costs.cost_idr, "IDR") if has_cost and costs and receives else None,
    )


def _metal(piece: OwnPiece, rate: Rate, weight: Decimal | None) -> Metal | None:
    """None while weight or fineness is not said."""
    words = piece.words
    fineness = words.fineness if words.material in FINENESSES else None
    if not weight or (words.material in FINENESSES and not fineness):
        return None
    return Metal(weight, fineness, rate.idr_per_gram)


def _costs(piece: OwnPiece, sheet: Sheet, rate: Rate) -> Costs | None:
    metal = _metal(piece, rate, piece.words.weight_grams)
    return costing.suggested(metal, sheet) if metal else None


def _size_sums(piece: OwnPiece, sheet: Sheet, rate: Rate) -> list[SizeSum]:
    found = []
    for row, size in enumerate(piece.sizes):
        if size.weight_grams is None and size.labour_idr is None:
            continue
        metal = _metal(piece, rate, size.weight_grams or piece.words.weight_grams)
        if metal is not None:
            suggestion = costing.suggested(metal, sheet.with_labour(size.labour_idr)).suggestion_idr
            found.append(SizeSum(row, sizes.short_label(size.size) or size.size, suggestion))
    return found


def keep(listing_id: int, workshop_id: int) -> Problems:
    """Save the sheet that came with the editor's form, as far as it can be; what is to be mended."""
    if "cost-there" not in request.form:
        return []
    form = CostingForm()
    if not form.validate():
        return form.problems()
    if form.is_blank and sheet_of(listing_id, workshop_id) is None:
        return []
    services.put(
        listing_id,
        workshop_id,
        form.sheet(),
        follows_rate=bool(form.follows.data),
        shows_breakdown=bool(form.shows.data),
    )
    return []


def take_over(form: ListingForm) -> None:
    """Without script the button sends the form: the suggestions become its prices, before it is saved."""
    if TAKE not in request.form:
        return
    sheet_form = CostingForm()
    if not (form.validate() and sheet_form.validate()):
        return
    draft, sheet, rate = form.draft(), sheet_form.sheet(), metals.current().get(form.draft().material or "silver")
    if rate is None:
        return
    fineness = draft.fineness if draft.material in FINENESSES else None

    def suggestion(weight: Decimal | None, labour_idr: int | None) -> str:
        if not weight or (draft.material in FINENESSES and not fineness):
            return ""
        metal = Metal(weight, fineness, rate.idr_per_gram)
        return rupiah(costing.suggested(metal, sheet.with_labour(labour_idr)).suggestion_idr)

    whole = suggestion(draft.weight_grams, None)
    if not whole:
        return
    form.price.data = whole
    for entry, size in zip(form.sizes, form.offer().sizes, strict=False):
        own = suggestion(size.weight_grams or draft.weight_grams, size.labour_idr)
        entry.form.price.data = own if own != whole else ""
