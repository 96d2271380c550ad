"""What happens to an order after it was placed: paid, canceled, revived, made, posted, arrived; and who is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.audit.models import AuditRow
from marketplace.catalog.models import Variant
from marketplace.core import clock
from marketplace.core.clock import Hands
from marketplace.core.db import db, transaction
from marketplace.core.errors import IllegalTransition, NotFound
from marketplace.orders import queries, services
from marketplace.orders.errors import (
    AlreadyPaid,
    ReasonNeeded,
    StockGone,
    TooLateToCancel,
    TrackingNeeded,
    UnknownCarrier,
)
from marketplace.orders.models import CancelReason, Order, OrderStatus, SellerOrder
from marketplace.orders.models import SellerOrderStatus as Part
from marketplace.orders.queries import shares
from marketplace.orders.services import Posting
from tests.factories.accounts import UserFactory
from tests.factories.orders import (
    JAKARTA,
    fill,
    open_shop,
    order_of,
    paid_order,
    parts_of,
    piece,
    place_order,
    visitor,
)
from tests.factories.workshops import WorkshopFactory
from tests.helpers import links_in, mails


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    open_shop()


def stock_of(variant_id: int) -> int:
    db.session.rollback()
    return int(db.session.scalars(sa.select(Variant.stock).where(Variant.id == variant_id)).one())


def subjects_to(address: str) -> list[str]:
    return [mail.subject for mail in mails() if mail.to == address]


def test_paying_tells_the_buyer_and_each_workshop_in_their_language() -> None:
    owner = visitor()
    jawan = WorkshopFactory(name="Jawan Sari", email="jawan@example.test", language="id")
    toya = WorkshopFactory(name="Toya Ning", email="toya@example.test", language="en")
    fill(owner, (piece(workshop=jawan, title_id="Cincin Kubah"), 1), (piece(workshop=toya, title_en="Bokor"), 1))
    order = place_order(owner=owner)
    assert services.mark_paid(order.id, clock.now())
    assert not services.mark_paid(order.id, clock.now())

    order = order_of(order.id)
    assert order.status is OrderStatus.PAID
    assert order.paid_at is not None
    assert {part.status for part in parts_of(order)} == {Part.PAID}
    by_reader = {mail.to: mail for mail in mails()}
    assert len(mails()) == 3
    receipt = by_reader["maya.chen@example.com"]
    to_jawan, to_toya = by_reader["jawan@example.test"], by_reader["toya@example.test"]
    assert order.public_no in receipt.subject
    assert f"/orders/{order.token}" in links_in(receipt.text)
    assert "Melbourne" in receipt.text
    assert "Cincin Kubah" in to_jawan.text
    assert "Bokor" not in to_jawan.text
    assert "Lygon" not in to_jawan.text + to_toya.text
    assert "Bokor" in to_toya.text


def test_an_indonesian_receipt_speaks_indonesian_and_rupiah() -> None:
    order = place_order((piece(title_id="Cincin Kubah"), 1), address=JAKARTA, language="id", market="id")
    services.mark_paid(order.id, clock.now())
    receipt = next(mail for mail in mails() if mail.to == order.email)
    assert "Cincin Kubah" in receipt.text
    assert "Rp\xa0769.000" in receipt.text
    assert f"/id/orders/{order.token}" in links_in(receipt.text)


def test_an_unpaid_order_gives_its_pieces_back_once_and_says_so_once() -> None:
    ring, made = piece(stock=5), piece(stock=0, made_to_order=True)
    order = place_order((ring, 2), (made, 1))
    assert services.cancel_unpaid(order.id, CancelReason.EXPIRED)
    assert not services.cancel_unpaid(order.id, CancelReason.BUYER)
    order = order_of(order.id)
    assert (order.status, order.canceled_reason) == (OrderStatus.CANCELED, CancelReason.EXPIRED)
    assert order.stock_returned_at is not None
    assert {part.status for part in parts_of(order)} == {Part.CANCELED}
    assert (stock_of(ring), stock_of(made)) == (5, 0)
    assert len(subjects_to(order.email)) == 1
    assert "Nothing was charged" in subjects_to(order.email)[0]


def test_a_paid_order_is_not_canceled_as_unpaid() -> None:
    ring = piece(stock=5)
    order = paid_order((ring, 2))
    with pytest.raises(AlreadyPaid):
        services.cancel_unpaid(order.id, CancelReason.EXPIRED)
    assert stock_of(ring) == 3


def test_an_admin_s_cancelation_leaves_an_audit_row() -> None:
    admin, order = UserFactory(), place_order((piece(), 1))
    services.cancel_unpaid(order.id, CancelReason.ADMIN, admin.id, "The buyer asked by phone")
    row = db.session.scalars(sa.select(AuditRow).where(AuditRow.action == "order.cancel")).one()
    assert (row.subject_id, row.actor_id, row.reason) == (order.id, admin.id, "The buyer asked by phone")


def test_late_money_revives_an_order_whose_pieces_are_there() -> None:
    ring = piece(stock=1)
    order = place_order((ring, 1))
    services.cancel_unpaid(order.id, CancelReason.EXPIRED)
    with pytest.raises(StockGone):
        services.mark_paid(order.id, clock.now())
    with transaction():
        services.revive(order.id)
        assert services.mark_paid(order.id, clock.now())
    order = order_of(order.id)
    assert (order.status, order.canceled_reason, order.stock_returned_at) == (OrderStatus.PAID, None, None)
    assert (stock_of(ring), parts_of(order)[0].status, parts_of(order)[0].cancel_code) == (0, Part.PAID, "")
    services.revive(order.id)
    assert stock_of(ring) == 0


def test_late_money_takes_all_pieces_or_none() -> None:
    ring, chain = piece(stock=1), piece(stock=1)
    order = place_order((ring, 1), (chain, 1))
    services.cancel_unpaid(order.id, CancelReason.EXPIRED)
    place_order((chain, 1))
    with transaction():
        with pytest.raises(StockGone):
            services.revive(order.id)
        db.session.execute(sa.update(Order).where(Order.id == order.id).values(note_that_it_still_works()))
    assert (stock_of(ring), stock_of(chain)) == (1, 0)
    assert order_of(order.id).status is OrderStatus.CANCELED


def note_that_it_still_works() -> dict[str, object]:
    return {"language": "en"}


def test_a_workshop_takes_it_on_makes_it_and_posts_it() -> None:
    user, order = UserFactory(), paid_order((piece(made_to_order=True, lead_time_days=14), 1))
    part = parts_of(order)[0]
    services.accept(part.id, workshop_id=part.workshop_id)
    services.start(part.id, workshop_id=part.workshop_id)
    services.ship(part.id, Posting("pos", "ee 123 456 789 id"), workshop_id=part.workshop_id, by=user.id)
    part = parts_of(order)[0]
    assert (part.status, bool(part.accepted_at and part.started_at and part.shipped_at)) == (Part.SHIPPED, True)
    posted = next(mail for mail in mails() if "on its way" in mail.subject)
    assert "EE123456789ID" in posted.text
    assert posted.to == order.email
    services.arrived(order.token, part.id)
    services.arrived(order.token, part.id)
    assert parts_of(order)[0].status is Part.DELIVERED


def test_another_workshop_can_do_nothing_with_it() -> None:
    order, other = paid_order((piece(), 1)), WorkshopFactory()
    part = parts_of(order)[0]
    for act in (
        lambda: services.accept(part.id, workshop_id=other.id),
        lambda: services.start(part.id, workshop_id=other.id),
        lambda: services.ship(part.id, Posting("pos", "EE123456789ID"), workshop_id=other.id, by=1),
        lambda: services.refuse(part.id, "flaw", workshop_id=other.id, by=1),
    ):
        with pytest.raises(NotFound):
            act()
    assert queries.part_of(other.id, part.id) is None
    assert parts_of(order)[0].status is Part.PAID


def test_an_unpaid_part_is_not_the_workshop_s_yet() -> None:
    part = parts_of(place_order((piece(), 1)))[0]
    with pytest.raises(IllegalTransition):
        services.accept(part.id, workshop_id=part.workshop_id)
    with pytest.raises(IllegalTransition):
        services.refuse(part.id, "flaw", workshop_id=part.workshop_id, by=1)
    assert queries.part_of(part.workshop_id, part.id) is None
    assert queries.open_parts(part.workshop_id) == []


def test_a_parcel_needs_a_carrier_and_a_number() -> None:
    user, order = UserFactory(), paid_order((piece(), 1))
    part = parts_of(order)[0]
    services.accept(part.id, workshop_id=part.workshop_id)
    with pytest.raises(UnknownCarrier):
        services.ship(part.id, Posting("pigeon", "EE123456789ID"), workshop_id=part.workshop_id, by=user.id)
    for number in ("", "  ", "12", "!!!!!!", "9" * 50):
        with pytest.raises(TrackingNeeded):
            services.ship(part.id, Posting("pos", number), workshop_id=part.workshop_id, by=user.id)
    assert parts_of(order)[0].status is Part.ACCEPTED


def test_a_refusal_gives_only_its_own_pieces_and_money_back() -> None:
    user, owner = UserFactory(), visitor()
    ring, bowl = piece(stock=5), piece(stock=5)
    fill(owner, (ring, 1), (bowl, 2))
    order = paid_order(owner=owner)
    first, second = parts_of(order)
    with pytest.raises(ReasonNeeded):
        services.refuse(first.id, "mood", workshop_id=first.workshop_id, by=user.id)
    services.refuse(first.id, "flaw", "A crack in the shank.", workshop_id=first.workshop_id, by=user.id)
    assert (stock_of(ring), stock_of(bowl)) == (5, 3)
    assert [part.status for part in parts_of(order)] == [Part.CANCELED, Part.PAID]
    assert order_of(order.id).status is OrderStatus.PAID
    letter = next(mail for mail in mails() if "cannot send" in mail.subject)
    assert "A crack in the shank." in letter.text
    assert [part.left.amount for part in parts_of(order)] == [0, second.total_amount]
    assert queries.refunds_owed() == []
    row = db.session.scalars(sa.select(AuditRow).where(AuditRow.action == "seller_order.refuse")).one()
    assert (row.subject_id, row.actor_id) == (first.id, user.id)
    with pytest.raises(IllegalTransition):
        services.refuse(first.id, "flaw", workshop_id=first.workshop_id, by=user.id)
    assert stock_of(ring) == 5
    assert second.id != first.id


def test_a_buyer_cancels_freely_until_the_workshop_starts() -> None:
    shop, ring = WorkshopFactory(email="jawan@example.test", language="en"), piece(stock=5)
    bowl = piece(workshop=shop, stock=5)
    owner = visitor()
    fill(owner, (ring, 1), (bowl, 2))
    order = paid_order(owner=owner)
    first, second = parts_of(order)
    services.accept(second.id, workshop_id=second.workshop_id)
    services.withdraw(order.token, second.id)
    services.withdraw(order.token, second.id)
    assert (stock_of(ring), stock_of(bowl)) == (4, 5)
    assert [part.status for part in parts_of(order)] == [Part.PAID, Part.CANCELED]
    assert [part.left.amount for part in parts_of(order)] == [first.total_amount, 0]
    assert [subject for subject in subjects_to("jawan@example.test") if "the buyer has canceled" in subject]
    assert len([subject for subject in subjects_to(order.email) if "is canceled" in subject]) == 1
    services.accept(first.id, workshop_id=first.workshop_id)
    services.start(first.id, workshop_id=first.workshop_id)
    with pytest.raises(TooLateToCancel):
        services.withdraw(order.token, first.id)
    with pytest.raises(NotFound):
        services.withdraw(paid_order((piece(), 1)).token, first.id)
    assert parts_of(order)[0].status is Part.STARTED


def test_what_has_left_is_not_refused() -> None:
    user, order = UserFactory(), paid_order((piece(), 1))
    part = parts_of(order)[0]
    services.accept(part.id, workshop_id=part.workshop_id)
    services.ship(part.id, Posting("pos", "EE123456789ID"), workshop_id=part.workshop_id, by=user.id)
    with pytest.raises(IllegalTransition):
        services.refuse(part.id, "flaw", workshop_id=part.workshop_id, by=user.id)


def test_fourteen_silent_days_after_posting_it_counts_as_arrived(stopped_clock: Hands) -> None:
    user, order = UserFactory(), paid_order((piece(), 1))
    part = parts_of(order)[0]
    services.accept(part.id, workshop_id=part.workshop_id)
    services.ship(part.id, Posting("pos", "EE123456789ID"), workshop_id=part.workshop_id, by=user.id)
    stopped_clock.forward(days=13, hours=23)
    assert services.close_silent() == 0
    stopped_clock.forward(hours=2)
    assert (services.close_silent(), services.close_silent()) == (1, 0)
    assert parts_of(order)[0].status is Part.DELIVERED


def test_a_workshop_is_warned_once_a_day_before(stopped_clock: Hands) -> None:
    shop = WorkshopFactory(email="jawan@example.test", language="en")
    order = paid_order((piece(workshop=shop), 1))
    part = parts_of(order)[0]
    days = (part.ship_by_on - clock.today()).days
    assert days >= 2
    assert services.warn_workshops() == 0
    stopped_clock.forward(days=days - 1)
    assert (services.warn_workshops(), services.warn_workshops()) == (1, 0)
    assert any("post by" in subject for subject in subjects_to("jawan@example.test")[1:])
    assert [row.is_late for row in [queries.open_parts(shop.id)[0].part]] == [False]
    stopped_clock.forward(days=2)
    assert queries.open_parts(shop.id)[0].part.is_late
    assert [part.id for _number, part in queries.late_parts()] == [part.id]


def test_the_link_is_sent_again_only_to_its_owner_and_not_too_often(stopped_clock: Hands) -> None:
    order = place_order((piece(), 1))
    services.send_link(order.public_no, "somebody@example.com")
    services.send_link("PC-0000000", order.email)
    assert mails() == []
    services.send_link(f" {order.public_no.lower()} ", "Maya.Chen@Example.com")
    services.send_link(order.public_no, order.email)
    assert len(mails()) == 1
    assert f"/orders/{order.token}" in links_in(mails()[0].text)
    stopped_clock.forward(minutes=6)
    services.send_link(order.public_no, order.email)
    assert len(mails()) == 2


def test_a_confirmed_email_brings_its_guest_orders_into_the_account() -> None:
    mine, other = place_order((piece(), 1)), place_order((piece(), 1), email="other@example.com")
    user = UserFactory(email=mine.email)
    assert services.join_account(user.id, "Maya.Chen@example.com") == 1
    assert (order_of(mine.id).user_id, order_of(other.id).user_id) == (user.id, None)
    assert [order.id for order in queries.orders_of(user.id).page.rows] == [mine.id]


def test_a_workshop_sees_what_it_sold_and_what_of_it_waits() -> None:
    user, shop = UserFactory(), WorkshopFactory()
    held = parts_of(paid_order((piece(workshop=shop), 1)))[0]
    gone = parts_of(paid_order((piece(workshop=shop), 2)))[0]
    place_order((piece(workshop=shop), 1))
    services.accept(gone.id, workshop_id=shop.id)
    services.ship(gone.id, Posting("pos", "EE123456789ID"), workshop_id=shop.id, by=user.id)
    services.mark_delivered(gone.id, actor_id=user.id, reason="The buyer called")
    both = held.payable_idr + gone.payable_idr
    assert [share.id for share in shares.waiting_shares(shop.id)] == [held.id, gone.id]
    assert shares.waiting_sum(shop.id).amount == both
    month = shares.month_of(shop.id)
    assert (month.sold.amount, month.count) == (both, 2)
    week = queries.weeks_of(shop.id)[-1]
    assert (week.payable.amount, week.part_count) == (both, 2)


def test_lists_need_a_fixed_number_of_statements(statements: type) -> None:
    shop = WorkshopFactory()
    counts = []
    for wanted in (1, 5):
        for _number in range(wanted):
            paid_order((piece(workshop=shop), 1))
        with statements() as seen:
            queries.open_parts(shop.id)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 6
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SellerOrder)) == 6


def test_an_admin_finds_an_order_by_number_or_email() -> None:
    order, other = place_order((piece(), 1)), place_order((piece(), 1), email="other@example.com")
    assert [row.id for row in queries.search(order.public_no.lower()).rows] == [order.id]
    assert [row.id for row in queries.search("other@").rows] == [other.id]
    assert [row.id for row in queries.search("", "paid").rows] == []
    assert {row.id for row in queries.search().rows} == {order.id, other.id}
    assert queries.detail(10**9) is None


def test_times_of_a_hold(stopped_clock: Hands) -> None:
    order = place_order((piece(), 1))
    assert order.hold_until - order.placed_at >= timedelta(minutes=35)
