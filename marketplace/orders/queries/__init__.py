"""Reads about orders, by who looks: buyer, workshop, collective."""

from .admin import OrderRow, detail, late_parts, refunds_owed, search
from .buyer import History, OrderPage, by_checkout_key, by_token, orders_of
from .parts import LineView, PartView, Tracking
from .seller import (
    Counts,
    SellerPart,
    Week,
    chosen_parts,
    counts_of,
    open_parts,
    part_of,
    past_parts,
    weeks_of,
)

__all__ = [
    "Counts",
    "History",
    "LineView",
    "OrderPage",
    "OrderRow",
    "PartView",
    "SellerPart",
    "Tracking",
    "Week",
    "by_checkout_key",
    "by_token",
    "chosen_parts",
    "counts_of",
    "detail",
    "late_parts",
    "open_parts",
    "orders_of",
    "part_of",
    "past_parts",
    "refunds_owed",
    "search",
    "weeks_of",
]
