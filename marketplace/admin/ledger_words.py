"""The books in words: accounts, kinds of entries, and what a processor is called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from babel.dates import format_date

from marketplace.core.i18n import Lazy, language, signed
from marketplace.core.i18n import gettext as _
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.money import Money
from marketplace.ledger import accounts
from marketplace.ledger.models import Kind
from marketplace.moderation.queries.books import SELLERS
from marketplace.payments.queries.differences import DifferenceRow

ACCOUNTS: dict[str, Lazy] = {
    accounts.BUYER_FUNDS: _l("Held for undelivered goods"),
    accounts.UNAPPLIED: _l("Paid twice or too late, to return"),
    accounts.REFUNDS_DUE: _l("On its way back to buyers"),
    accounts.UNASSIGNED: _l("Returned, parcel not named yet"),
    SELLERS: _l("Owed to workshops"),
    accounts.COMMISSION: _l("Commission earned"),
    accounts.FX: _l("Exchange difference"),
    accounts.PROCESSOR_FEES: _l("Processors’ fees"),
    accounts.DISPUTE_HOLD: _l("Taken by banks in disputes"),
    accounts.LOSSES: _l("Losses of the collective"),
    accounts.BANK: _l("Bank of the collective"),
}
KINDS: dict[Kind, Lazy] = {
    Kind.CHARGE: _l("Paid by the buyer"),
    Kind.FEE: _l("Fee of the processor"),
    Kind.REFUND: _l("Refund asked for"),
    Kind.REFUND_SENT: _l("Refund sent"),
    Kind.REFUND_FAILED: _l("Refund failed"),
    Kind.REFUND_RETURNED: _l("Refund came back"),
    Kind.REFUND_ASSIGNED: _l("Refund given to its parcel"),
    Kind.EARN: _l("Earned"),
    Kind.DISPUTE_WITHDRAWN: _l("Taken by the buyer’s bank"),
    Kind.DISPUTE_FEE: _l("Fee of the dispute"),
    Kind.DISPUTE_WON: _l("Given back by the buyer’s bank"),
    Kind.DISPUTE_LOST: _l("Dispute lost, borne by the collective"),
    Kind.PAYOUT: _l("Paid out"),
    Kind.PAYOUT_RETURNED: _l("Payout came back"),
    Kind.SETTLE: _l("Paid to our bank"),
    Kind.CORRECTION: _l("Correction"),
}
_PROCESSORS: dict[str, Lazy | str] = {
    "demo": _l("the demo processor"),
    "stripe": "Stripe",
    "midtrans": "Midtrans",
}


def processor_of(code: str) -> str:
    """Its name; of one that we do not know, its code."""
    return str(_PROCESSORS.get(code, code))


def account_of(account: str, workshops: Mapping[int, str] | None = None) -> str:
    """An account in words; `workshops` are the names of those that may stand behind one."""
    if account.startswith(accounts.CLEARING_PREFIX):
        return str(_("With %(processor)s", processor=processor_of(account.removeprefix(accounts.CLEARING_PREFIX))))
    if account.startswith(accounts.SELLER_PREFIX):
        ident = int(account.removeprefix(accounts.SELLER_PREFIX))
        return str(_("Owed to %(workshop)s", workshop=(workshops or {}).get(ident, ident)))
    return str(ACCOUNTS.get(account, account))


def kind_of(kind: Kind) -> str:
    return str(KINDS[kind])


def rupiah(amount: int) -> Money:
    return Money(amount, "IDR")


_CURRENCIES: dict[str, Lazy] = {
    "IDR": _l("Rupiah"),
    "USD": _l("US dollars"),
    "AUD": _l("Australian dollars"),
    "EUR": _l("Euro"),
    "SGD": _l("Singapore dollars"),
}


def currency_of(code: str) -> str:
    return str(_CURRENCIES.get(code, code))


def month_of(first: date) -> str:
    """November 2026."""
    return format_date(first, "MMMM y", locale=language())


_FACTS: dict[str, Lazy] = {
    "ours": _l("our books"),
    "theirs": _l("the processor"),
    "at": _l("when"),
    "kind": _l("kind"),
    "key": _l("entry"),
}


def facts_of(row: DifferenceRow) -> list[tuple[str, str]]:
    """(what, value) of a difference, sums as money."""
    found = []
    for name, value in row.facts.items():
        if isinstance(value, int) and not isinstance(value, bool) and row.amount is not None:
            value = signed(Money(value, row.amount.currency))
        if value not in ("", None):
            found.append((str(_FACTS.get(name, name)), str(value)))
    return found
