"""What a buyer reads of money that goes back: by parcel, in sum, and where it is now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.core.i18n import gettext as _
from marketplace.core.money import Money, total
from marketplace.orders.queries import OrderPage
from marketplace.payments.models import RefundChannel, RefundOrigin, RefundStatus
from marketplace.payments.queries import RefundView

OPEN = (RefundStatus.REQUESTED, RefundStatus.PENDING)


@dataclass(frozen=True, slots=True)
class MoneyBack:
    """`done` has left us, `open` is asked for or on its way; a payment too many is in neither, for nobody bought
    anything with it.
    """

    by_part: dict[int, list[RefundView]]
    others: list[RefundView]  # of no parcel: a payment too many, or one whose parcel nobody has named yet
    counted: list[RefundView]  # of what was bought, those that failed left out
    done: Money
    open: Money
    paid: Money

    @property
    def remains(self) -> Money:
        """What the buyer has paid when all that is open has arrived."""
        return self.paid - self.done - self.open

    @property
    def is_whole(self) -> bool:
        return bool(self.counted) and not self.remains


def money_back(order: OrderPage, refunds: Sequence[RefundView]) -> MoneyBack:
    by_part: dict[int, list[RefundView]] = {}
    for refund in refunds:
        if refund.seller_order_id is not None:
            by_part.setdefault(refund.seller_order_id, []).append(refund)
    bought = [one for one in refunds if one.is_applied and one.origin is not RefundOrigin.UNAPPLIED]
    counted = [one for one in bought if one.status is not RefundStatus.FAILED]
    return MoneyBack(
        by_part=by_part,
        others=[refund for refund in refunds if refund.seller_order_id is None],
        counted=counted,
        done=total((one.total for one in counted if one.status is RefundStatus.SUCCEEDED), order.currency),
        open=total((one.total for one in counted if one.status in OPEN), order.currency),
        paid=order.total,
    )


def where_to(refund: RefundView, email: str) -> str:
    """Where the money is and what happens next; nothing that we do not know."""
    if refund.status is RefundStatus.FAILED:
        return _("It did not reach you. We look at it and write to %(email)s.", email=email)
    if refund.channel is RefundChannel.NONE:
        return _("Your bank has given it back to you already.")
    if refund.channel is RefundChannel.MANUAL:
        if refund.status is RefundStatus.SUCCEEDED:
            return _("We have sent it by bank transfer.")
        return _("We send it by bank transfer and write to %(email)s for the account.", email=email)
    if refund.status is RefundStatus.SUCCEEDED:
        return _("It has left us for the card or account that you paid with. Banks take 5 to 10 days to show it.")
    return _("It goes to the card or account that you paid with, 5 to 10 days depending on your bank.")
