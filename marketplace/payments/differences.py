"""The kinds of what a person has to look at, in words (Difference.kind)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l


class DifferenceKind(enum.StrEnum):
    MISSING_CHARGE = "missing_charge"
    MISSING_REFUND = "missing_refund"
    MISSING_DISPUTE = "missing_dispute"
    MISSING_TRANSFER = "missing_transfer"
    UNKNOWN_LINE = "unknown_line"
    UNLISTED = "unlisted"
    AMOUNT = "amount"
    BALANCE = "balance"
    DISPUTE_WON_LATE = "dispute_won_late"
    DISPUTE_REOPENED = "dispute_reopened"
    DISPUTE_CURRENCY = "dispute_currency"


@dataclass(frozen=True, slots=True)
class DifferenceWords:
    title: Lazy
    explanation: Lazy


_K = DifferenceKind
WORDS = {
    _K.MISSING_CHARGE: DifferenceWords(
        _l("Payment that is not in our books"),
        _l("The processor lists a payment that no order of this shop knows."),
    ),
    _K.MISSING_REFUND: DifferenceWords(
        _l("Refund that is not in our books"),
        _l("The processor lists money that went back to a buyer; our books do not have it."),
    ),
    _K.MISSING_DISPUTE: DifferenceWords(
        _l("Dispute that is not in our books"),
        _l("The processor lists money that a bank took or gave back; our books do not have it."),
    ),
    _K.MISSING_TRANSFER: DifferenceWords(
        _l("Transfer that is not in our books"),
        _l("The processor lists money that went to a workshop's account; our books do not have it."),
    ),
    _K.UNKNOWN_LINE: DifferenceWords(
        _l("Movement that this shop does not know"),
        _l("The processor lists something of another kind: a charge of its own, an adjustment, a top-up."),
    ),
    _K.UNLISTED: DifferenceWords(
        _l("Booked, but not on the processor's list"),
        _l("Our books have a movement that the processor's list of that day does not show."),
    ),
    _K.AMOUNT: DifferenceWords(
        _l("Amounts that differ"),
        _l("The processor and our books have the same movement with different amounts."),
    ),
    _K.BALANCE: DifferenceWords(
        _l("Balance that differs"),
        _l("What the processor keeps for us is not what our books say that it keeps."),
    ),
    _K.DISPUTE_WON_LATE: DifferenceWords(
        _l("Won after the workshop had paid"),
        _l("A dispute that the workshop bore was won on appeal. The money is here: give it back to the workshop."),
    ),
    _K.DISPUTE_REOPENED: DifferenceWords(
        _l("Dispute that went on after its end"),
        _l("A bank moved money again, or decided anew, after the case was over here. Look at it with the processor."),
    ),
    _K.DISPUTE_CURRENCY: DifferenceWords(
        _l("Dispute in two currencies"),
        _l("The processor reports this dispute in another currency than before. Nothing was booked."),
    ),
}
