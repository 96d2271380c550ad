"""Visitors, as their browsers tell of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.catalog.models import Listing
from marketplace.core.db import db
from marketplace.insights import services
from marketplace.insights.models import DailyCount, Deed, Mark

PHONE = "Mozilla/5.0 (Linux; Android 13; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0 Mobile Safari/537.36"
Tell = Callable[..., Any]


def tell(client: FlaskClient, listing: Listing, deed: str = "view", **more: Any) -> Any:
    """The message of static/js/seen.js; `address`, `agent` and `headers` are the visitor's, the rest is its fields."""
    address, agent = more.pop("address", "203.0.113.7"), more.pop("agent", PHONE)
    headers = {"User-Agent": agent, **more.pop("headers", {})}
    body = {"deed": deed, "listing": str(listing.id), "market": "", "country": "", **more}
    return client.post("/seen", data=body, headers=headers, environ_base={"REMOTE_ADDR": address})


def looked(listing: Listing, count: int, country: str = "AU", deed: Deed = Deed.VIEW) -> None:
    """As many visitors, each another one than all before."""
    for _number in range(count):
        services.note(deed, listing.id, country, f"{next(_faces):016x}")


def marks() -> list[tuple[int, str, str]]:
    """(piece, deed, country) of what is not folded yet."""
    db.session.rollback()
    query = sa.select(Mark.listing_id, Mark.deed, Mark.country).order_by(Mark.listing_id, Mark.deed, Mark.visitor)
    return [(row.listing_id, row.deed.value, row.country) for row in db.session.execute(query)]


def counts() -> list[tuple[int, str, int, int, int]]:
    """(piece, country, views, saves, bags) of each day."""
    db.session.rollback()
    columns = (DailyCount.listing_id, DailyCount.country, DailyCount.views, DailyCount.saves, DailyCount.bags)
    order = (DailyCount.happened_on, DailyCount.listing_id, DailyCount.country)
    return [tuple(row) for row in db.session.execute(sa.select(*columns).order_by(*order))]


_faces = iter(range(1, 10_000_000))
