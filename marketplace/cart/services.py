"""What a visitor does with the cart. It holds wishes only: no price, no promise of stock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.accounts import postal
from marketplace.catalog.queries import BuyableVariant, buyable
from marketplace.core import clock
from marketplace.core.db import db, insert_ignore, locked, transaction
from marketplace.core.errors import NotFound
from marketplace.core.i18n import day
from marketplace.core.ids import new_key
from marketplace.core.money import Money
from marketplace.workshops.queries import holidays

from .errors import CartFull, Closed, EngravingTooLong, NoEngraving, NotOnSale, OnlyLeft, SoldOut, UnknownCountry
from .models import Cart, CartLine, CartNote

MOST_PER_LINE = 20
MOST_LINES = 50
NOTE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose cart: a person's, or a session's until somebody signs in."""

    user_id: int | None = None
    session_id: int | None = None

    @property
    def columns(self) -> dict[str, int | None]:
        if self.user_id is not None:
            return {"user_id": self.user_id, "session_id": None}
        return {"user_id": None, "session_id": self.session_id}

    @property
    def condition(self) -> sa.ColumnElement[bool]:
        if self.user_id is not None:
            return Cart.user_id == self.user_id
        return Cart.session_id == self.session_id


@dataclass(frozen=True, slots=True)
class LineRequest:
    variant_id: int
    quantity: int
    engraving: str = ""


def add_line(owner: Owner, wish: LineRequest, seen: Money | None = None) -> int:
    """Put pieces in the cart; the same piece with the same engraving joins its line. Gives the line's number.

    `seen` is the unit price that the visitor was shown, kept to tell of a change later.

    Raises:
        NotOnSale, Closed, SoldOut, OnlyLeft, EngravingTooLong, NoEngraving, CartFull
    """
    with transaction():
        cart = _cart_of(owner)
        variant = buyable([wish.variant_id]).get(wish.variant_id)
        lines = _lines(cart.id)
        _check(variant, wish, lines)
        line = next((line for line in lines if _is_same(line, wish)), None)
        if line is None:
            line = CartLine(
                cart_id=cart.id,
                variant_id=wish.variant_id,
                quantity=0,
                engraving=wish.engraving,
                seen_price=f"{seen.currency} {seen.amount}" if seen else "",
                created_at=clock.now(),
            )
            db.session.add(line)
        line.quantity = min(line.quantity + wish.quantity, MOST_PER_LINE)
        _touch(cart)
        db.session.flush()
        return line.id


def _check(variant: BuyableVariant | None, wish: LineRequest, lines: Sequence[CartLine]) -> None:
    if variant is None or not variant.is_buyable:
        raise NotOnSale
    closing = holidays.closed_now(variant.workshop_id)
    if closing is not None:
        raise Closed(
            workshop=variant.workshop_name,
            day=day(closing.ends_on, year=False),
            opens=day(closing.opens_on, year=False),
        )
    if wish.engraving and not variant.engraving_limit:
        raise NoEngraving
    if len(wish.engraving) > variant.engraving_limit:
        raise EngravingTooLong(limit=variant.engraving_limit)
    wanted = wish.quantity + sum(line.quantity for line in lines if line.variant_id == wish.variant_id)
    if not variant.can_give(wanted):
        if variant.stock <= 0:
            raise SoldOut
        raise OnlyLeft(left=variant.stock)
    if len(lines) >= MOST_LINES and not any(_is_same(line, wish) for line in lines):
        raise CartFull(limit=MOST_LINES)


def _is_same(line: CartLine, wish: LineRequest) -> bool:
    return line.variant_id == wish.variant_id and line.engraving == wish.engraving


def change_line(owner: Owner, line_id: int, quantity: int) -> None:
    """Set the number of pieces of a line; none removes it. Stock is advice here, the checkout decides."""
    with transaction():
        cart, line = _own_line(owner, line_id)
        if quantity <= 0:
            db.session.delete(line)
        else:
            line.quantity = min(quantity, MOST_PER_LINE)
        _touch(cart)


def remove_line(owner: Owner, line_id: int) -> None:
    change_line(owner, line_id, 0)


def write_note(owner: Owner, workshop_id: int, text: str, is_gift: bool) -> None:
    """A word to one workshop, and whether its parcel is a gift (no prices in it).

    Raises:
        NotFound: the visitor has no cart.
    """
    with transaction():
        cart = _own_cart(owner)
        note = db.session.scalar(
            sa.select(CartNote).where(CartNote.cart_id == cart.id, CartNote.workshop_id == workshop_id)
        )
        if note is None:
            note = CartNote(cart_id=cart.id, workshop_id=workshop_id)
            db.session.add(note)
        note.text, note.is_gift = text[:NOTE_LENGTH], is_gift
        _touch(cart)


def choose_country(owner: Owner, country: str) -> None:
    """Where the parcels go: decides postage, arrival and, for Indonesia, the currency.

    Raises:
        UnknownCountry: nothing is sent there.
    """
    if not postal.is_country(country):
        raise UnknownCountry
    with transaction():
        cart = _cart_of(owner)
        cart.country = country
        _touch(cart)


def merge(session_id: int, user_id: int) -> None:
    """At sign-in the session's cart joins the person's; the same piece and engraving is summed."""
    with transaction():
        guest = db.session.scalar(sa.select(Cart).where(Cart.session_id == session_id).with_for_update())
        if guest is None:
            return
        own = _cart_of(Owner(user_id=user_id))
        own.country = guest.country or own.country
        _move_lines(guest.id, own.id)
        _move_notes(guest.id, own.id)
        db.session.flush()
        db.session.execute(sa.delete(Cart).where(Cart.id == guest.id).execution_options(synchronize_session=False))
        db.session.expunge(guest)
        _touch(own)


def _move_lines(source: int, target: int) -> None:
    there = {(line.variant_id, line.engraving): line for line in _lines(target)}
    for line in _lines(source):
        twin = there.get((line.variant_id, line.engraving))
        if twin is None:
            line.cart_id = target
        else:
            twin.quantity = min(twin.quantity + line.quantity, MOST_PER_LINE)
            db.session.delete(line)


def _move_notes(source: int, target: int) -> None:
    there = set(db.session.scalars(sa.select(CartNote.workshop_id).where(CartNote.cart_id == target)))
    for note in db.session.scalars(sa.select(CartNote).where(CartNote.cart_id == source)):
        if note.workshop_id in there:
            db.session.delete(note)
        else:
            note.cart_id = target


def empty(cart: Cart) -> None:
    """After an order: nothing left in it, and a key of its own for the next one. Part of the caller's transaction."""
    with transaction():
        for table in (CartLine, CartNote):
            db.session.execute(
                sa.delete(table).where(table.cart_id == cart.id).execution_options(synchronize_session=False)
            )
        cart.checkout_key = new_key()
        _touch(cart)


def fit(owner: Owner) -> None:
    """Make the cart what can be bought now: out with what is gone or closed, fewer where fewer are left."""
    with transaction():
        cart = _own_cart(owner)
        lines = _lines(cart.id)
        variants = buyable(line.variant_id for line in lines)
        kept = holidays.keepings(variant.workshop_id for variant in variants.values())
        closed = {ident for ident, keeping in kept.items() if keeping.closed_on(clock.today())}
        left = {ident: variant.stock for ident, variant in variants.items()}
        for line in lines:
            variant = variants.get(line.variant_id)
            if variant is None or not variant.is_buyable or variant.workshop_id in closed:
                db.session.delete(line)
            elif not variant.made_to_order:
                _shrink(line, left)
        _touch(cart)


def _shrink(line: CartLine, left: dict[int, int]) -> None:
    quantity = min(line.quantity, left[line.variant_id])
    left[line.variant_id] -= quantity
    if quantity:
        line.quantity = quantity
    else:
        db.session.delete(line)


def own_cart(owner: Owner) -> Cart:
    """The visitor's cart, held until the caller's transaction ends: two tabs of one cart queue here.

    Raises:
        NotFound: there is none.
    """
    return _own_cart(owner)


def _cart_of(owner: Owner) -> Cart:
    """The cart, made now if there was none; of two that make it at once, both get the same."""
    now = clock.now()
    insert_ignore(Cart, **owner.columns, country="", checkout_key=new_key(), created_at=now, updated_at=now)
    return _own_cart(owner)


def _own_cart(owner: Owner) -> Cart:
    ident = db.session.scalar(sa.select(Cart.id).where(owner.condition))
    if ident is None:
        raise NotFound("Cart", owner)
    return locked(Cart, ident)


def _own_line(owner: Owner, line_id: int) -> tuple[Cart, CartLine]:
    cart = _own_cart(owner)
    return cart, locked(CartLine, line_id, cart_id=cart.id)


def _lines(cart_id: int) -> list[CartLine]:
    return list(db.session.scalars(sa.select(CartLine).where(CartLine.cart_id == cart_id).order_by(CartLine.id)))


def _touch(cart: Cart) -> None:
    cart.updated_at = clock.now()
