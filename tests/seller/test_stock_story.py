"""The shelf in the workshop: one tap for a piece sold over the counter, and a page that says who tapped, and why."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.catalog import stock
from marketplace.catalog.models import Card, StockMove, Variant
from marketplace.core.db import db
from marketplace.workshops.models import Member, MemberRole
from tests.factories.catalog import ListingFactory, quote_rates, variants_of
from tests.seller.conftest import Maker


@pytest.fixture
def ann(luh: Maker) -> Maker:
    """She reads English, so that the test names the sentences of the code."""
    luh.user.language, luh.user.full_name = "en", "Ni Luh Ayu Selaka"
    db.session.commit()
    quote_rates()
    return luh


def ring_of(maker: Maker, **facts: Any) -> tuple[str, Variant]:
    """The address of a new ring's stock page, and its only size."""
    listing = ListingFactory(workshop=maker.workshop, **facts)
    return f"/seller/listings/{listing.id}/stock", variants_of(listing)[0]


def tap(maker: Maker, page: str, ring: Variant, deed: str, saw: int, **more: object) -> Any:
    return maker.post(f"{page}/{ring.id}", {"deed": deed, "saw": saw, **more})


def left(ring: Variant) -> int:
    db.session.rollback()
    return int(db.session.scalars(sa.select(Variant.stock).where(Variant.id == ring.id)).one())


def notes() -> list[tuple[str, int, int, str]]:
    db.session.rollback()
    rows = db.session.scalars(sa.select(StockMove).order_by(StockMove.id))
    return [(row.reason.value, row.change, row.left, row.note) for row in rows]


def test_one_tap_for_a_ring_that_was_sold_over_the_counter(ann: Maker) -> None:
    page, ring = ring_of(ann, stock=3)
    answer = tap(ann, page, ring, "shop_sale", 3)
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    shown = ann.get(page).text
    assert "Sold in the shop, 2 left now." in shown
    assert "Ni Luh Ayu Selaka" in shown
    assert notes() == [("shop_sale", -1, 2, "")]
    card = db.session.get_one(Card, ring.listing_id, populate_existing=True)
    assert card.stock == 2, "the card follows at once"


@pytest.mark.parametrize(
    ("deed", "number", "after", "reason"),
    [
        ("made", "4", 9, "made"),
        ("damaged", "2", 3, "damaged"),
        ("lost", "", 4, "lost"),
        ("lent", "3", 2, "lent"),
        ("came_back", "1", 6, "lent"),
    ],
)
def test_every_button_has_its_reason(ann: Maker, deed: str, number: str, after: int, reason: str) -> None:
    page, ring = ring_of(ann, stock=5)
    assert tap(ann, page, ring, deed, 5, number=number, note="Pura Puseh").status_code == 303
    assert notes() == [(reason, after - 5, after, "Pura Puseh")]


def test_a_count_that_is_right_is_written_down_too(ann: Maker) -> None:
    page, ring = ring_of(ann, stock=5)
    assert tap(ann, page, ring, "counted", 5, counted="5").status_code == 303
    assert tap(ann, page, ring, "counted", 5, counted="0").status_code == 303
    assert notes() == [("counted", 0, 5, ""), ("counted", -5, 0, "")]


def test_a_sale_in_between_is_said_and_the_same_tap_asked_for_again(ann: Maker) -> None:
    page, ring = ring_of(ann, stock=3)
    stock.take({ring.id: 1})
    answer = tap(ann, page, ring, "counted", 3, counted="7")
    assert answer.status_code == 409
    assert "3 were there when you opened the page, 2 are there now." in answer.text
    assert 'value="7"' in answer.text, "what was typed is still there"
    assert set(re.findall(r'name="saw" value="(\d+)"', answer.text)) == {"2"}
    assert left(ring) == 2
    assert tap(ann, page, ring, "counted", 2, counted="7").status_code == 303
    assert left(ring) == 7


def test_a_tap_that_arrives_twice_counts_once(ann: Maker) -> None:
    page, ring = ring_of(ann, stock=3)
    assert [tap(ann, page, ring, "shop_sale", 3).status_code for _twice in "12"] == [303, 409]
    assert left(ring) == 2


@pytest.mark.parametrize(
    ("deed", "sent", "sentence"),
    [
        ("damaged", {"number": "4"}, "Only 3 are there. Write a smaller number, or count anew."),
        ("counted", {}, "Write how many you count."),
        ("counted", {"counted": "2,5"}, "Write whole pieces."),
        ("made", {"number": "9999"}, "Write a number up to 9999."),
        ("counted", {"counted": "20000"}, "9999"),
        ("stolen", {}, "Press the button that says what happened."),
    ],
)
def test_what_cannot_be_is_said_and_kept(ann: Maker, deed: str, sent: dict[str, str], sentence: str) -> None:
    page, ring = ring_of(ann, stock=3)
    answer = tap(ann, page, ring, deed, 3, **sent)
    assert answer.status_code == 422
    assert sentence in answer.text
    for typed in sent.values():
        assert f'value="{typed}"' in answer.text
    assert (left(ring), notes()) == (3, [])


def test_nothing_goes_from_an_empty_shelf(ann: Maker) -> None:
    page, ring = ring_of(ann, stock=0)
    answer = tap(ann, page, ring, "shop_sale", 0)
    assert answer.status_code == 422
    assert "None is there. Count anew if that is wrong." in answer.text


def test_a_piece_made_to_order_is_not_counted(ann: Maker) -> None:
    page, ring = ring_of(ann, stock=0, made_to_order=True, lead_time_days=20)
    assert 'name="deed"' not in ann.get(page).text
    assert "its pieces are not counted" in tap(ann, page, ring, "made", 0).text
    assert left(ring) == 0


def test_a_packer_counts_and_everybody_reads_it_under_her_name(ann: Maker, wayan: Maker) -> None:
    page, ring = ring_of(ann, stock=3)
    member = db.session.scalars(sa.select(Member).where(Member.user_id == wayan.user.id)).one()
    member.workshop_id, member.role = ann.workshop.id, MemberRole.PACKER
    wayan.user.full_name, wayan.user.language = "Kadek Wulan", "en"
    db.session.commit()
    opened = wayan.get(page)
    token = re.search(r'name="csrf_token" value="([^"]+)"', opened.text)
    assert token is not None
    sent = {"deed": "shop_sale", "saw": "3", "csrf_token": token[1]}
    assert wayan.browser.post(f"{page}/{ring.id}", data=sent).status_code == 303
    assert "Kadek Wulan" in ann.get(page).text
    assert f'href="/seller/listings/{ring.listing_id}"' not in opened.text, "a packer cannot change the piece"


def test_a_packer_finds_the_piece_in_a_list_of_her_own(ann: Maker, wayan: Maker) -> None:
    page, _ring = ring_of(ann, stock=2, title_en="Dome Ring", title_id="Cincin Kubah")
    ring_of(wayan, stock=3, title_en="Night Moth", title_id="Kupu Malam")
    member = db.session.scalars(sa.select(Member).where(Member.user_id == ann.user.id)).one()
    member.role = MemberRole.PACKER
    db.session.commit()
    shown = ann.get("/seller/listings/stock").text
    assert f'href="{page}"' in shown
    assert "2 left" in shown
    assert "Night Moth" not in shown
    assert ann.get("/seller/listings/").status_code == 403
    assert 'href="/seller/listings/stock"' in ann.get("/seller/").text, "the tab leads there"
    assert f'href="{page}"' in ann.get("/seller/listings/stock?q=kubah").text
    assert "No piece here has" in ann.get("/seller/listings/stock?q=bokor").text


def test_another_workshop_neither_sees_nor_moves_it(ann: Maker, wayan: Maker) -> None:
    page, ring = ring_of(ann, stock=3)
    own_page, _own = ring_of(wayan, stock=3)
    assert wayan.get(page).status_code == 404
    assert tap(wayan, page, ring, "shop_sale", 3).status_code == 404
    assert tap(wayan, own_page, ring, "shop_sale", 3).status_code == 404, "its own page, another's ring"
    assert (left(ring), notes()) == (3, [])


def test_without_the_form_s_token_nothing_moves(ann: Maker) -> None:
    page, ring = ring_of(ann, stock=3)
    answer = ann.browser.post(f"{page}/{ring.id}", data={"deed": "made", "saw": "3"})
    assert answer.status_code == 422
    assert left(ring) == 3


def test_the_history_goes_on_by_key_and_the_page_costs_the_same(ann: Maker, statements: Any) -> None:
    page, ring = ring_of(ann, stock=1)
    ann.get(page)
    with statements() as few:
        ann.get(page)
    for number in range(1, 31):
        stock.move(ring.id, 1, stock.StockReason.MADE, ann.user.id, f"ring {number}")
    with statements() as many:
        first = ann.get(page).text
    assert len(many) == len(few)
    assert "ring 30" in first
    assert "ring 7" in first
    assert "ring 6<" not in first
    older = re.search(r'href="([^"]+after=[^"#]+)', first)
    assert older is not None
    second = ann.get(older[1]).text
    assert "ring 6<" in second
    assert "ring 1<" in second
    assert "ring 7<" not in second
