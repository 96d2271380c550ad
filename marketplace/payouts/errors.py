"""What payouts refuse, each with the sentence that its reader sees."""

from __future__ import annotations

from marketplace.core.errors import DomainError
from marketplace.core.i18n import lazy_gettext as _l


class NothingToPay(DomainError):
    message = _l("None of these workshops can be paid now: look at the reasons beside them.")


class SamePerson(DomainError):
    message = _l("A payout needs a second person: somebody else must do this step.")
    status = 403


class TestMoneyByHand(DomainError):
    message = _l("Test money goes only into a bank file that is headed TEST.")
    __test__ = False  # pytest looks at names


class UnknownProvider(DomainError):
    message = _l("The shop is not set up for this way of paying.")


class ReasonMissing(DomainError):
    message = _l("Write the reason: the workshop and the next admin will ask.")


class ReferenceMissing(DomainError):
    message = _l("Enter the bank's reference, so that the transfer can be found on the statement.")


class ProviderAway(DomainError):
    message = _l("The provider does not answer. Nothing was changed; try again in a few minutes.")
    status = 503


class PaidAfterAll(DomainError):
    message = _l("The provider says that this payout was paid. It is booked as paid now.")


class NotByHand(DomainError):
    message = _l("The provider itself tells what became of this payout. Wait until it has been asked.")


class NotSentYet(DomainError):
    message = _l("This run has not been sent: there is no file yet.")


class CountryNotPaid(DomainError):
    message = _l("Stripe does not pay out to that country. Use a bank account in Indonesia.")


class ProviderRefused(DomainError):
    message = _l("The provider refused: %(words)s")


class StillUnderWay(DomainError):
    message = _l("The provider was asked a moment ago. Wait two minutes and look again.")


class AccountUnreadable(DomainError):
    message = _l(
        "The account of %(workshop)s was sealed with another SECRET_KEY. Set SECRET_KEY_OLD to the earlier one, or ask "
        "the workshop to enter its account again."
    )
