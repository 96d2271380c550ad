"""Telling visitors of one day apart without knowing anybody.

A visitor is a hash of address and browser with a salt that is random, made each day, and deleted two days later: then
nobody can tell any more whose it was, or that yesterday's visitor came again.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from . import clock
from .db import Base, db, insert_ignore, transaction
from .ids import new_token
from .tasks import sweeper

KEPT = timedelta(days=2)
# Browsers call themselves Mozilla; machines that do so too say what they are, because they want to be let in.
_BROWSER = re.compile(r"Mozilla/\d")
_MACHINE = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|scan|monitor|headless|lighthouse|fetch|archiv|\bcurl|wget|python|\bjava/"
    r"|externalhit|facebookcatalog|whatsapp|telegram|https?://",
    re.IGNORECASE,
)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{4})?-([A-Z]{2})\b")
_HOME_BITS = 64  # of an IPv6 address: what one household is given; the rest changes by the hour


class DaySalt(Base):
    __tablename__ = "day_salts"

    day: Mapped[date] = mapped_column(primary_key=True)
    salt: Mapped[str] = mapped_column(sa.String(40))


def visitor(address: str, agent: str) -> str:
    """16 hexadecimal digits that stand for this visitor until midnight in Bali."""
    known = _salt(clock.today())
    return hashlib.sha256(f"{known} {_home(address)} {agent}".encode()).hexdigest()[:16]


def is_machine(agent: str) -> bool:
    """Whether this is no browser in somebody's hand, as far as it says so itself."""
    return not _BROWSER.match(agent) or bool(_MACHINE.search(agent))


def likely_country(accepted: str) -> str:
    """Where an `Accept-Language` comes from: 'en-AU,en;q=0.9' → 'AU', and '' where it names no country.

    A hint and no more: many who live elsewhere have set their phone to American English.
    """
    match = _LANGUAGE.search(accepted[:100])
    return match[1] if match else ""


def _home(address: str) -> str:
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network(f"{address}/{_HOME_BITS}", strict=False))
    except ValueError:
        return address


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
