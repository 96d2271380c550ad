"""A dispute as its processor tells it becomes ours: status by compare-and-set, money by what has really moved."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import db, end_read, insert_ignore, locked, transaction
from marketplace.core.errors import NotFound
from marketplace.core.money import Money
from marketplace.orders.models import Order

from ...differences import DifferenceKind
from ...models import OPEN_DISPUTES, Bearer, Dispute, DisputeStatus, PaymentAttempt
from ...processors import DisputeSaid, DisputeState, ProcessorDown, Refused
from .. import posting
from ..differences import note_difference
from ..facts import processor_of
from .rounds import ask_again

log = logging.getLogger(__name__)

ENDED = (DisputeStatus.WON, DisputeStatus.LOST)


class ChargeUnknown(ProcessorDown):
    """A dispute about a payment that we have not seen paid: its own message may still be on the way."""


def settle_dispute(processor_name: str, external_id: str) -> DisputeStatus:
    """Ask the processor how this dispute stands and make it so; the status afterwards.

    Outside any transaction. Messages and the reconciler all end here, in any order and as often as they like.

    Raises:
        NotFound: the processor does not know it.
        ProcessorDown: no usable answer, or a charge that is not paid here yet; nothing changed.
        ProcessorAway: the shop no longer runs with this processor.
    """
    end_read()
    try:
        state = processor_of(processor_name).fetch_dispute(external_id)
    except Refused as error:
        raise NotFound("dispute", external_id) from error
    return write_dispute(processor_name, state)


def write_dispute(processor_name: str, state: DisputeState) -> DisputeStatus:
    """Write a fetched truth: the row, its status and the books in one transaction."""
    with transaction():
        attempt = _attempt(processor_name, state.charge_id)
        locked(Order, attempt.order_id)  # as earning and refunds do: of the two, the second sees what the first did
        dispute = _row(attempt, state)
        _book(dispute, attempt.order_id, state)
        _move(dispute, DisputeStatus(state.status.value))
        _update(dispute, state)
    return dispute.status


def _attempt(processor_name: str, charge_id: str) -> PaymentAttempt:
    query = sa.select(PaymentAttempt).filter_by(processor=processor_name, charge_id=charge_id)
    attempt = db.session.scalar(query)
    if attempt is None:
        raise ChargeUnknown(f"a dispute about {charge_id}, which no attempt has been paid with")
    return attempt


def _row(attempt: PaymentAttempt, state: DisputeState) -> Dispute:
    is_new = insert_ignore(
        Dispute,
        attempt_id=attempt.id,
        processor=attempt.processor,
        external_id=state.external_id,
        livemode=attempt.livemode,
        status=DisputeStatus(state.status.value),
        currency=state.amount.currency,
        amount=state.amount.amount,
        reason=state.reason[:60],
        due_by=state.due_by,
        settle_currency=state.settle_currency,
        opened_at=state.opened_at,
        closed_at=clock.now() if DisputeStatus(state.status.value) in ENDED else None,
    )
    query = sa.select(Dispute.id).filter_by(processor=attempt.processor, external_id=state.external_id)
    dispute = locked(Dispute, db.session.scalars(query).one())
    if is_new:
        _audit(dispute, "", dispute.status)
    return dispute


def _book(dispute: Dispute, order_id: int, state: DisputeState) -> None:
    """Only what has moved since: a truth that was fetched before the one we have says less and is passed over."""
    taken = state.withdrawn_amount - dispute.withdrawn_amount
    back = state.reinstated_amount - dispute.reinstated_amount
    fee = state.fee_amount - dispute.fee_amount
    if taken < 0 or back < 0 or not (taken or back or fee):
        return
    currency = state.settle_currency
    if dispute.settle_currency not in ("", currency):
        _note(dispute, DifferenceKind.DISPUTE_CURRENCY, Money(taken - back, currency))
        return
    if taken:
        posting.book_dispute_withdrawn(dispute, Money(taken, currency), order_id=order_id)
        _bear_again(dispute, Money(taken, currency), order_id, state)
    if fee:
        posting.book_dispute_fee(dispute, Money(fee, currency), order_id=order_id)
    if back:
        posting.book_dispute_won(dispute, Money(back, currency), order_id=order_id)
        if dispute.borne_by is Bearer.WORKSHOP:
            _note(dispute, DifferenceKind.DISPUTE_WON_LATE, Money(back, currency))
    dispute.settle_currency = currency
    dispute.withdrawn_amount, dispute.reinstated_amount = state.withdrawn_amount, state.reinstated_amount
    dispute.fee_amount = state.fee_amount
    db.session.flush()


def _bear_again(dispute: Dispute, taken: Money, order_id: int, state: DisputeState) -> None:
    """The bank took (more) after somebody had said who bears it, or after it was won."""
    if dispute.borne_by is Bearer.COLLECTIVE:
        posting.book_dispute_lost(dispute, taken, order_id=order_id, before=dispute.withdrawn_amount)
    is_over = dispute.status is DisputeStatus.WON and state.status is not DisputeSaid.WON
    if dispute.borne_by is Bearer.WORKSHOP or is_over:
        _note(dispute, DifferenceKind.DISPUTE_REOPENED, taken)


def _move(dispute: Dispute, status: DisputeStatus) -> None:
    """The one place where a dispute's status changes (payments.md 7)."""
    before = dispute.status
    if status is before:
        return
    if status not in Dispute.MOVES[before]:
        log.warning("dispute %s: the processor says %s, it is %s here", dispute.id, status, before)
        if before is DisputeStatus.WON and status is DisputeStatus.LOST:
            _note(dispute, DifferenceKind.DISPUTE_REOPENED, None)
        return
    allowed = [known for known, after in Dispute.MOVES.items() if status in after]
    query = sa.update(Dispute).where(Dispute.id == dispute.id, Dispute.status.in_(allowed))
    closed_at = clock.now() if status in ENDED else None
    db.session.execute(query.values(status=status, closed_at=closed_at))
    db.session.refresh(dispute)
    if before is DisputeStatus.INQUIRY and status is DisputeStatus.NEEDS_RESPONSE:
        ask_again(dispute)
    _audit(dispute, before, status)


def _update(dispute: Dispute, state: DisputeState) -> None:
    dispute.checked_at = clock.now()
    if dispute.status in OPEN_DISPUTES:
        dispute.due_by, dispute.reason = state.due_by, state.reason[:60]
        if state.amount.amount > 0 and state.amount.currency == dispute.currency:
            dispute.amount = state.amount.amount
    db.session.flush()


def _audit(dispute: Dispute, before: str, after: str) -> None:
    changed = {"status": str(after), "external_id": dispute.external_id}
    record("dispute.move", "dispute", dispute.id, None, before={"status": str(before)}, after=changed)


def _note(dispute: Dispute, kind: DifferenceKind, amount: Money | None) -> None:
    facts = {"dispute_id": dispute.id, "status": dispute.status.value}
    note_difference(kind, dispute.processor, dispute.external_id, amount=amount, facts=facts)
