"""Refunds at the demo processor: rows of `demo_movements`, checked against the page as a bank would."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, end_read, locked, transaction
from marketplace.core.ids import new_key
from marketplace.core.money import Money

from ...models import DemoMovement, DemoSession
from .. import RefundFacts, RefundSaid, RefundState, Refused

KIND = "refund"


def prepare(refund: RefundFacts) -> dict[str, Any]:
    return {"charge": refund.charge_id, "amount": refund.amount.amount, "currency": refund.amount.currency}


def refund(facts: RefundFacts) -> RefundState:
    """Send money back; one key acts once.

    Raises:
        Refused: there is no such charge, or less of it is left.
    """
    with transaction():
        session = _held(str(facts.request["charge"]))
        made = _movement(key=facts.key) or _make(session, facts)
        return _state(made, session)


def find(facts: RefundFacts) -> RefundState | None:
    """What became of a refund, by our key; None: it was never made."""
    found = _movement(key=facts.key)
    state = _told(found) if found is not None else None
    end_read()
    return state


def fetch(external_id: str) -> RefundState:
    """The truth about a refund.

    Raises:
        Refused: there is none of this name.
    """
    found = _movement(external_id=external_id)
    state = _told(found) if found is not None else None
    end_read()
    if state is None:
        raise Refused(f"no demo refund {external_id}")
    return state


def _held(charge_id: str) -> DemoSession:
    session_id = db.session.scalar(sa.select(DemoSession.id).where(DemoSession.charge_id == charge_id))
    if session_id is None:
        raise Refused(f"no demo charge {charge_id}")
    return locked(DemoSession, session_id)


def _make(session: DemoSession, facts: RefundFacts) -> DemoMovement:
    amount, currency = int(facts.request["amount"]), str(facts.request["currency"])
    gone = sa.select(sa.func.coalesce(sa.func.sum(DemoMovement.amount), 0)).where(
        DemoMovement.session_id == session.id,
        DemoMovement.kind == KIND,
        DemoMovement.status != RefundSaid.FAILED,
    )
    left = session.amount - int(db.session.scalar(gone) or 0)
    if currency != session.currency or not 0 < amount <= left:
        raise Refused(f"{amount} {currency} of {left} {session.currency} cannot go back")
    made = DemoMovement(
        external_id=f"re_{new_key()}",
        key=facts.key,
        kind=KIND,
        session_id=session.id,
        amount=amount,
        currency=currency,
        status=RefundSaid.SUCCEEDED,
        facts={"refund_key": facts.key},
        created_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()
    return made


def _movement(**by: Any) -> DemoMovement | None:
    query = sa.select(DemoMovement).filter_by(kind=KIND, **by).execution_options(populate_existing=True)
    return db.session.scalar(query)


def _told(movement: DemoMovement) -> RefundState:
    session = db.session.get_one(DemoSession, movement.session_id)
    return _state(movement, session)


def _state(movement: DemoMovement, session: DemoSession) -> RefundState:
    return RefundState(
        status=RefundSaid(movement.status),
        external_id=movement.external_id,
        refund_key=str(movement.facts.get("refund_key", "")),
        charge_id=session.charge_id or "",
        amount=Money(movement.amount, movement.currency),
        reason=str(movement.facts.get("reason", "")),
    )
