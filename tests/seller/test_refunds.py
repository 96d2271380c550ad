"""A workshop gives money back: what it means is shown first, then it is done, once."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.i18n import day, speaking
from marketplace.orders import services as orders
from marketplace.payments import services as payments
from marketplace.payments.models import Refund
from marketplace.payouts.queries import next_payout
from tests.factories.orders import MELBOURNE, open_shop
from tests.helpers import sign_in
from tests.payments.delivering import mark_delivered
from tests.seller.conftest import Maker, fields_of
from tests.seller.refunding import ask, bought, confirm, fresh, lines_of, page_of, refunds, rupiah


@pytest.fixture(autouse=True)
def _shop(app: Any) -> None:
    open_shop()


def test_a_piece_goes_back_after_its_sum_was_shown(luh: Maker) -> None:
    part = bought(luh, 3)
    (line,) = lines_of(part)
    assert page_of(part) in luh.get(f"/seller/orders/{part.id}").text
    form = luh.get(page_of(part)).text
    assert "Rp\u00a03.000.000" in form
    shown = ask(luh, part, **{f"count_{line.id}": "2", f"stock_{line.id}": "y", "words": "Maaf, kekecilan."})
    assert shown.status_code == 200
    for words in ("Rp\u00a02.000.000", "Rp\u00a0160.000", "Rp\u00a01.840.000", "Maaf, kekecilan."):
        assert words in shown.text, words
    assert refunds() == [], "nothing is done by looking"
    done = confirm(luh, part, shown)
    assert done.status_code == 303
    assert done.location.endswith(f"/seller/orders/{part.id}#refunds")
    (refund,) = refunds()
    assert (refund.amount, refund.payable_idr, refund.commission_idr) == (2_000_000, 1_840_000, 160_000)
    assert (refund.reason_code, refund.reason, refund.requested_by) == ("goodwill", "Maaf, kekecilan.", luh.user.id)
    (line,) = lines_of(part)
    assert line.refunded_quantity == 2
    order_page = luh.get(f"/seller/orders/{part.id}").text
    assert "Maaf, kekecilan." in order_page
    assert "Rp\u00a01.840.000" in order_page


def test_the_same_button_twice_is_one_refund(luh: Maker) -> None:
    part = bought(luh)
    (line,) = lines_of(part)
    shown = ask(luh, part, **{f"count_{line.id}": "1"})
    first, second = confirm(luh, part, shown), confirm(luh, part, shown)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert len(refunds()) == 1


def test_several_parts_one_after_the_other_up_to_what_is_left(luh: Maker) -> None:
    part = bought(luh)
    for amount in ("250.000", "Rp 150rb"):
        shown = ask(luh, part, how="part", amount=amount)
        assert confirm(luh, part, shown).status_code == 303
    assert fresh(part).refunded_amount == 400_000
    assert "Rp\u00a0400.000" in luh.get(page_of(part)).text
    too_much = ask(luh, part, how="part", amount=str(fresh(part).total_amount - 399_999))
    assert too_much.status_code == 422
    assert 'href="#amount"' in too_much.text
    rest = ask(luh, part, how="part", amount=str(fresh(part).total_amount - 400_000))
    assert confirm(luh, part, rest).status_code == 303
    assert fresh(part).refunded_amount == fresh(part).total_amount
    assert page_of(part) not in luh.get(f"/seller/orders/{part.id}").text
    assert 'name="amount"' not in luh.get(page_of(part)).text


def test_rupiah_are_turned_into_what_the_buyer_paid_with(luh: Maker) -> None:
    part = bought(luh, price=1_665_000, address=MELBOURNE, language="en", market="world")
    shown = ask(luh, part, how="part", amount="333.000")
    assert "USD\u00a020,00" in shown.text
    assert confirm(luh, part, shown).status_code == 303
    (refund,) = refunds()
    assert (refund.amount, refund.currency) == (2000, "USD")


def test_the_postage_alone(luh: Maker) -> None:
    part = bought(luh)
    shown = ask(luh, part, shipping="y")
    assert confirm(luh, part, shown).status_code == 303
    after = fresh(part)
    assert after.refunded_amount == after.shipping_refunded_amount == after.shipping_amount
    assert after.commission_returned_idr == 0, "no fee was taken of postage"


def test_a_sum_that_changed_meanwhile_is_shown_again(luh: Maker) -> None:
    part = bought(luh)
    (line,) = lines_of(part)
    shown = ask(luh, part, **{f"count_{line.id}": "1"})
    other = ask(luh, part, how="part", amount="100.000")
    assert confirm(luh, part, other).status_code == 303
    again = confirm(luh, part, shown)
    assert again.status_code == 200
    assert "Rp\u00a0900.000" in again.text
    assert len(refunds()) == 1
    assert confirm(luh, part, again).status_code == 303
    assert fresh(part).refunded_amount == 1_000_000


def test_going_back_keeps_all_that_was_typed(luh: Maker) -> None:
    part = bought(luh, 2)
    (line,) = lines_of(part)
    typed = {f"count_{line.id}": "2", f"stock_{line.id}": "y", "shipping": "y", "words": "Baris satu"}
    shown = ask(luh, part, **typed)
    back = luh.browser.post(page_of(part), data={**fields_of(shown.text), "step": "edit"})
    assert back.status_code == 200
    kept = fields_of(back.text)
    assert {name: kept[name] for name in typed} == typed
    assert kept["request_key"] == fields_of(shown.text)["request_key"]


def test_the_figures_come_while_the_form_is_filled_in(luh: Maker) -> None:
    part = bought(luh)
    (line,) = lines_of(part)
    fields = fields_of(luh.get(page_of(part)).text)
    answer = luh.browser.post(page_of(part), data={**fields, f"count_{line.id}": "1", "step": "figures"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "Rp\u00a0920.000" in answer.text
    wrong = luh.browser.post(page_of(part), data={**fields, "how": "part", "amount": "x", "step": "figures"})
    assert wrong.status_code == 200
    assert "250.000" in wrong.text, "an example of how to write it"
    assert refunds() == []


def test_before_the_payout_the_order_itself_pays_less(luh: Maker) -> None:
    part = bought(luh)
    (line,) = lines_of(part)
    shown = ask(luh, part, **{f"count_{line.id}": "1"})
    before = fresh(part).payable_idr
    assert rupiah(before) in shown.text
    assert rupiah(before - 920_000) in shown.text


def test_after_it_was_earned_the_next_payout_pays_less(luh: Maker, stopped_clock: clock.Hands) -> None:
    part = bought(luh)
    mark_delivered([part])
    stopped_clock.forward(days=5)
    assert payments.earn_due() == 1
    sign_in(luh.browser, luh.user)
    (line,) = lines_of(part)
    shown = ask(luh, part, **{f"count_{line.id}": "1"})
    with speaking("id"):
        friday = day(next_payout(luh.workshop.id).on, weekday=True)
    assert friday in shown.text
    assert confirm(luh, part, shown).status_code == 303
    assert fresh(part).payable_returned_idr == 920_000


def test_a_refused_order_pays_itself_back_and_takes_no_second_refund(luh: Maker) -> None:
    part = bought(luh)
    answer = luh.send(f"/seller/orders/{part.id}/refusal", {"reason": "flaw", "words": ""}, f"/seller/orders/{part.id}")
    assert answer.status_code == 303
    (refund,) = refunds()
    assert refund.amount == part.total_amount
    page = luh.get(f"/seller/orders/{part.id}").text
    assert page_of(part) not in page
    assert 'id="refunds"' in page


def test_a_refund_that_came_back_is_said_to_be_the_workshops_again(luh: Maker) -> None:
    part = bought(luh)
    shown = ask(luh, part, how="part", amount="100.000")
    assert confirm(luh, part, shown).status_code == 303
    (refund,) = refunds()
    db.session.execute(sa.update(Refund).values(channel="manual", status="requested", succeeded_at=None))
    db.session.commit()
    payments.mark_refund_failed(refund.id, "account closed", luh.user.id)
    page = luh.get(f"/seller/orders/{part.id}").text
    assert "Rp\u00a0100.000" in page
    assert page_of(part) in page


def test_a_delivered_order_still_holds_its_money(luh: Maker) -> None:
    part = bought(luh)
    orders.accept(part.id, workshop_id=luh.workshop.id)
    shown = ask(luh, part, how="part", amount="100.000")
    assert confirm(luh, part, shown).status_code == 303
    assert fresh(part).payable_returned_idr == 92_000
