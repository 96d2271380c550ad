"""What our books say of the processor's own names: charges, refunds, disputes, transfers."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from marketplace.core.db import db
from marketplace.ledger import accounts
from marketplace.ledger.models import Kind, LedgerEntry, LedgerTxn

from ...models import Dispute, PaymentAttempt, Refund, RefundStatus
from ...processors import BalanceKind

Sums = dict[str, int]  # by currency, as the processor's balance moves: in is positive
CHUNK = 500
NAMELESS = "?"  # begins what stands for a name that we lack
ON_THE_WAY = (RefundStatus.REQUESTED, RefundStatus.PENDING)
DISPUTES = (Kind.DISPUTE_WITHDRAWN, Kind.DISPUTE_FEE, Kind.DISPUTE_WON)


class Family(enum.StrEnum):
    """What moves under one name at the processor."""

    CHARGE = "charge"
    REFUND = "refund"
    DISPUTE = "dispute"
    TRANSFER = "transfer"
    SETTLEMENT = "settlement"


FAMILIES = {
    BalanceKind.CHARGE: Family.CHARGE,
    BalanceKind.REFUND: Family.REFUND,
    BalanceKind.REFUND_FAILED: Family.REFUND,
    BalanceKind.DISPUTE: Family.DISPUTE,
    BalanceKind.DISPUTE_WON: Family.DISPUTE,
    BalanceKind.TRANSFER: Family.TRANSFER,
}
_OF_KIND = {
    Kind.CHARGE: Family.CHARGE,
    Kind.FEE: Family.CHARGE,
    Kind.REFUND_SENT: Family.REFUND,
    Kind.REFUND_RETURNED: Family.REFUND,
    **dict.fromkeys(DISPUTES, Family.DISPUTE),
    Kind.PAYOUT: Family.TRANSFER,
    Kind.PAYOUT_RETURNED: Family.TRANSFER,
    Kind.SETTLE: Family.SETTLEMENT,
}
_OF_FAMILY = {family: [kind for kind, of in _OF_KIND.items() if of is family] for family in Family}
Name = tuple[Family, str]


@dataclass(slots=True)
class Booked:
    """What the books have under one name. `is_waiting`: known, and rightly not booked yet."""

    sums: Sums = field(default_factory=dict)
    is_waiting: bool = False


@dataclass(frozen=True, slots=True)
class Books:
    """The books of one processor, in one mode."""

    processor: str
    livemode: bool

    @property
    def account(self) -> str:
        return accounts.clearing(self.processor)

    def of(self, names: Collection[Name]) -> dict[Name, Booked]:
        """What is booked under these names; those that nobody here knows are left out."""
        found: dict[Name, Booked] = {}
        for family in Family:
            mine = [source for of, source in names if of is family]
            for chunk in _chunks(mine):
                subjects = self._subjects(family, chunk)
                found.update(self._sums(family, subjects))
        return found

    def balance(self) -> Sums:
        """All that the books say the processor keeps."""
        return {currency: total for currency, (total, _count) in self._totals().items() if total}

    def movement_count(self) -> dict[str, int]:
        return {currency: count for currency, (_total, count) in self._totals().items()}

    def names_between(self, since: datetime, until: datetime) -> dict[Name, str]:
        """What was booked in that time, by the processor's names, with one key of ours."""
        query = (
            sa.select(LedgerTxn.key, LedgerTxn.kind)
            .join(LedgerEntry, LedgerEntry.txn_id == LedgerTxn.id)
            .where(*self._mine(), LedgerTxn.at >= since, LedgerTxn.at < until, LedgerTxn.kind.in_(_OF_KIND))
            .distinct()
        )
        keys: dict[Family, dict[str, str]] = {}
        for key, kind in db.session.execute(query):
            keys.setdefault(_OF_KIND[kind], {})[_subject_of(kind, key)] = key
        found: dict[Name, str] = {}
        for family, of_subject in keys.items():
            sources = self._sources(family, list(of_subject))
            for subject, key in of_subject.items():
                source = sources.get(subject, "")
                found[family, source or f"{NAMELESS}{key}"] = key
        return found

    def waiting_refunds(self) -> list[str]:
        """Refunds that the processor has and that are not booked as sent yet: a bank takes days."""
        query = sa.select(Refund.external_id).where(
            Refund.processor == self.processor,
            Refund.livemode == self.livemode,
            Refund.status.in_(ON_THE_WAY),
            Refund.external_id.is_not(None),
        )
        return [name for name in db.session.scalars(query.limit(CHUNK)) if name]

    def _mine(self) -> tuple[sa.ColumnElement[bool], ...]:
        return LedgerEntry.account == self.account, LedgerTxn.livemode == self.livemode

    def _totals(self) -> dict[str, tuple[int, int]]:
        query = (
            sa.select(LedgerEntry.currency, sa.func.sum(LedgerEntry.amount), sa.func.count())
            .join(LedgerTxn, LedgerTxn.id == LedgerEntry.txn_id)
            .where(*self._mine())
            .group_by(LedgerEntry.currency)
        )
        return {currency: (int(total), int(count)) for currency, total, count in db.session.execute(query)}

    def _subjects(self, family: Family, sources: list[str]) -> dict[str, tuple[str, bool]]:
        """Our number by the processor's name, and whether it waits."""
        if family is Family.CHARGE:
            attempts = sa.select(PaymentAttempt.charge_id, PaymentAttempt.id).where(
                PaymentAttempt.processor == self.processor, PaymentAttempt.charge_id.in_(sources)
            )
            return {source or "": (str(ident), False) for source, ident in db.session.execute(attempts)}
        if family is Family.REFUND:
            asked = sa.select(Refund.external_id, Refund.id, Refund.status).where(
                Refund.processor == self.processor, Refund.external_id.in_(sources)
            )
            rows = db.session.execute(asked)
            return {source or "": (str(ident), status in ON_THE_WAY) for source, ident, status in rows}
        if family is Family.DISPUTE:
            cases = sa.select(Dispute.external_id, Dispute.id).where(
                Dispute.processor == self.processor, Dispute.external_id.in_(sources)
            )
            return {source: (str(ident), False) for source, ident in db.session.execute(cases)}
        if family is Family.TRANSFER:
            sent = sa.select(LedgerTxn.memo, LedgerTxn.key).where(
                LedgerTxn.kind == Kind.PAYOUT, LedgerTxn.memo.in_(sources)
            )
            return {memo: (_subject_of(Kind.PAYOUT, key), False) for memo, key in db.session.execute(sent)}
        return {source: (f"{self.processor}:{source}", False) for source in sources}

    def _sources(self, family: Family, subjects: list[str]) -> Mapping[str, str]:
        """The processor's name by our number."""
        found: dict[str, str] = {}
        if family is Family.SETTLEMENT:
            return {subject: subject.partition(":")[2] for subject in subjects}
        for chunk in _chunks(subjects):
            if family is Family.TRANSFER:
                keys = {f"{Kind.PAYOUT}:{subject}": subject for subject in chunk}
                memos = sa.select(LedgerTxn.key, LedgerTxn.memo).where(LedgerTxn.key.in_(keys))
                found.update({keys[key]: memo for key, memo in db.session.execute(memos)})
                continue
            ids = [int(subject) for subject in chunk if subject.isdigit()]
            id_column, name_column = {
                Family.CHARGE: (PaymentAttempt.id, PaymentAttempt.charge_id),
                Family.REFUND: (Refund.id, Refund.external_id),
                Family.DISPUTE: (Dispute.id, Dispute.external_id),
            }[family]
            rows = db.session.execute(sa.select(id_column, name_column).where(id_column.in_(ids)))
            found.update({str(ident): name or "" for ident, name in rows})
        return found

    def _sums(self, family: Family, subjects: dict[str, tuple[str, bool]]) -> dict[Name, Booked]:
        found = {(family, source): Booked(is_waiting=waits) for source, (_subject, waits) in subjects.items()}
        sources = {subject: source for source, (subject, _waits) in subjects.items()}
        if not sources:
            return found
        query = (
            sa.select(LedgerTxn.key, LedgerTxn.kind, LedgerEntry.currency, LedgerEntry.amount)
            .join(LedgerEntry, LedgerEntry.txn_id == LedgerTxn.id)
            .where(*self._mine(), self._keys(family, list(sources)))
        )
        for key, kind, currency, amount in db.session.execute(query):
            sums = found[family, sources[_subject_of(kind, key)]].sums
            sums[currency] = sums.get(currency, 0) + amount
        return found

    def _keys(self, family: Family, subjects: list[str]) -> sa.ColumnElement[bool]:
        kinds = _OF_FAMILY[family]
        exact = LedgerTxn.key.in_([f"{kind}:{subject}" for kind in kinds for subject in subjects])
        if family is not Family.DISPUTE:
            return exact
        again = [LedgerTxn.key.startswith(f"{kind}:{subject}:") for kind in kinds for subject in subjects]
        return sa.or_(exact, *again)


def _subject_of(kind: Kind, key: str) -> str:
    """'dispute-won:7:4200' → '7'; a settlement's subject is the processor and its name."""
    rest = key.partition(":")[2]
    return rest if kind is Kind.SETTLE else rest.partition(":")[0]


def _chunks(items: Collection[str]) -> Iterator[list[str]]:
    rows = list(items)
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]
