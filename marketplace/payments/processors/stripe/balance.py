"""Stripe's own list: balance transactions, balances, and events that did not arrive."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from marketplace.core.money import EXPONENTS

from .. import BadNotice, BalanceKind, BalanceLine, Meaning, MissedEvent
from .calls import calling, read
from .notices import notice_of
from .rounding import rounded

if TYPE_CHECKING:
    import stripe

log = logging.getLogger(__name__)

PAGE = 100
MOST = 50_000  # lines of one comparison
MOST_EVENTS = 2_000
KINDS = {  # by Stripe's reporting category
    "charge": BalanceKind.CHARGE,
    "refund": BalanceKind.REFUND,
    "refund_failure": BalanceKind.REFUND_FAILED,
    "dispute": BalanceKind.DISPUTE,
    "dispute_reversal": BalanceKind.DISPUTE_WON,
    "payout": BalanceKind.SETTLEMENT,
    "payout_reversal": BalanceKind.SETTLEMENT,
    "transfer": BalanceKind.TRANSFER,
    "transfer_reversal": BalanceKind.TRANSFER,
}


def balance_lines(
    client: stripe.StripeClient, since: datetime, until: datetime, source: str = ""
) -> Iterable[BalanceLine]:
    """Oldest first. With a source only what moved for it, whenever that was."""
    params: dict[str, Any] = {"limit": PAGE}
    if source:
        params["source"] = source
    else:
        params["created"] = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
    found = calling(lambda: _all(client.v1.balance_transactions.list(_as(params)), MOST))
    lines = read(lambda: [_line(row) for row in reversed(found)])
    return [
        _of_transfer(client, line) if line.kind is BalanceKind.TRANSFER and line.amount > 0 else line for line in lines
    ]


def _of_transfer(client: stripe.StripeClient, line: BalanceLine) -> BalanceLine:
    """A reversal stands in the list under a name of its own: put it to its transfer, as our books do."""
    row = calling(lambda: client.v1.balance_transactions.retrieve(line.id, {"expand": ["source"]}))
    transfer = getattr(row.source, "transfer", None)
    name = transfer if isinstance(transfer, str) else getattr(transfer, "id", None)
    return replace(line, source=name) if name else line


def _line(row: stripe.BalanceTransaction) -> BalanceLine:
    currency = row.currency.upper()
    if currency not in EXPONENTS:  # nothing that we sell for; a person shall see it
        return _said(row, BalanceKind.OTHER, currency, row.amount, row.fee)
    amount, fee = rounded(row.amount, currency), rounded(row.fee, currency)
    return _said(row, KINDS.get(row.reporting_category, BalanceKind.OTHER), currency, amount, fee)


def _said(row: stripe.BalanceTransaction, kind: BalanceKind, currency: str, amount: int, fee: int) -> BalanceLine:
    source: Any = row.source
    return BalanceLine(
        id=row.id,
        kind=kind,
        source=source if isinstance(source, str) else getattr(source, "id", "") or row.id,
        amount=amount,
        fee=fee,
        net=amount - fee,
        currency=currency,
        at=datetime.fromtimestamp(row.created, UTC),
    )


def balances(client: stripe.StripeClient) -> dict[str, int]:
    """Available and pending together, by currency."""
    said = calling(lambda: client.v1.balance.retrieve())
    return read(lambda: _sums(said))


def _sums(said: stripe.Balance) -> dict[str, int]:
    raw: dict[str, int] = {}
    parts: list[Any] = [*said.available, *said.pending]
    for part in parts:
        currency = part.currency.upper()
        raw[currency] = raw.get(currency, 0) + part.amount
    for currency in [code for code in raw if code not in EXPONENTS]:
        log.error("Stripe keeps %s %s for us, a currency without books", raw.pop(currency), currency)
    return {currency: rounded(amount, currency) for currency, amount in raw.items()}


def missed_events(
    client: stripe.StripeClient, since: datetime, meaning: Callable[[str], Meaning]
) -> Iterable[MissedEvent]:
    """What it could not deliver, of the kinds that we act on; oldest first. It remembers thirty days."""
    from . import MEANINGS

    params = {
        "types": sorted(MEANINGS),
        "delivery_success": False,
        "created": {"gte": int(since.timestamp())},
        "limit": PAGE,
    }
    found = calling(lambda: _all(client.v1.events.list(_as(params)), MOST_EVENTS))
    bodies = read(lambda: [json.dumps(event.to_dict(for_json=True)) for event in reversed(found)])
    return [missed for body in bodies if (missed := _missed(body, meaning)) is not None]


def _missed(body: str, meaning: Callable[[str], Meaning]) -> MissedEvent | None:
    try:
        return MissedEvent(notice_of(body.encode(), meaning), body)
    except BadNotice as error:
        log.error("Stripe lists an event that cannot be read: %s", error)
        return None


def _all(page: Any, most: int) -> list[Any]:
    return list(islice(page.auto_paging_iter(), most))


def _as(params: dict[str, Any]) -> Any:
    """The library's own types of parameters cannot be imported without loading it."""
    return params
