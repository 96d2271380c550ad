"""Who belongs to a workshop: invited by mail, accepted by its reader, changed, removed, never without an owner."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.accounts.models import Hit, User
from marketplace.audit.models import AuditRow
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.errors import NotFound
from marketplace.workshops.models import Invitation, Member, MemberRole, Workshop
from marketplace.workshops.services import people
from tests.factories.accounts import PASSWORD, UserFactory, two_step
from tests.factories.workshops import MemberFactory, WorkshopFactory
from tests.helpers import SentMail, links_in, mails, send, sign_in
from tests.seller.conftest import Maker, make_maker

PAGE = "/seller/people/"
OWNER, MAKER, PACKER = MemberRole.OWNER, MemberRole.MAKER, MemberRole.PACKER


@pytest.fixture
def luh(app: Flask, new_client: Callable[[], FlaskClient]) -> Maker:
    maker = make_maker(new_client, name="Luh Selaka")
    maker.user.full_name = "Ni Luh Ayu"
    db.session.commit()
    return maker


def join(workshop: Workshop, role: MemberRole, **facts: Any) -> tuple[User, int]:
    user = UserFactory(**facts)
    return user, MemberFactory(workshop_id=workshop.id, user_id=user.id, role=role).id


def roles(workshop: Workshop) -> dict[int, MemberRole]:
    db.session.rollback()
    rows = db.session.execute(sa.select(Member.user_id, Member.role).where(Member.workshop_id == workshop.id))
    return {row.user_id: row.role for row in rows}


def invite(maker: Maker, email: str, role: MemberRole = PACKER) -> Any:
    return send(maker.browser, PAGE + "invitations", {"email": email, "role": role.value}, page=PAGE)


def last_link() -> str:
    return links_in(mails()[-1].text)[0]


def acts() -> list[tuple[str, int | None]]:
    db.session.rollback()
    rows = db.session.execute(sa.select(AuditRow.action, AuditRow.actor_id).order_by(AuditRow.id))
    return [(row.action, row.actor_id) for row in rows]


def test_a_packer_comes_in_by_a_mail(luh: Maker, new_client: Callable[[], FlaskClient]) -> None:
    kadek, phone = UserFactory(email="kadek@example.com", full_name="Kadek Wulan", language="id"), new_client()
    assert invite(luh, " Kadek@Example.com ").status_code == 303
    mail = mails()[-1]
    assert mail.to == "kadek@example.com"
    assert "Ni Luh Ayu" in mail.text
    assert "Luh Selaka" in mail.text
    link = last_link()
    assert link.startswith("/id/invitations/"), "the inviter's language"
    assert roles(luh.workshop) == {luh.user.id: OWNER}, "bound to nobody until accepted"

    page = phone.get(link)
    assert page.status_code == 200
    assert "kadek@example.com" in page.text
    door = re.findall(r'href="(/id/sign-in\?next=[^"]+)"', page.text)[0].replace("&amp;", "&")
    back = send(phone, door, {"email": kadek.email, "password": PASSWORD, "next": link})
    assert back.location == link
    assert roles(luh.workshop) == {luh.user.id: OWNER}, "signing in is not yet a yes"
    assert phone.get("/account").location.endswith(link.rpartition("/")[2]), "it waits at the first page"
    assert send(phone, link).location == "/seller/"
    assert roles(luh.workshop) == {luh.user.id: OWNER, kadek.id: PACKER}
    assert phone.get("/seller/").status_code == 200
    assert acts() == [("member.invite", luh.user.id), ("member.join", kadek.id)]
    assert (mails()[-1].to, "Kadek Wulan" in mails()[-1].text) == (luh.user.email, True)
    assert new_client().get(link).status_code == 410
    row = db.session.scalars(sa.select(Invitation)).one()
    assert (row.accepted_by, row.invited_by) == (kadek.id, luh.user.id)
    assert link.rpartition("/")[2] not in str(vars(row)), "the table holds the hash alone"


def test_somebody_new_makes_an_account_first(luh: Maker, new_client: Callable[[], FlaskClient]) -> None:
    """The invitation waits at the first page after the address is confirmed; nothing happens without a yes."""
    invite(luh, "kadek@example.com")
    offer, phone = last_link().rpartition("/")[2], new_client()
    data = {"name": "Kadek Wulan", "email": "kadek@example.com", "password": "four wet umbrellas drip"}
    assert send(phone, "/id/sign-up", data).status_code == 303
    assert send(phone, last_link()).location == "/id/account"
    waiting = phone.get("/id/account").location
    assert waiting == f"/id/invitations/{offer}"
    assert list(roles(luh.workshop)) == [luh.user.id]
    assert send(phone, waiting).location == "/seller/"
    assert list(roles(luh.workshop).values()) == [OWNER, PACKER]
    assert phone.get("/seller/apply/").status_code == 200, "and may still wish for a workshop of one's own"


def test_another_account_cannot_take_it(luh: Maker, new_client: Callable[[], FlaskClient]) -> None:
    invite(luh, "kadek@example.com")
    link, thief = last_link(), new_client()
    sign_in(thief, UserFactory(email="thief@example.com"))
    page = thief.get(link).text
    assert "kadek@example.com" not in page
    assert "thief@example.com" in page
    for path in (link, link + "/refusal"):
        assert send(thief, path, page=link).status_code == 403
    unproven = UserFactory(email="kadek@example.com", email_confirmed_at=None)
    sign_in(thief, unproven)
    assert send(thief, link).status_code == 403, "an address is theirs when it is proven to be"
    assert roles(luh.workshop) == {luh.user.id: OWNER}
    stranger = new_client()
    assert send(stranger, link).status_code == 303, "to the door"


@pytest.mark.parametrize("end", ["revoked", "old", "declined", "again", "closed"])
def test_a_link_dies(luh: Maker, new_client: Callable[[], FlaskClient], stopped_clock: Any, end: str) -> None:
    kadek, phone = UserFactory(email="kadek@example.com"), new_client()
    invite(luh, kadek.email)
    link = last_link()
    row = db.session.scalars(sa.select(Invitation)).one()
    sign_in(phone, kadek)
    if end == "revoked":
        assert luh.post(f"{PAGE}invitations/{row.id}/removal").status_code == 303
    elif end == "old":
        stopped_clock.forward(days=7, seconds=1)
        sign_in(phone, kadek)
    elif end == "declined":
        assert send(phone, link + "/refusal", page=link).status_code == 303
    elif end == "again":
        assert luh.post(f"{PAGE}invitations/{row.id}/sending").status_code == 303
        assert last_link() != link
        assert phone.get(last_link()).status_code == 200
    else:
        luh.workshop.closed_at = clock.now()
        db.session.commit()
    assert phone.get(link).status_code == 410
    assert send(phone, link, page="/account/security").status_code == 410
    assert kadek.id not in roles(luh.workshop)


def test_the_answer_does_not_tell_whether_there_is_an_account(luh: Maker) -> None:
    UserFactory(email="known@example.com")
    shown = []
    for name in ("known", "nobody"):
        answer = invite(luh, f"{name}@example.com")
        page = luh.get(answer.location).text
        shown.append((answer.status_code, answer.location, re.sub(r"known@|nobody@|invitations/\d+", "", page)))
        db.session.execute(sa.delete(Invitation))
        db.session.commit()
    first, second = mails()
    token = r"invitations/\S+"
    assert re.sub(token, "", first.text) == re.sub(token, "", second.text)
    assert first.subject == second.subject
    sizes = [re.sub(r'name="csrf_token"\s+value="[^"]+"', "", page) for _code, _where, page in shown]
    assert sizes[0] == sizes[1]
    assert shown[0][:2] == shown[1][:2]


def test_one_open_invitation_for_an_address_and_none_for_a_member(luh: Maker) -> None:
    invite(luh, "kadek@example.com", PACKER)
    invite(luh, "kadek@example.com", MAKER)
    rows = db.session.scalars(sa.select(Invitation)).all()
    assert [row.role for row in rows] == [MAKER]
    refused = invite(luh, luh.user.email)
    assert refused.status_code == 422
    assert 'id="email-e"' in refused.text
    bad = invite(luh, "not an address")
    assert bad.status_code == 422
    assert 'value="not an address"' in bad.text
    nothing = send(luh.browser, PAGE + "invitations", {"email": "x@example.com"}, page=PAGE)
    assert nothing.status_code == 422
    forged = send(luh.browser, PAGE + "invitations", {"email": "x@example.com", "role": "admin"}, page=PAGE)
    assert forged.status_code == 422


def test_nobody_makes_us_write_many_mails(luh: Maker) -> None:
    codes = [invite(luh, "kadek@example.com").status_code for _ in range(6)]
    assert codes == [303] * 5 + [422]
    db.session.execute(sa.delete(Hit))
    db.session.commit()
    codes = [invite(luh, f"p{n}@example.com").status_code for n in range(20)]
    assert codes == [303] * 19 + [422], "twenty wait for an answer"


def test_making_an_owner_needs_the_code(luh: Maker) -> None:
    _kadek, member = join(luh.workshop, PACKER)
    for path, fields in (
        (f"{PAGE}{member}/role", {"role": "owner"}),
        (f"{PAGE}invitations", {"email": "x@example.com", "role": "owner"}),
    ):
        answer = send(luh.browser, path, fields, page=PAGE)
        assert answer.location.startswith("/id/account/security/two-step")
    assert list(roles(luh.workshop).values()).count(OWNER) == 1
    assert mails() == []
    two_step(luh.user)
    sign_in(luh.browser, luh.user, code_minutes_ago=20)
    assert luh.post(f"{PAGE}{member}/role", {"role": "owner"}).location.startswith("/id/confirm-code")
    sign_in(luh.browser, luh.user, code_minutes_ago=1)
    assert luh.post(f"{PAGE}{member}/role", {"role": "owner"}).location == PAGE
    assert list(roles(luh.workshop).values()) == [OWNER, OWNER]


def test_an_old_sign_in_gives_the_password_first(luh: Maker) -> None:
    _kadek, member = join(luh.workshop, PACKER)
    sign_in(luh.browser, luh.user, minutes_ago=5 * 60)
    assert "/confirm-password" in luh.post(f"{PAGE}{member}/removal").location
    assert len(roles(luh.workshop)) == 2


def test_a_role_changes_at_once_and_is_told(luh: Maker, new_client: Callable[[], FlaskClient]) -> None:
    kadek, member = join(luh.workshop, MAKER, full_name="Kadek Wulan", language="en")
    phone = new_client()
    sign_in(phone, kadek)
    assert phone.get("/seller/listings/").status_code == 200
    assert luh.post(f"{PAGE}{member}/role", {"role": "packer"}).status_code == 303
    assert phone.get("/seller/listings/").status_code == 403
    assert phone.get("/seller/orders/").status_code == 200
    assert acts() == [("member.role", luh.user.id)]
    row = db.session.scalars(sa.select(AuditRow)).one()
    assert (row.before["role"], row.after["role"], row.after["name"]) == ("maker", "packer", "Kadek Wulan")
    assert heard(kadek).text.count("Packer") == 1
    assert "Ni Luh Ayu" in heard(kadek).text


def heard(user: User) -> SentMail:
    return [mail for mail in mails() if mail.to == user.email][-1]


def test_a_removed_member_is_out_on_every_device_at_once(luh: Maker, new_client: Callable[[], FlaskClient]) -> None:
    """Two browsers with open sessions: the next request of both is refused, whatever it is (must-show 6)."""
    kadek, member = join(luh.workshop, MAKER, full_name="Kadek Wulan", language="en")
    phone, desk = new_client(), new_client()
    for browser in (phone, desk):
        sign_in(browser, kadek)
    page = phone.get("/seller/listings/new")
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "private, no-store")
    assert "ETag" not in page.headers
    token = re.findall(r'name="csrf_token"\s+value="([^"]+)"', page.text)[0]
    assert desk.get("/seller/orders/").status_code == 200

    assert luh.post(f"{PAGE}{member}/removal").status_code == 303

    for browser in (phone, desk):
        for path in ("/seller/", "/seller/orders/", "/seller/listings/", "/seller/listings/new", "/seller/people/me"):
            answer = browser.get(path, headers={"If-None-Match": "*"})
            assert answer.status_code == 403, path
            assert "Luh Selaka" not in answer.text
    json = {"Accept": "application/json", "X-CSRF-Token": token}
    for path in ("/seller/listings/new", "/seller/uploads"):
        late = phone.post(path, data={"csrf_token": token, "draft_key": "k" * 20}, headers=json)
        assert late.status_code in (403, 404), "what the phone had queued"
    assert phone.get("/account/security").status_code == 200, "the person's own account stays"
    assert phone.get("/account").location == "/account/orders"
    assert acts() == [("member.remove", luh.user.id)]
    row = db.session.scalars(sa.select(AuditRow)).one()
    assert row.before == {"name": "Kadek Wulan", "role": "maker"}
    assert "Your own account stays" in heard(kadek).text
    assert "Kadek Wulan" in heard(luh.user).text


def test_the_last_owner_stays(luh: Maker, new_client: Callable[[], FlaskClient]) -> None:
    two_step(luh.user)
    sign_in(luh.browser, luh.user, code_minutes_ago=1)
    mine = db.session.scalars(sa.select(Member.id).where(Member.user_id == luh.user.id)).one()
    join(luh.workshop, MAKER)
    for path, fields in (
        (f"{PAGE}{mine}/role", {"role": "maker"}),
        (f"{PAGE}{mine}/removal", {}),
        (PAGE + "leaving", {}),
    ):
        luh.post(path, fields)
        assert roles(luh.workshop)[luh.user.id] is OWNER, path
    other, theirs = join(luh.workshop, OWNER)
    assert luh.post(PAGE + "leaving").location.endswith("/account")
    assert luh.get("/seller/").status_code == 403
    assert roles(luh.workshop)[other.id] is OWNER
    with pytest.raises(people.LastOwner):
        people.leave(luh.workshop.id, other.id)
    with pytest.raises(people.LastOwner):
        people.change_role(luh.workshop.id, theirs, PACKER, other.id)


def test_two_owners_who_leave_at_once_leave_one(app: Flask) -> None:
    """Both read that the other is there; the lock lets one of them see that this is over."""
    workshop = WorkshopFactory()
    one, two = (join(workshop, OWNER)[0].id for _ in range(2))
    workshop_id, refused, gate = workshop.id, [], threading.Barrier(2)
    db.session.rollback()

    def go(user_id: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                people.leave(workshop_id, user_id)
            except people.LastOwner:
                refused.append(user_id)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=go, args=(user_id,)) for user_id in (one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert list(roles(workshop).values()) == [OWNER]


def test_a_closed_account_is_no_owner_to_rely_on(luh: Maker) -> None:
    gone, _theirs = join(luh.workshop, OWNER)
    gone.disabled_at = clock.now()
    db.session.commit()
    with pytest.raises(people.LastOwner):
        people.leave(luh.workshop.id, luh.user.id)


def test_what_a_removed_owner_sent_out_is_no_way_back(luh: Maker, new_client: Callable[[], FlaskClient]) -> None:
    made, theirs = join(luh.workshop, OWNER)
    people.invite(luh.workshop.id, "second@example.com", PACKER, made.id, "127.0.0.1")
    link = last_link()
    people.remove(luh.workshop.id, theirs, luh.user.id)
    assert new_client().get(link).status_code == 410
    with pytest.raises(people.OwnersOnly):
        people.invite(luh.workshop.id, "third@example.com", PACKER, made.id, "127.0.0.1")


def test_another_workshops_people_are_not_there(luh: Maker, new_client: Callable[[], FlaskClient]) -> None:
    wayan = make_maker(new_client, name="Kala Wengi")
    _kadek, member = join(wayan.workshop, PACKER)
    invitation = people.invite(wayan.workshop.id, "x@example.com", PACKER, wayan.user.id, "127.0.0.1")
    for path, fields in (
        (f"{PAGE}{member}/role", {"role": "maker"}),
        (f"{PAGE}{member}/removal", {}),
        (f"{PAGE}invitations/{invitation}/removal", {}),
        (f"{PAGE}invitations/{invitation}/sending", {}),
        (PAGE + "workshop", {"workshop_id": wayan.workshop.id}),
    ):
        assert luh.post(path, fields).status_code == 404, path
    with pytest.raises(NotFound):
        people.remove(luh.workshop.id, member, luh.user.id)
    assert len(roles(wayan.workshop)) == 2


def test_one_person_in_two_workshops_acts_for_the_chosen_one(luh: Maker, new_client: Callable[[], FlaskClient]) -> None:
    """The first is the one of the beginning; the choice holds, into the next sign-in too, as long as one belongs."""
    wengi = WorkshopFactory(name="Kala Wengi")
    membership = MemberFactory(workshop_id=wengi.id, user_id=luh.user.id, role=PACKER)
    assert "Luh Selaka" in luh.get("/seller/").text
    assert "Kala Wengi" in luh.get(PAGE + "me").text
    assert luh.browser.post(PAGE + "workshop", data={"workshop_id": wengi.id}).status_code == 422, "no token"
    assert luh.post(PAGE + "workshop", {"workshop_id": wengi.id}).location == "/seller/"
    assert "Kala Wengi" in luh.get("/seller/").text
    assert luh.get("/seller/settings/").status_code == 403, "there she is a packer"

    again = new_client()
    assert send(again, "/sign-in", {"email": luh.user.email, "password": PASSWORD}).status_code == 303
    assert "Kala Wengi" in again.get("/seller/").text, "the last used"

    db.session.delete(membership)
    db.session.commit()
    for browser in (luh.browser, again):
        page = browser.get("/seller/")
        assert page.status_code == 200
        assert "Luh Selaka" in page.text
    assert luh.get("/seller/settings/").status_code == 200


def test_a_closed_workshop_is_gone_and_a_suspended_one_says_so(luh: Maker) -> None:
    wengi = WorkshopFactory(name="Kala Wengi", suspended_at=clock.now() - timedelta(1), suspension_reason="Checks")
    MemberFactory(workshop_id=wengi.id, user_id=luh.user.id)
    luh.post(PAGE + "workshop", {"workshop_id": wengi.id})
    assert "Checks" in luh.get("/seller/settings/").text
    wengi.closed_at = clock.now()
    db.session.commit()
    assert "Kala Wengi" not in luh.get("/seller/").text
    assert luh.post(PAGE + "workshop", {"workshop_id": wengi.id}).status_code == 404
