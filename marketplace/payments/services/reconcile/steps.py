"""The steps of a reconciliation: each may be run at any time and twice at once; one that fails stops no other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from marketplace.core import clock
from marketplace.core.db import db, end_read

from ...models import Reconciliation
from ...setup import listing_processors, unhurried

log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)
OVERLAP = timedelta(hours=2)  # what a processor lists late is seen by the next hour's comparison
FIRST = timedelta(days=1)  # how far the first comparison looks back
FARTHEST = timedelta(days=30)  # processors remember no longer
NIGHT_HOUR = 2  # in Bali; from then on yesterday is complete


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is looked at: from `since` until before `until`."""

    since: datetime
    until: datetime


Step = Callable[[Window], int]
_steps: dict[str, Step] = {}
_last: dict[str, Step] = {}


def step(name: str, *, last: bool = False) -> Callable[[Step], Step]:
    """Register a step; the last ones compare what the others have brought up to date."""

    def register(function: Step) -> Step:
        (_last if last else _steps)[name] = function
        return function

    return register


def reconciler(name: str) -> Callable[[Callable[[], int]], Callable[[], int]]:
    """Register a step of another area, which returns how many rows it finished."""

    def register(function: Callable[[], int]) -> Callable[[], int]:
        _steps[name] = lambda _window: function()
        return function

    return register


def reconcile(since: datetime | None = None) -> dict[str, int]:
    """Run every step over what happened since then (default: a day, at most 30); what each finished, -1: it failed."""
    now = clock.now()
    window = Window(max(since or now - FIRST, now - FARTHEST), now)
    with unhurried():
        return {name: _run(name, function, window) for name, function in {**_steps, **_last}.items()}


def _run(name: str, function: Step, window: Window) -> int:
    try:
        return function(window)
    except Exception:
        db.session.rollback()
        log.exception("reconciliation: step %s failed", name)
        return -1


def reconcile_when_due() -> int:
    """Sweep: an hour after the last comparison of any processor, and over all of yesterday once each night.

    Returns 1 when a reconciliation was run. Processors without a list have nothing that the other sweeps do not do.
    """
    dues = [since for name in listing_processors() if (since := _due_since(name)) is not None]
    end_read()
    if not dues:
        return 0
    reconcile(min(dues))
    return 1


def _due_since(processor: str) -> datetime | None:
    """Where the next comparison with this processor begins; None: it is not yet time."""
    now = clock.now()
    mine = sa.select(Reconciliation).where(Reconciliation.processor == processor)
    newest = db.session.scalar(mine.order_by(Reconciliation.started_at.desc()).limit(1))
    if newest is not None and newest.started_at > now - EVERY:
        return None
    done = mine.where(Reconciliation.finished_at.is_not(None), Reconciliation.error == "")
    last = db.session.scalar(done.order_by(Reconciliation.until.desc()).limit(1))
    since = now - FIRST if last is None else last.until - OVERLAP
    return min(since, _night(done) or since)


def _night(done: sa.Select[Reconciliation]) -> datetime | None:
    """The beginning of yesterday, unless it was compared tonight already."""
    local = clock.local(clock.now())
    today = local.replace(hour=0, minute=0, second=0, microsecond=0)
    night, yesterday = today.replace(hour=NIGHT_HOUR), today - timedelta(days=1)
    if local < night:
        return None
    tonight = done.where(Reconciliation.started_at >= night, Reconciliation.since <= yesterday)
    return yesterday if db.session.scalar(tonight.limit(1)) is None else None
