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


class AlreadySent(DomainError):
    """Something of the part has left; what has not is refunded instead."""

    message = _l("A part of this order has been posted already. Give the money for the rest back instead.")


class NothingToSend(DomainError):
    message = _l("Nothing of this order is left to send: the rest has been refunded.")


class NothingChosen(DomainError):
    message = _l("Say which pieces are in this parcel. At least one.")


class MoreThanLeft(DomainError):
    message = _l("More than is left to send of this piece: %(left)s.")


class SameParcel(DomainError):
    message = _l("A parcel with this number has been entered already.")


class AlreadyArrived(DomainError):
    message = _l("The parcel has arrived. Its number cannot be changed any more.")
