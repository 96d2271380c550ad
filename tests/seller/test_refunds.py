"""A workshop gives money back: shown first, done once, never more than what is left, never of another's order."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.orders import services as orders
from marketplace.orders.models import Line, SellerOrder
from marketplace.payments import services as payments
from marketplace.payments.models import Refund
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.orders import JAKARTA, open_shop, paid_order, parts_of
from tests.helpers import sign_in
from tests.seller.conftest import Maker, fields_of


@pytest.fixture(autouse=True)
def _shop(app: Any) -> None:
    open_shop()


HOME = {"address": JAKARTA, "language": "id", "market": "id"}


def bought(maker: Maker, quantity: int = 1, *, price: int = 1_000_000, **facts: Any) -> SellerOrder:
    """A paid order of one piece at home: the buyer pays rupiah, so that every figure can be read off."""
    listing = ListingFactory(workshop=maker.workshop, price=price, stock=9)
    return parts_of(paid_order((variants_of(listing)[0].id, quantity), **{**HOME, **facts}))[0]


def page_of(part: SellerOrder) -> str:
    return f"/seller/orders/{part.id}/refund"


def lines_of(part: SellerOrder) -> list[Line]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Line).where(Line.seller_order_id == part.id).order_by(Line.id)))


def fresh(part: SellerOrder) -> SellerOrder:
    db.session.rollback()
    return db.session.get_one(SellerOrder, part.id, populate_existing=True)


def refunds() -> list[Refund]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Refund).order_by(Refund.id).execution_options(populate_existing=True)))


def ask(maker: Maker, part: SellerOrder, **typed: Any) -> Any:
    """The first step: fill in the form and look at the sum."""
    return maker.send(page_of(part), {"reason": "goodwill", **typed}, page_of(part))


def confirm(maker: Maker, part: SellerOrder, shown: Any, **changed: Any) -> Any:
    """The second step: the button of the page that shows the sum."""
    return maker.browser.post(page_of(part), data={**fields_of(shown.text), "step": "confirm", **changed})


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
    part = bought(luh, price=1_665_000, address=paid_abroad(), language="en", market="world")
    shown = ask(luh, part, how="part", amount="333.000")
    assert "USD\u00a020,00" in shown.text
    assert confirm(luh, part, shown).status_code == 303
    (refund,) = refunds()
    assert (refund.amount, refund.currency) == (2000, "USD")


def paid_abroad() -> Any:
    from tests.factories.orders import MELBOURNE

    return MELBOURNE


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
    nothing = luh.browser.post(page_of(part), data={**fields, "how": "part", "amount": "x", "step": "figures"})
    assert nothing.status_code == 200
    assert "Rp" not in nothing.text.replace("rupiah", "").replace("Rupiah", "") or "250.000" in nothing.text
    assert refunds() == []


def test_before_and_after_the_payout_it_is_said_what_is_taken_where(luh: Maker, stopped_clock: Any) -> None:
    part = bought(luh)
    (line,) = lines_of(part)
    shown = ask(luh, part, **{f"count_{line.id}": "1"})
    share = f"{fresh(part).payable_idr:,}".replace(",", ".")
    assert f"Rp\u00a0{share}" in shown.text, "what the order pays now"


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


def test_a_delivered_order_still_holds_its_money(luh: Maker) -> None:
    part = bought(luh)
    orders.accept(part.id, workshop_id=luh.workshop.id)
    shown = ask(luh, part, how="part", amount="100.000")
    assert confirm(luh, part, shown).status_code == 303
    assert fresh(part).payable_returned_idr == 92_000
