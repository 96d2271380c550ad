"""Stripe's hosted Checkout through its own library, which is imported when it is first needed.

Rules and traps: payments.md 4. The library's answers are read by attribute only and never believed to be complete.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from marketplace.core.money import EXPONENTS, Money

from . import (
    AttemptFacts,
    BadNotice,
    Bill,
    BillParcel,
    Meaning,
    Notice,
    PageStatus,
    PaymentState,
    ProcessorDown,
    Refused,
    Started,
)
from .notices import event_of, identifier, optional_identifier

if TYPE_CHECKING:
    import stripe

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

# Digits after the point as Stripe counts them, where that is not what we keep: rupiah have sen there [S5].
STRIPE_EXPONENTS = {"IDR": 2}
MAX_LINES = 100
NAME_LENGTH = 250
TOLERANCE_SECONDS = 300
EXPAND = ["payment_intent.latest_charge.balance_transaction"]
MEANINGS = {
    "checkout.session.completed": Meaning.CHECK,
    "checkout.session.async_payment_succeeded": Meaning.CHECK,
    "checkout.session.async_payment_failed": Meaning.CHECK,
    "checkout.session.expired": Meaning.CHECK,
    "payment_intent.payment_failed": Meaning.DECLINE,  # the hosted page stays open and lets the buyer try again
}


def to_stripe(money: Money) -> int:
    """The amount in Stripe's smallest unit: Rp 150.000 is 15000000."""
    return money.amount * _step(money.currency)


def from_stripe(amount: int, currency: str) -> Money:
    """Our money for Stripe's number.

    Raises:
        ProcessorDown: it is a currency that we do not keep, or no whole number of our units.
    """
    code = currency.upper()
    if type(amount) is not int or code not in EXPONENTS or amount % _step(code):
        raise ProcessorDown(f"an amount that cannot be ours: {amount!r} {currency!r}")
    return Money(amount // _step(code), code)


def _step(currency: str) -> int:
    ours = EXPONENTS[currency]
    return int(Decimal(10) ** (STRIPE_EXPONENTS.get(currency, ours) - ours))


class StripeProcessor:
    name = "stripe"
    shortest_page = timedelta(minutes=35)  # Stripe wants 30 by its own clock; exactly 30 can fail

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
            "line_items": _line_items(bill),
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
        session = _calling(lambda: self._sessions.create(params, {"idempotency_key": attempt.key}))
        return _read(lambda: _started(session))

    def fetch(self, attempt: AttemptFacts) -> PaymentState:
        name = attempt.external_id or ""
        session = _calling(lambda: self._sessions.retrieve(name, {"expand": EXPAND}))
        return _read(lambda: _state(session))

    def cancel(self, attempt: AttemptFacts) -> PaymentState:
        """Expire the page. When it is no longer open, it may have been paid in that second: then fetch it."""
        try:
            session = _calling(lambda: self._sessions.expire(attempt.external_id or ""))
        except Refused:
            return self.fetch(attempt)
        return _read(lambda: _state(session))

    def meaning(self, kind: str) -> Meaning:
        return MEANINGS.get(kind, Meaning.NOTHING)

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> Notice:
        self._verify(headers.get("Stripe-Signature", ""), body)
        event = event_of(body)
        about = event["data"]["object"]
        metadata = about.get("metadata")
        is_page = about.get("object") == "checkout.session"
        return Notice(
            event_id=identifier(event["id"], 120),
            kind=identifier(event["type"], 80),
            livemode=event["livemode"],
            attempt_key=optional_identifier(metadata.get("attempt_key"), 40) if isinstance(metadata, dict) else "",
            external_id=optional_identifier(about.get("id"), 120) if is_page else "",
            meaning=self.meaning(event["type"]),
        )

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


def _calling(call: Callable[[], Answer]) -> Answer:
    """Tell a definite no from an answer that is missing or unusable."""
    import stripe

    try:
        return call()
    except (stripe.InvalidRequestError, stripe.IdempotencyError, stripe.CardError) as error:
        raise Refused(str(error)) from error
    except stripe.StripeError as error:
        if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
            log.critical("Stripe does not accept our key: %s", error)
        raise ProcessorDown(f"{type(error).__name__}: {error}") from error
    except Exception as error:
        raise ProcessorDown(f"rubbish from Stripe: {error!r}") from error


def _read(reading: Callable[[], Answer]) -> Answer:
    """An answer without what it must have is no answer."""
    try:
        return reading()
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise ProcessorDown(f"an answer without what it must have: {error!r}") from error


def _started(session: stripe.checkout.Session) -> Started:
    """A page that is closed already (an old answer played again) has no address."""
    address = session.url or ""
    if not isinstance(session.id, str) or not session.id:
        raise ValueError("a session without a name")
    if address and not address.startswith(("https://", "http://")):
        raise ValueError("a page without an address")
    return Started(address, session.id, datetime.fromtimestamp(session.expires_at, UTC))


def _state(session: stripe.checkout.Session) -> PaymentState:
    status = _status(session)
    amount, currency = session.amount_total, session.currency
    if amount is None or currency is None:
        raise ValueError("a session without an amount")
    intent: Any = session.payment_intent
    facts: dict[str, Any] = {}
    if status is PageStatus.PAID and intent is not None and not isinstance(intent, str):
        if intent.amount_received != amount or intent.currency != currency:
            amount, currency = intent.amount_received, intent.currency  # what came in decides, and will not fit
        facts = _charge(intent)
    return PaymentState(
        status=status,
        external_id=session.id,
        key=str(getattr(session.metadata, "attempt_key", "")),
        amount=from_stripe(amount, currency),
        **facts,
    )


def _status(session: stripe.checkout.Session) -> PageStatus:
    """`complete` does not mean paid: a delayed method answers days later."""
    if session.status == "open":
        return PageStatus.OPEN
    if session.status == "expired":
        return PageStatus.EXPIRED
    if session.status != "complete":
        raise ValueError(f"a session in state {session.status!r}")
    if session.payment_status in ("paid", "no_payment_required"):
        return PageStatus.PAID
    failed = getattr(session.payment_intent, "status", "") in ("requires_payment_method", "canceled")
    return PageStatus.FAILED if failed else PageStatus.PROCESSING


def _charge(intent: Any) -> dict[str, Any]:
    """Charge, fee and net: the balance transaction is the only right source, and may come later."""
    charge = intent.latest_charge
    if charge is None or isinstance(charge, str):
        return {"charge_id": charge}
    facts: dict[str, Any] = {"charge_id": charge.id}
    balance = charge.balance_transaction
    if balance is not None and not isinstance(balance, str):
        facts.update(fee_amount=balance.fee, net_amount=balance.net, settle_currency=balance.currency.upper())
    return facts


def _line_items(bill: Bill) -> list[dict[str, Any]]:
    """Every piece and every postage; one line per parcel, or one for all, where that is too long or does not add up."""
    detailed = [item for parcel in bill.parcels for item in _parcel_items(parcel)]
    summary = [_item(parcel.workshop, parcel.total, 1) for parcel in bill.parcels]
    for items in (detailed, summary):
        if 0 < len(items) <= MAX_LINES and _sum(items) == to_stripe(bill.total):
            return items
    return [_item(bill.number, bill.total, 1)]


def _parcel_items(parcel: BillParcel) -> list[dict[str, Any]]:
    items = [_item(line.name, line.unit, line.quantity) for line in parcel.lines]
    if parcel.shipping:
        items.append(_item(parcel.shipping_name, parcel.shipping, 1))
    return items


def _item(name: str, unit: Money, quantity: int) -> dict[str, Any]:
    price = {
        "currency": unit.currency.lower(),
        "unit_amount": to_stripe(unit),
        "product_data": {"name": name[:NAME_LENGTH]},
    }
    return {"price_data": price, "quantity": quantity}


def _sum(items: list[dict[str, Any]]) -> int:
    return sum(int(item["price_data"]["unit_amount"]) * int(item["quantity"]) for item in items)
