"""The receipt: opened by the order's link alone, complete, in the buyer's language and money."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.core.pdf import pictures
from marketplace.orders.models import Order
from marketplace.payments.queries import receipt_of
from marketplace.storefront.receipts import facts_of
from tests.factories.orders import JAKARTA, open_shop, paid_order, piece, place_order
from tests.factories.workshops import WorkshopFactory
from tests.helpers import links_in, mails


@pytest.fixture(autouse=True)
def _shop(app: Flask) -> None:
    open_shop()


def home_order() -> Order:
    variant = piece(title_en="Plain Ring", title_id="Cincin Polos", price=2_490_000)
    return paid_order((variant, 2), address=JAKARTA, language="id", market="id")


def test_the_page_says_all_that_was_paid_and_to_whom(client: FlaskClient) -> None:
    order = paid_order(
        (piece(title_en="Dome Ring", sizes=("US 7",), workshop=WorkshopFactory(name="Jawan Sari")), 2),
        (piece(title_en="Lotus Bowl", workshop=WorkshopFactory(name="Toya Ning")), 1),
    )
    answer = client.get(f"/orders/{order.token}/receipt")
    html = answer.text
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in answer.headers
    assert 'name="robots" content="noindex"' in html
    for words in (
        "The Celuk silversmiths’ collective",
        "Celuk, Sukawati, Gianyar, Bali, Indonesia",
        "Maya Chen",
        "18 Lygon Street",
        "maya.chen@example.com",
        f"Order {order.public_no}",
        "Parcel 1 of 2: Jawan Sari",
        "Parcel 2 of 2: Toya Ning",
        "Dome Ring",
        "US 7 · 925 silver",
        "2 × $45.00",
        "$90.00",
        "Demo payment, no money moved",
        "US Dollar (USD)",
    ):
        assert words in html, words


def test_the_sums_are_those_of_the_order(client: FlaskClient) -> None:
    order = paid_order((piece(), 2), (piece(), 1))
    receipt = receipt_of(order.token)
    assert receipt is not None
    shown = facts_of(receipt)
    assert shown["total"] == ("Paid", f"${order.total.decimal:,.2f}")
    parcels = [receipt.order.parts[place].total for place in (0, 1)]
    assert parcels[0] + parcels[1] == order.total
    assert receipt.order.items + receipt.order.shipping == order.total


def test_the_pdf_speaks_the_orders_language_wherever_it_is_opened(client: FlaskClient) -> None:
    order = home_order()
    answer = client.get(f"/orders/{order.token}/receipt.pdf")  # the bare address is English
    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Content-Disposition"] == f'inline; filename="{order.public_no}.pdf"'
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_no_page_of_the_rupiah_market_shows_dollars(client: FlaskClient) -> None:
    order = paid_order((piece(), 1))
    answer = client.get(f"/id/orders/{order.token}/receipt")
    assert (answer.status_code, answer.location) == (303, f"/orders/{order.token}/receipt")
    answer = client.get(f"/id/orders/{order.token}/receipt.pdf")
    assert (answer.status_code, answer.location) == (303, f"/orders/{order.token}/receipt.pdf")
    at_home = home_order()
    html = client.get(f"/id/orders/{at_home.token}/receipt").text
    assert "Rp\u00a04.980.000" in html
    assert "Cincin Polos" in html
    assert "$" not in html.replace("US$", "")


@pytest.mark.parametrize("path", ["receipt", "receipt.pdf"])
def test_an_unpaid_order_has_no_receipt_and_its_page_says_so(client: FlaskClient, path: str) -> None:
    order = place_order((piece(), 1))
    answer = client.get(f"/orders/{order.token}/{path}")
    assert answer.status_code == 303
    assert "There is no receipt yet" in client.get(answer.location).text
    assert "There is no receipt yet" not in client.get(f"/orders/{order.token}").text
    assert "/receipt" not in client.get(f"/orders/{order.token}").text


@pytest.mark.parametrize("path", ["receipt", "receipt.pdf"])
def test_no_other_key_opens_it(client: FlaskClient, path: str) -> None:
    order = paid_order((piece(), 1))
    for wrong in (order.public_no, str(order.id), order.token[:-1], order.token.swapcase(), order.token_hash):
        assert client.get(f"/orders/{wrong}/{path}").status_code == 404


def test_the_mail_is_a_receipt_with_its_links(client: FlaskClient) -> None:
    order = paid_order((piece(title_en="Dome Ring"), 2), (piece(title_en="Lotus Bowl"), 1))
    mail = next(mail for mail in mails() if mail.to == order.email)
    assert mail.subject == f"Order {order.public_no} is paid: your receipt"
    for text in (mail.text, mail.html):
        for words in ("Dome Ring", "Lotus Bowl", "$90.00", "$45.00", "Demo payment, no money moved", order.public_no):
            assert words in text, words
        assert f"${order.total.decimal:,.2f}" in text
    found = links_in(mail.text)
    for path in ("", "/receipt", "/receipt.pdf"):
        assert f"/orders/{order.token}{path}" in found
        assert client.get(f"/orders/{order.token}{path}").status_code == 200


def test_the_mail_of_an_order_at_home_is_in_indonesian_and_rupiah(client: FlaskClient) -> None:
    order = home_order()
    mail = next(mail for mail in mails() if mail.to == order.email)
    assert "Cincin Polos" in mail.text
    assert "Rp\u00a04.980.000" in mail.text
    assert f"/id/orders/{order.token}/receipt" in links_in(mail.text)


def test_what_people_wrote_stays_text_on_paper(client: FlaskClient) -> None:
    hostile = '#panic("x") *a* $b$ \\ <c> @d "e" `f` 🎁 ᬩᬮᬶ 陈美 #include "receipt.typ" ' + "W" * 40
    order = paid_order((piece(title_en=hostile[:120], engraving_limit=20), 1))
    receipt = receipt_of(order.token)
    assert receipt is not None
    assert facts_of(receipt)["parcels"][0]["lines"][0]["title"] == hostile[:120]
    assert len(pictures("receipt", facts_of(receipt))) == 1
    assert client.get(f"/orders/{order.token}/receipt.pdf").status_code == 200


def test_a_receipt_asks_the_database_as_often_for_eight_lines_as_for_one(client: FlaskClient, statements: Any) -> None:
    one = paid_order((piece(), 1))
    many = paid_order(*((piece(), 1) for _number in range(8)))
    client.get(f"/orders/{one.token}/receipt")
    with statements() as few:
        client.get(f"/orders/{one.token}/receipt")
    with statements() as more:
        client.get(f"/orders/{many.token}/receipt")
    assert len(more) == len(few)
    assert len(few) <= 9, few.texts
