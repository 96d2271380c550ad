"""A part in several parcels: what leaves when, what a refund changes, who is told, and what is corrected."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.audit.models import AuditRow
from marketplace.core import clock
from marketplace.core.clock import Hands
from marketplace.core.db import db, transaction
from marketplace.core.errors import IllegalTransition, NotFound
from marketplace.moderation.queries.today import _posted as posted_on_time
from marketplace.orders import queries, services
from marketplace.orders.errors import (
    AlreadyArrived,
    AlreadySent,
    MoreThanLeft,
    NothingChosen,
    NothingToSend,
    SameParcel,
    TooLateToCancel,
    TrackingNeeded,
)
from marketplace.orders.models import Line, SellerOrder, ShipmentLine
from marketplace.orders.models import SellerOrderStatus as Status
from marketplace.orders.queries import PartView
from marketplace.orders.services import Posting
from marketplace.payments import services as payments
from marketplace.payments.models import Refund, RefundStatus
from marketplace.payments.queries.holding import HoldCode, why_held
from marketplace.payments.services.refunds import moving
from tests.factories.accounts import UserFactory
from tests.factories.orders import fill, open_shop, paid_order, parts_of, piece, visitor
from tests.factories.workshops import WorkshopFactory
from tests.helpers import mails
from tests.payments.refunding import ask, assert_counted, wish


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    open_shop()


class Bench:
    """An accepted part of three rings and one bowl, and the person who packs it."""

    def __init__(self) -> None:
        shop, owner = WorkshopFactory(email="jawan@example.test", language="en"), visitor()
        rings, bowl = piece(workshop=shop, title_en="Dome Ring", stock=9), piece(workshop=shop, title_en="Bowl")
        fill(owner, (rings, 3), (bowl, 1))
        self.order = paid_order(owner=owner)
        self.packer = UserFactory(full_name="Kadek Sari")
        (part,) = parts_of(self.order)
        self.id, self.shop_id = part.id, shop.id
        services.accept(self.id, workshop_id=self.shop_id, by=self.packer.id)
        self.ring, self.bowl = db.session.scalars(
            sa.select(Line.id).where(Line.seller_order_id == self.id).order_by(Line.id)
        ).all()

    def ship(self, number: str, rings: int | None = None, bowls: int = 0) -> None:
        contents = None if rings is None else {self.ring: rings, self.bowl: bowls}
        services.ship(self.id, Posting("pos", number), contents, workshop_id=self.shop_id, by=self.packer.id)

    @property
    def row(self) -> SellerOrder:
        (part,) = parts_of(self.order)
        return part

    @property
    def view(self) -> PartView:
        db.session.rollback()
        found = queries.part_of(self.shop_id, self.id)
        assert found is not None
        return found.part

    def refund(self, line_id: int, count: int) -> int:
        return ask(wish(self.row, (line_id, count)))


@pytest.fixture
def bench(_shop: None) -> Bench:
    return Bench()


def test_what_is_ready_leaves_now_the_rest_later(bench: Bench) -> None:
    bench.ship("EE111111111ID", rings=2)
    part = bench.view
    assert (part.status, part.word, part.left_count) == (Status.ACCEPTED, "Part posted", 2)
    assert [(line.title, line.sent, line.to_send) for line in part.lines] == [("Dome Ring", 2, 1), ("Bowl", 0, 1)]
    assert [row.id for row in queries.open_parts(bench.shop_id)] == [bench.id]
    bench.ship("EE222222222ID")
    part = bench.view
    assert (part.status, part.left_count) == (Status.SHIPPED, 0)
    told = [[(line.title, count) for line, count in part.in_parcel(parcel)] for parcel in part.trackings]
    assert told == [[("Dome Ring", 2)], [("Dome Ring", 1), ("Bowl", 1)]]
    assert {parcel.by for parcel in part.trackings} == {"Kadek Sari"}
    assert queries.open_parts(bench.shop_id) == []


def test_each_parcel_has_its_mail_with_its_own_pieces_and_number(bench: Bench) -> None:
    bench.ship("EE111111111ID", rings=2)
    bench.ship("EE222222222ID")
    first, last = [mail for mail in mails() if "on its way" in mail.subject]
    assert "parcel 1 is on its way" in first.subject
    assert "2 × Dome Ring" in first.text
    assert "Bowl" not in first.text
    assert "EE111111111ID" in first.text
    assert "2 pieces follow in another one" in first.text
    assert "parcel 2 of 2" in last.text
    assert "1 × Bowl" in last.text
    assert "EE222222222ID" in last.text
    assert "EE111111111ID" not in last.text


def test_a_part_that_leaves_at_once_is_simply_a_parcel(bench: Bench) -> None:
    bench.ship("EE111111111ID")
    (mail,) = [mail for mail in mails() if "on its way" in mail.subject]
    assert "your parcel is on its way" in mail.subject
    assert "another" not in mail.text
    assert bench.view.status is Status.SHIPPED


def test_never_more_than_is_left_and_nothing_strange(bench: Bench) -> None:
    for contents, error in (
        ({bench.ring: 4}, MoreThanLeft),
        ({bench.ring: -1}, MoreThanLeft),
        ({bench.ring: 0, bench.bowl: 0}, NothingChosen),
        ({}, NothingChosen),
        ({bench.ring: 1, 999_999: 1}, NotFound),
    ):
        with pytest.raises(error):
            services.ship(bench.id, Posting("pos", "EE1111"), contents, workshop_id=bench.shop_id, by=bench.packer.id)
    bench.ship("EE111111111ID", rings=3)
    with pytest.raises(MoreThanLeft):
        bench.ship("EE222222222ID", rings=1)
    with pytest.raises(SameParcel):
        bench.ship("ee 111 111 111 id", rings=0, bowls=1)
    bench.ship("EE222222222ID")
    with pytest.raises(IllegalTransition):
        bench.ship("EE333333333ID")
    assert db.session.scalar(sa.select(sa.func.sum(ShipmentLine.quantity))) == 4


def test_another_s_parcel_is_not_there(bench: Bench) -> None:
    bench.ship("EE111111111ID", rings=1)
    shipment_id = bench.view.trackings[0].id
    other = WorkshopFactory()
    with pytest.raises(NotFound):
        services.ship(bench.id, Posting("pos", "EE2222"), {bench.ring: 1}, workshop_id=other.id, by=bench.packer.id)
    with pytest.raises(NotFound):
        services.correct_tracking(shipment_id, Posting("pos", "EE2222"), workshop_id=other.id, by=bench.packer.id)
    with pytest.raises(NotFound):
        services.correct_tracking(99_999, Posting("pos", "EE2222"), workshop_id=bench.shop_id, by=bench.packer.id)


def test_refunded_pieces_are_not_sent(bench: Bench) -> None:
    bench.refund(bench.ring, 1)
    assert [line.to_send for line in bench.view.lines] == [2, 1]
    with pytest.raises(MoreThanLeft):
        bench.ship("EE111111111ID", rings=3, bowls=1)
    bench.ship("EE111111111ID", rings=2, bowls=1)
    assert bench.view.status is Status.SHIPPED


def test_a_refund_of_the_rest_makes_it_complete_from_its_last_parcel_on(bench: Bench, stopped_clock: Hands) -> None:
    bench.ship("EE111111111ID", rings=2)
    posted_at = clock.now()
    stopped_clock.forward(days=5)
    bench.refund(bench.bowl, 1)
    assert bench.view.status is Status.ACCEPTED
    bench.refund(bench.ring, 1)
    part = bench.row
    assert (part.status, part.shipped_at) == (Status.SHIPPED, posted_at)
    assert_counted(part)
    stopped_clock.forward(days=9, hours=1)
    assert services.close_silent() == 1


def test_a_refund_of_what_has_arrived_broken_as_a_sum_leaves_the_rest_to_be_sent(bench: Bench) -> None:
    bench.ship("EE111111111ID", rings=1)
    ask(wish(bench.row, amount=100))
    assert [line.to_send for line in bench.view.lines] == [2, 1]


def test_a_refund_of_everything_before_anything_left_ships_nothing(bench: Bench) -> None:
    bench.refund(bench.ring, 3)
    bench.refund(bench.bowl, 1)
    assert bench.row.status is Status.ACCEPTED
    with pytest.raises(NothingToSend):
        bench.ship("EE111111111ID")
    assert bench.view.is_late is False


def test_all_the_money_back_as_one_sum_leaves_nothing_to_send(bench: Bench) -> None:
    bench.ship("EE111111111ID", rings=1)
    ask(wish(bench.row, amount=bench.row.left.amount))
    assert bench.row.status is Status.SHIPPED


def test_a_refund_that_fails_brings_no_part_back(bench: Bench) -> None:
    bench.ship("EE111111111ID", rings=3)
    refund_id = bench.refund(bench.bowl, 1)
    assert bench.row.status is Status.SHIPPED
    with transaction():
        refund, order, part = moving.held(refund_id)
        db.session.execute(sa.update(Refund).where(Refund.id == refund_id).values(status=RefundStatus.PENDING))
        db.session.refresh(refund)
        assert moving.fail(refund, order, part, "The card is closed")
    assert_counted(bench.row)
    assert bench.row.status is Status.SHIPPED
    with pytest.raises(IllegalTransition):
        bench.ship("EE222222222ID")


def test_nothing_is_earned_while_a_piece_is_neither_sent_nor_paid_back(bench: Bench, stopped_clock: Hands) -> None:
    bench.ship("EE111111111ID", rings=3)
    refund_id = bench.refund(bench.bowl, 1)
    stopped_clock.forward(days=15)
    assert services.close_silent() == 1
    with transaction():
        refund, order, part = moving.held(refund_id)
        db.session.execute(sa.update(Refund).where(Refund.id == refund_id).values(status=RefundStatus.PENDING))
        db.session.refresh(refund)
        assert moving.fail(refund, order, part, "The card is closed")
    stopped_clock.forward(days=10)
    assert payments.earn_due() == 0
    assert why_held([bench.row.id])[bench.row.id].code is HoldCode.NOT_POSTED
    bench.refund(bench.bowl, 1)
    assert payments.earn_due() == 1


def test_what_has_left_in_part_is_neither_refused_nor_canceled(bench: Bench) -> None:
    bench.ship("EE111111111ID", rings=1)
    by = bench.packer.id
    with pytest.raises(AlreadySent):
        services.refuse(bench.id, "flaw", workshop_id=bench.shop_id, by=by)
    with pytest.raises(AlreadySent):
        services.cancel_part(bench.id, "flaw", "", by)
    with pytest.raises(TooLateToCancel):
        services.withdraw(bench.order.token, bench.id)
    assert bench.view.can_withdraw is False
    assert bench.row.status is Status.ACCEPTED


def test_arrival_and_silence_count_from_the_last_parcel(bench: Bench, stopped_clock: Hands) -> None:
    bench.ship("EE111111111ID", rings=3)
    with pytest.raises(IllegalTransition):
        services.arrived(bench.order.token, bench.id)
    stopped_clock.forward(days=10)
    bench.ship("EE222222222ID")
    stopped_clock.forward(days=13)
    assert services.close_silent() == 0
    stopped_clock.forward(days=1, hours=1)
    assert services.close_silent() == 1
    part = bench.row
    assert part.payable_on == clock.today() + timedelta(3)


def test_a_part_stays_due_and_late_until_all_of_it_is_gone(bench: Bench, stopped_clock: Hands) -> None:
    days = (bench.row.ship_by_on - clock.today()).days
    bench.ship("EE111111111ID", rings=3)
    stopped_clock.forward(days=days - 1)
    assert services.warn_workshops() == 1
    stopped_clock.forward(days=2)
    assert [part.id for _number, part in queries.late_parts()] == [bench.id]
    assert bench.view.is_late
    assert posted_on_time().all == 0, "it is not gone yet"
    bench.ship("EE222222222ID")
    assert queries.late_parts() == []
    assert (posted_on_time().on_time, posted_on_time().all) == (0, 1), "one part, and its last piece was late"


def test_nobody_is_warned_of_what_was_refunded(bench: Bench, stopped_clock: Hands) -> None:
    bench.refund(bench.ring, 3)
    bench.refund(bench.bowl, 1)
    stopped_clock.forward(days=(bench.row.ship_by_on - clock.today()).days + 1)
    assert services.warn_workshops() == 0
    assert queries.late_parts() == []


def test_a_wrong_number_is_corrected_and_the_record_says_by_whom(bench: Bench) -> None:
    bench.ship("EE111111111ID", rings=1)
    bench.ship("EE222222222ID", rings=1)
    first, second = bench.view.trackings
    for number, error in (("12", TrackingNeeded), (second.number, SameParcel)):
        with pytest.raises(error):
            services.correct_tracking(first.id, Posting("pos", number), workshop_id=bench.shop_id, by=bench.packer.id)
    for _click in range(2):
        services.correct_tracking(
            first.id, Posting("dhl", "99 88 77 66"), workshop_id=bench.shop_id, by=bench.packer.id
        )
    assert (bench.view.trackings[0].carrier_code, bench.view.trackings[0].number) == ("dhl", "99887766")
    row = db.session.scalars(sa.select(AuditRow).where(AuditRow.action == "shipment.correct")).one()
    assert (row.subject_kind, row.subject_id, row.actor_id) == ("seller_order", bench.id, bench.packer.id)
    assert (row.before["tracking_number"], row.after["tracking_number"]) == ("EE111111111ID", "99887766")
    (mail,) = [mail for mail in mails() if "right tracking number" in mail.subject]
    assert "99887766" in mail.text
    assert "DHL Express" in mail.text


def test_what_has_arrived_is_not_corrected(bench: Bench) -> None:
    bench.ship("EE111111111ID")
    services.arrived(bench.order.token, bench.id)
    with pytest.raises(AlreadyArrived):
        services.correct_tracking(
            bench.view.trackings[0].id, Posting("pos", "EE9999"), workshop_id=bench.shop_id, by=bench.packer.id
        )


def test_every_act_stands_in_the_record_under_its_own_name(bench: Bench) -> None:
    services.start(bench.id, workshop_id=bench.shop_id, by=bench.packer.id)
    bench.ship("EE111111111ID")
    query = sa.select(AuditRow.action, AuditRow.actor_id).where(AuditRow.subject_kind == "seller_order")
    rows = [tuple(row) for row in db.session.execute(query.order_by(AuditRow.id))]
    acts = ("accept", "start", "ship")
    assert rows == [(f"seller_order.{act}", bench.packer.id) for act in acts]


def test_the_buyer_sees_each_parcel_with_its_own_contents(bench: Bench, client: FlaskClient) -> None:
    bench.ship("EE111111111ID", rings=2)
    page = client.get(f"/orders/{bench.order.token}").text
    assert "Part posted" in page
    assert "2 × Dome Ring" in page
    assert "2 pieces follow in another parcel." in page
    assert "It arrived" not in page
    bench.ship("EE222222222ID")
    page = client.get(f"/orders/{bench.order.token}").text
    assert "Parcel 1 of 2" in page
    assert "Parcel 2 of 2" in page
    assert "1 × Bowl" in page
    assert "Everything arrived" in page
