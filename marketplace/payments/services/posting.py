"""What each event writes into the books: the one place that knows the table of payments.md 8.

Everything here joins the caller's transaction, in which the state moves that it stands for. Two accounts are ours: a
refund first goes from where the money lay to `refunds_due` and leaves the processor with a second entry, so that the
books are right while it travels; `unapplied` holds money that no order could take.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.core.money import Money
from marketplace.ledger import accounts
from marketplace.ledger.models import Kind, LedgerEntry, LedgerTxn
from marketplace.ledger.services import Side, credit, debit, key_of, post, reverse
from marketplace.orders.models import SellerOrder, SellerOrderStatus

from ..models import Bearer, Dispute, PaymentAttempt, Refund, RefundChannel


def book_charge(attempt: PaymentAttempt) -> None:
    """A buyer's money is here. A fee that is not known yet is booked by `book_fee` when it is."""
    gross = Money(attempt.amount, attempt.currency)
    owed = accounts.BUYER_FUNDS if attempt.is_applied else accounts.UNAPPLIED
    post(
        Kind.CHARGE,
        attempt.id,
        [*_received(attempt, gross), credit(owed, gross)],
        livemode=attempt.livemode,
        order_id=attempt.order_id,
        memo=attempt.charge_id or "",
        at=attempt.paid_at,
    )


def _received(attempt: PaymentAttempt, gross: Money) -> list[Side]:
    """The processor's side: what it keeps for us, its fee, and the exchange where it settles in another currency."""
    clearing = accounts.clearing(attempt.processor)
    if attempt.fee_amount is None or attempt.net_amount is None:
        return [debit(clearing, gross)]
    settled = attempt.settle_currency or attempt.currency
    net, fee = Money(attempt.net_amount, settled), Money(attempt.fee_amount, settled)
    sides = [debit(clearing, net), debit(accounts.PROCESSOR_FEES, fee)]
    if settled != attempt.currency:
        sides += [credit(accounts.FX, net + fee), debit(accounts.FX, gross)]
    return sides


def book_fee(attempt: PaymentAttempt) -> None:
    """The fee became known after the charge was booked without it: the books end as if it had been known."""
    gross, clearing = Money(attempt.amount, attempt.currency), accounts.clearing(attempt.processor)
    post(
        Kind.FEE,
        attempt.id,
        [*_received(attempt, gross), credit(clearing, gross)],
        livemode=attempt.livemode,
        order_id=attempt.order_id,
        memo=attempt.charge_id or "",
    )


def book_refund(refund: Refund, part: SellerOrder | None, *, order_id: int) -> None:
    """A refund was asked for: its sum leaves the account where it lay. `part` None: unapplied, or not yet assigned."""
    post(
        Kind.REFUND,
        refund.id,
        [*_taken_from(refund, part), credit(accounts.REFUNDS_DUE, refund.total)],
        livemode=refund.livemode,
        order_id=order_id,
        seller_order_id=part.id if part else None,
        workshop_id=part.workshop_id if part else None,
        memo=refund.reason,
    )


def _taken_from(refund: Refund, part: SellerOrder | None) -> list[Side]:
    if part is None:
        attempt = db.session.get_one(PaymentAttempt, refund.attempt_id)
        return [debit(accounts.UNASSIGNED if attempt.is_applied else accounts.UNAPPLIED, refund.total)]
    if part.status is not SellerOrderStatus.EARNED:
        return [debit(accounts.BUYER_FUNDS, refund.total)]
    payable, commission = Money(refund.payable_idr, "IDR"), Money(refund.commission_idr, "IDR")
    sides = [debit(accounts.seller(part.workshop_id), payable), debit(accounts.COMMISSION, commission)]
    if refund.currency != "IDR":
        sides += [debit(accounts.FX, refund.total), credit(accounts.FX, payable + commission)]
    return sides


def book_refund_sent(refund: Refund, *, order_id: int, settled: Money | None = None) -> None:
    """The money has left. `settled` is what left where the processor settles in another currency."""
    paid_from = {
        RefundChannel.PROCESSOR: accounts.clearing(refund.processor),
        RefundChannel.MANUAL: accounts.BANK,
        RefundChannel.NONE: accounts.DISPUTE_HOLD,
    }[refund.channel]
    sides = [debit(accounts.REFUNDS_DUE, refund.total)]
    if settled is None or settled.currency == refund.currency:
        sides.append(credit(paid_from, refund.total))
    else:
        sides += [credit(accounts.FX, refund.total), debit(accounts.FX, settled), credit(paid_from, settled)]
    part = db.session.get(SellerOrder, refund.seller_order_id) if refund.seller_order_id else None
    post(
        Kind.REFUND_SENT,
        refund.id,
        sides,
        livemode=refund.livemode,
        order_id=order_id,
        seller_order_id=refund.seller_order_id,
        workshop_id=part.workshop_id if part else None,
        memo=refund.external_id or refund.bank_reference,
    )


def book_refund_failed(refund: Refund, part: SellerOrder | None) -> None:
    """The money did not reach the buyer: everything lies where it lay, or where it would lie by now.

    A parcel that was earned while its refund was on the way earns the sum of the refund now.
    """
    reverse(Kind.REFUND_RETURNED, refund.id, key_of(Kind.REFUND_SENT, refund.id))
    reverse(Kind.REFUND_FAILED, refund.id, key_of(Kind.REFUND, refund.id))
    if _is_booked(Kind.REFUND_ASSIGNED, refund.id):
        reverse(Kind.REFUND_FAILED, f"{refund.id}:assigned", key_of(Kind.REFUND_ASSIGNED, refund.id))
    if part is not None and part.status is SellerOrderStatus.EARNED and _came_from_buyer_funds(refund):
        _earn(
            f"{part.id}:refund:{refund.id}",
            part,
            gross=refund.total,
            payable=Money(refund.payable_idr, "IDR"),
            commission=Money(refund.commission_idr, "IDR"),
            livemode=refund.livemode,
        )


def book_refund_assigned(refund: Refund, part: SellerOrder, *, order_id: int) -> None:
    """A person said which parcel a refund from the processor's dashboard belongs to."""
    post(
        Kind.REFUND_ASSIGNED,
        refund.id,
        [*_taken_from(refund, part), credit(accounts.UNASSIGNED, refund.total)],
        livemode=refund.livemode,
        order_id=order_id,
        seller_order_id=part.id,
        workshop_id=part.workshop_id,
    )


def book_earned(part: SellerOrder, *, livemode: bool) -> None:
    """The hold is over: what was not refunded becomes the workshop's and the collective's."""
    _earn(
        part.id,
        part,
        gross=part.left,
        payable=Money(part.payable_idr - part.payable_returned_idr, "IDR"),
        commission=Money(part.commission_idr - part.commission_returned_idr, "IDR"),
        livemode=livemode,
    )


def _earn(
    subject: int | str, part: SellerOrder, *, gross: Money, payable: Money, commission: Money, livemode: bool
) -> None:
    sides = [
        debit(accounts.BUYER_FUNDS, gross),
        credit(accounts.seller(part.workshop_id), payable),
        credit(accounts.COMMISSION, commission),
    ]
    if gross.currency != "IDR":
        sides += [credit(accounts.FX, gross), debit(accounts.FX, payable + commission)]
    post(
        Kind.EARN,
        subject,
        sides,
        livemode=livemode,
        order_id=part.order_id,
        seller_order_id=part.id,
        workshop_id=part.workshop_id,
    )


def _is_booked(kind: Kind, subject: int) -> bool:
    return db.session.scalar(sa.select(LedgerTxn.id).where(LedgerTxn.key == key_of(kind, subject))) is not None


def _came_from_buyer_funds(refund: Refund) -> bool:
    query = (
        sa.select(LedgerEntry.id)
        .join(LedgerTxn, LedgerTxn.id == LedgerEntry.txn_id)
        .where(
            LedgerTxn.key.in_([key_of(Kind.REFUND, refund.id), key_of(Kind.REFUND_ASSIGNED, refund.id)]),
            LedgerEntry.account == accounts.BUYER_FUNDS,
        )
    )
    return db.session.scalar(query.limit(1)) is not None


def book_dispute_withdrawn(dispute: Dispute, taken: Money, *, order_id: int) -> None:
    """A bank took money, beyond what `dispute` has booked: it waits in `dispute_hold` until the case is over."""
    sides = [debit(accounts.DISPUTE_HOLD, taken), credit(accounts.clearing(dispute.processor), taken)]
    _book_step(Kind.DISPUTE_WITHDRAWN, dispute, dispute.withdrawn_amount, taken, sides, order_id)


def book_dispute_fee(dispute: Dispute, fee: Money, *, order_id: int) -> None:
    """What the processor keeps for the case, beyond what `dispute` has booked; negative when it gives it back."""
    sides = [debit(accounts.PROCESSOR_FEES, fee), credit(accounts.clearing(dispute.processor), fee)]
    _book_step(Kind.DISPUTE_FEE, dispute, dispute.fee_amount, fee, sides, order_id)


def book_dispute_won(dispute: Dispute, back: Money, *, order_id: int) -> None:
    """The bank gave money back: to where it waited, or to the collective when that has borne it (an appeal)."""
    waited = accounts.LOSSES if dispute.borne_by is Bearer.COLLECTIVE else accounts.DISPUTE_HOLD
    sides = [debit(accounts.clearing(dispute.processor), back), credit(waited, back)]
    _book_step(Kind.DISPUTE_WON, dispute, dispute.reinstated_amount, back, sides, order_id)


def book_dispute_lost(dispute: Dispute, lost: Money, *, order_id: int, before: int = 0) -> None:
    """The collective bears this much of what a bank took, besides what it bore `before`."""
    sides = [debit(accounts.LOSSES, lost), credit(accounts.DISPUTE_HOLD, lost)]
    _book_step(Kind.DISPUTE_LOST, dispute, before, lost, sides, order_id)


def _book_step(kind: Kind, dispute: Dispute, before: int, step: Money, sides: list[Side], order_id: int) -> None:
    """A bank may move money more than once in one case: from the second time on the key names the new sum, and how
    often it has come to that sum (a fee that goes up, down and up again). The dispute is held: each call is a step.
    """
    subject = f"{dispute.id}:{before + step.amount}" if before else str(dispute.id)
    times, key = 1, subject
    while not post(kind, key, sides, livemode=dispute.livemode, order_id=order_id, memo=dispute.external_id):
        times += 1
        key = f"{subject}:{times}"


def book_settlement(processor: str, external_id: str, paid: Money, *, fee: Money, livemode: bool, at: datetime) -> bool:
    """The processor paid our bank (negative: its payment came back); False when that is booked already."""
    clearing = accounts.clearing(processor)
    sides = [debit(accounts.BANK, paid), debit(accounts.PROCESSOR_FEES, fee), credit(clearing, paid + fee)]
    return post(Kind.SETTLE, f"{processor}:{external_id}", sides, livemode=livemode, memo=external_id, at=at)


def book_processor_fee(difference_id: int, processor: str, fee: Money, *, livemode: bool, memo: str) -> bool:
    """A person said that a line of the processor's list is a fee of its own (negative: given back)."""
    sides = [debit(accounts.PROCESSOR_FEES, fee), credit(accounts.clearing(processor), fee)]
    return post(Kind.CORRECTION, f"difference:{difference_id}", sides, livemode=livemode, memo=memo)
