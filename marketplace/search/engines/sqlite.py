"""FTS5: an index over search_documents that triggers keep in step (migration 'full text')."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.search.asked import Term

from . import MOST_HITS

_TIERS = ("{title}", "{title attributes}", "{title attributes body}")
_MATCH = sa.text(
    """
    select rowid, min(tier) as tier from (
      select rowid, tier from (select rowid, 0 as tier from search_fts
        where search_fts match :title order by rowid desc limit :most)
      union all
      select rowid, tier from (select rowid, 1 as tier from search_fts
        where search_fts match :attributes order by rowid desc limit :most)
      union all
      select rowid, tier from (select rowid, 2 as tier from search_fts
        where search_fts match :body order by rowid desc limit :most)
    ) group by rowid order by tier, rowid desc limit :most
    """
)


def _phrase(term: Term) -> str:
    """Words are letters and digits only (words.py), so that quoting them is safe."""
    parts = ["(" + " AND ".join(f'"{word}"' for word in spelling) + ")" for spelling in term.spellings]
    if term.prefix:
        parts.append(f'"{term.prefix}" *')
    return "(" + " OR ".join(parts) + ")"


def match(terms: Sequence[Term], *, every: bool = True) -> list[int]:
    expression = (" AND " if every else " OR ").join(map(_phrase, terms))
    title, attributes, body = (f"{columns} : ({expression})" for columns in _TIERS)
    rows = db.session.execute(_MATCH, {"title": title, "attributes": attributes, "body": body, "most": MOST_HITS + 1})
    return [row.rowid for row in rows]


def absent(terms: Sequence[Term]) -> list[int]:
    some = " union all ".join(
        f"select {at} as at where not exists (select 1 from search_fts where search_fts match :t{at})"  # noqa: S608
        for at in range(len(terms))
    )
    rows = db.session.execute(sa.text(some), {f"t{at}": _phrase(term) for at, term in enumerate(terms)})
    return sorted(row.at for row in rows)
