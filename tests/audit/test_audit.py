"""Who did what, before, after and why (security.md 21)."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace.audit.models import AuditRow
from marketplace.audit.queries import of_subject, recent
from marketplace.audit.services import record
from marketplace.core.db import db, transaction
from tests.factories.accounts import AdminFactory


def test_a_row_tells_who_what_before_after_and_why(app: Flask) -> None:
    admin = AdminFactory(full_name="Ketut Sudarma")
    record("listing.take_down", "listing", 7, admin.id, {"state": "live"}, {"state": "down"}, "not silver")
    [row] = of_subject("listing", 7)
    assert (row.actor_name, row.action, row.reason) == ("Ketut Sudarma", "listing.take_down", "not silver")
    assert (row.before, row.after) == ({"state": "live"}, {"state": "down"})
    assert of_subject("listing", 8) == of_subject("workshop", 7) == []


def test_the_row_lives_and_dies_with_the_act(app: Flask) -> None:
    with pytest.raises(RuntimeError), transaction():
        record("workshop.suspend", "workshop", 1, AdminFactory().id)
        raise RuntimeError
    assert db.session.query(AuditRow).count() == 0


def test_the_newest_first_by_page_person_and_action(app: Flask) -> None:
    ketut, wayan = AdminFactory(), AdminFactory(full_name="")
    for n in range(5):
        record("listing.approve" if n % 2 else "user.disable", "row", n, ketut.id if n < 4 else wayan.id)
    record("order.expire", "order", 9, None)
    everything = recent()
    assert [row.subject_id for row in everything] == [9, 4, 3, 2, 1, 0]
    assert everything[0].actor_name == ""
    assert everything[1].actor_name == wayan.email
    assert [row.subject_id for row in recent(2, before_id=everything[1].id)] == [3, 2]
    assert {row.subject_id for row in recent(actor_id=ketut.id)} == {0, 1, 2, 3}
    assert {row.subject_id for row in recent(action="listing.")} == {1, 3}
    assert recent(action="%") == []
