"""Words that several of the workshop's pages say: the state of a piece, the moment of the day."""

from __future__ import annotations

from flask import g

from marketplace.catalog.models import ListingState, VersionStatus
from marketplace.catalog.queries.own import OwnPiece, OwnRow
from marketplace.core import clock
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import language, money, ngettext
from marketplace.core.money import Money

Tag = tuple[str, str]  # the word, and its kind for ui/tag.html


def state_of(piece: OwnPiece | OwnRow) -> Tag:
    """The one word for where a piece stands (DESIGN.md 8)."""
    if piece.is_taken_down:
        return _("Taken down"), "bad"
    if piece.state is ListingState.ARCHIVED:
        return _("Archived"), ""
    if piece.state is ListingState.PAUSED:
        return _("Paused"), ""
    if piece.state is ListingState.LIVE:
        return _("On sale"), "ok"
    return {
        VersionStatus.IN_REVIEW: (_("In review"), "acc"),
        VersionStatus.REJECTED: (_("Rejected"), "bad"),
    }.get(piece.status, (_("Draft"), ""))


def edit_of(piece: OwnPiece | OwnRow) -> Tag | None:
    """What becomes of a change to a piece that the public sees in its approved form."""
    if not piece.is_published or piece.state is ListingState.DRAFT:
        return None
    return {
        VersionStatus.IN_REVIEW: (_("Change in review"), "acc"),
        VersionStatus.REJECTED: (_("Change rejected"), "bad"),
        VersionStatus.DRAFT: (_("Change not yet shown"), "warn"),
    }.get(piece.status)


def stock_of(row: OwnRow) -> Tag:
    """How many are there to send, or how long it takes."""
    if row.made_to_order:
        return ngettext("Made, %(num)s day", "Made, %(num)s days", row.lead_time_days), ""
    if row.is_sold_out:
        return _("Sold out"), "bad"
    if row.is_low:
        return _("%(count)s left", count=row.stock), "warn"
    return _("%(count)s ready to post", count=row.stock), ""


def you() -> str:
    """How this workshop is spoken to: Ibu or Bapak in Indonesian, by the form that it gave."""
    form = str(g.workshop.form_of_address) if language() == "id" else ""
    return form or str(_("You"))


def rupiah(amount: int) -> str:
    """Rp 745.000"""
    return money(Money(amount, "IDR"))


def missing_of(row: OwnRow) -> list[str]:
    """The largest gaps of a draft, in single words."""
    gaps = (
        (row.photo is None, _("photo")),
        (not row.title, _("name")),
        (not row.has_category, _("kind")),
        (row.weight_grams is None, _("weight")),
        (not row.price, _("price")),
    )
    return [word for is_missing, word in gaps if is_missing]


def greeting() -> str:
    """By the hour in Celuk."""
    hour = clock.local(clock.now()).hour
    if hour < 11:
        return str(_("Good morning"))
    if hour < 15:
        return str(_("Good day"))
    return str(_("Good afternoon") if hour < 18 else _("Good evening"))
