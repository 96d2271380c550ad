"""Stripe's hosted Checkout through its own library, which is imported when it is first needed.

Rules and traps: payments.md 4. The library's answers are read by attribute only and never believed to be complete.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from .. import (
    AttemptFacts,
    BadNotice,
    BalanceLine,
    Bill,
    Caps,
    DisputeState,
    Meaning,
    MissedEvent,
    Notice,
    PaymentState,
    RefundFacts,
    RefundState,
    Refused,
    Started,
)
from . import balance, disputes, refunds
from .calls import calling, read
from .notices import notice_of
from .pages import line_items, started, state_of

if TYPE_CHECKING:
    import stripe

log = logging.getLogger(__name__)

TOLERANCE_SECONDS = 300
EXPAND = ["payment_intent.latest_charge.balance_transaction"]
MEANINGS = {
    "checkout.session.completed": Meaning.CHECK,
    "checkout.session.async_payment_succeeded": Meaning.CHECK,
    "checkout.session.async_payment_failed": Meaning.CHECK,
    "checkout.session.expired": Meaning.CHECK,
    "payment_intent.payment_failed": Meaning.DECLINE,  # the hosted page stays open and lets the buyer try again
    "refund.created": Meaning.REFUND,
    "refund.updated": Meaning.REFUND,
    "refund.failed": Meaning.REFUND,
    "charge.dispute.created": Meaning.DISPUTE,
    "charge.dispute.updated": Meaning.DISPUTE,
    "charge.dispute.funds_withdrawn": Meaning.DISPUTE,
    "charge.dispute.funds_reinstated": Meaning.DISPUTE,
    "charge.dispute.closed": Meaning.DISPUTE,
}


class StripeProcessor:
    name = "stripe"
    shortest_page = timedelta(minutes=35)  # Stripe wants 30 by its own clock; exactly 30 can fail
    keeps_refused_pages = False

    def __init__(
        self, secret_key: str, webhook_secret: str, api_base: str, *, timeout: tuple[float, float], retries: int
    ) -> None:
        """`timeout` is (connect, read) in seconds; a call takes at most about (retries + 1) times their sum."""
        self._secret_key, self._webhook_secret, self._api_base = secret_key, webhook_secret, api_base
        self._timeout, self._retries = timeout, retries
        self.livemode = secret_key.startswith(("sk_live_", "rk_live_"))

    @cached_property
    def _client(self) -> stripe.StripeClient:
        import stripe

        stripe.enable_telemetry = False
        return stripe.StripeClient(
            self._secret_key,
            max_network_retries=self._retries,
            http_client=stripe.RequestsClient(timeout=self._timeout),
            base_addresses={"api": self._api_base} if self._api_base else {},
        )

    @property
    def _sessions(self) -> stripe.checkout.SessionService:
        return self._client.v1.checkout.sessions

    def prepare(self, bill: Bill) -> dict[str, Any]:
        return {
            "mode": "payment",
            "client_reference_id": bill.number,
            "customer_email": bill.email,
            "locale": bill.language,
            "line_items": line_items(bill),
            "expires_at": int(bill.expires_at.timestamp()),
            "success_url": bill.return_url,
            "cancel_url": bill.cancel_url,
            "metadata": {"attempt_key": bill.key, "order": bill.number},
            "payment_intent_data": {
                "description": bill.number,
                "metadata": {"attempt_key": bill.key, "order": bill.number},
            },
        }

    def start(self, attempt: AttemptFacts) -> Started:
        params = cast("stripe.params.checkout.SessionCreateParams", dict(attempt.request))
        session = calling(lambda: self._sessions.create(params, {"idempotency_key": attempt.key}))
        return read(lambda: started(session))

    def fetch(self, attempt: AttemptFacts) -> PaymentState:
        name = attempt.external_id or ""
        session = calling(lambda: self._sessions.retrieve(name, {"expand": EXPAND}))
        return read(lambda: state_of(session))

    def cancel(self, attempt: AttemptFacts) -> PaymentState:
        """Expire the page. When it is no longer open, it may have been paid in that second: then fetch it."""
        try:
            session = calling(lambda: self._sessions.expire(attempt.external_id or ""))
        except Refused:
            return self.fetch(attempt)
        return read(lambda: state_of(session))

    def prepare_refund(self, refund: RefundFacts, number: str) -> dict[str, Any]:
        return refunds.prepare(refund, number)

    def refund(self, refund: RefundFacts) -> RefundState:
        return refunds.refund(self._client, refund)

    def can_refund(self, attempt: AttemptFacts, at: datetime) -> bool:
        return self.caps(attempt.total.currency).refunds

    def find_refund(self, refund: RefundFacts) -> RefundState | None:
        return refunds.find_refund(self._client, refund)

    def fetch_refund(self, external_id: str) -> RefundState:
        return refunds.fetch_refund(self._client, external_id)

    def fetch_dispute(self, external_id: str) -> DisputeState:
        return disputes.fetch_dispute(self._client, external_id)

    def submit_evidence(self, external_id: str, key: str, evidence: Mapping[str, str]) -> DisputeState:
        return disputes.submit_evidence(self._client, external_id, key, evidence)

    def balance_lines(self, since: datetime, until: datetime, source: str = "") -> Iterable[BalanceLine]:
        return balance.balance_lines(self._client, since, until, source)

    def balances(self) -> dict[str, int]:
        return balance.balances(self._client)

    def missed_events(self, since: datetime) -> Iterable[MissedEvent]:
        return balance.missed_events(self._client, since, self.meaning)

    def caps(self, currency: str) -> Caps:
        return refunds.caps(currency)

    def meaning(self, kind: str) -> Meaning:
        return MEANINGS.get(kind, Meaning.NOTHING)

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Notice:
        self._verify(headers.get("Stripe-Signature", ""), body)
        return notice_of(body, self.meaning)

    def _verify(self, header: str, body: bytes) -> None:
        """The library raises more than its own errors on bytes that are no text: all mean no (payments.md 4)."""
        import stripe

        try:
            stripe.WebhookSignature.verify_header(body, header, self._webhook_secret, tolerance=TOLERANCE_SECONDS)
            stamp = max(int(part[2:]) for part in header.split(",") if part.startswith("t="))
        except Exception as error:
            raise BadNotice(str(error)) from error
        if stamp > datetime.now(UTC).timestamp() + TOLERANCE_SECONDS:
            raise BadNotice("a message from the future")
