"""What is no refund: wrong sums, foreign parcels, unpaid orders, and money that a bank asks for."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.errors import DomainError, NotFound
from marketplace.core.money import Money
from marketplace.orders.models import Order, SellerOrder
from marketplace.orders.queries import refunds_owed
from marketplace.payments import queries, services
from marketplace.payments.errors import (
    AboveWhatIsLeft,
    DisputeOpen,
    NegativeAmount,
    NothingToRefund,
    NotPaid,
    PiecesOrAmount,
    UnknownReason,
    WrongCurrency,
    WrongQuantity,
)
from marketplace.payments.models import Bearer, Dispute, DisputeStatus, RefundOrigin
from marketplace.payments.services import RefundWish
from tests.factories.accounts import UserFactory
from tests.factories.orders import open_shop, parts_of, piece, place_order
from tests.factories.workshops import WorkshopFactory

from .refunding import ask, attempt_of, lines_of, part_again, refunds, wish
from .test_refunds import bought


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    open_shop()


def bad(part: SellerOrder, line_id: int) -> dict[str, tuple[RefundWish, type[Exception]]]:
    return {
        "nothing": (wish(part), NothingToRefund),
        "zero": (wish(part, amount=0), NothingToRefund),
        "no postage": (wish(part, shipping=0), NothingToRefund),
        "negative": (wish(part, amount=-1), NegativeAmount),
        "negative postage": (wish(part, (line_id, 1), shipping=-1), NegativeAmount),
        "too much": (wish(part, amount=part.total_amount + 1), AboveWhatIsLeft),
        "too much postage": (wish(part, shipping=part.shipping_amount + 1), AboveWhatIsLeft),
        "wrong currency": (wish(part, amount=Money(100, "AUD")), WrongCurrency),
        "wrong currency of the postage": (wish(part, shipping=Money(100, "IDR")), WrongCurrency),
        "no piece": (wish(part, (line_id, 0)), WrongQuantity),
        "negative pieces": (wish(part, (line_id, -1)), WrongQuantity),
        "too many pieces": (wish(part, (line_id, 4)), WrongQuantity),
        "too many pieces in two lines": (wish(part, (line_id, 2), (line_id, 2)), WrongQuantity),
        "both ways": (wish(part, (line_id, 1), amount=100), PiecesOrAmount),
        "both ways with postage": (wish(part, shipping=1, amount=100), PiecesOrAmount),
        "foreign line": (wish(part, (line_id + 10_000, 1)), NotFound),
        "no such parcel": (RefundWish(part.id + 999, "k" * 32, amount=Money(1, "USD")), NotFound),
        "no reason": (wish(part, amount=100, reason_code="mood"), UnknownReason),
        "a reason of the shop's own": (wish(part, amount=100, reason_code="canceled"), UnknownReason),
    }


class TestBadInput:
    def test_everything_wrong_is_refused_with_a_sentence_and_changes_nothing(self) -> None:
        _order, part = bought()
        for name, (asked, error) in bad(part, lines_of(part)[0].id).items():
            with pytest.raises(error) as caught:
                ask(asked)
            assert not isinstance(caught.value, DomainError) or "%(" not in caught.value.sentence, name
        assert refunds() == []
        assert part_again(part).refunded_amount == 0

    def test_a_line_of_another_parcel_is_not_found(self) -> None:
        _order, part = bought()
        _other_order, other = bought()
        with pytest.raises(NotFound):
            ask(wish(part, (lines_of(other)[0].id, 1)))

    def test_another_workshops_parcel_is_not_found(self) -> None:
        _order, part = bought()
        stranger = WorkshopFactory()
        for act in (
            lambda: ask(wish(part, amount=1), RefundOrigin.WORKSHOP, workshop_id=stranger.id),
            lambda: services.preview(wish(part, amount=1), stranger.id),
            lambda: services.rupiah_to_refund(part.id, 1_000, stranger.id),
        ):
            with pytest.raises(NotFound):
                act()
        assert queries.refundable(part.id, stranger.id) is None
        assert ask(wish(part, amount=1), RefundOrigin.WORKSHOP, workshop_id=part.workshop_id)

    def test_what_was_not_paid_cannot_go_back(self) -> None:
        (part,) = parts_of(place_order((piece(), 1)))
        with pytest.raises(NotPaid):
            ask(wish(part, amount=1))
        assert queries.refundable(part.id) is None

    def test_what_is_left_is_named_in_the_sentence(self) -> None:
        _order, part = bought()
        ask(wish(part, amount=part.total_amount - 250))
        with pytest.raises(AboveWhatIsLeft) as caught:
            ask(wish(part, amount=251))
        assert caught.value.sentence == "That is more than what is left. At most $2.50 can be given back."


class TestDisputes:
    def dispute(self, order: Order, status: DisputeStatus, **facts: Any) -> Dispute:
        attempt = attempt_of(order.id)
        row = Dispute(
            attempt_id=attempt.id,
            processor="demo",
            external_id="dp_1",
            livemode=False,
            status=status,
            currency=attempt.currency,
            amount=attempt.amount,
            opened_at=clock.now(),
            **facts,
        )
        db.session.add(row)
        db.session.commit()
        return row

    @pytest.mark.parametrize(
        "status", [DisputeStatus.INQUIRY, DisputeStatus.NEEDS_RESPONSE, DisputeStatus.UNDER_REVIEW, DisputeStatus.LOST]
    )
    def test_nothing_goes_back_while_a_bank_asks_or_after_it_has_taken(self, status: DisputeStatus) -> None:
        order, part = bought()
        self.dispute(order, status)
        with pytest.raises(DisputeOpen):
            services.preview(wish(part, amount=1))
        with pytest.raises(DisputeOpen):
            ask(wish(part, amount=1))
        shown = queries.refundable(part.id)
        assert shown is not None
        assert shown.is_disputed

    def test_what_the_collective_has_borne_is_not_paid_twice(self) -> None:
        order, part = bought()
        self.dispute(order, DisputeStatus.LOST, borne_by=Bearer.COLLECTIVE)
        with pytest.raises(DisputeOpen):
            ask(wish(part, amount=1))

    def test_a_dispute_that_was_won_is_over(self) -> None:
        order, part = bought()
        self.dispute(order, DisputeStatus.WON)
        assert ask(wish(part, amount=1))

    def test_a_part_that_ends_under_a_dispute_waits_for_it(self) -> None:
        order, part = bought()
        dispute = self.dispute(order, DisputeStatus.NEEDS_RESPONSE)
        services.cancel_part(part.id, "flaw", "", by=UserFactory().id)
        assert refunds() == []
        assert [owed.id for _number, owed in refunds_owed()] == [part.id]
        db.session.get_one(Dispute, dispute.id).status = DisputeStatus.WON
        db.session.commit()
        assert ask(wish(part, amount=part.total_amount))
        assert refunds_owed() == []
