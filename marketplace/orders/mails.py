"""The news of an order, as rows of the outbox: each is queued once, in its reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from marketplace.accounts import postal
from marketplace.core import clock, papers
from marketplace.core.db import db
from marketplace.core.i18n import Lazy, day, days, moment, money, ngettext, pick, speaking
from marketplace.core.i18n import gettext as _
from marketplace.core.markets import MARKETS, WORLD
from marketplace.core.money import Money, total
from marketplace.notifications import links
from marketplace.notifications.services import queue_mail
from marketplace.shipping.carriers import carrier_name, service_name, tracking_url
from marketplace.workshops.models import Workshop

from .models import Line, Order, SellerOrder, Shipment
from .reasons import refusal
from .words import piece_facts


def paid(order: Order, paid_with: Lazy | str) -> None:
    """The receipt, with the links that open order, receipt and its PDF at any time."""
    with speaking(order.language):
        parts = _parts(order)
        context = {
            **_facts(order),
            "parcels": [{**_parcel(part, workshop), **_sums(part)} for part, workshop in parts],
            "pieces": money(total((part.total - part.shipping for part, _shop in parts), order.currency)),
            "shipping": money(total((part.shipping for part, _shop in parts), order.currency)),
            "total": money(order.total),
            "paid_at": moment(order.paid_at) if order.paid_at else "",
            "paid_with": str(paid_with),
            "seller": papers.collective(),
            "receipt_link": links.absolute("receipts.show", _prefix(order), token=order.token),
            "pdf_link": links.absolute("receipts.document", _prefix(order), token=order.token),
        }
        queue_mail("order_paid", to=order.email, language=order.language, key=f"order_paid:{order.id}", context=context)


def new(order: Order, part: SellerOrder) -> None:
    """To the workshop: what was sold, by when it leaves. Nothing about other workshops, no address in the mail."""
    workshop = _workshop(part)
    with speaking(workshop.language):
        context = {
            "number": order.public_no,
            "greeting": f"{workshop.form_of_address} {workshop.contact_name}".strip() or workshop.name,
            "lines": [_work(line) for line in _lines(part)],
            "ship_by": day(part.ship_by_on, weekday=True),
            "receives": money(Money(part.payable_idr, "IDR")),
            "note": part.note,
            "is_gift": part.is_gift,
            "country": postal.country_name(order.country, workshop.language),
            "link": links.absolute("seller_orders.show", seller_order_id=part.id),
        }
        _to_workshop("order_new", workshop, f"order_new:{part.id}", context)


def due(order: Order, part: SellerOrder) -> bool:
    """To the workshop, a day before the parcel must leave; whether it was queued now."""
    workshop = _workshop(part)
    with speaking(workshop.language):
        context = {
            "number": order.public_no,
            "greeting": f"{workshop.form_of_address} {workshop.contact_name}".strip() or workshop.name,
            "ship_by": day(part.ship_by_on, weekday=True),
            "lines": [_work(line) for line in _lines(part)],
            "link": links.absolute("seller_orders.show", seller_order_id=part.id),
        }
        return _to_workshop("order_due", workshop, f"order_due:{part.id}", context)


def shipped(order: Order, part: SellerOrder, shipment: Shipment, packed: Mapping[int, int], rest: int) -> None:
    """A parcel is on its way: what is in it (pieces by line), and how many pieces follow in another one."""
    workshop = _workshop(part)
    number = _parcels_of(part)
    with speaking(order.language):
        context = {
            **_facts(order),
            **_parcel(part, workshop),
            **_tracking(shipment),
            "lines": [_line(line, packed[line.id]) for line in _lines(part) if line.id in packed],
            "parcel": number if rest or number > 1 else 0,
            "place": _place(number, rest),
        }
        _to_buyer("order_shipped", order, f"order_parcel:{shipment.id}", context)


def _place(number: int, rest: int) -> str:
    """Which parcel it is, where a part travels in several; before the last one nobody knows how many there will be."""
    if rest:
        return ngettext(
            "This is parcel %(parcel)s. %(num)s piece follows in another one.",
            "This is parcel %(parcel)s. %(num)s pieces follow in another one.",
            rest,
            parcel=number,
        )
    if number > 1:
        return _("This is parcel %(parcel)s of %(count)s, the last one of this workshop.", parcel=number, count=number)
    return ""


def corrected(order: Order, part: SellerOrder, shipment: Shipment) -> None:
    """The number that the buyer was told was wrong: here is the right one."""
    workshop = _workshop(part)
    with speaking(order.language):
        context = {**_facts(order), "workshop": workshop.name, **_tracking(shipment)}
        key = f"order_tracking:{shipment.id}:{int(clock.now().timestamp())}"
        _to_buyer("order_tracking", order, key, context)


def _tracking(shipment: Shipment) -> dict[str, str]:
    return {
        "carrier": carrier_name(shipment.carrier),
        "tracking_number": shipment.tracking_number,
        "tracking_link": tracking_url(shipment.carrier, shipment.tracking_number),
    }


def _parcels_of(part: SellerOrder) -> int:
    query = sa.select(sa.func.count()).select_from(Shipment).where(Shipment.seller_order_id == part.id)
    return int(db.session.scalar(query) or 0)


def refused(order: Order, part: SellerOrder) -> None:
    """The workshop cannot send it: why, in its words too, and that the money comes back."""
    workshop = _workshop(part)
    with speaking(order.language):
        context = {
            **_facts(order),
            **_parcel(part, workshop),
            "reason": refusal(part.cancel_code),
            "words": part.cancel_reason,
            "refund": money(part.left),
        }
        _to_buyer("order_refused", order, f"order_refused:{part.id}", context)


def withdrawn(order: Order, part: SellerOrder) -> None:
    """The buyer took a part back: the workshop stops, the buyer reads that the money comes back."""
    workshop = _workshop(part)
    with speaking(workshop.language):
        context = {
            "number": order.public_no,
            "greeting": f"{workshop.form_of_address} {workshop.contact_name}".strip() or workshop.name,
            "lines": [_work(line) for line in _lines(part)],
            "link": links.absolute("seller_orders.show", seller_order_id=part.id),
        }
        _to_workshop("order_withdrawn", workshop, f"order_withdrawn:{part.id}", context)
    with speaking(order.language):
        context = {**_facts(order), **_parcel(part, workshop), "refund": money(part.left)}
        _to_buyer("order_part_canceled", order, f"order_part_canceled:{part.id}", context)


def stopped(order: Order, part: SellerOrder) -> None:
    """To the workshop: the collective has canceled a part of its; why, and that nothing is to be sent."""
    workshop = _workshop(part)
    with speaking(workshop.language):
        context = {
            "number": order.public_no,
            "greeting": f"{workshop.form_of_address} {workshop.contact_name}".strip() or workshop.name,
            "reason": refusal(part.cancel_code),
            "words": part.cancel_reason,
            "lines": [_work(line) for line in _lines(part)],
            "link": links.absolute("seller_orders.show", seller_order_id=part.id),
        }
        _to_workshop("order_stopped", workshop, f"order_stopped:{part.id}", context)


def canceled(order: Order) -> None:
    """Nobody paid: nothing was charged, the pieces are free again."""
    with speaking(order.language):
        reason = order.canceled_reason.value if order.canceled_reason else ""
        context = {
            **_facts(order),
            "parcels": [_parcel(part, workshop) for part, workshop in _parts(order)],
            "reason": reason,
            "total": money(order.total),
            "shop_link": links.absolute("catalog.home", _prefix(order)),
        }
        _to_buyer("order_canceled", order, f"order_canceled:{order.id}", context)


def link(order: Order, slot: int) -> None:
    """The link again; `slot` counts the moments at which it may be sent."""
    with speaking(order.language):
        _to_buyer("order_link", order, f"order_link:{order.id}:{slot}", _facts(order))


def _to_buyer(template: str, order: Order, key: str, context: dict[str, Any]) -> None:
    queue_mail(template, to=order.email, language=order.language, key=key, context=context)


def _to_workshop(template: str, workshop: Workshop, key: str, context: dict[str, Any]) -> bool:
    """A workshop without an address reads its orders on its own pages."""
    if not workshop.email:
        return False
    queue_mail(template, to=workshop.email, language=workshop.language, key=key, context=context)
    return True


def _prefix(order: Order) -> str:
    return MARKETS.get(order.market, WORLD).prefix


def _facts(order: Order) -> dict[str, Any]:
    return {
        "number": order.public_no,
        "name": order.address.get("name", ""),
        "address": postal.lines(order.postal),
        "placed_on": day(order.placed_at),
        "link": links.absolute("orders.show", _prefix(order), token=order.token),
    }


def _parcel(part: SellerOrder, workshop: Workshop) -> dict[str, Any]:
    return {
        "workshop": workshop.name,
        "service": service_name(part.service),
        "arrives": days(part.arrives_from, part.arrives_to),
        "lines": [_line(line) for line in _lines(part)],
        "gift": part.is_gift,
    }


def _sums(part: SellerOrder) -> dict[str, str]:
    return {"postage": money(part.shipping), "sum": money(part.total)}


def _line(line: Line, quantity: int | None = None) -> dict[str, Any]:
    """All of a line, or so many pieces of it."""
    quantity = line.quantity if quantity is None else quantity
    return {
        "title": pick(line.title_en, line.title_id),
        "details": piece_facts(line),
        "quantity": quantity,
        "unit": money(line.unit_price),
        "price": money(line.unit_price * quantity),
    }


def _work(line: Line) -> dict[str, Any]:
    """For its maker: the size as the workshop wrote it, the price in rupiah."""
    details = [line.size, _("Engraving: %(text)s", text=line.engraving) if line.engraving else ""]
    return {
        "title": pick(line.title_en, line.title_id),
        "details": ", ".join(text for text in details if text),
        "quantity": line.quantity,
        "price": money(Money(line.unit_idr, "IDR") * line.quantity),
    }


def _lines(part: SellerOrder) -> list[Line]:
    return list(db.session.scalars(sa.select(Line).where(Line.seller_order_id == part.id).order_by(Line.id)))


def _parts(order: Order) -> list[tuple[SellerOrder, Workshop]]:
    rows = db.session.execute(
        sa.select(SellerOrder, Workshop)
        .join(Workshop, Workshop.id == SellerOrder.workshop_id)
        .where(SellerOrder.order_id == order.id)
        .order_by(SellerOrder.id)
    )
    return [(part, workshop) for part, workshop in rows]


def _workshop(part: SellerOrder) -> Workshop:
    workshop = db.session.get(Workshop, part.workshop_id)
    assert workshop is not None
    return workshop
