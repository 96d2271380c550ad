"""The mails of development in the browser: /dev/mail. Never registered in production."""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from flask import Blueprint, abort, render_template
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from marketplace.core.audience import Audience, audience

from .transport import mail_folder

bp = Blueprint("dev_mail", __name__, url_prefix="/dev/mail")
_NAME = re.compile(r"[0-9T]{10,30}-[A-Za-z0-9_-]{0,80}\.eml")
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class ReadMail:
    name: str
    subject: str
    to: str
    at: datetime | None
    text: Markup
    html: str


@bp.get("/")
@audience(Audience.VISITOR)
def index() -> str:
    folder = mail_folder()
    names = sorted((path.name for path in folder.glob("*.eml")), reverse=True) if folder and folder.is_dir() else []
    return render_template(
        "mail/dev/index.html", mails=[_read(name) for name in names[:_SHOWN] if _NAME.fullmatch(name)]
    )


@bp.get("/<name>")
@audience(Audience.VISITOR)
def show(name: str) -> str:
    return render_template("mail/dev/show.html", mail=_read(name))


@bp.get("/<name>/html")
@audience(Audience.VISITOR)
def page(name: str) -> Response:
    """The mail as mailboxes show it; its own style block is allowed by its hash, and nothing else is."""
    html = _read(name).html
    hashes = " ".join(f"'sha256-{_digest(block)}'" for block in re.findall(r"<style>(.*?)</style>", html, re.S))
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src {hashes or chr(39) + 'none' + chr(39)}; object-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
    return response


def _digest(block: str) -> str:
    return base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()


def _read(name: str) -> ReadMail:
    folder = mail_folder()
    path = (folder or Path()) / name
    if folder is None or not _NAME.fullmatch(name) or not path.is_file():
        abort(404)
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    date = message["Date"]
    return ReadMail(
        name=name,
        subject=str(message["Subject"] or ""),
        to=str(message["To"] or ""),
        at=date.datetime if date is not None else None,
        text=_linked(_part(message, "plain")),
        html=_part(message, "html"),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


def _linked(text: str) -> Markup:
    return Markup(re.sub(r"(https?://[^\s<>&]+(?:&amp;[^\s<>&]+)*)", r'<a href="\1">\1</a>', str(escape(text))))  # noqa: S704
