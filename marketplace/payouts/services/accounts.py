"""Workshops' accounts with an API provider: opened, proved by their owner, asked whether money may go there."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import db, end_read, insert_ignore, locked, transaction
from marketplace.core.errors import NotFound
from marketplace.core.ids import new_key
from marketplace.payments.processors import ProcessorDown, Refused
from marketplace.workshops.models import Workshop

from ..errors import CountryNotPaid, ProviderAway, ProviderRefused
from ..models import PayoutAccount
from ..providers import STRIPE, countries
from ..setup import provider_named

SUBJECT = "payout_account"


def open_account(workshop_id: int, country: str, by: int, *, provider: str = STRIPE) -> int:
    """Open a workshop's account in a country (two capitals) that the provider pays; the one it has is kept.

    Raises:
        CountryNotPaid, UnknownProvider
        ProviderAway: no answer; asking again opens no second account.
        ProviderRefused
    """
    chosen = provider_named(provider)
    if country not in countries(provider):
        raise CountryNotPaid
    with transaction():
        workshop = locked(Workshop, workshop_id)
        is_new = insert_ignore(
            PayoutAccount,
            workshop_id=workshop_id,
            provider=provider,
            key=new_key(),
            external_id="",
            country=country,
            payable=False,
            reason="",
            created_at=clock.now(),
        )
        account = db.session.scalars(_of(workshop_id, provider)).one()
        if is_new:
            record("payout_account.open", SUBJECT, account.id, by, {}, {"provider": provider, "country": country})
    if account.external_id:
        return account.id
    try:
        name = chosen.open_account(account.key, account.country, workshop.email)
    except ProcessorDown as error:
        raise ProviderAway from error
    except Refused as error:
        raise ProviderRefused(words=str(error)[:200]) from error
    with transaction():
        account = locked(PayoutAccount, account.id)
        account.external_id = account.external_id or name
    return account.id


def onboarding_link(workshop_id: int, *, return_url: str, refresh_url: str, provider: str = STRIPE) -> str | None:
    """The address of a page where the owner proves who they are: works once, so it is made for each click.

    Raises:
        NotFound: there is no account yet.
        ProviderAway, ProviderRefused
    """
    account = _account(workshop_id, provider)
    end_read()
    try:
        return provider_named(provider).onboarding_url(account.external_id, return_url, refresh_url)
    except ProcessorDown as error:
        raise ProviderAway from error
    except Refused as error:
        raise ProviderRefused(words=str(error)[:200]) from error


def refresh_account(workshop_id: int, *, provider: str = STRIPE) -> bool:
    """Ask whether money may go there, and keep the answer.

    Raises:
        NotFound, ProviderAway, ProviderRefused
    """
    account = _account(workshop_id, provider)
    end_read()
    try:
        payable, reason = provider_named(provider).payable(account.external_id)
    except ProcessorDown as error:
        raise ProviderAway from error
    except Refused as error:
        payable, reason = False, str(error)
    with transaction():
        row = locked(PayoutAccount, account.id)
        row.payable, row.reason, row.checked_at = payable, reason[:200], clock.now()
    return payable


def _account(workshop_id: int, provider: str) -> PayoutAccount:
    account = db.session.scalar(_of(workshop_id, provider).where(PayoutAccount.external_id != ""))
    if account is None:
        raise NotFound("PayoutAccount", workshop_id)
    return account


def _of(workshop_id: int, provider: str) -> sa.Select[PayoutAccount]:
    query = sa.select(PayoutAccount).where(PayoutAccount.workshop_id == workshop_id, PayoutAccount.provider == provider)
    return query.execution_options(populate_existing=True)
