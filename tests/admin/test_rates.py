"""A shop that has no exchange rate yet: the collective is told, and so are visitors."""

from __future__ import annotations

import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.catalog.models import FxRate
from marketplace.core.db import db
from tests.factories.orders import open_shop, piece

from .conftest import post


def without_rates() -> None:
    open_shop()
    piece()
    db.session.execute(sa.delete(FxRate))
    db.session.commit()


def test_today_asks_for_the_missing_rates_until_they_are_entered(client: FlaskClient, admin: User) -> None:
    without_rates()
    assert "Enter the rate of USD and AUD" in client.get("/admin/").text
    for currency, rate in (("USD", "16.650"), ("AUD", "10.900")):
        sent = {"currency": currency, "rate": rate, "source": "Bank Indonesia"}
        assert post(client, "/admin/rates/", sent).status_code == 303
    assert "Enter the rate" not in client.get("/admin/").text


def test_prices_without_a_rate_are_a_sentence_and_the_shop_in_rupiah_is_open(client: FlaskClient) -> None:
    without_rates()
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "600")
    assert "The exchange rate of USD is missing" in answer.text
    assert 'href="/id/"' in answer.text
    assert client.get("/id/").status_code == 200
