"""Seller orders with their lines and parcels, as the buyer, the workshop and the collective all see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.i18n import pick
from marketplace.core.money import Money
from marketplace.media.queries import PhotoView, photo_views
from marketplace.shipping.carriers import carrier_name, service_name, tracking_url
from marketplace.workshops.models import Workshop

from ..leaving import left_of
from ..models import Line, SellerOrder, Shipment, ShipmentLine
from ..models import SellerOrderStatus as Status
from ..reasons import refusal
from ..words import Step, part_word, steps

AT_WORK = (Status.PAID, Status.ACCEPTED, Status.STARTED)


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
    sent: int  # in parcels
    refunded: int  # pieces that were given back
    to_send: int  # 0 where the part is not at the bench

    @property
    def sum(self) -> Money:
        return self.unit * self.quantity

    @property
    def sum_idr(self) -> Money:
        return self.unit_idr * self.quantity


@dataclass(frozen=True, slots=True)
class Packed:
    """So many pieces of a line in a parcel."""

    line_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Tracking:
    """A parcel that has left. `by` is the full name of who posted it, for the workshop and the collective."""

    id: int
    carrier_code: str
    carrier: str
    number: str
    url: str
    shipped_on: date
    by: str
    contents: tuple[Packed, ...]

    @property
    def piece_count(self) -> int:
        return sum(packed.quantity for packed in self.contents)


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
        return self.status in (Status.PAID, Status.ACCEPTED) and not self.trackings

    @property
    def is_late(self) -> bool:
        return self.left_count > 0 and self.ship_by_on < clock.today()

    @property
    def is_partly_sent(self) -> bool:
        return self.status in AT_WORK and bool(self.trackings)

    @property
    def left_count(self) -> int:
        """Pieces that are still to be sent."""
        return sum(line.to_send for line in self.lines)

    def in_parcel(self, tracking: Tracking) -> list[tuple[LineView, int]]:
        """What is in this parcel: lines with how many of each."""
        lines = {line.id: line for line in self.lines}
        return [(lines[packed.line_id], packed.quantity) for packed in tracking.contents if packed.line_id in lines]

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
    trackings = _trackings(ids)
    owing = {part.id for part, *_rest in rows if part.status in AT_WORK and part.left}
    lines = _lines(ids, owing, trackings)
    return [
        _view(part, name, slug, initials, lines.get(part.id, []), trackings.get(part.id, []))
        for part, name, slug, initials in rows
    ]


def _lines(
    part_ids: Sequence[int], owing: set[int], trackings: Mapping[int, Sequence[Tracking]]
) -> dict[int, list[LineView]]:
    """Lines by seller order, with their photos: two statements. `owing` are the parts that still send something."""
    rows = list(db.session.scalars(sa.select(Line).where(Line.seller_order_id.in_(part_ids)).order_by(Line.id)))
    photos = photo_views([line.photo_id for line in rows if line.photo_id is not None])
    sent: dict[int, int] = {}
    for packed in (packed for found in trackings.values() for one in found for packed in one.contents):
        sent[packed.line_id] = sent.get(packed.line_id, 0) + packed.quantity
    found_lines: dict[int, list[LineView]] = {}
    for line in rows:
        view = _line(line, photos.get(line.photo_id or 0), sent.get(line.id, 0), owes=line.seller_order_id in owing)
        found_lines.setdefault(line.seller_order_id, []).append(view)
    return found_lines


def _trackings(part_ids: Sequence[int]) -> dict[int, list[Tracking]]:
    """Parcels by seller order with what is in them, first posted first: one statement."""
    rows = db.session.execute(
        sa.select(Shipment, ShipmentLine.line_id, ShipmentLine.quantity, User.full_name)
        .outerjoin(ShipmentLine, ShipmentLine.shipment_id == Shipment.id)
        .outerjoin(User, User.id == Shipment.created_by)
        .where(Shipment.seller_order_id.in_(part_ids))
        .order_by(Shipment.id, ShipmentLine.line_id)
    ).all()
    contents: dict[int, list[Packed]] = {}
    parcels: dict[int, tuple[Shipment, str]] = {}
    for row, line_id, quantity, name in rows:
        parcels[row.id] = (row, name or "")
        if line_id is not None:
            contents.setdefault(row.id, []).append(Packed(line_id, quantity))
    found: dict[int, list[Tracking]] = {}
    for row, name in parcels.values():
        found.setdefault(row.seller_order_id, []).append(_tracking(row, name, contents.get(row.id, [])))
    return found


def _tracking(row: Shipment, name: str, contents: Sequence[Packed]) -> Tracking:
    return Tracking(
        id=row.id,
        carrier_code=row.carrier,
        carrier=carrier_name(row.carrier),
        number=row.tracking_number,
        url=tracking_url(row.carrier, row.tracking_number),
        shipped_on=row.shipped_on,
        by=name,
        contents=tuple(contents),
    )


def _line(line: Line, photo: PhotoView | None, sent: int, *, owes: bool) -> LineView:
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
        sent=sent,
        refunded=line.refunded_quantity,
        to_send=left_of(line.quantity, line.refunded_quantity, sent) if owes else 0,
    )


def _view(
    part: SellerOrder, name: str, slug: str, initials: str, lines: list[LineView], trackings: list[Tracking]
) -> PartView:
    word, kind = part_word(part.status, is_partly_sent=part.status in AT_WORK and bool(trackings))
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
