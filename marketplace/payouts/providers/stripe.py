"""Transfers to workshops' accounts at Stripe, for the countries that it pays. Rules and traps: payments.md 4.

The books owe rupiah, so a transfer is asked for in rupiah; Stripe itself exchanges at the workshop's account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar, cast

from marketplace.core.money import Money
from marketplace.payments.processors import ProcessorDown, Refused
from marketplace.payments.processors.stripe.calls import calling, from_stripe, read, to_stripe

from . import STRIPE, NotNow, PayoutFacts, PayoutSaid, PayoutState, ReversalState

if TYPE_CHECKING:
    import stripe

TIMEOUT = (3, 15)  # nobody waits at a page: the worker calls
RETRIES = 2
PAGE = 100
PASSING = ("balance_insufficient",)  # a definite no today
Answer = TypeVar("Answer")


class StripeProvider:
    name = STRIPE
    is_manual = False

    def __init__(
        self,
        secret_key: str,
        api_base: str = "",
        *,
        timeout: tuple[float, float] = TIMEOUT,
        retries: int = RETRIES,
    ) -> None:
        """`timeout` is (connect, read) in seconds."""
        self._secret_key, self._api_base = secret_key, api_base
        self._timeout, self._retries = timeout, retries
        self.livemode: bool | None = secret_key.startswith(("sk_live_", "rk_live_"))

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

    def send(self, payout: PayoutFacts) -> PayoutState:
        params: stripe.params.TransferCreateParams = {
            "amount": to_stripe(payout.amount),
            "currency": payout.amount.currency.lower(),
            "destination": payout.account,
            "transfer_group": payout.group,
            "description": f"Payout {payout.id}, run {payout.run_id}",
            "metadata": {"payout_key": payout.key, "attempt_no": str(payout.attempt_no)},
        }
        transfer = _asking(lambda: self._client.v1.transfers.create(params, {"idempotency_key": payout.act_key}))
        return read(lambda: _state(transfer, payout))

    def find(self, payout: PayoutFacts) -> PayoutState | None:
        """Every transfer of the group is looked at: a label that others may use too."""
        for transfer in self._of_group(payout.group):
            if getattr(transfer.metadata, "payout_key", "") == payout.key:
                return read(partial(_state, transfer, payout))
        return None

    def _of_group(self, group: str) -> Iterator[stripe.Transfer]:
        params: stripe.params.TransferListParams = {"transfer_group": group, "limit": PAGE}
        while True:
            page = calling(partial(self._client.v1.transfers.list, params))
            rows: list[stripe.Transfer] = read(partial(list, page.data))
            yield from rows
            if not rows or not page.has_more:
                return
            params = {**params, "starting_after": rows[-1].id}

    def reverse(self, payout: PayoutFacts, amount: Money, key: str) -> ReversalState:
        """One reversal for each transfer: `key` makes it once, and one that is back already is no refusal."""
        found = self.find(payout)
        if found is None:
            raise Refused("there is no such transfer")
        params: stripe.params.TransferCreateReversalParams = {
            "amount": to_stripe(amount),
            "metadata": {"payout_key": payout.key},
        }
        if found.said is PayoutSaid.RETURNED:
            return ReversalState(is_done=True, external_id=found.external_id)
        reversals = self._client.v1.transfers.reversals
        reversal = calling(lambda: reversals.create(found.external_id, params, {"idempotency_key": key}))
        return read(lambda: ReversalState(is_done=True, external_id=_text(reversal.id)))

    def open_account(self, key: str, country: str, email: str) -> str:
        """Both capabilities are asked for: `transfers` alone forces an agreement that is refused (payments.md 4)."""
        params: stripe.params.AccountCreateParams = {
            "country": country,
            "controller": {
                "fees": {"payer": "application"},
                "losses": {"payments": "application"},
                "stripe_dashboard": {"type": "express"},
            },
            "capabilities": {"card_payments": {"requested": True}, "transfers": {"requested": True}},
            "metadata": {"account_key": key},
        }
        if email:
            params["email"] = email
        account = calling(lambda: self._client.v1.accounts.create(params, {"idempotency_key": f"account-{key}"}))
        return read(lambda: _text(account.id))

    def onboarding_url(self, account: str, return_url: str, refresh_url: str) -> str | None:
        params: stripe.params.AccountLinkCreateParams = {
            "account": account,
            "type": "account_onboarding",
            "return_url": return_url,
            "refresh_url": refresh_url,
        }
        link = calling(lambda: self._client.v1.account_links.create(params))
        return read(lambda: _address(link.url))

    def payable(self, account: str) -> tuple[bool, str]:
        """Coming back from the page says nothing: the capability does."""
        found = calling(lambda: self._client.v1.accounts.retrieve(account))
        capability = read(lambda: getattr(found.capabilities, "transfers", None) or "inactive")
        reason = read(lambda: getattr(found.requirements, "disabled_reason", None) or "")
        return capability == "active", "" if capability == "active" else str(reason or capability)


def _asking(call: Callable[[], Answer]) -> Answer:
    """A balance that is too low today is a definite no of its own kind."""
    try:
        return calling(call)
    except Refused as error:
        if getattr(error.__cause__, "code", None) in PASSING:
            raise NotNow(str(error)) from error
        raise


def _state(transfer: stripe.Transfer, payout: PayoutFacts) -> PayoutState:
    """A transfer is there at once or not at all; one of another sum or account is no answer to ours."""
    if from_stripe(transfer.amount, transfer.currency) != payout.amount:
        raise ProcessorDown(f"transfer {transfer.id} is of another amount")
    if payout.account and _named(transfer.destination) != payout.account:
        raise ProcessorDown(f"transfer {transfer.id} went to another account")
    said = PayoutSaid.RETURNED if transfer.reversed else PayoutSaid.PAID
    return PayoutState(said, _text(transfer.id))


def _named(thing: object) -> str:
    """Stripe gives a name, or the thing itself where it was expanded."""
    return thing if isinstance(thing, str) else _text(cast(str, getattr(thing, "id", "")))


def _text(name: str) -> str:
    if not isinstance(name, str) or not name:
        raise ValueError("an answer without a name")
    return name


def _address(url: str) -> str:
    if not _text(url).startswith(("https://", "http://")):
        raise ValueError("a page without an address")
    return url
