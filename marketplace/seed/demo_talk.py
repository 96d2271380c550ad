"""Three talks in the demo shop: one that waits for an answer, one about an order, one that is done.

They go through the shop's own verbs, each message at its own moment of a stopped clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.catalog.models import Listing
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.ids import new_key
from marketplace.messages import access, services
from marketplace.messages.access import Hand
from marketplace.messages.services import Words
from marketplace.orders.models import Order, SellerOrder
from marketplace.workshops.models import Member, Workshop

PHOTOS = Path(__file__).parent / "photos"
HOME = "127.0.0.1"
# (hours ago, is it the workshop, words, photo)
Line = tuple[float, bool, str, str]

ABOUT_BRACELET: tuple[Line, ...] = (
    (38, False, "Hello! My wrist is 18.5 cm. Could you make this one 20 cm long?", ""),
    (37, True, "Good morning Maya. Yes, 20 cm is no trouble; it is ready in six days.", ""),
    (20, False, "Lovely. Is the clasp easy to close with one hand?", ""),
    (18.5, True, "Here it is from close by; it shuts with one hand.", "CS-006-2.jpg"),
    (0.7, False, "Thank you! When would it reach Melbourne?", ""),
)
ABOUT_ORDER: tuple[Line, ...] = (
    (3.5, False, "Bu, bisa dikirim sebelum hari Jumat? Untuk kado.", ""),
    (3.2, True, "Bisa, saya kirim besok pagi. Resinya nanti masuk ke sini.", ""),
    (2, False, "Terima kasih, Bu. Tolong dibungkus tanpa harga.", ""),
    (1.8, True, "Siap, nota di dalam paket tanpa harga.", ""),
    (1, False, "Ukurannya bisa disetel, ya?", ""),
    (0.9, True, "Bisa, ada simpul geser di belakang.", ""),
)
ABOUT_RING: tuple[Line, ...] = (
    (75, False, "Is the inside of the ring smooth?", ""),
    (70, True, "Yes, the inside is polished by hand, and the edges are rounded.", ""),
)


def fill() -> None:
    maya, now = _user("buyer@demo.test"), clock.now()
    _about_piece(now, "CS-006", maya, ABOUT_BRACELET)
    _about_piece(now, "CS-001", maya, ABOUT_RING)
    _about_order(now, "luh-selaka", ABOUT_ORDER)


def _about_piece(now: datetime, sku: str, buyer_id: int, lines: tuple[Line, ...]) -> None:
    listing = db.session.scalars(sa.select(Listing).where(Listing.sku == sku)).one()
    listing_id, buyer, member = listing.id, access.buyer(buyer_id), _member(listing.workshop_id)
    talk = 0
    for hours, is_workshop, text, photo in lines:
        hand = member if is_workshop else buyer
        with clock.stopped(now - timedelta(hours=hours)):
            if is_workshop:
                services.write(hand, talk, _words(hand, text, photo), address=HOME)
            else:
                talk = services.ask(hand, listing_id, _words(hand, text, photo), address=HOME)


def _about_order(now: datetime, slug: str, lines: tuple[Line, ...]) -> None:
    """The newest paid part of this workshop."""
    row = db.session.execute(
        sa.select(SellerOrder.id, SellerOrder.workshop_id, Order.token)
        .join(Order, Order.id == SellerOrder.order_id)
        .join(Workshop, Workshop.id == SellerOrder.workshop_id)
        .where(Workshop.slug == slug, Order.paid_at.is_not(None), Order.language == "id")
        .order_by(SellerOrder.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return  # nothing has been sold: its payments are not the demo's
    part_id, member, guest = row.id, _member(row.workshop_id), access.guest(row.token)
    for hours, is_workshop, text, photo in lines:
        hand = member if is_workshop else guest
        with clock.stopped(now - timedelta(hours=hours)):
            services.write_about_order(hand, part_id, _words(hand, text, photo), address=HOME)


def _words(hand: Hand, text: str, photo: str) -> Words:
    kept = (services.receive_photo(hand, (PHOTOS / photo).read_bytes(), address=HOME),) if photo else ()
    return Words(text, new_key(), kept)


def _user(email: str) -> int:
    return db.session.scalars(sa.select(User.id).where(User.email == email)).one()


def _member(workshop_id: int) -> Hand:
    query = sa.select(Member.user_id).where(Member.workshop_id == workshop_id).order_by(Member.id).limit(1)
    return access.member(workshop_id, db.session.scalars(query).one())
