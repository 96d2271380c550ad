"""The money of one order in words: when it comes, or why not yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from flask import url_for

from marketplace.core.i18n import day
from marketplace.core.i18n import gettext as _
from marketplace.orders.models import SellerOrderStatus as Status
from marketplace.orders.queries.shares import Share
from marketplace.payments.queries.holding import Held, HoldCode
from marketplace.payouts.models import PayoutStatus
from marketplace.payouts.queries import NextPayout
from marketplace.payouts.queries.upcoming import next_friday
from marketplace.payouts.queries.whereabouts import Settled

from .coming import Outlook
from .months import short_day

Tag = tuple[str, str]
NO_WAY = ("no_account", "account_problem")  # reasons of payouts.queries.next_payout
STOPPED = (*NO_WAY, "held")


@dataclass(frozen=True, slots=True)
class OrderMoney:
    """A row of the money page: the share, its tag, a sentence, and the slip once it was paid out."""

    share: Share
    tag: Tag
    sentence: str
    slip: str
    counts: bool  # False when nothing is owed


@dataclass(frozen=True, slots=True)
class Ways:
    """What the rows are judged by: the next payout and what is in it, payouts that were, reasons for the rest."""

    coming: NextPayout
    outlook: Outlook
    in_it: Collection[int]
    settled: Mapping[int, Settled]
    held: Mapping[int, Held]


def order_money(share: Share, ways: Ways) -> OrderMoney:
    held = ways.held.get(share.id, Held(HoldCode.EARNED))
    settled = ways.settled.get(share.id)
    slip = ""
    if settled is not None and settled.sent_at is not None:
        slip = url_for("seller_payouts.show", payout_id=settled.payout_id)
    tag, sentence = _words(share, held, settled, ways)
    counts = held.code not in (HoldCode.CANCELED, HoldCode.REFUNDED)
    return OrderMoney(share, tag, sentence, slip, counts)


def _words(share: Share, held: Held, settled: Settled | None, ways: Ways) -> tuple[Tag, str]:
    if held.code is HoldCode.CANCELED:
        return (_("Nothing owed"), "bad"), _("canceled, the buyer gets the money back")
    if held.code is HoldCode.REFUNDED:
        return (_("Nothing owed"), "bad"), _("all of it went back to the buyer")
    if held.code is HoldCode.DISPUTE:
        return (_("Bank dispute"), "bad"), _("the buyer’s bank asks for the money back; held until that is decided")
    if held.code is HoldCode.EARNED:
        return _earned(share, settled, ways)
    if held.code is HoldCode.HOLD:
        return _arrived(share, held.on, ways)
    return (_("Waits"), "warn"), _WAITS[held.code](share)


_WAITS = {
    HoldCode.UNPAID: lambda share: _("not paid yet"),
    HoldCode.WAITING_ANSWER: lambda share: _("waits for your answer"),
    HoldCode.NOT_POSTED: lambda share: _("on the bench") if share.status is Status.STARTED else _("not yet posted"),
    HoldCode.ON_THE_WAY: lambda share: _("on its way to the buyer"),
}


def _arrived(share: Share, on: date | None, ways: Ways) -> tuple[Tag, str]:
    came = _arrival(share)
    if on is None:
        return (_("Arrived"), "warn"), came
    sentence = _("%(arrived)s, free on %(day)s unless the buyer reports something", arrived=came, day=short_day(on))
    if ways.coming.reason in STOPPED:
        return (_("Waits"), "warn"), sentence
    friday = max(next_friday(on), ways.coming.on)  # a new account moves the next payout
    return (_("Comes %(day)s", day=short_day(friday)), "warn"), sentence


def _earned(share: Share, settled: Settled | None, ways: Ways) -> tuple[Tag, str]:
    came = _arrival(share)
    if settled is not None and settled.status is PayoutStatus.PAID and settled.paid_at is not None:
        return (_("Paid out"), "ok"), _("in your bank since %(day)s", day=day(settled.paid_at, year=False))
    if settled is not None and settled.sent_at is not None:
        return (_("On its way"), "ok"), _("on its way to your bank")
    if settled is not None or (share.id in ways.in_it and ways.outlook.comes):
        return (_("Comes %(day)s", day=short_day(ways.coming.on)), "ok"), came
    if ways.coming.reason in NO_WAY:
        return (_("Waits for the account"), "warn"), came
    return (_("Yours"), "ok"), came


def _arrival(share: Share) -> str:
    if share.delivered_on is None:
        return str(_("arrived"))
    return str(_("arrived on %(day)s", day=day(share.delivered_on, year=False)))
