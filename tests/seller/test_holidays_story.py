"""A holiday planned on a phone: which days, what buyers read, and which orders were promised for those days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.core import clock
from marketplace.core.clock import BALI, Hands
from marketplace.core.db import db
from marketplace.workshops.models import CLOSED_DAYS, Member, MemberRole, Workshop
from marketplace.workshops.queries import holidays
from tests.factories.accounts import AdminFactory
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.orders import open_shop, paid_order, parts_of
from tests.helpers import sign_in
from tests.seller.conftest import Maker, fields_of, make_maker

PAGE = "/seller/holidays/"


@pytest.fixture(autouse=True)
def hands(app: Flask) -> Iterator[Hands]:
    with clock.stopped(datetime(2026, 11, 24, 9, 0, tzinfo=BALI)) as stopped:
        yield stopped


@pytest.fixture
def ann(hands: Hands, new_client: Any) -> Maker:
    """Reads English, so that the test names the sentences of the code."""
    maker = make_maker(new_client, name="Luh Selaka")
    maker.user.language = "en"
    db.session.commit()
    return maker


def plan(maker: Maker, first: str, last: str, **more: str) -> Any:
    sent = {"starts_on": first, "ends_on": last, "during": "closes", **more}
    return maker.send(PAGE, sent, PAGE)


def test_a_holiday_is_planned_shown_and_taken_back(ann: Maker) -> None:
    answer = plan(ann, "2026-12-02", "2026-12-04", message_en="Temple festival.", message_id="Odalan.")
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    for page in (PAGE, "/seller/settings/"):
        shown = ann.get(page).text
        assert "Temple festival." in shown, page
        assert "2–4 December 2026, 3 days · shop closed" in shown, page
    [holiday] = holidays.keeping_of(ann.workshop.id).holidays
    assert ann.post(f"{PAGE}{holiday.id}/removal").status_code == 303
    assert "No holiday planned." in ann.get(PAGE).text


def test_the_orders_that_were_promised_for_those_days_are_named_with_links(ann: Maker) -> None:
    open_shop()
    ring = variants_of(ListingFactory(workshop=ann.workshop, stock=5))[0]
    part = parts_of(paid_order((ring.id, 1)))[0]
    plan(ann, "2026-11-28", "2026-11-30")
    assert "as promised" not in ann.get(PAGE).text
    plan(ann, "2026-11-25", "2026-11-27")
    shown = ann.get(PAGE).text
    assert "1 order must leave in these days, as promised:" in shown
    assert f'href="/seller/orders/{part.id}"' in shown
    assert "leaves by Thursday, 26 November" in shown
    assert f'href="/seller/orders/{part.id}"' in ann.get("/seller/settings/").text


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("2026-11-23", "2026-11-25", "This day is over. Begin today or later."),
        ("2026-12-04", "2026-12-02", "The last day is before the first. Change one of them."),
        ("2026-12-04", "2028-12-02", "Plan at most a year ahead."),
        ("", "2026-12-02", "Choose the first day."),
        ("soon", "2026-12-02", "Not a valid date value."),
    ],
)
def test_days_that_cannot_be_come_back_with_all_that_was_typed(
    ann: Maker, first: str, last: str, sentence: str
) -> None:
    answer = plan(ann, first, last, message_id="Odalan.")
    assert answer.status_code == 422
    assert sentence in answer.text
    kept = fields_of(answer.text)
    assert (kept["starts_on"], kept["ends_on"], kept["during"], kept["message_id"]) == (
        first,
        last,
        "closes",
        "Odalan.",
    )
    assert holidays.keeping_of(ann.workshop.id).holidays == ()


def test_the_days_of_ceremony_stand_there_with_their_dates_and_can_be_dropped(ann: Maker) -> None:
    shown = ann.get(PAGE).text
    for words in ("Galungan (12–14 January 2027)", "Kuningan (22–23 January 2027)", "Tumpek Landep (12 June 2027)"):
        assert words in shown
    assert ann.post(f"{PAGE}days", {"days": ["galungan", "nyepi"]}).status_code == 303
    assert holidays.keeping_of(ann.workshop.id).closed_days == {"galungan", "nyepi"}
    assert ann.post(f"{PAGE}days", {"days": ["friday"]}).status_code == 422
    assert ann.post(f"{PAGE}days").status_code == 303
    assert holidays.keeping_of(ann.workshop.id).closed_days == set()
    assert db.session.get_one(Workshop, ann.workshop.id, populate_existing=True).closed_days != list(CLOSED_DAYS)


def test_the_head_of_every_page_says_when_it_closes_and_opens(ann: Maker, hands: Hands) -> None:
    plan(ann, "2027-01-12", "2027-01-15")
    said = []
    for moment in ((2026, 11, 24), (2026, 12, 20), (2027, 1, 12), (2027, 1, 15), (2027, 1, 16)):
        hands.moment = datetime(*moment, 9, tzinfo=BALI)
        shown = ann.get("/seller/").text
        said.append(
            next(words for words in ("Holiday 12–15 Jan", "Closed until 15 Jan", "Workshop open") if words in shown)
        )
    assert said == [
        "Workshop open",
        "Holiday 12–15 Jan",
        "Closed until 15 Jan",
        "Closed until 15 Jan",
        "Workshop open",
    ]


def test_a_packer_does_not_close_the_shop(ann: Maker) -> None:
    member = db.session.query(Member).filter_by(user_id=ann.user.id).one()
    member.role = MemberRole.PACKER
    db.session.commit()
    assert ann.get(PAGE).status_code == 403
    assert ann.browser.post(PAGE).status_code == 403


def test_nobody_takes_another_workshop_s_holiday_back(ann: Maker, wayan: Maker) -> None:
    plan(ann, "2026-12-02", "2026-12-04")
    [holiday] = holidays.keeping_of(ann.workshop.id).holidays
    assert wayan.post(f"{PAGE}{holiday.id}/removal").status_code == 404
    assert ann.browser.post(f"{PAGE}{holiday.id}/removal").status_code == 303
    assert holidays.keeping_of(ann.workshop.id).holidays == (holiday,), "without the form's token nothing changes"


def test_the_collective_sees_when_a_workshop_is_closed(ann: Maker, new_client: Any) -> None:
    plan(ann, "2026-12-02", "2026-12-04", message_en="Temple festival.")
    ann.post(f"{PAGE}days", {"days": [code for code in CLOSED_DAYS if code != "sunday"]})
    office: FlaskClient = new_client()
    sign_in(office, AdminFactory(language="en"))
    shown = office.get(f"/admin/workshops/{ann.workshop.id}").text
    assert "2–4 December 2026, 3 days" in shown
    assert "Temple festival." in shown
    assert "Works on: Sunday" in shown
    assert "planned a holiday" in shown
