"""Reads of the catalog, each in a fixed number of statements."""

from .buyable import BuyableVariant, buyable
from .cards import ListingCard, Sort

__all__ = ["BuyableVariant", "ListingCard", "Sort", "buyable"]
