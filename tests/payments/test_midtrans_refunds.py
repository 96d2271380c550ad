"""Money back through Midtrans where the way to pay allows it, and by a bank transfer of ours where it does not."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from flask import Flask

from marketplace.core import clock
from marketplace.core.money import Money
from marketplace.orders.models import SellerOrder
from marketplace.payments import services as payments
from marketplace.payments.models import RefundChannel, RefundOrigin, RefundStatus
from marketplace.payments.processors import NeedsTransfer, RefundFacts
from marketplace.payments.processors.midtrans.pages import JAKARTA
from marketplace.payments.processors.midtrans.refunds import can_refund, is_closed
from marketplace.payments.services.facts import read_facts
from tests.factories.accounts import UserFactory
from tests.fakes.midtrans_server import MidtransServer

from .placing import Placed, in_parallel, place
from .refunding import ask, assert_counted, booked, refund_of, refunds, wish

TOTAL = 745_000 + 180_000


def paid(server: MidtransServer, offer: str = "midtrans-qris", kind: str = "", **facts: object) -> Placed:
    placed = place(offer=offer)
    assert placed.start()
    server.pay(placed.page, kind, **facts)
    if server.transactions[placed.page]["transaction_status"] == "capture":
        server.settle(placed.page)
    payments.settle(placed.attempt.key)
    return placed


def part_of(placed: Placed) -> SellerOrder:
    (part,) = placed.parts
    return part


def gone(server: MidtransServer, placed: Placed) -> list[str]:
    return [entry["refund_amount"] for entry in server.transactions[placed.page].get("refunds", [])]


@pytest.mark.parametrize(
    ("offer", "kind", "facts"),
    [
        ("midtrans-qris", "qris", {"acquirer": "gopay"}),
        ("midtrans-qris", "gopay", {}),
        ("midtrans-card", "credit_card", {}),
    ],
)
def test_a_whole_payment_goes_back_the_way_it_came(
    midtrans_app: Flask, midtrans_server: MidtransServer, offer: str, kind: str, facts: dict[str, str]
) -> None:
    placed = paid(midtrans_server, offer, kind, **facts)
    part = part_of(placed)
    refund = refund_of(ask(wish(part, amount=TOTAL)))
    assert (refund.status, refund.channel) == (RefundStatus.SUCCEEDED, RefundChannel.PROCESSOR)
    assert refund.external_id == f"{placed.page}/pc-{refund.key}"
    assert gone(midtrans_server, placed) == ["925000.00"]
    assert midtrans_server.transactions[placed.page]["transaction_status"] == "refund"
    assert booked(f"refund-sent:{refund.id}")["clearing:midtrans IDR"] == -TOTAL
    assert_counted(part)
    assert payments.settle(placed.attempt.key) == "paid"


def test_parts_go_back_one_after_the_other(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    placed = paid(midtrans_server)
    part = part_of(placed)
    for amount in (45_000, 180_000):
        assert refund_of(ask(wish(part, amount=amount))).status is RefundStatus.SUCCEEDED
    assert gone(midtrans_server, placed) == ["45000.00", "180000.00"]
    assert midtrans_server.transactions[placed.page]["transaction_status"] == "partial_refund"
    assert placed.attempt.refunded_amount == 225_000


@pytest.mark.parametrize("kind", ["bank_transfer", "echannel", "cstore"])
def test_a_way_without_refunds_is_for_the_collective_to_send(
    midtrans_app: Flask, midtrans_server: MidtransServer, kind: str
) -> None:
    placed = paid(midtrans_server, "midtrans-va", kind)
    refund = refund_of(ask(wish(part_of(placed), amount=45_000)))
    assert (refund.status, refund.channel) == (RefundStatus.REQUESTED, RefundChannel.MANUAL)
    assert midtrans_server.count("POST", f"/v2/{placed.page}/refund") == 0
    payments.mark_refund_sent(refund.id, "BCA 0412", UserFactory().id)
    assert refund_of(refund.id).status is RefundStatus.SUCCEEDED
    assert payments.send_refunds() == 0
    assert gone(midtrans_server, placed) == []


def test_a_bank_that_takes_none_turns_it_into_a_transfer(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    placed = paid(midtrans_server, keeps_money=True)
    refund = refund_of(ask(wish(part_of(placed), amount=45_000)))
    assert (refund.status, refund.channel) == (RefundStatus.REQUESTED, RefundChannel.MANUAL)
    assert "does not refund" in refund.error


def test_too_little_on_the_account_there_is_a_failure_that_can_be_tried_again(
    midtrans_app: Flask, midtrans_server: MidtransServer
) -> None:
    placed = paid(midtrans_server)
    midtrans_server.is_poor = True
    refund = refund_of(ask(wish(part_of(placed), amount=45_000)))
    assert (refund.status, refund.channel) == (RefundStatus.FAILED, RefundChannel.PROCESSOR)
    assert "414" in refund.error
    midtrans_server.is_poor = False
    again = payments.retry_refund(refund.id, UserFactory().id)
    assert refund_of(again).status is RefundStatus.SUCCEEDED
    assert gone(midtrans_server, placed) == ["45000.00"]
    assert_counted(part_of(placed))


def test_a_captured_card_waits_until_it_has_settled(
    midtrans_app: Flask, midtrans_server: MidtransServer, stopped_clock: clock.Hands
) -> None:
    placed = place(offer="midtrans-card")
    placed.start()
    midtrans_server.pay(placed.page)
    payments.settle(placed.attempt.key)
    refund = refund_of(ask(wish(part_of(placed), amount=45_000)))
    assert (refund.status, refund.channel) == (RefundStatus.REQUESTED, RefundChannel.PROCESSOR)
    assert "settled" in refund.error
    midtrans_server.settle(placed.page)
    stopped_clock.forward(minutes=11)
    assert payments.send_refunds() == 1
    assert refund_of(refund.id).status is RefundStatus.SUCCEEDED


def test_shopee_sleeps_at_night(
    midtrans_app: Flask, midtrans_server: MidtransServer, stopped_clock: clock.Hands
) -> None:
    placed = paid(midtrans_server, kind="shopeepay")
    now = clock.now().astimezone(JAKARTA)
    stopped_clock.forward(minutes=(24 * 60 + 2 * 60) - (now.hour * 60 + now.minute))  # 02:00 of the next day
    refund = refund_of(ask(wish(part_of(placed), amount=45_000)))
    assert refund.status is RefundStatus.REQUESTED
    stopped_clock.forward(hours=6)
    assert payments.send_refunds() == 1
    assert refund_of(refund.id).status is RefundStatus.SUCCEEDED


@pytest.mark.parametrize("fault", ["broken", "late", "lost"])
def test_a_lost_answer_sends_nothing_twice(
    midtrans_app: Flask, midtrans_server: MidtransServer, stopped_clock: clock.Hands, fault: str
) -> None:
    placed = paid(midtrans_server)
    midtrans_server.fail(fault, path=f"/v2/{placed.page}/refund", status=500, seconds=0.6, times=4)
    refund = refund_of(ask(wish(part_of(placed), amount=45_000)))
    assert refund.status is RefundStatus.REQUESTED
    midtrans_server.faults.clear()
    stopped_clock.forward(minutes=11)
    assert payments.send_refunds() == 1
    assert refund_of(refund.id).status is RefundStatus.SUCCEEDED
    assert gone(midtrans_server, placed) == ["45000.00"]


def test_the_notice_may_be_quicker_than_the_answer(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    placed = paid(midtrans_server)

    def post(body: bytes, _headers: dict[str, str]) -> int:
        with midtrans_app.app_context():
            payments.receive("midtrans", {}, body)
        return 204

    midtrans_server.deliver = post
    midtrans_server.fail("late", path=f"/v2/{placed.page}/refund", seconds=0.2)
    refund = refund_of(ask(wish(part_of(placed), amount=45_000)))
    assert refund.status is RefundStatus.SUCCEEDED
    assert len(refunds()) == 1
    assert placed.attempt.refunded_amount == 45_000
    for news in [*midtrans_server.events, *reversed(midtrans_server.events)]:
        midtrans_server.send(news)
    assert len(refunds()) == 1
    assert_counted(part_of(placed))


def test_one_made_in_the_dashboard_waits_for_its_parcel(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    placed = paid(midtrans_server)
    midtrans_server.refund_in_dashboard(placed.page, 45_000)
    body = json.dumps(midtrans_server.events[-1]).encode()
    for _time in range(3):
        payments.receive("midtrans", {}, body)
    (refund,) = refunds()
    assert (refund.origin, refund.amount, refund.seller_order_id) == (RefundOrigin.DASHBOARD, 45_000, None)
    payments.assign_refund(refund.id, part_of(placed).id, UserFactory().id)
    assert_counted(part_of(placed))


def test_more_than_is_left_there_is_a_definite_no(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    """Somebody was quicker in the dashboard, and its notice has not come yet."""
    placed = paid(midtrans_server)
    midtrans_server.refund_in_dashboard(placed.page, 900_000)
    refund = refund_of(ask(wish(part_of(placed), amount=45_000)))
    assert (refund.status, refund.error) == (RefundStatus.FAILED, "more than is left of this payment")
    assert gone(midtrans_server, placed) == ["900000.00"]


def test_six_at_once_leave_what_is_left(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    placed = paid(midtrans_server)
    part, admin = part_of(placed), UserFactory().id

    def click() -> int:
        with midtrans_app.app_context():
            try:
                ask(wish(part, amount=300_000), by=admin)
            except Exception as error:
                return 1 if type(error).__name__ == "AboveWhatIsLeft" else 2
            return 0

    assert sorted(in_parallel([click] * 6)) == [0, 0, 0, 1, 1, 1]
    payments.send_refunds()
    assert gone(midtrans_server, placed) == ["300000.00"] * 3
    assert_counted(part)


def test_a_second_payment_goes_back_by_itself(midtrans_app: Flask, midtrans_server: MidtransServer) -> None:
    placed = place(offer="midtrans-qris")
    placed.start()
    first = placed.page
    midtrans_server.choose(first, keeps_pending=False)
    payments.pay_again(placed.token, "midtrans-card")
    midtrans_server.pay(placed.page)
    midtrans_server.settle(placed.page)
    payments.settle(placed.attempts[-1].key)
    midtrans_server.pay(first)  # the code was scanned all the same
    payments.settle(placed.attempts[0].key)
    (refund,) = refunds()
    assert (refund.origin, refund.status) == (RefundOrigin.UNAPPLIED, RefundStatus.SUCCEEDED)
    assert gone(midtrans_server, placed) == []
    assert midtrans_server.transactions[first]["refunds"][0]["refund_amount"] == "925000.00"


DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("method", "age", "can"),
    [
        ("credit_card", 400 * DAY, True),
        ("qris:gopay", 44 * DAY, True),
        ("qris:gopay", 45 * DAY, False),
        ("qris:airpay shopee", 300 * DAY, True),
        ("qris:shopeepay", 366 * DAY, False),
        ("qris:bank", DAY, False),
        ("qris", DAY, False),
        ("gopay", 46 * DAY, False),
        ("kredivo", 13 * DAY, True),
        ("kredivo", 14 * DAY, False),
        ("akulaku", 90 * DAY, True),
        ("bank_transfer", DAY, False),
        ("echannel", DAY, False),
        ("cstore", DAY, False),
        ("", DAY, False),
    ],
)
def test_how_long_each_way_can_be_refunded(method: str, age: timedelta, can: bool) -> None:
    now = clock.now()
    assert can_refund(method, now - age, now) is can


@pytest.mark.parametrize(
    ("at", "method", "closed"),
    [
        ("23:40", "shopeepay", False),
        ("23:56", "shopeepay", True),
        ("00:10", "qris:shopeepay", True),
        ("06:00", "shopeepay", True),
        ("06:10", "shopeepay", False),
        ("02:00", "gopay", False),
    ],
)
def test_when_shopee_is_closed(at: str, method: str, closed: bool) -> None:
    hour, minute = map(int, at.split(":"))
    assert is_closed(method, datetime(2026, 11, 24, hour, minute, tzinfo=JAKARTA)) is closed


def test_the_processor_itself_says_that_only_a_transfer_helps(
    midtrans_app: Flask, midtrans_server: MidtransServer
) -> None:
    placed = paid(midtrans_server, "midtrans-va")
    attempt = read_facts(id=placed.attempt_id)[0]
    processor = midtrans_app.extensions["payment_processors"]["midtrans"]
    assert not processor.can_refund(attempt, clock.now())
    facts = RefundFacts(1, "k" * 32, attempt, placed.attempt.charge_id or "", Money(1_000, "IDR"), None, {})
    with pytest.raises(NeedsTransfer):
        processor.refund(facts)
    assert processor.find_refund(facts) is None
