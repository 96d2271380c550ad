"""A buyer's address book."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import sqlalchemy as sa

from marketplace.accounts.errors import AddressBookFull
from marketplace.accounts.models import Address, User
from marketplace.accounts.postal import PostalAddress
from marketplace.core import clock
from marketplace.core.db import db, locked, transaction

MOST = 30


@dataclass(frozen=True, slots=True)
class AddressEntry:
    label: str
    address: PostalAddress


def save_address(user_id: int, entry: AddressEntry, address_id: int | None = None) -> int:
    """Write a new entry, or over one's own; the first one is used first.

    Raises:
        NotFound: the entry is not theirs.
        AddressBookFull: there are MOST of them.
    """
    with transaction():
        if address_id is None:
            locked(User, user_id)  # two windows saving their first address: one of them is first
            count = _count(user_id)
            if count >= MOST:
                raise AddressBookFull
            row = Address(user_id=user_id, is_default=count == 0, created_at=clock.now())
            db.session.add(row)
        else:
            row = locked(Address, address_id, user_id=user_id)
        row.label = entry.label
        for name, value in asdict(entry.address).items():
            setattr(row, name, value)
        db.session.flush()
        return row.id


def _count(user_id: int) -> int:
    return db.session.scalars(sa.select(sa.func.count()).select_from(Address).where(Address.user_id == user_id)).one()


def remove_address(user_id: int, address_id: int) -> None:
    """Take an entry out; the oldest that is left is used first when that one was."""
    with transaction():
        row = locked(Address, address_id, user_id=user_id)
        was_default = row.is_default
        db.session.delete(row)
        db.session.flush()
        if was_default:
            oldest = db.session.scalar(
                sa.select(Address.id).where(Address.user_id == user_id).order_by(Address.id).limit(1)
            )
            _set_default(user_id, oldest)


def use_first(user_id: int, address_id: int) -> None:
    with transaction():
        locked(Address, address_id, user_id=user_id)
        _set_default(user_id, address_id)


def _set_default(user_id: int, address_id: int | None) -> None:
    db.session.execute(
        sa.update(Address).where(Address.user_id == user_id).values(is_default=Address.id == (address_id or 0))
    )
