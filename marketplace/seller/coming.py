"""The next payout in words and sums: how much, when, what is in it, or the honest reason why nothing comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from marketplace.core.i18n import day
from marketplace.core.i18n import gettext as _
from marketplace.core.money import Money, total
from marketplace.orders.queries.shares import Share
from marketplace.payouts.queries import NextPayout
from marketplace.payouts.queries.whereabouts import ComingLine

from .booked import word_of

Pair = tuple[str, Money]


@dataclass(frozen=True, slots=True)
class Taken:
    """A line of a payout that is no sale: what happened, to which order."""

    word: str
    number: str
    seller_order_id: int | None
    amount: Money


@dataclass(frozen=True, slots=True)
class Contents:
    """What a payout is made of. `sale_ids` are the orders whose earning is in it."""

    sale_ids: frozenset[int]
    rates: tuple[int, ...]
    price: Money
    postage: Money
    fee: Money
    refunded: Money  # of the orders in it, before they were earned, the fee given back already taken off
    taken: Sequence[Taken]
    amount: Money


def contents(lines: Sequence[ComingLine], shares: Mapping[int, Share]) -> Contents:
    """The sums of these lines; price + postage - fee - refunded + what was taken is the amount, to the rupiah."""
    sales = [line for line in lines if line.is_sale and line.seller_order_id in shares]
    sold = [shares[line.seller_order_id or 0] for line in sales]
    price = total((share.price for share in sold), "IDR")
    postage = total((share.postage for share in sold), "IDR")
    fee = total((share.fee for share in sold), "IDR")
    earned = total((line.amount for line in sales), "IDR")
    return Contents(
        sale_ids=frozenset(share.id for share in sold),
        rates=tuple(sorted({rate for share in sold for rate in share.rates})),
        price=price,
        postage=postage,
        fee=fee,
        refunded=price + postage - fee - earned,
        taken=[_taken(line, shares) for line in lines if not (line.is_sale and line.seller_order_id in shares)],
        amount=total((line.amount for line in lines), "IDR"),
    )


def _taken(line: ComingLine, shares: Mapping[int, Share]) -> Taken:
    share = shares.get(line.seller_order_id or 0)
    number = share.number if share else ""
    return Taken(word_of(line.kind, line.key), number, share.id if share else None, line.amount)


def bank_words(label: str) -> str:
    """'BRI ending in 4417' of the label that payouts give an account ('BRI ···4417')."""
    bank, dots, digits = label.partition("···")
    return _("%(bank)s ending in %(digits)s", bank=bank.strip(), digits=digits) if dots else label


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the page says on top. `kind` is that of a note ('' when the money simply comes), `act` the one button."""

    title: str
    kind: str
    reason: str
    act: str  # '' or 'bank'
    comes: bool


def outlook(coming: NextPayout) -> Outlook:
    """Each state of payouts.queries.next_payout in words."""
    friday = day(coming.on, weekday=True, year=False)
    comes = _("Comes on %(day)s", day=friday)
    words = coming.words
    until = day(coming.usable_at, year=False) if coming.usable_at else ""
    nothing = Outlook(
        _("Nothing comes this Friday yet"),
        "",
        _("Money is yours three days after the parcel has arrived. It then comes on the next Friday."),
        "",
        False,
    )
    if coming.reason == "carried" and coming.amount.amount < 0:
        debt = _("Nothing to pay now: refunds are taken off your next sales, and the rest is paid out.")
        return Outlook(_("The balance is below zero"), "warn", debt, "", False)
    return {
        "": Outlook(comes, "", "", "", True),
        "running": Outlook(
            _("Being paid out"), "ok", _("It is in the collective’s next transfer to the banks."), "", True
        ),
        "no_account": Outlook(
            _("Waits for your bank account"),
            "warn",
            _("The money is safe. Enter the account, and it comes on the next Friday."),
            "bank",
            False,
        ),
        "account_on_hold": Outlook(
            comes,
            "warn",
            _("The account is new: payouts begin again on %(day)s. The money stays safe until then.", day=until),
            "",
            True,
        ),
        "account_problem": Outlook(
            _("The bank sent the last payout back"),
            "bad",
            _("It said: %(reason)s. The money is still yours. Enter the account again, and it comes.", reason=words),
            "bank",
            False,
        ),
        "disputed": Outlook(
            _("Held by a bank dispute"),
            "warn",
            _("A buyer’s bank has asked for money back. It is decided first; the collective answers the bank."),
            "",
            False,
        ),
        "held": Outlook(_("The collective holds your payout"), "bad", words, "", False),
    }.get(coming.reason, nothing)
