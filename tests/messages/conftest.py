"""A buyer, a workshop with a member, and a piece that one can ask about."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask

from marketplace.accounts.models import User
from marketplace.catalog.models import Listing
from marketplace.messages import access
from marketplace.messages.access import Hand
from marketplace.workshops.models import Workshop
from tests.factories.accounts import UserFactory
from tests.factories.catalog import ListingFactory
from tests.factories.orders import open_shop
from tests.factories.workshops import MemberFactory, WorkshopFactory


@dataclass
class People:
    buyer: User
    kadek: User
    workshop: Workshop
    piece: Listing

    @property
    def as_buyer(self) -> Hand:
        return access.buyer(self.buyer.id)

    @property
    def as_member(self) -> Hand:
        return access.member(self.workshop.id, self.kadek.id)


@pytest.fixture
def people(app: Flask) -> People:
    open_shop()
    workshop = WorkshopFactory(name="Luh Selaka", language="id")
    kadek = UserFactory(full_name="Kadek", language="id")
    MemberFactory(workshop_id=workshop.id, user_id=kadek.id)
    piece = ListingFactory(workshop=workshop, stock=9)
    return People(UserFactory(full_name="Hannah Moss"), kadek, workshop, piece)
