"""The tables of the catalog."""

from .categories import Category
from .listings import Listing, ListingState, ListingVersion, Variant, VersionPhoto, VersionStatus
from .publication import Card, Change, DataVersion, FxRate, Placement, Showcase

__all__ = [
    "Card",
    "Category",
    "Change",
    "DataVersion",
    "FxRate",
    "Listing",
    "ListingState",
    "ListingVersion",
    "Placement",
    "Showcase",
    "Variant",
    "VersionPhoto",
    "VersionStatus",
]
