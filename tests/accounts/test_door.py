"""Signing up, confirming, signing in and out (security.md 23, 24, 26, 27)."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from marketplace.accounts import services, signals
from marketplace.accounts.models import AccountLink, LoginSession, User
from marketplace.accounts.services import SignUp
from marketplace.core.db import db
from marketplace.notifications.models import Mail
from tests.factories.accounts import PASSWORD, UserFactory
from tests.helpers import links_in, mails, send, sign_in

GOOD = "four wet umbrellas drip"


def post_sign_up(client: FlaskClient, email: str, password: str = GOOD, **more: Any) -> Any:
    return send(client, "/sign-up", {"name": "Maya Chen", "email": email, "password": password, **more})


def post_sign_in(client: FlaskClient, email: str, password: str = PASSWORD, **more: Any) -> Any:
    return send(client, "/sign-in", {"email": email, "password": password, **more}, page="/reset")


def is_signed_in(client: FlaskClient) -> bool:
    return bool(client.get("/account/security").status_code == 200)


def test_an_account_is_made_when_its_email_is_confirmed(client: FlaskClient) -> None:
    answer = post_sign_up(client, "  Maya.Chen@Example.com ")
    assert answer.status_code == 303
    assert "Look in your mailbox" in client.get(answer.location).text
    assert db.session.scalars(sa.select(User)).all() == []

    [mail] = mails()
    assert mail.to == "maya.chen@example.com"
    assert mail.subject == "Confirm your email"
    link = links_in(mail.text)[0]
    assert link.startswith("/confirm/")

    assert "maya.chen@example.com" in client.get(link).text
    assert db.session.scalars(sa.select(User)).all() == [], "opening the link changes nothing"

    assert send(client, link).status_code == 303
    user = db.session.scalars(sa.select(User)).one()
    assert (user.email, user.full_name, user.language) == ("maya.chen@example.com", "Maya Chen", "en")
    assert user.email_confirmed_at is not None
    assert is_signed_in(client)


def test_signing_up_in_indonesian_is_answered_in_indonesian(client: FlaskClient) -> None:
    data = {"name": "Ayu Lestari", "email": "ayu@example.com", "password": GOOD}
    assert send(client, "/id/sign-up", data).location == "/id/sign-up/sent"
    link = links_in(mails()[0].text)[0]
    assert link.startswith("/id/confirm/")
    send(client, link)
    assert db.session.scalars(sa.select(User)).one().language == "id"


def test_a_confirmation_works_once_and_for_an_hour(client: FlaskClient, new_client: Any, stopped_clock: Any) -> None:
    post_sign_up(client, "one@example.com")
    post_sign_up(client, "two@example.com")
    one, two = (links_in(mail.text)[0] for mail in mails())
    send(client, one)
    other = new_client()
    assert other.get(one).status_code == 410
    assert send(other, one, page="/reset").status_code == 410
    assert not is_signed_in(other)
    stopped_clock.forward(minutes=61)
    assert other.get(two).status_code == 410
    assert send(other, two, page="/reset").status_code == 410
    assert [user.email for user in db.session.scalars(sa.select(User))] == ["one@example.com"]


def test_nobody_holds_an_address_that_is_not_theirs(client: FlaskClient, new_client: Any) -> None:
    """Who signs up first with another's email gains nothing: each link sets the password of its own sign-up."""
    post_sign_up(client, "maya@example.com", "the thief knows this one")
    post_sign_up(new_client(), "maya@example.com", GOOD)
    theirs, hers = (links_in(mail.text)[0] for mail in mails())
    owner = new_client()
    assert send(owner, hers).status_code == 303
    assert post_sign_in(new_client(), "maya@example.com", "the thief knows this one").status_code == 422
    assert post_sign_in(new_client(), "maya@example.com", GOOD).status_code == 303
    assert send(client, theirs, page="/reset").status_code == 410
    assert not is_signed_in(client)
    assert {link.password_hash for link in db.session.scalars(sa.select(AccountLink))} == {""}


def test_a_known_email_signs_up_to_the_same_answer_and_a_mail_to_its_owner(
    client: FlaskClient, new_client: Any
) -> None:
    UserFactory(email="maya@example.com")
    known = post_sign_up(client, "maya@example.com")
    unknown = post_sign_up(new_client(), "nobody@example.com")
    assert (known.status_code, known.location, known.data) == (unknown.status_code, unknown.location, unknown.data)
    first, second = mails()
    assert (first.to, first.subject) == ("maya@example.com", "You have an account already")
    assert (second.to, second.subject) == ("nobody@example.com", "Confirm your email")
    assert links_in(first.text)[0].startswith("/reset/")


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("not an address", GOOD, "Enter an email address"),
        ("maya@example", GOOD, "Enter an email address"),
        ("maya@example.com\r\nBcc: all@example.com", GOOD, "Enter an email address"),
        ("maya@example.com", "celuk", "this one has 5"),
        ("maya@example.com", "password123", "among the first that a guesser tries"),
        ("maya@example.com", "maya.chen2026", "among the first that a guesser tries"),
        ("maya@example.com", "x" * 300, "at most 256 characters"),
        ("maya@example.com", "", "Choose a password"),
    ],
)
def test_a_wrong_sign_up_comes_back_with_a_sentence(
    client: FlaskClient, email: str, password: str, sentence: str
) -> None:
    answer = post_sign_up(client, email, password)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "There is a problem" in answer.text
    assert 'value="Maya Chen"' in answer.text, "what was typed is kept"
    assert mails() == []


def test_who_fills_the_hidden_field_is_a_machine(client: FlaskClient) -> None:
    assert post_sign_up(client, "bot@example.com", website="https://spam.example").status_code == 422
    assert mails() == []


def test_forms_that_come_back_faster_than_people_type_are_few(client: FlaskClient, stopped_clock: Any) -> None:
    from itsdangerous import TimestampSigner

    for n in range(10):
        assert post_sign_up(client, f"bot{n}@example.com").status_code == 303
    refused = post_sign_up(client, "bot10@example.com")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0

    page = client.get("/sign-up").text
    stamp = page.split('name="began"')[1].split('value="')[1].split('"')[0]
    signer = TimestampSigner(client.application.secret_key or "", salt="sign-up")
    assert signer.unsign(stamp) == b"sign-up"
    old = TimestampSigner(client.application.secret_key or "", salt="sign-up")
    old.get_timestamp = lambda: signer.get_timestamp() - 30  # type: ignore[method-assign]
    assert post_sign_up(client, "person@example.com", began=old.sign("sign-up").decode()).status_code == 303
    assert post_sign_up(client, "person2@example.com", began=stamp + "x").status_code == 429


def test_nobody_makes_us_write_many_mails_to_one_address(new_client: Any) -> None:
    answers = [send(new_client(), "/reset", {"email": "maya@example.com"}).status_code for _ in range(7)]
    assert answers == [303] * 5 + [429] * 2
    assert len(mails()) == 5


def test_sign_in_and_out(client: FlaskClient) -> None:
    user = UserFactory(email="maya@example.com")
    page = client.get("/sign-in")
    assert 'autocomplete="username"' in page.text
    assert 'autocomplete="current-password"' in page.text
    assert "Set-Cookie" not in page.headers
    answer = post_sign_in(client, " MAYA@example.com ")
    assert answer.status_code == 303
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert is_signed_in(client)
    stolen = client.get_cookie("session", domain="127.0.0.1")
    assert stolen is not None

    assert client.get("/sign-out").status_code == 405
    assert is_signed_in(client)
    assert send(client, "/sign-out", page="/account/security").status_code == 303
    assert not is_signed_in(client)
    client.set_cookie("session", stolen.value, domain="127.0.0.1")
    assert not is_signed_in(client), "a copied cookie is dead"
    assert db.session.scalars(sa.select(LoginSession).where(LoginSession.user_id == user.id)).one().ended_at


def test_sign_in_renews_the_session(client: FlaskClient) -> None:
    UserFactory(email="maya@example.com")
    row = sign_in(client, UserFactory())
    before = client.get_cookie("session", domain="127.0.0.1")
    post_sign_in(client, "maya@example.com")
    after = client.get_cookie("session", domain="127.0.0.1")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    db.session.expire_all()
    assert db.session.get_one(LoginSession, row.id).ended_at is not None
    client.set_cookie("session", before.value, domain="127.0.0.1")
    assert not is_signed_in(client)


def test_the_news_of_a_sign_in_names_the_session_before(client: FlaskClient) -> None:
    heard: list[tuple[int, int | None]] = []

    def listen(_sender: Any, user_id: int, session_id: int | None) -> None:
        heard.append((user_id, session_id))

    user, guest = UserFactory(email="maya@example.com"), UserFactory()
    with signals.signed_in.connected_to(listen):
        post_sign_in(client, "maya@example.com")
        row = sign_in(client, guest)
        post_sign_in(client, "maya@example.com")
    assert heard == [(user.id, None), (user.id, row.id)]


def test_idle_and_old_sessions_end(client: FlaskClient, new_client: Any, stopped_clock: Any) -> None:
    UserFactory(email="maya@example.com")
    UserFactory(email="boss@example.com", is_admin=True)
    boss = new_client()
    post_sign_in(client, "maya@example.com")
    post_sign_in(boss, "boss@example.com")
    stopped_clock.forward(hours=13)
    assert is_signed_in(client)
    assert not is_signed_in(boss), "an admin's session ends after 12 hours without a visit"
    stopped_clock.forward(days=29)
    assert is_signed_in(client)
    stopped_clock.forward(days=31)
    assert not is_signed_in(client)

    post_sign_in(client, "maya@example.com")
    for _ in range(9):
        stopped_clock.forward(days=9)
        assert is_signed_in(client)
    stopped_clock.forward(days=10)
    assert not is_signed_in(client), "after 90 days the password is asked for again"


def test_wrong_and_unknown_and_unconfirmed_are_one_answer(client: FlaskClient, new_client: Any) -> None:
    UserFactory(email="maya@example.com")
    UserFactory(email="new@example.com", email_confirmed_at=None)
    cases = [("maya@example.com", "wrong password"), ("nobody@example.com", PASSWORD), ("new@example.com", PASSWORD)]
    answers = [post_sign_in(new_client(), email, password) for email, password in cases]
    assert {answer.status_code for answer in answers} == {422}
    bodies = {answer.text.replace(email, "?") for answer, (email, _) in zip(answers, cases, strict=True)}
    assert len({_without_token(body) for body in bodies}) == 1
    assert "Email and password do not match" in bodies.pop()
    assert all("Set-Cookie" not in answer.headers for answer in answers)


def _without_token(body: str) -> str:
    head, _, rest = body.partition('name="csrf_token"')
    return head + rest.partition(">")[2]


def test_a_closed_account_is_told_only_to_who_knows_the_password(client: FlaskClient, new_client: Any) -> None:
    admin, user = UserFactory(is_admin=True), UserFactory(email="maya@example.com")
    post_sign_in(client, "maya@example.com")
    services.disable(user.id, admin.id, "asked for it")
    assert not is_signed_in(client), "closing ends the sessions"
    assert "Email and password do not match" in post_sign_in(new_client(), "maya@example.com", "wrong").text
    right = post_sign_in(new_client(), "maya@example.com")
    assert right.status_code == 422
    assert "This account is closed" in right.text
    services.enable(user.id, admin.id, "a mistake")
    assert post_sign_in(new_client(), "maya@example.com").status_code == 303


def test_a_sign_in_link_signs_in_once_within_15_minutes(
    client: FlaskClient, new_client: Any, stopped_clock: Any
) -> None:
    UserFactory(email="maya@example.com")
    ask = {"email": "maya@example.com", "link": "1"}
    known = send(client, "/sign-in", ask)
    unknown = send(new_client(), "/sign-in", {**ask, "email": "nobody@example.com"})
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location) == (303, "/sign-in?sent=1")
    assert "a link is on its way" in client.get(known.location).text
    link = links_in(mails()[0].text)[0]
    assert mails()[1].subject == "No account with this address"
    assert client.get(link).status_code == 200
    assert send(client, link).status_code == 303
    assert is_signed_in(client)
    assert send(new_client(), link, page="/reset").status_code == 410

    late = new_client()
    send(late, "/sign-in", ask)
    link = links_in(mails()[2].text)[0]
    stopped_clock.forward(minutes=16)
    assert send(late, link, page="/reset").status_code == 410


def test_a_link_of_one_purpose_opens_no_other_door(client: FlaskClient) -> None:
    UserFactory(email="maya@example.com")
    send(client, "/reset", {"email": "maya@example.com"})
    token = links_in(mails()[0].text)[0].rsplit("/", 1)[1]
    for path in ("/confirm/", "/sign-in/", "/account/security/email/"):
        assert client.get(path + token).status_code == 410
        assert send(client, path + token, page="/reset").status_code == 410
    assert client.get("/reset/" + token).status_code == 200


def test_no_table_holds_the_word_that_opens_a_link(client: FlaskClient) -> None:
    post_sign_up(client, "maya@example.com")
    token = links_in(mails()[0].text)[0].rsplit("/", 1)[1]
    assert len(token) >= 22, "128 bits and more"
    for table in (AccountLink.__table__, Mail.__table__):
        assert token not in str(db.session.execute(sa.select(table)).all())


def test_links_come_from_site_url_whatever_the_host_says(client: FlaskClient) -> None:
    UserFactory(email="maya@example.com")
    headers = {"Host": "localhost:5000", "X-Forwarded-Host": "evil.example", "Origin": "http://localhost:5000"}
    answer = send(client, "/reset", {"email": "maya@example.com"}, headers=headers, base_url="http://localhost:5000")
    assert answer.status_code == 303
    assert "http://127.0.0.1:5000/reset/" in mails()[0].text
    assert "evil" not in mails()[0].text + mails()[0].html
    evil = client.post("/reset", data={"email": "maya@example.com"}, base_url="http://evil.example")
    assert evil.status_code == 400
    assert len(mails()) == 1


def test_sign_up_is_usable_by_the_page_of_a_paid_order(app: Any) -> None:
    """features.md M5: one field after paying; the email is the order's, and it must be confirmed like any other."""
    heard: list[tuple[int, str]] = []

    def listen(_sender: Any, user_id: int, email: str) -> None:
        heard.append((user_id, email))

    services.sign_up(SignUp("guest@example.com", GOOD, "Guest", "id", "id"), address="127.0.0.1")
    with signals.email_confirmed.connected_to(listen):
        user_id = services.confirm(links_in(mails()[0].text)[0].rsplit("/", 1)[1])
    assert heard == [(user_id, "guest@example.com")]
