"""Turning a cart into an order: one transaction, or nothing (architecture.md, 'Place an order')."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy.exc import IntegrityError

from marketplace.accounts.postal import PostalAddress
from marketplace.cart import queries as cart_queries
from marketplace.cart import services as carts
from marketplace.cart.queries import Contents, LineInCart, Offer, ParcelInCart
from marketplace.cart.services import Owner
from marketplace.catalog import changes, stock
from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.core.errors import NotFound
from marketplace.core.i18n import day, money
from marketplace.core.ids import hash_token, new_token, public_number
from marketplace.core.money import EXPONENTS, Money
from marketplace.orders import commission
from marketplace.orders import queries as orders
from marketplace.orders.models import Line, Order, SellerOrder
from marketplace.payments import services as payments

from .errors import CartChanged, CartEmpty, NoCarrier, PieceGone, PiecesLeft, PieceSold, TotalChanged, WorkshopClosed

HOLD = timedelta(minutes=35)  # a bit more than the processors' pages stay open (payments.md 4)

LONGEST_SUM = 16  # digits


@dataclass(frozen=True, slots=True)
class PlaceRequest:
    """What the buyer decided. No price among it: `seen_total` ('USD 163710') only tells what they agreed to."""

    owner: Owner
    checkout_key: str
    email: str
    address: PostalAddress
    services: Mapping[int, str]  # by workshop: how its parcel travels
    is_gift: bool
    seen_total: str
    language: str
    market: str
    pay_with: str | None = None  # a way to pay (payments/offers.py); None: the shop's first


@dataclass(frozen=True, slots=True)
class Placed:
    """The order of this checkout. `attempt_id` is there for the click that made it, and for no later one."""

    order_id: int
    token: str
    attempt_id: int | None


def place(request: PlaceRequest) -> Placed:
    """Write the order and take its pieces for 35 minutes, or change nothing; the same key again finds the first order.

    Raises:
        PaymentsNotSetUp, OfferGone: nobody takes this money, or not in the way that was chosen.
        NotPlaced: a piece is gone, the total is another one, nobody carries a parcel, or the cart changed.
    """
    for last_try in (False, True):
        try:
            with transaction():
                return _place(request)
        except IntegrityError:  # a number that was taken, or another process with the same key
            earlier = orders.by_checkout_key(request.checkout_key)
            if earlier is not None:
                return Placed(*earlier, attempt_id=None)
            if last_try:
                raise
    raise AssertionError("unreachable")


def _place(request: PlaceRequest) -> Placed:
    try:
        cart = carts.own_cart(request.owner)  # held: two tabs, or ten clicks, of one cart queue here
    except NotFound:
        raise CartEmpty from None
    earlier = orders.by_checkout_key(request.checkout_key)
    if earlier is not None:
        return Placed(*earlier, attempt_id=None)
    if cart.checkout_key != request.checkout_key:
        raise CartChanged
    contents = cart_queries.contents(request.owner, request.address.country, request.services)
    _check(contents, request.seen_total)
    assert contents is not None
    taken = _take(contents)
    order = _write_order(request, contents)
    _write_parts(order, contents, taken, is_gift=request.is_gift)
    changes.append(line.variant.listing_id for line in _lines(contents) if line.variant.variant_id in taken)
    attempt_id = payments.new_attempt(order.id, request.pay_with)
    carts.empty(cart)
    return Placed(order.id, order.token, attempt_id)


def _check(contents: Contents | None, seen_total: str) -> None:
    if contents is None or not (contents.sent or contents.troubled):
        raise CartEmpty
    for parcel in contents.parcels:
        for line in parcel.lines:
            if line.problem:
                raise _trouble(parcel, line)
    for parcel in contents.sent:
        if parcel.chosen is None:
            raise NoCarrier(workshop=parcel.workshop_name)
    seen = _money(seen_total)
    if seen != contents.total:
        raise TotalChanged(total=money(contents.total), seen=money(seen) if seen else "–")


def _trouble(parcel: ParcelInCart, line: LineInCart) -> Exception:
    title = line.variant.title
    if line.problem == "gone":
        return PieceGone(title=title)
    if parcel.closing is not None:
        ends, opens = (day(date, year=False) for date in (parcel.closing.ends_on, parcel.closing.opens_on))
        return WorkshopClosed(workshop=parcel.workshop_name, day=ends, opens=opens)
    return PiecesLeft(title=title, left=line.left) if line.left > 0 else PieceSold(title=title)


def _money(text: str) -> Money | None:
    currency, _space, amount = text.partition(" ")
    is_number = amount.isascii() and amount.isdigit() and len(amount) < LONGEST_SUM
    return Money(int(amount), currency) if currency in EXPONENTS and is_number else None


def _lines(contents: Contents) -> list[LineInCart]:
    return [line for parcel in contents.sent for line in parcel.lines]


def _take(contents: Contents) -> set[int]:
    """Take the pieces, the demand of all lines summed per variant; the row of the UPDATE decides, not what was read."""
    lines = _lines(contents)
    demand: dict[int, int] = {}
    for line in lines:
        demand[line.variant.variant_id] = demand.get(line.variant.variant_id, 0) + line.quantity
    try:
        return set(stock.take(demand))
    except stock.OutOfStock as error:
        title = next(line.variant.title for line in lines if line.variant.variant_id == error.variant_id)
        if error.left > 0:
            raise PiecesLeft(title=title, left=error.left) from error
        raise PieceSold(title=title) from error


def _write_order(request: PlaceRequest, contents: Contents) -> Order:
    quoted = contents.rates.rate(contents.currency) if contents.currency != "IDR" else None
    token, now = new_token(), clock.now()
    order = Order(
        public_no=public_number(),
        checkout_key=request.checkout_key,
        token=token,
        token_hash=hash_token(token),
        user_id=request.owner.user_id,
        email=request.email.strip().lower(),
        language=request.language,
        market=request.market,
        total_amount=contents.total.amount,
        currency=contents.currency,
        fx_rate=quoted.rate if quoted else Decimal(1),
        fx_quoted_at=quoted.quoted_at if quoted else None,
        address=asdict(request.address),
        country=request.address.country,
        hold_until=now + HOLD,
        placed_at=now,
    )
    db.session.add(order)
    db.session.flush()
    return order


def _write_parts(order: Order, contents: Contents, taken: set[int], *, is_gift: bool) -> None:
    rates = commission.rates(clock.today())
    for parcel in contents.sent:
        assert parcel.chosen is not None
        goods = [
            (line.unit_idr * line.quantity, rates.rate(parcel.workshop_id, line.variant.category_id))
            for line in parcel.lines
        ]
        kept = commission.commissions_idr(goods)
        part = _part(order, parcel, parcel.chosen, sum(amount for amount, _rate in goods), sum(kept), is_gift=is_gift)
        db.session.add(part)
        db.session.flush()
        db.session.add_all(
            _line(part, line, rate.basis_points, share, taken)
            for line, (_amount, rate), share in zip(parcel.lines, goods, kept, strict=True)
        )
    db.session.flush()


def _part(order: Order, parcel: ParcelInCart, offer: Offer, goods_idr: int, kept: int, *, is_gift: bool) -> SellerOrder:
    return SellerOrder(
        order_id=order.id,
        workshop_id=parcel.workshop_id,
        currency=order.currency,
        items_amount=parcel.items.amount,
        discount_amount=0,
        shipping_amount=offer.price.amount,
        total_amount=(parcel.items + offer.price).amount,
        commission_idr=kept,
        shipping_idr=offer.price_idr,
        payable_idr=goods_idr - kept + offer.price_idr,
        service=offer.service,
        arrives_from=offer.arrives_from,
        arrives_to=offer.arrives_to,
        ship_by_on=offer.ship_by,
        note=parcel.note,
        is_gift=parcel.is_gift or is_gift,
    )


def _line(part: SellerOrder, line: LineInCart, basis_points: int, commission_idr: int, taken: set[int]) -> Line:
    variant = line.variant
    return Line(
        seller_order_id=part.id,
        variant_id=variant.variant_id,
        listing_id=variant.listing_id,
        quantity=line.quantity,
        takes_stock=variant.variant_id in taken,
        title_en=variant.title_en,
        title_id=variant.title_id,
        size=variant.size,
        sku=variant.sku,
        photo_id=variant.photo_id,
        material=variant.material,
        fineness=variant.fineness,
        plating=variant.plating,
        weight_grams=variant.weight_grams,
        made_to_order=variant.made_to_order,
        lead_time_days=variant.lead_time_days,
        engraving=line.engraving,
        engraving_amount=line.engraving_price.amount if line.engraving_price else 0,
        engraving_idr=line.engraving_idr,
        currency=part.currency,
        unit_amount=line.unit.amount,
        unit_idr=line.unit_idr,
        commission_bp=basis_points,
        commission_idr=commission_idr,
    )
