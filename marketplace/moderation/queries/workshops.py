"""Workshops for the back office: found by name, and one with its people, pieces and running orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from marketplace.accounts.models import LoginSession, User
from marketplace.audit.queries import AuditEntry, of_subject
from marketplace.catalog import publication
from marketplace.catalog.models import Listing
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.core.pagination import PAGE, Page, cut, encode_key
from marketplace.orders.leaving import last_parcels
from marketplace.orders.models import SellerOrder, SellerOrderStatus
from marketplace.workshops.models import Member, MemberRole, Workshop

from .keys import RECORD, before_ident, pattern
from .listings import Row as PieceRow
from .listings import Show, pieces

_S = SellerOrderStatus
RUNNING = (_S.PAID, _S.ACCEPTED, _S.STARTED, _S.SHIPPED)
ON_TIME_DAYS = 90


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    name: str
    initials: str
    contact_name: str
    banjar: str
    is_suspended: bool
    is_trusted: bool
    approved_at: datetime
    piece_count: int
    running_count: int


@dataclass(frozen=True, slots=True)
class Person:
    user_id: int
    name: str
    email: str
    role: MemberRole
    since: datetime
    last_here: datetime | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Orders of the workshop. `coming` is its share of what is paid for and neither earned nor refunded, in rupiah."""

    running: int
    finished: int
    canceled: int
    coming: Money
    posted: int  # in the last ON_TIME_DAYS
    posted_on_time: int


@dataclass(frozen=True, slots=True)
class WorkshopPage:
    """The workshop's page."""

    id: int
    slug: str
    name: str
    initials: str
    contact_name: str
    form_of_address: str
    phone: str
    email: str
    language: str
    banjar: str
    since_year: int | None
    artisan_count: int | None
    specialities: tuple[str, ...]
    is_trusted: bool
    approved_at: datetime
    suspended_at: datetime | None
    suspension_reason: str
    closed_at: datetime | None
    public_count: int  # pieces that the public sees now
    shown_again_count: int  # pieces that it sees again once a suspension is lifted
    pieces: Sequence[PieceRow]
    people: Sequence[Person]
    figures: Figures
    record: Sequence[AuditEntry]


def workshops(text: str = "", *, only_suspended: bool = False, after: str | None = None) -> Page[Row]:
    """The newest first; one statement."""
    piece_count = sa.select(sa.func.count()).where(Listing.workshop_id == Workshop.id).scalar_subquery()
    running = (
        sa.select(sa.func.count())
        .where(SellerOrder.workshop_id == Workshop.id, SellerOrder.status.in_(RUNNING))
        .scalar_subquery()
    )
    query = (
        sa.select(Workshop, piece_count, running)
        .where(before_ident(Workshop.id, after))
        .order_by(Workshop.id.desc())
        .limit(PAGE + 1)
    )
    if only_suspended:
        query = query.where(Workshop.suspended_at.is_not(None))
    if text:
        like = pattern(text)
        columns = (Workshop.name, Workshop.contact_name, Workshop.email, Workshop.phone, Workshop.banjar)
        query = query.where(sa.or_(*(column.ilike(like, escape="\\") for column in columns)))
    rows = [_row(*row) for row in db.session.execute(query)]
    return cut(rows, PAGE, lambda row: encode_key(row.id))


def _row(workshop: Workshop, piece_count: int, running: int) -> Row:
    return Row(
        workshop.id,
        workshop.name,
        workshop.initials,
        workshop.contact_name,
        workshop.banjar,
        workshop.suspended_at is not None,
        workshop.is_trusted,
        workshop.approved_at,
        piece_count,
        running,
    )


def workshop(workshop_id: int) -> WorkshopPage | None:
    """One workshop with everything that a suspension touches; a fixed number of statements."""
    row = db.session.scalar(sa.select(Workshop).where(Workshop.id == workshop_id))
    if row is None:
        return None
    public, again = _piece_counts(workshop_id)
    return WorkshopPage(
        id=row.id,
        slug=row.slug,
        name=row.name,
        initials=row.initials,
        contact_name=row.contact_name,
        form_of_address=row.form_of_address,
        phone=row.phone,
        email=row.email,
        language=row.language,
        banjar=row.banjar,
        since_year=row.since_year,
        artisan_count=row.artisan_count,
        specialities=tuple(row.specialities),
        is_trusted=row.is_trusted,
        approved_at=row.approved_at,
        suspended_at=row.suspended_at,
        suspension_reason=row.suspension_reason,
        closed_at=row.closed_at,
        public_count=public,
        shown_again_count=again,
        pieces=pieces(Show.ALL, workshop_id=workshop_id).rows[:6],
        people=_people(workshop_id),
        figures=_figures(workshop_id),
        record=of_subject("workshop", workshop_id, RECORD),
    )


def _piece_counts(workshop_id: int) -> tuple[int, int]:
    would_show = sa.and_(
        Listing.state == "live", Listing.taken_down_at.is_(None), Listing.approved_version_id.is_not(None)
    )
    row = db.session.execute(
        sa.select(
            sa.func.count().filter(publication.visible()),
            sa.func.count().filter(would_show),
        )
        .select_from(Listing)
        .join(Workshop, Workshop.id == Listing.workshop_id)
        .where(Listing.workshop_id == workshop_id)
    ).one()
    return row[0], row[1]


def _people(workshop_id: int) -> list[Person]:
    last_here = sa.select(sa.func.max(LoginSession.seen_at)).where(LoginSession.user_id == User.id).scalar_subquery()
    rows: Any = db.session.execute(
        sa.select(Member, User.full_name, User.email, last_here)
        .join(User, User.id == Member.user_id)
        .where(Member.workshop_id == workshop_id)
        .order_by(Member.id)
    )
    return [
        Person(member.user_id, name or email, email, member.role, member.created_at, seen)
        for member, name, email, seen in rows
    ]


def _figures(workshop_id: int) -> Figures:
    since: date = clock.today() - timedelta(days=ON_TIME_DAYS)
    status = SellerOrder.status
    coming = SellerOrder.payable_idr - SellerOrder.payable_returned_idr
    unearned = status.in_((*RUNNING, _S.DELIVERED))
    counts = db.session.execute(
        sa.select(
            sa.func.count().filter(status.in_(RUNNING)),
            sa.func.count().filter(status.in_((_S.DELIVERED, _S.EARNED))),
            sa.func.count().filter(status == _S.CANCELED),
            sa.func.coalesce(sa.func.sum(coming).filter(unearned), 0),
        ).where(SellerOrder.workshop_id == workshop_id)
    ).one()
    gone = last_parcels(since=since).where(SellerOrder.workshop_id == workshop_id).subquery()
    posted = db.session.execute(
        sa.select(sa.func.count(), sa.func.count().filter(gone.c.last_on <= gone.c.ship_by_on)).select_from(gone)
    ).one()
    return Figures(counts[0], counts[1], counts[2], Money(counts[3], "IDR"), posted[0], posted[1])
