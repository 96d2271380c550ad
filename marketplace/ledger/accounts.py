"""The names of the books' accounts; the currency stands beside the name. Meanings: payments.md 8.

| account | kind | holds |
|---|---|---|
| clearing:<processor> | asset | what the processor keeps for us |
| bank | asset | the collective's bank account |
| buyer_funds | liability | paid, and not yet earned by a workshop |
| unapplied | liability | paid without an order that could take it (second or late payment) |
| refunds_due | liability | on its way back to buyers |
| seller:<workshop id> | liability | owed to a workshop; a debit balance is carried into its next payout |
| commission | income | kept by the collective |
| processor_fees | expense | kept by processors |
| fx | equity | joins what buyers paid with what workshops are owed |
| dispute_hold | asset | taken by banks while a dispute is open |
| unassigned | asset | refunds made in a processor's dashboard that name no parcel yet |
| losses | expense | what the collective bears |
"""

from __future__ import annotations

BANK = "bank"
BUYER_FUNDS = "buyer_funds"
UNAPPLIED = "unapplied"
REFUNDS_DUE = "refunds_due"
COMMISSION = "commission"
PROCESSOR_FEES = "processor_fees"
FX = "fx"
DISPUTE_HOLD = "dispute_hold"
UNASSIGNED = "unassigned"
LOSSES = "losses"
CLEARING_PREFIX = "clearing:"
SELLER_PREFIX = "seller:"


def clearing(processor: str) -> str:
    return f"{CLEARING_PREFIX}{processor}"


def seller(workshop_id: int) -> str:
    return f"{SELLER_PREFIX}{workshop_id}"
