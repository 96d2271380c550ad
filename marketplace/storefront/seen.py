"""What happened to a piece, told by its page (static/js/seen.js) once somebody has really looked at it.

The page itself is the same for everybody and may come from any cache, so it cannot count. The message opens no session
and sets no cookie. It may be made up: whoever wants to lie counts once a day for each address and browser.
"""

from __future__ import annotations

import logging

from flask import Blueprint, g, request
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from marketplace.core.audience import Audience, audience
from marketplace.core.markets import BY_PREFIX, WORLD
from marketplace.insights import services
from marketplace.insights.models import Deed
from marketplace.workshops.queries import workshop_of

from . import whence

log = logging.getLogger(__name__)
bp = Blueprint("seen", __name__)
LARGEST = 300  # bytes of a message
LONGEST = 18  # digits of a number that a database can hold
TOLD = {Deed.VIEW, Deed.SAVE}  # the bag is counted where it is filled, which no script can make up


@bp.post("/seen")
@audience(Audience.PUBLIC)
def note() -> Response:
    """204 for everything: nobody is told what counts."""
    request.max_content_length = LARGEST
    try:
        told = request.form
    except RequestEntityTooLarge:
        return Response(status=204)
    g.market = BY_PREFIX.get(told.get("market", ""), WORLD)
    deed, number = told.get("deed", ""), told.get("listing", "")
    if deed in TOLD and number.isascii() and number.isdigit() and len(number) <= LONGEST:
        count(Deed(deed), int(number), told.get("country", ""))
    return Response(status=204)


def count_bag(listing_id: int) -> None:
    """Not that of a workshop's people, who try their own pieces; their browser tells no views either (site.js)."""
    if not (current_user.is_authenticated and workshop_of(int(current_user.id))):
        count(Deed.BAG, listing_id)


def count(deed: Deed, listing_id: int, chosen: str = "") -> None:
    """Once for each visitor and day. A count that cannot be written takes nothing from anybody."""
    try:
        who = whence.visitor()
        if who is not None:
            services.note(deed, listing_id, whence.country(chosen), who)
    except SQLAlchemyError:
        log.exception("a %s of piece %s was not counted", deed, listing_id)
