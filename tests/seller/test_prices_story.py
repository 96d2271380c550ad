"""Silver moved: the workshop sees old and new prices, and says yes to all, some or none of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.catalog.models import Listing, PriceChange
from marketplace.catalog.queries.repricing import proposals
from marketplace.catalog.services import metal_news, repricing
from marketplace.catalog.services import metals as metal_services
from marketplace.catalog.services.repricing import Chosen
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.orders.models import Line, Order
from marketplace.seller import prices
from marketplace.workshops.models import Member, MemberRole
from tests.factories.accounts import AdminFactory
from tests.factories.catalog import CostingFactory, ListingFactory, MetalRateFactory, variants_of
from tests.factories.orders import open_shop, place_order
from tests.helpers import mails

from .conftest import Maker, fields_of

PAGE = "/seller/prices/"


def ring(maker: Maker, rate: Any, **facts: Any) -> Listing:
    facts = {"title_id": "Cincin Kubah", "price": 745_000, **facts}
    listing = ListingFactory(workshop=maker.workshop, **facts)
    CostingFactory(listing=listing, rate=rate)
    return listing


@pytest.fixture
def rate(app: Any) -> Any:
    return MetalRateFactory(quoted_at=clock.now() - timedelta(days=1))


def price_of(listing: Listing) -> int:
    db.session.rollback()
    return variants_of(listing)[0].price_amount


def rises(to: int = 54_000) -> None:
    metal_services.enter("silver", to, "Antam", AdminFactory().id, sure=True)


def test_all_are_ticked_and_one_button_changes_them(luh: Maker, rate: Any) -> None:
    pieces = [ring(luh, rate, title_id=f"Cincin {number}") for number in range(3)]
    rises()
    page = luh.get(PAGE).text
    assert page.count('name="p"') == 3
    assert "745.000" in page
    assert "835.000" in page
    assert "+90.000" in page
    assert luh.send(PAGE, {"do": "yes"}, PAGE).status_code == 303
    assert [price_of(one) for one in pieces] == [835_000] * 3
    assert set(db.session.scalars(sa.select(PriceChange.changed_by))) == {luh.user.id}
    assert 'name="p"' not in luh.get(PAGE).text


def test_what_is_unticked_keeps_its_price_and_goes_on_waiting(luh: Maker, rate: Any) -> None:
    kept, moved = ring(luh, rate), ring(luh, rate)
    rises()
    luh.send(PAGE, {"do": "yes", "p": str(moved.id)}, PAGE)
    assert (price_of(kept), price_of(moved)) == (745_000, 835_000)
    assert luh.get(PAGE).text.count('name="p"') == 1


def test_not_now_keeps_everything_until_the_next_rate(luh: Maker, rate: Any) -> None:
    piece = ring(luh, rate)
    rises()
    luh.send(PAGE, {"do": "no"}, PAGE)
    assert price_of(piece) == 745_000
    assert 'name="p"' not in luh.get(PAGE).text
    rises(60_000)
    assert luh.get(PAGE).text.count('name="p"') == 1


def test_a_page_from_before_a_newer_rate_changes_nothing(luh: Maker, rate: Any) -> None:
    piece = ring(luh, rate)
    rises()
    before = fields_of(luh.get(PAGE).text)
    rises(60_000)
    luh.post(PAGE, {**before, "do": "yes"})
    assert price_of(piece) == 745_000
    assert 'class="note note--bad' in luh.get(PAGE).text


def test_a_double_click_changes_each_price_once(luh: Maker, rate: Any) -> None:
    ring(luh, rate)
    rises()
    sent = {**fields_of(luh.get(PAGE).text), "do": "yes"}
    assert [luh.post(PAGE, sent).status_code for _ in range(2)] == [303, 303]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PriceChange)) == 1


def test_those_not_shown_follow_their_own_tick(luh: Maker, rate: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = [ring(luh, rate) for _ in range(4)]
    rises()
    monkeypatch.setattr(prices, "SHOWN", 2)
    page = luh.get(PAGE).text
    assert page.count('name="p"') == 2
    assert 'name="rest"' in page
    assert luh.get(f"{PAGE}?all=1").text.count('name="p"') == 4
    form = fields_of(page)
    form.pop("rest")
    luh.post(PAGE, {**form, "do": "yes"})
    assert sorted(price_of(one) for one in pieces) == [745_000, 745_000, 835_000, 835_000]
    luh.send(PAGE, {"do": "yes"}, PAGE)
    assert [price_of(one) for one in pieces] == [835_000] * 4


def test_the_prices_before_can_be_taken_up_again(luh: Maker, rate: Any) -> None:
    piece = ring(luh, rate)
    rises()
    luh.send(PAGE, {"do": "yes"}, PAGE)
    assert "/seller/prices/before" in luh.get(PAGE).text
    assert luh.send("/seller/prices/before", {"do": "yes"}, "/seller/prices/before").status_code == 303
    assert price_of(piece) == 745_000
    history = luh.get(f"/seller/prices/pieces/{piece.id}").text
    assert history.count("<tr>") == 3  # a head and two changes
    assert luh.user.full_name in history


def test_nobody_sees_or_moves_anothers_prices(luh: Maker, wayan: Maker, rate: Any) -> None:
    piece = ring(luh, rate)
    rises()
    assert wayan.get(f"/seller/prices/pieces/{piece.id}").status_code == 404
    form = fields_of(luh.get(PAGE).text)
    wayan.post(PAGE, {"do": "yes", "p": str(piece.id), "seen": form["seen"], "rest": "1"})
    assert price_of(piece) == 745_000


def test_a_packer_has_no_say_in_prices(luh: Maker, rate: Any) -> None:
    ring(luh, rate)
    rises()
    db.session.execute(sa.update(Member).values(role=MemberRole.PACKER))
    db.session.commit()
    assert luh.get(PAGE).status_code == 403
    assert "rate-h" not in luh.get("/seller/").text


def test_without_the_token_of_a_page_nothing_moves(luh: Maker, rate: Any) -> None:
    piece = ring(luh, rate)
    rises()
    form = fields_of(luh.get(PAGE).text)
    luh.browser.post(PAGE, data={**form, "csrf_token": "another", "do": "yes"})
    assert price_of(piece) == 745_000


def test_the_first_page_says_how_silver_moved_and_what_waits(luh: Maker, rate: Any) -> None:
    assert "45.000" in luh.get("/seller/").text
    ring(luh, rate)
    rises(47_700)
    home = luh.get("/seller/").text
    assert "47.700" in home
    assert "6%" in home
    assert PAGE in home


def test_one_mail_tells_of_a_rate_that_touches_pieces(luh: Maker, wayan: Maker, rate: Any) -> None:
    ring(luh, rate)
    ring(wayan, rate, price=800_000)  # high enough for the new rate
    rises(45_100)
    assert mails() == []
    rises(47_700)
    (mail,) = mails()
    assert mail.to == luh.workshop.email
    assert "47.700" in mail.text
    assert PAGE in mail.text
    assert metal_news.tell_all() == 0
    newest = max(prices.metals.history("silver"), key=lambda one: one.id)
    metal_news.tell(newest.id)
    assert len(mails()) == 1


def test_orders_keep_their_price_and_open_carts_see_the_new_one(luh: Maker, rate: Any, client: FlaskClient) -> None:
    open_shop()
    piece = ring(luh, rate, stock=9)
    variant = variants_of(piece)[0].id
    order = place_order((variant, 1))
    order_id, total = order.id, order.total
    page = f"/p/{piece.id}-granulated-dome-ring"
    client.post(
        "/cart/lines", data={"listing_id": piece.id, "variant_id": variant, "quantity": 1}, headers={"Referer": page}
    )
    rises()
    everything = Chosen(frozenset(), frozenset(), rest=True)
    repricing.accept(luh.workshop.id, everything, proposals(luh.workshop.id).stamp, luh.user.id)
    line = db.session.scalars(sa.select(Line).execution_options(populate_existing=True)).one()
    assert (line.unit_idr, line.unit_price) == (745_000, Money(4500, "USD"))
    assert db.session.get_one(Order, order_id, populate_existing=True).total == total
    assert "The price was $45.00 when you chose it; it is $51.00 now." in client.get("/cart").text


def test_search_and_cards_show_the_accepted_price(luh: Maker, rate: Any, client: FlaskClient) -> None:
    open_shop()
    piece = ring(luh, rate)
    rises()
    luh.send(PAGE, {"do": "yes"}, PAGE)
    for address in (f"/id/w/{luh.workshop.slug}", f"/id/p/{piece.id}-granulated-dome-ring", "/id/search?q=Cincin"):
        html = client.get(address).text.replace("\u00a0", " ")
        assert "Rp 835.000" in html, address
        assert "Rp 745.000" not in html, address
