"""What helps against a dispute: the list that a person works through, and what else the processor is told."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from marketplace.core.i18n import Lazy
from marketplace.core.i18n import lazy_gettext as _l

MAX_LENGTH = 20_000  # of one text; a bank reads far less
SENT = "_sent"  # in Dispute.evidence, beside the codes: what was sent, to the letter, so that a repeat is the same


class Evidence(enum.StrEnum):
    """Codes of what is gathered, in the order in which banks ask for it."""

    ORDER = "order"
    DELIVERY = "delivery"
    DESCRIPTION = "description"
    PHOTOS = "photos"
    MESSAGES = "messages"


class Fact(enum.StrEnum):
    """Names of the facts that go with it, each a field of its own at the processor; taken from the order."""

    BUYER_NAME = "buyer_name"
    BUYER_EMAIL = "buyer_email"
    ADDRESS = "address"
    CARRIER = "carrier"
    TRACKING_NUMBER = "tracking_number"
    SHIPPED_ON = "shipped_on"


@dataclass(frozen=True, slots=True)
class EvidenceWords:
    title: Lazy
    explanation: Lazy


WORDS = {
    Evidence.ORDER: EvidenceWords(
        _l("Order and receipt"),
        _l("What was bought, when, by whom, for how much. Filled in from the order."),
    ),
    Evidence.DELIVERY: EvidenceWords(
        _l("Tracking and delivery"),
        _l("Courier, tracking number and the day it arrived. Ask the workshop for the courier's proof of delivery."),
    ),
    Evidence.DESCRIPTION: EvidenceWords(
        _l("Description and terms"),
        _l("What the page said of the piece when it was bought, and the terms that the buyer accepted."),
    ),
    Evidence.PHOTOS: EvidenceWords(
        _l("Photos of the piece"),
        _l("The photos on sale, and those that the workshop took before it packed the parcel."),
    ),
    Evidence.MESSAGES: EvidenceWords(
        _l("Messages with the buyer"),
        _l("What the buyer wrote and what was answered, with dates."),
    ),
}
