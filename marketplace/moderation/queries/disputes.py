"""What a lost dispute would cost whom, before anybody decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.core.db import db
from marketplace.core.money import Money, allocate
from marketplace.orders.models import SellerOrder
from marketplace.payments.queries.disputes import DisputeView
from marketplace.payments.queries.refunding import part_state
from marketplace.payments.shares import of_amount


@dataclass(frozen=True, slots=True)
class Cost:
    """What one workshop would bear: `total` in the buyer's currency, `payable` what it gets less, in rupiah."""

    workshop_name: str
    total: Money
    payable: Money
    commission: Money  # what the collective gives back of its own


@dataclass(frozen=True, slots=True)
class Costs:
    """`rest` is the part of the buyer's sum that no parcel can bear: the collective's in any case."""

    workshops: Sequence[Cost]
    rest: Money
    collective: Money  # all of it, in the currency of settlement


def costs(view: DisputeView) -> Costs:
    """As `decide_lost` would share it; four statements for each parcel that is meant."""
    meant = [parcel for parcel in view.parcels if parcel.is_meant]
    parcels = [parcel for parcel in (meant or view.parcels) if parcel.left] if view.can_workshop_bear else []
    lefts = [parcel.left.amount for parcel in parcels]
    whole = min(view.row.total.amount, sum(lefts))
    found = []
    for parcel, amount in zip(parcels, allocate(whole, lefts) if parcels else [], strict=True):
        share = of_amount(part_state(db.session.get_one(SellerOrder, parcel.id)), amount)
        found.append(
            Cost(
                parcel.workshop_name,
                Money(amount, view.row.total.currency),
                Money(share.payable_idr, "IDR"),
                Money(share.commission_idr, "IDR"),
            )
        )
    return Costs(found, view.row.total - Money(whole, view.row.total.currency), view.kept)
