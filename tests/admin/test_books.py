"""The books on the collective's pages: balances that sum to zero, every entry, the accountant's file."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.money import Money
from marketplace.ledger.models import Kind
from marketplace.ledger.services import credit, debit, post
from tests.admin.conftest import enter
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
    post(Kind.CORRECTION, "a", [debit("fx", owed), credit(f"seller:{workshop.id}", owed)], livemode=False)
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
    post(Kind.CORRECTION, "b", [debit("losses", owed), credit("bank", owed)], livemode=False, memo="=lost in the post")
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
