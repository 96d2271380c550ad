"""The queue on the collective's pages: what is missing, the decision, and what the applicant reads of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts.models import User
from marketplace.audit.models import AuditRow
from marketplace.core.db import db
from marketplace.workshops import services
from marketplace.workshops.models import ApplicationStatus, Workshop
from tests.admin.conftest import enter, post
from tests.factories.catalog import PhotoFactory
from tests.helpers import mails
from tests.workshops.test_applying import KOMANG, handed_in, own


def test_the_longest_wait_stands_first_with_what_is_missing(
    client: FlaskClient, admin: User, stopped_clock: Any
) -> None:
    for name, hours in (("Alit Rupa", 26), ("Bun Muda", 3)):
        user, _ident = handed_in()
        own(user).workshop_name = name
        db.session.commit()
        stopped_clock.forward(hours=hours)
    enter(client, admin)
    page = client.get("/admin/applications/").text
    assert page.index("Alit Rupa") < page.index("Bun Muda")
    assert "1 day" in page
    assert "3 hours" in page
    assert "Fewer than 3 pieces" in page
    assert "No photo of the bench" not in page
    assert "<b>2</b>" in page, "the tab counts them"


def test_the_case_shows_everything_that_was_handed_in(client: FlaskClient, admin: User) -> None:
    user, ident = handed_in()
    page = client.get(f"/admin/applications/{ident}").text
    for word in (KOMANG.workshop_name, KOMANG.contact_name, KOMANG.phone, KOMANG.story, "granulation", user.email):
        assert word in page
    assert 'lang="id"' in page
    assert "/media/" in page


def test_a_draft_is_nobodys_business(client: FlaskClient, admin: User) -> None:
    ident = services.save_application(admin.id, KOMANG)
    assert client.get(f"/admin/applications/{ident}").status_code == 404


def test_approving_opens_the_shop(client: FlaskClient, admin: User) -> None:
    user, ident = handed_in()
    answer = post(client, f"/admin/applications/{ident}/decision", data={"decision": "yes"}, follow_redirects=True)
    assert answer.status_code == 200
    assert "Approved. The shop is open" in answer.text
    assert own(user).status is ApplicationStatus.APPROVED
    assert db.session.scalar(sa.select(Workshop.name)) == KOMANG.workshop_name
    acts = db.session.scalars(sa.select(AuditRow.actor_id).where(AuditRow.action == "application.approve")).all()
    assert acts == [admin.id]
    decided = client.get(f"/admin/applications/{ident}").text
    assert "Send and record" not in decided
    assert "Komang Adi" in decided


def test_a_rejection_without_a_reason_comes_back_with_everything_typed(client: FlaskClient, admin: User) -> None:
    user, ident = handed_in()
    answer = post(
        client, f"/admin/applications/{ident}/decision", {"decision": "no", "words": "Mohon maaf, belum bisa."}
    )
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert "Choose a reason from the list." in answer.text
    assert "Mohon maaf, belum bisa." in answer.text
    assert "<title>Problem:" in answer.text
    assert own(user).status is ApplicationStatus.APPLIED
    assert not mails()


def test_each_kind_of_decision_takes_its_own_reason(client: FlaskClient, admin: User) -> None:
    user, ident = handed_in()
    form = {"decision": "ask", "ask_code": "bench_photo", "no_code": "not_celuk", "words": "Satu foto lagi."}
    post(client, f"/admin/applications/{ident}/decision", data=form)
    assert (own(user).status, own(user).reason_code) == (ApplicationStatus.SENT_BACK, "bench_photo")
    services.add_application_photo(user.id, PhotoFactory(user_id=user.id).id, "bench")
    services.submit_application(user.id)
    post(client, f"/admin/applications/{ident}/decision", data={**form, "decision": "no"})
    assert (own(user).status, own(user).reason_code) == (ApplicationStatus.REJECTED, "not_celuk")
    assert len(mails()) == 2


def test_too_late_says_so(client: FlaskClient, admin: User) -> None:
    _user, ident = handed_in()
    services.approve_application(ident, admin.id)
    answer = post(client, f"/admin/applications/{ident}/decision", data={"decision": "yes"}, follow_redirects=True)
    assert "already changed in the meantime" in answer.text
    assert len(mails()) == 1


def test_decided_ones_are_found_by_their_state(client: FlaskClient, admin: User) -> None:
    _user, ident = handed_in()
    services.reject(ident, admin.id, "not_celuk")
    assert KOMANG.workshop_name not in client.get("/admin/applications/").text
    assert KOMANG.workshop_name in client.get("/admin/applications/?status=rejected").text
    assert client.get("/admin/applications/?status=draft&after=x-y").status_code == 200
