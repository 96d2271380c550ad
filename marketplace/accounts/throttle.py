"""Limits that hold across processes: tries are rows, counted by account and by the visitor's address (security.md 25).

A try is counted before it is judged, so that parallel guesses cannot slip through, and taken back when it was right.
A refused try is not counted: whoever waits gets in, however long somebody else keeps knocking.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, is_sqlite, transaction

from .errors import TooManyTries
from .models import Hit


@dataclass(frozen=True, slots=True)
class Limit:
    name: str
    tries: int
    window: timedelta


SIGN_IN_ACCOUNT = Limit("sign-in:account", 10, timedelta(minutes=5))
SIGN_IN_ADDRESS = Limit("sign-in:address", 10, timedelta(minutes=5))
PASSWORD = Limit("password", 10, timedelta(minutes=5))  # the current one, asked of somebody who is signed in
CODE_ACCOUNT = Limit("code:account", 10, timedelta(minutes=5))  # of the second step
CODE_DAY = Limit("code:day", 50, timedelta(days=1))  # 50 guesses a day at three codes of a million: years on average
CODE_ADDRESS = Limit("code:address", 10, timedelta(minutes=5))
MAIL_ACCOUNT = Limit("mail:account", 5, timedelta(hours=1))  # mails that a stranger can make us write to one address
MAIL_ADDRESS = Limit("mail:address", 30, timedelta(hours=1))
QUICK_ADDRESS = Limit("quick:address", 10, timedelta(hours=1))  # forms sent faster than people type


def take(*tries: tuple[Limit, str]) -> list[int]:
    """Count one try in each bucket (limit, whose) and give the rows, for `give_back` when it was right.

    Raises:
        TooManyTries: a bucket is full; nothing is counted.
    """
    now = clock.now()
    with transaction():
        for limit, subject in sorted(tries, key=lambda entry: bucket(*entry)):
            _lock(bucket(limit, subject))
            _refuse_when_full(limit, subject)
        hits = [Hit(bucket=bucket(limit, subject), at=now) for limit, subject in tries]
        db.session.add_all(hits)
        db.session.flush()
        return [hit.id for hit in hits]


def give_back(hits: Iterable[int]) -> None:
    """These tries were right: they do not count."""
    with transaction():
        db.session.execute(sa.delete(Hit).where(Hit.id.in_(list(hits))))


def bucket(limit: Limit, subject: str) -> str:
    """Whose tries these are, without keeping their email or address."""
    return f"{limit.name}:{hashlib.sha256(subject.encode('utf-8', 'replace')).hexdigest()[:32]}"


def network(address: str) -> str:
    """One visitor's address; of IPv6 the /64 that one line has to itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False))


def _refuse_when_full(limit: Limit, subject: str) -> None:
    since = clock.now() - limit.window
    query = sa.select(Hit.at).where(Hit.bucket == bucket(limit, subject), Hit.at > since)
    latest = db.session.scalars(query.order_by(Hit.at.desc()).limit(limit.tries)).all()
    if len(latest) >= limit.tries:
        seconds = (latest[-1] - since).total_seconds()
        raise TooManyTries(minutes=max(1, math.ceil(seconds / 60)))


def _lock(name: str) -> None:
    """Tries of one bucket are judged one after the other (SQLite's writers queue anyway)."""
    if not is_sqlite():
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))
