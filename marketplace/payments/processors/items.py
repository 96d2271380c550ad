"""What a hosted page lists of a bill, so that its lines add up to the total."""

from __future__ import annotations

from dataclasses import dataclass

from marketplace.core.money import Money

from . import Bill, BillParcel

MAX_ITEMS = 100


@dataclass(frozen=True, slots=True)
class Item:
    name: str
    unit: Money
    quantity: int


def items_of(bill: Bill) -> list[Item]:
    """Every piece and every postage; one line per parcel, or one for all, where that is too long or does not add up."""
    detailed = [item for parcel in bill.parcels for item in _parcel_items(parcel)]
    summary = [Item(parcel.workshop, parcel.total, 1) for parcel in bill.parcels]
    for items in (detailed, summary):
        if 0 < len(items) <= MAX_ITEMS and sum(item.unit.amount * item.quantity for item in items) == bill.total.amount:
            return items
    return [Item(bill.number, bill.total, 1)]


def _parcel_items(parcel: BillParcel) -> list[Item]:
    items = [Item(line.name, line.unit, line.quantity) for line in parcel.lines]
    if parcel.shipping:
        items.append(Item(parcel.shipping_name, parcel.shipping, 1))
    return items
