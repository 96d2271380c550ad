"""What a buyer reads of money that goes back: on the order's page, in the account, on the receipt."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.cart.services import Owner
from marketplace.core.db import db
from marketplace.core.ids import new_key
from marketplace.core.money import Money
from marketplace.orders import services as orders
from marketplace.orders.models import Line, Order, SellerOrder
from marketplace.payments import services as payments
from marketplace.payments.models import PaymentAttempt, Refund, RefundChannel, RefundOrigin, RefundStatus
from marketplace.payments.queries import receipt_of
from marketplace.storefront.receipts import facts_of
from tests.factories.accounts import UserFactory
from tests.factories.orders import JAKARTA, open_shop, paid_order, parts_of, piece
from tests.helpers import sign_in


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    open_shop()


def two_parcels(**facts: Any) -> Order:
    return paid_order((piece(title_en="Dome Ring"), 2), (piece(title_en="Lotus Bowl"), 1), **facts)


def give_back(part: SellerOrder, *, amount: Money | None = None, reason: str = "", by: int | None = None) -> int:
    """A refund by the workshop: one piece of the first line, or an amount."""
    db.session.rollback()
    line = db.session.scalars(sa.select(Line.id).where(Line.seller_order_id == part.id).order_by(Line.id)).first()
    assert line is not None
    wish = payments.RefundWish(
        part.id,
        new_key(),
        lines=() if amount else (payments.LineWish(line, 1),),
        amount=amount,
        reason_code="does_not_fit",
        reason=reason,
    )
    return payments.request_refund(wish, origin=RefundOrigin.WORKSHOP, by=by or UserFactory().id)


def make(refund_id: int, **facts: Any) -> None:
    """As if it were still under way, or travelled otherwise."""
    db.session.execute(sa.update(Refund).where(Refund.id == refund_id).values(**facts))
    db.session.commit()


def page(client: FlaskClient, order: Order, path: str = "") -> str:
    return client.get(f"/orders/{order.token}{path}").text


def test_each_parcel_tells_its_own_refund_and_the_summary_their_sum(client: FlaskClient) -> None:
    order = two_parcels()
    first, second = parts_of(order)
    give_back(first, reason="We talked on the phone.")
    under_way = give_back(second, amount=Money(2000, "USD"))
    make(under_way, status=RefundStatus.PENDING, succeeded_at=None)
    html = page(client, order)
    for words in (
        "Refund of $45.00",
        "Paid back",
        "We talked on the phone.",
        "It has left us for the card or account that you paid with.",
        "Refund of $20.00",
        "On its way back",
        "5 to 10 days depending on your bank",
        "−$45.00",
        "−$20.00",
        "Paid after refunds",
        f"${order.total.decimal - 65:,.2f}",
    ):
        assert words in html, words


def test_a_refund_that_failed_is_said_honestly_and_not_counted(client: FlaskClient) -> None:
    order = two_parcels()
    refund = give_back(parts_of(order)[0])
    make(refund, channel=RefundChannel.MANUAL, status=RefundStatus.REQUESTED, succeeded_at=None)
    assert "We send it by bank transfer and write to maya.chen@example.com" in page(client, order)
    payments.mark_refund_failed(refund, "account closed", UserFactory(is_admin=True).id)
    html = page(client, order)
    assert "Came back" in html
    assert "It did not reach you. We look at it and write to maya.chen@example.com." in html
    assert "Paid after refunds" not in html
    assert "account closed" not in html, "what went wrong inside is not the buyer's business"


def test_what_a_bank_took_back_is_told_as_such(client: FlaskClient) -> None:
    order = two_parcels()
    make(give_back(parts_of(order)[0]), channel=RefundChannel.NONE, origin=RefundOrigin.DISPUTE)
    assert "Your bank has given it back to you already." in page(client, order)


def test_a_refused_order_pays_itself_back_and_its_page_says_so(client: FlaskClient) -> None:
    order = paid_order((piece(), 1))
    part = parts_of(order)[0]
    orders.refuse(part.id, "flaw", "A crack.", workshop_id=part.workshop_id, by=UserFactory().id)
    html = page(client, order)
    assert "The money for this order goes back to you." in html
    assert f"Refund of ${order.total.decimal:,.2f}" in html
    assert "Thank you" not in html


def test_a_parcel_of_which_money_went_back_is_canceled_for_the_rest(client: FlaskClient) -> None:
    order = two_parcels()
    part = parts_of(order)[0]
    give_back(part)
    rest = part.total - Money(4500, "USD")
    assert f"You get ${rest.decimal:,.2f} back" in page(client, order)


def test_a_payment_too_many_goes_back_whole_and_belongs_to_no_parcel(client: FlaskClient) -> None:
    order = two_parcels()
    refund = give_back(parts_of(order)[0])
    make(refund, seller_order_id=None, origin=RefundOrigin.UNAPPLIED, reason_code="paid_twice", reason="")
    html = page(client, order)
    assert "Money that goes back" in html
    assert "The order was paid already" in html
    assert "Paid after refunds" not in html, "nobody bought anything with it"


def test_what_a_bank_takes_back_of_a_second_payment_is_not_counted_either(client: FlaskClient) -> None:
    order = two_parcels()
    refund = give_back(parts_of(order)[0])
    make(refund, channel=RefundChannel.NONE, origin=RefundOrigin.DISPUTE)
    assert "Paid after refunds" in page(client, order)
    db.session.execute(sa.update(PaymentAttempt).values(is_applied=False))
    db.session.commit()
    assert "Paid after refunds" not in page(client, order)


def test_the_account_tells_full_and_part_refunds(client: FlaskClient) -> None:
    user = UserFactory()
    whole, part = paid_order((piece(), 1), owner=Owner(user_id=user.id)), two_parcels(owner=Owner(user_id=user.id))
    refused = parts_of(whole)[0]
    orders.refuse(refused.id, "flaw", "", workshop_id=refused.workshop_id, by=user.id)
    give_back(parts_of(part)[0])
    sign_in(client, user)
    html = client.get("/account/orders").text
    assert f"Full refund, ${whole.total.decimal:,.2f}" in html
    assert "Part refund, $45.00" in html
    assert html.count("See the refund") == 2
    assert f"/orders/{part.token}/receipt" in html
    assert "$" not in client.get("/id/account/orders").text.replace("US$", ""), "that market shows no dollars"


def test_the_receipt_subtracts_what_left_and_tells_what_is_on_its_way() -> None:
    order = two_parcels()
    first, second = parts_of(order)
    give_back(first)
    under_way = give_back(second, amount=Money(2000, "USD"))
    make(under_way, status=RefundStatus.REQUESTED, succeeded_at=None)
    receipt = receipt_of(order.token)
    assert receipt is not None
    facts = facts_of(receipt)
    assert [figure for _label, figure in facts["refunds"]] == ["−$45.00"]
    assert facts["remains"] == ("Paid after refunds", f"${order.total.decimal - 45:,.2f}")
    assert [words.split(" ")[0] for words in facts["pending"]] == ["$20.00"]


def test_refunds_in_rupiah(client: FlaskClient) -> None:
    order = two_parcels(address=JAKARTA, language="id", market="id")
    give_back(parts_of(order)[0], amount=Money(100_000, "IDR"))
    html = client.get(f"/id/orders/{order.token}").text
    assert "Rp\u00a0100.000" in html
    assert "$" not in html


def test_the_page_asks_the_database_as_often_for_many_refunds_as_for_one(client: FlaskClient, statements: Any) -> None:
    one, many, user = two_parcels(), two_parcels(), UserFactory().id
    give_back(parts_of(one)[0], by=user)
    for _number in range(4):
        give_back(parts_of(many)[1], amount=Money(100, "USD"), by=user)
    counts = []
    for order in (one, many, one):
        with statements() as asked:
            page(client, order)
        counts.append(len(asked))
    assert counts[1] == counts[2] <= 9
