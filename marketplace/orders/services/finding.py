"""Finding an order again: the link in a mail, and an account that it joins."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, transaction

from .. import mails
from ..models import Order

LINK_EVERY_SECONDS = 300  # the link of one order is mailed at most this often


def send_link(public_no: str, email: str) -> None:
    """Mail the order's link again when number and email belong together; silent either way (features.md E10)."""
    with transaction():
        order = db.session.scalar(
            sa.select(Order).where(Order.public_no == public_no.strip().upper(), Order.email == email.strip().lower())
        )
        if order is not None:
            mails.link(order, int(clock.now().timestamp()) // LINK_EVERY_SECONDS)


def join_account(user_id: int, email: str) -> int:
    """A guest's orders belong to the account that has proved to own their email; how many joined (features.md M5)."""
    with transaction():
        guest = sa.and_(Order.email == email.strip().lower(), Order.user_id.is_(None))
        result = db.session.execute(sa.update(Order).where(guest).values(user_id=user_id))
    return int(result.rowcount)  # type: ignore[attr-defined]
