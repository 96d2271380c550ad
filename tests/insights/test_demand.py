"""What was searched and not found, which sizes ran out, what was saved and not bought."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.catalog.models import Category, Listing
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.i18n import speaking
from marketplace.insights.models import Deed
from marketplace.insights.queries import demand
from marketplace.insights.queries.demand import RunOut, Saved, Wanted
from marketplace.search import services as search
from marketplace.search.models import Query
from tests.conftest import Statements
from tests.factories.catalog import CategoryFactory, ListingFactory, variants_of
from tests.factories.orders import open_shop, paid_order
from tests.factories.workshops import WorkshopFactory

from .looking import PHONE, looked


def asked(text: str, visitors: range, country: str = "AU", hits: int = 0) -> None:
    for number in visitors:
        search.log_query("world", text, hits, country=country, visitor=f"{number:016x}")


def test_the_seeded_log_gives_the_expected_table(app: Flask) -> None:
    asked("gelang tridatu", range(41, 48), "ID")
    asked("Tridatu  Bracelets", range(1, 7), "AU")
    asked("tridatu bracelet", range(4, 7), "AU")  # three of the same people, in other words
    asked("bracelet tridatu", range(30, 32), "NL")
    asked("name necklace", range(10, 19), "US")
    asked("kris", range(20, 25), "", hits=2)
    asked("name necklace", range(10, 11), "US", hits=1)  # meanwhile there is one
    asked("platinum", range(1, 5), "AU")  # four visitors
    asked("silver ring", range(1, 30), "AU", hits=80)  # found
    for _time in range(50):
        search.log_query("world", "casino", 0, country="US")  # a machine
    assert demand.wanted(4) == [
        Wanted("gelang tridatu", ("tridatu bracelets", "tridatu bracelet"), 15, 0, (("ID", 7), ("", 8))),
        Wanted("name necklace", (), 9, 1, (("US", 9),)),
        Wanted("kris", (), 5, 2, (("", 5),)),
    ]


def test_old_searches_are_another_periods(app: Flask, stopped_clock: clock.Hands) -> None:
    asked("name necklace", range(5))
    stopped_clock.forward(weeks=4)
    assert demand.wanted(4) == []
    assert [row.text for row in demand.wanted(12)] == ["name necklace"]


def test_the_search_page_writes_down_whence_and_of_whom(app: Flask, client: FlaskClient) -> None:
    open_shop()
    CategoryFactory(slug="jewellery")
    for number in range(5):
        seen_from = {"environ_base": {"REMOTE_ADDR": f"203.0.113.{number}"}}
        client.get("/search?q=kubik", headers={"User-Agent": PHONE, "Accept-Language": "nl-NL"}, **seen_from)
        client.get("/id/search?q=Kubik", headers={"User-Agent": PHONE}, **seen_from)
        client.get("/search?q=robots", headers={"User-Agent": "Mozilla/5.0 (compatible; bingbot/2.0)"}, **seen_from)
    db.session.rollback()
    assert [(row.text, row.visitors) for row in demand.wanted(4)] == [("kubik", 5)]


@pytest.fixture
def bands(app: Flask) -> Category:
    open_shop()
    return CategoryFactory(name_en="Bands", name_id="Cincin polos")


def sold_out(category: Category, size: str = "US 7", **facts: object) -> Listing:
    """Somebody bought the last one of the size."""
    listing = ListingFactory(category=category, sizes=(size,), stock=1, **facts)
    paid_order((variants_of(listing)[0].id, 1))
    return listing


def test_sizes_that_ran_out_piece_by_piece_and_in_the_village(bands: Category, stopped_clock: clock.Hands) -> None:
    mine = sold_out(bands, title_en="Plain Band")
    ListingFactory(category=bands, workshop_id=mine.workshop_id, sizes=("US 7",), stock=0)  # sold nothing
    ListingFactory(category=bands, workshop_id=mine.workshop_id, sizes=("US 8",), stock=3)
    sold_out(bands)
    with speaking("en"):
        assert demand.own_run_out(mine.workshop_id) == [RunOut("Plain Band", "US 7", 1, mine.id)]
        assert demand.village_run_out() == [], "two workshops would know each other"
        sold_out(bands)
        sold_out(bands, "US 9", workshop_id=mine.workshop_id)
        assert demand.village_run_out() == [RunOut("Bands", "US 7", 3, workshops=3)]
        stopped_clock.forward(days=91)
        assert demand.own_run_out(mine.workshop_id) == demand.village_run_out() == []


def test_saved_by_five_and_bought_by_nobody(bands: Category) -> None:
    workshop = WorkshopFactory()
    wanted, bought, few = (ListingFactory(category=bands, workshop=workshop, title_en=name) for name in "ABC")
    for listing, saves in ((wanted, 6), (bought, 9), (few, 4)):
        looked(listing, saves, deed=Deed.SAVE)
        looked(listing, 12)
    looked(ListingFactory(category=bands), 8, deed=Deed.SAVE)  # of another workshop
    paid_order((variants_of(bought)[0].id, 1))
    with speaking("en"):
        assert demand.saved_not_bought(workshop.id, 4) == [Saved(wanted.id, "A", 6, 12)]


def test_as_many_statements_for_much_as_for_little(
    bands: Category, statements: type[Statements], stopped_clock: clock.Hands
) -> None:
    def board(workshop_id: int) -> int:
        db.session.rollback()
        with statements() as done:
            demand.wanted(12)
            demand.own_run_out(workshop_id)
            demand.village_run_out()
            demand.saved_not_bought(workshop_id, 12)
        return len(done)

    mine = sold_out(bands).workshop_id
    asked("name necklace", range(5))
    assert board(mine) == 4
    for number in range(6):
        looked(sold_out(bands, workshop_id=mine), 6, deed=Deed.SAVE)
        asked(f"thing {number}", range(6), hits=number % 3)
    stopped_clock.forward(days=1)
    assert board(mine) == 4


def test_months_of_searches_are_read_quickly(app: Flask) -> None:
    words = ("gelang", "cincin", "ring", "bracelet", "moonstone", "tridatu", "naga", "anak", "18k", "gold")
    rows = [
        {
            "at": clock.now() - timedelta(minutes=number),
            "market": "world",
            "text": f"{words[number % 10]} {words[number // 10 % 10]} {number % 97}",
            "hit_count": number % 4,
            "country": ("AU", "ID", "US", "")[number % 4],
            "visitor": f"{number % 5000:016x}",
        }
        for number in range(20_000)
    ]
    db.session.execute(sa.insert(Query), rows)
    db.session.commit()
    began = time.process_time()
    assert demand.wanted(24)
    assert time.process_time() - began < 3
