"""The ways to pay that a buyer can choose from, and for how long each holds the pieces (domain.md 6.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l
from marketplace.core.money import Money

SOON = timedelta(minutes=35)  # who has the page open pays or leaves; some pages cannot be shorter (payments.md 4)
A_DAY = timedelta(hours=24)  # a transfer from a bank's machine takes its time
QRIS_LIMIT = 10_000_000  # rupiah in one payment


@dataclass(frozen=True, slots=True)
class Offer:
    """A way to pay. `method` tells the processor which of its own ways to open, '' for all of them.

    `currency` '' means any; minimum and maximum are in its minor units, the maximum included. The pieces are held for
    `hold` at least, and its page is open no longer than that.
    """

    name: str
    processor: str
    method: str
    title: Lazy
    explanation: Lazy
    host: str  # whose page the buyer finishes on
    currency: str = ""
    minimum: int = 1
    maximum: int | None = None
    hold: timedelta = SOON

    def takes(self, total: Money) -> bool:
        """Whether this sum can be paid so."""
        fits = self.minimum <= total.amount and (self.maximum is None or total.amount <= self.maximum)
        return fits and self.currency in ("", total.currency)


# In the order of the page. A processor that runs beside another leaves out what the other does better.
OFFERS = (
    Offer("demo", "demo", "", _l("Demo payment"), _l("A practice page; no money moves."), "", hold=timedelta(0)),
    Offer(
        "midtrans-qris",
        "midtrans",
        "qris",
        _l("QRIS"),
        _l("GoPay, OVO, DANA, ShopeePay and every bank. We hold the pieces for 35 minutes."),
        "Midtrans",
        currency="IDR",
        minimum=1_500,
        maximum=QRIS_LIMIT,
    ),
    Offer(
        "midtrans-va",
        "midtrans",
        "va",
        _l("Virtual account"),
        _l("BCA, BNI, BRI, Mandiri and others. We hold the pieces for 24 hours."),
        "Midtrans",
        currency="IDR",
        minimum=10_000,
        hold=A_DAY,
    ),
    Offer(
        "stripe",
        "stripe",
        "",
        _l("Card"),
        _l("Visa, Mastercard, Amex, Apple Pay and Google Pay. We hold the pieces for 35 minutes."),
        "Stripe",
    ),
    Offer(
        "midtrans-card",
        "midtrans",
        "card",
        _l("Card"),
        _l("Visa, Mastercard and JCB. We hold the pieces for 35 minutes."),
        "Midtrans",
        currency="IDR",
        minimum=10_000,
    ),
)


def offers_of(processors: Sequence[str], total: Money) -> list[Offer]:
    """How this sum can be paid where these processors run, best known first; one card page is enough."""
    found = [offer for offer in OFFERS if offer.processor in processors and offer.takes(total)]
    has_stripe = any(offer.processor == "stripe" for offer in found)
    return [offer for offer in found if not (has_stripe and offer.name == "midtrans-card")]
