"""Suspending hides everything and stops new orders; lifting it gives back exactly what was there (features.md G3)."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from marketplace.audit.models import AuditRow
from marketplace.catalog.models import Card, Listing, ListingState, ListingVersion, Placement, Variant
from marketplace.catalog.queries import buyable
from marketplace.core.db import db
from marketplace.core.i18n import speaking
from marketplace.moderation import services
from marketplace.moderation.reasons import SUSPENSIONS
from marketplace.search.models import Document
from marketplace.workshops.models import Workshop
from marketplace.workshops.services import UnknownReason
from tests.factories.accounts import AdminFactory
from tests.factories.catalog import ListingFactory, variants_of
from tests.factories.workshops import WorkshopFactory
from tests.helpers import mails

pytestmark = pytest.mark.usefixtures("app")

COUNTERS = {Listing: {"version"}, Workshop: {"version"}}  # of the pages' ETags: they only ever grow


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row that a suspension could touch, the ETags' counters left out."""
    tables = {}
    for model in (Workshop, Listing, ListingVersion, Variant, Placement, Card, Document):
        table = model.__table__
        rows = db.session.execute(sa.select(table).order_by(*table.primary_key)).mappings()
        left_out = COUNTERS.get(model, set())
        tables[model.__name__] = [{key: row[key] for key in row if key not in left_out} for row in rows]
    return tables


def a_village() -> Workshop:
    """One workshop with a piece in every state, and a neighbor."""
    workshop, admin = WorkshopFactory(), AdminFactory()
    ListingFactory(workshop=workshop, sizes=("US 6", "US 7"))
    ListingFactory(workshop=workshop)
    ListingFactory(workshop=workshop, live=False)
    down = ListingFactory(workshop=workshop)
    services.take_down(down.id, admin.id, "photos")
    for state in (ListingState.PAUSED, ListingState.ARCHIVED):
        listing = ListingFactory(workshop=workshop)
        listing.state = state
        db.session.commit()
        from marketplace.catalog import publication

        publication.refresh([listing.id])
    ListingFactory()
    return workshop


def public_of(workshop: Workshop) -> int:
    return (
        db.session.scalar(
            sa.select(sa.func.count()).where(Placement.workshop_id == workshop.id, Placement.category_id == 0)
        )
        or 0
    )


def test_suspend_and_reinstate_give_equal_states() -> None:
    workshop, admin = a_village(), AdminFactory()
    before = everything()
    assert public_of(workshop) == 2
    services.suspend(workshop.id, admin.id, "late", "Tiga pesanan terlambat.")
    assert public_of(workshop) == 0
    services.reinstate(workshop.id, admin.id, "All three have been posted")
    assert everything() == before


def test_pieces_cannot_be_bought_while_suspended_and_the_neighbor_is_untouched() -> None:
    workshop, admin = WorkshopFactory(), AdminFactory()
    mine, neighbors = ListingFactory(workshop=workshop), ListingFactory()
    ids = [variants_of(mine)[0].id, variants_of(neighbors)[0].id]
    services.suspend(workshop.id, admin.id, "fineness")
    found = buyable(ids)
    assert not (ids[0] in found and found[ids[0]].is_buyable)
    assert found[ids[1]].is_buyable
    services.reinstate(workshop.id, admin.id, "Tested again")
    assert buyable(ids)[ids[0]].is_buyable


def test_what_was_never_approved_stays_hidden_after_reinstating() -> None:
    workshop, admin = WorkshopFactory(), AdminFactory()
    draft = ListingFactory(workshop=workshop, live=False)
    services.suspend(workshop.id, admin.id, "late")
    services.reinstate(workshop.id, admin.id, "why")
    assert db.session.get_one(Listing, draft.id).state is ListingState.DRAFT
    assert public_of(workshop) == 0


def test_the_workshop_reads_the_reason_and_the_record_keeps_it() -> None:
    workshop, admin = WorkshopFactory(), AdminFactory()
    services.suspend(workshop.id, admin.id, "late", "Tiga pesanan terlambat.")
    kept = db.session.get_one(Workshop, workshop.id, populate_existing=True)
    with speaking("id"):
        assert str(SUSPENSIONS[0].title) in kept.suspension_reason
    assert "Tiga pesanan terlambat." in kept.suspension_reason
    services.reinstate(workshop.id, admin.id, "Posted")
    acts = db.session.scalars(sa.select(AuditRow).order_by(AuditRow.id)).all()
    assert [(act.action, act.actor_id) for act in acts] == [
        ("workshop.suspend", admin.id),
        ("workshop.reinstate", admin.id),
    ]
    assert acts[0].before == {"is_suspended": False}
    assert acts[0].after["reason_code"] == "late"
    assert acts[0].reason == "Tiga pesanan terlambat."
    assert acts[1].reason == "Posted"
    suspended, reinstated = mails()
    assert workshop.name in suspended.subject
    assert "Tiga pesanan" in suspended.text
    assert workshop.name in reinstated.subject


def test_twice_says_so_and_a_reason_must_be_listed() -> None:
    workshop, admin = WorkshopFactory(), AdminFactory()
    with pytest.raises(UnknownReason):
        services.suspend(workshop.id, admin.id, "because")
    with pytest.raises(services.NotSuspended):
        services.reinstate(workshop.id, admin.id, "why")
    services.suspend(workshop.id, admin.id, "late")
    with pytest.raises(services.AlreadySuspended):
        services.suspend(workshop.id, admin.id, "late")
    assert len(mails()) == 1
