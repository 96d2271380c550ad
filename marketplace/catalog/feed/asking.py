"""The worker asks the feed once an hour and writes down how it went, for the admin's page."""

from __future__ import annotations

import logging
from datetime import timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import current_app

from marketplace.catalog import metals
from marketplace.catalog.models import MetalFeed
from marketplace.catalog.services.metals import RateOlder, enter
from marketplace.core import clock
from marketplace.core.db import db, end_read, insert_ignore, transaction
from marketplace.core.tasks import sweeper

from .fetching import FeedTrouble, fetch
from .reading import is_news, read

log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
ONLY = 1  # the one row of the table


@sweeper("metal_feed")
def ask() -> int:
    """Ask if it is time; gives how many rates were entered. One worker at a time: the row is claimed first."""
    shop = current_app.config["SHOP"]
    if not shop.metal_rate_url or not _claim():
        return 0
    end_read()
    try:
        body = fetch(shop.metal_rate_url, may_be_here=shop.app_env != "production")
        entered = _enter(body, urlsplit(shop.metal_rate_url).hostname or "feed")
    except FeedTrouble as trouble:
        log.warning("the feed of metal rates was not taken: %s %s", trouble.code, trouble.detail)
        _note(problem=trouble.code, detail=trouble.detail)
        return 0
    _note(problem="", detail="", answered_at=clock.now())
    return entered


def _claim() -> bool:
    now = clock.now()
    with transaction():
        if insert_ignore(MetalFeed, id=ONLY, asked_at=now, problem="", detail=""):
            return True
        claimed = db.session.scalar(
            sa.update(MetalFeed)
            .where(MetalFeed.id == ONLY, MetalFeed.asked_at <= now - EVERY)
            .values(asked_at=now)
            .returning(MetalFeed.id)
            .execution_options(synchronize_session=False)
        )
        return claimed is not None


def _enter(body: bytes, source: str) -> int:
    """All of the answer or nothing of it: one absurd number makes the others doubtful too."""
    current = metals.current()
    news = [answer for answer in read(body) if is_news(answer, current)]
    entered = 0
    for answer in news:
        try:
            enter(answer.metal, answer.idr_per_gram, source[:60], None, sure=True, quoted_at=answer.quoted_at)
            entered += 1
        except RateOlder:  # an admin was quicker
            continue
    return entered


def _note(**values: object) -> None:
    with transaction():
        db.session.execute(
            sa.update(MetalFeed)
            .where(MetalFeed.id == ONLY)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
