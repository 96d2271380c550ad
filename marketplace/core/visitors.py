"""Telling visitors of one day apart without knowing anybody.

A visitor is a hash of address and browser with a salt that is random, made each day, and deleted two days later: then
nobody can tell any more whose it was, or that yesterday's visitor came again.
"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from . import clock
from .db import Base, db, insert_ignore, transaction
from .ids import new_token
from .tasks import sweeper

KEPT = timedelta(days=2)


class DaySalt(Base):
    __tablename__ = "day_salts"

    day: Mapped[date] = mapped_column(primary_key=True)
    salt: Mapped[str] = mapped_column(sa.String(40))


def visitor(address: str, agent: str) -> str:
    """16 hexadecimal digits that stand for this visitor until midnight in Bali."""
    known = _salt(clock.today())
    return hashlib.sha256(f"{known} {address} {agent}".encode()).hexdigest()[:16]


def _salt(day: date) -> str:
    found = db.session.scalar(sa.select(DaySalt.salt).where(DaySalt.day == day))
    if found is None:
        with transaction():
            insert_ignore(DaySalt, day=day, salt=new_token())
        found = db.session.scalars(sa.select(DaySalt.salt).where(DaySalt.day == day)).one()
    return found


@sweeper("day_salts")
def forget_salts() -> int:
    """Without its salt a day's visitors are nobody's."""
    with transaction():
        old = sa.delete(DaySalt).where(DaySalt.day <= clock.today() - KEPT).execution_options(synchronize_session=False)
        return int(db.session.execute(old).rowcount)  # type: ignore[attr-defined]
