"""Payouts that people carry to the bank: a file for its bulk transfer. Columns: docs/bank-file.md."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from marketplace.core.money import Money, total
from marketplace.payments.processors import Refused
from marketplace.workshops.queries import BankDetails

from . import MANUAL, PayoutFacts, PayoutSaid, PayoutState, ReversalState

BI_FAST_MOST = 250_000_000  # rupiah in one BI-FAST transfer; above it RTGS (domain.md 6.3)
COLUMNS = (
    "NO",
    "METHOD",
    "BANK_CODE",
    "BANK_NAME",
    "ACCOUNT_NUMBER",
    "ACCOUNT_HOLDER",
    "CURRENCY",
    "AMOUNT",
    "REFERENCE",
    "REMARK",
    "WORKSHOP",
)
_NOT_FOR_BANKS = re.compile(r"[^A-Z0-9 .,/()'-]+")


@dataclass(frozen=True, slots=True)
class FileLine:
    payout_id: int
    amount: Money
    workshop: str
    account: BankDetails


class ManualProvider:
    """Nothing can be called: a person downloads the file, and says what became of each line."""

    name = MANUAL
    livemode: bool | None = None
    is_manual = True

    def send(self, payout: PayoutFacts) -> PayoutState:
        return PayoutState(PayoutSaid.SENDING, "")

    def find(self, payout: PayoutFacts) -> PayoutState | None:
        return PayoutState(PayoutSaid.SENDING, "")

    def reverse(self, payout: PayoutFacts, amount: Money, key: str) -> ReversalState:
        """The bank has sent it back already, or nobody would ask."""
        return ReversalState(is_done=True, external_id="")

    def open_account(self, key: str, country: str, email: str) -> str:
        raise Refused("a bank account is entered by its workshop, not opened here")

    def onboarding_url(self, account: str, return_url: str, refresh_url: str) -> str | None:
        return None

    def payable(self, account: str) -> tuple[bool, str]:
        return True, ""


def batch_file(run_id: int, sent_on: date, lines: Sequence[FileLine], *, livemode: bool) -> tuple[str, bytes]:
    """(name, content): UTF-8 with CRLF, texts in quotes, a last row with the sum; the same lines, the same bytes."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    if not livemode:
        writer.writerow(["TEST", "TEST MONEY: DO NOT SEND THIS FILE TO A BANK"])
    writer.writerow(COLUMNS)
    for number, line in enumerate(lines, 1):
        writer.writerow(_row(number, run_id, line))
    whole = total((line.amount for line in lines), "IDR")
    writer.writerow(["TOTAL", "", "", "", "", "", "IDR", whole.amount, f"RUN {run_id}", f"{len(lines)} TRANSFERS", ""])
    head = "" if livemode else "TEST-"
    return f"{head}perak-celuk-payouts-{run_id:04d}-{sent_on:%Y%m%d}.csv", out.getvalue().encode()


def _row(number: int, run_id: int, line: FileLine) -> list[str | int]:
    method = "BI-FAST" if line.amount.amount <= BI_FAST_MOST else "RTGS"
    return [
        number,
        method,
        line.account.bank_code,
        for_bank(line.account.bank_name),
        line.account.number,
        for_bank(line.account.holder),
        line.amount.currency,
        line.amount.amount,
        f"PC-PAYOUT-{line.payout_id}",
        f"PERAK CELUK RUN {run_id}",
        for_bank(line.workshop),
    ]


def for_bank(text: str) -> str:
    """Capitals, digits and plain signs only, a letter or digit first: no spreadsheet takes it for a formula."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    return " ".join(_NOT_FOR_BANKS.sub(" ", plain).split()).lstrip("-' .,/()")[:70]
