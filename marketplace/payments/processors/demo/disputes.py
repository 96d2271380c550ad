"""Disputes at the demo processor: rows of `demo_movements`, moved by what a bank would do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, end_read, locked, transaction
from marketplace.core.ids import new_key
from marketplace.core.money import Money

from ...models import DemoMovement, DemoSession
from .. import DisputeSaid, DisputeState, Meaning, MissedEvent, Notice, PageStatus, Refused
from .news import event_of, tell

KIND = "dispute"
ANSWER_WITHIN = timedelta(days=10)
FEE = 1500  # minor units of the charge's currency; rupiah have no cents
FEE_IDR = 150_000
ENDED = (DisputeSaid.WON, DisputeSaid.LOST)


def fetch_dispute(external_id: str) -> DisputeState:
    """Raises Refused: there is none of this name."""
    found = _movement(external_id)
    state = _state(found) if found is not None else None
    end_read()
    if state is None:
        raise Refused(f"no demo dispute {external_id}")
    return state


def submit_evidence(external_id: str, key: str, evidence: Mapping[str, str]) -> DisputeState:
    """The bank reads one answer; the same key is the same answer.

    Raises:
        Refused: there is no such dispute, it is over, or it was answered before.
    """
    with transaction():
        row = _held(external_id)
        if row.facts.get("evidence_key") != key:
            if row.status in ENDED or "evidence_key" in row.facts:
                raise Refused(f"the dispute {external_id} takes no evidence")
            is_inquiry = row.status == DisputeSaid.INQUIRY
            row.status = DisputeSaid.INQUIRY if is_inquiry else DisputeSaid.UNDER_REVIEW
            row.facts = {**row.facts, "evidence_key": key, "evidence": dict(evidence)}
        db.session.flush()
        return _state(row)


def open_dispute(
    charge_id: str, *, inquiry: bool = False, reason: str = "product_not_received", amount: int | None = None
) -> str:
    """A buyer's bank asks for a charge (or `amount` of it); unless it only inquires, it takes the money. Its name.

    Raises:
        Refused: there is no such charge.
    """
    with transaction():
        session = db.session.scalar(sa.select(DemoSession).where(DemoSession.charge_id == charge_id))
        if session is None or session.status != PageStatus.PAID:
            raise Refused(f"no demo charge {charge_id}")
        row = DemoMovement(
            external_id=f"dp_{new_key()}",
            key=f"dispute_{new_key()}",
            kind=KIND,
            session_id=session.id,
            amount=session.amount if amount is None else amount,
            currency=session.currency,
            fee_amount=0,
            status=DisputeSaid.INQUIRY,
            facts={"reason": reason, "due_by": (clock.now() + ANSWER_WITHIN).isoformat(), "moves": []},
            created_at=clock.now(),
        )
        db.session.add(row)
        if not inquiry:
            _take(row)
        db.session.flush()
        external_id = row.external_id
    deliver(external_id, "created")
    return external_id


def escalate(external_id: str) -> None:
    """An inquiry becomes a dispute: the bank takes the money."""
    with transaction():
        row = _held(external_id)
        if row.status != DisputeSaid.INQUIRY:
            raise Refused(f"the dispute {external_id} is {row.status}")
        _take(row)
    deliver(external_id, "updated")


def decide(external_id: str, *, won: bool) -> None:
    """The bank decides; won (an appeal, too), the money comes back. An inquiry ends without any money."""
    with transaction():
        row = _held(external_id)
        if row.status == DisputeSaid.WON or (row.status == DisputeSaid.LOST and not won):
            raise Refused(f"the dispute {external_id} is {row.status}")
        kept = -sum(int(move["amount"]) for move in row.facts["moves"])
        row.status = DisputeSaid.WON if won else DisputeSaid.LOST
        if won and kept:
            _move(row, kept, 0)
    deliver(external_id, "closed")


def _take(row: DemoMovement) -> None:
    row.status = DisputeSaid.NEEDS_RESPONSE
    row.facts = {name: value for name, value in row.facts.items() if name != "evidence_key"}  # it reads another answer
    _move(row, -row.amount, FEE_IDR if row.currency == "IDR" else FEE)


def _move(row: DemoMovement, amount: int, fee: int) -> None:
    moved = {"id": f"bt_{new_key()}", "amount": amount, "fee": fee, "at": clock.now().isoformat()}
    row.facts = {**row.facts, "moves": [*row.facts["moves"], moved]}
    row.fee_amount += fee
    row.noticed_at = None


def deliver(external_id: str, what: str) -> bool:
    """Tell the shop; what was not taken stands among `missed_events`."""
    row = _movement(external_id)
    status = row.status if row is not None else ""
    end_read()
    if not tell(f"evt_{what}_{status}_{external_id}", f"dispute.{what}", {"id": external_id}):
        return False
    with transaction():
        where = sa.update(DemoMovement).where(DemoMovement.external_id == external_id)
        db.session.execute(where.values(noticed_at=clock.now()))
    return True


def missed_events(since: datetime) -> Iterable[MissedEvent]:
    """Disputes whose last news was not taken."""
    query = sa.select(DemoMovement).where(
        DemoMovement.kind == KIND, DemoMovement.noticed_at.is_(None), DemoMovement.created_at >= since
    )
    found = [_missed(row) for row in db.session.scalars(query.order_by(DemoMovement.id).limit(200))]
    end_read()
    return found


def _missed(row: DemoMovement) -> MissedEvent:
    event = event_of(f"evt_missed_{row.status}_{row.external_id}", "dispute.updated", {"id": row.external_id})
    notice = Notice(event["id"], event["type"], False, "", row.external_id, Meaning.DISPUTE)
    return MissedEvent(notice, json.dumps(event))


def _movement(external_id: str) -> DemoMovement | None:
    query = sa.select(DemoMovement).filter_by(kind=KIND, external_id=external_id)
    return db.session.scalar(query.execution_options(populate_existing=True))


def _held(external_id: str) -> DemoMovement:
    found = _movement(external_id)
    if found is None:
        raise Refused(f"no demo dispute {external_id}")
    return locked(DemoMovement, found.id)


def _state(row: DemoMovement) -> DisputeState:
    session = db.session.get_one(DemoSession, row.session_id)
    amounts = [int(move["amount"]) for move in row.facts["moves"]]
    money: dict[str, Any] = {}
    if amounts:
        money = {
            "settle_currency": row.currency,
            "withdrawn_amount": -sum(amount for amount in amounts if amount < 0),
            "reinstated_amount": sum(amount for amount in amounts if amount > 0),
            "fee_amount": row.fee_amount,
        }
    return DisputeState(
        external_id=row.external_id,
        charge_id=session.charge_id or "",
        status=DisputeSaid(row.status),
        amount=Money(row.amount, row.currency),
        reason=str(row.facts.get("reason", "")),
        due_by=datetime.fromisoformat(row.facts["due_by"]),
        opened_at=row.created_at,
        **money,
    )
