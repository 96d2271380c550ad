"""Is somebody signing in from where the account has not been before? Then its owner hears of it.

A place is a device in words ('Android, Chrome') in a wide network: phones change their address with every mast, the
provider stays. A stranger's sign-in nearly always differs in one of the two.
"""

from __future__ import annotations

import ipaddress

import sqlalchemy as sa

from marketplace.accounts import devices
from marketplace.accounts.models import LoginSession, User
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.i18n import moment, speaking
from marketplace.notifications import links as addresses

from . import links
from .people import REMEMBERED

_WIDE = {4: 16, 6: 32}
_LOOKED_AT = 100


def is_new(user_id: int, address: str, agent: str) -> bool:
    """Never for the first sign-in of a new account: nobody else has been there to be told apart from."""
    seen = db.session.execute(
        sa.select(LoginSession.address, LoginSession.agent)
        .where(LoginSession.user_id == user_id)
        .order_by(LoginSession.seen_at.desc())
        .limit(_LOOKED_AT)
    ).all()
    if not seen:  # or all of it is forgotten
        return db.session.get_one(User, user_id).created_at < clock.now() - REMEMBERED
    return _place(address, agent) not in {_place(row.address, row.agent) for row in seen}


def _place(address: str, agent: str) -> tuple[str, str]:
    return devices.name_of(agent), _network(address)


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network(f"{address}/{_WIDE[parsed.version]}", strict=False))


def tell(user_id: int, address: str, agent: str) -> None:
    """One mail, in the transaction of the sign-in: when, on what, and how to throw a stranger out."""
    user = db.session.get_one(User, user_id)
    with speaking(user.language):
        when = moment(clock.now())
    links.tell(
        "account_new_place",
        user.email,
        user.language,
        market=addresses.prefix_of(user.language),
        when=when,
        device=devices.name_of(agent),
        address=address,
    )
