"""What the workshop says about itself."""

from __future__ import annotations

from typing import Any

from marketplace.core.db import db
from marketplace.workshops.models import Workshop
from tests.factories.catalog import ListingFactory, quote_rates
from tests.seller.conftest import Maker, fields_of

PAGE = "/seller/settings/"


def test_the_story_is_changed_in_both_languages_and_shown_at_once(luh: Maker) -> None:
    quote_rates()
    ListingFactory(workshop=luh.workshop)
    before = luh.workshop.version
    typed = {"story_id": "Kami menganyam rantai.", "story_en": "We weave chains.", "phone": "0812 1111 2222"}
    assert luh.send(PAGE, typed, PAGE).status_code == 303
    db.session.rollback()
    workshop = db.session.get_one(Workshop, luh.workshop.id, populate_existing=True)
    assert (workshop.story_id, workshop.phone) == ("Kami menganyam rantai.", "+6281211112222")
    assert workshop.version > before
    assert "We weave chains." in luh.get(f"/w/{workshop.slug}").text


def test_a_wrong_number_keeps_what_was_typed(luh: Maker) -> None:
    answer = luh.send(PAGE, {"story_id": "Cerita panjang", "phone": "tanya Wulan"}, PAGE)
    assert answer.status_code == 422
    kept: dict[str, Any] = fields_of(answer.text)
    assert (kept["story_id"], kept["phone"]) == ("Cerita panjang", "tanya Wulan")


def test_the_fee_and_the_way_out_are_there(luh: Maker) -> None:
    shown = luh.get(PAGE).text
    assert "8%" in shown
    assert "/sign-out" in shown
    assert "/account/security" in shown
