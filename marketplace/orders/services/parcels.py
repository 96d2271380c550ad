"""Parcels: what of a part leaves when, and a tracking number that was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.errors import IllegalTransition, NotFound
from marketplace.shipping.carriers import CARRIERS, clean_number

from .. import mails
from ..errors import (
    AlreadyArrived,
    MoreThanLeft,
    NothingChosen,
    NothingToSend,
    SameParcel,
    TrackingNeeded,
    UnknownCarrier,
)
from ..leaving import left_to_send
from ..models import Line, Order, SellerOrder, Shipment, ShipmentLine
from ..models import SellerOrderStatus as Status

TO_SEND = (Status.ACCEPTED, Status.STARTED)


@dataclass(frozen=True, slots=True)
class Posting:
    """What a workshop enters when it hands over a parcel. `carrier` is a code of shipping/carriers.py."""

    carrier: str
    tracking_number: str
    shipped_on: date | None = None


def ship(
    seller_order_id: int,
    posting: Posting,
    contents: Mapping[int, int] | None = None,
    *,
    workshop_id: int,
    by: int,
) -> None:
    """A parcel is on its way: the buyer gets its contents and its tracking number.

    `contents` are pieces by line; None is all that is left. The part is shipped with its last parcel: when every piece
    that is still to be sent (orders/leaving.py) is in one. Until then it is at the bench, and can no longer be refused
    or canceled.

    Raises:
        UnknownCarrier, TrackingNeeded: what was typed names no parcel.
        NotFound: the part is not there or is another workshop's, or a line is not of this part.
        IllegalTransition: it has not been accepted, or everything has left.
        SameParcel: a parcel of this part has this number already (a second click).
        NothingToSend, NothingChosen, MoreThanLeft: as their sentences say.
    """
    number = _number(posting)
    with transaction():
        part = locked(SellerOrder, seller_order_id, workshop_id=workshop_id)
        if part.status not in TO_SEND:
            raise IllegalTransition(part.status, Status.SHIPPED)
        _refuse_known(part, posting.carrier, number)
        left = left_to_send(part)
        packed = _packed(part, left, contents)
        shipment = _write(part, posting, number, packed, by)
        rest = sum(left.values()) - sum(packed.values())
        if not rest:
            part.move_to(Status.SHIPPED, clock.now())
        record("seller_order.ship", "seller_order", part.id, by, after={**_facts(shipment), "pieces_left": rest})
        mails.shipped(_order(part), part, shipment, packed, rest)


def complete(part: SellerOrder) -> None:
    """After a refund, in its transaction and under its lock: the part has left if no piece is to be sent any more.

    It counts as shipped from its last parcel on, so that arrival and hold count from there. A part of which nothing
    has left stays where it is: nobody shipped it. A refund that fails later brings no part back to the bench: its
    money is still on its way to the buyer.
    """
    if part.status not in TO_SEND or left_to_send(part):
        return
    last = db.session.scalar(sa.select(sa.func.max(Shipment.created_at)).where(Shipment.seller_order_id == part.id))
    if last is not None:
        part.move_to(Status.SHIPPED, last)


def correct_tracking(shipment_id: int, posting: Posting, *, workshop_id: int, by: int) -> None:
    """The number (or the carrier) was wrong: who changed what stands in the record, the buyer gets the right one.

    Raises:
        UnknownCarrier, TrackingNeeded, SameParcel: as `ship`.
        NotFound: there is no such parcel, or it is another workshop's.
        AlreadyArrived: it has arrived.
    """
    number = _number(posting)
    with transaction():
        part = locked(SellerOrder, _part_of(shipment_id), workshop_id=workshop_id)
        if part.status not in (*TO_SEND, Status.SHIPPED):
            raise AlreadyArrived
        shipment = db.session.get_one(Shipment, shipment_id, populate_existing=True)
        before = _facts(shipment)
        if (shipment.carrier, shipment.tracking_number) == (posting.carrier, number):
            return
        _refuse_known(part, posting.carrier, number)
        shipment.carrier, shipment.tracking_number = posting.carrier, number
        record("shipment.correct", "seller_order", part.id, by, before=before, after=_facts(shipment))
        mails.corrected(_order(part), part, shipment)


def _number(posting: Posting) -> str:
    number = clean_number(posting.tracking_number)
    if posting.carrier not in CARRIERS:
        raise UnknownCarrier
    if not 4 <= len(number) <= 40:
        raise TrackingNeeded
    return number


def _packed(part: SellerOrder, left: Mapping[int, int], contents: Mapping[int, int] | None) -> dict[int, int]:
    if not left:
        raise NothingToSend
    if contents is None:
        return dict(left)
    strange = set(contents) - set(_line_ids(part))
    if strange:
        raise NotFound("Line", min(strange))
    for line_id, count in contents.items():
        if not 0 <= count <= left.get(line_id, 0):
            raise MoreThanLeft(left=left.get(line_id, 0))
    packed = {line_id: count for line_id, count in contents.items() if count}
    if not packed:
        raise NothingChosen
    return packed


def _line_ids(part: SellerOrder) -> list[int]:
    return list(db.session.scalars(sa.select(Line.id).where(Line.seller_order_id == part.id)))


def _refuse_known(part: SellerOrder, carrier: str, number: str) -> None:
    known = sa.select(Shipment.id).where(
        Shipment.seller_order_id == part.id, Shipment.carrier == carrier, Shipment.tracking_number == number
    )
    if db.session.scalar(known.limit(1)) is not None:
        raise SameParcel


def _write(part: SellerOrder, posting: Posting, number: str, packed: Mapping[int, int], by: int) -> Shipment:
    shipment = Shipment(
        seller_order_id=part.id,
        carrier=posting.carrier,
        tracking_number=number,
        shipped_on=posting.shipped_on or clock.today(),
        created_by=by,
        created_at=clock.now(),
    )
    db.session.add(shipment)
    db.session.flush()
    db.session.add_all(
        ShipmentLine(shipment_id=shipment.id, line_id=line_id, quantity=count) for line_id, count in packed.items()
    )
    db.session.flush()
    return shipment


def _facts(shipment: Shipment) -> dict[str, object]:
    return {
        "parcel": shipment.id,
        "carrier": shipment.carrier,
        "tracking_number": shipment.tracking_number,
    }


def _part_of(shipment_id: int) -> int:
    found = db.session.scalar(sa.select(Shipment.seller_order_id).where(Shipment.id == shipment_id))
    if found is None:
        raise NotFound("Shipment", shipment_id)
    return found


def _order(part: SellerOrder) -> Order:
    return db.session.get_one(Order, part.order_id)
