"""What a way of paying workshops is to us. Only modules of this package know how one counts and names things.

Calls may be repeated with the same facts and act once. They are made outside any transaction; errors are those of
payments.processors: ProcessorDown (it may have acted: ask again, same key) and Refused (a definite no).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Protocol

from marketplace.core.money import Money
from marketplace.payments.processors import Refused

MANUAL, STRIPE = "manual", "stripe"


# Where Stripe's self-serve transfers reach from these same countries: US, UK, EEA, Canada, Switzerland (payments.md 1).
_EEA = (
    *("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IS", "IE"),
    *("IT", "LV", "LI", "LT", "LU", "MT", "NL", "NO", "PL", "PT", "RO", "SK", "SI", "ES", "SE"),
)
STRIPE_COUNTRIES = frozenset(("US", "GB", "CA", "CH", *_EEA))


def countries(provider: str) -> frozenset[str]:
    """Where a workshop may have an account with an API provider."""
    return STRIPE_COUNTRIES if provider == STRIPE else frozenset()


class PayoutSaid(enum.StrEnum):
    """What a provider says about one payout."""

    SENDING = "sending"  # taken; nobody can say yet whether it arrived
    PAID = "paid"
    FAILED = "failed"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class PayoutFacts:
    """A payout as its provider needs it; all of it was stored before the first call."""

    id: int
    key: str
    attempt_no: int  # grows only after a definite no, so that key and number name one act
    run_id: int
    amount: Money
    account: str  # the workshop's account at the provider
    external_id: str | None

    @property
    def act_key(self) -> str:
        """The idempotency key of this try."""
        return f"payout-{self.key}-{self.attempt_no}"

    @property
    def group(self) -> str:
        """What all tries of this payout share, by which they are found again."""
        return f"payout-{self.key}"


@dataclass(frozen=True, slots=True)
class PayoutState:
    said: PayoutSaid
    external_id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReversalState:
    is_done: bool
    external_id: str
    reason: str = ""


class NotNow(Refused):
    """A definite no that another day may change: our balance there is too low."""


class PayoutProvider(Protocol):
    name: str
    livemode: bool | None  # None: of both
    is_manual: bool  # people carry the money; nothing can be called

    def send(self, payout: PayoutFacts) -> PayoutState:
        """Send the money; the same `act_key` acts once. Raises ProcessorDown, Refused, NotNow."""

    def find(self, payout: PayoutFacts) -> PayoutState | None:
        """What became of it, by its `group`; None: it was never made. Raises ProcessorDown."""

    def reverse(self, payout: PayoutFacts, amount: Money, key: str) -> ReversalState:
        """Take money back from the workshop's account. Raises ProcessorDown, Refused."""

    def open_account(self, key: str, country: str, email: str) -> str:
        """Open an account for a workshop and give its name. Raises ProcessorDown, Refused."""

    def onboarding_url(self, account: str, return_url: str, refresh_url: str) -> str | None:
        """A page where its owner proves who they are; works once. Raises ProcessorDown, Refused."""

    def payable(self, account: str) -> tuple[bool, str]:
        """Whether money can be sent there, and if not, why. Raises ProcessorDown, Refused."""
