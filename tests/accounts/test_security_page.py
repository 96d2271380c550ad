"""Reset and change of the password, sessions, a new email (security.md 23, 24, 27, 28)."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.accounts import services, signals
from marketplace.accounts.errors import LinkDead
from marketplace.accounts.models import LinkPurpose, User
from marketplace.core.db import db
from tests.factories.accounts import PASSWORD, AdminFactory, UserFactory
from tests.helpers import links_in, mails, send, sign_in

NEW = "four wet umbrellas drip"
PAGE = "/account/security"


def is_signed_in(client: FlaskClient) -> bool:
    return bool(client.get(PAGE).status_code == 200)


def ask_reset(client: FlaskClient, email: str) -> Any:
    return send(client, "/reset", {"email": email})


def can_sign_in(client: FlaskClient, email: str, password: str) -> bool:
    return bool(send(client, "/sign-in", {"email": email, "password": password}).status_code == 303)


def test_a_reset_sets_the_password_once_and_ends_every_session(client: FlaskClient, new_client: Any) -> None:
    user = UserFactory(email="maya@example.com")
    thief = new_client()
    sign_in(thief, user)
    answer = ask_reset(client, "Maya@Example.com")
    assert answer.location == "/reset?sent=1"
    assert "If this address has an account" in client.get(answer.location).text
    link = links_in(mails()[0].text)[0]

    page = client.get(link).text
    assert 'autocomplete="new-password"' in page
    assert "maya@example.com" in page
    weak = send(client, link, {"password": "password123"})
    assert weak.status_code == 422
    assert "among the first that a guesser tries" in weak.text
    assert send(client, link, {"password": NEW}).status_code == 303, "a refused try has not used the link up"
    assert is_signed_in(client)
    assert not is_signed_in(thief)
    assert can_sign_in(new_client(), "maya@example.com", NEW)
    assert not can_sign_in(new_client(), "maya@example.com", PASSWORD)
    assert mails()[-1].subject == "Your password was changed"
    assert send(new_client(), link, {"password": "another good one 5"}, page="/reset").status_code == 410


def test_a_reset_kills_the_links_before_it_and_an_hour_kills_all(new_client: Any, stopped_clock: Any) -> None:
    UserFactory(email="maya@example.com")
    for _ in range(3):
        ask_reset(new_client(), "maya@example.com")
    first, second, _third = (links_in(mail.text)[0] for mail in mails())
    assert send(new_client(), second, {"password": NEW}).status_code == 303
    assert new_client().get(first).status_code == 410
    ask_reset(new_client(), "maya@example.com")
    last = links_in(mails()[-1].text)[0]
    stopped_clock.forward(minutes=60, seconds=1)
    assert new_client().get(last).status_code == 410
    assert send(new_client(), last, {"password": NEW}, page="/reset").status_code == 410


def test_two_at_once_cannot_use_one_link(app: Flask) -> None:
    user = UserFactory(email="maya@example.com")
    token = services.link_for(user.id, LinkPurpose.RESET)
    services.reset(token, NEW)
    with pytest.raises(LinkDead):
        services.reset(token, "another good one 5")


def test_a_reset_tells_nobody_whether_there_is_an_account(client: FlaskClient, new_client: Any) -> None:
    UserFactory(email="maya@example.com")
    closed = UserFactory(email="closed@example.com")
    services.disable(closed.id, AdminFactory().id, "asked for it")
    answers = [ask_reset(new_client(), f"{name}@example.com") for name in ("maya", "nobody", "closed")]
    assert len({(answer.status_code, answer.location, answer.data) for answer in answers}) == 1
    assert [mail.subject for mail in mails()] == [
        "Choose a new password",
        "No account with this address",
        "Your account is closed",
    ]


def test_a_closed_account_opens_by_no_link(app: Flask) -> None:
    user, admin = UserFactory(), AdminFactory()
    tokens = {purpose: services.link_for(user.id, purpose) for purpose in (LinkPurpose.RESET, LinkPurpose.SIGN_IN)}
    services.disable(user.id, admin.id, "asked for it")
    with pytest.raises(LinkDead):
        services.reset(tokens[LinkPurpose.RESET], NEW)
    with pytest.raises(LinkDead):
        services.sign_in_by_link(tokens[LinkPurpose.SIGN_IN])


def test_changing_the_password_needs_the_current_one_and_ends_the_others(client: FlaskClient, new_client: Any) -> None:
    user = UserFactory(email="maya@example.com")
    others = [new_client(), new_client()]
    for browser in (client, *others):
        sign_in(browser, user)
    wrong = send(client, PAGE + "/password", {"current": "wrong", "new": NEW}, page=PAGE)
    assert wrong.status_code == 422
    assert "This is not your current password" in wrong.text
    weak = send(client, PAGE + "/password", {"current": PASSWORD, "new": "short"}, page=PAGE)
    assert weak.status_code == 422
    assert "this one has 5" in weak.text
    assert all(is_signed_in(browser) for browser in others)

    right = send(client, PAGE + "/password", {"current": PASSWORD, "new": NEW}, page=PAGE)
    assert right.status_code == 303
    assert "2 other devices were signed out" in client.get(PAGE).text
    assert not any(is_signed_in(browser) for browser in others)
    assert can_sign_in(new_client(), "maya@example.com", NEW)
    assert [mail.subject for mail in mails()] == ["Your password was changed"]


def test_the_current_password_cannot_be_guessed_from_an_open_session(client: FlaskClient) -> None:
    sign_in(client, UserFactory())
    codes = [
        send(client, PAGE + "/password", {"current": f"guess {n}", "new": NEW}, page=PAGE).status_code
        for n in range(11)
    ]
    assert codes == [422] * 10 + [429]


def test_sessions_are_listed_and_ended(client: FlaskClient, new_client: Any) -> None:
    user, phone, far = UserFactory(), new_client(), new_client()
    rows = [sign_in(browser, user) for browser in (client, phone, far)]
    rows[1].agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1"
    rows[2].agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
    db.session.commit()
    page = client.get(PAGE).text
    assert "iPhone, Safari" in page
    assert "Windows, Firefox" in page
    assert page.count("This device") == 1

    assert send(client, f"{PAGE}/sessions/{rows[1].id}/end", page=PAGE).status_code == 303
    assert not is_signed_in(phone)
    assert is_signed_in(far)
    assert send(client, f"{PAGE}/sessions/others/end", page=PAGE).status_code == 303
    assert not is_signed_in(far)
    assert is_signed_in(client)


def test_nobody_ends_another_persons_session(client: FlaskClient, new_client: Any) -> None:
    theirs = new_client()
    row = sign_in(theirs, UserFactory())
    sign_in(client, UserFactory())
    assert send(client, f"{PAGE}/sessions/{row.id}/end", page=PAGE).status_code == 404
    assert is_signed_in(theirs)


def test_an_act_without_this_sessions_token_is_refused(client: FlaskClient, new_client: Any) -> None:
    user, other = UserFactory(), new_client()
    sign_in(client, user)
    row = sign_in(other, user)
    foreign = new_client().get("/sign-in").text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    client.get(PAGE)
    for token in ({}, {"csrf_token": foreign}, {"csrf_token": "x"}):
        assert client.post(f"{PAGE}/sessions/{row.id}/end", data=token).status_code == 403
        assert client.post("/sign-out", data=token).status_code == 403
    assert is_signed_in(other)
    assert is_signed_in(client)


def test_a_new_email_needs_the_password_and_informs_both(client: FlaskClient, new_client: Any) -> None:
    user = UserFactory(email="old@example.com")
    sign_in(client, user)
    path, heard = PAGE + "/email", []
    refused = send(client, path, {"email": "new@example.com", "email_password": "wrong"}, page=PAGE)
    assert refused.status_code == 422
    assert 'value="new@example.com"' in refused.text
    same = send(client, path, {"email": "OLD@example.com", "email_password": PASSWORD}, page=PAGE)
    assert "This is your email already" in same.text
    assert mails() == []

    assert send(client, path, {"email": "New@Example.com", "email_password": PASSWORD}, page=PAGE).status_code == 303
    by_address = {mail.to: mail for mail in mails()}
    assert by_address["old@example.com"].subject == "A new email was asked for"
    link = links_in(by_address["new@example.com"].text)[0]
    assert can_sign_in(new_client(), "old@example.com", PASSWORD), "the old one works until then"

    def listen(_sender: Any, **news: Any) -> None:
        heard.append(news)

    with signals.email_confirmed.connected_to(listen):
        assert send(client, link).status_code == 303
    assert heard == [{"user_id": user.id, "email": "new@example.com"}]
    assert can_sign_in(new_client(), "new@example.com", PASSWORD)
    assert not can_sign_in(new_client(), "old@example.com", PASSWORD)
    assert (mails()[-1].to, mails()[-1].subject) == ("old@example.com", "Your email was changed")
    assert new_client().get(link).status_code == 410


def test_anothers_email_is_told_to_its_owner_only(client: FlaskClient, new_client: Any) -> None:
    UserFactory(email="taken@example.com")
    user = UserFactory(email="maya@example.com")
    sign_in(client, user)
    free = send(client, PAGE + "/email", {"email": "free@example.com", "email_password": PASSWORD}, page=PAGE)
    said_free = client.get(PAGE).text
    taken = send(client, PAGE + "/email", {"email": "taken@example.com", "email_password": PASSWORD}, page=PAGE)
    said_taken = client.get(PAGE).text
    assert (free.status_code, free.location) == (taken.status_code, taken.location)
    assert "A link is on its way to the new address" in said_free
    assert "A link is on its way to the new address" in said_taken
    assert {mail.to: mail.subject for mail in mails()}["taken@example.com"] == "You have an account already"


def test_an_email_taken_in_the_meantime_is_not_used(app: Flask) -> None:
    user = UserFactory(email="maya@example.com")
    services.ask_new_email(user.id, "free@example.com", PASSWORD, market_prefix="", address="127.0.0.1")
    token = next(links_in(mail.text)[0].rsplit("/", 1)[1] for mail in mails() if mail.to == "free@example.com")
    UserFactory(email="free@example.com")
    with pytest.raises(LinkDead):
        services.confirm_new_email(token)
    assert db.session.scalars(sa.select(User.email).where(User.id == user.id)).one() == "maya@example.com"


def test_changing_the_email_kills_links_to_the_old_mailbox(app: Flask) -> None:
    user = UserFactory(email="old@example.com")
    stolen = services.link_for(user.id, LinkPurpose.RESET)
    services.ask_new_email(user.id, "new@example.com", PASSWORD, market_prefix="", address="127.0.0.1")
    token = next(links_in(mail.text)[0].rsplit("/", 1)[1] for mail in mails() if mail.to == "new@example.com")
    services.confirm_new_email(token)
    with pytest.raises(LinkDead):
        services.reset(stolen, NEW)


def test_a_stale_sign_in_gives_the_password_again(client: FlaskClient) -> None:
    """Admin acts ask for it; the page sends back to where one was, and only within our own origin."""
    user = AdminFactory(email="boss@example.com")
    row = sign_in(client, user, minutes_ago=5 * 60)
    before = row.signed_in_at
    path = "/confirm-password?next=//evil.example"
    wrong = send(client, "/confirm-password", {"password": "wrong"}, page=path)
    assert wrong.status_code == 422
    right = send(client, "/confirm-password", {"password": PASSWORD, "next": "/admin/?q=1"}, page=path)
    assert right.location == "/admin/?q=1"
    db.session.refresh(row)
    assert before is not None
    assert row.signed_in_at is not None
    assert row.signed_in_at > before


def test_admin_acts_need_a_fresh_sign_in(client: FlaskClient) -> None:
    """security.md 28: the act waits until the password was given again."""
    user = UserFactory()
    sign_in(client, AdminFactory(), minutes_ago=4 * 60 + 1)
    path, page = f"/admin/people/{user.id}/disable", f"/admin/people/{user.id}"
    why = {"why": "asked for it", "reason": "asked for it", "words": "asked for it"}
    stale = send(client, path, why, page=page, headers={"Referer": f"http://127.0.0.1:5000{page}"})
    assert stale.status_code == 303
    assert "/confirm-password?next=" in stale.location
    db.session.refresh(user)
    assert user.is_active
    again = send(client, "/confirm-password", {"password": PASSWORD, "next": page}, page=stale.location)
    assert again.location == page
    assert send(client, path, why, page=page).status_code == 303
    db.session.refresh(user)
    assert not user.is_active


def test_a_form_that_came_back_may_be_loaded_anew(client: FlaskClient) -> None:
    sign_in(client, UserFactory())
    assert client.get(PAGE + "/password").location == PAGE
    assert client.get("/id" + PAGE + "/email").location == "/id" + PAGE


def test_over_https_the_cookie_is_bound_to_the_host(tmp_path: Any) -> None:
    """security.md 32; the tests' own shop stands on http."""
    from config import Config
    from marketplace import create_app
    from tests.conftest import migrate

    url = f"sqlite:///{tmp_path}/shop.db"
    migrate(url)
    config = Config(
        app_env="testing",
        secret_key="s" * 40,
        site_url="https://shop.example",
        instance_dir=tmp_path,
        database_url=url,
        media_url=f"file://{tmp_path}/media",
        mail_url=f"file://{tmp_path}/mail",
    )
    app = create_app(config)
    with app.app_context():
        services.create_user("maya@example.com", PASSWORD, "Maya", "en", confirmed=True)
    browser, shop = (
        app.test_client(),
        {"base_url": "https://shop.example", "headers": {"Origin": "https://shop.example"}},
    )
    answer = send(browser, "/sign-in", {"email": "maya@example.com", "password": PASSWORD}, **shop)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Domain" not in cookie
    assert browser.get(PAGE, base_url="https://shop.example").status_code == 200
