"""Who bears a dispute that was lost: a person says so, once. The buyer has the money already, from the bank."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from marketplace.audit.services import record
from marketplace.core import clock
from marketplace.core.db import db, locked, transaction
from marketplace.core.errors import NotFound
from marketplace.core.money import Money, allocate
from marketplace.ledger.models import Kind
from marketplace.ledger.services import key_of, reverse
from marketplace.orders.models import Order, SellerOrder, SellerOrderStatus

from ...differences import DifferenceKind
from ...errors import NoteNeeded, NothingTaken, NothingToGiveBack, NotLost, NotOfThisOrder
from ...models import (
    Bearer,
    Difference,
    Dispute,
    DisputeStatus,
    PaymentAttempt,
    Refund,
    RefundChannel,
    RefundOrigin,
    RefundStatus,
)
from .. import posting
from ..differences import key_of_difference, settle_difference
from ..refunds import moving
from ..refunds.automatic import refund_rest
from ..refunds.writing import Ask, write_whole

REASON = "dispute"  # of payments/reasons.py: the buyer reads it


@dataclass(frozen=True, slots=True)
class _Case:
    """A dispute under lock, with what the bank keeps of it: `kept` in the currency of settlement."""

    dispute: Dispute
    attempt: PaymentAttempt
    kept: Money


def held_case(dispute_id: int) -> _Case:
    """The dispute with its order held, the order first, as everywhere."""
    query = (
        sa.select(PaymentAttempt)
        .join(Dispute, Dispute.attempt_id == PaymentAttempt.id)
        .where(Dispute.id == dispute_id)
        .execution_options(populate_existing=True)
    )
    attempt = db.session.scalar(query)
    if attempt is None:
        raise NotFound("Dispute", dispute_id)
    locked(Order, attempt.order_id)
    dispute = locked(Dispute, dispute_id)
    kept = dispute.withdrawn_amount - dispute.reinstated_amount
    return _Case(dispute, attempt, Money(kept, dispute.settle_currency or dispute.currency))


def decide_lost(dispute_id: int, bearer: Bearer, by: int, note: str) -> None:
    """Close a lost dispute: the workshops of its parcels bear what is left of them, or the collective bears all.

    Each workshop gets a refund of its own (origin `dispute`), shared over what is left of each parcel; what no parcel
    can bear, because it went back to the buyer before, is a loss of the collective. Saying it twice is fine.

    Raises:
        NotFound: there is no such dispute.
        NoteNeeded: nothing was written down.
        NotLost: it is not lost, or somebody has decided otherwise.
        NothingTaken: the workshop is to bear what no parcel has, or what no bank took.
    """
    if not note.strip():
        raise NoteNeeded
    with transaction():
        case = held_case(dispute_id)
        dispute = case.dispute
        if dispute.borne_by is bearer:
            return
        if dispute.status is not DisputeStatus.LOST or dispute.borne_by is not None:
            raise NotLost
        borne = _refund_parts(case, by, _parts(case)) if bearer is Bearer.WORKSHOP else _owed_anyway(case, by)
        lost = case.kept - borne
        if lost:
            posting.book_dispute_lost(dispute, lost, order_id=case.attempt.order_id)
        dispute.borne_by, dispute.decided_by, dispute.decided_at = bearer, by, clock.now()
        record(
            "dispute.decide",
            "dispute",
            dispute.id,
            by,
            after={"borne_by": bearer.value, "lost": lost.amount, "currency": lost.currency},
            reason=note,
        )


def _owed_anyway(case: _Case, by: int) -> Money:
    """What of `kept` is no loss, because it was the buyer's: a canceled parcel's money, and what no order took."""
    canceled = [part for part in _parts(case) if part.status is SellerOrderStatus.CANCELED]
    if not canceled or case.kept.amount <= 0:
        return _refund_unapplied(case, by)
    return _refund_parts(case, by, canceled)


def _refund_parts(case: _Case, by: int, parts: list[SellerOrder]) -> Money:
    """What these parcels bear of `kept`, after their refunds have been written."""
    lefts = [part.left.amount for part in parts]
    paid_left = case.attempt.amount - case.attempt.refunded_amount
    whole = min(case.dispute.amount, sum(lefts), paid_left)
    if whole <= 0 or case.kept.amount <= 0 or case.dispute.currency != case.attempt.currency:
        raise NothingTaken
    shares = allocate(whole, lefts)
    borne, *settled = _of_kept(case.kept, case.dispute.amount - whole, shares)
    for part, share, left_hold in zip(parts, shares, settled, strict=True):
        if share:
            refund_rest(
                part.id,
                RefundOrigin.DISPUTE,
                by=by,
                reason_code=REASON,
                amount=Money(share, part.currency),
                channel=RefundChannel.NONE,
                request_key=f"dispute:{case.dispute.id}:{part.id}",
                settled=left_hold,
            )
    return borne


def _of_kept(kept: Money, rest: int, shares: list[int]) -> list[Money]:
    """`kept` by the refunds' shares and the rest that nobody can be asked for: (their sum, then one by one)."""
    *settled, _loss = kept.allocate([*shares, rest])
    return [Money(sum(money.amount for money in settled), kept.currency), *settled]


def _parts(case: _Case) -> list[SellerOrder]:
    query = sa.select(SellerOrder).where(SellerOrder.order_id == case.attempt.order_id)
    if case.dispute.seller_order_id is not None:
        query = query.where(SellerOrder.id == case.dispute.seller_order_id)
    if not case.attempt.is_applied:
        return []
    parts = db.session.scalars(
        query.order_by(SellerOrder.id).with_for_update().execution_options(populate_existing=True)
    )
    return [part for part in parts if part.left]


def _refund_unapplied(case: _Case, by: int) -> Money:
    """A payment that no order took, and that lies here still: it was the buyer's, and the bank has paid it out."""
    left = case.attempt.amount - case.attempt.refunded_amount
    if case.attempt.is_applied or not 0 < left <= case.dispute.amount or case.kept.amount <= 0:
        return Money(0, case.kept.currency)
    borne, _rest = case.kept.allocate([left, case.dispute.amount - left])
    key = f"dispute:{case.dispute.id}:{case.attempt.id}"
    refund = write_whole(case.attempt, Ask(key, RefundOrigin.DISPUTE, by, REASON, channel=RefundChannel.NONE))
    moving.succeed(refund, db.session.get_one(Order, case.attempt.order_id), None, settled=borne)
    return borne


def name_parcel(dispute_id: int, seller_order_id: int | None, by: int) -> None:
    """Say which parcel the buyer complains about (None: the whole order, or nobody knows).

    Raises:
        NotFound: there is no such dispute.
        NotOfThisOrder: the parcel is another order's.
        NotLost: somebody has decided already who bears it.
    """
    with transaction():
        case = held_case(dispute_id)
        dispute = case.dispute
        if dispute.borne_by is not None:
            raise NotLost
        if seller_order_id is not None:
            part = db.session.get(SellerOrder, seller_order_id)
            if part is None or part.order_id != case.attempt.order_id:
                raise NotOfThisOrder
        before = dispute.seller_order_id
        if before == seller_order_id:
            return
        dispute.seller_order_id = seller_order_id
        parcels = {"seller_order_id": before}, {"seller_order_id": seller_order_id}
        record("dispute.parcel", "dispute", dispute.id, by, before=parcels[0], after=parcels[1])


def give_back(dispute_id: int, by: int, note: str) -> None:
    """Won on appeal after the workshops had borne it: their refunds are undone, and the money is theirs again.

    Settles the difference that told so. Saying it twice is fine.

    Raises:
        NotFound: there is no such dispute.
        NoteNeeded: nothing was written down.
        NothingToGiveBack: it was not won, or no workshop bore it.
    """
    if not note.strip():
        raise NoteNeeded
    with transaction():
        dispute = held_case(dispute_id).dispute
        if dispute.status is not DisputeStatus.WON or dispute.borne_by is not Bearer.WORKSHOP:
            raise NothingToGiveBack
        query = sa.select(Refund.id).where(
            Refund.origin == RefundOrigin.DISPUTE,
            Refund.attempt_id == dispute.attempt_id,
            Refund.request_key.startswith(f"dispute:{dispute.id}:"),
            Refund.status == RefundStatus.SUCCEEDED,
        )
        undone = list(db.session.scalars(query.order_by(Refund.id)))
        for refund_id in undone:
            refund, order, part = moving.held(refund_id)
            moving.fail(refund, order, part, "the dispute was won on appeal")
        if undone:
            reverse(Kind.DISPUTE_LOST, f"{dispute.id}:won", key_of(Kind.DISPUTE_LOST, dispute.id))
            record("dispute.give_back", "dispute", dispute.id, by, after={"refunds": undone}, reason=note)
        _settle_late(dispute, by, note)


def _settle_late(dispute: Dispute, by: int, note: str) -> None:
    key = key_of_difference(DifferenceKind.DISPUTE_WON_LATE, dispute.processor, dispute.external_id)
    found = db.session.scalar(sa.select(Difference.id).where(Difference.key == key))
    if found is not None:
        settle_difference(found, note, by)
