"""The tables of the catalog."""

from .categories import Category
from .costing import Costing, MetalFeed, MetalRate, PriceChange
from .imports import Import, ImportStatus
from .listings import Listing, ListingState, ListingVersion, Variant, VersionPhoto, VersionStatus
from .publication import Card, Change, DataVersion, FxRate, Placement, Showcase
from .stock import StockMove, StockReason

__all__ = [
    "Card",
    "Category",
    "Change",
    "Costing",
    "DataVersion",
    "FxRate",
    "Import",
    "ImportStatus",
    "Listing",
    "ListingState",
    "ListingVersion",
    "MetalFeed",
    "MetalRate",
    "Placement",
    "PriceChange",
    "Showcase",
    "StockMove",
    "StockReason",
    "Variant",
    "VersionPhoto",
    "VersionStatus",
]
