"""Preparing a run: taking the open lines of workshops into payouts, under a lock, each line once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import db, transaction
from marketplace.core.ids import new_key
from marketplace.workshops.models import Workshop

from ..errors import NothingToPay, TestMoneyByHand
from ..models import Payout, PayoutLine, PayoutRun, PayoutStatus
from ..providers import MANUAL
from ..queries.due import Due, judged
from ..queries.open_lines import OpenLine, open_accounts
from ..setup import provider_named

RUN, PAYOUT = "payout_run", "payout"


def prepare_run(workshop_ids: Collection[int], by: int, *, livemode: bool, provider: str = MANUAL) -> int:
    """Draft a payout for each of these workshops that is ready now; the others are left out. Gives the run's number.

    Amounts are never given: a payout is the sum of what is open, in whole rupiah. Two that prepare at once make one
    payout per workshop: they wait for each other at the workshop's row, and the second finds nothing open.

    Raises:
        NothingToPay: no workshop is ready.
        TestMoneyByHand: test money, or a provider of the other mode.
        UnknownProvider
    """
    chosen = provider_named(provider)
    if chosen.livemode not in (None, livemode) or not (livemode or chosen.is_manual):
        raise TestMoneyByHand
    idents = sorted(set(workshop_ids))
    with transaction():
        lock_workshops(idents)
        accounts = open_accounts(livemode, idents)  # once: what is booked from here on is the next run's
        rows = judged(accounts, livemode, provider=provider, workshop_ids=idents)
        ready = [row for row in rows if row.is_ready]
        if not ready:
            raise NothingToPay
        run = PayoutRun(provider=provider, livemode=livemode, prepared_by=by, prepared_at=clock.now())
        db.session.add(run)
        db.session.flush()
        payouts = {row.workshop_id: _payout(run, row, is_manual=chosen.is_manual) for row in ready}
        db.session.add_all(payouts.values())
        db.session.flush()
        _take([(payout, accounts[workshop_id].lines) for workshop_id, payout in payouts.items()])
        amount = sum(payout.amount for payout in payouts.values())
        after = {"payouts": len(payouts), "amount": amount, "livemode": livemode, "provider": provider}
        record("payout_run.prepare", RUN, run.id, by, {}, after)
        return run.id


def lock_workshops(idents: Sequence[int]) -> None:
    """In the order of their numbers, so that two runs never wait for each other."""
    query = sa.select(Workshop.id).where(Workshop.id.in_(idents)).order_by(Workshop.id)
    db.session.execute(query.with_for_update(key_share=True)).all()


def _payout(run: PayoutRun, row: Due, *, is_manual: bool) -> Payout:
    return Payout(
        key=new_key(),
        run_id=run.id,
        workshop_id=row.workshop_id,
        provider=run.provider,
        livemode=run.livemode,
        status=PayoutStatus.DRAFT,
        amount=row.amount.amount,
        currency=row.amount.currency,
        bank_account_id=row.account_id if is_manual else None,
        payout_account_id=None if is_manual else row.account_id,
        created_at=run.prepared_at,
    )


def _take(taken: Sequence[tuple[Payout, Sequence[OpenLine]]]) -> None:
    """The payouts' lines: what was counted, and nothing that was booked since."""
    rows = [
        {
            "payout_id": payout.id,
            "txn_id": line.txn_id,
            "seller_order_id": line.seller_order_id,
            "amount": line.amount,
        }
        for payout, lines in taken
        for line in lines
    ]
    db.session.execute(sa.insert(PayoutLine), rows)
