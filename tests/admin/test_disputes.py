"""Disputes on the collective's pages: a deadline, a list, one answer, and who bears a lost one."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.audit.models import AuditRow
from marketplace.core.db import db
from marketplace.orders.models import Order
from marketplace.payments import services as payments
from marketplace.payments.models import Bearer, Dispute, DisputeStatus, PaymentAttempt, RefundOrigin
from marketplace.payments.processors.demo import disputes as bank
from marketplace.payments.queries import refunds_of
from tests.admin.conftest import enter, post
from tests.factories.accounts import AdminFactory
from tests.factories.orders import open_shop, paid_order, parts_of, piece
from tests.factories.workshops import WorkshopFactory


@pytest.fixture(autouse=True)
def _open(app: Any) -> None:
    open_shop()


def sued(*pieces: int) -> tuple[Order, str]:
    """A paid order whose buyer asked the bank for the money; the dispute's name there."""
    order = paid_order(*((variant, 1) for variant in pieces or (piece(),)))
    charge = db.session.scalars(sa.select(PaymentAttempt.charge_id).where(PaymentAttempt.order_id == order.id)).one()
    name = bank.open_dispute(charge or "")
    payments.settle_dispute("demo", name)
    return order, name


def lost(name: str) -> Dispute:
    bank.decide(name, won=False)
    payments.settle_dispute("demo", name)
    return dispute()


def dispute() -> Dispute:
    db.session.rollback()
    query = sa.select(Dispute).order_by(Dispute.id.desc()).limit(1).execution_options(populate_existing=True)
    return db.session.scalars(query).one()


def test_a_dispute_stands_in_the_tabs_the_queue_and_on_its_order(client: FlaskClient, admin: User) -> None:
    assert "No dispute" in client.get("/admin/disputes/").text
    order, _name = sued()
    page = client.get("/admin/").text
    assert "Answer a dispute" in page
    assert re.search(r"Disputes\s*<b>1</b>", page)
    page = client.get("/admin/disputes/").text
    assert order.public_no in page
    assert "The parcel did not arrive" in page
    page = client.get(f"/admin/orders/{order.id}").text
    assert "While a dispute is open nothing is refunded" in page
    assert "See what it does" not in page
    assert "Dispute: Evidence needed" in page
    assert f"/admin/disputes/{dispute().id}" in page


def test_evidence_is_gathered_kept_and_sent_once(client: FlaskClient, admin: User) -> None:
    sued()
    place = f"/admin/disputes/{dispute().id}"
    page = client.get(place).text
    assert "The bank wants an answer until" in page
    texts = dict(re.findall(r'name="text_(\w+)"[^>]*>\s*([^<]*)</textarea>', page))
    assert set(texts) == {"order", "delivery", "description", "photos", "messages"}
    assert texts["order"]
    form = {f"text_{code}": text for code, text in texts.items()}
    form |= {"done_order": "y", "text_messages": "She wrote that it had come.", "done_messages": "y"}
    answer = post(client, f"{place}/evidence", form, follow_redirects=True).text
    assert "Nothing has been sent yet" in answer
    assert dispute().evidence["messages"]["text"] == "She wrote that it had come."
    assert "text" not in dispute().evidence.get("order", {})  # what the order says by itself is not written down
    answer = post(client, f"{place}/evidence", {"text_order": "x" * 20_001})
    assert answer.status_code == 422
    page = post(client, f"{place}/submission", follow_redirects=True).text
    assert "The bank decides now" in page
    assert dispute().status is DisputeStatus.UNDER_REVIEW
    assert "Keep it, do not send yet" not in page
    assert "She wrote that it had come." in page
    post(client, f"{place}/submission")
    acts = db.session.scalars(sa.select(AuditRow.action).where(AuditRow.action == "dispute.submit")).all()
    assert len(acts) == 1


@pytest.mark.parametrize("bearer", list(Bearer))
def test_who_bears_a_lost_one_is_told_what_it_costs_before(client: FlaskClient, admin: User, bearer: Bearer) -> None:
    workshop = WorkshopFactory(name="Kala Wengi Silver")
    order, name = sued(piece(workshop=workshop))
    place = f"/admin/disputes/{lost(name).id}"
    share = parts_of(order)[0].payable_idr
    page = client.get(place).text
    assert "Say who bears it" in page
    assert f"Rp\u00a0{share:,}".replace(",", ".") in page
    assert "If the collective bears it" in page
    assert "Say who bears a lost dispute" in client.get("/admin/").text
    assert post(client, f"{place}/decision", {"bearer": "", "note": "x"}).status_code == 422
    assert post(client, f"{place}/decision", {"bearer": bearer, "note": ""}).status_code == 422
    page = post(client, f"{place}/decision", {"bearer": bearer, "note": "Lost by EMS"}, follow_redirects=True).text
    assert "Decided and booked." in page, re.findall(r"class=\"err\"[^\n]*", page)
    assert dispute().borne_by is bearer
    origins = [refund.origin for refund in refunds_of(order.id)]
    assert origins == ([RefundOrigin.DISPUTE] if bearer is Bearer.WORKSHOP else [])
    assert "Lost by EMS" in page
    again = Bearer.COLLECTIVE if bearer is Bearer.WORKSHOP else Bearer.WORKSHOP
    assert post(client, f"{place}/decision", {"bearer": again, "note": "Other"}).status_code == 422


def test_the_parcel_is_named_and_a_foreign_one_is_not(client: FlaskClient, admin: User) -> None:
    order, _name = sued(piece(), piece())
    other = paid_order((piece(), 1))
    place, second = f"/admin/disputes/{dispute().id}", parts_of(order)[1].id
    foreign = parts_of(other)[0].id
    assert "Which parcel" in client.get(place).text
    assert post(client, f"{place}/parcel", {"parcel": str(foreign)}).status_code == 422
    post(client, f"{place}/parcel", {"parcel": str(second)})
    assert dispute().seller_order_id == second
    assert "This one" in client.get(place).text
    post(client, f"{place}/parcel", {"parcel": ""})
    assert dispute().seller_order_id is None


def test_in_indonesian(client: FlaskClient) -> None:
    enter(client, AdminFactory(language="id"))
    sued()
    for address in ("/admin/disputes/?show=all", f"/admin/disputes/{dispute().id}"):
        assert 'lang="id"' in client.get(address).text
