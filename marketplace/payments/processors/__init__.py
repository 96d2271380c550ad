"""What a payment processor is to us. Only modules of this package know how one counts, signs and names things.

Every method may be repeated: the same attempt gives the same page, and none of them changes our tables. They are
called outside any transaction, because they may take seconds.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
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
    REFUND = "refund"  # ask about the refund that the message names
    DISPUTE = "dispute"  # ask about the dispute that the message names
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
    """All that a hosted page shows of an order; `method` is the processor's way that was chosen, '' for any."""

    key: str
    number: str
    email: str
    language: str
    total: Money
    parcels: tuple[BillParcel, ...]
    return_url: str
    cancel_url: str
    expires_at: datetime
    method: str = ""


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
    redirect_url: str = ""  # of its page, when it is known
    method: str = ""  # how it was paid, in the processor's word
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Started:
    redirect_url: str
    external_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentState:
    """The truth about a page. `key` and `amount` are compared with the attempt before anything is paid.

    `problem` is for a person: money that came and is now doubted, which no state of ours expresses.
    """

    status: PageStatus
    external_id: str
    key: str
    amount: Money
    charge_id: str | None = None
    fee_amount: int | None = None  # minor units of settle_currency, as the processor keeps them
    net_amount: int | None = None
    settle_currency: str = ""
    method: str = ""
    problem: str = ""


class RefundSaid(enum.StrEnum):
    """What a processor says about one refund."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """A refund as its processor needs it; `request` was stored before the first call."""

    id: int
    key: str  # idempotency key, and metadata by which it is found again
    attempt: AttemptFacts
    charge_id: str
    amount: Money
    external_id: str | None
    request: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RefundState:
    """The truth about a refund. `refund_key` is ours, '' for one that was made in the processor's dashboard.

    `settled` is what left, where the processor keeps our money in another currency.
    """

    status: RefundSaid
    external_id: str
    refund_key: str
    charge_id: str
    amount: Money
    reason: str = ""  # why it failed, in the processor's words
    settled: Money | None = None


class DisputeSaid(enum.StrEnum):
    """What a processor says about one dispute."""

    INQUIRY = "inquiry"  # the bank asks, no money has moved
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class DisputeState:
    """The truth about a dispute. What the bank took and gave back is in minor units of settle_currency."""

    external_id: str
    charge_id: str
    status: DisputeSaid
    amount: Money
    reason: str
    due_by: datetime | None
    opened_at: datetime
    settle_currency: str = ""
    withdrawn_amount: int = 0  # taken in all
    reinstated_amount: int = 0  # given back in all
    fee_amount: int = 0  # kept by the processor for it


class BalanceKind(enum.StrEnum):
    CHARGE = "charge"
    REFUND = "refund"
    REFUND_FAILED = "refund_failed"  # the bank sent a refund back
    DISPUTE = "dispute"
    DISPUTE_WON = "dispute_won"
    SETTLEMENT = "settlement"  # the processor paid our bank
    TRANSFER = "transfer"  # to a workshop's account at the processor
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """A line of the processor's own list; amounts are minor units of `currency` as we keep them, signed as for us."""

    id: str
    kind: BalanceKind
    source: str  # charge, refund, dispute or settlement
    amount: int
    fee: int
    net: int
    currency: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MissedEvent:
    """A message that the processor could not deliver, as if it had just come."""

    notice: Notice
    body: str


@dataclass(frozen=True, slots=True)
class Caps:
    """What a processor can do for a payment in one currency; amounts in our minor units."""

    minimum: int = 1
    maximum: int | None = None
    refunds: bool = True  # False: money goes back by a bank transfer of ours
    lists: bool = True  # keeps a list of its own that the books can be compared with
    finer: bool = False  # counts smaller units than we keep: each line of the list may be off by one of ours


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


class NeedsTransfer(Refused):
    """A refund that this way will never send: the same money can only go back by a bank transfer of ours."""


class PaymentProcessor(Protocol):
    name: str
    livemode: bool
    shortest_page: timedelta  # a hosted page is open at least this long
    keeps_refused_pages: bool  # where a bank has said no, the buyer may try again on the same page

    def prepare(self, bill: Bill) -> dict[str, Any]:
        """What `start` will send, as JSON, so that a repeated call is the same to the letter."""

    def start(self, attempt: AttemptFacts) -> Started:
        """Open the hosted page; the same attempt gives the same page. Raises ProcessorDown, Refused."""

    def fetch(self, attempt: AttemptFacts) -> PaymentState:
        """The truth about the attempt's page (`external_id` must be known). Raises ProcessorDown, Refused."""

    def cancel(self, attempt: AttemptFacts) -> PaymentState:
        """Close the page; the answer may be that it was paid in that second. Raises ProcessorDown, Refused."""

    def prepare_refund(self, refund: RefundFacts, number: str) -> dict[str, Any]:
        """What `refund` will send, as JSON, so that a repeated call is the same; `number` is the order's."""

    def refund(self, refund: RefundFacts) -> RefundState:
        """Send money back; the same `key` acts once. Raises ProcessorDown, Refused, and among these NeedsTransfer."""

    def can_refund(self, attempt: AttemptFacts, at: datetime) -> bool:
        """Whether this payment can go back through the processor at that time, by what we know of it: no call is made.

        False: only a bank transfer of ours returns it.
        """

    def find_refund(self, refund: RefundFacts) -> RefundState | None:
        """What became of a refund whose answer was lost, by its `key`; None: never made. Raises ProcessorDown."""

    def fetch_refund(self, external_id: str) -> RefundState:
        """The truth about a refund that a message names. Raises ProcessorDown, Refused."""

    def fetch_dispute(self, external_id: str) -> DisputeState:
        """The truth about a dispute that a message names. Raises ProcessorDown, Refused."""

    def submit_evidence(self, external_id: str, key: str, evidence: Mapping[str, str]) -> DisputeState:
        """Answer the bank, once; `evidence` holds texts by the names of payments/evidence.py. Raises as above."""

    def balance_lines(self, since: datetime, until: datetime, source: str = "") -> Iterable[BalanceLine]:
        """The processor's own list of what moved from `since` until before `until`; with a source (a charge, refund
        or dispute) all that moved for it, whenever that was. Raises ProcessorDown.
        """

    def balances(self) -> dict[str, int]:
        """What the processor keeps for us, available and pending together, by currency. Raises ProcessorDown."""

    def missed_events(self, since: datetime) -> Iterable[MissedEvent]:
        """Messages that it could not deliver. Raises ProcessorDown."""

    def caps(self, currency: str) -> Caps:
        """What it can do for a payment in this currency."""

    def meaning(self, kind: str) -> Meaning:
        """What a message of this kind asks for: the processor's one table of kinds."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Verify a message over its raw bytes. Raises BadNotice for everything else, never another error."""
