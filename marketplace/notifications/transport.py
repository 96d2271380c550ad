"""From a row to a letter on its way: rendered in the reader's language, then a file or SMTP, as MAIL_URL says."""

from __future__ import annotations

import hashlib
import os
import re
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from flask import Flask, current_app, render_template
from flask_mailman import EmailMultiAlternatives
from flask_mailman import Mail as Mailman
from flask_mailman.backends.smtp import EmailBackend

from config import Config
from marketplace.core.i18n import gettext, speaking

_SECONDS = 15  # to answer, in the worker
_OWN_NAMES = ("", "Celuk Silver", "Perak Celuk")


@dataclass(frozen=True, slots=True)
class Letter:
    key: str
    template: str
    to: str
    language: str
    context: Mapping[str, Any]


def deliver(letter: Letter) -> None:
    """Render and hand over. Raises whatever goes wrong; the outbox tries again."""
    message = render(letter)
    folder = mail_folder()
    if folder is not None:
        _write(folder, letter.key, message.message().as_bytes())
    else:
        message.send()


def render(letter: Letter) -> EmailMultiAlternatives:
    facts = dict(letter.context, site_url=current_app.config["SITE_URL"])
    with speaking(letter.language):
        subject = _one_line(render_template(f"mail/{letter.template}.subject.txt", **facts))
        text = render_template(f"mail/{letter.template}.txt", **facts)
        html = render_template(f"mail/{letter.template}.html", subject=subject, **facts)
        sender = _sender()
    message = EmailMultiAlternatives(
        subject,
        re.sub(r"\n{3,}", "\n\n", text).strip() + "\n",
        sender,
        [_one_line(letter.to)],
        headers={"Message-ID": message_id(letter.key), "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(html, "text/html")
    return message


def _sender() -> str:
    """MAIL_FROM; the shop's own name is that of the mail's language (design.md 8), another name is kept."""
    name, address = parseaddr(current_app.config["SHOP"].mail_from)
    return formataddr((str(gettext("Celuk Silver")) if name in _OWN_NAMES else name, address))


def message_id(key: str) -> str:
    """The same news has the same Message-ID, however often it is sent."""
    host = urlsplit(current_app.config["SITE_URL"]).hostname or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{host}>"


def _one_line(text: str) -> str:
    """No line break reaches a header."""
    return " ".join("".join(char if char >= " " and char != "\x7f" else " " for char in text).split())


def mail_folder() -> Path | None:
    """Where .eml files go, or None when mails go out by SMTP."""
    return folder_of(current_app.config["SHOP"].mail_url)


def folder_of(mail_url: str) -> Path | None:
    address = urlsplit(mail_url)
    return Path(unquote(address.path)) if address.scheme == "file" else None


def _write(folder: Path, key: str, content: bytes) -> None:
    """A file named by time and key, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{re.sub(r'[^A-Za-z0-9_-]+', '-', key)[:80].strip('-')}"
    unfinished = folder / f".{name}.part"
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(folder / f"{name}.eml")


class VerifiedSmtp(EmailBackend):  # type: ignore[misc]
    """STARTTLS with the server's certificate checked, which flask-mailman's own leaves out."""

    connection: smtplib.SMTP | None

    def open(self) -> bool:
        if self.connection:
            return False
        if self.use_ssl:
            return bool(super().open())
        connection = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            if self.use_tls:
                connection.starttls(context=ssl.create_default_context())
            if self.username:
                connection.login(self.username, self.password)
        except BaseException:
            connection.close()
            raise
        self.connection = connection
        return True


def settings(config: Config) -> dict[str, Any]:
    """flask-mailman's settings for smtp://user:password@host:587?tls=1, smtps://… (TLS from the first byte)."""
    address = urlsplit(config.mail_url)
    query = parse_qs(address.query)
    implicit = address.scheme == "smtps"
    return {
        "MAIL_BACKEND": VerifiedSmtp,
        "MAIL_SERVER": address.hostname or "localhost",
        "MAIL_PORT": address.port or (465 if implicit else 587 if query.get("tls") == ["1"] else 25),
        "MAIL_USERNAME": unquote(address.username or "") or None,
        "MAIL_PASSWORD": unquote(address.password or "") or None,
        "MAIL_USE_TLS": query.get("tls") == ["1"] and not implicit,
        "MAIL_USE_SSL": implicit,
        "MAIL_TIMEOUT": _SECONDS,
        "MAIL_DEFAULT_SENDER": config.mail_from,
    }


def init_app(app: Flask, config: Config) -> None:
    scheme = urlsplit(config.mail_url).scheme
    if scheme not in ("file", "smtp", "smtps"):
        raise ValueError(f"MAIL_URL is '{scheme}:…': it must begin with file://, smtp:// or smtps://.")
    app.config.update(settings(config))
    Mailman(app)
