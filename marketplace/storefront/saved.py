"""Saved pieces: the numbers stand in the address, so the page knows nobody and can be sent to anybody."""

from __future__ import annotations

from flask import render_template, request
from werkzeug.wrappers import Response

from marketplace.catalog.queries import cards
from marketplace.core.audience import Audience, audience

from .blueprint import bp
from .caching import answer, shown

MOST = 60
LONGEST = 18  # digits of a number that a database can hold


@bp.get("/saved")
@audience(Audience.PUBLIC)
def saved() -> Response:
    return answer(_page)


def _page() -> str:
    ids = _numbers(request.args.get("ids", ""))
    pieces = cards.by_ids(ids, shown()) if ids else []
    return render_template("storefront/saved.html", pieces=pieces, ids=[piece.id for piece in pieces])


def _numbers(text: str) -> list[int]:
    """'3,7,x,3' → [3, 7]; what is no number of a piece is left out."""
    words = [word for word in text[: MOST * (LONGEST + 1)].split(",") if word.isascii() and word.isdigit()]
    numbers = dict.fromkeys(int(word) for word in words if len(word) <= LONGEST)
    return list(numbers)[:MOST]
