"""What a refund form refuses, with a sentence at its field: bad figures, too much, what belongs to others."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.payments.models import Dispute, DisputeStatus, PaymentAttempt
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.orders import open_shop, paid_order, parts_of
from tests.helpers import sign_in
from tests.seller.conftest import Maker, fields_of
from tests.seller.refunding import HOME, ask, bought, confirm, lines_of, page_of, refunds


@pytest.fixture(autouse=True)
def _shop(app: Any) -> None:
    open_shop()


@pytest.mark.parametrize(
    "typed",
    ["", "-5", "0", "NaN", "Infinity", "1e6", "99999999999999", "9" * 40, "2500,5", "satu juta", "<b>", "٣٠٠"],
)
def test_no_bad_number_gets_through_and_nothing_typed_is_lost(luh: Maker, typed: str) -> None:
    part = bought(luh)
    answer = ask(luh, part, how="part", amount=typed, words="Tetap di sini")
    assert answer.status_code == 422, typed
    assert 'href="#amount"' in answer.text
    kept = fields_of(answer.text)
    assert (kept["amount"], kept["words"], kept["how"], kept["reason"]) == (typed, "Tetap di sini", "part", "goodwill")
    assert refunds() == []


def test_short_forms_of_rupiah_are_understood(luh: Maker) -> None:
    part = bought(luh, price=4_000_000)
    assert "Rp\u00a01.500.000" in ask(luh, part, how="part", amount="1,5jt").text


@pytest.mark.parametrize("count", ["2", "-1", "x", "1.5", "9" * 30])
def test_no_more_pieces_than_are_left(luh: Maker, count: str) -> None:
    part = bought(luh)
    (line,) = lines_of(part)
    answer = ask(luh, part, **{f"count_{line.id}": count})
    assert answer.status_code == 422, count
    assert refunds() == []


def test_something_must_be_chosen_and_a_reason_given(luh: Maker) -> None:
    part = bought(luh)
    assert ask(luh, part).status_code == 422
    (line,) = lines_of(part)
    no_reason = ask(luh, part, **{f"count_{line.id}": "1", "reason": ""})
    assert no_reason.status_code == 422
    assert 'href="#reason"' in no_reason.text
    assert fields_of(no_reason.text)[f"count_{line.id}"] == "1"
    assert ask(luh, part, **{f"count_{line.id}": "1", "reason": "greed"}).status_code == 422
    assert refunds() == []


def test_under_a_dispute_nothing_goes_back(luh: Maker) -> None:
    part = bought(luh)
    (line,) = lines_of(part)
    shown = ask(luh, part, **{f"count_{line.id}": "1"})
    attempt = db.session.scalars(sa.select(PaymentAttempt)).one()
    dispute = Dispute(
        attempt_id=attempt.id,
        processor="demo",
        external_id="dp_1",
        livemode=False,
        status=DisputeStatus.NEEDS_RESPONSE,
        currency="IDR",
        amount=attempt.amount,
        opened_at=clock.now(),
    )
    db.session.add(dispute)
    db.session.commit()
    assert 'name="reason"' not in luh.get(page_of(part)).text
    assert confirm(luh, part, shown).status_code == 422
    assert refunds() == []


def test_another_workshops_order_is_not_there(luh: Maker, wayan: Maker) -> None:
    part = bought(luh)
    (line,) = lines_of(part)
    assert wayan.get(page_of(part)).status_code == 404
    data = {"how": "pieces", f"count_{line.id}": "1", "reason": "goodwill", "step": "confirm", "request_key": "a" * 32}
    assert wayan.post(page_of(part), data).status_code == 404
    assert refunds() == []


def test_a_line_of_another_order_is_no_line_of_this_one(luh: Maker, wayan: Maker) -> None:
    mine, foreign = bought(luh), bought(wayan)
    (line,) = lines_of(foreign)
    assert ask(luh, mine, **{f"count_{line.id}": "1"}).status_code == 422
    assert refunds() == []


def test_the_key_of_the_page_cannot_be_made_up(luh: Maker) -> None:
    part = bought(luh)
    (line,) = lines_of(part)
    for key in ("", "canceled:1:0", "x" * 32, "a" * 31, "A" * 32):
        answer = ask(luh, part, **{f"count_{line.id}": "1", "request_key": key})
        assert answer.status_code == 422, key
    assert refunds() == []


def test_it_needs_a_fresh_sign_in(luh: Maker) -> None:
    part = bought(luh)
    sign_in(luh.browser, luh.user, minutes_ago=5 * 60)
    answer = luh.get(page_of(part))
    assert answer.status_code == 303
    assert "/sign-in" in answer.location or "password" in answer.location
    assert luh.browser.post(page_of(part), data={"csrf_token": luh.token()}).status_code == 303
    assert refunds() == []


def test_the_page_asks_the_database_as_often_for_six_lines_as_for_one(luh: Maker, statements: Any) -> None:
    variants = [variants_of(ListingFactory(workshop=luh.workshop))[0].id for _number in range(6)]
    many = page_of(parts_of(paid_order(*((variant, 1) for variant in variants), **HOME))[0])
    one = page_of(bought(luh))
    counts = []
    for page in (one, many, one):  # the first visit warms what is kept
        db.session.expunge_all()
        with statements() as asked:
            luh.get(page)
        counts.append(len(asked))
    assert counts[1] == counts[2] <= 20
