"""Refunds at the demo processor: what is asked for, what goes back, what the books and people say."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.audit.models import AuditRow
from marketplace.catalog.models import Listing
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.errors import NotFound
from marketplace.core.money import Money
from marketplace.orders.models import Order, SellerOrder
from marketplace.payments import queries, services
from marketplace.payments.errors import (
    AboveWhatIsLeft,
    NegativeAmount,
    NothingToRefund,
)
from marketplace.payments.models import RefundChannel, RefundOrigin, RefundStatus
from marketplace.payments.services import LineWish
from tests.factories.accounts import UserFactory
from tests.factories.orders import JAKARTA, open_shop, paid_order, parts_of, piece
from tests.factories.workshops import WorkshopFactory
from tests.helpers import mails

from .delivering import balances, deliver
from .placing import stock_of
from .refunding import (
    ask,
    assert_counted,
    attempt_of,
    booked,
    lines_of,
    part_again,
    refund_of,
    refunds,
    wish,
)


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    open_shop()


def bought(*pieces: tuple[int, int], **facts: Any) -> tuple[Order, SellerOrder]:
    """A paid order with one parcel: a ring of Rp 745.000 bought three times, unless other pieces are named."""
    order = paid_order(*(pieces or ((piece(stock=5), 3),)), **facts)
    (part,) = parts_of(order)
    return order, part


class TestWhatGoesBack:
    def test_two_of_three_pieces_go_back_and_onto_the_shelf(self) -> None:
        ring, admin = piece(stock=5), UserFactory()
        order, part = bought((ring, 3))
        (line,) = lines_of(part)
        seen = services.preview(wish(part, (line.id, 2)))
        refund = refund_of(ask(wish(part, (line.id, 2), restock=True), by=admin.id))

        assert refund.status is RefundStatus.SUCCEEDED
        assert (refund.amount, refund.shipping_amount) == (2 * line.unit_amount, 0)
        assert refund.commission_idr == part.commission_idr * 2 // 3
        assert refund.payable_idr == 2 * line.unit_idr - refund.commission_idr
        assert (seen.total, seen.payable_idr) == (refund.total, refund.payable_idr)
        assert seen.left == part_again(part).left
        assert stock_of(ring) == 4
        assert_counted(part)
        row = db.session.scalars(sa.select(AuditRow).where(AuditRow.action == "refund.ask")).one()
        assert (row.subject_id, row.actor_id, row.after["amount"]) == (refund.id, admin.id, refund.amount)
        assert order.total_amount == attempt_of(order.id).amount

    def test_a_preview_changes_nothing(self) -> None:
        _order, part = bought()
        services.preview(wish(part, amount=100))
        assert refunds() == []
        assert part_again(part).refunded_amount == 0

    def test_postage_goes_back_without_commission(self) -> None:
        _order, part = bought()
        refund = refund_of(ask(wish(part, shipping=part.shipping_amount)))
        assert (refund.goods_amount, refund.shipping_amount) == (0, part.shipping_amount)
        assert (refund.commission_idr, refund.payable_idr) == (0, part.shipping_idr)
        assert_counted(part)

    def test_a_part_of_the_postage_is_its_part_in_rupiah(self) -> None:
        _order, part = bought()
        first = refund_of(ask(wish(part, shipping=1)))
        rest = refund_of(ask(wish(part, shipping=part.shipping_amount - 1)))
        assert first.payable_idr == part.shipping_idr // part.shipping_amount
        assert first.payable_idr + rest.payable_idr == part.shipping_idr

    def test_an_amount_comes_from_the_goods_then_from_the_postage(self) -> None:
        _order, part = bought()
        goods = refund_of(ask(wish(part, amount=1_000)))
        assert (goods.goods_amount, goods.shipping_amount) == (1_000, 0)
        assert lines_of(part)[0].refunded_quantity == 0
        rest = refund_of(ask(wish(part, amount=part.total_amount - 1_000)))
        assert rest.shipping_amount == part.shipping_amount
        assert part_again(part).left == Money(0, part.currency)
        assert_counted(part)

    def test_an_order_in_rupiah_adds_up_to_the_rupiah(self) -> None:
        _order, part = bought(address=JAKARTA, market="id")
        for amount in (1, 7, 99_999, 333_333):
            refund = refund_of(ask(wish(part, amount=amount)))
            assert refund.payable_idr + refund.commission_idr == amount
        refund = refund_of(ask(wish(part, amount=part_again(part).left.amount)))
        assert refund.payable_idr + refund.commission_idr == refund.amount
        after = part_again(part)
        assert (after.payable_returned_idr, after.commission_returned_idr) == (part.payable_idr, part.commission_idr)

    def test_a_piece_made_to_order_is_on_no_shelf(self) -> None:
        bowl = piece(made_to_order=True, stock=0, lead_time_days=20)
        _order, part = bought((bowl, 1))
        (line,) = lines_of(part)
        ask(wish(part, (line.id, 1), restock=True))
        assert stock_of(bowl) == 0

    def test_a_piece_that_is_made_to_order_by_now_comes_back_to_the_shelf_it_left(self) -> None:
        ring = piece(stock=2)
        _order, part = bought((ring, 1))
        (line,) = lines_of(part)
        db.session.get_one(Listing, line.listing_id).made_to_order = True
        db.session.commit()
        ask(wish(part, (line.id, 1), restock=True))
        assert stock_of(ring) == 2

    def test_pieces_stay_where_they_are_unless_somebody_says_so(self) -> None:
        ring = piece(stock=2)
        _order, part = bought((ring, 1))
        ask(wish(part, (lines_of(part)[0].id, 1)))
        assert stock_of(ring) == 1

    def test_one_parcel_of_two_is_refunded_and_the_other_is_untouched(self) -> None:
        order = paid_order((piece(workshop=WorkshopFactory()), 1), (piece(workshop=WorkshopFactory()), 1))
        first, second = parts_of(order)
        ask(wish(first, amount=first.total_amount))
        assert part_again(second).left == second.total
        assert attempt_of(order.id).refunded_amount == first.total_amount
        with pytest.raises(AboveWhatIsLeft):
            ask(wish(first, amount=1))


class TestTheBooks:
    def test_before_it_is_earned_it_comes_from_the_buyers_funds(self) -> None:
        order, part = bought()
        refund = refund_of(ask(wish(part, amount=1_500)))
        assert booked(f"refund:{refund.id}") == {"buyer_funds USD": 1_500, "refunds_due USD": -1_500}
        assert booked(f"refund-sent:{refund.id}") == {"refunds_due USD": 1_500, "clearing:demo USD": -1_500}
        fee = attempt_of(order.id).fee_amount or 0
        assert fee == (order.total_amount * 290 + 5_000) // 10_000
        assert balances() == {
            "buyer_funds USD": -(order.total_amount - 1_500),
            "clearing:demo USD": order.total_amount - fee - 1_500,
            "processor_fees USD": fee,
        }

    def test_after_it_is_earned_workshop_and_collective_give_back_their_shares(
        self, stopped_clock: clock.Hands
    ) -> None:
        order, part = bought()
        deliver(order)
        stopped_clock.forward(days=4)
        assert services.earn_due() == 1
        refund = refund_of(ask(wish(part, (lines_of(part)[0].id, 1))))
        assert booked(f"refund:{refund.id}") == {
            f"seller:{part.workshop_id} IDR": refund.payable_idr,
            "commission IDR": refund.commission_idr,
            "fx IDR": -(refund.payable_idr + refund.commission_idr),
            "fx USD": refund.amount,
            "refunds_due USD": -refund.amount,
        }
        rest = refund_of(ask(wish(part, amount=part_again(part).left.amount)))
        assert rest.payable_idr + refund.payable_idr == part.payable_idr
        fee = attempt_of(order.id).fee_amount or 0
        assert balances() == {"clearing:demo USD": -fee, "processor_fees USD": fee}  # the fee is the platform's cost

    def test_refunded_before_and_earned_after_leaves_only_the_rest_to_earn(self, stopped_clock: clock.Hands) -> None:
        order, part = bought()
        refund = refund_of(ask(wish(part, (lines_of(part)[0].id, 1))))
        deliver(order)
        stopped_clock.forward(days=4)
        services.earn_due()
        said = balances()
        assert said[f"seller:{part.workshop_id} IDR"] == -(part.payable_idr - refund.payable_idr)
        assert said["commission IDR"] == -(part.commission_idr - refund.commission_idr)
        assert "buyer_funds USD" not in said


class TestOnce:
    def test_the_same_form_sent_twice_is_one_refund(self) -> None:
        _order, part = bought()
        asked = wish(part, amount=700)
        assert ask(asked) == ask(asked)
        assert [refund.amount for refund in refunds()] == [700]
        assert part_again(part).refunded_amount == 700

    def test_a_form_of_another_parcel_has_another_key(self) -> None:
        _order, part = bought()
        _other_order, other = bought()
        asked = wish(part, amount=700)
        ask(asked)
        with pytest.raises(NotFound):
            ask(wish(other, amount=700, request_key=asked.request_key))

    @pytest.mark.parametrize("key", ["", "canceled:{id}", "x" * 500, "retry:1", "'; --", "näh"])
    def test_a_key_that_no_form_has_does_no_harm(self, key: str) -> None:
        """The shop's own keys cannot be taken by a hostile form: the automatic refund still comes."""
        order, part = bought()
        asked = wish(part, amount=1, request_key=key.format(id=part.id))
        assert ask(asked) == ask(asked)
        services.cancel_part(part.id, "flaw", "", by=UserFactory().id)
        assert part_again(part).left.amount == 0
        assert attempt_of(order.id).refunded_amount == order.total_amount


class TestRupiah:
    def test_a_workshops_rupiah_become_the_buyers_money_at_the_orders_rate(self) -> None:
        order, part = bought()
        asked = services.rupiah_to_refund(part.id, 166_500, part.workshop_id)
        assert asked == Money(1_000, "USD")
        assert order.fx_rate == 16_650
        assert services.rupiah_to_refund(part.id, 166_583) == Money(1_000, "USD")
        assert services.rupiah_to_refund(part.id, 166_584) == Money(1_001, "USD")
        assert services.rupiah_to_refund(part.id, 1) == Money(1, "USD")

    def test_all_rupiah_are_all_that_the_buyer_paid(self) -> None:
        _order, part = bought()
        shown = queries.refundable(part.id)
        assert shown is not None
        assert shown.left_idr == part.payable_idr + part.commission_idr
        assert services.rupiah_to_refund(part.id, shown.left_idr) == part.total
        for wrong, error in ((0, NothingToRefund), (-1, NegativeAmount), (shown.left_idr + 1, AboveWhatIsLeft)):
            with pytest.raises(error):
                services.rupiah_to_refund(part.id, wrong)

    def test_an_order_in_rupiah_is_not_converted(self) -> None:
        _order, part = bought(address=JAKARTA, market="id")
        assert services.rupiah_to_refund(part.id, 12_345) == Money(12_345, "IDR")


class TestWhatPeopleRead:
    def test_the_buyer_gets_one_mail_in_their_language_and_the_workshop_one(self) -> None:
        shop = WorkshopFactory(email="jawan@example.test", language="en")
        ring = piece(workshop=shop, stock=3, title_en="Dome Ring", title_id="Cincin Kubah")
        order, part = bought((ring, 2), language="id", market="id", address=JAKARTA)
        ask(wish(part, (lines_of(part)[0].id, 1), reason="A hallmark is missing."))
        (letter,) = [mail for mail in mails() if mail.to == order.email and "A hallmark is missing." in mail.text]
        assert "1 × Cincin Kubah" in letter.text
        assert "Rp 745.000" in letter.subject
        (news,) = [mail for mail in mails() if mail.to == "jawan@example.test" and "the buyer gets" in mail.subject]
        assert "Your share is lower by" in news.text

    def test_a_workshops_own_refund_is_no_news_to_it(self) -> None:
        shop = WorkshopFactory(email="jawan@example.test", language="en")
        _order, part = bought((piece(workshop=shop), 1))
        ask(wish(part, amount=100), RefundOrigin.WORKSHOP, workshop_id=shop.id)
        assert [
            mail.subject for mail in mails() if mail.to == "jawan@example.test" and "the buyer gets" in mail.subject
        ] == []

    def test_the_pages_get_every_refund_with_its_lines(self, statements: Any) -> None:
        order, part = bought((piece(stock=9, title_en="Dome Ring"), 3))
        (line,) = lines_of(part)
        first = ask(wish(part, (line.id, 1), reason="Bent on the way."))
        ask(wish(part, shipping=100))
        db.session.rollback()
        with statements() as counted:
            views = queries.refunds_of(order.id)
        assert len(counted) <= 2
        assert (views[0].id, views[0].word, views[0].kind) == (first, "Paid back", "ok")
        assert views[0].reason == "The piece arrived damaged. Bent on the way."
        assert [(row.title, row.quantity, row.amount) for row in views[0].lines] == [("Dome Ring", 1, line.unit_price)]
        assert views[0].channel is RefundChannel.PROCESSOR
        assert views[1].shipping == Money(100, "USD")
        shown = queries.refundable(part.id, part.workshop_id)
        assert shown is not None
        assert (shown.lines[0].quantity_left, shown.lines[0].has_stock) == (2, True)
        assert shown.lines[0].amount_left == line.unit_price * 2
        assert shown.shipping_left == Money(part.shipping_amount - 100, "USD")
        assert shown.left + shown.refunded == part.total
        assert LineWish(line.id, 1).restock is False
