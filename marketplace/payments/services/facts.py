"""Reading an attempt for a call outside, and moving it by compare-and-set."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from marketplace.core.db import db, end_read, transaction
from marketplace.core.errors import NotFound
from marketplace.core.money import Money

from ..errors import ProcessorAway
from ..models import RUNNING, AttemptStatus, PaymentAttempt
from ..processors import AttemptFacts, PaymentProcessor, PaymentState, Started
from ..setup import processor_named


def attempt_by(**by: Any) -> PaymentAttempt:
    """The attempt as it is now.

    Raises:
        NotFound: there is none.
    """
    query = sa.select(PaymentAttempt).filter_by(**by).execution_options(populate_existing=True)
    attempt = db.session.scalar(query)
    if attempt is None:
        raise NotFound("attempt", by)
    return attempt


def facts_of(attempt: PaymentAttempt, external_id: str | None = None) -> AttemptFacts:
    return AttemptFacts(
        id=attempt.id,
        key=attempt.key,
        order_id=attempt.order_id,
        external_id=attempt.external_id or external_id,
        total=Money(attempt.amount, attempt.currency),
        request=attempt.request_json,
        expires_at=attempt.expires_at,
        redirect_url=attempt.redirect_url,
        method=attempt.method,
        paid_at=attempt.paid_at,
    )


def read_facts(external_id: str | None = None, **by: Any) -> tuple[AttemptFacts, AttemptStatus, str]:
    """(facts, status, processor's name), with the read ended: what follows may take seconds."""
    attempt = attempt_by(**by)
    found = facts_of(attempt, external_id), attempt.status, attempt.processor
    end_read()
    return found


def processor_of(name: str) -> PaymentProcessor:
    """Raises ProcessorAway when the shop no longer runs with the processor of this attempt."""
    found = processor_named(name)
    if found is None:
        raise ProcessorAway
    return found


def running_attempt(order_id: int) -> PaymentAttempt | None:
    query = sa.select(PaymentAttempt).where(PaymentAttempt.order_id == order_id, PaymentAttempt.status.in_(RUNNING))
    return db.session.scalar(query.execution_options(populate_existing=True))


def latest_attempt(order_id: int) -> PaymentAttempt | None:
    query = sa.select(PaymentAttempt).where(PaymentAttempt.order_id == order_id).order_by(PaymentAttempt.id.desc())
    return db.session.scalar(query.limit(1).execution_options(populate_existing=True))


def refused_attempt(order_id: int) -> PaymentAttempt | None:
    """The newest attempt, where a bank said no on a page that stays open all the same: somebody may still pay there."""
    last = latest_attempt(order_id)
    if last is None or last.status is not AttemptStatus.FAILED or last.external_id is None:
        return None
    processor = processor_named(last.processor)
    return last if processor is not None and processor.keeps_refused_pages else None


def move(attempt_id: int, status: AttemptStatus, **values: Any) -> bool:
    """The one place where an attempt's status changes; tells whether this call did it (payments.md 7)."""
    allowed = [before for before, after in PaymentAttempt.MOVES.items() if status in after]
    query = sa.update(PaymentAttempt).where(PaymentAttempt.id == attempt_id, PaymentAttempt.status.in_(allowed))
    return bool(db.session.execute(query.values(status=status, **values)).rowcount)  # type: ignore[attr-defined]


def record_page(attempt_id: int, started: Started) -> bool:
    """Write down which page an attempt has; False when somebody else moved the attempt first."""
    with transaction():
        return move(
            attempt_id,
            AttemptStatus.OPEN,
            external_id=started.external_id,
            redirect_url=started.redirect_url,
            expires_at=started.expires_at,
        )


def mark_applied(attempt_id: int, *, is_applied: bool) -> None:
    """Whether the order took the money of a paid attempt."""
    query = sa.update(PaymentAttempt).where(PaymentAttempt.id == attempt_id)
    db.session.execute(query.values(is_applied=is_applied))


def note_problem(attempt_id: int, text: str) -> None:
    """Show the attempt to the admin; the first problem is kept."""
    query = sa.update(PaymentAttempt).where(PaymentAttempt.id == attempt_id, PaymentAttempt.problem == "")
    db.session.execute(query.values(problem=text[:300]))


def differs(attempt: PaymentAttempt, state: PaymentState) -> str:
    """What of the processor's page does not fit the attempt, '' when all of it does."""
    if state.key != attempt.key:
        return f"the page {state.external_id} belongs to another attempt"
    if attempt.external_id and state.external_id != attempt.external_id:
        return f"the page is {state.external_id}, not {attempt.external_id}"
    if state.amount != Money(attempt.amount, attempt.currency):
        return f"the page says {state.amount.amount} {state.amount.currency}"
    return ""
