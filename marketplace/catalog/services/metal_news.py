"""A new metal rate is told once to each workshop whose pieces it touches, by mail, from the worker."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.catalog import costing, metals
from marketplace.catalog.metal_words import metal_moved
from marketplace.catalog.metals import Rate
from marketplace.catalog.models import Costing, MetalRate
from marketplace.catalog.queries.repricing import proposals
from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.core.i18n import money, percent, speaking
from marketplace.core.money import Money
from marketplace.core.tasks import job, sweeper
from marketplace.notifications import links
from marketplace.notifications.services import queue_mail
from marketplace.workshops.models import Workshop


@job("metal_rate.tell")
def tell(rate_id: int) -> int:
    """Queue the mails about this rate, if it still counts; gives how many. Safe at any time and twice at once."""
    told = 0
    rate = next((one for one in metals.current().values() if one.id == rate_id), None)
    if rate is not None and not rate.is_stale:
        before = metals.before(rate)
        for workshop_id in db.session.scalars(_open_workshops()).all():
            told += _tell(workshop_id, rate, before)
    with transaction():
        db.session.execute(
            sa.update(MetalRate).where(MetalRate.id == rate_id, MetalRate.told_at.is_(None)).values(told_at=clock.now())
        )
    return told


@sweeper("metal_rates.told")
def tell_all() -> int:
    """What a lost task left: rates that nobody was told of."""
    waiting = db.session.scalars(sa.select(MetalRate.id).where(MetalRate.told_at.is_(None)).order_by(MetalRate.id))
    return sum(tell(rate_id) for rate_id in waiting.all())


def _open_workshops() -> sa.Select[int]:
    follows = sa.select(Costing.workshop_id).where(Costing.follows_rate)
    return (
        sa.select(Workshop.id)
        .where(Workshop.id.in_(follows), Workshop.closed_at.is_(None), Workshop.email != "")
        .order_by(Workshop.id)
    )


def _tell(workshop_id: int, rate: Rate, before: Rate | None) -> int:
    """One workshop in a transaction of its own: the mail's key is the rate and the workshop."""
    waiting = sum(row.rate == rate for row in proposals(workshop_id).rows)
    if not waiting:
        return 0
    with transaction():
        workshop = db.session.get_one(Workshop, workshop_id)
        with speaking(workshop.language):
            context = {
                "greeting": f"{workshop.form_of_address} {workshop.contact_name}".strip() or workshop.name,
                "moved": metal_moved(rate.metal, before.idr_per_gram if before else None, rate.idr_per_gram),
                "old": money(Money(before.idr_per_gram, "IDR")) if before else "",
                "new": money(Money(rate.idr_per_gram, "IDR")),
                "by": percent(abs(costing.moved_bp(before.idr_per_gram, rate.idr_per_gram))) if before else "",
                "waiting": waiting,
                "link": links.absolute("seller_prices.index"),
            }
            queue_mail(
                "metal_rate",
                to=workshop.email,
                language=workshop.language,
                key=f"metal_rate:{rate.id}:{workshop_id}",
                context=context,
            )
    return 1
