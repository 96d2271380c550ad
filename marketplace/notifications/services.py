"""The outbox. A mail is written in the transaction that it tells about, and sent after the commit, once per key.

A row is claimed by a conditional UPDATE before it is sent, so that two workers never send the same one. A process that
dies between sending and writing so down leaves the row in `sending`; after ten minutes it is queued again: such a mail
may arrive twice, with one and the same Message-ID, by which mailboxes recognize it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import after_commit, db, insert_ignore, transaction
from marketplace.core.tasks import enqueue, job, sweeper

from .models import Mail, MailStatus
from .transport import Letter, deliver

log = logging.getLogger(__name__)

MAX_TRIES = 8
STALE = timedelta(minutes=10)  # nothing is under way for so long: its process is gone
LONGEST_WAIT = timedelta(hours=6)
BATCH = 200
GIVE_UP_AFTER = 3  # failures in a row


def queue_mail(template: str, *, to: str, language: str, key: str, context: Mapping[str, Any]) -> None:
    """Write a mail into the running transaction; the same `key` again does nothing.

    `templates/mail/<template>.subject.txt`, `.txt` and `.html` are rendered in `language` when it is sent. `context`
    holds JSON only: texts that are formatted already, and full addresses (notifications.links.absolute).
    """
    now = clock.now()
    with transaction():
        is_new = insert_ignore(
            Mail,
            key=key,
            template=template,
            to=to,
            language=language,
            context=dict(context),
            status=MailStatus.QUEUED,
            tries=0,
            error="",
            queued_at=now,
            next_try_at=now,
        )
        if is_new:
            mail_id = db.session.scalar(sa.select(Mail.id).where(Mail.key == key))
            after_commit(enqueue, "send_mail", mail_id)


@job("send_mail")
def send(mail_id: int) -> bool:
    """Send one mail if it is due and nobody else has taken it; tells whether it went out."""
    mail = _claim(mail_id)
    if mail is None:
        return False
    try:
        deliver(mail.letter)
    except Exception as error:
        log.warning("mail %s (%s) was not sent, try %s: %s", mail.id, mail.template, mail.tries, type(error).__name__)
        _put_back(mail, error)
        return False
    _mark_sent(mail)
    return True


@dataclass(frozen=True, slots=True)
class _Claim:
    """A row that is ours to send, read before its transaction ended: nothing is open while the letter travels."""

    id: int
    tries: int
    letter: Letter

    @property
    def template(self) -> str:
        return self.letter.template


def _claim(mail_id: int) -> _Claim | None:
    now = clock.now()
    with transaction():
        row = db.session.execute(
            sa.update(Mail)
            .where(Mail.id == mail_id, Mail.status == MailStatus.QUEUED, Mail.next_try_at <= now)
            .values(status=MailStatus.SENDING, tries=Mail.tries + 1, next_try_at=now)
            .returning(Mail.tries, Mail.key, Mail.template, Mail.to, Mail.language, Mail.context)
        ).one_or_none()
    if row is None:
        return None
    return _Claim(mail_id, row.tries, Letter(row.key, row.template, row.to, row.language, row.context))


def _mark_sent(mail: _Claim) -> None:
    _finish(mail, status=MailStatus.SENT, sent_at=clock.now(), error="")


def _put_back(mail: _Claim, error: Exception) -> None:
    """Later again, twice as late each time: 1, 2, 4 … minutes; given up after MAX_TRIES."""
    words = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    if mail.tries >= MAX_TRIES:
        log.error("mail %s (%s) is given up after %s tries", mail.id, mail.template, mail.tries)
        _finish(mail, status=MailStatus.FAILED, error=words)
    else:
        _finish(mail, status=MailStatus.QUEUED, error=words, next_try_at=_next_try(mail.tries))


def _next_try(tries: int) -> datetime:
    return clock.now() + min(timedelta(minutes=2 ** (tries - 1)), LONGEST_WAIT)


def _finish(mail: _Claim, **values: Any) -> None:
    """Only this try may end it: a later claim of the same row has another number of tries."""
    with transaction():
        db.session.execute(
            sa.update(Mail)
            .where(Mail.id == mail.id, Mail.status == MailStatus.SENDING, Mail.tries == mail.tries)
            .values(**values)
        )


@sweeper("mails")
def send_waiting() -> int:
    """Send all that is due, after queueing anew what a dead process had taken; the number that went out."""
    now = clock.now()
    with transaction():
        db.session.execute(
            sa.update(Mail)
            .where(Mail.status == MailStatus.SENDING, Mail.next_try_at < now - STALE)
            .values(status=MailStatus.QUEUED, next_try_at=now)
        )
    due = sa.select(Mail.id).where(Mail.status == MailStatus.QUEUED, Mail.next_try_at <= now).order_by(Mail.id)
    return _send_all(db.session.scalars(due.limit(BATCH)).all())


def _send_all(mail_ids: Sequence[int]) -> int:
    """A way out that is closed is not tried for each of them: other sweepers wait behind this one."""
    sent = failed = 0
    for mail_id in mail_ids:
        if send(mail_id):
            sent, failed = sent + 1, 0
        else:
            failed += 1
        if failed == GIVE_UP_AFTER:
            break
    return sent
