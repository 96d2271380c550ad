"""The metal rate of the day: who set it, what it was, and a jump that is asked about once more."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.audit.models import AuditRow
from marketplace.catalog import metals
from marketplace.catalog.models import MetalFeed, Variant
from marketplace.core import clock
from marketplace.core.db import db
from tests.factories.catalog import CostingFactory, ListingFactory, MetalRateFactory

from .conftest import post

PAGE = "/admin/metals/"


def silver() -> int:
    db.session.rollback()
    return metals.current()["silver"].idr_per_gram


def enter(client: FlaskClient, idr: str, **more: str) -> Any:
    return post(client, PAGE, {"metal": "silver", "idr_per_gram": idr, "source": "Antam", **more})


def test_the_rate_of_the_day_is_entered_and_remembered(client: FlaskClient, admin: User) -> None:
    MetalRateFactory(quoted_at=clock.now() - timedelta(days=1))
    assert enter(client, "47.700").status_code == 303
    assert silver() == 47_700
    page = client.get(PAGE).text
    assert "47,700" in page
    assert "45,000" in page
    assert admin.full_name in page
    row = db.session.scalars(sa.select(AuditRow).where(AuditRow.action == "metal_rate.enter")).one()
    assert (row.actor_id, row.before, row.after) == (
        admin.id,
        {"idr_per_gram": 45_000},
        {"metal": "silver", "idr_per_gram": 47_700},
    )


def test_a_jump_is_asked_once_more_and_then_taken(client: FlaskClient, admin: User) -> None:
    MetalRateFactory(quoted_at=clock.now() - timedelta(days=1))
    listing = ListingFactory()
    CostingFactory(listing=listing)
    answer = enter(client, "112.500")
    assert answer.status_code == 422
    assert "150%" in answer.text
    assert 'name="sure"' in answer.text
    assert silver() == 45_000
    assert enter(client, "112.500", sure="y").status_code == 303
    assert silver() == 112_500
    assert set(db.session.scalars(sa.select(Variant.price_amount))) == {745_000}  # a rate moves no price


@pytest.mark.parametrize("idr", ["", "0", "-5", "banyak", "45.000,50", "900 jt"])
def test_what_is_no_rate_is_refused_with_all_that_was_typed(client: FlaskClient, admin: User, idr: str) -> None:
    answer = enter(client, idr)
    assert answer.status_code == 422
    assert 'value="Antam"' in answer.text
    assert metals.current() == {}


def test_an_old_rate_says_so(client: FlaskClient, admin: User, stopped_clock: clock.Hands) -> None:
    MetalRateFactory(quoted_at=clock.now() - timedelta(hours=73))
    MetalRateFactory(metal="brass", idr_per_gram=180, quoted_at=clock.now() - timedelta(days=300))
    assert client.get(PAGE).text.count("Too old to propose prices") == 1


def test_what_was_wrong_with_the_feed_is_told(
    client: FlaskClient, admin: User, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = dataclasses.replace(app.config["SHOP"], metal_rate_url="https://rates.example/today")
    monkeypatch.setitem(app.config, "SHOP", shop)
    db.session.add(MetalFeed(asked_at=clock.now(), problem="jump", detail="silver: 45000 → 99000"))
    db.session.commit()
    page = client.get(PAGE).text
    assert "more than half away" in page
    assert "silver: 45000 → 99000" in page
