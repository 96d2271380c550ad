"""Numbers that count what a kind of page shows: a public page's ETag is made of them (architecture.md 6).

Scopes: 'shop' (home, search, lists of everything), 'category:12', 'workshop:3', 'taxonomy' (names and menu).
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from marketplace.core.db import db, is_sqlite, transaction

from .models import DataVersion, FxRate

SHOP, TAXONOMY = "shop", "taxonomy"


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


def numbers(scopes: Iterable[str], currency: str) -> dict[str, int]:
    """One statement: the number of each scope (absent: never changed) and, as 'fx', the rate that prices stand on."""
    versions = sa.select(DataVersion.scope, DataVersion.number).where(DataVersion.scope.in_([*scopes, TAXONOMY]))
    rate = (
        sa.select(sa.literal("fx"), FxRate.id)
        .where(FxRate.currency == currency)
        .order_by(FxRate.quoted_at.desc(), FxRate.id.desc())
        .limit(1)
        .subquery()
    )
    rows = db.session.execute(versions.union_all(sa.select(rate)))
    return {row[0]: row[1] for row in rows}
