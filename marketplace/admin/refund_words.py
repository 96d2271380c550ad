"""Refunds in words: how they travel, who wanted them, and what a person can do."""

from __future__ import annotations

from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.payments.models import RefundChannel, RefundOrigin, RefundStatus
from marketplace.payments.queries.refunds import RETRYABLE, RefundView

CHANNELS: dict[RefundChannel, Lazy] = {
    RefundChannel.PROCESSOR: _l("the way it was paid"),
    RefundChannel.MANUAL: _l("by bank transfer, sent by us"),
    RefundChannel.NONE: _l("taken by the buyer’s bank"),
}
ORIGINS: dict[RefundOrigin, Lazy] = {
    RefundOrigin.WORKSHOP: _l("asked by the workshop"),
    RefundOrigin.ADMIN: _l("asked by the collective"),
    RefundOrigin.CANCELED: _l("parcel canceled"),
    RefundOrigin.UNAPPLIED: _l("paid twice or too late"),
    RefundOrigin.DASHBOARD: _l("made at the processor"),
    RefundOrigin.DISPUTE: _l("lost dispute"),
}


def is_manual_open(refund: RefundView) -> bool:
    """A person must send it, and say so."""
    return refund.channel is RefundChannel.MANUAL and refund.status in (RefundStatus.REQUESTED, RefundStatus.PENDING)


def is_unassigned(refund: RefundView) -> bool:
    """Made in the processor's dashboard; a person must say for which parcel."""
    return (
        refund.seller_order_id is None
        and refund.origin is RefundOrigin.DASHBOARD
        and refund.status is not RefundStatus.FAILED
    )


def can_retry(refund: RefundView) -> bool:
    """It failed, and was asked for here."""
    return refund.status is RefundStatus.FAILED and refund.origin in RETRYABLE
