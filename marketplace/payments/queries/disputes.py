"""Disputes, as the collective sees them: what is to be done, until when, and what is at stake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db
from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.money import Money
from marketplace.core.pagination import Page, cut, decode_key, encode_key
from marketplace.orders.models import Order, SellerOrder
from marketplace.workshops.models import Workshop

from ..evidence import SENT, Evidence
from ..evidence import WORDS as EVIDENCE_WORDS
from ..models import OPEN_DISPUTES, Bearer, Dispute, PaymentAttempt
from ..models import DisputeStatus as Status
from .evidence import suggested

PAGE_SIZE = 50
URGENT = timedelta(days=3)

WORDS: dict[Status, tuple[Lazy, str]] = {
    Status.INQUIRY: (_l("The bank asks"), "warn"),
    Status.NEEDS_RESPONSE: (_l("Evidence needed"), "bad"),
    Status.UNDER_REVIEW: (_l("The bank decides"), "warn"),
    Status.WON: (_l("Won"), "ok"),
    Status.LOST: (_l("Lost"), "bad"),
}
BEARER_WORDS: dict[Bearer, Lazy] = {
    Bearer.WORKSHOP: _l("Borne by the workshop"),
    Bearer.COLLECTIVE: _l("Borne by the collective"),
}
REASONS: dict[str, Lazy] = {  # the banks' codes, as processors name them
    "bank_cannot_process": _l("The buyer's bank could not process it"),
    "check_returned": _l("The payment was returned"),
    "credit_not_processed": _l("A refund that was promised did not come"),
    "customer_initiated": _l("The buyer asked their bank for the money"),
    "debit_not_authorized": _l("The buyer did not allow the debit"),
    "duplicate": _l("Charged twice"),
    "fraudulent": _l("The buyer says they did not pay this"),
    "general": _l("No reason given"),
    "incorrect_account_details": _l("Wrong account details"),
    "insufficient_funds": _l("The buyer's account was empty"),
    "noncompliant": _l("Against the card network's rules"),
    "product_not_received": _l("The parcel did not arrive"),
    "product_unacceptable": _l("Not as described, or damaged"),
    "subscription_canceled": _l("A subscription was canceled"),
    "unrecognized": _l("The buyer does not recognize the payment"),
}


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """`total` is what the buyer asks back, in the order's currency; `word` and `kind` are for the tag.

    `task` says what a person has to do: 'answer' until `due_by`, 'decide' who bears it, or '' (nothing now).
    """

    id: int
    external_id: str
    processor: str
    order_id: int
    order_no: str
    buyer: str
    total: Money
    reason: str
    status: Status
    word: Lazy
    kind: str
    task: str
    due_by: datetime | None
    is_urgent: bool
    is_late: bool
    opened_at: datetime
    closed_at: datetime | None
    borne_by: Bearer | None
    bearer_word: Lazy


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A point of the list. `text` goes to the bank; it is ours from the order while `is_written` is False."""

    code: Evidence
    title: Lazy
    explanation: Lazy
    text: str
    is_written: bool
    is_done: bool


@dataclass(frozen=True, slots=True)
class Parcel:
    """A seller order that the dispute may be about. `left` is what has not gone back of it."""

    id: int
    workshop_id: int
    workshop_name: str
    total: Money
    left: Money
    is_meant: bool


@dataclass(frozen=True, slots=True)
class DisputeView:
    """A dispute with all that its page shows. `taken`, `given_back`, `fee` and `kept` are in the currency of
    settlement; `can_workshop_bear` says whether any parcel has something left.
    """

    row: DisputeRow
    email: str
    evidence: tuple[EvidenceView, ...]
    parcels: tuple[Parcel, ...]
    submitted_at: datetime | None
    decided_at: datetime | None
    taken: Money
    given_back: Money
    fee: Money
    kept: Money
    can_answer: bool
    can_decide: bool
    can_workshop_bear: bool
    can_give_back: bool


def disputes(open_only: bool = False, after: str | None = None, limit: int = PAGE_SIZE) -> Page[DisputeRow]:
    """Newest first; with `open_only` those that are not over, or that somebody has to decide. One statement."""
    key = decode_key(after, 1)
    query = _query().order_by(Dispute.id.desc()).limit(limit + 1)
    if open_only:
        query = query.where(_needs_somebody())
    if key:
        query = query.where(Dispute.id < key[0])
    found = [_row(dispute, order) for dispute, order in db.session.execute(query)]
    return cut(found, limit, lambda row: encode_key(row.id))


def disputes_of(order_id: int) -> list[DisputeRow]:
    """Of one order, oldest first. One statement."""
    query = _query().where(Order.id == order_id).order_by(Dispute.id)
    return [_row(dispute, order) for dispute, order in db.session.execute(query)]


def charge_of_order(number: str, processor: str) -> str | None:
    """The processor's name of the payment that this order took, by the order's number."""
    query = (
        sa.select(PaymentAttempt.charge_id)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .where(Order.public_no == number, PaymentAttempt.processor == processor, PaymentAttempt.charge_id.is_not(None))
    )
    return db.session.scalar(query.order_by(PaymentAttempt.id).limit(1))


def dispute(dispute_id: int) -> DisputeView | None:
    """One dispute with its evidence and parcels, or None."""
    found = db.session.execute(_query().where(Dispute.id == dispute_id)).first()
    if found is None:
        return None
    row, order = found
    currency = row.settle_currency or row.currency
    parcels = _parcels(row, order)
    kept = Money(row.withdrawn_amount - row.reinstated_amount, currency)
    is_lost = row.status is Status.LOST and row.borne_by is None
    return DisputeView(
        row=_row(row, order),
        email=order.email,
        evidence=_evidence(row),
        parcels=parcels,
        submitted_at=row.submitted_at,
        decided_at=row.decided_at,
        taken=Money(row.withdrawn_amount, currency),
        given_back=Money(row.reinstated_amount, currency),
        fee=Money(row.fee_amount, currency),
        kept=kept,
        can_answer=_can_answer(row),
        can_decide=is_lost,
        can_workshop_bear=is_lost and kept.amount > 0 and any(_is_meant(row, parcel) for parcel in parcels),
        can_give_back=row.status is Status.WON and row.borne_by is Bearer.WORKSHOP,
    )


def _query() -> sa.Select[Any, Any]:
    return (
        sa.select(Dispute, Order)
        .join(PaymentAttempt, PaymentAttempt.id == Dispute.attempt_id)
        .join(Order, Order.id == PaymentAttempt.order_id)
        .execution_options(populate_existing=True)
    )


def _undecided() -> sa.ColumnElement[bool]:
    return sa.and_(Dispute.status == Status.LOST, Dispute.borne_by.is_(None))


def _needs_somebody() -> sa.ColumnElement[bool]:
    return sa.or_(Dispute.status.in_(OPEN_DISPUTES), _undecided())


def _can_answer(row: Dispute) -> bool:
    asked = row.status in (Status.INQUIRY, Status.NEEDS_RESPONSE) and row.submitted_at is None
    return asked and (row.due_by is None or row.due_by >= clock.now())


def _task(row: Dispute) -> str:
    if row.status is Status.LOST and row.borne_by is None:
        return "decide"
    return "answer" if _can_answer(row) else ""


def _row(row: Dispute, order: Order) -> DisputeRow:
    word, kind = WORDS[row.status]
    task, now = _task(row), clock.now()
    return DisputeRow(
        id=row.id,
        external_id=row.external_id,
        processor=row.processor,
        order_id=order.id,
        order_no=order.public_no,
        buyer=order.postal.name,
        total=Money(row.amount, row.currency),
        reason=str(REASONS.get(row.reason, row.reason)),
        status=row.status,
        word=word,
        kind=kind,
        task=task,
        due_by=row.due_by,
        is_urgent=task == "answer" and row.due_by is not None and row.due_by <= now + URGENT,
        is_late=row.status in OPEN_DISPUTES and row.due_by is not None and row.due_by < now and not row.submitted_at,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        borne_by=row.borne_by,
        bearer_word=BEARER_WORDS[row.borne_by] if row.borne_by is not None else "",
    )


def _evidence(row: Dispute) -> tuple[EvidenceView, ...]:
    """What was sent is shown as it went out."""
    ours = row.evidence.get(SENT) or suggested(row.id)
    found = []
    for code in Evidence:
        noted = row.evidence.get(code, {})
        words = EVIDENCE_WORDS[code]
        text = noted.get("text", ours.get(code, ""))
        done = bool(noted.get("done", bool(text)))
        found.append(EvidenceView(code, words.title, words.explanation, text, "text" in noted, done))
    return tuple(found)


def _parcels(row: Dispute, order: Order) -> tuple[Parcel, ...]:
    query = (
        sa.select(SellerOrder, Workshop.name)
        .join(Workshop, Workshop.id == SellerOrder.workshop_id)
        .where(SellerOrder.order_id == order.id)
        .order_by(SellerOrder.id)
    )
    return tuple(
        Parcel(part.id, part.workshop_id, name, part.total, part.left, part.id == row.seller_order_id)
        for part, name in db.session.execute(query)
    )


def _is_meant(row: Dispute, parcel: Parcel) -> bool:
    return bool(parcel.left) and row.seller_order_id in (None, parcel.id)
