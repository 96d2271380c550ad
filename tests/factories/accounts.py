"""People with rows of their own. Everybody's password is PASSWORD."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

import factory
import pyotp

from marketplace.accounts import passwords
from marketplace.accounts.models import Address, User
from marketplace.accounts.services import second_factor
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


@dataclass
class Phone:
    """The app on a person's phone: what it shows now, or `steps` of 30 seconds later."""

    secret: str
    recovery: list[str]

    def code(self, steps: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(clock.now() + timedelta(seconds=30 * steps))


def two_step(user: User) -> Phone:
    """Turn the second factor of this person on, through the real verbs; the code of the step before now is used up."""
    mark = second_factor.begin(user.id, PASSWORD)
    secret = second_factor.secret_of(user.id, mark)
    earlier = pyotp.TOTP(secret).at(clock.now() - timedelta(seconds=30))
    return Phone(secret, second_factor.confirm(user.id, mark, earlier))


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
