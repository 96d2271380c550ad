"""What can go wrong between an order and its money, in the buyer's words."""

from __future__ import annotations

from marketplace.core.errors import DomainError
from marketplace.core.i18n import lazy_gettext as _l


class PaymentsNotSetUp(DomainError):
    """The shop runs without a processor (production without keys)."""

    message = _l("Payments are not set up in this shop yet. Nothing was ordered and nothing was charged.")


class ProcessorAway(DomainError):
    """The processor is slow, down, or answered nonsense: nothing is known to be lost."""

    message = _l(
        "Nothing was charged: the payment page does not answer now. Your order is saved, try again in a minute."
    )


class AlreadyPaid(DomainError):
    message = _l("This order is paid already. Nothing more will be charged.")


class HoldOver(DomainError):
    """The order was canceled, or its hold has run out and the sweep is about to cancel it."""

    message = _l("The time for paying this order is over and the pieces went back. Nothing was charged.")


class PaymentRunning(DomainError):
    """The bank is still deciding: the order can be neither paid again nor canceled."""

    message = _l("Your bank is still deciding about this payment. Please wait for its answer.")


class PaymentUnclear(DomainError):
    """The processor reports money that does not fit the order; a person looks at it."""

    message = _l("A payment for this order has to be looked at by us first. Please do not pay again: we write to you.")
