"""What can go wrong between an order and its money, in the buyer's words."""

from __future__ import annotations

from marketplace.core.errors import DomainError
from marketplace.core.i18n import lazy_gettext as _l


class PaymentsNotSetUp(DomainError):
    """The shop runs without a processor (production without keys)."""

    message = _l("Payments are not set up in this shop yet. Nothing was ordered and nothing was charged.")


class OfferGone(DomainError):
    """A way to pay that this sum cannot take (QRIS above its limit), or that the shop no longer has."""

    message = _l("This order cannot be paid that way. Choose another way to pay; nothing was charged.")


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


class NotPaid(DomainError):
    """Nothing was paid for it, so nothing can go back."""

    message = _l("This parcel has not been paid. There is nothing to give back.")


class NothingToRefund(DomainError):
    message = _l("Enter what is to be given back: at least one piece, the postage or an amount above zero.")


class NegativeAmount(DomainError):
    message = _l("An amount to give back cannot be below zero.")


class PiecesOrAmount(DomainError):
    """The two ways of saying how much are not mixed: nobody could tell what the sum is."""

    message = _l("Choose pieces and postage, or enter an amount: not both.")


class AboveWhatIsLeft(DomainError):
    """More than what was paid and has not gone back. `left` is what can be given back, for reading."""

    message = _l("That is more than what is left. At most %(left)s can be given back.")


class WrongCurrency(DomainError):
    """`currency` is the one that the buyer paid in."""

    message = _l("The buyer paid in %(currency)s: the money goes back in the same currency.")


class WrongQuantity(DomainError):
    """`left` is how many pieces of the line have not been given back."""

    message = _l("Choose between 1 and %(left)s pieces of this line.")


class DisputeOpen(DomainError):
    """The buyer's bank took the money, or may: a refund would pay the buyer twice."""

    message = _l("The buyer's bank is asking for this money or has taken it. A refund now would pay the buyer twice.")


class UnknownReason(DomainError):
    message = _l("Choose a reason, so that the buyer understands.")


class NotAssignable(DomainError):
    """Only a refund from the processor's dashboard that has no parcel yet looks for one, in its own order."""

    message = _l("This refund cannot be put to that parcel: it has one already, it failed, or the order is another.")


class NotRetryable(DomainError):
    message = _l("Only a refund that failed, and that this shop asked for, can be tried again.")


class ReferenceNeeded(DomainError):
    message = _l("Enter the bank's reference of the transfer, so that it can be found again.")


class DisputeOver(DomainError):
    """The bank has decided, or has our answer already."""

    message = _l("This dispute takes no more evidence: the bank has it already, or has decided.")


class NothingGathered(DomainError):
    message = _l("There is no evidence to send yet. Gather at least one thing of the list.")


class EvidenceTooLate(DomainError):
    message = _l("The bank's deadline is over. Evidence that comes later is not read.")


class EvidenceTooLong(DomainError):
    """`limit` is in characters."""

    message = _l("This is too long for the bank: at most %(limit)s characters.")


class EvidenceRefused(DomainError):
    """`words` are the processor's own."""

    message = _l("The processor did not take the evidence: %(words)s")


class NotLost(DomainError):
    message = _l("Only a dispute that was lost, and that nobody has decided yet, asks who bears it.")


class NothingTaken(DomainError):
    message = _l("The workshop cannot bear this: nothing is left of its parcels, or the bank has taken nothing.")


class NothingToGiveBack(DomainError):
    message = _l("There is nothing to give back: the dispute was not won, or no workshop bore it.")


class NotOfThisOrder(DomainError):
    message = _l("This parcel belongs to another order.")


class NotAFee(DomainError):
    message = _l("Only a movement that this shop does not know can be booked as a fee of the processor.")


class NoteNeeded(DomainError):
    message = _l("Write down why, so that everybody can follow it later.")
