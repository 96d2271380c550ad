"""The collective's first page: everything that waits for a person, by when it is due, and how the machines do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from marketplace.catalog.models import ListingVersion, VersionStatus
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.media.models import Photo, PhotoStatus
from marketplace.notifications.models import Mail, MailStatus
from marketplace.orders.leaving import last_parcels
from marketplace.orders.models import Line, Order, SellerOrder, SellerOrderStatus
from marketplace.orders.queries import PartView, late_parts, refunds_owed
from marketplace.payments.models import Dispute, DisputeStatus, ProcessorEvent
from marketplace.payments.queries.differences import open_difference_count
from marketplace.payments.queries.disputes import DisputeRow, disputes
from marketplace.payments.queries.refunds import OpenRefund, open_refunds
from marketplace.workshops.models import Application, ApplicationStatus

from .applications import Waiting, waiting
from .orders import Trouble, troubles
from .payouts import OpenRun, StuckPayout, open_runs, stuck_payouts

ANSWER_WORKING_DAYS = 3  # what an applicant and a maker are promised
REFUND_DAYS = 3
DAYS_SOLD, DAYS_POSTED = 7, 30


@dataclass(frozen=True, slots=True)
class Counts:
    """What the tabs of every page show."""

    applications: int
    listings: int
    disputes: int  # that wait for an answer, or for somebody to say who bears them


@dataclass(frozen=True, slots=True)
class Sales:
    total: Money  # the makers' prices, in rupiah
    orders: int
    workshops: int


@dataclass(frozen=True, slots=True)
class Posted:
    on_time: int
    all: int

    @property
    def percent(self) -> int | None:
        return round(100 * self.on_time / self.all) if self.all else None


@dataclass(frozen=True, slots=True)
class Machines:
    mails_waiting: int
    mails_failed: int
    photos_waiting: int
    photos_failed: int
    events_waiting: int
    last_event_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reviews:
    """The queue of pieces as one job: how many, and since when the oldest waits."""

    count: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Today:
    troubles: Sequence[Trouble]
    disputes: Sequence[DisputeRow]
    refunds: Sequence[OpenRefund]
    owed: Sequence[tuple[str, PartView]]  # canceled parts without a refund on its way
    payouts: Sequence[StuckPayout]
    runs: Sequence[OpenRun]
    difference_count: int
    late: Sequence[tuple[str, PartView]]
    applications: Sequence[Waiting]
    reviews: Reviews
    counts: Counts
    running: int  # seller orders between payment and posting
    sales: Sales
    posted: Posted
    machines: Machines

    @property
    def job_count(self) -> int:
        queues = bool(self.reviews.count) + bool(self.difference_count)
        rows = (self.troubles, self.disputes, self.refunds, self.owed, self.payouts, self.runs, self.late)
        return sum(len(jobs) for jobs in rows) + self.counts.applications + queues


def today() -> Today:
    """Everything on the page, in a fixed number of statements."""
    refunds = open_refunds()
    return Today(
        troubles=troubles(),
        disputes=[row for row in disputes(open_only=True).rows if row.task],
        refunds=refunds,
        owed=_owed(refunds),
        payouts=stuck_payouts(),
        runs=open_runs(),
        difference_count=open_difference_count(),
        late=late_parts(),
        applications=waiting(limit=10).rows,
        reviews=_reviews(),
        counts=counts(),
        running=_running(),
        sales=_sales(),
        posted=_posted(),
        machines=_machines(),
    )


def due_on(asked_at: datetime, working_days: int = ANSWER_WORKING_DAYS) -> date:
    """The last day of an answer that was promised within so many working days, Monday to Friday."""
    on = clock.local(asked_at).date()
    while working_days:
        on += timedelta(days=1)
        working_days -= on.weekday() < 5
    return on


def counts() -> Counts:
    """One statement, on every page of the back office."""
    asking = Dispute.status.in_((DisputeStatus.INQUIRY, DisputeStatus.NEEDS_RESPONSE))
    unanswered = sa.and_(asking, Dispute.submitted_at.is_(None))
    undecided = sa.and_(Dispute.status == DisputeStatus.LOST, Dispute.borne_by.is_(None))
    row = db.session.execute(
        sa.select(
            sa.select(sa.func.count()).where(Application.status == ApplicationStatus.APPLIED).scalar_subquery(),
            sa.select(sa.func.count()).where(ListingVersion.status == VersionStatus.IN_REVIEW).scalar_subquery(),
            sa.select(sa.func.count()).where(sa.or_(unanswered, undecided)).scalar_subquery(),
        )
    ).one()
    return Counts(row[0], row[1], row[2])


def _owed(refunds: Sequence[OpenRefund]) -> list[tuple[str, PartView]]:
    """Those whose refund waits for a person already stand there once."""
    known = {row.refund.seller_order_id for row in refunds}
    return [(number, part) for number, part in refunds_owed() if part.id not in known]


def _reviews() -> Reviews:
    row = db.session.execute(
        sa.select(sa.func.count(), sa.func.min(ListingVersion.submitted_at)).where(
            ListingVersion.status == VersionStatus.IN_REVIEW
        )
    ).one()
    return Reviews(row[0], row[1])


def _running() -> int:
    status = SellerOrderStatus
    open_ = (status.PAID, status.ACCEPTED, status.STARTED)
    return db.session.scalar(sa.select(sa.func.count()).where(SellerOrder.status.in_(open_))) or 0


def _sales() -> Sales:
    row = db.session.execute(
        sa.select(
            sa.func.coalesce(sa.func.sum(Line.unit_idr * Line.quantity), 0),
            sa.func.count(sa.distinct(Order.id)),
            sa.func.count(sa.distinct(SellerOrder.workshop_id)),
        )
        .select_from(Order)
        .join(SellerOrder, SellerOrder.order_id == Order.id)
        .join(Line, Line.seller_order_id == SellerOrder.id)
        .where(Order.paid_at >= clock.now() - timedelta(days=DAYS_SOLD))
    ).one()
    return Sales(Money(row[0], "IDR"), row[1], row[2])


def _posted() -> Posted:
    gone = last_parcels(since=clock.today() - timedelta(days=DAYS_POSTED)).subquery()
    row = db.session.execute(
        sa.select(sa.func.count().filter(gone.c.last_on <= gone.c.ship_by_on), sa.func.count()).select_from(gone)
    ).one()
    return Posted(row[0], row[1])


def _machines() -> Machines:
    def count(column: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        return sa.select(sa.func.count()).where(column).scalar_subquery()

    row = db.session.execute(
        sa.select(
            count(Mail.status.in_((MailStatus.QUEUED, MailStatus.SENDING))),
            count(Mail.status == MailStatus.FAILED),
            count(Photo.status == PhotoStatus.RECEIVED),
            count(Photo.status == PhotoStatus.FAILED),
            count(ProcessorEvent.handled_at.is_(None)),
            sa.select(sa.func.max(ProcessorEvent.received_at)).scalar_subquery(),
        )
    ).one()
    return Machines(*row)
