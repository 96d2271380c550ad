"""Two admins at the same moment: one decision counts, and nobody is left without a clear answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from marketplace.accounts.models import User
from marketplace.audit.models import AuditRow
from marketplace.core.db import db
from marketplace.core.errors import DomainError
from marketplace.moderation import services as moderation
from marketplace.workshops import services
from marketplace.workshops.models import Workshop
from tests.factories.accounts import AdminFactory
from tests.factories.catalog import ListingFactory
from tests.helpers import mails
from tests.moderation.test_listings import fresh, proposed
from tests.workshops.test_applying import handed_in


def at_once(app: Flask, acts: list[Callable[[], object]]) -> list[str]:
    """Run them all in the same instant; gives the name of each one's error, '' for none."""
    gate, answers = threading.Barrier(len(acts)), [""] * len(acts)

    def run(index: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                acts[index]()
            except DomainError as error:
                answers[index] = type(error).__name__
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    db.session.rollback()
    return sorted(answers)


def count(model: Any, *conditions: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*conditions)) or 0


def test_five_approvals_of_one_application_open_one_workshop(app: Flask) -> None:
    _user, ident = handed_in()
    by = AdminFactory().id
    answers = at_once(app, [lambda: services.approve_application(ident, by)] * 5)
    assert answers == ["", *["IllegalTransition"] * 4]
    assert count(Workshop) == 1
    assert count(AuditRow, AuditRow.action == "application.approve") == 1
    assert len(mails()) == 1


def test_four_workshops_of_one_name_that_open_at_once_get_four_addresses(app: Flask) -> None:
    idents, by = [handed_in()[1] for _ in range(4)], AdminFactory().id
    acts = [lambda ident=ident: services.approve_application(ident, by) for ident in idents]
    assert at_once(app, acts) == [""] * 4
    slugs = sorted(db.session.scalars(sa.select(Workshop.slug)))
    assert slugs == ["alit-rupa", "alit-rupa-2", "alit-rupa-3", "alit-rupa-4"]


def test_approved_and_sent_back_at_once_is_one_of_the_two(app: Flask) -> None:
    listing, by = ListingFactory(), AdminFactory().id
    version, before = proposed(listing), listing.approved_version_id
    version_id = version.id
    answers = at_once(
        app,
        [
            lambda: moderation.approve_listing(version_id, 3, by),
            lambda: moderation.reject_listing(version_id, 3, by, "words"),
        ],
    )
    assert answers == ["", "IllegalTransition"]
    acts = list(db.session.scalars(sa.select(AuditRow.action)))
    assert len(acts) == len(mails()) == 1
    assert (fresh(listing).approved_version_id == version_id) is (acts == ["listing.approve"])
    assert fresh(listing).approved_version_id in (before, version_id)


@pytest.mark.parametrize("act", [moderation.disable_person, moderation.unmake_admin])
def test_two_admins_cannot_remove_each_other(app: Flask, act: Callable[[int, int, str], None]) -> None:
    one, two = AdminFactory().id, AdminFactory().id
    answers = at_once(app, [lambda: act(one, two, "why"), lambda: act(two, one, "why")])
    assert answers == ["", "LastAdmin"]
    assert count(User, User.is_admin, User.disabled_at.is_(None)) == 1
