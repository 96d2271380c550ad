"""Which passwords are taken, and how they are kept (security.md 23)."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace.accounts import passwords
from marketplace.accounts.models import User
from marketplace.accounts.passwords import PasswordTooCommon, PasswordTooLong, PasswordTooShort
from marketplace.accounts.services import authenticate
from marketplace.core.db import db
from tests.factories.accounts import PASSWORD, UserFactory

OWN = ("maya.chen@example.com", "Maya Chen")


@pytest.mark.parametrize(
    "password",
    [
        "password123",
        "passwordpassword",
        "1234567890",
        "qwertyuiop",
        "qwerty12345",
        "1q2w3e4r5t",
        "1qaz2wsx3edc",
        "zaq12wsxcde3",
        "123qweasdzxc",
        "iloveyou123",
        "letmein12345",
        "administrator",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "abcd123456",
        "basketball",
        "christopher",
        "p@ssw0rd123",
        "Password2026!",
        "sayangku123",
        "rahasia12345",
        "indonesia45",
        "bismillah123",
        "celuksilver",
        "perakceluk2026",
        "celuk-demo-1915",
        "q1q1q1q1q1",
        "0987654321",
        "asdfghjkl123",
        "maya.chen2026",
        "trustno1trustno1",
        "1a2b3c4d5e",
    ],
)
def test_what_a_guesser_tries_first_is_refused(password: str) -> None:
    with pytest.raises(PasswordTooCommon):
        passwords.check(password, own_words=OWN)


@pytest.mark.parametrize(
    "password",
    [
        "three quiet herons wade",
        "kopi hitam tanpa gula pagi",
        "monkey dragon silver coffee",
        "violet teapot 88",
        "x7#kPq2!vL",
        "9f8a7c6b5e4d",
        "日本語のパスワードです",
        "          spaces kept ",
        "ΣΩΨ пароль ñandú",
        "correct horse battery staple " * 4,
    ],
)
def test_any_characters_and_no_composition_rules(password: str) -> None:
    passwords.check(password, own_words=OWN)
    assert passwords.is_right(password, passwords.hashed(password))


def test_ten_to_two_hundred_and_fifty_six_characters() -> None:
    with pytest.raises(PasswordTooShort, match="PasswordTooShort"):
        passwords.check("violet te")
    passwords.check("violet tea")
    passwords.check("violet teapots and rain " * 5 + "12345678")
    passwords.check(("violet teapots and rain in the hills of the north coast " * 5)[:256])
    with pytest.raises(PasswordTooLong):
        passwords.check("violet teapots " * 20)


def test_the_same_password_from_every_keyboard() -> None:
    kept = passwords.hashed("café très tôt")
    assert kept.startswith("$argon2id$")
    assert passwords.is_right("cafe\u0301 tre\u0300s to\u0302t", kept)
    assert not passwords.is_right("cafe tres tot", kept)
    assert not passwords.is_right("anything", None)
    assert not passwords.is_right("anything", "")
    assert not passwords.is_right("\ud800 lone", kept)


def test_an_old_hash_is_made_anew_at_sign_in(app: Flask) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    user = UserFactory(email="maya@example.com", password_hash=weak)
    assert authenticate("maya@example.com", PASSWORD, "127.0.0.1") == user.id
    db.session.expire_all()
    kept = db.session.get_one(User, user.id).password_hash
    assert kept != weak
    assert not passwords.is_outdated(kept)
    assert passwords.is_right(PASSWORD, kept)
