"""A payout as its provider needs it, read before the call."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.core.errors import NotFound

from ..models import Payout, PayoutAccount
from ..providers import PayoutFacts, PayoutProvider
from ..setup import provider_named


def read_facts(payout_id: int) -> tuple[PayoutFacts, PayoutProvider]:
    """Raises NotFound, UnknownProvider."""
    query = (
        sa.select(Payout, PayoutAccount.external_id)
        .outerjoin(PayoutAccount, PayoutAccount.id == Payout.payout_account_id)
        .where(Payout.id == payout_id)
        .execution_options(populate_existing=True)
    )
    row = db.session.execute(query).first()
    if row is None:
        raise NotFound("Payout", payout_id)
    payout, account = row
    facts = PayoutFacts(
        id=payout.id,
        key=payout.key,
        attempt_no=payout.attempt_no,
        run_id=payout.run_id,
        amount=payout.total,
        account=account or "",
        external_id=payout.external_id,
    )
    return facts, provider_named(payout.provider)
