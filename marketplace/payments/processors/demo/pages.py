"""The demo processor's hosted pages: their truth stands in `demo_sessions`."""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, end_read, transaction
from marketplace.core.ids import new_key
from marketplace.core.money import Money

from ...models import DemoSession
from .. import PageStatus, PaymentState
from .news import tell

LATER = timedelta(minutes=1)  # how long 'approve later' takes
FEE_BASIS_POINTS = 290  # of a charge, in its currency, so that the books of a newcomer show one
FINAL = (PageStatus.PAID, PageStatus.FAILED, PageStatus.EXPIRED)


class Outcome(enum.StrEnum):
    """What the person in front of the demo page can make happen."""

    APPROVE = "approve"
    DECLINE = "decline"
    LATER = "approve_later"
    LOST = "approve_lost"  # paid, but the browser never returns
    ABANDON = "abandon"


def session_by(**by: Any) -> DemoSession | None:
    query = sa.select(DemoSession).filter_by(**by).execution_options(populate_existing=True)
    return db.session.scalar(query)


def state_of(session: DemoSession) -> PaymentState:
    paid = session.status == PageStatus.PAID
    return PaymentState(
        status=PageStatus(session.status),
        external_id=session.external_id,
        key=session.key,
        amount=Money(session.amount, session.currency),
        charge_id=session.charge_id,
        fee_amount=session.fee_amount if paid else None,
        net_amount=session.amount - session.fee_amount if paid else None,
        settle_currency=session.currency if paid else "",
    )


def move(
    external_id: str, status: PageStatus, *, outcome: str = "", due_at: datetime | None = None, since: str = "open"
) -> bool:
    """Move a page that is still in state `since`; tells whether it was. One of two at the same instant wins.

    A page whose time is over can only expire.
    """
    values: dict[str, Any] = {"status": status, "due_at": due_at}
    if outcome:
        values["outcome"] = outcome
    if status is PageStatus.PAID:
        values.update(charge_id=f"ch_{new_key()}", paid_at=clock.now(), fee_amount=_fee_of(external_id))
    query = sa.update(DemoSession).where(DemoSession.external_id == external_id, DemoSession.status == since)
    if since == PageStatus.OPEN and status is not PageStatus.EXPIRED:
        query = query.where(DemoSession.expires_at > clock.now())
    with transaction():
        return bool(db.session.execute(query.values(**values)).rowcount)  # type: ignore[attr-defined]


def _fee_of(external_id: str) -> int:
    session = session_by(external_id=external_id)
    return Money(session.amount, session.currency).share(FEE_BASIS_POINTS).amount if session else 0


def choose(external_id: str, outcome: Outcome) -> None:
    """Let it happen, as a bank would, and tell the shop. A page that is no longer open stays as it is."""
    if outcome is Outcome.ABANDON:
        return
    if outcome is Outcome.DECLINE:
        moved = move(external_id, PageStatus.FAILED, outcome=outcome)
    elif outcome is Outcome.LATER:
        moved = move(external_id, PageStatus.PROCESSING, outcome=outcome, due_at=clock.now() + LATER)
    else:
        moved = move(external_id, PageStatus.PAID, outcome=outcome)
    if moved:
        deliver(external_id)


def deliver(external_id: str) -> bool:
    """Tell the shop how a page stands; whether it was taken. What was not is delivered again by the sweep."""
    session = session_by(external_id=external_id)
    end_read()
    if session is None:
        return False
    about = {"id": session.external_id, "key": session.key, "status": session.status}
    if not tell(f"evt_{session.status}_{session.external_id}", f"page.{session.status}", about):
        return False
    if session.status in FINAL:
        with transaction():
            where = sa.update(DemoSession).where(DemoSession.external_id == external_id)
            db.session.execute(where.values(noticed_at=clock.now()))
    return True


def play() -> int:
    """What time brings: 'approve later' comes true, open pages expire, and news that was not taken is told again."""
    now = clock.now()
    due = sa.select(DemoSession.external_id).where(DemoSession.status == "processing", DemoSession.due_at <= now)
    done = sum(move(name, PageStatus.PAID, since="processing") for name in db.session.scalars(due).all())
    over = sa.select(DemoSession.external_id).where(DemoSession.status == "open", DemoSession.expires_at <= now)
    done += sum(move(name, PageStatus.EXPIRED) for name in db.session.scalars(over).all())
    untold = sa.select(DemoSession.external_id).where(DemoSession.status.in_(FINAL), DemoSession.noticed_at.is_(None))
    return done + sum(deliver(name) for name in db.session.scalars(untold.limit(200)).all())
