"""The news of payouts to the workshop's address, in its language; queued in the transaction that it tells about."""

from __future__ import annotations

from marketplace.core.db import db
from marketplace.core.i18n import day, money, speaking
from marketplace.notifications import links
from marketplace.notifications.services import queue_mail
from marketplace.workshops.banks import masked, name_of
from marketplace.workshops.mails import greeting_of
from marketplace.workshops.models import BankAccount, Workshop

from .models import Payout


def paid(payout: Payout) -> None:
    _tell("payout_paid", payout, links.absolute("seller_payouts.show", payout_id=payout.id))


def failed(payout: Payout) -> None:
    """The bank refused it: nothing is lost, the account wants a look."""
    _tell("payout_failed", payout, links.absolute("seller_bank.show"))


def returned(payout: Payout) -> None:
    _tell("payout_returned", payout, links.absolute("seller_bank.show"))


def _tell(template: str, payout: Payout, link: str) -> None:
    """A workshop without an address reads it on its own pages."""
    workshop = db.session.get_one(Workshop, payout.workshop_id)
    if not workshop.email:
        return
    account = db.session.get(BankAccount, payout.bank_account_id) if payout.bank_account_id else None
    with speaking(workshop.language):
        context = {
            "greeting": greeting_of(workshop),
            "amount": money(payout.total),
            "number": payout.id,
            "bank": name_of(account.bank_code) if account else "Stripe",
            "account": masked(account.last_digits) if account else "",
            "reference": payout.bank_ref,
            "reason": payout.reason,
            "paid_on": day(payout.paid_at, weekday=True) if payout.paid_at else "",
            "link": link,
        }
    key = f"{template}:{payout.id}"
    queue_mail(template, to=workshop.email, language=workshop.language, key=key, context=context)
