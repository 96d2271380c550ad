"""The shop of the walks: furnished once, made anew for each walk."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from config import Config
from marketplace import create_app
from marketplace.core import clock
from marketplace.core.clock import Hands
from marketplace.core.db import db
from marketplace.orders.commission import Rate
from marketplace.payouts.check import check
from tests.conftest import TEST_DATABASE_URL, _empty

from . import quickshop
from .quickshop import Furniture, Template, Wish
from .walk import Walk


@pytest.fixture(scope="module")
def walking_shop(shop_config: Config) -> Iterator[tuple[Callable[[], Furniture], Hands]]:
    """Makes the furnished shop anew; on SQLite in memory, so that hundreds of walks take seconds."""
    url = shop_config.database_url if TEST_DATABASE_URL else "sqlite://"
    app = create_app(dataclasses.replace(shop_config, database_url=url))
    quickshop.quiet(app)
    with app.app_context(), clock.stopped() as hands:
        began = hands.moment
        if TEST_DATABASE_URL:
            yield lambda: _anew(app, hands, began), hands
        else:
            yield _in_memory(app, shop_config.database_url, hands), hands
        db.session.remove()
        db.engine.dispose()


def _anew(app: Flask, hands: Hands, began: Any) -> Furniture:
    hands.moment = began
    db.session.remove()
    _empty(app)
    furniture = quickshop.furnish()
    begin(furniture, hands)
    return furniture


def begin(furniture: Furniture, hands: Hands) -> None:
    """What every walk finds: money that was paid out, money that waits to be, and a dispute that was lost."""
    usual = Rate(800)
    walk = Walk(furniture, hands)
    quickshop.order(furniture, "IDR", [Wish(0, 745_000, 2, usual), Wish(1, 310_000, 1, usual)], 18_000)
    walk.take([("pay", 0, 0), ("arrive", 0, 1), ("arrive", 0, 1), ("pay_out", 0, 0)])
    quickshop.order(furniture, "USD", [Wish(0, 1_250_000, 1, Rate(650, 5_000, 40_000))], 180_000)
    walk.take([("pay", 0, 0), ("arrive", 0, 1)])
    quickshop.order(furniture, "AUD", [Wish(1, 99_000, 3, usual)], 180_000)
    walk.take([("pay", 0, 0), ("dispute", 2, 1), ("bank_decides", 0, 1)])
    assert walk.done == {"pay": 3, "arrive": 3, "pay_out": 1, "dispute": 1, "bank_decides": 1}
    assert check() == []


def _in_memory(app: Flask, migrated_url: str, hands: Hands) -> Callable[[], Furniture]:
    template = Template(migrated_url)
    _empty(app)  # of what other tests left in that file
    furniture = quickshop.furnish()
    begin(furniture, hands)
    template.keep()
    began = hands.moment

    def restore() -> Furniture:
        hands.moment = began
        template.restore()
        return furniture

    return restore
