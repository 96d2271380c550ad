"""The second factor: set up, asked at every door, used once per code, given up with both (features.md G6)."""

from __future__ import annotations

import re
import time
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from marketplace.accounts import services, totp
from marketplace.accounts.errors import TooManyTries, WrongCode
from marketplace.accounts.models import Hit, LinkPurpose, RecoveryCode, User
from marketplace.accounts.services import second_factor
from marketplace.audit.models import AuditRow
from marketplace.core import clock
from marketplace.core.db import db
from tests.factories.accounts import PASSWORD, AdminFactory, UserFactory, two_step
from tests.helpers import links_in, mails, send, sign_in

PAGE = "/account/security/two-step"
HOME = "127.0.0.1"


def is_signed_in(client: FlaskClient) -> bool:
    return bool(client.get("/account/security").status_code == 200)


def give_password(client: FlaskClient, user: User, password: str = PASSWORD, **more: Any) -> Any:
    return send(client, "/sign-in", {"email": user.email, "password": password, **more})


def begin(client: FlaskClient) -> str:
    """Set up as far as the key, as the page shows it."""
    assert send(client, PAGE + "/set-up", {"password": PASSWORD}, page=PAGE).status_code == 303
    return re.findall(r"<code>([A-Z2-7 ]+)</code>", client.get(PAGE).text)[0].replace(" ", "")


def test_digits_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B (SHA-1), the last six of its eight digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")):
        at = clock.datetime.fromtimestamp(seconds, clock.UTC)
        assert totp.step_of(secret, code, at) == seconds // 30
        assert totp.step_of(secret, code, at + clock.timedelta(seconds=30)) == seconds // 30
        assert totp.step_of(secret, code, at + clock.timedelta(seconds=90)) is None


def test_it_counts_from_the_first_right_code_on(client: FlaskClient, new_client: Any) -> None:
    user = UserFactory(email="maya@example.com")
    sign_in(client, user)
    wrong = send(client, PAGE + "/set-up", {"password": "not mine at all"}, page=PAGE)
    assert wrong.status_code == 422
    secret = begin(client)
    assert give_password(new_client(), user).location.endswith("/account"), "not asked before it is confirmed"

    picture = client.get(PAGE + "/qr.svg")
    assert picture.mimetype == "image/svg+xml"
    assert picture.headers["Cache-Control"] == "private, no-store"
    assert b"style=" not in picture.data
    assert f"secret={secret}" in client.get(PAGE).text

    refused = send(client, PAGE + "/confirmation", {"code": "000000"}, page=PAGE)
    assert refused.status_code == 422
    assert not second_factor.is_on(user.id)
    shown = send(client, PAGE + "/confirmation", {"code": f" {pyotp.TOTP(secret).at(clock.now())} "}, page=PAGE)
    codes = re.findall(r"<code>([0-9A-Z-]{14})</code>", shown.text)
    assert len(set(codes)) == 10
    assert second_factor.is_on(user.id)
    assert give_password(new_client(), user).location == "/sign-in/code"
    assert mails()[-1].subject == "Two-step sign-in is on"
    assert db.session.scalars(sa.select(AuditRow.action)).all() == ["user.second_factor_on"]

    after = client.get(PAGE).text
    assert client.get(PAGE + "/qr.svg").status_code == 404, "the secret is shown to nobody any more"
    assert secret[:4] + " " not in after
    assert not any(code in after for code in codes)
    kept = db.session.scalars(sa.select(RecoveryCode.code_hash)).all()
    db.session.refresh(user)
    assert len(kept) == 10
    assert not any(code.replace("-", "") in "".join(kept) for code in codes)
    assert secret not in user.totp_sealed


def test_another_session_does_not_see_the_secret_of_a_set_up(client: FlaskClient, new_client: Any) -> None:
    user, thief = UserFactory(), new_client()
    sign_in(client, user)
    sign_in(thief, user)
    begin(client)
    assert thief.get(PAGE + "/qr.svg").status_code == 404
    assert "otpauth" not in thief.get(PAGE).text
    hers = client.get(PAGE + "/qr.svg")
    begin(thief)
    assert client.get(PAGE + "/qr.svg").status_code == 404, "begun anew elsewhere"
    assert hers.data != thief.get(PAGE + "/qr.svg").data
    stranger = new_client()
    sign_in(stranger, UserFactory())
    assert stranger.get(PAGE + "/qr.svg").status_code == 404


def test_nobody_is_signed_in_before_the_code(client: FlaskClient) -> None:
    user = UserFactory()
    phone = two_step(user)
    answer = give_password(client, user, next="/account/addresses")
    assert answer.location == "/sign-in/code"
    assert not is_signed_in(client)
    assert client.get("/me.json").json.get("signed_in") in (None, False)
    wrong = send(client, "/sign-in/code", {"code": "123456"})
    assert wrong.status_code == 422
    assert "This code does not match" in wrong.text
    assert not is_signed_in(client)
    right = send(client, "/sign-in/code", {"code": phone.code()})
    assert right.location == "/account/addresses"
    assert is_signed_in(client)
    assert "second step: yes" in client.get("/account/security").text


@pytest.mark.parametrize("door", ["link", "reset"])
def test_links_do_not_go_past_the_second_step(client: FlaskClient, door: str) -> None:
    user = UserFactory()
    phone = two_step(user)
    if door == "link":
        token = services.link_for(user.id, LinkPurpose.SIGN_IN)
        answer = send(client, f"/sign-in/{token}")
    else:
        token = services.link_for(user.id, LinkPurpose.RESET)
        answer = send(client, f"/reset/{token}", {"password": "four wet umbrellas drip"})
    assert answer.location == "/sign-in/code"
    assert not is_signed_in(client)
    assert send(client, "/sign-in/code", {"code": phone.code()}).status_code == 303
    assert is_signed_in(client)


def test_the_second_page_is_nothing_without_the_first(client: FlaskClient, stopped_clock: Any) -> None:
    user = UserFactory()
    phone = two_step(user)
    assert client.get("/sign-in/code").location == "/sign-in"
    assert send(client, "/sign-in/code", {"code": phone.code()}, page="/sign-in").location == "/sign-in"
    give_password(client, user)
    stopped_clock.forward(minutes=10, seconds=1)
    assert send(client, "/sign-in/code", {"code": phone.code()}, page="/sign-in").location == "/sign-in"
    assert not is_signed_in(client)


@pytest.mark.parametrize("change", ["password", "closed", "off"])
def test_a_change_in_between_ends_the_half_sign_in(client: FlaskClient, change: str) -> None:
    user = UserFactory()
    phone = two_step(user)
    give_password(client, user)
    if change == "password":
        services.change_password(user.id, PASSWORD, "four wet umbrellas drip", session_id=None)
    elif change == "closed":
        services.disable(user.id, AdminFactory().id, "asked for it")
    else:
        second_factor.forget(user.id, by=None)
    assert send(client, "/sign-in/code", {"code": phone.code()}, page="/sign-in").location == "/sign-in"
    assert not is_signed_in(client)


def test_a_session_planted_before_is_worth_nothing_between_the_steps(client: FlaskClient, new_client: Any) -> None:
    user = UserFactory()
    two_step(user)
    client.post("/cart/lines", data={"variant_id": "1", "quantity": "1"})
    send(client, "/sign-in", {"email": user.email, "password": "wrong"})
    give_password(client, user)
    before = client.get_cookie("session", domain=HOME)
    give_password(client, user)
    after = client.get_cookie("session", domain=HOME)
    assert before is not None
    assert after is not None
    assert before.value != after.value
    planted = new_client()
    planted.set_cookie("session", before.value, domain=HOME)
    assert planted.get("/sign-in/code").location == "/sign-in"


def test_a_code_works_once_and_no_older_one_after_it(app: Flask, stopped_clock: Any) -> None:
    user = UserFactory()
    phone = two_step(user)
    ahead, now = phone.code(1), phone.code()
    second_factor.give_code(user.id, ahead, HOME)
    for code in (ahead, now):
        with pytest.raises(WrongCode):
            second_factor.give_code(user.id, code, HOME)
    stopped_clock.forward(seconds=60)
    second_factor.give_code(user.id, phone.code(), HOME)
    stopped_clock.forward(seconds=120)
    for far in (-2, 2):
        with pytest.raises(WrongCode):
            second_factor.give_code(user.id, phone.code(far), HOME)


def test_a_recovery_code_works_once_and_is_told(client: FlaskClient, new_client: Any) -> None:
    user = UserFactory()
    phone = two_step(user)
    give_password(client, user)
    page = client.get("/sign-in/code?with=recovery").text
    assert 'inputmode="numeric"' not in page
    typed = phone.recovery[3].lower().replace("-", " ")
    assert send(client, "/sign-in/code", {"code": typed}).status_code == 303
    assert is_signed_in(client)
    assert (mails()[-1].subject, "9 are left" in mails()[-1].text) == ("A recovery code was used", True)
    other = new_client()
    give_password(other, user)
    assert send(other, "/sign-in/code", {"code": phone.recovery[3]}).status_code == 422
    with pytest.raises(WrongCode):
        second_factor.give_code(UserFactory().id, phone.recovery[4], HOME)
    fresh = second_factor.renew_codes(user.id, phone.recovery[4], HOME)
    with pytest.raises(WrongCode):
        second_factor.give_code(user.id, phone.recovery[5], HOME)
    second_factor.give_code(user.id, fresh[0], HOME)


def test_turning_it_off_needs_both(client: FlaskClient, new_client: Any) -> None:
    user = UserFactory()
    phone = two_step(user)
    row = sign_in(client, user, code_minutes_ago=1)
    for password, code in ((PASSWORD, "000000"), ("not mine at all", phone.code())):
        answer = send(client, PAGE + "/removal", {"off_password": password, "off_code": code}, page=PAGE)
        assert answer.status_code == 422
    assert second_factor.is_on(user.id)
    assert send(client, PAGE + "/removal", {"off_password": PASSWORD, "off_code": phone.code()}, page=PAGE).location
    assert not second_factor.is_on(user.id)
    db.session.refresh(row)
    assert row.second_factor_at is None, "what an old code had opened is shut"
    assert db.session.scalars(sa.select(RecoveryCode)).all() == []
    assert mails()[-1].subject == "Two-step sign-in is off"
    assert give_password(new_client(), user).location.endswith("/account")


def test_codes_cannot_be_guessed(app: Flask, stopped_clock: Any) -> None:
    """Ten in five minutes and fifty in a day for one account; ten from one address, whosever account it is."""
    user = UserFactory()
    phone = two_step(user)
    refused = tried = 0
    for _minute in range(24 * 60 // 5):
        for n in range(11):
            try:
                second_factor.give_code(user.id, f"{n:06}", f"198.51.{tried % 200}.7")
            except TooManyTries:
                refused += 1
            except WrongCode:
                tried += 1
        if tried >= 50:
            break
        stopped_clock.forward(minutes=5, seconds=1)
    assert tried == 50
    with pytest.raises(TooManyTries):
        second_factor.give_code(user.id, phone.code(), "203.0.113.5")
    db.session.execute(sa.delete(Hit))
    db.session.commit()
    others = [UserFactory() for _ in range(11)]
    for person in others:
        two_step(person)
    with pytest.raises(TooManyTries):
        for person in others:
            with pytest.raises(WrongCode):
                second_factor.give_code(person.id, "000000", "198.51.100.7")


def test_a_guesser_does_not_lock_the_owner_out(client: FlaskClient, new_client: Any) -> None:
    user = UserFactory()
    phone = two_step(user)
    at_home = new_client()
    home = sign_in(at_home, user)
    home.address = HOME
    db.session.commit()
    for n in range(10):
        with pytest.raises(WrongCode):
            second_factor.give_code(user.id, f"{n:06}", f"198.51.{n}.7")
    with pytest.raises(TooManyTries):
        second_factor.give_code(user.id, "000010", "198.51.99.7")
    give_password(client, user)
    assert send(client, "/sign-in/code", {"code": phone.code()}).status_code == 303


def test_only_who_knows_the_password_learns_of_it(client: FlaskClient, new_client: Any) -> None:
    """Sign-in, reset and link answer alike for an account with, one without, and none (security.md 26)."""
    two_step(UserFactory(email="with@example.com"))
    UserFactory(email="without@example.com")
    names = ("with", "without", "nobody")
    for path, fields in (("/sign-in", {"password": "wrong one here"}), ("/reset", {}), ("/sign-in", {"link": "1"})):
        answers = [send(new_client(), path, {"email": f"{name}@example.com", **fields}) for name in names]
        texts = {
            re.sub(r'(with|without|nobody)@|name="csrf_token"\s+value="[^"]+"', "", answer.text) for answer in answers
        }
        assert len({answer.status_code for answer in answers}) == 1
        assert len({answer.location for answer in answers}) == 1
        assert len(texts) == 1, path


def test_a_wrong_code_takes_as_long_whatever_it_looks_like(app: Flask) -> None:
    user = UserFactory()
    two_step(user)

    def spent(code: str) -> float:
        db.session.execute(sa.delete(Hit))
        db.session.commit()
        began = time.perf_counter()
        with pytest.raises(WrongCode):
            second_factor.give_code(user.id, code, HOME)
        return time.perf_counter() - began

    times = {code: min(spent(code) for _ in range(8)) for code in ("123456", "ABCD-EFGH-JKLM", "")}
    assert max(times.values()) < 3 * min(times.values()) + 0.01


def test_the_command_line_helps_who_has_lost_phone_and_paper(app: Flask) -> None:
    user = UserFactory(email="maya@example.com")
    two_step(user)
    run = app.test_cli_runner().invoke
    command = ["admin", "forget-second-factor", "--reason", "Came to the office", "--email"]
    answer = run(args=[*command, "maya@example.com"])
    assert answer.exit_code == 0, answer.output
    assert not second_factor.is_on(user.id)
    rows = db.session.scalars(sa.select(AuditRow).where(AuditRow.action == "user.second_factor_off")).all()
    assert [row.reason for row in rows] == ["Came to the office"]
    assert mails()[-1].to == "maya@example.com"
    assert run(args=[*command, "no@example.com"]).exit_code != 0


def test_a_link_in_the_mail_of_a_reset_still_needs_the_phone(client: FlaskClient) -> None:
    user = UserFactory(email="maya@example.com")
    two_step(user)
    send(client, "/reset", {"email": "maya@example.com"})
    link = links_in(mails()[-1].text)[0]
    assert send(client, link, {"password": "four wet umbrellas drip"}).location == "/sign-in/code"
    assert not is_signed_in(client)
