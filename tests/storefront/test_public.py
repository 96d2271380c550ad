"""Public pages: the same bytes for everybody, a 304 after one statement, a new version after every change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.catalog import changes, publication
from marketplace.catalog.models import Category, Listing, ListingState, Variant
from marketplace.core import clock
from marketplace.core.db import db, transaction
from tests.conftest import Statements
from tests.factories.catalog import FxRateFactory, ListingFactory
from tests.factories.workshops import WorkshopFactory

Window = Callable[[str], Category]


@pytest.fixture
def ring(window: Window) -> Listing:
    return ListingFactory(category=window("rings-band"), sizes=("US 6", "US 7"))


def addresses(ring: Listing) -> list[str]:
    workshop = db.session.scalar(sa.text("select slug from workshops"))
    return [
        "/",
        "/c/rings",
        "/c/jewellery?sort=price",
        f"/p/{ring.id}-{ring.slug}",
        f"/p/{ring.id}-{ring.slug}?to=AU",
        "/w",
        f"/w/{workshop}",
        "/search",
        "/search?q=dome",
        "/search?q=zzzz",
        "/saved",
        f"/saved?ids={ring.id},x,999,{ring.id}",
        "/pages/about",
        "/pages/sizes",
        "/id/",
        f"/id/p/{ring.id}-{ring.slug}",
        "/au/c/rings",
    ]


def test_two_visitors_get_the_same_bytes_and_no_cookie(ring: Listing, new_client: Callable[[], FlaskClient]) -> None:
    ann, budi = new_client(), new_client()
    budi.set_cookie("session", "x" * 22)
    for address in addresses(ring):
        first = ann.get(address)
        second = budi.get(address, headers={"Accept-Language": "id", "User-Agent": "other", "Cookie": "session=abc"})
        assert first.status_code == second.status_code == 200, address
        assert first.data == second.data, address
        assert "Set-Cookie" not in second.headers, address
        assert second.headers["Cache-Control"].startswith("public, max-age=0, s-maxage="), address
        assert second.headers["Vary"] == "Accept-Encoding", address
        assert second.headers["Content-Language"] == ("id" if address.startswith("/id/") else "en"), address


def test_who_holds_the_version_gets_a_304_after_one_statement(
    ring: Listing, client: FlaskClient, statements: type[Statements]
) -> None:
    for address in addresses(ring):
        etag = client.get(address).headers["ETag"]
        with statements() as asked:
            again = client.get(address, headers={"If-None-Match": etag})
        assert again.status_code == 304, address
        assert again.data == b""
        assert again.headers["ETag"] == etag
        assert len(asked) == 1, (address, asked.texts)
        weak = client.get(address, headers={"If-None-Match": f"W/{etag}"})
        assert weak.status_code == 304, "a proxy that compresses makes the tag weak"


def test_a_market_has_its_own_version(ring: Listing, client: FlaskClient, etag_of: Callable[[Any], str]) -> None:
    tags = {etag_of(client.get(f"{prefix}/c/rings")) for prefix in ("", "/id", "/au")}
    assert len(tags) == 3


def sell_one(ring: Listing) -> None:
    with transaction():
        db.session.execute(sa.update(Variant).where(Variant.listing_id == ring.id).values(stock=Variant.stock - 1))
        changes.append([ring.id])


def pause(ring: Listing) -> None:
    with transaction():
        db.session.execute(sa.update(Listing).where(Listing.id == ring.id).values(state=ListingState.PAUSED))
        publication.refresh([ring.id])


def new_rate(_ring: Listing) -> None:
    FxRateFactory(currency="USD", rate=Decimal("20000"), quoted_at=clock.now() + timedelta(seconds=1))


@pytest.mark.parametrize("change", [sell_one, pause, new_rate])
def test_a_change_gives_the_pages_that_show_it_a_new_version(
    ring: Listing, window: Window, client: FlaskClient, etag_of: Callable[[Any], str], change: Callable[[Listing], None]
) -> None:
    shows = ["/", "/c/rings", "/c/jewellery", "/search", f"/p/{ring.id}-{ring.slug}"]
    before = {address: etag_of(client.get(address)) for address in shows}
    other = etag_of(client.get("/c/bokor"))
    change(ring)
    for address in shows:
        answer = client.get(address, headers={"If-None-Match": before[address]})
        assert answer.status_code in (200, 404), address
    unchanged = client.get("/c/bokor", headers={"If-None-Match": other}).status_code
    assert unchanged == (200 if change is new_rate else 304)


def test_a_new_day_moves_the_dates_of_a_piece(ring: Listing, client: FlaskClient, stopped_clock: Any) -> None:
    address = f"/p/{ring.id}-{ring.slug}"
    etag = client.get(address).headers["ETag"]
    stopped_clock.forward(days=1)
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_a_workshop_that_was_just_let_in_is_seen_at_once(ring: Listing, client: FlaskClient) -> None:
    etag = client.get("/w").headers["ETag"]
    WorkshopFactory(name="Bengkel Baru")
    assert b"Bengkel Baru" in client.get("/w", headers={"If-None-Match": etag}).data


def test_a_category_that_is_renamed_changes_every_menu(window: Window, client: FlaskClient) -> None:
    etag = client.get("/pages/about").headers["ETag"]
    from marketplace.catalog import versions

    with transaction():
        db.session.execute(sa.update(Category).where(Category.slug == "rings").values(name_en="Finger rings"))
        versions.bump([versions.TAXONOMY])
    answer = client.get("/pages/about", headers={"If-None-Match": etag})
    assert b"Finger rings" in answer.data


def _fill(count: int, workshop_id: int, category_id: int) -> None:
    """Many public pieces at once, straight into the tables."""
    from marketplace.catalog.models import ListingVersion, VersionStatus

    now = clock.now()
    base = (db.session.scalar(sa.select(sa.func.max(Listing.id))) or 0) + 1
    version_base = (db.session.scalar(sa.select(sa.func.max(ListingVersion.id))) or 0) + 1
    ids = range(base, base + count)
    with transaction():
        db.session.execute(
            sa.insert(Listing),
            [
                {"id": ident, "workshop_id": workshop_id, "sku": f"F-{ident}", "slug": "piece", "state": "live",
                 "published_at": now, "created_at": now, "updated_at": now}
                for ident in ids
            ],
        )  # fmt: skip
        db.session.execute(
            sa.insert(ListingVersion),
            [
                {"id": version_base + ident - base, "listing_id": ident, "workshop_id": workshop_id,
                 "status": VersionStatus.APPROVED, "category_id": category_id, "title_en": f"Ring {ident}",
                 "title_id": f"Cincin {ident}", "material": "silver", "fineness": 925, "weight_grams": Decimal("5.0"),
                 "created_at": now, "updated_at": now}
                for ident in ids
            ],
        )  # fmt: skip
        db.session.execute(
            sa.update(Listing)
            .where(Listing.id >= base)
            .values(approved_version_id=Listing.id - base + version_base)
            .execution_options(synchronize_session=False)
        )
        db.session.execute(
            sa.insert(Variant),
            [{"listing_id": ident, "price_amount": 100_000 + ident * 37, "stock": 3} for ident in ids],
        )
        publication.refresh(ids)


def test_pages_cost_the_same_with_48_and_with_10000_pieces(
    ring: Listing, window: Window, app: Flask, client: FlaskClient, statements: type[Statements]
) -> None:
    def cost() -> dict[str, int]:
        costs = {}
        for address in addresses(ring):
            if address.startswith("/search?"):
                continue  # also writes its log: tests/storefront/test_search_page.py
            client.get(address)
            with statements() as asked:
                assert client.get(address).status_code == 200
            costs[address] = len(asked)
        return costs

    _fill(47, ring.workshop_id, window("rings-band").id)
    few = cost()
    _fill(9_952, ring.workshop_id, window("rings-band").id)
    many = cost()
    assert many == few
    assert max(many.values()) <= 8, many
    assert app.testing
