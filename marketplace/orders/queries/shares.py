"""What each order brings its workshop, in rupiah: price, postage, fee, what went back to the buyer, what is left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.i18n import pick
from marketplace.core.money import Money
from marketplace.core.pagination import PAGE, Page, cut, decode_key, encode_key

from ..models import Line, Order, SellerOrder
from ..models import SellerOrderStatus as Status

WAITING = (Status.PAID, Status.ACCEPTED, Status.STARTED, Status.SHIPPED, Status.DELIVERED)
ENDED = (Status.EARNED, Status.CANCELED)


@dataclass(frozen=True, slots=True)
class Share:
    """`due` is price + postage - fee - refunded + fee_back. `rates` are the basis points of its lines, lowest first."""

    id: int
    number: str
    status: Status
    title: str  # of the first piece
    piece_count: int
    rates: tuple[int, ...]
    price: Money
    postage: Money
    fee: Money
    refunded: Money  # to the buyer, in the maker's rupiah
    fee_back: Money  # what the collective gave back of its fee
    due: Money
    delivered_on: date | None


def waiting_shares(workshop_id: int) -> list[Share]:
    """Paid by the buyer and not yet earned, the longest waiting first; two statements, at most 200."""
    rows = db.session.execute(
        _own(workshop_id).where(SellerOrder.status.in_(WAITING)).order_by(SellerOrder.id).limit(200)
    )
    return _shares(rows.all())


def waiting_sum(workshop_id: int) -> Money:
    """What all of these are worth to the workshop, refunds taken off; one statement."""
    query = sa.select(sa.func.coalesce(sa.func.sum(SellerOrder.payable_idr - SellerOrder.payable_returned_idr), 0))
    mine = (SellerOrder.workshop_id == workshop_id, SellerOrder.status.in_(WAITING))
    return _rupiah(int(db.session.scalar(query.where(*mine)) or 0))


def shares_of(workshop_id: int, seller_order_ids: Iterable[int]) -> dict[int, Share]:
    """These orders, as far as they are this workshop's; two statements."""
    rows = db.session.execute(_own(workshop_id).where(SellerOrder.id.in_(set(seller_order_ids))))
    return {share.id: share for share in _shares(rows.all())}


def ended_shares(workshop_id: int, after: str | None = None, without: Iterable[int] = ()) -> Page[Share]:
    """Earned or canceled, newest first; two statements."""
    query = _own(workshop_id).where(
        SellerOrder.status.in_(ENDED), Order.paid_at.is_not(None), SellerOrder.id.not_in(set(without))
    )
    key = decode_key(after, 1)
    if key:
        query = query.where(SellerOrder.id < key[0])
    rows = db.session.execute(query.order_by(SellerOrder.id.desc()).limit(PAGE + 1)).all()
    return cut(_shares(rows), PAGE, lambda share: encode_key(share.id))


def _own(workshop_id: int) -> sa.Select[SellerOrder, str]:
    return (
        sa.select(SellerOrder, Order.public_no)
        .join(Order, Order.id == SellerOrder.order_id)
        .where(SellerOrder.workshop_id == workshop_id)
        .execution_options(populate_existing=True)
    )


def _shares(rows: Sequence[sa.Row[SellerOrder, str]]) -> list[Share]:
    query = sa.select(Line.seller_order_id, Line.title_en, Line.title_id, Line.quantity, Line.commission_bp).where(
        Line.seller_order_id.in_([part.id for part, _number in rows])
    )
    lines: dict[int, list[sa.Row[int, str, str, int, int]]] = {}
    for line in db.session.execute(query.order_by(Line.id)):
        lines.setdefault(line.seller_order_id, []).append(line)
    return [_share(part, number, lines[part.id]) for part, number in rows]


def _share(part: SellerOrder, number: str, lines: Sequence[sa.Row[int, str, str, int, int]]) -> Share:
    first = lines[0]
    return Share(
        id=part.id,
        number=number,
        status=part.status,
        title=pick(first.title_en, first.title_id),
        piece_count=sum(line.quantity for line in lines),
        rates=tuple(sorted({line.commission_bp for line in lines})),
        price=_rupiah(part.payable_idr + part.commission_idr - part.shipping_idr),
        postage=_rupiah(part.shipping_idr),
        fee=_rupiah(part.commission_idr),
        refunded=_rupiah(part.payable_returned_idr + part.commission_returned_idr),
        fee_back=_rupiah(part.commission_returned_idr),
        due=_rupiah(part.payable_idr - part.payable_returned_idr),
        delivered_on=clock.local(part.delivered_at).date() if part.delivered_at else None,
    )


def _rupiah(amount: int) -> Money:
    return Money(amount, "IDR")


def numbers_of(workshop_id: int, seller_order_ids: Iterable[int]) -> dict[int, str]:
    """Order numbers by seller order, as far as they are this workshop's; one statement."""
    rows = db.session.execute(
        sa.select(SellerOrder.id, Order.public_no)
        .join(Order, Order.id == SellerOrder.order_id)
        .where(SellerOrder.workshop_id == workshop_id, SellerOrder.id.in_(set(seller_order_ids)))
    )
    return {row.id: row.public_no for row in rows}


@dataclass(frozen=True, slots=True)
class MonthSold:
    """What was sold after the fee and refunds: this month so far, and the month before up to the same day."""

    month: date
    sold: Money
    count: int
    before_until: date
    before: Money


def month_of(workshop_id: int) -> MonthSold:
    """By the day of payment in Celuk; one statement."""
    today = clock.today()
    first = today.replace(day=1)
    last_of_before = first - timedelta(1)
    before_until = last_of_before.replace(day=min(today.day, last_of_before.day))
    since, until = _midnight(last_of_before.replace(day=1)), _midnight(before_until + timedelta(1))
    is_now, is_before = Order.paid_at >= _midnight(first), sa.and_(Order.paid_at >= since, Order.paid_at < until)
    left = SellerOrder.payable_idr - SellerOrder.payable_returned_idr
    row = db.session.execute(
        sa.select(
            sa.func.coalesce(sa.func.sum(sa.case((is_now, left), else_=0)), 0),
            sa.func.count(sa.case((is_now, 1))),
            sa.func.coalesce(sa.func.sum(sa.case((is_before, left), else_=0)), 0),
        )
        .join(Order, Order.id == SellerOrder.order_id)
        .where(
            SellerOrder.workshop_id == workshop_id,
            Order.paid_at >= since,
            SellerOrder.status.not_in((Status.PENDING, Status.CANCELED)),
        )
    ).one()
    return MonthSold(first, _rupiah(int(row[0])), int(row[1]), before_until, _rupiah(int(row[2])))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), clock.BALI)
