"""The books on the collective's pages: balances that sum to zero, every entry, the accountant's file."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.ledger.models import Kind
from marketplace.ledger.queries import balance, entry_count
from marketplace.ledger.services import credit, debit
from marketplace.ledger.services import post as post_entry
from marketplace.orders.models import SellerOrder
from marketplace.payments.differences import DifferenceKind
from marketplace.payments.models import Difference, ProcessorEvent
from marketplace.payments.services.differences import note_difference
from tests.admin.conftest import enter, post
from tests.factories.accounts import AdminFactory
from tests.factories.orders import JAKARTA, open_shop, paid_order, piece
from tests.factories.workshops import WorkshopFactory

BOOKS = "/admin/books/"


@pytest.fixture(autouse=True)
def _open(app: Any) -> None:
    open_shop()


def rows_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_empty_books_balance(client: FlaskClient, admin: User) -> None:
    assert "The books balance" in client.get(BOOKS).text
    assert "Nothing is booked here" in client.get(f"{BOOKS}entries").text
    assert rows_of(client.get(f"{BOOKS}ledger.csv")) == []


def test_balances_stand_by_account_and_currency_and_sum_to_zero(client: FlaskClient, admin: User) -> None:
    paid_order((piece(), 1))
    paid_order((piece(), 1), address=JAKARTA, market="id")
    workshop = WorkshopFactory(name="Kala Wengi Silver")
    owed = Money(1_535_130, "IDR")
    post_entry(Kind.CORRECTION, "a", [debit("fx", owed), credit(f"seller:{workshop.id}", owed)], livemode=False)
    page = client.get(BOOKS).text
    for words in ("Held for undelivered goods", "With the demo processor", "Owed to workshops", "Kala Wengi Silver"):
        assert words in page, words
    assert "Rupiah" in page
    assert "US dollars" in page
    assert "\u2212Rp\u00a01.535.130" in page
    foot = page[page.index("<tfoot>") :]
    assert "Rp\u00a00" in foot
    assert "$0.00" in foot
    enter(client, AdminFactory(language="id"))
    assert "USD\u00a00,00" in client.get(BOOKS).text


def test_entries_are_found_by_account_and_month(client: FlaskClient, admin: User, stopped_clock: Any) -> None:
    order = paid_order((piece(), 1))
    old = f"{clock.today():%Y-%m}"
    stopped_clock.forward(days=40)
    enter(client, admin)
    new = f"{clock.today():%Y-%m}"
    owed = Money(5000, "IDR")
    post_entry(
        Kind.CORRECTION, "b", [debit("losses", owed), credit("bank", owed)], livemode=False, memo="=lost in the post"
    )
    assert order.public_no in client.get(f"{BOOKS}entries").text
    page = client.get(f"{BOOKS}entries?month={new}").text
    assert "=lost in the post" in page
    assert order.public_no not in page
    page = client.get(f"{BOOKS}entries?account=buyer_funds&month={old}").text
    assert order.public_no in page
    assert "lost in the post" not in page
    for month in ("2026", "2026-13", "1026-01", "2026-1x", "²026-01", "x"):
        assert client.get(f"{BOOKS}entries", query_string={"month": month}).status_code == 404, month
    found = rows_of(client.get(f"{BOOKS}ledger.csv?month={new}"))
    assert [(row["Account"], row["Debit"], row["Credit"]) for row in found] == [
        ("losses", "5000", ""),
        ("bank", "", "5000"),
    ]
    assert {row["Note"] for row in found} == {"'=lost in the post"}
    assert {row["Test"] for row in found} == {"TEST"}
    everything = rows_of(client.get(f"{BOOKS}ledger.csv"))
    assert len(everything) == len(found) + len(rows_of(client.get(f"{BOOKS}ledger.csv?month={old}")))


def test_the_file_is_a_download(client: FlaskClient, admin: User) -> None:
    answer = client.get(f"{BOOKS}ledger.csv?month=2026-11")
    assert answer.headers["Content-Disposition"] == "attachment; filename=ledger-2026-11.csv"
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in answer.headers["Cache-Control"]


def found(kind: DifferenceKind = DifferenceKind.UNKNOWN_LINE, subject: str = "txn_8Q2F") -> int:
    note_difference(kind, "demo", subject, amount=Money(-250, "USD"), facts={"ours": 0})
    return db.session.scalars(sa.select(Difference.id).order_by(Difference.id.desc())).first() or 0


def settled() -> list[Difference]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Difference).where(Difference.settled_at.is_not(None))))


def test_a_difference_is_settled_with_a_note_and_changes_no_booking(client: FlaskClient, admin: User) -> None:
    ident = found()
    assert "1 difference in the books" in client.get("/admin/").text
    page = client.get(BOOKS).text
    for words in ("Movement that this shop does not know", "txn_8Q2F", "\u2212$2.50", "Nothing was changed: a person"):
        assert words in page, words
    place = f"{BOOKS}differences/{ident}/settlement"
    assert post(client, place, {"why": ""}).status_code == 422
    assert "Settled with your note" in post(client, place, {"why": "A test of theirs"}, follow_redirects=True).text
    assert [(row.settled_by, row.note) for row in settled()] == [(admin.id, "A test of theirs")]
    assert entry_count() == 0
    page = client.get(f"{BOOKS}differences").text
    assert "A test of theirs" in page
    assert "Komang Adi" in page


def test_a_charge_of_the_processor_itself_is_booked_as_its_fee(client: FlaskClient, admin: User) -> None:
    post(client, f"{BOOKS}differences/{found()}/settlement", {"why": "Monthly price", "act": "fee"})
    assert balance("processor_fees", "USD") == Money(250, "USD")
    other = found(DifferenceKind.BALANCE, "USD")
    page = post(
        client, f"{BOOKS}differences/{other}/settlement", {"why": "not one", "act": "fee"}, follow_redirects=True
    )
    assert "Only a movement that this shop does not know" in page.text
    assert len(settled()) == 1


def test_the_proof_runs_when_it_is_asked_for_and_names_what_breaks(client: FlaskClient, admin: User) -> None:
    paid_order((piece(), 1))
    page = client.get(BOOKS).text
    assert "Not checked on this page yet" in page
    page = post(client, f"{BOOKS}check").text
    assert "Checked" in page
    assert "The books balance" in page
    assert ": holds" in page
    db.session.execute(sa.update(SellerOrder).values(refunded_amount=500))
    db.session.commit()
    page = post(client, f"{BOOKS}check").text
    assert "The books do not balance" in page
    assert "What breaks a rule" in page
    assert ": broken" in page


def test_messages_without_use_are_kept_and_shown(client: FlaskClient, admin: User) -> None:
    assert "No message here" in client.get(f"{BOOKS}messages").text
    for number, handled_at in ((1, clock.now()), (2, None)):
        db.session.add(
            ProcessorEvent(
                processor="stripe",
                event_id=f"evt_{number}",
                kind=f"payout.kind{number}",
                livemode=False,
                body="{}",
                received_at=clock.now(),
                handled_at=handled_at,
                error="unknown type",
            )
        )
    db.session.commit()
    page = client.get(f"{BOOKS}messages").text
    assert "payout.kind1" in page
    assert "Stripe" in page
    assert "payout.kind2" not in page
    assert "payout.kind2" in client.get(f"{BOOKS}messages?show=waiting").text
