"""What stories of several areas need."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from marketplace.accounts.models import LoginSession, User
from marketplace.accounts.sessions import DatabaseSessions
from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.ids import hash_token, new_token
from marketplace.notifications.transport import mail_folder

SITE = "http://127.0.0.1:5000"


def sign_in(
    client: FlaskClient, user: User, *, minutes_ago: float = 0, code_minutes_ago: float | None = None
) -> LoginSession:
    """Give the client a session of this person, as if password (and code, when said) had been given back then."""
    token, now = new_token(), clock.now()
    at = now - timedelta(minutes=minutes_ago)
    row = LoginSession(
        token_hash=hash_token(token),
        user_id=user.id,
        data={},
        address="127.0.0.1",
        created_at=at,
        seen_at=now,
        signed_in_at=at,
        second_factor_at=None if code_minutes_ago is None else now - timedelta(minutes=code_minutes_ago),
    )
    db.session.add(row)
    db.session.commit()
    client.set_cookie(DatabaseSessions().cookie_name(), token, domain="127.0.0.1")
    return row


def sign_out(client: FlaskClient) -> None:
    """Forget the cookie, as another browser would."""
    client.delete_cookie(DatabaseSessions().cookie_name(), domain="127.0.0.1")


def send(client: FlaskClient, path: str, data: dict[str, Any] | None = None, *, page: str = "", **more: Any) -> Any:
    """Fill in a form as a browser does: open its `page` (default: the path) for the token, then POST."""
    opened = client.get(page or path, **more)
    found = re.search(r'name="csrf_token"\s+value="([^"]+)"', opened.text)
    token = {"csrf_token": found[1]} if found else {}
    return client.post(path, data={**token, **(data or {})}, **more)


@dataclass(frozen=True, slots=True)
class SentMail:
    to: str
    subject: str
    text: str
    html: str
    message_id: str


def mails() -> list[SentMail]:
    """Every mail that went out, oldest first (the queue runs at once in tests)."""
    folder = mail_folder()
    assert folder is not None
    return [_sent(path) for path in sorted(folder.glob("*.eml"))] if folder.is_dir() else []


def _sent(path: Path) -> SentMail:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return SentMail(
        str(message["To"]), str(message["Subject"]), text.get_content(), html.get_content(), str(message["Message-ID"])
    )


def links_in(text: str) -> list[str]:
    """The addresses in a mail's text, without our own origin."""
    return [link.removeprefix(SITE) for link in re.findall(r"https?://\S+", text)]
