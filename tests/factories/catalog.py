"""Categories, pieces on sale, rates."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

import factory
import sqlalchemy as sa
from flask import current_app

from marketplace.catalog import publication, sizes
from marketplace.catalog.models import (
    Category,
    Costing,
    FxRate,
    Listing,
    ListingState,
    ListingVersion,
    MetalRate,
    Variant,
    VersionPhoto,
    VersionStatus,
)
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.media.models import Photo, PhotoStatus

from .base import RowFactory
from .workshops import WorkshopFactory


class CategoryFactory(RowFactory):
    class Meta:
        model = Category

    @classmethod
    def _create(cls, model_class: type[Any], *args: Any, **kwargs: Any) -> Any:
        current_app.extensions.pop("shop_tree", None)
        return super()._create(model_class, *args, **kwargs)

    slug = factory.Sequence(lambda n: f"rings-{n}")
    parent_id = None
    position = factory.Sequence(lambda n: n)
    kind = "jewellery"
    name_en = "Rings"
    name_id = "Cincin"
    description_en = "Rings for any finger."
    description_id = "Cincin untuk semua jari."
    hs6 = "7113.11"
    required_fields = ["material", "weight", "technique"]


class PhotoFactory(RowFactory):
    """A photo whose renditions are made, in the rows; there is no file behind it."""

    class Meta:
        model = Photo

    content_hash = factory.Sequence(lambda n: f"{n:064x}")
    original_key = factory.LazyAttribute(lambda o: f"originals/{o.content_hash}.jpg")
    byte_count = 250_000
    status = PhotoStatus.READY
    width = 1200
    height = 1500
    tone = 5
    renditions = factory.LazyAttribute(
        lambda o: [["webp", 320, f"{o.content_hash}-320.webp"], ["webp", 640, f"{o.content_hash}-640.webp"]]
    )
    created_at = factory.LazyFunction(clock.now)


class FxRateFactory(RowFactory):
    class Meta:
        model = FxRate

    currency = "USD"
    rate = Decimal("16650")
    source = "test"
    quoted_at = factory.LazyFunction(clock.now)


def quote_rates() -> None:
    """The rates of the day, without which no foreign price can be shown."""
    FxRateFactory(currency="USD", rate=Decimal("16650"))
    FxRateFactory(currency="AUD", rate=Decimal("10900"))


class MetalRateFactory(RowFactory):
    """A rate as an admin entered it; what it would be told to workshops counts as told."""

    class Meta:
        model = MetalRate

    metal = "silver"
    idr_per_gram = 45_000
    source = "test"
    quoted_at = factory.LazyFunction(clock.now)
    created_at = factory.SelfAttribute("quoted_at")
    told_at = factory.SelfAttribute("quoted_at")


class CostingFactory(RowFactory):
    """The sheet of the worked example (domain.md 6.6), for `listing`; agreed to at `rate` when one is given."""

    class Meta:
        model = Costing

    @classmethod
    def _create(cls, model_class: type[Any], *args: Any, **facts: Any) -> Any:
        listing, rate = facts.pop("listing"), facts.pop("rate", None)
        facts.setdefault("rate_id", rate.id if rate else None)
        own = {"listing_id": listing.id, "workshop_id": listing.workshop_id}
        return super()._create(model_class, *args, **own, **facts)

    loss_bp = 800
    labour_idr = 190_000
    stones_idr = 0
    finishing_idr = 25_000
    margin_bp = 3_000
    follows_rate = True
    shows_breakdown = False
    updated_at = factory.LazyFunction(clock.now)


_LISTING = (
    *("sku", "slug", "state", "made_to_order", "lead_time_days", "packed_grams", "taken_down_at", "published_at"),
    "engraving_price_idr",
)
_numbers = itertools.count(1)


class ListingFactory(RowFactory):
    """A piece with its version, variants and photos; on sale and published unless `live=False`.

    `sizes=("US 6", "US 7")` makes a variant of each; `stock` is that of every variant. Everything else is a column of
    the listing or of its version. A category and a workshop are made when none is given.
    """

    class Meta:
        model = Listing

    @classmethod
    def _create(cls, model_class: type[Any], *args: Any, **facts: Any) -> Listing:
        number = next(_numbers)
        live, photos = facts.pop("live", True), facts.pop("photos", 1)
        size_codes, stock = facts.pop("sizes", ()) or ("",), facts.pop("stock", 6)
        price, weights = facts.pop("price", 745_000), facts.pop("variant_weights", {})
        workshop, category = facts.pop("workshop", None), facts.pop("category", None)
        facts.setdefault("workshop_id", workshop.id if workshop else None)
        facts.setdefault("category_id", category.id if category else None)
        facts["workshop_id"] = facts["workshop_id"] or WorkshopFactory().id
        facts["category_id"] = facts["category_id"] or _some_category()
        own = {name: facts.pop(name) for name in _LISTING if name in facts}
        listing = cls._listing(facts["workshop_id"], number, live, own)
        version = cls._version(listing, live, facts)
        for position, code in enumerate(size_codes):
            db.session.add(
                Variant(
                    listing_id=listing.id,
                    position=position,
                    size=code,
                    size_mm=sizes.millimeters(code, ""),
                    price_amount=price,
                    price_currency="IDR",
                    stock=stock,
                    weight_grams=weights.get(code),
                )
            )
        _add_photos(version, photos)
        if live:
            listing.approved_version_id = version.id
            db.session.commit()
            publication.refresh([listing.id])
        db.session.commit()
        db.session.refresh(listing)
        return listing

    @classmethod
    def _listing(cls, workshop_id: int, number: int, live: bool, own: dict[str, Any]) -> Listing:
        now = clock.now()
        own.setdefault("sku", f"T-{number:04}")
        own.setdefault("slug", "granulated-dome-ring")
        own.setdefault("state", ListingState.LIVE if live else ListingState.DRAFT)
        own.setdefault("published_at", now if live else None)
        listing = Listing(workshop_id=workshop_id, created_at=now, updated_at=now, **own)
        db.session.add(listing)
        db.session.flush()
        return listing

    @classmethod
    def _version(cls, listing: Listing, live: bool, words: dict[str, Any]) -> ListingVersion:
        now = clock.now()
        defaults: dict[str, Any] = {
            "title_en": "Granulated Dome Ring",
            "title_id": "Cincin Kubah Jawan",
            "description_en": "Nine rows of silver grains climb over a gently domed band.",
            "description_id": "Sembilan baris butiran jawan menutupi permukaan cincin.",
            "material": "silver",
            "fineness": 925,
            "weight_grams": Decimal("6.8"),
            "techniques": ["granulation"],
            "finish": "oxidised-recesses",
            "status": VersionStatus.APPROVED if live else VersionStatus.DRAFT,
            "approved_at": now if live else None,
        }
        version = ListingVersion(listing_id=listing.id, created_at=now, updated_at=now, **{**defaults, **words})
        db.session.add(version)
        db.session.flush()
        return version


def _some_category() -> int:
    found = db.session.scalar(sa.select(Category.id).where(Category.slug == "some-rings"))
    return found or int(CategoryFactory(slug="some-rings").id)


def _add_photos(version: ListingVersion, count: int) -> None:
    for position in range(count):
        photo = PhotoFactory(workshop_id=version.workshop_id)
        db.session.add(
            VersionPhoto(
                version_id=version.id,
                photo_id=photo.id,
                position=position,
                alt_en="Silver ring covered with rows of small grains.",
                alt_id="Cincin perak yang dipenuhi deretan jawan.",
            )
        )
    db.session.flush()


def variants_of(listing: Listing) -> list[Variant]:
    return list(
        db.session.scalars(sa.select(Variant).where(Variant.listing_id == listing.id).order_by(Variant.position))
    )


class VariantFactory(RowFactory):
    """The only variant of a new piece on sale: `VariantFactory(stock=1)`; takes what ListingFactory takes."""

    class Meta:
        model = Variant

    @classmethod
    def _create(cls, model_class: type[Any], *args: Any, **facts: Any) -> Variant:
        return variants_of(ListingFactory(**facts))[0]
