"""Who looked at the demo's pieces in the last weeks, and what was searched in vain: made up, the same each time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from marketplace.catalog.models import Listing, ListingState
from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.insights.models import DailyCount
from marketplace.search.models import Query

WEEKS = 12
# How often a piece is looked at from each country on a good day, in hundredths.
COUNTRIES = {"ID": 130, "AU": 90, "US": 60, "JP": 22, "NL": 16, "SG": 10, "": 25}
# (words, hits, market, country, visitors in these weeks)
SEARCHED = (
    ("gelang tridatu anak", 0, "id", "ID", 19),
    ("gelang tridatu anak", 0, "world", "AU", 3),
    ("Tridatu bracelet anak", 0, "world", "AU", 4),
    ("toe ring gold 18k", 0, "world", "US", 9),
    ("toe rings gold 18k", 0, "world", "AU", 6),
    ("cincin couple titanium", 0, "id", "ID", 8),
    ("kalung mutiara hitam", 1, "id", "ID", 7),
    ("black pearl necklace", 1, "world", "JP", 5),
    ("name necklace", 0, "world", "US", 11),
    ("kris miniature", 2, "world", "NL", 6),
    ("platinum", 0, "world", "SG", 3),  # fewer than five: not shown
)


def fill() -> None:
    """Counts up to yesterday and searches up to now; nothing when they are there."""
    dice = random.Random(1915)  # noqa: S311 (a demo's dice)
    today = clock.today()
    with transaction():
        counts = list(_counts(dice, today))
        if counts:
            db.session.execute(sa.insert(DailyCount), counts)
        db.session.execute(sa.insert(Query), list(_queries(dice, today)))


def _counts(dice: random.Random, today: date) -> Iterator[dict[str, Any]]:
    """Each piece has its own charm; more is seen on Sundays, and a little more each week."""
    query = sa.select(Listing.id, Listing.workshop_id).where(Listing.state == ListingState.LIVE).order_by(Listing.id)
    pieces = [(ident, workshop, dice.choice((15, 30, 60, 100, 180))) for ident, workshop in db.session.execute(query)]
    for back in range(WEEKS * 7, 0, -1):
        day = today - timedelta(back)
        mood = (100 - back // 3) * (13 if day.weekday() == 6 else 10)
        for ident, workshop, charm in pieces:
            for country, share in COUNTRIES.items():
                views = _some(dice, share * charm * mood / 10_000_000)
                if views:
                    saves = sum(dice.random() < 0.09 for _ in range(views))
                    bags = sum(dice.random() < 0.05 for _ in range(views))
                    yield {
                        "listing_id": ident,
                        "happened_on": day,
                        "country": country,
                        "workshop_id": workshop,
                        "views": views,
                        "saves": saves,
                        "bags": bags,
                    }


def _some(dice: random.Random, expected: float) -> int:
    """A whole number whose mean is `expected`."""
    return int(expected) + (dice.random() < expected % 1)


def _queries(dice: random.Random, today: date) -> Iterator[dict[str, Any]]:
    """In the order of their moments, most of them in the last four weeks."""
    rows = [
        (today - timedelta(dice.choice((1, 2, 3, 5, 8, 9, 12, 15, 16, 19, 30, 44))), dice.randrange(1440), search)
        for search in SEARCHED
        for _visitor in range(search[4])
    ]
    for day, minute, (text, hits, market, country, _count) in sorted(rows):
        moment = datetime.combine(day, datetime.min.time(), clock.BALI) + timedelta(minutes=minute)
        yield {
            "at": moment,
            "market": market,
            "text": text,
            "hit_count": hits,
            "country": country,
            "visitor": f"{dice.getrandbits(64):016x}",
        }
