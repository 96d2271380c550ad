"""The processor's own list against our books, in both directions, name by name."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, end_read, transaction
from marketplace.core.money import EXPONENTS, Money

from ...differences import DifferenceKind
from ...models import Difference
from ...processors import BalanceKind, BalanceLine, PaymentProcessor
from ..differences import is_gone, note_difference
from ..posting import book_settlement
from .booked import FAMILIES, NAMELESS, Booked, Books, Family, Name, Sums

log = logging.getLogger(__name__)

GRACE = timedelta(minutes=15)  # younger than that, a message may still be on its way
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
MOST_ASKED = 300  # names that one run asks about one by one
_MISSING = {
    Family.CHARGE: DifferenceKind.MISSING_CHARGE,
    Family.REFUND: DifferenceKind.MISSING_REFUND,
    Family.DISPUTE: DifferenceKind.MISSING_DISPUTE,
    Family.TRANSFER: DifferenceKind.MISSING_TRANSFER,
}
OF_A_NAME = (*_MISSING.values(), DifferenceKind.AMOUNT, DifferenceKind.UNLISTED)


@dataclass(slots=True)
class Comparison:
    """One run. `unbooked` is what the list has and the books have not, with a good reason or as an open difference."""

    processor: PaymentProcessor
    since: datetime
    until: datetime
    line_count: int = 0
    found: set[tuple[DifferenceKind, str]] = field(default_factory=set)
    asked: int = 0
    unbooked: Sums = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)  # what the list says was paid to our bank

    @property
    def books(self) -> Books:
        return Books(self.processor.name, self.processor.livemode)

    def run(self) -> None:
        """Compare, note what differs, and settle by itself what no longer does. Raises ProcessorDown."""
        end_read()
        lines = list(self.processor.balance_lines(self.since, self.until))
        self.line_count = len(lines)
        listed: dict[Name, list[BalanceLine]] = {}
        for line in lines:
            family = FAMILIES.get(line.kind)
            if family is not None:
                listed.setdefault((family, line.source), []).append(line)
            elif line.kind is BalanceKind.SETTLEMENT:
                self._settle(line)
            elif line.net:
                self._unknown(line)
        self._compare(listed)
        self._unlisted(listed)
        self._look_again(listed)

    # From the list to the books -------------------------------------------------------------------------------------

    def _settle(self, line: BalanceLine) -> None:
        """The processor paid our bank, or its bank sent that back: booked, and no difference."""
        name = line.source if line.amount < 0 else f"{line.source}:{line.id}"
        paid, fee = Money(-line.amount, line.currency), Money(line.fee, line.currency)
        with transaction():
            book_settlement(self.processor.name, name, paid, fee=fee, livemode=self.processor.livemode, at=line.at)
        self.settled.add(name)

    def _unknown(self, line: BalanceLine) -> None:
        self._note(DifferenceKind.UNKNOWN_LINE, line.id, {line.currency: line.net}, {}, at=line.at)

    def _compare(self, listed: dict[Name, list[BalanceLine]]) -> None:
        booked = self.books.of(listed)
        for name, lines in listed.items():
            self._judge(name, lines, booked.get(name))

    def _judge(self, name: Name, lines: list[BalanceLine], booked: Booked | None) -> None:
        sums = booked.sums if booked is not None else {}
        if self._fits(_sums(lines), sums, len(lines)):
            return
        if self._is_tired():
            return
        lines = self._all_of(name, lines)
        listed = _sums(lines)
        if self._fits(listed, sums, len(lines)):
            return
        is_young = max(line.at for line in lines) > clock.now() - GRACE
        if is_young or (booked is not None and booked.is_waiting):
            self._unbook(listed, sums)
            return
        kind = DifferenceKind.AMOUNT if sums else _MISSING[name[0]]
        self._note(kind, name[1], listed, sums, at=lines[-1].at, family=name[0])

    def _all_of(self, name: Name, lines: list[BalanceLine]) -> list[BalanceLine]:
        """All that ever moved under this name: some of it may be older than the window."""
        known = {line.id: line for line in (*self._ask(name[1]), *lines) if FAMILIES.get(line.kind) is name[0]}
        return sorted(known.values(), key=lambda line: line.at)

    def _is_tired(self) -> bool:
        """Whether enough was asked one by one: what is left is judged by the next run."""
        if self.asked >= MOST_ASKED:
            log.error("%s: more differs than one run asks about", self.processor.name)
        return self.asked >= MOST_ASKED

    def _ask(self, source: str) -> Iterable[BalanceLine]:
        self.asked += 1
        end_read()
        return self.processor.balance_lines(BEGINNING, self.until, source)

    # From the books to the list -------------------------------------------------------------------------------------

    def _unlisted(self, listed: dict[Name, list[BalanceLine]]) -> None:
        names = self.books.names_between(self.since, self.until - GRACE)
        waiting = {(Family.REFUND, name): "" for name in self.books.waiting_refunds()}
        missing = {name: key for name, key in {**waiting, **names}.items() if name not in listed}
        booked = self.books.of(missing)
        for name, key in missing.items():
            if name[0] is Family.SETTLEMENT and name[1] in self.settled:
                continue
            if self._is_tired():
                break
            known, lines = booked.get(name, Booked()), self._lines_of(name)
            if lines and name[0] is not Family.SETTLEMENT:
                self._judge(name, lines, known)
            elif not lines and any(known.sums.values()):
                self._note(DifferenceKind.UNLISTED, key, {}, known.sums, family=name[0], source=name[1])

    def _lines_of(self, name: Name) -> list[BalanceLine]:
        """What the processor lists under a name of which its list of the window says nothing."""
        family, source = name
        if source.startswith(NAMELESS):
            return []
        if family is Family.SETTLEMENT:
            return list(self._ask(source.partition(":")[0]))
        return [line for line in self._ask(source) if FAMILIES.get(line.kind) is family]

    def _look_again(self, listed: dict[Name, list[BalanceLine]]) -> None:
        """Open differences that this run did not find: those that have gone are settled, the others still count."""
        query = sa.select(Difference.kind, Difference.subject, Difference.facts).where(
            Difference.processor == self.processor.name,
            Difference.settled_at.is_(None),
            Difference.kind.in_((*OF_A_NAME, DifferenceKind.UNKNOWN_LINE)),
        )
        for kind, subject, facts in db.session.execute(query.order_by(Difference.id).limit(MOST_ASKED)).all():
            if (DifferenceKind(kind), subject) in self.found:
                continue
            if kind == DifferenceKind.UNKNOWN_LINE or self._still_differs(subject, facts, listed):
                self._unbook(facts["listed"], facts["booked"])
                self.found.add((DifferenceKind(kind), subject))
            else:
                is_gone(DifferenceKind(kind), self.processor.name, subject)

    def _still_differs(self, subject: str, facts: dict[str, Any], listed: dict[Name, list[BalanceLine]]) -> bool:
        name = (Family(facts["family"]), facts["source"] or subject)
        if self._is_tired():
            return True
        lines = listed.get(name) or self._lines_of(name)
        booked = self.books.of([name]).get(name, Booked())
        if name[0] is Family.SETTLEMENT:
            return not lines
        return not self._fits(_sums(lines), booked.sums, len(lines)) and not booked.is_waiting

    # Both -----------------------------------------------------------------------------------------------------------

    def _fits(self, listed: Sums, booked: Sums, line_count: int) -> bool:
        return all(
            abs(listed.get(currency, 0) - booked.get(currency, 0)) <= self.tolerance(currency, line_count)
            for currency in {*listed, *booked}
        )

    def tolerance(self, currency: str, line_count: int) -> int:
        """Minor units by which sums of so many lines may differ, because the processor counts finer than we do."""
        if currency not in EXPONENTS or not self.processor.caps(currency).finer:
            return 0
        return max(line_count, 1)

    def _unbook(self, listed: Sums, booked: Sums) -> None:
        for currency in {*listed, *booked}:
            step = listed.get(currency, 0) - booked.get(currency, 0)
            self.unbooked[currency] = self.unbooked.get(currency, 0) + step

    def _note(
        self,
        kind: DifferenceKind,
        subject: str,
        listed: Sums,
        booked: Sums,
        *,
        at: datetime | None = None,
        family: Family | None = None,
        source: str = "",
    ) -> None:
        currency, amount = _shown(listed or booked)
        facts = {"listed": listed, "booked": booked, "family": family, "source": source, "at": at and at.isoformat()}
        money = Money(amount, currency) if currency in EXPONENTS else None
        if note_difference(kind, self.processor.name, subject, amount=money, facts=facts):
            self.found.add((kind, subject))
            self._unbook(listed, booked)


def _sums(lines: Iterable[BalanceLine]) -> Sums:
    sums: Sums = {}
    for line in lines:
        sums[line.currency] = sums.get(line.currency, 0) + line.net
    return sums


def _shown(sums: Sums) -> tuple[str, int]:
    """The one sum that stands beside the difference; nearly always there is only one."""
    return max(sums.items(), key=lambda item: abs(item[1]), default=("", 0))
