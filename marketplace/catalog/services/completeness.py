"""What a piece must have before it may be shown: the category's own fields, and honest words about its metal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from marketplace.catalog.attributes import FINENESSES
from marketplace.catalog.models import Category, Listing, ListingVersion, Variant
from marketplace.core.i18n import lazy_gettext as _l

from . import words
from .errors import Problem

# For each field that a category may demand (catalog/categories.py): the column, which is also the id in the form, and
# the sentence. A text in two languages stands without its language. The fineness is demanded by the metal, the size is
# a matter of the variants.
DEMANDS = {
    "material": ("material", _l("Choose the metal.")),
    "fineness": ("fineness", _l("Choose the fineness that is stamped on the piece.")),
    "weight": ("weight_grams", _l("Write the weight in grams, for example 6.8.")),
    "technique": ("techniques", _l("Tick at least one technique.")),
    "stones": ("stones", _l("Write which stones the piece has.")),
    "dimensions": ("dimensions", _l("Write the dimensions, for example 34 x 12 mm.")),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """Everything that is judged together."""

    listing: Listing
    version: ListingVersion
    variants: Sequence[Variant]
    photo_count: int
    category: Category | None
    is_root: bool = False  # a category with others below it cannot hold pieces


def problems_of(piece: Piece) -> list[Problem]:
    """What is missing, in the order of the form; empty when the piece may be shown."""
    return [*_photos(piece), *_naming(piece), *_facts(piece), *_honesty(piece), *_offer(piece)]


def _photos(piece: Piece) -> Iterator[Problem]:
    if not piece.photo_count:
        yield Problem("photos", _l("Add at least one photo."))


def _naming(piece: Piece) -> Iterator[Problem]:
    version = piece.version
    if piece.category is None:
        yield Problem("category_id", _l("Choose the kind of piece."))
    elif piece.is_root:
        yield Problem("category_id", _l("Choose a narrower kind, for example “Studs” below “Earrings”."))
    if not (version.title_id or version.title_en):
        yield Problem("title", _l("Write the name of the piece."))
    if version.sold_as == "set" and (version.set_count or 0) < 2:
        yield Problem("set_count", _l("Write how many pieces the set has."))


def _facts(piece: Piece) -> Iterator[Problem]:
    version = piece.version
    demanded = {"material", *(piece.category.required_fields if piece.category else ())}
    if version.material in FINENESSES:
        demanded.add("fineness")
    else:
        demanded.discard("fineness")
    for name, (column, sentence) in DEMANDS.items():
        if name in demanded and not (_has(version, column) or (name == "weight" and _sizes_have_weight(piece))):
            yield Problem(column, sentence)


def _sizes_have_weight(piece: Piece) -> bool:
    return bool(piece.variants) and all(variant.weight_grams for variant in piece.variants)


def _has(version: ListingVersion, column: str) -> bool:
    """Whether it is filled, in one language at least."""
    names = (column,) if hasattr(version, column) else (f"{column}_en", f"{column}_id")
    return any(getattr(version, name) for name in names)


def _honesty(piece: Piece) -> Iterator[Problem]:
    """Silver-coloured is not silver, and plated must say so (domain.md 3.2)."""
    version = piece.version
    if not version.material:
        return
    for name in ("title_id", "title_en"):
        title = getattr(version, name)
        if not title:
            continue
        plated = version.plating not in ("", "none") and version.material in words.BASE_METALS
        if plated and not words.says_plated(title, version.material):
            yield Problem(
                name,
                _l("Say in the name that it is plated and over which metal, for example “silver-plated brass”."),
            )
        elif not plated and words.says_silver(title) and version.material != "silver":
            yield Problem(name, _l("The name says silver, but the metal is not. Change the name or the metal."))


def _offer(piece: Piece) -> Iterator[Problem]:
    if not piece.variants:
        yield Problem("price", _l("Write the price in rupiah."))
    elif _is_empty(piece):
        yield Problem("sizes-0-stock", _l("Write how many pieces there are."))
    needs_size = piece.category is not None and "size" in piece.category.required_fields
    if needs_size and any(not variant.size for variant in piece.variants):
        yield Problem("sizes-0-size", _l("Write the size: this kind of piece is sold by size."))
    if piece.listing.made_to_order and not piece.listing.lead_time_days:
        yield Problem("lead_time_days", _l("Write how many working days you need to make it."))


def _is_empty(piece: Piece) -> bool:
    """A piece begins with something to sell; one that has sold out later may still be edited."""
    is_new = piece.listing.approved_version_id is None
    return is_new and not piece.listing.made_to_order and not any(variant.stock for variant in piece.variants)
