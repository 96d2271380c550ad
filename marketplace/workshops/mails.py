"""The news that applicants get, in their language; queued in the transaction that it tells about."""

from __future__ import annotations

from marketplace.accounts.models import User
from marketplace.core.db import db
from marketplace.core.i18n import speaking
from marketplace.notifications import links
from marketplace.notifications.services import queue_mail

from .models import Application
from .reasons import APPEAL, Reason


def approved(application: Application) -> None:
    _queue("application_approved", application, {"address": links.absolute("seller.home", "")})


def sent_back(application: Application, reason: Reason) -> None:
    _queue("application_sent_back", application, _facts(application, reason))


def rejected(application: Application, reason: Reason) -> None:
    user = db.session.get_one(User, application.user_id)
    with speaking(user.language):
        facts = {**_facts(application, reason), "appeal": str(APPEAL)}
    _queue("application_rejected", application, facts)


def _facts(application: Application, reason: Reason) -> dict[str, str]:
    user = db.session.get_one(User, application.user_id)
    with speaking(user.language):
        return {
            "title": str(reason.title),
            "advice": str(reason.advice),
            "words": application.reason,
            "address": links.absolute("seller_apply.show", ""),
        }


def _queue(template: str, application: Application, facts: dict[str, str]) -> None:
    """The same news again is other news: the key holds the moment of the decision."""
    user = db.session.get_one(User, application.user_id)
    decided = int(application.decided_at.timestamp() * 1000) if application.decided_at else 0
    queue_mail(
        template,
        to=user.email,
        language=user.language,
        key=f"{template}:{application.id}:{decided}",
        context={
            "workshop_name": application.workshop_name,
            "name": f"{application.form_of_address} {application.contact_name}".strip() or user.full_name,
            **facts,
        },
    )
