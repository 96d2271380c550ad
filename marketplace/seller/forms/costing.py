"""The costing sheet on the editor's form; every field may be empty. Its names begin with `cost-`."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from wtforms import BooleanField, HiddenField

from marketplace.catalog.costing import LOSS_BP, MARGIN_BP, MOST_LOSS_BP, MOST_MARGIN_BP, Sheet
from marketplace.catalog.queries.costing import OwnSheet
from marketplace.core.forms import NumberField, PublicForm, RupiahField
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.i18n import number

from .listing import rupiah

PREFIX = "cost-"
MOST = 10**9  # rupiah


class CostingForm(PublicForm):
    """Part of the editor's form, whose token counts for it too."""

    there = HiddenField(default="1")  # the page has a sheet: what is not ticked is not wanted
    labour = RupiahField(_l("Making charge"), most=MOST)
    stones = RupiahField(_l("Stones"), most=MOST)
    finishing = RupiahField(_l("Plating, finishing"), most=MOST)
    loss = NumberField(_l("Lost in the work"), most=MOST_LOSS_BP // 100)
    margin = NumberField(_l("Margin"), most=MOST_MARGIN_BP // 100)
    follows = BooleanField(_l("Propose a new price when the metal moves"))
    shows = BooleanField(_l("Show buyers where the money goes"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, prefix=PREFIX, **options)

    def sheet(self) -> Sheet:
        """After validation. Loss and margin left empty are those of a new sheet."""
        return Sheet(
            labour_idr=int(self.labour.number or 0),
            stones_idr=int(self.stones.number or 0),
            finishing_idr=int(self.finishing.number or 0),
            loss_bp=_basis_points(self.loss, LOSS_BP),
            margin_bp=_basis_points(self.margin, MARGIN_BP),
        )

    @property
    def is_blank(self) -> bool:
        """No sum was typed: there is nothing to keep yet."""
        return not (self.labour.data or self.stones.data or self.finishing.data)


def filled_costing(own: OwnSheet) -> CostingForm:
    sheet = own.sheet
    return CostingForm(
        formdata=None,
        data={
            "there": "1",
            "labour": rupiah(sheet.labour_idr),
            "stones": rupiah(sheet.stones_idr),
            "finishing": rupiah(sheet.finishing_idr),
            "loss": number(Decimal(sheet.loss_bp) / 100),
            "margin": number(Decimal(sheet.margin_bp) / 100),
            "follows": own.follows_rate,
            "shows": own.shows_breakdown,
        },
    )


def _basis_points(field: NumberField, default: int) -> int:
    if field.number is None:
        return default
    return int((field.number * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))
