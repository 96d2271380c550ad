"""What search engines read: JSON-LD of a piece, of the way to it, and of a workshop (schema.org)."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for

from marketplace.catalog import attributes
from marketplace.catalog.queries.cards import Shown
from marketplace.catalog.queries.listing import Choice, ListingPage
from marketplace.catalog.queries.nav import Place
from marketplace.catalog.queries.workshop import WorkshopFacts
from marketplace.core.money import Money
from marketplace.shipping.queries import Quote

from . import menu

CONTEXT = "https://schema.org"


def absolute(path: str) -> str:
    return str(current_app.config["SITE_URL"]) + path


def crumbs(path: list[Place], last: str = "") -> dict[str, Any]:
    """The way from the start page down; `last` is the page itself."""
    items: list[dict[str, Any]] = [{"name": name, "item": absolute(address)} for name, address in menu.links_to(path)]
    if last:
        items.append({"name": last})
    listed = [{"@type": "ListItem", "position": at, **item} for at, item in enumerate(items, 1)]
    return {"@context": CONTEXT, "@type": "BreadcrumbList", "itemListElement": listed}


def listing(
    piece: ListingPage, path: list[Place], show: Shown, quote: Quote | None, *, is_open: bool = True
) -> list[dict[str, Any]]:
    """`is_open` false: its workshop takes no orders for now."""
    address = absolute(url_for("catalog.listing", listing_id=piece.id, slug=piece.slug))
    product: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "Product",
        "name": piece.title,
        "description": piece.description or piece.title,
        "url": address,
        "sku": piece.sku or str(piece.id),
        "category": " > ".join(place.name for place in path),
        "material": attributes.fineness_text(piece.material, piece.fineness, piece.plating),
        "brand": {"@type": "Brand", "name": piece.maker.name},
        "offers": [_offer(piece, choice, show, quote, address, is_open=is_open) for choice in piece.variants],
    }
    photos = [picture.photo for picture in piece.pictures if picture.photo.src]
    images = [absolute(photo.jpeg() or photo.src) for photo in photos]
    if images:
        product["image"] = images
    if piece.weight_grams:
        product["weight"] = {"@type": "QuantitativeValue", "value": str(piece.weight_grams), "unitCode": "GRM"}
    return [product, crumbs(path, piece.title)]


def _amount(price: Money) -> dict[str, str]:
    return {"price": str(price.decimal), "priceCurrency": price.currency}


def _offer(
    piece: ListingPage, choice: Choice, show: Shown, quote: Quote | None, address: str, *, is_open: bool
) -> dict[str, Any]:
    state = "MadeToOrder" if choice.made_to_order else "InStock" if choice.stock else "SoldOut"
    if not is_open:
        state = "OutOfStock"
    offer: dict[str, Any] = {
        "@type": "Offer",
        **_amount(show.price(choice.price_idr)),
        "availability": f"{CONTEXT}/{state}",
        "itemCondition": f"{CONTEXT}/NewCondition",
        "url": address,
        "seller": {"@type": "Organization", "name": piece.maker.name},
    }
    if choice.size:
        offer["name"] = f"{piece.title}, {choice.long_label}"
    if quote is not None:
        postage = show.price(quote.price_idr)
        offer["shippingDetails"] = {
            "@type": "OfferShippingDetails",
            "shippingRate": {
                "@type": "MonetaryAmount",
                "value": str(postage.decimal),
                "currency": postage.currency,
            },
        }
    return offer


def workshop(maker: WorkshopFacts) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "@type": "Organization",
        "name": maker.name,
        "url": absolute(url_for("catalog.workshop", slug=maker.slug)),
        "description": maker.story,
        "address": {
            "@type": "PostalAddress",
            "addressLocality": "Celuk, Sukawati",
            "addressRegion": "Gianyar, Bali",
            "addressCountry": "ID",
        },
    }
