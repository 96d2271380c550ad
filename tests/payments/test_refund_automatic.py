"""Refunds that nobody asks for: parts that end, and payments that no order could take (security.md 4 and 6)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.audit.models import AuditRow
from marketplace.catalog.models import Variant
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.errors import IllegalTransition, NotFound
from marketplace.orders import services as orders
from marketplace.orders.errors import ReasonNeeded
from marketplace.orders.models import CancelReason, Order, OrderStatus, SellerOrder, SellerOrderStatus
from marketplace.orders.queries import refunds_owed
from marketplace.payments import services as payments
from marketplace.payments.models import DemoSession, RefundOrigin, RefundStatus
from tests.factories.accounts import UserFactory
from tests.factories.orders import open_shop, paid_order, parts_of, piece
from tests.factories.workshops import WorkshopFactory
from tests.fakes.stripe_server import StripeServer
from tests.helpers import mails

from .conftest import Bank
from .delivering import balances, post_parcels
from .placing import Placed, place, stock_of
from .refunding import ask, assert_counted, attempt_of, booked, fresh, lines_of, part_again, refund_of, refunds, wish

Cancel = Callable[[Order, SellerOrder], None]


def by_workshop(_order: Order, part: SellerOrder) -> None:
    orders.refuse(part.id, "flaw", "A crack.", workshop_id=part.workshop_id, by=UserFactory().id)


def by_buyer(order: Order, part: SellerOrder) -> None:
    orders.withdraw(order.token, part.id)


def by_admin(_order: Order, part: SellerOrder) -> None:
    payments.cancel_part(part.id, "shop", "The workshop is closed for a ceremony.", by=UserFactory().id)


CANCELS: dict[str, Cancel] = {"workshop": by_workshop, "buyer": by_buyer, "admin": by_admin}


class TestPartsThatEnd:
    @pytest.fixture(autouse=True)
    def _shop(self, app: Flask) -> None:
        open_shop()

    @pytest.mark.parametrize("who", CANCELS)
    def test_a_paid_part_that_ends_is_refunded_whole_and_once(self, who: str) -> None:
        ring, other = piece(stock=4, workshop=WorkshopFactory()), piece(workshop=WorkshopFactory())
        order = paid_order((ring, 2), (other, 1))
        part, rest = parts_of(order)
        CANCELS[who](order, part)
        (refund,) = refunds()
        assert (refund.origin, refund.status) == (RefundOrigin.CANCELED, RefundStatus.SUCCEEDED)
        assert (refund.amount, refund.seller_order_id) == (part.total_amount, part.id)
        assert (refund.payable_idr, refund.commission_idr) == (part.payable_idr, part.commission_idr)
        assert part_again(part).left.amount == 0
        assert part_again(rest).left == rest.total
        assert stock_of(ring) == 4
        assert refunds_owed() == []
        assert_counted(part)
        assert balances()["buyer_funds USD"] == -rest.total_amount

    def test_what_went_back_before_does_not_go_back_again(self) -> None:
        """One of three pieces was refunded and put on the shelf, then the buyer canceled the rest."""
        ring = piece(stock=5)
        order = paid_order((ring, 3))
        (part,) = parts_of(order)
        ask(wish(part, (lines_of(part)[0].id, 1), restock=True))
        ask(wish(part, amount=50))
        by_buyer(order, part)
        last = refunds()[-1]
        assert last.amount == part.total_amount - lines_of(part)[0].unit_amount - 50
        assert stock_of(ring) == 5
        assert part_again(part).left.amount == 0
        assert f"${last.amount / 100:.2f}" in next(mail.text for mail in mails() if "is canceled" in mail.subject)
        assert_counted(part)

    def test_a_piece_that_was_not_put_back_stays_away_when_the_rest_is_canceled(self) -> None:
        ring = piece(stock=5)
        order = paid_order((ring, 3))
        (part,) = parts_of(order)
        ask(wish(part, (lines_of(part)[0].id, 1), reason="It broke at the polishing wheel."))
        by_buyer(order, part)
        assert stock_of(ring) == 4

    def test_a_part_that_was_refunded_whole_ends_without_another_refund(self) -> None:
        order = paid_order((piece(), 1))
        (part,) = parts_of(order)
        ask(wish(part, amount=part.total_amount))
        by_admin(order, part)
        assert len(refunds()) == 1

    def test_an_admin_cancels_any_part_before_it_is_sent(self) -> None:
        shop, admin = WorkshopFactory(email="jawan@example.test", language="en"), UserFactory()
        order = paid_order((piece(workshop=shop), 1))
        (part,) = parts_of(order)
        orders.accept(part.id, workshop_id=shop.id)
        orders.start(part.id, workshop_id=shop.id)
        with pytest.raises(ReasonNeeded):
            payments.cancel_part(part.id, "mood", "", by=admin.id)
        with pytest.raises(NotFound):
            payments.cancel_part(part.id + 99, "shop", "", by=admin.id)
        payments.cancel_part(part.id, "shop", "A ceremony.", by=admin.id)
        assert part_again(part).status is SellerOrderStatus.CANCELED
        told = [mail for mail in mails() if mail.to == "jawan@example.test" and "has canceled" in mail.subject]
        assert len(told) == 1
        assert "please do not send this parcel" in told[0].text
        assert "A ceremony." in told[0].text
        row = db.session.scalars(sa.select(AuditRow).where(AuditRow.action == "seller_order.cancel")).one()
        assert (row.actor_id, row.before["status"], row.reason) == (admin.id, "started", "A ceremony.")
        with pytest.raises(IllegalTransition):
            payments.cancel_part(part.id, "shop", "", by=admin.id)
        assert len(refunds()) == 1

    def test_what_has_left_is_not_canceled(self) -> None:
        order = paid_order((piece(), 1))
        (part,) = parts_of(order)
        post_parcels([part])
        with pytest.raises(IllegalTransition):
            by_admin(order, part)
        assert refunds() == []

    def test_a_refund_that_failed_is_owed_until_it_is_tried_again(self) -> None:
        order = paid_order((piece(), 1))
        (part,) = parts_of(order)
        db.session.execute(sa.update(DemoSession).values(amount=1))
        db.session.commit()
        by_buyer(order, part)
        (refund,) = refunds()
        assert refund.status is RefundStatus.FAILED
        assert [owed.id for _number, owed in refunds_owed()] == [part.id]
        db.session.execute(sa.update(DemoSession).values(amount=order.total_amount))
        db.session.commit()
        assert payments.retry_refund(refund.id, UserFactory().id)
        assert refunds_owed() == []
        assert refunds()[-1].origin is RefundOrigin.CANCELED

    def test_pieces_of_a_canceled_part_never_go_back_twice(self) -> None:
        """They went back with the cancelation; a refund that is asked for by hand later moves money only."""
        ring = piece(stock=1)
        order = paid_order((ring, 1))
        (part,) = parts_of(order)
        db.session.execute(sa.update(DemoSession).values(amount=1))
        db.session.commit()
        by_buyer(order, part)
        assert stock_of(ring) == 1
        db.session.execute(sa.update(DemoSession).values(amount=order.total_amount))
        db.session.commit()
        (line,) = lines_of(part)
        again = ask(wish(part, (line.id, 1), restock=True))
        payments.send_refund(again)
        assert refunds()[-1].status is RefundStatus.SUCCEEDED
        assert stock_of(ring) == 1


def late(bank: Bank, placed: Placed) -> None:
    """The buyer pays on a page whose order has been canceled."""
    placed.start()
    bank.approve_later(placed.page)
    db.session.execute(sa.update(Order).values(status=OrderStatus.CANCELED, canceled_reason=CancelReason.EXPIRED))
    db.session.execute(sa.update(SellerOrder).values(status=SellerOrderStatus.CANCELED))
    db.session.execute(sa.update(Order).values(stock_returned_at=clock.now()))
    db.session.commit()
    bank.money_arrives(placed.page)
    payments.settle(placed.attempt.key)


@pytest.mark.parametrize("bank", ["demo", "stripe"], indirect=True)
class TestPaymentsThatNoOrderTakes:
    def test_a_second_payment_goes_back_by_itself(self, bank: Bank) -> None:
        placed = place()
        placed.start()
        bank.approve_later(placed.page)
        first = placed.attempts[-1]
        db.session.execute(sa.text("update payment_attempts set status = 'expired'"))
        db.session.commit()
        payments.pay_again(placed.token)
        second = placed.attempts[-1]
        assert second.id != first.id
        bank.approve(second.external_id or "")
        payments.settle(second.key)
        assert placed.order.status is OrderStatus.PAID
        assert refunds() == []

        bank.money_arrives(first.external_id or "")
        payments.settle(first.key)
        (refund,) = refunds()
        assert (refund.origin, refund.attempt_id) == (RefundOrigin.UNAPPLIED, first.id)
        assert (refund.seller_order_id, refund.amount) == (None, first.amount)
        assert refund.status is RefundStatus.SUCCEEDED
        assert refund.reason_code == "paid_twice"
        currency, name = first.currency, bank.processor.name
        assert booked(f"refund:{refund.id}") == {
            f"unapplied {currency}": first.amount,
            f"refunds_due {currency}": -first.amount,
        }
        assert booked(f"refund-sent:{refund.id}")[f"clearing:{name} {currency}"] == -first.amount
        assert f"unapplied {currency}" not in balances()
        assert fresh(type(first), first.id).refunded_amount == first.amount
        assert attempt_of(placed.order_id).refunded_amount == 0
        assert placed.parts[0].refunded_amount == 0
        number = placed.order.public_no
        letter = next(mail for mail in mails() if f"{number}: " in mail.subject and "way back" in mail.subject)
        assert "The order was paid already: this payment came on top of it." in letter.text
        assert payments.settle(first.key)
        assert len(refunds()) == 1

    def test_late_money_for_pieces_that_are_gone_goes_back_by_itself(self, bank: Bank) -> None:
        placed = place()
        db.session.execute(sa.update(Variant).values(stock=0))
        db.session.commit()
        late(bank, placed)
        (refund,) = refunds()
        assert (refund.origin, refund.status) == (RefundOrigin.UNAPPLIED, RefundStatus.SUCCEEDED)
        assert (refund.amount, refund.reason_code) == (placed.order.total_amount, "paid_late")
        assert placed.order.status is OrderStatus.CANCELED


def test_what_no_order_takes_waits_for_a_processor_that_is_away(
    stripe_app: Flask, stripe_server: StripeServer, stopped_clock: clock.Hands
) -> None:
    placed = place()
    placed.start()
    stripe_server.pay(placed.page)
    db.session.execute(sa.text("update orders set status = 'paid'"))
    db.session.commit()
    stripe_server.fail("status", status=503, path="/v1/refunds", headers={"Stripe-Should-Retry": "false"})
    payments.settle(placed.attempt.key)
    (refund,) = refunds()
    assert refund.status is RefundStatus.REQUESTED
    stopped_clock.forward(minutes=11)
    payments.send_refunds()
    assert refund_of(refund.id).status is RefundStatus.SUCCEEDED
