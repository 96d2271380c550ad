"""A comparison with each processor: its list, then what it keeps for us. One row of `reconciliations` for each run."""

from __future__ import annotations

import logging

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, end_read, transaction
from marketplace.core.money import EXPONENTS, Money

from ...differences import DifferenceKind
from ...models import Difference, Reconciliation
from ...setup import listing_processors, processor_named
from ..differences import is_gone, note_difference
from .booked import Sums
from .comparing import Comparison
from .steps import Window, step

log = logging.getLogger(__name__)


@step("comparison", last=True)
def compare_all(window: Window) -> int:
    """How much differs, where there is a list to compare with.

    A processor that is away fails the step, after the others were compared.
    """
    differing, failures = 0, []
    for name in listing_processors():
        try:
            differing += compare(name, window)
        except Exception as error:
            db.session.rollback()
            log.exception("the comparison with %s failed", name)
            failures.append(error)
    if failures:
        raise failures[0]
    return differing


def compare(processor_name: str, window: Window) -> int:
    """Compare with one processor; how many differences stand open afterwards."""
    processor = processor_named(processor_name)
    if processor is None:
        return 0
    comparison = Comparison(processor, window.since, window.until)
    run_id = _begin(processor_name, window)
    try:
        comparison.run()
        _compare_balance(comparison)
    except Exception as error:
        db.session.rollback()
        _end(run_id, comparison, f"{type(error).__name__}: {error}")
        raise
    _end(run_id, comparison, "")
    return len(comparison.found)


def _compare_balance(comparison: Comparison) -> None:
    """What the processor keeps, less what the books lack of it with a good reason, is what the books say."""
    said, ours = _both(comparison)
    name, counts = comparison.processor.name, comparison.books.movement_count()
    for currency in sorted({*said, *ours, *_open_balances(name)} & set(EXPONENTS)):
        explained = comparison.unbooked.get(currency, 0)
        rest = said.get(currency, 0) - ours.get(currency, 0) - explained
        if abs(rest) <= comparison.tolerance(currency, counts.get(currency, 0)):
            is_gone(DifferenceKind.BALANCE, name, currency)
            continue
        facts = {
            "listed": {currency: said.get(currency, 0)},
            "booked": {currency: ours.get(currency, 0)},
            "explained": {currency: explained},
        }
        if note_difference(DifferenceKind.BALANCE, name, currency, amount=Money(rest, currency), facts=facts):
            comparison.found.add((DifferenceKind.BALANCE, currency))


def _both(comparison: Comparison) -> tuple[Sums, Sums]:
    """(the processor's, ours); asked once more when something was booked in between."""
    for _again in range(2):
        before = comparison.books.balance()
        end_read()
        said = dict(comparison.processor.balances())
        if comparison.books.balance() == before:
            break
    return said, before


def _open_balances(processor_name: str) -> list[str]:
    query = sa.select(Difference.subject).where(
        Difference.kind == DifferenceKind.BALANCE,
        Difference.processor == processor_name,
        Difference.settled_at.is_(None),
    )
    return list(db.session.scalars(query))


def _begin(processor_name: str, window: Window) -> int:
    with transaction():
        row = Reconciliation(
            processor=processor_name, since=window.since, until=window.until, started_at=clock.now(), error=""
        )
        db.session.add(row)
        db.session.flush()
        return row.id


def _end(run_id: int, comparison: Comparison, error: str) -> None:
    with transaction():
        query = sa.update(Reconciliation).where(Reconciliation.id == run_id)
        values = {
            "finished_at": clock.now(),
            "row_count": comparison.line_count,
            "difference_count": len(comparison.found),
            "error": error[:300],
        }
        db.session.execute(query.values(values))
