"""Numbers that count what a kind of page shows: a public page's ETag is made of them (architecture.md 6).

Scopes: 'shop' (home, search, lists of everything), 'category:12', 'workshop:3', 'taxonomy' (names and menu), 'shipping'
(postage and days).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from marketplace.core.db import db, is_sqlite, transaction
from marketplace.workshops.models import Workshop

from .models import DataVersion, FxRate, Listing

SHOP, TAXONOMY, SHIPPING = "shop", "taxonomy", "shipping"


def category_scope(category_id: int) -> str:
    return f"category:{category_id}"


def workshop_scope(workshop_id: int) -> str:
    return f"workshop:{workshop_id}"


def bump(scopes: Iterable[str]) -> None:
    """Count one change of each scope, always in the same order, in the caller's transaction."""
    rows = [{"scope": scope, "number": 1} for scope in sorted(set(scopes))]
    if not rows:
        return
    with transaction():
        db.session.execute(_upsert(), rows)


def _upsert() -> sa.Insert:
    if is_sqlite():
        from sqlalchemy.dialects import sqlite

        lite = sqlite.insert(DataVersion)
        return lite.on_conflict_do_update(index_elements=["scope"], set_={"number": DataVersion.number + 1})
    from sqlalchemy.dialects import postgresql

    postgres = postgresql.insert(DataVersion)
    return postgres.on_conflict_do_update(index_elements=["scope"], set_={"number": DataVersion.number + 1})


def numbers(
    scopes: Iterable[str],
    currency: str,
    *,
    listing_id: int | None = None,
    workshop_slug: str | None = None,
) -> dict[str, int]:
    """One statement: what a page shows, as numbers. A scope that never changed is absent.

    Beside the scopes: 'fx', the rate that prices stand on; 'workshops', the newest one, which may have no piece yet;
    'listing' with its workshop's scope, or the scope of the workshop with that slug.
    """
    wanted: list[Any] = [*scopes, TAXONOMY]
    newest = sa.select(sa.literal("workshops"), sa.func.coalesce(sa.func.max(Workshop.id), 0))
    parts: list[sa.Select[Any, Any]] = [_rate(currency), newest]
    if listing_id is not None:
        parts.append(sa.select(sa.literal("listing"), Listing.version).where(Listing.id == listing_id))
        wanted.append(_scope_of(sa.select(Listing.workshop_id).where(Listing.id == listing_id)))
    if workshop_slug is not None:
        wanted.append(_scope_of(sa.select(Workshop.id).where(Workshop.slug == workshop_slug)))
    versions = sa.select(DataVersion.scope, DataVersion.number).where(DataVersion.scope.in_(wanted))
    return {row[0]: row[1] for row in db.session.execute(versions.union_all(*parts))}


def _rate(currency: str) -> sa.Select[Any, Any]:
    newest = (
        sa.select(sa.literal("fx").label("scope"), FxRate.id.label("number"))
        .where(FxRate.currency == currency)
        .order_by(FxRate.quoted_at.desc(), FxRate.id.desc())
        .limit(1)
        .subquery()
    )
    return sa.select(newest.c.scope, newest.c.number)


def _scope_of(workshop_id: sa.Select[int]) -> sa.ColumnElement[str]:
    return sa.literal("workshop:", sa.String).concat(sa.cast(workshop_id.scalar_subquery(), sa.String))
