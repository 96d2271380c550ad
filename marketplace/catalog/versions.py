"""Numbers that count what a kind of page shows: a public page's ETag is made of them (architecture.md 6).

Scopes: 'shop' (home, search, lists of everything), 'category:12', 'workshop:3', 'taxonomy' (names and menu), 'shipping'
(postage and days), 'metals' (the rates that a piece's breakdown stands on).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa

from marketplace.core import page_cache
from marketplace.core.db import db, is_sqlite, transaction
from marketplace.workshops.models import Workshop

from .models import DataVersion, FxRate, Listing

SHOP, TAXONOMY, SHIPPING, METALS = "shop", "taxonomy", "shipping", "metals"


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
        page_cache.forget()


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
    named = sorted({*scopes, TAXONOMY})
    values: dict[str, Any] = {f"scope_{at}": scope for at, scope in enumerate(named)}
    if currency != "IDR":
        values["currency"] = currency
    if listing_id is not None:
        values["listing_id"] = listing_id
    if workshop_slug is not None:
        values["slug"] = workshop_slug
    statement = _numbers(len(named), currency != "IDR", listing_id is not None, workshop_slug is not None)
    return {row[0]: row[1] for row in db.session.execute(statement, values)}


@cache
def _numbers(scopes: int, has_rate: bool, of_listing: bool, of_workshop: bool) -> Any:
    """Built once for each kind of page: every request to a public page begins with it."""
    wanted: list[Any] = [sa.bindparam(f"scope_{at}", type_=sa.String) for at in range(scopes)]
    newest = sa.select(sa.literal("workshops"), sa.func.coalesce(sa.func.max(Workshop.id), 0))
    parts: list[sa.Select[Any, Any]] = [newest, _rate()] if has_rate else [newest]
    if of_listing:
        ident = sa.bindparam("listing_id", type_=sa.BigInteger)
        parts.append(sa.select(sa.literal("listing"), Listing.version).where(Listing.id == ident))
        wanted.append(_scope_of(sa.select(Listing.workshop_id).where(Listing.id == ident)))
    if of_workshop:
        slug = sa.bindparam("slug", type_=sa.String)
        wanted.append(_scope_of(sa.select(Workshop.id).where(Workshop.slug == slug)))
    versions = sa.select(DataVersion.scope, DataVersion.number).where(DataVersion.scope.in_(wanted))
    return versions.union_all(*parts)


def _rate() -> sa.Select[Any, Any]:
    newest = (
        sa.select(sa.literal("fx").label("scope"), FxRate.id.label("number"))
        .where(FxRate.currency == sa.bindparam("currency", type_=sa.String))
        .order_by(FxRate.quoted_at.desc(), FxRate.id.desc())
        .limit(1)
        .subquery()
    )
    return sa.select(newest.c.scope, newest.c.number)


def _scope_of(workshop_id: sa.Select[int]) -> sa.ColumnElement[str]:
    return sa.literal("workshop:", sa.String).concat(sa.cast(workshop_id.scalar_subquery(), sa.String))
