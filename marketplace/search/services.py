"""Documents are written in the transaction that makes a listing public, and removed in the one that hides it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.core.tasks import sweeper

from . import words
from .models import Document, Query

LONGEST_QUERY = 100  # characters that are looked at and logged
KEPT = timedelta(days=180)  # how long the log of queries is kept


@dataclass(frozen=True, slots=True)
class DocumentWords:
    """Folded words of one listing: `title` counts most, `body` least."""

    listing_id: int
    title: str
    attributes: str
    body: str


def document(
    listing_id: int, titles: Sequence[str], attributes: Iterable[str], bodies: Iterable[str], sku: str | None
) -> DocumentWords:
    """Fold what a listing says into its document; a SKU is found with and without its hyphen."""
    codes = [sku, words.code(sku)] if sku else []
    return DocumentWords(listing_id, words.fold([*titles, *codes]), words.fold(attributes), words.fold(bodies))


def write(documents: Sequence[DocumentWords]) -> None:
    """Replace the documents of these listings, in the caller's transaction."""
    with transaction():
        remove([item.listing_id for item in documents])
        if documents:
            db.session.execute(sa.insert(Document), [asdict(item) for item in documents])


def remove(listing_ids: Sequence[int]) -> None:
    with transaction():
        if listing_ids:
            db.session.execute(
                sa.delete(Document)
                .where(Document.listing_id.in_(listing_ids))
                .execution_options(synchronize_session=False)
            )


def log_query(market: str, text: str, hit_count: int, *, country: str = "", visitor: str = "") -> None:
    """What was searched and how much was found; `visitor` tells two of one day apart and nothing else.

    A machine's query has no visitor: it is kept, and not counted (insights/queries/demand.py).
    """
    with transaction():
        db.session.add(
            Query(
                at=clock.now(),
                market=market,
                text=text[:LONGEST_QUERY],
                hit_count=hit_count,
                country=country,
                visitor=visitor,
            )
        )


@sweeper("search_queries")
def forget_old_queries() -> int:
    """The log tells what is missing in the shop; it is no archive."""
    with transaction():
        old = sa.delete(Query).where(Query.at < clock.now() - KEPT).execution_options(synchronize_session=False)
        return int(db.session.execute(old).rowcount)  # type: ignore[attr-defined]
