"""Money back, on the collective's pages: looked at first, sent once, followed until a person is needed no more."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.audit.models import AuditRow
from marketplace.core.db import db, transaction
from marketplace.core.money import Money
from marketplace.orders import services
from marketplace.orders.models import Line, SellerOrderStatus
from marketplace.orders.services import Posting
from marketplace.payments.models import DemoSession, PaymentAttempt, Refund, RefundChannel, RefundOrigin, RefundStatus
from marketplace.payments.processors import RefundSaid, RefundState
from marketplace.payments.services.refunds import take
from tests.admin.conftest import enter, post
from tests.factories.accounts import AdminFactory
from tests.factories.orders import JAKARTA, open_shop, paid_order, parts_of, piece


@pytest.fixture(autouse=True)
def _open(app: Any) -> None:
    open_shop()


def lines_of(order: Any) -> list[Line]:
    idents = [part.id for part in parts_of(order)]
    return list(db.session.scalars(sa.select(Line).where(Line.seller_order_id.in_(idents)).order_by(Line.id)))


def refunds() -> list[Refund]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Refund).order_by(Refund.id)))


def address(order: Any, part: int = 0) -> str:
    return f"/admin/orders/{order.id}/parcels/{parts_of(order)[part].id}/refunds"


def key_on(page: str) -> str:
    found = re.search(r'name="request_key"[^>]*value="([^"]+)"', page) or re.search(
        r'value="([^"]+)"[^>]*name="request_key"', page
    )
    assert found
    return found[1]


def test_a_refund_is_looked_at_before_it_is_sent_and_two_clicks_are_one(client: FlaskClient, admin: User) -> None:
    order = paid_order((piece(), 2))
    part, line = parts_of(order)[0], lines_of(order)[0]
    total, unit = part.total, line.unit_price
    page = client.get(f"/admin/orders/{order.id}").text
    assert "See what it does" in page
    wish = {
        "request_key": key_on(page),
        f"quantity_{line.id}": "1",
        f"restock_{line.id}": "y",
        "shipping": "1.00",
        "reason_code": "damaged",
        "reason": "A dent in the band",
    }
    answer = post(client, address(order), {**wish, "step": "look"})
    assert answer.status_code == 200
    back = unit.amount + 100
    assert f"Refund ${back / 100:.2f}" in answer.text
    assert "The workshop gets less" in answer.text
    assert "Nothing was paid out for this parcel yet" in answer.text
    assert key_on(answer.text) == wish["request_key"]
    assert refunds() == []
    assert "A dent in the band" in post(client, address(order), {**wish, "step": "change"}).text
    assert refunds() == []
    for _click in range(2):
        answer = post(client, address(order), {**wish, "step": "send"}, follow_redirects=True)
        assert f"${back / 100:.2f} go back to the buyer." in answer.text
    [refund] = refunds()
    assert (refund.amount, refund.origin, refund.status) == (back, RefundOrigin.ADMIN, RefundStatus.SUCCEEDED)
    assert (refund.requested_by, refund.reason_code) == (admin.id, "damaged")
    assert parts_of(order)[0].refunded_amount == back
    page = client.get(f"/admin/orders/{order.id}").text
    for words in ("Gone back to the buyer", "A dent in the band", "Refund asked for", "Refund sent", "Balanced in USD"):
        assert words in page, words
    assert f"At most ${(total.amount - back) / 100:.2f} for this parcel" in page
    acts = db.session.scalars(sa.select(AuditRow.actor_id).where(AuditRow.action == "refund.ask")).all()
    assert acts == [admin.id]


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({}, "Enter what is to be given back"),
        ({"amount": "0"}, "Enter what is to be given back"),
        ({"amount": "-5"}, "Write a number from 0"),
        ({"amount": "999999"}, "That is more than what is left."),
        ({"amount": "1.005,001"}, "That is a smaller part of the currency"),
        ({"amount": "NaN"}, "Write this as a number"),
        ({"amount": "1e9"}, "Write this as a number"),
        ({"shipping": "500"}, "That is more than what is left."),
        ({"shipping": "1", "amount": "1"}, "Choose pieces and postage, or enter an amount"),
        ({"amount": "5", "reason_code": ""}, "Choose a reason from the list."),
        ({"amount": "5", "reason_code": "whim"}, "Not a valid choice."),
        ({"amount": "5", "request_key": ""}, "This field is required."),
    ],
)
@pytest.mark.parametrize("step", ["look", "send"])
def test_a_wrong_wish_is_named_and_nothing_moves(
    client: FlaskClient, admin: User, facts: dict[str, str], sentence: str, step: str
) -> None:
    order = paid_order((piece(), 1))
    wish = {"request_key": "the-key-of-a-form", "reason_code": "late", **facts, "step": step}
    answer = post(client, address(order), wish)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Problem:" in answer.text
    assert refunds() == []


def test_a_whole_parcel_in_rupiah_in_indonesian(client: FlaskClient) -> None:
    enter(client, AdminFactory(language="id"))
    order = paid_order((piece(), 1), address=JAKARTA, market="id")
    total = parts_of(order)[0].total_amount
    typed = f"Rp {total:,}".replace(",", ".")
    wish = {"request_key": "the-key-of-a-form", "amount": typed, "reason_code": "lost", "step": "send"}
    assert post(client, address(order), wish).status_code == 303
    assert parts_of(order)[0].refunded_amount == total
    page = client.get(f"/admin/orders/{order.id}").text
    assert 'lang="id"' in page
    assert 'id="refund"' not in page  # nothing is left


def test_a_parcel_is_canceled_before_it_is_posted_and_its_money_goes_back(client: FlaskClient, admin: User) -> None:
    order = paid_order((piece(), 1), (piece(), 1))
    first, second = parts_of(order)
    place = f"/admin/orders/{order.id}/parcels/{first.id}/cancellation"
    assert post(client, place, {"code": ""}).status_code == 422
    page = post(client, place, {"code": "flaw", "words": "A crack in the bezel"}, follow_redirects=True).text
    assert "Canceled. What was paid for it goes back" in page
    assert "A crack in the bezel" in page
    ended, running = parts_of(order)
    assert (ended.status, running.status) == (SellerOrderStatus.CANCELED, SellerOrderStatus.PAID)
    assert ended.refunded_amount == ended.total_amount
    assert [refund.origin for refund in refunds()] == [RefundOrigin.CANCELED]
    services.accept(second.id, workshop_id=second.workshop_id)
    posting = Posting("pos", "EE 120 555 012 ID")
    services.ship(second.id, posting, workshop_id=second.workshop_id, by=admin.id)
    place = f"/admin/orders/{order.id}/parcels/{second.id}/cancellation"
    answer = post(client, place, {"code": "flaw"}, follow_redirects=True)
    assert 'class="note note--bad' in answer.text
    assert parts_of(order)[1].status is SellerOrderStatus.SHIPPED


def test_a_parcel_or_refund_of_another_order_is_not_found(client: FlaskClient, admin: User) -> None:
    order, other = paid_order((piece(), 1)), paid_order((piece(), 1))
    foreign = parts_of(other)[0].id
    wish = {"request_key": "the-key-of-a-form", "amount": "5", "reason_code": "late", "step": "send"}
    assert post(client, f"/admin/orders/{order.id}/parcels/{foreign}/refunds", wish).status_code == 404
    assert post(client, f"/admin/orders/{order.id}/parcels/{foreign}/cancellation", {"code": "flaw"}).status_code == 404
    line = lines_of(other)[0]
    wish = {"request_key": "another-key-of-it", f"quantity_{line.id}": "1", "reason_code": "late", "step": "look"}
    assert post(client, address(order), wish).status_code == 422  # its lines are not on this form
    assert refunds() == []


def stingy() -> None:
    """The bank will not give anything back: less was charged there than we want."""
    db.session.execute(sa.update(DemoSession).values(amount=1))
    db.session.commit()


def generous(order: Any) -> None:
    db.session.execute(sa.update(DemoSession).values(amount=order.total_amount))
    db.session.commit()


def ask(client: FlaskClient, order: Any, amount: str) -> Refund:
    wish = {"request_key": f"the-key-{amount}-{order.id}", "amount": amount, "reason_code": "late", "step": "send"}
    assert post(client, address(order), wish).status_code == 303
    return refunds()[-1]


def test_a_failed_refund_waits_in_the_queue_until_it_is_asked_for_again(client: FlaskClient, admin: User) -> None:
    assert "No refund waits for a person" in client.get("/admin/refunds/").text
    order = paid_order((piece(), 1))
    number = order.public_no
    stingy()
    failed = ask(client, order, "5")
    assert failed.status is RefundStatus.FAILED
    queue = client.get("/admin/refunds/").text
    assert number in queue
    assert "Ask once more" in queue
    assert "Refund failed" in client.get("/admin/").text
    generous(order)
    page = post(client, f"/admin/refunds/{failed.id}/retry", {"how": "same"}, follow_redirects=True).text
    assert "Asked for once more." in page
    assert [refund.status for refund in refunds()] == [RefundStatus.FAILED, RefundStatus.SUCCEEDED]
    post(client, f"/admin/refunds/{failed.id}/retry", {"how": "same"})
    assert len(refunds()) == 2
    assert number not in client.get("/admin/refunds/").text
    assert db.session.scalars(sa.select(AuditRow.actor_id).where(AuditRow.action == "refund.retry")).all() == [admin.id]


def test_a_refund_by_bank_transfer_is_noted_with_its_reference(client: FlaskClient, admin: User) -> None:
    order = paid_order((piece(), 1))
    stingy()
    failed = ask(client, order, "5")
    page = post(client, f"/admin/refunds/{failed.id}/retry", {"how": "transfer"}, follow_redirects=True).text
    assert "Send it by bank transfer now" in page
    manual = refunds()[-1]
    assert (manual.channel, manual.status) == (RefundChannel.MANUAL, RefundStatus.REQUESTED)
    assert "Send it by bank transfer" in client.get("/admin/refunds/").text
    place = f"/admin/refunds/{manual.id}/transfer"
    answer = post(client, place, {"reference": ""})
    assert answer.status_code == 422
    assert "Write the reference that the bank gave." in answer.text
    page = post(client, place, {"reference": "BPD 4411"}, follow_redirects=True).text
    assert "Noted as sent." in page
    assert (refunds()[-1].status, refunds()[-1].bank_reference) == (RefundStatus.SUCCEEDED, "BPD 4411")
    assert "Bank of the collective" in page


def test_a_transfer_that_cannot_be_sent_is_noted_as_failed(client: FlaskClient, admin: User) -> None:
    order = paid_order((piece(), 1))
    stingy()
    failed = ask(client, order, "5")
    post(client, f"/admin/refunds/{failed.id}/retry", {"how": "transfer"})
    manual = refunds()[-1]
    place = f"/admin/refunds/{manual.id}/failure"
    assert post(client, place, {"why": ""}).status_code == 422
    post(client, place, {"why": "The buyer does not answer"})
    assert refunds()[-1].status is RefundStatus.FAILED
    assert parts_of(order)[0].refunded_amount == 0


def test_a_refund_of_the_processors_dashboard_is_given_to_its_parcel(client: FlaskClient, admin: User) -> None:
    order, other = paid_order((piece(), 1), (piece(), 1)), paid_order((piece(), 1))
    attempt = db.session.scalars(sa.select(PaymentAttempt).where(PaymentAttempt.order_id == order.id)).one()
    state = RefundState(RefundSaid.SUCCEEDED, "re_dashboard", "", attempt.charge_id or "", Money(700, "USD"))
    with transaction():
        take("demo", state)
    stray = refunds()[-1]
    assert (stray.origin, stray.seller_order_id) == (RefundOrigin.DASHBOARD, None)
    assert "Say which parcel it belongs to" in client.get("/admin/refunds/").text
    assert "Refund without a parcel" in client.get("/admin/").text
    place, (first, second) = f"/admin/refunds/{stray.id}/assignment", parts_of(order)
    assert post(client, place, {"parcel": ""}).status_code == 422
    foreign = parts_of(other)[0].id
    assert post(client, place, {"parcel": str(foreign)}).status_code == 422
    page = post(client, place, {"parcel": str(second.id)}, follow_redirects=True).text
    assert "The refund belongs to this parcel now." in page
    assert [part.refunded_amount for part in parts_of(order)] == [0, 700]
    assert first.id != second.id
