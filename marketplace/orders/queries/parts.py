"""Seller orders with their lines and parcels, as the buyer, the workshop and the collective all see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.i18n import pick
from marketplace.core.money import Money
from marketplace.media.queries import PhotoView, photo_views
from marketplace.shipping.carriers import carrier_name, service_name, tracking_url
from marketplace.workshops.models import Workshop

from ..models import Line, SellerOrder, Shipment
from ..models import SellerOrderStatus as Status
from ..reasons import refusal
from ..words import Step, part_word, steps


@dataclass(frozen=True, slots=True)
class LineView:
    id: int
    listing_id: int
    variant_id: int
    title: str
    size: str
    sku: str
    quantity: int
    unit: Money
    unit_idr: Money
    material: str
    fineness: int | None
    plating: str
    weight_grams: Decimal | None
    made_to_order: bool
    engraving: str
    commission_bp: int
    photo: PhotoView | None

    @property
    def sum(self) -> Money:
        return self.unit * self.quantity

    @property
    def sum_idr(self) -> Money:
        return self.unit_idr * self.quantity


@dataclass(frozen=True, slots=True)
class Tracking:
    carrier: str
    number: str
    url: str
    shipped_on: date


@dataclass(frozen=True, slots=True)
class PartView:
    """One workshop's part. `status` decides what can be done; `word` and `kind` are for the tag."""

    id: int
    order_id: int
    workshop_id: int
    workshop_name: str
    workshop_slug: str
    initials: str
    status: Status
    word: str
    kind: str
    items: Money
    shipping: Money
    total: Money
    items_idr: Money
    commission_idr: Money
    shipping_idr: Money
    payable_idr: Money
    refunded: Money  # asked for and not failed
    commission_returned_idr: Money
    payable_returned_idr: Money
    service: str
    service_name: str
    arrives_from: date
    arrives_to: date
    ship_by_on: date
    note: str
    is_gift: bool
    cancel_code: str
    cancel_sentence: str
    cancel_words: str
    moments: dict[Status, datetime | None]
    lines: tuple[LineView, ...]
    trackings: tuple[Tracking, ...]

    @property
    def piece_count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def is_made_to_order(self) -> bool:
        return any(line.made_to_order for line in self.lines)

    @property
    def can_withdraw(self) -> bool:
        """Whether the buyer may still cancel it without asking (features.md E6)."""
        return self.status in (Status.PAID, Status.ACCEPTED)

    @property
    def is_late(self) -> bool:
        return self.status in (Status.PAID, Status.ACCEPTED, Status.STARTED) and self.ship_by_on < clock.today()

    @property
    def returned_idr(self) -> Money:
        """What refunds took in rupiah, of the workshop's share and of the service fee together."""
        return self.payable_returned_idr + self.commission_returned_idr

    @property
    def left_idr(self) -> Money:
        """What can still be refunded, in the maker's rupiah."""
        return self.payable_idr + self.commission_idr - self.returned_idr

    @property
    def remains_idr(self) -> Money:
        """The workshop's share after refunds."""
        return self.payable_idr - self.payable_returned_idr

    @property
    def steps(self) -> list[Step]:
        carrier = self.trackings[0].carrier if self.trackings else self.service_name
        return steps(self.status, self.moments, made_to_order=self.is_made_to_order, carrier=carrier)


def parts_where(*conditions: sa.ColumnElement[bool], limit: int = 200) -> list[PartView]:
    """Parts in the order of their number, with everything inside: four statements."""
    rows = db.session.execute(
        sa.select(SellerOrder, Workshop.name, Workshop.slug, Workshop.initials)
        .join(Workshop, Workshop.id == SellerOrder.workshop_id)
        .where(*conditions)
        .order_by(SellerOrder.id)
        .limit(limit)
    ).all()
    ids = [part.id for part, *_rest in rows]
    lines, trackings = lines_of(ids), _trackings(ids)
    return [
        _view(part, name, slug, initials, lines.get(part.id, []), trackings.get(part.id, []))
        for part, name, slug, initials in rows
    ]


def lines_of(part_ids: Sequence[int]) -> dict[int, list[LineView]]:
    """Lines by seller order, with their photos: two statements."""
    rows = list(db.session.scalars(sa.select(Line).where(Line.seller_order_id.in_(part_ids)).order_by(Line.id)))
    photos = photo_views([line.photo_id for line in rows if line.photo_id is not None])
    found: dict[int, list[LineView]] = {}
    for line in rows:
        found.setdefault(line.seller_order_id, []).append(_line(line, photos.get(line.photo_id or 0)))
    return found


def _trackings(part_ids: Sequence[int]) -> dict[int, list[Tracking]]:
    rows = db.session.scalars(sa.select(Shipment).where(Shipment.seller_order_id.in_(part_ids)).order_by(Shipment.id))
    found: dict[int, list[Tracking]] = {}
    for row in rows:
        url = tracking_url(row.carrier, row.tracking_number)
        tracking = Tracking(carrier_name(row.carrier), row.tracking_number, url, row.shipped_on)
        found.setdefault(row.seller_order_id, []).append(tracking)
    return found


def _line(line: Line, photo: PhotoView | None) -> LineView:
    return LineView(
        id=line.id,
        listing_id=line.listing_id,
        variant_id=line.variant_id,
        title=pick(line.title_en, line.title_id),
        size=line.size,
        sku=line.sku,
        quantity=line.quantity,
        unit=line.unit_price,
        unit_idr=Money(line.unit_idr, "IDR"),
        material=line.material,
        fineness=line.fineness,
        plating=line.plating,
        weight_grams=line.weight_grams,
        made_to_order=line.made_to_order,
        engraving=line.engraving,
        commission_bp=line.commission_bp,
        photo=photo,
    )


def _view(
    part: SellerOrder, name: str, slug: str, initials: str, lines: list[LineView], trackings: list[Tracking]
) -> PartView:
    word, kind = part_word(part.status)
    return PartView(
        id=part.id,
        order_id=part.order_id,
        workshop_id=part.workshop_id,
        workshop_name=name,
        workshop_slug=slug,
        initials=initials,
        status=part.status,
        word=word,
        kind=kind,
        items=part.items,
        shipping=part.shipping,
        total=part.total,
        items_idr=Money(sum(line.sum_idr.amount for line in lines), "IDR"),
        commission_idr=Money(part.commission_idr, "IDR"),
        shipping_idr=Money(part.shipping_idr, "IDR"),
        payable_idr=Money(part.payable_idr, "IDR"),
        refunded=Money(part.refunded_amount, part.currency),
        commission_returned_idr=Money(part.commission_returned_idr, "IDR"),
        payable_returned_idr=Money(part.payable_returned_idr, "IDR"),
        service=part.service,
        service_name=service_name(part.service),
        arrives_from=part.arrives_from,
        arrives_to=part.arrives_to,
        ship_by_on=part.ship_by_on,
        note=part.note,
        is_gift=part.is_gift,
        cancel_code=part.cancel_code,
        cancel_sentence=refusal(part.cancel_code) if part.cancel_code else "",
        cancel_words=part.cancel_reason,
        moments={
            Status.ACCEPTED: part.accepted_at,
            Status.STARTED: part.started_at,
            Status.SHIPPED: part.shipped_at,
            Status.DELIVERED: part.delivered_at,
            Status.CANCELED: part.canceled_at,
        },
        lines=tuple(lines),
        trackings=tuple(trackings),
    )
