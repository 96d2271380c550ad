"""People with rows of their own. Everybody's password is PASSWORD."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import factory

from marketplace.accounts import passwords
from marketplace.accounts.models import Address, User
from marketplace.core import clock

from .base import RowFactory

PASSWORD = "three quiet herons wade"


@lru_cache(maxsize=16)
def password_hash(password: str = PASSWORD) -> str:
    """Hashing is slow on purpose: once per password and test process."""
    return passwords.hashed(password)


class UserFactory(RowFactory):
    """A person whose email is confirmed; `password=` for another than PASSWORD, `email_confirmed_at=None` for new."""

    class Meta:
        model = User

    class Params:
        password = PASSWORD

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    full_name = "Maya Chen"
    language = "en"
    email_confirmed_at: Any = factory.LazyFunction(clock.now)
    created_at: Any = factory.LazyFunction(clock.now)
    password_hash: Any = factory.LazyAttribute(lambda row: password_hash(row.password))


class AdminFactory(UserFactory):
    email = factory.Sequence(lambda n: f"admin{n}@example.com")
    is_admin = True


class AddressFactory(RowFactory):
    """An address in Melbourne; `user_id=` is needed."""

    class Meta:
        model = Address

    label = "Home"
    name = "Maya Chen"
    phone = "+61400000000"
    country = "AU"
    street = "18 Lygon Street"
    city = "Melbourne"
    state = "VIC"
    postcode = "3053"
    created_at: Any = factory.LazyFunction(clock.now)
