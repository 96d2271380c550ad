"""What the rules of orders say no to."""

from __future__ import annotations

from marketplace.core.errors import DomainError
from marketplace.core.i18n import lazy_gettext as _l


class AlreadyPaid(DomainError):
    message = _l("This order has been paid. Write to us and we cancel it for you.")


class TooLateToCancel(DomainError):
    message = _l("The workshop has begun with it. Write to us, and we ask the workshop.")


class StockGone(DomainError):
    """Late money for an order whose pieces went to somebody else."""

    message = _l("The pieces of this order have been sold in the meantime.")


class TrackingNeeded(DomainError):
    message = _l("Enter the tracking number of the parcel, letters and digits only.")


class UnknownCarrier(DomainError):
    message = _l("Choose the carrier that takes the parcel.")


class ReasonNeeded(DomainError):
    message = _l("Choose a reason, so that the buyer understands.")
