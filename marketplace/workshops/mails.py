"""The news that applicants and workshops get, in their language; queued in the transaction that it tells about."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.accounts.models import User
from marketplace.core.db import db
from marketplace.core.i18n import day, speaking
from marketplace.notifications import links
from marketplace.notifications.services import queue_mail

from .banks import masked, name_of
from .models import Application, BankAccount, Member, MemberRole, Workshop
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


def bank_changed(workshop: Workshop, account: BankAccount, *, is_first: bool) -> None:
    """To the workshop's address and to each owner: whoever did it, one of them knows that it was not they."""
    by = db.session.get(User, account.changed_by) if account.changed_by else None
    for address, language in _addresses(workshop):
        with speaking(language):
            context = {
                "greeting": greeting_of(workshop),
                "workshop_name": workshop.name,
                "bank": name_of(account.bank_code),
                "number": masked(account.last_digits),
                "is_first": is_first,
                "by": (by.full_name or by.email) if by else "",
                "usable": day(account.usable_at, weekday=True),
                "link": links.absolute("seller_bank.show"),
            }
        key = f"bank_changed:{account.id}:{address}"
        queue_mail("bank_changed", to=address, language=language, key=key, context=context)


def greeting_of(workshop: Workshop) -> str:
    return f"{workshop.form_of_address} {workshop.contact_name}".strip() or workshop.name


def _addresses(workshop: Workshop) -> list[tuple[str, str]]:
    """(address, language), each address once."""
    owners = db.session.execute(
        sa.select(User.email, User.language)
        .join(Member, Member.user_id == User.id)
        .where(Member.workshop_id == workshop.id, Member.role == MemberRole.OWNER)
        .order_by(User.id)
    )
    found = {workshop.email: workshop.language} if workshop.email else {}
    for address, language in owners:
        found.setdefault(address, language)
    return list(found.items())


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
