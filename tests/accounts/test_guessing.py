"""Guessing is slowed, the owner is not locked out (security.md 25), and no answer tells who has an account (26)."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.accounts import services, throttle
from marketplace.accounts.errors import TooManyTries, WrongCredentials
from marketplace.accounts.models import Hit
from marketplace.core.db import db
from tests.factories.accounts import PASSWORD, UserFactory
from tests.helpers import send


def try_in(client: FlaskClient, email: str, password: str, address: str = "127.0.0.1") -> Any:
    return send(
        client,
        "/sign-in",
        {"email": email, "password": password},
        page="/reset",
        environ_overrides={"REMOTE_ADDR": address},
    )


def test_ten_failures_close_the_door_of_one_account_for_five_minutes(new_client: Any, stopped_clock: Any) -> None:
    UserFactory(email="maya@example.com")
    for n in range(10):
        assert try_in(new_client(), "maya@example.com", "wrong", f"10.0.0.{n}").status_code == 422
    refused = try_in(new_client(), "maya@example.com", PASSWORD, "10.0.0.99")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "300"
    assert "Wait 5 min" in refused.text
    stopped_clock.forward(minutes=5, seconds=1)
    assert try_in(new_client(), "maya@example.com", PASSWORD, "10.0.0.99").status_code == 303


def test_refused_tries_do_not_prolong_the_wait(new_client: Any, stopped_clock: Any) -> None:
    UserFactory(email="maya@example.com")
    for _ in range(10):
        try_in(new_client(), "maya@example.com", "wrong")
    for _ in range(6):
        stopped_clock.forward(seconds=49)
        assert try_in(new_client(), "maya@example.com", "wrong").status_code == 429
    stopped_clock.forward(seconds=10)
    assert try_in(new_client(), "maya@example.com", PASSWORD).status_code == 303


def test_an_unknown_account_is_slowed_in_the_same_way(new_client: Any) -> None:
    codes = [try_in(new_client(), "nobody@example.com", "wrong", f"10.0.0.{n}").status_code for n in range(12)]
    assert codes == [422] * 10 + [429] * 2


def test_one_address_that_tries_many_accounts_is_slowed(new_client: Any) -> None:
    UserFactory(email="maya@example.com")
    codes = [try_in(new_client(), f"person{n}@example.com", "wrong", "10.1.1.1").status_code for n in range(11)]
    assert codes == [422] * 10 + [429]
    assert try_in(new_client(), "maya@example.com", PASSWORD, "10.1.1.1").status_code == 429
    assert try_in(new_client(), "maya@example.com", PASSWORD, "10.1.1.2").status_code == 303


def test_right_sign_ins_do_not_count(new_client: Any) -> None:
    UserFactory(email="maya@example.com")
    codes = {try_in(new_client(), "maya@example.com", PASSWORD).status_code for _ in range(15)}
    assert codes == {303}
    assert db.session.query(Hit).count() == 0


def test_guesses_from_elsewhere_do_not_lock_the_owner_out(new_client: Any) -> None:
    UserFactory(email="maya@example.com")
    assert try_in(new_client(), "maya@example.com", PASSWORD, "10.2.2.2").status_code == 303
    for n in range(11):
        last = try_in(new_client(), "maya@example.com", "wrong", f"10.3.3.{n}")
    assert last.status_code == 429
    assert try_in(new_client(), "maya@example.com", PASSWORD, "10.2.2.2").status_code == 303


def test_the_address_comes_from_the_connection_not_from_a_header(new_client: Any) -> None:
    """Without TRUSTED_PROXIES a forwarded address is anybody's claim."""
    codes = []
    for n in range(11):
        data = {"email": f"person{n}@example.com", "password": "wrong"}
        codes.append(send(new_client(), "/sign-in", data, headers={"X-Forwarded-For": f"10.9.9.{n}"}).status_code)
    assert codes == [422] * 10 + [429]


def test_one_line_of_ipv6_is_one_address() -> None:
    assert throttle.network("2001:db8:1:2:3::1") == throttle.network("2001:db8:1:2::9")
    assert throttle.network("2001:db8:1:2::1") != throttle.network("2001:db8:1:3::1")
    assert throttle.network("10.0.0.1") == "10.0.0.1"


@pytest.mark.races
def test_parallel_guesses_do_not_slip_through(app: Flask) -> None:
    """Twenty guesses in one instant: ten are judged, ten are refused."""
    UserFactory(email="maya@example.com")
    gate, answers = threading.Barrier(20), []

    def guess(n: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                services.authenticate("maya@example.com", "wrong", f"10.4.4.{n}")
            except (WrongCredentials, TooManyTries) as error:
                answers.append(type(error))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=guess, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(WrongCredentials) == 10
    assert answers.count(TooManyTries) == 10


def test_known_and_unknown_take_as_long(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The quickest of each, in seconds of the processor (other work on the machine does not count).

    Leaving the hash out for an unknown email would cut four fifths of it.
    """
    UserFactory(email="maya@example.com")
    generous = {"tries": 10_000}
    for name in ("SIGN_IN_ACCOUNT", "SIGN_IN_ADDRESS", "MAIL_ACCOUNT", "MAIL_ADDRESS"):
        limit = getattr(throttle, name)
        monkeypatch.setattr(throttle, name, throttle.Limit(limit.name, generous["tries"], limit.window))

    def sign_in(email: str) -> None:
        with pytest.raises(WrongCredentials):
            services.authenticate(email, "wrong password", "10.5.5.5")

    def sign_up(email: str) -> None:
        services.sign_up(services.SignUp(email, "four wet umbrellas drip"), address="10.5.5.5")

    sign_in("maya@example.com")
    sign_in("nobody@example.com")
    for act in (sign_in, sign_up):
        known, unknown = [], []
        for n in range(12):
            known.append(_seconds(act, "maya@example.com"))
            unknown.append(_seconds(act, f"nobody{n}@example.com"))
        whole, apart = min(known), abs(min(known) - min(unknown))
        assert apart < whole / 3, (act.__name__, whole, apart)


def _seconds(act: Any, email: str) -> float:
    began = time.thread_time()
    act(email)
    return time.thread_time() - began
