"""Many pieces in one screen: a row for each size, a state for each piece, and a box that fills the prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import Any

from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectField
from wtforms import Form as SubForm

from marketplace.catalog.models import ListingState
from marketplace.catalog.queries.many import ManyRow
from marketplace.catalog.services.many import MOST, SizeChange
from marketplace.core.forms import Form, NumberField, RupiahField
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import lazy_gettext as _l

from .listing import rupiah

STATES = {ListingState.LIVE: _l("On sale"), ListingState.PAUSED: _l("Paused"), ListingState.ARCHIVED: _l("Archived")}
STEPS = (1_000, 5_000, 10_000, 50_000)
FAR = 5  # a price that is so many times the old one, or so small a part of it, is asked about once more


def _ident(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0


class ManySizeForm(SubForm):
    variant_id = HiddenField()
    saw_price = HiddenField()
    saw_stock = HiddenField()
    price = RupiahField(_l("Price"), least=1000, most=10**10)
    stock = NumberField(_l("Stock"), most=9999)
    sure = BooleanField(_l("Yes, that is the price"))

    def change(self) -> SizeChange:
        saw_price, saw_stock = _ident(self.saw_price.data), _ident(self.saw_stock.data)
        return SizeChange(
            variant_id=_ident(self.variant_id.data),
            price=int(self.price.number) if self.price.number is not None else saw_price,
            saw_price=saw_price,
            stock=int(self.stock.number) if self.stock.number is not None else None,
            saw_stock=saw_stock,
        )


class ManyPieceForm(SubForm):
    listing_id = HiddenField()
    state = SelectField(_l("Status"), choices=[(one.value, word) for one, word in STATES.items()], coerce=str)


class ManyForm(Form):
    percent = NumberField(_l("Change every price by"), least=-90, most=500)
    step = SelectField(_l("Round up to"), choices=[(str(one), f"Rp {rupiah(one)}") for one in STEPS], default="5000")
    sizes = FieldList(FormField(ManySizeForm), max_entries=MOST)
    pieces = FieldList(FormField(ManyPieceForm), max_entries=100)

    def changes(self) -> list[SizeChange]:
        return [entry.form.change() for entry in self.sizes]

    def states(self) -> dict[int, ListingState]:
        return {
            _ident(entry.form.listing_id.data): ListingState(entry.form.state.data)
            for entry in self.pieces
            if entry.form.state.data in set(STATES)
        }

    def problems(self) -> list[tuple[str, str]]:
        inner = [field for rows in (self.sizes, self.pieces) for entry in rows for field in entry.form]
        own = [(field.id, str(error)) for field in (self.percent, self.step) for error in field.errors]
        return own + [(field.id, str(error)) for field in inner for error in field.errors]

    def moved(self) -> list[int]:
        """The sizes whose price differs from what the screen had shown."""
        return [change.variant_id for change in self.changes() if change.moves_price]

    def doubt(self, costs: Mapping[int, int]) -> list[tuple[str, str]]:
        """A slip of a zero, or a price below the cost, is asked about once more, with a guess at what was meant."""
        for entry in self.sizes:
            change, form = entry.form.change(), entry.form
            if change.moves_price and not form.sure.data:
                question = _question(change, costs.get(change.variant_id, 0))
                form.price.errors = [*form.price.errors, question] if question else form.price.errors
        return self.problems()

    def fill(self) -> None:
        """Put the moved prices into the boxes; nothing is saved."""
        factor = 1 + (self.percent.number or Decimal(0)) / 100
        step = Decimal(self.step.data)
        for entry in self.sizes:
            old = Decimal(_ident(entry.form.saw_price.data))
            new = int((old * factor / step).to_integral_value(ROUND_CEILING) * step)
            entry.form.price.data = rupiah(max(new, int(step)))

    def name(self, problems: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """Put what the service refused ('price-12', 'state-7') at the boxes; gives them by the ids of these."""
        boxes: dict[str, Any] = {f"price-{entry.form.variant_id.data}": entry.form.price for entry in self.sizes}
        boxes |= {f"stock-{entry.form.variant_id.data}": entry.form.stock for entry in self.sizes}
        boxes |= {f"state-{entry.form.listing_id.data}": entry.form.state for entry in self.pieces}
        for name, sentence in problems:
            boxes[name].errors = [*boxes[name].errors, sentence]
        return [(boxes[name].id, sentence) for name, sentence in problems]


def _question(change: SizeChange, cost: int) -> str:
    """Whole rupiah; '' when there is nothing to ask."""
    old = change.saw_price
    if change.price < cost:
        guess = _meant(change.price, max(old, cost))
        if guess:
            return _("Below what it costs, Rp %(cost)s. Did you mean %(meant)s?", cost=rupiah(cost), meant=guess)
        return _("Below what it costs, Rp %(cost)s. If it is right, tick the box below.", cost=rupiah(cost))
    if not old or old / FAR < change.price < old * FAR:
        return ""
    guess = _meant(change.price, old)
    if guess:
        return _("Far from Rp %(old)s. Did you mean %(meant)s?", old=rupiah(old), meant=guess)
    return _("Far from Rp %(old)s. If it is right, tick the box below.", old=rupiah(old))


def _meant(typed: int, near: int) -> str:
    """The typed number with zeros more or less that comes near; '' when none does."""
    for meant in (typed * 10, typed * 100, typed * 1000, typed // 10):
        if near / 2 < meant < near * 2:
            return rupiah(meant)
    return ""


def filled(rows: Sequence[ManyRow]) -> ManyForm:
    """The form as things stand."""
    sizes = [
        {
            "variant_id": str(size.variant_id),
            "saw_price": str(size.price),
            "saw_stock": str(size.stock),
            "price": rupiah(size.price),
            "stock": "" if row.piece.made_to_order else str(size.stock),
        }
        for row in rows
        for size in row.sizes
    ]
    pieces = [
        {"listing_id": str(row.piece.id), "state": row.piece.state.value}
        for row in rows
        if row.piece.state in STATES and row.piece.is_published
    ]
    return ManyForm(formdata=None, data={"sizes": sizes, "pieces": pieces})
