"""Passwords: how they are kept (argon2), and which are too easy to guess (security.md 23).

There are no rules of composition. Ten characters or more, any characters, and not one of those that a guesser tries
first: a common word with some digits, a walk over the keyboard, a repetition, the person's own name or the shop's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from marketplace.core.errors import DomainError
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.ids import new_token

LEAST, MOST = 10, 256
_hasher = PasswordHasher(time_cost=3, memory_cost=19 * 1024, parallelism=1)  # OWASP's floor and a turn more
_WORDS = Path(__file__).parent / "data" / "common_words.txt"
_LEET = str.maketrans("013457@$!+", "oieastasit")
_ROWS = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "zaq1xsw2cde3vfr4bgt5nhy6mju7",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1a2s3d4f5g6h7j8k9l",
    "1a2b3c4d5e6f7g8h9i0j",
)


class PasswordTooShort(DomainError):
    message = _l("Choose a password of %(least)s characters or more; this one has %(count)s.")


class PasswordTooLong(DomainError):
    message = _l("Choose a password of at most %(most)s characters.")


class PasswordTooCommon(DomainError):
    message = _l("This password is among the first that a guesser tries. Choose another, such as three words.")


def normal(password: str) -> str:
    """The same password from every keyboard: NFKC."""
    return unicodedata.normalize("NFKC", password.encode("utf-8", "ignore").decode())


def hashed(password: str) -> str:
    return _hasher.hash(normal(password))


@cache
def _nobody() -> str:
    """What an unknown account's password is compared with, so that the answer takes as long."""
    return _hasher.hash(new_token())


def is_right(password: str, kept: str | None) -> bool:
    """Whether `password` belongs to the hash `kept`; as slow without a hash as with one."""
    try:
        _hasher.verify(kept or _nobody(), normal(password)[: MOST * 4])
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept)


def is_outdated(kept: str) -> bool:
    """Whether the hash was made at another cost than today's."""
    return _hasher.check_needs_rehash(kept)


def check(password: str, *, own_words: Iterable[str] = ()) -> None:
    """Refuse what is short, endless or among the first guesses; `own_words` are the person's name and address.

    Raises:
        PasswordTooShort, PasswordTooLong, PasswordTooCommon: with the sentence to show.
    """
    text = normal(password)
    if len(text) < LEAST:
        raise PasswordTooShort(least=LEAST, count=len(text))
    if len(text) > MOST:
        raise PasswordTooLong(most=MOST)
    if is_common(text, own_words):
        raise PasswordTooCommon


def is_common(password: str, own_words: Iterable[str] = ()) -> bool:
    text = normal(password).casefold()
    own = {part for word in own_words for part in re.split(r"[^\w]+|_", word.casefold()) if len(part) >= 4}
    unit = _unit(text)
    if len(set(text)) < 5 or (len(unit) < len(text) and len(unit) < LEAST):
        return True
    return any(_is_guess(form, own) for form in {text, text.translate(_LEET), _without_runs(text)})


def _unit(text: str) -> str:
    """The part that the text repeats, or the text."""
    for size in range(1, len(text) // 2 + 1):
        if text == (text[:size] * (len(text) // size + 1))[: len(text)]:
            return text[:size]
    return text


def _is_guess(text: str, own: set[str]) -> bool:
    """At most two known words (more in a short text), and next to nothing beside them but digits and signs."""
    rest, found = text, 0
    for word in sorted(common_words() | own, key=len, reverse=True):
        if word in rest:
            found += rest.count(word)
            rest = rest.replace(word, " ")
    letters = "".join(char for char in _without_runs(rest) if char.isalpha())
    digits = sum(char.isdigit() for char in _without_runs(rest))
    is_few = found <= 2 or len(text) < 16
    return is_few and len(letters) <= 2 and digits <= (8 if found else 4)


def _without_runs(text: str) -> str:
    """The text without walks of three keys or more along a row of the keyboard, the alphabet or the digits."""
    kept, at = [], 0
    while at < len(text):
        length = _run_at(text, at)
        if length < 3:
            kept.append(text[at])
            length = 1
        at += length
    return "".join(kept)


def _run_at(text: str, at: int) -> int:
    best = 1
    for row in _both_ways():
        length = 1
        while at + length < len(text) and text[at : at + length + 1] in row:
            length += 1
        best = max(best, length)
    return max(best, _same_at(text, at))


def _same_at(text: str, at: int) -> int:
    length = 1
    while at + length < len(text) and text[at + length] == text[at]:
        length += 1
    return length


@lru_cache
def _both_ways() -> tuple[str, ...]:
    return (*_ROWS, *(row[::-1] for row in _ROWS))


@cache
def common_words() -> frozenset[str]:
    lines = _WORDS.read_text().splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split() if len(word) >= 3)
