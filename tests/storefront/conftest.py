"""A shop window to look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.catalog.categories import load_taxonomy
from marketplace.catalog.models import Category
from marketplace.core.db import db
from marketplace.shipping.services import load_rates
from tests.factories.catalog import quote_rates


@pytest.fixture
def window(app: Flask) -> Callable[[str], Category]:
    """The whole tree, the rates of the day and the postage; gives a category by its slug."""
    load_taxonomy()
    quote_rates()
    load_rates()

    def category(slug: str) -> Category:
        return db.session.scalars(sa.select(Category).where(Category.slug == slug)).one()

    return category


@pytest.fixture
def etag_of() -> Callable[[Any], str]:
    return lambda response: response.headers["ETag"]
