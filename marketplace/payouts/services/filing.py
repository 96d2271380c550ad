"""The bank's file of a run: the only place where account numbers are opened, each time with an audit row."""

from __future__ import annotations

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.sealing import Unreadable
from marketplace.workshops.models import Workshop
from marketplace.workshops.queries import bank_details

from ..errors import AccountUnreadable, NotSentYet
from ..models import Payout, PayoutRun
from ..providers import MANUAL
from ..providers.manual import FileLine, batch_file
from .preparing import RUN


def bank_file(run_id: int, by: int) -> tuple[str, bytes]:
    """(name, content) of the run's CSV, the same bytes each time; columns in docs/bank-file.md.

    Raises:
        NotFound
        NotSentYet: it was not sent, or not through a bank.
        AccountUnreadable: an account was sealed with a key that the shop no longer has.
    """
    with transaction():
        run = locked(PayoutRun, run_id)
        if run.sent_at is None or run.provider != MANUAL:
            raise NotSentYet
        query = (
            sa.select(Payout, Workshop.name)
            .join(Workshop, Workshop.id == Payout.workshop_id)
            .where(Payout.run_id == run_id, Payout.sent_at.is_not(None))
            .order_by(Payout.id)
        )
        lines = [_line(payout, name) for payout, name in db.session.execute(query)]
        record("payout_run.file", RUN, run_id, by, {}, {"payouts": len(lines)})
    return batch_file(run_id, clock.local(run.sent_at).date(), lines, livemode=run.livemode)


def _line(payout: Payout, workshop: str) -> FileLine:
    try:
        return FileLine(payout.id, payout.total, workshop, bank_details(payout.bank_account_id or 0))
    except Unreadable as error:
        raise AccountUnreadable(workshop=workshop) from error
