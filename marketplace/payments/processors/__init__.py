"""What a payment processor is to us. Only modules of this package know how one counts, signs and names things.

Every method may be repeated: the same attempt gives the same page, and none of them changes our tables. They are
called outside any transaction, because they may take seconds.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from marketplace.core.money import Money


class PageStatus(enum.StrEnum):
    """What a processor says about one hosted page."""

    OPEN = "open"
    PROCESSING = "processing"  # a delayed method: the bank decides
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


class Meaning(enum.StrEnum):
    """What a message asks us to do. Figures in it are never believed: CHECK and DECLINE both lead to `fetch`."""

    CHECK = "check"
    DECLINE = "decline"  # a card was refused; the page may still be open
    NOTHING = "nothing"  # kept, but of no use to us


@dataclass(frozen=True, slots=True)
class BillLine:
    name: str
    unit: Money
    quantity: int


@dataclass(frozen=True, slots=True)
class BillParcel:
    """One workshop's part: its pieces and its postage add up to `total`, unless a discount is in it."""

    workshop: str
    lines: tuple[BillLine, ...]
    shipping: Money
    shipping_name: str  # in the order's language
    total: Money


@dataclass(frozen=True, slots=True)
class Bill:
    """All that a hosted page shows of an order."""

    key: str
    number: str
    email: str
    language: str
    total: Money
    parcels: tuple[BillParcel, ...]
    return_url: str
    cancel_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """An attempt as its processor needs it; `request` was stored before the first call."""

    id: int
    key: str
    order_id: int
    external_id: str | None
    total: Money
    request: Mapping[str, Any]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Started:
    redirect_url: str
    external_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentState:
    """The truth about a page. `key` and `amount` are compared with the attempt before anything is paid."""

    status: PageStatus
    external_id: str
    key: str
    amount: Money
    charge_id: str | None = None
    fee_amount: int | None = None  # minor units of settle_currency, as the processor keeps them
    net_amount: int | None = None
    settle_currency: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified message."""

    event_id: str
    kind: str
    livemode: bool
    attempt_key: str
    external_id: str
    meaning: Meaning


class BadNotice(Exception):
    """Not from the processor, too old, of the wrong mode, or nonsense: the answer is 400 and nothing changes."""


class ProcessorDown(Exception):
    """No usable answer: it may or may not have acted. The same call with the same key is safe."""


class Refused(Exception):
    """A definite no: the processor has not acted and will not. Only now may a new attempt be made."""


class PaymentProcessor(Protocol):
    name: str
    livemode: bool
    shortest_page: timedelta  # a hosted page is open at least this long

    def prepare(self, bill: Bill) -> dict[str, Any]:
        """What `start` will send, as JSON, so that a repeated call is the same to the letter."""

    def start(self, attempt: AttemptFacts) -> Started:
        """Open the hosted page; the same attempt gives the same page. Raises ProcessorDown, Refused."""

    def fetch(self, attempt: AttemptFacts) -> PaymentState:
        """The truth about the attempt's page (`external_id` must be known). Raises ProcessorDown, Refused."""

    def cancel(self, attempt: AttemptFacts) -> PaymentState:
        """Close the page; the answer may be that it was paid in that second. Raises ProcessorDown, Refused."""

    def meaning(self, kind: str) -> Meaning:
        """What a message of this kind asks for: the processor's one table of kinds."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Verify a message over its raw bytes. Raises BadNotice for everything else, never another error."""
