"""tsvector ('simple': no stemming) in a generated column, title weighted A, attributes B (migration 'full text')."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.search.asked import Term

from . import MOST_HITS

_MATCH = sa.text(
    """
    select listing_id from (
      select listing_id, search_fts from search_documents
      where search_fts @@ cast(:all as tsquery) order by listing_id desc limit :most
    ) as found
    order by case when search_fts @@ cast(:title as tsquery) then 0
                  when search_fts @@ cast(:attributes as tsquery) then 1 else 2 end, listing_id desc
    """
)


def _phrase(term: Term, weights: str = "") -> str:
    """Words are letters and digits only (words.py), so that quoting them is safe."""
    mark = f":{weights}" if weights else ""
    parts = ["(" + " & ".join(f"'{word}'{mark}" for word in spelling) + ")" for spelling in term.spellings]
    if term.prefix:
        parts.append(f"'{term.prefix}':*{weights}")
    return "(" + " | ".join(parts) + ")"


def match(terms: Sequence[Term], *, every: bool = True) -> list[int]:
    joint = " & " if every else " | "

    def expression(weights: str = "") -> str:
        return joint.join(_phrase(term, weights) for term in terms)

    facts = {"all": expression(), "title": expression("A"), "attributes": expression("AB"), "most": MOST_HITS + 1}
    return list(db.session.scalars(_MATCH, facts))


def absent(terms: Sequence[Term]) -> list[int]:
    some = " union all ".join(
        f"select {at} as at where not exists "  # noqa: S608
        f"(select 1 from search_documents where search_fts @@ cast(:t{at} as tsquery))"
        for at in range(len(terms))
    )
    rows = db.session.execute(sa.text(some), {f"t{at}": _phrase(term) for at, term in enumerate(terms)})
    return sorted(row.at for row in rows)
